/*
 * addr_fuzz.c: any octets as an address from the wire and as a number that somebody typed. The
 * first octet chooses the TON, the second the country of the account. What was understood must be
 * the same when it comes back from the wire.
 */
#include "protocol/addr.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const countries[] = {"AT", "AU", "BR", "DE", "DK", "GB", "IT", "SG",
                                        "US", "ZZ", NULL};
#define COUNTRIES (sizeof(countries) / sizeof(countries[0]))

static void
check_addr(const struct addr *addr, enum addr_err err)
{
    char masked[ADDR_MASKED_BYTES];
    struct pdu_address wire;

    assert(addr_err_name(err) && addr_kind_name((enum addr_kind)addr->kind));
    assert(strcmp(addr_err_name(ADDR_ERRS), addr_kind_name(ADDR_KINDS)) == 0);
    assert(addr->n <= ADDR_CHARS_MAX && strlen(addr->text) == addr->n);
    assert((err == ADDR_OK) == (addr->kind != ADDR_NONE) && (addr->n > 0) == (err == ADDR_OK));
    assert(strlen(addr_masked(addr, masked)) >= (err != ADDR_OK ? 1u : addr->n));
    addr_to_wire(addr, ADDR_SHORT_TON, &wire);
    assert(wire.digits.n == addr->n);
    assert(addr_eq(addr, addr));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct addr_plan *plan;
    struct pdu_address wire = {0, 1, SLICE_NONE};
    struct addr addr, again, typed;
    enum addr_err err;
    uint8_t *copy;

    if (size < 2)
        return 0;
    plan = addr_plan_of(countries[data[1] % COUNTRIES]);
    copy = malloc(size - 2 + (size == 2));
    memcpy(copy, data + 2, size - 2);
    wire.ton = data[0];
    wire.digits = slice_of(copy, size - 2);
    err = addr_from_wire(&wire, plan, &addr);
    check_addr(&addr, err);
    if (err == ADDR_OK && addr.kind != ADDR_SHORT) {
        /* A short code may become a number once its TON is gone; nothing else changes. */
        addr_to_wire(&addr, ADDR_SHORT_TON, &wire);
        assert(addr_from_wire(&wire, NULL, &again) == ADDR_OK && addr_eq(&addr, &again));
    }
    check_addr(&typed, addr_from_text(slice_of(copy, size - 2), plan, &typed));
    (void)addr_eq(&addr, &typed);
    free(copy);
    return 0;
}
