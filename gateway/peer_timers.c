/*
 * peer_timers.c: what happens to a session when time passes. Separate from peer.c because none of
 * it is caused by anything that came in.
 */
#include "gateway/io.h"
#include "gateway/log.h"
#include "gateway/peer_int.h"

static uint64_t
sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void
timeout_event(struct peer *p, const struct session_out *out)
{
    struct event *event = io_event(p->io, EV_RESULT, p->name, 0);

    event->u.result = (struct event_result){.token = out->token, .how = RESULT_TIMEOUT};
    p->io->counters.timeouts++;
    log_line(LOG_LEVEL_WARN, "no response in time", "link=%s peer=%s", p->link, p->conn.peer);
    /* S8: nothing has moved for a whole response timer. The session ends at the third in a row. */
    if (p->session.outstanding + 1 == p->session.conf.window)
        log_line(LOG_LEVEL_ERROR, "window stalled", "link=%s peer=%s window=%u in_a_row=%u",
                 p->link, p->conn.peer, p->session.conf.window, p->session.timeouts_in_row);
}

static void
tick_session(struct peer *p)
{
    struct session_out out;

    while (!p->dead && p->conn.state == CONN_OPEN && p->phase != PEER_PENALTY &&
           io_batch(p->io)) {
        switch (session_tick(&p->session, p->io->now_ms, &out)) {
        case SESSION_TICK_NONE:
            return;
        case SESSION_TICK_ENQUIRE:
            peer_write_pdu(p, &out.reply);
            break;
        case SESSION_TICK_TIMEOUT:
            timeout_event(p, &out);
            break;
        case SESSION_TICK_CLOSE:
            peer_session_reply(p, &out);
            peer_end(p, out.why);
            return;
        }
    }
}

/* The core must stop sending here first: what it has sent by then is answered before we unbind, and
 * a reload doubles nothing. */
static bool
hold_told(struct peer *p)
{
    if (p->held_ms == 0 && p->up && io_batch(p->io)) {
        (void)io_event(p->io, EV_BIND_HOLD, p->name, 0);
        p->held_ms = p->io->now_ms;
    }
    return !p->up || (p->held_ms != 0 && p->io->now_ms - p->held_ms >= HOLD_MS);
}

static void
tick_phase(struct peer *p)
{
    bool due = p->io->now_ms >= p->until_ms;

    switch (p->phase) {
    case PEER_LIVE:
    case PEER_ENDING:
        return;
    case PEER_RETIRING:
        if (due || (hold_told(p) && p->session.outstanding == 0 && p->unanswered == 0))
            peer_unbind(p);
        return;
    case PEER_FAREWELL:
        if (due)
            peer_farewell(p);
        return;
    case PEER_UNBINDING:
    case PEER_PENALTY:
        if (due)
            peer_end(p, "closed");
    }
}

/* What the peer's TCP has acknowledged, every CONFIRM_MS while there is something to learn. */
static void
tick_confirm(struct peer *p)
{
    struct event *event;

    if (p->conn.confirm_count == 0 || !p->up || p->io->now_ms - p->confirm_ms < CONFIRM_MS ||
        !io_batch(p->io))
        return;
    p->confirm_ms = p->io->now_ms;
    if (!connection_confirm(&p->conn))
        return;
    event = io_event(p->io, EV_CONFIRMED, p->name, 0);
    event->u.confirmed.inbound = p->conn.confirmed;
}

static void
tick_connection(struct peer *p)
{
    uint64_t now = p->io->now_ms;

    if (p->conn.state == CONN_HANDSHAKE && now - p->conn.handshake_ms >= TLS_HANDSHAKE_MS)
        peer_handshake_failed(p, "the handshake was not completed");
    else if (p->conn.stuck_ms != 0 && now - p->conn.stuck_ms >= OUT_STUCK_MS)
        peer_dead(p, "the peer does not read");
    else if (p->conn.state == CONN_SHUT && now - p->conn.shut_ms >= LINGER_MS)
        peer_dead(p, "closed");
    else if (p->conn.partial_ms != 0 && !p->more && now - p->conn.partial_ms >= p->pdu_ms)
        peer_end(p, "a PDU was not completed");
}

uint64_t
peer_tick(struct peer *p)
{
    uint64_t now = p->io->now_ms, next = UINT64_MAX;

    if (p->dead)
        return next;
    tick_connection(p);
    tick_phase(p);
    tick_session(p);
    tick_confirm(p);
    if (p->conn.state == CONN_OPEN && p->phase != PEER_PENALTY)
        next = session_next_ms(&p->session);
    if (p->phase == PEER_RETIRING)
        next = sooner(next, now + SWEEP_MIN_MS);
    else if (p->phase != PEER_LIVE && p->phase != PEER_ENDING)
        next = sooner(next, p->until_ms);
    if (p->conn.state == CONN_HANDSHAKE)
        next = sooner(next, p->conn.handshake_ms + TLS_HANDSHAKE_MS);
    if (p->conn.state == CONN_SHUT)
        next = sooner(next, p->conn.shut_ms + LINGER_MS);
    if (p->conn.partial_ms != 0 && !p->more)
        next = sooner(next, p->conn.partial_ms + p->pdu_ms);
    if (p->conn.confirm_count > 0)
        next = sooner(next, p->confirm_ms + CONFIRM_MS);
    return next;
}
