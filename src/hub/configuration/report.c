/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/report.h"

#include "hub/handlers/object.h"

enum { VALUE_MAX = 1 << 20 };

static json_t *begin(const struct call *call, const struct configuration_kind *row,
                     const char *what, struct slice name)
{
    json_t *report = json_object();
    json_object_set_new(report, "Change", json_string(what));
    json_object_set_new(report, "Kind", json_string(configuration_noun(row)));
    json_object_set_new(report, "Name", json_of_slice(name));
    json_object_set_new(report, "Revision", json_integer((json_int_t)call->hub->model->revision));
    return report;
}

void configuration_report(struct call *call, const struct configuration_kind *row, const char *what,
                          struct slice name)
{
    call_emit(call, begin(call, row, what, name));
}

static void report_setting(struct call *call, const struct configuration_kind *row,
                           struct slice name, const char *setting, json_t *before, json_t *after)
{
    json_t *report = begin(call, row, "Change", name);
    json_object_set_new(report, "Setting", json_string(setting));
    json_object_set_new(report, "Before", before);
    json_object_set_new(report, "After", after);
    call_emit(call, report);
}

static json_t *printed(const struct setting *setting, const void *object)
{
    struct text text = text_with_ceiling(VALUE_MAX);
    setting_print(setting, object, &text);
    json_t *json = json_of_slice(text_slice(&text));
    text_deinit(&text);
    return json;
}

void configuration_report_changed(struct call *call, const struct configuration_kind *row,
                                  struct slice name, const void *before, const void *after)
{
    const struct setting *setting = model_kind_facts(row->kind)->settings;
    for (; setting->name; setting++) {
        bool own_doing = setting->kind == SETTING_UUID ||
                         ((setting->flags & SETTING_READ_ONLY) && setting->kind == SETTING_TIME);
        if (!(setting->flags & SETTING_HIDDEN) && !own_doing &&
            !setting_equal(setting, before, after))
            report_setting(call, row, name, setting->name, printed(setting, before),
                           printed(setting, after));
    }
}

void configuration_report_secret(struct call *call, const struct configuration_kind *row,
                                 struct slice name)
{
    report_setting(call, row, name, row->secret, json_string("(sealed)"),
                   json_string("(sealed otherwise)"));
}
