/*
 * conf_load.c: see conf_load.h.
 */
#include "tests/unit/conf_load.h"

#include <stdlib.h>

#include "tests/unit/check.h"

char said[200000];
struct conf *conf;

void
keep_problems(struct conf_problems *problems)
{
    size_t used = 0, errors = 0;

    said[0] = '\0';
    for (size_t i = 0; i < problems->count; i++) {
        used += (size_t)snprintf(said + used, sizeof(said) - used, "%s\n", problems->lines[i]);
        errors += strncmp(problems->lines[i], "warning: ", 9) != 0;
    }
    check((conf == NULL) == (errors > 0));
    check((problems->exit_status == 0) == (errors == 0));
    conf_problems_free(problems);
}

int
load(struct slice gateway, struct slice directory)
{
    struct conf_problems problems;
    int status;

    conf_free(conf);
    conf = conf_parse(gateway, directory, &problems);
    status = problems.exit_status;
    keep_problems(&problems);
    return status;
}

void
expect_at(int line, const char *gateway, const char *directory, const char *lines)
{
    load(slice_str(gateway), directory ? slice_str(directory) : SLICE_NONE);
    if (strcmp(said, lines) != 0)
        printf("    from line %d, have:\n%s    want:\n%s", line, said, lines);
    check(strcmp(said, lines) == 0);
}

void
expect_part_at(int line, const char *gateway, const char *directory, const char *part)
{
    load(slice_str(gateway), directory ? slice_str(directory) : SLICE_NONE);
    if (!strstr(said, part))
        printf("    from line %d: %s    lacks: %s\n", line, said, part);
    check(strstr(said, part) != NULL);
}

const struct dir_account *
account(void)
{
    check(conf && conf->account_count == 1);
    return &conf->accounts[0];
}

char *
read_whole(const char *name, size_t *n)
{
    FILE *file = fopen(name, "r");
    char *text = calloc(1, 1 << 20);

    if (!file)
        printf("    cannot open %s; run from the top of the tree\n", name);
    check(file && text);
    *n = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    return text;
}
