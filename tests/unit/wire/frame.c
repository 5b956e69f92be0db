/* SPDX-License-Identifier: Apache-2.0 */
/* frames: encode-then-decode is identity for every message; nothing outside its row is believed. */
#include "wire/frame.h"
#include "support/rows.h"

#include <string.h>

static enum wire_role a_sender_of(const struct wire_row *row)
{
    for (unsigned role = 0; role < ROLE_COUNT; role++)
        if (row->from & 1u << role)
            return (enum wire_role)role;
    fail_msg("%s: nobody may send it", row->name);
    return ROLE_COUNT;
}

/* Fills every field with a value that differs from field to field. */
static void fill(const struct wire_row *row, union wire_any *message)
{
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyz";
    memset(message, 0, sizeof *message);
    size_t i = 0;
    for (const struct wire_field *field = row->fields; field->name; field++, i++) {
        char *member = (char *)message + field->offset;
        uint64_t number = field->max < i + 1 ? field->max : i + 1;
        size_t len = sizeof bytes - 1 - i;
        struct slice slice = {bytes, field->max < len ? field->max : len};
        if (field->kind == WIRE_NUMBER)
            memcpy(member, &number, sizeof number);
        else if (field->kind == WIRE_BYTES)
            memcpy(member, &slice, sizeof slice);
        else
            memcpy(member, bytes, 16);
    }
}

static void expect_equal(const struct wire_row *row, const union wire_any *a,
                         const union wire_any *b)
{
    for (const struct wire_field *field = row->fields; field->name; field++) {
        const char *x = (const char *)a + field->offset, *y = (const char *)b + field->offset;
        if (field->kind == WIRE_BYTES) {
            struct slice seen, expected;
            memcpy(&expected, x, sizeof expected);
            memcpy(&seen, y, sizeof seen);
            row_expect_slice(row->name, seen, expected);
        } else if (memcmp(x, y, field->kind == WIRE_NUMBER ? 8 : 16) != 0) {
            fail_msg("%s.%s came back different", row->name, field->name);
        }
    }
}

static void every_message_survives_the_wire(void **state)
{
    (void)state;
    for (unsigned type = 1; type < WIRE_TYPE_COUNT; type++) {
        const struct wire_row *row = &wire_rows[type];
        assert_non_null(row->name);
        union wire_any message;
        fill(row, &message);
        struct text out = text_with_ceiling(WIRE_FRAME_MAX);
        assert_true(frame_append(&out, (enum wire_type)type, &message));
        struct frame frame;
        struct slice input = text_slice(&out);
        for (size_t cut = 0; cut < out.len; cut++) {
            struct slice part = slice_first(text_slice(&out), cut);
            row_expect(row->name, "a part of it", frame_take(&part, a_sender_of(row), &frame),
                       FRAME_PARTIAL);
        }
        row_expect(row->name, "outcome", frame_take(&input, a_sender_of(row), &frame),
                   FRAME_COMPLETE);
        row_expect(row->name, "type", frame.type, type);
        row_expect(row->name, "left over", (long long)input.len, 0);
        expect_equal(row, &message, &frame.message);
        text_deinit(&out);
    }
}

static void a_message_from_the_wrong_role_is_broken(void **state)
{
    (void)state;
    for (unsigned type = 1; type < WIRE_TYPE_COUNT; type++) {
        const struct wire_row *row = &wire_rows[type];
        union wire_any message;
        fill(row, &message);
        struct text out = text_with_ceiling(WIRE_FRAME_MAX);
        assert_true(frame_append(&out, (enum wire_type)type, &message));
        for (unsigned role = 0; role < ROLE_COUNT; role++) {
            struct frame frame;
            struct slice input = text_slice(&out);
            enum frame_outcome expected = row->from & 1u << role ? FRAME_COMPLETE : FRAME_BROKEN;
            row_expect(row->name, "outcome", frame_take(&input, (enum wire_role)role, &frame),
                       expected);
        }
        text_deinit(&out);
    }
}

static void bounds_hold_in_both_directions(void **state)
{
    (void)state;
    char bytes[WIRE_BODY_MAX + 1] = {0};
    struct wire_message_body body = {.session = 1, .bytes = {bytes, sizeof bytes}};
    struct text out = text_with_ceiling(WIRE_FRAME_MAX);
    assert_false(frame_append(&out, WIRE_MESSAGE_BODY, &body));
    assert_int_equal(out.len, 0);
    body.bytes.len--;
    assert_true(frame_append(&out, WIRE_MESSAGE_BODY, &body));
    out.at[14]++; /* the length of bytes, now one above its bound and the frame's end */
    struct slice input = text_slice(&out);
    struct frame frame;
    assert_int_equal(frame_take(&input, ROLE_EDGE, &frame), FRAME_BROKEN);
    text_clear(&out);
    struct wire_recipient_answer answer = {.outcome = WIRE_RECIPIENT_OUTCOMES};
    assert_false(frame_append(&out, WIRE_RECIPIENT_ANSWER, &answer));
    answer.outcome = 0;
    assert_true(frame_append(&out, WIRE_RECIPIENT_ANSWER, &answer));
    out.at[0]++; /* one byte more than its fields */
    assert_true(text_append_byte(&out, 'x'));
    input = text_slice(&out);
    assert_int_equal(frame_take(&input, ROLE_HUB, &frame), FRAME_BROKEN);
    text_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_survives_the_wire),
        cmocka_unit_test(a_message_from_the_wrong_role_is_broken),
        cmocka_unit_test(bounds_hold_in_both_directions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
