/*
 * conv_state.c: what becomes of a conversation besides the texts in it: its owner, its flags, notes
 * and its end (R-conv-5), and whether its contact waits (R-conv-7). Each leaves a dated entry.
 *
 * Whether a contact waits is looked at when it would begin to: one timer row for as long as the
 * contact's message is the last, whatever else the contact writes meanwhile.
 */
#include "gateway/relay/core.h"

/* Of an account that the directory file does not list any more. */
#define WAITING_AFTER_MS 600000u

static void
note_entry(struct step *s, struct conv *conv, enum entry_kind kind, struct owner by,
           struct slice text)
{
    struct rec_entry entry = {.kind = (uint8_t)kind,
                              .by_kind = by.kind,
                              .by = by.id,
                              .at_ms = s->now_ms,
                              .text = text};

    conv_entry(s, conv, &entry);
}

/* ---- whose it is */

struct slice
owner_id(struct step *s, uint32_t account, struct owner owner)
{
    struct rec_agent agent;
    struct rec_group group;

    if (owner.kind == OWNER_AGENT)
        return owner.id && agent_get(s, account, owner.id, &agent) ? agent.id : SLICE_NONE;
    return owner.kind == OWNER_GROUP && group_get(s, account, owner.id, &group) ? group.id
                                                                                : SLICE_NONE;
}

/* "agent ann": as it was called then. */
static struct slice
owner_text(struct step *s, uint32_t account, struct owner owner)
{
    struct slice kind = slice_str(owner_kind_name(owner.kind)), id = owner_id(s, account, owner);
    uint8_t *text = store_scratch(s->txn, kind.n + 1 + id.n);

    memcpy(text, kind.p, kind.n);
    text[kind.n] = ' ';
    if (id.n > 0)
        memcpy(text + kind.n + 1, id.p, id.n);
    return slice_of(text, kind.n + 1 + id.n);
}

static void
becomes(struct conv *conv, struct owner to)
{
    conv->rec.owner_kind = to.kind;
    conv->rec.owner = to.id;
    conv->rec.answerer = ANSWERER_AGENTS;
    conv->rec.bot = 0;
    conv->rec.inboxes = SLICE_NONE;
}

void
conv_transfer(struct step *s, struct conv *conv, struct owner to, struct owner by)
{
    becomes(conv, to);
    note_entry(s, conv, ENTRY_TRANSFERRED, by, owner_text(s, conv->account, to));
}

void
conv_claim(struct step *s, struct conv *conv, struct owner by)
{
    becomes(conv, by);
    note_entry(s, conv, ENTRY_CLAIMED, by, SLICE_NONE);
}

/* ---- flags and notes */

void
conv_note(struct step *s, struct conv *conv, struct owner by, struct slice text)
{
    note_entry(s, conv, ENTRY_NOTE, by, text);
}

void
conv_follow_up(struct step *s, struct conv *conv, bool on, struct owner by)
{
    if ((conv->rec.follow_up != 0) == on)
        return;
    conv->rec.follow_up = on;
    note_entry(s, conv, on ? ENTRY_FOLLOW_UP : ENTRY_FOLLOW_UP_OFF, by, SLICE_NONE);
}

/* ---- does its contact wait? */

static uint64_t
waiting_after_ms(struct step *s, uint32_t account)
{
    const struct dir_account *dir = account_of(s->relay, account)->dir;

    return dir ? dir->waiting_after_ms : WAITING_AFTER_MS;
}

static void
look_at(struct step *s, struct conv *conv, uint64_t due_ms)
{
    struct key payload;

    key_init(&payload);
    key_u32(&payload, conv->account);
    key_u64(&payload, conv->id);
    timer_set(s, due_ms, TIMER_WAITING, key_slice(&payload));
    conv->rec.waits_ms = due_ms;
}

void
conv_asked(struct step *s, struct conv *conv)
{
    uint64_t after = waiting_after_ms(s, conv->account);

    conv->rec.last_in_ms = s->now_ms;
    conv->rec.unanswered = 1;
    if (after != 0 && !conv->rec.waiting && conv->rec.waits_ms <= s->now_ms)
        look_at(s, conv, s->now_ms + after);
}

void
conv_answered(struct step *s, struct conv *conv, uint32_t agent)
{
    conv->rec.last_out_ms = s->now_ms;
    conv->rec.replied_by = agent;
    conv->rec.unanswered = 0;
    conv->rec.waiting = 0;
}

void
conv_waiting_due(struct step *s, struct slice payload)
{
    struct owner nobody = {.kind = OWNER_NOBODY};
    uint64_t id, due, after;
    uint32_t account;
    struct conv conv;

    if (!key_take_u32(&payload, &account) || !key_take_u64(&payload, &id) ||
        !conv_get(s, account, id, &conv) || conv.rec.status != CONV_OPEN ||
        !conv.rec.unanswered || conv.rec.waiting)
        return;
    after = waiting_after_ms(s, account);
    due = conv.rec.last_in_ms + after;
    if (after == 0 || conv.rec.waits_ms > s->now_ms)
        return; /* never, or another row stands for it */
    if (due > s->now_ms) {
        look_at(s, &conv, due);
    } else {
        conv.rec.waiting = 1;
        note_entry(s, &conv, ENTRY_WAITING, nobody, SLICE_NONE);
    }
    conv_put(s, &conv);
}

/* ---- its end */

void
conv_close(struct step *s, struct conv *conv, struct owner by)
{
    conv->rec.status = CONV_CLOSED;
    conv->rec.closed_ms = s->now_ms;
    conv->rec.waiting = 0;
    conv->rec.follow_up = 0;
    conv->rec.inboxes = SLICE_NONE;
    note_entry(s, conv, ENTRY_CLOSED, by, SLICE_NONE);
    conv_not_open(s, conv);
    auto_conv_closed(s, conv->account, conv->id);
}
