/*
 * waiting.c: does a conversation's contact wait for an answer (R-conv-7)? One row of the timers
 * stands for each conversation that may come to that; a text behind the first does not move it.
 * When the account's `waiting_after` changes, its open conversations are looked through in small
 * steps, so that those that are asked already go by what it says now.
 */
#include "gateway/relay/waiting.h"

#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/timer.h"
#include "gateway/relay/view.h"

/* Of an account that the directory file does not list any more. */
#define WAITING_AFTER_MS 600000u
/* Conversations that one step of a walk looks at, and the time between two steps, of whatever
 * account: a reload may change the setting of a thousand. */
#define MOVE_ROWS_MAX 200u
#define MOVE_PAUSE_MS 10u

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

static void
unlook(struct step *s, const struct conv *conv)
{
    struct key payload;

    if (conv->rec.waits_ms <= s->now_ms)
        return; /* it has come */
    key_init(&payload);
    key_u32(&payload, conv->account);
    key_u64(&payload, conv->id);
    timer_cancel(s, conv->rec.waits_ms, TIMER_WAITING, key_slice(&payload));
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
        conv_entry(s, &conv,
                   &(struct rec_entry){.kind = ENTRY_WAITING, .at_ms = s->now_ms});
    }
    conv_put(s, &conv);
}

/* ---- another waiting_after */

static void
move_one(struct step *s, uint32_t account, uint64_t id)
{
    uint64_t after = waiting_after_ms(s, account), due;
    struct conv conv;

    if (!conv_get(s, account, id, &conv) || conv.rec.status != CONV_OPEN || !conv.rec.unanswered)
        return;
    due = conv.rec.last_in_ms + after;
    if (conv.rec.waiting && after != 0 && due <= s->now_ms)
        return;
    conv.rec.waiting = 0;
    if (after != 0) {
        unlook(s, &conv);
        look_at(s, &conv, due > s->now_ms ? due : s->now_ms);
    }
    conv_put(s, &conv);
}

static void
move_from(struct step *s, uint32_t account, struct slice row)
{
    uint64_t *last_ms = &s->relay->waiting_moves_ms;
    struct key payload;

    key_init(&payload);
    key_u32(&payload, account);
    key_bytes(&payload, row);
    *last_ms = (*last_ms > s->now_ms ? *last_ms : s->now_ms) + MOVE_PAUSE_MS;
    timer_set(s, *last_ms, TIMER_WAITING_MOVES, key_slice(&payload));
}

void
waiting_after_moved(struct step *s, uint32_t account)
{
    struct key prefix;

    view_key(&prefix, account, VIEW_OPEN);
    move_from(s, account, key_slice(&prefix));
}

void
waiting_moves_continue(struct step *s, struct slice payload)
{
    struct slice row, value, rest;
    struct key prefix, from;
    uint32_t account, owner;
    uint8_t kind;
    uint64_t id;

    if (!key_take_u32(&payload, &account))
        return;
    if (s->now_ms < s->relay->waiting_moved_ms + MOVE_PAUSE_MS) {
        move_from(s, account, payload); /* many are due, after a stop */
        return;
    }
    s->relay->waiting_moved_ms = s->now_ms;
    view_key(&prefix, account, VIEW_OPEN);
    key_init(&from);
    key_bytes(&from, payload);
    for (uint32_t rows = 0;
         store_seek(s->txn, TABLE_VIEW, key_slice(&from), key_slice(&prefix), &row, &value);
         rows++) {
        if (rows == MOVE_ROWS_MAX || turn_is_full(s)) {
            move_from(s, account, key_slice(&from));
            return;
        }
        key_init(&from);
        key_bytes(&from, row);
        key_u8(&from, 0);
        rest = slice_of(row.p + prefix.n, row.n - prefix.n);
        if (key_take_u8(&rest, &kind) && key_take_u32(&rest, &owner) && key_take_u64(&rest, &id))
            move_one(s, account, id);
    }
}
