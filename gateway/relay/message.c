/*
 * message.c: the record of a message from its acceptance to its end, and its removal long after
 * (R-rel-1).
 */
#include "gateway/relay/message.h"

#include "gateway/relay/broadcast.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/receipts.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/tell.h"

/* How long after its validity a receipt may still come (conformance R14). */
#define RECEIPT_GRACE_MS (24u * 3600u * 1000u)

static void
message_key(struct key *key, uint64_t message)
{
    key_init(key);
    key_u64(key, message);
}

bool
message_get(struct step *s, uint64_t message, struct rec_msg *msg)
{
    struct key key;

    message_key(&key, message);
    return record_get(s->txn, TABLE_MESSAGE, key_slice(&key), &rec_msg_def, msg);
}

void
message_put(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    struct key key;

    message_key(&key, message);
    record_put(s->txn, TABLE_MESSAGE, key_slice(&key), &rec_msg_def, msg);
}

struct slice
message_id_text(uint64_t message, char buf[24])
{
    size_t at = 23;

    buf[at] = '\0';
    do {
        buf[--at] = (char)('0' + message % 10);
        message /= 10;
    } while (message);
    memmove(buf, buf + at, 24 - at);
    return slice_of(buf, 23 - at);
}

/* Peers of SMPP 3.3 know IDs of eight octets (B7). Numbers of more digits are written for them as a
 * letter and seven digits of base 36: enough for two billion thousands, and never mistaken for a
 * number. */
#define SHORT_DECIMAL_MAX 99999999u
#define SHORT_DIGITS 7u

static char
short_digit(uint64_t value)
{
    return (char)(value < 10 ? '0' + value : 'A' + (value - 10));
}

struct slice
message_id_told(const struct rec_msg *msg, uint64_t message, char buf[24])
{
    if (!(msg->flags & MSGF_SHORT_ID) || message <= SHORT_DECIMAL_MAX)
        return message_id_text(message, buf);
    for (size_t at = SHORT_DIGITS; at > 0; at--) {
        buf[at] = short_digit(message % 36);
        message /= 36;
    }
    buf[0] = (char)('A' + message % 26);
    buf[SHORT_DIGITS + 1] = '\0';
    return slice_of(buf, SHORT_DIGITS + 1);
}

static bool
short_id_parse(struct slice text, uint64_t *message)
{
    if (text.n != SHORT_DIGITS + 1)
        return false;
    *message = (uint64_t)(text.p[0] - 'A');
    for (size_t i = 1; i < text.n; i++) {
        bool digit = text.p[i] >= '0' && text.p[i] <= '9';

        if (!digit && (text.p[i] < 'A' || text.p[i] > 'Z'))
            return false;
        *message = *message * 36 + (uint64_t)(digit ? text.p[i] - '0' : text.p[i] - 'A' + 10);
    }
    return *message > SHORT_DECIMAL_MAX;
}

bool
message_id_parse(struct slice text, uint64_t *message)
{
    *message = 0;
    if (text.n == 0 || text.n > 19 || text.p[0] == '0')
        return false;
    if (text.p[0] >= 'A' && text.p[0] <= 'Z')
        return short_id_parse(text, message);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        *message = *message * 10 + (uint64_t)(text.p[i] - '0');
    }
    return true;
}

bool
message_went_out(struct step *s, uint64_t message, uint64_t since_ms)
{
    struct rec_msg msg;

    /* It is in memory as yet, or was taken away long after its end. */
    if (!message_get(s, message, &msg))
        return since_ms < s->now_ms;
    return msg.attempts > 0 || (msg.state != MSG_QUEUED && msg.state != MSG_SCHEDULED);
}

bool
message_final(uint8_t state)
{
    return state >= MSG_SENT && state != MSG_SCHEDULED;
}

static void
count_end(struct step *s, const struct rec_msg *msg)
{
    struct relay_counters *count = &s->relay->count;

    switch ((enum msg_state)msg->state) {
    case MSG_SENT:
        count->messages_sent++;
        break;
    case MSG_REFUSED:
        count->messages_refused++;
        break;
    case MSG_EXPIRED:
        count->messages_expired++;
        break;
    case MSG_SUPPRESSED:
        count->messages_suppressed++;
        break;
    case MSG_HELD:
        count->messages_held++;
        break;
    case MSG_SCHEDULED:
    case MSG_QUEUED:
    case MSG_INTENT:
    case MSG_DELIVERED:
    case MSG_UNDELIVERABLE:
    case MSG_CANCELLED:
        break;
    }
}

/* What an app that asked for a receipt hears of this end. */
static enum receipt_state
told_of_end(enum msg_state state)
{
    switch (state) {
    case MSG_DELIVERED:
        return RECEIPT_DELIVERED;
    case MSG_UNDELIVERABLE:
        return RECEIPT_UNDELIVERABLE;
    case MSG_REFUSED:
    case MSG_SUPPRESSED:
        return RECEIPT_REJECTED;
    case MSG_EXPIRED:
        return RECEIPT_EXPIRED;
    case MSG_CANCELLED:
        return RECEIPT_DELETED;
    case MSG_SCHEDULED:
    case MSG_QUEUED:
    case MSG_INTENT:
    case MSG_SENT:
    case MSG_HELD:
        break;
    }
    return RECEIPT_STATES; /* nothing yet */
}

static void
log_end(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    const char *status = smpp_status_name(msg->status);
    struct line line = {.n = 0};

    line_text(&line, "message ended");
    line_number(&line, "id", message);
    line_key(&line, "state", msg_state_name(msg->state));
    if (status)
        line_key(&line, "status", status);
    else
        line_number(&line, "status", msg->status); /* a carrier's own */
    line_addr(&line, "to", &msg->dest);
    line_log(s, LOG_LEVEL_WARN, &line);
}

void
message_held(struct step *s, uint64_t message, bool is)
{
    static const uint8_t present = 1;
    struct key key;

    message_key(&key, message);
    if (is)
        store_put(s->txn, TABLE_HELD, key_slice(&key), slice_of(&present, 1));
    else
        store_del(s->txn, TABLE_HELD, key_slice(&key));
}

void
message_end_as(struct step *s, uint64_t message, struct rec_msg *msg, const struct ending *end)
{
    uint8_t before = msg->state;

    msg->state = (uint8_t)end->state;
    msg->done_ms = end->done_ms;
    if (before == MSG_HELD || end->state == MSG_HELD)
        message_held(s, message, end->state == MSG_HELD);
    if (msg->broadcast)
        broadcast_ended(s, msg, before);
    count_end(s, msg);
    if (end->state == MSG_REFUSED || end->state == MSG_EXPIRED || end->state == MSG_HELD)
        log_end(s, message, msg);
    conv_entry_state(s, msg, end->state);
    if (msg->op == OP_RECEIPT && end->state != MSG_HELD)
        tell_ended(s, msg);
    if (end->told != RECEIPT_STATES) {
        msg->early_state = (uint8_t)end->told;
        tell_end(s, message, msg, end->told);
    }
    message_put(s, message, msg);
}

void
message_end(struct step *s, uint64_t message, struct rec_msg *msg, enum msg_state state)
{
    struct ending end = {.state = state, .told = told_of_end(state), .done_ms = s->now_ms};

    message_end_as(s, message, msg, &end);
}

static bool
message_purgeable(const struct step *s, const struct rec_msg *msg)
{
    uint64_t keep = msg->done_ms + s->relay->conf->relay.keep_final_ms;

    uint64_t last = msg->expires_ms + RECEIPT_GRACE_MS; /* when its receipt may still come */
    bool waits = msg->state == MSG_SENT && msg->wants_receipt;

    if (!message_final(msg->state) || msg->state == MSG_HELD)
        return false;
    /* The first piece of a text counts the ends of the others; the first of a group is how its app
     * finds the others, which may wait until their validity ends, as its own would have. */
    if (msg->group_final < msg->pieces || msg->group_total > 1)
        waits = true;
    if (waits && keep < last)
        keep = last;
    return s->now_ms >= keep;
}

/* Walks messages in the order of their acceptance, a bounded number at a time, and starts over when
 * it meets those that are too young to have ended long enough ago. */
void
messages_purge(struct step *s)
{
    struct key from;
    struct slice key, value;

    for (uint32_t rows = 0; rows < SWEEP_ROWS_MAX; rows++) {
        struct slice rest;
        struct rec_msg msg;
        uint64_t message;

        message_key(&from, s->relay->purge_cursor + 1);
        if (!store_seek(s->txn, TABLE_MESSAGE, key_slice(&from), SLICE_NONE, &key, &value))
            break;
        rest = key;
        if (!key_take_u64(&rest, &message))
            break;
        if (message_get(s, message, &msg)) {
            if (msg.accepted_ms + s->relay->conf->relay.keep_final_ms > s->now_ms)
                break;
            if (message_purgeable(s, &msg)) {
                receipt_forget(s, message, &msg);
                store_del(s->txn, TABLE_MESSAGE, key);
            }
        }
        s->relay->purge_cursor = message;
        if (rows + 1 == SWEEP_ROWS_MAX || turn_is_full(s)) {
            s->relay->purge_ms = s->now_ms; /* more of them: the next turn goes on */
            return;
        }
    }
    s->relay->purge_cursor = 0;
    s->relay->purge_ms = s->now_ms + PURGE_MS;
}
