/* SPDX-License-Identifier: Apache-2.0 */
/* responders - the issuers of our certificates are asked what they think of them now (OCSP, RFC
 * 6960), so that it can be stapled.
 *
 * A certificate that connectors may present is asked about as soon as it is here, and again at half
 * of the life of what came (model/certificate_staple). A courier asks, the vault judges, and what
 * holds becomes part of the certificate: one change by posternd for all that one round brings.
 * Nothing waits for it, and what cannot be had harms nothing: the response that is there stays in
 * force until its end. Event 12113 says so, once; who gave no answer is asked again after a minute,
 * then less and less often, at least once an hour.
 */
#ifndef HUB_RESPONDERS_H
#define HUB_RESPONDERS_H

#include "hub/state.h"

MUST_USE int responders_begin(struct hub *hub);
void responders_end(struct hub *hub); /* behind changes_end and vault_link_end */
/* Looks soon whether somebody is to be asked: the hub is ready, or another model is in force. */
void responders_soon(struct hub *hub);
void responders_answered(struct hub *hub, const struct wire_ocsp_answer *answer);

#endif
