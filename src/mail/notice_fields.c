/* SPDX-License-Identifier: Apache-2.0 */
/* Fields for a program. */
#include "mail/notice_page.h"

#include "base/calendar.h"

static const struct slice action_names[] = {
    [NOTICE_FAILED] = SLICE_INIT("failed"),       [NOTICE_DELAYED] = SLICE_INIT("delayed"),
    [NOTICE_DELIVERED] = SLICE_INIT("delivered"), [NOTICE_RELAYED] = SLICE_INIT("relayed"),
    [NOTICE_EXPANDED] = SLICE_INIT("expanded"),
};

static void append_field(const struct page *page, const char *field, struct slice value)
{
    if (!value.len)
        return;
    text_append_c(page->text, field);
    page_append_fit(page, value, ADDRESS_SHOWN_MAX);
    text_append_c(page->text, "\r\n");
}

static void append_time(const struct page *page, const char *field, int64_t at_ms)
{
    if (!at_ms)
        return;
    text_append_c(page->text, field);
    calendar_append_rfc5322(page->text, at_ms, 0);
    text_append_c(page->text, "\r\n");
}

/* Continued lines begin with blanks, so that none is a field. */
static void append_reply(const struct page *page, struct slice reply)
{
    struct slice rest = reply, first = {0};
    (void)page_take_line(&rest, &first);
    if (!first.len)
        return;
    text_append_c(page->text, "Diagnostic-Code: smtp; ");
    page_append_fit(page, first, REPLY_LINE_MAX);
    text_append_c(page->text, "\r\n");
    page_append_lines(page, rest, "    ");
}

static void append_recipient(const struct page *page, const struct notice_recipient *recipient)
{
    text_append_c(page->text, "\r\n");
    append_field(page, "Original-Recipient: ", recipient->original);
    append_field(page,
                 slice_all_ascii(recipient->address) ? "Final-Recipient: rfc822; "
                                                     : "Final-Recipient: utf-8; ",
                 recipient->address);
    append_field(page, "Action: ", action_names[recipient->action]);
    append_field(page, "Status: ", recipient->status);
    append_field(page, "Remote-MTA: dns; ", recipient->remote_server);
    append_reply(page, recipient->reply);
    append_time(page, "Last-Attempt-Date: ", recipient->last_attempt_ms);
    append_time(page, "Will-Retry-Until: ",
                recipient->action == NOTICE_DELAYED ? recipient->retry_until_ms : 0);
}

void notice_append_fields(const struct page *page)
{
    notice_append_part(page,
                       page->utf8 ? "message/global-delivery-status" : "message/delivery-status",
                       page->utf8);
    append_field(page, "Original-Envelope-Id: ", page->notice->envelope_id);
    append_field(page, "Reporting-MTA: dns; ", page->notice->server);
    append_time(page, "Arrival-Date: ", page->notice->arrived_ms);
    for (size_t i = 0; i < page->notice->recipient_count; i++)
        append_recipient(page, &page->notice->recipients[i]);
}
