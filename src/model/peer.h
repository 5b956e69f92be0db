/* SPDX-License-Identifier: Apache-2.0 */
/* peer - what a client proves about itself by TLS, and what follows from it.
 *
 * Two settings of a connector ask clients for a certificate: DomainSecureEnabled (mail of domains
 * in TLSReceiveDomainSecureList comes from a peer that is proven to be of the domain, or not at
 * all) and TlsDomainCapabilities (a proven peer is trusted with more). Proven means: inside TLS,
 * with a certificate whose chain holds and whose names cover the domain.
 *
 * It refuses to know how a chain is judged. A peer is borrowed; NULL is a client in clear.
 */
#ifndef MODEL_PEER_H
#define MODEL_PEER_H

#include "model/model.h"

struct tls_peer {
    bool tls;
    bool shown;              /* a certificate */
    bool valid;              /* and its chain holds */
    struct slice_list names; /* DNS names of the certificate, *.domain among them */
};

/* Whether the connector asks its clients for a certificate. */
bool peer_is_asked(const struct receive_connector *connector);
bool peer_proves(const struct tls_peer *peer, struct slice domain);
/* On a connector with DomainSecureEnabled, proven to be of a domain in the list. */
bool peer_is_partner(const struct model *model, const struct receive_connector *connector,
                     const struct tls_peer *peer);

enum peer_verdict {
    PEER_MAY_SEND,  /* the domain is not in the list, or proven */
    PEER_IN_CLEAR,  /* 530 5.7.0; the others 454 4.7.5 */
    PEER_NOT_SHOWN, /* inside TLS without a certificate */
    PEER_NOT_VALID, /* its chain does not hold */
    PEER_OTHER,     /* a good certificate, but not for this domain */
};

/* `sender` is the whole address; the null sender is everybody's. */
enum peer_verdict peer_judge_sender(const struct model *model,
                                    const struct receive_connector *connector,
                                    const struct tls_peer *peer, struct slice sender);
const char *peer_verdict_text(enum peer_verdict verdict); /* why not, behind "the client ..." */

enum peer_capability { PEER_CLOUD_SERVICES_MAIL = 1 };

/* The capabilities the connector gives to this peer, and the word by which the protocol log says
 * why it is no more. */
unsigned peer_capabilities(const struct receive_connector *connector, const struct tls_peer *peer,
                           const char **out_status);

#endif
