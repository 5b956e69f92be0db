/* SPDX-License-Identifier: Apache-2.0 */
/* The server that holds our mailboxes may listen at a UNIX socket: its path instead of an address.
 */
#include "courier/relay_state.h"

#include "os/socket.h"

#include <errno.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static const struct slice unix_prefix = SLICE_INIT("unix:");

bool relay_host_is_local(const struct relay_host *host)
{
    return slice_starts(host->name, unix_prefix);
}

bool relay_find_local_host(struct relay *relay)
{
    struct relay_host host = {.name = relay->order.smart_hosts};
    if (!relay->order.lmtp || !relay_host_is_local(&host))
        return false;
    relay->hosts[relay->host_count++] = host;
    return true;
}

int relay_connect_local(const struct relay_host *host, int *out_fd)
{
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
    struct text text = text_over(path, sizeof path);
    text_append(&text, slice_after(host->name, unix_prefix.len));
    return text_c_string(&text) ? socket_connect_unix_at_once(path, out_fd) : -ENAMETOOLONG;
}

/* What to look at, by what the kernel says. */
static void append_advice(int error, struct text *words)
{
    if (error == ENOENT)
        text_append_c(words,
                      "there is no such socket; does the LMTP server run, and listen there?");
    else if (error == EACCES)
        text_append_format(words,
                           "permission denied; user id %u, as which couriers run, must be able to "
                           "write to the socket and to enter the folders above it",
                           (unsigned)geteuid());
    else if (error == ECONNREFUSED)
        text_append_c(words, "nobody listens at this socket; does the LMTP server run?");
    else if (error == EAGAIN)
        text_append_c(words, "too many connections wait there to be taken");
    else
        text_append_c(words, strerror(error));
}

void relay_explain_local(const struct relay_host *host, int error, struct text *words)
{
    text_append_c(words, "450 4.4.317 Cannot connect to ");
    text_append_escaped(words, host->name, WIRE_DOMAIN_MAX);
    text_append_c(words, " of MailboxTransport: ");
    append_advice(error, words);
}
