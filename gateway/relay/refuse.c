/*
 * refuse.c: a carrier said of a phone that it will take nothing for it (0x65, section 6): all that
 * waits in the queue for this phone ends as well, each message with its own end and receipt. A long
 * queue is worked off over several turns; the place is a timer row, so a restart goes on with it.
 */
#include "gateway/relay/refuse.h"

#include "gateway/relay/core.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/message.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/stretch.h"
#include "gateway/relay/timer.h"

struct refusal {
    struct rec_msg like; /* names the flow and the phone */
    uint64_t at_ms;      /* what was accepted later is a new attempt of its sender's */
    uint64_t after;      /* rows up to this place have been looked at */
    uint32_t status;
};

static void
refusal_key(struct key *key, const struct refusal *refusal)
{
    key_init(key);
    key_u32(key, refusal->like.link);
    key_u8(key, refusal->like.class);
    key_u32(key, refusal->like.account);
    key_addr(key, &refusal->like.source);
    key_addr(key, &refusal->like.dest);
    key_u32(key, refusal->status);
    key_u64(key, refusal->at_ms);
    key_u64(key, refusal->after);
}

static bool
refusal_take(struct slice payload, struct refusal *out)
{
    *out = (struct refusal){.like.op = OP_SUBMIT};
    return key_take_u32(&payload, &out->like.link) && key_take_u8(&payload, &out->like.class) &&
           key_take_u32(&payload, &out->like.account) &&
           key_take_addr(&payload, &out->like.source) && key_take_addr(&payload, &out->like.dest) &&
           key_take_u32(&payload, &out->status) && key_take_u64(&payload, &out->at_ms) &&
           key_take_u64(&payload, &out->after);
}

static void
refuse_if_meant(struct step *s, const struct refusal *refusal, uint64_t message)
{
    struct rec_msg msg;

    if (!message_get(s, message, &msg) || msg.op != OP_SUBMIT || msg.state != MSG_QUEUED ||
        msg.accepted_ms > refusal->at_ms || !addr_eq(&msg.dest, &refusal->like.dest))
        return;
    queue_cancel(s, message, &msg);
    msg.status = refusal->status;
    message_end(s, message, &msg, MSG_REFUSED);
}

/* Those behind the one that was refused would be the next to go; the search in the queue may be put
 * off. */
static void
refuse_lane(struct step *s, const struct refusal *refusal)
{
    struct lane *lane = lane_of(s->relay, &refusal->like);
    struct waiting *w = lane ? lane->parked.first : NULL;

    while (w && !turn_is_full(s)) {
        uint64_t message = w->message;

        w = w->next; /* it is removed */
        refuse_if_meant(s, refusal, message);
    }
    if (lane)
        refuse_if_meant(s, refusal, lane->holder); /* waits for its retry, in no queue */
}

/* A share of its queue was looked at; the rest when the timer comes. */
static void
refusal_later(struct step *s, const struct refusal *refusal, uint64_t due_ms)
{
    struct key key;

    refusal_key(&key, refusal);
    timer_set(s, due_ms, TIMER_REFUSAL, key_slice(&key));
}

static void
refusal_run(struct step *s, struct refusal *refusal)
{
    struct search search = {.like = &refusal->like, .place = refusal->after};
    uint64_t message;

    refuse_lane(s, refusal);
    while (search_next(s, &search, &message)) {
        refusal->after = search.place;
        if (message)
            refuse_if_meant(s, refusal, message);
        /* One share for all that are refused in this turn: a whole window may be. */
        if (++s->relay->refusal_rows < SWEEP_ROWS_MAX && !turn_is_full(s))
            continue;
        refusal_later(s, refusal, s->now_ms + 1);
        return;
    }
}

void
refuse_phone(struct step *s, const struct rec_msg *msg)
{
    queue_flush(s); /* what came in this very turn has its row then */
    for (uint8_t class = 0; class < MSG_CLASSES; class ++) {
        struct refusal refusal = {.like = {.op = OP_SUBMIT,
                                           .class = class,
                                           .account = msg->account,
                                           .link = msg->link,
                                           .source = msg->source,
                                           .dest = msg->dest},
                                  .at_ms = s->now_ms,
                                  .status = msg->status};

        if (s->relay->recovered)
            refusal_run(s, &refusal);
        else /* lanes and retries are not known yet */
            refusal_later(s, &refusal, s->now_ms);
    }
}

void
refuse_continue(struct step *s, struct slice payload)
{
    struct refusal refusal;

    if (refusal_take(payload, &refusal))
        refusal_run(s, &refusal);
}
