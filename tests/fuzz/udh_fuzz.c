/*
 * udh_fuzz.c: any octets as a user data header, and as the header and TLVs of a message. The first
 * octet is the esm_class, the second says how many octets are the short message.
 */
#include "protocol/udh.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_result(enum udh_err err, const struct udh *udh, struct slice input)
{
    const struct concat *concat = &udh->concat;
    size_t text = udh->text.n, header = udh->header.n;

    assert(udh_err_name(err) && strcmp(udh_err_name(UDH_ERRS), "?") == 0);
    assert(concat->total == 0 ||
           (concat->total > 1 && concat->index >= 1 && concat->index <= concat->total));
    assert(concat->wide || concat->reference <= UINT8_MAX);
    assert(text <= input.n && header <= input.n);
    if (err == UDH_OK || err == UDH_IE_LENGTH)
        assert(text == input.n || text + header + 1 == input.n);
    else
        assert(text == input.n && header == 0 && concat->total == 0);
}

/* Taken apart and made again, with numbers of its own, the header means what it meant. */
static void
check_elements(const struct udh *udh, uint8_t wide)
{
    struct concat numbers = {wide ? 0x1234 : 0x12, 3, 2, wide != 0};
    uint8_t *elements = malloc(udh->header.n + (udh->header.n == 0));
    uint8_t made[UDH_BYTES_MAX];
    size_t n = udh_other_elements(udh->header, elements);
    size_t m = udh_put(&numbers, slice_of(elements, n), made, sizeof(made));
    struct udh again;

    assert(n <= udh->header.n);
    assert((m == 0) == (n + (wide ? 7 : 6) > UDH_BYTES_MAX));
    if (m > 0) {
        enum udh_err err = udh_parse(slice_of(made, m), &again);

        assert(err == UDH_OK && again.concat.index == 2 && again.text.n == 0);
        assert(again.concat.reference == numbers.reference);
        assert(memcmp(made + m - n, elements, n) == 0);
    }
    numbers.total = 0;
    m = udh_put(&numbers, slice_of(elements, n), made, n < 60 ? n : sizeof(made));
    assert(m == 0 || m == n + 1);
    free(elements);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pdu pdu = {.command_id = SMPP_DELIVER_SM};
    struct udh udh;
    uint8_t *message, *tlvs;
    size_t n, left;

    if (size < 2)
        return 0;
    n = data[1] < size - 2 ? data[1] : size - 2;
    left = size - 2 - n;
    message = malloc(n + 1);
    tlvs = malloc(left + 1);
    memcpy(message, data + 2, n);
    memcpy(tlvs, data + 2 + n, left);
    message = realloc(message, n + (n == 0));
    tlvs = realloc(tlvs, left + (left == 0));
    check_result(udh_parse(slice_of(message, n), &udh), &udh, slice_of(message, n));
    pdu.body.sm.esm_class = data[0];
    pdu.body.sm.short_message = slice_of(message, n);
    pdu.tlvs = slice_of(tlvs, left);
    check_result(udh_of_pdu(&pdu, &udh), &udh, pdu_text(&pdu));
    if (udh.header.n > 0)
        check_elements(&udh, data[1] & 1);
    if (udh.concat.total > 0) {
        uint8_t out[UDH_CONCAT_BYTES_MAX];
        struct udh again;
        enum udh_err err = udh_parse(slice_of(out, udh_put_concat(&udh.concat, out)), &again);

        assert(err == UDH_OK && memcmp(&again.concat.reference, &udh.concat.reference, 2) == 0);
        assert(again.concat.index == udh.concat.index && again.concat.total == udh.concat.total);
    }
    free(message);
    free(tlvs);
    return 0;
}
