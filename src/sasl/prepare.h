/* SPDX-License-Identifier: Apache-2.0 */
/* prepare - names and passwords in the one form they are compared in: SASLprep (RFC 4013).
 *
 * Every name and password that comes out of a SASL exchange is prepared. Whoever stores a
 * password must store the prepared one, or non-ASCII ones never match.
 */
#ifndef SASL_PREPARE_H
#define SASL_PREPARE_H

#include "base/text.h"

/* Appends the prepared form. False, nothing appended: not UTF-8, control characters, perhaps
 * characters newer than Unicode 3.2, nothing left, more than SASL_PASSWORD_MAX bytes, or no room.
 */
bool sasl_prepare(struct slice written, struct text *out);

#endif
