/* SPDX-License-Identifier: Apache-2.0 */
/* mail_keys - the keys of a DKIM signing config as one sealed text of a configuration file.
 *
 * It holds the private halves as they are sealed, and which of them signs when. The public halves
 * are not in it: the vault tells them when the others open, so that they belong to each other.
 * A config has MAIL_KEYS keys at most, each with a part of its own.
 */
#ifndef HUB_CONFIGURATION_MAIL_KEYS_H
#define HUB_CONFIGURATION_MAIL_KEYS_H

#include "hub/configuration/item.h"
#include "model/model.h"

enum { MAIL_KEYS = DKIM_PLACES * DKIM_ALGORITHMS };

struct dkim_place_key *mail_key_at(struct dkim_signing_config *config, size_t part);
enum dkim_algorithm mail_key_algorithm(size_t part);

bool mail_keys_append(struct text *text, const struct dkim_signing_config *config);
/* Takes the place of all the config had of this; its public halves are gone. False: it is not what
 * mail_keys_append writes, or there is no memory. */
bool mail_keys_read(struct slice written, struct dkim_signing_config *config, struct arena *arena);
bool mail_keys_equal(const struct dkim_signing_config *a, const struct dkim_signing_config *b);

/* --- an item whose keys are to be made: it names none, and there is no config of its domain --- */
/* Which ones. False: the error says what is wrong with it. */
bool mail_keys_wish(const struct item *item, struct wire_dkim_make *out_make, struct text *error);
/* They become those of the item, as if it had named them. */
bool mail_keys_take_made(const struct item *item, struct object_id id,
                         const struct wire_dkim_made *made);
/* The public half of a part, which the vault has told. */
void mail_keys_note_public(const struct item *item, size_t part, struct slice public_key);

/* The keys that the item names, with their public halves; without a name nothing happens. */
bool mail_keys_apply(const struct item *item, struct dkim_signing_config *config,
                     struct arena *arena, struct text *error);

#endif
