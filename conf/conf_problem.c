/*
 * conf_problem.c: collects what is wrong with a configuration, in the form "file:line:column:
 * key.path: reason".
 *
 * Separate from those who find the problems, so that every line looks the same and they come out in
 * the order of the files, however they were found.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf_int.h"

#define REASON_BYTES 512u
#define PATH_BYTES 256u

struct conf_problem {
    const char *line_text;
    uint32_t order, line, column;
    size_t sequence;
};

/* An escaped copy of text: nothing in a file can forge a line of the log or move a terminal's
 * cursor. */
const char *
conf_quoted(struct conf_quote *quote, struct slice text)
{
    size_t shown = text.n < CONF_QUOTE_BYTES_MAX ? text.n : CONF_QUOTE_BYTES_MAX, used = 0;

    /* Not in the middle of a character. */
    while (shown < text.n && shown > 0 && (text.p[shown] & 0xC0) == 0x80)
        shown--;
    for (size_t i = 0; i < shown; i++) {
        uint8_t c = text.p[i];
        bool c1 = c == 0xC2 && i + 1 < shown && text.p[i + 1] < 0xA0;

        if (c < 0x20 || c == 0x7F || c1)
            used += (size_t)snprintf(quote->text + used, sizeof(quote->text) - used, "\\x%02x",
                                     c1 ? text.p[++i] : c);
        else
            quote->text[used++] = (char)c;
    }
    snprintf(quote->text + used, sizeof(quote->text) - used, "%s", shown < text.n ? "..." : "");
    return quote->text;
}

/* Appends to a buffer, cutting what does not fit. */
__attribute__((format(printf, 3, 0))) static void
append(char *buf, size_t cap, const char *format, va_list args)
{
    size_t used = strlen(buf);

    vsnprintf(buf + used, cap - used, format, args);
}

__attribute__((format(printf, 3, 4))) static void
add(char *buf, size_t cap, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    append(buf, cap, format, args);
    va_end(args);
}

/* "accounts[0].agents[17].mobile" */
static void
add_path(char *buf, size_t cap, const struct conf_node *node)
{
    const struct conf_node *way[CONF_DEPTH_MAX + 2];
    struct conf_quote quote;
    size_t depth = 0;

    for (; node->parent; node = node->parent) {
        assert(depth < sizeof(way) / sizeof(way[0]));
        way[depth++] = node;
    }
    while (depth-- > 0) {
        if (way[depth]->parent->kind == NODE_LIST)
            add(buf, cap, "[%u]", way[depth]->index);
        else
            add(buf, cap, "%s%s", buf[0] ? "." : "", conf_quoted(&quote, way[depth]->key));
    }
}

static const struct conf_node *
root_of(const struct conf_node *node)
{
    while (node->parent)
        node = node->parent;
    return node;
}

static void
locate_node(const struct conf_place *place, struct conf_problem *problem, char *buf, size_t cap)
{
    const struct conf_node *node = place->node, *root = root_of(node), *child = NULL;
    char path[PATH_BYTES] = "";
    bool key = place->key;

    if (place->child && node->kind == NODE_MAP)
        child = conf_node_find(node, place->child);
    if (child)
        node = child;
    add_path(path, sizeof(path), node);
    if (place->child && !child)
        add(path, sizeof(path), "%s%s", path[0] ? "." : "", place->child);
    problem->order = root->index;
    problem->line = key ? node->key_line : node->line;
    problem->column = key ? node->key_column : node->column;
    add(buf, cap, "%.*s:%u:%u: %s%s", (int)root->key.n, (const char *)root->key.p, problem->line,
        problem->column, path, path[0] ? ": " : "");
}

static void
locate(const struct conf_place *place, struct conf_problem *problem, char *buf, size_t cap)
{
    if (place->warning)
        add(buf, cap, "warning: ");
    problem->order = place->order;
    problem->line = place->line;
    problem->column = place->column;
    if (place->node)
        locate_node(place, problem, buf, cap);
    else if (place->file && place->line > 0)
        add(buf, cap, "%s:%u:%u: ", place->file, place->line, place->column);
    else if (place->file)
        add(buf, cap, "%s: ", place->file);
}

static void
keep(struct conf_report *report, const struct conf_problem *problem)
{
    if (report->count == report->capacity) {
        size_t capacity = report->capacity ? report->capacity * 2 : 16;
        struct conf_problem *more = conf_alloc(report->arena, capacity * sizeof(*more));

        if (report->count > 0)
            memcpy(more, report->problems, report->count * sizeof(*more));
        report->problems = more;
        report->capacity = capacity;
    }
    report->problems[report->count++] = *problem;
}

void
conf_report_at(struct conf_report *report, const struct conf_place *place, const char *format, ...)
{
    char buf[CONF_PATH_BYTES_MAX + PATH_BYTES + REASON_BYTES] = "";
    struct conf_problem problem = {0};
    va_list args;

    report->errors += !place->warning;
    if (report->count >= CONF_PROBLEMS_MAX) {
        report->unshown++;
        return;
    }
    locate(place, &problem, buf, sizeof(buf));
    va_start(args, format);
    append(buf, sizeof(buf), format, args);
    va_end(args);
    problem.line_text = conf_copy(report->arena, slice_str(buf));
    problem.sequence = report->count;
    keep(report, &problem);
}

static int
by_position(const void *left, const void *right)
{
    const struct conf_problem *a = left, *b = right;

    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return a->sequence < b->sequence ? -1 : 1;
}

#define EXIT_PERMISSION 77 /* EX_NOPERM */
#define EXIT_CONFIG 78     /* EX_CONFIG */

void
conf_report_finish(struct conf_report *report, struct conf_problems *out)
{
    size_t count = report->count + (report->unshown > 0);

    memset(out, 0, sizeof(*out));
    if (report->unshown > 0) {
        char text[64];
        struct conf_problem rest = {.order = UINT32_MAX};

        snprintf(text, sizeof(text), "%zu more problems are not shown", report->unshown);
        rest.line_text = conf_copy(report->arena, slice_str(text));
        keep(report, &rest);
    }
    if (report->count > 0)
        qsort(report->problems, report->count, sizeof(*report->problems), by_position);
    if (report->errors > 0)
        out->exit_status = report->permission ? EXIT_PERMISSION : EXIT_CONFIG;
    /* The lines outlive the arenas and have an owner of their own. */
    out->lines = calloc(count + 1, sizeof(*out->lines));
    for (size_t i = 0; out->lines && i < count; i++) {
        out->lines[i] = strdup(report->problems[i].line_text);
        if (!out->lines[i])
            break;
        out->count++;
    }
}

void
conf_problems_free(struct conf_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        free(problems->lines[i]);
    free(problems->lines);
    memset(problems, 0, sizeof(*problems));
}
