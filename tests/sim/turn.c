/*
 * turn.c: turns as relay.h says, and the moments at which a process dies: before the commit, after
 * it with a part of the effects released, between turns, and in good order. It stands for
 * gateway/driver.c, so keep the two alike.
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

#define BATCH_MAX 32u

static void
record(void *context, struct slice changeset)
{
    struct world *w = context;
    uint32_t cap = w->changeset_cap;
    uint8_t *copy = malloc(changeset.n);

    if (!copy)
        abort();
    memcpy(copy, changeset.p, changeset.n);
    w->changesets =
        sim_grow(w->changesets, w->changeset_count, &w->changeset_cap, sizeof(*w->changesets));
    w->changeset_bytes =
        sim_grow(w->changeset_bytes, w->changeset_count, &cap, sizeof(*w->changeset_bytes));
    w->changesets[w->changeset_count] = copy;
    w->changeset_bytes[w->changeset_count++] = changeset.n;
}

/* The core's memory is gone; the store may have been closed and opened again, as by a new process.
 */
static void
process_dies(struct world *w, bool clean)
{
    relay_free(w->relay);
    w->relay = NULL;
    ledger_crash(w, clean);
    peer_crash(w, clean);
    w->stopping = w->stop_sent = false;
    if (chance(w, 300)) {
        store_close(w->store);
        w->store = NULL;
        world_open_store(w);
    }
}

static void
crash(struct world *w, const char *when)
{
    w->crashes++;
    trace(w, "CRASH %s", when);
    process_dies(w, false);
}

/* Orderly: everything is settled, peers get all that was written, and unbind. */
void
turn_end_process(struct world *w)
{
    trace(w, "the process ends in good order");
    process_dies(w, true);
}

static void
step(struct world *w, struct store_txn *txn, const struct mail *mail)
{
    struct event event = {.kind = (enum event_kind)mail->kind,
                          .session = {mail->bind, mail->generation}};
    const struct sim_bind *bind = &w->binds[mail->bind];
    const struct flight *flight;
    struct pdu pdu;
    uint8_t dests[64 * PHONES_MAX], tlvs[1400], packed[COMMAND_PACKED_BYTES(1024)];

    switch (event.kind) {
    case EV_BIND_UP:
        event.u.up = (struct event_up){.link = w->links[bind->link].kind,
                                       .name = slice_str(w->links[bind->link].name),
                                       .can_send = bind->can_send,
                                       .window = w->links[bind->link].window,
                                       .peer_version = SMPP_VERSION_34};
        break;
    case EV_PDU:
        request_pdu(w, mail, tlvs, sizeof(tlvs), &pdu);
        if (w->reqs[mail->ref].dests)
            request_dests(w, &w->reqs[mail->ref], dests, sizeof(dests), &pdu);
        event.u.pdu = &pdu;
        break;
    case EV_RESULT:
        flight = &w->flights[mail->ref];
        event.u.result.token = flight->token;
        event.u.result.how = mail->how;
        if (mail->how != RESULT_TIMEOUT) {
            event.u.result.status = flight->status;
            event.u.result.nack = flight->nack;
            event.u.result.message_id =
                flight->verdict == ANSWER_OK ? slice_str(flight->id) : SLICE_NONE;
        }
        break;
    case EV_BIND_DOWN:
    case EV_CONFIRMED:
        event.u.confirmed.inbound = mail->inbound;
        break;
    case EV_CONF:
        event.u.conf = w->conf[mail->ref];
        break;
    case EV_COMMAND:
        (void)command_event(w, mail->ref, &event, packed, sizeof(packed));
        break;
    case EV_STOP:
    case EV_BIND_HOLD:
    case EV_TICK:
    case EV_ASKER_GONE:
    case EVENT_KINDS:
        break;
    }
    relay_step(w->relay, txn, w->now_ms, &event, &w->fx);
}

static void
hash_effects(struct world *w)
{
    struct effect effect;
    size_t at = 0;

    while (effects_next(&w->fx, &at, &effect)) {
        uint64_t head[6] = {
            effect.kind,         effect.level,
            effect.session.slot, effect.session.generation,
            effect.token.id,     effect.inbound ^ (uint64_t)effect.token.part << 32};

        w->trace_hash = sim_hash(w->trace_hash, head, sizeof(head));
        w->trace_hash = sim_hash(w->trace_hash, effect.octets.p, effect.octets.n);
    }
}

static void
hash_turn(struct world *w)
{
    struct store_meta meta;

    store_meta_get(w->store, &meta);
    w->trace_hash = sim_hash(w->trace_hash, meta.changeset_hash, sizeof(meta.changeset_hash));
    hash_effects(w);
}

/* Releases effects in order: all of them, or so many before the process dies. */
static void
release(struct world *w, uint32_t count, bool replies, bool others)
{
    struct effect effect;
    size_t at = 0;

    while (count-- > 0 && effects_next(&w->fx, &at, &effect))
        if (effect.kind == FX_REPLY ? replies : others)
            peer_release(w, &effect);
}

static uint32_t
effect_count(const struct world *w)
{
    struct effect effect;
    uint32_t count = 0;
    size_t at = 0;

    while (effects_next(&w->fx, &at, &effect))
        count++;
    return count;
}

/* Up to the commit: what gateway/driver.c does with what the mailbox holds. Returns how many events
 * were taken. */
static uint32_t
turn_steps(struct world *w, struct mail *mails, uint32_t count)
{
    uint32_t done = 0;

    if (w->recording)
        store_record(w->store, record, w);
    w->txn = store_begin(w->store);
    effects_clear(&w->fx);
    if (mails[0].kind == EV_CONF && !w->relay) {
        w->relay = relay_new(w->conf[w->variant]);
        if (!w->relay)
            abort();
        relay_recover(w->relay, w->txn, w->now_ms);
    }
    relay_set_room(w->relay, w->room);
    while (done < count && store_changeset_bytes(w->txn) < STORE_TURN_BYTES)
        step(w, w->txn, &mails[done++]);
    relay_finish(w->relay, w->txn, w->now_ms, &w->fx);
    return done;
}

static void
after_turn(struct world *w)
{
    uint32_t flying = 0;

    for (uint32_t i = 0; i < w->bind_count; i++)
        flying += w->binds[i].flying_count;
    if (relay_outstanding(w->relay) != flying)
        sim_fail(w, "relay_outstanding() is what is on the wire", "it says %u, the ledger %u",
                 relay_outstanding(w->relay), flying);
    if (!w->stopping)
        return;
    if (flying == 0 && w->mail_count == 0)
        turn_end_process(w);
    else if (w->now_ms > w->stop_ms + 10000)
        crash(w, "a stop ran out of time");
}

static void
turn_commit(struct world *w, struct mail *mails, uint32_t done, bool dies_after)
{
    bool early = sim_mutant == MUTANT_ACK_BEFORE_COMMIT;

    if (store_commit(w->txn, w->now_ms) != STORE_DURABLE) {
        printf("the simulator's own store failed\n");
        exit(2);
    }
    w->txn = NULL;
    w->turns++;
    hash_turn(w);
    w->release_flight = w->flight_count;
    ledger_commit(w, mails, done);
    if (dies_after) {
        release(w, rnd(w, effect_count(w) + 1), !early, true);
        crash(w, "after the commit, with a part of the effects released");
        return;
    }
    release(w, UINT32_MAX, !early, true);
    after_turn(w);
}

/* One turn over what is in the mailbox; nothing if there is nothing to do. */
void
turn_run(struct world *w)
{
    struct mail mails[BATCH_MAX + 1];
    uint32_t count = 0, taken = 0, done;
    bool dies_before = false, dies_after = false;

    if (w->relay && w->mail_count == 0)
        return;
    /* A new process applies its directory before it connects to anybody. */
    if (!w->relay)
        mails[count++] = (struct mail){.kind = EV_CONF, .ref = w->variant};
    else
        taken = w->mail_count < BATCH_MAX ? w->mail_count : BATCH_MAX;
    if (taken > 0)
        memcpy(mails + count, w->mail, taken * sizeof(*mails));
    count += taken;
    done = turn_steps(w, mails, count);
    taken -= count - done;
    if (w->mail_count > taken)
        memmove(w->mail, w->mail + taken, (w->mail_count - taken) * sizeof(*mails));
    w->mail_count -= taken;
    w->events += done;
    if (!w->healing && chance(w, w->profile.crash)) {
        dies_before = chance(w, 5000);
        dies_after = !dies_before;
    }
    if (sim_mutant == MUTANT_ACK_BEFORE_COMMIT) {
        w->release_flight = w->flight_count;
        release(w, UINT32_MAX, true, false);
    }
    if (dies_before) {
        store_abort(w->txn);
        w->txn = NULL;
        crash(w, "before the commit");
        return;
    }
    turn_commit(w, mails, done, dies_after);
}
