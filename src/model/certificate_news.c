/* SPDX-License-Identifier: Apache-2.0 */
#include "model/certificate_news.h"

#include <stdlib.h>

enum { FEW_CONNECTORS = 8 };

/* --- when little has changed --- */

static bool is_same_connector(const struct model *a, const struct model *b, size_t index)
{
    return settings_equal(receive_connector_settings, model_receive_connector(a, index),
                          model_receive_connector(b, index));
}

static bool few_connectors_differ(const struct model *a, const struct model *b)
{
    size_t differ = 0, count = model_count(a, MODEL_RECEIVE_CONNECTOR);
    if (count != model_count(b, MODEL_RECEIVE_CONNECTOR))
        return false;
    for (size_t i = 0; i < count && differ <= FEW_CONNECTORS; i++)
        differ += !is_same_connector(a, b, i);
    return differ <= FEW_CONNECTORS;
}

/* Whether a date was passed between the looks, or a certificate is so near its end that who
 * presents it is to be counted. */
static bool dates_matter(const struct certificate_look *before, const struct certificate_look *now)
{
    int64_t next_ms;
    if (now->at_ms < before->at_ms ||
        (certificate_news_next(before, &next_ms) && next_ms <= now->at_ms))
        return true;
    for (size_t i = 0; i < model_count(now->model, MODEL_CERTIFICATE); i++)
        if (certificate_days_boundary(model_certificate(now->model, i), now->at_ms))
            return true;
    return false;
}

/* Then connectors that are the same in both are passed over: they have the same answer. */
static bool is_small_change(const struct certificate_look *before,
                            const struct certificate_look *now)
{
    return before->model && !dates_matter(before, now) &&
           model_kind_equal(before->model, now->model, MODEL_SERVER) &&
           model_kind_equal(before->model, now->model, MODEL_CERTIFICATE) &&
           few_connectors_differ(before->model, now->model);
}

/* --- one look --- */

struct sight {
    const struct certificate_look *look;
    struct certificate_index *certificates;
    struct certificate_choice *choices; /* of each connector */
    size_t connectors;
    const struct receive_connector *by_server_name; /* one that knows SNI; NULL: none does */
};

static void sight_deinit(struct sight *sight)
{
    certificate_index_free(sight->certificates);
    free(sight->choices);
}

static struct certificate_question question_of(const struct sight *sight,
                                               const struct receive_connector *connector)
{
    return (struct certificate_question){.model = sight->look->model,
                                         .index = sight->certificates,
                                         .connector = connector,
                                         .at_ms = sight->look->at_ms};
}

/* What is equal in `other` is passed over; NULL: nothing is. */
static bool sight_init(struct sight *sight, const struct certificate_look *look,
                       const struct model *other)
{
    *sight = (struct sight){.look = look};
    if (!look->model)
        return true;
    sight->connectors = model_count(look->model, MODEL_RECEIVE_CONNECTOR);
    sight->choices = calloc(sight->connectors + 1, sizeof *sight->choices);
    sight->certificates = other ? NULL : certificate_index_new(look->model);
    for (size_t i = 0; sight->choices && i < sight->connectors; i++) {
        const struct receive_connector *connector = model_receive_connector(look->model, i);
        struct certificate_question question = question_of(sight, connector);
        if (!connector->enabled || (other && is_same_connector(look->model, other, i)))
            continue;
        certificate_choose(&question, &sight->choices[i]);
        if (connector->tls_sni && sight->choices[i].certificate)
            sight->by_server_name = connector;
    }
    return sight->choices && (other || sight->certificates);
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

/* How many connectors present it, and the first of them. */
static size_t presented_by(const struct sight *sight, const struct certificate *certificate,
                           const struct receive_connector **out_first)
{
    size_t count = 0;
    *out_first = NULL;
    for (size_t i = 0; i < sight->connectors; i++)
        if (sight->choices[i].certificate == certificate && count++ == 0)
            *out_first = model_receive_connector(sight->look->model, i);
    if (count == 0 && presented_by_server_name(sight, certificate)) {
        *out_first = sight->by_server_name;
        count = 1;
    }
    return count;
}

/* --- connectors --- */

/* HEALTH_GOOD when there is nothing to say of the connector itself. */
static enum certificate_health trouble_of(const struct sight *sight, size_t index)
{
    const struct receive_connector *connector = model_receive_connector(sight->look->model, index);
    enum certificate_health health =
        connector_health(connector, &sight->choices[index], sight->look->at_ms);
    bool bad = health == HEALTH_NO_CERTIFICATE || health == HEALTH_NAMED_MISSING ||
               health == HEALTH_EXPIRED;
    return bad && connector->enabled ? health : HEALTH_GOOD;
}

static bool is_at(const struct sight *sight, size_t index, struct object_id id)
{
    return index < sight->connectors &&
           object_id_equal(model_receive_connector(sight->look->model, index)->id, id);
}

/* As a rule it stands where it stands in the other look. */
static enum certificate_health trouble_of_id(const struct sight *sight, struct object_id id,
                                             size_t probably)
{
    size_t i = is_at(sight, probably, id) ? probably : 0;
    while (i < sight->connectors && !is_at(sight, i, id))
        i++;
    return i < sight->connectors ? trouble_of(sight, i) : HEALTH_GOOD;
}

static enum certificate_news_kind kind_of(enum certificate_health trouble)
{
    return trouble == HEALTH_NO_CERTIFICATE  ? NEWS_NOT_OFFERED
           : trouble == HEALTH_NAMED_MISSING ? NEWS_NAMED_MISSING
           : trouble == HEALTH_EXPIRED       ? NEWS_EXPIRED
                                             : NEWS_CONNECTOR_IS_WELL;
}

static void tell_of_connectors(const struct sight *before, const struct sight *now,
                               certificate_news_fn *tell, void *context)
{
    for (size_t i = 0; i < now->connectors; i++) {
        const struct receive_connector *connector = model_receive_connector(now->look->model, i);
        enum certificate_health trouble = trouble_of(now, i);
        enum certificate_health earlier = trouble_of_id(before, connector->id, i);
        if (!connector->enabled || earlier == trouble)
            continue;
        struct certificate_news news = {.kind = kind_of(trouble),
                                        .was = kind_of(earlier),
                                        .connector = connector,
                                        .connectors = 1,
                                        .certificate = now->choices[i].certificate,
                                        .key = now->choices[i].key};
        tell(context, &news);
    }
}

/* --- certificates --- */

/* The boundary that was passed, if somebody presents it. */
static unsigned boundary_of(const struct sight *sight, const struct certificate *certificate,
                            struct certificate_news *news)
{
    unsigned boundary =
        certificate ? certificate_days_boundary(certificate, sight->look->at_ms) : 0;
    news->connectors = boundary ? presented_by(sight, certificate, &news->connector) : 0;
    return news->connectors ? boundary : 0;
}

static void tell_of_ends(const struct sight *before, const struct sight *now,
                         certificate_news_fn *tell, void *context)
{
    size_t near = 0;
    for (size_t i = 0; i < model_count(now->look->model, MODEL_CERTIFICATE); i++) {
        const struct certificate *certificate = model_certificate(now->look->model, i);
        const struct certificate *earlier =
            before->look->model
                ? model_by_id_near(before->look->model, MODEL_CERTIFICATE, certificate->id, &near)
                : NULL;
        struct certificate_news unused,
            news = {.kind = NEWS_EXPIRES_SOON, .certificate = certificate};
        unsigned boundary = boundary_of(now, certificate, &news);
        if (boundary && boundary != boundary_of(before, earlier, &unused))
            tell(context, &news);
    }
}

static void tell_of_the_retired(const struct sight *before, const struct sight *now,
                                certificate_news_fn *tell, void *context)
{
    size_t count = before->look->model ? model_count(before->look->model, MODEL_CERTIFICATE) : 0;
    size_t near = 0;
    for (size_t i = 0; i < count; i++) {
        const struct receive_connector *unused;
        struct certificate_news was,
            news = {.kind = NEWS_CERTIFICATE_RETIRED,
                    .certificate = model_certificate(before->look->model, i)};
        const struct certificate *later =
            model_by_id_near(now->look->model, MODEL_CERTIFICATE, news.certificate->id, &near);
        if (boundary_of(before, news.certificate, &was) &&
            (!later || !presented_by(now, later, &unused)))
            tell(context, &news);
    }
}

/* --- the whole --- */

bool certificate_news(const struct certificate_look *before, const struct certificate_look *now,
                      certificate_news_fn *tell, void *context)
{
    struct sight old, new;
    bool small = is_small_change(before, now);
    bool good = sight_init(&old, before, small ? now->model : NULL);
    good = sight_init(&new, now, small ? before->model : NULL) && good;
    if (good) {
        tell_of_connectors(&old, &new, tell, context);
        tell_of_ends(&old, &new, tell, context);
        tell_of_the_retired(&old, &new, tell, context);
    }
    sight_deinit(&old);
    sight_deinit(&new);
    return good;
}

bool certificate_news_next(const struct certificate_look *look, int64_t *out_at_ms)
{
    bool found = false;
    for (size_t i = 0; i < model_count(look->model, MODEL_CERTIFICATE); i++) {
        int64_t at_ms;
        if (!certificate_next_boundary(model_certificate(look->model, i), look->at_ms, &at_ms) ||
            (found && at_ms >= *out_at_ms))
            continue;
        *out_at_ms = at_ms;
        found = true;
    }
    return found;
}
