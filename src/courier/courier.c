/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/courier.h"

#include "courier/filter_sockets.h"
#include "courier/maildir.h"
#include "courier/ocsp_fetch.h"
#include "courier/probe.h"
#include "courier/relay.h"
#include "courier/report_post.h"
#include "courier/sts_policies.h"
#include "courier/txt_lookup.h"
#include "dns/resolver.h"
#include "os/descriptor.h"
#include "os/name_servers.h"
#include "tls/library.h"
#include "wire/signing.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char root_anchor[] = "/usr/share/dns/root.key";

struct courier {
    struct role role;
    struct channel hub;
    struct channel_owner hub_owner;
    int mail_fd;     /* the mail root */
    int policies_fd; /* of MTA-STS */
    struct probe *probes;
    struct txt_lookup *txt_lookups;
    struct ocsp_fetch *ocsp_fetches;
    struct filter_socket *filter_sockets;
    struct report_posts report_posts;
    struct relays relays;
    struct root_store trust;
    struct signing signing;
    struct https *https;
};

static void answer(struct courier *courier, uint64_t delivery, int result)
{
    char storage[128];
    struct text text = text_over(storage, sizeof storage);
    struct wire_delivered delivered = {.delivery = delivery, .outcome = WIRE_DELIVERY_DONE};
    if (result == MAILDIR_BAD_NAME) {
        delivered.outcome = WIRE_DELIVERY_FAILED;
        text_append_c(&text, "the mailbox's name cannot be a folder");
    } else if (result < 0) {
        delivered.outcome = WIRE_DELIVERY_LATER;
        text_append_format(&text, "cannot write to the Maildir: %s", strerror(-result));
    }
    delivered.text = text_slice(&text);
    channel_send(&courier->hub, WIRE_DELIVERED, &delivered, -1);
}

static void deliver(struct courier *courier, const struct wire_deliver *work, int body_fd)
{
    struct maildir_message message = {.message = work->message,
                                      .number = work->number,
                                      .repeat = work->repeat,
                                      .received_at_ms = (int64_t)work->received_at_ms,
                                      .sender = work->sender,
                                      .recipient = work->recipient,
                                      .body_fd = body_fd,
                                      .offset = work->offset,
                                      .length = work->length};
    answer(courier, work->delivery, maildir_deliver(courier->mail_fd, work->mailbox, &message));
    close_fd(&body_fd);
}

static void on_hub_message(void *context, struct channel *channel, const struct frame *frame,
                           int fd)
{
    struct courier *courier = context;
    if (frame->type == WIRE_DELIVER)
        deliver(courier, &frame->message.deliver, fd);
    else if (frame->type == WIRE_PROBE)
        probe_start(&courier->probes, courier->role.loop, channel, &frame->message.probe);
    else if (frame->type == WIRE_TXT_QUESTION)
        txt_lookup_start(&courier->txt_lookups, courier->relays.resolver, channel,
                         &frame->message.txt_question);
    else if (frame->type == WIRE_OCSP_QUESTION)
        ocsp_fetch_start(&courier->ocsp_fetches, courier->https, channel,
                         &frame->message.ocsp_question);
    else if (frame->type == WIRE_REPORT_POST)
        report_post_start(&courier->report_posts, &frame->message.report_post);
    else if (frame->type == WIRE_FILTER_CONNECT)
        filter_socket_start(&courier->filter_sockets, courier->role.loop, channel,
                            &frame->message.filter_connect);
    else
        (void)relays_frame(&courier->relays, frame, fd);
}

/* Nothing is held for a hub that has gone: its successor hands out the work again. But a wire that
 * broke while the hub lives would leave us idle for ever: then we end, and are started again. */
static void on_hub_closed(void *context, struct channel *channel, bool broken)
{
    (void)channel;
    struct courier *courier = context;
    probes_end(&courier->probes);
    txt_lookups_drop(&courier->txt_lookups);
    ocsp_fetches_drop(&courier->ocsp_fetches);
    report_posts_drop(&courier->report_posts);
    filter_sockets_end(&courier->filter_sockets);
    relays_end(&courier->relays);
    if (broken)
        loop_stop(courier->role.loop);
}

static void on_peer(void *context, enum wire_role peer, unsigned index, int fd)
{
    struct courier *courier = context;
    int result = -EINVAL;
    if (peer == ROLE_SIGNER) {
        signing_attach(&courier->signing, fd);
        return;
    }
    if (peer == ROLE_HUB)
        result =
            channel_open(&courier->hub, courier->role.loop, fd, peer, index, &courier->hub_owner);
    if (result < 0)
        close_fd(&fd);
}

static void on_unsigned(void *context, struct slice why)
{
    struct courier *courier = context;
    role_event(&courier->hub, WIRE_LEVEL_WARNING, 0,
               "event=dnssec-unsigned courier: the name server passes no DNSSEC signatures on "
               "(%.*s): for an hour nothing is validated and DANE demands nothing. Ask one that "
               "does: a resolver on this machine (apt install unbound; nameserver 127.0.0.1 in "
               "/etc/resolv.conf)",
               SLICE_ARG(why));
}

/* Without a resolver mail still leaves for hosts that are given as addresses. */
static void open_resolver(struct courier *courier, const struct role_start *start)
{
    const char *name_server = start->name_server;
    char storage[256];
    struct text error = text_over(storage, sizeof storage);
    struct ip_endpoint forwards[NAME_SERVERS_MAX];
    struct resolver_settings settings = {.forwards = forwards, .hosts_file = "/etc/hosts"};
    if (start->dns_anchor)
        settings.trust_anchor_file = start->dns_anchor;
    else if (access(root_anchor, R_OK) == 0) {
        settings.trust_anchor_file = root_anchor;
        settings.on_unsigned = on_unsigned;
        settings.anchored = ".";
        settings.context = courier;
    }
    if (name_server && ip_endpoint_parse(slice_of(name_server), &forwards[0]))
        settings.forward_count = 1;
    else
        settings.forward_count = name_servers_of_system(forwards);
    if (resolver_new(courier->role.loop, &settings, &courier->relays.resolver, &error) < 0)
        role_event(NULL, WIRE_LEVEL_ERROR, 0, "courier: names cannot be looked up: %.*s",
                   SLICE_ARG(text_slice(&error)));
}

/* Without policies mail leaves as it does to domains that have none. */
static void open_policies(struct courier *courier, const struct role_start *start)
{
    struct relays *relays = &courier->relays;
    if (!relays->resolver)
        return;
    courier->https =
        https_open(courier->role.loop, relays->resolver, &courier->trust, start->policy_port);
    if (courier->https)
        relays->policies = sts_policies_new(courier->role.loop, relays->resolver, courier->https,
                                            &courier->hub, courier->policies_fd);
    if (!relays->policies)
        role_event(NULL, WIRE_LEVEL_ERROR, 0, "courier: policies of MTA-STS cannot be fetched");
}

static int open_folder(const char *data, const char *name, int *out_fd)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", data, name);
    *out_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *out_fd < 0 ? -errno : 0;
}

static int open_folders(struct courier *courier, const char *data)
{
    int result = open_folder(data, "mail", &courier->mail_fd);
    return result < 0 ? result : open_folder(data, "policies", &courier->policies_fd);
}

static int begin(struct courier *courier, const struct role_start *start,
                 const struct role_handlers *handlers)
{
    int result = role_begin(&courier->role, start, handlers);
    if (result == 0)
        result = tls_library_start();
    if (result < 0)
        return result;
    struct tls_client_settings settings = {0};
    if (tls_context_new_client(&settings, &courier->relays.tls) != TLS_CONTEXT_OK)
        return -ENOMEM;
    courier->signing.fd = -1;
    remote_key_set_signer(signing_ask, &courier->signing);
    root_store_open(&courier->trust, start->trust);
    result = open_folders(courier, start->data);
    if (result < 0)
        return result;
    open_resolver(courier, start);
    open_policies(courier, start);
    courier->report_posts = (struct report_posts){.https = courier->https, .hub = &courier->hub};
    courier->relays.trust = &courier->trust;
    courier->relays.loop = courier->role.loop;
    courier->relays.hub = &courier->hub;
    courier->hub_owner = (struct channel_owner){on_hub_message, on_hub_closed, NULL, courier};
    struct sandbox_folder folders[] = {{.fd = courier->mail_fd, .writable = true},
                                       {.fd = courier->policies_fd, .writable = true}};
    return role_confine(&courier->role, folders, COUNT_OF(folders));
}

int courier_run(const struct role_start *start)
{
    static struct courier courier;
    struct role_handlers handlers = {.peer = on_peer, .context = &courier};
    int result = begin(&courier, start, &handlers);
    if (result < 0)
        return result;
    role_ready(&courier.role);
    result = role_run(&courier.role);
    probes_end(&courier.probes);
    txt_lookups_drop(&courier.txt_lookups);
    ocsp_fetches_drop(&courier.ocsp_fetches);
    report_posts_drop(&courier.report_posts);
    filter_sockets_end(&courier.filter_sockets);
    relays_end(&courier.relays);
    sts_policies_free(courier.relays.policies);
    https_close(courier.https);
    resolver_free(courier.relays.resolver);
    relay_identities_end(&courier.relays.identities);
    tls_context_unref(courier.relays.tls);
    root_store_close(&courier.trust);
    channel_close(&courier.hub);
    close_fd(&courier.signing.fd);
    close_fd(&courier.mail_fd);
    close_fd(&courier.policies_fd);
    loop_free(courier.role.loop);
    return result;
}
