/* SPDX-License-Identifier: Apache-2.0 */
#include "model/mail_hosts.h"

enum { SHOWN_MAX = 255 };

/* clang-format off */
static const struct ending {
    const char *reply; /* NULL: nothing to complain of */
    bool permanent;
    bool of_question;  /* it is about the question that failed, and why it did */
    const char *before, *behind; /* around the name */
} endings[] = {
    [MAIL_HOSTS_WALKING]    = {NULL, false, false, "the hosts of ", " are still being looked for"},
    [MAIL_HOSTS_FOUND]      = {NULL, false, false, "there are hosts for ", ""},
    [MAIL_HOSTS_BAD_NAME]   = {"550 5.1.2", true,  false, "", " is neither a domain nor an address in brackets"},
    [MAIL_HOSTS_NO_DOMAIN]  = {"550 5.4.4", true,  false, "SMTPSEND.DNS.NonExistentDomain; the domain ", " does not exist"},
    [MAIL_HOSTS_NULL_MX]    = {"556 5.1.10", true, false, "the domain ", " takes no mail: its MX record is \".\" (RFC 7505)"},
    [MAIL_HOSTS_NO_ADDRESS] = {"550 5.4.4", true,  false, "no mail host of ", " has an address"},
    [MAIL_HOSTS_LOOP]       = {"550 5.3.5", true,  false,
                               "this server itself is the preferred mail host of ", ", but has not been told that it takes its mail: see New-AcceptedDomain"},
    [MAIL_HOSTS_DNS_FAILED] = {"451 4.4.3", false, true,  "DNS does not answer about ", ""},
    [MAIL_HOSTS_DNS_BOGUS]  = {"451 4.7.5", false, true,  "the answer of DNS about ", " is not what the domain has signed"},
};
/* clang-format on */
_Static_assert(COUNT_OF(endings) == MAIL_HOSTS_STATUSES, "each way to end has its sentence");

bool mail_hosts_is_permanent(enum mail_hosts_status status)
{
    return endings[status].permanent;
}

bool mail_hosts_explain(const struct mail_hosts *walk, struct text *out)
{
    const struct ending *ending = &endings[walk->status];
    bool of_question = ending->of_question && walk->name.len;
    if (ending->reply && !(text_append_c(out, ending->reply) && text_append_byte(out, ' ')))
        return false;
    bool ok =
        text_append_c(out, ending->before) &&
        text_append_escaped(out, of_question ? walk->name : walk->settings.domain, SHOWN_MAX) &&
        text_append_c(out, ending->behind);
    if (ok && of_question && walk->why.len)
        ok = text_append_c(out, ": ") && text_append_escaped(out, walk->why, SHOWN_MAX);
    return ok;
}
