/*
 * udh_test.c: the user data header and concatenation (conformance L2 to L4; rows U01 to U16).
 */
#include "protocol/udh.h"
#include "tests/unit/check.h"

static uint8_t octets[600];

static enum udh_err
parse(const char *hex, struct udh *out)
{
    size_t n = check_hex(hex, octets, sizeof(octets));

    return udh_parse(slice_of(octets, n), out);
}

static void
check_concat(const struct udh *udh, unsigned reference, unsigned index, unsigned total, bool wide)
{
    check_number(udh->concat.reference, reference);
    check_number(udh->concat.index, index);
    check_number(udh->concat.total, total);
    check_number(udh->concat.wide, wide);
}

static void
check_single(const char *hex, const char *text)
{
    struct udh udh;

    check_number(parse(hex, &udh), UDH_OK);
    check_text(udh.text, text);
    check_number(udh.concat.total, 0);
}

/* An error: everything is text. */
static void
check_refused(const char *hex, enum udh_err want)
{
    struct udh udh;
    size_t n;

    check_number(parse(hex, &udh), want);
    n = check_hex(hex, octets, sizeof(octets));
    check_slice(udh.text, slice_of(octets, n));
    check_number(udh.header.n, 0);
    check_number(udh.concat.total, 0);
}

static void
l2_both_references(void)
{
    struct udh udh;

    check_number(parse("050003ab0301 706172", &udh), UDH_OK);
    check_concat(&udh, 0xab, 1, 3, false);
    check_text(udh.text, "par");
    check_number(udh.header.n, 5);
    check_number(parse("060804abcd0302 706172", &udh), UDH_OK);
    check_concat(&udh, 0xabcd, 2, 3, true);
    check_text(udh.text, "par");
    check_number(parse("050003abffff", &udh), UDH_OK);
    check_concat(&udh, 0xab, 255, 255, false);
    check_number(udh.text.n, 0);
}

static void
l2_elements_in_any_order(void)
{
    struct udh udh;

    check_number(parse("0b 0504 0b84 23f0 0003 ab 03 01 41", &udh), UDH_OK);
    check_concat(&udh, 0xab, 1, 3, false);
    check_number(parse("0b 0003 ab 03 01 0504 0b84 23f0 41", &udh), UDH_OK);
    check_concat(&udh, 0xab, 1, 3, false);
    check_number(parse("08 240101 0003 ab 03 01 41", &udh), UDH_OK); /* a national language, E8 */
    check_concat(&udh, 0xab, 1, 3, false);
    check_text(udh.text, "A");
    check_single("02 7000 41", "A"); /* an element without data */
}

static void
u01_no_octets(void)
{
    struct udh udh;

    check_number(udh_parse(SLICE_NONE, &udh), UDH_EMPTY);
    check_number(udh.text.n, 0);
}

static void
u02_header_longer_than_the_message(void)
{
    check_refused("c8414141414141414141", UDH_TOO_LONG);
    check_refused("01", UDH_TOO_LONG);
    check_refused("050003ab03", UDH_TOO_LONG);
}

static void
u03_empty_header(void)
{
    check_single("00 4869", "Hi");
    check_single("00", "");
}

static void
u04_element_runs_past_the_header(void)
{
    check_refused("04 0009 0102 4869", UDH_IE_OVERRUN);
    check_refused("01 00 4869", UDH_IE_OVERRUN);
    check_refused("06 0003ab0301 00 4869", UDH_IE_OVERRUN);
}

static void
u05_concat_element_of_a_wrong_length(void)
{
    struct udh udh;

    check_number(parse("04 0002 0302 4869", &udh), UDH_IE_LENGTH);
    check_text(udh.text, "Hi");
    check_number(udh.concat.total, 0);
    check_number(parse("05 0803ab0301 4869", &udh), UDH_IE_LENGTH);
    check_number(parse("09 0002 0302 0003ab0301 4869", &udh), UDH_IE_LENGTH);
    check_concat(&udh, 0xab, 1, 3, false);
}

static void
u06_u07_u08_impossible_parts(void)
{
    check_single("050003ab000070617274", "part");
    check_single("050003ab030570617274", "part");
    check_single("050003ab030070617274", "part");
    check_single("060804abcd000170617274", "part");
    check_single("050003ab010170617274", "part");
}

static void
u14_the_last_element_wins(void)
{
    struct udh udh;

    check_number(parse("0b 0003ab0201 080412340301 78", &udh), UDH_OK);
    check_concat(&udh, 0x1234, 1, 3, true);
    check_number(parse("0b 080412340301 0003ab0201 78", &udh), UDH_OK);
    check_concat(&udh, 0xab, 1, 2, false);
    check_number(parse("0b 0003ab0201 080412340000 78", &udh), UDH_OK);
    check_concat(&udh, 0xab, 1, 2, false);
}

static void
cut_at_every_octet(void)
{
    size_t n = check_hex("0b 0504 0b84 23f0 0003 ab 03 01 414243", octets, sizeof(octets));

    for (size_t cut = 0; cut <= n; cut++) {
        uint8_t copy[20];
        struct udh udh;
        enum udh_err err;

        memcpy(copy, octets, cut);
        err = udh_parse(slice_of(copy, cut), &udh);
        check_number(err, cut == 0 ? UDH_EMPTY : cut < 12 ? UDH_TOO_LONG : UDH_OK);
        check_number(udh.text.n, err == UDH_OK ? cut - 12 : cut);
    }
}

/* A deliver_sm with this message and these TLVs. */
static enum udh_err
of_pdu(uint8_t esm_class, const char *message, const char *tlvs, struct udh *out)
{
    static uint8_t region[100];
    struct pdu pdu = {.command_id = SMPP_DELIVER_SM};

    pdu.body.sm.esm_class = esm_class;
    pdu.body.sm.short_message = slice_of(octets, check_hex(message, octets, sizeof(octets)));
    pdu.tlvs = slice_of(region, check_hex(tlvs, region, sizeof(region)));
    return udh_of_pdu(&pdu, out);
}

static void
l4_sar_tlvs(void)
{
    struct udh udh;

    check_number(of_pdu(0, "48656c6c6f", "020c00021234 020e000103 020f000102", &udh), UDH_OK);
    check_concat(&udh, 0x1234, 2, 3, true);
    check_text(udh.text, "Hello");
    check_number(of_pdu(0, "48656c6c6f", "020f000102 020c00021234 1501000101 020e000103", &udh),
                 UDH_OK);
    check_concat(&udh, 0x1234, 2, 3, true);
    /* two of the three, or none, are not enough */
    check_number(of_pdu(0, "48", "020c00021234 020e000103", &udh), UDH_OK);
    check_number(udh.concat.total, 0);
    check_number(of_pdu(0, "48", "020c00021234 020f000101", &udh), UDH_OK);
    check_number(udh.concat.total, 0);
    check_number(of_pdu(0, "48", "020e000102 020f000101", &udh), UDH_OK);
    check_number(udh.concat.total, 0);
    check_number(of_pdu(0, "050003ab0301", "", &udh), UDH_OK);
    check_number(udh.concat.total, 0);
    check_number(udh.text.n, 6);
}

static void
u15_the_header_wins_over_tlvs(void)
{
    struct udh udh;

    check_number(of_pdu(0x40, "050003ab020170617274", "020c00020001 020e000103 020f000102", &udh),
                 UDH_OK);
    check_concat(&udh, 0xab, 1, 2, false);
    check_text(udh.text, "part");
    check_number(of_pdu(0x40, "0605040b8423f0 41", "020c00020001 020e000103 020f000102", &udh),
                 UDH_OK);
    check_concat(&udh, 1, 2, 3, true);
    check_text(udh.text, "A");
    check_number(of_pdu(0x40, "c841", "020c00020001 020e000103 020f000102", &udh), UDH_TOO_LONG);
    check_number(udh.concat.total, 0);
}

static void
u16_sar_past_the_total(void)
{
    struct udh udh;

    check_number(of_pdu(0, "48656c6c6f", "020c00020001 020e000103 020f000109", &udh), UDH_OK);
    check_number(udh.concat.total, 0);
    check_number(of_pdu(0, "48656c6c6f", "020c00020001 020e000103 020f000100", &udh), UDH_OK);
    check_number(udh.concat.total, 0);
}

static void
l5_header_in_message_payload(void)
{
    struct udh udh;

    check_number(of_pdu(0x40, "", "0424 0008 050003ab0302 4869", &udh), UDH_OK);
    check_concat(&udh, 0xab, 2, 3, false);
    check_text(udh.text, "Hi");
    check_number(of_pdu(0x40, "", "", &udh), UDH_EMPTY);
}

static void
l2_written_is_read_back(void)
{
    for (unsigned total = 2; total <= 255; total += 11) {
        for (unsigned index = 1; index <= total; index += 7) {
            for (int wide = 0; wide < 2; wide++) {
                struct concat concat = {(uint16_t)(wide ? 0xfedc : 0xfe), (uint8_t)total,
                                        (uint8_t)index, wide};
                uint8_t out[UDH_CONCAT_BYTES_MAX];
                size_t n = udh_put_concat(&concat, out);
                struct udh udh;

                check_number(n, wide ? 7 : 6);
                check_number(udh_parse(slice_of(out, n), &udh), UDH_OK);
                check_concat(&udh, concat.reference, index, total, wide);
                check_number(udh.text.n, 0);
            }
        }
    }
}

CHECK_MAIN({"l2_both_references", l2_both_references},
           {"l2_elements_in_any_order", l2_elements_in_any_order},
           {"u01_no_octets", u01_no_octets},
           {"u02_header_longer_than_the_message", u02_header_longer_than_the_message},
           {"u03_empty_header", u03_empty_header},
           {"u04_element_runs_past_the_header", u04_element_runs_past_the_header},
           {"u05_concat_element_of_a_wrong_length", u05_concat_element_of_a_wrong_length},
           {"u06_u07_u08_impossible_parts", u06_u07_u08_impossible_parts},
           {"u14_the_last_element_wins", u14_the_last_element_wins},
           {"cut_at_every_octet", cut_at_every_octet},
           {"l4_sar_tlvs", l4_sar_tlvs},
           {"u15_the_header_wins_over_tlvs", u15_the_header_wins_over_tlvs},
           {"u16_sar_past_the_total", u16_sar_past_the_total},
           {"l5_header_in_message_payload", l5_header_in_message_payload},
           {"l2_written_is_read_back", l2_written_is_read_back})
