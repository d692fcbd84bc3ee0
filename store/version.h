/*
 * version.h: which library keeps the store. Apart from store.h because only `tandem --version`
 * asks.
 */
#ifndef TANDEM_STORE_VERSION_H
#define TANDEM_STORE_VERSION_H

/* "LMDB 0.9.24: (July 24, 2019)"; static. */
const char *store_library_version(void);

#endif
