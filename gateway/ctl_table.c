/*
 * ctl_table.c: see ctl_table.h.
 */
#include "gateway/ctl_table.h"

#include <stdbool.h>
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
