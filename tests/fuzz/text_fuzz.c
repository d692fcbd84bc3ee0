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

    if (in.n <= parts.octets_single)
        return;
    while (rest.n > 0) {
        struct slice part = text_part_next(alphabet, &rest, header);

        assert(part.n > 0 && part.n <= parts.octets_part);
        assert(part.p + part.n == rest.p);
        count++;
    }
    assert(count == parts.count);
    assert(text_part(alphabet, in, header, count).n == 0);
}

static void
pack(struct slice in, uint8_t *packed, uint8_t *back)
{
    size_t header = in.n % 9, n = text_pack(in, header, packed, in.n + 2);
    size_t m = text_unpack(slice_of(packed, n), in.n, header, back, in.n);

    assert(m == in.n);
    for (size_t i = 0; i < m; i++)
        assert(back[i] == (in.p[i] & 0x7f));
    text_unpack(in, in.n * 2, header, back, in.n * 2);
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
    split(alphabet, in, data[0] & 0x80 ? TEXT_HEADER_16BIT : TEXT_HEADER_8BIT);
    pack(in, utf8, back);
    free(copy);
    free(utf8);
    free(back);
    return 0;
}
