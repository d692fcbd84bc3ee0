/*
 * mailbox.h: all that the I/O thread and the relay thread exchange.
 *
 * To the relay: batches, fixed blocks into which the I/O thread copies PDUs and appends events
 * about them. From the relay: blocks of effects, and a snapshot of what others may know about it.
 * A block belongs to the thread that has taken it; handing over moves the pointer under the lock,
 * so both sides see it whole. Both pools are fixed: a side that finds none waits (relay) or stops
 * reading (I/O).
 */
#ifndef TANDEM_MAILBOX_H
#define TANDEM_MAILBOX_H

#include "gateway/limits.h"
#include "gateway/metrics.h"
#include "gateway/relay/relay.h"

struct batch {
    struct batch *next;             /* in the pool */
    uint32_t count;
    uint32_t taken;                 /* events that the relay has stepped over */
    size_t used;                    /* of octets */
    uint32_t looked;                /* events that mailbox_may_wait() has seen, */
    bool urgent;                    /* and one of them is */
    uint64_t since_ms;              /* when it did so first; 0: not yet */
    struct event events[BATCH_EVENTS_MAX];
    struct pdu pdus[BATCH_EVENTS_MAX]; /* pdus[i] belongs to events[i], if that has one */
    uint8_t octets[BATCH_OCTETS + PDU_BYTES_MAX];
};

/* Room for one more event with the longest PDU. */
static inline bool
batch_has_room(const struct batch *batch)
{
    return batch->count < BATCH_EVENTS_MAX && batch->used < BATCH_OCTETS;
}

/* Copies octets to the end of the batch; they are kept only if batch_add() follows. */
struct slice batch_copy(struct batch *batch, struct slice octets);
/* Keeps `octets` copied octets and returns the event to fill in. */
struct event *batch_add(struct batch *batch, size_t octets);

/* What the relay thread tells about itself after each commit. */
struct published {
    struct relay_counters relay;
    struct driver_counters driver;
    const struct conf *conf;        /* the one in use: older ones may be freed */
    uint32_t outstanding;           /* relay_outstanding() */
    uint32_t stops;                 /* EV_STOP events seen */
    bool answers_wanted;            /* relay_wants_answers() */
};

struct mailbox;

/* NULL: no memory or no descriptor. */
struct mailbox *mailbox_new(void);
void mailbox_free(struct mailbox *box);

/* --- the I/O thread's side --- */

/* Written to when there is something for the I/O thread and it sleeps. */
int mailbox_fd(const struct mailbox *box);
/* A batch with room to fill, or NULL if all are with the relay: then the descriptor will say
 * when. */
struct batch *mailbox_batch(struct mailbox *box);
/* May it stay with the I/O thread, to be handed over with what comes next? Nothing in it is urgent,
 * nobody waits for answers, and it has not lain for ANSWERS_WAIT_MS. */
bool mailbox_may_wait(struct mailbox *box, struct batch *batch, uint64_t now_ms);
/* Until when, if it may. */
uint64_t mailbox_wait_ms(const struct batch *batch);
/* Hands it over, or back if it is empty. */
void mailbox_post(struct mailbox *box, struct batch *batch);

struct effect_block {
    struct effect_block *next;
    struct effects effects;
};

/* All blocks that were released, in order, as a list; NULL if none. The thread counts as awake. */
struct effect_block *mailbox_effects(struct mailbox *box);
void mailbox_effects_done(struct mailbox *box, struct effect_block *block);
/* About to wait: false if there is something to do already. */
bool mailbox_sleep(struct mailbox *box);

void mailbox_published(struct mailbox *box, struct published *out);
/* When the turn that runs now began, by the monotonic clock; 0 if none does. */
uint64_t mailbox_turn_ms(struct mailbox *box);
/* Ends the relay thread once it has emptied its inbox. Nobody takes effects any more: they are
 * dropped, or the relay thread would wait for a block for ever. */
void mailbox_close(struct mailbox *box);

/* --- the relay thread's side --- */

/* An empty block for the effects of a turn; waits for one. */
struct effect_block *mailbox_block(struct mailbox *box);
/* Waits for a batch until until_ms of the monotonic clock (0: does not wait). */
struct batch *mailbox_take(struct mailbox *box, uint64_t until_ms);
/* Waits until so many events have come besides those of the batch that was taken, at most until
 * until_us of the monotonic clock. Meanwhile no answers stay with the I/O thread. */
void mailbox_gather(struct mailbox *box, uint32_t events, uint64_t until_us);
void mailbox_batch_done(struct mailbox *box, struct batch *batch);
void mailbox_turn_begins(struct mailbox *box, uint64_t now_ms);
/* The end of a turn: its effects leave, or the block goes back if there are none. */
void mailbox_release(struct mailbox *box, struct effect_block *block,
                     const struct published *published);
/* Closed and empty. */
bool mailbox_finished(struct mailbox *box);

#endif
