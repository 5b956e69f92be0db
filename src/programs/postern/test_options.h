/* SPDX-License-Identifier: Apache-2.0 */
/* test_options - what `postern test` is told, and what it finds out by itself. */
#ifndef PROGRAMS_POSTERN_TEST_OPTIONS_H
#define PROGRAMS_POSTERN_TEST_OPTIONS_H

#include "base/text.h"
#include "model/client_kind.h"
#include "programs/postern/place.h"

struct test_options {
    const char *connector, *user, *password, *to, *wait_delivered, *demo, *ca, *as;
    const struct client_kind *kind; /* of --as; NULL: a careful client that complains */
    bool strict, transcript;
    char words[2][256]; /* user and password of the demo file */
    char asked[1024];   /* password from the terminal */
};

/* False: `error` says what is wrong. */
bool test_options_parse(const char *const *words, size_t count, struct test_options *out,
                        struct text *error);
/* User and password from --demo, or the demo file that ./dev run leaves beside the data, when
 * --user does not name one. Asks for `--password -`. */
bool test_options_complete(struct test_options *options, const struct place *place,
                           struct text *error);

#endif
