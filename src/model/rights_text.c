/* SPDX-License-Identifier: Apache-2.0 */
#include "model/rights_text.h"

enum { ADDRESS_SHOWN_MAX = 200 };

/* Clients that have not logged in are one principal, the others are who they are. */
static bool append_who(struct text *text, const struct rights_refusal *refusal)
{
    if (refusal->account.len)
        return text_append_escaped(text, refusal->account, ADDRESS_SHOWN_MAX);
    return text_append_c(text, principal_name(rights_principals(refusal->who)[0]));
}

/* Send As is held on a mailbox, everything else on the connector. */
static bool append_object(struct text *text, const struct rights_refusal *refusal)
{
    if (refusal->missing == RIGHT_SEND_AS)
        return text_append_escaped(text, refusal->address, ADDRESS_SHOWN_MAX);
    return text_append(text, refusal->connector->identity);
}

bool rights_append_reason(struct text *text, const struct rights_refusal *refusal)
{
    return append_who(text, refusal) && text_append_c(text, " lacks ") &&
           text_append_c(text, right_name(refusal->missing)) && text_append_c(text, " on ") &&
           append_object(text, refusal);
}

bool rights_append_mending(struct text *text, const struct rights_refusal *refusal)
{
    return text_append_c(text, "Add-ADPermission -Identity \"") && append_object(text, refusal) &&
           text_append_c(text, "\" -User \"") && append_who(text, refusal) &&
           text_append_c(text, "\" -ExtendedRights \"") &&
           text_append_c(text, right_name(refusal->missing)) && text_append_c(text, "\"");
}
