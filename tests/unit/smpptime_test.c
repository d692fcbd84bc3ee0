/*
 * smpptime_test.c: the times of SMPP (conformance T1 to T4; rows M27 to M34).
 */
#include "protocol/smpptime.h"
#include "tests/unit/check.h"

/* 2026-11-21 12:00:00.250 UTC */
#define NOW_MS 1795262400250u

static uint64_t
seconds(int32_t year, unsigned month, unsigned day, unsigned time)
{
    struct calendar date = {year,
                            (uint8_t)month,
                            (uint8_t)day,
                            (uint8_t)(time / 10000),
                            (uint8_t)(time / 100 % 100),
                            (uint8_t)(time % 100)};

    return (uint64_t)calendar_to_s(&date);
}

static void
check_time(const char *text, uint64_t want_ms)
{
    uint64_t have = 1;

    check_number(smpptime_parse(slice_str(text), NOW_MS, &have), SMPPTIME_OK);
    check_number(have, want_ms);
}

static void
check_bad(const char *text)
{
    uint64_t have;

    check_number(smpptime_parse(slice_str(text), NOW_MS, &have), SMPPTIME_BAD);
}

static void
calendar_known_days(void)
{
    check_number(seconds(1970, 1, 1, 0), 0);
    check_number(seconds(2000, 2, 29, 235959), 951868799);
    check_number(seconds(2026, 11, 21, 120000), NOW_MS / 1000);
    check_number(seconds(2100, 3, 1, 0), 4107542400);
    check_number((int64_t)seconds(1969, 12, 31, 235959), -1);
}

static void
calendar_goes_both_ways(void)
{
    for (int64_t at = -70000000000; at < 260000000000; at += 86399 * 37) {
        struct calendar date;
        int64_t want = at > 253402300799 ? 253402300799 : at < -62167219200 ? -62167219200 : at;

        calendar_from_s(at, &date);
        check(calendar_valid(&date));
        check_number(calendar_to_s(&date), want);
    }
    for (int64_t at = 0; at < 4 * 366; at++) {
        struct calendar date;

        calendar_from_s(at * 86400 + 951696000, &date);
        check_number(calendar_to_s(&date), at * 86400 + 951696000);
    }
}

static void
calendar_extremes_do_not_overflow(void)
{
    struct calendar date;

    calendar_from_s(INT64_MAX, &date);
    check_number(date.year, 9999);
    calendar_from_s(INT64_MIN, &date);
    check_number(date.year, 0);
}

static void
smpp_t1_absolute(void)
{
    check_time("261121120000000+", seconds(2026, 11, 21, 120000) * 1000);
    check_time("261121120000900+", seconds(2026, 11, 21, 120000) * 1000 + 900);
    check_time("261121120000004+", seconds(2026, 11, 21, 110000) * 1000);
    check_time("261121120000004-", seconds(2026, 11, 21, 130000) * 1000);
    check_time("261121120000048-", seconds(2026, 11, 22, 0) * 1000);
    check_time("261121120000048+", seconds(2026, 11, 21, 0) * 1000);
    check_time("240229235959000-", seconds(2024, 2, 29, 235959) * 1000);
}

static void
smpp_t2_relative(void)
{
    check_time("020610233429000R", seconds(2029, 6, 1, 113429) * 1000 + 250);
    check_time("000000000001000R", NOW_MS + 1000);
    check_time("000001000000000R", NOW_MS + 86400000u);
    check_time("000000235959948R", NOW_MS + 86399000u); /* t and nn are not looked at */
    check_time("000100000000000R", seconds(2026, 12, 21, 120000) * 1000 + 250);
    check_time("001200000000000R", seconds(2027, 11, 21, 120000) * 1000 + 250);
    check_time("990000000000000R", seconds(2125, 11, 21, 120000) * 1000 + 250);
}

static void
smpp_t2_relative_month_ends(void)
{
    uint64_t have;

    check_number(
        smpptime_parse(slice_str("000100000000000R"), seconds(2027, 1, 31, 0) * 1000, &have),
        SMPPTIME_OK);
    check_number(have, seconds(2027, 2, 28, 0) * 1000);
    check_number(
        smpptime_parse(slice_str("000100000000000R"), seconds(2028, 1, 31, 0) * 1000, &have),
        SMPPTIME_OK);
    check_number(have, seconds(2028, 2, 29, 0) * 1000);
    check_number(
        smpptime_parse(slice_str("010000000000000R"), seconds(2028, 2, 29, 0) * 1000, &have),
        SMPPTIME_OK);
    check_number(have, seconds(2029, 2, 28, 0) * 1000);
}

static void
smpp_t3_year_pivot(void)
{
    check_time("371231235959000+", seconds(2037, 12, 31, 235959) * 1000);
    check_time("990101000000000+", seconds(1999, 1, 1, 0) * 1000);
    check_time("700101000000000+", 0);
    check_time("380101000000000+", 0);
    check_time("691231235959000+", 0);
}

static void
smpp_t4_lengths(void)
{
    static const char text[] = "261121120000000+";
    uint64_t have;

    check_number(smpptime_parse(SLICE_NONE, NOW_MS, &have), SMPPTIME_EMPTY);
    for (size_t n = 1; n < 16; n++)
        check_number(smpptime_parse(slice_of(text, n), NOW_MS, &have), SMPPTIME_BAD);
    check_number(smpptime_parse(slice_of(text, 16), NOW_MS, &have), SMPPTIME_OK);
    check_number(smpptime_parse(slice_of(text, 17), NOW_MS, &have), SMPPTIME_BAD);
}

static void
m27_to_m32_bad_forms(void)
{
    check_bad("2611311200000");
    check_bad("261301120000000+");
    check_bad("260001120000000+");
    check_bad("260230120000000+");
    check_bad("250229120000000+");
    check_bad("261131120000000+");
    check_bad("261100120000000+");
    check_bad("261122246000049+");
    check_bad("261122240000000+");
    check_bad("261122126000000+");
    check_bad("261122120060000+");
    check_bad("261122120000049+");
    check_bad("261122120000049-");
    check_bad("26112212000000000");
    check_bad("261122120000000r");
    check_bad("261122120000000 ");
    check_bad("2611221200000 0+");
    check_bad("+61122120000000+");
    check_bad("/61122120000000+");
    check_bad(":61122120000000+");
    check_bad("001300000000000R");
    check_bad("000032000000000R");
    check_bad("000000240000000R");
    check_bad("000000006000000R");
    check_bad("000000000060000R");
    check_bad("00000000000000xR");
}

static void
m31_m33_m34_are_told_by_the_caller(void)
{
    check_time("361122120000000+", seconds(2036, 11, 22, 120000) * 1000);
    check_time("000000000000000R", NOW_MS);
    check_time("200101000000000+", seconds(2020, 1, 1, 0) * 1000);
}

static void
format_is_read_back(void)
{
    char text[SMPPTIME_BYTES];

    smpptime_format(NOW_MS, text);
    check_text(slice_of(text, strlen(text)), "261121120000200+");
    smpptime_format(0, text);
    check_text(slice_of(text, strlen(text)), "700101000000000+");
    smpptime_format(UINT64_MAX, text);
    check_text(slice_of(text, strlen(text)), "371231235959900+");
    for (uint64_t at = 0; at < 2145916799000; at += 86399u * 1000 * 3 + 100) {
        uint64_t have;

        smpptime_format(at, text);
        check_number(smpptime_parse(slice_of(text, 16), NOW_MS, &have), SMPPTIME_OK);
        check_number(have, at);
    }
}

static void
calendar_as_people_write_it(void)
{
    static const struct {
        const char *text;
        uint64_t at_s; /* 0: refused */
    } rows[] = {
        {"2026-12-01", 1796083200},
        {"2026-12-01T09:00:00Z", 1796115600},
        {"2026-12-01T09:00Z", 1796115600},
        {"2026-12-01T10:00:00+01:00", 1796115600},
        {"2026-12-01T03:30-05:30", 1796115600},
        {"2028-02-29", 1835395200},
        {"2027-02-29", 0},
        {"2026-13-01", 0},
        {"2026-12-01T24:00Z", 0},
        {"2026-12-01T09:00", 0},
        {"2026-12-01 09:00Z", 0},
        {"2026-12-01T09:00:00+15:00", 0},
        {"2026-12-01T09:00Z ", 0},
        {"26-12-01", 0},
        {"1969-12-31", 0},
        {"", 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t at_ms = 0;
        bool good = calendar_parse(slice_str(rows[i].text), &at_ms);

        check_number(good, rows[i].at_s != 0);
        check_number(good ? at_ms / 1000 : 0, rows[i].at_s);
    }
}

CHECK_MAIN({"calendar_as_people_write_it", calendar_as_people_write_it},
           {"calendar_known_days", calendar_known_days},
           {"calendar_goes_both_ways", calendar_goes_both_ways},
           {"calendar_extremes_do_not_overflow", calendar_extremes_do_not_overflow},
           {"smpp_t1_absolute", smpp_t1_absolute},
           {"smpp_t2_relative", smpp_t2_relative},
           {"smpp_t2_relative_month_ends", smpp_t2_relative_month_ends},
           {"smpp_t3_year_pivot", smpp_t3_year_pivot},
           {"smpp_t4_lengths", smpp_t4_lengths},
           {"m27_to_m32_bad_forms", m27_to_m32_bad_forms},
           {"m31_m33_m34_are_told_by_the_caller", m31_m33_m34_are_told_by_the_caller},
           {"format_is_read_back", format_is_read_back})
