/*
 * scratch.c: a chain of chunks with a pointer that moves along it.
 */
#include "store/scratch.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#include "store/store_impl.h"

struct scratch_chunk {
    struct scratch_chunk *next;
    size_t bytes;
    alignas(max_align_t) uint8_t data[];
};

void
scratch_init(struct scratch *scratch)
{
    *scratch = (struct scratch){NULL, NULL, 0};
}

static void
free_chain(struct scratch_chunk *chunk)
{
    while (chunk != NULL) {
        struct scratch_chunk *next = chunk->next;

        free(chunk);
        chunk = next;
    }
}

void
scratch_release(struct scratch *scratch)
{
    free_chain(scratch->first);
    scratch_init(scratch);
}

/* Makes a chunk with room for `bytes` the current one: the next of the chain if it is large enough,
 * else a new one before that. */
static void
next_chunk(struct scratch *scratch, size_t bytes)
{
    struct scratch_chunk **link = scratch->current ? &scratch->current->next : &scratch->first;
    size_t size = bytes > SCRATCH_CHUNK_BYTES ? bytes : SCRATCH_CHUNK_BYTES;

    if (*link == NULL || (*link)->bytes < bytes) {
        struct scratch_chunk *chunk = malloc(sizeof(*chunk) + size);

        if (chunk == NULL)
            store_no_memory();
        chunk->next = *link;
        chunk->bytes = size;
        *link = chunk;
    }
    scratch->current = *link;
    scratch->used = 0;
}

void *
scratch_take_octets(struct scratch *scratch, size_t bytes)
{
    uint8_t *at;

    assert(bytes < SIZE_MAX / 2);
    if (scratch->current == NULL || scratch->current->bytes - scratch->used < bytes)
        next_chunk(scratch, bytes);
    at = scratch->current->data + scratch->used;
    scratch->used += bytes;
    return at;
}

void *
scratch_take(struct scratch *scratch, size_t bytes)
{
    size_t align = alignof(max_align_t);
    size_t aligned = (scratch->used + align - 1) & ~(align - 1);

    if (scratch->current != NULL && aligned <= scratch->current->bytes)
        scratch->used = aligned;
    else if (scratch->current != NULL)
        scratch->used = scratch->current->bytes;
    return scratch_take_octets(scratch, bytes);
}

void
scratch_reset(struct scratch *scratch)
{
    size_t kept = 0;

    for (struct scratch_chunk **link = &scratch->first; *link != NULL; link = &(*link)->next) {
        kept += (*link)->bytes;
        if (kept > SCRATCH_KEEP_BYTES) {
            free_chain(*link);
            *link = NULL;
            break;
        }
    }
    scratch->current = scratch->first;
    scratch->used = 0;
}
