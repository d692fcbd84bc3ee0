/*
 * ledger.c: follows every PDU that leaves, from the commit that holds its intent to what the peer
 * made of it, and checks what must hold at each moment: windows, no needless second copy, routes,
 * accounts, opt-outs, order, texts.
 */
#include "tests/sim/sim.h"

#include "protocol/udh.h"
#include "store/key.h"

#include <stdio.h>
#include <stdlib.h>

#define MSG_SLOTS_MIN 1024u

static const char *const out_kind_names[OUT_KINDS] = {
    [OUT_ITEM] = "item",
    [OUT_NOTICE] = "notice",
    [OUT_CUT] = "cut notice",
    [OUT_LONG] = "too-long notice",
    [OUT_OPTED_OUT] = "opted-out notice",
    [OUT_STOPPED] = "stop confirmation",
    [OUT_UNSTOPPED] = "unstop confirmation",
    [OUT_RECEIPT] = "receipt",
};

static const char *const leg_state_names[] = {
    [LEG_IDLE] = "nothing",
    [LEG_FLYING] = "no answer yet",
    [LEG_UNKNOWN] = "an unknown outcome",
    [LEG_TEMPORARY] = "a temporary error",
    [LEG_SENT] = "success",
    [LEG_REFUSED] = "a refusal",
};

/* ---- messages by the id of their token */

static uint32_t *
msg_slot(struct world *w, uint64_t id)
{
    uint32_t at = (uint32_t)(id * 0x9e3779b97f4a7c15u >> 32) & (w->msg_slots - 1);

    while (w->msg_index[at] != NONE && w->msgs[w->msg_index[at]].id != id)
        at = (at + 1) & (w->msg_slots - 1);
    return &w->msg_index[at];
}

static void
index_grow(struct world *w)
{
    if (w->msg_slots > 2 * w->msg_count)
        return;
    w->msg_slots = w->msg_slots ? w->msg_slots * 2 : MSG_SLOTS_MIN;
    free(w->msg_index);
    w->msg_index = malloc(w->msg_slots * sizeof(*w->msg_index));
    if (!w->msg_index)
        abort();
    memset(w->msg_index, 0xff, w->msg_slots * sizeof(*w->msg_index));
    for (uint32_t i = 0; i < w->msg_count; i++)
        *msg_slot(w, w->msgs[i].id) = i;
}

/* ---- what a new message is */

struct parsed {
    uint32_t number, phone;
    uint32_t part, parts; /* part from 0 */
    bool receipt;
    bool registered;
    const char *text;
};

/* Every text of ours carries its item as "m17." in each part. */
static uint32_t
item_of_text(const struct world *w, const char *text)
{
    for (const char *p = strchr(text, 'm'); p; p = strchr(p + 1, 'm')) {
        char *end;
        unsigned long n;

        if (p[1] < '0' || p[1] > '9')
            continue;
        n = strtoul(p + 1, &end, 10);
        if (*end == '.' && n < w->item_count)
            return (uint32_t)n;
    }
    return NONE;
}

static bool
may_be_rest_of(const struct world *w, const struct item *item, const struct out_msg *msg,
               const char *text, const char *rest)
{
    size_t n = strlen(item->text), left = strlen(rest);

    if (!item->parts_have || item->account != w->numbers[msg->number].account ||
        !(item->partial || item->either || item->parts_have != item->parts_want))
        return false;
    if (item->writer != msg->phone && !strstr(text, w->phones[item->writer].digits))
        return false;
    return left <= n && strcmp(item->text + n - left, rest) == 0;
}

/* What is left of a message whose other parts never came may be too short to say whose it is. */
static uint32_t
partial_item_of_text(const struct world *w, const struct out_msg *msg, const char *text)
{
    const char *rest = strstr(text, "only]");
    uint32_t found = NONE;

    if (!rest)
        return NONE;
    rest += strlen("only]");
    for (uint32_t i = 0; i < w->item_count; i++)
        if (may_be_rest_of(w, &w->items[i], msg, text, rest) &&
            (found == NONE || w->items[i].started == 0))
            found = i;
    return found;
}

/* "445566 +4477...: STOP" or plain "STOP" says less than other texts: how well does it fit this
 * item? 0 is not at all. */
static int
opt_fit(const struct world *w, const struct item *item, const struct out_msg *msg, const char *text)
{
    const char *digits = w->phones[item->writer].digits, *rest = strstr(text, digits);
    uint64_t id = strtoull(text, NULL, 10);

    if (!item->opt || item->account != w->numbers[msg->number].account)
        return 0;
    if (item->either)
        return rest && strcmp(rest + strlen(digits) + 2, item->text) == 0;
    if (item->started >= item->accepted || item->out_number != msg->number ||
        item->out_phone != msg->phone)
        return 0;
    if (item->forward && !rest)
        return 0;
    if (item->forward)
        text = rest + strlen(digits) + 2;
    if (strcmp(text, item->text) != 0)
        return 0;
    if (item->forward && w->convs[item->conv].id != id &&
        (w->convs[item->conv].id || conv_by_id(w, item->account, id) != NONE))
        return 1;
    return item->stopped || item->refused || item->held ? 2 : 3;
}

/* The oldest of those that it fits best. */
static uint32_t
opt_item_of_text(const struct world *w, const struct out_msg *msg, const char *text)
{
    uint32_t found = NONE;
    int best = 0;

    for (uint32_t i = 0; i < w->item_count; i++) {
        int fit = opt_fit(w, &w->items[i], msg, text);

        if (fit > best) {
            found = i;
            best = fit;
        }
    }
    return found;
}

/* May this carrier send what belongs to that one? */
static bool
stands_in(const struct world *w, uint32_t home, uint32_t link)
{
    return w->routed && w->links[home].kind == LINK_CARRIER && w->links[link].kind == LINK_CARRIER;
}

static void
classify_item(struct world *w, struct out_msg *msg)
{
    struct item *item = &w->items[msg->item];
    uint32_t allowed = item->accepted;

    if (w->numbers[msg->number].account != item->account)
        sim_fail(w, "no leak between accounts", "item %u of account %u leaves from number %s",
                 msg->item, item->account, w->numbers[msg->number].digits);
    /* A part that took longer than parts wait for each other; it may still come, as a message of
     * its own. */
    if (item->accepted == 0 && item->parts_have && item->parts_have != item->parts_want &&
        w->now_ms >= item->first_part_ms + REASSEMBLY_MS)
        item->either = true;
    if (item->partial || item->either) {
        item->started++;
        return;
    }
    if (item->dest == TO_NOBODY || item->accepted == 0)
        sim_fail(w, "what is not for anybody reaches nobody", "item %u leaves for %s", msg->item,
                 w->phones[msg->phone].digits);
    if (item->out_number != msg->number || item->out_phone != msg->phone ||
        (item->out_link != msg->link && !stands_in(w, item->out_link, msg->link)))
        sim_fail(w, "every message arrives at its party", "item %u leaves from %s for %s by %s",
                 msg->item, w->numbers[msg->number].digits, w->phones[msg->phone].digits,
                 w->links[msg->link].name);
    if (item->started >= allowed)
        sim_fail(w, "R-rel-3: nothing is relayed twice",
                 "item %u was accepted %u times, message %llu is one more", msg->item, allowed,
                 (unsigned long long)msg->id);
    msg->turn = item->started++;
}

/* A long reply whose parts came too late for each other may make a notice for each of them. */
static uint32_t
broken_replies(const struct world *w, uint32_t agent)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < w->item_count; i++)
        if (w->items[i].kind == ITEM_REPLY && w->items[i].writer == w->agents[agent].phone &&
            w->items[i].parts_have &&
            (w->items[i].either || w->items[i].parts_have != w->items[i].parts_want))
            count += PARTS_MAX;
    return count;
}

static void
classify_notice(struct world *w, struct out_msg *msg)
{
    uint32_t agent = w->phones[msg->phone].agent, account = w->numbers[msg->number].account;

    if (msg->kind == OUT_STOPPED || msg->kind == OUT_UNSTOPPED) {
        uint32_t *texts = msg->kind == OUT_STOPPED ? w->out_texts[account] : w->in_texts[account];
        uint32_t *changes =
            msg->kind == OUT_STOPPED ? w->outs_confirmed[account] : w->ins_confirmed[account];

        if (++texts[msg->phone] > changes[msg->phone])
            sim_fail(w, "R-stop-6: one confirmation for a change", "%s gets a %s more",
                     w->phones[msg->phone].digits, out_kind_names[msg->kind]);
        return;
    }
    if (agent == NONE || w->agents[agent].number != msg->number)
        sim_fail(w, "notices go to agents", "%s gets a %s", w->phones[msg->phone].digits,
                 out_kind_names[msg->kind]);
    if (++w->notices_seen[agent][msg->kind] > w->notices_due[agent][msg->kind] +
                                                  w->notices_optional[agent][msg->kind] +
                                                  broken_replies(w, agent))
        sim_fail(w, "R-txt-7: one notice", "agent %u gets one %s too many", agent,
                 out_kind_names[msg->kind]);
}

/* R-conv-1, 2: the first forward of a conversation tells its ID. A STOP does not say well enough
 * whose it is. */
static void
learn_id(struct world *w, const struct item *item, uint64_t id)
{
    struct sim_conv *conv;
    uint32_t known;

    if (!item->forward || item->either || item->partial || item->opt)
        return;
    known = conv_by_id(w, item->account, id);
    if (known != NONE && known != item->conv)
        sim_fail(w, "R-conv-2: IDs are unique", "%llu names two conversations",
                 (unsigned long long)id);
    conv = &w->convs[item->conv];
    if (conv->id != 0 && conv->id != id)
        sim_fail(w, "R-conv-1: a conversation keeps its ID", "%llu was %llu",
                 (unsigned long long)id, (unsigned long long)conv->id);
    conv->id = id;
}

static void
classify_text(struct world *w, struct out_msg *msg, const char *text)
{
    static const struct {
        const char *text;
        enum out_kind kind;
    } fixed[] = {
        {"#NOTICE ", OUT_NOTICE}, {"#CUT ", OUT_CUT},         {"#LONG ", OUT_LONG},
        {"#OUT ", OUT_OPTED_OUT}, {"#STOPPED ", OUT_STOPPED}, {"#UNSTOPPED ", OUT_UNSTOPPED},
    };

    w->partials += strstr(text, "only]") != NULL;
    msg->kind = OUT_ITEM;
    msg->item = item_of_text(w, text);
    if (msg->item == NONE)
        msg->item = opt_item_of_text(w, msg, text);
    if (msg->item == NONE)
        msg->item = partial_item_of_text(w, msg, text);
    if (msg->item != NONE) {
        classify_item(w, msg);
        learn_id(w, &w->items[msg->item], strtoull(text, NULL, 10));
        w->items[msg->item].msg = (uint32_t)(msg - w->msgs);
        return;
    }
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        if (begins(text, fixed[i].text)) {
            msg->kind = (uint8_t)fixed[i].kind;
            classify_notice(w, msg);
            return;
        }
    sim_fail(w, "every text is somebody's", "message %llu says '%s'", (unsigned long long)msg->id,
             text);
}

/* R-rel-4 and R10: one final receipt, of a message that asked for it, to the app that sent it. */
static void
classify_receipt(struct world *w, struct out_msg *msg, const struct pdu *pdu)
{
    struct receipt receipt;
    struct item *item;
    char id[RECEIPT_ID_BYTES_MAX + 1];

    receipt_parse(pdu, &receipt);
    snprintf(id, sizeof(id), "%.*s", (int)receipt.id.n, (const char *)receipt.id.p);
    msg->kind = OUT_RECEIPT;
    msg->item = NONE;
    for (uint32_t i = 0; i < w->item_count && msg->item == NONE; i++)
        if (w->items[i].message_id[0] && strcmp(w->items[i].message_id, id) == 0 &&
            w->items[i].writer == msg->link)
            msg->item = i;
    if (msg->item == NONE)
        sim_fail(w, "R-rel-4: a receipt finds its message", "the app gets one for '%s'", id);
    item = &w->items[msg->item];
    msg->receipt_state = receipt.state;
    if (!item->registered)
        sim_fail(w, "R10: no receipt that was not asked for", "item %u", msg->item);
    if (item->entry != msg->number || item->out_phone != msg->phone)
        sim_fail(w, "R2: a receipt's addresses are swapped", "item %u", msg->item);
    if (++item->receipts > 1)
        sim_fail(w, "R10: one final receipt", "item %u gets one more", msg->item);
    for (uint32_t i = 0; receipt.state == RECEIPT_DELIVERED && i < w->msgs[item->msg].parts; i++)
        if (!w->msgs[item->msg].legs[i].reported)
            sim_fail(w, "L9: delivered when all parts are", "item %u, part %u is not", msg->item,
                     i + 1);
    if (item->bad_reports > 0 || item->refused || item->stopped || item->held ||
        w->now_ms >= item->expires_ms)
        return;
    if (receipt.state != RECEIPT_DELIVERED)
        sim_fail(w, "R-rel-4: a receipt says what happened", "item %u: %s", msg->item,
                 receipt_state_name(receipt.state));
}

static const char *
part_text(struct world *w, const struct sim_link *link, const struct pdu *pdu, struct slice octets)
{
    static uint8_t utf8[TEXT_UTF8_MAX(2048)];
    enum text_alphabet alphabet = text_alphabet_of(pdu->body.sm.data_coding, link->alphabet);
    size_t n;

    if (octets.n > 2048)
        sim_fail(w, "texts fit", "%zu octets on link %s", octets.n, link->name);
    n = text_to_utf8(alphabet, octets, utf8, sizeof(utf8));
    return sim_copy(w, utf8, n);
}

static void
parse(struct world *w, uint32_t at, const struct pdu *pdu, struct parsed *out)
{
    const struct sim_link *link = &w->links[w->binds[at].link];
    const struct pdu_sm *sm = &pdu->body.sm;
    bool carrier = link->kind == LINK_CARRIER;
    struct udh udh;
    uint32_t home;

    if (pdu->command_id != (carrier ? SMPP_SUBMIT_SM : SMPP_DELIVER_SM))
        sim_fail(w, "requests fit their link", "%s on %s", smpp_command_name(pdu->command_id),
                 link->name);
    if (udh_of_pdu(pdu, &udh) != UDH_OK)
        udh = (struct udh){.text = pdu_text(pdu)};
    out->number = number_by_digits(w, carrier ? sm->source.digits : sm->dest.digits);
    out->phone = phone_by_digits(w, carrier ? sm->dest.digits : sm->source.digits);
    if (out->number == NONE || out->phone == NONE)
        sim_fail(w, "no leak: both addresses are known", "%.*s to %.*s", (int)sm->source.digits.n,
                 (const char *)sm->source.digits.p, (int)sm->dest.digits.n,
                 (const char *)sm->dest.digits.p);
    home = carrier ? w->numbers[out->number].link : w->numbers[out->number].app;
    if (w->binds[at].link != home && !stands_in(w, home, w->binds[at].link))
        sim_fail(w, "a number's messages go by its own link", "%s on %s",
                 w->numbers[out->number].digits, link->name);
    out->receipt = !carrier && (sm->esm_class & SMPP_ESM_TYPE_MASK) == SMPP_ESM_RECEIPT;
    out->registered = (sm->registered_delivery & SMPP_REGISTERED_MASK) != SMPP_REGISTERED_NONE;
    out->parts = udh.concat.total ? udh.concat.total : 1;
    out->part = udh.concat.total ? udh.concat.index - 1u : 0;
    if (out->parts > PARTS_MAX || out->part >= out->parts)
        sim_fail(w, "parts are numbered", "part %u of %u", out->part, out->parts);
    out->text = part_text(w, link, pdu, udh.text);
}

static uint32_t
msg_of(struct world *w, uint64_t id, uint32_t at, const struct pdu *pdu, const struct parsed *p)
{
    struct out_msg *msg;
    uint32_t *slot;

    index_grow(w);
    slot = msg_slot(w, id);
    if (*slot != NONE) {
        msg = &w->msgs[*slot];
        if (msg->number != p->number || msg->phone != p->phone || msg->parts != p->parts)
            sim_fail(w, "a message stays what it is", "message %llu changed",
                     (unsigned long long)id);
        return *slot;
    }
    w->msgs = sim_grow(w->msgs, w->msg_count, &w->msg_cap, sizeof(*w->msgs));
    *slot = w->msg_count;
    msg = &w->msgs[w->msg_count++];
    *msg = (struct out_msg){.id = id,
                            .item = NONE,
                            .link = w->binds[at].link,
                            .number = p->number,
                            .phone = p->phone,
                            .parts = (uint8_t)p->parts};
    if (p->receipt)
        classify_receipt(w, msg, pdu);
    else
        classify_text(w, msg, p->text);
    return w->msg_count - 1;
}

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

    if (w->links[msg->link].kind == LINK_APP || msg->kind == OUT_STOPPED)
        return;
    if (w->out[account][msg->phone])
        sim_fail(w, "R-stop-5: nothing follows a STOP", "%s gets message %llu (%s) from account %u",
                 w->phones[msg->phone].digits, (unsigned long long)msg->id,
                 out_kind_names[msg->kind], account);
}

/* Another carrier took it over: what the first has of it is not enough, so all of it goes again. It
 * may have gone over and come back before anything of it was sent. */
static void
goes_over(struct world *w, struct out_msg *msg, uint32_t link, const struct leg *leg)
{
    bool all = true, back = w->routed && (leg->state == LEG_SENT || leg->settled);

    if (msg->link == link && !back)
        return;
    for (uint32_t i = 0; i < msg->parts; i++) {
        if (msg->legs[i].state == LEG_FLYING && msg->link != link)
            sim_fail(w, "R-rel-2: one copy on the wire", "message %llu goes over while it is out",
                     (unsigned long long)msg->id);
        all = all && (msg->legs[i].state == LEG_SENT || msg->legs[i].settled);
    }
    trace(w, "message %llu goes over to %s", (unsigned long long)msg->id, w->links[link].name);
    msg->link = link;
    for (uint32_t i = 0; i < msg->parts && !all; i++)
        if (msg->legs[i].state == LEG_SENT || msg->legs[i].settled) {
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
    parse(w, at, &pdu, &p);
    trace(w, "intent: message %llu part %u/%u from %s to %s on bind %u '%.60s'",
          (unsigned long long)effect->token.id, p.part + 1, p.parts, w->numbers[p.number].digits,
          w->phones[p.phone].digits, at, p.text);
    w->flights = sim_grow(w->flights, w->flight_count++, &w->flight_cap, sizeof(*w->flights));
    w->flights[ref] = (struct flight){.token = effect->token,
                                      .bind = at,
                                      .generation = effect->session.generation,
                                      .part = p.part,
                                      .registered = p.registered};
    w->flights[ref].msg = msg_of(w, effect->token.id, at, &pdu, &p);
    leg = &w->msgs[w->flights[ref].msg].legs[p.part];
    goes_over(w, &w->msgs[w->flights[ref].msg], bind->link, leg);
    check_leg(w, &w->msgs[w->flights[ref].msg], leg);
    check_opt_out(w, &w->msgs[w->flights[ref].msg]);
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
        if (pdu.command_id != (submit ? SMPP_SUBMIT_SM_RESP : SMPP_DELIVER_SM_RESP))
            sim_fail(w, "one reply for each request", "%s", smpp_command_name(pdu.command_id));
        mail->replied = true;
        mail->status = pdu.command_status;
        if (submit && pdu.command_status == SMPP_ROK)
            snprintf(w->items[req->item].message_id, sizeof(w->items[req->item].message_id), "%.*s",
                     (int)pdu.body.message_id.n, (const char *)pdu.body.message_id.p);
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
        break;
    case EV_STOP:
        w->stopping = true;
        w->stop_ms = w->now_ms;
        break;
    case EV_BIND_HOLD:
    case EV_TICK:
    case EV_COMMAND:
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
    for (uint32_t i = 0; i < count; i++)
        commit_mail(w, &mails[i]);
    at = 0;
    while (effects_next(&w->fx, &at, &effect))
        if (effect.kind == FX_SEND)
            ledger_flight(w, &effect);
        else if (effect.kind == FX_LOG)
            trace(w, "log: %.*s", (int)effect.octets.n, (const char *)effect.octets.p);
}
