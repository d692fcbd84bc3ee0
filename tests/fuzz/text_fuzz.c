/*
 * text_fuzz.c: any octets as any alphabet: to UTF-8 and back, counted, cut, packed and split. The
 * first octet chooses the alphabet and the kind of header.
 */
#include "protocol/text.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_BYTES_MAX 4096u

/* What was decoded must be UTF-8, and encoded and decoded once more it must be the same text. */
static void
decode(enum text_alphabet alphabet, struct slice in, uint8_t *utf8, uint8_t *back)
{
    size_t n = text_to_utf8(alphabet, in, utf8, TEXT_UTF8_MAX(in.n));
    struct slice text = slice_of(utf8, n);
    size_t characters = text_graphemes(text), m;

    assert(text_utf8_valid(text));
    assert(characters <= n && text_prefix(text, characters) == n);
    assert(text_prefix(text, characters / 2) <= n);
    m = text_transliterate(text, back, n);
    assert(m > 0 || n == 0);
    m = text_from_utf8(alphabet, text, back, n * 2);
    assert(m > 0 || n == 0 || alphabet == TEXT_BINARY);
    if (text_fits(alphabet, text)) {
        uint8_t *again = malloc(TEXT_UTF8_MAX(m));
        size_t k = text_to_utf8(alphabet, slice_of(back, m), again, TEXT_UTF8_MAX(m));

        assert(slice_eq(slice_of(again, k), text));
        free(again);
    }
}

static void
split(enum text_alphabet alphabet, struct slice in, enum text_header header)
{
    struct text_parts parts = text_count_parts(alphabet, in, header);
    struct slice rest = in;
    uint32_t count = 0;

    if (in.n <= parts.octets_single) {
        assert(parts.count == 1 && slice_eq(text_part(alphabet, in, header, 0), in));
        assert(text_part(alphabet, in, header, 1).n == 0);
        return;
    }
    while (rest.n > 0) {
        struct slice part = text_part_next(alphabet, &rest, header);

        assert(part.n > 0 && part.n <= parts.octets_part);
        assert(part.p + part.n == rest.p);
        count++;
    }
    assert(count == parts.count || (parts.count == 0 && count > TEXT_PARTS_MAX));
    assert(text_part(alphabet, in, header, count).n == 0);
    assert(text_part(alphabet, in, header, count / 2).n > 0);
}

/* The same text over and over, until it is about as much as 255 parts hold. */
static void
split_repeated(enum text_alphabet alphabet, struct slice in, enum text_header header)
{
    static uint8_t repeated[255 * 153 + 200];
    size_t n = 0, most = in.n % 2 ? sizeof(repeated) : 255 * 134;

    while (n + in.n <= most) {
        memcpy(repeated + n, in.p, in.n);
        n += in.n;
    }
    split(alphabet, slice_of(repeated, n), header);
}

/* The data_coding of a text, made for another alphabet, says that one. */
static void
check_data_coding(uint8_t data_coding)
{
    uint8_t plain = text_data_coding(data_coding, false);
    uint8_t ucs2 = text_data_coding(data_coding, true);

    if (text_alphabet_of(data_coding, TEXT_GSM) == TEXT_BINARY)
        return;
    assert(text_alphabet_of(plain, TEXT_GSM) == TEXT_GSM);
    assert(text_alphabet_of(ucs2, TEXT_GSM) == TEXT_UCS2);
    assert(text_data_coding(plain, false) == plain && text_data_coding(ucs2, true) == ucs2);
}

static void
check_names(void)
{
    assert(strcmp(text_alphabet_name(TEXT_ALPHABETS), "?") == 0);
    assert(strcmp(text_header_name(TEXT_HEADER_8BIT), text_header_name(TEXT_HEADER_16BIT)) != 0);
    assert(strcmp(text_header_name((enum text_header)2), "?") == 0);
}

/* Parts of any length. */
static void
take(enum text_alphabet alphabet, struct slice in, size_t most)
{
    struct slice rest = in;

    while (rest.n > 0) {
        struct slice part = text_part_take(alphabet, &rest, most);

        assert(part.n > 0 && part.n <= most && part.p + part.n == rest.p);
    }
    assert(text_part_take(alphabet, &rest, most).n == 0);
}

/* What does not fit is left off at a whole character, or nothing is written. */
static void
no_room(enum text_alphabet alphabet, struct slice in, size_t cap)
{
    uint8_t *out = malloc(cap + (cap == 0));
    size_t n = text_to_utf8(alphabet, in, out, cap);

    assert(n <= cap && text_utf8_valid(slice_of(out, n)));
    assert(text_from_utf8(alphabet, in, out, cap) <= cap);
    assert(text_transliterate(in, out, cap) <= cap);
    assert(text_pack(in, 6, out, cap) <= cap);
    free(out);
}

static void
pack(struct slice in, uint8_t *packed, uint8_t *back)
{
    size_t header = in.n % 9, n = text_pack(in, header, packed, in.n + 2), septets;
    size_t m = text_unpack(slice_of(packed, n), in.n, header, back, in.n);

    assert(m == in.n);
    for (size_t i = 0; i < m; i++)
        assert(back[i] == (in.p[i] & 0x7f));
    septets = text_packed_septets(slice_of(packed, n), header);
    assert(septets == in.n || (septets + 1 == in.n && ((in.p[in.n - 1] & 0x7f) == 0 ||
                                                           (in.p[in.n - 1] & 0x7f) == 0x0d)));
    n = text_pack_octets(in, header, packed, in.n + 2);
    m = text_unpack_octets(slice_of(packed, n), header, back, in.n);
    assert(m == in.n || (m + 1 == in.n && (in.p[m] & 0x7f) == 0x0d));
    assert(m == 0 || back[m - 1] == (in.p[m - 1] & 0x7f));
    assert(text_unpack_octets(in, header, back, in.n * 2) <= in.n * 8 / 7);
    text_unpack(in, in.n * 2, header, back, in.n * 2);
    assert(text_packed_septets(in, header) <= in.n * 8 / 7);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum text_alphabet alphabet;
    struct slice in;
    uint8_t *copy, *utf8, *back;

    if (size < 1 || size > INPUT_BYTES_MAX)
        return 0;
    alphabet = (enum text_alphabet)(data[0] % TEXT_ALPHABETS);
    /* In memory of its own size, so that the sanitizer sees every octet read too many. */
    copy = malloc(size);
    utf8 = malloc(TEXT_UTF8_MAX(size));
    back = malloc(TEXT_UTF8_MAX(size) * 2);
    memcpy(copy, data + 1, size - 1);
    copy = realloc(copy, size - 1 + (size == 1));
    in = slice_of(copy, size - 1);
    decode(alphabet, in, utf8, back);
    text_utf8_valid(in);
    text_graphemes(in);
    text_fits(alphabet, in);
    text_from_utf8(alphabet, in, back, in.n * 2 + 4);
    assert(text_alphabet_name(alphabet) && text_alphabet_of(data[0], TEXT_GSM) < TEXT_ALPHABETS);
    no_room(alphabet, in, in.n / 2);
    take(alphabet, in, TEXT_PART_BYTES_MIN + data[0]);
    assert(text_room(alphabet, data[0]) <= 160 && text_header_name(TEXT_HEADER_8BIT));
    split(alphabet, in, data[0] & 0x80 ? TEXT_HEADER_16BIT : TEXT_HEADER_8BIT);
    if (data[0] / TEXT_ALPHABETS % 16 == 7 && in.n > 0 && in.n < 300) /* rare, for it takes long */
        split_repeated(alphabet, in, data[0] & 0x80 ? TEXT_HEADER_16BIT : TEXT_HEADER_8BIT);
    check_names();
    check_data_coding(in.n > 0 ? in.p[0] : data[0]);
    pack(in, utf8, back);
    free(copy);
    free(utf8);
    free(back);
    return 0;
}
