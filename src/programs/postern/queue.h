/* SPDX-License-Identifier: Apache-2.0 */
/* queue - `postern queue`: what waits and orders to it, in the words of those who know postqueue
 * and postsuper and postcat. Each order says which cmdlet it stands for.
 */
#ifndef PROGRAMS_POSTERN_QUEUE_H
#define PROGRAMS_POSTERN_QUEUE_H

#include "programs/postern/place.h"

extern const char queue_usage[];

/* words behind `queue`; returns the exit code. */
int queue_run(const struct place *place, const char *const *words, size_t count);

/* The list, a page of the hub's at a time: a long queue needs no more memory than a short one. */
int queue_list_print(const struct place *place, bool as_json);

/* What is known of a message, as a list, then its bytes; on a terminal without what could lead it
 * astray. */
int queue_show(const struct place *place, const char *id);

#endif
