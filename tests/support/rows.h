/* SPDX-License-Identifier: Apache-2.0 */
/* rows - table tests for cmocka: when a check fails, the failing row is named. */
#ifndef TESTS_SUPPORT_ROWS_H
#define TESTS_SUPPORT_ROWS_H

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#include "base/slice.h"

/* Fails the test, naming the row, unless both slices hold the same bytes. */
void row_expect_slice(const char *row, struct slice seen, struct slice expected);
void row_expect(const char *row, const char *what, long long seen, long long expected);

#endif
