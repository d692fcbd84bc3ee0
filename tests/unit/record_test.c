/*
 * record_test.c: walks the field tables of all records: limits, cuts, versions, golden octets,
 * JSON.
 */
#include "store/records.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/check.h"
#include "tests/unit/record_golden.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define STRUCT_BYTES_MAX 1024
#define BUF_BYTES (300u * 1024u)

union any_record {
    uint64_t align;
    uint8_t octets[STRUCT_BYTES_MAX];
};

static uint8_t octets[UINT16_MAX + 1];

static void *
member(const struct record_field *field, union any_record *record)
{
    return record->octets + field->offset;
}

static bool
is_bytes(const struct record_field *field)
{
    return field->kind == FIELD_BYTES || field->kind == FIELD_TEXT;
}

static void
set_number(const struct record_field *field, union any_record *record, uint64_t value)
{
    uint8_t u8 = (uint8_t)value;
    uint16_t u16 = (uint16_t)value;
    uint32_t u32 = (uint32_t)value;

    switch (field->kind) {
    case FIELD_U8:
    case FIELD_ENUM:
        memcpy(member(field, record), &u8, 1);
        return;
    case FIELD_U16:
        memcpy(member(field, record), &u16, 2);
        return;
    case FIELD_U32:
        memcpy(member(field, record), &u32, 4);
        return;
    case FIELD_U64:
    case FIELD_TIME:
        memcpy(member(field, record), &value, 8);
        return;
    case FIELD_ADDR:
    case FIELD_BYTES:
    case FIELD_TEXT:
        return;
    }
}

static void
set_addr(const struct record_field *field, union any_record *record, uint8_t n)
{
    struct addr addr = {.kind = ADDR_E164, .n = n};

    memset(addr.text, '7', n);
    memcpy(member(field, record), &addr, sizeof(addr));
}

static void
set_bytes(const struct record_field *field, union any_record *record, size_t n)
{
    struct slice bytes = slice_of(octets, n);

    memcpy(member(field, record), &bytes, sizeof(bytes));
}

enum fill { FILL_EMPTY, FILL_SOME, FILL_MOST };

static void
fill_field(const struct record_field *field, union any_record *record, enum fill fill, size_t index)
{
    static const uint64_t numbers[] = {0, 0x0102030405060708, UINT64_MAX};
    size_t bytes[] = {0, 1 + index % 2, field->max};
    uint8_t digits[] = {0, 3, ADDR_CHARS_MAX};

    if (field->kind == FIELD_ADDR)
        set_addr(field, record, digits[fill]);
    else if (is_bytes(field))
        set_bytes(field, record, bytes[fill]);
    else
        set_number(field, record, fill == FILL_SOME ? numbers[1] + index : numbers[fill]);
}

static void
fill_record(const struct record_def *def, union any_record *record, enum fill fill)
{
    memset(record, 0, sizeof(*record));
    memset(octets, 'o', sizeof(octets));
    for (size_t i = 0; i < def->field_count; i++)
        fill_field(&def->fields[i], record, fill, i);
}

static struct slice
encode(const struct record_def *def, const union any_record *record)
{
    static uint8_t buf[BUF_BYTES];
    size_t n = record_encode(def, record, buf, sizeof(buf));

    check(n > 0);
    return slice_of(buf, n);
}

/* Writes a good check sum into a value that a test has changed. */
static void
seal(uint8_t *value, size_t n)
{
    uint32_t crc = crc32c(crc32c(0, value, 2), value + 6, n - 6);

    for (size_t i = 0; i < 4; i++)
        value[2 + i] = (uint8_t)(crc >> (24 - 8 * i));
}

static void
crc32c_matches_rfc_3720(void)
{
    uint8_t data[32];

    memset(data, 0, 32);
    check_number(crc32c(0, data, 32), 0x8a9136aa);
    memset(data, 0xff, 32);
    check_number(crc32c(0, data, 32), 0x62a8ab43);
    for (uint8_t i = 0; i < 32; i++)
        data[i] = i;
    check_number(crc32c(0, data, 32), 0x46dd794e);
    for (uint8_t i = 0; i < 32; i++)
        data[i] = (uint8_t)(31 - i);
    check_number(crc32c(0, data, 32), 0x113fdb5c);
    check_number(crc32c(0, "123456789", 9), 0xe3069283);
    check_number(crc32c(0, "", 0), 0);
}

static void
crc32c_is_the_same_without_the_instruction(void)
{
    uint8_t data[200];

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 37 + 11);
    for (size_t at = 0; at < 9; at++)
        for (size_t n = 0; n + at <= sizeof(data); n++) {
            uint32_t want = crc32c(0, data + at, n);

            check_number(crc32c_portable(0, data + at, n), want);
            check_number(crc32c(crc32c(0, data + at, n / 3), data + at + n / 3, n - n / 3), want);
        }
}

static size_t
field_struct_bytes(enum field_kind kind)
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
        return sizeof(struct addr);
    case FIELD_BYTES:
    case FIELD_TEXT:
        return sizeof(struct slice);
    }
    return 0;
}

static void
check_field(const struct record_def *def, const struct record_field *field)
{
    check(field->name[0] != '\0' && field->text[0] != '\0');
    check(field->offset + field_struct_bytes(field->kind) <= def->struct_bytes);
    check(field->since >= 1 && field->since <= def->version);
    check(is_bytes(field) ? field->max > 0 && field->max <= UINT16_MAX : field->max == 0);
    check((field->kind == FIELD_ENUM) == (field->enum_name != NULL));
}

/* A member that nobody put in the table would be lost at every write. Padding is less than 8
 * octets. */
static void
check_coverage(const struct record_def *def)
{
    uint8_t covered[STRUCT_BYTES_MAX] = {0};
    size_t gap = 0;

    for (size_t i = 0; i < def->field_count; i++)
        for (size_t j = 0; j < field_struct_bytes(def->fields[i].kind); j++)
            check(covered[def->fields[i].offset + j]++ == 0);
    for (size_t i = 0; i < def->struct_bytes; i++) {
        gap = covered[i] ? 0 : gap + 1;
        if (gap >= 8)
            printf("    %s: nothing in the table for octet %zu\n", def->name, i);
        check(gap < 8);
    }
}

static void
field_tables_are_sound(void)
{
    for (size_t i = 0; records_all[i] != NULL; i++) {
        const struct record_def *def = records_all[i];

        check(def->struct_bytes <= STRUCT_BYTES_MAX && def->field_count > 0 && def->version > 0);
        check(def->field_count <= RECORD_FIELDS_MAX);
        for (size_t j = 0; records_all[j] != NULL; j++)
            check(i == j || (records_all[j]->type != def->type &&
                             strcmp(records_all[j]->name, def->name) != 0));
        for (size_t j = 0; j < def->field_count; j++) {
            check_field(def, &def->fields[j]);
            check(j == 0 || def->fields[j].since >= def->fields[j - 1].since);
            for (size_t k = 0; k < j; k++)
                check(strcmp(def->fields[k].name, def->fields[j].name) != 0);
        }
        check_coverage(def);
    }
}

static void
every_record_belongs_to_a_table(void)
{
    for (size_t i = 0; records_all[i] != NULL; i++) {
        bool found = false;

        for (uint32_t t = 0; t < STORE_TABLES; t++)
            found = found || record_of_table((enum store_table)t) == records_all[i];
        check(found);
    }
}

static void
round_trip(const struct record_def *def, const union any_record *record)
{
    static uint8_t first[BUF_BYTES];
    union any_record back;
    struct slice value = encode(def, record);

    memcpy(first, value.p, value.n);
    value.p = first;
    check_number(record_check(def, value), RECORD_OK);
    check_number(record_decode(def, value, &back), RECORD_OK);
    check_slice(encode(def, &back), value);
}

static void
every_record_comes_back(void)
{
    for (size_t i = 0; records_all[i] != NULL; i++)
        for (enum fill fill = FILL_EMPTY; fill <= FILL_MOST; fill++) {
            union any_record record;

            fill_record(records_all[i], &record, fill);
            round_trip(records_all[i], &record);
        }
}

static void
every_field_empty_max_and_max_plus_one(void)
{
    static uint8_t buf[BUF_BYTES];

    for (size_t i = 0; records_all[i] != NULL; i++) {
        const struct record_def *def = records_all[i];

        for (size_t j = 0; j < def->field_count; j++) {
            const struct record_field *field = &def->fields[j];
            union any_record record;

            for (enum fill fill = FILL_EMPTY; fill <= FILL_MOST; fill++) {
                fill_record(def, &record, FILL_SOME);
                fill_field(field, &record, fill, j);
                round_trip(def, &record);
            }
            if (field->kind == FIELD_ADDR)
                set_addr(field, &record, ADDR_CHARS_MAX + 1);
            else if (is_bytes(field))
                set_bytes(field, &record, field->max + 1);
            else
                continue;
            check_number(record_encode(def, &record, buf, sizeof(buf)), 0);
        }
    }
}

static void
a_buffer_too_small_is_refused_at_every_size(void)
{
    for (size_t i = 0; records_all[i] != NULL; i++) {
        union any_record record;
        size_t n;

        fill_record(records_all[i], &record, FILL_SOME);
        n = encode(records_all[i], &record).n;
        for (size_t cap = 0; cap < n; cap++) {
            uint8_t *buf = malloc(cap + 1);

            check(buf != NULL && record_encode(records_all[i], &record, buf, cap) == 0);
            free(buf);
        }
    }
}

static void
is_damaged(const struct record_def *def, const uint8_t *value, size_t n)
{
    union any_record record, zero;
    uint8_t *exact = malloc(n + 1); /* so that a sanitizer sees a read behind the end */

    check(exact != NULL);
    memcpy(exact, value, n);
    memset(&record, 0xaa, sizeof(record));
    memset(&zero, 0, sizeof(zero));
    check_number(record_decode(def, slice_of(exact, n), &record), RECORD_DAMAGED);
    check(memcmp(&record, &zero, def->struct_bytes) == 0);
    free(exact);
}

static void
a_record_cut_at_every_byte_is_damaged(void)
{
    for (size_t i = 0; records_all[i] != NULL; i++) {
        const struct record_def *def = records_all[i];
        union any_record record;
        struct slice value;
        uint8_t copy[2048];

        fill_record(def, &record, FILL_SOME);
        value = encode(def, &record);
        check(value.n + 1 < sizeof(copy));
        memcpy(copy, value.p, value.n);
        copy[value.n] = 0;
        for (size_t n = 0; n <= value.n + 1; n++) {
            if (n == value.n)
                continue;
            memcpy(copy, value.p, 6);
            is_damaged(def, copy, n);
            /* Again with a check sum that is right, as a bug of ours would leave it. */
            if (n >= 6) {
                seal(copy, n);
                is_damaged(def, copy, n);
            }
        }
    }
}

static void
row_41_every_flipped_bit_is_found(void)
{
    union any_record record;
    struct slice value;
    uint8_t copy[2048];

    fill_record(&rec_msg_def, &record, FILL_SOME);
    value = encode(&rec_msg_def, &record);
    check(value.n <= sizeof(copy));
    memcpy(copy, value.p, value.n);
    for (size_t bit = 0; bit < value.n * 8; bit++) {
        copy[bit / 8] = (uint8_t)(copy[bit / 8] ^ 1u << bit % 8);
        is_damaged(&rec_msg_def, copy, value.n);
        copy[bit / 8] = (uint8_t)(copy[bit / 8] ^ 1u << bit % 8);
    }
}

static void
a_bad_field_under_a_good_check_sum_is_damaged(void)
{
    struct rec_optout optout = {.out = 1, .by_number = {.kind = ADDR_E164, .n = 3, .text = "123"}};
    uint8_t value[64];
    size_t n = record_encode(&rec_optout_def, &optout, value, sizeof(value));
    size_t map = 6 + 1, out = map + 2, addr = out + 1;

    check(n > 0 && value[out] == 1 && value[addr] == ADDR_E164 && value[addr + 1] == 3);
    value[addr] = ADDR_ALPHA + 1;
    seal(value, n);
    is_damaged(&rec_optout_def, value, n);
    value[addr] = ADDR_E164;
    value[addr + 1] = 21;
    seal(value, n);
    is_damaged(&rec_optout_def, value, n);
    value[addr + 1] = 3;
    value[addr + 3] = 0;
    seal(value, n);
    is_damaged(&rec_optout_def, value, n);
    value[addr + 3] = '2';
    value[out] = 0; /* there, and zero */
    seal(value, n);
    is_damaged(&rec_optout_def, value, n);
    value[out] = 1;
    value[map + 1] |= 0x80; /* no field stands there */
    seal(value, n);
    is_damaged(&rec_optout_def, value, n);
}

/* Each length of a map but its own: more octets than the table has, or fields not there. */
static void
a_bad_map_under_a_good_check_sum_is_damaged(void)
{
    struct rec_link link = {.kind = 1};
    uint8_t value[64] = {0};
    size_t n = record_encode(&rec_link_def, &link, value, sizeof(value));

    check(n > 0 && value[6] == 1);
    for (unsigned octets_of_map = 0; octets_of_map <= 255; octets_of_map++) {
        value[6] = (uint8_t)octets_of_map;
        seal(value, n);
        if (octets_of_map != 1)
            is_damaged(&rec_link_def, value, n);
    }
}

struct grown {
    uint32_t old;
    uint32_t added;
    struct slice also;
};

static const struct record_field grown_fields[] = {
    {"old", FIELD_U32, offsetof(struct grown, old), 1, 0, NULL, "there from the first"},
    {"added", FIELD_U32, offsetof(struct grown, added), 2, 0, NULL, "came with version 2"},
    {"also", FIELD_BYTES, offsetof(struct grown, also), 3, 10, NULL, "came with version 3"},
};

static struct record_def
grown_def(uint8_t version)
{
    return (struct record_def){"grown", 99, version, sizeof(struct grown), grown_fields, version};
}

static void
row_50_an_older_record_is_read_with_the_rest_zero(void)
{
    struct grown in = {7, 8, SLICE_LIT("abc")}, out;
    uint8_t value[64];

    for (uint8_t wrote = 1; wrote <= 3; wrote++) {
        for (uint8_t reads = wrote; reads <= 3; reads++) {
            struct record_def writer = grown_def(wrote), reader = grown_def(reads);
            size_t n = record_encode(&writer, &in, value, sizeof(value));

            check_number(record_decode(&reader, slice_of(value, n), &out), RECORD_OK);
            check_number(out.old, 7);
            check_number(out.added, wrote >= 2 ? 8 : 0);
            check_number(out.also.n, wrote >= 3 ? 3 : 0);
        }
    }
}

static void
row_50_a_newer_record_is_refused(void)
{
    struct grown in = {7, 8, SLICE_LIT("abc")}, out;
    struct record_def writer = grown_def(3), reader = grown_def(2), other = grown_def(3);
    uint8_t value[64];
    size_t n = record_encode(&writer, &in, value, sizeof(value));

    check_number(record_decode(&reader, slice_of(value, n), &out), RECORD_NEWER);
    other.type = 98;
    check_number(record_decode(&other, slice_of(value, n), &out), RECORD_WRONG_TYPE);
    value[1] = 0;
    seal(value, n);
    check_number(record_decode(&writer, slice_of(value, n), &out), RECORD_DAMAGED);
    check_number(out.old, 0);
}

/* The record as it was at a version: later fields are behind it in the table. */
static struct record_def
def_at(const struct record_def *def, uint8_t version)
{
    struct record_def old = *def;

    old.version = version;
    while (def->fields[old.field_count - 1].since > version)
        old.field_count--;
    return old;
}

/* The rows of all its versions. */
static void
golden_print(const struct record_def *def, const union any_record *record)
{
    for (uint8_t version = 1; version <= def->version; version++) {
        const struct record_def old = def_at(def, version);
        struct slice value = encode(&old, record);

        printf("    {\"%s\", \"", def->name);
        for (size_t j = 0; j < value.n; j++)
            printf("%s%02x", j > 0 && j % 40 == 0 ? "\"\n     \"" : "", value.p[j]);
        printf("\"},\n");
    }
}

static void
golden_check(const struct record_def *def, const union any_record *record, struct slice golden)
{
    const struct record_def old = def_at(def, golden.p[1]);
    union any_record back, back_old;

    check_slice(encode(&old, record), golden);
    check_number(record_decode(&old, golden, &back_old), RECORD_OK);
    check_number(record_decode(def, golden, &back), RECORD_OK);
    check(memcmp(&back, &back_old, sizeof(back)) == 0);
}

/* The octets of every record at every version, filled as fill_record() does. They never change; a
 * new version adds a row. An older one is read with the newer fields zero. */
static void
row_50_golden_octets_of_every_version(void)
{
    for (size_t i = 0; records_all[i] != NULL; i++) {
        const struct record_def *def = records_all[i];
        union any_record record;
        unsigned versions = 0;

        fill_record(def, &record, FILL_SOME);
        if (getenv("GOLDEN_PRINT")) {
            golden_print(def, &record);
            continue;
        }
        for (size_t k = 0; k < COUNT(record_golden); k++) {
            uint8_t octets_of[2048];
            size_t n = check_hex(record_golden[k].hex, octets_of, sizeof(octets_of));

            if (strcmp(record_golden[k].name, def->name) != 0)
                continue;
            check_number(octets_of[1], ++versions);
            golden_check(def, &record, slice_of(octets_of, n));
        }
        check_number(versions, def->version);
    }
}

static void
check_json(const struct record_def *def, const void *record, const char *want)
{
    char buf[4096];
    size_t n = record_json(def, record, buf, sizeof(buf));

    check_text(slice_of(buf, n), want);
    for (size_t cap = 0; cap < n; cap++)
        check_number(record_json(def, record, buf, cap), 0);
    check_number(record_json(def, record, buf, n), n);
}

static void
json_of_a_record(void)
{
    struct rec_optout optout = {.out = 1,
                                .at_ms = 1700000000123,
                                .by_number = {.kind = ADDR_E164, .n = 5, .text = "44123"},
                                .text = SLICE_LIT("Stop \"it\"\\\n\x01\x7f")};
    struct rec_inbound inbound = {.at_ms = 0, .digest = SLICE_LIT("\x00\xff\x10")};
    struct rec_link link = {.kind = LINK_APP, .account = 4294967295u, .name = SLICE_NONE};

    check_json(&rec_optout_def, &optout,
               "{\"out\":1,\"at_ms\":\"2023-11-14T22:13:20.123Z\",\"by_number\":\"44123\","
               "\"text\":\"Stop \\\"it\\\"\\\\\\u000a\\u0001\\u007f\","
               "\"by_kind\":\"phone\",\"by\":\"\",\"why\":\"\","
               "\"wish_ms\":null,\"changes\":0}");
    check_json(&rec_inbound_def, &inbound, "{\"at_ms\":null,\"digest\":\"00ff10\"}");
    check_json(&rec_link_def, &link, "{\"kind\":\"app\",\"account\":4294967295,\"name\":\"\"}");
    link.kind = 77;
    check_json(&rec_link_def, &link, "{\"kind\":77,\"account\":4294967295,\"name\":\"\"}");
}

static void
json_of_text_that_is_no_utf8(void)
{
    static const struct {
        const char *in;
        const char *out;
    } rows[] = {
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"a\xff"
         "b",
         "a\xef\xbf\xbd"
         "b"},
        {"\xc3", "\xef\xbf\xbd"},
        {"\xe2\x82", "\xef\xbf\xbd"},
        {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rec_link link = {.kind = LINK_CARRIER, .name = slice_str(rows[i].in)};
        char want[128];

        snprintf(want, sizeof(want), "{\"kind\":\"carrier\",\"account\":0,\"name\":\"%s\"}",
                 rows[i].out);
        check_json(&rec_link_def, &link, want);
    }
}

static void
json_of_times(void)
{
    static const struct {
        uint64_t ms;
        const char *text;
    } rows[] = {
        {1, "1970-01-01T00:00:00.001Z"},
        {951782399999, "2000-02-28T23:59:59.999Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {951868800000, "2000-03-01T00:00:00.000Z"},
        {1735689599000, "2024-12-31T23:59:59.000Z"},
        {1735689600000, "2025-01-01T00:00:00.000Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rec_inbound inbound = {.at_ms = rows[i].ms, .digest = SLICE_NONE};
        char want[128];

        snprintf(want, sizeof(want), "{\"at_ms\":\"%s\",\"digest\":\"\"}", rows[i].text);
        check_json(&rec_inbound_def, &inbound, want);
    }
}

static void
json_of_every_record_at_its_longest(void)
{
    static char buf[6 * BUF_BYTES];

    for (size_t i = 0; records_all[i] != NULL; i++) {
        union any_record record;

        fill_record(records_all[i], &record, FILL_MOST);
        check(record_json(records_all[i], &record, buf, sizeof(buf)) > 0);
    }
}

static void
every_value_of_every_enum_has_a_name(void)
{
    static const struct {
        const char *(*name)(uint8_t value);
        uint8_t first, last;
    } rows[] = {
        {name_kind_name, NAME_LINK, NAME_LIST},
        {link_kind_name, LINK_CARRIER, LINK_APP},
        {long_messages_name, LONG_CONCATENATE, LONG_REJECT},
        {msg_class_name, CLASS_CHAT, MSG_CLASSES - 1},
        {number_role_name, ROLE_BUSINESS, ROLE_APP},
        {owner_kind_name, OWNER_NOBODY, OWNER_GROUP},
        {conv_status_name, CONV_OPEN, CONV_CLOSED},
        {entry_kind_name, ENTRY_IN, ENTRY_ELSEWHERE},
        {optout_by_name, OPTOUT_BY_PHONE, OPTOUT_BY_IMPORT},
        {msg_state_name, 0, MSG_SCHEDULED},
        {msg_op_name, OP_SUBMIT, OP_RECEIPT},
        {response_type_name, RESPONSE_AGENT, RESPONSE_BOT},
        {reuse_kind_name, REUSABLE, SINGLE_USE},
        {agent_role_name, AGENT_PLAIN, AGENT_ADMIN},
        {answerer_name, ANSWERER_NUMBER, ANSWERER_AGENTS},
        {campaign_state_name, CAMPAIGN_SCHEDULED, CAMPAIGN_ENDED},
        {lease_cause_name, LEASE_LIVE, LEASE_NO_AGENT},
        {list_state_name, LIST_IN, LIST_STAGED},
        {list_by_name, LIST_BY_FILE, LIST_BY_KEYWORD},
        {broadcast_state_name, BROADCAST_SCHEDULED, BROADCAST_DONE},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        for (unsigned value = 0; value <= UINT8_MAX; value++) {
            bool known = value >= rows[i].first && value <= rows[i].last;

            check((strcmp(rows[i].name((uint8_t)value), "?") != 0) == known);
        }
    for (enum record_err err = RECORD_OK; err <= RECORD_WRONG_TYPE; err++)
        check(strcmp(record_err_name(err), "?") != 0);
}

CHECK_MAIN({"crc32c_matches_rfc_3720", crc32c_matches_rfc_3720},
           {"crc32c_is_the_same_without_the_instruction",
            crc32c_is_the_same_without_the_instruction},
           {"field_tables_are_sound", field_tables_are_sound},
           {"every_record_belongs_to_a_table", every_record_belongs_to_a_table},
           {"every_record_comes_back", every_record_comes_back},
           {"every_field_empty_max_and_max_plus_one", every_field_empty_max_and_max_plus_one},
           {"a_buffer_too_small_is_refused_at_every_size",
            a_buffer_too_small_is_refused_at_every_size},
           {"a_record_cut_at_every_byte_is_damaged", a_record_cut_at_every_byte_is_damaged},
           {"a_bad_map_under_a_good_check_sum_is_damaged",
            a_bad_map_under_a_good_check_sum_is_damaged},
           {"row_41_every_flipped_bit_is_found", row_41_every_flipped_bit_is_found},
           {"a_bad_field_under_a_good_check_sum_is_damaged",
            a_bad_field_under_a_good_check_sum_is_damaged},
           {"row_50_an_older_record_is_read_with_the_rest_zero",
            row_50_an_older_record_is_read_with_the_rest_zero},
           {"row_50_a_newer_record_is_refused", row_50_a_newer_record_is_refused},
           {"row_50_golden_octets_of_every_version", row_50_golden_octets_of_every_version},
           {"json_of_a_record", json_of_a_record},
           {"json_of_text_that_is_no_utf8", json_of_text_that_is_no_utf8},
           {"json_of_times", json_of_times},
           {"json_of_every_record_at_its_longest", json_of_every_record_at_its_longest},
           {"every_value_of_every_enum_has_a_name", every_value_of_every_enum_has_a_name})
