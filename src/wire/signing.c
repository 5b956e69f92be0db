/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/signing.h"

#include "os/clock.h"
#include "os/descriptor.h"
#include "os/socket.h"

#include <errno.h>
#include <string.h>

enum { ANSWER_MAX = SIGNING_ANSWER_HEAD + SIGNATURE_MAX_BYTES };

void signing_attach(struct signing *signing, int fd)
{
    close_fd(&signing->fd);
    signing->fd = fd;
    socket_set_timeout(fd, SIGNING_DEADLINE_MS);
}

static bool send_question(struct signing *signing, uint64_t handle, uint32_t scheme,
                          struct slice to_be_signed)
{
    char *question = signing->question;
    if (to_be_signed.len > SIGNATURE_INPUT_MAX_BYTES)
        return false;
    signing->number++;
    memcpy(question, &signing->number, 8);
    memcpy(question + 8, &handle, 8);
    memcpy(question + 16, &scheme, 4);
    memcpy(question + SIGNING_QUESTION_HEAD, to_be_signed.at, to_be_signed.len);
    struct slice bytes = {question, SIGNING_QUESTION_HEAD + to_be_signed.len};
    return socket_send_with_fds(signing->fd, bytes, NULL, 0) == (ssize_t)bytes.len;
}

bool signing_ask(void *context, uint64_t handle, uint32_t scheme, struct slice to_be_signed,
                 unsigned char *out, size_t capacity, size_t *out_len)
{
    struct signing *signing = context;
    if (signing->fd < 0 || !send_question(signing, handle, scheme, to_be_signed))
        return false;
    uint64_t deadline = clock_monotonic_ms() + SIGNING_DEADLINE_MS;
    while (clock_monotonic_ms() <= deadline) {
        char answer[ANSWER_MAX];
        size_t fds;
        ssize_t got = socket_receive_with_fds(signing->fd, answer, sizeof answer, NULL, 0, &fds);
        if (got == -EINTR)
            continue;
        if (got < SIGNING_ANSWER_HEAD)
            return false;
        uint64_t number;
        memcpy(&number, answer, sizeof number);
        if (number != signing->number)
            continue;
        size_t len = (size_t)got - SIGNING_ANSWER_HEAD;
        if (len == 0 || len > capacity)
            return false;
        memcpy(out, answer + SIGNING_ANSWER_HEAD, len);
        *out_len = len;
        return true;
    }
    return false;
}
