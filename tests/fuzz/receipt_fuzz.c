/*
 * receipt_fuzz.c: any octets as the text and TLVs of a receipt, as a date, and as an ID. The first
 * octet says how many octets at the end are TLVs; esm_class and data_coding follow.
 */
#include "protocol/receipt.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_names(void)
{
    for (int i = 0; i < RECEIPT_STATES; i++) {
        enum receipt_state state = (enum receipt_state)i;

        assert(receipt_state_name(state)[0] != '?');
        (void)receipt_state_final(state);
    }
    assert(!receipt_state_final(RECEIPT_STATES));
    assert(strcmp(receipt_state_name(RECEIPT_STATES), "?") == 0);
    assert(strcmp(receipt_kind_name(RECEIPT_KINDS), "?") == 0);
    assert(strcmp(receipt_id_form_name(RECEIPT_ID_FORMS), "?") == 0);
}

static bool
is_inside(struct slice field, const void *p, size_t n)
{
    const uint8_t *start = p;

    return field.p >= start && field.p + field.n <= start + n;
}

/* A field points into what came in, or into the struct if that was UTF-16. */
static void
check_inside(struct slice field, const struct pdu *pdu, const struct receipt *receipt)
{
    struct slice text = pdu_text(pdu);

    assert(field.n == 0 || is_inside(field, text.p, text.n) ||
           is_inside(field, pdu->tlvs.p, pdu->tlvs.n) ||
           is_inside(field, receipt->utf8, sizeof(receipt->utf8)));
}

/* What we write we read back. */
static void
check_format(const struct receipt *receipt)
{
    static const struct receipt_times times = {1795262400, UINT64_MAX};
    uint8_t out[RECEIPT_TEXT_BYTES_MAX];
    struct pdu pdu = {.command_id = SMPP_DELIVER_SM};
    struct receipt back;
    size_t n = receipt_format(receipt, &times, 1, 1, out, sizeof(out));

    assert(n > 0 && receipt_format(receipt, &times, 1000, 1000, out, n - 1) == 0);
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

        assert(n <= sizeof(key) && n <= id.n && receipt_id_form_name((enum receipt_id_form)form));
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
    struct slice text;
    uint8_t *first, *second;
    size_t n;
    uint64_t at;

    check_names();
    if (size < 3)
        return 0;
    n = size - 3 - (data[0] < size - 3 ? data[0] : size - 3);
    first = malloc(n + (n == 0));
    second = malloc(size - n);
    memcpy(first, data + 3, n);
    memcpy(second, data + 3 + n, size - 3 - n);
    text = slice_of(first, n);
    pdu.body.sm.esm_class = data[1];
    pdu.body.sm.data_coding = data[2];
    pdu.body.sm.short_message = text;
    pdu.tlvs = slice_of(second, size - 3 - n);
    receipt_parse(&pdu, &receipt);
    assert(receipt.id.n <= RECEIPT_ID_BYTES_MAX && receipt.state < RECEIPT_STATES);
    assert(receipt_state_name(receipt.state) && receipt_kind_name(receipt_kind(data[1])));
    assert(receipt_state_final(receipt.state) || receipt.state <= RECEIPT_UNKNOWN);
    check_inside(receipt.id, &pdu, &receipt);
    check_inside(receipt.error, &pdu, &receipt);
    check_inside(receipt.text, &pdu, &receipt);
    check_inside(receipt.submit_date, &pdu, &receipt);
    check_inside(receipt.done_date, &pdu, &receipt);
    assert(!receipt_looks(&pdu) || (receipt.id.n > 0 && receipt.state_known));
    if (receipt_date(receipt.done_date, 0, &at))
        assert(at < 253402300800u);
    receipt_date(text, data[0] & 1 ? 3600 : -3600, &at);
    /* Our own IDs have no blanks in them; a carrier's from a TLV may. */
    receipt.id = slice_str(data[0] & 1 ? "0000000001" : "");
    check_format(&receipt);
    check_ids(text);
    free(first);
    free(second);
    return 0;
}
