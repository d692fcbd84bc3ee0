/*
 * carriers.c: all carriers together: what the configuration and a reload want, answers of the
 * resolver, carriers that call. carrier.c is about one of them and its binds.
 */
#include "gateway/carrier_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/log.h"

static void
on_resolved(void *context, unsigned ready)
{
    struct carriers *all = context;
    struct resolved answer;

    (void)ready;
    while (resolver_answer(all->resolver, &answer)) {
        for (uint32_t i = 0; i < all->count; i++) {
            struct carrier *c = all->list[i];

            for (uint32_t k = 0; k < c->places.count; k++) {
                if (c->places.list[k].ticket == answer.ticket)
                    carrier_resolved(c, k, &answer);
            }
        }
    }
}

/* --- outbind --- */

static struct carrier *
carrier_calling(const struct carriers *all, const struct pdu_bind *who,
                const struct address *address)
{
    for (uint32_t i = 0; i < all->count; i++) {
        struct carrier *c = all->list[i];

        if (c->conf && c->conf->outbind.on &&
            slice_eq(slice_str(c->conf->outbind.system_id), who->system_id) &&
            auth_same_password(c->conf->outbind.password, who->password) &&
            auth_nets_hold(c->conf->outbind.allow, c->conf->outbind.allow_count, address))
            return c;
    }
    return NULL;
}

const char *
carriers_outbind(struct carriers *all, struct peer *p, const struct pdu *outbind, bool *known)
{
    struct carrier *c = carrier_calling(all, &outbind->body.bind, &p->conn.address);
    struct leg *leg = c && !c->retiring && !all->stopping ? leg_free_for(c) : NULL;
    struct peer_setup setup;

    *known = c != NULL;
    if (!c)
        return "no carrier calls from there with this system_id and password";
    if (c->conf->tls.on && !p->conn.transport.tls)
        return "the carrier's password may only cross TLS";
    if (!leg)
        return "the carrier has all its binds";
    setup = leg_setup(leg);
    if (!peer_turn_client(p, &setup))
        return "no memory";
    log_line(LOG_LEVEL_INFO, "outbind", "link=%s peer=%s", c->id, p->conn.peer);
    leg_called(leg, p);
    return NULL;
}

/* --- configuration --- */

static void
carrier_free(struct carrier *c)
{
    places_release(&c->places);
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

/* Other certificates are for the next handshake. Another idea of whom to trust is for now. */
static bool
same_tls(const struct conf_tls *a, const struct conf_tls *b)
{
    return a->on == b->on && (!a->on || (a->verify == b->verify &&
                                         strcmp(a->server_name, b->server_name) == 0));
}

static bool
same_outbind(const struct conf_outbind *a, const struct conf_outbind *b)
{
    return a->on == b->on &&
           (!a->on || (a->only == b->only && strcmp(a->system_id, b->system_id) == 0 &&
                       strcmp(a->password, b->password) == 0));
}

/* Other backups change nothing for sessions that stand elsewhere: carrier_review(). */
static bool
same_session(const struct conf_carrier *a, const struct conf_carrier *b)
{
    return strcmp(a->host, b->host) == 0 && a->port == b->port &&
           strcmp(a->system_id, b->system_id) == 0 && strcmp(a->password, b->password) == 0 &&
           strcmp(a->system_type, b->system_type) == 0 && a->bind == b->bind &&
           a->binds == b->binds && a->interface_version == b->interface_version &&
           a->assume_version == b->assume_version && a->pair_fallback == b->pair_fallback &&
           same_outbind(&a->outbind, &b->outbind) && a->window == b->window &&
           a->enquire_link_ms == b->enquire_link_ms &&
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
            ok = places_update(&c->places, now, &all->last_ticket) && ok;
        if (!c->retiring && (!now || !same_session(before, now)))
            carrier_retire(c, drain_until_ms);
        else if (!c->retiring)
            carrier_review(c, before, drain_until_ms);
    }
    for (uint32_t i = 0; i < conf->carrier_count; i++) {
        struct carrier *c;

        if (carrier_of(all, conf->carriers[i].id))
            continue;
        c = carrier_add(all, &conf->carriers[i]);
        ok = c && places_update(&c->places, c->conf, &all->last_ticket) && ok;
        ok = c && carrier_start(c) && ok;
    }
    return ok;
}

enum carrier_ordered
carriers_order(struct carriers *all, struct slice id, enum carrier_order order,
               uint64_t drain_until_ms)
{
    struct carrier *c = NULL;

    for (uint32_t i = 0; i < all->count && !c; i++) {
        if (slice_eq(slice_str(all->list[i]->id), id) && all->list[i]->conf)
            c = all->list[i];
    }
    if (!c)
        return CARRIER_UNKNOWN;
    if (c->stopped != (order == CARRIER_START))
        return c->stopped ? CARRIER_IS_STOPPED : CARRIER_RUNS;
    c->stopped = order == CARRIER_STOP;
    if (order == CARRIER_START) /* what is still drained starts when that is done */
        return c->retiring || carrier_start(c) ? CARRIER_OBEYS : CARRIER_NO_MEMORY;
    if (!c->retiring)
        carrier_retire(c, drain_until_ms);
    return CARRIER_OBEYS;
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

bool
carriers_next(const struct carriers *all, struct carrier_at *at, struct carrier_bind *out)
{
    for (; at->carrier < all->count; at->carrier++, at->leg = 0) {
        const struct carrier *c = all->list[at->carrier];

        while (at->leg < c->leg_count) {
            const struct leg *leg = &c->legs[at->leg++];
            bool placed = leg->place < c->places.count;

            /* One line for a carrier that is stopped. */
            if (leg->state == LEG_OFF && !(c->stopped && at->leg == 1))
                continue;
            *out = (struct carrier_bind){
                .carrier = c->id,
                .command_id = leg->command_id,
                .state = leg->state,
                .retiring = c->retiring,
                .stopped = c->stopped && leg->state == LEG_OFF,
                .peer = leg->peer,
                .host = placed ? c->places.list[leg->place].host : "",
                .port = placed ? c->places.list[leg->place].port : 0,
                .since_ms = leg->since_ms,
                .error = leg->error,
                .error_ms = leg->error_ms,
            };
            return true;
        }
    }
    return false;
}
