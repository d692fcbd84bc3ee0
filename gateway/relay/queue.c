/*
 * queue.c: what waits to be sent: flows and lanes in memory, messages in TABLE_QUEUE.
 *
 * A row's key is (link, class, account, number, message): the rows of a flow stand together in the
 * order of acceptance. A message that is accepted and sent within one turn never has a row. A
 * message that was sent and must be sent again gets its old row back, so order survives retries,
 * and a restart finds everything by walking flows.
 */
#include "gateway/relay/core.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/relay/planted.h"

/* The number of ours that a message belongs to. */
static const struct addr *
msg_number(const struct rec_msg *msg)
{
    return msg->op == OP_SUBMIT ? &msg->source : &msg->dest;
}

const struct addr *
msg_phone(const struct rec_msg *msg)
{
    return msg->op == OP_SUBMIT ? &msg->dest : &msg->source;
}

static struct flow_key
flow_key_of(const struct rec_msg *msg)
{
    return (struct flow_key){.link = msg->link,
                             .class = msg->class,
                             .account = msg->account,
                             .number = *msg_number(msg)};
}

static bool
flow_key_eq(const struct flow_key *a, const struct flow_key *b)
{
    return a->link == b->link && a->class == b->class && a->account == b->account &&
           addr_eq(&a->number, &b->number);
}

static uint64_t
flow_key_hash(const struct flow_key *key)
{
    return hash_addr(hash_mix(hash_mix(key->link, key->class), key->account), &key->number);
}

static void
row_prefix(struct key *key, const struct flow_key *flow)
{
    key_init(key);
    key_u32(key, flow->link);
    key_u8(key, flow->class);
    key_u32(key, flow->account);
    key_addr(key, &flow->number);
}

static void
row_put(struct step *s, const struct flow_key *flow, uint64_t message)
{
    static const uint8_t present = 1;
    struct key key;

    row_prefix(&key, flow);
    key_u64(&key, message);
    store_put(s->txn, TABLE_QUEUE, key_slice(&key), slice_of(&present, 1));
}

static bool
row_del(struct step *s, const struct flow_key *flow, uint64_t message)
{
    struct key key;

    row_prefix(&key, flow);
    key_u64(&key, message);
    return store_del(s->txn, TABLE_QUEUE, key_slice(&key));
}

/* ---- waiting lists */

static struct waiting *
waiting_new(uint64_t message, struct rec_msg *fresh)
{
    struct waiting *w = core_alloc(sizeof(*w));

    w->message = message;
    w->fresh = fresh;
    return w;
}

static void
waiting_append(struct waiting_list *list, struct waiting *w)
{
    w->next = NULL;
    if (list->last)
        list->last->next = w;
    else
        list->first = w;
    list->last = w;
}

static struct waiting *
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

/* By message number: a message that comes back stands where it stood. */
static void
waiting_insert(struct waiting_list *list, struct waiting *w)
{
    struct waiting **at = &list->first;

    while (*at && (*at)->message < w->message)
        at = &(*at)->next;
    w->next = *at;
    *at = w;
    if (!w->next)
        list->last = w;
}

static bool
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

static struct flow *
flow_find(struct relay *relay, const struct flow_key *key, uint64_t hash)
{
    for (struct hash_node *node = hash_chain(&relay->flows, hash); node; node = node->next) {
        struct flow *flow = HASH_OBJECT(node, struct flow, node);

        if (node->hash == hash && flow_key_eq(&flow->key, key))
            return flow;
    }
    return NULL;
}

static struct flow *
flow_get(struct relay *relay, const struct flow_key *key)
{
    uint64_t hash = flow_key_hash(key);
    struct flow *flow = flow_find(relay, key, hash);

    if (flow)
        return flow;
    flow = core_alloc(sizeof(*flow));
    flow->key = *key;
    flow->link = link_find(relay, key->link);
    assert(flow->link); /* links are never deleted */
    hash_insert(&relay->flows, &flow->node, hash);
    return flow;
}

static void
flow_ring(struct relay *relay, struct flow *flow)
{
    struct flow **ring = &flow->link->ring[flow->key.class];

    if (flow->ringed)
        return;
    flow->ringed = true;
    if (!*ring) {
        flow->ring_next = flow->ring_prev = flow;
        *ring = flow;
    } else {
        flow->ring_next = *ring;
        flow->ring_prev = (*ring)->ring_prev;
        flow->ring_prev->ring_next = flow;
        (*ring)->ring_prev = flow;
    }
    if (!flow->link->listed) {
        flow->link->listed = true;
        flow->link->next_busy = relay->busy_links;
        relay->busy_links = flow->link;
    }
}

static void
flow_unring(struct flow *flow)
{
    struct flow **ring = &flow->link->ring[flow->key.class];

    if (!flow->ringed)
        return;
    flow->ringed = false;
    if (flow->ring_next == flow) {
        *ring = NULL;
        return;
    }
    flow->ring_next->ring_prev = flow->ring_prev;
    flow->ring_prev->ring_next = flow->ring_next;
    if (*ring == flow)
        *ring = flow->ring_next;
}

static bool
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
    if (flow->on_disk || flow->fresh.first || flow->parked || flow->dirty)
        return;
    hash_remove(&relay->flows, &flow->node);
    free(flow);
}

/* A message that has a row and whose lane is its own may go next. */
static void
flow_ready(struct relay *relay, struct flow *flow, uint64_t message)
{
    /* Rows behind the cursor are still to be read, and this is one of them: it will come up in its
     * order. */
    if (flow->on_disk && message > flow->cursor) {
        flow_ring(relay, flow);
        return;
    }
    if (message > flow->cursor)
        flow->cursor = message;
    waiting_insert(&flow->ready, waiting_new(message, NULL));
    flow_ring(relay, flow);
}

/* ---- lanes */

static uint64_t
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

/* The lane, now held by this message; NULL if another one holds it, whose lane is then *taken. */
static struct lane *
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

/* ---- in */

/* About what its record and its row come to; what counts is the text. */
static size_t
fresh_bytes(const struct rec_msg *msg)
{
    return 256 + msg->payload.n + msg->tlvs.n;
}

uint64_t
queue_accept(struct step *s, struct rec_msg *msg)
{
    struct rec_msg *fresh = store_scratch(s->txn, sizeof(*fresh));
    struct flow_key key = flow_key_of(msg);
    struct flow *flow = flow_get(s->relay, &key);
    uint64_t message = store_counter_next(s->txn, "message", 0);

    msg->state = MSG_QUEUED;
    msg->accepted_ms = s->now_ms;
    if (msg->expires_ms == 0)
        msg->expires_ms = s->now_ms + s->relay->conf->relay.validity_ms;
    if (msg->parts == 0)
        msg->parts = 1;
    *fresh = *msg;
    fresh->payload = scratch_copy(s->txn, msg->payload);
    fresh->tlvs = scratch_copy(s->txn, msg->tlvs);
    fresh->service_type = scratch_copy(s->txn, msg->service_type);
    if (msg->parts > 1) {
        size_t n = (msg->parts + 7u) / 8u;
        uint8_t *bits = store_scratch(s->txn, n);

        memset(bits, 0, n);
        fresh->parts_done = slice_of(bits, n);
    }
    s->relay->fresh_bytes += fresh_bytes(fresh);
    waiting_append(&flow->fresh, waiting_new(message, fresh));
    if (!flow->dirty) {
        flow->dirty = true;
        flow->dirty_next = s->relay->dirty;
        s->relay->dirty = flow;
    }
    flow_ring(s->relay, flow);
    return message;
}

/* A fresh message that stays gets its record and its row; from here on the disk knows it. */
static void
fresh_to_disk(struct step *s, struct flow *flow, struct waiting *w)
{
    s->relay->fresh_bytes -= fresh_bytes(w->fresh);
    message_put(s, w->message, w->fresh);
    row_put(s, &flow->key, w->message);
    w->fresh = NULL;
}

void
queue_flush(struct step *s)
{
    while (s->relay->dirty) {
        struct flow *flow = s->relay->dirty;
        struct waiting *w;

        s->relay->dirty = flow->dirty_next;
        flow->dirty = false;
        while ((w = waiting_pop(&flow->fresh))) {
            fresh_to_disk(s, flow, w);
            free(w);
            flow->on_disk = true;
        }
        flow_settle(s->relay, flow);
    }
}

/* ---- out */

static void
park(struct flow *flow, struct lane *lane, struct waiting *w)
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
static void
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

static bool
next_ready(struct step *s, struct flow *flow, struct picked *out)
{
    struct waiting *w = waiting_pop(&flow->ready);
    struct lane *taken = NULL;

    out->message = w->message;
    out->has_row = true;
    free(w);
    if (!message_get(s, out->message, &out->msg)) {
        row_del(s, &flow->key, out->message);
        lane_orphaned(s, out->message);
        return false;
    }
    out->lane = lane_take(s->relay, &out->msg, out->message, &taken);
    if (PLANTED(RETRY_TO_TAIL) && !out->lane) {
        park(flow, taken, waiting_new(out->message, NULL));
        return false;
    }
    assert(out->lane);
    return true;
}

static bool
next_on_disk(struct step *s, struct flow *flow, struct picked *out)
{
    struct key prefix, from;
    struct slice key, value, rest;
    struct lane *taken = NULL;

    row_prefix(&prefix, &flow->key);
    from = prefix;
    key_u64(&from, flow->cursor + 1);
    if (!store_seek(s->txn, TABLE_QUEUE, key_slice(&from), key_slice(&prefix), &key, &value)) {
        flow->on_disk = false;
        return false;
    }
    rest = slice_of(key.p + prefix.n, key.n - prefix.n);
    if (!key_take_u64(&rest, &out->message))
        return false;
    flow->cursor = out->message;
    out->has_row = true;
    if (!message_get(s, out->message, &out->msg)) {
        store_del(s->txn, TABLE_QUEUE, key);
        return false;
    }
    out->lane = lane_take(s->relay, &out->msg, out->message, &taken);
    if (out->lane)
        return true;
    park(flow, taken, waiting_new(out->message, NULL));
    return false;
}

static bool
next_fresh(struct step *s, struct flow *flow, struct picked *out)
{
    struct waiting *w = waiting_pop(&flow->fresh);
    struct lane *taken = NULL;

    out->message = w->message;
    out->msg = *w->fresh;
    out->has_row = false;
    flow->cursor = w->message;
    out->lane = lane_take(s->relay, &out->msg, out->message, &taken);
    if (out->lane) {
        s->relay->fresh_bytes -= fresh_bytes(w->fresh);
        free(w);
        return true;
    }
    fresh_to_disk(s, flow, w);
    park(flow, taken, w);
    return false;
}

bool
queue_next(struct step *s, struct flow *flow, struct picked *out)
{
    for (;;) {
        if (flow->ready.first) {
            if (next_ready(s, flow, out))
                return true;
        } else if (flow_blocked(flow)) {
            return false;
        } else if (flow->on_disk) {
            if (next_on_disk(s, flow, out))
                return true;
        } else if (flow->fresh.first) {
            if (next_fresh(s, flow, out))
                return true;
        } else {
            return false;
        }
    }
}

void
queue_unrow(struct step *s, const struct picked *picked)
{
    if (picked->has_row) {
        struct flow_key key = flow_key_of(&picked->msg);

        row_del(s, &key, picked->message);
    }
}

void
queue_untake(struct step *s, const struct picked *picked)
{
    struct flow_key key = flow_key_of(&picked->msg);
    struct flow *flow = flow_get(s->relay, &key);

    if (!picked->has_row) {
        message_put(s, picked->message, &picked->msg);
        row_put(s, &key, picked->message);
    }
    flow_ready(s->relay, flow, picked->message);
}

void
queue_put_back(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    struct flow_key key = flow_key_of(msg);

    queue_restore(s, message, msg);
    flow_ready(s->relay, flow_get(s->relay, &key), message);
}

/* While recovering: flows are made afterwards, from the rows. */
void
queue_restore(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    struct flow_key key = flow_key_of(msg);

    message_put(s, message, msg);
    row_put(s, &key, message);
}

/* Others to the same phone may have gone since, or wait for the end of one that is on its way: it
 * stands in front of those with higher numbers again, and behind that one. */
void
queue_resume(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    struct flow_key key = flow_key_of(msg);
    struct flow *flow = flow_get(s->relay, &key);
    struct lane *taken = NULL;

    queue_restore(s, message, msg);
    if (lane_take(s->relay, msg, message, &taken)) {
        flow_ready(s->relay, flow, message);
        return;
    }
    /* Its row is still to be read: it will be parked then. */
    if (flow->on_disk && message > flow->cursor)
        return;
    if (message > flow->cursor)
        flow->cursor = message;
    waiting_insert(&taken->parked, waiting_new(message, NULL));
    flow->parked++;
}

/* ---- retries */

static void
retry_key(struct key *key, uint64_t due_ms, uint64_t message)
{
    key_init(key);
    key_u64(key, due_ms);
    key_u64(key, message);
}

void
queue_retry_later(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    static const uint8_t present = 1;
    struct key key;

    message_put(s, message, msg);
    retry_key(&key, msg->retry_ms, message);
    store_put(s->txn, TABLE_RETRY, key_slice(&key), slice_of(&present, 1));
    if (msg->retry_ms < s->relay->retry_ms)
        s->relay->retry_ms = msg->retry_ms;
    s->relay->count.retries++;
}

void
queue_remove(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    struct flow_key flow_key = flow_key_of(msg);
    struct flow *flow;
    struct key key;

    retry_key(&key, msg->retry_ms, message);
    if (msg->retry_ms && store_del(s->txn, TABLE_RETRY, key_slice(&key)))
        return;
    row_del(s, &flow_key, message);
    flow = flow_find(s->relay, &flow_key, flow_key_hash(&flow_key));
    if (flow && waiting_remove(&flow->ready, message))
        flow_settle(s->relay, flow);
}

void
queue_cancel(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    struct flow_key key = flow_key_of(msg);
    struct lane *lane = lane_of(s->relay, msg);
    struct flow *flow;

    queue_remove(s, message, msg);
    if (lane && lane->holder == message) {
        lane_free(s, lane);
    } else if (lane && waiting_remove(&lane->parked, message)) {
        flow = flow_get(s->relay, &key);
        assert(flow->parked > 0);
        flow->parked--;
        flow_ring(s->relay, flow); /* it may have been full of parked messages */
    }
}

bool
queue_row_after(struct step *s, const struct rec_msg *like, uint64_t after, uint64_t *message)
{
    struct flow_key flow = flow_key_of(like);
    struct key prefix, from;
    struct slice key, value, rest;

    row_prefix(&prefix, &flow);
    from = prefix;
    key_u64(&from, after + 1);
    if (!store_seek(s->txn, TABLE_QUEUE, key_slice(&from), key_slice(&prefix), &key, &value))
        return false;
    rest = slice_of(key.p + prefix.n, key.n - prefix.n);
    return key_take_u64(&rest, message);
}

/* Walks TABLE_RETRY from the start; false at the end. */
static bool
retry_first(struct step *s, const struct key *from, uint64_t *due_ms, uint64_t *message)
{
    struct slice key, value;

    return store_seek(s->txn, TABLE_RETRY, key_slice(from), SLICE_NONE, &key, &value) &&
           key_take_u64(&key, due_ms) && key_take_u64(&key, message);
}

void
queue_due(struct step *s)
{
    struct key from;
    uint64_t due, message;

    if (s->relay->retry_ms > s->now_ms)
        return;
    key_init(&from);
    for (uint32_t rows = 0; retry_first(s, &from, &due, &message); rows++) {
        struct rec_msg msg;
        struct key key;

        if (due > s->now_ms || rows == TICK_ROWS_MAX || turn_is_full(s)) {
            s->relay->retry_ms = due;
            return;
        }
        retry_key(&key, due, message);
        store_del(s->txn, TABLE_RETRY, key_slice(&key));
        if (!message_get(s, message, &msg))
            continue;
        msg.retry_ms = 0;
        queue_put_back(s, message, &msg);
    }
    s->relay->retry_ms = UINT64_MAX;
}

/* ---- recovery */

static void
retries_load(struct step *s)
{
    struct key from;
    uint64_t due, message;

    key_init(&from);
    while (retry_first(s, &from, &due, &message)) {
        struct lane *taken = NULL;
        struct rec_msg msg;

        if (due < s->relay->retry_ms && !PLANTED(FORGET_RETRIES))
            s->relay->retry_ms = due;
        if (message_get(s, message, &msg))
            (void)lane_take(s->relay, &msg, message, &taken);
        retry_key(&from, due, message + 1);
    }
}

void
queue_load(struct step *s)
{
    struct key from;
    struct slice key, value;

    retries_load(s);
    key_init(&from);
    while (store_seek(s->txn, TABLE_QUEUE, key_slice(&from), SLICE_NONE, &key, &value)) {
        struct flow_key flow_key = {0};
        struct flow *flow;

        if (!key_take_u32(&key, &flow_key.link) || !key_take_u8(&key, &flow_key.class) ||
            !key_take_u32(&key, &flow_key.account) || !key_take_addr(&key, &flow_key.number))
            break;
        row_prefix(&from, &flow_key);
        key_u64(&from, UINT64_MAX);
        if (flow_key.class >= MSG_CLASSES || !link_find(s->relay, flow_key.link))
            continue;
        flow = flow_get(s->relay, &flow_key);
        flow->on_disk = true;
        flow_ring(s->relay, flow);
    }
}

/* Ends what has expired at the heads of flows that nothing can be sent from. Most of a flow expires
 * behind its head, since it was accepted later; one with a shorter validity of its own is found
 * when it comes to stand there. */
static void
sweep_flow(struct step *s, struct flow *flow, uint32_t *budget)
{
    struct picked picked;

    while (*budget > 0 && queue_next(s, flow, &picked)) {
        (*budget)--;
        if (shape_ended(s, &picked))
            continue;
        queue_untake(s, &picked);
        return;
    }
}

void
queue_sweep(struct step *s)
{
    uint32_t budget = SWEEP_ROWS_MAX;

    for (struct link *link = s->relay->busy_links; link; link = link->next_busy)
        for (int class = 0; class < MSG_CLASSES; class ++) {
            struct flow *last = link->ring[class] ? link->ring[class]->ring_prev : NULL;

            while (last && link->ring[class] && budget > 0) {
                struct flow *flow = link->ring[class];

                link->ring[class] = flow->ring_next;
                sweep_flow(s, flow, &budget);
                if (flow == last)
                    break;
            }
        }
}

void
queue_free(struct relay *relay)
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
