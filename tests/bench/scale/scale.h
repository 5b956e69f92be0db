/* SPDX-License-Identifier: Apache-2.0 */
/* scale - a configuration of thousands of connectors and certificates: made, stored, measured.
 *
 * Connector i takes the clients of one /24 of 10.0.0.0/8 and presents a certificate of its own:
 * the even ones by name, the odd ones by Fqdn.
 */
#ifndef TESTS_BENCH_SCALE_H
#define TESTS_BENCH_SCALE_H

#include "model/model.h"
#include "vault/kek.h"

enum { SCALE_MAX = 60000 };

struct scale {
    size_t count;          /* of connectors, and of certificates */
    uint16_t port;         /* all listen on this one; 0: each on one of its own */
    const struct kek *kek; /* seals the keys; NULL: certificates without stored keys */
};

/* Adds them to a model that has its server. A failure ends the program with a sentence. */
void scale_fill(struct model *model, const struct scale *scale);
/* A client of connector `number`, and the host it would ask for. */
struct ip_address scale_client(size_t number);
void scale_host(size_t number, char out[64]);

/* Puts the configuration into the store of a server that has been started once and stopped. */
int scale_populate(const char *data, const char *count, const char *port);
/* Prints what it costs in memory and time, without a server. */
int scale_measure(const char *count);

_Noreturn void scale_give_up(const char *what, struct slice why);

#endif
