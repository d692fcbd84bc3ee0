/*
 * broadcast.c: commands about broadcasts (R-list-3): make, list, show, watch, pause, resume,
 * cancel.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/broadcast.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/list.h"
#include "gateway/relay/number.h"
#include "gateway/relay/outbound.h"
#include "gateway/relay/personal.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/text.h"
#include "gateway/relay/txt.h"
#include "protocol/smpptime.h"

#define TEXT_BYTES_MAX 4000u

/* ---- looking */

static void
show_assigned(struct command *command, const struct broadcast *b)
{
    struct answer *answer = command->answer;
    struct rec_agent agent;
    struct rec_group group;
    struct key key;

    key_init(&key);
    key_u32(&key, b->account);
    key_u32(&key, b->rec.assign_id);
    if (b->rec.assign_kind == OWNER_AGENT &&
        agent_get(command->step, b->account, b->rec.assign_id, &agent))
        answer_text(answer, "replies_to", agent.id);
    else if (b->rec.assign_kind == OWNER_GROUP &&
             record_get(command->step->txn, TABLE_GROUP, key_slice(&key), &rec_group_def, &group))
        answer_text(answer, "replies_to", group.id);
    else
        answer_none(answer, "replies_to");
}

static void
show(struct command *command, const struct broadcast *b)
{
    const struct rec_broadcast *rec = &b->rec;
    struct answer *answer = command->answer;
    struct list list;

    answer_open(answer);
    answer_number(answer, "id", b->id);
    if (list_get_any(command->step, b->account, rec->list, &list))
        answer_text(answer, "list", list.rec.id);
    answer_addr(answer, "from", &rec->number);
    answer_word(answer, "state", broadcast_state_name(rec->state));
    answer_number(answer, "numbers", rec->total);
    answer_number(answer, "waiting", rec->total > rec->taken ? rec->total - rec->taken : 0);
    answer_number(answer, "queued", rec->queued);
    answer_number(answer, "sent", rec->sent);
    answer_number(answer, "delivered", rec->delivered);
    answer_number(answer, "failed", rec->failed);
    answer_number(answer, "skipped", rec->skipped);
    answer_number(answer, "cancelled", rec->cancelled);
    answer_number(answer, "held", rec->held);
    answer_time(answer, "starts", rec->starts_ms);
    answer_time(answer, "started", rec->started_ms);
    answer_time(answer, "ended", rec->ended_ms);
    answer_word(answer, "inbox", rec->inbox ? "yes" : "no");
    show_assigned(command, b);
    answer_text(answer, "text", rec->text);
    answer_text(answer, "reason", rec->reason);
    answer_close(answer);
}

enum { ARG_ACCOUNT, ARG_STATE };

static void
show_row(struct command *command, uint32_t account, struct slice key)
{
    const struct command_value *state = &command->args[ARG_STATE];
    struct broadcast b;
    uint32_t id;

    if (key_take_u32(&key, &id) && broadcast_get(command->step, account, id, &b) &&
        (!state->given || b.rec.state == BROADCAST_SCHEDULED + state->number))
        show(command, &b);
}

static enum command_result
list_all(struct command *command)
{
    uint32_t account = record_account(command);

    return account ? record_walk(command, TABLE_BROADCAST, account, show_row) : COMMAND_NOT_FOUND;
}

const struct command_def command_broadcast_list = {
    .name = "broadcast list",
    .help = "list the broadcasts of an account and how far they are",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = list_all,
    .args = {ARG_ACCOUNT_DEF,
             {.name = "state", .kind = ARG_WORD, .option = true,
              .words = "scheduled|running|paused|cancelled|done",
              .help = "only those that stand there"}},
};

enum { ARG_ID = 1 };

static enum command_result
find(struct command *command, struct broadcast *b)
{
    uint32_t account = record_account(command);

    if (account == 0)
        return COMMAND_NOT_FOUND;
    if (command->args[ARG_ID].number > UINT32_MAX ||
        !broadcast_get(command->step, account, (uint32_t)command->args[ARG_ID].number, b))
        return refuse(command, COMMAND_NOT_FOUND, "there is no such broadcast");
    return COMMAND_DONE;
}

static enum command_result
show_one(struct command *command)
{
    struct broadcast b;
    enum command_result result = find(command, &b);

    if (result == COMMAND_DONE)
        show(command, &b);
    return result;
}

#define BROADCAST_ARG                                                                              \
    {.name = "id", .kind = ARG_NUMBER, .required = true, .help = "its number"}

const struct command_def command_broadcast_show = {
    .name = "broadcast show",
    .help = "show one broadcast and how far it is",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = show_one,
    .args = {ARG_ACCOUNT_DEF, BROADCAST_ARG},
};

const struct command_def command_broadcast_watch = {
    .name = "broadcast watch",
    .help = "watch one broadcast until it ends: a bar, its rate and the time left",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .watched = true,
    .run = show_one,
    .args = {ARG_ACCOUNT_DEF, BROADCAST_ARG},
};

/* ---- making */

enum { ARG_LIST = 1, ARG_FROM, ARG_TEXT_OUT, ARG_AT, ARG_INBOX, ARG_AGENT, ARG_GROUP, ARG_BY };

static enum command_result
take_list(struct command *command, struct broadcast *b)
{
    struct list list;

    if (command->step->relay->conf->list_max == 0)
        return refuse(command, COMMAND_WRONG_STATE,
                      "lists.max_size is 0: sending to lists is refused");
    if (!list_named(command->step, b->account, command->args[ARG_LIST].text, &list))
        return refuse(command, COMMAND_NOT_FOUND, "there is no such list");
    b->rec.list = list.id;
    return COMMAND_DONE;
}

/* R-num-4: only members of the number's office may start texts from it. */
static enum command_result
take_number(struct command *command, struct broadcast *b, struct rec_number *number)
{
    const struct command_value *by = &command->args[ARG_BY];

    if (!record_phone(command, b->account, command->args[ARG_FROM].text, &b->rec.number))
        return COMMAND_BAD_ARGUMENT;
    if (!number_get(command->step, &b->rec.number, number) || number->account != b->account ||
        number->role != ROLE_BUSINESS)
        return refuse(command, COMMAND_NOT_FOUND, "that is no business number of the account");
    if (number->draining)
        return refuse(command, COMMAND_WRONG_STATE, "the number is draining");
    if (!by->given)
        return COMMAND_DONE;
    b->rec.by = agent_named(command->step, b->account, by->text);
    return number_may_start(command->step, number, b->rec.by)
               ? COMMAND_DONE
               : refuse(command, COMMAND_NOT_ALLOWED,
                        "only members of the number's office may start texts from it");
}

static enum command_result
refuse_field(struct command *command, struct slice bad)
{
    char text[100] = "";
    struct line why = {.n = 0};

    memcpy(text, bad.p, bad.n < sizeof(text) ? bad.n : sizeof(text) - 1);
    line_text(&why, "there is no ");
    line_text(&why, text);
    line_text(&why, "; there are {{First Name}}, {{Last Name}}, {{Company Name}}");
    return refuse(command, COMMAND_BAD_ARGUMENT, why.p);
}

/* R-list-4, and R-text-1 of the longest that it can get in the alphabet of its own letters. */
static enum command_result
take_text(struct command *command, struct broadcast *b, const struct rec_number *number)
{
    const struct account *account = account_of(command->step->relay, b->account);
    struct rec_msg msg = {.op = OP_SUBMIT, .account = b->account, .link = number->carrier};
    uint32_t parts, most = account->long_messages == LONG_REJECT ? 1 : account->max_parts;
    struct line why = {.n = 0};
    struct slice bad;

    b->rec.text = command->args[ARG_TEXT_OUT].text;
    if (skip_blanks(b->rec.text, true).n == 0)
        return refuse(command, COMMAND_BAD_ARGUMENT, "the text is empty");
    if (!personal_check(b->rec.text, &bad))
        return refuse_field(command, bad);
    compose_payload(command->step, &msg, personal_longest(command->step, b->rec.text));
    parts = outbound_cut(command->step, &msg);
    if (parts > 0 && parts <= most)
        return COMMAND_DONE;
    line_text(&why, "the text is too long, with its fields at their longest:");
    line_number(&why, "parts", parts);
    line_number(&why, "most", most);
    return refuse(command, COMMAND_BAD_ARGUMENT, why.p);
}

static enum command_result
take_replies(struct command *command, struct broadcast *b)
{
    const struct command_value *agent = &command->args[ARG_AGENT],
                               *group = &command->args[ARG_GROUP];

    if (agent->given && group->given)
        return refuse(command, COMMAND_BAD_ARGUMENT, "only one of --agent and --group is possible");
    if (!agent->given && !group->given)
        return COMMAND_DONE;
    b->rec.assign_kind = agent->given ? OWNER_AGENT : OWNER_GROUP;
    b->rec.assign_id = agent->given ? agent_named(command->step, b->account, agent->text)
                                    : group_named(command->step, b->account, group->text);
    return b->rec.assign_id != 0 ? COMMAND_DONE
                                 : refuse(command, COMMAND_NOT_FOUND,
                                          agent->given ? "there is no such agent"
                                                       : "there is no such group");
}

static enum command_result
take_time(struct command *command, struct broadcast *b)
{
    const struct command_value *at = &command->args[ARG_AT];

    b->rec.starts_ms = command->step->now_ms;
    if (at->given && !calendar_parse(at->text, &b->rec.starts_ms))
        return refuse(command, COMMAND_BAD_ARGUMENT, "at is no date");
    if (b->rec.starts_ms < command->step->now_ms)
        return refuse(command, COMMAND_BAD_ARGUMENT, "that time is past");
    return COMMAND_DONE;
}

static enum command_result
add(struct command *command)
{
    struct broadcast b = {.account = record_account(command),
                          .rec = {.inbox = command->args[ARG_INBOX].number != 0}};
    enum command_result result = b.account ? take_list(command, &b) : COMMAND_NOT_FOUND;
    struct rec_number number;
    const char *why;

    if (result == COMMAND_DONE)
        result = take_number(command, &b, &number);
    if (result == COMMAND_DONE)
        result = take_text(command, &b, &number);
    if (result == COMMAND_DONE)
        result = take_replies(command, &b);
    if (result == COMMAND_DONE)
        result = take_time(command, &b);
    if (result != COMMAND_DONE)
        return result;
    why = broadcast_refusal(command->step, &b);
    if (why)
        return refuse(command, COMMAND_WRONG_STATE, why);
    broadcast_add(command->step, &b);
    show(command, &b);
    return COMMAND_DONE;
}

const struct command_def command_broadcast_add = {
    .name = "broadcast add",
    .help = "send a text to everybody on a list, now or at a time",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = add,
    .args = {ARG_ACCOUNT_DEF,
             {.name = "list", .kind = ARG_TEXT, .required = true, .max = CONF_ID_BYTES_MAX,
              .help = "its id"},
             {.name = "from", .kind = ARG_TEXT, .required = true, .max = 40,
              .help = "business number of the account"},
             {.name = "text", .kind = ARG_TEXT, .required = true, .max = TEXT_BYTES_MAX,
              .help = "may hold {{First Name}}, {{Last Name}} and {{Company Name}}"},
             {.name = "at", .kind = ARG_TEXT, .option = true, .max = 40,
              .help = "date and time, as in 2026-12-01T09:00:00Z; at once, if there is none"},
             {.name = "inbox", .kind = ARG_FLAG, .option = true,
              .help = "each text opens a conversation"},
             {.name = "agent", .kind = ARG_TEXT, .option = true, .max = CONF_ID_BYTES_MAX,
              .help = "who gets the replies"},
             {.name = "group", .kind = ARG_TEXT, .option = true, .max = CONF_ID_BYTES_MAX,
              .help = "the group that gets them"},
             {.name = "by", .kind = ARG_TEXT, .option = true, .max = CONF_ID_BYTES_MAX,
              .help = "agent who sends it and must be of the number's office"}},
};

/* ---- changing */

static enum command_result
change(struct command *command, enum broadcast_change what)
{
    struct broadcast b;
    struct rec_number number;
    struct line why = {.n = 0};
    enum command_result result = find(command, &b);

    if (result != COMMAND_DONE)
        return result;
    if (command->as.agent != 0 && number_get_any(command->step, &b.rec.number, &number) &&
        !number_may_start(command->step, &number, command->as.agent))
        return refuse(command, COMMAND_NOT_ALLOWED,
                      "only members of the number's office may change its broadcasts");
    if (!broadcast_change(command->step, b.account, b.id, what)) {
        line_text(&why, "it is ");
        line_text(&why, broadcast_state_name(b.rec.state));
        return refuse(command, COMMAND_WRONG_STATE, why.p);
    }
    return COMMAND_DONE;
}

static enum command_result
pause_one(struct command *command)
{
    return change(command, BROADCAST_PAUSE);
}

static enum command_result
resume_one(struct command *command)
{
    return change(command, BROADCAST_RESUME);
}

static enum command_result
cancel_one(struct command *command)
{
    return change(command, BROADCAST_CANCEL);
}

const struct command_def command_broadcast_pause = {
    .name = "broadcast pause",
    .help = "let no more of a broadcast's texts leave until it is resumed",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = pause_one,
    .args = {ARG_ACCOUNT_DEF, BROADCAST_ARG},
};

const struct command_def command_broadcast_resume = {
    .name = "broadcast resume",
    .help = "go on with a broadcast that was paused",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = resume_one,
    .args = {ARG_ACCOUNT_DEF, BROADCAST_ARG},
};

const struct command_def command_broadcast_cancel = {
    .name = "broadcast cancel",
    .help = "end a broadcast; nothing more of it leaves",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = cancel_one,
    .args = {ARG_ACCOUNT_DEF, BROADCAST_ARG},
};
