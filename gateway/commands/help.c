/*
 * help.c: the table of commands as rows. `tandem ctl help` shows the same without asking anybody.
 */
#include "gateway/commands/commands.h"

static enum command_result
help(struct command *command)
{
    char usage[COMMAND_USAGE_BYTES];

    for (size_t i = 0; i < commands_count; i++) {
        answer_open(command->answer);
        answer_word(command->answer, "command", commands[i]->name);
        answer_word(command->answer, "arguments", command_usage(commands[i], usage));
        answer_word(command->answer, "right", command_right_name(commands[i]->right));
        answer_word(command->answer, "who", command_who_name(commands[i]->who));
        answer_word(command->answer, "help", commands[i]->help);
        answer_close(command->answer);
    }
    return COMMAND_DONE;
}

const struct command_def command_help = {
    .name = "help",
    .help = "list the commands",
    .right = COMMAND_LOOKS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_IO,
    .run = help,
};
