/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_choice - which certificate a connector presents at a given moment, and why no other.
 *
 * 1. Without Tls in AuthMechanism (and TlsMode Explicit) there is no TLS.
 * 2. The key: TlsCertificateName (a name or a thumbprint) if set, else the connector's Fqdn, else
 * the server's.
 * 3. Fit: X.509 version 3, private key, key matches, SMTP enabled, not pending, not revoked.
 * 4. Order: valid now before expired before not yet valid; issued by an authority before
 * self-signed; a name written out before a wildcard; newest valid-from; later expiry; greater
 * thumbprint. A total order.
 * 5. A named certificate that is missing: the Fqdn rule if TlsCertificateFallback, else none. Never
 * in silence: `named_missing` is event 12014, `expired` event 12016, no certificate event 12014.
 * 6. With TlsSni, a client that asks for a host the answer does not cover gets the best valid one
 * that does, if there is one. Without an answer TLS is not offered, so nobody can ask.
 * In every search, certificates whose key the client cannot verify are passed over as long as there
 * is another. The choice and its explanation run the same code, with an index of the certificates
 * or without.
 */
#ifndef MODEL_CERTIFICATE_CHOICE_H
#define MODEL_CERTIFICATE_CHOICE_H

#include "model/certificate_index.h"

struct certificate_question {
    const struct model *model;
    const struct certificate_index *index; /* of this model; NULL: every certificate is looked at */
    const struct receive_connector *connector;
    int64_t at_ms;
    struct slice server_name; /* the host the client asks for (SNI); empty: none, or not known */
    uint32_t client_keys; /* the kinds of keys it can verify, CERTIFICATE_KEY_BIT each; 0: all */
};
#define CERTIFICATE_KEY_BIT(kind) (1u << (kind))

enum certificate_rule {
    CERTIFICATE_RULE_NO_TLS, /* the connector does not want TLS */
    CERTIFICATE_RULE_PINNED_THUMBPRINT,
    CERTIFICATE_RULE_NAMED_CERTIFICATE, /* <I>..<S>.. */
    CERTIFICATE_RULE_CONNECTOR_FQDN,
    CERTIFICATE_RULE_SERVER_FQDN,
    CERTIFICATE_RULE_SERVER_NAME, /* what the client asked for */
};

enum certificate_reason {
    CERTIFICATE_CHOSEN,
    CERTIFICATE_NOT_ASKED, /* the connector does not want TLS */
    CERTIFICATE_THUMBPRINT_DIFFERS,
    CERTIFICATE_NAME_MISMATCH, /* issuer and subject, or DNS names, do not match the key */
    CERTIFICATE_PENDING_REQUEST,
    CERTIFICATE_NOT_V3,
    CERTIFICATE_NO_PRIVATE_KEY,
    CERTIFICATE_SERVICE_NOT_ENABLED, /* SMTP */
    CERTIFICATE_REVOKED,
    CERTIFICATE_KEY_NOT_VERIFIABLE, /* by this client; another match is */
    CERTIFICATE_EXPIRED,            /* another match is valid */
    CERTIFICATE_NOT_YET_VALID,
    CERTIFICATE_SELF_SIGNED_AFTER_ISSUED,
    CERTIFICATE_WILDCARD_AFTER_EXACT,
    CERTIFICATE_OLDER_SAME_NAME, /* an earlier valid-from */
    CERTIFICATE_EARLIER_EXPIRY,
    CERTIFICATE_LOWER_THUMBPRINT,
};

struct certificate_choice {
    const struct certificate *certificate; /* NULL: STARTTLS is not offered */
    enum certificate_rule rule; /* the rule that gave the answer (or the last that gave none) */
    struct slice key;   /* what was searched: TlsCertificateName as written, or a host name */
    bool named_missing; /* TlsCertificateName fits nothing: event 12014, whether a fallback was
                           found or not */
    bool expired;       /* the chosen one is expired: event 12016 */
    bool not_yet_valid; /* nothing else fits and the chosen one begins later */
};

struct certificate_candidate {
    const struct certificate *certificate;
    enum certificate_reason reason; /* under the rule that gave the answer */
};

void certificate_choose(const struct certificate_question *question,
                        struct certificate_choice *out_choice);
/* Whether what a hello adds to the question (server_name, client_keys) leaves `usual`, the choice
 * without them, as it is: most handshakes need no search of their own. */
bool certificate_choice_holds(const struct certificate_question *question,
                              const struct certificate_choice *usual);
/* The same with a row for every certificate, in the order of the model; at most capacity rows are
 * filled. Returns how many certificates there are. */
size_t certificate_explain(const struct certificate_question *question,
                           struct certificate_choice *out_choice,
                           struct certificate_candidate *out_candidates, size_t capacity);
/* The next moment behind at_ms at which the answer is another one (as far as dates decide it), with
 * that answer. False: never. */
bool certificate_next_change(const struct certificate_question *question, int64_t *out_at_ms,
                             struct certificate_choice *out_choice);

bool certificate_offers_tls(const struct receive_connector *connector);
/* "*.contoso.com" matches one label; case and one trailing dot do not matter. */
bool certificate_dns_name_matches(struct slice pattern, struct slice host);

const char *certificate_rule_code(enum certificate_rule rule);       /* "NAMED_CERTIFICATE" */
const char *certificate_reason_code(enum certificate_reason reason); /* "OLDER_SAME_NAME" */
bool certificate_rule_text(const struct certificate_choice *choice, struct text *text);
bool certificate_reason_text(const struct certificate_question *question,
                             const struct certificate_choice *choice,
                             const struct certificate_candidate *candidate, struct text *text);
/* The command that would make this candidate the answer, or bring it nearer; false and nothing
 * appended when there is none. */
bool certificate_mending_command(const struct certificate_question *question,
                                 const struct certificate_candidate *candidate, struct text *text);
/* Whether the connector's TlsCertificateName means this certificate, fit or not. */
bool certificate_is_named_by(const struct certificate *certificate,
                             const struct receive_connector *connector);

#endif
