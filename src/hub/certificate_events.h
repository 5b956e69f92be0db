/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_events - what a change means for the certificates that connectors present, when it is
 * bad news.
 *
 * Exchange's numbers: 12014 when a connector's certificate cannot be found (and STARTTLS is offered
 * with another one, or not at all), 12016 when the one it presents has expired. Said once, when it
 * comes to be so.
 */
#ifndef HUB_CERTIFICATE_EVENTS_H
#define HUB_CERTIFICATE_EVENTS_H

#include "model/model.h"

/* `before` is the model that was in force; NULL at the start: then everything that is bad is news.
 */
void certificate_events_report(const struct model *before, const struct model *now);

#endif
