/* SPDX-License-Identifier: Apache-2.0 */
/* attributes - the three compiler attributes this code base leans on.
 *
 * MUST_USE   a result that may not be dropped.
 * CLEANUP    `CLEANUP(close_fd) int fd = ...;` runs close_fd(&fd) when fd leaves its scope.
 * PRINTF_LIKE the compiler checks the arguments against the format.
 */
#ifndef BASE_ATTRIBUTES_H
#define BASE_ATTRIBUTES_H

#define MUST_USE __attribute__((warn_unused_result))
#define CLEANUP(function) __attribute__((cleanup(function)))
#define PRINTF_LIKE(string, first) __attribute__((format(printf, string, first)))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
