/*
 * relay_proxy_order_test.c: the notice of a recycled number and what must not leave before it
 * (R-proxy-6), where so much waits that a flow is full.
 */
#include "tests/unit/check.h"

#include "gateway/relay/core.h"
#include "tests/unit/relay_proxy_world.h"

#define OTHER 3u /* slot of the second carrier */
static const struct proxy_options one = {.pool = 1};

/* More than a flow keeps behind lanes. */
#define FULL (FLOW_PARKED_MAX + 6u)

/* Ben's first conversation takes Ann's number, and gets so many texts that the flow of the number
 * is full. */
static void
ben_takes_it(struct world *w)
{
    for (uint32_t i = 0; i < FULL; i++)
        phone_sends(w, CONTACT_2, USER_BEN, "Hi Ben");
}

static void
ben_gets_it_all(struct world *w)
{
    phone_shows(w, K1, BEN, intro(CONTACT_2));
    for (uint32_t i = 0; i < FULL; i++)
        phone_shows(w, K1, BEN, "Hi Ben");
}

static void
r_proxy_6_told_first_though_much_waits(void)
{
    struct world *w = proxy_world(&one);
    struct sent *busy;

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    phone_sends(w, CONTACT, USER_ANN, "One more");
    busy = sent_to(w, ANN);
    check(busy != NULL);
    ben_takes_it(w);
    world_pass(w, 60000);
    check_number(sent_count(w), 1);
    answer(w, busy, SMPP_ROK, "c9");
    phone_shows(w, K1, ANN, recycled(CONTACT));
    world_pass(w, 60000);
    ben_gets_it_all(w);
    nothing_sent(w);
    check_number(table_rows(w, TABLE_QUEUE) + table_rows(w, TABLE_RETRY), 0);
    world_end_test(w);
}

/* What goes to Ann has a carrier of its own. It dies, and the notice comes to the end of the other
 * one's flow, which is full of what waits for the notice: that goes all the same. */
static void
r_proxy_6_nothing_waits_for_ever(void)
{
    static const struct proxy_options routed = {
        .pool = 1,
        .gateway = "routes:\n  - {id: ann, prefixes: [\"" ANN
                   "\"], carriers: [{carrier: other}], backups: [sim]}\n"};
    struct world *w = proxy_world(&routed);

    world_bind(w, OTHER, LINK_CARRIER, "other", 1);
    answer_all(w);
    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    phone_sends(w, CONTACT, USER_ANN, "One more");
    check(sent_to(w, ANN) != NULL);
    ben_takes_it(w);
    world_pass(w, 1000);
    check_number(sent_count(w), 1);
    world_unbind(w, OTHER, 0);
    world_pass(w, 3 * 60000);
    ben_gets_it_all(w);
    phone_shows(w, K1, ANN, "One more");
    phone_shows(w, K1, ANN, recycled(CONTACT));
    nothing_sent(w);
    check_number(table_rows(w, TABLE_QUEUE) + table_rows(w, TABLE_RETRY), 0);
    world_end_test(w);
}

CHECK_MAIN({"r_proxy_6_told_first_though_much_waits", r_proxy_6_told_first_though_much_waits},
           {"r_proxy_6_nothing_waits_for_ever", r_proxy_6_nothing_waits_for_ever})
