/* SPDX-License-Identifier: Apache-2.0 */
/* What a script asks of all its commands, in variables: $WarningPreference, $VerbosePreference,
 * $WhatIfPreference and $ConfirmPreference. What a command says itself goes before. */
#include "shell/cmdlet.h"
#include "shell/convert.h"

static bool says(struct machine *m, struct slice name, struct slice word)
{
    const struct datum *wish = variable_find(m, name);
    return wish && wish->kind == DATUM_TEXT && slice_equal_nocase(datum_slice(*wish), word);
}

void preference_before(struct stage *stage)
{
    struct machine *m = stage->machine;
    stage->quiet = says(m, SLICE("WarningPreference"), SLICE("SilentlyContinue")) ||
                   says(m, SLICE("WarningPreference"), SLICE("Ignore"));
    stage->verbose = says(m, SLICE("VerbosePreference"), SLICE("Continue"));
}

static void set_default(struct stage *stage, const char *name, bool value)
{
    if (!json_object_get(stage->parameters, name))
        json_object_set_new(stage->parameters, name, json_boolean(value));
}

/* High, the default, asks where the operation asks of itself. */
void preference_after(struct stage *stage)
{
    struct machine *m = stage->machine;
    const struct datum *dry = variable_find(m, SLICE("WhatIfPreference"));
    if (!stage->operation->changes)
        return;
    if (dry && datum_is_true(*dry))
        set_default(stage, "WhatIf", true);
    if (says(m, SLICE("ConfirmPreference"), SLICE("None")))
        set_default(stage, "Confirm", false);
    if (says(m, SLICE("ConfirmPreference"), SLICE("Low")) ||
        says(m, SLICE("ConfirmPreference"), SLICE("Medium")))
        set_default(stage, "Confirm", true);
}
