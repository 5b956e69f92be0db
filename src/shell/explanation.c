/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/explanation.h"

#include "shell/value.h"

enum { LABEL_WIDTH = 11, HEAD_DIGITS = 8, TAIL_DIGITS = 4, CODE_COLUMN = 62, DATE_LEN = 10 };

bool thumbprint_append_short(struct text *text, struct slice thumbprint)
{
    if (thumbprint.len <= HEAD_DIGITS + TAIL_DIGITS)
        return value_append_safe(text, thumbprint);
    value_append_safe(text, slice_first(thumbprint, HEAD_DIGITS));
    text_append_c(text, "...");
    return value_append_safe(text, slice_after(thumbprint, thumbprint.len - TAIL_DIGITS));
}

static void label(struct text *text, const char *name)
{
    text_append_format(text, "%-*s", LABEL_WIDTH, name);
}

static void append_connector(struct text *text, json_t *object)
{
    label(text, "Connector");
    if (!value_at(object, "Identity")) {
        text_append_c(text, "none: the client is answered 421 4.3.2\n");
        return;
    }
    value_append_safe(text, value_text(object, "Identity"));
    text_append_c(text, "   ");
    value_append(text, value_at(object, "Bindings"));
    if (slice_equal(value_text(object, "TlsMode"), SLICE("Implicit")))
        text_append_c(text, "   TLS from the first byte");
    if (json_is_false(value_at(object, "Enabled")))
        text_append_c(text, "   DISABLED");
    text_append_c(text, "\n");
}

static void append_days(struct text *text, json_t *presents)
{
    json_int_t days = json_integer_value(value_at(presents, "DaysLeft"));
    if (days < 0)
        text_append_format(text, "   EXPIRED %lld days ago", (long long)-days);
    else
        text_append_format(text, "   valid %lld more day%s", (long long)days, days == 1 ? "" : "s");
}

/* Authorities leave it empty by now: the host names say it all. */
static void append_subject(struct text *text, json_t *object)
{
    struct slice subject = value_text(object, "Subject");
    value_append_safe(text, subject.len ? subject : SLICE("(no subject)"));
}

static void append_certificate(struct text *text, json_t *presents)
{
    thumbprint_append_short(text, value_text(presents, "Thumbprint"));
    text_append_c(text, "  ");
    append_subject(text, presents);
    if (json_is_true(value_at(presents, "IsSelfSigned"))) {
        text_append_c(text, "  (self-signed)");
        return;
    }
    text_append_c(text, "  (");
    value_append_safe(text, value_text(presents, "Issuer"));
    text_append_c(text, ")");
}

static void append_fix(struct text *text, json_t *object)
{
    struct slice fix = value_text(object, "Fix");
    if (fix.len == 0)
        return;
    label(text, "");
    text_append_c(text, "           -> ");
    value_append_safe(text, fix);
    text_append_c(text, "\n");
}

static void append_presents(struct text *text, json_t *object)
{
    json_t *presents = value_at(object, "Presents");
    bool would = json_is_true(value_at(object, "Hypothetical"));
    label(text, would ? "Would show" : "Presents");
    if (json_is_object(presents)) {
        append_certificate(text, presents);
        append_days(text, presents);
    } else if (json_is_true(value_at(object, "OffersTls"))) {
        text_append_c(text, "nothing: TLS is NOT offered (event 12014)");
    } else {
        text_append_c(text, "nothing: the connector does not want TLS");
    }
    text_append_c(text, "\n");
    append_fix(text, object);
}

/* Behind an answer for a file that is not imported: what is shown until it is. */
static void append_presents_now(struct text *text, json_t *object)
{
    json_t *now = value_at(object, "PresentsNow");
    if (!now)
        return;
    label(text, "Now shows");
    if (!json_is_object(now)) {
        text_append_c(text, "nothing\n");
    } else if (slice_equal(value_text(now, "Thumbprint"),
                           value_text(object, "Presents.Thumbprint"))) {
        text_append_c(text, "the same\n");
    } else {
        append_certificate(text, now);
        append_days(text, now);
        text_append_c(text, "\n");
    }
}

/* What is wrong or weak with it, one line each. */
static void append_findings(struct text *text, json_t *object)
{
    size_t index;
    json_t *sentence;
    const char *name = "Warning";
    json_array_foreach(value_at(object, "Presents.Warnings"), index, sentence)
    {
        label(text, name);
        value_append(text, sentence);
        text_append_c(text, "\n");
        name = "";
    }
}

static void append_because(struct text *text, json_t *object)
{
    struct slice rest = value_text(object, "Because"), line;
    const char *name = "Because";
    while (slice_take_field(&rest, '\n', &line)) {
        label(text, name);
        value_append_safe(text, line);
        text_append_c(text, "\n");
        name = "";
    }
}

static void append_reason(struct text *text, const char *name, json_t *row)
{
    size_t start = text->len;
    label(text, name);
    struct slice thumbprint = value_text(row, "Thumbprint");
    if (thumbprint.len > 0)
        thumbprint_append_short(text, thumbprint);
    else
        value_append_safe(text, value_text(row, "Identity"));
    text_append_c(text, "  ");
    if (thumbprint.len > 0) {
        append_subject(text, row);
        text_append_c(text, ": ");
    }
    value_append_safe(text, value_text(row, "Text"));
    size_t used = text_columns(slice_after(text_slice(text), start));
    text_append_blanks(text, used < CODE_COLUMN ? CODE_COLUMN - used : 3);
    value_append_safe(text, value_text(row, "Code"));
    text_append_c(text, "\n");
    append_fix(text, row);
}

static bool has_code(json_t *row, const char *code)
{
    return slice_equal(value_text(row, "Code"), slice_of(code));
}

/* Connectors that do not even listen there are counted, not listed. */
static void append_reasons(struct text *text, const char *name, json_t *rows)
{
    size_t index, elsewhere = 0;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        if (has_code(row, "BINDING_DIFFERS"))
            elsewhere++;
        if (has_code(row, "CHOSEN") || has_code(row, "BINDING_DIFFERS"))
            continue;
        append_reason(text, name, row);
        name = "";
    }
    if (elsewhere == 0)
        return;
    label(text, name);
    text_append_format(text, "%zu connector%s not listen on this address and port\n", elsewhere,
                       elsewhere == 1 ? " does" : "s do");
}

static void append_change(struct text *text, const char *name, json_t *change, json_t *before)
{
    bool stays = slice_equal(value_text(change, "Presents.Thumbprint"),
                             value_text(before, "Presents.Thumbprint"));
    json_t *presents = value_at(change, "Presents");
    label(text, name);
    value_append_safe(text, slice_first(value_text(change, "At"), DATE_LEN));
    if (!json_is_object(presents)) {
        text_append_c(text, " no certificate fits: TLS is NOT offered from then on\n");
        return;
    }
    bool expired = json_is_true(value_at(change, "Expired"));
    text_append_c(text, !expired ? " presents "
                        : stays  ? " it EXPIRES and is presented all the same: "
                                 : " presents, though EXPIRED: ");
    append_certificate(text, presents);
    text_append_c(text, json_is_true(value_at(change, "NamedMissing"))
                            ? ", because nothing matches TlsCertificateName\n"
                            : "\n");
}

static void append_changes(struct text *text, json_t *object)
{
    size_t index;
    json_t *change, *changes = value_at(object, "Changes"), *before = object;
    const char *name = "Changes";
    json_array_foreach(changes, index, change)
    {
        append_change(text, name, change, before);
        name = "";
        before = change;
    }
    if (json_array_size(changes) == 0) {
        label(text, name);
        text_append_c(text, "nothing, as far as dates decide it\n");
    }
}

/* All clients from `first` on with the verdict of that one. */
static void append_alike(struct text *text, json_t *clients, size_t first)
{
    struct slice code = value_text(json_array_get(clients, first), "Code");
    if (slice_equal(code, SLICE("OK")))
        text_append_c(text, "content");
    else
        value_append_safe(text, code);
    for (size_t i = first; i < json_array_size(clients); i++) {
        json_t *client = json_array_get(clients, i);
        if (!slice_equal(value_text(client, "Code"), code))
            continue;
        text_append_c(text, i == first ? ": " : ", ");
        value_append_safe(text, value_text(client, "Name"));
    }
}

static bool is_first_of_its_code(json_t *clients, size_t index)
{
    struct slice code = value_text(json_array_get(clients, index), "Code");
    for (size_t i = 0; i < index; i++)
        if (slice_equal(value_text(json_array_get(clients, i), "Code"), code))
            return false;
    return true;
}

/* One line: the kinds of clients by what they would say. */
static void append_clients(struct text *text, json_t *clients)
{
    size_t count = json_array_size(clients);
    if (count == 0)
        return;
    label(text, "Clients");
    for (size_t i = 0; i < count; i++) {
        if (!is_first_of_its_code(clients, i))
            continue;
        text_append_c(text, i ? "; " : "");
        append_alike(text, clients, i);
    }
    text_append_c(text, "\n");
}

bool explanation_append(struct text *text, json_t *object)
{
    append_connector(text, object);
    append_reasons(text, "Not", value_at(object, "Connectors"));
    if (!value_at(object, "Identity"))
        return !text->truncated;
    append_presents(text, object);
    append_presents_now(text, object);
    append_findings(text, object);
    append_clients(text, value_at(object, "Clients"));
    append_because(text, object);
    append_reasons(text, "Rejected", value_at(object, "Rejected"));
    append_changes(text, object);
    return !text->truncated;
}
