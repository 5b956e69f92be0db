/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/vault_link.h"

#include "hub/vault_wire.h"

#include <stdlib.h>
#include <string.h>

enum { ANSWER_WITHIN_MS = 20000 };

struct question {
    struct question *next;
    struct hub *hub;
    uint64_t request;
    struct watch limit; /* timer */
    vault_verifier_fn *verifier_done;
    vault_credential_fn *credential_done;
    vault_certificate_fn *certificate_done;
    vault_file_fn *file_done;
    vault_secret_fn *secret_done;
    vault_mail_keys_fn *mail_keys_done;
    vault_mail_signed_fn *mail_signed_done;
    void *context;
};

struct vault_link {
    struct question *open;
    uint64_t last_request;
};

/* What the vault said; all NULL: it is not there. */
struct reply {
    const struct wire_verifier_made *made;
    const struct wire_credential_opened *opened;
    const struct wire_certificate_read *read;
    const struct wire_certificate_exported *exported;
    const struct wire_secret_checked *checked;
    const struct wire_dkim_made *mail_keys;
    const struct wire_dkim_signed *mail_signed;
};

static void answer(struct question *question, struct reply reply)
{
    struct question **link = &question->hub->vault->open;
    while (*link != question)
        link = &(*link)->next;
    *link = question->next;
    timer_stop(&question->limit);
    if (question->verifier_done)
        question->verifier_done(question->context, reply.made && reply.made->outcome == 0,
                                reply.made ? reply.made->sealed : (struct slice){0});
    else if (question->credential_done)
        question->credential_done(question->context, reply.opened && reply.opened->outcome == 0,
                                  reply.opened ? reply.opened->password : (struct slice){0});
    else if (question->certificate_done)
        question->certificate_done(question->context, reply.read);
    else if (question->mail_keys_done)
        question->mail_keys_done(question->context, reply.mail_keys);
    else if (question->mail_signed_done)
        question->mail_signed_done(question->context, reply.mail_signed);
    else if (question->secret_done)
        question->secret_done(question->context, reply.checked);
    else
        question->file_done(question->context, reply.exported);
    free(question);
}

static void on_limit(void *context, unsigned events)
{
    (void)events;
    answer(context, (struct reply){0});
}

static struct question *ask(struct hub *hub, void *context)
{
    struct question *question = calloc(1, sizeof *question);
    if (!question)
        return NULL;
    question->hub = hub;
    question->request = ++hub->vault->last_request;
    question->context = context;
    question->next = hub->vault->open;
    hub->vault->open = question;
    timer_init(&question->limit, hub->role.loop, on_limit, question);
    timer_set(&question->limit, ANSWER_WITHIN_MS);
    return question;
}

static void send_question(struct question *question, enum wire_type type, const void *message)
{
    if (!channel_send(&question->hub->checker.channel, type, message, -1))
        answer(question, (struct reply){0});
}

static struct slice id_slice(const struct object_id *id)
{
    return slice_bytes(id->bytes, sizeof id->bytes);
}

static void ask_for_seal(struct hub *hub, struct wire_verifier_make message,
                         vault_verifier_fn *done, void *context)
{
    struct question *question = ask(hub, context);
    if (!question) {
        done(context, false, (struct slice){0});
        return;
    }
    question->verifier_done = done;
    message.request = question->request;
    send_question(question, WIRE_VERIFIER_MAKE, &message);
}

void vault_make_verifier(struct hub *hub, struct object_id account, struct slice password,
                         vault_verifier_fn *done, void *context)
{
    struct wire_verifier_make message = {.id = id_slice(&account), .password = password};
    ask_for_seal(hub, message, done, context);
}

void vault_seal_credential(struct hub *hub, struct object_id connector, struct slice password,
                           vault_verifier_fn *done, void *context)
{
    struct wire_verifier_make message = {
        .recoverable = 1, .id = id_slice(&connector), .password = password};
    ask_for_seal(hub, message, done, context);
}

void vault_open_credential(struct hub *hub, struct object_id connector, vault_credential_fn *done,
                           void *context)
{
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX), key_name = text_with_ceiling(256);
    bool found = config_secret_get(hub->store, SLICE("credential"), connector, &sealed,
                                   &key_name) == STORE_OK;
    struct question *question = found ? ask(hub, context) : NULL;
    if (question) {
        question->credential_done = done;
        struct wire_credential_open message = {.request = question->request,
                                               .id = id_slice(&connector),
                                               .sealed = text_slice(&sealed)};
        send_question(question, WIRE_CREDENTIAL_OPEN, &message);
    } else {
        done(context, false, (struct slice){0});
    }
    text_deinit(&sealed);
    text_deinit(&key_name);
}

void vault_import_certificate(struct hub *hub, struct wire_certificate_import import,
                              vault_certificate_fn *done, void *context)
{
    struct question *question = ask(hub, context);
    if (!question) {
        done(context, NULL);
        return;
    }
    question->certificate_done = done;
    import.request = question->request;
    send_question(question, WIRE_CERTIFICATE_IMPORT, &import);
}

void vault_make_certificate(struct hub *hub, struct wire_certificate_make request,
                            vault_certificate_fn *done, void *context)
{
    struct question *question = ask(hub, context);
    if (!question) {
        done(context, NULL);
        return;
    }
    question->certificate_done = done;
    request.request = question->request;
    send_question(question, WIRE_CERTIFICATE_MAKE, &request);
}

void vault_export_certificate(struct hub *hub, struct wire_certificate_export request,
                              vault_file_fn *done, void *context)
{
    struct question *question = ask(hub, context);
    if (!question) {
        done(context, NULL);
        return;
    }
    question->file_done = done;
    request.request = question->request;
    send_question(question, WIRE_CERTIFICATE_EXPORT, &request);
}

void vault_check_secret(struct hub *hub, enum wire_secret_kind kind, struct object_id id,
                        struct slice sealed, vault_secret_fn *done, void *context)
{
    struct question *question = ask(hub, context);
    if (!question) {
        done(context, NULL);
        return;
    }
    question->secret_done = done;
    struct wire_secret_check message = {
        .request = question->request, .kind = kind, .id = id_slice(&id), .sealed = sealed};
    send_question(question, WIRE_SECRET_CHECK, &message);
}

void vault_make_mail_keys(struct hub *hub, struct wire_dkim_make request, vault_mail_keys_fn *done,
                          void *context)
{
    struct question *question = ask(hub, context);
    if (!question) {
        done(context, NULL);
        return;
    }
    question->mail_keys_done = done;
    request.request = question->request;
    send_question(question, WIRE_DKIM_MAKE, &request);
}

void vault_sign_mail(struct hub *hub, struct wire_dkim_sign request, vault_mail_signed_fn *done,
                     void *context)
{
    struct question *question = ask(hub, context);
    if (!question) {
        done(context, NULL);
        return;
    }
    question->mail_signed_done = done;
    request.request = question->request;
    send_question(question, WIRE_DKIM_SIGN, &request);
}

bool vault_link_begin(struct hub *hub)
{
    hub->vault = calloc(1, sizeof *hub->vault);
    return hub->vault != NULL;
}

void vault_link_end(struct hub *hub)
{
    while (hub->vault && hub->vault->open)
        answer(hub->vault->open, (struct reply){0});
    free(hub->vault);
    hub->vault = NULL;
}

static struct question *find(struct hub *hub, uint64_t request)
{
    struct question *question = hub->vault->open;
    while (question && question->request != request)
        question = question->next;
    return question;
}

void vault_link_verifier_made(struct hub *hub, const struct wire_verifier_made *made)
{
    struct question *question = find(hub, made->request);
    if (question && question->verifier_done)
        answer(question, (struct reply){.made = made});
}

void vault_link_credential_opened(struct hub *hub, const struct wire_credential_opened *opened)
{
    struct question *question = find(hub, opened->request);
    if (question && question->credential_done)
        answer(question, (struct reply){.opened = opened});
    if (opened->password.len) /* the frame is ours to write, although the slice lends it */
        explicit_bzero((void *)(uintptr_t)opened->password.at, opened->password.len);
}

void vault_link_certificate_read(struct hub *hub, const struct wire_certificate_read *read)
{
    struct question *question = find(hub, read->request);
    if (question && question->certificate_done)
        answer(question, (struct reply){.read = read});
}

void vault_link_certificate_exported(struct hub *hub,
                                     const struct wire_certificate_exported *exported)
{
    struct question *question = find(hub, exported->request);
    if (question && question->file_done)
        answer(question, (struct reply){.exported = exported});
}

void vault_link_secret_checked(struct hub *hub, const struct wire_secret_checked *checked)
{
    struct question *question = find(hub, checked->request);
    if (question && question->secret_done)
        answer(question, (struct reply){.checked = checked});
}

void vault_link_mail_keys_made(struct hub *hub, const struct wire_dkim_made *made)
{
    struct question *question = find(hub, made->request);
    if (question && question->mail_keys_done)
        answer(question, (struct reply){.mail_keys = made});
}

void vault_link_mail_signed(struct hub *hub, const struct wire_dkim_signed *mail_signed)
{
    struct question *question = find(hub, mail_signed->request);
    if (question && question->mail_signed_done)
        answer(question, (struct reply){.mail_signed = mail_signed});
}

void vault_link_lost(struct hub *hub)
{
    while (hub->vault->open)
        answer(hub->vault->open, (struct reply){0});
}
