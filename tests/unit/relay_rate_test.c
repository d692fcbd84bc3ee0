/*
 * relay_rate_test.c: how fast a bind sends when its carrier says how full it is: congestion_state
 * (conformance section 6).
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>

#include "gateway/relay/link.h"
#include "tests/unit/check.h"

/* A carrier bound as `version`, and an app with more to send than any test lets go. */
static struct world *
world_of_carrier(uint8_t version, const char *carrier, uint32_t backlog)
{
    struct world_options options = {.carrier = carrier};
    struct world *w = world_new(&options);

    world_unbind(w, 0, 0);
    w->peer_version = version;
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    world_bind(w, 1, LINK_APP, "crm", 10);
    for (uint32_t i = 0; i < backlog; i++) {
        char phone[24];

        snprintf(phone, sizeof(phone), "1202%07u", i);
        check_number(app_sends(w, 1, APP_NUMBER, phone, "x"), SMPP_ROK);
    }
    return w;
}

/* Every 50 ms what is on the wire by then is accepted, with this congestion_state. */
static uint32_t
sent_within(struct world *w, uint32_t ms, uint8_t congestion)
{
    uint8_t tlv[] = {0x04, 0x28, 0, 1, congestion};
    uint64_t before = counters(w)->messages_out;

    w->answer_tlvs = slice_of(tlv, sizeof(tlv));
    for (uint32_t i = 0; i < ms; i += 50) {
        world_pass(w, 50);
        for (uint32_t n = sent_count(w); n > 0; n--)
            answer(w, sent_first(w), SMPP_ROK, NULL);
    }
    w->answer_tlvs = SLICE_NONE;
    return (uint32_t)(counters(w)->messages_out - before);
}

static uint32_t
rate(struct world *w)
{
    return bind_of(w->relay, session_of(w, 0))->tokens.rate;
}

static void
smpp_status_congestion_above_90_the_rate_is_cut(void)
{
    struct world *w = world_of_carrier(0x50, "    throughput: 40\n", 400);

    sent_within(w, 200, 91);
    check_number(rate(w), 30);
    check_number(counters(w)->congested, 1);
    sent_within(w, 700, 91); /* one window says it many times */
    check_number(rate(w), 30);
    sent_within(w, 400, 99);
    check_number(rate(w), 22);
    sent_within(w, 1000, 100);
    check_number(rate(w), 11);
    check(sent_within(w, 900, 85) <= 12);
    for (int i = 0; i < 12; i++)
        sent_within(w, 1000, 100);
    check_number(rate(w), 1); /* never stands still */
    world_end_test(w);
}

static void
smpp_status_congestion_80_to_90_holds(void)
{
    struct world *w = world_of_carrier(0x50, "    throughput: 40\n", 900);

    sent_within(w, 200, 100);
    check_number(rate(w), 20);
    for (int i = 0; i < 6; i++) {
        sent_within(w, 2500, 80);
        check_number(rate(w), 20);
        sent_within(w, 2500, 90);
        check_number(rate(w), 20); /* nor does it climb as time passes */
    }
    world_end_test(w);
}

static void
smpp_status_congestion_below_80_it_is_raised(void)
{
    struct world *w = world_of_carrier(0x50, "    throughput: 40\n", 1200);

    sent_within(w, 200, 100);
    check_number(rate(w), 20);
    sent_within(w, 1000, 79);
    check_number(rate(w), 24);
    sent_within(w, 1000, 0);
    check_number(rate(w), 28);
    for (int i = 0; i < 5; i++)
        sent_within(w, 1000, 50);
    check_number(rate(w), 40); /* and not above what is configured */
    check_number(counters(w)->congested, 1);
    world_end_test(w);
}

/* A bind without a rate is cut from what it sends, and is free again once it needs less. */
static void
smpp_status_congestion_without_a_throughput(void)
{
    struct world *w = world_of_carrier(0x50, NULL, 3000);
    uint32_t n = sent_within(w, 1000, 85);

    check(n > 150 && rate(w) == 0);
    sent_within(w, 50, 100);
    check(rate(w) >= n * 4 / 10 && rate(w) <= n * 6 / 10);
    n = rate(w);
    sent_within(w, 1000, 60);
    check(rate(w) > n);
    for (int i = 0; i < 20; i++)
        sent_within(w, 1000, 60);
    check_number(rate(w), 0);
    world_end_test(w);
}

/* A cut is not for ever when the carrier falls silent about it. */
static void
smpp_status_congestion_no_more_reports(void)
{
    struct world *w = world_of_carrier(0x50, "    throughput: 40\n", 900);

    sent_within(w, 200, 100);
    check_number(rate(w), 20);
    for (int i = 0; i < 11; i++) {
        world_pass(w, 1000);
        answer_all(w);
    }
    check_number(rate(w), 24);
    world_end_test(w);
}

/* Of 3.4 there is no such TLV, and a value above 100 means nothing. */
static void
smpp_status_congestion_where_it_means_nothing(void)
{
    struct world *w = world_of_carrier(0x34, "    throughput: 40\n", 100);

    sent_within(w, 500, 100);
    check_number(rate(w), 40);
    world_end_test(w);
    w = world_of_carrier(0x50, "    throughput: 40\n", 100);
    sent_within(w, 500, 101);
    check_number(rate(w), 40);
    check_number(counters(w)->congested, 0);
    world_end_test(w);
}

CHECK_MAIN(
    {"smpp_status_congestion_above_90_the_rate_is_cut",
     smpp_status_congestion_above_90_the_rate_is_cut},
    {"smpp_status_congestion_80_to_90_holds", smpp_status_congestion_80_to_90_holds},
    {"smpp_status_congestion_below_80_it_is_raised",
     smpp_status_congestion_below_80_it_is_raised},
    {"smpp_status_congestion_without_a_throughput", smpp_status_congestion_without_a_throughput},
    {"smpp_status_congestion_no_more_reports", smpp_status_congestion_no_more_reports},
    {"smpp_status_congestion_where_it_means_nothing",
     smpp_status_congestion_where_it_means_nothing})
