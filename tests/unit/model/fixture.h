/* SPDX-License-Identifier: Apache-2.0 */
/* fixture - small models for the tests of this room. */
#ifndef TESTS_UNIT_MODEL_FIXTURE_H
#define TESTS_UNIT_MODEL_FIXTURE_H

#include "model/defaults.h"
#include "support/rows.h"

#include <string.h>

enum { DAY = 86400000 };

static inline void fixture_random(void *context, void *out_bytes, size_t len)
{
    unsigned *next = context;
    unsigned char *bytes = out_bytes;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)(++*next >> i % 4 * 8);
}

/* Stands in for the reader of distinguished names: needs an equals sign, drops blanks and case. */
static inline bool fixture_parse_name(struct slice written, struct text *out_canonical)
{
    size_t at;
    if (!slice_find(written, '=', &at))
        return false;
    for (size_t i = 0; i < written.len; i++)
        if (written.at[i] != ' ' && !text_append_byte(out_canonical, ascii_lower(written.at[i])))
            return false;
    return true;
}

/* A server MX1, mx1.contoso.com, with the defaults. */
static inline struct model *fixture_model(void)
{
    static unsigned seed;
    char storage[512];
    struct text error = text_over(storage, sizeof storage);
    struct model *model = model_new();
    struct model_defaults defaults = {.server_name = SLICE("MX1"),
                                      .fqdn = SLICE("mx1.contoso.com"),
                                      .now_ms = 1700000000000,
                                      .random = fixture_random,
                                      .random_context = &seed};
    if (!model_create_defaults(model, &defaults, &error))
        fail_msg("%.*s", SLICE_ARG(text_slice(&error)));
    return model;
}

static inline void fixture_set(struct model *model, enum model_kind kind, void *object,
                               const char *setting, const char *written)
{
    char storage[1024];
    struct text error = text_over(storage, sizeof storage);
    struct slice value = slice_of(written);
    const struct setting *row = setting_exact(model_kind_facts(kind)->settings, slice_of(setting));
    assert_non_null(row);
    if (!setting_parse(row, object, model->arena, &value, 1, &error))
        fail_msg("%.*s", SLICE_ARG(text_slice(&error)));
}

/* "RequireTLS=$true|Fqdn=mail.contoso.com": several settings of one object. */
static inline void fixture_set_all(struct model *model, enum model_kind kind, void *object,
                                   const char *assignments)
{
    struct slice rest = slice_of(assignments), one, name;
    while (slice_take_field(&rest, '|', &one)) {
        char setting[64] = {0}, value[512] = {0};
        assert_true(slice_take_until(&one, '=', &name));
        memcpy(setting, name.at, name.len);
        if (one.len)
            memcpy(value, one.at, one.len);
        fixture_set(model, kind, object, setting, value);
    }
}

static inline void fixture_derive(struct model *model, struct receive_connector *connector)
{
    char storage[1024];
    struct text error = text_over(storage, sizeof storage);
    if (!receive_connector_derive(connector, model, fixture_parse_name, model->arena, &error))
        fail_msg("%.*s", SLICE_ARG(text_slice(&error)));
}

static inline struct receive_connector *fixture_connector(struct model *model, const char *name,
                                                          const char *assignments)
{
    static unsigned seed = 70000;
    struct receive_connector *connector = model_object_new(model, MODEL_RECEIVE_CONNECTOR);
    assert_non_null(connector);
    connector->id = object_id_new(fixture_random, &seed);
    fixture_set(model, MODEL_RECEIVE_CONNECTOR, connector, "Name", name);
    fixture_set(model, MODEL_RECEIVE_CONNECTOR, connector, "Server", "MX1");
    fixture_set_all(model, MODEL_RECEIVE_CONNECTOR, connector, assignments);
    fixture_derive(model, connector);
    assert_true(model_add(model, MODEL_RECEIVE_CONNECTOR, connector));
    return connector;
}

static inline struct send_connector *fixture_send_connector(struct model *model, const char *name,
                                                            const char *assignments)
{
    static unsigned seed = 170000;
    char storage[1024];
    struct text error = text_over(storage, sizeof storage);
    struct send_connector *connector = model_object_new(model, MODEL_SEND_CONNECTOR);
    assert_non_null(connector);
    connector->id = object_id_new(fixture_random, &seed);
    fixture_set(model, MODEL_SEND_CONNECTOR, connector, "Name", name);
    fixture_set_all(model, MODEL_SEND_CONNECTOR, connector, assignments);
    if (!send_connector_derive(connector, model, fixture_parse_name, model->arena, &error))
        fail_msg("%.*s", SLICE_ARG(text_slice(&error)));
    assert_true(model_add(model, MODEL_SEND_CONNECTOR, connector));
    return connector;
}

static inline void fixture_domain(struct model *model, const char *domain, const char *type)
{
    struct accepted_domain *accepted = model_object_new(model, MODEL_ACCEPTED_DOMAIN);
    fixture_set(model, MODEL_ACCEPTED_DOMAIN, accepted, "Name", domain[0] == '*' ? "all" : domain);
    fixture_set(model, MODEL_ACCEPTED_DOMAIN, accepted, "DomainName", domain);
    fixture_set(model, MODEL_ACCEPTED_DOMAIN, accepted, "DomainType", type);
    assert_true(model_add(model, MODEL_ACCEPTED_DOMAIN, accepted));
}

/* A certificate that is good for anything: issued, with key, SMTP, days 0 to 100. */
static inline struct certificate *fixture_certificate(struct model *model, unsigned char mark,
                                                      const char *assignments)
{
    struct certificate *certificate = model_object_new(model, MODEL_CERTIFICATE);
    char *thumbprint = arena_take(model->arena, 20);
    assert_non_null(certificate);
    assert_non_null(thumbprint);
    memset(thumbprint, mark, 20);
    certificate->thumbprint = (struct slice){thumbprint, 20};
    certificate->has_private_key = true;
    certificate->x509_version = 3;
    certificate->status = STATUS_VALID;
    certificate->services = SERVICE_SMTP;
    certificate->not_before_ms = 0;
    certificate->not_after_ms = 100LL * DAY;
    fixture_set(model, MODEL_CERTIFICATE, certificate, "Issuer", "CN=Authority, C=US");
    fixture_set(model, MODEL_CERTIFICATE, certificate, "Subject", "CN=mail.contoso.com");
    fixture_set_all(model, MODEL_CERTIFICATE, certificate, assignments);
    char storage[512];
    struct text der = text_over(storage, sizeof storage);
    assert_true(fixture_parse_name(certificate->issuer, &der) &&
                arena_copy(model->arena, text_slice(&der), &certificate->issuer_der));
    text_clear(&der);
    assert_true(fixture_parse_name(certificate->subject, &der) &&
                arena_copy(model->arena, text_slice(&der), &certificate->subject_der));
    assert_true(model_add(model, MODEL_CERTIFICATE, certificate));
    return certificate;
}

/* A mailbox whose id begins with this byte. */
static inline struct mailbox *fixture_mailbox(struct model *model, unsigned char id,
                                              const char *assignments)
{
    struct mailbox *mailbox = model_object_new(model, MODEL_MAILBOX);
    fixture_set_all(model, MODEL_MAILBOX, mailbox, assignments);
    mailbox->id = (struct object_id){.bytes = {id}};
    assert_true(model_add(model, MODEL_MAILBOX, mailbox));
    return mailbox;
}

/* Rights on an object, for the mailbox whose id begins with this byte (0: for a well-known one). */
static inline void fixture_permission(struct model *model, struct object_id object,
                                      unsigned char mailbox, const char *assignments)
{
    struct permission *permission = model_object_new(model, MODEL_PERMISSION);
    fixture_set_all(model, MODEL_PERMISSION, permission, assignments);
    permission->object = object;
    permission->mailbox.bytes[0] = mailbox;
    assert_true(model_add(model, MODEL_PERMISSION, permission));
}

#endif
