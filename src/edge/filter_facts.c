/* SPDX-License-Identifier: Apache-2.0 */
/* What filters are told of a session: the values of their macros, and the arguments of commands. */
#include "edge/account.h"
#include "edge/filters_inner.h"

/* What is appended behind `begun`, as a slice; empty where there was no room. */
static struct slice since(const struct text *text, size_t begun)
{
    return text->truncated ? (struct slice){0} : slice_after(text_slice(text), begun);
}

static struct slice keep(struct text *text, struct slice value)
{
    size_t begun = text->len;
    text_append(text, value);
    return since(text, begun);
}

static struct slice keep_number(struct text *text, uint64_t number)
{
    size_t begun = text->len;
    text_append_u64(text, number);
    return since(text, begun);
}

static struct slice keep_address(struct text *text, struct ip_address address)
{
    size_t begun = text->len;
    ip_append(text, address);
    return since(text, begun);
}

static struct slice keep_host(struct text *text, struct ip_address address)
{
    size_t begun = text->len;
    text_append_byte(text, '[');
    ip_append(text, address);
    text_append_byte(text, ']');
    return since(text, begun);
}

static struct slice keep_relay(struct text *text, struct ip_address address)
{
    size_t begun = text->len;
    (void)keep_host(text, address);
    text_append_byte(text, ' ');
    (void)keep_host(text, address);
    return since(text, begun);
}

void filter_facts_of_session(struct filters *filters)
{
    const struct connection *connection = filters->connection;
    struct text text = text_over(filters->of_session.bytes, sizeof filters->of_session.bytes);
    struct milter_facts *facts = &filters->facts;
    struct slice *macros = facts->macros;
    struct ip_endpoint client = connection->client, local = connection->local;
    facts->host = keep_host(&text, client.address);
    facts->client = client;
    facts->hello = keep(&text, session_domain(&connection->session));
    macros[MACRO_SERVER] = keep(&text, connection->policy->fqdn);
    macros[MACRO_RELAY] = keep_relay(&text, client.address);
    macros[MACRO_PROGRAM] = SLICE("Postern " POSTERN_VERSION);
    macros[MACRO_DAEMON_NAME] = keep(&text, connection->connector->identity);
    macros[MACRO_DAEMON_ADDRESS] = keep_address(&text, local.address);
    macros[MACRO_DAEMON_PORT] = keep_number(&text, local.port);
    macros[MACRO_CLIENT_NAME] = facts->host;
    macros[MACRO_CLIENT_ADDRESS] = keep_address(&text, client.address);
    macros[MACRO_CLIENT_PORT] = keep_number(&text, client.port);
    if (connection->engine) {
        macros[MACRO_TLS_VERSION] = keep(&text, tls_engine_version(connection->engine));
        macros[MACRO_CIPHER] = keep(&text, tls_engine_cipher(connection->engine));
    }
    if (connection->shown)
        macros[MACRO_CERTIFICATE_SUBJECT] = keep(&text, connection->shown->subject);
}

static struct slice host_of(struct slice mailbox)
{
    size_t at = mailbox.len;
    while (at > 0 && mailbox.at[at - 1] != '@')
        at--;
    return at ? slice_after(mailbox, at) : (struct slice){0};
}

static void append_argument(struct text *text, const char *name, struct slice value)
{
    text_append_c(text, name);
    text_append(text, value);
    text_append_byte(text, '\0');
}

/* "<address>" and its parameters, each with a NUL behind it. */
static struct slice keep_sender(struct text *text, const struct session_mail *mail,
                                struct slice sender)
{
    static const struct slice kinds[] = {[SESSION_BODY_7BIT] = SLICE_INIT("7BIT"),
                                         [SESSION_BODY_8BITMIME] = SLICE_INIT("8BITMIME"),
                                         [SESSION_BODY_BINARYMIME] = SLICE_INIT("BINARYMIME")};
    size_t begun = text->len;
    text_append_byte(text, '<');
    text_append(text, sender);
    append_argument(text, ">", (struct slice){0});
    if (mail->size_bytes >= 0) {
        text_append_c(text, "SIZE=");
        text_append_i64(text, mail->size_bytes);
        text_append_byte(text, '\0');
    }
    if (mail->body != SESSION_BODY_7BIT)
        append_argument(text, "BODY=", kinds[mail->body]);
    if (mail->smtp_utf8)
        append_argument(text, "SMTPUTF8", (struct slice){0});
    if (mail->require_tls)
        append_argument(text, "REQUIRETLS", (struct slice){0});
    return since(text, begun);
}

static struct slice keep_id(struct text *text, const struct connection *connection)
{
    size_t begun = text->len;
    text_append_format(text, "%016llX.%u", (unsigned long long)connection->session_id,
                       connection->messages + 1);
    return since(text, begun);
}

void filter_facts_of_sender(struct filters *filters, struct slice sender)
{
    const struct connection *connection = filters->connection;
    struct text text = text_over(filters->of_sender.bytes, sizeof filters->of_sender.bytes);
    struct slice *macros = filters->facts.macros;
    filters->facts.sender = keep_sender(&text, session_mail(&connection->session), sender);
    macros[MACRO_ID] = keep_id(&text, connection);
    macros[MACRO_SENDER] = keep(&text, sender);
    macros[MACRO_SENDER_HOST] = host_of(macros[MACRO_SENDER]);
    macros[MACRO_SENDER_MAILER] = SLICE("smtp");
    macros[MACRO_AUTH_TYPE] = macros[MACRO_AUTH_ACCOUNT] = (struct slice){0};
    if (connection->account) {
        macros[MACRO_AUTH_TYPE] = keep(&text, slice_of(connection->mechanism));
        macros[MACRO_AUTH_ACCOUNT] = keep(&text, connection->account->mailbox.name);
    }
}

void filter_facts_of_recipient(struct filters *filters, struct slice mailbox, bool local)
{
    struct text text = text_over(filters->of_recipient.bytes, sizeof filters->of_recipient.bytes);
    struct slice *macros = filters->facts.macros;
    text_append_byte(&text, '<');
    text_append(&text, mailbox);
    append_argument(&text, ">", (struct slice){0});
    filters->facts.recipient = since(&text, 0);
    macros[MACRO_RECIPIENT] = keep(&text, mailbox);
    macros[MACRO_RECIPIENT_HOST] = host_of(macros[MACRO_RECIPIENT]);
    macros[MACRO_RECIPIENT_MAILER] = local ? SLICE("local") : SLICE("smtp");
}
