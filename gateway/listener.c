/*
 * listener.c: see listener.h.
 */
#include "gateway/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gateway/admission.h"
#include "gateway/carrier.h"
#include "gateway/log.h"

struct listener {
    struct listeners *all;
    char id[PEER_LINK_BYTES];
    struct address address;
    const struct conf_listener *conf;
    bool secure;                    /* what it was opened as */
    struct tls_context *tls;        /* of new connections; NULL: plain */
    int fd;
    struct watch *watch;
    bool ready;                     /* connections wait */
    uint64_t resume_ms;             /* 0, or accept() failed: not before */
    uint32_t connections;
};

struct listeners {
    struct io *io;
    struct listener **list;
    uint32_t count;
    int spare_fd;                   /* given up to refuse a connection when there is no other */
};

/* --- connections --- */

static void
peer_opened(struct peer *p)
{
    (void)p; /* the app speaks first */
}

/* C19: somebody who is a carrier, or says so. Wrong ones get no bind, and no word. */
static void
check_outbind(struct peer *p, const struct pdu *outbind)
{
    struct io *io = p->io;
    struct listener *l = p->listener;
    char name[LOG_VALUE_BYTES];
    const char *why = "too many failures from this address";
    bool known = false;

    if (!auth_locked(&io->auth, &p->conn.address, io->now_ms)) {
        why = carriers_outbind(io->carriers, p, outbind, &known);
        if (why && !known)
            auth_failed(&io->auth, &p->conn.address, io->now_ms);
    }
    if (!why) {
        io->counters.outbinds++;
        if (l)
            l->connections--;
        return;
    }
    io->counters.outbinds_refused++;
    log_line(LOG_LEVEL_WARN, "outbind refused", "system_id=%s peer=%s reason=\"%s\"",
             log_value(name, outbind->body.bind.system_id), p->conn.peer, why);
    peer_end(p, "an outbind that is not wanted here");
}

static void
no_bound(struct peer *p, uint32_t status, bool nack)
{
    (void)p, (void)status, (void)nack; /* we do not bind to apps */
}

static void
peer_closed(struct peer *p)
{
    if (p->listener)
        p->listener->connections--;
}

static const struct peer_owner app_owner = {
    .opened = peer_opened,
    .outbind = check_outbind,
    .bind = admission_bind,
    .bound = no_bound,
    .closed = peer_closed,
};

/* B19: connections of this address, on all listeners. */
static uint32_t
connections_of(const struct io *io, const struct address *address)
{
    struct address_key key = address_key(address);
    uint32_t count = 0;

    for (uint32_t i = 0; i < io->peers_used; i++) {
        struct address_key other;

        if (!io->peers[i] || io->peers[i]->leg)
            continue;
        other = address_key(&io->peers[i]->conn.address);
        count += memcmp(&other, &key, sizeof(key)) == 0;
    }
    return count;
}

static void
turn_away(struct listener *l, int fd, const struct address *address, const char *reason)
{
    char text[ADDRESS_TEXT_BYTES];

    l->all->io->counters.refused_connections++;
    address_text(address, text);
    log_line(LOG_LEVEL_WARN, "connection refused", "listener=%s peer=%s reason=%s", l->id, text,
             reason);
    close(fd);
}

static void
welcome(struct listener *l, int fd, const struct address *address)
{
    struct io *io = l->all->io;
    struct peer_setup setup = {
        .owner = &app_owner,
        .listener = l,
        .link = "",
        .pdu_ms = l->conf->pdu_ms,
        .session = {.window = 1,
                    .session_init_ms = l->conf->session_init_ms,
                    .enquire_link_ms = l->conf->enquire_link_ms,
                    .response_ms = l->conf->response_ms,
                    .inactivity_ms = l->conf->inactivity_ms,
                    .enquire_misses_max = ENQUIRE_MISSES_MAX,
                    .protocol_errors_max = PROTOCOL_ERRORS_MAX},
    };
    struct connection conn;

    /* X3: what no app may bind from is not read, not even for a handshake. */
    if (!auth_admits(&io->auth, address)) {
        turn_away(l, fd, address, "allow");
        return;
    }
    if (l->connections >= l->conf->sessions_max ||
        connections_of(io, address) >= io->conf->connections_per_address) {
        turn_away(l, fd, address, "limit");
        return;
    }
    if (l->secure && !auth_handshake(&io->auth, address, io->conf->connections_per_address,
                                     io->now_ms)) {
        turn_away(l, fd, address, "handshakes");
        return;
    }
    connection_accepted(&conn, fd, address);
    if (l->secure && !(l->tls && connection_secure(&conn, l->tls))) {
        connection_close(&conn); /* never in plain text */
        io->counters.refused_connections++;
        return;
    }
    if (!peer_new(io, &conn, &setup)) {
        io->counters.refused_connections++;
        return;
    }
    l->connections++;
    io->counters.accepted++;
}

/* --- accepting --- */

/* Decision 13: the waiting connection would make the socket ready for ever. It is taken with the
 * spare descriptor and closed, and the listener rests. */
static void
accept_failed(struct listener *l, int err)
{
    struct listeners *all = l->all;

    all->io->counters.accept_errors++;
    log_line(LOG_LEVEL_WARN, "accept failed", "listener=%s reason=\"%s\"", l->id,
             strerrordesc_np(err));
    if ((err == EMFILE || err == ENFILE) && all->spare_fd >= 0) {
        int fd;

        close(all->spare_fd);
        fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            close(fd);
        all->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    watch_set(l->watch, LOOP_NONE);
    l->resume_ms = all->io->now_ms + ACCEPT_PAUSE_MS;
    io_sweep_by(all->io, l->resume_ms);
}

static void
accept_some(struct listener *l)
{
    for (unsigned i = 0; i < ACCEPTS_PER_ROUND; i++) {
        struct address address = {.length = sizeof(address.sa)};
        int fd = accept4(l->fd, (struct sockaddr *)&address.sa, &address.length,
                         SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0) {
            welcome(l, fd, &address);
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return;
        if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO) {
            accept_failed(l, errno);
            return;
        }
    }
}

static void
on_ready(void *context, unsigned ready)
{
    struct listener *l = context;

    (void)ready;
    l->ready = true;
}

void
listeners_work(struct listeners *all)
{
    for (uint32_t i = 0; i < all->count; i++) {
        if (!all->list[i]->ready)
            continue;
        all->list[i]->ready = false;
        accept_some(all->list[i]);
    }
}

uint64_t
listeners_tick(struct listeners *all)
{
    uint64_t next = UINT64_MAX;

    for (uint32_t i = 0; i < all->count; i++) {
        struct listener *l = all->list[i];

        if (l->resume_ms == 0)
            continue;
        if (all->io->now_ms < l->resume_ms) {
            next = l->resume_ms < next ? l->resume_ms : next;
            continue;
        }
        l->resume_ms = 0;
        watch_set(l->watch, LOOP_READ);
    }
    return next;
}

const char *
peer_listener_id(const struct peer *p)
{
    return p->listener ? p->listener->id : "-";
}

/* --- opening and closing --- */

static int
socket_open(const struct address *address)
{
    int on = 1, fd, err;

    fd = socket(address->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (const struct sockaddr *)&address->sa, address->length) == 0 &&
        listen(fd, LISTEN_BACKLOG) == 0)
        return fd;
    err = errno;
    close(fd);
    errno = err;
    return -1;
}

static bool
open_failed(struct listener *l, const char *why)
{
    log_line(LOG_LEVEL_ERROR, "cannot listen", "listener=%s address=%s port=%u reason=\"%s\"",
             l->id, l->conf->address, l->conf->port, why);
    watch_free(l->watch);
    tls_context_free(l->tls);
    if (l->fd >= 0)
        close(l->fd);
    free(l);
    return false;
}

/* The certificate as it is now in the configuration, for connections to come. False: the one
 * before stays. */
static bool
listener_secure(struct listener *l)
{
    char owner[PEER_LINK_BYTES + 16];
    struct tls_context *tls;

    l->secure = l->conf->tls.on;
    if (!l->secure)
        return true;
    snprintf(owner, sizeof(owner), "listener=%s", l->id);
    tls = tls_server(&l->conf->tls, owner);
    if (!tls)
        return false;
    tls_context_free(l->tls);
    l->tls = tls;
    return true;
}

static bool
listener_open(struct listeners *all, const struct conf_listener *conf)
{
    struct listener **list = realloc(all->list, (all->count + 1) * sizeof(*list));
    struct listener *l = calloc(1, sizeof(*l));

    if (list)
        all->list = list;
    if (!l)
        return false;
    l->all = all;
    l->conf = conf;
    l->fd = -1;
    snprintf(l->id, sizeof(l->id), "%s", conf->id);
    if (!list)
        return open_failed(l, "no memory");
    if (!address_parse(conf->address, conf->port, &l->address))
        return open_failed(l, "not an IP address");
    if (!listener_secure(l))
        return open_failed(l, "no TLS");
    l->fd = socket_open(&l->address);
    if (l->fd < 0)
        return open_failed(l, strerrordesc_np(errno));
    l->watch = loop_watch(all->io->loop, l->fd, on_ready, l);
    if (!l->watch)
        return open_failed(l, "no memory");
    watch_set(l->watch, LOOP_READ);
    list[all->count++] = l;
    log_line(LOG_LEVEL_INFO, "listening", "listener=%s address=%s port=%u tls=%s", l->id,
             conf->address, conf->port, l->secure ? "yes" : "no");
    return true;
}

static void
listener_close(struct listener *l)
{
    struct io *io = l->all->io;

    for (uint32_t i = 0; i < io->peers_used; i++) {
        if (io->peers[i] && io->peers[i]->listener == l)
            io->peers[i]->listener = NULL;
    }
    watch_free(l->watch);
    tls_context_free(l->tls);
    close(l->fd);
    free(l);
}

struct listeners *
listeners_new(struct io *io)
{
    struct listeners *all = calloc(1, sizeof(*all));
    bool ok = all != NULL;

    if (!all)
        return NULL;
    all->io = io;
    all->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    for (uint32_t i = 0; ok && i < io->conf->listener_count; i++)
        ok = listener_open(all, &io->conf->listeners[i]);
    if (ok)
        return all;
    listeners_free(all);
    return NULL;
}

/* B7..B9: the highest version that we speak there and that is not above what was asked for. */
uint8_t
listener_version(const struct listener *listener, uint8_t asked)
{
    if (asked < SMPP_VERSION_34)
        return SMPP_VERSION_33;
    return asked >= SMPP_VERSION_50 && listener && listener->conf->smpp5 ? SMPP_VERSION_50
                                                                         : SMPP_VERSION_34;
}

enum conf_bind_errors
listener_bind_errors(const struct listener *l)
{
    return l ? l->conf->bind_errors : BIND_ERRORS_SAME;
}

void
listeners_stop(struct listeners *all)
{
    for (uint32_t i = 0; i < all->count; i++)
        listener_close(all->list[i]);
    all->count = 0;
}

void
listeners_free(struct listeners *all)
{
    if (!all)
        return;
    listeners_stop(all);
    if (all->spare_fd >= 0)
        close(all->spare_fd);
    free(all->list);
    free(all);
}

/* --- reload --- */

static struct listener *
listener_of(const struct listeners *all, const char *id)
{
    for (uint32_t i = 0; i < all->count; i++) {
        if (strcmp(all->list[i]->id, id) == 0)
            return all->list[i];
    }
    return NULL;
}

static const struct conf_listener *
conf_of(const struct conf *conf, const char *id)
{
    for (uint32_t i = 0; i < conf->listener_count; i++) {
        if (strcmp(conf->listeners[i].id, id) == 0)
            return &conf->listeners[i];
    }
    return NULL;
}

static void
retire_sessions(struct listener *l, uint64_t until_ms)
{
    struct io *io = l->all->io;

    for (uint32_t i = 0; i < io->peers_used; i++) {
        if (io->peers[i] && io->peers[i]->listener == l)
            peer_retire(io->peers[i], until_ms);
    }
}

/* Sessions keep their app while it may bind like that, from there. The password is not asked
 * again: changing it is how a leaked one is dealt with, so those who used the old one have to bind
 * anew. */
static void
apps_review(struct io *io, const struct auth *before, uint64_t until_ms)
{
    for (uint32_t i = 0; i < io->peers_used; i++) {
        struct peer *p = io->peers[i];
        const struct app *old;

        if (!p || !p->app)
            continue;
        old = auth_find(before, slice_str(p->link));
        p->app = auth_find(&io->auth, slice_str(p->link));
        if (!p->app || !old || !auth_same_credentials(old->conf, p->app->conf) ||
            !auth_allows(p->app->conf, p->bind_command_id) ||
            !auth_address_allowed(p->app->conf, &p->conn.address) ||
            !auth_certified(p->app->conf, &p->conn.transport))
            peer_retire(p, until_ms);
    }
}

bool
listeners_reload(struct listeners *all, const struct auth *before, uint64_t until_ms)
{
    const struct conf *conf = all->io->conf;
    bool ok = true;

    apps_review(all->io, before, until_ms);
    for (uint32_t i = 0; i < all->count;) {
        struct listener *l = all->list[i];
        const struct conf_listener *now = conf_of(conf, l->id);
        struct address address;

        l->conf = now;
        if (now && address_parse(now->address, now->port, &address) &&
            address_same(&address, &l->address) && now->tls.on == l->secure) {
            ok = listener_secure(l) && ok;
            i++;
            continue;
        }
        retire_sessions(l, until_ms);
        listener_close(l);
        all->list[i] = all->list[--all->count];
    }
    for (uint32_t i = 0; i < conf->listener_count; i++) {
        if (!listener_of(all, conf->listeners[i].id))
            ok = listener_open(all, &conf->listeners[i]) && ok;
    }
    return ok;
}
