/* SPDX-License-Identifier: Apache-2.0 */
/* operation_certificate - what the files of this noun share. */
#ifndef HUB_OPERATION_CERTIFICATE_H
#define HUB_OPERATION_CERTIFICATE_H

#include "hub/operation_object.h"

/* As Get-ExchangeCertificate shows it; never the key, never the bytes. */
json_t *certificate_json(struct call *call, const void *certificate);
/* Adds or takes away what -Services names. False: the call has failed. */
MUST_USE bool certificate_change_services(struct call *call, struct certificate *certificate,
                                          bool add, struct arena *arena);

#endif
