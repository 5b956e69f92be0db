/* SPDX-License-Identifier: Apache-2.0 */
/* state - what the files of this room share: the one edge of the process. */
#ifndef EDGE_STATE_H
#define EDGE_STATE_H

#include "edge/limit.h"
#include "tls/root_store.h"
#include "tls/ticket.h"
#include "wire/role.h"
#include "wire/signing.h"

struct connection;
struct configuration;

enum edge_limits {
    EDGE_BUFFER_BYTES = 64 << 10,
    EDGE_PENDING_MAX = 128 << 10, /* bytes of one client kept for later */
    EDGE_REPLIES_MAX = 16 << 10,  /* more for one client, and its next command waits */
    EDGE_UNSENT_MAX = 64 << 10,   /* ceiling of replies, and of what a socket does not take */
    EDGE_HANDSHAKE_MS = 10000,
    EDGE_CONNECTIONS_MAX = 100000,
};

struct edge_rows { /* of the protocol log, this second */
    uint64_t second;
    unsigned sent;
    uint64_t lost; /* dropped since the last one that was sent */
};

struct edge_raised { /* a client whose sessions are logged for a while */
    struct ip_address address;
    uint64_t until_ms;
};

struct edge_pressure { /* as the hub said last */
    enum wire_pressure_level level;
    char cause[WIRE_PRESSURE_CAUSE_MAX];
    size_t cause_len;
};

struct filter;
struct filters;
struct edge_pieces {              /* of bodies that come back from the hub, for content filters */
    size_t asked;                 /* and not yet there */
    struct filters *first, *last; /* who must wait before it may ask */
};

struct edge_listener {
    struct edge *edge;
    struct edge_listener *next;
    uint64_t id;
    int fd;
    struct watch watch;
};

struct edge {
    struct role role;
    struct channel hub, checker;
    struct channel_owner hub_owner, checker_owner;
    struct signing signing;
    struct limits limits;
    struct tls_ticket_keys *ticket_keys;
    struct root_store trust;
    struct configuration
        *configuration; /* the one for new sessions; NULL until the hub has sent it */
    struct edge_listener *listeners;
    struct connection *connections; /* all, newest first */
    struct connection *blocked;
    size_t count;
    size_t older_reported;     /* sessions on an older configuration, as the hub was told last */
    struct connection **slots; /* by the low bits of the session number */
    uint32_t *generations;
    size_t slot_count, slot_next;
    struct watch sweep;                     /* timer, only while there are connections */
    struct watch accept_pause, drain_limit; /* timers */
    bool draining;
    char buffer[EDGE_BUFFER_BYTES], plain[EDGE_BUFFER_BYTES];
    struct edge_rows rows;
    struct edge_pressure pressure;
    struct edge_raised raised[WIRE_SESSION_LOGGING_MAX];
    size_t raised_count;
    struct edge_pieces pieces;
    struct filter *held;   /* content filters that are not read while the hub has no room */
    uint64_t next_session; /* counts up from the time of the start, so that no id comes twice */
    struct text reply;     /* replies of the turn, before they are sent */
};

#endif
