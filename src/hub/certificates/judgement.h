/* SPDX-License-Identifier: Apache-2.0 */
/* judgement - chains judged again when the roots are others than the last time.
 *
 * The vault reads the roots when it starts and tells with every certificate it reads which they
 * were. So a vault that has come is asked about one certificate; when its roots are new, about all
 * others too, one after the other, beside everything else. What has become of them is one change,
 * made by posternd, and event 12112 each. Certificates that were made here have no chain to judge.
 * A vault that goes away meanwhile leaves all as it was; the next one is asked again.
 */
#ifndef HUB_CERTIFICATES_JUDGEMENT_H
#define HUB_CERTIFICATES_JUDGEMENT_H

#include "hub/state.h"

/* The hub is ready and there is a vault; to be called for every new one. */
void certificate_judgement_begin(struct hub *hub);
void certificate_judgement_end(struct hub *hub); /* behind changes_end */

#endif
