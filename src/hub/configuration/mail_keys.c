/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/mail_keys.h"

#include "base/base64.h"
#include "hub/configuration/object.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 2 * WIRE_SECRET_MAX, KEYS_MAX = 1 << 18, NOTE_MAX = 16 };

/* The settings that are kept, as the store calls them. */
static const char *const rows[] = {
    "KeyCreationTime",    "RotateOnDate",           "SelectorBeforeRotateOnDate",
    "Selector1RsaSealed", "Selector1Ed25519Sealed", "SelectorAfterRotateOnDate",
    "Selector2RsaSealed", "Selector2Ed25519Sealed",
};

static const struct setting *row_at(size_t index)
{
    return setting_exact(dkim_signing_config_settings, slice_of(rows[index]));
}

struct dkim_place_key *mail_key_at(struct dkim_signing_config *config, size_t part)
{
    return &config->keys[part / DKIM_ALGORITHMS][part % DKIM_ALGORITHMS];
}

enum dkim_algorithm mail_key_algorithm(size_t part)
{
    return (enum dkim_algorithm)(part % DKIM_ALGORITHMS);
}

/* --- as text --- */

static bool put_row(const struct setting *row, const struct dkim_signing_config *config,
                    json_t *json)
{
    struct text value = text_with_ceiling(VALUE_MAX);
    bool good = setting_print(row, config, &value) &&
                (value.len == 0 ||
                 json_object_set_new(json, row->name, json_of_slice(text_slice(&value))) == 0);
    text_deinit(&value);
    return good;
}

bool mail_keys_append(struct text *text, const struct dkim_signing_config *config)
{
    json_t *json = json_object();
    bool good = json != NULL;
    for (size_t i = 0; good && i < COUNT_OF(rows); i++)
        good = put_row(row_at(i), config, json);
    char *written = good ? json_dumps(json, JSON_COMPACT) : NULL;
    good = written && text_append_c(text, written);
    free(written);
    json_decref(json);
    return good;
}

bool mail_keys_read(struct slice written, struct dkim_signing_config *config, struct arena *arena)
{
    json_t *json = json_loadb(written.at, written.len, JSON_REJECT_DUPLICATES, NULL);
    bool good = json_is_object(json);
    for (size_t part = 0; part < MAIL_KEYS; part++)
        *mail_key_at(config, part) = (struct dkim_place_key){0};
    for (size_t i = 0; good && i < COUNT_OF(rows); i++) {
        const json_t *value = json_object_get(json, rows[i]);
        struct slice said = slice_bytes(json_string_value(value), json_string_length(value));
        good = value ? setting_parse(row_at(i), config, arena, &said, 1, NULL)
                     : setting_reset(row_at(i), config, arena);
    }
    json_decref(json);
    return good;
}

bool mail_keys_equal(const struct dkim_signing_config *a, const struct dkim_signing_config *b)
{
    bool equal = true;
    for (size_t i = 0; equal && i < COUNT_OF(rows); i++)
        equal = setting_equal(row_at(i), a, b);
    return equal;
}

/* --- public halves, as notes of the item --- */

static void append_note_name(struct text *text, size_t part)
{
    text_append_format(text, "_public%zu", part);
}

void mail_keys_note_public(const struct item *item, size_t part, struct slice public_key)
{
    char storage[NOTE_MAX];
    struct text name = text_over(storage, sizeof storage);
    append_note_name(&name, part);
    json_object_set_new(item->json, text_c_string(&name), json_of_base64(public_key));
}

static bool take_public(const struct item *item, size_t part, struct dkim_place_key *key,
                        struct arena *arena)
{
    char storage[NOTE_MAX], room[DKIM_PUBLIC_KEY_MAX];
    struct text name = text_over(storage, sizeof storage), bytes = text_over(room, sizeof room);
    append_note_name(&name, part);
    return base64_decode(item_text(item, text_c_string(&name)), &bytes) &&
           arena_copy(arena, text_slice(&bytes), &key->public_key);
}

/* Without a note the vault was not asked: the keys are those that are here. */
static bool was_asked(const struct item *item)
{
    bool asked = false;
    const char *name;
    json_t *value;
    json_object_foreach(item->json, name, value) asked =
        asked || slice_starts(slice_of(name), SLICE("_public"));
    return asked;
}

bool mail_keys_apply(const struct item *item, struct dkim_signing_config *config,
                     struct arena *arena, struct text *error)
{
    struct text sealed = text_with_ceiling(KEYS_MAX);
    struct object_id id;
    bool good = true;
    if (was_asked(item)) {
        good = configuration_secret_read(json_object_get(item->json, "SealedKeys"), &id, &sealed) &&
               mail_keys_read(text_slice(&sealed), config, arena);
        for (size_t part = 0; good && part < MAIL_KEYS; part++)
            if (mail_key_at(config, part)->sealed.len)
                good = take_public(item, part, mail_key_at(config, part), arena);
    }
    if (!good)
        text_append_c(error, "-SealedKeys is not what Export-Configuration writes");
    text_deinit(&sealed);
    return good;
}

/* --- keys that are made --- */

bool mail_keys_wish(const struct item *item, struct wire_dkim_make *out_make, struct text *error)
{
    static const char *const names[] = {"KeyAlgorithm", "KeySize"};
    struct arena arena = arena_with_ceiling(KEYS_MAX);
    struct dkim_signing_config wish = {0};
    bool good = settings_reset(dkim_signing_config_settings, &wish, &arena);
    for (size_t i = 0; good && i < COUNT_OF(names); i++) {
        json_t *value = json_object_get(item->json, names[i]);
        const struct setting *row = setting_exact(dkim_signing_config_settings, slice_of(names[i]));
        good = !value || parameter_apply(row, value, &wish, &arena, error);
    }
    bool rsa = dkim_keys_include(wish.key_algorithm, DKIM_RSA_SHA256);
    out_make->rsa_bits = rsa ? (uint64_t)wish.key_bits : 0;
    out_make->ed25519 = dkim_keys_include(wish.key_algorithm, DKIM_ED25519_SHA256);
    arena_deinit(&arena);
    return good;
}

bool mail_keys_take_made(const struct item *item, struct object_id id,
                         const struct wire_dkim_made *made)
{
    struct arena arena = arena_with_ceiling(KEYS_MAX);
    struct text written = text_with_ceiling(KEYS_MAX);
    struct dkim_signing_config config = {0};
    bool good = settings_reset(dkim_signing_config_settings, &config, &arena);
    config.key_created_ms = clock_wall_ms();
    config.keys[0][DKIM_RSA_SHA256].sealed = made->rsa_sealed;
    config.keys[0][DKIM_ED25519_SHA256].sealed = made->ed25519_sealed;
    good = good && mail_keys_append(&written, &config) &&
           json_object_set_new(item->json, "SealedKeys",
                               configuration_secret_json(id, text_slice(&written))) == 0;
    mail_keys_note_public(item, DKIM_RSA_SHA256, made->rsa_public);
    mail_keys_note_public(item, DKIM_ED25519_SHA256, made->ed25519_public);
    text_deinit(&written);
    arena_deinit(&arena);
    return good;
}
