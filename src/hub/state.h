/* SPDX-License-Identifier: Apache-2.0 */
/* state - what the files of this room share: the one hub of the process. */
#ifndef HUB_STATE_H
#define HUB_STATE_H

#include "hub/removed_tokens.h"
#include "hub/transport/clock_jumps.h"
#include "hub/transport/courier_load.h"
#include "model/model.h"
#include "store/store.h"
#include "wire/role.h"

enum { HUB_PEERS_MAX = WIRE_EDGES_MAX + 1 /* edges, couriers or signers: one is the couriers' */ };

struct peer {
    struct hub *hub;
    struct channel channel;
    uint64_t revision;              /* of an edge: the snapshot it has in force */
    uint64_t sessions_older;        /* of an edge: sessions on an older one */
    struct courier_load load;       /* of a courier */
    size_t keys_awaited;            /* of a signer: sent and not yet confirmed */
    uint64_t events_second, events; /* reported in this second */
    uint64_t events_left_out;
};

struct binding { /* what the supervisor says of an endpoint */
    struct ip_endpoint endpoint;
    int error; /* errno; 0: listening */
};

struct raised { /* a client whose sessions are logged, whatever its connector wants */
    struct ip_address address;
    int64_t until_ms;
};

struct hub_pressure { /* when it was looked at last */
    enum store_pressure_level level;
    const char *cause; /* a constant; NULL: nobody has looked yet */
};

struct hub {
    struct role role;
    struct store *store;
    struct watch store_watch;
    struct model *model; /* in force; exchanged as a whole by hub/configuration/change */
    const struct model
        *published; /* the one whose keys the signers have; only compared by value of its handles */
    struct watch keys_limit; /* timer: how long signers may take */
    bool keys_phase;         /* keys are on their way, the snapshot waits */
    int64_t in_force_since_ms;
    int snapshot_fd;
    int64_t *stale_keys; /* handles of removed certificates that signers still hold */
    size_t stale_key_count;
    struct channel_owner edge_owner, courier_owner, checker_owner, signer_owner;
    struct peer edges[HUB_PEERS_MAX], signers[HUB_PEERS_MAX], couriers[HUB_PEERS_MAX];
    struct peer isolators[WIRE_ISOLATORS]; /* couriers, for suspects */
    struct peer checker;
    struct binding *bindings;
    size_t binding_count;
    struct control *control;
    struct intake *intake;
    struct scheduler *scheduler;
    struct deliveries *deliveries;
    struct poison *poison;
    struct accused *accused;
    struct logs *logs;
    struct watch events_over;          /* timer: say what was left out */
    struct watch certificates_due;     /* timer: look at the certificates again */
    struct model *certificates_before; /* what was in force at the last look, when it was another */
    char boot_id[CLOCK_BOOT_ID_MAX];
    struct clock_jumps clock_jumps;
    int64_t certificates_looked_ms; /* at which moment that was done; 0: never, or not known */
    struct session_question *session_questions; /* that edges have still to answer */
    struct raised raised[WIRE_SESSION_LOGGING_MAX];
    struct vault_link *vault;
    struct probing *probings; /* looks from outside that are under way */
    struct txt_lookup *txt_lookups;
    struct responders *responders;
    struct judgement *judgement; /* NULL: none is under way */
    struct changes *changes;
    struct recipient_index *address_book;
    struct certificate_index *certificates;      /* hub/certificates/presentation */
    enum component_state components[COMPONENTS]; /* by the model in force */
    struct removed_tokens removed_tokens;
    struct routing_index *routes; /* hub/transport/routes */
    struct reroute *reroute;
    struct hops *hops;
    struct mailbox_transport *mailbox_transport;
    struct sounding *soundings; /* looks at other servers that are under way */
    struct tls_reports *tls_reports;
    struct hub_pressure pressure;
    bool ready, draining, first_start, bindings_tried, looked_at_start;
    uint64_t next_request;
};

#endif
