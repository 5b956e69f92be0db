/* SPDX-License-Identifier: Apache-2.0 */
/* envelope - what is kept with a queued message beside sender and recipients: lines of NAME=VALUE.
 *
 * Values are escaped or judged, so that a value never ends its line.
 */
#ifndef HUB_TRANSPORT_ENVELOPE_H
#define HUB_TRANSPORT_ENVELOPE_H

#include "base/text.h"
#include "hub/transport/scheduled.h"

bool envelope_append(struct text *envelope, const char *name,
                     struct slice value); /* an empty one is left out */
/* A word of a peer that other servers are told as he wrote it (ENVID, ORCPT): one with blanks or
 * control characters in it is none, and is left out. */
bool envelope_append_verbatim(struct text *envelope, const char *name, struct slice value);
struct slice envelope_word(struct slice envelope,
                           struct slice name); /* empty when it is not there */

/* What the queue keeps with a message (`envelope`) and with a recipient (`data`), into what the
 * next attempt has to know; slices point into the two. */
void envelope_read(struct slice envelope, struct slice data, struct scheduled *out);
enum sender_tls envelope_tls(struct slice envelope);
unsigned envelope_wish(struct slice data); /* NOTIFY: enum notice_wish bits */

/* The same as it was before it was escaped. For words of our own: those of a peer stay as they are.
 */
bool envelope_append_word(struct text *text, struct slice envelope, struct slice name);

#endif
