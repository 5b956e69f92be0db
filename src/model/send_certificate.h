/* SPDX-License-Identifier: Apache-2.0 */
/* send_certificate - which certificate of ours a send connector shows to servers that ask for one.
 *
 * The rules are those of model/certificate_choice: TlsCertificateName when it is set, else the best
 * match for the connector's Fqdn, else for the server's. One that is named and fits nothing is
 * never replaced in silence: `named_missing`, and mail waits. A self-signed one is shown only when
 * it is named: to strangers it proves nothing, and some of them end the connection over it.
 */
#ifndef MODEL_SEND_CERTIFICATE_H
#define MODEL_SEND_CERTIFICATE_H

#include "model/certificate_choice.h"

/* `index` is of this model, or NULL. The choice has no certificate where there is none, or where
 * the connector never does TLS. */
void send_certificate_choose(const struct model *model, const struct certificate_index *index,
                             const struct send_connector *connector, int64_t at_ms,
                             struct certificate_choice *out_choice);

#endif
