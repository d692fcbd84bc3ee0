/*
 * conf_auto.c: automatic replies of an account (R-auto): what one rule may have, its time zone and
 * its patterns, and the order in which the core looks at them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf_int.h"
#include "conf/conf_pattern.h"
#include "conf/conf_template.h"
#include "conf/zone.h"

struct conf_zones { /* in the scratch arena; the zones themselves are kept */
    const struct zone *zone;
    struct conf_zones *next;
};

static bool
is_text_based(const struct conf_node *map)
{
    return conf_node_find(map, "keywords") || conf_node_find(map, "pattern");
}

/* Keys that mean something for one kind of rule only. */
static void
check_kind(struct conf_reader *reader, const struct conf_node *map)
{
    static const char *const of_time[] = {"days", "from", "to", "time_zone", "once"};
    static const char *const of_text[] = {"opt_out", "join_list", "leave_list", "assign_agent",
                                          "assign_group"};
    bool text = is_text_based(map);

    for (size_t i = 0; text && i < sizeof(of_time) / sizeof(of_time[0]); i++)
        if (conf_node_find(map, of_time[i]))
            conf_problem_in(reader->report, map, of_time[i],
                            "is only for a rule without keywords and pattern");
    for (size_t i = 0; !text && i < sizeof(of_text) / sizeof(of_text[0]); i++)
        if (conf_node_find(map, of_text[i]))
            conf_problem_in(reader->report, map, of_text[i],
                            "is only for a rule with keywords or a pattern");
}

const struct zone *
conf_zone(struct conf_reader *reader, const struct conf_node *map, const char *key,
          const char *name)
{
    char near[ZONE_NAME_BYTES_MAX];
    const struct zone *zone;
    struct conf_zones *known;
    struct conf_quote quote;
    const char *why;

    for (known = reader->zones; known; known = known->next)
        if (strcmp(known->zone->name, name) == 0)
            return known->zone;
    zone = zone_load(reader->keep, name, &why);
    if (!zone) {
        conf_quoted(&quote, slice_str(name));
        if (zone_suggest(name, near))
            conf_problem_in(reader->report, map, key, "`%s` %s, did you mean `%s`?",
                            quote.text, why, near);
        else
            conf_problem_in(reader->report, map, key, "`%s` %s", quote.text, why);
        return NULL;
    }
    known = conf_alloc(reader->report->arena, sizeof(*known));
    *known = (struct conf_zones){zone, reader->zones};
    reader->zones = known;
    return zone;
}

static void
finish_time(struct conf_reader *reader, const struct conf_node *map, struct dir_auto *rule)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

    rule->day_mask = rule->day_count == 0 ? 0x7F : 0;
    for (uint32_t i = 0; i < rule->day_count; i++)
        for (uint32_t day = 0; day < 7; day++)
            if (strcmp(rule->days[i], days[day]) == 0)
                rule->day_mask |= (uint8_t)(1u << day);
    if (rule->from_min == 24 * 60)
        conf_problem_in(reader->report, map, "from", "begins where the day ends; write 00:00");
    if (rule->time_zone[0])
        rule->zone = conf_zone(reader, map, "time_zone", rule->time_zone);
    else if (!conf_node_find(map, "time_zone") &&
             (conf_node_find(map, "days") || conf_node_find(map, "from") ||
              conf_node_find(map, "to")))
        conf_problem(reader->report, map, "needs a time_zone for its time");
}

static void
finish_text(struct conf_reader *reader, const struct conf_node *map, struct dir_auto *rule)
{
    const char **words =
        conf_alloc(reader->report->arena, (rule->keyword_count + 1) * sizeof(*words));
    const char *const *lists[] = {words, NULL};
    char why[PATTERN_WHY_BYTES];

    for (uint32_t i = 0; i < rule->keyword_count; i++)
        words[i] = rule->keywords[i];
    if (rule->keyword_count > 0)
        rule->words = conf_keywords_compile(reader->keep, lists);
    if (rule->pattern[0])
        rule->compiled = conf_pattern_compile(reader->keep, slice_str(rule->pattern),
                                              PATTERN_ANYWHERE, why);
    if (rule->pattern[0] && !rule->compiled)
        conf_problem_in(reader->report, map, "pattern", "is no regular expression: %s", why);
}

void
conf_finish_auto(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    struct dir_auto *rule = base;
    bool agent = conf_node_find(map, "assign_agent"), group = conf_node_find(map, "assign_group");

    check_kind(reader, map);
    rule->assign_kind = agent && !group   ? OWNER_AGENT
                        : group && !agent ? OWNER_GROUP
                                          : OWNER_NOBODY;
    if (agent && group)
        conf_problem_in(reader->report, map, "assign_group",
                        "only one of assign_agent and assign_group is possible");
    if (rule->join_list[0] && strcmp(rule->join_list, rule->leave_list) == 0)
        conf_problem_in(reader->report, map, "leave_list", "is the list that it joins");
    if (is_text_based(map))
        finish_text(reader, map, rule);
    else
        finish_time(reader, map, rule);
}

/* --- all rules of an account --- */

/* R-stop-4. */
static void
check_reserved(struct conf_reader *reader, const struct conf_node *map,
               const struct dir_account *account, const struct dir_auto *rule)
{
    const char *word = rule->words ? conf_reserved_word(account, rule->words) : NULL;

    if (word)
        conf_problem_in(reader->report, map, "keywords", "`%s` is reserved for opting out and in",
                        word);
    word = rule->compiled ? conf_reserved_word(account, rule->compiled) : NULL;
    if (word)
        conf_problem_in(reader->report, map, "pattern",
                        "matches `%s`, which is reserved for opting out and in", word);
}

static int
compare_rules(const void *a, const void *b)
{
    const struct dir_auto *x = *(const struct dir_auto *const *)a,
                          *y = *(const struct dir_auto *const *)b;
    int order = memcmp(&x->number, &y->number, sizeof(x->number));

    return order != 0 ? order : x < y ? -1 : x > y;
}

/* Unused octets of an address are 0, so rules without a number come first. */
static void
sort_rules(struct conf_reader *reader, const struct conf_node *list, struct dir_account *account)
{
    const struct dir_auto **sorted =
        conf_alloc(reader->keep, account->auto_reply_count * sizeof(const struct dir_auto *));
    uint32_t run = 0;

    for (uint32_t i = 0; i < account->auto_reply_count; i++)
        sorted[i] = &account->auto_replies[i];
    if (account->auto_reply_count > 0)
        qsort(sorted, account->auto_reply_count, sizeof(const struct dir_auto *), compare_rules);
    account->autos = sorted;
    for (uint32_t i = 1; i < account->auto_reply_count; i++) {
        run = addr_eq(&sorted[i]->number, &sorted[i - 1]->number) ? run + 1 : 0;
        if (run == CONF_AUTOS_NUMBER_MAX) {
            conf_problem(reader->report, list, "has more than %u rules %s%s", CONF_AUTOS_NUMBER_MAX,
                         sorted[i]->number.n ? "of number " : "without a number",
                         sorted[i]->number.n ? sorted[i]->number.text : "");
            return;
        }
    }
}

void
conf_finish_auto_replies(struct conf_reader *reader, const struct conf_node *map,
                         struct dir_account *account)
{
    const struct conf_node *list =
        map->kind == NODE_MAP ? conf_node_find(map, "auto_replies") : NULL;
    const struct conf_node *node = account->auto_reply_count > 0 ? list->first : NULL;

    for (; node; node = node->next) {
        const struct dir_auto *rule = &account->auto_replies[node->index];
        const struct conf_node *text =
            node->kind == NODE_MAP ? conf_node_find(node, "text") : NULL;

        if (text && text->kind == NODE_SCALAR && rule->text[0])
            (void)conf_template_allowed(reader, text, conf_template_auto_names,
                                        account->max_parts);
        check_reserved(reader, node, account, rule);
    }
    sort_rules(reader, list, account);
}
