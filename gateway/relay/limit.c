/*
 * limit.c: numbers and accounts at their limits (R-shape-3): so many segments a second of a source
 * number, so many a second and a day of an account. Separate from shape.c, which asks whether a
 * flow may go now.
 *
 * A limit is a gate with a bucket. Whoever comes to one that is shut leaves the turns, waits in the
 * gate's list and comes back with its alarm: each message opens and shuts a gate at most once, and
 * nobody looks at what waits meanwhile. Gates of numbers are there only for as long as they
 * remember something, those of accounts stay.
 */
#include "gateway/relay/limit.h"

#include <assert.h>
#include <stdlib.h>

#include "conf/zone.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/fair.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/shape.h"
#include "gateway/relay/tokens.h"

#define SECONDS_A_DAY 86400u

const char *
gate_kind_name(enum gate_kind kind)
{
    switch (kind) {
    case GATE_NUMBER:
        return "number";
    case GATE_ACCOUNT:
        return "account";
    }
    return "?";
}

/* ---- the gates */

static struct gate *
gate_get(struct relay *relay, const struct gate *like, uint32_t rate)
{
    uint64_t hash = hash_mix(hash_mix(like->kind, like->account), like->link);
    struct gate *gate;

    hash = hash_addr(hash, &like->number);
    for (struct hash_node *node = hash_chain(&relay->gates, hash); node; node = node->next) {
        gate = HASH_OBJECT(node, struct gate, node);
        if (node->hash == hash && gate->kind == like->kind && gate->account == like->account &&
            gate->link == like->link && addr_eq(&gate->number, &like->number))
            return gate;
    }
    gate = core_alloc(sizeof(*gate));
    *gate = *like;
    gate->alarm.kind = ALARM_GATE;
    /* Nothing was sent since the start, or the gate would still be there. */
    tokens_init(&gate->tokens, rate, relay->began_ms);
    hash_insert(&relay->gates, &gate->node, hash);
    return gate;
}

/* ---- days */

/* The midnight behind now. Where clocks change at midnight, it may be an hour off. */
static uint64_t
day_end_ms(const struct zone *zone, uint64_t now_ms)
{
    uint64_t second = now_ms / 1000;

    if (!zone)
        return (second / SECONDS_A_DAY + 1) * SECONDS_A_DAY * 1000;
    second += SECONDS_A_DAY - zone_local(zone, now_ms).second;
    /* A day on which clocks change has an hour more or less. */
    if (zone_local(zone, second * 1000).second >= SECONDS_A_DAY / 2)
        second += SECONDS_A_DAY - zone_local(zone, second * 1000).second;
    else
        second -= zone_local(zone, second * 1000).second;
    return second * 1000;
}

static void
spent_key(struct key *key, uint32_t account)
{
    key_init(key);
    key_u32(key, account);
}

/* A row of account 0: some number has a rate that is in no file. */
#define SPENT_NUMBERS 0u

static void
day_load(struct step *s, struct gate *gate)
{
    struct key key;
    struct slice value;

    spent_key(&key, gate->account);
    if (!store_get(s->txn, TABLE_SPENT, key_slice(&key), &value) ||
        !key_take_u64(&value, &gate->day_ms) || !key_take_u32(&value, &gate->spent) ||
        PLANTED(DAY_IS_FORGOTTEN))
        gate->day_ms = gate->spent = 0;
}

static void
day_follow(struct step *s, struct gate *gate)
{
    const struct dir_account *dir = account_of(s->relay, gate->account)->dir;

    if (s->now_ms < gate->day_ms)
        return;
    gate->spent = 0;
    gate->shut_ms = 0;
    gate->day_ms = day_end_ms(dir ? dir->daily_zone : NULL, s->now_ms);
}

void
limits_flush(struct step *s)
{
    while (s->relay->spenders) {
        struct gate *gate = s->relay->spenders;
        struct key key, value;

        s->relay->spenders = gate->dirty_next;
        gate->dirty = false;
        spent_key(&key, gate->account);
        key_init(&value);
        key_u64(&value, gate->day_ms);
        key_u32(&value, gate->spent);
        store_put(s->txn, TABLE_SPENT, key_slice(&key), key_slice(&value));
    }
}

/* ---- who has which limit */

static bool
begins_with(const struct addr *addr, const char *digits)
{
    size_t n = strlen(digits);

    return addr->n >= n && memcmp(addr->text, digits, n) == 0;
}

/* Toll-free numbers of the world and of North America, whose carriers have a rate for them. */
static bool
is_toll_free(const struct addr *number)
{
    static const char *const prefixes[] = {"800",  "1800", "1833", "1844", "1855",
                                           "1866", "1877", "1888"};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (begins_with(number, prefixes[i]))
            return true;
    return false;
}

uint32_t
limit_of_carrier(const struct conf_carrier *carrier, const struct addr *number)
{
    switch ((enum addr_kind)number->kind) {
    case ADDR_E164:
        return is_toll_free(number) ? carrier->toll_free_throughput
                                    : carrier->long_code_throughput;
    case ADDR_SHORT:
        return carrier->short_code_throughput;
    case ADDR_NONE:
    case ADDR_ALPHA:
    case ADDR_KINDS:
        break;
    }
    return 0;
}

void
limit_forget(struct relay *relay, struct flow *flow)
{
    struct gate *gate = flow->gate;

    flow->gate = NULL;
    flow->limits_known = false;
    if (gate && --gate->uses == 0)
        alarm_set(&relay->alarms, &gate->alarm, tokens_full_ms(&gate->tokens));
}

/* Its own rate, which holds whatever carrier it goes by, or that of the carrier's numbers. */
static void
flow_limits(struct step *s, struct flow *flow)
{
    const struct conf_carrier *carrier = flow->link->carrier;
    struct gate like = {.kind = GATE_NUMBER, .number = flow->key.number};
    struct rec_number number;
    uint32_t rate = 0;

    flow->limits_known = true;
    if (!s->relay->number_limits || flow->link->kind != LINK_CARRIER)
        return;
    if (number_get_any(s, &flow->key.number, &number))
        rate = number.throughput;
    if (!rate && carrier) {
        rate = limit_of_carrier(carrier, &flow->key.number);
        like.link = flow->link->id;
    }
    if (!rate)
        return;
    flow->gate = gate_get(s->relay, &like, rate);
    flow->gate->uses++;
    if (flow->gate->tokens.rate != rate)
        tokens_set_rate(&flow->gate->tokens, rate, s->now_ms);
}

static void
claim_limits(struct step *s, struct claim *claim)
{
    const struct dir_account *dir = account_of(s->relay, claim->account)->dir;
    struct gate like = {.kind = GATE_ACCOUNT, .account = claim->account};
    struct gate *gate;

    claim->limits_known = true;
    claim->gate = NULL;
    if (!dir || (!dir->throughput && !dir->daily_cap) || claim->link->kind != LINK_CARRIER)
        return;
    gate = claim->gate = gate_get(s->relay, &like, dir->throughput);
    if (gate->tokens.rate != dir->throughput)
        tokens_set_rate(&gate->tokens, dir->throughput, s->now_ms);
    if (dir->daily_cap && !gate->day_ms)
        day_load(s, gate);
    if (gate->cap != dir->daily_cap)
        gate->shut_ms = 0;
    gate->cap = dir->daily_cap;
}

/* ---- at the gates */

/* Whoever waits goes back to the turns. */
static void
gate_let(struct relay *relay, struct gate *gate)
{
    while (gate->flows) {
        struct flow *flow = gate->flows;

        flow_unring(flow);
        flow_ring(relay, flow);
    }
    while (gate->claims) {
        struct claim *claim = gate->claims;

        gate_drop_claim(claim);
        claim->state = CLAIM_IDLE;
        claim_enter(claim);
        link_list(relay, claim->link);
    }
}

void
limit_alarm(struct step *s, struct gate *gate)
{
    if ((gate->flows || gate->claims) && !PLANTED(GATE_STAYS_SHUT)) {
        gate_let(s->relay, gate);
    } else if (gate->uses == 0 && gate->kind == GATE_NUMBER) {
        hash_remove(&s->relay->gates, &gate->node);
        free(gate);
    }
}

uint64_t
limit_open_ms(struct step *s, struct gate *gate)
{
    uint64_t open = tokens_next_ms(&gate->tokens, s->now_ms);

    if (!gate->cap)
        return open;
    day_follow(s, gate);
    if (gate->shut_ms > open)
        open = gate->shut_ms;
    if (gate->spent >= gate->cap && gate->day_ms > open)
        open = gate->day_ms;
    return open;
}

static void
claim_wait(struct step *s, struct claim *claim, uint64_t until_ms)
{
    struct gate *gate = claim->gate;

    claim_leave(claim, CLAIM_AT_GATE);
    claim->gate_prev = NULL;
    claim->gate_next = gate->claims;
    if (gate->claims)
        gate->claims->gate_prev = claim;
    gate->claims = claim;
    alarm_set(&s->relay->alarms, &gate->alarm, until_ms);
}

void
gate_drop_claim(struct claim *claim)
{
    assert(claim->state == CLAIM_AT_GATE);
    if (claim->gate_prev)
        claim->gate_prev->gate_next = claim->gate_next;
    else
        claim->gate->claims = claim->gate_next;
    if (claim->gate_next)
        claim->gate_next->gate_prev = claim->gate_prev;
}

void
gate_drop_flow(struct flow *flow)
{
    struct gate *gate = flow->gate;

    if (flow->ring_next == flow) {
        gate->flows = NULL;
        return;
    }
    flow->ring_next->ring_prev = flow->ring_prev;
    flow->ring_prev->ring_next = flow->ring_next;
    if (gate->flows == flow)
        gate->flows = flow->ring_next;
}

static void
flow_wait(struct step *s, struct flow *flow, uint64_t until_ms)
{
    struct gate *gate = flow->gate;

    flow_unring(flow);
    flow->where = FLOW_AT_GATE;
    flow->claim->fair->flows++;
    if (!gate->flows) {
        flow->ring_next = flow->ring_prev = flow;
        gate->flows = flow;
    } else {
        flow->ring_next = gate->flows;
        flow->ring_prev = gate->flows->ring_prev;
        flow->ring_prev->ring_next = flow;
        gate->flows->ring_prev = flow;
    }
    alarm_set(&s->relay->alarms, &gate->alarm, until_ms);
}

bool
limit_allows_claim(struct step *s, struct claim *claim)
{
    uint64_t open;

    if (!claim->limits_known)
        claim_limits(s, claim);
    if (!claim->gate)
        return true;
    open = limit_open_ms(s, claim->gate);
    if (open > s->now_ms)
        claim_wait(s, claim, open);
    return open <= s->now_ms;
}

bool
limit_allows_flow(struct step *s, struct flow *flow)
{
    uint64_t open;

    if (!flow->limits_known)
        flow_limits(s, flow);
    if (!flow->gate)
        return true;
    open = limit_open_ms(s, flow->gate);
    if (open > s->now_ms)
        flow_wait(s, flow, open);
    return open <= s->now_ms;
}

bool
limit_fits(struct step *s, struct claim *claim, uint32_t segments)
{
    struct gate *gate = claim->gate;

    /* A message that is longer than a whole day's share goes alone, or it never would. */
    if (!gate || !gate->cap || gate->spent == 0 || segments <= gate->cap - gate->spent)
        return true;
    gate->shut_ms = gate->day_ms;
    if (claim->state != CLAIM_AT_GATE)
        claim_wait(s, claim, gate->day_ms);
    return false;
}

static void
gate_took(struct step *s, struct gate *gate, uint32_t segments)
{
    tokens_take(&gate->tokens, segments);
    meter_add(&gate->meter, segments, s->now_ms);
    if (!gate->cap)
        return;
    gate->spent += segments;
    if (gate->dirty)
        return;
    gate->dirty = true;
    gate->dirty_next = s->relay->spenders;
    s->relay->spenders = gate;
}

void
limit_took(struct step *s, const struct claim *claim, const struct flow *flow, uint32_t segments)
{
    if (claim->gate)
        gate_took(s, claim->gate, segments);
    if (flow->gate)
        gate_took(s, flow->gate, segments);
}

/* ---- settings */

static bool
numbers_have_limits(const struct conf *conf)
{
    for (uint32_t i = 0; i < conf->carrier_count; i++) {
        const struct conf_carrier *carrier = &conf->carriers[i];

        if (carrier->long_code_throughput || carrier->toll_free_throughput ||
            carrier->short_code_throughput)
            return true;
    }
    for (uint32_t i = 0; i < conf->account_count; i++)
        for (uint32_t j = 0; j < conf->accounts[i].number_count; j++)
            if (conf->accounts[i].numbers[j].throughput)
                return true;
    return false;
}

static bool
numbers_marked(struct step *s)
{
    struct key key;
    struct slice value;

    spent_key(&key, SPENT_NUMBERS);
    return store_get(s->txn, TABLE_SPENT, key_slice(&key), &value);
}

static void
claim_follow(struct relay *relay, struct claim *claim)
{
    const struct dir_account *dir = account_of(relay, claim->account)->dir;

    claim->limits_known = false;
    if (claim->state == CLAIM_AT_GATE) {
        gate_drop_claim(claim);
        claim->state = CLAIM_IDLE;
        claim_enter(claim);
        link_list(relay, claim->link);
    }
    claim_set_weight(claim, dir ? dir->weight : 1);
}

/* It finds its limit anew. */
static void
flow_follow(struct relay *relay, struct flow *flow)
{
    bool waits = flow->where == FLOW_AT_GATE;

    if (waits)
        flow_unring(flow);
    limit_forget(relay, flow);
    if (waits)
        flow_ring(relay, flow);
}

static void
flows_of_number_follow(struct relay *relay, const struct flow_key *key)
{
    uint64_t hash = flow_key_hash(key);

    for (struct hash_node *node = hash_chain(&relay->flows, hash); node; node = node->next) {
        struct flow *flow = HASH_OBJECT(node, struct flow, node);

        if (node->hash == hash && flow_key_same_number(&flow->key, key))
            flow_follow(relay, flow);
    }
}

void
limits_follow(struct step *s)
{
    struct relay *relay = s->relay;

    /* A number that was given one by command keeps it through a reload. */
    relay->number_limits = numbers_have_limits(relay->conf) ||
                           numbers_marked(s);
    for (size_t i = 0; relay->flows.buckets && i <= relay->flows.mask; i++)
        for (struct hash_node *node = relay->flows.buckets[i]; node; node = node->next)
            flow_follow(relay, HASH_OBJECT(node, struct flow, node));
    for (size_t i = 0; relay->claims.buckets && i <= relay->claims.mask; i++)
        for (struct hash_node *node = relay->claims.buckets[i]; node; node = node->next)
            claim_follow(relay, HASH_OBJECT(node, struct claim, node));
    for (struct link *link = relay->links; link; link = link->next)
        link_list(relay, link);
}

void
limit_number_changed(struct step *s, const struct addr *number, uint32_t account,
                     uint32_t throughput)
{
    struct key key, value;

    if (throughput && !numbers_marked(s)) {
        spent_key(&key, SPENT_NUMBERS);
        key_init(&value);
        key_u64(&value, 0);
        key_u32(&value, 0);
        store_put(s->txn, TABLE_SPENT, key_slice(&key), key_slice(&value));
    }
    s->relay->number_limits |= throughput > 0;
    for (uint8_t class = 0; s->relay->number_limits && class < MSG_CLASSES; class ++)
        flows_of_number_follow(s->relay, &(struct flow_key){.class = class,
                                                            .account = account,
                                                            .number = *number});
}

void
limits_free(struct relay *relay)
{
    for (size_t i = 0; relay->gates.buckets && i <= relay->gates.mask; i++)
        for (struct hash_node *node = relay->gates.buckets[i], *next; node; node = next) {
            next = node->next;
            free(HASH_OBJECT(node, struct gate, node));
        }
    hash_release(&relay->gates);
    free(relay->alarms.heap);
    relay->alarms = (struct alarms){0};
}
