/* SPDX-License-Identifier: Apache-2.0 */
/* send_writer - a body on its way out, in one of three forms.
 *
 *   dotted    for DATA (RFC 5321 4.5.2): lines, a dot that begins one doubled, the end behind them
 *   lines     for BDAT: lines, no end mark
 *   verbatim  for BDAT with BODY=BINARYMIME (RFC 3030): every byte as it is
 *
 * Lines end in CR LF and in nothing else: a bare CR or a bare LF of the body is written as CR LF,
 * and a last line without an end gets one. So nothing that was a line to somebody is hidden in a
 * line of the next server, and nobody's message ends before its end. The same bytes in any cut give
 * the same output.
 */
#ifndef SMTP_SEND_WRITER_H
#define SMTP_SEND_WRITER_H

#include "base/text.h"

enum send_form { SEND_FORM_DOTTED, SEND_FORM_LINES, SEND_FORM_VERBATIM };

struct send_writer { /* zero is the start of a dotted one */
    enum send_form form;
    bool in_line;  /* something of the present line was written */
    bool after_cr; /* the last byte was a CR: its line end is written */
};

enum { SEND_WRITER_END_MAX = 5 }; /* CR LF . CR LF */

/* At most two bytes for each of the piece, and SEND_WRITER_END_MAX behind the last piece. False: no
 * room in `out`. */
bool send_writer_write(struct send_writer *writer, struct slice piece, bool last, struct text *out);
/* How many bytes that would be; the writer stays as it is. */
size_t send_writer_measure(const struct send_writer *writer, struct slice piece, bool last);

#endif
