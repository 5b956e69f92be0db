/* SPDX-License-Identifier: Apache-2.0 */
/* The signature in front of a message. The header is read, the hub asked for the author's keys, the
 * body read for its digest, the hub asked for signatures; then the message leaves as it would have
 * left, behind them. What is read here is what relay_firewall lets out and smtp/send_body makes of
 * it: lines with CR LF; dots that are doubled are undone by the other side. */
#include "courier/relay_state.h"

#include "dkim/signature.h"
#include "os/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    FROM_VALUE_MAX = 4096,
    PIECES_A_TURN = 32, /* of a body: others want the loop, too */
    SIGNATURES_MAX = DKIM_ALGORITHMS * DKIM_FIELD_MAX,
};

enum signing_stage { SIGNING_HEADER, SIGNING_ASKED_KEYS, SIGNING_BODY, SIGNING_ASKED_SIGNATURES };

struct relay_signing {
    enum signing_stage stage;
    struct watch turn; /* timer: goes on in the next turn */
    uint64_t offset, left;
    struct header_scan firewall;
    struct send_writer writer;
    struct text lines;  /* what the writer made of a piece */
    size_t lines_taken; /* by the message */
    struct dkim_message message;
    bool simple_header;
    struct text domain, selectors[DKIM_ALGORITHMS], fields[DKIM_ALGORITHMS];
};

void relay_signing_forget(struct relay *relay)
{
    struct relay_signing *signing = relay->signing;
    relay->signs = false;
    relay->signing = NULL;
    text_deinit(&relay->signature);
    relay->signature = text_with_ceiling(SIGNATURES_MAX);
    if (!signing)
        return;
    timer_stop(&signing->turn);
    dkim_message_deinit(&signing->message);
    text_deinit(&signing->lines);
    text_deinit(&signing->domain);
    for (size_t i = 0; i < DKIM_ALGORITHMS; i++) {
        text_deinit(&signing->selectors[i]);
        text_deinit(&signing->fields[i]);
    }
    free(signing);
}

/* It leaves as it is. */
static void leave_unsigned(struct relay *relay)
{
    relay_signing_forget(relay);
}

/* It is signed or it waits: what nobody can check may be refused for good. */
static void put_off(struct relay *relay)
{
    struct send_answer *answer = &relay->transaction.answer;
    *answer =
        (struct send_answer){.code = 451, .text = text_with_ceiling(SEND_WORDS_MAX), .ours = true};
    text_append_c(&answer->text, "4.7.0 The message cannot be signed now");
    for (size_t i = 0; i < relay->recipient_count; i++)
        relay->recipients[i].fate = SEND_DEFERRED;
    relay_report(relay);
}

/* --- reading --- */

/* False: there is no more, or it cannot be read (then `left` is not 0). */
static bool read_lines(struct relay *relay)
{
    struct relay_signing *signing = relay->signing;
    char piece[SEND_PIECE_MAX], storage[SEND_PIECE_MAX];
    struct text room = text_over(storage, sizeof storage);
    size_t most = relay_piece_max(&signing->firewall);
    size_t wanted = signing->left < most ? (size_t)signing->left : most;
    ssize_t got;
    do
        got = wanted ? pread(relay->body_fd, piece, wanted, (off_t)signing->offset) : 0;
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return false;
    signing->offset += (uint64_t)got;
    signing->left -= (uint64_t)got;
    text_clear(&signing->lines);
    signing->lines_taken = 0;
    bool last = signing->left == 0;
    struct slice leaves =
        relay_pass(&signing->firewall, slice_bytes(piece, (size_t)got), last, &room);
    return send_writer_write(&signing->writer, leaves, last, &signing->lines);
}

static bool has_lines(const struct relay_signing *signing)
{
    return signing->lines_taken < signing->lines.len;
}

static void feed_lines(struct relay_signing *signing)
{
    struct slice lines = slice_after(text_slice(&signing->lines), signing->lines_taken);
    signing->lines_taken += dkim_message_feed(&signing->message, lines);
}

/* --- the author --- */

static void ask_keys(struct relay *relay)
{
    struct relay_signing *signing = relay->signing;
    char storage[FROM_VALUE_MAX];
    struct text value = text_over(storage, sizeof storage);
    struct slice domain = dkim_message_author_domain(&signing->message, &value);
    if (signing->message.unfit || !domain.len || domain.len > WIRE_DOMAIN_MAX) {
        leave_unsigned(relay);
        return;
    }
    struct wire_relay_author author = {
        .relay = relay->order.relay, .message = relay->message, .domain = domain};
    signing->stage = SIGNING_ASKED_KEYS;
    channel_send(relay->all->hub, WIRE_RELAY_AUTHOR, &author, -1);
}

static void read_header(struct relay *relay)
{
    struct relay_signing *signing = relay->signing;
    while (!signing->message.header_done && (has_lines(signing) || read_lines(relay)))
        feed_lines(signing);
    if (!signing->message.header_done && signing->left) {
        leave_unsigned(relay); /* whoever sends the body will see that it cannot be read */
        return;
    }
    if (!signing->message.header_done)
        dkim_message_end(&signing->message);
    ask_keys(relay);
}

static struct relay_signing *begin(struct relay *relay)
{
    struct relay_signing *signing = calloc(1, sizeof *signing);
    if (!signing)
        return NULL;
    signing->offset = relay->body_offset;
    signing->left = relay->body_left;
    signing->firewall = relay_firewall(relay);
    signing->writer.form = SEND_FORM_LINES;
    signing->lines = text_with_ceiling(2 * SEND_PIECE_MAX + SEND_WRITER_END_MAX);
    signing->domain = text_with_ceiling(WIRE_DOMAIN_MAX);
    for (size_t i = 0; i < DKIM_ALGORITHMS; i++) {
        signing->selectors[i] = text_with_ceiling(WIRE_SELECTOR_MAX);
        signing->fields[i] = text_with_ceiling(DKIM_FIELD_MAX);
    }
    return signing;
}

/* RFC 6376 5.3: bytes that are no lines have no signature everybody would compute alike. */
bool relay_sign(struct relay *relay)
{
    if (relay->signing)
        return false;
    if (!relay->signs || relay->transaction.body == SESSION_BODY_BINARYMIME)
        return true;
    relay->signing = begin(relay);
    if (!relay->signing) {
        put_off(relay);
        return false;
    }
    read_header(relay);
    return !relay->signing;
}

/* --- the digests --- */

static bool make_field(struct relay_signing *signing, enum dkim_algorithm algorithm,
                       const unsigned char body[DKIM_DIGEST_BYTES],
                       unsigned char out[DKIM_DIGEST_BYTES])
{
    struct dkim_signature signature = {.algorithm = algorithm,
                                       .header_form = signing->simple_header ? CANONICAL_SIMPLE
                                                                             : CANONICAL_RELAXED,
                                       .body_form = signing->message.body.form,
                                       .domain = text_slice(&signing->domain),
                                       .selector = text_slice(&signing->selectors[algorithm]),
                                       .signed_at_ms = clock_wall_ms()};
    return dkim_signature_begin(&signature, &signing->message, body, &signing->fields[algorithm],
                                out);
}

static bool ask_signatures(struct relay *relay)
{
    struct relay_signing *signing = relay->signing;
    unsigned char body[DKIM_DIGEST_BYTES], digests[DKIM_ALGORITHMS][DKIM_DIGEST_BYTES];
    struct wire_relay_digests asked = {.relay = relay->order.relay, .message = relay->message};
    struct slice *const slots[DKIM_ALGORITHMS] = {
        [DKIM_RSA_SHA256] = &asked.rsa, [DKIM_ED25519_SHA256] = &asked.ed25519};
    dkim_message_end(&signing->message);
    if (!dkim_message_digest_end(&signing->message, body))
        return false;
    for (enum dkim_algorithm i = DKIM_RSA_SHA256; i < DKIM_ALGORITHMS; i++) {
        if (!signing->selectors[i].len)
            continue;
        if (!make_field(signing, i, body, digests[i]))
            return false;
        *slots[i] = slice_bytes(digests[i], DKIM_DIGEST_BYTES);
    }
    signing->stage = SIGNING_ASKED_SIGNATURES;
    channel_send(relay->all->hub, WIRE_RELAY_DIGESTS, &asked, -1);
    return true;
}

static void read_body(struct relay *relay)
{
    struct relay_signing *signing = relay->signing;
    for (size_t i = 0; i < PIECES_A_TURN; i++) {
        if (!has_lines(signing) && !read_lines(relay)) {
            if (signing->left || !ask_signatures(relay)) {
                put_off(relay);
                relay_run(relay);
            }
            return;
        }
        feed_lines(signing);
    }
    timer_set(&signing->turn, 0);
}

static void on_turn(void *context, unsigned events)
{
    (void)events;
    read_body(context);
}

/* --- the hub --- */

static void take_signer(struct relay *relay, const struct wire_relay_signer *signer)
{
    struct relay_signing *signing = relay->signing;
    enum canonical_form form = signer->simple_body ? CANONICAL_SIMPLE : CANONICAL_RELAXED;
    if (!signer->domain.len) {
        leave_unsigned(relay);
        relay_run(relay);
        return;
    }
    bool good = text_append(&signing->domain, signer->domain) &&
                text_append(&signing->selectors[DKIM_RSA_SHA256], signer->rsa_selector) &&
                text_append(&signing->selectors[DKIM_ED25519_SHA256], signer->ed25519_selector) &&
                dkim_message_digest(&signing->message, form);
    signing->simple_header = signer->simple_header != 0;
    signing->stage = SIGNING_BODY;
    if (!good) {
        put_off(relay);
        relay_run(relay);
        return;
    }
    timer_init(&signing->turn, relay->all->loop, on_turn, relay);
    read_body(relay);
}

static bool take_fields(struct relay *relay, const struct wire_relay_signatures *answer)
{
    struct relay_signing *signing = relay->signing;
    struct slice bytes[DKIM_ALGORITHMS] = {
        [DKIM_RSA_SHA256] = answer->rsa, [DKIM_ED25519_SHA256] = answer->ed25519};
    struct text fields = text_with_ceiling(SIGNATURES_MAX);
    bool good = answer->outcome == 0;
    for (size_t i = 0; good && i < DKIM_ALGORITHMS; i++)
        if (signing->selectors[i].len)
            good = dkim_signature_end(&signing->fields[i], bytes[i]) &&
                   text_append(&fields, text_slice(&signing->fields[i]));
    relay_signing_forget(relay);
    if (good)
        relay->signature = fields;
    else
        text_deinit(&fields);
    return good;
}

static void take_signatures(struct relay *relay, const struct wire_relay_signatures *answer)
{
    if (!take_fields(relay, answer))
        put_off(relay);
    else if (relay->transaction.size_bytes >= 0)
        relay->transaction.size_bytes += (int64_t)relay->signature.len;
    relay_run(relay);
}

bool relay_signing_answer(struct relay *relay, const struct frame *frame)
{
    bool keys = frame->type == WIRE_RELAY_SIGNER;
    uint64_t message =
        keys ? frame->message.relay_signer.message : frame->message.relay_signatures.message;
    enum signing_stage stage = keys ? SIGNING_ASKED_KEYS : SIGNING_ASKED_SIGNATURES;
    if (!relay->signing || relay->message != message || relay->signing->stage != stage)
        return false;
    if (keys)
        take_signer(relay, &frame->message.relay_signer);
    else
        take_signatures(relay, &frame->message.relay_signatures);
    return true;
}
