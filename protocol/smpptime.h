/*
 * smpptime.h: schedule_delivery_time and validity_period (SMPP 3.4 section 7.1.1, 5.0 4.7.23; conformance T1..T4).
 */
#ifndef TANDEM_SMPPTIME_H
#define TANDEM_SMPPTIME_H

#include "protocol/slice.h"

enum smpptime_err { SMPPTIME_OK, SMPPTIME_EMPTY, SMPPTIME_BAD };

/* Reads the 16-character form. now_ms and *out_ms are milliseconds since 1970 UTC. Relative times are added to now by
 * the calendar. Years 38..99 are 19xx (T3). */
enum smpptime_err smpptime_parse(struct slice text, uint64_t now_ms, uint64_t *out_ms);
/* Writes the absolute form in UTC ("...00+"), 16 characters and a NUL. */
#define SMPPTIME_BYTES 17u
void smpptime_format(uint64_t at_ms, char out[SMPPTIME_BYTES]);

#endif
