/* SPDX-License-Identifier: Apache-2.0 */
#include "os/clock.h"
#include "os/random.h"
#include "scale.h"
#include "tls/distinguished_name.h"
#include "tls/make.h"
#include "vault/certificate_record.h"
#include "vault/private_key.h"

#include <stdio.h>
#include <string.h>

enum { DAYS = 90, TEXT_MAX = 1024 };

static void fill_random(void *context, void *out_bytes, size_t len)
{
    (void)context;
    random_bytes(out_bytes, len);
}

struct ip_address scale_client(size_t number)
{
    return ip_from_v4((uint8_t[]){10, (uint8_t)(number >> 8), (uint8_t)number, 7});
}

void scale_host(size_t number, char out[64])
{
    snprintf(out, 64, "host-%05zu.scale.example", number);
}

/* --- certificates --- */

static struct made make_authority_key(struct arena *arena)
{
    struct make_settings settings = {.common_name = SLICE("Scale Authority"),
                                     .organization = SLICE("Postern"),
                                     .days = DAYS,
                                     .now_ms = clock_wall_ms()};
    struct made authority;
    if (make_authority(&settings, arena, &authority) != 0)
        scale_give_up("certificates", SLICE("the authority cannot be made"));
    return authority;
}

static struct made issue(size_t number, const struct made *authority, struct arena *arena)
{
    char host[64];
    scale_host(number, host);
    struct slice name = slice_of(host);
    struct make_settings settings = {.common_name = name,
                                     .names = &name,
                                     .name_count = 1,
                                     .days = DAYS,
                                     .now_ms = clock_wall_ms()};
    struct made made;
    if (make_issued(&settings, authority, arena, &made) != 0)
        scale_give_up("certificates", name);
    return made;
}

static struct certificate *read_certificate(struct model *model, const struct made *made,
                                            const struct made *authority)
{
    CLEANUP(text_deinit) struct text record = text_with_ceiling(1 << 20);
    struct record_source source = {.leaf = made->certificate,
                                   .chain = &authority->certificate,
                                   .chain_count = 1,
                                   .has_private_key = true,
                                   .now_ms = clock_wall_ms()};
    struct certificate *certificate =
        certificate_record_read(&source, &record) == RECORD_OK
            ? model_object_decode(model, MODEL_CERTIFICATE, text_slice(&record))
            : NULL;
    if (!certificate)
        scale_give_up("certificates", SLICE("a record cannot be made"));
    return certificate;
}

static void seal_key(struct model *model, const struct kek *kek, struct certificate *certificate,
                     const struct made *made)
{
    CLEANUP(text_deinit) struct text sealed = text_with_ceiling(1 << 16);
    struct slice id = slice_bytes(certificate->id.bytes, sizeof certificate->id.bytes);
    if (private_key_seal(kek, id, false, made->private_key, &sealed) != SEAL_OK ||
        !arena_copy(model->arena, text_slice(&sealed), &certificate->key_sealed))
        scale_give_up("certificates", SLICE("a key cannot be sealed"));
}

static void add_certificate(struct model *model, const struct scale *scale, size_t number,
                            const struct made *authority)
{
    struct arena arena = arena_with_ceiling(1 << 20);
    struct made made = issue(number, authority, &arena);
    struct certificate *certificate = read_certificate(model, &made, authority);
    certificate->id = object_id_new(fill_random, NULL);
    certificate->created_ms = certificate->changed_ms = clock_wall_ms();
    certificate->services = SERVICE_SMTP;
    certificate->key_handle = (int64_t)(random_u64() >> 1);
    if (scale->kek)
        seal_key(model, scale->kek, certificate, &made);
    made_wipe(&made);
    arena_deinit(&arena);
    if (!model_add(model, MODEL_CERTIFICATE, certificate))
        scale_give_up("certificates", SLICE("out of memory"));
}

/* --- connectors --- */

static void set(struct model *model, struct receive_connector *connector, const char *name,
                struct slice value)
{
    char storage[TEXT_MAX];
    struct text error = text_over(storage, sizeof storage);
    const struct setting *row = setting_exact(receive_connector_settings, slice_of(name));
    if (!row || !setting_parse(row, connector, model->arena, &value, 1, &error))
        scale_give_up(name, text_slice(&error));
}

/* What differs from connector to connector. */
static void set_numbered(struct model *model, struct receive_connector *connector,
                         const struct scale *scale, size_t number)
{
    char name[64], binding[64], range[64], host[64];
    snprintf(name, sizeof name, "Scale %05zu", number);
    snprintf(binding, sizeof binding, "127.0.0.1:%zu", scale->port ? scale->port : number + 1);
    snprintf(range, sizeof range, "10.%zu.%zu.0/24", number >> 8, number & 255);
    scale_host(number, host);
    set(model, connector, "Name", slice_of(name));
    set(model, connector, "Bindings", slice_of(binding));
    set(model, connector, "RemoteIPRanges", slice_of(range));
    set(model, connector, "Fqdn", slice_of(host));
}

static void set_certificate(struct model *model, struct receive_connector *connector,
                            const struct certificate *certificate)
{
    char storage[TEXT_MAX];
    struct text name = text_over(storage, sizeof storage);
    certificate_name_append(&name, certificate);
    set(model, connector, "TlsCertificateName", text_slice(&name));
}

static void add_connector(struct model *model, const struct scale *scale, size_t number,
                          const struct certificate *certificate)
{
    char storage[TEXT_MAX];
    struct text error = text_over(storage, sizeof storage);
    const struct server *server = model_server(model);
    struct receive_connector *connector = model_object_new(model, MODEL_RECEIVE_CONNECTOR);
    if (!connector || !server)
        scale_give_up("connectors", SLICE("no server, or out of memory"));
    connector->id = object_id_new(fill_random, NULL);
    connector->created_ms = connector->changed_ms = clock_wall_ms();
    connector->server = server->name;
    set_numbered(model, connector, scale, number);
    set(model, connector, "PermissionGroups", SLICE("AnonymousUsers"));
    if (number % 2 == 0)
        set_certificate(model, connector, certificate);
    if (!receive_connector_derive(connector, NULL, distinguished_name_parse, model->arena, &error))
        scale_give_up("connectors", text_slice(&error));
    if (!model_add(model, MODEL_RECEIVE_CONNECTOR, connector))
        scale_give_up("connectors", SLICE("out of memory"));
}

void scale_fill(struct model *model, const struct scale *scale)
{
    struct arena arena = arena_with_ceiling(1 << 20);
    struct made authority = make_authority_key(&arena);
    size_t before = model_count(model, MODEL_CERTIFICATE);
    for (size_t i = 0; i < scale->count; i++) {
        add_certificate(model, scale, i, &authority);
        add_connector(model, scale, i, model_certificate(model, before + i));
    }
    made_wipe(&authority);
    arena_deinit(&arena);
}
