/* SPDX-License-Identifier: Apache-2.0 */
/* der - reading and writing DER (X.690) tag by tag, on slices.
 *
 * Reads definite lengths only, in their shortest form, single-byte tags, contents up to 16 MiB.
 * Nothing is copied: contents are slices into what was given.
 */
#ifndef TLS_DER_H
#define TLS_DER_H

#include "base/text.h"

enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_OBJECT_ID = 0x06,
    DER_UTF8_STRING = 0x0c,
    DER_NUMERIC_STRING = 0x12,
    DER_PRINTABLE_STRING = 0x13,
    DER_T61_STRING = 0x14,
    DER_IA5_STRING = 0x16,
    DER_VISIBLE_STRING = 0x1a,
    DER_UNIVERSAL_STRING = 0x1c,
    DER_BMP_STRING = 0x1e,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
};

struct der_element {
    uint8_t tag;
    struct slice contents;
    struct slice whole; /* tag and length too */
};

/* Takes the next element from the left; false when it is cut short or not DER, nothing taken. */
bool der_take(struct slice *rest, struct der_element *out_element);
/* The same, and its tag must be `tag`. */
bool der_take_tag(struct slice *rest, uint8_t tag, struct slice *out_contents);

bool der_append(struct text *text, uint8_t tag, struct slice contents);

/* Object identifiers, "1.2.840.113549": arcs up to 2^64 - 1. */
bool der_object_id_print(struct slice contents, struct text *out_dotted);
bool der_object_id_parse(struct slice dotted, struct text *out_contents);

#endif
