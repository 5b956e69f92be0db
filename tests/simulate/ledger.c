/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/ledger.h"

#include "os/clock.h"

#include <stdio.h>
#include <string.h>

const char *const ledger_addresses[LEDGER_RECIPIENTS] = {"bob@contoso.com", "anna@far.example",
                                                         "carl@away.example"};

static const struct slice mark = SLICE_INIT("message-number-");

static void wrong(struct ledger *ledger, const char *what, size_t number, int recipient)
{
    if (!*ledger->wrong)
        snprintf(ledger->wrong, sizeof ledger->wrong, "message %zu (%llu) to %s: %s", number,
                 (unsigned long long)ledger->messages[number].id,
                 recipient < 0 ? "?" : ledger_addresses[recipient], what);
}

void ledger_body(struct text *out, size_t number)
{
    text_append_format(out,
                       "From: <alice@contoso.com>\r\nSubject: %.*s%zu.\r\n"
                       "Message-ID: <%zu@sim.example>\r\n\r\n",
                       SLICE_ARG(mark), number, number);
    for (size_t line = 0; line < number * 37 % 300; line++)
        text_append_format(out, "line %zu of message %zu\r\n", line, number);
    text_append_c(out, "end\r\n");
}

struct ledger_message *ledger_find(struct ledger *ledger, struct slice body)
{
    const char *found = memmem(body.at, body.len, mark.at, mark.len);
    size_t at = found ? (size_t)(found - body.at) : body.len, number = 0;
    for (at += mark.len; at < body.len && body.at[at] >= '0' && body.at[at] <= '9'; at++)
        number = number * 10 + (size_t)(body.at[at] - '0');
    return at < body.len && body.at[at] == '.' && number < ledger->count ? &ledger->messages[number]
                                                                         : NULL;
}

int ledger_recipient_of(struct slice address)
{
    for (int i = 0; i < LEDGER_RECIPIENTS; i++)
        if (slice_equal(address, slice_of(ledger_addresses[i])))
            return i;
    return -1;
}

void ledger_delivered(struct ledger *ledger, uint64_t id, struct slice body, struct slice address,
                      int repeat)
{
    struct ledger_message *message = ledger_find(ledger, body);
    int which = ledger_recipient_of(address);
    size_t number = message ? (size_t)(message - ledger->messages) : 0;
    if (!message || which < 0) {
        fprintf(stderr, "BODY %zu [%.*s] to %.*s\n", body.len,
                (int)(body.len < 300 ? body.len : 300), body.at, SLICE_ARG(address));
        wrong(ledger, "nobody sent that", number, which);
        return;
    }
    if (message->id && message->id != id) /* one that was not acknowledged may have been sent */
        wrong(ledger, "the body of another message was lent", number, which);
    struct text whole = text_with_ceiling(1 << 20);
    ledger_body(&whole, number);
    if (!slice_equal(body, text_slice(&whole)))
        wrong(ledger, "the body is not what was sent", number, which);
    text_deinit(&whole);
    struct ledger_recipient *recipient = &message->recipient[which];
    if (recipient->delivered && repeat == 0)
        wrong(ledger, "a second delivery was not announced as a possible repetition", number,
              which);
    recipient->delivered++;
    ledger->delivered++;
    ledger->repeated += recipient->delivered > 1;
}

/* Two days, whatever the clock on the wall says; it is looked at once a second, and may be away. */
enum { WAITS_AT_LEAST_MS = 47 * 3600 * 1000 };

static bool holds(struct slice bytes, const char *words)
{
    return memmem(bytes.at, bytes.len, words, strlen(words)) != NULL;
}

void ledger_notice(struct ledger *ledger, struct slice body)
{
    struct ledger_message *message = ledger_find(ledger, body);
    if (!message || !holds(body, "Action: failed"))
        return; /* of delay */
    if (holds(body, "QUEUE.Expired") &&
        clock_monotonic_ms() - message->sent_at_ms < WAITS_AT_LEAST_MS)
        wrong(ledger, "given up before its time", (size_t)(message - ledger->messages), -1);
    for (int i = 0; i < LEDGER_RECIPIENTS; i++) {
        char words[128];
        snprintf(words, sizeof words, "Final-Recipient: rfc822; %s", ledger_addresses[i]);
        if (holds(body, words))
            message->recipient[i].notified = true;
    }
    ledger->notices++;
}

void ledger_aside(struct ledger *ledger, struct slice body, struct slice address)
{
    struct ledger_message *message = ledger_find(ledger, body);
    int which = ledger_recipient_of(address);
    if (message && which >= 0)
        message->recipient[which].aside = true;
}

void ledger_excuse(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++)
        for (int j = 0; j < LEDGER_RECIPIENTS; j++)
            ledger->messages[i].recipient[j].excuses++;
}

void ledger_excuse_one(struct ledger *ledger, struct slice body, struct slice address)
{
    struct ledger_message *message = ledger_find(ledger, body);
    int which = ledger_recipient_of(address);
    if (message && which >= 0)
        message->recipient[which].excuses++;
}

bool ledger_complete(const struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++)
        for (size_t j = 0; ledger->messages[i].acknowledged && j < ledger->messages[i].recipients;
             j++)
            if (!ledger->messages[i].recipient[j].delivered &&
                !ledger->messages[i].recipient[j].notified)
                return false;
    return true;
}

void ledger_judge(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_message *message = &ledger->messages[i];
        for (size_t j = 0; j < message->recipients; j++) {
            const struct ledger_recipient *recipient = &message->recipient[j];
            if (message->acknowledged && !recipient->delivered && !recipient->notified &&
                !recipient->aside)
                wrong(ledger, "LOST: acknowledged, not delivered, and nobody was told", i, (int)j);
            if (recipient->delivered > 1 + recipient->excuses)
                wrong(ledger, "delivered again without a reason", i, (int)j);
        }
    }
}
