/*
 * export_test.c: rows as lines of JSON: keys by their shape, records by their fields, and octets in
 * hex where neither fits.
 */
#include "gateway/export.h"

#include "store/key.h"
#include "store/records.h"
#include "tests/unit/check.h"

static struct export out;

static void
expect(enum store_table table, struct slice key, struct slice value, const char *line)
{
    check(export_init(&out));
    export_row(&out, table, key, value);
    check_text(slice_of(out.p, out.n), line);
    export_release(&out);
}

static void
keys_have_names(void)
{
    struct addr number = {.kind = ADDR_E164, .n = 11, .text = "12025550170"};
    struct key key;

    key_init(&key);
    key_u32(&key, 1);
    key_u8(&key, CLASS_BULK);
    key_u32(&key, 2);
    key_addr(&key, &number);
    key_u64(&key, 77);
    expect(TABLE_QUEUE, key_slice(&key), SLICE_LIT("\1"),
           "{\"table\":\"queue\",\"key\":{\"link\":1,\"class\":1,\"account\":2,"
           "\"number\":\"12025550170\",\"place\":77},\"value\":{\"message\":null}}\n");
    expect(TABLE_QUEUE, key_slice(&key), slice_of("\0\0\0\0\0\0\0\5", 8),
           "{\"table\":\"queue\",\"key\":{\"link\":1,\"class\":1,\"account\":2,"
           "\"number\":\"12025550170\",\"place\":77},\"value\":{\"message\":5}}\n");
    expect(TABLE_COUNTER, slice_of("message\0\0\0\0\3", 12), slice_of("\0\0\0\0\0\0\1\0crc!", 12),
           "{\"table\":\"counter\",\"key\":{\"name\":\"message\",\"scope\":3},"
           "\"value\":{\"value\":256}}\n");
}

static void
records_have_fields(void)
{
    struct rec_link link = {.kind = LINK_APP, .account = 1, .name = SLICE_LIT("crm")};
    uint8_t buf[256];
    size_t n = record_encode(&rec_link_def, &link, buf, sizeof(buf));

    check(n > 0);
    expect(TABLE_LINK, slice_of("\0\0\0\2", 4), slice_of(buf, n),
           "{\"table\":\"link\",\"key\":{\"link\":2},"
           "\"record\":{\"kind\":\"app\",\"account\":1,\"name\":\"crm\"}}\n");
}

static void
what_does_not_fit_is_shown_in_hex(void)
{
    expect(TABLE_LINK, slice_of("\0\1", 2), SLICE_LIT("?!"),
           "{\"table\":\"link\",\"key\":\"0001\",\"record\":\"3f21\"}\n");
    expect(TABLE_NUMBER, slice_of("\1\2", 2), SLICE_NONE,
           "{\"table\":\"number\",\"key\":\"0102\",\"record\":\"\"}\n");
}

static void
names_cannot_break_the_line(void)
{
    expect(TABLE_NAME, slice_of("\1\0\0\0\0a\"\\\n\xff", 10), slice_of("\0\0\0\1", 4),
           "{\"table\":\"name\",\"key\":{\"kind\":1,\"account\":0,"
           "\"name\":\"a\\u0022\\u005c\\u000a\\u00ff\"},\"value\":{\"id\":1}}\n");
}

static void
every_table_has_a_line_for_any_octets(void)
{
    static uint8_t value[STORE_VALUE_BYTES_MAX];
    static uint8_t key[STORE_KEY_BYTES_MAX];

    memset(value, 0xfe, sizeof(value));
    memset(key, 0xfe, sizeof(key));
    for (int t = 0; t < STORE_TABLES; t++) {
        check(export_init(&out));
        for (size_t n = 0; n < 40; n++)
            export_row(&out, (enum store_table)t, slice_of(key, n), slice_of(value, n));
        while (!export_full(&out))
            export_row(&out, (enum store_table)t, slice_of(key, sizeof(key)),
                       slice_of(value, sizeof(value)));
        check(out.p[out.n - 1] == '\n');
        export_release(&out);
    }
}

CHECK_MAIN({"keys_have_names", keys_have_names}, {"records_have_fields", records_have_fields},
           {"what_does_not_fit_is_shown_in_hex", what_does_not_fit_is_shown_in_hex},
           {"names_cannot_break_the_line", names_cannot_break_the_line},
           {"every_table_has_a_line_for_any_octets", every_table_has_a_line_for_any_octets})
