/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/verb.h"

/* RFC 5321 4.1.1.9: an argument is ignored. */
enum session_want verb_noop(struct session *s, struct slice arguments, struct text *out)
{
    (void)arguments;
    return session_reply(s, REPLY_NOOP, out);
}
