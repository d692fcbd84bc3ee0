/*
 * campaign.c: what overrides a number's settings for a time (R-num-3, R-num-4). TABLE_CAMPAIGN_OF
 * holds those of a number that run or are to run, by their start. Everything that changes is done
 * by campaign_turn(), which looks what the time is and may be called at any: by the timer, by
 * a command, by a message that comes a moment before the timer.
 */
#include "gateway/relay/campaign.h"

#include "gateway/relay/core.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/number.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/timer.h"

/* Turns that one call makes: after a long stop several may have come and gone. */
#define TURNS_MAX 50u

static void
campaign_key(struct key *key, uint32_t account, uint32_t campaign)
{
    key_init(key);
    key_u32(key, account);
    key_u32(key, campaign);
}

static void
of_key(struct key *key, const struct rec_campaign *rec, uint32_t campaign)
{
    key_init(key);
    key_addr(key, &rec->number);
    key_u64(key, rec->starts_ms);
    key_u32(key, campaign);
}

bool
campaign_get(struct step *s, uint32_t account, uint32_t campaign, struct rec_campaign *out)
{
    struct key key;

    campaign_key(&key, account, campaign);
    return record_get(s->txn, TABLE_CAMPAIGN, key_slice(&key), &rec_campaign_def, out);
}

void
campaign_put(struct step *s, uint32_t account, uint32_t campaign, const struct rec_campaign *rec)
{
    struct key key;

    campaign_key(&key, account, campaign);
    record_put(s->txn, TABLE_CAMPAIGN, key_slice(&key), &rec_campaign_def, rec);
}

uint64_t
campaign_end_ms(const struct rec_campaign *rec)
{
    uint64_t end = rec->ends_ms ? rec->ends_ms : UINT64_MAX;

    return rec->archive_ms && rec->archive_ms < end ? rec->archive_ms : end;
}

/* ---- those of a number */

/* The first row at or behind *from; *from is moved behind it. */
static bool
next_of(struct step *s, const struct addr *number, struct key *from, uint32_t *campaign)
{
    struct key prefix;
    struct slice key, rest;
    uint64_t starts;

    key_init(&prefix);
    key_addr(&prefix, number);
    if (from->n == 0)
        *from = prefix;
    if (!store_seek(s->txn, TABLE_CAMPAIGN_OF, key_slice(from), key_slice(&prefix), &key, NULL))
        return false;
    rest = slice_of(key.p + prefix.n, key.n - prefix.n);
    key_init(from);
    key_bytes(from, key);
    key_u8(from, 0);
    return key_take_u64(&rest, &starts) && key_take_u32(&rest, campaign);
}

uint32_t
campaign_first(struct step *s, const struct addr *number, uint32_t account,
               struct rec_campaign *out)
{
    struct key from = {0};
    uint32_t campaign;

    *out = (struct rec_campaign){0};
    while (next_of(s, number, &from, &campaign))
        if (campaign_get(s, account, campaign, out))
            return campaign;
    return 0;
}

uint32_t
campaign_clash(struct step *s, uint32_t account, const struct rec_campaign *rec, uint32_t except)
{
    struct key from = {0};
    uint32_t campaign;

    while (next_of(s, &rec->number, &from, &campaign)) {
        struct rec_campaign other;

        if (campaign != except && campaign_get(s, account, campaign, &other) &&
            other.starts_ms < campaign_end_ms(rec) && rec->starts_ms < campaign_end_ms(&other))
            return campaign;
    }
    return 0;
}

/* ---- turns */

static void
log_turn(struct step *s, const struct rec_campaign *rec, const char *what)
{
    struct line line = {.n = 0};
    char id[CONF_ID_BYTES_MAX + 1] = "";

    if (rec->id.n <= CONF_ID_BYTES_MAX)
        memcpy(id, rec->id.p, rec->id.n);
    line_text(&line, what);
    line_key(&line, "campaign", id);
    line_addr(&line, "number", &rec->number);
    line_log(s, LOG_LEVEL_INFO, &line);
}

static void
set_ended(struct step *s, uint32_t account, uint32_t campaign, struct rec_campaign *rec)
{
    struct key key;

    of_key(&key, rec, campaign);
    (void)store_del(s->txn, TABLE_CAMPAIGN_OF, key_slice(&key));
    rec->state = CAMPAIGN_ENDED;
    rec->ended_ms = s->now_ms;
    campaign_put(s, account, campaign, rec);
}

/* The number has its own settings again, or leaves with its campaign (R-num-5). */
static void
active_ends(struct step *s, struct rec_number *number, struct rec_campaign *rec)
{
    set_ended(s, number->account, number->campaign, rec);
    number->campaign = 0;
    if (number->kind == SINGLE_USE) {
        number->removed = 1;
        number->archived_ms = s->now_ms;
    }
    log_turn(s, rec, "campaign ended");
}

static void
begins(struct step *s, struct rec_number *number, uint32_t campaign, struct rec_campaign *rec)
{
    rec->state = CAMPAIGN_ACTIVE;
    campaign_put(s, number->account, campaign, rec);
    number->campaign = campaign;
    log_turn(s, rec, "campaign started");
}

/* One change that is due; false if there is none, and *next_ms says when there will be. */
static bool
turn_once(struct step *s, const struct addr *addr, struct rec_number *number, uint64_t *next_ms)
{
    struct rec_campaign rec;
    uint32_t campaign;

    *next_ms = 0;
    if (number->campaign != 0 && campaign_get(s, number->account, number->campaign, &rec)) {
        uint64_t end = campaign_end_ms(&rec);

        if (end > s->now_ms) {
            *next_ms = end == UINT64_MAX ? 0 : end;
            return false;
        }
        active_ends(s, number, &rec);
        return true;
    }
    number->campaign = 0;
    campaign = campaign_first(s, addr, number->account, &rec);
    if (campaign == 0)
        return false;
    if (rec.starts_ms > s->now_ms) {
        *next_ms = rec.starts_ms;
        return false;
    }
    if (campaign_end_ms(&rec) <= s->now_ms)
        set_ended(s, number->account, campaign, &rec); /* it was while nobody looked */
    else
        begins(s, number, campaign, &rec);
    return true;
}

void
campaign_turn(struct step *s, const struct addr *addr)
{
    struct rec_number number;
    struct key key;
    uint64_t next_ms = s->now_ms;
    uint32_t turns = 0, before;

    key_init(&key);
    key_addr(&key, addr);
    if (!record_get(s->txn, TABLE_NUMBER, key_slice(&key), &rec_number_def, &number))
        return;
    before = number.campaign;
    while (turns < TURNS_MAX && turn_once(s, addr, &number, &next_ms))
        turns++;
    if (turns == TURNS_MAX)
        next_ms = s->now_ms;
    if (turns == 0 && next_ms == number.turn_ms && before == number.campaign)
        return;
    if (number.turn_ms != 0 && number.turn_ms != next_ms)
        timer_cancel(s, number.turn_ms, TIMER_CAMPAIGN, key_slice(&key));
    number.turn_ms = next_ms;
    number_put(s, addr, &number);
    if (next_ms != 0)
        timer_set(s, next_ms, TIMER_CAMPAIGN, key_slice(&key));
}

void
campaign_due(struct step *s, struct slice payload)
{
    struct addr addr;

    if (key_take_addr(&payload, &addr))
        campaign_turn(s, &addr);
}

/* ---- changes */

void
campaign_schedule(struct step *s, uint32_t account, uint32_t campaign, struct rec_campaign *rec)
{
    struct key key;

    rec->state = CAMPAIGN_SCHEDULED;
    rec->ended_ms = 0;
    campaign_put(s, account, campaign, rec);
    of_key(&key, rec, campaign);
    store_put(s->txn, TABLE_CAMPAIGN_OF, key_slice(&key), SLICE_LIT("\1"));
    campaign_turn(s, &rec->number);
}

/* Takes it off its number without ending it: it gets other times, or another number. */
static void
take_off(struct step *s, uint32_t account, uint32_t campaign, const struct rec_campaign *rec)
{
    struct rec_number number;
    struct key key;

    of_key(&key, rec, campaign);
    (void)store_del(s->txn, TABLE_CAMPAIGN_OF, key_slice(&key));
    if (number_get(s, &rec->number, &number) && number.account == account &&
        number.campaign == campaign) {
        number.campaign = 0;
        number_put(s, &rec->number, &number);
    }
}

void
campaign_end(struct step *s, uint32_t account, uint32_t campaign)
{
    struct rec_campaign rec;
    struct rec_number number;

    if (!campaign_get(s, account, campaign, &rec) || rec.state == CAMPAIGN_ENDED)
        return;
    if (number_get(s, &rec.number, &number) && number.account == account &&
        number.campaign == campaign) {
        active_ends(s, &number, &rec);
        number_put(s, &rec.number, &number);
    } else {
        set_ended(s, account, campaign, &rec);
    }
    campaign_turn(s, &rec.number);
}

void
campaign_replace(struct step *s, uint32_t account, uint32_t campaign, struct rec_campaign *rec)
{
    struct rec_campaign old;
    bool known = campaign_get(s, account, campaign, &old);

    if (known && addr_eq(&old.number, &rec->number) && old.starts_ms == rec->starts_ms &&
        old.ends_ms == rec->ends_ms && old.archive_ms == rec->archive_ms) {
        rec->state = old.state;
        rec->ended_ms = old.ended_ms;
        campaign_put(s, account, campaign, rec);
        return;
    }
    if (known && old.state != CAMPAIGN_ENDED) {
        take_off(s, account, campaign, &old);
        if (!addr_eq(&old.number, &rec->number))
            campaign_turn(s, &old.number);
    }
    campaign_schedule(s, account, campaign, rec);
}
