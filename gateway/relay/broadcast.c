/*
 * broadcast.c: one text to everybody on a list (R-list-3 to R-list-6).
 *
 * A broadcast is a record with a cursor into its list. Its messages are made as they are needed: so
 * many that the binds of its carrier never run out, and no more (ahead()). The cursor moves in the
 * transaction that makes the message, so after a crash everybody behind it has a message and nobody
 * in front of it does (R-list-6); from there on a message is as any other. When a pause comes,
 * those that have not left go back (TABLE_BROADCAST_WORK) and are made anew when it goes on.
 *
 * What many messages change in one turn is put once, at its end: `rows` holds the records of the
 * broadcasts that this turn has touched.
 */
#include "gateway/relay/broadcast.h"

#include <stdlib.h>

#include "gateway/relay/contact.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/link.h"
#include "gateway/relay/list.h"
#include "gateway/relay/match.h"
#include "gateway/relay/message.h"
#include "gateway/relay/number.h"
#include "gateway/relay/personal.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/roam.h"
#include "gateway/relay/stop.h"
#include "gateway/relay/text.h"
#include "gateway/relay/timer.h"

/* Messages of one broadcast that have not ended: twice the windows of its carrier and some, so that
 * those which wait are never used up within a turn. Not more than can be taken back in one turn. */
#define AHEAD_MIN SIM_OR(2u, 64u)
#define AHEAD_MAX 2000u
/* Messages that one turn makes: some milliseconds. */
#define FEED_TURN_MAX SIM_OR(3u, 500u)
/* Rows of a list that one turn looks at for one broadcast: who left has one too. */
#define FEED_ROWS_MAX SIM_OR(5u, 1000u)
/* A text that comes later than this after a broadcast is no answer to it. */
#define REPLY_MS (30ull * 24 * 3600 * 1000)

/* TABLE_BROADCAST_WORK: (kind, account, broadcast), behind AGAIN the phone. */
enum work_kind { WORK_RUN = 1, WORK_AGAIN };

struct broadcast_row { /* in the transaction's scratch */
    struct broadcast b;
    bool dirty;
    struct broadcast_row *next;
};

struct running { /* found again by relay_recover() */
    struct hash_node node; /* in relay->running */
    uint32_t account, id;
    bool hungry; /* in relay->hungry */
    struct running *next;
};

/* ---- rows */

static void
broadcast_key(struct key *key, uint32_t account, uint32_t id)
{
    key_init(key);
    key_u32(key, account);
    key_u32(key, id);
}

static void
work_key(struct key *key, enum work_kind kind, const struct broadcast *b)
{
    key_init(key);
    key_u8(key, (uint8_t)kind);
    key_u32(key, b->account);
    key_u32(key, b->id);
}

/* As this turn has it so far; NULL: there is none. */
static struct broadcast_row *
row_of(struct step *s, uint32_t account, uint32_t id)
{
    struct broadcast_row *row;
    struct rec_broadcast rec;
    struct key key;

    for (row = s->relay->broadcast_rows; row; row = row->next)
        if (row->b.account == account && row->b.id == id)
            return row;
    broadcast_key(&key, account, id);
    if (!record_get(s->txn, TABLE_BROADCAST, key_slice(&key), &rec_broadcast_def, &rec))
        return NULL;
    row = store_scratch(s->txn, sizeof(*row));
    *row = (struct broadcast_row){.b = {.account = account, .id = id, .rec = rec},
                                  .next = s->relay->broadcast_rows};
    s->relay->broadcast_rows = row;
    return row;
}

bool
broadcast_get(struct step *s, uint32_t account, uint32_t id, struct broadcast *out)
{
    const struct broadcast_row *row = row_of(s, account, id);

    if (row)
        *out = row->b;
    return row != NULL;
}

/* A directory that is being applied may bring what a broadcast needs. */
static bool
may_feed(const struct relay *relay)
{
    return relay->room != STORE_TIGHT && !relay->apply && !relay->stopping;
}

void
broadcasts_flush(struct step *s)
{
    for (struct broadcast_row *row = s->relay->broadcast_rows; row; row = row->next) {
        struct key key;

        broadcast_key(&key, row->b.account, row->b.id);
        if (row->dirty)
            record_put(s->txn, TABLE_BROADCAST, key_slice(&key), &rec_broadcast_def, &row->b.rec);
    }
    s->relay->broadcast_rows = NULL; /* its memory goes with the turn */
    /* Messages that ended in this turn, behind broadcasts_feed(), made room for others. */
    if (s->relay->hungry && may_feed(s->relay))
        s->relay->more = true;
}

/* ---- those that run */

static uint64_t
running_hash(uint32_t account, uint32_t id)
{
    return hash_mix(account, id);
}

static struct running *
running_of(struct relay *relay, uint32_t account, uint32_t id)
{
    uint64_t hash = running_hash(account, id);

    for (struct hash_node *node = hash_chain(&relay->running, hash); node; node = node->next) {
        struct running *r = HASH_OBJECT(node, struct running, node);

        if (node->hash == hash && r->account == account && r->id == id)
            return r;
    }
    return NULL;
}

static void
hungry_add(struct relay *relay, struct running *r)
{
    struct running **at = &relay->hungry;

    if (r->hungry)
        return;
    while (*at)
        at = &(*at)->next;
    *at = r;
    r->next = NULL;
    r->hungry = true;
}

static void
hungry_remove(struct relay *relay, struct running *r)
{
    struct running **at = &relay->hungry;

    if (!r->hungry)
        return;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    r->hungry = false;
}

static void
running_add(struct step *s, const struct broadcast *b)
{
    struct running *r = running_of(s->relay, b->account, b->id);

    if (!r) {
        r = core_alloc(sizeof(*r));
        r->account = b->account;
        r->id = b->id;
        hash_insert(&s->relay->running, &r->node, running_hash(b->account, b->id));
    }
    hungry_add(s->relay, r);
}

static void
running_drop(struct step *s, const struct broadcast *b)
{
    struct running *r = running_of(s->relay, b->account, b->id);

    if (!r)
        return;
    hungry_remove(s->relay, r);
    hash_remove(&s->relay->running, &r->node);
    free(r);
}

void
broadcasts_load(struct step *s)
{
    struct key from;
    struct slice key;

    key_init(&from);
    key_u8(&from, WORK_RUN);
    while (store_seek(s->txn, TABLE_BROADCAST_WORK, key_slice(&from), SLICE_NONE, &key, NULL)) {
        struct broadcast b = {0};
        uint8_t kind;

        if (!key_take_u8(&key, &kind) || kind != WORK_RUN || !key_take_u32(&key, &b.account) ||
            !key_take_u32(&key, &b.id))
            return;
        running_add(s, &b);
        if (PLANTED(CAST_BEGINS_ANEW)) {
            struct broadcast_row *row = row_of(s, b.account, b.id);

            row->b.rec.cursor = (struct addr){0};
            row->b.rec.exhausted = 0;
        }
        work_key(&from, WORK_RUN, &b);
        key_u8(&from, 0);
    }
}

void
broadcasts_free(struct relay *relay)
{
    for (size_t i = 0; relay->running.buckets && i <= relay->running.mask; i++)
        for (struct hash_node *node = relay->running.buckets[i], *next; node; node = next) {
            next = node->next;
            free(HASH_OBJECT(node, struct running, node));
        }
    hash_release(&relay->running);
}

/* ---- states */

static void
log_state(struct step *s, const struct broadcast *b)
{
    struct line line = {.n = 0};

    line_text(&line, "broadcast ");
    line_text(&line, broadcast_state_name(b->rec.state));
    line_number(&line, "account", b->account);
    line_number(&line, "id", b->id);
    line_number(&line, "taken", b->rec.taken);
    line_number(&line, "of", b->rec.total);
    line_log(s, b->rec.reason.n ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, &line);
}

static void
set_state(struct step *s, struct broadcast_row *row, enum broadcast_state state)
{
    bool ended = state == BROADCAST_DONE || state == BROADCAST_CANCELLED;
    struct key key;

    row->b.rec.state = (uint8_t)state;
    row->dirty = true;
    if (ended)
        row->b.rec.ended_ms = s->now_ms;
    work_key(&key, WORK_RUN, &row->b);
    if (state == BROADCAST_RUNNING) {
        store_put(s->txn, TABLE_BROADCAST_WORK, key_slice(&key), SLICE_LIT("\1"));
        running_add(s, &row->b);
    } else {
        (void)store_del(s->txn, TABLE_BROADCAST_WORK, key_slice(&key));
        running_drop(s, &row->b);
    }
    log_state(s, &row->b);
}

static bool
again_first(struct step *s, const struct broadcast *b, struct addr *phone)
{
    struct key prefix;
    struct slice key, rest;

    work_key(&prefix, WORK_AGAIN, b);
    if (!store_seek(s->txn, TABLE_BROADCAST_WORK, key_slice(&prefix), key_slice(&prefix), &key,
                    NULL))
        return false;
    rest = slice_of(key.p + prefix.n, key.n - prefix.n);
    return key_take_addr(&rest, phone);
}

static void
again_del(struct step *s, const struct broadcast *b, const struct addr *phone)
{
    struct key key;

    work_key(&key, WORK_AGAIN, b);
    key_addr(&key, phone);
    (void)store_del(s->txn, TABLE_BROADCAST_WORK, key_slice(&key));
}

static void
end_cancelled(struct step *s, struct broadcast_row *row, const char *reason)
{
    struct addr phone;

    row->b.rec.reason = slice_str(reason);
    while (again_first(s, &row->b, &phone))
        again_del(s, &row->b, &phone);
    set_state(s, row, BROADCAST_CANCELLED);
}

/* What it needs; NULL: all is there. */
static const char *
lacks(struct step *s, const struct broadcast *b, struct rec_number *number, struct list *list)
{
    if (account_of(s->relay, b->account)->removed)
        return "the account is gone";
    if (!number_get(s, &b->rec.number, number) || number->account != b->account ||
        number->role != ROLE_BUSINESS)
        return "its number is gone";
    if (!list_get(s, b->account, b->rec.list, list))
        return "its list is gone";
    return NULL;
}

const char *
broadcast_refusal(struct step *s, const struct broadcast *b)
{
    struct rec_number number;
    struct list list;
    const char *why = lacks(s, b, &number, &list);

    if (why)
        return why;
    if (s->relay->conf->list_max == 0)
        return "lists.max_size is 0: sending to lists is refused";
    return list.rec.members > s->relay->conf->list_max ? "the list is larger than lists.max_size"
                                                       : NULL;
}

static void
start(struct step *s, struct broadcast_row *row)
{
    const char *why = broadcast_refusal(s, &row->b);
    struct list list;

    if (why) {
        end_cancelled(s, row, why);
        return;
    }
    if (list_get(s, row->b.account, row->b.rec.list, &list))
        row->b.rec.total = list.rec.members;
    row->b.rec.started_ms = s->now_ms;
    set_state(s, row, BROADCAST_RUNNING);
}

static void
schedule(struct step *s, struct broadcast_row *row)
{
    struct key key;

    if (row->b.rec.starts_ms <= s->now_ms) {
        start(s, row);
        return;
    }
    set_state(s, row, BROADCAST_SCHEDULED);
    broadcast_key(&key, row->b.account, row->b.id);
    timer_set(s, row->b.rec.starts_ms, TIMER_BROADCAST, key_slice(&key));
}

void
broadcast_due(struct step *s, struct slice payload)
{
    struct broadcast_row *row;
    uint32_t account, id;

    if (!key_take_u32(&payload, &account) || !key_take_u32(&payload, &id))
        return;
    row = row_of(s, account, id);
    if (row && row->b.rec.state == BROADCAST_SCHEDULED && row->b.rec.starts_ms <= s->now_ms)
        start(s, row);
}

void
broadcast_add(struct step *s, struct broadcast *b)
{
    struct broadcast_row *row = store_scratch(s->txn, sizeof(*row));

    b->id = (uint32_t)store_counter_next(s->txn, "broadcast", b->account);
    b->rec.created_ms = s->now_ms;
    *row = (struct broadcast_row){.b = *b, .next = s->relay->broadcast_rows};
    row->b.rec.text = scratch_copy(s->txn, b->rec.text); /* the event's does not live so long */
    s->relay->broadcast_rows = row;
    schedule(s, row);
    *b = row->b;
}

bool
broadcast_change(struct step *s, uint32_t account, uint32_t id, enum broadcast_change change)
{
    struct broadcast_row *row = row_of(s, account, id);
    enum broadcast_state state = row ? (enum broadcast_state)row->b.rec.state : BROADCAST_DONE;
    bool live = state == BROADCAST_SCHEDULED || state == BROADCAST_RUNNING;

    switch (change) {
    case BROADCAST_PAUSE:
        if (live)
            set_state(s, row, BROADCAST_PAUSED);
        return live;
    case BROADCAST_RESUME:
        if (state != BROADCAST_PAUSED)
            return false;
        if (row->b.rec.started_ms == 0)
            schedule(s, row);
        else
            set_state(s, row, BROADCAST_RUNNING);
        return true;
    case BROADCAST_CANCEL:
        if (!live && state != BROADCAST_PAUSED)
            return false;
        end_cancelled(s, row, "");
        return true;
    }
    return false;
}

/* Rows that are looked at: more broadcasts than that have not ended at a time in no account. */
#define USES_ROWS_MAX 2000u

bool
broadcast_uses(struct step *s, uint32_t account, uint32_t list)
{
    struct key prefix;
    struct slice key;
    uint32_t id;

    key_init(&prefix);
    key_u32(&prefix, account);
    if (!store_last(s->txn, TABLE_BROADCAST, key_slice(&prefix), &key, NULL))
        return false;
    key = slice_of(key.p + prefix.n, key.n - prefix.n);
    if (!key_take_u32(&key, &id))
        return false;
    /* The newest first: those that have not ended are among them. */
    for (uint32_t rows = 0; id > 0 && rows < USES_ROWS_MAX; id--, rows++) {
        const struct broadcast_row *row = row_of(s, account, id);

        if (row && row->b.rec.list == list && row->b.rec.state < BROADCAST_CANCELLED)
            return true;
    }
    return false;
}

/* ---- messages */

/* So many of its messages may be on the way. */
static uint32_t
ahead(struct step *s, const struct rec_number *number)
{
    const struct link *link = link_find(s->relay, number->carrier);
    uint32_t limit = AHEAD_MIN;

    for (uint32_t i = 0; link && i < link->bind_count && limit < AHEAD_MAX; i++)
        limit += 2 * link->binds[i]->window;
    return limit < AHEAD_MAX ? limit : AHEAD_MAX;
}

static void
remember(struct step *s, const struct broadcast *b, const struct addr *phone)
{
    struct key key, value;

    key_init(&key);
    key_u32(&key, b->account);
    key_addr(&key, phone);
    key_addr(&key, &b->rec.number);
    key_init(&value);
    key_u32(&value, b->id);
    key_u64(&value, s->now_ms);
    store_put(s->txn, TABLE_BROADCAST_TO, key_slice(&key), key_slice(&value));
}

static void
contact_for(struct step *s, uint32_t account, const struct addr *phone, uint32_t *id,
            struct rec_contact *out)
{
    *id = match_phone(s, account, phone);
    if (*id == 0 || !contact_get(s, account, *id, out))
        *out = (struct rec_contact){0};
}

/* R-list-3, add-to-inbox: the conversation that the text goes into, if any. */
static void
into_inbox(struct step *s, const struct broadcast *b, struct rec_number *number,
           const struct conv_text *text, struct rec_msg *msg, struct conv *conv)
{
    struct owner owner = {b->rec.assign_kind, b->rec.assign_id};

    if (!b->rec.inbox)
        return;
    conv_begin(s, number, text, owner, conv);
    conv_entry_ahead(s, conv, msg);
}

static void
make(struct step *s, struct broadcast *b, struct rec_number *number, const struct addr *phone)
{
    struct rec_msg msg = {.op = OP_SUBMIT,
                          .class = CLASS_BULK,
                          .account = b->account,
                          .source = b->rec.number,
                          .dest = *phone,
                          .wants_receipt = 1,
                          .broadcast = b->id};
    struct conv_text text = {.from = b->rec.number, .to = *phone, .by = b->rec.by};
    struct rec_contact contact;
    struct conv conv = {0};
    uint64_t message = 0;

    contact_for(s, b->account, phone, &text.contact, &contact);
    text.text = personal_fill(s, b->rec.text, &contact);
    into_inbox(s, b, number, &text, &msg, &conv);
    b->rec.queued++; /* also of one that no carrier takes, and that ends at once */
    (void)roam_route(s, &msg, number->carrier);
    (void)compose(s, &msg, text.text, true, &message);
    if (conv.id != 0)
        conv_wrote(s, &conv, &text, message);
    remember(s, b, phone);
    s->relay->count.broadcast_texts++;
}

/* The next phone whose turn it is: who was taken back first. */
static enum list_walk
next_phone(struct step *s, struct broadcast *b, const struct list *list, uint32_t *rows,
           struct addr *phone)
{
    struct rec_list_member member;
    enum list_walk walk;

    if (again_first(s, b, phone)) {
        again_del(s, b, phone);
        return LIST_WALK_ONE;
    }
    if (b->rec.exhausted)
        return LIST_WALK_END;
    walk = list_next(s, list, &b->rec.cursor, rows, &member);
    *phone = b->rec.cursor;
    b->rec.exhausted = walk == LIST_WALK_END;
    return walk;
}

/* Makes what may be made. True: there is nothing more to do before a message ends. */
static bool
feed(struct step *s, struct broadcast_row *row, uint32_t *budget)
{
    struct rec_broadcast *rec = &row->b.rec;
    uint32_t rows = FEED_ROWS_MAX, limit;
    struct rec_number number;
    struct list list;
    const char *why = lacks(s, &row->b, &number, &list);

    row->dirty = true;
    if (why) {
        end_cancelled(s, row, why);
        return true;
    }
    limit = ahead(s, &number);
    while (rec->queued < limit) {
        enum list_walk walk;
        struct addr phone;

        if (*budget == 0 || turn_is_full(s))
            return false;
        walk = next_phone(s, &row->b, &list, &rows, &phone);
        if (walk == LIST_WALK_MORE)
            return false;
        if (walk == LIST_WALK_END)
            break;
        --*budget;
        rec->taken++;
        if (stop_is_out(s, row->b.account, &phone) && !PLANTED(CAST_TO_EVERYBODY))
            rec->skipped++;
        else
            make(s, &row->b, &number, &phone);
    }
    if (PLANTED(CAST_SKIPS_ONE) && rec->queued == limit && !rec->exhausted)
        (void)list_next(s, &list, &rec->cursor, &rows, &(struct rec_list_member){0});
    if (rec->exhausted && rec->queued == 0)
        set_state(s, row, BROADCAST_DONE);
    return true;
}

void
broadcasts_feed(struct step *s)
{
    struct relay *relay = s->relay;
    uint32_t budget = FEED_TURN_MAX;
    struct running *r;

    if (!may_feed(relay))
        return;
    while ((r = relay->hungry)) {
        struct broadcast_row *row = row_of(s, r->account, r->id);

        hungry_remove(relay, r);
        if (!row || row->b.rec.state != BROADCAST_RUNNING || feed(s, row, &budget))
            continue;
        hungry_add(relay, r); /* behind the others */
        relay->more = true;
        return;
    }
}

static void
count_down(uint32_t *count)
{
    if (*count > 0)
        --*count;
}

/* It left the way, or goes on elsewhere; waited: it was on it until now. */
static void
ended_once(struct rec_broadcast *rec, enum msg_state state, bool waited)
{
    switch (state) {
    case MSG_SENT:
        rec->sent += waited;
        break;
    case MSG_DELIVERED:
        rec->sent += waited;
        rec->delivered++;
        break;
    case MSG_UNDELIVERABLE:
    case MSG_REFUSED:
    case MSG_EXPIRED:
        rec->failed++;
        break;
    case MSG_SUPPRESSED:
        rec->skipped++;
        break;
    case MSG_CANCELLED:
        rec->cancelled++;
        break;
    case MSG_HELD: /* it holds up no other */
        rec->held++;
        break;
    case MSG_QUEUED:
    case MSG_INTENT:
    case MSG_SCHEDULED:
        break;
    }
}

void
broadcast_ended(struct step *s, const struct rec_msg *msg, uint8_t before)
{
    bool waited = !message_final(before) || before == MSG_HELD;
    struct broadcast_row *row;
    struct running *r;

    if (!waited && before != MSG_SENT)
        return; /* it had ended already */
    row = row_of(s, msg->account, msg->broadcast);
    if (!row)
        return;
    row->dirty = true;
    if (waited)
        count_down(before == MSG_HELD ? &row->b.rec.held : &row->b.rec.queued);
    ended_once(&row->b.rec, (enum msg_state)msg->state, waited);
    r = running_of(s->relay, msg->account, msg->broadcast);
    if (r)
        hungry_add(s->relay, r);
}

void
broadcast_resumed(struct step *s, const struct rec_msg *msg)
{
    struct broadcast_row *row = msg->broadcast ? row_of(s, msg->account, msg->broadcast) : NULL;

    if (!row)
        return;
    row->dirty = true;
    count_down(&row->b.rec.held);
    row->b.rec.queued++;
}

enum broadcast_verdict
broadcast_looks(struct step *s, struct rec_msg *msg)
{
    struct broadcast_row *row = row_of(s, msg->account, msg->broadcast);
    struct key key;

    /* What a phone has the first part of, it gets whole. */
    if (!row || msg->parts_sent > 0)
        return BROADCAST_GOES;
    if (PLANTED(CAST_GOES_ON))
        return BROADCAST_GOES;
    if (row->b.rec.state == BROADCAST_CANCELLED)
        return BROADCAST_ENDS;
    if (row->b.rec.state != BROADCAST_PAUSED)
        return BROADCAST_GOES;
    work_key(&key, WORK_AGAIN, &row->b);
    key_addr(&key, &msg->dest);
    if (!PLANTED(CAST_FORGETS_PAUSED))
        store_put(s->txn, TABLE_BROADCAST_WORK, key_slice(&key), SLICE_LIT("\1"));
    row->dirty = true;
    count_down(&row->b.rec.taken);
    count_down(&row->b.rec.queued);
    msg->broadcast = 0; /* it is not the broadcast's any more, which makes another */
    return BROADCAST_ENDS;
}

void
broadcasts_forget(struct step *s, uint32_t account, const struct addr *phone)
{
    struct key prefix;
    struct slice key;

    key_init(&prefix);
    key_u32(&prefix, account);
    key_addr(&prefix, phone);
    while (store_seek(s->txn, TABLE_BROADCAST_TO, key_slice(&prefix), key_slice(&prefix), &key,
                      NULL))
        (void)store_del(s->txn, TABLE_BROADCAST_TO, key);
}

/* ---- replies (R-list-5) */

uint32_t
broadcast_reply(struct step *s, const struct inbound *in, struct owner *owner)
{
    struct broadcast b;
    struct slice value;
    struct key key;
    uint32_t id;
    uint64_t at_ms;

    key_init(&key);
    key_u32(&key, in->owner.account);
    key_addr(&key, &in->phone);
    key_addr(&key, &in->number);
    if (!store_get(s->txn, TABLE_BROADCAST_TO, key_slice(&key), &value) ||
        !key_take_u32(&value, &id) || !key_take_u64(&value, &at_ms))
        return 0;
    (void)store_del(s->txn, TABLE_BROADCAST_TO, key_slice(&key));
    if (at_ms + REPLY_MS < s->now_ms || !broadcast_get(s, in->owner.account, id, &b))
        return 0;
    *owner = (struct owner){b.rec.assign_kind, b.rec.assign_id};
    s->relay->count.broadcast_replies++;
    return id;
}

void
broadcast_memo(struct step *s, struct conv *conv, uint32_t id)
{
    struct rec_entry entry = {.kind = ENTRY_MEMO, .at_ms = s->now_ms};
    struct slice list_id = SLICE_LIT("?");
    char digits[24];
    struct slice number = message_id_text(id, digits), pieces[6];
    struct broadcast b;
    struct list list;
    uint8_t *text;
    size_t n = 0;

    if (!broadcast_get(s, conv->account, id, &b))
        return;
    if (list_get_any(s, conv->account, b.rec.list, &list))
        list_id = list.rec.id;
    pieces[0] = SLICE_LIT("answers broadcast ");
    pieces[1] = number;
    pieces[2] = SLICE_LIT(" to list ");
    pieces[3] = list_id;
    pieces[4] = SLICE_LIT(": ");
    pieces[5] = b.rec.text;
    text = store_scratch(s->txn, 200 + list_id.n + b.rec.text.n);
    for (size_t i = 0; i < 6; i++) {
        if (pieces[i].n > 0)
            memcpy(text + n, pieces[i].p, pieces[i].n);
        n += pieces[i].n;
    }
    entry.text = slice_of(text, n);
    conv_entry(s, conv, &entry);
}
