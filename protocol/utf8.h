/*
 * utf8.h: one code point out of UTF-8 and into it. Inside protocol/ only; what others need of UTF-8
 * is in text.h.
 */
#ifndef TANDEM_UTF8_H
#define TANDEM_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT 0xfffdu
#define UTF8_BAD UINT32_MAX         /* what a sequence that is no UTF-8 decodes to */

/* The code point that begins at p[0] with p[0] >= 0x80. Overlong forms, surrogates and anything
 * past U+10FFFF are UTF8_BAD. *used is the octets taken, at least 1; of a bad sequence the longest
 * start that could have been good, so that one broken character gives one replacement (Unicode
 * chapter 3.9). */
uint32_t utf8_decode_wide(const uint8_t *p, size_t n, size_t *used);

/* The same for any first octet; n is at least 1. */
static inline uint32_t
utf8_decode(const uint8_t *p, size_t n, size_t *used)
{
    if (p[0] < 0x80) {
        *used = 1;
        return p[0];
    }
    return utf8_decode_wide(p, n, used);
}

/* How many octets a code point takes. */
static inline size_t
utf8_length(uint32_t code_point)
{
    if (code_point < 0x80)
        return 1;
    if (code_point < 0x800)
        return 2;
    return code_point < 0x10000 ? 3 : 4;
}

/* Writes utf8_length() octets. Here so that the loops of the converters keep their places in
 * registers. */
static inline void
utf8_encode(uint32_t code_point, uint8_t *out)
{
    if (code_point < 0x80) {
        out[0] = (uint8_t)code_point;
    } else if (code_point < 0x800) {
        out[0] = (uint8_t)(0xc0 | code_point >> 6);
        out[1] = (uint8_t)(0x80 | (code_point & 0x3f));
    } else if (code_point < 0x10000) {
        out[0] = (uint8_t)(0xe0 | code_point >> 12);
        out[1] = (uint8_t)(0x80 | (code_point >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (code_point & 0x3f));
    } else {
        out[0] = (uint8_t)(0xf0 | code_point >> 18);
        out[1] = (uint8_t)(0x80 | (code_point >> 12 & 0x3f));
        out[2] = (uint8_t)(0x80 | (code_point >> 6 & 0x3f));
        out[3] = (uint8_t)(0x80 | (code_point & 0x3f));
    }
}

/* How many octets at the front are ASCII. */
size_t utf8_ascii_run(const uint8_t *p, size_t n);

#endif
