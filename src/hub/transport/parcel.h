/* SPDX-License-Identifier: Apache-2.0 */
/* parcel - one message for one recipient, in the hub's hand; in lists. */
#ifndef HUB_TRANSPORT_PARCEL_H
#define HUB_TRANSPORT_PARCEL_H

#include "hub/transport/scheduled.h"
#include "store/store.h"

struct peer;

struct parcel {
    struct parcel *next;
    uint64_t delivery; /* its number while a courier has it */
    struct peer *courier;
    struct body_loan loan; /* of a parcel with a courier: the bytes under its descriptor */
    struct scheduled what;
    char texts[]; /* what the slices of `what` point at */
};

struct parcel_list {
    struct parcel *first, **last;
    size_t count;
};

struct parcel *parcel_new(const struct scheduled *what); /* a copy; free() */

void parcel_list_init(struct parcel_list *list);
void parcel_list_append(struct parcel_list *list, struct parcel *parcel);
void parcel_list_prepend(struct parcel_list *list, struct parcel *parcel);
void parcel_list_unlink(struct parcel_list *list, struct parcel **link);
struct parcel *parcel_list_take(struct parcel_list *list); /* the first; NULL: empty */
/* The first of this message; NULL: there is none (any more). */
struct parcel *parcel_list_take_message(struct parcel_list *list, uint64_t message);
void parcel_list_free(struct parcel_list *list); /* with what is in it */

#endif
