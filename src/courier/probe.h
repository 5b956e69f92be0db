/* SPDX-License-Identifier: Apache-2.0 */
/* probe - one of our own listeners seen from outside: connect, EHLO, TLS, QUIT.
 *
 * What it is after is the certificate: it is not judged here, only named. The session is ended as a
 * polite client does, and the answer is given when the server has closed, so that what follows
 * finds no trace of it.
 */
#ifndef COURIER_PROBE_H
#define COURIER_PROBE_H

#include "wire/channel.h"

enum { PROBE_LIMIT_MS = 2000 /* from the first packet to the answer */ };

struct probe; /* frees itself when it has answered */

/* Answers with WIRE_PROBED on `hub`, from the loop or at once. `list` is the courier's: those that
 * are under way. */
void probe_start(struct probe **list, struct loop *loop, struct channel *hub,
                 const struct wire_probe *wanted);
/* Those under way end without an answer. */
void probes_end(struct probe **list);

#endif
