/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/queue_class.h"

#include "hub/handlers/parameters.h"
#include "model/routing.h"

static const struct queue_class {
    const char *name, *property;
    enum route_kind kind; /* whose code is the name, where it has none */
} queue_classes[] = {
    {"Internal", "NextHopCategory", ROUTE_MAILBOX},
    {"External", "NextHopCategory", ROUTE_MAILBOX},
    {"Empty", NULL, ROUTE_MAILBOX}, /* holds nothing */
    {NULL, "DeliveryType", ROUTE_MAILBOX},
    {NULL, "DeliveryType", ROUTE_DNS},
    {NULL, "DeliveryType", ROUTE_SMART_HOSTS},
    {NULL, "DeliveryType", ROUTE_UNREACHABLE},
};

static struct slice name_of(const struct queue_class *class)
{
    return slice_of(class->name ? class->name : route_kind_code(class->kind));
}

static void fail(struct call *call, const char *parameter, struct slice word)
{
    char storage[256];
    struct text names = text_over(storage, sizeof storage);
    for (size_t i = 0; i < COUNT_OF(queue_classes); i++) {
        text_append_c(&names, i ? ", " : "");
        text_append(&names, name_of(&queue_classes[i]));
    }
    call_fail(call, OPERATION_USAGE, "-%s: no sort of queue is called \"%.*s\"; there are %.*s",
              parameter, SLICE_ARG(slice_first(word, 60)), SLICE_ARG(text_slice(&names)));
}

/* False: the call has failed. */
static bool read_list(struct call *call, const char *parameter, unsigned *out_bits)
{
    struct slice words[CALL_LIST_MAX];
    size_t count = call_list(call, parameter, words, COUNT_OF(words));
    *out_bits = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < COUNT_OF(queue_classes) &&
               !slice_equal_nocase(words[i], name_of(&queue_classes[at])))
            at++;
        if (at == COUNT_OF(queue_classes)) {
            fail(call, parameter, words[i]);
            return false;
        }
        *out_bits |= 1u << at;
    }
    return true;
}

bool queue_classes_read(struct call *call, struct queue_classes *out)
{
    return read_list(call, "Include", &out->included) && read_list(call, "Exclude", &out->excluded);
}

static bool is_of(const struct queue_class *class, json_t *queue)
{
    if (!class->property)
        return json_integer_value(json_object_get(queue, "MessageCount")) == 0;
    return slice_equal(slice_of(json_string_value(json_object_get(queue, class->property))),
                       name_of(class));
}

bool queue_classes_take(const struct queue_classes *classes, json_t *queue)
{
    unsigned bits = 0;
    for (size_t i = 0; i < COUNT_OF(queue_classes); i++)
        bits |= is_of(&queue_classes[i], queue) ? 1u << i : 0;
    return (!classes->included || (bits & classes->included)) && !(bits & classes->excluded);
}
