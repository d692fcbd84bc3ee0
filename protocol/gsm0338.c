/*
 * gsm0338.c: the GSM 7-bit default alphabet with its extension table (3GPP TS 23.038 section 6.2.1;
 * conformance E3, E4, E6), and its packed form. Separate from text.c for its tables.
 */
#include "protocol/text.h"
#include "protocol/text_codec.h"

/* 0x1b is the escape: it is read before this table and stands for a blank in it. */
static const uint16_t basic[128] = {
    0x0040, 0x00a3, 0x0024, 0x00a5, 0x00e8, 0x00e9, 0x00f9, 0x00ec,
    0x00f2, 0x00c7, 0x000a, 0x00d8, 0x00f8, 0x000d, 0x00c5, 0x00e5,
    0x0394, 0x005f, 0x03a6, 0x0393, 0x039b, 0x03a9, 0x03a0, 0x03a8,
    0x03a3, 0x0398, 0x039e, 0x0020, 0x00c6, 0x00e6, 0x00df, 0x00c9,
    0x0020, 0x0021, 0x0022, 0x0023, 0x00a4, 0x0025, 0x0026, 0x0027,
    0x0028, 0x0029, 0x002a, 0x002b, 0x002c, 0x002d, 0x002e, 0x002f,
    0x0030, 0x0031, 0x0032, 0x0033, 0x0034, 0x0035, 0x0036, 0x0037,
    0x0038, 0x0039, 0x003a, 0x003b, 0x003c, 0x003d, 0x003e, 0x003f,
    0x00a1, 0x0041, 0x0042, 0x0043, 0x0044, 0x0045, 0x0046, 0x0047,
    0x0048, 0x0049, 0x004a, 0x004b, 0x004c, 0x004d, 0x004e, 0x004f,
    0x0050, 0x0051, 0x0052, 0x0053, 0x0054, 0x0055, 0x0056, 0x0057,
    0x0058, 0x0059, 0x005a, 0x00c4, 0x00d6, 0x00d1, 0x00dc, 0x00a7,
    0x00bf, 0x0061, 0x0062, 0x0063, 0x0064, 0x0065, 0x0066, 0x0067,
    0x0068, 0x0069, 0x006a, 0x006b, 0x006c, 0x006d, 0x006e, 0x006f,
    0x0070, 0x0071, 0x0072, 0x0073, 0x0074, 0x0075, 0x0076, 0x0077,
    0x0078, 0x0079, 0x007a, 0x00e4, 0x00f6, 0x00f1, 0x00fc, 0x00e0,
};

/* After an escape; 0 where the table has nothing. */
static const uint16_t extension[128] = {
    [0x0a] = 0x000c, [0x14] = '^', [0x28] = '{', [0x29] = '}', [0x2f] = '\\',
    [0x3c] = '[',    [0x3d] = '~', [0x3e] = ']', [0x40] = '|', [0x65] = 0x20ac,
};

/*
 * The way back: 0 is no GSM character, with bit 7 a septet of the basic table, without it the octet
 * after an escape. One octet an entry, so that the hot half of the table is two cache lines.
 */
#define BASIC_BIT 0x80u
static const uint8_t of_latin[256] = {
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x8a, 0x00, 0x0a, 0x8d, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0xa0, 0xa1, 0xa2, 0xa3, 0x82, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf,
    0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf,
    0x80, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf,
    0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0x3c, 0x2f, 0x3e, 0x14, 0x91,
    0x00, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xeb, 0xec, 0xed, 0xee, 0xef,
    0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0x28, 0x40, 0x29, 0x3d, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0xc0, 0x00, 0x81, 0xa4, 0x83, 0x00, 0xdf, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xe0,
    0x00, 0x00, 0x00, 0x00, 0xdb, 0x8e, 0x9c, 0x89, 0x00, 0x9f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0xdd, 0x00, 0x00, 0x00, 0x00, 0xdc, 0x00, 0x8b, 0x00, 0x00, 0x00, 0xde, 0x00, 0x00, 0x9e,
    0xff, 0x00, 0x00, 0x00, 0xfb, 0x8f, 0x9d, 0x00, 0x84, 0x85, 0x00, 0x00, 0x87, 0x00, 0x00, 0x00,
    0x00, 0xfd, 0x88, 0x00, 0x00, 0x00, 0xfc, 0x00, 0x8c, 0x86, 0x00, 0x00, 0xfe, 0x00, 0x00, 0x00,
};

/* The ten Greek capitals that Latin has no look-alike for, from U+0390 on. */
#define GREEK_FIRST 0x0390u
static const uint8_t of_greek[32] = {
    0x00, 0x00, 0x00, 0x93, 0x90, 0x00, 0x00, 0x00, 0x99, 0x00, 0x00, 0x94, 0x00, 0x00, 0x9a, 0x00,
    0x96, 0x00, 0x00, 0x98, 0x00, 0x00, 0x92, 0x00, 0x97, 0x95, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

/* As in the tables above. */
static uint8_t
code_of(uint32_t code_point)
{
    if (code_point < 0x100)
        return of_latin[code_point];
    if (code_point >= GREEK_FIRST && code_point < GREEK_FIRST + sizeof(of_greek))
        return of_greek[code_point - GREEK_FIRST];
    return code_point == 0x20ac ? 0x65 : 0;
}

/* What stands after an escape at in.p[*at]; moves *at past what it takes. */
static uint32_t
decode_escape(struct slice in, size_t *at)
{
    uint8_t octet;

    /* 23.038 keeps ESC ESC for a further table and wants a space shown until there is one, as for
     * ESC at the end (L08). */
    if (*at == in.n || in.p[*at] == GSM_ESCAPE) {
        *at += *at < in.n;
        return ' ';
    }
    octet = in.p[(*at)++];
    if (octet >= 0x80)
        return UTF8_REPLACEMENT;
    return extension[octet] ? extension[octet] : basic[octet];
}

/* How much of the front of in is the same number of ASCII octets, which are written to out. */
static size_t
decode_run(struct slice in, uint8_t *out, size_t cap)
{
    size_t n = 0, most = in.n < cap ? in.n : cap;

    for (; n < most; n++) {
        uint8_t octet = in.p[n];

        if (octet >= 0x80 || octet == GSM_ESCAPE || basic[octet] >= 0x80)
            break;
        out[n] = (uint8_t)basic[octet];
    }
    return n;
}

void
gsm_to_utf8(struct slice in, struct text_out *out)
{
    for (size_t at = 0; at < in.n && !out->full;) {
        size_t run = decode_run(slice_of(in.p + at, in.n - at), out->p + out->n, out->cap - out->n);
        uint8_t octet;

        out->n += run;
        at += run;
        if (at == in.n)
            break;
        octet = in.p[at++];
        if (octet == GSM_ESCAPE)
            text_out_utf8(out, decode_escape(in, &at));
        else
            text_out_utf8(out, octet < 0x80 ? basic[octet] : UTF8_REPLACEMENT);
    }
}

bool
gsm_fits(struct slice utf8)
{
    for (size_t at = 0; at < utf8.n;) {
        size_t used = 1;
        uint8_t octet = utf8.p[at];

        if (octet < 0x80 ? of_latin[octet] == 0
                         : code_of(utf8_decode_wide(utf8.p + at, utf8.n - at, &used)) == 0)
            return false;
        at += used;
    }
    return true;
}

/* The way back: ASCII octets that are one septet each. */
static size_t
encode_run(struct slice utf8, uint8_t *out, size_t cap)
{
    size_t n = 0, most = utf8.n < cap ? utf8.n : cap;

    for (; n < most; n++) {
        uint8_t octet = utf8.p[n];

        if (octet >= 0x80 || !(of_latin[octet] & BASIC_BIT))
            break;
        out[n] = of_latin[octet] & 0x7f;
    }
    return n;
}

void
gsm_from_utf8(struct slice utf8, struct text_out *out)
{
    for (size_t at = 0; at < utf8.n && !out->full;) {
        size_t used, run = encode_run(slice_of(utf8.p + at, utf8.n - at), out->p + out->n,
                                      out->cap - out->n);
        uint8_t code;

        out->n += run;
        at += run;
        if (at == utf8.n)
            break;
        code = code_of(utf8_decode(utf8.p + at, utf8.n - at, &used));
        at += used;
        if (code == 0) {
            text_out_octet(out, '?');
        } else if (code & BASIC_BIT) {
            text_out_octet(out, code & 0x7f);
        } else {
            text_out_octet(out, GSM_ESCAPE);
            text_out_octet(out, code);
        }
    }
}

/* E6: the first septet begins at a multiple of seven bits, counted from the start of the header. */
static size_t
fill_bits(size_t header_octets)
{
    return (7 - header_octets * 8 % 7) % 7;
}

size_t
text_pack(struct slice septets, size_t header_octets, uint8_t *out, size_t cap)
{
    size_t bit = fill_bits(header_octets);
    size_t octets = (bit + septets.n * 7 + 7) / 8;

    if (septets.n == 0 || octets > cap)
        return 0;
    memset(out, 0, octets);
    for (size_t i = 0; i < septets.n; i++, bit += 7) {
        unsigned shifted = (septets.p[i] & 0x7fu) << bit % 8;

        out[bit / 8] = (uint8_t)(out[bit / 8] | shifted);
        if (bit % 8 > 1)
            out[bit / 8 + 1] = (uint8_t)(shifted >> 8);
    }
    return octets;
}

size_t
text_unpack(struct slice packed, size_t septets, size_t header_octets, uint8_t *out, size_t cap)
{
    size_t bit = fill_bits(header_octets);
    size_t n = 0;

    for (; n < septets && n < cap && bit + 7 <= packed.n * 8; n++, bit += 7) {
        unsigned pair = packed.p[bit / 8];

        if (bit % 8 > 1)
            pair |= (unsigned)packed.p[bit / 8 + 1] << 8;
        out[n] = (uint8_t)(pair >> bit % 8 & 0x7f);
    }
    return n;
}

size_t
text_packed_septets(struct slice packed, size_t header_octets)
{
    size_t bits = packed.n * 8, fill = fill_bits(header_octets), septets;

    if (bits < fill + 7)
        return 0;
    septets = (bits - fill) / 7;
    /* If nothing is over, the last septet is the upper seven bits of the last octet. */
    if ((bits - fill) % 7 == 0 && gsm_like_spare_bits(packed.p[packed.n - 1] >> 1))
        septets--;
    return septets;
}

size_t
text_pack_octets(struct slice septets, size_t header_octets, uint8_t *out, size_t cap)
{
    size_t n = text_pack(septets, header_octets, out, cap), spare;

    if (n == 0)
        return 0;
    spare = n * 8 - fill_bits(header_octets) - septets.n * 7;
    if (spare == 7)
        out[n - 1] = (uint8_t)(out[n - 1] | GSM_CR << 1);
    else if (spare == 0 && gsm_like_spare_bits(septets.p[septets.n - 1]) && n < cap)
        out[n++] = GSM_CR;
    return n;
}

size_t
text_unpack_octets(struct slice packed, size_t header_octets, uint8_t *out, size_t cap)
{
    size_t n = text_unpack(packed, text_packed_septets(packed, header_octets), header_octets, out,
                           cap);

    if (n >= 2 && packed.n * 8 == fill_bits(header_octets) + n * 7 + 1 && out[n - 1] == GSM_CR &&
        gsm_like_spare_bits(out[n - 2]))
        n--;
    return n;
}
