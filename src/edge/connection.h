/* SPDX-License-Identifier: Apache-2.0 */
/* connection - one client: its socket, its TLS, its session, and the joining of the three.
 *
 * An idle connection owns no buffers. Bytes are read into a buffer that all connections of the edge
 * share; what cannot be used yet (half a line, commands behind one that waits for an answer) is
 * kept in `pending`, what the socket does not take in `unsent`, both with a ceiling. While a want
 * of the session is open at another role, nothing is read: a client cannot make us hold more than
 * one buffer.
 */
#ifndef EDGE_CONNECTION_H
#define EDGE_CONNECTION_H

#include "edge/client_certificate.h"
#include "edge/configuration.h"
#include "edge/state.h"
#include "edge/transaction.h"
#include "model/submission.h"
#include "smtp/line.h"
#include "smtp/session.h"
#include "tls/engine.h"

struct connection {
    struct edge *edge;
    struct connection *next, *previous; /* all of the edge */
    struct connection *next_blocked;    /* waiting for room on the wire to the hub */
    uint64_t id;                        /* the session number on every wire */
    uint64_t session_id;                /* what people call it */
    uint64_t opened_ms;
    int fd;
    struct watch watch;
    struct configuration *configuration; /* a reference */
    const struct receive_connector *connector;
    const struct session_policy *policy; /* the connector's, as the session sees it */
    struct tls_context *context;         /* a reference; NULL: no certificate could be chosen */
    struct certificate_choice choice;    /* the certificate of `context`, and why this one */
    struct tls_engine *engine;           /* NULL: in clear */
    struct client_certificate *shown;    /* by the client; NULL: none */
    struct tls_peer peer;                /* what is proven of the client */
    struct ip_endpoint client, local;
    struct limit_keys counted; /* what it is counted under */
    struct session session;
    enum session_want want;
    struct line_framer framer;
    struct text pending, unsent;
    struct transaction *transaction; /* from an accepted MAIL to its end */
    uint64_t chunk_left;
    bool chunk_open;
    uint64_t proxy_deadline_ms;     /* 0: no PROXY header is awaited */
    uint64_t handshake_deadline_ms; /* 0: no handshake is open */
    struct tarpit *tarpit;          /* a reply is held back; NULL: none */
    struct filters *filters;        /* content filters; NULL: none are asked */
    char mechanism[24];             /* of the last login that was tried */
    struct account *account;        /* who logged in; NULL: nobody */
    enum rights_who who;            /* the client is by what it has proven */
    uint32_t rights;                /* of this session now */
    uint32_t messages;              /* stored so far */
    struct protocol_log *log;       /* NULL: this session is not logged */
    unsigned refusals_told;         /* how many the log has been told of */
    bool sasl_open;                 /* the checker holds an exchange of ours */
    bool asked;                     /* the open want has been handed to another role */
    bool blocked, closing, broken;
    bool clogged;  /* replies wait for the client to read them: its commands wait, too */
    bool stopping; /* an administrator wants it gone */
};

/* Of a socket just accepted (edge/opening), on the configuration in force; NULL: no room, and the
 * socket stays the caller's. */
struct connection *connection_new(struct edge *edge, int fd_take, struct ip_endpoint client,
                                  struct ip_endpoint local);
void connection_free(struct connection *connection);
/* Sends what was written, then waits for the right thing or ends the connection (which is then
 * freed). */
void connection_settle(struct connection *connection);
/* What the client sent, behind what was kept of it; cipher bytes with TLS. */
void connection_take_bytes(struct connection *connection, struct slice bytes);

/* There is room on the wire to the hub, or in the filters, again. */
void connection_unblocked(struct connection *connection);
/* What held it up is over, and the edge's reply text holds what is to be sent first. */
void connection_go_on(struct connection *connection);

/* What the client may do now. */
struct submission connection_submission(const struct connection *connection);
void connection_sweep(struct connection *connection, uint64_t now_ms); /* deadlines */
/* Ends it with 421; a message that is being stored gets its answer first. May free it. */
void connection_stop(struct connection *connection);
/* The server ends: idle sessions get 421 now, those with a transaction when it is done. */
void connection_drain(struct connection *connection);
/* A configuration has come into force: the same, if the connector is out of service by it. */
void connection_configured(struct connection *connection);

#endif
