/* SPDX-License-Identifier: Apache-2.0 */
/* relay_state - what the files of a relay share.
 *
 *   relay.c         life: frames of the hub, one host after the other, the end
 *   relay_hosts.c   names to addresses
 *   relay_mailbox.c a path instead of an address
 *   relay_trust.c   how well a server must be proven, and whether it is
 *   relay_report.c  what the domain is told of it
 *   relay_link.c    bytes: socket and TLS
 *   relay_sign.c    the signature in front of a message
 *   relay_unfit.c   hosts that are not protected as senders demand
 *   relay_onward.c  hosts that were ready and then took nothing
 *   relay_needs.c   what the message needs of the server
 *   relay_talk.c    wants of the conversation (smtp/send_session)
 *   relay_firewall.c what of a header stays at home
 *   relay_sight.c   what a host has shown, for who only wants to know
 *   relay_log.c     what is written down of it; relay_log_tls.c: of TLS
 */
#ifndef COURIER_RELAY_STATE_H
#define COURIER_RELAY_STATE_H

#include "base/arena.h"
#include "courier/host_lookup.h"
#include "courier/relay.h"
#include "courier/sts_policies.h"
#include "mail/header_scan.h"
#include "model/host_trust.h"
#include "model/sender_tls.h"
#include "model/tls_results.h"
#include "sasl/client.h"
#include "smtp/send_session.h"
#include "tls/engine.h"

enum { RELAY_HOSTS_MAX = 32, RELAY_RESULTS_MAX = 40 };

struct relay_host {              /* one address of one host */
    struct slice name;           /* or unix: and a path, and then no endpoint */
    struct slice canonical_name; /* where its aliases lead */
    bool vouched; /* DNSSEC vouches for the MX that names it, or we were told to take it */
    bool secure;  /* DNSSEC vouches for the way to it: it may have TLSA records (RFC 7672) */
    struct ip_endpoint endpoint;
};

struct relay_trust { /* what is demanded of the host that is tried, by others than the connector */
    struct slice host; /* whose TLSA records are known */
    bool known;
    struct slice base; /* under which they are: the host's name, or where its aliases lead */
    bool dane;         /* there are secure ones */
    const struct dane_record *records;
    size_t record_count;
    enum dns_outcome failure; /* DNS_FOUND: none */
    struct slice why;
    struct arena arena;
    struct dns_query query;
    struct sts_kept *sts; /* a reference; NULL: the domain has no policy */
};

struct relay_result { /* of one connection */
    enum tls_policy_kind policy;
    struct slice policy_text, policy_hosts;
    enum tls_result result;
    struct slice host;
    struct ip_address address;
};

struct relay_report {
    bool asked;              /* whom to tell */
    struct slice domain, to; /* empty: nobody */
    struct arena arena;
    struct dns_query query;
    struct relay_result results[RELAY_RESULTS_MAX];
    size_t count;
};

struct relay {
    struct relay *next, **link; /* in its bucket */
    struct relays *all;
    struct arena arena; /* of the texts of the order */
    struct wire_relay order;
    struct send_policy policy;

    struct relay_host hosts[RELAY_HOSTS_MAX];
    size_t host_count, host; /* the one that is tried */
    struct slice names;      /* that are still to be looked up, with commas */
    struct host_lookup *lookup;
    bool no_room; /* there is no memory for what the hub gives */
    struct sts_lookup policy_lookup;
    struct relay_trust trust;
    struct relay_report report;
    bool nowhere;  /* the domain takes no mail, and will not */
    size_t unfit;  /* of the hosts: not as well protected as the senders demand */
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

    struct relay_sight *sight;     /* NULL: nobody wants to know */
    bool signs;                    /* it is signed before it leaves, if there is a key */
    struct relay_signing *signing; /* under way, or NULL */
    struct text signature;         /* fields that go in front of the body */

    bool reached;    /* this server was ready for a message: no other is tried, unless */
    bool onward;     /* it took nothing after all: the next one is, with the same mail */
    bool broken;     /* the connection broke, under the message if there is one */
    bool carried;    /* something was said of a recipient, by one of the hosts */
    bool finishes;   /* the hub has nothing more */
    bool asked;      /* for the next message */
    struct text why; /* the last thing that went wrong, */
    bool why_ours;   /* in our words */
    struct relay_log log;
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

/* --- relay_mailbox.c --- */
bool relay_host_is_local(const struct relay_host *host); /* behind a UNIX socket */
/* True: the order names a UNIX socket, which is the one host now. */
bool relay_find_local_host(struct relay *relay);
/* As socket_connect_begin. */
int relay_connect_local(const struct relay_host *host, int *out_fd);
/* As a reply, with what to look at. */
void relay_explain_local(const struct relay_host *host, int error, struct text *words);

/* --- relay_trust.c --- */
enum relay_trust_step {
    RELAY_TRUST_READY,
    RELAY_TRUST_WAITS,   /* for DNS; then relay_dial is called again */
    RELAY_TRUST_REFUSES, /* it is noted why */
};
bool relay_trust_asks_policy(const struct relay *relay); /* of MTA-STS */
enum relay_trust_step relay_trust_prepare(struct relay *relay, const struct relay_host *host);
enum send_tls relay_trust_tls(const struct relay *relay);        /* with the host that is tried */
struct slice relay_trust_server_name(const struct relay *relay); /* to ask for in the hello */
void relay_trust_answer(struct relay *relay);    /* the handshake is done: answers the want */
bool relay_trust_is_proven(struct relay *relay); /* well enough for REQUIRETLS */
/* Whether the domain demands something of the host that is tried, besides the connector. */
struct relay_demanders {
    bool dane, policy;
};
struct relay_demanders relay_trust_demanders(const struct relay *relay);
/* All that is wrong with the certificate that was shown, whatever is demanded, or "OK"; by what
 * DANE says where it speaks. Returns whom it was judged for. */
struct slice relay_trust_describe(struct relay *relay, struct text *findings);
void relay_trust_end(struct relay *relay);

/* --- relay_report.c --- */
void relay_report_begin(struct relay *relay, struct slice domain); /* asks whom to tell */
/* With the host that is tried, under the policy in force with it. */
void relay_report_note(struct relay *relay, enum tls_result result);
void relay_report_policy(struct relay *relay, enum sts_failure failure);
enum tls_result relay_report_result(enum host_verdict verdict, const struct verdict *chain);
void relay_report_send(struct relay *relay); /* to the hub, once */
void relay_report_end(struct relay *relay);

/* --- relay_link.c --- */
bool relay_dial_here(struct relay *relay,
                     const struct relay_host *host); /* false: it is noted why */
void relay_hang_up(struct relay *relay);
/* Meets wants and moves bytes until it has to wait. The relay may be gone behind it. */
void relay_run(struct relay *relay);
struct tls_context *
relay_tls_context(const struct relay *relay); /* with our certificate, or none */
bool relay_begin_tls(struct relay *relay);

/* --- relay_sign.c --- */
/* Whether the message may leave now: it is signed, or is not to be. Else it has been asked for, and
 * relay_run goes on later. */
bool relay_sign(struct relay *relay);
/* RELAY_SIGNER, RELAY_SIGNATURES. False: out of order. The relay may be gone behind it. */
bool relay_signing_answer(struct relay *relay, const struct frame *frame);
void relay_signing_forget(struct relay *relay);

/* --- relay_unfit.c --- */
void relay_unfit_note(struct relay *relay); /* the host that is tried is left */
/* At the end. True: no host is fit, and it is noted why; one that could not be asked may be. */
bool relay_unfit_end(struct relay *relay);
/* Whether the message that is about to be given is given with REQUIRETLS: a notice is not where the
 * host may not have it so (RFC 8689 5). */
void relay_unfit_choose(struct relay *relay);

/* --- relay_onward.c --- */
/* Another host can be asked for what this one does not take. */
bool relay_onward_may(const struct relay *relay);
void relay_onward_refused(struct relay *relay); /* the transaction is over, and not reported yet */
void relay_onward_closed(struct relay *relay);  /* the connection is, its session not forgotten */

/* --- relay_needs.c --- */
/* Takes back what the message does not need, where the server does not offer it. */
void relay_needs_look(struct relay *relay);

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
/* One more of the same, for who reads the message twice. */
struct header_scan relay_firewall(const struct relay *relay);
size_t relay_piece_max(const struct header_scan *firewall);
/* Of the next bytes of the message, at most relay_piece_max, those that leave: without the fields
 * that stay at home. `room` is empty and holds SEND_PIECE_MAX; the result is in it, or the piece.
 */
struct slice relay_pass(struct header_scan *firewall, struct slice piece, bool last,
                        struct text *room);

#endif
