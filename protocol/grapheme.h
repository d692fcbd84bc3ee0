/*
 * grapheme.h: where one character as a person counts them ends and the next begins (UAX #29,
 * extended grapheme clusters).
 *
 * Inside protocol/ only: text.h counts and cuts UTF-8 with it, split.c cuts UTF-16. Code points
 * come in one at a time, so the same rules serve every encoding. The Unicode version is that of
 * grapheme_table.c; rule GB9c (Indic conjuncts, new in Unicode 15.1) is not in it.
 */
#ifndef TANDEM_GRAPHEME_H
#define TANDEM_GRAPHEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum grapheme_class {
    GRAPHEME_OTHER,
    GRAPHEME_START,                 /* before the first code point; no code point has this class */
    GRAPHEME_CR,
    GRAPHEME_LF,
    GRAPHEME_CONTROL,
    GRAPHEME_EXTEND,
    GRAPHEME_ZWJ,
    GRAPHEME_REGIONAL,
    GRAPHEME_PREPEND,
    GRAPHEME_SPACING,
    GRAPHEME_L,
    GRAPHEME_V,
    GRAPHEME_T,
    GRAPHEME_LV,
    GRAPHEME_LVT,
    GRAPHEME_PICTOGRAPH,
    GRAPHEME_CLASSES
};
const char *grapheme_class_name(enum grapheme_class class);
enum grapheme_class grapheme_class_of(uint32_t code_point);

/* How far into a text a scan is. Begin with GRAPHEME_SCAN_START. */
struct grapheme_scan {
    uint8_t previous;               /* enum grapheme_class of the last code point */
    uint8_t emoji;                  /* GB11: what of "pictograph, extenders, joiner" came before */
    bool odd_regional;              /* GB12, GB13: the last regional indicator lacks its half */
};
#define GRAPHEME_SCAN_START ((struct grapheme_scan){GRAPHEME_START, 0, false})

/* Takes the next code point; true if a new cluster begins with it. */
bool grapheme_begins(struct grapheme_scan *scan, uint32_t code_point);

/* What grapheme_table.c holds: everything from U+0300 on that is not OTHER, sorted, without the
 * Hangul syllables. */
struct grapheme_range {
    uint32_t first;
    uint32_t last;
    uint8_t class;                  /* enum grapheme_class */
};
extern const struct grapheme_range grapheme_ranges[];
extern const size_t grapheme_range_count;
/* For each 256 code points the first range that does not end before them; for these planes only. */
#define GRAPHEME_PAGES 0x200u
extern const uint16_t grapheme_pages[GRAPHEME_PAGES + 1];

#endif
