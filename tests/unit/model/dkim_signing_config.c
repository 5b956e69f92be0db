/* SPDX-License-Identifier: Apache-2.0 */
/* Whose mail is signed, by which keys at which moment, and what a config has to keep. */
#include "fixture.h"
#include "support/rows.h"

static struct dkim_signing_config *add(struct model *model, const char *assignments)
{
    static unsigned seed = 270000;
    struct dkim_signing_config *config = model_object_new(model, MODEL_DKIM_SIGNING_CONFIG);
    assert_non_null(config);
    config->id = object_id_new(fixture_random, &seed);
    fixture_set_all(model, MODEL_DKIM_SIGNING_CONFIG, config, assignments);
    config->keys[0][DKIM_RSA_SHA256].sealed = SLICE("sealed");
    assert_true(model_add(model, MODEL_DKIM_SIGNING_CONFIG, config));
    return config;
}

static void a_domain_is_itself_however_it_is_spelled(void **state)
{
    (void)state;
    static const struct {
        const char *domain;
        bool found;
    } rows[] = {
        {"b\xc3\xbc"
         "cher.example",
         true},
        {"xn--bcher-kva.example", true},
        {"XN--BCHER-KVA.EXAMPLE.", true},
        {"www.xn--bcher-kva.example", false},
        {"example", false},
        {"", false},
    };
    struct model *model = fixture_model();
    const struct dkim_signing_config *config = add(model, "DomainName=xn--bcher-kva.example");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(rows[i].domain, "found",
                   dkim_signing_config_of(model, slice_of(rows[i].domain)) == config,
                   rows[i].found);
    model_free(model);
}

static void the_date_says_which_keys_sign(void **state)
{
    (void)state;
    struct model *model = fixture_model();
    struct dkim_signing_config *config = add(model, "DomainName=a.example");
    assert_int_equal(dkim_place_in_use(config, 0), 0);
    config->rotate_on_ms = 1000;
    config->selector_after = 2;
    assert_true(dkim_rotation_pending(config, 999) && !dkim_rotation_pending(config, 1000));
    assert_int_equal(dkim_place_in_use(config, 999), 0);
    assert_int_equal(dkim_place_in_use(config, 1000), 1);
    row_expect_slice("selector", dkim_selector(1, DKIM_ED25519_SHA256), SLICE("selector2-ed25519"));
    model_free(model);
}

static const struct rule {
    const char *assignments, *error;
} rules[] = {
    {"DomainName=b.example", NULL},
    {"Enabled=1", "needs a DomainName"},
    {"DomainName=A.EXAMPLE", "Rotate-DkimSigningConfig"},
    {"DomainName=b.example|SelectorAfterRotateOnDate=selector2", "New-DkimSigningConfig"},
};

static void a_config_keeps_the_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        char storage[512];
        struct text error = text_over(storage, sizeof storage);
        struct model *model = fixture_model();
        add(model, "DomainName=a.example");
        const void *config = add(model, rules[i].assignments);
        bool good = model_validate(model, MODEL_DKIM_SIGNING_CONFIG, config, &error);
        row_expect(rules[i].assignments, "good", good, rules[i].error == NULL);
        if (rules[i].error && !slice_contains(text_slice(&error), slice_of(rules[i].error)))
            fail_msg("%s: %.*s", rules[i].assignments, SLICE_ARG(text_slice(&error)));
        model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_domain_is_itself_however_it_is_spelled),
        cmocka_unit_test(the_date_says_which_keys_sign),
        cmocka_unit_test(a_config_keeps_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
