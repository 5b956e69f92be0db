/* SPDX-License-Identifier: Apache-2.0 */
/* nearest - which of several names somebody probably meant. */
#ifndef OPERATIONS_NEAREST_H
#define OPERATIONS_NEAREST_H

#include "base/slice.h"

/* Letters to add, drop or exchange to make one name into the other, case ignored; names are
 * looked at up to 64 bytes. For names too far apart to be meant it may be less than that. */
size_t name_distance(struct slice a, struct slice b);
/* Whether `distance` is small enough to suggest a name of `len` bytes. */
bool name_near_enough(size_t distance, size_t len);

#endif
