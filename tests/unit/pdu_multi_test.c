/*
 * pdu_multi_test.c: submit_multi and its response: the two lists, read, walked and built (SMPP 3.4
 * section 4.5; conformance section 12; rows X01 and X02).
 */
#include <stdlib.h>

#include "protocol/pdu.h"
#include "protocol/wire.h"
#include "tests/unit/check.h"
#include "tests/unit/smpp_rows.h"

static uint8_t region[SMPP_DESTS_50_MAX * PDU_FAILURE_BYTES_MAX];
static uint8_t octets[PDU_BYTES_MAX];
static uint8_t letters[64];

/* From memory of exactly that size, so that the sanitizer sees a read past the PDU. */
static enum smpp_status
decode(size_t n, enum pdu_mode mode, struct pdu *out)
{
    uint8_t *copy = malloc(n);
    enum smpp_status status;

    check(copy != NULL);
    memcpy(copy, octets, n);
    status = pdu_decode(slice_of(copy, n), mode, out);
    free(copy);
    check_number(pdu_decode(slice_of(octets, n), mode, out), status);
    return status;
}

static struct pdu_dest
sme(const char *digits)
{
    return (struct pdu_dest){PDU_DEST_SME, {1, 1, slice_str(digits)}, SLICE_NONE};
}

static struct pdu_dest
list_named(const char *name)
{
    return (struct pdu_dest){PDU_DEST_LIST, {0, 0, SLICE_NONE}, slice_str(name)};
}

/* A submit_multi to these, strictly correct. */
static struct pdu
multi(const struct pdu_list *dests)
{
    struct pdu pdu = {.command_id = SMPP_SUBMIT_MULTI, .sequence_number = 7};

    pdu.body.sm.source = (struct pdu_address){1, 1, SLICE_LIT("447700900001")};
    pdu.body.sm.short_message = SLICE_LIT("Hello");
    pdu.body.sm.dests = *dests;
    return pdu;
}

static size_t
encode_to(const struct pdu_dest *dests, size_t count)
{
    struct pdu_list list = {0, SLICE_NONE};
    struct pdu pdu;

    for (size_t i = 0; i < count; i++)
        check(pdu_dest_put(region, sizeof(region), &list, &dests[i]));
    pdu = multi(&list);
    return pdu_encode(&pdu, octets, sizeof(octets));
}

/* Where the count is in what encode_to() wrote: behind the header, service_type and source. */
#define COUNT_AT (PDU_HEADER_BYTES + 1 + 2 + 13)

static void
x01_number_of_dests(void)
{
    struct pdu_dest dest = sme("447700900123");
    size_t n;
    struct pdu pdu;

    n = encode_to(&dest, 1);
    check(n > COUNT_AT);
    check_number(octets[COUNT_AT], 1);
    check_number(decode(n, PDU_STRICT, &pdu), SMPP_ROK);
    for (int mode = PDU_STRICT; mode <= PDU_STRICT_OR_EMPTY; mode++) {
        octets[COUNT_AT] = 0;
        check_number(decode(n, (enum pdu_mode)mode, &pdu), SMPP_RINVNUMDESTS);
        octets[COUNT_AT] = 255;
        check_number(decode(n, (enum pdu_mode)mode, &pdu), SMPP_RINVNUMDESTS);
    }
    octets[COUNT_AT] = 0;
    check_number(decode(n, PDU_STRICT_50, &pdu), SMPP_RINVNUMDESTS);
    check_number(smpp_row_get("X01", octets, sizeof(octets)).n, 33);
    check_number(decode(33, PDU_STRICT, &pdu), SMPP_RINVNUMDESTS);
}

static void
smpp_size_destinations_254_and_255_on_50(void)
{
    struct pdu_list list = {0, SLICE_NONE};
    struct pdu_dest dest = sme("44770090012345678901");
    struct slice rest;
    struct pdu pdu, again;
    size_t n, count = 0;

    for (unsigned i = 0; i < SMPP_DESTS_MAX; i++)
        check(pdu_dest_put(region, sizeof(region), &list, &dest));
    check_number(list.count, 254);
    pdu = multi(&list);
    n = pdu_encode(&pdu, octets, sizeof(octets));
    check_number(decode(n, PDU_STRICT, &again), SMPP_ROK);
    check_number(again.body.sm.dests.count, 254);
    for (rest = again.body.sm.dests.region; pdu_dest_next(&rest, &dest); count++)
        check_text(dest.address.digits, "44770090012345678901");
    check_number(count, 254);
    check_text(again.body.sm.short_message, "Hello");
    dest = sme("44770090012345678901");
    check(pdu_dest_put(region, sizeof(region), &list, &dest));
    check(!pdu_dest_put(region, sizeof(region), &list, &dest));
    pdu = multi(&list);
    n = pdu_encode(&pdu, octets, sizeof(octets));
    check_number(decode(n, PDU_STRICT, &again), SMPP_RINVNUMDESTS);
    check_number(decode(n, PDU_STRICT_50, &again), SMPP_ROK);
    check_number(again.body.sm.dests.count, 255);
}

static void
x02_dest_flag(void)
{
    struct pdu_dest dests[] = {sme("447700900123"), list_named("friends")};
    struct pdu pdu;

    for (unsigned flag = 0; flag < 256; flag++) {
        size_t n = encode_to(dests, 2);

        octets[COUNT_AT + 1] = (uint8_t)flag;
        if (flag != PDU_DEST_SME && flag != PDU_DEST_LIST)
            check_number(decode(n, PDU_STRICT, &pdu), SMPP_RINVDESTFLAG);
        n = encode_to(dests, 2);
        octets[COUNT_AT + 1 + 16] = (uint8_t)flag; /* of the second */
        check_number(decode(n, PDU_STRICT, &pdu) == SMPP_RINVDESTFLAG,
                     flag != PDU_DEST_SME && flag != PDU_DEST_LIST);
    }
    check_number(smpp_row_get("X02", octets, sizeof(octets)).n, 34);
    check_number(decode(34, PDU_STRICT, &pdu), SMPP_RINVDESTFLAG);
    check_number(decode(34, PDU_LENIENT, &pdu), SMPP_RINVDESTFLAG);
}

/* One destination written by hand: flag, then text, then its NUL. */
static size_t
encode_by_hand(const char *before, size_t text)
{
    struct pdu_dest dest = sme("");
    size_t n = encode_to(&dest, 1), head, tail = n - (COUNT_AT + 5);
    uint8_t behind[64];

    check(n > COUNT_AT + 5 && tail < sizeof(behind));
    memcpy(behind, octets + COUNT_AT + 5, tail);
    head = COUNT_AT + 1 + check_hex(before, octets + COUNT_AT + 1, 10);
    memset(octets + head, 'a', text);
    octets[head + text] = 0;
    memcpy(octets + head + text + 1, behind, tail);
    n = head + text + 1 + tail;
    wire_set_u32(octets, (uint32_t)n);
    return n;
}

static void
dl_name_and_address_sizes(void)
{
    static const struct {
        const char *before;
        size_t text;
        enum smpp_status status;
    } rows[] = {
        {"02", 0, SMPP_RINVDLNAME},      {"02", 1, SMPP_ROK},
        {"02", 20, SMPP_ROK},            {"02", 21, SMPP_RINVDLNAME},
        {"02", 300, SMPP_RINVDLNAME},    {"01 0101", 0, SMPP_ROK},
        {"01 0101", 20, SMPP_ROK},       {"01 0101", 21, SMPP_RINVDSTADR},
        {"01 0101", 300, SMPP_RINVDSTADR},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pdu pdu;

        check_number(decode(encode_by_hand(rows[i].before, rows[i].text), PDU_STRICT, &pdu),
                     rows[i].status);
        if (rows[i].status == SMPP_ROK)
            check_text(pdu.body.sm.short_message, "Hello");
    }
}

static void
dests_are_walked_in_order(void)
{
    struct pdu_dest dests[] = {sme("447700900123"), list_named("friends"), sme("")}, dest;
    size_t n = encode_to(dests, 3);
    struct slice rest;
    struct pdu pdu;

    check_number(decode(n, PDU_STRICT, &pdu), SMPP_ROK);
    check_number(pdu.body.sm.dests.count, 3);
    check_text(pdu.body.sm.source.digits, "447700900001");
    check_number(pdu.body.sm.dest.digits.n, 0);
    check_text(pdu_text(&pdu), "Hello");
    rest = pdu.body.sm.dests.region;
    check(pdu_dest_next(&rest, &dest));
    check_number(dest.flag, PDU_DEST_SME);
    check_number(dest.address.ton, 1);
    check_text(dest.address.digits, "447700900123");
    check(pdu_dest_next(&rest, &dest));
    check_number(dest.flag, PDU_DEST_LIST);
    check_text(dest.list_name, "friends");
    check_number(dest.address.digits.n, 0);
    check(pdu_dest_next(&rest, &dest));
    check_number(dest.address.digits.n, 0);
    check(!pdu_dest_next(&rest, &dest));
    check(!pdu_dest_next(&rest, &dest));
}

static void
m20_m21_one_bad_dest_does_not_refuse_the_others(void)
{
    struct pdu_dest dests[] = {sme("1"), sme("2"), sme("3"), list_named("l")}, dest;
    static const enum smpp_status want[] = {SMPP_ROK, SMPP_RINVDSTTON, SMPP_RINVDSTNPI, SMPP_ROK};
    struct slice rest;
    struct pdu pdu;

    dests[1].address.ton = 7;
    dests[2].address.npi = 2;
    check_number(decode(encode_to(dests, 4), PDU_STRICT, &pdu), SMPP_ROK);
    rest = pdu.body.sm.dests.region;
    for (size_t i = 0; i < 4; i++) {
        check(pdu_dest_next(&rest, &dest));
        check_number(pdu_dest_status(&dest), want[i]);
    }
}

static void
values_and_text_are_checked_as_in_submit_sm(void)
{
    struct pdu_dest dest = sme("447700900123");
    struct pdu_list list = {0, SLICE_NONE};
    struct pdu pdu, out;
    uint8_t tlv[40];
    size_t used = 0;

    check(pdu_dest_put(region, sizeof(region), &list, &dest));
    pdu = multi(&list);
    pdu.body.sm.replace_if_present_flag = 1;
    check_number(decode(pdu_encode(&pdu, octets, sizeof(octets)), PDU_STRICT, &out),
                 SMPP_RINVREPFLAG);
    check_number(decode(pdu_encode(&pdu, octets, sizeof(octets)), PDU_LENIENT, &out), SMPP_ROK);
    pdu = multi(&list);
    pdu.body.sm.source.ton = 7;
    check_number(decode(pdu_encode(&pdu, octets, sizeof(octets)), PDU_STRICT, &out),
                 SMPP_RINVSRCTON);
    pdu = multi(&list);
    pdu.body.sm.short_message = SLICE_NONE;
    check_number(decode(pdu_encode(&pdu, octets, sizeof(octets)), PDU_STRICT, &out),
                 SMPP_RINVMSGLEN);
    check(tlv_put(tlv, sizeof(tlv), &used, SMPP_TAG_MESSAGE_PAYLOAD, SLICE_LIT("long")));
    pdu.tlvs = slice_of(tlv, used);
    check_number(decode(pdu_encode(&pdu, octets, sizeof(octets)), PDU_STRICT, &out), SMPP_ROK);
    check_text(pdu_text(&out), "long");
}

static void
submit_multi_cut_at_every_octet_is_refused(void)
{
    struct pdu_dest dests[] = {sme("447700900123"), list_named("friends"), sme("447700900124")};
    size_t n = encode_to(dests, 3);
    struct pdu pdu;

    for (size_t cut = PDU_HEADER_BYTES; cut < n; cut++) {
        enum smpp_status status = decode(cut, PDU_STRICT, &pdu);

        check(status == SMPP_RINVCMDLEN || status == SMPP_RINVMSGLEN);
        check_number(decode(cut, PDU_LENIENT, &pdu), status);
    }
    check_number(decode(n, PDU_STRICT, &pdu), SMPP_ROK);
}

static void
a_list_unlike_its_count_is_not_encoded(void)
{
    struct pdu_dest dests[] = {sme("1"), list_named("l")};
    struct pdu_list list = {0, SLICE_NONE}, bad;
    struct pdu pdu;

    for (size_t i = 0; i < 2; i++)
        check(pdu_dest_put(region, sizeof(region), &list, &dests[i]));
    for (unsigned count = 0; count < 256; count++) {
        bad = (struct pdu_list){(uint8_t)count, list.region};
        pdu = multi(&bad);
        check_number(pdu_encode(&pdu, octets, sizeof(octets)) > 0, count == 2);
    }
    for (size_t n = 0; n < list.region.n; n++) {
        bad = (struct pdu_list){2, slice_of(region, n)};
        pdu = multi(&bad);
        check_number(pdu_encode(&pdu, octets, sizeof(octets)), 0);
    }
    region[list.region.n] = 9;
    bad = (struct pdu_list){2, slice_of(region, list.region.n + 1)};
    pdu = multi(&bad);
    check_number(pdu_encode(&pdu, octets, sizeof(octets)), 0);
    bad = (struct pdu_list){3, slice_of(region, list.region.n + 1)};
    pdu = multi(&bad);
    check_number(pdu_encode(&pdu, octets, sizeof(octets)), 0);
}

static void
what_cannot_be_written_is_not_put(void)
{
    struct pdu_dest bad[] = {
        {0, {1, 1, SLICE_LIT("1")}, SLICE_LIT("l")},
        {3, {1, 1, SLICE_LIT("1")}, SLICE_LIT("l")},
        {PDU_DEST_LIST, {1, 1, SLICE_LIT("1")}, SLICE_NONE},
        {PDU_DEST_LIST, {0, 0, SLICE_NONE}, slice_of(letters, 21)},
        {PDU_DEST_LIST, {0, 0, SLICE_NONE}, slice_of("a\0b", 3)},
        {PDU_DEST_SME, {1, 1, slice_of(letters, 21)}, SLICE_NONE},
        {PDU_DEST_SME, {1, 1, slice_of("a\0b", 3)}, SLICE_NONE},
    };
    struct pdu_failure failure = {{1, 1, slice_of(letters, 21)}, 1};
    struct pdu_list list = {0, SLICE_NONE};
    struct pdu_dest good = sme("12345");

    memset(letters, 'a', sizeof(letters));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        check(!pdu_dest_put(region, sizeof(region), &list, &bad[i]));
    check(!pdu_failure_put(region, sizeof(region), &list, &failure));
    for (size_t cap = 0; cap < 9; cap++)
        check(!pdu_dest_put(region, cap, &list, &good));
    check_number(list.count, 0);
    check(pdu_dest_put(region, 9, &list, &good));
    check(!pdu_dest_put(region, 9, &list, &good));
    check(!pdu_dest_put(region, 8, &list, &good));
    check_number(list.count, 1);
    check_number(list.region.n, 9);
}

static size_t
encode_result(size_t failures)
{
    struct pdu pdu = {.command_id = SMPP_SUBMIT_MULTI_RESP, .sequence_number = 7};

    pdu.body.multi_result.message_id = SLICE_LIT("id7");
    for (size_t i = 0; i < failures; i++) {
        struct pdu_failure failure = {{1, 1, SLICE_LIT("447700900123")}, 0x400u + (uint32_t)i};

        check(pdu_failure_put(region, sizeof(region), &pdu.body.multi_result.failures, &failure));
    }
    return pdu_encode(&pdu, octets, sizeof(octets));
}

static void
response_names_those_that_failed(void)
{
    for (size_t failures = 0; failures <= SMPP_DESTS_50_MAX; failures += failures < 4 ? 1 : 50) {
        size_t n = encode_result(failures), seen = 0;
        struct pdu_failure failure;
        struct slice rest;
        struct pdu pdu;

        check_number(decode(n, PDU_LENIENT, &pdu), SMPP_ROK);
        check_text(pdu.body.message_id, "id7");
        check_number(pdu.body.multi_result.failures.count, failures);
        for (rest = pdu.body.multi_result.failures.region; pdu_failure_next(&rest, &failure);
             seen++) {
            check_text(failure.address.digits, "447700900123");
            check_number(failure.status, 0x400 + seen);
        }
        check_number(seen, failures);
        check_number(pdu.tlvs.n, 0);
    }
}

/* The example of every octet: ID, one that failed with 0x0B, and a TLV. */
static void
response_golden_octets(void)
{
    struct pdu_failure failure;
    struct pdu pdu;
    uint32_t number;
    size_t n = check_hex("00000024 80000021 00000000 00000001 6100 01 0101 343437 00 0000000b"
                         "0428 0001 50", octets, sizeof(octets));

    check_number(decode(n, PDU_STRICT, &pdu), SMPP_ROK);
    check_text(pdu.body.multi_result.message_id, "a");
    check_number(pdu.body.multi_result.failures.count, 1);
    check(pdu_failure_next(&pdu.body.multi_result.failures.region, &failure));
    check_text(failure.address.digits, "447");
    check_number(failure.status, SMPP_RINVDSTADR);
    check(tlv_number(pdu.tlvs, SMPP_TAG_CONGESTION_STATE, &number) && number == 0x50);
}

/* A response is never refused: whole entries count, the rest is nothing. */
static void
response_cut_at_every_octet_keeps_what_is_whole(void)
{
    size_t n = encode_result(3), first = PDU_HEADER_BYTES + 5, entry = 2 + 13 + 4;

    check_number(n, first + 3 * entry);
    for (size_t cut = PDU_HEADER_BYTES; cut <= n; cut++) {
        struct pdu_failure failure;
        struct slice rest;
        struct pdu pdu;
        size_t seen = 0;

        check_number(decode(cut, PDU_STRICT, &pdu), SMPP_ROK);
        for (rest = pdu.body.multi_result.failures.region; pdu_failure_next(&rest, &failure);)
            seen++;
        check_number(seen, cut < first ? 0 : (cut - first) / entry);
        check_number(pdu.body.multi_result.failures.count, seen);
        check_number(pdu.tlvs.n, 0);
    }
}

static void
response_that_is_an_error_is_a_bare_header(void)
{
    struct pdu pdu = {.command_id = SMPP_SUBMIT_MULTI_RESP, .command_status = SMPP_RSUBMITFAIL};

    check_number(pdu_encode(&pdu, octets, sizeof(octets)), PDU_HEADER_BYTES);
    check_number(decode(PDU_HEADER_BYTES, PDU_STRICT, &pdu), SMPP_ROK);
    check_number(pdu.body.multi_result.failures.count, 0);
    pdu.command_status = SMPP_ROK;
    pdu.body.multi_result.failures.count = 1;
    check_number(pdu_encode(&pdu, octets, sizeof(octets)), 0);
}

static void
dump_shows_both_lists(void)
{
    struct pdu_dest dests[] = {sme("447700900123"), list_named("my friends")};
    struct pdu_failure failure = {{1, 1, SLICE_LIT("447700900124")}, 0x499};
    char line[400];
    struct pdu pdu;

    check_number(decode(encode_to(dests, 2), PDU_STRICT, &pdu), SMPP_ROK);
    pdu_dump(&pdu, line, sizeof(line));
    check_text(slice_str(line), "submit_multi seq=7 status=ROK source=1:1:447700900001 dests=2 "
                                "dest=1:1:447700900123 dest=list:my friends "
                                "short_message=\"Hello\"");
    pdu_dump_masked(&pdu, line, sizeof(line));
    check_text(slice_str(line), "submit_multi seq=7 status=ROK source=1:1:4477*****001 dests=2 "
                                "dest=1:1:4477*****123 dest=list:my friends "
                                "short_message=(5 octets)");
    (void)encode_result(1);
    check_number(decode(encode_result(1), PDU_STRICT, &pdu), SMPP_ROK);
    check(pdu_failure_put(region, sizeof(region), &pdu.body.multi_result.failures, &failure));
    pdu_dump(&pdu, line, sizeof(line));
    check_text(slice_str(line), "submit_multi_resp seq=7 status=ROK message_id=id7 failed=2 "
                                "failed=1:1:447700900123:0x00000400 "
                                "failed=1:1:447700900124:0x00000499");
}

CHECK_MAIN({"x01_number_of_dests", x01_number_of_dests},
           {"smpp_size_destinations_254_and_255_on_50", smpp_size_destinations_254_and_255_on_50},
           {"x02_dest_flag", x02_dest_flag},
           {"dl_name_and_address_sizes", dl_name_and_address_sizes},
           {"dests_are_walked_in_order", dests_are_walked_in_order},
           {"m20_m21_one_bad_dest_does_not_refuse_the_others",
            m20_m21_one_bad_dest_does_not_refuse_the_others},
           {"values_and_text_are_checked_as_in_submit_sm",
            values_and_text_are_checked_as_in_submit_sm},
           {"submit_multi_cut_at_every_octet_is_refused",
            submit_multi_cut_at_every_octet_is_refused},
           {"a_list_unlike_its_count_is_not_encoded", a_list_unlike_its_count_is_not_encoded},
           {"what_cannot_be_written_is_not_put", what_cannot_be_written_is_not_put},
           {"response_names_those_that_failed", response_names_those_that_failed},
           {"response_golden_octets", response_golden_octets},
           {"response_cut_at_every_octet_keeps_what_is_whole",
            response_cut_at_every_octet_keeps_what_is_whole},
           {"response_that_is_an_error_is_a_bare_header",
            response_that_is_an_error_is_a_bare_header},
           {"dump_shows_both_lists", dump_shows_both_lists})
