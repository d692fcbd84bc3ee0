/*
 * text.c: which alphabet a message is in, and the way between it and UTF-8. The alphabets with
 * tables or rules of their own are in gsm0338.c and ucs2.c, cutting is in split.c and grapheme.c.
 */
#include "protocol/text.h"

#include "protocol/text_codec.h"

static const char *const alphabet_names[TEXT_ALPHABETS] = {
    [TEXT_GSM] = "gsm",   [TEXT_LATIN1] = "latin1", [TEXT_ASCII] = "ascii",
    [TEXT_UTF8] = "utf8", [TEXT_UCS2] = "ucs2",     [TEXT_BINARY] = "binary",
    [TEXT_GSM_PACKED] = "gsm-packed",
};

const char *
text_alphabet_name(enum text_alphabet alphabet)
{
    return (unsigned)alphabet < TEXT_ALPHABETS ? alphabet_names[alphabet] : "?";
}

/* The low half of an SMPP data_coding (5.0 section 4.7.7). What we cannot read is passed on as it
 * is. */
static enum text_alphabet
smpp_alphabet(uint8_t data_coding, enum text_alphabet default_alphabet)
{
    switch (data_coding) {
    case 0x00:
        return default_alphabet;
    case 0x01:
        return TEXT_ASCII;
    case 0x03:
        return TEXT_LATIN1;
    case 0x08:
        return TEXT_UCS2;
    default:
        return TEXT_BINARY;
    }
}

enum text_alphabet
text_alphabet_of(uint8_t data_coding, enum text_alphabet default_alphabet)
{
    if (data_coding < 0x10)
        return smpp_alphabet(data_coding, default_alphabet);
    if (data_coding >= 0xf0) /* message class; bit 2 says 8-bit data */
        return data_coding & 0x04 ? TEXT_BINARY : default_alphabet;
    if (data_coding >= 0xc0) /* message waiting; 0xe0 stores UCS-2 */
        return data_coding >= 0xe0 ? TEXT_UCS2 : default_alphabet;
    if (data_coding >= 0x80) /* reserved: 23.038 says to take it as the default alphabet */
        return default_alphabet;
    if (data_coding & 0x20) /* compressed */
        return TEXT_BINARY;
    switch (data_coding >> 2 & 3) { /* the general groups of 23.038, 0x10..0x1f and 0x40..0x5f */
    case 0:
        return default_alphabet;
    case 2:
        return TEXT_UCS2;
    default:
        return TEXT_BINARY;
    }
}

uint8_t
text_data_coding(uint8_t data_coding, bool ucs2)
{
    if (data_coding >= 0xf0) /* message class: UCS-2 with a class is in the general groups */
        return (uint8_t)((ucs2 ? 0x18 : 0xf0) | (data_coding & 0x03));
    if (data_coding >= 0xe0)
        return ucs2 ? data_coding : (uint8_t)(0xd0 | (data_coding & 0x0f));
    if (data_coding >= 0xc0) /* message waiting; UCS-2 has only the group that is kept */
        return ucs2 ? (uint8_t)(0xe0 | (data_coding & 0x0f)) : data_coding;
    if (data_coding >= 0x80 || data_coding < 0x10)
        return ucs2 ? 0x08 : 0x00;
    return (uint8_t)((data_coding & ~0x2cu) | (ucs2 ? 0x08 : 0x00));
}

/* Copies the ASCII at the front of in, as far as it fits; returns its length. Most texts are that
 * and nothing more. */
static size_t
copy_ascii(struct slice in, struct text_out *out)
{
    size_t run = utf8_ascii_run(in.p, in.n);

    if (run > out->cap - out->n)
        run = out->cap - out->n;
    if (run > 0)
        memcpy(out->p + out->n, in.p, run);
    out->n += run;
    return run;
}

static void
utf8_to_utf8(struct slice in, struct text_out *out)
{
    size_t at = copy_ascii(in, out), used;

    for (; at < in.n && !out->full; at += used) {
        uint32_t code_point = utf8_decode(in.p + at, in.n - at, &used);

        text_out_utf8(out, code_point == UTF8_BAD ? UTF8_REPLACEMENT : code_point);
    }
}

/* ASCII and Latin-1: an octet is a code point, up to the last one that the alphabet has. */
static void
octets_to_utf8(struct slice in, uint8_t last, struct text_out *out)
{
    for (size_t at = copy_ascii(in, out); at < in.n && !out->full; at++)
        text_out_utf8(out, in.p[at] <= last ? in.p[at] : UTF8_REPLACEMENT);
}

static void
octets_from_utf8(struct slice utf8, uint8_t last, struct text_out *out)
{
    size_t at = copy_ascii(utf8, out), used;

    for (; at < utf8.n && !out->full; at += used) {
        uint32_t code_point = utf8_decode(utf8.p + at, utf8.n - at, &used);

        text_out_octet(out, code_point <= last ? (uint8_t)code_point : '?');
    }
}

static bool
octets_fit(struct slice utf8, uint8_t last)
{
    size_t used;

    for (size_t at = utf8_ascii_run(utf8.p, utf8.n); at < utf8.n; at += used)
        if (utf8_decode(utf8.p + at, utf8.n - at, &used) > last)
            return false;
    return true;
}

size_t
text_to_utf8(enum text_alphabet alphabet, struct slice in, uint8_t *out, size_t cap)
{
    struct text_out to = {out, cap, 0, false};

    if (in.n == 0 || cap == 0)
        return 0;
    switch (alphabet) {
    case TEXT_GSM:
    case TEXT_GSM_PACKED:
        gsm_to_utf8(in, &to);
        break;
    case TEXT_LATIN1:
        octets_to_utf8(in, 0xff, &to);
        break;
    case TEXT_ASCII:
        octets_to_utf8(in, 0x7f, &to);
        break;
    case TEXT_UTF8:
        utf8_to_utf8(in, &to);
        break;
    case TEXT_UCS2:
        ucs2_to_utf8(in, &to);
        break;
    case TEXT_BINARY:
    case TEXT_ALPHABETS:
        break;
    }
    return to.n;
}

bool
text_fits(enum text_alphabet alphabet, struct slice utf8)
{
    switch (alphabet) {
    case TEXT_GSM:
    case TEXT_GSM_PACKED:
        return gsm_fits(utf8);
    case TEXT_LATIN1:
        return octets_fit(utf8, 0xff);
    case TEXT_ASCII:
        return octets_fit(utf8, 0x7f);
    case TEXT_UTF8:
    case TEXT_UCS2:
        return text_utf8_valid(utf8);
    case TEXT_BINARY:
    case TEXT_ALPHABETS:
        break;
    }
    return false;
}

size_t
text_from_utf8(enum text_alphabet alphabet, struct slice utf8, uint8_t *out, size_t cap)
{
    struct text_out to = {out, cap, 0, false};

    if (utf8.n == 0 || cap == 0)
        return 0;
    switch (alphabet) {
    case TEXT_GSM:
    case TEXT_GSM_PACKED:
        gsm_from_utf8(utf8, &to);
        break;
    case TEXT_LATIN1:
        octets_from_utf8(utf8, 0xff, &to);
        break;
    case TEXT_ASCII:
        octets_from_utf8(utf8, 0x7f, &to);
        break;
    case TEXT_UTF8:
        utf8_to_utf8(utf8, &to);
        break;
    case TEXT_UCS2:
        ucs2_from_utf8(utf8, &to);
        break;
    case TEXT_BINARY:
    case TEXT_ALPHABETS:
        break;
    }
    return to.full ? 0 : to.n;
}

bool
text_utf8_valid(struct slice utf8)
{
    size_t used;

    for (size_t at = utf8_ascii_run(utf8.p, utf8.n); at < utf8.n; at += used)
        if (utf8_decode(utf8.p + at, utf8.n - at, &used) == UTF8_BAD)
            return false;
    return true;
}

/* The plain form of one character, NULL if it has none or is plain. Never longer in UTF-8 than what
 * it stands for. */
static const char *
plain_form(uint32_t code_point)
{
    switch (code_point) {
    case 0x2018:
    case 0x2019:
    case 0x201a:
    case 0x201b:
    case 0x2032:
    case 0x2039:
    case 0x203a:
    case 0x02bc:
        return "'";
    case 0x201c: case 0x201d: case 0x201e: case 0x201f: case 0x2033: case 0x00ab: case 0x00bb:
        return "\"";
    case 0x2010: case 0x2011: case 0x2012: case 0x2013: case 0x2014: case 0x2015: case 0x2212:
        return "-";
    case 0x2026:
        return "...";
    case 0x00a0: case 0x2007: case 0x202f:
        return " ";
    default:
        return NULL;
    }
}

size_t
text_transliterate(struct slice utf8, uint8_t *out, size_t cap)
{
    struct text_out to = {out, cap, 0, false};
    size_t used;

    for (size_t at = copy_ascii(utf8, &to); at < utf8.n && !to.full; at += used) {
        uint32_t code_point = utf8_decode(utf8.p + at, utf8.n - at, &used);
        const char *plain = code_point < 0x80 ? NULL : plain_form(code_point);

        if (plain)
            for (; *plain; plain++)
                text_out_octet(&to, (uint8_t)*plain);
        else
            text_out_utf8(&to, code_point == UTF8_BAD ? UTF8_REPLACEMENT : code_point);
    }
    return to.full ? 0 : to.n;
}
