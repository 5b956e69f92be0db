/* SPDX-License-Identifier: Apache-2.0 */
/* signing_role - the signer's loop: keys from the hub, questions from one edge, or from the
 * couriers.
 *
 * Who asks does so over a packet socket, one datagram a question, as wire/signing.h describes:
 *
 *   question: number (8), handle (8), scheme (4), the bytes to be signed
 *   answer:   number (8), the signature; nothing behind the number is a refusal
 *
 * An edge is given what a server signs, a courier what a client does. Refused is what tls/signer
 * refuses, and a handle the hub has not loaded here. A datagram too short to be a question, or one
 * with descriptors, ends the wire it came over.
 */
#ifndef VAULT_SIGNING_ROLE_H
#define VAULT_SIGNING_ROLE_H

#include "tls/signer.h"
#include "vault/kek.h"
#include "vault/key_table.h"
#include "wire/channel.h"
#include "wire/signing.h"

struct signing_asker {
    struct signing_role *role;
    enum signer_side side;
    int fd; /* -1: nobody at the moment */
    struct watch watch;
};

struct signing_role {
    struct loop *loop;
    const struct kek *kek;
    struct key_table keys;
    struct channel hub;
    struct channel_owner hub_owner;
    struct signing_asker edge, couriers[WIRE_COURIERS_MAX];
    char question[SIGNING_QUESTION_MAX + 1]; /* one more byte shows that it is too long */
};

void signing_role_begin(struct signing_role *role, struct loop *loop, const struct kek *kek);
/* A wire from the supervisor; one of another role is closed. */
void signing_role_attach(struct signing_role *role, enum wire_role peer, unsigned index,
                         int fd_take);
void signing_role_end(struct signing_role *role);

#endif
