/*
 * conf_table_test.c: the option table itself, the templates, and what is written about both: the
 * example files and the reference in the manual.
 */
#include "conf/conf.h"

#include <stdlib.h>

#include "conf/conf_int.h"
#include "conf/conf_template.h"
#include "tests/unit/check.h"
#include "tests/unit/conf_load.h"

/* --- the option table --- */

static void
table_is_sound(void)
{
    const struct conf_section *s;

    for (size_t at = 0; (s = conf_section_at(at)) != NULL; at++) {
        for (size_t i = 0; i < s->option_count; i++) {
            const struct conf_option *o = &s->options[i];
            char why[CONF_WHY_BYTES];
            uint64_t number;

            check(o->name && o->text && o->text[0] && strlen(o->name) <= CONF_KEY_BYTES_MAX);
            check(!o->required || !o->fallback);
            check(s->option_count <= CONF_KEYS_MAX);
            if (o->type <= OPT_WORD) {
                check(o->required || o->fallback || o->type == OPT_DATE);
                check(!o->fallback || conf_number_parse(o, slice_str(o->fallback), &number, why));
                check(o->size >= 8 || o->max >> (8 * o->size) == 0);
            }
            if (o->type == OPT_DURATION)
                check(o->max <= CONF_DURATION_MAX);
            if (o->type >= OPT_ID && o->type <= OPT_MESSAGE && o->fallback)
                check(conf_text_allowed(o, slice_str(o->fallback), why));
            for (size_t j = 0; j < i; j++)
                check(strcmp(o->name, s->options[j].name) != 0);
        }
    }
}

/* Every number option at its ends and one past them. */
static void
table_limits_hold(void)
{
    const struct conf_section *s;

    for (size_t at = 0; (s = conf_section_at(at)) != NULL; at++) {
        for (size_t i = 0; i < s->option_count; i++) {
            const struct conf_option *o = &s->options[i];
            char why[CONF_WHY_BYTES], text[64];
            uint64_t number;

            if (o->type != OPT_COUNT && o->type != OPT_DURATION && o->type != OPT_SIZE &&
                o->type != OPT_PERCENT)
                continue;
            const char *unit = o->type == OPT_DURATION ? "ms" : o->type == OPT_SIZE ? "B" : "";
            if (o->type == OPT_PERCENT)
                unit = "%";
            for (uint64_t value = o->min - (o->min > 0); value <= o->min + 1; value++) {
                snprintf(text, sizeof(text), "%llu%s", (unsigned long long)value, unit);
                check(conf_number_parse(o, slice_str(text), &number, why) == (value >= o->min));
            }
            snprintf(text, sizeof(text), "%llu%s", (unsigned long long)o->max, unit);
            check(conf_number_parse(o, slice_str(text), &number, why) && number == o->max);
            check(
                conf_number_parse(o, slice_str(conf_number_format(o, o->max, text)), &number, why));
            check(number == o->max);
            snprintf(text, sizeof(text), "%llu%s", (unsigned long long)o->max + 1, unit);
            check(!conf_number_parse(o, slice_str(text), &number, why));
        }
    }
}

static void
defaults_are_the_tables(void)
{
    expect(
        STORE
        "carriers: [{id: a, host: h, port: 1, system_id: t, password: x}]\nlisteners: [{id: b}]\n",
        ACCOUNT
        "  apps: [{system_id: s, password: p}]\n  agents: [{id: x, mobile: +12025550111}]\n",
        "");
    check_text(slice_str(conf->name), "tandem");
    check_text(slice_str(conf->log_level), "info");
    check_number(conf->drain_ms, 10000);
    check_number(conf->store_max_bytes, 64LL << 30);
    check_number(conf->relay.reply_limit, 140);
    check_number(conf->relay.reply_overflow, OVERFLOW_DELIVER_PART);
    check_number(conf->relay.reply_scope, SCOPE_PARTICIPANTS);
    check_number(conf->relay.reassembly_ms, 300000);
    check_number(conf->carriers[0].refused_max_ms, 900000);
    check_number(conf->carriers[0].interface_version, 0x34);
    check_text(slice_str(conf->carriers[0].system_type), "");
    check_number(conf->listeners[0].port, 2775);
    check_text(slice_str(conf->listeners[0].address), "127.0.0.1");
    check_number(account()->max_parts, 3);
    check(account()->transliterate);
    check_number(account()->long_messages, LONG_CONCATENATE);
    check(account()->apps[0].allow_transmitter && account()->apps[0].allow_transceiver);
    check_number(account()->apps[0].class, CLASS_BULK);
    check_text(slice_str(account()->agents[0].name), "x");
    check_text(slice_str(conf->messages[MESSAGE_FORWARD]), "{id} {from}: {text}");
}

/* --- templates --- */

static size_t
expand(const char *text, uint8_t *out, size_t cap)
{
    static const struct template_value values[] = {{"id", {(const uint8_t *)"123456", 6}},
                                                   {"from", {(const uint8_t *)"+12025550123", 12}},
                                                   {"text", {(const uint8_t *)"{id} %s {{x}}", 13}},
                                                   {"limit", {(const uint8_t *)"140", 3}}};

    return conf_template_expand(text, values, 4, out, cap);
}

static void
template_expands_once(void)
{
    uint8_t out[64];
    size_t n = expand("{id} {from}: {text}", out, sizeof(out));

    check_text(slice_of(out, n), "123456 +12025550123: {id} %s {{x}}");
    for (size_t cap = 0; cap < n; cap++)
        check_number(expand("{id} {from}: {text}", out, cap), 0);
    check_number(expand("{id} {from}: {text}", out, n), (long long)n);
    n = expand("{{{limit}}} }}{{", out, sizeof(out));
    check_text(slice_of(out, n), "{140} }{");
    check_number(expand("", out, sizeof(out)), 0);
}

static void
r_txt_7_notice_fits_one_message(void)
{
    uint8_t out[400];
    size_t n;

    expect(STORE, NULL, "");
    n = expand(conf->messages[MESSAGE_NOTICE], out, sizeof(out));
    check(n > 0 && n <= 160 && text_fits(TEXT_GSM, slice_of(out, n)));
    n = expand(conf->messages[MESSAGE_CUT], out, sizeof(out));
    check(n > 0 && n <= 160);
}

static void
r_proxy_6_texts_fit_one_message(void)
{
    struct template_value values[] = {{"contact", SLICE_LIT("+123456789012345")},
                                      {"number", SLICE_LIT("+123456789012345")},
                                      {"name", SLICE_LIT("The Company")},
                                      {"text", SLICE_NONE}};
    uint8_t out[400];

    expect(STORE, NULL, "");
    for (int i = MESSAGE_PROXY_INTRO; i <= MESSAGE_PROXY_OPTED_OUT; i++) {
        size_t n = conf_template_expand(conf->messages[i], values, 4, out, sizeof(out));

        check(n > 0 && n <= 160 && text_fits(TEXT_GSM, slice_of(out, n)));
    }
}

static void
template_names_of_every_message(void)
{
    for (int i = 0; i < CONF_MESSAGES; i++) {
        size_t n = 0;

        for (const struct template_name *name = conf_template_names((enum conf_message)i);
             name->name; name++)
            n++;
        check((n > 0 || i == MESSAGE_PROXY_USAGE) && n <= TEMPLATE_NAMES_MAX);
        check(strcmp(conf_message_name((enum conf_message)i), "?") != 0);
    }
}

/* --- the examples and the manual --- */

/* Takes the "# " off every commented option, so that all of them stand there. */
static void
examples_show_every_default(void)
{
    size_t n;
    char *gateway = read_whole("conf/tandem.yaml", &n),
         *directory = read_whole("conf/directory.yaml", &n);

    const struct conf_section *s;

    for (size_t at = 0; (s = conf_section_at(at)) != NULL; at++) {
        for (size_t i = 0; i < s->option_count; i++) {
            const struct conf_option *o = &s->options[i];
            bool plain = o->fallback && o->type != OPT_MESSAGE && o->fallback[0];
            char line[200];

            snprintf(line, sizeof(line), " %s:%s%s", o->name, plain ? " " : "",
                     plain ? o->fallback : "");
            if (o->type == OPT_SECTION || o->type == OPT_LIST || strcmp(o->name, "directory") == 0)
                snprintf(line, sizeof(line), "%s:", o->name);
            /* The example says otherwise on these two, and names the default beside it. */
            if (strcmp(o->name, "relay") == 0)
                snprintf(line, sizeof(line), "relay:");
            if (!strstr(gateway, line) && !strstr(directory, line)) {
                printf("    the examples lack \"%s\" of %s\n", line, s->name);
                check(false);
            }
        }
    }
    free(gateway);
    free(directory);
}

static const char *manual;

static int
find_in_manual(void *context, const char *line)
{
    size_t n = strlen(line);

    (void)context;
    if (strncmp(line, "<!-- options of ", 16) == 0) {
        manual = strstr(manual, line);
        if (!manual)
            printf("    docs/configuration.md lacks, or has in another order: %s\n", line);
        check(manual != NULL);
    }
    if (strncmp(manual, line, n) != 0 || manual[n] != '\n')
        printf("    docs/configuration.md should say: %s\n", line);
    check(strncmp(manual, line, n) == 0 && manual[n] == '\n');
    manual += n + 1;
    return 0;
}

static void
manual_is_the_table(void)
{
    size_t n;
    char *text = read_whole("docs/configuration.md", &n);

    manual = text;
    conf_print_reference(find_in_manual, NULL);
    check(strstr(manual, "<!-- options of") == NULL);
    free(text);
}

#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
CHECK_MAIN(CASE(table_is_sound), CASE(table_limits_hold), CASE(defaults_are_the_tables),
           CASE(template_expands_once), CASE(r_txt_7_notice_fits_one_message),
           CASE(r_proxy_6_texts_fit_one_message), CASE(template_names_of_every_message),
           CASE(examples_show_every_default),
           CASE(manual_is_the_table))
