/* SPDX-License-Identifier: Apache-2.0 */
#include "dkim/canonical.h"

static const struct slice line_end = SLICE_INIT("\r\n");

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* --- the body --- */

static void emit(struct canonical_body *body, struct slice bytes)
{
    body->sink(body->context, bytes);
}

/* Something that stays: so does what stood before it. */
static void emit_content(struct canonical_body *body, struct slice bytes)
{
    for (; body->empty_lines; body->empty_lines--)
        emit(body, line_end);
    if (body->blank)
        emit(body, SLICE(" "));
    emit(body, bytes);
    body->blank = false;
    body->in_line = body->any = true;
}

static void end_line(struct canonical_body *body)
{
    if (body->in_line)
        emit(body, line_end);
    else
        body->empty_lines++;
    body->in_line = body->blank = false;
}

static bool is_content(const struct canonical_body *body, char c)
{
    return c != '\r' && !(body->form == CANONICAL_RELAXED && is_blank(c));
}

static struct slice take_content(const struct canonical_body *body, struct slice *rest)
{
    size_t len = 0;
    while (len < rest->len && is_content(body, rest->at[len]))
        len++;
    struct slice taken = slice_first(*rest, len);
    *rest = slice_after(*rest, len);
    return taken;
}

/* Behind a CR. True: the byte belonged to it. */
static bool take_line_feed(struct canonical_body *body, struct slice *rest)
{
    body->cr = false;
    if (rest->at[0] != '\n') {
        emit_content(body, slice_first(line_end, 1));
        return false;
    }
    *rest = slice_after(*rest, 1);
    end_line(body);
    return true;
}

void canonical_body_feed(struct canonical_body *body, struct slice piece)
{
    while (piece.len) {
        if (body->cr && take_line_feed(body, &piece))
            continue;
        struct slice content = take_content(body, &piece);
        if (content.len)
            emit_content(body, content);
        if (!piece.len)
            break;
        if (piece.at[0] == '\r')
            body->cr = true;
        else
            body->blank = true;
        piece = slice_after(piece, 1);
    }
}

/* RFC 6376 3.4.3, 3.4.4: a last line without an end gets one; no body at all is an empty line to
 * "simple", and nothing to "relaxed". */
void canonical_body_end(struct canonical_body *body)
{
    if (body->cr)
        emit_content(body, slice_first(line_end, 1));
    body->cr = false;
    if (body->in_line || (!body->any && body->form == CANONICAL_SIMPLE))
        emit(body, line_end);
    body->in_line = false;
}

/* --- a header field --- */

static struct slice without_line_end(struct slice field)
{
    size_t len = field.len;
    return len >= 2 && field.at[len - 2] == '\r' && field.at[len - 1] == '\n'
               ? slice_first(field, len - 2)
               : field;
}

/* Unfolded, with one blank for each run of them and none at the ends. */
static void append_value(struct slice value, struct text *out)
{
    bool blank = false, begun = false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        bool folds = c == '\r' && i + 1 < value.len && value.at[i + 1] == '\n';
        i += folds;
        if (folds || is_blank(c)) {
            blank |= !folds;
            continue;
        }
        if (blank && begun)
            text_append_byte(out, ' ');
        text_append_byte(out, c);
        blank = false;
        begun = true;
    }
}

bool canonical_field_append(enum canonical_form form, struct slice field, struct text *out)
{
    struct slice value = without_line_end(field), name;
    if (form == CANONICAL_SIMPLE)
        return text_append(out, value);
    if (!slice_take_until(&value, ':', &name))
        return false;
    text_append_lower(out, slice_trim(name));
    text_append_byte(out, ':');
    append_value(value, out);
    return !out->truncated;
}
