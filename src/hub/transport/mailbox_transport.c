/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/mailbox_transport.h"

#include "hub/transport/address_book.h"
#include "hub/transport/hops.h"
#include "hub/transport/scheduled.h"
#include "model/mailbox_transport.h"
#include "os/clock.h"

#include <errno.h>
#include <stdlib.h>

enum { HOST_MAX = MAILBOX_TRANSPORT_MAX + 16 };

struct mailbox_transport {
    bool used;
    struct send_connector connector;
    struct slice host; /* the one smart host of the connector */
    char host_bytes[HOST_MAX];
};

const struct slice mailbox_key = SLICE_INIT("mailbox");
const struct slice mailbox_transport_name = SLICE_INIT("MailboxTransport");

const struct send_connector *mailbox_transport(const struct hub *hub)
{
    return hub->mailbox_transport->used ? &hub->mailbox_transport->connector : NULL;
}

/* unix:/run/lmtp, [192.0.2.1] or store.contoso.com: as couriers take it. */
static void write_host(struct mailbox_transport *transport, const struct mailbox_target *target)
{
    struct ip_address address;
    struct text host = text_over(transport->host_bytes, sizeof transport->host_bytes);
    bool is_address = ip_parse(target->host, &address);
    text_append_c(&host, target->path.len ? "unix:" : is_address ? "[" : "");
    text_append(&host, target->path.len ? target->path : target->host);
    text_append_c(&host, is_address ? "]" : "");
    transport->host = text_slice(&host);
}

/* As a send connector of its own would be; nobody can listen in on a socket of this machine. */
static void make(struct mailbox_transport *transport, const struct model *model)
{
    struct mailbox_target target;
    const char *wrong;
    transport->used = mailbox_target_parse(mailbox_transport_of(model), &target, &wrong);
    if (!transport->used)
        return;
    write_host(transport, &target);
    transport->connector = (struct send_connector){
        .name = mailbox_transport_name,
        .enabled = true,
        .max_message_bytes = INT64_MAX,
        .smart_hosts = {&transport->host, 1},
        .port = target.port,
        .connection_inactivity_timeout_ms = INT64_C(600000),
        .protocol_logging_level =
            model_transport_service(model)->intra_org_connector_protocol_logging_level,
        .ignore_starttls = target.path.len > 0,
    };
}

static uint32_t logging_level(const struct model *model)
{
    const struct transport_service *service = model_transport_service(model);
    return service ? service->intra_org_connector_protocol_logging_level : 0;
}

void mailbox_transport_model_changed(struct hub *hub, const struct model *before)
{
    make(hub->mailbox_transport, hub->model);
    if (!before)
        return;
    bool moved = !slice_equal(mailbox_transport_of(before), mailbox_transport_of(hub->model));
    if (moved || logging_level(before) != logging_level(hub->model))
        hops_configuration_changed(hub);
    if (!moved)
        return;
    hops_forget(hub, mailbox_key);
    (void)!destination_set(hub->store, mailbox_key, QUEUE_RETRY, clock_wall_ms(), NULL, NULL);
}

struct slice mailbox_transport_recipient(struct hub *hub, const struct scheduled *what)
{
    const struct mailbox *mailbox = address_book_mailbox(hub, what->address);
    if (!mailbox)
        return what->address; /* it has gone just now: the server knows what to say */
    bool plain = slice_all_ascii(mailbox->primary_smtp_address);
    return plain || what->smtp_utf8 ? mailbox->primary_smtp_address : what->address;
}

int mailbox_transport_begin(struct hub *hub)
{
    hub->mailbox_transport = calloc(1, sizeof *hub->mailbox_transport);
    return hub->mailbox_transport ? 0 : -ENOMEM;
}

void mailbox_transport_end(struct hub *hub)
{
    free(hub->mailbox_transport);
    hub->mailbox_transport = NULL;
}
