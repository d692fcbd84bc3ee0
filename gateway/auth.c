/*
 * auth.c: see auth.h. Separate from the listener so that it can be tested without a socket.
 */
#include "gateway/auth.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <sys/random.h>

/* An address is looked for in so many places, from the one its hash says. */
#define PROBES 8u

const char *
auth_verdict_name(enum auth_verdict verdict)
{
    switch (verdict) {
    case AUTH_ACCEPT:
        return "accept";
    case AUTH_REFUSE:
        return "refuse";
    case AUTH_HASH:
        return "hash";
    }
    return "?";
}

static uint32_t
apps_in(const struct conf *conf)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < conf->account_count; i++)
        count += conf->accounts[i].app_count;
    return count;
}

static const char *
hash_of(const struct dir_app *app)
{
    return app->password_hash ? app->password_hash : "";
}

bool
auth_init(struct auth *auth, const struct conf *conf)
{
    uint32_t count = apps_in(conf);

    *auth = (struct auth){.count = count, .conf = conf};
    auth->apps = calloc(count + 1, sizeof(*auth->apps));
    auth->failures = calloc(BIND_ADDRESSES_MAX, sizeof(*auth->failures));
    auth->handshakes = calloc(BIND_ADDRESSES_MAX, sizeof(*auth->handshakes));
    if (!auth->apps || !auth->failures || !auth->handshakes ||
        getrandom(&auth->seed, sizeof(auth->seed), 0) != (ssize_t)sizeof(auth->seed) ||
        getrandom(auth->boot_key, sizeof(auth->boot_key), 0) != (ssize_t)sizeof(auth->boot_key)) {
        auth_release(auth);
        return false;
    }
    count = 0;
    for (uint32_t i = 0; i < conf->account_count; i++) {
        for (uint32_t k = 0; k < conf->accounts[i].app_count; k++) {
            const struct dir_app *app = &conf->accounts[i].apps[k];

            auth->apps[count++].conf = app;
            /* Any real hash will do: whether it matches does not matter, only its cost. */
            if (!auth->dummy && hash_of(app)[0])
                auth->dummy = app->password_hash;
        }
    }
    return true;
}

void
auth_release(struct auth *auth)
{
    free(auth->apps);
    free(auth->failures);
    free(auth->handshakes);
    OPENSSL_cleanse(auth->boot_key, sizeof(auth->boot_key));
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
            app->known = before->apps[i].known;
            memcpy(app->key, before->apps[i].key, sizeof(app->key));
        }
    }
    memcpy(auth->failures, before->failures, BIND_ADDRESSES_MAX * sizeof(*auth->failures));
    memcpy(auth->handshakes, before->handshakes, BIND_ADDRESSES_MAX * sizeof(*auth->handshakes));
    auth->seed = before->seed;
    memcpy(auth->boot_key, before->boot_key, sizeof(auth->boot_key));
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

/* Networks of IPv4 begin behind its mapped prefix: one of IPv6 that is wider, and be it ::/0, was
 * not meant to hold it. */
static bool
net_holds(const struct conf_net *net, const uint8_t octets[16])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    bool ipv4 = memcmp(octets, mapped, sizeof(mapped)) == 0;
    unsigned whole = net->bits / 8, rest = net->bits % 8;

    return net->bits <= 128 && (!ipv4 || whole >= sizeof(mapped)) &&
           memcmp(net->address, octets, whole) == 0 &&
           (rest == 0 || (net->address[whole] ^ octets[whole]) >> (8 - rest) == 0);
}

bool
auth_nets_hold(const struct conf_net *nets, uint32_t count, const struct address *address)
{
    uint8_t octets[16];

    if (count == 0)
        return true;
    address_octets(address, octets);
    for (uint32_t i = 0; i < count; i++) {
        if (net_holds(&nets[i], octets))
            return true;
    }
    return false;
}

bool
auth_address_allowed(const struct dir_app *app, const struct address *address)
{
    return auth_nets_hold(app->allow, app->allow_count, address);
}

bool
auth_admits(const struct auth *auth, const struct address *address)
{
    for (uint32_t i = 0; i < auth->conf->carrier_count; i++) {
        const struct conf_outbind *outbind = &auth->conf->carriers[i].outbind;

        if (outbind->on && auth_nets_hold(outbind->allow, outbind->allow_count, address))
            return true;
    }
    for (uint32_t i = 0; i < auth->count; i++) {
        if (auth_address_allowed(auth->apps[i].conf, address))
            return true;
    }
    return false;
}

bool
auth_same_credentials(const struct dir_app *a, const struct dir_app *b)
{
    return strcmp(a->password, b->password) == 0 && strcmp(hash_of(a), hash_of(b)) == 0;
}

bool
auth_password_long(const struct auth *auth, struct slice system_id)
{
    const struct app *app = auth_find(auth, system_id);

    return app && app->conf->password_long;
}

void
auth_key(const struct auth *auth, const struct auth_request *r, const char *hash,
         uint8_t key[AUTH_KEY_BYTES])
{
    const struct pdu_bind *bind = &r->bind->body.bind;
    uint8_t octets[SMPP_SYSTEM_ID_BYTES + PASSWORD_HASH_BYTES + SMPP_PASSWORD_LONG_BYTES] = {0};
    unsigned length = 0;

    memset(key, 0, AUTH_KEY_BYTES);
    if (bind->system_id.n < SMPP_SYSTEM_ID_BYTES && strlen(hash) < PASSWORD_HASH_BYTES &&
        bind->password.n < SMPP_PASSWORD_LONG_BYTES) {
        uint8_t *at = octets;

        memcpy(at, bind->system_id.p ? bind->system_id.p : at, bind->system_id.n);
        at += SMPP_SYSTEM_ID_BYTES;
        memcpy(at, hash, strlen(hash));
        at += PASSWORD_HASH_BYTES;
        memcpy(at, bind->password.p ? bind->password.p : at, bind->password.n);
    }
    HMAC(EVP_sha256(), auth->boot_key, sizeof(auth->boot_key), octets, sizeof(octets), key,
         &length);
    OPENSSL_cleanse(octets, sizeof(octets));
}

/* The password of that app, as far as that can be said without a comparison of hashes. */
static bool
password_known(const struct auth *auth, const struct auth_request *r, const struct app *app)
{
    static const struct dir_app nobody = {.system_id = "", .password = "\x01nobody"};
    const struct dir_app *conf = app ? app->conf : &nobody;
    uint8_t key[AUTH_KEY_BYTES];

    if (app && hash_of(conf)[0]) {
        auth_key(auth, r, hash_of(conf), key);
        return app->known && CRYPTO_memcmp(app->key, key, sizeof(key)) == 0;
    }
    /* An unknown name costs the same comparison (B02). */
    return auth_same_password(conf->password, r->bind->body.bind.password) && app;
}

static struct auth_answer
refusal(const struct auth_request *r, enum smpp_status specific, const char *why)
{
    return (struct auth_answer){
        .verdict = AUTH_REFUSE,
        .status = r->errors == BIND_ERRORS_SPECIFIC ? specific : SMPP_RBINDFAIL,
        .why = why,
    };
}

/* *guess: it counts as one. */
static struct auth_answer
judge(const struct auth_request *r, struct app *app, bool right, bool *guess)
{
    *guess = true;
    if (!app)
        return refusal(r, SMPP_RINVSYSID, "unknown system_id");
    if (!right)
        return refusal(r, SMPP_RINVPASWD, "wrong password");
    /* A password without its certificate, or from elsewhere, is a stolen one: it counts as a
     * guess, and looks like a wrong one even where other causes are told apart. */
    if (!auth_certified(app->conf, r->transport))
        return refusal(r, SMPP_RINVPASWD, "not its certificate");
    if (!auth_address_allowed(app->conf, r->address))
        return refusal(r, SMPP_RINVPASWD, "not from this address");
    *guess = false; /* a customer who opens one session too many is not guessing */
    if (!auth_allows(app->conf, r->bind->command_id))
        return refusal(r, SMPP_RBINDFAIL, "not this kind of bind");
    if (app->sessions >= app->conf->binds_max)
        return refusal(r, SMPP_RBINDFAIL, "too many sessions");
    return (struct auth_answer){.verdict = AUTH_ACCEPT, .app = app};
}

static uint64_t
key_hash(const struct auth *auth, const struct address_key *key)
{
    uint64_t h = auth->seed;

    for (size_t i = 0; i < sizeof(key->b); i++)
        h = (h ^ key->b[i]) * 0x100000001b3u;
    return h ^ h >> 29;
}

/* Nothing is kept of an address but its tokens, so a crowd of addresses displaces no other. The
 * bucket counts in seconds; stretched, it fills again in TLS_HANDSHAKES_AGAIN_S. */
bool
auth_handshake(struct auth *auth, const struct address *address, uint32_t at_once, uint64_t now_ms)
{
    struct address_key key = address_key(address);

    return bucket_take(&auth->handshakes[key_hash(auth, &key) % BIND_ADDRESSES_MAX], at_once,
                       now_ms / TLS_HANDSHAKES_AGAIN_S);
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

uint32_t
auth_failures_left(struct auth *auth, const struct address *address, uint64_t now_ms)
{
    struct address_key key = address_key(address);
    bool locked = auth_locked(auth, address, now_ms);
    const struct auth_failures *f = failures_of(auth, &key);

    if (locked)
        return 0;
    if (f->last_ms == 0 || memcmp(&f->key, &key, sizeof(key)) != 0 ||
        now_ms - f->first_ms > BIND_FAILURES_MS)
        return BIND_FAILURES_MAX;
    return f->count < BIND_FAILURES_MAX ? BIND_FAILURES_MAX - f->count : 0;
}

static struct auth_answer
decide(struct auth *auth, const struct auth_request *r, bool right)
{
    struct app *app = auth_find(auth, r->bind->body.bind.system_id);
    bool guess;
    struct auth_answer answer = judge(r, app, right, &guess);

    if (answer.verdict == AUTH_REFUSE && guess)
        auth_failed(auth, r->address, r->now_ms);
    return answer;
}

/* The lock is on the address, never on the name: that would let anybody lock a customer out
 * (B16). */
struct auth_answer
auth_bind(struct auth *auth, const struct auth_request *r)
{
    struct app *app = auth_find(auth, r->bind->body.bind.system_id);
    bool right = password_known(auth, r, app), guess;

    if (auth_locked(auth, r->address, r->now_ms))
        return (struct auth_answer){
            .verdict = AUTH_REFUSE, .status = SMPP_RTHROTTLED, .why = "address locked out"};
    if (auth->dummy && judge(r, app, right, &guess).verdict == AUTH_REFUSE)
        return (struct auth_answer){
            .verdict = AUTH_HASH,
            .hash = app && hash_of(app->conf)[0] ? hash_of(app->conf) : auth->dummy};
    return decide(auth, r, right);
}

struct auth_answer
auth_hashed(struct auth *auth, const struct auth_request *r, const char *hash,
            enum hash_result result)
{
    struct app *app = auth_find(auth, r->bind->body.bind.system_id);
    const char *own = app ? hash_of(app->conf) : "";
    bool right;

    if (own[0] && strcmp(own, hash) != 0)
        return auth_bind(auth, r);
    if (result == HASH_FAILED)
        return (struct auth_answer){
            .verdict = AUTH_REFUSE, .status = SMPP_RSYSERR, .why = "password cannot be compared"};
    right = password_known(auth, r, app);
    if (own[0] && result == HASH_MATCH) {
        auth_key(auth, r, hash, app->key);
        app->known = right = true;
    }
    return decide(auth, r, right);
}
