/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/facts.h"

#include "base/attributes.h"
#include "milter/packet.h"

#define AT(stage) (1u << STAGE_##stage)

/* clang-format off */
static const struct macro {
    struct slice name;
    unsigned usual; /* a bit per stage */
} macros[] = {
    [MACRO_SERVER]              = {SLICE_INIT("j"),              AT(CONNECT)},
    [MACRO_RELAY]               = {SLICE_INIT("_"),              AT(CONNECT)},
    [MACRO_PROGRAM]             = {SLICE_INIT("v"),              AT(CONNECT)},
    [MACRO_DAEMON_NAME]         = {SLICE_INIT("{daemon_name}"),  AT(CONNECT)},
    [MACRO_DAEMON_ADDRESS]      = {SLICE_INIT("{daemon_addr}"),  AT(CONNECT)},
    [MACRO_DAEMON_PORT]         = {SLICE_INIT("{daemon_port}"),  AT(CONNECT)},
    [MACRO_CLIENT_NAME]         = {SLICE_INIT("{client_name}"),  AT(CONNECT)},
    [MACRO_CLIENT_ADDRESS]      = {SLICE_INIT("{client_addr}"),  AT(CONNECT)},
    [MACRO_CLIENT_PORT]         = {SLICE_INIT("{client_port}"),  AT(CONNECT)},
    [MACRO_TLS_VERSION]         = {SLICE_INIT("{tls_version}"),  AT(HELLO)},
    [MACRO_CIPHER]              = {SLICE_INIT("{cipher}"),       AT(HELLO)},
    [MACRO_CERTIFICATE_SUBJECT] = {SLICE_INIT("{cert_subject}"), AT(HELLO)},
    [MACRO_AUTH_TYPE]           = {SLICE_INIT("{auth_type}"),    AT(MAIL)},
    [MACRO_AUTH_ACCOUNT]        = {SLICE_INIT("{auth_authen}"),  AT(MAIL)},
    [MACRO_ID]                  = {SLICE_INIT("i"),              AT(MAIL) | AT(DATA) | AT(HEADER_END) | AT(END)},
    [MACRO_SENDER]              = {SLICE_INIT("{mail_addr}"),    AT(MAIL)},
    [MACRO_SENDER_HOST]         = {SLICE_INIT("{mail_host}"),    AT(MAIL)},
    [MACRO_SENDER_MAILER]       = {SLICE_INIT("{mail_mailer}"),  AT(MAIL)},
    [MACRO_RECIPIENT]           = {SLICE_INIT("{rcpt_addr}"),    AT(RECIPIENT)},
    [MACRO_RECIPIENT_HOST]      = {SLICE_INIT("{rcpt_host}"),    AT(RECIPIENT)},
    [MACRO_RECIPIENT_MAILER]    = {SLICE_INIT("{rcpt_mailer}"),  AT(RECIPIENT)},
};
/* clang-format on */
_Static_assert(COUNT_OF(macros) == MACRO_COUNT && MACRO_COUNT <= 32, "a bit and a name for each");

uint32_t facts_usual_macros(enum milter_stage stage)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < COUNT_OF(macros); i++)
        bits |= macros[i].usual & 1u << stage ? 1u << i : 0u;
    return bits;
}

/* Filters write {name}, and some of them name. */
static bool is_called(struct slice name, struct slice written)
{
    bool braces = slice_starts(name, SLICE("{"));
    struct slice bare = braces ? slice_first(slice_after(name, 1), name.len - 2) : name;
    return slice_equal(written, name) || slice_equal(written, bare);
}

static bool is_between(char c)
{
    return c == ' ' || c == ',' || c == '\t';
}

uint32_t facts_macros_of(struct slice list)
{
    uint32_t bits = 0;
    while (list.len) {
        size_t len = 0;
        while (len < list.len && !is_between(list.at[len]))
            len++;
        for (size_t i = 0; i < COUNT_OF(macros); i++)
            bits |= is_called(macros[i].name, slice_first(list, len)) ? 1u << i : 0u;
        list = slice_after(list, len + 1);
    }
    return bits;
}

void facts_append_macros(const struct milter_facts *facts, uint32_t wanted, struct text *out)
{
    for (size_t i = 0; i < COUNT_OF(macros); i++) {
        if (!(wanted & 1u << i) || facts->macros[i].len == 0)
            continue;
        packet_append_string(out, macros[i].name);
        packet_append_string(out, facts->macros[i]);
    }
}
