/* SPDX-License-Identifier: Apache-2.0 */
/* session - one SMTP receive conversation (RFC 5321), without sockets, clock, TLS or memory of its
 * own.
 *
 * Feed it lines; it appends the reply to `out` and returns what the caller must do next, a *want*.
 * Whatever needs the outside world is a want, and the caller gives the answer back with the
 * session_answer_... function of that want; while a want other than SESSION_WANT_LINE is open no
 * line may be fed. So a 250 behind DATA cannot be written before the store has said "stored".
 *
 * It refuses to know: which connector or certificate was chosen, where accounts live, what a queue
 * is.
 *
 * `session.h` is the contract with the role that owns the connection: members of struct session are
 * for reading only (tls, extended, authenticated, auth_open, smtp_utf8, counters); everything else
 * is private.
 *
 * Ownership: the policy is borrowed for the life of the session and may be exchanged only by
 * session_begin. Slices handed out by a want (session_sender, ...) point into the line that was fed
 * and are good until the next call. `out` is the caller's; replies to pipelined lines may gather in
 * it, and each call needs room for SESSION_REPLY_MAX more bytes. Time: milliseconds of a monotonic
 * clock, an argument; session_deadline_ms is when to call session_timeout. Errors: bad input is a
 * reply, never an error; there are no other errors.
 */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include "base/ip.h"
#include "base/text.h"
#include "mail/address.h"

enum session_limits {
    SESSION_LINE_MAX = 12288, /* AUTH (RFC 4954 4); the other verbs 2,000, XLONGADDR 8,000 */
    SESSION_DOMAIN_MAX = 255, /* RFC 5321 4.5.3.1.2 */
    SESSION_REPLY_MAX = 4096, /* no single reply is longer */
    SESSION_AUTH_MAX = 9216,  /* decoded bytes of one SASL message */
    SESSION_BAD_LINES_MAX =
        3,                   /* the third line with a bare CR, bare LF or NUL ends the connection */
    SESSION_ENVID_MAX = 100, /* RFC 3461 4.4 */
    SESSION_ORCPT_MAX = 500, /* RFC 3461 4.2 */
    SESSION_AUTH_PARAMETER_MAX = 500,       /* of MAIL, RFC 4954 3 */
    SESSION_MAILBOX_MAX = ADDRESS_LONG_MAX, /* of session_append_sender and -_recipient */
};

/* What the session may offer and must demand: one receive connector seen from the conversation.
 * Filled by the role that accepts connections. */
struct session_policy {
    struct slice fqdn;   /* banner, EHLO answer, Received */
    struct slice banner; /* a whole banner line without CRLF ("220 ..."); empty: the default one */
    struct slice default_domain; /* put behind names that are written without one; empty: such names
                                    are refused. <postmaster> is left as it is, RFC 5321 4.5.1 */
    int64_t message_max_bytes;   /* announced as SIZE; 0: no limit */
    uint32_t recipients_max;
    uint32_t protocol_errors_max; /* UINT32_MAX: no limit */
    uint32_t logon_failures_max;  /* 0: no limit */
    int64_t connection_timeout_ms;
    int64_t inactivity_timeout_ms;
    bool size_enabled, size_without_value, pipelining, dsn, enhanced_status_codes, starttls,
        eight_bit_mime, binary_mime, chunking, smtp_utf8, long_addresses, orar;
    bool require_tls; /* mail commands before TLS: 530 5.7.0 */
    bool require_ehlo_domain;
    bool scram;                        /* SCRAM-SHA-256 may be offered */
    bool scram_plus;                   /* SCRAM-SHA-256-PLUS may be offered inside TLS */
    bool basic_auth;                   /* LOGIN PLAIN may be offered ... */
    bool basic_auth_require_tls;       /* ... but only inside TLS, and SCRAM, too */
    bool may_submit_anonymously;       /* else MAIL without AUTH: 530 5.7.57 */
    bool reject_reserved_top_level;    /* recipients in .test, .example, ...: 550 5.1.4 */
    bool reject_reserved_second_level; /* in example.com, example.net, example.org: 550 5.1.5 */
    bool reject_single_label;          /* in domains without a dot: 550 5.1.6 */
    bool accept_auth_parameter;        /* keep AUTH= of MAIL FROM (RFC 4954 5), else it is read and
                                          forgotten */
};

enum session_want {
    SESSION_WANT_LINE, /* the next line */
    SESSION_WANT_TLS, /* send out, drop every byte read so far, do the handshake, session_answer_tls
                       */
    SESSION_WANT_AUTH,   /* take session_auth to the checker of credentials; session_answer_auth. A
                          * client   may cancel at a challenge: then session->auth_open is false after
                          * its line */
    SESSION_WANT_SENDER, /* may session_mail()->sender be used? session_answer_sender */
    SESSION_WANT_RECIPIENT, /* may session_recipient() be written to? session_answer_recipient */
    SESSION_WANT_BODY,  /* send out; body bytes up to CRLF.CRLF (smtp/dot); then session_body_ended
                         */
    SESSION_WANT_CHUNK, /* session_chunk()->size octets, verbatim; then session_chunk_ended */
    SESSION_WANT_STORE, /* make the message durable; session_answer_stored */
    SESSION_WANT_CLOSE, /* send out, close */
};

enum session_body_kind { SESSION_BODY_7BIT, SESSION_BODY_8BITMIME, SESSION_BODY_BINARYMIME };

enum session_notify { /* RFC 3461 4.1; 0: not given */
                      SESSION_NOTIFY_NEVER = 1,
                      SESSION_NOTIFY_SUCCESS = 2,
                      SESSION_NOTIFY_FAILURE = 4,
                      SESSION_NOTIFY_DELAY = 8,
};

struct session_mail {    /* MAIL FROM, good while SESSION_WANT_SENDER is open */
    struct slice sender; /* as written, without <>; empty for the null sender */
    bool lacks_domain;   /* the default domain belongs behind it: session_append_sender */
    int64_t size_bytes;  /* SIZE=, -1 when not given */
    enum session_body_kind body;
    bool smtp_utf8;
    bool require_tls;   /* REQUIRETLS (RFC 8689): only inside TLS */
    char ret;           /* 'F', 'H' or 0 (RFC 3461 4.3) */
    struct slice envid; /* as written, xtext; empty when not given */
    struct slice auth;  /* AUTH= as written, xtext; empty when not given or not accepted */
};

struct session_recipient { /* RCPT TO, good while SESSION_WANT_RECIPIENT is open */
    struct slice mailbox;  /* as written, without <> and source route */
    bool lacks_domain;     /* the default domain belongs behind it: session_append_recipient */
    unsigned notify;       /* enum session_notify bits */
    struct slice orcpt;    /* as written ("rfc822;..." xtext); empty when not given */
    struct slice orar;     /* XORAR=, xtext; empty when not given */
};

struct session_auth {       /* good while SESSION_WANT_AUTH is open */
    struct slice mechanism; /* as in the table of smtp/auth.c at the first message of an exchange;
                             * empty later */
    struct slice
        encoded; /* canonical base64, checked: base64_decode gives at most SESSION_AUTH_MAX bytes;
                  * the secret is never decoded here. Empty for an empty message, too */
    bool has_message; /* false when there was no initial response */
};

struct session_chunk {
    uint64_t size;
    bool last;
    bool discard; /* refused: read the octets and throw them away; the reply follows
                     session_chunk_ended */
};

enum session_auth_answer {
    SESSION_AUTH_CHALLENGE, /* 334 with `bytes` as base64 */
    SESSION_AUTH_ACCEPTED,
    SESSION_AUTH_REFUSED,     /* 535 5.7.3 */
    SESSION_AUTH_MALFORMED,   /* 501 5.5.2 */
    SESSION_AUTH_UNAVAILABLE, /* 454 4.7.0 */
};

enum session_sender_answer {
    SESSION_SENDER_OK,
    SESSION_SENDER_SEND_AS_DENIED, /* 550 5.7.60 SMTP; Client does not have permissions to send as
                                      this sender */
    SESSION_SENDER_NOT_AUTHENTICATED, /* 530 5.7.57 */
    SESSION_SENDER_DOMAIN_DENIED,     /* an anonymous client writes as one of our own domains:
                                         550 5.7.60 */
    SESSION_SENDER_BUSY,              /* 452 4.3.1 Insufficient system resources */
    SESSION_SENDER_TLS_NEEDED, /* only from a peer that proves its domain: 530 5.7.0 in clear, ...
                                */
    SESSION_SENDER_CERTIFICATE_NEEDED, /* ... 454 4.7.5 Certificate validation failure inside TLS */
    SESSION_SENDER_RATE_EXCEEDED,      /* 421 4.4.2 Message submission rate ..., and close */
};

enum session_recipient_answer {
    SESSION_RECIPIENT_OK,
    SESSION_RECIPIENT_UNKNOWN,      /* 550 5.1.1 User unknown */
    SESSION_RECIPIENT_RELAY_DENIED, /* 550 5.7.54 SMTP; Unable to relay recipient in non-accepted
                                       domain */
    SESSION_RECIPIENT_UNAVAILABLE,  /* 451 4.3.0 */
    SESSION_RECIPIENT_CLOSED,       /* a group that is closed to strangers: 550 5.7.133 */
    SESSION_RECIPIENT_TOO_MANY,     /* no room for another one: 452 4.5.3 */
};

enum session_stored_answer {
    SESSION_STORED, /* 250 2.6.0 <message-id> [InternalId=n, Hostname=fqdn] ... Queued mail for
                       delivery */
    SESSION_STORE_TOO_LARGE,        /* 552 5.3.4 Message size exceeds fixed maximum message size */
    SESSION_STORE_BAD_BYTE,         /* 554 5.6.11 bare CR, bare LF or NUL */
    SESSION_STORE_HEADER_TOO_LARGE, /* 552 5.3.4 */
    SESSION_STORE_LOOP,             /* 554 5.4.6 Hop count exceeded - possible mail loop */
    SESSION_STORE_SEND_AS_DENIED,   /* 550 5.7.60: the From field is not the client's */
    SESSION_STORE_FULL,             /* 452 4.3.1 Insufficient system resources */
    SESSION_STORE_FAILED,           /* 451 4.3.0 */
};

struct session_stored {
    enum session_stored_answer answer;
    struct slice message_id; /* with <> */
    uint64_t internal_id;
    uint64_t size_bytes; /* of the message as received */
    uint64_t elapsed_ms; /* from DATA or the first BDAT */
};

enum session_state {
    SESSION_NEW /* no greeting yet */,
    SESSION_IDLE /* greeted, no transaction */,
    SESSION_MAIL,
    SESSION_RCPT,
    SESSION_BDAT /* a chunk was accepted */
};

/* What the caller may let a client wait for before it hears the reply. */
enum session_penalty {
    SESSION_PENALTY_NONE,
    SESSION_PENALTY_REFUSAL, /* a client that has not logged in was refused something (5yz) */
    SESSION_PENALTY_LOGON,   /* a failed logon */
};

struct session {
    const struct session_policy *policy;
    struct ip_address client;
    enum session_state state;
    enum session_want want;
    bool tls, extended /* EHLO, not HELO */, authenticated,
        auth_open /* between AUTH and its end */;
    uint64_t started_ms, deadline_ms;
    uint32_t protocol_errors, logon_failures, recipients, recipients_refused;
    char domain[SESSION_DOMAIN_MAX + 1]; /* what the client called itself */
    uint8_t domain_len;
    /* the open want; which member is meant follows from `want` */
    union {
        struct session_mail mail;
        struct session_recipient recipient;
        struct session_auth auth;
        struct session_chunk chunk;
    } open;
    /* of the transaction */
    enum session_body_kind body;
    bool smtp_utf8;
    uint64_t chunk_bytes; /* of all chunks so far */
    /* private */
    uint8_t refusal; /* enum reply_name: what to answer when a refused chunk has been read */
    uint8_t bad_lines;
    uint8_t penalty; /* enum session_penalty */
    bool transaction_dropped, size_limit_lifted, recognised, bindable;
};
_Static_assert(sizeof(struct session) <= 640, "thousands of them are idle");

/* Greets: writes the banner line. `tls` is true on a connector with implicit TLS. banner_date is
 * the RFC 5322 date for the default banner. */
void session_begin(struct session *s, const struct session_policy *policy, struct ip_address client,
                   bool tls, struct slice banner_date, uint64_t now_ms, struct text *out);

/* One line without its CRLF. The line must stay in place while the returned want is open. */
enum session_want session_line(struct session *s, struct slice line, uint64_t now_ms,
                               struct text *out);
/* A line that smtp/line refused: too long, or with a bare CR, bare LF or NUL in it. */
enum session_want session_bad_line(struct session *s, bool too_long, uint64_t now_ms,
                                   struct text *out);

/* Established: all that was learnt in clear is forgotten, and the client must greet again.
 * Otherwise CLOSE. */
enum session_want session_answer_tls(struct session *s, bool established, uint64_t now_ms);
enum session_want session_answer_auth(struct session *s, enum session_auth_answer answer,
                                      struct slice bytes, uint64_t now_ms, struct text *out);
enum session_want session_answer_sender(struct session *s, enum session_sender_answer answer,
                                        uint64_t now_ms, struct text *out);
enum session_want session_answer_recipient(struct session *s, enum session_recipient_answer answer,
                                           uint64_t now_ms, struct text *out);
enum session_want session_body_ended(struct session *s,
                                     uint64_t now_ms); /* -> SESSION_WANT_STORE */
enum session_want session_chunk_ended(struct session *s, uint64_t now_ms, struct text *out);
enum session_want session_answer_stored(struct session *s, const struct session_stored *stored,
                                        uint64_t now_ms, struct text *out);
/* The same as SESSION_SENDER_BUSY, with the cause in the text. */
enum session_want session_refuse_sender_busy(struct session *s, struct slice cause, uint64_t now_ms,
                                             struct text *out);
/* An open SENDER, RECIPIENT or STORE is refused in somebody else's words: "550 5.7.1 text", lines
 * with LF between them, all with one code of 4yz or 5yz; 421 closes. */
enum session_want session_answer_refused(struct session *s, struct slice words, uint64_t now_ms,
                                         struct text *out);
/* Whether this client may pass the policy's message_max_bytes. Asked anew behind session_begin,
 * session_answer_tls and an accepted login; the limit holds until then. */
void session_lift_size_limit(struct session *s, bool lifted);
/* Whether this client may send without a login, whatever the policy says of strangers. Asked anew
 * at the same moments. */
void session_recognise(struct session *s, bool recognised);
/* Whether this session of TLS has bytes a login can be bound to (RFC 9266). Told behind
 * session_begin and session_answer_tls; until then it has none. */
void session_bindable(struct session *s, bool bindable);
/* Whether SCRAM-SHA-256-PLUS is offered: then a login needs those bytes, with whatever mechanism.
 */
bool session_offers_binding(const struct session *s);
/* Bytes arrived that were no full line (body, chunk, half a line): the idle clock starts anew. */
void session_activity(struct session *s, uint64_t now_ms);
/* The deadline has passed: writes 421 4.4.1 and wants CLOSE. */
enum session_want session_timeout(struct session *s, uint64_t now_ms, struct text *out);
/* The server ends, or a role this session leaned on died: writes 421 4.3.2 and wants CLOSE. */
enum session_want session_shutdown(struct session *s, struct text *out);

/* The earlier of the connection's and the idle deadline; the connection's does not count while
 * SESSION_WANT_STORE is open, so that a message that is being stored gets its answer. */
uint64_t session_deadline_ms(const struct session *s);
const struct session_mail *session_mail(const struct session *s);
const struct session_recipient *session_recipient(const struct session *s);
/* Who the open want is about, with the default domain where it belongs: this is what is judged,
 * kept and shown. At most SESSION_MAILBOX_MAX bytes; false when `text` has no room. */
bool session_append_sender(const struct session *s, struct text *text);
bool session_append_recipient(const struct session *s, struct text *text);
const struct session_auth *session_auth(const struct session *s);
const struct session_chunk *session_chunk(const struct session *s);
struct slice
session_domain(const struct session *s); /* what the client called itself; may be empty */
/* True when the last call ended a transaction that was open (RSET, EHLO, a refused chunk, the end):
 * what the caller gathered for it is to be thrown away. Reading it resets it. */
bool session_transaction_dropped(struct session *s);
/* What the replies since the last call deserve. Reading it resets it. */
enum session_penalty session_penalty(struct session *s);

#endif
