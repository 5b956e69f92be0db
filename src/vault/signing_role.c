/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/signing_role.h"

#include "os/descriptor.h"
#include "os/socket.h"
#include "tls/signer.h"
#include "vault/private_key.h"
#include "wire/role.h"

#include <errno.h>
#include <string.h>

enum {
    QUESTION_HEAD = 20,
    QUESTION_MAX = QUESTION_HEAD + SIGNATURE_INPUT_MAX_BYTES,
    ANSWER_HEAD = 8,
};

/* --- the hub: keys --- */

/* Whether it opens and looks like a key is known at once; the first question for it reads it
 * (key_table). */
static bool load_key(struct signing_role *role, const struct wire_key_load *load)
{
    struct text plain = text_with_ceiling(WIRE_SECRET_MAX);
    enum seal_outcome outcome =
        private_key_unseal(role->kek, load->id, load->sealed_key, &plain, &(bool){false});
    bool good = outcome == SEAL_OK && signer_key_has_form(text_slice(&plain));
    seal_wipe(&plain);
    bool usable = good && key_table_put(&role->keys, load->handle, load->id, load->sealed_key);
    if (!usable)
        role_event(&role->hub, WIRE_LEVEL_ERROR, 0, "event=key-not-usable handle=%llu seal=%d",
                   (unsigned long long)load->handle, (int)outcome);
    return usable;
}

static void on_hub_message(void *context, struct channel *channel, const struct frame *frame,
                           int fd)
{
    struct signing_role *role = context;
    close_fd(&fd);
    if (frame->type == WIRE_KEY_LOAD) {
        const struct wire_key_load *load = &frame->message.key_load;
        struct wire_key_state state = {.handle = load->handle, .usable = load_key(role, load)};
        channel_send(channel, WIRE_KEY_STATE, &state, -1);
    } else if (frame->type == WIRE_KEY_DROP) {
        key_table_drop(&role->keys, frame->message.key_drop.handle);
    }
}

/* The keys stay: handshakes go on while the hub starts again. */
static void on_hub_closed(void *context, struct channel *channel, bool broken)
{
    (void)context, (void)channel, (void)broken;
}

/* --- the edge: questions --- */

static void detach_edge(struct signing_role *role)
{
    if (role->edge_fd >= 0)
        watch_stop(&role->edge_watch);
    close_fd(&role->edge_fd);
}

/* The answer takes the place of a refusal when there is a signature. */
static size_t answer_question(struct signing_role *role, struct slice question, char *answer)
{
    uint64_t handle;
    uint32_t scheme;
    memcpy(answer, question.at, ANSWER_HEAD);
    memcpy(&handle, question.at + 8, sizeof handle);
    memcpy(&scheme, question.at + 16, sizeof scheme);
    EVP_PKEY *key = key_table_find(&role->keys, role->kek, handle);
    size_t len = 0;
    if (!key && key_table_complains(&role->keys, handle))
        role_event(&role->hub, WIRE_LEVEL_ERROR, 0, "event=key-not-readable handle=%llu",
                   (unsigned long long)handle);
    if (!key || scheme > UINT16_MAX ||
        !signer_sign(key, (uint16_t)scheme, slice_after(question, QUESTION_HEAD),
                     (unsigned char *)answer + ANSWER_HEAD, SIGNATURE_MAX_BYTES, &len))
        len = 0;
    return ANSWER_HEAD + len;
}

/* One question a turn: the edge has no more than one out. */
static void on_question(void *context, unsigned events)
{
    (void)events;
    struct signing_role *role = context;
    char question[QUESTION_MAX + 1], answer[ANSWER_HEAD + SIGNATURE_MAX_BYTES];
    size_t fds;
    ssize_t got = socket_receive_with_fds(role->edge_fd, question, sizeof question, NULL, 0, &fds);
    if (got == -EAGAIN || got == -EINTR)
        return;
    if (got < QUESTION_HEAD) {
        if (got != 0)
            role_event(&role->hub, WIRE_LEVEL_ERROR, 0, "event=edge-broke-the-wire size=%d",
                       (int)got);
        detach_edge(role);
        return;
    }
    size_t len = answer_question(role, (struct slice){question, (size_t)got}, answer);
    ssize_t sent = socket_send_with_fds(role->edge_fd, (struct slice){answer, len}, NULL, 0);
    if (sent < 0 && sent != -EAGAIN &&
        sent != -EINTR) /* an edge that does not read waits in vain */
        detach_edge(role);
}

static void attach_edge(struct signing_role *role, int fd)
{
    detach_edge(role);
    if (fd_set_nonblocking(fd, true) < 0) {
        close_fd(&fd);
        return;
    }
    role->edge_fd = fd;
    watch_init(&role->edge_watch, role->loop, fd, on_question, role);
    watch_set(&role->edge_watch, LOOP_READ);
}

/* --- lifecycle --- */

void signing_role_begin(struct signing_role *role, struct loop *loop, const struct kek *kek)
{
    *role = (struct signing_role){.loop = loop, .kek = kek, .edge_fd = -1};
    role->hub_owner =
        (struct channel_owner){.message = on_hub_message, .closed = on_hub_closed, .context = role};
}

void signing_role_attach(struct signing_role *role, enum wire_role peer, unsigned index, int fd)
{
    if (peer == ROLE_EDGE) {
        attach_edge(role, fd);
        return;
    }
    if (peer == ROLE_HUB &&
        channel_open(&role->hub, role->loop, fd, ROLE_HUB, index, &role->hub_owner) == 0)
        return;
    close_fd(&fd);
}

void signing_role_end(struct signing_role *role)
{
    detach_edge(role);
    channel_close(&role->hub);
    key_table_deinit(&role->keys);
}
