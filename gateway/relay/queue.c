/*
 * queue.c: what waits to be sent: flows and lanes in memory, messages in TABLE_QUEUE.
 *
 * A row's key is (link, class, account, number, place): the rows of a flow stand together, in
 * order. A message's place is its own number, so that order is that of acceptance; one that comes
 * into its flow later (it was scheduled, or waited at another carrier) gets a new number for a
 * place, at the end, and its row says which message it is. A message that is accepted and sent
 * within one turn never has a row. A message that was sent and must be sent again gets its old row
 * back, so order survives retries, and a restart finds everything by walking flows.
 */
#include "gateway/relay/queue.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/relay/away.h"
#include "gateway/relay/core.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/move.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/roam.h"
#include "gateway/relay/schedule.h"
#include "gateway/relay/shape.h"
#include "gateway/relay/stretch.h"

static void
row_put(struct step *s, const struct flow_key *flow, uint64_t message, const struct rec_msg *msg)
{
    uint64_t place = place_of(message, msg);
    struct key key, value;

    flow_key_put(&key, flow);
    key_u64(&key, place);
    key_init(&value);
    if (place == message)
        key_u8(&value, 1);
    else
        key_u64(&value, message);
    store_put(s->txn, TABLE_QUEUE, key_slice(&key), key_slice(&value));
}

static bool
row_del(struct step *s, const struct flow_key *flow, uint64_t place)
{
    struct key key;

    flow_key_put(&key, flow);
    key_u64(&key, place);
    return store_del(s->txn, TABLE_QUEUE, key_slice(&key));
}

/* The next row of a flow behind *place. */
static bool
row_next(struct step *s, const struct flow_key *flow, uint64_t *place, uint64_t *message)
{
    struct key prefix, from;
    struct slice key, value, rest;

    flow_key_put(&prefix, flow);
    from = prefix;
    key_u64(&from, *place + 1);
    if (!store_seek(s->txn, TABLE_QUEUE, key_slice(&from), key_slice(&prefix), &key, &value))
        return false;
    rest = slice_of(key.p + prefix.n, key.n - prefix.n);
    if (!key_take_u64(&rest, place))
        return false;
    if (value.n != sizeof(*message) || !key_take_u64(&value, message))
        *message = *place;
    return true;
}

/* ---- in */

/* About what its record and its row come to; what counts is the text. */
static size_t
fresh_bytes(const struct rec_msg *msg)
{
    return 256 + msg->payload.n + msg->tlvs.n;
}

/* A copy that lives as long as the turn. */
static struct rec_msg *
fresh_copy(struct step *s, const struct rec_msg *msg)
{
    struct rec_msg *fresh = store_scratch(s->txn, sizeof(*fresh));

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
    return fresh;
}

static void
fresh_append(struct step *s, uint64_t message, struct rec_msg *fresh)
{
    struct flow_key key = flow_key_of(fresh);
    struct flow *flow = flow_get(s->relay, &key);

    s->relay->fresh_bytes += fresh_bytes(fresh);
    away_add(s, fresh);
    waiting_append(&flow->fresh, waiting_new(message, message, fresh));
    if (!flow->dirty) {
        flow->dirty = true;
        flow->dirty_next = s->relay->dirty;
        s->relay->dirty = flow;
    }
    flow_ring(s->relay, flow);
}

/* No carrier takes it. */
static void
queue_unrouted(struct step *s, uint64_t message, struct rec_msg *msg)
{
    msg->status = SMPP_RINVDSTADR;
    message_end(s, message, msg, MSG_REFUSED);
}

uint64_t
queue_accept(struct step *s, struct rec_msg *msg)
{
    uint64_t message = store_counter_next(s->txn, "message", 0);
    uint64_t from_ms = msg->due_ms ? msg->due_ms : s->now_ms;

    s->relay->last_message = message;
    msg->state = MSG_QUEUED;
    msg->accepted_ms = s->now_ms;
    if (msg->expires_ms == 0)
        msg->expires_ms = from_ms + s->relay->conf->relay.validity_ms;
    if (msg->parts == 0)
        msg->parts = 1;
    if (msg->link == 0)
        queue_unrouted(s, message, fresh_copy(s, msg));
    else if (msg->due_ms)
        schedule_put(s, message, fresh_copy(s, msg));
    else
        fresh_append(s, message, fresh_copy(s, msg));
    return message;
}

/* A fresh message that stays gets its record and its row; from here on the disk knows it. */
static void
fresh_to_disk(struct step *s, struct flow *flow, struct waiting *w)
{
    s->relay->fresh_bytes -= fresh_bytes(w->fresh);
    message_put(s, w->message, w->fresh);
    row_put(s, &flow->key, w->message, w->fresh);
    w->fresh = NULL;
}

void
flow_flush(struct step *s, struct flow *flow)
{
    struct waiting *w;

    stretches_put(s, flow);
    while ((w = waiting_pop(&flow->fresh))) {
        fresh_to_disk(s, flow, w);
        free(w);
        flow->on_disk = true;
    }
}

void
queue_enter(struct step *s, uint64_t message, struct rec_msg *msg)
{
    struct flow_key key = flow_key_of(msg);
    struct flow *flow = flow_get(s->relay, &key);

    flow_flush(s, flow); /* what came earlier in this turn stands in front of it */
    msg->place = store_counter_next(s->txn, "message", 0);
    queue_restore(s, message, msg);
    flow->on_disk = true;
    flow_ring(s->relay, flow);
}

void
queue_flush(struct step *s)
{
    while (s->relay->dirty) {
        struct flow *flow = s->relay->dirty;

        s->relay->dirty = flow->dirty_next;
        flow->dirty = false;
        flow_flush(s, flow);
        flow_settle(s->relay, flow);
    }
}

/* ---- out */

static bool
next_ready(struct step *s, struct flow *flow, struct picked *out)
{
    struct waiting *w = waiting_pop(&flow->ready);
    uint64_t place = w->place;
    struct lane *taken = NULL;

    out->message = w->message;
    out->has_row = true;
    free(w);
    if (!message_get(s, out->message, &out->msg)) {
        row_del(s, &flow->key, place);
        lane_orphaned(s, out->message);
        return false;
    }
    out->lane = lane_take(s->relay, &out->msg, out->message, &taken);
    if (PLANTED(RETRY_TO_TAIL) && !out->lane) {
        lane_park(flow, taken, waiting_new(place, out->message, NULL));
        return false;
    }
    assert(out->lane);
    return true;
}

static bool
next_on_disk(struct step *s, struct flow *flow, struct picked *out)
{
    struct lane *taken = NULL;

    if (!row_next(s, &flow->key, &flow->cursor, &out->message)) {
        flow->on_disk = false;
        if (flow->stretch != UINT64_MAX)
            stretches_passed(s, flow);
        return false;
    }
    if (flow->cursor > flow->stretch)
        stretches_passed(s, flow);
    out->has_row = true;
    if (!message_get(s, out->message, &out->msg)) {
        row_del(s, &flow->key, flow->cursor);
        return false;
    }
    out->lane = lane_take(s->relay, &out->msg, out->message, &taken);
    if (out->lane)
        return true;
    lane_park(flow, taken, waiting_new(flow->cursor, out->message, NULL));
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
    lane_park(flow, taken, w);
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
    away_drop(s, &picked->msg);
    if (picked->has_row) {
        struct flow_key key = flow_key_of(&picked->msg);

        row_del(s, &key, place_of(picked->message, &picked->msg));
    }
}

void
queue_untake(struct step *s, const struct picked *picked)
{
    struct flow_key key = flow_key_of(&picked->msg);
    struct flow *flow = flow_get(s->relay, &key);

    if (!picked->has_row) {
        message_put(s, picked->message, &picked->msg);
        row_put(s, &key, picked->message, &picked->msg);
    }
    flow_ready(s->relay, flow, place_of(picked->message, &picked->msg), picked->message);
}

void
queue_put_back(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    struct flow_key key = flow_key_of(msg);

    queue_restore(s, message, msg);
    flow_ready(s->relay, flow_get(s->relay, &key), place_of(message, msg), message);
}

/* While recovering: flows are made afterwards, from the rows. */
void
queue_restore(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    struct flow_key key = flow_key_of(msg);

    message_put(s, message, msg);
    row_put(s, &key, message, msg);
    away_add(s, msg);
}

/* Others to the same phone may have gone since, or wait for the end of one that is on its way: it
 * stands in front of those with later places again, and behind that one. */
void
queue_resume(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    struct flow_key key = flow_key_of(msg);
    struct flow *flow;
    uint64_t place = place_of(message, msg);
    struct rec_msg again = *msg;
    struct lane *taken = NULL;

    if (roam_resume(s, message, &again))
        return;
    flow = flow_get(s->relay, &key);
    queue_restore(s, message, &again);
    if (lane_take(s->relay, &again, message, &taken)) {
        flow_ready(s->relay, flow, place, message);
        return;
    }
    /* Its row is still to be read: it will be parked then. */
    if (flow->on_disk && place > flow->cursor)
        return;
    if (place > flow->cursor)
        flow->cursor = place;
    waiting_insert(&taken->parked, waiting_new(place, message, NULL));
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
    if (row_del(s, &flow_key, place_of(message, msg)))
        away_drop(s, msg);
    flow = flow_find(s->relay, &flow_key);
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
queue_row_after(struct step *s, const struct rec_msg *like, uint64_t *place, uint64_t *message)
{
    struct flow_key flow = flow_key_of(like);

    return row_next(s, &flow, place, message);
}

bool
queue_flow_row(struct step *s, const struct flow *flow, uint64_t *place, uint64_t *message)
{
    return row_next(s, &flow->key, place, message);
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
        if (!roam_retry(s, message, &msg))
            queue_put_back(s, message, &msg);
    }
    s->relay->retry_ms = UINT64_MAX;
}

/* Flows in one bucket of their hash that a sweep looks at; there are one or two. */
#define SWEEP_CHAIN_MAX 64u

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
        if (message_get(s, message, &msg)) {
            (void)lane_take(s->relay, &msg, message, &taken);
            s->relay->strays = s->relay->strays || roam_strays(s, &msg);
        }
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

        if (!flow_key_take(&key, &flow_key))
            break;
        flow_key_put(&from, &flow_key);
        key_u64(&from, UINT64_MAX);
        if (flow_key.class >= MSG_CLASSES || !link_find(s->relay, flow_key.link))
            continue;
        flow = flow_get(s->relay, &flow_key);
        flow->on_disk = true;
        flow->stretch = 0;
        flow_ring(s->relay, flow);
    }
    roam_load(s);
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

/* Those with something that waits in its order. */
static bool
flow_sweeps(const struct flow *flow)
{
    return flow->where != FLOW_OUT;
}

/* Flows of one bucket at a time: ending a message may make flows, and they another order of them.
 */
static void
sweep_bucket(struct step *s, size_t bucket, uint32_t *budget)
{
    struct flow *flows[SWEEP_CHAIN_MAX];
    uint32_t count = 0;

    for (struct hash_node *node = s->relay->flows.buckets[bucket]; node; node = node->next) {
        struct flow *flow = HASH_OBJECT(node, struct flow, node);

        if (flow_sweeps(flow) && count < SWEEP_CHAIN_MAX)
            flows[count++] = flow;
    }
    for (uint32_t i = 0; i < count; i++)
        sweep_flow(s, flows[i], budget);
}

void
queue_sweep(struct step *s)
{
    const struct hash *flows = &s->relay->flows;
    uint32_t budget = SWEEP_ROWS_MAX;

    for (size_t i = 0; flows->buckets && i <= flows->mask && budget > 0; i++)
        sweep_bucket(s, s->relay->sweep_bucket++ & flows->mask, &budget);
}
