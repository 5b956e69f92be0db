/* SPDX-License-Identifier: Apache-2.0 */
/* stage_operation - what the files about operations in a pipeline have to know of each other: one
 * binds, one sends and takes the reply, one gathers objects that are sent together. */
#ifndef SHELL_STAGE_OPERATION_H
#define SHELL_STAGE_OPERATION_H

#include "shell/cmdlet.h"

struct stage_file;

enum flow operation_run(struct stage *stage, json_t *parameters);
/* For an object of the pipeline, with its own parameters beside the others; now or later. */
enum flow operation_run_for(struct stage *stage, json_t *own);
enum flow operation_take_reply(struct stage *stage, json_t *reply, struct stage_file *file);
void operation_say_verbose(struct stage *stage, json_t *parameters);

#endif
