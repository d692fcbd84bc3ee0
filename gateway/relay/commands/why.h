/*
 * why.h: what commands about the queue share: what holds a message back.
 */
#ifndef TANDEM_COMMANDS_WHY_H
#define TANDEM_COMMANDS_WHY_H

#include "gateway/relay/command.h"

/* "why" and "until" of one message, into the row that is open. */
void answer_message_why(struct command *command, uint64_t message, const struct rec_msg *msg);

#endif
