/*
 * conf_pattern.c: see conf_pattern.h. The only file that includes pcre2.h. It is apart from the
 * rest of conf/ because the relay core links it.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "conf/conf_pattern.h"

#include <assert.h>
#include <pcre2.h>
#include <stdio.h>

#include "conf/conf_int.h"
#include "store/store.h"

/* Steps, their depth, and memory in KiB of one comparison: far above what a pattern for short texts
 * needs, and less than a millisecond when one runs away. */
#define STEPS_MAX 20000u
#define DEPTH_MAX 2000u
#define HEAP_KIB_MAX 1024u

struct conf_pattern {
    pcre2_code *code;
    pcre2_match_context *limits;
};

/* --- compiling: everything lies in the arena and is freed with it --- */

static void *
arena_malloc(PCRE2_SIZE bytes, void *arena)
{
    return conf_alloc(arena, bytes);
}

static void
arena_free(void *p, void *arena)
{
    (void)p, (void)arena;
}

const struct conf_pattern *
conf_pattern_compile(struct conf_arena *arena, struct slice text, enum pattern_extent extent,
                     char why[PATTERN_WHY_BYTES])
{
    pcre2_general_context *general = pcre2_general_context_create(arena_malloc, arena_free, arena);
    pcre2_compile_context *context = pcre2_compile_context_create(general);
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C;
    struct conf_pattern *pattern = conf_alloc(arena, sizeof(*pattern));
    char what[PATTERN_WHY_BYTES - 40];
    PCRE2_SIZE at;
    int error;

    if (extent == PATTERN_WHOLE)
        options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
    pattern->code = pcre2_compile(text.p, text.n, options, &error, &at, context);
    if (!pattern->code) {
        (void)pcre2_get_error_message(error, (PCRE2_UCHAR *)what, sizeof(what));
        snprintf(why, PATTERN_WHY_BYTES, "%s at octet %zu", what, (size_t)at + 1);
        return NULL;
    }
    pattern->limits = pcre2_match_context_create(general);
    (void)pcre2_set_match_limit(pattern->limits, STEPS_MAX);
    (void)pcre2_set_depth_limit(pattern->limits, DEPTH_MAX);
    (void)pcre2_set_heap_limit(pattern->limits, HEAP_KIB_MAX);
    return pattern;
}

/* --- comparing: memory of its own each time, because the pattern is shared and immutable --- */

bool
conf_pattern_match(const struct conf_pattern *pattern, struct slice text)
{
    pcre2_match_data *data;
    int found;

    if (text.n > PATTERN_TEXT_BYTES_MAX)
        return false;
    data = pcre2_match_data_create(1, NULL);
    if (!data)
        store_no_memory();
    found = pcre2_match(pattern->code, text.n > 0 ? text.p : (const uint8_t *)"", text.n, 0, 0,
                        data, pattern->limits);
    pcre2_match_data_free(data);
    return found >= 0;
}

/* --- keywords --- */

struct text {
    struct conf_arena *arena;
    uint8_t *p;
    size_t n, cap;
};

static void
add(struct text *text, const void *p, size_t n)
{
    if (text->n + n > text->cap) {
        uint8_t *larger = conf_alloc(text->arena, 2 * (text->n + n));

        if (text->n > 0)
            memcpy(larger, text->p, text->n);
        text->p = larger;
        text->cap = 2 * (text->n + n);
    }
    memcpy(text->p + text->n, p, n);
    text->n += n;
}

static void
add_text(struct text *text, const char *p)
{
    add(text, p, strlen(p));
}

static void
add_keyword(struct text *text, const char *keyword)
{
    for (const char *at = keyword; *at; at++) {
        uint8_t c = (uint8_t)*at;

        if (c == ' ') {
            add_text(text, "\\s+");
            at += strspn(at, " ") - 1;
            continue;
        }
        if (c < 0x80 && !conf_is_letter(c) && !conf_is_digit(c))
            add_text(text, "\\");
        add(text, at, 1);
    }
}

static void
add_keywords(struct text *text, const char *const *const *lists)
{
    bool first = true;

    add_text(text, "(?:");
    for (; *lists; lists++)
        for (const char *const *keyword = *lists; *keyword; keyword++) {
            if (!first)
                add_text(text, "|");
            first = false;
            add_keyword(text, *keyword);
        }
    add_text(text, ")");
}

/* What the code writes itself always compiles. */
static const struct conf_pattern *
compile_own(struct text *text)
{
    char why[PATTERN_WHY_BYTES];
    const struct conf_pattern *pattern =
        conf_pattern_compile(text->arena, slice_of(text->p, text->n), PATTERN_WHOLE, why);

    assert(pattern != NULL);
    return pattern;
}

const struct conf_pattern *
conf_keywords_compile(struct conf_arena *arena, const char *const *const *lists)
{
    struct text text = {.arena = arena};

    add_keywords(&text, lists);
    return compile_own(&text);
}

const struct conf_pattern *
conf_nearly_compile(struct conf_arena *arena, const char *const *const *lists)
{
    struct text text = {.arena = arena};

    add_text(&text, "(?!");
    add_keywords(&text, lists);
    add_text(&text, "$)(?:(?:[\\w']+\\W+){0,3}");
    add_keywords(&text, lists);
    add_text(&text, "|");
    add_keywords(&text, lists);
    add_text(&text, "(?:\\W+[\\w']+){1,3}|s\\W+t\\W+o\\W+p)");
    return compile_own(&text);
}

/* Octets of one blank or punctuation mark outside ASCII at p, as phones put them around a word:
 * no-break blank, zero-width marks, typographic quotes, byte order mark. 0 if there is none. */
static size_t
outer_mark(const uint8_t *p, size_t n)
{
    if (n >= 2 && p[0] == 0xC2 && (p[1] == 0xA0 || p[1] == 0xAB || p[1] == 0xBB))
        return 2;
    if (n >= 3 && p[0] == 0xE2 && p[1] == 0x80)
        return 3;
    if (n >= 3 && p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF)
        return 3;
    return 0;
}

static bool
is_outer_ascii(uint8_t c)
{
    return c < 0x80 && !conf_is_letter(c) && !conf_is_digit(c);
}

struct slice
conf_keyword_trim(struct slice text)
{
    size_t mark;

    while (text.n && (is_outer_ascii(text.p[0]) || outer_mark(text.p, text.n))) {
        mark = outer_mark(text.p, text.n);
        text.p += mark ? mark : 1;
        text.n -= mark ? mark : 1;
    }
    for (;;) {
        if (text.n && is_outer_ascii(text.p[text.n - 1]))
            text.n -= 1;
        else if (text.n >= 2 && outer_mark(text.p + text.n - 2, 2) == 2)
            text.n -= 2;
        else if (text.n >= 3 && outer_mark(text.p + text.n - 3, 3) == 3)
            text.n -= 3;
        else
            return text;
    }
}

bool
conf_keyword_is(struct slice text, const char *keyword)
{
    if (text.n != strlen(keyword))
        return false;
    for (size_t i = 0; i < text.n; i++)
        if ((text.p[i] | 0x20) != (uint8_t)keyword[i])
            return false;
    return true;
}
