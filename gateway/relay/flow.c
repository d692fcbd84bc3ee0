/*
 * flow.c: what waits, in memory: flows, the messages that wait in them, and lanes. The rows are
 * queue.c's.
 *
 * The hash of a flow's key leaves out the link, and that of a lane too: all flows of one number,
 * and all lanes of one conversation, stand in one chain, whichever carriers they are at. route.c
 * walks it to keep a conversation together.
 */
#include "gateway/relay/flow.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "gateway/relay/fair.h"
#include "gateway/relay/limit.h"
#include "gateway/relay/link.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/shape.h"

const struct addr *
msg_number(const struct rec_msg *msg)
{
    return msg->op == OP_SUBMIT ? &msg->source : &msg->dest;
}

const struct addr *
msg_phone(const struct rec_msg *msg)
{
    return msg->op == OP_SUBMIT ? &msg->dest : &msg->source;
}

struct flow_key
flow_key_of(const struct rec_msg *msg)
{
    return (struct flow_key){.link = msg->link,
                             .class = msg->class,
                             .account = msg->account,
                             .number = *msg_number(msg)};
}

void
flow_key_put(struct key *key, const struct flow_key *flow)
{
    key_init(key);
    key_u32(key, flow->link);
    key_u8(key, flow->class);
    key_u32(key, flow->account);
    key_addr(key, &flow->number);
}

bool
flow_key_take(struct slice *key, struct flow_key *flow)
{
    return key_take_u32(key, &flow->link) && key_take_u8(key, &flow->class) &&
           key_take_u32(key, &flow->account) && key_take_addr(key, &flow->number);
}

uint64_t
flow_key_hash(const struct flow_key *key)
{
    return hash_addr(hash_mix(key->class, key->account), &key->number);
}

bool
flow_key_same_number(const struct flow_key *a, const struct flow_key *b)
{
    return a->class == b->class && a->account == b->account && addr_eq(&a->number, &b->number);
}

static bool
flow_key_eq(const struct flow_key *a, const struct flow_key *b)
{
    return a->link == b->link && flow_key_same_number(a, b);
}

uint64_t
place_of(uint64_t message, const struct rec_msg *msg)
{
    return msg->place ? msg->place : message;
}

/* ---- waiting lists */

struct waiting *
waiting_new(uint64_t place, uint64_t message, struct rec_msg *fresh)
{
    struct waiting *w = core_alloc(sizeof(*w));

    w->place = place;
    w->message = message;
    w->fresh = fresh;
    return w;
}

void
waiting_append(struct waiting_list *list, struct waiting *w)
{
    w->next = NULL;
    if (list->last)
        list->last->next = w;
    else
        list->first = w;
    list->last = w;
}

struct waiting *
waiting_pop(struct waiting_list *list)
{
    struct waiting *w = list->first;

    if (w) {
        list->first = w->next;
        if (!list->first)
            list->last = NULL;
    }
    return w;
}

void
waiting_insert(struct waiting_list *list, struct waiting *w)
{
    struct waiting **at = &list->first;

    while (*at && (*at)->place < w->place)
        at = &(*at)->next;
    w->next = *at;
    *at = w;
    if (!w->next)
        list->last = w;
}

bool
waiting_remove(struct waiting_list *list, uint64_t message)
{
    struct waiting *before = NULL, *w = list->first;

    for (; w && w->message != message; before = w, w = w->next)
        ;
    if (!w)
        return false;
    if (before)
        before->next = w->next;
    else
        list->first = w->next;
    if (list->last == w)
        list->last = before;
    free(w);
    return true;
}

static void
waiting_free(struct waiting_list *list)
{
    struct waiting *w;

    while ((w = waiting_pop(list)))
        free(w);
}

/* ---- flows */

struct flow *
flow_find(struct relay *relay, const struct flow_key *key)
{
    uint64_t hash = flow_key_hash(key);

    for (struct hash_node *node = hash_chain(&relay->flows, hash); node; node = node->next) {
        struct flow *flow = HASH_OBJECT(node, struct flow, node);

        if (node->hash == hash && flow_key_eq(&flow->key, key))
            return flow;
    }
    return NULL;
}

struct flow *
flow_get(struct relay *relay, const struct flow_key *key)
{
    struct flow *flow = flow_find(relay, key);

    if (flow)
        return flow;
    flow = core_alloc(sizeof(*flow));
    flow->key = *key;
    flow->link = link_find(relay, key->link);
    flow->stretch = UINT64_MAX;
    assert(flow->link); /* links are never deleted */
    flow->claim = claim_get(relay, flow->link, key);
    hash_insert(&relay->flows, &flow->node, flow_key_hash(key));
    return flow;
}

const char *
flow_where_name(enum flow_where where)
{
    switch (where) {
    case FLOW_OUT:
        return "out";
    case FLOW_IN_RING:
        return "in_ring";
    case FLOW_AT_GATE:
        return "at_gate";
    }
    return "?";
}

void
flow_ring(struct relay *relay, struct flow *flow)
{
    /* What is being taken elsewhere must not leave from here meanwhile: it could overtake what is
     * there already. */
    if (flow->where != FLOW_OUT || flow->moving)
        return;
    flow->where = FLOW_IN_RING;
    flow->claim->fair->flows++;
    claim_add(flow->claim, flow);
    link_list(relay, flow->link);
}

void
flow_unring(struct flow *flow)
{
    struct claim *claim = flow->claim;

    if (flow->where == FLOW_OUT)
        return;
    if (flow->where == FLOW_AT_GATE)
        gate_drop_flow(flow);
    else
        claim_drop(claim, flow);
    if (!claim->ring && claim->state == CLAIM_AT_GATE)
        gate_drop_claim(claim);
    if (!claim->ring)
        claim_leave(claim, CLAIM_IDLE);
    flow->where = FLOW_OUT;
    claim->fair->flows--;
}

bool
flow_blocked(const struct flow *flow)
{
    return flow->parked >= FLOW_PARKED_MAX;
}

void
flow_settle(struct relay *relay, struct flow *flow)
{
    if (flow->ready.first || (!flow_blocked(flow) && (flow->on_disk || flow->fresh.first)))
        return;
    flow_unring(flow);
    if (flow->on_disk || flow->fresh.first || flow->parked || flow->dirty || flow->moving)
        return;
    limit_forget(relay, flow);
    hash_remove(&relay->flows, &flow->node);
    free(flow);
}

void
flow_ready(struct relay *relay, struct flow *flow, uint64_t place, uint64_t message)
{
    /* Rows behind the cursor are still to be read, and this is one of them: it will come up in its
     * order. */
    if (flow->on_disk && place > flow->cursor) {
        flow_ring(relay, flow);
        return;
    }
    if (place > flow->cursor)
        flow->cursor = place;
    waiting_insert(&flow->ready, waiting_new(place, message, NULL));
    flow_ring(relay, flow);
}

/* ---- lanes */

uint64_t
lane_hash(const struct flow_key *flow, const struct addr *phone)
{
    return hash_addr(flow_key_hash(flow), phone);
}

static struct lane *
lane_find(struct relay *relay, const struct flow_key *flow, const struct addr *phone, uint64_t hash)
{
    for (struct hash_node *node = hash_chain(&relay->lanes, hash); node; node = node->next) {
        struct lane *lane = HASH_OBJECT(node, struct lane, node);

        if (node->hash == hash && flow_key_eq(&lane->flow, flow) && addr_eq(&lane->phone, phone))
            return lane;
    }
    return NULL;
}

struct lane *
lane_of(struct relay *relay, const struct rec_msg *msg)
{
    struct flow_key flow = flow_key_of(msg);

    return lane_find(relay, &flow, msg_phone(msg), lane_hash(&flow, msg_phone(msg)));
}

struct lane *
lane_take(struct relay *relay, const struct rec_msg *msg, uint64_t message, struct lane **taken)
{
    struct flow_key flow = flow_key_of(msg);
    uint64_t hash = lane_hash(&flow, msg_phone(msg));
    struct lane *lane = lane_find(relay, &flow, msg_phone(msg), hash);

    if (lane) {
        *taken = lane;
        return lane->holder == message ? lane : NULL;
    }
    lane = core_alloc(sizeof(*lane));
    lane->flow = flow;
    lane->phone = *msg_phone(msg);
    lane->holder = message;
    hash_insert(&relay->lanes, &lane->node, hash);
    return lane;
}

void
lane_free(struct step *s, struct lane *lane)
{
    struct waiting *w = waiting_pop(&lane->parked);
    struct flow *flow;

    if (!w) {
        hash_remove(&s->relay->lanes, &lane->node);
        free(lane);
        return;
    }
    lane->holder = w->message;
    flow = flow_get(s->relay, &lane->flow);
    assert(flow->parked > 0);
    flow->parked--;
    waiting_insert(&flow->ready, w);
    flow_ring(s->relay, flow);
}

void
lane_park(struct flow *flow, struct lane *lane, struct waiting *w)
{
    if (PLANTED(LANE_BACKWARDS) && lane->parked.first) {
        w->next = lane->parked.first;
        lane->parked.first = w;
    } else {
        waiting_append(&lane->parked, w);
    }
    flow->parked++;
}

/* A damaged record was set aside by the store, and with it the phone that would lead to its lane.
 * Looking through all of them is slow, but it must not block that phone for ever. */
void
lane_orphaned(struct step *s, uint64_t message)
{
    for (size_t i = 0; s->relay->lanes.buckets && i <= s->relay->lanes.mask; i++)
        for (struct hash_node *node = s->relay->lanes.buckets[i]; node; node = node->next) {
            struct lane *lane = HASH_OBJECT(node, struct lane, node);

            if (lane->holder == message) {
                lane_free(s, lane);
                return;
            }
        }
}

void
flows_free(struct relay *relay)
{
    for (size_t i = 0; relay->flows.buckets && i <= relay->flows.mask; i++)
        for (struct hash_node *node = relay->flows.buckets[i], *next; node; node = next) {
            struct flow *flow = HASH_OBJECT(node, struct flow, node);

            next = node->next;
            waiting_free(&flow->ready);
            waiting_free(&flow->fresh);
            free(flow);
        }
    hash_release(&relay->flows);
    for (size_t i = 0; relay->lanes.buckets && i <= relay->lanes.mask; i++)
        for (struct hash_node *node = relay->lanes.buckets[i], *next; node; node = next) {
            struct lane *lane = HASH_OBJECT(node, struct lane, node);

            next = node->next;
            waiting_free(&lane->parked);
            free(lane);
        }
    hash_release(&relay->lanes);
}
