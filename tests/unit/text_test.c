/*
 * text_test.c: alphabets to UTF-8 and back (conformance E1 to E6; rows L06 to L12, G25; R-text-2).
 */
#include "protocol/text.h"
#include "tests/unit/check.h"

static uint64_t seed = 20240607;

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
check_decodes(enum text_alphabet alphabet, const char *hex, const char *want)
{
    uint8_t in[600], out[TEXT_UTF8_MAX(600)];
    size_t n = check_hex(hex, in, sizeof(in));

    n = text_to_utf8(alphabet, slice_of(in, n), out, TEXT_UTF8_MAX(n));
    check_text(slice_of(out, n), want);
}

static void
check_encodes(enum text_alphabet alphabet, const char *text, const char *hex)
{
    uint8_t want[600], out[600];
    size_t wanted = check_hex(hex, want, sizeof(want));
    size_t n = text_from_utf8(alphabet, slice_str(text), out, sizeof(out));

    check_slice(slice_of(out, n), slice_of(want, wanted));
    for (size_t cap = 0; cap < wanted; cap++)
        check_number(text_from_utf8(alphabet, slice_str(text), out, cap), 0);
    check_number(text_from_utf8(alphabet, slice_str(text), out, wanted), wanted);
}

static void
smpp_e2_data_coding_says_the_alphabet(void)
{
    static const struct {
        uint8_t data_coding;
        enum text_alphabet want;
    } rows[] = {
        {0x00, TEXT_UTF8},   {0x01, TEXT_ASCII},  {0x02, TEXT_BINARY}, {0x03, TEXT_LATIN1},
        {0x04, TEXT_BINARY}, {0x05, TEXT_BINARY}, {0x06, TEXT_BINARY}, {0x08, TEXT_UCS2},
        {0x0e, TEXT_BINARY}, {0x10, TEXT_UTF8},   {0x11, TEXT_UTF8},   {0x14, TEXT_BINARY},
        {0x18, TEXT_UCS2},   {0x19, TEXT_UCS2},   {0x1c, TEXT_BINARY}, {0x20, TEXT_BINARY},
        {0x48, TEXT_UCS2},   {0xc0, TEXT_UTF8},   {0xd8, TEXT_UTF8},   {0xe0, TEXT_UCS2},
        {0xf0, TEXT_UTF8},   {0xf1, TEXT_UTF8},   {0xf4, TEXT_BINARY}, {0xf5, TEXT_BINARY},
        {0xff, TEXT_BINARY},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_number(text_alphabet_of(rows[i].data_coding, TEXT_UTF8), rows[i].want);
    check_number(text_alphabet_of(0xf0, TEXT_GSM), TEXT_GSM);
    for (int i = 0; i < TEXT_ALPHABETS; i++)
        check(text_alphabet_name((enum text_alphabet)i)[0] != '?');
}

static void
smpp_e3_gsm_basic_table(void)
{
    check_decodes(TEXT_GSM, "000102030405060708090a0b0c0d0e0f", "@£$¥èéùìòÇ\nØø\rÅå");
    check_decodes(TEXT_GSM, "101112131415161718191a1c1d1e1f", "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ");
    check_decodes(TEXT_GSM, "2021222324252f303940415a5b5c5d5e5f", " !\"#¤%/09¡AZÄÖÑÜ§");
    check_decodes(TEXT_GSM, "60617a7b7c7d7e7f", "¿azäöñüà");
    check_decodes(TEXT_GSM, "4180ff41", "A\uFFFD\uFFFDA");
}

static void
smpp_e3_gsm_extension_table(void)
{
    check_decodes(TEXT_GSM, "1b0a1b141b281b291b2f1b3c1b3d1b3e1b401b65", "\f^{}\\[~]|€");
    check_encodes(TEXT_GSM, "\f^{}\\[~]|€", "1b0a1b141b281b291b2f1b3c1b3d1b3e1b401b65");
    /* unknown extensions show their base character */
    check_decodes(TEXT_GSM, "1b411b001b0d", "A@\r");
    check_decodes(TEXT_GSM, "1b80", "\uFFFD");
}

static void
smpp_e3_every_gsm_character_round_trips(void)
{
    uint8_t utf8[8], back[4];

    for (unsigned octet = 0; octet < 256; octet++) {
        uint8_t pair[2] = {0x1b, (uint8_t)(octet & 0x7f)};
        bool extended = octet >= 128;
        struct slice in = extended ? slice_of(pair, 2) : slice_of(pair + 1, 1);
        size_t n = text_to_utf8(TEXT_GSM, in, utf8, sizeof(utf8));
        bool known = !extended || memchr("\x0a\x14\x28\x29\x2f\x3c\x3d\x3e\x40\x65", pair[1], 10);

        check(text_fits(TEXT_GSM, slice_of(utf8, n)));
        if (pair[1] == 0x1b || !known)
            continue;
        n = text_from_utf8(TEXT_GSM, slice_of(utf8, n), back, sizeof(back));
        check_slice(slice_of(back, n), in);
    }
}

static void
smpp_e3_only_gsm_characters_fit(void)
{
    static const char *const bad[] = {"\x01", "`",  "ç",      "á",    "Ώ",     "“",
                                      "😀",    "\t", "\u2126", "\xff", "a\xc3", "\u00a0"};

    check(text_fits(TEXT_GSM, SLICE_NONE));
    check(text_fits(TEXT_GSM, SLICE_LIT("Hi {you} @ €5 Ωñ")));
    check(!text_fits(TEXT_GSM, SLICE_LIT("a\0b")));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        check(!text_fits(TEXT_GSM, slice_str(bad[i])));
    check_encodes(TEXT_GSM, "a`b\U0001F600c\xff", "613f623f633f");
}

static void
l06_254_escapes_are_127_blanks(void)
{
    uint8_t in[254], out[TEXT_UTF8_MAX(254)];

    memset(in, 0x1b, sizeof(in));
    check_number(text_to_utf8(TEXT_GSM, slice_of(in, sizeof(in)), out, sizeof(out)), 127);
    for (size_t i = 0; i < 127; i++)
        check(out[i] == ' ');
}

static void
l07_254_pound_signs_grow(void)
{
    uint8_t in[254], out[TEXT_UTF8_MAX(254)], back[254];
    size_t n;

    memset(in, 0x01, sizeof(in));
    n = text_to_utf8(TEXT_GSM, slice_of(in, sizeof(in)), out, sizeof(out));
    check_number(n, 508);
    check_number(text_from_utf8(TEXT_GSM, slice_of(out, n), back, sizeof(back)), 254);
    check_slice(slice_of(back, 254), slice_of(in, 254));
}

static void
l08_escape_at_the_end_is_a_blank(void)
{
    check_decodes(TEXT_GSM, "48691b", "Hi ");
    check_decodes(TEXT_GSM, "1b", " ");
    check_decodes(TEXT_GSM, "1b1b1b", "  ");
    check_decodes(TEXT_GSM, "1b1b65", " e");
}

static void
l09_odd_ucs2_ends_in_a_replacement(void)
{
    check_decodes(TEXT_UCS2, "004800", "H\uFFFD");
    check_decodes(TEXT_UCS2, "d8", "\uFFFD");
    check_decodes(TEXT_UCS2, "d83dde", "\uFFFD\uFFFD");
}

static void
l10_l11_lone_surrogates(void)
{
    check_decodes(TEXT_UCS2, "d83d", "\uFFFD");
    check_decodes(TEXT_UCS2, "de000048", "\uFFFDH");
    check_decodes(TEXT_UCS2, "d83dd83dde00", "\uFFFD\U0001F600");
    check_decodes(TEXT_UCS2, "d83d0041", "\uFFFDA");
    check_decodes(TEXT_UCS2, "dbffdfff d800dc00", "\U0010FFFF\U00010000");
}

static void
l12_bidi_override_and_nul_stay(void)
{
    uint8_t out[16];
    size_t n = text_to_utf8(TEXT_UCS2, SLICE_LIT("\x20\x2e\x00\x00"), out, sizeof(out));

    check_slice(slice_of(out, n), SLICE_LIT("\xe2\x80\xae\x00"));
}

static void
smpp_e2_latin1_ascii_utf8(void)
{
    check_decodes(TEXT_LATIN1, "41a3e9ff80", "A£éÿ\xc2\x80");
    check_encodes(TEXT_LATIN1, "A£éÿ€", "41a3e9ff3f");
    check_decodes(TEXT_ASCII, "4180ff7f", "A\uFFFD\uFFFD\x7f");
    check_encodes(TEXT_ASCII, "A£\x7f", "413f7f");
    check_decodes(TEXT_UTF8, "41c3a9 ff c3", "Aé\uFFFD\uFFFD");
    check_encodes(TEXT_UTF8, "Aé\xff", "41c3a9efbfbd");
    check_encodes(TEXT_UCS2, "Aé€\U0001F600\xff", "004100e920acd83dde00fffd");
    check(text_fits(TEXT_LATIN1, slice_str("ÿ")) && !text_fits(TEXT_LATIN1, slice_str("€")));
    check(text_fits(TEXT_ASCII, slice_str("\x7f")) && !text_fits(TEXT_ASCII, slice_str("é")));
    check(text_fits(TEXT_UCS2, slice_str("\U0001F600")) &&
          !text_fits(TEXT_UCS2, slice_str("\xff")));
}

static void
smpp_e5_binary_is_no_text(void)
{
    uint8_t out[16];

    check(!text_fits(TEXT_BINARY, slice_str("a")));
    check_number(text_to_utf8(TEXT_BINARY, slice_str("a"), out, sizeof(out)), 0);
    check_number(text_from_utf8(TEXT_BINARY, slice_str("a"), out, sizeof(out)), 0);
}

static void
utf8_is_strict(void)
{
    static const char *const good[] = {"",       "a",      "\xc2\x80", "\u07ff",     "\u0800",
                                       "\ud7ff", "\ue000", "\uffff",   "\U00010000", "\U0010ffff"};
    static const char *const bad[] = {"\x80",
                                      "\xc0\xaf",
                                      "\xc1\xbf",
                                      "\xc2",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xe2\x82",
                                      "\xf0\x9f\x98",
                                      "\xfe",
                                      "a\xe2\x28\xa1"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        check(text_utf8_valid(slice_str(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        check(!text_utf8_valid(slice_str(bad[i])));
    /* one replacement for each start that could have become a character */
    check_decodes(TEXT_UTF8, "e282 41", "\uFFFDA");
    check_decodes(TEXT_UTF8, "f09f98 f09f9880", "\uFFFD\U0001F600");
    check_decodes(TEXT_UTF8, "eda080", "\uFFFD\uFFFD\uFFFD");
}

static void
no_octets_and_no_room(void)
{
    for (int i = 0; i < TEXT_ALPHABETS; i++) {
        enum text_alphabet alphabet = (enum text_alphabet)i;

        check_number(text_to_utf8(alphabet, SLICE_NONE, NULL, 0), 0);
        check_number(text_to_utf8(alphabet, slice_str("ab"), NULL, 0), 0);
        check_number(text_from_utf8(alphabet, SLICE_NONE, NULL, 0), 0);
        check_number(text_from_utf8(alphabet, slice_str("ab"), NULL, 0), 0);
        check_number(text_fits(alphabet, SLICE_NONE), alphabet != TEXT_BINARY);
    }
    check(text_utf8_valid(SLICE_NONE));
    check_number(text_graphemes(SLICE_NONE) + text_prefix(SLICE_NONE, 1), 0);
    check_number(text_transliterate(SLICE_NONE, NULL, 0) + text_pack(SLICE_NONE, 0, NULL, 0), 0);
    check_number(text_unpack(SLICE_NONE, 5, 0, NULL, 0), 0);
}

static void
decoding_stops_at_the_capacity(void)
{
    static const char text[] = "a\x01\x1b\x65z";
    static const size_t want[] = {0, 1, 1, 3, 3, 3, 6, 7, 7};
    uint8_t out[16];

    for (size_t cap = 0; cap < sizeof(want) / sizeof(want[0]); cap++)
        check_number(text_to_utf8(TEXT_GSM, SLICE_LIT(text), out, cap), want[cap]);
}

static void
nothing_decodes_to_more_than_utf8_max(void)
{
    uint8_t in[64], out[TEXT_UTF8_MAX(64)];

    for (int round = 0; round < 20000; round++) {
        size_t n = chance(sizeof(in) + 1), used;
        enum text_alphabet alphabet = (enum text_alphabet)chance(TEXT_ALPHABETS);

        for (size_t i = 0; i < n; i++)
            in[i] = (uint8_t)(chance(4) ? chance(256) : 0x1b);
        used = text_to_utf8(alphabet, slice_of(in, n), out, TEXT_UTF8_MAX(n));
        check(text_utf8_valid(slice_of(out, used)));
        check(used + 4 <= TEXT_UTF8_MAX(n));
    }
}

static void
r_text_2_plain_forms(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", ""},
        {"plain é", "plain é"},
        {"“Don’t” – wait… 5\u00a0km", "\"Don't\" - wait... 5 km"},
        {"«a» ‹b› „c‟ ‚d‛ 5′ 6″", "\"a\" 'b' \"c\" 'd' 5' 6\""},
        {"a\u2010b\u2011c\u2012d\u2014e\u2015f\u2212g\u202fh\u2007i", "a-b-c-d-e-f-g h i"},
        {"\U0001F600…", "\U0001F600..."},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct slice in = slice_str(rows[i].text);
        uint8_t out[100];
        size_t n = text_transliterate(in, out, in.n);

        check_text(slice_of(out, n), rows[i].want);
        if (n > 0)
            check_number(text_transliterate(in, out, n - 1), 0);
    }
}

static void
smpp_e6_packing_by_the_book(void)
{
    uint8_t out[200], want[200];
    size_t n = text_pack(slice_str("hellohello"), 0, out, sizeof(out));

    check_slice(slice_of(out, n),
                slice_of(want, check_hex("e8329bfd4697d9ec37", want, sizeof(want))));
    /* one fill bit after a header with an 8-bit reference, none with a 16-bit one */
    n = text_pack(slice_str("A"), 6, out, sizeof(out));
    check_slice(slice_of(out, n), slice_of("\x82", 1));
    n = text_pack(slice_str("A"), 7, out, sizeof(out));
    check_slice(slice_of(out, n), slice_of("\x41", 1));
    memset(want, 'x', 160);
    check_number(text_pack(slice_of(want, 160), 0, out, sizeof(out)), 140);
    check_number(text_pack(slice_of(want, 153), 6, out, sizeof(out)), 134);
    check_number(text_pack(slice_of(want, 152), 7, out, sizeof(out)), 133);
    check_number(text_pack(slice_of(want, 160), 0, out, 139), 0);
    check_number(text_pack(SLICE_NONE, 6, out, sizeof(out)), 0);
}

static void
smpp_e6_unpack_undoes_pack(void)
{
    uint8_t septets[170], packed[200], back[170];

    for (int round = 0; round < 5000; round++) {
        size_t n = chance(sizeof(septets)), header = chance(20), octets, cut;

        for (size_t i = 0; i < n; i++)
            septets[i] = (uint8_t)chance(128);
        octets = text_pack(slice_of(septets, n), header, packed, sizeof(packed));
        check_number(text_unpack(slice_of(packed, octets), n, header, back, sizeof(back)), n);
        check_slice(slice_of(back, n), slice_of(septets, n));
        /* cut short it gives a prefix and reads no further */
        cut = octets ? chance((uint32_t)octets) : 0;
        cut = text_unpack(slice_of(packed, cut), n, header, back, sizeof(back));
        check_slice(slice_of(back, cut), slice_of(septets, cut));
    }
}

/* The class of a data_coding, in the words of 23.038; -1 if it has none. */
static int
class_of(uint8_t data_coding)
{
    bool general = data_coding < 0x80 && data_coding & 0x10;

    return general || data_coding >= 0xf0 ? data_coding & 3 : -1;
}

/* Every coding of a text, in the other alphabet: it says that one, and the same class, kind of
 * waiting message and deletion as before. */
static void
smpp_e2_e5_other_alphabet_same_class(void)
{
    for (uint32_t i = 0; i <= 0xff; i++) {
        uint8_t in = (uint8_t)i, plain = text_data_coding(in, false),
                ucs2 = text_data_coding(in, true);

        if (text_alphabet_of(in, TEXT_GSM) == TEXT_BINARY)
            continue;
        check_number(text_alphabet_of(plain, TEXT_GSM), TEXT_GSM);
        check_number(text_alphabet_of(ucs2, TEXT_GSM), TEXT_UCS2);
        check_number((uint32_t)class_of(plain), (uint32_t)class_of(in));
        check_number((uint32_t)class_of(ucs2), (uint32_t)class_of(in));
        if (in >= 0xc0 && in < 0xf0) {
            check_number(plain & 0x0f, in & 0x0f);
            check_number(ucs2, 0xe0u | (in & 0x0f));
        }
        if (in < 0x80)
            check_number(plain & 0x40, in & 0x40);
    }
}

CHECK_MAIN({"smpp_e2_data_coding_says_the_alphabet", smpp_e2_data_coding_says_the_alphabet},
           {"smpp_e3_gsm_basic_table", smpp_e3_gsm_basic_table},
           {"smpp_e3_gsm_extension_table", smpp_e3_gsm_extension_table},
           {"smpp_e3_every_gsm_character_round_trips", smpp_e3_every_gsm_character_round_trips},
           {"smpp_e3_only_gsm_characters_fit", smpp_e3_only_gsm_characters_fit},
           {"l06_254_escapes_are_127_blanks", l06_254_escapes_are_127_blanks},
           {"l07_254_pound_signs_grow", l07_254_pound_signs_grow},
           {"l08_escape_at_the_end_is_a_blank", l08_escape_at_the_end_is_a_blank},
           {"l09_odd_ucs2_ends_in_a_replacement", l09_odd_ucs2_ends_in_a_replacement},
           {"l10_l11_lone_surrogates", l10_l11_lone_surrogates},
           {"l12_bidi_override_and_nul_stay", l12_bidi_override_and_nul_stay},
           {"smpp_e2_latin1_ascii_utf8", smpp_e2_latin1_ascii_utf8},
           {"smpp_e5_binary_is_no_text", smpp_e5_binary_is_no_text},
           {"smpp_e2_e5_other_alphabet_same_class", smpp_e2_e5_other_alphabet_same_class},
           {"utf8_is_strict", utf8_is_strict},
           {"no_octets_and_no_room", no_octets_and_no_room},
           {"decoding_stops_at_the_capacity", decoding_stops_at_the_capacity},
           {"nothing_decodes_to_more_than_utf8_max", nothing_decodes_to_more_than_utf8_max},
           {"r_text_2_plain_forms", r_text_2_plain_forms},
           {"smpp_e6_packing_by_the_book", smpp_e6_packing_by_the_book},
           {"smpp_e6_unpack_undoes_pack", smpp_e6_unpack_undoes_pack})
