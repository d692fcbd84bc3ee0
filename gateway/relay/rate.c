/*
 * rate.c: how fast a bind may send (R-shape-5, conformance section 6): the rate of the
 * configuration, less while its carrier says "slow down" or reports congestion, and back up slowly.
 * Separate from shape.c, which asks only whether one more PDU may go.
 */
#include "gateway/relay/core.h"

/* A rate is paced: no more than this part of a second's credit is ever saved up. */
#define CREDIT_BURST_PART 20u
#define CREDIT_ONE 1000u /* thousandths: one PDU */

/* congestion_state (0x0428): below OPTIMUM the sender may go faster, from there to HIGH it should
 * stay as it is, above it must slow down. 90 stands in two of the standard's ranges: it holds. */
#define CONGESTION_OPTIMUM 80u
#define CONGESTION_HIGH 90u
#define CONGESTION_FULL 100u
/* Every response of a window says the same: the rate changes no more often than this. */
#define CONGESTION_STEP_MS 1000u
/* PDUs a second below which a rate that nobody configured is not cut at first: it climbs by a tenth
 * each ten seconds, and from one a second that would take a quarter of an hour. */
#define RATE_DERIVED_MIN 10u
/* It is a guess, so it is mended sooner than what the carrier has agreed to. */
#define RATE_DERIVED_CLIMB_MS 1000u

void
wake_at(struct relay *relay, uint64_t at_ms)
{
    if (at_ms < relay->wake_ms)
        relay->wake_ms = at_ms;
}

static uint32_t
full_rate(const struct bind *bind)
{
    return bind->link->carrier ? bind->link->carrier->throughput : 0;
}

/* PDUs a second that it takes at present: the more of this second and the one before. */
static uint32_t
pace(const struct step *s, const struct bind *bind)
{
    uint64_t passed = s->now_ms - bind->second_ms;

    if (passed >= 2000)
        return 0;
    if (passed >= 1000)
        return bind->sent;
    return bind->sent > bind->sent_before ? bind->sent : bind->sent_before;
}

/* One step up. A bind without a rate of its own has none again once it does not need all it may
 * have. */
static void
rate_raise(struct step *s, struct bind *bind)
{
    uint32_t full = full_rate(bind), of = full ? full : bind->rate;
    uint32_t more = of * RATE_CLIMB_PERCENT / 100 ? of * RATE_CLIMB_PERCENT / 100 : 1;

    bind->climbed_ms = s->now_ms;
    bind->rate += more;
    if (full && bind->rate > full)
        bind->rate = full;
    if (!full && bind->rate > 2 * pace(s, bind))
        bind->rate = 0;
}

static bool
is_cut(const struct bind *bind)
{
    return bind->rate != 0 && (full_rate(bind) == 0 || bind->rate < full_rate(bind));
}

/* Credit is counted in thousandths of a PDU: rate PDUs a second are rate thousandths a millisecond.
 */
bool
rate_allows(struct step *s, struct bind *bind)
{
    uint64_t burst;

    if (bind->rate == 0)
        return true;
    if (is_cut(bind) && s->now_ms >= bind->climbed_ms + (full_rate(bind) ? RATE_CLIMB_MS
                                                                         : RATE_DERIVED_CLIMB_MS))
        rate_raise(s, bind);
    if (bind->rate == 0)
        return true;
    burst = (uint64_t)bind->rate * 1000 / CREDIT_BURST_PART;
    if (burst < CREDIT_ONE)
        burst = CREDIT_ONE;
    bind->credit += (s->now_ms - bind->credit_ms) * bind->rate;
    bind->credit_ms = s->now_ms;
    if (bind->credit > burst)
        bind->credit = burst;
    if (bind->credit >= CREDIT_ONE)
        return true;
    wake_at(s->relay, s->now_ms + (CREDIT_ONE - bind->credit + bind->rate - 1) / bind->rate);
    return false;
}

void
rate_took(struct step *s, struct bind *bind)
{
    uint64_t passed = s->now_ms - bind->second_ms;

    if (bind->rate)
        bind->credit -= CREDIT_ONE;
    if (passed >= 1000) {
        bind->sent_before = passed < 2000 ? bind->sent : 0;
        bind->sent = 0;
        bind->second_ms = s->now_ms;
    }
    bind->sent++;
}

/* Twice as long as the last one, within these bounds. False if it pauses already: a window full of
 * "slow down" is one event, not as many as the window is wide. */
static bool
bind_pause(const struct step *s, struct bind *bind, uint32_t min_ms, uint32_t max_ms)
{
    uint32_t pause = bind->pause_ms * 2;

    if (s->now_ms < bind->paused_ms)
        return false;
    if (pause < min_ms)
        pause = min_ms;
    bind->pause_ms = pause < max_ms ? pause : max_ms;
    bind->paused_ms = s->now_ms + bind->pause_ms;
    return true;
}

/* A bind without a rate of its own gets one from its pace; that is never less than
 * RATE_DERIVED_MIN, for what one second shows of a bind that has just begun says little. */
static void
rate_cut(struct step *s, struct bind *bind, uint32_t percent)
{
    uint32_t rate = (bind->rate ? bind->rate : pace(s, bind)) * percent / 100;

    if (bind->rate == 0 && rate < RATE_DERIVED_MIN)
        rate = RATE_DERIVED_MIN;
    bind->rate = rate ? rate : 1;
    bind->climbed_ms = s->now_ms;
}

void
rate_full(struct step *s, struct bind *bind)
{
    const struct link *link = bind->link;

    s->relay->count.throttled++;
    if (link->kind == LINK_APP) {
        (void)bind_pause(s, bind, FULL_PAUSE_MIN_MS, FULL_PAUSE_MAX_MS);
        return;
    }
    for (uint32_t i = 0; i < link->bind_count; i++)
        (void)bind_pause(s, link->binds[i], FULL_PAUSE_MIN_MS, FULL_PAUSE_MAX_MS);
}

void
rate_throttled(struct step *s, struct bind *bind)
{
    s->relay->count.throttled++;
    if (!bind_pause(s, bind, THROTTLE_PAUSE_MIN_MS, THROTTLE_PAUSE_MAX_MS))
        return;
    if (bind->link->kind == LINK_CARRIER)
        rate_cut(s, bind, 50);
}

void
rate_success(struct step *s, struct bind *bind)
{
    if (s->now_ms >= bind->paused_ms)
        bind->pause_ms = 0;
}

void
rate_congestion(struct step *s, struct bind *bind, struct slice tlvs)
{
    bool due = s->now_ms >= bind->congestion_ms + CONGESTION_STEP_MS;
    uint32_t state;

    if (bind->peer_version < SMPP_VERSION_50 ||
        !tlv_number(tlvs, SMPP_TAG_CONGESTION_STATE, &state) || state > CONGESTION_FULL)
        return;
    if (state >= CONGESTION_OPTIMUM)
        bind->climbed_ms = s->now_ms;
    if (!due || (state >= CONGESTION_OPTIMUM && state <= CONGESTION_HIGH))
        return;
    if (state > CONGESTION_HIGH) {
        s->relay->count.congested++;
        rate_cut(s, bind, state == CONGESTION_FULL ? 50 : 75);
    } else if (is_cut(bind)) {
        rate_raise(s, bind);
    } else {
        return;
    }
    bind->congestion_ms = s->now_ms;
}
