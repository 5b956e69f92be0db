/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/alternate.h"

#include "edge/connection.h"
#include "edge/protocol_log.h"
#include "edge/transaction.h"
#include "edge/wants.h"
#include "mail/address.h"
#include "smtp/xtext.h"

static void forget(struct alternate *alternate)
{
    text_clear(&alternate->mailbox);
    text_clear(&alternate->orcpt);
}

void alternate_deinit(struct alternate *alternate)
{
    text_deinit(&alternate->mailbox);
    text_deinit(&alternate->orcpt);
}

/* "rfc822;" xtext, and in it one whole mailbox. */
static bool read_address(struct slice written, bool long_addresses, struct text *out)
{
    struct address_options options = {.long_addresses = long_addresses};
    struct address ignored;
    struct slice kind;
    return slice_take_until(&written, ';', &kind) && slice_equal_nocase(kind, SLICE("rfc822")) &&
           xtext_append_decoded(out, written) &&
           address_parse(text_slice(out), &options, &ignored) == ADDRESS_OK;
}

static bool keep_original(struct alternate *alternate, const struct session_recipient *recipient,
                          struct slice mailbox)
{
    if (recipient->orcpt.len)
        return text_append(&alternate->orcpt, recipient->orcpt);
    return text_append_c(&alternate->orcpt, "rfc822;") &&
           xtext_append_encoded(&alternate->orcpt, mailbox);
}

void alternate_keep(struct connection *connection, const struct submission *submission,
                    struct slice recipient)
{
    const struct session_recipient *asked = session_recipient(&connection->session);
    struct alternate *alternate = &connection->transaction->alternate;
    struct rights_answer why;
    forget(alternate);
    if (!asked->orar.len)
        return;
    alternate->mailbox.ceiling = WIRE_ADDRESS_MAX;
    alternate->orcpt.ceiling = WIRE_ADDRESS_MAX;
    alternate->notify = asked->notify;
    alternate->verdict = SUBMISSION_RECIPIENT_DENIED;
    if (read_address(asked->orar, connection->connector->long_addresses_enabled,
                     &alternate->mailbox) &&
        keep_original(alternate, asked, recipient))
        alternate->verdict =
            submission_judge_recipient(submission, text_slice(&alternate->mailbox), &why);
    if (alternate->verdict == SUBMISSION_RECIPIENT_DENIED)
        forget(alternate);
}

bool alternate_take(struct connection *connection, enum session_recipient_answer *answer)
{
    struct transaction *transaction = connection->transaction;
    struct alternate *alternate = &transaction->alternate;
    struct wire_message_recipient recipient = {.session = connection->id,
                                               .address = text_slice(&alternate->mailbox),
                                               .notify = alternate->notify,
                                               .orcpt = text_slice(&alternate->orcpt)};
    if (*answer != SESSION_RECIPIENT_UNKNOWN || !recipient.address.len)
        return false;
    *answer = SESSION_RECIPIENT_UNAVAILABLE;
    transaction_drop_recipient(transaction);
    if (!frame_append(&transaction->envelope, WIRE_MESSAGE_RECIPIENT, &recipient))
        return false;
    protocol_log_note(connection, recipient.address,
                      "alternate recipient (XORAR) of one who is unknown");
    bool granted = alternate->verdict == SUBMISSION_RECIPIENT_GRANTED;
    bool asked =
        !granted && wants_ask_for_recipient(connection, recipient.address,
                                            alternate->verdict == SUBMISSION_RECIPIENT_MUST_EXIST);
    if (granted)
        *answer = SESSION_RECIPIENT_OK;
    forget(alternate); /* of an alternate there is no other */
    return asked;
}
