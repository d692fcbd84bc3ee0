/*
 * export.h: rows of the store as lines of JSON.
 *
 *     {"table":"message","key":{"message":7},"record":{"state":"sent",...}}
 *
 * Tables of records show the record; others their value by the shape of the table.
 */
#ifndef TANDEM_EXPORT_H
#define TANDEM_EXPORT_H

#include <stdio.h>

#include "store/store.h"

struct key_copy {
    size_t n;
    uint8_t b[STORE_KEY_BYTES_MAX + 1];
};

struct export {
    char *p;                        /* lines not written yet */
    size_t n, cap;
};

bool export_init(struct export *out);
void export_release(struct export *out);
void export_row(struct export *out, enum store_table table, struct slice key, struct slice value);
/* Time to write. */
bool export_full(const struct export *out);
bool export_write(struct export *out, FILE *file);

#endif
