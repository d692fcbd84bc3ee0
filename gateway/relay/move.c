/*
 * move.c: flows that are moving (see roam.c for what must hold): which begin, looking through their
 * rows a bounded number in each turn, and messages that go from one carrier to another.
 *
 * A flow that is moving gets a row in TABLE_ROAM as soon as a message has joined it or gone from
 * it: its place in the order of moves, and up to where its rows are its own. A restart goes on with
 * those in their order; all others begin anew.
 */
#include "gateway/relay/move.h"

#include "gateway/relay/away.h"
#include "gateway/relay/core.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/outbound.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/receipts.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/roam.h"
#include "gateway/relay/stretch.h"
#include "gateway/relay/text.h"

/* Rows that are looked at in one turn. */
#define MOVE_ROWS_MAX 500u

/* ---- which are moving */

static void
mark_put(struct step *s, const struct flow *flow)
{
    struct key key, value;

    flow_key_put(&key, &flow->key);
    key_init(&value);
    key_u64(&value, flow->move_order);
    key_u64(&value, flow->move_own);
    store_put(s->txn, TABLE_ROAM, key_slice(&key), key_slice(&value));
}

void
roam_mark(struct step *s, struct flow *flow)
{
    if (flow->marked || !flow->moving)
        return;
    flow->marked = true;
    mark_put(s, flow);
}

/* In the order in which they began. */
static void
list_insert(struct relay *relay, struct flow *flow)
{
    struct flow **at = &relay->moving[flow->key.class];
    struct flow *last = relay->moving_last[flow->key.class];

    if (*at && last->move_order < flow->move_order)
        at = &last->move_next;
    while (*at && (*at)->move_order < flow->move_order)
        at = &(*at)->move_next;
    flow->move_next = *at;
    *at = flow;
    if (!flow->move_next)
        relay->moving_last[flow->key.class] = flow;
    flow_unring(flow);
    flow->moving = true;
}

static uint64_t
own_place(struct step *s)
{
    return store_counter_next(s->txn, "message", 0);
}

/* Everything that is in it now is its own. */
static void
move_begin(struct step *s, struct flow *flow)
{
    s->relay->strays = true;
    if (flow->moving) {
        flow->again = flow->again || flow->move_place > 0;
        return;
    }
    flow->move_order = ++s->relay->move_order;
    flow->move_own = own_place(s);
    flow->move_place = 0;
    list_insert(s->relay, flow);
}

static void
move_ended(struct step *s, struct flow *flow)
{
    struct relay *relay = s->relay;
    struct key key;

    relay->moving[flow->key.class] = flow->move_next;
    flow->moving = false;
    if (flow->stretch != UINT64_MAX)
        stretches_passed(s, flow);
    if (flow->again) {
        flow->again = false;
        move_begin(s, flow);
        if (flow->marked)
            mark_put(s, flow);
        return;
    }
    if (flow->marked) {
        flow_key_put(&key, &flow->key);
        store_del(s->txn, TABLE_ROAM, key_slice(&key));
        flow->marked = false;
    }
    if (flow->on_disk || flow->ready.first || flow->fresh.first)
        flow_ring(relay, flow);
    flow_settle(relay, flow);
}

static bool
flow_waits(const struct flow *flow)
{
    if (flow->link->kind != LINK_CARRIER)
        return false;
    return flow->on_disk || flow->fresh.first || flow->ready.first || flow->parked;
}

/* Those at dead carriers, or all. */
static void
begin_all(struct step *s, bool only_dead)
{
    struct relay *relay = s->relay;

    for (size_t i = 0; relay->flows.buckets && i <= relay->flows.mask; i++)
        for (struct hash_node *node = relay->flows.buckets[i]; node; node = node->next) {
            struct flow *flow = HASH_OBJECT(node, struct flow, node);

            if (flow_waits(flow) && (flow->link->dead || !only_dead))
                move_begin(s, flow);
        }
}

void
roam_empty(struct step *s, const struct rec_msg *msg, uint32_t link)
{
    struct flow_key key = flow_key_of(msg);
    struct flow *flow;

    key.link = link;
    flow = flow_find(s->relay, &key);
    if (flow && !flow->moving)
        move_begin(s, flow);
}

void
roam_number(struct step *s, const struct addr *number, const struct rec_number *before,
            const struct rec_number *after)
{
    if (before->carrier == after->carrier || PLANTED(NUMBER_NOT_MOVED))
        return;
    s->relay->strays = true;
    for (uint8_t class = 0; class < MSG_CLASSES; class ++) {
        struct flow_key key = {.class = class, .account = before->account, .number = *number};
        uint64_t hash = flow_key_hash(&key);

        for (struct hash_node *node = hash_chain(&s->relay->flows, hash); node; node = node->next) {
            struct flow *flow = HASH_OBJECT(node, struct flow, node);

            if (node->hash == hash && flow_key_same_number(&flow->key, &key) && flow_waits(flow))
                move_begin(s, flow);
        }
    }
}

void
roam_doubt(struct step *s)
{
    s->relay->routes_new = s->relay->strays = true;
    if (!PLANTED(RELOAD_NOT_MOVED))
        begin_all(s, false);
}

/* ---- a message goes to another carrier */

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
bool
roam_recode(struct step *s, struct rec_msg *msg)
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

bool
roam_move(struct step *s, uint64_t message, struct rec_msg *msg, const struct roam_way *way)
{
    struct rec_msg moved = *msg;

    moved.link = way->link;
    if (way->link != msg->link && !roam_recode(s, &moved))
        return false;
    queue_cancel(s, message, msg);
    if (way->link != msg->link) {
        moved.link = msg->link;
        forget_parts(s, message, &moved);
        moved.link = way->link;
    }
    moved.retry_ms = 0;
    moved.away = !way->joins;
    if (moved.away)
        away_point(s, &moved, way->link);
    queue_enter(s, message, &moved);
    s->relay->count.rerouted += !way->joins;
    return true;
}

/* ---- looking through their rows */

/* What stands before it in its lane goes first. False: that stays, and so does this. */
static bool
lane_goes_first(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    struct lane *lane;

    while ((lane = lane_of(s->relay, msg)) && lane->holder != message) {
        struct roam_way way = {.from = msg->link, .own = true};
        struct rec_msg holder;
        uint64_t first = lane->holder;

        if (!message_get(s, first, &holder) || holder.state != MSG_QUEUED)
            return false;
        roam_find(s, &holder, &way);
        if (way.link == holder.link || !roam_move(s, first, &holder, &way))
            return false;
    }
    return true;
}

/* New ones of its conversation will look for it here. */
static void
stays(struct step *s, uint64_t message, struct rec_msg *msg, const struct roam_way *way)
{
    if (msg->away || msg->link == way->home)
        return;
    msg->away = 1;
    away_add(s, msg);
    message_put(s, message, msg);
}

/* It has joined this flow, so something of its conversation may be in the next. */
static void
goes_on(struct step *s, struct flow *flow, uint64_t message, struct rec_msg *msg, struct flow *next)
{
    struct roam_way way = {.link = next->key.link, .joins = true};

    roam_mark(s, flow);
    roam_mark(s, next);
    (void)roam_move(s, message, msg, &way);
}

static void
look_at(struct step *s, struct flow *flow, uint64_t message, struct rec_msg *msg)
{
    struct roam_way way = {.from = msg->link, .own = place_of(message, msg) <= flow->move_own};
    struct flow *next = way.own ? NULL : roam_moving(s->relay, msg, flow->move_order);

    if (next) {
        goes_on(s, flow, message, msg, next);
        return;
    }
    roam_find(s, msg, &way);
    if (way.link != msg->link && lane_goes_first(s, message, msg))
        roam_find(s, msg, &way); /* behind it */
    else
        way.link = msg->link;
    if (way.link == msg->link) {
        stays(s, message, msg, &way);
        return;
    }
    roam_mark(s, flow);
    if (!roam_move(s, message, msg, &way))
        stays(s, message, msg, &way);
}

/* True when all of it has been looked at. */
static bool
look_at_some(struct step *s, struct flow *flow, uint32_t *budget)
{
    for (; *budget > 0 && !turn_is_full(s); (*budget)--) {
        struct rec_msg msg;
        uint64_t message;

        flow_flush(s, flow); /* what joined it in this turn */
        if (!queue_flow_row(s, flow, &flow->move_place, &message))
            return true;
        if (message_get(s, message, &msg))
            look_at(s, flow, message, &msg);
    }
    return false;
}

void
roam_some(struct step *s)
{
    uint32_t budget = MOVE_ROWS_MAX;

    for (int class = 0; class < MSG_CLASSES; class ++) {
        for (; s->relay->moving[class] && budget > 0; budget -= budget > 0) {
            struct flow *flow = s->relay->moving[class];

            if (!look_at_some(s, flow, &budget))
                break;
            move_ended(s, flow);
        }
        if (s->relay->moving[class])
            s->relay->more = true;
    }
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
    begin_all(s, true);
}

/* ---- a restart */

static void
marks_load(struct step *s)
{
    struct slice key, value;
    struct key from;

    key_init(&from);
    while (store_seek(s->txn, TABLE_ROAM, key_slice(&from), SLICE_NONE, &key, &value)) {
        struct flow_key flow_key = {0};
        struct flow *flow;

        key_init(&from);
        key_bytes(&from, key);
        key_u8(&from, 0);
        flow = flow_key_take(&key, &flow_key) ? flow_find(s->relay, &flow_key) : NULL;
        if (!flow || !key_take_u64(&value, &flow->move_order) ||
            !key_take_u64(&value, &flow->move_own)) {
            from.n--;
            store_del(s->txn, TABLE_ROAM, key_slice(&from));
            continue;
        }
        if (flow->move_order > s->relay->move_order)
            s->relay->move_order = flow->move_order;
        flow->marked = true;
        list_insert(s->relay, flow);
    }
}

bool
roam_strays(struct step *s, const struct rec_msg *msg)
{
    struct rec_number number;

    return msg->op == OP_SUBMIT && number_get_any(s, &msg->source, &number) &&
           number.carrier != msg->link;
}

/* Without routes all that waits for a number belongs to its carrier. */
static bool
flow_strays(struct step *s, const struct flow *flow)
{
    struct rec_msg like = {.op = OP_SUBMIT, .link = flow->key.link, .source = flow->key.number};

    return s->relay->conf->route_count > 0 || roam_strays(s, &like);
}

void
roam_load(struct step *s)
{
    struct relay *relay = s->relay;

    relay->links_new = true;
    away_load(s);
    marks_load(s);
    for (size_t i = 0; relay->flows.buckets && i <= relay->flows.mask; i++)
        for (struct hash_node *node = relay->flows.buckets[i]; node; node = node->next) {
            struct flow *flow = HASH_OBJECT(node, struct flow, node);

            if (flow_waits(flow) && !flow->moving && flow_strays(s, flow))
                move_begin(s, flow);
        }
    if (relay->away_any || relay->moving[CLASS_CHAT] || relay->moving[CLASS_BULK])
        relay->strays = true;
}
