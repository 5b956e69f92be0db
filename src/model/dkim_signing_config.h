/* SPDX-License-Identifier: Apache-2.0 */
/* dkim_signing_config - that mail of a domain is signed, with which keys, and which of them now.
 *
 * There are two places for keys, selector1 and selector2, so that the next key can be published
 * before it is used: New- fills the first, each Rotate- the one that rests. A place may hold an RSA
 * key and an Ed25519 key, with a name each, for one name of DNS holds one key. The sealed halves
 * open in the vault alone.
 */
#ifndef MODEL_DKIM_SIGNING_CONFIG_H
#define MODEL_DKIM_SIGNING_CONFIG_H

#include "dkim/record.h"
#include "model/object.h"

enum { DKIM_PLACES = 2 };
enum dkim_keys { DKIM_KEYS_RSA = 1, DKIM_KEYS_ED25519, DKIM_KEYS_BOTH };
enum dkim_form { DKIM_FORM_RELAXED = 1, DKIM_FORM_SIMPLE };

struct dkim_place_key {
    struct slice public_key; /* as dkim/key has it; empty: there is none */
    struct slice sealed;
};

struct dkim_signing_config {
    struct object_id id;
    uint64_t version;
    int64_t created_ms, changed_ms;
    struct slice domain_name; /* as it was written; this one, none below it */
    bool enabled;
    uint32_t header_form, body_form;          /* enum dkim_form */
    uint32_t key_algorithm;                   /* enum dkim_keys, of keys that are made next */
    int64_t key_bits;                         /* the same, of RSA */
    int64_t key_created_ms;                   /* of the newest */
    int64_t rotate_on_ms;                     /* 0: never */
    uint32_t selector_before, selector_after; /* 1 or 2: in use before and from then on */
    struct dkim_place_key keys[DKIM_PLACES][DKIM_ALGORITHMS];
};

extern const struct setting dkim_signing_config_settings[];

struct model;
/* For exactly this domain, however it is spelled; or NULL. */
struct dkim_signing_config *dkim_signing_config_of(const struct model *model, struct slice domain);
/* The place whose keys sign now. */
unsigned dkim_place_in_use(const struct dkim_signing_config *config, int64_t now_ms);
/* A rotation was ordered and its date has not come. */
bool dkim_rotation_pending(const struct dkim_signing_config *config, int64_t now_ms);
/* "selector1", or "selector1-ed25519". */
struct slice dkim_selector(unsigned place, enum dkim_algorithm algorithm);
bool dkim_keys_include(uint32_t keys, enum dkim_algorithm algorithm);

#endif
