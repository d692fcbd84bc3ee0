/*
 * list.c: distribution lists (R-list-1, R-list-2, R-list-7): a record and a row for each phone, in
 * the order of the phones, so that a broadcast can go through it with a cursor and no phone stands
 * there twice.
 *
 * Who left by keyword or by hand leaves a row that says so: no file and no upload brings such a
 * phone back, only its owner or a person.
 */
#include "gateway/relay/list.h"

#include <assert.h>

#include "gateway/relay/core.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/reply.h"

const char *
list_change_name(enum list_change change)
{
    static const char *const names[] = {[LIST_CHANGED] = "changed",
                                        [LIST_SAME] = "same",
                                        [LIST_FULL] = "full",
                                        [LIST_STAYS_OUT] = "stays out"};

    return names[change];
}

/* ---- records */

static void
list_key(struct key *key, uint32_t account, uint32_t list)
{
    key_init(key);
    key_u32(key, account);
    key_u32(key, list);
}

static void
name_key(struct key *key, uint32_t account, struct slice id)
{
    key_init(key);
    key_u8(key, NAME_LIST);
    key_u32(key, account);
    key_bytes(key, id);
}

bool
list_get_any(struct step *s, uint32_t account, uint32_t list, struct list *out)
{
    struct key key;

    list_key(&key, account, list);
    *out = (struct list){.account = account, .id = list};
    return record_get(s->txn, TABLE_LIST, key_slice(&key), &rec_list_def, &out->rec);
}

bool
list_get(struct step *s, uint32_t account, uint32_t list, struct list *out)
{
    return list_get_any(s, account, list, out) && !out->rec.removed;
}

void
list_put(struct step *s, const struct list *list)
{
    struct key key;

    list_key(&key, list->account, list->id);
    record_put(s->txn, TABLE_LIST, key_slice(&key), &rec_list_def, &list->rec);
}

static uint32_t
list_id(struct step *s, uint32_t account, struct slice id)
{
    struct key key;
    struct slice value;
    uint32_t list;

    if (id.n == 0 || id.n > CONF_ID_BYTES_MAX)
        return 0;
    name_key(&key, account, id);
    return store_get(s->txn, TABLE_NAME, key_slice(&key), &value) && key_take_u32(&value, &list)
               ? list
               : 0;
}

bool
list_named(struct step *s, uint32_t account, struct slice id, struct list *out)
{
    return list_get(s, account, list_id(s, account, id), out);
}

/* Gives the name a number: a list that was deleted had another one, and its rows. */
static void
list_new(struct step *s, uint32_t account, struct slice id, struct list *out)
{
    struct key key, value;

    *out = (struct list){.account = account,
                         .id = (uint32_t)store_counter_next(s->txn, "list", account),
                         .rec = {.id = id, .created_ms = s->now_ms}};
    name_key(&key, account, id);
    key_init(&value);
    key_u32(&value, out->id);
    store_put(s->txn, TABLE_NAME, key_slice(&key), key_slice(&value));
}

void
list_add(struct step *s, uint32_t account, struct slice id, struct slice name, struct list *out)
{
    list_new(s, account, id, out);
    out->rec.name = name.n > 0 ? name : id;
    out->rec.by_command = 1;
    list_put(s, out);
}

bool
list_follow(struct step *s, uint32_t account, struct slice id, struct slice name, struct list *out)
{
    bool known = list_get_any(s, account, list_id(s, account, id), out);

    if (known && !out->rec.removed && !out->rec.by_command && slice_eq(out->rec.name, name))
        return false;
    if (!known)
        list_new(s, account, id, out);
    out->rec.name = name;
    out->rec.removed = out->rec.by_command = 0;
    list_put(s, out);
    return true;
}

/* ---- phones */

static void
member_key(struct key *key, uint32_t account, uint32_t list, const struct addr *phone)
{
    list_key(key, account, list);
    key_addr(key, phone);
}

bool
list_member(struct step *s, const struct list *list, const struct addr *phone,
            struct rec_list_member *out)
{
    struct key key;

    member_key(&key, list->account, list->id, phone);
    return record_get(s->txn, TABLE_LIST_MEMBER, key_slice(&key), &rec_list_member_def, out);
}

static void
member_put(struct step *s, const struct list *list, const struct addr *phone,
           enum list_state state, enum list_by by)
{
    struct rec_list_member rec = {
        .state = (uint8_t)state, .by = (uint8_t)by, .at_ms = s->now_ms};
    struct key key;

    member_key(&key, list->account, list->id, phone);
    record_put(s->txn, TABLE_LIST_MEMBER, key_slice(&key), &rec_list_member_def, &rec);
}

void
list_member_drop(struct step *s, struct list *list, const struct addr *phone)
{
    struct rec_list_member rec;
    struct key key;

    if (!list_member(s, list, phone, &rec))
        return;
    if (rec.state == LIST_IN && list->rec.members > 0)
        list->rec.members--;
    member_key(&key, list->account, list->id, phone);
    (void)store_del(s->txn, TABLE_LIST_MEMBER, key_slice(&key));
}

enum list_change
list_join(struct step *s, struct list *list, const struct addr *phone, enum list_by by)
{
    struct rec_list_member rec;
    bool there = list_member(s, list, phone, &rec);

    if (there && rec.state == LIST_IN)
        return LIST_SAME;
    if (there && rec.state == LIST_LEFT && (by == LIST_BY_FILE || by == LIST_BY_UPLOAD))
        return LIST_STAYS_OUT;
    if (list->rec.members >= s->relay->conf->list_max)
        return LIST_FULL;
    list->rec.members++;
    member_put(s, list, phone, LIST_IN, by);
    return LIST_CHANGED;
}

enum list_change
list_leave(struct step *s, struct list *list, const struct addr *phone, enum list_by by)
{
    struct rec_list_member rec;

    if (!list_member(s, list, phone, &rec) || rec.state != LIST_IN)
        return LIST_SAME;
    if (list->rec.members > 0)
        list->rec.members--;
    member_put(s, list, phone, LIST_LEFT, by);
    return LIST_CHANGED;
}

enum list_change
list_stage(struct step *s, struct list *list, const struct addr *phone, bool *twice)
{
    struct rec_list_member rec;
    bool there = list_member(s, list, phone, &rec);

    *twice = there && rec.state == LIST_STAGED;
    if (there)
        return rec.state == LIST_LEFT ? LIST_STAYS_OUT : LIST_SAME;
    member_put(s, list, phone, LIST_STAGED, LIST_BY_UPLOAD);
    return LIST_CHANGED;
}

/* The next row behind a phone, whatever it says. */
static bool
row_next(struct step *s, const struct list *list, const struct addr *after, struct addr *phone,
         struct rec_list_member *rec)
{
    struct key prefix, from;
    struct slice key, rest;

    list_key(&prefix, list->account, list->id);
    from = prefix;
    if (after->kind != ADDR_NONE) {
        key_addr(&from, after);
        key_u8(&from, 0);
    }
    if (!store_seek(s->txn, TABLE_LIST_MEMBER, key_slice(&from), key_slice(&prefix), &key, NULL))
        return false;
    rest = slice_of(key.p + prefix.n, key.n - prefix.n);
    if (!key_take_addr(&rest, phone))
        return false;
    /* A damaged row is passed over: the store has noted it. */
    (void)record_get(s->txn, TABLE_LIST_MEMBER, key, &rec_list_member_def, rec);
    return true;
}

enum list_walk
list_next(struct step *s, const struct list *list, struct addr *cursor, uint32_t *rows,
          struct rec_list_member *out)
{
    for (; *rows > 0; --*rows) {
        struct addr phone;

        if (!row_next(s, list, cursor, &phone, out))
            return LIST_WALK_END;
        *cursor = phone;
        if (out->state == LIST_IN)
            return LIST_WALK_ONE;
    }
    return LIST_WALK_MORE;
}

bool
list_settle(struct step *s, struct list *list, struct addr *cursor, bool keep, uint32_t rows)
{
    for (; rows > 0 && !turn_is_full(s); rows--) {
        struct rec_list_member rec;
        struct addr phone;

        if (!row_next(s, list, cursor, &phone, &rec))
            return true;
        *cursor = phone;
        if (rec.state != LIST_STAGED)
            continue;
        if (!keep) {
            list_member_drop(s, list, &phone);
            continue;
        }
        list->rec.members++;
        member_put(s, list, &phone, LIST_IN, LIST_BY_UPLOAD);
    }
    return false;
}

bool
list_clear(struct step *s, struct list *list, uint32_t rows)
{
    static const struct addr start;

    for (; rows > 0 && !turn_is_full(s); rows--) {
        struct rec_list_member rec;
        struct addr phone;

        if (!row_next(s, list, &start, &phone, &rec))
            return true;
        list_member_drop(s, list, &phone);
    }
    return false;
}

void
lists_forget(struct step *s, uint32_t account, const struct addr *phone)
{
    struct key prefix, from;
    struct slice key;

    key_init(&prefix);
    key_u32(&prefix, account);
    from = prefix;
    while (store_seek(s->txn, TABLE_LIST, key_slice(&from), key_slice(&prefix), &key, NULL)) {
        struct slice rest = slice_of(key.p + prefix.n, key.n - prefix.n);
        struct rec_list_member rec;
        struct list list;
        uint32_t id;

        if (!key_take_u32(&rest, &id))
            return;
        list_key(&from, account, id);
        key_u8(&from, 0);
        if (!list_get_any(s, account, id, &list) || !list_member(s, &list, phone, &rec))
            continue;
        list_member_drop(s, &list, phone);
        list_put(s, &list);
    }
}

void
list_remove(struct step *s, struct list *list)
{
    struct key key;

    name_key(&key, list->account, list->rec.id);
    (void)store_del(s->txn, TABLE_NAME, key_slice(&key));
    list->rec.removed = 1;
    list_put(s, list);
}

/* ---- numbers as people upload them (R-list-2) */

bool
list_number(struct slice text, const struct addr_plan *plan, struct addr *out)
{
    struct slice digits = text;

    if (digits.n > 0 && digits.p[0] == '+')
        digits = slice_of(digits.p + 1, digits.n - 1);
    for (size_t i = 0; i < digits.n; i++)
        if (digits.p[i] < '0' || digits.p[i] > '9')
            return false;
    /* What is another number to the account's country lacks its country code, or has more. */
    return digits.n > 0 && addr_from_text(text, plan, out) == ADDR_OK && out->kind == ADDR_E164 &&
           slice_eq(slice_of(out->text, out->n), digits);
}

/* ---- keywords (R-list-7) */

static void
log_keyword(struct step *s, const struct list *list, const struct addr *phone,
            enum list_change change)
{
    struct line line = {.n = 0};
    char id[CONF_ID_BYTES_MAX + 1] = "";

    assert(list->rec.id.n <= CONF_ID_BYTES_MAX);
    memcpy(id, list->rec.id.p, list->rec.id.n);
    line_text(&line, "not joined");
    line_key(&line, "list", id);
    line_addr(&line, "phone", phone);
    line_key(&line, "reason", list_change_name(change));
    line_log(s, LOG_LEVEL_WARN, &line);
}

bool
list_keyword(struct step *s, const struct inbound *in, struct slice join, struct slice leave)
{
    enum list_change change;
    struct list list;

    if (leave.n > 0 && list_named(s, in->owner.account, leave, &list) &&
        list_leave(s, &list, &in->phone, LIST_BY_KEYWORD) == LIST_CHANGED)
        list_put(s, &list);
    if (join.n == 0)
        return true;
    if (in->phone.kind != ADDR_E164 || !list_named(s, in->owner.account, join, &list))
        return false;
    change = list_join(s, &list, &in->phone, LIST_BY_KEYWORD);
    if (change == LIST_FULL) {
        s->relay->count.lists_full++;
        log_keyword(s, &list, &in->phone, change);
        return false;
    }
    if (change == LIST_CHANGED)
        list_put(s, &list);
    return true;
}
