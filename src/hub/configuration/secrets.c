/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/secrets.h"

static const struct {
    enum model_kind owner;
    const char *secret;
} kinds[] = {{MODEL_MAILBOX, "account"}, {MODEL_SEND_CONNECTOR, "credential"}};

const char *secret_kind_of(enum model_kind kind)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (kinds[i].owner == kind)
            return kinds[i].secret;
    return NULL;
}

bool secret_owner(struct slice secret_kind, enum model_kind *out_owner)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (slice_equal(secret_kind, slice_of(kinds[i].secret))) {
            *out_owner = kinds[i].owner;
            return true;
        }
    return false;
}

bool secret_is_set(enum model_kind kind, const void *object)
{
    if (kind == MODEL_MAILBOX)
        return ((const struct mailbox *)object)->has_password;
    return kind == MODEL_SEND_CONNECTOR &&
           ((const struct send_connector *)object)->credential_user.len > 0;
}
