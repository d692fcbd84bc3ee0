/*
 * join.c: parts of one long message wait here for the rest (R-text-4, rows U09..U14).
 *
 * A set is keyed by everything that must agree: carrier, sender, number, reference, its width, and
 * the total (U13). Parts are rows, so what was acknowledged is on disk; memory holds nothing. Each
 * sender has a bounded number of open sets (U12).
 */
#include "gateway/relay/join.h"

#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/text.h"
#include "gateway/relay/timer.h"

/* The mark for missing parts, as the configuration limits its template. */
#define PART_MARK_BYTES_MAX 400u

struct set_name {
    struct key key; /* in TABLE_PART_SET */
    size_t sender;  /* octets of it that name the sender */
};

static void
set_name_make(struct set_name *name, const struct inbound *in, const struct concat *concat)
{
    key_init(&name->key);
    key_u32(&name->key, in->link->id);
    key_addr(&name->key, &in->phone);
    name->sender = name->key.n;
    key_addr(&name->key, &in->number);
    key_u16(&name->key, concat->reference);
    key_u8(&name->key, concat->wide);
    key_u8(&name->key, concat->total);
}

static void
part_key(struct key *key, uint64_t set, uint32_t index)
{
    key_init(key);
    key_u64(key, set);
    key_u8(key, (uint8_t)index);
}

static bool
part_get(struct step *s, uint64_t set, uint32_t index, struct rec_part *out)
{
    struct key key;

    part_key(&key, set, index);
    return record_get(s->txn, TABLE_PART, key_slice(&key), &rec_part_def, out);
}

static void
set_del(struct step *s, struct slice set_key, const struct rec_part_set *set)
{
    for (uint32_t index = 1; index <= set->total; index++) {
        struct key key;

        part_key(&key, set->id, index);
        store_del(s->txn, TABLE_PART, key_slice(&key));
    }
    store_del(s->txn, TABLE_PART_SET, set_key);
    timer_cancel(s, set->first_ms + s->relay->conf->relay.reassembly_ms, TIMER_PART_SET, set_key);
}

/* ---- putting together */

struct joined {
    uint8_t *p;
    size_t n;
    size_t cap;
};

static void
joined_add(struct joined *joined, struct slice bytes)
{
    if (bytes.n > joined->cap - joined->n)
        bytes.n = joined->cap - joined->n;
    if (bytes.n)
        memcpy(joined->p + joined->n, bytes.p, bytes.n);
    joined->n += bytes.n;
}

/* All parts are there and say the same data_coding: their octets in order. */
static bool
join_octets(struct step *s, const struct rec_part_set *set, struct inbound *in)
{
    struct joined joined = {.cap = (size_t)set->total * SMPP_SHORT_MESSAGE_50_BYTES};
    struct rec_part part;

    joined.p = store_scratch(s->txn, joined.cap);
    for (uint32_t index = 1; index <= set->total; index++) {
        if (!part_get(s, set->id, PLANTED(JOIN_BACKWARDS) ? set->total + 1u - index : index,
                      &part) ||
            (index > 1 && part.data_coding != in->data_coding))
            return false;
        in->data_coding = part.data_coding;
        joined_add(&joined, part.text);
    }
    in->alphabet = text_alphabet_of(in->data_coding, link_alphabet(in->link));
    in->octets = slice_of(joined.p, joined.n);
    return true;
}

static void
add_missing_mark(struct step *s, struct joined *joined, const struct rec_part_set *set)
{
    char have[24], total[24];
    struct template_value values[2];

    values[0] = (struct template_value){"have", message_id_text(set->have, have)};
    values[1] = (struct template_value){"total", message_id_text(set->total, total)};
    joined_add(joined, compose_template(s, MESSAGE_PART_MISSING, values, 2));
}

/* Parts in several alphabets, or with gaps: as UTF-8, with one mark for each gap. */
static void
join_text(struct step *s, const struct rec_part_set *set, struct inbound *in)
{
    struct joined joined = {.cap =
                                (size_t)set->total *
                                (TEXT_UTF8_MAX(SMPP_SHORT_MESSAGE_50_BYTES) + PART_MARK_BYTES_MAX)};
    bool gap = false;
    struct rec_part part;

    joined.p = store_scratch(s->txn, joined.cap);
    for (uint32_t index = 1; index <= set->total; index++) {
        if (!part_get(s, set->id, index, &part)) {
            if (!gap)
                add_missing_mark(s, &joined, set);
            gap = true;
            continue;
        }
        gap = false;
        joined.n += text_to_utf8(text_alphabet_of(part.data_coding, link_alphabet(in->link)),
                                 part.text, joined.p + joined.n, joined.cap - joined.n);
    }
    in->data_coding = 0;
    in->alphabet = TEXT_UTF8;
    in->octets = slice_of(joined.p, joined.n);
}

static void
set_give_up(struct step *s, struct slice set_key, const struct rec_part_set *set)
{
    struct inbound in = {0};
    struct slice rest = set_key;
    const struct account *account;
    uint32_t link;

    if (!key_take_u32(&rest, &link) || !key_take_addr(&rest, &in.phone) ||
        !key_take_addr(&rest, &in.number))
        return;
    in.link = link_find(s->relay, link);
    in.first_ms = set->first_ms;
    s->relay->count.part_sets_incomplete++;
    if (in.link && number_takes(s, &in.number, &in.owner)) {
        account = account_of(s->relay, in.owner.account);
        if (account->known) {
            join_text(s, set, &in);
            inbound_whole(s, &in);
        }
    }
    set_del(s, set_key, set);
}

void
join_expire(struct step *s, struct slice set_key)
{
    struct rec_part_set set;

    uint64_t due;

    if (!record_get(s->txn, TABLE_PART_SET, set_key, &rec_part_set_def, &set))
        return;
    due = set.first_ms + s->relay->conf->relay.reassembly_ms;
    /* The timer of an earlier set of this name, or reassembly_timeout has become longer. */
    if (due > s->now_ms)
        timer_set(s, due, TIMER_PART_SET, set_key);
    else
        set_give_up(s, set_key, &set);
}

/* ---- a part comes in */

/* The oldest set of a sender who has too many open makes room (U12). */
static void
sender_limit(struct step *s, const struct set_name *name)
{
    struct slice sender = slice_of(name->key.b, name->sender), from = sender;
    struct slice key, value, oldest = SLICE_NONE;
    struct rec_part_set set, oldest_set = {0};
    uint32_t count = 0;

    while (store_seek(s->txn, TABLE_PART_SET, from, sender, &key, &value)) {
        uint8_t *next = store_scratch(s->txn, key.n + 1);

        if (record_get(s->txn, TABLE_PART_SET, key, &rec_part_set_def, &set)) {
            count++;
            if (oldest.n == 0 || set.first_ms < oldest_set.first_ms) {
                oldest = key;
                oldest_set = set;
            }
        }
        memcpy(next, key.p, key.n);
        next[key.n] = 0;
        from = slice_of(next, key.n + 1);
    }
    if (count >= s->relay->conf->relay.part_sets_max && oldest.n)
        set_give_up(s, oldest, &oldest_set);
}

static void
set_open(struct step *s, const struct set_name *name, const struct concat *concat,
         struct rec_part_set *set)
{
    if (record_get(s->txn, TABLE_PART_SET, key_slice(&name->key), &rec_part_set_def, set))
        return;
    sender_limit(s, name);
    *set = (struct rec_part_set){.id = store_counter_next(s->txn, "part_set", 0),
                                 .first_ms = s->now_ms,
                                 .total = concat->total};
    timer_set(s, s->now_ms + s->relay->conf->relay.reassembly_ms, TIMER_PART_SET,
              key_slice(&name->key));
}

bool
join_part(struct step *s, struct inbound *in, const struct concat *concat)
{
    struct set_name name;
    struct rec_part_set set;
    struct rec_part part;
    struct key key;

    /* A part that no phone could have sent, in message_payload: as a message of its own it is not
     * lost, and sets stay small enough for one record. */
    if (in->octets.n > SMPP_SHORT_MESSAGE_50_BYTES)
        return true;
    set_name_make(&name, in, concat);
    set_open(s, &name, concat, &set);
    if (part_get(s, set.id, concat->index, &part))
        return !slice_eq(part.text,
                         in->octets); /* U09: once; U10: another text is a message of its own */
    part = (struct rec_part){.data_coding = in->data_coding, .text = in->octets};
    part_key(&key, set.id, concat->index);
    record_put(s->txn, TABLE_PART, key_slice(&key), &rec_part_def, &part);
    set.have++;
    if (set.have < set.total) {
        record_put(s->txn, TABLE_PART_SET, key_slice(&name.key), &rec_part_set_def, &set);
        return false;
    }
    if (!join_octets(s, &set, in))
        join_text(s, &set, in);
    set_del(s, key_slice(&name.key), &set);
    in->first_ms = set.first_ms;
    s->relay->count.parts_joined++;
    return true;
}
