/* SPDX-License-Identifier: Apache-2.0 */
/* relay_state - what the files of a relay share.
 *
 *   relay.c         life: frames of the hub, one host after the other, the end
 *   relay_hosts.c   names to addresses
 *   relay_link.c    bytes: socket and TLS
 *   relay_talk.c    wants of the conversation (smtp/send_session)
 *   relay_firewall.c what of a header stays at home
 *   relay_sight.c   what a host has shown, for who only wants to know
 */
#ifndef COURIER_RELAY_STATE_H
#define COURIER_RELAY_STATE_H

#include "base/arena.h"
#include "courier/host_lookup.h"
#include "courier/relay.h"
#include "mail/header_scan.h"
#include "sasl/client.h"
#include "smtp/send_session.h"
#include "tls/engine.h"

enum { RELAY_HOSTS_MAX = 32 };

struct relay_host { /* one address of one host */
    struct slice name;
    struct ip_endpoint endpoint;
};

struct relay {
    struct relay *next, **link;
    struct relays *all;
    struct arena arena; /* of the texts of the order */
    struct wire_relay order;
    struct send_policy policy;

    struct relay_host hosts[RELAY_HOSTS_MAX];
    size_t host_count, host; /* the one that is tried */
    struct slice names;      /* that are still to be looked up, with commas */
    struct host_lookup *lookup;
    bool nowhere;  /* the domain takes no mail, and will not */
    bool in_clear; /* TLS has failed with this host, and is not demanded */

    int fd; /* -1: not connected */
    bool connecting;
    struct watch watch, patience;
    uint64_t moves;               /* of the conversation, when its patience began */
    struct tls_context *identity; /* with our own certificate; NULL: we show none */
    struct tls_engine *tls;       /* NULL: in clear */
    bool handshake;
    struct send_session session; /* zeroed before the first */
    struct sasl_client *login;

    /* the message under way */
    uint64_t message;
    struct arena message_arena;
    struct send_recipient *recipients;
    uint64_t *numbers;
    size_t recipient_count;
    struct send_transaction transaction;
    bool ready; /* all of it has come */
    bool begun; /* this connection's transaction is, or was, about it */
    int body_fd;
    uint64_t body_offset, body_left;
    struct header_scan firewall;

    struct relay_sight *sight; /* NULL: nobody wants to know */

    bool reached;    /* this server was ready for a message: no other is tried */
    bool finishes;   /* the hub has nothing more */
    bool served;     /* a message was reported: only the first comes unasked */
    bool asked;      /* for the next message */
    struct text why; /* the last thing that went wrong */
};

/* The host that is tried, as the server's name and address. */
const struct relay_host *relay_here(const struct relay *relay);
/* Says in the log form of a reply why it went wrong. */
void relay_note(struct relay *relay, struct slice text);
/* This host is done with: the next one, or the end. The relay may be gone behind it. */
void relay_leave(struct relay *relay);
void relay_report(struct relay *relay); /* the fates of a transaction that is over */

/* Tries the hosts that are known, from `host` on. The relay may be gone behind it. */
void relay_dial(struct relay *relay);

/* --- relay_hosts.c --- */
/* Finds out which hosts there are, then dials. The relay may be gone behind it. */
void relay_find_hosts(struct relay *relay);
void relay_forget_lookup(struct relay *relay);

/* --- relay_link.c --- */
bool relay_dial_here(struct relay *relay,
                     const struct relay_host *host); /* false: it is noted why */
void relay_hang_up(struct relay *relay);
/* Meets wants and moves bytes until it has to wait. The relay may be gone behind it. */
void relay_run(struct relay *relay);
bool relay_begin_tls(struct relay *relay);

/* --- relay_talk.c --- */
/* Meets the want of the conversation. False: it has to wait (for bytes, for the hub). */
bool relay_meet(struct relay *relay);

/* --- relay_sight.c --- */
/* False without memory. Only for an order that inspects. */
bool relay_sight_begin(struct relay *relay);
/* Tells the hub what the host that is tried has shown, and forgets it. Does nothing for an order
 * that does not inspect. */
void relay_sight_report(struct relay *relay);
void relay_sight_end(struct relay *relay); /* the hosts that were not tried, and frees */
/* The transaction that asks for the recipients and brings nothing. False: there is no more to ask.
 */
bool relay_sight_ask(struct relay *relay);

/* --- relay_firewall.c --- */
void relay_begin_firewall(struct relay *relay); /* with each message, behind its transaction */
size_t relay_piece_max(const struct relay *relay);
/* The next bytes of the message, at most relay_piece_max, to the conversation: without the fields
 * that stay at home. */
void relay_pass_body(struct relay *relay, struct slice piece, bool last);

#endif
