/*
 * resolver.h: looks up host names on a thread of its own, because getaddrinfo() blocks for as long
 * as the name servers like (faults.md row 34).
 */
#ifndef TANDEM_RESOLVER_H
#define TANDEM_RESOLVER_H

#include "gateway/address.h"
#include "gateway/limits.h"

struct resolver;

struct resolved {
    uint32_t ticket;
    uint32_t count;                 /* 0: it failed, why says why */
    const char *why;
    struct address addresses[ADDRESSES_MAX];
};

/* The thread starts with the first question. NULL: no memory or descriptor. */
struct resolver *resolver_new(void);
/* Does not wait for a look-up that is in progress. */
void resolver_free(struct resolver *resolver);

/* False if there are too many questions already, or no memory; true: there will be an answer. host
 * is copied. */
must_check bool resolver_ask(struct resolver *resolver, uint32_t ticket, const char *host,
                             uint16_t port);
/* An eventfd that is written to for each answer. */
int resolver_fd(const struct resolver *resolver);
bool resolver_answer(struct resolver *resolver, struct resolved *out);

#endif
