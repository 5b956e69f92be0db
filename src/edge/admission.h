/* SPDX-License-Identifier: Apache-2.0 */
/* admission - who gets in: which connector takes a client, and whether there is a place for it.
 *
 * Whoever does not get in is logged here, with the reason, and is to hear `refusal`.
 */
#ifndef EDGE_ADMISSION_H
#define EDGE_ADMISSION_H

#include "edge/limit.h"
#include "edge/state.h"

struct admission {
    const struct receive_connector *connector;
    struct limit_keys counted; /* belongs to the connection: limit_leave when it ends */
    const char *refusal;       /* a whole reply line; NULL: admitted */
};

void admission_decide(struct edge *edge, struct ip_endpoint client, struct ip_endpoint local,
                      struct admission *out);
/* Whether a connection from this address must begin with a PROXY header; decided before admission.
 */
bool admission_awaits_proxy(const struct edge *edge, struct ip_endpoint client,
                            struct ip_endpoint local);
/* One line in the log for somebody who did not get in. */
void admission_report(struct edge *edge, struct ip_endpoint client, struct ip_endpoint local,
                      const char *why);

#endif
