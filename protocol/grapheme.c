/*
 * grapheme.c: extended grapheme clusters (UAX #29), and counting and cutting UTF-8 by them
 * (R-txt-6, G17). Our own and not a library's because protocol/ neither allocates nor depends on
 * anything, and the rules fit on a page.
 */
#include "protocol/grapheme.h"

#include "protocol/text.h"
#include "protocol/utf8.h"

static const char *const class_names[GRAPHEME_CLASSES] = {
    [GRAPHEME_OTHER] = "other",
    [GRAPHEME_START] = "start",
    [GRAPHEME_CR] = "cr",
    [GRAPHEME_LF] = "lf",
    [GRAPHEME_CONTROL] = "control",
    [GRAPHEME_EXTEND] = "extend",
    [GRAPHEME_ZWJ] = "zwj",
    [GRAPHEME_REGIONAL] = "regional",
    [GRAPHEME_PREPEND] = "prepend",
    [GRAPHEME_SPACING] = "spacing",
    [GRAPHEME_L] = "l",
    [GRAPHEME_V] = "v",
    [GRAPHEME_T] = "t",
    [GRAPHEME_LV] = "lv",
    [GRAPHEME_LVT] = "lvt",
    [GRAPHEME_PICTOGRAPH] = "pictograph",
};

/* The states of grapheme_scan.emoji. */
enum { EMOJI_NONE, EMOJI_PICTOGRAPH, EMOJI_JOINED };

const char *
grapheme_class_name(enum grapheme_class class)
{
    return (unsigned)class < GRAPHEME_CLASSES ? class_names[class] : "?";
}

static enum grapheme_class
class_of_latin(uint32_t code_point)
{
    if (code_point == '\r')
        return GRAPHEME_CR;
    if (code_point == '\n')
        return GRAPHEME_LF;
    if (code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0) || code_point == 0xad)
        return GRAPHEME_CONTROL;
    return code_point == 0xa9 || code_point == 0xae ? GRAPHEME_PICTOGRAPH : GRAPHEME_OTHER;
}

enum grapheme_class
grapheme_class_of(uint32_t code_point)
{
    size_t low = 0, high = grapheme_range_count, page = code_point / 0x100;

    if (code_point < 0x300)
        return class_of_latin(code_point);
    if (code_point >= 0xac00 && code_point <= 0xd7a3)
        return (code_point - 0xac00) % 28 == 0 ? GRAPHEME_LV : GRAPHEME_LVT;
    if (page < GRAPHEME_PAGES) {
        low = grapheme_pages[page];
        /* the range that stands first for the next page may begin in this one */
        high = grapheme_pages[page + 1] + 1u < high ? grapheme_pages[page + 1] + 1u : high;
    }
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct grapheme_range *range = &grapheme_ranges[middle];

        if (code_point < range->first)
            high = middle;
        else if (code_point > range->last)
            low = middle + 1;
        else
            return (enum grapheme_class)range->class;
    }
    return GRAPHEME_OTHER;
}

static bool
is_control(enum grapheme_class class)
{
    return class == GRAPHEME_CR || class == GRAPHEME_LF || class == GRAPHEME_CONTROL;
}

/* GB6 to GB8: the letters of one Hangul syllable. */
static bool
hangul_joins(enum grapheme_class before, enum grapheme_class after)
{
    if (before == GRAPHEME_L)
        return after == GRAPHEME_L || after == GRAPHEME_V || after == GRAPHEME_LV ||
               after == GRAPHEME_LVT;
    if (before == GRAPHEME_LV || before == GRAPHEME_V)
        return after == GRAPHEME_V || after == GRAPHEME_T;
    return (before == GRAPHEME_LVT || before == GRAPHEME_T) && after == GRAPHEME_T;
}

/* GB1 to GB999, in their order. */
static bool
breaks(const struct grapheme_scan *scan, enum grapheme_class after)
{
    enum grapheme_class before = (enum grapheme_class)scan->previous;

    if (before == GRAPHEME_START)
        return true;
    if (before == GRAPHEME_CR && after == GRAPHEME_LF)
        return false;
    if (is_control(before) || is_control(after))
        return true;
    if (hangul_joins(before, after))
        return false;
    if (after == GRAPHEME_EXTEND || after == GRAPHEME_ZWJ || after == GRAPHEME_SPACING)
        return false;
    if (before == GRAPHEME_PREPEND)
        return false;
    if (after == GRAPHEME_PICTOGRAPH && scan->emoji == EMOJI_JOINED)
        return false;
    return !(after == GRAPHEME_REGIONAL && scan->odd_regional);
}

bool
grapheme_begins(struct grapheme_scan *scan, uint32_t code_point)
{
    enum grapheme_class class = grapheme_class_of(code_point);
    bool begins;

    if (class == GRAPHEME_OTHER && scan->previous == GRAPHEME_OTHER)
        return true; /* letter after letter: nearly always, and the scan stays as it is */
    begins = breaks(scan, class);
    scan->odd_regional = class == GRAPHEME_REGIONAL && !scan->odd_regional;
    if (class == GRAPHEME_PICTOGRAPH)
        scan->emoji = EMOJI_PICTOGRAPH;
    else if (class == GRAPHEME_ZWJ && scan->emoji == EMOJI_PICTOGRAPH)
        scan->emoji = EMOJI_JOINED;
    else if (class != GRAPHEME_EXTEND || scan->emoji != EMOJI_PICTOGRAPH)
        scan->emoji = EMOJI_NONE;
    scan->previous = (uint8_t)class;
    return begins;
}

/* Walks up to limit clusters; returns how many began and in *octets where the walk ended. */
static size_t
walk(struct slice utf8, size_t limit, size_t *octets)
{
    struct grapheme_scan scan = GRAPHEME_SCAN_START;
    size_t clusters = 0, at = 0;

    while (at < utf8.n) {
        size_t used;
        uint32_t code_point;

        /* As in grapheme_begins: between two letters of ASCII there is nothing to look up. */
        if (scan.previous == GRAPHEME_OTHER && utf8.p[at] >= 0x20 && utf8.p[at] < 0x7f &&
            clusters < limit) {
            clusters++;
            at++;
            continue;
        }
        code_point = utf8_decode(utf8.p + at, utf8.n - at, &used);
        if (grapheme_begins(&scan, code_point == UTF8_BAD ? UTF8_REPLACEMENT : code_point)) {
            if (clusters == limit)
                break;
            clusters++;
        }
        at += used;
    }
    *octets = at;
    return clusters;
}

size_t
text_graphemes(struct slice utf8)
{
    size_t octets;

    return walk(utf8, SIZE_MAX, &octets);
}

size_t
text_prefix(struct slice utf8, size_t graphemes)
{
    size_t octets;

    walk(utf8, graphemes, &octets);
    return octets;
}
