/*
 * shape.c: which message goes now (R-shape-1, 2, 5, 6): chat before bulk, numbers in turns, inside
 * each bind's window and rate. What is picked becomes an intent in the same transaction in which
 * opt-out and validity are looked at, so nothing that was stopped can leave.
 *
 * Cost: O(1) per message. Links without anything to send are not looked at, nor are flows that
 * cannot go.
 */
#include "gateway/relay/core.h"
#include "gateway/relay/planted.h"

static bool
bind_has_room(struct step *s, struct bind *bind)
{
    if (!bind->can_send || bind->outstanding >= bind->window + PLANTED(WINDOW_TOO_WIDE))
        return false;
    if (s->now_ms < bind->paused_ms) {
        wake_at(s->relay, bind->paused_ms);
        return false;
    }
    return rate_allows(s, bind);
}

bool
shape_take(struct step *s, struct bind *bind)
{
    if (!bind_has_room(s, bind))
        return false;
    rate_took(s, bind);
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
             !PLANTED(STOP_CHECKED_AT_ENQUEUE) && stop_is_out(s, msg.account, &msg.dest))
        end = MSG_SUPPRESSED;
    else
        return false;
    queue_unrow(s, picked);
    message_end(s, picked->message, &msg, end);
    lane_free(s, picked->lane);
    return true;
}

/* The next bind of the link that can take a message; one in the middle of a long message goes on
 * with that first. */
static struct bind *
link_bind(struct step *s, struct link *link)
{
    for (uint32_t i = 0; i < link->bind_count; i++) {
        struct bind *bind = link->binds[link->turn++ % link->bind_count];

        if (bind->partial != LEG_NONE)
            leg_continue(s, bind);
        if (bind->partial == LEG_NONE && bind_has_room(s, bind))
            return bind;
    }
    return NULL;
}

/* Sends from this link while something may go. False when the turn is full. */
static bool
link_pick(struct step *s, struct link *link)
{
    struct bind *bind;

    while ((bind = link_bind(s, link))) {
        struct flow *flow =
            link->ring[CLASS_CHAT] ? link->ring[CLASS_CHAT] : link->ring[CLASS_BULK];
        struct picked picked;

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
        link->ring[flow->key.class] = flow->ring_next;
        if (!shape_ended(s, &picked))
            leg_start(s, bind, &picked);
    }
    return true;
}

static bool
link_idle(const struct link *link)
{
    for (uint32_t i = 0; i < link->bind_count; i++)
        if (link->binds[i]->partial != LEG_NONE)
            return false;
    return !link->ring[CLASS_CHAT] && !link->ring[CLASS_BULK];
}

static void
link_unlist(struct relay *relay, struct link *link)
{
    struct link **at = &relay->busy_links;

    while (*at != link)
        at = &(*at)->next_busy;
    *at = link->next_busy;
    link->listed = false;
}

/* It filled this turn: the next one begins with the others. */
static void
link_to_back(struct relay *relay, struct link *link)
{
    struct link **at = &relay->busy_links;

    link_unlist(relay, link);
    while (*at)
        at = &(*at)->next_busy;
    *at = link;
    link->next_busy = NULL;
    link->listed = true;
}

void
shape_pick(struct step *s)
{
    struct link *next;

    for (struct link *link = s->relay->busy_links; link; link = next) {
        const struct link *first = s->relay->busy_links;

        if (!link_pick(s, link)) {
            link_to_back(s->relay, link);
            return;
        }
        /* A message that ended here may have made a receipt for an app, whose link then came to
         * stand in front of those we have yet to look at: its turn is the next one. */
        if (s->relay->busy_links != first)
            s->relay->more = true;
        next = link->next_busy;
        if (link_idle(link))
            link_unlist(s->relay, link);
    }
}
