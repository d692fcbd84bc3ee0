/*
 * pdu_fuzz.c: decodes arbitrary octets as one PDU. What was understood must survive being encoded
 * and decoded again, its lists and TLVs must survive being taken apart and built again, and the
 * dump must fit its buffer.
 */
#include <assert.h>
#include <stdlib.h>

#include "protocol/pdu.h"
#include "protocol/pdu_table.h"
#include "protocol/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_walk(struct slice tlvs)
{
    struct slice rest = tlvs;
    struct tlv tlv, first;
    uint32_t count = 0, none;

    assert(!tlv_number(tlvs, 0xFFFF, &none) || tlv_find(tlvs, 0xFFFF, &tlv));
    while (tlv_next(&rest, &tlv)) {
        uint32_t number;
        bool is_number = tlv_number(tlvs, tlv.tag, &number);

        assert(tlv.value.p >= tlvs.p && tlv.value.p + tlv.value.n <= tlvs.p + tlvs.n);
        assert(tlv_find(tlvs, tlv.tag, &first) && first.value.p <= tlv.value.p);
        assert(is_number == (first.value.n == 1 || first.value.n == 2 || first.value.n == 4));
        count++;
    }
    assert(count <= PDU_TLVS_MAX);
}

/* In a buffer that is full at some point. */
static void
check_tlv_put(struct slice tlvs, size_t cap)
{
    uint8_t *again = malloc(cap + (cap == 0));
    struct slice rest = tlvs;
    struct tlv tlv;
    size_t used = 0;

    while (tlv_next(&rest, &tlv)) {
        size_t before = used;

        if (!tlv_put(again, cap, &used, tlv.tag, tlv.value))
            assert(used == before && cap - used < 4 + tlv.value.n);
    }
    assert(!tlv_put(again, cap, &used, 1, slice_of(again, UINT16_MAX + 1u)));
    used = cap + 1;
    assert(!tlv_put(again, cap, &used, 1, SLICE_NONE));
    free(again);
}

/* What is copied is the vendors' TLVs and nothing else, as many as fit. */
static void
check_vendor(struct slice tlvs, size_t cap)
{
    uint8_t *copy = malloc(tlvs.n + (tlvs.n == 0));
    size_t n = tlv_copy_vendor(tlvs, copy, tlvs.n);
    struct slice rest = slice_of(copy, n);
    struct tlv tlv;

    while (tlv_next(&rest, &tlv)) {
        assert(tlv.tag >= SMPP_TAG_VENDOR_FIRST && tlv.tag <= SMPP_TAG_VENDOR_LAST);
        assert(tlv_find(tlvs, tlv.tag, &tlv));
    }
    assert(rest.n == 0 && tlv_copy_vendor(slice_of(copy, n), copy, n) == n);
    assert(tlv_copy_vendor(tlvs, copy, cap < tlvs.n ? cap : tlvs.n) <= cap);
    free(copy);
}

static void
check_dests(const struct pdu_list *dests)
{
    static uint8_t region[SMPP_DESTS_50_MAX * PDU_DEST_BYTES_MAX];
    struct pdu_list again = {0, SLICE_NONE}, small = again;
    struct slice rest = dests->region;
    uint8_t little[40];
    struct pdu_dest dest;

    while (pdu_dest_next(&rest, &dest)) {
        assert(smpp_status_name(pdu_dest_status(&dest)));
        assert(pdu_dest_put(region, sizeof(region), &again, &dest));
        (void)pdu_dest_put(little, sizeof(little), &small, &dest);
    }
    assert(again.count == dests->count && slice_eq(again.region, dests->region));
    if (again.count == SMPP_DESTS_50_MAX)
        assert(!pdu_dest_put(region, sizeof(region), &again, &dest));
    assert(again.region.n == 0 || !pdu_dest_put(region, again.region.n - 1, &again, &dest));
    dest = (struct pdu_dest){.flag = PDU_DEST_LIST};
    assert(!pdu_dest_put(region, sizeof(region), &small, &dest));
}

static void
check_failures(const struct pdu_list *failures)
{
    static uint8_t region[UINT8_MAX * PDU_FAILURE_BYTES_MAX];
    struct pdu_list again = {0, SLICE_NONE};
    struct slice rest = failures->region;
    struct pdu_failure failure;
    unsigned count = 0;

    while (pdu_failure_next(&rest, &failure)) {
        count++;
        assert(pdu_failure_put(region, sizeof(region), &again, &failure) ==
               (count <= SMPP_DESTS_50_MAX));
    }
    assert(count == failures->count);
}

/* Octets that nobody has checked, in places where they may or may not be written. */
static void
check_unchecked(struct slice octets)
{
    static uint8_t out[PDU_BYTES_MAX], region[100];
    struct pdu pdu = {.command_id = SMPP_QUERY_SM}, again;
    struct pdu_dest dest = {octets.n ? octets.p[0] : 0, {1, 1, octets}, octets}, walked;
    struct pdu_failure failure = {{1, 1, octets}, 1};
    struct pdu_list list = {3, octets};
    struct slice rest = octets;
    struct tlv tlv;
    size_t n, count = 0;

    while (tlv_next(&rest, &tlv))
        assert(tlv.value.n <= octets.n);
    pdu.body.query.message_id = octets;
    n = pdu_encode(&pdu, out, sizeof(out));
    assert(n == 0 || pdu_decode(slice_of(out, n), PDU_STRICT, &again) == SMPP_ROK);
    for (rest = octets; count < UINT8_MAX && pdu_dest_next(&rest, &walked);)
        count++;
    pdu = (struct pdu){.command_id = SMPP_SUBMIT_MULTI};
    pdu.body.sm.dests = (struct pdu_list){(uint8_t)count, octets};
    n = pdu_encode(&pdu, out, sizeof(out));
    assert(n == 0 || pdu_decode(slice_of(out, n), PDU_LENIENT, &again) ==
                         (count <= SMPP_DESTS_MAX ? SMPP_ROK : SMPP_RINVNUMDESTS));
    assert(n == 0 || (count > 0 && count <= SMPP_DESTS_50_MAX));
    pdu = (struct pdu){.command_id = SMPP_SUBMIT_MULTI_RESP};
    pdu.body.multi_result.failures = list;
    n = pdu_encode(&pdu, out, sizeof(out));
    assert(n == 0 || (pdu_decode(slice_of(out, n), PDU_LENIENT, &again) == SMPP_ROK &&
                      again.body.multi_result.failures.count == 3));
    list = (struct pdu_list){0, SLICE_NONE};
    if (pdu_dest_put(region, sizeof(region), &list, &dest))
        check_dests(&list);
    list = (struct pdu_list){0, SLICE_NONE};
    if (pdu_failure_put(region, sizeof(region), &list, &failure))
        check_failures(&list);
}

static void
check_again(const struct pdu *pdu, enum pdu_mode mode, enum smpp_status status)
{
    static uint8_t first[PDU_BYTES_MAX], second[PDU_BYTES_MAX];
    size_t n = pdu_encode(pdu, first, sizeof(first));
    struct pdu again;

    /* A short_message of 255 octets is read leniently but never written. */
    if (n == 0)
        return;
    if (!smpp_is_response(pdu->command_id) || pdu->command_status == SMPP_ROK ||
        (pdu->command_id == SMPP_DATA_SM_RESP && pdu->tlvs.n > 0)) {
        assert(pdu_decode(slice_of(first, n), mode, &again) == status);
        assert(slice_eq(again.tlvs, pdu->tlvs));
        assert(pdu_encode(&again, second, sizeof(second)) == n);
        assert(memcmp(first, second, n) == 0);
        pdu_set_sequence(first, 77);
        assert(pdu_decode(slice_of(first, n), mode, &again) == status);
        assert(again.sequence_number == 77);
        assert(pdu_encode(&again, second, n / 2) == 0);
    } else {
        assert(n == PDU_HEADER_BYTES);
    }
}

/* The same fields have other limits in another PDU. */
static void
check_as_another(const struct pdu *pdu)
{
    static uint8_t out[PDU_BYTES_MAX];
    struct pdu other = *pdu;

    if (pdu->command_id != SMPP_DATA_SM)
        return;
    other.command_id = SMPP_SUBMIT_SM;
    (void)pdu_encode(&other, out, sizeof(out));
    other.command_id = SMPP_BROADCAST_SM;
    assert(pdu_encode(&other, out, sizeof(out)) == 0);
}

/* What is not spoken is only written as a refusal under its own name, and nothing that is longer
 * than a PDU may be. */
static void
check_refusal(struct slice octets)
{
    static uint8_t out[2 * PDU_BYTES_MAX], value[PDU_BYTES_MAX];
    struct pdu pdu = {.command_id = SMPP_BROADCAST_SM_RESP}, again;

    assert(pdu_encode(&pdu, out, sizeof(out)) == 0);
    pdu.command_status = SMPP_RINVCMDID;
    assert(pdu_encode(&pdu, out, sizeof(out)) == PDU_HEADER_BYTES);
    assert(pdu_decode(slice_of(out, PDU_HEADER_BYTES), PDU_STRICT, &again) == SMPP_RINVCMDID);
    pdu.command_id = 0x80FFFFFF;
    assert(pdu_encode(&pdu, out, sizeof(out)) == 0);
    pdu = (struct pdu){.command_id = SMPP_DATA_SM, .tlvs = octets};
    if (pdu_encode(&pdu, out, sizeof(out)) > 0)
        assert(slice_eq(slice_of(out + wire_u32(out) - octets.n, octets.n), octets));
    pdu.tlvs = slice_of(value, sizeof(value));
    assert(pdu_encode(&pdu, out, sizeof(out)) == 0);
}

/* A hidden password is nowhere in the octets any more, and the rest reads as before. */
static void
check_hidden(struct slice octets)
{
    uint8_t *copy = malloc(octets.n + (octets.n == 0));
    struct pdu before, after;

    if (octets.n > 0)
        memcpy(copy, octets.p, octets.n);
    pdu_hide_secrets(copy, octets.n);
    if (pdu_decode(octets, PDU_LENIENT, &before) == SMPP_ROK) {
        assert(pdu_decode(slice_of(copy, octets.n), PDU_LENIENT, &after) == SMPP_ROK);
        assert(slice_eq(before.tlvs, after.tlvs));
        if (before.command_id == SMPP_BIND_TRANSMITTER) {
            assert(slice_eq(before.body.bind.system_id, after.body.bind.system_id));
            assert(before.body.bind.password.n == after.body.bind.password.n);
            for (size_t i = 0; i < after.body.bind.password.n; i++)
                assert(after.body.bind.password.p[i] == '*');
        }
    }
    free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum pdu_mode modes[] = {PDU_STRICT, PDU_LENIENT, PDU_STRICT_OR_EMPTY,
                                          PDU_STRICT_50};

    check_unchecked(slice_of(data, size));
    check_refusal(slice_of(data, size));
    check_hidden(slice_of(data, size));
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        struct pdu pdu;
        char line[512];
        enum smpp_status status = pdu_decode(slice_of(data, size), modes[i], &pdu);

        assert(smpp_status_name(status));
        assert(pdu_dump(&pdu, line, 0) == 0 && pdu_dump_masked(&pdu, line, 0) == 0);
        assert(pdu_dump(&pdu, line, sizeof(line)) < sizeof(line));
        assert(pdu_dump_masked(&pdu, line, 40) < 40);
        if (status != SMPP_ROK)
            continue;
        check_walk(pdu.tlvs);
        check_tlv_put(pdu.tlvs, pdu.tlvs.n * 2 / 3);
        check_vendor(pdu.tlvs, pdu.tlvs.n * 2 / 3);
        check_again(&pdu, modes[i], status);
        check_as_another(&pdu);
        if (pdu.command_id == SMPP_SUBMIT_SM || pdu.command_id == SMPP_SUBMIT_MULTI)
            assert(pdu_text(&pdu).n <= size);
        if (pdu.command_id == SMPP_SUBMIT_MULTI)
            check_dests(&pdu.body.sm.dests);
        if (pdu.command_id == SMPP_SUBMIT_MULTI_RESP)
            check_failures(&pdu.body.multi_result.failures);
    }
    return 0;
}
