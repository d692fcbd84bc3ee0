/*
 * relay_multi_test.c: submit_multi: a message for each number, one message_id for all, the failed
 * ones named (conformance section 12).
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "gateway/relay/message.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_world.h"

#define NAMED_MAX 8u

/* A list of destinations, and what the answer said of them. */
struct sending {
    struct pdu pdu;
    uint8_t region[SMPP_DESTS_50_MAX * PDU_DEST_BYTES_MAX];
    uint8_t payload[40000];
    uint64_t first;
    uint32_t failures;
    char failed[NAMED_MAX][24];
    uint32_t status[NAMED_MAX];
};

static struct sending *
sending(const char *from, const char *text)
{
    static struct sending one;

    one = (struct sending){.pdu = pdu_of_text(SMPP_SUBMIT_MULTI, from, "", text)};
    one.pdu.body.sm.dest = (struct pdu_address){0};
    return &one;
}

static void
add_dest(struct sending *m, const struct pdu_dest *dest)
{
    check(pdu_dest_put(m->region, sizeof(m->region), &m->pdu.body.sm.dests, dest));
}

static void
add(struct sending *m, const char *digits)
{
    struct pdu_dest dest = {.flag = PDU_DEST_SME, .address = {1, 1, slice_str(digits)}};

    add_dest(m, &dest);
}

static void
add_list(struct sending *m, const char *name)
{
    struct pdu_dest dest = {.flag = PDU_DEST_LIST, .list_name = slice_str(name)};

    add_dest(m, &dest);
}

/* Text too long for short_message goes into message_payload. */
static void
to_payload(struct sending *m)
{
    size_t used = 0;

    check(tlv_put(m->payload, sizeof(m->payload), &used, SMPP_TAG_MESSAGE_PAYLOAD,
                  m->pdu.body.sm.short_message));
    m->pdu.tlvs = slice_of(m->payload, used);
    m->pdu.body.sm.short_message = SLICE_NONE;
}

/* Sends it on slot 1; returns the status. */
static uint32_t
go(struct world *w, struct sending *m)
{
    struct pdu reply = app_asks(w, 1, &m->pdu);
    struct slice rest = reply.body.multi_result.failures.region;
    struct pdu_failure failure;

    m->first = 0;
    m->failures = 0;
    if (reply.command_status != SMPP_ROK)
        return reply.command_status;
    check_number(reply.command_id, SMPP_SUBMIT_MULTI_RESP);
    check(reply.body.message_id.n > 0);
    for (size_t i = 0; i < reply.body.message_id.n; i++)
        m->first = m->first * 10 + (uint64_t)(reply.body.message_id.p[i] - '0');
    while (pdu_failure_next(&rest, &failure)) {
        uint32_t n = m->failures++;

        if (n >= NAMED_MAX)
            continue;
        memcpy(m->failed[n], failure.address.digits.p, failure.address.digits.n);
        m->failed[n][failure.address.digits.n] = '\0';
        m->status[n] = failure.status;
    }
    check_number(m->failures, reply.body.multi_result.failures.count);
    return SMPP_ROK;
}

static void
smpp_op_submit_multi_gives_each_number_its_message(void)
{
    struct world *w = world_with_app(NULL);
    struct sending *m = sending(APP_NUMBER, "to all of you");

    add(m, CONTACT);
    add(m, CONTACT_2);
    add(m, CONTACT_3);
    check_number(go(w, m), SMPP_ROK);
    check_number(m->failures, 0);
    check_number(sent_count(w), 3);
    check_number(counters(w)->messages_in, 3);
    for (uint64_t n = m->first; n < m->first + 3; n++)
        check_number(message_record(w, n).group, n == m->first ? 0 : m->first);
    check_number(message_record(w, m->first).group_total, 3);
    phone_shows(w, APP_NUMBER, CONTACT, "to all of you");
    phone_shows(w, APP_NUMBER, CONTACT_2, "to all of you");
    phone_shows(w, APP_NUMBER, CONTACT_3, "to all of you");
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_op_submit_multi_names_those_that_failed(void)
{
    struct world *w = world_with_app(NULL);
    struct sending *m = sending(APP_NUMBER, "hello");
    struct pdu_dest odd = {.flag = PDU_DEST_SME, .address = {7, 1, SLICE_LIT(CONTACT_2)}};

    phone_sends(w, CONTACT_3, BIZ_NOBODY, "STOP");
    (void)phone_gets(w, CONTACT_3);
    add(m, "12x");
    add(m, CONTACT);
    add(m, CONTACT_3);
    add_list(m, "friends");
    add_dest(m, &odd);
    check_number(go(w, m), SMPP_ROK);
    check_number(m->failures, 4);
    check(strcmp(m->failed[0], "12x") == 0 && m->status[0] == SMPP_RINVDSTADR);
    check(strcmp(m->failed[1], CONTACT_3) == 0 && m->status[1] == STATUS_OPTED_OUT);
    check(strcmp(m->failed[2], "friends") == 0 && m->status[2] == SMPP_RINVDLNAME);
    check(strcmp(m->failed[3], CONTACT_2) == 0 && m->status[3] == SMPP_RINVDSTTON);
    check_number(message_record(w, m->first).group_total, 0);
    phone_shows(w, APP_NUMBER, CONTACT, "hello");
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_op_submit_multi_status_0x45_all_failed(void)
{
    struct world *w = world_with_app(NULL);
    struct sending *m = sending(APP_NUMBER, "hello");

    add(m, "12x");
    add_list(m, "friends");
    check_number(go(w, m), SMPP_RSUBMITFAIL);
    m = sending(APP_NUMBER, "hello");
    add_list(m, "friends");
    check_number(go(w, m), SMPP_RINVDLNAME);
    m = sending(BIZ_ZETA, "hello"); /* what is wrong for all is told once */
    add(m, CONTACT);
    check_number(go(w, m), SMPP_RINVSRCADR);
    check_number(counters(w)->messages_in, 0);
    check_number(table_rows(w, TABLE_MESSAGE), 0);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_op_submit_multi_serves_a_number_once(void)
{
    struct world *w = world_with_app(NULL);
    struct sending *m = sending(APP_NUMBER, "once");

    add(m, CONTACT);
    add(m, CONTACT_2);
    add(m, "+" CONTACT);
    add(m, CONTACT);
    check_number(go(w, m), SMPP_ROK);
    check_number(m->failures, 0);
    check_number(message_record(w, m->first).group_total, 2);
    phone_shows(w, APP_NUMBER, CONTACT, "once");
    phone_shows(w, APP_NUMBER, CONTACT_2, "once");
    nothing_sent(w);
    world_end_test(w);
}

/* Each destination has its receipt, all under the one ID, with the app's own reference. */
static void
smpp_op_submit_multi_op_user_message_reference_in_receipts(void)
{
    static const uint8_t reference[] = {0x02, 0x04, 0, 2, 0xAB, 0xCD};
    struct world *w = world_with_app(NULL);
    struct sending *m = sending(APP_NUMBER, "hello");
    static const char *const phones[] = {CONTACT_2, CONTACT};

    add(m, CONTACT);
    add(m, CONTACT_2);
    m->pdu.body.sm.registered_delivery = 1;
    m->pdu.tlvs = slice_of(reference, sizeof(reference));
    check_number(go(w, m), SMPP_ROK);
    answer(w, sent_to(w, CONTACT), SMPP_ROK, "c1");
    answer(w, sent_to(w, CONTACT_2), SMPP_ROK, "c2");
    for (int i = 0; i < 2; i++) {
        struct slice text;
        struct tlv tlv;
        char id[32];

        carrier_receipt(w, i ? "c1" : "c2", i ? "DELIVRD" : "UNDELIV", phones[i], APP_NUMBER);
        text = sent_first(w)->pdu.body.sm.short_message;
        (void)snprintf(id, sizeof(id), "id:%llu ", (unsigned long long)m->first);
        check(memcmp(text.p, id, strlen(id)) == 0);
        check_text(sent_first(w)->pdu.body.sm.source.digits, phones[i]);
        check(tlv_find(sent_first(w)->pdu.tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &tlv));
        check(slice_eq(tlv.value, slice_of(reference + 4, 2)));
        answer_all(w);
    }
    nothing_sent(w);
    world_end_test(w);
}

/* ---- query_sm and cancel_sm of the one ID */

static uint32_t
state_of(struct world *w, uint64_t message, uint32_t *status)
{
    struct pdu pdu = {.command_id = SMPP_QUERY_SM}, reply;
    char id[24];

    pdu.body.query.message_id = message_id_text(message, id);
    pdu.body.query.source = (struct pdu_address){1, 1, SLICE_LIT(APP_NUMBER)};
    reply = app_asks(w, 1, &pdu);
    *status = reply.command_status;
    check(reply.command_status || slice_eq(reply.body.message_id, slice_str(id)));
    check((reply.body.query_result.final_date.n > 0) ==
          (!reply.command_status && reply.body.query_result.message_state != RECEIPT_ENROUTE));
    return reply.body.query_result.message_state;
}

static void
smpp_op_query_sm_of_a_submit_multi_tells_of_all(void)
{
    struct world *w = world_with_app(NULL);
    struct sending *m = sending(APP_NUMBER, "hello");
    uint32_t status;

    add(m, CONTACT);
    add(m, CONTACT_2);
    m->pdu.body.sm.registered_delivery = 2; /* failures: fewer receipts here */
    check_number(go(w, m), SMPP_ROK);
    (void)state_of(w, m->first + 1, &status);
    check_number(status, SMPP_RQUERYFAIL); /* nobody was given this number */
    answer(w, sent_to(w, CONTACT), SMPP_ROK, "c1");
    answer(w, sent_to(w, CONTACT_2), SMPP_ROK, "c2");
    carrier_receipt(w, "c2", "DELIVRD", CONTACT_2, APP_NUMBER);
    check_number(state_of(w, m->first, &status), RECEIPT_ENROUTE);
    carrier_receipt(w, "c1", "DELIVRD", CONTACT, APP_NUMBER);
    check_number(state_of(w, m->first, &status), RECEIPT_DELIVERED);
    m = sending(APP_NUMBER, "hello");
    add(m, CONTACT);
    add(m, CONTACT_2);
    check_number(go(w, m), SMPP_ROK);
    answer(w, sent_to(w, CONTACT), SMPP_ROK, "c3");
    answer(w, sent_to(w, CONTACT_2), SMPP_RINVDSTADR, "");
    check_number(state_of(w, m->first, &status), RECEIPT_REJECTED);
    world_end_test(w);
}

static void
smpp_op_cancel_sm_of_a_submit_multi_takes_all_that_wait(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = {.command_id = SMPP_CANCEL_SM};
    struct pdu change = {.command_id = SMPP_REPLACE_SM};
    struct sending *m = sending(APP_NUMBER, "hello");
    char id[24];

    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 1);
    add(m, CONTACT);
    add(m, CONTACT_2);
    add(m, CONTACT_3);
    check_number(go(w, m), SMPP_ROK);
    pdu.body.cancel.message_id = change.body.replace.message_id = message_id_text(m->first, id);
    pdu.body.cancel.source = change.body.replace.source =
        (struct pdu_address){1, 1, SLICE_LIT(APP_NUMBER)};
    change.body.replace.short_message = SLICE_LIT("other");
    check_number(app_asks(w, 1, &change).command_status, SMPP_RREPLACEFAIL);
    check_number(app_asks(w, 1, &pdu).command_status, SMPP_ROK);
    check_number(app_asks(w, 1, &pdu).command_status, SMPP_RCANCELFAIL);
    check_number(message_record(w, m->first + 1).state, MSG_CANCELLED);
    check_number(message_record(w, m->first + 2).state, MSG_CANCELLED);
    phone_shows(w, APP_NUMBER, CONTACT, "hello");
    nothing_sent(w);
    check_number(table_rows(w, TABLE_QUEUE), 0);
    world_end_test(w);
}

/* The number that its app has is the first one's: it stays while others may wait. */
static void
smpp_op_cancel_sm_of_a_submit_multi_whose_first_ended_long_ago(void)
{
    struct world_options options = {.relay = "  keep_final: 1m\n  validity: 24h\n"};
    struct world *w = world_with_app(&options);
    struct pdu pdu = {.command_id = SMPP_CANCEL_SM};
    struct sending *m = sending(APP_NUMBER, "hello");
    char id[24];

    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 1);
    add(m, CONTACT);
    add(m, CONTACT_2);
    check_number(go(w, m), SMPP_ROK);
    answer(w, sent_to(w, CONTACT), SMPP_ROK, "c1");
    answer(w, sent_to(w, CONTACT_2), SMPP_RX_T_APPN, "");
    world_unbind(w, 0, 0);
    world_pass(w, 600000);
    pdu.body.cancel.message_id = message_id_text(m->first, id);
    pdu.body.cancel.source = (struct pdu_address){1, 1, SLICE_LIT(APP_NUMBER)};
    check_number(app_asks(w, 1, &pdu).command_status, SMPP_ROK);
    check_number(message_record(w, m->first + 1).state, MSG_CANCELLED);
    world_pass(w, 49 * 3600000u);
    check_number(table_rows(w, TABLE_MESSAGE), 0);
    world_end_test(w);
}

/* ---- the size of one event */

static void
add_many(struct sending *m, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char digits[24];

        (void)snprintf(digits, sizeof(digits), "1202555%04u", 1000 + i);
        add(m, digits);
    }
}

/* As many as there may be, with the longest text that goes to so many: one event stays under its
 * limit, and one octet of text more is refused, with nothing accepted. */
static void
smpp_op_submit_multi_keeps_the_size_of_an_event(void)
{
    struct world *w = world_with_app(&(struct world_options){.account = "    max_parts: 255\n"});
    size_t fits = 0, refused = 0, most = 0;

    world_unbind(w, 0, 0);
    for (size_t n = 400; n < 1200 && !refused; n += 50) {
        struct sending *m = sending(BIZ, repeat("x", (uint32_t)n));
        uint32_t status;

        add_many(m, SMPP_DESTS_50_MAX);
        to_payload(m);
        status = go(w, m);
        if (status == SMPP_ROK)
            fits = n;
        else
            refused = n;
        check_number(status, refused ? SMPP_RINVNUMDESTS : SMPP_ROK);
        if (w->changeset_bytes[w->changeset_count - 1] > most)
            most = w->changeset_bytes[w->changeset_count - 1];
        check_number(counters(w)->messages_in % SMPP_DESTS_50_MAX, 0);
    }
    check(fits >= 600 && refused == fits + 50);
    check(most < STORE_EVENT_BYTES && most > STORE_EVENT_BYTES / 5);
    world_end_test(w);
}

/* Nor may its cancellation make one too long: asked again, it goes on. */
static void
smpp_op_cancel_sm_of_a_submit_multi_keeps_the_size_of_an_event(void)
{
    enum { COUNT = 50 };
    struct world *w = world_with_app(&(struct world_options){.account = "    max_parts: 255\n"});
    struct sending *m = sending(APP_NUMBER, repeat("x", 16000));
    struct pdu pdu = {.command_id = SMPP_CANCEL_SM};
    char id[24];

    world_unbind(w, 0, 0);
    add_many(m, COUNT);
    to_payload(m);
    m->pdu.body.sm.data_coding = 4; /* as it is */
    m->pdu.body.sm.registered_delivery = 1;
    check_number(go(w, m), SMPP_ROK);
    world_unbind(w, 1, 0);
    world_bind(w, 1, LINK_APP, "crm", 1);
    pdu.body.cancel.message_id = message_id_text(m->first, id);
    pdu.body.cancel.source = (struct pdu_address){1, 1, SLICE_LIT(APP_NUMBER)};
    check_number(app_asks(w, 1, &pdu).command_status, SMPP_ROK);
    check(w->changeset_bytes[w->changeset_count - 1] < STORE_EVENT_BYTES * 3 / 4);
    check_number(message_record(w, m->first).state, MSG_CANCELLED);
    check_number(message_record(w, m->first + COUNT - 1).state, MSG_QUEUED);
    while (app_asks(w, 1, &pdu).command_status == SMPP_ROK)
        ;
    for (uint64_t n = m->first; n < m->first + COUNT; n++)
        check_number(message_record(w, n).state, MSG_CANCELLED);
    world_end_test(w);
}

static void
smpp_op_submit_multi_of_a_text_that_is_split(void)
{
    struct world *w =
        world_with_app(&(struct world_options){.account = "    long_messages: split\n"});
    struct sending *m = sending(APP_NUMBER, repeat("ten chars ", 20));

    add(m, CONTACT);
    add(m, CONTACT_2);
    check_number(go(w, m), SMPP_ROK);
    check_number(message_record(w, m->first).group_total, 4);
    for (uint64_t n = m->first + 1; n < m->first + 4; n++)
        check_number(message_record(w, n).group, m->first);
    for (int i = 0; i < 4; i++)
        check(strstr(phone_gets(w, i < 2 ? CONTACT : CONTACT_2)->text, i % 2 ? " 2/2" : " 1/2"));
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_op_submit_multi_survives_a_restart(void)
{
    struct world *w = world_with_app(NULL);
    struct sending *m = sending(APP_NUMBER, "hello");
    uint32_t status;

    world_unbind(w, 0, 0);
    add(m, CONTACT);
    add(m, CONTACT_2);
    check_number(go(w, m), SMPP_ROK);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    world_bind(w, 1, LINK_APP, "crm", 10);
    phone_shows(w, APP_NUMBER, CONTACT, "hello");
    phone_shows(w, APP_NUMBER, CONTACT_2, "hello");
    check_number(state_of(w, m->first, &status), RECEIPT_ACCEPTED);
    nothing_sent(w);
    world_end_test(w);
}

CHECK_MAIN(
    {"smpp_op_submit_multi_gives_each_number_its_message",
     smpp_op_submit_multi_gives_each_number_its_message},
    {"smpp_op_submit_multi_names_those_that_failed", smpp_op_submit_multi_names_those_that_failed},
    {"smpp_op_submit_multi_status_0x45_all_failed", smpp_op_submit_multi_status_0x45_all_failed},
    {"smpp_op_submit_multi_serves_a_number_once", smpp_op_submit_multi_serves_a_number_once},
    {"smpp_op_submit_multi_op_user_message_reference_in_receipts",
     smpp_op_submit_multi_op_user_message_reference_in_receipts},
    {"smpp_op_query_sm_of_a_submit_multi_tells_of_all",
     smpp_op_query_sm_of_a_submit_multi_tells_of_all},
    {"smpp_op_cancel_sm_of_a_submit_multi_keeps_the_size_of_an_event",
     smpp_op_cancel_sm_of_a_submit_multi_keeps_the_size_of_an_event},
    {"smpp_op_cancel_sm_of_a_submit_multi_takes_all_that_wait",
     smpp_op_cancel_sm_of_a_submit_multi_takes_all_that_wait},
    {"smpp_op_cancel_sm_of_a_submit_multi_whose_first_ended_long_ago",
     smpp_op_cancel_sm_of_a_submit_multi_whose_first_ended_long_ago},
    {"smpp_op_submit_multi_keeps_the_size_of_an_event",
     smpp_op_submit_multi_keeps_the_size_of_an_event},
    {"smpp_op_submit_multi_of_a_text_that_is_split", smpp_op_submit_multi_of_a_text_that_is_split},
    {"smpp_op_submit_multi_survives_a_restart", smpp_op_submit_multi_survives_a_restart})
