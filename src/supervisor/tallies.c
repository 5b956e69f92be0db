/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/tallies.h"

#include "base/tally.h"
#include "os/descriptor.h"
#include "os/random.h"

#include <errno.h>

void tallies_init(struct tallies *tallies)
{
    random_bytes(&tallies->hash, sizeof tallies->hash);
    for (size_t i = 0; i < WIRE_EDGES_MAX; i++)
        tallies->readers[i] = -1;
}

static int make(const struct tallies *tallies, int *out_writer, int *out_reader)
{
    int result = memory_file_shared("postern-tally", sizeof(struct tally), out_writer, out_reader);
    struct slice head = slice_bytes(&tallies->hash, sizeof tallies->hash);
    if (result == 0)
        result = fd_write_all(*out_writer, head);
    return result;
}

static void show(struct channel *to, unsigned edge, int fd)
{
    struct wire_tally message = {.edge = edge};
    channel_send(to, WIRE_TALLY, &message, fd);
}

int tallies_announce(struct tallies *tallies, struct child *edge, struct child *children,
                     size_t count)
{
    if (edge->index >= WIRE_EDGES_MAX)
        return -E2BIG;
    int *reader = &tallies->readers[edge->index];
    close_fd(reader);
    CLEANUP(close_fd) int writer = -1;
    int result = make(tallies, &writer, reader);
    if (result < 0)
        return result;
    show(&edge->channel, edge->index, writer);
    for (size_t i = 0; i < count; i++) {
        struct child *other = &children[i];
        if (other == edge || other->role != ROLE_EDGE || !other->pid)
            continue;
        show(&other->channel, edge->index, *reader);
        show(&edge->channel, other->index, tallies->readers[other->index]);
    }
    return 0;
}

void tallies_close(struct tallies *tallies)
{
    for (size_t i = 0; i < WIRE_EDGES_MAX; i++)
        close_fd(&tallies->readers[i]);
}
