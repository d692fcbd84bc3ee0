/*
 * resolver.c: see resolver.h.
 */
#include "gateway/resolver.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define HOST_BYTES 254u

struct answer {
    struct answer *next;
    struct resolved resolved;
};

struct question {
    uint32_t ticket;
    uint16_t port;
    char host[HOST_BYTES];
    struct answer *answer;          /* room for it, so that every question gets one */
};

struct resolver {
    pthread_mutex_t lock;
    pthread_cond_t more;
    pthread_t thread;
    bool started, busy, closed;
    bool left;                      /* closed while busy: the thread frees it */
    int fd;
    struct question questions[RESOLVE_JOBS_MAX];
    uint32_t first, waiting;
    struct answer *answers;
};

struct resolver *
resolver_new(void)
{
    struct resolver *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->more, NULL);
    r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (r->fd >= 0)
        return r;
    resolver_free(r);
    return NULL;
}

static void
look_up(const struct question *q, struct resolved *out)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *list = NULL;
    char port[8];
    int err;

    memset(out, 0, sizeof(*out));
    out->ticket = q->ticket;
    snprintf(port, sizeof(port), "%u", q->port);
    err = getaddrinfo(q->host, port, &hints, &list);
    if (err != 0) {
        out->why = gai_strerror(err);
        return;
    }
    for (struct addrinfo *at = list; at && out->count < ADDRESSES_MAX; at = at->ai_next) {
        struct address *address = &out->addresses[out->count];

        if (at->ai_addrlen > sizeof(address->sa))
            continue;
        memcpy(&address->sa, at->ai_addr, at->ai_addrlen);
        address->length = at->ai_addrlen;
        out->count++;
    }
    out->why = "the name has no address";
    freeaddrinfo(list);
}

/* With the lock held. */
static void
post(struct resolver *r, struct answer *answer)
{
    uint64_t one = 1;
    ssize_t written;

    answer->next = r->answers;
    r->answers = answer;
    written = write(r->fd, &one, sizeof(one));
    (void)written;
}

static void
release(struct resolver *r)
{
    struct resolved unread;

    for (; r->waiting > 0; r->waiting--, r->first = (r->first + 1) % RESOLVE_JOBS_MAX)
        free(r->questions[r->first].answer);
    while (resolver_answer(r, &unread))
        ;
    if (r->fd >= 0)
        close(r->fd);
    pthread_cond_destroy(&r->more);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

static void *
resolver_thread(void *context)
{
    struct resolver *r = context;
    bool left;

    pthread_mutex_lock(&r->lock);
    while (!r->closed) {
        struct question q;

        if (r->waiting == 0) {
            pthread_cond_wait(&r->more, &r->lock);
            continue;
        }
        q = r->questions[r->first];
        r->first = (r->first + 1) % RESOLVE_JOBS_MAX;
        r->waiting--;
        r->busy = true;
        pthread_mutex_unlock(&r->lock);
        look_up(&q, &q.answer->resolved);
        pthread_mutex_lock(&r->lock);
        r->busy = false;
        post(r, q.answer);
    }
    left = r->left;
    pthread_mutex_unlock(&r->lock);
    if (left)
        release(r);
    return NULL;
}

static bool
start(struct resolver *r)
{
    sigset_t all, before;

    if (r->started)
        return true;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r->started = pthread_create(&r->thread, NULL, resolver_thread, r) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (r->started)
        pthread_setname_np(r->thread, "resolver");
    return r->started;
}

bool
resolver_ask(struct resolver *r, uint32_t ticket, const char *host, uint16_t port)
{
    struct answer *answer = NULL;
    bool asked = false;

    if (start(r) && strlen(host) < HOST_BYTES)
        answer = malloc(sizeof(*answer));
    if (!answer)
        return false;
    pthread_mutex_lock(&r->lock);
    if (r->waiting < RESOLVE_JOBS_MAX) {
        struct question *q = &r->questions[(r->first + r->waiting++) % RESOLVE_JOBS_MAX];

        q->ticket = ticket;
        q->port = port;
        q->answer = answer;
        snprintf(q->host, sizeof(q->host), "%s", host);
        pthread_cond_signal(&r->more);
        asked = true;
    }
    pthread_mutex_unlock(&r->lock);
    if (!asked)
        free(answer);
    return asked;
}

int
resolver_fd(const struct resolver *r)
{
    return r->fd;
}

bool
resolver_answer(struct resolver *r, struct resolved *out)
{
    struct answer *answer;

    pthread_mutex_lock(&r->lock);
    answer = r->answers;
    if (answer)
        r->answers = answer->next;
    pthread_mutex_unlock(&r->lock);
    if (!answer)
        return false;
    *out = answer->resolved;
    free(answer);
    return true;
}

void
resolver_free(struct resolver *r)
{
    bool left;

    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    r->closed = true;
    r->left = left = r->started && r->busy;
    /* It may sit in getaddrinfo() for long, and the process is about to end. */
    if (left)
        pthread_detach(r->thread);
    pthread_cond_signal(&r->more);
    pthread_mutex_unlock(&r->lock);
    if (left)
        return;
    if (r->started)
        pthread_join(r->thread, NULL);
    release(r);
}
