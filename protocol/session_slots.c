/*
 * session_slots.c: see session_slots.h. A hash table by sequence number with chains, and two lists
 * in order of time, all within the array that the owner gave: every operation is O(1), so a window
 * of thousands costs the same as one of ten. Apart from session.c because it knows nothing of SMPP.
 */
#include "protocol/session_slots.h"

#include <assert.h>

/* A link is an index + 1; 0 is the end. */
static struct session_slot *
slot_at(const struct session *s, uint32_t link)
{
    assert(link <= s->slots_max);
    return link ? &s->slots[link - 1] : NULL;
}

static uint32_t
link_of(const struct session *s, const struct session_slot *slot)
{
    return (uint32_t)(slot - s->slots) + 1;
}

static uint32_t *
bucket_of(const struct session *s, uint32_t sequence_number)
{
    return &s->slots[sequence_number % s->slots_max].bucket;
}

void
slots_init(struct session *s)
{
    memset(s->slots, 0, s->slots_max * sizeof(s->slots[0]));
    for (uint32_t i = 0; i + 1 < s->slots_max; i++)
        s->slots[i].chain = i + 2;
    s->free = 1;
    s->waiting = (struct session_list){0, 0};
    s->overdue = (struct session_list){0, 0};
    s->outstanding = 0;
    s->late = 0;
}

struct session_slot *
slots_find(const struct session *s, uint32_t sequence_number)
{
    struct session_slot *slot = slot_at(s, *bucket_of(s, sequence_number));

    while (slot && slot->sequence_number != sequence_number)
        slot = slot_at(s, slot->chain);
    return slot;
}

static void
list_append(struct session *s, struct session_list *list, struct session_slot *slot)
{
    uint32_t link = link_of(s, slot);
    struct session_slot *last = slot_at(s, list->newest);

    slot->older = list->newest;
    slot->newer = 0;
    if (last)
        last->newer = link;
    else
        list->oldest = link;
    list->newest = link;
}

static void
list_take(struct session *s, struct session_list *list, struct session_slot *slot)
{
    struct session_slot *older = slot_at(s, slot->older);
    struct session_slot *newer = slot_at(s, slot->newer);

    if (older)
        older->newer = slot->newer;
    else
        list->oldest = slot->newer;
    if (newer)
        newer->older = slot->older;
    else
        list->newest = slot->older;
}

struct session_slot *
slots_add(struct session *s, uint32_t sequence_number)
{
    uint32_t link = s->free;
    struct session_slot *slot = slot_at(s, link);
    uint32_t *bucket = bucket_of(s, sequence_number);

    assert(slot && s->outstanding < s->conf.window && sequence_number != 0);
    s->free = slot->chain;
    slot->sequence_number = sequence_number;
    slot->late = false;
    slot->chain = *bucket;
    *bucket = link;
    list_append(s, &s->waiting, slot);
    s->outstanding++;
    return slot;
}

void
slots_remove(struct session *s, struct session_slot *slot)
{
    uint32_t link = link_of(s, slot);
    uint32_t *at = bucket_of(s, slot->sequence_number);

    while (*at != link) {
        assert(*at != 0);
        at = &slot_at(s, *at)->chain;
    }
    *at = slot->chain;
    if (slot->late) {
        list_take(s, &s->overdue, slot);
        s->late--;
    } else {
        list_take(s, &s->waiting, slot);
        s->outstanding--;
    }
    slot->sequence_number = 0;
    slot->chain = s->free;
    s->free = link;
}

void
slots_make_late(struct session *s, struct session_slot *slot)
{
    assert(!slot->late);
    if (s->late >= s->conf.window * SESSION_LATE_WINDOWS)
        slots_remove(s, slots_oldest_late(s));
    list_take(s, &s->waiting, slot);
    s->outstanding--;
    slot->late = true;
    list_append(s, &s->overdue, slot);
    s->late++;
}

struct session_slot *
slots_oldest_waiting(const struct session *s)
{
    return slot_at(s, s->waiting.oldest);
}

struct session_slot *
slots_oldest_late(const struct session *s)
{
    return slot_at(s, s->overdue.oldest);
}
