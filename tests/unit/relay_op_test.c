/*
 * relay_op_test.c: the other operations between apps, carriers and us: data_sm both ways,
 * replace_if_present_flag, modes of esm_class, and what only a peer of 5.0 is told (conformance
 * section 12, rows B8, M35, R9).
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "gateway/relay/message.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_world.h"

/* crm bound in slot 1 with this version; the carrier takes `window` messages at a time. */
static struct world *
world_of(uint8_t version, uint32_t window)
{
    struct world *w = world_new(NULL);

    world_unbind(w, 0, 0);
    if (window)
        world_bind(w, 0, LINK_CARRIER, "sim", window);
    w->peer_version = version;
    world_bind(w, 1, LINK_APP, "crm", 10);
    w->peer_version = 0;
    return w;
}

static uint32_t
tlv_of(const struct pdu *pdu, uint16_t tag)
{
    uint32_t value;

    return tlv_number(pdu->tlvs, tag, &value) ? value : UINT32_MAX;
}

/* ---- data_sm */

static struct pdu
data_sm(const char *from, const char *to, const char *text)
{
    static uint8_t tlvs[1000];
    struct pdu pdu = pdu_of_text(SMPP_DATA_SM, from, to, text);
    size_t used = 0;

    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD, pdu.body.sm.short_message));
    pdu.tlvs = slice_of(tlvs, used);
    pdu.body.sm.short_message = SLICE_NONE;
    return pdu;
}

static void
smpp_op_data_sm_from_an_app(void)
{
    struct world *w = world_of(SMPP_VERSION_34, 10);
    struct pdu pdu = data_sm(APP_NUMBER, CONTACT, "by data_sm"), reply;

    pdu.body.sm.registered_delivery = 1;
    reply = app_asks(w, 1, &pdu);
    check_number(reply.command_id, SMPP_DATA_SM_RESP);
    check_number(reply.command_status, SMPP_ROK);
    check(reply.body.message_id.n > 0);
    check_number(tlv_of(&reply, SMPP_TAG_DPF_RESULT), UINT32_MAX);
    check_number(sent_first(w)->pdu.command_id, SMPP_SUBMIT_SM);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    carrier_receipt(w, "c1", "DELIVRD", CONTACT, APP_NUMBER);
    check(strstr(phone_gets(w, APP_NUMBER)->text, "stat:DELIVRD") != NULL);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_op_data_sm_says_that_no_flag_is_set(void)
{
    struct world *w = world_of(SMPP_VERSION_34, 10);
    struct pdu pdu = data_sm(APP_NUMBER, CONTACT, "hello"), reply;
    uint8_t tlvs[100], one = 1;
    size_t used = pdu.tlvs.n;

    memcpy(tlvs, pdu.tlvs.p, used);
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_SET_DPF, slice_of(&one, 1)));
    pdu.tlvs = slice_of(tlvs, used);
    reply = app_asks(w, 1, &pdu);
    check_number(tlv_of(&reply, SMPP_TAG_DPF_RESULT), 0);
    answer_all(w);
    world_end_test(w);
}

static void
smpp_op_data_sm_says_why_it_failed(void)
{
    static const char long_one[] = "44770090012345678901234567890123456789012345678901234567890";
    struct world *w = world_of(SMPP_VERSION_34, 10);
    struct pdu pdu = data_sm(APP_NUMBER, "12x", "hello"), reply;

    reply = app_asks(w, 1, &pdu);
    check_number(reply.command_status, SMPP_RINVDSTADR);
    check_number(tlv_of(&reply, SMPP_TAG_DELIVERY_FAILURE_REASON), 1);
    check_number(reply.body.message_id.n, 0);
    pdu = data_sm(APP_NUMBER, long_one, "hello");
    check_number(app_asks(w, 1, &pdu).command_status, SMPP_RINVDSTADR);
    pdu = data_sm(long_one, CONTACT, "hello");
    reply = app_asks(w, 1, &pdu);
    check_number(reply.command_status, SMPP_RINVSRCADR);
    check_number(reply.tlvs.n, 0);
    relay_set_room(w->relay, STORE_TIGHT);
    pdu = data_sm(APP_NUMBER, CONTACT, "hello");
    reply = app_asks(w, 1, &pdu);
    check_number(reply.command_status, SMPP_RMSGQFUL);
    check_number(tlv_of(&reply, SMPP_TAG_DELIVERY_FAILURE_REASON), 3);
    relay_set_room(w->relay, STORE_ROOM);
    phone_sends(w, CONTACT, BIZ_NOBODY, "STOP");
    (void)phone_gets(w, CONTACT);
    reply = app_asks(w, 1, &pdu);
    check_number(reply.command_status, STATUS_OPTED_OUT);
    check_number(tlv_of(&reply, SMPP_TAG_DELIVERY_FAILURE_REASON), 0);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_op_data_sm_from_a_carrier(void)
{
    struct world *w = world_of(SMPP_VERSION_34, 10);
    struct pdu pdu = data_sm(CONTACT, APP_NUMBER, "from a phone"), reply;

    reply = app_asks(w, 0, &pdu);
    check_number(reply.command_id, SMPP_DATA_SM_RESP);
    check_number(reply.command_status, SMPP_ROK);
    check(w->inbound != 0);
    check_number(sent_first(w)->pdu.command_id, SMPP_DELIVER_SM);
    phone_shows(w, CONTACT, APP_NUMBER, "from a phone");
    pdu.tlvs = SLICE_NONE;
    check_number(carrier_delivers(w, 0, &pdu), SMPP_RMISSINGTLV);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_op_data_sm_r1_receipt_by_data_sm(void)
{
    struct world *w = world_of(SMPP_VERSION_34, 10);
    struct pdu submit = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");
    struct pdu receipt =
        data_sm(CONTACT, APP_NUMBER, "id:c1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:");

    submit.body.sm.registered_delivery = 1;
    check_number(app_submits(w, 1, &submit), SMPP_ROK);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    receipt.body.sm.esm_class = SMPP_ESM_RECEIPT;
    check_number(carrier_delivers(w, 0, &receipt), SMPP_ROK);
    check(strstr(phone_gets(w, APP_NUMBER)->text, "stat:DELIVRD") != NULL);
    nothing_sent(w);
    world_end_test(w);
}

/* ---- replace_if_present_flag */

static uint64_t
submits(struct world *w, const char *text, const char *service_type, uint8_t replace)
{
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, text);

    pdu.body.sm.service_type = slice_str(service_type);
    pdu.body.sm.replace_if_present_flag = replace;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    return strtoull(w->message_id, NULL, 10);
}

static void
smpp_op_replace_if_present_replaces_what_waits(void)
{
    struct world *w = world_of(SMPP_VERSION_34, 0);
    uint64_t other = submits(w, "other", "", 0), first = submits(w, "one", "VMA", 0);

    check(submits(w, "new", "VMN", 1) != first); /* another service_type: a message of its own */
    check_number(submits(w, "two", "VMA", 1), first);
    check_number(submits(w, repeat("3", 200), "VMA", 1), first);
    check(submits(w, "again", "", 0) > other);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    phone_shows(w, APP_NUMBER, CONTACT, "other");
    check_text(sent_first(w)->pdu.body.sm.service_type, "VMA");
    phone_shows(w, APP_NUMBER, CONTACT, repeat("3", 200));
    phone_shows(w, APP_NUMBER, CONTACT, "new");
    phone_shows(w, APP_NUMBER, CONTACT, "again");
    check(submits(w, "later", "VMA", 1) != first); /* it is gone: a new one */
    phone_shows(w, APP_NUMBER, CONTACT, "later");
    nothing_sent(w);
    world_end_test(w);
}

/* Of several the newest: the phone shows the latest news last. */
static void
smpp_op_replace_if_present_takes_the_newest(void)
{
    struct world *w = world_of(SMPP_VERSION_34, 0);
    uint64_t second;

    (void)submits(w, "one", "", 0);
    second = submits(w, "two", "", 0);
    check_number(submits(w, "three", "", 1), second);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    phone_shows(w, APP_NUMBER, CONTACT, "one");
    phone_shows(w, APP_NUMBER, CONTACT, "three");
    nothing_sent(w);
    world_end_test(w);
}

/* Of a text in pieces none may stay: the phone would show the end of old news. */
static void
smpp_op_replace_if_present_ends_all_pieces(void)
{
    struct world_options options = {.account = "    long_messages: split\n"};
    struct world *w = world_with_app(&options);

    world_unbind(w, 0, 0);
    submits(w, repeat("1", 400), "", 0);
    check_number(table_rows(w, TABLE_QUEUE), 3);
    submits(w, repeat("2", 400), "", 1);
    check_number(table_rows(w, TABLE_QUEUE), 3);
    submits(w, "new", "", 1);
    check_number(table_rows(w, TABLE_QUEUE), 1);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    phone_shows(w, APP_NUMBER, CONTACT, "new");
    nothing_sent(w);
    world_end_test(w);
}

/* What cannot become the new one in its place ends, and the new one goes behind. */
static void
smpp_op_replace_if_present_into_another_queue(void)
{
    struct world *w = world_of(SMPP_VERSION_34, 0);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "urgent");
    struct pdu old = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "old");
    uint64_t first;

    old.body.sm.registered_delivery = 1;
    check_number(app_submits(w, 1, &old), SMPP_ROK);
    first = strtoull(w->message_id, NULL, 10);
    check_number(message_record(w, first).class, CLASS_BULK);
    pdu.body.sm.priority_flag = 1; /* chat */
    pdu.body.sm.replace_if_present_flag = 1;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_number(message_record(w, first).state, MSG_CANCELLED);
    app_gets_receipt(w, first, "DELETED");
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    phone_shows(w, APP_NUMBER, CONTACT, "urgent");
    nothing_sent(w);
    world_end_test(w);
}

/* ---- esm_class */

static void
smpp_op_esm_class_modes(void)
{
    static const struct {
        uint8_t esm_class;
        uint32_t status;
        uint8_t sent;
    } cases[] = {
        {0x00, SMPP_ROK, 0},          {0x01, SMPP_ROK, 0},          {0x02, SMPP_RINVESMCLASS, 0},
        {0x03, SMPP_ROK, 0},          {0x80, SMPP_ROK, 0x80},       {0x83, SMPP_ROK, 0x80},
        {0x04, SMPP_RINVESMCLASS, 0}, {0x08, SMPP_RINVESMCLASS, 0},
    };
    struct world *w = world_of(SMPP_VERSION_34, 10);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");

        pdu.body.sm.esm_class = cases[i].esm_class;
        check_number(app_submits(w, 1, &pdu), cases[i].status);
        if (cases[i].status == SMPP_ROK)
            check_number(sent_first(w)->pdu.body.sm.esm_class, cases[i].sent);
        answer_all(w);
    }
    world_end_test(w);
}

/* ---- fields that are refused, or go on */

static void
smpp_op_sm_default_msg_id_is_refused(void)
{
    struct world *w = world_of(SMPP_VERSION_34, 10);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");

    for (unsigned id = 1; id < 256; id += 127) {
        pdu.body.sm.sm_default_msg_id = (uint8_t)id;
        check_number(app_submits(w, 1, &pdu), SMPP_RINVDFTMSGID);
    }
    pdu.body.sm.sm_default_msg_id = 0;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_number(sent_first(w)->pdu.body.sm.sm_default_msg_id, 0);
    answer_all(w);
    world_end_test(w);
}

/* Of a deliver_sm they are NULL, whatever its message had (3.4 section 4.6.1). */
static void
smpp_op_deliver_sm_unused_fields_are_null(void)
{
    struct world *w = world_of(SMPP_VERSION_34, 10);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, "hello");
    const struct pdu_sm *sm;

    pdu.body.sm.validity_period = SLICE_LIT("000000010000000R");
    pdu.body.sm.schedule_delivery_time = SLICE_LIT("000000010000000R");
    pdu.body.sm.replace_if_present_flag = 1;
    pdu.body.sm.sm_default_msg_id = 7;
    pdu.body.sm.esm_class = SMPP_ESM_REPLY_PATH;
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    sm = &sent_first(w)->pdu.body.sm;
    check_number(sent_first(w)->pdu.command_id, SMPP_DELIVER_SM);
    check(sm->schedule_delivery_time.n == 0 && sm->validity_period.n == 0);
    check(sm->replace_if_present_flag == 0 && sm->sm_default_msg_id == 0);
    check_number(sm->esm_class, SMPP_ESM_REPLY_PATH);
    answer_all(w);
    world_end_test(w);
}

static const uint8_t vendor_tlvs[] = {0x13, 0xFF, 0,    1, 'a', 0x14, 0x00, 0, 2, 'b',
                                      'c',  0x3F, 0xFF, 0, 0,   0x40, 0x00, 0, 1, 'd'};

static void
smpp_op_vendor_tlvs_go_on_where_they_are_wanted(void)
{
    for (int wanted = 0; wanted < 2; wanted++) {
        struct world *w = world_with_app(
            &(struct world_options){.carrier = wanted ? "    vendor_tlvs: true\n" : NULL,
                                    .app = wanted ? "        vendor_tlvs: true\n" : NULL});
        struct pdu out = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");
        struct pdu in = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, "hello");
        struct slice some = wanted ? slice_of(vendor_tlvs + 5, 10) : SLICE_NONE;

        out.tlvs = in.tlvs = slice_of(vendor_tlvs, sizeof(vendor_tlvs));
        check_number(app_submits(w, 1, &out), SMPP_ROK);
        check(slice_eq(sent_first(w)->pdu.tlvs, some));
        answer_all(w);
        check_number(carrier_delivers(w, 0, &in), SMPP_ROK);
        check(slice_eq(sent_first(w)->pdu.tlvs, some));
        answer_all(w);
        world_end_test(w);
    }
}

static void
smpp_op_vendor_tlvs_end_at_their_limit(void)
{
    struct world *w = world_with_app(&(struct world_options){.carrier = "    vendor_tlvs: true\n"});
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");
    uint8_t tlvs[3000], value[508] = {0};
    size_t used = 0;

    for (uint16_t tag = 0x1400; tag < 0x1403; tag++)
        check(tlv_put(tlvs, sizeof(tlvs), &used, tag, slice_of(value, sizeof(value))));
    pdu.tlvs = slice_of(tlvs, used);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_number(sent_first(w)->pdu.tlvs.n, VENDOR_TLVS_BYTES_MAX); /* two of 512 */
    answer_all(w);
    world_end_test(w);
}

static void
smpp_op_user_message_reference_comes_back(void)
{
    static const uint8_t reference[] = {0x02, 0x04, 0, 2, 0xAB, 0xCD};
    struct world *w = world_of(SMPP_VERSION_34, 10);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");
    struct tlv tlv;

    pdu.tlvs = slice_of(reference, sizeof(reference));
    pdu.body.sm.registered_delivery = 1;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    answer(w, sent_first(w), SMPP_RINVDSTADR, "");
    check(tlv_find(sent_first(w)->pdu.tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &tlv));
    check(slice_eq(tlv.value, slice_of(reference + 4, 2)));
    answer_all(w);
    world_end_test(w);
}

/* ---- what we answer, and when */

static void
smpp_status_0x00_accepted_means_durable(void)
{
    struct world *w = world_of(SMPP_VERSION_34, 0);

    (void)submits(w, "kept", "", 0);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    phone_shows(w, APP_NUMBER, CONTACT, "kept");
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_status_0x0a_0x0b_0x01_0x45_to_apps(void)
{
    struct world *w = world_of(SMPP_VERSION_34, 10);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");

    check_number(app_sends(w, 1, BIZ_ZETA, CONTACT, "hello"), SMPP_RINVSRCADR);
    check_number(app_sends(w, 1, APP_NUMBER, "12x", "hello"), SMPP_RINVDSTADR);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, repeat("x", 3000)), SMPP_RINVMSGLEN);
    pdu.body.sm.protocol_id = 0x7F;
    check_number(app_submits(w, 1, &pdu), SMPP_RSUBMITFAIL);
    nothing_sent(w);
    check_number(table_rows(w, TABLE_MESSAGE), 0);
    world_end_test(w);
}

/* ---- what only 5.0 has */

static void
smpp_status_0x100_m35_only_50_hears_its_codes(void)
{
    for (int five = 0; five < 2; five++) {
        struct world *w = world_of(five ? SMPP_VERSION_50 : SMPP_VERSION_34, 10);
        struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");

        pdu.body.sm.data_coding = 0xFF;
        check_number(app_submits(w, 1, &pdu), five ? SMPP_RINVDCS : SMPP_RSUBMITFAIL);
        world_end_test(w);
    }
}

static void
smpp_status_congestion_is_told_to_50(void)
{
    struct world *w = world_of(SMPP_VERSION_50, 10);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello"), reply;

    relay_set_fill(w->relay, 85);
    reply = app_asks(w, 1, &pdu);
    check_number(tlv_of(&reply, SMPP_TAG_CONGESTION_STATE), 85);
    relay_set_fill(w->relay, 250);
    reply = app_asks(w, 1, &pdu);
    check_number(tlv_of(&reply, SMPP_TAG_CONGESTION_STATE), 100);
    pdu.body.sm.sm_default_msg_id = 1;
    check_number(app_asks(w, 1, &pdu).tlvs.n, 0);
    answer_all(w);
    world_unbind(w, 1, 0);
    world_bind(w, 1, LINK_APP, "crm", 10);
    pdu.body.sm.sm_default_msg_id = 0;
    check_number(app_asks(w, 1, &pdu).tlvs.n, 0);
    answer_all(w);
    world_end_test(w);
}

static void
smpp_r9_success_only_on_50(void)
{
    struct world *w = world_of(SMPP_VERSION_50, 10);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");
    uint64_t message;

    pdu.body.sm.registered_delivery = SMPP_REGISTERED_SUCCESS;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    message = strtoull(w->message_id, NULL, 10);
    check_number(sent_first(w)->pdu.body.sm.registered_delivery, 1);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    carrier_receipt(w, "c1", "DELIVRD", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "DELIVRD");
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    answer(w, sent_first(w), SMPP_ROK, "c2");
    carrier_receipt(w, "c2", "UNDELIV", CONTACT, APP_NUMBER);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_op_priority_flag_4_of_50_goes_on_as_3(void)
{
    struct world *w = world_of(SMPP_VERSION_50, 10);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");

    pdu.body.sm.priority_flag = 4;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_number(sent_first(w)->pdu.body.sm.priority_flag, 3);
    answer_all(w);
    world_end_test(w);
}

static void
smpp_op_replace_sm_by_message_payload_on_50(void)
{
    for (int five = 0; five < 2; five++) {
        static const uint8_t payload[] = {0x04, 0x24, 0, 3, 'n', 'e', 'w'};
        struct world *w = world_of(five ? SMPP_VERSION_50 : SMPP_VERSION_34, 0);
        struct pdu pdu = {.command_id = SMPP_REPLACE_SM};
        char id[24];

        pdu.body.replace.message_id = message_id_text(submits(w, "old", "", 0), id);
        pdu.body.replace.source = (struct pdu_address){1, 1, SLICE_LIT(APP_NUMBER)};
        pdu.tlvs = slice_of(payload, sizeof(payload));
        check_number(app_asks(w, 1, &pdu).command_status, five ? SMPP_ROK : SMPP_RINVMSGLEN);
        pdu.body.replace.short_message = SLICE_LIT("x");
        pdu.body.replace.registered_delivery = SMPP_REGISTERED_SUCCESS;
        if (!five)
            check_number(app_asks(w, 1, &pdu).command_status, SMPP_RINVREGDLVFLG);
        world_bind(w, 0, LINK_CARRIER, "sim", 10);
        phone_shows(w, APP_NUMBER, CONTACT, five ? "new" : "old");
        world_end_test(w);
    }
}

CHECK_MAIN(
    {"smpp_op_sm_default_msg_id_is_refused", smpp_op_sm_default_msg_id_is_refused},
    {"smpp_op_deliver_sm_unused_fields_are_null", smpp_op_deliver_sm_unused_fields_are_null},
    {"smpp_op_vendor_tlvs_go_on_where_they_are_wanted",
     smpp_op_vendor_tlvs_go_on_where_they_are_wanted},
    {"smpp_op_vendor_tlvs_end_at_their_limit", smpp_op_vendor_tlvs_end_at_their_limit},
    {"smpp_op_user_message_reference_comes_back", smpp_op_user_message_reference_comes_back},
    {"smpp_status_0x00_accepted_means_durable", smpp_status_0x00_accepted_means_durable},
    {"smpp_status_0x0a_0x0b_0x01_0x45_to_apps", smpp_status_0x0a_0x0b_0x01_0x45_to_apps},
    {"smpp_op_data_sm_from_an_app", smpp_op_data_sm_from_an_app},
    {"smpp_op_data_sm_says_that_no_flag_is_set", smpp_op_data_sm_says_that_no_flag_is_set},
    {"smpp_op_data_sm_says_why_it_failed", smpp_op_data_sm_says_why_it_failed},
    {"smpp_op_data_sm_from_a_carrier", smpp_op_data_sm_from_a_carrier},
    {"smpp_op_data_sm_r1_receipt_by_data_sm", smpp_op_data_sm_r1_receipt_by_data_sm},
    {"smpp_op_replace_if_present_replaces_what_waits",
     smpp_op_replace_if_present_replaces_what_waits},
    {"smpp_op_replace_if_present_takes_the_newest", smpp_op_replace_if_present_takes_the_newest},
    {"smpp_op_replace_if_present_ends_all_pieces", smpp_op_replace_if_present_ends_all_pieces},
    {"smpp_op_replace_if_present_into_another_queue",
     smpp_op_replace_if_present_into_another_queue},
    {"smpp_op_esm_class_modes", smpp_op_esm_class_modes},
    {"smpp_status_0x100_m35_only_50_hears_its_codes",
     smpp_status_0x100_m35_only_50_hears_its_codes},
    {"smpp_status_congestion_is_told_to_50", smpp_status_congestion_is_told_to_50},
    {"smpp_r9_success_only_on_50", smpp_r9_success_only_on_50},
    {"smpp_op_priority_flag_4_of_50_goes_on_as_3", smpp_op_priority_flag_4_of_50_goes_on_as_3},
    {"smpp_op_replace_sm_by_message_payload_on_50", smpp_op_replace_sm_by_message_payload_on_50})
