/*
 * relay_time_test.c: how long messages live, and which times go over the wire (conformance T5 to
 * T7). What a time says is in smpptime_test.c, when scheduled messages go in relay_schedule_test.c.
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>

#include "protocol/smpptime.h"
#include "tests/unit/check.h"

#define HOUR_MS 3600000ull
#define DAY_MS (24 * HOUR_MS)

static struct pdu
with_validity(const char *validity)
{
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");

    pdu.body.sm.registered_delivery = 1;
    pdu.body.sm.validity_period = slice_str(validity);
    return pdu;
}

/* The end that the carrier is told. */
static uint64_t
end_told(struct world *w)
{
    uint64_t end = 0;

    check_number(smpptime_parse(sent_first(w)->pdu.body.sm.validity_period, w->now_ms, &end),
                 SMPPTIME_OK);
    return end;
}

/* ---- T4, T5 */

static void
smpp_t4_validity_that_is_none(void)
{
    static const char *const bad[] = {"2601010000000", "261301000000000+", "260230000000000+",
                                      "260101240000000+", "260101000000049+", "000000000000000R",
                                      "251231235959900+", "990101000000000+", "x"};
    struct world *w = world_with_app(NULL);

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct pdu pdu = with_validity(bad[i]);

        check_number(app_submits(w, 1, &pdu), SMPP_RINVEXPIRY);
    }
    nothing_sent(w);
    world_end_test(w);
}

/* 30 days are kept as they are; what is longer ends then, and the carrier is told so. */
static void
smpp_t5_validity_is_cut_to_30_days(void)
{
    static const struct {
        const char *validity;
        uint64_t days;
    } rows[] = {{"000029000000000R", 29},
                {"000030000000000R", 30},
                {"000030000001000R", 30},
                {"000100000000000R", 30},
                {"990000000000000R", 30},
                {"371231235959000+", 30}};
    struct world *w = world_with_app(NULL);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pdu pdu = with_validity(rows[i].validity);

        check_number(app_submits(w, 1, &pdu), SMPP_ROK);
        check_number(message_record(w, leading_number(w->message_id)).expires_ms,
                     (long long)(w->now_ms + rows[i].days * DAY_MS));
        check_number(end_told(w), (long long)(w->now_ms + rows[i].days * DAY_MS));
        answer_all(w);
    }
    world_end_test(w);
}

/* Of a scheduled one they begin when it is due; and replace_sm cannot say more either. */
static void
smpp_t5_validity_of_what_is_not_due(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = with_validity("990000000000000R"), ask = {.command_id = SMPP_REPLACE_SM};
    uint64_t message;

    pdu.body.sm.schedule_delivery_time = SLICE_LIT("000005000000000R");
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    message = leading_number(w->message_id);
    check_number(message_record(w, message).expires_ms, (long long)(w->now_ms + 35 * DAY_MS));
    ask.body.replace.message_id = slice_str(w->message_id);
    ask.body.replace.source = pdu.body.sm.source;
    ask.body.replace.short_message = SLICE_LIT("other");
    ask.body.replace.validity_period = SLICE_LIT("980000000000000R");
    check_number(app_submits(w, 1, &ask), SMPP_ROK);
    check_number(message_record(w, message).expires_ms, (long long)(w->now_ms + 35 * DAY_MS));
    world_end_test(w);
}

/* ---- T6 */

/* Nothing that an app gets has times in it, whatever the carrier wrote. */
static void
smpp_t6_no_times_in_a_deliver_sm(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, "hello"), submit;

    pdu.body.sm.schedule_delivery_time = SLICE_LIT("260101000000000+");
    pdu.body.sm.validity_period = SLICE_LIT("000100000000000R");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check_number(sent_first(w)->pdu.command_id, SMPP_DELIVER_SM);
    check_number(sent_first(w)->pdu.body.sm.schedule_delivery_time.n, 0);
    check_number(sent_first(w)->pdu.body.sm.validity_period.n, 0);
    answer_all(w);
    /* A receipt for a message that had both. */
    submit = with_validity("000001000000000R");
    submit.body.sm.schedule_delivery_time = SLICE_LIT("250101000000000+");
    check_number(app_submits(w, 1, &submit), SMPP_ROK);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    carrier_receipt(w, "c1", "DELIVRD", CONTACT, APP_NUMBER);
    check_number(sent_first(w)->pdu.body.sm.esm_class, SMPP_ESM_RECEIPT);
    check_number(sent_first(w)->pdu.body.sm.schedule_delivery_time.n, 0);
    check_number(sent_first(w)->pdu.body.sm.validity_period.n, 0);
    answer_all(w);
    world_end_test(w);
}

/* And what we schedule ourselves we keep: the carrier is told no schedule. */
static void
smpp_t6_no_schedule_to_a_carrier(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = with_validity("");

    pdu.body.sm.schedule_delivery_time = SLICE_LIT("000000010000000R");
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    nothing_sent(w);
    world_pass(w, HOUR_MS);
    check_number(sent_first(w)->pdu.body.sm.schedule_delivery_time.n, 0);
    check_number(sent_first(w)->pdu.body.sm.validity_period.n, 0); /* the app gave none */
    answer_all(w);
    world_end_test(w);
}

/* ---- T7 */

/* Six hours from when it was submitted, not from when it leaves: what it waited here is gone. */
static void
smpp_t7_the_time_in_our_queue_counts(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = with_validity("000000060000000R");
    uint64_t end = w->now_ms + 6 * HOUR_MS;

    world_unbind(w, 0, 0);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    world_pass(w, 4 * HOUR_MS);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    check_number(end_told(w), (long long)end);
    answer(w, sent_first(w), SMPP_RTHROTTLED, "");
    world_pass(w, HOUR_MS);
    check_number(end_told(w), (long long)end); /* and the same when it is sent again */
    answer_all(w);
    world_end_test(w);
}

static void
smpp_t7_data_sm_says_what_is_left(void)
{
    struct world_options options = {.carrier = "    send_with: data_sm\n"};
    struct world *w;
    struct pdu pdu = with_validity("000000060000000R");
    uint32_t seconds;

    w = world_with_app(&options);
    world_unbind(w, 0, 0);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    world_pass(w, 4 * HOUR_MS);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    check_number(sent_first(w)->pdu.command_id, SMPP_DATA_SM);
    check(tlv_number(sent_first(w)->pdu.tlvs, SMPP_TAG_QOS_TIME_TO_LIVE, &seconds));
    check_number(seconds, 2 * 3600);
    answer_all(w);
    world_end_test(w);
}

/* An app's data_sm has no field for it either. */
static void
smpp_t7_op_data_sm_time_to_live_of_an_app(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DATA_SM, APP_NUMBER, CONTACT, "");
    static const struct {
        uint8_t octets[4];
        uint64_t ms;
    } rows[] = {{{0, 0, 0, 1}, 1000},
                {{0, 0, 0x0E, 0x10}, HOUR_MS},
                {{0, 0x27, 0x8D, 0x00}, 30 * DAY_MS},
                {{0, 0x27, 0x8D, 0x01}, 30 * DAY_MS},
                {{0xFF, 0xFF, 0xFF, 0xFF}, 30 * DAY_MS}};

    for (size_t i = 0; i <= sizeof(rows) / sizeof(rows[0]); i++) {
        bool none = i == sizeof(rows) / sizeof(rows[0]);
        uint8_t tlvs[32];
        size_t used = 0;

        check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD, SLICE_LIT("hello")));
        check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_QOS_TIME_TO_LIVE,
                      none ? slice_of("\0\0\0\0", 4) : slice_of(rows[i].octets, 4)));
        pdu.tlvs = slice_of(tlvs, used);
        check_number(app_submits(w, 1, &pdu), none ? SMPP_RINVTLVVAL : SMPP_ROK);
        if (none)
            break;
        check_number(end_told(w), (long long)(w->now_ms + rows[i].ms));
        answer_all(w);
    }
    nothing_sent(w);
    world_end_test(w);
}

/* It expires here, and the app hears of it. */
static void
smpp_t7_expired_in_our_queue_is_told(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = with_validity("000000060000000R");
    uint64_t message;

    world_unbind(w, 0, 0);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    message = leading_number(w->message_id);
    world_pass(w, 6 * HOUR_MS - 1);
    nothing_sent(w);
    world_pass(w, 120000);
    app_gets_receipt(w, message, "EXPIRED");
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    nothing_sent(w);
    world_end_test(w);
}

CHECK_MAIN(
    {"smpp_t4_validity_that_is_none", smpp_t4_validity_that_is_none},
    {"smpp_t5_validity_is_cut_to_30_days", smpp_t5_validity_is_cut_to_30_days},
    {"smpp_t5_validity_of_what_is_not_due", smpp_t5_validity_of_what_is_not_due},
    {"smpp_t6_no_times_in_a_deliver_sm", smpp_t6_no_times_in_a_deliver_sm},
    {"smpp_t6_no_schedule_to_a_carrier", smpp_t6_no_schedule_to_a_carrier},
    {"smpp_t7_the_time_in_our_queue_counts", smpp_t7_the_time_in_our_queue_counts},
    {"smpp_t7_data_sm_says_what_is_left", smpp_t7_data_sm_says_what_is_left},
    {"smpp_t7_op_data_sm_time_to_live_of_an_app", smpp_t7_op_data_sm_time_to_live_of_an_app},
    {"smpp_t7_expired_in_our_queue_is_told", smpp_t7_expired_in_our_queue_is_told})
