/* SPDX-License-Identifier: Apache-2.0 */
/* expansion: whom mail reaches through groups and forwards, each once, and what circles end in. */
#include "model/expansion.h"
#include "fixture.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 64, LINE_MAX_BYTES = 2048 };

/* "a" is a@contoso.com; what has an @ is itself. */
static void append_address(struct text *text, struct slice name)
{
    size_t unused;
    text_append(text, name);
    if (!slice_find(name, '@', &unused))
        text_append_c(text, "@contoso.com");
}

static void add_group(struct model *model, struct slice name, struct slice members)
{
    char storage[LINE_MAX_BYTES];
    struct text text = text_over(storage, sizeof storage);
    struct slice one;
    struct distribution_group *group = model_object_new(model, MODEL_DISTRIBUTION_GROUP);
    bool quiet = slice_take_prefix(&name, SLICE("!"));
    text_append_format(&text, "Name=%.*s|PrimarySmtpAddress=%.*s@contoso.com", SLICE_ARG(name),
                       SLICE_ARG(name));
    text_append_c(&text, quiet ? "|ReportToOriginatorEnabled=0|Members=" : "|Members=");
    while (slice_take_field(&members, ',', &one)) {
        append_address(&text, one);
        text_append_c(&text, members.len ? "," : "");
    }
    fixture_set_all(model, MODEL_DISTRIBUTION_GROUP, group, text_c_string(&text));
    assert_true(model_add(model, MODEL_DISTRIBUTION_GROUP, group));
}

static void add_mailbox(struct model *model, struct slice name, struct slice target)
{
    char storage[LINE_MAX_BYTES];
    struct text text = text_over(storage, sizeof storage);
    bool keeps = target.len && target.at[target.len - 1] == '+';
    target.len -= keeps;
    text_append_format(&text,
                       "Name=%.*s|PrimarySmtpAddress=%.*s@contoso.com|EmailAddresses="
                       "%.*s.alias@contoso.com|DeliverToMailboxAndForward=%d",
                       SLICE_ARG(name), SLICE_ARG(name), SLICE_ARG(name), keeps);
    if (target.len) {
        text_append_c(&text, "|ForwardingSmtpAddress=");
        append_address(&text, target);
    }
    fixture_mailbox(model, 0, text_c_string(&text));
}

/* "a b>a c>x@y.example+ g{a,b} !h{g}": mailboxes, what they forward to (+ and keep), groups. */
static struct model *build(const char *written)
{
    struct model *model = fixture_model();
    struct slice rest = slice_of(written), one, name;
    while (slice_take_field(&rest, ' ', &one)) {
        if (one.at[one.len - 1] == '}') {
            one.len--;
            assert_true(slice_take_until(&one, '{', &name));
            add_group(model, name, one);
        } else if (slice_take_until(&one, '>', &name)) {
            add_mailbox(model, name, one);
        } else {
            add_mailbox(model, one, SLICE(""));
        }
    }
    return model;
}

static size_t split(const char *written, char storage[][80], struct slice *out)
{
    struct slice rest = slice_of(written), one;
    size_t count = 0;
    while (slice_take_field(&rest, ' ', &one)) {
        struct text text = text_over(storage[count], 80);
        append_address(&text, one);
        out[count++] = text_slice(&text);
    }
    return count;
}

/* "a=D" directly, "a=C" a copy kept, "a=F" by a forward, "a=G" by a group, in small letters when
 * nobody is to be told. */
static void append_found(struct text *text, const struct expanded *one)
{
    static const char ways[] = "DCFG";
    struct slice domain = SLICE("@contoso.com"), address = one->address;
    if (address.len > domain.len &&
        slice_equal(slice_after(address, address.len - domain.len), domain))
        address.len -= domain.len;
    text_append_c(text, text->len ? " " : "");
    text_append(text, address);
    text_append_byte(text, '=');
    text_append_byte(text, one->quiet ? ascii_lower(ways[one->way]) : ways[one->way]);
}

static void run_all(const struct model *model, const char *given, struct text *out)
{
    static const char *const failures[] = {"", "EMPTY", "MANY", "DEEP", "MEMORY"};
    static char storage[NAMES_MAX][80];
    struct slice addresses[NAMES_MAX];
    size_t count = split(given, storage, addresses);
    struct recipient_index *index = recipient_index_new(model);
    struct expansion *expansion = expansion_new(index, addresses, count);
    assert_non_null(expansion);
    for (size_t i = 0; i < count; i++) {
        size_t before = expansion_count(expansion);
        enum expansion_outcome outcome = expansion_run(expansion, i);
        text_append_c(out, i ? " | " : "");
        text_append_c(out, failures[outcome]);
        if (outcome != EXPANSION_OK)
            assert_int_equal(expansion_count(expansion), before);
        char line[LINE_MAX_BYTES];
        struct text found = text_over(line, sizeof line);
        for (size_t k = before; k < expansion_count(expansion); k++) {
            assert_int_equal(expansion_at(expansion, k)->origin, i);
            append_found(&found, expansion_at(expansion, k));
        }
        text_append(out, text_slice(&found));
    }
    expansion_free(expansion);
    recipient_index_free(index);
}

static void everybody_is_reached_once(void **state)
{
    (void)state;
    static const struct {
        const char *model, *given, *found;
    } rows[] = {
        {"a b", "a b x@y.example", "a=D | b=D | x@y.example=D"},
        {"a b", "a a", "a=D | a=D"}, /* what a client says twice is its own affair */
        {"a b g{a,b,x@y.example}", "g", "a=G b=G x@y.example=G"},
        {"a b g{a,b}", "g a", "b=G | a=D"},
        {"a b g{a,b}", "a g", "a=D | b=G"},
        {"a b g{a,b}", "g a.alias", "b=G | a.alias=D"},
        {"a g{a,a.alias}", "g", "a=G"},
        {"a g{x@y.example,X@Y.example}", "g", "x@y.example=G"},
        {"a g{x@y.example} h{x@y.example,a}", "g h", "x@y.example=G | a=G"},
        {"a b c g{a,h} h{b,i} i{c,a}", "g", "a=G b=G c=G"},
        /* groups that hold each other, or themselves */
        {"a b g{a,h} h{b,g}", "g", "a=G b=G"},
        {"a g{g,a}", "g", "a=G"},
        {"a g{g}", "g", "EMPTY"},
        {"a g{h} h{g}", "g a", "EMPTY | a=D"},
        {"a g{}", "g", "EMPTY"},
        {"a e{} g{e,e}", "g", "EMPTY"},
        {"a e{} g{e,a}", "g", "a=G"},
        /* forwards */
        {"a b>a", "b", "a=F"},
        {"a b>a+", "b", "b=C a=F"},
        {"a b>x@y.example", "b", "x@y.example=F"},
        {"a b>a c>b", "c", "a=F"},
        {"a b>a", "a b", "a=D | "},
        {"a b>g g{a,x@y.example}", "b", "a=G x@y.example=G"},
        {"a b>a g{b}", "g", "a=G"},
        {"a b>a+ g{b}", "g", "b=G a=G"},
        /* forwards in a circle: somebody keeps the mail */
        {"a>b b>a", "a", "b=F"},
        {"a>b b>a", "a b", "b=F | "},
        {"a>b b>a+", "a", "b=F"},
        {"a>g g{a}", "a", "a=C"},
        {"a>g g{a}", "g", "a=G"},
        {"a>g b g{a,b}", "a", "a=C b=G"},
        {"a>b b>c c>b", "a", "c=F"},
        /* nobody hears of failures */
        {"a !g{a}", "g", "a=g"},
        {"a b !g{a} h{b,g}", "h", "b=G a=g"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[LINE_MAX_BYTES], name[160];
        struct text found = text_over(storage, sizeof storage);
        struct model *model = build(rows[i].model);
        snprintf(name, sizeof name, "%s: %s", rows[i].model, rows[i].given);
        run_all(model, rows[i].given, &found);
        row_expect_slice(name, text_slice(&found), slice_of(rows[i].found));
        model_free(model);
    }
}

/* --- limits --- */

/* Groups big0, big1 ... of 4000 strangers each. */
static void add_big(struct model *model, unsigned number)
{
    enum { MEMBERS = 4000 };
    char name[80];
    struct distribution_group *group = model_object_new(model, MODEL_DISTRIBUTION_GROUP);
    struct slice *members = arena_take_array(model->arena, MEMBERS, sizeof *members);
    snprintf(name, sizeof name, "Name=big%u|PrimarySmtpAddress=big%u@contoso.com", number, number);
    fixture_set_all(model, MODEL_DISTRIBUTION_GROUP, group, name);
    for (unsigned i = 0; i < MEMBERS; i++) {
        snprintf(name, sizeof name, "p%u.%u@far.example", number, i);
        assert_true(arena_copy(model->arena, slice_of(name), &members[i]));
    }
    group->members = (struct slice_list){members, MEMBERS};
    assert_true(model_add(model, MODEL_DISTRIBUTION_GROUP, group));
}

static void too_many_are_refused_and_leave_nothing_behind(void **state)
{
    (void)state;
    struct model *model = build("a all{big0,big1,big2,a}");
    for (unsigned i = 0; i < 3; i++)
        add_big(model, i);
    struct slice given[] = {SLICE("all@contoso.com"), SLICE("big1@contoso.com"),
                            SLICE("big2@contoso.com")};
    struct recipient_index *index = recipient_index_new(model);
    struct expansion *expansion = expansion_new(index, given, COUNT_OF(given));
    assert_int_equal(expansion_run(expansion, 0), EXPANSION_TOO_MANY);
    assert_int_equal(expansion_count(expansion), 0);
    assert_true(expansion_keep(expansion, 0));
    assert_int_equal(expansion_run(expansion, 1), EXPANSION_OK);
    assert_int_equal(expansion_run(expansion, 2), EXPANSION_OK);
    assert_int_equal(expansion_count(expansion), 8001);
    assert_int_equal(expansion_at(expansion, 0)->way, EXPANSION_DIRECT);
    expansion_free(expansion);
    recipient_index_free(index);
    model_free(model);
}

static void depth_has_an_end(void **state)
{
    (void)state;
    for (unsigned depth = EXPANSION_DEPTH_MAX; depth <= EXPANSION_DEPTH_MAX + 1; depth++) {
        char storage[LINE_MAX_BYTES], line[LINE_MAX_BYTES];
        struct text written = text_over(storage, sizeof storage);
        struct text found = text_over(line, sizeof line);
        text_append_c(&written, "a");
        for (unsigned i = 1; i < depth; i++)
            text_append_format(&written, " g%u{g%u}", i, i + 1);
        text_append_format(&written, " g%u{a}", depth);
        struct model *model = build(text_c_string(&written));
        run_all(model, "g1", &found);
        row_expect_slice("depth", text_slice(&found),
                         depth > EXPANSION_DEPTH_MAX ? SLICE("DEEP") : SLICE("a=G"));
        model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_is_reached_once),
        cmocka_unit_test(too_many_are_refused_and_leave_nothing_behind),
        cmocka_unit_test(depth_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
