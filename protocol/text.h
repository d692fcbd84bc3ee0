/*
 * text.h: message text: UTF-8 inside, GSM 03.38, Latin-1, ASCII and UTF-16 on the wire; splitting
 * into parts and counting.
 *
 * Nothing allocates. Every converter says how much it wrote and never writes past cap. Sources:
 * 3GPP TS 23.038 (GSM alphabet), TS 23.040 9.2.3.24 (user data header), conformance E1..E8 and
 * L1..L5, relay rules R-text-1..4 and R-txt-6.
 */
#ifndef TANDEM_TEXT_H
#define TANDEM_TEXT_H

#include "protocol/slice.h"

/* What data_coding 0 means on a link (E1). */
enum text_alphabet {
    TEXT_GSM,
    TEXT_LATIN1,
    TEXT_ASCII,
    TEXT_UTF8,
    TEXT_UCS2,
    TEXT_BINARY,
    TEXT_GSM_PACKED, /* of a link only: a payload is in TEXT_GSM, packed on the way out */
    TEXT_ALPHABETS
};
const char *text_alphabet_name(enum text_alphabet alphabet);

/* Which alphabet a data_coding value says, given the link's meaning of 0 (E2, E5). The GSM 7-bit
 * groups (0x10, 0x18, message waiting, message class) have the same meaning as 0. Character sets
 * that are not read here (JIS, Cyrillic, Hebrew, Korean ...) and compressed text are TEXT_BINARY:
 * relayed untouched. */
enum text_alphabet text_alphabet_of(uint8_t data_coding, enum text_alphabet default_alphabet);

/* The data_coding of the same class (flash, message waiting, automatic deletion) for a text that
 * was put into the link's own alphabet, or with ucs2 into UCS-2. */
uint8_t text_data_coding(uint8_t data_coding, bool ucs2);

/* Longest UTF-8 that n octets of any alphabet can decode to. */
#define TEXT_UTF8_MAX(n) ((n) * 3u + 4u)

/* Octets of an alphabet to UTF-8. Undecodable units become U+FFFD (lone surrogates, odd last octet,
 * GSM and ASCII octets with bit 7), an unknown GSM escape its base character, an ESC at the end and
 * a pair of ESC one space (L06, L08). Returns the length written, at most cap; what does not fit is
 * left off at a whole character. TEXT_BINARY is no text: 0. */
size_t text_to_utf8(enum text_alphabet alphabet, struct slice in, uint8_t *out, size_t cap);

/* Does this UTF-8 fit the alphabet without loss? Never true for TEXT_BINARY, nor for octets that
 * are no UTF-8. */
bool text_fits(enum text_alphabet alphabet, struct slice utf8);
/* UTF-8 to an alphabet, GSM unpacked (one septet an octet, extension characters two). Characters
 * that do not fit become '?', in UTF-8 and UCS-2 U+FFFD. Returns octets written, 0 if cap is too
 * small (and for empty input); 2 * utf8.n is always enough. TEXT_BINARY: 0. */
size_t text_from_utf8(enum text_alphabet alphabet, struct slice utf8, uint8_t *out, size_t cap);
/* Typographic quotes, dashes, ellipsis, no-break blanks in their plain forms (R-text-2). Never
 * longer than valid input; returns 0 if cap is too small. */
size_t text_transliterate(struct slice utf8, uint8_t *out, size_t cap);
bool text_utf8_valid(struct slice utf8);

/* How many characters a person counts (extended grapheme clusters), and the length in octets of the
 * first n of them (R-txt-6: a combining sequence, an emoji family or a flag is never cut). */
size_t text_graphemes(struct slice utf8);
size_t text_prefix(struct slice utf8, size_t graphemes);

/* GSM packed 7-bit, with fill bits after a header of header_octets, its length octet counted (E6):
 * the packed octets stand right behind the header. Both return what they wrote; text_pack 0 if cap
 * is too small, text_unpack less than septets if packed is too short for them or cap too small. */
size_t text_pack(struct slice septets, size_t header_octets, uint8_t *out, size_t cap);
size_t text_unpack(struct slice packed, size_t septets, size_t header_octets, uint8_t *out,
                   size_t cap);
/* How many septets packed octets hold, where nobody says it: SMPP counts the octets. Seven spare
 * bits at the end look like an '@', or are filled with a CR: neither is counted. */
size_t text_packed_septets(struct slice packed, size_t header_octets);
/* Both ways where only octets are counted. Seven spare bits are filled with a CR, which nobody
 * sees where zeros would show as '@' (23.038 section 6.1.2.3.1); behind an '@' or a CR that ends
 * with an octet, and so could be taken for such bits, stands one more CR if cap has room, and
 * text_unpack_octets() takes it off again, as it does with a CR of the text's own in that place.
 * Without room for it readers may miss that '@': text_part_take() does not end a part so.
 * packed.n * 8 / 7 is enough room for the septets. */
size_t text_pack_octets(struct slice septets, size_t header_octets, uint8_t *out, size_t cap);
size_t text_unpack_octets(struct slice packed, size_t header_octets, uint8_t *out, size_t cap);

/*
 * Splitting (R-text-1, L1): a payload already in its alphabet (GSM unpacked or UTF-16BE) into
 * parts. One part if it fits 160 septets / 140 octets / 70 units; else parts of 153/134/67 with an
 * 8-bit reference (152/133/66 with a 16-bit one). An escape pair and a surrogate pair never part
 * (E4); a grapheme only when it is longer than a part. Latin-1, ASCII, UTF-8 and binary count as
 * octets, 140 and 134 (133).
 */
#define TEXT_USER_DATA_BYTES 140u   /* of one message on the air, header and all */
enum text_header { TEXT_HEADER_8BIT, TEXT_HEADER_16BIT };
const char *text_header_name(enum text_header header);
struct text_parts {
    uint32_t count;
    uint32_t octets_single;         /* what a message without header holds, in octets of payload */
    uint32_t octets_part;           /* what one part holds */
};
#define TEXT_PARTS_MAX 255u
/* Counts the parts; count is 0 if more than 255 would be needed. An empty payload is one part. */
struct text_parts text_count_parts(enum text_alphabet alphabet, struct slice payload,
                                   enum text_header header);
/* The index'th part (from 0) as a slice of payload; SLICE_NONE past the last. Walks from the start:
 * to take all parts in turn use text_part_next. */
struct slice text_part(enum text_alphabet alphabet, struct slice payload, enum text_header header,
                       uint32_t index);
/* Takes the next part of a payload that needs several off *rest; an empty slice at the end. */
struct slice text_part_next(enum text_alphabet alphabet, struct slice *rest,
                            enum text_header header);
/* The same for parts of another length: where a carrier takes less, or a header has more in it than
 * the numbers of the parts. most is at least TEXT_PART_BYTES_MIN, so that the longest character
 * always fits. */
#define TEXT_PART_BYTES_MIN 4u
struct slice text_part_take(enum text_alphabet alphabet, struct slice *rest, size_t most);
/* How many octets of payload go into one message beside a header of header_octets, its length octet
 * counted; GSM unpacked. */
size_t text_room(enum text_alphabet alphabet, size_t header_octets);

#endif
