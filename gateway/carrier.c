/*
 * carrier.c: one carrier and the legs to it; see carrier.h.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/carrier_int.h"
#include "gateway/log.h"

static const char *
leg_end_name(enum leg_end end)
{
    static const char *const names[] = {"failed", "untrusted", "refused", "held", "pair"};

    return (unsigned)end < sizeof(names) / sizeof(names[0]) ? names[end] : "?";
}

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
    [LEG_WAITING] = 1u << LEG_WAITING | 1u << LEG_RESOLVING | 1u << LEG_CONNECTING |
                    1u << LEG_BINDING | 1u << LEG_OFF,
    [LEG_RESOLVING] = 1u << LEG_WAITING | 1u << LEG_BINDING | 1u << LEG_OFF,
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
    if (leg->state != state || leg->since_ms == 0)
        leg->since_ms = leg->carrier->all->io->now_ms;
    leg->state = state;
    leg->due_ms = due_ms;
    if (due_ms != UINT64_MAX)
        io_sweep_by(leg->carrier->all->io, due_ms);
}

/* What an operator is shown until something else goes wrong. */
static void
leg_error(struct leg *leg, const char *what, const char *detail)
{
    snprintf(leg->error, sizeof(leg->error), "%s: %s", what, detail ? detail : "?");
    leg->error_ms = leg->carrier->all->io->now_ms;
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

/* Does it connect by itself, or wait for the carrier to call? */
static bool
connects(const struct carrier *c)
{
    return !c->conf->outbind.on || !c->conf->outbind.only;
}

static void
leg_start(struct leg *leg)
{
    leg->place = leg->tried = leg->failed = leg->refused = 0;
    leg->untrusted = leg->called = false;
    leg_set(leg, LEG_WAITING, connects(leg->carrier) ? leg->carrier->all->io->now_ms : UINT64_MAX);
}

/* B12: it never stops for ever, but from some time on a person should know. */
static uint64_t
refused_delay(struct leg *leg)
{
    const struct conf_carrier *conf = leg->carrier->conf;
    uint64_t delay = back_off(&leg->refused_ms, conf->refused_min_ms, conf->refused_max_ms);

    if (++leg->refusals >= REFUSALS_ALARM)
        log_line(LOG_LEVEL_ERROR, "carrier does not let us bind",
                 "link=%s times=%u next_try_s=%llu reason=\"%s\"", leg->carrier->id, leg->refusals,
                 (unsigned long long)(delay / 1000),
                 "look at system_id, password and what the carrier says");
    return delay;
}

/* The end of a walk or of a session. What was not even reached may be back soon; a carrier that has
 * looked at the bind and refused it is left in peace for longer. */
static void
leg_wait(struct leg *leg)
{
    const struct conf_carrier *conf = leg->carrier->conf;
    uint64_t now = leg->carrier->all->io->now_ms, delay;

    /* A session that lived for longer than the next delay was a success. */
    if (leg->bound_ms != 0 && now - leg->bound_ms >= leg->reconnect_ms)
        leg->reconnect_ms = conf->reconnect_min_ms;
    if (leg->refused > 0 && leg->failed == 0)
        delay = refused_delay(leg);
    else
        delay = back_off(&leg->reconnect_ms, conf->reconnect_min_ms, conf->reconnect_max_ms);
    leg->bound_ms = 0;
    leg_start(leg);
    if (!connects(leg->carrier))
        return;
    leg_set(leg, LEG_WAITING, now + delay);
    log_line(LOG_LEVEL_DEBUG, "bind later", "link=%s ms=%llu", leg->carrier->id,
             (unsigned long long)delay);
}

/* This place is no good: on to the next, at once. */
static void
place_failed(struct leg *leg, bool refused)
{
    struct carrier *c = leg->carrier;

    if (refused)
        leg->refused++;
    else
        leg->failed++;
    leg->tried = 0;
    leg->untrusted = false;
    if (leg->place + 1 >= c->places.count) {
        leg_wait(leg);
        return;
    }
    leg->place++;
    log_line(LOG_LEVEL_WARN, "carrier is tried at a backup", "link=%s backup=%u host=%s port=%u",
             c->id, leg->place, c->places.list[leg->place].host, c->places.list[leg->place].port);
    leg_set(leg, LEG_WAITING, c->all->io->now_ms);
}

/* The attempt brought no session: what next? */
static void
leg_failed(struct leg *leg)
{
    struct carrier *c = leg->carrier;
    enum leg_end end = leg->end;

    log_line(LOG_LEVEL_DEBUG, "bind failed", "link=%s end=%s", c->id, leg_end_name(end));
    leg->end = END_FAILED;
    leg->untrusted |= end == END_UNTRUSTED;
    switch (end) {
    case END_UNTRUSTED:
    case END_FAILED:
        if (leg->called || leg->place >= c->places.count)
            leg_wait(leg);
        else if (++leg->tried < c->places.list[leg->place].count)
            leg_set(leg, LEG_WAITING, c->all->io->now_ms);
        else
            place_failed(leg, leg->untrusted);
        return;
    case END_REFUSED:
        if (leg->called)
            leg_wait(leg);
        else
            place_failed(leg, true);
        return;
    case END_HELD:
        /* B13: another address belongs to the same carrier. This is soon over. */
        leg->failed++;
        leg_wait(leg);
        return;
    case END_PAIR:
        leg->called = false; /* now it connects by itself, with all that it may try */
        leg_set(leg, LEG_WAITING, connects(c) ? c->all->io->now_ms : UINT64_MAX);
        return;
    }
}

/* --- a session of a leg --- */

static void
leg_bind(struct leg *leg)
{
    const struct conf_carrier *conf = leg->carrier->conf;
    struct peer *p = leg->peer;
    struct pdu bind = {.command_id = leg->command_id};

    bind.body.bind.system_id = slice_str(conf->system_id);
    bind.body.bind.password = slice_str(conf->password);
    bind.body.bind.system_type = slice_str(conf->system_type);
    bind.body.bind.interface_version = conf->interface_version;
    /* B10: what holds until the carrier says otherwise. */
    p->session.our_version = conf->interface_version;
    p->session.peer_version = conf->assume_version ? conf->assume_version
                                                   : conf->interface_version;
    leg_set(leg, LEG_BINDING, UINT64_MAX);
    peer_bind(p, &bind);
}

static void
leg_opened(struct peer *p)
{
    struct leg *leg = p->leg;
    struct carrier *c = leg->carrier;

    if (c->retiring || c->all->stopping) {
        peer_end(p, "no longer wanted");
        return;
    }
    if (leg->place < c->places.count)
        place_good(&c->places.list[leg->place], &p->conn.address);
    leg_bind(leg);
}

/* B11: a carrier that does not know bind_transceiver gets a transmitter and a receiver. */
static void
fall_back_to_pair(struct leg *leg)
{
    struct leg *other = leg + 1;

    log_line(LOG_LEVEL_WARN, "bind_transceiver unknown", "link=%s using=%s", leg->carrier->id,
             conf_bind_name(BIND_PAIR));
    leg->command_id = SMPP_BIND_TRANSMITTER;
    assert(other->state == LEG_OFF);
    other->command_id = SMPP_BIND_RECEIVER;
    leg_start(other);
}

static void
log_version(struct carrier *c, const struct peer *p)
{
    if (p->session.version_said || c->version_told)
        return;
    c->version_told = true;
    log_line(LOG_LEVEL_INFO, "carrier does not say its version", "link=%s taken_for=%02x tlvs=%s",
             c->id, p->session.peer_version,
             smpp_version_has_tlvs(p->session.peer_version) ? "yes" : "no");
}

static void
log_place(struct leg *leg)
{
    const struct carrier *c = leg->carrier;
    const struct place *place = &c->places.list[leg->place];
    bool away = leg->place > 0;

    if (leg->called)
        return;
    if (away)
        log_line(LOG_LEVEL_WARN, "carrier bound at a backup", "link=%s backup=%u host=%s port=%u",
                 c->id, leg->place, place->host, place->port);
    else if (leg->away)
        log_line(LOG_LEVEL_INFO, "carrier bound at its first address again",
                 "link=%s host=%s port=%u", c->id, place->host, place->port);
    leg->away = away;
}

static void
leg_up(struct leg *leg)
{
    struct carrier *c = leg->carrier;
    uint64_t now = c->all->io->now_ms;

    leg_set(leg, LEG_BOUND, UINT64_MAX);
    leg->bound_ms = now ? now : 1;
    leg->refused_ms = 0;
    leg->refusals = 0;
    leg->failed = leg->refused = 0;
    log_version(c, leg->peer);
    log_place(leg);
    if (c->retiring || c->all->stopping)
        peer_unbind(leg->peer);
}

static void
leg_bound(struct peer *p, uint32_t status, bool nack)
{
    struct leg *leg = p->leg;
    struct carrier *c = leg->carrier;
    const char *name = smpp_status_name(status), *text = smpp_status_text(status);
    bool unknown = nack || status == SMPP_RINVCMDID;

    if (session_is_bound(&p->session)) {
        leg_up(leg);
        return;
    }
    log_line(LOG_LEVEL_WARN, "bind refused by carrier",
             "link=%s peer=%s command=%s status=%s code=0x%08x reason=\"%s\"", c->id, p->conn.peer,
             smpp_command_name(leg->command_id), name ? name : "?", status,
             text ? text : "a status of this carrier's own");
    leg_error(leg, "bind refused", name ? name : "a status of this carrier's own");
    leg->end = status == SMPP_RALYBND ? END_HELD : END_REFUSED;
    if (leg->command_id == SMPP_BIND_TRANSCEIVER && unknown && !c->retiring &&
        c->conf->pair_fallback) {
        leg->end = END_PAIR;
        fall_back_to_pair(leg);
    }
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
    if (leg->end == END_FAILED && !c->retiring && !c->all->stopping)
        leg_error(leg, leg->state == LEG_BOUND ? "session ended" : "no session", p->conn.why);
    if (unconnected)
        io->counters.connects_failed++;
    /* A certificate does not get better from one second to the next. */
    if (leg->state != LEG_BOUND && p->conn.transport.refused)
        leg->end = END_UNTRUSTED;
    if (c->retiring || c->all->stopping) {
        leg_set(leg, LEG_OFF, UINT64_MAX);
        if (c->retiring)
            carrier_gone(c);
    } else if (leg->state == LEG_BOUND) {
        leg_wait(leg);
    } else {
        leg_failed(leg);
    }
}

static void
leg_no_bind(struct peer *p, const struct pdu *pdu)
{
    /* The session machine of an ESME answers bind requests itself. */
    (void)pdu;
    peer_end(p, "a bind from a carrier");
}

static void
leg_no_outbind(struct peer *p, const struct pdu *pdu)
{
    /* We have connected and are about to bind as it is. */
    (void)pdu;
    p->io->counters.ignored++;
}

static const struct peer_owner leg_owner = {
    .opened = leg_opened,
    .outbind = leg_no_outbind,
    .bind = leg_no_bind,
    .bound = leg_bound,
    .closed = leg_closed,
};

static bool
leg_connect(const struct leg *leg, struct connection *conn)
{
    const struct carrier *c = leg->carrier;
    const struct place *place = &c->places.list[leg->place];

    if (c->conf->tls.on && !place->tls) {
        errno = EPROTO; /* why was logged; there is no way back to plain text */
        return false;
    }
    if (!connection_connect(conn, place_address(place, leg->tried)))
        return false;
    if (!c->conf->tls.on || connection_secure(conn, place->tls))
        return true;
    connection_close(conn);
    errno = ENOMEM;
    return false;
}

struct peer_setup
leg_setup(struct leg *leg)
{
    const struct conf_carrier *conf = leg->carrier->conf;

    return (struct peer_setup){
        .pdu_ms = PARTIAL_PDU_MS,
        .owner = &leg_owner,
        .leg = leg,
        .link = leg->carrier->id,
        .session = {.window = conf->window,
                    .session_init_ms = CONNECT_MS + conf->response_ms +
                                       (conf->tls.on ? TLS_HANDSHAKE_MS : 0),
                    .enquire_link_ms = conf->enquire_link_ms,
                    .response_ms = conf->response_ms,
                    .enquire_misses_max = ENQUIRE_MISSES_MAX,
                    .protocol_errors_max = PROTOCOL_ERRORS_MAX},
    };
}

static void
leg_open(struct leg *leg)
{
    struct carrier *c = leg->carrier;
    struct io *io = c->all->io;
    struct connection conn;
    struct peer_setup setup = leg_setup(leg);

    if (leg_connect(leg, &conn)) {
        leg->peer = peer_new(io, &conn, &setup);
    } else {
        const char *why = strerrordesc_np(errno);

        leg_error(leg, "cannot connect", why);
        log_line(LOG_LEVEL_WARN, "cannot connect", "link=%s reason=\"%s\"", c->id, why);
    }
    if (leg->peer) {
        leg_set(leg, LEG_CONNECTING, io->now_ms + CONNECT_MS);
        return;
    }
    io->counters.connects_failed++;
    leg_failed(leg);
}

/* The walk goes on: this place may have to be looked up first. */
static void
leg_try(struct leg *leg)
{
    struct carrier *c = leg->carrier;

    if (leg->place >= c->places.count) {
        leg_wait(leg);
        return;
    }
    switch (leg->tried > 0 ? PLACE_READY
                           : place_look_up(&c->places.list[leg->place], c->all->resolver,
                                           c->all->io->now_ms)) {
    case PLACE_READY:
        leg_open(leg);
        return;
    case PLACE_ASKED:
        leg_set(leg, LEG_RESOLVING, UINT64_MAX);
        return;
    case PLACE_UNKNOWN:
        place_failed(leg, false);
    }
}

/* --- carriers --- */

bool
carrier_start(struct carrier *c)
{
    const struct conf_carrier *conf = c->conf;
    struct leg *legs = calloc((size_t)conf->binds * 2, sizeof(*legs));

    free(c->legs);
    c->legs = legs;
    c->leg_count = legs ? conf->binds * 2 : 0;
    c->retiring = false;
    c->version_told = false;
    for (uint32_t i = 0; i < c->leg_count; i++) {
        static const uint32_t first[] = {SMPP_BIND_TRANSCEIVER, SMPP_BIND_TRANSMITTER,
                                         SMPP_BIND_RECEIVER, SMPP_BIND_TRANSMITTER};
        struct leg *leg = &legs[i];

        leg->carrier = c;
        leg->command_id = i % 2 == 0 ? first[conf->bind] : SMPP_BIND_RECEIVER;
        if (i % 2 == 0 || conf->bind == BIND_PAIR)
            leg_start(leg);
    }
    return legs != NULL;
}

void
carrier_resolved(struct carrier *c, uint32_t at, const struct resolved *answer)
{
    struct io *io = c->all->io;
    struct place *place = &c->places.list[at];

    place_answer(place, answer, io->now_ms);
    if (answer->count == 0) {
        io->counters.resolve_errors++;
        log_line(LOG_LEVEL_WARN, "name not resolved", "link=%s host=%s reason=\"%s\"", c->id,
                 place->host, answer->why);
    }
    for (uint32_t i = 0; i < c->leg_count; i++) {
        struct leg *leg = &c->legs[i];

        if (leg->state != LEG_RESOLVING || leg->place != at)
            continue;
        leg_set(leg, LEG_WAITING, io->now_ms);
        if (place->count > 0) {
            leg_open(leg);
        } else {
            leg_error(leg, "name not resolved", answer->why);
            place_failed(leg, false);
        }
    }
}

bool
carrier_idle(const struct carrier *c)
{
    for (uint32_t i = 0; i < c->leg_count; i++) {
        if (c->legs[i].peer)
            return false;
    }
    return true;
}

/* A session of a retiring carrier has ended. After the last it starts anew, stays down if it was
 * stopped, or is swept up by the next carriers_tick(). */
static void
carrier_gone(struct carrier *c)
{
    if (!carrier_idle(c))
        return;
    if (c->conf && c->stopped) {
        c->retiring = false;
        return;
    }
    if (!c->conf)
        io_sweep_by(c->all->io, c->all->io->now_ms);
    else if (!carrier_start(c))
        log_line(LOG_LEVEL_ERROR, "carrier not started", "link=%s reason=\"no memory\"", c->id);
}

void
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

void
carrier_review(struct carrier *c, const struct conf_carrier *before, uint64_t until_ms)
{
    for (uint32_t i = 0; i < c->leg_count; i++) {
        struct leg *leg = &c->legs[i];
        const struct conf_address first = {before->host, before->port};
        const struct conf_address *at = leg->place == 0 ? &first : &before->backups[leg->place - 1];
        uint32_t now = places_find(&c->places, at->host, at->port);

        if (now != UINT32_MAX) {
            leg->place = now;
            continue;
        }
        leg->place = leg->tried = 0;
        if (leg->state == LEG_BOUND)
            peer_retire(leg->peer, until_ms);
        else if (leg->peer)
            peer_end(leg->peer, "no longer wanted");
        else if (leg->state == LEG_RESOLVING)
            leg_set(leg, LEG_WAITING, c->all->io->now_ms);
    }
}

struct leg *
leg_free_for(struct carrier *c)
{
    for (uint32_t i = 0; i < c->leg_count; i++) {
        struct leg *leg = &c->legs[i];

        if ((leg->state == LEG_WAITING || leg->state == LEG_RESOLVING) &&
            leg->command_id != SMPP_BIND_TRANSMITTER)
            return leg;
    }
    return NULL;
}

void
leg_called(struct leg *leg, struct peer *p)
{
    leg->peer = p;
    leg->called = true;
    leg->place = leg->tried = 0;
    leg_bind(leg);
}

void
leg_tick(struct leg *leg)
{
    if (leg->due_ms > leg->carrier->all->io->now_ms)
        return;
    if (leg->state == LEG_WAITING)
        leg_try(leg);
    else if (leg->state == LEG_CONNECTING && leg->peer &&
             leg->peer->conn.state == CONN_CONNECTING)
        peer_end(leg->peer, "the connect timed out");
    else if (leg->state == LEG_CONNECTING)
        leg->due_ms = UINT64_MAX; /* the TLS handshake has a time of its own */
}
