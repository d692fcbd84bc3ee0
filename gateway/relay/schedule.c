/*
 * schedule.c: messages that their sender does not want sent before a time (conformance T4).
 *
 * Each is its record, a row of TABLE_SCHEDULE in the order of time (due or expiry, whichever comes
 * first) and one of TABLE_SCHEDULE_TO, which finds it by who is to get it, and which the other row
 * names, should the record be damaged; nothing in memory, so that a million of them cost nothing
 * until they are due. A message that is due comes to the end of its flow and is from then on as any
 * other: opt-out and validity are looked at when it leaves.
 */
#include "gateway/relay/schedule.h"

#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/message.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/roam.h"
#include "protocol/smpptime.h"

enum smpp_status
schedule_parse(struct step *s, struct slice text, uint64_t *due_ms)
{
    uint64_t at;

    *due_ms = 0;
    if (text.n == 0)
        return SMPP_ROK;
    if (smpptime_parse(text, s->now_ms, &at) != SMPPTIME_OK ||
        at > s->now_ms + s->relay->conf->relay.schedule_ms)
        return SMPP_RINVSCHED;
    if (at > s->now_ms)
        *due_ms = at;
    return SMPP_ROK;
}

enum smpp_status
validity_parse(struct step *s, struct slice text, uint64_t due_ms, uint64_t *expires_ms)
{
    uint64_t longest = (due_ms ? due_ms : s->now_ms) + VALIDITY_MS_MAX, at;

    if (smpptime_parse(text, s->now_ms, &at) != SMPPTIME_OK || at <= s->now_ms)
        return SMPP_RINVEXPIRY;
    *expires_ms = at < longest ? at : longest;
    return SMPP_ROK;
}

/* When something is to be done about it: it expires even before it is due. */
static uint64_t
at_of(const struct rec_msg *msg)
{
    return msg->due_ms < msg->expires_ms ? msg->due_ms : msg->expires_ms;
}

static void
time_key(struct key *key, uint64_t at_ms, uint64_t message)
{
    key_init(key);
    key_u64(key, at_ms);
    key_u64(key, message);
}

static void
address_prefix(struct key *key, const struct rec_msg *msg)
{
    key_init(key);
    key_u32(key, msg->account);
    key_addr(key, &msg->source);
    key_addr(key, &msg->dest);
}

void
schedule_put(struct step *s, uint64_t message, struct rec_msg *msg)
{
    static const uint8_t present = 1;
    struct key key, to;

    msg->state = MSG_SCHEDULED;
    message_put(s, message, msg);
    time_key(&key, at_of(msg), message);
    address_prefix(&to, msg);
    key_u64(&to, message);
    store_put(s->txn, TABLE_SCHEDULE, key_slice(&key), key_slice(&to));
    store_put(s->txn, TABLE_SCHEDULE_TO, key_slice(&to), slice_of(&present, 1));
    if (at_of(msg) < s->relay->schedule_ms)
        s->relay->schedule_ms = at_of(msg);
}

void
schedule_remove(struct step *s, uint64_t message, const struct rec_msg *msg)
{
    struct key key;

    time_key(&key, at_of(msg), message);
    store_del(s->txn, TABLE_SCHEDULE, key_slice(&key));
    address_prefix(&key, msg);
    key_u64(&key, message);
    store_del(s->txn, TABLE_SCHEDULE_TO, key_slice(&key));
}

bool
schedule_after(struct step *s, const struct rec_msg *like, uint64_t *message)
{
    struct key prefix, from;
    struct slice key, rest;

    address_prefix(&prefix, like);
    from = prefix;
    key_u64(&from, *message + 1);
    if (!store_seek(s->txn, TABLE_SCHEDULE_TO, key_slice(&from), key_slice(&prefix), &key, NULL))
        return false;
    rest = slice_of(key.p + prefix.n, key.n - prefix.n);
    return key_take_u64(&rest, message);
}

struct first {
    struct slice key, to; /* the other row's key */
    uint64_t at_ms, message;
};

/* The row that is due first. */
static bool
schedule_first(struct store_txn *txn, struct first *first)
{
    struct key from;
    struct slice rest;

    key_init(&from);
    if (!store_seek(txn, TABLE_SCHEDULE, key_slice(&from), SLICE_NONE, &first->key, &first->to))
        return false;
    first->key = scratch_copy(txn, first->key);
    first->to = scratch_copy(txn, first->to);
    rest = first->key;
    return key_take_u64(&rest, &first->at_ms) && key_take_u64(&rest, &first->message);
}

void
schedule_leave(struct step *s, uint64_t message, struct rec_msg *msg)
{
    msg->due_ms = 0;
    roam_again(s, msg);
    conv_entry_state(s, msg, MSG_QUEUED);
    msg->state = MSG_QUEUED;
    queue_enter(s, message, msg);
}

void
schedule_due(struct step *s)
{
    struct first first;

    for (uint32_t rows = 0; schedule_first(s->txn, &first); rows++) {
        struct rec_msg msg;

        s->relay->schedule_ms = first.at_ms;
        if (first.at_ms > s->now_ms + (PLANTED(SCHEDULE_EARLY) ? 1000 : 0) ||
            rows == TICK_ROWS_MAX || turn_is_full(s))
            return;
        store_del(s->txn, TABLE_SCHEDULE, first.key);
        store_del(s->txn, TABLE_SCHEDULE_TO, first.to);
        if (!message_get(s, first.message, &msg) || msg.state != MSG_SCHEDULED)
            continue;
        schedule_remove(s, first.message, &msg);
        if (msg.expires_ms <= s->now_ms)
            message_end(s, first.message, &msg, MSG_EXPIRED);
        else
            schedule_leave(s, first.message, &msg);
    }
    s->relay->schedule_ms = UINT64_MAX;
}

void
schedule_load(struct relay *relay, struct store_txn *txn)
{
    struct first first;

    relay->schedule_ms = schedule_first(txn, &first) ? first.at_ms : UINT64_MAX;
}
