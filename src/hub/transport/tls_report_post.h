/* SPDX-License-Identifier: Apache-2.0 */
/* tls_report_post - a report of TLS on its way to the web servers that its domain names (RFC 8460
 * 5.4), by a courier. */
#ifndef HUB_TRANSPORT_TLS_REPORT_POST_H
#define HUB_TRANSPORT_TLS_REPORT_POST_H

#include "hub/state.h"
#include "hub/transport/tls_report_message.h"

/* To each address of https that the domain has named; nothing where there is none. What fails is
 * an event. */
void tls_report_post(struct hub *hub, const struct tls_report *report);

#endif
