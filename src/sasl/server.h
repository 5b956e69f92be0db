/* SPDX-License-Identifier: Apache-2.0 */
/* server - the server's side of a SASL exchange (RFC 4422): PLAIN (RFC 4616) and LOGIN.
 *
 * Messages come and go decoded; base64, "*" and line lengths are the protocol's affair (RFC 4954).
 * It verifies nothing: when the credentials are complete it says SASL_VERIFY, and the caller looks
 * them up wherever accounts live, in its own time. No I/O, no clock; what it kept is wiped at the
 * end.
 */
#ifndef SASL_SERVER_H
#define SASL_SERVER_H

#include "base/attributes.h"
#include "base/text.h"

enum { SASL_IDENTITY_MAX = 320, SASL_PASSWORD_MAX = 1024, SASL_MESSAGE_MAX = 2048 };

enum sasl_outcome {
    SASL_CHALLENGE, /* send the challenge (may be empty), bring the next message */
    SASL_VERIFY,    /* credentials complete: sasl_server_credentials */
    SASL_MALFORMED, /* answer 501, the exchange is over */
};

struct sasl_credentials { /* borrowed until sasl_server_free */
    struct slice authcid;
    struct slice authzid; /* empty: to act as oneself */
    struct slice password;
    bool acts_for_another; /* authzid is not empty: refuse, unless there is a right */
};

struct sasl_server;

enum sasl_begin_outcome { SASL_BEGIN_OK, SASL_BEGIN_UNKNOWN }; /* unknown: answer 504 */

/* Mechanism names are taken in any case. An outcome, or -ENOMEM. */
MUST_USE int sasl_server_begin(struct slice mechanism, struct sasl_server **out);
void sasl_server_free(struct sasl_server *server); /* wipes; accepts NULL */

/* The first step has a message only when the client sent an initial response. `challenge` is
 * cleared, then set on SASL_CHALLENGE. Every step after SASL_VERIFY or SASL_MALFORMED is
 * SASL_MALFORMED. */
enum sasl_outcome sasl_server_step(struct sasl_server *server, struct slice message,
                                   bool has_message, struct text *challenge);
struct sasl_credentials sasl_server_credentials(const struct sasl_server *server);

/* The mechanisms there are, in the order to offer: NULL past the last. */
const char *sasl_server_mechanism(size_t index);

#endif
