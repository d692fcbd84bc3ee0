/*
 * record.h: how a struct becomes the value of a row and back.
 *
 * A record is {type u8, version u8, CRC-32C u32, map length u8, map, fields}. Only fields that are
 * not zero or empty are written: bit i % 8 of the map's octet i / 8 says that field i of the table
 * is there. Most fields of a message are zero, so that this halves what is around its text. Numbers
 * are big-endian and of fixed width. One field table per record serves the store, JSON and the
 * documentation. New versions only append fields: an older record is read with the missing fields
 * zero, a newer one is refused (RECORD_NEWER).
 */
#ifndef TANDEM_RECORD_H
#define TANDEM_RECORD_H

#include "protocol/addr.h"
#include "protocol/slice.h"

enum field_kind {
    FIELD_U8,
    FIELD_U16,
    FIELD_U32,
    FIELD_U64,
    FIELD_ADDR,  /* struct addr */
    FIELD_BYTES, /* struct slice: octets; at most field.max */
    FIELD_TEXT,  /* struct slice: UTF-8; the same on disk, a string in JSON */
    FIELD_TIME,  /* uint64_t milliseconds since 1970; a date in JSON, null if 0 */
    FIELD_ENUM,  /* uint8_t with names; a value without one is a number in JSON */
};

struct record_field {
    const char *name;
    enum field_kind kind;
    uint16_t offset;
    uint16_t since;                 /* the version that brought it */
    uint32_t max;                   /* octets, for BYTES and TEXT; at most 65535 */
    const char *(*enum_name)(uint8_t value); /* "?" for a value it does not know */
    const char *text;               /* one line for the documentation */
};

struct record_def {
    const char *name;
    uint8_t type;                   /* stable, never reused */
    uint8_t version;
    uint32_t struct_bytes;
    const struct record_field *fields;
    uint32_t field_count;
};

#define RECORD_HEADER_BYTES 6u
#define RECORD_FIELDS_MAX 64u       /* a map is one word in memory */

enum record_err { RECORD_OK, RECORD_DAMAGED, RECORD_NEWER, RECORD_WRONG_TYPE };

const char *record_err_name(enum record_err err);

/* Returns the length, 0 if cap is too small or a field is longer than its max. */
size_t record_encode(const struct record_def *def, const void *record, uint8_t *buf, size_t cap);
/* Slices in the record point into value. The struct is zeroed first. */
enum record_err record_decode(const struct record_def *def, struct slice value, void *record);
/* The header and the check sum alone, without reading the fields. */
enum record_err record_check(const struct record_def *def, struct slice value);
/* One JSON object; returns the length written, 0 if cap is too small. Invalid UTF-8 becomes
 * U+FFFD. */
size_t record_json(const struct record_def *def, const void *record, char *buf, size_t cap);

/* CRC-32C; seed is 0, or the result over the octets before. The portable one is what runs without
 * SSE 4.2. */
uint32_t crc32c(uint32_t seed, const void *p, size_t n);
uint32_t crc32c_portable(uint32_t seed, const void *p, size_t n);

#endif
