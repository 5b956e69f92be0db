/* SPDX-License-Identifier: Apache-2.0 */
/* Search-AdminAuditLog: the files are read on the thread for it, row by row; the newest rows that
 * were asked for are kept as they are written, and become objects at the end. */
#include "base/log_row.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/log_search.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/logs.h"
#include "model/audit_filter.h"
#include "os/log_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct search {
    struct log_search base;
    struct audit_filter filter;
    struct slice words[AUDIT_LISTS][CALL_LIST_MAX];
    struct slice *rows; /* a ring of the newest; each is malloc'd */
    size_t first, count, most, bytes;
    bool more; /* than were asked for */
    struct text scratch;
    char quoted[LOG_LINE_MAX];
};

/* --- on the reading thread --- */

static void drop_oldest(struct search *search)
{
    struct slice *row = &search->rows[search->first];
    search->bytes -= row->len;
    free((void *)(uintptr_t)row->at);
    search->first = (search->first + 1) % search->most;
    search->count--;
}

static void keep(struct search *search, struct slice line)
{
    while (search->count &&
           (search->count == search->most || search->bytes + line.len > LOG_SEARCH_BYTES_MAX)) {
        search->more = true;
        drop_oldest(search);
    }
    char *copy = malloc(line.len + 1);
    if (!copy) {
        search->base.failed = -ENOMEM;
        return;
    }
    memcpy(copy, line.at, line.len);
    search->rows[(search->first + search->count++) % search->most] = slice_bytes(copy, line.len);
    search->bytes += line.len;
}

static bool take(struct log_search *base, struct slice line)
{
    struct search *search = (struct search *)base;
    struct slice fields[LOG_COLUMNS_MAX];
    if (audit_filter_takes(&search->filter, line, &search->scratch, fields))
        keep(search, line);
    return base->failed == 0;
}

/* --- objects --- */

static struct slice field(const struct slice *fields, const char *name)
{
    return fields[log_column_index(LOG_ADMIN_AUDIT, slice_of(name))];
}

/* The object of the row as a list of names and values, as scripts walk it. */
static json_t *parameters_of(struct slice written)
{
    json_t *object = json_loadb(written.at, written.len, 0, NULL), *list = json_array();
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
        json_array_append_new(list, json_pack("{s:s, s:O}", "Name", name, "Value", value));
    json_decref(object);
    return list;
}

static json_t *object_of(const struct slice *fields)
{
    json_t *json = json_object();
    bool succeeded = slice_equal(field(fields, "succeeded"), SLICE("True"));
    json_object_set_new(json, "ObjectModified", json_of_slice(field(fields, "object-modified")));
    json_object_set_new(json, "CmdletName", json_of_slice(field(fields, "cmdlet-name")));
    json_object_set_new(json, "CmdletParameters",
                        parameters_of(field(fields, "cmdlet-parameters")));
    json_object_set_new(json, "ModifiedProperties",
                        json_of_field_list(field(fields, "modified-properties")));
    json_object_set_new(json, "Caller", json_of_slice(field(fields, "caller")));
    json_object_set_new(json, "ExternalAccess", json_false()); /* nobody reaches it from outside */
    json_object_set_new(json, "Succeeded", json_boolean(succeeded));
    json_object_set_new(json, "Error", json_of_slice(field(fields, "error")));
    json_object_set_new(json, "RunDate", json_of_slice(field(fields, "date-time")));
    json_object_set_new(json, "OriginatingServer",
                        json_of_slice(field(fields, "originating-server")));
    json_object_set_new(json, "Identity", json_of_slice(field(fields, "identity")));
    return json;
}

static void emit_newest_first(struct search *search)
{
    for (size_t i = search->count; i > 0; i--) {
        struct slice fields[LOG_COLUMNS_MAX];
        struct slice row = search->rows[(search->first + i - 1) % search->most];
        if (audit_filter_takes(&search->filter, row, &search->scratch, fields))
            call_emit(search->base.call, object_of(fields));
    }
}

/* --- on the loop --- */

static void show(struct log_search *base)
{
    const struct search *search = (struct search *)base;
    emit_newest_first((struct search *)base);
    if (search->more && !call_has(base->call, "ResultSize"))
        call_warn(base->call,
                  "There are more runs than these %zu; ask for a shorter time, or use "
                  "-ResultSize.",
                  search->count);
}

static void release(struct log_search *base)
{
    struct search *search = (struct search *)base;
    while (search->count)
        drop_oldest(search);
    free(search->rows);
    free(search);
}

/* --- what is asked --- */

/* Texts as the log shows them. */
static bool read_lists(struct search *search)
{
    static const char *const names[AUDIT_LISTS] = {
        [AUDIT_CMDLETS] = "Cmdlets",
        [AUDIT_OBJECTS] = "ObjectIds",
        [AUDIT_CALLERS] = "UserIds",
        [AUDIT_PARAMETERS] = "Parameters",
    };
    for (size_t list = 0; list < AUDIT_LISTS; list++) {
        struct slice *words = search->words[list];
        size_t count = call_list(search->base.call, names[list], words, CALL_LIST_MAX);
        for (size_t i = 0; i < count; i++) {
            if (log_search_text(&search->base, words[i], &words[i]))
                continue;
            call_fail(search->base.call, OPERATION_USAGE, "-%s takes at most 2,000 characters",
                      names[list]);
            return false;
        }
        search->filter.lists[list] = (struct slice_list){words, count};
    }
    return true;
}

static bool read_success(struct search *search)
{
    bool success;
    if (!call_bool(search->base.call, "IsSuccess", true, &success))
        return false;
    if (call_has(search->base.call, "IsSuccess"))
        search->filter.succeeded = success ? SLICE("True") : SLICE("False");
    return true;
}

static bool read_times(struct search *search)
{
    struct log_search *base = &search->base;
    if (!call_period(base->call, "StartDate", "EndDate", &base->from_ms, &base->until_ms))
        return false;
    audit_filter_between(&search->filter, base->from_ms, base->until_ms);
    return true;
}

/* False: the call has failed. */
static bool prepare(struct search *search)
{
    int64_t most;
    struct call *call = search->base.call;
    if (!call_result_size(call, LOG_SEARCH_RESULTS_MAX, LOG_SEARCH_RESULTS, &most) ||
        !read_times(search) || !read_lists(search) || !read_success(search))
        return false;
    search->most = (size_t)most;
    search->rows = calloc(search->most, sizeof *search->rows);
    if (!search->rows)
        call_fail(call, OPERATION_FAILED, "there is no memory for the search");
    return search->rows != NULL;
}

void admin_audit_log_search(struct call *call)
{
    struct search *search = calloc(1, sizeof *search);
    if (!search) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the search");
        return;
    }
    search->base = (struct log_search){
        .name = "admin audit log", .take = take, .show = show, .release = release};
    log_search_init(&search->base, call, LOG_ADMIN_AUDIT);
    search->scratch = text_over(search->quoted, sizeof search->quoted);
    if (prepare(search))
        log_search_run(&search->base);
    else
        log_search_end(&search->base);
}
