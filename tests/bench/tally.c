/* SPDX-License-Identifier: Apache-2.0 */
#include "tally.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { BUCKET_BITS = 5 }; /* buckets per power of two: 32 */

uint64_t tally_clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

double tally_self_cpu_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* Below 32 us each value has its bucket; above, the five bits behind the highest one count. */
static unsigned bucket_of(uint64_t us)
{
    if (us < (1u << BUCKET_BITS))
        return (unsigned)us;
    unsigned shift = 63u - (unsigned)__builtin_clzll(us) - BUCKET_BITS;
    unsigned bucket = ((shift + 1) << BUCKET_BITS) | (unsigned)((us >> shift) & 31u);
    return bucket < TALLY_BUCKETS ? bucket : TALLY_BUCKETS - 1;
}

static double bucket_middle_us(unsigned bucket)
{
    if (bucket < (1u << BUCKET_BITS))
        return bucket;
    unsigned shift = (bucket >> BUCKET_BITS) - 1;
    return (double)(32u + (bucket & 31u)) * (double)(1ull << shift) + (double)(1ull << shift) / 2;
}

static double quantile_ms(const struct tally *t, double part)
{
    uint64_t wanted = (uint64_t)((double)t->latencies * part), seen = 0;
    for (unsigned i = 0; i < TALLY_BUCKETS; i++) {
        seen += t->latency[i];
        if (t->latency[i] && seen > wanted)
            return bucket_middle_us(i) / 1e3;
    }
    return 0;
}

static bool is_measured(const struct tally *t, uint64_t now_us)
{
    return now_us >= t->measured_from_us && now_us < t->measured_until_us;
}

static void add_latency(struct tally *t, uint64_t us)
{
    t->latency[bucket_of(us)]++;
    t->latencies++;
}

void tally_message(struct tally *t, uint64_t begun_us, const char *id)
{
    uint64_t now_us = tally_clock_us();
    t->messages_all++;
    if (is_measured(t, now_us)) {
        t->messages++;
        add_latency(t, now_us - begun_us);
    }
    if (t->log)
        fprintf(t->log, "%s\n", id);
}

void tally_session(struct tally *t, uint64_t begun_us, bool latency)
{
    uint64_t now_us = tally_clock_us();
    t->sessions_all++;
    if (!is_measured(t, now_us))
        return;
    t->sessions++;
    if (latency)
        add_latency(t, now_us - begun_us);
}

/* The text of a failure comes from the server: only printable ASCII that JSON need not escape. */
void tally_failure(struct tally *t, const char *at, const char *what)
{
    char text[TALLY_TEXT];
    snprintf(text, sizeof text, "%s: %s", at, what);
    for (char *c = text; *c; c++)
        if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\')
            *c = '?';
    t->errors++;
    for (unsigned i = 0; i < TALLY_FAILURES; i++) {
        if (t->failure[i].times == 0)
            memcpy(t->failure[i].text, text, sizeof text);
        if (strcmp(t->failure[i].text, text) == 0) {
            t->failure[i].times++;
            return;
        }
    }
}

void tally_handshake(struct tally *t, const char *thumbprint)
{
    uint64_t after_us = tally_clock_us() - t->began_us;
    for (unsigned i = 0; i < TALLY_THUMBPRINTS; i++) {
        struct tally_thumbprint *row = &t->thumbprint[i];
        if (row->handshakes == 0) {
            snprintf(row->hex, sizeof row->hex, "%s", thumbprint);
            row->first_us = after_us;
        }
        if (strcmp(row->hex, thumbprint) == 0) {
            row->handshakes++;
            row->last_us = after_us;
            return;
        }
    }
}

static void print_thumbprints(const struct tally *t)
{
    fputs("\"thumbprints\":{", stdout);
    for (unsigned i = 0; i < TALLY_THUMBPRINTS && t->thumbprint[i].handshakes; i++) {
        const struct tally_thumbprint *row = &t->thumbprint[i];
        printf("%s\"%s\":{\"handshakes\":%llu,\"first_s\":%.3f,\"last_s\":%.3f}", i ? "," : "",
               row->hex, (unsigned long long)row->handshakes, (double)row->first_us / 1e6,
               (double)row->last_us / 1e6);
    }
    fputs("}", stdout);
}

static void print_failures(const struct tally *t)
{
    fputs("\"failures\":{", stdout);
    for (unsigned i = 0; i < TALLY_FAILURES && t->failure[i].times; i++)
        printf("%s\"%s\":%llu", i ? "," : "", t->failure[i].text,
               (unsigned long long)t->failure[i].times);
    fputs("}", stdout);
}

/* A measured time that was cut short (all messages sent, all connections lost) counts as it was. */
static double measured_seconds(const struct tally *t)
{
    uint64_t now_us = tally_clock_us();
    uint64_t until_us = now_us < t->measured_until_us ? now_us : t->measured_until_us;
    return until_us > t->measured_from_us ? (double)(until_us - t->measured_from_us) / 1e6 : 1e-6;
}

void tally_print(const struct tally *t, const struct plan *plan, double self_cpu_seconds)
{
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {
        {"messages", t->messages},
        {"messages_counted", t->messages_all - t->messages_before}, /* the warm-up left out */
        {"messages_all", t->messages_all},
        {"sessions", t->sessions},
        {"sessions_counted", t->sessions_all - t->sessions_before},
        {"opened", t->opened},
        {"failed", t->failed},
        {"unanswered", t->unanswered},
        {"skipped", t->skipped},
        {"held", t->held},
        {"errors", t->errors},
    };
    double seconds = measured_seconds(t);
    uint64_t units = plan->messages ? t->messages : t->sessions;
    fputs("{", stdout);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        printf("\"%s\":%llu,", counts[i].name, (unsigned long long)counts[i].value);
    printf("\"seconds\":%.3f,\"rate\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"self_cpu_s\":%.3f,",
           seconds, (double)units / seconds, quantile_ms(t, 0.50), quantile_ms(t, 0.99),
           self_cpu_seconds);
    print_thumbprints(t);
    fputs(",", stdout);
    print_failures(t);
    fputs("}\n", stdout);
}
