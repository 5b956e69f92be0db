/* SPDX-License-Identifier: Apache-2.0 */
/* tally - what a run counts, and the line of JSON it ends with.
 *
 * Times are microseconds of the monotonic clock. Latencies go into buckets of about 3 %.
 */
#ifndef BENCH_TALLY_H
#define BENCH_TALLY_H

#include "plan.h"

#include <stdint.h>
#include <stdio.h>

enum { TALLY_BUCKETS = 1024, TALLY_THUMBPRINTS = 64, TALLY_FAILURES = 32, TALLY_TEXT = 96 };

struct tally_thumbprint {
    char hex[41];
    uint64_t handshakes;
    uint64_t first_us; /* after the start of the run */
    uint64_t last_us;
};

struct tally_failure {
    char text[TALLY_TEXT];
    uint64_t times;
};

struct tally {
    uint64_t began_us;
    uint64_t measured_from_us; /* the end of the warm-up */
    uint64_t measured_until_us;
    uint64_t messages;        /* acknowledged in the measured time */
    uint64_t messages_all;    /* acknowledged at all */
    uint64_t messages_before; /* of these, during the warm-up */
    uint64_t sessions;        /* the same three for whole sessions */
    uint64_t sessions_all;
    uint64_t sessions_before;
    uint64_t opened;     /* connections begun */
    uint64_t failed;     /* connections that ended before their 221 */
    uint64_t unanswered; /* messages sent to the final dot whose answer never came */
    uint64_t errors;     /* wrong replies, lost connections, deadlines missed */
    uint64_t skipped;    /* connections due by --connect-rate when all were in use */
    unsigned held;
    uint32_t latency[TALLY_BUCKETS]; /* of messages, or of sessions when there are no messages */
    uint64_t latencies;
    struct tally_thumbprint thumbprint[TALLY_THUMBPRINTS];
    struct tally_failure failure[TALLY_FAILURES];
    FILE *log;
};

uint64_t tally_clock_us(void);
double tally_self_cpu_seconds(void);

void tally_message(struct tally *t, uint64_t begun_us, const char *id);
void tally_session(struct tally *t, uint64_t begun_us, bool latency);
void tally_failure(struct tally *t, const char *at, const char *what);
void tally_handshake(struct tally *t, const char *thumbprint);
void tally_print(const struct tally *t, const struct plan *plan, double self_cpu_seconds);

#endif
