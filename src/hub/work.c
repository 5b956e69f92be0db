/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/work.h"

#include <stdlib.h>

struct work *work_new(const struct scheduled *what)
{
    struct work *work = calloc(1, sizeof *work + scheduled_text_bytes(what));
    if (work)
        scheduled_copy(what, &work->what, work->texts);
    return work;
}

void work_list_init(struct work_list *list)
{
    *list = (struct work_list){.last = &list->first};
}

void work_list_append(struct work_list *list, struct work *work)
{
    work->next = NULL;
    *list->last = work;
    list->last = &work->next;
    list->count++;
}

void work_list_prepend(struct work_list *list, struct work *work)
{
    work->next = list->first;
    list->first = work;
    if (!work->next)
        list->last = &work->next;
    list->count++;
}

void work_list_unlink(struct work_list *list, struct work **link)
{
    struct work *work = *link;
    *link = work->next;
    if (!work->next)
        list->last = link;
    list->count--;
}

struct work *work_list_take(struct work_list *list)
{
    struct work *work = list->first;
    if (work)
        work_list_unlink(list, &list->first);
    return work;
}

struct work *work_list_take_message(struct work_list *list, uint64_t message)
{
    struct work **link = &list->first;
    while (*link && (*link)->what.message != message)
        link = &(*link)->next;
    struct work *work = *link;
    if (work)
        work_list_unlink(list, link);
    return work;
}

void work_list_free(struct work_list *list)
{
    struct work *work;
    while ((work = work_list_take(list)))
        free(work);
}
