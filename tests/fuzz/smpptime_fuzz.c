/*
 * smpptime_fuzz.c: any octets as a time, in SMPP's form and in the one that people write; what is
 * one in SMPP's is written and read back. The first eight octets are the clock.
 */
#include "protocol/smpptime.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define YEAR_2038_MS 2145916800000u

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t now = 0, at = 0, again = 0;
    char text[SMPPTIME_BYTES];
    enum smpptime_err err;
    uint8_t *copy;

    if (size < 8)
        return 0;
    memcpy(&now, data, 8);
    copy = malloc(size - 8 + (size == 8));
    memcpy(copy, data + 8, size - 8);
    err = smpptime_parse(slice_of(copy, size - 8), now, &at);
    assert(smpptime_err_name(err) && strcmp(smpptime_err_name(SMPPTIME_ERRS), "?") == 0);
    if (err == SMPPTIME_OK) {
        smpptime_format(at, text);
        err = smpptime_parse(slice_of(text, SMPPTIME_BYTES - 1), now, &again);
        assert(err == SMPPTIME_OK);
        if (at < YEAR_2038_MS)
            assert(again == at - at % 100);
    }
    at = 0;
    if (calendar_parse(slice_of(copy, size - 8), &at))
        assert(at % 1000 == 0);
    free(copy);
    return 0;
}
