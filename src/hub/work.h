/* SPDX-License-Identifier: Apache-2.0 */
/* work - recipients in the hub's hand, in lists. */
#ifndef HUB_WORK_H
#define HUB_WORK_H

#include "hub/scheduled.h"

struct peer;

struct work {
    struct work *next;
    uint64_t delivery; /* its number while a courier has it */
    struct peer *courier;
    struct scheduled what;
    char texts[]; /* what the slices of `what` point at */
};

struct work_list {
    struct work *first, **last;
    size_t count;
};

struct work *work_new(const struct scheduled *what); /* a copy; free() */

void work_list_init(struct work_list *list);
void work_list_append(struct work_list *list, struct work *work);
void work_list_prepend(struct work_list *list, struct work *work);
void work_list_unlink(struct work_list *list, struct work **link);
struct work *work_list_take(struct work_list *list); /* the first; NULL: empty */
/* The first of this message; NULL: there is none (any more). */
struct work *work_list_take_message(struct work_list *list, uint64_t message);
void work_list_free(struct work_list *list); /* with what is in it */

#endif
