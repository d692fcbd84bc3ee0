/*
 * commands.h: the table of all commands, and what those of the I/O thread share.
 *
 * To add one: a file with its struct command_def (gateway/relay/command.h says what is in it), its
 * name in a header, and a line in table.c. Help, completion, the check of arguments and the table
 * in docs/manual.md (scripts/tidy compares it) come from there.
 */
#ifndef TANDEM_COMMANDS_H
#define TANDEM_COMMANDS_H

#include "gateway/io.h"
#include "gateway/relay/command.h"

extern const struct command_def *const commands[];
extern const size_t commands_count;

/* NULL: there is none. */
const struct command_def *command_find(struct slice name);
/* The arguments as a person writes them: "ID [--renew]". Returns out. */
#define COMMAND_USAGE_BYTES 800u
const char *command_usage(const struct command_def *def, char out[COMMAND_USAGE_BYTES]);

/* How many arguments it has. */
size_t command_arg_count(const struct command_def *def);
/* The place of a word in a list "on|off"; false: it is not there. */
bool command_word(const char *words, struct slice word, uint64_t *place);
/* "90s", "10m", "2h", "1d"; false: it is none. */
bool command_duration(struct slice text, uint64_t *ms);

/* Commands of the I/O thread. */
extern const struct command_def command_status, command_carriers, command_carriers_stop,
    command_carriers_start, command_carriers_rebind, command_sessions, command_trace, command_help;

/* Puts "version" of a session: what the peer speaks. */
void session_version(struct answer *answer, const struct peer *p);
/* Wall time of a time of the monotonic clock that has been; 0 stays 0. */
uint64_t command_wall_ms(const struct io *io, uint64_t mono_ms);

#endif
