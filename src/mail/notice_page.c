/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/notice_page.h"

#include "mail/utf8.h"

/* One line of anybody's: what cannot stand there becomes "?", and at most `max` octets are shown.
 */
void page_append_fit(const struct page *page, struct slice value, size_t max)
{
    struct slice rest = slice_first(value, max);
    while (rest.len) {
        struct slice before = rest;
        uint32_t c;
        bool fit = utf8_take(&rest, &c) && utf8_printable(c) && (page->utf8 || c < 0x7f);
        if (before.len == rest.len)
            rest = slice_after(rest, 1);
        text_append(page->text, fit ? slice_first(before, before.len - rest.len) : SLICE("?"));
    }
    if (value.len > max)
        text_append_c(page->text, "...");
}

/* One line of a reply from its front, without its end. */
bool page_take_line(struct slice *rest, struct slice *out_line)
{
    if (!slice_take_field(rest, '\n', out_line))
        return false;
    if (out_line->len && out_line->at[out_line->len - 1] == '\r')
        out_line->len--;
    *out_line = slice_trim(*out_line);
    return true;
}

/* The lines of a reply, each behind `before`. */
void page_append_lines(const struct page *page, struct slice reply, const char *before)
{
    struct slice rest = slice_first(reply, REPLY_SHOWN_MAX), line;
    while (page_take_line(&rest, &line)) {
        text_append_c(page->text, before);
        page_append_fit(page, line, REPLY_LINE_MAX);
        text_append_c(page->text, "\r\n");
    }
}
