/* SPDX-License-Identifier: Apache-2.0 */
/* mailbox - somebody who receives mail and may log in to send it. Not part of snapshots. */
#ifndef MODEL_MAILBOX_H
#define MODEL_MAILBOX_H

#include "model/object.h"

struct mailbox {
    struct object_id id;
    uint64_t version;
    int64_t created_ms, changed_ms;
    struct slice name; /* the login name beside the addresses */
    struct slice display_name;
    struct slice primary_smtp_address;
    struct slice_list email_addresses;    /* further ones; the primary need not be among them */
    struct slice forwarding_smtp_address; /* empty: mail stays here */
    bool deliver_and_forward;             /* and here, too */
    bool enabled;
    struct slice maildir_name; /* folder below the mail root */
    bool has_password;         /* the verifier lies in the vault */
};

extern const struct setting mailbox_settings[];

/* The form addresses are compared in, apart from case ("a"@b is a@b, the domain as DNS writes it).
 * What is so already, or cannot be read, is given back as it is; the rest lies in `storage`. */
struct slice mailbox_comparable_address(struct slice address, struct text *storage);
/* *address becomes that form, in the arena where it was another one. False without memory. */
MUST_USE bool mailbox_keep_comparable(struct arena *arena, struct slice *address);
/* The local part in any case, the domain in any case (RFC 5321 2.4 lets the receiver decide). */
bool mailbox_has_address(const struct mailbox *mailbox, struct slice address);
/* Whether the mailbox's folder can be called as itself: what is safe everywhere. */
bool mailbox_name_is_folder(struct slice name);
/* The same, for who asks many mailboxes about one address. */
bool mailbox_has_comparable(const struct mailbox *mailbox, struct slice comparable);
struct model;
const struct mailbox *mailbox_of_address(const struct model *model,
                                         struct slice address); /* or NULL */
const struct mailbox *mailbox_of_login(const struct model *model,
                                       struct slice login); /* name or address; or NULL */

#endif
