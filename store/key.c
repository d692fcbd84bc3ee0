/*
 * key.c: builds keys of rows and reads them back. Apart from record.c because a key has no header
 * and no version: its order is its meaning, so its layout can never change.
 */
#include "store/key.h"

#include <assert.h>

#include "protocol/wire.h"

static uint8_t *
key_grow(struct key *k, size_t n)
{
    uint8_t *at = k->b + k->n;

    assert(n <= KEY_BYTES_MAX - k->n);
    k->n = (uint8_t)(k->n + n);
    return at;
}

static void
key_number(struct key *k, uint64_t value, size_t width)
{
    uint8_t *at = key_grow(k, width);

    while (width > 0) {
        at[--width] = (uint8_t)value;
        value >>= 8;
    }
}

void
key_u8(struct key *k, uint8_t value)
{
    key_number(k, value, 1);
}

void
key_u16(struct key *k, uint16_t value)
{
    key_number(k, value, 2);
}

void
key_u32(struct key *k, uint32_t value)
{
    key_number(k, value, 4);
}

void
key_u64(struct key *k, uint64_t value)
{
    key_number(k, value, 8);
}

void
key_addr(struct key *k, const struct addr *addr)
{
    uint8_t *at;

    /* A NUL inside would end the part early, and two subscribers could share a key. */
    assert(addr->n <= ADDR_CHARS_MAX && memchr(addr->text, 0, addr->n) == NULL);
    at = key_grow(k, addr->n + 2u);
    at[0] = addr->kind;
    memcpy(at + 1, addr->text, addr->n);
    at[1 + addr->n] = 0;
}

void
key_bytes(struct key *k, struct slice bytes)
{
    uint8_t *at = key_grow(k, bytes.n);

    if (bytes.n > 0)
        memcpy(at, bytes.p, bytes.n);
}

static bool
take_number(struct slice *rest, size_t width, uint64_t *out)
{
    if (rest->n < width)
        return false;
    *out = wire_load(rest->p, width);
    *rest = slice_of(rest->p + width, rest->n - width);
    return true;
}

bool
key_take_u8(struct slice *rest, uint8_t *out)
{
    uint64_t value;

    if (!take_number(rest, 1, &value))
        return false;
    *out = (uint8_t)value;
    return true;
}

bool
key_take_u16(struct slice *rest, uint16_t *out)
{
    uint64_t value;

    if (!take_number(rest, 2, &value))
        return false;
    *out = (uint16_t)value;
    return true;
}

bool
key_take_u32(struct slice *rest, uint32_t *out)
{
    uint64_t value;

    if (!take_number(rest, 4, &value))
        return false;
    *out = (uint32_t)value;
    return true;
}

bool
key_take_u64(struct slice *rest, uint64_t *out)
{
    return take_number(rest, 8, out);
}

bool
key_take_addr(struct slice *rest, struct addr *out)
{
    const uint8_t *end;
    size_t n;

    if (rest->n < 2 || rest->p[0] > ADDR_ALPHA)
        return false;
    end = memchr(rest->p + 1, 0, rest->n - 1);
    if (end == NULL)
        return false;
    n = (size_t)(end - rest->p) - 1;
    if (n > ADDR_CHARS_MAX)
        return false;
    memset(out, 0, sizeof(*out));
    out->kind = rest->p[0];
    out->n = (uint8_t)n;
    memcpy(out->text, rest->p + 1, n);
    *rest = slice_of(end + 1, rest->n - n - 2);
    return true;
}
