/*
 * wire.h: the two cursors with which the protocol layer reads and writes octets.
 *
 * All pointer arithmetic over wire data is here. A cursor that would leave its buffer sets `bad`,
 * stays bad, and reads zeros or writes nothing from then on, so a caller may check once at the end.
 */
#ifndef TANDEM_WIRE_H
#define TANDEM_WIRE_H

#include "protocol/slice.h"

struct wire_reader {
    const uint8_t *p;
    const uint8_t *end;
    bool bad;
};

struct wire_writer {
    uint8_t *p;
    uint8_t *end;
    bool bad;
};

static inline struct wire_reader
wire_reader(struct slice in)
{
    return (struct wire_reader){in.p, in.n ? in.p + in.n : in.p, false};
}

static inline size_t
wire_left(const struct wire_reader *r)
{
    return (size_t)(r->end - r->p);
}

/* All that is left, without moving. */
static inline struct slice
wire_rest(const struct wire_reader *r)
{
    return slice_of(r->p, wire_left(r));
}

static inline uint8_t
wire_get_u8(struct wire_reader *r)
{
    if (r->p == r->end) {
        r->bad = true;
        return 0;
    }
    return *r->p++;
}

static inline struct slice
wire_get_bytes(struct wire_reader *r, size_t n)
{
    struct slice out;

    if (wire_left(r) < n) {
        r->bad = true;
        r->p = r->end;
        return SLICE_NONE;
    }
    out = slice_of(r->p, n);
    if (n > 0)
        r->p += n;
    return out;
}

static inline uint16_t
wire_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
wire_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A number of width octets, at most 8. */
static inline uint64_t
wire_load(const uint8_t *p, size_t width)
{
    uint64_t value = 0;

    for (size_t i = 0; i < width; i++)
        value = value << 8 | p[i];
    return value;
}

static inline void
wire_store(uint8_t *p, size_t width, uint64_t value)
{
    for (; width > 0; value >>= 8)
        p[--width] = (uint8_t)value;
}

static inline uint16_t
wire_get_u16(struct wire_reader *r)
{
    struct slice two = wire_get_bytes(r, 2);

    return two.n == 2 ? wire_u16(two.p) : 0;
}

static inline uint32_t
wire_get_u32(struct wire_reader *r)
{
    struct slice four = wire_get_bytes(r, 4);

    return four.n == 4 ? wire_u32(four.p) : 0;
}

/*
 * A C-octet string of at most max octets with its NUL; the NUL is taken but not returned. False,
 * and nothing moves, if there is no NUL among them: then wire_has_nul() tells whether the string is
 * too long or the data ends within it.
 */
static inline bool
wire_get_cstring(struct wire_reader *r, size_t max, struct slice *out)
{
    size_t left = wire_left(r);
    size_t n = left < max ? left : max;
    const uint8_t *nul = n ? memchr(r->p, 0, n) : NULL;

    if (!nul)
        return false;
    *out = slice_of(r->p, (size_t)(nul - r->p));
    r->p = nul + 1;
    return true;
}

static inline bool
wire_has_nul(const struct wire_reader *r)
{
    return r->p != r->end && memchr(r->p, 0, wire_left(r)) != NULL;
}

static inline struct wire_writer
wire_writer(uint8_t *buf, size_t cap)
{
    return (struct wire_writer){buf, cap ? buf + cap : buf, false};
}

static inline size_t
wire_written(const struct wire_writer *w, const uint8_t *start)
{
    return (size_t)(w->p - start);
}

static inline void
wire_put_bytes(struct wire_writer *w, struct slice in)
{
    if (w->bad || (size_t)(w->end - w->p) < in.n) {
        w->bad = true;
        return;
    }
    if (in.n > 0) {
        memcpy(w->p, in.p, in.n);
        w->p += in.n;
    }
}

static inline void
wire_put_u8(struct wire_writer *w, uint8_t value)
{
    wire_put_bytes(w, slice_of(&value, 1));
}

static inline void
wire_set_u32(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 24);
    p[1] = (uint8_t)(value >> 16);
    p[2] = (uint8_t)(value >> 8);
    p[3] = (uint8_t)value;
}

static inline void
wire_put_u16(struct wire_writer *w, uint16_t value)
{
    uint8_t two[2] = {(uint8_t)(value >> 8), (uint8_t)value};

    wire_put_bytes(w, slice_of(two, sizeof(two)));
}

static inline void
wire_put_u32(struct wire_writer *w, uint32_t value)
{
    uint8_t four[4];

    wire_set_u32(four, value);
    wire_put_bytes(w, slice_of(four, sizeof(four)));
}

#endif
