/*
 * queue_why.c: what holds back what waits (R-shape): for each carrier or app, class, account and
 * number how many messages wait and since when, which rates they use, and what keeps the next one
 * from leaving now. Like queue.c it counts rows when somebody asks.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/commands/why.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/fair.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/limit.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/rate.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/room.h"
#include "gateway/relay/stop.h"
#include "gateway/relay/tokens.h"

enum { ARG_LINK, ARG_CLASS, ARG_ACCOUNT, ARG_OURS };

/* progress->number: rows of the flow whose last row is progress->key. */
enum { AT_COUNT };

/* ---- what holds it back */

struct reasons {
    struct line line;
    uint64_t until_ms; /* the last of those that are known */
};

static void
reason(struct reasons *why, const char *text)
{
    if (why->line.n > 0)
        line_text(&why->line, "; ");
    line_text(&why->line, text);
}

static void
reason_until(struct reasons *why, const char *text, uint64_t until_ms)
{
    reason(why, text);
    if (until_ms != UINT64_MAX && until_ms > why->until_ms)
        why->until_ms = until_ms;
}

static void
reason_rate(struct reasons *why, const char *what, uint32_t rate, uint64_t until_ms)
{
    struct line number = {.n = 0};

    reason_until(why, what, until_ms);
    line_number(&number, "at", rate); /* " at=5" */
    number.p[3] = ' ';
    line_text(&why->line, number.p);
    line_text(&why->line, "/s");
}

/* Of its binds the one that is nearest to sending. */
static void
why_bind(struct step *s, struct reasons *why, struct bind *bind, enum msg_class class,
         uint64_t open_ms)
{
    struct kept kept = room_kept(s, bind, class, false);

    if (bind->outstanding >= bind->window || bind->octets >= BIND_OCTETS_MAX)
        reason(why, "window full");
    else if (s->now_ms < bind->paused_ms)
        reason_until(why, "throttled", bind->paused_ms);
    else if (rate_next_ms(s, bind, 0) > s->now_ms)
        reason_rate(why, bind->link->kind == LINK_CARRIER ? "carrier" : "app", bind->tokens.rate,
                    open_ms);
    else if (bind->partial != LEG_NONE)
        reason(why, "a long message goes first");
    else if (bind->outstanding + kept.places < bind->window)
        reason_until(why, "the next one is kept for chat", open_ms);
    else
        reason_until(why,
                     kept.what == KEPT_FOR_CHAT ? "places kept for chat"
                                                : "places kept for other accounts",
                     open_ms);
}

static void
why_binds(struct step *s, struct reasons *why, struct link *link, enum msg_class class)
{
    struct bind *nearest = NULL;
    uint64_t first = UINT64_MAX, room;

    for (uint32_t i = 0; i < link->bind_count; i++) {
        struct bind *bind = link->binds[i];

        if (!bind->can_send)
            continue;
        room = room_ms(s, bind, class, false);
        if (!nearest || room < first) {
            nearest = bind;
            first = room;
        }
    }
    if (!nearest)
        reason(why, link->bind_count ? "its binds take no messages" : "no bind");
    else if (first > s->now_ms || nearest->partial != LEG_NONE)
        why_bind(s, why, nearest, class, first);
}

static void
why_link(struct step *s, struct reasons *why, struct link *link, enum msg_class class)
{
    if (s->relay->stopping)
        reason(why, "the gateway stops");
    if (link->kind == LINK_CARRIER ? !link->carrier : !link->app)
        reason(why, "not in the configuration");
    why_binds(s, why, link, class);
    if (class == CLASS_BULK && fair_has(&link->fair[CLASS_CHAT]))
        reason(why, "chat goes first");
}

static void
why_gate(struct step *s, struct reasons *why, struct gate *gate)
{
    uint64_t open = gate ? limit_open_ms(s, gate) : s->now_ms;

    if (open <= s->now_ms)
        return;
    if (gate->cap && open >= gate->day_ms)
        reason_until(why, "account at its daily cap", open);
    else
        reason_rate(why, gate_kind_name((enum gate_kind)gate->kind), gate->tokens.rate, open);
}

static void
why_flow(struct step *s, struct reasons *why, const struct flow *flow)
{
    if (flow->moving)
        reason(why, "moves to another carrier");
    why_gate(s, why, flow->claim->gate);
    why_gate(s, why, flow->gate);
    if (flow_blocked(flow) && !flow->ready.first)
        reason(why, "too many wait for phones that have one on the way");
    else if (flow->parked > 0 && !flow->on_disk && !flow->ready.first)
        reason(why, "an earlier message to the same phone is on the way");
    why_link(s, why, flow->link, (enum msg_class)flow->key.class);
}

static const char *
why_text(const struct reasons *why)
{
    return why->line.n > 0 ? why->line.p : "its turn comes";
}

/* ---- a message */

static void
why_queued(struct step *s, struct reasons *why, uint64_t message, const struct rec_msg *msg)
{
    struct flow_key key = flow_key_of(msg);
    const struct flow *flow = flow_find(s->relay, &key);
    const struct lane *lane = lane_of(s->relay, msg);

    if (msg->op == OP_SUBMIT && !(msg->flags & MSGF_CONFIRMATION) &&
        stop_is_out(s, msg->account, &msg->dest))
        reason(why, "opted out: it will not be sent");
    if (msg->retry_ms > s->now_ms)
        reason_until(why, "waits for its next try", msg->retry_ms);
    if (lane && lane->holder != message) {
        reason(why, "behind a message to the same phone:");
        line_number(&why->line, "id", lane->holder);
    }
    if (flow)
        why_flow(s, why, flow);
}

void
answer_message_why(struct command *command, uint64_t message, const struct rec_msg *msg)
{
    struct reasons why = {.until_ms = 0};

    switch ((enum msg_state)msg->state) {
    case MSG_SCHEDULED:
        reason_until(&why, "not due yet", msg->due_ms);
        break;
    case MSG_QUEUED:
        why_queued(command->step, &why, message, msg);
        break;
    case MSG_INTENT:
        reason(&why, "on the wire");
        break;
    case MSG_HELD:
        reason(&why, "a person must decide: held resend, held drop");
        break;
    case MSG_SUPPRESSED:
        reason(&why, "opted out");
        break;
    case MSG_SENT:
    case MSG_DELIVERED:
    case MSG_REFUSED:
    case MSG_UNDELIVERABLE:
    case MSG_EXPIRED:
    case MSG_CANCELLED:
        answer_none(command->answer, "why");
        return;
    }
    answer_word(command->answer, "why", why_text(&why));
    answer_time(command->answer, "until", why.until_ms);
}

/* ---- flows */

/* The flow that a row belongs to. */
static bool
flow_of_row(const struct command_progress *progress, struct flow_key *key)
{
    struct slice rest = slice_of(progress->key, progress->key_n);

    return progress->key_n > 0 && flow_key_take(&rest, key) && key->class < MSG_CLASSES;
}

static uint64_t
oldest_s(struct step *s, const struct flow_key *key)
{
    struct flow like = {.key = *key};
    uint64_t place = 0, message;
    struct rec_msg msg;

    if (!queue_flow_row(s, &like, &place, &message) || !message_get(s, message, &msg))
        return 0;
    return s->now_ms > msg.accepted_ms ? (s->now_ms - msg.accepted_ms) / 1000 : 0;
}

static void
answer_rate(struct command *command, const char *used, const char *limit, const struct gate *gate)
{
    if (!gate || !gate->tokens.rate) {
        answer_none(command->answer, used);
        answer_none(command->answer, limit);
        return;
    }
    answer_number(command->answer, used, meter_pace(&gate->meter, command->step->now_ms));
    answer_number(command->answer, limit, gate->tokens.rate);
}

/* All binds of it; without a limit what it takes is told all the same. */
static void
answer_link_rate(struct command *command, const struct link *link)
{
    uint64_t used = 0, limit = 0;

    for (uint32_t i = 0; i < link->bind_count; i++) {
        used += meter_pace(&link->binds[i]->meter, command->step->now_ms);
        limit += link->binds[i]->tokens.rate;
    }
    answer_number(command->answer, "link_rate", used);
    if (limit)
        answer_number(command->answer, "link_limit", limit);
    else
        answer_none(command->answer, "link_limit");
}

static void
show(struct command *command, const struct flow_key *key, uint64_t messages)
{
    struct step *s = command->step;
    struct link *link = link_find(s->relay, key->link);
    const struct flow *flow = link ? flow_find(s->relay, key) : NULL;
    struct answer *answer = command->answer;
    struct reasons why = {.until_ms = 0};

    if (flow)
        why_flow(s, &why, flow);
    answer_open(answer);
    answer_word(answer, "link", link ? link->name : "?");
    answer_word(answer, "class", msg_class_name(key->class));
    answer_account(command, key->account);
    answer_masked(answer, "number", &key->number);
    answer_number(answer, "messages", messages);
    answer_number(answer, "oldest", oldest_s(s, key));
    answer_word(answer, "why", why_text(&why));
    answer_time(answer, "until", why.until_ms);
    if (link)
        answer_link_rate(command, link);
    answer_rate(command, "account_rate", "account_limit", flow ? flow->claim->gate : NULL);
    if (flow && flow->claim->gate && flow->claim->gate->cap) {
        answer_number(answer, "day_sent", flow->claim->gate->spent);
        answer_number(answer, "day_cap", flow->claim->gate->cap);
    } else {
        answer_none(answer, "day_sent");
        answer_none(answer, "day_cap");
    }
    answer_rate(command, "number_rate", "number_limit", flow ? flow->gate : NULL);
    answer_close(answer);
}

/* What was counted so far is a whole flow. */
static void
flow_ends(struct command *command)
{
    struct flow_key key;

    if (command->progress->number[AT_COUNT] > 0 && flow_of_row(command->progress, &key))
        show(command, &key, command->progress->number[AT_COUNT]);
    command->progress->number[AT_COUNT] = 0;
}

static void
skip_flow(struct command_progress *progress, const struct flow_key *flow)
{
    struct key key;

    flow_key_put(&key, flow);
    key_u64(&key, UINT64_MAX);
    memcpy(progress->key, key.b, key.n);
    progress->key_n = key.n;
}

static bool
fits(struct command *command, const struct flow_key *key)
{
    const struct command_value *args = command->args;
    const struct link *link = link_find(command->step->relay, key->link);
    const struct account *account = account_of(command->step->relay, key->account);
    struct addr number;

    if (args[ARG_LINK].given && (!link || !slice_eq(slice_str(link->name), args[ARG_LINK].text)))
        return false;
    if (args[ARG_CLASS].given && args[ARG_CLASS].number != key->class)
        return false;
    if (args[ARG_ACCOUNT].given &&
        account_named(command->step, args[ARG_ACCOUNT].text) != key->account)
        return false;
    return !args[ARG_OURS].given ||
           (addr_from_text(args[ARG_OURS].text, account->plan, &number) == ADDR_OK &&
            addr_eq(&number, &key->number));
}

static enum command_result
list(struct command *command)
{
    struct command_progress *progress = command->progress;

    for (uint32_t rows = 0; rows < COMMAND_ROWS_MAX; rows++) {
        struct flow_key at = {0}, row = {0};
        struct slice key, value, rest;
        bool counting = progress->number[AT_COUNT] > 0 && flow_of_row(progress, &at);

        if (progress->key_n > 0)
            progress->key[progress->key_n] = 0;
        if (!store_seek(command->step->txn, TABLE_QUEUE,
                        slice_of(progress->key, progress->key_n > 0 ? progress->key_n + 1u : 0),
                        SLICE_NONE, &key, &value) ||
            key.n >= sizeof(progress->key)) {
            flow_ends(command);
            return COMMAND_DONE;
        }
        rest = key;
        if (!flow_key_take(&rest, &row))
            return COMMAND_DONE;
        if (counting && (at.link != row.link || !flow_key_same_number(&at, &row)))
            flow_ends(command);
        if (!fits(command, &row)) {
            skip_flow(progress, &row);
            continue;
        }
        memcpy(progress->key, key.p, key.n);
        progress->key_n = (uint16_t)key.n;
        progress->number[AT_COUNT]++;
        if (command->answer->rows == COMMAND_ANSWERS_MAX)
            break;
    }
    return COMMAND_MORE;
}

static enum command_result
run(struct command *command)
{
    const struct command_value *args = command->args;

    queue_flush(command->step); /* what came in this very turn has its row then */
    if (args[ARG_ACCOUNT].given && !account_named(command->step, args[ARG_ACCOUNT].text))
        return refuse(command, COMMAND_NOT_FOUND, "there is no such account");
    if (args[ARG_LINK].given &&
        !link_named(command->step->relay, LINK_CARRIER, args[ARG_LINK].text) &&
        !link_named(command->step->relay, LINK_APP, args[ARG_LINK].text))
        return refuse(command, COMMAND_NOT_FOUND, "there is no such carrier or app");
    return list(command);
}

const struct command_def command_queue_why = {
    .name = "queue why",
    .help = "say of each number's messages how many wait, since when, and what holds them back now",
    .right = COMMAND_LOOKS,
    .where = COMMAND_IN_RELAY,
    .run = run,
    .args = {[ARG_LINK] = {.name = "link", .kind = ARG_TEXT, .option = true, .max = 63,
                           .help = "only those to this carrier or app"},
             [ARG_CLASS] = {.name = "class", .kind = ARG_WORD, .option = true,
                            .words = "chat|bulk", .help = "only those of this class"},
             [ARG_ACCOUNT] = {.name = "account", .kind = ARG_TEXT, .option = true,
                              .max = CONF_ID_BYTES_MAX, .help = "only those of this account"},
             [ARG_OURS] = {.name = "number", .kind = ARG_TEXT, .option = true, .max = 40,
                           .help = "only those from (to an app: for) this number of ours"}},
};
