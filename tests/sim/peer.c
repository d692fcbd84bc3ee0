/*
 * peer.c: the network around the core: binds that come and go, octets on their way and lost,
 * carriers and apps that take, refuse, answer late or never, and send again what they got no answer
 * to.
 */
#include "tests/sim/sim.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* One that no specification names. */
#define VENDOR_STATUS 0x0405u
/* Requests that a peer leaves unanswered on one bind. */
#define DELIVERING_MAX 10u
/* A carrier gives up before duplicate_window (15 min) ends: what comes after it is one copy more by
 * design. */
#define REDELIVERY_MS (10u * MINUTE_MS)

/* ---- the heap of things to come */

static bool
sooner(const struct sim_event *a, const struct sim_event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

void
peer_schedule(struct world *w, uint64_t at_ms, struct sim_event event)
{
    uint32_t i = w->heap_count;

    event.at_ms = at_ms;
    event.order = w->heap_order++;
    w->heap = sim_grow(w->heap, w->heap_count++, &w->heap_cap, sizeof(*w->heap));
    while (i > 0 && sooner(&event, &w->heap[(i - 1) / 2])) {
        w->heap[i] = w->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    w->heap[i] = event;
}

static struct sim_event
heap_take(struct world *w)
{
    struct sim_event top = w->heap[0], last = w->heap[--w->heap_count];
    uint32_t i = 0;

    for (;;) {
        uint32_t child = 2 * i + 1;

        if (child >= w->heap_count)
            break;
        if (child + 1 < w->heap_count && sooner(&w->heap[child + 1], &w->heap[child]))
            child++;
        if (!sooner(&w->heap[child], &last))
            break;
        w->heap[i] = w->heap[child];
        i = child;
    }
    w->heap[i] = last;
    return top;
}

void
mail_put(struct world *w, struct mail mail)
{
    w->mail = sim_grow(w->mail, w->mail_count, &w->mail_cap, sizeof(*w->mail));
    w->mail[w->mail_count++] = mail;
}

/* ---- requests of peers */

static void
req_done(struct world *w, uint32_t req)
{
    w->reqs[req].state = REQ_DONE;
    for (uint32_t i = 0; i < w->active_count; i++)
        if (w->active[i] == req) {
            w->active[i] = w->active[--w->active_count];
            return;
        }
}

void
peer_offer(struct world *w, uint32_t req, uint32_t delay_ms)
{
    peer_schedule(w, w->now_ms + delay_ms, (struct sim_event){.kind = SIM_REQUEST, .ref = req});
}

static uint32_t
bind_for_request(struct world *w, uint32_t link, bool *any)
{
    uint32_t first = rnd(w, w->bind_count);

    *any = false;
    for (uint32_t i = 0; i < w->bind_count; i++) {
        uint32_t at = (first + i) % w->bind_count;
        struct sim_bind *bind = &w->binds[at];

        if (bind->link != link || !bind->up || !bind->can_receive)
            continue;
        *any = true;
        if (bind->delivering < DELIVERING_MAX)
            return at;
    }
    return NONE;
}

/* A part that comes so late that its set may be given up makes the outcome a matter of
 * milliseconds. */
static void
look_at_part(struct world *w, const struct req *req)
{
    struct item *item;

    if (req->item == NONE || req->parts == 0)
        return;
    item = &w->items[req->item];
    if (item->parts_have && !item->accepted &&
        w->now_ms > item->first_part_ms + REASSEMBLY_MS - MINUTE_MS)
        item->either = true;
}

static void
request_leaves(struct world *w, uint32_t ref)
{
    struct req *req = &w->reqs[ref];
    bool any;
    uint32_t at;

    if (req->state != REQ_WAITS || w->stop_sent)
        return;
    if (req->committed && w->now_ms > req->first_ms + REDELIVERY_MS) {
        req_done(w, ref);
        return;
    }
    at = bind_for_request(w, req->link, &any);
    if (at == NONE) {
        if (any)
            peer_offer(w, ref, 200);
        return; /* else it is offered again when a bind comes up */
    }
    look_at_part(w, req);
    req->state = REQ_OUT;
    req->tried++;
    req->bind = at;
    req->generation = w->binds[at].generation;
    req->sequence = w->binds[at].next_sequence++;
    w->binds[at].delivering++;
    mail_put(w, (struct mail){.kind = EV_PDU,
                              .bind = at,
                              .generation = req->generation,
                              .ref = ref,
                              .sequence = req->sequence});
    trace(w, "request %u leaves on bind %u seq=%u try %u", ref, at, req->sequence, req->tried);
}

/* ---- binds */

static void
bind_comes_up(struct world *w, uint32_t at)
{
    struct sim_bind *bind = &w->binds[at];

    if (bind->up || w->stop_sent)
        return;
    bind->up = true;
    bind->generation++;
    bind->next_sequence = 1;
    bind->delivering = 0;
    bind->last_inbound = 0;
    bind->wire_count = bind->wire_head = 0;
    bind->wire_ms = w->now_ms;
    mail_put(w, (struct mail){.kind = EV_BIND_UP, .bind = at, .generation = bind->generation});
    trace(w, "bind %u (%s) comes up, generation %u", at, w->links[bind->link].name,
          bind->generation);
    if (!bind->can_receive)
        return;
    for (uint32_t i = 0; i < w->active_count; i++)
        if (w->reqs[w->active[i]].link == bind->link && w->reqs[w->active[i]].state == REQ_WAITS)
            peer_offer(w, w->active[i], between(w, 1, 2000));
}

static bool
retryable(uint32_t status)
{
    return status == SMPP_RSYSERR || status == SMPP_RMSGQFUL || status == SMPP_RTHROTTLED ||
           status == SMPP_RX_T_APPN;
}

static void
reply_arrives(struct world *w, struct sim_bind *bind, const struct wire *wire)
{
    struct req *req = &w->reqs[wire->ref];

    bind->delivering--;
    if (wire->inbound > bind->last_inbound)
        bind->last_inbound = wire->inbound;
    if (wire->status != SMPP_ROK) {
        if (w->links[req->link].kind == LINK_CARRIER && retryable(wire->status)) {
            req->state = REQ_WAITS;
            peer_offer(w, wire->ref, between(w, 500, 5000));
            return;
        }
        req_done(w, wire->ref);
        return;
    }
    req->acked = true;
    req->inbound = wire->inbound;
    req_done(w, wire->ref);
    if (wire->inbound == 0)
        return;
    bind->unconfirmed = sim_grow(bind->unconfirmed, bind->unconfirmed_count, &bind->unconfirmed_cap,
                                 sizeof(*bind->unconfirmed));
    bind->unconfirmed[bind->unconfirmed_count++] = (struct unconfirmed){wire->ref, wire->inbound};
    if (chance(w, 7000))
        peer_schedule(w, w->now_ms + between(w, 0, 2000),
                      (struct sim_event){
                          .kind = SIM_CONFIRM, .bind = req->bind, .generation = req->generation});
}

/* ---- what becomes of our PDUs */

static void
make_receipt(struct world *w, const struct flight *flight, uint32_t state)
{
    const struct out_msg *msg = &w->msgs[flight->msg];
    struct sim_link *link = &w->links[msg->link];
    char id[24], text[200];
    uint32_t ref = req_new(w);
    struct req *req = &w->reqs[ref];
    int n;

    snprintf(id, sizeof(id), link->receipt_id == RECEIPT_ID_HEX ? "%llX" : "%llu",
             (unsigned long long)flight->number);
    if (link->receipt_id == RECEIPT_ID_TEXT)
        snprintf(id, sizeof(id), "%s", flight->id);
    n = snprintf(text, sizeof(text),
                 "id:%s sub:001 dlvrd:%s submit date:2601051200 done date:2601051201 stat:%s "
                 "err:%s text:hello",
                 id, state == RECEIPT_DELIVERED ? "001" : "000",
                 receipt_state_name((enum receipt_state)state),
                 state == RECEIPT_DELIVERED ? "000" : "027");
    req->kind = REQ_RECEIPT;
    req->link = msg->link;
    req->item = msg->item;
    req->phone = msg->phone;
    req->number = msg->number;
    req->esm_class = SMPP_ESM_RECEIPT;
    req->ton = SMPP_TON_INTERNATIONAL;
    req->octets = (const uint8_t *)sim_copy(w, text, (size_t)n);
    req->n = (uint32_t)n;
    trace(w, "carrier makes receipt %s for %s as request %u",
          receipt_state_name((enum receipt_state)state), id, ref);
    peer_offer(w, ref, chance(w, 4000) ? 0 : between(w, 1, 20000));
}

static void
carrier_reports(struct world *w, const struct flight *flight)
{
    static const uint8_t states[] = {RECEIPT_UNDELIVERABLE, RECEIPT_EXPIRED, RECEIPT_REJECTED};
    const struct out_msg *msg = &w->msgs[flight->msg];
    uint32_t state = RECEIPT_DELIVERED;

    if (!flight->registered)
        return;
    if (!w->healing && chance(w, 1500))
        state = states[rnd(w, 3)];
    if (state == RECEIPT_DELIVERED)
        w->msgs[flight->msg].legs[flight->part].reported = true;
    else if (msg->item != NONE)
        w->items[msg->item].bad_reports++;
    make_receipt(w, flight, state);
    if (chance(w, w->profile.receipt_twice))
        make_receipt(w, flight, state);
}

static void
answer_later(struct world *w, uint32_t ref, uint32_t delay_ms)
{
    const struct flight *flight = &w->flights[ref];

    peer_schedule(w, w->now_ms + delay_ms,
                  (struct sim_event){.kind = SIM_ANSWER,
                                     .bind = flight->bind,
                                     .generation = flight->generation,
                                     .ref = ref});
}

static void
peer_refuses(struct world *w, uint32_t ref, bool permanent)
{
    static const uint32_t temporary_statuses[] = {SMPP_RTHROTTLED, SMPP_RMSGQFUL, SMPP_RSYSERR,
                                                  SMPP_RX_T_APPN};
    static const uint32_t permanent_statuses[] = {SMPP_RINVDSTADR, SMPP_RX_R_APPN, SMPP_RINVMSGLEN,
                                                  VENDOR_STATUS};
    struct flight *flight = &w->flights[ref];
    const struct out_msg *msg = &w->msgs[flight->msg];

    flight->verdict = permanent ? ANSWER_PERMANENT : ANSWER_TEMPORARY;
    flight->status = permanent ? permanent_statuses[rnd(w, 4)] : temporary_statuses[rnd(w, 4)];
    if (permanent && chance(w, 2500)) {
        flight->nack = true;
        flight->status = SMPP_RINVCMDLEN;
    }
    if (permanent && msg->item != NONE && msg->kind == OUT_RECEIPT)
        w->items[msg->item].receipts_given_up = true;
    else if (permanent && msg->item != NONE)
        w->items[msg->item].refused = true;
    trace(w, "%s refuses message %llu part %u status=%s", w->links[msg->link].name,
          (unsigned long long)msg->id, flight->part, status_name(flight->status));
}

static void
send_arrives(struct world *w, uint32_t ref)
{
    struct flight *flight = &w->flights[ref];
    struct sim_link *link = &w->links[w->binds[flight->bind].link];
    const struct profile *p = &w->profile;
    uint32_t delay = chance(w, 5000) ? between(w, 1, 20) : between(w, 1, 1500);

    if (!w->healing && chance(w, p->lost) && chance(w, 2000)) {
        trace(w, "message %llu part %u is lost in the peer", (unsigned long long)flight->token.id,
              flight->part);
        return;
    }
    if (!w->healing && chance(w, p->permanent)) {
        peer_refuses(w, ref, true);
    } else if (!w->healing && chance(w, p->temporary)) {
        peer_refuses(w, ref, false);
    } else {
        flight->verdict = ANSWER_OK;
        flight->number = link->next_id++;
        snprintf(flight->id, sizeof(flight->id), link->resp_id == RECEIPT_ID_HEX ? "%llx" : "%llu",
                 (unsigned long long)flight->number);
        ledger_arrived(w, flight);
        if (link->kind == LINK_CARRIER)
            carrier_reports(w, flight);
    }
    if (!w->healing && chance(w, p->silent))
        return;
    if (!w->healing && chance(w, p->late))
        delay = between(w, RESPONSE_MS + 1, 3 * RESPONSE_MS);
    answer_later(w, ref, delay);
}

static void
wire_arrives(struct world *w, struct sim_bind *bind)
{
    struct wire wire = bind->wire[bind->wire_head++];

    if (wire.reply)
        reply_arrives(w, bind, &wire);
    else
        send_arrives(w, wire.ref);
}

static uint32_t
req_of_reply(const struct world *w, const struct effect *effect)
{
    struct pdu pdu;

    if (pdu_decode(effect->octets, PDU_LENIENT, &pdu) != SMPP_ROK)
        return NONE;
    for (uint32_t i = 0; i < w->active_count; i++) {
        const struct req *req = &w->reqs[w->active[i]];

        if (req->state == REQ_OUT && req->bind == effect->session.slot &&
            req->generation == effect->session.generation && req->sequence == pdu.sequence_number)
            return w->active[i];
    }
    return NONE;
}

/* What the I/O thread does with an effect: writes it, unless the connection is gone. */
void
peer_release(struct world *w, const struct effect *effect)
{
    struct sim_bind *bind;
    struct wire wire = {.reply = effect->kind == FX_REPLY, .inbound = effect->inbound};

    if (effect->kind == FX_LOG || effect->kind == FX_ANSWER)
        return;
    if (effect->kind == FX_SEND)
        wire.ref = w->release_flight++;
    bind = &w->binds[effect->session.slot];
    if (!bind->up || bind->generation != effect->session.generation)
        return;
    if (effect->kind == FX_REPLY) {
        wire.ref = req_of_reply(w, effect);
        if (wire.ref == NONE)
            sim_fail(w, "one reply for each request", "a reply on bind %u that nobody waits for",
                     effect->session.slot);
        wire.status = (uint32_t)effect->octets.p[8] << 24 | (uint32_t)effect->octets.p[9] << 16 |
                      (uint32_t)effect->octets.p[10] << 8 | effect->octets.p[11];
    } else {
        peer_schedule(w, w->now_ms + RESPONSE_MS,
                      (struct sim_event){.kind = SIM_TIMEOUT,
                                         .bind = effect->session.slot,
                                         .generation = effect->session.generation,
                                         .ref = wire.ref});
    }
    bind->wire = sim_grow(bind->wire, bind->wire_count, &bind->wire_cap, sizeof(*bind->wire));
    bind->wire[bind->wire_count++] = wire;
    if (bind->wire_ms < w->now_ms)
        bind->wire_ms = w->now_ms;
    bind->wire_ms += rnd(w, 4) ? 0 : between(w, 1, 40);
    peer_schedule(w, bind->wire_ms,
                  (struct sim_event){.kind = SIM_WIRE,
                                     .bind = effect->session.slot,
                                     .generation = bind->generation});
}

/* ---- loss */

/* The connection ends: of what is on the wire a first part arrives, all of it after an orderly
 * unbind. */
static void
bind_ends(struct world *w, uint32_t at, bool clean)
{
    struct sim_bind *bind = &w->binds[at];
    uint32_t left = bind->wire_count - bind->wire_head, cut = clean ? left : rnd(w, left + 1);

    while (cut-- > 0)
        wire_arrives(w, bind);
    bind->up = false;
    bind->delivering = 0;
    for (uint32_t i = 0; i < w->active_count; i++) {
        struct req *req = &w->reqs[w->active[i]];

        if (req->state != REQ_OUT || req->bind != at)
            continue;
        if (w->links[req->link].kind == LINK_APP) {
            req_done(w, w->active[i--]);
            continue;
        }
        req->state = REQ_WAITS;
        peer_offer(w, w->active[i], between(w, 100, 3000));
    }
}

static void
bind_returns(struct world *w, uint32_t at)
{
    struct sim_link *link = &w->links[w->binds[at].link];

    if (link->kind == LINK_APP && !w->healing && chance(w, 1000))
        link->away = true;
    if (!link->away)
        peer_schedule(w, w->now_ms + between(w, 50, chance(w, 8000) ? 2000 : 20000),
                      (struct sim_event){.kind = SIM_BIND, .bind = at});
}

void
peer_drop(struct world *w, uint32_t at)
{
    struct sim_bind *bind = &w->binds[at];

    if (!bind->up)
        return;
    bind_ends(w, at, false);
    trace(w, "bind %u (%s) drops, responses confirmed up to %llu", at, w->links[bind->link].name,
          (unsigned long long)bind->last_inbound);
    mail_put(w, (struct mail){.kind = EV_BIND_DOWN,
                              .bind = at,
                              .generation = bind->generation,
                              .inbound = bind->last_inbound});
    bind_returns(w, at);
}

void
peer_outage(struct world *w, uint32_t link)
{
    uint64_t until_ms = w->now_ms + between(w, 1, 60) * 1000u;

    if (w->links[link].away)
        return;
    trace(w, "%s is down for %llu s", w->links[link].name,
          (unsigned long long)(until_ms - w->now_ms) / 1000);
    w->links[link].away = true;
    for (uint32_t at = 0; at < w->bind_count; at++)
        if (w->binds[at].link == link) {
            peer_drop(w, at);
            peer_schedule(w, until_ms, (struct sim_event){.kind = SIM_BIND, .bind = at});
        }
}

/* Our process is gone, and with it all connections and what was in its mailbox. */
void
peer_crash(struct world *w, bool clean)
{
    w->mail_count = 0;
    for (uint32_t at = 0; at < w->bind_count; at++) {
        struct sim_bind *bind = &w->binds[at];

        bind->unconfirmed_count = 0;
        if (!bind->up)
            continue;
        bind_ends(w, at, clean);
        bind->unconfirmed_count = 0;
        bind_returns(w, at);
    }
}

/* ---- time */

static bool
alive(const struct world *w, const struct sim_event *event)
{
    const struct sim_bind *bind = &w->binds[event->bind];

    return bind->up && bind->generation == event->generation;
}

static void
answer_comes(struct world *w, const struct sim_event *event)
{
    struct flight *flight = &w->flights[event->ref];

    flight->answered = true;
    mail_put(w, (struct mail){.kind = EV_RESULT,
                              .bind = event->bind,
                              .generation = event->generation,
                              .ref = event->ref,
                              .how = flight->timed_out ? RESULT_LATE : RESULT_ANSWERED});
}

static void
answer_overdue(struct world *w, const struct sim_event *event)
{
    struct flight *flight = &w->flights[event->ref];

    if (flight->answered)
        return;
    flight->timed_out = true;
    mail_put(w, (struct mail){.kind = EV_RESULT,
                              .bind = event->bind,
                              .generation = event->generation,
                              .ref = event->ref,
                              .how = RESULT_TIMEOUT});
}

static void
happen(struct world *w, const struct sim_event *event)
{
    switch ((enum sim_event_kind)event->kind) {
    case SIM_WIRE:
        if (alive(w, event))
            wire_arrives(w, &w->binds[event->bind]);
        break;
    case SIM_ANSWER:
        if (alive(w, event))
            answer_comes(w, event);
        break;
    case SIM_TIMEOUT:
        if (alive(w, event))
            answer_overdue(w, event);
        break;
    case SIM_REQUEST:
        request_leaves(w, event->ref);
        break;
    case SIM_CONFIRM:
        if (alive(w, event))
            mail_put(w, (struct mail){.kind = EV_CONFIRMED,
                                      .bind = event->bind,
                                      .generation = event->generation,
                                      .inbound = w->binds[event->bind].last_inbound});
        break;
    case SIM_BIND:
        if (w->links[w->binds[event->bind].link].kind == LINK_CARRIER)
            w->links[w->binds[event->bind].link].away = false;
        bind_comes_up(w, event->bind);
        break;
    }
}

/* Lets time pass: what falls due happens, and the core gets its turns and its ticks. */
void
peer_advance(struct world *w, uint64_t until_ms)
{
    uint32_t turns_here = 0;
    uint64_t here = w->now_ms;

    for (;;) {
        uint64_t tick = w->relay ? relay_next_ms(w->relay, w->now_ms) : UINT64_MAX;
        uint64_t next = w->heap_count ? w->heap[0].at_ms : UINT64_MAX;

        if (w->now_ms > here)
            turns_here = 0;
        here = w->now_ms;
        if (tick <= next && tick <= until_ms) {
            if (tick > w->now_ms)
                w->now_ms = tick;
            else if (++turns_here > 2000)
                sim_fail(w, "the core comes to rest", "relay_next_ms() stays at now");
            mail_put(w, (struct mail){.kind = EV_TICK});
            turn_run(w);
            continue;
        }
        if (next > until_ms)
            break;
        if (next > w->now_ms)
            w->now_ms = next;
        struct sim_event event = heap_take(w);
        happen(w, &event);
        if (w->mail_count >= w->profile.batch)
            turn_run(w);
    }
    if (until_ms > w->now_ms)
        w->now_ms = until_ms;
}

void
peer_start(struct world *w)
{
    for (uint32_t at = 0; at < w->bind_count; at++)
        peer_schedule(w, w->now_ms + between(w, 1, 3000),
                      (struct sim_event){.kind = SIM_BIND, .bind = at});
}

bool
peer_quiet(const struct world *w)
{
    for (uint32_t at = 0; at < w->bind_count; at++)
        if (!w->binds[at].up || w->binds[at].wire_head < w->binds[at].wire_count)
            return false;
    return w->mail_count == 0 && w->active_count == 0;
}
