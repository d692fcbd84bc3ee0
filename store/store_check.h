/*
 * store_check.h: looking at a store that may be damaged. LMDB checks nothing: it follows a bad page
 * number into SIGSEGV and a missing page into SIGBUS, so everything here that follows pages does so
 * in a child process.
 */
#ifndef TANDEM_STORE_CHECK_H
#define TANDEM_STORE_CHECK_H

#include "store/store_dir.h"

enum check_depth {
    CHECK_EDGES, /* META, first and last row of every table: bounded, for every start */
    CHECK_PAGES, /* every row of every table */
    CHECK_ALL,   /* and every record's check sum */
};

/* The caller holds LOCK, or `live` is set and a daemon may be writing meanwhile. */
enum store_err check_in_child(const struct dir *dir, enum check_depth depth, bool live,
                              struct why why);

#endif
