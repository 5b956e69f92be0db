/* SPDX-License-Identifier: Apache-2.0 */
/* message - one small test message through an open SMTP session. */
#ifndef PROGRAMS_POSTERN_MESSAGE_H
#define PROGRAMS_POSTERN_MESSAGE_H

#include "programs/postern/smtp_client.h"

struct test_message {
    struct slice from, to;
    struct slice id; /* local part of Message-ID, by which it is found again */
    struct slice host;
    int64_t at_ms;
    int offset_minutes;
};

/* MAIL, RCPT, DATA. False: the client's failure or last reply says why; true: it was accepted. */
bool message_send(struct smtp_client *client, const struct test_message *message);
/* The number in "[InternalId=123, ..."; empty when the reply holds none. */
struct slice message_number(const struct smtp_client *client);

#endif
