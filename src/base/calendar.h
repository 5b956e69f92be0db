/* SPDX-License-Identifier: Apache-2.0 */
/* calendar - moments as values: milliseconds since 1970-01-01T00:00:00Z, and their written forms.
 *
 * Reads no clock and no time zone: the offset from UTC is an argument, in minutes. Years 1 to 9999.
 */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include "base/text.h"

struct calendar_time {
    int year, month, day; /* month 1-12, day 1-31 */
    int hour, minute, second, millisecond;
    int weekday; /* 0 = Sunday */
};

struct calendar_time calendar_from_ms(int64_t at_ms, int offset_minutes);
int64_t calendar_to_ms(const struct calendar_time *time); /* as UTC; weekday ignored */

/* RFC 5322 3.3: "Fri, 5 Aug 2016 16:24:41 -0700" */
bool calendar_append_rfc5322(struct text *text, int64_t at_ms, int offset_minutes);
/* RFC 3339, UTC, with milliseconds: "2019-01-25T00:03:58.478Z" */
bool calendar_append_rfc3339(struct text *text, int64_t at_ms);
/* "2027-01-03", or with a time "2027-01-03T10:00:00[.fff][Z|+hh:mm]"; UTC when no offset is given
 */
bool calendar_parse_rfc3339(struct slice written, int64_t *out_at_ms);

#endif
