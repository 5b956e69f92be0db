/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a message that is to be signed: the cut of the pieces does not matter, what stays of
 * a body is no longer than it was but for a line end, and canonical bytes stay as they are. */
#include "dkim/message.h"

#include "fuzz.h"

#include <string.h>

enum { INPUT_MAX = 8192 };

static void gather(void *context, struct slice bytes)
{
    require(text_append(context, bytes));
}

static void canonical(struct slice bytes, enum canonical_form form, size_t cut, struct text *out)
{
    struct canonical_body body = {.form = form, .sink = gather, .context = out};
    for (; bytes.len; bytes = slice_after(bytes, cut))
        canonical_body_feed(&body, slice_first(bytes, cut));
    canonical_body_end(&body);
}

static void try_body(struct slice bytes, enum canonical_form form, size_t cut)
{
    struct text whole = text_with_ceiling(INPUT_MAX + 2), pieces = whole, again = whole;
    canonical(bytes, form, INPUT_MAX, &whole);
    canonical(bytes, form, cut, &pieces);
    canonical(text_slice(&whole), form, INPUT_MAX, &again);
    require(slice_equal(text_slice(&whole), text_slice(&pieces)));
    require(slice_equal(text_slice(&whole), text_slice(&again)));
    text_deinit(&whole);
    text_deinit(&pieces);
    text_deinit(&again);
}

static void read_message(struct slice bytes, enum canonical_form form, size_t cut,
                         unsigned char out_digest[DKIM_DIGEST_BYTES], size_t *out_fields)
{
    struct dkim_message message = {0};
    char storage[1024];
    struct text author = text_over(storage, sizeof storage);
    bool digests = false;
    while (bytes.len) {
        struct slice piece = slice_first(bytes, cut);
        size_t taken = dkim_message_feed(&message, piece);
        require(taken <= piece.len && (taken == piece.len || message.header_done));
        bytes = slice_after(bytes, taken);
        if (message.header_done && !digests)
            digests = dkim_message_digest(&message, form);
    }
    dkim_message_end(&message);
    memset(out_digest, 0, DKIM_DIGEST_BYTES);
    if (digests)
        (void)!dkim_message_digest_end(&message, out_digest);
    (void)dkim_message_author_domain(&message, &author);
    *out_fields = message.field_count;
    dkim_message_deinit(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > INPUT_MAX)
        return 0;
    struct slice bytes = slice_bytes(data + 1, size - 1);
    enum canonical_form form = data[0] & 1 ? CANONICAL_SIMPLE : CANONICAL_RELAXED;
    size_t cut = 1U + data[0] / 2, fields, fields_again;
    unsigned char digest[DKIM_DIGEST_BYTES], digest_again[DKIM_DIGEST_BYTES];
    try_body(bytes, form, cut);
    read_message(bytes, form, INPUT_MAX, digest, &fields);
    read_message(bytes, form, cut, digest_again, &fields_again);
    require(fields == fields_again && memcmp(digest, digest_again, sizeof digest) == 0);
    return 0;
}
