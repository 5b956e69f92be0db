/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/configuration.h"

#include "model/connector_choice.h"
#include "model/connector_index.h"
#include "model/key_kinds.h"
#include "model/snapshot.h"
#include "model/submission.h"
#include "os/clock.h"
#include "os/descriptor.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PRESENTED_MS = 1000 };

/* What is computed once. Without an index of connectors (more than it holds) they are scanned. */
static bool prepare(struct configuration *configuration)
{
    const struct model *model = configuration->model;
    size_t count = model_count(model, MODEL_RECEIVE_CONNECTOR);
    configuration->presented = calloc(count + 1, sizeof *configuration->presented);
    for (unsigned role = TRANSPORT_ROLE_FRONTEND; role <= TRANSPORT_ROLE_HUB; role++)
        configuration->admits[role] = transport_service_admits(
            model, &(struct receive_connector){.transport_role = role}, NULL);
    our_names_collect(&configuration->our_names, model);
    configuration->connectors = connector_index_new(model);
    configuration->certificates = certificate_index_new(model);
    return configuration->presented && configuration->certificates;
}

struct configuration *configuration_new(uint64_t revision, int fd,
                                        struct tls_ticket_keys *ticket_keys,
                                        struct root_store *trust)
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
    configuration->trust = trust;
    if (snapshot_decode(configuration->mapped, &configuration->model) != SNAPSHOT_OK ||
        !prepare(configuration)) {
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

static void drop_presented(struct configuration *configuration)
{
    const struct model *model = configuration->model;
    size_t count = configuration->presented ? model_count(model, MODEL_RECEIVE_CONNECTOR) : 0;
    for (size_t i = 0; i < count; i++)
        tls_context_unref(configuration->presented[i].context);
    free(configuration->presented);
}

void configuration_unref(struct configuration *configuration)
{
    if (!configuration || --configuration->references)
        return;
    drop_presented(configuration);
    contexts_deinit(&configuration->contexts);
    connector_index_free(configuration->connectors);
    certificate_index_free(configuration->certificates);
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
    out[30] = peer_is_asked(connector);
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

/* A ticket holds the client's leaf and not its chain, so nothing could be judged again: where
 * certificates are asked for, every handshake is a full one. */
static struct tls_ticket_keys *tickets_for(const struct configuration *configuration,
                                           const struct receive_connector *connector)
{
    return connector->tls_tickets && !peer_is_asked(connector) ? configuration->ticket_keys : NULL;
}

static struct tls_context *make_context(struct configuration *configuration,
                                        const struct receive_connector *connector,
                                        const struct certificate *certificate)
{
    struct slice chain[TLS_CHAIN_MAX] = {certificate->der};
    size_t count = 1;
    for (size_t i = 0; i < certificate->chain.count && count < TLS_CHAIN_MAX; i++)
        chain[count++] = certificate->chain.at[i];
    struct tls_context_settings settings = {.chain = chain,
                                            .chain_count = count,
                                            .key_handle = (uint64_t)certificate->key_handle,
                                            .min_version =
                                                oldest_version(connector->tls_minimum_version),
                                            .tickets = tickets_for(configuration, connector),
                                            .ask_client_certificate = peer_is_asked(connector)};
    if (certificate->ocsp_status == RESPONSE_GOOD) {
        settings.staple = certificate->ocsp_response;
        settings.staple_until_ms = certificate->ocsp_next_update_ms;
    }
    if (settings.ask_client_certificate)
        settings.trust = root_store_roots(configuration->trust);
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
    const struct context_entry *made =
        contexts_find(&configuration->contexts, connector, certificate);
    if (made)
        return made->context;
    return contexts_keep(&configuration->contexts, connector, certificate,
                         make_context(configuration, connector, certificate));
}

/* Connectors of a snapshot lie side by side (model/snapshot). */
static size_t number_of(const struct model *model, const struct receive_connector *connector)
{
    size_t number = (size_t)(connector - model_receive_connector(model, 0));
    assert(number < model_count(model, MODEL_RECEIVE_CONNECTOR));
    return number;
}

const struct receive_connector *configuration_connector(const struct configuration *configuration,
                                                        struct ip_endpoint local,
                                                        struct ip_address client)
{
    return configuration->connectors
               ? connector_index_choose(configuration->connectors, local, client)
               : connector_choose(configuration->model, local, client);
}

const struct presented *configuration_presented(struct configuration *configuration,
                                                const struct receive_connector *connector,
                                                uint64_t now_ms)
{
    const struct model *model = configuration->model;
    struct presented *presented = &configuration->presented[number_of(model, connector)];
    if (presented->computed_ms && now_ms - presented->computed_ms < PRESENTED_MS)
        return presented;
    struct certificate_question question = {.model = model,
                                            .index = configuration->certificates,
                                            .connector = connector,
                                            .at_ms = clock_wall_ms()};
    certificate_choose(&question, &presented->choice);
    struct tls_context *context =
        context_for(configuration, connector, presented->choice.certificate);
    tls_context_unref(presented->context);
    presented->context = context ? tls_context_ref(context) : NULL;
    struct submission anonymous = submission_of(model, connector, NULL, NULL);
    submission_fill_policy(&anonymous, presented->context != NULL, &presented->policy);
    presented->computed_ms = now_ms ? now_ms : 1;
    return presented;
}

struct tls_context *configuration_choose(struct configuration *configuration,
                                         const struct receive_connector *connector,
                                         const struct tls_hello *hello, uint64_t now_ms,
                                         struct certificate_choice *out_choice)
{
    const struct presented *usual = configuration_presented(configuration, connector, now_ms);
    struct certificate_question question = {.model = configuration->model,
                                            .index = configuration->certificates,
                                            .connector = connector,
                                            .at_ms = clock_wall_ms(),
                                            .server_name = hello->server_name,
                                            .client_keys = key_kinds_from_tls(hello->verifies)};
    *out_choice = usual->choice;
    if (certificate_choice_holds(&question, &usual->choice))
        return NULL;
    certificate_choose(&question, out_choice);
    if (out_choice->certificate == usual->choice.certificate)
        return NULL;
    struct tls_context *context = context_for(configuration, connector, out_choice->certificate);
    if (!context) /* it cannot be used: the usual one is what the client is shown */
        *out_choice = usual->choice;
    return context;
}
