/*
 * lease.c: leases (R-proxy-1): for how long a number of the pool stands for a contact on an agent's
 * phone, and which number it is. Apart from proxy.c because nothing here is about texts.
 *
 * Whose a number is meanwhile is the lease's scope: 0, the account's, so that it serves one pair of
 * it at a time, or the agent's, so that it serves one pair of each agent (R-proxy-11). The rows by
 * which numbers and leases are found have the scope in their keys.
 *
 * A number is taken in this order: one that was never taken in this scope (TABLE_POOL has all in
 * the order in which they joined, TABLE_POOL_CURSOR says how far they were taken), the one that has
 * been free longest, one that rests, and then that of the idlest lease. Everything is found at the
 * head of a list. What an entry says is compared with the records when it is looked at, and the
 * entry is dropped if it is out of date, so that nothing has to look for entries to take them out.
 */
#include "gateway/relay/lease.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/message.h"
#include "gateway/relay/planted.h"

/* Entries that are out of date and dropped by one event, so that no event grows long. The next one
 * goes on where it ended. */
#define POOL_WALK_MAX 1000u
/* A number that could not be taken when its turn came has been free for ever. */
#define SINCE_EVER 1u
/* Leases at a number that joins the pool again: what is beyond can be recycled only after its next
 * message. */
#define HOLDERS_MAX 5000u
#define QUARANTINE_DEFAULT_MS (24u * 3600u * 1000u)

/* Who wants a number. */
struct wish {
    uint32_t account;
    uint32_t agent;
    uint32_t scope;
    const struct addr *contact;
    struct addr mobile;
    struct addr other_than; /* R-proxy-8; ADDR_NONE: no matter */
    uint64_t min_idle_ms;
};

/* One that may be taken. */
struct pick {
    enum store_table table; /* of its row, which goes then; POOL_CURSOR: none */
    struct key row;
    uint64_t since_ms;
    struct addr number;
};

/* ---- keys */

static void
lease_key(struct key *key, uint32_t account, uint64_t id)
{
    key_init(key);
    key_u32(key, account);
    key_u64(key, id);
}

static void
pair_key(struct key *key, uint32_t account, uint32_t agent, const struct addr *contact)
{
    key_init(key);
    key_u32(key, account);
    key_u32(key, agent);
    key_addr(key, contact);
}

/* LEASE_NUMBER, LEASE_FORMER. */
static void
number_key(struct key *key, const struct addr *number, uint32_t scope)
{
    key_init(key);
    key_addr(key, number);
    key_u32(key, scope);
}

static void
scope_key(struct key *key, uint32_t account, uint32_t scope)
{
    key_init(key);
    key_u32(key, account);
    key_u32(key, scope);
}

/* POOL_FREE, POOL_REST. */
static void
pool_key(struct key *key, const struct lease *lease, uint64_t at_ms)
{
    scope_key(key, lease->account, lease->rec.scope);
    key_u64(key, at_ms);
    key_addr(key, &lease->rec.number);
}

static void
idle_key(struct key *key, const struct lease *lease)
{
    scope_key(key, lease->account, lease->rec.scope);
    key_u64(key, lease->rec.last_ms);
    key_u64(key, lease->id);
}

/* ---- leases */

static void
lease_put(struct step *s, const struct lease *lease)
{
    struct key key;

    lease_key(&key, lease->account, lease->id);
    record_put(s->txn, TABLE_LEASE, key_slice(&key), &rec_lease_def, &lease->rec);
}

bool
lease_get(struct step *s, uint32_t account, uint64_t id, struct lease *out)
{
    struct key key;

    lease_key(&key, account, id);
    *out = (struct lease){.account = account};
    if (!record_get(s->txn, TABLE_LEASE, key_slice(&key), &rec_lease_def, &out->rec))
        return false;
    out->id = id;
    return true;
}

bool
lease_of_pair(struct step *s, uint32_t account, uint32_t agent, const struct addr *contact,
              struct lease *out)
{
    struct key key;
    struct slice value;
    uint64_t id;

    *out = (struct lease){.id = 0};
    pair_key(&key, account, agent, contact);
    return store_get(s->txn, TABLE_LEASE_PAIR, key_slice(&key), &value) &&
           key_take_u64(&value, &id) && lease_get(s, account, id, out);
}

/* LEASE_NUMBER and LEASE_FORMER point to a lease. */
static bool
lease_behind(struct step *s, enum store_table table, const struct addr *number, uint32_t scope,
             struct lease *out)
{
    struct key key;
    struct slice value;
    uint32_t account;
    uint64_t id;

    *out = (struct lease){.id = 0};
    number_key(&key, number, scope);
    return store_get(s->txn, table, key_slice(&key), &value) && key_take_u32(&value, &account) &&
           key_take_u64(&value, &id) && lease_get(s, account, id, out);
}

static void
lease_point(struct step *s, enum store_table table, const struct lease *lease, uint32_t scope)
{
    struct key key, value;

    number_key(&key, &lease->rec.number, scope);
    lease_key(&value, lease->account, lease->id);
    store_put(s->txn, table, key_slice(&key), key_slice(&value));
}

bool
lease_at(struct step *s, uint32_t account, const struct addr *number, uint32_t agent,
         struct lease *out)
{
    if (!lease_behind(s, TABLE_LEASE_NUMBER, number, 0, out) ||
        (out->rec.agent != agent && !PLANTED(ANYONES_LEASE)))
        (void)lease_behind(s, TABLE_LEASE_NUMBER, number, agent, out);
    return lease_is_live(out) && out->account == account &&
           (out->rec.agent == agent || PLANTED(ANYONES_LEASE));
}

bool
lease_former(struct step *s, const struct addr *number, uint32_t agent, struct lease *out)
{
    return lease_behind(s, TABLE_LEASE_FORMER, number, agent, out);
}

/* The scope of the next live lease at the number, from *scope on. */
static bool
holder_from(struct step *s, const struct addr *number, uint32_t *scope)
{
    struct key prefix, from;
    struct slice key;

    key_init(&prefix);
    key_addr(&prefix, number);
    number_key(&from, number, *scope);
    if (!store_seek(s->txn, TABLE_LEASE_NUMBER, key_slice(&from), key_slice(&prefix), &key, NULL))
        return false;
    key = slice_of(key.p + prefix.n, key.n - prefix.n);
    return key_take_u32(&key, scope);
}

bool
lease_holds(struct step *s, const struct addr *number)
{
    uint32_t scope = 0;

    return holder_from(s, number, &scope);
}

/* Does nobody but the account hold it? Leases from when the scope was the agents' may be there. */
static bool
held_once(struct step *s, const struct addr *number)
{
    uint32_t scope = 1;

    return !holder_from(s, number, &scope);
}

bool
lease_number(struct step *s, const struct lease *lease, struct rec_number *out)
{
    return number_get_any(s, &lease->rec.number, out) && out->role == ROLE_CONTACT &&
           out->account == lease->account;
}

/* ---- settings */

static const struct conf_proxy *
settings(const struct step *s, uint32_t account)
{
    static const struct conf_proxy none = {.quarantine_ms = QUARANTINE_DEFAULT_MS};
    const struct dir_account *dir = account_of(s->relay, account)->dir;

    return dir ? &dir->proxy : &none;
}

static uint32_t
scope_now(const struct step *s, uint32_t account, uint32_t agent)
{
    return settings(s, account)->pool_scope == POOL_OF_AGENT ? agent : 0;
}

/* ---- the pool */

static void
pool_place_key(struct key *key, uint32_t account, uint64_t place)
{
    key_init(key);
    key_u32(key, account);
    key_u64(key, place);
}

static void
pool_join(struct step *s, const struct addr *addr, struct rec_number *number)
{
    struct key key, value;
    struct lease lease;

    number->pool = store_counter_next(s->txn, "pool", number->account);
    pool_place_key(&key, number->account, number->pool);
    key_init(&value);
    key_addr(&value, addr);
    store_put(s->txn, TABLE_POOL, key_slice(&key), key_slice(&value));
    /* It drained, and leases have stayed: these can be recycled again. */
    for (uint32_t scope = 0, n = 0; n < HOLDERS_MAX && holder_from(s, addr, &scope); scope++, n++)
        if (lease_behind(s, TABLE_LEASE_NUMBER, addr, scope, &lease) &&
            lease.account == number->account) {
            idle_key(&key, &lease);
            store_put(s->txn, TABLE_LEASE_IDLE, key_slice(&key), SLICE_LIT("\1"));
        }
}

void
pool_follow(struct step *s, const struct addr *addr, struct rec_number *number)
{
    bool wanted =
        number->role == ROLE_CONTACT && !number->removed && !number->draining && !number->drain;
    struct rec_number old;
    struct key key;

    if (!number_get_any(s, addr, &old))
        old.pool = 0;
    if (old.pool && (!wanted || old.account != number->account)) {
        pool_place_key(&key, old.account, old.pool);
        store_del(s->txn, TABLE_POOL, key_slice(&key));
        old.pool = 0;
    }
    number->pool = old.pool;
    if (wanted && !number->pool)
        pool_join(s, addr, number);
}

/* Is it in the pool, and not taken in this scope? */
static bool
is_free(struct step *s, const struct wish *wish, const struct addr *number)
{
    struct rec_number rec;
    struct lease lease;

    if (!number_get(s, number, &rec) || !rec.pool || rec.account != wish->account)
        return false;
    return wish->scope ? !lease_at(s, wish->account, number, wish->agent, &lease)
                       : !lease_holds(s, number);
}

/* R-proxy-8, R-proxy-12. */
static bool
suits(const struct wish *wish, const struct addr *number)
{
    return !addr_eq(number, wish->contact) && !addr_eq(number, &wish->mobile) &&
           !addr_eq(number, &wish->other_than);
}

/* Since when the number is free in this scope. */
static uint64_t
free_since(struct step *s, const struct addr *number, uint32_t scope)
{
    struct lease former;

    return lease_behind(s, TABLE_LEASE_FORMER, number, scope, &former) ? former.rec.ended_ms
                                                                      : SINCE_EVER;
}

/* The number of a lease that has ended is free, or rests first (R-proxy-15). */
static void
lease_release(struct step *s, const struct lease *lease)
{
    uint64_t quarantine_ms = settings(s, lease->account)->quarantine_ms;
    struct key key, since;

    if (lease->rec.cause != LEASE_BY_HAND || quarantine_ms == 0) {
        pool_key(&key, lease, lease->rec.ended_ms);
        store_put(s->txn, TABLE_POOL_FREE, key_slice(&key), SLICE_LIT("\1"));
        return;
    }
    pool_key(&key, lease, lease->rec.ended_ms + quarantine_ms);
    key_init(&since);
    key_u64(&since, lease->rec.ended_ms);
    store_put(s->txn, TABLE_POOL_REST, key_slice(&key), key_slice(&since));
}

/* A number that the cursor passes is found among the free ones from now on. */
static void
pass(struct step *s, const struct wish *wish, const struct addr *number)
{
    struct lease lease;

    if (!lease_behind(s, TABLE_LEASE_FORMER, number, wish->scope, &lease))
        lease = (struct lease){.rec = {.number = *number, .ended_ms = SINCE_EVER}};
    lease.account = wish->account;
    lease.rec.scope = wish->scope;
    lease_release(s, &lease);
}

static void
round_key(struct key *key, uint32_t account)
{
    scope_key(key, account, UINT32_MAX);
}

/* TABLE_POOL_CURSOR has two numbers: a place, or the scope; and the round in which it was written.
 */
static uint64_t
cursor_get(struct step *s, const struct key *key, uint64_t *round)
{
    struct slice value;
    uint64_t place;

    *round = 0;
    return store_get(s->txn, TABLE_POOL_CURSOR, key_slice(key), &value) &&
                   key_take_u64(&value, &place) && key_take_u64(&value, round)
               ? place
               : 0;
}

static void
cursor_put(struct step *s, const struct key *key, uint64_t place, uint64_t round)
{
    struct key value;

    key_init(&value);
    key_u64(&value, place);
    key_u64(&value, round);
    store_put(s->txn, TABLE_POOL_CURSOR, key_slice(key), key_slice(&value));
}

/* What became free in one scope has no entry in the other: all cursors begin again. */
void
pool_scope_follow(struct step *s, uint32_t account, enum conf_pool_scope scope)
{
    uint64_t round, old;
    struct key key;

    round_key(&key, account);
    old = cursor_get(s, &key, &round);
    if (old != (uint64_t)scope)
        cursor_put(s, &key, (uint64_t)scope, round + 1);
}

static bool
pool_after(struct step *s, uint32_t account, uint64_t *place, struct addr *number)
{
    struct key from, prefix;
    struct slice key, value;
    uint32_t skipped;

    key_init(&prefix);
    key_u32(&prefix, account);
    pool_place_key(&from, account, *place + 1);
    return store_seek(s->txn, TABLE_POOL, key_slice(&from), key_slice(&prefix), &key, &value) &&
           key_take_u32(&key, &skipped) && key_take_u64(&key, place) &&
           key_take_addr(&value, number);
}

/* One that was never taken in this scope. What the cursor passes and cannot take now gets an entry
 * among the free ones, so that it is not lost. */
static bool
pick_fresh(struct step *s, const struct wish *wish, struct pick *out)
{
    uint64_t start, place, round, now;
    struct key key;
    bool found = false;

    round_key(&key, wish->account);
    (void)cursor_get(s, &key, &now);
    scope_key(&key, wish->account, wish->scope);
    start = cursor_get(s, &key, &round);
    if (round != now)
        start = 0;
    place = start;
    for (uint32_t rows = 0; rows < POOL_WALK_MAX && !found; rows++) {
        if (!pool_after(s, wish->account, &place, &out->number))
            break;
        if (!is_free(s, wish, &out->number))
            continue;
        found = suits(wish, &out->number) &&
                free_since(s, &out->number, wish->scope) == SINCE_EVER;
        if (!found)
            pass(s, wish, &out->number);
    }
    if (place != start)
        cursor_put(s, &key, place, now);
    out->table = TABLE_POOL_CURSOR;
    out->since_ms = 0;
    return found;
}

/* The next entry of POOL_FREE or POOL_REST behind *row; false at the end of the scope's. */
static bool
entry_after(struct step *s, enum store_table table, const struct wish *wish, struct pick *at,
            uint64_t *at_ms)
{
    struct key prefix;
    struct slice key, value, rest;

    scope_key(&prefix, wish->account, wish->scope);
    if (at->row.n == 0)
        at->row = prefix;
    else
        key_u8(&at->row, 0); /* the smallest key behind it */
    if (!store_seek(s->txn, table, key_slice(&at->row), key_slice(&prefix), &key, &value))
        return false;
    key_init(&at->row);
    key_bytes(&at->row, key);
    rest = slice_of(key.p + prefix.n, key.n - prefix.n);
    if (!key_take_u64(&rest, at_ms) || !key_take_addr(&rest, &at->number))
        return false;
    at->since_ms = *at_ms;
    return table == TABLE_POOL_FREE || key_take_u64(&value, &at->since_ms);
}

/* The first of them that is true and suits. due_ms: of those that rest only such whose time is
 * over. */
static bool
pick_entry(struct step *s, enum store_table table, const struct wish *wish, uint64_t due_ms,
           struct pick *out)
{
    uint64_t at_ms;

    *out = (struct pick){.table = table};
    for (uint32_t rows = 0; rows < POOL_WALK_MAX; rows++) {
        if (!entry_after(s, table, wish, out, &at_ms) || at_ms > due_ms)
            return false;
        if (!is_free(s, wish, &out->number)) {
            store_del(s->txn, table, key_slice(&out->row));
        } else if (free_since(s, &out->number, wish->scope) != out->since_ms) {
            /* It was taken and given back while the scope was another one. */
            store_del(s->txn, table, key_slice(&out->row));
            pass(s, wish, &out->number);
        } else if (suits(wish, &out->number)) {
            return true;
        }
    }
    return false;
}

/* R-proxy-15. */
static bool
pick_free(struct step *s, const struct wish *wish, struct pick *out)
{
    struct pick rested;
    bool found;

    if (pick_fresh(s, wish, out))
        return true;
    found = pick_entry(s, TABLE_POOL_FREE, wish, UINT64_MAX, out);
    if (pick_entry(s, TABLE_POOL_REST, wish, s->now_ms, &rested) &&
        (!found || rested.since_ms < out->since_ms)) {
        *out = rested;
        found = true;
    }
    return found || (!PLANTED(REST_FOR_EVER) &&
                     pick_entry(s, TABLE_POOL_REST, wish, UINT64_MAX, out));
}

static bool
idle_after(struct step *s, const struct wish *wish, struct key *row, uint64_t *last_ms,
           uint64_t *id)
{
    struct key prefix;
    struct slice key, rest;

    scope_key(&prefix, wish->account, wish->scope);
    if (row->n == 0)
        *row = prefix;
    else
        key_u8(row, 0);
    if (!store_seek(s->txn, TABLE_LEASE_IDLE, key_slice(row), key_slice(&prefix), &key, NULL))
        return false;
    key_init(row);
    key_bytes(row, key);
    rest = slice_of(key.p + prefix.n, key.n - prefix.n);
    return key_take_u64(&rest, last_ms) && key_take_u64(&rest, id);
}

/* R-proxy-5: the lease whose last message is oldest. */
static bool
pick_idle(struct step *s, const struct wish *wish, struct lease *out)
{
    struct rec_number number;
    struct key row = {.n = 0};
    uint64_t last_ms, id;

    for (uint32_t rows = 0; rows < POOL_WALK_MAX; rows++) {
        if (!idle_after(s, wish, &row, &last_ms, &id) || s->now_ms - last_ms < wish->min_idle_ms)
            return false;
        if (!lease_get(s, wish->account, id, out) || !lease_is_live(out) ||
            out->rec.last_ms != last_ms || !number_get(s, &out->rec.number, &number) ||
            !number.pool || number.account != wish->account)
            store_del(s->txn, TABLE_LEASE_IDLE, key_slice(&row)); /* its number drains */
        else if (suits(wish, &out->rec.number) &&
                 (wish->scope || held_once(s, &out->rec.number)))
            return true;
    }
    return false;
}

/* R-proxy-8: is there just one number that could serve this pair at all? */
static bool
pool_is_one(struct step *s, const struct wish *wish)
{
    uint64_t place = 0;
    uint32_t usable = 0;
    struct addr number;

    for (uint32_t rows = 0; rows < 4 && pool_after(s, wish->account, &place, &number); rows++)
        usable += !addr_eq(&number, wish->contact) && !addr_eq(&number, &wish->mobile);
    return usable <= 1;
}

/* ---- beginning and end */

static void
lease_begin(struct step *s, const struct wish *wish, const struct addr *number, struct lease *out)
{
    struct key key, value;

    *out = (struct lease){.id = store_counter_next(s->txn, "lease", 0),
                          .account = wish->account,
                          .rec = {.agent = wish->agent,
                                  .contact = *wish->contact,
                                  .number = *number,
                                  .scope = wish->scope,
                                  .started_ms = s->now_ms,
                                  .last_ms = s->now_ms}};
    lease_put(s, out);
    lease_point(s, TABLE_LEASE_NUMBER, out, out->rec.scope);
    idle_key(&key, out);
    store_put(s->txn, TABLE_LEASE_IDLE, key_slice(&key), SLICE_LIT("\1"));
    pair_key(&key, out->account, out->rec.agent, &out->rec.contact);
    key_init(&value);
    key_u64(&value, out->id);
    store_put(s->txn, TABLE_LEASE_PAIR, key_slice(&key), key_slice(&value));
}

bool
lease_start(struct step *s, uint32_t account, uint32_t agent, const struct addr *contact,
            struct lease *out, struct lease *recycled)
{
    struct wish wish = {.account = account,
                        .agent = agent,
                        .scope = scope_now(s, account, agent),
                        .contact = contact,
                        .min_idle_ms = settings(s, account)->min_idle_ms};
    struct rec_agent rec;
    struct pick pick = {.table = TABLE_POOL_CURSOR};

    *recycled = (struct lease){.id = 0};
    if (agent_get(s, account, agent, &rec))
        wish.mobile = rec.mobile;
    if (lease_of_pair(s, account, agent, contact, out) && out->rec.cause == LEASE_RECYCLED &&
        !pool_is_one(s, &wish) && !PLANTED(SAME_NUMBER_AGAIN))
        wish.other_than = out->rec.number;
    if (pick_free(s, &wish, &pick)) {
        if (pick.table != TABLE_POOL_CURSOR)
            store_del(s->txn, pick.table, key_slice(&pick.row));
    } else if (pick_idle(s, &wish, recycled)) {
        pick.number = recycled->rec.number;
        if (!PLANTED(STANDS_FOR_TWO))
            lease_end(s, recycled, LEASE_RECYCLED);
    } else {
        *recycled = (struct lease){.id = 0};
        return false;
    }
    lease_begin(s, &wish, &pick.number, out);
    return true;
}

/* The scope is what it is now: one that has changed since the lease began is followed, if the
 * number serves nobody else. */
static void
lease_rescope(struct step *s, struct lease *lease)
{
    uint32_t scope = scope_now(s, lease->account, lease->rec.agent);
    struct lease other;
    struct key key;

    if (scope == lease->rec.scope ||
        lease_behind(s, TABLE_LEASE_NUMBER, &lease->rec.number, scope, &other))
        return;
    number_key(&key, &lease->rec.number, lease->rec.scope);
    store_del(s->txn, TABLE_LEASE_NUMBER, key_slice(&key));
    lease->rec.scope = scope;
    lease_point(s, TABLE_LEASE_NUMBER, lease, scope);
}

void
lease_follow(struct step *s, struct lease *lease, uint64_t message)
{
    lease->rec.after = message;
    lease_put(s, lease);
}

uint64_t
lease_follows(struct step *s, struct lease *lease)
{
    if (lease->rec.after != 0 &&
        message_went_out(s, lease->rec.after, lease->rec.started_ms))
        lease->rec.after = 0;
    return lease->rec.after;
}

void
lease_touch(struct step *s, struct lease *lease)
{
    struct key key;

    if (PLANTED(RECYCLE_BY_START))
        return;
    idle_key(&key, lease);
    store_del(s->txn, TABLE_LEASE_IDLE, key_slice(&key));
    lease_rescope(s, lease);
    lease->rec.last_ms = s->now_ms;
    idle_key(&key, lease);
    store_put(s->txn, TABLE_LEASE_IDLE, key_slice(&key), SLICE_LIT("\1"));
    lease_put(s, lease);
}

void
lease_end(struct step *s, struct lease *lease, enum lease_cause cause)
{
    struct key key;

    idle_key(&key, lease);
    store_del(s->txn, TABLE_LEASE_IDLE, key_slice(&key));
    lease_rescope(s, lease);
    number_key(&key, &lease->rec.number, lease->rec.scope);
    store_del(s->txn, TABLE_LEASE_NUMBER, key_slice(&key));
    lease->rec.cause = (uint8_t)cause;
    lease->rec.ended_ms = s->now_ms;
    lease_put(s, lease);
    lease_point(s, TABLE_LEASE_FORMER, lease, lease->rec.agent);
    if (lease->rec.scope != lease->rec.agent)
        lease_point(s, TABLE_LEASE_FORMER, lease, lease->rec.scope);
    if (cause != LEASE_RECYCLED) /* that goes to another pair at once */
        lease_release(s, lease);
}

/* ---- a person's data goes (erase.c) */

bool
lease_after(struct step *s, uint32_t account, uint64_t after, struct lease *out)
{
    struct key prefix, from;
    struct slice key;
    uint64_t id;

    key_init(&prefix);
    key_u32(&prefix, account);
    lease_key(&from, account, after + 1);
    if (!store_seek(s->txn, TABLE_LEASE, key_slice(&from), key_slice(&prefix), &key, NULL))
        return false;
    key = slice_of(key.p + prefix.n, key.n - prefix.n);
    if (!key_take_u64(&key, &id))
        return false;
    (void)lease_get(s, account, id, out); /* a damaged one is nobody's */
    out->id = id;
    return true;
}

/* Its times stay: they say how long its number has been free. */
void
lease_forget(struct step *s, struct lease *lease)
{
    struct slice value;
    struct key key;
    uint64_t id;

    if (lease_is_live(lease))
        lease_end(s, lease, LEASE_BY_HAND);
    pair_key(&key, lease->account, lease->rec.agent, &lease->rec.contact);
    if (store_get(s->txn, TABLE_LEASE_PAIR, key_slice(&key), &value) &&
        key_take_u64(&value, &id) && id == lease->id)
        (void)store_del(s->txn, TABLE_LEASE_PAIR, key_slice(&key));
    lease->rec.contact = (struct addr){.kind = ADDR_NONE};
    lease_put(s, lease);
}
