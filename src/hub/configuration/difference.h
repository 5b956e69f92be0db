/* SPDX-License-Identifier: Apache-2.0 */
/* difference - how two states of one object differ, setting by setting, in words.
 *
 * What is not for eyes (keys, raw bytes) and the times the server keeps by itself are left out.
 */
#ifndef HUB_CONFIGURATION_DIFFERENCE_H
#define HUB_CONFIGURATION_DIFFERENCE_H

#include "model/model.h"

struct difference { /* good until the callback returns */
    const char *name;
    struct slice before, after; /* as they are printed; "(nothing)" for no value */
};

typedef void difference_fn(void *context, const struct difference *difference);

/* NULL: the object is not there before, or after. */
void difference_each(enum model_kind kind, const void *before, const void *after,
                     difference_fn *each, void *context);
/* Whether they are the same in everything but those times and the version, what is not for eyes
 * included. */
bool difference_is_none(enum model_kind kind, const void *before, const void *after);

#endif
