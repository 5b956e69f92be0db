/* SPDX-License-Identifier: Apache-2.0 */
/* tls_reports - tells domains that want it, once a day, how our connections to them fared with TLS
 * (RFC 8460).
 *
 * Couriers say it of each connection to a domain with a record at _smtp._tls; it is summed up in
 * memory (model/tls_results), and when the day (UTC) is over each of these domains is sent a mail,
 * at a moment of the next hours, signed like other mail of ours. It is kept in a file, a minute
 * late at most (hub/transport/tls_report_shelf): another hub goes on with it. What goes
 * to a web server (hub/transport/tls_report_post) goes at once.
 */
#ifndef HUB_TRANSPORT_TLS_REPORTS_H
#define HUB_TRANSPORT_TLS_REPORTS_H

#include "hub/state.h"

MUST_USE int tls_reports_begin(struct hub *hub);
void tls_reports_end(struct hub *hub);
/* What a courier says makes no sense: it is left out. */
void tls_reports_take(struct hub *hub, const struct wire_tls_result *result);

#endif
