/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/message_search.h"

#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/queue_identity.h"
#include "os/clock.h"

#include <stdlib.h>

enum { PAGE_RECIPIENTS = 5000, ERROR_BYTES = 512 };

static void fail(struct message_search *search, const char *why)
{
    if (!search->failed)
        call_fail(search->call, OPERATION_FAILED, "%s", why);
    search->failed = true;
}

/* --- one message --- */

static struct message_sight sight_of(struct message_search *search, const struct queue_item *item)
{
    return (struct message_sight){search->call, item, search->now_ms, &search->scratch};
}

static bool row_fits(struct message_search *search, const struct message_sight *sight)
{
    for (size_t i = 0; i < search->filter.count; i++)
        if (search->asked[i]->kind != MESSAGE_LIST &&
            !message_property_fits(search->asked[i], sight, &search->filter.conditions[i]))
            return false;
    return true;
}

static void look_at_element(struct message_search *search, struct slice address)
{
    struct message_search_current *current = &search->current;
    for (size_t i = 0; i < search->filter.count; i++)
        if (search->asked[i]->kind != MESSAGE_LIST)
            continue;
        else if (filter_condition_takes(&search->filter.conditions[i], address))
            current->met |= 1u << i;
        else
            current->broken |= 1u << i;
}

/* A list fits when one element does; what is denied must be true of all. */
static bool list_fits(const struct message_search *search)
{
    for (size_t i = 0; i < search->filter.count; i++) {
        const struct filter_condition *condition = &search->filter.conditions[i];
        bool fits = filter_condition_is_negative(condition)
                        ? (search->current.broken & 1u << i) == 0
                        : (search->current.met & 1u << i) != 0;
        if (search->asked[i]->kind == MESSAGE_LIST && !fits)
            return false;
    }
    return true;
}

/* On the wanted side of the bookmark. */
static bool is_in_reach(struct message_search *search, const struct message_rank *rank)
{
    if (!search->has_bookmark)
        return true;
    int side = message_rank_compare(&search->order, rank, &search->bookmark);
    search->met_bookmark |= side == 0;
    if (side == 0)
        return search->includes;
    search->before += side < 0;
    return search->backward ? side < 0 : side > 0;
}

static void offer(struct message_search *search)
{
    const struct message_rank *rank = &search->current.rank;
    search->matches++;
    if (!is_in_reach(search, rank))
        return;
    switch (message_pick_offer(&search->pick, rank)) {
    case MESSAGE_PICK_OK:
        break;
    case MESSAGE_PICK_NO_MEMORY:
        fail(search, "there is no memory for so many messages");
        break;
    case MESSAGE_PICK_TOO_MANY:
        fail(search,
             "these are too many messages to sort; -ResultSize or -Filter makes them fewer");
        break;
    }
    search->enough = search->order.count == 0 && !search->counts && !search->pick.last &&
                     search->pick.count == search->pick.most;
}

static void close_message(struct message_search *search)
{
    struct message_search_current *current = &search->current;
    if (current->open && current->fits && list_fits(search))
        offer(search);
    current->open = false;
}

static void open_message(struct message_search *search, const struct queue_item *item)
{
    struct message_search_current *current = &search->current;
    struct message_sight sight = sight_of(search, item);
    current->open = true;
    current->message = item->message;
    current->met = current->broken = 0;
    current->fits = row_fits(search, &sight);
    if (current->fits)
        current->rank = message_rank_read(&search->order, &sight, &current->rank_storage);
}

/* --- page by page --- */

static bool on_row(void *context, const struct queue_item *item)
{
    struct message_search *search = context;
    if (search->judges_queue && !queue_is_meant(search->queue, item->destination))
        return true;
    search->seen = true;
    if (!search->current.open || search->current.message != item->message) {
        close_message(search);
        if (search->enough || search->failed)
            return false;
        open_message(search, item);
    }
    if (search->current.fits)
        look_at_element(search, item->address);
    return !search->failed;
}

/* The wanted part of what was picked. */
static void settle(struct message_search *search)
{
    struct message_pick *pick = &search->pick;
    message_pick_settle(pick);
    size_t skip = 0;
    if (search->has_index && !search->backward)
        skip = pick->most - search->result_size;
    else if (search->has_index && pick->count > search->result_size)
        skip = pick->count - search->result_size;
    skip = skip < pick->count ? skip : pick->count;
    search->found = pick->ranks + skip;
    search->count = pick->count - skip;
    size_t end = search->has_bookmark ? search->before + (search->includes && search->met_bookmark)
                                      : search->matches;
    if (search->has_index)
        search->before = skip;
    else if (search->backward)
        search->before = end > search->count ? end - search->count : 0;
    else if (search->has_bookmark)
        search->before += search->met_bookmark && !search->includes;
}

/* False: that was the last page, or enough; or the call has failed. */
static bool turn_page(struct message_search *search)
{
    struct store *store = search->call->hub->store;
    search->now_ms = clock_wall_ms();
    struct queue_filter *range = &search->range;
    int ends = range->message ? STORE_NOT_FOUND
                              : queue_page_end(store, range->after_message, PAGE_RECIPIENTS,
                                               &range->until_message);
    if (ends == STORE_NOT_FOUND)
        range->until_message = 0;
    int result = ends == STORE_OK || ends == STORE_NOT_FOUND
                     ? queue_list(store, range, on_row, search)
                     : ends;
    if (result != STORE_OK && !search->failed) {
        call_fail(search->call, OPERATION_FAILED, "the queue cannot be read: %s",
                  result > 0 ? store_outcome_name((enum store_outcome)result) : "the store failed");
        search->failed = true;
    }
    range->after_message = range->until_message;
    return ends == STORE_OK && !search->failed && !search->enough;
}

static void look(struct message_search *search)
{
    if (turn_page(search)) {
        timer_set(&search->next, 0);
        return;
    }
    if (!search->failed && !search->enough)
        close_message(search);
    if (!search->failed)
        settle(search);
    search->done(search->context, !search->failed);
}

static void on_next(void *context, unsigned events)
{
    (void)events;
    look(context);
}

/* --- the parameters --- */

/* False: the call has failed. */
static bool read_filter(struct message_search *search)
{
    char storage[ERROR_BYTES];
    struct text error = text_over(storage, sizeof storage);
    struct call *call = search->call;
    if (!filter_parse(call_text(call, "Filter"), &search->filter, &error) ||
        !message_order_parse(call_text(call, "SortOrder"), &search->order, &error)) {
        call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
        return false;
    }
    for (size_t i = 0; i < search->filter.count; i++) {
        struct slice name = search->filter.conditions[i].property;
        search->asked[i] = message_property_find(name);
        if (search->asked[i])
            continue;
        call_fail(call, OPERATION_USAGE, "-Filter: a Message has no property \"%.*s\"",
                  SLICE_ARG(slice_first(name, 60)));
        return false;
    }
    return true;
}

static bool on_bookmark(void *context, const struct queue_item *item)
{
    struct message_search *search = context;
    struct message_sight sight = sight_of(search, item);
    search->bookmark = message_rank_read(&search->order, &sight, &search->bookmark_storage);
    search->has_bookmark = true;
    return false;
}

/* One that has left the queue since still says where it stood, unless its properties matter. False:
 * the call has failed. */
static bool read_bookmark_object(struct message_search *search)
{
    struct queue_filter filter = {0};
    struct call *call = search->call;
    if (!queue_message_number(call_text(call, "BookmarkObject"), &filter.message)) {
        call_fail(call, OPERATION_USAGE,
                  "-BookmarkObject is the Identity of a message: "
                  "SERVER\\queue\\number, or the number");
        return false;
    }
    if (search->order.count == 0) {
        search->bookmark.message = filter.message;
        search->has_bookmark = true;
        if (!search->backward && !search->counts)
            search->range.after_message = filter.message - 1;
        return true;
    }
    search->now_ms = clock_wall_ms();
    if (queue_list(call->hub->store, &filter, on_bookmark, search) == STORE_OK &&
        search->has_bookmark)
        return true;
    call_fail(call, OPERATION_NOT_FOUND,
              "-BookmarkObject: no message %llu waits; it may be delivered",
              (unsigned long long)filter.message);
    return false;
}

/* False: the call has failed. */
static bool read_bookmark(struct message_search *search)
{
    struct call *call = search->call;
    bool forward;
    int64_t index;
    search->has_index = call_has(call, "BookmarkIndex");
    if (!call_bool(call, "SearchForward", true, &forward) ||
        !call_bool(call, "IncludeBookmark", true, &search->includes) ||
        !call_bool(call, "ReturnPageInfo", false, &search->counts) ||
        !call_integer(call, "BookmarkIndex", 1, MESSAGE_RESULT_SIZE_MAX, 1, &index))
        return false;
    search->backward = !forward;
    search->index = (size_t)index;
    if (!call_has(call, "BookmarkObject"))
        return true;
    if (!search->has_index)
        return read_bookmark_object(search);
    call_fail(call, OPERATION_USAGE, "give -BookmarkObject or -BookmarkIndex, not both");
    return false;
}

static void set_limits(struct message_search *search)
{
    size_t in_front = search->index - search->includes;
    search->pick = (struct message_pick){.order = &search->order, .most = search->result_size};
    if (!search->has_index)
        search->pick.last = search->backward;
    else if (search->backward)
        search->pick.most = search->index - !search->includes;
    else
        search->pick.most = in_front + search->result_size;
}

/* Where the name of a queue is its key, the store looks for that one alone. */
static void narrow_to_queue(struct message_search *search)
{
    struct slice rest, server, written = call_text(search->call, "Queue");
    struct text key = text_over(search->key_bytes, sizeof search->key_bytes);
    search->queue = rest = written;
    if (slice_take_until(&rest, '\\', &server))
        written = rest;
    if (written.len == 0 || slice_equal(written, SLICE("*")))
        return;
    text_append_lower(&key, written);
    search->judges_queue = key.truncated || queue_is_unreachable(text_slice(&key));
    if (!search->judges_queue)
        search->range.destination = text_slice(&key);
}

static void narrow_to_fields(struct message_search *search)
{
    unsigned fields = message_order_fields(&search->order);
    for (size_t i = 0; i < search->filter.count; i++)
        fields |= search->asked[i]->fields;
    if (search->judges_queue)
        fields |= QUEUE_DESTINATION;
    search->range.fields = fields ? fields : QUEUE_NUMBER;
}

struct message_search *message_search_new(struct call *call)
{
    struct message_search *search = calloc(1, sizeof *search);
    int64_t most;
    if (!search) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the search");
        return NULL;
    }
    search->call = call;
    search->scratch = text_over(search->scratch_bytes, sizeof search->scratch_bytes);
    timer_init(&search->next, call->hub->role.loop, on_next, search);
    if (operation_server_is_this(call, "Server") &&
        call_result_size(call, MESSAGE_RESULT_SIZE_MAX, MESSAGE_RESULT_SIZE_DEFAULT, &most) &&
        read_filter(search) && read_bookmark(search)) {
        search->result_size = (size_t)most;
        set_limits(search);
        narrow_to_queue(search);
        narrow_to_fields(search);
        return search;
    }
    message_search_free(search);
    return NULL;
}

void message_search_narrow(struct message_search *search, uint64_t message)
{
    search->range.message = message;
    search->judges_queue |= message != 0;
}

void message_search_all(struct message_search *search)
{
    search->result_size = MESSAGE_RESULT_SIZE_MAX;
    set_limits(search);
}

void message_search_start(struct message_search *search, message_search_fn *done, void *context)
{
    search->done = done;
    search->context = context;
    look(search);
}

void message_search_free(struct message_search *search)
{
    if (!search)
        return;
    timer_stop(&search->next);
    message_pick_free(&search->pick);
    free(search);
}
