/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/kind.h"

#include <string.h>

static const struct kind kinds[] = {
    [SETTING_BOOL] = {&bool_codec, false},
    [SETTING_INTEGER] = {&integer_codec, false},
    [SETTING_UNLIMITED] = {&unlimited_codec, false},
    [SETTING_BYTES] = {&bytes_codec, false},
    [SETTING_TIME_SPAN] = {&span_codec, false},
    [SETTING_TEXT] = {&text_codec, false},
    [SETTING_ENUM] = {&enum_codec, false},
    [SETTING_FLAGS] = {&flags_codec, false},
    [SETTING_BINDINGS] = {&endpoint_codec, true},
    [SETTING_IP_RANGES] = {&range_codec, true},
    [SETTING_TEXT_LIST] = {&text_codec, true},
    [SETTING_HEX] = {&hex_codec, false},
    [SETTING_HEX_LIST] = {&hex_codec, true},
    [SETTING_TIME] = {&time_codec, false},
    [SETTING_UUID] = {&uuid_codec, false},
    [SETTING_UNLIMITED_BYTES] = {&unlimited_bytes_codec, false},
    [SETTING_ADDRESS_SPACES] = {&address_space_codec, true},
    [SETTING_HOSTS] = {&host_codec, true},
};

_Static_assert(sizeof(struct any_list) == sizeof(struct slice_list) &&
                   sizeof(struct any_list) == sizeof(struct ip_endpoint_list) &&
                   sizeof(struct any_list) == sizeof(struct ip_range_list) &&
                   sizeof(struct any_list) == sizeof(struct address_space_list),
               "all lists look alike");
_Static_assert(sizeof(struct ip_range) <= KIND_VALUE_MAX &&
                   sizeof(struct ip_endpoint) <= KIND_VALUE_MAX &&
                   sizeof(struct address_space) <= KIND_VALUE_MAX,
               "a value fits on the stack");

const struct kind *kind_of(enum setting_kind kind)
{
    return &kinds[kind];
}

struct any_list list_of(const struct setting *row, const void *object)
{
    struct any_list list;
    memcpy(&list, value_of(row, object), sizeof list);
    return list;
}

const void *list_element(const struct codec *codec, struct any_list list, size_t index)
{
    return list.at + index * codec->size;
}

bool list_in_bounds(const struct setting *row, size_t count)
{
    return count <= SETTING_ELEMENTS_MAX && (row->max == 0 || count <= (size_t)row->max);
}

bool setting_is_list(const struct setting *row)
{
    return kind_of(row->kind)->list;
}
