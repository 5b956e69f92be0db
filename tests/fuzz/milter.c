/* SPDX-License-Identifier: Apache-2.0 */
/* A conversation with a hostile filter: the first bytes choose what we do between its packets, the
 * rest is what it says.
 *
 * Held: memory is bounded, a filter that has failed is left alone, refusals are replies of SMTP,
 * header sections stay fields, the next filter can write what it is told of them, and the cut of
 * the bytes changes nothing. */
#include "milter/milter.h"
#include "milter/header.h"

#include "fuzz.h"

enum { CHOICES = 8, STEPS = 9 };

struct play {
    struct milter milter;
    struct milter_facts facts;
    struct text section, seen;
};

static void change(void *context, const struct milter_change *what)
{
    struct play *p = context;
    text_append_format(&p->seen, "%d.%u %.*s=%.*s\n", (int)what->kind, what->index,
                       SLICE_ARG(what->name), SLICE_ARG(what->value));
    if (what->kind == CHANGE_ADD_HEADER)
        (void)header_add(&p->section, what->name, what->value, what->as_is);
    else if (what->kind == CHANGE_INSERT_HEADER)
        (void)header_insert(&p->section, what->index, what->name, what->value, what->as_is);
    else if (what->kind == CHANGE_HEADER)
        (void)header_change(&p->section, what->index, what->name, what->value, what->as_is);
}

/* Every line is CR LF, begins a field or goes on with one, and none is blank. */
static void check_section(struct slice section)
{
    struct slice line;
    while (slice_take_until(&section, '\n', &line)) {
        require(line.len > 1 && line.at[line.len - 1] == '\r');
        size_t colon;
        require(line.at[0] == ' ' || line.at[0] == '\t' || slice_find(line, ':', &colon));
        for (size_t i = 0; i < line.len - 1; i++)
            require(line.at[i] != '\r' && line.at[i] != '\0');
    }
    require(section.len == 0);
}

/* What the next filter is told of a section makes the same section again. */
static void check_retelling(struct slice section)
{
    struct text again = text_with_ceiling(1 << 16), value = text_with_ceiling(1 << 16);
    struct slice rest = section;
    struct header_field field;
    while (header_take(&rest, &field)) {
        text_clear(&value);
        header_append_value(&value, field.value, true);
        require(header_add(&again, field.name, text_slice(&value), true));
    }
    require(slice_equal(text_slice(&again), section));
    text_deinit(&again);
    text_deinit(&value);
}

static void check_reply(struct slice reply)
{
    struct slice line, code = slice_first(reply, 3);
    require(reply.len >= 3 && (reply.at[0] == '4' || reply.at[0] == '5'));
    while (slice_take_field(&reply, '\n', &line)) {
        require(slice_starts(line, code));
        for (size_t i = 0; i < line.len; i++)
            require(line.at[i] >= ' ' && line.at[i] <= '~');
    }
}

static void check(const struct play *p)
{
    const struct milter *m = &p->milter;
    require(m->queue.len <= MILTER_QUEUE_MAX && m->output.len <= MILTER_QUEUE_MAX);
    if (m->state == MILTER_FAILED)
        require(m->fault && milter_output(m).len == 0 && milter_settled(m) &&
                !milter_wants_body(m));
    else if (m->verdict == MILTER_REJECT || m->verdict == MILTER_TEMPFAIL)
        check_reply(milter_reply(m));
}

static void act(struct play *p, unsigned choice)
{
    struct milter *m = &p->milter;
    switch (choice % STEPS) {
    case 0:
        milter_mail(m);
        break;
    case 1:
        milter_recipient(m);
        break;
    case 2:
        milter_data(m);
        break;
    case 3:
        milter_header(m, SLICE("Subject"), SLICE("x\n y"));
        break;
    case 4:
        milter_header_end(m);
        break;
    case 5:
        milter_body(m, SLICE("body\r\n"));
        break;
    case 6:
        milter_message_end(m);
        break;
    case 7:
        milter_abort(m);
        break;
    default:
        milter_sent(m, milter_output(m).len);
        break;
    }
}

/* What we do happens between packets of the filter, so that a cut does not change the order. */
static void play(const uint8_t *choices, struct slice bytes, size_t cut, struct text *seen)
{
    struct play p = {.facts = {.host = SLICE("[192.0.2.1]"),
                               .hello = SLICE("client"),
                               .sender = SLICE("<a@b>\0"),
                               .recipient = SLICE("<c@d>\0")},
                     .section = text_with_ceiling(1 << 16),
                     .seen = text_with_ceiling(1 << 22)};
    struct slice segment;
    size_t turn = 0;
    text_append(&p.section, SLICE("From: a@b\r\nSubject: x\r\n"));
    milter_begin(&p.milter, &p.facts, change, &p);
    while (slice_take_field(&bytes, '\xff', &segment)) {
        while (segment.len) {
            milter_feed(&p.milter, slice_first(segment, cut));
            segment = slice_after(segment, cut);
            check(&p);
        }
        for (int i = 0; i < 3; i++, turn++)
            act(&p, choices[turn % CHOICES] >> (turn / CHOICES % 3));
        check(&p);
    }
    text_append(seen, text_slice(&p.seen));
    text_append_format(seen, "%d %d", (int)p.milter.state, (int)p.milter.verdict);
    text_append(seen, milter_output(&p.milter));
    check_section(text_slice(&p.section));
    if (p.section.len < 4096) /* it takes the square of its length */
        check_retelling(text_slice(&p.section));
    milter_end(&p.milter);
    text_deinit(&p.section);
    text_deinit(&p.seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < CHOICES || size > 16384)
        return 0;
    struct slice bytes = slice_bytes(data + CHOICES, size - CHOICES);
    struct text whole = text_with_ceiling(1 << 23), cut_up = text_with_ceiling(1 << 23);
    play(data, bytes, SIZE_MAX, &whole);
    play(data, bytes, 1U + data[0] % 16, &cut_up);
    require(slice_equal(text_slice(&whole), text_slice(&cut_up)));
    text_deinit(&whole);
    text_deinit(&cut_up);
    return 0;
}
