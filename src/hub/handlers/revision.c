/* SPDX-License-Identifier: Apache-2.0 */
/* Get-ConfigurationRevision: the log of the configuration, a revision an object. */
#include "hub/configuration/difference.h"
#include "hub/configuration/record.h"
#include "hub/configuration/secrets.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"

enum {
    RESULT_SIZE_DEFAULT = 1000,
    RESULT_SIZE_MAX = 10000,
    OBJECTS_SHOWN_MAX = 100,   /* of each revision in a list */
    SETTINGS_SHOWN_MAX = 5000, /* of one revision */
};

struct listing {
    struct call *call;
    uint64_t sequence; /* of the revision being put together */
    json_t *objects, *settings;
    size_t left, objects_max, objects_more;
    bool more, settings_more; /* than are shown */
    const struct config_revision_entry *entry;
};

/* --- names --- */

static void append_object(const struct config_revision_entry *entry, struct text *text)
{
    enum model_kind owner;
    bool of_secret = entry->of_secret && secret_owner(entry->entry.kind, &owner);
    append_clean(text, of_secret ? slice_of(model_kind_facts(owner)->noun) : entry->entry.kind);
    text_append_c(text, " ");
    append_clean(text, slice_first(entry->entry.name, 512));
}

static const char *what_was_done(const struct config_revision_entry *entry)
{
    switch (entry->entry.operation) {
    case CONFIG_DELETE:
    case CONFIG_DELETE_SECRET:
        return entry->of_secret ? "password removed" : "removed";
    case CONFIG_PUT_SECRET:
        return "password set";
    case CONFIG_PUT:
        break;
    }
    bool added = entry->before.kept ? !entry->before.exists : entry->entry.version == 1;
    return added ? "added" : "changed";
}

/* --- a revision --- */

static void begin_revision(struct listing *listing, const struct config_entry *entry)
{
    json_t *json = json_object();
    listing->sequence = entry->sequence;
    listing->objects = json_array();
    listing->objects_more = 0;
    json_object_set_new(json, "Identity", json_integer((json_int_t)entry->sequence));
    json_object_set_new(json, "WhenChanged", json_of_time(entry->at_ms));
    json_object_set_new(json, "Author", json_of_slice(entry->actor));
    json_object_set_new(json, "Cmdlet", json_of_slice(entry->command));
    json_object_set_new(json, "Objects", listing->objects);
    if (listing->settings)
        json_object_set(json, "Settings", listing->settings);
    call_emit(listing->call, json);
}

static void end_revision(struct listing *listing)
{
    char storage[64];
    struct text text = text_over(storage, sizeof storage);
    if (listing->objects_more == 0)
        return;
    text_append_format(&text, "and %zu more", listing->objects_more);
    json_array_append_new(listing->objects, json_of_slice(text_slice(&text)));
    listing->objects_more = 0;
}

static void add_object(struct listing *listing, const struct config_revision_entry *entry)
{
    struct text text = text_with_ceiling(4096);
    if (json_array_size(listing->objects) >= listing->objects_max) {
        listing->objects_more++;
        return;
    }
    append_object(entry, &text);
    text_append_format(&text, "%s %s", entry->of_secret ? ":" : "", what_was_done(entry));
    json_array_append_new(listing->objects, json_of_slice(text_slice(&text)));
    text_deinit(&text);
}

static bool on_history(void *context, const struct config_revision_entry *entry)
{
    struct listing *listing = context;
    if (entry->entry.sequence != listing->sequence) {
        end_revision(listing);
        listing->more = listing->left == 0;
        if (listing->more)
            return false;
        listing->left--;
        begin_revision(listing, &entry->entry);
    }
    add_object(listing, entry);
    return true;
}

/* --- one revision, setting by setting --- */

static void add_line(struct listing *listing, const char *name, struct slice before,
                     struct slice after)
{
    struct text text = text_with_ceiling(256 << 10);
    listing->settings_more = json_array_size(listing->settings) >= SETTINGS_SHOWN_MAX;
    if (listing->settings_more)
        return;
    append_object(listing->entry, &text);
    text_append_format(&text, ": %s: %.*s -> %.*s", name, SLICE_ARG(before), SLICE_ARG(after));
    json_array_append_new(listing->settings, json_of_slice(text_slice(&text)));
    text_deinit(&text);
}

static void on_difference(void *context, const struct difference *difference)
{
    add_line(context, difference->name, difference->before, difference->after);
}

static void *parse(struct model *model, enum model_kind kind, const struct config_entry *entry,
                   const struct config_state *state, struct text *error)
{
    return state->exists ? record_parse(model, kind, entry->id, 1, state->body, error) : NULL;
}

static void add_settings(struct listing *listing, enum model_kind kind)
{
    const struct config_revision_entry *entry = listing->entry;
    struct text error = text_with_ceiling(4096);
    struct model *scratch = model_new();
    if (!scratch)
        return;
    void *before = parse(scratch, kind, &entry->entry, &entry->before, &error);
    void *after = parse(scratch, kind, &entry->entry, &entry->after, &error);
    if (error.len)
        call_warn(listing->call, "%.*s: %.*s", SLICE_ARG(entry->entry.name),
                  SLICE_ARG(text_slice(&error)));
    else
        difference_each(kind, before, after, on_difference, listing);
    model_free(scratch);
    text_deinit(&error);
}

static const char *word_of_secret(const struct config_state *state)
{
    return state->kept ? state->exists ? "***" : "(nothing)" : "(not kept)";
}

static bool on_entry(void *context, const struct config_revision_entry *entry)
{
    struct listing *listing = context;
    enum model_kind kind;
    listing->entry = entry;
    if (!listing->objects)
        begin_revision(listing, &entry->entry);
    add_object(listing, entry);
    if (entry->of_secret)
        add_line(listing, "Password", slice_of(word_of_secret(&entry->before)),
                 slice_of(word_of_secret(&entry->after)));
    else if (!entry->before.kept || !entry->after.kept)
        add_line(listing, "(all)", SLICE("(not kept)"), SLICE("(not kept)"));
    else if (model_kind_of_noun(entry->entry.kind, &kind))
        add_settings(listing, kind);
    return true;
}

/* --- the cmdlet --- */

static void end_listing(struct call *call, int result)
{
    if (result == STORE_OK)
        call_done(call);
    else
        call_fail(call, OPERATION_FAILED, "the history cannot be read: %s",
                  result > 0 ? store_outcome_name((enum store_outcome)result) : "the store failed");
}

static void get_one(struct call *call, uint64_t sequence)
{
    struct listing listing = {
        .call = call, .settings = json_array(), .objects_max = SETTINGS_SHOWN_MAX};
    int result = config_revision(call->hub->store, sequence, on_entry, &listing);
    end_revision(&listing);
    json_decref(listing.settings);
    if (listing.settings_more)
        call_warn(call, "There are more settings than these %d.", SETTINGS_SHOWN_MAX);
    if (result == STORE_NOT_FOUND)
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-ConfigurationRevision",
                      "there is no revision %llu, or it is not kept any more",
                      (unsigned long long)sequence);
    else
        end_listing(call, result);
}

void configuration_revision_get(struct call *call)
{
    int64_t most, sequence;
    struct config_history_filter filter;
    if (!call_integer(call, "Identity", 1, INT64_MAX, 0, &sequence) ||
        !call_result_size(call, RESULT_SIZE_MAX, RESULT_SIZE_DEFAULT, &most) ||
        !call_period(call, "StartDate", "EndDate", &filter.from_ms, &filter.until_ms))
        return;
    if (sequence) {
        get_one(call, (uint64_t)sequence);
        return;
    }
    struct listing listing = {.call = call, .left = (size_t)most, .objects_max = OBJECTS_SHOWN_MAX};
    int result = config_history(call->hub->store, &filter, on_history, &listing);
    if (listing.objects)
        end_revision(&listing);
    if (listing.more && !call_has(call, "ResultSize"))
        call_warn(call,
                  "There are more revisions than these %lld; ask for a shorter time, or use "
                  "-ResultSize.",
                  (long long)most);
    end_listing(call, result);
}
