/*
 * place.h: where a carrier can be reached: its first address and its backups, in the order in which
 * they are tried. Each is a host name with the addresses it has now, and TLS for that name.
 * Separate from carrier.c because binds come and go, and what is known of the names outlives them.
 * I/O thread only.
 */
#ifndef TANDEM_PLACE_H
#define TANDEM_PLACE_H

#include "conf/conf.h"
#include "gateway/resolver.h"
#include "gateway/tls.h"

#define PLACE_HOST_BYTES 254u

struct place {
    char host[PLACE_HOST_BYTES];
    uint16_t port;
    struct tls_context *tls;        /* of new connections; NULL: plain, or it cannot be made */
    uint32_t ticket;                /* names it in questions to the resolver */
    bool resolving;
    struct address addresses[ADDRESSES_MAX];
    uint32_t count;
    uint32_t good;                  /* index of the address that last took a connection */
    uint64_t resolved_ms;           /* 0: never */
};

struct places {
    struct place *list;
    uint32_t count;                 /* 0: there was no memory */
};

/* Makes them as conf says; those that stay keep what is known of them. ticket: the last one that
 * was given to a place, of any carrier. False: no memory, or no TLS context, which is logged; what
 * was there before stays in use. */
must_check bool places_update(struct places *places, const struct conf_carrier *conf,
                              uint32_t *ticket);
void places_release(struct places *places);

/* UINT32_MAX: there is none such. */
uint32_t places_find(const struct places *places, const char *host, uint16_t port);

enum place_state {
    PLACE_READY,                    /* go on with the addresses there are */
    PLACE_ASKED,                    /* wait for place_answer() */
    PLACE_UNKNOWN,                  /* it cannot be looked up now */
};
enum place_state place_look_up(struct place *place, struct resolver *resolver, uint64_t now_ms);
/* A look-up that failed leaves the addresses that worked before in use (faults.md row 34). */
void place_answer(struct place *place, const struct resolved *answer, uint64_t now_ms);
/* The n-th to try, from 0: the one that worked last comes first. */
const struct address *place_address(const struct place *place, uint32_t n);
/* This one took a connection. */
void place_good(struct place *place, const struct address *address);

#endif
