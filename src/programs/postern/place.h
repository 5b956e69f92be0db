/* SPDX-License-Identifier: Apache-2.0 */
/* place - where the server keeps its data, as far as the client needs to know. */
#ifndef PROGRAMS_POSTERN_PLACE_H
#define PROGRAMS_POSTERN_PLACE_H

#include "base/text.h"

enum { PLACE_PATH_MAX = 4096 };

struct place {
    char data[PLACE_PATH_MAX];   /* the data folder */
    char socket[PLACE_PATH_MAX]; /* the hub's control socket */
};

/* --socket and --data as given (NULL: not), else $POSTERN_DATA, else the folder that ./dev run uses
 * beside this program, else /var/lib/postern. False: a path is too long. */
bool place_find(const char *data_given, const char *socket_given, struct place *out);

#endif
