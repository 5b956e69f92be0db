/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot - a configuration in force as flat bytes, for the roles that only read it.
 *
 * Holds what edges and couriers need and no more: no mailboxes, no sealed keys, no comments.
 * A decoded model lends: its texts point into the bytes, which must outlive it (a mapped memfd).
 * Its objects of one kind lie side by side, in the order of the model.
 * Decoding trusts nothing: malformed bytes are an outcome.
 */
#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include "model/model.h"

enum snapshot_outcome {
    SNAPSHOT_OK = 0,
    SNAPSHOT_MALFORMED,
    SNAPSHOT_OTHER_FORMAT,
    SNAPSHOT_NO_MEMORY
};

bool snapshot_encode(const struct model *model, uint64_t revision, struct text *out_bytes);
enum snapshot_outcome snapshot_decode(struct slice bytes, struct model **out_model);

#endif
