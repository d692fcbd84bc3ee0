/*
 * relay_ask.h: commands of the core, asked in the world of relay_world.h.
 */
#ifndef TANDEM_RELAY_ASK_H
#define TANDEM_RELAY_ASK_H

#include "gateway/relay/command.h"
#include "tests/unit/relay_world.h"

/* What came back for the last command: rows as JSON, one a line, and how it ended. */
struct asked {
    char rows[1 << 20];
    uint32_t count;
    enum command_result result;
    char why[ANSWER_WHY_BYTES];
    uint32_t turns;
};
extern struct asked got;

/* Each call in a turn of its own, as the gateway does it. The asker is the session of slot 77. */
void ask(struct world *w, const struct command_def *def, const struct command_value *args);
/* "ACCOUNT/AGENT"; NULL: the operator. Then names of arguments and their values, as `tandem ctl`
 * has them (a flag's value is "on"), and NULL. */
enum command_result ask_as(struct world *w, const char *as, const struct command_def *def, ...);
bool row_says(const char *text);

#endif
