/* SPDX-License-Identifier: Apache-2.0 */
/* signing - the question of an edge or a courier to its signer: please sign these bytes with that
 * key.
 *
 * One question at a time, blocking, with a deadline: the answer takes 50 to 300 microseconds, and
 * waking a loop for it costs more than waiting. A late answer to an earlier question is known by
 * its number and dropped.
 *
 *   question: number (8), handle (8), scheme (4), the bytes to be signed
 *   answer:   number (8), the signature; nothing behind the number is a refusal
 */
#ifndef WIRE_SIGNING_H
#define WIRE_SIGNING_H

#include "tls/remote_key.h"

enum {
    SIGNING_DEADLINE_MS = 250,
    SIGNING_QUESTION_HEAD = 20,
    SIGNING_ANSWER_HEAD = 8,
    SIGNING_QUESTION_MAX = SIGNING_QUESTION_HEAD + SIGNATURE_INPUT_MAX_BYTES,
};

struct signing {
    int fd; /* -1: no signer at the moment */
    uint64_t number;
    char question[SIGNING_QUESTION_MAX];
};

void signing_attach(struct signing *signing, int fd_take);
/* A remote_key_sign_fn; `context` is the struct signing. */
bool signing_ask(void *context, uint64_t handle, uint32_t scheme, struct slice to_be_signed,
                 unsigned char *out, size_t capacity, size_t *out_len);

#endif
