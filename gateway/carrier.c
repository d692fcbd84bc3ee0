/*
 * carrier.c: see carrier.h.
 */
#include "gateway/carrier.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/log.h"
#include "gateway/resolver.h"

struct leg {
    struct carrier *carrier;
    enum leg_state state;
    uint32_t command_id;            /* the bind it makes */
    uint64_t due_ms;                /* WAITING: the next try; CONNECTING: the end of patience */
    struct peer *peer;
    uint32_t reconnect_ms;          /* the next delays */
    uint32_t refused_ms;
    uint32_t tried;                 /* addresses in this round */
    bool refused;                   /* the last bind was */
    uint64_t bound_ms;              /* when it was last bound; 0: not since the last try */
};

struct carrier {
    struct carriers *all;
    uint32_t ticket;                /* names it in questions to the resolver */
    char id[PEER_LINK_BYTES];
    const struct conf_carrier *conf; /* NULL once it is no longer configured */
    struct tls_context *tls;        /* of new connections; NULL: plain, or it cannot be made */
    bool retiring;                  /* its sessions end; then conf starts anew, or it is freed */
    struct leg *legs;
    uint32_t leg_count;
    struct address addresses[ADDRESSES_MAX];
    uint32_t address_count;
    uint32_t good;                  /* index of the address that last took a connection */
    uint64_t resolved_ms;           /* 0: never */
    bool resolving;
};

struct carriers {
    struct io *io;
    struct carrier **list;
    uint32_t count;
    uint32_t next_ticket;
    bool stopping;
    struct resolver *resolver;
    struct watch *watch;
};

const char *
leg_state_name(enum leg_state state)
{
    static const char *const names[] = {"off",        "waiting", "resolving",
                                        "connecting", "binding", "bound"};

    return (unsigned)state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

/* Which state may follow which; everything may be switched off. */
static const uint32_t leg_transitions[] = {
    [LEG_OFF] = 1u << LEG_WAITING,
    [LEG_WAITING] = 1u << LEG_WAITING | 1u << LEG_RESOLVING | 1u << LEG_CONNECTING | 1u << LEG_OFF,
    [LEG_RESOLVING] = 1u << LEG_WAITING | 1u << LEG_OFF,
    [LEG_CONNECTING] = 1u << LEG_BINDING | 1u << LEG_WAITING | 1u << LEG_OFF,
    [LEG_BINDING] = 1u << LEG_BOUND | 1u << LEG_WAITING | 1u << LEG_OFF,
    [LEG_BOUND] = 1u << LEG_WAITING | 1u << LEG_OFF,
};

static void
leg_set(struct leg *leg, enum leg_state state, uint64_t due_ms)
{
    assert(leg_transitions[leg->state] & 1u << state);
    if (leg->state != state)
        log_line(LOG_LEVEL_DEBUG, "leg", "link=%s command=%s was=%s state=%s", leg->carrier->id,
                 smpp_command_name(leg->command_id), leg_state_name(leg->state),
                 leg_state_name(state));
    leg->state = state;
    leg->due_ms = due_ms;
    if (due_ms != UINT64_MAX)
        io_sweep_by(leg->carrier->all->io, due_ms);
}

/* --- delays --- */

static uint64_t
jittered(uint32_t ms)
{
    uint32_t span = (uint32_t)((uint64_t)ms * JITTER_PERCENT / 100);

    return (uint64_t)ms - span + arc4random_uniform(2 * span + 1);
}

static uint64_t
back_off(uint32_t *delay_ms, uint32_t min_ms, uint32_t max_ms)
{
    uint32_t now_ms = *delay_ms < min_ms ? min_ms : *delay_ms;

    *delay_ms = now_ms > max_ms / 2 ? max_ms : now_ms * 2;
    return jittered(now_ms < max_ms ? now_ms : max_ms);
}

static void
leg_wait(struct leg *leg)
{
    const struct conf_carrier *conf = leg->carrier->conf;
    uint64_t now = leg->carrier->all->io->now_ms, delay;

    /* A session that lived for longer than the next delay was a success. */
    if (leg->bound_ms != 0 && now - leg->bound_ms >= leg->reconnect_ms)
        leg->reconnect_ms = conf->reconnect_min_ms;
    if (leg->refused)
        delay = back_off(&leg->refused_ms, conf->refused_min_ms, conf->refused_max_ms);
    else
        delay = back_off(&leg->reconnect_ms, conf->reconnect_min_ms, conf->reconnect_max_ms);
    leg->bound_ms = 0;
    leg->refused = false;
    leg->tried = 0;
    leg_set(leg, LEG_WAITING, now + delay);
    log_line(LOG_LEVEL_DEBUG, "bind later", "link=%s ms=%llu", leg->carrier->id,
             (unsigned long long)delay);
}

/* --- a session of a leg --- */

static void
leg_opened(struct peer *p)
{
    struct leg *leg = p->leg;
    struct carrier *c = leg->carrier;
    struct pdu bind = {.command_id = leg->command_id};

    if (c->retiring || c->all->stopping) {
        peer_end(p, "no longer wanted");
        return;
    }
    for (uint32_t i = 0; i < c->address_count; i++) {
        if (address_same(&c->addresses[i], &p->conn.address))
            c->good = i;
    }
    bind.body.bind.system_id = slice_str(c->conf->system_id);
    bind.body.bind.password = slice_str(c->conf->password);
    bind.body.bind.system_type = slice_str(c->conf->system_type);
    bind.body.bind.interface_version = c->conf->interface_version;
    /* B10: what we bind as holds until the carrier says otherwise. */
    p->session.peer_version = c->conf->interface_version;
    leg_set(leg, LEG_BINDING, UINT64_MAX);
    peer_bind(p, &bind);
}

/* B11: a carrier that does not know bind_transceiver gets a transmitter and a receiver. */
static void
fall_back_to_pair(struct leg *leg)
{
    struct leg *other = leg + 1;

    log_line(LOG_LEVEL_WARN, "bind_transceiver unknown", "link=%s using=%s", leg->carrier->id,
             conf_bind_name(BIND_PAIR));
    leg->command_id = SMPP_BIND_TRANSMITTER;
    leg->refused = false;
    assert(other->state == LEG_OFF);
    other->command_id = SMPP_BIND_RECEIVER;
    leg_set(other, LEG_WAITING, leg->carrier->all->io->now_ms);
}

static void
leg_bound(struct peer *p, uint32_t status, bool nack)
{
    struct leg *leg = p->leg;
    struct carrier *c = leg->carrier;
    const char *name = smpp_status_name(status);
    uint64_t now = c->all->io->now_ms;

    if (session_is_bound(&p->session)) {
        leg_set(leg, LEG_BOUND, UINT64_MAX);
        leg->bound_ms = now ? now : 1;
        leg->refused_ms = 0;
        if (c->retiring || c->all->stopping)
            peer_unbind(p);
        return;
    }
    log_line(LOG_LEVEL_WARN, "bind refused by carrier", "link=%s peer=%s status=%s code=0x%08x",
             c->id, p->conn.peer, name ? name : "?", status);
    /* B13: the carrier still holds the session that we have lost; that is soon over. */
    leg->refused = status != SMPP_RALYBND;
    if (leg->command_id == SMPP_BIND_TRANSCEIVER && (nack || status == SMPP_RINVCMDID) &&
        !c->retiring)
        fall_back_to_pair(leg);
    peer_end(p, "the carrier refused the bind");
}

static void
carrier_gone(struct carrier *c);

static void
leg_closed(struct peer *p)
{
    struct leg *leg = p->leg;
    struct carrier *c = leg->carrier;
    struct io *io = c->all->io;
    bool unconnected = leg->state == LEG_CONNECTING;

    leg->peer = NULL;
    if (unconnected)
        io->counters.connects_failed++;
    /* A certificate does not get better from one second to the next. */
    if (leg->state != LEG_BOUND && p->conn.transport.refused)
        leg->refused = true;
    if (c->retiring || c->all->stopping) {
        leg_set(leg, LEG_OFF, UINT64_MAX);
        if (c->retiring)
            carrier_gone(c);
    } else if (unconnected && ++leg->tried < c->address_count) {
        leg_set(leg, LEG_WAITING, io->now_ms);
    } else {
        leg_wait(leg);
    }
}

static void
leg_no_bind(struct peer *p, const struct pdu *pdu)
{
    /* The session machine of an ESME answers bind requests itself. */
    (void)pdu;
    peer_end(p, "a bind from a carrier");
}

static const struct peer_owner leg_owner = {
    .opened = leg_opened,
    .bind = leg_no_bind,
    .bound = leg_bound,
    .closed = leg_closed,
};

static bool
leg_connect(const struct carrier *c, struct connection *conn, const struct address *address)
{
    if (c->conf->tls.on && !c->tls) {
        errno = EPROTO; /* why was logged; there is no way back to plain text */
        return false;
    }
    if (!connection_connect(conn, address))
        return false;
    if (!c->conf->tls.on || connection_secure(conn, c->tls))
        return true;
    connection_close(conn);
    errno = ENOMEM;
    return false;
}

static void
leg_open(struct leg *leg)
{
    struct carrier *c = leg->carrier;
    struct io *io = c->all->io;
    struct connection conn;
    struct peer_setup setup = {
        .owner = &leg_owner,
        .leg = leg,
        .link = c->id,
        .session = {.window = c->conf->window,
                    .session_init_ms = CONNECT_MS + c->conf->response_ms +
                                       (c->conf->tls.on ? TLS_HANDSHAKE_MS : 0),
                    .enquire_link_ms = c->conf->enquire_link_ms,
                    .response_ms = c->conf->response_ms,
                    .enquire_misses_max = ENQUIRE_MISSES_MAX,
                    .protocol_errors_max = PROTOCOL_ERRORS_MAX},
    };

    if (leg_connect(c, &conn, &c->addresses[(c->good + leg->tried) % c->address_count])) {
        leg->peer = peer_new(io, &conn, &setup);
    } else {
        log_line(LOG_LEVEL_WARN, "cannot connect", "link=%s reason=\"%s\"", c->id,
                 strerrordesc_np(errno));
    }
    if (leg->peer) {
        leg_set(leg, LEG_CONNECTING, io->now_ms + CONNECT_MS);
        return;
    }
    io->counters.connects_failed++;
    if (++leg->tried < c->address_count)
        leg_set(leg, LEG_WAITING, io->now_ms + SWEEP_MIN_MS);
    else
        leg_wait(leg);
}

/* --- addresses --- */

static bool
addresses_fresh(const struct carrier *c)
{
    return c->resolved_ms != 0 && c->all->io->now_ms - c->resolved_ms < RESOLVE_AGAIN_MS;
}

/* True: go on with the addresses there are. False: the leg waits for the resolver. */
static bool
addresses_ready(struct leg *leg)
{
    struct carrier *c = leg->carrier;

    if (address_parse(c->conf->host, c->conf->port, &c->addresses[0])) {
        c->address_count = 1;
        c->good = 0;
        return true;
    }
    if (leg->tried > 0 || (c->address_count > 0 && addresses_fresh(c)))
        return true;
    if (!c->resolving &&
        !resolver_ask(c->all->resolver, c->ticket, c->conf->host, c->conf->port)) {
        leg_wait(leg);
        return false;
    }
    c->resolving = true;
    leg_set(leg, LEG_RESOLVING, UINT64_MAX);
    return false;
}

/* A failed look-up leaves the addresses that worked before in use (faults.md row 34). */
static void
take_addresses(struct carrier *c, const struct resolved *answer)
{
    struct io *io = c->all->io;

    c->resolving = false;
    if (answer->count > 0) {
        struct address good = c->addresses[c->good];

        memcpy(c->addresses, answer->addresses, sizeof(c->addresses));
        c->good = 0;
        for (uint32_t i = 0; i < answer->count; i++) {
            if (address_same(&c->addresses[i], &good))
                c->good = i;
        }
        c->address_count = answer->count;
        c->resolved_ms = io->now_ms;
    } else {
        io->counters.resolve_errors++;
        log_line(LOG_LEVEL_WARN, "name not resolved", "link=%s reason=\"%s\"", c->id, answer->why);
    }
    for (uint32_t i = 0; i < c->leg_count; i++) {
        struct leg *leg = &c->legs[i];

        if (leg->state != LEG_RESOLVING)
            continue;
        leg_set(leg, LEG_WAITING, io->now_ms);
        if (c->address_count > 0)
            leg_open(leg);
        else
            leg_wait(leg);
    }
}

static void
on_resolved(void *context, unsigned ready)
{
    struct carriers *all = context;
    struct resolved answer;

    (void)ready;
    while (resolver_answer(all->resolver, &answer)) {
        for (uint32_t i = 0; i < all->count; i++) {
            struct carrier *c = all->list[i];

            if (c->ticket == answer.ticket && !c->retiring)
                take_addresses(c, &answer);
        }
    }
}

/* --- carriers --- */

/* Starts a carrier as configured, none of whose legs is in use. */
static bool
carrier_start(struct carrier *c)
{
    const struct conf_carrier *conf = c->conf;
    struct leg *legs = calloc((size_t)conf->binds * 2, sizeof(*legs));

    free(c->legs);
    c->legs = legs;
    c->leg_count = legs ? conf->binds * 2 : 0;
    c->address_count = 0;
    c->good = 0;
    c->resolved_ms = 0;
    c->retiring = false;
    c->resolving = false;
    c->ticket = ++c->all->next_ticket;
    for (uint32_t i = 0; i < c->leg_count; i++) {
        static const uint32_t first[] = {SMPP_BIND_TRANSCEIVER, SMPP_BIND_TRANSMITTER,
                                         SMPP_BIND_RECEIVER, SMPP_BIND_TRANSMITTER};
        struct leg *leg = &legs[i];

        leg->carrier = c;
        leg->command_id = i % 2 == 0 ? first[conf->bind] : SMPP_BIND_RECEIVER;
        if (i % 2 == 0 || conf->bind == BIND_PAIR)
            leg_set(leg, LEG_WAITING, c->all->io->now_ms);
    }
    return legs != NULL;
}

/* Certificates as they are now in the configuration, for connections to come. False: those before
 * stay. */
static bool
carrier_secure(struct carrier *c)
{
    char owner[PEER_LINK_BYTES + 16];
    struct tls_context *tls = NULL;

    if (c->conf->tls.on) {
        snprintf(owner, sizeof(owner), "link=%s", c->id);
        tls = tls_client(&c->conf->tls, c->conf->host, owner);
        if (!tls)
            return false;
    }
    tls_context_free(c->tls);
    c->tls = tls;
    return true;
}

static void
carrier_free(struct carrier *c)
{
    tls_context_free(c->tls);
    free(c->legs);
    free(c);
}

static struct carrier *
carrier_add(struct carriers *all, const struct conf_carrier *conf)
{
    struct carrier *c = calloc(1, sizeof(*c));
    struct carrier **list = realloc(all->list, (all->count + 1) * sizeof(*list));

    if (list)
        all->list = list;
    if (!list || !c) {
        free(c);
        return NULL;
    }
    c->all = all;
    c->conf = conf;
    snprintf(c->id, sizeof(c->id), "%s", conf->id);
    list[all->count++] = c;
    return c;
}

static bool
carrier_idle(const struct carrier *c)
{
    for (uint32_t i = 0; i < c->leg_count; i++) {
        if (c->legs[i].peer)
            return false;
    }
    return true;
}

/* A session of a retiring carrier has ended. After the last it starts anew, or is swept up by the
 * next carriers_tick(). */
static void
carrier_gone(struct carrier *c)
{
    if (!carrier_idle(c))
        return;
    if (!c->conf)
        io_sweep_by(c->all->io, c->all->io->now_ms);
    else if (!carrier_start(c))
        log_line(LOG_LEVEL_ERROR, "carrier not started", "link=%s reason=\"no memory\"", c->id);
}

static void
carrier_retire(struct carrier *c, uint64_t until_ms)
{
    c->retiring = true;
    for (uint32_t i = 0; i < c->leg_count; i++) {
        struct leg *leg = &c->legs[i];

        if (leg->state == LEG_BOUND)
            peer_retire(leg->peer, until_ms);
        else if (leg->peer)
            peer_end(leg->peer, "no longer wanted");
        else if (leg->state != LEG_OFF)
            leg_set(leg, LEG_OFF, UINT64_MAX);
    }
    carrier_gone(c);
}

/* Other certificates are for the next handshake. Another idea of whom to trust is for now. */
static bool
same_tls(const struct conf_tls *a, const struct conf_tls *b)
{
    return a->on == b->on && (!a->on || (a->verify == b->verify &&
                                         strcmp(a->server_name, b->server_name) == 0));
}

static bool
same_session(const struct conf_carrier *a, const struct conf_carrier *b)
{
    return strcmp(a->host, b->host) == 0 && a->port == b->port &&
           strcmp(a->system_id, b->system_id) == 0 && strcmp(a->password, b->password) == 0 &&
           strcmp(a->system_type, b->system_type) == 0 && a->bind == b->bind &&
           a->binds == b->binds && a->interface_version == b->interface_version &&
           a->window == b->window && a->enquire_link_ms == b->enquire_link_ms &&
           a->response_ms == b->response_ms && same_tls(&a->tls, &b->tls);
}

static const struct conf_carrier *
conf_of(const struct conf *conf, const char *id)
{
    for (uint32_t i = 0; i < conf->carrier_count; i++) {
        if (strcmp(conf->carriers[i].id, id) == 0)
            return &conf->carriers[i];
    }
    return NULL;
}

static struct carrier *
carrier_of(const struct carriers *all, const char *id)
{
    for (uint32_t i = 0; i < all->count; i++) {
        if (strcmp(all->list[i]->id, id) == 0)
            return all->list[i];
    }
    return NULL;
}

bool
carriers_reload(struct carriers *all, uint64_t drain_until_ms)
{
    const struct conf *conf = all->io->conf;
    bool ok = true;

    for (uint32_t i = 0; i < all->count; i++) {
        struct carrier *c = all->list[i];
        const struct conf_carrier *before = c->conf, *now = conf_of(conf, c->id);

        c->conf = now;
        if (now)
            ok = carrier_secure(c) && ok;
        if (!c->retiring && (!now || !same_session(before, now)))
            carrier_retire(c, drain_until_ms);
    }
    for (uint32_t i = 0; i < conf->carrier_count; i++) {
        struct carrier *c;

        if (carrier_of(all, conf->carriers[i].id))
            continue;
        c = carrier_add(all, &conf->carriers[i]);
        ok = c && carrier_secure(c) && ok;
        ok = c && carrier_start(c) && ok;
    }
    return ok;
}

struct carriers *
carriers_new(struct io *io)
{
    struct carriers *all = calloc(1, sizeof(*all));

    if (!all)
        return NULL;
    all->io = io;
    all->resolver = resolver_new();
    if (all->resolver)
        all->watch = loop_watch_edge(io->loop, resolver_fd(all->resolver), on_resolved, all);
    if (all->watch && carriers_reload(all, 0))
        return all;
    carriers_free(all);
    return NULL;
}

void
carriers_free(struct carriers *all)
{
    if (!all)
        return;
    for (uint32_t i = 0; i < all->count; i++)
        carrier_free(all->list[i]);
    free(all->list);
    watch_free(all->watch);
    resolver_free(all->resolver);
    free(all);
}

void
carriers_stop(struct carriers *all)
{
    all->stopping = true;
    for (uint32_t i = 0; i < all->count; i++) {
        for (uint32_t k = 0; k < all->list[i]->leg_count; k++) {
            struct leg *leg = &all->list[i]->legs[k];

            if (leg->peer && leg->state != LEG_BOUND)
                peer_end(leg->peer, "stopping");
        }
    }
}

static void
leg_tick(struct leg *leg)
{
    if (leg->due_ms > leg->carrier->all->io->now_ms)
        return;
    if (leg->state == LEG_WAITING && addresses_ready(leg))
        leg_open(leg);
    else if (leg->state == LEG_CONNECTING && leg->peer &&
             leg->peer->conn.state == CONN_CONNECTING)
        peer_end(leg->peer, "the connect timed out");
    else if (leg->state == LEG_CONNECTING)
        leg->due_ms = UINT64_MAX; /* the TLS handshake has a time of its own */
}

/* Those that are no longer configured and have no session left. */
static void
carriers_sweep(struct carriers *all)
{
    for (uint32_t i = 0; i < all->count;) {
        struct carrier *c = all->list[i];

        if (c->conf || !carrier_idle(c)) {
            i++;
            continue;
        }
        carrier_free(c);
        all->list[i] = all->list[--all->count];
    }
}

uint64_t
carriers_tick(struct carriers *all)
{
    uint64_t next = UINT64_MAX;

    if (all->stopping)
        return next;
    carriers_sweep(all);
    for (uint32_t i = 0; i < all->count; i++) {
        for (uint32_t k = 0; k < all->list[i]->leg_count; k++) {
            struct leg *leg = &all->list[i]->legs[k];

            leg_tick(leg);
            if ((leg->state == LEG_WAITING || leg->state == LEG_CONNECTING) && leg->due_ms < next)
                next = leg->due_ms;
        }
    }
    return next;
}
