/* SPDX-License-Identifier: Apache-2.0 */
/* management_token - a secret that opens the control socket with role groups of its own, for
 * programs and for people who want fewer rights than they have.
 *
 *   postern_ID_SECRET   ID: 12 hexadecimal digits, by which it is found. SECRET: 64 hexadecimal
 *                       digits, 256 random bits, and 8 digits of CRC32C over all before them, so
 *                       that a scanner can tell a leaked token from something that looks like one.
 *
 * Only SHA-256 of the whole is kept. Not part of snapshots.
 */
#ifndef MODEL_MANAGEMENT_TOKEN_H
#define MODEL_MANAGEMENT_TOKEN_H

#include "model/object.h"

enum {
    TOKEN_ID_BYTES = 6,
    TOKEN_SECRET_BYTES = 32,
    TOKEN_DIGEST_BYTES = 32,
    TOKEN_TEXT_BYTES = 8 + 2 * TOKEN_ID_BYTES + 1 + 2 * TOKEN_SECRET_BYTES + 8,
};

struct management_token {
    struct object_id id;
    uint64_t version;
    int64_t created_ms, changed_ms;
    struct slice name;
    struct slice description;
    int64_t expires_ms;    /* 0: never */
    uint32_t role_groups;  /* enum role_group mask */
    struct slice token_id; /* TOKEN_ID_BYTES */
    struct slice digest;   /* TOKEN_DIGEST_BYTES */
};

extern const struct setting management_token_settings[];

/* The written form; the bytes are random ones, handed in. */
bool token_append(struct text *text, const unsigned char id[TOKEN_ID_BYTES],
                  const unsigned char secret[TOKEN_SECRET_BYTES]);
/* Its id. False: this is no token, or one that was mistyped or cut short. */
bool token_parse(struct slice written, unsigned char out_id[TOKEN_ID_BYTES]);

struct model;
const struct management_token *management_token_of_id(const struct model *model,
                                                      const unsigned char id[TOKEN_ID_BYTES]);
/* By its name, case ignored, or NULL. */
struct management_token *management_token_of_name(const struct model *model, struct slice name);
bool management_token_is_expired(const struct management_token *token, int64_t now_ms);

#endif
