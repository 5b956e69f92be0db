/* SPDX-License-Identifier: Apache-2.0 */
/* events - bad news of the certificates that connectors present, and when it is over.
 *
 * Exchange's numbers: 12014 when a connector's certificate cannot be found (and STARTTLS is offered
 * with another one, or not at all), 12016 when the one it presents has expired, 12018 when one that
 * is presented ends within 30, 14, 7 and 1 days. Numbers of our own: 12110 when one is revoked,
 * 12111 when the OCSP response of one that is presented grows old. What is news is
 * model/certificate_news's to say; here is when it looks: at every change, and when a date of a
 * certificate is reached. The moment of the last look at which something was said lies beside the
 * log of events, so that a start says what happened while the server was down, and nothing twice.
 */
#ifndef HUB_CERTIFICATES_EVENTS_H
#define HUB_CERTIFICATES_EVENTS_H

#include "hub/state.h"

void certificate_events_begin(struct hub *hub); /* behind logs_begin */
void certificate_events_end(struct hub *hub);
/* Looks when everything else of this turn is done: the model in force is another one than
 * `before_take`, which may be NULL: then it is the start. */
void certificate_events_look_soon(struct hub *hub, struct model *before_take);

#endif
