/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/contexts.h"

#include "tls/context.h"

_Static_assert((CONTEXTS_SETS & (CONTEXTS_SETS - 1)) == 0, "a mask picks the set");

static size_t set_of(const struct receive_connector *connector,
                     const struct certificate *certificate)
{
    uint64_t hash = (uint64_t)(uintptr_t)connector * 0x9e3779b97f4a7c15u;
    hash = (hash ^ hash >> 29 ^ (uint64_t)(uintptr_t)certificate) * 0xbf58476d1ce4e5b9u;
    return (size_t)(hash >> 32) & (CONTEXTS_SETS - 1);
}

const struct context_entry *contexts_find(const struct contexts *contexts,
                                          const struct receive_connector *connector,
                                          const struct certificate *certificate)
{
    const struct context_entry *ways = contexts->entries[set_of(connector, certificate)];
    for (size_t i = 0; i < CONTEXTS_WAYS; i++)
        if (ways[i].connector == connector && ways[i].certificate == certificate)
            return &ways[i];
    return NULL;
}

struct tls_context *contexts_keep(struct contexts *contexts,
                                  const struct receive_connector *connector,
                                  const struct certificate *certificate,
                                  struct tls_context *context)
{
    size_t set = set_of(connector, certificate);
    struct context_entry *entry = &contexts->entries[set][contexts->oldest[set]];
    contexts->oldest[set] = (unsigned char)((contexts->oldest[set] + 1) % CONTEXTS_WAYS);
    tls_context_unref(entry->context);
    *entry = (struct context_entry){connector, certificate, context};
    return context;
}

void contexts_deinit(struct contexts *contexts)
{
    for (size_t set = 0; set < CONTEXTS_SETS; set++)
        for (size_t way = 0; way < CONTEXTS_WAYS; way++)
            tls_context_unref(contexts->entries[set][way].context);
}
