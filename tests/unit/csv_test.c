/*
 * csv_test.c: tables of text (RFC 4180), whole and in pieces, good and bad.
 */
#include "protocol/csv.h"

#include <string.h>

#include "tests/unit/check.h"

static uint8_t out[1000];

static enum csv_err
read_one(const char *text, bool last, struct csv_record *record)
{
    struct slice rest = slice_str(text);

    return csv_next(&rest, last, out, record);
}

static void
csv_cells_and_quotes(void)
{
    struct slice rest = slice_str("a,\"b,\"\"c\"\"\r\nd\",\r\nlast,,x\n\n\"\"");
    struct csv_record record;

    check_number(csv_next(&rest, true, out, &record), CSV_OK);
    check_number(record.cells, 3);
    check_number(record.lines, 2);
    check_text(record.cell[0], "a");
    check_text(record.cell[1], "b,\"c\"\r\nd");
    check_text(record.cell[2], "");
    check_number(csv_next(&rest, true, out, &record), CSV_OK);
    check_number(record.cells, 3);
    check_text(record.cell[2], "x");
    check_number(csv_next(&rest, true, out, &record), CSV_OK);
    check(record.blank);
    check_number(csv_next(&rest, true, out, &record), CSV_OK);
    check(!record.blank);
    check_number(record.cells, 1);
    check_number(csv_next(&rest, true, out, &record), CSV_END);
}

static void
csv_bad_records_are_passed_over(void)
{
    static const char *const bare[] = {"a\"b,c\nnext", "\"a\"b,c\nnext", "a,\" \" ,c\nnext"};
    struct csv_record record;
    struct slice rest;
    char many[100];

    for (size_t i = 0; i < 3; i++) {
        rest = slice_str(bare[i]);
        check_number(csv_next(&rest, true, out, &record), CSV_BARE_QUOTE);
        check_number(record.lines, 1);
        check_text(rest, "next");
    }
    memset(many, ',', sizeof(many));
    many[CSV_CELLS_MAX] = '\n';
    many[CSV_CELLS_MAX + 1] = '\0';
    rest = slice_str(many);
    check_number(csv_next(&rest, true, out, &record), CSV_TOO_MANY_CELLS);
    check_number(rest.n, 0);
    check_number(record.cells, CSV_CELLS_MAX);
    many[CSV_CELLS_MAX - 1] = '\n';
    many[CSV_CELLS_MAX] = '\0';
    check_number(read_one(many, true, &record), CSV_OK);
    check_number(record.cells, CSV_CELLS_MAX);
    check_number(read_one("a,\"b\nc,d\n", true, &record), CSV_OPEN_QUOTE);
    check_number(read_one("a,\"b\nc,d\n", false, &record), CSV_MORE);
}

/* However it is cut, what is read is the same. */
static void
csv_in_pieces(void)
{
    static const char text[] = "a,\"b\"\"\r\n\",c\r\n\"d\",\r\n";
    struct csv_record record;
    struct slice rest;

    for (size_t n = 0; n < 13; n++) {
        rest = slice_of(text, n);
        check_number(csv_next(&rest, false, out, &record), CSV_MORE);
        check_number(rest.n, n);
    }
    rest = slice_of(text, 13);
    check_number(csv_next(&rest, false, out, &record), CSV_OK);
    check_number(record.cells, 3);
    check_text(record.cell[1], "b\"\r\n");
    rest = slice_of(text + 13, 4);
    check_number(csv_next(&rest, false, out, &record), CSV_MORE);
    check_number(csv_next(&rest, true, out, &record), CSV_OK);
    check_text(record.cell[0], "d");
}

static void
h40_csv_formulas(void)
{
    check(csv_is_formula(slice_str("=1")) && csv_is_formula(slice_str("+1")) &&
          csv_is_formula(slice_str("-1")) && csv_is_formula(slice_str("@x")) &&
          csv_is_formula(slice_str("\tx")) && csv_is_formula(slice_str("\rx")));
    check(!csv_is_formula(slice_str("")) && !csv_is_formula(slice_str("x=")) &&
          !csv_is_formula(slice_of("\0x", 2)));
    check_text(csv_unguarded(slice_str("'=1")), "=1");
    check_text(csv_unguarded(slice_str("'n Sync")), "'n Sync");
    check_text(csv_unguarded(slice_str("'")), "'");
    check_text(csv_unguarded(slice_str("")), "");
}

CHECK_MAIN({"csv_cells_and_quotes", csv_cells_and_quotes},
           {"csv_bad_records_are_passed_over", csv_bad_records_are_passed_over},
           {"csv_in_pieces", csv_in_pieces},
           {"h40_csv_formulas", h40_csv_formulas})
