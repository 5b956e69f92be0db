/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/ascii_domain.h"

#include "base/attributes.h"

#include <idn2.h>

enum { WRITTEN_MAX = 1024 }; /* no label of more than 63 letters, none of more than four bytes */

static void free_name(uint8_t **name)
{
    idn2_free(*name);
}

/* With the mapping of UTS 46: whoever looks the name up would find the same one. */
bool ascii_domain_append(struct text *text, struct slice domain)
{
    char storage[WRITTEN_MAX];
    struct text written = text_over(storage, sizeof storage);
    size_t unused;
    if (slice_all_ascii(domain))
        return text_append(text, domain);
    if (slice_find(domain, '\0', &unused) || !text_append(&written, domain))
        return false;
    const char *name = text_c_string(&written);
    CLEANUP(free_name) uint8_t *ascii = NULL;
    if (!name || idn2_lookup_u8((const uint8_t *)name, &ascii,
                                IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
        return false;
    return text_append(text, slice_of((const char *)ascii));
}
