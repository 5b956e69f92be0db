/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/verb.h"

#define NEW(reply) [SESSION_NEW] = REPLY_##reply
#define IDLE(reply) [SESSION_IDLE] = REPLY_##reply
#define MAIL(reply) [SESSION_MAIL] = REPLY_##reply
#define RCPT(reply) [SESSION_RCPT] = REPLY_##reply
#define BDAT(reply) [SESSION_BDAT] = REPLY_##reply

static const struct verb verbs[] = {
    /* clang-format off */
    {.name = SLICE_INIT("HELO"),     .run = verb_helo},
    {.name = SLICE_INIT("EHLO"),     .run = verb_ehlo},
    {.name = SLICE_INIT("STARTTLS"), .run = verb_starttls, .refused_in = {NEW(HELLO_FIRST), MAIL(BAD_SEQUENCE), RCPT(BAD_SEQUENCE), BDAT(BAD_SEQUENCE)}, .bare = true},
    {.name = SLICE_INIT("AUTH"),     .run = verb_auth,     .refused_in = {NEW(HELLO_FIRST), MAIL(BAD_SEQUENCE), RCPT(BAD_SEQUENCE), BDAT(BAD_SEQUENCE)}},
    {.name = SLICE_INIT("MAIL"),     .run = verb_mail,     .refused_in = {NEW(HELLO_FIRST), MAIL(SENDER_SPECIFIED), RCPT(SENDER_SPECIFIED), BDAT(SENDER_SPECIFIED)}, .after_tls = true, .after_auth = true},
    {.name = SLICE_INIT("RCPT"),     .run = verb_rcpt,     .refused_in = {NEW(HELLO_FIRST), IDLE(NEED_MAIL), BDAT(BAD_SEQUENCE)}, .after_tls = true},
    {.name = SLICE_INIT("DATA"),     .run = verb_data,     .refused_in = {NEW(HELLO_FIRST), IDLE(NEED_MAIL), MAIL(NEED_RECIPIENT), BDAT(BAD_SEQUENCE)}, .after_tls = true, .bare = true, .content = true},
    {.name = SLICE_INIT("BDAT"),     .run = verb_bdat,     .refused_in = {NEW(HELLO_FIRST), IDLE(NEED_MAIL), MAIL(NEED_RECIPIENT)}, .after_tls = true, .content = true, .swallows = true},
    {.name = SLICE_INIT("RSET"),     .run = verb_rset,     .bare = true},
    {.name = SLICE_INIT("NOOP"),     .run = verb_noop},
    {.name = SLICE_INIT("HELP"),     .run = verb_help},
    {.name = SLICE_INIT("VRFY"),     .run = verb_vrfy,     .after_tls = true},
    {.name = SLICE_INIT("EXPN"),     .run = verb_expn,     .after_tls = true, .hidden = true},
    {.name = SLICE_INIT("QUIT"),     .run = verb_quit,     .bare = true},
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
