/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/header_scan.h"

#include "base/attributes.h"

#include <string.h>

static const struct slice names[HEADER_SCAN_FIELDS] = {
    [HEADER_SCAN_OTHER] = {NULL, 0},
    [HEADER_SCAN_RECEIVED] = SLICE_INIT("Received"),
    [HEADER_SCAN_MESSAGE_ID] = SLICE_INIT("Message-ID"),
    [HEADER_SCAN_DATE] = SLICE_INIT("Date"),
    [HEADER_SCAN_FROM] = SLICE_INIT("From"),
    [HEADER_SCAN_SENDER] = SLICE_INIT("Sender"),
    [HEADER_SCAN_SUBJECT] = SLICE_INIT("Subject"),
    [HEADER_SCAN_TLS_REQUIRED] = SLICE_INIT("TLS-Required"),
};

struct capture {
    char *at;
    size_t capacity;
    uint16_t *len;
    bool *cut;
};

_Static_assert(sizeof HEADER_CROSS_PREMISES_TEXT ==
                   sizeof HEADER_ORGANIZATION_TEXT + HEADER_SCAN_LONGER,
               "there is room for the longer name");

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* RFC 5322 3.6.8 ftext */
static bool is_ftext(char c)
{
    return c >= 33 && c <= 126 && c != ':';
}

/* --- values --- */

/* Where the value of the field goes; nowhere: it is of no interest. */
static struct capture capture_of(struct header_scan *scan)
{
    switch (scan->field) {
    case HEADER_SCAN_MESSAGE_ID:
        return (struct capture){scan->message_id, sizeof scan->message_id, &scan->message_id_len,
                                &scan->message_id_cut};
    case HEADER_SCAN_FROM:
        return (struct capture){scan->from, sizeof scan->from, &scan->from_len, &scan->from_cut};
    case HEADER_SCAN_SENDER:
        return (struct capture){scan->sender, sizeof scan->sender, &scan->sender_len,
                                &scan->sender_cut};
    case HEADER_SCAN_SUBJECT:
        return (struct capture){scan->subject, sizeof scan->subject, &scan->subject_len,
                                &scan->subject_cut};
    case HEADER_SCAN_TLS_REQUIRED:
        return (struct capture){scan->tls_required, sizeof scan->tls_required,
                                &scan->tls_required_len, &scan->tls_required_cut};
    case HEADER_SCAN_OTHER:
    case HEADER_SCAN_RECEIVED:
    case HEADER_SCAN_DATE:
    case HEADER_SCAN_FIELDS:
        break;
    }
    return (struct capture){0};
}

static void capture(struct header_scan *scan, struct slice value)
{
    if (!scan->capturing)
        return;
    struct capture into = capture_of(scan);
    while (*into.len == 0 && value.len && is_blank(value.at[0]))
        value = slice_after(value, 1);
    struct slice kept = slice_first(value, into.capacity - *into.len);
    if (kept.len)
        memcpy(into.at + *into.len, kept.at, kept.len);
    *into.len = (uint16_t)(*into.len + kept.len);
    *into.cut = *into.cut || kept.len < value.len;
}

static void see_value(struct header_scan *scan, struct slice value)
{
    size_t unused;
    scan->bare_byte =
        scan->bare_byte || slice_find(value, '\n', &unused) || slice_find(value, '\0', &unused);
    if (scan->field == HEADER_SCAN_RECEIVED)
        received_by_take(&scan->received_by, scan->our_names, scan->our_name_count, value);
    else
        capture(scan, value);
}

/* Reads a value up to its line end or the end of the input; returns how far. */
static size_t read_value(struct header_scan *scan, struct slice input)
{
    struct slice rest = input;
    while (rest.len) {
        size_t cr;
        if (scan->state == HEADER_SCAN_VALUE_CR) {
            if (slice_take_prefix(&rest, SLICE("\n"))) {
                scan->state = HEADER_SCAN_LINE_START;
                break;
            }
            scan->bare_byte = true;
            see_value(scan, SLICE("\r"));
        }
        bool found = slice_find(rest, '\r', &cr);
        see_value(scan, slice_first(rest, found ? cr : rest.len));
        rest = slice_after(rest, found ? cr + 1 : rest.len);
        scan->state = found ? HEADER_SCAN_VALUE_CR : HEADER_SCAN_VALUE;
    }
    return input.len - rest.len;
}

/* --- the start of a line --- */

static enum header_scan_field field_named(struct slice name)
{
    for (size_t i = HEADER_SCAN_OTHER + 1; i < HEADER_SCAN_FIELDS; i++)
        if (slice_equal_nocase(name, names[i]))
            return (enum header_scan_field)i;
    return HEADER_SCAN_OTHER;
}

static struct slice release(struct header_scan *scan)
{
    struct slice held = {scan->held, scan->held_len};
    scan->held_len = 0;
    return held;
}

static void end_field(struct header_scan *scan)
{
    if (scan->field == HEADER_SCAN_RECEIVED &&
        received_by_end(&scan->received_by, scan->our_names, scan->our_name_count))
        scan->local_hops += scan->local_hops < UINT32_MAX;
    scan->field = HEADER_SCAN_OTHER;
}

static enum header_scan_outcome end_section(struct header_scan *scan, struct slice *out_piece)
{
    end_field(scan);
    scan->state = HEADER_SCAN_BODY;
    scan->capturing = false;
    *out_piece = release(scan);
    return HEADER_SCAN_END;
}

/* The name of a field of the organization instead of one that crossed premises: it is shorter, so
 * it fits into the place of the old one. */
static struct slice promote(struct header_scan *scan, struct slice held)
{
    static const struct slice from = HEADER_CROSS_PREMISES_INIT, to = HEADER_ORGANIZATION_INIT;
    size_t shorter = from.len - to.len;
    memcpy(scan->held + shorter, to.at, to.len);
    return slice_after(held, shorter);
}

/* The other way round there is a byte to spare. */
static struct slice demote(struct header_scan *scan, struct slice held)
{
    static const struct slice from = HEADER_ORGANIZATION_INIT, to = HEADER_CROSS_PREMISES_INIT;
    memmove(scan->held + to.len, scan->held + from.len, held.len - from.len);
    memcpy(scan->held, to.at, to.len);
    return (struct slice){scan->held, held.len + HEADER_SCAN_LONGER};
}

/* What goes on of a field's name; nothing: the field does not. */
static struct slice renamed(struct header_scan *scan, unsigned family, struct slice held)
{
    if (family & scan->demotes & HEADER_FAMILY_ORGANIZATION)
        return demote(scan, held);
    if (family & scan->removes)
        return (struct slice){0};
    return family & scan->promotes & HEADER_FAMILY_CROSS_PREMISES ? promote(scan, held) : held;
}

/* The bytes held back are a name, maybe blanks, and a colon. */
static enum header_scan_outcome begin_field(struct header_scan *scan, struct slice *out_piece)
{
    end_field(scan);
    struct slice held = release(scan);
    struct slice name = slice_trim(slice_first(held, held.len - 1));
    scan->header_bytes += held.len;
    scan->field = field_named(name);
    uint32_t *count = &scan->count[scan->field];
    scan->capturing = *count == 0 && capture_of(scan).at;
    *count += *count < UINT32_MAX;
    scan->in_field = true;
    scan->state = HEADER_SCAN_VALUE;
    *out_piece = renamed(scan, header_family_of(name), held);
    scan->removing = !out_piece->len;
    return scan->removing ? HEADER_SCAN_MORE : HEADER_SCAN_PIECE;
}

static bool hold(struct header_scan *scan, struct slice *input, enum header_scan_state next)
{
    if (scan->held_len == HEADER_SCAN_NAME_MAX)
        return false;
    scan->held[scan->held_len++] = input->at[0];
    *input = slice_after(*input, 1);
    scan->state = next;
    return true;
}

/* What a byte at the start of a line, or in a name, makes of the line; HEADER_SCAN_BODY: it is no
 * field. */
static enum header_scan_state judge(const struct header_scan *scan, char c)
{
    bool start = scan->state == HEADER_SCAN_LINE_START;
    if (start && c == '\r')
        return HEADER_SCAN_BLANK_CR;
    if (start && scan->in_field && is_blank(c))
        return HEADER_SCAN_VALUE;
    if (!start && c == ':')
        return HEADER_SCAN_VALUE;
    if (!start && is_blank(c))
        return HEADER_SCAN_NAME_BLANK;
    return is_ftext(c) && scan->state != HEADER_SCAN_NAME_BLANK ? HEADER_SCAN_NAME
                                                                : HEADER_SCAN_BODY;
}

/* The CR of a line that begins with CR is held: is it a blank line? */
static enum header_scan_outcome take_blank(struct header_scan *scan, struct slice *input,
                                           struct slice *out_piece)
{
    scan->blank_line = input->at[0] == '\n' && hold(scan, input, HEADER_SCAN_BODY);
    return end_section(scan, out_piece);
}

static enum header_scan_outcome take_line_start(struct header_scan *scan, struct slice *input,
                                                struct slice *out_piece)
{
    while (input->len) {
        if (scan->state == HEADER_SCAN_BLANK_CR)
            return take_blank(scan, input, out_piece);
        enum header_scan_state next = judge(scan, input->at[0]);
        if (next == HEADER_SCAN_VALUE && scan->state == HEADER_SCAN_LINE_START) {
            scan->state = next;
            return HEADER_SCAN_MORE;
        }
        if (next == HEADER_SCAN_BODY || !hold(scan, input, next))
            return end_section(scan, out_piece);
        if (next == HEADER_SCAN_VALUE)
            return begin_field(scan, out_piece);
    }
    return HEADER_SCAN_MORE;
}

enum header_scan_outcome header_scan_take(struct header_scan *scan, struct slice *input,
                                          struct slice *out_piece)
{
    enum header_scan_outcome outcome = HEADER_SCAN_MORE;
    *out_piece = (struct slice){0};
    while (input->len && outcome == HEADER_SCAN_MORE) {
        bool value = scan->state == HEADER_SCAN_VALUE || scan->state == HEADER_SCAN_VALUE_CR;
        if (!value && scan->state != HEADER_SCAN_BODY) {
            outcome = take_line_start(scan, input, out_piece);
            continue;
        }
        struct slice piece = slice_first(*input, value ? read_value(scan, *input) : input->len);
        *input = slice_after(*input, piece.len);
        scan->header_bytes += value ? piece.len : 0;
        if (value && scan->removing)
            continue;
        *out_piece = piece;
        outcome = HEADER_SCAN_PIECE;
    }
    return outcome;
}

bool header_scan_finish(struct header_scan *scan, struct slice *out_piece)
{
    *out_piece = (struct slice){0};
    if (scan->state == HEADER_SCAN_BODY)
        return false;
    bool in_value = scan->state == HEADER_SCAN_VALUE || scan->state == HEADER_SCAN_VALUE_CR;
    scan->open_line = in_value && !scan->removing;
    scan->bare_byte = scan->bare_byte || scan->state == HEADER_SCAN_VALUE_CR;
    end_section(scan, out_piece);
    return true;
}

bool header_scan_ended(const struct header_scan *scan)
{
    return scan->state == HEADER_SCAN_BODY;
}

/* --- what was kept --- */

static bool is_message_id(struct slice value)
{
    if (value.len < 3 || value.at[0] != '<' || value.at[value.len - 1] != '>')
        return false;
    for (size_t i = 1; i < value.len - 1; i++)
        if (value.at[i] <= ' ' || value.at[i] > '~' || value.at[i] == '<' || value.at[i] == '>')
            return false;
    return true;
}

struct slice header_scan_message_id(const struct header_scan *scan)
{
    struct slice value = slice_trim((struct slice){scan->message_id, scan->message_id_len});
    return !scan->message_id_cut && is_message_id(value) ? value : (struct slice){0};
}

struct slice header_scan_from(const struct header_scan *scan)
{
    return slice_trim((struct slice){scan->from, scan->from_len});
}

struct slice header_scan_sender(const struct header_scan *scan)
{
    return slice_trim((struct slice){scan->sender, scan->sender_len});
}

struct slice header_scan_subject(const struct header_scan *scan)
{
    return slice_trim((struct slice){scan->subject, scan->subject_len});
}

bool header_scan_tls_is_optional(const struct header_scan *scan)
{
    struct slice value = slice_trim((struct slice){scan->tls_required, scan->tls_required_len});
    return scan->count[HEADER_SCAN_TLS_REQUIRED] == 1 && !scan->tls_required_cut &&
           slice_equal_nocase(value, SLICE("No"));
}
