/* SPDX-License-Identifier: Apache-2.0 */
/* header - a header section as filters see and change it: fields in order, counted by their name.
 *
 * The section is lines with CR LF, without the blank line behind it. Values that filters give have
 * LF or CR LF between their lines; what they write always stays one field: a line that does not
 * begin with a blank gets a tab.
 */
#ifndef MILTER_HEADER_H
#define MILTER_HEADER_H

#include "base/text.h"

struct header_field {
    struct slice whole; /* with its last line end */
    struct slice name;
    struct slice value; /* all behind the colon, without the last line end */
};

/* Takes the next field; false at the end. A line without a colon is a field without a value. */
bool header_take(struct slice *rest, struct header_field *out);

/* False: no field can be called so, or the section has reached its ceiling (and is as it was).
 * `as_is`: the value brings its own blank behind the colon. */
bool header_add(struct text *section, struct slice name, struct slice value, bool as_is);
/* Before the field that is number `index`, from 0; behind all when there are fewer. */
bool header_insert(struct text *section, uint32_t index, struct slice name, struct slice value,
                   bool as_is);
/* The field that is number `index` of its name, from 1 (0 is 1): another value, or none at all when
 * it is empty. Where there are fewer it is added. */
bool header_change(struct text *section, uint32_t index, struct slice name, struct slice value,
                   bool as_is);

/* A value as filters get it: LF between the lines; without the first blank unless `as_is`. */
void header_append_value(struct text *out, struct slice value, bool as_is);

#endif
