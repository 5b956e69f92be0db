/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/from.h"

#include "mail/address.h"
#include "mail/utf8.h"

#include <string.h>

/* Takes a quoted string or a comment from its opening byte to the end; comments nest, counted. */
static bool take_delimited(struct slice *rest, char open, char close)
{
    size_t depth = 1;
    size_t i = 1;
    for (; i < rest->len && depth; i++) {
        char c = rest->at[i];
        if (c == '\\')
            i++;
        else if (c == close)
            depth--;
        else if (c == open)
            depth++;
    }
    if (depth || i > rest->len)
        return false;
    *rest = slice_after(*rest, i);
    return true;
}

/* Blanks and comments (CFWS). */
static bool skip_blanks(struct slice *rest)
{
    while (rest->len && (rest->at[0] == ' ' || rest->at[0] == '\t' || rest->at[0] == '('))
        if (rest->at[0] != '(')
            *rest = slice_after(*rest, 1);
        else if (!take_delimited(rest, '(', ')'))
            return false;
    return true;
}

static bool ends_word(char c)
{
    return strchr(" \t(),:;<>\"[]", c) != NULL;
}

/* An address as it stands: up to the first byte that cannot belong to one. */
static bool take_address(struct slice *rest, struct slice *out_mailbox)
{
    static const struct address_options options = {.utf8 = true, .long_addresses = true};
    struct slice from = *rest;
    if (rest->len && rest->at[0] == '"' && !take_delimited(rest, '"', '"'))
        return false;
    while (rest->len && (rest->at[0] == '[' || rest->at[0] == ']' || rest->at[0] == ':' ||
                         !ends_word(rest->at[0])))
        *rest = slice_after(*rest, 1);
    *out_mailbox = slice_first(from, from.len - rest->len);
    struct address address;
    return address_parse(*out_mailbox, &options, &address) == ADDRESS_OK &&
           !(slice_starts(address.local, SLICE("=?")) &&
             slice_ends_nocase(address.local, SLICE("?=")));
}

/* Display name: words and quoted strings up to "<". False when it is none: then it may be an
 * address. */
static bool take_display_name(struct slice *rest)
{
    while (skip_blanks(rest) && rest->len && rest->at[0] != '<') {
        if (rest->at[0] == '"') {
            if (!take_delimited(rest, '"', '"'))
                return false;
            continue;
        }
        if (ends_word(rest->at[0]) || rest->at[0] == '@' || rest->at[0] == '\\')
            return false;
        *rest = slice_after(*rest, 1);
    }
    return rest->len && rest->at[0] == '<';
}

static bool take_angle_address(struct slice *rest, struct slice *out_mailbox)
{
    struct slice route;
    *rest = slice_after(*rest, 1);
    while (slice_take_prefix(rest, SLICE(" ")) || slice_take_prefix(rest, SLICE("\t")))
        ;
    if (!take_address(rest, out_mailbox))
        return false;
    return slice_take_until(rest, '>', &route) && slice_trim(route).len == 0;
}

static bool take_mailbox(struct slice *rest, struct slice *out_mailbox)
{
    if (!skip_blanks(rest))
        return false;
    struct slice named = *rest;
    if (take_display_name(&named)) {
        *rest = named;
        if (!take_angle_address(rest, out_mailbox))
            return false;
    } else if (!take_address(rest, out_mailbox)) {
        return false;
    }
    return skip_blanks(rest);
}

static bool printable(struct slice value)
{
    uint32_t c;
    while (utf8_take(&value, &c))
        if (c != '\t' && !utf8_printable(c))
            return false;
    return value.len == 0;
}

enum from_outcome from_parse(struct slice value, struct from_list *out)
{
    *out = (struct from_list){0};
    if (!printable(value))
        return FROM_UNCLEAR;
    do {
        if (out->count == FROM_MAILBOX_MAX || !take_mailbox(&value, &out->mailbox[out->count]))
            return FROM_UNCLEAR;
        out->count++;
    } while (slice_take_prefix(&value, SLICE(",")));
    return value.len == 0 ? FROM_OK : FROM_UNCLEAR;
}
