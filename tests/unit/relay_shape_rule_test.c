/*
 * relay_shape_rule_test.c: the rules of shaping one by one (R-shape-1 to 6): classes, the floor of
 * bulk, limits of numbers, accounts and days, weights, turns. Order and windows are in
 * relay_shape_test.c, whole worlds in tests/shape/.
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "gateway/relay/fair.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/limit.h"
#include "gateway/relay/number.h"
#include "tests/unit/check.h"

#define DAY_MS (24u * 3600u * 1000u)

/* crm of acme in slot 1, zapp of zeta in slot 2. */
static struct world *
shape_world(const struct world_options *options, uint32_t window)
{
    struct world *w = world_new(options);

    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", window);
    world_bind(w, 1, LINK_APP, "crm", 100);
    world_bind(w, 2, LINK_APP, "zapp", 100);
    return w;
}

static const char *
phone(uint32_t n)
{
    static char phones[4][24];
    static uint32_t next;
    char *to = phones[next++ % 4];

    snprintf(to, sizeof(phones[0]), "1202555%04u", 7000 + n);
    return to;
}

static void
bulk(struct world *w, const char *from, uint32_t to, const char *text)
{
    uint32_t slot = strcmp(from, BIZ_ZETA) == 0 ? 2 : 1;

    check_number(app_sends(w, slot, from, phone(to), text), SMPP_ROK);
}

static void
chat(struct world *w, uint32_t to)
{
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, phone(to), "chat");

    pdu.body.sm.priority_flag = 1;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
}

/* What is on the wire from this number, answered. */
static uint32_t
took(struct world *w, const char *from)
{
    uint32_t n = 0;

    for (struct sent *sent = w->first, *next; sent; sent = next) {
        next = sent->next;
        if (slice_eq(sent->pdu.body.sm.source.digits, slice_str(from))) {
            n++;
            answer(w, sent, SMPP_ROK, "x");
        }
    }
    return n;
}

/* In so many milliseconds, looked at every so many. */
static uint32_t
took_within(struct world *w, const char *from, uint32_t ms, uint32_t every)
{
    uint32_t n = took(w, from);

    for (uint32_t i = 0; i < ms / every; i++) {
        world_pass(w, every);
        n += took(w, from);
    }
    return n;
}

/* ---- classes */

static void
r_shape_1_class_of_the_account(void)
{
    struct world_options options = {.account = "    class: chat\n"};
    struct world *w = shape_world(&options, 10);

    bulk(w, APP_NUMBER, 0, "x");
    check_number(message_record(w, last_message(w)).class, CLASS_CHAT);
    bulk(w, BIZ_ZETA, 1, "x"); /* another account says for itself */
    check_number(message_record(w, last_message(w)).class, CLASS_BULK);
    answer_all(w);
    world_end_test(w);
}

static void
r_shape_1_interactive_is_chat(void)
{
    struct world *w = shape_world(NULL, 10);

    chat(w, 0);
    check_number(message_record(w, last_message(w)).class, CLASS_CHAT);
    answer_all(w);
    world_end_test(w);
}

static void
r_shape_2_places_are_kept_for_chat(void)
{
    struct world *w = shape_world(NULL, 10);

    for (uint32_t i = 0; i < 30; i++)
        bulk(w, APP_NUMBER, i, "bulk");
    check_number(sent_count(w), 10); /* no chat was ever seen: the window is bulk's */
    chat(w, 100);
    check(sent_to(w, phone(100)) == NULL);
    answer(w, sent_first(w), SMPP_ROK, "x");
    check(sent_to(w, phone(100)) != NULL);
    answer(w, sent_to(w, phone(100)), SMPP_ROK, "x");
    check_number(sent_count(w), 9); /* one place stays free for the next */
    chat(w, 101);
    check(sent_to(w, phone(101)) != NULL);
    answer(w, sent_to(w, phone(101)), SMPP_ROK, "x");
    world_pass(w, 60000);
    check_number(sent_count(w), 10); /* a minute without chat */
    answer_all(w);
    world_end_test(w);
}

static void
r_shape_2_no_places_are_kept_if_so_configured(void)
{
    struct world_options options = {.gateway = "shaping: {chat_places: 0%}\n"};
    struct world *w = shape_world(&options, 2);

    chat(w, 100);
    for (uint32_t i = 0; i < 5; i++)
        bulk(w, APP_NUMBER, i, "bulk");
    answer(w, sent_first(w), SMPP_ROK, "x");
    check_number(sent_count(w), 2);
    answer_all(w);
    world_end_test(w);
}

/* Chat that has four on the wire at once finds four places, also after all of them were free. */
static void
r_shape_2_as_many_places_are_kept_as_chat_used(void)
{
    struct world *w = shape_world(NULL, 10);

    for (uint32_t i = 0; i < 4; i++)
        chat(w, 100 + i);
    for (uint32_t i = 0; i < 30; i++)
        bulk(w, BIZ_ZETA, i, "bulk");
    check_number(sent_count(w), 9); /* 4 of chat, 5 of bulk, and a place for the next of chat */
    check_number(took(w, APP_NUMBER), 4);
    check_number(sent_count(w), 6); /* not 9: the places of chat stay free */
    for (uint32_t i = 0; i < 4; i++)
        chat(w, 110 + i);
    check_number(sent_count(w), 10);
    for (uint32_t i = 0; i < 6; i++)
        chat(w, 120 + i);
    for (uint32_t i = 0; i < 6; i++)
        answer(w, sent_first(w), SMPP_ROK, "x");
    check_number(sent_count(w), 10); /* chat may have all of it, */
    (void)took(w, APP_NUMBER);
    (void)took(w, APP_NUMBER);
    check_number(sent_count(w), 5); /* and afterwards keeps no more than half of it */
    for (uint32_t i = 0; i < 3; i++) {
        world_pass(w, 59999);
        if (i < 2)
            chat(w, 130 + i);
        (void)took(w, APP_NUMBER);
    }
    check_number(sent_count(w), 9); /* after two minutes that used one place it keeps but one */
    answer_all(w);
    world_end_test(w);
}

/* Of a rate the next segment is chat's: it need not wait for its slot. */
static void
r_shape_2_a_segment_is_kept_for_chat(void)
{
    struct world_options options = {.carrier = "    throughput: 100\n"};
    struct world *w = shape_world(&options, 100);
    uint32_t bulks;

    for (uint32_t i = 0; i < 500; i++)
        bulk(w, BIZ_ZETA, i, "bulk");
    chat(w, 600);
    (void)took_within(w, BIZ_ZETA, 1000, 1);
    for (uint32_t i = 0; i < 20; i++) {
        answer(w, sent_to(w, phone(600 + i)), SMPP_ROK, "x");
        (void)took_within(w, BIZ_ZETA, 31 + i, 1);
        chat(w, 601 + i);
        check(sent_to(w, phone(601 + i)) != NULL);
    }
    answer(w, sent_to(w, phone(620)), SMPP_ROK, "x");
    bulks = took_within(w, BIZ_ZETA, 1000, 1);
    check(bulks >= 97 && bulks <= 100); /* and nothing of the rate is lost */
    world_pass(w, 10000);
    answer_all(w);
    world_end_test(w);
}

static uint32_t
bulk_of_100(const char *gateway)
{
    struct world_options options = {.gateway = gateway};
    struct world *w = shape_world(&options, 1);
    uint32_t bulks = 0;

    for (uint32_t i = 0; i < 100; i++) {
        bulk(w, BIZ_ZETA, i, "bulk");
        chat(w, 200 + i);
    }
    for (uint32_t i = 0; i < 100; i++)
        if (took(w, BIZ_ZETA) > 0)
            bulks++;
        else
            answer(w, sent_first(w), SMPP_ROK, "x");
    answer_all(w);
    world_end_test(w);
    return bulks;
}

static void
r_shape_2_floor_of_bulk(void)
{
    uint32_t quarter = bulk_of_100("shaping: {bulk_floor: 25%}\n");

    check(quarter >= 24 && quarter <= 27);
}

static void
r_shape_2_no_floor(void)
{
    check_number(bulk_of_100(NULL), 1); /* the one that was there before any chat */
}

/* Chat of one carrier goes before bulk of another where both need the account's rate. */
static void
r_shape_2_chat_first_at_the_accounts_rate(void)
{
    struct world_options options = {.account = "    throughput: 1\n"};
    struct world *w = shape_world(&options, 10);

    world_pass(w, 1000);
    bulk(w, APP_NUMBER, 0, "first");
    for (uint32_t i = 1; i < 5; i++)
        bulk(w, APP_NUMBER, i, "bulk");
    chat(w, 100);
    check_number(sent_count(w), 1);
    answer_all(w);
    world_pass(w, 999);
    nothing_sent(w);
    world_pass(w, 1);
    check(sent_to(w, phone(100)) != NULL);
    check_number(took_within(w, APP_NUMBER, 5000, 100), 5);
    world_end_test(w);
}

/* ---- limits */

static void
r_shape_3_number_holds_up_only_its_own(void)
{
    struct world_options options = {.carrier = "    long_code_throughput: 1\n"};
    struct world *w = shape_world(&options, 100);

    world_pass(w, 1000);
    for (uint32_t i = 0; i < 10; i++)
        bulk(w, APP_NUMBER, i, "slow");
    check_number(took(w, APP_NUMBER), 1);
    bulk(w, BIZ_GROUP, 20, "another number");
    check_number(took(w, BIZ_GROUP), 1);
    for (uint32_t second = 0; second < 9; second++) {
        check_number(took_within(w, APP_NUMBER, 999, 333), 0);
        check_number(took_within(w, APP_NUMBER, 1, 1), 1);
    }
    world_pass(w, 2000);
    check_number(w->relay->gates.count, 0); /* nothing is remembered of what is past */
    world_end_test(w);
}

static void
r_shape_3_kinds_of_numbers(void)
{
    struct world_options options = {.carrier = "    long_code_throughput: 1\n"
                                               "    toll_free_throughput: 3\n"
                                               "    short_code_throughput: 100\n"};
    struct world *w = world_new(&options);
    struct addr toll_free = addr_of("18335550100"), world_free = addr_of("80055501234");
    struct addr short_code = {.kind = ADDR_SHORT, .n = 5, .text = "12345"};
    struct addr name = {.kind = ADDR_ALPHA, .n = 4, .text = "ACME"};
    struct addr plain = addr_of(BIZ);
    const struct conf_carrier *carrier = &w->conf->carriers[1]; /* sim */

    check_number(limit_of_carrier(carrier, &plain), 1);
    check_number(limit_of_carrier(carrier, &toll_free), 3);
    check_number(limit_of_carrier(carrier, &world_free), 3);
    check_number(limit_of_carrier(carrier, &short_code), 100);
    check_number(limit_of_carrier(carrier, &name), 0);
    world_end_test(w);
}

static void
r_shape_3_parts_are_paid_for(void)
{
    struct world_options options = {.carrier = "    long_code_throughput: 1\n"};
    struct world *w = shape_world(&options, 100);

    world_pass(w, 1000);
    bulk(w, APP_NUMBER, 0, repeat("x", 400)); /* three parts go together */
    check_number(took(w, APP_NUMBER), 3);
    bulk(w, APP_NUMBER, 1, "next");
    check_number(took_within(w, APP_NUMBER, 2999, 2999), 0);
    check_number(took_within(w, APP_NUMBER, 1, 1), 1);
    world_end_test(w);
}

static void
r_shape_3_whole_texts_count_their_parts(void)
{
    struct world_options options = {.carrier = "    long_code_throughput: 1\n"
                                               "    long_form: payload\n"};
    struct world *w = shape_world(&options, 100);

    world_pass(w, 1000);
    bulk(w, APP_NUMBER, 0, repeat("x", 400));
    check_number(took(w, APP_NUMBER), 1);
    bulk(w, APP_NUMBER, 1, "next");
    check_number(took_within(w, APP_NUMBER, 2999, 2999), 0);
    check_number(took_within(w, APP_NUMBER, 1, 1), 1);
    world_end_test(w);
}

/* No second sees more than the rate however late turns are, and a crash is no fresh start. */
static void
r_shape_3_every_second_holds(void)
{
    struct world_options options = {.account = "    throughput: 50\n"};
    struct world *w = shape_world(&options, 100);
    uint32_t in[3000] = {0}, total = 0, second = 0;

    for (uint32_t i = 0; i < 200; i++)
        bulk(w, APP_NUMBER, i, "x");
    for (uint32_t ms = 0; ms < 3000; ms += 7) {
        in[ms] = took(w, APP_NUMBER);
        total += in[ms];
        world_pass(w, 7);
        if (ms == 1400) {
            world_crash(w);
            world_bind(w, 0, LINK_CARRIER, "sim", 100);
        }
    }
    for (uint32_t ms = 0; ms < 3000; ms++) {
        second += in[ms];
        if (ms >= 1000)
            second -= in[ms - 1000];
        check(second <= 50);
    }
    check(total >= 140); /* and little of it is lost */
    world_end_test(w);
}

static void
r_shape_3_account_rate_leaves_others_alone(void)
{
    struct world_options options = {.account = "    throughput: 5\n"};
    struct world *w = shape_world(&options, 100);
    uint32_t n;

    for (uint32_t i = 0; i < 100; i++) {
        bulk(w, i % 2 ? APP_NUMBER : BIZ_GROUP, i, "x");
        bulk(w, BIZ_ZETA, i, "x");
    }
    check(took_within(w, BIZ_ZETA, 0, 1) == 100);
    n = took_within(w, APP_NUMBER, 10000, 100) + took(w, BIZ_GROUP);
    check(n >= 20 && n <= 51);
    answer_all(w);
    world_pass(w, 30000);
    answer_all(w);
    world_end_test(w);
}

static void
r_shape_3_daily_cap(void)
{
    struct world_options options = {.account = "    daily_cap: 5\n    daily_zone: "
                                               "America/Los_Angeles\n"};
    struct world *w = shape_world(&options, 100);
    uint64_t opens;

    for (uint32_t i = 0; i < 12; i++)
        bulk(w, APP_NUMBER, i, "x");
    check_number(took(w, APP_NUMBER), 5);
    bulk(w, BIZ_ZETA, 50, "x");
    check_number(took(w, BIZ_ZETA), 1);
    world_crash(w); /* which does not begin a new day */
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_pass(w, 60000);
    nothing_sent(w);
    opens = relay_next_ms(w->relay, w->now_ms);
    check(opens <= w->now_ms + SWEEP_MS);
    for (uint32_t hours = 0; sent_count(w) == 0; hours++) {
        check(hours < 24);
        world_pass(w, 3600000);
    }
    /* Midnight there: 7 or 8 in UTC. */
    check((w->now_ms / 3600000 - 1) % 24 == 7 || (w->now_ms / 3600000 - 1) % 24 == 8 ||
          (w->now_ms / 3600000) % 24 == 7 || (w->now_ms / 3600000) % 24 == 8);
    check_number(took(w, APP_NUMBER), 5);
    world_pass(w, DAY_MS);
    check_number(took(w, APP_NUMBER), 2);
    world_end_test(w);
}

/* What no longer fits the day waits; what no day could hold goes alone. */
static void
r_shape_3_daily_cap_and_long_texts(void)
{
    struct world_options options = {.account = "    daily_cap: 2\n"};
    struct world *w = shape_world(&options, 100);

    bulk(w, APP_NUMBER, 0, "x");
    bulk(w, APP_NUMBER, 1, repeat("x", 200)); /* two parts */
    check_number(took(w, APP_NUMBER), 1);
    world_pass(w, DAY_MS);
    check_number(took(w, APP_NUMBER), 2);
    bulk(w, APP_NUMBER, 2, repeat("x", 400));
    nothing_sent(w);
    world_pass(w, DAY_MS);
    check_number(took(w, APP_NUMBER), 3);
    world_end_test(w);
}

/* What waits at a gate still expires in time. */
static void
r_shape_3_what_waits_expires(void)
{
    struct world_options options = {.account = "    daily_cap: 1\n",
                                    .relay = "  validity: 10m\n"};
    struct world *w = shape_world(&options, 100);

    bulk(w, APP_NUMBER, 0, "x");
    bulk(w, APP_NUMBER, 1, "x");
    answer_all(w);
    world_pass(w, 11 * 60000);
    check_number(counters(w)->messages_expired, 1);
    world_end_test(w);
}

static void
r_shape_3_limits_follow_a_reload(void)
{
    struct world_options slow = {.carrier = "    long_code_throughput: 1\n",
                                 .account = "    daily_cap: 3\n"},
                         fast = {0};
    struct world *w = shape_world(&slow, 100);

    world_pass(w, 1000);
    for (uint32_t i = 0; i < 20; i++)
        bulk(w, APP_NUMBER, i, "x");
    check_number(took_within(w, APP_NUMBER, 10000, 1000), 3);
    world_reload(w, &fast);
    check_number(took(w, APP_NUMBER), 17);
    world_end_test(w);
}

/* ---- turns */

static void
shares_are(const char *account, uint32_t low, uint32_t high)
{
    struct world_options options = {.account = account};
    struct world *w = shape_world(&options, 1);
    uint32_t acme = 0;

    for (uint32_t i = 0; i < 100; i++) {
        bulk(w, i % 2 ? APP_NUMBER : BIZ_GROUP, i, "x");
        bulk(w, BIZ_ZETA, i, "x");
    }
    for (uint32_t i = 0; i < 100; i++) {
        bool theirs = slice_eq(sent_first(w)->pdu.body.sm.source.digits, slice_str(BIZ_ZETA));

        acme += !theirs;
        answer(w, sent_first(w), SMPP_ROK, "x");
    }
    check(acme >= low && acme <= high);
    answer_all(w);
    world_end_test(w);
}

/* Two numbers give an account no more than one. */
static void
r_shape_4_accounts_share_evenly(void)
{
    shares_are(NULL, 49, 51);
}

static void
r_shape_4_accounts_share_by_weight(void)
{
    shares_are("    weight: 3\n", 74, 76);
}

static void
r_shape_4_long_texts_count_as_what_they_are(void)
{
    struct world *w = shape_world(NULL, 3);
    uint32_t acme = 0, zeta = 0;

    for (uint32_t i = 0; i < 60; i++) {
        bulk(w, APP_NUMBER, i, repeat("x", 400));
        bulk(w, BIZ_ZETA, i, "x");
    }
    for (uint32_t i = 0; i < 100; i++) {
        if (slice_eq(sent_first(w)->pdu.body.sm.source.digits, slice_str(BIZ_ZETA)))
            zeta++;
        else
            acme++;
        answer(w, sent_first(w), SMPP_ROK, "x");
    }
    check(acme >= zeta - 4 && acme <= zeta + 4);
    answer_all(w);
    world_end_test(w);
}

/* One account fills the window; another, which sends now and then, finds a place. */
static void
r_shape_4_a_place_is_kept_for_an_account_that_rests(void)
{
    struct world *w = shape_world(NULL, 10);

    for (uint32_t i = 0; i < 100; i++)
        bulk(w, APP_NUMBER, i, "flood");
    check_number(sent_count(w), 10); /* nobody else was seen: the window is this account's */
    bulk(w, BIZ_ZETA, 200, "first");
    check(sent_to(w, phone(200)) == NULL);
    answer(w, sent_first(w), SMPP_ROK, "x");
    answer(w, sent_first(w), SMPP_ROK, "x");
    check(sent_to(w, phone(200)) != NULL); /* two take turns */
    answer(w, sent_to(w, phone(200)), SMPP_ROK, "x");
    for (uint32_t i = 0; i < 3; i++)
        answer(w, sent_first(w), SMPP_ROK, "x");
    check_number(sent_count(w), 9); /* it was looked whether it has more */
    for (uint32_t sent = 0; sent < 5; sent++) {
        bulk(w, BIZ_ZETA, 201 + sent, "next");
        check(sent_to(w, phone(201 + sent)) != NULL);
        answer(w, sent_to(w, phone(201 + sent)), SMPP_ROK, "x");
        check_number(sent_count(w), 9);
        answer(w, sent_first(w), SMPP_ROK, "x"); /* it is not ahead of its share */
    }
    world_pass(w, 60000);
    check_number(sent_count(w), 10); /* a minute without it */
    answer_all(w);
    world_end_test(w);
}

static void
r_shape_4_no_places_are_kept_for_accounts_if_so_configured(void)
{
    struct world_options options = {.gateway = "shaping: {account_places: 0%}\n"};
    struct world *w = shape_world(&options, 10);

    bulk(w, BIZ_ZETA, 200, "first");
    check_number(took(w, BIZ_ZETA), 1);
    for (uint32_t i = 0; i < 100; i++)
        bulk(w, APP_NUMBER, i, "flood");
    check_number(sent_count(w), 10);
    answer_all(w);
    world_end_test(w);
}

/* The turns by themselves, with weights drawn at random: at no time is anybody a segment ahead of
 * the ideal share, or more than one behind. */
static void
r_shape_4_within_one_of_the_ideal_share(void)
{
    uint64_t random = 88172645463325252ull;

    for (uint32_t round = 0; round < 300; round++) {
        struct fair fair = {0};
        struct claim claims[20] = {0};
        struct flow flows[20] = {0};
        uint32_t count = 2 + round % 19, sent[20] = {0};
        double weights = 0;

        for (uint32_t i = 0; i < count; i++) {
            random = hash_mix(random, i);
            claims[i] = (struct claim){.fair = &fair, .weight = 1 + (uint32_t)(random % 100)};
            weights += claims[i].weight;
            claim_add(&claims[i], &flows[i]);
        }
        for (uint32_t n = 1; n <= 500; n++) {
            struct claim *next = fair_next(&fair);

            check(next != NULL);
            sent[next - claims]++;
            fair_charge(next, 1, n);
            for (uint32_t i = 0; i < count; i++) {
                double ideal = n * claims[i].weight / weights;

                check(sent[i] < ideal + 1.001 && sent[i] > ideal - 1.001);
            }
        }
        fair_free(&fair);
    }
}

/* ---- slow down, order */

static void
r_shape_5_slow_down_is_one_binds(void)
{
    struct world *w = shape_world(NULL, 1);
    struct sent *sent;

    world_bind(w, 3, LINK_CARRIER, "sim", 1);
    for (uint32_t i = 0; i < 10; i++)
        bulk(w, APP_NUMBER, i, "x");
    check_number(sent_count(w), 2);
    for (sent = w->first; sent->session.slot != 3; sent = sent->next)
        ;
    answer(w, sent, SMPP_RTHROTTLED, NULL);
    check_number(sent_count(w), 1);
    for (uint32_t i = 0; i < 8; i++) { /* the other goes on */
        check_number(sent_first(w)->session.slot, 0);
        answer(w, sent_first(w), SMPP_ROK, "x");
    }
    world_pass(w, 1000);
    answer_all(w);
    check_number(counters(w)->messages_sent, 10);
    world_end_test(w);
}

static void
r_shape_6_order_through_limits(void)
{
    struct world_options options = {.carrier = "    long_code_throughput: 2\n",
                                    .account = "    throughput: 3\n"};
    struct world *w = shape_world(&options, 10);
    char text[16];

    for (uint32_t i = 0; i < 12; i++) {
        snprintf(text, sizeof(text), "%u", i);
        bulk(w, APP_NUMBER, i % 2, text);
    }
    for (uint32_t next[2] = {0, 1}, i = 0; next[0] < 12 || next[1] < 13;) {
        struct sent *sent = w->first;
        uint32_t n;

        check(i++ < 1000);
        if (!sent) {
            world_pass(w, 100);
            continue;
        }
        memset(text, 0, sizeof(text));
        memcpy(text, sent->pdu.body.sm.short_message.p, sent->pdu.body.sm.short_message.n);
        n = (uint32_t)strtoul(text, NULL, 10);
        if (i % 5 == 0) {
            answer(w, sent, SMPP_RTHROTTLED, NULL);
            continue;
        }
        check_number(n, next[n % 2]);
        next[n % 2] += 2;
        answer(w, sent, SMPP_ROK, "x");
    }
    world_end_test(w);
}

/* ---- cost */

/* A thousand numbers at their limits are looked at when one may go, not with every message. */
static void
shape_cost_does_not_grow_with_what_waits(void)
{
    struct world_options options = {.carrier = "    long_code_throughput: 1\n"};
    struct world *w = shape_world(&options, 100);
    uint64_t listings;

    bulk(w, APP_NUMBER, 0, "x");
    bulk(w, APP_NUMBER, 1, "waits at its gate");
    answer_all(w);
    listings = w->relay->listings;
    for (uint32_t i = 0; i < 50; i++)
        world_event(w, &(struct event){.kind = EV_TICK});
    check_number(w->relay->listings, listings); /* nobody looked at the link again */
    check(w->relay->busy.first == NULL);
    world_pass(w, 2000);
    answer_all(w);
    world_end_test(w);
}

/* P8: at 100 a second, with as much bulk as you like, a chat message has the next slot. */
static void
r_shape_2_chat_waits_one_slot(void)
{
    struct world_options options = {.carrier = "    throughput: 100\n"};
    struct world *w = shape_world(&options, 10);

    for (uint32_t i = 0; i < 500; i++)
        bulk(w, BIZ_ZETA, i, "bulk");
    for (uint32_t i = 0; i < 10; i++) {
        uint32_t waited = 0;

        (void)took_within(w, BIZ_ZETA, 53, 1);
        chat(w, 600 + i);
        for (; sent_to(w, phone(600 + i)) == NULL; waited++) {
            (void)took(w, BIZ_ZETA);
            world_pass(w, 1);
        }
        check(waited <= 11);
        answer(w, sent_to(w, phone(600 + i)), SMPP_ROK, "x");
    }
    world_pass(w, 10000);
    answer_all(w);
    world_pass(w, 10000);
    world_end_test(w);
}

static void
r_shape_3_number_given_a_rate_by_command(void)
{
    struct world *w = shape_world(NULL, 100);
    struct addr addr = addr_of(APP_NUMBER);
    struct step s = {.relay = w->relay, .now_ms = w->now_ms, .fx = &w->fx};
    struct rec_number rec;

    bulk(w, APP_NUMBER, 0, "x");
    bulk(w, APP_NUMBER, 1, "x");
    check_number(took(w, APP_NUMBER), 2);
    world_begin(w);
    s.txn = w->txn;
    check(number_get(&s, &addr, &rec));
    rec.throughput = 1;
    number_put(&s, &addr, &rec);
    world_end(w);
    for (uint32_t i = 2; i < 6; i++)
        bulk(w, APP_NUMBER, i, "x");
    check(took(w, APP_NUMBER) <= 1);
    check(took_within(w, APP_NUMBER, 1999, 100) <= 2);
    world_crash(w); /* no file says so, and it still holds */
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    check_number(took_within(w, APP_NUMBER, 500, 100), 0);
    check(took_within(w, APP_NUMBER, 5000, 100) >= 1);
    world_end_test(w);
}

/* Rows that ten turns look at in which nothing comes. */
static uint64_t
reads_of_idle_turns(struct world *w)
{
    struct store_stats before, after;

    store_stats_get(w->store, &before);
    for (uint32_t i = 0; i < 10; i++) {
        w->now_ms++;
        world_event(w, &(struct event){.kind = EV_TICK});
    }
    store_stats_get(w->store, &after);
    return after.reads - before.reads;
}

/* What is not due is rows and nothing else: no flow, no lane, no claim that waits, no alarm; and a
 * turn looks at no more of them however many there are. */
static void
scheduled_messages_cost_nothing_until_due(void)
{
    struct world *w = shape_world(NULL, 100);
    uint64_t reads = reads_of_idle_turns(w);

    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 10000; i++) {
            struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, phone(i % 1000), "later");

            pdu.body.sm.schedule_delivery_time = SLICE_LIT("000001000000000R");
            check_number(app_submits(w, 1, &pdu), SMPP_ROK);
        }
        check_number(w->relay->flows.count + w->relay->lanes.count, 0);
        check_number(w->relay->alarms.count, 0);
        check(w->relay->busy.first == NULL);
        check(reads_of_idle_turns(w) <= reads + 10); /* the first that is due, in each turn */
        world_crash(w);
        world_bind(w, 0, LINK_CARRIER, "sim", 100);
        world_bind(w, 1, LINK_APP, "crm", 100);
    }
    check_number(w->relay->flows.count, 0);
    check_number(table_rows(w, TABLE_SCHEDULE), 20000);
    world_end_test(w);
}

CHECK_MAIN({"r_shape_1_class_of_the_account", r_shape_1_class_of_the_account},
           {"r_shape_1_interactive_is_chat", r_shape_1_interactive_is_chat},
           {"r_shape_2_places_are_kept_for_chat", r_shape_2_places_are_kept_for_chat},
           {"r_shape_2_no_places_are_kept_if_so_configured",
            r_shape_2_no_places_are_kept_if_so_configured},
           {"r_shape_2_as_many_places_are_kept_as_chat_used",
            r_shape_2_as_many_places_are_kept_as_chat_used},
           {"r_shape_2_a_segment_is_kept_for_chat", r_shape_2_a_segment_is_kept_for_chat},
           {"r_shape_4_a_place_is_kept_for_an_account_that_rests",
            r_shape_4_a_place_is_kept_for_an_account_that_rests},
           {"r_shape_4_no_places_are_kept_for_accounts_if_so_configured",
            r_shape_4_no_places_are_kept_for_accounts_if_so_configured},
           {"r_shape_2_floor_of_bulk", r_shape_2_floor_of_bulk},
           {"r_shape_2_no_floor", r_shape_2_no_floor},
           {"r_shape_2_chat_first_at_the_accounts_rate", r_shape_2_chat_first_at_the_accounts_rate},
           {"r_shape_3_number_holds_up_only_its_own", r_shape_3_number_holds_up_only_its_own},
           {"r_shape_3_kinds_of_numbers", r_shape_3_kinds_of_numbers},
           {"r_shape_3_parts_are_paid_for", r_shape_3_parts_are_paid_for},
           {"r_shape_3_whole_texts_count_their_parts", r_shape_3_whole_texts_count_their_parts},
           {"r_shape_3_every_second_holds", r_shape_3_every_second_holds},
           {"r_shape_3_account_rate_leaves_others_alone",
            r_shape_3_account_rate_leaves_others_alone},
           {"r_shape_3_daily_cap", r_shape_3_daily_cap},
           {"r_shape_3_daily_cap_and_long_texts", r_shape_3_daily_cap_and_long_texts},
           {"r_shape_3_what_waits_expires", r_shape_3_what_waits_expires},
           {"r_shape_3_limits_follow_a_reload", r_shape_3_limits_follow_a_reload},
           {"r_shape_4_accounts_share_evenly", r_shape_4_accounts_share_evenly},
           {"r_shape_4_accounts_share_by_weight", r_shape_4_accounts_share_by_weight},
           {"r_shape_4_long_texts_count_as_what_they_are",
            r_shape_4_long_texts_count_as_what_they_are},
           {"r_shape_4_within_one_of_the_ideal_share", r_shape_4_within_one_of_the_ideal_share},
           {"r_shape_5_slow_down_is_one_binds", r_shape_5_slow_down_is_one_binds},
           {"r_shape_6_order_through_limits", r_shape_6_order_through_limits},
           {"r_shape_2_chat_waits_one_slot", r_shape_2_chat_waits_one_slot},
           {"r_shape_3_number_given_a_rate_by_command", r_shape_3_number_given_a_rate_by_command},
           {"scheduled_messages_cost_nothing_until_due", scheduled_messages_cost_nothing_until_due},
           {"shape_cost_does_not_grow_with_what_waits", shape_cost_does_not_grow_with_what_waits})
