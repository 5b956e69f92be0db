/* SPDX-License-Identifier: Apache-2.0 */
/* send_connector_certificate - what New- and Set-SendConnector say of the certificate the connector
 * shows, before mail waits for it. */
#ifndef HUB_CERTIFICATES_SEND_CONNECTOR_CERTIFICATE_H
#define HUB_CERTIFICATES_SEND_CONNECTOR_CERTIFICATE_H

#include "hub/call.h"

/* Warnings, where the command is about what they are about. */
void send_connector_warn_of_certificate(struct call *call, const struct model *draft,
                                        const struct send_connector *connector);

#endif
