/* SPDX-License-Identifier: Apache-2.0 */
#include "model/certificate_index.h"

#include <stdlib.h>

enum key_kind { KEY_THUMBPRINT, KEY_NAME, KEY_HOST, KEY_WILDCARD_PARENT };

struct key {
    enum key_kind kind;
    struct slice at, more; /* of KEY_NAME issuer and subject, else one */
};

struct index_entry {
    struct key key;
    const struct certificate *certificate;
};

struct certificate_index {
    size_t count;
    struct index_entry entries[]; /* sorted by key */
};

static int compare_keys(const struct key *a, const struct key *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->kind == KEY_HOST || a->kind == KEY_WILDCARD_PARENT)
        return slice_compare_nocase(a->at, b->at);
    int order = slice_compare(a->at, b->at);
    return order ? order : slice_compare(a->more, b->more);
}

static int compare_entries(const void *left, const void *right)
{
    const struct index_entry *a = left, *b = right;
    return compare_keys(&a->key, &b->key);
}

/* As certificate_dns_name_matches takes names: one dot at the end does not count. */
static struct slice without_dot(struct slice host)
{
    if (host.len && host.at[host.len - 1] == '.')
        host.len--;
    return host;
}

static struct key key_of_pattern(struct slice pattern)
{
    struct key key = {.kind = KEY_HOST, .at = without_dot(pattern)};
    if (slice_take_prefix(&key.at, SLICE("*.")))
        key.kind = KEY_WILDCARD_PARENT;
    return key;
}

static void add(struct certificate_index *index, struct key key,
                const struct certificate *certificate)
{
    index->entries[index->count++] = (struct index_entry){key, certificate};
}

static void add_certificate(struct certificate_index *index, const struct certificate *certificate)
{
    add(index, (struct key){KEY_THUMBPRINT, certificate->thumbprint, {0}}, certificate);
    add(index, (struct key){KEY_NAME, certificate->issuer_der, certificate->subject_der},
        certificate);
    for (size_t i = 0; i < certificate->dns_names.count; i++)
        add(index, key_of_pattern(certificate->dns_names.at[i]), certificate);
}

static size_t count_keys(const struct model *model)
{
    size_t keys = 0;
    for (size_t i = 0; i < model_count(model, MODEL_CERTIFICATE); i++)
        keys += 2 + model_certificate(model, i)->dns_names.count;
    return keys;
}

struct certificate_index *certificate_index_new(const struct model *model)
{
    struct certificate_index *index =
        malloc(sizeof *index + count_keys(model) * sizeof index->entries[0]);
    if (!index)
        return NULL;
    index->count = 0;
    for (size_t i = 0; i < model_count(model, MODEL_CERTIFICATE); i++)
        add_certificate(index, model_certificate(model, i));
    qsort(index->entries, index->count, sizeof index->entries[0], compare_entries);
    return index;
}

void certificate_index_free(struct certificate_index *index)
{
    free(index);
}

/* --- looking up --- */

/* The first entry that does not stand before the key; with `behind`, the first one behind it. */
static const struct index_entry *bound(const struct certificate_index *index, const struct key *key,
                                       bool behind)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_keys(&index->entries[middle].key, key);
        if (order < 0 || (behind && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return &index->entries[low];
}

static void look_up(const struct certificate_index *index, struct key key,
                    struct certificate_lookup *lookup, size_t run)
{
    lookup->runs[run].at = bound(index, &key, false);
    lookup->runs[run].end = bound(index, &key, true);
}

struct certificate_lookup certificate_index_by_thumbprint(const struct certificate_index *index,
                                                          struct slice thumbprint)
{
    struct certificate_lookup lookup = {0};
    look_up(index, (struct key){KEY_THUMBPRINT, thumbprint, {0}}, &lookup, 0);
    return lookup;
}

struct certificate_lookup certificate_index_by_name(const struct certificate_index *index,
                                                    struct slice issuer_der,
                                                    struct slice subject_der)
{
    struct certificate_lookup lookup = {0};
    look_up(index, (struct key){KEY_NAME, issuer_der, subject_der}, &lookup, 0);
    return lookup;
}

struct certificate_lookup certificate_index_by_host(const struct certificate_index *index,
                                                    struct slice host)
{
    struct certificate_lookup lookup = {0};
    struct slice parent = without_dot(host), label;
    look_up(index, (struct key){KEY_HOST, parent, {0}}, &lookup, 0);
    if (slice_take_until(&parent, '.', &label))
        look_up(index, (struct key){KEY_WILDCARD_PARENT, parent, {0}}, &lookup, 1);
    return lookup;
}

const struct certificate *certificate_lookup_next(struct certificate_lookup *lookup)
{
    for (size_t run = 0; run < COUNT_OF(lookup->runs); run++)
        if (lookup->runs[run].at < lookup->runs[run].end)
            return lookup->runs[run].at++->certificate;
    return NULL;
}
