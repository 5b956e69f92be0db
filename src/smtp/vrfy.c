/* SPDX-License-Identifier: Apache-2.0 */
/* VRFY and EXPN (RFC 5321 3.5.3): one answer for every name, known or not. */
#include "smtp/verb.h"

enum session_want verb_vrfy(struct session *s, struct slice arguments, struct text *out)
{
    return session_reply(s, arguments.len ? REPLY_CANNOT_VERIFY : REPLY_INVALID_ARGUMENTS, out);
}

enum session_want verb_expn(struct session *s, struct slice arguments, struct text *out)
{
    (void)arguments;
    return session_reply(s, REPLY_NOT_IMPLEMENTED, out);
}
