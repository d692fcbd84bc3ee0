/*
 * relay_app_receipt_test.c: the receipts that apps get: which, in which form, how long they wait
 * and are kept, and one for a text that went as several messages (R9 to R15, L9).
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/message.h"
#include "store/key.h"
#include "tests/unit/check.h"

/* ---- what apps get (R9 to R12) */

static void
smpp_r9_intermediate_notifications(void)
{
    struct world_options options = {.app = "        intermediate: true\n"};
    struct world *w = world_with_app(&options);
    uint64_t message = app_submits_text(w, "hello", 0x11);
    static const char *const states[] = {"ENROUTE", "ACCEPTD", "SCHEDLD"};

    check_number(sent_first(w)->pdu.body.sm.registered_delivery, 0x11);
    answer(w, sent_first(w), SMPP_ROK, "77");
    for (int i = 0; i < 3; i++) {
        carrier_receipt(w, "77", states[i], CONTACT, APP_NUMBER);
        check_number(sent_first(w)->pdu.body.sm.esm_class, SMPP_ESM_INTERMEDIATE);
        answer_all(w);
    }
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "DELIVRD");
    carrier_receipt(w, "77", "ENROUTE", CONTACT, APP_NUMBER); /* late */
    nothing_sent(w);
    /* Of a text of parts one is enough. */
    app_submits_text(w, repeat("x", 200), 0x10);
    check_number(sent_first(w)->pdu.body.sm.registered_delivery, 0x10);
    answer(w, sent_first(w), SMPP_ROK, "p1");
    answer(w, sent_first(w), SMPP_ROK, "p2");
    carrier_receipt(w, "p2", "ENROUTE", CONTACT, APP_NUMBER);
    nothing_sent(w);
    carrier_receipt(w, "p1", "ENROUTE", CONTACT, APP_NUMBER);
    check_number(sent_count(w), 1);
    answer_all(w);
    carrier_receipt(w, "p1", "DELIVRD", CONTACT, APP_NUMBER);
    carrier_receipt(w, "p2", "DELIVRD", CONTACT, APP_NUMBER);
    nothing_sent(w); /* no final one was asked for */
    world_end_test(w);
    options.app = "        intermediate: false\n";
    w = world_with_app(&options); /* an app that has none switched on */
    app_submits_text(w, "hello", 0x11);
    check_number(sent_first(w)->pdu.body.sm.registered_delivery, 1);
    answer(w, sent_first(w), SMPP_ROK, "77");
    carrier_receipt(w, "77", "ENROUTE", CONTACT, APP_NUMBER);
    nothing_sent(w);
    world_end_test(w);
}

static void
app_binds_again_as(struct world *w, uint8_t version)
{
    struct event up = {.kind = EV_BIND_UP};

    world_unbind(w, 1, 0);
    w->generation[1]++;
    up.session = session_of(w, 1);
    up.u.up = (struct event_up){.link = LINK_APP,
                                .name = slice_str("crm"),
                                .can_send = true,
                                .window = 10,
                                .peer_version = version};
    world_event(w, &up);
    w->up[1] = true;
}

/* Bits 1 and 0 are 3: peers of 5.0 may ask so. */
static void
smpp_r9_success_only(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message;

    app_binds_again_as(w, SMPP_VERSION_50);
    message = message_sent(w, 3, "77");
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "DELIVRD");
    message_sent(w, 3, "78");
    carrier_receipt(w, "78", "UNDELIV", CONTACT, APP_NUMBER);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_r10_none_that_was_not_asked_for(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "");

    pdu.body.sm.registered_delivery = 1;
    check(app_submits(w, 1, &pdu) != SMPP_ROK); /* a failed submit has none */
    nothing_sent(w);
    message_sent(w, 0, "77");
    carrier_receipt(w, "77", "UNDELIV", CONTACT, APP_NUMBER);
    nothing_sent(w);
    app_submits_text(w, "refused", 0);
    answer(w, sent_first(w), SMPP_RINVDSTADR, NULL);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_r11_b7_text_only_to_3_3(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message;
    char want[40];

    app_binds_again_as(w, SMPP_VERSION_33);
    message = message_sent(w, 1, "77");
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    check_number(sent_first(w)->pdu.tlvs.n, 0);
    snprintf(want, sizeof(want), "id:%llu ", (unsigned long long)message);
    check(memcmp(sent_first(w)->pdu.body.sm.short_message.p, want, strlen(want)) == 0);
    answer_all(w);
    world_end_test(w);
}

/* Numbers of more than eight digits, which no test reaches by counting. */
static void
smpp_r11_b7_short_ids(void)
{
    static const uint64_t numbers[] = {1, 99999999, 100000000, 123456789012, 2037000000000};
    struct rec_msg msg = {.flags = MSGF_SHORT_ID}, plain = {0};
    uint64_t back;
    char buf[24];

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct slice id = message_id_told(&msg, numbers[i], buf);

        check(id.n <= 8);
        check(message_id_parse(id, &back));
        check_number(back, numbers[i]);
        id = message_id_told(&plain, numbers[i], buf);
        check(message_id_parse(id, &back));
        check_number(back, numbers[i]);
    }
    check(!message_id_parse(slice_str("A0000001"), &back)); /* has a shorter form */
    check(!message_id_parse(slice_str("A1NJCHS"), &back));
    check(!message_id_parse(slice_str("A1njchs5"), &back));
    check(!message_id_parse(slice_str("012"), &back));
}

static void
smpp_r12_bounded_oldest_first(void)
{
    struct world_options options = {.relay = "  receipts_max: 3\n"};
    struct world *w = world_with_app(&options);
    uint64_t messages[5];

    world_unbind(w, 1, 0);
    world_bind(w, 2, LINK_APP, "crm", 10);
    for (int i = 0; i < 5; i++) {
        char id[8];
        struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");

        snprintf(id, sizeof(id), "%d", i);
        pdu.body.sm.registered_delivery = 1;
        check_number(app_submits(w, 2, &pdu), SMPP_ROK);
        messages[i] = strtoull(w->message_id, NULL, 10);
        answer(w, sent_to(w, CONTACT), SMPP_ROK, id);
    }
    world_unbind(w, 2, 0);
    for (int i = 0; i < 5; i++) {
        char id[8];

        snprintf(id, sizeof(id), "%d", i);
        carrier_receipt(w, id, "DELIVRD", CONTACT, APP_NUMBER);
        if (i == 3)
            check(strstr(w->log, "too many wait app=crm") != NULL);
    }
    check_number(counters(w)->receipts_dropped, 2);
    check_number(table_rows(w, TABLE_RECEIPT_WAIT), 3);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_bind(w, 1, LINK_APP, "crm", 10);
    for (int i = 2; i < 5; i++) { /* in order */
        char want[40];

        snprintf(want, sizeof(want), "id:%llu ", (unsigned long long)messages[i]);
        check(memcmp(sent_first(w)->pdu.body.sm.short_message.p, want, strlen(want)) == 0);
        answer(w, sent_first(w), SMPP_ROK, NULL);
    }
    nothing_sent(w);
    check_number(table_rows(w, TABLE_RECEIPT_WAIT), 0);
    world_end_test(w);
}

static void
smpp_r12_kept_so_long(void)
{
    struct world_options options = {.relay = "  receipt_keep: 1h\n"};
    struct world *w = world_with_app(&options);

    message_sent(w, 1, "77");
    world_unbind(w, 1, 0);
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    world_pass(w, 3599000);
    check_number(table_rows(w, TABLE_RECEIPT_WAIT), 1);
    world_pass(w, 11000);
    check_number(table_rows(w, TABLE_RECEIPT_WAIT), 0);
    check_number(counters(w)->receipts_dropped, 1);
    world_bind(w, 1, LINK_APP, "crm", 10);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_r12_unacknowledged_comes_again(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = message_sent(w, 1, "77");

    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    check_number(sent_count(w), 1);
    world_unbind(w, 1, 0);
    world_bind(w, 2, LINK_APP, "crm", 10);
    app_gets_receipt(w, message, "DELIVRD");
    world_end_test(w);
}

/* ---- how long (R14), and messages nobody takes (R15) */

static void
smpp_r14_validity_and_a_day(void)
{
    struct world_options options = {.relay = "  validity: 24h\n  keep_final: 1m\n"};
    struct world *w = world_with_app(&options);
    uint64_t message = app_submits_text(w, "hello", 1);

    answer(w, sent_first(w), SMPP_RTHROTTLED, NULL);
    world_pass(w, 1000);
    answer(w, sent_first(w), SMPP_ROK, "77");
    carrier_receipt(w, "77", "ENROUTE", CONTACT, APP_NUMBER);
    world_pass(w, 47ull * 3600 * 1000);
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "DELIVRD");
    world_pass(w, 2ull * 3600 * 1000);
    check_number(table_rows(w, TABLE_RECEIPT_ID), 0);
    world_end_test(w);
}

static void
smpp_r15_never_acknowledged_and_dropped(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, "hello");
    struct rec_number number = {.account = ACME, .role = ROLE_USER, .agent = 99};
    struct addr addr = addr_of(BIZ);
    struct key key;

    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    answer_all(w);
    pdu.body.sm.dest.digits = slice_str("19995550000");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_RINVDSTADR);
    key_init(&key); /* of an agent who is not there; no directory file says so */
    key_addr(&key, &addr);
    world_begin(w);
    record_put(w->txn, TABLE_NUMBER, key_slice(&key), &rec_number_def, &number);
    world_end(w);
    pdu.body.sm.dest.digits = slice_str(BIZ);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_RX_R_APPN);
    check(strstr(w->log, "nobody takes") != NULL);
    check_number(counters(w)->unrouted, 2);
    world_end_test(w);
}

/* The history has the delivery state of all that is said in a conversation (R-conv-9); the app,
 * which asked for nothing, gets nothing. */
static void
r_conv_9_delivery_state_of_what_an_app_says(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t id = conversation(w, CONTACT);
    struct rec_entry entry;
    uint32_t n;

    check_number(app_sends(w, 1, BIZ, CONTACT, "from crm"), SMPP_ROK);
    n = conv_record(w, ACME, id).entries;
    check_number(sent_to(w, CONTACT)->pdu.body.sm.registered_delivery, 1);
    answer(w, sent_to(w, CONTACT), SMPP_ROK, "77");
    carrier_receipt(w, "77", "DELIVRD", CONTACT, BIZ);
    entry = entry_record(w, ACME, id, n);
    check_number(entry.state, MSG_DELIVERED);
    nothing_sent(w);
    world_end_test(w);
}

/* ---- a text that went as several messages (L9) */

static const struct world_options split = {.account = "    long_messages: split\n"};

static uint64_t
pieces_sent(struct world *w, uint8_t registered)
{
    uint64_t message = app_submits_text(w, repeat("x", 400), registered);

    for (int i = 0; i < 3; i++) {
        char id[8];

        snprintf(id, sizeof(id), "p%d", i);
        check_number(sent_count(w), 1);
        check_number(sent_first(w)->pdu.body.sm.registered_delivery, 1);
        answer(w, sent_first(w), SMPP_ROK, id);
    }
    nothing_sent(w);
    return message;
}

static void
smpp_l9_pieces_have_one_receipt(void)
{
    struct world *w = world_with_app(&split);
    uint64_t message = pieces_sent(w, 1);

    carrier_receipt(w, "p0", "DELIVRD", CONTACT, APP_NUMBER);
    carrier_receipt(w, "p2", "DELIVRD", CONTACT, APP_NUMBER);
    carrier_receipt(w, "p2", "DELIVRD", CONTACT, APP_NUMBER);
    nothing_sent(w);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_bind(w, 1, LINK_APP, "crm", 10);
    carrier_receipt(w, "p1", "DELIVRD", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "DELIVRD");
    message = pieces_sent(w, 1);
    carrier_receipt(w, "p1", "EXPIRED", CONTACT, APP_NUMBER);
    carrier_receipt(w, "p2", "DELIVRD", CONTACT, APP_NUMBER);
    nothing_sent(w);
    carrier_receipt(w, "p0", "DELIVRD", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "EXPIRED");
    message = pieces_sent(w, 2); /* failures only */
    for (int i = 0; i < 3; i++) {
        char id[8];

        snprintf(id, sizeof(id), "p%d", i);
        carrier_receipt(w, id, "DELIVRD", CONTACT, APP_NUMBER);
    }
    nothing_sent(w);
    world_end_test(w);
}

/* A piece that its carrier refuses, before the others are sent. */
static void
smpp_l9_refused_piece_is_the_texts_end(void)
{
    struct world *w = world_with_app(&split);
    uint64_t message = app_submits_text(w, repeat("x", 400), 1);

    answer(w, sent_first(w), SMPP_ROK, "p0");
    answer(w, sent_first(w), SMPP_RX_P_APPN, NULL); /* the third goes with it */
    carrier_receipt(w, "p0", "DELIVRD", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "REJECTD");
    world_end_test(w);
}

/* All pieces cancelled at once: the first one's record counts them while it ends itself. */
static void
smpp_l9_op_cancel_sm_of_pieces_has_one_receipt(void)
{
    struct world *w = world_with_app(&split);
    struct pdu pdu = {.command_id = SMPP_CANCEL_SM};
    uint64_t message;
    char id[24];

    world_unbind(w, 0, 0);
    message = app_submits_text(w, repeat("x", 400), 1);
    pdu.body.cancel.message_id = message_id_text(message, id);
    pdu.body.cancel.source = (struct pdu_address){1, 1, SLICE_LIT(APP_NUMBER)};
    check_number(app_asks(w, 1, &pdu).command_status, SMPP_ROK);
    app_gets_receipt(w, message, "DELETED");
    check_number(table_rows(w, TABLE_QUEUE), 0);
    world_end_test(w);
}

/* The first record is needed until the last piece has ended. */
static void
smpp_l9_r14_first_record_outlives_the_rest(void)
{
    struct world_options options = split;
    struct world *w;
    uint64_t message;

    options.relay = "  keep_final: 1m\n  validity: 24h\n";
    w = world_with_app(&options);
    message = pieces_sent(w, 1);
    carrier_receipt(w, "p0", "DELIVRD", CONTACT, APP_NUMBER);
    carrier_receipt(w, "p1", "DELIVRD", CONTACT, APP_NUMBER);
    world_pass(w, 40ull * 3600 * 1000);
    carrier_receipt(w, "p2", "DELIVRD", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "DELIVRD");
    world_pass(w, 10ull * 3600 * 1000);
    check_number(table_rows(w, TABLE_MESSAGE), 0);
    world_end_test(w);
}

CHECK_MAIN({"smpp_r9_intermediate_notifications", smpp_r9_intermediate_notifications},
           {"smpp_r9_success_only", smpp_r9_success_only},
           {"smpp_r10_none_that_was_not_asked_for", smpp_r10_none_that_was_not_asked_for},
           {"smpp_r11_b7_text_only_to_3_3", smpp_r11_b7_text_only_to_3_3},
           {"smpp_r11_b7_short_ids", smpp_r11_b7_short_ids},
           {"smpp_r12_bounded_oldest_first", smpp_r12_bounded_oldest_first},
           {"smpp_r12_kept_so_long", smpp_r12_kept_so_long},
           {"smpp_r12_unacknowledged_comes_again", smpp_r12_unacknowledged_comes_again},
           {"smpp_r14_validity_and_a_day", smpp_r14_validity_and_a_day},
           {"smpp_r15_never_acknowledged_and_dropped", smpp_r15_never_acknowledged_and_dropped},
           {"r_conv_9_delivery_state_of_what_an_app_says",
            r_conv_9_delivery_state_of_what_an_app_says},
           {"smpp_l9_pieces_have_one_receipt", smpp_l9_pieces_have_one_receipt},
           {"smpp_l9_refused_piece_is_the_texts_end", smpp_l9_refused_piece_is_the_texts_end},
           {"smpp_l9_op_cancel_sm_of_pieces_has_one_receipt",
            smpp_l9_op_cancel_sm_of_pieces_has_one_receipt},
           {"smpp_l9_r14_first_record_outlives_the_rest",
            smpp_l9_r14_first_record_outlives_the_rest})
