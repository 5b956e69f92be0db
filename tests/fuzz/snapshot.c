/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot from a hostile hub: decoding, choosing and copying touch nothing outside the bytes. */
#include "model/snapshot.h"
#include "fuzz.h"
#include "model/certificate_choice.h"
#include "model/connector_choice.h"
#include "model/permission_list.h"

#include <stdlib.h>

static void see_entry(void *context, const struct permission_entry *entry)
{
    text_append_c(context, principal_name(entry->principal));
    text_append_c(context, right_name(entry->right));
}

static void use(struct model *model)
{
    struct ip_endpoint local = {ip_from_v4((const uint8_t[4]){10, 0, 0, 1}), 25};
    struct ip_address client = ip_from_v4((const uint8_t[4]){10, 0, 0, 2});
    struct text text = text_with_ceiling(1 << 20);
    const struct receive_connector *connector = connector_choose(model, local, client);
    for (size_t i = 0; i < model_count(model, MODEL_RECEIVE_CONNECTOR) && i < 16; i++) {
        struct certificate_question question = {
            .model = model, .connector = model_receive_connector(model, i), .at_ms = 1000};
        struct certificate_choice choice;
        struct certificate_candidate candidates[4];
        size_t count = certificate_explain(&question, &choice, candidates, 4);
        for (size_t k = 0; k < count && k < 4; k++) {
            certificate_reason_text(&question, &choice, &candidates[k], &text);
            certificate_mending_command(&question, &candidates[k], &text);
        }
        permission_list_connector(model, question.connector, see_entry, &text);
        permission_opens_relay(model, question.connector);
    }
    if (connector && !connector->enabled)
        abort();
    model_validate_all(model, &text);
    text_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct model *model = NULL, *again = NULL;
    if (snapshot_decode(slice_bytes(data, size), &model) != SNAPSHOT_OK)
        return 0;
    use(model);
    struct text bytes = text_with_ceiling(1 << 26);
    if (!snapshot_encode(model, model->revision, &bytes) ||
        snapshot_decode(text_slice(&bytes), &again) != SNAPSHOT_OK)
        abort();
    model_free(again);
    text_deinit(&bytes);
    model_free(model);
    return 0;
}
