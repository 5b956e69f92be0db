/* SPDX-License-Identifier: Apache-2.0 */
/* configuration_file - a file that describes a configuration as the document of
 * operations/configuration.
 *
 * JSON is taken as it is. Anything else is a script: the shell runs it, so variables and loops
 * work, but its cmdlets are gathered instead of being sent. Those that ask the server or change
 * something that is there are refused: a description needs neither.
 */
#ifndef PROGRAMS_POSTERN_CONFIGURATION_FILE_H
#define PROGRAMS_POSTERN_CONFIGURATION_FILE_H

#include "base/text.h"
#include "programs/postern/place.h"

#include <jansson.h>

/* The document as text, for FileData. False: it has been said on standard error why not. */
bool configuration_file_read(const struct place *place, const char *path, struct text *out_text);

#endif
