/*
 * conf_lists.c: lists of words: ids, numbers of ours, networks, prefixes, keywords, kinds of
 * binds.
 *
 * No word may stand in a list twice, in whatever way it is written. What can be long is looked up
 * by index, so that a list at its limit takes no longer to check than to read.
 */
#include "conf/conf_int.h"
#include "conf/conf_pattern.h"

bool
conf_list_allowed(struct conf_reader *reader, const struct conf_option *option,
                  const struct conf_node *node)
{
    if (option->items_max > 0 && node->count > option->items_max)
        conf_problem(reader->report, node, "has %u items, at most %u are allowed", node->count,
                     option->items_max);
    else if (option->empty && node->count == 0)
        conf_problem(reader->report, node, "%s", option->empty);
    else
        return true;
    return false;
}

/* Takes what an item means into the list; a problem if it stands there already. key must stay. */
static bool
is_new(struct conf_reader *reader, struct conf_index *index, const struct conf_node *item,
       struct slice key)
{
    struct conf_quote quote;

    if (!conf_index_put(index, &(struct conf_index_slot){key, item, NULL}))
        return true;
    conf_problem(reader->report, item, "`%s` stands here twice", conf_quoted(&quote, item->text));
    return false;
}

/* --- one word of each kind: false and a problem, or *out and what it is known by --- */

static bool
read_id(struct conf_reader *reader, const struct conf_option *option, const struct conf_node *item,
        const char **out)
{
    struct conf_option as_id = *option;
    char why[CONF_WHY_BYTES];

    as_id.type = OPT_ID;
    if (!conf_text_allowed(&as_id, item->text, why)) {
        conf_problem(reader->report, item, "%s", why);
        return false;
    }
    *out = conf_copy(reader->keep, item->text);
    return true;
}

static bool
read_prefix(struct conf_reader *reader, const struct conf_node *item, const char **out)
{
    bool digits = item->text.n >= 1 && item->text.n <= CONF_PREFIX_DIGITS_MAX;
    struct conf_quote quote;

    for (size_t i = 0; digits && i < item->text.n; i++)
        digits = item->text.p[i] >= '0' && item->text.p[i] <= '9';
    if (!digits) {
        conf_problem(reader->report, item, "`%s`: write 1 to %u digits without a +",
                     conf_quoted(&quote, item->text), CONF_PREFIX_DIGITS_MAX);
        return false;
    }
    *out = conf_copy(reader->keep, item->text);
    return true;
}

static bool
read_net(struct conf_reader *reader, const struct conf_node *item, struct conf_net *out)
{
    char why[CONF_WHY_BYTES];

    if (conf_net_parse(item->text, out, why))
        return true;
    conf_problem(reader->report, item, "%s", why);
    return false;
}

static void
read_app_bind(struct conf_reader *reader, const struct conf_node *item, struct dir_app *app)
{
    struct conf_quote quote;

    if (slice_eq(item->text, SLICE_LIT("transmitter")))
        app->allow_transmitter = true;
    else if (slice_eq(item->text, SLICE_LIT("receiver")))
        app->allow_receiver = true;
    else if (slice_eq(item->text, SLICE_LIT("transceiver")))
        app->allow_transceiver = true;
    else
        conf_problem(reader->report, item, "`%s` is not one of transmitter, receiver, transceiver",
                     conf_quoted(&quote, item->text));
}

/* One of the option's words: what stands in the table. */
static bool
read_listed(struct conf_reader *reader, const struct conf_option *option,
            const struct conf_node *item, const char **out)
{
    struct conf_option as_word = *option;
    char why[CONF_WHY_BYTES];
    uint64_t value;

    as_word.type = OPT_WORD;
    if (!conf_number_parse(&as_word, item->text, &value, why)) {
        conf_problem(reader->report, item, "%s", why);
        return false;
    }
    for (const struct conf_word *word = option->words; word->word; word++)
        if (slice_eq(slice_str(word->word), item->text))
            *out = word->word;
    return true;
}

static bool
read_line(struct conf_reader *reader, const struct conf_option *option,
          const struct conf_node *item, const char **out)
{
    struct slice trimmed = conf_keyword_trim(item->text);
    char why[CONF_WHY_BYTES];

    if (!conf_text_allowed(option, item->text, why)) {
        conf_problem(reader->report, item, "%s", why);
        return false;
    }
    if (option->type == OPT_KEYWORDS && !slice_eq(trimmed, item->text)) {
        conf_problem(reader->report, item,
                     "begins or ends with a blank or a mark, which do not count in a text");
        return false;
    }
    *out = conf_copy(reader->keep, item->text);
    return true;
}

/* --- whole lists --- */

static size_t
item_bytes(enum conf_type type)
{
    if (type == OPT_SENDERS)
        return sizeof(struct addr);
    if (type == OPT_NETS)
        return sizeof(struct conf_net);
    return sizeof(const char *);
}

/* Equal items are equal octets: neither struct has padding, and what an address does not use is 0.
 * Texts are compared as such. */
static bool
read_word(struct conf_reader *reader, const struct conf_option *option,
          const struct conf_node *item, void *out, struct slice *key)
{
    *key = slice_of(out, item_bytes(option->type));
    if (option->type == OPT_SENDERS)
        return conf_read_addr(reader, option->type, item, out);
    if (option->type == OPT_NETS)
        return read_net(reader, item, out);
    *key = item->text;
    if (option->type == OPT_WORDS)
        return read_listed(reader, option, item, out);
    if (option->type == OPT_KEYWORDS || option->type == OPT_TEXTS)
        return read_line(reader, option, item, out);
    return option->type == OPT_IDS ? read_id(reader, option, item, out)
                                   : read_prefix(reader, item, out);
}

static void
read_items(struct conf_reader *reader, const struct conf_option *option,
           const struct conf_node *node, void *base)
{
    size_t bytes = item_bytes(option->type);
    uint8_t *items = conf_alloc(reader->keep, node->count * bytes);
    struct conf_index index;
    uint32_t count = 0;
    struct slice key;

    conf_index_init(&index, reader->report->arena, node->count);
    for (const struct conf_node *item = node->first; item; item = item->next) {
        if (conf_has_kind(reader, item, NODE_SCALAR) &&
            read_word(reader, option, item, items + count * bytes, &key) &&
            is_new(reader, &index, item, key))
            count++;
    }
    conf_put_list(base, option, items, count);
}

static void
read_app_binds(struct conf_reader *reader, const struct conf_node *node, struct dir_app *app)
{
    struct conf_index index;

    app->allow_transmitter = app->allow_receiver = app->allow_transceiver = false;
    conf_index_init(&index, reader->report->arena, node->count);
    for (const struct conf_node *item = node->first; item && item->index < 4; item = item->next) {
        if (conf_has_kind(reader, item, NODE_SCALAR) && is_new(reader, &index, item, item->text))
            read_app_bind(reader, item, app);
    }
}

void
conf_read_words(struct conf_reader *reader, const struct conf_option *option,
                const struct conf_node *node, void *base)
{
    if (!conf_list_allowed(reader, option, node))
        return;
    if (option->type == OPT_APP_BINDS)
        read_app_binds(reader, node, base);
    else
        read_items(reader, option, node, base);
}
