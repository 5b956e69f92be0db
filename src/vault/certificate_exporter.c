/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/certificate_exporter.h"

#include "base/arena.h"
#include "tls/export.h"
#include "vault/private_key.h"
#include "vault/secret.h"

#include <stdlib.h>

struct exporting {
    struct work work;
    const struct kek *kek;
    struct wire_certificate_export request; /* its slices live in the arena */
    struct arena arena;
    struct text file;
    enum wire_export_outcome outcome;
    exporter_done_fn *done;
    void *context;
};

static void exporting_free(struct exporting *exporting)
{
    secret_wipe(exporting->request.password);
    text_deinit(&exporting->file);
    arena_deinit(&exporting->arena);
    free(exporting);
}

static enum wire_export_outcome write_file(struct exporting *exporting, struct slice private_key)
{
    const struct wire_certificate_export *request = &exporting->request;
    const struct export_parts parts = {.certificate = request->certificate,
                                       .chain = request->chain,
                                       .private_key = private_key,
                                       .friendly_name = request->friendly_name};
    return export_pkcs12(&parts, request->password, &exporting->file) == 0 ? WIRE_EXPORT_DONE
                                                                           : WIRE_EXPORT_FAILED;
}

static void run(void *context)
{
    struct exporting *exporting = context;
    struct text key = text_with_ceiling(WIRE_SECRET_MAX);
    bool exportable;
    enum seal_outcome opened = private_key_unseal(exporting->kek, exporting->request.id,
                                                  exporting->request.sealed_key, &key, &exportable);
    if (opened != SEAL_OK)
        exporting->outcome = WIRE_EXPORT_UNREADABLE;
    else if (!exportable)
        exporting->outcome = WIRE_EXPORT_NOT_EXPORTABLE;
    else
        exporting->outcome = write_file(exporting, text_slice(&key));
    seal_wipe(&key);
}

static void done(void *context, bool ran)
{
    struct exporting *exporting = context;
    struct wire_certificate_exported answer = {.request = exporting->request.request,
                                               .outcome = exporting->outcome,
                                               .file = text_slice(&exporting->file)};
    exporting->done(exporting->context, ran ? &answer : NULL);
    exporting_free(exporting);
}

static bool copy_request(struct exporting *exporting, const struct wire_certificate_export *request)
{
    exporting->request = *request;
    struct slice *const slices[] = {
        &exporting->request.id,
        &exporting->request.certificate,
        &exporting->request.sealed_key,
        &exporting->request.chain,
        &exporting->request.friendly_name,
    };
    exporting->request.password = (struct slice){0}; /* until it is ours, and to be wiped */
    for (size_t i = 0; i < COUNT_OF(slices); i++)
        if (!arena_copy(&exporting->arena, *slices[i], slices[i]))
            return false;
    return arena_copy(&exporting->arena, request->password, &exporting->request.password);
}

bool certificate_exporter_submit(struct worker_pool *pool, const struct kek *kek,
                                 const struct wire_certificate_export *request,
                                 exporter_done_fn *on_done, void *context)
{
    struct exporting *exporting = calloc(1, sizeof *exporting);
    if (!exporting)
        return false;
    *exporting = (struct exporting){
        .work = {.run = run, .done = done, .context = exporting},
        .kek = kek,
        .arena = arena_with_ceiling(1 << 20),
        .file = text_with_ceiling(WIRE_FILE_MAX),
        .done = on_done,
        .context = context,
    };
    if (copy_request(exporting, request) && worker_pool_submit(pool, &exporting->work))
        return true;
    exporting_free(exporting);
    return false;
}
