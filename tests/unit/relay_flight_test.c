/*
 * relay_flight_test.c: the rows of what is on the wire: one for what leaves in a turn, for as long
 * as a message of it has no outcome.
 */
#include "tests/unit/relay_ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/key.h"
#include "tests/unit/check.h"

/* As in flight.c. */
#define ROW_MESSAGES_MAX 128u
#define MESSAGE_BYTES 8u

/* So many texts to different phones in one turn. */
static void
send_in_a_turn(struct world *w, uint32_t count)
{
    static uint32_t phone;

    world_begin(w);
    for (uint32_t i = 0; i < count; i++) {
        char to[16];

        snprintf(to, sizeof(to), "1303555%04u", ++phone);
        check_number(app_sends(w, 1, APP_NUMBER, to, "on its way"), 0);
    }
    world_end(w);
}

/* With a window that holds everything. */
static struct world *
world_flying(uint32_t count)
{
    struct world *w = world_new(NULL);

    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 1000);
    world_bind(w, 1, LINK_APP, "crm", 1000);
    send_in_a_turn(w, count);
    check_number(sent_count(w), count);
    return w;
}

/* Messages that all rows name. */
static uint32_t
named(struct world *w)
{
    struct slice key, value;
    struct key from;
    uint32_t count = 0;

    world_begin(w);
    key_init(&from);
    while (store_seek(w->txn, TABLE_INFLIGHT, key_slice(&from), SLICE_NONE, &key, &value)) {
        check_number(value.n % MESSAGE_BYTES, 0);
        check(value.n > 0);
        count += (uint32_t)(value.n / MESSAGE_BYTES);
        key_init(&from);
        key_bytes(&from, key);
        key_u8(&from, 0);
    }
    world_end(w);
    return count;
}

static void
what_leaves_together_is_one_row(void)
{
    struct world *w = world_flying(3);

    check_number(table_rows(w, TABLE_INFLIGHT), 1);
    check_number(named(w), 3);
    send_in_a_turn(w, 2);
    check_number(table_rows(w, TABLE_INFLIGHT), 2);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    check_number(table_rows(w, TABLE_INFLIGHT), 2);
    check_number(named(w), 4);
    answer(w, sent_first(w), SMPP_RINVDSTADR, "");
    answer(w, sent_first(w), SMPP_ROK, "c3");
    check_number(table_rows(w, TABLE_INFLIGHT), 1);
    check_number(named(w), 2);
    answer_all(w);
    check_number(table_rows(w, TABLE_INFLIGHT), 0);
    world_end_test(w);
}

static void
a_row_has_its_limit(void)
{
    struct world *w = world_flying(ROW_MESSAGES_MAX);

    check_number(table_rows(w, TABLE_INFLIGHT), 1);
    send_in_a_turn(w, ROW_MESSAGES_MAX + 1);
    check_number(table_rows(w, TABLE_INFLIGHT), 3);
    check_number(named(w), 2 * ROW_MESSAGES_MAX + 1);
    world_end_test(w);
}

/* What has an outcome does not go again, everything else does. */
static void
r_rel_2_a_crash_finds_every_message_of_a_row(void)
{
    struct world *w = world_flying(5);

    answer(w, sent_first(w), SMPP_ROK, "c1");
    answer(w, sent_first(w), SMPP_ROK, "c2");
    world_crash(w);
    check_number(table_rows(w, TABLE_INFLIGHT), 0);
    check_number(relay_counters(w->relay)->possible_duplicates, 3);
    world_bind(w, 0, LINK_CARRIER, "sim", 1000);
    check_number(sent_count(w), 3);
    check_number(named(w), 3);
    world_crash(w);
    check_number(relay_counters(w->relay)->possible_duplicates, 3);
    world_bind(w, 0, LINK_CARRIER, "sim", 1000);
    check_number(sent_count(w), 3);
    answer_all(w);
    check_number(table_rows(w, TABLE_INFLIGHT), 0);
    world_end_test(w);
}

/* The turn that would have settled them is lost: they are in doubt as before it. */
static void
r_rel_2_a_lost_turn_settles_nothing(void)
{
    struct world *w = world_flying(2);

    world_begin(w);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    answer(w, sent_first(w), SMPP_ROK, "c2");
    world_crash_in_turn(w);
    check_number(relay_counters(w->relay)->possible_duplicates, 2);
    world_end_test(w);
}

static void
r_rel_2_a_lost_bind_empties_its_rows(void)
{
    struct world *w = world_flying(4);

    answer(w, sent_first(w), SMPP_ROK, "c1");
    world_unbind(w, 0, 0);
    check_number(table_rows(w, TABLE_INFLIGHT), 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 1000);
    check_number(sent_count(w), 3);
    check_number(named(w), 3);
    world_end_test(w);
}

/* A row as it was before there were flights: (link, message) -> 1. */
static void
r_rel_2_a_row_of_one_octet_names_its_message(void)
{
    struct world *w = world_flying(1);
    struct slice key, value;
    struct key old;

    world_begin(w);
    check(store_seek(w->txn, TABLE_INFLIGHT, SLICE_NONE, SLICE_NONE, &key, &value));
    check_number(value.n, MESSAGE_BYTES);
    key_init(&old);
    key_bytes(&old, slice_of(key.p, 4));
    key_bytes(&old, value);
    store_del(w->txn, TABLE_INFLIGHT, key);
    store_put(w->txn, TABLE_INFLIGHT, key_slice(&old), SLICE_LIT("\1"));
    world_end(w);
    world_crash(w);
    check_number(relay_counters(w->relay)->possible_duplicates, 1);
    check_number(table_rows(w, TABLE_INFLIGHT), 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 1000);
    check_number(sent_count(w), 1);
    world_end_test(w);
}

/* Rows that are left behind are walked over message by message, in pieces of an answer. */
static void
queue_list_shows_each_message_of_a_row(void)
{
    struct world *w = world_flying(ROW_MESSAGES_MAX + 2);

    answer(w, sent_first(w), SMPP_ROK, "c1");
    ask_as(w, NULL, &command_queue_list, "where", "wire", NULL);
    check_number(got.result, COMMAND_DONE);
    check_number(got.count, ROW_MESSAGES_MAX + 1);
    ask_as(w, NULL, &command_queue_list, "where", "wire", "limit", "5", NULL);
    check_number(got.count, 5);
    ask_as(w, NULL, &command_queue_list, "where", "wire", "link", "crm", NULL);
    check_number(got.count, 0);
    ask_as(w, NULL, &command_queue, NULL);
    check(row_says("{\"where\":\"wire\",\"link\":\"sim\",\"class\":null,\"messages\":129}"));
    world_end_test(w);
}

CHECK_MAIN({"what_leaves_together_is_one_row", what_leaves_together_is_one_row},
           {"a_row_has_its_limit", a_row_has_its_limit},
           {"r_rel_2_a_crash_finds_every_message_of_a_row",
            r_rel_2_a_crash_finds_every_message_of_a_row},
           {"r_rel_2_a_lost_turn_settles_nothing", r_rel_2_a_lost_turn_settles_nothing},
           {"r_rel_2_a_lost_bind_empties_its_rows", r_rel_2_a_lost_bind_empties_its_rows},
           {"r_rel_2_a_row_of_one_octet_names_its_message",
            r_rel_2_a_row_of_one_octet_names_its_message},
           {"queue_list_shows_each_message_of_a_row", queue_list_shows_each_message_of_a_row})
