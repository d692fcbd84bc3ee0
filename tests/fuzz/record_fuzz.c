/*
 * record_fuzz.c: any octets as the value of a row. The first octet chooses the record by its place
 * in records_all; if its highest bit is set, the check sum is made good first, or hardly anything
 * would get past it. What decodes must encode to the same octets and make JSON.
 */
#include "store/records.h"

#include <assert.h>
#include <stdlib.h>

#define STRUCT_BYTES_MAX 1024u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct record_def *
choose(uint8_t octet)
{
    size_t count = 0;

    while (records_all[count] != NULL)
        count++;
    return records_all[(octet & 0x7f) % count];
}

static void
seal(uint8_t *value, size_t n)
{
    uint32_t crc;

    if (n < RECORD_HEADER_BYTES)
        return;
    crc = crc32c(crc32c(0, value, 2), value + RECORD_HEADER_BYTES, n - RECORD_HEADER_BYTES);
    for (size_t i = 0; i < 4; i++)
        value[2 + i] = (uint8_t)(crc >> (24 - 8 * i));
}

static void
check_same(const struct record_def *def, const void *record, struct slice value)
{
    uint8_t *again = malloc(value.n);
    size_t n = record_encode(def, record, again, value.n);

    assert(value.p[1] != def->version || slice_eq(slice_of(again, n), value));
    free(again);
}

/* At most 6 octets for each of the value, and the names and numbers around them. */
static void
check_json(const struct record_def *def, const void *record, size_t n)
{
    size_t cap = 6 * n + 128 * def->field_count + 64;
    char *json = malloc(cap);
    size_t length = record_json(def, record, json, cap);

    assert(length > 0 && json[0] == '{' && json[length - 1] == '}');
    for (size_t i = 0; i < length; i++)
        assert((uint8_t)json[i] >= 0x20);
    assert(record_json(def, record, json, length - 1) == 0);
    free(json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    union {
        uint64_t align;
        uint8_t octets[STRUCT_BYTES_MAX];
    } record;
    const struct record_def *def;
    uint8_t *value;
    size_t n;

    if (size < 1)
        return 0;
    def = choose(data[0]);
    n = size - 1;
    value = malloc(n + (n == 0));
    memcpy(value, data + 1, n);
    if (data[0] & 0x80)
        seal(value, n);
    assert(def->struct_bytes <= sizeof(record));
    if (record_decode(def, slice_of(value, n), &record) == RECORD_OK) {
        check_same(def, &record, slice_of(value, n));
        check_json(def, &record, n);
    }
    free(value);
    return 0;
}
