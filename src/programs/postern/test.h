/* SPDX-License-Identifier: Apache-2.0 */
/* test - `postern test`: a mail client that says what it sees.
 *
 * Connects to a connector as a mail client would, judges the certificate, logs in, sends one small
 * message and waits until it is delivered. Exit 0 when all of it worked (also with warnings, unless
 * --strict), 1 when not.
 */
#ifndef PROGRAMS_POSTERN_TEST_H
#define PROGRAMS_POSTERN_TEST_H

#include "programs/postern/place.h"

extern const char test_usage[];
int test_run(const struct place *place, const char *const *words, size_t count);

#endif
