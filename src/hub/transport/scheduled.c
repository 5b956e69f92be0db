/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/scheduled.h"

enum { SCHEDULED_TEXTS = 6 };

static void texts_of(struct scheduled *what, struct slice *out[SCHEDULED_TEXTS])
{
    out[0] = &what->sender;
    out[1] = &what->address;
    out[2] = &what->message_id;
    out[3] = &what->subject;
    out[4] = &what->orcpt;
    out[5] = &what->envid;
}

size_t scheduled_text_bytes(const struct scheduled *what)
{
    return what->sender.len + what->address.len + what->message_id.len + what->subject.len +
           what->orcpt.len + what->envid.len;
}

void scheduled_copy(const struct scheduled *what, struct scheduled *out, char *storage)
{
    struct slice *texts[SCHEDULED_TEXTS];
    *out = *what;
    texts_of(out, texts);
    for (size_t i = 0; i < SCHEDULED_TEXTS; i++)
        *texts[i] = slice_pack(&storage, *texts[i]);
}
