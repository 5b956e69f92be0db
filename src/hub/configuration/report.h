/* SPDX-License-Identifier: Apache-2.0 */
/* report - what a text changes, as objects of the reply: Change (Add, Change,
 * Remove), Kind, Name; of a change also Setting, Before and After, a row for each setting. Each
 * holds the Revision it was compared with. */
#ifndef HUB_CONFIGURATION_REPORT_H
#define HUB_CONFIGURATION_REPORT_H

#include "hub/call.h"
#include "operations/configuration.h"

void configuration_report(struct call *call, const struct configuration_kind *row, const char *what,
                          struct slice name);
void configuration_report_changed(struct call *call, const struct configuration_kind *row,
                                  struct slice name, const void *before, const void *after);
/* That the secret is another one is all there is to say. */
void configuration_report_secret(struct call *call, const struct configuration_kind *row,
                                 struct slice name);

#endif
