/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificate_events.h"

#include "model/certificate_choice.h"
#include "os/clock.h"
#include "wire/role.h"

enum trouble { TROUBLE_NONE, TROUBLE_WITHDRAWN, TROUBLE_NAMED_MISSING, TROUBLE_EXPIRED };

static enum trouble trouble_of(const struct model *model, const struct receive_connector *connector,
                               struct certificate_choice *out_choice)
{
    struct certificate_question question = {
        .model = model, .connector = connector, .at_ms = clock_wall_ms()};
    certificate_choose(&question, out_choice);
    if (!connector->enabled || !certificate_offers_tls(connector))
        return TROUBLE_NONE;
    if (!out_choice->certificate)
        return TROUBLE_WITHDRAWN;
    if (out_choice->named_missing)
        return TROUBLE_NAMED_MISSING;
    return out_choice->expired ? TROUBLE_EXPIRED : TROUBLE_NONE;
}

static void report(enum trouble trouble, const struct receive_connector *connector,
                   const struct certificate_choice *choice)
{
    struct slice identity = connector->identity, key = choice->key;
    switch (trouble) {
    case TROUBLE_NONE:
        return;
    case TROUBLE_WITHDRAWN:
        role_event(
            NULL, WIRE_LEVEL_ERROR, 12014,
            "event=12014 connector=\"%.*s\" no certificate for \"%.*s\": STARTTLS is NOT offered;"
            " postern explain \"%.*s\" shows why and what mends it",
            SLICE_ARG(identity), SLICE_ARG(key), SLICE_ARG(identity));
        return;
    case TROUBLE_NAMED_MISSING:
        role_event(NULL, WIRE_LEVEL_ERROR, 12014,
                   "event=12014 connector=\"%.*s\" its TlsCertificateName fits no certificate: "
                   "\"%.*s\" is presented"
                   " instead; postern explain \"%.*s\" shows why and what mends it",
                   SLICE_ARG(identity), SLICE_ARG(choice->certificate->subject),
                   SLICE_ARG(identity));
        return;
    case TROUBLE_EXPIRED:
        role_event(
            NULL, WIRE_LEVEL_ERROR, 12016,
            "event=12016 connector=\"%.*s\" the certificate \"%.*s\" it presents has expired",
            SLICE_ARG(identity), SLICE_ARG(choice->certificate->subject));
    }
}

void certificate_events_report(const struct model *before, const struct model *now)
{
    for (size_t i = 0; i < model_count(now, MODEL_RECEIVE_CONNECTOR); i++) {
        const struct receive_connector *connector = model_receive_connector(now, i);
        const struct receive_connector *earlier =
            before ? model_by_id(before, MODEL_RECEIVE_CONNECTOR, connector->id) : NULL;
        struct certificate_choice choice, unused;
        enum trouble trouble = trouble_of(now, connector, &choice);
        if (!earlier || trouble_of(before, earlier, &unused) != trouble)
            report(trouble, connector, &choice);
    }
}
