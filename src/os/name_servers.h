/* SPDX-License-Identifier: Apache-2.0 */
/* name_servers - those the machine asks: `nameserver` of /etc/resolv.conf. To be called before a
 * sandbox closes the file system. */
#ifndef OS_NAME_SERVERS_H
#define OS_NAME_SERVERS_H

#include "base/ip.h"

enum { NAME_SERVERS_MAX = 3, NAME_SERVER_PORT = 53 };

/* Fills at most NAME_SERVERS_MAX, and returns how many there are; 0 too when the file cannot be
 * read. */
size_t name_servers_of_system(struct ip_endpoint out_servers[NAME_SERVERS_MAX]);
/* The same from the bytes of such a file. */
size_t name_servers_parse(struct slice file, struct ip_endpoint out_servers[NAME_SERVERS_MAX]);

#endif
