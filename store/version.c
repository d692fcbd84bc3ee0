/*
 * version.c: see version.h.
 */
#include "store/version.h"

#include <lmdb.h>
#include <stddef.h>

const char *
store_library_version(void)
{
    return mdb_version(NULL, NULL, NULL);
}
