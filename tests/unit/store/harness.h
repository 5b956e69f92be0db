/* SPDX-License-Identifier: Apache-2.0 */
/* harness - a store in a folder of its own, and calls that wait for their `done`. */
#ifndef TESTS_UNIT_STORE_HARNESS_H
#define TESTS_UNIT_STORE_HARNESS_H

#include "support/rows.h"

#include "base/checksum.h"
#include "store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct harness {
    char folder[64];
    struct store_options options;
    struct store *store;
};

struct answer {
    unsigned calls;
    enum store_outcome outcome;
    uint64_t number;
};

static inline void harness_remove_folder(const char *folder)
{
    DIR *stream = opendir(folder);
    const struct dirent *entry;
    char path[512];
    while (stream && (entry = readdir(stream))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_type != DT_DIR) {
            unlink(path);
            continue;
        }
        DIR *inner = opendir(path);
        const struct dirent *file;
        while (inner && (file = readdir(inner)))
            unlinkat(dirfd(inner), file->d_name, 0);
        if (inner)
            closedir(inner);
        rmdir(path);
    }
    if (stream)
        closedir(stream);
    rmdir(folder);
}

static inline void harness_folder(char folder[64])
{
    snprintf(folder, 64, "/tmp/postern-store-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static inline struct store_options harness_options(void)
{
    return (struct store_options){
        .inline_max_bytes = 1024,
        .inline_batch_max_bytes = 8192,
        .memory_body_max_bytes = 8192,
        .recent_bodies_bytes = 64 << 10,
        .segment_bytes = 64 << 10,
        .segments_kept_free = 2,
        .max_body_bytes = 256 << 10,
        .ballast_bytes = 64 << 10,
        .compaction_pause_ms = 1,
        .free_medium_bytes = 2,
        .free_high_bytes = 1,
    };
}

static inline void harness_open(struct harness *h)
{
    assert_int_equal(store_open(h->folder, &h->options, &h->store), STORE_OK);
}

static inline void harness_reopen(struct harness *h)
{
    store_close(h->store);
    h->store = NULL;
    harness_open(h);
}

static inline void harness_begin(struct harness *h)
{
    *h = (struct harness){.options = harness_options()};
    harness_folder(h->folder);
    harness_open(h);
}

static inline void harness_end(struct harness *h)
{
    store_close(h->store);
    harness_remove_folder(h->folder);
}

static inline void answer_done(void *context, enum store_outcome outcome, uint64_t number)
{
    struct answer *answer = context;
    answer->calls++;
    answer->outcome = outcome;
    answer->number = number;
}

/* Dispatches until the answer is there. */
static inline enum store_outcome harness_wait(struct harness *h, const struct answer *answer)
{
    while (answer->calls == 0) {
        struct pollfd watch = {.fd = store_event_fd(h->store), .events = POLLIN};
        assert_int_equal(poll(&watch, 1, 20000), 1);
        store_dispatch(h->store);
    }
    assert_int_equal(answer->calls, 1);
    return answer->outcome;
}

/* Bytes that depend on the seed, so that no two bodies are alike. */
static inline void harness_fill(char *bytes, size_t len, uint64_t seed)
{
    uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (size_t i = 0; i < len; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        bytes[i] = (char)('a' + (int)(x % 26));
    }
}

/* NULL when the store would not take it. */
static inline struct body *harness_body(struct store *store, size_t len, uint64_t seed)
{
    struct body *body = NULL;
    char *bytes = malloc(len + 1);
    harness_fill(bytes, len, seed);
    int result = body_begin(store, len, &body);
    for (size_t at = 0; result == STORE_OK && at < len; at += 3000)
        result = body_write(body, (struct slice){bytes + at, len - at < 3000 ? len - at : 3000});
    free(bytes);
    if (result == STORE_OK)
        return body;
    body_abandon(body);
    return NULL;
}

/* A message of `count` recipients at one destination; its body is made from its id. */
static inline int harness_submit(struct harness *h, uint64_t message, size_t len, size_t count,
                                 const char *destination, struct answer *answer)
{
    struct body *body = harness_body(h->store, len, message);
    if (!body)
        return STORE_STOPPED;
    struct envelope_recipient recipients[16];
    assert_true(count <= COUNT_OF(recipients));
    for (size_t i = 0; i < count; i++)
        recipients[i] = (struct envelope_recipient){SLICE("r@example.org"), slice_of(destination),
                                                    1000, SLICE("{\"orcpt\":1}")};
    struct envelope envelope = {
        .message = message,
        .sender = SLICE("s@example.com"),
        .envelope = SLICE("{\"ret\":\"HDRS\"}"),
        .received_at_ms = 500,
        .expires_at_ms = 90000,
        .recipients = recipients,
        .recipient_count = count,
    };
    return queue_accept(h->store, body, &envelope, answer_done, answer);
}

static inline enum store_outcome harness_accept(struct harness *h, uint64_t message, size_t len,
                                                size_t count, const char *destination)
{
    struct answer answer = {0};
    int result = harness_submit(h, message, len, count, destination, &answer);
    return result == STORE_OK ? harness_wait(h, &answer) : (enum store_outcome)result;
}

static inline enum store_outcome harness_finish(struct harness *h, uint64_t message,
                                                uint32_t recipient, enum delivery_verdict verdict,
                                                int64_t next_at_ms)
{
    struct answer answer = {0};
    struct delivery_outcome outcome = {message, recipient, verdict, next_at_ms,
                                       SLICE("451 4.7.1 later")};
    assert_int_equal(queue_finish(h->store, &outcome, 1, answer_done, &answer), STORE_OK);
    return harness_wait(h, &answer);
}

/* STORE_OK when the body is lent and is what harness_body made. */
static inline int harness_check_body(struct store *store, uint64_t message, size_t len)
{
    struct body_loan loan;
    int result = body_lend(store, message, &loan);
    if (result != STORE_OK)
        return result;
    char *expected = malloc(len + 1);
    char *seen = malloc(len + 1);
    harness_fill(expected, len, message);
    bool same = loan.length == len &&
                pread(loan.fd, seen, len, (off_t)loan.offset) == (ssize_t)len &&
                memcmp(seen, expected, len) == 0 &&
                checksum_crc32c(0, (struct slice){seen, len}) == loan.checksum;
    free(expected);
    free(seen);
    body_loan_return(store, &loan);
    return same ? STORE_OK : STORE_DAMAGED;
}

struct count {
    size_t items;
    uint64_t last_message;
    uint32_t last_recipient;
    uint32_t attempts;
    int64_t next_at_ms;
    bool owned, suspended, destination_suspended, damaged;
    size_t stop_after; /* 0: never */
};

static inline bool count_item(void *context, const struct queue_item *item)
{
    struct count *count = context;
    count->items++;
    count->last_message = item->message;
    count->last_recipient = item->recipient;
    count->attempts = item->attempts;
    count->next_at_ms = item->next_at_ms;
    count->owned = item->owned;
    count->suspended = item->message_suspended;
    count->destination_suspended = item->destination_suspended;
    count->damaged = item->damaged;
    return count->items != count->stop_after;
}

static inline struct count harness_list(struct harness *h, struct queue_filter filter)
{
    struct count count = {0};
    assert_int_equal(queue_list(h->store, &filter, count_item, &count), STORE_OK);
    return count;
}

static inline struct count harness_claim(struct harness *h, int64_t now_ms, size_t limit)
{
    struct count count = {0};
    struct queue_claim claim = {.now_ms = now_ms, .limit = limit};
    assert_int_equal(queue_claim(h->store, &claim, count_item, &count), STORE_OK);
    return count;
}

#endif
