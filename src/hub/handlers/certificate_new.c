/* SPDX-License-Identifier: Apache-2.0 */
/* New-ExchangeCertificate: self-signed, a request for an authority, or the renewal of an old one.
 */
#include "hub/certificates/intake.h"
#include "hub/handlers/certificate.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/host_parameter.h"
#include "hub/handlers/parameters.h"
#include "tls/distinguished_name.h"
#include "tls/host_name.h"

enum { DAYS_DEFAULT = 365, DAYS_MAX = 36500, FRIENDLY_NAME_MAX = 64, NAMES_MAX_BYTES = 65536 };

/* What is asked for; the texts hold what the slices of the vault's request point to. */
struct wish {
    struct call *call;
    const struct certificate *old; /* to be renewed; or NULL */
    struct text subject;           /* DER */
    struct text common_name;
    struct text names; /* with LF behind each */
    bool exportable;
    struct wire_certificate_make request;
};

static void wish_deinit(struct wish *wish)
{
    text_deinit(&wish->subject);
    text_deinit(&wish->common_name);
    text_deinit(&wish->names);
}

static bool refuse(struct wish *wish, const char *why)
{
    call_fail(wish->call, OPERATION_USAGE, "%s", why);
    return false;
}

/* --- the key --- */

struct key_choice {
    const char *algorithm;
    int64_t bits; /* 0: what nobody says is this one */
    enum wire_key_kind kind;
};

/* clang-format off */
static const struct key_choice key_choices[] = {
    {"",           0,    WIRE_KEY_P256},
    {"ECDSA_P256", 0,    WIRE_KEY_P256},
    {"ECDSA_P256", 256,  WIRE_KEY_P256},
    {"ECDSA_P384", 0,    WIRE_KEY_P384},
    {"ECDSA_P384", 384,  WIRE_KEY_P384},
    {"ECDSA",      0,    WIRE_KEY_P256},
    {"RSA",        0,    WIRE_KEY_RSA_2048},
    {"RSA",        2048, WIRE_KEY_RSA_2048},
    {"RSA",        3072, WIRE_KEY_RSA_3072},
    {"RSA",        4096, WIRE_KEY_RSA_4096},
    {"",           2048, WIRE_KEY_RSA_2048},
    {"",           3072, WIRE_KEY_RSA_3072},
    {"",           4096, WIRE_KEY_RSA_4096},
};
/* clang-format on */

static const struct key_choice *choose_key(struct slice algorithm, int64_t bits)
{
    for (size_t i = 0; i < COUNT_OF(key_choices); i++)
        if (slice_equal_nocase(slice_of(key_choices[i].algorithm), algorithm) &&
            key_choices[i].bits == bits)
            return &key_choices[i];
    return NULL;
}

/* The kind of the old key where it is one we make; else the default. */
static const struct key_choice *old_key(const struct certificate *old)
{
    bool rsa = old->key_kind == CERTIFICATE_KEY_RSA || old->key_kind == CERTIFICATE_KEY_RSA_PSS;
    const struct key_choice *choice =
        rsa ? choose_key(SLICE("RSA"), old->public_key_bits)
            : choose_key(old->public_key_bits == 384 ? SLICE("ECDSA_P384") : SLICE(""), 0);
    return choice ? choice : choose_key(rsa ? SLICE("RSA") : SLICE(""), 0);
}

static bool wish_key(struct wish *wish)
{
    struct slice algorithm = call_text(wish->call, "KeyAlgorithm");
    int64_t bits;
    if (!call_integer(wish->call, "KeySize", 1, 65536, 0, &bits))
        return false;
    bool said = algorithm.len > 0 || bits != 0;
    const struct key_choice *choice =
        wish->old && !said ? old_key(wish->old) : choose_key(algorithm, bits);
    if (!choice)
        return refuse(wish, "-KeyAlgorithm is ECDSA_P256, ECDSA_P384, or RSA with -KeySize 2048, "
                            "3072 or 4096");
    wish->request.key_kind = choice->kind;
    return true;
}

/* --- the subject --- */

/* Without a -SubjectName the subject is a common name alone. */
static bool wish_common_name(struct wish *wish)
{
    struct slice first;
    char storage[HOST_PARAMETER_MAX];
    struct text ascii = text_over(storage, sizeof storage);
    const struct server *server = model_server(wish->call->hub->model);
    if (call_list(wish->call, "DomainName", &first, 1) > 0)
        first = host_in_ascii(first, &ascii);
    else
        first = wish->old && wish->old->dns_names.count ? wish->old->dns_names.at[0] : server->fqdn;
    return text_append(&wish->common_name, first);
}

static bool wish_subject(struct wish *wish)
{
    bool given = call_has(wish->call, "SubjectName");
    struct slice written = given       ? call_text(wish->call, "SubjectName")
                           : wish->old ? wish->old->subject
                                       : SLICE("");
    if (written.len == 0)
        return wish_common_name(wish);
    if (!distinguished_name_encode(written, &wish->subject) ||
        wish->subject.len > WIRE_SUBJECT_MAX ||
        !distinguished_name_common_name(text_slice(&wish->subject), &wish->common_name))
        return refuse(wish, given
                                ? "-SubjectName is a name with a CN, as in \"CN=mail.contoso.com, "
                                  "O=\"\"Contoso, Ltd.\"\", C=US\"; a country has two letters"
                                : "the subject of that certificate cannot be used again: give "
                                  "-SubjectName");
    return true;
}

/* --- the names --- */

static bool is_listed(const struct text *names, struct slice name)
{
    struct slice rest = text_slice(names), listed;
    while (slice_take_field(&rest, '\n', &listed))
        if (slice_equal_nocase(listed, name))
            return true;
    return false;
}

static void add_name(struct wish *wish, struct slice name)
{
    if (name.len == 0 || is_listed(&wish->names, name))
        return;
    text_append_lower(&wish->names, name);
    text_append_byte(&wish->names, '\n');
}

static bool add_written(struct wish *wish, struct slice written)
{
    char storage[HOST_PARAMETER_MAX];
    struct text ascii = text_over(storage, sizeof storage);
    struct slice name = host_in_ascii(written, &ascii);
    if (!host_check(wish->call, "DomainName", written, name, true))
        return false;
    add_name(wish, name);
    return true;
}

static void add_included(struct wish *wish)
{
    const struct model *model = wish->call->hub->model;
    const struct server *server = model_server(model);
    char storage[HOST_PARAMETER_MAX];
    struct text ascii = text_over(storage, sizeof storage);
    if (call_switch(wish->call, "IncludeServerFQDN"))
        add_name(wish, server->fqdn);
    if (call_switch(wish->call, "IncludeServerNetBIOSName"))
        add_name(wish, server->name);
    for (size_t i = 0; i < model_count(model, MODEL_ACCEPTED_DOMAIN); i++)
        if (call_switch(wish->call, "IncludeAcceptedDomains"))
            add_name(wish, host_in_ascii(model_accepted_domain(model, i)->domain_name, &ascii));
}

/* The common name goes first when it is a host name; an authority would put it there, too. */
static bool wish_names(struct wish *wish)
{
    struct slice given[CALL_LIST_MAX];
    size_t count = call_list(wish->call, "DomainName", given, CALL_LIST_MAX);
    struct ip_address address;
    struct slice name = text_slice(&wish->common_name);
    if (host_name_ok(name, true) || ip_parse(name, &address))
        add_name(wish, name);
    for (size_t i = 0; i < count; i++)
        if (!add_written(wish, given[i]))
            return false;
    for (size_t i = 0; wish->old && count == 0 && i < wish->old->dns_names.count; i++)
        add_name(wish, wish->old->dns_names.at[i]);
    for (size_t i = 0; wish->old && count == 0 && i < wish->old->addresses.count; i++)
        add_name(wish, wish->old->addresses.at[i]);
    add_included(wish);
    if (wish->names.truncated)
        return refuse(wish, "these are too many names");
    return wish->names.len > 0 ||
           refuse(wish, "the CN is no host name: say with -DomainName which names it is good for");
}

/* --- services and friendly name --- */

static void set_default(struct call *call, const char *name, struct slice value)
{
    if (!call_has(call, name))
        json_object_set_new(call->parameters, name, json_of_slice(value));
}

/* A self-signed certificate is used at once unless -Services says otherwise; a request never is. */
static void wish_services(struct wish *wish)
{
    char storage[128];
    struct text old = text_over(storage, sizeof(storage));
    if (wish->old)
        setting_print(setting_exact(certificate_settings, SLICE("Services")), wish->old, &old);
    bool asks = call_switch(wish->call, "GenerateRequest");
    set_default(wish->call, "Services",
                wish->old ? text_slice(&old)
                : asks    ? SLICE("None")
                          : SLICE("IMAP,POP,SMTP"));
    if (wish->old && wish->old->friendly_name.len)
        set_default(wish->call, "FriendlyName", wish->old->friendly_name);
}

/* --- asking for it --- */

static void new_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct certificate *made = certificate_intake_take(call, draft);
    if (made && certificate_intake_add(call, change, made) &&
        certificate_change_services(call, made, true, draft->arena))
        certificate_intake_commit(call, change, made);
    else
        operation_refuse(change);
}

static bool find_old(struct wish *wish)
{
    if (!call_has(wish->call, "Thumbprint"))
        return true;
    wish->old = call_find(wish->call, wish->call->hub->model, MODEL_CERTIFICATE, "Thumbprint");
    return wish->old != NULL;
}

static bool wish_fill(struct wish *wish, int64_t *out_days)
{
    return find_old(wish) && wish_subject(wish) && wish_names(wish) && wish_key(wish) &&
           call_bool(wish->call, "PrivateKeyExportable", wish->old && wish->old->exportable,
                     &wish->exportable) &&
           call_integer(wish->call, "ValidDays", 1, DAYS_MAX, DAYS_DEFAULT, out_days);
}

static void ask_vault(struct wish *wish, int64_t days)
{
    struct call *call = wish->call;
    struct work *work = certificate_intake_begin(call, new_edit);
    if (!work)
        return;
    bool asks = call_switch(call, "GenerateRequest");
    wish->request.id = slice_bytes(work->id.bytes, sizeof(work->id.bytes));
    wish->request.kind = asks ? WIRE_CERTIFICATE_REQUEST : WIRE_CERTIFICATE_SELF_SIGNED;
    wish->request.subject = text_slice(&wish->subject);
    wish->request.common_name = slice_first(text_slice(&wish->common_name), WIRE_NAME_MAX);
    wish->request.names = text_slice(&wish->names);
    wish->request.days = (uint64_t)days;
    wish->request.friendly_name = slice_first(call_text(call, "FriendlyName"), FRIENDLY_NAME_MAX);
    wish->request.exportable = wish->exportable;
    vault_make_certificate(call->hub, wish->request, certificate_intake_read, call);
}

void certificate_new(struct call *call)
{
    CLEANUP(wish_deinit)
    struct wish wish = {.call = call,
                        .subject = text_with_ceiling(WIRE_SUBJECT_MAX + 1),
                        .common_name = text_with_ceiling(WIRE_SUBJECT_MAX),
                        .names = text_with_ceiling(NAMES_MAX_BYTES)};
    int64_t days;
    if (!wish_fill(&wish, &days))
        return;
    wish_services(&wish);
    ask_vault(&wish, days);
}
