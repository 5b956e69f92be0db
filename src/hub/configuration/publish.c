/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/publish.h"

#include "hub/configuration/change.h"
#include "hub/logs.h"
#include "hub/transport/components.h"
#include "model/snapshot.h"
#include "os/clock.h"
#include "os/descriptor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_WITHIN_MS = 2000, ENDPOINT_BYTES = 18, BINDINGS_BYTES_MAX = 64 << 20 };

static void send_key(struct peer *signer, const struct certificate *certificate)
{
    struct wire_key_load message = {
        .handle = (uint64_t)certificate->key_handle,
        .id = slice_bytes(certificate->id.bytes, sizeof certificate->id.bytes),
        .sealed_key = certificate->key_sealed};
    if (channel_send(&signer->channel, WIRE_KEY_LOAD, &message, -1))
        signer->keys_awaited++;
}

/* Whether a certificate of the model has this key. Models are walked side by side: *near is where
 * it probably is. */
static bool holds_handle(const struct model *model, int64_t handle, size_t *near)
{
    size_t count = model ? model_count(model, MODEL_CERTIFICATE) : 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = (*near + i) % count;
        if (model_certificate(model, at)->key_handle != handle)
            continue;
        *near = at + 1;
        return true;
    }
    return false;
}

static void send_keys(struct hub *hub, struct peer *signer, const struct model *already)
{
    size_t near = 0;
    for (size_t i = 0; i < model_count(hub->model, MODEL_CERTIFICATE); i++) {
        const struct certificate *certificate = model_certificate(hub->model, i);
        if (certificate->key_handle && certificate->key_sealed.len &&
            !holds_handle(already, certificate->key_handle, &near))
            send_key(signer, certificate);
    }
}

/* --- keys of certificates that are no more --- */

static void keep_stale(struct hub *hub, int64_t handle)
{
    int64_t *grown = realloc(hub->stale_keys, (hub->stale_key_count + 1) * sizeof *grown);
    if (!grown) /* it stays in the signers until they end */
        return;
    hub->stale_keys = grown;
    hub->stale_keys[hub->stale_key_count++] = handle;
}

static void note_stale_keys(struct hub *hub)
{
    size_t near = 0;
    for (size_t i = 0; hub->published && i < model_count(hub->published, MODEL_CERTIFICATE); i++) {
        int64_t handle = model_certificate(hub->published, i)->key_handle;
        if (handle && !holds_handle(hub->model, handle, &near))
            keep_stale(hub, handle);
    }
}

/* A certificate that has come back needs its key again. */
static void forget_stale_keys_in_use(struct hub *hub)
{
    size_t near = 0, kept = 0;
    for (size_t i = 0; i < hub->stale_key_count; i++)
        if (!holds_handle(hub->model, hub->stale_keys[i], &near))
            hub->stale_keys[kept++] = hub->stale_keys[i];
    hub->stale_key_count = kept;
}

static void drop_key(struct hub *hub, int64_t handle)
{
    struct wire_key_drop message = {.handle = (uint64_t)handle};
    for (size_t i = 0; i < HUB_PEERS_MAX; i++)
        if (channel_alive(&hub->signers[i].channel))
            channel_send(&hub->signers[i].channel, WIRE_KEY_DROP, &message, -1);
}

/* Sessions on an older snapshot may still shake hands with them, so they go with the last one. */
void publish_edge_reported(struct hub *hub)
{
    uint64_t sessions_older;
    if (!hub->stale_key_count || !publish_complete(hub, &sessions_older) || sessions_older)
        return;
    for (size_t i = 0; i < hub->stale_key_count; i++)
        drop_key(hub, hub->stale_keys[i]);
    hub->stale_key_count = 0;
}

/* --- snapshot and bindings --- */

static void send_snapshot(struct hub *hub, struct peer *edge)
{
    struct wire_snapshot message = {.revision = hub->model->revision};
    channel_send(&edge->channel, WIRE_SNAPSHOT, &message, hub->snapshot_fd);
    channel_flush(&edge->channel); /* they work on it while we go on */
}

/* --- what the supervisor listens on --- */

static void pack(struct ip_endpoint endpoint, struct text *packed)
{
    char port[] = {(char)(endpoint.port >> 8), (char)(endpoint.port & 255)};
    text_append(packed, slice_bytes(endpoint.address.bytes, sizeof endpoint.address.bytes));
    text_append(packed, slice_bytes(port, sizeof port));
}

static int compare_packed(const void *a, const void *b)
{
    return memcmp(a, b, ENDPOINT_BYTES);
}

/* Thousands of connectors may share one endpoint: each is named once. */
static void keep_one_of_each(struct text *packed)
{
    size_t kept = 0, count = packed->len / ENDPOINT_BYTES;
    if (count)
        qsort(packed->at, count, ENDPOINT_BYTES, compare_packed);
    for (size_t i = 0; i < count; i++) {
        const char *one = packed->at + i * ENDPOINT_BYTES;
        char *last = packed->at + kept * ENDPOINT_BYTES;
        if (kept && compare_packed(one, last - ENDPOINT_BYTES) == 0)
            continue;
        memmove(last, one, ENDPOINT_BYTES);
        kept++;
    }
    packed->len = kept * ENDPOINT_BYTES;
}

static void cut_to_ceiling(struct text *packed)
{
    size_t count = packed->len / ENDPOINT_BYTES;
    if (count <= WIRE_ENDPOINTS_MAX)
        return;
    role_event(NULL, WIRE_LEVEL_ERROR, 1020,
               "event=1020 hub: %zu different bindings, and only %d can be listened on: let "
               "connectors share addresses and ports",
               count, WIRE_ENDPOINTS_MAX);
    packed->len = (size_t)WIRE_ENDPOINTS_MAX * ENDPOINT_BYTES;
}

static void send_bindings(struct hub *hub)
{
    struct text packed = text_with_ceiling(BINDINGS_BYTES_MAX);
    for (size_t c = 0; c < model_count(hub->model, MODEL_RECEIVE_CONNECTOR); c++) {
        const struct receive_connector *connector = model_receive_connector(hub->model, c);
        for (size_t b = 0; connector->enabled && b < connector->bindings.count; b++)
            pack(connector->bindings.at[b], &packed);
    }
    keep_one_of_each(&packed);
    cut_to_ceiling(&packed);
    struct wire_bindings message = {.endpoints = text_slice(&packed)};
    channel_send(&hub->role.supervisor, WIRE_BINDINGS, &message, -1);
    text_deinit(&packed);
}

static bool keys_awaited(const struct hub *hub)
{
    for (size_t i = 0; i < HUB_PEERS_MAX; i++)
        if (channel_alive(&hub->signers[i].channel) && hub->signers[i].keys_awaited)
            return true;
    return false;
}

static void show_snapshot(struct hub *hub)
{
    timer_stop(&hub->keys_limit);
    hub->keys_phase = false;
    for (size_t i = 0; i < HUB_PEERS_MAX; i++)
        if (channel_alive(&hub->edges[i].channel))
            send_snapshot(hub, &hub->edges[i]);
    send_bindings(hub);
    hub->in_force_since_ms = clock_wall_ms();
    change_edge_reported(hub);
}

static void on_keys_limit(void *context, unsigned events)
{
    (void)events;
    struct hub *hub = context;
    for (size_t i = 0; i < HUB_PEERS_MAX; i++)
        hub->signers[i].keys_awaited = 0;
    show_snapshot(hub);
}

static bool write_piece(void *context, struct slice bytes)
{
    return fd_write_all(*(int *)context, bytes) == 0;
}

static int seal_snapshot(struct hub *hub)
{
    struct snapshot before = {0};
    CLEANUP(close_fd) int fd = -1;
    int result = memory_file_new("postern-snapshot", &fd);
    if (result < 0)
        return result;
    if (hub->published && memory_file_map(hub->snapshot_fd, &before.bytes) == 0)
        before.model = hub->published;
    bool written = snapshot_write(hub->model, hub->model->revision, &before, write_piece, &fd);
    memory_file_unmap(before.bytes);
    result = written ? memory_file_seal(fd) : -ENOMEM;
    if (result < 0)
        return result;
    close_fd(&hub->snapshot_fd);
    hub->snapshot_fd = fd_take(&fd);
    return 0;
}

int publish_model(struct hub *hub)
{
    int result = seal_snapshot(hub);
    if (result < 0) {
        hub->published = NULL; /* it goes with the change */
        return result;
    }
    logs_configure(hub);
    components_look(hub);
    for (size_t i = 0; i < HUB_PEERS_MAX; i++) {
        struct peer *signer = &hub->signers[i];
        if (!channel_alive(&signer->channel))
            continue;
        send_keys(hub, signer, hub->published);
    }
    note_stale_keys(hub);
    forget_stale_keys_in_use(hub);
    hub->published = hub->model;
    if (keys_awaited(hub)) {
        hub->keys_phase = true;
        timer_set(&hub->keys_limit, KEYS_WITHIN_MS);
    } else {
        show_snapshot(hub);
    }
    return 0;
}

void publish_key_state(struct hub *hub, struct peer *signer, const struct wire_key_state *state)
{
    if (!state->usable)
        role_event(NULL, WIRE_LEVEL_ERROR, 12013,
                   "hub: the private key with handle %llu cannot be opened by the vault",
                   (unsigned long long)state->handle);
    if (signer->keys_awaited)
        signer->keys_awaited--;
    publish_peer_lost(hub);
}

void publish_to_signer(struct hub *hub, struct peer *signer)
{
    signer->keys_awaited = 0;
    if (hub->published)
        send_keys(hub, signer, NULL);
}

void publish_to_edge(struct hub *hub, struct peer *edge)
{
    edge->revision = 0;
    edge->sessions_older = 0;
    if (hub->published && !hub->keys_phase)
        send_snapshot(hub, edge);
}

void publish_peer_lost(struct hub *hub)
{
    if (hub->keys_phase && !keys_awaited(hub))
        show_snapshot(hub);
}

bool publish_complete(const struct hub *hub, uint64_t *out_sessions_older)
{
    bool complete = !hub->keys_phase;
    *out_sessions_older = 0;
    for (size_t i = 0; i < HUB_PEERS_MAX; i++) {
        if (!channel_alive(&hub->edges[i].channel))
            continue;
        complete = complete && hub->edges[i].revision >= hub->model->revision;
        *out_sessions_older += hub->edges[i].sessions_older;
    }
    return complete;
}

void publish_begin(struct hub *hub)
{
    hub->snapshot_fd = -1;
    timer_init(&hub->keys_limit, hub->role.loop, on_keys_limit, hub);
}

void publish_end(struct hub *hub)
{
    timer_stop(&hub->keys_limit);
    close_fd(&hub->snapshot_fd);
    free(hub->stale_keys);
}
