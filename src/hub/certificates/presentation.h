/* SPDX-License-Identifier: Apache-2.0 */
/* presentation - which certificate each connector shows, before and after a change, in words. */
#ifndef HUB_CERTIFICATES_PRESENTATION_H
#define HUB_CERTIFICATES_PRESENTATION_H

#include "hub/call.h"
#include "model/certificate_choice.h"

/* What `connector` of `model` presents now; looked up in the index that the call was lent, if
 * any. */
struct certificate_choice presentation_now(const struct call *call, const struct model *model,
                                           const struct receive_connector *connector);
/* The index of the certificates in force, lent to a call that asks often: good until the model
 * changes. NULL without memory. */
const struct certificate_index *presentation_index(struct hub *hub);
void presentation_forget(struct hub *hub); /* the model has changed, or the end */
/* "CN=mail.contoso.com (2CBC3F4B...9319, self-signed, until 2027-01-03)", or "nothing". */
void presentation_append(struct text *text, const struct certificate_choice *choice);
bool presentation_same(const struct certificate_choice *a, const struct certificate_choice *b);
/* Whether `connector` of `after`, enabled, shows another certificate than in `before`. */
bool presentation_differs(const struct call *call, const struct model *before,
                          const struct model *after, const struct receive_connector *connector);
/* One line of information for each connector that shows another certificate in `after` than in
 * `before`; returns how many there are. A connector that loses TLS is a warning. */
size_t presentation_report(struct call *call, const struct model *before,
                           const struct model *after);
/* The same for one connector, said even when nothing changes. */
void presentation_report_one(struct call *call, const struct model *before,
                             const struct model *after, struct object_id connector);

/* Which connector presents what now: each is asked once, however many certificates are shown. Lends
 * the model; one block of memory, given back with free(). NULL without memory. */
struct presentation_census;
struct presentation_census *presentation_census_new(const struct model *model);
/* Names of the enabled connectors that present this certificate. */
json_t *presentation_users(const struct presentation_census *census,
                           const struct certificate *certificate);

#endif
