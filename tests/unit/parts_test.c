/*
 * parts_test.c: split, then encoded as PDUs, decoded and joined again: nothing may be lost or
 * changed, for any text, limit and form (conformance L1 to L5, E4, E6, E8).
 */
#include <stdio.h>

#include "protocol/text.h"
#include "protocol/udh.h"
#include "tests/unit/check.h"

#define ROUNDS 400
#define PAYLOAD_BYTES 4000u

/* How the parts say that they are parts. */
enum form { FORM_UDH8, FORM_UDH16, FORM_SAR, FORM_PAYLOAD, FORM_UDH_IN_PAYLOAD, FORMS };

static uint64_t seed = 34;

/* splitmix64 */
static uint32_t
chance(uint32_t below)
{
    uint64_t z = seed += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) % below);
}

/* What the join side has got. */
struct joined {
    uint8_t part[TEXT_PARTS_MAX][300];
    size_t length[TEXT_PARTS_MAX];
    uint8_t elements[UDH_BYTES_MAX];
    size_t elements_n;
    uint32_t total, got;
};

static struct joined joined;

static size_t
random_text(enum text_alphabet alphabet, uint8_t *out, size_t most)
{
    static const char *const bits[] = {"a",  "é", "\u20ac", "{", "\r\n", "e\u0301", "\U0001F600",
                                       "\U0001F1EC\U0001F1E7", "word ", "@", "\u0301", "\uac01"};
    size_t n = 0;

    while (n + 24 < most) {
        if (alphabet == TEXT_BINARY || chance(50) == 0)
            out[n++] = (uint8_t)(alphabet == TEXT_GSM ? chance(128) : chance(256));
        else if (alphabet == TEXT_GSM && chance(6) == 0)
            out[n++] = 0x1b;
        else
            n += text_from_utf8(alphabet, slice_str(bits[chance(12)]), out + n, 16);
    }
    return n;
}

static void
put_sar(const struct concat *concat, uint8_t *tlvs, size_t cap, size_t *used)
{
    uint8_t reference[2] = {(uint8_t)(concat->reference >> 8), (uint8_t)concat->reference};

    check(tlv_put(tlvs, cap, used, SMPP_TAG_SAR_MSG_REF_NUM, slice_of(reference, 2)));
    check(tlv_put(tlvs, cap, used, SMPP_TAG_SAR_TOTAL_SEGMENTS, slice_of(&concat->total, 1)));
    check(tlv_put(tlvs, cap, used, SMPP_TAG_SAR_SEGMENT_SEQNUM, slice_of(&concat->index, 1)));
}

/* One part as a PDU in this form. */
static size_t
send_part(enum form form, const struct concat *concat, struct slice elements, struct slice part,
          uint8_t *out, size_t cap)
{
    static uint8_t text[PAYLOAD_BYTES + 300], tlvs[PAYLOAD_BYTES + 400];
    struct pdu pdu = {.command_id = SMPP_SUBMIT_SM, .sequence_number = 1};
    static const struct concat whole = {0, 0, 0, false};
    size_t used = 0, n;

    n = udh_put(form == FORM_SAR || form == FORM_PAYLOAD ? &whole : concat, elements, text,
                sizeof(text));
    check(n <= sizeof(text) - part.n);
    if (n > 0)
        pdu.body.sm.esm_class = SMPP_ESM_UDHI;
    memcpy(text + n, part.p, part.n);
    n += part.n;
    if (form == FORM_SAR && concat->total > 1)
        put_sar(concat, tlvs, sizeof(tlvs), &used);
    if (form == FORM_PAYLOAD || form == FORM_UDH_IN_PAYLOAD)
        check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD, slice_of(text, n)));
    else
        pdu.body.sm.short_message = slice_of(text, n);
    pdu.tlvs = slice_of(tlvs, used);
    return pdu_encode(&pdu, out, cap);
}

static void
receive_part(struct slice octets, uint16_t reference)
{
    uint8_t elements[UDH_BYTES_MAX];
    struct pdu pdu;
    struct udh udh;
    size_t n, index;

    check_number(pdu_decode(octets, PDU_STRICT, &pdu), SMPP_ROK);
    check_number(udh_of_pdu(&pdu, &udh), UDH_OK);
    index = udh.concat.total ? udh.concat.index - 1u : 0;
    if (udh.concat.total > 0)
        check_number(udh.concat.reference, reference);
    joined.total = udh.concat.total ? udh.concat.total : 1;
    check(udh.text.n <= sizeof(joined.part[0]));
    memcpy(joined.part[index], udh.text.p, udh.text.n);
    joined.length[index] = udh.text.n;
    n = udh.header.n > 0 ? udh_other_elements(udh.header, elements) : 0;
    memcpy(joined.elements, elements, n);
    joined.elements_n = n;
    joined.got++;
}

static void
check_joined(struct slice text, struct slice elements)
{
    size_t at = 0;

    check_number(joined.got, joined.total);
    for (uint32_t i = 0; i < joined.total; i++) {
        check(at + joined.length[i] <= text.n);
        check(memcmp(joined.part[i], text.p + at, joined.length[i]) == 0);
        at += joined.length[i];
    }
    check_number(at, text.n);
    check_slice(slice_of(joined.elements, joined.elements_n), elements);
}

/* Splits, sends the parts in a random order, joins, compares. */
static void
there_and_back(enum text_alphabet alphabet, enum form form, struct slice text, size_t most,
               struct slice elements)
{
    static uint8_t sent[TEXT_PARTS_MAX][500];
    size_t length[TEXT_PARTS_MAX];
    struct concat concat = {0, 1, 1, form != FORM_UDH8 && form != FORM_UDH_IN_PAYLOAD};
    struct slice rest = text;
    uint32_t total = 0;

    while (rest.n > 0 && total <= TEXT_PARTS_MAX) {
        check(text_part_take(alphabet, &rest, most).n <= most);
        total++;
    }
    if (total == 0 || total > TEXT_PARTS_MAX)
        return;
    concat.total = (uint8_t)total;
    concat.reference = (uint16_t)chance(concat.wide ? 65536 : 256);
    rest = text;
    for (uint32_t i = 0; i < total; i++) {
        concat.index = (uint8_t)(i + 1);
        length[i] = send_part(form, &concat, elements, text_part_take(alphabet, &rest, most),
                              sent[i], sizeof(sent[i]));
        check(length[i] > 0);
    }
    joined.got = 0;
    for (uint32_t left = total; left > 0; left--) {
        uint32_t pick = chance(left);

        receive_part(slice_of(sent[pick], length[pick]), concat.reference);
        memmove(sent[pick], sent[left - 1], sizeof(sent[0]));
        length[pick] = length[left - 1];
    }
    check_number(joined.total, total);
    check_joined(text, elements);
}

static void
smpp_l1_l2_l3_l4_split_then_join_is_the_identity(void)
{
    static uint8_t text[PAYLOAD_BYTES];

    for (int round = 0; round < ROUNDS; round++) {
        for (int form = 0; form < FORMS; form++) {
            enum text_alphabet alphabet = (enum text_alphabet)chance(TEXT_ALPHABETS);
            size_t n = random_text(alphabet, text, 30 + chance(PAYLOAD_BYTES - 30));
            size_t most = TEXT_PART_BYTES_MIN + chance(SMPP_SHORT_MESSAGE_BYTES - 10);

            if (form == FORM_PAYLOAD) { /* nothing says that it is a part: whole or not at all */
                n = n > 250 ? 250 : n;
                most = 251; /* a part that is full may be cut (text_pack_octets) */
            }
            there_and_back(alphabet, (enum form)form, slice_of(text, n), most, SLICE_NONE);
        }
    }
}

/* The elements of somebody else's header, in an order that is his. */
static size_t
random_elements(uint8_t *out)
{
    static const char *const known[] = {
        "05040b8423f0", /* ports */
        "240101",       /* national language, single shift */
        "250103",       /* national language, locking shift */
        "7000",         /* an SMSC's own */
        "0a0300070a",   /* text formatting */
        "0100",         /* special message indication, too short */
    };
    size_t n = 0;

    for (uint32_t i = 1 + chance(4); i > 0; i--)
        n += check_hex(known[chance(6)], out + n, 10);
    return n;
}

static void
smpp_e8_the_senders_own_elements_stay(void)
{
    static uint8_t text[PAYLOAD_BYTES], elements[60];

    for (int round = 0; round < ROUNDS; round++) {
        for (int form = 0; form < FORMS; form++) {
            enum text_alphabet alphabet = chance(2) ? TEXT_GSM : TEXT_BINARY;
            size_t e = random_elements(elements);
            size_t most = text_room(alphabet, e + 1 + (form == FORM_UDH16 ? 6 : 5));
            size_t n = random_text(alphabet, text, 30 + chance(1500));

            if (form == FORM_PAYLOAD && n > most)
                n = most;
            there_and_back(alphabet, (enum form)form, slice_of(text, n), most,
                           slice_of(elements, e));
        }
    }
}

/* A part as a carrier sends it, Turkish by both shifts: only the numbers of its header change. */
static void
smpp_e8_national_language_elements_of_a_part(void)
{
    static const struct concat numbers = {0x77, 2, 1, false}, none = {0, 0, 0, false};
    uint8_t octets[40], other[40], out[40], want[40];
    struct udh udh;
    size_t n = check_hex("0b 250101 0003ab0301 240101 1b65 41", octets, sizeof(octets)), m;

    check_number(udh_parse(slice_of(octets, n), &udh), UDH_OK);
    check_number(udh.concat.total, 3);
    check_slice(udh.text, SLICE_LIT("\x1b" "eA"));
    m = udh_other_elements(udh.header, other);
    n = check_hex("250101 240101", want, sizeof(want));
    check_slice(slice_of(other, m), slice_of(want, n));
    n = check_hex("0b 0003770201 250101 240101", want, sizeof(want));
    check_slice(slice_of(out, udh_put(&numbers, slice_of(other, m), out, sizeof(out))),
                slice_of(want, n));
    n = check_hex("06 250101 240101", want, sizeof(want));
    check_slice(slice_of(out, udh_put(&none, slice_of(other, m), out, sizeof(out))),
                slice_of(want, n));
}

static void
udh_put_limits(void)
{
    static const struct concat narrow = {1, 2, 1, false}, none = {0, 0, 0, false};
    uint8_t elements[UDH_BYTES_MAX] = {0}, out[UDH_BYTES_MAX];

    check_number(udh_put(&none, SLICE_NONE, out, sizeof(out)), 0);
    check_number(udh_put(&narrow, SLICE_NONE, out, sizeof(out)), 6);
    check_number(udh_put(&none, slice_of(elements, 139), out, sizeof(out)), 140);
    check_number(udh_put(&none, slice_of(elements, 140), out, sizeof(out)), 0);
    check_number(udh_put(&narrow, slice_of(elements, 134), out, sizeof(out)), 140);
    check_number(udh_put(&narrow, slice_of(elements, 135), out, sizeof(out)), 0);
    check_number(udh_put(&narrow, slice_of(elements, 2), out, 7), 0);
    check_number(udh_put(&narrow, slice_of(elements, 2), out, 8), 8);
    check_number(udh_other_elements(SLICE_NONE, out), 0);
}

static void
smpp_l1_room_beside_a_header(void)
{
    static const struct {
        enum text_alphabet alphabet;
        size_t header, want;
    } rows[] = {
        {TEXT_GSM, 0, 160},    {TEXT_GSM, 6, 153},     {TEXT_GSM, 7, 152},  {TEXT_GSM, 12, 146},
        {TEXT_GSM, 139, 1},    {TEXT_GSM, 140, 0},     {TEXT_GSM, 200, 0},  {TEXT_UCS2, 0, 140},
        {TEXT_UCS2, 6, 134},   {TEXT_UCS2, 7, 132},    {TEXT_UCS2, 9, 130}, {TEXT_LATIN1, 7, 133},
        {TEXT_BINARY, 6, 134}, {TEXT_BINARY, 140, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_number(text_room(rows[i].alphabet, rows[i].header), rows[i].want);
}

/* Every limit, on a text in which something stands on every boundary sooner or later. */
static void
smpp_e4_every_limit(void)
{
    static uint8_t text[600];

    for (size_t most = TEXT_PART_BYTES_MIN; most < 300; most++) {
        for (int a = 0; a < TEXT_ALPHABETS; a++) {
            enum text_alphabet alphabet = (enum text_alphabet)a;
            size_t n = random_text(alphabet, text, sizeof(text));
            struct slice rest = slice_of(text, n);

            while (rest.n > 0) {
                struct slice before = rest, part = text_part_take(alphabet, &rest, most);

                check(part.n > 0 && part.n <= most);
                check(part.p == before.p && rest.p == part.p + part.n);
                check_number(part.n + rest.n, before.n);
                if (alphabet == TEXT_UCS2 && rest.n > 1)
                    check((part.p[part.n - 2] & 0xfc) != 0xd8 || (rest.p[0] & 0xfc) != 0xdc);
            }
        }
    }
}

/* E6 both ways: septets, packed behind the header of a part, sent, unpacked by nothing but the
 * octets. */
static void
smpp_e6_packed_parts_there_and_back(void)
{
    for (int round = 0; round < ROUNDS * 4; round++) {
        struct concat concat = {(uint16_t)chance(256), 2, 1, chance(2) != 0};
        uint8_t septets[160], elements[60], octets[200], back[200];
        size_t e = chance(2) ? random_elements(elements) : 0, header, packed, n;
        struct udh udh;

        if (chance(5) == 0)
            concat.total = 0;
        header = udh_put(&concat, slice_of(elements, e), octets, sizeof(octets));
        n = 1 + chance((uint32_t)text_room(TEXT_GSM, header));
        for (size_t i = 0; i < n; i++)
            septets[i] = (uint8_t)chance(128);
        if (septets[n - 1] == 0 || septets[n - 1] == 0x0d) /* may look like spare bits */
            septets[n - 1] = 'x';
        packed = text_pack(slice_of(septets, n), header, octets + header, 140 - header);
        check(packed > 0);
        if (header > 0)
            check_number(udh_parse(slice_of(octets, header + packed), &udh), UDH_OK);
        else
            udh = (struct udh){.text = slice_of(octets, packed)};
        check_number(udh.text.n, packed);
        check_number(text_packed_septets(udh.text, header), n);
        check_number(text_unpack(udh.text, n, header, back, sizeof(back)), n);
        check_slice(slice_of(back, n), slice_of(septets, n));
    }
}

/* Whatever it ends in: with room for one more CR nothing but a last CR is lost, and a reader who
 * knows nothing of that CR sees at most white space more. */
static void
smpp_e6_packed_octets_there_and_back(void)
{
    for (int round = 0; round < ROUNDS * 4; round++) {
        static const uint8_t ends[] = {0, 0x0d, 0x1b, 'x'};
        uint8_t septets[200], octets[200], back[240];
        size_t header = chance(20), n = 1 + chance(150), packed, naive;

        for (size_t i = 0; i < n; i++)
            septets[i] = (uint8_t)chance(128);
        for (size_t i = n > 2 ? n - 2 : 0; i < n; i++)
            septets[i] = ends[chance(4)];
        packed = text_pack_octets(slice_of(septets, n), header, octets, sizeof(octets));
        check(packed > 0);
        naive = text_unpack(slice_of(octets, packed), sizeof(back), header, back, sizeof(back));
        check(naive == n || (naive == n + 1 && back[n] == 0x0d));
        naive = text_unpack_octets(slice_of(octets, packed), header, back, sizeof(back));
        if (naive != n && septets[n - 1] == 0x0d)
            n--;
        check_number(naive, n);
        check_slice(slice_of(back, n), slice_of(septets, n));
    }
}

static void
smpp_e6_septets_in_octets(void)
{
    uint8_t at[8] = {0};

    check_number(text_packed_septets(SLICE_NONE, 0), 0);
    check_number(text_packed_septets(slice_of("\xe8\x32\x9b\xfd\x06", 5), 0), 5); /* hello */
    check_number(text_packed_septets(slice_of(at, 6), 0), 6); /* six '@': spare bits are too few */
    check_number(text_packed_septets(slice_of(at, 7), 0), 7); /* the eighth may be spare bits */
    check_number(text_packed_septets(slice_of(at, 8), 0), 9);
    check_number(text_packed_septets(slice_of("\x02", 1), 6), 1); /* one fill bit, one septet */
    check_number(text_packed_septets(slice_of("\x01", 1), 6), 0);
}

CHECK_MAIN({"smpp_l1_l2_l3_l4_split_then_join_is_the_identity",
            smpp_l1_l2_l3_l4_split_then_join_is_the_identity},
           {"smpp_e8_the_senders_own_elements_stay", smpp_e8_the_senders_own_elements_stay},
           {"smpp_e8_national_language_elements_of_a_part",
            smpp_e8_national_language_elements_of_a_part},
           {"udh_put_limits", udh_put_limits},
           {"smpp_l1_room_beside_a_header", smpp_l1_room_beside_a_header},
           {"smpp_e4_every_limit", smpp_e4_every_limit},
           {"smpp_e6_packed_parts_there_and_back", smpp_e6_packed_parts_there_and_back},
           {"smpp_e6_packed_octets_there_and_back", smpp_e6_packed_octets_there_and_back},
           {"smpp_e6_septets_in_octets", smpp_e6_septets_in_octets})
