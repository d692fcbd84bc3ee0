/*
 * away.c: which conversations wait at another carrier than their home (see roam.c).
 *
 * A row of TABLE_AWAY is a conversation (class, account, number, phone): at which carrier it waits,
 * and how many of its messages are counted in it. Counted are those that have `away` set, as long
 * as they wait in a queue; with the last of them the row goes. So there are rows only where routes
 * or a reload have put something elsewhere, and none in a gateway without.
 */
#include "gateway/relay/away.h"

#include "gateway/relay/core.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/planted.h"

struct away {
    uint32_t link;
    uint32_t count;
};

static void
away_key(struct key *key, const struct rec_msg *msg)
{
    key_init(key);
    key_u8(key, msg->class);
    key_u32(key, msg->account);
    key_addr(key, msg_number(msg));
    key_addr(key, msg_phone(msg));
}

static bool
away_get(struct step *s, const struct rec_msg *msg, struct away *out)
{
    struct slice value;
    struct key key;

    away_key(&key, msg);
    return store_get(s->txn, TABLE_AWAY, key_slice(&key), &value) &&
           key_take_u32(&value, &out->link) && key_take_u32(&value, &out->count);
}

static void
away_put(struct step *s, const struct rec_msg *msg, const struct away *away)
{
    struct key key, value;

    away_key(&key, msg);
    key_init(&value);
    key_u32(&value, away->link);
    key_u32(&value, away->count);
    store_put(s->txn, TABLE_AWAY, key_slice(&key), key_slice(&value));
}

static bool
away_is_any(struct step *s)
{
    return store_seek(s->txn, TABLE_AWAY, SLICE_NONE, SLICE_NONE, NULL, NULL);
}

void
away_add(struct step *s, const struct rec_msg *msg)
{
    struct away away;

    if (!msg->away)
        return;
    if (!away_get(s, msg, &away))
        away = (struct away){msg->link, 0};
    away.count++;
    away_put(s, msg, &away);
    s->relay->away_any = s->relay->strays = true;
}

void
away_drop(struct step *s, const struct rec_msg *msg)
{
    struct away away;
    struct key key;

    if (!msg->away || !away_get(s, msg, &away))
        return;
    if (--away.count > 0) {
        away_put(s, msg, &away);
        return;
    }
    away_key(&key, msg);
    store_del(s->txn, TABLE_AWAY, key_slice(&key));
    s->relay->away_any = away_is_any(s);
}

void
away_point(struct step *s, const struct rec_msg *msg, uint32_t link)
{
    struct away away;

    if (!away_get(s, msg, &away) || away.link == link)
        return;
    away.link = link;
    away_put(s, msg, &away);
}

/* A row whose carrier has nothing at all of the number says nothing: its last message there is
 * gone, and others of the conversation still have to be moved. */
uint32_t
away_link(struct step *s, const struct rec_msg *msg)
{
    struct flow_key key = flow_key_of(msg);
    struct away away;

    if (!s->relay->away_any || PLANTED(AWAY_FORGOTTEN) || !away_get(s, msg, &away))
        return 0;
    key.link = away.link;
    return flow_find(s->relay, &key) ? away.link : 0;
}

void
away_load(struct step *s)
{
    s->relay->away_any = away_is_any(s);
}
