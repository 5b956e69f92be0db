/* SPDX-License-Identifier: Apache-2.0 */
/* A conversation as rows: what the filter answers, letter by letter, and what comes of it; each
 * fed in every cut. Capital letters in `said` are commands as they left us, and what is behind a
 * letter of the filter up to ';' is its data ('~': a NUL). */
#include "milter/milter.h"
#include "milter/packet.h"
#include "support/rows.h"

#include "base/attributes.h"

#include <string.h>

struct play {
    struct milter milter;
    struct milter_facts facts;
    struct text said, changes;
    size_t cut;
};

static void note_change(void *context, const struct milter_change *change)
{
    struct play *play = context;
    text_append_format(&play->changes, "%d.%u[%.*s][%.*s]", (int)change->kind, change->index,
                       SLICE_ARG(change->name), SLICE_ARG(change->value));
}

static void note_commands(struct play *play)
{
    struct slice rest = milter_output(&play->milter);
    struct packet packet;
    size_t len = rest.len;
    while (packet_take(&rest, &packet) == PACKET_COMPLETE)
        if (packet.letter != MILTER_MACROS)
            text_append_byte(&play->said, packet.letter);
    assert_int_equal(rest.len, 0);
    milter_sent(&play->milter, len);
}

static void feed(struct play *play, struct slice bytes)
{
    while (bytes.len) {
        milter_feed(&play->milter, slice_first(bytes, play->cut));
        bytes = slice_after(bytes, play->cut);
    }
    note_commands(play);
}

static void answer(struct play *play, char letter, struct slice data)
{
    char storage[200];
    struct text packet = text_over(storage, sizeof storage);
    size_t begun = packet_begin(&packet, letter);
    for (size_t i = 0; i < data.len; i++)
        text_append_byte(&packet, data.at[i] == '~' ? '\0' : data.at[i]);
    assert_true(packet_end(&packet, begun));
    feed(play, text_slice(&packet));
}

static void negotiate(struct play *play, uint32_t version, uint32_t actions, uint32_t steps)
{
    char storage[64];
    struct text packet = text_over(storage, sizeof storage);
    size_t begun = packet_begin(&packet, MILTER_NEGOTIATE);
    packet_append_u32(&packet, version);
    packet_append_u32(&packet, actions);
    packet_append_u32(&packet, steps);
    packet_end(&packet, begun);
    feed(play, text_slice(&packet));
}

static void begin(struct play *play, size_t cut)
{
    *play = (struct play){.cut = cut,
                          .said = text_with_ceiling(1000),
                          .changes = text_with_ceiling(1000),
                          .facts = {.host = SLICE("[192.0.2.1]"),
                                    .hello = SLICE("client"),
                                    .sender = SLICE("<a@b>\0"),
                                    .recipient = SLICE("<c@d>\0")}};
    milter_begin(&play->milter, &play->facts, note_change, play);
    note_commands(play);
}

static void end(struct play *play)
{
    milter_end(&play->milter);
    text_deinit(&play->said);
    text_deinit(&play->changes);
}

static void whole_message(struct play *play)
{
    milter_mail(&play->milter);
    milter_recipient(&play->milter);
    milter_data(&play->milter);
    milter_header(&play->milter, SLICE("A"), SLICE("1"));
    milter_header_end(&play->milter);
    milter_body(&play->milter, SLICE("body\r\n"));
    milter_message_end(&play->milter);
    note_commands(play);
}

/* The answers, each up to ';'. */
static void answer_all(struct play *play, const char *answers)
{
    struct slice rest = slice_of(answers), one;
    while (slice_take_field(&rest, ';', &one))
        answer(play, one.at[0], slice_after(one, 1));
}

/* clang-format off */
static const struct {
    const char *name;
    uint32_t steps;
    const char *answers;
    struct slice said, changes, reply;
    enum milter_verdict verdict;
    bool failed, settled;
} rows[] = {
    {"all continue", 0, "c;c;c;c;c;c;c;c;c", SLICE_INIT("OCHMRTLNBE"), SLICE_INIT(""), SLICE_INIT(""), MILTER_CONTINUE, false, true},
    {"nothing unasked", MILTER_NO_CONNECT | MILTER_NO_HELLO | MILTER_NO_MAIL | MILTER_NO_RECIPIENT | MILTER_NO_DATA | MILTER_NO_HEADERS |
        MILTER_NO_HEADER_END | MILTER_NO_BODY, "c", SLICE_INIT("OE"), SLICE_INIT(""), SLICE_INIT(""), MILTER_CONTINUE, false, true},
    {"silent", MILTER_SILENT_CONNECT | MILTER_SILENT_HELLO | MILTER_SILENT_MAIL | MILTER_SILENT_RECIPIENT | MILTER_SILENT_DATA | MILTER_SILENT_HEADER |
        MILTER_SILENT_HEADER_END | MILTER_SILENT_BODY, "c", SLICE_INIT("OCHMRTLNBE"), SLICE_INIT(""), SLICE_INIT(""), MILTER_CONTINUE, false, true},
    {"waits", 0, "c;c", SLICE_INIT("OCHM"), SLICE_INIT(""), SLICE_INIT(""), MILTER_CONTINUE, false, false},
    {"reject connect", 0, "r", SLICE_INIT("OC"), SLICE_INIT(""), SLICE_INIT("550 5.7.1 Command rejected"), MILTER_REJECT, false, true},
    {"tempfail hello", 0, "c;t", SLICE_INIT("OCH"), SLICE_INIT(""), SLICE_INIT("451 4.7.1 Service unavailable - try again later"), MILTER_TEMPFAIL, false, true},
    {"accept mail", 0, "c;c;a", SLICE_INIT("OCHM"), SLICE_INIT(""), SLICE_INIT(""), MILTER_ACCEPT, false, true},
    {"reject a recipient", 0, "c;c;c;r;c;c;c;c;c", SLICE_INIT("OCHMRTLNBE"), SLICE_INIT(""), SLICE_INIT("550 5.7.1 Command rejected"), MILTER_CONTINUE, false, true},
    {"discard at a recipient", 0, "c;c;c;d", SLICE_INIT("OCHMR"), SLICE_INIT(""), SLICE_INIT(""), MILTER_DISCARD, false, true},
    {"own words", 0, "c;c;y450 4.2.1 a\tb\n450 4.2.1 5%% c%~", SLICE_INIT("OCHM"), SLICE_INIT(""), SLICE_INIT("450 4.2.1 a?b\n450 4.2.1 5% c%"), MILTER_TEMPFAIL, false, true},
    {"shutdown", 0, "c;4", SLICE_INIT("OCH"), SLICE_INIT(""), SLICE_INIT("421 4.7.0 Closing connection"), MILTER_TEMPFAIL, false, true},
    {"progress", 0, "p;c;p;p;c;c", SLICE_INIT("OCHMR"), SLICE_INIT(""), SLICE_INIT(""), MILTER_CONTINUE, false, false},
    {"skip", MILTER_MAY_SKIP, "c;c;c;c;c;c;c;s;c", SLICE_INIT("OCHMRTLNBE"), SLICE_INIT(""), SLICE_INIT(""), MILTER_CONTINUE, false, true},
    {"changes", 0, "c;c;c;c;c;c;c;c;hX~1~;i~~~\1Y~2~;m~~~\2Z~~;+<e@f>~;-<c@d>~;e<>~;2g~NOTIFY=NEVER~;bnew;qodd~;c", SLICE_INIT("OCHMRTLNBE"),
        SLICE_INIT("0.0[X][1]1.1[Y][2]2.2[Z][]4.0[<e@f>][]5.0[<c@d>][]6.0[<>][]4.0[g][]3.0[][new]7.0[][odd]"), SLICE_INIT(""), MILTER_CONTINUE, false, true},
    {"early change", 0, "c;c;hX~1~", SLICE_INIT("OCHM"), SLICE_INIT(""), SLICE_INIT(""), MILTER_CONTINUE, true, true},
    {"cut change", 0, "c;c;c;c;c;c;c;c;hX~1", SLICE_INIT("OCHMRTLNBE"), SLICE_INIT(""), SLICE_INIT(""), MILTER_CONTINUE, true, true},
    {"unknown", 0, "c;?", SLICE_INIT("OCH"), SLICE_INIT(""), SLICE_INIT(""), MILTER_CONTINUE, true, true},
    {"unasked", 0, "c;c;c;c;c;c;c;c;c;c", SLICE_INIT("OCHMRTLNBE"), SLICE_INIT(""), SLICE_INIT(""), MILTER_CONTINUE, true, true},
    {"good reply", 0, "y250 fine~", SLICE_INIT("OC"), SLICE_INIT(""), SLICE_INIT("*"), MILTER_CONTINUE, true, true},
    {"two codes", 0, "y550 a\n551 b~", SLICE_INIT("OC"), SLICE_INIT(""), SLICE_INIT("*"), MILTER_CONTINUE, true, true},
    {"skip a command", 0, "s", SLICE_INIT("OC"), SLICE_INIT(""), SLICE_INIT(""), MILTER_CONTINUE, true, true},
    {"connection failed", 0, "f", SLICE_INIT("OC"), SLICE_INIT(""), SLICE_INIT(""), MILTER_CONTINUE, true, true},
};
/* clang-format on */

static void answers_mean_what_they_say_in_any_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t cut = 1; cut < 64; cut += cut < 8 ? 1 : 30) {
            struct play play;
            begin(&play, cut);
            negotiate(&play, MILTER_VERSION, MILTER_MAY_ALL, rows[i].steps);
            whole_message(&play);
            answer_all(&play, rows[i].answers);
            row_expect_slice(rows[i].name, text_slice(&play.said), rows[i].said);
            row_expect_slice(rows[i].name, text_slice(&play.changes), rows[i].changes);
            if (!slice_equal(rows[i].reply, SLICE("*")))
                row_expect_slice(rows[i].name, milter_reply(&play.milter), rows[i].reply);
            row_expect(rows[i].name, "failed", play.milter.state == MILTER_FAILED, rows[i].failed);
            row_expect(rows[i].name, "settled", milter_settled(&play.milter), rows[i].settled);
            row_expect(rows[i].name, "verdict", play.milter.verdict, rows[i].verdict);
            end(&play);
        }
}

static void what_was_not_offered_fails(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t version, actions, steps;
        bool good;
    } answers[] = {
        {"all", 6, MILTER_MAY_ALL, MILTER_STEPS_ALL, true},
        {"nothing", 2, 0, 0, true},
        {"too old", 1, 0, 0, false},
        {"too new", 7, 0, 0, false},
        {"another action", 6, 0x200, 0, false},
        {"refused recipients", 6, 0, 0x800, false},
        {"larger pieces", 6, 0, 0x10000000, false},
    };
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct play play;
        begin(&play, 100);
        negotiate(&play, answers[i].version, answers[i].actions, answers[i].steps);
        row_expect(answers[i].name, "good", play.milter.state == MILTER_OPEN, answers[i].good);
        end(&play);
    }
}

static void a_change_needs_its_action(void **state)
{
    (void)state;
    static const struct {
        const char *change;
        uint32_t action;
    } changes[] = {
        {"hX~1~", MILTER_MAY_ADD_HEADERS},        {"i~~~~X~1~", MILTER_MAY_ADD_HEADERS},
        {"m~~~~X~1~", MILTER_MAY_CHANGE_HEADERS}, {"bx", MILTER_MAY_CHANGE_BODY},
        {"+a@b~", MILTER_MAY_ADD_RECIPIENTS},     {"2a@b~", MILTER_MAY_ADD_RECIPIENTS_WITH},
        {"-a@b~", MILTER_MAY_DELETE_RECIPIENTS},  {"ea@b~", MILTER_MAY_CHANGE_SENDER},
        {"qx~", MILTER_MAY_QUARANTINE},
    };
    for (size_t i = 0; i < COUNT_OF(changes); i++)
        for (int granted = 0; granted < 2; granted++) {
            struct play play;
            uint32_t actions = granted ? changes[i].action : MILTER_MAY_ALL & ~changes[i].action;
            begin(&play, 100);
            negotiate(&play, MILTER_VERSION, actions, MILTER_SILENT_HEADER);
            whole_message(&play);
            answer_all(&play, "c;c;c;c;c;c;c");
            answer_all(&play, changes[i].change);
            row_expect(changes[i].change, "failed", play.milter.state == MILTER_FAILED, !granted);
            end(&play);
        }
}

/* What answers a message that is no more must not be taken for the next one's. */
static void a_late_answer_belongs_to_nobody(void **state)
{
    (void)state;
    struct play play;
    begin(&play, 100);
    negotiate(&play, MILTER_VERSION, MILTER_MAY_ALL, 0);
    milter_mail(&play.milter);
    answer_all(&play, "c;c;c");
    milter_recipient(&play.milter);
    milter_abort(&play.milter);
    milter_mail(&play.milter);
    note_commands(&play);
    row_expect_slice("before", text_slice(&play.said), SLICE("OCHMR"));
    answer_all(&play, "r");
    row_expect_slice("after", text_slice(&play.said), SLICE("OCHMRAM"));
    assert_int_equal(play.milter.verdict, MILTER_CONTINUE);
    assert_false(milter_settled(&play.milter));
    answer_all(&play, "c");
    assert_true(milter_settled(&play.milter));
    end(&play);
}

static void a_verdict_on_the_connection_stays(void **state)
{
    (void)state;
    struct play play;
    begin(&play, 100);
    negotiate(&play, MILTER_VERSION, 0, 0);
    milter_mail(&play.milter);
    answer_all(&play, "r");
    milter_abort(&play.milter);
    milter_mail(&play.milter);
    note_commands(&play);
    row_expect_slice("said", text_slice(&play.said), SLICE("OC"));
    assert_true(milter_settled(&play.milter) && play.milter.verdict == MILTER_REJECT);
    end(&play);
}

static void a_filter_without_end_is_given_up(void **state)
{
    (void)state;
    struct play play;
    begin(&play, 100);
    negotiate(&play, MILTER_VERSION, 0, 0);
    milter_mail(&play.milter);
    for (int i = 0; i <= MILTER_PROGRESS_MAX; i++)
        answer_all(&play, "p");
    assert_int_equal(play.milter.state, MILTER_FAILED);
    end(&play);
    begin(&play, 100);
    feed(&play, SLICE("\0\2\0\1x")); /* 128 KiB are allowed, and one more letter is not */
    assert_int_equal(play.milter.state, MILTER_FAILED);
    end(&play);
}

static void macros_are_chosen(void **state)
{
    (void)state;
    char storage[200];
    struct text text = text_over(storage, sizeof storage);
    struct milter_facts facts = {0};
    facts.macros[MACRO_SERVER] = SLICE("mx");
    facts.macros[MACRO_SENDER] = SLICE("a@b");
    facts_append_macros(&facts, facts_macros_of(SLICE("j, mail_addr {mail_host} nonsense")), &text);
    row_expect_slice("macros", text_slice(&text), SLICE("j\0mx\0{mail_addr}\0a@b\0"));
    assert_int_equal(facts_macros_of(SLICE("")), 0);
    assert_true(facts_usual_macros(STAGE_MAIL) & 1u << MACRO_SENDER);
}

/* What is queued is bounded, whatever the filter does not take. */
static void bulk_has_a_ceiling(void **state)
{
    (void)state;
    static char bytes[60000];
    struct play play;
    begin(&play, 100);
    negotiate(&play, MILTER_VERSION, 0, 0);
    milter_mail(&play.milter);
    assert_false(milter_full(&play.milter));
    for (int i = 0; i < 5; i++)
        milter_body(&play.milter, (struct slice){bytes, sizeof bytes});
    assert_true(milter_full(&play.milter));
    for (int i = 0; i < 100; i++)
        milter_body(&play.milter, (struct slice){bytes, sizeof bytes});
    assert_int_equal(play.milter.state, MILTER_FAILED);
    assert_false(milter_full(&play.milter));
    end(&play);
}

static void older_filters_hear_no_data(void **state)
{
    (void)state;
    for (uint32_t version = MILTER_VERSION_OLDEST; version <= MILTER_VERSION; version++) {
        struct play play;
        begin(&play, 100);
        negotiate(&play, version, 0, 0);
        whole_message(&play);
        answer_all(&play, version < 4 ? "c;c;c;c;c;c;c;c" : "c;c;c;c;c;c;c;c;c");
        row_expect_slice("commands", text_slice(&play.said),
                         version < 4 ? SLICE("OCHMRLNBE") : SLICE("OCHMRTLNBE"));
        assert_int_equal(play.milter.state, MILTER_OPEN);
        assert_true(milter_settled(&play.milter));
        end(&play);
    }
}

/* Until it has enough of it, whatever that is. */
static void a_body_is_wanted_for_a_while(void **state)
{
    (void)state;
    static const struct {
        const char *name, *answers;
        uint32_t steps;
        bool wanted;
    } wanting[] = {
        {"before its head", "c;c;c", 0, true},
        {"no body", "c;c;c", MILTER_NO_BODY, false},
        {"accepted", "c;c;a", 0, false},
        {"skipped", "c;c;c;c;c;c;c;s", MILTER_MAY_SKIP, false},
        {"failed", "c;c;?", 0, false},
    };
    for (size_t i = 0; i < COUNT_OF(wanting); i++) {
        struct play play;
        begin(&play, 100);
        assert_false(milter_wants_body(&play.milter));
        negotiate(&play, MILTER_VERSION, 0, wanting[i].steps);
        whole_message(&play);
        answer_all(&play, wanting[i].answers);
        row_expect(wanting[i].name, "wanted", milter_wants_body(&play.milter), wanting[i].wanted);
        end(&play);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_mean_what_they_say_in_any_cut),
        cmocka_unit_test(what_was_not_offered_fails),
        cmocka_unit_test(a_change_needs_its_action),
        cmocka_unit_test(a_late_answer_belongs_to_nobody),
        cmocka_unit_test(a_verdict_on_the_connection_stays),
        cmocka_unit_test(a_filter_without_end_is_given_up),
        cmocka_unit_test(macros_are_chosen),
        cmocka_unit_test(bulk_has_a_ceiling),
        cmocka_unit_test(older_filters_hear_no_data),
        cmocka_unit_test(a_body_is_wanted_for_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
