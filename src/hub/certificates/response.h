/* SPDX-License-Identifier: Apache-2.0 */
/* response - an OCSP response on its way to the certificate it speaks of.
 *
 * The vault reads a response that comes alone twice: first it says whom the response names, then,
 * given that certificate and its chain beside the response, whether it is to be believed.
 */
#ifndef HUB_CERTIFICATES_RESPONSE_H
#define HUB_CERTIFICATES_RESPONSE_H

#include "hub/call.h"
#include "hub/configuration/change.h"

/* Whether the record is a response without its certificate. */
bool certificate_response_is_alone(const struct certificate *read);
/* Finds the certificate and asks the vault again; the call has failed when there is none. */
void certificate_response_ask(struct call *call, const struct model *draft,
                              const struct certificate *alone);

enum response_news { RESPONSE_NO_NEWS, RESPONSE_NEWER, RESPONSE_OLDER };
enum response_news certificate_response_compare(const struct certificate *here,
                                                const struct certificate *read);
void certificate_response_take(struct certificate *certificate, const struct certificate *from);
/* The certificate of the model that a response is newer for than what it has; else NULL. */
struct certificate *certificate_response_news(const struct model *model,
                                              const struct certificate *read);
/* Those of another model that are news; false: none is, or there is no memory. */
bool certificate_responses_put(struct change *change, const struct model *fresh);
/* What it says, and what follows. */
void certificate_response_report(struct call *call, const struct certificate *certificate);
void certificate_response_refuse(struct call *call, const struct certificate *here,
                                 const struct certificate *read);

#endif
