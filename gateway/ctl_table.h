/*
 * ctl_table.h: rows of an answer as a table for a person: columns in the order of the first row,
 * as wide as what stands in them. Separate from ctl.c because it knows nothing of commands.
 */
#ifndef TANDEM_CTL_TABLE_H
#define TANDEM_CTL_TABLE_H

#include <jansson.h>
#include <stdio.h>

/* rows is an array of objects. Control characters are shown as "?": a terminal must not obey what
 * somebody put into a name. */
void ctl_table(const json_t *rows, FILE *out);
/* One object, a value a line. */
void ctl_list(json_t *row, FILE *out);

#endif
