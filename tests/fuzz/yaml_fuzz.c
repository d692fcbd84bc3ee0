/*
 * yaml_fuzz.c: any octets as the gateway's file or as the directory file.
 *
 * The first octet chooses: 'd' makes the rest a directory file beside a good gateway file, anything
 * else a gateway file. Besides the sanitizers' findings: there is a configuration exactly when
 * there is no error, every problem is one line of printable text, and templates that were taken can
 * be expanded.
 */
#include <stdlib.h>

#include "conf/conf.h"
#include "conf/conf_template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char gateway[] =
    "store: {dir: d}\ncarriers: [{id: sim, host: h, port: 1, system_id: t, password: p}]\n";

static void
require(bool condition)
{
    if (!condition)
        abort();
}

static void
check_problems(const struct conf *conf, const struct conf_problems *problems)
{
    size_t errors = 0;

    for (size_t i = 0; i < problems->count; i++) {
        const char *line = problems->lines[i];

        errors += strncmp(line, "warning: ", 9) != 0;
        for (const char *p = line; *p; p++)
            require((uint8_t)*p >= 0x20 && *p != 0x7F);
    }
    require((conf == NULL) == (errors > 0));
    require((problems->exit_status == 0) == (errors == 0));
}

static void
check_templates(const struct conf *conf)
{
    uint8_t out[16384];

    for (int i = 0; i < CONF_MESSAGES; i++) {
        const struct template_name *names = conf_template_names((enum conf_message)i);
        struct template_value values[TEMPLATE_NAMES_MAX];
        size_t count = 0;

        for (; names[count].name; count++)
            values[count] = (struct template_value){names[count].name, SLICE_LIT("x")};
        conf_template_expand(conf->messages[i], values, count, out, sizeof(out));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool directory = size > 0 && data[0] == 'd';
    struct slice rest = size > 0 ? slice_of(data + 1, size - 1) : SLICE_LIT("");
    struct conf_problems problems;
    struct conf *conf = directory ? conf_parse(SLICE_LIT(gateway), rest, &problems)
                                  : conf_parse(rest, SLICE_NONE, &problems);

    check_problems(conf, &problems);
    if (conf)
        check_templates(conf);
    conf_problems_free(&problems);
    conf_free(conf);
    return 0;
}
