/*
 * classify.c: what a PDU of ours is: its addresses and text, the item that it carries or the notice
 * that it is, and whether that may be at all. ledger.c asks once for each message that leaves.
 */
#include "tests/sim/sim.h"

#include "protocol/udh.h"

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
    [OUT_NOTE] = "note",
};

const char *
out_kind_name(uint8_t kind)
{
    return kind < OUT_KINDS ? out_kind_names[kind] : "?";
}

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

/* Of a submit_multi the item of this phone. */
static uint32_t
member_for(const struct world *w, uint32_t item, uint32_t phone)
{
    for (uint32_t i = item; i < w->item_count && w->items[i].group == item; i++)
        if (w->items[i].dest_phone == phone)
            return i;
    return item;
}

/* Every text of ours carries its item as "m17." in each part. */
static uint32_t
item_of_text(const struct world *w, const char *text, uint32_t phone)
{
    for (const char *p = strchr(text, 'm'); p; p = strchr(p + 1, 'm')) {
        char *end;
        unsigned long n;

        if (p[1] < '0' || p[1] > '9')
            continue;
        n = strtoul(p + 1, &end, 10);
        if (*end == '.' && n < w->item_count)
            return member_for(w, (uint32_t)n, phone);
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
    if (item->writer != msg->phone && !traffic_is_proxied(w, item) &&
        !strstr(text, w->phones[item->writer].digits))
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
        return strcmp(rest ? rest + strlen(digits) + 2 : text, item->text) == 0;
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
    return item->stopped || item->refused || item->held || w->now_ms >= item->expires_ms ? 2 : 3;
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

/* ---- notes */

/* How well does this note fit? 0 is not at all. */
static int
note_fit(const struct world *w, const struct item *item, const struct out_msg *msg,
         const char *text)
{
    if (item->kind != ITEM_NOTE || item->started >= item->accepted ||
        item->out_number != msg->number || item->out_phone != msg->phone ||
        strcmp(item->text, text) != 0)
        return 0;
    if (item->stopped || item->refused || item->held || w->now_ms >= item->expires_ms)
        return 1;
    return item->optional ? 2 : 3;
}

/* The oldest of those that it fits best. */
static uint32_t
note_of_text(struct world *w, const struct out_msg *msg, const char *text)
{
    uint32_t found = NONE, like = 0;
    int best = 0;

    for (uint32_t i = 0; i < w->item_count; i++) {
        int fit = note_fit(w, &w->items[i], msg, text);

        like += fit > 0;
        if (fit > best) {
            found = i;
            best = fit;
        }
    }
    if (like > 1)
        for (uint32_t i = 0; i < w->item_count; i++)
            w->items[i].unordered |= note_fit(w, &w->items[i], msg, text) > 0;
    return found;
}

/* R-txt-7: no more than so many in any minute that begins with the first of them. */
static void
count_limited(struct world *w, uint32_t agent)
{
    uint64_t minutes = (w->now_ms - w->began_ms) / MINUTE_MS + 1;

    if (++w->limited_seen[agent] > minutes * NOTICES_PER_MINUTE)
        sim_fail(w, "R-txt-7: notices are limited", "agent %u gets %u in %llu minutes", agent,
                 w->limited_seen[agent], (unsigned long long)minutes);
}

/* What a pool does whose state nobody knows is told to its own agents at least. */
static bool
vague_note(struct world *w, const struct out_msg *msg, const char *text)
{
    uint32_t agent = w->phones[msg->phone].agent, account = w->numbers[msg->number].account;

    return begins(text, "#PX") && proxy_is_vague(w, account) && agent != NONE &&
           w->agents[agent].account == account;
}

/* So much that the number's flow may be full: then what waits for a message behind all that goes
 * without it. */
#define FLOW_FULL 64u

static bool
much_waits(const struct world *w, uint32_t number)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < w->item_count && count < FLOW_FULL; i++)
        count += w->items[i].dest == TO_PHONE && w->items[i].out_number == number &&
                 w->items[i].started < w->items[i].accepted;
    return count == FLOW_FULL;
}

/* R-proxy-6: whose number it was hears of it before anything of the new pair goes out. */
static void
check_told(struct world *w, const struct out_msg *msg)
{
    uint32_t lease = w->items[msg->item].lease, at = lease == NONE ? NONE : w->leases[lease].notice;
    const struct item *notice;

    if (at == NONE || msg->number != w->leases[lease].number || w->items[msg->item].unordered)
        return;
    notice = &w->items[at];
    if (notice->started == 0 && !notice->stopped && !notice->refused && !notice->held &&
        !notice->unordered && w->now_ms < notice->expires_ms &&
        !(w->routed && much_waits(w, msg->number)))
        sim_fail(w, "R-proxy-6: told before anything of the new pair",
                 "item %u of lease %u leaves, note %u has not", msg->item, lease + 1, at);
}

static bool
classify_note(struct world *w, struct out_msg *msg, const char *text)
{
    struct item *item;

    bool vague_auto = begins(text, "#AUTO") && robot_count(w, msg, text);

    msg->item = note_of_text(w, msg, text);
    msg->unordered |= w->pools[w->numbers[msg->number].account].vague;
    msg->unordered |= vague_auto;
    if (msg->item == NONE && !vague_auto && !vague_note(w, msg, text))
        return false;
    msg->kind = OUT_NOTE;
    if (msg->item == NONE)
        return true;
    item = &w->items[msg->item];
    msg->turn = item->started++;
    item->msg = (uint32_t)(msg - w->msgs);
    if (item->limited)
        count_limited(w, w->phones[msg->phone].agent);
    check_told(w, msg);
    return true;
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
    uint32_t allowed = item->accepted + item->remade;

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
    if (item->lease != NONE && (item->out_number != msg->number || item->out_phone != msg->phone))
        sim_fail(w, "R-proxy-7: nobody but the party of the lease it was written in",
                 "item %u of lease %u leaves from %s for %s", msg->item, item->lease + 1,
                 w->numbers[msg->number].digits, w->phones[msg->phone].digits);
    if (item->out_number != msg->number || item->out_phone != msg->phone ||
        (item->out_link != msg->link && !stands_in(w, item->out_link, msg->link)))
        sim_fail(w, "every message arrives at its party", "item %u leaves from %s for %s by %s",
                 msg->item, w->numbers[msg->number].digits, w->phones[msg->phone].digits,
                 w->links[msg->link].name);
    if (w->now_ms < item->due_ms)
        sim_fail(w, "T4: nothing leaves before its time", "item %u is %llu ms early", msg->item,
                 (unsigned long long)(item->due_ms - w->now_ms));
    check_told(w, msg);
    if (item->started >= allowed)
        sim_fail(w, "R-rel-3: nothing is relayed twice",
                 "item %u was accepted %u times, message %llu is one more", msg->item, allowed,
                 (unsigned long long)msg->id);
    if (item->cast != NONE)
        cast_again(w, item);
    msg->turn = item->started++;
}

/* A long reply whose parts came too late for each other may make a notice for each of them. */
uint32_t
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
                     w->phones[msg->phone].digits, out_kind_name(msg->kind));
        return;
    }
    if (agent == NONE || w->agents[agent].number != msg->number)
        sim_fail(w, "notices go to agents", "%s gets a %s", w->phones[msg->phone].digits,
                 out_kind_name(msg->kind));
    if (msg->kind == OUT_NOTICE)
        count_limited(w, agent);
    if (++w->notices_seen[agent][msg->kind] > w->notices_due[agent][msg->kind] +
                                                  w->notices_optional[agent][msg->kind] +
                                                  broken_replies(w, agent))
        sim_fail(w, "R-txt-7: one notice", "agent %u gets one %s too many", agent,
                 out_kind_name(msg->kind));
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
    msg->item = item_of_text(w, text, msg->phone);
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
    if (classify_note(w, msg, text))
        return;
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
            w->items[i].writer == msg->link &&
            (w->items[i].group == NONE || w->items[i].dest_phone == msg->phone))
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

void
classify_pdu(struct world *w, uint32_t at, const struct pdu *pdu, struct parsed *out)
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

uint32_t
classify_msg(struct world *w, uint64_t id, uint32_t at, const struct pdu *pdu,
             const struct parsed *p)
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
