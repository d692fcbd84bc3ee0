/*
 * grapheme_test.c: characters as a person counts them (R-txt-6; rows G15, G17). The golden cases
 * are written with a bar between clusters; they agree with the \X of perl 5.36.
 */
#include "protocol/grapheme.h"
#include "protocol/text.h"
#include "tests/unit/check.h"

static const char *const golden[] = {
    "",
    "a",
    "a|b|c",
    "\r\n",
    "a|\r\n|b",
    "\n|\r",
    "\r|\r\n|\n",
    "e\u0301", /* e, acute */
    "a|e\u0301\u0302\u0303|b",
    "\n|\u0301", /* nothing joins a control */
    "\u0301|\r\n",
    "\u00ad|\u0301|a",           /* a soft hyphen is one */
    "a\u200d|b",                 /* joiner without emoji */
    "\u0e01\u0e33",              /* Thai sara am */
    "\u0915\u093f|\u0928\u0940", /* Devanagari with spacing vowel signs */
    "\u06001|2",                 /* Arabic number sign stands before */
    "\u1100\u1161\u11a8",        /* Hangul from its letters */
    "\u1100\u1100\u1161|\u1100",
    "\uac00\u11a8|\uac01\u11a8|\uac01|\u1161", /* ... and on from syllables */
    "\uac01\u11a8|\u1161",
    "\U0001F1EC\U0001F1E7", /* flags */
    "\U0001F1EC\U0001F1E7|\U0001F1FA\U0001F1F8|\U0001F1EB",
    "\U0001F1EC|a|\U0001F1E7\U0001F1EC",
    "\U0001F1EC\U0001F1E7\u200d|\U0001F1FA",
    "\U0001F600|\U0001F600",
    "\U0001F44D\U0001F3FD|a", /* skin tone */
    "\u2764\uFE0F",           /* heart in colour */
    "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466|!",
    "\U0001F3F3\uFE0F\u200D\U0001F308", /* rainbow flag */
    "\U0001F468\U0001F3FF\u200D\U0001F9B0",
    /* Scotland, by tags */
    "\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F|x",
    "\U0001F468\u200D\u200D|\U0001F469", /* two joiners join nothing */
    "a\u200D|\U0001F469",
    "\U0001F468\u200D|a",
    "1\uFE0F\u20E3|2\uFE0F\u20E3", /* keycaps */
    "\u00a9\uFE0F|\u00ae\u200D\u00a9",
    "\u0628\u064E\u0651|\u0631", /* Arabic with vowel signs */
    "\uFEFF|a",
    "\u0bb9\u0bcd|\u0bb7\u0bc0|\u0ba8\u0bbf",
    "|\xff", /* broken UTF-8 counts one by one */
    "a|\xe2\x82|b|\xed|\xa0|\x80",
};

static void
golden_clusters(void)
{
    for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++) {
        uint8_t text[200];
        size_t ends[50] = {0}, n = 0, clusters = 0;

        for (const char *p = golden[i][0] == '|' ? golden[i] + 1 : golden[i]; *p; p++) {
            if (*p == '|')
                ends[++clusters] = n;
            else
                text[n++] = (uint8_t)*p;
        }
        if (n > 0)
            ends[++clusters] = n;
        check_number(text_graphemes(slice_of(text, n)), clusters);
        for (size_t k = 0; k <= clusters; k++)
            check_number(text_prefix(slice_of(text, n), k), ends[k]);
        check_number(text_prefix(slice_of(text, n), clusters + 1), n);
    }
}

static void
r_txt_6_the_first_140_characters(void)
{
    uint8_t text[461];

    memset(text, 'x', sizeof(text));
    for (size_t n = 139; n <= 461; n++) {
        check_number(text_graphemes(slice_of(text, n)), n);
        check_number(text_prefix(slice_of(text, n), 140), n < 140 ? n : 140);
    }
}

static void
r_txt_6_nothing_is_cut_at_140(void)
{
    static const char *const whole[] = {
        "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466",
        "\U0001F1EC\U0001F1E7",
        "e\u0301\u0302",
        "\U0001F44D\U0001F3FD",
        "\r\n",
    };

    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        size_t length = strlen(whole[i]);

        for (size_t before = 137; before <= 141; before++) {
            uint8_t text[300];
            size_t want = before < 140 ? 139 + length : 140;

            memset(text, 'x', sizeof(text));
            memcpy(text + before, whole[i], length);
            check_number(text_prefix(slice_of(text, sizeof(text)), 140), want);
        }
    }
}

static void
the_table_is_sorted(void)
{
    for (size_t i = 0; i < grapheme_range_count; i++) {
        check(grapheme_ranges[i].first <= grapheme_ranges[i].last);
        check(grapheme_ranges[i].class > GRAPHEME_START &&
              grapheme_ranges[i].class < GRAPHEME_CLASSES);
        check(i == 0 || grapheme_ranges[i - 1].last < grapheme_ranges[i].first);
        check_number(grapheme_class_of(grapheme_ranges[i].first), grapheme_ranges[i].class);
        check_number(grapheme_class_of(grapheme_ranges[i].last), grapheme_ranges[i].class);
    }
    check_number(grapheme_class_of(0x10ffff), GRAPHEME_OTHER);
    check_number(grapheme_class_of('a'), GRAPHEME_OTHER);
    for (int i = 0; i < GRAPHEME_CLASSES; i++)
        check(grapheme_class_name((enum grapheme_class)i)[0] != '?');
}

CHECK_MAIN({"golden_clusters", golden_clusters},
           {"r_txt_6_the_first_140_characters", r_txt_6_the_first_140_characters},
           {"r_txt_6_nothing_is_cut_at_140", r_txt_6_nothing_is_cut_at_140},
           {"the_table_is_sorted", the_table_is_sorted})
