/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/reply.h"

static const struct reply {
    const char *code;
    const char *enhanced; /* empty: the reply never has one (RFC 2034 3: 3xx, and the greeting) */
    const char *text;
    bool protocol_error;
} replies[] = {
    /* clang-format off */
    [REPLY_NONE]                    = {"500", "5.3.0",  "Internal error", false},
    [REPLY_HELP]                    = {"214", "2.0.0",  "Commands:", false},
    [REPLY_STARTTLS_READY]          = {"220", "2.0.0",  "SMTP server ready", false},
    [REPLY_CLOSING]                 = {"221", "2.0.0",  "Service closing transmission channel", false},
    [REPLY_AUTH_ACCEPTED]           = {"235", "2.7.0",  "Authentication successful", false},
    [REPLY_NOOP]                    = {"250", "2.0.0",  "OK", false},
    [REPLY_RESET]                   = {"250", "2.0.0",  "Resetting", false},
    [REPLY_SENDER_OK]               = {"250", "2.1.0",  "Sender OK", false},
    [REPLY_RECIPIENT_OK]            = {"250", "2.1.5",  "Recipient OK", false},
    [REPLY_CHUNK]                   = {"250", "2.6.0",  "CHUNK received OK,", false},
    [REPLY_STORED]                  = {"250", "2.6.0",  "", false},
    [REPLY_CANNOT_VERIFY]           = {"252", "2.1.5",  "Cannot VRFY user", false},
    [REPLY_AUTH_CHALLENGE]          = {"334", "",       "", false},
    [REPLY_START_MAIL]              = {"354", "",       "Start mail input; end with <CRLF>.<CRLF>", false},
    [REPLY_SERVICE_NOT_AVAILABLE]   = {"421", "4.3.2",  "Service not available", false},
    [REPLY_TIMED_OUT]               = {"421", "4.4.1",  "Connection timed out", false},
    [REPLY_RATE_EXCEEDED]           = {"421", "4.4.2",  "Message submission rate for this client has exceeded the configured limit", false},
    [REPLY_TOO_MANY_ERRORS]         = {"421", "4.7.0",  "Too many errors on this connection, closing transmission channel", false},
    [REPLY_TOO_MANY_LOGON_FAILURES] = {"421", "4.7.0",  "Too many failed logons on this connection, closing transmission channel", false},
    [REPLY_NO_WEB_SERVER]           = {"421", "4.7.0",  "This is no web server, closing transmission channel", false},
    [REPLY_RECIPIENT_UNAVAILABLE]   = {"451", "4.3.0",  "Recipient cannot be looked up at the moment", false},
    [REPLY_STORE_FAILED]            = {"451", "4.3.0",  "Message could not be stored", false},
    [REPLY_BUSY]                    = {"452", "4.3.1",  "Insufficient system resources", false},
    [REPLY_TOO_MANY_RECIPIENTS]     = {"452", "4.5.3",  "Too many recipients", false},
    [REPLY_AUTH_UNAVAILABLE]        = {"454", "4.7.0",  "Temporary authentication failure", false},
    [REPLY_CERTIFICATE_NEEDED]      = {"454", "4.7.5",  "Certificate validation failure", false},
    [REPLY_UNRECOGNIZED]            = {"500", "5.3.3",  "Unrecognized command", true},
    [REPLY_LINE_TOO_LONG]           = {"500", "5.5.2",  "Line too long", true},
    [REPLY_BAD_BYTE]                = {"500", "5.5.2",  "Bare CR, bare LF or NUL in command line", true},
    [REPLY_INVALID_ARGUMENTS]       = {"501", "5.5.4",  "Invalid arguments", true},
    [REPLY_INVALID_DOMAIN]          = {"501", "5.5.4",  "Invalid domain name", true},
    [REPLY_INVALID_SENDER]          = {"501", "5.1.7",  "Invalid address", true},
    [REPLY_INVALID_RECIPIENT]       = {"501", "5.1.3",  "Invalid address", true},
    [REPLY_AUTH_MALFORMED]          = {"501", "5.5.2",  "Cannot decode response", true},
    [REPLY_AUTH_CANCELLED]          = {"501", "5.7.0",  "Authentication cancelled", false},
    [REPLY_NOT_IMPLEMENTED]         = {"502", "5.3.3",  "Command not implemented", true},
    [REPLY_HELLO_FIRST]             = {"503", "5.5.2",  "Send hello first", true},
    [REPLY_NEED_MAIL]               = {"503", "5.5.2",  "Need mail command", true},
    [REPLY_NEED_RECIPIENT]          = {"503", "5.5.2",  "Need rcpt command", true},
    [REPLY_SENDER_SPECIFIED]        = {"503", "5.5.2",  "Sender already specified", true},
    [REPLY_BAD_SEQUENCE]            = {"503", "5.5.2",  "Bad sequence of commands", true},
    [REPLY_TLS_ACTIVE]              = {"503", "5.5.2",  "Only one STARTTLS command can be issued per session", true},
    [REPLY_ALREADY_AUTHENTICATED]   = {"503", "5.5.2",  "Already authenticated", true},
    [REPLY_UNKNOWN_MECHANISM]       = {"504", "5.7.4",  "Unrecognized authentication type", true},
    [REPLY_STARTTLS_FIRST]          = {"530", "5.7.0",  "Must issue a STARTTLS command first", true},
    [REPLY_NOT_AUTHENTICATED]       = {"530", "5.7.57", "SMTP; Client was not authenticated to send anonymous mail during MAIL FROM", true},
    [REPLY_AUTH_REFUSED]            = {"535", "5.7.3",  "Authentication unsuccessful", false},
    [REPLY_ENCRYPTION_REQUIRED]     = {"538", "5.7.11", "Encryption required for requested authentication mechanism", true},
    [REPLY_ENCRYPTION_NEEDED]       = {"550", "5.7.10", "Encryption needed", false},
    [REPLY_USER_UNKNOWN]            = {"550", "5.1.1",  "User unknown", false},
    [REPLY_RESERVED_TOP_LEVEL]      = {"550", "5.1.4",  "Recipient address reserved by RFC 2606", false},
    [REPLY_RESERVED_SECOND_LEVEL]   = {"550", "5.1.5",  "Recipient address reserved by RFC 2606", false},
    [REPLY_SINGLE_LABEL]            = {"550", "5.1.6",  "Recipient addresses in single label domains not accepted", false},
    [REPLY_RELAY_DENIED]            = {"550", "5.7.54", "SMTP; Unable to relay recipient in non-accepted domain", false},
    [REPLY_GROUP_CLOSED]            = {"550", "5.7.133", "RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", false},
    [REPLY_SEND_AS_DENIED]          = {"550", "5.7.60", "SMTP; Client does not have permissions to send as this sender", false},
    [REPLY_MESSAGE_TOO_LARGE]       = {"552", "5.3.4",  "Message size exceeds fixed maximum message size", false},
    [REPLY_HEADER_TOO_LARGE]        = {"552", "5.3.4",  "Header size exceeds fixed maximum size", false},
    [REPLY_NEEDS_UTF8]              = {"553", "5.6.7",  "Address needs the SMTPUTF8 parameter", false},
    [REPLY_LOOP]                    = {"554", "5.4.6",  "Hop count exceeded - possible mail loop", false},
    [REPLY_MESSAGE_BAD_BYTE]        = {"554", "5.6.11", "Bare CR, bare LF or NUL in message", false},
    [REPLY_UNKNOWN_PARAMETER]       = {"555", "5.5.4",  "Unsupported parameter", true},
    /* clang-format on */
};
_Static_assert(COUNT_OF(replies) == REPLY_NAMES, "every reply has its row");

bool reply_append_start(struct text *out, enum reply_name name, bool enhanced)
{
    const struct reply *reply = &replies[name];
    bool good = text_append_c(out, reply->code) && text_append_byte(out, ' ');
    if (enhanced && reply->enhanced[0])
        good = good && text_append_c(out, reply->enhanced) && text_append_byte(out, ' ');
    return good && text_append_c(out, reply->text);
}

bool reply_append(struct text *out, enum reply_name name, bool enhanced)
{
    return reply_append_start(out, name, enhanced) && text_append_c(out, "\r\n");
}

bool reply_is_refusal(enum reply_name name)
{
    return replies[name].code[0] == '5';
}

bool reply_is_protocol_error(enum reply_name name)
{
    return replies[name].protocol_error;
}
