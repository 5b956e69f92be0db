/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/parcel.h"

#include <stdlib.h>

struct parcel *parcel_new(const struct scheduled *what)
{
    struct parcel *parcel = calloc(1, sizeof *parcel + scheduled_text_bytes(what));
    if (parcel)
        scheduled_copy(what, &parcel->what, parcel->texts);
    return parcel;
}

void parcel_list_init(struct parcel_list *list)
{
    *list = (struct parcel_list){.last = &list->first};
}

void parcel_list_append(struct parcel_list *list, struct parcel *parcel)
{
    parcel->next = NULL;
    *list->last = parcel;
    list->last = &parcel->next;
    list->count++;
}

void parcel_list_prepend(struct parcel_list *list, struct parcel *parcel)
{
    parcel->next = list->first;
    list->first = parcel;
    if (!parcel->next)
        list->last = &parcel->next;
    list->count++;
}

void parcel_list_unlink(struct parcel_list *list, struct parcel **link)
{
    struct parcel *parcel = *link;
    *link = parcel->next;
    if (!parcel->next)
        list->last = link;
    list->count--;
}

struct parcel *parcel_list_take(struct parcel_list *list)
{
    struct parcel *parcel = list->first;
    if (parcel)
        parcel_list_unlink(list, &list->first);
    return parcel;
}

struct parcel *parcel_list_take_message(struct parcel_list *list, uint64_t message)
{
    struct parcel **link = &list->first;
    while (*link && (*link)->what.message != message)
        link = &(*link)->next;
    struct parcel *parcel = *link;
    if (parcel)
        parcel_list_unlink(list, link);
    return parcel;
}

void parcel_list_free(struct parcel_list *list)
{
    struct parcel *parcel;
    while ((parcel = parcel_list_take(list)))
        free(parcel);
}
