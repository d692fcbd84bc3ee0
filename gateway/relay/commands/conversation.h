/*
 * conversation.h: what the commands about conversations share.
 */
#ifndef TANDEM_COMMANDS_CONVERSATION_H
#define TANDEM_COMMANDS_CONVERSATION_H

#include "gateway/relay/commands/records.h"
#include "gateway/relay/conv.h"

#define CONVERSATION_ARG                                                                           \
    {.name = "id", .kind = ARG_NUMBER, .required = true, .help = "the conversation's ID"}
#define BY_ARG                                                                                     \
    {.name = "by", .kind = ARG_TEXT, .option = true, .max = CONF_ID_BYTES_MAX,                     \
     .help = "agent who does it"}

/* The one that the first two arguments name. */
enum command_result conversation_find(struct command *command, struct conv *conv);
/* The agent or group that an option names, 0 if it is not given. False, and why is said: there is
 * none. */
bool conversation_agent(struct command *command, uint32_t account, unsigned which, uint32_t *out);
bool conversation_group(struct command *command, uint32_t account, unsigned which, uint32_t *out);
/* As a row of the list. */
void conversation_show(struct command *command, const struct conv *conv);

#endif
