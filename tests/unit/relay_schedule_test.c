/*
 * relay_schedule_test.c: messages that are not due yet (conformance T4, rows M28 to M31).
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "protocol/smpptime.h"
#include "store/key.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_world.h"

#define MINUTE_MS 60000u
#define HOUR_MS 3600000u

static const char *
in_ms(const struct world *w, uint64_t ms)
{
    static char text[SMPPTIME_BYTES];

    smpptime_format(w->now_ms + ms, text);
    return text;
}

static uint32_t
submit_at(struct world *w, const char *to, const char *text, const char *schedule)
{
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, to, text);

    pdu.body.sm.schedule_delivery_time = slice_str(schedule);
    return app_submits(w, 1, &pdu);
}

static uint64_t
schedule(struct world *w, const char *to, const char *text, uint64_t ms)
{
    check_number(submit_at(w, to, text, in_ms(w, ms)), SMPP_ROK);
    return strtoull(w->message_id, NULL, 10);
}

static uint32_t
state_on(struct world *w, uint32_t slot, uint64_t message)
{
    struct pdu pdu = {.command_id = SMPP_QUERY_SM};

    pdu.body.query.message_id = slice_str(message_id_of(message));
    pdu.body.query.source = international(APP_NUMBER);
    pdu = app_asks(w, slot, &pdu);
    check_number(pdu.command_status, SMPP_ROK);
    check_number(pdu.body.query_result.final_date.n,
                 pdu.body.query_result.message_state > RECEIPT_ENROUTE ? 16 : 0);
    return pdu.body.query_result.message_state;
}

static uint32_t
cancel(struct world *w, const char *id, const char *dest)
{
    struct pdu pdu = {.command_id = SMPP_CANCEL_SM};

    pdu.body.cancel.message_id = slice_str(id);
    pdu.body.cancel.source = international(APP_NUMBER);
    pdu.body.cancel.dest = international(dest);
    return app_asks(w, 1, &pdu).command_status;
}

static uint32_t
replace(struct world *w, uint64_t message, const char *text, const char *schedule_time)
{
    struct pdu pdu = {.command_id = SMPP_REPLACE_SM};

    pdu.body.replace.message_id = slice_str(message_id_of(message));
    pdu.body.replace.source = international(APP_NUMBER);
    pdu.body.replace.short_message = slice_str(text);
    pdu.body.replace.schedule_delivery_time = slice_str(schedule_time);
    return app_asks(w, 1, &pdu).command_status;
}

static void
nothing_scheduled(struct world *w)
{
    check_number(table_rows(w, TABLE_SCHEDULE) + table_rows(w, TABLE_SCHEDULE_TO), 0);
}

static void
smpp_t4_a_scheduled_message_goes_when_it_is_due(void)
{
    struct world *w = world_with_app(NULL);

    (void)schedule(w, CONTACT, "later", HOUR_MS);
    check_number(submit_at(w, CONTACT_2, "relative", "000000020000000R"), SMPP_ROK);
    world_pass(w, HOUR_MS - MINUTE_MS);
    nothing_sent(w);
    world_pass(w, MINUTE_MS + 1000);
    phone_shows(w, APP_NUMBER, CONTACT, "later");
    nothing_sent(w);
    world_pass(w, HOUR_MS);
    phone_shows(w, APP_NUMBER, CONTACT_2, "relative");
    nothing_sent(w);
    nothing_scheduled(w);
    world_end_test(w);
}

/* Row 41 of faults.md: its record is lost, and nothing of it stays. */
static void
smpp_t4_row_41_damaged_before_it_is_due(void)
{
    struct world *w = world_with_app(NULL);
    struct key key;

    (void)schedule(w, CONTACT, "later", HOUR_MS);
    key_init(&key);
    key_u64(&key, last_message(w));
    world_begin(w);
    store_put(w->txn, TABLE_MESSAGE, key_slice(&key), SLICE_LIT("not a record"));
    world_end(w);
    world_pass(w, 2 * HOUR_MS);
    nothing_sent(w);
    nothing_scheduled(w);
    world_end_test(w);
}

static void
smpp_t4_a_time_that_is_past_is_now(void)
{
    struct world *w = world_with_app(NULL);

    check_number(submit_at(w, CONTACT, "now", "200101000000000+"), SMPP_ROK);
    phone_shows(w, APP_NUMBER, CONTACT, "now");
    nothing_scheduled(w);
    world_end_test(w);
}

static void
smpp_t4_m28_m29_m30_times_that_are_none(void)
{
    static const char *const bad[] = {"261301120000000+", "260230120000000+", "261122240000000+",
                                      "261122126000000+", "261122120000049+", "26112212000000",
                                      "261122120000000x", "2611221200000000+"};
    struct world *w = world_with_app(NULL);

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        check_number(submit_at(w, CONTACT, "never", bad[i]), SMPP_RINVSCHED);
    nothing_scheduled(w);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_t4_m31_no_further_ahead_than_schedule_max(void)
{
    struct world_options options = {.relay = "  schedule_max: 2d\n"};
    struct world *w = world_with_app(&options);
    uint64_t limit = 48 * HOUR_MS;

    check_number(submit_at(w, CONTACT, "x", "361122120000000+"), SMPP_RINVSCHED);
    check_number(submit_at(w, CONTACT, "x", in_ms(w, limit + 1000)), SMPP_RINVSCHED);
    check_number(submit_at(w, CONTACT, "at the limit", in_ms(w, limit)), SMPP_ROK);
    world_pass(w, limit + 1000);
    phone_shows(w, APP_NUMBER, CONTACT, "at the limit");
    options.relay = "  schedule_max: 0s\n";
    world_reload(w, &options);
    check_number(submit_at(w, CONTACT, "x", in_ms(w, 1000)), SMPP_RINVSCHED);
    world_end_test(w);
}

/* Its order in the conversation is that of leaving: what came before it was due goes before it,
 * also when that has to wait, and what comes after it behind it. */
static void
smpp_t4_due_stands_at_the_end_of_its_conversation(void)
{
    struct world *w = world_with_app(NULL);

    world_unbind(w, 0, 0);
    (void)schedule(w, CONTACT, "second", MINUTE_MS);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "first"), SMPP_ROK);
    world_pass(w, 2 * MINUTE_MS);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "third"), SMPP_ROK);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    answer(w, sent_first(w), SMPP_RTHROTTLED, "");
    world_pass(w, 5000);
    phone_shows(w, APP_NUMBER, CONTACT, "first");
    answer(w, sent_first(w), SMPP_RSYSERR, "");
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "fourth"), SMPP_ROK);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    world_pass(w, HOUR_MS);
    phone_shows(w, APP_NUMBER, CONTACT, "second");
    phone_shows(w, APP_NUMBER, CONTACT, "third");
    phone_shows(w, APP_NUMBER, CONTACT, "fourth");
    nothing_sent(w);
    check_number(table_rows(w, TABLE_QUEUE) + table_rows(w, TABLE_RETRY), 0);
    world_end_test(w);
}

/* It comes into its flow in the turn in which another of the flow is accepted. */
static void
smpp_t4_due_in_the_turn_of_another(void)
{
    static const struct event tick = {.kind = EV_TICK};
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "fresh");
    struct event event = {.kind = EV_PDU, .u.pdu = &pdu};
    struct world *w = world_with_app(NULL);

    (void)schedule(w, CONTACT, "due", MINUTE_MS);
    w->now_ms += 2 * MINUTE_MS;
    event.session = session_of(w, 1);
    world_begin(w);
    world_step(w, &event);
    world_step(w, &tick);
    world_end(w);
    phone_shows(w, APP_NUMBER, CONTACT, "fresh");
    phone_shows(w, APP_NUMBER, CONTACT, "due");
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_t4_scheduled_messages_survive_a_crash(void)
{
    struct world *w = world_with_app(NULL);

    (void)schedule(w, CONTACT, "in an hour", HOUR_MS);
    (void)schedule(w, CONTACT_2, "due while away", MINUTE_MS);
    world_crash(w);
    world_jump(w, 2 * MINUTE_MS);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    phone_shows(w, APP_NUMBER, CONTACT_2, "due while away");
    nothing_sent(w);
    world_pass(w, HOUR_MS);
    phone_shows(w, APP_NUMBER, CONTACT, "in an hour");
    nothing_scheduled(w);
    world_end_test(w);
}

/* A campaign that is due at one moment takes as many turns as it needs. */
static void
smpp_t4_many_due_at_once(void)
{
    struct world *w = world_with_app(NULL);
    uint32_t count = 3 * TICK_ROWS_MAX, shown = 0;
    static const struct event tick = {.kind = EV_TICK};
    const char *at = in_ms(w, HOUR_MS);

    for (uint32_t i = 0; i < count; i++)
        check_number(submit_at(w, CONTACT, "campaign", at), SMPP_ROK);
    world_unbind(w, 0, 0);
    w->now_ms += 2 * HOUR_MS;
    world_begin(w);
    world_step(w, &tick);
    world_end(w);
    check_number(table_rows(w, TABLE_QUEUE), TICK_ROWS_MAX);
    world_pass(w, 1000);
    check_number(table_rows(w, TABLE_QUEUE), count);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    while (phone_gets(w, CONTACT))
        shown++;
    check_number(shown, count);
    world_end_test(w);
}

static void
smpp_t4_r_stop_5_stop_before_it_is_due(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = schedule(w, CONTACT, "never", HOUR_MS);

    phone_sends(w, CONTACT, APP_NUMBER, "STOP");
    answer_all(w);
    world_pass(w, 2 * HOUR_MS);
    while (phone_gets(w, APP_NUMBER))
        ;
    nothing_sent(w);
    check_number(message_record(w, message).state, MSG_SUPPRESSED);
    world_end_test(w);
}

/* Validity is what the sender gave, counted from the submit; its end is told even before the
 * message is due. */
static void
smpp_t4_expired_before_it_is_due(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "never");
    uint64_t message;

    pdu.body.sm.schedule_delivery_time = SLICE_LIT("000000020000000R");
    pdu.body.sm.validity_period = SLICE_LIT("000000010000000R");
    pdu.body.sm.registered_delivery = 1;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    message = strtoull(w->message_id, NULL, 10);
    world_pass(w, HOUR_MS - 2 * MINUTE_MS);
    nothing_sent(w);
    world_pass(w, 4 * MINUTE_MS);
    app_gets_receipt(w, message, "EXPIRED");
    world_pass(w, 3 * HOUR_MS);
    nothing_sent(w);
    nothing_scheduled(w);
    world_end_test(w);
}

/* Whose sender gave none has the usual one from the time it is due. */
static void
smpp_t4_default_validity_begins_when_it_is_due(void)
{
    struct world_options options = {.relay = "  validity: 1h\n"};
    struct world *w = world_with_app(&options);

    (void)schedule(w, CONTACT, "long after", 24 * HOUR_MS);
    world_pass(w, 24 * HOUR_MS + 1000);
    phone_shows(w, APP_NUMBER, CONTACT, "long after");
    world_end_test(w);
}

static void
smpp_op_query_sm_scheduled(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = schedule(w, CONTACT, "later", HOUR_MS);
    struct event event = {.kind = EV_BIND_UP, .session = {2, 1}};

    check_number(state_on(w, 1, message), RECEIPT_ENROUTE); /* 3.4 has no such state */
    event.u.up = (struct event_up){.link = LINK_APP,
                                   .name = SLICE_LIT("crm"),
                                   .can_send = true,
                                   .window = 1,
                                   .peer_version = SMPP_VERSION_50};
    w->generation[2] = 1;
    w->up[2] = true;
    world_event(w, &event);
    check_number(state_on(w, 2, message), RECEIPT_SCHEDULED);
    world_pass(w, 2 * HOUR_MS);
    answer_all(w);
    check_number(state_on(w, 2, message), RECEIPT_ACCEPTED);
    world_end_test(w);
}

static void
smpp_op_cancel_sm_scheduled(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = schedule(w, CONTACT, "never", HOUR_MS);

    check_number(cancel(w, message_id_of(message), CONTACT), SMPP_ROK);
    check_number(cancel(w, message_id_of(message), CONTACT), SMPP_RCANCELFAIL);
    check_number(state_on(w, 1, message), RECEIPT_DELETED);
    nothing_scheduled(w);
    for (int i = 0; i < 3; i++) {
        (void)schedule(w, CONTACT, "never", HOUR_MS);
        (void)schedule(w, CONTACT_2, "kept", HOUR_MS);
    }
    check_number(cancel(w, "", CONTACT), SMPP_ROK);
    check_number(cancel(w, "", CONTACT), SMPP_RCANCELFAIL);
    world_pass(w, 2 * HOUR_MS);
    for (int i = 0; i < 3; i++)
        phone_shows(w, APP_NUMBER, CONTACT_2, "kept");
    nothing_sent(w);
    nothing_scheduled(w);
    world_end_test(w);
}

/* Once it is due it waits like any other, and can be taken back like any other. */
static void
smpp_op_cancel_sm_of_what_was_scheduled(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t first = schedule(w, CONTACT, "never", MINUTE_MS);
    uint64_t second = schedule(w, CONTACT_2, "one", MINUTE_MS);

    world_unbind(w, 0, 0);
    world_pass(w, 2 * MINUTE_MS);
    check_number(message_record(w, first).state, MSG_QUEUED);
    check_number(cancel(w, message_id_of(first), CONTACT), SMPP_ROK);
    check_number(replace(w, second, "two", ""), SMPP_ROK);
    check_number(table_rows(w, TABLE_QUEUE), 1);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    phone_shows(w, APP_NUMBER, CONTACT_2, "two");
    nothing_sent(w);
    nothing_scheduled(w);
    world_end_test(w);
}

static void
smpp_op_replace_sm_scheduled(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = schedule(w, CONTACT, "one", HOUR_MS);

    check_number(replace(w, message, "x", "261301120000000+"), SMPP_RINVSCHED);
    check_number(replace(w, message, "x", "361122120000000+"), SMPP_RINVSCHED);
    check_number(replace(w, message, "two", ""), SMPP_ROK);
    world_pass(w, HOUR_MS - MINUTE_MS);
    check_number(replace(w, message, "three", in_ms(w, HOUR_MS)), SMPP_ROK);
    check_number(table_rows(w, TABLE_SCHEDULE), 1);
    world_pass(w, HOUR_MS - MINUTE_MS);
    nothing_sent(w);
    world_pass(w, 2 * MINUTE_MS);
    phone_shows(w, APP_NUMBER, CONTACT, "three");
    message = schedule(w, CONTACT, "one", HOUR_MS);
    check_number(replace(w, message, "at once", "200101000000000+"), SMPP_ROK);
    phone_shows(w, APP_NUMBER, CONTACT, "at once");
    nothing_sent(w);
    nothing_scheduled(w);
    world_end_test(w);
}

/* What waits in the queue can be put off. */
static void
smpp_op_replace_sm_schedules_what_waits(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message;

    world_unbind(w, 0, 0);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "now"), SMPP_ROK);
    message = strtoull(w->message_id, NULL, 10);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "next"), SMPP_ROK);
    check_number(replace(w, message, "put off", in_ms(w, HOUR_MS)), SMPP_ROK);
    check_number(table_rows(w, TABLE_QUEUE), 1);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    phone_shows(w, APP_NUMBER, CONTACT, "next");
    nothing_sent(w);
    world_pass(w, 2 * HOUR_MS);
    phone_shows(w, APP_NUMBER, CONTACT, "put off");
    nothing_sent(w);
    world_end_test(w);
}

CHECK_MAIN({"smpp_t4_a_scheduled_message_goes_when_it_is_due",
            smpp_t4_a_scheduled_message_goes_when_it_is_due},
           {"smpp_t4_row_41_damaged_before_it_is_due", smpp_t4_row_41_damaged_before_it_is_due},
           {"smpp_t4_a_time_that_is_past_is_now", smpp_t4_a_time_that_is_past_is_now},
           {"smpp_t4_m28_m29_m30_times_that_are_none", smpp_t4_m28_m29_m30_times_that_are_none},
           {"smpp_t4_m31_no_further_ahead_than_schedule_max",
            smpp_t4_m31_no_further_ahead_than_schedule_max},
           {"smpp_t4_due_stands_at_the_end_of_its_conversation",
            smpp_t4_due_stands_at_the_end_of_its_conversation},
           {"smpp_t4_due_in_the_turn_of_another", smpp_t4_due_in_the_turn_of_another},
           {"smpp_t4_scheduled_messages_survive_a_crash",
            smpp_t4_scheduled_messages_survive_a_crash},
           {"smpp_t4_many_due_at_once", smpp_t4_many_due_at_once},
           {"smpp_t4_r_stop_5_stop_before_it_is_due", smpp_t4_r_stop_5_stop_before_it_is_due},
           {"smpp_t4_expired_before_it_is_due", smpp_t4_expired_before_it_is_due},
           {"smpp_t4_default_validity_begins_when_it_is_due",
            smpp_t4_default_validity_begins_when_it_is_due},
           {"smpp_op_query_sm_scheduled", smpp_op_query_sm_scheduled},
           {"smpp_op_cancel_sm_scheduled", smpp_op_cancel_sm_scheduled},
           {"smpp_op_cancel_sm_of_what_was_scheduled", smpp_op_cancel_sm_of_what_was_scheduled},
           {"smpp_op_replace_sm_scheduled", smpp_op_replace_sm_scheduled},
           {"smpp_op_replace_sm_schedules_what_waits", smpp_op_replace_sm_schedules_what_waits})
