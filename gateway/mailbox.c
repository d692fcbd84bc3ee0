/*
 * mailbox.c: see mailbox.h. One lock for both directions: it is held for a few pointer moves, a
 * few times per thousand messages when there is load.
 */
#include "gateway/mailbox.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "gateway/clock.h"

struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t relay;           /* a batch, a block, or the end */
    int fd;
    bool asleep;                    /* the I/O thread waits: wake it through fd */
    bool starved;                   /* and it wants a batch */
    bool closed;
    bool gathering;                 /* the relay waits for what else comes */
    struct batch *free;             /* the last one used first: it is in the cache */
    struct batch *inbox[BATCHES_MAX];
    uint32_t first, waiting;
    struct effect_block *free_blocks;
    struct effect_block *outbox, **outbox_end;
    struct published published;
    uint64_t turn_ms;
};

struct slice
batch_copy(struct batch *batch, struct slice octets)
{
    uint8_t *to = batch->octets + batch->used;

    assert(octets.n <= sizeof(batch->octets) - batch->used);
    if (octets.n > 0)
        memcpy(to, octets.p, octets.n);
    return slice_of(to, octets.n);
}

struct event *
batch_add(struct batch *batch, size_t octets)
{
    assert(batch->count < BATCH_EVENTS_MAX);
    batch->used += octets;
    return &batch->events[batch->count++];
}

static void
batch_clear(struct batch *batch)
{
    batch->count = 0;
    batch->taken = 0;
    batch->used = 0;
    batch->looked = 0;
    batch->urgent = false;
    batch->since_ms = 0;
}

static bool
pools_fill(struct mailbox *box)
{
    for (unsigned i = 0; i < BATCHES_MAX; i++) {
        struct batch *batch = malloc(sizeof(*batch));

        if (!batch)
            return false;
        batch_clear(batch);
        batch->next = box->free;
        box->free = batch;
    }
    for (unsigned i = 0; i < EFFECT_BLOCKS_MAX; i++) {
        struct effect_block *block = malloc(sizeof(*block));

        if (!block)
            return false;
        effects_init(&block->effects);
        block->next = box->free_blocks;
        box->free_blocks = block;
    }
    return true;
}

struct mailbox *
mailbox_new(void)
{
    struct mailbox *box = calloc(1, sizeof(*box));
    pthread_condattr_t attr;

    if (!box)
        return NULL;
    box->outbox_end = &box->outbox;
    pthread_mutex_init(&box->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&box->relay, &attr);
    pthread_condattr_destroy(&attr);
    box->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (box->fd >= 0 && pools_fill(box))
        return box;
    mailbox_free(box);
    return NULL;
}

static void
blocks_free(struct effect_block *block)
{
    while (block) {
        struct effect_block *next = block->next;

        effects_release(&block->effects);
        free(block);
        block = next;
    }
}

void
mailbox_free(struct mailbox *box)
{
    if (!box)
        return;
    for (uint32_t i = 0; i < box->waiting; i++)
        free(box->inbox[(box->first + i) % BATCHES_MAX]);
    while (box->free) {
        struct batch *next = box->free->next;

        free(box->free);
        box->free = next;
    }
    blocks_free(box->free_blocks);
    blocks_free(box->outbox);
    if (box->fd >= 0)
        close(box->fd);
    pthread_cond_destroy(&box->relay);
    pthread_mutex_destroy(&box->lock);
    free(box);
}

/* With the lock held. */
static void
block_back(struct mailbox *box, struct effect_block *block)
{
    effects_clear(&block->effects);
    block->next = box->free_blocks;
    box->free_blocks = block;
}

/* With the lock held: must wake_io() follow? */
static bool
io_sleeps(struct mailbox *box)
{
    bool asleep = box->asleep;

    box->asleep = false;
    return asleep;
}

/* Without the lock, like every waking: who wakes up would only wait for it. A full counter would
 * fail the write, and then the reader is awake anyway. */
static void
wake_io(struct mailbox *box)
{
    uint64_t one = 1;
    ssize_t written = write(box->fd, &one, sizeof(one));

    (void)written;
}

/* --- the I/O thread's side --- */

int
mailbox_fd(const struct mailbox *box)
{
    return box->fd;
}

/* With the lock held: the newest batch that waits, if the relay is far behind and there is
 * room. */
static struct batch *
inbox_refill(struct mailbox *box)
{
    struct batch *batch;

    if (box->waiting < BATCHES_REFILL)
        return NULL;
    batch = box->inbox[(box->first + box->waiting - 1) % BATCHES_MAX];
    if (!batch_has_room(batch))
        return NULL;
    box->waiting--;
    return batch;
}

struct batch *
mailbox_batch(struct mailbox *box)
{
    struct batch *batch;

    pthread_mutex_lock(&box->lock);
    batch = inbox_refill(box);
    if (!batch) {
        batch = box->free;
        if (batch)
            box->free = batch->next;
    }
    box->starved = !batch;
    pthread_mutex_unlock(&box->lock);
    return batch;
}

bool
mailbox_may_wait(struct mailbox *box, struct batch *batch, uint64_t now_ms)
{
    bool wanted;

    for (; !batch->urgent && batch->looked < batch->count; batch->looked++)
        batch->urgent = event_is_urgent(&batch->events[batch->looked]);
    if (batch->urgent)
        return false;
    if (batch->since_ms == 0)
        batch->since_ms = now_ms;
    if (now_ms >= mailbox_wait_ms(batch))
        return false;
    pthread_mutex_lock(&box->lock);
    wanted = box->published.answers_wanted || box->gathering;
    pthread_mutex_unlock(&box->lock);
    return !wanted;
}

uint64_t
mailbox_wait_ms(const struct batch *batch)
{
    return batch->since_ms + ANSWERS_WAIT_MS;
}

void
mailbox_post(struct mailbox *box, struct batch *batch)
{
    bool empty = batch->count == 0;

    pthread_mutex_lock(&box->lock);
    if (empty) {
        batch_clear(batch);
        batch->next = box->free;
        box->free = batch;
    } else {
        assert(box->waiting < BATCHES_MAX);
        box->inbox[(box->first + box->waiting++) % BATCHES_MAX] = batch;
    }
    pthread_mutex_unlock(&box->lock);
    if (!empty)
        pthread_cond_signal(&box->relay);
}

struct effect_block *
mailbox_effects(struct mailbox *box)
{
    struct effect_block *list;

    pthread_mutex_lock(&box->lock);
    box->asleep = false;
    list = box->outbox;
    box->outbox = NULL;
    box->outbox_end = &box->outbox;
    pthread_mutex_unlock(&box->lock);
    return list;
}

void
mailbox_effects_done(struct mailbox *box, struct effect_block *block)
{
    bool first;

    if (block->effects.cap > EFFECT_BLOCK_KEEP)
        effects_release(&block->effects);
    pthread_mutex_lock(&box->lock);
    first = !box->free_blocks;
    block_back(box, block);
    pthread_mutex_unlock(&box->lock);
    if (first)
        pthread_cond_signal(&box->relay);
}

bool
mailbox_sleep(struct mailbox *box)
{
    bool nothing;

    pthread_mutex_lock(&box->lock);
    nothing = !box->outbox && !(box->starved && box->free);
    box->asleep = nothing;
    pthread_mutex_unlock(&box->lock);
    return nothing;
}

void
mailbox_published(struct mailbox *box, struct published *out)
{
    pthread_mutex_lock(&box->lock);
    *out = box->published;
    pthread_mutex_unlock(&box->lock);
}

uint64_t
mailbox_turn_ms(struct mailbox *box)
{
    uint64_t turn_ms;

    pthread_mutex_lock(&box->lock);
    turn_ms = box->turn_ms;
    pthread_mutex_unlock(&box->lock);
    return turn_ms;
}

void
mailbox_close(struct mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    box->closed = true;
    while (box->outbox) {
        struct effect_block *next = box->outbox->next;

        block_back(box, box->outbox);
        box->outbox = next;
    }
    box->outbox_end = &box->outbox;
    pthread_cond_signal(&box->relay);
    pthread_mutex_unlock(&box->lock);
}

/* --- the relay thread's side --- */

struct effect_block *
mailbox_block(struct mailbox *box)
{
    struct effect_block *block;

    pthread_mutex_lock(&box->lock);
    while (!box->free_blocks)
        pthread_cond_wait(&box->relay, &box->lock);
    block = box->free_blocks;
    box->free_blocks = block->next;
    pthread_mutex_unlock(&box->lock);
    return block;
}

/* With the lock held: waits for a batch; false once the time has come. */
static bool
inbox_wait(struct mailbox *box, uint64_t until_ms)
{
    struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                             .tv_nsec = (long)(until_ms % 1000 * 1000000)};

    if (box->closed || until_ms == 0)
        return false;
    if (until_ms == UINT64_MAX)
        return pthread_cond_wait(&box->relay, &box->lock) == 0;
    return pthread_cond_timedwait(&box->relay, &box->lock, &until) == 0;
}

struct batch *
mailbox_take(struct mailbox *box, uint64_t until_ms)
{
    struct batch *batch = NULL;

    pthread_mutex_lock(&box->lock);
    while (box->waiting == 0 && inbox_wait(box, until_ms))
        ;
    if (box->waiting > 0) {
        batch = box->inbox[box->first];
        box->first = (box->first + 1) % BATCHES_MAX;
        box->waiting--;
    }
    pthread_mutex_unlock(&box->lock);
    return batch;
}

/* With the lock held. */
static uint32_t
inbox_events(const struct mailbox *box)
{
    uint32_t events = 0;

    for (uint32_t i = 0; i < box->waiting; i++)
        events += box->inbox[(box->first + i) % BATCHES_MAX]->count;
    return events;
}

void
mailbox_gather(struct mailbox *box, uint32_t events, uint64_t until_us)
{
    struct timespec until = {.tv_sec = (time_t)(until_us / 1000000),
                             .tv_nsec = (long)(until_us % 1000000 * 1000)};

    pthread_mutex_lock(&box->lock);
    box->gathering = true;
    while (!box->closed && inbox_events(box) < events &&
           pthread_cond_timedwait(&box->relay, &box->lock, &until) == 0)
        ;
    box->gathering = false;
    pthread_mutex_unlock(&box->lock);
}

void
mailbox_batch_done(struct mailbox *box, struct batch *batch)
{
    bool wake;

    batch_clear(batch);
    pthread_mutex_lock(&box->lock);
    batch->next = box->free;
    box->free = batch;
    wake = box->starved && io_sleeps(box);
    pthread_mutex_unlock(&box->lock);
    if (wake)
        wake_io(box);
}

void
mailbox_turn_begins(struct mailbox *box, uint64_t now_ms)
{
    pthread_mutex_lock(&box->lock);
    box->turn_ms = now_ms;
    pthread_mutex_unlock(&box->lock);
}

void
mailbox_release(struct mailbox *box, struct effect_block *block, const struct published *published)
{
    bool wake = false;

    pthread_mutex_lock(&box->lock);
    box->published = *published;
    box->turn_ms = 0;
    if (block->effects.n == 0 || box->closed) {
        block_back(box, block);
    } else {
        block->next = NULL;
        *box->outbox_end = block;
        box->outbox_end = &block->next;
        wake = io_sleeps(box);
    }
    pthread_mutex_unlock(&box->lock);
    if (wake)
        wake_io(box);
}

bool
mailbox_finished(struct mailbox *box)
{
    bool finished;

    pthread_mutex_lock(&box->lock);
    finished = box->closed && box->waiting == 0;
    pthread_mutex_unlock(&box->lock);
    return finished;
}
