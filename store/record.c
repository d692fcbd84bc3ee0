/*
 * record.c: the one interpreter of field tables: encode, decode, JSON. It knows no record by name;
 * those are in records.c.
 */
#include "store/record.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "protocol/wire.h"

#define LENGTH_BYTES 2u /* before BYTES and TEXT; no field is longer than a PDU */

static const void *
field_at(const struct record_field *field, const void *record)
{
    return (const uint8_t *)record + field->offset;
}

static size_t
number_width(enum field_kind kind)
{
    switch (kind) {
    case FIELD_U8:
    case FIELD_ENUM:
        return 1;
    case FIELD_U16:
        return 2;
    case FIELD_U32:
        return 4;
    case FIELD_U64:
    case FIELD_TIME:
        return 8;
    case FIELD_ADDR:
    case FIELD_BYTES:
    case FIELD_TEXT:
        break;
    }
    return 0;
}

static uint64_t
number_load(const struct record_field *field, const void *record)
{
    const void *at = field_at(field, record);

    switch (number_width(field->kind)) {
    case 1:
        return *(const uint8_t *)at;
    case 2:
        return *(const uint16_t *)at;
    case 4:
        return *(const uint32_t *)at;
    default:
        return *(const uint64_t *)at;
    }
}

static void
number_store(const struct record_field *field, void *record, uint64_t value)
{
    void *at = (uint8_t *)record + field->offset;

    switch (number_width(field->kind)) {
    case 1:
        *(uint8_t *)at = (uint8_t)value;
        break;
    case 2:
        *(uint16_t *)at = (uint16_t)value;
        break;
    case 4:
        *(uint32_t *)at = (uint32_t)value;
        break;
    default:
        *(uint64_t *)at = value;
        break;
    }
}

/* The length of a field on disk; 0 if it is longer than the table or the format allows. */
static size_t
field_bytes(const struct record_field *field, const void *record)
{
    const struct addr *addr;
    const struct slice *bytes;

    switch (field->kind) {
    case FIELD_ADDR:
        addr = field_at(field, record);
        return addr->n <= ADDR_CHARS_MAX ? 2u + addr->n : 0;
    case FIELD_BYTES:
    case FIELD_TEXT:
        bytes = field_at(field, record);
        return bytes->n <= field->max && bytes->n <= UINT16_MAX ? LENGTH_BYTES + bytes->n : 0;
    case FIELD_U8:
    case FIELD_U16:
    case FIELD_U32:
    case FIELD_U64:
    case FIELD_TIME:
    case FIELD_ENUM:
        break;
    }
    return number_width(field->kind);
}

static void
field_encode(const struct record_field *field, const void *record, uint8_t *at)
{
    const struct addr *addr;
    const struct slice *bytes;

    switch (field->kind) {
    case FIELD_ADDR:
        addr = field_at(field, record);
        at[0] = addr->kind;
        at[1] = addr->n;
        memcpy(at + 2, addr->text, addr->n);
        return;
    case FIELD_BYTES:
    case FIELD_TEXT:
        bytes = field_at(field, record);
        wire_store(at, LENGTH_BYTES, bytes->n);
        if (bytes->n > 0)
            memcpy(at + LENGTH_BYTES, bytes->p, bytes->n);
        return;
    case FIELD_U8:
    case FIELD_U16:
    case FIELD_U32:
    case FIELD_U64:
    case FIELD_TIME:
    case FIELD_ENUM:
        break;
    }
    wire_store(at, number_width(field->kind), number_load(field, record));
}

size_t
record_bytes(const struct record_def *def, const void *record)
{
    size_t n = RECORD_HEADER_BYTES;

    for (uint32_t i = 0; i < def->field_count; i++)
        n += field_bytes(&def->fields[i], record);
    return n;
}

/* The check sum covers everything but itself: a record under a wrong type or version is found
 * too. */
static uint32_t
record_crc(struct slice value)
{
    uint32_t crc = crc32c(0, value.p, 2);

    return crc32c(crc, value.p + RECORD_HEADER_BYTES, value.n - RECORD_HEADER_BYTES);
}

size_t
record_encode(const struct record_def *def, const void *record, uint8_t *buf, size_t cap)
{
    size_t n = RECORD_HEADER_BYTES;

    if (cap < n)
        return 0;
    for (uint32_t i = 0; i < def->field_count; i++) {
        size_t width = field_bytes(&def->fields[i], record);

        if (width == 0 || width > cap - n)
            return 0;
        field_encode(&def->fields[i], record, buf + n);
        n += width;
    }
    buf[0] = def->type;
    buf[1] = def->version;
    wire_store(buf + 2, 4, record_crc(slice_of(buf, n)));
    return n;
}

static bool
addr_decode(struct slice *rest, struct addr *addr)
{
    size_t n;

    if (rest->n < 2 || rest->p[0] > ADDR_ALPHA)
        return false;
    n = rest->p[1];
    if (n > ADDR_CHARS_MAX || n > rest->n - 2 || memchr(rest->p + 2, 0, n) != NULL)
        return false;
    addr->kind = rest->p[0];
    addr->n = (uint8_t)n;
    memcpy(addr->text, rest->p + 2, n);
    *rest = slice_of(rest->p + 2 + n, rest->n - 2 - n);
    return true;
}

static bool
bytes_decode(const struct record_field *field, struct slice *rest, struct slice *bytes)
{
    size_t n;

    if (rest->n < LENGTH_BYTES)
        return false;
    n = (size_t)wire_load(rest->p, LENGTH_BYTES);
    if (n > field->max || n > rest->n - LENGTH_BYTES)
        return false;
    *bytes = slice_of(rest->p + LENGTH_BYTES, n);
    *rest = slice_of(rest->p + LENGTH_BYTES + n, rest->n - LENGTH_BYTES - n);
    return true;
}

static bool
field_decode(const struct record_field *field, struct slice *rest, void *record)
{
    void *at = (uint8_t *)record + field->offset;
    size_t width = number_width(field->kind);

    if (field->kind == FIELD_ADDR)
        return addr_decode(rest, at);
    if (field->kind == FIELD_BYTES || field->kind == FIELD_TEXT)
        return bytes_decode(field, rest, at);
    if (rest->n < width)
        return false;
    number_store(field, record, wire_load(rest->p, width));
    *rest = slice_of(rest->p + width, rest->n - width);
    return true;
}

enum record_err
record_check(const struct record_def *def, struct slice value)
{
    if (value.n < RECORD_HEADER_BYTES || wire_load(value.p + 2, 4) != record_crc(value))
        return RECORD_DAMAGED;
    if (value.p[0] != def->type)
        return RECORD_WRONG_TYPE;
    if (value.p[1] > def->version)
        return RECORD_NEWER;
    return value.p[1] > 0 ? RECORD_OK : RECORD_DAMAGED;
}

enum record_err
record_decode(const struct record_def *def, struct slice value, void *record)
{
    enum record_err err = record_check(def, value);
    struct slice rest;

    memset(record, 0, def->struct_bytes);
    if (err != RECORD_OK)
        return err;
    rest = slice_of(value.p + RECORD_HEADER_BYTES, value.n - RECORD_HEADER_BYTES);
    for (uint32_t i = 0; i < def->field_count; i++) {
        const struct record_field *field = &def->fields[i];

        assert(field->offset < def->struct_bytes);
        if (field->since > value.p[1])
            continue;
        if (!field_decode(field, &rest, record)) {
            memset(record, 0, def->struct_bytes);
            return RECORD_DAMAGED;
        }
    }
    if (rest.n == 0)
        return RECORD_OK;
    memset(record, 0, def->struct_bytes);
    return RECORD_DAMAGED;
}

const char *
record_err_name(enum record_err err)
{
    switch (err) {
    case RECORD_OK:
        return "ok";
    case RECORD_DAMAGED:
        return "damaged";
    case RECORD_NEWER:
        return "newer";
    case RECORD_WRONG_TYPE:
        return "wrong type";
    }
    return "?";
}
