/* SPDX-License-Identifier: Apache-2.0 */
/* ledger - what became of every message, as the world outside the hub saw it.
 *
 * A message is a number; its body is made from the number, and holds it. For each recipient: how
 * often it was delivered, whether its sender was told that it was not, and how many reasons there
 * were for a second delivery (an answer that was lost, a death while it was out).
 */
#ifndef TESTS_SIMULATE_LEDGER_H
#define TESTS_SIMULATE_LEDGER_H

#include "base/text.h"

enum { LEDGER_MESSAGES_MAX = 256, LEDGER_RECIPIENTS = 3 };

extern const char *const ledger_addresses[LEDGER_RECIPIENTS]; /* each message has the first n */

struct ledger_recipient {
    unsigned delivered, excuses;
    bool notified;
    bool aside; /* in the queue of what takes couriers down: kept for an administrator */
};
struct ledger_message {
    size_t recipients;
    uint64_t id; /* the store's; 0: nobody has said it yet */
    bool acknowledged;
    uint64_t sent_at_ms; /* of the uptime */
    struct ledger_recipient recipient[LEDGER_RECIPIENTS];
};
struct ledger {
    struct ledger_message messages[LEDGER_MESSAGES_MAX];
    size_t count;
    unsigned long delivered, repeated, notices;
    char wrong[256]; /* empty: nothing yet */
};

void ledger_body(struct text *out, size_t number);
/* The message in these bytes; NULL: they hold none. */
struct ledger_message *ledger_find(struct ledger *ledger, struct slice body);
int ledger_recipient_of(struct slice address); /* -1 */
/* `repeat`: the courier was told that it may be the second time; -1: this courier is not told. */
void ledger_delivered(struct ledger *ledger, uint64_t id, struct slice body, struct slice address,
                      int repeat);
void ledger_notice(struct ledger *ledger, struct slice body);
void ledger_aside(struct ledger *ledger, struct slice body, struct slice address);
/* Somebody died, or an answer was lost: whatever was delivered so far may come once more. */
void ledger_excuse(struct ledger *ledger);
void ledger_excuse_one(struct ledger *ledger, struct slice body, struct slice address);
/* Whether every acknowledged message came to its end, for all recipients. */
bool ledger_complete(const struct ledger *ledger);
void ledger_judge(struct ledger *ledger); /* at the end */

#endif
