/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/hub.h"

#include "hub/certificates/events.h"
#include "hub/certificates/judgement.h"
#include "hub/certificates/presentation.h"
#include "hub/certificates/probe.h"
#include "hub/certificates/responders.h"
#include "hub/configuration/change.h"
#include "hub/configuration/publish.h"
#include "hub/control.h"
#include "hub/events.h"
#include "hub/logs.h"
#include "hub/peers.h"
#include "hub/sessions.h"
#include "hub/start.h"
#include "hub/transport/address_book.h"
#include "hub/transport/hops.h"
#include "hub/transport/intake.h"
#include "hub/transport/mailbox_transport.h"
#include "hub/transport/pressure.h"
#include "hub/transport/queue_clock.h"
#include "hub/transport/reroute.h"
#include "hub/transport/routes.h"
#include "hub/transport/scheduler.h"
#include "hub/transport/sounding.h"
#include "hub/transport/tidings.h"
#include "hub/transport/tls_reports.h"
#include "hub/transport/txt_lookup.h"
#include "hub/vault_wire.h"
#include "os/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- the supervisor --- */

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
        start_look_whether_ready(hub);
    } else if (frame->type == WIRE_PEER_ENDED) {
        peers_ended(hub, &frame->message.peer_ended);
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
    peers_begin(hub);
    queue_clock_find_boot(hub);
    result = confine(hub, &store, logs_folder, &logs_fd);
    if (result == 0)
        result = logs_begin(hub, logs_fd);
    if (result == 0)
        queue_clock_begin(hub);
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
        result = tidings_begin(hub);
    if (result == 0)
        result = scheduler_begin(hub);
    if (result == 0)
        result = reroute_begin(hub);
    if (result == 0)
        result = responders_begin(hub);
    if (result == 0)
        result = vault_link_begin(hub) ? 0 : -ENOMEM;
    return result == 0 ? start_load_model(hub) : result;
}

/* The logs settle, since outcomes may wait for them. The store goes next: what it still writes is
 * answered, and the answers find everything in its place. Then those who ask, and last what they
 * ask. */
static void end(struct hub *hub)
{
    watch_stop(&hub->store_watch);
    logs_settle(hub);
    control_drop_files(hub);
    store_close(hub->store);
    hub->store = NULL;
    vault_link_end(hub);
    txt_lookups_end(hub);
    sessions_end(hub);
    control_close(hub);
    probings_end(hub);
    soundings_end(hub);
    changes_end(hub);
    certificate_judgement_end(hub);
    responders_end(hub);
    reroute_end(hub);
    scheduler_end(hub);
    tidings_end(hub);
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
    for (size_t i = 0; i < WIRE_ISOLATORS; i++)
        channel_close(&hub->isolators[i].channel);
    channel_close(&hub->checker.channel);
    free(hub->bindings);
    events_end(hub);
    logs_end(hub);
}

int hub_run(const struct role_start *start)
{
    static struct hub hub;
    struct role_handlers handlers = {
        .peer = peers_attach, .message = on_supervisor_message, .drain = on_drain, .context = &hub};
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
