/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/attribute_type.h"

#include "base/attributes.h"
#include "tls/der.h"

/* The first row of a type is how it is printed, the others are only read. */
/* clang-format off */
static const struct attribute_type {
    struct slice letters;
    struct slice object_id;
} attribute_types[] = {
    {SLICE_INIT("CN"),            SLICE_INIT("\x55\x04\x03")},
    {SLICE_INIT("SN"),            SLICE_INIT("\x55\x04\x04")},
    {SLICE_INIT("SURNAME"),       SLICE_INIT("\x55\x04\x04")},
    {SLICE_INIT("SERIALNUMBER"),  SLICE_INIT("\x55\x04\x05")},
    {SLICE_INIT("C"),             SLICE_INIT("\x55\x04\x06")},
    {SLICE_INIT("L"),             SLICE_INIT("\x55\x04\x07")},
    {SLICE_INIT("S"),             SLICE_INIT("\x55\x04\x08")},
    {SLICE_INIT("ST"),            SLICE_INIT("\x55\x04\x08")},
    {SLICE_INIT("SP"),            SLICE_INIT("\x55\x04\x08")},
    {SLICE_INIT("STREET"),        SLICE_INIT("\x55\x04\x09")},
    {SLICE_INIT("STREETADDRESS"), SLICE_INIT("\x55\x04\x09")},
    {SLICE_INIT("O"),             SLICE_INIT("\x55\x04\x0a")},
    {SLICE_INIT("OU"),            SLICE_INIT("\x55\x04\x0b")},
    {SLICE_INIT("T"),             SLICE_INIT("\x55\x04\x0c")},
    {SLICE_INIT("TITLE"),         SLICE_INIT("\x55\x04\x0c")},
    {SLICE_INIT("Description"),   SLICE_INIT("\x55\x04\x0d")},
    {SLICE_INIT("PostalCode"),    SLICE_INIT("\x55\x04\x11")},
    {SLICE_INIT("POBox"),         SLICE_INIT("\x55\x04\x12")},
    {SLICE_INIT("Phone"),         SLICE_INIT("\x55\x04\x14")},
    {SLICE_INIT("X21Address"),    SLICE_INIT("\x55\x04\x18")},
    {SLICE_INIT("G"),             SLICE_INIT("\x55\x04\x2a")},
    {SLICE_INIT("GN"),            SLICE_INIT("\x55\x04\x2a")},
    {SLICE_INIT("GIVENNAME"),     SLICE_INIT("\x55\x04\x2a")},
    {SLICE_INIT("I"),             SLICE_INIT("\x55\x04\x2b")},
    {SLICE_INIT("INITIALS"),      SLICE_INIT("\x55\x04\x2b")},
    {SLICE_INIT("dnQualifier"),   SLICE_INIT("\x55\x04\x2e")},
    {SLICE_INIT("E"),             SLICE_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01")},
    {SLICE_INIT("EMAIL"),         SLICE_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01")},
    {SLICE_INIT("EMAILADDRESS"),  SLICE_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01")},
    {SLICE_INIT("DC"),            SLICE_INIT("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19")},
    {SLICE_INIT("UID"),           SLICE_INIT("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01")},
};
/* clang-format on */

/* Windows has no letters for a user id: it is read as UID and printed as a number. */
static bool only_read(struct slice letters)
{
    return slice_equal(letters, SLICE("UID"));
}

bool attribute_type_print(struct slice object_id, struct text *out)
{
    for (size_t i = 0; i < COUNT_OF(attribute_types); i++)
        if (slice_equal(attribute_types[i].object_id, object_id) &&
            !only_read(attribute_types[i].letters))
            return text_append(out, attribute_types[i].letters);
    size_t before = out->len;
    if (text_append_c(out, "OID.") && der_object_id_print(object_id, out))
        return true;
    out->len = before;
    return false;
}

bool attribute_type_parse(struct slice written, struct text *out_object_id)
{
    for (size_t i = 0; i < COUNT_OF(attribute_types); i++)
        if (slice_equal_nocase(attribute_types[i].letters, written))
            return text_append(out_object_id, attribute_types[i].object_id);
    slice_take_prefix_nocase(&written, SLICE("OID."));
    return der_object_id_parse(written, out_object_id);
}
