/* SPDX-License-Identifier: Apache-2.0 */
/* isolation - who may travel with whom after a courier has died.
 *
 * What a courier has in hand when it dies has seen a death, whosever fault that was. From then on
 * it travels apart from all other mail, in a courier that is there for such messages alone: after
 * the first death with at most 29 others, after the second by itself. Whoever kills couriers is
 * convicted by the third death (hub/transport/poison); the others arrive on the way. Couriers are
 * killed by other causes, too: then hundreds have seen a death, nearly all of them arrive in
 * company, thirty at once, and hardly any has to travel by itself. Whether the end of one that had
 * a single message in hand convicts, is judged by the way it ended (hub/transport/accused).
 */
#ifndef HUB_TRANSPORT_ISOLATION_H
#define HUB_TRANSPORT_ISOLATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum isolation { /* by the deaths that were seen; each but the first has a courier of its own */
                 ISOLATION_NONE,
                 ISOLATION_COMPANY,
                 ISOLATION_ALONE,
                 ISOLATIONS
};

enum { ISOLATION_DEATHS_MAX = ISOLATIONS }; /* so many convict, if the last one was by itself */

enum isolation isolation_of(uint32_t deaths);
/* How many messages its courier may have in hand. */
size_t isolation_company(enum isolation isolation);
/* How many connections to other servers its courier may hold, used or not. */
size_t isolation_lanes(enum isolation isolation);
/* What a message has seen after one more death of its courier, which had nothing else in hand
 * (`alone`), or had. */
uint32_t isolation_deaths(uint32_t deaths, bool alone);

#endif
