/* SPDX-License-Identifier: Apache-2.0 */
/* notice - the delivery status notification (RFC 3464): what became of a message, told to its
 * sender.
 *
 * A notice is multipart/report (RFC 6522) with three parts: words for a person, fields for a
 * program, and the message it is about - its header, or all of it. What is written here stands
 * around that last part:
 *
 *     notice_append_opening    header, words, fields, the head of the last part
 *     (the caller copies the header of the message, or the whole message)
 *     notice_append_closing
 *
 * Nothing that a peer or the sender wrote can begin a line, a field or a part: it is made fit
 * first. With an address outside ASCII the fields are those of RFC 6533, and the notice needs
 * SMTPUTF8.
 *
 * Whether there is to be a notice at all is said by notice_due. A notice itself is sent from the
 * null sender, and nothing is ever said about a message that came from it: no two servers talk for
 * ever.
 */
#ifndef MAIL_NOTICE_H
#define MAIL_NOTICE_H

#include "base/text.h"

enum notice_action { /* RFC 3464 2.3.3 */
                     NOTICE_FAILED,
                     NOTICE_DELAYED,
                     NOTICE_DELIVERED,
                     NOTICE_RELAYED,  /* to a server that gives no notices of success */
                     NOTICE_EXPANDED, /* to the members of a list */
};

enum notice_wish { /* NOTIFY of RFC 3461 4.1; 0: nothing was said */
                   NOTICE_WISH_NEVER = 1,
                   NOTICE_WISH_SUCCESS = 2,
                   NOTICE_WISH_FAILURE = 4,
                   NOTICE_WISH_DELAY = 8,
};

struct notice_recipient {
    enum notice_action action;
    struct slice address;       /* the one that was tried */
    struct slice original;      /* ORCPT, decoded: "rfc822;bob@contoso.com"; empty: none */
    struct slice status;        /* "5.1.1" */
    struct slice remote_server; /* the one that answered; empty: the verdict is our own */
    struct slice reply;         /* its words or ours: "550 5.1.1 No such user"; lines end with LF */
    struct slice words;         /* for a person; empty: notice_words_of the status */
    int64_t last_attempt_ms;    /* 0: there was none */
    int64_t retry_until_ms;     /* of a delayed one; 0: not said */
};

struct notice {
    struct slice server;      /* our name */
    struct slice from, to;    /* addresses: postmaster, and the sender of the message */
    struct slice message_id;  /* of the notice, without angle brackets */
    struct slice boundary;    /* letters and digits; nobody may foresee it */
    struct slice subject;     /* of the message, decoded or not; may be empty */
    struct slice references;  /* its Message-ID with brackets; may be empty */
    struct slice envelope_id; /* ENVID, decoded; may be empty */
    int64_t now_ms, arrived_ms;
    bool whole;      /* all of the message follows, not its header alone (RET=FULL) */
    bool eight_bits; /* what follows is not all ASCII */
    const struct notice_recipient *recipients; /* at least one */
    size_t recipient_count;
};

/* Whether the sender is to be told (RFC 3461 5.2, RFC 5321 4.5.5). Without a wish: of failure and
 * delay. */
bool notice_due(struct slice sender, unsigned wish, enum notice_action action);
/* Whether the notice can only travel as SMTPUTF8 (RFC 6531). */
bool notice_needs_utf8(const struct notice *notice);
bool notice_needs_eight_bits(const struct notice *notice); /* 8BITMIME (RFC 6152) */
/* What stands in its Subject field. */
bool notice_append_subject(struct text *text, const struct notice *notice);
bool notice_append_opening(struct text *text, const struct notice *notice);
bool notice_append_closing(struct text *text, const struct notice *notice);

/* What a status means, in a sentence or two for a person: by the whole code, else by its subject,
 * else by its class. Never empty. */
struct slice notice_words_of(struct slice status);
/* The enhanced status code of a reply ("550 5.1.1 No such user": 5.1.1); one of its class when it
 * has none. */
struct slice notice_status_of(struct slice reply);

#endif
