/*
 * attached.h: a long file that came with a request over the control socket: a descriptor of memory
 * that nobody can change any more (memfd_create(2) with all its seals), which is mapped and read in
 * place. So a file of millions of lines costs no buffer, is the same whenever a command looks at it
 * again, and cannot take its pages away from under the reader.
 */
#ifndef TANDEM_ATTACHED_H
#define TANDEM_ATTACHED_H

#include "gateway/limits.h"
#include "protocol/slice.h"

/* Maps it; NULL, or why not. The descriptor may be closed afterwards. */
must_check const char *attached_map(int fd, struct slice *out);
void attached_unmap(struct slice *octets);

/* The other side: a descriptor with what has been read of an open file and all that is behind it,
 * max octets at most, sealed. -1: errno says why; EFBIG: there are more. */
must_check int attached_make(struct slice head, int from, uint64_t max);

#endif
