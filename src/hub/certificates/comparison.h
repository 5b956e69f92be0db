/* SPDX-License-Identifier: Apache-2.0 */
/* comparison - what the connectors of a model present now, beside what they did in an earlier one.
 *
 * Connectors about which nothing has changed that a choice could depend on are passed over: a
 * change of one connector among thousands costs two choices, not thousands.
 */
#ifndef HUB_CERTIFICATES_COMPARISON_H
#define HUB_CERTIFICATES_COMPARISON_H

#include "model/certificate_choice.h"

struct comparison {
    const struct model *before, *after;
    struct certificate_index *before_index, *after_index; /* NULL where few are asked about */
    bool only_connectors; /* certificates and server are the same in both */
    int64_t at_ms;
    size_t next, near;
};

struct compared {
    const struct receive_connector *connector, *earlier; /* earlier NULL: it is new */
    struct certificate_choice choice, earlier_choice;
};

/* before may be NULL: then every connector is new. */
void comparison_begin(struct comparison *comparison, const struct model *before,
                      const struct model *after);
/* False: there are no more. */
bool comparison_next(struct comparison *comparison, struct compared *out);
void comparison_end(struct comparison *comparison);

#endif
