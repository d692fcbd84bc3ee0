/*
 * slice.h: bytes that somebody else owns.
 *
 * A slice is passed by value. It never owns memory: who made it says how long the bytes live. Wire
 * data has no terminating NUL and may contain NULs, so nothing here is a C string.
 */
#ifndef TANDEM_SLICE_H
#define TANDEM_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const uint8_t *p;
    size_t n;
};

#define SLICE_NONE ((struct slice){NULL, 0})
/* A slice over a string literal or an array whose last octet is a NUL that does not count. */
#define SLICE_LIT(text) ((struct slice){(const uint8_t *)(text), sizeof(text) - 1})

static inline struct slice
slice_of(const void *p, size_t n)
{
    return (struct slice){p, n};
}

static inline struct slice
slice_str(const char *text)
{
    return (struct slice){(const uint8_t *)text, strlen(text)};
}

static inline bool
slice_eq(struct slice a, struct slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Bytewise order, the shorter of two that agree first: the order in which LMDB keeps its keys. */
static inline int
slice_cmp(struct slice a, struct slice b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;

    if (order != 0)
        return order;
    return a.n < b.n ? -1 : a.n > b.n;
}

#endif
