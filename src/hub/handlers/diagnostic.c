/* SPDX-License-Identifier: Apache-2.0 */
/* Get-ExchangeDiagnosticInfo: how near the server is to refusing mail, measure by measure; as text
 * of XML, and as the objects a script finds when it reads that. */
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/transport/pressure.h"
#include "os/clock.h"

enum { RESULT_MAX = 64 << 10 };

/* "write-ahead log" is WriteAheadLog. */
static json_t *resource_name(const char *cause)
{
    char storage[64];
    struct text name = text_over(storage, sizeof storage);
    bool begins = true;
    for (const char *at = cause; *at; at++) {
        if (ascii_is_alnum(*at))
            text_append_byte(&name, begins && *at >= 'a' ? (char)(*at - 'a' + 'A') : *at);
        begins = !ascii_is_alnum(*at);
    }
    return json_of_slice(text_slice(&name));
}

static json_t *meter_json(const struct store_measure *measure)
{
    json_t *json = json_object();
    json_object_set_new(json, "Resource", resource_name(measure->cause));
    json_object_set_new(json, "CurrentResourceUse",
                        json_string(pressure_level_name(measure->level)));
    json_object_set_new(json, "Pressure", json_integer((json_int_t)measure->now));
    json_object_set_new(json, "LowToMedium", json_integer((json_int_t)measure->medium));
    json_object_set_new(json, "MediumToHigh", json_integer((json_int_t)measure->high));
    json_object_set_new(json, "LessIsWorse", json_boolean(measure->scarce));
    return json;
}

static json_t *tracker_json(const struct store_pressure *pressure)
{
    json_t *json = json_object(), *meters = json_array();
    for (size_t i = 0; i < pressure->measure_count; i++)
        json_array_append_new(meters, meter_json(&pressure->measures[i]));
    json_object_set_new(json, "AggregatedResourceUse",
                        json_string(pressure_level_name(pressure->level)));
    json_object_set_new(json, "Cause", json_string(pressure->cause));
    json_object_set_new(json, "ResourceMeter", meters);
    return json;
}

static json_t *within(const char *name, json_t *json_take)
{
    json_t *outer = json_object();
    json_object_set_new(outer, name, json_take);
    return outer;
}

/* --- as XML --- */

static void append_element(struct text *xml, const char *name, json_t *value, size_t depth);

static void append_inner(struct text *xml, json_t *value, size_t depth)
{
    const char *name;
    json_t *child;
    if (json_is_string(value))
        text_append_c(xml, json_string_value(value));
    else if (json_is_integer(value))
        text_append_i64(xml, json_integer_value(value));
    else if (json_is_boolean(value))
        text_append_c(xml, json_is_true(value) ? "true" : "false");
    if (!json_is_object(value))
        return;
    text_append_c(xml, "\n");
    json_object_foreach(value, name, child) append_element(xml, name, child, depth + 1);
    text_append_format(xml, "%*s", (int)(2 * depth), "");
}

/* A list is the element, again and again. All names and values are our own: nothing wants
 * escaping. */
static void append_element(struct text *xml, const char *name, json_t *value, size_t depth)
{
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    for (size_t i = 0; i < count; i++) {
        text_append_format(xml, "%*s<%s>", (int)(2 * depth), "", name);
        append_inner(xml, json_is_array(value) ? json_array_get(value, i) : value, depth);
        text_append_format(xml, "</%s>\n", name);
    }
}

/* --- the cmdlet --- */

/* False: the call has failed. */
static bool is_known(struct call *call)
{
    static const char *const processes[] = {"EdgeTransport", "MSExchangeTransport",
                                            "MSExchangeFrontendTransport"};
    struct slice process = call_text(call, "Process");
    size_t i = 0;
    while (i < COUNT_OF(processes) && !slice_equal_nocase(process, slice_of(processes[i])))
        i++;
    if (i == COUNT_OF(processes))
        call_fail(call, OPERATION_NOT_FOUND,
                  "-Process is EdgeTransport, MSExchangeTransport or MSExchangeFrontendTransport; "
                  "they are one here");
    else if (!slice_equal_nocase(call_text(call, "Component"), SLICE("ResourceThrottling")))
        call_fail(call, OPERATION_NOT_FOUND,
                  "-Component is ResourceThrottling; Get-TransportService shows more");
    else
        return true;
    return false;
}

void diagnostic_info_get(struct call *call)
{
    struct store_pressure pressure;
    const struct server *server = model_server(call->hub->model);
    if (!operation_server_is_this(call, "Server") || !is_known(call))
        return;
    if (store_pressure(call->hub->store, clock_wall_ms(), &pressure) != STORE_OK) {
        call_fail(call, OPERATION_FAILED, "the store does not answer");
        return;
    }
    json_t *diagnostics =
        within("Components",
               within("ResourceThrottling", within("ResourceTracker", tracker_json(&pressure))));
    struct text xml = text_with_ceiling(RESULT_MAX);
    append_element(&xml, "Diagnostics", diagnostics, 0);
    json_t *json = json_object();
    json_object_set_new(json, "Identity", json_of_slice(server ? server->name : SLICE("")));
    json_object_set_new(json, "Result", json_of_slice(text_slice(&xml)));
    json_object_set_new(json, "Diagnostics", diagnostics);
    text_deinit(&xml);
    call_emit(call, json);
    call_done(call);
}
