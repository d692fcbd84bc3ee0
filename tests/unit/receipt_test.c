/*
 * receipt_test.c: delivery receipts as carriers write them (conformance R1 to R8, R11; rows R01 to
 * R09, T13, T14).
 */
#include "protocol/receipt.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/check.h"
#include "tests/unit/receipt_corpus.h"

static void
parse_tlvs(struct slice text, struct slice tlvs, struct receipt *out)
{
    struct pdu pdu = {.command_id = SMPP_DELIVER_SM, .tlvs = tlvs};

    pdu.body.sm.esm_class = SMPP_ESM_RECEIPT;
    pdu.body.sm.short_message = text;
    receipt_parse(&pdu, out);
}

static void
parse(const char *text, struct receipt *out)
{
    parse_tlvs(slice_str(text), SLICE_NONE, out);
}

#define NO_STATE RECEIPT_STATES

/* R6, R7: what carriers send. NULL is an empty field. */
static const struct form {
    const char *text, *id;
    enum receipt_state state;
    const char *error, *submit, *done, *quoted;
} forms[] = {
    /* appendix B */
    {"id:0123456789 sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:DELIVRD "
     "err:000 text:Hello",
     "0123456789", RECEIPT_DELIVERED, "000", "2611211200", "2611211201", "Hello"},
    {"id:0123456789 sub:001 dlvrd:000 submit date:2611211200 done date:2611211201 stat:UNDELIV "
     "err:069 Text:Hello",
     "0123456789", RECEIPT_UNDELIVERABLE, "069", "2611211200", "2611211201", "Hello"},
    {"id:1 sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:DELIVRD err:0 text: "
     "Hello you",
     "1", RECEIPT_DELIVERED, "0", "2611211200", "2611211201", "Hello you"},
    /* fields missing */
    {"id:77 stat:DELIVRD err:000 text:", "77", RECEIPT_DELIVERED, "000", NULL, NULL, NULL},
    {"id:77 stat:EXPIRED", "77", RECEIPT_EXPIRED, NULL, NULL, NULL, NULL},
    {"id:77 submit date:2611211200 done date:2611211201 stat:DELETED err:000", "77",
     RECEIPT_DELETED, "000", "2611211200", "2611211201", NULL},
    {"stat:DELIVRD", NULL, RECEIPT_DELIVERED, NULL, NULL, NULL, NULL},
    {"id:77", "77", NO_STATE, NULL, NULL, NULL, NULL},
    {"", NULL, NO_STATE, NULL, NULL, NULL, NULL},
    /* keys in other spellings */
    {"ID:77 SUB:001 DLVRD:001 SUBMIT DATE:2611211200 DONE DATE:2611211201 STAT:DELIVRD ERR:000 "
     "TEXT:x",
     "77", RECEIPT_DELIVERED, "000", "2611211200", "2611211201", "x"},
    {"id:77 submitdate:2611211200 donedate:2611211201 stat:ACCEPTD", "77", RECEIPT_ACCEPTED, NULL,
     "2611211200", "2611211201", NULL},
    {"id:77 submit_date:2611211200 done_date:2611211201 status:REJECTD error:12", "77",
     RECEIPT_REJECTED, "12", "2611211200", "2611211201", NULL},
    {"id: 77 sub: 001 dlvrd: 001 submit date: 2611211200 done date: 2611211201 stat: DELIVRD err: "
     "000 text: x",
     "77", RECEIPT_DELIVERED, "000", "2611211200", "2611211201", "x"},
    /* in another order, other separators */
    {"stat:DELIVRD done date:2611211201 id:77 err:1 submit date:2611211200", "77",
     RECEIPT_DELIVERED, "1", "2611211200", "2611211201", NULL},
    {"id:77,sub:001,dlvrd:001,stat:DELIVRD,err:000", "77", RECEIPT_DELIVERED, "000", NULL, NULL,
     NULL},
    {"id:77;stat:UNDELIV;err:0x1F", "77", RECEIPT_UNDELIVERABLE, "0x1F", NULL, NULL, NULL},
    {"id:77\r\nsub:001\r\nstat:DELIVRD\r\n", "77", RECEIPT_DELIVERED, NULL, NULL, NULL, NULL},
    {"  id:77   stat:DELIVRD  ", "77", RECEIPT_DELIVERED, NULL, NULL, NULL, NULL},
    {"Receipt for message id:77 stat:DELIVRD", "77", RECEIPT_DELIVERED, NULL, NULL, NULL, NULL},
    /* dates */
    {"id:77 submit date:261121120059 done date:261121120159 stat:DELIVRD", "77", RECEIPT_DELIVERED,
     NULL, "261121120059", "261121120159", NULL},
    {"id:77 submit date:20261121120059 done date:20261121120159 stat:DELIVRD", "77",
     RECEIPT_DELIVERED, NULL, "20261121120059", "20261121120159", NULL},
    {"id:77 submit date:0000000000 done date:0000000000 stat:DELIVRD", "77", RECEIPT_DELIVERED,
     NULL, "0000000000", "0000000000", NULL},
    {"id:77 submit date: done date: stat:DELIVRD err: text:", "77", RECEIPT_DELIVERED, NULL, NULL,
     NULL, NULL},
    {"id:77 submit date:2026-11-21 12:00:00 done date:2026-11-21 12:01:00 stat:DELIVRD", "77",
     RECEIPT_DELIVERED, NULL, "2026-11-21", "2026-11-21", NULL},
    /* errors */
    {"id:77 stat:UNDELIV err:0000", "77", RECEIPT_UNDELIVERABLE, "0000", NULL, NULL, NULL},
    {"id:77 stat:UNDELIV err:E5A", "77", RECEIPT_UNDELIVERABLE, "E5A", NULL, NULL, NULL},
    {"id:77 stat:UNDELIV err:ABSENT", "77", RECEIPT_UNDELIVERABLE, "ABSENT", NULL, NULL, NULL},
    /* IDs */
    {"id:0E999F21 stat:DELIVRD", "0E999F21", RECEIPT_DELIVERED, NULL, NULL, NULL, NULL},
    {"id:3f2504e0-4f89-41d3-9a0c-0305e82c3301 stat:DELIVRD", "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
     RECEIPT_DELIVERED, NULL, NULL, NULL, NULL},
    {"id:123456789012345678901234567890 stat:DELIVRD", "123456789012345678901234567890",
     RECEIPT_DELIVERED, NULL, NULL, NULL, NULL},
    {"id:gw1:77/a_b=.@ stat:DELIVRD", "gw1:77/a_b=.@", RECEIPT_DELIVERED, NULL, NULL, NULL, NULL},
    /* states */
    {"id:77 stat:DELIVERED", "77", RECEIPT_DELIVERED, NULL, NULL, NULL, NULL},
    {"id:77 stat:delivrd", "77", RECEIPT_DELIVERED, NULL, NULL, NULL, NULL},
    {"id:77 stat:UNDELIVERABLE", "77", RECEIPT_UNDELIVERABLE, NULL, NULL, NULL, NULL},
    {"id:77 stat:FAILED", "77", RECEIPT_UNDELIVERABLE, NULL, NULL, NULL, NULL},
    {"id:77 stat:REJECTED", "77", RECEIPT_REJECTED, NULL, NULL, NULL, NULL},
    {"id:77 stat:ENROUTE", "77", RECEIPT_ENROUTE, NULL, NULL, NULL, NULL},
    {"id:77 stat:ACCEPTED", "77", RECEIPT_ACCEPTED, NULL, NULL, NULL, NULL},
    {"id:77 stat:UNKNOWN", "77", RECEIPT_UNKNOWN, NULL, NULL, NULL, NULL},
    {"id:77 stat:DELIVRDX", "77", NO_STATE, NULL, NULL, NULL, NULL},
    {"id:77 stat:", "77", NO_STATE, NULL, NULL, NULL, NULL},
    /* the first of a kind wins, and keys count only at the start of a word */
    {"id:77 id:78 stat:DELIVRD stat:UNDELIV", "77", RECEIPT_DELIVERED, NULL, NULL, NULL, NULL},
    {"paid:99 xid:98 id:77 restat:UNDELIV stat:DELIVRD", "77", RECEIPT_DELIVERED, NULL, NULL, NULL,
     NULL},
};

static void
check_field(struct slice have, const char *want)
{
    check_text(have, want ? want : "");
}

static void
smpp_r6_r7_golden_forms(void)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const struct form *form = &forms[i];
        struct receipt receipt;

        parse(form->text, &receipt);
        check_field(receipt.id, form->id);
        check_number(receipt.state, form->state == NO_STATE ? RECEIPT_UNKNOWN : form->state);
        check_number(receipt.state_known, form->state != NO_STATE);
        check_field(receipt.error, form->error);
        check_field(receipt.submit_date, form->submit);
        check_field(receipt.done_date, form->done);
        check_field(receipt.text, form->quoted);
        check_number(receipt.network_error_type, 0);
    }
}

static void
check_form(const struct receipt_form *form, const struct receipt *receipt)
{
    enum receipt_state state = form->state == FORM_NO_STATE ? RECEIPT_UNKNOWN : form->state;
    struct slice id = slice_str(form->id ? form->id : "");
    uint64_t done_s = 0;

    if (!slice_eq(receipt->id, id) || receipt->state != state)
        printf("    %s\n", form->source);
    check_slice(receipt->id, id);
    check_number(receipt->state, state);
    check_number(receipt->state_known, form->state != FORM_NO_STATE);
    check_field(receipt->error, form->error);
    check_field(receipt->done_date, form->done);
    if (!receipt_date(receipt->done_date, 0, &done_s))
        done_s = 0;
    check_number(done_s, form->done_s);
}

/* In memory of exactly that size. */
static void
check_form_in(const struct receipt_form *form, const void *octets, size_t n, uint8_t data_coding)
{
    struct pdu pdu = {.command_id = SMPP_DELIVER_SM};
    struct receipt receipt;
    uint8_t *copy = malloc(n);

    check(copy != NULL);
    memcpy(copy, octets, n);
    pdu.body.sm.esm_class = SMPP_ESM_RECEIPT;
    pdu.body.sm.data_coding = data_coding;
    pdu.body.sm.short_message = slice_of(copy, n);
    receipt_parse(&pdu, &receipt);
    check_form(form, &receipt);
    free(copy);
}

/* Every form that is known, whatever one-octet alphabet it says. */
static void
smpp_r7_corpus(void)
{
    check(RECEIPT_CORPUS_COUNT >= 40);
    for (size_t i = 0; i < RECEIPT_CORPUS_COUNT; i++) {
        const struct receipt_form *form = &receipt_corpus[i];

        check_form_in(form, form->text, strlen(form->text), 0);
        check_form_in(form, form->text, strlen(form->text), 3);
        for (size_t k = 0; k < i; k++)
            check(strcmp(form->text, receipt_corpus[k].text) != 0);
    }
}

/* NULs and blanks behind the text, as from a buffer of fixed size. */
static void
smpp_r7_corpus_padded(void)
{
    for (size_t i = 0; i < RECEIPT_CORPUS_COUNT; i++) {
        uint8_t padded[300] = {0};
        size_t n = strlen(receipt_corpus[i].text);

        memcpy(padded, receipt_corpus[i].text, n);
        check_form_in(&receipt_corpus[i], padded, n + 10, 0);
        memset(padded + n, ' ', 10);
        check_form_in(&receipt_corpus[i], padded, n + 10, 0);
    }
}

/* data_coding 8 is true (UTF-16) or was copied from the message that was sent (node-smpp #68). */
static void
smpp_r7_corpus_in_data_coding_8(void)
{
    for (size_t i = 0; i < RECEIPT_CORPUS_COUNT; i++) {
        const char *text = receipt_corpus[i].text;
        uint8_t wide[600];
        size_t n = strlen(text);

        for (size_t k = 0; k < n; k++) {
            wide[2 * k] = 0;
            wide[2 * k + 1] = (uint8_t)text[k];
        }
        check_form_in(&receipt_corpus[i], wide, 2 * n, 8);
        check_form_in(&receipt_corpus[i], text, n, 8);
    }
}

static void
smpp_r7_utf16_text_longer_than_is_read(void)
{
    static uint8_t wide[4000], tlvs[4100];
    static const char start[] = "id:77 stat:DELIVRD text:";
    struct pdu pdu = {.command_id = SMPP_DATA_SM};
    struct receipt receipt;
    size_t used = 0;

    for (size_t i = 0; i < sizeof(wide) / 2; i++) {
        wide[2 * i] = i < strlen(start) ? 0 : 0x20; /* U+20AC */
        wide[2 * i + 1] = i < strlen(start) ? (uint8_t)start[i] : 0xac;
    }
    pdu.body.sm.esm_class = SMPP_ESM_RECEIPT;
    pdu.body.sm.data_coding = 8;
    check(
        tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD, slice_of(wide, sizeof(wide))));
    pdu.tlvs = slice_of(tlvs, used);
    receipt_parse(&pdu, &receipt);
    check_text(receipt.id, "77");
    check_number(receipt.state, RECEIPT_DELIVERED);
    check(receipt.text.n > 400 && receipt.text.n % 3 == 0);
    check(memcmp(receipt.text.p, "\xe2\x82\xac", 3) == 0);
    pdu.tlvs = SLICE_NONE;
    for (size_t n = 0; n < 4; n++) { /* too short to tell */
        pdu.body.sm.short_message = slice_of("\0i\0d", n);
        receipt_parse(&pdu, &receipt);
        check_number(receipt.id.n, 0);
    }
}

/* It says "by the way" and never an end: the kind is the caller's, the state is read alike. */
static void
smpp_r1_intermediate_notifications(void)
{
    static const struct {
        const char *text;
        int tlv;
        enum receipt_state state;
        bool known;
    } rows[] = {
        {"id:77 sub:001 dlvrd:000 submit date:2611211200 done date:2611211201 stat:ENROUTE err:011",
         -1, RECEIPT_ENROUTE, true},
        {"id:77 stat:BUFFERED", -1, RECEIPT_ENROUTE, true},
        {"id:77", 1, RECEIPT_ENROUTE, true},
        {"id:77 stat:ACCEPTD", 1, RECEIPT_ENROUTE, true},
        {"id:77", 0, RECEIPT_SCHEDULED, true},
        {"id:77 retrying", -1, RECEIPT_UNKNOWN, false},
    };

    check_number(receipt_kind(SMPP_ESM_INTERMEDIATE), RECEIPT_INTERMEDIATE);
    check_number(receipt_kind(SMPP_ESM_INTERMEDIATE | SMPP_ESM_UDHI | 3), RECEIPT_INTERMEDIATE);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pdu pdu = {.command_id = SMPP_DELIVER_SM};
        uint8_t tlvs[10], state = (uint8_t)rows[i].tlv;
        struct receipt receipt;
        size_t used = 0;

        pdu.body.sm.esm_class = SMPP_ESM_INTERMEDIATE;
        pdu.body.sm.short_message = slice_str(rows[i].text);
        if (rows[i].tlv >= 0)
            check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_STATE, slice_of(&state, 1)));
        pdu.tlvs = slice_of(tlvs, used);
        receipt_parse(&pdu, &receipt);
        check_text(receipt.id, "77");
        check_number(receipt.state, rows[i].state);
        check_number(receipt.state_known, rows[i].known);
        check(!receipt_state_final(receipt.state));
    }
}

static void
smpp_r1_acks_of_an_sme(void)
{
    struct pdu pdu = {.command_id = SMPP_DELIVER_SM};
    struct receipt receipt;
    uint8_t tlvs[40];
    size_t used = 0;

    pdu.body.sm.esm_class = SMPP_ESM_USER_ACK;
    pdu.body.sm.short_message = SLICE_LIT("Yes, tomorrow");
    check(
        tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_USER_MESSAGE_REFERENCE, SLICE_LIT("\x12\x34")));
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_USER_RESPONSE_CODE, SLICE_LIT("\x05")));
    pdu.tlvs = slice_of(tlvs, used);
    receipt_parse(&pdu, &receipt);
    check_text(receipt.text, "Yes, tomorrow");
    check(receipt.has_reference && receipt.has_response);
    check_number(receipt.reference, 0x1234);
    check_number(receipt.response, 5);
    check_number(receipt.id.n, 0);
    check(!receipt.state_known);
    pdu.body.sm.esm_class = SMPP_ESM_DELIVERY_ACK;
    pdu.body.sm.short_message = SLICE_LIT("id:77 stat:DELIVRD text:read");
    pdu.tlvs = SLICE_NONE;
    receipt_parse(&pdu, &receipt);
    check_text(receipt.id, "77");
    check_text(receipt.text, "read");
    check_number(receipt.state, RECEIPT_DELIVERED);
    check(!receipt.has_reference && !receipt.has_response);
    pdu.body.sm.esm_class = SMPP_ESM_RECEIPT; /* of which words are no text */
    pdu.body.sm.short_message = SLICE_LIT("Yes, tomorrow");
    receipt_parse(&pdu, &receipt);
    check_number(receipt.text.n, 0);
}

/* A state without its key counts if it is a whole word in capitals and no key has one. */
static void
smpp_r7_state_without_its_key(void)
{
    static const struct {
        const char *text;
        int state;
    } rows[] = {
        {"id:77 DELIVRD err:000", RECEIPT_DELIVERED},
        {"EXPIRED id:77", RECEIPT_EXPIRED},
        {"id:77 DELIVRD stat:UNDELIV", RECEIPT_UNDELIVERABLE},
        {"id:77 UNDELIV,DELIVRD", RECEIPT_UNDELIVERABLE},
        {"id:77 not delivered", -1},
        {"id:77 DELIVRDX", -1},
        {"id:77 x=DELIVRD", -1},
        {"id:DELIVRD", -1},
        {"id:77 UNDELIVERABLE", RECEIPT_UNDELIVERABLE},
        {"id:77 UNDELIVERABLEX", -1},
        {"id:77 text: DELIVRD", -1},
        {"id:77 DELIVR", -1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct receipt receipt;

        parse(rows[i].text, &receipt);
        check_number(receipt.state_known, rows[i].state >= 0);
        if (rows[i].state >= 0)
            check_number(receipt.state, rows[i].state);
    }
}

static void
smpp_r7_binary_in_text(void)
{
    struct receipt receipt;

    parse_tlvs(SLICE_LIT("id:77 stat:DELIVRD text:\0\x1b\xff\r\nid:9"), SLICE_NONE, &receipt);
    check_text(receipt.id, "77");
    check_slice(receipt.text, SLICE_LIT("\0\x1b\xff\r\nid:9"));
}

static void
smpp_r7_text_in_message_payload(void)
{
    uint8_t tlvs[100];
    size_t used = 0;
    struct receipt receipt;

    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD,
                  slice_str("id:77 stat:DELIVRD")));
    parse_tlvs(SLICE_NONE, slice_of(tlvs, used), &receipt);
    check_text(receipt.id, "77");
    check_number(receipt.state, RECEIPT_DELIVERED);
}

static void
smpp_r7_text_behind_a_user_data_header(void)
{
    struct pdu pdu = {.command_id = SMPP_DELIVER_SM};
    struct receipt receipt;

    pdu.body.sm.esm_class = SMPP_ESM_RECEIPT | SMPP_ESM_UDHI;
    pdu.body.sm.short_message = SLICE_LIT("\x05\x00\x03\x01\x02\x01id:77 stat:DELIVRD");
    receipt_parse(&pdu, &receipt);
    check_text(receipt.id, "77");
}

static void
smpp_r1_kinds(void)
{
    for (unsigned esm = 0; esm < 256; esm++) {
        enum receipt_kind want = RECEIPT_NONE;

        switch (esm & 0x3c) {
        case 0x04:
            want = RECEIPT_FINAL;
            break;
        case 0x08:
            want = RECEIPT_SME_ACK;
            break;
        case 0x10:
            want = RECEIPT_USER_ACK;
            break;
        case 0x18:
            want = RECEIPT_ABORT;
            break;
        case 0x20:
            want = RECEIPT_INTERMEDIATE;
            break;
        default:
            break;
        }
        check_number(receipt_kind((uint8_t)esm), want);
    }
}

static void
smpp_r3_tlvs_win(void)
{
    static const uint8_t tlvs[] = {0x00, 0x1e, 0, 4,    'a',  'b', 'c', 0, 0x04, 0x27,
                                   0,    1,    5, 0x04, 0x23, 0,   3,   3, 0x12, 0x34};
    struct receipt receipt;

    parse_tlvs(slice_str("id:77 stat:DELIVRD err:001"), slice_of(tlvs, sizeof(tlvs)), &receipt);
    check_text(receipt.id, "abc");
    check_number(receipt.state, RECEIPT_UNDELIVERABLE);
    check(receipt.state_known);
    check_number(receipt.network_error_type, 3);
    check_number(receipt.network_error_code, 0x1234);
    check_text(receipt.error, "001");
    /* every one of them alone */
    parse_tlvs(slice_str("id:77 stat:DELIVRD"), slice_of(tlvs, 8), &receipt);
    check_text(receipt.id, "abc");
    check_number(receipt.state, RECEIPT_DELIVERED);
    parse_tlvs(slice_str("id:77 stat:DELIVRD"), slice_of(tlvs + 8, 5), &receipt);
    check_text(receipt.id, "77");
    check_number(receipt.state, RECEIPT_UNDELIVERABLE);
}

static void
smpp_r3_empty_id_tlv_leaves_the_text(void)
{
    struct receipt receipt;

    parse_tlvs(slice_str("id:77"), SLICE_LIT("\x00\x1e\x00\x01\x00"), &receipt);
    check_text(receipt.id, "77");
    parse_tlvs(slice_str("id:77"), SLICE_LIT("\x00\x1e\x00\x00"), &receipt);
    check_text(receipt.id, "77");
}

static void
t13_id_of_65_octets_is_cut(void)
{
    uint8_t tlvs[4 + 65] = {0x00, 0x1e, 0, 65};
    struct receipt receipt;

    memset(tlvs + 4, 'A', 65);
    parse_tlvs(slice_str("Hello"), slice_of(tlvs, sizeof(tlvs)), &receipt);
    check_number(receipt.id.n, 64);
    check(!receipt.state_known);
}

static void
t14_state_out_of_range(void)
{
    struct receipt receipt;

    parse_tlvs(slice_str("Hello"),
               SLICE_LIT("\x00\x1e\x00\x04\x31\x32\x33\x00\x04\x27\x00\x01\xff"), &receipt);
    check_text(receipt.id, "123");
    check_number(receipt.state, RECEIPT_UNKNOWN);
    check(!receipt.state_known);
    parse_tlvs(slice_str("stat:DELIVRD"), SLICE_LIT("\x04\x27\x00\x01\x0a"), &receipt);
    check_number(receipt.state, RECEIPT_DELIVERED);
    for (uint8_t state = 0; state < RECEIPT_STATES; state++) {
        uint8_t tlv[] = {0x04, 0x27, 0, 1, state};

        parse_tlvs(SLICE_NONE, slice_of(tlv, sizeof(tlv)), &receipt);
        check(receipt.state_known);
        check_number(receipt.state, state);
    }
}

static void
smpp_r8_state_names(void)
{
    for (int i = 0; i < RECEIPT_STATES; i++) {
        const char *name = receipt_state_name((enum receipt_state)i);
        enum receipt_state back = RECEIPT_STATES;

        check(strlen(name) <= 7);
        check(receipt_state_of(slice_str(name), &back));
        check_number(back, i);
        check(!receipt_state_of(slice_of(name, 4), &back));
    }
    check_number(RECEIPT_DELIVERED, 2);
    check_number(RECEIPT_SKIPPED, 9);
}

static void
smpp_r8_final_states(void)
{
    static const bool want[RECEIPT_STATES] = {false, false, true,  true, true,
                                              true,  true,  false, true, true};

    for (int i = 0; i < RECEIPT_STATES; i++)
        check_number(receipt_state_final((enum receipt_state)i), want[i]);
}

static void
r04_fields_in_the_text_do_not_count(void)
{
    struct receipt receipt;

    parse("id:77 sub:001 stat:DELIVRD err:000 text:id:99 stat:UNDELIV", &receipt);
    check_text(receipt.id, "77");
    check_number(receipt.state, RECEIPT_DELIVERED);
    check_text(receipt.text, "id:99 stat:UNDELIV");
    parse("sub:001 text:id:99 stat:UNDELIV", &receipt);
    check_number(receipt.id.n, 0);
    check(!receipt.state_known);
    parse("id:77 Text: stat:UNDELIV", &receipt);
    check(!receipt.state_known);
}

static void
r06_no_id(void)
{
    struct receipt receipt;

    parse("stat:DELIVRD", &receipt);
    check_number(receipt.id.n, 0);
    check_number(receipt.state, RECEIPT_DELIVERED);
    parse("id: stat:DELIVRD", &receipt);
    check_number(receipt.id.n, 0);
}

static void
r07_bogus_state_and_date(void)
{
    struct receipt receipt;
    uint64_t at;

    parse("id:77 stat:BOGUS done date:9999999999 text:", &receipt);
    check_number(receipt.state, RECEIPT_UNKNOWN);
    check(!receipt.state_known);
    check(!receipt_date(receipt.done_date, 0, &at));
}

static void
r08_endless_ids(void)
{
    uint8_t text[203];
    struct receipt receipt;

    memcpy(text, "id:", 3);
    for (size_t i = 3; i < sizeof(text); i++)
        text[i] = i % 2 ? 0 : 'A';
    parse_tlvs(slice_of(text, sizeof(text)), SLICE_NONE, &receipt);
    check_number(receipt.id.n, 0);
    memset(text + 3, 'A', 200);
    parse_tlvs(slice_of(text, 3 + 64), SLICE_NONE, &receipt);
    check_number(receipt.id.n, 64);
    parse_tlvs(slice_of(text, 3 + 65), SLICE_NONE, &receipt);
    check_number(receipt.id.n, 0);
}

static void
r09_text_alone_is_no_receipt(void)
{
    check_number(receipt_kind(0), RECEIPT_NONE);
    check_number(receipt_kind(SMPP_ESM_UDHI | SMPP_ESM_REPLY_PATH | SMPP_ESM_MODE_STORE),
                 RECEIPT_NONE);
}

static void
cut_at_every_octet(void)
{
    for (size_t n = 0; n <= strlen(forms[0].text); n++) {
        uint8_t copy[200];
        struct receipt receipt;

        memcpy(copy, forms[0].text, n);
        parse_tlvs(slice_of(copy, n), SLICE_NONE, &receipt);
        check(receipt.id.n <= 10);
        check(receipt.state_known ==
              (n >= strlen("id:0123456789 sub:001 dlvrd:001 submit date:2611211200 done "
                           "date:2611211201 stat:DELIVRD")));
    }
}

static void
smpp_t8_dates(void)
{
    static const struct {
        const char *text;
        int32_t zone_s;
        uint64_t want;
    } rows[] = {
        {"2611211200", 0, 1795262400},
        {"2611211200", 3600, 1795258800},
        {"2611211200", -18000, 1795280400},
        {"261121120059", 0, 1795262459},
        {"20261121120059", 0, 1795262459},
        {"202611211200", 0, 1795262400},
        {"0002290000", 0, 951782400},
        {"1206101011", 0, 1339323060},
        {"261121120059900+", 3600, 1795262459},
        {"261121120059904+", 0, 1795258859},
        {"261121120059904-", -7200, 1795266059},
    };
    static const char *const bad[] = {"",
                                      "0000000000",
                                      "9999999999",
                                      "2602300000",
                                      "2611212400",
                                      "261121120",
                                      "26112112000",
                                      "26-1211200",
                                      "2026112112005",
                                      "202611211200591",
                                      "20261121120060",
                                      "00000000000000",
                                      "000000010000000R",
                                      "261121120059949+",
                                      "2611211200599000",
                                      "26112112005990+"};
    uint64_t at = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check(receipt_date(slice_str(rows[i].text), rows[i].zone_s, &at));
        check_number(at, rows[i].want);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        check(!receipt_date(slice_str(bad[i]), 0, &at));
    check(!receipt_date(slice_str("19700101000000"), 3600, &at));
}

static size_t
format(const struct receipt *receipt, uint8_t *out, size_t cap)
{
    static const struct receipt_times times = {1795262400, 1795262460};

    return receipt_format(receipt, &times, 1, 1, out, cap);
}

static void
smpp_r6_r11_format(void)
{
    struct receipt receipt = {.id = slice_str("000000012a"),
                              .state = RECEIPT_DELIVERED,
                              .text = slice_str("Hello, this is a longer text")};
    uint8_t out[RECEIPT_TEXT_BYTES_MAX];
    size_t n = format(&receipt, out, sizeof(out));

    check_text(slice_of(out, n),
               "id:000000012a sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 "
               "stat:DELIVRD err:000 text:Hello, this is a lon");
    for (size_t cap = 0; cap < n; cap++)
        check_number(format(&receipt, out, cap), 0);
    check_number(format(&receipt, out, n), n);
}

static void
smpp_r6_format_is_read_back(void)
{
    char id[RECEIPT_ID_BYTES_MAX];
    uint8_t out[RECEIPT_TEXT_BYTES_MAX];

    memset(id, 'f', sizeof(id));
    for (int state = 0; state < RECEIPT_STATES; state++) {
        struct receipt receipt = {.id = slice_of(id, (size_t)state * 7 + 1),
                                  .state = (enum receipt_state)state,
                                  .error = slice_str("5F"),
                                  .text = slice_str("id:1 stat:X text:")};
        struct receipt back;
        size_t n = format(&receipt, out, sizeof(out));
        uint64_t at = 0;

        parse_tlvs(slice_of(out, n), SLICE_NONE, &back);
        check_slice(back.id, receipt.id);
        check_number(back.state, state);
        check(back.state_known);
        check_slice(back.error, receipt.error);
        check_slice(back.text, receipt.text);
        check(receipt_date(back.done_date, 0, &at));
        check_number(at, 1795262460);
    }
}

static void
smpp_r6_format_extremes(void)
{
    static const struct receipt_times end = {UINT64_MAX, UINT64_MAX};
    char id[RECEIPT_ID_BYTES_MAX];
    struct receipt receipt = {
        .id = slice_of(id, sizeof(id)),
        .state = RECEIPT_UNKNOWN,
        .error = slice_str("ABCDEFGH"),
        .text = slice_str("\U0001F600\U0001F600\U0001F600\U0001F600a\U0001F600\U0001F600")};
    uint8_t out[RECEIPT_TEXT_BYTES_MAX];
    struct receipt back;
    size_t n;

    memset(id, 'f', sizeof(id));
    n = receipt_format(&receipt, &end, UINT32_MAX, UINT32_MAX, out, sizeof(out));
    parse_tlvs(slice_of(out, n), SLICE_NONE, &back);
    check_number(back.id.n, 64);
    check_number(back.text.n, 17); /* no part of a character */
    receipt.error = slice_str("A B");
    n = format(&receipt, out, sizeof(out));
    parse_tlvs(slice_of(out, n), SLICE_NONE, &back);
    check_text(back.error, "000");
    receipt = (struct receipt){.state = RECEIPT_UNKNOWN};
    check(format(&receipt, out, sizeof(out)) > 0);
    receipt.text = slice_str(
        "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80");
    n = format(&receipt, out, sizeof(out));
    parse_tlvs(slice_of(out, n), SLICE_NONE, &back);
    check_number(back.text.n, 20);
}

static void
check_key(enum receipt_id_form form, const char *id, const char *want)
{
    uint8_t out[RECEIPT_ID_BYTES_MAX];
    size_t n = receipt_id_key(form, slice_str(id), out, sizeof(out));

    check_text(slice_of(out, n), want);
}

static void
smpp_r4_text_ids(void)
{
    check_key(RECEIPT_ID_TEXT, "", "");
    check_key(RECEIPT_ID_TEXT, "0E999F21", "0e999f21");
    check_key(RECEIPT_ID_TEXT, " 3F2504E0-4F89 ", "3f2504e0-4f89");
    check_key(RECEIPT_ID_TEXT, "000123", "000123");
}

static void
smpp_r4_r05_hex_and_decimal_ids(void)
{
    check_key(RECEIPT_ID_HEX, "0e999f21", "e999f21");
    check_key(RECEIPT_ID_HEX, "E999F21", "e999f21");
    check_key(RECEIPT_ID_HEX, "0xE999F21", "e999f21");
    check_key(RECEIPT_ID_DECIMAL, "244948769", "e999f21");
    check_key(RECEIPT_ID_DECIMAL, "0000244948769", "e999f21");
    check_key(RECEIPT_ID_HEX, "0", "0");
    check_key(RECEIPT_ID_HEX, "0000", "0");
    check_key(RECEIPT_ID_DECIMAL, "0", "0");
    check_key(RECEIPT_ID_DECIMAL, "0000", "0");
    check_key(RECEIPT_ID_HEX, "0x", "0x");
    check_key(RECEIPT_ID_DECIMAL, "15", "f");
    check_key(RECEIPT_ID_DECIMAL, "16", "10");
    check_key(RECEIPT_ID_DECIMAL, "4294967295", "ffffffff");
    check_key(RECEIPT_ID_DECIMAL, "4294967296", "100000000");
}

static void
smpp_r4_pairs_of_ids(void)
{
    for (size_t i = 0; i < RECEIPT_ID_PAIRS_COUNT; i++) {
        const struct receipt_id_pair *pair = &receipt_id_pairs[i];
        uint8_t a[RECEIPT_ID_BYTES_MAX], b[RECEIPT_ID_BYTES_MAX];
        size_t n = receipt_id_key(pair->response_form, slice_str(pair->response), a, sizeof(a));
        size_t m = receipt_id_key(pair->receipt_form, slice_str(pair->receipt), b, sizeof(b));

        if (!slice_eq(slice_of(a, n), slice_of(b, m)))
            printf("    %s\n", pair->source);
        check_slice(slice_of(a, n), slice_of(b, m));
    }
}

static void
smpp_r4_ids_of_more_than_64_bits(void)
{
    check_key(RECEIPT_ID_DECIMAL, "18446744073709551615", "ffffffffffffffff");
    check_key(RECEIPT_ID_DECIMAL, "18446744073709551616", "10000000000000000");
    check_key(RECEIPT_ID_DECIMAL, "340282366920938463463374607431768211456",
              "100000000000000000000000000000000");
    check_key(RECEIPT_ID_HEX, "00FFFFFFFFFFFFFFFFF", "fffffffffffffffff");
    check_key(RECEIPT_ID_DECIMAL,
              "9999999999999999999999999999999999999999999999999999999999999999",
              "184f03e93ff9f4daa797ed6e38ed64bf6a1f00ffffffffffffffff");
    check_key(RECEIPT_ID_HEX, "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
              "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
}

static void
smpp_r4_no_number_is_text(void)
{
    check_key(RECEIPT_ID_HEX, "XYZ-1", "xyz-1");
    check_key(RECEIPT_ID_DECIMAL, "E999F21", "e999f21");
    check_key(RECEIPT_ID_DECIMAL, "-5", "-5");
    check_key(RECEIPT_ID_DECIMAL, "12 34", "12 34");
    check_key(RECEIPT_ID_HEX, "", "");
    check_key(RECEIPT_ID_DECIMAL,
              "77                                                                     ", "4d");
    /* past 64 octets nothing is read */
    check_key(RECEIPT_ID_TEXT,
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

static void
names(void)
{
    for (int i = 0; i < RECEIPT_KINDS; i++)
        check(receipt_kind_name((enum receipt_kind)i)[0] != '?');
    check_text(slice_str(receipt_id_form_name(RECEIPT_ID_DECIMAL)), "dec");
    check_text(slice_str(receipt_id_form_name(RECEIPT_ID_HEX)), "hex");
    check_text(slice_str(receipt_id_form_name(RECEIPT_ID_TEXT)), "text");
}

CHECK_MAIN({"smpp_r6_r7_golden_forms", smpp_r6_r7_golden_forms}, {"smpp_r7_corpus", smpp_r7_corpus},
           {"smpp_r7_corpus_padded", smpp_r7_corpus_padded},
           {"smpp_r7_corpus_in_data_coding_8", smpp_r7_corpus_in_data_coding_8},
           {"smpp_r7_utf16_text_longer_than_is_read", smpp_r7_utf16_text_longer_than_is_read},
           {"smpp_r7_state_without_its_key", smpp_r7_state_without_its_key},
           {"smpp_r1_intermediate_notifications", smpp_r1_intermediate_notifications},
           {"smpp_r1_acks_of_an_sme", smpp_r1_acks_of_an_sme},
           {"smpp_r7_binary_in_text", smpp_r7_binary_in_text},
           {"smpp_r7_text_in_message_payload", smpp_r7_text_in_message_payload},
           {"smpp_r7_text_behind_a_user_data_header", smpp_r7_text_behind_a_user_data_header},
           {"smpp_r1_kinds", smpp_r1_kinds}, {"smpp_r3_tlvs_win", smpp_r3_tlvs_win},
           {"smpp_r3_empty_id_tlv_leaves_the_text", smpp_r3_empty_id_tlv_leaves_the_text},
           {"t13_id_of_65_octets_is_cut", t13_id_of_65_octets_is_cut},
           {"t14_state_out_of_range", t14_state_out_of_range},
           {"smpp_r8_state_names", smpp_r8_state_names},
           {"smpp_r8_final_states", smpp_r8_final_states},
           {"r04_fields_in_the_text_do_not_count", r04_fields_in_the_text_do_not_count},
           {"r06_no_id", r06_no_id}, {"r07_bogus_state_and_date", r07_bogus_state_and_date},
           {"r08_endless_ids", r08_endless_ids},
           {"r09_text_alone_is_no_receipt", r09_text_alone_is_no_receipt},
           {"cut_at_every_octet", cut_at_every_octet}, {"smpp_t8_dates", smpp_t8_dates},
           {"smpp_r6_r11_format", smpp_r6_r11_format},
           {"smpp_r6_format_is_read_back", smpp_r6_format_is_read_back},
           {"smpp_r6_format_extremes", smpp_r6_format_extremes},
           {"smpp_r4_text_ids", smpp_r4_text_ids},
           {"smpp_r4_r05_hex_and_decimal_ids", smpp_r4_r05_hex_and_decimal_ids},
           {"smpp_r4_pairs_of_ids", smpp_r4_pairs_of_ids},
           {"smpp_r4_ids_of_more_than_64_bits", smpp_r4_ids_of_more_than_64_bits},
           {"smpp_r4_no_number_is_text", smpp_r4_no_number_is_text}, {"names", names})
