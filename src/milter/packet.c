/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/packet.h"

static uint32_t read_u32(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void write_u32(char *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(number >> (24 - 8 * i));
}

enum packet_outcome packet_take(struct slice *input, struct packet *out)
{
    if (input->len < 4)
        return PACKET_PARTIAL;
    uint32_t len = read_u32(input->at);
    if (len == 0 || len > PACKET_DATA_MAX)
        return PACKET_TOO_LONG;
    if (input->len - 4 < len)
        return PACKET_PARTIAL;
    out->letter = input->at[4];
    out->data = slice_first(slice_after(*input, PACKET_HEAD_BYTES), len - 1);
    *input = slice_after(*input, 4 + (size_t)len);
    return PACKET_COMPLETE;
}

size_t packet_begin(struct text *out, char letter)
{
    size_t begun = out->len;
    packet_append_u32(out, 0);
    text_append_byte(out, letter);
    return begun;
}

bool packet_end(struct text *out, size_t begun)
{
    if (out->truncated) {
        out->len = begun;
        return false;
    }
    write_u32(out->at + begun, (uint32_t)(out->len - begun - 4));
    return true;
}

void packet_append_u32(struct text *out, uint32_t number)
{
    char bytes[4];
    write_u32(bytes, number);
    text_append(out, (struct slice){bytes, sizeof bytes});
}

void packet_append_string(struct text *out, struct slice string)
{
    size_t end;
    text_append(out, slice_find(string, '\0', &end) ? slice_first(string, end) : string);
    text_append_byte(out, '\0');
}

bool packet_take_u32(struct slice *data, uint32_t *out_number)
{
    if (data->len < 4)
        return false;
    *out_number = read_u32(data->at);
    *data = slice_after(*data, 4);
    return true;
}

bool packet_take_string(struct slice *data, struct slice *out_string)
{
    return slice_take_until(data, '\0', out_string);
}
