/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/verb.h"

/* The names come from the table of verbs. */
enum session_want verb_help(struct session *s, struct slice arguments, struct text *out)
{
    (void)arguments;
    const struct verb *verb;
    reply_append_start(out, REPLY_HELP, s->policy->enhanced_status_codes);
    for (size_t i = 0; (verb = verb_at(i)); i++) {
        if (verb->hidden)
            continue;
        text_append_byte(out, ' ');
        text_append(out, verb->name);
    }
    text_append_c(out, "\r\n");
    return SESSION_WANT_LINE;
}
