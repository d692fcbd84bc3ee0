/*
 * rate.c: how fast a bind may send (R-shape-5, conformance section 6): the rate of the
 * configuration, less while its carrier says "slow down" or reports congestion, and back up slowly.
 * Separate from shape.c, which asks only when one more PDU may go.
 */
#include "gateway/relay/rate.h"

#include "gateway/relay/core.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/tokens.h"

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

static uint32_t
full_rate(const struct bind *bind)
{
    return bind->link->carrier ? bind->link->carrier->throughput : 0;
}

/* PDUs a second that it takes at present. */
static uint32_t
pace(const struct step *s, const struct bind *bind)
{
    return meter_pace(&bind->meter, s->now_ms);
}

static uint32_t
rate_of(const struct bind *bind)
{
    return bind->tokens.rate;
}

/* One step up. A bind without a rate of its own has none again once it does not need all it may
 * have. */
static void
rate_raise(struct step *s, struct bind *bind)
{
    uint32_t full = full_rate(bind), rate = rate_of(bind), of = full ? full : rate;

    bind->climbed_ms = s->now_ms;
    rate += of * RATE_CLIMB_PERCENT / 100 ? of * RATE_CLIMB_PERCENT / 100 : 1;
    if (full && rate > full)
        rate = full;
    if (!full && rate > 2 * pace(s, bind))
        rate = 0;
    tokens_set_rate(&bind->tokens, rate, s->now_ms);
}

static bool
is_cut(const struct bind *bind)
{
    return rate_of(bind) != 0 && (full_rate(bind) == 0 || rate_of(bind) < full_rate(bind));
}

uint64_t
rate_next_ms(struct step *s, struct bind *bind, uint32_t leave)
{
    uint32_t climb_ms = full_rate(bind) ? RATE_CLIMB_MS : RATE_DERIVED_CLIMB_MS;

    if (s->now_ms < bind->paused_ms)
        return bind->paused_ms;
    if (is_cut(bind) && s->now_ms >= bind->climbed_ms + climb_ms)
        rate_raise(s, bind);
    return tokens_next_leaving_ms(&bind->tokens, leave, s->now_ms);
}

void
rate_took(struct step *s, struct bind *bind)
{
    tokens_take(&bind->tokens, 1);
    meter_add(&bind->meter, 1, s->now_ms);
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
    bind->paused_ms = s->now_ms + (PLANTED(NO_PAUSE) ? 0 : bind->pause_ms);
    return true;
}

/* A bind without a rate of its own gets one from its pace; that is never less than
 * RATE_DERIVED_MIN, for what one second shows of a bind that has just begun says little. */
static void
rate_cut(struct step *s, struct bind *bind, uint32_t percent)
{
    uint32_t rate = (rate_of(bind) ? rate_of(bind) : pace(s, bind)) * percent / 100;

    if (rate_of(bind) == 0 && rate < RATE_DERIVED_MIN)
        rate = RATE_DERIVED_MIN;
    tokens_set_rate(&bind->tokens, rate ? rate : 1, s->now_ms);
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
