/*
 * receipts.c: delivery receipts, notifications and acknowledgements from a carrier, and the message
 * that each speaks of (R-rel-4, conformance section 10). What the app is told of it: tell.c.
 *
 * TABLE_RECEIPT_ID maps (carrier, ID in its comparable form) to a message, and says whether the
 * final receipt for this ID has come. A receipt that comes before the response that names the ID is
 * parked in TABLE_ORPHAN and joined when the response arrives.
 */
#include "gateway/relay/receipts.h"

#include "gateway/relay/core.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/tell.h"
#include "gateway/relay/timer.h"
#include "protocol/receipt.h"

/* A carrier's ID and its comparable form are at most so long; a longer one is compared by its first
 * octets. */
#define ID_KEY_BYTES_MAX 64u

static void
id_key(struct key *key, uint32_t link, enum receipt_id_form form, struct slice id)
{
    uint8_t octets[ID_KEY_BYTES_MAX];

    if (id.n > ID_KEY_BYTES_MAX)
        id.n = ID_KEY_BYTES_MAX;
    key_init(key);
    key_u32(key, link);
    key_bytes(key, slice_of(octets, receipt_id_key(form, id, octets, sizeof(octets))));
}

/* A carrier's clock and ours differ by so much at most; a date further off is none (T8). */
#define CLOCK_SKEW_MS (5u * 60u * 1000u)
#define MINUTE_MS 60000u
/* Two numbers that end in so many equal digits are one phone, however a carrier writes it. */
#define PHONE_DIGITS 7u

/* R8: by the specification it is final, at most carriers it is not. */
static bool
accepted_ends(const struct link *link)
{
    return link->carrier && link->carrier->accepted_is_final;
}

/* The message's end that a receipt reports; MSG_SENT: it is on its way still. */
static enum msg_state
msg_state_of(enum receipt_state state, bool accepted_is_end)
{
    switch (state) {
    case RECEIPT_DELIVERED:
        return MSG_DELIVERED;
    case RECEIPT_EXPIRED:
        return MSG_EXPIRED;
    case RECEIPT_DELETED:
        return MSG_CANCELLED;
    case RECEIPT_UNDELIVERABLE:
    case RECEIPT_REJECTED:
    case RECEIPT_SKIPPED:
        return MSG_UNDELIVERABLE;
    case RECEIPT_ACCEPTED:
        return accepted_is_end ? MSG_DELIVERED : MSG_SENT;
    case RECEIPT_SCHEDULED:
    case RECEIPT_ENROUTE:
    case RECEIPT_UNKNOWN:
    case RECEIPT_STATES:
        return MSG_SENT;
    }
    return MSG_SENT;
}

/* Keeps a failure of one part over the delivery of another (L9). */
static void
receipt_note(struct rec_msg *msg, const struct rec_orphan *said)
{
    if (msg->early_parts == 0 || msg->early_state == RECEIPT_DELIVERED ||
        msg->early_state == RECEIPT_ACCEPTED) {
        msg->early_state = said->state;
        msg->network_error = said->network_error;
        msg->done_ms = said->done_ms;
    }
    if (msg->early_parts < UINT8_MAX)
        msg->early_parts++;
}

/* When it ended, by the carrier's clock if that makes sense, else when we heard of it. Dates have
 * no seconds as a rule. */
static uint64_t
done_at(const struct step *s, const struct rec_msg *msg, uint64_t done_ms)
{
    uint64_t accepted = msg->accepted_ms - msg->accepted_ms % MINUTE_MS;

    return done_ms + CLOCK_SKEW_MS >= accepted && done_ms <= s->now_ms + CLOCK_SKEW_MS ? done_ms
                                                                                       : s->now_ms;
}

static void
log_again(struct step *s, uint64_t message, const struct rec_msg *msg, uint8_t state)
{
    struct line line = {.n = 0};

    line_text(&line, "receipt for a message that has ended");
    line_number(&line, "id", message);
    line_key(&line, "state", msg_state_name(msg->state));
    line_key(&line, "receipt", receipt_state_name((enum receipt_state)state));
    line_log(s, LOG_LEVEL_DEBUG, &line);
}

/* A state that its carrier, which need not be the one that the message is at now, means as final.
 * A final state is sticky; a message of several parts is delivered when all of them are (L9). */
static void
receipt_apply(struct step *s, uint64_t message, struct rec_msg *msg, const struct rec_orphan *said)
{
    struct ending end = {.state = msg_state_of((enum receipt_state)said->state, true),
                         .told = (enum receipt_state)said->state};

    if (end.state == MSG_SENT)
        return;
    if (message_final(msg->state) && msg->state != MSG_SENT && msg->state != MSG_HELD) {
        log_again(s, message, msg, said->state);
        return;
    }
    /* Other parts are still on their way, or it is about to be sent again: it counts when the
     * message is sent. */
    if (!message_final(msg->state)) {
        receipt_note(msg, said);
        message_put(s, message, msg);
        return;
    }
    if (said->network_error)
        msg->network_error = said->network_error;
    if (end.state == MSG_DELIVERED && ++msg->parts_delivered < msg->parts) {
        message_put(s, message, msg);
        return;
    }
    end.done_ms = done_at(s, msg, said->done_ms);
    message_end_as(s, message, msg, &end);
}

/* R5: it waits for the response that names its ID. Answered with success when it will be on disk;
 * while there is no room for what nobody may ever ask for, the carrier keeps it. */
static enum smpp_status
orphan_keep(struct step *s, const struct link *link, const struct key *key,
            const struct rec_orphan *said)
{
    struct slice there;

    s->relay->count.receipts_orphan++;
    /* Nothing that would count later, and a final one may stand there. */
    if (PLANTED(DROP_EARLY_RECEIPT) ||
        msg_state_of((enum receipt_state)said->state, accepted_ends(link)) == MSG_SENT)
        return SMPP_ROK;
    if (s->relay->room == STORE_TIGHT && !store_get(s->txn, TABLE_ORPHAN, key_slice(key), &there))
        return SMPP_RX_T_APPN;
    record_put(s->txn, TABLE_ORPHAN, key_slice(key), &rec_orphan_def, said);
    timer_set(s, s->now_ms + s->relay->conf->relay.orphan_ms, TIMER_ORPHAN, key_slice(key));
    return SMPP_ROK;
}

void
receipt_orphan_expire(struct step *s, struct slice payload)
{
    struct rec_orphan orphan;

    if (record_get(s->txn, TABLE_ORPHAN, payload, &rec_orphan_def, &orphan) &&
        orphan.at_ms + s->relay->conf->relay.orphan_ms <= s->now_ms)
        store_del(s->txn, TABLE_ORPHAN, payload);
}

/* The row of a carrier's ID: the message, and whether the final receipt of this part has come.
 * Carriers send receipts twice, and a message of two parts is not delivered when one of them is so
 * twice. */
static void
receipt_row_put(struct step *s, const struct key *key, uint64_t message, bool final)
{
    struct key value;

    key_init(&value);
    key_u64(&value, message);
    key_u8(&value, final);
    store_put(s->txn, TABLE_RECEIPT_ID, key_slice(key), key_slice(&value));
}

static bool
receipt_find(struct step *s, const struct key *key, uint64_t *message, uint8_t *final)
{
    struct slice value;

    return store_get(s->txn, TABLE_RECEIPT_ID, key_slice(key), &value) &&
           key_take_u64(&value, message) && key_take_u8(&value, final);
}

/* The ID of the part that was accepted first. */
static bool
is_first_part(const struct link *link, const struct rec_msg *msg, const struct key *key)
{
    struct slice ids = msg->carrier_id;
    struct key first;

    if (msg->parts == 1 || ids.n < 2 || ids.p[0] >= ids.n)
        return true;
    id_key(&first, link->id, link->carrier ? link->carrier->resp_id : RECEIPT_ID_TEXT,
           slice_of(ids.p + 1, ids.p[0]));
    return slice_eq(key_slice(&first), key_slice(key));
}

static void
receipt_known(struct step *s, const struct link *link, const struct key *key, uint64_t message,
              const struct rec_orphan *said)
{
    bool final = msg_state_of((enum receipt_state)said->state, accepted_ends(link)) != MSG_SENT;
    struct rec_msg msg;

    if (!message_get(s, message, &msg))
        return;
    if (msg.parts > 1 && final)
        receipt_row_put(s, key, message, true);
    if (final)
        receipt_apply(s, message, &msg, said);
    else if (is_first_part(link, &msg, key)) /* one notification of a text is enough */
        tell_on_the_way(s, message, &msg, (enum receipt_state)said->state);
}

static bool
same_phone(const struct addr *phone, struct slice digits)
{
    size_t n = strlen(phone->text);

    if (n < PHONE_DIGITS || digits.n < PHONE_DIGITS)
        return true; /* nothing can be said */
    return memcmp(phone->text + n - PHONE_DIGITS, digits.p + digits.n - PHONE_DIGITS,
                  PHONE_DIGITS) == 0;
}

/* A carrier that gives an ID to a second message may send its receipt before its response. The
 * first one has had its own receipt, and the phone is another one: R2 says which address that is.
 */
static bool
is_of_a_later_message(struct step *s, const struct link *link, const struct pdu *pdu,
                      uint64_t message)
{
    const struct pdu_sm *sm = &pdu->body.sm;
    bool unswapped = link->carrier && link->carrier->receipt_unswapped;
    struct rec_msg msg;

    return message_get(s, message, &msg) && message_final(msg.state) && msg.state != MSG_SENT &&
           msg.state != MSG_HELD &&
           !same_phone(&msg.dest, unswapped ? sm->dest.digits : sm->source.digits);
}

/* R3: the TLV has the network and its code. Some carriers write a number of their own into the text
 * only. */
static uint32_t
network_error_of(const struct receipt *receipt)
{
    uint32_t code = 0;

    if (receipt->network_error_code || receipt->network_error_type)
        return (uint32_t)receipt->network_error_type << 16 | receipt->network_error_code;
    for (size_t i = 0; i < receipt->error.n; i++) {
        if (receipt->error.p[i] < '0' || receipt->error.p[i] > '9' || i > 4)
            return 0;
        code = code * 10 + (uint32_t)(receipt->error.p[i] - '0');
    }
    return code > 0 && code <= UINT16_MAX ? NETWORK_OF_CARRIER << 16 | code : 0;
}

static struct rec_orphan
receipt_said(const struct step *s, const struct link *link, const struct receipt *receipt)
{
    int32_t zone_s = link->carrier ? link->carrier->receipt_zone_min * 60 : 0;
    struct rec_orphan said = {.at_ms = s->now_ms,
                              .state = (uint8_t)receipt->state,
                              .error = receipt->error,
                              .network_error = network_error_of(receipt)};
    uint64_t done_s;

    if (said.error.n > 32)
        said.error.n = 32;
    if (receipt_date(receipt->done_date, zone_s, &done_s))
        said.done_ms = done_s * 1000;
    return said;
}

bool
receipt_is(const struct bind *bind, const struct pdu *pdu)
{
    const struct conf_carrier *carrier = bind->link->carrier;

    if (receipt_kind(pdu->body.sm.esm_class) != RECEIPT_NONE)
        return true;
    return carrier && carrier->receipt_esm_0 && receipt_looks(pdu);
}

static void
receipt_find_owner(struct step *s, struct bind *bind, const struct pdu *pdu,
                   const struct receipt *receipt)
{
    enum receipt_kind kind = receipt_kind(pdu->body.sm.esm_class);
    bool ack = kind == RECEIPT_SME_ACK || kind == RECEIPT_USER_ACK || kind == RECEIPT_ABORT;
    struct link *link = bind->link;
    struct rec_orphan said = receipt_said(s, link, receipt);
    enum smpp_status status = SMPP_ROK;
    struct key key;
    uint64_t message;
    uint8_t final = false;

    id_key(&key, link->id, link->carrier ? link->carrier->receipt_id : RECEIPT_ID_TEXT,
           receipt->id);
    if (!receipt_find(s, &key, &message, &final) || is_of_a_later_message(s, link, pdu, message)) {
        if (!ack) /* a phone answers what it has got, long after the response */
            status = orphan_keep(s, link, &key, &said);
    } else if (ack) {
        tell_ack(s, message, kind, receipt);
    } else if (!final) {
        receipt_known(s, link, &key, message, &said);
    }
    if (status == SMPP_ROK)
        reply_id(s, bind, pdu, SLICE_NONE, 0);
    else
        reply_status(s, bind, pdu, status);
}

void
receipt_in(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    struct receipt receipt;

    receipt_parse(pdu, &receipt);
    s->relay->count.receipts_in++;
    if (receipt.id.n > 0) {
        receipt_find_owner(s, bind, pdu, &receipt);
        return;
    }
    s->relay->count.receipts_bad++;
    reply_id(s, bind, pdu, SLICE_NONE, 0); /* R06: refused, it would come again for ever */
}

/* Adds one {length, octets} to the list of the message's IDs at the carrier. */
static void
carrier_id_add(struct step *s, struct rec_msg *msg, struct slice id)
{
    uint8_t *ids = store_scratch(s->txn, msg->carrier_id.n + id.n + 1);

    if (msg->carrier_id.n)
        memcpy(ids, msg->carrier_id.p, msg->carrier_id.n);
    ids[msg->carrier_id.n] = (uint8_t)id.n;
    memcpy(ids + msg->carrier_id.n + 1, id.p, id.n);
    msg->carrier_id = slice_of(ids, msg->carrier_id.n + id.n + 1);
}

void
receipt_expect(struct step *s, struct link *link, uint64_t message, struct rec_msg *msg,
               struct slice carrier_id)
{
    struct rec_orphan orphan;
    struct key key;
    bool early;

    if (!msg->wants_receipt || carrier_id.n == 0 || link->kind != LINK_CARRIER)
        return;
    if (carrier_id.n > ID_KEY_BYTES_MAX)
        carrier_id.n = ID_KEY_BYTES_MAX;
    carrier_id_add(s, msg, carrier_id);
    id_key(&key, link->id, link->carrier ? link->carrier->resp_id : RECEIPT_ID_TEXT, carrier_id);
    early = record_get(s->txn, TABLE_ORPHAN, key_slice(&key), &rec_orphan_def, &orphan);
    receipt_row_put(s, &key, message, early);
    if (!early)
        return;
    store_del(s->txn, TABLE_ORPHAN, key_slice(&key));
    /* The leg is not closed yet: leg_close() comes right after and ends the message. */
    receipt_note(msg, &orphan);
}

/* Joined receipts of a message that has just been sent whole: now they count. */
void
receipt_join(struct step *s, uint64_t message, struct rec_msg *msg, uint64_t done_ms)
{
    struct rec_orphan said = {
        .state = msg->early_state, .done_ms = done_ms, .network_error = msg->network_error};
    uint8_t parts = msg->early_parts;

    msg->early_parts = 0;
    for (; parts > 0 && msg->state == MSG_SENT; parts--)
        receipt_apply(s, message, msg, &said);
}

/* A carrier may have given the ID to another message since. */
void
receipt_forget(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    struct link *link = link_find(s->relay, msg->link);
    struct slice rest = msg->carrier_id;

    while (rest.n > 1 && rest.p[0] < rest.n) {
        struct slice id = slice_of(rest.p + 1, rest.p[0]);
        struct key key;
        uint64_t owner;
        uint8_t final;

        id_key(&key, msg->link, link && link->carrier ? link->carrier->resp_id : RECEIPT_ID_TEXT,
               id);
        if (receipt_find(s, &key, &owner, &final) && owner == message)
            store_del(s->txn, TABLE_RECEIPT_ID, key_slice(&key));
        rest = slice_of(rest.p + 1 + id.n, rest.n - 1 - id.n);
    }
}
