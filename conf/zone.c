/*
 * zone.c: what the clock on a wall shows. The pure half of zone.h; zone_file.c reads the tables.
 *
 * Calendar dates are counted in days of the Gregorian calendar from 1970-01-01. All arithmetic is
 * in 64 bits, so that any moment a message can have is in range.
 */
#include "conf/zone.h"

#define DAY_S 86400
/* 1970-01-01 was a Thursday. */
#define EPOCH_DAY 3

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static bool
is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to 1 January. */
static int64_t
days_before_year(int64_t year)
{
    int64_t y = year - 1;

    return 365 * (year - 1970) + (floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400)) - 477;
}

static int64_t
year_of(int64_t days)
{
    int64_t year = 1970 + floor_div(days, 366);

    while (days_before_year(year + 1) <= days)
        year++;
    return year;
}

static int
day_of_week(int64_t days)
{
    int64_t day = (days + EPOCH_DAY) % 7;

    return (int)(day < 0 ? day + 7 : day);
}

static int64_t
days_before_month(int64_t year, uint32_t month)
{
    static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

    return before[month - 1] + (month > 2 && is_leap(year));
}

/* Day of week n of the month; week 5 is its last. change->day counts from Sunday. */
static int64_t
nth_day(const struct zone_change *change, int64_t year)
{
    int64_t first = days_before_year(year) + days_before_month(year, change->month);
    int64_t length = days_before_month(year, change->month + 1u) -
                     days_before_month(year, change->month);
    int64_t day = (change->day + 6 - day_of_week(first) + 7) % 7 + 7 * (change->week - 1);

    if (change->month == 2)
        length = is_leap(year) ? 29 : 28;
    return first + (day >= length ? day - 7 : day);
}

/* In seconds of local time from 1970-01-01. */
static int64_t
change_local_s(const struct zone_change *change, int64_t year)
{
    int64_t days = days_before_year(year);

    switch (change->kind) {
    case ZONE_MONTH_WEEK_DAY:
        days = nth_day(change, year);
        break;
    case ZONE_JULIAN:
        days += change->day - 1 + (change->day >= 60 && is_leap(year));
        break;
    case ZONE_DAY_OF_YEAR:
        days += change->day;
        break;
    }
    return days * DAY_S + change->at_s;
}

/* What the rule says. Summer time begins by standard time and ends by summer time; on the southern
 * half it ends before it begins. */
static int32_t
rule_offset(const struct zone *zone, int64_t unix_s)
{
    int64_t year = year_of(floor_div(unix_s + zone->standard_s, DAY_S));
    int64_t start, end;

    if (zone->summer_s == zone->standard_s)
        return zone->standard_s;
    start = change_local_s(&zone->start, year) - zone->standard_s;
    end = change_local_s(&zone->end, year) - zone->summer_s;
    if (start < end)
        return unix_s >= start && unix_s < end ? zone->summer_s : zone->standard_s;
    return unix_s >= end && unix_s < start ? zone->standard_s : zone->summer_s;
}

static int32_t
offset_at(const struct zone *zone, int64_t unix_s)
{
    uint32_t low = 0, high = zone->changes; /* the first change behind unix_s is in [low, high] */

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (zone->at_s[middle] <= unix_s)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->changes && zone->rule)
        return rule_offset(zone, unix_s);
    return low == 0 ? zone->first_s : zone->offset_s[low - 1];
}

struct zone_time
zone_local(const struct zone *zone, uint64_t unix_ms)
{
    int64_t unix_s = (int64_t)(unix_ms / 1000);
    int32_t offset = offset_at(zone, unix_s);
    int64_t local = unix_s + offset, days = floor_div(local, DAY_S);

    return (struct zone_time){.day = (uint8_t)day_of_week(days),
                              .second = (uint32_t)(local - days * DAY_S),
                              .offset_s = offset};
}
