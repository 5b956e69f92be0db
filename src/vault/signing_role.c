/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/signing_role.h"

#include "os/descriptor.h"
#include "os/socket.h"
#include "vault/private_key.h"
#include "wire/role.h"

#include <errno.h>
#include <string.h>

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

/* --- questions --- */

static void detach(struct signing_asker *asker)
{
    if (asker->fd >= 0)
        watch_stop(&asker->watch);
    close_fd(&asker->fd);
}

/* The answer takes the place of a refusal when there is a signature. */
static size_t answer_question(struct signing_asker *asker, struct slice question, char *answer)
{
    struct signing_role *role = asker->role;
    uint64_t handle;
    uint32_t scheme;
    memcpy(answer, question.at, SIGNING_ANSWER_HEAD);
    memcpy(&handle, question.at + 8, sizeof handle);
    memcpy(&scheme, question.at + 16, sizeof scheme);
    EVP_PKEY *key = key_table_find(&role->keys, role->kek, handle);
    size_t len = 0;
    if (!key && key_table_complains(&role->keys, handle))
        role_event(&role->hub, WIRE_LEVEL_ERROR, 0, "event=key-not-readable handle=%llu",
                   (unsigned long long)handle);
    if (!key || scheme > UINT16_MAX ||
        !signer_sign(key, asker->side, (uint16_t)scheme,
                     slice_after(question, SIGNING_QUESTION_HEAD),
                     (unsigned char *)answer + SIGNING_ANSWER_HEAD, SIGNATURE_MAX_BYTES, &len))
        len = 0;
    return SIGNING_ANSWER_HEAD + len;
}

/* One question a turn: nobody has more than one out. */
static void on_question(void *context, unsigned events)
{
    (void)events;
    struct signing_asker *asker = context;
    struct signing_role *role = asker->role;
    char answer[SIGNING_ANSWER_HEAD + SIGNATURE_MAX_BYTES];
    size_t fds;
    ssize_t got =
        socket_receive_with_fds(asker->fd, role->question, sizeof role->question, NULL, 0, &fds);
    if (got == -EAGAIN || got == -EINTR)
        return;
    if (got < SIGNING_QUESTION_HEAD) {
        if (got != 0)
            role_event(&role->hub, WIRE_LEVEL_ERROR, 0, "event=%s-broke-the-wire size=%d",
                       asker == &role->edge ? "edge" : "courier", (int)got);
        detach(asker);
        return;
    }
    size_t len = answer_question(asker, (struct slice){role->question, (size_t)got}, answer);
    ssize_t sent = socket_send_with_fds(asker->fd, (struct slice){answer, len}, NULL, 0);
    if (sent < 0 && sent != -EAGAIN && sent != -EINTR) /* who does not read waits in vain */
        detach(asker);
}

static void attach(struct signing_asker *asker, int fd)
{
    detach(asker);
    if (fd_set_nonblocking(fd, true) < 0) {
        close_fd(&fd);
        return;
    }
    asker->fd = fd;
    watch_init(&asker->watch, asker->role->loop, fd, on_question, asker);
    watch_set(&asker->watch, LOOP_READ);
}

/* --- lifecycle --- */

void signing_role_begin(struct signing_role *role, struct loop *loop, const struct kek *kek)
{
    memset(role, 0, sizeof *role);
    role->loop = loop;
    role->kek = kek;
    role->edge = (struct signing_asker){.role = role, .side = SIGNER_SERVER, .fd = -1};
    for (size_t i = 0; i < COUNT_OF(role->couriers); i++)
        role->couriers[i] = (struct signing_asker){.role = role, .side = SIGNER_CLIENT, .fd = -1};
    role->hub_owner =
        (struct channel_owner){.message = on_hub_message, .closed = on_hub_closed, .context = role};
}

void signing_role_attach(struct signing_role *role, enum wire_role peer, unsigned index, int fd)
{
    if (peer == ROLE_EDGE) {
        attach(&role->edge, fd);
        return;
    }
    if (peer == ROLE_COURIER && index < COUNT_OF(role->couriers)) {
        attach(&role->couriers[index], fd);
        return;
    }
    if (peer == ROLE_HUB &&
        channel_open(&role->hub, role->loop, fd, ROLE_HUB, index, &role->hub_owner) == 0)
        return;
    close_fd(&fd);
}

void signing_role_end(struct signing_role *role)
{
    detach(&role->edge);
    for (size_t i = 0; i < COUNT_OF(role->couriers); i++)
        detach(&role->couriers[i]);
    channel_close(&role->hub);
    key_table_deinit(&role->keys);
}
