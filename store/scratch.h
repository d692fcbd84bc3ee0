/*
 * scratch.h: the arena of a transaction: memory that is only ever given out, and taken back all at
 * once.
 *
 * Chunks are kept over a reset, so that a warm store does not allocate. What one large turn took
 * beyond SCRATCH_KEEP_BYTES goes back to the system. Memory that runs out ends the process (exit
 * 75).
 */
#ifndef TANDEM_SCRATCH_H
#define TANDEM_SCRATCH_H

#include <stddef.h>

#define SCRATCH_CHUNK_BYTES (256u * 1024u)
#define SCRATCH_KEEP_BYTES (8u * 1024u * 1024u)

struct scratch_chunk;

struct scratch {
    struct scratch_chunk *first;
    struct scratch_chunk *current;
    size_t used;                    /* octets of current */
};

void scratch_init(struct scratch *scratch);
void scratch_release(struct scratch *scratch);
/* Aligned for any type; stays valid until scratch_reset(). */
void *scratch_take(struct scratch *scratch, size_t bytes);
/* For octets, without padding between them. */
void *scratch_take_octets(struct scratch *scratch, size_t bytes);
void scratch_reset(struct scratch *scratch);

#endif
