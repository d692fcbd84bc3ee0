/*
 * relay.c: the core's front: making it, recovering it, one step, the end of a turn. It dispatches
 * and decides nothing.
 */
#include "gateway/relay/relay.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/relay/auto.h"
#include "gateway/relay/broadcast.h"
#include "gateway/relay/command.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/fair.h"
#include "gateway/relay/flight.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/history.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/leg.h"
#include "gateway/relay/limit.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/move.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/presence.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/route.h"
#include "gateway/relay/schedule.h"
#include "gateway/relay/shape.h"
#include "gateway/relay/submit.h"
#include "gateway/relay/timer.h"
#include "gateway/relay/tokens.h"

void *
core_alloc(size_t bytes)
{
    void *p = calloc(1, bytes);

    /* Memory is bounded by configured limits, so this is a machine that is too small: nothing of
     * this turn has left, and a restart recovers. */
    if (!p)
        store_no_memory();
    return p;
}

void *
core_grow(void *p, size_t bytes)
{
    p = realloc(p, bytes);
    if (!p)
        store_no_memory();
    return p;
}

struct slice
scratch_copy(struct store_txn *txn, struct slice bytes)
{
    uint8_t *p;

    if (bytes.n == 0)
        return SLICE_NONE;
    p = store_scratch(txn, bytes.n);
    memcpy(p, bytes.p, bytes.n);
    return slice_of(p, bytes.n);
}

const char *
event_kind_name(enum event_kind kind)
{
    static const char *const names[EVENT_KINDS] = {
        [EV_BIND_UP] = "bind_up",     [EV_BIND_DOWN] = "bind_down", [EV_PDU] = "pdu",
        [EV_BIND_HOLD] = "bind_hold", [EV_RESULT] = "result",       [EV_CONFIRMED] = "confirmed",
        [EV_CONF] = "conf",           [EV_STOP] = "stop",           [EV_TICK] = "tick",
        [EV_COMMAND] = "command",     [EV_ASKER_GONE] = "asker_gone",
    };

    return kind < EVENT_KINDS ? names[kind] : "?";
}

bool
event_is_urgent(const struct event *event)
{
    const struct event_result *result = &event->u.result;

    if (event->kind == EV_RESULT)
        return result->how != RESULT_ANSWERED || result->status != SMPP_ROK || result->nack ||
               result->tlvs.n > 0;
    return event->kind != EV_CONFIRMED;
}

struct relay *
relay_new(const struct conf *conf)
{
    struct relay *relay = calloc(1, sizeof(*relay));

    if (!relay)
        return NULL;
    relay->conf = conf;
    relay->leg_free = LEG_NONE;
    relay->timer_ms = relay->retry_ms = relay->schedule_ms = relay->dead_ms = relay->wake_ms =
        relay->retention_ms = UINT64_MAX;
    return relay;
}

void
relay_free(struct relay *relay)
{
    if (!relay)
        return;
    directory_free(relay);
    inbound_free(relay);
    auto_free(relay);
    presence_free(relay);
    broadcasts_free(relay);
    flows_free(relay);
    limits_free(relay);
    claims_free(relay);
    routes_free(relay);
    flights_free(relay);
    legs_free(relay);
    links_free(relay);
    free(relay->accounts);
    free(relay);
}

void
relay_recover(struct relay *relay, struct store_txn *txn, uint64_t now_ms)
{
    struct step s = {relay, txn, now_ms, NULL};

    links_load(relay, txn);
    relay->began_ms = now_ms;
    links_bind_conf(relay, now_ms);
    accounts_load(relay, txn);
    timers_load(relay, txn);
    schedule_load(relay, txn);
    legs_recover(&s);
    limits_follow(&s);
    queue_load(&s);
    inbound_load(&s);
    broadcasts_load(&s);
    relay->sweep_ms = now_ms + SWEEP_MS;
    relay->purge_ms = now_ms + PURGE_MS;
    retention_plan(relay, now_ms);
    relay->recovered = true;
}

static void
step_pdu(struct step *s, const struct event *event)
{
    struct bind *bind = bind_of(s->relay, event->session);

    /* The session went down in the same batch: nobody is there to answer, and an unanswered message
     * comes again. */
    if (!bind)
        return;
    if (bind->link->kind == LINK_CARRIER)
        inbound_pdu(s, bind, event->u.pdu);
    else if (event->u.pdu->command_id == SMPP_SUBMIT_MULTI)
        multi_pdu(s, bind, event->u.pdu);
    else if (event->u.pdu->command_id == SMPP_SUBMIT_SM || event->u.pdu->command_id == SMPP_DATA_SM)
        submit_pdu(s, bind, event->u.pdu);
    else
        manage_pdu(s, bind, event->u.pdu);
}

static void
step_tick(struct step *s)
{
    timers_due(s);
    queue_due(s);
    if (s->now_ms >= s->relay->schedule_ms)
        schedule_due(s);
    if (s->now_ms >= s->relay->sweep_ms) {
        s->relay->sweep_ms = s->now_ms + SWEEP_MS;
        queue_sweep(s);
        inbound_sweep(s);
    }
    if (s->now_ms >= s->relay->purge_ms)
        messages_purge(s);
    if (s->now_ms >= s->relay->retention_ms)
        retention_some(s);
}

void
relay_step(struct relay *relay, struct store_txn *txn, uint64_t now_ms, const struct event *event,
           struct effects *effects)
{
    struct step s = {relay, txn, now_ms, effects};
    struct bind *bind;

    assert(event->kind < EVENT_KINDS);
    switch (event->kind) {
    case EV_BIND_UP:
        bind_up(&s, event);
        break;
    case EV_BIND_DOWN:
        bind_down(&s, event);
        break;
    case EV_PDU:
        step_pdu(&s, event);
        break;
    case EV_RESULT:
        leg_result(&s, event);
        break;
    case EV_BIND_HOLD:
        bind = bind_of(relay, event->session);
        if (bind)
            bind_hold(&s, bind);
        break;
    case EV_CONFIRMED:
        bind = bind_of(relay, event->session);
        if (bind)
            inbound_confirmed(&s, bind, event->u.confirmed.inbound);
        break;
    case EV_CONF:
        directory_begin(&s, event->u.conf);
        break;
    case EV_STOP:
        relay->stopping = true;
        break;
    case EV_TICK:
        step_tick(&s);
        break;
    case EV_COMMAND:
        command_step(&s, event);
        break;
    case EV_ASKER_GONE:
        presence_holder_gone(&s, event->session);
        break;
    case EVENT_KINDS:
        break;
    }
}

void
relay_finish(struct relay *relay, struct store_txn *txn, uint64_t now_ms, struct effects *effects)
{
    struct step s = {relay, txn, now_ms, effects};

    relay->more = false;
    relay->refusal_rows = 0;
    relay->waiting_rows = 0;
    directory_continue(&s);
    roam_watch(&s);
    if (!relay->stopping)
        roam_some(&s);
    broadcasts_feed(&s);
    if (relay->stopping && !PLANTED(SEND_WHILE_STOPPING))
        legs_stopping(&s);
    else
        shape_pick(&s);
    queue_flush(&s);
    flights_end_turn(&s);
    limits_flush(&s);
    relay->wake_ms = relay->stopping ? UINT64_MAX : alarms_next_ms(&relay->alarms);
    broadcasts_flush(&s);
}

uint64_t
relay_next_ms(const struct relay *relay, uint64_t now_ms)
{
    uint64_t next = relay->sweep_ms;

    if (relay->more || relay->apply)
        return now_ms;
    if (relay->timer_ms < next)
        next = relay->timer_ms;
    if (relay->retry_ms < next)
        next = relay->retry_ms;
    if (relay->dead_ms < next)
        next = relay->dead_ms;
    if (relay->schedule_ms < next)
        next = relay->schedule_ms;
    if (relay->wake_ms < next)
        next = relay->wake_ms;
    if (relay->purge_ms < next)
        next = relay->purge_ms;
    if (relay->retention_ms < next)
        next = relay->retention_ms;
    return next;
}

size_t
relay_turn_bytes(const struct relay *relay, const struct store_txn *txn)
{
    return store_changeset_bytes(txn) + relay->fresh_bytes;
}

bool
relay_applying(const struct relay *relay)
{
    return relay->apply != NULL;
}

void
relay_set_room(struct relay *relay, enum store_room room)
{
    relay->room = room;
}

void
relay_set_fill(struct relay *relay, uint32_t percent)
{
    relay->fill = (uint8_t)(percent < 100 ? percent : 100);
}

uint32_t
relay_outstanding(const struct relay *relay)
{
    return relay->outstanding;
}

bool
relay_wants_answers(const struct relay *relay)
{
    return relay->stopping || relay->flows.count > 0 || relay->partials > 0 ||
           relay->running.count > 0;
}

const struct relay_counters *
relay_counters(const struct relay *relay)
{
    return &relay->count;
}
