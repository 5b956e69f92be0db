/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/client_certificate.h"

#include "tls/certificate_facts.h"

#include <stdlib.h>
#include <string.h>

enum { LEAF_MAX_BYTES = 64 << 10, FACTS_MAX_BYTES = 512 << 10, KEPT_MAX_BYTES = 32 << 10 };

static void keep_subject(struct client_certificate *kept, struct slice subject)
{
    char storage[CLIENT_SUBJECT_MAX];
    struct text text = text_over(storage, sizeof storage);
    text_append_escaped(&text, subject, sizeof storage);
    if (!arena_copy(&kept->arena, text_slice(&text), &kept->subject))
        kept->subject = (struct slice){0};
}

static void keep_names(struct client_certificate *kept, const struct certificate_facts *facts)
{
    struct slice *names = arena_take_array(&kept->arena, facts->dns_name_count + 1, sizeof *names);
    kept->names.at = names;
    for (size_t i = 0; names && i < facts->dns_name_count; i++)
        if (arena_copy(&kept->arena, facts->dns_names[i], &names[kept->names.count]))
            kept->names.count++;
}

static struct client_certificate *keep(const struct certificate_facts *facts)
{
    struct client_certificate *kept = calloc(1, sizeof *kept);
    if (!kept)
        return NULL;
    kept->arena = arena_with_ceiling(KEPT_MAX_BYTES);
    memcpy(kept->thumbprint, facts->thumbprint, sizeof kept->thumbprint);
    keep_subject(kept, facts->subject);
    keep_names(kept, facts);
    return kept;
}

struct client_certificate *client_certificate_new(const struct tls_engine *engine, int64_t at_ms)
{
    CLEANUP(text_deinit) struct text leaf = text_with_ceiling(LEAF_MAX_BYTES);
    if (!tls_engine_peer_certificate(engine, 0, &leaf))
        return NULL;
    CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(FACTS_MAX_BYTES);
    struct certificate_facts facts = {0};
    bool readable =
        certificate_facts_read(text_slice(&leaf), NULL, 0, &arena, &facts) == CERTIFICATE_OK;
    if (!readable)
        facts = (struct certificate_facts){0};
    struct client_certificate *kept = keep(&facts);
    if (!kept)
        return NULL;
    tls_engine_verdict(engine, at_ms, &kept->verdict);
    if (!readable)
        kept->verdict.mask |= 1u << VERIFY_MALFORMED;
    return kept;
}

void client_certificate_free(struct client_certificate *certificate)
{
    if (!certificate)
        return;
    arena_deinit(&certificate->arena);
    free(certificate);
}

struct tls_peer client_certificate_peer(const struct client_certificate *certificate)
{
    if (!certificate)
        return (struct tls_peer){.tls = true};
    return (struct tls_peer){.tls = true,
                             .shown = true,
                             .valid = verdict_ok(&certificate->verdict),
                             .names = certificate->names};
}

void client_certificate_append_status(const struct client_certificate *certificate,
                                      struct text *text)
{
    if (!certificate)
        text_append_c(text, "EmptyCertificate");
    else if (verdict_ok(&certificate->verdict))
        text_append_c(text, "Valid");
    else
        verdict_print(&certificate->verdict, text);
}
