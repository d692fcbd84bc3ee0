/*
 * receipts.c: delivery receipts: from a carrier to the message it speaks of, and from us to the
 * app that asked (R-rel-4, conformance section 10).
 *
 * TABLE_RECEIPT_ID maps (carrier, ID in its comparable form) to a message, and says whether the
 * final receipt for this ID has come. A receipt that comes before the response that names the ID is
 * parked in TABLE_ORPHAN and joined when the response arrives.
 */
#include "gateway/relay/core.h"
#include "gateway/relay/planted.h"

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

static enum msg_state
msg_state_of(enum receipt_state state)
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
    case RECEIPT_SCHEDULED:
    case RECEIPT_ENROUTE:
    case RECEIPT_ACCEPTED:
    case RECEIPT_UNKNOWN:
    case RECEIPT_STATES:
        return MSG_SENT; /* nothing final (R8: ACCEPTD often is not) */
    }
    return MSG_SENT;
}

/* Keeps a failure of one part over the delivery of another (L9). */
static void
receipt_note(struct rec_msg *msg, enum receipt_state state)
{
    if (msg->early_parts == 0 || msg->early_state == RECEIPT_DELIVERED)
        msg->early_state = (uint8_t)state;
    if (msg->early_parts < UINT8_MAX)
        msg->early_parts++;
}

/* A final state is sticky; a message of several parts is delivered when all of them are (L9). */
static void
receipt_apply(struct step *s, uint64_t message, struct rec_msg *msg, enum receipt_state state)
{
    enum msg_state end = msg_state_of(state);

    if (end == MSG_SENT ||
        (message_final(msg->state) && msg->state != MSG_SENT && msg->state != MSG_HELD))
        return;
    /* Other parts are still on their way, or it is about to be sent again: it counts when the
     * message is sent. */
    if (!message_final(msg->state)) {
        receipt_note(msg, state);
        message_put(s, message, msg);
        return;
    }
    if (end == MSG_DELIVERED && ++msg->parts_delivered < msg->parts) {
        message_put(s, message, msg);
        return;
    }
    message_end(s, message, msg, end);
}

static void
orphan_keep(struct step *s, const struct key *key, const struct receipt *receipt)
{
    struct rec_orphan orphan = {
        .at_ms = s->now_ms, .state = (uint8_t)receipt->state, .error = receipt->error};

    s->relay->count.receipts_orphan++;
    if (PLANTED(DROP_EARLY_RECEIPT))
        return;
    if (msg_state_of(receipt->state) == MSG_SENT)
        return; /* nothing that would count later, and a final one may stand there */
    if (orphan.error.n > 32)
        orphan.error.n = 32;
    record_put(s->txn, TABLE_ORPHAN, key_slice(key), &rec_orphan_def, &orphan);
    timer_set(s, s->now_ms + s->relay->conf->relay.orphan_ms, TIMER_ORPHAN, key_slice(key));
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

static void
receipt_known(struct step *s, const struct key *key, uint64_t message, enum receipt_state state)
{
    struct rec_msg msg;

    if (!message_get(s, message, &msg))
        return;
    if (msg.parts > 1 && msg_state_of(state) != MSG_SENT)
        receipt_row_put(s, key, message, true);
    receipt_apply(s, message, &msg, state);
}

void
receipt_in(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    struct link *link = bind->link;
    struct receipt receipt;
    struct key key;
    uint64_t message;
    uint8_t final;

    receipt_parse(pdu, &receipt);
    s->relay->count.receipts_in++;
    reply_id(s, bind, pdu, SLICE_NONE, 0);
    if (receipt.id.n == 0) {
        s->relay->count.receipts_bad++;
        return;
    }
    id_key(&key, link->id, link->carrier ? link->carrier->receipt_id : RECEIPT_ID_TEXT, receipt.id);
    if (!receipt_find(s, &key, &message, &final))
        orphan_keep(s, &key, &receipt);
    else if (!final)
        receipt_known(s, &key, message, receipt.state);
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
    receipt_note(msg, (enum receipt_state)orphan.state);
}

/* Joined receipts of a message that has just been sent whole: now they count. */
void
receipt_join(struct step *s, uint64_t message, struct rec_msg *msg)
{
    uint8_t parts = msg->early_parts;

    msg->early_parts = 0;
    for (; parts > 0 && msg->state == MSG_SENT; parts--)
        receipt_apply(s, message, msg, (enum receipt_state)msg->early_state);
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

/* ---- to apps */

/* registered_delivery bits 1..0 (R9): 1 success and failure, 2 failure only, 3 success only, which
 * 5.0 alone has. */
static bool
receipt_asked(const struct rec_msg *msg, enum receipt_state state)
{
    switch (msg->registered & SMPP_REGISTERED_MASK) {
    case SMPP_REGISTERED_FINAL:
        return true;
    case SMPP_REGISTERED_FAILURE:
        return state != RECEIPT_DELIVERED;
    case SMPP_REGISTERED_SUCCESS:
        return state == RECEIPT_DELIVERED;
    default:
        return false;
    }
}

/* The err field has three digits (R6): our own status, or the peer's, where it fits. */
static struct slice
error_text(uint32_t status, char out[4])
{
    uint32_t shown = status < 999 ? status : 999;

    out[0] = (char)('0' + shown / 100);
    out[1] = (char)('0' + shown / 10 % 10);
    out[2] = (char)('0' + shown % 10);
    out[3] = '\0';
    return slice_of(out, 3);
}

void
receipt_to_app(struct step *s, uint64_t message, const struct rec_msg *msg,
               enum receipt_state state)
{
    uint8_t text[RECEIPT_TEXT_BYTES_MAX], tlvs[160], state_octet = (uint8_t)state;
    struct receipt_times times = {msg->accepted_ms / 1000, s->now_ms / 1000};
    struct receipt receipt = {.state = state, .state_known = true};
    struct rec_msg out = {.op = OP_RECEIPT,
                          .class = CLASS_CHAT,
                          .account = msg->account,
                          .link = msg->origin,
                          .source = msg->dest,
                          .dest = msg->source,
                          .esm_class = SMPP_ESM_RECEIPT};
    char id[24], error[4];
    uint8_t id_octets[24];
    size_t used = 0;
    struct tlv reference;

    if (!msg->origin || !link_find(s->relay, msg->origin) || !receipt_asked(msg, state))
        return;
    receipt.id = message_id_text(msg->group ? msg->group : message, id);
    receipt.error = error_text(msg->status, error);
    out.payload = slice_of(
        text, receipt_format(&receipt, &times, 1, state == RECEIPT_DELIVERED, text, sizeof(text)));
    memcpy(id_octets, id, receipt.id.n + 1);
    (void)tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_RECEIPTED_MESSAGE_ID,
                  slice_of(id_octets, receipt.id.n + 1));
    (void)tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_STATE, slice_of(&state_octet, 1));
    if (tlv_find(msg->tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &reference))
        (void)tlv_put(tlvs, sizeof(tlvs), &used, reference.tag, reference.value);
    out.tlvs = slice_of(tlvs, used);
    (void)queue_accept(s, &out);
    s->relay->count.receipts_out++;
}
