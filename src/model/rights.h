/* SPDX-License-Identifier: Apache-2.0 */
/* rights - what a session may do on its connector, and which right was missing when it may not.
 *
 * Rights come from the permission groups that the client belongs to and from permissions given one
 * by one; a denial wins over a grant. Send As is no right of a session: it is held on a mailbox
 * (model/send_as), and what a session knows of it are the addresses of the mailbox that logged in.
 */
#ifndef MODEL_RIGHTS_H
#define MODEL_RIGHTS_H

#include "model/model.h"

enum right {
    RIGHT_SUBMIT = 1 << 0,
    RIGHT_ACCEPT_ANY_RECIPIENT = 1 << 1,
    RIGHT_ACCEPT_ANY_SENDER = 1 << 2,
    RIGHT_ACCEPT_AUTHORITATIVE_DOMAIN_SENDER = 1 << 3,
    RIGHT_ACCEPT_AUTHENTICATION_FLAG = 1 << 4,
    RIGHT_ACCEPT_EXCH50 = 1 << 5,
    RIGHT_ACCEPT_HEADERS_ROUTING = 1 << 6,
    RIGHT_ACCEPT_HEADERS_ORGANIZATION = 1 << 7,
    RIGHT_ACCEPT_HEADERS_FOREST = 1 << 8,
    RIGHT_BYPASS_ANTI_SPAM = 1 << 9,
    RIGHT_BYPASS_MESSAGE_SIZE_LIMIT = 1 << 10,
    RIGHT_SEND_AS = 1 << 11,
};

/* Words for settings and logs: "ms-Exch-SMTP-Submit" ...; ended by {0}. */
extern const struct setting_word right_words[];
const char *right_name(enum right right); /* "" for none */

enum rights_who {
    RIGHTS_ANONYMOUS,          /* NT AUTHORITY\ANONYMOUS LOGON */
    RIGHTS_AUTHENTICATED,      /* a mailbox logged in */
    RIGHTS_EXTERNALLY_SECURED, /* the connector says ExternalAuthoritative */
    RIGHTS_SERVER,             /* another server of ours */
    RIGHTS_LEGACY_SERVER,
    RIGHTS_PARTNER, /* its certificate proves a secured domain (model/peer) */
    RIGHTS_WHO_COUNT,
};

/* Who a client is, before (false) or after (true) it logged in. */
enum rights_who rights_who_of(const struct receive_connector *connector, bool authenticated);
/* The principals by which permissions may mean such a client; ended by 0. */
const enum principal *rights_principals(enum rights_who who);
/* Whether a session of this connector can ever be of the principal. */
bool rights_principal_occurs(const struct receive_connector *connector, enum principal principal);
uint32_t rights_of_groups(uint32_t permission_groups, enum rights_who who);
/* Groups and permissions together. `account` is the mailbox that logged in, or NULL. */
uint32_t rights_of_session(const struct model *model, const struct receive_connector *connector,
                           enum rights_who who, const struct mailbox *account);

enum rights_verdict {
    RIGHTS_GRANTED = 0,
    RIGHTS_NO_SUBMIT,      /* 530 5.7.57 to MAIL; 535 5.7.3 to AUTH of who may not either */
    RIGHTS_DOMAIN_DENIED,  /* writes as one of our authoritative domains without the right */
    RIGHTS_SEND_AS_DENIED, /* logged in, but the sender is none of the addresses it may write as */
    RIGHTS_RELAY_DENIED,   /* the recipient's domain is not an accepted one */
};

struct rights_answer {
    enum rights_verdict verdict;
    enum right missing; /* the right that would have helped; 0 when granted */
};

struct rights_answer rights_check_submit(uint32_t rights);
/* The null sender (empty) is everybody's. `mailbox` is who logged in, with all addresses it may
 * write as; NULL for others. */
struct rights_answer rights_check_sender(const struct model *model, uint32_t rights,
                                         const struct mailbox *mailbox, struct slice sender);
struct rights_answer rights_check_recipient(const struct model *model, uint32_t rights,
                                            struct slice recipient_domain);

#endif
