/*
 * leg.c: a message on the wire: its parts, its answers, and what becomes of it (faults.md 2.2,
 * R-rel-1, R-rel-2).
 *
 * The intent to send is committed before the octets go out: a row in TABLE_INFLIGHT (flight.c). A
 * place in the window is free again when the outcome is committed, so after a crash no more than a
 * window of messages per bind is in doubt.
 */
#include "gateway/relay/leg.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "gateway/relay/flight.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/outbound.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/rate.h"
#include "gateway/relay/receipts.h"
#include "gateway/relay/refuse.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/shape.h"
#include "gateway/relay/stop.h"
#include "gateway/relay/tokens.h"
#include "gateway/relay/verdict.h"

static bool
part_is_done(const struct rec_msg *msg, uint32_t part)
{
    if (msg->parts == 1)
        return msg->parts_sent > 0;
    return part / 8 < msg->parts_done.n && (msg->parts_done.p[part / 8] >> (part % 8) & 1);
}

static bool
all_parts_done(const struct rec_msg *msg)
{
    return msg->parts_sent >= msg->parts;
}

static void
part_set_done(struct step *s, struct rec_msg *msg, uint32_t part)
{
    struct slice bits = scratch_copy(s->txn, msg->parts_done);

    if (part_is_done(msg, part))
        return; /* a late answer said so already */
    msg->parts_sent++;
    if (part / 8 >= bits.n)
        return; /* one part: parts_sent says it all */
    /* The copy is ours to change. */
    ((uint8_t *)(uintptr_t)bits.p)[part / 8] |= (uint8_t)(1u << (part % 8));
    msg->parts_done = bits;
}

/* ---- sending */

static uint32_t
leg_new(struct relay *relay)
{
    uint32_t index = relay->leg_free;

    if (index == LEG_NONE) {
        uint32_t cap = relay->leg_cap ? relay->leg_cap * 2 : 64;

        relay->legs = core_grow(relay->legs, cap * sizeof(struct leg));
        for (uint32_t i = cap; i-- > relay->leg_cap;) {
            relay->legs[i] = (struct leg){.next = relay->leg_free};
            relay->leg_free = i;
        }
        relay->leg_cap = cap;
        index = relay->leg_free;
    }
    relay->leg_free = relay->legs[index].next;
    return index;
}

static void
partial_begin(struct relay *relay, struct bind *bind, uint32_t index)
{
    if (bind->partial == LEG_NONE)
        relay->partials++;
    bind->partial = index;
}

static void
partial_end(struct relay *relay, struct bind *bind, uint32_t index)
{
    if (bind->partial != index)
        return;
    bind->partial = LEG_NONE;
    relay->partials--;
}

static void
leg_release(struct relay *relay, uint32_t index)
{
    struct leg *leg = &relay->legs[index];
    struct bind *bind = leg->bind;

    if (leg->prev != LEG_NONE)
        relay->legs[leg->prev].next = leg->next;
    else
        bind->legs = leg->next;
    if (leg->next != LEG_NONE)
        relay->legs[leg->next].prev = leg->prev;
    bind->octets -= leg->octets;
    partial_end(relay, bind, index);
    if (bind->legs == LEG_NONE && !bind->can_send)
        relay->links_new = true; /* nothing keeps its carrier up any more (roam.c) */
    *leg = (struct leg){.next = relay->leg_free};
    relay->leg_free = index;
}

/* An answer finds its leg by it, and the part. */
static struct session_token
leg_token(const struct leg *leg, uint32_t index)
{
    return (struct session_token){leg->message, index << LEG_PART_BITS | leg->next_part};
}

/* One more of its PDUs is on the wire. */
static void
leg_flies(struct step *s, struct leg *leg)
{
    struct bind *bind = leg->bind;

    leg->outstanding++;
    bind->outstanding++;
    s->relay->outstanding++;
    if (leg->class == CLASS_CHAT)
        peak_see(&bind->chat_peak, ++bind->chat_outstanding, s->now_ms);
}

/* So many are not any more. */
static void
leg_lands(struct step *s, const struct leg *leg, uint32_t n)
{
    struct bind *bind = leg->bind;

    bind->outstanding -= n;
    s->relay->outstanding -= n;
    if (leg->class == CLASS_CHAT)
        bind->chat_outstanding -= n;
}

static void leg_close(struct step *s, uint32_t index, struct rec_msg *msg);

static void
leg_send_parts(struct step *s, uint32_t index, struct rec_msg *msg)
{
    struct leg *leg = &s->relay->legs[index];
    struct bind *bind = leg->bind;

    for (; leg->next_part < leg->parts; leg->next_part++) {
        if (part_is_done(msg, leg->next_part))
            continue;
        if (!shape_take(s, bind)) {
            partial_begin(s->relay, bind, index);
            return;
        }
        if (!outbound_send(s, bind, leg_token(leg, index), msg)) {
            leg->verdict = VERDICT_PERMANENT;
            leg->status = SMPP_RINVMSGLEN;
            leg->next_part = leg->parts;
            break;
        }
        leg_flies(s, leg);
        s->relay->count.messages_out++;
    }
    partial_end(s->relay, bind, index);
    if (leg->outstanding == 0)
        leg_close(s, index, msg);
}

void
leg_start(struct step *s, struct bind *bind, struct picked *picked)
{
    uint32_t index = leg_new(s->relay);
    struct leg *leg = &s->relay->legs[index];

    *leg = (struct leg){.message = picked->message,
                        .bind = bind,
                        .lane = picked->lane,
                        .parts = picked->msg.parts,
                        .octets = (uint32_t)(picked->msg.payload.n + picked->msg.tlvs.n),
                        .class = picked->msg.class,
                        .prev = LEG_NONE,
                        .next = bind->legs};
    if (bind->legs != LEG_NONE)
        s->relay->legs[bind->legs].prev = index;
    bind->legs = index;
    bind->octets += leg->octets;
    picked->msg.state = MSG_INTENT;
    if (picked->msg.attempts < UINT8_MAX)
        picked->msg.attempts++;
    queue_unrow(s, picked);
    message_put(s, picked->message, &picked->msg);
    flight_join(s, leg);
    leg_send_parts(s, index, &picked->msg);
}

/* Its record is damaged, which the store has noted (faults.md row 41): nothing more can be sent or
 * said of this message, and the leg ends with the last answer. */
static void
leg_damaged(struct step *s, uint32_t index)
{
    struct leg *leg = &s->relay->legs[index];
    struct bind *bind = leg->bind;

    leg->next_part = leg->parts;
    partial_end(s->relay, bind, index);
    if (leg->outstanding > 0)
        return;
    flight_leave(s, leg);
    lane_free(s, leg->lane);
    leg_release(s->relay, index);
}

void
leg_continue(struct step *s, struct bind *bind)
{
    uint32_t index = bind->partial;
    struct rec_msg msg;

    if (bind->outstanding >= bind->window)
        return;
    if (!message_get(s, s->relay->legs[index].message, &msg)) {
        leg_damaged(s, index);
        return;
    }
    /* The contact said STOP between two parts: what is left does not leave (R-stop-5). */
    if (msg.op == OP_SUBMIT && !(msg.flags & MSGF_CONFIRMATION) && !PLANTED(STOP_FORGETS_PARTS) &&
        stop_is_out(s, msg.account, &msg.dest)) {
        s->relay->legs[index].verdict = VERDICT_PERMANENT;
        s->relay->legs[index].status = STATUS_OPTED_OUT;
        s->relay->legs[index].next_part = s->relay->legs[index].parts;
        msg.flags |= MSGF_OPTED_OUT;
        message_put(s, s->relay->legs[index].message, &msg);
    }
    leg_send_parts(s, index, &msg);
}

/* ---- answers */

static enum conf_unknown_outcome
unknown_policy(const struct link *link)
{
    return link->carrier ? link->carrier->on_unknown_outcome : UNKNOWN_RESEND;
}

static void
sent(struct step *s, uint64_t message, struct rec_msg *msg)
{
    uint64_t done_ms = msg->done_ms; /* of a receipt that came early */

    message_end(s, message, msg, MSG_SENT);
    receipt_join(s, message, msg, done_ms);
}

/* Whatever its carrier said of it: a status of ours can be a carrier's as well. */
static void
refused(struct step *s, const struct link *link, uint64_t message, struct rec_msg *msg)
{
    if (msg->flags & MSGF_OPTED_OUT) {
        message_end(s, message, msg, MSG_SUPPRESSED);
        return;
    }
    message_end(s, message, msg, MSG_REFUSED);
    if (msg->op == OP_SUBMIT && verdict_rule_of(link, msg->status).phone)
        refuse_phone(s, msg);
}

static void
log_doubt(struct step *s, uint64_t message, const struct rec_msg *msg, const struct link *link)
{
    struct line line = {.n = 0};

    line_text(&line, "message goes again, perhaps for the second time");
    line_number(&line, "id", message);
    line_key(&line, "link", link->name);
    line_addr(&line, "to", &msg->dest);
    line_log(s, LOG_LEVEL_WARN, &line);
}

/* It was on the wire and nobody knows what became of it (R-rel-2). False if it does not go again: a
 * late answer settled it, one of its parts was refused for good before the others could be
 * answered, or policy holds it for a person to decide. */
static bool
doubt(struct step *s, const struct link *link, uint64_t message, struct rec_msg *msg)
{
    if (all_parts_done(msg)) {
        sent(s, message, msg);
        return false;
    }
    if (msg->flags & MSGF_OPTED_OUT ||
        verdict_rule_of(link, msg->status).verdict == VERDICT_PERMANENT) {
        refused(s, link, message, msg);
        return false;
    }
    if (unknown_policy(link) == UNKNOWN_HOLD) {
        message_end(s, message, msg, MSG_HELD);
        return false;
    }
    msg->state = MSG_QUEUED;
    if (!PLANTED(UNMARKED_DUPLICATE))
        msg->flags |= MSGF_POSSIBLE_DUPLICATE;
    s->relay->count.possible_duplicates++;
    log_doubt(s, message, msg, link);
    return true;
}

/* False if it has had its last try. */
static bool
leg_close_later(struct step *s, struct leg *leg, struct rec_msg *msg, uint32_t cause)
{
    struct verdict_rule rule = verdict_rule_of(leg->bind->link, cause);

    if (!verdict_retry(s, &rule, cause, msg))
        return false;
    msg->state = MSG_QUEUED;
    queue_retry_later(s, leg->message, msg);
    if (PLANTED(RETRY_TO_TAIL))
        lane_free(s, leg->lane);
    return true;
}

/* All parts that went out are answered, and no more will go: what becomes of the message? */
static void
leg_close(struct step *s, uint32_t index, struct rec_msg *msg)
{
    struct leg *leg = &s->relay->legs[index];
    const struct link *link = leg->bind->link;
    struct lane *lane = leg->lane;
    uint64_t message = leg->message;

    flight_leave(s, leg);
    msg->status = leg->status;
    switch (all_parts_done(msg) ? VERDICT_OK : (enum verdict)leg->verdict) {
    case VERDICT_OK:
        sent(s, message, msg);
        lane_free(s, lane);
        break;
    case VERDICT_PERMANENT:
        refused(s, link, message, msg);
        lane_free(s, lane);
        break;
    case VERDICT_THROTTLED:
        msg->state = MSG_QUEUED;
        queue_put_back(s, message, msg);
        break;
    case VERDICT_TEMPORARY:
        if (!leg_close_later(s, leg, msg, leg->status)) {
            refused(s, link, message, msg);
            lane_free(s, lane);
        }
        break;
    case VERDICT_UNKNOWN:
        if (!doubt(s, link, message, msg) || !leg_close_later(s, leg, msg, SMPP_ROK))
            lane_free(s, lane);
        break;
    }
    leg_release(s->relay, index);
}

/* The answer to a part that had been given up already (faults.md 2.3): what waits to be sent again,
 * or for a person, need not go; what is out again ends well whatever becomes of its second copy. */
static void
leg_late(struct step *s, struct link *link, const struct event_result *result)
{
    uint32_t part = leg_part_of(result->token);
    struct rec_msg msg;

    if (result->status != SMPP_ROK || result->nack || !message_get(s, result->token.id, &msg) ||
        part_is_done(&msg, part))
        return;
    /* It went over to another carrier, in parts of that one's. */
    if (msg.link != link->id)
        return;
    receipt_expect(s, link, result->token.id, &msg, result->message_id);
    part_set_done(s, &msg, part);
    if (!all_parts_done(&msg) || (msg.state != MSG_QUEUED && msg.state != MSG_HELD)) {
        message_put(s, result->token.id, &msg);
        return;
    }
    /* One that a person has sent again may wait behind a lane that is not its own. */
    if (msg.state == MSG_QUEUED)
        queue_cancel(s, result->token.id, &msg);
    msg.retry_ms = 0;
    sent(s, result->token.id, &msg);
}

static void
leg_answered(struct step *s, uint32_t index, const struct event_result *result)
{
    struct leg *leg = &s->relay->legs[index];
    struct bind *bind = leg->bind;
    enum verdict verdict = verdict_of(bind->link, result);
    uint32_t part = leg_part_of(result->token);
    struct rec_msg msg;
    bool known = message_get(s, leg->message, &msg);

    assert(leg->outstanding > 0 && bind->outstanding > 0);
    leg->outstanding--;
    leg_lands(s, leg, 1);
    link_list(s->relay, bind->link);
    if (!known) {
        leg_damaged(s, index);
        return;
    }
    if (PLANTED(SEND_ANSWERED_AGAIN) && verdict == VERDICT_OK && leg->message % 16 == 0)
        verdict = VERDICT_TEMPORARY;
    rate_congestion(s, bind, result->tlvs);
    if (verdict == VERDICT_THROTTLED && result->status == SMPP_RMSGQFUL)
        rate_full(s, bind);
    else if (verdict == VERDICT_THROTTLED)
        rate_throttled(s, bind);
    if (verdict == VERDICT_OK) {
        rate_success(s, bind);
        part_set_done(s, &msg, part);
        /* F19: it is taken, but no receipt will ever name it. */
        if (result->message_id.n == 0 && bind->link->kind == LINK_CARRIER)
            s->relay->count.sent_without_id++;
        receipt_expect(s, bind->link, leg->message, &msg, result->message_id);
    } else {
        leg->next_part = leg->parts;
        partial_end(s->relay, bind, index);
    }
    if (verdict > leg->verdict) {
        leg->verdict = (uint8_t)verdict;
        leg->status = result->status;
        if (result->nack && result->status == SMPP_ROK)
            leg->status = SMPP_RINVCMDID; /* C16: a refusal, if the bind is lost now as well */
    }
    msg.status = leg->status;
    if (leg->outstanding == 0 && leg->next_part >= leg->parts)
        leg_close(s, index, &msg);
    else
        message_put(s, leg->message, &msg);
}

void
leg_result(struct step *s, const struct event *event)
{
    const struct event_result *result = &event->u.result;
    uint32_t index = result->token.part >> LEG_PART_BITS;
    struct bind *bind = bind_of(s->relay, event->session);
    struct leg *leg = index < s->relay->leg_cap ? &s->relay->legs[index] : NULL;

    if (!bind)
        return; /* its bind went down first: the leg is gone, the message goes again */
    if (result->how == RESULT_LATE)
        leg_late(s, bind->link, result);
    else if (leg && leg->message == result->token.id && leg->bind == bind && leg->outstanding)
        leg_answered(s, index, result);
}

/* ---- loss of a bind, and of the process */

/* The bind is lost, or it takes nothing more: the message goes back to its place. */
static void
leg_pull_back(struct step *s, uint32_t index)
{
    struct leg *leg = &s->relay->legs[index];
    struct bind *bind = leg->bind;
    struct rec_msg msg;

    leg_lands(s, leg, leg->outstanding);
    if (!message_get(s, leg->message, &msg)) {
        leg->outstanding = 0;
        leg_damaged(s, index);
        return;
    }
    flight_leave(s, leg);
    msg.state = MSG_QUEUED;
    if (leg->outstanding == 0 || doubt(s, bind->link, leg->message, &msg))
        queue_put_back(s, leg->message, &msg);
    else
        lane_free(s, leg->lane);
    leg_release(s->relay, index);
}

void
legs_of_bind_lost(struct step *s, struct bind *bind)
{
    while (bind->legs != LEG_NONE)
        leg_pull_back(s, bind->legs);
    assert(bind->outstanding == 0);
}

void
legs_of_bind_stopping(struct step *s, struct bind *bind)
{
    if (bind->partial != LEG_NONE && s->relay->legs[bind->partial].outstanding == 0)
        leg_pull_back(s, bind->partial);
}

void
legs_stopping(struct step *s)
{
    for (uint32_t slot = 0; slot < s->relay->bind_cap; slot++) {
        struct bind *bind = s->relay->binds[slot];

        if (bind && bind->up)
            legs_of_bind_stopping(s, bind);
    }
}

/* It was on the wire when we last ended. */
static void
leg_recover(struct step *s, uint64_t message)
{
    struct lane *taken = NULL;
    struct rec_msg msg;
    struct link *link;

    if (!message_get(s, message, &msg))
        return;
    link = link_find(s->relay, msg.link);
    if (!link || !doubt(s, link, message, &msg))
        return;
    queue_restore(s, message, &msg);
    /* It holds its lane as before, so that the rest of its conversation stays behind it at this
     * carrier, and finds it there. */
    (void)lane_take(s->relay, &msg, message, &taken);
}

void
legs_recover(struct step *s)
{
    struct flight_place at = {.place = SLICE_NONE};

    if (PLANTED(FORGET_INFLIGHT))
        return;
    while (flight_next(s, at.place, &at))
        leg_recover(s, at.message);
    store_clear(s->txn, TABLE_INFLIGHT);
}

void
legs_free(struct relay *relay)
{
    free(relay->legs);
}
