/* SPDX-License-Identifier: Apache-2.0 */
/* The input as an OCSP response about a certificate of which the corpus has true ones. */
#include "tls/ocsp.h"
#include "tls/import.h"
#include "tls/library.h"

#include <stdlib.h>

enum { ARENA_MAX = 1024 * 1024 };

/* A certificate and its issuer; the responses of the corpus are of that day. */
static const char pair[] = "-----BEGIN CERTIFICATE-----\n"
                           "MIIBaDCCAQ2gAwIBAgIUHlyBGmSATaoiN8TcFLciKwH/5SAwCgYIKoZIzj0EAwIw\n"
                           "DDEKMAgGA1UEAwwBUjAeFw0yNjExMjUyMzM4NTZaFw00NjAxMjQyMzM4NTZaMAwx\n"
                           "CjAIBgNVBAMMAWwwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATXTy9Xm8xA8w14\n"
                           "FxW0uOuDMpswsAb9wPsCjwML/QF3xLL0F8q6cramhUe3l148pXUWi7WxvJfmzWXw\n"
                           "BhPwewUho00wSzAJBgNVHRMEAjAAMB0GA1UdDgQWBBQheLfKBvGl0jgsTSMZGVSd\n"
                           "3bEgODAfBgNVHSMEGDAWgBTo+3XGCwCBf1LQdN+dccT3m2jMbzAKBggqhkjOPQQD\n"
                           "AgNJADBGAiEA+yyGGpPaBA1QyDlcI66n0qeahLNCliZ7j7sQuPBXme8CIQDR3rcn\n"
                           "a94q3oaO0g7z08C/PAHSqVgxgUJq5xo6jFe7cA==\n"
                           "-----END CERTIFICATE-----\n"
                           "-----BEGIN CERTIFICATE-----\n"
                           "MIIBbTCCAROgAwIBAgIUJK15YlJGlkJ1xx9Qgp98LmPCSL4wCgYIKoZIzj0EAwIw\n"
                           "DDEKMAgGA1UEAwwBUjAeFw0yNjExMjUyMzM4NTZaFw00NjExMjAyMzM4NTZaMAwx\n"
                           "CjAIBgNVBAMMAVIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQuGzLB47JdxbKy\n"
                           "HxhCCIXAk1/SQvBCY4hevCVHifw7n+Valg0a+Ojd6EbeIvAWtJtSYsTiST+BGO0f\n"
                           "2dAjk2edo1MwUTAdBgNVHQ4EFgQU6Pt1xgsAgX9S0HTfnXHE95tozG8wHwYDVR0j\n"
                           "BBgwFoAU6Pt1xgsAgX9S0HTfnXHE95tozG8wDwYDVR0TAQH/BAUwAwEB/zAKBggq\n"
                           "hkjOPQQDAgNIADBFAiBR+funEv2xzFv0XNSnLb2I/lnmys77C6A8n6+S5SHebgIh\n"
                           "AJ8W9XX1XYh1YN1kN/vvLL5jLvaKM9eCEf9/s0c02Xma\n"
                           "-----END CERTIFICATE-----\n";
static const int64_t now_ms = 1795653537000;

static struct arena kept;
static struct imported known;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool held)
{
    if (!held)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    CLEANUP(text_deinit) struct text error = text_with_ceiling(256);
    (void)argc;
    (void)argv;
    kept = arena_with_ceiling(ARENA_MAX);
    require(tls_library_start() == 0);
    require(import_certificates(slice_of(pair), SLICE(""), &kept, &known, &error) ==
            IMPORT_NO_PRIVATE_KEY);
    require(known.chain_count == 1);
    return 0;
}

/* What is believed is of now, and it is of no other certificate. */
static void verify(struct slice response)
{
    struct ocsp_answer said, of_issuer;
    enum ocsp_outcome outcome = ocsp_verify(response, known.leaf, known.chain[0], now_ms, &said);
    require(outcome < OCSP_OUTCOMES);
    if (outcome != OCSP_OK)
        return;
    require(said.this_update_ms <= now_ms + OCSP_SKEW_MS &&
            said.next_update_ms >= now_ms - OCSP_SKEW_MS && said.status <= OCSP_UNKNOWN);
    require((said.status == OCSP_REVOKED) == (said.revoked_ms != 0));
    require(ocsp_verify(response, known.chain[0], known.chain[0], now_ms, &of_issuer) != OCSP_OK);
}

static void read_subject(struct slice response)
{
    CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(ARENA_MAX);
    struct ocsp_subject subject;
    if (ocsp_subject_read(response, known.chain[0], &arena, &subject) == OCSP_OK)
        require(subject.issuer.len != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    verify(slice_bytes(data, size));
    read_subject(slice_bytes(data, size));
    return 0;
}
