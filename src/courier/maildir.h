/* SPDX-License-Identifier: Apache-2.0 */
/* maildir - one message into MAIL/<mailbox>/{tmp,new,cur}, durable before it is reported.
 *
 * The file's name is made of message id and recipient number alone, so a delivery repeated after a
 * crash finds its own file and is done. Order: write tmp/NAME, fsync, rename to new/NAME, fsync the
 * folder.
 */
#ifndef COURIER_MAILDIR_H
#define COURIER_MAILDIR_H

#include "base/attributes.h"
#include "base/slice.h"
#include "base/text.h"

struct maildir_message {
    uint64_t message, number; /* queue id and recipient, which make the name */
    bool repeat;              /* look for it in cur too: an earlier attempt may have delivered it */
    int64_t received_at_ms;
    struct slice sender;    /* for Return-Path */
    struct slice recipient; /* for Delivered-To */
    int body_fd;
    uint64_t offset, length;
};

enum maildir_outcome {
    MAILDIR_DELIVERED,
    MAILDIR_ALREADY_THERE, /* by an earlier attempt */
    MAILDIR_BAD_NAME,      /* the mailbox's name cannot be a folder */
};

/* An outcome, or -errno: worth another try. `root_fd` is the mail root; the mailbox's folders are
 * created at need. */
MUST_USE int maildir_deliver(int root_fd, struct slice mailbox,
                             const struct maildir_message *message);
/* "0123456789abcdef.0.postern" */
bool maildir_append_name(struct text *text, uint64_t message, uint64_t number);

#endif
