/* SPDX-License-Identifier: Apache-2.0 */
#include "model/certificate_sight.h"

#include <stdlib.h>

bool sight_same_connector(const struct model *a, const struct model *b, size_t index)
{
    return model_object_equal(MODEL_RECEIVE_CONNECTOR, model_receive_connector(a, index),
                              model_receive_connector(b, index));
}

enum { KINDS = CERTIFICATE_KEY_OTHER + 1 };

struct sight_keys {
    bool known[KINDS];
    const struct certificate *chosen[][KINDS]; /* by connector */
};

void sight_deinit(struct sight *sight)
{
    certificate_index_free(sight->certificates);
    free(sight->choices);
    free(sight->keys);
}

static struct certificate_question question_of(const struct sight *sight,
                                               const struct receive_connector *connector)
{
    return (struct certificate_question){.model = sight->look->model,
                                         .index = sight->certificates,
                                         .connector = connector,
                                         .at_ms = sight->look->at_ms};
}

bool sight_init(struct sight *sight, const struct certificate_look *look, const struct model *other)
{
    *sight = (struct sight){.look = look};
    if (!look->model)
        return true;
    sight->connectors = model_count(look->model, MODEL_RECEIVE_CONNECTOR);
    sight->choices = calloc(sight->connectors + 1, sizeof *sight->choices);
    sight->keys = calloc(1, sizeof *sight->keys +
                                (other ? 0 : sight->connectors) * sizeof sight->keys->chosen[0]);
    sight->certificates = other ? NULL : certificate_index_new(look->model);
    for (size_t i = 0; sight->choices && sight->keys && i < sight->connectors; i++) {
        const struct receive_connector *connector = model_receive_connector(look->model, i);
        struct certificate_question question = question_of(sight, connector);
        if (!connector->enabled || (other && sight_same_connector(look->model, other, i)))
            continue;
        certificate_choose(&question, &sight->choices[i]);
        if (connector->tls_sni && sight->choices[i].certificate)
            sight->by_server_name = connector;
    }
    return sight->choices && sight->keys && (other || sight->certificates);
}

/* Which certificate a server name asks for does not depend on the connector that knows SNI. */
static bool presented_by_server_name(const struct sight *sight,
                                     const struct certificate *certificate)
{
    struct certificate_question question = question_of(sight, sight->by_server_name);
    for (size_t i = 0; sight->by_server_name && i < certificate->dns_names.count; i++) {
        struct certificate_choice choice;
        question.server_name = certificate->dns_names.at[i];
        certificate_choose(&question, &choice);
        if (choice.certificate == certificate)
            return true;
    }
    return false;
}

/* Which certificate each connector shows to clients that can verify this kind of key only. */
static void look_at_key(const struct sight *sight, uint32_t kind)
{
    for (size_t i = 0; i < sight->connectors; i++) {
        struct certificate_question question =
            question_of(sight, model_receive_connector(sight->look->model, i));
        struct certificate_choice choice = {0};
        question.client_keys = CERTIFICATE_KEY_BIT(kind);
        if (question.connector->enabled)
            certificate_choose(&question, &choice);
        sight->keys->chosen[i][kind] = choice.certificate;
    }
    sight->keys->known[kind] = true;
}

static size_t presented_by_key(const struct sight *sight, const struct certificate *certificate,
                               const struct receive_connector **out_first)
{
    size_t count = 0;
    uint32_t kind = certificate->key_kind;
    if (!sight->certificates || kind == 0 || kind >= KINDS)
        return 0;
    if (!sight->keys->known[kind])
        look_at_key(sight, kind);
    for (size_t i = 0; i < sight->connectors; i++)
        if (sight->keys->chosen[i][kind] == certificate && count++ == 0)
            *out_first = model_receive_connector(sight->look->model, i);
    return count;
}

static size_t presented_as_a_rule(const struct sight *sight, const struct certificate *certificate,
                                  const struct receive_connector **out_first)
{
    size_t count = 0;
    for (size_t i = 0; i < sight->connectors; i++)
        if (sight->choices[i].certificate == certificate && count++ == 0)
            *out_first = model_receive_connector(sight->look->model, i);
    return count;
}

bool sight_presented_as_a_rule(const struct sight *sight, const struct certificate *certificate)
{
    const struct receive_connector *unused;
    return presented_as_a_rule(sight, certificate, &unused) > 0;
}

size_t sight_presented_by(const struct sight *sight, const struct certificate *certificate,
                          const struct receive_connector **out_first)
{
    *out_first = NULL;
    size_t count = presented_as_a_rule(sight, certificate, out_first);
    if (count == 0 && presented_by_server_name(sight, certificate)) {
        *out_first = sight->by_server_name;
        count = 1;
    }
    return count ? count : presented_by_key(sight, certificate, out_first);
}
