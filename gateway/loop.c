/*
 * loop.c: see loop.h.
 */
#include "gateway/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/log.h"

struct loop {
    struct event_base *base;
    struct event *timer;
};

struct watch {
    struct event *read;             /* also the edge and the signal */
    struct event *write;
    watch_fn *fn;
    void *context;
    unsigned interest;
};

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what, (void)context;
}

struct loop *
loop_new(void)
{
    struct event_config *config = event_config_new();
    struct loop *loop = calloc(1, sizeof(*loop));

    if (config && loop) {
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
        event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
        loop->base = event_base_new_with_config(config);
    }
    if (config)
        event_config_free(config);
    if (loop && loop->base)
        loop->timer = event_new(loop->base, -1, 0, on_timer, NULL);
    if (loop && !loop->timer) {
        loop_free(loop);
        loop = NULL;
    }
    return loop;
}

void
loop_free(struct loop *loop)
{
    if (!loop)
        return;
    if (loop->timer)
        event_free(loop->timer);
    if (loop->base)
        event_base_free(loop->base);
    free(loop);
}

static void
on_ready(evutil_socket_t fd, short what, void *context)
{
    struct watch *watch = context;

    if (what & EV_SIGNAL)
        watch->fn(watch->context, (unsigned)fd);
    else
        watch->fn(watch->context, (what & EV_READ ? LOOP_READ : 0u) |
                                      (what & EV_WRITE ? LOOP_WRITE : 0u));
}

static struct watch *
watch_new(watch_fn *fn, void *context)
{
    struct watch *watch = calloc(1, sizeof(*watch));

    if (watch) {
        watch->fn = fn;
        watch->context = context;
    }
    return watch;
}

struct watch *
loop_watch(struct loop *loop, int fd, watch_fn *fn, void *context)
{
    struct watch *watch = watch_new(fn, context);

    if (!watch)
        return NULL;
    watch->read = event_new(loop->base, fd, EV_READ | EV_PERSIST, on_ready, watch);
    watch->write = event_new(loop->base, fd, EV_WRITE | EV_PERSIST, on_ready, watch);
    if (watch->read && watch->write)
        return watch;
    watch_free(watch);
    return NULL;
}

static struct watch *
watch_started(struct loop *loop, int fd, short what, watch_fn *fn, void *context)
{
    struct watch *watch = watch_new(fn, context);

    if (!watch)
        return NULL;
    watch->read = event_new(loop->base, fd, what, on_ready, watch);
    if (watch->read && event_add(watch->read, NULL) == 0)
        return watch;
    watch_free(watch);
    return NULL;
}

struct watch *
loop_watch_edge(struct loop *loop, int fd, watch_fn *fn, void *context)
{
    return watch_started(loop, fd, EV_READ | EV_PERSIST | EV_ET, fn, context);
}

struct watch *
loop_signal(struct loop *loop, int signo, watch_fn *fn, void *context)
{
    return watch_started(loop, signo, EV_SIGNAL | EV_PERSIST, fn, context);
}

const char *
loop_library_version(void)
{
    return event_get_version();
}

static void
event_set(struct event *event, bool on)
{
    if ((on ? event_add(event, NULL) : event_del(event)) == 0)
        return;
    /* Only for want of memory, here or in the kernel's table. A socket that nobody watches would
     * hang for ever; the next process reads the disk. */
    log_line(LOG_LEVEL_ERROR, "event loop failed", "reason=\"%s\"", strerrordesc_np(errno));
    _exit(75);
}

void
watch_set(struct watch *watch, unsigned interest)
{
    unsigned changed = watch->interest ^ interest;

    watch->interest = interest;
    if (changed & LOOP_READ)
        event_set(watch->read, interest & LOOP_READ);
    if (changed & LOOP_WRITE)
        event_set(watch->write, interest & LOOP_WRITE);
}

void
watch_free(struct watch *watch)
{
    if (!watch)
        return;
    if (watch->read)
        event_free(watch->read);
    if (watch->write)
        event_free(watch->write);
    free(watch);
}

bool
loop_run(struct loop *loop, uint64_t timeout_ms)
{
    struct timeval wait = {.tv_sec = (time_t)(timeout_ms / 1000),
                           .tv_usec = (suseconds_t)(timeout_ms % 1000 * 1000)};

    /* Callbacks only take notes, so what is ready stays ready: without ONCE this would not
     * return. */
    if (timeout_ms == 0)
        return event_base_loop(loop->base, EVLOOP_ONCE | EVLOOP_NONBLOCK) >= 0;
    if (event_add(loop->timer, &wait) != 0)
        return false;
    return event_base_loop(loop->base, EVLOOP_ONCE) >= 0;
}
