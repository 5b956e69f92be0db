/* SPDX-License-Identifier: Apache-2.0 */
/* certificate - what the files of this noun share. */
#ifndef HUB_HANDLERS_CERTIFICATE_H
#define HUB_HANDLERS_CERTIFICATE_H

#include "hub/handlers/object.h"

/* As Get-ExchangeCertificate shows it; never the key, never the bytes. */
json_t *certificate_json(struct call *call, const void *certificate);
/* DaysLeft and Health at that moment. */
void certificate_add_health(json_t *json, const struct certificate *certificate, int64_t at_ms);
/* The findings on it as sentences: a JSON list, and warnings of the call. */
json_t *certificate_findings_json(const struct certificate *certificate);
void certificate_warn(struct call *call, const struct certificate *certificate);
/* The PKCS#10 text of a pending request, as an object of the noun CertificateFile. */
void certificate_emit_request(struct call *call, const struct certificate *certificate);
/* Adds or takes away what -Services names. False: the call has failed. */
MUST_USE bool certificate_change_services(struct call *call, struct certificate *certificate,
                                          bool add, struct arena *arena);

#endif
