/*
 * stretch.c: what waits for one phone, without looking at all that waits (cancel_sm and
 * replace_if_present without an id, 0x65).
 *
 * A row for each message that waits would cost ten times the pages of the queue itself, since
 * phones come in no order. So what one turn adds to a flow gets one row for up to STRETCH_MAX
 * messages: from which place to which, and a hash of each one's phone. A search passes over
 * stretches that do not have its phone's; where there is no stretch it looks at every row. A place
 * within a stretch that ever has a row of its flow was in it when it was made: messages that come
 * to a flow later get places at its end, those that come back the ones that they had. The cursor
 * takes away what it has passed, except where messages behind lanes still have rows: that goes when
 * it passes the next one.
 */
#include "gateway/relay/stretch.h"

#include "gateway/relay/core.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/queue.h"

/* Fewer are looked at one by one. */
#define STRETCH_MIN 16u
#define STRETCH_MAX 256u
#define HASH_BYTES 4u

struct stretch {
    uint64_t first, last;
    struct slice hashes;
};

/* Stands on disk: with another one, what waits from before an upgrade would not be found. */
static uint32_t
phone_hash(const struct addr *phone)
{
    return (uint32_t)(hash_addr(0, phone) >> 16);
}

static void
stretch_key(struct key *key, const struct flow_key *flow, uint64_t last)
{
    flow_key_put(key, flow);
    key_u64(key, last);
}

/* The first that ends at this place or behind it. */
static bool
stretch_at(struct step *s, const struct flow_key *flow, uint64_t place, struct stretch *out)
{
    struct slice key, value;
    struct key from, prefix;

    flow_key_put(&prefix, flow);
    stretch_key(&from, flow, place);
    if (!store_seek(s->txn, TABLE_STRETCH, key_slice(&from), key_slice(&prefix), &key, &value))
        return false;
    key = slice_of(key.p + prefix.n, key.n - prefix.n);
    if (!key_take_u64(&key, &out->last) || !key_take_u64(&value, &out->first))
        return false;
    out->hashes = value;
    return true;
}

static bool
stretch_has(const struct stretch *stretch, const struct addr *phone)
{
    uint32_t wanted = phone_hash(phone), hash;
    struct slice rest = stretch->hashes;

    while (key_take_u32(&rest, &hash))
        if (hash == wanted)
            return true;
    return false;
}

/* Of so many messages, from this one. Returns the one behind them. */
static const struct waiting *
stretch_put(struct step *s, struct flow *flow, const struct waiting *w, uint32_t count)
{
    uint8_t *value = store_scratch(s->txn, sizeof(uint64_t) + (size_t)count * HASH_BYTES), *at;
    uint64_t last = 0, first = w->place;
    struct key key;

    at = value;
    for (uint32_t i = 0; i < 8; i++)
        *at++ = (uint8_t)(first >> (56 - 8 * i));
    for (uint32_t n = 0; n < count; n++, w = w->next) {
        uint32_t hash = phone_hash(msg_phone(w->fresh));

        for (uint32_t i = 0; i < HASH_BYTES; i++)
            *at++ = (uint8_t)(hash >> (24 - 8 * i));
        last = w->place;
    }
    stretch_key(&key, &flow->key, last);
    store_put(s->txn, TABLE_STRETCH, key_slice(&key), slice_of(value, (size_t)(at - value)));
    if (flow->stretch == UINT64_MAX)
        flow->stretch = last;
    return w;
}

void
stretches_put(struct step *s, struct flow *flow)
{
    const struct waiting *w = flow->fresh.first;
    uint32_t count = 0;

    if (flow->link->kind != LINK_CARRIER)
        return;
    for (const struct waiting *each = w; each; each = each->next)
        count++;
    while (count >= STRETCH_MIN) {
        uint32_t n = count < STRETCH_MAX ? count : STRETCH_MAX;

        w = stretch_put(s, flow, w, n);
        count -= n;
    }
}

void
stretches_passed(struct step *s, struct flow *flow)
{
    uint64_t first = 0, message;
    struct stretch stretch;
    struct key key;

    if (!queue_flow_row(s, flow, &first, &message))
        first = UINT64_MAX;
    while (stretch_at(s, &flow->key, 0, &stretch) && stretch.last < first) {
        stretch_key(&key, &flow->key, stretch.last);
        store_del(s->txn, TABLE_STRETCH, key_slice(&key));
    }
    flow->stretch =
        stretch_at(s, &flow->key, flow->cursor, &stretch) ? stretch.last : UINT64_MAX;
}

bool
search_next(struct step *s, struct search *search, uint64_t *message)
{
    struct flow_key flow = flow_key_of(search->like);
    struct stretch stretch;

    if (!queue_row_after(s, search->like, &search->place, message))
        return false;
    if (search->place <= search->look_at)
        return true;
    if (!stretch_at(s, &flow, search->place, &stretch)) {
        search->look_at = UINT64_MAX;
    } else if (search->place < stretch.first) {
        search->look_at = stretch.first - 1;
    } else if (stretch_has(&stretch, msg_phone(search->like))) {
        search->look_at = stretch.last;
    } else { /* passes over it */
        search->place = stretch.last;
        *message = 0;
    }
    return true;
}
