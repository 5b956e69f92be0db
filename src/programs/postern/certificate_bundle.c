/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/certificate_bundle.h"

enum { LABEL_MAX_BYTES = 64 };

/* Up to the first place where `part` stands, which is taken, too. */
static bool take_behind(struct slice *rest, struct slice part, struct slice *out_before)
{
    struct slice whole = *rest;
    for (size_t i = 0; i + part.len <= whole.len; i++)
        if (whole.at[i] == part.at[0] && slice_starts(slice_after(whole, i), part)) {
            *out_before = slice_first(whole, i);
            *rest = slice_after(whole, i + part.len);
            return true;
        }
    return false;
}

/* The next block with what stands before it; false at the last one, or where it is cut short. */
static bool take_block(struct slice *rest, struct slice *out_before, struct slice *out_block,
                       bool *out_is_key)
{
    char storage[LABEL_MAX_BYTES + 16];
    struct text end = text_over(storage, sizeof storage);
    struct slice inside = *rest, label, unused;
    if (!take_behind(&inside, SLICE("-----BEGIN "), out_before))
        return false;
    struct slice block = slice_after(*rest, out_before->len);
    if (!take_behind(&inside, SLICE("-----"), &label) || label.len > LABEL_MAX_BYTES ||
        !text_append_c(&end, "-----END ") || !text_append(&end, label) ||
        !take_behind(&inside, text_slice(&end), &unused))
        return false;
    *out_is_key = slice_ends_nocase(label, SLICE("PRIVATE KEY"));
    *out_block = slice_first(block, block.len - inside.len);
    *rest = inside;
    return true;
}

size_t certificate_bundle_keys(struct slice files)
{
    size_t count = 0;
    bool is_key;
    for (struct slice before, block; take_block(&files, &before, &block, &is_key);)
        count += is_key;
    return count;
}

bool certificate_bundle_append(struct slice files, size_t number, struct text *text)
{
    size_t seen = 0;
    bool is_key, good = true;
    for (struct slice before, block; good && take_block(&files, &before, &block, &is_key);) {
        bool left_out = is_key && seen++ != number;
        good = text_append(text, before) && (left_out || text_append(text, block));
    }
    return good && text_append(text, files);
}
