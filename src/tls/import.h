/* SPDX-License-Identifier: Apache-2.0 */
/* import - certificates and keys out of what administrators have: PKCS#12, PEM, DER, PKCS#7, and
 * OCSP responses that came along with them or alone.
 *
 * A function over bytes, meant for a short-lived child with limited time, memory and no file
 * system. PKCS#12 files of old tools (RC2-40, 3DES, RC4) are opened with OpenSSL's legacy provider,
 * in a library context of its own that nothing else uses.
 */
#ifndef TLS_IMPORT_H
#define TLS_IMPORT_H

#include "base/arena.h"
#include "base/attributes.h"
#include "base/text.h"

enum {
    IMPORT_MAX_BYTES = 1024 * 1024,
    IMPORT_BAGS_MAX = 64,
    IMPORT_ITERATIONS_MAX = 10 * 1000 * 1000,
    IMPORT_RSA_BITS_MAX = 16384,
    IMPORT_PASSWORD_MAX = 1024,
};

enum import_outcome {
    IMPORT_OK,             /* leaf, perhaps a chain, and the key that belongs to the leaf */
    IMPORT_NO_PRIVATE_KEY, /* leaf and chain are there, a key is not */
    IMPORT_WRONG_PASSWORD, /* also: one is needed and none was given */
    IMPORT_KEY_MISMATCH,   /* a key, but no certificate in the file belongs to it */
    IMPORT_NO_CERTIFICATE,
    IMPORT_UNKNOWN_FORMAT,
    IMPORT_DAMAGED,
    IMPORT_TOO_LARGE,   /* bytes, bags, iterations, key bits */
    IMPORT_UNSUPPORTED, /* a cipher or key kind we do not open */
    IMPORT_NO_MEMORY,
    IMPORT_OCSP_ALONE,   /* an OCSP response, without the certificate it speaks of */
    IMPORT_OCSP_REFUSED, /* for who judges it: tls/ocsp */
    IMPORT_OUTCOMES,
};

struct imported {
    struct slice leaf;   /* DER */
    struct slice *chain; /* DER, in order: the issuer of the leaf, its issuer, ...; the root last */
    size_t chain_count;  /* certificates that belong to no chain of the leaf are left out */
    size_t left_out;     /* how many */
    struct slice private_key;   /* PKCS#8 DER, or empty */
    struct slice friendly_name; /* UTF-8, or empty */
    struct slice ocsp_response; /* DER as it came, nothing is judged; or empty */
    const char *format;         /* "PKCS#12", "PEM", "DER", "PKCS#7", "OCSP" */
    bool legacy;                /* the file's ciphers are out of date */
};

/* Loads the legacy provider; before the sandbox. 0, or -ENOENT when the module is not installed:
 * then old PKCS#12 files are IMPORT_UNSUPPORTED and all else works. */
MUST_USE int import_start(void);
void import_stop(void);

/* A lower limit than IMPORT_ITERATIONS_MAX, for those in a hurry. */
void import_limit_iterations(long max);

/* Slices in *out live in the arena. `error` gets one line on every outcome but IMPORT_OK. */
enum import_outcome import_certificates(struct slice file, struct slice password,
                                        struct arena *arena, struct imported *out,
                                        struct text *error);
/* Overwrites the private key's bytes. */
void imported_wipe(struct imported *imported);
const char *import_outcome_name(enum import_outcome outcome);

#endif
