/* SPDX-License-Identifier: Apache-2.0 */
/* parameter - what may follow the path of MAIL and RCPT (RFC 5321 4.1.1.11), as tables of rows.
 * Private to the room.
 */
#ifndef SMTP_PARAMETER_H
#define SMTP_PARAMETER_H

#include "smtp/verb.h"

struct parameter {
    struct slice keyword;
    bool (*offered)(const struct session *s);
    /* Stores the value in s->open; has_value is false for a keyword alone. Not REPLY_NONE: refused.
     */
    enum reply_name (*read)(struct session *s, struct slice value, bool has_value);
};

enum { PARAMETER_ROWS_MAX = 8 };

/* Reads all of `rest`. Unknown or not offered: 555; twice, or without a value it needs: 501. */
enum reply_name parameter_read_all(struct session *s, struct slice rest,
                                   const struct parameter *rows, size_t count);

#endif
