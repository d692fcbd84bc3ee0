/*
 * conf_arena.c: the memory of the configuration, and an index by octets.
 *
 * Both are here because nothing else in Tandem allocates this way: a configuration is built once
 * and freed whole.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf_int.h"

#define CHUNK_BYTES 65536u
#define CHUNK_ALIGN 16u
#define EXIT_MEMORY 71 /* EX_OSERR */

struct conf_chunk {
    struct conf_chunk *next;
    size_t used, size;
    _Alignas(CHUNK_ALIGN) uint8_t bytes[];
};

static struct conf_chunk *
chunk_new(size_t size)
{
    struct conf_chunk *chunk = NULL;

    if (size <= SIZE_MAX / 2)
        chunk = calloc(1, sizeof(*chunk) + size);
    if (!chunk) {
        fprintf(stderr, "tandem: out of memory while reading the configuration\n");
        exit(EXIT_MEMORY);
    }
    chunk->size = size;
    return chunk;
}

void *
conf_alloc(struct conf_arena *arena, size_t bytes)
{
    struct conf_chunk *chunk = arena->chunks;
    void *p;

    assert(bytes <= SIZE_MAX / 4);
    bytes = (bytes + CHUNK_ALIGN - 1) / CHUNK_ALIGN * CHUNK_ALIGN;
    if (!chunk || chunk->size - chunk->used < bytes) {
        chunk = chunk_new(bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES);
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    p = chunk->bytes + chunk->used;
    chunk->used += bytes;
    return p;
}

char *
conf_copy(struct conf_arena *arena, struct slice text)
{
    char *copy = conf_alloc(arena, text.n + 1);

    if (text.n > 0)
        memcpy(copy, text.p, text.n);
    return copy;
}

void
conf_arena_clear(struct conf_arena *arena)
{
    struct conf_chunk *chunk = arena->chunks, *next;

    for (; chunk; chunk = next) {
        next = chunk->next;
        /* Passwords were in some of them; the heap must not keep them. */
        explicit_bzero(chunk->bytes, chunk->used);
        free(chunk);
    }
    arena->chunks = NULL;
}

/* FNV-1a: the keys come from the operator's own file, so nobody searches for collisions. */
static size_t
hash(struct slice key)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < key.n; i++)
        h = (h ^ key.p[i]) * UINT64_C(0x100000001b3);
    return (size_t)(h ^ h >> 32);
}

void
conf_index_init(struct conf_index *index, struct conf_arena *arena, size_t count)
{
    size_t slots = 8;

    while (slots < count * 2)
        slots *= 2;
    index->slots = conf_alloc(arena, slots * sizeof(*index->slots));
    index->mask = slots - 1;
}

static struct conf_index_slot *
slot_of(const struct conf_index *index, struct slice key)
{
    size_t i = hash(key) & index->mask;

    while (index->slots[i].node && !slice_eq(index->slots[i].key, key))
        i = (i + 1) & index->mask;
    return &index->slots[i];
}

const struct conf_index_slot *
conf_index_find(const struct conf_index *index, struct slice key)
{
    const struct conf_index_slot *slot = slot_of(index, key);

    return slot->node ? slot : NULL;
}

const struct conf_index_slot *
conf_index_put(struct conf_index *index, const struct conf_index_slot *entry)
{
    struct conf_index_slot *slot = slot_of(index, entry->key);

    assert(entry->node);
    if (slot->node)
        return slot;
    *slot = *entry;
    return NULL;
}
