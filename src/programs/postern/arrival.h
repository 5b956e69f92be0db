/* SPDX-License-Identifier: Apache-2.0 */
/* arrival - waiting until a message is where it belongs. */
#ifndef PROGRAMS_POSTERN_ARRIVAL_H
#define PROGRAMS_POSTERN_ARRIVAL_H

#include "programs/postern/place.h"

struct arrival_question {
    const struct place *place;
    const char *to;
    const char *maildir; /* given by the caller; NULL: the recipient's below the data folder */
    struct slice token;  /* bytes that only this message holds */
    struct slice number; /* of the message in the queue; empty: not known */
};

/* Looks into the recipient's Maildir when it may be read, else (or where another server holds the
 * mailboxes) asks whether the message still waits; at most 10 s. True: arrived, or handed to the
 * queue of somewhere else. `outcome` says which, in words. */
bool arrival_wait(const struct arrival_question *question, struct text *outcome);

#endif
