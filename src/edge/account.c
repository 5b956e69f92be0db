/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/account.h"

#include <stdlib.h>
#include <string.h>

enum {
    ACCOUNT_BYTES_MAX = 1 << 20 /* WIRE_BODY_MAX of the shortest addresses, and their slices */
};

static size_t count_lines(struct slice lines)
{
    size_t count = 0;
    struct slice line;
    while (slice_take_until(&lines, '\n', &line))
        count++;
    return count;
}

static bool fill_addresses(struct account *account, struct slice lines)
{
    size_t count = count_lines(lines);
    if (count == 0)
        return true;
    struct slice *addresses = arena_take_array(&account->arena, count, sizeof *addresses);
    struct slice line;
    for (size_t i = 0; addresses && slice_take_until(&lines, '\n', &line); i++)
        if (!arena_copy(&account->arena, line, &addresses[i]))
            return false;
    account->mailbox.email_addresses = (struct slice_list){addresses, count};
    return addresses != NULL;
}

static bool fill_id(struct account *account, struct slice id)
{
    struct object_id *own = &account->mailbox.id;
    if (id.len != sizeof own->bytes)
        return false;
    memcpy(own->bytes, id.at, id.len);
    return true;
}

struct account *account_new(const struct wire_sasl_answer *answer)
{
    struct account *account = calloc(1, sizeof *account);
    if (!account)
        return NULL;
    account->arena = arena_with_ceiling(ACCOUNT_BYTES_MAX);
    account->mailbox.enabled = true;
    if (!fill_id(account, answer->id) ||
        !arena_copy(&account->arena, answer->account, &account->mailbox.name) ||
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
