/*
 * relay_alphabet_test.c: alphabets of links that are not the same, and what must stay as it is on
 * the way between them (conformance E1, E2, E5, E6, E8).
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>

#include "protocol/udh.h"
#include "tests/unit/check.h"

#define SNOWMAN "\xE2\x98\x83"
#define HELLO_PACKED "\xE8\x32\x9B\xFD\x06"

static struct world *
world_of(const char *carrier, const char *app)
{
    struct world_options options = {
        .carrier = carrier, .app = app, .account = "    max_parts: 9\n"};

    return world_with_app(&options);
}

static struct pdu
pdu_of_octets(uint32_t command_id, uint8_t data_coding, struct slice octets)
{
    bool submit = command_id == SMPP_SUBMIT_SM;
    struct pdu pdu = pdu_of_text(command_id, submit ? BIZ : CONTACT, submit ? CONTACT : APP_NUMBER,
                                 "");

    pdu.body.sm.data_coding = data_coding;
    pdu.body.sm.short_message = octets;
    return pdu;
}

/* What goes in on one side comes out on the other in one PDU, with this data_coding and text. */
static void
comes_out(struct world *w, const struct pdu *in, uint8_t data_coding, struct slice octets)
{
    check_number(app_submits(w, in->command_id == SMPP_SUBMIT_SM, in), SMPP_ROK);
    check_number(sent_count(w), 1);
    check_number(sent_first(w)->pdu.body.sm.data_coding, data_coding);
    check_number(sent_first(w)->pdu.body.sm.esm_class, in->body.sm.esm_class);
    check_slice(pdu_text(&sent_first(w)->pdu), octets);
    answer_all(w);
}

static void
both_ways(const char *from_alphabet, struct slice from, const char *to_alphabet, uint8_t to_coding,
          struct slice to)
{
    char carrier[60], app[60];
    struct pdu pdu = pdu_of_octets(SMPP_SUBMIT_SM, 0, from);
    struct world *w;

    snprintf(carrier, sizeof(carrier), "    alphabet: %s\n", to_alphabet);
    snprintf(app, sizeof(app), "        alphabet: %s\n", from_alphabet);
    w = world_of(carrier, app);
    comes_out(w, &pdu, to_coding, to);
    world_end_test(w);
    snprintf(carrier, sizeof(carrier), "    alphabet: %s\n", from_alphabet);
    snprintf(app, sizeof(app), "        alphabet: %s\n", to_alphabet);
    w = world_of(carrier, app);
    pdu = pdu_of_octets(SMPP_DELIVER_SM, 0, from);
    comes_out(w, &pdu, to_coding, to);
    world_end_test(w);
}

#define L(text) SLICE_LIT(text)

/* "a@é" in each, to each. */
static void
smpp_e1_e5_every_alphabet_to_every_other(void)
{
    static const struct {
        const char *name;
        struct slice octets;
    } rows[] = {
        {"gsm", {(const uint8_t *)"a\0\x05", 3}},
        {"gsm-packed", {(const uint8_t *)"\x61\x40\x01", 3}},
        {"latin1", {(const uint8_t *)"a@\xE9", 3}},
        {"utf8", {(const uint8_t *)"a@\xC3\xA9", 4}},
        {"ucs2", {(const uint8_t *)"\0a\0@\0\xE9", 6}},
    };

    for (size_t from = 0; from < 5; from++)
        for (size_t to = 0; to < 5; to++)
            both_ways(rows[from].name, rows[from].octets, rows[to].name,
                      to == 4 && from != 4 ? 8 : 0, rows[to].octets);
    both_ways("ascii", L("a@"), "gsm", 0, L("a\0"));
    both_ways("gsm", L("a\0"), "ascii", 0, L("a@"));
    both_ways("latin1", L("\xE9"), "ascii", 8, L("\0\xE9"));
    both_ways("utf8", L(SNOWMAN), "gsm-packed", 8, L("\x26\x03"));
}

/* Where both mean the same nothing is touched, not even what nobody can read. */
static void
smpp_e5_same_alphabet_passes_untouched(void)
{
    both_ways("gsm", L("\x1b\x7f\x80\xff\0"), "gsm", 0, L("\x1b\x7f\x80\xff\0"));
    both_ways("utf8", L("\xff\xc3"), "utf8", 0, L("\xff\xc3"));
    both_ways("ascii", L("\x80\xff"), "ascii", 0, L("\x80\xff"));
    both_ways("latin1", L("\x80\xff\0"), "latin1", 0, L("\x80\xff\0"));
}

/* A message that is sent again has been changed once, from one side's octets to the other's: an
 * accent that was changed twice would be two letters. */
static void
smpp_e5_nothing_is_transcoded_twice(void)
{
    struct world *w = world_of("    alphabet: utf8\n", "        alphabet: latin1\n");
    struct pdu pdu = pdu_of_octets(SMPP_SUBMIT_SM, 0, L("\xE9"));

    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_slice(pdu_text(&sent_first(w)->pdu), L("\xC3\xA9"));
    answer(w, sent_first(w), SMPP_RTHROTTLED, "");
    world_pass(w, 60000);
    check_slice(pdu_text(&sent_first(w)->pdu), L("\xC3\xA9"));
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    check_slice(pdu_text(&sent_first(w)->pdu), L("\xC3\xA9"));
    answer_all(w);
    world_end_test(w);
}

/* Every octet, in the codings that are no text. */
static void
smpp_e5_binary_is_never_transcoded(void)
{
    static const uint8_t codings[] = {0x02, 0x04, 0xF4, 0xF5, 0xF6, 0xF7, 0x14, 0x15, 0x16, 0x17};
    struct world *w = world_of("    alphabet: gsm-packed\n", "        alphabet: utf8\n");
    uint8_t all[128];

    for (size_t i = 0; i < sizeof(codings); i++) {
        for (unsigned half = 0; half <= 128; half += 128) {
            struct pdu pdu;

            for (unsigned k = 0; k < 128; k++)
                all[k] = (uint8_t)(half + k);
            pdu = pdu_of_octets(SMPP_SUBMIT_SM, codings[i], slice_of(all, sizeof(all)));
            comes_out(w, &pdu, codings[i], slice_of(all, sizeof(all)));
            pdu = pdu_of_octets(SMPP_DELIVER_SM, codings[i], slice_of(all, sizeof(all)));
            comes_out(w, &pdu, codings[i], slice_of(all, sizeof(all)));
        }
    }
    world_end_test(w);
}

/* data_coding that says its own alphabet, and octets that are no text. */
static void
smpp_e2_e5_explicit_codings_pass_untouched(void)
{
    static const uint8_t codings[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0x0A, 0x0D, 0x0E,
                                      0x14, 0x15, 0x18, 0x1B, 0xF4, 0xF5, 0xF7};
    struct world *w = world_of("    alphabet: gsm\n", "        alphabet: latin1\n");

    for (size_t i = 0; i < sizeof(codings); i++) {
        struct pdu pdu = pdu_of_octets(SMPP_SUBMIT_SM, codings[i], L("\xE9\0\x1b\xff"));

        comes_out(w, &pdu, codings[i], L("\xE9\0\x1b\xff"));
        pdu = pdu_of_octets(SMPP_DELIVER_SM, codings[i], L("\xE9\0\x1b\xff"));
        comes_out(w, &pdu, codings[i], L("\xE9\0\x1b\xff"));
    }
    world_end_test(w);
}

/* Flash stays flash, whatever alphabet it ends in; a text of the default alphabet is read in the
 * sender's and written in the receiver's. */
static void
smpp_e2_e5_class_is_kept(void)
{
    static const struct {
        uint8_t in, plain, ucs2;
    } rows[] = {{0xF0, 0xF0, 0x18}, {0xF1, 0xF1, 0x19}, {0xF3, 0xF3, 0x1B},
                {0x10, 0x10, 0x18}, {0x12, 0x12, 0x1A}};
    struct world *w = world_of("    alphabet: gsm\n", "        alphabet: latin1\n");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pdu pdu = pdu_of_octets(SMPP_SUBMIT_SM, rows[i].in, L("@\xE9"));

        comes_out(w, &pdu, rows[i].plain, L("\0\x05"));
        pdu = pdu_of_octets(SMPP_SUBMIT_SM, rows[i].in, L("\xEA"));
        comes_out(w, &pdu, rows[i].ucs2, L("\0\xEA"));
        pdu = pdu_of_octets(SMPP_DELIVER_SM, rows[i].in, L("\0\x05"));
        comes_out(w, &pdu, rows[i].plain, L("@\xE9"));
        pdu = pdu_of_octets(SMPP_DELIVER_SM, rows[i].in, L("\x13")); /* gamma: not in Latin-1 */
        comes_out(w, &pdu, rows[i].ucs2, L("\x03\x93"));
    }
    world_end_test(w);
}

/* Message waiting, from a carrier. */
static void
smpp_e2_e5_message_waiting_is_kept(void)
{
    struct world *w = world_of(NULL, "        alphabet: latin1\n");
    struct pdu pdu = pdu_of_octets(SMPP_DELIVER_SM, 0xC8, L("\0"));

    comes_out(w, &pdu, 0xC8, L("@"));
    pdu = pdu_of_octets(SMPP_DELIVER_SM, 0xD9, L("\x13"));
    comes_out(w, &pdu, 0xE9, L("\x03\x93"));
    pdu = pdu_of_octets(SMPP_DELIVER_SM, 0xE9, L("\0@"));
    comes_out(w, &pdu, 0xE9, L("\0@"));
    pdu = pdu_of_octets(SMPP_DELIVER_SM, 0x40, L("\0")); /* deleted when read */
    comes_out(w, &pdu, 0x40, L("@"));
    pdu = pdu_of_octets(SMPP_DELIVER_SM, 0x40, L("\x13"));
    comes_out(w, &pdu, 0x48, L("\x03\x93"));
    world_end_test(w);
}

/* A part that an app made is read and written like a whole text. What is no part any more then is
 * refused. */
static void
smpp_e5_l3_parts_are_transcoded(void)
{
    struct world *w = world_of("    alphabet: gsm\n", "        alphabet: latin1\n");
    struct pdu pdu = pdu_of_octets(SMPP_SUBMIT_SM, 0, L("\x05\0\x03\x07\x02\x01@\xE9"));
    char octets[200] = "\x05\0\x03\x07\x02\x01";

    pdu.body.sm.esm_class = SMPP_ESM_UDHI;
    comes_out(w, &pdu, 0, L("\x05\0\x03\x07\x02\x01\0\x05"));
    memset(octets + 6, 0xEA, 68); /* UCS-2 then */
    pdu.body.sm.short_message = slice_of(octets, 6 + 67);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_number(sent_first(w)->pdu.body.sm.data_coding, 8);
    check_number(sent_first(w)->pdu.body.sm.short_message.n, 140);
    answer_all(w);
    pdu.body.sm.short_message = slice_of(octets, 6 + 68);
    check_number(app_submits(w, 1, &pdu), SMPP_RINVMSGLEN);
    nothing_sent(w);
    world_end_test(w);
}

/* ---- E8: other elements in a header */

#define TURKISH "\x0B\x25\x01\x01\x00\x03\x07\x02\x01\x24\x01\x01"

static void
smpp_e8_national_tables_of_an_app_pass(void)
{
    static const char *const forms[] = {"    long_form: udh\n", "    long_form: udh16\n",
                                        "    long_form: sar\n", "    long_form: payload\n"};

    for (int i = 0; i < 4; i++) {
        struct world *w = world_of(forms[i], NULL);
        struct pdu pdu = pdu_of_octets(SMPP_SUBMIT_SM, 0, L(TURKISH "\x1b\x65 A"));

        pdu.body.sm.esm_class = SMPP_ESM_UDHI;
        comes_out(w, &pdu, 0, L(TURKISH "\x1b\x65 A"));
        world_end_test(w);
    }
}

/* Each part goes on when it comes: the app joins what it can read. */
static void
smpp_e8_national_tables_to_an_app_pass(void)
{
    static const char *const forms[] = {NULL, "        long_form: udh\n",
                                        "        long_form: sar\n"};

    for (int i = 0; i < 3; i++) {
        struct world *w = world_of(NULL, forms[i]);
        struct pdu pdu = pdu_of_octets(SMPP_DELIVER_SM, 0, L(TURKISH "\x1b\x65 A"));

        pdu.body.sm.esm_class = SMPP_ESM_UDHI;
        comes_out(w, &pdu, 0, L(TURKISH "\x1b\x65 A"));
        world_end_test(w);
    }
}

/* People get such a text joined. */
static void
smpp_e8_l2_ports_in_front_of_the_numbers(void)
{
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ, "");

    pdu.body.sm.esm_class = SMPP_ESM_UDHI;
    pdu.body.sm.short_message = L("\x0B\x05\x04\x0B\x84\x23\xF0\x00\x03\x07\x02\x02 two");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    pdu.body.sm.short_message = L("\x0B\x00\x03\x07\x02\x01\x05\x04\x0B\x84\x23\xF0one");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check(strstr(phone_gets(w, ANN)->text, "one two") != NULL);
    nothing_sent(w);
    world_end_test(w);
}

/* ---- E6: packed */

static void
smpp_e1_e6_packed_carrier(void)
{
    struct world *w = world_of("    alphabet: gsm-packed\n", NULL);
    struct pdu pdu = pdu_of_octets(SMPP_SUBMIT_SM, 0, L("hello"));

    comes_out(w, &pdu, 0, L(HELLO_PACKED));
    pdu.body.sm.data_coding = 0xF0;
    comes_out(w, &pdu, 0xF0, L(HELLO_PACKED));
    pdu.body.sm.data_coding = 0xF5;
    comes_out(w, &pdu, 0xF5, L("hello"));
    /* Seven spare bits: a CR. */
    pdu = pdu_of_octets(SMPP_SUBMIT_SM, 0, L("goodbye"));
    comes_out(w, &pdu, 0, L("\xE7\xF7\x9B\x2C\xCE\x97\x1B"));
    /* 160 septets in 140 octets, and no more. */
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 160)), SMPP_ROK);
    check_number(sent_count(w), 1);
    check_number(sent_first(w)->pdu.body.sm.short_message.n, 140);
    answer_all(w);
    /* 8-bit reference: 153 septets behind one fill bit. */
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 161)), SMPP_ROK);
    check_number(sent_count(w), 2);
    check_number(sent_first(w)->pdu.body.sm.short_message.n, 140);
    check_number(sent_first(w)->pdu.body.sm.short_message.p[6], ('x' << 1) & 0xFF);
    answer(w, sent_first(w), SMPP_ROK, "a");
    check_number(sent_first(w)->pdu.body.sm.short_message.n, 6 + 8);
    answer_all(w);
    /* And back. */
    pdu = pdu_of_octets(SMPP_DELIVER_SM, 0, L(HELLO_PACKED));
    comes_out(w, &pdu, 0, L("hello"));
    pdu = pdu_of_octets(SMPP_DELIVER_SM, 0, L("\xE7\xF7\x9B\x2C\xCE\x97\x01"));
    comes_out(w, &pdu, 0, L("goodbye"));
    pdu = pdu_of_octets(SMPP_DELIVER_SM, 4, L(HELLO_PACKED));
    comes_out(w, &pdu, 4, L(HELLO_PACKED));
    world_end_test(w);
}

/* 16-bit reference: seven octets, no fill bits. */
static void
smpp_e6_packed_behind_16_bits(void)
{
    struct world *w = world_of("    alphabet: gsm-packed\n    long_form: udh16\n", NULL);

    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 161)), SMPP_ROK);
    check_number(sent_first(w)->pdu.body.sm.short_message.n, 140);
    check_number(sent_first(w)->pdu.body.sm.short_message.p[7], ('x' | 'x' << 7) & 0xFF);
    answer_all(w);
    world_end_test(w);
}

/* Headers of the app's own: only what is behind them is packed, at its own bit. */
static void
smpp_e6_e8_packed_behind_an_apps_header(void)
{
    struct world *w = world_of("    alphabet: gsm-packed\n", NULL);
    struct pdu pdu = pdu_of_octets(SMPP_SUBMIT_SM, 0, L("\x03\x24\x01\x01hello"));

    pdu.body.sm.esm_class = SMPP_ESM_UDHI;
    /* 4 octets are 32 bits: three fill bits. */
    comes_out(w, &pdu, 0, L("\x03\x24\x01\x01\x40\x97\xD9\xEC\x37"));
    pdu = pdu_of_octets(SMPP_DELIVER_SM, 0, L("\x03\x24\x01\x01\x40\x97\xD9\xEC\x37"));
    pdu.body.sm.esm_class = SMPP_ESM_UDHI;
    comes_out(w, &pdu, 0, L("\x03\x24\x01\x01hello"));
    world_end_test(w);
}

static void
smpp_e6_packed_app(void)
{
    struct world *w = world_of(NULL, "        alphabet: gsm-packed\n");
    struct pdu pdu = pdu_of_octets(SMPP_SUBMIT_SM, 0, L(HELLO_PACKED));
    uint64_t message;

    comes_out(w, &pdu, 0, L("hello"));
    pdu = pdu_of_octets(SMPP_DELIVER_SM, 0, L("hello"));
    comes_out(w, &pdu, 0, L(HELLO_PACKED));
    /* A part, unpacked behind one fill bit. */
    pdu = pdu_of_octets(SMPP_SUBMIT_SM, 0, L("\x05\0\x03\x07\x02\x01\xD0\x65\x36\xFB\x0D"));
    pdu.body.sm.esm_class = SMPP_ESM_UDHI;
    comes_out(w, &pdu, 0, L("\x05\0\x03\x07\x02\x01hello"));
    /* Its receipts are packed like everything else with data_coding 0. */
    pdu = pdu_of_octets(SMPP_SUBMIT_SM, 0, L(HELLO_PACKED));
    pdu.body.sm.registered_delivery = 1;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    message = leading_number(w->message_id);
    answer(w, sent_first(w), SMPP_ROK, "p1");
    carrier_receipt(w, "p1", "DELIVRD", CONTACT, BIZ);
    check_number(message_record(w, message).state, MSG_DELIVERED);
    check(sent_first(w)->pdu.body.sm.short_message.p[1] == 0xB2); /* "id:" in septets */
    answer_all(w);
    world_end_test(w);
}

/* Receipts of a carrier that packs texts: as they are, and packed. */
static void
smpp_e6_r7_receipts_of_a_packed_carrier(void)
{
    struct world *w = world_of("    alphabet: gsm-packed\n", NULL);
    const char *text = "id:7 sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 "
                       "stat:DELIVRD err:000 text:";
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ, "");
    uint8_t packed[200];

    for (int i = 0; i < 2; i++) {
        check_number(app_submits_text(w, "hello", 1) > 0, true);
        answer(w, sent_first(w), SMPP_ROK, "7");
        pdu.body.sm.esm_class = SMPP_ESM_RECEIPT;
        pdu.body.sm.short_message =
            i ? slice_of(packed, text_pack(slice_str(text), 0, packed, sizeof(packed)))
              : slice_str(text);
        check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
        check_number(message_record(w, i ? 3 : 1).state, MSG_DELIVERED);
        answer_all(w);
    }
    world_end_test(w);
}

/* What phones and apps say is packed and joined behind each other. */
static void
smpp_e6_e7_stop_from_a_packed_carrier(void)
{
    struct world *w = world_of("    alphabet: gsm-packed\n", NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ, "");
    uint8_t octets[10];

    pdu.body.sm.short_message =
        slice_of(octets, text_pack(slice_str("stop"), 0, octets, sizeof(octets)));
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check(opted_out(w, ACME, CONTACT));
    answer_all(w);
    world_end_test(w);
}

CHECK_MAIN({"smpp_e1_e5_every_alphabet_to_every_other", smpp_e1_e5_every_alphabet_to_every_other},
           {"smpp_e5_same_alphabet_passes_untouched", smpp_e5_same_alphabet_passes_untouched},
           {"smpp_e5_nothing_is_transcoded_twice", smpp_e5_nothing_is_transcoded_twice},
           {"smpp_e5_binary_is_never_transcoded", smpp_e5_binary_is_never_transcoded},
           {"smpp_e2_e5_explicit_codings_pass_untouched",
            smpp_e2_e5_explicit_codings_pass_untouched},
           {"smpp_e2_e5_class_is_kept", smpp_e2_e5_class_is_kept},
           {"smpp_e2_e5_message_waiting_is_kept", smpp_e2_e5_message_waiting_is_kept},
           {"smpp_e5_l3_parts_are_transcoded", smpp_e5_l3_parts_are_transcoded},
           {"smpp_e8_national_tables_of_an_app_pass", smpp_e8_national_tables_of_an_app_pass},
           {"smpp_e8_national_tables_to_an_app_pass", smpp_e8_national_tables_to_an_app_pass},
           {"smpp_e8_l2_ports_in_front_of_the_numbers", smpp_e8_l2_ports_in_front_of_the_numbers},
           {"smpp_e1_e6_packed_carrier", smpp_e1_e6_packed_carrier},
           {"smpp_e6_packed_behind_16_bits", smpp_e6_packed_behind_16_bits},
           {"smpp_e6_e8_packed_behind_an_apps_header", smpp_e6_e8_packed_behind_an_apps_header},
           {"smpp_e6_packed_app", smpp_e6_packed_app},
           {"smpp_e6_r7_receipts_of_a_packed_carrier", smpp_e6_r7_receipts_of_a_packed_carrier},
           {"smpp_e6_e7_stop_from_a_packed_carrier", smpp_e6_e7_stop_from_a_packed_carrier})
