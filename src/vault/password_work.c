/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/password_work.h"

#include "vault/secret.h"
#include "vault/verifier.h"

#include <stdlib.h>

enum { ID_MAX = 16 };

struct password_work {
    struct work work;
    const struct kek *kek;
    struct text record, password, sealed;
    char id[ID_MAX];
    size_t id_len;
    uint64_t request;
    bool right, recoverable;
    password_checked_fn *checked;
    verifier_made_fn *made;
    void *context;
};

static void work_free(struct password_work *work)
{
    seal_wipe(&work->password);
    seal_wipe(&work->record);
    text_deinit(&work->sealed);
    free(work);
}

static bool submit(struct worker_pool *pool, struct password_work *work)
{
    if (worker_pool_submit(pool, &work->work))
        return true;
    work_free(work);
    return false;
}

/* --- check --- */

static void run_check(void *context)
{
    struct password_work *work = context;
    work->right = verifier_check(text_slice(&work->record), text_slice(&work->password));
}

static void check_done(void *context, bool ran)
{
    struct password_work *work = context;
    work->checked(work->context, work->request, ran, ran && work->right);
    work_free(work);
}

bool password_check_submit(struct worker_pool *pool, struct slice record, struct slice password,
                           uint64_t request, password_checked_fn *done, void *context)
{
    struct password_work *work = calloc(1, sizeof *work);
    if (!work)
        return false;
    work->work = (struct work){.run = run_check, .done = check_done, .context = work};
    work->request = request;
    work->checked = done;
    work->context = context;
    if (secret_copy(record, &work->record) && secret_copy(password, &work->password))
        return submit(pool, work);
    work_free(work);
    return false;
}

/* --- make --- */

static bool make_record(struct password_work *work)
{
    struct slice password = text_slice(&work->password);
    work->record = text_with_ceiling(VERIFIER_RECORD_MAX);
    if (work->recoverable)
        return password.len > 0 && text_append(&work->record, password);
    return verifier_make(password, &work->record);
}

static void run_make(void *context)
{
    struct password_work *work = context;
    struct slice label = work->recoverable ? SLICE("credential") : SLICE("account");
    if (make_record(work) && kek_seal(work->kek, (struct slice){work->id, work->id_len}, label,
                                      text_slice(&work->record), &work->sealed) != SEAL_OK)
        text_clear(&work->sealed);
}

static void make_done(void *context, bool ran)
{
    (void)ran; /* nothing was made then */
    struct password_work *work = context;
    work->made(work->context, work->request, text_slice(&work->sealed));
    work_free(work);
}

bool verifier_make_submit(struct worker_pool *pool, const struct kek *kek,
                          const struct wire_verifier_make *make, verifier_made_fn *done,
                          void *context)
{
    struct password_work *work = make->id.len <= ID_MAX ? calloc(1, sizeof *work) : NULL;
    if (!work)
        return false;
    work->work = (struct work){.run = run_make, .done = make_done, .context = work};
    work->kek = kek;
    work->request = make->request;
    work->recoverable = make->recoverable != 0;
    work->made = done;
    work->context = context;
    work->sealed = text_with_ceiling(WIRE_SECRET_MAX);
    work->id_len = make->id.len;
    for (size_t i = 0; i < make->id.len; i++)
        work->id[i] = make->id.at[i];
    if (secret_copy(make->password, &work->password))
        return submit(pool, work);
    work_free(work);
    return false;
}
