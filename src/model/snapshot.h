/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot - a configuration in force as flat bytes, for the roles that only read it.
 *
 * Holds what edges need and no more: no mailboxes, no send connectors, no sealed keys, no comments.
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

struct snapshot {
    const struct model *model;
    struct slice bytes; /* of it */
};

bool snapshot_encode(const struct model *model, uint64_t revision, struct text *out_bytes);
/* The same bytes, quicker: objects of a model_copy that are as they were in `before` are taken over
 * from its bytes, and what there is goes to the sink piece by piece (false: it takes no more). A
 * `before` without a model is none. */
typedef bool snapshot_sink_fn(void *context, struct slice bytes);
bool snapshot_write(const struct model *model, uint64_t revision, const struct snapshot *before,
                    snapshot_sink_fn *sink, void *context);
enum snapshot_outcome snapshot_decode(struct slice bytes, struct model **out_model);

#endif
