/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/tls_reports.h"

#include "base/number.h"
#include "hub/logs.h"
#include "hub/transport/notices.h"
#include "hub/transport/routes.h"
#include "hub/transport/settlement.h"
#include "hub/transport/tls_report_message.h"
#include "hub/transport/tls_report_post.h"
#include "hub/transport/tls_report_shelf.h"
#include "mail/address.h"
#include "model/tls_report.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "os/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    MS_PER_DAY = 24 * 3600 * 1000,
    SPREAD_MS = 4 * 3600 * 1000, /* a domain's reports do not all come at midnight */
    PERIOD_MAX_S = 24 * 3600,
    KEEP_MS = 60000,
    KEEP_TEST_MS = 100,
    OVERDUE_MS = 60000, /* a day that ended while no hub was there */
    NAME_MAX_BYTES = 512,
    LIST_MAX = 4096,
};

_Static_assert(TLS_POLICY_KINDS == 3 && TLS_RESULT_COUNT == 10, "as the wire bounds them");

struct tls_reports {
    struct tls_results results;
    int64_t since_ms;
    uint64_t period_ms; /* instead of the day, for tests; 0: the day */
    struct watch timer, keep;
    bool changed; /* since it was kept */
};

/* --- collecting --- */

void tls_reports_take(struct hub *hub, const struct wire_tls_result *result)
{
    struct tls_seen seen = {.domain = result->domain,
                            .report_to = result->report_to,
                            .policy = (enum tls_policy_kind)result->policy,
                            .policy_text = result->policy_text,
                            .policy_hosts = result->policy_hosts,
                            .result = (enum tls_result)result->result,
                            .host = result->host,
                            .address = result->address};
    if (address_domain_valid(result->domain, false) && result->report_to.len)
        tls_results_add(&hub->tls_reports->results, &seen, 1);
    hub->tls_reports->changed = true;
}

/* --- kept --- */

static const char kept_file[] = "tls-reports.json";

static void keep(struct hub *hub)
{
    struct tls_reports *reports = hub->tls_reports;
    CLEANUP(text_deinit) struct text written = text_with_ceiling(TLS_REPORT_SHELF_MAX);
    if (!reports->changed)
        return;
    reports->changed = false;
    int result =
        tls_report_shelf_write(&reports->results, reports->since_ms, &written)
            ? file_replace(logs_folder_fd(hub, LOG_EVENTS), kept_file, 0600, text_slice(&written))
            : -EFBIG;
    if (result < 0)
        role_event(NULL, WIRE_LEVEL_WARNING, 0,
                   "hub: logs/%s cannot be written (%s): a restart forgets what the reports of TLS "
                   "would say",
                   kept_file, strerror(-result));
}

static void set_keep(struct tls_reports *reports)
{
    timer_set(&reports->keep, reports->period_ms ? KEEP_TEST_MS : KEEP_MS);
}

static void on_keep(void *context, unsigned events)
{
    struct hub *hub = context;
    (void)events;
    keep(hub);
    set_keep(hub->tls_reports);
}

/* One from the future, of a clock that was set back, began now. */
static void read_kept(struct hub *hub)
{
    struct tls_reports *reports = hub->tls_reports;
    CLEANUP(text_deinit) struct text written = text_with_ceiling(TLS_REPORT_SHELF_MAX);
    int64_t since_ms;
    if (file_read(logs_folder_fd(hub, LOG_EVENTS), kept_file, &written) == 0 &&
        tls_report_shelf_read(text_slice(&written), &reports->results, &since_ms) &&
        since_ms < reports->since_ms)
        reports->since_ms = since_ms;
}

/* --- sending --- */

struct sending { /* of one day: a mail after the other */
    struct hub *hub;
    struct tls_results results;
    const struct tls_domain_sum *next;
    int64_t begin_ms, end_ms;
    int64_t due_at_ms; /* of the mail under way */
    uint64_t spread_ms;
    struct scheduled mail;
    size_t recipient_count;
};

struct recipients {
    char bytes[TLS_REPORT_ADDRESSES_MAX][ADDRESS_MAX];
    struct slice mailboxes[TLS_REPORT_ADDRESSES_MAX];
    size_t count;
};

static void send_next(struct sending *sending);

static void read_recipients(struct slice report_to, struct recipients *out)
{
    out->count = 0;
    for (struct slice address;
         out->count < TLS_REPORT_ADDRESSES_MAX && slice_take_field(&report_to, ',', &address);) {
        struct text mailbox = text_over(out->bytes[out->count], ADDRESS_MAX);
        if (tls_report_mailbox(address, &mailbox))
            out->mailboxes[out->count++] = text_slice(&mailbox);
    }
}

static void end(struct sending *sending)
{
    tls_results_deinit(&sending->results);
    free(sending);
}

/* The queue has it, and we hold it: it goes back there, to be due when its time has come. */
static void on_stored(void *context, enum store_outcome outcome, uint64_t number)
{
    struct sending *sending = context;
    (void)number;
    bool held = outcome == STORE_OK && !sending->hub->draining;
    for (size_t i = 0; held && i < sending->recipient_count; i++) {
        sending->mail.recipient = (uint32_t)i;
        settle_released(sending->hub, &sending->mail, sending->due_at_ms);
    }
    if (outcome != STORE_OK) {
        role_event(NULL, WIRE_LEVEL_WARNING, 0, "hub: a report of TLS cannot be queued: %s",
                   store_outcome_name(outcome));
        end(sending);
        return;
    }
    send_next(sending);
}

static bool write_report(struct sending *sending, const struct tls_domain_sum *sum,
                         const struct recipients *recipients, struct body *body)
{
    char list_bytes[LIST_MAX], from_bytes[NAME_MAX_BYTES], id_bytes[64];
    struct text list = text_over(list_bytes, sizeof list_bytes);
    struct text from = text_over(from_bytes, sizeof from_bytes);
    struct text id = text_over(id_bytes, sizeof id_bytes);
    CLEANUP(text_deinit) struct text written = text_with_ceiling(TLS_REPORT_MESSAGE_MAX);
    for (size_t i = 0; i < recipients->count; i++)
        text_append_format(&list, "%s<%.*s>", i ? ",\r\n " : "",
                           SLICE_ARG(recipients->mailboxes[i]));
    notices_append_postmaster(sending->hub, &from);
    text_append_format(&id, "tls-%016llx-%016llx", (unsigned long long)sending->mail.message,
                       (unsigned long long)random_u64());
    struct tls_report report = {.sum = sum,
                                .submitter = model_server(sending->hub->model)->fqdn,
                                .from = text_slice(&from),
                                .to = text_slice(&list),
                                .id = text_slice(&id),
                                .begin_ms = sending->begin_ms,
                                .end_ms = sending->end_ms,
                                .now_ms = sending->mail.received_at_ms};
    return !list.truncated && tls_report_append_message(&written, &report) &&
           body_write(body, text_slice(&written)) == STORE_OK;
}

static bool store(struct sending *sending, const struct recipients *recipients,
                  struct body *body_take)
{
    char keys[TLS_REPORT_ADDRESSES_MAX][ROUTE_KEY_MAX];
    struct envelope_recipient list[TLS_REPORT_ADDRESSES_MAX];
    for (size_t i = 0; i < recipients->count; i++) {
        struct text key = text_over(keys[i], ROUTE_KEY_MAX);
        routes_choose(sending->hub, recipients->mailboxes[i], 0, SENDER_TLS_OPTIONAL, &key);
        list[i] = (struct envelope_recipient){.address = recipients->mailboxes[i],
                                              .destination = text_slice(&key),
                                              .next_at_ms = sending->due_at_ms,
                                              .data = SLICE("notify=1\n")};
    }
    struct envelope envelope = {.message = sending->mail.message,
                                .envelope = SLICE("connector=(report)\ntrusted=1\ntls=optional"),
                                .received_at_ms = sending->mail.received_at_ms,
                                .expires_at_ms = sending->mail.expires_at_ms,
                                .recipients = list,
                                .recipient_count = recipients->count};
    return queue_accept(sending->hub->store, body_take, &envelope, on_stored, sending) == STORE_OK;
}

/* False: nothing is under way, and no callback will come. */
static bool send_one(struct sending *sending, const struct tls_domain_sum *sum,
                     const struct recipients *recipients)
{
    struct body *body = NULL;
    int64_t now_ms = clock_wall_ms();
    sending->due_at_ms = now_ms;
    if (sending->spread_ms)
        sending->due_at_ms += (int64_t)(random_u64() % sending->spread_ms);
    sending->recipient_count = recipients->count;
    sending->mail = (struct scheduled){.message = store_message_id(sending->hub->store, now_ms),
                                       .received_at_ms = now_ms,
                                       .expires_at_ms = sending->due_at_ms + SCHEDULER_EXPIRES_MS};
    if (body_begin(sending->hub->store, 0, &body) != STORE_OK)
        return false;
    if (!write_report(sending, sum, recipients, body)) {
        body_abandon(body);
        return false;
    }
    return store(sending, recipients, body);
}

static void post_one(const struct sending *sending, const struct tls_domain_sum *sum)
{
    char from_bytes[NAME_MAX_BYTES], id_bytes[64];
    struct text from = text_over(from_bytes, sizeof from_bytes);
    struct text id = text_over(id_bytes, sizeof id_bytes);
    int64_t now_ms = clock_wall_ms();
    notices_append_postmaster(sending->hub, &from);
    text_append_format(&id, "tls-%016llx-%016llx", (unsigned long long)now_ms,
                       (unsigned long long)random_u64());
    struct tls_report report = {.sum = sum,
                                .submitter = model_server(sending->hub->model)->fqdn,
                                .from = text_slice(&from),
                                .id = text_slice(&id),
                                .begin_ms = sending->begin_ms,
                                .end_ms = sending->end_ms,
                                .now_ms = now_ms};
    tls_report_post(sending->hub, &report);
}

/* Until one is under way. */
static void send_next(struct sending *sending)
{
    while (sending->next && !sending->hub->draining) {
        const struct tls_domain_sum *sum = sending->next;
        struct recipients recipients;
        sending->next = sum->next;
        post_one(sending, sum);
        read_recipients(sum->report_to, &recipients);
        if (recipients.count && send_one(sending, sum, &recipients))
            return;
    }
    end(sending);
}

/* --- the day --- */

static uint64_t left_ms(const struct tls_reports *reports, int64_t now_ms)
{
    if (reports->period_ms)
        return reports->period_ms;
    bool overdue = reports->since_ms / MS_PER_DAY < now_ms / MS_PER_DAY;
    return overdue ? OVERDUE_MS : (uint64_t)(MS_PER_DAY - now_ms % MS_PER_DAY);
}

static void on_day_over(void *context, unsigned events)
{
    struct hub *hub = context;
    struct tls_reports *reports = hub->tls_reports;
    struct sending *sending = calloc(1, sizeof *sending);
    int64_t now_ms = clock_wall_ms();
    (void)events;
    if (!sending || !hub->model) {
        timer_set(&reports->timer, OVERDUE_MS);
        free(sending);
        return;
    }
    *sending = (struct sending){.hub = hub,
                                .results = reports->results,
                                .next = reports->results.domains,
                                .begin_ms = reports->since_ms,
                                .end_ms = now_ms,
                                .spread_ms = reports->period_ms ? 0 : SPREAD_MS};
    if (reports->results.left_out)
        role_event(NULL, WIRE_LEVEL_WARNING, 0,
                   "hub: %llu connections found no room in the reports of TLS",
                   (unsigned long long)reports->results.left_out);
    tls_results_init(&reports->results);
    reports->since_ms = now_ms;
    reports->changed = true;
    timer_set(&reports->timer, left_ms(reports, now_ms));
    keep(hub);
    send_next(sending);
}

int tls_reports_begin(struct hub *hub)
{
    struct tls_reports *reports = calloc(1, sizeof *reports);
    uint64_t seconds;
    if (!reports)
        return -ENOMEM;
    hub->tls_reports = reports;
    tls_results_init(&reports->results);
    reports->since_ms = clock_wall_ms();
    if (number_parse_u64(slice_of(getenv("POSTERN_TLS_REPORT_SECONDS")), PERIOD_MAX_S, &seconds))
        reports->period_ms = seconds * 1000;
    timer_init(&reports->timer, hub->role.loop, on_day_over, hub);
    read_kept(hub);
    timer_set(&reports->timer, left_ms(reports, clock_wall_ms()));
    timer_init(&reports->keep, hub->role.loop, on_keep, hub);
    set_keep(reports);
    return 0;
}

void tls_reports_end(struct hub *hub)
{
    if (!hub->tls_reports)
        return;
    keep(hub);
    timer_stop(&hub->tls_reports->timer);
    timer_stop(&hub->tls_reports->keep);
    tls_results_deinit(&hub->tls_reports->results);
    free(hub->tls_reports);
    hub->tls_reports = NULL;
}
