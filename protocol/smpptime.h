/*
 * smpptime.h: schedule_delivery_time and validity_period (SMPP 3.4 section 7.1.1, 5.0 4.7.23;
 * conformance T1..T4), and the calendar that they and the dates of receipts need. UTC only, no
 * tables of zones, no clock.
 */
#ifndef TANDEM_SMPPTIME_H
#define TANDEM_SMPPTIME_H

#include "protocol/slice.h"

enum smpptime_err { SMPPTIME_OK, SMPPTIME_EMPTY, SMPPTIME_BAD, SMPPTIME_ERRS };
const char *smpptime_err_name(enum smpptime_err err);

/* Reads the 16-character form. now_ms and *out_ms are milliseconds since 1970 UTC. Relative times
 * are added to now by the calendar: first years and months (the 31st becomes the month's last day
 * where there is none), then the rest; their fields keep the ranges of a date, and tenths and
 * quarter hours are not looked at. Years 38..99 are 19xx (T3); what is before 1970 comes out as 0.
 * Whether the result is too early or too late is the caller's to say (M31, M33, M34). */
enum smpptime_err smpptime_parse(struct slice text, uint64_t now_ms, uint64_t *out_ms);
/* Writes the absolute form in UTC ("...00+"), 16 characters and a NUL. A time after 2037 becomes
 * the end of 2037, since its two digits would be read as 19xx. */
#define SMPPTIME_BYTES 17u
void smpptime_format(uint64_t at_ms, char out[SMPPTIME_BYTES]);

/* A date and time of day, in UTC. */
struct calendar {
    int32_t year;
    uint8_t month, day;             /* from 1 */
    uint8_t hour, minute, second;
};
bool calendar_valid(const struct calendar *date);
/* Seconds since 1970; negative before. The date must be valid. */
int64_t calendar_to_s(const struct calendar *date);
void calendar_from_s(int64_t at_s, struct calendar *out);
/* Reads what people write (RFC 3339): "2026-12-01T09:00:00Z", with an offset as in "+01:00" in the
 * place of Z, without seconds, or the date alone, which is its midnight in UTC. False if it is none
 * of these, or before 1970. */
bool calendar_parse(struct slice text, uint64_t *out_ms);

#endif
