/*
 * io.c: see io.h. Callbacks of the loop only put peers into lists; everything is done here, in the
 * order of round().
 */
#include "gateway/io.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/admin.h"
#include "gateway/admission.h"
#include "gateway/carrier.h"
#include "gateway/clock.h"
#include "gateway/control.h"
#include "gateway/listener.h"
#include "gateway/log.h"
#include "gateway/trace.h"

/* --- events --- */

struct batch *
io_batch(struct io *io)
{
    if (io->batch && batch_has_room(io->batch))
        return io->batch;
    if (io->batch)
        mailbox_post(io->box, io->batch);
    io->batch = NULL;
    if (io->starved)
        return NULL;    /* until the next round looks again */
    io->batch = mailbox_batch(io->box);
    if (!io->batch) {
        io->starved = true;
        io->counters.starved++;
    }
    return io->batch;
}

struct event *
io_event(struct io *io, enum event_kind kind, struct session_name session, size_t octets)
{
    struct event *event;

    assert(io->batch && batch_has_room(io->batch));
    event = batch_add(io->batch, octets);
    event->kind = kind;
    event->session = session;
    return event;
}

/* What nobody waits for goes with what comes next: a turn of its own would cost a commit, and that
 * one would have to wait for it. */
static void
post_batch(struct io *io)
{
    if (!io->batch || io->batch->count == 0 ||
        mailbox_may_wait(io->box, io->batch, io->now_ms))
        return;
    mailbox_post(io->box, io->batch);
    io->batch = NULL;
}

struct io_counters
io_counters_now(const struct io *io)
{
    struct io_counters counters = io->counters;

    counters.reads = io->traffic.reads;
    counters.writes = io->traffic.writes;
    counters.octets_in = io->traffic.octets_in;
    counters.octets_out = io->traffic.octets_out;
    return counters;
}

/* --- peers --- */

static void
list_init(struct peer_list *list)
{
    list->first = NULL;
    list->end = &list->first;
}

static bool
peers_grow(struct io *io)
{
    uint32_t max = io->peers_max ? io->peers_max * 2 : 64;
    struct peer **peers;
    uint32_t *numbers;

    if (io->peers_max >= PEERS_MAX)
        return false;
    peers = realloc(io->peers, max * sizeof(*peers));
    if (peers)
        io->peers = peers;
    numbers = peers ? realloc(io->generations, max * sizeof(*numbers)) : NULL;
    if (numbers)
        io->generations = numbers;
    numbers = numbers ? realloc(io->free_slots, max * sizeof(*numbers)) : NULL;
    if (!numbers)
        return false;
    io->free_slots = numbers;
    for (uint32_t i = io->peers_max; i < max; i++) {
        io->peers[i] = NULL;
        io->generations[i] = 0;
    }
    io->peers_max = max;
    return true;
}

bool
io_add(struct io *io, struct peer *p)
{
    uint32_t slot;

    if (io->free_count == 0 && io->peers_used == io->peers_max && !peers_grow(io))
        return false;
    slot = io->free_count > 0 ? io->free_slots[--io->free_count] : io->peers_used++;
    io->peers[slot] = p;
    p->name = (struct session_name){.slot = slot, .generation = ++io->generations[slot]};
    io->counters.connections++;
    return true;
}

void
io_remove(struct io *io, struct peer *p)
{
    assert(io->peers[p->name.slot] == p);
    io->peers[p->name.slot] = NULL;
    io->free_slots[io->free_count++] = p->name.slot;
    io->counters.connections--;
}

struct peer *
io_peer(const struct io *io, struct session_name name)
{
    struct peer *p = name.slot < io->peers_used ? io->peers[name.slot] : NULL;

    return p && p->name.generation == name.generation ? p : NULL;
}

void
io_ready(struct peer *p)
{
    if (p->ready || p->dead)
        return;
    p->ready = true;
    p->next_ready = NULL;
    *p->io->ready.end = p;
    p->io->ready.end = &p->next_ready;
}

void
io_touch(struct peer *p)
{
    if (p->touched || p->dead)
        return;
    p->touched = true;
    p->next_touched = NULL;
    *p->io->touched.end = p;
    p->io->touched.end = &p->next_touched;
}

void
io_dead(struct peer *p)
{
    if (p->dead)
        return;
    p->dead = true;
    p->next_dead = NULL;
    *p->io->dead.end = p;
    p->io->dead.end = &p->next_dead;
}

void
io_sweep_by(struct io *io, uint64_t when_ms)
{
    if (when_ms < io->sweep_ms)
        io->sweep_ms = when_ms;
}

/* --- the round --- */

static void
release_one(struct io *io, const struct effect *effect)
{
    struct peer *p;

    if (effect->kind == FX_LOG) {
        log_text((enum log_level)effect->level, effect->octets);
        return;
    }
    if (effect->kind == FX_ANSWER) {
        admin_answer(io->admin, effect);
        return;
    }
    p = io_peer(io, effect->session);
    if (!p)
        io->counters.effects_dropped++;
    else if (effect->kind == FX_REPLY)
        peer_reply(p, effect);
    else
        peer_send(p, effect);
}

/* What the relay thread has committed goes into the connections' buffers. */
static void
release(struct io *io)
{
    struct effect_block *block = mailbox_effects(io->box);

    while (block) {
        struct effect_block *next = block->next;
        struct effect effect;
        size_t at = 0;

        while (effects_next(&block->effects, &at, &effect))
            release_one(io, &effect);
        mailbox_effects_done(io->box, block);
        block = next;
    }
}

/* Peers that do not read for want of a batch, once there is one again. */
static void
unpark(struct io *io)
{
    io->starved = false;
    if (!io->parked || !io_batch(io))
        return;
    io->parked = false;
    for (uint32_t i = 0; i < io->peers_used; i++) {
        if (io->peers[i] && io->peers[i]->parked)
            peer_unpark(io->peers[i]);
    }
}

/* Those that have more to do put themselves on the list again, for the next round. */
static void
work(struct io *io)
{
    struct peer *p = io->ready.first;

    io->handshakes = 0;
    list_init(&io->ready);
    while (p) {
        struct peer *next = p->next_ready;

        p->ready = false;
        peer_work(p);
        p = next;
    }
}

static void
flush(struct io *io)
{
    struct peer *p = io->touched.first;

    list_init(&io->touched);
    while (p) {
        struct peer *next = p->next_touched;

        p->touched = false;
        peer_flush(p);
        p = next;
    }
}

static void
reap(struct io *io)
{
    struct peer *p = io->dead.first;

    list_init(&io->dead);
    while (p) {
        struct peer *next = p->next_dead;

        if (!peer_reap(p)) {
            p->dead = false;
            io_dead(p);
        }
        p = next;
    }
}

/* Design, "Threads": when nothing can be committed, peers had better notice. */
static void
watch_store(struct io *io)
{
    uint64_t since = mailbox_turn_ms(io->box);
    bool stalled = since != 0 && io->now_ms > since + io->conf->stall_ms;

    if (stalled && !io->stalled) {
        io->counters.stalls++;
        io->stalled_ms = since;
        log_line(LOG_LEVEL_ERROR, "store stalled",
                 "seconds=%llu reason=\"enquire_link is not answered until a commit ends\"",
                 (unsigned long long)(io->now_ms - since) / 1000);
    } else if (!stalled && io->stalled) {
        log_line(LOG_LEVEL_WARN, "store works again", "seconds=%llu",
                 (unsigned long long)(io->now_ms - io->stalled_ms) / 1000);
    }
    io->stalled = stalled;
}

static uint64_t
sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void
sweep(struct io *io)
{
    uint64_t next = io->now_ms + SWEEP_MS;

    /* Set before the work, which may ask for an earlier one. */
    io->sweep_ms = next;
    for (uint32_t i = 0; i < io->peers_used; i++) {
        if (io->peers[i])
            next = sooner(next, peer_tick(io->peers[i]));
    }
    next = sooner(next, carriers_tick(io->carriers));
    next = sooner(next, listeners_tick(io->listeners));
    next = sooner(next, admin_tick(io->admin));
    next = sooner(next, traces_tick(io->traces));
    watch_store(io);
    log_flush();
    if (next < io->now_ms + SWEEP_MIN_MS)
        next = io->now_ms + SWEEP_MIN_MS;
    io_sweep_by(io, next);
}

static uint64_t
patience(const struct io *io)
{
    uint64_t next;

    if (io->ready.first || io->touched.first || io->sweep_ms <= io->now_ms ||
        admin_busy(io->admin))
        return 0;
    next = io->sweep_ms;
    if (io->batch && io->batch->count > 0)
        next = sooner(next, mailbox_wait_ms(io->batch));
    return next > io->now_ms ? next - io->now_ms : 0;
}

/* False: the kernel's event queue has failed. */
static bool
wait_for_events(struct io *io)
{
    uint64_t wait = patience(io);

    if (wait > 0 && !mailbox_sleep(io->box))
        wait = 0;
    return loop_run(io->loop, wait);
}

static bool
round_once(struct io *io)
{
    if (!wait_for_events(io))
        return false;
    io->now_ms = clock_mono_ms();
    io->counters.rounds++;
    release(io);
    unpark(io);
    listeners_work(io->listeners);
    admission_work(io->admission);
    work(io);
    if (io->now_ms >= io->sweep_ms)
        sweep(io);
    admin_work(io->admin);
    control_work(io->control);
    post_batch(io);
    flush(io);
    if (io->dead.first)
        reap(io);
    post_batch(io);
    return true;
}

bool
io_run(struct io *io)
{
    while (!control_done(io->control)) {
        if (!round_once(io)) {
            log_line(LOG_LEVEL_ERROR, "event loop failed", "reason=epoll");
            return false;
        }
    }
    return true;
}

static void
on_wake(void *context, unsigned ready)
{
    /* round_once() looks into the mailbox in any case. */
    (void)context, (void)ready;
}

static void
io_init(struct io *io, struct conf *conf, struct mailbox *box)
{
    io->conf = conf;
    io->box = box;
    io->now_ms = clock_mono_ms();
    io->started_ms = io->now_ms;
    io->sweep_ms = io->now_ms;
    list_init(&io->ready);
    list_init(&io->touched);
    list_init(&io->dead);
}

struct io *
io_new(struct conf *conf, const char *conf_path, struct mailbox *box)
{
    struct io *io = calloc(1, sizeof(*io));

    if (!io)
        return NULL;
    io_init(io, conf, box);
    io->loop = loop_new();
    if (!io->loop || !auth_init(&io->auth, conf)) {
        log_line(LOG_LEVEL_ERROR, "cannot start", "reason=\"no memory or no epoll\"");
        io_free(io);
        return NULL;
    }
    io->wake = loop_watch_edge(io->loop, mailbox_fd(box), on_wake, io);
    io->traces = io->wake ? traces_new(io) : NULL;
    io->control = io->traces ? control_new(io, conf_path) : NULL;
    io->admission = io->control ? admission_new(io) : NULL;
    io->carriers = io->admission ? carriers_new(io) : NULL;
    io->listeners = io->carriers ? listeners_new(io) : NULL;
    io->admin = io->listeners ? admin_new(io) : NULL;
    if (io->admin)
        return io;
    io_free(io);
    return NULL;
}

void
io_free(struct io *io)
{
    if (!io)
        return;
    if (io->batch)
        mailbox_post(io->box, io->batch);
    admin_free(io->admin);
    if (io->listeners)
        listeners_free(io->listeners);
    if (io->carriers)
        carriers_free(io->carriers);
    if (io->control)
        control_free(io->control);
    admission_free(io->admission);
    watch_free(io->wake);
    loop_free(io->loop);
    traces_free(io->traces);
    auth_release(&io->auth);
    free(io->peers);
    free(io->generations);
    free(io->free_slots);
    free(io);
}
