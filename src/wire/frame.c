/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/frame.h"

#include <string.h>

static bool append_number(struct text *out, uint64_t number, size_t bytes)
{
    char little[8];
    for (size_t i = 0; i < bytes; i++)
        little[i] = (char)(number >> 8 * i & 255);
    return text_append(out, (struct slice){little, bytes});
}

static uint64_t read_number(struct slice bytes)
{
    uint64_t number = 0;
    for (size_t i = bytes.len; i > 0; i--)
        number = number << 8 | (unsigned char)bytes.at[i - 1];
    return number;
}

static bool append_field(struct text *out, const struct wire_field *field, const char *member)
{
    uint64_t number;
    struct slice bytes;
    switch (field->kind) {
    case WIRE_NUMBER:
        memcpy(&number, member, sizeof number);
        return number <= field->max && append_number(out, number, 8);
    case WIRE_BYTES:
        memcpy(&bytes, member, sizeof bytes);
        return bytes.len <= field->max && append_number(out, bytes.len, 4) &&
               text_append(out, bytes);
    case WIRE_ADDRESS:
        return text_append(out, (struct slice){member, sizeof(struct ip_address)});
    }
    return false;
}

bool frame_append(struct text *out, enum wire_type type, const void *message)
{
    const struct wire_row *row = &wire_rows[type];
    size_t start = out->len;
    bool good = append_number(out, 0, 4) && append_number(out, (uint64_t)type, 2);
    for (const struct wire_field *field = row->fields; good && field->name; field++)
        good = append_field(out, field, (const char *)message + field->offset);
    size_t len = out->len - start;
    if (!good || len > WIRE_FRAME_MAX) {
        out->len = start;
        return false;
    }
    for (size_t i = 0; i < 4; i++)
        out->at[start + i] = (char)(len >> 8 * i & 255);
    return true;
}

static bool take(struct slice *rest, size_t len, struct slice *out)
{
    if (rest->len < len)
        return false;
    *out = slice_first(*rest, len);
    *rest = slice_after(*rest, len);
    return true;
}

static bool take_field(struct slice *rest, const struct wire_field *field, char *member)
{
    struct slice bytes;
    uint64_t number;
    switch (field->kind) {
    case WIRE_NUMBER:
        if (!take(rest, 8, &bytes) || (number = read_number(bytes)) > field->max)
            return false;
        memcpy(member, &number, sizeof number);
        return true;
    case WIRE_BYTES:
        if (!take(rest, 4, &bytes) || (number = read_number(bytes)) > field->max ||
            !take(rest, number, &bytes))
            return false;
        memcpy(member, &bytes, sizeof bytes);
        return true;
    case WIRE_ADDRESS:
        if (!take(rest, sizeof(struct ip_address), &bytes))
            return false;
        memcpy(member, bytes.at, bytes.len);
        return true;
    }
    return false;
}

enum frame_outcome frame_take(struct slice *input, enum wire_role from, struct frame *out)
{
    if (input->len < FRAME_HEAD_BYTES)
        return FRAME_PARTIAL;
    uint64_t len = read_number(slice_first(*input, 4));
    uint64_t type = read_number(slice_first(slice_after(*input, 4), 2));
    if (type == 0 || type >= WIRE_TYPE_COUNT || !(wire_rows[type].from & 1u << from) ||
        len < FRAME_HEAD_BYTES || len > WIRE_FRAME_MAX)
        return FRAME_BROKEN;
    if (input->len < len)
        return FRAME_PARTIAL;
    struct slice rest = slice_after(slice_first(*input, len), FRAME_HEAD_BYTES);
    out->type = (enum wire_type)type;
    for (const struct wire_field *field = wire_rows[type].fields; field->name; field++)
        if (!take_field(&rest, field, (char *)&out->message + field->offset))
            return FRAME_BROKEN;
    if (rest.len)
        return FRAME_BROKEN;
    *input = slice_after(*input, len);
    return FRAME_COMPLETE;
}
