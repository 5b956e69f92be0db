/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures for a message under way: the courier names the author's domain, gets the selectors of
 * its keys, gives digests, gets signatures of the vault. Once for each message it was given, so
 * that a courier that was taken over signs no more than passes through it. */
#include "hub/transport/hop.h"
#include "hub/vault_link.h"
#include "mail/ascii_domain.h"
#include "os/clock.h"

#include <stdlib.h>

bool lane_may_sign(struct hub *hub, struct lane *lane)
{
    const struct send_connector *connector = hop_connector(hub, lane->hop);
    lane->signing = (struct lane_signing){
        .may = lane->out.first->what.signs && connector && connector->dkim_signing_enabled &&
               model_count(hub->model, MODEL_DKIM_SIGNING_CONFIG)};
    return lane->signing.may;
}

/* --- which keys --- */

static struct slice selector_of(const struct dkim_signing_config *config, unsigned place,
                                enum dkim_algorithm algorithm)
{
    return config->keys[place][algorithm].sealed.len ? dkim_selector(place, algorithm)
                                                     : (struct slice){0};
}

static const struct dkim_signing_config *config_for(const struct hub *hub, struct slice domain)
{
    const struct dkim_signing_config *config =
        domain.len ? dkim_signing_config_of(hub->model, domain) : NULL;
    return config && config->enabled ? config : NULL;
}

static void name_signer(struct hub *hub, struct lane *lane, const struct wire_relay_author *author)
{
    char storage[ASCII_DOMAIN_MAX];
    struct text domain = text_over(storage, sizeof storage);
    struct wire_relay_signer signer = {.relay = lane->node.relay, .message = author->message};
    const struct dkim_signing_config *config = config_for(hub, author->domain);
    lane->signing.may = false;
    if (config && ascii_domain_append(&domain, config->domain_name)) {
        unsigned place = dkim_place_in_use(config, clock_wall_ms());
        lane->signing.chosen = true;
        lane->signing.config = config->id;
        lane->signing.place = place;
        signer.domain = text_slice(&domain);
        signer.rsa_selector = selector_of(config, place, DKIM_RSA_SHA256);
        signer.ed25519_selector = selector_of(config, place, DKIM_ED25519_SHA256);
        signer.simple_header = config->header_form == DKIM_FORM_SIMPLE;
        signer.simple_body = config->body_form == DKIM_FORM_SIMPLE;
    }
    channel_send(&lane->courier->channel, WIRE_RELAY_SIGNER, &signer, -1);
}

/* --- signatures --- */

struct signing_question {
    struct hub *hub;
    uint64_t relay, message;
};

static void on_signed(void *context, const struct wire_dkim_signed *answer)
{
    struct signing_question *question = context;
    struct lane *lane = lane_index_find(&question->hub->hops->index, question->relay);
    struct wire_relay_signatures signatures = {
        .relay = question->relay, .message = question->message, .outcome = 1};
    if (answer && answer->outcome == 0) {
        signatures.outcome = 0;
        signatures.rsa = answer->rsa;
        signatures.ed25519 = answer->ed25519;
    }
    if (lane)
        channel_send(&lane->courier->channel, WIRE_RELAY_SIGNATURES, &signatures, -1);
    if (signatures.outcome)
        role_event(NULL, WIRE_LEVEL_ERROR, 0,
                   "hub: message %016llx waits: the vault does not sign it. See "
                   "Get-DkimSigningConfig; new keys: Rotate-DkimSigningConfig",
                   (unsigned long long)question->message);
    free(question);
}

static void refuse(const struct lane *lane, uint64_t message)
{
    struct wire_relay_signatures none = {
        .relay = lane->node.relay, .message = message, .outcome = 1};
    channel_send(&lane->courier->channel, WIRE_RELAY_SIGNATURES, &none, -1);
}

static void ask_vault(struct hub *hub, const struct lane *lane,
                      const struct dkim_signing_config *config,
                      const struct wire_relay_digests *digests)
{
    struct signing_question *question = calloc(1, sizeof *question);
    const struct dkim_place_key *keys = config->keys[lane->signing.place];
    struct wire_dkim_sign sign = {.id = slice_bytes(config->id.bytes, sizeof config->id.bytes),
                                  .rsa_digest = digests->rsa,
                                  .ed25519_digest = digests->ed25519};
    if (!question) {
        refuse(lane, digests->message);
        return;
    }
    *question = (struct signing_question){hub, digests->relay, digests->message};
    if (digests->rsa.len)
        sign.rsa_sealed = keys[DKIM_RSA_SHA256].sealed;
    if (digests->ed25519.len)
        sign.ed25519_sealed = keys[DKIM_ED25519_SHA256].sealed;
    vault_sign_mail(hub, sign, on_signed, question);
}

/* A config that has gone in between: the message waits a moment and is looked at anew. */
static void sign(struct hub *hub, struct lane *lane, const struct wire_relay_digests *digests)
{
    const struct dkim_signing_config *config =
        model_by_id(hub->model, MODEL_DKIM_SIGNING_CONFIG, lane->signing.config);
    lane->signing.chosen = false;
    if (config && config->enabled)
        ask_vault(hub, lane, config, digests);
    else
        refuse(lane, digests->message);
}

bool lane_sign(struct hub *hub, struct lane *lane, const struct frame *frame)
{
    bool asks = frame->type == WIRE_RELAY_AUTHOR;
    uint64_t message =
        asks ? frame->message.relay_author.message : frame->message.relay_digests.message;
    if (message != lane->message || !(asks ? lane->signing.may : lane->signing.chosen))
        return false;
    if (asks)
        name_signer(hub, lane, &frame->message.relay_author);
    else
        sign(hub, lane, &frame->message.relay_digests);
    return true;
}
