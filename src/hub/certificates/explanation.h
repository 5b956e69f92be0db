/* SPDX-License-Identifier: Apache-2.0 */
/* explanation - what a connector presents to a question, and why, as JSON: the certificate and its
 * dates, the rule, the others with their reasons and cures, the changes to come, and what each kind
 * of client would say.
 *
 * The question says which model: the one in force, or a draft of what could be.
 */
#ifndef HUB_CERTIFICATES_EXPLANATION_H
#define HUB_CERTIFICATES_EXPLANATION_H

#include "model/certificate_choice.h"

#include <jansson.h>

/* What is presented, as an object; null when nothing is. */
json_t *explanation_of_choice(const struct certificate_choice *choice, int64_t at_ms);
void explanation_add(json_t *json, const struct certificate_question *question);

#endif
