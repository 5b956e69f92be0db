/* SPDX-License-Identifier: Apache-2.0 */
/* view - what of an object is shown when nobody says what: one row per noun. */
#ifndef SHELL_VIEW_H
#define SHELL_VIEW_H

#include "base/slice.h"

enum { VIEW_COLUMNS_MAX = 24 };

struct view_column {
    const char *heading, *property; /* property may look inside: "Presents.Subject" */
    size_t least;                   /* width; a wide value makes it wider */
    bool whole;                     /* never cut short: thumbprints, identities */
};

enum view_shape {
    VIEW_TABLE,
    VIEW_LIST,
    VIEW_EXPLANATION,
    VIEW_TEXT /* the first property, as it is */
};

struct view {
    const char *noun;
    enum view_shape shape;
    struct view_column columns[VIEW_COLUMNS_MAX + 1]; /* ended by {0} */
    const char *not_listed; /* a property that is there for the table alone; may be NULL */
};

const struct view *
view_wide_of(struct slice noun);               /* with more columns where there are some worth it */
const struct view *view_of(struct slice noun); /* NULL: a list of everything */

#endif
