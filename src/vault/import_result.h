/* SPDX-License-Identifier: Apache-2.0 */
/* import_result - what was made of a certificate file, as bytes that cross a pipe.
 *
 *     outcome (4) | length of each (4, 4, 4) | error | record | key
 *
 * The record is an encoded model certificate without sealed key, the key PKCS#8 DER in clear: the
 * bytes never leave the vault's processes and are overwritten behind their use. The reader trusts
 * nothing: a file may have taken over the process that wrote it.
 */
#ifndef VAULT_IMPORT_RESULT_H
#define VAULT_IMPORT_RESULT_H

#include "base/text.h"
#include "vault/trust_store.h"

enum { IMPORT_RESULT_MAX = 1 << 19, IMPORT_RESULT_ERROR_MAX = 512 };

struct import_result {
    uint32_t outcome; /* enum import_outcome */
    struct slice error, record, key;
};

bool import_result_append(struct text *out, const struct import_result *result);
/* Slices point into the bytes. False when they are not exactly one result. */
bool import_result_take(struct slice bytes, struct import_result *out_result);

struct import_request {
    struct slice file, password;
    struct slice known; /* DER, one behind the other: issuers that are in the store already */
};

/* Parses the file, completes its chain, judges it and appends the result. Meant for a short-lived
 * child. */
bool import_result_of_file(const struct import_request *request, const struct trust_store *trust,
                           int64_t now_ms, struct text *out);

#endif
