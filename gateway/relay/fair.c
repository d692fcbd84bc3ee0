/*
 * fair.c: whose turn it is (R-shape-4): weighted fair turns between the accounts of one class of a
 * link, turns between the numbers of an account.
 *
 * Accounts: worst-case fair weighted fair queueing in its form with one virtual time (WF2Q+,
 * Bennett and Zhang 1996). A claim may begin its next segment when virtual time has reached its
 * start; of those that may, the one that would finish first goes. So no claim is ever ahead of what
 * its weight gives it by a whole segment, nor behind by more than one. A message of several
 * segments is charged when it has gone, since its length is not known before. Two heaps: those that
 * wait for their start, and those that may go.
 *
 * Numbers: a ring. One that sent a message of n segments lets n - 1 of its turns pass.
 */
#include "gateway/relay/fair.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/planted.h"

const char *
claim_state_name(enum claim_state state)
{
    switch (state) {
    case CLAIM_IDLE:
        return "idle";
    case CLAIM_EARLY:
        return "early";
    case CLAIM_READY:
        return "ready";
    case CLAIM_AT_GATE:
        return "at_gate";
    }
    return "?";
}

const char *
claim_rest_name(enum claim_rest rest)
{
    switch (rest) {
    case CLAIM_AWAKE:
        return "awake";
    case CLAIM_RESTS:
        return "rests";
    case CLAIM_WAKES:
        return "wakes";
    }
    return "?";
}

/* ---- the heaps */

static bool
before(const struct claim *a, const struct claim *b)
{
    uint64_t x = a->state == CLAIM_EARLY ? a->start : a->finish;
    uint64_t y = b->state == CLAIM_EARLY ? b->start : b->finish;

    return x != y ? x < y : a->served < b->served;
}

static void
put(struct claim **heap, uint32_t place, struct claim *claim)
{
    heap[place] = claim;
    claim->place = place;
}

static void
sift_up(struct claim **heap, uint32_t place)
{
    struct claim *claim = heap[place];

    for (; place > 0 && before(claim, heap[(place - 1) / 2]); place = (place - 1) / 2)
        put(heap, place, heap[(place - 1) / 2]);
    put(heap, place, claim);
}

static void
sift_down(struct claim **heap, uint32_t count, uint32_t place)
{
    struct claim *claim = heap[place];

    for (uint32_t child; (child = 2 * place + 1) < count; place = child) {
        if (child + 1 < count && before(heap[child + 1], heap[child]))
            child++;
        if (!before(heap[child], claim))
            break;
        put(heap, place, heap[child]);
    }
    put(heap, place, claim);
}

static void
heap_add(struct claim *claim, enum claim_state state)
{
    struct fair *fair = claim->fair;
    struct claim **heap;
    uint32_t *count = state == CLAIM_EARLY ? &fair->early_count : &fair->ready_count;

    if (*count == fair->cap) {
        fair->cap = fair->cap ? fair->cap * 2 : 4;
        fair->early = core_grow(fair->early, fair->cap * sizeof(*fair->early));
        fair->ready = core_grow(fair->ready, fair->cap * sizeof(*fair->ready));
    }
    heap = state == CLAIM_EARLY ? fair->early : fair->ready;
    claim->state = (uint8_t)state;
    put(heap, (*count)++, claim);
    sift_up(heap, claim->place);
}

static void
heap_drop(struct claim *claim)
{
    struct fair *fair = claim->fair;
    bool early = claim->state == CLAIM_EARLY;
    struct claim **heap = early ? fair->early : fair->ready;
    uint32_t *count = early ? &fair->early_count : &fair->ready_count;
    uint32_t place = claim->place;
    struct claim *last = heap[--(*count)];

    assert(early || claim->state == CLAIM_READY);
    if (last == claim)
        return;
    put(heap, place, last);
    sift_up(heap, place);
    sift_down(heap, *count, last->place);
}

static uint64_t
segments_time(uint32_t segments, uint64_t weight)
{
    return segments * FAIR_SEGMENT / weight;
}

static void
heap_enter(struct claim *claim)
{
    struct fair *fair = claim->fair;
    uint32_t weight = PLANTED(NO_WEIGHTS) ? 1 : claim->weight;

    claim->finish = claim->start + segments_time(1, weight);
    if (claim->start > fair->latest)
        fair->latest = claim->start;
    heap_add(claim, claim->start <= fair->now ? CLAIM_READY : CLAIM_EARLY);
}

/* ---- rest */

static void
rest_set(struct claim *claim, enum claim_rest rest)
{
    struct fair *fair = claim->fair;
    struct claim_list *from = claim->rest == CLAIM_RESTS ? &fair->resting : &fair->waking;
    struct claim_list *to = rest == CLAIM_RESTS ? &fair->resting : &fair->waking;

    if (claim->rest == rest)
        return;
    if (claim->rest != CLAIM_AWAKE) {
        *(claim->rest_prev ? &claim->rest_prev->rest_next : &from->first) = claim->rest_next;
        *(claim->rest_next ? &claim->rest_next->rest_prev : &from->last) = claim->rest_prev;
    }
    claim->rest = (uint8_t)rest;
    if (rest == CLAIM_AWAKE)
        return;
    claim->rest_next = NULL;
    claim->rest_prev = to->last;
    *(to->last ? &to->last->rest_next : &to->first) = claim;
    to->last = claim;
}

/* What is kept for those that rest must not be taken by others when one of them wakes. */
uint64_t
fair_rests_ms(struct fair *fair, uint64_t now_ms)
{
    struct claim *claim;

    while ((claim = fair->waking.first ? fair->waking.first : fair->resting.first)) {
        if (now_ms < claim->sent_ms + PLACES_KEPT_MS)
            return claim->sent_ms + PLACES_KEPT_MS;
        rest_set(claim, CLAIM_AWAKE);
    }
    return 0;
}

/* ---- claims */

void
claim_enter(struct claim *claim)
{
    struct fair *fair = claim->fair;

    /* Nobody waits: everybody has had what is due. */
    if (!fair_has(fair))
        fair->now = fair->latest;
    if (claim->start < fair->now)
        claim->start = fair->now;
    fair->weights += claim->weight;
    heap_enter(claim);
    /* One that has had its share just now waits for its turn as others do. */
    if (claim->rest == CLAIM_RESTS)
        rest_set(claim, claim->state == CLAIM_READY ? CLAIM_WAKES : CLAIM_AWAKE);
}

void
claim_leave(struct claim *claim, enum claim_state state)
{
    if (claim->state == CLAIM_EARLY || claim->state == CLAIM_READY) {
        heap_drop(claim);
        claim->fair->weights -= claim->weight;
    }
    claim->state = (uint8_t)state;
    rest_set(claim, state == CLAIM_IDLE && claim->sent_ms > 0 ? CLAIM_RESTS : CLAIM_AWAKE);
}

void
claim_set_weight(struct claim *claim, uint32_t weight)
{
    bool waits = claim->state == CLAIM_EARLY || claim->state == CLAIM_READY;

    if (claim->weight == weight)
        return;
    if (waits)
        claim_leave(claim, CLAIM_IDLE);
    claim->weight = weight;
    if (waits)
        claim_enter(claim);
}

struct claim *
fair_next(struct fair *fair)
{
    if (fair->ready_count == 0 && fair->early_count > 0 && fair->early[0]->start > fair->now)
        fair->now = fair->early[0]->start;
    while (fair->early_count > 0 && fair->early[0]->start <= fair->now) {
        struct claim *claim = fair->early[0];

        heap_drop(claim);
        heap_add(claim, CLAIM_READY);
    }
    return fair->ready_count ? fair->ready[0] : NULL;
}

struct flow *
fair_some_flow(const struct fair *fair)
{
    const struct claim *claim = fair->ready_count   ? fair->ready[0]
                                : fair->early_count ? fair->early[0]
                                                    : NULL;

    return claim ? claim->ring : NULL;
}

void
fair_charge(struct claim *claim, uint32_t segments, uint64_t now_ms)
{
    struct fair *fair = claim->fair;
    bool waits = claim->state == CLAIM_EARLY || claim->state == CLAIM_READY;
    uint32_t weight = PLANTED(NO_WEIGHTS) ? 1 : claim->weight;

    claim->start += segments_time(segments, weight);
    if (claim->start > fair->latest)
        fair->latest = claim->start;
    claim->served = ++fair->turns;
    claim->sent_ms = now_ms;
    if (claim->rest == CLAIM_WAKES)
        rest_set(claim, CLAIM_AWAKE);
    fair->now += segments_time(segments, fair->weights ? fair->weights : claim->weight);
    if (!waits)
        return;
    heap_drop(claim);
    heap_enter(claim);
}

/* ---- numbers */

void
claim_add(struct claim *claim, struct flow *flow)
{
    if (!claim->ring) {
        flow->ring_next = flow->ring_prev = flow;
        claim->ring = flow;
        if (claim->state == CLAIM_IDLE)
            claim_enter(claim);
        return;
    }
    flow->ring_next = claim->ring;
    flow->ring_prev = claim->ring->ring_prev;
    flow->ring_prev->ring_next = flow;
    claim->ring->ring_prev = flow;
}

void
claim_drop(struct claim *claim, struct flow *flow)
{
    if (flow->ring_next == flow) {
        claim->ring = NULL;
        return;
    }
    flow->ring_next->ring_prev = flow->ring_prev;
    flow->ring_prev->ring_next = flow->ring_next;
    if (claim->ring == flow)
        claim->ring = flow->ring_next;
}

struct claim *
claim_get(struct relay *relay, struct link *link, const struct flow_key *key)
{
    const struct dir_account *dir = account_of(relay, key->account)->dir;
    uint64_t hash = hash_mix(hash_mix(link->id, key->class), key->account);
    struct claim *claim;

    for (struct hash_node *node = hash_chain(&relay->claims, hash); node; node = node->next) {
        claim = HASH_OBJECT(node, struct claim, node);
        if (node->hash == hash && claim->link == link && claim->class == key->class &&
            claim->account == key->account)
            return claim;
    }
    claim = core_alloc(sizeof(*claim));
    claim->fair = &link->fair[key->class];
    claim->link = link;
    claim->class = key->class;
    claim->account = key->account;
    claim->weight = dir ? dir->weight : 1;
    hash_insert(&relay->claims, &claim->node, hash);
    return claim;
}

void
claims_free(struct relay *relay)
{
    for (size_t i = 0; relay->claims.buckets && i <= relay->claims.mask; i++)
        for (struct hash_node *node = relay->claims.buckets[i], *next; node; node = next) {
            next = node->next;
            free(HASH_OBJECT(node, struct claim, node));
        }
    hash_release(&relay->claims);
}

void
fair_free(struct fair *fair)
{
    free(fair->early);
    free(fair->ready);
    *fair = (struct fair){0};
}
