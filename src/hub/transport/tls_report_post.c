/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/tls_report_post.h"

#include "hub/transport/hop.h"
#include "model/tls_report.h"

static void post(struct hub *hub, const struct wire_report_post *order)
{
    struct peer *courier = lane_courier(hub);
    if (courier && channel_send(&courier->channel, WIRE_REPORT_POST, order, -1))
        return;
    role_event(NULL, WIRE_LEVEL_WARNING, 0,
               "hub: no courier can take the report of TLS for https://%.*s",
               SLICE_ARG(order->host));
}

void tls_report_post(struct hub *hub, const struct tls_report *report)
{
    CLEANUP(text_deinit) struct text json = text_with_ceiling(TLS_REPORT_JSON_MAX);
    struct slice rest = report->sum->report_to, address;
    while (slice_take_field(&rest, ',', &address)) {
        struct wire_report_post order = {0};
        if (!tls_report_https(address, &order.host, &order.path))
            continue;
        if (!json.len && !tls_report_append_json(&json, report))
            return;
        order.json = text_slice(&json);
        post(hub, &order);
    }
}
