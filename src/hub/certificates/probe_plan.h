/* SPDX-License-Identifier: Apache-2.0 */
/* probe_plan - what to look at from outside, and what is to be seen there by the rules.
 *
 * A plan is made for a model: listeners are added (those of a connector, or all that a change
 * concerns), then each becomes rows: one handshake with one version of TLS, kinds of keys and a
 * host name asked for or none. Handshakes that cannot succeed by the rules (a client that verifies
 * RSA keys only, where there are none) are left out. We dial from this machine, so the connector
 * that answers is the one for our own address; one whose RemoteIPRanges do not hold it cannot be
 * seen.
 */
#ifndef HUB_CERTIFICATES_PROBE_PLAN_H
#define HUB_CERTIFICATES_PROBE_PLAN_H

#include "base/arena.h"
#include "model/model.h"
#include "wire/messages.h"

enum {
    PROBE_LISTENERS_MAX = 64,
    PROBE_ROWS_MAX = 256,
    PROBE_NAMES_MAX = 4, /* host names asked for at one listener */
};

enum probe_verdict {
    PROBE_NOT_TRIED,
    PROBE_AS_EXPECTED,
    PROBE_DIFFERS,  /* it is not what the rules say */
    PROBE_NOT_SEEN, /* no connection, or it was refused: nothing is known */
};

struct probe_row {
    struct ip_endpoint binding, dialed; /* [::]:25 is dialed as [::1]:25 */
    struct slice connector;             /* its identity */
    struct slice server_name;           /* asked for; empty: none */
    struct slice expected;              /* thumbprint; empty: STARTTLS is not to be offered */
    struct slice seen;                  /* thumbprint; empty: none */
    struct slice words;                 /* what the server said, or what went wrong */
    bool implicit_tls, proxy;
    uint16_t version;
    unsigned verifies; /* enum tls_verifiable */
    enum wire_probe_outcome outcome;
    enum probe_verdict verdict;
};

struct probe_plan {
    struct arena arena; /* all slices of the rows */
    struct ip_endpoint listeners[PROBE_LISTENERS_MAX];
    size_t listener_count;
    struct probe_row *rows;
    size_t count;
    bool compared;      /* every connector, because of a certificate */
    bool only_connects; /* nothing is expected: whether it is answered is all that is asked */
    bool more;          /* there was more than fits */
    bool out_of_it;     /* a connector of it does not serve clients on this machine */
};

struct probe_plan *probe_plan_new(void);
void probe_plan_free(struct probe_plan *plan); /* accepts NULL */

void probe_plan_add_connector(struct probe_plan *plan, const struct receive_connector *connector);
/* The listeners at which a change of this object may be seen. `before` may be NULL. */
void probe_plan_add_change(struct probe_plan *plan, const struct model *before,
                           const struct model *after, enum model_kind kind, struct object_id id,
                           int64_t at_ms);
/* Turns listeners into rows, by the model. False: no memory. */
MUST_USE bool probe_plan_expand(struct probe_plan *plan, const struct model *model, int64_t at_ms);
/* Instead of listeners: a row for each binding of each connector, whoever answers there. False: no
 * memory. */
MUST_USE bool probe_plan_connect(struct probe_plan *plan, const struct model *model);
/* Whether this listener is in it. */
bool probe_plan_takes(const struct probe_plan *plan, struct ip_endpoint listener);

/* Writes down what came back and judges it. */
void probe_row_answered(struct probe_plan *plan, struct probe_row *row,
                        const struct wire_probed *probed);

const char *probe_verdict_name(enum probe_verdict verdict); /* "AsExpected" */
const char *probe_row_version(const struct probe_row *row); /* "TLS1.2" */
const char *probe_row_keys(const struct probe_row *row);    /* "RSA", "Elliptic", "Any" */
/* "TLS1.2, keys: RSA, asking for mail.contoso.com" */
bool probe_row_append_question(const struct probe_row *row, struct text *text);

#endif
