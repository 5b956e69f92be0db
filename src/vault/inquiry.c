/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/inquiry.h"

#include "tls/import.h"
#include "vault/certificate_exporter.h"
#include "vault/certificate_maker.h"
#include "vault/certificate_record.h"
#include "vault/mail_signer.h"
#include "vault/password_work.h"
#include "vault/private_key.h"
#include "vault/secret.h"
#include "vault/secret_check.h"
#include "wire/role.h"

#include <stdlib.h>
#include <string.h>

enum { ID_BYTES = 16, PASSWORD_MAX = 1024 };

/* A question of the hub that is answered later. */
struct inquiry {
    struct checker *checker;
    uint64_t hub_number, request;
    char id[ID_BYTES];
    bool exportable; /* of an import */
};

static struct inquiry *inquiry_new(struct checker *checker, uint64_t request, struct slice id)
{
    struct inquiry *inquiry = id.len == ID_BYTES ? calloc(1, sizeof *inquiry) : NULL;
    if (!inquiry)
        return NULL;
    *inquiry =
        (struct inquiry){.checker = checker, .hub_number = checker->hub_number, .request = request};
    memcpy(inquiry->id, id.at, ID_BYTES);
    return inquiry;
}

/* The answer goes to the hub that asked or to nobody: numbers begin again with each hub. */
static void inquiry_answer(struct inquiry *inquiry, enum wire_type type, const void *message)
{
    struct checker *checker = inquiry->checker;
    if (inquiry->hub_number == checker->hub_number &&
        !channel_send(&checker->hub, type, message, -1) && channel_alive(&checker->hub))
        role_event(&checker->hub, WIRE_LEVEL_ERROR, 0, "event=answer-too-large type=%d", (int)type);
    free(inquiry);
}

/* --- verifiers --- */

static void send_verifier(struct checker *checker, uint64_t request, struct slice sealed)
{
    struct wire_verifier_made made = {
        .request = request, .outcome = sealed.len == 0, .sealed = sealed};
    channel_send(&checker->hub, WIRE_VERIFIER_MADE, &made, -1);
}

static void on_verifier_made(void *context, uint64_t request, struct slice sealed)
{
    struct inquiry *inquiry = context;
    struct wire_verifier_made made = {
        .request = request, .outcome = sealed.len == 0, .sealed = sealed};
    inquiry_answer(inquiry, WIRE_VERIFIER_MADE, &made);
}

static void make_verifier(struct checker *checker, const struct wire_verifier_make *make)
{
    struct inquiry *inquiry = inquiry_new(checker, make->request, make->id);
    if (!inquiry ||
        !verifier_make_submit(checker->pool, checker->kek, make, on_verifier_made, inquiry)) {
        free(inquiry);
        send_verifier(checker, make->request, (struct slice){0});
    }
    secret_wipe(make->password);
}

/* At once: opening costs little, unlike what is done with a login. */
static void open_credential(struct checker *checker, const struct wire_credential_open *open)
{
    struct text password = text_with_ceiling(PASSWORD_MAX);
    enum seal_outcome outcome =
        open->id.len == ID_BYTES
            ? kek_unseal(checker->kek, open->id, SLICE("credential"), open->sealed, &password)
            : SEAL_REFUSED;
    struct wire_credential_opened opened = {
        .request = open->request, .outcome = outcome != SEAL_OK, .password = text_slice(&password)};
    if (outcome != SEAL_OK) {
        opened.password = (struct slice){0};
        role_event(&checker->hub, WIRE_LEVEL_ERROR, 0, "event=credential-does-not-open");
    }
    channel_send(&checker->hub, WIRE_CREDENTIAL_OPENED, &opened, -1);
    seal_wipe(&password);
}

/* --- certificates --- */

static void refuse_certificate(struct checker *checker, uint64_t request, const char *error)
{
    struct wire_certificate_read answer = {
        .request = request, .outcome = IMPORT_NO_MEMORY, .error = slice_of(error)};
    channel_send(&checker->hub, WIRE_CERTIFICATE_READ, &answer, -1);
}

static void on_made(void *context, const struct wire_certificate_read *answer)
{
    struct wire_certificate_read ended = {.outcome = IMPORT_NO_MEMORY,
                                          .error = SLICE("the vault is ending")};
    struct inquiry *inquiry = context;
    ended.request = inquiry->request;
    inquiry_answer(inquiry, WIRE_CERTIFICATE_READ, answer ? answer : &ended);
}

static void make_certificate(struct checker *checker, const struct wire_certificate_make *make)
{
    struct inquiry *inquiry = inquiry_new(checker, make->request, make->id);
    if (inquiry && certificate_maker_submit(checker->pool, checker->kek, make, on_made, inquiry))
        return;
    free(inquiry);
    refuse_certificate(checker, make->request, "the vault is busy; try again");
}

/* Seals the key and completes the record. What the child said is not believed further than it
 * decodes. */
static enum record_outcome complete(const struct inquiry *inquiry,
                                    const struct import_result *result, struct text *out_record)
{
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX);
    struct slice id = {inquiry->id, ID_BYTES};
    enum record_outcome outcome = RECORD_OK;
    if (result->key.len && private_key_seal(inquiry->checker->kek, id, inquiry->exportable,
                                            result->key, &sealed) != SEAL_OK)
        outcome = RECORD_NO_MEMORY;
    if (outcome == RECORD_OK)
        outcome = certificate_record_complete(result->record, id, text_slice(&sealed),
                                              inquiry->exportable, out_record);
    text_deinit(&sealed);
    return outcome;
}

static void on_imported(void *context, const struct import_result *result)
{
    struct inquiry *inquiry = context;
    struct wire_certificate_read answer = {
        .request = inquiry->request, .outcome = result->outcome, .error = result->error};
    struct text record = text_with_ceiling(WIRE_CHAIN_MAX);
    if (result->outcome == IMPORT_OK) {
        enum record_outcome outcome = complete(inquiry, result, &record);
        answer.outcome = record_outcome_import(outcome);
        if (outcome == RECORD_OK)
            answer.certificate = text_slice(&record);
        else
            answer.error = SLICE("the certificate cannot be recorded");
    }
    inquiry_answer(inquiry, WIRE_CERTIFICATE_READ, &answer);
    text_deinit(&record);
}

static void import_certificate(struct checker *checker,
                               const struct wire_certificate_import *import)
{
    const struct import_request request = {
        .file = import->file, .password = import->password, .known = import->known};
    struct inquiry *inquiry = inquiry_new(checker, import->request, import->id);
    if (inquiry)
        inquiry->exportable = import->exportable != 0;
    if (!inquiry || !importer_submit(checker->importer, &request, on_imported, inquiry)) {
        free(inquiry);
        refuse_certificate(checker, import->request, "too many imports at once; try again");
    }
    secret_wipe(import->file);
    secret_wipe(import->password);
}

static void on_exported(void *context, const struct wire_certificate_exported *answer)
{
    struct inquiry *inquiry = context;
    struct wire_certificate_exported ended = {.request = inquiry->request,
                                              .outcome = WIRE_EXPORT_FAILED};
    inquiry_answer(inquiry, WIRE_CERTIFICATE_EXPORTED, answer ? answer : &ended);
}

static void export_certificate(struct checker *checker,
                               const struct wire_certificate_export *export)
{
    struct inquiry *inquiry = inquiry_new(checker, export->request, export->id);
    if (!inquiry ||
        !certificate_exporter_submit(checker->pool, checker->kek, export, on_exported, inquiry)) {
        struct wire_certificate_exported failed = {.request = export->request,
                                                   .outcome = WIRE_EXPORT_FAILED};
        free(inquiry);
        channel_send(&checker->hub, WIRE_CERTIFICATE_EXPORTED, &failed, -1);
    }
    secret_wipe(export->password);
}

/* --- mail --- */

static void on_mail_keys(void *context, const struct wire_dkim_made *answer)
{
    struct inquiry *inquiry = context;
    struct wire_dkim_made ended = {.request = inquiry->request, .outcome = 1};
    inquiry_answer(inquiry, WIRE_DKIM_MADE, answer ? answer : &ended);
}

static void make_mail_keys(struct checker *checker, const struct wire_dkim_make *make)
{
    struct inquiry *inquiry = inquiry_new(checker, make->request, make->id);
    if (inquiry && mail_keys_submit(checker->pool, checker->kek, make, on_mail_keys, inquiry))
        return;
    free(inquiry);
    struct wire_dkim_made failed = {.request = make->request, .outcome = 1};
    channel_send(&checker->hub, WIRE_DKIM_MADE, &failed, -1);
}

static void on_mail_signed(void *context, const struct wire_dkim_signed *answer)
{
    struct inquiry *inquiry = context;
    struct wire_dkim_signed ended = {.request = inquiry->request, .outcome = 1};
    inquiry_answer(inquiry, WIRE_DKIM_SIGNED, answer ? answer : &ended);
}

static void sign_mail(struct checker *checker, const struct wire_dkim_sign *sign)
{
    struct inquiry *inquiry = inquiry_new(checker, sign->request, sign->id);
    if (inquiry && mail_signer_submit(checker->pool, checker->kek, sign, on_mail_signed, inquiry))
        return;
    free(inquiry);
    struct wire_dkim_signed failed = {.request = sign->request, .outcome = 1};
    channel_send(&checker->hub, WIRE_DKIM_SIGNED, &failed, -1);
}

/* --- secrets that come back --- */

static bool opens_credential(const struct checker *checker, struct slice id, struct slice sealed)
{
    struct text password = text_with_ceiling(PASSWORD_MAX);
    bool opens = id.len == ID_BYTES &&
                 kek_unseal(checker->kek, id, SLICE("credential"), sealed, &password) == SEAL_OK;
    seal_wipe(&password);
    return opens;
}

static void check_secret(struct checker *checker, const struct wire_secret_check *check)
{
    char digest[SECRET_DIGEST_BYTES], storage[DKIM_PUBLIC_KEY_MAX];
    struct text public_key = text_over(storage, sizeof storage);
    struct wire_secret_checked checked = {.request = check->request};
    bool exportable = false;
    if (check->kind == WIRE_SECRET_VERIFIER) {
        checked.opens = secret_opens_verifier(checker->kek, check->id, check->sealed);
    } else if (check->kind == WIRE_SECRET_CREDENTIAL) {
        checked.opens = opens_credential(checker, check->id, check->sealed);
    } else if (check->kind == WIRE_SECRET_MAIL_RSA || check->kind == WIRE_SECRET_MAIL_ED25519) {
        enum dkim_algorithm algorithm =
            check->kind == WIRE_SECRET_MAIL_RSA ? DKIM_RSA_SHA256 : DKIM_ED25519_SHA256;
        checked.opens =
            mail_key_opens(checker->kek, check->id, algorithm, check->sealed, &public_key);
        checked.public_key = text_slice(&public_key);
    } else if (secret_opens_key(checker->kek, check->id, check->sealed, &exportable, digest)) {
        checked.opens = 1;
        checked.exportable = exportable;
        checked.key_sha256 = slice_bytes(digest, sizeof digest);
    }
    channel_send(&checker->hub, WIRE_SECRET_CHECKED, &checked, -1);
}

/* --- which is which --- */

void inquiry_take(struct checker *checker, const struct frame *frame)
{
    const union wire_any *message = &frame->message;
    if (frame->type == WIRE_VERIFIER_MAKE)
        make_verifier(checker, &message->verifier_make);
    else if (frame->type == WIRE_CREDENTIAL_OPEN)
        open_credential(checker, &message->credential_open);
    else if (frame->type == WIRE_CERTIFICATE_IMPORT)
        import_certificate(checker, &message->certificate_import);
    else if (frame->type == WIRE_CERTIFICATE_MAKE)
        make_certificate(checker, &message->certificate_make);
    else if (frame->type == WIRE_CERTIFICATE_EXPORT)
        export_certificate(checker, &message->certificate_export);
    else if (frame->type == WIRE_DKIM_MAKE)
        make_mail_keys(checker, &message->dkim_make);
    else if (frame->type == WIRE_DKIM_SIGN)
        sign_mail(checker, &message->dkim_sign);
    else if (frame->type == WIRE_SECRET_CHECK)
        check_secret(checker, &message->secret_check);
}
