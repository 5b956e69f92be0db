/* SPDX-License-Identifier: Apache-2.0 */
/* Get-, New-, Set-, Rotate- and Remove-DkimSigningConfig.
 *
 * The vault makes the keys before the change begins; what comes back is public or sealed.
 */
#include "base/calendar.h"
#include "base/hex.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/vault_link.h"
#include "mail/ascii_domain.h"
#include "os/clock.h"

enum {
    ERROR_MAX_BYTES = 1000,
    WISH_MAX = 65536,
    KEYS_MAX = 4 * 2 * WIRE_SECRET_MAX, /* as hexadecimal digits */
    ZONE_LINE_MAX = DKIM_RECORD_MAX + 600,
    DAY_MS = 24 * 60 * 60 * 1000,
    SETTLING_DAYS = 4, /* until every name server knows a record, and mail on its way has come */
};

/* --- Get --- */

static void append_zone_line(struct text *line, const struct dkim_signing_config *config,
                             unsigned place, enum dkim_algorithm algorithm)
{
    char storage[ASCII_DOMAIN_MAX];
    struct text domain = text_over(storage, sizeof(storage));
    ascii_domain_append(&domain, config->domain_name);
    dkim_record_append_name(line, dkim_selector(place, algorithm), text_slice(&domain));
    text_append_c(line, ". IN TXT ");
    dkim_record_append_strings(line, algorithm, config->keys[place][algorithm].public_key);
}

static void show_key(json_t *json, json_t *zone, const struct dkim_signing_config *config,
                     unsigned place, enum dkim_algorithm algorithm)
{
    static const char *const names[DKIM_PLACES][DKIM_ALGORITHMS] = {
        {"Selector1PublicKey", "Selector1Ed25519PublicKey"},
        {"Selector2PublicKey", "Selector2Ed25519PublicKey"}};
    char storage[DKIM_RECORD_MAX], line_storage[ZONE_LINE_MAX];
    struct text record = text_over(storage, sizeof(storage));
    struct text line = text_over(line_storage, sizeof(line_storage));
    struct slice key = config->keys[place][algorithm].public_key;
    json_object_set_new(json, names[place][algorithm], json_null());
    if (!key.len)
        return;
    dkim_record_append(&record, algorithm, key);
    append_zone_line(&line, config, place, algorithm);
    json_object_set_new(json, names[place][algorithm], json_of_slice(text_slice(&record)));
    json_array_append_new(zone, json_of_slice(text_slice(&line)));
}

static json_t *config_json(struct call *call, const void *object)
{
    (void)call;
    const struct dkim_signing_config *config = object;
    json_t *json = json_of_object(MODEL_DKIM_SIGNING_CONFIG, object), *zone = json_array();
    unsigned in_use = dkim_place_in_use(config, clock_wall_ms());
    json_object_set_new(json, "SelectorInUse",
                        json_of_slice(dkim_selector(in_use, DKIM_RSA_SHA256)));
    for (unsigned place = 0; place < DKIM_PLACES; place++)
        for (enum dkim_algorithm i = DKIM_RSA_SHA256; i < DKIM_ALGORITHMS; i++)
            show_key(json, zone, config, place, i);
    json_object_set_new(json, "DnsRecords", zone);
    return json;
}

void dkim_signing_config_get(struct call *call)
{
    operation_get(call, MODEL_DKIM_SIGNING_CONFIG, "Identity", config_json);
}

static void emit_config(struct call *call)
{
    operation_emit_changed(call, MODEL_DKIM_SIGNING_CONFIG, config_json);
}

/* --- keys --- */

/* What the vault made waits in the work as lines of hexadecimal digits. */
static bool append_answer(struct text *out, const struct wire_dkim_made *made)
{
    const struct slice parts[] = {made->rsa_public, made->rsa_sealed, made->ed25519_public,
                                  made->ed25519_sealed};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        hex_append_lower(out, parts[i]);
        text_append_byte(out, '\n');
    }
    return !out->truncated;
}

static void on_keys(void *context, const struct wire_dkim_made *made)
{
    struct call *call = context;
    struct text lines = text_with_ceiling(KEYS_MAX);
    const struct work *work = NULL;
    if (!made || made->outcome != 0 || !append_answer(&lines, made))
        call_fail(call, OPERATION_FAILED, "the vault did not make the keys; try again");
    else
        work = call_work(call, text_slice(&lines));
    text_deinit(&lines);
    if (work)
        operation_change(call, work->edit, work->after);
}

static bool take_hex(struct slice *rest, struct arena *arena, struct slice *out)
{
    char bytes[WIRE_SECRET_MAX];
    struct slice digits;
    size_t len;
    return slice_take_until(rest, '\n', &digits) &&
           hex_decode(digits, bytes, sizeof(bytes), &len) &&
           arena_copy(arena, slice_bytes(bytes, len), out);
}

/* False: the call has failed. */
static bool take_keys(struct call *call, struct dkim_signing_config *config, unsigned place,
                      struct arena *arena)
{
    struct slice rest = work_bytes(call);
    for (size_t i = 0; i < DKIM_ALGORITHMS; i++) {
        struct dkim_place_key *key = &config->keys[place][i];
        if (!take_hex(&rest, arena, &key->public_key) || !take_hex(&rest, arena, &key->sealed)) {
            call_fail(call, OPERATION_FAILED, "what the vault made is malformed");
            return false;
        }
    }
    config->key_created_ms = clock_wall_ms();
    return true;
}

static void ask_keys(struct call *call, const struct dkim_signing_config *wish, work_edit_fn *edit,
                     work_after_fn *after)
{
    struct work *work = call->scratch;
    bool rsa = dkim_keys_include(wish->key_algorithm, DKIM_RSA_SHA256);
    struct wire_dkim_make make = {.id = slice_bytes(work->id.bytes, sizeof(work->id.bytes)),
                                  .rsa_bits = rsa ? (uint64_t)wish->key_bits : 0,
                                  .ed25519 =
                                      dkim_keys_include(wish->key_algorithm, DKIM_ED25519_SHA256)};
    if (rsa && wish->key_bits < DKIM_RSA_BITS_GOOD)
        call_warn(call, "an RSA key of less than %d bits is weak, and some servers ignore it",
                  DKIM_RSA_BITS_GOOD);
    if (!rsa)
        call_warn(call, "many servers do not know Ed25519 yet: to them the mail is not signed. "
                        "-KeyAlgorithm Both signs for them, too");
    work->edit = edit;
    work->after = after;
    vault_make_mail_keys(call->hub, make, on_keys, call);
}

/* --- New --- */

static void warn_of_strange_domain(struct call *call, const struct model *draft,
                                   const struct dkim_signing_config *config)
{
    if (!accepted_domain_of(draft, config->domain_name))
        call_warn(call,
                  "%.*s is no accepted domain of this server: answers to mail from there do "
                  "not come back here",
                  SLICE_ARG(config->domain_name));
}

static void new_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    const struct work *work = call->scratch;
    struct dkim_signing_config *config = NULL;
    if (operation_is_free(call, draft, MODEL_DKIM_SIGNING_CONFIG, "DomainName")) {
        config = model_object_new(draft, MODEL_DKIM_SIGNING_CONFIG);
        if (!config || !model_add(draft, MODEL_DKIM_SIGNING_CONFIG, config))
            call_fail(call, OPERATION_FAILED, "there is no memory for the keys");
    }
    if (!config || !call_apply_settings(call, config, draft->arena) ||
        !take_keys(call, config, 0, draft->arena)) {
        operation_refuse(change);
        return;
    }
    config->id = work->id;
    config->created_ms = config->changed_ms = clock_wall_ms();
    warn_of_strange_domain(call, draft, config);
    change_put(change, MODEL_DKIM_SIGNING_CONFIG, config);
    operation_commit(call, change);
}

static void emit_new(struct call *call)
{
    emit_config(call);
    call_inform(call, "publish DnsRecords; then: Set-DkimSigningConfig \"%.*s\" -Enabled $true",
                SLICE_ARG(call_text(call, "DomainName")));
}

void dkim_signing_config_new(struct call *call)
{
    struct arena arena = arena_with_ceiling(WISH_MAX);
    struct dkim_signing_config wish = {0};
    struct work *work = call_work(call, SLICE(""));
    bool good =
        work && operation_is_free(call, call->hub->model, MODEL_DKIM_SIGNING_CONFIG, "DomainName");
    if (good && !settings_reset(dkim_signing_config_settings, &wish, &arena)) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the keys");
        good = false;
    }
    if (good && call_apply_settings(call, &wish, &arena)) {
        work->id = operation_new_id();
        ask_keys(call, &wish, new_edit, emit_new);
    }
    arena_deinit(&arena);
}

/* --- Set --- */

static void set_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct dkim_signing_config *config =
        call_find(call, draft, MODEL_DKIM_SIGNING_CONFIG, "Identity");
    if (!config || !call_apply_settings(call, config, draft->arena)) {
        operation_refuse(change);
        return;
    }
    config->changed_ms = clock_wall_ms();
    const void *before = model_by_id(call->hub->model, MODEL_DKIM_SIGNING_CONFIG, config->id);
    if (before)
        operation_inform_difference(call, MODEL_DKIM_SIGNING_CONFIG, before, config);
    change_put(change, MODEL_DKIM_SIGNING_CONFIG, config);
    operation_commit(call, change);
}

void dkim_signing_config_set(struct call *call)
{
    operation_change(call, set_edit, NULL);
}

/* --- Rotate --- */

/* What is said of the next key goes into `config`. False: the call has failed. */
static bool read_next_key(struct call *call, struct dkim_signing_config *config,
                          struct arena *arena)
{
    static const char *const names[] = {"KeyAlgorithm", "KeySize"};
    char storage[ERROR_MAX_BYTES];
    struct text error = text_over(storage, sizeof(storage));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        json_t *value = json_object_get(call->parameters, names[i]);
        const struct setting *row = setting_exact(dkim_signing_config_settings, slice_of(names[i]));
        if (!value || parameter_apply(row, value, config, arena, &error))
            continue;
        call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
        return false;
    }
    return true;
}

/* False: the call has failed. */
static bool may_rotate(struct call *call, const struct dkim_signing_config *config)
{
    char storage[64], command[400];
    struct text date = text_over(storage, sizeof(storage));
    struct text fix = text_over(command, sizeof(command));
    if (!dkim_rotation_pending(config, clock_wall_ms()) || call_switch(call, "Force"))
        return true;
    calendar_append_rfc3339(&date, config->rotate_on_ms);
    text_append_format(&fix, "Rotate-DkimSigningConfig \"%.*s\" -Force",
                       SLICE_ARG(config->domain_name));
    call_fail_fix(call, OPERATION_CONFLICT, text_c_string(&fix),
                  "the keys of %.*s change on %.*s already; -Force makes other ones for that day",
                  SLICE_ARG(config->domain_name), SLICE_ARG(text_slice(&date)));
    return false;
}

static void warn_of_haste(struct call *call, const struct dkim_signing_config *config,
                          int64_t now_ms, int64_t on_ms)
{
    if (on_ms - now_ms < DAY_MS)
        call_warn(call, "-RotateOnDate is near: what is signed before the new record is known "
                        "everywhere cannot be verified");
    if (config->rotate_on_ms && config->rotate_on_ms <= now_ms &&
        now_ms - config->rotate_on_ms < (int64_t)SETTLING_DAYS * DAY_MS)
        call_warn(call, "the key that is replaced has signed until a short time ago: mail that is "
                        "still on its way cannot be verified when its record changes");
}

static void rotate_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    const struct work *work = call->scratch;
    struct dkim_signing_config *config =
        call_find(call, draft, MODEL_DKIM_SIGNING_CONFIG, "Identity");
    int64_t now_ms = clock_wall_ms(), on_ms;
    bool same = config && object_id_equal(config->id, work->id);
    if (config && !same)
        call_fail(call, OPERATION_CONFLICT, "the config was exchanged meanwhile; try again");
    if (!same || !may_rotate(call, config) ||
        !call_time(call, "RotateOnDate", now_ms + (int64_t)SETTLING_DAYS * DAY_MS, &on_ms) ||
        !read_next_key(call, config, draft->arena) ||
        !take_keys(call, config, 1 - dkim_place_in_use(config, now_ms), draft->arena)) {
        operation_refuse(change);
        return;
    }
    warn_of_haste(call, config, now_ms, on_ms);
    config->selector_before = dkim_place_in_use(config, now_ms) + 1;
    config->selector_after = 3 - config->selector_before;
    config->rotate_on_ms = on_ms;
    config->changed_ms = now_ms;
    change_put(change, MODEL_DKIM_SIGNING_CONFIG, config);
    operation_commit(call, change);
}

static void emit_rotated(struct call *call)
{
    const struct work *work = call->scratch;
    const struct dkim_signing_config *config =
        model_by_id(call->hub->model, MODEL_DKIM_SIGNING_CONFIG, work->id);
    char storage[64];
    struct text date = text_over(storage, sizeof(storage));
    emit_config(call);
    if (!config)
        return;
    calendar_append_rfc3339(&date, config->rotate_on_ms);
    call_inform(call, "publish the record of selector%u; it signs from %.*s on",
                (unsigned)config->selector_after, SLICE_ARG(text_slice(&date)));
}

void dkim_signing_config_rotate(struct call *call)
{
    struct arena arena = arena_with_ceiling(WISH_MAX);
    struct work *work = call_work(call, SLICE(""));
    const struct dkim_signing_config *config =
        work ? call_find(call, call->hub->model, MODEL_DKIM_SIGNING_CONFIG, "Identity") : NULL;
    int64_t unused_ms;
    struct dkim_signing_config wish;
    if (config && may_rotate(call, config) && call_time(call, "RotateOnDate", 0, &unused_ms)) {
        wish = *config;
        work = call->scratch;
        work->id = config->id;
        if (read_next_key(call, &wish, &arena))
            ask_keys(call, &wish, rotate_edit, emit_rotated);
    }
    arena_deinit(&arena);
}

/* --- Remove --- */

static void remove_edit(struct call *call, struct change *change)
{
    struct dkim_signing_config *config =
        call_find(call, change_draft(change), MODEL_DKIM_SIGNING_CONFIG, "Identity");
    if (!config) {
        operation_refuse(change);
        return;
    }
    call_inform(call, "mail of %.*s %s; leave its records in DNS for some days",
                SLICE_ARG(config->domain_name),
                operation_is_dry(call) ? "would no longer be signed" : "is no longer signed");
    change_remove(change, MODEL_DKIM_SIGNING_CONFIG, config);
    operation_commit(call, change);
}

void dkim_signing_config_remove(struct call *call)
{
    operation_change(call, remove_edit, NULL);
}
