/* SPDX-License-Identifier: Apache-2.0 */
/* What a host has shown, for somebody who wants to know what would become of mail: the same
 * connection as a message's, up to the message. */
#include "courier/relay_state.h"
#include "tls/certificate_facts.h"

#include <stdlib.h>

enum { CHAIN_BYTES_MAX = 1 << 18, FACTS_BYTES_MAX = 1 << 20, FINDINGS_MAX = 512 };

struct relay_sight {
    struct text greeting, offers;
    bool asked; /* for the recipients */
};

/* --- what it says --- */

static void on_heard(void *context, enum send_step step, const struct client_reply *reply)
{
    struct relay *relay = context;
    struct text *text = step == SEND_STEP_GREETING                         ? &relay->sight->greeting
                        : step == SEND_STEP_EHLO || step == SEND_STEP_HELO ? &relay->sight->offers
                                                                           : NULL;
    if (!text)
        return;
    text_clear(text);
    text_append(text, slice_first(text_slice(&reply->text), WIRE_SEEN_MAX));
}

bool relay_sight_begin(struct relay *relay)
{
    relay->sight = calloc(1, sizeof *relay->sight);
    if (!relay->sight)
        return false;
    relay->sight->greeting = text_with_ceiling(WIRE_SEEN_MAX);
    relay->sight->offers = text_with_ceiling(WIRE_SEEN_MAX);
    relay->policy.heard = on_heard;
    relay->policy.hearer = relay;
    if (relay->policy.inactivity_timeout_ms > RELAY_LOOK_MS)
        relay->policy.inactivity_timeout_ms = RELAY_LOOK_MS;
    return true;
}

bool relay_sight_ask(struct relay *relay)
{
    if (relay->sight->asked || !relay->recipient_count)
        return false;
    relay->sight->asked = relay->begun = true;
    relay->transaction = (struct send_transaction){.size_bytes = -1,
                                                   .verifies = true,
                                                   .recipients = relay->recipients,
                                                   .recipients_count = relay->recipient_count};
    send_session_transaction(&relay->session, &relay->transaction);
    return true;
}

/* --- what its certificate says --- */

struct shown {
    struct text der;
    struct arena arena;
    struct slice chain[TLS_CHAIN_MAX];
    size_t count;
    struct text names, findings;
    char findings_storage[FINDINGS_MAX];
    struct certificate_facts facts;
};

static void read_chain(const struct tls_engine *engine, struct shown *shown)
{
    size_t ends[TLS_CHAIN_MAX];
    while (shown->count < TLS_CHAIN_MAX &&
           tls_engine_peer_certificate(engine, shown->count, &shown->der))
        ends[shown->count++] = shown->der.len;
    for (size_t i = 0; i < shown->count; i++) {
        size_t begin = i ? ends[i - 1] : 0;
        shown->chain[i] = slice_bytes(shown->der.at + begin, ends[i] - begin);
    }
}

static void read_facts(struct shown *shown)
{
    shown->arena = arena_with_ceiling(FACTS_BYTES_MAX);
    if (certificate_facts_read(shown->chain[0], shown->chain + 1, shown->count - 1, &shown->arena,
                               &shown->facts) != CERTIFICATE_OK)
        shown->facts = (struct certificate_facts){0};
    for (size_t i = 0; i < shown->facts.dns_name_count; i++) {
        size_t before = shown->names.len;
        text_append_c(&shown->names, i ? "," : "");
        if (text_append(&shown->names, shown->facts.dns_names[i]))
            continue;
        shown->names.len = before; /* no half names */
        return;
    }
}

static void add_certificate(struct relay *relay, struct shown *shown, struct wire_relay_seen *seen)
{
    shown->der = text_with_ceiling(CHAIN_BYTES_MAX);
    shown->names = text_with_ceiling(WIRE_SEEN_MAX);
    read_chain(relay->tls, shown);
    if (!shown->count)
        return;
    read_facts(shown);
    const struct certificate_facts *facts = &shown->facts;
    seen->subject = slice_first(facts->subject, WIRE_SUBJECT_MAX);
    seen->issuer = slice_first(facts->issuer, WIRE_SUBJECT_MAX);
    seen->names = text_slice(&shown->names);
    seen->not_after_ms = facts->not_after_ms > 0 ? (uint64_t)facts->not_after_ms : 0;
    if (facts->subject.len)
        seen->thumbprint = slice_bytes(facts->thumbprint, sizeof facts->thumbprint);
    shown->findings = text_over(shown->findings_storage, sizeof shown->findings_storage);
    seen->judged_name = slice_first(relay_trust_describe(relay, &shown->findings), WIRE_DOMAIN_MAX);
    seen->findings = text_slice(&shown->findings);
}

static void shown_free(struct shown *shown)
{
    text_deinit(&shown->der);
    text_deinit(&shown->names);
    arena_deinit(&shown->arena);
}

/* --- the report --- */

static void send_sight(const struct relay *relay, enum wire_sight sight,
                       const struct relay_host *host, struct wire_relay_seen seen)
{
    seen.relay = relay->order.relay;
    seen.sight = sight;
    seen.name = slice_first(host->name, WIRE_DOMAIN_MAX);
    seen.address = host->endpoint.address;
    seen.port = host->endpoint.port;
    channel_send(relay->all->hub, WIRE_RELAY_SEEN, &seen, -1);
}

void relay_sight_report(struct relay *relay)
{
    struct relay_sight *sight = relay->sight;
    const struct relay_host *host = relay_here(relay);
    if (!sight || !host)
        return;
    struct shown shown = {0};
    struct wire_relay_seen seen = {.reply = relay->reached ? SLICE("") : text_slice(&relay->why),
                                   .greeting = text_slice(&sight->greeting),
                                   .offers = text_slice(&sight->offers)};
    struct relay_demanders demanders = relay_trust_demanders(relay);
    seen.demanded_by_dane = demanders.dane;
    seen.demanded_by_policy = demanders.policy;
    if (relay->tls) {
        seen.tls_version = tls_engine_version(relay->tls);
        seen.tls_cipher = seen.tls_version.len ? tls_engine_cipher(relay->tls) : SLICE("");
        seen.tls_group = tls_engine_group(relay->tls);
        seen.asks_for_certificate = tls_engine_certificate_asked(relay->tls);
        add_certificate(relay, &shown, &seen);
    }
    send_sight(relay, relay->reached ? WIRE_SIGHT_READY : WIRE_SIGHT_FAILED, host, seen);
    shown_free(&shown);
    text_clear(&sight->greeting);
    text_clear(&sight->offers);
}

void relay_sight_end(struct relay *relay)
{
    struct relay_sight *sight = relay->sight;
    if (!sight)
        return;
    for (size_t i = relay->host + 1; relay->reached && i < relay->host_count; i++)
        send_sight(relay, WIRE_SIGHT_NOT_TRIED, &relay->hosts[i], (struct wire_relay_seen){0});
    text_deinit(&sight->greeting);
    text_deinit(&sight->offers);
    free(sight);
    relay->sight = NULL;
}
