/*
 * csv.c: see csv.h.
 */
#include "protocol/csv.h"

#include <string.h>

const char *
csv_err_name(enum csv_err err)
{
    static const char *const names[CSV_ERRS] = {
        [CSV_OK] = "ok",
        [CSV_END] = "end",
        [CSV_MORE] = "more",
        [CSV_OPEN_QUOTE] = "a quote that is not closed",
        [CSV_BARE_QUOTE] = "a quote where none can be",
        [CSV_TOO_MANY_CELLS] = "too many cells",
    };

    return (unsigned)err < CSV_ERRS ? names[err] : "?";
}

struct reader {
    struct slice in;
    size_t at;
    bool last;
    uint8_t *out;
    size_t n;
    uint32_t lines;
    enum csv_err err; /* of what could be read all the same */
};

/* At a line end, or at the end of the file: its length in *n. */
static bool
at_line_end(const struct reader *r, size_t *n)
{
    size_t left = r->in.n - r->at;
    const uint8_t *p = r->in.p + r->at;

    *n = 0;
    if (left == 0)
        return true;
    if (p[0] == '\n')
        *n = 1;
    else if (p[0] == '\r' && left > 1 && p[1] == '\n')
        *n = 2;
    else if (p[0] == '\r' && left == 1 && r->last)
        *n = 1;
    return *n > 0;
}

/* Behind the opening quote; false: there is no closing one. */
static bool
take_quoted(struct reader *r)
{
    while (r->at < r->in.n) {
        uint8_t c = r->in.p[r->at++];

        if (c == '"') {
            if (r->at == r->in.n || r->in.p[r->at] != '"')
                return true;
            r->at++;
        }
        r->lines += c == '\n';
        r->out[r->n++] = c;
    }
    return false;
}

/* One cell; what stands behind it is a comma or a line end. False: the file ends in quotes. */
static bool
take_cell(struct reader *r, struct slice *cell)
{
    bool quoted = r->at < r->in.n && r->in.p[r->at] == '"';
    size_t start = r->n, end;

    if (quoted) {
        r->at++;
        if (!take_quoted(r))
            return false;
    }
    while (!at_line_end(r, &end) && r->in.p[r->at] != ',') {
        if (quoted || r->in.p[r->at] == '"')
            r->err = CSV_BARE_QUOTE;
        r->out[r->n++] = r->in.p[r->at++];
    }
    *cell = slice_of(r->out + start, r->n - start);
    return true;
}

enum csv_err
csv_next(struct slice *rest, bool last, uint8_t *out, struct csv_record *record)
{
    struct reader r = {.in = *rest, .last = last, .out = out};
    size_t end;

    *record = (struct csv_record){.cells = 0};
    if (rest->n == 0)
        return last ? CSV_END : CSV_MORE;
    for (;;) {
        struct slice cell;

        if (!take_cell(&r, &cell))
            return last ? CSV_OPEN_QUOTE : CSV_MORE;
        if (record->cells < CSV_CELLS_MAX)
            record->cell[record->cells++] = cell;
        else
            r.err = CSV_TOO_MANY_CELLS;
        if (at_line_end(&r, &end))
            break;
        r.at++; /* the comma */
    }
    if (end == 0 && !last)
        return CSV_MORE;
    r.at += end;
    record->lines = r.lines + 1;
    record->blank = record->cells == 1 && record->cell[0].n == 0 && r.at == end;
    *rest = slice_of(rest->p + r.at, rest->n - r.at);
    return r.err;
}

bool
csv_is_formula(struct slice cell)
{
    return cell.n > 0 && cell.p[0] != '\0' && strchr("=+-@\t\r", cell.p[0]) != NULL;
}

struct slice
csv_unguarded(struct slice cell)
{
    struct slice behind = slice_of(cell.p + 1, cell.n > 0 ? cell.n - 1 : 0);

    return cell.n > 1 && cell.p[0] == '\'' && csv_is_formula(behind) ? behind : cell;
}
