/*
 * ctl_table.h: rows of an answer as a table for a person: columns in the order of the first row,
 * as wide as what stands in them. Separate from ctl.c because it knows nothing of commands.
 */
#ifndef TANDEM_CTL_TABLE_H
#define TANDEM_CTL_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* rows is an array of objects. Control characters are shown as "?": a terminal must not obey what
 * somebody put into a name. */
void ctl_table(const json_t *rows, FILE *out);
/* The same for other programs (RFC 4180): a line of names, then a line for each row. A cell that a
 * spreadsheet would run as a formula gets a "'" in front (R-num-6). */
void ctl_csv(const json_t *rows, FILE *out);
/* The same line by line, as rows come: head is the first of them. */
void ctl_csv_head(json_t *head, FILE *out);
void ctl_csv_row(json_t *head, const json_t *row, FILE *out);
/* By a column, numbers by their value; "-" in front of its name: downwards. Rows with the same keep
 * their order. False: no row has it. */
bool ctl_sort(json_t *rows, const char *column);
/* One object, a value a line. */
void ctl_list(json_t *row, FILE *out);

#endif
