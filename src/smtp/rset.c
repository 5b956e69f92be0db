/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/verb.h"

enum session_want verb_rset(struct session *s, struct slice arguments, struct text *out)
{
    (void)arguments;
    session_drop_transaction(s);
    return session_reply(s, REPLY_RESET, out);
}
