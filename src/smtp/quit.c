/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/verb.h"

enum session_want verb_quit(struct session *s, struct slice arguments, struct text *out)
{
    (void)arguments;
    session_reply(s, REPLY_CLOSING, out);
    return SESSION_WANT_CLOSE;
}
