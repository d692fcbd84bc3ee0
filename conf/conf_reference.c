/*
 * conf_reference.c: the option table as the Markdown of the manual (docs/configuration.md), which a
 * test compares.
 */
#include <stdio.h>

#include "conf/conf_int.h"

#define LINE_BYTES 1024u
#define CELL_BYTES 320u

static void
words_cell(const struct conf_option *option, char cell[CELL_BYTES])
{
    size_t used = 0;

    if (option->type == OPT_WORDS)
        used = (size_t)snprintf(cell, CELL_BYTES, "list of ");
    for (const struct conf_word *word = option->words; word->word && used < CELL_BYTES; word++)
        used += (size_t)snprintf(cell + used, CELL_BYTES - used, "%s`%s`",
                                 word != option->words ? ", " : "",
                                 word->word);
}

static void
range_cell(const struct conf_option *option, char cell[CELL_BYTES])
{
    bool unit = option->type == OPT_COUNT && option->unit && option->unit[0];
    char min[32], max[32];

    snprintf(cell, CELL_BYTES, "%s, %s to %s%s%s", conf_type_name(option->type),
             conf_number_format(option, option->min, min),
             conf_number_format(option, option->max, max), unit ? " " : "",
             unit ? option->unit : "");
}

static void
value_cell(const struct conf_option *option, char cell[CELL_BYTES])
{
    const char *type = conf_type_name(option->type);

    switch (option->type) {
    case OPT_COUNT:
    case OPT_DURATION:
    case OPT_SIZE:
    case OPT_PERCENT:
        range_cell(option, cell);
        break;
    case OPT_WORD:
    case OPT_WORD_TEXT:
    case OPT_WORDS:
        words_cell(option, cell);
        break;
    case OPT_ID:
    case OPT_ASCII:
    case OPT_NAME:
    case OPT_PASSWORD:
    case OPT_PASSWORD_HASH:
        snprintf(cell, CELL_BYTES, "%s, %llu to %llu characters", type,
                 (unsigned long long)option->min, (unsigned long long)option->max);
        break;
    case OPT_SECTION:
    case OPT_LIST:
        snprintf(cell, CELL_BYTES, "%s, see `%s`", type, option->section->name);
        break;
    case OPT_BOOL:
    case OPT_STATUS:
    case OPT_DATE:
    case OPT_ZONE:
    case OPT_CLOCK:
    case OPT_HOST:
    case OPT_IP:
    case OPT_COUNTRY:
    case OPT_PATH:
    case OPT_MESSAGE:
    case OPT_TEMPLATE:
    case OPT_PASSWORD_FILE:
    case OPT_PASSWORD_ENV:
    case OPT_PHONE:
    case OPT_SENDER:
    case OPT_IDS:
    case OPT_SENDERS:
    case OPT_NETS:
    case OPT_PREFIXES:
    case OPT_KEYWORDS:
    case OPT_TEXTS:
    case OPT_APP_BINDS:
    case CONF_TYPES:
        snprintf(cell, CELL_BYTES, "%s", type);
        break;
    }
}

static void
default_cell(const struct conf_option *option, char cell[CELL_BYTES])
{
    if (option->required)
        snprintf(cell, CELL_BYTES, "required");
    else if (!option->fallback)
        snprintf(cell, CELL_BYTES, "none");
    else
        snprintf(cell, CELL_BYTES, "`%s`", option->fallback[0] ? option->fallback : "\"\"");
}

static int
print_section(const struct conf_section *section, int (*put)(void *, const char *), void *context)
{
    char line[LINE_BYTES], value[CELL_BYTES], fallback[CELL_BYTES];
    int stop;

    snprintf(line, sizeof(line), "<!-- options of %s -->", section->name);
    stop = put(context, line) || put(context, "| option | value | default | reload | meaning |") ||
           put(context, "| --- | --- | --- | --- | --- |");
    for (size_t i = 0; !stop && i < section->option_count; i++) {
        const struct conf_option *option = &section->options[i];

        value_cell(option, value);
        default_cell(option, fallback);
        snprintf(line, sizeof(line), "| `%s` | %s | %s | %s | %s |", option->name, value, fallback,
                 option->restart ? "restart" : "yes", option->text);
        stop = put(context, line);
    }
    return stop || put(context, "<!-- end -->");
}

void
conf_print_reference(int (*put)(void *context, const char *line), void *context)
{
    for (size_t at = 0; conf_section_at(at); at++)
        if (print_section(conf_section_at(at), put, context))
            return;
}
