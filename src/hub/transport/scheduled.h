/* SPDX-License-Identifier: Apache-2.0 */
/* scheduled - one recipient in the hub's hand: what has to be known for the next attempt, and to
 * say what became of it. */
#ifndef HUB_TRANSPORT_SCHEDULED_H
#define HUB_TRANSPORT_SCHEDULED_H

#include "model/sender_tls.h"

struct scheduled {
    uint64_t message;
    uint32_t recipient;
    uint32_t attempts;
    uint32_t deaths; /* of couriers that had it in hand (hub/transport/poison) */
    bool repeat;     /* it was tried before, perhaps in another life: look whether it is there */
    bool uncertain;  /* whoever had it in hand has died, or heard no answer */
    bool smtp_utf8;  /* it needs SMTPUTF8 */
    enum sender_tls tls;
    bool signs;        /* it is from one of us, so it may be signed as our own */
    uint8_t wish;      /* NOTIFY: enum notice_wish bits */
    uint8_t body_kind; /* enum session_body_kind: what it needs */
    char ret;          /* 'F', 'H' or 0 */
    int64_t received_at_ms, expires_at_ms;
    int64_t due_at_ms; /* when this attempt was to be made; 0: at once */
    uint64_t size_bytes;
    struct slice sender, address;
    struct slice message_id, subject; /* as far as they are known */
    struct slice orcpt, envid;        /* as written */
};

size_t scheduled_text_bytes(const struct scheduled *what);
/* With its texts in `storage`, which has room for scheduled_text_bytes. */
void scheduled_copy(const struct scheduled *what, struct scheduled *out, char *storage);

#endif
