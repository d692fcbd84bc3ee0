/*
 * driver.c: see driver.h. The only file that commits, and the only one that lets effects out.
 */
#include "gateway/driver.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "gateway/clock.h"
#include "gateway/log.h"

struct driver {
    struct mailbox *box;
    struct store *store;
    struct relay *relay;
    struct turn_clock clock;
    struct batch *batch;            /* the one that events are taken from */
    uint64_t next_ms;               /* relay_next_ms() after the last turn */
    uint64_t released_us;           /* the end of the last turn */
    struct published published;
    uint64_t readers_ms;            /* when dead readers were last looked for */
    pthread_t thread;
};

struct store_options
store_options_of(const struct conf *conf)
{
    return (struct store_options){
        .dir = conf->store_dir,
        .map_bytes = conf->store_max_bytes,
        .refuse_percent = conf->store_refuse_percent,
        .reserve_bytes = conf->store_reserve_bytes,
        .unsafe_fs = conf->store_unsafe_fs,
    };
}

static uint64_t
micros(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

/* What the operator must know about it: nothing expires while messages go on by the old time. */
static void
tell_jump(const struct turn_clock *clock, enum clock_jump jump)
{
    static const char *const effects[CLOCK_JUMPS] = {
        [CLOCK_FORWARD] = "messages go on by the old time for 10 minutes, then take the new one",
        [CLOCK_BACK] = "messages go on by the old time until the clock has caught up with it",
        [CLOCK_LEADS] = "messages go by the clock again",
    };
    uint64_t away = clock->wall_ms > clock->now_ms ? clock->wall_ms - clock->now_ms
                                                   : clock->now_ms - clock->wall_ms;

    log_line(LOG_LEVEL_WARN, "clock set", "direction=%s seconds=%llu effect=\"%s\"",
             clock_jump_name(jump), (unsigned long long)away / 1000, effects[jump]);
}

static uint64_t
turn_now(struct driver *d)
{
    enum clock_jump jump;
    uint64_t now = turn_clock_now(&d->clock, clock_wall_ms(), clock_mono_ms(), &jump);

    if (jump != CLOCK_STEADY)
        tell_jump(&d->clock, jump);
    return now;
}

/* The next event of the mailbox, or NULL. It lives until the next call. */
static struct event *
next_event(struct driver *d)
{
    if (d->batch && d->batch->taken == d->batch->count) {
        mailbox_batch_done(d->box, d->batch);
        d->batch = NULL;
    }
    if (!d->batch)
        d->batch = mailbox_take(d->box, 0);
    return d->batch ? &d->batch->events[d->batch->taken++] : NULL;
}

static void
step_over(struct driver *d, struct store_txn *txn, uint64_t now, const struct event *event,
          struct effects *effects)
{
    relay_step(d->relay, txn, now, event, effects);
    if (event->kind == EV_CONF)
        d->published.conf = event->u.conf;
    else if (event->kind == EV_STOP)
        d->published.stops++;
}

static uint32_t
step_events(struct driver *d, struct store_txn *txn, uint64_t now, struct effects *effects)
{
    uint32_t count = 0;

    if (d->next_ms <= now) {
        static const struct event tick = {.kind = EV_TICK};

        relay_step(d->relay, txn, now, &tick, effects);
    }
    while (count < TURN_EVENTS_MAX && relay_turn_bytes(d->relay, txn) < TURN_EVENT_OCTETS) {
        struct event *event = next_event(d);

        if (!event)
            break;
        step_over(d, txn, now, event, effects);
        count++;
    }
    return count;
}

/* A tool that was killed while it read would keep pages from being used again (faults.md row
 * 40). */
static void
check_readers(struct driver *d, uint64_t now_ms)
{
    if (now_ms - d->readers_ms < READER_CHECK_MS)
        return;
    d->readers_ms = now_ms;
    if (store_check_readers(d->store) > 0)
        log_line(LOG_LEVEL_WARN, "store reader died", "reason=\"a tool was killed\"");
}

/* What a turn cost: began, went into the commit, came back. */
struct turn_times {
    uint64_t began_us;
    uint64_t commit_us;
    uint32_t events;
};

static void
note_turn(struct driver *d, const struct turn_times *times)
{
    struct driver_counters *c = &d->published.driver;
    uint64_t ended_us = micros();
    struct store_stats stats;

    store_stats_get(d->store, &stats);
    c->commits = stats.commits;
    c->store_bytes = stats.map_bytes_used;
    c->turns++;
    c->turn_events += times->events;
    if (times->events > c->turn_events_max)
        c->turn_events_max = times->events;
    c->turn_us += ended_us - times->began_us;
    c->commit_us += ended_us - times->commit_us;
    if (ended_us - times->commit_us > c->commit_us_max)
        c->commit_us_max = ended_us - times->commit_us;
    d->published.outstanding = relay_outstanding(d->relay);
    d->published.answers_wanted = relay_wants_answers(d->relay);
    d->published.relay = *relay_counters(d->relay);
}

/*
 * The one place where a turn becomes true. Before the commit has come back nothing of the turn is
 * seen outside; after it everything is. A commit whose outcome is unknown must not be answered
 * either way, so the process ends here, from whichever thread this is, and the next one reads the
 * disk.
 */
static void
turn_commit(struct driver *d, struct store_txn *txn, uint64_t now, struct effect_block *block,
            struct turn_times *times)
{
    enum store_outcome outcome;

    times->commit_us = micros();
    outcome = store_commit(txn, now);

    if (outcome != STORE_DURABLE) {
        log_line(LOG_LEVEL_ERROR, outcome == STORE_FENCED ? "store fenced" : "commit failed",
                 "reason=\"the state on disk is unknown; a restart recovers it\"");
        _exit(75);
    }
    note_turn(d, times);
    mailbox_release(d->box, block, &d->published);
    d->released_us = micros();
}

static void
turn(struct driver *d)
{
    struct effect_block *block = mailbox_block(d->box);
    struct turn_times times = {.began_us = micros()};
    uint64_t now = turn_now(d);
    enum store_room room = store_headroom(d->store, now);
    struct store_txn *txn;

    mailbox_turn_begins(d->box, times.began_us / 1000);
    check_readers(d, times.began_us / 1000);
    d->published.driver.store_refusing = room == STORE_TIGHT;
    relay_set_room(d->relay, room);
    relay_set_fill(d->relay, store_fill(d->store));
    txn = store_begin(d->store);
    times.events = step_events(d, txn, now, &block->effects);
    relay_finish(d->relay, txn, now, &block->effects);
    d->next_ms = relay_next_ms(d->relay, now);
    turn_commit(d, txn, now, block, &times);
}

/* How long the relay may sleep, as a time of the monotonic clock. */
static uint64_t
wake_ms(const struct driver *d)
{
    uint64_t mono = clock_mono_ms(), wall = d->clock.now_ms + (mono - d->clock.mono_ms);

    if (d->next_ms == UINT64_MAX)
        return UINT64_MAX;
    return d->next_ms <= wall ? 0 : mono + (d->next_ms - wall);
}

/* Waits at most until until_ms for something to do. */
static bool
something_to_do(struct driver *d, uint64_t until_ms)
{
    if (d->batch && d->batch->taken < d->batch->count)
        return true;
    if (d->batch) {
        mailbox_batch_done(d->box, d->batch);
        d->batch = NULL;
    }
    d->batch = mailbox_take(d->box, until_ms);
    return d->batch || wake_ms(d) == 0;
}

bool
driver_turn(struct driver *d)
{
    if (!something_to_do(d, 0))
        return false;
    turn(d);
    return true;
}

/* A turn that would follow the last one at once waits for company, if it has little. */
static void
gather(struct driver *d)
{
    uint64_t until_us = d->released_us + GATHER_US;
    uint32_t have;

    if (!d->batch || micros() >= until_us)
        return;
    have = d->batch->count - d->batch->taken;
    if (have < GATHER_EVENTS)
        mailbox_gather(d->box, GATHER_EVENTS - have, until_us);
}

static void *
relay_thread(void *context)
{
    struct driver *d = context;

    for (;;) {
        if (something_to_do(d, wake_ms(d))) {
            gather(d);
            turn(d);
        }
        if (!d->batch && mailbox_finished(d->box))
            return NULL;
    }
}

/* A turn without events: the first one, with the configuration to begin with, or one that goes on
 * with a large directory. */
static void
start_turn(struct driver *d, const struct conf *first)
{
    struct effect_block *block = mailbox_block(d->box);
    struct event event = {.kind = EV_CONF, .u.conf = first};
    struct turn_times times = {.began_us = micros()};
    uint64_t now = turn_now(d);
    struct store_txn *txn;

    relay_set_room(d->relay, store_headroom(d->store, now));
    relay_set_fill(d->relay, store_fill(d->store));
    txn = store_begin(d->store);
    if (first) {
        relay_recover(d->relay, txn, now);
        step_over(d, txn, now, &event, &block->effects);
    }
    relay_finish(d->relay, txn, now, &block->effects);
    d->next_ms = relay_next_ms(d->relay, now);
    turn_commit(d, txn, now, block, &times);
}

/* What was on the wire when we last ended is known to be uncertain from here on. And whoever binds
 * finds the whole directory: an app without its record would be bound and never get an answer. */
static void
recover(struct driver *d, const struct conf *conf)
{
    start_turn(d, conf);
    while (relay_applying(d->relay))
        start_turn(d, NULL);
}

static void
clock_start(struct driver *d)
{
    struct store_meta meta;
    enum clock_jump jump;

    store_meta_get(d->store, &meta);
    jump = turn_clock_init(&d->clock, meta.turn_ms, clock_wall_ms(), clock_mono_ms());
    if (jump != CLOCK_STEADY)
        tell_jump(&d->clock, jump);
}

struct driver *
driver_new(const struct conf *conf, struct mailbox *box, int *exit_status, char *why,
           size_t why_bytes)
{
    struct store_options options = store_options_of(conf);
    struct driver *d = calloc(1, sizeof(*d));
    enum store_err err;

    snprintf(why, why_bytes, "no memory");
    *exit_status = 75;
    if (!d)
        return NULL;
    d->box = box;
    err = store_open(&options, &d->store, why, why_bytes);
    if (err != STORE_OK) {
        *exit_status = store_err_exit_status(err);
        driver_free(d);
        return NULL;
    }
    d->relay = relay_new(conf);
    if (!d->relay) {
        driver_free(d);
        return NULL;
    }
    clock_start(d);
    recover(d, conf);
    return d;
}

void
driver_free(struct driver *d)
{
    if (!d)
        return;
    if (d->batch)
        mailbox_batch_done(d->box, d->batch);
    if (d->relay)
        relay_free(d->relay);
    if (d->store)
        store_close(d->store);
    free(d);
}

bool
driver_start(struct driver *d)
{
    sigset_t all, before;
    int err;

    /* Signals belong to the I/O thread. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    err = pthread_create(&d->thread, NULL, relay_thread, d);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (err == 0)
        pthread_setname_np(d->thread, "relay");
    return err == 0;
}

void
driver_join(struct driver *d)
{
    pthread_join(d->thread, NULL);
}
