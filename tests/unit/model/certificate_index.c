/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_index: with it and without it, every question has the same answer. Names come from
 * a small pool of good, odd and malformed ones, so that keys meet. */
#include "fixture.h"
#include "model/certificate_choice.h"

static uint32_t random_state;

static uint32_t draw(uint32_t below) /* the same numbers in every run */
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % below;
}

static const char *const names[] = {
    "mail.contoso.com",
    "MAIL.Contoso.COM",
    "mail.contoso.com.",
    "*.contoso.com",
    "*.CONTOSO.com.",
    "a.b.contoso.com",
    "*.b.contoso.com",
    "*.com",
    "*",
    "*.",
    "contoso.com",
    "*.*.contoso.com",
    "*mail.contoso.com",
    "-x.contoso.com",
    "localhost",
    "192.0.2.1",
    ".",
    "",
    "mx1.contoso.com",
};
static const char *const people[] = {"cn=one", "cn=two", "cn=onecn=two", ""};

static struct slice draw_name(void)
{
    return slice_of(names[draw(COUNT_OF(names))]);
}

static void add_certificate(struct model *model, size_t number)
{
    struct certificate *certificate = arena_take(model->arena, sizeof(struct certificate));
    struct slice *dns_names = arena_take_array(model->arena, 3, sizeof *dns_names);
    char *thumbprint = arena_take(model->arena, 20);
    assert_true(certificate && dns_names && thumbprint);
    thumbprint[draw(2)] = (char)draw(2);
    thumbprint[19] = (char)number;
    for (size_t i = 0; i < 3; i++)
        dns_names[i] = draw_name();
    *certificate = (struct certificate){
        .thumbprint = {thumbprint, 20},
        .issuer_der = slice_of(people[draw(COUNT_OF(people))]),
        .subject_der = slice_of(people[draw(COUNT_OF(people))]),
        .dns_names = {dns_names, draw(4)},
        .not_before_ms = draw(4),
        .not_after_ms = 4 + draw(4),
        .key_kind = 1 + draw(4),
        .x509_version = draw(10) ? 3 : 1,
        .self_signed = draw(2),
        .has_private_key = draw(10) != 0,
        .services = draw(10) ? SERVICE_SMTP : SERVICE_IIS,
        .status = (uint32_t[]){STATUS_VALID, STATUS_VALID, STATUS_VALID, STATUS_PENDING_REQUEST,
                               STATUS_REVOKED}[draw(5)],
    };
    assert_true(model_add(model, MODEL_CERTIFICATE, certificate));
}

/* A connector that names a certificate, pins one, or leaves it to the host name. */
static struct receive_connector draw_connector(const struct model *model)
{
    struct receive_connector connector = {.auth_mechanism = draw(10) ? AUTH_TLS : 0,
                                          .fqdn = draw_name(),
                                          .tls_sni = draw(2),
                                          .tls_certificate_fallback = draw(2)};
    size_t certificates = model_count(model, MODEL_CERTIFICATE);
    switch (draw(3)) {
    case 0:
        connector.tls_certificate_name = SLICE("<I>..<S>..");
        connector.tls_issuer_der = slice_of(people[draw(COUNT_OF(people))]);
        connector.tls_subject_der = slice_of(people[draw(COUNT_OF(people))]);
        break;
    case 1:
        connector.tls_certificate_name = SLICE("0000000000000000000000000000000000000000");
        connector.tls_thumbprint =
            certificates ? model_certificate(model, draw((uint32_t)certificates))->thumbprint
                         : SLICE("01234567890123456789");
        break;
    default:
        break;
    }
    return connector;
}

static void expect_same(const struct certificate_question *question,
                        const struct certificate_index *index, uint32_t seed)
{
    struct certificate_question indexed = *question;
    struct certificate_choice a, b;
    int64_t a_at = 0, b_at = 0;
    indexed.index = index;
    certificate_choose(question, &a);
    certificate_choose(&indexed, &b);
    if (a.certificate != b.certificate || a.rule != b.rule || a.expired != b.expired ||
        a.named_missing != b.named_missing || a.not_yet_valid != b.not_yet_valid)
        fail_msg("seed %u: rule %s with the index, %s without it; \"%.*s\"", seed,
                 certificate_rule_code(b.rule), certificate_rule_code(a.rule),
                 SLICE_ARG(question->server_name));
    bool a_changes = certificate_next_change(question, &a_at, &a);
    assert_int_equal(a_changes, certificate_next_change(&indexed, &b_at, &b));
    assert_true(a_at == b_at && (!a_changes || a.certificate == b.certificate));
}

static void it_answers_as_the_scan_does(void **state)
{
    (void)state;
    size_t chosen = 0;
    for (uint32_t seed = 0; seed < 400; seed++) {
        random_state = seed;
        struct model *model = model_new();
        size_t certificates = draw(20);
        for (size_t i = 0; i < certificates; i++)
            add_certificate(model, i);
        struct certificate_index *index = certificate_index_new(model);
        assert_non_null(index);
        for (size_t i = 0; i < 60; i++) {
            struct receive_connector connector = draw_connector(model);
            struct certificate_question question = {.model = model,
                                                    .connector = &connector,
                                                    .at_ms = draw(10),
                                                    .server_name = draw_name(),
                                                    .client_keys = draw(2) ? 1u << draw(5) : 0};
            struct certificate_choice choice;
            expect_same(&question, index, seed);
            certificate_choose(&question, &choice);
            chosen += choice.certificate != NULL;
        }
        certificate_index_free(index);
        model_free(model);
    }
    assert_in_range(chosen, 5000, 400 * 60); /* the questions are not all in vain */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_answers_as_the_scan_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
