/*
 * conv_state.c: what becomes of a conversation besides the texts in it: its owner, its flags, notes
 * and its end (R-conv-5). Each leaves a dated entry.
 */
#include "gateway/relay/conv_state.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/auto.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/number.h"
#include "gateway/relay/planted.h"

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
    if (!PLANTED(TRANSFER_BY_NAME_ONLY))
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
    if (!PLANTED(CLOSED_GOES_ON))
        conv_not_open(s, conv);
    auto_conv_closed(s, conv->account, conv->id);
}
