/* SPDX-License-Identifier: Apache-2.0 */
/* Fills the queue of a server that has been started once and stopped: messages of one recipient
 * each, spread over many domains of one send connector, all tried once and due again much later.
 */
#include "base/number.h"
#include "base/object_id.h"
#include "hub/transport/envelope.h"
#include "os/clock.h"
#include "store/store.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    WINDOW = 4096, /* messages handed in before the answers are waited for */
    PATH_BYTES = 4096,
    TEXT_BYTES = 512,
    ANSWER_WITHIN_MS = 120000,
    MESSAGES_MAX = 100000000,
};

static const int64_t day_ms = 86400000;

struct filling {
    struct store *store;
    struct slice connector;
    uint64_t messages, destinations, done;
    size_t open; /* answers that are still to come */
    uint64_t ids[WINDOW];
};

static _Noreturn void give_up(const char *what, const char *why)
{
    fprintf(stderr, "bench-queue: %s: %s\n", what, why);
    exit(1);
}

static void on_done(void *context, enum store_outcome outcome, uint64_t number)
{
    (void)number;
    struct filling *filling = context;
    if (outcome != STORE_OK)
        give_up("store", store_outcome_name(outcome));
    filling->open--;
}

static void wait_for_answers(struct filling *filling)
{
    struct pollfd event = {.fd = store_event_fd(filling->store), .events = POLLIN};
    while (filling->open > 0) {
        if (poll(&event, 1, ANSWER_WITHIN_MS) <= 0)
            give_up("store", "no answer in time");
        store_dispatch(filling->store);
    }
}

static struct body *body_of(struct filling *filling, uint64_t number)
{
    struct body *body;
    char storage[TEXT_BYTES];
    struct text text = text_over(storage, sizeof storage);
    text_append_format(&text, "Subject: Message %llu\r\n\r\nIt waits with many others.\r\n",
                       (unsigned long long)number);
    if (body_begin(filling->store, 0, &body) != STORE_OK ||
        body_write(body, text_slice(&text)) != STORE_OK)
        give_up("store", "it takes no body");
    return body;
}

static void add(struct filling *filling, uint64_t number, uint64_t *out_id)
{
    char envelope_bytes[TEXT_BYTES], key_bytes[TEXT_BYTES], words[4][64];
    uint64_t domain = number % filling->destinations;
    struct text envelope = text_over(envelope_bytes, sizeof envelope_bytes);
    struct text key = text_over(key_bytes, sizeof key_bytes);
    snprintf(words[0], sizeof words[0], "<%llu@bench.example>", (unsigned long long)number);
    snprintf(words[1], sizeof words[1], "Message %llu", (unsigned long long)number);
    snprintf(words[2], sizeof words[2], "sender%llu@bench.example",
             (unsigned long long)number % 1000);
    snprintf(words[3], sizeof words[3], "user%llu@d%llu.example", (unsigned long long)number,
             (unsigned long long)domain);
    envelope_append(&envelope, "message-id", slice_of(words[0]));
    envelope_append(&envelope, "subject", slice_of(words[1]));
    envelope_append(&envelope, "connector", SLICE("Default Frontend bench"));
    envelope_append(&envelope, "client", SLICE("127.0.0.1"));
    text_append_format(&key, "dns:%.*s:d%llu.example", SLICE_ARG(filling->connector),
                       (unsigned long long)domain);
    struct envelope_recipient recipient = {.address = slice_of(words[3]),
                                           .destination = text_slice(&key),
                                           .next_at_ms = clock_wall_ms() + day_ms};
    *out_id = store_message_id(filling->store, clock_wall_ms());
    struct envelope what = {.message = *out_id,
                            .sender = slice_of(words[2]),
                            .envelope = text_slice(&envelope),
                            .received_at_ms = clock_wall_ms(),
                            .expires_at_ms = clock_wall_ms() + 2 * day_ms,
                            .recipients = &recipient,
                            .recipient_count = 1};
    if (queue_accept(filling->store, body_of(filling, number), &what, on_done, filling) != STORE_OK)
        give_up("store", "it takes no message");
    filling->open++;
}

/* Each as if one attempt had failed. */
static void put_off(struct filling *filling, size_t count)
{
    static struct delivery_outcome outcomes[WINDOW];
    for (size_t i = 0; i < count; i++)
        outcomes[i] = (struct delivery_outcome){
            .message = filling->ids[i],
            .verdict = DELIVERY_DEFERRED,
            .next_at_ms = clock_wall_ms() + day_ms + (int64_t)i,
            .last_error = SLICE("451 4.4.1 no host of the domain can be reached")};
    if (queue_finish(filling->store, outcomes, count, on_done, filling) != STORE_OK)
        give_up("store", "it takes no outcome");
    filling->open++;
    wait_for_answers(filling);
}

static void fill(struct filling *filling)
{
    while (filling->done < filling->messages) {
        uint64_t left = filling->messages - filling->done;
        size_t count = left < WINDOW ? (size_t)left : WINDOW;
        for (size_t i = 0; i < count; i++)
            add(filling, filling->done + i, &filling->ids[i]);
        wait_for_answers(filling);
        put_off(filling, count);
        filling->done += count;
    }
}

/* The store belongs to the user the server runs as, and lets nobody else in. */
static struct store *open_store(const char *data)
{
    char folder[PATH_BYTES];
    struct stat facts;
    struct store *store;
    struct store_options options = {.ballast_bytes = 16 << 20};
    snprintf(folder, sizeof folder, "%s/store", data);
    if (stat(folder, &facts) < 0 || setegid(facts.st_gid) < 0 || seteuid(facts.st_uid) < 0)
        give_up(data, "has no store; start the server there once");
    if (store_open(folder, &options, &store) < 0)
        give_up(folder, "cannot be opened; is the server stopped?");
    return store;
}

int main(int argc, char **argv)
{
    struct filling filling = {0};
    if (argc != 5 || !number_parse_u64(slice_of(argv[2]), MESSAGES_MAX, &filling.messages) ||
        !number_parse_u64(slice_of(argv[3]), MESSAGES_MAX, &filling.destinations) ||
        filling.destinations == 0) {
        fputs("usage: bench-queue DATA MESSAGES DESTINATIONS SEND-CONNECTOR-ID\n", stderr);
        return 2;
    }
    filling.connector = slice_of(argv[4]);
    filling.store = open_store(argv[1]);
    fill(&filling);
    store_close(filling.store);
    return 0;
}
