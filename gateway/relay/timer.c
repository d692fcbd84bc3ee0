/*
 * timer.c: what must happen at a time is a row, so that it survives a crash and a test can jump the
 * clock.
 */
#include "gateway/relay/timer.h"

#include "gateway/relay/auto.h"
#include "gateway/relay/broadcast.h"
#include "gateway/relay/campaign.h"
#include "gateway/relay/choose.h"
#include "gateway/relay/core.h"
#include "gateway/relay/erase.h"
#include "gateway/relay/join.h"
#include "gateway/relay/receipts.h"
#include "gateway/relay/refuse.h"
#include "gateway/relay/stop.h"
#include "gateway/relay/waiting.h"

const char *
timer_kind_name(enum timer_kind kind)
{
    switch (kind) {
    case TIMER_PART_SET:
        return "part_set";
    case TIMER_ORPHAN:
        return "orphan";
    case TIMER_REFUSAL:
        return "refusal";
    case TIMER_CAMPAIGN:
        return "campaign";
    case TIMER_OPTOUT:
        return "optout";
    case TIMER_AUTO:
        return "auto";
    case TIMER_ERASE:
        return "erase";
    case TIMER_BROADCAST:
        return "broadcast";
    case TIMER_WAITING:
        return "waiting";
    case TIMER_CHOICE:
        return "choice";
    case TIMER_WAITING_MOVES:
        return "waiting_moves";
    }
    return "?";
}

static void
timer_key(struct key *key, uint64_t due_ms, enum timer_kind kind, struct slice payload)
{
    key_init(key);
    key_u64(key, due_ms);
    key_u8(key, (uint8_t)kind);
    key_bytes(key, payload);
}

void
timer_set(struct step *s, uint64_t due_ms, enum timer_kind kind, struct slice payload)
{
    static const uint8_t present = 1;
    struct key key;

    timer_key(&key, due_ms, kind, payload);
    store_put(s->txn, TABLE_TIMER, key_slice(&key), slice_of(&present, 1));
    if (due_ms < s->relay->timer_ms)
        s->relay->timer_ms = due_ms;
}

void
timer_cancel(struct step *s, uint64_t due_ms, enum timer_kind kind, struct slice payload)
{
    struct key key;

    timer_key(&key, due_ms, kind, payload);
    store_del(s->txn, TABLE_TIMER, key_slice(&key));
    /* relay->timer_ms may now be too early: one idle tick puts it right. */
}

static void
timer_fire(struct step *s, uint8_t kind, struct slice payload)
{
    switch ((enum timer_kind)kind) {
    case TIMER_PART_SET:
        join_expire(s, payload);
        break;
    case TIMER_ORPHAN:
        receipt_orphan_expire(s, payload);
        break;
    case TIMER_REFUSAL:
        refuse_continue(s, payload);
        break;
    case TIMER_CAMPAIGN:
        campaign_due(s, payload);
        break;
    case TIMER_OPTOUT:
        stop_tell_continue(s, payload);
        break;
    case TIMER_AUTO:
        auto_expire(s, payload);
        break;
    case TIMER_ERASE:
        erase_continue(s, payload);
        break;
    case TIMER_BROADCAST:
        broadcast_due(s, payload);
        break;
    case TIMER_WAITING:
        conv_waiting_due(s, payload);
        break;
    case TIMER_CHOICE:
        choice_expire(s, payload);
        break;
    case TIMER_WAITING_MOVES:
        waiting_moves_continue(s, payload);
        break;
    }
}

static bool
timer_first(struct store_txn *txn, struct slice *key, uint64_t *due_ms)
{
    struct key from;
    struct slice value, rest;

    key_init(&from);
    if (!store_seek(txn, TABLE_TIMER, key_slice(&from), SLICE_NONE, key, &value))
        return false;
    rest = *key;
    return key_take_u64(&rest, due_ms);
}

void
timers_due(struct step *s)
{
    struct slice key;
    uint64_t due;

    for (uint32_t rows = 0; timer_first(s->txn, &key, &due); rows++) {
        struct slice rest = slice_of(key.p + 8, key.n - 8);
        uint8_t kind;

        s->relay->timer_ms = due;
        if (due > s->now_ms || rows == TICK_ROWS_MAX || turn_is_full(s))
            return;
        store_del(s->txn, TABLE_TIMER, key);
        if (key_take_u8(&rest, &kind))
            timer_fire(s, kind, rest);
    }
    s->relay->timer_ms = UINT64_MAX;
}

void
timers_load(struct relay *relay, struct store_txn *txn)
{
    struct slice key;

    if (!timer_first(txn, &key, &relay->timer_ms))
        relay->timer_ms = UINT64_MAX;
}
