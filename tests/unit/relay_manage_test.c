/*
 * relay_manage_test.c: query_sm, cancel_sm and replace_sm are answered from our own store, for what
 * the asking app submitted itself (conformance section 12).
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/hash.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_world.h"

/* The carrier takes one message at a time, so that others wait. */
static struct world *
world_with_queue(void)
{
    static const struct world_options options = {.carrier = "    window: 1\n"};
    struct world *w = world_new(&options);

    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 1);
    world_bind(w, 1, LINK_APP, "crm", 10);
    return w;
}

static uint64_t
submit(struct world *w, const char *to, const char *text)
{
    check_number(app_sends(w, 1, APP_NUMBER, to, text), SMPP_ROK);
    return strtoull(w->message_id, NULL, 10);
}

static struct pdu
query(struct world *w, const char *id, const char *source)
{
    struct pdu pdu = {.command_id = SMPP_QUERY_SM};

    pdu.body.query.message_id = slice_str(id);
    pdu.body.query.source = international(source);
    return app_asks(w, 1, &pdu);
}

static uint32_t
state_of(struct world *w, uint64_t message)
{
    struct pdu reply = query(w, message_id_of(message), APP_NUMBER);

    check_number(reply.command_status, SMPP_ROK);
    check_text(reply.body.query_result.message_id, message_id_of(message));
    return reply.body.query_result.message_state;
}

static uint32_t
cancel(struct world *w, const char *id, const char *source, const char *dest)
{
    struct pdu pdu = {.command_id = SMPP_CANCEL_SM};

    pdu.body.cancel.message_id = slice_str(id);
    pdu.body.cancel.source = international(source);
    pdu.body.cancel.dest = international(dest);
    return app_asks(w, 1, &pdu).command_status;
}

static uint32_t
replace(struct world *w, uint64_t message, const char *text)
{
    struct pdu pdu = {.command_id = SMPP_REPLACE_SM};

    pdu.body.replace.message_id = slice_str(message_id_of(message));
    pdu.body.replace.source = international(APP_NUMBER);
    pdu.body.replace.short_message = slice_str(text);
    return app_asks(w, 1, &pdu).command_status;
}

static void
smpp_op_query_sm_tells_each_state(void)
{
    struct world *w = world_with_queue();
    uint64_t first = submit(w, CONTACT, "one"), second = submit(w, CONTACT_2, "two");
    struct pdu reply;

    check_number(state_of(w, first), RECEIPT_ENROUTE);
    check_number(state_of(w, second), RECEIPT_ENROUTE);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    check_number(state_of(w, first), RECEIPT_ACCEPTED);
    answer(w, sent_first(w), SMPP_RINVDSTADR, "");
    reply = query(w, message_id_of(second), APP_NUMBER);
    check_number(reply.body.query_result.message_state, RECEIPT_REJECTED);
    check_number(reply.body.query_result.error_code, SMPP_RINVDSTADR);
    check_number(reply.body.query_result.final_date.n, 16);
    world_end_test(w);
}

static void
smpp_op_query_sm_needs_the_id_and_the_source(void)
{
    struct world *w = world_with_queue();
    uint64_t message = submit(w, CONTACT, "one");

    check_number(query(w, "999999", APP_NUMBER).command_status, SMPP_RQUERYFAIL);
    check_number(query(w, "", APP_NUMBER).command_status, SMPP_RQUERYFAIL);
    check_number(query(w, "0x1", APP_NUMBER).command_status, SMPP_RQUERYFAIL);
    check_number(query(w, "99999999999999999999", APP_NUMBER).command_status, SMPP_RQUERYFAIL);
    check_number(query(w, message_id_of(message), BIZ).command_status, SMPP_RQUERYFAIL);
    answer_all(w);
    world_end_test(w);
}

static void
smpp_op_query_sm_is_for_the_app_that_submitted(void)
{
    struct world *w = world_with_queue();
    struct pdu pdu = {.command_id = SMPP_QUERY_SM};
    uint64_t message = submit(w, CONTACT, "one");

    world_bind(w, 2, LINK_APP, "zapp", 10);
    pdu.body.query.message_id = slice_str(message_id_of(message));
    pdu.body.query.source = international(APP_NUMBER);
    check_number(app_asks(w, 2, &pdu).command_status, SMPP_RQUERYFAIL);
    answer_all(w);
    world_end_test(w);
}

static void
smpp_op_cancel_sm_takes_back_what_waits(void)
{
    struct world *w = world_with_queue();
    uint64_t first = submit(w, CONTACT, "one"), second = submit(w, CONTACT_2, "two");

    check_number(cancel(w, message_id_of(first), APP_NUMBER, CONTACT), SMPP_RCANCELFAIL);
    check_number(cancel(w, message_id_of(second), BIZ, CONTACT_2), SMPP_RCANCELFAIL);
    check_number(cancel(w, message_id_of(second), APP_NUMBER, CONTACT_2), SMPP_ROK);
    check_number(cancel(w, message_id_of(second), APP_NUMBER, CONTACT_2), SMPP_RCANCELFAIL);
    check_number(state_of(w, second), RECEIPT_DELETED);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    nothing_sent(w);
    check_number(table_rows(w, TABLE_QUEUE), 0);
    world_end_test(w);
}

/* Behind a lane, at its head, in the middle, waiting for a retry: the rest goes on in its order. */
static void
smpp_op_cancel_sm_in_every_place(void)
{
    struct world *w = world_with_queue();
    uint64_t ids[5];

    for (int i = 0; i < 5; i++)
        ids[i] = submit(w, CONTACT, i == 4 ? "last" : "earlier");
    answer(w, sent_first(w), SMPP_RSYSERR, "");
    check_number(cancel(w, message_id_of(ids[2]), APP_NUMBER, CONTACT), SMPP_ROK);
    check_number(cancel(w, message_id_of(ids[0]), APP_NUMBER, CONTACT), SMPP_ROK);
    check_number(cancel(w, message_id_of(ids[3]), APP_NUMBER, CONTACT), SMPP_ROK);
    phone_shows(w, APP_NUMBER, CONTACT, "earlier");
    phone_shows(w, APP_NUMBER, CONTACT, "last");
    world_pass(w, 3600000);
    nothing_sent(w);
    check_number(table_rows(w, TABLE_QUEUE), 0);
    check_number(table_rows(w, TABLE_RETRY), 0);
    world_end_test(w);
}

static void
smpp_op_cancel_sm_without_an_id_takes_all_to_one_receiver(void)
{
    struct world *w = world_with_queue();

    (void)submit(w, CONTACT_3, "on the wire");
    for (int i = 0; i < 20; i++)
        (void)submit(w, i % 2 ? CONTACT : CONTACT_2, "waiting");
    check_number(cancel(w, "", APP_NUMBER, CONTACT), SMPP_ROK);
    check_number(cancel(w, "", APP_NUMBER, CONTACT), SMPP_RCANCELFAIL);
    answer(w, sent_first(w), SMPP_ROK, "c0");
    for (int i = 0; i < 10; i++)
        phone_shows(w, APP_NUMBER, CONTACT_2, "waiting");
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_op_cancel_sm_tells_the_app_that_asked(void)
{
    struct world *w = world_with_queue();
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT_2, "two");
    char id[65];

    (void)submit(w, CONTACT, "one");
    pdu.body.sm.registered_delivery = 1;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    memcpy(id, w->message_id, sizeof(id));
    check_number(cancel(w, id, APP_NUMBER, CONTACT_2), SMPP_ROK);
    check(strstr(phone_gets(w, APP_NUMBER)->text, "stat:DELETED") != NULL);
    answer_all(w);
    world_end_test(w);
}

static void
smpp_op_replace_sm_changes_what_waits(void)
{
    struct world *w = world_with_queue();
    uint64_t first = submit(w, CONTACT, "one"), second = submit(w, CONTACT_2, "two");

    check_number(replace(w, first, "too late"), SMPP_RREPLACEFAIL);
    check_number(replace(w, 999999, "never was"), SMPP_RREPLACEFAIL);
    check_number(replace(w, second, ""), SMPP_RINVMSGLEN);
    check_number(replace(w, second, "better"), SMPP_ROK);
    check_number(replace(w, second, repeat("x", 200)), SMPP_ROK);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    phone_shows(w, APP_NUMBER, CONTACT_2, repeat("x", 200));
    nothing_sent(w);
    world_end_test(w);
}

/* The old text was put into another alphabet on its way; the new one is what the app writes. */
static void
smpp_op_replace_sm_in_the_alphabet_of_the_app(void)
{
    struct world_options options = {.carrier = "    window: 1\n    alphabet: latin1\n"};
    struct world *w = world_new(&options);
    struct pdu pdu = {.command_id = SMPP_REPLACE_SM};
    uint64_t message;

    world_unbind(w, 0, 0);
    world_bind(w, 1, LINK_APP, "crm", 10);
    message = submit(w, CONTACT, "\xCE\x94"); /* in GSM; UCS-2 for this carrier */
    check_number(message_record(w, message).data_coding, 8);
    check_number(replace(w, message, "better"), SMPP_ROK);
    world_bind(w, 0, LINK_CARRIER, "sim", 1);
    check_number(sent_first(w)->pdu.body.sm.data_coding, 0);
    check_text(sent_first(w)->pdu.body.sm.short_message, "better");
    answer_all(w);
    world_unbind(w, 0, 0);
    pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "");
    pdu.body.sm.data_coding = 8;
    pdu.body.sm.short_message = slice_of("\0a", 2);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    message = strtoull(w->message_id, NULL, 10);
    check_number(replace(w, message, "odd"), SMPP_RINVMSGLEN);
    world_bind(w, 0, LINK_CARRIER, "sim", 1);
    answer_all(w);
    world_end_test(w);
}

/* What was on the wire may be on the phone, and its answer may come late. It would be the old
 * text's, so there is nothing left that could be exchanged for sure. */
static void
smpp_op_replace_sm_not_of_what_is_in_doubt(void)
{
    struct world *w = world_with_queue();
    uint64_t first = submit(w, CONTACT, "one");
    struct event late = {.kind = EV_RESULT, .session = sent_first(w)->session};

    late.u.result = (struct event_result){
        .token = sent_first(w)->token, .how = RESULT_LATE, .message_id = SLICE_LIT("late")};
    answer_how(w, sent_first(w), RESULT_TIMEOUT, 0, NULL);
    check_number(replace(w, first, "two"), SMPP_RREPLACEFAIL);
    world_event(w, &late);
    check_number(state_of(w, first), RECEIPT_ACCEPTED);
    nothing_sent(w);
    world_end_test(w);
}

/* One request must not make a turn as long as the queue: asked again, it goes on. */
static void
smpp_op_cancel_sm_ends_a_bounded_number_at_once(void)
{
    struct world *w = world_with_queue();
    uint32_t left, before = 3000;

    (void)submit(w, CONTACT_3, "on the wire");
    for (uint32_t i = 0; i < before; i++)
        (void)submit(w, CONTACT, repeat("x", 150));
    check_number(cancel(w, "", APP_NUMBER, CONTACT), SMPP_ROK);
    check(w->changeset_bytes[w->changeset_count - 1] < STORE_EVENT_BYTES);
    left = table_rows(w, TABLE_QUEUE);
    check(left > 0 && left < before);
    while (cancel(w, "", APP_NUMBER, CONTACT) == SMPP_ROK)
        ;
    check_number(table_rows(w, TABLE_QUEUE), 0);
    answer_all(w);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_op_replace_sm_survives_a_restart(void)
{
    struct world *w = world_with_queue();
    uint64_t second;

    (void)submit(w, CONTACT, "one");
    second = submit(w, CONTACT_2, "two");
    check_number(replace(w, second, "better"), SMPP_ROK);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    phone_shows(w, APP_NUMBER, CONTACT_2, "better");
    answer_all(w);
    world_end_test(w);
}

static void
smpp_op_replace_sm_checks_its_fields(void)
{
    struct world *w = world_with_queue();
    struct pdu pdu = {.command_id = SMPP_REPLACE_SM};
    uint64_t second;

    (void)submit(w, CONTACT, "one");
    second = submit(w, CONTACT_2, "two");
    pdu.body.replace.message_id = slice_str(message_id_of(second));
    pdu.body.replace.source = international(APP_NUMBER);
    pdu.body.replace.short_message = SLICE_LIT("new");
    pdu.body.replace.sm_default_msg_id = 1;
    check_number(app_asks(w, 1, &pdu).command_status, SMPP_RINVDFTMSGID);
    pdu.body.replace.sm_default_msg_id = 0;
    pdu.body.replace.validity_period = SLICE_LIT("200101000000000+");
    check_number(app_asks(w, 1, &pdu).command_status, SMPP_RINVEXPIRY);
    pdu.body.replace.validity_period = SLICE_LIT("000000010000000R");
    check_number(app_asks(w, 1, &pdu).command_status, SMPP_ROK);
    world_pass(w, 2 * 3600000);
    check_number(state_of(w, second), RECEIPT_EXPIRED);
    answer_all(w);
    world_end_test(w);
}

/* Searches through a long queue, so many in one turn; returns the answer to the last. */
static uint32_t
searches(struct world *w, uint32_t command_id, int count)
{
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT_2, "new");
    struct event event = {.kind = EV_PDU, .session = session_of(w, 1), .u.pdu = &pdu};

    if (command_id == SMPP_CANCEL_SM) {
        pdu = (struct pdu){.command_id = SMPP_CANCEL_SM};
        pdu.body.cancel.source = international(APP_NUMBER);
        pdu.body.cancel.dest = international(CONTACT_2);
    } else {
        pdu.body.sm.replace_if_present_flag = 1;
    }
    world_begin(w);
    while (count-- > 0)
        world_step(w, &event);
    world_end(w);
    return w->status;
}

/* One is on the wire. Two searches look at the 10,000 rows of a turn, the third is to come again.
 */
static void
smpp_op_cancel_sm_and_replace_if_present_searches_of_a_turn(void)
{
    struct world *w = world_with_queue();

    for (int i = 0; i < 5001; i++)
        (void)submit(w, CONTACT, "waits");
    check_number(searches(w, SMPP_CANCEL_SM, 2), SMPP_RCANCELFAIL);
    check_number(searches(w, SMPP_CANCEL_SM, 3), SMPP_RTHROTTLED);
    check_number(searches(w, SMPP_CANCEL_SM, 1), SMPP_RCANCELFAIL);
    check_number(searches(w, SMPP_SUBMIT_SM, 2), SMPP_ROK);
    check_number(searches(w, SMPP_SUBMIT_SM, 3), SMPP_RTHROTTLED);
    world_end_test(w);
}

/* In one turn. */
static void
submit_many(struct world *w, const char *to, int count)
{
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, to, "waits");
    struct event event = {.kind = EV_PDU, .session = session_of(w, 1), .u.pdu = &pdu};

    world_begin(w);
    while (count-- > 0)
        world_step(w, &event);
    world_end(w);
}

/* Behind more rows than a search may look at, in the middle of what came with it. */
static void
smpp_op_cancel_sm_finds_one_in_a_long_queue(void)
{
    struct world *w = world_with_queue();

    for (int i = 0; i < 42; i++)
        submit_many(w, CONTACT, 300);
    world_begin(w);
    for (int i = 0; i < 41; i++) {
        const char *to = i == 20 ? CONTACT_2 : CONTACT;
        struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, to, "x");
        struct event event = {.kind = EV_PDU, .session = session_of(w, 1), .u.pdu = &pdu};

        world_step(w, &event);
    }
    world_end(w);
    check(table_rows(w, TABLE_QUEUE) > 12600);
    check_number(searches(w, SMPP_CANCEL_SM, 1), SMPP_ROK);
    check_number(searches(w, SMPP_CANCEL_SM, 10), SMPP_RCANCELFAIL); /* they cost little */
    check_number(searches(w, SMPP_SUBMIT_SM, 1), SMPP_ROK);
    check_number(searches(w, SMPP_CANCEL_SM, 1), SMPP_ROK);
    world_end_test(w);
}

/* The hashes stand on disk, and are those of the version that wrote them. */
static void
smpp_op_cancel_sm_hashes_of_phones_stay(void)
{
    struct addr phone = addr_of(CONTACT);

    check_number((uint32_t)(hash_addr(0, &phone) >> 16), 0x319b9b6e);
}

/* What the search passes over goes with its messages, also after a restart. */
static void
smpp_op_cancel_sm_stretches_go_with_their_messages(void)
{
    struct world *w = world_with_queue();

    for (int i = 0; i < 3; i++)
        submit_many(w, i == 1 ? CONTACT_2 : CONTACT, 300);
    check_number(table_rows(w, TABLE_STRETCH), 6);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 1);
    world_bind(w, 1, LINK_APP, "crm", 10);
    check_number(searches(w, SMPP_CANCEL_SM, 1), SMPP_ROK);
    check_number(table_rows(w, TABLE_QUEUE), 599);
    answer_all(w);
    check_number(table_rows(w, TABLE_QUEUE), 0);
    check_number(table_rows(w, TABLE_STRETCH), 0);
    world_end_test(w);
}

CHECK_MAIN({"smpp_op_query_sm_tells_each_state", smpp_op_query_sm_tells_each_state},
           {"smpp_op_query_sm_needs_the_id_and_the_source",
            smpp_op_query_sm_needs_the_id_and_the_source},
           {"smpp_op_query_sm_is_for_the_app_that_submitted",
            smpp_op_query_sm_is_for_the_app_that_submitted},
           {"smpp_op_cancel_sm_takes_back_what_waits", smpp_op_cancel_sm_takes_back_what_waits},
           {"smpp_op_cancel_sm_in_every_place", smpp_op_cancel_sm_in_every_place},
           {"smpp_op_cancel_sm_without_an_id_takes_all_to_one_receiver",
            smpp_op_cancel_sm_without_an_id_takes_all_to_one_receiver},
           {"smpp_op_cancel_sm_tells_the_app_that_asked",
            smpp_op_cancel_sm_tells_the_app_that_asked},
           {"smpp_op_replace_sm_changes_what_waits", smpp_op_replace_sm_changes_what_waits},
           {"smpp_op_replace_sm_in_the_alphabet_of_the_app",
            smpp_op_replace_sm_in_the_alphabet_of_the_app},
           {"smpp_op_replace_sm_not_of_what_is_in_doubt",
            smpp_op_replace_sm_not_of_what_is_in_doubt},
           {"smpp_op_cancel_sm_ends_a_bounded_number_at_once",
            smpp_op_cancel_sm_ends_a_bounded_number_at_once},
           {"smpp_op_replace_sm_survives_a_restart", smpp_op_replace_sm_survives_a_restart},
           {"smpp_op_replace_sm_checks_its_fields", smpp_op_replace_sm_checks_its_fields},
           {"smpp_op_cancel_sm_and_replace_if_present_searches_of_a_turn",
            smpp_op_cancel_sm_and_replace_if_present_searches_of_a_turn},
           {"smpp_op_cancel_sm_finds_one_in_a_long_queue",
            smpp_op_cancel_sm_finds_one_in_a_long_queue},
           {"smpp_op_cancel_sm_hashes_of_phones_stay", smpp_op_cancel_sm_hashes_of_phones_stay},
           {"smpp_op_cancel_sm_stretches_go_with_their_messages",
            smpp_op_cancel_sm_stretches_go_with_their_messages})
