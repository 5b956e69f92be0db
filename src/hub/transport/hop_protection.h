/* SPDX-License-Identifier: Apache-2.0 */
/* hop_protection - how a connection to another server is protected: whether there must be TLS, whom
 * the server's certificate must be for, and which of ours it is shown.
 *
 * A domain in TLSSendDomainSecureList, on a connector with DomainSecureEnabled, has mutual TLS:
 * inside TLS only, to a host whose valid certificate is for the domain, and with a certificate of
 * ours at hand. Mail that cannot have it waits.
 */
#ifndef HUB_TRANSPORT_HOP_PROTECTION_H
#define HUB_TRANSPORT_HOP_PROTECTION_H

#include "hub/transport/hop.h"

/* Why no connection may be opened, in the words of a reply; NULL: it may. */
const struct slice *hop_unprotected(struct hub *hub, const struct hop *hop,
                                    const struct send_connector *connector);
/* Fills tls, tls_level, tls_domain, certificate and key_handle. The certificate's bytes are what is
 * returned: the caller's, to be kept until the order is sent. */
struct text hop_protect(struct hub *hub, const struct hop *hop,
                        const struct send_connector *connector, struct wire_relay *order);

#endif
