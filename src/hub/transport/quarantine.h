/* SPDX-License-Identifier: Apache-2.0 */
/* quarantine - a courier for one suspect alone, without keeping everybody else waiting.
 *
 * One courier at a time is emptied, for at most QUARANTINE_EMPTY_MS: who has a slow server in hand
 * may not be worth waiting for. Then all go on as usual for a while. A suspect that takes long gets
 * company again; a death in company does not convict (hub/transport/poison).
 */
#ifndef HUB_TRANSPORT_QUARANTINE_H
#define HUB_TRANSPORT_QUARANTINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct courier_load;

enum { QUARANTINE_EMPTY_MS = 5000, QUARANTINE_ALONE_MS = 10000, QUARANTINE_PAUSE_MS = 20000 };

struct quarantine { /* zeroed: none */
    struct courier_load *load;
    bool occupied;       /* the suspect is there */
    int64_t until_ms;    /* of what it is in: being emptied, or occupied */
    int64_t again_at_ms; /* not before */
};

/* Whether a message that has seen so many deaths may be given to the courier now. */
bool quarantine_takes(const struct quarantine *quarantine, const struct courier_load *load,
                      uint32_t deaths, int64_t now_ms);
/* Begins to empty the courier, if none is and it may be. */
void quarantine_reserve(struct quarantine *quarantine, struct courier_load *load, int64_t now_ms);
/* A message that was taken is with the courier. */
void quarantine_add(struct quarantine *quarantine, struct courier_load *load, uint32_t deaths,
                    int64_t now_ms);
/* Ends what has taken its time; call it in each turn. */
void quarantine_look(struct quarantine *quarantine, int64_t now_ms);
void quarantine_lost(struct quarantine *quarantine, const struct courier_load *load);

#endif
