/*
 * view.c: which conversations a view shows (R-conv-8): rows of TABLE_VIEW that follow each change
 * of a conversation's owner, status and flags. A text changes none of these, so most texts cost
 * nothing here, and a view is as long as what it shows.
 *
 * Keys: (account, VIEW_OPEN, holder, owner, conversation), (account, VIEW_INBOX, owner kind, owner,
 * conversation), (account, VIEW_WAITING or VIEW_FOLLOW_UP, conversation), (account, VIEW_CLOSED,
 * time backwards, conversation): those that were closed last stand first.
 */
#include "gateway/relay/view.h"

#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/number.h"
#include "gateway/relay/planted.h"

const char *
view_name(enum view view)
{
    static const char *const names[] = {[VIEW_OPEN] = "open",
                                        [VIEW_INBOX] = "inbox",
                                        [VIEW_WAITING] = "waiting",
                                        [VIEW_FOLLOW_UP] = "follow_up",
                                        [VIEW_CLOSED] = "closed"};

    return (unsigned)view < sizeof(names) / sizeof(names[0]) && names[view] ? names[view] : "?";
}

void
view_key(struct key *key, uint32_t account, enum view view)
{
    key_init(key);
    key_u32(key, account);
    key_u8(key, (uint8_t)view);
}

void
view_owner_key(struct key *key, uint32_t account, enum view view, struct owner owner)
{
    view_key(key, account, view);
    key_u8(key, owner.kind);
    key_u32(key, owner.id);
}

struct conv_place
view_place(const struct rec_conv *rec)
{
    struct conv_place place = {.status = rec->status};

    if (rec->status != CONV_OPEN) {
        place.closed_ms = rec->closed_ms;
        return place;
    }
    place.waiting = rec->waiting;
    place.follow_up = rec->follow_up;
    place.holder = (struct owner){rec->owner_kind, rec->owner};
    if (rec->owner_kind == OWNER_NOBODY && rec->bot)
        place.holder.kind = HOLDER_BOT;
    else if (rec->owner_kind == OWNER_NOBODY)
        place.inboxes = rec->inboxes;
    return place;
}

static void
row(struct step *s, struct key *key, uint64_t conv, bool there)
{
    key_u64(key, conv);
    if (there)
        store_put(s->txn, TABLE_VIEW, key_slice(key), SLICE_LIT("\1"));
    else
        (void)store_del(s->txn, TABLE_VIEW, key_slice(key));
}

static void
owner_row(struct step *s, const struct conv *conv, const struct conv_place *place, bool there)
{
    struct key key;

    if (place->status != CONV_OPEN)
        return;
    view_owner_key(&key, conv->account, VIEW_OPEN, place->holder);
    row(s, &key, conv->id, there);
}

static void
inbox_rows(struct step *s, const struct conv *conv, const struct conv_place *place, bool there)
{
    struct key key;

    for (uint32_t i = 0; i < inbox_count(place->inboxes); i++) {
        view_owner_key(&key, conv->account, VIEW_INBOX, inbox_of(place->inboxes, i));
        row(s, &key, conv->id, there);
    }
}

static void
closed_row(struct step *s, const struct conv *conv, const struct conv_place *place, bool there)
{
    struct key key;

    if (place->status != CONV_CLOSED)
        return;
    view_key(&key, conv->account, VIEW_CLOSED);
    key_u64(&key, UINT64_MAX - place->closed_ms);
    row(s, &key, conv->id, there);
}

static void
flag_row(struct step *s, const struct conv *conv, enum view view, bool there)
{
    struct key key;

    view_key(&key, conv->account, view);
    row(s, &key, conv->id, there);
}

void
view_follow(struct step *s, struct conv *conv)
{
    struct conv_place now = view_place(&conv->rec), *was = &conv->place;

    if (now.status != was->status || now.holder.kind != was->holder.kind ||
        now.holder.id != was->holder.id) {
        if (!PLANTED(VIEW_KEEPS_ROWS))
            owner_row(s, conv, was, false);
        owner_row(s, conv, &now, true);
    }
    if (!slice_eq(now.inboxes, was->inboxes)) {
        inbox_rows(s, conv, was, false);
        inbox_rows(s, conv, &now, true);
    }
    if (now.status != was->status || now.closed_ms != was->closed_ms) {
        closed_row(s, conv, was, false);
        closed_row(s, conv, &now, true);
    }
    if (now.waiting != was->waiting)
        flag_row(s, conv, VIEW_WAITING, now.waiting);
    if (now.follow_up != was->follow_up)
        flag_row(s, conv, VIEW_FOLLOW_UP, now.follow_up || PLANTED(FLAG_STAYS));
    conv->place = now;
}
