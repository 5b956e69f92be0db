/* SPDX-License-Identifier: Apache-2.0 */
/* The history of the configuration: before and after, first and last, old databases, forgetting. */
#include "unit/store/harness.h"

#include <sqlite3.h>

static struct object_id id_of(uint8_t number)
{
    return (struct object_id){.bytes = {[15] = number}};
}

static struct config_change put(uint8_t id, const char *name, const char *body)
{
    return (struct config_change){.operation = CONFIG_PUT,
                                  .kind = SLICE("connector"),
                                  .id = id_of(id),
                                  .name = slice_of(name),
                                  .body = slice_of(body),
                                  .expected_version = CONFIG_VERSION_ANY};
}

static struct config_change removal(uint8_t id)
{
    struct config_change change = put(id, "", "");
    change.operation = CONFIG_DELETE;
    return change;
}

static struct config_change secret(uint8_t id, const char *sealed)
{
    struct config_change change = put(id, "", sealed);
    change.operation = sealed[0] ? CONFIG_PUT_SECRET : CONFIG_DELETE_SECRET;
    change.key_name = SLICE("kek.1");
    return change;
}

static void apply_at(struct harness *h, const struct config_change *changes, size_t count,
                     int64_t at_ms)
{
    struct answer answer = {0};
    struct config_batch batch = {changes, count, SLICE("root"), SLICE("Set-It"), at_ms};
    assert_int_equal(config_apply(h->store, &batch, answer_done, &answer), STORE_OK);
    assert_int_equal(harness_wait(h, &answer), STORE_OK);
}

static void apply(struct harness *h, struct config_change change)
{
    apply_at(h, &change, 1, 1000);
}

/* Every entry as one word: sequence, kind of state, name, before>after. */
struct seen {
    char text[2048];
    size_t count;
};

static void show(char *out, size_t size, const struct config_state *state)
{
    snprintf(out, size, "%.*s", SLICE_ARG(state->body));
    if (!state->kept || !state->exists)
        snprintf(out, size, "%s", state->kept ? "-" : "?");
}

static bool see(void *context, const struct config_revision_entry *entry)
{
    struct seen *seen = context;
    char before[64], after[64];
    show(before, sizeof before, &entry->before);
    show(after, sizeof after, &entry->after);
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof seen->text - used, "%d%s:%.*s:%s>%s ",
             (int)entry->entry.sequence, entry->of_secret ? "s" : "o", SLICE_ARG(entry->entry.name),
             before, after);
    seen->count++;
    return true;
}

static bool see_later(void *context, const struct config_entry *entry)
{
    struct seen *seen = context;
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof seen->text - used, "%d:%.*s ", (int)entry->sequence,
             SLICE_ARG(entry->name));
    return true;
}

static void expect_revision(struct harness *h, uint64_t sequence, const char *wanted)
{
    struct seen seen = {0};
    assert_int_equal(config_revision(h->store, sequence, see, &seen), STORE_OK);
    assert_string_equal(seen.text, wanted);
}

static void expect_before(struct harness *h, uint64_t first, uint64_t last, const char *wanted)
{
    struct seen seen = {0};
    assert_int_equal(config_before(h->store, first, last, see, &seen), STORE_OK);
    assert_string_equal(seen.text, wanted);
}

static void expect_history(struct harness *h, int64_t from_ms, const char *wanted)
{
    struct seen seen = {0};
    struct config_history_filter filter = {from_ms, INT64_MAX};
    assert_int_equal(config_history(h->store, &filter, see, &seen), STORE_OK);
    for (char *at = seen.text; *at; at++) /* bodies are not asked for */
        if (*at == '>')
            *at = ' ';
    assert_string_equal(seen.text, wanted);
}

static void a_revision_says_before_and_after(struct harness *h)
{
    apply(h, put(1, "A", "one"));
    apply(h, put(1, "B", "two"));
    apply(h, put(1, "B", "three"));
    apply(h, removal(1));
    expect_revision(h, 1, "1o:A:->one ");
    expect_revision(h, 2, "2o:B:one>two ");
    expect_revision(h, 3, "3o:B:two>three ");
    expect_revision(h, 4, "4o:B:three>- ");
    harness_reopen(h);
    expect_revision(h, 2, "2o:B:one>two ");
    struct seen seen = {0};
    assert_int_equal(config_revision(h->store, 9, see, &seen), STORE_NOT_FOUND);
}

static void a_secret_is_kept_when_it_is_replaced_and_when_its_object_goes(struct harness *h)
{
    struct config_change both[] = {put(1, "A", "one"), secret(1, "\x01s1")};
    apply_at(h, both, 2, 1000);
    apply(h, secret(1, "\x01s2"));
    apply(h, removal(1));
    expect_revision(h, 1, "1o:A:->one 1s::->\x01s1 ");
    expect_revision(h, 2, "2s::\x01s1>\x01s2 ");
    expect_before(h, 3, 3, "3o:A:one>? 3s:A:\x01s2>? ");
    expect_before(h, 2, 3, "2s::\x01s1>? 3o:A:one>? ");
    expect_before(h, 1, 3, "1o:A:->? 1s::->? ");
}

static void the_state_before_is_that_of_the_first_change(struct harness *h)
{
    struct config_change both[] = {put(1, "A", "a1"), put(2, "B", "b1")};
    apply_at(h, both, 2, 1000);
    apply(h, put(1, "A", "a2"));
    apply(h, put(2, "B", "b2"));
    apply(h, put(1, "A", "a3"));
    expect_before(h, 2, 4, "2o:A:a1>? 3o:B:b1>? ");
    expect_before(h, 4, 4, "4o:A:a2>? ");
    struct seen seen = {0};
    assert_int_equal(config_later(h->store, 2, see_later, &seen), STORE_OK);
    assert_string_equal(seen.text, "4:A ");
    seen = (struct seen){0};
    assert_int_equal(config_later(h->store, 1, see_later, &seen), STORE_OK);
    assert_string_equal(seen.text, "2:A 3:B 4:A ");
}

static void the_newest_comes_first(struct harness *h)
{
    struct config_change first = put(1, "A", "a1"), second = put(1, "A", "a2"), third = removal(1);
    apply_at(h, &first, 1, 1000);
    apply_at(h, &second, 1, 2000);
    apply_at(h, &third, 1, 3000);
    expect_history(h, 0, "3o:A: ? 2o:A: ? 1o:A:- ? ");
    expect_history(h, 2500, "3o:A: ? ");
}

static void a_refused_batch_leaves_no_past(struct harness *h)
{
    struct config_change changes[] = {put(1, "A", "one"), put(2, "B", "two")};
    changes[1].expected_version = 7;
    struct answer answer = {0};
    struct config_batch batch = {changes, 2, SLICE("root"), SLICE("Set-It"), 1000};
    assert_int_equal(config_apply(h->store, &batch, answer_done, &answer), STORE_OK);
    assert_int_equal(harness_wait(h, &answer), STORE_NOT_FOUND);
    apply(h, put(1, "A", "later"));
    expect_revision(h, 1, "1o:A:->later ");
}

static uint64_t oldest(struct harness *h)
{
    uint64_t sequence = 99;
    assert_int_equal(config_oldest(h->store, &sequence), STORE_OK);
    return sequence;
}

static void expect_kept(struct harness *h, size_t count)
{
    struct seen seen = {0};
    struct config_history_filter filter = {INT64_MIN, INT64_MAX};
    assert_int_equal(config_history(h->store, &filter, see, &seen), STORE_OK);
    assert_int_equal(seen.count, count);
}

static void nothing_has_no_history(struct harness *h)
{
    expect_kept(h, 0);
    assert_int_equal(oldest(h), 0);
}

static void so_many_revisions_are_kept(struct harness *h)
{
    h->options.revisions_max = 3;
    harness_reopen(h);
    for (int i = 0; i < 10; i++)
        apply(h, put(1, "A", "x"));
    expect_kept(h, 3);
    assert_int_equal(oldest(h), 8);
    uint64_t sequence = 0;
    harness_reopen(h);
    assert_int_equal(config_sequence(h->store, &sequence), STORE_OK);
    assert_int_equal(sequence, 10);
}

static void so_long_revisions_are_kept(struct harness *h)
{
    h->options.revision_age_max_ms = 5000;
    harness_reopen(h);
    struct config_change change = put(1, "A", "x");
    apply_at(h, &change, 1, 1000);
    apply_at(h, &change, 1, 5999);
    expect_kept(h, 2);
    apply_at(h, &change, 1, 6001);
    expect_kept(h, 2);
    apply_at(h, &change, 1, 99000);
    expect_kept(h, 1);
    assert_int_equal(oldest(h), 4);
}

static void so_many_bytes_are_kept(struct harness *h)
{
    static char body[4096];
    memset(body, 'x', sizeof body - 1);
    h->options.history_max_bytes = 5 * 4096;
    harness_reopen(h);
    for (int i = 0; i < 20; i++)
        apply(h, put(1, "A", body));
    expect_kept(h, 5);
    for (int i = 0; i < 40; i++)
        apply(h, put(1, "A", "x"));
    expect_kept(h, 41);
}

static void its_log_does_not_grow_for_ever(struct harness *h)
{
    static char body[4096];
    char path[128];
    struct stat facts;
    memset(body, 'x', sizeof body - 1);
    h->options.log_pages_max = 16;
    harness_reopen(h);
    for (int i = 0; i < 200; i++) /* two pages each at the least */
        apply(h, put(1, "A", body));
    snprintf(path, sizeof path, "%s/config.db-wal", h->folder);
    assert_int_equal(stat(path, &facts), 0);
    assert_true(facts.st_size < 100 * 4096);
    expect_kept(h, 200);
}

/* Takes the database back to what a release of script 1 leaves, its log included. */
static void make_old(struct harness *h)
{
    char path[128];
    sqlite3 *handle = NULL;
    store_close(h->store);
    h->store = NULL;
    snprintf(path, sizeof path, "%s/config.db", h->folder);
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle,
                                  "DROP TABLE config_past; DROP INDEX config_log_object;"
                                  "DELETE FROM schema_version WHERE version > 1",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(handle);
    harness_open(h);
}

static void an_old_database_goes_on(struct harness *h)
{
    apply(h, put(1, "A", "one"));
    apply(h, put(1, "A", "two"));
    make_old(h);
    expect_revision(h, 2, "2o:A:?>two ");
    apply(h, put(1, "A", "three"));
    expect_revision(h, 1, "1o:A:?>? ");
    expect_revision(h, 2, "2o:A:?>two ");
    expect_revision(h, 3, "3o:A:two>three ");
    harness_reopen(h);
    expect_revision(h, 3, "3o:A:two>three ");
}

/* Two releases side by side: the older one writes its log and nothing else. */
static void a_change_by_an_older_release_is_a_gap(struct harness *h)
{
    char path[128];
    sqlite3 *handle = NULL;
    apply(h, put(1, "A", "one"));
    apply(h, put(1, "A", "two"));
    snprintf(path, sizeof path, "%s/config.db", h->folder);
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(handle, "DELETE FROM config_past WHERE sequence = 2", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(handle);
    apply(h, put(1, "A", "three"));
    expect_revision(h, 1, "1o:A:->? ");
    expect_revision(h, 2, "2o:A:?>two ");
    expect_before(h, 2, 3, "2o:A:?>? ");
}

#define CASE(function)                                                                             \
    {                                                                                              \
#function, function                                                                        \
    }
static const struct {
    const char *name;
    void (*run)(struct harness *h);
} cases[] = {
    CASE(a_revision_says_before_and_after),
    CASE(a_secret_is_kept_when_it_is_replaced_and_when_its_object_goes),
    CASE(the_state_before_is_that_of_the_first_change),
    CASE(the_newest_comes_first),
    CASE(a_refused_batch_leaves_no_past),
    CASE(nothing_has_no_history),
    CASE(so_many_revisions_are_kept),
    CASE(so_long_revisions_are_kept),
    CASE(so_many_bytes_are_kept),
    CASE(its_log_does_not_grow_for_ever),
    CASE(an_old_database_goes_on),
    CASE(a_change_by_an_older_release_is_a_gap),
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
    return cmocka_run_group_tests_name("store-history", tests, NULL, NULL);
}
