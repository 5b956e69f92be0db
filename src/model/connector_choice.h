/* SPDX-License-Identifier: Apache-2.0 */
/* connector_choice - which receive connector a session belongs to, and why the others do not get
 * it.
 *
 * An enabled connector with a binding that fits the local address and port, and a remote range that
 * holds the client, is a candidate; the smallest such range wins. Between equal ranges an exact
 * local address goes before 0.0.0.0 or [::], then the name decides, and between equal names the id,
 * so that the order is total. connector_choose and connector_explain run the same code; who
 * chooses often makes a connector_index once, which answers by the same order without looking at
 * every connector.
 */
#ifndef MODEL_CONNECTOR_CHOICE_H
#define MODEL_CONNECTOR_CHOICE_H

#include "model/model.h"

enum connector_reason {
    CONNECTOR_CHOSEN,
    CONNECTOR_LESS_SPECIFIC,  /* its range holds the client, but another one's is smaller */
    CONNECTOR_RANGE_EXCLUDES, /* no range of it holds the client */
    CONNECTOR_DISABLED,
    CONNECTOR_BINDING_DIFFERS,
};

struct connector_candidate {
    const struct receive_connector *connector;
    enum connector_reason reason;
    bool has_range;
    struct ip_range range;      /* the range that holds the client */
    struct ip_endpoint binding; /* the binding that fits; undefined when BINDING_DIFFERS */
};

/* NULL: no connector takes this client here (421 4.3.2). */
const struct receive_connector *
connector_choose(const struct model *model, struct ip_endpoint local, struct ip_address client);
/* The order among candidates, for a client both ranges hold. */
bool connector_goes_before(const struct connector_candidate *a,
                           const struct connector_candidate *b);
/* Whether a connection from this address to the connector begins with a PROXY header, which names
 * the client for which the choice is then made again. */
bool connector_trusts_proxy(const struct receive_connector *connector, struct ip_address address);
/* Every connector with its reason, in the order of the model; fills at most capacity rows, returns
 * how many connectors there are. *out_chosen may be NULL afterwards. */
size_t connector_explain(const struct model *model, struct ip_endpoint local,
                         struct ip_address client, struct connector_candidate *out_candidates,
                         size_t capacity, const struct receive_connector **out_chosen);
const char *connector_reason_code(enum connector_reason reason); /* "LESS_SPECIFIC" */
bool connector_reason_text(const struct connector_candidate *candidate, struct text *text);

#endif
