/* SPDX-License-Identifier: Apache-2.0 */
/* The value of TlsCertificateName, with a store to suggest from. */
#include "model/certificate_name.h"
#include "fuzz.h"

#include <stdlib.h>

static bool parse_name(struct slice written, struct text *out_canonical)
{
    size_t at;
    return slice_find(written, '=', &at) && text_append_lower(out_canonical, written);
}

static struct model *store(void)
{
    struct model *model = model_new();
    struct certificate *certificate = model ? model_object_new(model, MODEL_CERTIFICATE) : NULL;
    if (!certificate || !model_add(model, MODEL_CERTIFICATE, certificate))
        abort();
    certificate->issuer = SLICE("CN=Authority, C=US");
    certificate->subject = SLICE("CN=mail.contoso.com");
    certificate->has_private_key = true;
    certificate->services = SERVICE_SMTP;
    return model;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct model *model;
    if (!model)
        model = store();
    struct text error = text_with_ceiling(1 << 20);
    struct arena arena = arena_with_ceiling(1 << 16);
    struct certificate_name name;
    enum certificate_name_outcome outcome =
        certificate_name_parse(slice_bytes(data, size), parse_name, model, &arena, &name, &error);
    bool whole = name.is_thumbprint || (name.issuer_der.len && name.subject_der.len);
    if ((outcome == CERTIFICATE_NAME_OK) != (error.len == 0) ||
        (outcome == CERTIFICATE_NAME_OK && !whole))
        abort();
    arena_deinit(&arena);
    text_deinit(&error);
    return 0;
}
