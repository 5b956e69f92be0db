/* SPDX-License-Identifier: Apache-2.0 */
/* notice_page - the page a notice is written on: bytes of anybody, made fit for one line of it. */
#ifndef MAIL_NOTICE_PAGE_H
#define MAIL_NOTICE_PAGE_H

#include "mail/notice.h"

enum {
    ADDRESS_SHOWN_MAX = 900, /* a line holds at most 998 octets (RFC 5322 2.1.1) */
    SUBJECT_SHOWN_MAX = 200,
    REPLY_SHOWN_MAX = 4096,
    REPLY_LINE_MAX = 900,
    REFERENCE_MAX = 900,
};

struct page {
    struct text *text;
    const struct notice *notice;
    bool utf8; /* it may hold more than ASCII */
};

/* What cannot stand in a line becomes "?", and at most `max` octets are shown. */
void page_append_fit(const struct page *page, struct slice value, size_t max);
/* One line of a reply from its front, without its end. */
bool page_take_line(struct slice *rest, struct slice *out_line);
/* The lines of a reply, each behind `before`. */
void page_append_lines(const struct page *page, struct slice reply, const char *before);

/* The part for programs (RFC 3464 2): a group of fields for the message, one for each recipient. */
void notice_append_fields(const struct page *page);
/* The line of the next part's boundary, and its head. */
void notice_append_part(const struct page *page, const char *type, bool eight_bits);

#endif
