/*
 * shape.c: which message goes now (R-shape-1, 2, 5, 6): chat of all links before bulk of any, by
 * fair turns (fair.c), within the window and the rate of a bind and the limits of number and
 * account (limit.c). What is picked becomes an intent in the same transaction in which opt-out and
 * validity are looked at, so nothing that was stopped can leave.
 *
 * A link is looked at while it is in relay->busy: it has something to send, and may have room. Out
 * of room, it leaves and comes back with an answer, a bind or its alarm.
 */
#include "gateway/relay/shape.h"

#include <assert.h>

#include "gateway/relay/broadcast.h"
#include "gateway/relay/core.h"
#include "gateway/relay/fair.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/leg.h"
#include "gateway/relay/limit.h"
#include "gateway/relay/message.h"
#include "gateway/relay/outbound.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/rate.h"
#include "gateway/relay/room.h"
#include "gateway/relay/stop.h"
#include "gateway/relay/tokens.h"

/* What a link owes to bulk is counted in hundredths of a segment, and no more than one: what bulk
 * could not use does not come as a burst. */
#define OWED_ONE 100u

/* ---- busy links */

void
link_list(struct relay *relay, struct link *link)
{
    if (link->listed)
        return;
    alarm_clear(&relay->alarms, &link->alarm);
    link->listed = true;
    link->busy_next = NULL;
    link->busy_prev = relay->busy.last;
    if (relay->busy.last)
        relay->busy.last->busy_next = link;
    else
        relay->busy.first = link;
    relay->busy.last = link;
    relay->listings++;
}

static void
link_unlist(struct relay *relay, struct link *link)
{
    if (link->busy_prev)
        link->busy_prev->busy_next = link->busy_next;
    else
        relay->busy.first = link->busy_next;
    if (link->busy_next)
        link->busy_next->busy_prev = link->busy_prev;
    else
        relay->busy.last = link->busy_prev;
    link->listed = false;
}

/* ---- room */

bool
shape_take(struct step *s, struct bind *bind)
{
    /* The rest of a message that has begun goes before everything else. */
    if (room_of_part_ms(s, bind) > s->now_ms)
        return false;
    rate_took(s, bind);
    return true;
}

/* What is in the middle of a long message goes on with that first (L7). */
static void
link_continue(struct step *s, struct link *link)
{
    for (uint32_t i = 0; i < link->bind_count; i++)
        if (link->binds[i]->partial != LEG_NONE)
            leg_continue(s, link->binds[i]);
}

/* The next bind of the link that can take a message. */
static struct bind *
link_bind(struct step *s, struct link *link, enum msg_class class, bool waking)
{
    for (uint32_t i = 0; i < link->bind_count; i++, link->turn++) {
        struct bind *bind = link->binds[link->turn % link->bind_count];

        if (bind->partial == LEG_NONE && room_ms(s, bind, class, waking) <= s->now_ms)
            return bind;
    }
    return NULL;
}

/* ---- one message */

/* How soon it is looked at again whether the message before it has left: the longer it has waited,
 * the less often. */
#define AFTER_MIN_MS 100u
#define AFTER_MAX_MS 30000u

/* Its flow is full of messages behind lanes and has not read it yet. */
static bool
is_out_of_reach(struct step *s, uint64_t message)
{
    struct rec_msg msg;
    struct flow_key key;
    const struct flow *flow;

    if (!message_get(s, message, &msg))
        return false;
    key = flow_key_of(&msg);
    flow = flow_find(s->relay, &key);
    return flow && flow_blocked(flow) && !flow->moving && flow->on_disk &&
           place_of(message, &msg) > flow->cursor;
}

/* Another message must leave before it (R-proxy-6): it stands aside, and keeps its lane. But not
 * for one that its flow cannot read as long as such lanes are kept: both would wait for ever. */
static bool
must_wait(struct step *s, const struct picked *picked)
{
    struct rec_msg msg = picked->msg;
    uint64_t delay = (s->now_ms - msg.accepted_ms) / 4;

    if (msg.after == 0 || PLANTED(NEW_PAIR_FIRST) ||
        message_went_out(s, msg.after, msg.accepted_ms) || is_out_of_reach(s, msg.after))
        return false;
    delay = delay < AFTER_MIN_MS ? AFTER_MIN_MS : delay > AFTER_MAX_MS ? AFTER_MAX_MS : delay;
    queue_unrow(s, picked);
    msg.retry_ms = s->now_ms + delay;
    queue_retry_later(s, picked->message, &msg);
    return true;
}

bool
shape_ended(struct step *s, const struct picked *picked)
{
    struct rec_msg msg = picked->msg;
    enum msg_state end;

    if (PLANTED(EXPIRE_EARLY))
        msg.expires_ms -= (msg.expires_ms - msg.accepted_ms) / 64 * 63;
    if (s->now_ms >= msg.expires_ms)
        end = MSG_EXPIRED;
    else if (msg.op == OP_SUBMIT && !(msg.flags & MSGF_CONFIRMATION) &&
             !PLANTED(STOP_CHECKED_AT_ENQUEUE) &&
             !(PLANTED(STOP_FORGETS_RETRIES) && msg.attempts > 0) &&
             !(PLANTED(STOP_FORGETS_SCHEDULED) && msg.place != 0) &&
             !(PLANTED(CAST_TO_EVERYBODY) && msg.broadcast) &&
             stop_is_out(s, msg.account, &msg.dest))
        end = MSG_SUPPRESSED;
    else if (msg.broadcast && broadcast_looks(s, &msg) == BROADCAST_ENDS)
        end = MSG_CANCELLED;
    else
        return false;
    queue_unrow(s, picked);
    message_end(s, picked->message, &msg, end);
    lane_free(s, picked->lane);
    return true;
}

/* The flow whose turn it is. Those that come to a shut gate leave. */
static struct flow *
class_flow(struct step *s, struct fair *fair)
{
    struct claim *claim;

    while ((claim = fair_next(fair))) {
        struct flow *flow = claim->ring;

        if (!limit_allows_claim(s, claim) || !limit_allows_flow(s, flow))
            continue;
        if (flow->owed == 0 || flow->ring_next == flow)
            return flow;
        flow->owed--;
        claim->ring = flow->ring_next;
    }
    return NULL;
}

/* The flow of an account that rested until now, and the place that was kept for it; no flow if it
 * is at a limit, and the place is free for others. False: there is none, or no place. */
static bool
waking_flow(struct step *s, struct link *link, enum msg_class class, struct bind **bind,
            struct flow **flow)
{
    struct claim *claim = link->fair[class].waking.first;

    *flow = NULL;
    *bind = claim ? link_bind(s, link, class, true) : NULL;
    if (!*bind)
        return false;
    if (limit_allows_claim(s, claim) && limit_allows_flow(s, claim->ring))
        *flow = claim->ring;
    return true;
}

/* Of the rate that chat uses, bulk is owed a part while it waits. */
static void
owe(struct step *s, struct link *link, enum msg_class class, uint32_t segments)
{
    uint32_t percent = s->relay->conf->shaping.bulk_floor;

    if (class == CLASS_CHAT && link->fair[CLASS_BULK].flows > 0) {
        link->owed += percent * segments;
        if (link->owed > OWED_ONE)
            link->owed = OWED_ONE;
    } else if (class == CLASS_BULK) {
        link->owed += percent * segments;
        link->owed -= link->owed < OWED_ONE * segments ? link->owed : OWED_ONE * segments;
    } else {
        link->owed = 0;
    }
}

static void
flow_send(struct step *s, struct flow *flow, struct bind *bind, struct picked *picked)
{
    struct claim *claim = flow->claim;
    struct link *link = flow->link;
    uint32_t segments;

    outbound_fit(s, bind, &picked->msg);
    segments = outbound_segments(link, &picked->msg);
    if (!limit_fits(s, claim, segments)) {
        queue_untake(s, picked);
        return;
    }
    claim->ring = flow->ring_next;
    flow->owed = segments - 1;
    if (flow->key.class == CLASS_CHAT)
        link->chat_ms = s->now_ms;
    owe(s, link, (enum msg_class)flow->key.class, segments);
    fair_charge(claim, segments, s->now_ms);
    if (link->kind == LINK_CARRIER)
        limit_took(s, claim, flow, segments);
    /* If this was its last, the account rests from here on, also when there is no room for another
     * look. The flow may be gone then. */
    flow_settle(s->relay, flow);
    link->turn++;
    leg_start(s, bind, picked);
}

/* ---- one link */

/* Sends from this link what may go of a class. False when the turn is full. */
static bool
link_pick(struct step *s, struct link *link, enum msg_class pass)
{
    link_continue(s, link);
    for (;;) {
        bool owed = pass == CLASS_CHAT && link->owed >= OWED_ONE;
        struct fair *fair = &link->fair[owed ? CLASS_BULK : pass];
        /* What bulk is owed goes into any place. */
        struct bind *bind = link_bind(s, link, pass, false);
        struct flow *flow = bind ? class_flow(s, fair) : NULL;
        struct picked picked;

        if (bind && !flow && owed)
            flow = class_flow(s, &link->fair[pass]);
        if (!bind && waking_flow(s, link, pass, &bind, &flow) && !flow)
            continue;
        if (!flow)
            return true;
        if (turn_is_full(s)) {
            s->relay->more = true;
            return false;
        }
        if (!queue_next(s, flow, &picked)) {
            flow_settle(s->relay, flow);
            continue;
        }
        if (shape_ended(s, &picked) || must_wait(s, &picked))
            flow->claim->ring = flow->ring_next;
        else
            flow_send(s, flow, bind, &picked);
    }
}

/* When time alone gives room to what it has; UINT64_MAX: something else must happen. */
static uint64_t
link_room_ms(struct step *s, struct link *link)
{
    bool chat = fair_has(&link->fair[CLASS_CHAT]) || link->owed >= OWED_ONE;
    bool bulk = fair_has(&link->fair[CLASS_BULK]);
    uint64_t first = UINT64_MAX, room;

    for (uint32_t i = 0; i < link->bind_count; i++) {
        struct bind *bind = link->binds[i];
        bool part = bind->partial != LEG_NONE;
        enum msg_class class;

        if (!part && !bulk && !fair_has(&link->fair[CLASS_CHAT]))
            continue;
        class = part || chat ? CLASS_CHAT : CLASS_BULK;
        room = room_ms(s, bind, class, part || link->fair[class].waking.first);
        if (room < first)
            first = room;
    }
    return first;
}

/* It has sent what it can: it waits for something to send, or for room. */
static void
link_rest(struct step *s, struct link *link)
{
    uint64_t room = link_room_ms(s, link);

    link_unlist(s->relay, link);
    if (room < UINT64_MAX && !PLANTED(LINK_SLEEPS_ON))
        alarm_set(&s->relay->alarms, &link->alarm, room);
}

/* ---- all of them */

static void
alarms_ring(struct step *s)
{
    struct alarm *alarm;

    while ((alarm = alarm_due(&s->relay->alarms, s->now_ms)))
        switch ((enum alarm_kind)alarm->kind) {
        case ALARM_GATE:
            limit_alarm(s, HASH_OBJECT(alarm, struct gate, alarm));
            break;
        case ALARM_LINK:
            link_list(s->relay, HASH_OBJECT(alarm, struct link, alarm));
            break;
        }
}

/* False when the turn is full. */
static bool
pass(struct step *s, enum msg_class class, const struct link *last)
{
    for (struct link *link = s->relay->busy.first; link; link = link->busy_next)
        if (link != last && !link_pick(s, link, class)) {
            s->relay->filler = link;
            return false;
        }
    return true;
}

/* The link that filled the turn before comes behind all others, so that none of them waits for its
 * backlog. */
static bool
passes(struct step *s, struct link *last)
{
    enum msg_class first = PLANTED(BULK_FIRST) ? CLASS_BULK : CLASS_CHAT;
    uint64_t listings;

    s->relay->filler = NULL;
    if (!pass(s, first, last))
        return false;
    listings = s->relay->listings;
    if (!pass(s, first == CLASS_CHAT ? CLASS_BULK : CLASS_CHAT, last))
        return false;
    if (last && last->listed &&
        (!link_pick(s, last, CLASS_CHAT) || !link_pick(s, last, CLASS_BULK))) {
        s->relay->filler = last;
        return false;
    }
    /* A message that ended here made a receipt for an app, whose turn is the next one. */
    s->relay->more |= s->relay->listings != listings;
    return s->relay->listings == listings;
}

void
shape_pick(struct step *s)
{
    struct link *next;

    alarms_ring(s);
    if (!passes(s, s->relay->filler))
        return;
    for (struct link *link = s->relay->busy.first; link; link = next) {
        next = link->busy_next;
        link_rest(s, link);
    }
}
