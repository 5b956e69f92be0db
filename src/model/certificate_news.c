/* SPDX-License-Identifier: Apache-2.0 */
#include "model/certificate_news.h"

#include "model/certificate_sight.h"
#include "model/certificate_staple.h"

enum { FEW_CONNECTORS = 8 };

/* --- when little has changed --- */

static bool few_connectors_differ(const struct model *a, const struct model *b)
{
    size_t differ = 0, count = model_count(a, MODEL_RECEIVE_CONNECTOR);
    if (count != model_count(b, MODEL_RECEIVE_CONNECTOR))
        return false;
    for (size_t i = 0; i < count && differ <= FEW_CONNECTORS; i++)
        differ += !sight_same_connector(a, b, i);
    return differ <= FEW_CONNECTORS;
}

/* Whether a date was passed between the looks, or a certificate or its response is so near its end
 * that who presents it is to be counted. */
static bool dates_matter(const struct certificate_look *before, const struct certificate_look *now)
{
    int64_t next_ms;
    if (now->at_ms < before->at_ms ||
        (certificate_news_next(before, &next_ms) && next_ms <= now->at_ms))
        return true;
    for (size_t i = 0; i < model_count(now->model, MODEL_CERTIFICATE); i++)
        if (certificate_days_boundary(model_certificate(now->model, i), now->at_ms) ||
            certificate_staple_state(model_certificate(now->model, i), now->at_ms) >= STAPLE_OLD)
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
    news->connectors = boundary ? sight_presented_by(sight, certificate, &news->connector) : 0;
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
        news.seldom = boundary && !sight_presented_as_a_rule(now, certificate);
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
            (!later || !sight_presented_by(now, later, &unused)))
            tell(context, &news);
    }
}

/* --- what issuers say --- */

static size_t count_of(const struct sight *sight)
{
    return sight->look->model ? model_count(sight->look->model, MODEL_CERTIFICATE) : 0;
}

static const struct certificate *find_in(const struct sight *sight, struct object_id id,
                                         size_t *near)
{
    return sight->look->model ? model_by_id_near(sight->look->model, MODEL_CERTIFICATE, id, near)
                              : NULL;
}

static void tell_if_revoked(const struct sight *before, const struct certificate *earlier,
                            const struct certificate *later, certificate_news_fn *tell,
                            void *context)
{
    bool was = earlier && certificate_is_revoked(earlier);
    bool is = later && certificate_is_revoked(later);
    struct certificate_news news = {.kind = is ? NEWS_REVOKED : NEWS_REVOKED_NO_MORE,
                                    .certificate = later ? later : earlier};
    if (was == is)
        return;
    if (is && earlier)
        news.connectors = sight_presented_by(before, earlier, &news.connector);
    tell(context, &news);
}

/* As far as it matters: of a certificate that nobody presents no staple is missed. */
static enum staple_state staple_of(const struct sight *sight, const struct certificate *certificate,
                                   struct certificate_news *news)
{
    enum staple_state state =
        certificate ? certificate_staple_state(certificate, sight->look->at_ms) : STAPLE_NONE;
    if (state < STAPLE_OLD)
        return state;
    news->connectors = sight_presented_by(sight, certificate, &news->connector);
    return news->connectors ? state : STAPLE_NONE;
}

static void tell_if_staple_ends(const struct sight *before, const struct sight *now,
                                const struct certificate *earlier, const struct certificate *later,
                                certificate_news_fn *tell, void *context)
{
    static const enum certificate_news_kind kinds[] = {
        [STAPLE_NONE] = NEWS_STAPLE_WELL, [STAPLE_FRESH] = NEWS_STAPLE_WELL,
        [STAPLE_OLD] = NEWS_STAPLE_OLD,   [STAPLE_ENDING] = NEWS_STAPLE_ENDS,
        [STAPLE_OVER] = NEWS_STAPLE_OVER,
    };
    struct certificate_news unused, news = {.certificate = later ? later : earlier};
    enum staple_state was = staple_of(before, earlier, &unused), is = staple_of(now, later, &news);
    news.kind = kinds[is];
    if (kinds[was] != kinds[is])
        tell(context, &news);
}

static void tell_of_responses(const struct sight *before, const struct sight *now,
                              certificate_news_fn *tell, void *context)
{
    size_t near = 0;
    for (size_t i = 0; i < count_of(now); i++) {
        const struct certificate *later = model_certificate(now->look->model, i);
        const struct certificate *earlier = find_in(before, later->id, &near);
        tell_if_revoked(before, earlier, later, tell, context);
        tell_if_staple_ends(before, now, earlier, later, tell, context);
    }
    for (size_t i = 0; i < count_of(before); i++) {
        const struct certificate *earlier = model_certificate(before->look->model, i);
        if (find_in(now, earlier->id, &near))
            continue;
        tell_if_revoked(before, earlier, NULL, tell, context);
        tell_if_staple_ends(before, now, earlier, NULL, tell, context);
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
        tell_of_responses(&old, &new, tell, context);
    }
    sight_deinit(&old);
    sight_deinit(&new);
    return good;
}

static void take_earlier(int64_t at_ms, bool *found, int64_t *out_at_ms)
{
    if (!*found || at_ms < *out_at_ms)
        *out_at_ms = at_ms;
    *found = true;
}

bool certificate_news_next(const struct certificate_look *look, int64_t *out_at_ms)
{
    bool found = false;
    for (size_t i = 0; i < model_count(look->model, MODEL_CERTIFICATE); i++) {
        const struct certificate *certificate = model_certificate(look->model, i);
        int64_t at_ms;
        if (certificate_next_boundary(certificate, look->at_ms, &at_ms))
            take_earlier(at_ms, &found, out_at_ms);
        if (certificate_staple_next(certificate, look->at_ms, &at_ms))
            take_earlier(at_ms, &found, out_at_ms);
    }
    return found;
}
