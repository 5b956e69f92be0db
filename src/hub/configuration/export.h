/* SPDX-License-Identifier: Apache-2.0 */
/* export - the model as the document of operations/configuration. */
#ifndef HUB_CONFIGURATION_EXPORT_H
#define HUB_CONFIGURATION_EXPORT_H

#include "hub/state.h"

#include <jansson.h>

/* NULL without memory. With `secrets` it holds the sealed keys and passwords. */
json_t *configuration_document(const struct hub *hub, bool secrets);

#endif
