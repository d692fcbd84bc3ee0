/*
 * tools.c: what the simulator's files share: its random numbers, its memory, its trace, and how a run fails.
 */
#include "tests/sim/sim.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK_BYTES (256u * 1024u)

struct arena_chunk {
    struct arena_chunk *next;
    size_t used;
    _Alignas(16) uint8_t bytes[CHUNK_BYTES];
};

int sim_mutant = MUTANT_NONE;

const char *
sim_mutant_name(int mutant)
{
    static const char *const names[] = {
#define SIM_ONE(symbol, name) [MUTANT_##symbol] = name,
        SIM_MUTANTS(SIM_ONE)
#undef SIM_ONE
    };

    return mutant >= 0 && mutant < SIM_MUTANTS_COUNT ? names[mutant] : "?";
}

/* SplitMix64: one word of state, and good enough to choose faults with. */
uint64_t
rnd64(struct world *w)
{
    uint64_t z = w->rng += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint32_t
rnd(struct world *w, uint32_t n)
{
    assert(n > 0);
    return (uint32_t)((rnd64(w) >> 32) * n >> 32);
}

bool
chance(struct world *w, uint32_t ten_thousandths)
{
    return rnd(w, 10000) < ten_thousandths;
}

uint32_t
between(struct world *w, uint32_t low, uint32_t high)
{
    return low + rnd(w, high - low + 1);
}

void *
sim_alloc(struct world *w, size_t bytes)
{
    struct arena_chunk *chunk = w->arena;
    void *p;

    bytes = (bytes + 15) & ~(size_t)15;
    assert(bytes <= CHUNK_BYTES);
    if (!chunk || chunk->used + bytes > CHUNK_BYTES) {
        chunk = malloc(sizeof(*chunk));
        if (!chunk)
            abort();
        chunk->next = w->arena;
        chunk->used = 0;
        w->arena = chunk;
    }
    p = chunk->bytes + chunk->used;
    chunk->used += bytes;
    return p;
}

const char *
sim_copy(struct world *w, const void *text, size_t n)
{
    char *p = sim_alloc(w, n + 1);

    if (n > 0)
        memcpy(p, text, n);
    p[n] = '\0';
    return p;
}

void
sim_release(struct world *w)
{
    while (w->arena) {
        struct arena_chunk *chunk = w->arena;

        w->arena = chunk->next;
        free(chunk);
    }
}

void *
sim_grow(void *p, uint32_t count, uint32_t *cap, size_t element)
{
    if (count < *cap)
        return p;
    *cap = *cap ? *cap * 2 : 64;
    p = realloc(p, *cap * element);
    if (!p)
        abort();
    return p;
}

uint64_t
sim_hash(uint64_t seed, const void *p, size_t n)
{
    const uint8_t *octets = p;
    uint64_t h = seed ^ 0x51ed270b7f4a7c15u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ octets[i]) * 0x100000001b3u;
    return h ^ h >> 32;
}

void
trace(struct world *w, const char *format, ...)
{
    char *line = w->trace[w->trace_next++ % TRACE_LINES];
    va_list args;
    int n;

    n = snprintf(line, TRACE_BYTES, "%7llu.%03llu ", (unsigned long long)(w->now_ms / 1000 % 10000000),
                 (unsigned long long)(w->now_ms % 1000));
    va_start(args, format);
    vsnprintf(line + n, TRACE_BYTES - (size_t)n, format, args);
    va_end(args);
    if (w->verbose)
        puts(line);
}

void
sim_print_trace(const struct world *w)
{
    uint32_t first = w->trace_next > TRACE_LINES ? w->trace_next - TRACE_LINES : 0;

    if (w->verbose)
        return;
    for (uint32_t i = first; i < w->trace_next; i++)
        printf("    %s\n", w->trace[i % TRACE_LINES]);
}

void
sim_fail(struct world *w, const char *invariant, const char *format, ...)
{
    va_list args;

    if (sim_mutant == MUTANT_NONE) {
        printf("seed %llu: %s: ", (unsigned long long)w->seed, invariant);
        va_start(args, format);
        vprintf(format, args);
        va_end(args);
        printf(" (event %u, turn %u, crash %u)\n", w->events, w->turns, w->crashes);
        sim_print_trace(w);
    } else if (w->verbose) {
        printf("caught by: %s\n", invariant);
    }
    fflush(stdout);
    longjmp(w->failed, 1);
}
