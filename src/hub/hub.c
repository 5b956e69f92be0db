/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/hub.h"
#include "hub/deliveries.h"

#include "hub/address_book.h"
#include "hub/certificate_events.h"
#include "hub/certificate_judgement.h"
#include "hub/change.h"
#include "hub/control.h"
#include "hub/events.h"
#include "hub/filter_sockets.h"
#include "hub/first_start.h"
#include "hub/hops.h"
#include "hub/intake.h"
#include "hub/logs.h"
#include "hub/mailbox_transport.h"
#include "hub/presentation.h"
#include "hub/pressure.h"
#include "hub/probe.h"
#include "hub/protocol_rows.h"
#include "hub/publish.h"
#include "hub/record.h"
#include "hub/reroute.h"
#include "hub/routes.h"
#include "hub/scheduler.h"
#include "hub/session_logging.h"
#include "hub/sessions.h"
#include "hub/sounding.h"
#include "hub/tls_reports.h"
#include "hub/txt_lookup.h"
#include "hub/vault_wire.h"
#include "model/send_as.h"
#include "os/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct peer *peer_of(struct channel *channel)
{
    return (struct peer *)(void *)((char *)channel - offsetof(struct peer, channel));
}

/* --- ready --- */

static bool signers_have_keys(const struct hub *hub)
{
    for (size_t i = 0; i < HUB_PEERS_MAX; i++)
        if (channel_alive(&hub->signers[i].channel) && hub->signers[i].keys_awaited)
            return false;
    return channel_alive(&hub->signers[0].channel);
}

/* Ready once: the model is in force on the edges, keys are in place, the supervisor has tried every
 * binding. */
static void look_whether_ready(struct hub *hub)
{
    uint64_t sessions_older;
    if (hub->ready || hub->first_start || !hub->published || !hub->bindings_tried ||
        !channel_alive(&hub->edges[0].channel) || !signers_have_keys(hub) ||
        !publish_complete(hub, &sessions_older))
        return;
    hub->ready = true;
    role_ready(&hub->role);
    certificate_judgement_begin(hub);
}

static void start_serving(struct hub *hub)
{
    if (!channel_alive(&hub->checker.channel) || hub->published)
        return;
    if (!hub->model) {
        if (!hub->first_start) {
            hub->first_start = true;
            first_start_run(hub);
        }
    } else if (publish_model(hub) < 0) {
        loop_stop(hub->role.loop);
    }
}

/* --- frames --- */

/* A process that does not keep to the table of messages is ended; the supervisor starts it anew. */
static void end_peer(struct hub *hub, const struct channel *channel, const char *why)
{
    struct wire_peer peer = {.role = channel->peer, .index = channel->index};
    role_event(NULL, WIRE_LEVEL_ERROR, 0, "hub: %s %u %s and is ended",
               wire_role_names[channel->peer], channel->index, why);
    channel_send(&hub->role.supervisor, WIRE_END_PEER, &peer, -1);
}

static void edge_lost(struct hub *hub, struct peer *edge)
{
    intake_edge_lost(hub, edge);
    sessions_edge_lost(hub, edge);
}

/* False: it makes no sense here. */
static bool take_edge_frame(struct hub *hub, struct peer *edge, const struct frame *frame)
{
    if (frame->type == WIRE_PROTOCOL_ROW)
        return protocol_rows_take(hub, edge, &frame->message.protocol_row);
    if (frame->type == WIRE_SESSION_STATE || frame->type == WIRE_SESSIONS_ANSWERED)
        return sessions_frame(hub, edge, frame);
    if (frame->type == WIRE_FILTER_QUESTION)
        return filter_sockets_question(hub, edge, &frame->message.filter_question);
    return intake_frame(hub, edge, frame);
}

static void on_edge_message(void *context, struct channel *channel, const struct frame *frame,
                            int fd)
{
    (void)fd;
    struct hub *hub = context;
    struct peer *edge = peer_of(channel);
    if (frame->type == WIRE_SNAPSHOT_IN_FORCE) {
        edge->revision = frame->message.snapshot_in_force.revision;
        edge->sessions_older = frame->message.snapshot_in_force.sessions_older;
        change_edge_reported(hub);
        publish_edge_reported(hub);
        look_whether_ready(hub);
    } else if (frame->type == WIRE_EVENT) {
        events_relay(hub, peer_of(channel), &frame->message.event);
    } else if (!take_edge_frame(hub, edge, frame)) {
        end_peer(hub, channel, "sent a frame out of order");
        channel_close(channel);
        edge_lost(hub, edge);
    }
}

static void on_edge_closed(void *context, struct channel *channel, bool broken)
{
    struct hub *hub = context;
    if (broken)
        end_peer(hub, channel, "broke a frame");
    edge_lost(hub, peer_of(channel));
    change_edge_reported(hub);
}

_Static_assert((int)SEND_AS_ADDRESSES_MAX <= (int)WIRE_BODY_MAX,
               "the addresses of an account fit a frame");

static void answer_account(struct hub *hub, const struct wire_account_question *question)
{
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX), key_name = text_with_ceiling(256);
    struct text addresses = text_with_ceiling(SEND_AS_ADDRESSES_MAX);
    struct wire_account_answer answer = {.request = question->request};
    const struct mailbox *mailbox =
        hub->model ? mailbox_of_login(hub->model, question->name) : NULL;
    if (mailbox && mailbox->enabled &&
        config_secret_get(hub->store, SLICE("account"), mailbox->id, &sealed, &key_name) ==
            STORE_OK) {
        answer.found = 1;
        answer.id = slice_bytes(mailbox->id.bytes, 16);
        answer.name = mailbox->name;
        answer.sealed_verifier = text_slice(&sealed);
        if (!send_as_append_addresses(hub->model, mailbox, &addresses))
            role_event(NULL, WIRE_LEVEL_WARNING, 0,
                       "hub: %.*s may write as more addresses than a session can know (%d bytes); "
                       "what does not fit is refused. Give it "
                       "ms-Exch-SMTP-Accept-Any-Sender on its connector instead",
                       SLICE_ARG(mailbox->name), SEND_AS_ADDRESSES_MAX);
        answer.addresses = text_slice(&addresses);
    }
    channel_send(&hub->checker.channel, WIRE_ACCOUNT_ANSWER, &answer, -1);
    text_deinit(&sealed);
    text_deinit(&key_name);
    text_deinit(&addresses);
}

static void on_checker_message(void *context, struct channel *channel, const struct frame *frame,
                               int fd)
{
    (void)fd;
    struct hub *hub = context;
    if (frame->type == WIRE_ACCOUNT_QUESTION)
        answer_account(hub, &frame->message.account_question);
    else if (frame->type == WIRE_VERIFIER_MADE)
        vault_link_verifier_made(hub, &frame->message.verifier_made);
    else if (frame->type == WIRE_CREDENTIAL_OPENED)
        vault_link_credential_opened(hub, &frame->message.credential_opened);
    else if (frame->type == WIRE_CERTIFICATE_READ)
        vault_link_certificate_read(hub, &frame->message.certificate_read);
    else if (frame->type == WIRE_CERTIFICATE_EXPORTED)
        vault_link_certificate_exported(hub, &frame->message.certificate_exported);
    else if (frame->type == WIRE_DKIM_MADE)
        vault_link_mail_keys_made(hub, &frame->message.dkim_made);
    else if (frame->type == WIRE_DKIM_SIGNED)
        vault_link_mail_signed(hub, &frame->message.dkim_signed);
    else if (frame->type == WIRE_SECRET_CHECKED)
        vault_link_secret_checked(hub, &frame->message.secret_checked);
    else if (frame->type == WIRE_EVENT)
        events_relay(hub, peer_of(channel), &frame->message.event);
}

static void on_checker_closed(void *context, struct channel *channel, bool broken)
{
    (void)channel, (void)broken;
    vault_link_lost(context);
}

static void on_signer_message(void *context, struct channel *channel, const struct frame *frame,
                              int fd)
{
    (void)fd;
    if (frame->type == WIRE_KEY_STATE) {
        publish_key_state(context, peer_of(channel), &frame->message.key_state);
        look_whether_ready(context);
    } else if (frame->type == WIRE_EVENT) {
        events_relay(context, peer_of(channel), &frame->message.event);
    }
}

static void on_signer_closed(void *context, struct channel *channel, bool broken)
{
    (void)broken;
    peer_of(channel)->keys_awaited = 0;
    publish_peer_lost(context);
}

/* Rows of the logs of sending. */
static void take_courier_row(struct hub *hub, struct channel *channel, const struct frame *frame)
{
    struct peer *courier = peer_of(channel);
    bool good = frame->type == WIRE_PROTOCOL_ROW
                    ? protocol_rows_take(hub, courier, &frame->message.protocol_row)
                    : connectivity_rows_take(hub, courier, &frame->message.connectivity_row);
    if (good)
        return;
    end_peer(hub, channel, "sent a row of no kind");
    channel_close(channel);
    scheduler_courier_lost(hub, courier);
}

static void on_courier_message(void *context, struct channel *channel, const struct frame *frame,
                               int fd)
{
    if (frame->type == WIRE_FILTER_CONNECTED || frame->type == WIRE_FILTER_UNREACHABLE)
        filter_sockets_answer(context, frame, fd);
    else if (frame->type == WIRE_DELIVERED)
        deliveries_done(context, peer_of(channel), &frame->message.delivered);
    else if (frame->type == WIRE_RELAY_WANTS || frame->type == WIRE_RELAY_OUTCOME ||
             frame->type == WIRE_RELAY_ENDED || frame->type == WIRE_RELAY_AUTHOR ||
             frame->type == WIRE_RELAY_DIGESTS || frame->type == WIRE_RELAY_SEEN)
        scheduler_relayed(context, peer_of(channel), frame);
    else if (frame->type == WIRE_TLS_RESULT)
        tls_reports_take(context, &frame->message.tls_result);
    else if (frame->type == WIRE_PROTOCOL_ROW || frame->type == WIRE_CONNECTIVITY_ROW)
        take_courier_row(context, channel, frame);
    else if (frame->type == WIRE_PROBED)
        probe_answered(context, &frame->message.probed);
    else if (frame->type == WIRE_TXT_ANSWER)
        txt_lookup_answered(context, &frame->message.txt_answer);
    else if (frame->type == WIRE_EVENT)
        events_relay(context, peer_of(channel), &frame->message.event);
}

static void on_courier_closed(void *context, struct channel *channel, bool broken)
{
    if (broken)
        end_peer(context, channel, "broke a frame");
    scheduler_courier_lost(context, peer_of(channel));
}

/* --- the supervisor --- */

static void attach(struct hub *hub, struct peer *peer, const struct channel_owner *owner,
                   enum wire_role role, unsigned index, int fd)
{
    peer->hub = hub;
    if (channel_open(&peer->channel, hub->role.loop, fd, role, index, owner) < 0)
        close_fd(&fd);
}

static void on_peer(void *context, enum wire_role role, unsigned index, int fd)
{
    struct hub *hub = context;
    if (index >= HUB_PEERS_MAX) {
        close_fd(&fd);
    } else if (role == ROLE_EDGE) {
        attach(hub, &hub->edges[index], &hub->edge_owner, role, index, fd);
        publish_to_edge(hub, &hub->edges[index]);
        session_logging_tell(hub, &hub->edges[index]);
        pressure_tell(hub, &hub->edges[index]);
    } else if (role == ROLE_SIGNER) {
        attach(hub, &hub->signers[index], &hub->signer_owner, role, index, fd);
        publish_to_signer(hub, &hub->signers[index]);
    } else if (role == ROLE_COURIER) {
        attach(hub, &hub->couriers[index], &hub->courier_owner, role, index, fd);
        scheduler_courier_ready(hub);
    } else if (role == ROLE_CHECKER) {
        attach(hub, &hub->checker, &hub->checker_owner, role, index, fd);
        start_serving(hub);
        if (hub->ready)
            certificate_judgement_begin(hub);
    } else {
        close_fd(&fd);
    }
}

static void note_binding(struct hub *hub, const struct wire_binding_state *state)
{
    struct ip_endpoint endpoint = {.address = state->address, .port = (uint16_t)state->port};
    size_t i = 0;
    while (i < hub->binding_count && !ip_endpoint_equal(hub->bindings[i].endpoint, endpoint))
        i++;
    if (i == hub->binding_count) {
        struct binding *grown = realloc(hub->bindings, (i + 1) * sizeof *grown);
        if (!grown)
            return;
        hub->bindings = grown;
        hub->bindings[hub->binding_count++] = (struct binding){.endpoint = endpoint};
    }
    hub->bindings[i].error = (int)state->error;
    hub->bindings_tried = true;
    if (state->error) {
        char storage[64];
        struct text written = text_over(storage, sizeof storage);
        ip_endpoint_append(&written, endpoint);
        role_event(NULL, WIRE_LEVEL_ERROR, 0, "hub: cannot listen on %.*s: %s",
                   SLICE_ARG(text_slice(&written)), strerror((int)state->error));
    }
}

static void on_supervisor_message(void *context, const struct frame *frame, int fd)
{
    struct hub *hub = context;
    if (frame->type == WIRE_CONTROL) {
        if (hub->control || control_open(hub, fd) < 0)
            close_fd(&fd);
    } else if (frame->type == WIRE_BINDING_STATE) {
        note_binding(hub, &frame->message.binding_state);
        look_whether_ready(hub);
    } else if (frame->type == WIRE_EVENT) { /* it has printed it itself */
        logs_event(hub, &frame->message.event, SLICE("supervisor"));
    }
}

static void on_drain(void *context)
{
    struct hub *hub = context;
    hub->draining = true;
    loop_stop(hub->role.loop);
}

/* --- the store --- */

static void on_store_event(void *context, unsigned events)
{
    (void)events;
    struct hub *hub = context;
    store_dispatch(hub->store);
}

struct loading {
    struct model *model;
    struct text error;
    bool failed;
};

static bool on_record(void *context, const struct config_object *object)
{
    struct loading *loading = context;
    enum model_kind kind;
    if (!model_kind_of_noun(object->kind, &kind))
        return true; /* of a later release: left alone */
    loading->failed = !record_read(loading->model, kind, object->id, object->version, object->body,
                                   &loading->error);
    if (loading->failed)
        text_append_format(&loading->error, " (%.*s %.*s)", SLICE_ARG(object->kind),
                           SLICE_ARG(object->name));
    return !loading->failed;
}

/* No model is left when the store is empty: that is the first start. */
static int load_model(struct hub *hub)
{
    struct loading loading = {.model = model_new(), .error = text_with_ceiling(4096)};
    int result =
        loading.model ? config_list(hub->store, (struct slice){0}, on_record, &loading) : -ENOMEM;
    if (result == STORE_OK && loading.failed)
        result = -EINVAL;
    if (loading.failed)
        role_event(NULL, WIRE_LEVEL_ERROR, 1003, "hub: the configuration cannot be read: %.*s",
                   SLICE_ARG(text_slice(&loading.error)));
    text_deinit(&loading.error);
    if (result == STORE_OK && model_server(loading.model)) {
        hub->model = loading.model;
        record_sort(hub->model);
        reroute_model_changed(hub, NULL);
        return config_sequence(hub->store, &hub->model->revision);
    }
    model_free(loading.model);
    return result;
}

static int open_store(struct hub *hub, const char *folder)
{
    struct store_options options = {0};
    const char *ballast = getenv("POSTERN_BALLAST_MIB");
    const char *recipients = getenv("POSTERN_RECIPIENTS_MEDIUM_HIGH"); /* of tests: "3,6" */
    char *high;
    if (ballast)
        options.ballast_bytes = strtoull(ballast, NULL, 10) << 20;
    if (recipients) {
        options.recipients_medium = strtoull(recipients, &high, 10);
        options.recipients_high = *high == ',' ? strtoull(high + 1, NULL, 10) : 0;
        options.calm_ms = 1000;
    }
    int result = store_open(folder, &options, &hub->store);
    if (result < 0)
        return result;
    watch_init(&hub->store_watch, hub->role.loop, store_event_fd(hub->store), on_store_event, hub);
    watch_set(&hub->store_watch, LOOP_READ);
    return 0;
}

/* --- life --- */

/* The store and the logs are all the hub can reach of the file system. The store names its files by
 * path; *store is where it lies when this is done. */
static int confine(struct hub *hub, const char **store, const char *logs, int *out_logs_fd)
{
    CLEANUP(close_fd) int store_fd = open(*store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP(close_fd) int logs_fd = open(logs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store_fd < 0 || logs_fd < 0)
        return -errno;
    int result = 0;
    if (hub->role.start->drop_privileges) { /* the user we become may not walk the way there */
        result = folder_become_root(store_fd);
        *store = "/";
    }
    struct sandbox_folder writable[] = {{.fd = store_fd, .writable = true},
                                        {.fd = logs_fd, .writable = true}};
    if (result == 0)
        result = role_confine(&hub->role, writable, COUNT_OF(writable));
    *out_logs_fd = result < 0 ? -1 : fd_take(&logs_fd);
    return result;
}

static int begin(struct hub *hub, const struct role_start *start,
                 const struct role_handlers *handlers)
{
    char store_folder[PATH_MAX], logs_folder[PATH_MAX];
    const char *store = store_folder;
    int logs_fd = -1;
    snprintf(store_folder, sizeof store_folder, "%s/store", start->data);
    snprintf(logs_folder, sizeof logs_folder, "%s/logs", start->data);
    int result = role_begin(&hub->role, start, handlers);
    if (result < 0)
        return result;
    publish_begin(hub);
    events_begin(hub);
    /* message bodies come and go: giving each back to the kernel costs more than all the rest of
     * their way */
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    hub->edge_owner = (struct channel_owner){on_edge_message, on_edge_closed, NULL, hub};
    hub->checker_owner = (struct channel_owner){on_checker_message, on_checker_closed, NULL, hub};
    hub->signer_owner = (struct channel_owner){on_signer_message, on_signer_closed, NULL, hub};
    hub->courier_owner = (struct channel_owner){on_courier_message, on_courier_closed, NULL, hub};
    result = confine(hub, &store, logs_folder, &logs_fd);
    if (result == 0)
        result = logs_begin(hub, logs_fd);
    if (result == 0)
        certificate_events_begin(hub);
    if (result == 0)
        result = open_store(hub, store);
    if (result == 0)
        result = changes_begin(hub);
    if (result == 0)
        result = intake_begin(hub);
    if (result == 0)
        result = hops_begin(hub);
    if (result == 0)
        result = mailbox_transport_begin(hub);
    if (result == 0)
        result = tls_reports_begin(hub);
    if (result == 0)
        result = scheduler_begin(hub);
    if (result == 0)
        result = reroute_begin(hub);
    if (result == 0)
        result = vault_link_begin(hub) ? 0 : -ENOMEM;
    return result == 0 ? load_model(hub) : result;
}

/* The store goes first: what it still writes is answered, and the answers find everything in its
 * place. Then those who ask, and last what they ask. */
static void end(struct hub *hub)
{
    watch_stop(&hub->store_watch);
    store_close(hub->store);
    vault_link_end(hub);
    txt_lookups_end(hub);
    sessions_end(hub);
    control_close(hub);
    probings_end(hub);
    soundings_end(hub);
    changes_end(hub);
    certificate_judgement_end(hub);
    reroute_end(hub);
    scheduler_end(hub);
    hops_end(hub);
    mailbox_transport_end(hub);
    tls_reports_end(hub);
    intake_end(hub);
    publish_end(hub);
    certificate_events_end(hub);
    address_book_forget(hub);
    presentation_forget(hub);
    routes_forget(hub);
    model_free(hub->model);
    for (size_t i = 0; i < HUB_PEERS_MAX; i++) {
        channel_close(&hub->edges[i].channel);
        channel_close(&hub->signers[i].channel);
        channel_close(&hub->couriers[i].channel);
    }
    channel_close(&hub->checker.channel);
    free(hub->bindings);
    events_end(hub);
    logs_end(hub);
}

int hub_run(const struct role_start *start)
{
    static struct hub hub;
    struct role_handlers handlers = {
        .peer = on_peer, .message = on_supervisor_message, .drain = on_drain, .context = &hub};
    int result = begin(&hub, start, &handlers);
    if (result != 0) {
        logs_end(&hub); /* why it did not begin is an event, too */
        return result < 0 ? result : -EIO;
    }
    result = role_run(&hub.role);
    end(&hub);
    loop_free(hub.role.loop);
    return result;
}
