/*
 * pdu_fuzz.c: decodes arbitrary octets as one PDU. What was understood must survive being encoded
 * and decoded again, and the dump must fit its buffer.
 */
#include <assert.h>

#include "protocol/pdu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_walk(struct slice tlvs)
{
    struct slice rest = tlvs;
    struct tlv tlv, first;
    uint32_t count = 0;

    while (tlv_next(&rest, &tlv)) {
        assert(tlv.value.p >= tlvs.p && tlv.value.p + tlv.value.n <= tlvs.p + tlvs.n);
        assert(tlv_find(tlvs, tlv.tag, &first) && first.value.p <= tlv.value.p);
        count++;
    }
    assert(count <= PDU_TLVS_MAX);
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
    if (!smpp_is_response(pdu->command_id) || pdu->command_status == SMPP_ROK) {
        assert(pdu_decode(slice_of(first, n), mode, &again) == status);
        assert(slice_eq(again.tlvs, pdu->tlvs));
        assert(pdu_encode(&again, second, sizeof(second)) == n);
        assert(memcmp(first, second, n) == 0);
    } else {
        assert(n == PDU_HEADER_BYTES);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum pdu_mode modes[] = {PDU_STRICT, PDU_LENIENT, PDU_STRICT_OR_EMPTY};

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        struct pdu pdu;
        char line[512];
        enum smpp_status status = pdu_decode(slice_of(data, size), modes[i], &pdu);

        assert(smpp_status_name(status));
        assert(pdu_dump(&pdu, line, sizeof(line)) < sizeof(line));
        assert(pdu_dump_masked(&pdu, line, 40) < 40);
        if (status != SMPP_ROK)
            continue;
        check_walk(pdu.tlvs);
        check_again(&pdu, modes[i], status);
        if (pdu.command_id == SMPP_SUBMIT_SM)
            assert(pdu_text(&pdu).n <= size);
    }
    return 0;
}
