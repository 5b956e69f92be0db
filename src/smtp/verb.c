/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/verb.h"

#define NEW(reply) [SESSION_NEW] = REPLY_##reply
#define IDLE(reply) [SESSION_IDLE] = REPLY_##reply
#define MAIL(reply) [SESSION_MAIL] = REPLY_##reply
#define RCPT(reply) [SESSION_RCPT] = REPLY_##reply
#define BDAT(reply) [SESSION_BDAT] = REPLY_##reply

static const struct verb verbs[] = {
    /* clang-format off */
    {SLICE_INIT("HELO"),     verb_helo,     {0}},
    {SLICE_INIT("EHLO"),     verb_ehlo,     {0}},
    {SLICE_INIT("STARTTLS"), verb_starttls, {NEW(HELLO_FIRST), MAIL(BAD_SEQUENCE), RCPT(BAD_SEQUENCE), BDAT(BAD_SEQUENCE)}, .bare = true},
    {SLICE_INIT("AUTH"),     verb_auth,     {NEW(HELLO_FIRST), MAIL(BAD_SEQUENCE), RCPT(BAD_SEQUENCE), BDAT(BAD_SEQUENCE)}},
    {SLICE_INIT("MAIL"),     verb_mail,     {NEW(HELLO_FIRST), MAIL(SENDER_SPECIFIED), RCPT(SENDER_SPECIFIED), BDAT(SENDER_SPECIFIED)}, .after_tls = true, .after_auth = true},
    {SLICE_INIT("RCPT"),     verb_rcpt,     {NEW(HELLO_FIRST), IDLE(NEED_MAIL), BDAT(BAD_SEQUENCE)}, .after_tls = true},
    {SLICE_INIT("DATA"),     verb_data,     {NEW(HELLO_FIRST), IDLE(NEED_MAIL), MAIL(NEED_RECIPIENT), BDAT(BAD_SEQUENCE)}, .after_tls = true, .bare = true},
    {SLICE_INIT("BDAT"),     verb_bdat,     {NEW(HELLO_FIRST), IDLE(NEED_MAIL), MAIL(NEED_RECIPIENT)}, .after_tls = true, .swallows = true},
    {SLICE_INIT("RSET"),     verb_rset,     {0}, .bare = true},
    {SLICE_INIT("NOOP"),     verb_noop,     {0}},
    {SLICE_INIT("HELP"),     verb_help,     {0}},
    {SLICE_INIT("VRFY"),     verb_vrfy,     {0}, .after_tls = true},
    {SLICE_INIT("EXPN"),     verb_expn,     {0}, .after_tls = true, .hidden = true},
    {SLICE_INIT("QUIT"),     verb_quit,     {0}, .bare = true},
    /* clang-format on */
};

const struct verb *verb_at(size_t index)
{
    return index < COUNT_OF(verbs) ? &verbs[index] : NULL;
}

const struct verb *verb_find(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (slice_equal_nocase(name, verbs[i].name))
            return &verbs[i];
    return NULL;
}
