/*
 * ctl_table.c: see ctl_table.h.
 */
#include "gateway/ctl_table.h"

#include <stdlib.h>
#include <string.h>

#define CELL_BYTES 400u
#define COLUMNS_MAX 32u

static const char *
cell(const json_t *value, char out[CELL_BYTES])
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        snprintf(out, CELL_BYTES, "%s", json_string_value(value));
        break;
    case JSON_INTEGER:
        snprintf(out, CELL_BYTES, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_TRUE:
        return "yes";
    case JSON_FALSE:
        return "no";
    case JSON_NULL:
        return "-";
    case JSON_REAL:
    case JSON_OBJECT:
    case JSON_ARRAY:
        return "?";
    }
    for (char *p = out; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    }
    return out[0] ? out : "-";
}

/* Characters, as far as one place in a terminal is one code point. */
static size_t
width_of(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

struct columns {
    const char *name[COLUMNS_MAX];
    size_t width[COLUMNS_MAX];
    size_t count;
};

static void
measure(const json_t *rows, struct columns *columns)
{
    char text[CELL_BYTES];
    const char *name;
    json_t *value;

    json_object_foreach(json_array_get(rows, 0), name, value) {
        if (columns->count == COLUMNS_MAX)
            break;
        columns->name[columns->count] = name;
        columns->width[columns->count++] = strlen(name);
    }
    for (size_t i = 0; i < json_array_size(rows); i++) {
        for (size_t k = 0; k < columns->count; k++) {
            size_t n;

            value = json_object_get(json_array_get(rows, i), columns->name[k]);
            n = value ? width_of(cell(value, text)) : 1;
            if (n > columns->width[k])
                columns->width[k] = n;
        }
    }
}

/* Numbers stand to the right. The last column is not filled up. */
static void
put_cell(const struct columns *columns, size_t k, const char *text, bool right, FILE *out)
{
    int fill = (int)(columns->width[k] - width_of(text));

    if (k > 0)
        fputs("  ", out);
    if (right)
        fprintf(out, "%*s", fill, "");
    fputs(text, out);
    if (!right && k + 1 < columns->count)
        fprintf(out, "%*s", fill, "");
}

void
ctl_table(const json_t *rows, FILE *out)
{
    struct columns columns = {.count = 0};
    char text[CELL_BYTES];

    if (json_array_size(rows) == 0)
        return;
    measure(rows, &columns);
    for (size_t k = 0; k < columns.count; k++)
        put_cell(&columns, k, columns.name[k],
                 json_is_integer(json_object_get(json_array_get(rows, 0), columns.name[k])), out);
    fputc('\n', out);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        for (size_t k = 0; k < columns.count; k++) {
            const json_t *value = json_object_get(json_array_get(rows, i), columns.name[k]);

            put_cell(&columns, k, value ? cell(value, text) : "-", json_is_integer(value), out);
        }
        fputc('\n', out);
    }
}

void
ctl_list(json_t *row, FILE *out)
{
    char text[CELL_BYTES];
    const char *name;
    json_t *value;
    int width = 0;

    json_object_foreach(row, name, value) {
        if ((int)strlen(name) > width)
            width = (int)strlen(name);
    }
    json_object_foreach(row, name, value) {
        fprintf(out, "%-*s  %s\n", width, name, cell(value, text));
    }
}

/* --- CSV --- */

/* Empty cells are empty here, and nothing is cut: numbers are short, texts are as they are. */
static void
put_csv(const json_t *value, FILE *out)
{
    char number[CELL_BYTES];
    bool text = json_is_string(value);
    const char *p = text ? json_string_value(value) : value ? cell(value, number) : "";

    if (!text && (!value || json_is_null(value)))
        p = "";
    if (text && *p && strchr("=+-@\t\r", *p))
        fputs(strpbrk(p, ",\"\r\n") ? "\"'" : "'", out);
    else if (strpbrk(p, ",\"\r\n"))
        fputc('"', out);
    for (const char *c = p; *c; c++) {
        if (*c == '"')
            fputc('"', out);
        fputc(*c, out);
    }
    if (strpbrk(p, ",\"\r\n"))
        fputc('"', out);
}

void
ctl_csv_head(json_t *row, FILE *out)
{
    const char *name;
    json_t *value;
    size_t k = 0;

    json_object_foreach(row, name, value)
        fprintf(out, "%s%s", k++ ? "," : "", name);
    fputs("\r\n", out);
}

void
ctl_csv_row(json_t *head, const json_t *row, FILE *out)
{
    const char *name;
    json_t *value;
    size_t k = 0;

    json_object_foreach(head, name, value) {
        if (k++ > 0)
            fputc(',', out);
        put_csv(json_object_get(row, name), out);
    }
    fputs("\r\n", out);
}

void
ctl_csv(const json_t *rows, FILE *out)
{
    json_t *first = json_array_get(rows, 0);

    if (first)
        ctl_csv_head(first, out);
    for (size_t i = 0; i < json_array_size(rows); i++)
        ctl_csv_row(first, json_array_get(rows, i), out);
}

/* --- order --- */

static int
compare(const json_t *a, const json_t *b)
{
    char left[CELL_BYTES], right[CELL_BYTES];

    if (json_is_integer(a) && json_is_integer(b))
        return json_integer_value(a) < json_integer_value(b)
                   ? -1
                   : json_integer_value(a) > json_integer_value(b);
    return strcmp(a ? cell(a, left) : "", b ? cell(b, right) : "");
}

/* A row, and where it stood: what is equal stays in order. */
struct sorted {
    json_t *row;
    const json_t *by;
    size_t at;
    bool down;
};

static int
in_order(const void *left, const void *right)
{
    const struct sorted *a = left, *b = right;
    int order = compare(a->by, b->by);

    if (order != 0)
        return a->down ? -order : order;
    return a->at < b->at ? -1 : 1;
}

bool
ctl_sort(json_t *rows, const char *column)
{
    size_t n = json_array_size(rows);
    struct sorted *sorted = calloc(n + 1, sizeof(*sorted));
    bool down = column[0] == '-', found = false;

    if (!sorted)
        return false;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = (struct sorted){json_incref(json_array_get(rows, i)),
                                    json_object_get(json_array_get(rows, i), column + down), i,
                                    down};
        found = found || sorted[i].by;
    }
    qsort(sorted, n, sizeof(*sorted), in_order);
    json_array_clear(rows);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rows, sorted[i].row);
    free(sorted);
    return found;
}
