/*
 * admission.c: see admission.h.
 *
 * Two things keep a crowd of binds cheap. Those with the same credentials wait for one comparison,
 * so a thousand sessions that return after a restart cost one. And an address has no more
 * comparisons at work than binds may fail before it is locked out (B16): otherwise it could make a
 * guess with each of its connections before the first is answered.
 */
#include "gateway/admission.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/hasher.h"
#include "gateway/listener.h"
#include "gateway/log.h"

enum waiting_state {
    WAITS,                          /* for the comparison of another */
    COMPARING,                      /* the hasher has it */
    COMPARED,
    AGAIN,                          /* its address has room for a comparison again */
};

struct waiting {
    struct waiting *next;
    enum waiting_state state;
    enum hash_result result;        /* COMPARED */
    uint64_t ticket;                /* COMPARING */
    struct session_name name;
    struct address address;
    uint8_t key[AUTH_KEY_BYTES];    /* auth_key(): the same credentials have the same */
    char hash[PASSWORD_HASH_BYTES];
    struct pdu bind;                /* its slices are below */
    char system_id[SMPP_SYSTEM_ID_BYTES];
    uint8_t password[SMPP_PASSWORD_LONG_BYTES];
};

struct admission {
    struct io *io;
    struct hasher *hasher;
    struct watch *watch;
    struct waiting *waiting;        /* oldest first */
    uint64_t tickets;
    bool ready;                     /* there are results */
};

static void
on_result(void *context, unsigned ready)
{
    struct admission *a = context;

    (void)ready;
    a->ready = true;
}

struct admission *
admission_new(struct io *io)
{
    struct admission *a = calloc(1, sizeof(*a));

    if (!a)
        return NULL;
    a->io = io;
    a->hasher = hasher_new();
    a->watch = a->hasher ? loop_watch_edge(io->loop, hasher_fd(a->hasher), on_result, a) : NULL;
    if (a->watch)
        return a;
    admission_free(a);
    return NULL;
}

static void
waiting_free(struct waiting *w)
{
    explicit_bzero(w, sizeof(*w));
    free(w);
}

void
admission_free(struct admission *a)
{
    if (!a)
        return;
    watch_free(a->watch);
    hasher_free(a->hasher);
    while (a->waiting) {
        struct waiting *w = a->waiting;

        a->waiting = w->next;
        waiting_free(w);
    }
    free(a);
}

static struct auth_request
request_of(const struct peer *p, const struct pdu *bind, const struct address *address)
{
    return (struct auth_request){
        .bind = bind,
        .address = address,
        .transport = p ? &p->conn.transport : NULL,
        .errors = p ? listener_bind_errors(p->listener) : BIND_ERRORS_SAME,
    };
}

/* --- the end of a bind --- */

static void
refuse(struct peer *p, const struct pdu *bind, enum smpp_status status, const char *why)
{
    char name[LOG_VALUE_BYTES];

    log_line(LOG_LEVEL_WARN, "bind refused",
             "system_id=%s peer=%s command=%s status=%s reason=\"%s\"",
             log_value(name, bind->body.bind.system_id), p->conn.peer,
             smpp_command_name(bind->command_id), smpp_status_name(status), why);
    peer_refuse(p, bind, status);
}

/* B16: numbers are given to apps by the directory, so a range that an app asks for changes
 * nothing. */
static void
admit(struct peer *p, const struct pdu *bind, struct app *app)
{
    peer_accept(p, bind, app, listener_version(p->listener, bind->body.bind.interface_version));
    if (bind->body.bind.address_range.n > 0)
        log_line(LOG_LEVEL_INFO, "address_range ignored", "link=%s peer=%s", p->link, p->conn.peer);
}

static void
settle(struct peer *p, const struct pdu *bind, const struct auth_answer *answer)
{
    if (answer->verdict == AUTH_ACCEPT)
        admit(p, bind, answer->app);
    else
        refuse(p, bind, answer->status, answer->why);
}

/* --- waiting --- */

static bool
same_address(const struct address *a, const struct address *b)
{
    struct address_key one = address_key(a), other = address_key(b);

    return memcmp(&one, &other, sizeof(one)) == 0;
}

static bool
same_key(const struct waiting *a, const struct waiting *b)
{
    return memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

/* Must it wait for another comparison, one of the same credentials or too many of its address? */
static bool
has_to_wait(struct admission *a, const struct waiting *w)
{
    uint32_t left = auth_failures_left(&a->io->auth, &w->address, a->io->now_ms), running = 0;

    for (const struct waiting *other = a->waiting; other; other = other->next) {
        if (other->state != COMPARING || other == w)
            continue;
        if (same_key(other, w))
            return true;
        running += same_address(&other->address, &w->address);
    }
    return running > 0 && running >= left;
}

static struct waiting *
waiting_new(struct admission *a, const struct peer *p, const struct pdu *bind)
{
    struct waiting **end = &a->waiting, *w = calloc(1, sizeof(*w));
    const struct pdu_bind *from = &bind->body.bind;

    if (!w)
        return NULL;
    w->name = p->name;
    w->address = p->conn.address;
    w->bind = *bind;
    memcpy(w->system_id, from->system_id.p, from->system_id.n);
    memcpy(w->password, from->password.p, from->password.n);
    w->bind.tlvs = SLICE_NONE;
    w->bind.body.bind.system_id = slice_of(w->system_id, from->system_id.n);
    w->bind.body.bind.password = slice_of(w->password, from->password.n);
    w->bind.body.bind.system_type = SLICE_NONE;
    while (*end)
        end = &(*end)->next;
    *end = w;
    return w;
}

/* Fits waiting_new()? The decoder sees to it; this is where it would hurt. */
static bool
fits(const struct pdu *bind)
{
    return bind->body.bind.system_id.n < SMPP_SYSTEM_ID_BYTES &&
           bind->body.bind.password.n < SMPP_PASSWORD_LONG_BYTES;
}

/* Has it compared now, or when others are done. False: the hasher has too much to do. */
static bool
compare(struct admission *a, struct waiting *w, const char *hash)
{
    struct auth_request request = {.bind = &w->bind, .address = &w->address};

    snprintf(w->hash, sizeof(w->hash), "%s", hash);
    auth_key(&a->io->auth, &request, hash, w->key);
    w->state = WAITS;
    if (has_to_wait(a, w))
        return true;
    if (!hasher_ask(a->hasher, a->tickets + 1, hash, w->bind.body.bind.password))
        return false;
    w->state = COMPARING;
    w->ticket = ++a->tickets;
    a->io->counters.passwords_hashed++;
    return true;
}

static void
waiting_remove(struct admission *a, struct waiting *w)
{
    struct waiting **at = &a->waiting;

    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    waiting_free(w);
}

void
admission_bind(struct peer *p, const struct pdu *bind)
{
    struct admission *a = p->io->admission;
    struct auth_request request = request_of(p, bind, &p->conn.address);
    struct auth_answer answer;
    struct waiting *w;

    if (p->io->refusing || !p->listener) {
        refuse(p, bind, SMPP_RSYSERR, "stopping");
        return;
    }
    request.now_ms = p->io->now_ms;
    answer = auth_bind(&p->io->auth, &request);
    if (answer.verdict != AUTH_HASH) {
        settle(p, bind, &answer);
        return;
    }
    w = fits(bind) ? waiting_new(a, p, bind) : NULL;
    if (w && compare(a, w, answer.hash)) {
        p->judged = true;
        return;
    }
    if (w)
        waiting_remove(a, w);
    refuse(p, bind, SMPP_RTHROTTLED, "too many binds at once");
}

/* --- results --- */

/* The peer of a bind, if it still wants the answer. */
static struct peer *
peer_waits(const struct admission *a, const struct waiting *w)
{
    struct peer *p = io_peer(a->io, w->name);

    return p && p->judged && !p->dead && p->conn.state == CONN_OPEN && p->phase == PEER_LIVE
               ? p : NULL;
}

/* With no peer the answer is only for the books, so that whoever leaves before it has guessed as
 * well. */
static void
conclude(struct admission *a, struct waiting *w, struct peer *p, const struct auth_answer *answer)
{
    bool again = answer->verdict == AUTH_HASH;

    if (again && p && compare(a, w, answer->hash))
        return;
    if (p) {
        p->judged = false;
        if (again)
            refuse(p, &w->bind, SMPP_RTHROTTLED, "too many binds at once");
        else if (a->io->refusing || !p->listener)
            refuse(p, &w->bind, SMPP_RSYSERR, "stopping");
        else
            settle(p, &w->bind, answer);
    }
    waiting_remove(a, w);
}

static void
go_on(struct admission *a, struct waiting *w)
{
    struct peer *p = peer_waits(a, w);
    struct auth_request request = request_of(p, &w->bind, &w->address);
    struct auth_answer answer = {.verdict = AUTH_REFUSE};
    char hash[PASSWORD_HASH_BYTES];

    request.now_ms = a->io->now_ms;
    if (w->state == AGAIN && p) {
        answer = auth_bind(&a->io->auth, &request);
    } else if (w->state == COMPARED && (p || w->result != HASH_MATCH)) {
        memcpy(hash, w->hash, sizeof(hash));
        answer = auth_hashed(&a->io->auth, &request, hash, w->result);
    }
    conclude(a, w, p, &answer);
}

/* Marks everyone whose turn this result makes it. */
static void
result_came(struct admission *a, uint64_t ticket, enum hash_result result)
{
    struct waiting *first = a->waiting;

    while (first->state != COMPARING || first->ticket != ticket)
        first = first->next;
    first->state = COMPARED;
    first->result = result;
    for (struct waiting *w = a->waiting; w; w = w->next) {
        if (w->state != WAITS)
            continue;
        if (same_key(w, first)) {
            w->state = COMPARED;
            w->result = result;
        } else if (same_address(&w->address, &first->address)) {
            w->state = AGAIN;
        }
    }
}

static struct waiting *
next_to_go_on(const struct admission *a)
{
    struct waiting *w = a->waiting;

    while (w && w->state != COMPARED && w->state != AGAIN)
        w = w->next;
    return w;
}

/* An accepted bind is an event, so each needs a batch. Without one the rest comes in a later
 * round. */
void
admission_work(struct admission *a)
{
    enum hash_result result;
    struct waiting *w;
    uint64_t ticket;

    if (!a->ready)
        return;
    while (hasher_answer(a->hasher, &ticket, &result))
        result_came(a, ticket, result);
    while ((w = next_to_go_on(a)) != NULL) {
        if (!io_batch(a->io)) {
            io_sweep_by(a->io, a->io->now_ms + SWEEP_MIN_MS);
            return;
        }
        go_on(a, w);
    }
    a->ready = false;
}
