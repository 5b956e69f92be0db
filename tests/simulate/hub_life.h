/* SPDX-License-Identifier: Apache-2.0 */
/* hub_life - the hub in a process of its own, on a disk that may lose power.
 *
 * The hub is the real one, with the real store; only time, sandbox and disk are the simulation's.
 * Every change of the store's folder is recorded; at the chosen one the power goes: a state of the
 * disk that this may leave is written as the folder of the next life, and the process is gone.
 */
#ifndef TESTS_SIMULATE_HUB_LIFE_H
#define TESTS_SIMULATE_HUB_LIFE_H

#include <stdint.h>
#include <sys/types.h>

enum hub_fate {
    HUB_FATE_NONE,
    HUB_FATE_POWER_CUT,
    HUB_FATE_DISK_ERROR, /* EIO at this change: the store stops, and the hub with it */
    HUB_FATE_DISK_FULL,  /* ENOSPC from this change on, for some changes */
    HUB_FATES
};

struct hub_life {
    const char *folder; /* with store/ and logs/ */
    const char *next;   /* the same for the life behind a power cut */
    enum hub_fate fate;
    uint64_t change; /* the number of the change of the disk at which it comes */
    uint64_t seed;
};

enum { HUB_EXIT_POWER_CUT = 77 };

/* The process, and our end of its wire to the supervisor. */
pid_t hub_life_start(const struct hub_life *life, int *out_wire);

#endif
