/* SPDX-License-Identifier: Apache-2.0 */
/* peer: which clients are proven, what they may then send and bring along. */
#include "model/peer.h"
#include "fixture.h"
#include "model/submission.h"

static const struct slice good_names[] = {SLICE_INIT("contoso.com"), SLICE_INIT("mail.contoso.com"),
                                          SLICE_INIT("xn--bcher-kva.com")};
static const struct slice wild_names[] = {SLICE_INIT("*.fabrikam.com")};

enum who { NULL_PEER, CLEAR, EMPTY, GOOD, WILD, BAD, NAMES_IN_CLEAR };

static const struct tls_peer peers[] = {
    [EMPTY] = {.tls = true},
    [GOOD] = {.tls = true,
              .shown = true,
              .valid = true,
              .names = {good_names, COUNT_OF(good_names)}},
    [WILD] = {.tls = true, .shown = true, .valid = true, .names = {wild_names, 1}},
    [BAD] = {.tls = true, .shown = true, .names = {good_names, COUNT_OF(good_names)}},
    [NAMES_IN_CLEAR] = {.shown = true, .valid = true, .names = {good_names, COUNT_OF(good_names)}},
};

static const struct tls_peer *peer_of(enum who who)
{
    return who == NULL_PEER ? NULL : &peers[who];
}

static struct model *build(struct receive_connector **out_connector, const char *assignments)
{
    struct model *model = fixture_model();
    fixture_set(model, MODEL_TRANSPORT_CONFIG, model_transport_config(model),
                "TLSReceiveDomainSecureList", "contoso.com,*.fabrikam.com,xn--bcher-kva.com");
    *out_connector = fixture_connector(model, "Secured", assignments);
    return model;
}

static void senders_of_listed_domains_must_be_proven(void **state)
{
    (void)state;
    static const struct {
        const char *sender;
        enum who who;
        enum peer_verdict verdict;
    } rows[] = {
        /* clang-format off */
        {"a@contoso.com",          GOOD,           PEER_MAY_SEND},
        {"a@CONTOSO.COM",          GOOD,           PEER_MAY_SEND},
        {"a@contoso.com",          NULL_PEER,      PEER_IN_CLEAR},
        {"a@contoso.com",          CLEAR,          PEER_IN_CLEAR},
        {"a@contoso.com",          NAMES_IN_CLEAR, PEER_IN_CLEAR},
        {"a@contoso.com",          EMPTY,          PEER_NOT_SHOWN},
        {"a@contoso.com",          BAD,            PEER_NOT_VALID},
        {"a@contoso.com",          WILD,           PEER_OTHER},
        {"\"@x.com\"@contoso.com", EMPTY,          PEER_NOT_SHOWN},
        {"a@mail.contoso.com",     EMPTY,          PEER_MAY_SEND}, /* not listed */
        {"a@fabrikam.com",         EMPTY,          PEER_MAY_SEND}, /* *. is what is below */
        {"a@mail.fabrikam.com",    EMPTY,          PEER_NOT_SHOWN},
        {"a@mail.fabrikam.com",    WILD,           PEER_MAY_SEND},
        {"a@a.mail.fabrikam.com",  WILD,           PEER_OTHER}, /* one label */
        {"a@other.com",            NULL_PEER,      PEER_MAY_SEND},
        {"a@xn--bcher-kva.com",    EMPTY,          PEER_NOT_SHOWN},
        {"a@b\xc3\xbc" "cher.com",  EMPTY,          PEER_NOT_SHOWN}, /* the same, spelled otherwise */
        {"a@b\xc3\xbc" "cher.com",  GOOD,           PEER_MAY_SEND},
        {"a@b\xc3\xb6" "cher.com",  EMPTY,          PEER_MAY_SEND},
        {"",                       NULL_PEER,      PEER_MAY_SEND},
        {"postmaster",             NULL_PEER,      PEER_MAY_SEND},
        /* clang-format on */
    };
    struct receive_connector *connector;
    struct model *model = build(&connector, "Bindings=0.0.0.0:99|DomainSecureEnabled=1");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        connector->domain_secure_enabled = true;
        row_expect(rows[i].sender, "verdict",
                   (long long)peer_judge_sender(model, connector, peer_of(rows[i].who),
                                                slice_of(rows[i].sender)),
                   rows[i].verdict);
        connector->domain_secure_enabled = false;
        row_expect(rows[i].sender, "without DomainSecureEnabled",
                   (long long)peer_judge_sender(model, connector, peer_of(rows[i].who),
                                                slice_of(rows[i].sender)),
                   PEER_MAY_SEND);
    }
    model_free(model);
}

static void a_proven_peer_is_a_partner(void **state)
{
    (void)state;
    struct receive_connector *connector;
    struct model *model =
        build(&connector, "Bindings=0.0.0.0:99|DomainSecureEnabled=1|PermissionGroups=Partners");
    static const bool partner[] = {[GOOD] = true, [WILD] = true, [NAMES_IN_CLEAR] = false};
    for (enum who who = NULL_PEER; who <= NAMES_IN_CLEAR; who++) {
        struct submission submission = submission_of(model, connector, NULL, peer_of(who));
        row_expect("partner", "rights", submission.rights,
                   partner[who] ? RIGHT_SUBMIT | RIGHT_ACCEPT_HEADERS_ROUTING : 0);
        row_expect("partner", "who", submission.who,
                   partner[who] ? RIGHTS_PARTNER : RIGHTS_ANONYMOUS);
    }
    connector->permission_groups = GROUP_PARTNERS | GROUP_ANONYMOUS_USERS;
    uint32_t strangers = submission_of(model, connector, NULL, NULL).rights;
    assert_int_equal(submission_of(model, connector, NULL, &peers[GOOD]).rights, strangers);
    connector->permission_groups = GROUP_ANONYMOUS_USERS;
    assert_int_equal(submission_of(model, connector, NULL, &peers[GOOD]).who, RIGHTS_ANONYMOUS);
    connector->permission_groups = GROUP_PARTNERS;
    connector->domain_secure_enabled = false;
    assert_int_equal(submission_of(model, connector, NULL, &peers[GOOD]).rights, 0);
    model_free(model);
}

static void capabilities_follow_the_rows(void **state)
{
    (void)state;
    static const struct {
        const char *rows;
        bool asked;
        enum who who;
        unsigned capabilities;
        const char *status;
    } rows[] = {
        /* clang-format off */
        {"",                                                                           false, GOOD,           0, "NoMatchingDomain"},
        {"mail.contoso.com:AcceptCloudServicesMail",                                   true,  GOOD,           PEER_CLOUD_SERVICES_MAIL, "Success"},
        {"mail.contoso.com:AcceptCloudServicesMail",                                   true,  BAD,            0, "ChainNotValid"},
        {"mail.contoso.com:AcceptCloudServicesMail",                                   true,  EMPTY,          0, "NoRemoteCertificate"},
        {"mail.contoso.com:AcceptCloudServicesMail",                                   true,  NAMES_IN_CLEAR, 0, "NoTls"},
        {"other.com:AcceptCloudServicesMail",                                          true,  GOOD,           0, "NoMatchingDomain"},
        {"other.com:AcceptCloudServicesMail;x.fabrikam.com:acceptcloudservicesmail",   true,  WILD,           PEER_CLOUD_SERVICES_MAIL, "Success"},
        {"no-tls:AcceptCloudServicesMail",                                             false, NULL_PEER,      PEER_CLOUD_SERVICES_MAIL, "Success"},
        {"NO-TLS:AcceptCloudServicesMail",                                             false, CLEAR,          PEER_CLOUD_SERVICES_MAIL, "Success"},
        {"NO-TLS:AcceptCloudServicesMail",                                             false, EMPTY,          0, "NoRemoteCertificate"},
        /* clang-format on */
    };
    struct receive_connector *connector;
    struct model *model = build(&connector, "Bindings=0.0.0.0:99");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *status;
        fixture_set(model, MODEL_RECEIVE_CONNECTOR, connector, "TlsDomainCapabilities",
                    rows[i].rows);
        row_expect(rows[i].rows, "asked", peer_is_asked(connector), rows[i].asked);
        row_expect(rows[i].rows, "capabilities",
                   peer_capabilities(connector, peer_of(rows[i].who), &status),
                   rows[i].capabilities);
        row_expect_slice(rows[i].rows, slice_of(status), slice_of(rows[i].status));
    }
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(senders_of_listed_domains_must_be_proven),
        cmocka_unit_test(a_proven_peer_is_a_partner),
        cmocka_unit_test(capabilities_follow_the_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
