/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/send_writer.h"

#include <string.h>

/* Where bytes go: counted, and written when there is a text. */
struct sink {
    struct text *out;
    size_t len;
    bool full;
};

static void emit(struct sink *sink, struct slice bytes)
{
    sink->len += bytes.len;
    if (sink->out && !text_append(sink->out, bytes))
        sink->full = true;
}

static const char *find(const char *from, const char *end, char byte)
{
    return from < end ? memchr(from, byte, (size_t)(end - from)) : NULL;
}

/* Bytes of one line without its end. */
static void emit_content(struct send_writer *writer, struct slice content, struct sink *sink)
{
    if (!content.len)
        return;
    if (writer->form == SEND_FORM_DOTTED && !writer->in_line && content.at[0] == '.')
        emit(sink, SLICE("."));
    emit(sink, content);
    writer->in_line = true;
}

static void emit_line_end(struct send_writer *writer, struct sink *sink)
{
    emit(sink, SLICE("\r\n"));
    writer->in_line = false;
}

/* Up to the next CR or LF, and over it. A line end is written at the CR; an LF behind it belongs to
 * it. */
static const char *emit_line(struct send_writer *writer, const char *from, const char *end,
                             struct sink *sink)
{
    const char *lf = find(from, end, '\n');
    const char *cr = find(from, lf ? lf : end, '\r');
    const char *stop = cr ? cr : lf ? lf : end;
    bool belongs = writer->after_cr && stop == lf && lf == from;
    emit_content(writer, slice_bytes(from, (size_t)(stop - from)), sink);
    writer->after_cr = cr != NULL;
    if (stop == end)
        return end;
    if (!belongs)
        emit_line_end(writer, sink);
    return stop + 1;
}

static void emit_end(struct send_writer *writer, struct sink *sink)
{
    if (writer->in_line && writer->form != SEND_FORM_VERBATIM)
        emit_line_end(writer, sink);
    if (writer->form == SEND_FORM_DOTTED)
        emit(sink, SLICE(".\r\n"));
}

static void emit_piece(struct send_writer *writer, struct slice piece, bool last, struct sink *sink)
{
    if (writer->form == SEND_FORM_VERBATIM)
        emit(sink, piece);
    else if (piece.len)
        for (const char *from = piece.at, *end = from + piece.len; from < end;)
            from = emit_line(writer, from, end, sink);
    if (last)
        emit_end(writer, sink);
}

bool send_writer_write(struct send_writer *writer, struct slice piece, bool last, struct text *out)
{
    struct sink sink = {.out = out};
    emit_piece(writer, piece, last, &sink);
    return !sink.full;
}

size_t send_writer_measure(const struct send_writer *writer, struct slice piece, bool last)
{
    struct send_writer copy = *writer;
    struct sink sink = {0};
    emit_piece(&copy, piece, last, &sink);
    return sink.len;
}
