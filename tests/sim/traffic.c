/*
 * traffic.c: what people and apps do, and what befalls the world: contacts text, agents answer,
 * apps submit, somebody says STOP; connections break, the configuration changes, time jumps.
 */
#include "tests/sim/sim.h"

#include "protocol/udh.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT_BYTES 2048u
#define STRANGE_NUMBER "19995550000"

uint32_t
req_new(struct world *w)
{
    uint32_t ref = w->req_count;

    w->reqs = sim_grow(w->reqs, w->req_count++, &w->req_cap, sizeof(*w->reqs));
    w->reqs[ref] = (struct req){.item = NONE, .phone = NONE, .number = NONE};
    w->active = sim_grow(w->active, w->active_count, &w->active_cap, sizeof(*w->active));
    w->active[w->active_count++] = ref;
    return ref;
}

uint32_t
item_new(struct world *w, enum item_kind kind, uint32_t account)
{
    uint32_t at = w->item_count;

    w->items = sim_grow(w->items, w->item_count++, &w->item_cap, sizeof(*w->items));
    w->items[at] = (struct item){.kind = (uint8_t)kind,
                                 .account = account,
                                 .conv = NONE,
                                 .req = NONE,
                                 .group = NONE,
                                 .cast = NONE,
                                 .lease = NONE,
                                 .contact = NONE};
    return at;
}

/* ---- texts: each says which item it is, again and again, so that every part of it does */

static const char *
make_text(struct world *w, uint32_t item, uint32_t length, bool unicode)
{
    static const char *const plain[] = {
        "hello", "see",           "you",         "at",   "noon",   "yes", "no",
        "[x]",   "5\xe2\x82\xac", "caf\xc3\xa9", "{ok}", "thanks", "a~b", "0"};
    static const char *const wide[] = {"\xd0\xbf\xd1\x80\xd0\xb8", "\xe6\x97\xa5\xe6\x9c\xac",
                                       "\xf0\x9f\x98\x80", "na\xc3\xafve", "\xd7\xa9\xd7\x9c"};
    char text[TEXT_BYTES];
    size_t n = (size_t)snprintf(text, sizeof(text), "m%u.", item), marked = n;
    uint32_t characters = (uint32_t)n;

    while (characters < length && n < sizeof(text) - 32) {
        const char *word = unicode && chance(w, 4000) ? wide[rnd(w, 5)] : plain[rnd(w, 14)];
        size_t before = n;

        if (n > marked + 14) {
            n += (size_t)snprintf(text + n, sizeof(text) - n, " m%u.", item);
            marked = n;
        } else {
            n += (size_t)snprintf(text + n, sizeof(text) - n, " %s", word);
        }
        for (; before < n; before++)
            characters += ((uint8_t)text[before] & 0xc0) != 0x80;
    }
    return sim_copy(w, text, n);
}

static uint32_t
text_length(struct world *w, bool unicode)
{
    if (chance(w, 8500))
        return between(w, 4, 55);
    return unicode ? between(w, 60, 180) : between(w, 150, 420);
}

/* ---- requests that carry a text */

/* The text in the alphabet that a phone would choose. */
static struct slice
encoded(struct world *w, enum text_alphabet usual, const char *text, uint8_t *data_coding)
{
    uint8_t octets[TEXT_BYTES * 2];
    bool fits = text_fits(usual, slice_str(text));
    size_t n = text_from_utf8(fits ? usual : TEXT_UCS2, slice_str(text), octets, sizeof(octets));

    *data_coding = fits ? 0 : 8;
    return slice_of(sim_copy(w, octets, n), n);
}

static uint32_t
text_req(struct world *w, uint32_t link, uint32_t item, uint32_t phone, uint32_t number)
{
    uint32_t ref = req_new(w);
    struct req *req = &w->reqs[ref];

    req->kind = REQ_TEXT;
    req->link = link;
    req->item = item;
    req->phone = phone;
    req->number = number;
    req->ton = chance(w, 8000) ? SMPP_TON_INTERNATIONAL : SMPP_TON_UNKNOWN;
    if (item != NONE)
        w->items[item].req = ref;
    return ref;
}

static void
offer_whole(struct world *w, uint32_t ref, const char *text, uint32_t delay_ms)
{
    struct req *req = &w->reqs[ref];
    struct slice octets = encoded(w, w->links[req->link].alphabet, text, &req->data_coding);

    req->octets = octets.p;
    req->n = (uint32_t)octets.n;
    req->payload = octets.n > 140;
    peer_offer(w, ref, delay_ms + between(w, 0, 50));
}

/* One part as a phone sends it: with a header of its own, or with sar TLVs. */
static void
offer_part(struct world *w, uint32_t ref, const struct concat *concat, struct slice octets,
           uint32_t delay_ms)
{
    struct req *req = &w->reqs[ref];
    uint8_t buf[160];
    size_t n = 0;

    req->part = concat->index;
    req->parts = concat->total;
    req->reference = (uint8_t)concat->reference;
    req->sar = concat->wide;
    if (!req->sar) {
        n = udh_put_concat(concat, buf);
        req->esm_class = SMPP_ESM_UDHI;
    }
    assert(octets.n <= sizeof(buf) - n);
    memcpy(buf + n, octets.p, octets.n);
    req->octets = (const uint8_t *)sim_copy(w, buf, n + octets.n);
    req->n = (uint32_t)(n + octets.n);
    peer_offer(w, ref, delay_ms);
}

/* Is its outcome a matter of leases? What is said again may then belong to another one. */
bool
traffic_is_proxied(const struct world *w, const struct item *item)
{
    enum number_role role = w->numbers[item->entry].role;

    return role == ROLE_USER || role == ROLE_CONTACT;
}

/* Parts come in any order, sometimes twice, and one may never come. */
static void
offer_parts(struct world *w, uint32_t link, uint32_t item, uint32_t number, const char *text,
            bool may_lack)
{
    uint8_t data_coding;
    struct slice octets = encoded(w, w->links[link].alphabet, text, &data_coding);
    enum text_alphabet alphabet = data_coding == 8 ? TEXT_UCS2 : w->links[link].alphabet;
    uint32_t total = text_count_parts(alphabet, octets, TEXT_HEADER_8BIT).count, lacking = NONE;
    struct concat concat = {
        .reference = w->next_reference++, .total = (uint8_t)total, .wide = false};
    bool sar = chance(w, 3000);

    if (may_lack && chance(w, 2000))
        lacking = rnd(w, total);
    w->items[item].partial = lacking != NONE;
    for (uint32_t i = 0; i < total; i++) {
        uint32_t copies = w->items[item].kind == ITEM_CONTACT &&
                                  !traffic_is_proxied(w, &w->items[item]) && chance(w, 1500)
                              ? 2
                              : 1;

        w->items[item].parts_want |= 1u << (i + 1);
        concat.index = (uint8_t)(i + 1);
        concat.wide = sar;
        for (uint32_t copy = 0; i != lacking && copy < copies; copy++) {
            uint32_t ref = text_req(w, link, item, w->items[item].writer, number);

            w->reqs[ref].data_coding = data_coding;
            w->reqs[ref].twin = copies > 1;
            offer_part(w, ref, &concat, text_part(alphabet, octets, TEXT_HEADER_8BIT, i),
                       between(w, 0, 3000));
        }
    }
}

static void
offer_text(struct world *w, uint32_t item, uint32_t number, const char *text, bool may_lack)
{
    uint32_t link = w->numbers[number].link;
    struct slice octets;
    uint8_t data_coding;

    octets = encoded(w, w->links[link].alphabet, text, &data_coding);
    if (octets.n > (data_coding == 0 && w->links[link].alphabet == TEXT_GSM ? 160u : 140u))
        offer_parts(w, link, item, number, text, may_lack);
    else
        offer_whole(w, text_req(w, link, item, w->items[item].writer, number), text, 0);
}

const char *
traffic_words(struct world *w, uint32_t item, bool may_be_long)
{
    bool unicode = chance(w, 2500);

    return make_text(w, item, may_be_long ? text_length(w, unicode) : between(w, 4, 40), unicode);
}

void
traffic_offer(struct world *w, uint32_t item, uint32_t number, const char *text, uint32_t delay_ms)
{
    uint32_t link = w->numbers[number].link;

    if (delay_ms > 0 || chance(w, 5000))
        offer_whole(w, text_req(w, link, item, w->items[item].writer, number), text, delay_ms);
    else
        offer_text(w, item, number, text, false);
}

/* The request as a PDU; what it points to lives as long as the world, TLVs as long as the caller's
 * buffer. */
void
request_pdu(const struct world *w, const struct mail *mail, uint8_t *tlvs, size_t cap,
            struct pdu *pdu)
{
    const struct req *req = &w->reqs[mail->ref];
    struct slice phone =
        req->phone == NONE ? SLICE_LIT("447700900999") : slice_str(w->phones[req->phone].digits);
    struct slice number =
        req->number == NONE ? SLICE_LIT(STRANGE_NUMBER) : slice_str(w->numbers[req->number].digits);
    bool submit = w->links[req->link].kind == LINK_APP;
    struct slice text = slice_of(req->octets, req->n);
    uint8_t sar[3][2] = {{0, req->reference}, {req->parts}, {req->part}};
    size_t used = 0;

    *pdu = (struct pdu){.command_id = submit ? SMPP_SUBMIT_SM : SMPP_DELIVER_SM,
                        .sequence_number = mail->sequence};
    pdu->body.sm = (struct pdu_sm){
        .source = {req->ton, SMPP_NPI_ISDN, submit ? number : phone},
        .dest = {req->ton, SMPP_NPI_ISDN, submit ? phone : number},
        .esm_class = req->esm_class,
        .registered_delivery = req->registered,
        .data_coding = req->data_coding,
        .schedule_delivery_time = req->delay_s ? slice_str(req->when) : SLICE_NONE,
        .validity_period = req->validity_h ? SLICE_LIT("000000010000000R") : SLICE_NONE,
    };
    if (req->payload)
        tlv_put(tlvs, cap, &used, SMPP_TAG_MESSAGE_PAYLOAD, text);
    else
        pdu->body.sm.short_message = text;
    if (req->sar) {
        tlv_put(tlvs, cap, &used, SMPP_TAG_SAR_MSG_REF_NUM, slice_of(sar[0], 2));
        tlv_put(tlvs, cap, &used, SMPP_TAG_SAR_TOTAL_SEGMENTS, slice_of(sar[1], 1));
        tlv_put(tlvs, cap, &used, SMPP_TAG_SAR_SEGMENT_SEQNUM, slice_of(sar[2], 1));
    }
    pdu->tlvs = slice_of(tlvs, used);
}

void
request_dests(const struct world *w, const struct req *req, uint8_t *region, size_t cap,
              struct pdu *pdu)
{
    struct pdu_list list = {0};

    for (uint32_t i = 0; i < req->dests; i++) {
        struct slice digits = slice_str(w->phones[w->items[req->item + i].dest_phone].digits);
        struct pdu_dest dest = {.flag = PDU_DEST_SME, .address = {req->ton, SMPP_NPI_ISDN, digits}};

        if (!pdu_dest_put(region, cap, &list, &dest))
            abort();
    }
    pdu->command_id = SMPP_SUBMIT_MULTI;
    pdu->body.sm.dest = (struct pdu_address){0};
    pdu->body.sm.dests = list;
}

/* ---- contacts */

uint32_t
number_of_role(struct world *w, uint32_t account, enum number_role role)
{
    uint32_t first = rnd(w, w->number_count);

    for (uint32_t i = 0; i < w->number_count; i++) {
        uint32_t at = (first + i) % w->number_count;

        if (w->numbers[at].role == role && (account == NONE || w->numbers[at].account == account))
            return at;
    }
    return NONE;
}

static bool
conversation_exists(const struct world *w, uint32_t number, uint32_t contact)
{
    for (uint32_t i = 0; i < w->conv_count; i++)
        if (w->convs[i].number == number && w->convs[i].contact == contact)
            return true;
    return w->numbers[number].role == ROLE_APP;
}

static void
contact_texts(struct world *w)
{
    uint32_t role = rnd(w, 100), contact = rnd(w, w->contact_count), item;
    uint32_t number = number_of_role(w, NONE,
                                     role < 60   ? ROLE_BUSINESS
                                     : role < 97 ? ROLE_APP
                                                 : ROLE_RELAY);
    bool unicode = chance(w, 2500);

    item = item_new(w, ITEM_CONTACT, w->numbers[number].account);
    w->items[item].writer = contact;
    w->items[item].entry = number;
    w->items[item].text = make_text(w, item, text_length(w, unicode), unicode);
    offer_text(w, item, number, w->items[item].text, conversation_exists(w, number, contact));
}

/* A person says the very same again. Only when we know that the carrier has our response to the
 * first: before that, the same octets again may as well be a redelivery, and no gateway can tell
 * (faults.md 2.3). */
static void
somebody_repeats(struct world *w)
{
    uint32_t at;
    struct item *item;
    const struct req *before;
    uint32_t ref;

    if (w->item_count == 0)
        return;
    at = w->item_count - 1 - rnd(w, w->item_count < 20 ? w->item_count : 20);
    item = &w->items[at];
    if (item->kind == ITEM_SUBMIT || item->kind == ITEM_NOTE ||
        item->kind == ITEM_CAST || traffic_is_proxied(w, item) ||
        ((w->robots || w->tended) && w->numbers[item->entry].role == ROLE_BUSINESS) ||
        item->opt || item->either || item->partial || item->accepted + 1 >= REPEATS_MAX)
        return;
    before = &w->reqs[item->req];
    if (before->state != REQ_DONE || !before->confirmed || before->parts != 0)
        return;
    ref = req_new(w);
    before = &w->reqs[item->req];
    w->reqs[ref] = *before;
    w->reqs[ref].state = REQ_WAITS;
    w->reqs[ref].committed = w->reqs[ref].acked = w->reqs[ref].confirmed = false;
    w->reqs[ref].tried = 0;
    w->reqs[ref].inbound = 0;
    item->req = ref;
    trace(w, "item %u again as request %u", at, ref);
    peer_offer(w, ref, between(w, 0, 50));
}

/* Contacts write it to any number; agents know only their relay number, where it is no keyword, and
 * their company's. */
static uint32_t
number_for_opt(struct world *w, uint32_t phone)
{
    uint32_t agent = w->phones[phone].agent;

    if (agent == NONE)
        return rnd(w, w->number_count);
    if (chance(w, 3000))
        return number_of_role(w, w->agents[agent].account, ROLE_APP);
    return w->agents[agent].number;
}

static void
somebody_opts(struct world *w, bool out)
{
    static const char *const texts[2][3] = {{"UNSTOP", " unstop ", "Unstop"},
                                            {"STOP", "stop", "  Stop "}};
    bool contact = chance(w, w->listed ? 5000 : 9000);
    uint32_t phone = rnd(w, contact ? w->contact_count : w->phone_count), which = rnd(w, 3);
    uint32_t number = number_for_opt(w, phone), item, ref;
    uint32_t *last;

    if (number == NONE)
        return;
    last = &w->last_opt[phone][number][which + (out ? 3 : 0)];
    if (!out && !w->out[w->numbers[number].account][phone] && chance(w, 7000))
        return;
    /* The same octets again: see somebody_repeats(). */
    if (*last && !w->reqs[*last - 1].confirmed)
        return;
    item = item_new(w,
                    w->phones[phone].agent == NONE || w->numbers[number].role == ROLE_APP
                        ? ITEM_CONTACT
                        : ITEM_REPLY,
                    w->numbers[number].account);
    w->items[item].writer = phone;
    w->items[item].entry = number;
    w->items[item].text = texts[out][which];
    w->items[item].opt = true;
    ref = text_req(w, w->numbers[number].link, item, phone, number);
    *last = ref + 1;
    w->reqs[ref].kind = out ? REQ_OPT_OUT : REQ_OPT_IN;
    trace(w, "%s says '%s' to %s as request %u", w->phones[phone].digits, texts[out][which],
          w->numbers[number].digits, ref);
    offer_whole(w, ref, texts[out][which], 0);
}

static void
stranger_texts(struct world *w)
{
    uint32_t link = w->numbers[rnd(w, w->number_count)].link;
    uint32_t ref = text_req(w, link, NONE, rnd(w, w->contact_count), NONE);

    w->reqs[ref].kind = REQ_STRAY;
    offer_whole(w, ref, "to nobody", 0);
}

/* ---- agents */

static const struct seen *
some_id(struct world *w, uint32_t account, bool same, uint32_t not_phone)
{
    uint32_t first = rnd(w, w->phone_count);

    for (uint32_t i = 0; i < w->phone_count; i++) {
        const struct sim_phone *phone = &w->phones[(first + i) % w->phone_count];

        if (phone->agent == NONE || phone->seen_count == 0 ||
            (first + i) % w->phone_count == not_phone)
            continue;
        if ((w->agents[phone->agent].account == account) == same)
            return &phone->seen[rnd(w, phone->seen_count)];
    }
    return NULL;
}

/* One digit wrong, or two neighbours swapped: never another ID (R-conv-2). */
static uint64_t
mistyped(struct world *w, uint64_t id)
{
    char digits[24];
    int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)id);
    uint32_t at = between(w, 1, (uint32_t)n - 1);

    if (chance(w, 5000) && at + 1 < (uint32_t)n && digits[at] != digits[at + 1]) {
        char swap = digits[at];

        digits[at] = digits[at + 1];
        digits[at + 1] = swap;
    } else {
        digits[at] = (char)('0' + (digits[at] - '0' + (int)between(w, 1, 9)) % 10);
    }
    return strtoull(digits, NULL, 10);
}

static void
agent_says(struct world *w, uint32_t agent, uint64_t written, uint64_t id, bool either,
           const char *after)
{
    uint32_t item = item_new(w, ITEM_REPLY, w->agents[agent].account);
    uint32_t number = w->agents[agent].number;
    bool unicode = chance(w, 2000);
    /* Once for each agent: the same octets again are somebody_repeats()'s business. */
    bool empty = id != 0 && !w->said_nothing[agent] && chance(w, 200);
    char text[TEXT_BYTES + 64];

    w->items[item].writer = w->agents[agent].phone;
    w->items[item].entry = number;
    w->said_nothing[agent] |= empty;
    w->items[item].reply_id = empty ? 0 : id;
    w->items[item].either = either;
    w->items[item].text =
        make_text(w, item, chance(w, 8500) ? between(w, 4, 50) : between(w, 100, 260), unicode);
    if (written == 0)
        snprintf(text, sizeof(text), "%s", w->items[item].text);
    else
        snprintf(text, sizeof(text), "%s%llu%s%s", chance(w, 500) ? "  " : "",
                 (unsigned long long)written, after, empty ? "" : w->items[item].text);
    trace(w, "agent %u says '%.60s' as item %u", agent, text, item);
    offer_text(w, item, number, text, false);
}

static void
agent_texts(struct world *w)
{
    uint32_t agent = rnd(w, w->agent_count), kind = rnd(w, 100), account = w->agents[agent].account;
    const struct sim_phone *phone = &w->phones[w->agents[agent].phone];
    const struct seen *seen = phone->seen_count ? &phone->seen[rnd(w, phone->seen_count)] : NULL;

    if (w->agents[agent].number == NONE)
        return;
    if (kind < 8) {
        agent_says(w, agent, 0, 0, false, "");
    } else if (kind < 18) {
        seen = some_id(w, account, false, NONE);
        if (seen)
            agent_says(w, agent, seen->id, seen->id, conv_by_id(w, account, seen->id) == NONE, " ");
    } else if (kind < 30) {
        seen = some_id(w, account, true, w->agents[agent].phone);
        if (seen)
            agent_says(w, agent, seen->id, seen->id, false, " ");
    } else if (!seen) {
        return;
    } else if (kind < 36) {
        agent_says(w, agent, mistyped(w, seen->id), 0, false, " ");
    } else if (kind < 40) {
        agent_says(w, agent, seen->id, 0, false, ". ");
    } else {
        agent_says(w, agent, seen->id, seen->id, false, chance(w, 500) ? "\n" : " ");
    }
}

/* ---- apps */

void
traffic_submit(struct world *w, uint32_t item, uint32_t contact)
{
    uint32_t number = w->items[item].entry,
             ref = text_req(w, w->numbers[number].app, item, contact, number);
    struct req *req = &w->reqs[ref];

    req->registered = chance(w, 5000) ? SMPP_REGISTERED_FINAL : SMPP_REGISTERED_NONE;
    offer_whole(w, ref, w->items[item].text, 0);
}

static void
app_submits(struct world *w)
{
    uint32_t number = number_of_role(w, NONE, ROLE_APP), contact = rnd(w, w->contact_count), item,
             ref;
    bool unicode = chance(w, 2500);
    struct req *req;

    item = item_new(w, ITEM_SUBMIT, w->numbers[number].account);
    w->items[item].writer = w->numbers[number].app;
    w->items[item].entry = number;
    w->items[item].text = make_text(w, item, text_length(w, unicode), unicode);
    ref = text_req(w, w->numbers[number].app, item, contact, number);
    req = &w->reqs[ref];
    req->registered = chance(w, 5000) ? SMPP_REGISTERED_FINAL : SMPP_REGISTERED_NONE;
    req->validity_h = chance(w, 500);
    if (w->planned && chance(w, 1500))
        act_schedule(w, req);
    if (w->planned && chance(w, 1500))
        act_multiply(w, ref);
    offer_whole(w, ref, w->items[item].text, 0);
}

/* ---- what befalls the world */

/* Hours go by. Not while parts or redeliveries are on their way: what then becomes of them is a
 * matter of limits that have tests of their own. */
static void
time_jumps(struct world *w)
{
    if (w->active_count > 0 || w->mail_count > 0)
        return;
    w->now_ms += chance(w, 7000) ? between(w, 1, 30) * (uint64_t)MINUTE_MS
                                 : between(w, 1, 60) * (uint64_t)HOUR_MS;
    w->jumped = true;
    trace(w, "time jumps");
}

static void
something_happens(struct world *w)
{
    const struct profile *p = &w->profile;

    if (chance(w, p->drop))
        peer_drop(w, rnd(w, w->bind_count));
    if (p->outage && chance(w, p->outage))
        peer_outage(w, rnd(w, 2));
    if (chance(w, p->tight))
        w->room = w->room == STORE_TIGHT ? STORE_ROOM : STORE_TIGHT;
    if (w->room == STORE_TIGHT && chance(w, 1000))
        w->room = STORE_ROOM;
    if (chance(w, p->jump))
        time_jumps(w);
    if (chance(w, p->conf) && !w->stop_sent) {
        w->variant = (w->variant + 1) % VARIANTS;
        mail_put(w, (struct mail){.kind = EV_CONF, .ref = w->variant});
        trace(w, "configuration %u is loaded", w->variant);
    }
    if (chance(w, p->stop) && !w->stop_sent && w->relay) {
        w->stop_sent = true;
        mail_put(w, (struct mail){.kind = EV_STOP});
        trace(w, "a stop is asked for");
    }
}

void
traffic_act(struct world *w)
{
    uint32_t kind = rnd(w, 100);

    something_happens(w);
    /* People wait when the network does; a crowd of requests that all wait teaches nothing. */
    if (w->item_count > 2000 || w->active_count > w->profile.crowd)
        return;
    if (w->rich && chance(w, 5000))
        act(w);
    else if (kind < 42)
        contact_texts(w);
    else if (kind < 67)
        agent_texts(w);
    else if (kind < 89)
        app_submits(w);
    else if (kind < 92)
        somebody_repeats(w);
    else if (kind < 95)
        somebody_opts(w, true);
    else if (kind < 99)
        somebody_opts(w, false);
    else
        stranger_texts(w);
}
