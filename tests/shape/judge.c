/*
 * judge.c: what the rules of shaping say of a turn (R-shape-2 to 4, 6): limits hold in every
 * second, nothing that may go stays, chat is not left for bulk, accounts have their shares, and
 * what goes to one phone is in order. Knows nothing of how the core does it.
 */
#include "tests/shape/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- limits */

void
judge_limit_start(struct limit *limit, uint64_t now_ms)
{
    limit->since_ms = now_ms;
    limit->count = 0;
}

static uint32_t
sent_since(const struct limit *limit, uint64_t since_ms)
{
    uint32_t n = 0;

    for (uint32_t i = limit->count; i > 0 && limit->times[(i - 1) % TIMES_MAX] >= since_ms; i--)
        if (++n == TIMES_MAX)
            break;
    return n;
}

static void
limit_sent(struct world *w, struct limit *limit, const char *whose)
{
    uint32_t n;

    limit->times[limit->count++ % TIMES_MAX] = w->now_ms;
    if (limit->rate == 0)
        return;
    n = sent_since(limit, w->now_ms - 999);
    if (n > limit->rate)
        broken(w, "a rate holds in every second", "%u of %s, which may %u", n, whose, limit->rate);
}

/* For certain: so much time has passed since the last one that the next is due whatever was saved.
 */
static bool
limit_open_for(const struct world *w, const struct limit *limit, uint32_t segments)
{
    uint64_t last = limit->count ? limit->times[(limit->count - 1) % TIMES_MAX] : 0;
    uint64_t gap;

    if (limit->rate == 0)
        return true;
    if (last < limit->since_ms)
        last = limit->since_ms;
    gap = limit->rate < 20 ? (1000 + limit->rate - 1) / limit->rate : 1021 / limit->rate + 1;
    return w->now_ms >= last + segments * gap;
}

static bool
limit_open(const struct world *w, const struct limit *limit)
{
    return limit_open_for(w, limit, 1);
}

static bool
day_open(const struct world *w, const struct account *account)
{
    return account->cap == 0 || account->day != w->now_ms / 86400000 ||
           account->today < account->cap;
}

/* ---- who may go */

static bool
lately(const struct world *w, uint64_t at_ms)
{
    return at_ms > 0 && w->now_ms < at_ms + KEEP_MS;
}

static uint32_t
part(uint32_t window, uint32_t percent)
{
    return window < 2 ? 0 : (window * percent + 99) / 100;
}

static void
chat_flies(const struct world *w, struct bind *bind)
{
    if (w->now_ms >= bind->span_ms + 2 * KEEP_MS) {
        bind->chat_most[1] = w->now_ms < bind->span_ms + 4 * KEEP_MS ? bind->chat_most[0] : 0;
        bind->chat_most[0] = 0;
        bind->span_ms = w->now_ms;
    }
    if (bind->chat_flying > bind->chat_most[0])
        bind->chat_most[0] = bind->chat_flying;
}

/* Places that may be kept for chat: perhaps fewer are. */
static uint32_t
kept_for_chat(const struct world *w, const struct bind *bind)
{
    const struct carrier *carrier = &w->carriers[bind->link];
    uint32_t kept = part(carrier->window, w->keep_percent), most;

    if (kept == 0 || !lately(w, carrier->chat_ms))
        return 0;
    most = bind->chat_most[bind->chat_most[1] > bind->chat_most[0]];
    if (most > carrier->window / 2)
        most = carrier->window / 2;
    return most > bind->chat_flying && most - bind->chat_flying > kept ? most - bind->chat_flying
                                                                       : kept;
}

/* Another account of that class sent lately, and may rest. */
static uint32_t
kept_for_others(const struct world *w, uint32_t link, uint32_t class, uint32_t account)
{
    for (uint32_t i = 0; i < w->account_count; i++)
        if (i != account && lately(w, w->carriers[link].sent_ms[class][i]))
            return part(w->carriers[link].window, w->account_percent);
    return 0;
}

static uint32_t
kept(const struct world *w, const struct bind *bind, uint32_t class, uint32_t account)
{
    uint32_t most = kept_for_others(w, bind->link, class, account), chat;

    if (class == CLASS_CHAT)
        return most;
    chat = kept_for_chat(w, bind);
    most = chat > most ? chat : most;
    chat = kept_for_others(w, bind->link, CLASS_CHAT, ACCOUNTS_MAX);
    return chat > most ? chat : most;
}

/* From this rate on a segment is kept for chat. */
#define SPARE_RATE_MIN 100u

static bool
link_open(const struct world *w, uint32_t link, uint32_t class, uint32_t account)
{
    for (uint32_t i = 0; i < w->bind_count; i++) {
        const struct bind *bind = &w->binds[i];
        bool spare = class == CLASS_BULK && bind->rate.rate >= SPARE_RATE_MIN &&
                     lately(w, w->carriers[link].chat_ms);

        if (bind->link == link && bind->up && !bind->slow &&
            bind->flying + kept(w, bind, class, account) < w->carriers[link].window &&
            limit_open_for(w, &bind->rate, spare ? 2 : 1))
            return true;
    }
    return false;
}

/* What keeps it back: bits. */
enum { BY_LINK = 1, BY_NUMBER = 2, BY_ACCOUNT = 4 };

static uint32_t
shut_for(const struct world *w, const struct message *m)
{
    const struct number *number = &w->numbers[m->number];
    const struct account *account = &w->accounts[number->account];

    return (link_open(w, number->link, m->class, number->account) ? 0 : BY_LINK) |
           (limit_open(w, &number->rate) ? 0 : BY_NUMBER) |
           (limit_open(w, &account->rate) && day_open(w, account) ? 0 : BY_ACCOUNT);
}

static void
free_ones(struct world *w)
{
    static bool taken[NUMBERS_MAX][PHONES][MSG_CLASSES];

    memset(taken, 0, sizeof(taken));
    for (uint32_t i = 0; i < w->message_count; i++) {
        const struct message *m = &w->messages[i];

        if (m->state == FLIES || m->state == FAILED)
            taken[m->number][m->phone][m->class] = true;
    }
    for (uint32_t i = 0; i < w->message_count; i++) {
        struct message *m = &w->messages[i];

        m->free = m->state == WAITS && !taken[m->number][m->phone][m->class];
        if (m->state != ENDED)
            taken[m->number][m->phone][m->class] = true;
    }
}

static void
who_wants(struct world *w, bool after)
{
    free_ones(w);
    for (uint32_t link = 0; link < w->link_count; link++)
        for (uint32_t class = 0; class < MSG_CLASSES; class ++) {
            struct carrier *carrier = &w->carriers[link];
            uint32_t set = 0;

            for (uint32_t i = 0; i < w->message_count; i++) {
                const struct message *m = &w->messages[i];
                const struct number *number = &w->numbers[m->number];

                if (m->free && number->link == link && m->class == class)
                    set |= 1u << number->account;
            }
            if (after ? set != carrier->wanted[class] : set != carrier->wanting[class]) {
                carrier->wanting[class] = set;
                memset(carrier->shares[class], 0, sizeof(carrier->shares[class]));
            }
            carrier->wanted[class] = set;
        }
}

void
judge_before(struct world *w)
{
    who_wants(w, false);
    for (uint32_t i = 0; i < w->message_count; i++)
        w->messages[i].sent_now = false;
}

void
judge_sent(struct world *w, uint32_t message, uint32_t slot)
{
    struct message *m = &w->messages[message];
    struct number *number = &w->numbers[m->number];
    struct account *account = &w->accounts[number->account];
    struct bind *bind = &w->binds[slot];

    if (m->state != WAITS && m->state != FAILED)
        broken(w, "a message goes once", "message %u goes again", message);
    for (uint32_t i = 0; i < message; i++) {
        const struct message *before = &w->messages[i];

        if (before->state != ENDED && before->number == m->number && before->phone == m->phone &&
            before->class == m->class)
            broken(w, "order to one phone", "message %u before %u", message, i);
    }
    if (bind->link != number->link)
        broken(w, "a number's carrier", "message %u on another carrier", message);
    if (w->now_ms < bind->quiet_ms)
        broken(w, "slow down is heeded", "bind %u sends in its pause", slot);
    limit_sent(w, &bind->rate, "a bind");
    limit_sent(w, &number->rate, "a number");
    limit_sent(w, &account->rate, "an account");
    if (account->day != w->now_ms / 86400000)
        account->today = 0;
    account->day = w->now_ms / 86400000;
    account->today++;
    if (account->cap && account->today > account->cap)
        broken(w, "a day's cap", "%u of an account that may %u", account->today, account->cap);
    m->state = FLIES;
    m->bind = slot;
    m->sent_now = true;
    if (++bind->flying > w->carriers[bind->link].window)
        broken(w, "the window", "bind %u has %u", slot, bind->flying);
    if (m->class == CLASS_CHAT) {
        w->carriers[bind->link].chat_ms = w->now_ms;
        bind->chat_flying++;
        chat_flies(w, bind);
    }
    w->carriers[bind->link].sent_ms[m->class][number->account] = w->now_ms;
    w->carriers[bind->link].shares[m->class][number->account]++;
}

/* ---- after a turn */

/* A bulk message that took what this chat message, which still waits, lacks. */
static void
look_for_bulk(struct world *w, uint32_t chat, uint32_t shut)
{
    const struct message *m = &w->messages[chat];

    for (uint32_t i = 0; i < w->message_count; i++) {
        const struct message *b = &w->messages[i];
        uint32_t shared = 0;

        if (!b->sent_now || b->class != CLASS_BULK || b->state != FLIES)
            continue;
        if (w->numbers[b->number].link == w->numbers[m->number].link)
            shared |= BY_LINK;
        if (b->number == m->number)
            shared |= BY_NUMBER;
        if (w->numbers[b->number].account == w->numbers[m->number].account)
            shared |= BY_ACCOUNT;
        if ((shut & ~shared) == 0)
            broken(w, "chat before bulk", "bulk %u went, chat %u waits (%u)", i, chat, shut);
    }
}

static void
look_at_shares(struct world *w, uint32_t link, uint32_t class)
{
    const struct carrier *carrier = &w->carriers[link];
    double weights = 0, total = 0, most;

    for (uint32_t i = 0; i < w->account_count; i++)
        if (carrier->wanting[class] >> i & 1) {
            weights += w->accounts[i].weight;
            total += carrier->shares[class][i];
        }
    for (uint32_t i = 0; i < w->account_count; i++) {
        double ideal = total * w->accounts[i].weight / weights;
        double have = carrier->shares[class][i];

        /* One at each end of the time that is looked at, and one for each that woke. */
        most = 2.001 + (w->account_percent ? w->account_count - 1 : 0);
        if (carrier->wanting[class] >> i & 1 && (have > ideal + most || have < ideal - most))
            broken(w, "a fair share", "account %u has %u of %u, due are %u hundredths", i,
                   (unsigned)have, (unsigned)total, (unsigned)(ideal * 100));
    }
}

static bool
is_slow(const struct world *w, uint32_t link)
{
    for (uint32_t i = 0; i < w->bind_count; i++)
        if (w->binds[i].link == link && w->binds[i].slow)
            return true;
    return false;
}

void
judge_after(struct world *w)
{
    who_wants(w, true);
    for (uint32_t i = 0; i < w->message_count; i++) {
        const struct message *m = &w->messages[i];
        uint32_t shut;

        if (!m->free)
            continue;
        shut = shut_for(w, m);
        if (shut == 0)
            broken(w, "what may go goes", "message %u (%s) waits for nothing", i,
                   msg_class_name((uint8_t)m->class));
        /* What a bind that was told to slow down takes is not known here. */
        if (m->class == CLASS_CHAT && w->floor_percent == 0 &&
            !is_slow(w, w->numbers[m->number].link))
            look_for_bulk(w, i, shut);
    }
    for (uint32_t link = 0; w->even && link < w->link_count; link++)
        for (uint32_t class = 0; class < MSG_CLASSES; class ++)
            look_at_shares(w, link, class);
}
