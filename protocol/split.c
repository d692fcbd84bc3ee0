/*
 * split.c: a long text into the parts of a concatenated message (R-text-1; conformance L1, E4; G15,
 * G17). Separate from text.c because it works on payloads that are in their alphabet already.
 *
 * Parts are greedy: each takes what fits. Where the cut would go through something that belongs
 * together it moves back; only what is itself longer than a part is cut, and then between code
 * points.
 */
#include <assert.h>

#include "protocol/grapheme.h"
#include "protocol/text.h"
#include "protocol/text_codec.h"

size_t
text_room(enum text_alphabet alphabet, size_t header_octets)
{
    size_t octets =
        header_octets < TEXT_USER_DATA_BYTES ? TEXT_USER_DATA_BYTES - header_octets : 0;

    switch (alphabet) {
    case TEXT_GSM:
    case TEXT_GSM_PACKED:
        return octets * 8 / 7;
    case TEXT_UCS2: /* no half units */
        return octets & ~(size_t)1;
    case TEXT_LATIN1: /* counted as 8-bit data, which a carrier cannot make longer */
    case TEXT_ASCII:
    case TEXT_UTF8:
    case TEXT_BINARY:
    case TEXT_ALPHABETS:
        break;
    }
    return octets;
}

/* L1 by alphabet and header. */
static struct text_parts
limits_of(enum text_alphabet alphabet, enum text_header header)
{
    size_t header_octets = header == TEXT_HEADER_16BIT ? 7 : 6;

    return (struct text_parts){0, (uint32_t)text_room(alphabet, 0),
                               (uint32_t)text_room(alphabet, header_octets)};
}

const char *
text_header_name(enum text_header header)
{
    return header == TEXT_HEADER_8BIT ? "8bit" : header == TEXT_HEADER_16BIT ? "16bit" : "?";
}

/* How many escapes end at p[n - 1] without a break: an odd number means that the last one has its
 * second half after n. */
static size_t
escapes_before(const uint8_t *p, size_t n)
{
    size_t run = 0;

    while (run < n && p[n - 1 - run] == GSM_ESCAPE)
        run++;
    return run;
}

/* Where to cut rest, which is longer than most, when nothing but escape pairs and CR LF belong
 * together. */
static size_t
cut_octets(struct slice rest, size_t most, bool escapes)
{
    if (escapes && escapes_before(rest.p, most) % 2 == 1)
        return most - 1;
    if (rest.p[most - 1] == GSM_CR && rest.p[most] == GSM_LF &&
        !(escapes && escapes_before(rest.p, most - 1) % 2 == 1))
        return most - 1;
    return most;
}

/* A full part of packed septets ends with an octet: what would be taken for spare bits there goes
 * into the next part (text_pack_octets). rest may be just most long. */
static size_t
cut_packed(struct slice rest, size_t most)
{
    size_t n = rest.n > most ? cut_octets(rest, most, true) : rest.n;

    if (n < most || !gsm_like_spare_bits(rest.p[n - 1]))
        return n;
    return n - 1 - escapes_before(rest.p, n - 1) % 2;
}

/* The same as cut_octets() for UTF-8 and UTF-16: the last cluster that begins within most octets
 * and does not end there is left out. */
static size_t
cut_clusters(struct slice rest, size_t most, enum text_alphabet alphabet)
{
    struct grapheme_scan scan = GRAPHEME_SCAN_START;
    size_t cluster = 0; /* where the last cluster began */
    size_t whole = 0;   /* the end of the last code point that fits */
    size_t at = 0;

    while (at < rest.n) {
        size_t used;
        uint32_t code_point = alphabet == TEXT_UCS2 ? ucs2_decode(rest.p + at, rest.n - at, &used)
                                                    : utf8_decode(rest.p + at, rest.n - at, &used);

        if (grapheme_begins(&scan, code_point == UTF8_BAD ? UTF8_REPLACEMENT : code_point)) {
            if (whole < at)
                return cluster;
            cluster = at;
        }
        at += used;
        if (at <= most)
            whole = at;
        else if (at - cluster > most)
            return whole;
    }
    return cluster; /* rest is longer than most, so the last one did not fit */
}

/* The first part of rest. */
static size_t
part_length(enum text_alphabet alphabet, struct slice rest, size_t most)
{
    if (rest.n < most || (rest.n == most && alphabet != TEXT_GSM_PACKED))
        return rest.n;
    switch (alphabet) {
    case TEXT_GSM:
        return cut_octets(rest, most, true);
    case TEXT_GSM_PACKED:
        return cut_packed(rest, most);
    case TEXT_LATIN1:
    case TEXT_ASCII:
        return cut_octets(rest, most, false);
    case TEXT_UTF8:
    case TEXT_UCS2:
        return cut_clusters(rest, most, alphabet);
    case TEXT_BINARY:
    case TEXT_ALPHABETS:
        break;
    }
    return most;
}

struct slice
text_part_take(enum text_alphabet alphabet, struct slice *rest, size_t most)
{
    size_t n;
    struct slice part;

    assert(most >= TEXT_PART_BYTES_MIN);
    n = part_length(alphabet, *rest, most);
    part = slice_of(rest->p, n);
    if (n > 0)
        *rest = slice_of(rest->p + n, rest->n - n);
    return part;
}

struct slice
text_part_next(enum text_alphabet alphabet, struct slice *rest, enum text_header header)
{
    return text_part_take(alphabet, rest, limits_of(alphabet, header).octets_part);
}

struct text_parts
text_count_parts(enum text_alphabet alphabet, struct slice payload, enum text_header header)
{
    struct text_parts parts = limits_of(alphabet, header);

    if (payload.n <= parts.octets_single) {
        parts.count = 1;
        return parts;
    }
    /* A text so long that no way to cut it could do is not walked: its length may come from
     * outside. */
    if (payload.n > (size_t)TEXT_PARTS_MAX * parts.octets_part)
        return parts;
    while (payload.n > 0) {
        text_part_next(alphabet, &payload, header);
        parts.count++;
    }
    if (parts.count > TEXT_PARTS_MAX)
        parts.count = 0;
    return parts;
}

struct slice
text_part(enum text_alphabet alphabet, struct slice payload, enum text_header header,
          uint32_t index)
{
    struct slice part = payload;

    if (payload.n <= limits_of(alphabet, header).octets_single)
        return index == 0 ? payload : SLICE_NONE;
    for (uint32_t i = 0; i <= index; i++) {
        if (payload.n == 0)
            return SLICE_NONE;
        part = text_part_next(alphabet, &payload, header);
    }
    return part;
}
