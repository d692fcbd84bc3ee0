/*
 * frame_test.c: cutting the stream into PDUs; rows F00 to F25 of the bad-input list.
 */
#include "protocol/frame.h"

#include <stdlib.h>

#include "protocol/pdu.h"
#include "protocol/wire.h"
#include "tests/unit/check.h"
#include "tests/unit/smpp_rows.h"

static uint8_t buf[SMPP_ROW_BYTES_MAX];

/* A copy of exactly n octets, so that the sanitizer sees a read past them. */
static enum frame_result
next_of_first(struct slice in, size_t n, size_t max, struct slice *pdu, uint32_t *sequence)
{
    uint8_t *copy = malloc(n ? n : 1);
    enum frame_result result;

    check(copy != NULL);
    memcpy(copy, in.p, n);
    result = frame_next(slice_of(copy, n), max, pdu, sequence);
    if (result == FRAME_PDU)
        *pdu = slice_of(in.p + (pdu->p - copy), pdu->n);
    free(copy);
    return result;
}

static void
smpp_f3_f4_f00_to_f22_bad_lengths_end_the_stream(void)
{
    static const struct {
        const char *id;
        uint32_t sequence;
        size_t needed;
        size_t max;
    } rows[] = {
        {"F00", 0, 4, PDU_BYTES_MAX},
        {"F01", 0, 4, PDU_BYTES_MAX},
        {"F03", 0, 4, PDU_BYTES_MAX},
        {"F04", 0, 4, PDU_BYTES_MAX},
        {"F08", 0, 4, PDU_BYTES_MAX},
        {"F15", 0, 4, PDU_BYTES_MAX},
        {"F17", 7, 16, PDU_BYTES_MAX},
        {"F18", 7, 16, PDU_BYTES_MAX},
        {"F19", 7, 16, PDU_BYTES_MAX},
        {"F20", 1, 16, PDU_BYTES_MAX_UNBOUND},
        {"F21", 0x2e310d0a, 16, PDU_BYTES_MAX_UNBOUND},
        {"F22", 0, 16, PDU_BYTES_MAX_UNBOUND},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct slice in = smpp_row_get(rows[i].id, buf, sizeof(buf));
        struct slice pdu = SLICE_NONE;

        for (size_t n = 0; n <= in.n; n++) {
            uint32_t sequence = 0xDEAD;
            enum frame_result result = next_of_first(in, n, rows[i].max, &pdu, &sequence);

            check_number(result, n < rows[i].needed ? FRAME_NEED : FRAME_BAD);
            if (result == FRAME_BAD)
                check_number(sequence, rows[i].sequence);
        }
    }
}

static void
f16_smallest_pdu(void)
{
    struct slice in = smpp_row_get("F16", buf, sizeof(buf));
    uint32_t sequence;
    struct slice pdu;

    check_number(frame_next(in, PDU_BYTES_MAX, &pdu, &sequence), FRAME_PDU);
    check_slice(pdu, in);
}

static void
f23_f24_an_incomplete_pdu_is_waited_for(void)
{
    static const char *const rows[] = {"F23", "F24"};
    uint32_t sequence;
    struct slice pdu;

    for (size_t i = 0; i < 2; i++) {
        struct slice in = smpp_row_get(rows[i], buf, sizeof(buf));

        for (size_t n = 0; n <= in.n; n++)
            check_number(next_of_first(in, n, PDU_BYTES_MAX, &pdu, &sequence), FRAME_NEED);
    }
}

static void
smpp_f2_f25_one_octet_at_a_time_or_all_at_once(void)
{
    static const char *const rows[] = {"F25", "Q04", "C11", "M01", "T10"};
    uint32_t sequence;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct slice in = smpp_row_get(rows[i], buf, sizeof(buf));
        size_t start = 0, found = 0;

        for (size_t end = 0; end <= in.n; end++) {
            struct slice pdu, have = slice_of(in.p + start, end - start);

            if (frame_next(have, PDU_BYTES_MAX, &pdu, &sequence) == FRAME_NEED)
                continue;
            check_number(pdu.n, wire_u32(in.p + start));
            check_number(start + pdu.n, end);
            start = end;
            found++;
        }
        check_number(start, in.n);
        check_number(found, i < 3 ? 2 : 1);
    }
}

static void
smpp_f2_a_hundred_pdus_in_one_read(void)
{
    size_t used = 0, found = 0;
    struct slice in, pdu;
    uint32_t sequence;

    for (uint32_t i = 1; i <= 100; i++) {
        struct pdu enquire = {.command_id = SMPP_ENQUIRE_LINK, .sequence_number = i};

        used += pdu_encode(&enquire, buf + used, sizeof(buf) - used);
    }
    in = slice_of(buf, used);
    while (frame_next(in, PDU_BYTES_MAX_UNBOUND, &pdu, &sequence) == FRAME_PDU) {
        found++;
        check_number(wire_u32(pdu.p + 12), found);
        in = slice_of(in.p + pdu.n, in.n - pdu.n);
    }
    check_number(found, 100);
    check_number(in.n, 0);
}

static void
smpp_f4_the_limit_itself_is_allowed(void)
{
    uint8_t header[16] = {0};
    uint32_t sequence;
    struct slice pdu;

    wire_set_u32(header, PDU_BYTES_MAX);
    check_number(frame_next(slice_of(header, 16), PDU_BYTES_MAX, &pdu, &sequence), FRAME_NEED);
    wire_set_u32(header, PDU_BYTES_MAX_UNBOUND);
    check_number(frame_next(slice_of(header, 16), PDU_BYTES_MAX_UNBOUND, &pdu, &sequence),
                 FRAME_NEED);
    wire_set_u32(header, PDU_BYTES_MAX_UNBOUND + 1);
    check_number(frame_next(slice_of(header, 16), PDU_BYTES_MAX_UNBOUND, &pdu, &sequence),
                 FRAME_BAD);
}

static void
smpp_f5_foreign_protocols_are_named(void)
{
    static const struct {
        const char *start;
        const char *word;
    } foreign[] = {
        {"GET / HTTP/1.1\r\n", "HTTP"},  {"POST /x HTTP", "HTTP"}, {"HTTP/1.1 400", "HTTP"},
        {"\x16\x03\x01\x02", "TLS"},     {"SSH-2.0", "SSH"},       {"PROXY TCP4", "PROXY"},
        {"\r\n\r\n\x01", "PROXY"},
    };

    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        const char *what = frame_foreign(slice_str(foreign[i].start));

        check(what && strstr(what, foreign[i].word));
    }
    check(frame_foreign(slice_str("GET")) == NULL);
    check(frame_foreign(SLICE_NONE) == NULL);
    check(frame_foreign(smpp_row_get("F19", buf, sizeof(buf))) == NULL);
    check(frame_foreign(smpp_row_get("F22", buf, sizeof(buf))) != NULL);
    check_text(slice_str(frame_result_name(FRAME_BAD)), "bad");
}

CHECK_MAIN(
    {"smpp_f3_f4_f00_to_f22_bad_lengths_end_the_stream",
     smpp_f3_f4_f00_to_f22_bad_lengths_end_the_stream},
    {"f16_smallest_pdu", f16_smallest_pdu},
    {"f23_f24_an_incomplete_pdu_is_waited_for", f23_f24_an_incomplete_pdu_is_waited_for},
    {"smpp_f2_f25_one_octet_at_a_time_or_all_at_once",
     smpp_f2_f25_one_octet_at_a_time_or_all_at_once},
    {"smpp_f2_a_hundred_pdus_in_one_read", smpp_f2_a_hundred_pdus_in_one_read},
    {"smpp_f4_the_limit_itself_is_allowed", smpp_f4_the_limit_itself_is_allowed},
    {"smpp_f5_foreign_protocols_are_named", smpp_f5_foreign_protocols_are_named})
