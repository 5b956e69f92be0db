/* SPDX-License-Identifier: Apache-2.0 */
/* target - the connector under test, as the hub describes it. */
#ifndef PROGRAMS_POSTERN_TARGET_H
#define PROGRAMS_POSTERN_TARGET_H

#include "base/ip.h"
#include "model/client_kind.h"
#include "programs/postern/place.h"

#include <jansson.h>

struct target {
    json_t *explained; /* one object of Test-ReceiveConnectorCertificate; owned */
    struct ip_endpoint endpoint;
    bool implicit_tls, offers_tls, takes_login;
};

/* By name, or the connector for clients when `name` is NULL; with what it presents to this kind of
 * client (NULL: to one that verifies all kinds of keys). The exit code: 0 when found; the reason
 * was printed otherwise. */
int target_find(const struct place *place, const char *name, const struct client_kind *kind,
                struct target *out);
void target_deinit(struct target *target);

/* The mailbox that `identity` (name or address) means: its Get-Mailbox object, or NULL. */
json_t *target_mailbox(const struct place *place, const char *identity);
/* Its Get-TransportService object, or NULL. */
json_t *target_transport_service(const struct place *place);
/* Whether message `number` still waits. */
bool target_still_queued(const struct place *place, struct slice number);

#endif
