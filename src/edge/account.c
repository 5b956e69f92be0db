/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/account.h"

#include <stdlib.h>

enum { ACCOUNT_BYTES_MAX = 256 << 10, ACCOUNT_ADDRESSES_MAX = 1024 };

static bool fill_addresses(struct account *account, struct slice lines)
{
    struct slice *addresses =
        arena_take_array(&account->arena, ACCOUNT_ADDRESSES_MAX, sizeof *addresses);
    if (!addresses)
        return false;
    size_t count = 0;
    struct slice line;
    while (count < ACCOUNT_ADDRESSES_MAX && slice_take_until(&lines, '\n', &line))
        if (!arena_copy(&account->arena, line, &addresses[count++]))
            return false;
    if (count)
        account->mailbox.primary_smtp_address = addresses[0];
    account->mailbox.email_addresses = (struct slice_list){addresses, count};
    return true;
}

struct account *account_new(const struct wire_sasl_answer *answer)
{
    struct account *account = calloc(1, sizeof *account);
    if (!account)
        return NULL;
    account->arena = arena_with_ceiling(ACCOUNT_BYTES_MAX);
    account->mailbox.enabled = true;
    if (!arena_copy(&account->arena, answer->account, &account->mailbox.name) ||
        !fill_addresses(account, answer->addresses)) {
        account_free(account);
        return NULL;
    }
    return account;
}

void account_free(struct account *account)
{
    if (!account)
        return;
    arena_deinit(&account->arena);
    free(account);
}
