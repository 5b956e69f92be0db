/* SPDX-License-Identifier: Apache-2.0 */
#include "model/trial.h"

#include "model/send_as.h"

enum { LINE_MAX_BYTES = 2000 };

static const struct tls_peer without_certificate = {.tls = true};

void trial_init(struct trial *trial, const struct model *model,
                const struct receive_connector *connector, trial_recipient_fn *recipient,
                void *context)
{
    *trial =
        (struct trial){.submission = submission_of(model, connector, NULL, &without_certificate),
                       .recipient = recipient,
                       .context = context,
                       .replies = text_with_ceiling(4 * SESSION_REPLY_MAX),
                       .addresses = text_with_ceiling(SEND_AS_ADDRESSES_MAX),
                       .arena = arena_with_ceiling(16 * SEND_AS_ADDRESSES_MAX)};
    submission_fill_policy(&trial->submission, true, &trial->policy);
    trial->policy.protocol_errors_max = UINT32_MAX; /* it is we who ask */
    session_begin(&trial->session, &trial->policy, (struct ip_address){{0}}, true,
                  (struct slice){0}, 0, &trial->replies);
    session_bindable(&trial->session, true);
    trial_say(trial, "EHLO client.example", (struct slice){0}, "");
}

void trial_deinit(struct trial *trial)
{
    text_deinit(&trial->replies);
    text_deinit(&trial->addresses);
    arena_deinit(&trial->arena);
}

bool trial_become(struct trial *trial, const struct mailbox *mailbox)
{
    const struct submission *before = &trial->submission;
    (void)send_as_append_addresses(before->model, mailbox, &trial->addresses); /* as many as fit */
    struct slice rest = text_slice(&trial->addresses), line;
    size_t count = 0;
    for (struct slice counted = rest; slice_take_until(&counted, '\n', &line);)
        count++;
    struct slice *addresses = arena_take_array(&trial->arena, count + 1, sizeof *addresses);
    if (!addresses)
        return false;
    for (size_t i = 0; slice_take_until(&rest, '\n', &line); i++)
        addresses[i] = line;
    trial->user = (struct mailbox){.id = mailbox->id,
                                   .name = mailbox->name,
                                   .enabled = true,
                                   .email_addresses = {addresses, count}};
    trial->submission = submission_of(before->model, before->connector, &trial->user, before->peer);
    return true;
}

/* --- one line --- */

static void meet_sender(struct trial *trial)
{
    struct text about = text_over(trial->about_storage, sizeof trial->about_storage);
    session_append_sender(&trial->session, &about);
    trial->about = text_slice(&about);
    session_answer_sender(&trial->session,
                          submission_judge_sender(&trial->submission, trial->about, &trial->why), 0,
                          &trial->replies);
}

static enum session_recipient_answer judge_recipient(struct trial *trial)
{
    enum session_recipient_answer answer = SESSION_RECIPIENT_OK;
    enum submission_recipient verdict =
        submission_judge_recipient(&trial->submission, trial->about, &trial->why);
    if (verdict == SUBMISSION_RECIPIENT_DENIED)
        return SESSION_RECIPIENT_RELAY_DENIED;
    if (verdict != SUBMISSION_RECIPIENT_GRANTED)
        answer = trial->recipient(trial->context, trial->about);
    if (answer == SESSION_RECIPIENT_UNKNOWN)
        return verdict == SUBMISSION_RECIPIENT_MUST_EXIST ? answer : SESSION_RECIPIENT_OK;
    bool barred = answer == SESSION_RECIPIENT_CLOSED && submission_is_stranger(&trial->submission);
    return barred ? answer : SESSION_RECIPIENT_OK;
}

static void meet_recipient(struct trial *trial)
{
    struct text about = text_over(trial->about_storage, sizeof trial->about_storage);
    session_append_recipient(&trial->session, &about);
    trial->about = text_slice(&about);
    session_answer_recipient(&trial->session, judge_recipient(trial), 0, &trial->replies);
}

static struct slice last_line(const struct trial *trial)
{
    struct slice rest = text_slice(&trial->replies), line = rest, next;
    while (slice_take_field(&rest, '\n', &next))
        line = next;
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

struct slice trial_say(struct trial *trial, const char *before, struct slice address,
                       const char *after)
{
    char storage[LINE_MAX_BYTES];
    struct text line = text_over(storage, sizeof storage);
    text_append_c(&line, before);
    text_append(&line, address);
    text_append_c(&line, after);
    text_clear(&trial->replies);
    trial->why = (struct rights_answer){0};
    trial->about = (struct slice){0};
    if (trial->session.want == SESSION_WANT_CLOSE)
        return (struct slice){0};
    if (line.truncated)
        session_bad_line(&trial->session, true, 0, &trial->replies);
    else
        session_line(&trial->session, text_slice(&line), 0, &trial->replies);
    if (trial->session.want == SESSION_WANT_SENDER)
        meet_sender(trial);
    else if (trial->session.want == SESSION_WANT_RECIPIENT)
        meet_recipient(trial);
    else if (trial->session.want == SESSION_WANT_AUTH)
        session_answer_auth(&trial->session, SESSION_AUTH_ACCEPTED, (struct slice){0}, 0,
                            &trial->replies);
    return last_line(trial);
}
