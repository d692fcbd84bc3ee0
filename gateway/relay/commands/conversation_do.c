/*
 * conversation_do.c: commands that change a conversation: claim, transfer, close, note, flag
 * (R-conv-5), and send a text in it (R-multi, R-stop). Any agent of the account may (R-conv-6).
 */
#include "gateway/relay/commands/conversation.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/choose.h"
#include "gateway/relay/contact.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/conv_state.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/number.h"
#include "gateway/relay/stop.h"
#include "gateway/relay/text.h"

enum command_result
conversation_find(struct command *command, struct conv *conv)
{
    uint32_t account = record_account(command);

    if (account == 0)
        return COMMAND_NOT_FOUND;
    return conv_get(command->step, account, command->args[1].number, conv)
               ? COMMAND_DONE
               : refuse(command, COMMAND_NOT_FOUND, "there is no such conversation");
}

bool
conversation_agent(struct command *command, uint32_t account, unsigned which, uint32_t *out)
{
    struct rec_agent agent;

    *out = 0;
    if (!command->args[which].given)
        return true;
    *out = agent_named(command->step, account, command->args[which].text);
    if (*out != 0 && agent_get(command->step, account, *out, &agent))
        return true;
    answer_why(command->answer, "there is no such agent");
    return false;
}

bool
conversation_group(struct command *command, uint32_t account, unsigned which, uint32_t *out)
{
    struct rec_group group;

    *out = 0;
    if (!command->args[which].given)
        return true;
    *out = group_named(command->step, account, command->args[which].text);
    if (*out != 0 && group_get(command->step, account, *out, &group))
        return true;
    answer_why(command->answer, "there is no such group");
    return false;
}

/* An open one, and who does it. */
static enum command_result
take(struct command *command, unsigned by_arg, struct conv *conv, struct owner *by)
{
    enum command_result result = conversation_find(command, conv);

    *by = (struct owner){.kind = OWNER_NOBODY};
    if (result != COMMAND_DONE)
        return result;
    if (!conversation_agent(command, conv->account, by_arg, &by->id))
        return COMMAND_NOT_FOUND;
    if (by->id != 0)
        by->kind = OWNER_AGENT;
    return conv->rec.status == CONV_OPEN
               ? COMMAND_DONE
               : refuse(command, COMMAND_WRONG_STATE, "the conversation is closed");
}

static enum command_result
done(struct command *command, struct conv *conv)
{
    conv_put(command->step, conv);
    conversation_show(command, conv);
    return COMMAND_DONE;
}

/* ---- claim */

enum { CLAIM_BY = 2 };

static enum command_result
claim(struct command *command)
{
    struct conv conv;
    struct owner by;
    enum command_result result = take(command, CLAIM_BY, &conv, &by);

    if (result != COMMAND_DONE)
        return result;
    if (conv.rec.owner_kind == OWNER_AGENT && conv.rec.owner != by.id)
        return refuse(command, COMMAND_WRONG_STATE,
                      "another agent owns it: it can be transferred");
    if (conv.rec.owner_kind != OWNER_AGENT)
        conv_claim(command->step, &conv, by);
    return done(command, &conv);
}

const struct command_def command_conversation_claim = {
    .name = "conversation claim",
    .help = "make an agent the owner of a conversation that no agent owns",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = claim,
    .args = {ARG_ACCOUNT_DEF, CONVERSATION_ARG,
             {.name = "by", .kind = ARG_TEXT, .option = true, .required = true,
              .max = CONF_ID_BYTES_MAX, .help = "agent who claims it"}},
};

/* ---- transfer */

enum { TRANSFER_AGENT = 2, TRANSFER_GROUP, TRANSFER_BY };

static enum command_result
transfer(struct command *command)
{
    struct conv conv;
    struct owner by, to = {.kind = OWNER_AGENT};
    uint32_t group;
    enum command_result result = take(command, TRANSFER_BY, &conv, &by);

    if (result != COMMAND_DONE)
        return result;
    if (!conversation_agent(command, conv.account, TRANSFER_AGENT, &to.id) ||
        !conversation_group(command, conv.account, TRANSFER_GROUP, &group))
        return COMMAND_NOT_FOUND;
    if ((to.id != 0) == (group != 0))
        return refuse(command, COMMAND_BAD_ARGUMENT, "say to whom: --agent or --group");
    if (group != 0)
        to = (struct owner){OWNER_GROUP, group};
    conv_transfer(command->step, &conv, to, by);
    return done(command, &conv);
}

const struct command_def command_conversation_transfer = {
    .name = "conversation transfer",
    .help = "give a conversation to an agent or a group; a bot gets its messages no more",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = transfer,
    .args = {ARG_ACCOUNT_DEF, CONVERSATION_ARG,
             {.name = "agent", .kind = ARG_TEXT, .option = true, .max = CONF_ID_BYTES_MAX,
              .help = "who owns it from now on"},
             {.name = "group", .kind = ARG_TEXT, .option = true, .max = CONF_ID_BYTES_MAX,
              .help = "the same, a group"},
             BY_ARG},
};

/* ---- close */

enum { CLOSE_BY = 2 };

static enum command_result
close_it(struct command *command)
{
    struct conv conv;
    struct owner by;
    enum command_result result = take(command, CLOSE_BY, &conv, &by);

    if (result != COMMAND_DONE)
        return result;
    conv_close(command->step, &conv, by);
    return done(command, &conv);
}

const struct command_def command_conversation_close = {
    .name = "conversation close",
    .help = "close a conversation; the contact's next message opens a new one",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = close_it,
    .args = {ARG_ACCOUNT_DEF, CONVERSATION_ARG, BY_ARG},
};

/* ---- notes and flags */

enum { NOTE_TEXT = 2, NOTE_BY };

/* Also in a closed one. */
static enum command_result
note(struct command *command)
{
    struct conv conv;
    struct owner by;
    enum command_result result = take(command, NOTE_BY, &conv, &by);

    if (result != COMMAND_DONE && (result != COMMAND_WRONG_STATE || conv.rec.status == CONV_OPEN))
        return result;
    conv_note(command->step, &conv, by, command->args[NOTE_TEXT].text);
    return done(command, &conv);
}

const struct command_def command_conversation_note = {
    .name = "conversation note",
    .help = "put a note into a conversation, which its contact never sees",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = note,
    .args = {ARG_ACCOUNT_DEF, CONVERSATION_ARG,
             {.name = "text", .kind = ARG_TEXT, .required = true, .max = 4000, .help = "the note"},
             BY_ARG},
};

enum { FLAG_SET = 2, FLAG_BY };

static enum command_result
flag(struct command *command)
{
    struct conv conv;
    struct owner by;
    enum command_result result = take(command, FLAG_BY, &conv, &by);

    if (result != COMMAND_DONE)
        return result;
    conv_follow_up(command->step, &conv, command->args[FLAG_SET].number == 0, by);
    return done(command, &conv);
}

const struct command_def command_conversation_flag = {
    .name = "conversation flag",
    .help = "flag a conversation for follow-up, or take the flag off; closing does, too",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = flag,
    .args = {ARG_ACCOUNT_DEF, CONVERSATION_ARG,
             {.name = "set", .kind = ARG_WORD, .required = true, .words = "on|off",
              .help = "what becomes of the flag"},
             BY_ARG},
};

/* ---- send */

enum { SEND_TEXT = 2, SEND_TO, SEND_BY };

/* R-multi. */
static enum command_result
send_target(struct command *command, const struct conv *conv, struct addr *to)
{
    struct contact_choices choices;

    if (command->args[SEND_TO].given) {
        if (!record_phone(command, conv->account, command->args[SEND_TO].text, to))
            return COMMAND_BAD_ARGUMENT;
        if (addr_eq(to, &conv->rec.contact) ||
            (conv->rec.contact_id &&
             contact_has_phone(command->step, conv->account, conv->rec.contact_id, to)))
            return COMMAND_DONE;
        return refuse(command, COMMAND_NOT_FOUND, "the contact does not have that number");
    }
    switch (conv_target(command->step, conv, &choices)) {
    case TARGET_ONE:
        *to = choices.number[0];
        return COMMAND_DONE;
    case TARGET_NONE:
        return refuse(command, COMMAND_WRONG_STATE,
                      "none of the contact's numbers is selected for sending");
    case TARGET_CHOICES:
        break;
    }
    return refuse_choices(command, &choices);
}

static enum command_result
send_text(struct command *command)
{
    struct step *s = command->step;
    struct rec_number number;
    struct conv_words words;
    struct conv conv, said;
    struct owner by;
    struct addr to;
    enum command_result result = take(command, SEND_BY, &conv, &by);

    if (result == COMMAND_DONE)
        result = send_target(command, &conv, &to);
    if (result != COMMAND_DONE)
        return result;
    if (!number_get(s, &conv.rec.number, &number) || number.account != conv.account ||
        (number.role != ROLE_BUSINESS && number.role != ROLE_USER))
        return refuse(command, COMMAND_WRONG_STATE, "nothing can be sent from its number");
    if (stop_is_out(s, conv.account, &to))
        return refuse(command, COMMAND_WRONG_STATE, "the contact has opted out of texts");
    words = (struct conv_words){
        .to = to, .text = command->args[SEND_TEXT].text, .by = by.id, .unlimited = true};
    if (conv_reply(s, &conv, &number, &words, &said) != COMPOSE_OK)
        return refuse(command, COMMAND_BAD_ARGUMENT, "the text is too long");
    conversation_show(command, &said);
    return COMMAND_DONE;
}

const struct command_def command_conversation_send = {
    .name = "conversation send",
    .help = "send a text to the contact of a conversation; its owner stays",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = send_text,
    .args = {ARG_ACCOUNT_DEF, CONVERSATION_ARG,
             {.name = "text", .kind = ARG_TEXT, .required = true, .max = 4000, .help = "the text"},
             {.name = "to", .kind = ARG_TEXT, .option = true, .max = 40,
              .help = "which of the contact's numbers, if several are selected"},
             BY_ARG},
};
