/* SPDX-License-Identifier: Apache-2.0 */
/* expansion - whom mail to an address reaches in the end: groups become their members, mailboxes
 * that forward their targets.
 *
 * One expansion is for one message. Its recipients are given one after the other; nobody is
 * reached twice by groups and forwards, and whoever was named directly is reached as such. Groups
 * may hold groups, and hold each other. Where forwards go in a circle, a mailbox on it keeps the
 * mail: nothing that came in goes to nobody.
 *
 * Addresses point into the model and into what was given.
 */
#ifndef MODEL_EXPANSION_H
#define MODEL_EXPANSION_H

#include "model/recipient_index.h"

enum {
    EXPANSION_RECIPIENTS_MAX = 10000, /* that one message may be expanded to */
    EXPANSION_DEPTH_MAX = 32,         /* groups in groups, forwards of forwards */
};

enum expansion_outcome {
    EXPANSION_OK = 0,
    EXPANSION_EMPTY,    /* a group that holds nobody */
    EXPANSION_TOO_MANY, /* more than EXPANSION_RECIPIENTS_MAX */
    EXPANSION_TOO_DEEP, /* more than EXPANSION_DEPTH_MAX */
    EXPANSION_NO_MEMORY,
};

enum expansion_way {
    EXPANSION_DIRECT, /* it is what was given */
    EXPANSION_COPY,   /* the mailbox that was given, which forwards, too */
    EXPANSION_FORWARD,
    EXPANSION_GROUP,
};

struct expanded {
    struct slice address;
    size_t origin; /* which of the recipients that were given, from 0 */
    enum expansion_way way;
    bool quiet; /* the sender is to hear of no failure */
};

struct expansion;

/* Whether the address is anything but one mailbox, or one elsewhere. */
bool expansion_is_needed(const struct recipient_index *index, struct slice address);

/* The index and the addresses that are given are borrowed. NULL without memory. */
struct expansion *expansion_new(const struct recipient_index *index, const struct slice *given,
                                size_t count);
void expansion_free(struct expansion *expansion); /* accepts NULL */
/* Expands the given recipient number `origin`; each once, in their order. Anything but
 * EXPANSION_OK: it reaches nobody, and the expansion is as it was. */
enum expansion_outcome expansion_run(struct expansion *expansion, size_t origin);

/* The given recipient as it is, in the place of what could not be expanded. False: no memory. */
MUST_USE bool expansion_keep(struct expansion *expansion, size_t origin);

size_t expansion_count(const struct expansion *expansion);
/* Ordered by origin. */
const struct expanded *expansion_at(const struct expansion *expansion, size_t index);

#endif
