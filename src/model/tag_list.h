/* SPDX-License-Identifier: Apache-2.0 */
/* tag_list - the TXT records of MTA-STS (RFC 8461 3.1) and of TLS reports (RFC 8460 3): a version,
 * then "name=value" with semicolons between. Pure; slices point into the record.
 */
#ifndef MODEL_TAG_LIST_H
#define MODEL_TAG_LIST_H

#include "base/slice.h"

enum tag_list_outcome {
    TAG_LIST_OK,
    TAG_LIST_NONE,    /* no record of this version */
    TAG_LIST_SEVERAL, /* more than one, which counts as none */
    TAG_LIST_MALFORMED,
};

/* Of all TXT records of a name the one that begins with `version` ("v=STSv1;"); what is behind it.
 */
enum tag_list_outcome tag_list_choose(const struct slice *records, size_t count,
                                      struct slice version, struct slice *out_rest);

struct tag {
    struct slice name, value;
};

/* Takes the next field; TAG_LIST_NONE behind the last one. */
enum tag_list_outcome tag_list_next(struct slice *rest, struct tag *out_tag);

#endif
