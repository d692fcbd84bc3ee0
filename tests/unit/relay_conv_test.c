/*
 * relay_conv_test.c: conversations (R-conv): which one a message belongs to, its ID, its owner, its
 * history.
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "tests/unit/check.h"

static void
r_conv_1_joins_the_open_one(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    phone_sends(w, CONTACT, BIZ, "again");
    phone_shows(w, RELAY_ANN, ANN, with_id(id, "+12025550101: again"));
    check(conversation(w, CONTACT_2) != id);
    world_end_test(w);
}

static void
r_conv_1_pairs_are_apart(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    phone_sends(w, CONTACT, BIZ_GROUP, "other number");
    check_number(counters(w)->conversations_opened, 2);
    check_number(conv_record(w, ACME, id).entries, 2); /* opened, in */
    world_end_test(w);
}

static void
r_conv_1_g26_closed_stays_closed(void)
{
    struct world *w = world_new(NULL);
    uint64_t first = conversation(w, CONTACT), second;

    conv_close_directly(w, ACME, first);
    second = conversation(w, CONTACT);
    check(second != first);
    check_number(conv_record(w, ACME, first).status, CONV_CLOSED);
    check_number(conv_record(w, ACME, second).status, CONV_OPEN);
    check_number(table_rows(w, TABLE_THREAD), 2);
    world_end_test(w);
}

static void
r_conv_1_survives_a_restart(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_sends(w, CONTACT, BIZ, "again");
    phone_shows(w, RELAY_ANN, ANN, with_id(id, "+12025550101: again"));
    world_end_test(w);
}

static void
slips_of_one_digit(const char *digits, uint64_t id)
{
    char slip[24];

    for (size_t i = 0; digits[i]; i++)
        for (char c = '0'; c <= '9'; c++) {
            snprintf(slip, sizeof(slip), "%s", digits);
            slip[i] = c;
            if (strtoull(slip, NULL, 10) != id && conv_id_valid(strtoull(slip, NULL, 10)))
                check_failed(__FILE__, __LINE__, slip);
        }
}

static void
swaps_of_neighbours(const char *digits, uint64_t id)
{
    char slip[24];

    for (size_t i = 0; digits[i + 1]; i++) {
        snprintf(slip, sizeof(slip), "%s", digits);
        slip[i] = digits[i + 1];
        slip[i + 1] = digits[i];
        if (strtoull(slip, NULL, 10) != id && conv_id_valid(strtoull(slip, NULL, 10)))
            check_failed(__FILE__, __LINE__, slip);
    }
}

static void
r_conv_2_no_slip_of_20000_ids_is_valid(void)
{
    uint64_t before = 0;

    for (uint64_t n = 1; n <= 20000; n++) {
        uint64_t id = conv_id_make(n);
        char digits[24];

        snprintf(digits, sizeof(digits), "%llu", (unsigned long long)id);
        check(strlen(digits) >= 6 && conv_id_valid(id) && id > before);
        slips_of_one_digit(digits, id);
        swaps_of_neighbours(digits, id);
        before = id;
    }
}

/* The same far out, where IDs are long. */
static void
r_conv_2_no_slip_of_long_ids_is_valid(void)
{
    for (uint64_t n = 1; n < 10000000000000000ull; n = n * 7 + 3) {
        uint64_t id = conv_id_make(n);
        char digits[24];

        snprintf(digits, sizeof(digits), "%llu", (unsigned long long)id);
        check(conv_id_valid(id));
        slips_of_one_digit(digits, id);
        swaps_of_neighbours(digits, id);
    }
}

static void
r_conv_2_unique_in_the_account(void)
{
    struct world *w = world_new(NULL);
    uint64_t ids[50];
    char phone[24];

    for (uint32_t i = 0; i < 50; i++) {
        snprintf(phone, sizeof(phone), "120255502%02u", i);
        ids[i] = conversation(w, phone);
        check(i == 0 || ids[i] > ids[i - 1]);
        if (i % 10 == 0) {
            conv_close_directly(w, ACME, ids[i]); /* G35: never used again */
            world_crash(w);
            world_bind(w, 0, LINK_CARRIER, "sim", 100);
        }
    }
    world_end_test(w);
}

static void
r_conv_3_agent_owns(void)
{
    struct world *w = world_new(NULL);
    struct rec_conv conv = conv_record(w, ACME, conversation(w, CONTACT));

    check_number(conv.owner_kind, OWNER_AGENT);
    check_number(conv.owner, 1);
    world_end_test(w);
}

static void
r_conv_3_group_owns(void)
{
    struct world *w = world_new(NULL);
    struct rec_conv conv;

    phone_sends(w, CONTACT, BIZ_GROUP, "hello");
    nothing_sent(w); /* a group has no phone */
    conv = conv_record(w, ACME, conv_id_make(1));
    check_number(conv.owner_kind, OWNER_GROUP);
    check_number(conv.owner, 1);
    world_end_test(w);
}

static void
r_conv_3_nobody_owns(void)
{
    struct world *w = world_new(NULL);

    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    nothing_sent(w);
    check_number(conv_record(w, ACME, conv_id_make(1)).owner_kind, OWNER_NOBODY);
    world_end_test(w);
}

static const char reassigned[] =
    "accounts:\n"
    "  - id: acme\n"
    "    name: Acme\n"
    "    agents:\n"
    "      - {id: ann, name: Ann, mobile: +12025550111, relay_number: +12025550180, relay: true}\n"
    "      - {id: ben, name: Ben, mobile: +12025550112, relay_number: +12025550181, relay: true}\n"
    "    numbers:\n"
    "      - {number: +12025550150, role: business, carrier: sim, assign_agent: ben}\n"
    "      - {number: +12025550180, role: relay, carrier: sim, agent: ann}\n"
    "      - {number: +12025550181, role: relay, carrier: sim, agent: ben}\n";

static void
r_conv_3_setting_never_moves_an_open_one(void)
{
    struct world_options options = {.directory = reassigned};
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    world_reload(w, &options);
    phone_sends(w, CONTACT, BIZ, "still you");
    phone_shows(w, RELAY_ANN, ANN, with_id(id, "+12025550101: still you"));
    phone_sends(w, CONTACT_2, BIZ, "new");
    check(sent_to(w, BEN) != NULL && sent_to(w, ANN) == NULL);
    answer_all(w);
    world_end_test(w);
}

static void
r_conv_6_reply_leaves_the_owner(void)
{
    struct world_options options = {.relay = "  reply_scope: account\n"};
    struct world *w = world_new(&options);
    uint64_t id = conversation(w, CONTACT);

    phone_sends(w, BEN, RELAY_BEN, with_id(id, "Ben here"));
    phone_shows(w, BIZ, CONTACT, "Ben here");
    check_number(conv_record(w, ACME, id).owner, 1);
    phone_sends(w, CONTACT, BIZ, "thanks");
    phone_shows(w, RELAY_ANN, ANN, with_id(id, "+12025550101: thanks"));
    nothing_sent(w);
    world_end_test(w);
}

static void
r_conv_9_everything_in_order(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    struct rec_entry entry;

    world_pass(w, 60000);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "hi"));
    entry = entry_record(w, ACME, id, 3);
    check_number(entry.state, MSG_QUEUED);
    phone_shows(w, BIZ, CONTACT, "hi");
    entry = entry_record(w, ACME, id, 1);
    check_number(entry.kind, ENTRY_OPENED);
    entry = entry_record(w, ACME, id, 2);
    check_number(entry.kind, ENTRY_IN);
    check_text(entry.text, "hello");
    entry = entry_record(w, ACME, id, 3);
    check_number(entry.kind, ENTRY_OUT);
    check_number(entry.by_kind, OWNER_AGENT);
    check_number(entry.by, 1);
    check_number(entry.state, MSG_SENT);
    check_number(entry.at_ms, w->now_ms);
    check_text(entry.text, "hi");
    check_number(conv_record(w, ACME, id).entries, 3);
    check_number(conv_record(w, ACME, id).last_out_ms, w->now_ms);
    world_end_test(w);
}

static void
r_conv_9_delivery_state(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    phone_sends(w, ANN, RELAY_ANN, with_id(id, "hi"));
    answer(w, sent_first(w), SMPP_ROK, "77");
    carrier_receipt(w, "77", "DELIVRD", CONTACT, BIZ);
    check_number(entry_record(w, ACME, id, 3).state, MSG_DELIVERED);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "hi 2"));
    answer(w, sent_first(w), SMPP_RINVDSTADR, NULL);
    check_number(entry_record(w, ACME, id, 4).state, MSG_REFUSED);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "hi 3"));
    answer(w, sent_first(w), SMPP_ROK, "78");
    carrier_receipt(w, "78", "UNDELIV", CONTACT, BIZ);
    check_number(entry_record(w, ACME, id, 5).state, MSG_UNDELIVERABLE);
    world_end_test(w);
}

static void
r_conv_9_an_apps_text_is_in_it(void)
{
    struct world_options options = {.account = "    long_messages: split\n    max_parts: 5\n"};
    struct world *w = world_new(&options);
    uint64_t id = conversation(w, CONTACT);
    const char *text = repeat("0123456789", 20);
    struct rec_entry entry;

    world_bind(w, 1, LINK_APP, "crm", 10);
    check_number(app_sends(w, 1, BIZ, CONTACT, text), SMPP_ROK);
    entry = entry_record(w, ACME, id, 3);
    check_number(entry.kind, ENTRY_OUT);
    check_text(entry.text, text); /* as it was submitted, not the last piece of it */
    answer_all(w);
    check_number(entry_record(w, ACME, id, 3).state, MSG_SENT);
    world_end_test(w);
}

static void
r_conv_9_binary_is_kept(void)
{
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ, "");
    struct rec_entry entry;

    pdu.body.sm.data_coding = 4;
    pdu.body.sm.short_message = slice_of("\0\1\xFE\xFF", 4);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    entry = entry_record(w, ACME, conv_id_make(1), 2);
    check_slice(entry.text, slice_of("\0\1\xFE\xFF", 4));
    check_number(entry.alphabet, TEXT_BINARY);
    phone_shows(w, RELAY_ANN, ANN,
                with_id(conv_id_make(1), "+12025550101: [binary message, octets=4]"));
    world_end_test(w);
}

/* The longest text that can come: 39,015 octets, each two in UTF-8. */
static void
r_conv_9_longest_text(void)
{
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ, "");
    static uint8_t tlvs[40000], octets[TEXT_OCTETS_MAX];
    size_t used = 0;

    memset(octets, 1, sizeof(octets)); /* a pound sign */
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD,
                  slice_of(octets, sizeof(octets))));
    pdu.tlvs = slice_of(tlvs, used);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check(entry_record(w, ACME, conv_id_make(1), 2).text.n > 65000); /* as much as an entry holds */
    answer_all(w);
    world_end_test(w);
}

/* Two rows of HISTORY_OF, and what stands in the conversation's record; another conversation in
 * between. */
static void
r_conv_9_each_entry_is_found_by_its_number(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT), other = conversation(w, CONTACT_2);
    struct conv conv;
    struct rec_entry entry;

    for (uint32_t n = 3; n <= 40; n++) {
        phone_sends(w, CONTACT, BIZ, with_id(n, "said"));
        phone_sends(w, CONTACT_2, BIZ, with_id(n, "other"));
        answer_all(w);
        check_number(conv_record(w, ACME, id).entries, n);
        check_text(entry_record(w, ACME, id, n).text, with_id(n, "said"));
    }
    check_number(table_rows(w, TABLE_HISTORY_OF), 4);
    check_number(table_rows(w, TABLE_HISTORY), 80);
    for (uint32_t n = 3; n <= 40; n++) {
        check_text(entry_record(w, ACME, id, n).text, with_id(n, "said"));
        check_text(entry_record(w, ACME, other, n).text, with_id(n, "other"));
    }
    world_begin(w);
    struct step s = {w->relay, w->txn, w->now_ms, &w->fx};
    check(conv_get(&s, ACME, id, &conv));
    check(!conv_entry_get(&s, &conv, 0, &entry) && !conv_entry_get(&s, &conv, 41, &entry));
    conv_entry_drop(&s, &conv, 5);
    conv_entry_drop(&s, &conv, 40);
    conv_entry_drop(&s, &conv, 41);
    check(!conv_entry_get(&s, &conv, 5, &entry) && !conv_entry_get(&s, &conv, 40, &entry));
    check(conv_entry_get(&s, &conv, 6, &entry));
    world_end(w);
    check_number(table_rows(w, TABLE_HISTORY), 78);
    world_end_test(w);
}

CHECK_MAIN({"r_conv_9_each_entry_is_found_by_its_number",
            r_conv_9_each_entry_is_found_by_its_number},
           {"r_conv_1_joins_the_open_one", r_conv_1_joins_the_open_one},
           {"r_conv_1_pairs_are_apart", r_conv_1_pairs_are_apart},
           {"r_conv_1_g26_closed_stays_closed", r_conv_1_g26_closed_stays_closed},
           {"r_conv_1_survives_a_restart", r_conv_1_survives_a_restart},
           {"r_conv_2_no_slip_of_20000_ids_is_valid", r_conv_2_no_slip_of_20000_ids_is_valid},
           {"r_conv_2_no_slip_of_long_ids_is_valid", r_conv_2_no_slip_of_long_ids_is_valid},
           {"r_conv_2_unique_in_the_account", r_conv_2_unique_in_the_account},
           {"r_conv_3_agent_owns", r_conv_3_agent_owns},
           {"r_conv_3_group_owns", r_conv_3_group_owns},
           {"r_conv_3_nobody_owns", r_conv_3_nobody_owns},
           {"r_conv_3_setting_never_moves_an_open_one", r_conv_3_setting_never_moves_an_open_one},
           {"r_conv_6_reply_leaves_the_owner", r_conv_6_reply_leaves_the_owner},
           {"r_conv_9_everything_in_order", r_conv_9_everything_in_order},
           {"r_conv_9_delivery_state", r_conv_9_delivery_state},
           {"r_conv_9_an_apps_text_is_in_it", r_conv_9_an_apps_text_is_in_it},
           {"r_conv_9_binary_is_kept", r_conv_9_binary_is_kept},
           {"r_conv_9_longest_text", r_conv_9_longest_text}, )
