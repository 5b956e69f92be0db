/* SPDX-License-Identifier: Apache-2.0 */
/* configuration - `postern export`, `postern diff` and `postern apply`: the whole configuration as
 * a file. Return exit codes. */
#ifndef PROGRAMS_POSTERN_CONFIGURATION_H
#define PROGRAMS_POSTERN_CONFIGURATION_H

#include "programs/postern/place.h"

#include <stddef.h>

extern const char configuration_usage[];

int configuration_export(const struct place *place, const char *const *words, size_t count);
int configuration_diff(const struct place *place, const char *const *words, size_t count);
int configuration_apply(const struct place *place, const char *const *words, size_t count);

#endif
