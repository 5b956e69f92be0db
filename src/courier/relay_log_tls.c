/* SPDX-License-Identifier: Apache-2.0 */
/* What the log of sending says of TLS: how it was agreed on, and whose certificate was shown. */
#include "base/calendar.h"
#include "base/hex.h"
#include "courier/relay_state.h"
#include "os/clock.h"
#include "tls/certificate_facts.h"

enum { CHAIN_BYTES_MAX = 1 << 18, FACTS_BYTES_MAX = 1 << 19, NAME_SHOWN_MAX = WIRE_DOMAIN_MAX };

static void send_note(struct relay *relay, struct slice context)
{
    relay_log_row(relay, '*', (struct slice){0}, context);
}

static void send_protocol(struct relay *relay)
{
    char storage[WIRE_LOG_CONTEXT_MAX];
    struct text words = text_over(storage, sizeof storage);
    const struct tls_engine *tls = relay->tls;
    struct slice group = tls_engine_group(tls);
    text_append_format(&words,
                       "TLS protocol %.*s negotiation succeeded using cipher %.*s with strength %d "
                       "bits",
                       SLICE_ARG(tls_engine_version(tls)), SLICE_ARG(tls_engine_cipher(tls)),
                       tls_engine_cipher_bits(tls));
    if (group.len)
        text_append_format(&words, ", key exchange %.*s", SLICE_ARG(group));
    send_note(relay, text_slice(&words));
}

static void append_certificate(struct text *text, const struct certificate_facts *facts)
{
    text_append(text, facts->subject);
    text_append_byte(text, ' ');
    text_append(text, facts->issuer);
    text_append_byte(text, ' ');
    text_append(text, facts->serial);
    text_append_byte(text, ' ');
    hex_append_upper(text, slice_bytes(facts->thumbprint, sizeof facts->thumbprint));
    text_append_byte(text, ' ');
    calendar_append_rfc3339(text, facts->not_before_ms);
    text_append_byte(text, ' ');
    calendar_append_rfc3339(text, facts->not_after_ms);
    for (size_t i = 0; i < facts->dns_name_count; i++) {
        text_append_byte(text, i ? ';' : ' ');
        text_append(text, facts->dns_names[i]);
    }
}

static void send_certificate(struct relay *relay, struct slice leaf)
{
    CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(FACTS_BYTES_MAX);
    CLEANUP(text_deinit) struct text data = text_with_ceiling(FACTS_BYTES_MAX);
    struct certificate_facts facts;
    if (certificate_facts_read(leaf, NULL, 0, &arena, &facts) != CERTIFICATE_OK) {
        send_note(relay, SLICE("Received certificate that cannot be read"));
        return;
    }
    append_certificate(&data, &facts);
    relay_log_row(
        relay, '*', text_slice(&data),
        SLICE("Received certificate Subject Issuer name Serial number Thumbprint Not before "
              "Not after Subject alternate names"));
}

static void send_verdict(struct relay *relay, const struct verdict *verdict)
{
    static const char *const levels[] = {"nothing", "EncryptionOnly", "CertificateValidation",
                                         "DomainValidation for "};
    const struct wire_relay *order = &relay->order;
    char storage[WIRE_LOG_CONTEXT_MAX];
    struct text words = text_over(storage, sizeof storage);
    text_append_c(&words, "Server certificate chain validation status: '");
    verdict_print(verdict, &words);
    text_append_c(&words, "' for ");
    text_append_escaped(&words, relay_here(relay)->name, NAME_SHOWN_MAX);
    text_append_format(&words, "; the connector demands %s", levels[order->tls_level]);
    if (order->tls_level == 3)
        text_append(&words, order->tls_domain.len ? order->tls_domain : order->domain);
    send_note(relay, text_slice(&words));
}

static void send_chain(struct relay *relay)
{
    CLEANUP(text_deinit) struct text chain = text_with_ceiling(CHAIN_BYTES_MAX);
    struct slice certificates[TLS_CHAIN_MAX];
    size_t ends[TLS_CHAIN_MAX], count = 0;
    struct verdict verdict = {0};
    while (count < TLS_CHAIN_MAX && tls_engine_peer_certificate(relay->tls, count, &chain))
        ends[count++] = chain.len;
    for (size_t i = 0; i < count; i++) {
        size_t begin = i ? ends[i - 1] : 0;
        certificates[i] = (struct slice){chain.at + begin, ends[i] - begin};
    }
    if (count)
        send_certificate(relay, certificates[0]);
    verify_chain(certificates, count, root_store_roots(relay->all->trust), relay_here(relay)->name,
                 clock_wall_ms(), &verdict);
    send_verdict(relay, &verdict);
}

void relay_log_handshake(struct relay *relay)
{
    struct text version = text_over(relay->log.tls_version, sizeof relay->log.tls_version);
    text_append(&version, tls_engine_version(relay->tls));
    (void)text_c_string(&version);
    if (!relay->log.verbose)
        return;
    send_protocol(relay);
    send_chain(relay);
}
