/*
 * tell.c: what an app hears of its messages: receipts, notifications on the way, acknowledgements
 * of phones (conformance section 10). Carriers are asked for what we need; here is what the app
 * asked for.
 *
 * They are messages like others, to the app's link, so they wait on disk while it is away. Those
 * that could not go at once have a row in TABLE_RECEIPT_WAIT as well, in the order in which they
 * came: it says how many wait, and which is the oldest (R12).
 */
#include "gateway/relay/tell.h"

#include "gateway/relay/core.h"
#include "gateway/relay/fair.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/reply.h"
#include "protocol/receipt.h"

/* registered_delivery (R9). What "final" may be is in bits 1 and 0: 1 success and failure, 2
 * failure, 3 success, which is of 5.0: older peers are refused it when it comes in. */
#define ASKED_SME_ACK 0x04u
#define ASKED_USER_ACK 0x08u
#define ASKED_ON_THE_WAY SMPP_REGISTERED_INTERMEDIATE
/* Oldest receipts that one new one may push out: after a reload with a smaller limit the rest goes
 * little by little. */
#define DROPS_MAX 8u

uint8_t
tell_wanted(const struct link *app, uint8_t registered)
{
    uint8_t wanted = registered & (ASKED_SME_ACK | ASKED_USER_ACK);

    if (registered & SMPP_REGISTERED_MASK)
        wanted |= 1;
    if ((registered & ASKED_ON_THE_WAY) && app->app && app->app->intermediate)
        wanted |= ASKED_ON_THE_WAY;
    return wanted;
}

static bool
is_success(enum receipt_state state)
{
    return state == RECEIPT_DELIVERED || state == RECEIPT_ACCEPTED;
}

static bool
final_is_asked(const struct rec_msg *msg, enum receipt_state state)
{
    switch (msg->registered & SMPP_REGISTERED_MASK) {
    case SMPP_REGISTERED_FINAL:
        return true;
    case SMPP_REGISTERED_FAILURE:
        return !is_success(state);
    case SMPP_REGISTERED_SUCCESS:
        return is_success(state);
    default:
        return false;
    }
}

/* ---- those that wait (R12) */

static void
wait_key(struct key *key, uint32_t link, uint64_t n)
{
    key_init(key);
    key_u32(key, link);
    if (n)
        key_u64(key, n);
}

static bool
wait_row(struct step *s, const struct link *link, bool last, uint64_t *n, uint64_t *message)
{
    struct slice key, value, rest;
    struct key prefix;

    wait_key(&prefix, link->id, 0);
    if (last ? !store_last(s->txn, TABLE_RECEIPT_WAIT, key_slice(&prefix), &key, &value)
             : !store_seek(s->txn, TABLE_RECEIPT_WAIT, key_slice(&prefix), key_slice(&prefix), &key,
                           &value))
        return false;
    rest = slice_of(key.p + prefix.n, key.n - prefix.n);
    return key_take_u64(&rest, n) && key_take_u64(&value, message);
}

static void
wait_row_del(struct step *s, uint32_t link, uint64_t n)
{
    struct key key;

    wait_key(&key, link, n);
    store_del(s->txn, TABLE_RECEIPT_WAIT, key_slice(&key));
}

static void
log_drop(struct step *s, const struct link *link)
{
    struct line line = {.n = 0};

    line_text(&line, "receipt given up: too many wait");
    line_key(&line, "app", link->name);
    line_number(&line, "max", s->relay->conf->relay.receipts_max);
    line_log(s, LOG_LEVEL_WARN, &line);
}

/* The oldest goes for a new one. What is on the wire just now is as good as gone. */
static void
wait_make_room(struct step *s, const struct link *link)
{
    uint32_t max = s->relay->conf->relay.receipts_max;
    uint64_t first, last, message, newest;
    struct rec_msg msg;

    for (uint32_t i = 0; max > 0 && i < DROPS_MAX; i++) {
        /* Those that went out of their turn leave gaps, so this may count too many: then the oldest
         * has been overtaken by as many as may wait. */
        if (!wait_row(s, link, false, &first, &message) ||
            !wait_row(s, link, true, &last, &newest) || last - first + 1 < max)
            return;
        wait_row_del(s, link->id, first);
        if (!message_get(s, message, &msg) || msg.state != MSG_QUEUED || msg.op != OP_RECEIPT)
            continue;
        log_drop(s, link);
        queue_cancel(s, message, &msg);
        message_end(s, message, &msg, MSG_CANCELLED);
    }
}

/* Nothing of it leaves at the end of this turn. */
static bool
is_behind(const struct link *link)
{
    const struct flow *flow = fair_some_flow(&link->fair[CLASS_CHAT]);
    bool can_send = false;

    for (uint32_t i = 0; i < link->bind_count; i++)
        can_send |= link->binds[i]->can_send;
    return !can_send || (flow && (flow->on_disk || flow->ready.first));
}

static void
tell_queue(struct step *s, const struct link *link, struct rec_msg *out)
{
    struct key key, value;
    uint64_t message;

    if (s->relay->conf->relay.receipt_ms)
        out->expires_ms = s->now_ms + s->relay->conf->relay.receipt_ms;
    if (is_behind(link)) {
        wait_make_room(s, link);
        out->waits = store_counter_next(s->txn, "receipt_wait", link->id);
    }
    message = queue_accept(s, out);
    s->relay->count.receipts_out++;
    if (!out->waits)
        return;
    wait_key(&key, link->id, out->waits);
    key_init(&value);
    key_u64(&value, message);
    store_put(s->txn, TABLE_RECEIPT_WAIT, key_slice(&key), key_slice(&value));
}

void
tell_ended(struct step *s, const struct rec_msg *receipt)
{
    if (receipt->waits)
        wait_row_del(s, receipt->link, receipt->waits);
    if (receipt->state == MSG_EXPIRED || receipt->state == MSG_CANCELLED)
        s->relay->count.receipts_dropped++;
}

/* ---- what they say */

struct tidings {
    enum receipt_kind kind;
    enum receipt_state state;
    uint64_t message; /* whose number the app was given */
    uint64_t done_ms;
    const struct receipt *ack; /* what a phone added; NULL if it is none */
};

static uint8_t
esm_class_of(enum receipt_kind kind)
{
    switch (kind) {
    case RECEIPT_SME_ACK:
        return SMPP_ESM_DELIVERY_ACK;
    case RECEIPT_USER_ACK:
        return SMPP_ESM_USER_ACK;
    case RECEIPT_ABORT:
        return SMPP_ESM_ABORT;
    case RECEIPT_INTERMEDIATE:
        return SMPP_ESM_INTERMEDIATE;
    case RECEIPT_FINAL:
    case RECEIPT_NONE:
    case RECEIPT_KINDS:
        return SMPP_ESM_RECEIPT;
    }
    return SMPP_ESM_RECEIPT;
}

/* The err field has three digits (R6): the network's code, or the status that the message was
 * refused with; 999 what does not fit. */
static struct slice
error_text(const struct rec_msg *msg, char out[4])
{
    uint32_t code = msg->network_error ? msg->network_error & 0xFFFFu : msg->status;
    uint32_t shown = code < 999 ? code : 999;

    out[0] = (char)('0' + shown / 100);
    out[1] = (char)('0' + shown / 10 % 10);
    out[2] = (char)('0' + shown % 10);
    out[3] = '\0';
    return slice_of(out, 3);
}

static size_t
tidings_text(const struct link *link, const struct rec_msg *msg, const struct tidings *tidings,
             struct slice id, uint8_t out[RECEIPT_TEXT_BYTES_MAX])
{
    int64_t zone_s = link->app ? link->app->receipt_zone_min * 60 : 0;
    struct receipt_times times = {(uint64_t)((int64_t)(msg->accepted_ms / 1000) + zone_s),
                                  (uint64_t)((int64_t)(tidings->done_ms / 1000) + zone_s)};
    struct receipt receipt = {.id = id, .state = tidings->state, .state_known = true};
    char error[4];

    receipt.error = error_text(msg, error);
    if (tidings->ack)
        receipt.text = tidings->ack->text;
    return receipt_format(&receipt, &times, 1, is_success(tidings->state), out,
                          RECEIPT_TEXT_BYTES_MAX);
}

/* To peers of 3.3 they are left out when it is sent (R11). */
static size_t
tidings_tlvs(const struct rec_msg *msg, const struct tidings *tidings, struct slice id,
             uint8_t out[160])
{
    uint8_t state = (uint8_t)tidings->state, octets[24];
    size_t used = 0;
    struct tlv reference;

    memcpy(octets, id.p, id.n);
    octets[id.n] = '\0';
    (void)tlv_put(out, 160, &used, SMPP_TAG_RECEIPTED_MESSAGE_ID, slice_of(octets, id.n + 1));
    (void)tlv_put(out, 160, &used, SMPP_TAG_MESSAGE_STATE, slice_of(&state, 1));
    if (msg->network_error) {
        octets[0] = (uint8_t)(msg->network_error >> 16);
        octets[1] = (uint8_t)(msg->network_error >> 8);
        octets[2] = (uint8_t)msg->network_error;
        (void)tlv_put(out, 160, &used, SMPP_TAG_NETWORK_ERROR_CODE, slice_of(octets, 3));
    }
    if (tlv_find(msg->tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &reference))
        (void)tlv_put(out, 160, &used, reference.tag, reference.value);
    if (tidings->ack && tidings->ack->has_response)
        (void)tlv_put(out, 160, &used, SMPP_TAG_USER_RESPONSE_CODE,
                      slice_of(&tidings->ack->response, 1));
    return used;
}

static void
tell(struct step *s, const struct rec_msg *msg, const struct tidings *tidings)
{
    uint8_t text[RECEIPT_TEXT_BYTES_MAX], tlvs[160];
    struct link *link = link_find(s->relay, msg->origin);
    struct rec_msg out = {.op = OP_RECEIPT,
                          .class = CLASS_CHAT,
                          .account = msg->account,
                          .link = msg->origin,
                          .source = msg->dest,
                          .dest = msg->source,
                          .esm_class = esm_class_of(tidings->kind)};
    char buf[24];
    struct slice id;

    if (!msg->origin || !link)
        return;
    id = message_id_told(msg, tidings->message, buf);
    out.payload = slice_of(text, tidings_text(link, msg, tidings, id, text));
    out.tlvs = slice_of(tlvs, tidings_tlvs(msg, tidings, id, tlvs));
    tell_queue(s, link, &out);
}

/* ---- when */

/* The number that its app knows: of a group the first member's. */
static uint64_t
told_number(uint64_t message, const struct rec_msg *msg)
{
    return msg->group ? msg->group : message;
}

/* One piece of a text has ended (L9): the first one's record counts, and speaks for all when the
 * last one has. It may be this one's own, which its caller puts. */
static void
tell_piece(struct step *s, uint64_t message, struct rec_msg *msg, enum receipt_state state)
{
    uint64_t number = msg->piece_of ? msg->piece_of : message;
    struct rec_msg other, *first = msg->piece_of ? &other : msg;
    struct tidings tidings = {.kind = RECEIPT_FINAL, .done_ms = msg->done_ms};

    if (first != msg && !message_get(s, number, first))
        return; /* removed: the piece is from another age */
    if (first->group_final == 0 ||
        (is_success((enum receipt_state)first->group_state) && !is_success(state))) {
        first->group_state = (uint8_t)state;
        /* The reason goes with it. */
        if (message_final(first->state)) {
            first->status = msg->status;
            first->network_error = msg->network_error;
        }
    }
    first->group_final++;
    tidings.message = told_number(number, first);
    tidings.state = (enum receipt_state)first->group_state;
    if (first->group_final == first->pieces && final_is_asked(first, tidings.state))
        tell(s, first, &tidings);
    if (first != msg)
        message_put(s, number, first);
}

void
tell_end(struct step *s, uint64_t message, struct rec_msg *msg, enum receipt_state state)
{
    struct tidings tidings = {.kind = RECEIPT_FINAL,
                              .state = state,
                              .message = told_number(message, msg),
                              .done_ms = msg->done_ms};

    if (!msg->origin)
        return;
    if (msg->flags & MSGF_PIECE)
        tell_piece(s, message, msg, state);
    else if (final_is_asked(msg, state))
        tell(s, msg, &tidings);
}

void
tell_on_the_way(struct step *s, uint64_t message, const struct rec_msg *msg,
                enum receipt_state state)
{
    const struct link *app = link_find(s->relay, msg->origin);
    struct tidings tidings = {.kind = RECEIPT_INTERMEDIATE,
                              .state = state,
                              .message = told_number(message, msg),
                              .done_ms = s->now_ms};
    bool ended = message_final(msg->state) && msg->state != MSG_SENT;
    bool first = msg->piece_of == 0;

    if (!ended && first && state != RECEIPT_UNKNOWN && (msg->registered & ASKED_ON_THE_WAY) &&
        app && app->app && app->app->intermediate)
        tell(s, msg, &tidings);
}

void
tell_ack(struct step *s, uint64_t message, enum receipt_kind kind, const struct receipt *ack)
{
    uint8_t asked = kind == RECEIPT_SME_ACK ? ASKED_SME_ACK : ASKED_USER_ACK;
    struct tidings tidings = {.kind = kind,
                              .state = ack->state_known ? ack->state : RECEIPT_DELIVERED,
                              .done_ms = s->now_ms,
                              .ack = ack};
    struct rec_msg msg;

    if (!message_get(s, message, &msg) || !(msg.registered & asked))
        return;
    tidings.message = told_number(message, &msg);
    tell(s, &msg, &tidings);
}
