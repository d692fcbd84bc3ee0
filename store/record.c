/*
 * record.c: the one interpreter of field tables: encode and decode; record_json.c makes JSON. It
 * knows no record by name; those are in records.c.
 */
#include "store/record.h"

#include <assert.h>
#include <string.h>

#include "protocol/wire.h"

#define LENGTH_BYTES 2u    /* before BYTES and TEXT; no field is longer than a PDU */
#define MAP_LENGTH_BYTES 1u

/* --- encoding --- */

#define FIELD_BAD SIZE_MAX

static size_t
number_encode(uint8_t *to, size_t room, size_t width, uint64_t value)
{
    if (value == 0)
        return 0;
    if (room < width)
        return FIELD_BAD;
    wire_store(to, width, value);
    return width;
}

static size_t
addr_encode(uint8_t *to, size_t room, const struct addr *addr)
{
    if ((addr->kind | addr->n) == 0)
        return 0;
    if (addr->n > ADDR_CHARS_MAX || room < 2u + addr->n)
        return FIELD_BAD;
    to[0] = addr->kind;
    to[1] = addr->n;
    memcpy(to + 2, addr->text, addr->n);
    return 2u + addr->n;
}

static size_t
bytes_encode(uint8_t *to, size_t room, struct slice bytes)
{
    if (bytes.n == 0)
        return 0;
    if (bytes.n > UINT16_MAX || room < LENGTH_BYTES + bytes.n)
        return FIELD_BAD;
    wire_store(to, LENGTH_BYTES, bytes.n);
    memcpy(to + LENGTH_BYTES, bytes.p, bytes.n);
    return LENGTH_BYTES + bytes.n;
}

/* The length of a field on disk, 0 if it is not written; FIELD_BAD if there is no room for it, or
 * it is longer than the table or the format allows. */
static size_t
field_encode(const struct record_field *field, const void *record, uint8_t *to, size_t room)
{
    const void *at = (const uint8_t *)record + field->offset;
    const struct slice *bytes = at;

    switch (field->kind) {
    case FIELD_U8:
    case FIELD_ENUM:
        return number_encode(to, room, 1, *(const uint8_t *)at);
    case FIELD_U16:
        return number_encode(to, room, 2, *(const uint16_t *)at);
    case FIELD_U32:
        return number_encode(to, room, 4, *(const uint32_t *)at);
    case FIELD_U64:
    case FIELD_TIME:
        return number_encode(to, room, 8, *(const uint64_t *)at);
    case FIELD_ADDR:
        return addr_encode(to, room, at);
    case FIELD_BYTES:
    case FIELD_TEXT:
        return bytes->n <= field->max ? bytes_encode(to, room, *bytes) : FIELD_BAD;
    }
    return FIELD_BAD;
}

static size_t
map_bytes(uint32_t fields)
{
    return (fields + 7) / 8;
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
    size_t n = RECORD_HEADER_BYTES + MAP_LENGTH_BYTES + map_bytes(def->field_count);
    uint64_t map = 0;

    assert(def->field_count <= RECORD_FIELDS_MAX);
    if (cap < n)
        return 0;
    for (uint32_t i = 0; i < def->field_count; i++) {
        size_t width = field_encode(&def->fields[i], record, buf + n, cap - n);

        if (width == FIELD_BAD)
            return 0;
        map |= (uint64_t)(width > 0) << i;
        n += width;
    }
    buf[0] = def->type;
    buf[1] = def->version;
    buf[RECORD_HEADER_BYTES] = (uint8_t)map_bytes(def->field_count);
    for (size_t i = 0; i < map_bytes(def->field_count); i++)
        buf[RECORD_HEADER_BYTES + MAP_LENGTH_BYTES + i] = (uint8_t)(map >> 8 * i);
    wire_store(buf + 2, 4, record_crc(slice_of(buf, n)));
    return n;
}

/* --- decoding --- */

static bool
addr_decode(struct wire_reader *rest, struct addr *addr)
{
    struct slice text;

    addr->kind = wire_get_u8(rest);
    addr->n = wire_get_u8(rest);
    if (addr->kind > ADDR_ALPHA || addr->n > ADDR_CHARS_MAX || (addr->kind | addr->n) == 0)
        return false;
    text = wire_get_bytes(rest, addr->n);
    if (rest->bad || (text.n > 0 && memchr(text.p, 0, text.n)))
        return false;
    if (text.n > 0)
        memcpy(addr->text, text.p, text.n);
    return true;
}

/* A field that is there and zero, or empty, is none that we wrote. */
static bool
field_decode(const struct record_field *field, struct wire_reader *rest, void *record)
{
    void *at = (uint8_t *)record + field->offset;
    struct slice octets, *bytes = at;
    size_t n;

    switch (field->kind) {
    case FIELD_U8:
    case FIELD_ENUM:
        *(uint8_t *)at = wire_get_u8(rest);
        return *(uint8_t *)at != 0;
    case FIELD_U16:
        *(uint16_t *)at = wire_get_u16(rest);
        return *(uint16_t *)at != 0;
    case FIELD_U32:
        *(uint32_t *)at = wire_get_u32(rest);
        return *(uint32_t *)at != 0;
    case FIELD_U64:
    case FIELD_TIME:
        octets = wire_get_bytes(rest, 8);
        *(uint64_t *)at = octets.n == 8 ? wire_load(octets.p, 8) : 0;
        return *(uint64_t *)at != 0;
    case FIELD_ADDR:
        return addr_decode(rest, at);
    case FIELD_BYTES:
    case FIELD_TEXT:
        n = wire_get_u16(rest);
        *bytes = wire_get_bytes(rest, n);
        return n > 0 && n <= field->max && bytes->n == n;
    }
    return false;
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

/* Takes the map; false if it is not the one of that version. */
static bool
map_decode(const struct record_def *def, uint8_t version, struct wire_reader *rest, uint64_t *map)
{
    uint32_t fields = def->field_count;
    size_t n = wire_get_u8(rest);
    struct slice octets = wire_get_bytes(rest, n);

    while (fields > 0 && def->fields[fields - 1].since > version)
        fields--;
    *map = 0;
    if (n != map_bytes(fields) || octets.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        *map |= (uint64_t)octets.p[i] << 8 * i;
    return fields == RECORD_FIELDS_MAX || *map >> fields == 0;
}

static bool
fields_decode(const struct record_def *def, struct slice value, void *record)
{
    struct wire_reader rest = wire_reader(
        slice_of(value.p + RECORD_HEADER_BYTES, value.n - RECORD_HEADER_BYTES));
    uint64_t map;

    if (!map_decode(def, value.p[1], &rest, &map))
        return false;
    for (; map != 0; map &= map - 1) {
        const struct record_field *field = &def->fields[__builtin_ctzll(map)];

        assert(field->offset < def->struct_bytes);
        if (!field_decode(field, &rest, record))
            return false;
    }
    return wire_left(&rest) == 0 && !rest.bad;
}

enum record_err
record_decode(const struct record_def *def, struct slice value, void *record)
{
    enum record_err err = record_check(def, value);

    memset(record, 0, def->struct_bytes);
    if (err != RECORD_OK || fields_decode(def, value, record))
        return err;
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
