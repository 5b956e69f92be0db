/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/endpoint.h"

static bool is_path(struct slice path)
{
    for (size_t i = 0; i < path.len; i++)
        if ((unsigned char)path.at[i] < ' ')
            return false;
    return path.len > 1 && path.len <= ENDPOINT_PATH_MAX && path.at[0] == '/';
}

bool milter_endpoint_parse(struct slice written, struct milter_endpoint *out)
{
    *out = (struct milter_endpoint){0};
    if (slice_take_prefix_nocase(&written, SLICE("unix:"))) {
        out->path = written;
        return is_path(written);
    }
    return slice_take_prefix_nocase(&written, SLICE("inet:")) &&
           ip_endpoint_parse(written, &out->inet) && out->inet.port != 0;
}
