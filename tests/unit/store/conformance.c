/* SPDX-License-Identifier: Apache-2.0 */
/* What every engine of the store must do: one row for each case, over the public interface alone.
 */
#include "unit/store/harness.h"

#include <errno.h>

/* --- configuration --------------------------------------------------------------------------- */

static struct object_id id_of(uint8_t number)
{
    return (struct object_id){.bytes = {[15] = number}};
}

static struct config_change put(uint8_t id, const char *name, const char *body, uint64_t expected)
{
    return (struct config_change){.operation = CONFIG_PUT,
                                  .kind = SLICE("connector"),
                                  .id = id_of(id),
                                  .name = slice_of(name),
                                  .body = slice_of(body),
                                  .expected_version = expected};
}

static struct answer apply(struct harness *h, const struct config_change *changes, size_t count)
{
    struct answer answer = {0};
    struct config_batch batch = {changes, count, SLICE("root"), SLICE("Set-It"), 77};
    assert_int_equal(config_apply(h->store, &batch, answer_done, &answer), STORE_OK);
    harness_wait(h, &answer);
    return answer;
}

static enum store_outcome apply_one(struct harness *h, struct config_change change)
{
    return apply(h, &change, 1).outcome;
}

struct seen_object {
    size_t count;
    uint64_t version;
    char names[256];
    char body[64];
};

static bool see_object(void *context, const struct config_object *object)
{
    struct seen_object *seen = context;
    size_t used = strlen(seen->names);
    seen->count++;
    seen->version = object->version;
    snprintf(seen->names + used, sizeof seen->names - used, "%.*s ", SLICE_ARG(object->name));
    snprintf(seen->body, sizeof seen->body, "%.*s", SLICE_ARG(object->body));
    return true;
}

static struct seen_object list(struct harness *h, const char *kind)
{
    struct seen_object seen = {0};
    assert_int_equal(config_list(h->store, slice_of(kind), see_object, &seen), STORE_OK);
    return seen;
}

static void put_then_get(struct harness *h)
{
    assert_int_equal(apply_one(h, put(1, "Default", "{\"a\":1}", CONFIG_VERSION_NEW)), STORE_OK);
    struct seen_object seen = {0};
    assert_int_equal(config_get(h->store, SLICE("connector"), id_of(1), see_object, &seen),
                     STORE_OK);
    assert_string_equal(seen.body, "{\"a\":1}");
    assert_int_equal(seen.version, 1);
}

static void get_of_nothing_is_not_found(struct harness *h)
{
    struct seen_object seen = {0};
    assert_int_equal(config_get(h->store, SLICE("connector"), id_of(1), see_object, &seen),
                     STORE_NOT_FOUND);
}

static void versions_count_up(struct harness *h)
{
    assert_int_equal(apply_one(h, put(1, "A", "1", CONFIG_VERSION_NEW)), STORE_OK);
    assert_int_equal(apply_one(h, put(1, "A", "2", 1)), STORE_OK);
    assert_int_equal(list(h, "connector").version, 2);
    assert_string_equal(list(h, "connector").body, "2");
}

static void another_version_conflicts(struct harness *h)
{
    assert_int_equal(apply_one(h, put(1, "A", "1", CONFIG_VERSION_NEW)), STORE_OK);
    assert_int_equal(apply_one(h, put(1, "A", "2", 2)), STORE_CONFLICT);
    assert_int_equal(apply_one(h, put(1, "A", "2", CONFIG_VERSION_NEW)), STORE_CONFLICT);
    assert_string_equal(list(h, "connector").body, "1");
}

static void any_version_is_taken(struct harness *h)
{
    assert_int_equal(apply_one(h, put(1, "A", "1", CONFIG_VERSION_ANY)), STORE_OK);
    assert_int_equal(apply_one(h, put(1, "A", "2", CONFIG_VERSION_ANY)), STORE_OK);
    assert_int_equal(list(h, "connector").version, 2);
}

static void an_old_version_of_nothing_is_not_found(struct harness *h)
{
    assert_int_equal(apply_one(h, put(1, "A", "1", 3)), STORE_NOT_FOUND);
}

static void names_are_unique_whatever_their_case(struct harness *h)
{
    assert_int_equal(apply_one(h, put(1, "Default", "1", CONFIG_VERSION_NEW)), STORE_OK);
    assert_int_equal(apply_one(h, put(2, "dEFAULT", "1", CONFIG_VERSION_NEW)), STORE_CONFLICT);
    struct config_change other = put(2, "default", "1", CONFIG_VERSION_NEW);
    other.kind = SLICE("domain");
    assert_int_equal(apply_one(h, other), STORE_OK);
}

static void nameless_objects_do_not_collide(struct harness *h)
{
    assert_int_equal(apply_one(h, put(1, "", "1", CONFIG_VERSION_NEW)), STORE_OK);
    assert_int_equal(apply_one(h, put(2, "", "1", CONFIG_VERSION_NEW)), STORE_OK);
}

static void a_batch_is_all_or_nothing(struct harness *h)
{
    assert_int_equal(apply_one(h, put(1, "A", "1", CONFIG_VERSION_NEW)), STORE_OK);
    struct config_change changes[] = {put(2, "B", "1", CONFIG_VERSION_NEW), put(1, "A", "2", 9)};
    struct answer answer = apply(h, changes, 2);
    assert_int_equal(answer.outcome, STORE_CONFLICT);
    assert_int_equal(answer.number, 1);
    assert_int_equal(list(h, "").count, 1);
}

static void a_name_is_free_after_its_owner_went_in_the_same_batch(struct harness *h)
{
    assert_int_equal(apply_one(h, put(1, "A", "1", CONFIG_VERSION_NEW)), STORE_OK);
    struct config_change changes[] = {put(1, "", "", 1), put(2, "a", "2", CONFIG_VERSION_NEW)};
    changes[0].operation = CONFIG_DELETE;
    assert_int_equal(apply(h, changes, 2).outcome, STORE_OK);
    assert_string_equal(list(h, "connector").names, "a ");
}

static void delete_of_nothing_is_not_found(struct harness *h)
{
    struct config_change change = put(1, "", "", CONFIG_VERSION_ANY);
    change.operation = CONFIG_DELETE;
    assert_int_equal(apply_one(h, change), STORE_NOT_FOUND);
}

static void lists_are_in_order_of_kind_and_name(struct harness *h)
{
    assert_int_equal(apply_one(h, put(1, "b", "1", CONFIG_VERSION_NEW)), STORE_OK);
    assert_int_equal(apply_one(h, put(2, "C", "1", CONFIG_VERSION_NEW)), STORE_OK);
    assert_int_equal(apply_one(h, put(3, "a", "1", CONFIG_VERSION_NEW)), STORE_OK);
    assert_string_equal(list(h, "connector").names, "a b C ");
    assert_string_equal(list(h, "").names, "a b C ");
    assert_int_equal(list(h, "domain").count, 0);
}

static void sequences_count_batches(struct harness *h)
{
    uint64_t sequence = 99;
    assert_int_equal(config_sequence(h->store, &sequence), STORE_OK);
    assert_int_equal(sequence, 0);
    struct config_change changes[] = {put(1, "A", "1", CONFIG_VERSION_NEW),
                                      put(2, "B", "1", CONFIG_VERSION_NEW)};
    assert_int_equal(apply(h, changes, 2).number, 1);
    struct config_change third = put(3, "C", "1", CONFIG_VERSION_NEW);
    assert_int_equal(apply(h, &third, 1).number, 2);
    assert_int_equal(config_sequence(h->store, &sequence), STORE_OK);
    assert_int_equal(sequence, 2);
}

struct seen_entries {
    size_t count;
    struct config_entry last;
    char actor[16], command[16], name[16];
};

static bool see_entry(void *context, const struct config_entry *entry)
{
    struct seen_entries *seen = context;
    seen->count++;
    seen->last = *entry;
    snprintf(seen->actor, sizeof seen->actor, "%.*s", SLICE_ARG(entry->actor));
    snprintf(seen->command, sizeof seen->command, "%.*s", SLICE_ARG(entry->command));
    snprintf(seen->name, sizeof seen->name, "%.*s", SLICE_ARG(entry->name));
    return true;
}

static void the_log_says_who_did_what(struct harness *h)
{
    assert_int_equal(apply_one(h, put(1, "A", "1", CONFIG_VERSION_NEW)), STORE_OK);
    assert_int_equal(apply_one(h, put(1, "A", "2", 1)), STORE_OK);
    struct seen_entries seen = {0};
    assert_int_equal(config_since(h->store, 1, see_entry, &seen), STORE_OK);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.last.sequence, 2);
    assert_int_equal(seen.last.version, 2);
    assert_int_equal(seen.last.at_ms, 77);
    assert_int_equal(seen.last.operation, CONFIG_PUT);
    assert_string_equal(seen.actor, "root");
    assert_string_equal(seen.command, "Set-It");
    assert_string_equal(seen.name, "A");
}

static void a_refused_batch_leaves_no_log(struct harness *h)
{
    assert_int_equal(apply_one(h, put(1, "A", "1", 5)), STORE_NOT_FOUND);
    struct seen_entries seen = {0};
    assert_int_equal(config_since(h->store, 0, see_entry, &seen), STORE_OK);
    assert_int_equal(seen.count, 0);
}

static void note_hint(void *context, uint64_t sequence)
{
    *(uint64_t *)context = sequence;
}

static void the_watcher_hears_of_changes_only(struct harness *h)
{
    uint64_t heard = 0;
    config_watch(h->store, note_hint, &heard);
    assert_int_equal(apply_one(h, put(1, "A", "1", 5)), STORE_NOT_FOUND);
    assert_int_equal(heard, 0);
    assert_int_equal(apply_one(h, put(1, "A", "1", CONFIG_VERSION_NEW)), STORE_OK);
    assert_int_equal(heard, 1);
}

static void configuration_survives_reopening(struct harness *h)
{
    assert_int_equal(apply_one(h, put(1, "A", "1", CONFIG_VERSION_NEW)), STORE_OK);
    harness_reopen(h);
    assert_string_equal(list(h, "").names, "A ");
}

static int get_secret(struct harness *h, char *out_sealed, char *out_key)
{
    struct text sealed = text_over(out_sealed, 63);
    struct text key = text_over(out_key, 63);
    int result = config_secret_get(h->store, SLICE("connector"), id_of(1), &sealed, &key);
    out_sealed[sealed.len] = '\0';
    out_key[key.len] = '\0';
    return result;
}

static struct config_change secret(const char *sealed)
{
    struct config_change change = put(1, "", sealed, 0);
    change.operation = CONFIG_PUT_SECRET;
    change.key_name = SLICE("kek.1");
    return change;
}

static void a_secret_is_written_with_its_object(struct harness *h)
{
    char sealed[64];
    char key[64];
    struct config_change changes[] = {put(1, "A", "1", CONFIG_VERSION_NEW), secret("\x01sealed")};
    assert_int_equal(apply(h, changes, 2).outcome, STORE_OK);
    assert_int_equal(get_secret(h, sealed, key), STORE_OK);
    assert_string_equal(sealed, "\x01sealed");
    assert_string_equal(key, "kek.1");
    assert_int_equal(apply_one(h, secret("again")), STORE_OK);
    assert_int_equal(get_secret(h, sealed, key), STORE_OK);
    assert_string_equal(sealed, "again");
}

static void a_secret_goes_with_its_object(struct harness *h)
{
    char sealed[64];
    char key[64];
    struct config_change changes[] = {put(1, "A", "1", CONFIG_VERSION_NEW), secret("x")};
    assert_int_equal(apply(h, changes, 2).outcome, STORE_OK);
    changes[0] = put(1, "", "", 1);
    changes[0].operation = CONFIG_DELETE;
    assert_int_equal(apply_one(h, changes[0]), STORE_OK);
    assert_int_equal(get_secret(h, sealed, key), STORE_NOT_FOUND);
}

static void a_secret_can_be_taken_away_alone(struct harness *h)
{
    char sealed[64];
    char key[64];
    struct config_change changes[] = {put(1, "A", "1", CONFIG_VERSION_NEW), secret("x")};
    assert_int_equal(apply(h, changes, 2).outcome, STORE_OK);
    changes[1].operation = CONFIG_DELETE_SECRET;
    assert_int_equal(apply_one(h, changes[1]), STORE_OK);
    assert_int_equal(apply_one(h, changes[1]), STORE_OK);
    assert_int_equal(get_secret(h, sealed, key), STORE_NOT_FOUND);
    assert_int_equal(list(h, "").count, 1);
}

/* --- bodies ---------------------------------------------------------------------------------- */

static void bodies_of_every_length_come_back(struct harness *h)
{
    static const size_t lengths[] = {0,    1,    1023, 1024,  1025,  8191,
                                     8192, 8193, 9000, 60000, 65536, 256 << 10};
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
        assert_int_equal(harness_accept(h, i + 1, lengths[i], 1, "d"), STORE_OK);
    for (int life = 0; life < 2; life++) {
        for (size_t i = 0; i < COUNT_OF(lengths); i++)
            row_expect("length", "lent", harness_check_body(h->store, i + 1, lengths[i]), STORE_OK);
        harness_reopen(h);
    }
}

static void a_body_over_the_limit_is_refused(struct harness *h)
{
    struct body *body = NULL;
    assert_int_equal(body_begin(h->store, (256 << 10) + 1, &body), STORE_TOO_LARGE);
    assert_int_equal(body_begin(h->store, 0, &body), STORE_OK);
    char bytes[32 << 10];
    harness_fill(bytes, sizeof bytes, 1);
    for (int i = 0; i < 8; i++)
        assert_int_equal(body_write(body, (struct slice){bytes, sizeof bytes}), STORE_OK);
    assert_int_equal(body_size(body), 256 << 10);
    assert_int_equal(body_write(body, SLICE("x")), STORE_TOO_LARGE);
    body_abandon(body);
    body_abandon(NULL);
}

static void an_abandoned_body_leaves_nothing(struct harness *h)
{
    for (int i = 0; i < 20; i++)
        body_abandon(harness_body(h->store, i % 2 ? 100 : 30000, 1));
    assert_int_equal(harness_accept(h, 1, 30000, 1, "d"), STORE_OK);
    assert_int_equal(harness_check_body(h->store, 1, 30000), STORE_OK);
    assert_int_equal(harness_list(h, (struct queue_filter){0}).items, 1);
}

static void two_bodies_may_stream_at_once(struct harness *h)
{
    struct body *bodies[2] = {0};
    char bytes[3000];
    harness_fill(bytes, sizeof bytes, 9);
    for (int i = 0; i < 2; i++)
        assert_int_equal(body_begin(h->store, 0, &bodies[i]), STORE_OK);
    for (int i = 0; i < 40; i++)
        assert_int_equal(body_write(bodies[i % 2], (struct slice){bytes, sizeof bytes}), STORE_OK);
    struct envelope_recipient recipient = {SLICE("a@b"), SLICE("d"), 0, SLICE("")};
    struct answer answers[2] = {0};
    for (uint64_t i = 0; i < 2; i++) {
        struct envelope envelope = {
            .message = i + 1, .recipients = &recipient, .recipient_count = 1};
        assert_int_equal(queue_accept(h->store, bodies[i], &envelope, answer_done, &answers[i]),
                         STORE_OK);
    }
    for (uint64_t i = 0; i < 2; i++) {
        struct body_loan loan;
        char seen[sizeof bytes];
        assert_int_equal(harness_wait(h, &answers[i]), STORE_OK);
        assert_int_equal(body_lend(h->store, i + 1, &loan), STORE_OK);
        assert_int_equal(loan.length, 60000);
        assert_int_equal(pread(loan.fd, seen, sizeof seen, (off_t)loan.offset + 57000), 3000);
        assert_memory_equal(seen, bytes, sizeof bytes);
        body_loan_return(h->store, &loan);
    }
}

/* In memory (500) and in a segment (50,000). */
static void the_rest_of_a_body_can_be_taken_into_another(struct harness *h)
{
    static const size_t lengths[] = {500, 50000};
    char *wanted = malloc(50000), *seen = malloc(50000);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        size_t len = lengths[i];
        struct body *from = harness_body(h->store, len, 7), *body = NULL;
        struct envelope_recipient recipient = {SLICE("a@b"), SLICE("d"), 0, SLICE("")};
        struct envelope envelope = {
            .message = i + 1, .recipients = &recipient, .recipient_count = 1};
        struct answer answer = {0};
        struct body_loan loan;
        harness_fill(wanted, len, 7);
        assert_int_equal(body_begin(h->store, 0, &body), STORE_OK);
        assert_int_equal(body_write(body, SLICE("new ")), STORE_OK);
        assert_int_equal(body_write_from(body, from, len + 1), -EINVAL);
        assert_int_equal(body_write_from(body, from, 100), STORE_OK);
        body_abandon(from);
        assert_int_equal(queue_accept(h->store, body, &envelope, answer_done, &answer), STORE_OK);
        assert_int_equal(harness_wait(h, &answer), STORE_OK);
        assert_int_equal(body_lend(h->store, i + 1, &loan), STORE_OK);
        assert_int_equal(loan.length, len - 96);
        assert_int_equal(pread(loan.fd, seen, len - 96, (off_t)loan.offset), len - 96);
        assert_memory_equal(seen, "new ", 4);
        assert_memory_equal(seen + 4, wanted + 100, len - 100);
        body_loan_return(h->store, &loan);
    }
    free(wanted);
    free(seen);
}

static void a_body_is_read_before_it_is_complete(struct harness *h)
{
    static const size_t lengths[] = {500, 50000};
    char *wanted = malloc(50000), *seen = malloc(50000), buffer[300];
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        size_t len = lengths[i], offset = 0;
        struct body *body = harness_body(h->store, len, 7);
        struct slice bytes;
        harness_fill(wanted, len, 7);
        assert_int_equal(body_read(body, len + 1, buffer, sizeof buffer, &bytes), -EINVAL);
        do {
            assert_int_equal(body_read(body, offset, buffer, sizeof buffer, &bytes), STORE_OK);
            assert_true(bytes.len <= sizeof buffer && offset + bytes.len <= len);
            memcpy(seen + offset, bytes.at, bytes.len);
            offset += bytes.len;
        } while (bytes.len);
        assert_int_equal(offset, len);
        assert_memory_equal(seen, wanted, len);
        assert_int_equal(body_write(body, SLICE("more")), STORE_OK);
        assert_int_equal(body_read(body, len, buffer, sizeof buffer, &bytes), STORE_OK);
        assert_true(slice_equal(bytes, SLICE("more")));
        body_abandon(body);
    }
    free(wanted);
    free(seen);
}

static void a_small_loan_is_sealed(struct harness *h)
{
    struct body_loan loan;
    assert_int_equal(harness_accept(h, 1, 500, 1, "d"), STORE_OK);
    assert_int_equal(body_lend(h->store, 1, &loan), STORE_OK);
    assert_int_equal(loan.offset, 0);
    assert_true(pwrite(loan.fd, "x", 1, 0) < 0);
    assert_true(ftruncate(loan.fd, 0) < 0);
    body_loan_return(h->store, &loan);
    assert_int_equal(loan.fd, -1);
    body_loan_return(h->store, &loan);
}

static void a_large_loan_is_read_only(struct harness *h)
{
    struct body_loan loan;
    assert_int_equal(harness_accept(h, 1, 30000, 1, "d"), STORE_OK);
    assert_int_equal(body_lend(h->store, 1, &loan), STORE_OK);
    assert_true(pwrite(loan.fd, "x", 1, 0) < 0);
    body_loan_return(h->store, &loan);
}

static void a_loan_outlives_its_message(struct harness *h)
{
    struct body_loan loan;
    char expected[30000];
    char seen[30000];
    harness_fill(expected, sizeof expected, 1);
    assert_int_equal(harness_accept(h, 1, 30000, 1, "d"), STORE_OK);
    assert_int_equal(body_lend(h->store, 1, &loan), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DONE, 0), STORE_OK);
    for (uint64_t i = 2; i < 30; i++) {
        assert_int_equal(harness_accept(h, i, 30000, 1, "d"), STORE_OK);
        assert_int_equal(harness_finish(h, i, 0, DELIVERY_DONE, 0), STORE_OK);
    }
    assert_int_equal(pread(loan.fd, seen, sizeof seen, (off_t)loan.offset), sizeof seen);
    assert_memory_equal(seen, expected, sizeof seen);
    body_loan_return(h->store, &loan);
}

/* A courier reads by a duplicate what an administrator removes meanwhile. */
static void a_duplicate_is_good_until_the_loan_is_returned(struct harness *h)
{
    struct body_loan loan;
    char expected[30000];
    char seen[30000];
    harness_fill(expected, sizeof expected, 1);
    assert_int_equal(harness_accept(h, 1, 30000, 1, "d"), STORE_OK);
    assert_int_equal(body_lend(h->store, 1, &loan), STORE_OK);
    int duplicate = dup(loan.fd);
    body_loan_close(&loan);
    assert_int_equal(loan.fd, -1);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DONE, 0), STORE_OK);
    for (uint64_t i = 2; i < 60; i++) {
        assert_int_equal(harness_accept(h, i, 30000, 1, "d"), STORE_OK);
        assert_int_equal(harness_finish(h, i, 0, DELIVERY_DONE, 0), STORE_OK);
    }
    assert_int_equal(pread(duplicate, seen, sizeof seen, (off_t)loan.offset), sizeof seen);
    assert_memory_equal(seen, expected, sizeof seen);
    body_loan_return(h->store, &loan);
    close(duplicate);
}

static void a_loan_of_nothing_is_not_found(struct harness *h)
{
    struct body_loan loan;
    assert_int_equal(body_lend(h->store, 1, &loan), STORE_NOT_FOUND);
    assert_int_equal(harness_accept(h, 1, 30000, 1, "d"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DONE, 0), STORE_OK);
    assert_int_equal(body_lend(h->store, 1, &loan), STORE_NOT_FOUND);
}

static void bodies_forgotten_by_the_cache_are_read_from_disk(struct harness *h)
{
    for (uint64_t i = 1; i <= 40; i++)
        assert_int_equal(harness_accept(h, i, 4000, 1, "d"), STORE_OK);
    for (uint64_t i = 1; i <= 40; i++)
        assert_int_equal(harness_check_body(h->store, i, 4000), STORE_OK);
}

/* --- accept ---------------------------------------------------------------------------------- */

static void accepted_is_queued_and_owned(struct harness *h)
{
    assert_int_equal(harness_accept(h, 7, 100, 3, "d"), STORE_OK);
    struct count count = harness_list(h, (struct queue_filter){0});
    assert_int_equal(count.items, 3);
    assert_int_equal(count.last_message, 7);
    assert_int_equal(count.last_recipient, 2);
    assert_true(count.owned);
    assert_int_equal(harness_claim(h, INT64_MAX, 10).items, 0);
}

static bool check_item(void *context, const struct queue_item *item)
{
    *(int *)context += 1;
    row_expect_slice("sender", item->sender, SLICE("s@example.com"));
    row_expect_slice("envelope", item->envelope, SLICE("{\"ret\":\"HDRS\"}"));
    row_expect_slice("address", item->address, SLICE("r@example.org"));
    row_expect_slice("destination", item->destination, SLICE("mx"));
    row_expect_slice("data", item->data, SLICE("{\"orcpt\":1}"));
    row_expect("item", "received", item->received_at_ms, 500);
    row_expect("item", "expires", item->expires_at_ms, 90000);
    row_expect("item", "size", (long long)item->size_bytes, 100);
    row_expect("item", "attempts", item->attempts, 0);
    return true;
}

static void an_item_holds_what_was_accepted(struct harness *h)
{
    int items = 0;
    assert_int_equal(harness_accept(h, 7, 100, 2, "mx"), STORE_OK);
    harness_reopen(h);
    assert_int_equal(queue_list(h->store, &(struct queue_filter){0}, check_item, &items), STORE_OK);
    assert_int_equal(items, 2);
}

static void the_same_id_twice_is_one_message(struct harness *h)
{
    assert_int_equal(harness_accept(h, 7, 100, 1, "d"), STORE_OK);
    assert_int_equal(harness_accept(h, 7, 100, 1, "d"), STORE_OK);
    assert_int_equal(harness_accept(h, 7, 5000, 1, "d"), STORE_OK);
    assert_int_equal(harness_list(h, (struct queue_filter){0}).items, 1);
    assert_int_equal(harness_check_body(h->store, 7, 100), STORE_OK);
}

static void a_message_without_recipients_is_refused(struct harness *h)
{
    struct envelope envelope = {.message = 1};
    struct body *body = harness_body(h->store, 10, 1);
    assert_true(queue_accept(h->store, body, &envelope, answer_done, NULL) < 0);
}

static void two_hundred_at_once_are_all_answered(struct harness *h)
{
    static struct answer answers[200];
    memset(answers, 0, sizeof answers);
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        assert_int_equal(harness_submit(h, i + 1, 700, 1, "d", &answers[i]), STORE_OK);
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        assert_int_equal(harness_wait(h, &answers[i]), STORE_OK);
        assert_int_equal(answers[i].number, i + 1);
    }
    harness_reopen(h);
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        assert_int_equal(harness_check_body(h->store, i + 1, 700), STORE_OK);
}

static void closing_writes_what_was_handed_in(struct harness *h)
{
    static struct answer answers[50];
    memset(answers, 0, sizeof answers);
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        assert_int_equal(harness_submit(h, i + 1, 5000, 1, "d", &answers[i]), STORE_OK);
    harness_reopen(h);
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        assert_int_equal(answers[i].calls, 1);
        assert_int_equal(answers[i].outcome, STORE_OK);
    }
    assert_int_equal(harness_list(h, (struct queue_filter){0}).items, 50);
}

static void ids_grow_within_and_across_milliseconds(struct harness *h)
{
    uint64_t last = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t id = store_message_id(h->store, INT64_C(1700000000000) - i);
        assert_true(id > last && id <= INT64_MAX);
        last = id;
    }
    assert_true(store_message_id(h->store, INT64_C(1800000000000)) > last);
}

static void ids_grow_across_lives(struct harness *h)
{
    uint64_t id = store_message_id(h->store, INT64_C(1700000000000));
    assert_int_equal(harness_accept(h, id, 10, 1, "d"), STORE_OK);
    harness_reopen(h);
    assert_true(store_message_id(h->store, 0) > id);
}

/* --- finish and claim ------------------------------------------------------------------------ */

static void the_last_recipient_takes_the_message_along(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 5000, 2, "d"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DONE, 0), STORE_OK);
    assert_int_equal(harness_check_body(h->store, 1, 5000), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 1, DELIVERY_FAILED, 0), STORE_OK);
    assert_int_equal(harness_list(h, (struct queue_filter){0}).items, 0);
    assert_int_equal(harness_check_body(h->store, 1, 5000), STORE_NOT_FOUND);
}

static void finishing_twice_is_lost(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 2, "d"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DONE, 0), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DONE, 0), STORE_LOST);
    assert_int_equal(harness_finish(h, 2, 0, DELIVERY_DEFERRED, 5), STORE_LOST);
}

static void lost_outcomes_are_counted_and_the_others_written(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 2, "d"), STORE_OK);
    struct delivery_outcome outcomes[] = {
        {.message = 9, .verdict = DELIVERY_DONE},
        {.message = 1, .verdict = DELIVERY_DONE},
        {.message = 1, .verdict = DELIVERY_DONE},
    };
    struct answer answer = {0};
    assert_int_equal(queue_finish(h->store, outcomes, 3, answer_done, &answer), STORE_OK);
    assert_int_equal(harness_wait(h, &answer), STORE_LOST);
    assert_int_equal(answer.number, 2);
    assert_int_equal(harness_list(h, (struct queue_filter){0}).items, 1);
}

static void deferred_comes_back_when_due(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 1, "d"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DEFERRED, 6000), STORE_OK);
    assert_int_equal(harness_claim(h, 5999, 10).items, 0);
    struct count count = harness_claim(h, 6000, 10);
    assert_int_equal(count.items, 1);
    assert_int_equal(count.attempts, 1);
    assert_true(count.owned);
}

static void released_does_not_count_as_an_attempt(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 1, "d"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_RELEASED, 6000), STORE_OK);
    assert_int_equal(harness_claim(h, 6000, 10).attempts, 0);
}

static void a_claim_is_handed_out_once(struct harness *h)
{
    for (uint64_t i = 1; i <= 5; i++) {
        assert_int_equal(harness_accept(h, i, 10, 1, "d"), STORE_OK);
        assert_int_equal(harness_finish(h, i, 0, DELIVERY_RELEASED, (int64_t)i), STORE_OK);
    }
    struct count first = harness_claim(h, 100, 3);
    assert_int_equal(first.items, 3);
    assert_int_equal(first.last_message, 3);
    assert_int_equal(harness_claim(h, 100, 10).items, 2);
    assert_int_equal(harness_claim(h, 100, 10).items, 0);
    assert_int_equal(harness_finish(h, 2, 0, DELIVERY_RELEASED, 50), STORE_OK);
    assert_int_equal(harness_claim(h, 100, 10).items, 1);
}

static void a_claim_stopped_by_its_callback_owns_what_it_showed(struct harness *h)
{
    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(harness_accept(h, i, 10, 1, "d"), STORE_OK);
        assert_int_equal(harness_finish(h, i, 0, DELIVERY_RELEASED, (int64_t)i), STORE_OK);
    }
    struct count count = {.stop_after = 1};
    struct queue_claim claim = {.now_ms = 100, .limit = 10};
    assert_int_equal(queue_claim(h->store, &claim, count_item, &count), STORE_OK);
    assert_int_equal(count.items, 1);
    assert_int_equal(harness_claim(h, 100, 10).items, 2);
}

static void a_claim_can_be_for_one_destination(struct harness *h)
{
    static const char *const destinations[] = {"a", "b", "a"};
    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(harness_accept(h, i, 10, 1, destinations[i - 1]), STORE_OK);
        assert_int_equal(harness_finish(h, i, 0, DELIVERY_RELEASED, 10), STORE_OK);
    }
    struct count count = {0};
    struct queue_claim claim = {SLICE("a"), 100, 10};
    assert_int_equal(queue_claim(h->store, &claim, count_item, &count), STORE_OK);
    assert_int_equal(count.items, 2);
    assert_int_equal(harness_claim(h, 100, 10).last_message, 2);
}

static void many_claims_wait_for_the_writer(struct harness *h)
{
    struct answer answers[100] = {0};
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(harness_submit(h, i + 1, 10, 16, "d", &answers[i]), STORE_OK);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(harness_wait(h, &answers[i]), STORE_OK);
    harness_reopen(h);
    size_t claimed = 0;
    for (int i = 0; i < 1000 && claimed < 1600; i++) {
        struct count count = {0};
        struct queue_claim claim = {.now_ms = INT64_MAX, .limit = 300};
        int result = queue_claim(h->store, &claim, count_item, &count);
        assert_true(result == STORE_OK || result == STORE_BUSY);
        claimed += count.items;
        struct pollfd watch = {.fd = store_event_fd(h->store), .events = POLLIN};
        if (result == STORE_BUSY)
            assert_int_equal(poll(&watch, 1, 10000), 1);
        if (result == STORE_BUSY)
            store_dispatch(h->store);
    }
    assert_int_equal(claimed, 1600);
    assert_int_equal(harness_claim(h, INT64_MAX, 10).items, 0);
}

static void next_due_is_the_earliest_unclaimed(struct harness *h)
{
    int64_t due = 0;
    assert_int_equal(queue_next_due(h->store, &due), STORE_NOT_FOUND);
    for (uint64_t i = 1; i <= 2; i++) {
        assert_int_equal(harness_accept(h, i, 10, 1, "d"), STORE_OK);
        assert_int_equal(queue_next_due(h->store, &due), i == 1 ? STORE_NOT_FOUND : STORE_OK);
        assert_int_equal(harness_finish(h, i, 0, DELIVERY_DEFERRED, (int64_t)(i * 1000)), STORE_OK);
    }
    assert_int_equal(queue_next_due(h->store, &due), STORE_OK);
    assert_int_equal(due, 1000);
    assert_int_equal(harness_claim(h, 1000, 1).items, 1);
    assert_int_equal(queue_next_due(h->store, &due), STORE_OK);
    assert_int_equal(due, 2000);
}

static void ownership_ends_with_the_store(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 2, "d"), STORE_OK);
    harness_reopen(h);
    assert_int_equal(harness_claim(h, 999, 10).items, 0);
    assert_int_equal(harness_claim(h, 1000, 10).items, 2);
    harness_reopen(h);
    assert_int_equal(harness_claim(h, INT64_MAX, 10).items, 2);
}

static void a_finish_goes_within_its_delay_without_company(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 1, "d"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DONE, 0), STORE_OK);
    harness_reopen(h);
    assert_int_equal(harness_list(h, (struct queue_filter){0}).items, 0);
}

/* --- list, statistics, orders ---------------------------------------------------------------- */

static void lists_are_filtered_and_paged(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 2, "a"), STORE_OK);
    assert_int_equal(harness_accept(h, 2, 10, 2, "b"), STORE_OK);
    assert_int_equal(harness_accept(h, 3, 10, 2, "a"), STORE_OK);
    const struct {
        const char *name;
        struct queue_filter filter;
        size_t items;
        uint64_t last;
    } rows[] = {
        {"all", {0}, 6, 3},
        {"one message", {.message = 2}, 2, 2},
        {"no such message", {.message = 9}, 0, 0},
        {"a destination", {.destination = SLICE("a")}, 4, 3},
        {"no such destination", {.destination = SLICE("c")}, 0, 0},
        {"after", {.after_message = 1}, 4, 3},
        {"destination after", {.destination = SLICE("a"), .after_message = 1}, 2, 3},
        {"limit", {.limit = 3}, 3, 2},
        {"until", {.after_message = 1, .until_message = 2}, 2, 2},
        {"recipients", {.fields = QUEUE_NUMBER}, 6, 3},
        {"messages", {.fields = QUEUE_SENDER | QUEUE_SIZE}, 3, 3},
        {"messages of a destination", {.destination = SLICE("a"), .fields = QUEUE_SENDER}, 4, 3},
        {"messages until", {.until_message = 2, .fields = QUEUE_SENDER}, 2, 2},
        {"destination until", {.destination = SLICE("a"), .until_message = 1}, 2, 1},
    };
    uint64_t end = 0;
    assert_int_equal(queue_page_end(h->store, 0, 3, &end), STORE_OK);
    assert_int_equal(end, 2);
    assert_int_equal(queue_page_end(h->store, end, 2, &end), STORE_NOT_FOUND);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct count count = harness_list(h, rows[i].filter);
        row_expect(rows[i].name, "items", (long long)count.items, (long long)rows[i].items);
        row_expect(rows[i].name, "last", (long long)count.last_message, (long long)rows[i].last);
    }
}

struct seen_statistics {
    size_t count;
    struct queue_statistic last;
    char error[64];
};

static bool see_statistic(void *context, const struct queue_statistic *statistic)
{
    struct seen_statistics *seen = context;
    seen->count++;
    seen->last = *statistic;
    snprintf(seen->error, sizeof seen->error, "%.*s", SLICE_ARG(statistic->last_error));
    return true;
}

static struct seen_statistics statistics_after(struct harness *h, struct slice after)
{
    struct seen_statistics seen = {0};
    assert_int_equal(queue_statistics(h->store, after, see_statistic, &seen), STORE_OK);
    return seen;
}

static struct seen_statistics statistics(struct harness *h)
{
    return statistics_after(h, (struct slice){0});
}

static void statistics_count_by_destination(struct harness *h)
{
    assert_int_equal(statistics(h).count, 0);
    assert_int_equal(harness_accept(h, 1, 10, 3, "b"), STORE_OK);
    assert_int_equal(harness_accept(h, 2, 10, 1, "a"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 2, DELIVERY_DEFERRED, 7000), STORE_OK);
    assert_int_equal(statistics_after(h, SLICE("")).count, 2);
    assert_int_equal(statistics_after(h, SLICE("a")).count, 1);
    assert_int_equal(statistics_after(h, SLICE("b")).count, 0);
    struct seen_statistics seen = statistics(h);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.last.recipients, 3);
    assert_int_equal(seen.last.owned, 2);
    assert_int_equal(seen.last.deferred, 1);
    assert_int_equal(seen.last.oldest_ms, 500);
    assert_int_equal(seen.last.next_at_ms, 7000);
    assert_int_equal(seen.last.failures, 1);
    assert_string_equal(seen.error, "451 4.7.1 later");
}

static void a_delivery_ends_the_count_of_failures(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 3, "b"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DEFERRED, 7000), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 1, DELIVERY_FAILED, 0), STORE_OK);
    assert_int_equal(statistics(h).last.failures, 1);
    assert_int_equal(harness_finish(h, 1, 2, DELIVERY_DONE, 0), STORE_OK);
    assert_int_equal(statistics(h).last.failures, 0);
}

static struct answer order_destination(struct harness *h, const char *key, enum queue_order order)
{
    struct answer answer = {0};
    assert_int_equal(destination_set(h->store, slice_of(key), order, 42, answer_done, &answer),
                     STORE_OK);
    harness_wait(h, &answer);
    return answer;
}

static struct answer order_message(struct harness *h, uint64_t message, enum queue_order order)
{
    struct answer answer = {0};
    assert_int_equal(message_set(h->store, message, order, 42, answer_done, &answer), STORE_OK);
    harness_wait(h, &answer);
    return answer;
}

static void expect_fields(const struct queue_item *all, const struct queue_item *some,
                          unsigned fields)
{
    static const struct queue_item nothing = {0};
#define OF(field) ((fields & (field)) ? all : &nothing)
    row_expect("item", "message", (long long)some->message, (long long)all->message);
    row_expect_slice("sender", some->sender, OF(QUEUE_SENDER)->sender);
    row_expect_slice("envelope", some->envelope, OF(QUEUE_ENVELOPE)->envelope);
    row_expect("item", "received", some->received_at_ms, OF(QUEUE_RECEIVED)->received_at_ms);
    row_expect("item", "expires", some->expires_at_ms, OF(QUEUE_EXPIRES)->expires_at_ms);
    row_expect("item", "size", (long long)some->size_bytes, (long long)OF(QUEUE_SIZE)->size_bytes);
    row_expect("item", "deaths", some->deaths, OF(QUEUE_DEATHS)->deaths);
    row_expect_slice("address", some->address, OF(QUEUE_ADDRESS)->address);
    row_expect_slice("data", some->data, OF(QUEUE_DATA)->data);
    row_expect("item", "next", some->next_at_ms, OF(QUEUE_NEXT)->next_at_ms);
    row_expect("item", "attempts", some->attempts, OF(QUEUE_ATTEMPTS)->attempts);
    row_expect_slice("error", some->last_error, OF(QUEUE_LAST_ERROR)->last_error);
    row_expect("item", "owned", some->owned, OF(QUEUE_OWNED)->owned);
    row_expect("item", "suspended", some->message_suspended, OF(QUEUE_STATE)->message_suspended);
    row_expect_slice("destination", some->destination, OF(QUEUE_DESTINATION)->destination);
#undef OF
}

struct expected_fields {
    unsigned fields;
    size_t items;
};

static bool check_fields(void *context, const struct queue_item *item)
{
    struct expected_fields *expected = context;
    const struct queue_item all = {
        .message = 1,
        .sender = SLICE("s@example.com"),
        .envelope = SLICE("{\"ret\":\"HDRS\"}"),
        .received_at_ms = 500,
        .expires_at_ms = 90000,
        .size_bytes = 10,
        .deaths = 1,
        .address = SLICE("r@example.org"),
        .data = SLICE("{\"orcpt\":1}"),
        .next_at_ms = 7000,
        .attempts = 1,
        .last_error = SLICE("451 4.7.1 later"),
        .message_suspended = true,
        .destination = SLICE("a"),
    };
    expected->items++;
    expect_fields(&all, item, expected->fields);
    return true;
}

static void a_list_reads_what_is_asked_for(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 1, "a"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DEFERRED, 7000), STORE_OK);
    assert_int_equal(order_message(h, 1, QUEUE_SUSPECT).outcome, STORE_OK);
    assert_int_equal(order_message(h, 1, QUEUE_SUSPEND).outcome, STORE_OK);
    for (unsigned one = 1; one <= QUEUE_DESTINATION; one <<= 1)
        for (unsigned other = 1; other <= QUEUE_DESTINATION; other <<= 1) {
            struct expected_fields expected = {one | other, 0};
            struct queue_filter filter = {.fields = one | other};
            if (other < one)
                filter.destination = SLICE("a");
            assert_int_equal(queue_list(h->store, &filter, check_fields, &expected), STORE_OK);
            row_expect("a list", "items", (long long)expected.items, 1);
        }
}

/* Whether the last life has brought it to an end is not known: it does not wait for its time. */
static void what_was_in_hand_before_its_time_is_due(struct harness *h)
{
    const int64_t far_ms = 4102444800000, soon_ms = far_ms / 2; /* 2100, 2035 */
    assert_int_equal(harness_accept(h, 1, 10, 2, "a"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_RELEASED, far_ms), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 1, DELIVERY_RELEASED, far_ms + 1), STORE_OK);
    assert_int_equal(harness_claim(h, soon_ms, 10).items, 0);
    assert_int_equal(harness_claim(h, far_ms, 10).items, 1);
    assert_int_equal(order_message(h, 1, QUEUE_SUSPECT).outcome, STORE_OK); /* it is written */
    harness_reopen(h);
    assert_int_equal(harness_claim(h, soon_ms, 10).items, 1);
}

static uint64_t queued_recipients(struct harness *h)
{
    struct store_pressure pressure;
    assert_int_equal(store_pressure(h->store, 1000, &pressure), STORE_OK);
    return pressure.queued_recipients;
}

/* Waiting, in hand, suspended, suspended while in hand: the last life's owner goes from each. */
static void every_recipient_is_counted_once(struct harness *h)
{
    for (uint64_t message = 1; message <= 4; message++)
        assert_int_equal(harness_accept(h, message, 10, 2, "a"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DEFERRED, 7000), STORE_OK);
    assert_int_equal(harness_finish(h, 2, 0, DELIVERY_RELEASED, 6000), STORE_OK);
    assert_int_equal(harness_finish(h, 3, 0, DELIVERY_DEFERRED, 5000), STORE_OK);
    assert_int_equal(order_message(h, 3, QUEUE_SUSPEND).outcome, STORE_OK);
    struct seen_statistics seen = statistics(h);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.last.recipients, 8);
    assert_int_equal(seen.last.owned, 5);
    assert_int_equal(seen.last.deferred, 2);
    assert_int_equal(seen.last.next_at_ms, 5000);
    assert_int_equal(queued_recipients(h), 8);
    harness_reopen(h);
    seen = statistics(h);
    assert_int_equal(seen.last.recipients, 8);
    assert_int_equal(seen.last.owned, 0);
    assert_int_equal(seen.last.deferred, 2);
    assert_int_equal(queued_recipients(h), 8);
}

static void a_suspended_destination_is_not_claimed(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 1, "a"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_RELEASED, 10), STORE_OK);
    assert_int_equal(order_destination(h, "a", QUEUE_SUSPEND).number, 1);
    assert_int_equal(harness_accept(h, 2, 10, 1, "a"), STORE_OK);
    assert_int_equal(harness_finish(h, 2, 0, DELIVERY_RELEASED, 10), STORE_OK);
    harness_reopen(h);
    int64_t due;
    assert_int_equal(harness_claim(h, 100, 10).items, 0);
    assert_int_equal(queue_next_due(h->store, &due), STORE_NOT_FOUND);
    assert_true(statistics(h).last.suspended);
    assert_true(harness_list(h, (struct queue_filter){0}).destination_suspended);
    assert_int_equal(order_destination(h, "a", QUEUE_RESUME).number, 2);
    assert_int_equal(harness_claim(h, 100, 10).items, 2);
}

static void a_destination_can_be_suspended_before_it_has_mail(struct harness *h)
{
    bool suspended = true;
    assert_int_equal(destination_is_suspended(h->store, SLICE("new"), &suspended), STORE_OK);
    assert_false(suspended);
    assert_int_equal(order_destination(h, "new", QUEUE_SUSPEND).outcome, STORE_OK);
    harness_reopen(h);
    assert_int_equal(statistics(h).count, 1);
    assert_int_equal(destination_is_suspended(h->store, SLICE("new"), &suspended), STORE_OK);
    assert_true(suspended);
    assert_int_equal(order_destination(h, "new", QUEUE_RESUME).outcome, STORE_OK);
    assert_int_equal(destination_is_suspended(h->store, SLICE("new"), &suspended), STORE_OK);
    assert_false(suspended);
    assert_int_equal(statistics(h).count, 0);
}

static void a_retry_makes_a_destination_due(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 2, "a"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DEFERRED, 9000), STORE_OK);
    assert_int_equal(order_destination(h, "a", QUEUE_RETRY).number, 1);
    assert_int_equal(harness_claim(h, 42, 10).items, 1);
}

static uint64_t move_to(struct harness *h, uint64_t message, const char *key, uint32_t recipient)
{
    struct answer answer = {0};
    struct recipient_move moves[] = {
        {.message = message, .recipient = recipient, .destination = slice_of(key), .next_at_ms = 7},
        {.message = 99, .destination = slice_of(key)}}; /* not there */
    assert_int_equal(queue_move(h->store, moves, COUNT_OF(moves), answer_done, &answer), STORE_OK);
    assert_int_equal(harness_wait(h, &answer), STORE_OK);
    return answer.number;
}

static void a_recipient_moves_to_another_destination(struct harness *h)
{
    struct count count = {0};
    assert_int_equal(harness_accept(h, 1, 10, 2, "unreachable"), STORE_OK);
    assert_int_equal(move_to(h, 1, "out", 1), 0); /* in hand */
    assert_int_equal(harness_finish(h, 1, 1, DELIVERY_DEFERRED, 5000), STORE_OK);
    assert_int_equal(move_to(h, 1, "out", 1), 1);
    assert_int_equal(harness_list(h, (struct queue_filter){.destination = SLICE("out")}).items, 1);
    struct queue_claim claim = {SLICE("out"), 7, 10};
    assert_int_equal(queue_claim(h->store, &claim, count_item, &count), STORE_OK);
    assert_int_equal(count.items, 1);
    harness_reopen(h);
    assert_int_equal(harness_list(h, (struct queue_filter){.destination = SLICE("out")}).items, 1);
}

static void a_recipient_that_moves_is_suspended_as_its_destination_is(struct harness *h)
{
    assert_int_equal(order_destination(h, "held", QUEUE_SUSPEND).outcome, STORE_OK);
    assert_int_equal(harness_accept(h, 1, 10, 1, "free"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_RELEASED, 5), STORE_OK);
    assert_int_equal(move_to(h, 1, "held", 0), 1);
    assert_int_equal(harness_claim(h, 100, 10).items, 0);
    assert_int_equal(move_to(h, 1, "free", 0), 1);
    assert_int_equal(harness_claim(h, 100, 10).items, 1);
}

static struct answer exchange(struct harness *h, const struct recipient_exchange *order)
{
    struct answer answer = {0};
    assert_int_equal(queue_exchange(h->store, order, answer_done, &answer), STORE_OK);
    harness_wait(h, &answer);
    return answer;
}

static const struct envelope_recipient two[] = {
    {SLICE_INIT("x@example.org"), SLICE_INIT("out"), 5, SLICE_INIT("notify=1")},
    {SLICE_INIT("y@example.org"), SLICE_INIT("a"), 5, SLICE_INIT("")},
};

static void one_in_hand_is_exchanged_for_others(struct harness *h)
{
    struct recipient_exchange order = {.message = 1,
                                       .owned = true,
                                       .recipient = 1,
                                       .recipients = two,
                                       .recipient_count = COUNT_OF(two)};
    assert_int_equal(harness_accept(h, 1, 10, 2, "a"), STORE_OK);
    assert_int_equal(exchange(h, &order).outcome, STORE_OK);
    assert_int_equal(exchange(h, &order).outcome, STORE_LOST); /* it has gone */
    struct count claimed = harness_claim(h, 5, 10);
    assert_int_equal(claimed.items, 2);
    assert_int_equal(claimed.last_recipient, 3);
    assert_int_equal(harness_list(h, (struct queue_filter){0}).items, 3);
    assert_int_equal(harness_list(h, (struct queue_filter){.destination = SLICE("out")}).items, 1);
    harness_reopen(h);
    assert_int_equal(harness_list(h, (struct queue_filter){0}).items, 3);
    assert_int_equal(harness_check_body(h->store, 1, 10), STORE_OK);
}

static void a_suspended_message_is_exchanged_as_far_as_it_waits(struct harness *h)
{
    struct recipient_exchange order = {
        .message = 1, .first_number = 70, .recipients = two, .recipient_count = COUNT_OF(two)};
    assert_int_equal(harness_accept(h, 1, 10, 3, "a"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DEFERRED, 10), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 1, DELIVERY_DEFERRED, 10), STORE_OK);
    assert_int_equal(exchange(h, &order).outcome, STORE_LOST); /* it may go at any moment */
    assert_int_equal(harness_list(h, (struct queue_filter){0}).items, 3);
    assert_int_equal(order_message(h, 1, QUEUE_SUSPEND).outcome, STORE_OK);
    assert_int_equal(exchange(h, &order).number, 2);
    struct count left = harness_list(h, (struct queue_filter){0});
    assert_int_equal(left.items, 3); /* the one in hand, and two others */
    assert_int_equal(left.last_recipient, 71);
    assert_true(left.suspended);
    assert_int_equal(harness_claim(h, 100, 10).items, 0);
    assert_int_equal(harness_finish(h, 1, 2, DELIVERY_DONE, 0), STORE_OK);
    assert_int_equal(order_message(h, 1, QUEUE_RESUME).outcome, STORE_OK);
    assert_int_equal(harness_claim(h, 100, 10).items, 2);
    assert_int_equal(harness_finish(h, 1, 70, DELIVERY_DONE, 0), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 71, DELIVERY_DONE, 0), STORE_OK);
    assert_int_equal(harness_list(h, (struct queue_filter){0}).items, 0);
    struct store_pressure pressure;
    assert_int_equal(store_pressure(h->store, 0, &pressure), STORE_OK);
    assert_int_equal(pressure.queued_recipients, 0);
}

static void orders_to_nothing_are_not_found(struct harness *h)
{
    assert_int_equal(order_destination(h, "a", QUEUE_RETRY).outcome, STORE_NOT_FOUND);
    assert_int_equal(order_destination(h, "a", QUEUE_RESUME).outcome, STORE_NOT_FOUND);
    for (int order = QUEUE_SUSPEND; order <= QUEUE_SUSPECT; order++)
        assert_int_equal(order_message(h, 1, (enum queue_order)order).outcome, STORE_NOT_FOUND);
}

static void a_message_can_be_accepted_suspended(struct harness *h)
{
    struct envelope_recipient recipient = {SLICE("a@b"), SLICE("d"), 0, SLICE("")};
    struct envelope envelope = {
        .message = 1, .recipients = &recipient, .recipient_count = 1, .suspended = true};
    struct answer answer = {0};
    assert_int_equal(
        queue_accept(h->store, harness_body(h->store, 10, 1), &envelope, answer_done, &answer),
        STORE_OK);
    assert_int_equal(harness_wait(h, &answer), STORE_OK);
    assert_true(harness_list(h, (struct queue_filter){0}).suspended);
    assert_int_equal(harness_claim(h, 100, 10).items, 0);
    assert_int_equal(order_message(h, 1, QUEUE_RESUME).outcome, STORE_OK);
    assert_int_equal(harness_claim(h, 100, 10).items, 1);
}

static void a_suspended_message_is_not_claimed(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 2, "a"), STORE_OK);
    assert_int_equal(order_message(h, 1, QUEUE_SUSPEND).number, 2);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DEFERRED, 10), STORE_OK);
    assert_int_equal(harness_claim(h, 100, 10).items, 0);
    assert_true(harness_list(h, (struct queue_filter){0}).suspended);
    assert_int_equal(order_message(h, 1, QUEUE_RESUME).outcome, STORE_OK);
    assert_int_equal(harness_claim(h, 100, 10).items, 1);
}

static void a_message_can_be_retried_alone(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 1, "a"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DEFERRED, 9000), STORE_OK);
    assert_int_equal(order_message(h, 1, QUEUE_RETRY).number, 1);
    assert_int_equal(harness_claim(h, 42, 10).items, 1);
}

static bool note_deaths(void *context, const struct queue_item *item)
{
    *(uint32_t *)context = item->deaths;
    return true;
}

static uint32_t deaths(struct harness *h)
{
    uint32_t found = UINT32_MAX;
    struct queue_claim claim = {.now_ms = INT64_MAX, .limit = 10};
    assert_int_equal(queue_claim(h->store, &claim, note_deaths, &found), STORE_OK);
    return found;
}

static void deaths_of_a_message_outlive_the_store(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 5000, 2, "a"), STORE_OK);
    assert_int_equal(order_message(h, 1, QUEUE_SUSPECT).number, 1);
    assert_int_equal(order_message(h, 1, QUEUE_SUSPECT).number, 1);
    harness_reopen(h);
    assert_int_equal(deaths(h), 2); /* and it is claimed as before */
    harness_reopen(h);
    assert_int_equal(order_message(h, 1, QUEUE_SUSPEND).number, 2);
    assert_int_equal(order_message(h, 1, QUEUE_RESUME).number, 2);
    harness_reopen(h);
    assert_int_equal(deaths(h), 0);
    for (int i = 0; i < 255; i++)
        assert_int_equal(order_message(h, 1, QUEUE_SUSPECT).outcome, STORE_OK);
    assert_int_equal(order_message(h, 1, QUEUE_SUSPECT).outcome, STORE_NOT_FOUND);
    harness_reopen(h);
    assert_int_equal(deaths(h), 255);
    assert_int_equal(order_destination(h, "a", QUEUE_SUSPECT).outcome, STORE_NOT_FOUND);
}

static struct answer set_aside(struct harness *h, uint64_t message, const char *key)
{
    struct answer answer = {0};
    assert_int_equal(message_set_aside(h->store, message, slice_of(key), answer_done, &answer),
                     STORE_OK);
    harness_wait(h, &answer);
    return answer;
}

static void what_is_set_aside_is_suspended_elsewhere(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 3, "a"), STORE_OK);
    assert_int_equal(harness_accept(h, 2, 10, 1, "a"), STORE_OK);
    assert_int_equal(set_aside(h, 3, "poison").outcome, STORE_NOT_FOUND);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_RELEASED, 5), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 1, DELIVERY_RELEASED, 5), STORE_OK);
    assert_int_equal(set_aside(h, 1, "poison").number, 2); /* the third is in hand */
    assert_int_equal(harness_list(h, (struct queue_filter){.destination = SLICE("poison")}).items,
                     2);
    assert_int_equal(harness_claim(h, 100, 10).items, 0);
    assert_int_equal(harness_finish(h, 1, 2, DELIVERY_DEFERRED, 5), STORE_OK);
    assert_int_equal(harness_claim(h, 100, 10).items, 0);
    assert_int_equal(order_message(h, 1, QUEUE_RESUME).outcome, STORE_OK);
    assert_int_equal(harness_claim(h, 100, 10).items, 3);
}

static void a_removed_message_is_gone(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 5000, 2, "a"), STORE_OK);
    assert_int_equal(order_message(h, 1, QUEUE_REMOVE).number, 2);
    assert_int_equal(harness_list(h, (struct queue_filter){0}).items, 0);
    assert_int_equal(harness_check_body(h->store, 1, 5000), STORE_NOT_FOUND);
    assert_int_equal(harness_finish(h, 1, 0, DELIVERY_DONE, 0), STORE_LOST);
}

/* --- pressure -------------------------------------------------------------------------------- */

static struct store_pressure pressure(struct harness *h, int64_t now_ms)
{
    struct store_pressure pressure;
    assert_int_equal(store_pressure(h->store, now_ms, &pressure), STORE_OK);
    return pressure;
}

static void an_idle_store_is_at_ease(struct harness *h)
{
    struct store_pressure seen = pressure(h, 1000);
    assert_int_equal(seen.level, STORE_PRESSURE_NONE);
    assert_string_equal(seen.cause, "");
    assert_true(seen.free_bytes > 0 && seen.volume_bytes > 0);
    assert_in_range(seen.measure_count, 5, STORE_MEASURES_MAX);
    for (size_t i = 0; i < seen.measure_count; i++)
        assert_int_equal(seen.measures[i].level, STORE_PRESSURE_NONE);
}

static void pressure_counts_recipients(struct harness *h)
{
    assert_int_equal(harness_accept(h, 1, 10, 5, "a"), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 2, DELIVERY_DONE, 0), STORE_OK);
    assert_int_equal(harness_finish(h, 1, 3, DELIVERY_DEFERRED, 0), STORE_OK);
    assert_int_equal(pressure(h, 1000).queued_recipients, 4);
    harness_reopen(h);
    assert_int_equal(pressure(h, 1000).queued_recipients, 4);
    assert_int_equal(order_message(h, 1, QUEUE_REMOVE).outcome, STORE_OK);
    assert_int_equal(pressure(h, 1000).queued_recipients, 0);
}

static void little_space_is_high_pressure(struct harness *h)
{
    h->options.free_high_bytes = UINT64_MAX / 2;
    harness_reopen(h);
    struct store_pressure seen = pressure(h, 1000);
    assert_int_equal(seen.level, STORE_PRESSURE_HIGH);
    assert_string_equal(seen.cause, "free space");
    for (size_t i = 0; i < seen.measure_count; i++)
        assert_int_equal(seen.measures[i].level, strcmp(seen.measures[i].cause, "free space") == 0
                                                     ? STORE_PRESSURE_HIGH
                                                     : STORE_PRESSURE_NONE);
}

static void pressure_falls_after_thirty_calm_seconds(struct harness *h)
{
    h->options.memory_medium_bytes = 10000;
    h->options.memory_high_bytes = 1 << 30;
    harness_reopen(h);
    struct body *bodies[] = {harness_body(h->store, 8000, 1), harness_body(h->store, 8000, 2)};
    assert_int_equal(pressure(h, 1000).level, STORE_PRESSURE_MEDIUM);
    assert_string_equal(pressure(h, 1000).cause, "body memory");
    body_abandon(bodies[0]);
    assert_int_equal(pressure(h, 2000).level, STORE_PRESSURE_MEDIUM);
    assert_int_equal(pressure(h, 60000).level, STORE_PRESSURE_MEDIUM);
    body_abandon(bodies[1]);
    assert_int_equal(pressure(h, 61000).level, STORE_PRESSURE_MEDIUM);
    assert_int_equal(pressure(h, 90999).level, STORE_PRESSURE_MEDIUM);
    assert_int_equal(pressure(h, 91000).level, STORE_PRESSURE_NONE);
}

static void too_many_bodies_in_memory_are_refused(struct harness *h)
{
    h->options.memory_high_bytes = 10000;
    harness_reopen(h);
    struct body *bodies[] = {harness_body(h->store, 8000, 1), harness_body(h->store, 8000, 2)};
    struct body *third = NULL;
    assert_int_equal(body_begin(h->store, 0, &third), STORE_BUSY);
    body_abandon(bodies[0]);
    body_abandon(bodies[1]);
    assert_int_equal(body_begin(h->store, 0, &third), STORE_OK);
    body_abandon(third);
}

/* --- the table ------------------------------------------------------------------------------- */

#define CASE(function)                                                                             \
    {                                                                                              \
#function, function                                                                        \
    }

static const struct {
    const char *name;
    void (*run)(struct harness *h);
} cases[] = {
    CASE(put_then_get),
    CASE(get_of_nothing_is_not_found),
    CASE(versions_count_up),
    CASE(another_version_conflicts),
    CASE(any_version_is_taken),
    CASE(an_old_version_of_nothing_is_not_found),
    CASE(names_are_unique_whatever_their_case),
    CASE(nameless_objects_do_not_collide),
    CASE(a_batch_is_all_or_nothing),
    CASE(a_name_is_free_after_its_owner_went_in_the_same_batch),
    CASE(delete_of_nothing_is_not_found),
    CASE(lists_are_in_order_of_kind_and_name),
    CASE(sequences_count_batches),
    CASE(the_log_says_who_did_what),
    CASE(a_refused_batch_leaves_no_log),
    CASE(the_watcher_hears_of_changes_only),
    CASE(configuration_survives_reopening),
    CASE(a_secret_is_written_with_its_object),
    CASE(a_secret_goes_with_its_object),
    CASE(a_secret_can_be_taken_away_alone),
    CASE(bodies_of_every_length_come_back),
    CASE(a_body_over_the_limit_is_refused),
    CASE(an_abandoned_body_leaves_nothing),
    CASE(two_bodies_may_stream_at_once),
    CASE(a_small_loan_is_sealed),
    CASE(a_large_loan_is_read_only),
    CASE(a_loan_outlives_its_message),
    CASE(a_duplicate_is_good_until_the_loan_is_returned),
    CASE(a_loan_of_nothing_is_not_found),
    CASE(bodies_forgotten_by_the_cache_are_read_from_disk),
    CASE(the_rest_of_a_body_can_be_taken_into_another),
    CASE(a_body_is_read_before_it_is_complete),
    CASE(accepted_is_queued_and_owned),
    CASE(an_item_holds_what_was_accepted),
    CASE(the_same_id_twice_is_one_message),
    CASE(a_message_without_recipients_is_refused),
    CASE(two_hundred_at_once_are_all_answered),
    CASE(closing_writes_what_was_handed_in),
    CASE(ids_grow_within_and_across_milliseconds),
    CASE(ids_grow_across_lives),
    CASE(the_last_recipient_takes_the_message_along),
    CASE(finishing_twice_is_lost),
    CASE(lost_outcomes_are_counted_and_the_others_written),
    CASE(deferred_comes_back_when_due),
    CASE(released_does_not_count_as_an_attempt),
    CASE(a_claim_is_handed_out_once),
    CASE(a_claim_stopped_by_its_callback_owns_what_it_showed),
    CASE(a_claim_can_be_for_one_destination),
    CASE(many_claims_wait_for_the_writer),
    CASE(next_due_is_the_earliest_unclaimed),
    CASE(ownership_ends_with_the_store),
    CASE(a_finish_goes_within_its_delay_without_company),
    CASE(lists_are_filtered_and_paged),
    CASE(a_list_reads_what_is_asked_for),
    CASE(statistics_count_by_destination),
    CASE(every_recipient_is_counted_once),
    CASE(what_was_in_hand_before_its_time_is_due),
    CASE(a_delivery_ends_the_count_of_failures),
    CASE(a_suspended_destination_is_not_claimed),
    CASE(a_destination_can_be_suspended_before_it_has_mail),
    CASE(a_retry_makes_a_destination_due),
    CASE(a_recipient_moves_to_another_destination),
    CASE(one_in_hand_is_exchanged_for_others),
    CASE(a_suspended_message_is_exchanged_as_far_as_it_waits),
    CASE(a_recipient_that_moves_is_suspended_as_its_destination_is),
    CASE(orders_to_nothing_are_not_found),
    CASE(a_suspended_message_is_not_claimed),
    CASE(a_message_can_be_accepted_suspended),
    CASE(a_message_can_be_retried_alone),
    CASE(deaths_of_a_message_outlive_the_store),
    CASE(what_is_set_aside_is_suspended_elsewhere),
    CASE(a_removed_message_is_gone),
    CASE(an_idle_store_is_at_ease),
    CASE(pressure_counts_recipients),
    CASE(little_space_is_high_pressure),
    CASE(pressure_falls_after_thirty_calm_seconds),
    CASE(too_many_bodies_in_memory_are_refused),
};

static void run_case(void **state)
{
    size_t index = *(const size_t *)*state;
    struct harness h;
    harness_begin(&h);
    cases[index].run(&h);
    harness_end(&h);
}

int main(void)
{
    static size_t indexes[COUNT_OF(cases)];
    static struct CMUnitTest tests[COUNT_OF(cases)];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        indexes[i] = i;
        tests[i] = (struct CMUnitTest){
            .name = cases[i].name, .test_func = run_case, .initial_state = &indexes[i]};
    }
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
