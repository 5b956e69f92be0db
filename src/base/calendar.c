/* SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"

#include "base/number.h"

enum { DAY_MS = 86400000 };

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar, counted in eras of 400
 * years that begin on the first of March, so that the leap day is the last of its year. */
static int64_t days_from_date(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, struct calendar_time *time)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    time->day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
    time->month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    time->year = (int)(year_of_era + era * 400 + (time->month <= 2));
}

struct calendar_time calendar_from_ms(int64_t at_ms, int offset_minutes)
{
    int64_t local = at_ms + (int64_t)offset_minutes * 60000;
    int64_t days = local / DAY_MS - (local % DAY_MS < 0);
    int64_t ms = local - days * DAY_MS;
    struct calendar_time time = {.hour = (int)(ms / 3600000),
                                 .minute = (int)(ms / 60000 % 60),
                                 .second = (int)(ms / 1000 % 60),
                                 .millisecond = (int)(ms % 1000),
                                 .weekday = (int)(((days + 4) % 7 + 7) % 7)};
    date_from_days(days, &time);
    return time;
}

int64_t calendar_to_ms(const struct calendar_time *time)
{
    int64_t days = days_from_date(time->year, time->month, time->day);
    return days * DAY_MS + ((int64_t)time->hour * 60 + time->minute) * 60000 +
           (int64_t)time->second * 1000 + time->millisecond;
}

bool calendar_append_rfc5322(struct text *text, int64_t at_ms, int offset_minutes)
{
    static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct calendar_time t = calendar_from_ms(at_ms, offset_minutes);
    int offset = offset_minutes < 0 ? -offset_minutes : offset_minutes;
    return text_append_format(text, "%s, %d %s %04d %02d:%02d:%02d %c%02d%02d", weekdays[t.weekday],
                              t.day, months[t.month - 1], t.year, t.hour, t.minute, t.second,
                              offset_minutes < 0 ? '-' : '+', offset / 60, offset % 60);
}

static void put_digits(char *at, int number, int count)
{
    for (int i = count - 1; i >= 0; i--, number /= 10)
        at[i] = (char)('0' + number % 10);
}

/* Digit by digit: it is in every row of every log, where printf would cost more than the rest. */
bool calendar_append_rfc3339(struct text *text, int64_t at_ms)
{
    char written[] = "0000-00-00T00:00:00.000Z";
    struct calendar_time t = calendar_from_ms(at_ms, 0);
    const struct {
        int at, number, digits;
    } parts[] = {{0, t.year, 4},    {5, t.month, 2},   {8, t.day, 2},         {11, t.hour, 2},
                 {14, t.minute, 2}, {17, t.second, 2}, {20, t.millisecond, 3}};
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        put_digits(written + parts[i].at, parts[i].number, parts[i].digits);
    return text_append(text, (struct slice){written, sizeof written - 1});
}

static bool take_digits(struct slice *rest, size_t count, int min, int max, int *out_number)
{
    uint64_t number;
    if (rest->len < count || !number_parse_u64(slice_first(*rest, count), (uint64_t)max, &number) ||
        (int)number < min)
        return false;
    *rest = slice_after(*rest, count);
    *out_number = (int)number;
    return true;
}

static bool take_date(struct slice *rest, struct calendar_time *time)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (!take_digits(rest, 4, 1, 9999, &time->year) || !slice_take_prefix(rest, SLICE("-")) ||
        !take_digits(rest, 2, 1, 12, &time->month) || !slice_take_prefix(rest, SLICE("-")) ||
        !take_digits(rest, 2, 1, 31, &time->day))
        return false;
    bool leap = time->year % 4 == 0 && (time->year % 100 != 0 || time->year % 400 == 0);
    return time->day <= lengths[time->month - 1] + (time->month == 2 && leap);
}

static bool take_time(struct slice *rest, struct calendar_time *time)
{
    if (!take_digits(rest, 2, 0, 23, &time->hour) || !slice_take_prefix(rest, SLICE(":")) ||
        !take_digits(rest, 2, 0, 59, &time->minute) || !slice_take_prefix(rest, SLICE(":")) ||
        !take_digits(rest, 2, 0, 59, &time->second))
        return false;
    if (!slice_take_prefix(rest, SLICE(".")))
        return true;
    int scale = 100;
    bool any = false;
    for (; rest->len && ascii_is_digit(rest->at[0]); *rest = slice_after(*rest, 1), any = true) {
        time->millisecond += (rest->at[0] - '0') * scale;
        scale /= 10;
    }
    return any;
}

static bool take_offset(struct slice *rest, int *out_minutes)
{
    *out_minutes = 0;
    if (rest->len == 0 || slice_take_prefix_nocase(rest, SLICE("Z")))
        return true;
    bool negative = rest->at[0] == '-';
    if (!negative && rest->at[0] != '+')
        return false;
    *rest = slice_after(*rest, 1);
    int hours, minutes;
    if (!take_digits(rest, 2, 0, 14, &hours) || !slice_take_prefix(rest, SLICE(":")) ||
        !take_digits(rest, 2, 0, 59, &minutes))
        return false;
    *out_minutes = (hours * 60 + minutes) * (negative ? -1 : 1);
    return true;
}

bool calendar_parse_rfc3339(struct slice written, int64_t *out_at_ms)
{
    struct calendar_time time = {0};
    int offset_minutes = 0;
    if (!take_date(&written, &time))
        return false;
    if (written.len) {
        bool separated = slice_take_prefix_nocase(&written, SLICE("T")) ||
                         slice_take_prefix(&written, SLICE(" "));
        if (!separated || !take_time(&written, &time) || !take_offset(&written, &offset_minutes) ||
            written.len)
            return false;
    }
    *out_at_ms = calendar_to_ms(&time) - (int64_t)offset_minutes * 60000;
    return true;
}
