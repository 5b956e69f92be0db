/* SPDX-License-Identifier: Apache-2.0 */
/* message_property - what Get-Message shows of a message that waits, by name: one table for what is
 * shown, for what a filter asks for, and for what is sorted by.
 *
 * A message is what its first recipient in a queue says, and all of them in Recipients.
 */
#ifndef HUB_HANDLERS_MESSAGE_PROPERTY_H
#define HUB_HANDLERS_MESSAGE_PROPERTY_H

#include "hub/call.h"
#include "hub/state.h"
#include "operations/filter.h"

enum message_value_kind {
    MESSAGE_TEXT,
    MESSAGE_NUMBER,
    MESSAGE_TIME, /* milliseconds since 1970; 0: none */
    MESSAGE_TRUTH,
    MESSAGE_LIST, /* the addresses of the recipients */
};

struct message_sight {
    const struct call *call;
    const struct queue_item *item;
    int64_t now_ms;
    struct text *scratch; /* what a text is written into that is not in the item */
};

struct message_value { /* a text is borrowed from the item or from the scratch text */
    struct slice text;
    int64_t number; /* of all other kinds */
};

struct message_property {
    const char *name;
    enum message_value_kind kind;
    struct message_value (*read)(const struct message_sight *sight); /* NULL: of a list */
    unsigned fields; /* what it reads of the item: enum queue_field */
};

extern const struct message_property message_properties[]; /* ends with a nameless row */
/* Case does not matter; NULL: there is none. */
const struct message_property *message_property_find(struct slice name);
/* Whether the condition is true of the value; not of a list. */
bool message_property_fits(const struct message_property *property,
                           const struct message_sight *sight,
                           const struct filter_condition *condition);
/* All of it, with an empty list. */
json_t *message_json(const struct message_sight *sight);

enum { MESSAGE_SCRATCH_BYTES = 2048 };

#endif
