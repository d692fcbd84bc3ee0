/*
 * message.c: the record of a message from its acceptance to its end, and its removal long after
 * (R-rel-1).
 */
#include "gateway/relay/core.h"

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
    case MSG_SCHEDULED:
    case MSG_QUEUED:
    case MSG_INTENT:
    case MSG_DELIVERED:
    case MSG_UNDELIVERABLE:
    case MSG_CANCELLED:
    case MSG_HELD:
        break;
    }
}

/* What an app that asked for a receipt hears of this end; false: nothing yet. */
static bool
receipt_for_end(enum msg_state state, enum receipt_state *out)
{
    switch (state) {
    case MSG_DELIVERED:
        *out = RECEIPT_DELIVERED;
        return true;
    case MSG_UNDELIVERABLE:
        *out = RECEIPT_UNDELIVERABLE;
        return true;
    case MSG_REFUSED:
    case MSG_SUPPRESSED:
        *out = RECEIPT_REJECTED;
        return true;
    case MSG_EXPIRED:
        *out = RECEIPT_EXPIRED;
        return true;
    case MSG_CANCELLED:
        *out = RECEIPT_DELETED;
        return true;
    case MSG_SCHEDULED:
    case MSG_QUEUED:
    case MSG_INTENT:
    case MSG_SENT:
    case MSG_HELD:
        return false;
    }
    return false;
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
message_end(struct step *s, uint64_t message, struct rec_msg *msg, enum msg_state state)
{
    enum receipt_state receipt;

    msg->state = (uint8_t)state;
    msg->done_ms = s->now_ms;
    count_end(s, msg);
    if (state == MSG_REFUSED || state == MSG_EXPIRED || state == MSG_HELD)
        log_end(s, message, msg);
    if (msg->conv && msg->entry)
        conv_entry_state(s, msg->account, msg->conv, msg->entry, state);
    if (receipt_for_end(state, &receipt))
        receipt_to_app(s, message, msg, receipt);
    message_put(s, message, msg);
}

static bool
message_purgeable(const struct step *s, const struct rec_msg *msg)
{
    uint64_t keep = msg->done_ms + s->relay->conf->relay.keep_final_ms;

    if (!message_final(msg->state) || msg->state == MSG_HELD)
        return false;
    if (msg->state == MSG_SENT && msg->wants_receipt && keep < msg->expires_ms + RECEIPT_GRACE_MS)
        keep = msg->expires_ms + RECEIPT_GRACE_MS;
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
