/*
 * held.c: messages whose outcome is unknown and which on_unknown_outcome: hold leaves to a person
 * (R-rel-2): listing them, and deciding. TABLE_HELD has them (message.c).
 */
#include "gateway/relay/command.h"

#include "gateway/relay/broadcast.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/reply.h"

enum { ARG_AFTER, ARG_LIMIT };
#define LIMIT_DEFAULT 1000u

static bool
next_message(struct step *s, uint64_t after, uint64_t *message)
{
    struct slice key, value;
    struct key from;

    key_init(&from);
    key_u64(&from, after + 1);
    return after < UINT64_MAX &&
           store_seek(s->txn, TABLE_HELD, key_slice(&from), SLICE_NONE, &key, &value) &&
           key_take_u64(&key, message);
}

static void
show(struct command *command, uint64_t message, const struct rec_msg *msg)
{
    const struct link *link = link_find(command->step->relay, msg->link);
    const struct account *account = account_of(command->step->relay, msg->account);
    uint64_t now = command->step->now_ms;
    struct answer *answer = command->answer;

    answer_open(answer);
    answer_number(answer, "id", message);
    answer_word(answer, "link", link ? link->name : "?");
    answer_word(answer, "account", account && account->known ? account->name : "");
    answer_number(answer, "age", now > msg->accepted_ms ? (now - msg->accepted_ms) / 1000 : 0);
    answer_time(answer, "held", msg->done_ms);
    answer_time(answer, "expires", msg->expires_ms);
    answer_masked(answer, "from", &msg->source);
    answer_masked(answer, "to", &msg->dest);
    answer_number(answer, "parts", msg->parts);
    answer_number(answer, "parts_sent", msg->parts_sent);
    answer_close(answer);
}

/* progress: the last message looked at, and how many were shown. */
static enum command_result
list(struct command *command)
{
    const struct command_value *args = command->args;
    uint64_t limit = args[ARG_LIMIT].given ? args[ARG_LIMIT].number : LIMIT_DEFAULT;
    uint64_t *at = &command->progress->number[0], *shown = &command->progress->number[1];

    if (*at == 0 && args[ARG_AFTER].given)
        *at = args[ARG_AFTER].number;
    for (uint32_t rows = 0; rows < COMMAND_ROWS_MAX && *shown < limit; rows++) {
        struct rec_msg msg;
        uint64_t message;

        if (!next_message(command->step, *at, &message))
            return COMMAND_DONE;
        *at = message;
        if (!message_get(command->step, message, &msg) || msg.state != MSG_HELD)
            continue;
        show(command, message, &msg);
        ++*shown;
        if (command->answer->rows == COMMAND_ANSWERS_MAX)
            break;
    }
    return *shown < limit ? COMMAND_MORE : COMMAND_DONE;
}

const struct command_def command_held = {
    .name = "held",
    .help = "list messages that wait for a person, because nobody knows whether they were sent",
    .right = COMMAND_LOOKS,
    .where = COMMAND_IN_RELAY,
    .run = list,
    .args = {[ARG_AFTER] = {.name = "after", .kind = ARG_NUMBER, .option = true,
                            .help = "only those with a higher id"},
             [ARG_LIMIT] = {.name = "limit", .kind = ARG_NUMBER, .option = true, .max = 1000000,
                            .help = "so many at most (1000)"}},
};

/* ---- deciding */

enum { ARG_ID, ARG_RENEW };

static enum command_result
find(struct command *command, struct rec_msg *msg)
{
    if (!message_get(command->step, command->args[ARG_ID].number, msg)) {
        answer_why(command->answer, "there is no such message");
        return COMMAND_NOT_FOUND;
    }
    if (msg->state != MSG_HELD) {
        struct line why = {.n = 0};

        line_text(&why, "the message is not held but ");
        line_text(&why, msg_state_name(msg->state));
        answer_why(command->answer, why.p);
        return COMMAND_WRONG_STATE;
    }
    return COMMAND_DONE;
}

static void
log_decision(struct step *s, uint64_t message, const struct rec_msg *msg, const char *decision)
{
    struct line line = {.n = 0};

    line_text(&line, "held message");
    line_number(&line, "id", message);
    line_key(&line, "decision", decision);
    line_addr(&line, "to", &msg->dest);
    line_log(s, LOG_LEVEL_INFO, &line);
}

static enum command_result
resend(struct command *command)
{
    struct step *s = command->step;
    uint64_t message = command->args[ARG_ID].number;
    struct rec_msg msg;
    enum command_result result = find(command, &msg);

    if (result != COMMAND_DONE)
        return result;
    if (msg.expires_ms <= s->now_ms && !command->args[ARG_RENEW].number) {
        answer_why(command->answer, "its validity has ended; with renew it gets a new one");
        return COMMAND_WRONG_STATE;
    }
    if (msg.expires_ms <= s->now_ms)
        msg.expires_ms = s->now_ms + s->relay->conf->relay.validity_ms;
    message_held(s, message, false);
    msg.state = MSG_QUEUED;
    msg.flags |= MSGF_POSSIBLE_DUPLICATE;
    msg.retry_ms = 0;
    msg.done_ms = 0;
    s->relay->count.possible_duplicates++;
    broadcast_resumed(s, &msg);
    conv_entry_state(s, &msg, MSG_QUEUED);
    queue_resume(s, message, &msg);
    log_decision(s, message, &msg, "resend");
    return COMMAND_DONE;
}

static enum command_result
drop(struct command *command)
{
    uint64_t message = command->args[ARG_ID].number;
    struct rec_msg msg;
    enum command_result result = find(command, &msg);

    if (result != COMMAND_DONE)
        return result;
    message_end(command->step, message, &msg, MSG_CANCELLED);
    log_decision(command->step, message, &msg, "drop");
    return COMMAND_DONE;
}

const struct command_def command_held_resend = {
    .name = "held resend",
    .help = "queue a held message again; whoever gets it may then have it twice",
    .right = COMMAND_CHANGES,
    .where = COMMAND_IN_RELAY,
    .run = resend,
    .args = {[ARG_ID] = {.name = "id", .kind = ARG_NUMBER, .required = true,
                         .help = "of the message, as held lists it"},
             [ARG_RENEW] = {.name = "renew", .kind = ARG_FLAG, .option = true,
                            .help = "also when its validity has ended: a new one begins"}},
};

const struct command_def command_held_drop = {
    .name = "held drop",
    .help = "end a held message as cancelled; an app that asked for receipts is told so",
    .right = COMMAND_CHANGES,
    .where = COMMAND_IN_RELAY,
    .run = drop,
    .args = {[ARG_ID] = {.name = "id", .kind = ARG_NUMBER, .required = true,
                         .help = "of the message, as held lists it"}},
};
