/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/certificate_maker.h"

#include "os/clock.h"
#include "tls/import.h"
#include "tls/make.h"
#include "vault/certificate_record.h"
#include "vault/private_key.h"

#include <errno.h>
#include <stdlib.h>

enum { ARENA_MAX = 4 << 20 };

struct making {
    struct work work;
    const struct kek *kek;
    struct wire_certificate_make request; /* its slices live in the arena */
    struct arena arena;
    struct text answer;
    unsigned outcome; /* enum import_outcome */
    const char *error;
    maker_done_fn *done;
    void *context;
};

static void making_free(struct making *making)
{
    text_deinit(&making->answer);
    arena_deinit(&making->arena);
    free(making);
}

static void refuse(struct making *making, enum import_outcome outcome, const char *error)
{
    making->outcome = (unsigned)outcome;
    making->error = error;
}

static bool take_names(struct making *making, struct make_settings *settings)
{
    struct slice *names = arena_take_array(&making->arena, MAKE_NAMES_MAX, sizeof *names);
    struct slice rest = making->request.names, name;
    if (!names)
        return false;
    while (slice_take_field(&rest, '\n', &name)) {
        if (settings->name_count == MAKE_NAMES_MAX)
            return false;
        if (name.len)
            names[settings->name_count++] = name;
    }
    settings->names = names;
    return true;
}

/* The authority's key is opened here and overwritten at once behind its use. */
static int make_under_authority(struct making *making, const struct make_settings *settings,
                                struct made *out)
{
    struct text key = text_with_ceiling(WIRE_SECRET_MAX);
    const struct wire_certificate_make *request = &making->request;
    int result = -EACCES;
    if (private_key_unseal(making->kek, request->issuer_id, request->issuer_sealed_key, &key,
                           &(bool){false}) == SEAL_OK) {
        struct made authority = {.certificate = request->issuer_certificate,
                                 .private_key = text_slice(&key)};
        result = make_issued(settings, &authority, &making->arena, out);
    }
    seal_wipe(&key);
    return result;
}

static int make_pair(struct making *making, const struct make_settings *settings, struct made *out)
{
    switch ((enum wire_certificate_kind)making->request.kind) {
    case WIRE_CERTIFICATE_SELF_SIGNED:
        return make_self_signed(settings, &making->arena, out);
    case WIRE_CERTIFICATE_AUTHORITY:
        return make_authority(settings, &making->arena, out);
    case WIRE_CERTIFICATE_ISSUED:
        return make_under_authority(making, settings, out);
    case WIRE_CERTIFICATE_REQUEST:
        return make_request(settings, &making->arena, out);
    case WIRE_CERTIFICATE_KINDS:
        break;
    }
    return -EINVAL;
}

static void answer_with(struct making *making, const struct made *made)
{
    bool issued = making->request.kind == WIRE_CERTIFICATE_ISSUED;
    struct record_source source = {
        .leaf = made->certificate,
        .chain = &making->request.issuer_certificate,
        .chain_count = issued ? 1 : 0,
        .request = made->request,
        .friendly_name = making->request.friendly_name,
        .has_private_key = true,
        .now_ms = clock_wall_ms(),
    };
    struct text record = text_with_ceiling(WIRE_CHAIN_MAX);
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX);
    enum record_outcome outcome = certificate_record_read(&source, &record);
    bool exportable = making->request.exportable != 0;
    if (outcome == RECORD_OK && private_key_seal(making->kek, making->request.id, exportable,
                                                 made->private_key, &sealed) != SEAL_OK)
        outcome = RECORD_NO_MEMORY;
    if (outcome == RECORD_OK)
        outcome = certificate_record_complete(text_slice(&record), making->request.id,
                                              text_slice(&sealed), exportable, &making->answer);
    if (outcome != RECORD_OK)
        refuse(making, (enum import_outcome)record_outcome_import(outcome),
               "the new certificate could not be recorded");
    text_deinit(&sealed);
    text_deinit(&record);
}

static enum make_key key_of(uint64_t kind)
{
    static const enum make_key keys[WIRE_KEY_KINDS] = {
        [WIRE_KEY_P256] = MAKE_KEY_P256,         [WIRE_KEY_P384] = MAKE_KEY_P384,
        [WIRE_KEY_RSA_2048] = MAKE_KEY_RSA_2048, [WIRE_KEY_RSA_3072] = MAKE_KEY_RSA_3072,
        [WIRE_KEY_RSA_4096] = MAKE_KEY_RSA_4096,
    };
    return keys[kind < WIRE_KEY_KINDS ? kind : WIRE_KEY_P256];
}

static void run(void *context)
{
    struct making *making = context;
    const struct wire_certificate_make *request = &making->request;
    struct make_settings settings = {.key = key_of(request->key_kind),
                                     .subject = request->subject,
                                     .common_name = request->common_name,
                                     .days = (int)request->days,
                                     .now_ms = clock_wall_ms()};
    struct made made = {0};
    int result = take_names(making, &settings) ? make_pair(making, &settings, &made) : -EINVAL;
    if (result == 0)
        answer_with(making, &made);
    else if (result == -EACCES)
        refuse(making, IMPORT_UNSUPPORTED, "the key of the authority could not be opened");
    else if (result == -EINVAL)
        refuse(making, IMPORT_UNSUPPORTED,
               "a name, the number of days or the authority is not fit for a certificate");
    else
        refuse(making, IMPORT_NO_MEMORY, "the key or the certificate could not be made");
    made_wipe(&made);
}

static void done(void *context, bool ran)
{
    struct making *making = context;
    struct wire_certificate_read answer = {.request = making->request.request,
                                           .outcome = making->outcome,
                                           .error = slice_of(making->error),
                                           .certificate = text_slice(&making->answer)};
    making->done(making->context, ran ? &answer : NULL);
    making_free(making);
}

static bool copy_request(struct making *making, const struct wire_certificate_make *request)
{
    making->request = *request;
    struct slice *const slices[] = {
        &making->request.id,
        &making->request.subject,
        &making->request.common_name,
        &making->request.names,
        &making->request.friendly_name,
        &making->request.issuer_id,
        &making->request.issuer_certificate,
        &making->request.issuer_sealed_key,
    };
    for (size_t i = 0; i < COUNT_OF(slices); i++)
        if (!arena_copy(&making->arena, *slices[i], slices[i]))
            return false;
    return true;
}

bool certificate_maker_submit(struct worker_pool *pool, const struct kek *kek,
                              const struct wire_certificate_make *request, maker_done_fn *on_done,
                              void *context)
{
    struct making *making = calloc(1, sizeof *making);
    if (!making)
        return false;
    *making = (struct making){
        .work = {.run = run, .done = done, .context = making},
        .kek = kek,
        .arena = arena_with_ceiling(ARENA_MAX),
        .answer = text_with_ceiling(WIRE_CHAIN_MAX),
        .done = on_done,
        .context = context,
    };
    if (copy_request(making, request) && worker_pool_submit(pool, &making->work))
        return true;
    making_free(making);
    return false;
}
