/* SPDX-License-Identifier: Apache-2.0 */
/* The power is cut at every sync: nothing answered may be lost, nothing may be half there.
 *
 * A store works through a mix of short, middle and long messages, deliveries and configuration
 * while every change of its disk is recorded. For each sync, several disks are made that a power
 * cut right before or after it may leave; each is opened and compared with what had been answered
 * by then. The next round begins on one of these disks, so that recovery itself is cut as well.
 */
#include "unit/store/power_model.h"

enum {
    ROUNDS = 3,
    MESSAGES_PER_ROUND = 90,
    MESSAGES_MAX = ROUNDS * MESSAGES_PER_ROUND,
    IN_FLIGHT = 12,
    IMAGES_PER_ROUND = 150,
};

enum mark { MARK_ACCEPTED, MARK_FINISH_BEGUN, MARK_FINISHED, MARK_CONFIG };

struct promise {
    size_t len, recipients;
    bool submitted, accepted, finish_begun, finished;
};

struct round {
    struct harness h;
    struct record record;
    uint64_t seed;
    uint64_t first, last; /* message ids of this round */
    unsigned waiting;
    uint64_t config_number;
};

struct waiter {
    struct round *round;
    enum mark mark;
    uint64_t value;
};

/* Indexed by message id - 1; what holds at the point of the record that is looked at. */
static struct promise promises[MESSAGES_MAX];
static uint64_t promised_config;
static size_t images, opened_messages, steps;

static void answered(void *context, enum store_outcome outcome, uint64_t number)
{
    struct waiter *waiter = context;
    (void)number;
    assert_int_equal(outcome, STORE_OK);
    record_mark(&waiter->round->record, (int)waiter->mark, waiter->value);
    waiter->round->waiting--;
    free(waiter);
}

static struct waiter *waiter_for(struct round *round, enum mark mark, uint64_t value)
{
    struct waiter *waiter = malloc(sizeof *waiter);
    assert_non_null(waiter);
    *waiter = (struct waiter){round, mark, value};
    round->waiting++;
    return waiter;
}

static void wait_below(struct round *round, unsigned waiting)
{
    while (round->waiting > waiting) {
        struct pollfd watch = {.fd = store_event_fd(round->h.store), .events = POLLIN};
        assert_int_equal(poll(&watch, 1, 20000), 1);
        store_dispatch(round->h.store);
    }
}

static void begin_accept(struct round *round, uint64_t message)
{
    static const size_t ranges[] = {900, 900, 6000, 6000, 30000};
    struct promise *promise = &promises[message - 1];
    promise->len = model_random(&round->seed) % ranges[model_random(&round->seed) % 5];
    promise->recipients = 1 + model_random(&round->seed) % 3;
    promise->submitted = true;
    struct envelope_recipient recipients[3];
    for (size_t i = 0; i < promise->recipients; i++)
        recipients[i] = (struct envelope_recipient){
            SLICE("r@example.org"), message % 2 ? SLICE("odd") : SLICE("even"), 0, SLICE("")};
    struct envelope envelope = {.message = message,
                                .sender = SLICE("s@example.com"),
                                .recipients = recipients,
                                .recipient_count = promise->recipients};
    struct body *body = harness_body(round->h.store, promise->len, message);
    assert_non_null(body);
    assert_int_equal(queue_accept(round->h.store, body, &envelope, answered,
                                  waiter_for(round, MARK_ACCEPTED, message)),
                     STORE_OK);
}

/* Finishes all recipients of a message at once, which is one transaction. */
static void begin_finish(struct round *round, uint64_t message)
{
    struct delivery_outcome outcomes[3];
    struct promise *promise = &promises[message - 1];
    for (uint32_t i = 0; i < promise->recipients; i++)
        outcomes[i] =
            (struct delivery_outcome){.message = message, .recipient = i, .verdict = DELIVERY_DONE};
    promise->finish_begun = true;
    record_mark(&round->record, MARK_FINISH_BEGUN, message);
    assert_int_equal(queue_finish(round->h.store, outcomes, promise->recipients, answered,
                                  waiter_for(round, MARK_FINISHED, message)),
                     STORE_OK);
}

/* Two objects and a secret that always hold the same number. */
static void begin_config(struct round *round)
{
    char body[32];
    round->config_number++;
    snprintf(body, sizeof body, "%llu", (unsigned long long)round->config_number);
    struct config_change changes[3];
    for (uint8_t i = 0; i < 3; i++)
        changes[i] = (struct config_change){.operation = i == 2 ? CONFIG_PUT_SECRET : CONFIG_PUT,
                                            .kind = SLICE("pair"),
                                            .id = {.bytes = {i % 2}},
                                            .name = i ? SLICE("b") : SLICE("a"),
                                            .body = slice_of(body),
                                            .expected_version = CONFIG_VERSION_ANY};
    struct config_batch batch = {changes, 3, SLICE("test"), SLICE("Set"), 1};
    assert_int_equal(config_apply(round->h.store, &batch, answered,
                                  waiter_for(round, MARK_CONFIG, round->config_number)),
                     STORE_OK);
}

static void work(struct round *round)
{
    for (uint64_t message = round->first; message <= round->last; message++) {
        begin_accept(round, message);
        uint64_t older = message > 20 ? message - 20 : 0;
        bool done = older >= round->first && model_random(&round->seed) % 4 != 0;
        if (done)
            begin_finish(round, older);
        if (message % 7 == 0)
            begin_config(round);
        if (model_random(&round->seed) % 5 == 0)
            wait_below(round, 0);
        steps += store_compact(round->h.store); /* of what earlier rounds have left */
        wait_below(round, IN_FLIGHT);
    }
    wait_below(round, 0);
}

/* --- what must be there ---------------------------------------------------------------------- */

static void apply_mark(const struct recorded *event)
{
    struct promise *promise = &promises[event->mark_value - 1];
    switch ((enum mark)event->mark) {
    case MARK_ACCEPTED:
        promise->accepted = true;
        return;
    case MARK_FINISH_BEGUN:
        promise->finish_begun = true;
        return;
    case MARK_FINISHED:
        promise->finished = true;
        return;
    case MARK_CONFIG:
        promised_config = event->mark_value;
        return;
    }
}

static size_t seen_recipients[MESSAGES_MAX];

static bool see_item(void *context, const struct queue_item *item)
{
    (void)context;
    assert_in_range(item->message, 1, MESSAGES_MAX);
    assert_true(promises[item->message - 1].submitted);
    assert_int_equal(item->size_bytes, promises[item->message - 1].len);
    seen_recipients[item->message - 1]++;
    return true;
}

static void check_queue(struct store *store, const char *image)
{
    memset(seen_recipients, 0, sizeof seen_recipients);
    assert_int_equal(queue_list(store, &(struct queue_filter){0}, see_item, NULL), STORE_OK);
    for (size_t i = 0; i < MESSAGES_MAX; i++) {
        const struct promise *promise = &promises[i];
        bool there = seen_recipients[i] != 0;
        if (promise->accepted && !promise->finish_begun)
            row_expect(image, "accepted message is there", there, true);
        if (promise->finished)
            row_expect(image, "finished message is there", there, false);
        if (!there)
            continue;
        row_expect(image, "recipients", (long long)seen_recipients[i],
                   (long long)promise->recipients);
        row_expect(image, "body", harness_check_body(store, i + 1, promise->len), STORE_OK);
        opened_messages++;
    }
}

static bool see_number(void *context, const struct config_object *object)
{
    char text[32];
    snprintf(text, sizeof text, "%.*s", SLICE_ARG(object->body));
    *(uint64_t *)context = strtoull(text, NULL, 10);
    return true;
}

static uint64_t check_config(struct store *store, const char *image)
{
    uint64_t numbers[2] = {0};
    for (uint8_t i = 0; i < 2; i++) {
        struct object_id id = {.bytes = {i}};
        int result = config_get(store, SLICE("pair"), id, see_number, &numbers[i]);
        assert_true(result == STORE_OK || result == STORE_NOT_FOUND);
    }
    row_expect(image, "halves of a batch", (long long)numbers[0], (long long)numbers[1]);
    row_expect(image, "lost configuration", numbers[0] < promised_config, false);
    return numbers[0];
}

static void check_image(const struct model *model, enum image_kind kind, uint64_t seed,
                        size_t event, const char *folder)
{
    char image[96];
    struct store *store = NULL;
    struct store_options options = harness_options();
    options.ballast_bytes = 4096;
    options.segment_bytes = 32 << 10;
    snprintf(image, sizeof image, "event %zu, kind %d, seed %llu", event, (int)kind,
             (unsigned long long)seed);
    model_build_image(model, folder, kind, seed);
    row_expect(image, "open", store_open(folder, &options, &store), STORE_OK);
    check_queue(store, image);
    check_config(store, image);
    store_close(store);
    images++;
}

static const char *image_parent(void)
{
    return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

static void check_all_kinds(const struct model *model, size_t event, uint64_t seed)
{
    for (int kind = IMAGE_DROPPED; kind <= IMAGE_TORN; kind++) {
        char folder[64];
        snprintf(folder, sizeof folder, "%s/postern-image-XXXXXX", image_parent());
        assert_non_null(mkdtemp(folder));
        check_image(model, (enum image_kind)kind, seed + (uint64_t)kind + 1, event, folder);
        harness_remove_folder(folder);
    }
}

static bool is_cut_point(const struct recorded *event)
{
    return event->operation == STORE_DISK_SYNC || event->operation == STORE_DISK_SYNC_FOLDER ||
           event->operation == STORE_DISK_RENAME || event->operation == STORE_DISK_UNLINK;
}

static size_t count_cut_points(const struct record *record)
{
    size_t count = 0;
    for (size_t i = 0; i < record->count; i++)
        count += is_cut_point(&record->events[i]);
    return count;
}

/* The finished work of a round is looked at again, event by event. */
static void forget_answers(const struct round *round, const struct promise *before)
{
    for (size_t i = 0; i < MESSAGES_MAX; i++) {
        bool of_round = i + 1 >= round->first && i + 1 <= round->last;
        struct promise held = before[i];
        held.len = promises[i].len;
        held.recipients = promises[i].recipients;
        held.submitted = promises[i].submitted;
        promises[i] = held;
        if (of_round)
            promises[i].accepted = promises[i].finish_begun = promises[i].finished = false;
    }
}

/* Cuts the power at each point, in turn right before and right after it; leaves in `next_folder`
 * the disk of a cut in the middle. */
static void cut_everywhere(struct round *round, struct model *model, const char *next_folder)
{
    const struct record *record = &round->record;
    size_t points = count_cut_points(record);
    size_t every = points * 3 / IMAGES_PER_ROUND + 1;
    size_t point = 0;
    bool left = false;
    for (size_t i = 0; i < record->count; i++) {
        const struct recorded *event = &record->events[i];
        bool cut = is_cut_point(event) && point++ % every == 0;
        if (cut && point % 2)
            check_all_kinds(model, i, round->seed + i * 16);
        if (event->operation == MARK_OPERATION)
            apply_mark(event);
        else
            model_step(model, event);
        if (cut && point % 2 == 0)
            check_all_kinds(model, i, round->seed + i * 16);
        if (!left && i > record->count * 2 / 3) {
            check_image(model, IMAGE_TORN, round->seed + 7, i, next_folder);
            left = true;
        }
    }
}

static uint64_t config_of(const char *folder)
{
    struct store *store = NULL;
    struct store_options options = harness_options();
    assert_int_equal(store_open(folder, &options, &store), STORE_OK);
    promised_config = 0;
    uint64_t number = check_config(store, "next round");
    store_close(store);
    return number;
}

/* What the next round finds there is what it must keep. */
static void promise_what_is_there(const char *folder)
{
    struct store *store = NULL;
    struct store_options options = harness_options();
    assert_int_equal(store_open(folder, &options, &store), STORE_OK);
    memset(seen_recipients, 0, sizeof seen_recipients);
    assert_int_equal(queue_list(store, &(struct queue_filter){0}, see_item, NULL), STORE_OK);
    for (size_t i = 0; i < MESSAGES_MAX; i++) {
        promises[i].accepted = seen_recipients[i] != 0;
        promises[i].finish_begun = promises[i].finished =
            promises[i].submitted && !promises[i].accepted;
    }
    store_close(store);
}

static void run_round(uint64_t number, const char *folder, const char *next_folder)
{
    static struct promise before[MESSAGES_MAX];
    struct round round = {
        .h.options = harness_options(),
        .seed = number * 7919 + 17,
        .first = number * MESSAGES_PER_ROUND + 1,
        .last = (number + 1) * MESSAGES_PER_ROUND,
    };
    struct model model = {0};
    memcpy(before, promises, sizeof before);
    if (number > 0)
        round.config_number = promised_config = config_of(folder);
    uint64_t config_before = promised_config;
    model_load(&model, folder);
    record_init(&round.record);
    round.h.options.ballast_bytes = 4096;
    round.h.options.segment_bytes = 32 << 10;
    round.h.options.inline_batch_max_bytes = 3000;
    round.h.options.log_pages_max = 60;
    round.h.options.disk_hook = record_event;
    round.h.options.disk_context = &round.record;
    snprintf(round.h.folder, sizeof round.h.folder, "%s", folder);
    harness_open(&round.h);
    work(&round);
    store_close(round.h.store);
    forget_answers(&round, before);
    promised_config = config_before;
    cut_everywhere(&round, &model, next_folder);
    promise_what_is_there(next_folder);
    model_deinit(&model);
    record_deinit(&round.record);
}

static void no_power_cut_loses_what_was_answered(void **state)
{
    (void)state;
    char folders[ROUNDS + 1][64];
    for (size_t i = 0; i <= ROUNDS; i++)
        harness_folder(folders[i]);
    for (uint64_t i = 0; i < ROUNDS; i++)
        run_round(i, folders[i], folders[i + 1]);
    for (size_t i = 0; i <= ROUNDS; i++)
        harness_remove_folder(folders[i]);
    print_message(
        "# %zu disks after a power cut, %zu bodies read from them; %zu steps of compaction\n",
        images, opened_messages, steps);
    assert_true(images >= 200);
    assert_true(opened_messages > images);
    assert_true(steps > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_power_cut_loses_what_was_answered),
    };
    return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
