/*
 * split_test.c: a long text into parts (R-text-1, conformance L1, E4; rows G15, G17).
 */
#include "protocol/grapheme.h"
#include "protocol/text.h"
#include "protocol/utf8.h"
#include "tests/unit/check.h"

#define ROUNDS 3000

static uint8_t payload[40000];
static uint64_t seed = 20240608;

/* splitmix64 */
static uint32_t
chance(uint32_t below)
{
    uint64_t z = seed += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) % below);
}

static void
check_count(enum text_alphabet alphabet, enum text_header header, size_t n, uint32_t want)
{
    check_number(text_count_parts(alphabet, slice_of(payload, n), header).count, want);
}

static void
smpp_l1_limits(void)
{
    static const struct {
        enum text_alphabet alphabet;
        uint32_t single, narrow, wide;
    } rows[] = {
        {TEXT_GSM, 160, 153, 152},   {TEXT_LATIN1, 140, 134, 133}, {TEXT_ASCII, 140, 134, 133},
        {TEXT_UTF8, 140, 134, 133},  {TEXT_UCS2, 140, 134, 132},   {TEXT_BINARY, 140, 134, 133},
    };

    memset(payload, 'x', sizeof(payload));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int h = 0; h < 2; h++) {
            enum text_header header = (enum text_header)h;
            uint32_t part = header == TEXT_HEADER_16BIT ? rows[i].wide : rows[i].narrow;
            struct text_parts parts = text_count_parts(rows[i].alphabet, SLICE_NONE, header);

            check_number(parts.count, 1);
            check_number(parts.octets_single, rows[i].single);
            check_number(parts.octets_part, part);
            check_count(rows[i].alphabet, header, rows[i].single, 1);
            check_count(rows[i].alphabet, header, rows[i].single + 1, 2);
            check_count(rows[i].alphabet, header, 2 * part, 2);
            check_count(rows[i].alphabet, header, 2 * part + 1, 3);
            check_count(rows[i].alphabet, header, 255 * part, 255);
            check_count(rows[i].alphabet, header, 255 * part + 1, 0);
        }
    }
}

static void
r_text_1_lengths(void)
{
    memset(payload, 'x', sizeof(payload));
    check_count(TEXT_GSM, TEXT_HEADER_8BIT, 161, 2);
    check_count(TEXT_GSM, TEXT_HEADER_8BIT, 306, 2);
    check_count(TEXT_GSM, TEXT_HEADER_8BIT, 307, 3);
    check_count(TEXT_GSM, TEXT_HEADER_8BIT, 459, 3);
    check_count(TEXT_GSM, TEXT_HEADER_8BIT, 460, 4);
    check_number(text_part(TEXT_GSM, slice_of(payload, 160), TEXT_HEADER_8BIT, 0).n, 160);
    check_number(text_part(TEXT_GSM, slice_of(payload, 161), TEXT_HEADER_8BIT, 0).n, 153);
    check_number(text_part(TEXT_GSM, slice_of(payload, 161), TEXT_HEADER_8BIT, 1).n, 8);
    check(text_part(TEXT_GSM, slice_of(payload, 161), TEXT_HEADER_8BIT, 2).p == NULL);
    check(text_part(TEXT_GSM, slice_of(payload, 160), TEXT_HEADER_8BIT, 1).p == NULL);
}

static void
smpp_e4_escape_pair_never_parts(void)
{
    /* an escape at 152 would be the last octet of a part of 153 */
    for (size_t escapes = 1; escapes < 8; escapes++) {
        struct slice part;

        memset(payload, 'x', 200);
        memset(payload + 153 - escapes, 0x1b, escapes);
        part = text_part(TEXT_GSM, slice_of(payload, 200), TEXT_HEADER_8BIT, 0);
        check_number(part.n, escapes % 2 == 1 ? 152 : 153);
    }
    memset(payload, 0x1b, 170);
    check_number(text_part(TEXT_GSM, slice_of(payload, 170), TEXT_HEADER_8BIT, 0).n, 152);
    check_number(text_part(TEXT_GSM, slice_of(payload, 170), TEXT_HEADER_16BIT, 0).n, 152);
}

static void
smpp_e4_cr_lf_stays_together(void)
{
    memset(payload, 'x', 200);
    memcpy(payload + 152, "\r\n", 2);
    check_number(text_part(TEXT_GSM, slice_of(payload, 200), TEXT_HEADER_8BIT, 0).n, 152);
    payload[151] = 0x1b; /* the CR belongs to the escape */
    check_number(text_part(TEXT_GSM, slice_of(payload, 200), TEXT_HEADER_8BIT, 0).n, 153);
    memset(payload, 'x', 200);
    memcpy(payload + 133, "\r\n", 2);
    check_number(text_part(TEXT_LATIN1, slice_of(payload, 200), TEXT_HEADER_8BIT, 0).n, 133);
    check_number(text_part(TEXT_BINARY, slice_of(payload, 200), TEXT_HEADER_8BIT, 0).n, 134);
}

/* before units of 'x', then text, then 'x' to 100 units in all. */
static size_t
ucs2_around(size_t before, const char *text)
{
    size_t n = text_from_utf8(TEXT_UCS2, slice_str(text), payload + before * 2, 1000);

    for (size_t i = 0; i < before; i++)
        memcpy(payload + i * 2, "\0x", 2);
    for (n += before * 2; n < 200; n += 2)
        memcpy(payload + n, "\0x", 2);
    return n;
}

static void
smpp_e4_surrogate_pair_never_parts(void)
{
    size_t n = ucs2_around(66, "\U0001F600");

    check_number(text_part(TEXT_UCS2, slice_of(payload, n), TEXT_HEADER_8BIT, 0).n, 132);
    n = ucs2_around(65, "\U0001F600");
    check_number(text_part(TEXT_UCS2, slice_of(payload, n), TEXT_HEADER_8BIT, 0).n, 134);
    check_number(text_part(TEXT_UCS2, slice_of(payload, n), TEXT_HEADER_16BIT, 0).n, 130);
}

static void
g17_grapheme_never_parts(void)
{
    static const char *const whole[] = {
        "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466",
        "\U0001F1EC\U0001F1E7",
        "e\u0301\u0302",
        "\U0001F44D\U0001F3FD",
        "\r\n",
    };

    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        uint8_t units[100];
        size_t length = text_from_utf8(TEXT_UCS2, slice_str(whole[i]), units, sizeof(units)) / 2;

        for (size_t before = 66; before > 67 - length; before--) {
            size_t n = ucs2_around(before, whole[i]);

            check_number(text_part(TEXT_UCS2, slice_of(payload, n), TEXT_HEADER_8BIT, 0).n,
                         before * 2);
        }
        check_number(ucs2_around(67 - length, whole[i]), 200);
        check_number(text_part(TEXT_UCS2, slice_of(payload, 200), TEXT_HEADER_8BIT, 0).n, 134);
    }
}

static void
smpp_e4_grapheme_longer_than_a_part_is_cut(void)
{
    size_t n = 2 * 10;

    memset(payload, 0, 400);
    for (size_t i = 1; i < n; i += 2)
        payload[i] = 'x';
    for (; n < 400; n += 2)
        memcpy(payload + n, "\x03\x01", 2); /* U+0301 */
    check_number(text_part(TEXT_UCS2, slice_of(payload, n), TEXT_HEADER_8BIT, 0).n, 134);
    check_number(text_part(TEXT_UCS2, slice_of(payload, n), TEXT_HEADER_8BIT, 1).n, 134);
    check_number(text_part(TEXT_UCS2, slice_of(payload, n), TEXT_HEADER_8BIT, 2).n, 132);
    check_number(text_count_parts(TEXT_UCS2, slice_of(payload, n), TEXT_HEADER_8BIT).count, 3);
}

/* Something that likes to sit on a boundary. */
static size_t
random_payload(enum text_alphabet alphabet)
{
    static const char *const bits[] = {
        "a",          "b ",     "é",          "\u0301", "\u200D",     "\U0001F468", "\U0001F469",
        "\U0001F1EC", "\uFE0F", "\r",         "\n",     "{",          "€",          "\uac01",
        "\u11a8",     "\u0600", "\U0001F3FD", "xyz",    "\U0001F1E7",
    };
    size_t n = 0, most = chance(8) ? chance(700) : chance(30000);
    /* many different bits, or mainly one, so that clusters longer than a part come up */
    uint32_t favourite = chance(4) ? UINT32_MAX : chance(sizeof(bits) / sizeof(bits[0]));

    while (n < most) {
        uint32_t kind = favourite != UINT32_MAX && chance(200)
                            ? favourite
                            : chance(sizeof(bits) / sizeof(bits[0]));

        if (alphabet == TEXT_BINARY || chance(100) == 0)
            payload[n++] = (uint8_t)chance(256);
        else if (alphabet == TEXT_GSM && chance(5) == 0)
            payload[n++] = 0x1b;
        else
            n += text_from_utf8(alphabet, slice_str(bits[kind]), payload + n, 8);
    }
    return n;
}

/* Does a cut at octet `at` go through an escape pair, a surrogate pair, a UTF-8 character, or CR
 * LF? */
static bool
cuts_a_character(enum text_alphabet alphabet, size_t n, size_t at)
{
    size_t escapes = 0;

    if (at == n)
        return false;
    if (alphabet == TEXT_UCS2)
        return at % 2 == 1 ||
               ((payload[at - 2] & 0xfc) == 0xd8 && at + 1 < n && (payload[at] & 0xfc) == 0xdc);
    if (alphabet == TEXT_UTF8) {
        size_t used;

        for (size_t i = 0; i < at; i += used)
            if (utf8_decode(payload + i, n - i, &used) != UTF8_BAD && i + used > at)
                return true;
        return false;
    }
    while (alphabet == TEXT_GSM && escapes < at && payload[at - 1 - escapes] == 0x1b)
        escapes++;
    return escapes % 2 == 1;
}

static void
check_parts(enum text_alphabet alphabet, enum text_header header, size_t n)
{
    struct slice all = slice_of(payload, n), rest = all;
    struct text_parts parts = text_count_parts(alphabet, all, header);
    size_t at = 0;
    uint32_t index = 0;

    if (n <= parts.octets_single) {
        check_number(parts.count, 1);
        check_slice(text_part(alphabet, all, header, 0), all);
        return;
    }
    while (rest.n > 0) {
        struct slice part = text_part_next(alphabet, &rest, header);

        check(part.n > 0 && part.n <= parts.octets_part);
        check(part.p == payload + at);
        at += part.n;
        check(rest.n == n - at);
        check(!cuts_a_character(alphabet, n, at));
        if (index < 20)
            check(text_part(alphabet, all, header, index).p == part.p);
        index++;
    }
    check_number(at, n);
    check_number(parts.count, index <= TEXT_PARTS_MAX ? index : 0);
    check_number(text_part_next(alphabet, &rest, header).n, 0);
}

static void
parts_join_to_the_whole(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        enum text_alphabet alphabet = (enum text_alphabet)chance(TEXT_ALPHABETS);
        size_t n = random_payload(alphabet);

        check_parts(alphabet, (enum text_header)chance(2), n);
    }
}

/* Graphemes of the parts one by one add up to those of the whole exactly if no cut went through
 * one. */
static void
parts_have_the_graphemes_of_the_whole(void)
{
    static uint8_t utf8[TEXT_UTF8_MAX(40000)];

    for (int round = 0; round < ROUNDS; round++) {
        static const char *const bits[] = {"a",
                                           "é",
                                           "e\u0301",
                                           "\U0001F468\u200D\U0001F469\u200D\U0001F467",
                                           "\r\n",
                                           "\U0001F1EC\U0001F1E7",
                                           "\U0001F44D\U0001F3FD",
                                           "\uac01\u11a8"};
        enum text_alphabet alphabet = chance(2) ? TEXT_UCS2 : TEXT_UTF8;
        size_t n = 0, most = 150 + chance(2000), whole, sum = 0;
        struct slice rest;

        while (n < most)
            n += text_from_utf8(alphabet, slice_str(bits[chance(8)]), payload + n, 64);
        rest = slice_of(payload, n);
        whole = text_graphemes(slice_of(utf8, text_to_utf8(alphabet, rest, utf8, sizeof(utf8))));
        while (rest.n > 0) {
            struct slice part = text_part_next(alphabet, &rest, (enum text_header)(round % 2));

            sum += text_graphemes(slice_of(utf8, text_to_utf8(alphabet, part, utf8, sizeof(utf8))));
        }
        check_number(sum, whole);
    }
}

CHECK_MAIN({"smpp_l1_limits", smpp_l1_limits},
           {"r_text_1_lengths", r_text_1_lengths},
           {"smpp_e4_escape_pair_never_parts", smpp_e4_escape_pair_never_parts},
           {"smpp_e4_cr_lf_stays_together", smpp_e4_cr_lf_stays_together},
           {"smpp_e4_surrogate_pair_never_parts", smpp_e4_surrogate_pair_never_parts},
           {"g17_grapheme_never_parts", g17_grapheme_never_parts},
           {"smpp_e4_grapheme_longer_than_a_part_is_cut",
            smpp_e4_grapheme_longer_than_a_part_is_cut},
           {"parts_join_to_the_whole", parts_join_to_the_whole},
           {"parts_have_the_graphemes_of_the_whole", parts_have_the_graphemes_of_the_whole})
