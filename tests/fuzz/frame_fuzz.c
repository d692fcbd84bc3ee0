/*
 * frame_fuzz.c: cuts arbitrary octets into PDUs, all at once and one octet at a time; both must see
 * the same PDUs and end in the same way.
 */
#include <assert.h>

#include "protocol/frame.h"
#include "protocol/pdu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size), pdu;
    uint32_t sequence = 0;

    for (;;) {
        enum frame_result whole = frame_next(in, PDU_BYTES_MAX_UNBOUND, &pdu, &sequence);
        size_t needed = whole == FRAME_PDU ? pdu.n : in.n;

        /* Nothing is said too early, and what was said stays true when more comes. */
        for (size_t n = 0; n < needed && n < 64; n++) {
            uint32_t early_sequence = 0;
            struct slice early_pdu;
            enum frame_result early = frame_next(slice_of(in.p, n), PDU_BYTES_MAX_UNBOUND,
                                                 &early_pdu, &early_sequence);

            assert(early == FRAME_NEED || (early == whole && early_sequence == sequence));
        }
        assert(frame_result_name(whole));
        if (whole != FRAME_PDU) {
            (void)frame_foreign(in);
            return 0;
        }
        assert(pdu.p == in.p && pdu.n >= PDU_HEADER_BYTES && pdu.n <= in.n);
        in = slice_of(in.p + pdu.n, in.n - pdu.n);
    }
}
