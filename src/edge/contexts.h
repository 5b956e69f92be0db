/* SPDX-License-Identifier: Apache-2.0 */
/* contexts - the TLS contexts of a snapshot that were used lately, by connector and certificate.
 *
 * A context costs more than half a handshake to make and tens of kilobytes to keep. A client may
 * ask for any host there is a certificate for, so the number kept has a ceiling: a new one takes
 * the place of an old one that shares its set. Sessions hold references of their own.
 */
#ifndef EDGE_CONTEXTS_H
#define EDGE_CONTEXTS_H

#include "model/model.h"

#include <stddef.h>

struct tls_context;

enum { CONTEXTS_SETS = 512 /* a power of two */, CONTEXTS_WAYS = 4 };

struct context_entry {
    const struct receive_connector *connector; /* NULL: free */
    const struct certificate *certificate;
    struct tls_context *context; /* NULL: could not be made, which is remembered too */
};

struct contexts {
    struct context_entry entries[CONTEXTS_SETS][CONTEXTS_WAYS];
    unsigned char oldest[CONTEXTS_SETS]; /* the way that is given up next */
};

/* NULL: there is none yet. Good until the next contexts_keep. */
const struct context_entry *contexts_find(const struct contexts *contexts,
                                          const struct receive_connector *connector,
                                          const struct certificate *certificate);
/* Takes the reference of a context just made (or NULL) and returns it, borrowed. */
struct tls_context *contexts_keep(struct contexts *contexts,
                                  const struct receive_connector *connector,
                                  const struct certificate *certificate,
                                  struct tls_context *context_take);
void contexts_deinit(struct contexts *contexts);

#endif
