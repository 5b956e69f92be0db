/* SPDX-License-Identifier: Apache-2.0 */
/* plan - what one run of the load generator shall do, as its options said it.
 *
 * Filled once by main and read by everybody; strings belong to the command line. The generator
 * shares no code with the server it measures: a mistake in a room must not hide itself here.
 */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

#include <stdbool.h>
#include <stddef.h>

enum plan_security { PLAN_PLAIN, PLAN_STARTTLS, PLAN_IMPLICIT };

struct plan {
    const char *address; /* IPv4, in numbers */
    unsigned port;
    unsigned connections;    /* at the same time */
    unsigned messages;       /* per connection; 0: greeting, EHLO, TLS if wanted, QUIT */
    unsigned total_messages; /* stop after so many; 0: only time ends the run */
    unsigned size_bytes;     /* of a message, header included */
    double seconds;          /* measured time */
    double warmup_seconds;   /* before it */
    double timeout_seconds;  /* for one reply, and for the last ones after the measured time */
    enum plan_security security;
    const char *tls_version; /* "1.2", "1.3" or NULL */
    const char *user;        /* AUTH PLAIN, or NULL */
    const char *password;
    const char *from;
    const char *to;
    const char *log_path; /* one line for each message that was acknowledged */
    double connect_rate;  /* new connections per second; 0: as fast as the old ones end */
    bool idle;            /* open all, keep them for the measured time */
    bool pipelining;
    bool reconnect; /* after a failure too */
    bool marks;     /* say "warm" and "held" on standard output when it is so */
};

#endif
