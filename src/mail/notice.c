/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/notice_page.h"

#include "base/attributes.h"
#include "base/calendar.h"

/* What each action is called in the subject and to a person. */
static const struct {
    struct slice subject, words;
} actions[] = {
    [NOTICE_FAILED] = {SLICE_INIT("Undeliverable: "),
                       SLICE_INIT("Your message could not be delivered to:")},
    [NOTICE_DELAYED] = {SLICE_INIT("Delayed: "),
                        SLICE_INIT("Your message has not been delivered yet to:")},
    [NOTICE_DELIVERED] = {SLICE_INIT("Delivered: "),
                          SLICE_INIT("Your message has been delivered to:")},
    [NOTICE_RELAYED] =
        {SLICE_INIT("Relayed: "),
         SLICE_INIT(
             "Your message has been handed to a server that gives no notice of delivery, for:")},
    [NOTICE_EXPANDED] = {SLICE_INIT("Expanded: "),
                         SLICE_INIT("Your message has been passed to the members of:")},
};

bool notice_due(struct slice sender, unsigned wish, enum notice_action action)
{
    static const unsigned wishes[] = {
        [NOTICE_FAILED] = NOTICE_WISH_FAILURE,    [NOTICE_DELAYED] = NOTICE_WISH_DELAY,
        [NOTICE_DELIVERED] = NOTICE_WISH_SUCCESS, [NOTICE_RELAYED] = NOTICE_WISH_SUCCESS,
        [NOTICE_EXPANDED] = NOTICE_WISH_SUCCESS,
    };
    if (!wish)
        wish = NOTICE_WISH_FAILURE | NOTICE_WISH_DELAY;
    return sender.len && !(wish & NOTICE_WISH_NEVER) && (wish & wishes[action]);
}

static bool words_are_ascii(const struct notice *notice)
{
    bool ascii = true;
    for (size_t i = 0; i < notice->recipient_count && ascii; i++)
        ascii = slice_all_ascii(notice->recipients[i].words);
    return ascii;
}

bool notice_needs_eight_bits(const struct notice *notice)
{
    return notice->eight_bits || notice_needs_utf8(notice) || !words_are_ascii(notice);
}

bool notice_needs_utf8(const struct notice *notice)
{
    bool ascii = slice_all_ascii(notice->to) && slice_all_ascii(notice->from);
    for (size_t i = 0; i < notice->recipient_count && ascii; i++)
        ascii = slice_all_ascii(notice->recipients[i].address) &&
                slice_all_ascii(notice->recipients[i].original);
    return !ascii;
}

/* --- the header --- */

/* The worst: they are ordered so. */
static enum notice_action worst_of(const struct notice *notice)
{
    enum notice_action action = notice->recipients[0].action;
    for (size_t i = 1; i < notice->recipient_count; i++)
        if (notice->recipients[i].action < action)
            action = notice->recipients[i].action;
    return action;
}

bool notice_append_subject(struct text *text, const struct notice *notice)
{
    struct page page = {text, notice, notice_needs_utf8(notice)};
    struct slice subject = notice->subject;
    text_append(text, actions[worst_of(notice)].subject);
    page_append_fit(&page, subject.len ? subject : SLICE("your message"), SUBJECT_SHOWN_MAX);
    return !text->truncated;
}

static void append_path(const struct page *page, const char *field, struct slice address)
{
    text_append_c(page->text, field);
    text_append_c(page->text, "<");
    page_append_fit(page, address, ADDRESS_SHOWN_MAX);
    text_append_c(page->text, ">\r\n");
}

static void append_header(const struct page *page)
{
    append_path(page, "From: Mail Delivery System ", page->notice->from);
    append_path(page, "To: ", page->notice->to);
    text_append_c(page->text, "Date: ");
    calendar_append_rfc5322(page->text, page->notice->now_ms, 0);
    text_append_c(page->text, "\r\nMessage-ID: <");
    page_append_fit(page, page->notice->message_id, ADDRESS_SHOWN_MAX);
    text_append_c(page->text, ">\r\n");
    text_append_c(page->text, "Subject: ");
    notice_append_subject(page->text, page->notice);
    text_append_c(page->text, "\r\n");
    if (page->notice->references.len && page->notice->references.len <= REFERENCE_MAX) {
        text_append_c(page->text, "In-Reply-To: ");
        page_append_fit(page, page->notice->references, REFERENCE_MAX);
        text_append_c(page->text, "\r\nReferences: ");
        page_append_fit(page, page->notice->references, REFERENCE_MAX);
        text_append_c(page->text, "\r\n");
    }
    text_append_c(page->text,
                  "Auto-Submitted: auto-replied\r\n" /* RFC 3834 5 */
                  "MIME-Version: 1.0\r\n"
                  "Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"");
    text_append(page->text, page->notice->boundary);
    text_append_c(page->text, "\"\r\n\r\nThis is a notice about a message, in parts (MIME).\r\n");
}

void notice_append_part(const struct page *page, const char *type, bool eight_bits)
{
    text_append_c(page->text, "\r\n--");
    text_append(page->text, page->notice->boundary);
    text_append_c(page->text, "\r\nContent-Type: ");
    text_append_c(page->text, type);
    text_append_c(page->text,
                  eight_bits ? "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" : "\r\n\r\n");
}

/* --- words for a person --- */

static void append_address_line(const struct page *page, struct slice address)
{
    page_append_fit(page, address, ADDRESS_SHOWN_MAX);
    text_append_c(page->text, "\r\n");
}

/* Sentences of an administrator may be in any language. */
static void append_sentences(const struct page *page, const struct notice_recipient *recipient)
{
    struct page any = *page;
    any.utf8 = true;
    page_append_lines(
        &any, recipient->words.len ? recipient->words : notice_words_of(recipient->status), "");
}

static void append_explanations(const struct page *page, enum notice_action action)
{
    bool headed = false;
    for (size_t i = 0; i < page->notice->recipient_count; i++) {
        const struct notice_recipient *recipient = &page->notice->recipients[i];
        if (recipient->action != action)
            continue;
        if (!headed)
            text_append(page->text, actions[action].words);
        text_append_c(page->text, headed ? "\r\n" : "\r\n\r\n");
        headed = true;
        append_address_line(page, recipient->address);
        append_sentences(page, recipient);
        if (action == NOTICE_DELAYED && recipient->retry_until_ms) {
            text_append_c(page->text, "It is tried until ");
            calendar_append_rfc5322(page->text, recipient->retry_until_ms, 0);
            text_append_c(page->text, ".\r\n");
        }
    }
    text_append_c(page->text, headed ? "\r\n" : "");
}

static void append_diagnosis(const struct page *page, const struct notice_recipient *recipient)
{
    append_address_line(page, recipient->address);
    if (recipient->remote_server.len)
        append_address_line(page, recipient->remote_server);
    struct slice rest = recipient->reply, first = {0};
    (void)page_take_line(&rest, &first);
    text_append_c(page->text, recipient->remote_server.len ? "Remote Server returned '" : "'");
    page_append_fit(page, first, REPLY_LINE_MAX);
    text_append_c(page->text, rest.len ? "\r\n" : "'\r\n");
    page_append_lines(page, rest, "  ");
    text_append_c(page->text, rest.len ? "'\r\n\r\n" : "\r\n");
}

static void append_words(const struct page *page)
{
    notice_append_part(page, "text/plain; charset=utf-8",
                       page->utf8 || !words_are_ascii(page->notice));
    for (size_t action = 0; action < COUNT_OF(actions); action++)
        append_explanations(page, (enum notice_action)action);
    text_append_c(page->text,
                  "Diagnostic information for administrators:\r\n\r\nGenerating server: ");
    append_address_line(page, page->notice->server);
    text_append_c(page->text, "\r\n");
    for (size_t i = 0; i < page->notice->recipient_count; i++)
        append_diagnosis(page, &page->notice->recipients[i]);
    text_append_c(page->text,
                  page->notice->whole ? "The message follows.\r\n" : "Its header follows.\r\n");
}

bool notice_append_opening(struct text *text, const struct notice *notice)
{
    static const char *const types[2][2] = {
        {"text/rfc822-headers", "message/rfc822"},
        {"message/global-headers", "message/global"}, /* RFC 6533 6 */
    };
    struct page page = {text, notice, notice_needs_utf8(notice)};
    bool truncated_before = text->truncated;
    size_t before = text->len;
    text->truncated = false;
    append_header(&page);
    append_words(&page);
    notice_append_fields(&page);
    notice_append_part(&page, types[page.utf8][notice->whole], notice->eight_bits || page.utf8);
    bool good = !text->truncated;
    if (!good)
        text->len = before;
    text->truncated |= truncated_before;
    return good;
}

bool notice_append_closing(struct text *text, const struct notice *notice)
{
    return text_append_c(text, "\r\n--") && text_append(text, notice->boundary) &&
           text_append_c(text, "--\r\n");
}
