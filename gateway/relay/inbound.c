/*
 * inbound.c: a deliver_sm or data_sm from a carrier: whose number is it, have we had it before, is
 * it whole, and which role takes it (R-rel-1, R-rel-3).
 *
 * R-rel-3: a carrier sends a message again when our response did not reach it. Content alone never
 * decides that: people do write "Yes" twice. Each accepted message leaves a row until the peer's
 * TCP has acknowledged the octets of its response. When the connection or the process dies, the
 * rows that are left are *suspects*: the same content from the same carrier within duplicate_window
 * is then taken for the same message, once each time the response may have got lost.
 */
#include "gateway/relay/inbound.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/relay/agent.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/join.h"
#include "gateway/relay/lease.h"
#include "gateway/relay/link.h"
#include "gateway/relay/match.h"
#include "gateway/relay/number.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/proxy.h"
#include "gateway/relay/receipts.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/stop.h"
#include "gateway/relay/text.h"
#include "gateway/relay/txt.h"

bool
number_get_any(struct step *s, const struct addr *addr, struct rec_number *out)
{
    struct key key;

    key_init(&key);
    key_addr(&key, addr);
    return record_get(s->txn, TABLE_NUMBER, key_slice(&key), &rec_number_def, out);
}

bool
number_get(struct step *s, const struct addr *addr, struct rec_number *out)
{
    return number_get_any(s, addr, out) && !out->removed;
}

/* A number of ours, or one that was and still stands for a contact (R-proxy-12). */
bool
number_takes(struct step *s, const struct addr *addr, struct rec_number *out)
{
    return number_get_any(s, addr, out) &&
           (!out->removed || (out->role == ROLE_CONTACT && lease_holds(s, addr)));
}

/* ---- what has been accepted and perhaps not acknowledged */

static void
inbound_key(struct key *key, uint32_t link, uint64_t serial, uint64_t n)
{
    key_init(key);
    key_u32(key, link);
    key_u64(key, serial);
    key_u64(key, n);
}

/* Over everything that makes two messages the same to a person (faults.md 2.3). */
static void
digest_of(const struct pdu *pdu, uint8_t out[16])
{
    const struct pdu_sm *sm = &pdu->body.sm;

    for (uint64_t half = 0; half < 2; half++) {
        uint64_t h = hash_mix(half + 1, (uint64_t)sm->esm_class << 8 | sm->data_coding);

        h = hash_bytes(h, sm->source.digits.p, sm->source.digits.n);
        h = hash_bytes(h, sm->dest.digits.p, sm->dest.digits.n);
        h = hash_bytes(h, sm->short_message.p, sm->short_message.n);
        h = hash_bytes(h, pdu->tlvs.p, pdu->tlvs.n);
        memcpy(out + 8 * half, &h, 8);
    }
}

static uint64_t
digest_hash(const uint8_t digest[16], uint32_t link)
{
    return hash_mix(hash_bytes(0, digest, 16), link);
}

static void
suspect_add(struct step *s, uint32_t link, uint64_t serial, uint64_t n,
            const struct rec_inbound *rec)
{
    struct suspect *suspect;

    if (rec->digest.n != sizeof(suspect->digest))
        return;
    suspect = core_alloc(sizeof(*suspect));
    suspect->link = link;
    suspect->serial = serial;
    suspect->n = n;
    suspect->at_ms = rec->at_ms;
    memcpy(suspect->digest, rec->digest.p, sizeof(suspect->digest));
    hash_insert(&s->relay->suspects, &suspect->node, digest_hash(suspect->digest, link));
}

static uint64_t
inbound_keep(struct step *s, const struct bind *bind, const uint8_t digest[16])
{
    uint64_t n = store_counter_next(s->txn, "inbound", 0);
    struct rec_inbound rec = {.at_ms = s->now_ms, .digest = slice_of(digest, 16)};
    struct key key;

    inbound_key(&key, bind->link->id, bind->serial, n);
    record_put(s->txn, TABLE_INBOUND, key_slice(&key), &rec_inbound_def, &rec);
    if (PLANTED(DEDUPE_BY_CONTENT))
        suspect_add(s, bind->link->id, bind->serial, n, &rec);
    return n;
}

static void
suspect_drop(struct step *s, struct suspect *suspect)
{
    struct key key;

    inbound_key(&key, suspect->link, suspect->serial, suspect->n);
    store_del(s->txn, TABLE_INBOUND, key_slice(&key));
    hash_remove(&s->relay->suspects, &suspect->node);
    free(suspect);
}

/* Was this accepted before, with a response that may have got lost? If so the suspect is used up.
 */
static bool
suspect_take(struct step *s, const struct link *link, const uint8_t digest[16])
{
    uint64_t hash = digest_hash(digest, link->id);

    for (struct hash_node *node = hash_chain(&s->relay->suspects, hash); node; node = node->next) {
        struct suspect *suspect = HASH_OBJECT(node, struct suspect, node);

        if (PLANTED(NO_DEDUPE) || node->hash != hash || suspect->link != link->id ||
            memcmp(suspect->digest, digest, 16) != 0 ||
            suspect->at_ms + s->relay->conf->relay.duplicate_ms < s->now_ms)
            continue;
        suspect_drop(s, suspect);
        return true;
    }
    return false;
}

/* Rows of one bind in order; false at the end. */
static bool
inbound_row(struct step *s, const struct bind *bind, uint64_t after, uint64_t *n, struct slice *key)
{
    struct key prefix, from;
    struct slice value, rest;

    key_init(&prefix);
    key_u32(&prefix, bind->link->id);
    key_u64(&prefix, bind->serial);
    from = prefix;
    key_u64(&from, after + 1);
    if (!store_seek(s->txn, TABLE_INBOUND, key_slice(&from), key_slice(&prefix), key, &value))
        return false;
    rest = slice_of(key->p + prefix.n, key->n - prefix.n);
    return key_take_u64(&rest, n);
}

void
inbound_confirmed(struct step *s, struct bind *bind, uint64_t confirmed)
{
    uint64_t n = 0;
    struct slice key;

    while (inbound_row(s, bind, n, &n, &key) && n <= confirmed)
        store_del(s->txn, TABLE_INBOUND, key);
}

void
inbound_lost(struct step *s, struct bind *bind, uint64_t confirmed)
{
    uint64_t n = 0;
    struct rec_inbound rec;
    struct slice key;

    inbound_confirmed(s, bind, confirmed);
    while (inbound_row(s, bind, n, &n, &key))
        if (record_get(s->txn, TABLE_INBOUND, key, &rec_inbound_def, &rec))
            suspect_add(s, bind->link->id, bind->serial, n, &rec);
}

void
inbound_load(struct step *s)
{
    struct key from;
    struct slice key, value;

    key_init(&from);
    while (store_seek(s->txn, TABLE_INBOUND, key_slice(&from), SLICE_NONE, &key, &value)) {
        struct slice rest = key;
        struct rec_inbound rec;
        uint32_t link;
        uint64_t serial, n;

        if (!key_take_u32(&rest, &link) || !key_take_u64(&rest, &serial) ||
            !key_take_u64(&rest, &n))
            break;
        if (record_get(s->txn, TABLE_INBOUND, key, &rec_inbound_def, &rec))
            suspect_add(s, link, serial, n, &rec);
        inbound_key(&from, link, serial, n + 1);
    }
}

void
inbound_sweep(struct step *s)
{
    uint32_t budget = SWEEP_ROWS_MAX;
    struct hash *suspects = &s->relay->suspects;

    for (size_t i = 0; suspects->buckets && i <= suspects->mask; i++)
        for (struct hash_node *node = suspects->buckets[i], *next; node && budget; node = next) {
            struct suspect *suspect = HASH_OBJECT(node, struct suspect, node);

            next = node->next;
            if (suspect->at_ms + s->relay->conf->relay.duplicate_ms >= s->now_ms)
                continue;
            suspect_drop(s, suspect);
            budget--;
        }
}

void
inbound_free(struct relay *relay)
{
    for (size_t i = 0; relay->suspects.buckets && i <= relay->suspects.mask; i++)
        for (struct hash_node *node = relay->suspects.buckets[i], *next; node; node = next) {
            next = node->next;
            free(HASH_OBJECT(node, struct suspect, node));
        }
    hash_release(&relay->suspects);
}

/* ---- a message */

static void
log_unrouted(struct step *s, const struct bind *bind, const struct addr *number,
             const char *reason)
{
    struct line line = {.n = 0};

    s->relay->count.unrouted++;
    line_text(&line, "message refused");
    line_key(&line, "carrier", bind->link->name);
    line_addr(&line, "to", number);
    line_key(&line, "reason", reason);
    line_log(s, LOG_LEVEL_WARN, &line);
}

/* R15: what would reach nobody is not acknowledged. */
static bool
has_taker(struct step *s, const struct rec_number *owner)
{
    const struct link *app;
    struct rec_agent agent;

    switch ((enum number_role)owner->role) {
    case ROLE_BUSINESS:
    case ROLE_RELAY:
    case ROLE_CONTACT:
        return true;
    case ROLE_APP:
        app = link_find(s->relay, owner->app);
        return app && app->app;
    case ROLE_USER:
        return agent_get(s, owner->account, owner->agent, &agent);
    }
    return false;
}

/* Whose message is it? Returns the status to refuse it with. */
static enum smpp_status
inbound_parties(struct step *s, struct bind *bind, const struct pdu *pdu, struct inbound *in)
{
    const struct pdu_sm *sm = &pdu->body.sm;
    const struct account *account;
    struct tlv payload;

    if (pdu->command_id == SMPP_DATA_SM && !tlv_find(pdu->tlvs, SMPP_TAG_MESSAGE_PAYLOAD, &payload))
        return SMPP_RMISSINGTLV; /* X03; a receipt needs none */
    if (pdu_text(pdu).n > TEXT_OCTETS_MAX)
        return SMPP_RINVMSGLEN;
    /* A sender name is nobody's number, whatever TON a carrier writes (A3). */
    if (addr_from_wire(&sm->dest, NULL, &in->number) != ADDR_OK || in->number.kind == ADDR_ALPHA ||
        !number_takes(s, &in->number, &in->owner)) {
        log_unrouted(s, bind, &in->number, "not a number of ours");
        /* A directory that is still being written may bring the number: the carrier is to try
         * again. */
        return s->relay->apply ? SMPP_RX_T_APPN : SMPP_RINVDSTADR;
    }
    if (!has_taker(s, &in->owner)) {
        log_unrouted(s, bind, &in->number, "nobody takes messages to this number");
        return s->relay->apply ? SMPP_RX_T_APPN : SMPP_RX_R_APPN;
    }
    account = account_of(s->relay, in->owner.account);
    if (addr_from_wire(&sm->source, account->plan, &in->phone) != ADDR_OK)
        return SMPP_RINVSRCADR;
    return SMPP_ROK;
}

static void
inbound_text(struct step *s, struct inbound *in, const struct pdu *pdu, struct udh *udh)
{
    struct slice octets = pdu_text(pdu);
    size_t header;

    in->data_coding = pdu->body.sm.data_coding;
    in->alphabet = text_alphabet_of(in->data_coding, link_alphabet(in->link));
    in->udhi = false;
    if (udh_of_pdu(pdu, udh) != UDH_OK)
        udh->concat =
            (struct concat){0}; /* U02, U04, U05: from a carrier the octets are the text */
    /* A header with anything but concatenation (ports, shift tables) is the phone's business: it
     * stays with the text. So do parts with such a header on their way to an app (E8); people get
     * their text joined. */
    if (udh->header.n > 0 &&
        (udh->concat.total == 0 || (in->owner.role == ROLE_APP && header_is_senders(udh)))) {
        in->udhi = true;
        udh->concat.total = 0;
    }
    octets = user_data_from(s, in->link, in->data_coding, octets, octets.n - udh->text.n);
    header = in->udhi ? 0 : pdu_text(pdu).n - udh->text.n;
    in->octets = slice_of(octets.p + header, octets.n - header);
}

/* Most carriers that pack texts do not pack receipts, whatever data_coding 0 is. */
static void
inbound_receipt(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    struct slice text = pdu->body.sm.short_message;
    struct pdu unpacked;

    if (link_packed(bind->link, pdu->body.sm.data_coding) && text.n > 1 &&
        (text.p[1] | 0x20) != 'd') { /* not "id:" */
        unpacked = *pdu;
        unpacked.body.sm.short_message =
            user_data_from(s, bind->link, pdu->body.sm.data_coding, text, 0);
        pdu = &unpacked;
    }
    receipt_in(s, bind, pdu);
}

/* What an app may want to know besides the text. */
static void
inbound_extras(struct step *s, struct inbound *in, const struct pdu *pdu)
{
    uint8_t *tlvs;

    in->esm_class = pdu->body.sm.esm_class;
    if (pdu->tlvs.n == 0 || (in->owner.role != ROLE_APP && in->owner.role != ROLE_BUSINESS))
        return;
    tlvs = store_scratch(s->txn, VENDOR_TLVS_BYTES_MAX);
    in->tlvs = slice_of(tlvs, tlv_copy_vendor(pdu->tlvs, tlvs, VENDOR_TLVS_BYTES_MAX));
}

void
inbound_pdu(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    struct inbound in = {.link = bind->link};
    uint8_t digest[16];
    struct udh udh = {0};
    enum smpp_status status;

    if (receipt_is(bind, pdu)) {
        inbound_receipt(s, bind, pdu);
        return;
    }
    digest_of(pdu, digest);
    if (suspect_take(s, bind->link, digest)) {
        s->relay->count.duplicates_in++;
        reply_id(s, bind, pdu, SLICE_NONE, inbound_keep(s, bind, digest));
        return;
    }
    status = s->relay->room == STORE_TIGHT ? SMPP_RMSGQFUL : inbound_parties(s, bind, pdu, &in);
    if (status != SMPP_ROK) {
        s->relay->count.refused_full += status == SMPP_RMSGQFUL;
        reply_status(s, bind, pdu, status);
        return;
    }
    s->relay->count.messages_in++;
    reply_id(s, bind, pdu, SLICE_NONE, inbound_keep(s, bind, digest));
    inbound_text(s, &in, pdu, &udh);
    inbound_extras(s, &in, pdu);
    if (udh.concat.total <= 1 || join_part(s, &in, &udh.concat))
        inbound_whole(s, &in);
}

/* ---- a whole message */

/* What a person reads; a header in front of the text is not text. */
static void
inbound_decode(struct step *s, struct inbound *in)
{
    struct slice octets = in->octets;
    struct udh udh;
    uint8_t *text;
    size_t room;

    in->binary = in->alphabet == TEXT_BINARY;
    if (in->binary)
        return;
    if (in->udhi) {
        (void)udh_parse(octets, &udh); /* U05: what is wrong with it does not matter here */
        octets = udh.text;
    }
    room = TEXT_UTF8_MAX(octets.n) < TEXT_UTF8_BYTES_MAX ? TEXT_UTF8_MAX(octets.n)
                                                         : TEXT_UTF8_BYTES_MAX;
    text = store_scratch(s->txn, room);
    in->text = slice_of(text, text_to_utf8(in->alphabet, octets, text, room));
}

void
inbound_to_app(struct step *s, const struct inbound *in, uint32_t to)
{
    struct link *app = link_find(s->relay, to);
    struct rec_msg msg = {.op = OP_DELIVER,
                          .class = CLASS_CHAT,
                          .account = in->owner.account,
                          .link = to,
                          .source = in->phone,
                          .dest = in->number,
                          .data_coding = in->data_coding,
                          .alphabet = (uint8_t)in->alphabet,
                          .payload = in->octets};

    if (!app) {
        s->relay->count.unrouted++;
        return;
    }
    msg.esm_class = in->esm_class & SMPP_ESM_REPLY_PATH;
    if (in->udhi)
        msg.esm_class |= SMPP_ESM_UDHI;
    if (app->app && app->app->vendor_tlvs)
        msg.tlvs = in->tlvs;
    /* Text that was joined with gaps is UTF-8, whatever the carrier speaks. */
    if (!in->udhi && !in->binary &&
        in->alphabet != text_alphabet_of(in->data_coding, link_alphabet(app)))
        compose_for_app(s, &msg, in->text);
    else
        accept_for_app(s, &msg);
}

void
inbound_whole(struct step *s, struct inbound *in)
{
    inbound_decode(s, in);
    in->stop = (uint8_t)stop_look(s, in);
    switch ((enum number_role)in->owner.role) {
    case ROLE_BUSINESS:
        match_sender(s, in);
        number_in(s, in);
        break;
    case ROLE_RELAY:
        txt_reply(s, in);
        break;
    case ROLE_APP:
        inbound_to_app(s, in, in->owner.app);
        break;
    case ROLE_USER:
        proxy_user_in(s, in);
        break;
    case ROLE_CONTACT:
        proxy_contact_in(s, in);
        break;
    }
}
