/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/importer.h"

#include "os/descriptor.h"
#include "os/socket.h"
#include "tls/import.h"
#include "tls/seal.h"
#include "vault/zygote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    ANSWER_WITHIN_MS = (ZYGOTE_CHILD_SECONDS + 3) * 1000,
};

struct file_import {
    struct file_import *next;
    struct text request; /* what of it is still to be sent */
    size_t sent;
    importer_done_fn *done;
    void *context;
};

struct importer {
    struct loop *loop;
    int fd; /* -1: no zygote */
    struct watch watch, limit;
    struct text answer;
    struct file_import *first, **last; /* the first is with the zygote */
    size_t count;
    void (*lost)(void *context);
    void *context;
};

static void import_free(struct file_import *import)
{
    seal_wipe(&import->request);
    free(import);
}

static struct file_import *take_first(struct importer *importer)
{
    struct file_import *import = importer->first;
    importer->first = import->next;
    if (!importer->first)
        importer->last = &importer->first;
    importer->count--;
    return import;
}

static void answer_first(struct importer *importer, const struct import_result *result)
{
    struct file_import *import = take_first(importer);
    import->done(import->context, result);
    import_free(import);
}

static void lose_zygote(struct importer *importer)
{
    watch_stop(&importer->watch);
    timer_stop(&importer->limit);
    close_fd(&importer->fd);
    struct import_result failed = {.outcome = IMPORT_DAMAGED,
                                   .error =
                                       SLICE("the process that reads certificate files ended")};
    while (importer->first)
        answer_first(importer, &failed);
    importer->lost(importer->context);
}

static void start_first(struct importer *importer)
{
    if (!importer->first || importer->fd < 0)
        return;
    watch_set(&importer->watch, LOOP_READ | LOOP_WRITE);
    timer_set(&importer->limit, ANSWER_WITHIN_MS);
}

static void send_request(struct importer *importer)
{
    struct file_import *import = importer->first;
    struct slice rest = slice_after(text_slice(&import->request), import->sent);
    ssize_t count = socket_send_with_fds(importer->fd, rest, NULL, 0);
    if (count == -EAGAIN || count == -EINTR)
        return;
    if (count < 0) {
        lose_zygote(importer);
        return;
    }
    import->sent += (size_t)count;
    if (import->sent == import->request.len) {
        seal_wipe(&import->request);
        import->sent = 0;
        watch_set(&importer->watch, LOOP_READ);
    }
}

static struct import_result result_of(enum zygote_fate fate, struct slice bytes)
{
    struct import_result result = {.outcome = IMPORT_DAMAGED,
                                   .error = SLICE("the file could not be read: its reader failed")};
    struct import_result read;
    if (fate == ZYGOTE_LIMIT)
        result = (struct import_result){
            .outcome = IMPORT_TOO_LARGE,
            .error = SLICE("reading the file took longer than 5 seconds (its key derivation asks "
                           "for too many rounds)")};
    else if (fate == ZYGOTE_FINISHED && import_result_take(bytes, &read))
        result = read;
    return result;
}

/* The whole answer is there once it is as long as its head says. */
static void look_at_answer(struct importer *importer)
{
    uint32_t head[2];
    struct slice bytes = text_slice(&importer->answer);
    if (bytes.len < sizeof head)
        return;
    memcpy(head, bytes.at, sizeof head);
    struct slice body = slice_after(bytes, sizeof head);
    if (head[0] >= ZYGOTE_FATES || head[1] > IMPORT_RESULT_MAX || body.len > head[1] ||
        !importer->first) {
        lose_zygote(importer);
        return;
    }
    if (body.len < head[1])
        return;
    timer_stop(&importer->limit);
    struct import_result result = result_of((enum zygote_fate)head[0], body);
    answer_first(importer, &result);
    explicit_bzero(importer->answer.at, importer->answer.len);
    text_clear(&importer->answer);
    start_first(importer);
}

static void receive_answer(struct importer *importer)
{
    char piece[16384];
    size_t fds;
    ssize_t got = socket_receive_with_fds(importer->fd, piece, sizeof piece, NULL, 0, &fds);
    if (got == -EAGAIN || got == -EINTR)
        return;
    bool good = got > 0 && text_append(&importer->answer, (struct slice){piece, (size_t)got});
    explicit_bzero(piece, sizeof piece);
    if (good)
        look_at_answer(importer);
    else
        lose_zygote(importer);
}

static void on_ready(void *context, unsigned events)
{
    struct importer *importer = context;
    if (events & LOOP_WRITE && importer->first && importer->first->request.len)
        send_request(importer);
    if (events & LOOP_READ && importer->fd >= 0)
        receive_answer(importer);
}

static void on_limit(void *context, unsigned events)
{
    (void)events;
    lose_zygote(context);
}

struct importer *importer_new(struct loop *loop, int fd, void (*lost)(void *context), void *context)
{
    struct importer *importer = calloc(1, sizeof *importer);
    if (!importer || fd_set_nonblocking(fd, true) < 0) {
        free(importer);
        close_fd(&fd);
        return NULL;
    }
    importer->loop = loop;
    importer->fd = fd;
    importer->lost = lost;
    importer->context = context;
    importer->last = &importer->first;
    importer->answer = text_with_ceiling(ZYGOTE_HEAD_BYTES + IMPORT_RESULT_MAX);
    watch_init(&importer->watch, loop, fd, on_ready, importer);
    timer_init(&importer->limit, loop, on_limit, importer);
    watch_set(&importer->watch, LOOP_READ);
    return importer;
}

void importer_free(struct importer *importer, void (*drop)(void *context))
{
    if (!importer)
        return;
    while (importer->first) {
        struct file_import *import = take_first(importer);
        drop(import->context);
        import_free(import);
    }
    watch_stop(&importer->watch);
    timer_stop(&importer->limit);
    close_fd(&importer->fd);
    seal_wipe(&importer->answer);
    free(importer);
}

static bool request_append(struct text *bytes, const struct import_request *request)
{
    const struct slice parts[ZYGOTE_PARTS] = {request->file, request->password, request->known};
    uint32_t head[ZYGOTE_PARTS];
    size_t size = sizeof head;
    for (size_t i = 0; i < ZYGOTE_PARTS; i++) {
        head[i] = (uint32_t)parts[i].len;
        size += parts[i].len;
    }
    *bytes = text_with_ceiling(size);
    bool good = text_append(bytes, slice_bytes(head, sizeof head));
    for (size_t i = 0; good && i < ZYGOTE_PARTS; i++)
        good = text_append(bytes, parts[i]);
    return good;
}

bool importer_submit(struct importer *importer, const struct import_request *request,
                     importer_done_fn *done, void *context)
{
    if (importer->fd < 0 || importer->count == IMPORTER_WAITING_MAX ||
        request->file.len > IMPORT_MAX_BYTES || request->password.len > IMPORT_PASSWORD_MAX ||
        request->known.len > ZYGOTE_KNOWN_MAX)
        return false;
    struct file_import *import = calloc(1, sizeof *import);
    if (!import)
        return false;
    *import = (struct file_import){.done = done, .context = context};
    if (!request_append(&import->request, request)) {
        import_free(import);
        return false;
    }
    *importer->last = import;
    importer->last = &import->next;
    if (importer->count++ == 0)
        start_first(importer);
    return true;
}
