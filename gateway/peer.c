/*
 * peer.c: see peer.h. The session machine says what a PDU means; this file carries it out.
 */
#include "gateway/peer.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/io.h"
#include "gateway/log.h"
#include "gateway/peer_int.h"
#include "gateway/trace.h"

const char *
peer_phase_name(enum peer_phase phase)
{
    static const char *const names[] = {"live",     "retiring", "unbinding",
                                        "farewell", "penalty",  "ending"};

    return (unsigned)phase < sizeof(names) / sizeof(names[0]) ? names[phase] : "?";
}

void
peer_phase_set(struct peer *p, enum peer_phase phase)
{
    log_line(LOG_LEVEL_DEBUG, "session", "link=%s session=%u.%u was=%s phase=%s connection=%s",
             p->link[0] ? p->link : "-", p->name.slot, p->name.generation,
             peer_phase_name(p->phase), peer_phase_name(phase),
             connection_state_name(p->conn.state));
    p->phase = phase;
}

/* --- what the socket is watched for --- */

bool
peer_listens(const struct peer *p)
{
    return !p->dead && p->conn.state == CONN_OPEN && p->phase < PEER_PENALTY;
}

/* More of it is not taken for now. An app that sends too much at once is told so, but to a carrier
 * a refusal can be the end of a person's text (decision 14): its window has to wait. */
bool
peer_paused(const struct peer *p)
{
    return connection_waiting(&p->conn) >= OUT_OCTETS_HIGH || p->judged ||
           p->ahead_octets >= AHEAD_OCTETS_MAX ||
           (p->leg && p->unanswered >= UNANSWERED_MAX);
}

/* Would it read now? */
static bool
reads(const struct peer *p)
{
    return (p->conn.state == CONN_SHUT && !p->dead) ||
           (peer_listens(p) && !p->parked && !peer_paused(p));
}

static void
watch_update(struct peer *p)
{
    const struct transport *t = &p->conn.transport;
    unsigned interest = LOOP_NONE;

    if (p->dead) {
        watch_set(p->watch, LOOP_NONE);
        return;
    }
    if (p->conn.state == CONN_CONNECTING)
        interest = LOOP_WRITE;
    else if (reads(p))
        interest = LOOP_READ;
    if (p->conn.stuck_ms != 0 || t->wants_write)
        interest |= LOOP_WRITE;
    if (t->wants_read)
        interest |= LOOP_READ;
    watch_set(p->watch, interest);
}

/* The socket does not announce again what was kept, nor what TLS has read ahead. */
static void
read_on(struct peer *p)
{
    if (reads(p) && (connection_more(&p->conn) || (p->more && peer_listens(p))))
        io_ready(p);
}

static void
on_ready(void *context, unsigned ready)
{
    struct peer *p = context;

    if (ready & LOOP_READ || p->conn.state < CONN_OPEN || p->conn.transport.wants_write)
        io_ready(p);
    if (ready & LOOP_WRITE || p->conn.transport.wants_read)
        io_touch(p);
}

/* --- birth and death --- */

static bool
slots_make(struct peer *p, uint32_t window)
{
    uint32_t count = session_slots_needed(window);
    struct session_slot *slots = calloc(count, sizeof(*slots));

    if (!slots)
        return false;
    free(p->slots);
    p->slots = slots;
    return true;
}

static void
peer_free(struct peer *p)
{
    watch_free(p->watch);
    connection_close(&p->conn);
    free(p->slots);
    free(p);
}

struct peer *
peer_new(struct io *io, const struct connection *conn, const struct peer_setup *setup)
{
    struct peer *p = calloc(1, sizeof(*p));

    if (!p) {
        struct connection lost = *conn;

        connection_close(&lost);
        return NULL;
    }
    p->io = io;
    p->conn = *conn;
    p->owner = setup->owner;
    p->leg = setup->leg;
    p->listener = setup->listener;
    p->pdu_ms = setup->pdu_ms;
    p->mode = setup->leg ? PDU_LENIENT : PDU_STRICT;
    snprintf(p->link, sizeof(p->link), "%s", setup->link);
    p->watch = loop_watch(io->loop, conn->transport.fd, on_ready, p);
    if (!p->watch || !slots_make(p, setup->session.window) || !io_add(io, p)) {
        peer_free(p);
        return NULL;
    }
    session_init(&p->session, setup->leg ? SESSION_ESME : SESSION_MC, &setup->session, p->slots,
                 session_slots_needed(setup->session.window), io->now_ms);
    p->conn.handshake_ms = io->now_ms;
    p->since_ms = io->now_ms;
    trace_choose(p);
    if (p->conn.state == CONN_HANDSHAKE)
        io_ready(p);
    watch_update(p);
    io_sweep_by(io, io->now_ms + SWEEP_MS);
    return p;
}

bool
peer_turn_client(struct peer *p, const struct peer_setup *setup)
{
    assert(!session_is_bound(&p->session) && !p->leg && setup->leg);
    if (!slots_make(p, setup->session.window))
        return false;
    p->owner = setup->owner;
    p->leg = setup->leg;
    p->listener = NULL;
    p->pdu_ms = setup->pdu_ms;
    p->mode = PDU_LENIENT;
    snprintf(p->link, sizeof(p->link), "%s", setup->link);
    session_init(&p->session, SESSION_ESME, &setup->session, p->slots,
                 session_slots_needed(setup->session.window), p->io->now_ms);
    trace_choose(p);
    return true;
}

/* Its place among the sessions of its app is free from here on, not only once the peer has closed
 * too: an app that has unbound may bind again at once. */
static void
leave_app(struct peer *p)
{
    if (p->app && p->app->sessions > 0)
        p->app->sessions--;
    p->app = NULL;
}

/* The connection is over as it is. */
void
peer_dead(struct peer *p, const char *why)
{
    if (p->dead)
        return;
    if (!p->conn.why)
        p->conn.why = why;
    leave_app(p);
    io_dead(p);
    watch_update(p);
}

void
peer_end(struct peer *p, const char *why)
{
    if (p->dead || p->phase == PEER_ENDING)
        return;
    if (!p->conn.why)
        p->conn.why = why;
    leave_app(p);
    peer_phase_set(p, PEER_ENDING);
    if (p->conn.state != CONN_OPEN) {
        peer_dead(p, why);
        return;
    }
    p->conn.state = CONN_FLUSHING;
    io_touch(p);
    io_sweep_by(p->io, p->io->now_ms + LINGER_MS);
}

static void
log_end(const struct peer *p)
{
    bool news = p->up || p->leg;

    log_line(news ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, p->up ? "bind down" : "connection closed",
             "link=%s session=%u.%u peer=%s unanswered=%u reason=\"%s\"",
             p->link[0] ? p->link : "-", p->name.slot, p->name.generation, p->conn.peer,
             p->session.outstanding, p->conn.why ? p->conn.why : "?");
}

bool
peer_reap(struct peer *p)
{
    struct event *event;

    if (p->ready || p->touched || (p->up && !io_batch(p->io)))
        return false;
    if (p->conn.partial_ms != 0 && !p->more)
        p->io->counters.truncated_pdu++;
    log_end(p);
    if (p->up) {
        (void)connection_confirm(&p->conn);
        event = io_event(p->io, EV_BIND_DOWN, p->name, 0);
        event->u.confirmed.inbound = p->conn.confirmed;
        p->io->counters.sessions--;
    }
    p->owner->closed(p);
    io_remove(p->io, p);
    peer_free(p);
    return true;
}

/* --- writing --- */

static void
write_octets(struct peer *p, struct slice octets)
{
    uint8_t *to = connection_room(&p->conn, octets.n);

    if (!to) {
        peer_dead(p, "more output than a connection may hold");
        return;
    }
    memcpy(to, octets.p, octets.n);
    connection_wrote(&p->conn, octets.n);
    if (p->traced)
        trace_pdu(p, TRACE_OUT, octets);
    p->io->counters.pdus_out++;
    io_touch(p);
}

void
peer_write_pdu(struct peer *p, const struct pdu *pdu)
{
    uint8_t buf[PDU_BYTES_MAX_UNBOUND];
    size_t n = pdu_encode(pdu, buf, sizeof(buf));

    assert(n > 0);
    write_octets(p, slice_of(buf, n));
}

void
peer_write_header(struct peer *p, uint32_t command_id, uint32_t status, uint32_t sequence)
{
    struct pdu pdu = {.command_id = command_id,
                      .command_status = status,
                      .sequence_number = sequence};

    peer_write_pdu(p, &pdu);
}

void
peer_answer(struct peer *p, const struct pdu *request, enum smpp_status status)
{
    p->io->counters.answered_directly++;
    peer_write_header(p, request->command_id | SMPP_RESPONSE_BIT, status, request->sequence_number);
}

/* The peer has unbound, and has all its responses or will not get them. */
void
peer_farewell(struct peer *p)
{
    peer_write_header(p, SMPP_UNBIND_RESP, SMPP_ROK, p->farewell_sequence);
    peer_end(p, "the peer unbound");
}

void
peer_reply(struct peer *p, const struct effect *effect)
{
    if (p->unanswered > 0) {
        /* Answers do not say how long their requests were; the mean is near enough, and right when
         * none is left. */
        p->ahead_octets -= p->ahead_octets / p->unanswered;
        p->unanswered--;
    }
    if (p->dead || p->conn.state != CONN_OPEN) {
        p->io->counters.effects_dropped++;
        return;
    }
    write_octets(p, effect->octets);
    if (effect->inbound != 0) {
        connection_confirm_later(&p->conn, effect->inbound);
        io_sweep_by(p->io, p->io->now_ms + CONFIRM_MS);
    }
    if (p->phase == PEER_FAREWELL && p->unanswered == 0)
        peer_farewell(p);
}

void
peer_send(struct peer *p, const struct effect *effect)
{
    uint32_t sequence;
    uint8_t *to;

    if (p->dead || p->phase > PEER_RETIRING || !session_can_send_sm(&p->session)) {
        p->io->counters.effects_dropped++;
        return;
    }
    if (!session_send(&p->session, effect->command_id, effect->token, p->io->now_ms, &sequence)) {
        /* Both sides count the same window; going on would leave a message in neither's hands. */
        log_line(LOG_LEVEL_ERROR, "window overrun", "link=%s window=%u", p->link,
                 p->session.conf.window);
        peer_dead(p, "window overrun");
        return;
    }
    to = connection_room(&p->conn, effect->octets.n);
    if (!to) {
        peer_dead(p, "more output than a connection may hold");
        return;
    }
    memcpy(to, effect->octets.p, effect->octets.n);
    pdu_set_sequence(to, sequence);
    connection_wrote(&p->conn, effect->octets.n);
    if (p->traced)
        trace_pdu(p, TRACE_OUT, slice_of(to, effect->octets.n));
    p->io->counters.pdus_out++;
    io_touch(p);
}

void
peer_flush(struct peer *p)
{
    if (p->dead || p->conn.state < CONN_OPEN || p->conn.state == CONN_SHUT)
        return;
    if (!connection_flush(&p->conn, &p->io->traffic, p->io->now_ms)) {
        peer_dead(p, "write failed");
        return;
    }
    if (p->conn.state == CONN_FLUSHING && connection_waiting(&p->conn) == 0)
        connection_shut(&p->conn, p->io->now_ms);
    read_on(p);
    watch_update(p);
}

/* --- bind and unbind --- */

/* The last thing done about a bind: its octets in the batch are overwritten by the name. */
void
peer_bind_up(struct peer *p)
{
    struct batch *batch = io_batch(p->io);
    struct slice name = batch_copy(batch, slice_str(p->link));
    struct event *event = io_event(p->io, EV_BIND_UP, p->name, name.n);

    event->u.up = (struct event_up){
        .link = p->leg ? LINK_CARRIER : LINK_APP,
        .name = name,
        .can_send = session_can_send_sm(&p->session),
        .window = p->session.conf.window,
        .peer_version = p->session.peer_version,
    };
    trace_choose(p);
    p->up = true;
    p->since_ms = p->io->now_ms;
    p->io->counters.sessions++;
    p->io->counters.binds++;
    log_line(LOG_LEVEL_INFO, "bind up",
             "link=%s session=%u.%u peer=%s state=%s version=%02x window=%u%s%s", p->link,
             p->name.slot, p->name.generation, p->conn.peer, session_state_name(p->session.state),
             p->session.peer_version, p->session.conf.window, p->conn.transport.tls ? " tls=" : "",
             tls_version(&p->conn.transport));
}

void
peer_accept(struct peer *p, const struct pdu *bind, struct app *app, uint8_t version)
{
    struct session_conf conf = p->session.conf;
    uint32_t window = app->conf->window;
    uint8_t tlvs[8];
    struct pdu reply = {.command_id = bind->command_id | SMPP_RESPONSE_BIT,
                        .sequence_number = bind->sequence_number};
    size_t used = 0;

    conf.window = window;
    if (!slots_make(p, window)) {
        peer_refuse(p, bind, SMPP_RSYSERR);
        return;
    }
    session_init(&p->session, SESSION_MC, &conf, p->slots, session_slots_needed(window),
                 p->io->now_ms);
    session_bound(&p->session, bind->command_id, version);
    p->mode = version >= SMPP_VERSION_50 ? PDU_STRICT_50 : PDU_STRICT;
    p->app = app;
    p->bind_command_id = bind->command_id;
    app->sessions++;
    snprintf(p->link, sizeof(p->link), "%s", app->conf->system_id);
    reply.body.bind.system_id = slice_str(p->io->conf->name);
    if (smpp_version_has_tlvs(version) &&
        tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_SC_INTERFACE_VERSION, slice_of(&version, 1)))
        reply.tlvs = slice_of(tlvs, used);
    peer_write_pdu(p, &reply);
    peer_bind_up(p);
}

void
peer_refuse(struct peer *p, const struct pdu *bind, enum smpp_status status)
{
    p->io->counters.binds_refused++;
    p->conn.why = "bind refused";
    peer_phase_set(p, PEER_PENALTY);
    p->until_ms = p->io->now_ms + BIND_PENALTY_MS;
    peer_answer(p, bind, status);
    io_sweep_by(p->io, p->until_ms);
}

void
peer_bind(struct peer *p, const struct pdu *bind)
{
    struct pdu pdu = *bind;

    pdu.sequence_number = session_sequence(&p->session);
    session_binding(&p->session, pdu.command_id, pdu.sequence_number, p->io->now_ms);
    peer_write_pdu(p, &pdu);
}

void
peer_unbind(struct peer *p)
{
    uint32_t sequence;

    if (p->dead || p->phase > PEER_RETIRING)
        return;
    if (!session_is_bound(&p->session)) {
        peer_end(p, "no longer wanted");
        return;
    }
    sequence = session_sequence(&p->session);
    session_unbinding(&p->session, sequence, p->io->now_ms);
    peer_write_header(p, SMPP_UNBIND, SMPP_ROK, sequence);
    peer_phase_set(p, PEER_UNBINDING);
    p->until_ms = p->io->now_ms + UNBIND_MS;
    p->conn.why = "we unbound";
    io_sweep_by(p->io, p->until_ms);
}

void
peer_retire(struct peer *p, uint64_t until_ms)
{
    if (p->dead || p->phase != PEER_LIVE)
        return;
    peer_phase_set(p, PEER_RETIRING);
    p->until_ms = until_ms;
    io_sweep_by(p->io, p->io->now_ms + SWEEP_MIN_MS);
}

/* --- the socket --- */

/* A port that is only looked at is no news, a carrier that cannot be talked to is. */
void
peer_handshake_failed(struct peer *p, const char *why)
{
    bool news = p->leg || p->conn.transport.refused;

    p->io->counters.tls_failed++;
    log_line(news ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG, "tls handshake failed",
             "link=%s peer=%s reason=\"%s\"", p->link[0] ? p->link : "-", p->conn.peer, why);
    peer_dead(p, why);
}

static void
handshake(struct peer *p)
{
    switch (connection_handshake(&p->conn)) {
    case TRANSPORT_LATER:
        return;
    case TRANSPORT_FAILED:
        peer_handshake_failed(p, p->conn.why);
        return;
    case TRANSPORT_DONE:
        p->io->counters.tls_handshakes++;
        log_line(LOG_LEVEL_DEBUG, "tls handshake", "link=%s peer=%s version=%s cipher=%s",
                 p->link[0] ? p->link : "-", p->conn.peer, tls_version(&p->conn.transport),
                 tls_cipher(&p->conn.transport));
        p->owner->opened(p);
    }
}

/* Those of carriers are few, and ours to begin; of apps there may be a flood. */
static bool
handshake_waits(struct peer *p)
{
    if (p->leg || p->io->handshakes++ < TLS_HANDSHAKES_PER_ROUND)
        return false;
    io_ready(p);
    return true;
}

static void
opened(struct peer *p)
{
    if (!connection_established(&p->conn)) {
        peer_dead(p, strerrordesc_np(errno));
        return;
    }
    p->conn.handshake_ms = p->io->now_ms;
    if (p->conn.state == CONN_HANDSHAKE)
        handshake(p);
    else
        p->owner->opened(p);
}

static void
read_socket(struct peer *p)
{
    struct slice octets;

    switch (connection_read(&p->conn, &p->io->traffic, &octets)) {
    case READ_OCTETS_CAME:
        peer_take_octets(p, octets);
        break;
    case READ_NOTHING:
        break;
    case READ_END:
        peer_flush(p);
        peer_dead(p, "closed");
        break;
    }
}

void
peer_work(struct peer *p)
{
    if (p->dead)
        return;
    if (p->conn.state == CONN_CONNECTING) {
        opened(p);
    } else if (p->conn.state == CONN_HANDSHAKE) {
        if (!handshake_waits(p))
            handshake(p);
    } else if (p->conn.state == CONN_SHUT) {
        if (!connection_discard(&p->conn))
            peer_dead(p, "closed");
    } else if (peer_listens(p) && !io_batch(p->io)) {
        p->parked = true;
        p->io->parked = true;
    } else if (peer_listens(p) && p->more) {
        peer_take_octets(p, connection_kept(&p->conn));
    } else if (peer_listens(p)) {
        read_socket(p);
    }
    read_on(p);
    watch_update(p);
}

void
peer_unpark(struct peer *p)
{
    p->parked = false;
    read_on(p);
    watch_update(p);
}
