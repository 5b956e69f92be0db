/* SPDX-License-Identifier: Apache-2.0 */
/* configuration - a snapshot in force, with what is computed from it once: the indexes of
 * connectors and certificates, session policies and TLS contexts.
 *
 * Reference counted: new sessions take the newest, sessions in flight keep theirs. What depends on
 * the date (which certificate a connector presents) is computed anew at most once a second.
 */
#ifndef EDGE_CONFIGURATION_H
#define EDGE_CONFIGURATION_H

#include "edge/contexts.h"
#include "edge/our_names.h"
#include "edge/state.h"
#include "model/certificate_choice.h"
#include "model/model.h"
#include "smtp/session.h"
#include "tls/engine.h"
#include "tls/root_store.h"

struct presented { /* what one connector presents now, and the sessions' policy that follows from it
                    */
    struct certificate_choice choice;
    struct tls_context *context; /* a reference; NULL: none; no STARTTLS */
    struct session_policy policy;
    uint64_t computed_ms; /* 0: not yet */
};

struct configuration {
    unsigned references;
    uint64_t revision;
    struct slice mapped;
    struct model *model;
    struct presented *presented; /* by number of the connector */
    struct tls_ticket_keys *ticket_keys;
    struct root_store *trust;
    struct connector_index *connectors;
    struct certificate_index *certificates;
    struct our_names our_names;
    enum component_state admits[TRANSPORT_ROLE_HUB + 1]; /* new sessions, by role of a connector */
    struct contexts contexts;
};

/* Takes the descriptor of a sealed snapshot; NULL when it cannot be mapped or decoded. */
struct configuration *configuration_new(uint64_t revision, int fd_take,
                                        struct tls_ticket_keys *ticket_keys,
                                        struct root_store *trust);
struct configuration *configuration_ref(struct configuration *configuration);
void configuration_unref(struct configuration *configuration); /* accepts NULL */

/* As connector_choose, without looking at every connector. */
const struct receive_connector *configuration_connector(const struct configuration *configuration,
                                                        struct ip_endpoint local,
                                                        struct ip_address client);

/* What the connector presents at this moment; good while the configuration is. */
const struct presented *configuration_presented(struct configuration *configuration,
                                                const struct receive_connector *connector,
                                                uint64_t now_ms);

/* The answer to a client's hello where it is another than `presented`: NULL when it is the same.
 * out_choice is the answer either way. */
struct tls_context *configuration_choose(struct configuration *configuration,
                                         const struct receive_connector *connector,
                                         const struct tls_hello *hello, uint64_t now_ms,
                                         struct certificate_choice *out_choice);

#endif
