/* SPDX-License-Identifier: Apache-2.0 */
/* client - the client's side of a SASL exchange (RFC 4422): PLAIN (RFC 4616) and LOGIN, which send
 * the password, SCRAM-SHA-256 (RFC 7677), which proves it and has the server prove that it knows
 * it, too.
 *
 * Messages come and go decoded, as in sasl/server. What the server says is not believed: how often
 * SCRAM hashes is bounded in both directions (a few times would give the password away, a great
 * many would keep us busy), and an exchange is complete only when the server has proven what the
 * mechanism has it prove. No I/O, no clock; what it kept is wiped at the end.
 */
#ifndef SASL_CLIENT_H
#define SASL_CLIENT_H

#include "base/attributes.h"
#include "base/text.h"

enum {
    SASL_CLIENT_NAME_MAX = 320,
    SASL_CLIENT_PASSWORD_MAX = 1024,
    SASL_CLIENT_ITERATIONS_MIN = 4096, /* RFC 7677 4 */
    SASL_CLIENT_ITERATIONS_MAX = 1000000,
};

enum sasl_client_outcome {
    SASL_CLIENT_MESSAGE,      /* send the message, bring what the server says to it */
    SASL_CLIENT_LAST_MESSAGE, /* send it; the server may now accept */
    SASL_CLIENT_NO_MESSAGE,   /* the server speaks first */
    SASL_CLIENT_FAILED,       /* cancel: the server is wrong; every further step is this, too */
};

struct sasl_client;

enum sasl_client_begin_outcome { SASL_CLIENT_BEGUN, SASL_CLIENT_UNKNOWN, SASL_CLIENT_UNFIT };

/* Mechanism names are taken in any case. Name and password are copied. SASL_CLIENT_UNFIT: one of
 * them is empty, too long or has a NUL in it. An outcome, or -ENOMEM. */
MUST_USE int sasl_client_begin(struct slice mechanism, struct slice name, struct slice password,
                               struct sasl_client **out);
void sasl_client_free(struct sasl_client *client); /* wipes; accepts NULL */

/* The first step has no challenge. The message is a secret, the caller's to wipe; `message` is
 * cleared first. */
enum sasl_client_outcome sasl_client_step(struct sasl_client *client, struct slice challenge,
                                          bool has_challenge, struct text *message);

/* The mechanisms there are, the best first: NULL past the last. */
const char *sasl_client_mechanism(size_t index);

#endif
