/*
 * directory.c: the directory file becomes records, a bounded number in each turn (design rule 7),
 * whatever its size.
 *
 * Every row that the file names is written if it differs and noted as seen; at the end, rows that
 * were not seen are marked as removed. Nothing is deleted: messages and conversations go on naming
 * them. A file whose digest is that of the last one that was applied whole is not looked at again:
 * a start does not depend on how many records there are.
 */
#include "gateway/relay/directory.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/relay/agent.h"
#include "gateway/relay/applied.h"
#include "gateway/relay/campaign.h"
#include "gateway/relay/contact.h"
#include "gateway/relay/core.h"
#include "gateway/relay/history.h"
#include "gateway/relay/lease.h"
#include "gateway/relay/limit.h"
#include "gateway/relay/link.h"
#include "gateway/relay/list.h"
#include "gateway/relay/move.h"
#include "gateway/relay/proxy.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/route.h"
#include "gateway/relay/waiting.h"

/* Records of one account come in this order, so that names are known before they are used. */
enum phase { PHASE_ACCOUNT, PHASE_GROUPS, PHASE_AGENTS, PHASE_APPS, PHASE_NUMBERS,
             PHASE_CAMPAIGNS, PHASE_CONTACTS, PHASE_LISTS, PHASES };

/* After all accounts: rows that the file no longer names. */
static const enum store_table swept[] = {TABLE_ACCOUNT, TABLE_GROUP, TABLE_AGENT, TABLE_NUMBER,
                                         TABLE_MEMBER,  TABLE_CAMPAIGN, TABLE_CONTACT,
                                         TABLE_LIST,    TABLE_LIST_MEMBER};
#define SWEPT_TABLES (sizeof(swept) / sizeof(swept[0]))

struct seen {
    struct hash_node node;
    uint8_t table;
    uint8_t n;
    uint8_t key[]; /* a large directory has many */
};

struct directory_apply {
    uint32_t account; /* index in conf->accounts; account_count: sweeping */
    uint32_t account_id;
    enum phase phase;
    uint32_t item;
    uint32_t list_index, list_number; /* the list that is being written, and its next number */
    struct hash seen;
    uint32_t sweep_table; /* index in swept */
    struct key sweep_from;
    uint32_t changed;
    uint32_t refused; /* phones of contacts that there was no room for, because of others */
};

/* ---- names and numbers */

static uint32_t
name_id(struct step *s, enum name_kind kind, uint32_t account, const char *name,
        const char *counter)
{
    struct key key, id;
    struct slice value;
    uint32_t found;

    key_init(&key);
    key_u8(&key, (uint8_t)kind);
    key_u32(&key, account);
    key_bytes(&key, slice_str(name));
    if (store_get(s->txn, TABLE_NAME, key_slice(&key), &value) && key_take_u32(&value, &found))
        return found;
    if (!counter)
        return 0;
    found = (uint32_t)store_counter_next(s->txn, counter, account);
    key_init(&id);
    key_u32(&id, found);
    store_put(s->txn, TABLE_NAME, key_slice(&key), key_slice(&id));
    return found;
}

uint32_t
directory_account_id(struct step *s, const char *name)
{
    return name_id(s, NAME_ACCOUNT, 0, name, NULL);
}

static uint32_t
named(struct step *s, enum name_kind kind, uint32_t account, struct slice name)
{
    char text[CONF_ID_BYTES_MAX + 1] = "";

    if (name.n == 0 || name.n > CONF_ID_BYTES_MAX)
        return 0;
    memcpy(text, name.p, name.n);
    return name_id(s, kind, account, text, NULL);
}

uint32_t
account_named(struct step *s, struct slice id)
{
    return named(s, NAME_ACCOUNT, 0, id);
}

uint32_t
agent_named(struct step *s, uint32_t account, struct slice id)
{
    return named(s, NAME_AGENT, account, id);
}

uint32_t
group_named(struct step *s, uint32_t account, struct slice id)
{
    return named(s, NAME_GROUP, account, id);
}

uint32_t
campaign_named(struct step *s, uint32_t account, struct slice id)
{
    return named(s, NAME_CAMPAIGN, account, id);
}

static uint32_t
name_new(struct step *s, enum name_kind kind, uint32_t account, struct slice id,
         const char *counter)
{
    char text[CONF_ID_BYTES_MAX + 1] = "";

    assert(id.n > 0 && id.n <= CONF_ID_BYTES_MAX);
    memcpy(text, id.p, id.n);
    return name_id(s, kind, account, text, counter);
}

uint32_t
campaign_new(struct step *s, uint32_t account, struct slice id)
{
    return name_new(s, NAME_CAMPAIGN, account, id, "campaign");
}

uint32_t
agent_new(struct step *s, uint32_t account, struct slice id)
{
    return name_new(s, NAME_AGENT, account, id, "agent");
}

uint32_t
group_new(struct step *s, uint32_t account, struct slice id)
{
    return name_new(s, NAME_GROUP, account, id, "group");
}

/* ---- seen rows */

static uint64_t
seen_hash(enum store_table table, struct slice key)
{
    return hash_bytes((uint64_t)table, key.p, key.n);
}

static bool
seen_has(const struct directory_apply *apply, enum store_table table, struct slice key)
{
    uint64_t hash = seen_hash(table, key);

    for (struct hash_node *node = hash_chain(&apply->seen, hash); node; node = node->next) {
        const struct seen *seen = HASH_OBJECT(node, struct seen, node);

        if (node->hash == hash && seen->table == table &&
            slice_eq(slice_of(seen->key, seen->n), key))
            return true;
    }
    return false;
}

static void
seen_add(struct directory_apply *apply, enum store_table table, const struct key *key)
{
    struct seen *seen = core_alloc(sizeof(*seen) + key->n);

    seen->table = (uint8_t)table;
    seen->n = key->n;
    memcpy(seen->key, key->b, key->n);
    hash_insert(&apply->seen, &seen->node, seen_hash(table, key_slice(key)));
}

/* Writes a record only if that changes it: a reload of the same file changes nothing. */
static void
put_if_changed(struct step *s, enum store_table table, const struct key *key,
               const struct record_def *def, const void *record)
{
    struct slice value = record_octets(s->txn, def, record), old;

    seen_add(s->relay->apply, table, key);
    if (store_get(s->txn, table, key_slice(key), &old) && slice_eq(old, value))
        return;
    store_put(s->txn, table, key_slice(key), value);
    s->relay->apply->changed++;
}

/* Would both be written in the same octets? */
static bool
record_same(struct step *s, const struct record_def *def, const void *a, const void *b)
{
    struct slice first = scratch_copy(s->txn, record_octets(s->txn, def, a));

    return slice_eq(first, record_octets(s->txn, def, b));
}

/* ---- records */

static void
apply_account(struct step *s, const struct dir_account *dir)
{
    struct rec_account rec = {
        .id = slice_str(dir->id),
        .name = slice_str(dir->name),
        .country = slice_str(dir->country),
        .long_messages = (uint8_t)dir->long_messages,
        .max_parts = dir->max_parts,
        .transliterate = dir->transliterate,
        .waiting_after_ms = dir->waiting_after_ms,
    };
    struct rec_account old;
    struct key key;

    s->relay->apply->account_id = name_id(s, NAME_ACCOUNT, 0, dir->id, "account");
    key_init(&key);
    key_u32(&key, s->relay->apply->account_id);
    if (record_get(s->txn, TABLE_ACCOUNT, key_slice(&key), &rec_account_def, &old) &&
        old.waiting_after_ms != rec.waiting_after_ms)
        waiting_after_moved(s, s->relay->apply->account_id);
    put_if_changed(s, TABLE_ACCOUNT, &key, &rec_account_def, &rec);
    pool_scope_follow(s, s->relay->apply->account_id, dir->proxy.pool_scope);
}

static void
apply_group(struct step *s, const struct dir_group *dir)
{
    uint32_t account = s->relay->apply->account_id;
    struct rec_group rec = {.id = slice_str(dir->id), .name = slice_str(dir->name)};
    struct key key;

    key_init(&key);
    key_u32(&key, account);
    key_u32(&key, name_id(s, NAME_GROUP, account, dir->id, "group"));
    put_if_changed(s, TABLE_GROUP, &key, &rec_group_def, &rec);
}

static void
apply_member(struct step *s, uint32_t group, uint32_t agent)
{
    struct key key;

    key_init(&key);
    key_u32(&key, s->relay->apply->account_id);
    key_u32(&key, group);
    key_u32(&key, agent);
    seen_add(s->relay->apply, TABLE_MEMBER, &key);
    member_list(s, key_slice(&key));
}

static void
apply_agent(struct step *s, const struct dir_agent *dir)
{
    uint32_t account = s->relay->apply->account_id;
    uint32_t id = name_id(s, NAME_AGENT, account, dir->id, "agent");
    struct rec_agent rec = {0};
    struct key key;

    key_init(&key);
    key_u32(&key, account);
    key_u32(&key, id);
    /* What the file does not say (how many notices went out) stays. */
    if (!record_get(s->txn, TABLE_AGENT, key_slice(&key), &rec_agent_def, &rec))
        rec = (struct rec_agent){0};
    rec.id = slice_str(dir->id);
    rec.name = slice_str(dir->name);
    rec.mobile = dir->mobile;
    rec.relay_number = dir->relay_number;
    rec.user_number = dir->user_number;
    agent_relay_follow(&rec, dir->relay);
    rec.removed = 0;
    rec.email = slice_str(dir->email);
    rec.time_zone = slice_str(dir->time_zone);
    rec.role = (uint8_t)dir->role;
    rec.primary_admin = dir->primary_admin;
    if (rec.by_command) { /* it is the file's from now on */
        rec.by_command = 0;
        admin_follow(s, account, id, &rec);
    }
    put_if_changed(s, TABLE_AGENT, &key, &rec_agent_def, &rec);
    if (dir->user_number.kind != ADDR_NONE)
        proxy_know_mobile(s, account, id, &dir->mobile);
    for (uint32_t i = 0; i < dir->group_count; i++)
        apply_member(s, name_id(s, NAME_GROUP, account, dir->groups[i], NULL), id);
}

/* Names of agents and groups as inboxes are kept. */
struct dir_inboxes {
    const char *const *agents;
    uint32_t agent_count;
    const char *const *groups;
    uint32_t group_count;
};

static struct slice
inboxes_of(struct step *s, const struct dir_inboxes *dir)
{
    uint32_t account = s->relay->apply->account_id;
    uint8_t *octets = store_scratch(s->txn, INBOXES_MAX * INBOX_BYTES);
    size_t n = 0;

    for (uint32_t i = 0; i < dir->agent_count + dir->group_count && i < INBOXES_MAX; i++) {
        bool agent = i < dir->agent_count;
        const char *name = agent ? dir->agents[i] : dir->groups[i - dir->agent_count];
        uint32_t id = name_id(s, agent ? NAME_AGENT : NAME_GROUP, account, name, NULL);

        octets[n++] = agent ? OWNER_AGENT : OWNER_GROUP;
        for (uint32_t octet = 0; octet < 4; octet++)
            octets[n++] = (uint8_t)(id >> (24 - 8 * octet));
    }
    return slice_of(octets, n);
}

static uint32_t
id_or_none(struct step *s, enum name_kind kind, const char *name)
{
    return name[0] ? name_id(s, kind, s->relay->apply->account_id, name, NULL) : 0;
}

static uint32_t
app_or_none(struct step *s, const char *name)
{
    const struct link *app = link_named(s->relay, LINK_APP, slice_str(name));

    return app ? app->id : 0;
}

/* What the file does not say (turns, campaigns) stays. */
static void
number_keeps(struct rec_number *rec, const struct rec_number *old)
{
    if (old->account != rec->account)
        return;
    rec->draining = old->draining;
    rec->last_agent = old->last_agent;
    rec->campaign = old->campaign;
    rec->turn_ms = old->turn_ms;
    if (rec->kind == SINGLE_USE && old->archived_ms) { /* it has left with its campaign */
        rec->archived_ms = old->archived_ms;
        rec->removed = 1;
    }
}

/* R-proxy-14. The account's record may be newer than what is in memory of it. */
static void
number_given(struct step *s, const struct addr *addr, const struct rec_number *number,
             const struct rec_number *old)
{
    const struct dir_account *dir = &s->relay->conf->accounts[s->relay->apply->account];

    if (number->role == ROLE_USER &&
        (old->role != ROLE_USER || old->removed || old->account != number->account ||
         old->agent != number->agent))
        proxy_number_given(s, addr, number, slice_str(dir->name));
}

static void
apply_number(struct step *s, const struct dir_number *dir)
{
    struct link *carrier = link_named(s->relay, LINK_CARRIER, slice_str(dir->carrier));
    struct rec_number rec = {
        .account = s->relay->apply->account_id,
        .role = (uint8_t)dir->role,
        .carrier = carrier ? carrier->id : 0,
        .agent = id_or_none(s, NAME_AGENT, dir->agent),
        .app = app_or_none(s, dir->app),
        .assign_kind = (uint8_t)dir->assign_kind,
        .name = slice_str(dir->name),
        .description = slice_str(dir->description),
        .office = id_or_none(s, NAME_GROUP, dir->office),
        .primary_agent = id_or_none(s, NAME_AGENT, dir->primary_agent),
        .response = (uint8_t)dir->response,
        .inboxes = inboxes_of(s, &(struct dir_inboxes){dir->inbox_agents, dir->inbox_agent_count,
                                                       dir->inbox_groups, dir->inbox_group_count}),
        .kind = (uint8_t)dir->kind,
        .round_robin = dir->round_robin,
        .drain = dir->drain,
        .throughput = dir->throughput,
    };
    struct rec_number old;
    struct key key;

    if (dir->assign_kind != OWNER_NOBODY)
        rec.assign_id =
            id_or_none(s, dir->assign_kind == OWNER_AGENT ? NAME_AGENT : NAME_GROUP, dir->assign);
    key_init(&key);
    key_addr(&key, &dir->number);
    if (record_get(s->txn, TABLE_NUMBER, key_slice(&key), &rec_number_def, &old)) {
        number_keeps(&rec, &old);
        roam_number(s, &dir->number, &old, &rec);
    }
    pool_follow(s, &dir->number, &rec);
    number_given(s, &dir->number, &rec, &old);
    put_if_changed(s, TABLE_NUMBER, &key, &rec_number_def, &rec);
}

static void
apply_campaign(struct step *s, const struct dir_campaign *dir)
{
    uint32_t account = s->relay->apply->account_id;
    uint32_t id = name_id(s, NAME_CAMPAIGN, account, dir->id, "campaign");
    struct rec_campaign rec = {
        .id = slice_str(dir->id),
        .name = slice_str(dir->name),
        .number = dir->number,
        .starts_ms = dir->starts_ms,
        .ends_ms = dir->ends_ms,
        .archive_ms = dir->archive_ms,
        .response = (uint8_t)dir->response,
        .app = app_or_none(s, dir->app),
        .inboxes = inboxes_of(s, &(struct dir_inboxes){dir->inbox_agents, dir->inbox_agent_count,
                                                       dir->inbox_groups, dir->inbox_group_count}),
        .office = id_or_none(s, NAME_GROUP, dir->office),
    };
    struct rec_campaign old;
    struct key key;

    key_init(&key);
    key_u32(&key, account);
    key_u32(&key, id);
    seen_add(s->relay->apply, TABLE_CAMPAIGN, &key);
    if (campaign_get(s, account, id, &old)) {
        rec.state = old.state;
        rec.ended_ms = old.ended_ms;
        if (record_same(s, &rec_campaign_def, &rec, &old))
            return;
    }
    s->relay->apply->changed++;
    campaign_replace(s, account, id, &rec);
}

static bool
listed_phone(const struct dir_contact *dir, const struct addr *number)
{
    for (uint32_t i = 0; i < dir->phone_count; i++)
        if (addr_eq(&dir->phones[i].number, number))
            return true;
    return false;
}

static void
apply_contact(struct step *s, const struct dir_contact *dir)
{
    struct directory_apply *apply = s->relay->apply;
    uint32_t account = apply->account_id;
    uint32_t id = name_id(s, NAME_CONTACT, account, dir->id, "contact");
    struct contact_phone phones[CONF_CONTACT_PHONES_MAX];
    struct rec_contact rec;
    struct key key;
    uint32_t n;

    key_init(&key);
    key_u32(&key, account);
    key_u32(&key, id);
    if (!record_get(s->txn, TABLE_CONTACT, key_slice(&key), &rec_contact_def, &rec))
        rec.created_ms = s->now_ms;
    rec.id = slice_str(dir->id);
    rec.first = slice_str(dir->first);
    rec.last = slice_str(dir->last);
    rec.company = slice_str(dir->company);
    rec.removed = rec.by_command = 0;
    put_if_changed(s, TABLE_CONTACT, &key, &rec_contact_def, &rec);
    n = contact_phones(s, account, id, phones);
    for (uint32_t i = 0; i < n; i++)
        if (!listed_phone(dir, &phones[i].number))
            contact_phone_drop(s, account, id, &phones[i].number);
    for (uint32_t i = 0; i < dir->phone_count; i++)
        apply->refused += contact_phone_set(s, account, id, &dir->phones[i].number,
                                            dir->phones[i].selected) != CONTACT_OK;
}

/* Numbers of a list that are written at a time: the walk looks at the size of the turn between. */
#define LIST_NUMBERS_STEP 200u

static void
apply_list_number(struct step *s, struct list *list, const struct addr *phone)
{
    struct key key;

    s->relay->apply->changed += list_join(s, list, phone, LIST_BY_FILE) == LIST_CHANGED;
    key_init(&key);
    key_u32(&key, list->account);
    key_u32(&key, list->id);
    key_addr(&key, phone);
    seen_add(s->relay->apply, TABLE_LIST_MEMBER, &key);
}

/* Some numbers of the next list; false when there are no more lists. */
static bool
apply_list(struct step *s, const struct dir_account *dir)
{
    struct directory_apply *apply = s->relay->apply;
    const struct dir_list *from;
    uint32_t before, end;
    struct list list;
    struct key key;

    if (apply->list_index == dir->list_count)
        return false;
    from = &dir->lists[apply->list_index];
    apply->changed +=
        list_follow(s, apply->account_id, slice_str(from->id), slice_str(from->name), &list);
    key_init(&key);
    key_u32(&key, list.account);
    key_u32(&key, list.id);
    if (apply->list_number == 0)
        seen_add(apply, TABLE_LIST, &key);
    before = list.rec.members;
    end = from->number_count - apply->list_number > LIST_NUMBERS_STEP
              ? apply->list_number + LIST_NUMBERS_STEP
              : from->number_count;
    while (apply->list_number < end)
        apply_list_number(s, &list, &from->numbers[apply->list_number++]);
    if (list.rec.members != before)
        list_put(s, &list);
    if (apply->list_number == from->number_count) {
        apply->list_index++;
        apply->list_number = 0;
    }
    return true;
}

/* ---- the walk */

/* Handles one item; false when the phase has no more. */
static bool
apply_item(struct step *s, const struct dir_account *dir, enum phase phase, uint32_t item)
{
    switch (phase) {
    case PHASE_ACCOUNT:
        if (item == 0)
            apply_account(s, dir);
        return item == 0;
    case PHASE_GROUPS:
        if (item < dir->group_count)
            apply_group(s, &dir->groups[item]);
        return item < dir->group_count;
    case PHASE_AGENTS:
        if (item < dir->agent_count)
            apply_agent(s, &dir->agents[item]);
        return item < dir->agent_count;
    case PHASE_APPS:
        if (item < dir->app_count)
            (void)link_ensure(s, LINK_APP, s->relay->apply->account_id, dir->apps[item].system_id);
        return item < dir->app_count;
    case PHASE_NUMBERS:
        if (item < dir->number_count)
            apply_number(s, &dir->numbers[item]);
        return item < dir->number_count;
    case PHASE_CAMPAIGNS:
        if (item < dir->campaign_count)
            apply_campaign(s, &dir->campaigns[item]);
        return item < dir->campaign_count;
    case PHASE_CONTACTS:
        if (item < dir->contact_count)
            apply_contact(s, &dir->contacts[item]);
        return item < dir->contact_count;
    case PHASE_LISTS:
        return apply_list(s, dir);
    case PHASES:
        break;
    }
    return false;
}

static void
apply_some(struct step *s, struct directory_apply *apply, const struct conf *conf)
{
    while (apply->account < conf->account_count) {
        if (turn_is_full(s))
            return;
        if (apply_item(s, &conf->accounts[apply->account], apply->phase, apply->item++))
            continue;
        apply->item = apply->list_index = apply->list_number = 0;
        if (++apply->phase == PHASES) {
            apply->phase = PHASE_ACCOUNT;
            apply->account++;
        }
    }
}

/* A number that the file brought goes with its line; who joined otherwise, or left, stays. */
static void
list_not_listed(struct step *s, enum store_table table, uint32_t account, uint32_t id,
                struct slice rest)
{
    struct rec_list_member member;
    struct list list;
    struct addr phone;

    if (table == TABLE_LIST) {
        if (list_get(s, account, id, &list) && !list.rec.by_command) {
            list.rec.removed = 1;
            list_put(s, &list);
        }
    } else if (key_take_addr(&rest, &phone) && list_get_any(s, account, id, &list) &&
               list_member(s, &list, &phone, &member) && member.by == LIST_BY_FILE) {
        list_member_drop(s, &list, &phone);
        list_put(s, &list);
    }
}

/* Those that were made by command are nobody's to take away. */
static void
not_listed(struct step *s, enum store_table table, struct slice key)
{
    struct rec_campaign campaign;
    struct rec_contact contact;
    uint32_t account, id;

    if (!key_take_u32(&key, &account) || !key_take_u32(&key, &id))
        return;
    if (table == TABLE_CAMPAIGN && campaign_get(s, account, id, &campaign) && !campaign.by_command)
        campaign_end(s, account, id);
    else if (table == TABLE_CONTACT && contact_get(s, account, id, &contact) &&
             !contact.by_command)
        contact_remove(s, account, id);
    else if (table == TABLE_LIST || table == TABLE_LIST_MEMBER)
        list_not_listed(s, table, account, id, key);
}

/* The flag of a record that is no longer in the file. */
static void
mark_removed(struct step *s, enum store_table table, const struct key *key)
{
    struct rec_account account;
    struct rec_group group;
    struct rec_agent agent;
    struct rec_number number;

    if (table == TABLE_ACCOUNT &&
        record_get(s->txn, table, key_slice(key), &rec_account_def, &account) && !account.removed) {
        account.removed = 1;
        record_put(s->txn, table, key_slice(key), &rec_account_def, &account);
    } else if (table == TABLE_GROUP &&
               record_get(s->txn, table, key_slice(key), &rec_group_def, &group) &&
               !group.removed && !group.by_command) {
        group.removed = 1;
        record_put(s->txn, table, key_slice(key), &rec_group_def, &group);
    } else if (table == TABLE_AGENT &&
               record_get(s->txn, table, key_slice(key), &rec_agent_def, &agent) &&
               !agent.removed && !agent.by_command) {
        agent.removed = 1;
        record_put(s->txn, table, key_slice(key), &rec_agent_def, &agent);
    } else if (table == TABLE_NUMBER &&
               record_get(s->txn, table, key_slice(key), &rec_number_def, &number) &&
               !number.removed && !number.by_command) {
        struct slice rest = key_slice(key);
        struct addr addr;

        number.removed = 1;
        if (key_take_addr(&rest, &addr))
            pool_follow(s, &addr, &number);
        record_put(s->txn, table, key_slice(key), &rec_number_def, &number);
    } else if (table == TABLE_MEMBER && member_is_listed(s, key_slice(key))) {
        store_del(s->txn, table, key_slice(key));
    } else if (table == TABLE_CAMPAIGN || table == TABLE_CONTACT || table == TABLE_LIST ||
               table == TABLE_LIST_MEMBER) {
        not_listed(s, table, key_slice(key));
    }
}

/* True when all tables are through. */
static bool
sweep_some(struct step *s, struct directory_apply *apply)
{
    struct slice key, value;

    while (apply->sweep_table < SWEPT_TABLES) {
        enum store_table table = swept[apply->sweep_table];
        struct key row;

        if (turn_is_full(s))
            return false;
        if (!store_seek(s->txn, table, key_slice(&apply->sweep_from), SLICE_NONE, &key, &value)) {
            apply->sweep_table++;
            key_init(&apply->sweep_from);
            continue;
        }
        key_init(&row);
        key_bytes(&row, key);
        if (!seen_has(apply, table, key))
            mark_removed(s, table, &row);
        apply->sweep_from = row;
        key_u8(&apply->sweep_from, 0);
    }
    return true;
}

struct link *
directory_app(struct step *s, struct slice system_id)
{
    const struct conf *conf = s->relay->conf;

    for (uint32_t i = 0; i < conf->account_count; i++)
        for (uint32_t j = 0; j < conf->accounts[i].app_count; j++) {
            const struct dir_app *app = &conf->accounts[i].apps[j];
            struct link *link;

            if (!slice_eq(slice_str(app->system_id), system_id))
                continue;
            link = link_ensure(s, LINK_APP,
                               name_id(s, NAME_ACCOUNT, 0, conf->accounts[i].id, "account"),
                               app->system_id);
            link->app = app;
            return link;
        }
    return NULL;
}

/* What the old configuration said of accounts goes with it. Those that are new to this one get
 * their settings when their turn comes. */
static void
accounts_bind_conf(struct step *s)
{
    const struct conf *conf = s->relay->conf;

    for (uint32_t i = 0; i < s->relay->account_cap; i++)
        s->relay->accounts[i].dir = NULL;
    for (uint32_t i = 0; i < conf->account_count; i++) {
        uint32_t id = name_id(s, NAME_ACCOUNT, 0, conf->accounts[i].id, NULL);

        if (id > 0 && id < s->relay->account_cap)
            s->relay->accounts[id].dir = &conf->accounts[i];
    }
}

static void
directory_applied(struct step *s)
{
    struct relay *relay = s->relay;
    struct line line = {.n = 0};

    accounts_load(relay, s->txn);
    relay->routes_new = true;
    /* Accounts and apps have their numbers now. */
    if (routes_compile(s))
        roam_doubt(s);
    accounts_bind_conf(s);
    limits_follow(s);
    line_text(&line, "directory applied");
    line_number(&line, "accounts", relay->conf->account_count);
    line_number(&line, "changed", relay->apply->changed);
    if (relay->apply->refused > 0)
        line_number(&line, "contact_phones_refused", relay->apply->refused);
    line_log(s, LOG_LEVEL_INFO, &line);
    directory_free(relay);
}

void
directory_begin(struct step *s, const struct conf *conf)
{
    struct relay *relay = s->relay;

    directory_free(relay);
    relay->conf = conf;
    relay->apply = core_alloc(sizeof(*relay->apply));
    for (uint32_t i = 0; i < conf->carrier_count; i++)
        (void)link_ensure(s, LINK_CARRIER, 0, conf->carriers[i].id);
    links_bind_conf(relay, s->now_ms);
    if (routes_compile(s))
        roam_doubt(s);
    accounts_bind_conf(s);
    retention_plan(relay, s->now_ms);
    limits_follow(s);
    if (applied_is(s, conf)) {
        directory_applied(s);
        return;
    }
    applied_clear(s);
    /* As much as fits this turn, now: what comes behind a reload is judged by the new directory. */
    directory_continue(s);
}

void
directory_continue(struct step *s)
{
    struct relay *relay = s->relay;

    if (!relay->apply)
        return;
    apply_some(s, relay->apply, relay->conf);
    if (relay->apply->account < relay->conf->account_count || !sweep_some(s, relay->apply))
        return;
    if (relay->apply->refused == 0) /* who found no room may find some the next time */
        applied_note(s, relay->conf);
    directory_applied(s);
}

void
directory_free(struct relay *relay)
{
    struct directory_apply *apply = relay->apply;

    if (!apply)
        return;
    for (size_t i = 0; apply->seen.buckets && i <= apply->seen.mask; i++)
        for (struct hash_node *node = apply->seen.buckets[i], *next; node; node = next) {
            next = node->next;
            free(HASH_OBJECT(node, struct seen, node));
        }
    hash_release(&apply->seen);
    free(apply);
    relay->apply = NULL;
}

/* ---- accounts in memory */

const struct account *
account_of(const struct relay *relay, uint32_t account)
{
    static const struct account none = {.removed = true, .max_parts = 1};

    return account < relay->account_cap ? &relay->accounts[account] : &none;
}

static void
account_set(struct relay *relay, uint32_t id, const struct rec_account *rec)
{
    struct account *account;
    char country[3] = "";

    assert(id <= ARRAY_ID_MAX);
    if (id >= relay->account_cap) {
        uint32_t cap = id * 2 + 16;

        relay->accounts = core_grow(relay->accounts, cap * sizeof(struct account));
        memset(relay->accounts + relay->account_cap, 0,
               (cap - relay->account_cap) * sizeof(struct account));
        relay->account_cap = cap;
    }
    account = &relay->accounts[id];
    *account = (struct account){.known = true,
                                .dir = account->dir,
                                .removed = rec->removed,
                                .long_messages = rec->long_messages,
                                .max_parts = rec->max_parts,
                                .transliterate = rec->transliterate};
    memcpy(account->name, rec->name.p,
           rec->name.n < sizeof(account->name) - 1 ? rec->name.n : sizeof(account->name) - 1);
    if (rec->country.n == 2)
        memcpy(country, rec->country.p, 2);
    account->plan = addr_plan_of(country);
}

void
accounts_load(struct relay *relay, struct store_txn *txn)
{
    struct key from;
    struct slice key, value;

    key_init(&from);
    while (store_seek(txn, TABLE_ACCOUNT, key_slice(&from), SLICE_NONE, &key, &value)) {
        struct slice rest = key;
        struct rec_account rec;
        uint32_t id;

        if (!key_take_u32(&rest, &id) || id > ARRAY_ID_MAX)
            break;
        if (record_get(txn, TABLE_ACCOUNT, key, &rec_account_def, &rec))
            account_set(relay, id, &rec);
        key_init(&from);
        key_u32(&from, id + 1);
    }
}
