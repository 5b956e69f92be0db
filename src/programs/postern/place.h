/* SPDX-License-Identifier: Apache-2.0 */
/* place - where the server keeps its data, and as whom it is asked, as far as the client needs to
 * know. */
#ifndef PROGRAMS_POSTERN_PLACE_H
#define PROGRAMS_POSTERN_PLACE_H

#include "base/text.h"

enum { PLACE_PATH_MAX = 4096, PLACE_TOKEN_MAX = 256 };

struct place {
    char data[PLACE_PATH_MAX];   /* the data folder */
    char socket[PLACE_PATH_MAX]; /* the hub's control socket */
    char token[PLACE_TOKEN_MAX]; /* stands for the role of its holder; empty: none */
};

/* --socket and --data as given (NULL: not), else $POSTERN_DATA, else the folder that ./dev run uses
 * beside this program, else /var/lib/postern. False: a path is too long. */
bool place_find(const char *data_given, const char *socket_given, struct place *out);
/* The token in a file (its first line), else $POSTERN_TOKEN, else none. False: the file cannot be
 * read or holds none, which is said on standard error. */
bool place_find_token(const char *file_given, struct place *out);

#endif
