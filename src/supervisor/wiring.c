/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/wiring.h"

#include "os/descriptor.h"
#include "os/socket.h"

/* Which processes of two roles talk to each other. */
enum pairing {
    PAIR_ALL,
    PAIR_SAME_INDEX,
    PAIR_LAST, /* all with the last one of the second role */
};

/* Who talks to whom. One wire per row and pair of processes. Edge 1 has signer 1; the couriers, who
 * sign as clients and seldom, share the last signer, which no edge has. */
static const struct relation {
    enum wire_role a, b;
    enum pairing pairing;
    bool packets;
} relations[] = {
    {ROLE_EDGE, ROLE_SIGNER, PAIR_SAME_INDEX, .packets = true},
    {ROLE_COURIER, ROLE_SIGNER, PAIR_LAST, .packets = true},
    {ROLE_EDGE, ROLE_CHECKER, PAIR_ALL, false},
    {ROLE_EDGE, ROLE_HUB, PAIR_ALL, false},
    {ROLE_CHECKER, ROLE_HUB, PAIR_ALL, false},
    {ROLE_SIGNER, ROLE_HUB, PAIR_ALL, false},
    {ROLE_COURIER, ROLE_HUB, PAIR_ALL, false},
    {ROLE_CONSOLE, ROLE_HUB, PAIR_ALL, false},
};

static void wire_together(struct child *a, struct child *b, bool packets)
{
    int ends[2];
    if (socket_pair(packets, ends) < 0)
        return;
    struct wire_peer for_a = {.role = b->role, .index = b->index};
    struct wire_peer for_b = {.role = a->role, .index = a->index};
    channel_send(&a->channel, WIRE_PEER, &for_a, ends[0]);
    channel_send(&b->channel, WIRE_PEER, &for_b, ends[1]);
    close_fd(&ends[0]);
    close_fd(&ends[1]);
}

static bool is_last(const struct supervisor *s, const struct child *child)
{
    const struct child *next = child + 1;
    return next == s->children + s->count || next->role != child->role;
}

static bool are_paired(const struct supervisor *s, const struct relation *relation,
                       const struct child *one, const struct child *other)
{
    switch (relation->pairing) {
    case PAIR_ALL:
        return true;
    case PAIR_SAME_INDEX:
        return one->index == other->index;
    case PAIR_LAST:
        return is_last(s, one->role == relation->b ? one : other);
    }
    return false;
}

void wiring_add(struct supervisor *s, struct child *child)
{
    for (size_t r = 0; r < COUNT_OF(relations); r++) {
        const struct relation *relation = &relations[r];
        if (relation->a != child->role && relation->b != child->role)
            continue;
        enum wire_role other = relation->a == child->role ? relation->b : relation->a;
        for (size_t i = 0; i < s->count; i++) {
            struct child *peer = &s->children[i];
            if (peer->role == other && peer->pid && are_paired(s, relation, child, peer))
                wire_together(child, peer, relation->packets);
        }
    }
}
