/* SPDX-License-Identifier: Apache-2.0 */
/* stage_file - the file that an operation gives out, in a pipeline: written where -FileName says,
 * else bytes of its object, called FileData.
 *
 * A short one stands in the reply; a long one follows it piece by piece (operation.file_follows)
 * and is whole in memory only when it becomes bytes.
 */
#ifndef SHELL_STAGE_FILE_H
#define SHELL_STAGE_FILE_H

#include "shell/cmdlet.h"

struct stage_file {
    struct stage *stage;
    struct text bytes; /* that were not written */
    bool begun;        /* the file is there */
    bool failed;
    struct text error;
    char error_storage[2000];
};

void stage_file_init(struct stage_file *file, struct stage *stage);
void stage_file_deinit(struct stage_file *file);
bool stage_file_is_written(const struct stage *stage); /* not given on as bytes */

/* One piece of the context, a stage_file. False: no more of it is wanted. */
bool stage_file_take(void *context, struct slice piece);
/* The reply is there: the file is on the disk, or the complaint says why not. */
enum flow stage_file_write(struct stage_file *file, json_t *reply);
/* The same where it becomes bytes of `object`. */
void stage_file_give(struct stage_file *file, struct datum object);

#endif
