/* SPDX-License-Identifier: Apache-2.0 */
/* send_session - one SMTP conversation seen from the client (RFC 5321; LMTP, RFC 2033), without
 * sockets, clock or TLS.
 *
 * Feed it what the server says, cut in any way; it writes commands to its output and returns what
 * the caller must do next, a *want*. One connection carries many transactions, one after the other.
 * What a session with a hostile server can cost is bounded: replies, words that are kept, commands
 * under way, challenges of a login.
 *
 *     TRANSACTION --send_session_transaction--> REPLY ... BODY --send_session_body--> ... REPLY
 *         ^                                                                             |
 *         +------------- over: every recipient has its fate, session->transaction is NULL
 *
 * It refuses to know: which host was chosen, how a certificate is judged, what is tried again when.
 *
 * A reply counts only when the command it answers has left: the caller tells what it has sent. A
 * server that answers what it was not asked, or says more behind the 220 of STARTTLS, is not
 * listened to any longer.
 *
 * Ownership: policy and transaction are borrowed, the first for the life of the session, the second
 * until it is over; then the texts of its answers are the caller's, for send_transaction_end. Bytes
 * are fed at any want but CLOSE; the other functions answer the want they name. A body's piece is
 * brought when the output is empty. Members are for reading only. Texts of the server are as it
 * sent them: whoever prints them escapes them. Errors: whatever goes wrong is an outcome.
 */
#ifndef SMTP_SEND_SESSION_H
#define SMTP_SEND_SESSION_H

#include "smtp/client_reply.h"
#include "smtp/send_capabilities.h"
#include "smtp/send_witness.h"
#include "smtp/send_writer.h"
#include "smtp/session.h"

enum send_limits {
    SEND_INPUT_MAX = 16384,  /* of one reply, all lines */
    SEND_WORDS_MAX = 4096,   /* kept of one reply */
    SEND_PIECE_MAX = 16384,  /* of a body, in one call */
    SEND_COMMAND_MAX = 4096, /* MAIL or RCPT with all parameters */
    SEND_GROUP_MAX = 50,     /* commands under way (RFC 2920) */
    SEND_GROUP_BYTES_MAX = 32768,
    SEND_CHUNKS_MAX = 8, /* chunks under way */
    SEND_OUTPUT_MAX = 131072,
    SEND_CHALLENGE_MAX = 1536, /* decoded, of one message of a login */
    SEND_CHALLENGES_MAX = 8,   /* of one login */
    SEND_AUTH_MAX = 4096,      /* decoded, of one message of ours */
    SEND_SAID_MAX = 64,        /* the beginning of one, in base64 */
};

enum send_tls {
    SEND_TLS_NONE, /* STARTTLS is never said */
    SEND_TLS_OPPORTUNISTIC,
    SEND_TLS_REQUIRED,
};

enum send_step { /* what a reply answers, or where it stopped */
                 SEND_STEP_GREETING,
                 SEND_STEP_EHLO, /* LHLO of LMTP, too */
                 SEND_STEP_HELO,
                 SEND_STEP_STARTTLS,
                 SEND_STEP_AUTH,
                 SEND_STEP_IDLE, /* between messages */
                 SEND_STEP_RSET,
                 SEND_STEP_MAIL,
                 SEND_STEP_RCPT,
                 SEND_STEP_DATA,
                 SEND_STEP_BODY, /* of DATA, under way */
                 SEND_STEP_BDAT,
                 SEND_STEP_END, /* of the data: behind the last dot or the last chunk */
                 SEND_STEP_QUIT,
                 SEND_STEPS,
};

/* One send connector seen from the conversation. */
struct send_policy {
    struct slice hello_name; /* what we call ourselves */
    bool lmtp;
    bool force_helo; /* HELO, so no extension at all */
    enum send_tls tls;
    bool require_tls;         /* only hosts that offer REQUIRETLS, inside TLS (RFC 8689 4.2.1) */
    bool clear_after_refusal; /* opportunistic: STARTTLS was offered and refused; go on in clear */
    const struct slice *mechanisms; /* a login is wanted, by the first of these the server offers;
                                       at most SEND_MECHANISMS_MAX */
    size_t mechanisms_count;        /* 0: no login */
    bool auth_requires_tls;         /* ... and never in clear */
    uint32_t messages_max;          /* of one connection, then QUIT; 0: no limit */
    int64_t inactivity_timeout_ms;  /* 0: only the times of RFC 5321 4.5.3.2 count */
    /* Told of every reply before it is acted upon, with the step it answers; NULL: nobody is. */
    void (*heard)(void *hearer, enum send_step step, const struct client_reply *reply);
    void *hearer;
    const struct send_witness *witness; /* NULL: nobody is told, line by line */
};

enum send_want {
    SEND_WANT_REPLY,       /* send the output, read */
    SEND_WANT_TLS,         /* send the output, do the handshake: send_session_answer_tls */
    SEND_WANT_AUTH,        /* a step of send_session_auth: send_session_answer_auth */
    SEND_WANT_TRANSACTION, /* the next message: send_session_transaction; or send_session_quit */
    SEND_WANT_BODY,        /* send the output, then the next piece: send_session_body */
    SEND_WANT_CLOSE,       /* send the output if the server takes it, close */
};

/* A reply that decided something. */
struct send_answer {
    enum send_step step;
    unsigned code;    /* 0: there is none */
    struct text text; /* the lines without their codes, LF between them; cut at SEND_WORDS_MAX */
    bool ours;        /* no server said it: we did, in the form of a reply */
};

enum send_fate {
    SEND_PENDING,
    SEND_DELIVERED, /* the server has taken the message for this recipient */
    SEND_DEFERRED,
    SEND_FAILED,
    SEND_UNCERTAIN, /* the whole message was sent and no answer came: to be tried again, perhaps
                       for a second time (RFC 5321 4.5.3.2.6) */
    SEND_LATER,     /* too many recipients for one transaction: the next one takes it at once */
};

struct send_recipient {
    struct slice mailbox; /* without <> */
    struct slice orcpt;   /* as written behind ORCPT=; empty: none */
    unsigned notify;      /* enum session_notify bits */
    /* written by the session */
    enum send_fate fate;
    bool has_answer;           /* of its own; else that of the transaction decided */
    struct send_answer answer; /* send_recipient_answer chooses */
};

struct send_transaction {
    struct slice sender;         /* without <>; empty for the null sender */
    char ret;                    /* 'F', 'H' or 0 */
    struct slice envid;          /* as written behind ENVID=; empty: none */
    int64_t size_bytes;          /* -1: not known */
    enum session_body_kind body; /* what the body needs */
    bool smtp_utf8;              /* needed */
    bool require_tls;            /* the sender demands it (RFC 8689) */
    bool verifies;               /* only whether the recipients would be taken: no message follows,
                                    and those that would are SEND_DELIVERED, with the answer */
    struct send_recipient *recipients;
    size_t recipients_count;
    /* written by the session */
    struct send_answer answer; /* to MAIL, DATA or the whole message, or why there is none */
    bool dsn_not_passed;       /* the server does not offer DSN: notices of success are ours to make
                                  (RFC 3461 5.2.2) */
    bool untried; /* the connection ended before the server said anything of this message: another
                     connection may try at once */
};

/* How a connection ended. */
enum send_end {
    SEND_END_NONE,        /* it has not */
    SEND_END_QUIT,        /* we have nothing more to say, or messages_max is reached */
    SEND_END_REFUSED,     /* greeting, EHLO, HELO or RSET: 4yz, 5yz; the next host may be better */
    SEND_END_CLOSING,     /* 421 */
    SEND_END_TLS_MISSING, /* needed, not offered or refused */
    SEND_END_TLS_FAILED,
    SEND_END_UNFIT, /* it does not pass REQUIRETLS on */
    SEND_END_AUTH_FAILED,
    SEND_END_LOST,
    SEND_END_TIMED_OUT,
    SEND_END_FAULT,     /* what came is not what SMTP allows here */
    SEND_END_ABANDONED, /* the body could not be read to its end */
};

struct send_ending {
    enum send_end end;
    struct send_answer answer; /* none for SEND_END_QUIT */
};

enum send_tls_answer {
    SEND_TLS_ESTABLISHED,
    SEND_TLS_NOT_TRUSTED,      /* 454 4.7.5 Certificate validation failure, reason:... */
    SEND_TLS_HANDSHAKE_FAILED, /* 454 4.7.0 TLS handshake failed: ... */
};

enum send_auth_answer {
    SEND_AUTH_MESSAGE,      /* there is more to come */
    SEND_AUTH_LAST_MESSAGE, /* our side is done, and the server has proven what it must: 235 may
                               come */
    SEND_AUTH_NO_MESSAGE,   /* at the first step: the server speaks first */
    SEND_AUTH_CANCEL,       /* what the server said is wrong, or cannot be answered */
};

struct send_auth { /* good while SEND_WANT_AUTH is open */
    struct slice mechanism;
    bool first;             /* no challenge yet: an initial response, if there is one */
    struct slice challenge; /* decoded */
};

struct send_login {   /* private: of the exchange under way */
    uint32_t refused; /* mechanisms the server offered and does not know, by bit */
    uint32_t mechanism;
    uint32_t challenges;
    bool begun, complete, cancelled;
    char challenge[SEND_CHALLENGE_MAX];
    size_t challenge_len;
    char said[SEND_SAID_MAX]; /* our last message as it went out, while no reply to it is there */
    size_t said_len;
};

struct send_flow { /* private: of the open transaction */
    bool mail_sent, end_sent;
    bool decided;          /* the transaction's answer is there, whatever else is said */
    size_t sent, answered; /* recipients passed over, in their order */
    size_t accepted;       /* recipients */
    uint32_t recipients;   /* RCPT under way */
    uint32_t chunks;       /* BDAT under way, the last one not among them */
    uint64_t end_at;       /* the output's length, from its beginning, behind the end of the data */
    struct send_writer writer;
};

struct send_session {
    const struct send_policy *policy;
    struct send_transaction *transaction; /* NULL: none is open */
    enum send_want want;
    enum send_step step; /* what the next reply answers */
    struct send_ending ending;
    struct send_capabilities offers;
    bool tls, authenticated;
    uint32_t messages; /* transactions the server has heard of */
    uint64_t moves;    /* other than before: the conversation has gone on */
    /* private */
    struct text input, output;
    struct client_reply reply;
    uint64_t drained;     /* bytes of output that were sent */
    uint64_t due;         /* how many must have been before a reply counts */
    uint32_t outstanding; /* replies that are due */
    bool early;           /* bytes came before they were due */
    bool worn;            /* no further transaction on this connection */
    bool needs_reset, clear_accepted;
    struct send_login login;
    struct send_flow flow;
};

/* `tls`: the connection begins inside TLS. Nothing is said before the server's greeting. */
void send_session_begin(struct send_session *s, const struct send_policy *policy, bool tls);
void send_session_end(struct send_session *s); /* frees; accepts a zeroed one */

/* What is to be sent, borrowed until the next call, and how much of it has been. */
struct slice send_session_output(const struct send_session *s);
void send_session_output_sent(struct send_session *s, size_t count);

enum send_want send_session_feed(struct send_session *s, struct slice bytes);
/* Established: what was learnt in clear is forgotten, and we greet again. `reason` is for the other
 * answers: words of ours. */
enum send_want send_session_answer_tls(struct send_session *s, enum send_tls_answer answer,
                                       struct slice reason);
struct send_auth send_session_auth(const struct send_session *s);
/* A message of at most SEND_AUTH_MAX bytes; it goes out as base64. */
enum send_want send_session_answer_auth(struct send_session *s, enum send_auth_answer answer,
                                        struct slice message);
enum send_want send_session_transaction(struct send_session *s, struct send_transaction *t);
/* At most SEND_PIECE_MAX bytes; `last` with the last, which may be empty. */
enum send_want send_session_body(struct send_session *s, struct slice piece, bool last);
/* The body cannot be read: nothing that could pass for the end of it is sent. */
enum send_want send_session_body_lost(struct send_session *s);
/* Only at SEND_WANT_TRANSACTION. */
enum send_want send_session_quit(struct send_session *s);
enum send_want send_session_closed(struct send_session *s); /* by the server, or by the network */
enum send_want send_session_timeout(struct send_session *s);

/* How long to wait in the present state before send_session_timeout, from when `moves` last
 * changed: half a reply is no reason to wait longer for the rest. */
int64_t send_session_patience_ms(const struct send_session *s);

/* What decided a recipient's fate. */
const struct send_answer *send_recipient_answer(const struct send_transaction *t,
                                                const struct send_recipient *recipient);
/* The enhanced status code (RFC 2034) in front of the text; empty: none, or one of another class
 * than the code. */
struct slice send_answer_status(const struct send_answer *answer);
void send_transaction_end(struct send_transaction *t); /* frees the texts of the answers */
/* "MAIL FROM", ... for logs. */
const char *send_step_name(enum send_step step);

#endif
