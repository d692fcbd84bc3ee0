/*
 * conf_optout.c: which words opt out and in again (R-stop-3): lists by country, the account's own,
 * and what they may not have in common (R-stop-4).
 */
#include <assert.h>
#include <stdio.h>

#include "conf/conf_int.h"
#include "conf/conf_pattern.h"

static const char *const stop_words[] = {"stop", NULL};
static const char *const unstop_words[] = {"unstop", NULL};
/* What counts as a revocation there since April 2025. */
static const char *const us_words[] = {"stop",    "quit",   "end",    "revoke",
                                       "opt out", "optout", "cancel", "unsubscribe",
                                       "stopall", NULL};
static const char *const ca_words[] = {"stop",    "stopall", "stop all", "end",
                                       "quit",    "cancel",  "unsubscribe", "arret",
                                       "arr\xC3\xAAt", "d\xC3\xA9sabonner", NULL};
static const char *const gb_words[] = {"stop", "stopall", "stop all", "unsubscribe", "opt out",
                                       "optout", NULL};
static const char *const fr_words[] = {"stop", "stop sms", "arret", "arr\xC3\xAAt",
                                       "desabonner", "d\xC3\xA9sabonner", NULL};
static const char *const de_words[] = {"stop", "stopp", "abmelden", "abbestellen", NULL};
static const char *const es_words[] = {"stop", "baja", "parar", NULL};

static const struct {
    const char *name;
    const char *const *words;
} presets[] = {
    {"stop-only", stop_words}, {"us", us_words}, {"ca", ca_words}, {"gb", gb_words},
    {"fr", fr_words},          {"de", de_words}, {"es", es_words},
};
#define PRESETS (sizeof(presets) / sizeof(presets[0]))

static const char *const *
preset_named(const char *name)
{
    for (size_t i = 0; i < PRESETS; i++)
        if (strcmp(presets[i].name, name) == 0)
            return presets[i].words;
    return stop_words;
}

/* All lists of an account that opt out: up to PRESETS, its own, STOP, and NULL. */
struct lists {
    const char *const *list[PRESETS + 3];
};

/* With NULL behind the last. */
static const char *const *
ended(struct conf_arena *arena, const char *const *words, uint32_t count)
{
    const char **copy = conf_alloc(arena, (count + 1) * sizeof(*copy));

    for (uint32_t i = 0; i < count; i++)
        copy[i] = words[i];
    return copy;
}

static struct lists
lists_out(struct conf_arena *arena, const struct dir_opt_out *out)
{
    struct lists lists = {{stop_words}};
    size_t n = 1;

    for (uint32_t i = 0; i < out->preset_count && n <= PRESETS; i++)
        lists.list[n++] = preset_named(out->presets[i]);
    lists.list[n++] = ended(arena, out->keywords, out->keyword_count);
    return lists;
}

static const struct conf_node *
items_of(const struct conf_node *map, const char *section, const char *key)
{
    const struct conf_node *node = map->kind == NODE_MAP ? conf_node_find(map, section) : NULL;

    node = node && node->kind == NODE_MAP ? conf_node_find(node, key) : NULL;
    return node && node->kind == NODE_LIST ? node->first : NULL;
}

/* --- what is compared --- */

static void
compile_words(struct conf_reader *reader, struct dir_account *account)
{
    struct lists out = lists_out(reader->report->arena, &account->opt_out);
    const char *const *in[] = {
        unstop_words,
        ended(reader->report->arena, account->opt_in.keywords, account->opt_in.keyword_count),
        NULL};

    /* Most accounts have none of their own: they share. */
    if (!reader->stop) {
        const char *const *stop[] = {stop_words, NULL}, *const *unstop[] = {unstop_words, NULL};

        reader->stop = conf_keywords_compile(reader->keep, stop);
        reader->nearly_stop = conf_nearly_compile(reader->keep, stop);
        reader->unstop = conf_keywords_compile(reader->keep, unstop);
    }
    account->opt_out.words = reader->stop;
    account->opt_out.nearly = reader->nearly_stop;
    account->opt_in.words = reader->unstop;
    if (account->opt_out.preset_count + account->opt_out.keyword_count > 0) {
        account->opt_out.words = conf_keywords_compile(reader->keep, out.list);
        account->opt_out.nearly = conf_nearly_compile(reader->keep, out.list);
    }
    if (account->opt_in.keyword_count > 0)
        account->opt_in.words = conf_keywords_compile(reader->keep, in);
}

static void
compile_patterns(struct conf_reader *reader, const struct conf_node *node,
                 struct dir_account *account)
{
    struct dir_opt_out *out = &account->opt_out;
    const struct conf_pattern **compiled =
        conf_alloc(reader->keep, out->pattern_count * sizeof(const struct conf_pattern *));
    char why[PATTERN_WHY_BYTES];
    uint32_t good = 0;

    for (; node; node = node->next) {
        const struct conf_pattern *pattern =
            node->kind == NODE_SCALAR && good < out->pattern_count
                ? conf_pattern_compile(reader->keep, node->text, PATTERN_WHOLE, why)
                : NULL;

        if (pattern)
            compiled[good++] = pattern;
        else if (node->kind == NODE_SCALAR && good < out->pattern_count)
            conf_problem(reader->report, node, "is no regular expression: %s", why);
    }
    out->pattern_count = good;
    out->compiled = compiled;
}

/* --- what they may not have in common --- */

/* As written, and in capitals: a pattern may look at the case. */
static bool
matches(const struct conf_pattern *pattern, const char *word)
{
    char capitals[4 * CONF_KEYWORD_CHARS_MAX + 1];
    size_t n = strlen(word);

    assert(n < sizeof(capitals));
    for (size_t i = 0; i <= n; i++)
        capitals[i] = word[i] >= 'a' && word[i] <= 'z' ? (char)(word[i] - 0x20) : word[i];
    return conf_pattern_match(pattern, slice_of(word, n)) ||
           conf_pattern_match(pattern, slice_of(capitals, n));
}

static const char *
matched_of(const struct conf_pattern *pattern, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count && words[i]; i++)
        if (matches(pattern, words[i]))
            return words[i];
    return NULL;
}

/* UNSTOP and what else opts in. */
static const char *
matched_in(const struct dir_account *account, const struct conf_pattern *pattern)
{
    const char *word = matched_of(pattern, unstop_words, 1);

    return word ? word
                : matched_of(pattern, account->opt_in.keywords, account->opt_in.keyword_count);
}

const char *
conf_reserved_word(const struct dir_account *account, const struct conf_pattern *pattern)
{
    const struct dir_opt_out *out = &account->opt_out;
    const char *word = matched_of(pattern, stop_words, 1);

    if (!word)
        word = matched_in(account, pattern);
    for (uint32_t i = 0; !word && i < out->preset_count; i++)
        word = matched_of(pattern, preset_named(out->presets[i]), SIZE_MAX);
    return word ? word : matched_of(pattern, out->keywords, out->keyword_count);
}

static bool
opts_out(const struct dir_account *account, struct slice word)
{
    bool out = conf_pattern_match(account->opt_out.words, word);

    for (uint32_t i = 0; !out && i < account->opt_out.pattern_count; i++)
        out = conf_pattern_match(account->opt_out.compiled[i], word);
    return out;
}

static void
check_common(struct conf_reader *reader, const struct conf_node *map,
             const struct dir_account *account)
{
    const struct conf_node *node = items_of(map, "opt_out", "keywords");
    struct conf_quote quote;

    for (; node; node = node->next)
        if (node->kind == NODE_SCALAR && conf_keyword_is(node->text, "unstop"))
            conf_problem(reader->report, node, "`%s` is reserved: it opts in",
                         conf_quoted(&quote, node->text));
    for (node = items_of(map, "opt_in", "keywords"); node; node = node->next)
        if (node->kind == NODE_SCALAR && opts_out(account, node->text))
            conf_problem(reader->report, node, "`%s` opts out already",
                         conf_quoted(&quote, node->text));
    node = items_of(map, "opt_out", "patterns");
    for (uint32_t i = 0; i < account->opt_out.pattern_count && node; i++, node = node->next) {
        if (matches(account->opt_out.compiled[i], "unstop"))
            conf_problem(reader->report, node, "matches `unstop`, which is reserved: it opts in");
    }
}

/* R-stop-3: what US rules count and this account does not. */
static void
check_us(struct conf_reader *reader, const struct conf_node *map,
         const struct dir_account *account)
{
    char missing[CONF_WHY_BYTES] = "";
    size_t used = 0;

    for (size_t i = 0; us_words[i]; i++)
        if (!opts_out(account, slice_str(us_words[i])) && used < sizeof(missing))
            used += (size_t)snprintf(missing + used, sizeof(missing) - used, "%s%s",
                                     used ? ", " : "", us_words[i]);
    if (used > 0)
        conf_warning_in(reader->report, map, "country",
                        "US rules also count %s as an opt-out; opt_out: {presets: [us]} does so",
                        missing);
}

void
conf_finish_opt_out(struct conf_reader *reader, const struct conf_node *map,
                    struct dir_account *account)
{
    compile_words(reader, account);
    compile_patterns(reader, items_of(map, "opt_out", "patterns"), account);
    check_common(reader, map, account);
    if (strcmp(account->country, "US") == 0)
        check_us(reader, map, account);
}
