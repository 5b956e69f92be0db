/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/comparison.h"

#include "os/clock.h"

void comparison_begin(struct comparison *comparison, const struct model *before,
                      const struct model *after)
{
    *comparison = (struct comparison){.before = before, .after = after, .at_ms = clock_wall_ms()};
    comparison->only_connectors = before && model_kind_equal(before, after, MODEL_SERVER) &&
                                  model_kind_equal(before, after, MODEL_CERTIFICATE);
    if (comparison->only_connectors)
        return;
    comparison->before_index = before ? certificate_index_new(before) : NULL;
    comparison->after_index = certificate_index_new(after);
}

void comparison_end(struct comparison *comparison)
{
    certificate_index_free(comparison->before_index);
    certificate_index_free(comparison->after_index);
}

static bool is_as_before(const struct comparison *comparison, const struct compared *row)
{
    return comparison->only_connectors && row->earlier &&
           model_object_equal(MODEL_RECEIVE_CONNECTOR, row->earlier, row->connector);
}

static void choose(const struct comparison *comparison, struct compared *row)
{
    struct certificate_question question = {.model = comparison->after,
                                            .index = comparison->after_index,
                                            .connector = row->connector,
                                            .at_ms = comparison->at_ms};
    certificate_choose(&question, &row->choice);
    row->earlier_choice = (struct certificate_choice){0};
    if (!row->earlier)
        return;
    question.model = comparison->before;
    question.index = comparison->before_index;
    question.connector = row->earlier;
    certificate_choose(&question, &row->earlier_choice);
}

bool comparison_next(struct comparison *comparison, struct compared *out)
{
    while (comparison->next < model_count(comparison->after, MODEL_RECEIVE_CONNECTOR)) {
        out->connector = model_receive_connector(comparison->after, comparison->next++);
        out->earlier = comparison->before
                           ? model_by_id_near(comparison->before, MODEL_RECEIVE_CONNECTOR,
                                              out->connector->id, &comparison->near)
                           : NULL;
        if (is_as_before(comparison, out))
            continue;
        choose(comparison, out);
        return true;
    }
    return false;
}
