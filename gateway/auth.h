/*
 * auth.h: who may bind: the apps of the directory as the I/O thread knows them, and the addresses
 * whose binds failed too often (bad-input.md B01..B16, conformance B4, X3, X4).
 *
 * It decides and does not wait: where a hash has to be compared first it says so, and is told the
 * result by auth_hashed(). As soon as one app has a hash, every refusal costs one comparison,
 * whatever its cause, so that the time it takes says nothing; only an address that is locked out
 * is refused for free.
 */
#ifndef TANDEM_AUTH_H
#define TANDEM_AUTH_H

#include "conf/conf.h"
#include "gateway/address.h"
#include "gateway/hasher.h"
#include "gateway/limits.h"
#include "gateway/tls.h"
#include "protocol/pdu.h"

#define AUTH_KEY_BYTES 32u

/* Tokens for so many per second; a full second may go at once. */
struct bucket {
    uint64_t tokens;                /* thousandths */
    uint64_t at_ms;
};

struct app {
    const struct dir_app *conf;
    uint32_t sessions;              /* bound now */
    struct bucket bucket;           /* of its throughput, over all its sessions */
    bool known;                     /* a password that was right is remembered, ... */
    uint8_t key[AUTH_KEY_BYTES];    /* ... as its auth_key() */
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
    struct bucket *handshakes;      /* BIND_ADDRESSES_MAX; addresses with the same hash share */
    uint64_t seed;                  /* so that no peer can choose its neighbours in it */
    uint8_t boot_key[AUTH_KEY_BYTES]; /* of auth_key(); dies with the process */
    const struct conf *conf;        /* for the carriers that connect to us (outbind) */
    const char *dummy;              /* the hash that is compared where there is none; NULL: no app
                                       has one, and none is compared at all */
};

struct auth_request {
    const struct pdu *bind;
    const struct address *address;
    const struct transport *transport; /* shows the peer's certificate; NULL: it has none */
    enum conf_bind_errors errors;
    uint64_t now_ms;
};

enum auth_verdict {
    AUTH_ACCEPT,
    AUTH_REFUSE,
    AUTH_HASH,                      /* compare first, then auth_hashed() */
};
const char *auth_verdict_name(enum auth_verdict verdict);

struct auth_answer {
    enum auth_verdict verdict;
    enum smpp_status status;        /* REFUSE: with this */
    struct app *app;                /* ACCEPT */
    const char *hash;               /* HASH: with this; as long as the configuration */
    const char *why;                /* REFUSE: static text for the log */
};

/* The apps of this configuration; false if there is no memory or no randomness. */
must_check bool auth_init(struct auth *auth, const struct conf *conf);
void auth_release(struct auth *auth);
/* Takes over sessions, buckets and remembered passwords of those apps that are still there. */
void auth_inherit(struct auth *auth, const struct auth *before);

struct app *auth_find(const struct auth *auth, struct slice system_id);

struct auth_answer auth_bind(struct auth *auth, const struct auth_request *request);
/* The password was compared with this hash, as auth_bind() wanted. If a reload has changed the hash
 * since, it wants to have it compared again. */
struct auth_answer auth_hashed(struct auth *auth, const struct auth_request *request,
                               const char *hash, enum hash_result result);
/* What a password is remembered by: a MAC over it, its system_id and the hash it belongs to. */
void auth_key(const struct auth *auth, const struct auth_request *request, const char *hash,
              uint8_t key[AUTH_KEY_BYTES]);
/* How many binds of this address may still fail before it is locked out. */
uint32_t auth_failures_left(struct auth *auth, const struct address *address, uint64_t now_ms);

/* Is the address in one of these networks? Without any it is. */
bool auth_nets_hold(const struct conf_net *nets, uint32_t count, const struct address *address);
/* X3: may any app at all bind from there, or a carrier call? If not, the connection need not be
 * looked at. */
bool auth_admits(const struct auth *auth, const struct address *address);

/* May one more TLS handshake begin there? at_once: so many may together. */
must_check bool auth_handshake(struct auth *auth, const struct address *address, uint32_t at_once,
                               uint64_t now_ms);

/* May the app bind from there? One without a list may from everywhere. */
bool auth_address_allowed(const struct dir_app *app, const struct address *address);
/* Has whoever is there the certificate that the app must have, if it must have one? */
bool auth_certified(const struct dir_app *app, const struct transport *transport);
/* May this app still bind like that? For a reload. */
bool auth_allows(const struct dir_app *app, uint32_t bind_command_id);
/* Do those who bound with the credentials of one still have the right ones for the other? */
bool auth_same_credentials(const struct dir_app *a, const struct dir_app *b);
/* B06: may this app's password be longer than SMPP allows? */
bool auth_password_long(const struct auth *auth, struct slice system_id);

/* Equal without telling how far they agree. */
bool auth_same_password(const char *want, struct slice have);
/* Other credentials than those of apps, by the same count of failures of an address (B16). */
bool auth_locked(struct auth *auth, const struct address *address, uint64_t now_ms);
void auth_failed(struct auth *auth, const struct address *address, uint64_t now_ms);

/* Takes one token; false if there is none. rate 0 is unlimited. */
bool bucket_take(struct bucket *bucket, uint32_t rate, uint64_t now_ms);

#endif
