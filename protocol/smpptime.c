/*
 * smpptime.c: the times of SMPP. The calendar is done here by hand because the C library's needs
 * the process's time zone.
 */
#include "protocol/smpptime.h"

#include <assert.h>

#define DAY_S 86400
#define QUARTER_HOUR_S 900
#define YEAR_PIVOT 38 /* T3 */

static const char *const err_names[SMPPTIME_ERRS] = {
    [SMPPTIME_OK] = "ok",
    [SMPPTIME_EMPTY] = "empty",
    [SMPPTIME_BAD] = "bad",
};

const char *
smpptime_err_name(enum smpptime_err err)
{
    return (unsigned)err < SMPPTIME_ERRS ? err_names[err] : "?";
}

static uint8_t
days_in_month(int32_t year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
        return 29;
    return days[month - 1];
}

bool
calendar_valid(const struct calendar *date)
{
    return date->month >= 1 && date->month <= 12 && date->day >= 1 &&
           date->day <= days_in_month(date->year, date->month) && date->hour <= 23 &&
           date->minute <= 59 && date->second <= 59;
}

/* Days from 1 January of year 0 to 1 January of this year, in the Gregorian calendar; year 0 is a
 * leap year. */
static int64_t
days_before_year(int64_t year)
{
    return year == 0 ? 0 : year * 365 + (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 + 1;
}

#define DAYS_BEFORE_1970 719528
#define YEAR_9999_END_S 253402300799

int64_t
calendar_to_s(const struct calendar *date)
{
    int64_t days = days_before_year(date->year) - DAYS_BEFORE_1970 + date->day - 1;

    assert(date->year >= 0 && calendar_valid(date));
    for (unsigned month = 1; month < date->month; month++)
        days += days_in_month(date->year, month);
    return days * DAY_S + date->hour * 3600 + date->minute * 60 + date->second;
}

void
calendar_from_s(int64_t at_s, struct calendar *out)
{
    int64_t days, year;
    unsigned month = 1;
    int32_t second;

    /* Nothing was sent before year 0 or is due after 9999; numbers beyond do not overflow. */
    if (at_s < -(int64_t)DAYS_BEFORE_1970 * DAY_S)
        at_s = -(int64_t)DAYS_BEFORE_1970 * DAY_S;
    if (at_s > YEAR_9999_END_S)
        at_s = YEAR_9999_END_S;
    days = at_s / DAY_S - (at_s % DAY_S < 0) + DAYS_BEFORE_1970;
    second = (int32_t)(at_s - (days - DAYS_BEFORE_1970) * DAY_S);
    /* 400 years have 146097 days; the quotient is too small by less than one. */
    year = days * 400 / 146097 + 1;
    while (days_before_year(year) > days)
        year--;
    days -= days_before_year(year);
    while (days >= days_in_month((int32_t)year, month))
        days -= days_in_month((int32_t)year, month++);
    *out = (struct calendar){(int32_t)year,
                             (uint8_t)month,
                             (uint8_t)(days + 1),
                             (uint8_t)(second / 3600),
                             (uint8_t)(second / 60 % 60),
                             (uint8_t)(second % 60)};
}

/* YY MM DD hh mm ss as six numbers, t, nn. */
struct fields {
    unsigned pair[6];
    unsigned tenths;
    unsigned quarters;
};

static bool
read_fields(struct slice text, struct fields *out)
{
    for (size_t i = 0; i < 15; i++)
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    for (size_t i = 0; i < 6; i++)
        out->pair[i] = (text.p[i * 2] - '0') * 10u + (text.p[i * 2 + 1] - '0');
    out->tenths = text.p[12] - (unsigned)'0';
    out->quarters = (text.p[13] - '0') * 10u + (text.p[14] - '0');
    return true;
}

static struct calendar
calendar_of(const struct fields *fields, int32_t century)
{
    return (struct calendar){century + (int32_t)fields->pair[0], (uint8_t)fields->pair[1],
                             (uint8_t)fields->pair[2],           (uint8_t)fields->pair[3],
                             (uint8_t)fields->pair[4],           (uint8_t)fields->pair[5]};
}

static enum smpptime_err
parse_absolute(const struct fields *fields, bool ahead, uint64_t *out_ms)
{
    struct calendar date = calendar_of(fields, fields->pair[0] < YEAR_PIVOT ? 2000 : 1900);
    int64_t offset = (int64_t)fields->quarters * QUARTER_HOUR_S, at_s;

    if (!calendar_valid(&date) || fields->quarters > 48)
        return SMPPTIME_BAD;
    at_s = calendar_to_s(&date) + (ahead ? -offset : offset);
    *out_ms = at_s < 0 ? 0 : (uint64_t)at_s * 1000 + fields->tenths * 100;
    return SMPPTIME_OK;
}

static enum smpptime_err
parse_relative(const struct fields *fields, uint64_t now_ms, uint64_t *out_ms)
{
    const unsigned *pair = fields->pair;
    struct calendar date;
    unsigned months;
    int64_t at_s;

    if (pair[1] > 12 || pair[2] > 31 || pair[3] > 23 || pair[4] > 59 || pair[5] > 59)
        return SMPPTIME_BAD;
    calendar_from_s((int64_t)(now_ms / 1000), &date);
    months = date.month - 1u + pair[1];
    date.year += (int32_t)(pair[0] + months / 12);
    date.month = (uint8_t)(months % 12 + 1);
    if (date.day > days_in_month(date.year, date.month))
        date.day = days_in_month(date.year, date.month);
    at_s =
        calendar_to_s(&date) + (int64_t)pair[2] * DAY_S + pair[3] * 3600 + pair[4] * 60 + pair[5];
    *out_ms = (uint64_t)at_s * 1000 + now_ms % 1000;
    return SMPPTIME_OK;
}

enum smpptime_err
smpptime_parse(struct slice text, uint64_t now_ms, uint64_t *out_ms)
{
    struct fields fields;

    if (text.n == 0)
        return SMPPTIME_EMPTY;
    if (text.n != SMPPTIME_BYTES - 1 || !read_fields(text, &fields))
        return SMPPTIME_BAD;
    switch (text.p[15]) {
    case '+':
        return parse_absolute(&fields, true, out_ms);
    case '-':
        return parse_absolute(&fields, false, out_ms);
    case 'R':
        return parse_relative(&fields, now_ms, out_ms);
    default:
        return SMPPTIME_BAD;
    }
}

static void
put_pair(char *out, unsigned number)
{
    out[0] = (char)('0' + number / 10 % 10);
    out[1] = (char)('0' + number % 10);
}

void
smpptime_format(uint64_t at_ms, char out[SMPPTIME_BYTES])
{
    static const struct calendar end = {2037, 12, 31, 23, 59, 59};
    uint64_t end_ms = (uint64_t)calendar_to_s(&end) * 1000 + 900;
    struct calendar date;

    if (at_ms > end_ms)
        at_ms = end_ms;
    calendar_from_s((int64_t)(at_ms / 1000), &date);
    put_pair(out, (unsigned)date.year);
    put_pair(out + 2, date.month);
    put_pair(out + 4, date.day);
    put_pair(out + 6, date.hour);
    put_pair(out + 8, date.minute);
    put_pair(out + 10, date.second);
    out[12] = (char)('0' + at_ms / 100 % 10);
    memcpy(out + 13, "00+", 4);
}

/* ---- as people write it */

static bool
take_number(struct slice *text, unsigned digits, uint32_t *out)
{
    *out = 0;
    if (text->n < digits)
        return false;
    for (unsigned i = 0; i < digits; i++) {
        if (text->p[i] < '0' || text->p[i] > '9')
            return false;
        *out = *out * 10 + (uint32_t)(text->p[i] - '0');
    }
    *text = slice_of(text->p + digits, text->n - digits);
    return true;
}

static bool
take_mark(struct slice *text, char mark)
{
    if (text->n == 0 || text->p[0] != (uint8_t)mark)
        return false;
    *text = slice_of(text->p + 1, text->n - 1);
    return true;
}

/* "Z", "+01:00", "-09:30": seconds east of UTC. */
static bool
take_offset(struct slice *text, int64_t *out)
{
    uint32_t hours, minutes;
    bool west = text->n > 0 && text->p[0] == '-';

    *out = 0;
    if (take_mark(text, 'Z'))
        return true;
    if ((!take_mark(text, '+') && !take_mark(text, '-')) || !take_number(text, 2, &hours) ||
        !take_mark(text, ':') || !take_number(text, 2, &minutes) || hours > 14 || minutes > 59)
        return false;
    *out = (int64_t)(hours * 60 + minutes) * 60;
    if (west)
        *out = -*out;
    return true;
}

/* "T09:00:00" and where that is. */
static bool
take_time(struct slice *text, struct calendar *date, int64_t *offset)
{
    uint32_t hour, minute, second = 0;

    if (!take_mark(text, 'T') || !take_number(text, 2, &hour) || !take_mark(text, ':') ||
        !take_number(text, 2, &minute) || (take_mark(text, ':') && !take_number(text, 2, &second)))
        return false;
    date->hour = (uint8_t)hour;
    date->minute = (uint8_t)minute;
    date->second = (uint8_t)second;
    return take_offset(text, offset);
}

bool
calendar_parse(struct slice text, uint64_t *out_ms)
{
    struct calendar date = {0};
    uint32_t year, month, day;
    int64_t offset = 0, at_s;

    if (!take_number(&text, 4, &year) || !take_mark(&text, '-') || !take_number(&text, 2, &month) ||
        !take_mark(&text, '-') || !take_number(&text, 2, &day))
        return false;
    date.year = (int32_t)year;
    date.month = (uint8_t)month;
    date.day = (uint8_t)day;
    if ((text.n > 0 && !take_time(&text, &date, &offset)) || text.n > 0 || !calendar_valid(&date))
        return false;
    at_s = calendar_to_s(&date) - offset;
    *out_ms = at_s < 0 ? 0 : (uint64_t)at_s * 1000;
    return at_s >= 0;
}
