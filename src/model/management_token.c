/* SPDX-License-Identifier: Apache-2.0 */
#include "model/management_token.h"

#include "base/checksum.h"
#include "base/hex.h"
#include "base/number.h"
#include "model/check.h"
#include "model/model.h"
#include "model/role_group.h"

#include <string.h>

enum { CHECKSUM_DIGITS = 8 };

/* clang-format off */
#define ROW(written, member, ...) SETTING_ROW(management_token, written, member, __VA_ARGS__)

const struct setting management_token_settings[] = {
    ROW("Description", description, .kind = SETTING_TEXT, .max = 256, .help = "What it is for."),
    ROW("ExpirationDate", expires_ms, .kind = SETTING_TIME, .help = "From when on it is refused: 2027-02-01 or 2027-02-01T10:00:00Z. Without it: never."),
    ROW("Name", name, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED, .min = 1, .max = 64, .check = check_name, .help = "What it is called, in lists and in the audit trail."),
    ROW("RoleGroups", role_groups, .kind = SETTING_FLAGS, .words = role_group_words, .fallback = "View-Only Organization Management", .help = "What whoever holds it may do, whoever that is."),
    ROW("TokenId", token_id, .kind = SETTING_HEX, .flags = SETTING_READ_ONLY, .max = TOKEN_ID_BYTES, .help = "The part of the token behind postern_, which is no secret."),
    ROW("Digest", digest, .kind = SETTING_HEX, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .max = TOKEN_DIGEST_BYTES, .help = "SHA-256 of the token."),
    ROW("Guid", id, .kind = SETTING_UUID, .flags = SETTING_READ_ONLY, .help = "An id that never changes."),
    ROW("WhenChanged", changed_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "The last change."),
    ROW("WhenCreated", created_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "When it was made."),
    ROW("Version", version, .kind = SETTING_INTEGER, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .help = "Counts the changes."),
    {0},
};
/* clang-format on */

bool token_append(struct text *text, const unsigned char id[TOKEN_ID_BYTES],
                  const unsigned char secret[TOKEN_SECRET_BYTES])
{
    size_t start = text->len;
    if (!text_append_c(text, "postern_") ||
        !hex_append_lower(text, slice_bytes(id, TOKEN_ID_BYTES)) || !text_append_c(text, "_") ||
        !hex_append_lower(text, slice_bytes(secret, TOKEN_SECRET_BYTES)))
        return false;
    uint32_t checksum = checksum_crc32c(0, slice_after(text_slice(text), start));
    return text_append_format(text, "%08x", (unsigned)checksum);
}

bool token_parse(struct slice written, unsigned char out_id[TOKEN_ID_BYTES])
{
    unsigned char secret[TOKEN_SECRET_BYTES];
    struct slice rest = written, id;
    size_t id_len, secret_len;
    uint64_t checksum;
    if (written.len != TOKEN_TEXT_BYTES || !slice_take_prefix(&rest, SLICE("postern_")) ||
        !slice_take_until(&rest, '_', &id) || !hex_decode(id, out_id, TOKEN_ID_BYTES, &id_len) ||
        id_len != TOKEN_ID_BYTES)
        return false;
    struct slice digits = slice_first(rest, 2 * (size_t)TOKEN_SECRET_BYTES);
    bool whole =
        hex_decode(digits, secret, sizeof secret, &secret_len) &&
        secret_len == TOKEN_SECRET_BYTES &&
        number_parse_hex(slice_after(rest, digits.len), UINT32_MAX, &checksum) &&
        checksum == checksum_crc32c(0, slice_first(written, TOKEN_TEXT_BYTES - CHECKSUM_DIGITS));
    explicit_bzero(secret, sizeof secret);
    return whole;
}

const struct management_token *management_token_of_id(const struct model *model,
                                                      const unsigned char id[TOKEN_ID_BYTES])
{
    for (size_t i = 0; i < model_count(model, MODEL_MANAGEMENT_TOKEN); i++) {
        const struct management_token *token = model_object(model, MODEL_MANAGEMENT_TOKEN, i);
        if (slice_equal(token->token_id, slice_bytes(id, TOKEN_ID_BYTES)))
            return token;
    }
    return NULL;
}

struct management_token *management_token_of_name(const struct model *model, struct slice name)
{
    for (size_t i = 0; i < model_count(model, MODEL_MANAGEMENT_TOKEN); i++) {
        struct management_token *token = model_object(model, MODEL_MANAGEMENT_TOKEN, i);
        if (slice_equal_nocase(token->name, name))
            return token;
    }
    return NULL;
}

bool management_token_is_expired(const struct management_token *token, int64_t now_ms)
{
    return token->expires_ms && token->expires_ms <= now_ms;
}
