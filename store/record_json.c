/*
 * record_json.c: a record as one JSON object, for tools and exports. Apart from record.c because
 * the daemon's own work never needs it.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "protocol/utf8.h"
#include "store/record.h"

struct out {
    char *p;
    size_t n;
    size_t cap;
    bool full;
};

static void
out_bytes(struct out *out, const void *p, size_t n)
{
    if (out->full || n > out->cap - out->n) {
        out->full = true;
        return;
    }
    memcpy(out->p + out->n, p, n);
    out->n += n;
}

__attribute__((format(printf, 2, 3))) static void
out_format(struct out *out, const char *format, ...)
{
    char line[96];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    assert(n >= 0 && (size_t)n < sizeof(line));
    out_bytes(out, line, (size_t)n);
}

static void
out_string(struct out *out, struct slice s)
{
    out_bytes(out, "\"", 1);
    while (s.n > 0) {
        size_t n;
        uint32_t c = utf8_decode(s.p, s.n, &n);

        if (c == UTF8_BAD)
            out_bytes(out, "\xef\xbf\xbd", 3);
        else if (c == '"' || c == '\\')
            out_format(out, "\\%c", (char)c);
        else if (c < 0x20 || c == 0x7f)
            out_format(out, "\\u%04" PRIx32, c);
        else
            out_bytes(out, s.p, n);
        s = slice_of(s.p + n, s.n - n);
    }
    out_bytes(out, "\"", 1);
}

static void
out_hex(struct out *out, struct slice s)
{
    out_bytes(out, "\"", 1);
    for (size_t i = 0; i < s.n; i++)
        out_format(out, "%02x", s.p[i]);
    out_bytes(out, "\"", 1);
}

/* ISO 8601 in UTC with milliseconds. Years have 365.2425 days on average; day 0 of the calculation
 * is 1 March of the year 0, so that a leap day is the last day of its year. */
static void
out_time(struct out *out, uint64_t ms)
{
    uint64_t days = ms / 86400000 + 719468;
    uint64_t era = days / 146097, day_of_era = days % 146097;
    uint64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t month_from_march = (5 * day_of_year + 2) / 153;
    uint64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    uint64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    uint64_t year = era * 400 + year_of_era + (month <= 2);
    uint64_t second = ms / 1000 % 86400;

    if (ms == 0) {
        out_bytes(out, "null", 4);
        return;
    }
    out_format(out,
               "\"%04" PRIu64 "-%02" PRIu64 "-%02" PRIu64 "T%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64
               ".%03" PRIu64 "Z\"",
               year, month, day, second / 3600, second / 60 % 60, second % 60, ms % 1000);
}

static void
out_enum(struct out *out, const struct record_field *field, uint8_t value)
{
    const char *name = field->enum_name(value);

    if (strcmp(name, "?") == 0)
        out_format(out, "%u", value);
    else
        out_string(out, slice_str(name));
}

static void
out_value(struct out *out, const struct record_field *field, const void *record)
{
    const void *at = (const uint8_t *)record + field->offset;
    const struct addr *addr;

    switch (field->kind) {
    case FIELD_U8:
        out_format(out, "%u", *(const uint8_t *)at);
        return;
    case FIELD_U16:
        out_format(out, "%u", *(const uint16_t *)at);
        return;
    case FIELD_U32:
        out_format(out, "%" PRIu32, *(const uint32_t *)at);
        return;
    case FIELD_U64:
        out_format(out, "%" PRIu64, *(const uint64_t *)at);
        return;
    case FIELD_ADDR:
        addr = at;
        out_string(out, slice_of(addr->text, addr->n));
        return;
    case FIELD_BYTES:
        out_hex(out, *(const struct slice *)at);
        return;
    case FIELD_TEXT:
        out_string(out, *(const struct slice *)at);
        return;
    case FIELD_TIME:
        out_time(out, *(const uint64_t *)at);
        return;
    case FIELD_ENUM:
        out_enum(out, field, *(const uint8_t *)at);
        return;
    }
}

size_t
record_json(const struct record_def *def, const void *record, char *buf, size_t cap)
{
    struct out out = {buf, 0, cap, false};

    out_bytes(&out, "{", 1);
    for (uint32_t i = 0; i < def->field_count; i++) {
        if (i > 0)
            out_bytes(&out, ",", 1);
        out_string(&out, slice_str(def->fields[i].name));
        out_bytes(&out, ":", 1);
        out_value(&out, &def->fields[i], record);
    }
    out_bytes(&out, "}", 1);
    return out.full ? 0 : out.n;
}
