/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/hypothesis.h"

#include "hub/certificates/intake.h"
#include "hub/certificates/response.h"
#include "hub/handlers/certificate.h"
#include "hub/handlers/parameters.h"

void hypothesis_read(struct call *call, work_edit_fn *edit)
{
    if (call_may(call, OPERATION_CERTIFICATES, SLICE("-WithFile, which brings a certificate,")))
        certificate_intake_file(call, "WithFile", false, edit);
}

/* The certificate of the draft that the file stands for; NULL: the call has failed. */
static struct certificate *place(struct call *call, struct change *change,
                                 struct certificate *certificate)
{
    struct model *draft = change_draft(change);
    if (certificate_response_is_alone(certificate)) {
        call_fail(call, OPERATION_USAGE,
                  "the file holds an OCSP response and no certificate: nothing could present it");
        return NULL;
    }
    struct certificate *twin = certificate_intake_twin(draft, certificate);
    struct certificate *request = certificate_intake_request(draft, certificate);
    if (twin && twin->has_private_key)
        return twin;
    if (request && change_remove(change, MODEL_CERTIFICATE, request))
        certificate->has_private_key = true;
    if (certificate->has_private_key)
        return certificate_intake_add(call, change, certificate) ? certificate : NULL;
    call_fail(call, OPERATION_USAGE,
              "the file holds no private key, and no pending request asked for this certificate: "
              "nothing could present it");
    return NULL;
}

bool hypothesis_take(struct call *call, struct change *change)
{
    struct certificate *read = certificate_intake_take(call, change_draft(change));
    struct certificate *certificate = read ? place(call, change, read) : NULL;
    if (!certificate)
        return false;
    certificate->services |= SERVICE_SMTP;
    certificate_warn(call, certificate);
    call_inform(call, "WithFile: nothing was changed");
    return true;
}
