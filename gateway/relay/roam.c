/*
 * roam.c: at which carrier a message waits, and what happens when that is not up.
 *
 * A carrier that had no bind for failover_ms is *dead*: what would go there goes to the next one of
 * its route, and what waits there moves, flow by flow, in order, a bounded number in each turn. The
 * order of a conversation must hold through going over and coming back, and rows do not say what
 * conversations they belong to. So these rules hold for a flow as a whole:
 *
 * - A flow that is being emptied (`moving`) sends nothing, and new messages of its number join it:
 *   they move behind the others.
 * - A flow that may hold messages which belong elsewhere (`guests`: rows up to that place) attracts
 *   new ones of its number until it has been read so far. What has been read and is not sent has a
 *   lane, and a lane attracts exactly its own conversation.
 *
 * At any time what waits of a conversation is in one flow, but for the flows that are moving: the
 * one that is emptied first (move_order) has the newest of it. A new message therefore joins the
 * first of those, and a message that leaves one joins the next.
 *
 * Moves and guests are written down (TABLE_ROAM), so that a restart goes on in the middle.
 */
#include "gateway/relay/core.h"

/* Rows that are looked at in one turn. */
#define MOVE_ROWS_MAX 500u

enum { ROAM_GUESTS = 1, ROAM_MOVING = 2 };

/* ---- rows */

static void
roam_mark(struct step *s, const struct flow_key *flow, uint8_t on, uint8_t off)
{
    uint8_t before = 0, after;
    struct slice value;
    struct key key;

    flow_key_put(&key, flow);
    if (store_get(s->txn, TABLE_ROAM, key_slice(&key), &value))
        (void)key_take_u8(&value, &before);
    after = (uint8_t)((before | on) & ~off);
    if (after == before)
        return;
    if (after)
        store_put(s->txn, TABLE_ROAM, key_slice(&key), slice_of(&after, 1));
    else
        store_del(s->txn, TABLE_ROAM, key_slice(&key));
}

void
roam_on_disk(struct step *s, const struct rec_msg *msg)
{
    struct flow_key key = flow_key_of(msg);

    if (msg->away)
        roam_mark(s, &key, ROAM_GUESTS, 0);
}

/* ---- where to */

static bool
link_is_up(struct relay *relay, uint32_t id)
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
        if (link_is_up(relay, choices->links[i]))
            return choices->links[i];
    return choices->links[0];
}

static uint32_t
rank_of(const struct route_choices *choices, uint32_t link)
{
    uint32_t i = 0;

    while (i < choices->count && choices->links[i] != link)
        i++;
    return i;
}

struct decision {
    const struct rec_msg *msg;
    uint32_t from; /* the carrier where it waits; 0: it is new */
    uint32_t home;
    struct route_choices choices;
    uint32_t best;
    bool best_up;
};

/* Where it went before routes changed. */
static uint32_t
best_before(struct relay *relay, const struct decision *d)
{
    struct route_choices choices;

    if (!relay->routes_before)
        return d->best;
    route_choices(relay->routes_before, d->msg, d->home, &choices);
    drop_gone(relay, &choices);
    return choices.count ? best_of(relay, &choices) : 0;
}

static bool
has_unread(const struct flow *flow, uint64_t up_to)
{
    return up_to > flow->cursor && (flow->on_disk || flow->fresh.first);
}

/* A flow of its number that attracts it: one that is moving before all others, then one that holds
 * guests, then one that may since the routes changed. */
static const struct flow *
attracting(struct relay *relay, const struct decision *d)
{
    struct flow_key key = flow_key_of(d->msg);
    uint64_t hash = flow_key_hash(&key);
    const struct flow *best = NULL;
    uint64_t best_weight = UINT64_MAX;

    for (struct hash_node *node = hash_chain(&relay->flows, hash); node; node = node->next) {
        const struct flow *flow = HASH_OBJECT(node, struct flow, node);
        uint64_t weight = UINT64_MAX, rank;

        if (node->hash != hash || !flow_key_same_number(&flow->key, &key) ||
            flow->key.link == d->from || flow->link->kind != LINK_CARRIER)
            continue;
        rank = rank_of(&d->choices, flow->key.link);
        if (flow->moving)
            weight = flow->move_order;
        else if (d->best_up && flow->link->dead)
            continue; /* what could leave it has left */
        else if (has_unread(flow, flow->guests))
            weight = (1ull << 62) + rank;
        else if (has_unread(flow, flow->doubtful))
            weight = (1ull << 63) + (flow->key.link == best_before(relay, d) ? 0 : 1 + rank);
        if (weight < best_weight) {
            best_weight = weight;
            best = flow;
        }
    }
    return best;
}

static bool roam_move(struct step *s, uint64_t message, struct rec_msg *msg,
                      const struct route_choices *choices, uint32_t link);
static uint32_t
target_of(struct step *s, const struct rec_msg *msg, uint32_t from, struct route_choices *choices);

/* Its conversation has only what waits for a retry at a dead carrier: that goes now, so that it
 * stays in front. */
static void
bring_holder(struct step *s, const struct lane *lane)
{
    struct route_choices choices;
    struct rec_msg msg;
    uint32_t link;
    uint64_t message = lane->holder;

    if (!message_get(s, message, &msg) || msg.state != MSG_QUEUED)
        return;
    link = target_of(s, &msg, msg.link, &choices);
    if (link && link != msg.link)
        (void)roam_move(s, message, &msg, &choices, link);
}

/* A lane of its conversation at another carrier; apps have lanes with the same number and phone. */
static struct lane *
lane_elsewhere(struct relay *relay, const struct decision *d)
{
    struct flow_key key = flow_key_of(d->msg);
    uint64_t hash = lane_hash(&key, msg_phone(d->msg));

    for (struct hash_node *node = hash_chain(&relay->lanes, hash); node; node = node->next) {
        struct lane *lane = HASH_OBJECT(node, struct lane, node);

        if (node->hash == hash && flow_key_same_number(&lane->flow, &key) &&
            addr_eq(&lane->phone, msg_phone(d->msg)) && lane->flow.link != d->from &&
            link_find(relay, lane->flow.link)->kind == LINK_CARRIER)
            return lane;
    }
    return NULL;
}

/* The flow in which an earlier message of its conversation was put in this very turn: it has no
 * lane yet. NULL if there is none. */
static const struct flow *
fresh_elsewhere(struct relay *relay, const struct decision *d)
{
    struct flow_key key = flow_key_of(d->msg);
    uint64_t hash = flow_key_hash(&key), last = 0;
    const struct flow *found = NULL;

    for (struct hash_node *node = hash_chain(&relay->flows, hash); node; node = node->next) {
        const struct flow *flow = HASH_OBJECT(node, struct flow, node);

        if (node->hash != hash || !flow_key_same_number(&flow->key, &key) ||
            flow->link->kind != LINK_CARRIER)
            continue;
        for (const struct waiting *w = flow->fresh.first; w; w = w->next)
            if (w->message > last && addr_eq(msg_phone(w->fresh), msg_phone(d->msg))) {
                last = w->message;
                found = flow;
            }
    }
    return found;
}

/* Where the rest of its conversation is, if that is to be kept together with; else the best. */
static uint32_t
join_conversation(struct step *s, const struct decision *d)
{
    const struct flow *flow = attracting(s->relay, d);
    const struct flow *fresh;
    struct lane *lane;

    if (flow && flow->moving)
        return flow->key.link;
    /* Only where two flows of a number are in play is there anything to look for. */
    fresh = flow && !d->from ? fresh_elsewhere(s->relay, d) : NULL;
    if (fresh)
        return fresh->key.link;
    lane = lane_elsewhere(s->relay, d);
    if (lane && d->best_up && !link_is_up(s->relay, lane->flow.link)) {
        if (!d->from)
            bring_holder(s, lane);
        lane = NULL;
    }
    if (lane)
        return lane->flow.link;
    return flow ? flow->key.link : d->best;
}

/* 0: there is no route. */
static uint32_t
target_of(struct step *s, const struct rec_msg *msg, uint32_t from, struct route_choices *choices)
{
    struct decision d = {.msg = msg, .from = from};
    struct rec_number number;

    /* A number that has left the directory, or is not in it yet, keeps the carrier it has. */
    d.home = number_get_any(s, &msg->source, &number) ? number.carrier : msg->link;
    route_choices(s->relay->routes, msg, d.home, choices);
    drop_gone(s->relay, choices);
    if (choices->count == 0)
        return 0;
    d.choices = *choices;
    d.best = best_of(s->relay, choices);
    d.best_up = link_is_up(s->relay, d.best);
    /* Moving from one carrier that is down to another helps nobody. */
    if (from && !d.best_up)
        d.best = from;
    return join_conversation(s, &d);
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

bool
roam_route(struct step *s, struct rec_msg *msg, uint32_t home)
{
    struct relay *relay = s->relay;
    struct route_choices choices;

    msg->away = 0;
    msg->link = home;
    if (!relay->routes && !relay->strays && !link_is_gone(relay, home))
        return true;
    msg->link = target_of(s, msg, 0, &choices);
    if (msg->link == 0) {
        log_no_route(s, msg);
        return false;
    }
    msg->away = msg->link != choices.links[0];
    return true;
}

/* ---- moving */

/* Vendors' TLVs were for a carrier that knows them. */
static struct slice
tlvs_for(struct step *s, const struct link *link, struct slice tlvs)
{
    struct tlv reference;
    size_t used = 0;
    uint8_t *kept;

    if (tlvs.n == 0 || (link->carrier && link->carrier->vendor_tlvs))
        return tlvs;
    kept = store_scratch(s->txn, 8);
    if (tlv_find(tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &reference))
        (void)tlv_put(kept, 8, &used, reference.tag, reference.value);
    return slice_of(kept, used);
}

/* Its text in the alphabet of the new carrier, cut as that one wants it. */
static bool
recode(struct step *s, struct rec_msg *msg)
{
    const struct link *link = link_find(s->relay, msg->link);
    enum text_alphabet from = (enum text_alphabet)msg->alphabet;
    size_t n;

    msg->tlvs = tlvs_for(s, link, msg->tlvs);
    if (from != TEXT_BINARY && !(msg->esm_class & SMPP_ESM_UDHI) && from != TEXT_UCS2 &&
        text_alphabet_of(msg->data_coding, link_alphabet(link)) != from) {
        size_t room = TEXT_UTF8_MAX(msg->payload.n);
        uint8_t *text = store_scratch(s->txn, room);

        compose_payload(s, msg, slice_of(text, text_to_utf8(from, msg->payload, text, room)));
    }
    if (outbound_cut(s, msg) == 0)
        return false;
    n = (msg->parts + 7u) / 8u;
    msg->parts_done = SLICE_NONE;
    if (msg->parts > 1) {
        uint8_t *bits = store_scratch(s->txn, n);

        memset(bits, 0, n);
        msg->parts_done = slice_of(bits, n);
        msg->reference = compose_reference(s, msg_phone(msg));
    }
    return true;
}

/* The old carrier has some of its parts: alone they are nothing, and the parts of a message stay
 * together (L7). All of it goes again. */
static void
forget_parts(struct step *s, uint64_t message, struct rec_msg *msg)
{
    if (msg->parts_sent == 0)
        return;
    receipt_forget(s, message, msg);
    msg->parts_sent = msg->parts_delivered = msg->early_parts = 0;
    msg->carrier_id = SLICE_NONE;
}

/* False: it cannot be said at the other carrier, and stays. */
static bool
roam_move(struct step *s, uint64_t message, struct rec_msg *msg,
          const struct route_choices *choices, uint32_t link)
{
    struct rec_msg moved = *msg;

    moved.link = link;
    if (!recode(s, &moved))
        return false;
    queue_cancel(s, message, msg);
    moved.link = msg->link;
    forget_parts(s, message, &moved);
    moved.link = link;
    moved.retry_ms = 0;
    moved.away = link != choices->links[0];
    queue_enter(s, message, &moved);
    s->relay->count.rerouted++;
    return true;
}

/* What stands before it in its lane goes first. False: that stays, and so does this. */
static bool
lane_goes_first(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    struct lane *lane;

    while ((lane = lane_of(s->relay, msg)) && lane->holder != message) {
        struct route_choices choices;
        struct rec_msg holder;
        uint32_t link;
        uint64_t first = lane->holder;

        if (!message_get(s, first, &holder) || holder.state != MSG_QUEUED)
            return false;
        link = target_of(s, &holder, holder.link, &choices);
        if (!link || link == holder.link || !roam_move(s, first, &holder, &choices, link))
            return false;
    }
    return true;
}

static void
move_one(struct step *s, struct flow *flow, uint64_t message, struct rec_msg *msg)
{
    struct route_choices choices;
    uint32_t link = target_of(s, msg, msg->link, &choices);

    if (!link || link == msg->link || !lane_goes_first(s, message, msg))
        return;
    roam_mark(s, &flow->key, ROAM_MOVING, 0);
    (void)roam_move(s, message, msg, &choices, link);
}

/* True when all of it has been looked at. */
static bool
empty_some(struct step *s, struct flow *flow, uint32_t *budget)
{
    for (; *budget > 0 && !turn_is_full(s); (*budget)--) {
        struct rec_msg msg;
        uint64_t message;

        flow_flush(s, flow); /* what joined it in this turn */
        if (!queue_flow_row(s, flow, &flow->move_place, &message))
            return true;
        if (message_get(s, message, &msg))
            move_one(s, flow, message, &msg);
    }
    return false;
}

static void
move_ended(struct step *s, struct flow *flow)
{
    s->relay->moving = flow->move_next;
    flow->moving = false;
    roam_mark(s, &flow->key, 0, ROAM_MOVING);
    if (flow->on_disk || flow->ready.first)
        flow_ring(s->relay, flow);
    flow_settle(s->relay, flow);
}

static void
move_begin(struct relay *relay, struct flow *flow)
{
    struct flow **at = &relay->moving;

    if (flow->moving)
        return;
    flow_unring(flow);
    flow->moving = true;
    flow->move_place = 0;
    flow->move_order = ++relay->move_order;
    flow->move_next = NULL;
    if (relay->moving)
        at = &relay->moving_last->move_next;
    *at = flow;
    relay->moving_last = flow;
}

void
roam_some(struct step *s)
{
    uint32_t budget = MOVE_ROWS_MAX;

    for (; s->relay->moving && budget > 0; budget -= budget > 0) {
        struct flow *flow = s->relay->moving;

        if (!empty_some(s, flow, &budget))
            break;
        move_ended(s, flow);
    }
    if (s->relay->moving)
        s->relay->more = true;
}

bool
roam_retry(struct step *s, uint64_t message, struct rec_msg *msg)
{
    struct flow_key key = flow_key_of(msg);
    const struct link *link = link_find(s->relay, msg->link);
    struct route_choices choices;
    struct flow *flow;
    uint32_t to;

    if (!link || link->kind != LINK_CARRIER || !link->dead)
        return false;
    to = target_of(s, msg, msg->link, &choices);
    if (!to || to == msg->link || !roam_move(s, message, msg, &choices, to))
        return false;
    flow = flow_find(s->relay, &key);
    if (flow)
        flow_settle(s->relay, flow);
    return true;
}

void
roam_again(struct step *s, struct rec_msg *msg)
{
    struct rec_msg moved = *msg;
    struct route_choices choices;
    uint32_t to;

    if (!s->relay->routes && !s->relay->strays && !link_is_gone(s->relay, msg->link))
        return;
    to = target_of(s, msg, 0, &choices);
    moved.link = to;
    if (!to || (to != msg->link && !recode(s, &moved)))
        return;
    *msg = moved;
    msg->away = to != choices.links[0];
}

/* ---- which carriers are dead */

/* A bind that takes nothing more may still have answers to come. */
static bool
link_is_down(const struct link *link)
{
    for (uint32_t i = 0; i < link->bind_count; i++)
        if (link->binds[i]->can_send || link->binds[i]->legs != LEG_NONE)
            return false;
    return true;
}

static void
log_link(struct step *s, const struct link *link)
{
    struct line line = {.n = 0};

    line_text(&line, link->dead ? "carrier passed over" : "carrier used again");
    line_key(&line, "carrier", link->name);
    line_log(s, LOG_LEVEL_WARN, &line);
}

/* When it is given up; UINT64_MAX if nobody would take over. */
static uint64_t
dead_from(const struct relay *relay, const struct link *link)
{
    if (!link->carrier)
        return relay->apply ? UINT64_MAX : link->down_ms;
    return relay->routes ? link->down_ms + relay->conf->relay.failover_ms : UINT64_MAX;
}

/* True if it died, or came back. */
static bool
link_watch(struct step *s, struct link *link)
{
    bool was = link->dead;
    uint64_t at;

    if (!link_is_down(link)) {
        link->down_ms = 0;
        link->dead = false;
    } else {
        if (link->down_ms == 0)
            link->down_ms = s->now_ms;
        at = dead_from(s->relay, link);
        link->dead = link->dead || s->now_ms >= at;
        if (!link->dead && at < s->relay->dead_ms)
            s->relay->dead_ms = at;
    }
    if (was != link->dead && s->relay->routes)
        log_link(s, link);
    return was != link->dead;
}

static bool
flow_waits(const struct flow *flow)
{
    return flow->on_disk || flow->fresh.first || flow->ready.first || flow->parked;
}

static void
empty_dead(struct relay *relay)
{
    for (size_t i = 0; relay->flows.buckets && i <= relay->flows.mask; i++)
        for (struct hash_node *node = relay->flows.buckets[i]; node; node = node->next) {
            struct flow *flow = HASH_OBJECT(node, struct flow, node);

            if (flow->link->kind == LINK_CARRIER && flow->link->dead && flow_waits(flow))
                move_begin(relay, flow);
        }
}

void
roam_watch(struct step *s)
{
    bool changed = s->relay->routes_new;

    if (!changed && !s->relay->links_new && s->now_ms < s->relay->dead_ms)
        return;
    s->relay->routes_new = s->relay->links_new = false;
    s->relay->dead_ms = UINT64_MAX;
    for (struct link *link = s->relay->links; link; link = link->next)
        if (link->kind == LINK_CARRIER && link_watch(s, link))
            changed = true;
    if (!changed)
        return;
    s->relay->strays = true;
    empty_dead(s->relay);
}

/* ---- a new configuration, and a restart */

/* Whatever waits may be at a carrier that it would not go to now. */
void
roam_doubt(struct step *s)
{
    struct relay *relay = s->relay;
    uint64_t place = 0;

    relay->routes_new = true;
    for (size_t i = 0; relay->flows.buckets && i <= relay->flows.mask; i++)
        for (struct hash_node *node = relay->flows.buckets[i]; node; node = node->next) {
            struct flow *flow = HASH_OBJECT(node, struct flow, node);

            if (flow->link->kind != LINK_CARRIER || !(flow->on_disk || flow->fresh.first))
                continue;
            if (place == 0)
                place = store_counter_next(s->txn, "message", 0);
            flow->doubtful = place;
            relay->strays = true;
        }
}

/* Before the restart a conversation stayed where its lane was, whatever flow attracted the rest.
 * The messages that had lanes, and those parked behind them, stand at the front of the flow: no
 * more than may be parked and on the wire. */
static void
heads_take(struct step *s, const struct flow *flow)
{
    const struct conf_carrier *carrier = flow->link->carrier;
    uint32_t rows = FLOW_PARKED_MAX + (carrier ? 2 * carrier->binds * carrier->window : 0);
    uint64_t place = 0, message;

    while (rows-- > 0 && queue_flow_row(s, flow, &place, &message)) {
        struct lane *taken = NULL;
        struct rec_msg msg;

        if (message_get(s, message, &msg))
            (void)lane_take(s->relay, &msg, message, &taken);
    }
}

static void
heads_of_number(struct step *s, const struct flow_key *key)
{
    uint64_t hash = flow_key_hash(key);

    for (struct hash_node *node = hash_chain(&s->relay->flows, hash); node; node = node->next) {
        const struct flow *flow = HASH_OBJECT(node, struct flow, node);

        if (node->hash == hash && flow_key_same_number(&flow->key, key) && flow->on_disk &&
            flow->link->kind == LINK_CARRIER)
            heads_take(s, flow);
    }
}

void
roam_load(struct step *s)
{
    struct key from;
    struct slice key, value;
    uint64_t place = 0;

    s->relay->links_new = true;
    key_init(&from);
    while (store_seek(s->txn, TABLE_ROAM, key_slice(&from), SLICE_NONE, &key, &value)) {
        struct flow_key flow_key = {0};
        struct flow *flow;
        uint8_t roam;

        key_init(&from);
        key_bytes(&from, key);
        key_u8(&from, 0);
        flow = flow_key_take(&key, &flow_key) ? flow_find(s->relay, &flow_key) : NULL;
        if (!flow || !key_take_u8(&value, &roam)) {
            from.n--;
            store_del(s->txn, TABLE_ROAM, key_slice(&from));
            continue;
        }
        if (place == 0)
            place = store_counter_next(s->txn, "message", 0);
        flow->guests = place;
        s->relay->strays = true;
        heads_of_number(s, &flow_key);
        if (roam & ROAM_MOVING)
            move_begin(s->relay, flow);
    }
}
