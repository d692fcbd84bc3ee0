/*
 * stop.c: opt-outs (R-stop). STOP opts a phone out of everything its account sends, UNSTOP opts it
 * in again. The look-up belongs to the transaction that puts a message on the wire (shape.c), so
 * nothing leaves after a STOP was acknowledged.
 */
#include "gateway/relay/stop.h"

#include "conf/conf_pattern.h"
#include "gateway/relay/agent.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/proxy.h"
#include "gateway/relay/roam.h"
#include "gateway/relay/text.h"
#include "gateway/relay/timer.h"
#include "gateway/relay/txt.h"

/* Longest keyword, and what may stand around it: a longer text is no keyword and need not be looked
 * at. */
#define KEYWORD_BYTES_MAX 160u
/* Conversations of a thread that are looked at in one turn, when their owners are to be told. */
#define TELL_ROWS_MAX 100u

const char *
stop_change_name(enum stop_change change)
{
    static const char *const names[] = {
        [STOP_NOTHING] = "nothing", [STOP_OUT] = "out",     [STOP_IN] = "in",
        [STOP_WISH] = "wish",       [STOP_AGAIN] = "again", [STOP_NEARLY] = "nearly"};

    return names[change];
}

/* ---- rows */

static void
optout_key(struct key *key, uint32_t account, const struct addr *phone)
{
    key_init(key);
    key_u32(key, account);
    key_addr(key, phone);
}

bool
stop_get(struct step *s, uint32_t account, const struct addr *phone, struct rec_optout *rec)
{
    struct key key;

    optout_key(&key, account, phone);
    return record_get(s->txn, TABLE_OPTOUT, key_slice(&key), &rec_optout_def, rec);
}

bool
stop_is_out(struct step *s, uint32_t account, const struct addr *phone)
{
    struct rec_optout rec;

    return stop_get(s, account, phone, &rec) && rec.out;
}

bool
stop_history(struct step *s, uint32_t account, const struct addr *phone, uint32_t n,
             struct rec_optout *rec)
{
    struct key key;

    optout_key(&key, account, phone);
    key_u32(&key, n);
    return record_get(s->txn, TABLE_AUDIT, key_slice(&key), &rec_optout_def, rec);
}

/* As it is now, and as one more line of its history (R-stop-7). */
static void
optout_put(struct step *s, uint32_t account, const struct addr *phone, struct rec_optout *rec)
{
    struct key key;

    rec->changes++;
    optout_key(&key, account, phone);
    record_put(s->txn, TABLE_OPTOUT, key_slice(&key), &rec_optout_def, rec);
    key_u32(&key, rec->changes);
    record_put(s->txn, TABLE_AUDIT, key_slice(&key), &rec_optout_def, rec);
}

/* ---- who hears of it (R-stop-8) */

void
stop_entry(struct step *s, struct conv *conv, enum stop_change change)
{
    static const uint8_t kinds[] = {[STOP_OUT] = ENTRY_OPTED_OUT,
                                    [STOP_IN] = ENTRY_OPTED_IN,
                                    [STOP_WISH] = ENTRY_OPT_IN_WISH,
                                    [STOP_NEARLY] = ENTRY_NEARLY_STOP};
    struct rec_entry entry = {.kind = kinds[change], .at_ms = s->now_ms};

    if (entry.kind != 0)
        conv_entry(s, conv, &entry);
}

void
stop_notice(struct step *s, const struct conv *conv, enum stop_change change)
{
    switch (change) {
    case STOP_OUT:
        txt_tell_owner(s, conv, MESSAGE_CONTACT_OPTED_OUT);
        break;
    case STOP_WISH:
        txt_tell_owner(s, conv, MESSAGE_OPT_IN_WISH);
        break;
    case STOP_NEARLY:
        txt_tell_owner(s, conv, MESSAGE_NEARLY_STOP);
        break;
    case STOP_NOTHING:
    case STOP_IN:
    case STOP_AGAIN:
        break;
    }
}

/* A walk over a phone's conversations; as long as a thread is, no turn is. */
struct telling {
    uint32_t account;
    struct addr phone;
    struct addr but; /* the conversation with this number is told by the caller */
    uint8_t change;
    uint64_t after;
};

static void
telling_run(struct step *s, struct telling *t)
{
    struct key prefix, from;
    struct slice row;

    optout_key(&prefix, t->account, &t->phone);
    for (uint32_t rows = 0;; rows++) {
        struct conv conv;
        struct slice rest;

        from = prefix;
        key_u64(&from, t->after + 1);
        if (!store_seek(s->txn, TABLE_THREAD, key_slice(&from), key_slice(&prefix), &row, NULL))
            return;
        if (rows == TELL_ROWS_MAX || turn_is_full(s))
            break;
        rest = slice_of(row.p + prefix.n, row.n - prefix.n);
        if (!key_take_u64(&rest, &t->after))
            return;
        if (!conv_get(s, t->account, t->after, &conv) || conv.rec.status != CONV_OPEN ||
            addr_eq(&conv.rec.number, &t->but))
            continue;
        stop_entry(s, &conv, (enum stop_change)t->change);
        stop_notice(s, &conv, (enum stop_change)t->change);
        conv_put(s, &conv);
    }
    key_init(&from);
    key_u32(&from, t->account);
    key_addr(&from, &t->phone);
    key_addr(&from, &t->but);
    key_u8(&from, t->change);
    key_u64(&from, t->after);
    timer_set(s, s->now_ms + 1, TIMER_OPTOUT, key_slice(&from));
}

void
stop_tell_continue(struct step *s, struct slice payload)
{
    struct telling t = {0};

    if (key_take_u32(&payload, &t.account) && key_take_addr(&payload, &t.phone) &&
        key_take_addr(&payload, &t.but) && key_take_u8(&payload, &t.change) &&
        t.change <= STOP_NEARLY && key_take_u64(&payload, &t.after))
        telling_run(s, &t);
}

/* ---- changes */

static void
tell(struct step *s, const struct stop_order *order, enum stop_change change)
{
    struct telling t = {.account = order->account,
                        .phone = order->phone,
                        .but = order->number,
                        .change = (uint8_t)change};

    telling_run(s, &t);
}

static void
rec_from(const struct step *s, const struct stop_order *order, struct rec_optout *rec)
{
    rec->at_ms = s->now_ms;
    rec->by_number = order->number;
    rec->text = order->text;
    rec->by_kind = (uint8_t)order->by_kind;
    rec->by = order->by;
    rec->why = order->why;
}

bool
stop_change(struct step *s, const struct stop_order *order)
{
    struct rec_optout rec;

    if (!stop_get(s, order->account, &order->phone, &rec))
        rec = (struct rec_optout){0};
    if ((rec.out != 0) == order->out && !PLANTED(CONFIRM_EVERY_STOP))
        return false;
    if (PLANTED(STOP_BY_HAND_LOST) && order->out && order->by_kind == OPTOUT_BY_PERSON)
        return true;
    rec_from(s, order, &rec);
    rec.out = order->out;
    rec.wish_ms = 0;
    optout_put(s, order->account, &order->phone, &rec);
    s->relay->count.optouts += order->out;
    s->relay->count.optins += !order->out;
    tell(s, order, order->out ? STOP_OUT : STOP_IN);
    return true;
}

/* R-stop-2 manual: UNSTOP is recorded once, and a STOP behind it takes it back. */
static bool
change_wish(struct step *s, const struct stop_order *order, bool wish)
{
    struct rec_optout rec;

    if (!stop_get(s, order->account, &order->phone, &rec) || !rec.out ||
        (rec.wish_ms != 0) == wish)
        return false;
    rec_from(s, order, &rec);
    rec.wish_ms = wish ? s->now_ms : 0;
    optout_put(s, order->account, &order->phone, &rec);
    if (wish)
        tell(s, order, STOP_WISH);
    return true;
}

/* ---- a text from a phone */

/* R-stop-6: one text per change, from the number that was written to. */
static void
confirm(struct step *s, const struct inbound *in, enum stop_change change)
{
    struct rec_msg msg = {.op = OP_SUBMIT,
                          .class = CLASS_CHAT,
                          .account = in->owner.account,
                          .source = in->number,
                          .dest = in->phone};
    struct template_value name = {"name", slice_str(account_of(s->relay, in->owner.account)->name)};
    struct slice text = compose_template(
        s, change == STOP_OUT ? MESSAGE_STOP_CONFIRMATION : MESSAGE_UNSTOP_CONFIRMATION, &name, 1);

    /* An answer from a relay number would confirm the number to a stranger (R-txt-11); so would one
     * from a contact number. */
    if (text.n == 0 || in->owner.role == ROLE_RELAY || in->owner.role == ROLE_CONTACT)
        return;
    if (change == STOP_OUT)
        msg.flags = MSGF_CONFIRMATION;
    (void)roam_route(s, &msg, in->owner.carrier);
    (void)compose(s, &msg, text, true, NULL);
}

/* G21: on the relay number its agent is no contact. */
static bool
is_agents_own(struct step *s, const struct inbound *in)
{
    struct rec_agent agent;

    return in->owner.role == ROLE_RELAY &&
           agent_get(s, in->owner.account, in->owner.agent, &agent) &&
           addr_eq(&agent.mobile, &in->phone);
}

/* STOP_OUT, STOP_IN, STOP_NEARLY or STOP_NOTHING: what the account takes the word for. */
static enum stop_change
meaning_of(const struct dir_account *dir, struct slice word)
{
    if (conf_keyword_is(word, "stop"))
        return STOP_OUT;
    if (conf_keyword_is(word, "unstop"))
        return STOP_IN;
    if (!dir || word.n == 0)
        return STOP_NOTHING;
    if (conf_pattern_match(dir->opt_out.words, word))
        return STOP_OUT;
    for (uint32_t i = 0; i < dir->opt_out.pattern_count; i++)
        if (conf_pattern_match(dir->opt_out.compiled[i], word))
            return STOP_OUT;
    if (conf_pattern_match(dir->opt_in.words, word))
        return STOP_IN;
    return conf_pattern_match(dir->opt_out.nearly, word) ? STOP_NEARLY : STOP_NOTHING;
}

enum stop_change
stop_look(struct step *s, const struct inbound *in)
{
    const struct dir_account *dir = account_of(s->relay, in->owner.account)->dir;
    struct stop_order order = {.account = in->owner.account,
                               .phone = in->phone,
                               .by_kind = OPTOUT_BY_PHONE,
                               .number = in->number,
                               .text = in->text};
    enum stop_change change;

    if (in->binary || in->text.n > KEYWORD_BYTES_MAX)
        return STOP_NOTHING;
    change = meaning_of(dir, conf_keyword_trim(in->text));
    if (change == STOP_NOTHING || is_agents_own(s, in) || proxy_is_agent(s, in))
        return STOP_NOTHING;
    if (PLANTED(STOP_ON_BUSINESS_ONLY) && in->owner.role != ROLE_BUSINESS)
        return STOP_NOTHING;
    if (change == STOP_NEARLY)
        return STOP_NEARLY;
    order.out = change == STOP_OUT;
    if (change == STOP_IN && dir && dir->opt_in.mode == OPT_IN_MANUAL)
        return change_wish(s, &order, true) ? STOP_WISH : STOP_AGAIN;
    if (!stop_change(s, &order)) {
        if (order.out)
            (void)change_wish(s, &order, false);
        return STOP_AGAIN;
    }
    confirm(s, in, change);
    return change;
}
