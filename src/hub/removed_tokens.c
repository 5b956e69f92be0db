/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/removed_tokens.h"

#include "tls/digest.h"

#include <string.h>

_Static_assert((int)TOKEN_DIGEST_BYTES == (int)DIGEST_BYTES, "the digest of a token is SHA-256");

void removed_tokens_add(struct removed_tokens *tokens, struct slice digest)
{
    if (digest.len != TOKEN_DIGEST_BYTES)
        return;
    memcpy(tokens->digests[tokens->next], digest.at, TOKEN_DIGEST_BYTES);
    tokens->next = (tokens->next + 1) % REMOVED_TOKENS_KEPT;
    if (tokens->count < REMOVED_TOKENS_KEPT)
        tokens->count++;
}

bool removed_tokens_hold(const struct removed_tokens *tokens,
                         const unsigned char digest[TOKEN_DIGEST_BYTES])
{
    bool held = false;
    for (size_t i = 0; i < tokens->count; i++)
        held |= digest_equal(tokens->digests[i], digest);
    return held;
}
