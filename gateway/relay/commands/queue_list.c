/*
 * queue_list.c: the messages in the queue one by one: listing those that wait or are on the wire,
 * showing one, and cancelling one. queue.c counts them.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/commands/why.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/flight.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/submit.h"

#define LIMIT_DEFAULT 1000u

enum { ARG_LINK, ARG_CLASS, ARG_ACCOUNT, ARG_OURS, ARG_WHERE, ARG_LIMIT };

enum { WHERE_QUEUE, WHERE_WIRE, WHERE_RETRY, WHERE_SCHEDULE, WHERE_ALL };
#define WHERE_WORDS "queue|wire|retry|schedule"

static const struct {
    enum store_table table;
    const char *where;
} places[WHERE_ALL] = {
    [WHERE_QUEUE] = {TABLE_QUEUE, "queue"},
    [WHERE_WIRE] = {TABLE_INFLIGHT, "wire"},
    [WHERE_RETRY] = {TABLE_RETRY, "retry"},
    [WHERE_SCHEDULE] = {TABLE_SCHEDULE, "schedule"},
};

/* progress->number */
enum { AT_PLACE, AT_SHOWN };

/* What is asked for; 0: any. */
struct filter {
    uint32_t link, account;
    bool by_class, by_number;
    uint8_t class;
    struct addr number;
};

/* ---- one as a row */

static void
answer_head(struct command *command, uint64_t message, const struct rec_msg *msg, const char *where)
{
    const struct link *link = link_find(command->step->relay, msg->link);
    struct answer *answer = command->answer;

    answer_number(answer, "id", message);
    answer_word(answer, "where", where);
    answer_word(answer, "state", msg_state_name(msg->state));
    answer_word(answer, "link", link ? link->name : "?");
    answer_word(answer, "class", msg_class_name(msg->class));
    answer_account(command, msg->account);
}

static void
show_row(struct command *command, uint64_t message, const struct rec_msg *msg, const char *where)
{
    uint64_t now = command->step->now_ms;
    struct answer *answer = command->answer;

    answer_open(answer);
    answer_head(command, message, msg, where);
    answer_masked(answer, "from", &msg->source);
    answer_masked(answer, "to", &msg->dest);
    answer_number(answer, "age", now > msg->accepted_ms ? (now - msg->accepted_ms) / 1000 : 0);
    answer_time(answer, "due", msg->state == MSG_SCHEDULED ? msg->due_ms : msg->retry_ms);
    answer_time(answer, "expires", msg->expires_ms);
    answer_number(answer, "attempts", msg->attempts);
    answer_close(answer);
}

/* ---- listing */

static bool
fits(const struct filter *filter, const struct rec_msg *msg)
{
    return (!filter->link || msg->link == filter->link) &&
           (!filter->account || msg->account == filter->account) &&
           (!filter->by_class || msg->class == filter->class) &&
           (!filter->by_number || addr_eq(msg_number(msg), &filter->number));
}

/* The message of a row. */
static bool
message_of(uint64_t place, struct slice key, struct slice value, uint64_t *message)
{
    struct flow_key flow;
    uint64_t due_ms;

    if (place != WHERE_QUEUE)
        return key_take_u64(&key, &due_ms) && key_take_u64(&key, message);
    if (!flow_key_take(&key, &flow) || !key_take_u64(&key, message))
        return false;
    if (value.n == sizeof(*message))
        (void)key_take_u64(&value, message);
    return true;
}

/* Rows of the queue stand by link, class, account and number: where the next one can be that is
 * asked for, if not behind this one. */
static bool
skip_to(const struct filter *filter, const struct flow_key *at, struct key *out)
{
    key_init(out);
    if (filter->link && at->link != filter->link) {
        key_u32(out, at->link < filter->link ? filter->link : UINT32_MAX);
        return true;
    }
    key_u32(out, at->link);
    if (filter->by_class && at->class != filter->class) {
        key_u8(out, at->class < filter->class ? filter->class : UINT8_MAX);
        return true;
    }
    key_u8(out, at->class);
    if (filter->account && at->account != filter->account) {
        key_u32(out, at->account < filter->account ? filter->account : UINT32_MAX);
        return true;
    }
    return false;
}

static void
go_to(struct command_progress *progress, struct slice key, bool behind)
{
    memcpy(progress->key, key.p, key.n);
    progress->key[key.n] = 0;
    progress->key_n = (uint16_t)(key.n + behind);
}

/* The next row; false at the end of the table. *message is 0 when it is none that is asked for. */
static bool
next(struct command *command, const struct filter *filter, uint64_t *message)
{
    struct command_progress *progress = command->progress;
    uint64_t place = progress->number[AT_PLACE];
    struct slice key, value, rest;
    struct flight_place at;
    struct flow_key flow;
    struct key skip;

    *message = 0;
    if (place == WHERE_WIRE) {
        if (!flight_next(command->step, slice_of(progress->key, progress->key_n), &at))
            return false;
        go_to(progress, at.place, false);
        *message = at.message;
        return true;
    }
    if (!store_seek(command->step->txn, places[place].table,
                    slice_of(progress->key, progress->key_n), SLICE_NONE, &key, &value) ||
        key.n + 1 >= sizeof(progress->key))
        return false;
    rest = key;
    if (place == WHERE_QUEUE && flow_key_take(&rest, &flow) && skip_to(filter, &flow, &skip)) {
        go_to(progress, key_slice(&skip), false);
        return true;
    }
    if (!message_of(place, key, value, message))
        *message = 0;
    go_to(progress, key, true);
    return true;
}

static enum command_result
filter_of(struct command *command, struct filter *out)
{
    const struct command_value *args = command->args;
    const struct link *link;

    *out = (struct filter){.by_class = args[ARG_CLASS].given,
                           .class = (uint8_t)args[ARG_CLASS].number,
                           .by_number = args[ARG_OURS].given};
    if (args[ARG_LINK].given) {
        link = link_named(command->step->relay, LINK_CARRIER, args[ARG_LINK].text);
        if (!link)
            link = link_named(command->step->relay, LINK_APP, args[ARG_LINK].text);
        if (!link)
            return refuse(command, COMMAND_NOT_FOUND, "there is no such carrier or app");
        out->link = link->id;
    }
    if (args[ARG_ACCOUNT].given) {
        out->account = account_named(command->step, args[ARG_ACCOUNT].text);
        if (out->account == 0)
            return refuse(command, COMMAND_NOT_FOUND, "there is no such account");
    }
    if (args[ARG_OURS].given &&
        addr_from_text(args[ARG_OURS].text,
                       out->account ? account_of(command->step->relay, out->account)->plan : NULL,
                       &out->number) != ADDR_OK)
        return refuse(command, COMMAND_BAD_ARGUMENT, "that is no number");
    return COMMAND_DONE;
}

static bool
next_place(struct command *command)
{
    struct command_progress *progress = command->progress;

    progress->key_n = 0;
    return !command->args[ARG_WHERE].given && ++progress->number[AT_PLACE] < WHERE_ALL;
}

static enum command_result
list(struct command *command)
{
    const struct command_value *args = command->args;
    uint64_t limit = args[ARG_LIMIT].given ? args[ARG_LIMIT].number : LIMIT_DEFAULT;
    uint64_t *number = command->progress->number;
    struct filter filter;
    enum command_result result = filter_of(command, &filter);

    if (result != COMMAND_DONE)
        return result;
    if (args[ARG_WHERE].given)
        number[AT_PLACE] = args[ARG_WHERE].number;
    for (uint32_t rows = 0; rows < COMMAND_ROWS_MAX && number[AT_SHOWN] < limit; rows++) {
        struct rec_msg msg;
        uint64_t message;

        if (!next(command, &filter, &message)) {
            if (!next_place(command))
                return COMMAND_DONE;
            continue;
        }
        if (message == 0 || !message_get(command->step, message, &msg) || !fits(&filter, &msg))
            continue;
        show_row(command, message, &msg, places[number[AT_PLACE]].where);
        number[AT_SHOWN]++;
        if (command->answer->rows == COMMAND_ANSWERS_MAX)
            break;
    }
    return number[AT_SHOWN] < limit ? COMMAND_MORE : COMMAND_DONE;
}

const struct command_def command_queue_list = {
    .name = "queue list",
    .help = "list the messages that wait, are on the wire, or wait for a time",
    .right = COMMAND_LOOKS,
    .where = COMMAND_IN_RELAY,
    .run = list,
    .args = {[ARG_LINK] = {.name = "link", .kind = ARG_TEXT, .option = true, .max = 63,
                           .help = "only those to this carrier or app"},
             [ARG_CLASS] = {.name = "class", .kind = ARG_WORD, .option = true,
                            .words = "chat|bulk", .help = "only those of this class"},
             [ARG_ACCOUNT] = {.name = "account", .kind = ARG_TEXT, .option = true,
                              .max = CONF_ID_BYTES_MAX, .help = "only those of this account"},
             [ARG_OURS] = {.name = "number", .kind = ARG_TEXT, .option = true, .max = 40,
                             .help = "only those from (to an app: for) this number of ours"},
             [ARG_WHERE] = {.name = "where", .kind = ARG_WORD, .option = true,
                            .words = WHERE_WORDS, .help = "only those that stand there"},
             [ARG_LIMIT] = {.name = "limit", .kind = ARG_NUMBER, .option = true, .max = 10000000,
                            .help = "so many at most (1000)"}},
};

/* ---- one of them */

enum { ARG_ID };

static const char *
where_is(const struct rec_msg *msg)
{
    switch ((enum msg_state)msg->state) {
    case MSG_SCHEDULED:
        return "schedule";
    case MSG_QUEUED:
        return msg->retry_ms ? "retry" : "queue";
    case MSG_INTENT:
        return "wire";
    case MSG_HELD:
        return "held";
    case MSG_SENT:
    case MSG_DELIVERED:
    case MSG_UNDELIVERABLE:
    case MSG_REFUSED:
    case MSG_EXPIRED:
    case MSG_SUPPRESSED:
    case MSG_CANCELLED:
        return "ended";
    }
    return "?";
}

static void
answer_payload(struct command *command, const struct rec_msg *msg)
{
    size_t cap = TEXT_UTF8_MAX(msg->payload.n), n;
    uint8_t *text = store_scratch(command->step->txn, cap);

    if (msg->alphabet == TEXT_BINARY || (msg->esm_class & SMPP_ESM_UDHI)) {
        answer_none(command->answer, "text");
        answer_number(command->answer, "octets", msg->payload.n);
        return;
    }
    n = text_to_utf8((enum text_alphabet)msg->alphabet, msg->payload, text, cap);
    answer_text(command->answer, "text", slice_of(text, n));
    answer_number(command->answer, "octets", msg->payload.n);
}

static void
answer_status(struct answer *answer, uint32_t status)
{
    const char *name = smpp_status_name(status);

    if (name)
        answer_word(answer, "status", name);
    else
        answer_number(answer, "status", status); /* a carrier's own */
}

static enum command_result
find(struct command *command, struct rec_msg *msg)
{
    queue_flush(command->step); /* what came in this very turn has its row then */
    return message_get(command->step, command->args[ARG_ID].number, msg)
               ? COMMAND_DONE
               : refuse(command, COMMAND_NOT_FOUND, "there is no such message");
}

static enum command_result
show(struct command *command)
{
    struct answer *answer = command->answer;
    struct rec_msg msg;
    enum command_result result = find(command, &msg);

    if (result != COMMAND_DONE)
        return result;
    answer_open(answer);
    answer_head(command, command->args[ARG_ID].number, &msg, where_is(&msg));
    answer_word(answer, "pdu", msg_op_name(msg.op));
    answer_addr(answer, "from", &msg.source);
    answer_addr(answer, "to", &msg.dest);
    answer_time(answer, "accepted", msg.accepted_ms);
    answer_time(answer, "due", msg.due_ms);
    answer_time(answer, "retry", msg.retry_ms);
    answer_time(answer, "expires", msg.expires_ms);
    answer_time(answer, "ended", msg.done_ms);
    answer_number(answer, "parts", msg.parts);
    answer_number(answer, "parts_sent", msg.parts_sent);
    answer_number(answer, "attempts", msg.attempts);
    answer_status(answer, msg.status);
    answer_number(answer, "conversation", msg.conv);
    answer_message_why(command, command->args[ARG_ID].number, &msg);
    answer_payload(command, &msg);
    answer_close(answer);
    return COMMAND_DONE;
}

#define ID_ARG                                                                                     \
    {.name = "id", .kind = ARG_NUMBER, .required = true, .help = "of the message, as queue list "  \
                                                                 "has it"}

const struct command_def command_queue_show = {
    .name = "queue show",
    .help = "show one message, text and all, wherever it is",
    .right = COMMAND_REVEALS,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = show,
    .args = {ID_ARG},
};

static enum command_result
refuse_state(struct command *command, const struct rec_msg *msg)
{
    struct line why = {.n = 0};

    if (msg->state == MSG_HELD)
        return refuse(command, COMMAND_WRONG_STATE, "the message is held: see held drop");
    if (msg->state == MSG_QUEUED)
        return refuse(command, COMMAND_WRONG_STATE, "a part of the message has gone already");
    line_text(&why, "the message does not wait, it is ");
    line_text(&why, msg_state_name(msg->state));
    return refuse(command, COMMAND_WRONG_STATE, why.p);
}

static enum command_result
cancel(struct command *command)
{
    uint64_t message = command->args[ARG_ID].number;
    struct line line = {.n = 0};
    struct rec_msg msg;
    enum command_result result = find(command, &msg);

    if (result != COMMAND_DONE)
        return result;
    if (!manage_end_waiting(command->step, message, &msg))
        return refuse_state(command, &msg);
    line_text(&line, "message cancelled by hand");
    line_number(&line, "id", message);
    line_number(&line, "account", msg.account);
    line_addr(&line, "to", &msg.dest);
    line_log(command->step, LOG_LEVEL_INFO, &line);
    return COMMAND_DONE;
}

const struct command_def command_queue_cancel = {
    .name = "queue cancel",
    .help = "end a message that waits; an app that asked for receipts is told so",
    .right = COMMAND_CHANGES,
    .where = COMMAND_IN_RELAY,
    .run = cancel,
    .args = {ID_ARG},
};
