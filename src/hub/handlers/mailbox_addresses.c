/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/mailbox_addresses.h"

#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"

enum { LIST_MAX = 1 << 20 };

/* --- what is written --- */

/* The elements of one text without their prefixes. *primary (may be NULL) takes the one that is
 * written in capitals, which then is no further address. */
static json_t *cleaned_text(const json_t *written, json_t **primary)
{
    struct slice rest = slice_bytes(json_string_value(written), json_string_length(written)), one;
    struct text text = text_with_ceiling(LIST_MAX);
    while (slice_take_field(&rest, ',', &one)) {
        one = slice_trim(one);
        bool capital = slice_starts(one, SLICE("SMTP:"));
        if (slice_starts_nocase(one, SLICE("smtp:")))
            one = slice_after(one, 5);
        if (capital && primary && !*primary) {
            *primary = json_of_slice(one);
            continue;
        }
        text_append_c(&text, text.len ? "," : "");
        text_append(&text, one);
    }
    json_t *cleaned = json_of_slice(text_slice(&text));
    text_deinit(&text);
    return cleaned;
}

static json_t *cleaned(json_t *value, json_t **primary)
{
    if (json_is_string(value))
        return cleaned_text(value, primary);
    if (!json_is_array(value))
        return json_incref(value);
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(value); i++) {
        json_t *one = cleaned_text(json_array_get(value, i), primary);
        if (json_string_length(one))
            json_array_append(list, one);
        json_decref(one);
    }
    return list;
}

void mailbox_addresses_normalize(struct call *call)
{
    json_t *value = json_object_get(call->parameters, "EmailAddresses"), *primary = NULL;
    if (json_is_object(value)) { /* @{Add=...; Remove=...} */
        const char *key;
        json_t *part;
        json_t *edit = json_object();
        json_object_foreach(value, key, part) json_object_set_new(edit, key, cleaned(part, NULL));
        json_object_set_new(call->parameters, "EmailAddresses", edit);
    } else if (value) {
        json_object_set_new(call->parameters, "EmailAddresses", cleaned(value, &primary));
    }
    value = json_object_get(call->parameters, "ForwardingSmtpAddress");
    if (json_is_string(value))
        json_object_set_new(call->parameters, "ForwardingSmtpAddress", cleaned_text(value, NULL));
    if (primary && !call_has(call, "PrimarySmtpAddress"))
        json_object_set(call->parameters, "PrimarySmtpAddress", primary);
    json_decref(primary);
}

/* --- the primary one --- */

bool mailbox_addresses_keep(struct call *call, struct mailbox *mailbox, struct slice former,
                            struct arena *arena)
{
    struct slice primary = mailbox->primary_smtp_address;
    if (slice_equal_nocase(primary, former))
        return true;
    size_t count = 0, before = mailbox->email_addresses.count;
    struct slice *kept = arena_take_array(arena, before + 1, sizeof *kept);
    if (!kept)
        return false;
    for (size_t i = 0; i < before; i++)
        if (!slice_equal_nocase(mailbox->email_addresses.at[i], primary))
            kept[count++] = mailbox->email_addresses.at[i];
    if (!call_has(call, "EmailAddresses")) {
        kept[count++] = former;
        call_inform(call, "%.*s stays an address of %.*s", SLICE_ARG(former),
                    SLICE_ARG(mailbox->name));
    }
    mailbox->email_addresses = (struct slice_list){kept, count};
    return true;
}
