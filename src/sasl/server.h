/* SPDX-License-Identifier: Apache-2.0 */
/* server - the server's side of a SASL exchange (RFC 4422): PLAIN (RFC 4616) and LOGIN, which send
 * the password, SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), which prove it.
 *
 * Messages come and go decoded; base64, "*" and line lengths are the protocol's affair (RFC 4954).
 * It knows no accounts. When a password was sent it says SASL_VERIFY, and the caller checks it, in
 * its own time. When a name is to be proven it says SASL_LOOK_UP, and goes on as soon as the caller
 * has brought the name's keys. No I/O, no clock; what it kept is wiped at the end.
 */
#ifndef SASL_SERVER_H
#define SASL_SERVER_H

#include "base/attributes.h"
#include "base/text.h"
#include "sasl/keys.h"

enum {
    SASL_IDENTITY_MAX = 320,
    SASL_PASSWORD_MAX = 1024,
    SASL_MESSAGE_MAX = 2048,
    SASL_BINDING_MAX = 64
};

enum sasl_outcome {
    SASL_CHALLENGE, /* send the challenge (may be empty), bring the next message */
    SASL_VERIFY,    /* credentials complete: sasl_server_credentials */
    SASL_LOOK_UP,   /* so far a name, in sasl_server_credentials; now sasl_server_keys */
    SASL_PROVEN,    /* by the password the keys were made of; the exchange is over */
    SASL_REFUSED,   /* answer 535: not proven, or bound to another session; it is over */
    SASL_MALFORMED, /* answer 501, the exchange is over */
};

struct sasl_credentials { /* borrowed until sasl_server_free */
    struct slice authcid;
    struct slice authzid;  /* empty: to act as oneself */
    struct slice password; /* empty behind SASL_LOOK_UP */
    bool acts_for_another; /* authzid is not empty: refuse, unless there is a right */
};

struct sasl_server;

enum sasl_begin_outcome { SASL_BEGIN_OK, SASL_BEGIN_UNKNOWN }; /* unknown: answer 504 */

/* Mechanism names are taken in any case. `binding` is the channel's tls-exporter bytes (RFC 9266)
 * if SCRAM-SHA-256-PLUS was offered, else empty. An outcome, or -ENOMEM. */
MUST_USE int sasl_server_begin(struct slice mechanism, struct slice binding,
                               struct sasl_server **out);
void sasl_server_free(struct sasl_server *server); /* wipes; accepts NULL */

/* The first step has a message only when the client sent an initial response. `challenge` is
 * cleared, then set on SASL_CHALLENGE. Every step behind an end is SASL_MALFORMED. */
enum sasl_outcome sasl_server_step(struct sasl_server *server, struct slice message,
                                   bool has_message, struct text *challenge);
/* Behind SASL_LOOK_UP: SASL_CHALLENGE, or the end. A name without keys gets some that nobody has
 * the password of, so that it is refused where a wrong password is. */
enum sasl_outcome sasl_server_keys(struct sasl_server *server, const struct sasl_keys *keys,
                                   struct text *challenge);
struct sasl_credentials sasl_server_credentials(const struct sasl_server *server);

/* The mechanisms there are, in the order to offer: NULL past the last. */
const char *sasl_server_mechanism(size_t index);

#endif
