/*
 * records.h: what commands about records of an account share: the account, walking a table, and
 * refusing what the directory file lists.
 */
#ifndef TANDEM_COMMANDS_RECORDS_H
#define TANDEM_COMMANDS_RECORDS_H

#include "gateway/relay/command.h"
#include "gateway/relay/core.h"

/* The first argument of each: {.name = "account"}. 0, and why is said: there is none. */
uint32_t record_account(struct command *command);
#define ARG_ACCOUNT_DEF                                                                            \
    {.name = "account", .kind = ARG_TEXT, .required = true, .max = CONF_ID_BYTES_MAX,              \
     .help = "id of the account"}

/* The next row of the account's in a table whose keys begin with it; key goes on behind the
 * account. False at the end. progress->key is where the walk is. */
bool record_next(struct command *command, enum store_table table, uint32_t account,
                 struct slice *key);
/* Shows rows until there are enough for one call. show says whether it answered one. */
enum command_result record_walk(struct command *command, enum store_table table, uint32_t account,
                                void (*show)(struct command *command, uint32_t account,
                                             struct slice key));

/* A refusal with its sentence. */
enum command_result refuse(struct command *command, enum command_result result, const char *why);
enum command_result refuse_listed(struct command *command);
/* An address as the account writes it; false, and why is said. */
bool record_phone(struct command *command, uint32_t account, struct slice text, struct addr *out);
void answer_addr(struct answer *answer, const char *name, const struct addr *addr);
/* "account", by its id; 0 is nobody's. */
void answer_account(struct command *command, uint32_t account);
/* Does one text hold the other, in any case of ASCII letters? An empty one is in all. */
bool text_holds(struct slice text, struct slice part);

#endif
