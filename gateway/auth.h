/*
 * auth.h: who may bind: the apps of the directory as the I/O thread knows them, and the addresses
 * whose binds failed too often (bad-input.md B01..B16, conformance B4).
 */
#ifndef TANDEM_AUTH_H
#define TANDEM_AUTH_H

#include "conf/conf.h"
#include "gateway/address.h"
#include "gateway/limits.h"
#include "gateway/tls.h"
#include "protocol/pdu.h"

/* Tokens for so many per second; a full second may go at once. */
struct bucket {
    uint64_t tokens;                /* thousandths */
    uint64_t at_ms;
};

struct app {
    const struct dir_app *conf;
    uint32_t sessions;              /* bound now */
    struct bucket bucket;           /* of its throughput, over all its sessions */
};

struct auth_failures {
    struct address_key key;
    uint32_t count;
    uint64_t first_ms;              /* of those counted */
    uint64_t last_ms;               /* 0: free */
    uint64_t locked_ms;             /* until then; 0: not */
};

struct auth {
    struct app *apps;
    uint32_t count;
    struct auth_failures *failures; /* BIND_ADDRESSES_MAX, a hash table of short chains */
    uint64_t seed;                  /* so that no peer can choose its neighbours in it */
};

struct auth_request {
    const struct pdu *bind;
    const struct address *address;
    const struct transport *transport; /* shows the peer's certificate; NULL: it has none */
    enum conf_bind_errors errors;
    uint64_t now_ms;
};

/* The apps of this configuration; false if there is no memory. */
must_check bool auth_init(struct auth *auth, const struct conf *conf);
void auth_release(struct auth *auth);
/* Takes over sessions and buckets of those apps that are still there. */
void auth_inherit(struct auth *auth, const struct auth *before);

struct app *auth_find(const struct auth *auth, struct slice system_id);
/* SMPP_ROK and *app, or the status to refuse with. */
enum smpp_status auth_bind(struct auth *auth, const struct auth_request *request, struct app **app);
/* Has whoever is there the certificate that the app must have, if it must have one? */
bool auth_certified(const struct dir_app *app, const struct transport *transport);
/* May this app still bind like that? For a reload. */
bool auth_allows(const struct dir_app *app, uint32_t bind_command_id);

/* Equal without telling how far they agree. */
bool auth_same_password(const char *want, struct slice have);
/* Other credentials than those of apps, by the same count of failures of an address (B16). */
bool auth_locked(struct auth *auth, const struct address *address, uint64_t now_ms);
void auth_failed(struct auth *auth, const struct address *address, uint64_t now_ms);

/* Takes one token; false if there is none. rate 0 is unlimited. */
bool bucket_take(struct bucket *bucket, uint32_t rate, uint64_t now_ms);

#endif
