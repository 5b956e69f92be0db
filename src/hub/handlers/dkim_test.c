/* SPDX-License-Identifier: Apache-2.0 */
/* Test-DkimSigningConfig: what DNS says of the keys of a domain, one after the other. */
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/transport/txt_lookup.h"
#include "mail/ascii_domain.h"
#include "os/clock.h"

#include <string.h>

enum { KEYS = DKIM_PLACES * DKIM_ALGORITHMS, DETAILS_MAX = 1200, NAME_BYTES_MAX = 320 };

/* Lies in the call: the config may change meanwhile, so each step finds it anew. */
struct test {
    struct object_id config;
    size_t key; /* the one that is asked for; KEYS: all were */
    size_t bad;
    char name[NAME_BYTES_MAX];
    size_t name_len;
};

struct finding {
    const char *result, *details;
};

static void ask_next(struct call *call);

static struct test *test_of(struct call *call)
{
    struct work *work = call->scratch;
    return (struct test *)(void *)work->bytes;
}

static const struct dkim_signing_config *config_of(struct call *call, const struct test *test)
{
    return model_by_id(call->hub->model, MODEL_DKIM_SIGNING_CONFIG, test->config);
}

static const struct dkim_place_key *key_of(const struct dkim_signing_config *config, size_t key)
{
    return &config->keys[key / DKIM_ALGORITHMS][key % DKIM_ALGORITHMS];
}

/* --- the verdict --- */

/* clang-format off */
static const struct finding findings[] = {
    [DKIM_RECORD_VALID]     = {"Valid", ""},
    [DKIM_RECORD_OTHER_KEY] = {"OtherKey", "another key is published: publish the line of DnsRecords in its place"},
    [DKIM_RECORD_REVOKED]   = {"Revoked", "the record says that the key is revoked"},
    [DKIM_RECORD_MALFORMED] = {"Malformed", "what is published is no DKIM record of this kind of key"},
};
static const struct finding missing = {"Missing", "nothing is published: publish the line of DnsRecords"};
static const struct finding several = {"Malformed", "more than one record is published under this name"};
/* clang-format on */

static struct finding judge(struct slice records, enum dkim_algorithm algorithm, struct slice key)
{
    struct slice record;
    if (!slice_take_field(&records, '\n', &record))
        return missing;
    return records.len ? several : findings[dkim_record_judge(record, algorithm, key)];
}

static struct finding find(const struct wire_txt_answer *answer, enum dkim_algorithm algorithm,
                           struct slice key, struct text *storage)
{
    if (answer && answer->outcome == WIRE_TXT_NOTHING)
        return missing;
    if (answer && answer->outcome == WIRE_TXT_FOUND)
        return judge(answer->records, algorithm, key);
    text_append_c(storage, "DNS does not answer: ");
    append_clean(storage, answer ? answer->why : SLICE("no courier is there to ask"));
    return (struct finding){"Unknown", text_c_string(storage)};
}

static void emit(struct call *call, const struct test *test,
                 const struct dkim_signing_config *config, struct finding finding)
{
    unsigned place = (unsigned)(test->key / DKIM_ALGORITHMS);
    enum dkim_algorithm algorithm = (enum dkim_algorithm)(test->key % DKIM_ALGORITHMS);
    json_t *json = json_object();
    json_object_set_new(json, "Identity", json_of_slice(config->domain_name));
    json_object_set_new(json, "Selector", json_of_slice(dkim_selector(place, algorithm)));
    json_object_set_new(json, "Name", json_of_slice(slice_bytes(test->name, test->name_len)));
    json_object_set_new(json, "InUse",
                        json_boolean(place == dkim_place_in_use(config, clock_wall_ms())));
    json_object_set_new(json, "Result", json_string(finding.result));
    json_object_set_new(json, "Details", json_string(finding.details));
    call->noun = "DkimSigningConfigTest";
    call_emit(call, json);
}

static void on_answer(void *context, const struct wire_txt_answer *answer)
{
    struct call *call = context;
    struct test *test = test_of(call);
    char storage[DETAILS_MAX];
    struct text details = text_over(storage, sizeof(storage));
    const struct dkim_signing_config *config = config_of(call, test);
    if (config && key_of(config, test->key)->public_key.len) {
        struct finding finding = find(answer, (enum dkim_algorithm)(test->key % DKIM_ALGORITHMS),
                                      key_of(config, test->key)->public_key, &details);
        test->bad += strcmp(finding.result, "Valid") != 0;
        emit(call, test, config, finding);
    }
    test->key++;
    ask_next(call);
}

/* --- the questions --- */

static void print_name(struct test *test, const struct dkim_signing_config *config)
{
    char storage[ASCII_DOMAIN_MAX];
    struct text domain = text_over(storage, sizeof(storage));
    struct text name = text_over(test->name, sizeof(test->name));
    ascii_domain_append(&domain, config->domain_name);
    dkim_record_append_name(&name,
                            dkim_selector((unsigned)(test->key / DKIM_ALGORITHMS),
                                          (enum dkim_algorithm)(test->key % DKIM_ALGORITHMS)),
                            text_slice(&domain));
    test->name_len = name.len;
}

static void finish(struct call *call, const struct test *test)
{
    if (test->bad)
        call_fail_fix(call, OPERATION_FAILED, "Get-DkimSigningConfig -o list",
                      "%zu of these keys cannot be verified by others", test->bad);
    else
        call_done(call);
}

static void ask_next(struct call *call)
{
    struct test *test = test_of(call);
    const struct dkim_signing_config *config = config_of(call, test);
    while (config && test->key < KEYS && !key_of(config, test->key)->public_key.len)
        test->key++;
    if (!config || test->key == KEYS) {
        finish(call, test);
        return;
    }
    print_name(test, config);
    txt_lookup_ask(call->hub, slice_bytes(test->name, test->name_len), on_answer, call);
}

void dkim_signing_config_test(struct call *call)
{
    const struct dkim_signing_config *config =
        call_find(call, call->hub->model, MODEL_DKIM_SIGNING_CONFIG, "Identity");
    if (!config)
        return;
    struct test test = {.config = config->id};
    if (call_work(call, slice_bytes(&test, sizeof(test))))
        ask_next(call);
}
