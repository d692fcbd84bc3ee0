/*
 * agent.c: agents and groups: their records, who belongs to what, and which admin of an account is
 * told what concerns it (R-match-4). What the directory file lists and what commands made stand in
 * the same tables; `by_command` says whose a record is to change.
 */
#include "gateway/relay/agent.h"

#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/number.h"
#include "gateway/relay/proxy.h"

/* What a row of TABLE_MEMBER says: who made it. */
#define MEMBER_BY_FILE SLICE_LIT("\1")
#define MEMBER_BY_COMMAND SLICE_LIT("\2")

static void
pair_key(struct key *key, uint32_t account, uint32_t id)
{
    key_init(key);
    key_u32(key, account);
    key_u32(key, id);
}

bool
agent_get(struct step *s, uint32_t account, uint32_t agent, struct rec_agent *out)
{
    struct key key;

    pair_key(&key, account, agent);
    return record_get(s->txn, TABLE_AGENT, key_slice(&key), &rec_agent_def, out) && !out->removed;
}

bool
group_get(struct step *s, uint32_t account, uint32_t group, struct rec_group *out)
{
    struct key key;

    pair_key(&key, account, group);
    return record_get(s->txn, TABLE_GROUP, key_slice(&key), &rec_group_def, out) && !out->removed;
}

void
group_put(struct step *s, uint32_t account, uint32_t group, const struct rec_group *rec)
{
    struct key key;

    pair_key(&key, account, group);
    record_put(s->txn, TABLE_GROUP, key_slice(&key), &rec_group_def, rec);
}

/* ---- admins */

/* Of those that commands made, the primary one first. The directory file's own is known from it. */
static void
admin_key(struct key *key, uint32_t account, bool primary, uint32_t agent)
{
    key_init(key);
    key_u8(key, NAME_ADMIN);
    key_u32(key, account);
    key_u8(key, !primary);
    key_u32(key, agent);
}

void
admin_follow(struct step *s, uint32_t account, uint32_t agent, const struct rec_agent *rec)
{
    bool admin = rec->by_command && !rec->removed && rec->role == AGENT_ADMIN;

    for (int primary = 0; primary < 2; primary++) {
        bool wanted = admin && (rec->primary_admin != 0) == (primary != 0);
        struct slice value;
        struct key key;
        bool there;

        admin_key(&key, account, primary, agent);
        there = store_get(s->txn, TABLE_NAME, key_slice(&key), &value);
        if (wanted && !there)
            store_put(s->txn, TABLE_NAME, key_slice(&key), SLICE_LIT("\1"));
        else if (!wanted && there)
            (void)store_del(s->txn, TABLE_NAME, key_slice(&key));
    }
}

static uint32_t
admin_made(struct step *s, uint32_t account, bool *primary)
{
    struct slice key;
    struct key prefix;
    uint32_t agent;
    uint8_t rank;

    key_init(&prefix);
    key_u8(&prefix, NAME_ADMIN);
    key_u32(&prefix, account);
    if (!store_seek(s->txn, TABLE_NAME, key_slice(&prefix), key_slice(&prefix), &key, NULL))
        return 0;
    key = slice_of(key.p + prefix.n, key.n - prefix.n);
    if (!key_take_u8(&key, &rank) || !key_take_u32(&key, &agent))
        return 0;
    *primary = rank == 0;
    return agent;
}

/* R-match-4: the primary one; there is one at most. Else the file's first, else the first that was
 * made. */
uint32_t
account_admin(struct step *s, uint32_t account, struct rec_agent *out)
{
    const struct dir_account *dir = account_of(s->relay, account)->dir;
    uint32_t listed = dir && dir->admin[0] ? agent_named(s, account, slice_str(dir->admin)) : 0;
    bool primary = false;
    uint32_t made;

    if (listed != 0 && !agent_get(s, account, listed, out))
        listed = 0;
    if (listed != 0 && out->primary_admin)
        return listed;
    made = admin_made(s, account, &primary);
    if (made != 0 && (primary || listed == 0) && agent_get(s, account, made, out))
        return made;
    return listed != 0 && agent_get(s, account, listed, out) ? listed : 0;
}

/* ---- changes */

void
agent_put(struct step *s, uint32_t account, uint32_t agent, const struct rec_agent *rec)
{
    struct key key;

    pair_key(&key, account, agent);
    record_put(s->txn, TABLE_AGENT, key_slice(&key), &rec_agent_def, rec);
    admin_follow(s, account, agent, rec);
    if (rec->user_number.kind != ADDR_NONE && !rec->removed)
        proxy_know_mobile(s, account, agent, &rec->mobile);
}

static void
number_of_agent(struct step *s, const struct addr *addr, uint32_t from, uint32_t to)
{
    struct rec_number number;

    if (addr->kind == ADDR_NONE || !number_get(s, addr, &number) || !number.by_command ||
        number.agent != from)
        return;
    number.agent = to;
    number_put(s, addr, &number);
    if (number.role == ROLE_USER && to != 0)
        proxy_number_given(s, addr, &number,
                           slice_str(account_of(s->relay, number.account)->name));
}

void
number_give(struct step *s, uint32_t account, uint32_t agent, enum number_role role,
            const struct addr *addr)
{
    struct rec_agent rec;
    struct addr *has;

    if (!agent_get(s, account, agent, &rec))
        return;
    has = role == ROLE_USER ? &rec.user_number : &rec.relay_number;
    if (addr_eq(has, addr))
        return;
    number_of_agent(s, has, agent, 0);
    *has = *addr;
    agent_put(s, account, agent, &rec);
    number_of_agent(s, addr, 0, agent);
}

/* By hand, which holds until the file says something new. */
void
agent_relay_set(struct step *s, uint32_t account, uint32_t agent, bool on)
{
    struct rec_agent rec;

    if (!agent_get(s, account, agent, &rec))
        return;
    if (!rec.by_command && !rec.relay_hand)
        rec.relay_file = rec.relay;
    rec.relay = on;
    rec.relay_hand = !rec.by_command && rec.relay_file != on;
    agent_put(s, account, agent, &rec);
}

void
agent_relay_follow(struct rec_agent *rec, bool file)
{
    if (rec->relay_hand && rec->relay_file == file)
        return;
    rec->relay = file;
    rec->relay_hand = rec->relay_file = 0;
}

/* ---- members */

static void
member_key(struct key *key, uint32_t account, uint32_t group, uint32_t agent)
{
    pair_key(key, account, group);
    key_u32(key, agent);
}

bool
group_has(struct step *s, uint32_t account, uint32_t group, uint32_t agent)
{
    struct slice value;
    struct key key;

    member_key(&key, account, group, agent);
    return store_get(s->txn, TABLE_MEMBER, key_slice(&key), &value);
}

bool
member_is_listed(struct step *s, struct slice key)
{
    struct slice value;

    return store_get(s->txn, TABLE_MEMBER, key, &value) && slice_eq(value, MEMBER_BY_FILE);
}

void
member_list(struct step *s, struct slice key)
{
    if (!member_is_listed(s, key))
        store_put(s->txn, TABLE_MEMBER, key, MEMBER_BY_FILE);
}

enum member_change
member_set(struct step *s, uint32_t account, uint32_t group, uint32_t agent, bool in)
{
    bool is = group_has(s, account, group, agent);
    struct key key;

    member_key(&key, account, group, agent);
    if (is == in)
        return MEMBER_AS_BEFORE;
    if (in)
        store_put(s->txn, TABLE_MEMBER, key_slice(&key), MEMBER_BY_COMMAND);
    else if (member_is_listed(s, key_slice(&key)))
        return MEMBER_LISTED;
    else
        (void)store_del(s->txn, TABLE_MEMBER, key_slice(&key));
    return MEMBER_CHANGED;
}

const char *
member_change_name(enum member_change change)
{
    static const char *const names[] = {"changed", "as before", "listed in the directory file"};

    return (unsigned)change < sizeof(names) / sizeof(names[0]) ? names[change] : "?";
}
