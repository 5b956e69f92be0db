/* SPDX-License-Identifier: Apache-2.0 */
#include "dkim/message.h"

#include "mail/from.h"

#include <openssl/evp.h>
#include <stdlib.h>

/* --- the header --- */

static bool begins_with_blank(struct slice line)
{
    return line.len && (line.at[0] == ' ' || line.at[0] == '\t');
}

/* A line with its end. The last one may have none. */
static struct slice take_line(struct slice *rest)
{
    size_t len;
    struct slice line = *rest;
    if (slice_find(*rest, '\n', &len))
        line = slice_first(*rest, len + 1);
    *rest = slice_after(*rest, line.len);
    return line;
}

static bool is_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] < '!' || name.at[i] > '~')
            return false;
    return name.len > 0;
}

static bool add_field(struct dkim_message *message, struct slice line)
{
    struct slice rest = line, name;
    if (message->field_count == DKIM_FIELDS_MAX || begins_with_blank(line) ||
        !slice_take_until(&rest, ':', &name) || !is_name(slice_trim(name)))
        return false;
    message->fields[message->field_count++] = (struct dkim_field){slice_trim(name), line};
    return true;
}

/* Lines to fields; the header stays where it is from now on. */
static bool read_fields(struct dkim_message *message)
{
    struct slice rest = text_slice(&message->header);
    message->fields = calloc(DKIM_FIELDS_MAX, sizeof *message->fields);
    if (!message->fields || message->header.truncated)
        return false;
    while (rest.len) {
        struct slice line = take_line(&rest);
        if (slice_equal(line, SLICE("\r\n")))
            return true;
        if (begins_with_blank(line) && message->field_count)
            message->fields[message->field_count - 1].bytes.len += line.len;
        else if (!add_field(message, line))
            return false;
    }
    return true;
}

static void end_header(struct dkim_message *message)
{
    message->header_done = true;
    message->unfit = !read_fields(message);
}

/* Whether the header's text is whole: it ends with an empty line. */
static bool is_whole(struct slice header)
{
    size_t len = header.len;
    return (len == 2 || (len > 2 && header.at[len - 3] == '\n')) &&
           slice_equal(slice_after(header, len - 2), SLICE("\r\n"));
}

static size_t feed_header(struct dkim_message *message, struct slice piece)
{
    struct slice rest = piece;
    if (!message->header.ceiling)
        message->header = text_with_ceiling(DKIM_HEADER_MAX);
    while (rest.len && !message->header_done) {
        text_append(&message->header, take_line(&rest));
        if (message->header.truncated ||
            (message->header.len >= 2 && is_whole(text_slice(&message->header))))
            end_header(message);
    }
    return piece.len - rest.len;
}

size_t dkim_message_feed(struct dkim_message *message, struct slice piece)
{
    size_t taken = message->header_done ? 0 : feed_header(message, piece);
    if (!message->digest)
        return taken;
    canonical_body_feed(&message->body, slice_after(piece, taken));
    return piece.len;
}

void dkim_message_end(struct dkim_message *message)
{
    if (!message->header_done)
        end_header(message);
    if (message->digest)
        canonical_body_end(&message->body);
}

/* --- the body --- */

static void add_to_digest(void *context, struct slice bytes)
{
    struct dkim_message *message = context;
    if (EVP_DigestUpdate(message->digest, bytes.at, bytes.len) != 1)
        message->unfit = true;
}

bool dkim_message_digest(struct dkim_message *message, enum canonical_form form)
{
    message->body =
        (struct canonical_body){.form = form, .sink = add_to_digest, .context = message};
    message->digest = EVP_MD_CTX_new();
    return message->digest && EVP_DigestInit_ex(message->digest, EVP_sha256(), NULL) == 1;
}

bool dkim_message_digest_end(struct dkim_message *message, unsigned char out[DKIM_DIGEST_BYTES])
{
    return !message->unfit && EVP_DigestFinal_ex(message->digest, out, NULL) == 1;
}

void dkim_message_deinit(struct dkim_message *message)
{
    EVP_MD_CTX_free(message->digest);
    free(message->fields);
    text_deinit(&message->header);
    *message = (struct dkim_message){0};
}

/* --- the author --- */

static const struct dkim_field *only_from(const struct dkim_message *message)
{
    const struct dkim_field *found = NULL;
    for (size_t i = 0; i < message->field_count; i++) {
        if (!slice_equal_nocase(message->fields[i].name, SLICE("From")))
            continue;
        if (found)
            return NULL;
        found = &message->fields[i];
    }
    return found;
}

struct slice dkim_message_author_domain(const struct dkim_message *message, struct text *storage)
{
    const struct dkim_field *from = only_from(message);
    struct from_list list;
    struct slice domain, local;
    if (!from || !canonical_field_append(CANONICAL_RELAXED, from->bytes, storage))
        return (struct slice){0};
    struct slice value = text_slice(storage);
    if (!slice_take_until(&value, ':', &local) || from_parse(value, &list) != FROM_OK)
        return (struct slice){0};
    domain = list.mailbox[0];
    for (size_t at; slice_find(domain, '@', &at);) /* a quoted local part may hold one */
        domain = slice_after(domain, at + 1);
    return domain;
}
