/* SPDX-License-Identifier: Apache-2.0 */
/* world - everything around the hub: a supervisor, an edge that brings mail, couriers that carry it
 * away, with the faults a seed decides about. */
#ifndef TESTS_SIMULATE_WORLD_H
#define TESTS_SIMULATE_WORLD_H

#include "simulate/ledger.h"
#include "simulate/virtual_time.h"
#include "wire/channel.h"

enum {
    COURIERS_ALWAYS = 2, /* those behind them are started when the hub asks, for suspects */
    COURIERS = COURIERS_ALWAYS + WIRE_ISOLATORS,
    RELAYS_AT_ONCE = 128,
    RELAY_RECIPIENTS = 8,
};

struct carried { /* a connection of a courier to another server */
    uint64_t number;
    bool open;
    uint64_t numbers[RELAY_RECIPIENTS];
    char addresses[RELAY_RECIPIENTS][64];
    size_t count;
};

struct courier {
    struct world *world;
    struct channel channel;
    bool dead;                                 /* until couriers_restart */
    struct carried relays[RELAYS_AT_ONCE + 1]; /* the last one is never open */
};

struct world {
    uint64_t seed;
    bool calm; /* no more faults: everything is to come to its end */
    struct loop *loop;
    struct ledger ledger;
    struct channel supervisor, edge, checker;
    struct channel_owner supervisor_owner, edge_owner, quiet_owner, courier_owner;
    struct courier couriers[COURIERS];
    bool hub_gone, serves; /* the hub has shown its configuration to the edge */
    unsigned long deaths_of_couriers;
};

uint64_t world_random(struct world *world);
bool world_chance(struct world *world, unsigned in_thousand); /* never when it is calm */

void world_begin(struct world *world, uint64_t seed);
void world_end(struct world *world);
void world_attach(struct world *world, int wire_take); /* to a hub that has been started */
void world_detach(struct world *world);
void world_send_message(struct world *world); /* one more, if the edge is there */
void world_edge_dies(struct world *world);    /* answers on their way to it are lost */

/* --- couriers.c --- */
void courier_connect(struct courier *courier);
void couriers_restart(struct world *world);              /* those that have died */
void courier_start(struct world *world, unsigned index); /* the hub asks for it */
void courier_frame(void *context, struct channel *channel, const struct frame *frame, int fd_take);
void courier_closed(void *context, struct channel *channel, bool broken);
/* A wire to the hub for a role: our end. */
int world_wire(struct world *world, enum wire_role role, unsigned index);

#endif
