/* SPDX-License-Identifier: Apache-2.0 */
/* explanation - which certificate, and why, on one screen. */
#ifndef SHELL_EXPLANATION_H
#define SHELL_EXPLANATION_H

#include "base/text.h"

#include <jansson.h>

/* One object of Test-ReceiveConnectorCertificate. */
bool explanation_append(struct text *text, json_t *object);
/* "2CBC3F4B...9319" */
bool thumbprint_append_short(struct text *text, struct slice thumbprint);

#endif
