/* SPDX-License-Identifier: Apache-2.0 */
#include "model/principal.h"

#include "base/attributes.h"

const struct setting_word principal_words[] = {
    {"Mailbox", PRINCIPAL_MAILBOX},
    {"NT AUTHORITY\\ANONYMOUS LOGON", PRINCIPAL_ANONYMOUS},
    {"NT AUTHORITY\\Authenticated Users", PRINCIPAL_AUTHENTICATED},
    {"NT AUTHORITY\\SELF", PRINCIPAL_SELF},
    {"MS Exchange\\Externally Secured Servers", PRINCIPAL_EXTERNALLY_SECURED},
    {"MS Exchange\\Hub Transport Servers", PRINCIPAL_HUB_SERVERS},
    {"MS Exchange\\Edge Transport Servers", PRINCIPAL_EDGE_SERVERS},
    {"ExchangeLegacyInterop", PRINCIPAL_LEGACY_SERVERS},
    {"MS Exchange\\Partner Servers", PRINCIPAL_PARTNER_SERVERS},
    {0},
};

/* What else they are called: security identifiers, which no language changes, and the name that
 * Windows in German gives to strangers. */
static const struct {
    const char *name;
    enum principal principal;
} others[] = {
    {"S-1-5-7", PRINCIPAL_ANONYMOUS},
    {"NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG", PRINCIPAL_ANONYMOUS},
    {"S-1-5-11", PRINCIPAL_AUTHENTICATED},
    {"S-1-5-10", PRINCIPAL_SELF},
};

const char *principal_name(enum principal principal)
{
    for (const struct setting_word *w = principal_words; w->word; w++)
        if (w->value == (uint32_t)principal)
            return w->word;
    return "";
}

static bool is_name(struct slice written, struct slice name)
{
    struct slice authority, rest = name;
    return slice_equal_nocase(written, name) ||
           (slice_take_until(&rest, '\\', &authority) && slice_equal_nocase(written, rest));
}

bool principal_parse(struct slice written, enum principal *out_principal)
{
    for (const struct setting_word *w = principal_words; w->word; w++)
        if (w->value != PRINCIPAL_MAILBOX && is_name(written, slice_of(w->word))) {
            *out_principal = (enum principal)w->value;
            return true;
        }
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (is_name(written, slice_of(others[i].name))) {
            *out_principal = others[i].principal;
            return true;
        }
    return false;
}
