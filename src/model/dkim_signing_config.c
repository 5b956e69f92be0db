/* SPDX-License-Identifier: Apache-2.0 */
#include "model/dkim_signing_config.h"

#include "model/check.h"
#include "model/model.h"

enum { SEALED_MAX = 8192 };

/* clang-format off */
static const struct setting_word forms[] = {{"Relaxed", DKIM_FORM_RELAXED}, {"Simple", DKIM_FORM_SIMPLE}, {0}};
static const struct setting_word key_algorithms[] = {{"RSA", DKIM_KEYS_RSA}, {"Ed25519", DKIM_KEYS_ED25519}, {"Both", DKIM_KEYS_BOTH}, {0}};
static const struct setting_word selectors[] = {{"selector1", 1}, {"selector2", 2}, {0}};

#define ROW(written, member, ...) SETTING_ROW(dkim_signing_config, written, member, __VA_ARGS__)
#define FACT(written, member, ...) ROW(written, member, .flags = SETTING_READ_ONLY, __VA_ARGS__)
#define PUBLIC(written, place, algorithm) ROW(written, keys[place][algorithm].public_key, .kind = SETTING_HEX, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .max = DKIM_PUBLIC_KEY_MAX, .help = "The public half.")
#define SEALED(written, place, algorithm) ROW(written, keys[place][algorithm].sealed, .kind = SETTING_HEX, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .max = SEALED_MAX, .help = "The private half, sealed.")

const struct setting dkim_signing_config_settings[] = {
    ROW("DomainName", domain_name, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED | SETTING_ONLY_NEW, .min = 1, .max = 253, .check = check_host_name,
        .help = "The domain of the From field whose mail is signed; not those below it."),
    ROW("Enabled", enabled, .kind = SETTING_BOOL, .fallback = "$false", .help = "Mail is signed. Publish the records of Get-DkimSigningConfig first."),
    ROW("HeaderCanonicalization", header_form, .kind = SETTING_ENUM, .words = forms, .fallback = "Relaxed",
        .help = "Relaxed: a server on the way may fold fields and change blanks. Simple: the smallest change breaks the signature."),
    ROW("BodyCanonicalization", body_form, .kind = SETTING_ENUM, .words = forms, .fallback = "Relaxed",
        .help = "The same, of the body: blanks at the ends of lines, and runs of them."),
    ROW("KeyAlgorithm", key_algorithm, .kind = SETTING_ENUM, .words = key_algorithms, .flags = SETTING_ONLY_NEW, .fallback = "RSA",
        .help = "RSA, which everybody verifies, Ed25519, which few do yet, or Both: then mail has two signatures."),
    ROW("KeySize", key_bits, .kind = SETTING_INTEGER, .flags = SETTING_ONLY_NEW, .min = DKIM_RSA_BITS_MIN, .max = DKIM_RSA_BITS_MAX, .fallback = "2048",
        .help = "Bits of an RSA key. Less than 2048 is not recommended (RFC 8301)."),
    FACT("KeyCreationTime", key_created_ms, .kind = SETTING_TIME, .help = "When the newest key was made."),
    FACT("RotateOnDate", rotate_on_ms, .kind = SETTING_TIME, .help = "From when on SelectorAfterRotateOnDate signs."),
    FACT("SelectorBeforeRotateOnDate", selector_before, .kind = SETTING_ENUM, .words = selectors, .fallback = "selector1", .help = "The selector in use before that."),
    FACT("SelectorAfterRotateOnDate", selector_after, .kind = SETTING_ENUM, .words = selectors, .fallback = "selector1", .help = "The selector in use from then on."),
    FACT("Guid", id, .kind = SETTING_UUID, .help = "An id that never changes."),
    FACT("WhenChanged", changed_ms, .kind = SETTING_TIME, .help = "The last change."),
    FACT("WhenCreated", created_ms, .kind = SETTING_TIME, .help = "When it was made."),
    ROW("Version", version, .kind = SETTING_INTEGER, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .help = "Counts the changes."),
    PUBLIC("Selector1RsaKey", 0, DKIM_RSA_SHA256),
    PUBLIC("Selector1Ed25519Key", 0, DKIM_ED25519_SHA256),
    PUBLIC("Selector2RsaKey", 1, DKIM_RSA_SHA256),
    PUBLIC("Selector2Ed25519Key", 1, DKIM_ED25519_SHA256),
    SEALED("Selector1RsaSealed", 0, DKIM_RSA_SHA256),
    SEALED("Selector1Ed25519Sealed", 0, DKIM_ED25519_SHA256),
    SEALED("Selector2RsaSealed", 1, DKIM_RSA_SHA256),
    SEALED("Selector2Ed25519Sealed", 1, DKIM_ED25519_SHA256),
    {0},
};

static const struct slice selector_names[DKIM_PLACES][DKIM_ALGORITHMS] = {
    {[DKIM_RSA_SHA256] = SLICE_INIT("selector1"), [DKIM_ED25519_SHA256] = SLICE_INIT("selector1-ed25519")},
    {[DKIM_RSA_SHA256] = SLICE_INIT("selector2"), [DKIM_ED25519_SHA256] = SLICE_INIT("selector2-ed25519")},
};
/* clang-format on */

struct dkim_signing_config *dkim_signing_config_of(const struct model *model, struct slice domain)
{
    for (size_t i = 0; i < model_count(model, MODEL_DKIM_SIGNING_CONFIG); i++) {
        struct dkim_signing_config *config = model_object(model, MODEL_DKIM_SIGNING_CONFIG, i);
        if (domain_pattern_same(config->domain_name, domain))
            return config;
    }
    return NULL;
}

bool dkim_rotation_pending(const struct dkim_signing_config *config, int64_t now_ms)
{
    return config->rotate_on_ms > now_ms;
}

unsigned dkim_place_in_use(const struct dkim_signing_config *config, int64_t now_ms)
{
    uint32_t selector =
        dkim_rotation_pending(config, now_ms) ? config->selector_before : config->selector_after;
    return selector == 2 ? 1 : 0;
}

struct slice dkim_selector(unsigned place, enum dkim_algorithm algorithm)
{
    return selector_names[place][algorithm];
}

bool dkim_keys_include(uint32_t keys, enum dkim_algorithm algorithm)
{
    return keys == DKIM_KEYS_BOTH ||
           keys == (algorithm == DKIM_RSA_SHA256 ? DKIM_KEYS_RSA : DKIM_KEYS_ED25519);
}
