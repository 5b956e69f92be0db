/* SPDX-License-Identifier: Apache-2.0 */
/* ocsp_fetch - asks the responder of a certificate what it thinks of it (RFC 6960 A.1).
 *
 * The bytes that come back go to the hub as they are: the vault judges them.
 */
#ifndef COURIER_OCSP_FETCH_H
#define COURIER_OCSP_FETCH_H

#include "courier/https.h"
#include "wire/channel.h"

struct ocsp_fetch; /* frees itself when it has answered */

/* Answers with WIRE_OCSP_ANSWER on `hub`, from the loop or at once. `list` is the courier's: those
 * under way. Without https (NULL) there is no response. */
void ocsp_fetch_start(struct ocsp_fetch **list, struct https *https, struct channel *hub,
                      const struct wire_ocsp_question *question);
void ocsp_fetches_drop(struct ocsp_fetch **list); /* without an answer */

#endif
