/*
 * tokens.c: how a rate is kept, and when the shaper goes on: token buckets, what was sent a second,
 * and a heap of times. Nothing here knows what is sent.
 */
#include "gateway/relay/tokens.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "gateway/relay/planted.h"

/* Credit is counted in so many parts of a segment. */
#define CREDIT_ONE 1000000
/* How late a turn may be and lose nothing of the rate. What is saved up for it could make a second
 * see more than the rate, so the rate is less by as much. */
#define LATE_MS 20
/* Below this rate segments are so far apart that a late turn costs less than that. */
#define LATE_RATE_MIN 20u

/* ---- buckets */

static int64_t
late_ms(const struct tokens *tokens)
{
    return tokens->rate < LATE_RATE_MIN ? 0 : LATE_MS;
}

static int64_t
credit_per_ms(const struct tokens *tokens)
{
    return (CREDIT_ONE / 1000 - (PLANTED(BURSTS) ? 0 : late_ms(tokens))) * (int64_t)tokens->rate;
}

static int64_t
credit_max(const struct tokens *tokens)
{
    int64_t late = PLANTED(BURSTS) ? LATE_MS * 10 : late_ms(tokens);

    return CREDIT_ONE + late * (CREDIT_ONE / 1000) * (int64_t)tokens->rate;
}

static void
refill(struct tokens *tokens, uint64_t now_ms)
{
    uint64_t passed = now_ms > tokens->at_ms ? now_ms - tokens->at_ms : 0;
    int64_t max = credit_max(tokens);
    /* So long is enough to pay for the longest message at one a second; more would overflow. */
    int64_t ms = passed < 1u << 20 ? (int64_t)passed : 1 << 20;

    tokens->credit += ms * credit_per_ms(tokens);
    if (tokens->credit > max)
        tokens->credit = max;
    tokens->at_ms = now_ms;
}

void
tokens_init(struct tokens *tokens, uint32_t rate, uint64_t at_ms)
{
    *tokens = (struct tokens){.rate = rate, .at_ms = at_ms};
}

void
tokens_set_rate(struct tokens *tokens, uint32_t rate, uint64_t now_ms)
{
    refill(tokens, now_ms);
    tokens->rate = rate;
    if (tokens->credit > credit_max(tokens))
        tokens->credit = credit_max(tokens);
}

/* When there is so much credit. */
static uint64_t
credit_ms(const struct tokens *tokens, int64_t credit)
{
    int64_t per_ms = credit_per_ms(tokens);

    if (tokens->credit >= credit)
        return tokens->at_ms;
    return tokens->at_ms + (uint64_t)((credit - tokens->credit + per_ms - 1) / per_ms);
}

uint64_t
tokens_next_ms(struct tokens *tokens, uint64_t now_ms)
{
    if (tokens->rate == 0)
        return now_ms;
    refill(tokens, now_ms);
    return credit_ms(tokens, CREDIT_ONE);
}

uint64_t
tokens_next_leaving_ms(struct tokens *tokens, uint32_t leave, uint64_t now_ms)
{
    int64_t want = CREDIT_ONE * (1 + (int64_t)leave);

    if (tokens->rate == 0 || leave == 0 || want + CREDIT_ONE > credit_max(tokens))
        return tokens_next_ms(tokens, now_ms);
    refill(tokens, now_ms);
    return credit_ms(tokens, want);
}

void
tokens_take(struct tokens *tokens, uint32_t segments)
{
    if (tokens->rate)
        tokens->credit -= (int64_t)segments * CREDIT_ONE;
}

uint64_t
tokens_full_ms(const struct tokens *tokens)
{
    return tokens->rate ? credit_ms(tokens, credit_max(tokens)) : tokens->at_ms;
}

/* ---- meters */

static void
meter_turn(struct meter *meter, uint64_t now_ms)
{
    uint64_t passed = now_ms - meter->second_ms;

    if (passed < 1000)
        return;
    meter->before = passed < 2000 ? meter->sent : 0;
    meter->sent = 0;
    meter->second_ms = now_ms;
}

void
meter_add(struct meter *meter, uint32_t segments, uint64_t now_ms)
{
    meter_turn(meter, now_ms);
    meter->sent += segments;
}

uint32_t
meter_pace(const struct meter *meter, uint64_t now_ms)
{
    uint64_t passed = now_ms - meter->second_ms;

    if (passed >= 2000)
        return 0;
    if (passed >= 1000)
        return meter->sent;
    return meter->sent > meter->before ? meter->sent : meter->before;
}

/* ---- peaks */

void
peak_see(struct peak *peak, uint32_t number, uint64_t now_ms)
{
    uint64_t passed = now_ms - peak->since_ms;

    if (passed >= PEAK_MS) {
        peak->before = passed < 2 * PEAK_MS ? peak->most : 0;
        peak->since_ms = passed < 2 * PEAK_MS ? peak->since_ms + PEAK_MS : now_ms;
        peak->most = 0;
    }
    if (number > peak->most)
        peak->most = number;
}

uint32_t
peak_of(const struct peak *peak, uint64_t now_ms, uint64_t *until_ms)
{
    uint64_t passed = now_ms - peak->since_ms;

    if (passed >= 2 * PEAK_MS)
        return 0;
    if (passed >= PEAK_MS) {
        *until_ms = peak->since_ms + 2 * PEAK_MS;
        return peak->most;
    }
    *until_ms = peak->since_ms + PEAK_MS;
    return peak->most > peak->before ? peak->most : peak->before;
}

/* ---- alarms: a binary heap, the earliest first */

static void
heap_put(struct alarms *alarms, uint32_t place, struct alarm *alarm)
{
    alarms->heap[place - 1] = alarm;
    alarm->place = place;
}

static void
heap_up(struct alarms *alarms, uint32_t place)
{
    struct alarm *alarm = alarms->heap[place - 1];

    while (place > 1 && alarms->heap[place / 2 - 1]->at_ms > alarm->at_ms) {
        heap_put(alarms, place, alarms->heap[place / 2 - 1]);
        place /= 2;
    }
    heap_put(alarms, place, alarm);
}

static void
heap_down(struct alarms *alarms, uint32_t place)
{
    struct alarm *alarm = alarms->heap[place - 1];

    for (uint32_t child; (child = place * 2) <= alarms->count; place = child) {
        if (child < alarms->count &&
            alarms->heap[child]->at_ms < alarms->heap[child - 1]->at_ms)
            child++;
        if (alarms->heap[child - 1]->at_ms >= alarm->at_ms)
            break;
        heap_put(alarms, place, alarms->heap[child - 1]);
    }
    heap_put(alarms, place, alarm);
}

void
alarm_set(struct alarms *alarms, struct alarm *alarm, uint64_t at_ms)
{
    if (alarm->place && alarm->at_ms == at_ms)
        return;
    alarm_clear(alarms, alarm);
    if (alarms->count == alarms->cap) {
        alarms->cap = alarms->cap ? alarms->cap * 2 : 64;
        alarms->heap = core_grow(alarms->heap, alarms->cap * sizeof(*alarms->heap));
    }
    alarm->at_ms = at_ms;
    alarms->count++;
    heap_put(alarms, alarms->count, alarm);
    heap_up(alarms, alarms->count);
}

void
alarm_clear(struct alarms *alarms, struct alarm *alarm)
{
    uint32_t place = alarm->place;
    struct alarm *last;

    if (place == 0)
        return;
    assert(alarms->heap[place - 1] == alarm);
    last = alarms->heap[--alarms->count];
    alarm->place = 0;
    if (last == alarm)
        return;
    heap_put(alarms, place, last);
    heap_up(alarms, place);
    heap_down(alarms, last->place);
}

struct alarm *
alarm_due(struct alarms *alarms, uint64_t now_ms)
{
    struct alarm *alarm = alarms->count ? alarms->heap[0] : NULL;

    if (!alarm || alarm->at_ms > now_ms)
        return NULL;
    alarm_clear(alarms, alarm);
    return alarm;
}

uint64_t
alarms_next_ms(const struct alarms *alarms)
{
    return alarms->count ? alarms->heap[0]->at_ms : UINT64_MAX;
}
