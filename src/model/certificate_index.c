/* SPDX-License-Identifier: Apache-2.0 */
#include "model/certificate_index.h"

#include <stdlib.h>

/* A key is a hash of what is asked for. Two that meet cost a look at a certificate that does not
 * match, no more. */
struct index_entry {
    uint64_t key;
    const struct certificate *certificate;
};

struct certificate_index {
    size_t count;
    struct index_entry entries[]; /* sorted by key */
};

enum key_kind { KEY_THUMBPRINT = 1, KEY_NAME, KEY_HOST, KEY_WILDCARD_PARENT };

static uint64_t hash_byte(uint64_t hash, char byte)
{
    return (hash ^ (unsigned char)byte) * 0x100000001b3u; /* FNV-1a */
}

static uint64_t hash_start(enum key_kind kind)
{
    return hash_byte(0xcbf29ce484222325u, (char)kind);
}

static uint64_t hash_bytes(uint64_t hash, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        hash = hash_byte(hash, bytes.at[i]);
    return hash;
}

static uint64_t key_of_thumbprint(struct slice thumbprint)
{
    return hash_bytes(hash_start(KEY_THUMBPRINT), thumbprint);
}

static uint64_t key_of_name(struct slice issuer_der, struct slice subject_der)
{
    return hash_bytes(hash_bytes(hash_start(KEY_NAME), issuer_der), subject_der);
}

static uint64_t key_of_host(enum key_kind kind, struct slice host)
{
    uint64_t hash = hash_start(kind);
    for (size_t i = 0; i < host.len; i++)
        hash = hash_byte(hash, ascii_lower(host.at[i]));
    return hash;
}

/* As certificate_dns_name_matches takes names: one dot at the end does not count. */
static struct slice without_dot(struct slice host)
{
    if (host.len && host.at[host.len - 1] == '.')
        host.len--;
    return host;
}

static uint64_t key_of_pattern(struct slice pattern)
{
    struct slice host = without_dot(pattern);
    bool wildcard = slice_take_prefix(&host, SLICE("*."));
    return key_of_host(wildcard ? KEY_WILDCARD_PARENT : KEY_HOST, host);
}

static void add(struct certificate_index *index, uint64_t key,
                const struct certificate *certificate)
{
    index->entries[index->count++] = (struct index_entry){key, certificate};
}

static void add_certificate(struct certificate_index *index, const struct certificate *certificate)
{
    add(index, key_of_thumbprint(certificate->thumbprint), certificate);
    add(index, key_of_name(certificate->issuer_der, certificate->subject_der), certificate);
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

static int compare_entries(const void *left, const void *right)
{
    const struct index_entry *a = left, *b = right;
    return (a->key > b->key) - (a->key < b->key);
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

static void look_up(const struct certificate_index *index, uint64_t key,
                    struct certificate_lookup *lookup, size_t run)
{
    size_t low = 0, high = index->count;
    while (low < high) { /* the first entry that does not stand before the key */
        size_t middle = low + (high - low) / 2;
        if (index->entries[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    lookup->runs[run].at = &index->entries[low];
    while (low < index->count && index->entries[low].key == key)
        low++;
    lookup->runs[run].end = &index->entries[low];
}

struct certificate_lookup certificate_index_by_thumbprint(const struct certificate_index *index,
                                                          struct slice thumbprint)
{
    struct certificate_lookup lookup = {0};
    look_up(index, key_of_thumbprint(thumbprint), &lookup, 0);
    return lookup;
}

struct certificate_lookup certificate_index_by_name(const struct certificate_index *index,
                                                    struct slice issuer_der,
                                                    struct slice subject_der)
{
    struct certificate_lookup lookup = {0};
    look_up(index, key_of_name(issuer_der, subject_der), &lookup, 0);
    return lookup;
}

struct certificate_lookup certificate_index_by_host(const struct certificate_index *index,
                                                    struct slice host)
{
    struct certificate_lookup lookup = {0};
    struct slice parent = without_dot(host), label;
    look_up(index, key_of_host(KEY_HOST, parent), &lookup, 0);
    if (slice_take_until(&parent, '.', &label))
        look_up(index, key_of_host(KEY_WILDCARD_PARENT, parent), &lookup, 1);
    return lookup;
}

const struct certificate *certificate_lookup_next(struct certificate_lookup *lookup)
{
    for (size_t run = 0; run < COUNT_OF(lookup->runs); run++)
        if (lookup->runs[run].at < lookup->runs[run].end)
            return lookup->runs[run].at++->certificate;
    return NULL;
}
