/*
 * smpp_rows.h: the PDUs of the bad-input list, by row.
 */
#ifndef TANDEM_SMPP_ROWS_H
#define TANDEM_SMPP_ROWS_H

#include "protocol/slice.h"

struct smpp_row {
    const char *id;    /* "M05" */
    const char *state; /* any, open, bound, rx: an app sends it; smsc, esme: a carrier */
    const char *hex;
};

extern const struct smpp_row smpp_rows[];
extern const size_t smpp_rows_count;

#define SMPP_ROW_BYTES_MAX 66000u
/* The octets of a row, in buf; ends the case if there is no such row. */
struct slice smpp_row_get(const char *id, uint8_t *buf, size_t cap);

#endif
