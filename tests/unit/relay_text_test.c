/*
 * relay_text_test.c: long texts and characters (R-text), and parts that are joined (rows U02 to U13
 * of bad-input.md).
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "gateway/relay/timer.h"
#include "protocol/text.h"
#include "protocol/udh.h"
#include "tests/unit/check.h"

#define SNOWMAN "\xE2\x98\x83"

static struct world *
world_with_account(const char *account)
{
    struct world_options options = {.account = account};
    struct world *w = world_new(&options);

    world_bind(w, 1, LINK_APP, "crm", 10);
    return w;
}

/* An app's text reaches the phone in so many parts. */
static void
goes_in_parts(struct world *w, const char *text, uint32_t parts)
{
    const struct phone_text *got;

    check_number(app_sends(w, 1, BIZ, CONTACT, text), SMPP_ROK);
    got = phone_gets(w, CONTACT);
    check(got != NULL);
    check_text(slice_of(got->text, got->n), text);
    check_number(got->parts, parts);
    nothing_sent(w);
}

static void
r_text_1_gsm_160_and_153(void)
{
    struct world *w = world_with_account(NULL);

    goes_in_parts(w, "x", 1);
    goes_in_parts(w, repeat("x", 160), 1);
    goes_in_parts(w, repeat("x", 161), 2);
    goes_in_parts(w, repeat("x", 306), 2);
    goes_in_parts(w, repeat("x", 307), 3);
    goes_in_parts(w, repeat("x", 459), 3);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 460)), SMPP_RINVMSGLEN);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_e4_r_text_1_extension_characters_count_twice(void)
{
    struct world *w = world_with_account(NULL);

    goes_in_parts(w, repeat("\xE2\x82\xAC", 80), 1);
    goes_in_parts(w, repeat("\xE2\x82\xAC", 81), 2);
    goes_in_parts(w, repeat("\xE2\x82\xAC", 228), 3); /* 76 a part: an escape is not cut off */
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("\xE2\x82\xAC", 229)), SMPP_RINVMSGLEN);
    world_end_test(w);
}

static void
r_text_1_ucs2_70_and_67(void)
{
    struct world *w = world_with_account(NULL);

    goes_in_parts(w, repeat(SNOWMAN, 70), 1);
    goes_in_parts(w, repeat(SNOWMAN, 71), 2);
    goes_in_parts(w, repeat(SNOWMAN, 134), 2);
    goes_in_parts(w, repeat(SNOWMAN, 201), 3);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat(SNOWMAN, 202)), SMPP_RINVMSGLEN);
    world_end_test(w);
}

static void
r_text_1_max_parts(void)
{
    struct world *w = world_with_account("    max_parts: 5\n");

    goes_in_parts(w, repeat("x", 765), 5);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 766)), SMPP_RINVMSGLEN);
    world_end_test(w);
}

static void
r_text_1_reject(void)
{
    struct world *w = world_with_account("    long_messages: reject\n");

    goes_in_parts(w, repeat("x", 160), 1);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 161)), SMPP_RINVMSGLEN);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat(SNOWMAN, 71)), SMPP_RINVMSGLEN);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_text_1_split(void)
{
    struct world *w = world_with_account("    long_messages: split\n");
    char want[300];

    goes_in_parts(w, repeat("x", 160), 1);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 161)), SMPP_ROK);
    snprintf(want, sizeof(want), "%s 1/2", repeat("x", 156));
    phone_shows(w, BIZ, CONTACT, want);
    phone_shows(w, BIZ, CONTACT, "xxxxx 2/2");
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("y", 468)), SMPP_ROK);
    for (int n = 1; n <= 3; n++) {
        snprintf(want, sizeof(want), "%s %d/3", repeat("y", 156), n);
        phone_shows(w, BIZ, CONTACT, want);
    }
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("y", 469)), SMPP_RINVMSGLEN);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_text_1_split_of_ucs2(void)
{
    struct world *w = world_with_account("    long_messages: split\n    max_parts: 20\n");
    char want[400];

    check_number(app_sends(w, 1, BIZ, CONTACT, repeat(SNOWMAN, 71)), SMPP_ROK);
    snprintf(want, sizeof(want), "%s 1/2", repeat(SNOWMAN, 66));
    phone_shows(w, BIZ, CONTACT, want);
    phone_shows(w, BIZ, CONTACT, SNOWMAN SNOWMAN SNOWMAN SNOWMAN SNOWMAN " 2/2");
    /* Twelve pieces: the mark grows to five, then six characters. */
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("z", 1800)), SMPP_ROK);
    snprintf(want, sizeof(want), "%s 1/12", repeat("z", 155));
    phone_shows(w, BIZ, CONTACT, want);
    for (int n = 2; n < 12; n++)
        check(phone_gets(w, CONTACT)->parts == 1);
    check(strstr(phone_gets(w, CONTACT)->text, " 12/12") != NULL);
    nothing_sent(w);
    world_end_test(w);
}

/* One part lost in a crash is sent again under the same reference, and only that one (L8). */
static void
smpp_l8_r_text_1_parts_keep_their_reference(void)
{
    struct world *w = world_with_account(NULL);
    struct udh first, second;

    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 300)), SMPP_ROK);
    check(udh_of_pdu(&sent_first(w)->pdu, &first) == UDH_OK);
    answer(w, sent_first(w), SMPP_ROK, "a");
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    check_number(sent_count(w), 1);
    check(udh_of_pdu(&sent_first(w)->pdu, &second) == UDH_OK);
    check_number(second.concat.reference, first.concat.reference);
    check_number(second.concat.index, 2);
    answer_all(w);
    check_number(message_record(w, last_message(w)).state, MSG_SENT);
    world_end_test(w);
}

static void
coding_of(struct world *w, const char *in, const char *out, uint8_t data_coding)
{
    static uint64_t id;
    char want[300];
    const struct phone_text *got;

    phone_sends(w, CONTACT, BIZ, in);
    got = phone_gets(w, ANN);
    check(got != NULL);
    id = leading_number(got->text);
    snprintf(want, sizeof(want), "+12025550101: %s", out);
    check_text(slice_of(got->text, got->n), with_id(id, want));
    check_number(got->data_coding, data_coding);
}

static void
r_text_2_gsm_if_it_fits(void)
{
    struct world *w = world_new(NULL);

    coding_of(w, "\xC3\xA5\xC3\xA4\xC3\xB6 \xC2\xA3 {} \xCE\xA9",
              "\xC3\xA5\xC3\xA4\xC3\xB6 \xC2\xA3 {} \xCE\xA9", 0);
    coding_of(w, "\xC3\xAA", "\xC3\xAA", 8); /* e with circumflex is not in GSM */
    world_end_test(w);
}

#define TYPOGRAPHIC "\xE2\x80\x9Cyes\xE2\x80\x9D \xE2\x80\x93 it\xE2\x80\x99s\xC2\xA0ok\xE2\x80\xA6"
#define PLAIN "\"yes\" - it's ok..."

static void
r_text_2_transliterate_on(void)
{
    struct world *w = world_new(NULL);

    coding_of(w, TYPOGRAPHIC, PLAIN, 0);
    /* Only when that alone makes it GSM. */
    coding_of(w, TYPOGRAPHIC SNOWMAN, TYPOGRAPHIC SNOWMAN, 8);
    world_end_test(w);
}

static void
r_text_2_transliterate_off(void)
{
    struct world_options options = {.account = "    transliterate: false\n"};
    struct world *w = world_new(&options);

    coding_of(w, TYPOGRAPHIC, TYPOGRAPHIC, 8);
    world_end_test(w);
}

static void
r_text_2_a_carrier_of_latin1(void)
{
    struct world_options options = {.carrier = "    alphabet: latin1\n"};
    struct world *w = world_new(&options);
    struct slice octets;

    phone_sends(w, CONTACT, BIZ, "caf\xC3\xA9 \xC3\xAA"); /* the last letter is not in GSM */
    check_number(sent_first(w)->pdu.body.sm.data_coding, 0);
    octets = sent_first(w)->pdu.body.sm.short_message;
    check_slice(slice_of(octets.p + octets.n - 6, 6), slice_of("caf\xE9 \xEA", 6));
    answer_all(w);
    phone_sends(w, CONTACT, BIZ, SNOWMAN);
    check_number(sent_first(w)->pdu.body.sm.data_coding, 8);
    answer_all(w);
    world_end_test(w);
}

static void
r_text_3_arrives_as_sent(void)
{
    static const char *const texts[] = {
        "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7", /* a family */
        "\xF0\x9F\x87\xB3\xF0\x9F\x87\xB1 \xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD", /* a flag, a shade of
                                                                                skin */
        "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D \xD8\xB3\xD9\x84\xD8\xA7\xD9\x85", /* right to left */
        "e\xCC\x81 o\xCC\x88\xCC\xA3 \xE0\xA4\x95\xE0\xA5\x8D\xE0\xA4\xB7",  /* combining */
        "\xE2\x80\x8F\xE2\x80\xAE mark \xE2\x80\xAC",                        /* its own marks */
        "\xE4\xBD\xA0\xE5\xA5\xBD \xE3\x81\x82",
        "tab\there",
    };
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    char want[300];

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        snprintf(want, sizeof(want), "+12025550101: %s", texts[i]);
        phone_sends(w, CONTACT, BIZ, texts[i]);
        phone_shows(w, RELAY_ANN, ANN, with_id(id, want));
        phone_sends(w, ANN, RELAY_ANN, with_id(id, texts[i]));
        phone_shows(w, BIZ, CONTACT, texts[i]);
    }
    world_end_test(w);
}

/* Long ones, so that parts are cut somewhere inside: what is put together again is what was sent.
 */
static void
r_text_3_long_ones_too(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    const char *text =
        repeat("\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9 e\xCC\x81 \xD7\xA9", 60);
    const struct phone_text *got;

    phone_sends(w, CONTACT, BIZ, text);
    got = phone_gets(w, ANN);
    check(leading_number(got->text) == id && strstr(got->text, text) != NULL);
    world_end_test(w);
}

static void
r_text_3_to_an_app_untouched(void)
{
    struct world *w = world_with_account(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, "");

    pdu.body.sm.data_coding = 0xF5; /* class 1, 8-bit */
    pdu.body.sm.esm_class = SMPP_ESM_UDHI;
    pdu.body.sm.short_message = slice_of("\x06\x05\x04\x0B\x84\x23\xF0\x01\x06", 9); /* ports */
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check_number(sent_first(w)->pdu.command_id, SMPP_DELIVER_SM);
    check_number(sent_first(w)->pdu.body.sm.data_coding, 0xF5);
    check_number(sent_first(w)->pdu.body.sm.esm_class, SMPP_ESM_UDHI);
    check_slice(sent_first(w)->pdu.body.sm.short_message,
                slice_of("\x06\x05\x04\x0B\x84\x23\xF0\x01\x06", 9));
    answer_all(w);
    world_end_test(w);
}

/* The longest text in an alphabet that doubles on the way to the app: nothing is lost, nothing too
 * large is made. */
static void
r_text_3_longest_to_an_app(void)
{
    struct world_options options = {.carrier = "    alphabet: latin1\n"};
    struct world *w = world_new(&options);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, "");
    static uint8_t tlvs[40000], octets[TEXT_OCTETS_MAX];
    size_t used = 0, units = 0;

    world_bind(w, 1, LINK_APP, "crm", 10);
    memset(octets, 0xEA, sizeof(octets)); /* e with circumflex: not in GSM */
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD,
                  slice_of(octets, sizeof(octets))));
    pdu.tlvs = slice_of(tlvs, used);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    while (w->first) {
        units += pdu_text(&w->first->pdu).n / 2;
        answer(w, w->first, SMPP_ROK, NULL);
    }
    check_number(units, sizeof(octets));
    world_end_test(w);
}

/* ---- R-text-4 */

static void
arrives(struct world *w, const char *text)
{
    char want[2000];
    const struct phone_text *got = phone_gets(w, ANN);

    check(got != NULL);
    snprintf(want, sizeof(want), "+12025550101: %s", text);
    check_text(slice_of(got->text, got->n), with_id(leading_number(got->text), want));
}

static void
part_comes(struct world *w, uint8_t reference, uint8_t total, uint8_t index, const char *text)
{
    struct pdu pdu = pdu_of_part(CONTACT, BIZ, reference, total, index, text);

    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
}

static void
r_text_4_any_order(void)
{
    static const uint8_t orders[6][3] = {{1, 2, 3}, {1, 3, 2}, {2, 1, 3},
                                         {2, 3, 1}, {3, 1, 2}, {3, 2, 1}};
    static const char *const texts[] = {"", "one ", "two ", "three"};
    struct world *w = world_new(NULL);

    for (uint8_t i = 0; i < 6; i++) {
        for (int j = 0; j < 3; j++) {
            nothing_sent(w);
            part_comes(w, i, 3, orders[i][j], texts[orders[i][j]]);
        }
        arrives(w, "one two three");
    }
    check_number(counters(w)->parts_joined, 6);
    check_number(
        table_rows(w, TABLE_PART) + table_rows(w, TABLE_PART_SET) +
            timer_rows(w, TIMER_PART_SET), 0);
    world_end_test(w);
}

static void
u09_r_text_4_duplicate_parts(void)
{
    struct world *w = world_new(NULL);

    part_comes(w, 7, 3, 1, "a");
    part_comes(w, 7, 3, 1, "a");
    part_comes(w, 7, 3, 3, "c");
    part_comes(w, 7, 3, 3, "c");
    nothing_sent(w);
    part_comes(w, 7, 3, 2, "b");
    arrives(w, "abc");
    nothing_sent(w);
    world_end_test(w);
}

static void
u10_same_part_another_text(void)
{
    struct world *w = world_new(NULL);

    part_comes(w, 7, 2, 1, "first");
    part_comes(w, 7, 2, 1, "other");
    arrives(w, "other"); /* what was acknowledged is never dropped */
    part_comes(w, 7, 2, 2, " second");
    arrives(w, "first second");
    world_end_test(w);
}

static void
u11_r_text_4_missing_part_has_a_mark(void)
{
    struct world *w = world_new(NULL);

    part_comes(w, 7, 3, 1, "begin ");
    part_comes(w, 7, 3, 3, " end");
    world_pass(w, 299999);
    nothing_sent(w);
    world_pass(w, 1);
    arrives(w, "begin [2/3 only] end");
    check_number(counters(w)->part_sets_incomplete, 1);
    check_number(
        table_rows(w, TABLE_PART) + table_rows(w, TABLE_PART_SET) +
            timer_rows(w, TIMER_PART_SET), 0);
    part_comes(w, 7, 3, 2, "late"); /* a new set: it waits for its own end */
    nothing_sent(w);
    world_jump(w, 300000);
    arrives(w, "[1/3 only]late[1/3 only]");
    world_end_test(w);
}

static void
u11_parts_survive_a_restart(void)
{
    struct world *w = world_new(NULL);

    part_comes(w, 7, 2, 1, "before ");
    part_comes(w, 8, 2, 1, "alone ");
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    part_comes(w, 7, 2, 2, "after");
    arrives(w, "before after");
    world_pass(w, 300000);
    arrives(w, "alone [1/2 only]");
    world_end_test(w);
}

/* The timer was set with the old timeout. */
static void
u11_a_longer_timeout_by_reload(void)
{
    static const struct world_options longer = {.relay = "  reassembly_timeout: 10m\n"};
    struct world *w = world_new(NULL);

    part_comes(w, 7, 2, 1, "begin ");
    world_reload(w, &longer);
    world_pass(w, 599999);
    nothing_sent(w);
    world_pass(w, 1);
    arrives(w, "begin [1/2 only]");
    world_end_test(w);
}

static void
u12_r_text_4_bounded_per_sender(void)
{
    struct world *w = world_new(NULL);
    char want[40];
    struct pdu pdu;

    for (uint8_t i = 0; i < 8; i++) {
        snprintf(want, sizeof(want), "part %u ", i);
        part_comes(w, i, 255, 1, want);
        world_pass(w, 1000);
    }
    pdu = pdu_of_part(CONTACT_2, BIZ, 1, 2, 1, "another sender ");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    nothing_sent(w);
    for (uint8_t i = 8; i < 200; i++) {
        char text[40];

        snprintf(text, sizeof(text), "part %u ", i);
        part_comes(w, i, 255, 1, text);
        snprintf(want, sizeof(want), "part %u [1/255 only]", i - 8); /* the oldest makes room */
        arrives(w, want);
        check_number(table_rows(w, TABLE_PART_SET), 9);
        check_number(table_rows(w, TABLE_PART), 9);
        world_pass(w, 10);
    }
    world_end_test(w);
}

static void
u13_total_belongs_to_the_key(void)
{
    struct world *w = world_new(NULL);

    part_comes(w, 7, 3, 1, "x1");
    part_comes(w, 7, 2, 2, "y2");
    nothing_sent(w);
    part_comes(w, 7, 2, 1, "y1");
    arrives(w, "y1y2");
    part_comes(w, 7, 3, 3, "x3");
    part_comes(w, 7, 3, 2, "x2");
    arrives(w, "x1x2x3");
    world_end_test(w);
}

static void
smpp_l6_r_text_4_senders_and_carriers_do_not_mix(void)
{
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_part(CONTACT_2, BIZ, 7, 2, 2, "b");

    world_bind(w, 2, LINK_CARRIER, "other", 10);
    part_comes(w, 7, 2, 1, "a");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    pdu = pdu_of_part(CONTACT, BIZ_GROUP, 7, 2, 2, "c");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    pdu = pdu_of_part(CONTACT, BIZ, 7, 2, 2, "d");
    check_number(carrier_delivers(w, 2, &pdu), SMPP_ROK);
    nothing_sent(w);
    check_number(table_rows(w, TABLE_PART_SET), 4);
    world_end_test(w);
}

/* Parts of the 16-bit kind and sar_* TLVs; message_payload. */
static void
smpp_l2_l4_l5_r_text_4_other_forms(void)
{
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ, "");
    uint8_t tlvs[400];
    size_t used;

    pdu.body.sm.esm_class = SMPP_ESM_UDHI;
    pdu.body.sm.short_message = slice_of("\x06\x08\x04\x01\x02\x02\x02wide", 11);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    pdu.body.sm.short_message = slice_of("\x06\x08\x04\x01\x02\x02\x01very ", 12);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    arrives(w, "very wide");
    pdu.body.sm.esm_class = 0;
    for (uint8_t i = 2; i >= 1; i--) {
        used = 0;
        check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_SAR_MSG_REF_NUM, slice_of("\0\5", 2)));
        check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_SAR_TOTAL_SEGMENTS, slice_of("\2", 1)));
        check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_SAR_SEGMENT_SEQNUM, slice_of(&i, 1)));
        pdu.tlvs = slice_of(tlvs, used);
        pdu.body.sm.short_message = i == 1 ? slice_str("by ") : slice_str("sar");
        check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    }
    arrives(w, "by sar");
    used = 0;
    check(
        tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD, slice_str(repeat("p", 300))));
    pdu.tlvs = slice_of(tlvs, used);
    pdu.body.sm.short_message = SLICE_NONE;
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    arrives(w, repeat("p", 300));
    world_end_test(w);
}

static void
r_text_4_parts_in_several_alphabets(void)
{
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_part(CONTACT, BIZ, 7, 2, 2, "");
    uint8_t octets[] = {5, 0, 3, 7, 2, 2, 0x26, 0x03};

    part_comes(w, 7, 2, 1, "snow: ");
    pdu.body.sm.data_coding = 8;
    pdu.body.sm.short_message = slice_of(octets, sizeof(octets));
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    arrives(w, "snow: " SNOWMAN);
    world_end_test(w);
}

/* A surrogate pair that the sender's phone cut in two is one character again. */
static void
r_text_4_surrogates_across_parts(void)
{
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_part(CONTACT, BIZ, 7, 2, 2, "");
    uint8_t one[] = {5, 0, 3, 7, 2, 1, 0, 'a', 0xD8, 0x3D}, two[] = {5, 0, 3, 7, 2, 2, 0xDE, 0x00};

    pdu.body.sm.data_coding = 8;
    pdu.body.sm.short_message = slice_of(two, sizeof(two));
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    pdu.body.sm.short_message = slice_of(one, sizeof(one));
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    arrives(w, "a\xF0\x9F\x98\x80");
    world_end_test(w);
}

static void
header_of_a_carrier(const char *hex, const char *text)
{
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ, "");
    uint8_t octets[100];

    pdu.body.sm.esm_class = SMPP_ESM_UDHI;
    pdu.body.sm.short_message = slice_of(octets, check_hex(hex, octets, sizeof(octets)));
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    if (text)
        arrives(w, text);
    nothing_sent(w);
    world_end_test(w);
}

static void
u02_header_longer_than_the_message(void)
{
    header_of_a_carrier("48 65 6c 6c 6f", "Hello");
}

static void
u05_wrong_length_of_the_element(void)
{
    header_of_a_carrier("04 00 02 ab 03 48 65 6c 6c 6f", "Hello");
}

static void
u06_u07_u08_impossible_parts(void)
{
    header_of_a_carrier("05 00 03 ab 00 00 48 65 6c 6c 6f", "Hello");
    header_of_a_carrier("05 00 03 ab 03 05 48 65 6c 6c 6f", "Hello");
    header_of_a_carrier("05 00 03 ab 03 00 48 65 6c 6c 6f", "Hello");
}

/* Ports stand before the text and are no text. */
static void
u03_header_without_concatenation(void)
{
    header_of_a_carrier("06 05 04 0b 84 23 f0 48 65 6c 6c 6f", "Hello");
    header_of_a_carrier("00 48 65 6c 6c 6f", "Hello");
}

static void
l09_odd_ucs2_from_a_carrier(void)
{
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ, "");

    pdu.body.sm.data_coding = 8;
    pdu.body.sm.short_message = slice_of("\0A\0", 3);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    arrives(w, "A\xEF\xBF\xBD");
    world_end_test(w);
}

static void
r_text_3_message_to_no_number_of_ours(void)
{
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, "12025559999", "hello");

    check_number(carrier_delivers(w, 0, &pdu), SMPP_RINVDSTADR);
    check_number(counters(w)->unrouted, 1);
    check(strstr(w->log, "+") == NULL && strstr(w->log, "12025559999") == NULL);
    world_end_test(w);
}

CHECK_MAIN({"r_text_1_gsm_160_and_153", r_text_1_gsm_160_and_153},
           {"smpp_e4_r_text_1_extension_characters_count_twice",
            smpp_e4_r_text_1_extension_characters_count_twice},
           {"r_text_1_ucs2_70_and_67", r_text_1_ucs2_70_and_67},
           {"r_text_1_max_parts", r_text_1_max_parts}, {"r_text_1_reject", r_text_1_reject},
           {"r_text_1_split", r_text_1_split}, {"r_text_1_split_of_ucs2", r_text_1_split_of_ucs2},
           {"smpp_l8_r_text_1_parts_keep_their_reference",
            smpp_l8_r_text_1_parts_keep_their_reference},
           {"r_text_2_gsm_if_it_fits", r_text_2_gsm_if_it_fits},
           {"r_text_2_transliterate_on", r_text_2_transliterate_on},
           {"r_text_2_transliterate_off", r_text_2_transliterate_off},
           {"r_text_2_a_carrier_of_latin1", r_text_2_a_carrier_of_latin1},
           {"r_text_3_arrives_as_sent", r_text_3_arrives_as_sent},
           {"r_text_3_long_ones_too", r_text_3_long_ones_too},
           {"r_text_3_to_an_app_untouched", r_text_3_to_an_app_untouched},
           {"r_text_3_longest_to_an_app", r_text_3_longest_to_an_app},
           {"r_text_4_any_order", r_text_4_any_order},
           {"u09_r_text_4_duplicate_parts", u09_r_text_4_duplicate_parts},
           {"u10_same_part_another_text", u10_same_part_another_text},
           {"u11_r_text_4_missing_part_has_a_mark", u11_r_text_4_missing_part_has_a_mark},
           {"u11_parts_survive_a_restart", u11_parts_survive_a_restart},
           {"u11_a_longer_timeout_by_reload", u11_a_longer_timeout_by_reload},
           {"u12_r_text_4_bounded_per_sender", u12_r_text_4_bounded_per_sender},
           {"u13_total_belongs_to_the_key", u13_total_belongs_to_the_key},
           {"smpp_l6_r_text_4_senders_and_carriers_do_not_mix",
            smpp_l6_r_text_4_senders_and_carriers_do_not_mix},
           {"smpp_l2_l4_l5_r_text_4_other_forms", smpp_l2_l4_l5_r_text_4_other_forms},
           {"r_text_4_parts_in_several_alphabets", r_text_4_parts_in_several_alphabets},
           {"r_text_4_surrogates_across_parts", r_text_4_surrogates_across_parts},
           {"u02_header_longer_than_the_message", u02_header_longer_than_the_message},
           {"u05_wrong_length_of_the_element", u05_wrong_length_of_the_element},
           {"u06_u07_u08_impossible_parts", u06_u07_u08_impossible_parts},
           {"u03_header_without_concatenation", u03_header_without_concatenation},
           {"l09_odd_ucs2_from_a_carrier", l09_odd_ucs2_from_a_carrier},
           {"r_text_3_message_to_no_number_of_ours", r_text_3_message_to_no_number_of_ours})
