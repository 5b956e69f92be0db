/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/asn1_time.h"

#include "base/calendar.h"

bool asn1_time_ms(const ASN1_TIME *time, int64_t *out_ms)
{
    struct tm tm;
    if (!time || ASN1_TIME_to_tm(time, &tm) != 1)
        return false;
    struct calendar_time calendar = {.year = tm.tm_year + 1900,
                                     .month = tm.tm_mon + 1,
                                     .day = tm.tm_mday,
                                     .hour = tm.tm_hour,
                                     .minute = tm.tm_min,
                                     .second = tm.tm_sec};
    if (calendar.year < 1 || calendar.year > 9999)
        return false;
    *out_ms = calendar_to_ms(&calendar);
    return true;
}
