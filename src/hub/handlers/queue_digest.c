/* SPDX-License-Identifier: Apache-2.0 */
/* Get-QueueDigest: the queues, summed up by one of their properties. */
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/queue_identity.h"

/* The property to group by. NULL: the call has failed. */
static const char *group_by(struct call *call)
{
    static const char *const properties[] = {"NextHopDomain", "NextHopCategory", "DeliveryType",
                                             "Status",        "LastError",       "ServerName"};
    struct slice written = call_text(call, "GroupBy");
    if (!written.len)
        return properties[0];
    for (size_t i = 0; i < COUNT_OF(properties); i++)
        if (slice_equal_nocase(written, slice_of(properties[i])))
            return properties[i];
    call_fail(call, OPERATION_USAGE,
              "-GroupBy is NextHopDomain, NextHopCategory, DeliveryType, Status, LastError or "
              "ServerName");
    return NULL;
}

/* Mail for mailboxes has no next hop: its group is called as its queue. */
static struct slice value_of(const json_t *queue, const char *property)
{
    struct slice name = slice_of(json_string_value(json_object_get(queue, "Identity"))),
                 server = {0};
    struct slice value = slice_of(json_string_value(json_object_get(queue, property)));
    slice_take_until(&name, '\\', &server);
    if (slice_equal(slice_of(property), SLICE("ServerName")))
        return server;
    return value.len || !slice_equal(slice_of(property), SLICE("NextHopDomain")) ? value : name;
}

static json_t *group_of(json_t *groups, struct slice value)
{
    for (size_t i = 0; i < json_array_size(groups); i++) {
        json_t *group = json_array_get(groups, i);
        if (slice_equal(slice_of(json_string_value(json_object_get(group, "GroupByValue"))), value))
            return group;
    }
    json_t *group = json_object();
    json_object_set_new(group, "GroupByValue", json_of_slice(value));
    json_object_set_new(group, "MessageCount", json_integer(0));
    json_object_set_new(group, "DeferredMessageCount", json_integer(0));
    json_object_set_new(group, "QueueCount", json_integer(0));
    json_object_set_new(group, "Details", json_array());
    json_array_append_new(groups, group);
    return group;
}

static json_int_t count_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void add(json_t *group, const json_t *queue, const char *name)
{
    json_object_set_new(group, name, json_integer(count_of(group, name) + count_of(queue, name)));
}

/* The longest first. */
static void emit_groups(struct call *call, const json_t *groups)
{
    for (size_t i = 0; i < json_array_size(groups); i++) {
        json_t *group = json_array_get(groups, i);
        size_t at = 0;
        while (at < json_array_size(call->objects) &&
               count_of(json_array_get(call->objects, at), "MessageCount") >=
                   count_of(group, "MessageCount"))
            at++;
        json_array_insert(call->objects, at, group);
    }
}

/* Of the call's objects, which are queues. */
static void sum_up(struct call *call)
{
    const char *property = group_by(call);
    json_t *groups = json_array();
    for (size_t i = 0; i < json_array_size(call->objects); i++) {
        const json_t *queue = json_array_get(call->objects, i);
        json_t *group = group_of(groups, value_of(queue, property));
        add(group, queue, "MessageCount");
        add(group, queue, "DeferredMessageCount");
        json_object_set_new(group, "QueueCount", json_integer(count_of(group, "QueueCount") + 1));
        json_array_append(json_object_get(group, "Details"), json_object_get(queue, "Identity"));
    }
    json_array_clear(call->objects);
    emit_groups(call, groups);
    json_decref(groups);
    call_done(call);
}

void queue_digest_get(struct call *call)
{
    if (group_by(call))
        queue_emit_all(call, sum_up);
}
