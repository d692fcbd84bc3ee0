/*
 * conf_read.c: walks a tree by the option table and fills the structs of conf.h.
 *
 * It knows types of values, not options: what is particular to one section is in that section's
 * finish function (conf_rules.c, conf_directory.c). An option that is wrong keeps its default, so
 * that the rules after it do not complain about what is no fault of theirs.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf_int.h"
#include "conf/conf_template.h"

/* --- writing into structs of which only offset and size are known --- */

static void
put_number(void *base, const struct conf_option *option, uint64_t number)
{
    uint8_t *to = (uint8_t *)base + option->offset;
    uint8_t u8 = (uint8_t)number;
    uint16_t u16 = (uint16_t)number;
    uint32_t u32 = (uint32_t)number;

    /* The table's maximum must fit the member: a test walks the table for this. */
    if (option->size == sizeof(u8))
        memcpy(to, &u8, sizeof(u8));
    else if (option->size == sizeof(u16))
        memcpy(to, &u16, sizeof(u16));
    else if (option->size == sizeof(u32))
        memcpy(to, &u32, sizeof(u32));
    else
        memcpy(to, &number, sizeof(number));
}

static void
put_text(void *base, const struct conf_option *option, const char *text)
{
    memcpy((uint8_t *)base + option->offset, &text, sizeof(text));
}

void
conf_put_list(void *base, const struct conf_option *option, const void *items, uint32_t count)
{
    memcpy((uint8_t *)base + option->offset, &items, sizeof(items));
    memcpy((uint8_t *)base + option->count_offset, &count, sizeof(count));
}

/* --- defaults --- */

static void put_defaults(const struct conf_section *section, void *base);

static void
put_default(const struct conf_option *option, void *base)
{
    char why[CONF_WHY_BYTES];
    uint64_t number = 0;
    bool good;

    switch (option->type) {
    case OPT_COUNT:
    case OPT_DURATION:
    case OPT_SIZE:
    case OPT_PERCENT:
    case OPT_BOOL:
    case OPT_STATUS:
    case OPT_DATE:
    case OPT_ZONE:
    case OPT_CLOCK:
    case OPT_WORD:
        if (!option->fallback)
            break;
        good = conf_number_parse(option, slice_str(option->fallback), &number, why);
        assert(good);
        put_number(base, option, number);
        break;
    case OPT_WORD_TEXT:
    case OPT_ID:
    case OPT_ASCII:
    case OPT_NAME:
    case OPT_HOST:
    case OPT_IP:
    case OPT_COUNTRY:
    case OPT_PATH:
    case OPT_MESSAGE:
    case OPT_TEMPLATE:
    case OPT_PASSWORD:
    case OPT_PASSWORD_HASH:
    case OPT_PASSWORD_FILE:
    case OPT_PASSWORD_ENV:
        put_text(base, option, option->fallback ? option->fallback : "");
        break;
    case OPT_APP_BINDS:
        ((struct dir_app *)base)->allow_transmitter = true;
        ((struct dir_app *)base)->allow_receiver = true;
        ((struct dir_app *)base)->allow_transceiver = true;
        break;
    case OPT_SECTION:
        put_defaults(option->section, base);
        break;
    case OPT_PHONE:
    case OPT_SENDER:
    case OPT_IDS:
    case OPT_SENDERS:
    case OPT_NETS:
    case OPT_PREFIXES:
    case OPT_WORDS:
    case OPT_KEYWORDS:
    case OPT_TEXTS:
    case OPT_LIST:
    case CONF_TYPES:
        break; /* zero is none */
    }
}

static void
put_defaults(const struct conf_section *section, void *base)
{
    for (size_t i = 0; i < section->option_count; i++)
        put_default(&section->options[i], base);
}

/* --- one value --- */

static const char *
kind_name(enum conf_node_kind kind)
{
    switch (kind) {
    case NODE_SCALAR:
        return "a single value";
    case NODE_MAP:
        return "a mapping";
    case NODE_LIST:
        return "a list";
    }
    return "?";
}

/* `key:` with nothing behind it. */
static bool
is_blank(const struct conf_node *node)
{
    return node->kind == NODE_SCALAR && node->plain && node->text.n == 0;
}

bool
conf_has_kind(struct conf_reader *reader, const struct conf_node *node, enum conf_node_kind kind)
{
    if (is_blank(node))
        conf_problem(reader->report, node, "has no value%s",
                     kind == NODE_SCALAR ? "; an empty text is \"\"" : "");
    else if (node->kind != kind)
        conf_problem(reader->report, node, "must be %s, not %s", kind_name(kind),
                     kind_name(node->kind));
    else
        return true;
    return false;
}

static void
read_number(struct conf_reader *reader, const struct conf_option *option,
            const struct conf_node *node, void *base)
{
    char why[CONF_WHY_BYTES];
    uint64_t number = 0;

    if (!node->plain && (option->type == OPT_COUNT || option->type == OPT_BOOL))
        conf_problem(reader->report, node, "must not be in quotes");
    else if (!conf_number_parse(option, node->text, &number, why))
        conf_problem(reader->report, node, "%s", why);
    else
        put_number(base, option, number);
}

static void
read_word_text(struct conf_reader *reader, const struct conf_option *option,
               const struct conf_node *node, void *base)
{
    struct conf_option as_number = *option;
    char why[CONF_WHY_BYTES];
    uint64_t number;

    as_number.type = OPT_WORD;
    if (!conf_number_parse(&as_number, node->text, &number, why)) {
        conf_problem(reader->report, node, "%s", why);
        return;
    }
    for (const struct conf_word *word = option->words; word->word; word++)
        if (word->value == number)
            put_text(base, option, word->word);
}

static const char *
resolve(struct conf_reader *reader, struct slice path)
{
    size_t base = strlen(reader->base);
    char *whole;

    if (path.p[0] == '/' || base == 0)
        return conf_copy(reader->keep, path);
    whole = conf_alloc(reader->keep, base + path.n + 1);
    memcpy(whole, reader->base, base);
    memcpy(whole + base, path.p, path.n);
    return whole;
}

/* A3: letters, and what else TON 5 may carry of the GSM alphabet. The eleven septets of GSM's own
 * field are the limit, in which {[]}~^| and the backslash take two each. */
static bool
read_sender_name(struct conf_reader *reader, const struct conf_node *node, struct addr *out)
{
    const struct pdu_address wire = {SMPP_TON_ALPHANUMERIC, SMPP_NPI_UNKNOWN, node->text};
    uint8_t septets[2 * ADDR_ALPHA_CHARS_MAX];
    struct conf_quote quote;

    if (addr_from_wire(&wire, NULL, out) == ADDR_OK && text_fits(TEXT_GSM, node->text) &&
        text_from_utf8(TEXT_GSM, node->text, septets, sizeof(septets)) <= ADDR_ALPHA_CHARS_MAX)
        return true;
    *out = (struct addr){0};
    conf_problem(reader->report, node,
                 "`%s` is no sender name: at most %u printable ASCII characters that GSM has",
                 conf_quoted(&quote, node->text), ADDR_ALPHA_CHARS_MAX);
    return false;
}

static bool
has_letter(struct slice text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((text.p[i] | 0x20) >= 'a' && (text.p[i] | 0x20) <= 'z')
            return true;
    return false;
}

bool
conf_read_addr(struct conf_reader *reader, enum conf_type type, const struct conf_node *node,
               struct addr *out)
{
    bool name = type == OPT_SENDER || type == OPT_SENDERS;
    struct conf_quote quote;

    /* A digit that was mistyped as a letter must not make a name of a number. */
    if (name && has_letter(node->text) && node->text.p[0] != '+')
        return read_sender_name(reader, node, out);
    if (addr_from_text(node->text, reader->plan, out) == ADDR_OK &&
        (out->kind == ADDR_E164 || out->kind == ADDR_SHORT))
        return true;
    *out = (struct addr){0};
    conf_problem(reader->report, node, "`%s` is not a phone number%s",
                 conf_quoted(&quote, node->text),
                 name ? ", and without a letter no sender name" : "");
    return false;
}

static void
read_phone(struct conf_reader *reader, const struct conf_option *option,
           const struct conf_node *node, void *base)
{
    struct addr addr;

    if (conf_read_addr(reader, option->type, node, &addr))
        memcpy((uint8_t *)base + option->offset, &addr, sizeof(addr));
}

/* --- passwords --- */

static bool
is_secret(enum conf_type type)
{
    return type == OPT_PASSWORD || type == OPT_PASSWORD_HASH || type == OPT_PASSWORD_FILE ||
           type == OPT_PASSWORD_ENV;
}

static const struct conf_option *
password_option(const struct conf_section *section)
{
    size_t i = 0;

    while (section->options[i].type != OPT_PASSWORD)
        i++;
    assert(i < section->option_count);
    return &section->options[i];
}

/* The secret is checked by the same rule however it was given, and no problem quotes it. */
static void
take_password(struct conf_reader *reader, const struct conf_option *option,
              const struct conf_node *node, struct slice secret, void *base)
{
    char why[CONF_WHY_BYTES];

    if (conf_text_allowed(option, secret, why))
        put_text(base, option, conf_copy(reader->keep, secret));
    else
        conf_problem(reader->report, node, "the password: %s", why);
}

static void
read_password_file(struct conf_reader *reader, const struct conf_option *option,
                   const struct conf_node *node, void *base)
{
    struct conf_file file = {.name = resolve(reader, node->text),
                             .bytes_max = CONF_SECRET_FILE_BYTES_MAX};
    const struct conf_place place = {.node = node};
    struct slice secret;

    if (!conf_file_read(&file, reader->keep, reader->report, &place))
        return;
    conf_file_check_mode(&file, "a password", reader->report, &place);
    secret = file.bytes;
    if (secret.n > 0 && secret.p[secret.n - 1] == '\n')
        secret.n--;
    if (secret.n > 0 && secret.p[secret.n - 1] == '\r')
        secret.n--;
    take_password(reader, option, node, secret, base);
}

static void
read_password(struct conf_reader *reader, const struct conf_section *section,
              const struct conf_option *option, const struct conf_node *node, void *base)
{
    const struct conf_option *password = password_option(section);
    char why[CONF_WHY_BYTES];
    const char *value;

    if (option->type == OPT_PASSWORD) {
        reader->inline_secret |= node->text.n > 0;
        take_password(reader, password, node, node->text, base);
        return;
    }
    if (!conf_text_allowed(option, node->text, why)) {
        conf_problem(reader->report, node, "%s", why);
        return;
    }
    if (option->type == OPT_PASSWORD_HASH) {
        reader->inline_secret = true; /* it can be tried at leisure by who reads it */
        put_text(base, option, conf_copy(reader->keep, node->text));
        return;
    }
    if (option->type == OPT_PASSWORD_FILE) {
        read_password_file(reader, password, node, base);
        return;
    }
    value = getenv((const char *)node->text.p);
    if (value)
        take_password(reader, password, node, slice_str(value), base);
    else
        conf_problem(reader->report, node, "the environment has no variable %s",
                     (const char *)node->text.p);
}

/* --- messages --- */

/* Y24: what the longest values make of a template must fit so many parts. */
static bool
template_fits(struct conf_reader *reader, const struct conf_node *node,
              const struct template_name *names, uint32_t parts_max)
{
    struct template_value values[TEMPLATE_NAMES_MAX];
    uint8_t filler[128], *whole, *coded;
    size_t count = 0, octets, room = node->text.n;
    enum text_alphabet alphabet;
    struct text_parts parts;
    struct slice utf8;

    memset(filler, '9', sizeof(filler));
    for (; names[count].name; count++) {
        assert(count < TEMPLATE_NAMES_MAX && names[count].chars_max <= sizeof(filler));
        values[count] =
            (struct template_value){names[count].name, slice_of(filler, names[count].chars_max)};
        room += TEMPLATE_USES_MAX * sizeof(filler);
    }
    whole = conf_alloc(reader->report->arena, room);
    coded = conf_alloc(reader->report->arena, 2 * room);
    utf8 = slice_of(
        whole, conf_template_expand((const char *)node->text.p, values, count, whole, room));
    alphabet = text_fits(TEXT_GSM, utf8) ? TEXT_GSM : TEXT_UCS2;
    octets = text_from_utf8(alphabet, utf8, coded, 2 * room);
    parts = text_count_parts(alphabet, slice_of(coded, octets), TEXT_HEADER_8BIT);
    if (parts.count > 0 && parts.count <= parts_max)
        return true;
    if (parts_max == 1) /* has no header */
        parts.octets_part = alphabet == TEXT_GSM ? 160 : 140;
    conf_problem(reader->report, node,
                 "is too long: %zu characters with its values, %u part%s hold%s %u",
                 octets / (alphabet == TEXT_GSM ? 1 : 2), parts_max, parts_max == 1 ? "" : "s",
                 parts_max == 1 ? "s" : "",
                 parts.octets_part * parts_max / (alphabet == TEXT_GSM ? 1 : 2));
    return false;
}

static void
report_fault(struct conf_report *report, const struct conf_node *node,
             const struct template_name *names, const struct template_fault *fault)
{
    char known[CONF_WHY_BYTES] = "";
    struct conf_quote quote;
    size_t used = 0;

    for (; names->name; names++)
        used += (size_t)snprintf(known + used, sizeof(known) - used, " {%s}", names->name);
    if (fault->err == TEMPLATE_UNKNOWN_NAME)
        conf_problem(report, node, "unknown placeholder {%s} at character %zu; known are:%s",
                     conf_quoted(&quote, fault->name), fault->at + 1, known);
    else if (fault->err == TEMPLATE_OPEN_BRACE)
        conf_problem(report, node,
                     "`{` at character %zu begins no placeholder; a brace is written {{",
                     fault->at + 1);
    else
        conf_problem(report, node,
                     "`}` at character %zu ends no placeholder; a brace is written }}",
                     fault->at + 1);
}

bool
conf_template_allowed(struct conf_reader *reader, const struct conf_node *node,
                      const struct template_name *names, uint32_t parts_max)
{
    const char *text = (const char *)node->text.p;
    struct template_fault fault;
    bool good = true;

    if (!conf_template_check(text, names, &fault)) {
        report_fault(reader->report, node, names, &fault);
        return false;
    }
    for (const struct template_name *name = names; name->name; name++) {
        unsigned uses = conf_template_uses(text, name->name);

        good = good && uses <= TEMPLATE_USES_MAX && (uses > 0 || !name->required);
        if (name->required && uses == 0)
            conf_problem(reader->report, node, "must have the placeholder {%s}", name->name);
        else if (uses > TEMPLATE_USES_MAX)
            conf_problem(reader->report, node, "has {%s} %u times, more than %u", name->name, uses,
                         TEMPLATE_USES_MAX);
    }
    return good && (node->text.n == 0 || template_fits(reader, node, names, parts_max));
}

static bool
message_allowed(struct conf_reader *reader, const struct conf_option *option,
                const struct conf_node *node)
{
    size_t which = (option->offset - offsetof(struct conf, messages)) / sizeof(const char *);

    return conf_template_allowed(reader, node, conf_template_names((enum conf_message)which),
                                 CONF_TEMPLATE_PARTS_MAX);
}

static void
read_text(struct conf_reader *reader, const struct conf_option *option,
          const struct conf_node *node, void *base)
{
    char why[CONF_WHY_BYTES];

    if (!conf_text_allowed(option, node->text, why))
        conf_problem(reader->report, node, "%s", why);
    else if (option->type == OPT_PATH)
        put_text(base, option, resolve(reader, node->text));
    else if (option->type != OPT_MESSAGE || message_allowed(reader, option, node))
        put_text(base, option, conf_copy(reader->keep, node->text));
}

/* --- sections --- */

static void
read_list(struct conf_reader *reader, const struct conf_option *option,
          const struct conf_node *node, void *base)
{
    const struct conf_section *section = option->section;
    const struct conf_node *country;
    uint8_t *items;

    if (!conf_list_allowed(reader, option, node))
        return;
    items = conf_alloc(reader->keep, node->count * section->struct_bytes);
    for (const struct conf_node *item = node->first; item; item = item->next) {
        /* Known before the rest is read, wherever it stands. */
        country =
            section->has_country && item->kind == NODE_MAP ? conf_node_find(item, "country") : NULL;
        if (country && country->kind == NODE_SCALAR)
            reader->plan = addr_plan_of((const char *)country->text.p);
        conf_read_section(reader, section, item, items + item->index * section->struct_bytes);
        if (section->has_country)
            reader->plan = NULL;
    }
    conf_put_list(base, option, items, node->count);
}

static void
read_option(struct conf_reader *reader, const struct conf_section *section,
            const struct conf_option *option, const struct conf_node *node, void *base)
{
    enum conf_node_kind kind = NODE_SCALAR;

    if (option->type >= OPT_IDS && option->type != OPT_SECTION)
        kind = NODE_LIST;
    if (option->type != OPT_SECTION && !conf_has_kind(reader, node, kind))
        return;
    switch (option->type) {
    case OPT_COUNT:
    case OPT_DURATION:
    case OPT_SIZE:
    case OPT_PERCENT:
    case OPT_BOOL:
    case OPT_STATUS:
    case OPT_DATE:
    case OPT_ZONE:
    case OPT_CLOCK:
    case OPT_WORD:
        read_number(reader, option, node, base);
        break;
    case OPT_WORD_TEXT:
        read_word_text(reader, option, node, base);
        break;
    case OPT_ID:
    case OPT_ASCII:
    case OPT_NAME:
    case OPT_HOST:
    case OPT_IP:
    case OPT_COUNTRY:
    case OPT_PATH:
    case OPT_MESSAGE:
    case OPT_TEMPLATE:
        read_text(reader, option, node, base);
        break;
    case OPT_PASSWORD:
    case OPT_PASSWORD_HASH:
    case OPT_PASSWORD_FILE:
    case OPT_PASSWORD_ENV:
        read_password(reader, section, option, node, base);
        break;
    case OPT_PHONE:
    case OPT_SENDER:
        read_phone(reader, option, node, base);
        break;
    case OPT_IDS:
    case OPT_SENDERS:
    case OPT_NETS:
    case OPT_PREFIXES:
    case OPT_WORDS:
    case OPT_KEYWORDS:
    case OPT_TEXTS:
    case OPT_APP_BINDS:
        conf_read_words(reader, option, node, base);
        break;
    case OPT_SECTION:
        conf_read_section(reader, option->section, node, base);
        break;
    case OPT_LIST:
        read_list(reader, option, node, base);
        break;
    case CONF_TYPES:
        break;
    }
}

/* --- keys that no option has --- */

#define WORD_MAX 32u

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t
conf_distance(struct slice a, struct slice b)
{
    size_t cost[WORD_MAX + 1][WORD_MAX + 1];

    if (a.n > WORD_MAX || b.n > WORD_MAX)
        return SIZE_MAX;
    for (size_t i = 0; i <= a.n; i++) {
        for (size_t j = 0; j <= b.n; j++) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            cost[i][j] = least(least(cost[i - 1][j], cost[i][j - 1]) + 1,
                               cost[i - 1][j - 1] + (a.p[i - 1] != b.p[j - 1]));
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    }
    return cost[a.n][b.n];
}

static void
report_unknown(struct conf_reader *reader, const struct conf_section *section,
               const struct conf_node *node)
{
    const struct conf_place place = {.node = node, .key = true};
    const char *near = NULL;
    size_t nearest = 3; /* more than two slips are another word */
    struct conf_quote quote;

    for (size_t i = 0; i < section->option_count; i++) {
        size_t d = conf_distance(node->key, slice_str(section->options[i].name));

        if (d < nearest && d * 3 <= node->key.n) {
            nearest = d;
            near = section->options[i].name;
        }
    }
    conf_quoted(&quote, node->key);
    if (near)
        conf_report_at(reader->report, &place, "unknown key `%s`, did you mean `%s`?", quote.text,
                       near);
    else
        conf_report_at(reader->report, &place, "unknown key `%s`", quote.text);
}

static const struct conf_option *
option_of(const struct conf_section *section, struct slice key)
{
    for (size_t i = 0; i < section->option_count; i++)
        if (slice_eq(key, slice_str(section->options[i].name)))
            return &section->options[i];
    return NULL;
}

/* --- the whole of a section --- */

/* Required options, and one password. */
static void
report_missing(struct conf_reader *reader, const struct conf_section *section,
               const struct conf_node *map)
{
    uint32_t secrets = 0, given = 0;

    for (size_t i = 0; i < section->option_count; i++) {
        const struct conf_option *option = &section->options[i];
        const struct conf_node *node = conf_node_find(map, option->name);

        if (option->required && !node)
            conf_problem_in(reader->report, map, option->name, "is required and not there");
        if (is_secret(option->type)) {
            secrets++;
            given += node != NULL;
        }
    }
    if (secrets > 0 && given != 1)
        conf_problem(reader->report, map, "needs %s of password, %spassword_file and password_env",
                     given == 0 ? "one" : "only one", secrets > 3 ? "password_hash, " : "");
}

/* `relay:` with nothing but comments below it has all defaults. An item of a list is never so. */
static bool
is_empty_section(const struct conf_section *section, const struct conf_node *node)
{
    return section->struct_bytes == 0 && is_blank(node);
}

void
conf_read_section(struct conf_reader *reader, const struct conf_section *section,
                  const struct conf_node *map, void *base)
{
    put_defaults(section, base);
    if (!is_empty_section(section, map) && !conf_has_kind(reader, map, NODE_MAP))
        return;
    for (const struct conf_node *node = map->first; node; node = node->next) {
        const struct conf_option *option = option_of(section, node->key);

        if (!option)
            report_unknown(reader, section, node);
        else if (conf_node_find(map, option->name) == node) /* a duplicate has been reported */
            read_option(reader, section, option, node, base);
    }
    report_missing(reader, section, map);
    if (section->finish)
        section->finish(reader, map, base);
}
