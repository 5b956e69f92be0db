/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/admission.h"

#include "edge/configuration.h"
#include "model/connector_choice.h"

static const char not_available[] = "421 4.3.2 Service not available\r\n";
static const char not_active[] = "421 4.3.2 Service not active\r\n";
static const char too_many[] = "421 4.3.2 The maximum number of concurrent connections has "
                               "exceeded a limit, closing transmission channel\r\n";

static void report(struct edge *edge, struct ip_endpoint client, struct ip_endpoint local,
                   unsigned number, const char *why)
{
    char storage[128];
    struct text addresses = text_over(storage, sizeof storage);
    ip_endpoint_append(&addresses, client);
    text_append_c(&addresses, " at ");
    ip_endpoint_append(&addresses, local);
    role_event(&edge->hub, WIRE_LEVEL_WARNING, number, "edge: turned away %.*s: %s",
               SLICE_ARG(text_slice(&addresses)), why);
}

void admission_report(struct edge *edge, struct ip_endpoint client, struct ip_endpoint local,
                      const char *why)
{
    report(edge, client, local, 0, why);
}

static void report_limit(struct edge *edge, struct ip_endpoint client, struct ip_endpoint local,
                         const struct receive_connector *connector,
                         const struct limit_answer *answer)
{
    char why[256];
    struct text text = text_over(why, sizeof why);
    if (answer->setting)
        text_append_format(&text, "event=1021 connector=\"%.*s\" %s reached, which is %lld here",
                           SLICE_ARG(connector->identity), answer->setting,
                           (long long)answer->most);
    else
        text_append_c(&text, "no room to count another source");
    report(edge, client, local, answer->setting ? 1021 : 0, text_c_string(&text));
}

void admission_decide(struct edge *edge, struct ip_endpoint client, struct ip_endpoint local,
                      struct admission *out)
{
    *out = (struct admission){.refusal = not_available};
    out->connector = configuration_connector(edge->configuration, local, client.address);
    if (!out->connector) {
        admission_report(
            edge, client, local,
            "no connector's remote ranges hold this client; postern explain --client shows why");
        return;
    }
    if (edge->configuration->admits[out->connector->transport_role] != COMPONENT_ACTIVE) {
        out->refusal = not_active;
        admission_report(edge, client, local,
                         "its component is out of service; Get-ServerComponentState shows which");
        return;
    }
    struct limit_answer answer = limit_enter(&edge->limits, out->connector, client.address,
                                             loop_now_ms(edge->role.loop), &out->counted);
    out->refusal = answer.verdict == LIMIT_NONE ? NULL : too_many;
    if (out->refusal)
        report_limit(edge, client, local, out->connector, &answer);
}

bool admission_awaits_proxy(const struct edge *edge, struct ip_endpoint client,
                            struct ip_endpoint local)
{
    const struct receive_connector *connector =
        configuration_connector(edge->configuration, local, client.address);
    return connector && connector_trusts_proxy(connector, client.address);
}
