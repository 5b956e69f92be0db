/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/configuration.h"

#include "model/snapshot.h"
#include "model/submission.h"
#include "os/clock.h"
#include "os/descriptor.h"

#include <stdlib.h>
#include <string.h>

enum { PRESENTED_MS = 1000 };

struct configured_context {
    struct configured_context *next;
    const struct receive_connector *connector;
    const struct certificate *certificate;
    struct tls_context *context; /* NULL: could not be made */
};

struct configuration *configuration_new(uint64_t revision, int fd,
                                        struct tls_ticket_keys *ticket_keys)
{
    struct configuration *configuration = calloc(1, sizeof *configuration);
    bool mapped = configuration && memory_file_map(fd, &configuration->mapped) == 0;
    close_fd(&fd);
    if (!mapped) {
        free(configuration);
        return NULL;
    }
    configuration->references = 1;
    configuration->revision = revision;
    configuration->ticket_keys = ticket_keys;
    if (snapshot_decode(configuration->mapped, &configuration->model) == SNAPSHOT_OK) {
        size_t count = model_count(configuration->model, MODEL_RECEIVE_CONNECTOR);
        configuration->presented = calloc(count + 1, sizeof *configuration->presented);
    }
    if (!configuration->presented) {
        configuration_unref(configuration);
        return NULL;
    }
    return configuration;
}

struct configuration *configuration_ref(struct configuration *configuration)
{
    configuration->references++;
    return configuration;
}

void configuration_unref(struct configuration *configuration)
{
    if (!configuration || --configuration->references)
        return;
    while (configuration->contexts) {
        struct configured_context *made = configuration->contexts;
        configuration->contexts = made->next;
        tls_context_unref(made->context);
        free(made);
    }
    free(configuration->presented);
    model_free(configuration->model);
    memory_file_unmap(configuration->mapped);
    free(configuration);
}

/* A session resumes only where connector, certificate and TLS policy are the same (RFC 8446 4.6.1
 * lets the server decide): after a change a resuming client sees the new certificate. */
static void fill_session_context(const struct receive_connector *connector,
                                 const struct certificate *certificate,
                                 unsigned char out[TLS_SESSION_CONTEXT_BYTES])
{
    memset(out, 0, TLS_SESSION_CONTEXT_BYTES);
    memcpy(out, connector->id.bytes, 16);
    memcpy(out + 16, certificate->sha256.at,
           certificate->sha256.len < 12 ? certificate->sha256.len : 12);
    out[28] = (unsigned char)connector->tls_minimum_version;
    out[29] = (unsigned char)connector->auth_mechanism;
    out[30] = connector->domain_secure_enabled;
    out[31] = (unsigned char)connector->extended_protection_policy;
}

static uint16_t oldest_version(uint32_t minimum)
{
    static const uint16_t versions[] = {[TLS_MINIMUM_10] = TLS_1_0,
                                        [TLS_MINIMUM_11] = TLS_1_1,
                                        [TLS_MINIMUM_12] = TLS_1_2,
                                        [TLS_MINIMUM_13] = TLS_1_3};
    return minimum < COUNT_OF(versions) && versions[minimum] ? versions[minimum] : TLS_1_2;
}

static struct tls_context *make_context(struct configuration *configuration,
                                        const struct receive_connector *connector,
                                        const struct certificate *certificate)
{
    struct slice chain[TLS_CHAIN_MAX] = {certificate->der};
    size_t count = 1;
    for (size_t i = 0; i < certificate->chain.count && count < TLS_CHAIN_MAX; i++)
        chain[count++] = certificate->chain.at[i];
    struct tls_context_settings settings = {
        .chain = chain,
        .chain_count = count,
        .key_handle = (uint64_t)certificate->key_handle,
        .min_version = oldest_version(connector->tls_minimum_version),
        .tickets = connector->tls_tickets ? configuration->ticket_keys : NULL};
    fill_session_context(connector, certificate, settings.session_context);
    struct tls_context *context;
    return tls_context_new_server(&settings, &context) == TLS_CONTEXT_OK ? context : NULL;
}

static struct tls_context *context_for(struct configuration *configuration,
                                       const struct receive_connector *connector,
                                       const struct certificate *certificate)
{
    if (!certificate)
        return NULL;
    for (struct configured_context *made = configuration->contexts; made; made = made->next)
        if (made->connector == connector && made->certificate == certificate)
            return made->context;
    struct configured_context *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->connector = connector;
    made->certificate = certificate;
    made->context = make_context(configuration, connector, certificate);
    made->next = configuration->contexts;
    configuration->contexts = made;
    return made->context;
}

static size_t number_of(const struct model *model, const struct receive_connector *connector)
{
    size_t i = 0;
    while (model_receive_connector(model, i) != connector)
        i++;
    return i;
}

const struct presented *configuration_presented(struct configuration *configuration,
                                                const struct receive_connector *connector,
                                                uint64_t now_ms)
{
    const struct model *model = configuration->model;
    struct presented *presented = &configuration->presented[number_of(model, connector)];
    if (presented->computed_ms && now_ms - presented->computed_ms < PRESENTED_MS)
        return presented;
    struct certificate_question question = {
        .model = model, .connector = connector, .at_ms = clock_wall_ms()};
    certificate_choose(&question, &presented->choice);
    presented->context = context_for(configuration, connector, presented->choice.certificate);
    struct submission anonymous = submission_of(model, connector, NULL);
    submission_fill_policy(&anonymous, presented->context != NULL, &presented->policy);
    presented->computed_ms = now_ms ? now_ms : 1;
    return presented;
}

static uint32_t keys_of(unsigned verifies)
{
    static const struct {
        enum tls_verifiable verifies;
        enum certificate_key_kind kind;
    } kinds[] = {{TLS_VERIFIES_RSA, CERTIFICATE_KEY_RSA},
                 {TLS_VERIFIES_RSA_PSS, CERTIFICATE_KEY_RSA_PSS},
                 {TLS_VERIFIES_ECDSA, CERTIFICATE_KEY_ECDSA},
                 {TLS_VERIFIES_ED25519, CERTIFICATE_KEY_ED25519}};
    uint32_t keys = 0;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (verifies & kinds[i].verifies)
            keys |= CERTIFICATE_KEY_BIT(kinds[i].kind);
    return keys;
}

struct tls_context *configuration_choose(struct configuration *configuration,
                                         const struct receive_connector *connector,
                                         const struct tls_hello *hello, uint64_t now_ms,
                                         struct certificate_choice *out_choice)
{
    const struct presented *usual = configuration_presented(configuration, connector, now_ms);
    struct certificate_question question = {.model = configuration->model,
                                            .connector = connector,
                                            .at_ms = clock_wall_ms(),
                                            .server_name = hello->server_name,
                                            .client_keys = keys_of(hello->verifies)};
    *out_choice = usual->choice;
    if (certificate_choice_holds(&question, &usual->choice))
        return NULL;
    certificate_choose(&question, out_choice);
    if (out_choice->certificate == usual->choice.certificate)
        return NULL;
    return context_for(configuration, connector, out_choice->certificate);
}
