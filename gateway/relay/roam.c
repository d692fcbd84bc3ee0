/*
 * roam.c: at which carrier a message waits (R-shape-6 where there is more than one).
 *
 * A conversation here is (class, account, number of ours, phone). Its *home* is the first carrier
 * of its route, up or not. A carrier that had no bind for failover_ms is *dead*: what would go
 * there goes to the next one of its route. A flow is *moving* while move.c looks through its rows.
 * Nothing leaves from it meanwhile.
 *
 * What holds:
 *
 * 1. What waits of a conversation is in one flow, behind the lane that it has there; only flows
 *    that are moving may hold more of it, and it is newer the earlier their move began.
 * 2. If that is not the home's flow, the conversation has a row in TABLE_AWAY that names it, or the
 *    lane is there, or the flow is moving.
 * 3. Of a flow that is moving, rows up to `move_own` were there when that began: of their
 *    conversations nothing was in other flows that moved already. Later ones have joined it.
 *
 * So a new message joins the first flow of its number that is moving, whatever its conversation. If
 * none is, it goes where TABLE_AWAY or a lane says, else to its home, or whatever carrier stands in
 * for that. A message that is looked at in a flow that is moving goes to the next such flow if it
 * has joined this one, else where the same question leads, or stays. As what goes is taken in
 * order and always goes to an end, the conversation follows, and nothing overtakes.
 *
 * Flows begin to move when what their conversations' homes are may have changed, or where they can
 * leave: their carrier died, another one came up while it is dead, routes changed, the number has
 * got another carrier; and with routes at each start, since a restart may bring others. Without
 * routes none of this is looked at.
 */
#include "gateway/relay/roam.h"

#include "gateway/relay/away.h"
#include "gateway/relay/core.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/move.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/pump.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/route.h"

bool
roam_is_up(struct relay *relay, uint32_t id)
{
    const struct link *link = link_find(relay, id);

    return link && !link->dead;
}

/* While a directory is being written, numbers may still name what the new file no longer has. */
static bool
link_is_gone(struct relay *relay, uint32_t id)
{
    const struct link *link = link_find(relay, id);

    return !link || (!link->carrier && !relay->apply);
}

static void
drop_gone(struct relay *relay, struct route_choices *choices)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < choices->count; i++)
        if (!link_is_gone(relay, choices->links[i]))
            choices->links[kept++] = choices->links[i];
    choices->count = kept;
}

/* The first that is up; if none is, the first. */
static uint32_t
best_of(struct relay *relay, const struct route_choices *choices)
{
    for (uint32_t i = 0; i < choices->count; i++)
        if (roam_is_up(relay, choices->links[i]))
            return choices->links[i];
    return choices->links[0];
}

/* ---- where it is */

/* The flow of its number that began to move first after the one with this order. */
struct flow *
roam_moving(struct relay *relay, const struct rec_msg *msg, uint64_t after)
{
    struct flow_key key = flow_key_of(msg);
    uint64_t hash = flow_key_hash(&key);
    struct flow *first = NULL;

    if (!relay->moving[msg->class])
        return NULL;
    for (struct hash_node *node = hash_chain(&relay->flows, hash); node; node = node->next) {
        struct flow *flow = HASH_OBJECT(node, struct flow, node);

        if (node->hash == hash && flow_key_same_number(&flow->key, &key) && flow->moving &&
            flow->move_order > after && (!first || flow->move_order < first->move_order))
            first = flow;
    }
    return first;
}

/* A lane of its conversation at another carrier than this; apps have lanes with the same number
 * and phone. */
static struct lane *
lane_elsewhere(struct relay *relay, const struct rec_msg *msg, uint32_t from)
{
    struct flow_key key = flow_key_of(msg);
    uint64_t hash = lane_hash(&key, msg_phone(msg));

    for (struct hash_node *node = hash_chain(&relay->lanes, hash); node; node = node->next) {
        struct lane *lane = HASH_OBJECT(node, struct lane, node);

        if (node->hash == hash && flow_key_same_number(&lane->flow, &key) &&
            addr_eq(&lane->phone, msg_phone(msg)) && lane->flow.link != from &&
            link_find(relay, lane->flow.link)->kind == LINK_CARRIER)
            return lane;
    }
    return NULL;
}

/* What has the lane waits for its retry at a dead carrier: it goes first, so that it stays in
 * front. False: it stays. */
static bool
bring_holder(struct step *s, const struct lane *lane)
{
    struct roam_way way = {.own = true, .no_bring = true};
    struct rec_msg msg;
    uint64_t message = lane->holder;

    if (!message_get(s, message, &msg) || msg.state != MSG_QUEUED)
        return false;
    way.from = msg.link;
    roam_find(s, &msg, &way);
    return way.link != msg.link && roam_move(s, message, &msg, &way);
}

/* 0: it has none. */
static uint32_t
lane_link(struct step *s, const struct rec_msg *msg, const struct roam_way *way)
{
    struct lane *lane = lane_elsewhere(s->relay, msg, way->from);

    if (lane && way->up && !way->no_bring && !roam_is_up(s->relay, lane->flow.link) &&
        bring_holder(s, lane))
        lane = lane_elsewhere(s->relay, msg, way->from);
    if (lane)
        return lane->flow.link;
    return way->from && lane_of(s->relay, msg) ? way->from : 0;
}

static uint32_t
settle(struct step *s, const struct rec_msg *msg, const struct roam_way *way)
{
    uint32_t lane = lane_link(s, msg, way); /* may bring it away: so this first */
    uint32_t away = away_link(s, msg);

    if (away && away != way->from)
        return away;
    if (lane && lane != way->from)
        return lane;
    if (way->from && (way->own || away || lane) &&
        (roam_is_up(s->relay, way->from) || !way->up))
        return way->from;
    return way->best;
}

void
roam_find(struct step *s, const struct rec_msg *msg, struct roam_way *way)
{
    struct route_choices choices;
    struct rec_number number;
    /* A number that has left the directory, or is not in it yet, keeps the carrier it has. */
    uint32_t carrier = number_get_any(s, &msg->source, &number) ? number.carrier : msg->link;

    route_choices(s->relay->routes, msg, carrier, &choices);
    drop_gone(s->relay, &choices);
    way->home = way->best = choices.count ? choices.links[0] : way->from;
    if (choices.count)
        way->best = best_of(s->relay, &choices);
    way->up = roam_is_up(s->relay, way->best);
    way->link = way->from || choices.count ? settle(s, msg, way) : 0;
    if (way->link && way->up && !roam_is_up(s->relay, way->link))
        roam_empty(s, msg, way->link);
}

static void
log_no_route(struct step *s, const struct rec_msg *msg)
{
    struct line line = {.n = 0};

    s->relay->count.unrouted++;
    line_text(&line, "no route");
    line_number(&line, "account", msg->account);
    line_addr(&line, "from", &msg->source);
    line_addr(&line, "to", &msg->dest);
    line_log(s, LOG_LEVEL_WARN, &line);
}

/* False: it goes where it would go without any of this. */
static bool
may_roam(struct relay *relay, uint32_t link)
{
    return relay->routes || relay->strays || link_is_gone(relay, link);
}

/* For one that is in no queue yet. False: there is no route. */
static bool
roam_new(struct step *s, struct rec_msg *msg)
{
    struct flow *moving = NULL;
    struct roam_way way = {0};

    roam_find(s, msg, &way);
    if (way.link == 0)
        return false;
    moving = roam_moving(s->relay, msg, 0);
    msg->link = moving ? moving->key.link : way.link;
    msg->away = !moving && way.link != way.home;
    if (moving)
        roam_mark(s, moving);
    return true;
}

bool
roam_route(struct step *s, struct rec_msg *msg, uint32_t home)
{
    msg->away = 0;
    msg->link = home;
    if (!pump_allows(s, msg)) {
        msg->link = 0;
        return false;
    }
    if (!may_roam(s->relay, home) || roam_new(s, msg))
        return true;
    msg->link = 0;
    log_no_route(s, msg);
    return false;
}

void
roam_again(struct step *s, struct rec_msg *msg)
{
    struct rec_msg moved = *msg;

    msg->away = 0;
    if (!may_roam(s->relay, msg->link))
        return;
    if (roam_new(s, &moved) && (moved.link == msg->link || roam_recode(s, &moved)))
        *msg = moved;
}

bool
roam_retry(struct step *s, uint64_t message, struct rec_msg *msg)
{
    struct roam_way way = {.from = msg->link, .own = true};
    const struct link *link = link_find(s->relay, msg->link);

    if (!link || link->kind != LINK_CARRIER || !link->dead)
        return false;
    roam_find(s, msg, &way);
    return way.link != msg->link && roam_move(s, message, msg, &way);
}

bool
roam_resume(struct step *s, uint64_t message, struct rec_msg *msg)
{
    const struct link *link = link_find(s->relay, msg->link);
    struct rec_msg moved = *msg;
    struct roam_way way = {0};

    if (!link || link->kind != LINK_CARRIER || !may_roam(s->relay, msg->link))
        return false;
    moved.away = 0;
    if (!roam_new(s, &moved))
        return false;
    if (moved.link == msg->link && !roam_moving(s->relay, msg, 0)) {
        msg->away = moved.away;
        return false;
    }
    way.link = moved.link;
    way.joins = !moved.away;
    return roam_move(s, message, msg, &way);
}
