/*
 * ctl_complete.c: see ctl_complete.h. A function that looks at the words typed so far: behind a
 * command its options and the words of its arguments, otherwise commands.
 */
#include "gateway/ctl_complete.h"

#include "gateway/commands/commands.h"

static void
put_words(FILE *out, const char *words)
{
    for (; *words; words++)
        fputc(*words == '|' ? ' ' : *words, out);
}

/* What may follow a command: second words of longer names, options, words. */
static void
put_choices(FILE *out, const struct command_def *def)
{
    size_t n = strlen(def->name);

    for (size_t i = 0; i < commands_count; i++) {
        if (strncmp(commands[i]->name, def->name, n) == 0 && commands[i]->name[n] == ' ')
            fprintf(out, " %s", commands[i]->name + n + 1);
    }
    for (size_t i = 0; i < command_arg_count(def); i++) {
        if (def->args[i].option)
            fprintf(out, " --%s", def->args[i].name);
        if (def->args[i].kind == ARG_WORD) {
            fputc(' ', out);
            put_words(out, def->args[i].words);
        }
    }
}

bool
ctl_complete(FILE *out)
{
    fputs("_tandem_ctl()\n{\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} line=\" ${COMP_WORDS[*]:1:COMP_CWORD-1} \"\n"
          "    local choices\n"
          "    case $line in\n", out);
    /* Longer names first: "held drop" is not "held". */
    for (int spaces = 1; spaces >= 0; spaces--) {
        for (size_t i = 0; i < commands_count; i++) {
            if ((strchr(commands[i]->name, ' ') != NULL) != spaces)
                continue;
            fprintf(out, "    *\" ctl\"*\" %s \"*) choices=\"", commands[i]->name);
            put_choices(out, commands[i]);
            fputs("\" ;;\n", out);
        }
    }
    fputs("    *\" ctl \"*) choices=\"--json --socket -c --as completion", out);
    for (size_t i = 0; i < commands_count; i++) {
        if (!strchr(commands[i]->name, ' '))
            fprintf(out, " %s", commands[i]->name);
    }
    fputs("\" ;;\n"
          "    *) choices=\"serve check ctl export snapshot verify\" ;;\n"
          "    esac\n"
          "    COMPREPLY=($(compgen -W \"$choices\" -- \"$word\"))\n"
          "}\n"
          "complete -o default -F _tandem_ctl tandem\n", out);
    return fflush(out) == 0 && !ferror(out);
}
