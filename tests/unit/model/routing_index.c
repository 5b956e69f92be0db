/* SPDX-License-Identifier: Apache-2.0 */
/* The index answers as route_choose does, in any model. */
#include "model/routing_index.h"
#include "fixture.h"

#include <stdio.h>

static uint64_t seed;

static unsigned pick(unsigned count)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % count;
}

/* Few names, so that spaces, accepted domains and questions meet all the time. */
static void append_domain(struct text *text)
{
    static const char *const labels[] = {"a",
                                         "B",
                                         "ab",
                                         "com",
                                         "b\xc3\xbc"
                                         "cher",
                                         "xn--bcher-kva"};
    for (unsigned left = 1 + pick(4); left; left--) {
        text_append_c(text, labels[pick(COUNT_OF(labels))]);
        text_append_c(text, left > 1 ? "." : "");
    }
}

static const char *random_space(struct text *text)
{
    text_clear(text);
    unsigned kind = pick(8);
    if (kind < 2) {
        text_append_c(text, kind ? "*" : "--");
    } else {
        text_append_c(text, kind < 5 ? "*." : "");
        append_domain(text);
    }
    return text_c_string(text);
}

static void add_connector(struct model *model, unsigned number)
{
    char spaces_storage[600], space_storage[200], assignments[800];
    struct text spaces = text_over(spaces_storage, sizeof spaces_storage);
    struct text space = text_over(space_storage, sizeof space_storage);
    for (unsigned left = 1 + pick(3); left; left--)
        text_append_format(&spaces, "%s;%u%s", random_space(&space), 1 + pick(2),
                           left > 1 ? "," : "");
    snprintf(assignments, sizeof assignments, "AddressSpaces=%s|Enabled=%u|MaxMessageSize=%s",
             text_c_string(&spaces), pick(5) > 0, pick(3) ? "64KB" : "1MB");
    char name[16];
    snprintf(name, sizeof name, "%c%u", (char)('A' + pick(26)), number);
    fixture_send_connector(model, name, assignments);
}

static void add_domains(struct model *model)
{
    static const char *const types[] = {"Authoritative", "InternalRelay", "ExternalRelay"};
    for (unsigned left = pick(5); left; left--) {
        char storage[200];
        struct text domain = text_over(storage, sizeof storage);
        text_append_c(&domain, pick(2) ? "*." : "");
        append_domain(&domain);
        const char *name = text_c_string(&domain);
        bool known = false;
        for (size_t i = 0; i < model_count(model, MODEL_ACCEPTED_DOMAIN); i++)
            known = known || domain_pattern_same(model_accepted_domain(model, i)->domain_name,
                                                 slice_of(name));
        if (!known)
            fixture_domain(model, name, types[pick(3)]);
    }
}

static void expect_same(const struct model *model, const struct routing_index *index)
{
    char storage[200];
    struct text domain = text_over(storage, sizeof storage);
    append_domain(&domain);
    text_append_c(&domain, pick(10) ? "" : ".");
    struct route_question question = {
        .domain = text_slice(&domain), .size_bytes = pick(3) * 600000, .is_mailbox = pick(20) == 0};
    struct route slow = route_choose(model, &question);
    struct route quick = routing_index_choose(index, &question);
    if (slow.kind != quick.kind || slow.connector != quick.connector ||
        slow.accepted != quick.accepted || slow.space.cost != quick.space.cost)
        fail_msg("%.*s (%lld bytes): %s, the index says %s", SLICE_ARG(question.domain),
                 (long long)question.size_bytes,
                 slow.connector ? slow.connector->name.at : route_kind_code(slow.kind),
                 quick.connector ? quick.connector->name.at : route_kind_code(quick.kind));
}

static void the_index_answers_like_the_search(void **state)
{
    (void)state;
    for (seed = 1; seed < 400;) {
        uint64_t next = seed + 1;
        struct model *model = fixture_model();
        add_domains(model);
        for (unsigned i = 0, count = pick(12); i < count; i++)
            add_connector(model, i);
        struct routing_index *index = routing_index_new(model);
        assert_non_null(index);
        for (size_t i = 0; i < 60; i++)
            expect_same(model, index);
        routing_index_free(index);
        model_free(model);
        seed = next;
    }
}

static void ten_thousand_connectors(void **state)
{
    (void)state;
    enum { CONNECTORS = 10000 };
    struct model *model = fixture_model();
    for (unsigned i = 0; i < CONNECTORS; i++) {
        char name[32], spaces[64];
        snprintf(name, sizeof name, "C%u", i);
        snprintf(spaces, sizeof spaces, "AddressSpaces=*.d%u.example,d%u.example;2", i, i);
        fixture_send_connector(model, name, spaces);
    }
    struct routing_index *index = routing_index_new(model);
    for (unsigned i = 0; i < CONNECTORS; i++) {
        char domain[64];
        snprintf(domain, sizeof domain, "%sd%u.example", i % 2 ? "" : "mail.", i);
        struct route_question question = {.domain = slice_of(domain), .size_bytes = 1};
        struct route route = routing_index_choose(index, &question);
        assert_ptr_equal(route.connector, model_send_connector(model, i));
        assert_int_equal(route.space.cost, i % 2 ? 2 : 1);
    }
    routing_index_free(index);
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_index_answers_like_the_search),
        cmocka_unit_test(ten_thousand_connectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
