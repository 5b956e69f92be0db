/* SPDX-License-Identifier: Apache-2.0 */
#include "os/name_servers.h"

#include "os/descriptor.h"

#include <fcntl.h>

enum { FILE_MAX_BYTES = 1 << 16 };

/* What is no line of the form `nameserver ADDRESS` says nothing to us. */
static bool parse_line(struct slice line, struct ip_address *out_address)
{
    line = slice_trim(line);
    return slice_take_prefix(&line, SLICE("nameserver")) && line.len &&
           (line.at[0] == ' ' || line.at[0] == '\t') && ip_parse(slice_trim(line), out_address);
}

size_t name_servers_parse(struct slice file, struct ip_endpoint out_servers[NAME_SERVERS_MAX])
{
    size_t count = 0;
    struct slice line;
    while (count < NAME_SERVERS_MAX && slice_take_field(&file, '\n', &line)) {
        struct ip_address address;
        if (parse_line(line, &address))
            out_servers[count++] = (struct ip_endpoint){address, NAME_SERVER_PORT};
    }
    return count;
}

size_t name_servers_of_system(struct ip_endpoint out_servers[NAME_SERVERS_MAX])
{
    CLEANUP(text_deinit) struct text file = text_with_ceiling(FILE_MAX_BYTES);
    if (file_read(AT_FDCWD, "/etc/resolv.conf", &file) < 0)
        return 0;
    return name_servers_parse(text_slice(&file), out_servers);
}
