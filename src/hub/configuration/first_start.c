/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/first_start.h"

#include "hub/certificates/intake.h"
#include "hub/configuration/change.h"
#include "hub/vault_link.h"
#include "model/defaults.h"
#include "os/clock.h"
#include "os/random.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DAYS_CERTIFICATE = 1825, DAYS_AUTHORITY = 3650 };

static void random_for_ids(void *context, void *out_bytes, size_t len)
{
    (void)context;
    random_bytes(out_bytes, len);
}

struct start {
    struct hub *hub;
    struct change *change;
    char fqdn[256], name[64];
    struct object_id authority_id, certificate_id;
};

static _Noreturn void give_up(const char *why, struct slice detail)
{
    role_event(NULL, WIRE_LEVEL_ERROR, 0, "hub: the first start failed: %s %.*s", why,
               SLICE_ARG(detail));
    exit(EXIT_FAILURE);
}

/* Exchange names a server by the first label of the host, in capitals. */
static void find_names(struct start *start, const char *server)
{
    char host[256] = "localhost";
    if (!server && gethostname(host, sizeof host) < 0)
        host[0] = '\0';
    struct text fqdn = text_over(start->fqdn, sizeof start->fqdn);
    text_append_lower(&fqdn, slice_of(server ? server : host));
    if (fqdn.len == 0 || !text_c_string(&fqdn))
        give_up("the host's name is unfit; use --server", (struct slice){0});
    struct slice label = slice_of(start->fqdn), rest = label;
    (void)slice_take_until(&rest, '.', &label);
    struct text name = text_over(start->name, sizeof start->name);
    for (size_t i = 0; i < label.len; i++)
        text_append_byte(&name, ascii_upper(label.at[i]));
    if (!text_c_string(&name))
        give_up("the server's name is too long; use --server", label);
}

static void fill_defaults(struct start *start)
{
    const struct role_start *given = start->hub->role.start;
    struct ip_address bind;
    bool bound = given->bind && ip_parse(slice_of(given->bind), &bind);
    struct model_defaults defaults = {.server_name = slice_of(start->name),
                                      .fqdn = slice_of(start->fqdn),
                                      .bind_addresses = &bind,
                                      .bind_address_count = bound,
                                      .port_offset = (uint16_t)given->port_offset,
                                      .now_ms = clock_wall_ms(),
                                      .random = random_for_ids};
    char storage[512];
    struct text error = text_over(storage, sizeof storage);
    struct model *draft = change_draft(start->change);
    if (!model_create_defaults(draft, &defaults, &error))
        give_up("", text_slice(&error));
    int64_t created_ms =
        defaults.now_ms; /* a millisecond apart: their order is the order of the lists */
    for (int kind = 0; kind < MODEL_KINDS; kind++)
        for (size_t i = 0; i < model_count(draft, (enum model_kind)kind); i++) {
            struct object *object = model_object(draft, (enum model_kind)kind, i);
            object->created_ms = created_ms++;
            if (!change_put(start->change, (enum model_kind)kind, object))
                give_up("no memory", (struct slice){0});
        }
}

static void on_in_force(void *context, const struct change_receipt *receipt)
{
    if (receipt->outcome != CHANGE_DONE)
        give_up("", receipt->error);
    struct start *start = context;
    start->hub->first_start = false;
    free(start);
}

static struct certificate *take_certificate(struct start *start, struct object_id id,
                                            const struct wire_certificate_read *answer,
                                            uint32_t services)
{
    if (!answer || answer->outcome)
        give_up("the vault cannot make a certificate", answer ? answer->error : (struct slice){0});
    struct model *draft = change_draft(start->change);
    struct certificate *certificate =
        model_object_decode(draft, MODEL_CERTIFICATE, answer->certificate);
    if (!certificate)
        give_up("the vault's certificate cannot be read", (struct slice){0});
    certificate->id = id;
    certificate->version = 0;
    certificate->key_handle = certificate_key_handle(id);
    certificate->services = services;
    if (!model_add(draft, MODEL_CERTIFICATE, certificate) ||
        !change_put(start->change, MODEL_CERTIFICATE, certificate))
        give_up("no memory", (struct slice){0});
    return certificate;
}

static void on_authority_made(void *context, const struct wire_certificate_read *answer)
{
    struct start *start = context;
    (void)take_certificate(start, start->authority_id, answer, 0);
    change_commit(start->change, on_in_force, start);
}

static void on_certificate_made(void *context, const struct wire_certificate_read *answer)
{
    struct start *start = context;
    (void)take_certificate(start, start->certificate_id, answer,
                           SERVICE_IMAP | SERVICE_POP | SERVICE_IIS | SERVICE_SMTP);
    struct wire_certificate_make request = {
        .id = slice_bytes(start->authority_id.bytes, 16),
        .kind = WIRE_CERTIFICATE_AUTHORITY,
        .common_name = SLICE("Postern Private Authority"),
        .friendly_name = SLICE("Postern Private Authority"),
        .days = DAYS_AUTHORITY,
        .key_kind = WIRE_KEY_P256,
    };
    vault_make_certificate(start->hub, request, on_authority_made, start);
}

static void ask_for_certificate(struct start *start)
{
    char storage[400];
    struct text names = text_over(storage, sizeof storage);
    text_append_c(&names, start->fqdn);
    text_append_c(&names, "\n");
    if (slice_contains(slice_of(start->fqdn), SLICE("."))) {
        text_append_lower(&names, slice_of(start->name));
        text_append_c(&names, "\n");
    }
    struct wire_certificate_make request = {
        .id = slice_bytes(start->certificate_id.bytes, 16),
        .kind = WIRE_CERTIFICATE_SELF_SIGNED,
        .common_name = slice_of(start->fqdn),
        .friendly_name = SLICE("Postern"),
        .names = text_slice(&names),
        .days = DAYS_CERTIFICATE,
        .key_kind = WIRE_KEY_P256,
    };
    vault_make_certificate(start->hub, request, on_certificate_made, start);
}

void first_start_run(struct hub *hub)
{
    struct start *start = calloc(1, sizeof *start);
    if (!start)
        give_up("no memory", (struct slice){0});
    start->hub = hub;
    start->authority_id = object_id_new(random_for_ids, NULL);
    start->certificate_id = object_id_new(random_for_ids, NULL);
    start->change = change_begin(hub, SLICE("posternd"), SLICE("first start"));
    if (!start->change)
        give_up("no memory", (struct slice){0});
    find_names(start, hub->role.start->server);
    fill_defaults(start);
    ask_for_certificate(start);
}
