/* SPDX-License-Identifier: Apache-2.0 */
/* removed_tokens - the digests of tokens removed since the start, the newest 32: whoever still uses
 * one is told that it was removed, not that it is unknown.
 */
#ifndef HUB_REMOVED_TOKENS_H
#define HUB_REMOVED_TOKENS_H

#include "model/management_token.h"

enum { REMOVED_TOKENS_KEPT = 32 };

struct removed_tokens {
    unsigned char digests[REMOVED_TOKENS_KEPT][TOKEN_DIGEST_BYTES];
    size_t next, count;
};

void removed_tokens_add(struct removed_tokens *tokens, struct slice digest);
bool removed_tokens_hold(const struct removed_tokens *tokens,
                         const unsigned char digest[TOKEN_DIGEST_BYTES]);

#endif
