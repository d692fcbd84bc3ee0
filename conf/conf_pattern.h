/*
 * conf_pattern.h: keywords and patterns that texts from phones are compared with (R-stop-3,
 * R-auto-2).
 *
 * Compiled where the configuration is read, immutable from then on; comparing is pure but for
 * memory that it gives back, so the relay core may do it. Letters are compared without regard to
 * case, in all scripts. A pattern is PCRE2's; how far it may search is limited, and what goes
 * beyond the limit does not match.
 */
#ifndef TANDEM_CONF_PATTERN_H
#define TANDEM_CONF_PATTERN_H

#include "protocol/slice.h"

struct conf_arena;
struct conf_pattern;

/* The longest text that is compared with patterns: who asks for something by a word writes less. */
#define PATTERN_TEXT_BYTES_MAX 1600u
/* Octets of why, when a pattern cannot be compiled. */
#define PATTERN_WHY_BYTES 160u

enum pattern_extent {
    PATTERN_WHOLE,    /* the whole text must match */
    PATTERN_ANYWHERE, /* some of it is enough */
};

/* NULL, and why says what is wrong and where. The pattern lives in the arena. */
const struct conf_pattern *conf_pattern_compile(struct conf_arena *arena, struct slice pattern,
                                                enum pattern_extent extent,
                                                char why[PATTERN_WHY_BYTES]);
bool conf_pattern_match(const struct conf_pattern *pattern, struct slice text);

/* Lists of keywords, which end with NULL. A blank in a keyword is any number of them in a text. */
const struct conf_pattern *conf_keywords_compile(struct conf_arena *arena,
                                                 const char *const *const *lists);
/* Texts that nearly are a keyword: it has a few words in front or behind, or its letters stand
 * apart (R-stop-3). A text that is a keyword is none of them. */
const struct conf_pattern *conf_nearly_compile(struct conf_arena *arena,
                                               const char *const *const *lists);

/* G28: what stands around a keyword does not count: blanks, punctuation, marks that phones put
 * there. */
struct slice conf_keyword_trim(struct slice text);
/* The text, already trimmed, is this keyword of small ASCII letters, in any case. */
bool conf_keyword_is(struct slice text, const char *keyword);

#endif
