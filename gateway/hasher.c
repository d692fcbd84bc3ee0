/*
 * hasher.c: see hasher.h. The only file that includes libsodium.
 */
#include "gateway/hasher.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "protocol/pdu.h"

_Static_assert(crypto_pwhash_STRBYTES <= PASSWORD_HASH_BYTES, "a hash has room");

/* Questions that wait, those in work, and answers nobody has read yet. */
#define ALL_JOBS (HASH_JOBS_MAX + HASH_THREADS)

struct job {
    uint64_t ticket;
    char hash[PASSWORD_HASH_BYTES];
    uint8_t password[SMPP_PASSWORD_LONG_BYTES];
    size_t length;
};

struct answer {
    uint64_t ticket;
    enum hash_result result;
};

struct hasher {
    pthread_mutex_t lock;
    pthread_cond_t more;
    pthread_t threads[HASH_THREADS];
    uint32_t started;
    uint32_t busy;                  /* threads that compare */
    bool closed;
    int fd;
    struct job jobs[HASH_JOBS_MAX]; /* a ring */
    uint32_t job_first, job_count;
    struct answer answers[ALL_JOBS]; /* a ring */
    uint32_t answer_first, answer_count;
};

const char *
hash_result_name(enum hash_result result)
{
    switch (result) {
    case HASH_MATCH:
        return "match";
    case HASH_MISMATCH:
        return "mismatch";
    case HASH_FAILED:
        return "failed";
    }
    return "?";
}

struct hasher *
hasher_new(void)
{
    struct hasher *h = sodium_init() >= 0 ? calloc(1, sizeof(*h)) : NULL;

    if (!h)
        return NULL;
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->more, NULL);
    h->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (h->fd >= 0)
        return h;
    hasher_free(h);
    return NULL;
}

/* libsodium says EINVAL for a password that is wrong, and nothing for what it could not do. */
static enum hash_result
compare(const struct job *job)
{
    errno = 0;
    if (crypto_pwhash_argon2id_str_verify(job->hash, (const char *)job->password, job->length) == 0)
        return HASH_MATCH;
    return errno == EINVAL ? HASH_MISMATCH : HASH_FAILED;
}

/* With the lock held. */
static void
post(struct hasher *h, uint64_t ticket, enum hash_result result)
{
    uint64_t one = 1;
    ssize_t written;

    assert(h->answer_count < ALL_JOBS);
    h->answers[(h->answer_first + h->answer_count++) % ALL_JOBS] =
        (struct answer){.ticket = ticket, .result = result};
    written = write(h->fd, &one, sizeof(one));
    (void)written;
}

static void *
hasher_thread(void *context)
{
    struct hasher *h = context;

    /* Guesses must not take the processors from traffic. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), HASH_NICE);
    pthread_mutex_lock(&h->lock);
    while (!h->closed) {
        enum hash_result result;
        struct job job;

        if (h->job_count == 0) {
            pthread_cond_wait(&h->more, &h->lock);
            continue;
        }
        job = h->jobs[h->job_first];
        sodium_memzero(&h->jobs[h->job_first], sizeof(job));
        h->job_first = (h->job_first + 1) % HASH_JOBS_MAX;
        h->job_count--;
        h->busy++;
        pthread_mutex_unlock(&h->lock);
        result = compare(&job);
        sodium_memzero(job.password, sizeof(job.password));
        pthread_mutex_lock(&h->lock);
        h->busy--;
        post(h, job.ticket, result);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

/* Signals are the I/O thread's. */
static bool
start(struct hasher *h)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (h->started < HASH_THREADS &&
           pthread_create(&h->threads[h->started], NULL, hasher_thread, h) == 0) {
        pthread_setname_np(h->threads[h->started], "hasher");
        h->started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return h->started > 0;
}

bool
hasher_ask(struct hasher *h, uint64_t ticket, const char *hash, struct slice password)
{
    size_t length = strlen(hash);
    bool asked = false;

    if (!start(h) || length >= PASSWORD_HASH_BYTES || password.n > SMPP_PASSWORD_LONG_BYTES)
        return false;
    pthread_mutex_lock(&h->lock);
    if (h->job_count < HASH_JOBS_MAX && h->job_count + h->busy + h->answer_count < ALL_JOBS) {
        struct job *job = &h->jobs[(h->job_first + h->job_count++) % HASH_JOBS_MAX];

        job->ticket = ticket;
        memcpy(job->hash, hash, length + 1);
        if (password.n > 0)
            memcpy(job->password, password.p, password.n);
        job->length = password.n;
        pthread_cond_signal(&h->more);
        asked = true;
    }
    pthread_mutex_unlock(&h->lock);
    return asked;
}

int
hasher_fd(const struct hasher *h)
{
    return h->fd;
}

bool
hasher_answer(struct hasher *h, uint64_t *ticket, enum hash_result *result)
{
    bool found;

    pthread_mutex_lock(&h->lock);
    found = h->answer_count > 0;
    if (found) {
        *ticket = h->answers[h->answer_first].ticket;
        *result = h->answers[h->answer_first].result;
        h->answer_first = (h->answer_first + 1) % ALL_JOBS;
        h->answer_count--;
    }
    pthread_mutex_unlock(&h->lock);
    return found;
}

void
hasher_free(struct hasher *h)
{
    if (!h)
        return;
    pthread_mutex_lock(&h->lock);
    h->closed = true;
    pthread_cond_broadcast(&h->more);
    pthread_mutex_unlock(&h->lock);
    for (uint32_t i = 0; i < h->started; i++)
        pthread_join(h->threads[i], NULL);
    if (h->fd >= 0)
        close(h->fd);
    pthread_cond_destroy(&h->more);
    pthread_mutex_destroy(&h->lock);
    sodium_memzero(h, sizeof(*h));
    free(h);
}

bool
password_hash(struct slice password, char hash[PASSWORD_HASH_BYTES])
{
    return sodium_init() >= 0 &&
           crypto_pwhash_argon2id_str(hash, (const char *)password.p, password.n, HASH_PASSES,
                                      HASH_OCTETS) == 0;
}
