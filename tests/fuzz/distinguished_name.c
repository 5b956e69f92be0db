/* SPDX-License-Identifier: Apache-2.0 */
/* The input as DER and as text. What has a canonical form prints, and what is printed reads back as
 * the same canonical form; what is encoded as it was written has the canonical form of the text. */
#include "tls/distinguished_name.h"
#include "fuzz.h"

enum { INPUT_MAX = 4096, OUTPUT_MAX = 256 * 1024 };

static void print_and_read_back(struct slice der, struct slice canonical)
{
    CLEANUP(text_deinit) struct text printed = text_with_ceiling(OUTPUT_MAX);
    CLEANUP(text_deinit) struct text back = text_with_ceiling(OUTPUT_MAX);
    require(distinguished_name_print(der, &printed));
    require(distinguished_name_parse(text_slice(&printed), &back));
    require(slice_equal(text_slice(&back), canonical));
}

static void encode(struct slice written, struct slice canonical)
{
    CLEANUP(text_deinit) struct text der = text_with_ceiling(OUTPUT_MAX);
    CLEANUP(text_deinit) struct text back = text_with_ceiling(OUTPUT_MAX);
    CLEANUP(text_deinit) struct text name = text_with_ceiling(OUTPUT_MAX);
    if (!distinguished_name_encode(written, &der)) {
        require(der.len == 0);
        return;
    }
    (void)distinguished_name_common_name(text_slice(&der), &name);
    require(distinguished_name_canonical(text_slice(&der), &back));
    require(slice_equal(text_slice(&back), canonical));
}

static void as_der(struct slice input)
{
    CLEANUP(text_deinit) struct text canonical = text_with_ceiling(OUTPUT_MAX);
    CLEANUP(text_deinit) struct text again = text_with_ceiling(OUTPUT_MAX);
    CLEANUP(text_deinit) struct text name = text_with_ceiling(OUTPUT_MAX);
    (void)distinguished_name_common_name(input, &name);
    if (!distinguished_name_canonical(input, &canonical))
        return;
    print_and_read_back(input, text_slice(&canonical));
    require(distinguished_name_canonical(text_slice(&canonical), &again));
    require(slice_equal(text_slice(&again), text_slice(&canonical)));
}

static void as_text(struct slice input)
{
    CLEANUP(text_deinit) struct text canonical = text_with_ceiling(OUTPUT_MAX);
    if (!distinguished_name_parse(input, &canonical)) {
        require(canonical.len == 0);
        return;
    }
    print_and_read_back(text_slice(&canonical), text_slice(&canonical));
    encode(input, text_slice(&canonical));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX)
        return 0;
    as_der(slice_bytes(data, size));
    as_text(slice_bytes(data, size));
    return 0;
}
