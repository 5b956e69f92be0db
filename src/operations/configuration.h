/* SPDX-License-Identifier: Apache-2.0 */
/* configuration - the whole configuration as text: for each kind of object the cmdlet that makes
 * one.
 *
 * There is one form, a document in JSON, and the script is that document printed:
 *
 *   {"format": 1, "server": "MX1", "objects": {"Mailbox": [{"Name": "anna", ...}], ...}}
 *   New-Mailbox -Name 'anna' ...
 *
 * An object of the document holds the parameters of its cmdlet by their whole names, and only those
 * that differ from what the cmdlet begins with. A script is run by the client's shell, which
 * gathers the cmdlets instead of running them, so both forms reach the hub as the same document.
 * The hub builds the objects it describes, finds those of the same name that are there (they keep
 * their ids), and makes the differences one change.
 *
 * Secrets stand in a parameter of their own: base64 of the object's id (16 bytes) and the sealed
 * bytes, since a seal is bound to the id. An object whose text has no such parameter keeps the
 * secret it has.
 *
 * A new kind of object needs a row here; its settings table does the rest unless it has parameters
 * that are no settings (`special`), which hub/configuration/make reads.
 */
#ifndef OPERATIONS_CONFIGURATION_H
#define OPERATIONS_CONFIGURATION_H

#include "operations/operation.h"

#include <jansson.h>

enum { CONFIGURATION_FORMAT = 1, CONFIGURATION_SPECIALS_MAX = 6, CONFIGURATION_ID_BYTES = 16 };

struct configuration_kind {
    enum model_kind kind;
    enum operation_id make;
    bool single; /* there is always one: what a text does not name has its fallbacks */
    const char *specials[CONFIGURATION_SPECIALS_MAX + 1]; /* parameters that are no settings */
    const char *secret;                                   /* the one that is sealed; or NULL */
};

/* In the order in which they can be made: what others name comes first. */
extern const struct configuration_kind configuration_kinds[];
extern const size_t configuration_kind_count;

/* The kind whose objects this operation makes; or NULL. */
const struct configuration_kind *configuration_kind_of(enum operation_id make);
const char *configuration_noun(const struct configuration_kind *row); /* "Mailbox" */
bool configuration_is_special(const struct configuration_kind *row, struct slice parameter);

/* The document as a script. False: no room. */
bool configuration_print_script(json_t *document, struct text *text);

#endif
