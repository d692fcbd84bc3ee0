/*
 * auth.c: see auth.h. Separate from the listener so that it can be tested without a socket.
 */
#include "gateway/auth.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/random.h>

/* An address is looked for in so many places, from the one its hash says. */
#define PROBES 8u

static uint32_t
apps_in(const struct conf *conf)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < conf->account_count; i++)
        count += conf->accounts[i].app_count;
    return count;
}

bool
auth_init(struct auth *auth, const struct conf *conf)
{
    uint32_t count = apps_in(conf);

    *auth = (struct auth){.count = count};
    auth->apps = calloc(count + 1, sizeof(*auth->apps));
    auth->failures = calloc(BIND_ADDRESSES_MAX, sizeof(*auth->failures));
    if (!auth->apps || !auth->failures ||
        getrandom(&auth->seed, sizeof(auth->seed), 0) != (ssize_t)sizeof(auth->seed)) {
        auth_release(auth);
        return false;
    }
    count = 0;
    for (uint32_t i = 0; i < conf->account_count; i++) {
        for (uint32_t k = 0; k < conf->accounts[i].app_count; k++)
            auth->apps[count++].conf = &conf->accounts[i].apps[k];
    }
    return true;
}

void
auth_release(struct auth *auth)
{
    free(auth->apps);
    free(auth->failures);
    *auth = (struct auth){0};
}

struct app *
auth_find(const struct auth *auth, struct slice system_id)
{
    for (uint32_t i = 0; i < auth->count; i++) {
        if (slice_eq(slice_str(auth->apps[i].conf->system_id), system_id))
            return &auth->apps[i];
    }
    return NULL;
}

void
auth_inherit(struct auth *auth, const struct auth *before)
{
    for (uint32_t i = 0; i < before->count; i++) {
        struct app *app = auth_find(auth, slice_str(before->apps[i].conf->system_id));

        if (app) {
            app->sessions = before->apps[i].sessions;
            app->bucket = before->apps[i].bucket;
        }
    }
    memcpy(auth->failures, before->failures, BIND_ADDRESSES_MAX * sizeof(*auth->failures));
    auth->seed = before->seed;
}

bool
bucket_take(struct bucket *bucket, uint32_t rate, uint64_t now_ms)
{
    uint64_t full = (uint64_t)rate * 1000, passed = now_ms - bucket->at_ms;

    if (rate == 0)
        return true;
    if (bucket->at_ms == 0 || passed >= 1000 || bucket->tokens + passed * rate > full)
        bucket->tokens = full;
    else
        bucket->tokens += passed * rate;
    bucket->at_ms = now_ms;
    if (bucket->tokens < 1000)
        return false;
    bucket->tokens -= 1000;
    return true;
}

/* Both are compared whole, as if of the longest length. */
bool
auth_same_password(const char *want, struct slice have)
{
    uint8_t a[SMPP_PASSWORD_LONG_BYTES] = {0}, b[SMPP_PASSWORD_LONG_BYTES] = {0};
    size_t n = strlen(want);
    bool fits = n < sizeof(a) && have.n < sizeof(b), same;

    memcpy(a, want, fits ? n : 0);
    if (fits && have.n > 0)
        memcpy(b, have.p, have.n);
    a[sizeof(a) - 1] = (uint8_t)n;
    b[sizeof(b) - 1] = (uint8_t)have.n;
    same = CRYPTO_memcmp(a, b, sizeof(a)) == 0 && fits;
    OPENSSL_cleanse(a, sizeof(a));
    OPENSSL_cleanse(b, sizeof(b));
    return same;
}

bool
auth_allows(const struct dir_app *app, uint32_t bind_command_id)
{
    switch (bind_command_id) {
    case SMPP_BIND_TRANSMITTER:
        return app->allow_transmitter;
    case SMPP_BIND_RECEIVER:
        return app->allow_receiver;
    default:
        return app->allow_transceiver;
    }
}

bool
auth_certified(const struct dir_app *app, const struct transport *transport)
{
    return !app->certificate || !app->certificate[0] ||
           (transport && tls_peer_holds(transport, app->certificate));
}

/* *out is set if the credentials are right, whatever else is wrong. */
static enum smpp_status
check(const struct auth *auth, const struct auth_request *r, struct app **out)
{
    static const struct dir_app nobody = {.system_id = "", .password = "\x01nobody"};
    const struct pdu_bind *bind = &r->bind->body.bind;
    struct app *app = auth_find(auth, bind->system_id);
    const struct dir_app *conf = app ? app->conf : &nobody;
    bool specific = r->errors == BIND_ERRORS_SPECIFIC;

    /* An unknown name costs the same comparison (B02). */
    if (!auth_same_password(conf->password, bind->password) || !app)
        return !specific ? SMPP_RBINDFAIL : app ? SMPP_RINVPASWD : SMPP_RINVSYSID;
    /* A password without its certificate is a stolen one: it counts as a guess, and looks like a
     * wrong one even where other causes are told apart. */
    if (!auth_certified(conf, r->transport))
        return specific ? SMPP_RINVPASWD : SMPP_RBINDFAIL;
    *out = app;
    if (!auth_allows(conf, r->bind->command_id) || app->sessions >= conf->binds_max)
        return SMPP_RBINDFAIL;
    return SMPP_ROK;
}

static uint64_t
key_hash(const struct auth *auth, const struct address_key *key)
{
    uint64_t h = auth->seed;

    for (size_t i = 0; i < sizeof(key->b); i++)
        h = (h ^ key->b[i]) * 0x100000001b3u;
    return h ^ h >> 29;
}

/* The entry of this address, or the one to use for it: a free one, or the one quiet for
 * longest. */
static struct auth_failures *
failures_of(struct auth *auth, const struct address_key *key)
{
    uint64_t at = key_hash(auth, key);
    struct auth_failures *best = NULL;

    for (unsigned i = 0; i < PROBES; i++) {
        struct auth_failures *f = &auth->failures[(at + i) % BIND_ADDRESSES_MAX];

        if (f->last_ms != 0 && memcmp(&f->key, key, sizeof(*key)) == 0)
            return f;
        if (!best || f->last_ms < best->last_ms)
            best = f;
    }
    return best;
}

static void
note_failure(struct auth_failures *f, const struct address_key *key, uint64_t now_ms)
{
    if (f->last_ms == 0 || memcmp(&f->key, key, sizeof(*key)) != 0)
        *f = (struct auth_failures){.key = *key};
    if (now_ms - f->first_ms > BIND_FAILURES_MS || f->count == 0) {
        f->first_ms = now_ms;
        f->count = 0;
    }
    f->last_ms = now_ms ? now_ms : 1;
    if (++f->count >= BIND_FAILURES_MAX)
        f->locked_ms = now_ms + BIND_LOCKOUT_MS;
}

bool
auth_locked(struct auth *auth, const struct address *address, uint64_t now_ms)
{
    struct address_key key = address_key(address);
    struct auth_failures *f = failures_of(auth, &key);

    if (f->last_ms == 0 || memcmp(&f->key, &key, sizeof(key)) != 0 || f->locked_ms == 0)
        return false;
    if (f->locked_ms > now_ms)
        return true;
    f->locked_ms = 0;
    f->count = 0;
    return false;
}

void
auth_failed(struct auth *auth, const struct address *address, uint64_t now_ms)
{
    struct address_key key = address_key(address);

    note_failure(failures_of(auth, &key), &key, now_ms);
}

/* The lock is on the address, never on the name: that would let anybody lock a customer out
 * (B16). */
enum smpp_status
auth_bind(struct auth *auth, const struct auth_request *r, struct app **app)
{
    enum smpp_status status;

    *app = NULL;
    if (auth_locked(auth, r->address, r->now_ms))
        return SMPP_RTHROTTLED;
    status = check(auth, r, app);
    /* A customer who opens one session too many is not guessing. */
    if (!*app)
        auth_failed(auth, r->address, r->now_ms);
    return status;
}
