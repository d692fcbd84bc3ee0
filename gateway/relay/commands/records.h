/*
 * records.h: what commands about records of an account share: the account, walking a table, and
 * refusing what the directory file lists.
 */
#ifndef TANDEM_COMMANDS_RECORDS_H
#define TANDEM_COMMANDS_RECORDS_H

#include "gateway/relay/command.h"
#include "gateway/relay/contact.h"
#include "gateway/relay/number.h"
#include "gateway/relay/stop.h"

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

/* The same within a table whose keys go on with a second number. */
bool record_next_of(struct command *command, enum store_table table, uint32_t account,
                    uint32_t second, struct slice *key);

/* May it be an id? False, and why is said. */
bool record_id(struct command *command, struct slice id);
/* Named by an argument; "" is none, 0. */
enum command_result record_agent(struct command *command, uint32_t account, struct slice id,
                                 uint32_t *agent);
enum command_result record_group(struct command *command, uint32_t account, struct slice id,
                                 uint32_t *group);
enum command_result record_app(struct command *command, uint32_t account, struct slice id,
                               uint32_t *app);
/* Ids with commas between them, of agents and of groups: as a record keeps inboxes. Nothing
 * changes if neither is given. */
enum command_result record_inboxes(struct command *command, uint32_t account,
                                   const struct command_value *agents,
                                   const struct command_value *groups, struct slice *inboxes);
/* The second argument: one of the account's numbers. */
enum command_result record_number(struct command *command, uint32_t *account, struct addr *addr,
                                  struct rec_number *rec);
/* Their ids, empty for 0 and for whom is gone. */
struct slice record_agent_id(struct command *command, uint32_t account, uint32_t agent);
struct slice record_group_id(struct command *command, uint32_t account, uint32_t group);
/* Before an agent or a group is deleted: looks whether a number or a campaign names it, or it owns
 * an open conversation, then lets it leave all groups, or all agents leave it. DONE, MORE, or the
 * refusal. The whole of the progress is its own. */
enum command_result record_unused(struct command *command, uint32_t account, struct owner owner);

/* A refusal with its sentence. */
enum command_result refuse(struct command *command, enum command_result result, const char *why);
enum command_result refuse_listed(struct command *command);
/* Who changed an opt-out, and why: kept with the change. */
#define OPTOUT_WHO_BYTES_MAX 64u
#define OPTOUT_WHY_BYTES_MAX 200u
/* Changes it and logs that; false: it is so already. */
bool optout_by_hand(struct command *command, const struct stop_order *order);
/* R-multi-2: names the numbers to choose from. */
enum command_result refuse_choices(struct command *command, const struct contact_choices *choices);
/* An address as the account writes it; false, and why is said. */
bool record_phone(struct command *command, uint32_t account, struct slice text, struct addr *out);
void answer_addr(struct answer *answer, const char *name, const struct addr *addr);
/* "account", by its id; 0 is nobody's. */
void answer_account(struct command *command, uint32_t account);
/* Does one text hold the other, in any case of ASCII letters? An empty one is in all. */
bool text_holds(struct slice text, struct slice part);

#endif
