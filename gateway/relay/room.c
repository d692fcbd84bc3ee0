/*
 * room.c: whether a bind has room for a message of a class, and what it keeps back of its window
 * and its rate for those who must not wait (R-shape-2, R-shape-4). Separate from shape.c, which
 * picks what goes into the room.
 *
 * Bulk leaves places to chat while chat is about: a part of the window, and no fewer than chat had
 * on the wire at once. Accounts that always have something to send leave places to those of their
 * class that rest and may wake (fair.c); while chat waits, bulk leaves those of chat as well, or it
 * would go first. Of a rate, bulk leaves one segment to chat.
 */
#include "gateway/relay/room.h"

#include "gateway/relay/core.h"
#include "gateway/relay/fair.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/rate.h"
#include "gateway/relay/tokens.h"

static uint32_t
window_of(const struct bind *bind)
{
    return bind->window + PLANTED(WINDOW_TOO_WIDE);
}

static uint32_t
percent_of(const struct bind *bind, uint32_t percent)
{
    return bind->window < 2 ? 0 : (bind->window * percent + 99) / 100;
}

static bool
chat_is_about(const struct step *s, const struct link *link)
{
    return link->chat_ms > 0 && s->now_ms < link->chat_ms + PLACES_KEPT_MS;
}

/* More places, or the same for another reason and perhaps longer. */
static void
keep(struct kept *kept, uint32_t places, uint64_t until_ms, enum kept_for what)
{
    if (places > kept->places)
        *kept = (struct kept){.places = places, .until_ms = until_ms, .what = (uint8_t)what};
}

static void
keep_for_chat(const struct step *s, const struct bind *bind, struct kept *kept)
{
    uint32_t percent = s->relay->conf->shaping.chat_places, peak;
    uint64_t until_ms = bind->link->chat_ms + PLACES_KEPT_MS, falls_ms;

    if (percent == 0 || bind->window < 2 || !chat_is_about(s, bind->link))
        return;
    keep(kept, percent_of(bind, percent), until_ms, KEPT_FOR_CHAT);
    peak = peak_of(&bind->chat_peak, s->now_ms, &falls_ms);
    /* Chat may fill the window, but past chat does not keep more than half of it. */
    if (peak > bind->window / 2)
        peak = bind->window / 2;
    if (peak > bind->chat_outstanding)
        keep(kept, peak - bind->chat_outstanding, until_ms < falls_ms ? until_ms : falls_ms,
             KEPT_FOR_CHAT);
}

static void
keep_for_accounts(const struct step *s, const struct bind *bind, enum msg_class class,
                  struct kept *kept)
{
    uint32_t places = percent_of(bind, s->relay->conf->shaping.account_places);
    uint64_t until_ms = places > 0 ? fair_rests_ms(&bind->link->fair[class], s->now_ms) : 0;

    if (until_ms > s->now_ms)
        keep(kept, places, until_ms, KEPT_FOR_ACCOUNTS);
}

struct kept
room_kept(const struct step *s, const struct bind *bind, enum msg_class class, bool waking)
{
    struct kept kept = {.until_ms = UINT64_MAX};

    if (class == CLASS_BULK) {
        keep_for_chat(s, bind, &kept);
        if (fair_has(&bind->link->fair[CLASS_CHAT]))
            keep_for_accounts(s, bind, CLASS_CHAT, &kept);
    }
    if (!waking)
        keep_for_accounts(s, bind, class, &kept);
    return kept;
}

/* For one PDU, whatever its message. */
static uint64_t
pdu_ms(struct step *s, struct bind *bind, enum msg_class class, bool waking)
{
    bool for_chat = class == CLASS_BULK && chat_is_about(s, bind->link);
    struct kept kept;
    uint64_t rate_ms;

    if (!bind->can_send || bind->outstanding >= window_of(bind))
        return UINT64_MAX;
    rate_ms = rate_next_ms(s, bind, for_chat ? 1 : 0);
    kept = room_kept(s, bind, class, waking);
    if (bind->outstanding + kept.places >= window_of(bind) && rate_ms < kept.until_ms)
        return kept.until_ms;
    return rate_ms;
}

uint64_t
room_ms(struct step *s, struct bind *bind, enum msg_class class, bool waking)
{
    if (bind->octets >= BIND_OCTETS_MAX && bind->partial == LEG_NONE)
        return UINT64_MAX; /* until an answer */
    return pdu_ms(s, bind, class, waking);
}

uint64_t
room_of_part_ms(struct step *s, struct bind *bind)
{
    return pdu_ms(s, bind, CLASS_CHAT, true);
}
