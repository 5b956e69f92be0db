/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/mail_signer.h"

#include "base/arena.h"

#include <stdlib.h>

enum { ARENA_MAX = 4 * WIRE_SECRET_MAX };

static const struct slice labels[DKIM_ALGORITHMS] = {
    [DKIM_RSA_SHA256] = SLICE_INIT("dkim-rsa"), [DKIM_ED25519_SHA256] = SLICE_INIT("dkim-ed25519")};

struct job {
    struct work work;
    const struct kek *kek;
    struct arena arena; /* of the request's texts */
    uint64_t request;
    struct slice id;
    bool wanted[DKIM_ALGORITHMS];
    unsigned bits;
    struct slice sealed[DKIM_ALGORITHMS], digest[DKIM_ALGORITHMS];
    struct text first[DKIM_ALGORITHMS];  /* what was made: sealed keys, or signatures */
    struct text second[DKIM_ALGORITHMS]; /* public keys */
    bool good;
    mail_keys_done_fn *made;
    mail_signed_done_fn *signature_made;
    void *context;
};

static struct job *job_new(const struct kek *kek, uint64_t request, struct slice id, void *context)
{
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        return NULL;
    job->kek = kek;
    job->request = request;
    job->context = context;
    job->arena = arena_with_ceiling(ARENA_MAX);
    for (size_t i = 0; i < DKIM_ALGORITHMS; i++) {
        job->first[i] = text_with_ceiling(WIRE_SECRET_MAX);
        job->second[i] = text_with_ceiling(DKIM_PUBLIC_KEY_MAX);
    }
    if (arena_copy(&job->arena, id, &job->id))
        return job;
    arena_deinit(&job->arena);
    free(job);
    return NULL;
}

static void job_free(struct job *job)
{
    if (!job)
        return;
    for (size_t i = 0; i < DKIM_ALGORITHMS; i++) {
        text_deinit(&job->first[i]);
        text_deinit(&job->second[i]);
    }
    arena_deinit(&job->arena);
    free(job);
}

/* --- keys --- */

static bool make_one(struct job *job, enum dkim_algorithm algorithm)
{
    struct text private_key = text_with_ceiling(DKIM_PRIVATE_KEY_MAX);
    bool good = dkim_key_make(algorithm, job->bits, &private_key, &job->second[algorithm]) &&
                kek_seal(job->kek, job->id, labels[algorithm], text_slice(&private_key),
                         &job->first[algorithm]) == SEAL_OK;
    seal_wipe(&private_key);
    return good;
}

static void run_make(void *context)
{
    struct job *job = context;
    job->good = true;
    for (enum dkim_algorithm i = DKIM_RSA_SHA256; i < DKIM_ALGORITHMS; i++)
        job->good = job->good && (!job->wanted[i] || make_one(job, i));
}

static void made(void *context, bool ran)
{
    struct job *job = context;
    struct wire_dkim_made answer = {.request = job->request, .outcome = !job->good};
    if (job->good) {
        answer.rsa_sealed = text_slice(&job->first[DKIM_RSA_SHA256]);
        answer.rsa_public = text_slice(&job->second[DKIM_RSA_SHA256]);
        answer.ed25519_sealed = text_slice(&job->first[DKIM_ED25519_SHA256]);
        answer.ed25519_public = text_slice(&job->second[DKIM_ED25519_SHA256]);
    }
    job->made(job->context, ran ? &answer : NULL);
    job_free(job);
}

bool mail_keys_submit(struct worker_pool *pool, const struct kek *kek,
                      const struct wire_dkim_make *request, mail_keys_done_fn *done, void *context)
{
    struct job *job = job_new(kek, request->request, request->id, context);
    if (!job)
        return false;
    job->work = (struct work){.run = run_make, .done = made, .context = job};
    job->bits = (unsigned)request->rsa_bits;
    job->wanted[DKIM_RSA_SHA256] = request->rsa_bits > 0;
    job->wanted[DKIM_ED25519_SHA256] = request->ed25519 > 0;
    job->made = done;
    if (worker_pool_submit(pool, &job->work))
        return true;
    job_free(job);
    return false;
}

bool mail_key_opens(const struct kek *kek, struct slice id, enum dkim_algorithm algorithm,
                    struct slice sealed, struct text *out_public)
{
    struct text private_key = text_with_ceiling(DKIM_PRIVATE_KEY_MAX);
    bool good = kek_unseal(kek, id, labels[algorithm], sealed, &private_key) == SEAL_OK &&
                dkim_key_public(algorithm, text_slice(&private_key), out_public);
    seal_wipe(&private_key);
    return good;
}

/* --- signatures --- */

static bool sign_one(struct job *job, enum dkim_algorithm algorithm)
{
    struct text private_key = text_with_ceiling(DKIM_PRIVATE_KEY_MAX);
    bool good = kek_unseal(job->kek, job->id, labels[algorithm], job->sealed[algorithm],
                           &private_key) == SEAL_OK &&
                dkim_key_sign(algorithm, text_slice(&private_key), job->digest[algorithm],
                              &job->first[algorithm]);
    seal_wipe(&private_key);
    return good;
}

static void run_sign(void *context)
{
    struct job *job = context;
    job->good = job->wanted[DKIM_RSA_SHA256] || job->wanted[DKIM_ED25519_SHA256];
    for (enum dkim_algorithm i = DKIM_RSA_SHA256; i < DKIM_ALGORITHMS; i++)
        job->good = job->good && (!job->wanted[i] || sign_one(job, i));
}

static void signature_made(void *context, bool ran)
{
    struct job *job = context;
    struct wire_dkim_signed answer = {.request = job->request, .outcome = !job->good};
    if (job->good) {
        answer.rsa = text_slice(&job->first[DKIM_RSA_SHA256]);
        answer.ed25519 = text_slice(&job->first[DKIM_ED25519_SHA256]);
    }
    job->signature_made(job->context, ran ? &answer : NULL);
    job_free(job);
}

static bool take_key(struct job *job, enum dkim_algorithm algorithm, struct slice sealed,
                     struct slice digest)
{
    job->wanted[algorithm] = sealed.len > 0;
    return arena_copy(&job->arena, sealed, &job->sealed[algorithm]) &&
           arena_copy(&job->arena, digest, &job->digest[algorithm]);
}

bool mail_signer_submit(struct worker_pool *pool, const struct kek *kek,
                        const struct wire_dkim_sign *request, mail_signed_done_fn *done,
                        void *context)
{
    struct job *job = job_new(kek, request->request, request->id, context);
    if (!job)
        return false;
    job->work = (struct work){.run = run_sign, .done = signature_made, .context = job};
    job->signature_made = done;
    if (take_key(job, DKIM_RSA_SHA256, request->rsa_sealed, request->rsa_digest) &&
        take_key(job, DKIM_ED25519_SHA256, request->ed25519_sealed, request->ed25519_digest) &&
        worker_pool_submit(pool, &job->work))
        return true;
    job_free(job);
    return false;
}
