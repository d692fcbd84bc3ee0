/*
 * temp_store.h: stores in temporary directories, for the tests of everything that has a store.
 */
#ifndef TANDEM_TEMP_STORE_H
#define TANDEM_TEMP_STORE_H

#include "store/store.h"

/* A new directory of mode 0700; removed when the case ends. The name lives on. */
const char *temp_dir(void);
/* dir/name, in one of 64 static buffers. */
const char *temp_path(const char *dir, const char *name);

/* Small, on any file system; the same uuid every time. */
struct store_options temp_options(const char *dir);
/* Opens or creates; ends the case if that fails. */
struct store *temp_store(const char *dir);
/* Opens; checks that the result is `want` and the line contains `text`. */
void temp_open_fails(const char *dir, enum store_err want, const char *text);

/* A row of text, written and compared; the commit. */
void temp_put(struct store_txn *txn, enum store_table table, const char *key, const char *value);
void temp_check_row(struct store_txn *txn, enum store_table table, const char *key,
                    const char *want);
void temp_commit(struct store_txn *txn);
/* A directory with a store that has some rows in every kind of page: leaves, branches, overflow. */
const char *temp_filled(void);

/* Ends the case unless every table, META too, holds the same octets. */
void temp_same(struct store *a, struct store *b);

/* Runs f in a child, its stderr thrown away: the exit status, or 128 + signal. */
int run_apart(void (*f)(void *argument), void *argument);

#endif
