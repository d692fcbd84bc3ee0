/*
 * receipt_fuzz.c: any octets as the text and TLVs of a receipt, as a date, and as an ID. The first
 * octet says how many octets at the end are TLVs.
 */
#include "protocol/receipt.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_inside(struct slice field, struct slice text, struct slice tlvs)
{
    bool in_text = field.p >= text.p && field.p + field.n <= text.p + text.n;
    bool in_tlvs = field.p >= tlvs.p && field.p + field.n <= tlvs.p + tlvs.n;

    assert(field.n == 0 || in_text || in_tlvs);
}

/* What we write we read back. */
static void
check_format(const struct receipt *receipt)
{
    static const struct receipt_times times = {1795262400, 1795262460};
    uint8_t out[RECEIPT_TEXT_BYTES_MAX];
    struct pdu pdu = {.command_id = SMPP_DELIVER_SM};
    struct receipt back;
    size_t n = receipt_format(receipt, &times, 1, 1, out, sizeof(out));

    assert(n > 0);
    pdu.body.sm.short_message = slice_of(out, n);
    receipt_parse(&pdu, &back);
    assert(back.state == receipt->state && back.text.n <= 20);
}

static void
check_ids(struct slice id)
{
    uint8_t key[RECEIPT_ID_BYTES_MAX], again[RECEIPT_ID_BYTES_MAX];

    for (int form = 0; form < RECEIPT_ID_FORMS; form++) {
        size_t n = receipt_id_key((enum receipt_id_form)form, id, key, sizeof(key));

        assert(n <= sizeof(key) && n <= id.n);
        if (form == RECEIPT_ID_TEXT) {
            size_t m = receipt_id_key(RECEIPT_ID_TEXT, slice_of(key, n), again, sizeof(again));

            /* The key of a key is the key, but that the cut at 64 octets may leave blanks at its
             * end. */
            assert(m <= n && memcmp(key, again, m) == 0);
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pdu pdu = {.command_id = SMPP_DELIVER_SM};
    struct receipt receipt;
    struct slice text, tlvs;
    uint8_t *first, *second;
    size_t n;
    uint64_t at;

    if (size < 1)
        return 0;
    n = size - 1 - (data[0] < size - 1 ? data[0] : size - 1);
    first = malloc(n + (n == 0));
    second = malloc(size - n);
    memcpy(first, data + 1, n);
    memcpy(second, data + 1 + n, size - 1 - n);
    text = slice_of(first, n);
    tlvs = slice_of(second, size - 1 - n);
    pdu.body.sm.esm_class = SMPP_ESM_RECEIPT;
    pdu.body.sm.short_message = text;
    pdu.tlvs = tlvs;
    receipt_parse(&pdu, &receipt);
    assert(receipt.id.n <= RECEIPT_ID_BYTES_MAX && receipt.state < RECEIPT_STATES);
    check_inside(receipt.id, text, tlvs);
    check_inside(receipt.error, text, tlvs);
    check_inside(receipt.text, text, tlvs);
    check_inside(receipt.done_date, text, tlvs);
    if (receipt_date(receipt.done_date, 0, &at))
        assert(at < 253402300800u);
    receipt_date(text, -3600, &at);
    /* Our own IDs have no blanks in them; a carrier's from a TLV may. */
    receipt.id = slice_str("0000000001");
    check_format(&receipt);
    check_ids(text);
    free(first);
    free(second);
    return 0;
}
