/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/refusal.h"

#include "edge/account.h"
#include "edge/protocol_log.h"
#include "model/rights_text.h"

enum { ADDRESS_SHOWN_MAX = 200, EVENT_MAX = 2048 };

static bool may_tell(struct connection *connection)
{
    return connection->refusals_told++ < REFUSALS_TOLD_MAX;
}

static void append_front(struct text *line, const struct connection *connection,
                         const char *command, struct slice address)
{
    text_append_format(line, "edge: %s:<", command);
    text_append_escaped(line, address, ADDRESS_SHOWN_MAX);
    text_append_c(line, "> from ");
    ip_append(line, connection->client.address);
    text_append_format(line, " on %.*s refused: ", SLICE_ARG(connection->connector->identity));
}

static void tell(const struct connection *connection, const struct text *line)
{
    role_event(&connection->edge->hub, WIRE_LEVEL_INFORMATION, 0, "%.*s",
               SLICE_ARG(text_slice(line)));
}

void refusal_report(struct connection *connection, const char *command, struct slice address,
                    struct rights_answer answer)
{
    protocol_log_refusal(connection, command, right_name(answer.missing));
    if (!may_tell(connection))
        return;
    char storage[EVENT_MAX];
    struct text line = text_over(storage, sizeof storage);
    const struct account *account = connection->account;
    struct rights_refusal refusal = {.connector = connection->connector,
                                     .who = connection->who,
                                     .account = account ? account->mailbox.name : (struct slice){0},
                                     .address = address,
                                     .missing = answer.missing};
    append_front(&line, connection, command, address);
    rights_append_reason(&line, &refusal);
    text_append_c(&line, "; fix: ");
    rights_append_mending(&line, &refusal);
    tell(connection, &line);
}

void refusal_report_useless_login(struct connection *connection)
{
    const struct slice identity = connection->connector->identity;
    protocol_log_refusal(connection, "AUTH", right_name(RIGHT_SUBMIT));
    if (!may_tell(connection))
        return;
    char storage[EVENT_MAX];
    struct text line = text_over(storage, sizeof storage);
    text_append_c(&line, "edge: AUTH from ");
    ip_append(&line, connection->client.address);
    text_append_format(&line,
                       " on %.*s refused: nobody who logs in holds %s there; fix: "
                       "Set-ReceiveConnector \"%.*s\" -PermissionGroups @{Add='ExchangeUsers'}",
                       SLICE_ARG(identity), right_name(RIGHT_SUBMIT), SLICE_ARG(identity));
    tell(connection, &line);
}

static void append_unproven(struct text *line, const struct connection *connection,
                            struct slice sender)
{
    enum peer_verdict verdict = peer_judge_sender(connection->configuration->model,
                                                  connection->connector, &connection->peer, sender);
    text_append_format(line, "the domain is in TLSReceiveDomainSecureList, and the client %s",
                       peer_verdict_text(verdict));
    if (!connection->shown)
        return;
    text_append_format(line, ": %.*s (", SLICE_ARG(connection->shown->subject));
    client_certificate_append_status(connection->shown, line);
    text_append_c(line, ")");
}

void refusal_report_unproven(struct connection *connection, struct slice sender)
{
    char storage[WIRE_LOG_CONTEXT_MAX];
    struct text why = text_over(storage, sizeof storage);
    append_unproven(&why, connection, sender);
    protocol_log_note(connection, text_slice(&why), "MAIL FROM refused");
    if (!may_tell(connection))
        return;
    char line_storage[EVENT_MAX];
    struct text line = text_over(line_storage, sizeof line_storage);
    append_front(&line, connection, "MAIL FROM", sender);
    text_append(&line, text_slice(&why));
    tell(connection, &line);
}

void refusal_report_unclear(struct connection *connection, struct slice from)
{
    if (!may_tell(connection))
        return;
    char storage[EVENT_MAX];
    struct text line = text_over(storage, sizeof storage);
    append_front(&line, connection, "From", from);
    text_append_c(&line, "the field is missing, double, or no plain list of addresses");
    tell(connection, &line);
}

void refusal_report_filter(struct connection *connection, struct slice endpoint, const char *why,
                           bool goes_on)
{
    if (!may_tell(connection))
        return;
    role_event(&connection->edge->hub, WIRE_LEVEL_WARNING, 0,
               "edge: content filter %.*s of %.*s %s; %s", SLICE_ARG(endpoint),
               SLICE_ARG(connection->connector->identity), why,
               goes_on ? "the message goes on without it (MilterFailureAction Accept)"
                       : "the client is told to try again (451 4.7.1). Start the filter, or: "
                         "Set-ReceiveConnector -MilterFailureAction Accept");
}
