/*
 * relay_submit_test.c: what apps submit is checked whole, refused with the right status, or
 * accepted (rows M01 to M35, L05 to L14, U01 to U08 of bad-input.md; room in the store).
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/udh.h"
#include "store/key.h"
#include "tests/unit/check.h"
#include "tests/unit/smpp_rows.h"

#define ROW_DEST "447700900123"

/* The answer to a row of bad-input.md: the decoder's, or the core's if the decoder finds nothing.
 */
static uint32_t
row_answer(struct world *w, const char *row)
{
    static uint8_t raw[SMPP_ROW_BYTES_MAX];
    struct slice octets = smpp_row_get(row, raw, sizeof(raw));
    struct pdu pdu;
    enum smpp_status status = pdu_decode(octets, PDU_STRICT, &pdu);

    return status == SMPP_ROK ? app_submits(w, 1, &pdu) : (uint32_t)status;
}

struct row_status {
    const char *row;
    uint32_t status;
};

static void
rows_are(const struct row_status *rows, size_t count)
{
    struct world *w = world_with_app(NULL);

    for (size_t i = 0; i < count; i++) {
        uint32_t status = row_answer(w, rows[i].row);

        if (status != rows[i].status)
            printf("    %s: 0x%x, want 0x%x\n", rows[i].row, status, rows[i].status);
        check(status == rows[i].status);
        check((status == SMPP_ROK) == (w->first != NULL));
        answer_all(w);
    }
    world_end_test(w);
}
#define ROWS(...)                                          \
    static const struct row_status rows[] = {__VA_ARGS__}; \
    rows_are(rows, sizeof(rows) / sizeof(rows[0]))

static void
m01_to_m12_addresses_of_the_receiver(void)
{
    ROWS({"M01", 0}, {"M09", SMPP_RINVDSTADR}, {"M10", SMPP_RINVDSTADR}, {"M11", 0},
         {"M12", SMPP_RINVDSTADR});
}

static void
m11_stored_without_plus(void)
{
    struct world *w = world_with_app(NULL);

    check_number(row_answer(w, "M11"), SMPP_ROK);
    check_text(sent_first(w)->pdu.body.sm.dest.digits, ROW_DEST);
    check_number(sent_first(w)->pdu.body.sm.dest.ton, 1);
    answer_all(w);
    world_end_test(w);
}

static void
m13_to_m21_addresses_of_the_sender(void)
{
    ROWS({"M13", SMPP_RINVSRCADR}, {"M14", SMPP_RINVSRCADR}, {"M15", SMPP_RINVSRCADR},
         {"M16", SMPP_RINVSRCADR}, {"M17", SMPP_RINVSRCADR}, {"M18", SMPP_RINVSRCTON},
         {"M19", SMPP_RINVSRCNPI}, {"M20", SMPP_RINVDSTTON}, {"M21", SMPP_RINVDSTNPI});
}

static void
m13_alphanumeric_sender_that_is_owned(void)
{
    struct world *w = world_with_app(NULL);
    struct rec_number number = {.account = ACME, .role = ROLE_BUSINESS};
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, "TandemShop1", CONTACT, "hello");
    struct addr addr;
    struct key key;

    check_number(app_submits(w, 1, &pdu), SMPP_RINVSRCADR);
    check(addr_from_wire(&pdu.body.sm.source, NULL, &addr) == ADDR_OK);
    key_init(&key);
    key_addr(&key, &addr);
    world_begin(w);
    /* "sim" is the second carrier of the file. */
    number.carrier = 2;
    record_put(w->txn, TABLE_NUMBER, key_slice(&key), &rec_number_def, &number);
    world_end(w);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_number(sent_first(w)->pdu.body.sm.source.ton, 5);
    check_text(sent_first(w)->pdu.body.sm.source.digits, "TandemShop1");
    answer_all(w);
    world_end_test(w);
}

static void
m16_spoofing_is_logged(void)
{
    struct world *w = world_with_app(NULL);

    check_number(app_sends(w, 1, BIZ_ZETA, CONTACT, "hello"),
                 SMPP_RINVSRCADR); /* another account's */
    check(strstr(w->log, "spoof_attempt") != NULL && strstr(w->log, "app=crm") != NULL);
    check(strstr(w->log, BIZ_ZETA) == NULL);
    check_number(app_sends(w, 1, "12025559999", CONTACT, "hello"), SMPP_RINVSRCADR); /* nobody's */
    check_number(counters(w)->refused_in, 2);
    nothing_sent(w);
    world_end_test(w);
}

static void
m22_to_m26_flags(void)
{
    ROWS({"M22", SMPP_RINVESMCLASS}, {"M23", SMPP_RINVPRTFLG}, {"M24", SMPP_RINVREGDLVFLG},
         {"M25", SMPP_RINVREPFLAG}, {"M26", SMPP_RINVDFTMSGID});
}

static void
m27_to_m34_times(void)
{
    ROWS({"M27", SMPP_RINVSCHED}, {"M28", SMPP_RINVSCHED}, {"M29", SMPP_RINVSCHED},
         {"M30", SMPP_RINVSCHED}, {"M31", SMPP_RINVSCHED}, {"M32", SMPP_RINVEXPIRY},
         {"M33", SMPP_RINVEXPIRY}, {"M34", SMPP_RINVEXPIRY});
}

static void
m35_data_coding(void)
{
    ROWS({"M35", SMPP_RSUBMITFAIL}, {"L13", SMPP_RSUBMITFAIL}, {"L14", SMPP_RSUBMITFAIL});
}

static void
l05_to_l12_texts(void)
{
    ROWS({"L05", SMPP_RINVMSGLEN}, {"L06", 0}, {"L07", 0}, {"L08", 0}, {"L09", SMPP_RINVMSGLEN},
         {"L10", 0}, {"L11", 0}, {"L12", 0});
}

static void
row_octets_arrive(const char *row)
{
    struct world *w = world_with_app(NULL);
    static uint8_t raw[SMPP_ROW_BYTES_MAX], arrived[1000];
    struct pdu pdu;
    size_t n = 0;

    check(pdu_decode(smpp_row_get(row, raw, sizeof(raw)), PDU_STRICT, &pdu) == SMPP_ROK);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    while (w->first) {
        struct udh udh;

        check(udh_of_pdu(&w->first->pdu, &udh) == UDH_OK);
        check_number(w->first->pdu.body.sm.data_coding, pdu.body.sm.data_coding);
        memcpy(arrived + n, udh.text.p, udh.text.n);
        n += udh.text.n;
        answer(w, w->first, SMPP_ROK, "x");
    }
    check_slice(slice_of(arrived, n), pdu.body.sm.short_message);
    world_end_test(w);
}

static void
l06_to_l12_octets_go_unchanged(void)
{
    row_octets_arrive("L06");
    row_octets_arrive("L07");
    row_octets_arrive("L08");
    row_octets_arrive("L10");
    row_octets_arrive("L11");
    row_octets_arrive("L12");
}

static void
u01_to_u08_headers(void)
{
    ROWS({"U01", SMPP_RINVMSGLEN}, {"U02", SMPP_RINVMSGLEN}, {"U03", 0}, {"U04", SMPP_RINVMSGLEN},
         {"U05", SMPP_RINVMSGLEN}, {"U06", 0}, {"U07", 0}, {"U08", 0});
}

/* Parts that an app makes itself go on as they are, header and all. */
static void
u_apps_own_parts(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_part(ROW_NUMBER, ROW_DEST, 9, 2, 1, "part one");

    pdu.command_id = SMPP_SUBMIT_SM;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_slice(sent_first(w)->pdu.body.sm.short_message, pdu.body.sm.short_message);
    check_number(sent_first(w)->pdu.body.sm.esm_class, SMPP_ESM_UDHI);
    answer_all(w);
    world_end_test(w);
}

static void
r_rel_1_transaction_mode_and_types_are_refused(void)
{
    struct world *w = world_with_app(NULL);
    static const uint8_t refused[] = {0x02, 0x04, 0x08, 0x10, 0x18, 0x20},
                         accepted[] = {0x00, 0x01, 0x03, 0x80};
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, ROW_NUMBER, CONTACT, "hello");

    for (size_t i = 0; i < sizeof(refused); i++) {
        pdu.body.sm.esm_class = refused[i];
        check_number(app_submits(w, 1, &pdu), SMPP_RINVESMCLASS);
    }
    for (size_t i = 0; i < sizeof(accepted); i++) {
        pdu.body.sm.esm_class = accepted[i];
        check_number(app_submits(w, 1, &pdu), SMPP_ROK);
        answer_all(w);
    }
    world_end_test(w);
}

static void
r_rel_1_data_sm(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DATA_SM, APP_NUMBER, CONTACT, "");
    uint8_t tlvs[64];
    size_t used = 0;

    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD, slice_str("by data sm")));
    pdu.tlvs = slice_of(tlvs, used);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check(leading_number(w->message_id) > 0);
    phone_shows(w, APP_NUMBER, CONTACT, "by data sm");
    world_end_test(w);
}

static void
r_rel_1_message_ids_are_never_used_again(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t before = 0;

    for (int i = 0; i < 20; i++) {
        check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "hello"), SMPP_ROK);
        check(leading_number(w->message_id) > before);
        before = leading_number(w->message_id);
        if (i % 7 == 0) {
            world_crash(w);
            world_bind(w, 0, LINK_CARRIER, "sim", 100);
            world_bind(w, 1, LINK_APP, "crm", 10);
        }
    }
    answer_all(w);
    world_end_test(w);
}

static void
r_rel_1_alphabets_of_app_and_carrier(void)
{
    struct world_options options = {.app = "        alphabet: latin1\n"};
    struct world *w = world_with_app(&options);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "");

    pdu.body.sm.short_message = slice_of("caf\xE9", 4);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    phone_shows(w, APP_NUMBER, CONTACT, "caf\xC3\xA9"); /* in GSM now */
    pdu.body.sm.short_message = slice_of("\xEA", 1);    /* not in GSM */
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_number(sent_first(w)->pdu.body.sm.data_coding, 8);
    phone_shows(w, APP_NUMBER, CONTACT, "\xC3\xAA");
    phone_sends(w, CONTACT, APP_NUMBER, "\xC3\xA9");
    check_slice(sent_first(w)->pdu.body.sm.short_message, slice_of("\xE9", 1));
    answer_all(w);
    world_end_test(w);
}

static void
r_rel_1_binary(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "");

    pdu.body.sm.data_coding = 4;
    pdu.body.sm.short_message = slice_of("\0\1\2\xFF", 4);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_slice(sent_first(w)->pdu.body.sm.short_message, slice_of("\0\1\2\xFF", 4));
    check_number(sent_first(w)->pdu.body.sm.data_coding, 4);
    answer_all(w);
    world_end_test(w);
}

/* ---- room in the store (R-rel-1: what is acknowledged is kept) */

static void
store_tight_refuses_new_work(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, "hello");

    relay_set_room(w->relay, STORE_TIGHT);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "hello"), SMPP_RMSGQFUL);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_RMSGQFUL);
    check_number(counters(w)->refused_full, 2);
    nothing_sent(w);
    relay_set_room(w->relay, STORE_ROOM);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "hello"), SMPP_ROK);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    answer_all(w);
    world_end_test(w);
}

static void
store_tight_goes_on_with_what_is_stored(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu redelivered = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, "again");
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "queued");

    check_number(carrier_delivers(w, 0, &redelivered), SMPP_ROK);
    answer_all(w);
    world_unbind(w, 0, 0);
    pdu.body.sm.registered_delivery = 1;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    relay_set_room(w->relay, STORE_TIGHT);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    answer(w, sent_first(w), SMPP_ROK, "77");
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    check(strstr(phone_gets(w, APP_NUMBER)->text, "DELIVRD") != NULL);
    /* What was accepted before the room ran out is acknowledged again, not refused. */
    check_number(carrier_delivers(w, 0, &redelivered), SMPP_ROK);
    nothing_sent(w);
    world_end_test(w);
}

CHECK_MAIN({"m01_to_m12_addresses_of_the_receiver", m01_to_m12_addresses_of_the_receiver},
           {"m11_stored_without_plus", m11_stored_without_plus},
           {"m13_to_m21_addresses_of_the_sender", m13_to_m21_addresses_of_the_sender},
           {"m13_alphanumeric_sender_that_is_owned", m13_alphanumeric_sender_that_is_owned},
           {"m16_spoofing_is_logged", m16_spoofing_is_logged},
           {"m22_to_m26_flags", m22_to_m26_flags}, {"m27_to_m34_times", m27_to_m34_times},
           {"m35_data_coding", m35_data_coding}, {"l05_to_l12_texts", l05_to_l12_texts},
           {"l06_to_l12_octets_go_unchanged", l06_to_l12_octets_go_unchanged},
           {"u01_to_u08_headers", u01_to_u08_headers}, {"u_apps_own_parts", u_apps_own_parts},
           {"r_rel_1_transaction_mode_and_types_are_refused",
            r_rel_1_transaction_mode_and_types_are_refused},
           {"r_rel_1_data_sm", r_rel_1_data_sm},
           {"r_rel_1_message_ids_are_never_used_again", r_rel_1_message_ids_are_never_used_again},
           {"r_rel_1_alphabets_of_app_and_carrier", r_rel_1_alphabets_of_app_and_carrier},
           {"r_rel_1_binary", r_rel_1_binary},
           {"store_tight_refuses_new_work", store_tight_refuses_new_work},
           {"store_tight_goes_on_with_what_is_stored", store_tight_goes_on_with_what_is_stored})
