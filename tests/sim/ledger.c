/*
 * ledger.c: follows every PDU that leaves, from the commit that holds its intent to what the peer
 * made of it, and checks what must hold at each moment: windows, no needless second copy, routes,
 * accounts, opt-outs, order, texts.
 */
#include "tests/sim/sim.h"

#include "store/key.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const leg_state_names[] = {
    [LEG_IDLE] = "nothing",
    [LEG_FLYING] = "no answer yet",
    [LEG_UNKNOWN] = "an unknown outcome",
    [LEG_TEMPORARY] = "a temporary error",
    [LEG_SENT] = "success",
    [LEG_REFUSED] = "a refusal",
};

/* ---- intents */

static bool
marked(struct world *w, uint64_t message)
{
    struct store_reader *reader = store_reader_open(w->store);
    struct slice value;
    struct rec_msg rec;
    struct key key;
    bool found;

    key_init(&key);
    key_u64(&key, message);
    found = store_reader_get(reader, TABLE_MESSAGE, key_slice(&key), &value) &&
            record_decode(&rec_msg_def, value, &rec) == RECORD_OK;
    found = found && (rec.flags & MSGF_POSSIBLE_DUPLICATE);
    store_reader_close(reader);
    return found;
}

/* A second copy may only follow an outcome that was temporary or unknown (R-rel-2). */
static void
check_leg(struct world *w, const struct out_msg *msg, const struct leg *leg)
{
    unsigned long long id = msg->id;

    if (leg->state == LEG_FLYING)
        sim_fail(w, "R-rel-2: one copy on the wire", "message %llu is sent while a copy is out",
                 id);
    if (leg->state == LEG_SENT || leg->settled)
        sim_fail(w, "R-rel-2: what was accepted is not sent again", "message %llu", id);
    if (leg->state == LEG_REFUSED && !leg->maybe_refused)
        sim_fail(w, "R-rel-1: what was refused for good has ended", "message %llu is sent again",
                 id);
    if (leg->state == LEG_UNKNOWN && !marked(w, msg->id))
        sim_fail(w, "R-rel-2: possible duplicates are marked", "message %llu is not", id);
}

static void
check_opt_out(struct world *w, const struct out_msg *msg)
{
    uint32_t account = w->numbers[msg->number].account;

    if (w->links[msg->link].kind == LINK_APP || msg->kind == OUT_STOPPED ||
        (msg->kind == OUT_NOTE && msg->item != NONE && w->items[msg->item].confirms))
        return;
    if (w->out[account][msg->phone])
        sim_fail(w, "R-stop-5: nothing follows a STOP", "%s gets message %llu (%s) from account %u",
                 w->phones[msg->phone].digits, (unsigned long long)msg->id,
                 out_kind_name(msg->kind), account);
}

static bool
has_arrived(const struct leg *leg)
{
    return leg->state == LEG_SENT || leg->settled;
}

/* Another carrier took it over: what the first has of it is not enough, so all of it goes again. It
 * may have gone over and come back before anything of it was sent there; then parts in front of
 * this one have gone again already, and are not of what is forgotten. */
static void
goes_over(struct world *w, struct out_msg *msg, uint32_t link, const struct leg *leg)
{
    bool back = msg->link == link, all = true;
    uint32_t last = back ? leg->flight : NONE;

    if (back && !(w->routed && has_arrived(leg)))
        return;
    for (uint32_t i = 0; i < msg->parts; i++) {
        if (msg->legs[i].state == LEG_FLYING && !back)
            sim_fail(w, "R-rel-2: one copy on the wire", "message %llu goes over while it is out",
                     (unsigned long long)msg->id);
        all = all && has_arrived(&msg->legs[i]) && msg->legs[i].flight <= last;
    }
    trace(w, "message %llu goes over to %s", (unsigned long long)msg->id, w->links[link].name);
    msg->link = link;
    for (uint32_t i = 0; i < msg->parts && !all; i++)
        if (has_arrived(&msg->legs[i]) && msg->legs[i].flight <= last) {
            msg->legs[i].state = LEG_TEMPORARY;
            msg->legs[i].settled = msg->legs[i].reported = false;
            msg->legs[i].unknown++; /* one more copy is right */
        }
}

/* A turn that is on disk means to send this. */
uint32_t
ledger_flight(struct world *w, const struct effect *effect)
{
    uint32_t at = effect->session.slot, ref = w->flight_count;
    struct sim_bind *bind = &w->binds[at];
    struct parsed p;
    struct pdu pdu;
    struct leg *leg;

    if (w->stopping)
        sim_fail(w, "R-rel-2: a stop sends nothing new", "message %llu",
                 (unsigned long long)effect->token.id);
    if (at >= w->bind_count || !bind->known ||
        bind->known_generation != effect->session.generation || !bind->can_send)
        sim_fail(w, "sends go to binds that may send", "slot %u", at);
    if (pdu_decode(effect->octets, PDU_STRICT, &pdu) != SMPP_ROK)
        sim_fail(w, "our PDUs are valid", "message %llu", (unsigned long long)effect->token.id);
    classify_pdu(w, at, &pdu, &p);
    trace(w, "intent: message %llu part %u/%u from %s to %s on bind %u '%.60s'",
          (unsigned long long)effect->token.id, p.part + 1, p.parts, w->numbers[p.number].digits,
          w->phones[p.phone].digits, at, p.text);
    w->flights = sim_grow(w->flights, w->flight_count++, &w->flight_cap, sizeof(*w->flights));
    w->flights[ref] = (struct flight){.token = effect->token,
                                      .bind = at,
                                      .generation = effect->session.generation,
                                      .part = p.part,
                                      .registered = p.registered};
    w->flights[ref].msg = classify_msg(w, effect->token.id, at, &pdu, &p);
    leg = &w->msgs[w->flights[ref].msg].legs[p.part];
    goes_over(w, &w->msgs[w->flights[ref].msg], bind->link, leg);
    check_leg(w, &w->msgs[w->flights[ref].msg], leg);
    check_opt_out(w, &w->msgs[w->flights[ref].msg]);
    cast_check(w, &w->msgs[w->flights[ref].msg]);
    if (bind->flying_count >= w->links[bind->link].window)
        sim_fail(w, "windows are never exceeded", "bind %u has %u out", at, bind->flying_count);
    if (leg->text && strcmp(leg->text, p.text) != 0)
        sim_fail(w, "a message stays what it is", "message %llu has another text",
                 (unsigned long long)effect->token.id);
    if (leg->state != LEG_IDLE)
        trace(w, "that is again, after %s", leg_state_names[leg->state]);
    bind->flying[bind->flying_count++] = ref;
    leg->state = LEG_FLYING;
    leg->flight = ref;
    leg->text = p.text;
    return ref;
}

/* ---- outcomes */

static void
outcome_unknown(struct world *w, uint32_t ref)
{
    struct out_msg *msg = &w->msgs[w->flights[ref].msg];
    struct leg *leg = &msg->legs[w->flights[ref].part];

    leg->unknown++;
    if (leg->state == LEG_FLYING && leg->flight == ref)
        leg->state = LEG_UNKNOWN;
    if (!w->links[msg->link].hold || msg->item == NONE)
        return;
    if (msg->kind == OUT_RECEIPT)
        w->items[msg->item].receipts_given_up = true;
    else
        w->items[msg->item].held = true;
}

static void
land(struct sim_bind *bind, uint32_t ref)
{
    for (uint32_t i = 0; i < bind->flying_count; i++)
        if (bind->flying[i] == ref) {
            bind->flying[i] = bind->flying[--bind->flying_count];
            return;
        }
}

static void
late_result(struct leg *leg, uint32_t ref, const struct flight *flight)
{
    if (flight->verdict == ANSWER_OK)
        leg->settled = true;
    if (flight->verdict == ANSWER_PERMANENT)
        leg->maybe_refused = true;
    if (leg->state == LEG_UNKNOWN && leg->flight == ref && flight->verdict == ANSWER_OK)
        leg->state = LEG_SENT;
}

static void
result(struct world *w, const struct mail *mail)
{
    static const uint8_t states[] = {[ANSWER_OK] = LEG_SENT,
                                     [ANSWER_TEMPORARY] = LEG_TEMPORARY,
                                     [ANSWER_PERMANENT] = LEG_REFUSED};
    static const char *const hows[] = {"answered", "timed out", "late"};
    const struct flight *flight = &w->flights[mail->ref];
    struct out_msg *msg = &w->msgs[flight->msg];
    struct leg *leg = &msg->legs[flight->part];

    trace(w, "committed: message %llu part %u %s %s", (unsigned long long)msg->id, flight->part + 1,
          hows[mail->how], mail->how == RESULT_TIMEOUT ? "" : status_name(flight->status));
    if (mail->how == RESULT_LATE) {
        late_result(leg, mail->ref, flight);
        return;
    }
    land(&w->binds[mail->bind], mail->ref);
    if (mail->how == RESULT_TIMEOUT)
        outcome_unknown(w, mail->ref);
    else if (leg->state == LEG_FLYING && leg->flight == mail->ref)
        leg->state = states[flight->verdict];
}

static void
all_unknown(struct world *w, uint32_t at)
{
    struct sim_bind *bind = &w->binds[at];

    for (uint32_t i = 0; i < bind->flying_count; i++)
        outcome_unknown(w, bind->flying[i]);
    bind->flying_count = 0;
    bind->known = false;
}

void
ledger_bind_down(struct world *w, uint32_t at)
{
    all_unknown(w, at);
}

/* Of a long message only the whole is known to be on the wire, so a crash puts the whole in doubt.
 */
static void
hold_begun(struct world *w)
{
    for (uint32_t i = 0; i < w->msg_count; i++) {
        const struct out_msg *msg = &w->msgs[i];

        if (msg->parts > 1 && msg->item != NONE && w->links[msg->link].hold)
            w->items[msg->item].held = true;
    }
}

void
ledger_crash(struct world *w, bool clean)
{
    robot_forget(w);
    if (!clean)
        hold_begun(w);
    for (uint32_t at = 0; at < w->bind_count; at++)
        all_unknown(w, at);
}

static void
confirmed(struct world *w, const struct mail *mail)
{
    struct sim_bind *bind = &w->binds[mail->bind];
    uint32_t kept = 0;

    for (uint32_t i = 0; i < bind->unconfirmed_count; i++)
        if (bind->unconfirmed[i].inbound <= mail->inbound)
            w->reqs[bind->unconfirmed[i].req].confirmed = true;
        else
            bind->unconfirmed[kept++] = bind->unconfirmed[i];
    bind->unconfirmed_count = kept;
}

/* ---- a turn that is on disk */

/* All messages of a submit_multi have one number. */
static void
keep_message_id(struct world *w, struct req *req, const struct pdu *pdu)
{
    struct slice id = req->dests ? pdu->body.multi_result.message_id : pdu->body.message_id;

    for (uint32_t i = 0; i < (req->dests ? req->dests : 1); i++)
        snprintf(w->items[req->item + i].message_id, sizeof(w->items[req->item + i].message_id),
                 "%.*s", (int)id.n, (const char *)id.p);
    req->failures = req->dests ? pdu->body.multi_result.failures.count : 0;
}

static void
match_reply(struct world *w, struct mail *mails, uint32_t count, const struct effect *effect)
{
    struct pdu pdu;

    if (pdu_decode(effect->octets, PDU_LENIENT, &pdu) != SMPP_ROK)
        sim_fail(w, "our PDUs are valid", "a reply on slot %u", effect->session.slot);
    for (uint32_t i = 0; i < count; i++) {
        struct mail *mail = &mails[i];
        struct req *req = &w->reqs[mail->ref];
        bool submit;

        if (mail->kind != EV_PDU || mail->bind != effect->session.slot ||
            mail->generation != effect->session.generation || mail->sequence != pdu.sequence_number)
            continue;
        if (mail->replied)
            break;
        submit = w->links[req->link].kind == LINK_APP;
        if (pdu.command_id != (!submit      ? SMPP_DELIVER_SM_RESP
                               : req->dests ? SMPP_SUBMIT_MULTI_RESP
                                            : SMPP_SUBMIT_SM_RESP))
            sim_fail(w, "one reply for each request", "%s", smpp_command_name(pdu.command_id));
        mail->replied = true;
        mail->status = pdu.command_status;
        if (submit && pdu.command_status == SMPP_ROK)
            keep_message_id(w, req, &pdu);
        return;
    }
    sim_fail(w, "one reply for each request", "one more on slot %u seq %u", effect->session.slot,
             pdu.sequence_number);
}

static void
commit_mail(struct world *w, struct mail *mail)
{
    switch ((enum event_kind)mail->kind) {
    case EV_PDU:
        if (!mail->replied)
            sim_fail(w, "one reply for each request", "none for request %u", mail->ref);
        model_request(w, mail);
        break;
    case EV_RESULT:
        result(w, mail);
        break;
    case EV_BIND_UP:
        w->binds[mail->bind].known = true;
        w->binds[mail->bind].known_generation = mail->generation;
        break;
    case EV_BIND_DOWN:
        confirmed(w, mail);
        w->binds[mail->bind].unconfirmed_count = 0;
        ledger_bind_down(w, mail->bind);
        break;
    case EV_CONFIRMED:
        confirmed(w, mail);
        break;
    case EV_CONF:
        w->model_variant = mail->ref;
        proxy_begin(w);
        break;
    case EV_STOP:
        w->stopping = true;
        w->stop_ms = w->now_ms;
        break;
    case EV_COMMAND:
        command_committed(w, mail);
        break;
    case EV_BIND_HOLD:
    case EV_TICK:
    case EV_ASKER_GONE:
    case EVENT_KINDS:
        break;
    }
}

void
ledger_commit(struct world *w, struct mail *mails, uint32_t count)
{
    struct effect effect;
    size_t at = 0;

    while (effects_next(&w->fx, &at, &effect))
        if (effect.kind == FX_REPLY)
            match_reply(w, mails, count, &effect);
        else if (effect.kind == FX_ANSWER)
            command_answered(w, mails, count, &effect);
    for (uint32_t i = 0; i < count; i++)
        commit_mail(w, &mails[i]);
    at = 0;
    while (effects_next(&w->fx, &at, &effect))
        if (effect.kind == FX_SEND)
            ledger_flight(w, &effect);
        else if (effect.kind == FX_LOG)
            trace(w, "log: %.*s", (int)effect.octets.n, (const char *)effect.octets.p);
}
