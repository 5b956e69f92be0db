/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/transaction.h"

#include "base/calendar.h"
#include "base/hex.h"
#include "edge/account.h"
#include "edge/connection.h"
#include "edge/filters.h"
#include "edge/protocol_log.h"
#include "edge/refusal.h"
#include "mail/trace.h"
#include "os/clock.h"
#include "os/random.h"

#include <stdlib.h>

enum { ENVELOPE_MAX = 12 << 20, FIELDS_MAX = 4096 };
_Static_assert(CHANNEL_FULL + ENVELOPE_MAX + (2 << 20) <= CHANNEL_OUTPUT_MAX,
               "a wire that is not full takes a whole envelope, and what else there is");

static struct slice fqdn_of(const struct connection *connection)
{
    return connection->policy->fqdn;
}

/* What the header scan must know of the connector and of what the client may bring along. */
static void begin_scan(struct connection *connection, struct transaction *transaction)
{
    static const struct {
        enum right right;
        enum header_family family; /* removed from those who lack the right */
    } firewall[] = {
        {RIGHT_ACCEPT_HEADERS_ROUTING, HEADER_FAMILY_ROUTING},
        {RIGHT_ACCEPT_HEADERS_ORGANIZATION, HEADER_FAMILY_ORGANIZATION},
        {RIGHT_ACCEPT_HEADERS_FOREST, HEADER_FAMILY_FOREST},
    };
    transaction->our_names = connection->configuration->our_names;
    our_names_hold(&transaction->our_names, fqdn_of(connection));
    transaction->scan.our_names = transaction->our_names.at;
    transaction->scan.our_name_count = transaction->our_names.count;
    for (size_t i = 0; i < COUNT_OF(firewall); i++)
        if (!(connection->rights & firewall[i].right))
            transaction->scan.removes |= firewall[i].family;
    const char *unused;
    if (peer_capabilities(connection->connector, &connection->peer, &unused) &
        PEER_CLOUD_SERVICES_MAIL) {
        transaction->scan.promotes = HEADER_FAMILY_CROSS_PREMISES;
        transaction->scan.removes |= HEADER_FAMILY_ORGANIZATION; /* those are replaced */
    } else {
        transaction->scan.removes |= HEADER_FAMILY_CROSS_PREMISES;
    }
}

/* Whose mail may be signed as our own. */
static bool is_trusted(enum rights_who who)
{
    return who == RIGHTS_AUTHENTICATED || who == RIGHTS_EXTERNALLY_SECURED || who == RIGHTS_SERVER;
}

struct transaction *transaction_new(struct connection *connection, struct slice sender)
{
    const struct session_mail *mail = session_mail(&connection->session);
    struct transaction *transaction = calloc(1, sizeof *transaction);
    if (!transaction)
        return NULL;
    transaction->envelope = text_with_ceiling(ENVELOPE_MAX);
    transaction->max_bytes = connection->rights & RIGHT_BYPASS_MESSAGE_SIZE_LIMIT
                                 ? INT64_MAX
                                 : connection->connector->max_message_bytes;
    bool mends_bare_lf = !connection->connector->bare_linefeed_rejection_enabled;
    transaction->dot.mends_bare_lf = mends_bare_lf;
    transaction->octets.mends_bare_lf = mends_bare_lf;
    begin_scan(connection, transaction);
    struct wire_message_begin begin = {
        .session = connection->id,
        .session_id = connection->session_id,
        .client = connection->client.address,
        .client_domain = session_domain(&connection->session),
        .server = connection->local.address,
        .connector = connection->connector->identity,
        .sender = sender,
        .account = connection->account ? connection->account->mailbox.name : (struct slice){0},
        .envid = mail->envid,
        .auth = mail->auth,
        .size_hint_bytes = mail->size_bytes > 0 ? (uint64_t)mail->size_bytes : 0,
        .ret = (unsigned char)mail->ret,
        .smtp_utf8 = mail->smtp_utf8,
        .require_tls = mail->require_tls,
        .body_kind = mail->body,
        .trusted = is_trusted(connection->who),
    };
    if (!frame_append(&transaction->envelope, WIRE_MESSAGE_BEGIN, &begin)) {
        transaction_free(transaction);
        return NULL;
    }
    return transaction;
}

void transaction_free(struct transaction *transaction)
{
    if (!transaction)
        return;
    text_deinit(&transaction->envelope);
    alternate_deinit(&transaction->alternate);
    free(transaction);
}

bool transaction_add_recipient(struct connection *connection, struct slice mailbox)
{
    struct transaction *transaction = connection->transaction;
    const struct session_recipient *recipient = session_recipient(&connection->session);
    struct wire_message_recipient message = {.session = connection->id,
                                             .address = mailbox,
                                             .notify = recipient->notify,
                                             .orcpt = recipient->orcpt};
    transaction->before_recipient = transaction->envelope.len;
    return frame_append(&transaction->envelope, WIRE_MESSAGE_RECIPIENT, &message);
}

void transaction_drop_recipient(struct transaction *transaction)
{
    transaction->envelope.len = transaction->before_recipient;
}

/* --- the body --- */

void transaction_refuse(struct connection *connection, enum session_stored_answer refusal)
{
    struct transaction *transaction = connection->transaction;
    if (transaction->refused)
        return;
    transaction->refused = true;
    transaction->refusal = refusal;
    if (transaction->begun)
        channel_send(&connection->edge->hub, WIRE_MESSAGE_ABANDON,
                     &(struct wire_session){connection->id}, -1);
    transaction->begun = false;
}

/* To the hub, in frames no larger than the wire allows. */
static void forward(struct connection *connection, struct slice content)
{
    if (connection->transaction->refused)
        return;
    while (content.len) {
        struct wire_message_body message = {.session = connection->id,
                                            .bytes = slice_first(content, WIRE_BODY_MAX)};
        if (!channel_send(&connection->edge->hub, WIRE_MESSAGE_BODY, &message, -1)) {
            transaction_refuse(connection, SESSION_STORE_FAILED);
            return;
        }
        connection->transaction->forwarded += message.bytes.len;
        content = slice_after(content, WIRE_BODY_MAX);
    }
}

static void forward_header(struct connection *connection, struct slice piece)
{
    filters_header(connection, piece);
    forward(connection, piece);
}

static void forward_content(struct connection *connection, struct slice piece)
{
    filters_body(connection, piece);
    forward(connection, piece);
}

static void forward_trace_field(struct connection *connection)
{
    char storage[FIELDS_MAX], session_storage[32], date_storage[64];
    struct text field = text_over(storage, sizeof storage);
    struct text session = text_over(session_storage, sizeof session_storage);
    struct text date = text_over(date_storage, sizeof date_storage);
    int64_t now_ms = clock_wall_ms();
    calendar_append_rfc5322(&date, now_ms, clock_offset_minutes(now_ms));
    text_append_format(&session, "%016llx", (unsigned long long)connection->session_id);
    const struct session *s = &connection->session;
    struct trace trace = {.client_domain = session_domain(s),
                          .client_ip = connection->client.address,
                          .fqdn = fqdn_of(connection),
                          .server_ip = connection->local.address,
                          .protocol = trace_protocol(s->extended, connection->engine != NULL,
                                                     connection->account != NULL, s->smtp_utf8),
                          .id = text_slice(&session),
                          .date = text_slice(&date)};
    if (connection->engine) {
        trace.tls_version = tls_engine_version(connection->engine);
        trace.tls_cipher = tls_engine_cipher(connection->engine);
    }
    char shown_storage[64], status_storage[256];
    struct text thumbprint = text_over(shown_storage, sizeof shown_storage);
    struct text status = text_over(status_storage, sizeof status_storage);
    if (connection->shown) {
        hex_append_upper(&thumbprint, slice_bytes(connection->shown->thumbprint, 20));
        client_certificate_append_status(connection->shown, &status);
        trace.client_certificate = text_slice(&thumbprint);
        trace.client_status = text_slice(&status);
        trace.client_subject = connection->shown->subject;
    }
    if (!trace_append_received(&field, &trace))
        text_clear(&field);
    filters_trace(connection, text_slice(&field));
    forward(connection, text_slice(&field));
}

void transaction_begin_body(struct connection *connection)
{
    struct transaction *transaction = connection->transaction;
    transaction->opened = true;
    transaction->started_ms = loop_now_ms(connection->edge->role.loop);
    if (transaction->refused)
        return;
    if (!channel_send_encoded(&connection->edge->hub, text_slice(&transaction->envelope))) {
        transaction_refuse(connection, SESSION_STORE_FAILED);
        return;
    }
    transaction->begun = true;
    forward_trace_field(connection);
}

static void make_message_id(struct connection *connection, struct text *out)
{
    text_append_format(out, "<%016llx.%016llx@", (unsigned long long)clock_wall_ms(),
                       (unsigned long long)random_u64());
    text_append(out, fqdn_of(connection));
    text_append_c(out, ">");
}

/* RFC 6409 section 8: what a message must have and this one lacks. */
static void add_missing_fields(struct connection *connection)
{
    struct transaction *transaction = connection->transaction;
    struct header_scan *scan = &transaction->scan;
    char storage[FIELDS_MAX];
    struct text fields = text_over(storage, sizeof storage);
    struct text id = text_over(transaction->message_id, sizeof transaction->message_id);
    if (scan->open_line)
        text_append_c(&fields, "\r\n");
    struct slice given = header_scan_message_id(scan);
    if (given.len)
        text_append(&id, given);
    else
        make_message_id(connection, &id);
    transaction->message_id_len = id.len;
    if (scan->count[HEADER_SCAN_MESSAGE_ID] == 0) {
        text_append_c(&fields, "Message-ID: ");
        text_append(&fields, text_slice(&id));
        text_append_c(&fields, "\r\n");
    }
    if (scan->count[HEADER_SCAN_DATE] == 0) {
        int64_t now_ms = clock_wall_ms();
        text_append_c(&fields, "Date: ");
        calendar_append_rfc5322(&fields, now_ms, clock_offset_minutes(now_ms));
        text_append_c(&fields, "\r\n");
    }
    forward_header(connection, text_slice(&fields));
}

/* A message without From is nobody's claim; one with two is unclear. */
static bool may_write_from(struct connection *connection, const struct header_scan *scan)
{
    struct submission submission = connection_submission(connection);
    uint32_t fields = scan->count[HEADER_SCAN_FROM];
    bool whole = fields == 1 && !scan->from_cut;
    struct slice address;
    struct rights_answer why;
    if (fields == 0)
        return true;
    switch (submission_judge_from(&submission, whole ? header_scan_from(scan) : SLICE(""), &address,
                                  &why)) {
    case SUBMISSION_FROM_GRANTED:
        return true;
    case SUBMISSION_FROM_UNCLEAR:
        refusal_report_unclear(connection, header_scan_from(scan));
        break;
    case SUBMISSION_FROM_DENIED:
        refusal_report(connection, "From", address, why);
        break;
    }
    return false;
}

static bool loops(const struct header_scan *scan, const struct receive_connector *connector)
{
    return scan->count[HEADER_SCAN_RECEIVED] > connector->max_hop_count ||
           (connector->max_local_hop_count > 0 &&
            scan->local_hops > connector->max_local_hop_count);
}

/* A header is lines, even that of a BINARYMIME message: whoever takes a bare LF for a line end
 * would read fields in it that were not judged here. */
static void judge_header(struct connection *connection)
{
    const struct header_scan *scan = &connection->transaction->scan;
    const struct receive_connector *connector = connection->connector;
    if (loops(scan, connector))
        transaction_refuse(connection, SESSION_STORE_LOOP);
    else if (scan->bare_byte)
        transaction_refuse(connection, SESSION_STORE_BAD_BYTE);
    else if (scan->header_bytes > (uint64_t)connector->max_header_bytes)
        transaction_refuse(connection, SESSION_STORE_HEADER_TOO_LARGE);
    else if (header_scan_ended(scan) && !may_write_from(connection, scan))
        transaction_refuse(connection, SESSION_STORE_SEND_AS_DENIED);
}

/* The piece begins with the blank line, if there was one, and goes on with the body. */
static void end_header(struct connection *connection, struct slice piece)
{
    struct transaction *transaction = connection->transaction;
    size_t blank = transaction->scan.blank_line ? 2 : 0;
    judge_header(connection);
    add_missing_fields(connection);
    forward(connection, blank ? slice_first(piece, blank) : SLICE("\r\n"));
    filters_header_end(connection, transaction->forwarded);
    forward_content(connection, slice_after(piece, blank));
}

void transaction_body(struct connection *connection, struct slice content)
{
    struct transaction *transaction = connection->transaction;
    struct header_scan *scan = &transaction->scan;
    transaction->size_bytes += content.len;
    if (transaction->size_bytes > (uint64_t)transaction->max_bytes)
        transaction_refuse(connection, SESSION_STORE_TOO_LARGE);
    if (transaction->refused)
        return;
    if (header_scan_ended(scan)) {
        forward_content(connection, content);
        return;
    }
    struct slice piece;
    enum header_scan_outcome outcome;
    while ((outcome = header_scan_take(scan, &content, &piece)) != HEADER_SCAN_MORE) {
        if (outcome == HEADER_SCAN_END)
            end_header(connection, piece);
        else if (header_scan_ended(scan))
            forward_content(connection, piece);
        else
            forward_header(connection, piece);
    }
    if (!header_scan_ended(scan))
        judge_header(connection);
}

void transaction_complete(struct connection *connection)
{
    struct transaction *transaction = connection->transaction;
    struct slice piece;
    if (!transaction->opened)
        transaction_begin_body(connection);
    if (!transaction->refused && !header_scan_ended(&transaction->scan) &&
        header_scan_finish(&transaction->scan, &piece))
        end_header(connection, piece);
}

bool transaction_end(struct connection *connection)
{
    struct transaction *transaction = connection->transaction;
    struct wire_message_end end = {.session = connection->id,
                                   .message_id = transaction_message_id(transaction),
                                   .subject = header_scan_subject(&transaction->scan),
                                   .tls_optional = header_scan_tls_is_optional(&transaction->scan),
                                   .discarded_by = transaction->discarded_by};
    filters_send_changes(connection, &end);
    if (!transaction->refused && !channel_send(&connection->edge->hub, WIRE_MESSAGE_END, &end, -1))
        transaction_refuse(connection, SESSION_STORE_FAILED);
    transaction->begun = transaction->begun && transaction->refused;
    return !transaction->refused;
}

struct slice transaction_message_id(const struct transaction *transaction)
{
    return (struct slice){transaction->message_id, transaction->message_id_len};
}
