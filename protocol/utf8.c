/*
 * utf8.c: the multi-octet half of UTF-8. Separate from text.c because graphemes and splitting read
 * UTF-8 as well.
 */
#include "protocol/utf8.h"

#include <string.h>

uint32_t
utf8_decode_wide(const uint8_t *p, size_t n, size_t *used)
{
    uint8_t lowest = 0x80,
            highest =
                0xbf; /* of the second octet: where overlong, surrogate and too large are told */
    uint32_t code_point;
    size_t more;

    *used = 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        more = 1;
        code_point = p[0] & 0x1fu;
    } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
        more = 2;
        code_point = p[0] & 0x0fu;
        lowest = p[0] == 0xe0 ? 0xa0 : 0x80;
        highest = p[0] == 0xed ? 0x9f : 0xbf;
    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        more = 3;
        code_point = p[0] & 0x07u;
        lowest = p[0] == 0xf0 ? 0x90 : 0x80;
        highest = p[0] == 0xf4 ? 0x8f : 0xbf;
    } else {
        return UTF8_BAD;
    }
    for (size_t i = 1; i <= more; i++) {
        if (i >= n || p[i] < lowest || p[i] > highest)
            return UTF8_BAD;
        code_point = code_point << 6 | (p[i] & 0x3fu);
        *used = i + 1;
        lowest = 0x80;
        highest = 0xbf;
    }
    return code_point;
}

size_t
utf8_ascii_run(const uint8_t *p, size_t n)
{
    size_t at = 0;

    for (; n - at >= 8; at += 8) {
        uint64_t word;

        memcpy(&word, p + at, 8);
        if (word & 0x8080808080808080u)
            break;
    }
    while (at < n && p[at] < 0x80)
        at++;
    return at;
}
