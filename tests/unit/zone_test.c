/*
 * zone_test.c: time zones (R-auto-1): seconds around the changes of clocks, years behind the end of
 * a table, damaged tables. The C library's own reading of the same tables is the second opinion.
 */
#include "conf/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "conf/conf_int.h"
#include "tests/unit/check.h"

static struct conf_arena arena;

static const struct zone *
zone(const char *name)
{
    const char *why;
    const struct zone *loaded = zone_load(&arena, name, &why);

    check(loaded != NULL);
    return loaded;
}

/* A moment of UTC. */
static int64_t
utc(int year, int month, int day, int hour, int minute, int second)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day,
                    .tm_hour = hour, .tm_min = minute, .tm_sec = second};

    return timegm(&tm);
}

static void
shows(const char *name, int64_t at, const char *wall)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    struct zone_time t = zone_local(zone(name), (uint64_t)at * 1000 + 999);
    char text[32];

    snprintf(text, sizeof(text), "%s %02u:%02u:%02u", days[t.day], t.second / 3600,
             t.second / 60 % 60, t.second % 60);
    check_text(slice_str(text), wall);
}

static void
r_auto_1_clocks_change_at_the_second(void)
{
    shows("Europe/London", utc(2026, 3, 29, 0, 59, 59), "Sun 00:59:59");
    shows("Europe/London", utc(2026, 3, 29, 1, 0, 0), "Sun 02:00:00");
    shows("Europe/London", utc(2026, 10, 25, 0, 59, 59), "Sun 01:59:59");
    shows("Europe/London", utc(2026, 10, 25, 1, 0, 0), "Sun 01:00:00");
    shows("America/New_York", utc(2026, 3, 8, 6, 59, 59), "Sun 01:59:59");
    shows("America/New_York", utc(2026, 3, 8, 7, 0, 0), "Sun 03:00:00");
    shows("America/New_York", utc(2026, 11, 1, 5, 59, 59), "Sun 01:59:59");
    shows("America/New_York", utc(2026, 11, 1, 6, 0, 0), "Sun 01:00:00");
    /* The southern half: summer lies over the new year. */
    shows("Australia/Sydney", utc(2026, 4, 4, 15, 59, 59), "Sun 02:59:59");
    shows("Australia/Sydney", utc(2026, 4, 4, 16, 0, 0), "Sun 02:00:00");
    shows("Australia/Sydney", utc(2026, 10, 3, 15, 59, 59), "Sun 01:59:59");
    shows("Australia/Sydney", utc(2026, 10, 3, 16, 0, 0), "Sun 03:00:00");
    shows("Australia/Sydney", utc(2026, 12, 31, 13, 0, 0), "Fri 00:00:00");
    /* Half an hour of summer time. */
    shows("Australia/Lord_Howe", utc(2026, 4, 4, 14, 59, 59), "Sun 01:59:59");
    shows("Australia/Lord_Howe", utc(2026, 4, 4, 15, 0, 0), "Sun 01:30:00");
    shows("Australia/Lord_Howe", utc(2026, 10, 3, 15, 29, 59), "Sun 01:59:59");
    shows("Australia/Lord_Howe", utc(2026, 10, 3, 15, 30, 0), "Sun 02:30:00");
    /* Winter time is the exception, by law. */
    shows("Europe/Dublin", utc(2026, 3, 29, 1, 0, 0), "Sun 02:00:00");
    shows("Europe/Dublin", utc(2026, 10, 25, 1, 0, 0), "Sun 01:00:00");
}

static void
r_auto_1_without_summer_time(void)
{
    shows("Asia/Kolkata", utc(2026, 6, 30, 18, 29, 59), "Tue 23:59:59");
    shows("Asia/Kolkata", utc(2026, 6, 30, 18, 30, 0), "Wed 00:00:00");
    shows("Asia/Kathmandu", utc(2026, 1, 1, 0, 0, 0), "Thu 05:45:00");
    shows("UTC", 0, "Thu 00:00:00");
    shows("Pacific/Kiritimati", utc(2026, 1, 1, 10, 0, 0), "Fri 00:00:00");
    shows("America/Phoenix", utc(2026, 7, 1, 7, 0, 0), "Wed 00:00:00");
}

/* Tables end in 2037; what comes behind says the rule in their last line. */
static void
r_auto_1_years_behind_the_table(void)
{
    shows("Europe/London", utc(2099, 3, 29, 0, 59, 59), "Sun 00:59:59");
    shows("Europe/London", utc(2099, 3, 29, 1, 0, 0), "Sun 02:00:00");
    shows("Europe/London", utc(2099, 10, 25, 1, 0, 0), "Sun 01:00:00");
    shows("Australia/Sydney", utc(2100, 1, 1, 0, 0, 0), "Fri 11:00:00");
    shows("Asia/Tokyo", utc(2400, 2, 29, 15, 0, 0), "Wed 00:00:00");
    shows("America/New_York", utc(2100, 3, 14, 7, 0, 0), "Sun 03:00:00");
}

/* Everything that the C library says of these zones, at drawn moments and around each change. */
static void
same_as_libc(const char *name)
{
    const struct zone *z = zone(name);
    uint64_t seed = 1;

    setenv("TZ", name, 1);
    tzset();
    for (uint32_t i = 0; i < 6000; i++) {
        struct zone_time t;
        struct tm tm;
        time_t at;

        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        at = (time_t)((seed >> 20) % 4102444800ull); /* until 2100 */
        if (i < 3 * z->changes && z->at_s[i / 3] > 0)
            at = (time_t)z->at_s[i / 3] + (time_t)(i % 3) - 1;
        t = zone_local(z, (uint64_t)at * 1000);
        localtime_r(&at, &tm);
        if (t.offset_s != (int32_t)tm.tm_gmtoff)
            printf("    %s at %lld\n", name, (long long)at);
        check_number(t.offset_s, tm.tm_gmtoff);
        check_number(t.day, (tm.tm_wday + 6) % 7);
        check_number(t.second, tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
    }
}

static void
r_auto_1_the_library_agrees(void)
{
    static const char *const names[] = {
        "Europe/London",      "Europe/Dublin",       "America/New_York", "America/St_Johns",
        "Australia/Sydney",   "Australia/Lord_Howe", "Asia/Kolkata",     "Asia/Gaza",
        "Africa/Casablanca",  "America/Sao_Paulo",   "Asia/Tehran",      "Pacific/Apia",
        "America/Nuuk",       "Antarctica/Troll",    "Africa/Cairo",     "Pacific/Chatham",
        "America/Argentina/Buenos_Aires", "Europe/Lisbon", "Etc/GMT+12", "Asia/Pyongyang"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        same_as_libc(names[i]);
    conf_arena_clear(&arena);
}

/* --- tables that are made here --- */

static uint8_t octets[400];

/* A table of version 2 with one change at so many seconds and this last line. */
static struct slice
table(uint64_t at, const char *footer)
{
    static const uint8_t types[] = {0, 0, 0, 0, 0, 0, 0, 0, 0x0E, 0x10, 0, 0}; /* UTC, +1 */
    size_t n = 0;

    memset(octets, 0, sizeof(octets));
    memcpy(octets, "TZif2", 5);
    octets[39] = 1; /* the block of version 1: one type, one character */
    octets[43] = 1;
    n = 44 + 6 + 1;
    memcpy(octets + n, "TZif2", 5);
    octets[n + 35] = 1;
    octets[n + 39] = 2;
    octets[n + 43] = 1;
    n += 44;
    for (int i = 0; i < 8; i++)
        octets[n++] = (uint8_t)(at >> (56 - 8 * i));
    octets[n++] = 1;
    memcpy(octets + n, types, sizeof(types));
    n += sizeof(types) + 1;
    octets[n++] = '\n';
    memcpy(octets + n, footer, strlen(footer));
    n += strlen(footer);
    octets[n++] = '\n';
    return slice_of(octets, n);
}

static int32_t
offset(const char *footer, int64_t at)
{
    const char *why;
    const struct zone *z = zone_parse(&arena, table(1000, footer), &why);

    check(z != NULL);
    return zone_local(z, (uint64_t)at * 1000).offset_s;
}

static void
rules_in_all_their_forms(void)
{
    check_number(offset("", 999), 0);
    check_number(offset("", 1000), 3600); /* without a rule the last offset stays */
    check_number(offset("", utc(2100, 1, 1, 0, 0, 0)), 3600);
    check_number(offset("ABC-2:30", 1000), 9000);
    check_number(offset("<+02>-2", 1000), 7200);
    check_number(offset("ABC3:00:01", 1000), -10801);
}

static void
julian_days(void)
{
    /* Days of the year, with and without 29 February. */
    check_number(offset("ABC0DEF,J60/0,J61/0", utc(2024, 3, 1, 0, 0, 0)), 3600);
    check_number(offset("ABC0DEF,J60/0,J61/0", utc(2024, 2, 29, 23, 59, 59)), 0);
    check_number(offset("ABC0DEF,J60/0,J61/0", utc(2023, 3, 1, 0, 0, 0)), 3600);
    check_number(offset("ABC0DEF,59/0,60/0", utc(2024, 2, 29, 0, 0, 0)), 3600);
    check_number(offset("ABC0DEF,59/0,60/0", utc(2023, 3, 1, 0, 0, 0)), 3600);
    check_number(offset("ABC0DEF,59/0,60/0", utc(2023, 3, 2, 0, 0, 0)), 0);
    /* All year, and hours that lie in other days. */
    check_number(offset("ABC0DEF,0/0,J365/25", utc(2023, 12, 31, 23, 59, 59)), 3600);
    check_number(offset("ABC0DEF-2,M3.5.0/-1,M10.5.0/48", utc(2026, 3, 28, 23, 0, 0)), 7200);
    check_number(offset("ABC0DEF-2,M3.5.0/-1,M10.5.0/48", utc(2026, 3, 28, 22, 59, 59)), 0);
    check_number(offset("ABC0DEF-2,M3.5.0/-1,M10.5.0/48", utc(2026, 10, 26, 21, 59, 59)), 7200);
    check_number(offset("ABC0DEF-2,M3.5.0/-1,M10.5.0/48", utc(2026, 10, 26, 22, 0, 0)), 0);
    conf_arena_clear(&arena);
}

static void
y21_damaged_tables(void)
{
    static const char *const footers[] = {"AB0",     "ABC",           "ABC25",
                                          "ABC0DEF", "ABC0DEF,",      "ABC0DEF,M3.5",
                                          "<AB",     "ABC0DEF,J0,J1", "ABC0DEF,M0.1.1,J1",
                                          "ABC0 ",   "ABC0:60",       "ABC0DEF,J1,J366"};
    const char *why;
    struct slice whole = table(1000, "ABC-1");
    uint8_t copy[sizeof(octets)];
    size_t n = whole.n;

    for (size_t i = 0; i < sizeof(footers) / sizeof(footers[0]); i++)
        check(zone_parse(&arena, table(1000, footers[i]), &why) == NULL);
    whole = table(1000, "ABC-1");
    check(zone_parse(&arena, whole, &why) != NULL);
    memcpy(copy, octets, sizeof(copy));
    /* Cut at every octet, in memory of exactly that size, so that a sanitizer sees one too far. */
    for (size_t cut = 0; cut < n; cut++) {
        uint8_t *part = malloc(cut + (cut == 0));

        memcpy(part, copy, cut);
        check(zone_parse(&arena, slice_of(part, cut), &why) == NULL);
        free(part);
    }
    /* Every octet wrong in turn: no crash, whatever comes out. */
    for (size_t i = 0; i < n; i++) {
        const struct zone *z;

        memcpy(octets, copy, sizeof(copy));
        octets[i] ^= 0xFF;
        z = zone_parse(&arena, slice_of(octets, n), &why);
        if (z)
            (void)zone_local(z, 1767225600000);
    }
    conf_arena_clear(&arena);
}

static void
y21_names(void)
{
    static const char *const names[] = {"",       "Europe",  "/etc/passwd", "../Europe/London",
                                        "posix/", "zone.tab", "right/UTC",   "tzdata.zi",
                                        "Europe//London", "Mars/Olympus"};
    char near[ZONE_NAME_BYTES_MAX];
    const char *why;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        check(zone_load(&arena, names[i], &why) == NULL);
    check(zone_suggest("europe/london", near));
    check_text(slice_str(near), "Europe/London");
    check(zone_suggest("America/NewYork", near));
    check_text(slice_str(near), "America/New_York");
    check(zone_suggest("America/Argentina/Saltq", near));
    check_text(slice_str(near), "America/Argentina/Salta");
    check(!zone_suggest("Mars/Olympus", near));
    conf_arena_clear(&arena);
}

#define CASE(name) {#name, name}
CHECK_MAIN(CASE(r_auto_1_clocks_change_at_the_second), CASE(r_auto_1_without_summer_time),
           CASE(r_auto_1_years_behind_the_table), CASE(r_auto_1_the_library_agrees),
           CASE(rules_in_all_their_forms), CASE(julian_days), CASE(y21_damaged_tables),
           CASE(y21_names))
