/*
 * relay_pool_test.c: the pool that proxy numbers come from: whose it is, how a number leaves it,
 * and that taking one costs the same in a large pool (R-proxy-11, 12, 15).
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/lease.h"
#include "gateway/relay/number.h"
#include "store/key.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_proxy_world.h"

static const struct proxy_options two = {.pool = 2};

static void
r_proxy_11_a_pool_of_each_agent(void)
{
    struct world *w =
        proxy_world(&(struct proxy_options){.pool = 2, .settings = "pool_scope: agent"});

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    comes_first(w, CONTACT, USER_BEN, K1, BEN); /* the same contact and number */
    comes_first(w, CONTACT_2, USER_BEN, K2, BEN);
    comes_first(w, CONTACT_2, USER_ANN, K2, ANN);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    goes(w, BEN, K1, USER_BEN, CONTACT);
    world_pass(w, 1000);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    /* Only what is Ben's is recycled for Ben. */
    phone_sends(w, CONTACT_3, USER_BEN, "Hi");
    phone_shows(w, K1, BEN, recycled(CONTACT));
    phone_shows(w, K1, BEN, intro(CONTACT_3));
    phone_shows(w, K1, BEN, "Hi");
    nothing_sent(w);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    goes(w, BEN, K1, USER_BEN, CONTACT_3);
    world_end_test(w);
}

static void
r_proxy_11_a_change_of_scope(void)
{
    struct world *w = proxy_world(&two);
    static const struct proxy_options agents = {.pool = 2, .settings = "pool_scope: agent"};

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    comes_first(w, CONTACT, USER_BEN, K2, BEN);
    proxy_reload(w, &agents);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    goes(w, BEN, K2, USER_BEN, CONTACT);
    comes_first(w, CONTACT_2, USER_BEN, K1, BEN); /* Ann has it too */
    comes_first(w, CONTACT_2, USER_ANN, K2, ANN);
    proxy_reload(w, &two);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    goes(w, BEN, K1, USER_BEN, CONTACT_2);
    goes(w, ANN, K2, USER_ANN, CONTACT_2);
    goes(w, BEN, K2, USER_BEN, CONTACT);
    /* Both numbers stand for two contacts as yet, so neither can be recycled for a third. */
    phone_sends(w, ANN, USER_ANN, "Convo " CONTACT_3);
    phone_shows(w, USER_ANN, ANN, none_free(CONTACT_3));
    lease_end_by_hand(w, 2, CONTACT_2);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    phone_sends(w, BEN, K1, "Too late");
    phone_shows(w, K1, BEN, ended(CONTACT_2));
    phone_sends(w, ANN, USER_ANN, "Convo " CONTACT_3);
    phone_shows(w, K1, ANN, recycled(CONTACT));
    phone_shows(w, K1, ANN, intro(CONTACT_3));
    nothing_sent(w);
    world_end_test(w);
}

/* No number is lost when the scope changes and changes back. */
static void
r_proxy_11_scopes_lose_no_number(void)
{
    static const struct proxy_options agent = {.pool = 2,
                                               .settings = "pool_scope: agent, quarantine: 0s"},
                                      account = {.pool = 2, .settings = "quarantine: 0s"};
    struct world *w = proxy_world(&agent);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    comes_first(w, CONTACT_2, USER_ANN, K2, ANN);
    lease_end_by_hand(w, 1, CONTACT);
    for (int i = 0; i < 2; i++) {
        world_pass(w, 1000);
        proxy_reload(w, &account);
        comes_first(w, CONTACT_3, USER_ANN, K1, ANN);
        world_pass(w, 1000);
        lease_end_by_hand(w, 1, CONTACT_3);
        proxy_reload(w, &agent);
        comes_first(w, CONTACT, USER_ANN, K1, ANN);
        lease_end_by_hand(w, 1, CONTACT);
    }
    check_number((long long)counters(w)->leases_recycled, 0);
    world_end_test(w);
}

static void
r_proxy_12_a_draining_number(void)
{
    struct world *w = proxy_world(&two);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    proxy_reload(w, &(struct proxy_options){.pool = 2, .draining = 1});
    goes(w, ANN, K1, USER_ANN, CONTACT);
    comes(w, CONTACT, USER_ANN, K1, ANN);
    comes_first(w, CONTACT_2, USER_ANN, K2, ANN);
    phone_sends(w, CONTACT_3, USER_ANN, "Hi"); /* K1 is idler, and drains */
    phone_shows(w, K2, ANN, recycled(CONTACT_2));
    answer_all(w);
    lease_end_by_hand(w, 1, CONTACT);
    phone_sends(w, CONTACT_2, USER_BEN, "Hi"); /* K1 is free, and drains */
    phone_shows(w, K2, ANN, recycled(CONTACT_3));
    answer_all(w);
    proxy_reload(w, &two); /* back again */
    comes_first(w, CONTACT_3, USER_BEN, K1, BEN);
    world_end_test(w);
}

/* The same by command, which the file does not undo. */
static void
r_proxy_12_drained_by_command(void)
{
    struct world *w = proxy_world(&two);
    struct addr addr = addr_of(K1);

    for (int drains = 1; drains >= 0; drains--) {
        struct rec_number number;

        world_begin(w);
        {
            struct step s = {w->relay, w->txn, w->now_ms, &w->fx};

            check(number_get(&s, &addr, &number));
            number.draining = (uint8_t)drains;
            number_put(&s, &addr, &number);
        }
        world_end(w);
        proxy_reload(w, &two);
        if (drains)
            comes_first(w, CONTACT, USER_ANN, K2, ANN);
    }
    comes_first(w, CONTACT_2, USER_ANN, K1, ANN);
    world_end_test(w);
}

static void
r_proxy_12_recycled_again_after_draining(void)
{
    struct world *w = proxy_world(&two);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    world_pass(w, 1000);
    comes_first(w, CONTACT_2, USER_ANN, K2, ANN);
    proxy_reload(w, &(struct proxy_options){.pool = 2, .draining = 1});
    phone_sends(w, CONTACT_3, USER_ANN, "Hi");
    phone_shows(w, K2, ANN, recycled(CONTACT_2));
    answer_all(w);
    world_pass(w, 1000);
    proxy_reload(w, &two);
    phone_sends(w, CONTACT_2, USER_BEN, "Hi");
    phone_shows(w, K1, ANN, recycled(CONTACT));
    answer_all(w);
    world_end_test(w);
}

static void
r_proxy_12_out_of_the_directory(void)
{
    struct world *w = proxy_world(&two);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    proxy_reload(w, &(struct proxy_options){.pool = 1, .first = 2});
    goes(w, ANN, K1, USER_ANN, CONTACT);
    comes(w, CONTACT, USER_ANN, K1, ANN);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    lease_end_by_hand(w, 1, CONTACT);
    {
        struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, ANN, K1, "hello");

        check_number(carrier_delivers(w, 0, &pdu), SMPP_RINVDSTADR);
    }
    comes_first(w, CONTACT, USER_ANN, K2, ANN);
    world_end_test(w);
}

static void
r_proxy_12_never_its_own_contact(void)
{
    struct world *w = proxy_world(&two);

    /* Somebody whose number is in our pool writes to Ann (a carrier gave it to two). */
    comes_first(w, K1, USER_ANN, K2, ANN);
    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    lease_end_by_hand(w, 1, K1);
    lease_end_by_hand(w, 1, CONTACT);
    world_pass(w, 1000);
    comes_first(w, K1, USER_BEN, K2, BEN);
    world_end_test(w);
}

/* ---- what it costs */

#define MANY_NUMBERS 100000u
#define MANY_LEASES 200000u
#define MANY_AT_ONCE 500u

static struct addr
numbered(uint64_t n)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
    return addr_of(digits);
}

static void
add_numbers(struct step *s, uint64_t first, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct addr addr = numbered(first + i), like = addr_of(K1);
        struct rec_number number;
        struct key key;

        check(number_get(s, &like, &number));
        pool_follow(s, &addr, &number);
        key_init(&key);
        key_addr(&key, &addr);
        record_put(s->txn, TABLE_NUMBER, key_slice(&key), &rec_number_def, &number);
    }
}

static void
use_numbers(struct step *s, uint64_t first, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct addr contact = numbered(first + i);
        struct lease lease, recycled;

        s->now_ms++;
        check(lease_start(s, ACME, 1, &contact, &lease, &recycled));
        lease_end(s, &lease, LEASE_NO_AGENT); /* without a rest */
    }
}

/* A pool that was used up twice, and is free again. */
static void
use_a_large_pool(struct world *w)
{
    for (uint32_t i = 0; i < MANY_NUMBERS + MANY_LEASES; i += MANY_AT_ONCE) {
        struct step s = {w->relay, NULL, w->now_ms, &w->fx};

        world_begin(w);
        s.txn = w->txn;
        if (i < MANY_NUMBERS)
            add_numbers(&s, 447700000000ull + i, MANY_AT_ONCE);
        else
            use_numbers(&s, 491500000000ull + i, MANY_AT_ONCE);
        w->now_ms = s.now_ms;
        world_end(w);
    }
}

/* Reads of a message that gets a number, and of one to it. */
static void
cost(struct world *w, uint64_t *first, uint64_t *next, size_t *octets)
{
    struct store_stats stats[3];
    uint32_t changesets = w->changeset_count;

    store_stats_get(w->store, &stats[0]);
    phone_sends(w, CONTACT, USER_ANN, "Hi");
    store_stats_get(w->store, &stats[1]);
    *octets = w->changeset_bytes[changesets];
    answer_all(w);
    store_stats_get(w->store, &stats[1]);
    phone_sends(w, CONTACT, USER_ANN, "Hi again");
    store_stats_get(w->store, &stats[2]);
    *first = stats[1].reads - stats[0].reads;
    *next = stats[2].reads - stats[1].reads;
    answer_all(w);
}

/* However many numbers and leases there are, as many rows are read. */
static void
r_proxy_15_costs_the_same_in_a_large_pool(void)
{
    uint64_t first[2], next[2];
    size_t octets[2];

    for (int large = 0; large < 2; large++) {
        struct world *w = proxy_world(&two);

        if (large)
            use_a_large_pool(w);
        cost(w, &first[large], &next[large], &octets[large]);
        world_end_test(w);
    }
    check(first[1] <= first[0] + 8); /* the lists are looked at one after the other */
    check_number((long long)next[1], (long long)next[0]);
    check(octets[1] < octets[0] + 300);
}

CHECK_MAIN({"r_proxy_11_a_pool_of_each_agent", r_proxy_11_a_pool_of_each_agent},
           {"r_proxy_11_a_change_of_scope", r_proxy_11_a_change_of_scope},
           {"r_proxy_11_scopes_lose_no_number", r_proxy_11_scopes_lose_no_number},
           {"r_proxy_12_drained_by_command", r_proxy_12_drained_by_command},
           {"r_proxy_12_a_draining_number", r_proxy_12_a_draining_number},
           {"r_proxy_12_recycled_again_after_draining", r_proxy_12_recycled_again_after_draining},
           {"r_proxy_12_out_of_the_directory", r_proxy_12_out_of_the_directory},
           {"r_proxy_12_never_its_own_contact", r_proxy_12_never_its_own_contact},
           {"r_proxy_15_costs_the_same_in_a_large_pool", r_proxy_15_costs_the_same_in_a_large_pool})
