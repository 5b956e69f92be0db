/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/message.h"

#include "base/calendar.h"

enum { MESSAGE_MAX = 4096 };

static bool path_command(struct smtp_client *client, const char *verb, struct slice address)
{
    char storage[SMTP_LINE_MAX];
    struct text line = text_over(storage, sizeof(storage));
    text_append_format(&line, "%s:<%.*s>", verb, SLICE_ARG(address));
    return smtp_client_command(client, text_slice(&line), NULL) && client->reply.code == 250;
}

static void write(const struct test_message *message, struct text *out)
{
    text_append_format(out, "From: <%.*s>\r\nTo: <%.*s>\r\nSubject: postern test\r\nDate: ",
                       SLICE_ARG(message->from), SLICE_ARG(message->to));
    calendar_append_rfc5322(out, message->at_ms, message->offset_minutes);
    text_append_format(out, "\r\nMessage-ID: <%.*s@%.*s>\r\nMIME-Version: 1.0\r\n",
                       SLICE_ARG(message->id), SLICE_ARG(message->host));
    text_append_c(out, "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
                       "A message of postern test.\r\n.\r\n");
}

static bool send_body(struct smtp_client *client, const struct test_message *message)
{
    struct text body = text_with_ceiling(MESSAGE_MAX);
    write(message, &body);
    bool good = !body.truncated && smtp_client_send(client, text_slice(&body)) &&
                smtp_client_read_reply(client) && client->reply.code == 250;
    text_deinit(&body);
    return good;
}

bool message_send(struct smtp_client *client, const struct test_message *message)
{
    return path_command(client, "MAIL FROM", message->from) &&
           path_command(client, "RCPT TO", message->to) &&
           smtp_client_command(client, SLICE("DATA"), NULL) && client->reply.code == 354 &&
           send_body(client, message);
}

struct slice message_number(const struct smtp_client *client)
{
    struct slice rest = text_slice(&client->reply.text);
    size_t len = 0;
    while (rest.len > 0 && !slice_take_prefix(&rest, SLICE("InternalId=")))
        rest = slice_after(rest, 1);
    while (len < rest.len && ascii_is_digit(rest.at[len]))
        len++;
    return slice_first(rest, len);
}
