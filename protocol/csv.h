/*
 * csv.h: reads tables of text as RFC 4180 has them: cells with commas between, a cell in quotes may
 * hold commas, line ends and doubled quotes. Line ends are CR LF or LF.
 *
 * Records are read one at a time off the front of what is there; a reader of a long file gives it
 * in pieces, and a record that is not whole yet is asked for again with more behind it.
 */
#ifndef TANDEM_CSV_H
#define TANDEM_CSV_H

#include "protocol/slice.h"

/* More columns than any table of ours has. */
#define CSV_CELLS_MAX 32u

enum csv_err {
    CSV_OK,
    CSV_END,            /* nothing is left */
    CSV_MORE,           /* the record is not whole, and there is more of the file */
    CSV_OPEN_QUOTE,     /* the file ends within a cell in quotes */
    CSV_BARE_QUOTE,     /* a quote within a cell that has none around it, or something behind the
                           closing one */
    CSV_TOO_MANY_CELLS,
    CSV_ERRS
};
const char *csv_err_name(enum csv_err err);

struct csv_record {
    struct slice cell[CSV_CELLS_MAX];   /* point into out */
    uint32_t cells;
    uint32_t lines;                     /* line ends in it, its own one counted */
    bool blank;                         /* just a line end */
};

/* Takes the next record off the front of *rest; out has room for rest->n octets. last: there is
 * nothing behind rest. After BARE_QUOTE and TOO_MANY_CELLS *rest stands behind the record all the
 * same, and lines is set; after the others *rest is as it was. */
enum csv_err csv_next(struct slice *rest, bool last, uint8_t *out, struct csv_record *record);

/* A cell as it was before somebody put a ' in front, so that no spreadsheet runs it (R-num-6). */
struct slice csv_unguarded(struct slice cell);
/* Would a spreadsheet run it? */
bool csv_is_formula(struct slice cell);

#endif
