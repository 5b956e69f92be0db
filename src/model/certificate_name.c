/* SPDX-License-Identifier: Apache-2.0 */
#include "model/certificate_name.h"

#include "base/hex.h"
#include "base/quoted.h"

/* Authorities issue without a subject by now (RFC 5280 4.1.2.6). DER: a sequence of nothing. */
#define EMPTY_NAME SLICE("\x30\x00")

enum { THUMBPRINT_DIGITS = 40, SUGGESTIONS = 3, DER_MAX_BYTES = 4096, NAME_MAX_BYTES = 8192 };

/* --- thumbprints --- */

/* Blanks, colons, dashes, and what copying from a dialogue or a page leaves in between: U+200B
 * U+200E U+200F U+FEFF U+00A0. */
static bool take_filler(struct slice *rest)
{
    static const struct slice fillers[] = {
        SLICE_INIT(" "),
        SLICE_INIT(":"),
        SLICE_INIT("-"),
        SLICE_INIT("\t"),
        SLICE_INIT("\xe2\x80\x8b"),
        SLICE_INIT("\xe2\x80\x8e"),
        SLICE_INIT("\xe2\x80\x8f"),
        SLICE_INIT("\xef\xbb\xbf"),
        SLICE_INIT("\xc2\xa0"),
    };
    for (size_t i = 0; i < COUNT_OF(fillers); i++)
        if (slice_take_prefix(rest, fillers[i]))
            return true;
    return false;
}

/* Nothing but hexadecimal digits and fillers; only the first 40 digits are kept. */
static bool gather_digits(struct slice rest, char digits[THUMBPRINT_DIGITS], size_t *out_count)
{
    *out_count = 0;
    while (rest.len) {
        if (take_filler(&rest))
            continue;
        char c = ascii_lower(rest.at[0]);
        if (!ascii_is_digit(c) && !(c >= 'a' && c <= 'f'))
            return false;
        if (*out_count < THUMBPRINT_DIGITS)
            digits[*out_count] = c;
        ++*out_count;
        rest = slice_after(rest, 1);
    }
    return true;
}

bool certificate_thumbprint_parse(struct slice written, uint8_t out_thumbprint[20])
{
    char digits[THUMBPRINT_DIGITS];
    size_t count, len;
    return gather_digits(written, digits, &count) && count == THUMBPRINT_DIGITS &&
           hex_decode(slice_bytes(digits, sizeof digits), out_thumbprint, 20, &len);
}

static bool looks_like_thumbprint(struct slice written)
{
    char digits[THUMBPRINT_DIGITS];
    size_t count;
    return gather_digits(written, digits, &count) && count >= 8;
}

/* --- what may be meant --- */

static bool append_loose(struct text *text, struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != ' ' && !text_append_byte(text, ascii_lower(s.at[i])))
            return false;
    return true;
}

/* Whether the text is this certificate's issuer and subject run together, or its subject alone;
 * blanks and case do not count. */
static bool is_run_together(const struct certificate *certificate, struct slice written)
{
    CLEANUP(text_deinit) struct text seen = text_with_ceiling(16384);
    CLEANUP(text_deinit) struct text both = text_with_ceiling(16384);
    if (!append_loose(&seen, written) || !append_loose(&both, certificate->issuer))
        return false;
    size_t issuer_len = both.len;
    if (!append_loose(&both, certificate->subject))
        return false;
    return slice_equal(text_slice(&seen), text_slice(&both)) ||
           slice_equal(text_slice(&seen), slice_after(text_slice(&both), issuer_len));
}

static bool is_fit_to_suggest(const struct certificate *certificate)
{
    return certificate->has_private_key && (certificate->services & SERVICE_SMTP);
}

static void suggest_one(const struct certificate *certificate, const char *front,
                        struct text *error)
{
    char storage[NAME_MAX_BYTES];
    struct text name = text_over(storage, sizeof storage);
    certificate_name_append(&name, certificate);
    text_append_c(error, front);
    quoted_append(error, text_slice(&name));
}

/* Names the certificates that run together to `written`; without one, those that SMTP may use. */
static void suggest(const struct model *model, struct slice written, struct text *error)
{
    size_t shown = 0;
    size_t count = model ? model_count(model, MODEL_CERTIFICATE) : 0;
    for (size_t pass = 0; pass < 2 && shown == 0; pass++)
        for (size_t i = 0; i < count && shown < SUGGESTIONS; i++) {
            const struct certificate *certificate = model_certificate(model, i);
            bool meant =
                pass == 0 ? is_run_together(certificate, written) : is_fit_to_suggest(certificate);
            if (!meant)
                continue;
            const char *front = shown       ? "; or "
                                : pass == 0 ? " It must mean "
                                            : " Among the certificates of this server: ";
            suggest_one(certificate, front, error);
            shown++;
        }
    text_append_c(error, shown ? "." : " Get-ExchangeCertificate shows what there is.");
}

/* --- parsing --- */

static const char *const explanations[] = {
    [CERTIFICATE_NAME_OK] = "",
    [CERTIFICATE_NAME_EMPTY] = "it is empty; $null clears it.",
    [CERTIFICATE_NAME_SQUARE_TAGS] =
        "the tags are written <I> and <S>, with angle brackets, not [I] and [S].",
    [CERTIFICATE_NAME_NO_TAGS] =
        "the tags <I> and <S> are missing: some web pages and mail programs swallow them.",
    [CERTIFICATE_NAME_EMPTY_PARTS] = "nothing stands behind <I>: the variable with the certificate "
                                     "was probably empty. Read it first: $cert = "
                                     "Get-ExchangeCertificate -Thumbprint ...",
    [CERTIFICATE_NAME_ONE_TAG] = "it must hold both tags: \"<I>issuer<S>subject\".",
    [CERTIFICATE_NAME_BAD_ISSUER] =
        "what stands behind <I> is no distinguished name such as CN=Contoso CA, O=Contoso, C=US.",
    [CERTIFICATE_NAME_BAD_SUBJECT] =
        "what stands behind <S> is no distinguished name such as CN=mail.contoso.com.",
    [CERTIFICATE_NAME_BAD_THUMBPRINT] = "a thumbprint has 40 hexadecimal digits.",
    [CERTIFICATE_NAME_NONSENSE] =
        "it must be \"<I>issuer<S>subject\", or a thumbprint of 40 hexadecimal digits.",
    [CERTIFICATE_NAME_NO_MEMORY] = "there is no memory for it.",
};

static enum certificate_name_outcome refuse(enum certificate_name_outcome outcome,
                                            struct slice loose, const struct model *model,
                                            struct text *error)
{
    if (error) {
        text_append_c(error, "TlsCertificateName: ");
        text_append_c(error, explanations[outcome]);
        suggest(model, loose, error);
    }
    return outcome;
}

static bool find_nocase(struct slice s, struct slice part, size_t *out_index)
{
    for (size_t i = 0; i + part.len <= s.len; i++)
        if (slice_starts_nocase(slice_after(s, i), part)) {
            *out_index = i;
            return true;
        }
    return false;
}

/* The two parts between the tags; either may be empty. */
static bool split(struct slice written, struct slice issuer_tag, struct slice subject_tag,
                  struct certificate_name *out_name)
{
    size_t at;
    if (!slice_take_prefix_nocase(&written, issuer_tag) || !find_nocase(written, subject_tag, &at))
        return false;
    out_name->issuer = slice_trim(slice_first(written, at));
    out_name->subject = slice_trim(slice_after(written, at + subject_tag.len));
    return true;
}

static bool to_der(struct slice written, distinguished_name_parse_fn *parse_name,
                   struct arena *arena, struct slice *out_der, bool *out_no_memory)
{
    CLEANUP(text_deinit) struct text der = text_with_ceiling(DER_MAX_BYTES);
    if (!parse_name(written, &der) || der.len == 0)
        return false;
    *out_no_memory = !arena_copy(arena, text_slice(&der), out_der);
    return !*out_no_memory;
}

static enum certificate_name_outcome parse_parts(struct certificate_name *name,
                                                 distinguished_name_parse_fn *parse_name,
                                                 struct arena *arena)
{
    bool no_memory = false;
    if (name->issuer.len == 0)
        return CERTIFICATE_NAME_EMPTY_PARTS;
    if (!to_der(name->issuer, parse_name, arena, &name->issuer_der, &no_memory))
        return no_memory ? CERTIFICATE_NAME_NO_MEMORY : CERTIFICATE_NAME_BAD_ISSUER;
    if (name->subject.len == 0) {
        name->subject_der = EMPTY_NAME;
        return CERTIFICATE_NAME_OK;
    }
    if (!to_der(name->subject, parse_name, arena, &name->subject_der, &no_memory))
        return no_memory ? CERTIFICATE_NAME_NO_MEMORY : CERTIFICATE_NAME_BAD_SUBJECT;
    return CERTIFICATE_NAME_OK;
}

static enum certificate_name_outcome diagnose(struct slice written)
{
    size_t index;
    if (find_nocase(written, SLICE("<I>"), &index) || find_nocase(written, SLICE("<S>"), &index))
        return CERTIFICATE_NAME_ONE_TAG;
    if (looks_like_thumbprint(written))
        return CERTIFICATE_NAME_BAD_THUMBPRINT;
    return slice_find(written, '=', &index) ? CERTIFICATE_NAME_NO_TAGS : CERTIFICATE_NAME_NONSENSE;
}

/* [I]..[S]..: the same with angle brackets is what must be meant. */
static enum certificate_name_outcome refuse_square(const struct certificate_name *name,
                                                   const struct model *model, struct text *error)
{
    if (error && name->issuer.len && name->subject.len) {
        text_append_c(error, "TlsCertificateName: ");
        text_append_c(error, explanations[CERTIFICATE_NAME_SQUARE_TAGS]);
        char storage[NAME_MAX_BYTES];
        struct text mended = text_over(storage, sizeof storage);
        text_append_format(&mended, "<I>%.*s<S>%.*s", SLICE_ARG(name->issuer),
                           SLICE_ARG(name->subject));
        text_append_c(error, " Write ");
        quoted_append(error, text_slice(&mended));
        text_append_c(error, ".");
        return CERTIFICATE_NAME_SQUARE_TAGS;
    }
    return refuse(CERTIFICATE_NAME_SQUARE_TAGS, SLICE(""), model, error);
}

enum certificate_name_outcome certificate_name_parse(struct slice written,
                                                     distinguished_name_parse_fn *parse_name,
                                                     const struct model *model, struct arena *arena,
                                                     struct certificate_name *out_name,
                                                     struct text *error)
{
    *out_name = (struct certificate_name){0};
    written = slice_trim(written);
    if (written.len == 0)
        return refuse(CERTIFICATE_NAME_EMPTY, written, model, error);
    if (split(written, SLICE("[I]"), SLICE("[S]"), out_name))
        return refuse_square(out_name, model, error);
    if (split(written, SLICE("<I>"), SLICE("<S>"), out_name)) {
        enum certificate_name_outcome outcome = parse_parts(out_name, parse_name, arena);
        return outcome ? refuse(outcome, out_name->subject, model, error) : outcome;
    }
    out_name->is_thumbprint = certificate_thumbprint_parse(written, out_name->thumbprint);
    if (out_name->is_thumbprint)
        return CERTIFICATE_NAME_OK;
    return refuse(diagnose(written), written, model, error);
}

bool certificate_name_derive(struct slice written, distinguished_name_parse_fn *parse_name,
                             const struct model *model, struct arena *arena,
                             const struct certificate_name_key *out, struct text *error)
{
    struct certificate_name name;
    *out->issuer_der = *out->subject_der = *out->thumbprint = (struct slice){0};
    if (written.len == 0)
        return true;
    if (certificate_name_parse(written, parse_name, model, arena, &name, error) !=
        CERTIFICATE_NAME_OK)
        return false;
    *out->issuer_der = name.issuer_der;
    *out->subject_der = name.subject_der;
    return !name.is_thumbprint ||
           arena_copy(arena, slice_bytes(name.thumbprint, 20), out->thumbprint);
}
