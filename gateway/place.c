/*
 * place.c: see place.h.
 */
#include "gateway/place.h"

#include <stdio.h>
#include <stdlib.h>

uint32_t
places_find(const struct places *places, const char *host, uint16_t port)
{
    for (uint32_t i = 0; i < places->count; i++) {
        if (places->list[i].port == port && strcmp(places->list[i].host, host) == 0)
            return i;
    }
    return UINT32_MAX;
}

/* Certificates as they are now in the configuration. False: those before stay. */
static bool
place_secure(struct place *place, const struct conf_carrier *conf)
{
    char owner[128];
    struct tls_context *tls = NULL;

    if (conf->tls.on) {
        snprintf(owner, sizeof(owner), "link=%s", conf->id);
        tls = tls_client(&conf->tls, place->host, owner);
        if (!tls)
            return false;
    }
    tls_context_free(place->tls);
    place->tls = tls;
    return true;
}

/* Takes over from `before` what is known of the same host and port. */
static void
place_init(struct place *place, struct places *before, const struct conf_address *conf,
           uint32_t *ticket)
{
    uint32_t known = places_find(before, conf->host, conf->port);

    if (known != UINT32_MAX) {
        *place = before->list[known];
        before->list[known].tls = NULL;
        /* A name that stands in the list twice: the second place is one of its own. */
        before->list[known].host[0] = '\0';
        return;
    }
    snprintf(place->host, sizeof(place->host), "%s", conf->host);
    place->port = conf->port;
    place->ticket = ++*ticket;
}

bool
places_update(struct places *places, const struct conf_carrier *conf, uint32_t *ticket)
{
    struct conf_address first = {conf->host, conf->port};
    struct places now = {.count = conf->backup_count + 1};
    bool ok = true;

    now.list = calloc(now.count, sizeof(*now.list));
    if (!now.list)
        return false;
    for (uint32_t i = 0; i < now.count; i++) {
        place_init(&now.list[i], places, i == 0 ? &first : &conf->backups[i - 1], ticket);
        ok = place_secure(&now.list[i], conf) && ok;
    }
    places_release(places);
    *places = now;
    return ok;
}

void
places_release(struct places *places)
{
    for (uint32_t i = 0; i < places->count; i++)
        tls_context_free(places->list[i].tls);
    free(places->list);
    *places = (struct places){.count = 0};
}

enum place_state
place_look_up(struct place *place, struct resolver *resolver, uint64_t now_ms)
{
    struct address literal;

    if (address_parse(place->host, place->port, &literal)) {
        place->addresses[0] = literal;
        place->count = 1;
        place->good = 0;
        return PLACE_READY;
    }
    if (place->count > 0 && place->resolved_ms != 0 &&
        now_ms - place->resolved_ms < RESOLVE_AGAIN_MS)
        return PLACE_READY;
    if (!place->resolving &&
        !resolver_ask(resolver, place->ticket, place->host, place->port))
        return PLACE_UNKNOWN;
    place->resolving = true;
    return PLACE_ASKED;
}

void
place_answer(struct place *place, const struct resolved *answer, uint64_t now_ms)
{
    struct address good = place->addresses[place->good];

    place->resolving = false;
    if (answer->count == 0)
        return;
    memcpy(place->addresses, answer->addresses, sizeof(place->addresses));
    place->count = answer->count;
    place->resolved_ms = now_ms ? now_ms : 1;
    place->good = 0;
    place_good(place, &good);
}

const struct address *
place_address(const struct place *place, uint32_t n)
{
    return &place->addresses[(place->good + n) % place->count];
}

void
place_good(struct place *place, const struct address *address)
{
    for (uint32_t i = 0; i < place->count; i++) {
        if (address_same(&place->addresses[i], address))
            place->good = i;
    }
}
