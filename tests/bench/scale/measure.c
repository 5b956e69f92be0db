/* SPDX-License-Identifier: Apache-2.0 */
/* Each figure is the mean over as many turns as fit into a while; a table shows them. */
#include "base/number.h"
#include "hub/configuration/record.h"
#include "model/certificate_choice.h"
#include "model/connector_choice.h"
#include "model/connector_index.h"
#include "model/defaults.h"
#include "model/snapshot.h"
#include "os/clock.h"
#include "os/random.h"
#include "scale.h"

#include <stdio.h>

enum { PORT = 25, LONG_ENOUGH_US = 300000 };

struct bench {
    struct model *model; /* all on one port */
    size_t count;
    size_t turn; /* draws another connector each time */
    const struct connector_index *connectors;
    const struct certificate_index *certificates;
    struct text bytes;
    uint16_t port;  /* 0: each connector has its own */
    uint64_t found; /* so that nothing is optimised away */
};

typedef void step_fn(struct bench *bench);

static void time_step(struct bench *bench, const char *what, step_fn *step)
{
    uint64_t start = clock_monotonic_us(), turns = 0, passed;
    do {
        step(bench);
        turns++;
        bench->turn = (bench->turn * 5 + 1) % bench->count;
        passed = clock_monotonic_us() - start;
    } while (passed < LONG_ENOUGH_US);
    double each_us = (double)passed / (double)turns;
    if (each_us < 1000)
        printf("  %-58s %10.2f us\n", what, each_us);
    else
        printf("  %-58s %10.2f ms\n", what, each_us / 1000);
}

/* --- choices --- */

static struct ip_endpoint local_of(const struct bench *bench)
{
    static const uint8_t loopback[] = {127, 0, 0, 1};
    uint16_t port = bench->port ? bench->port : (uint16_t)(bench->turn + 1);
    return (struct ip_endpoint){.address = ip_from_v4(loopback), .port = port};
}

static void choose_by_scan(struct bench *bench)
{
    bench->found +=
        connector_choose(bench->model, local_of(bench), scale_client(bench->turn)) != NULL;
}

static void choose_by_index(struct bench *bench)
{
    bench->found += connector_index_choose(bench->connectors, local_of(bench),
                                           scale_client(bench->turn)) != NULL;
}

static const struct receive_connector *drawn(const struct bench *bench, bool named)
{
    return model_receive_connector(bench->model, bench->turn / 2 * 2 + !named);
}

static void choose_certificate(struct bench *bench, bool named, bool indexed)
{
    struct certificate_choice choice;
    struct certificate_question question = {.model = bench->model,
                                            .index = indexed ? bench->certificates : NULL,
                                            .connector = drawn(bench, named),
                                            .at_ms = clock_wall_ms()};
    certificate_choose(&question, &choice);
    bench->found += choice.certificate != NULL;
}

static void named_by_scan(struct bench *bench)
{
    choose_certificate(bench, true, false);
}

static void named_by_index(struct bench *bench)
{
    choose_certificate(bench, true, true);
}

static void fqdn_by_scan(struct bench *bench)
{
    choose_certificate(bench, false, false);
}

static void fqdn_by_index(struct bench *bench)
{
    choose_certificate(bench, false, true);
}

static void server_name_by_index(struct bench *bench)
{
    char host[64];
    struct certificate_choice choice;
    struct receive_connector connector = *drawn(bench, false);
    connector.tls_sni = true;
    scale_host((bench->turn + 77) % bench->count, host);
    struct certificate_question question = {.model = bench->model,
                                            .index = bench->certificates,
                                            .connector = &connector,
                                            .at_ms = clock_wall_ms(),
                                            .server_name = slice_of(host)};
    certificate_choose(&question, &choice);
    bench->found += choice.rule == CERTIFICATE_RULE_SERVER_NAME;
}

static void time_choices(struct bench *bench)
{
    time_step(bench, "connector, all on one port: index", choose_by_index);
    time_step(bench, "connector, all on one port: scan", choose_by_scan);
    time_step(bench, "certificate by its name: index", named_by_index);
    time_step(bench, "certificate by its name: scan", named_by_scan);
    time_step(bench, "certificate by Fqdn: index", fqdn_by_index);
    time_step(bench, "certificate by Fqdn: scan", fqdn_by_scan);
    time_step(bench, "certificate by the name a client asks for: index", server_name_by_index);
}

/* --- a change --- */

static void index_connectors(struct bench *bench)
{
    connector_index_free(connector_index_new(bench->model));
}

static void index_certificates(struct bench *bench)
{
    certificate_index_free(certificate_index_new(bench->model));
}

static void copy_model(struct bench *bench)
{
    model_free(model_copy(bench->model));
}

static void validate(struct bench *bench, enum model_kind kind)
{
    char storage[1024];
    struct text error = text_over(storage, sizeof storage);
    if (!model_validate(bench->model, kind, model_object(bench->model, kind, bench->turn), &error))
        scale_give_up("validate", text_slice(&error));
}

static void validate_connector(struct bench *bench)
{
    validate(bench, MODEL_RECEIVE_CONNECTOR);
}

static void validate_certificate(struct bench *bench)
{
    validate(bench, MODEL_CERTIFICATE);
}

static void encode(struct bench *bench)
{
    text_clear(&bench->bytes);
    if (!snapshot_encode(bench->model, 1, &bench->bytes))
        scale_give_up("snapshot", SLICE("too large"));
}

static bool count_bytes(void *context, struct slice bytes)
{
    *(uint64_t *)context += bytes.len;
    return true;
}

static void encode_after(struct bench *bench)
{
    struct snapshot before = {bench->model, text_slice(&bench->bytes)};
    if (!snapshot_write(bench->model, 2, &before, count_bytes, &bench->found))
        scale_give_up("snapshot", SLICE("too large"));
}

static void decode(struct bench *bench)
{
    struct model *model;
    if (snapshot_decode(text_slice(&bench->bytes), &model) != SNAPSHOT_OK)
        scale_give_up("snapshot", SLICE("cannot be read"));
    model_free(model);
}

static void find(struct bench *bench)
{
    void *found;
    char storage[64];
    struct text name = text_over(storage, sizeof storage);
    text_append_format(&name, "Scale %05zu", bench->turn);
    bench->found += model_find(bench->model, MODEL_RECEIVE_CONNECTOR, text_slice(&name), &found, 1);
}

static void read_records(struct bench *bench)
{
    CLEANUP(text_deinit) struct text json = text_with_ceiling(1 << 20);
    CLEANUP(text_deinit) struct text error = text_with_ceiling(1024);
    static const enum model_kind kinds[] = {MODEL_RECEIVE_CONNECTOR, MODEL_CERTIFICATE};
    struct model *model = model_new();
    for (size_t k = 0; model && k < COUNT_OF(kinds); k++) {
        const struct object *object = model_object(bench->model, kinds[k], bench->turn);
        text_clear(&json);
        if (!record_write(kinds[k], object, &json) ||
            !record_read(model, kinds[k], object->id, 1, text_slice(&json), &error))
            scale_give_up("record", text_slice(&error));
    }
    model_free(model);
}

static void time_change(struct bench *bench)
{
    time_step(bench, "one connector found by its name", find);
    time_step(bench, "model copied", copy_model);
    time_step(bench, "one connector validated", validate_connector);
    time_step(bench, "one certificate validated", validate_certificate);
    time_step(bench, "snapshot encoded", encode);
    time_step(bench, "snapshot encoded, nothing changed", encode_after);
    time_step(bench, "snapshot decoded", decode);
    time_step(bench, "connectors indexed", index_connectors);
    time_step(bench, "certificates indexed", index_certificates);
    time_step(bench, "records of one connector and one certificate, out and in", read_records);
    printf("  %-58s %10.1f MB\n", "the snapshot", (double)bench->bytes.len / 1e6);
}

static void fill_random(void *context, void *out_bytes, size_t len)
{
    (void)context;
    random_bytes(out_bytes, len);
}

static struct model *make_model(size_t count, uint16_t port)
{
    char storage[1024];
    struct text error = text_over(storage, sizeof storage);
    struct model *model = model_new();
    struct model_defaults defaults = {.server_name = SLICE("SCALE"),
                                      .fqdn = SLICE("scale.example"),
                                      .port_offset = 1, /* nobody shares our port */
                                      .now_ms = clock_wall_ms(),
                                      .random = fill_random};
    if (!model || !model_create_defaults(model, &defaults, &error))
        scale_give_up("model", text_slice(&error));
    while (model_count(model, MODEL_RECEIVE_CONNECTOR))
        model_remove(model, MODEL_RECEIVE_CONNECTOR, model_receive_connector(model, 0));
    scale_fill(model, &(struct scale){.count = count, .port = port});
    return model;
}

/* The other shape: as many endpoints as connectors. */
static void time_own_ports(size_t count)
{
    struct bench bench = {.model = make_model(count, 0), .count = count};
    struct connector_index *connectors = connector_index_new(bench.model);
    bench.connectors = connectors;
    time_step(&bench, "connector, each on its own port: index", choose_by_index);
    time_step(&bench, "connector, each on its own port: scan", choose_by_scan);
    connector_index_free(connectors);
    model_free(bench.model);
}

int scale_measure(const char *written)
{
    uint64_t count;
    if (!number_parse_u64(slice_of(written), SCALE_MAX, &count) || count < 2 || count % 2)
        scale_give_up("arguments", SLICE("an even count up to 60000"));
    struct bench bench = {.model = make_model(count, PORT),
                          .count = count,
                          .port = PORT,
                          .bytes = text_with_ceiling(1 << 30)};
    struct connector_index *connectors = connector_index_new(bench.model);
    struct certificate_index *certificates = certificate_index_new(bench.model);
    if (!connectors || !certificates)
        scale_give_up("indexes", SLICE("out of memory"));
    bench.connectors = connectors;
    bench.certificates = certificates;
    printf("%llu connectors, %llu certificates\n", (unsigned long long)count,
           (unsigned long long)count);
    time_choices(&bench);
    time_own_ports(count);
    time_change(&bench);
    connector_index_free(connectors);
    certificate_index_free(certificates);
    text_deinit(&bench.bytes);
    model_free(bench.model);
    return 0;
}
