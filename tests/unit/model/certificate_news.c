/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_health and certificate_news: days left, boundaries, and what is said between two
 * looks.
 */
#include "model/certificate_news.h"
#include "fixture.h"
#include "model/certificate_staple.h"

/* --- health --- */

static void boundaries_and_health(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t status;
        int64_t chain_days, at_ms, days_left;
        unsigned boundary;
        const char *health;
    } rows[] = {
        {"early", STATUS_VALID, 0, 10LL * DAY, 90, 0, "Good"},
        {"not yet", STATUS_VALID, 0, -1, 100, 0, "NotYetValid"},
        {"a moment before 30 days", STATUS_VALID, 0, 70LL * DAY - 1, 30, 0, "Good"},
        {"30 days", STATUS_VALID, 0, 70LL * DAY, 30, 30, "ExpiresSoon"},
        {"15 days", STATUS_VALID, 0, 85LL * DAY, 15, 30, "ExpiresSoon"},
        {"14 days", STATUS_VALID, 0, 86LL * DAY, 14, 14, "ExpiresSoon"},
        {"7 days", STATUS_VALID, 0, 93LL * DAY, 7, 7, "ExpiresSoon"},
        {"1 day", STATUS_VALID, 0, 99LL * DAY, 1, 1, "ExpiresSoon"},
        {"the last millisecond", STATUS_VALID, 0, 100LL * DAY, 0, 1, "ExpiresSoon"},
        {"over", STATUS_VALID, 0, 100LL * DAY + 1, -1, 0, "Expired"},
        {"an issuer ends first", STATUS_VALID, 60, 55LL * DAY, 5, 7, "ExpiresSoon"},
        {"an issuer is over", STATUS_VALID, 60, 61LL * DAY, -1, 0, "Expired"},
        {"self-signed", STATUS_UNTRUSTED, 0, 10LL * DAY, 90, 0, "Untrusted"},
        {"self-signed, soon over", STATUS_UNTRUSTED, 0, 95LL * DAY, 5, 7, "ExpiresSoon"},
        {"revoked", STATUS_REVOKED, 0, 10LL * DAY, 90, 0, "Revoked"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct certificate certificate = {.status = rows[i].status,
                                          .not_after_ms = 100LL * DAY,
                                          .chain_not_after_ms = rows[i].chain_days * DAY};
        enum certificate_health health = certificate_health(&certificate, rows[i].at_ms);
        row_expect_slice(rows[i].name, slice_of(certificate_health_word(health)),
                         slice_of(rows[i].health));
        row_expect(rows[i].name, "days left", certificate_days_left(&certificate, rows[i].at_ms),
                   rows[i].days_left);
        row_expect(rows[i].name, "boundary", certificate_days_boundary(&certificate, rows[i].at_ms),
                   rows[i].boundary);
    }
}

static void the_next_boundary(void **state)
{
    (void)state;
    struct certificate certificate = {.not_after_ms = 100LL * DAY};
    int64_t at_ms = -1;
    const int64_t moments[] = {0, 70LL * DAY, 86LL * DAY, 93LL * DAY, 99LL * DAY, 100LL * DAY + 1};
    for (size_t i = 0; i < COUNT_OF(moments); i++) {
        assert_true(certificate_next_boundary(&certificate, at_ms, &at_ms));
        assert_int_equal(at_ms, moments[i]);
    }
    assert_false(certificate_next_boundary(&certificate, at_ms, &at_ms));
}

/* --- news --- */

static void write_down(void *context, const struct certificate_news *news)
{
    static const char *const words[] = {
        [NEWS_NOT_OFFERED] = "not-offered",
        [NEWS_NAMED_MISSING] = "named-missing",
        [NEWS_EXPIRED] = "expired",
        [NEWS_EXPIRES_SOON] = "soon",
        [NEWS_CONNECTOR_IS_WELL] = "well-again",
        [NEWS_CERTIFICATE_RETIRED] = "retired",
        [NEWS_REVOKED] = "revoked",
        [NEWS_REVOKED_NO_MORE] = "revoked-no-more",
        [NEWS_STAPLE_OLD] = "staple-old",
        [NEWS_STAPLE_ENDS] = "staple-ends",
        [NEWS_STAPLE_OVER] = "staple-over",
        [NEWS_STAPLE_WELL] = "staple-well",
    };
    struct text *text = context;
    text_append_format(text, "%s%s", text->len ? " " : "", words[news->kind]);
    if (news->certificate)
        text_append_format(text, ":%02x", (unsigned char)news->certificate->thumbprint.at[0]);
    if (news->connectors > 1)
        text_append_format(text, "x%zu", news->connectors);
    if (news->seldom)
        text_append_c(text, "-seldom");
}

static void expect_news(const char *name, const struct certificate_look *before,
                        const struct certificate_look *now, const char *expected)
{
    char storage[512];
    struct text text = text_over(storage, sizeof storage);
    assert_true(certificate_news(before, now, write_down, &text));
    row_expect_slice(name, text_slice(&text), slice_of(expected));
}

/* Only this connector, so that the news is its own. */
static struct model *one_connector(const char *assignments)
{
    struct model *model = fixture_model();
    for (size_t i = 0; i < model_count(model, MODEL_RECEIVE_CONNECTOR); i++)
        model_receive_connector(model, i)->enabled = false;
    fixture_connector(model, "Mail", assignments);
    return model;
}

#define MAIL "Fqdn=mail.contoso.com|Bindings=0.0.0.0:25|AuthMechanism=Tls"

static struct certificate *add_certificate(struct model *model, unsigned char mark,
                                           const char *assignments)
{
    struct certificate *certificate = fixture_certificate(model, mark, assignments);
    memset(certificate->id.bytes, mark, sizeof certificate->id.bytes);
    return certificate;
}

static void time_alone_is_news(void **state)
{
    (void)state;
    struct model *model = one_connector(MAIL);
    add_certificate(model, 0xaa, "CertificateDomains=mail.contoso.com");
    static const struct {
        const char *name;
        int64_t from_ms, to_ms;
        const char *news;
    } rows[] = {
        {"nothing", 0, 69LL * DAY, ""},
        {"30 days", 69LL * DAY, 70LL * DAY, "soon:aa"},
        {"said already", 70LL * DAY, 71LL * DAY, ""},
        {"14 days", 85LL * DAY, 86LL * DAY, "soon:aa"},
        {"7 days", 92LL * DAY, 93LL * DAY, "soon:aa"},
        {"1 day", 98LL * DAY, 99LL * DAY, "soon:aa"},
        {"two boundaries in a server's sleep: the nearer", 69LL * DAY, 94LL * DAY, "soon:aa"},
        {"over", 100LL * DAY, 100LL * DAY + 1, "expired:aa"},
        {"over while it slept", 10LL * DAY, 120LL * DAY, "expired:aa"},
        {"still over", 101LL * DAY, 102LL * DAY, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        expect_news(rows[i].name, &(struct certificate_look){model, rows[i].from_ms},
                    &(struct certificate_look){model, rows[i].to_ms}, rows[i].news);
    struct certificate_look never = {NULL, 0};
    expect_news("first look, good", &never, &(struct certificate_look){model, DAY}, "");
    expect_news("first look, soon", &never, &(struct certificate_look){model, 95LL * DAY},
                "soon:aa");
    expect_news("first look, over", &never, &(struct certificate_look){model, 101LL * DAY},
                "expired:aa");
    model_free(model);
}

static void a_change_is_news(void **state)
{
    (void)state;
    struct model *old = one_connector(MAIL);
    add_certificate(old, 0xaa, "CertificateDomains=mail.contoso.com");
    struct model *new = model_copy(old);
    add_certificate(new, 0xbb, "CertificateDomains=mail.contoso.com")->not_after_ms = 200LL * DAY;
    struct certificate_look soon = {old, 95LL * DAY}, over = {old, 101LL * DAY};
    expect_news("renewed in time", &soon, &(struct certificate_look){new, 95LL * DAY},
                "retired:aa");
    expect_news("renewed too late", &over, &(struct certificate_look){new, 101LL * DAY},
                "well-again:bb");
    expect_news("back to the old one", &(struct certificate_look){new, 95LL * DAY}, &soon,
                "soon:aa");
    struct model *without = model_copy(old);
    assert_true(model_remove(without, MODEL_CERTIFICATE, model_certificate(without, 0)));
    expect_news("removed", &(struct certificate_look){old, DAY},
                &(struct certificate_look){without, DAY}, "not-offered");
    expect_news("removed when it was to end soon", &soon,
                &(struct certificate_look){without, 95LL * DAY}, "not-offered retired:aa");
    model_free(without);
    model_free(new);
    model_free(old);
}

static void what_nobody_presents_is_no_news(void **state)
{
    (void)state;
    struct model *model = one_connector(MAIL "|TlsSni=$true");
    add_certificate(model, 0xaa, "CertificateDomains=mail.contoso.com")->not_after_ms = 900LL * DAY;
    struct certificate *other = add_certificate(model, 0xbb, "CertificateDomains=www.contoso.com");
    struct certificate_look never = {NULL, 0}, late = {model, 95LL * DAY};
    expect_news("it is presented to who asks for it", &never, &late, "soon:bb-seldom");
    struct receive_connector *connector =
        model_receive_connector(model, model_count(model, MODEL_RECEIVE_CONNECTOR) - 1);
    connector->tls_sni = false;
    expect_news("without SNI it is not", &never, &late, "");
    other->dns_names = model_certificate(model, 0)->dns_names;
    other->not_before_ms = DAY;
    expect_news("by its name it is", &never, &late, "soon:bb");
    other->services = 0;
    expect_news("without the service it is not", &never, &late, "");
    model_free(model);
}

static void the_other_kind_of_key_counts_too(void **state)
{
    (void)state;
    struct model *model = one_connector(MAIL);
    add_certificate(model, 0xaa, "CertificateDomains=mail.contoso.com|PublicKeyType=ECDSA");
    add_certificate(model, 0xbb, "CertificateDomains=mail.contoso.com|PublicKeyType=RSA")
        ->not_after_ms = 900LL * DAY;
    model_certificate(model, 1)->not_before_ms = DAY;
    struct certificate_look never = {NULL, 0}, late = {model, 95LL * DAY};
    expect_news("the usual one is RSA, some clients get the other", &never, &late,
                "soon:aa-seldom");
    model_certificate(model, 0)->key_kind = CERTIFICATE_KEY_RSA;
    expect_news("of the same kind it is for nobody", &never, &late, "");
    model_free(model);
}

/* A change of one connector does not look at the others, unless dates matter: a certificate that
 * lives shorter than its first notice is near its end all its life. */
static void a_small_change_near_an_end_counts_all_connectors(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t life_days, at_days;
        const char *moved, *broken;
    } rows[] = {
        {"long, far from its end", 100, 10, "", "not-offered"},
        {"long, near its end", 100, 80, "", "not-offered"},
        {"short, just begun", 7, 1, "", "not-offered"},
        {"over", 7, 8, "", "not-offered"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct model *old = one_connector(MAIL);
        fixture_connector(old, "Other",
                          "Fqdn=mail.contoso.com|Bindings=0.0.0.0:26|AuthMechanism=Tls");
        struct certificate *certificate =
            add_certificate(old, 0xaa, "CertificateDomains=mail.contoso.com");
        certificate->not_after_ms = rows[i].life_days * DAY;
        struct model *new = model_copy(old);
        size_t last = model_count(new, MODEL_RECEIVE_CONNECTOR) - 1;
        struct certificate_look before = {old, rows[i].at_days * DAY}, now = {new, before.at_ms};
        fixture_set(new, MODEL_RECEIVE_CONNECTOR, model_receive_connector(new, last), "Comment",
                    "moved");
        expect_news(rows[i].name, &before, &now, rows[i].moved);
        fixture_set(new, MODEL_RECEIVE_CONNECTOR, model_receive_connector(new, last), "Fqdn",
                    "elsewhere.com");
        expect_news(rows[i].name, &before, &now, rows[i].broken);
        model_free(new);
        model_free(old);
    }
}

/* The first notice of a short certificate is the moment it is presented, and again one connector
 * more is not news. */
static void a_certificate_shorter_than_the_notice(void **state)
{
    (void)state;
    struct model *old = one_connector(MAIL);
    add_certificate(old, 0xaa, "CertificateDomains=mail.contoso.com")->not_after_ms = 900LL * DAY;
    struct certificate *brief = add_certificate(old, 0xbb, "CertificateDomains=www.contoso.com");
    brief->not_after_ms = 7LL * DAY;
    struct model *new = model_copy(old);
    size_t last = model_count(new, MODEL_RECEIVE_CONNECTOR) - 1;
    fixture_set(new, MODEL_RECEIVE_CONNECTOR, model_receive_connector(new, last), "Fqdn",
                "www.contoso.com");
    struct certificate_look before = {old, 2LL * DAY}, now = {new, 2LL * DAY};
    int64_t at_ms;
    expect_news("presented for the first time", &before, &now, "soon:bb");
    expect_news("presented no more", &now, &before, "retired:bb");
    assert_true(certificate_news_next(&now, &at_ms));
    assert_int_equal(at_ms, 6LL * DAY);
    expect_news("its last day", &now, &(struct certificate_look){new, 6LL * DAY}, "soon:bb");
    model_free(new);
    model_free(old);
}

static void many_connectors_are_one_event(void **state)
{
    (void)state;
    struct model *model = one_connector(MAIL);
    fixture_connector(model, "Other",
                      "Fqdn=mail.contoso.com|Bindings=0.0.0.0:26|AuthMechanism=Tls");
    add_certificate(model, 0xaa, "CertificateDomains=mail.contoso.com");
    struct certificate_look early = {model, DAY}, late = {model, 95LL * DAY};
    int64_t at_ms;
    expect_news("said once", &early, &late, "soon:aax2");
    assert_true(certificate_news_next(&early, &at_ms));
    assert_int_equal(at_ms, 70LL * DAY);
    model_free(model);
}

/* --- what issuers say --- */

static void put_response(struct certificate *certificate, int64_t from_days, int64_t to_days)
{
    certificate->ocsp_status = RESPONSE_GOOD;
    certificate->ocsp_this_update_ms = from_days * DAY;
    certificate->ocsp_next_update_ms = to_days * DAY;
}

static void a_staple_ages(void **state)
{
    (void)state;
    struct model *model = one_connector(MAIL);
    struct certificate *certificate =
        add_certificate(model, 0xaa, "CertificateDomains=mail.contoso.com");
    static const struct {
        const char *name;
        int64_t from_ms, to_ms;
        const char *news;
    } rows[] = {
        {"fresh", 10LL * DAY, 13LL * DAY, ""},
        {"half of its life", 13LL * DAY, 15LL * DAY, ""},
        {"three quarters", 13LL * DAY, 17LL * DAY + DAY / 2, "staple-old:aa"},
        {"said already", 17LL * DAY + DAY / 2, 18LL * DAY, ""},
        {"its last day", 18LL * DAY, 19LL * DAY, "staple-ends:aa"},
        {"over", 19LL * DAY, 20LL * DAY, "staple-over:aa"},
        {"over while it slept", 11LL * DAY, 40LL * DAY, "staple-over:aa"},
    };
    put_response(certificate, 10, 20);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        expect_news(rows[i].name, &(struct certificate_look){model, rows[i].from_ms},
                    &(struct certificate_look){model, rows[i].to_ms}, rows[i].news);
    struct model *newer = model_copy(model);
    put_response(model_certificate(newer, 0), 16, 26);
    expect_news("a new one in time", &(struct certificate_look){model, 18LL * DAY},
                &(struct certificate_look){newer, 18LL * DAY}, "staple-well:aa");
    model_certificate(newer, 0)->ocsp_status = RESPONSE_NONE;
    expect_news("none was ever there", &(struct certificate_look){NULL, 0},
                &(struct certificate_look){newer, 17LL * DAY}, "");
    model_certificate(newer, 0)->must_staple = true;
    expect_news("none was ever there, and it is demanded", &(struct certificate_look){NULL, 0},
                &(struct certificate_look){newer, 17LL * DAY}, "staple-over:aa");
    model_certificate(newer, 0)->services = 0;
    expect_news("nobody presents it", &(struct certificate_look){NULL, 0},
                &(struct certificate_look){newer, 17LL * DAY}, "not-offered");
    model_free(newer);
    model_free(model);
}

static void moments_of_a_staple(void **state)
{
    (void)state;
    struct certificate certificate = {.not_after_ms = 100LL * DAY};
    int64_t at_ms = 0;
    assert_false(certificate_staple_next(&certificate, 0, &at_ms));
    put_response(&certificate, 10, 20);
    const int64_t moments[] = {17LL * DAY + DAY / 2, 19LL * DAY, 20LL * DAY};
    for (size_t i = 0; i < COUNT_OF(moments); i++) {
        assert_true(certificate_staple_next(&certificate, at_ms, &at_ms));
        assert_int_equal(at_ms, moments[i]);
        assert_true(certificate_staple_state(&certificate, at_ms) >
                    certificate_staple_state(&certificate, at_ms - 1));
    }
    assert_false(certificate_staple_next(&certificate, at_ms, &at_ms));
    put_response(&certificate, 10, 11); /* a short life: its last quarter is its end */
    int64_t last_quarter_ms = 10LL * DAY + 3LL * DAY / 4;
    assert_int_equal(certificate_staple_state(&certificate, last_quarter_ms - 1), STAPLE_FRESH);
    assert_int_equal(certificate_staple_state(&certificate, last_quarter_ms), STAPLE_ENDING);
}

static void when_an_issuer_is_asked(void **state)
{
    (void)state;
    const struct certificate usual = {.status = STATUS_VALID,
                                      .not_after_ms = 100LL * DAY,
                                      .has_private_key = true,
                                      .services = SERVICE_SMTP,
                                      .chain = {.count = 1},
                                      .ocsp_responder = SLICE("http://ocsp.contoso.com")};
    struct certificate good = usual, rows[] = {usual, usual, usual, usual, usual};
    int64_t due_ms;
    assert_true(certificate_response_due(&usual, DAY, &due_ms));
    assert_true(due_ms < DAY); /* there is none yet */
    put_response(&good, 10, 20);
    assert_true(certificate_response_due(&good, 11LL * DAY, &due_ms));
    assert_int_equal(due_ms, 15LL * DAY);
    good.ocsp_status = RESPONSE_UNKNOWN;
    assert_true(certificate_response_due(&good, 11LL * DAY, &due_ms));
    assert_true(due_ms < DAY);
    rows[0].ocsp_responder = SLICE("");
    rows[1].chain.count = 0;
    rows[2].has_private_key = false;
    rows[3].services = SERVICE_IMAP;
    rows[4].ocsp_status = RESPONSE_REVOKED;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_false(certificate_response_due(&rows[i], DAY, &due_ms));
    assert_false(certificate_response_due(&usual, 101LL * DAY, &due_ms));
}

static void a_demanded_staple_is_part_of_health(void **state)
{
    (void)state;
    struct certificate certificate = {
        .status = STATUS_VALID, .not_after_ms = 100LL * DAY, .must_staple = true};
    char storage[400];
    struct text text = text_over(storage, sizeof storage);
    assert_int_equal(certificate_health(&certificate, 12LL * DAY), HEALTH_STAPLE_MISSING);
    assert_true(certificate_staple_text(&certificate, 12LL * DAY, &text));
    assert_true(slice_contains(text_slice(&text), SLICE("Import-ExchangeCertificate")));
    put_response(&certificate, 10, 20);
    assert_int_equal(certificate_health(&certificate, 12LL * DAY), HEALTH_GOOD);
    assert_int_equal(certificate_health(&certificate, 20LL * DAY), HEALTH_STAPLE_MISSING);
    assert_false(certificate_staple_text(&certificate, 12LL * DAY, &text));
    certificate.must_staple = false;
    assert_int_equal(certificate_health(&certificate, 20LL * DAY), HEALTH_GOOD);
    certificate.ocsp_status = RESPONSE_REVOKED;
    assert_int_equal(certificate_health(&certificate, 12LL * DAY), HEALTH_REVOKED);
}

static void a_revocation_is_said_once(void **state)
{
    (void)state;
    struct model *good = one_connector(MAIL);
    add_certificate(good, 0xaa, "CertificateDomains=mail.contoso.com");
    add_certificate(good, 0xbb, "CertificateDomains=mail.contoso.com");
    struct model *bad = model_copy(good), *without = model_copy(good);
    model_certificate(bad, 1)->ocsp_status = RESPONSE_REVOKED;
    assert_true(model_remove(without, MODEL_CERTIFICATE, model_certificate(without, 1)));
    struct certificate_look before = {good, DAY}, now = {bad, DAY};
    expect_news("revoked", &before, &now, "revoked:bb");
    expect_news("said already", &now, &(struct certificate_look){bad, 2LL * DAY}, "");
    expect_news("taken back", &now, &before, "revoked-no-more:bb");
    expect_news("removed", &now, &(struct certificate_look){without, DAY}, "revoked-no-more:bb");
    model_certificate(bad, 0)->ocsp_status = RESPONSE_REVOKED;
    expect_news("both", &before, &now, "not-offered revoked:aa revoked:bb");
    model_free(good);
    model_free(bad);
    model_free(without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boundaries_and_health),
        cmocka_unit_test(the_next_boundary),
        cmocka_unit_test(time_alone_is_news),
        cmocka_unit_test(a_change_is_news),
        cmocka_unit_test(what_nobody_presents_is_no_news),
        cmocka_unit_test(the_other_kind_of_key_counts_too),
        cmocka_unit_test(a_small_change_near_an_end_counts_all_connectors),
        cmocka_unit_test(a_certificate_shorter_than_the_notice),
        cmocka_unit_test(many_connectors_are_one_event),
        cmocka_unit_test(a_staple_ages),
        cmocka_unit_test(moments_of_a_staple),
        cmocka_unit_test(when_an_issuer_is_asked),
        cmocka_unit_test(a_demanded_staple_is_part_of_health),
        cmocka_unit_test(a_revocation_is_said_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
