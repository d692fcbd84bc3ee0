/*
 * ucs2.c: data_coding 8: UCS-2 by name, big-endian UTF-16 in real traffic (conformance E2; L09 to
 * L12). Separate from text.c because splitting reads it as well.
 */
#include "protocol/text_codec.h"

static bool
is_high(uint32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool
is_low(uint32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

uint32_t
ucs2_decode(const uint8_t *p, size_t n, size_t *used)
{
    uint32_t unit, second;

    if (n < 2) {
        *used = 1;
        return UTF8_REPLACEMENT;
    }
    *used = 2;
    unit = (uint32_t)p[0] << 8 | p[1];
    if (!is_high(unit))
        return is_low(unit) ? UTF8_REPLACEMENT : unit;
    if (n < 4)
        return UTF8_REPLACEMENT;
    second = (uint32_t)p[2] << 8 | p[3];
    if (!is_low(second))
        return UTF8_REPLACEMENT;
    *used = 4;
    return 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00);
}

void
ucs2_to_utf8(struct slice in, struct text_out *out)
{
    struct text_out to =
        *out; /* a copy stays in registers, *out could be what its own octets overwrite */
    size_t used;

    for (size_t at = 0; at < in.n && !to.full; at += used)
        text_out_utf8(&to, ucs2_decode(in.p + at, in.n - at, &used));
    *out = to;
}

static void
put_unit(struct text_out *out, uint32_t unit)
{
    text_out_octet(out, (uint8_t)(unit >> 8));
    text_out_octet(out, (uint8_t)unit);
}

void
ucs2_from_utf8(struct slice utf8, struct text_out *out)
{
    struct text_out to = *out;
    size_t used;

    for (size_t at = 0; at < utf8.n && !to.full; at += used) {
        uint32_t code_point = utf8_decode(utf8.p + at, utf8.n - at, &used);

        if (code_point == UTF8_BAD)
            code_point = UTF8_REPLACEMENT;
        if (code_point < 0x10000) {
            put_unit(&to, code_point);
        } else {
            put_unit(&to, 0xd800 + ((code_point - 0x10000) >> 10));
            put_unit(&to, 0xdc00 + (code_point & 0x3ff));
        }
    }
    *out = to;
}
