/* SPDX-License-Identifier: Apache-2.0 */
/* routing - where a recipient's mail goes next, and why not elsewhere.
 *
 * A mailbox of ours is delivered to; in an authoritative domain there is nobody else. All other
 * mail leaves through a send connector: of those that are enabled, take messages of this size and
 * have an address space that holds the domain, the one with the most specific space (contoso.com
 * before *.contoso.com before *; `--` is as specific as the accepted domain it stands for); of
 * equal ones the one of the lowest cost, then of the first name, then of the lowest id, so that the
 * order is total. Domains are compared as DNS writes them, in any case.
 *
 * route_choose and route_explain run the same code; who routes often makes a routing_index once.
 * It refuses to know queues, hosts and clocks.
 */
#ifndef MODEL_ROUTING_H
#define MODEL_ROUTING_H

#include "model/model.h"
#include "model/sender_tls.h"

enum route_kind {
    ROUTE_MAILBOX,
    ROUTE_NOBODY,      /* an authoritative domain, and no mailbox of this address */
    ROUTE_DNS,         /* to the MX hosts of the domain */
    ROUTE_SMART_HOSTS, /* to those of the connector */
    ROUTE_UNREACHABLE, /* no connector is for the domain: mail waits for one */
    ROUTE_TOO_LARGE,   /* there are connectors, and each takes only smaller messages */
};

struct route_question {
    struct slice domain; /* of the recipient, in any spelling, or an address literal */
    int64_t size_bytes;  /* of the message; 0: not asked for */
    bool is_mailbox;     /* the address is one of a mailbox here */
};

struct route {
    enum route_kind kind;
    const struct accepted_domain *accepted; /* that holds the domain; NULL: none */
    const struct send_connector *connector; /* of DNS and SMART_HOSTS, else NULL */
    struct address_space space;             /* by which it was chosen */
};

enum route_reason {
    ROUTE_CHOSEN,
    ROUTE_NAME_LATER,    /* as specific and as cheap, but another one's name comes first */
    ROUTE_COSTS_MORE,    /* as specific */
    ROUTE_LESS_SPECIFIC, /* its space holds the domain, but another one's more closely */
    ROUTE_TOO_SMALL,     /* its MaxMessageSize */
    ROUTE_DISABLED,
    ROUTE_SPACE_DIFFERS, /* no space of it holds the domain */
};

struct route_candidate {
    const struct send_connector *connector;
    enum route_reason reason;
    bool has_space;
    struct address_space space; /* the most specific that holds the domain */
    size_t specific;            /* how specific that is; more is more */
};

struct route route_choose(const struct model *model, const struct route_question *question);
/* Every send connector with its reason, in the order of the model; fills at most capacity rows,
 * returns how many there are: none when no connector is asked for (MAILBOX, NOBODY). */
size_t route_explain(const struct model *model, const struct route_question *question,
                     struct route_candidate *out_candidates, size_t capacity,
                     struct route *out_route);
/* The order among candidates whose spaces hold the domain. */
bool route_goes_before(const struct route_candidate *a, const struct route_candidate *b);
/* How specific a space, or an accepted domain, is among those that hold one domain. */
size_t route_specific(struct slice pattern);
/* What becomes of a question with this answer before any connector is asked. True: *out is it. */
bool route_is_here(const struct accepted_domain *accepted, const struct route_question *question,
                   struct route *out_route);
struct route route_through(const struct accepted_domain *accepted,
                           const struct route_candidate *candidate);

const char *route_kind_code(enum route_kind kind);       /* "SmartHostConnectorDelivery" */
const char *route_reason_code(enum route_reason reason); /* "COSTS_MORE" */
bool route_reason_text(const struct route_candidate *candidate, struct text *text);

/* --- the queue of a route --- */

/* mailbox | unreachable | dns:CONNECTOR-ID:DOMAIN | hosts:CONNECTOR-ID; what needs other hosts than
 * the rest has a queue of its own: dns+tls-required:, dns+tls-optional:, and so with hosts. The
 * same for every recipient whose mail may travel over one connection, and for as long as the
 * connector lives. The routes that lead nowhere share `unreachable`. `tls` is that of the way. */
bool route_append_key(struct text *key, const struct route *route, struct slice domain,
                      enum sender_tls tls);

struct next_hop {
    enum route_kind kind; /* MAILBOX, DNS, SMART_HOSTS or UNREACHABLE */
    struct object_id connector;
    struct slice domain; /* points into the key */
    enum sender_tls tls;
};
/* What a key says; one that says nothing is UNREACHABLE. */
struct next_hop next_hop_of_key(struct slice key);
/* NextHopDomain: the domain, or the smart hosts with commas; nothing when the connector has gone.
 * Of mailboxes: the server that holds them; nothing when we do. */
bool next_hop_append_domain(struct text *text, const struct next_hop *hop,
                            const struct model *model);

#endif
