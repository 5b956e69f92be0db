/* SPDX-License-Identifier: Apache-2.0 */
/* header_family - fields that only a trusted client may bring along (the header firewall), by name.
 *
 * Where a message has been, and what servers of one organization tell each other about it. From
 * others such fields would be claims that nobody has checked.
 */
#ifndef MAIL_HEADER_FAMILY_H
#define MAIL_HEADER_FAMILY_H

#include "base/slice.h"

enum header_family {
    HEADER_FAMILY_ROUTING = 1,        /* Received, Resent-* */
    HEADER_FAMILY_ORGANIZATION = 2,   /* X-MS-Exchange-Organization-* */
    HEADER_FAMILY_FOREST = 4,         /* X-MS-Exchange-Forest-* */
    HEADER_FAMILY_CROSS_PREMISES = 8, /* X-MS-Exchange-CrossPremises-*: the organization's, written
                                         by its other half */
};

#define HEADER_ORGANIZATION_TEXT "X-MS-Exchange-Organization-"
#define HEADER_CROSS_PREMISES_TEXT "X-MS-Exchange-CrossPremises-"
#define HEADER_ORGANIZATION_INIT SLICE_INIT(HEADER_ORGANIZATION_TEXT)
#define HEADER_CROSS_PREMISES_INIT SLICE_INIT(HEADER_CROSS_PREMISES_TEXT)

unsigned header_family_of(struct slice field_name); /* 0: none of them; case does not matter */

#endif
