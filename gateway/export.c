/*
 * export.c: see export.h. The shapes of keys are a table, because a key is what joins one row to
 * another, and whoever reads an export needs its parts by name.
 */
#include "gateway/export.h"

#include <assert.h>
#include <stdlib.h>

#include "protocol/wire.h"
#include "store/key.h"
#include "store/record.h"
#include "store/records.h"

/* The longest line: a record with every octet escaped, and its key. */
#define LINE_BYTES_MAX (8u * STORE_VALUE_BYTES_MAX + 8192u)
#define BUFFER_BYTES (4u * LINE_BYTES_MAX)

/* Parts by name and kind: 1, 2, 4, 8 octets of a number, a address, t text with its NUL, r the
 * rest as text, x the rest in hex. value is for tables without records. */
static const struct shape {
    const char *key;
    const char *value;
} shapes[STORE_TABLES] = {
    [TABLE_META] = {"name:r", NULL},
    [TABLE_COUNTER] = {"name:t scope:4", "value:8"},
    [TABLE_NAME] = {"kind:1 account:4 name:r", "id:4"},
    [TABLE_LINK] = {"link:4", NULL},
    [TABLE_ACCOUNT] = {"account:4", NULL},
    [TABLE_NUMBER] = {"number:a", NULL},
    [TABLE_AGENT] = {"account:4 agent:4", NULL},
    [TABLE_GROUP] = {"account:4 group:4", NULL},
    [TABLE_MEMBER] = {"account:4 group:4 agent:4", ""},
    [TABLE_CONV] = {"account:4 conv:8", NULL},
    [TABLE_CONV_OPEN] = {"account:4 number:a contact:a", "conv:8"},
    [TABLE_THREAD] = {"account:4 contact:a conv:8", ""},
    [TABLE_HISTORY] = {"account:4 n:8", NULL},
    [TABLE_ERASURE] = {"account:4 n:8", NULL},
    [TABLE_HISTORY_OF] = {"account:4 conv:8 first:4", "numbers:x"},
    [TABLE_APPLIED] = {"what:t", "digest:x"},
    [TABLE_FORWARDED] = {"account:4 conv:8 agent:4", ""},
    [TABLE_OPTOUT] = {"account:4 contact:a", NULL},
    [TABLE_MESSAGE] = {"message:8", NULL},
    [TABLE_QUEUE] = {"link:4 class:1 account:4 number:a place:8", "message:m"},
    [TABLE_INFLIGHT] = {"link:4 flight:8", "messages:x"},
    [TABLE_RETRY] = {"due_ms:8 message:8", ""},
    [TABLE_RECEIPT_ID] = {"link:4 id:r", "message:8 final:1"},
    [TABLE_ORPHAN] = {"link:4 id:r", NULL},
    [TABLE_PART] = {"set:8 index:1", NULL},
    [TABLE_PART_SET] = {"link:4 source:a dest:a reference:2 wide:1 total:1", NULL},
    [TABLE_TIMER] = {"due_ms:8 kind:1 payload:x", ""},
    [TABLE_INBOUND] = {"link:4 bind:8 n:8", NULL},
    [TABLE_SCHEDULE] = {"due_ms:8 message:8", "to:x"},
    [TABLE_SCHEDULE_TO] = {"account:4 source:a dest:a message:8", ""},
    [TABLE_ROAM] = {"link:4 class:1 account:4 number:a", "roam:1"},
    [TABLE_DAMAGED] = {"table:1 key:x", "octets:x"},
    [TABLE_RECEIPT_WAIT] = {"link:4 n:8", "message:8"},
    [TABLE_LEASE] = {"account:4 lease:8", NULL},
    [TABLE_LEASE_PAIR] = {"account:4 agent:4 contact:a", "lease:8"},
    [TABLE_LEASE_NUMBER] = {"number:a agent:4", "account:4 lease:8"},
    [TABLE_LEASE_IDLE] = {"account:4 agent:4 last_ms:8 lease:8", ""},
    [TABLE_LEASE_FORMER] = {"number:a agent:4", "account:4 lease:8"},
    [TABLE_POOL_FREE] = {"account:4 agent:4 since_ms:8 number:a", ""},
    [TABLE_POOL_REST] = {"account:4 agent:4 until_ms:8 number:a", "since_ms:8"},
    [TABLE_POOL] = {"account:4 place:8", "number:a"},
    [TABLE_POOL_CURSOR] = {"account:4 agent:4", "place:8 round:8"},
    [TABLE_SPENT] = {"account:4", "day_end_ms:8 segments:4"},
    [TABLE_CAMPAIGN] = {"account:4 campaign:4", NULL},
    [TABLE_CAMPAIGN_OF] = {"number:a starts_ms:8 campaign:4", ""},
    [TABLE_UNASSIGNED] = {"account:4 phone:a", NULL},
    [TABLE_AUTO] = {"account:4 rule:r", NULL},
    [TABLE_AUTO_SENT] = {"account:4 kind:1 what:x", "ms:x"},
    [TABLE_ZONE] = {"key:x", "value:x"},
    [TABLE_VIEW] = {"account:4 view:1 what:x", ""},
    [TABLE_CHOICE] = {"account:4 agent:4", "choice:x"},
    [TABLE_AUDIT] = {"account:4 contact:a n:4", NULL},
    [TABLE_CONTACT_PHONE] = {"account:4 contact:4 phone:a", NULL},
    [TABLE_CONTACT_PHONES] = {"account:4 phone:a", "contacts:x"},
    [TABLE_CONTACT] = {"account:4 contact:4", NULL},
};

bool
export_init(struct export *out)
{
    *out = (struct export){.cap = BUFFER_BYTES};
    out->p = malloc(out->cap);
    return out->p != NULL;
}

void
export_release(struct export *out)
{
    free(out->p);
    *out = (struct export){0};
}

static void
put(struct export *out, const char *text)
{
    size_t n = strlen(text);

    assert(n <= out->cap - out->n);
    memcpy(out->p + out->n, text, n);
    out->n += n;
}

static void
put_number(struct export *out, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    put(out, text);
}

static void
put_hex(struct export *out, struct slice in)
{
    char two[3];

    for (size_t i = 0; i < in.n; i++) {
        snprintf(two, sizeof(two), "%02x", in.p[i]);
        put(out, two);
    }
}

/* Names are ASCII as a rule; what is not is escaped octet by octet. */
static void
put_text(struct export *out, struct slice in)
{
    put(out, "\"");
    for (size_t i = 0; i < in.n; i++) {
        char text[8] = {(char)in.p[i], '\0'};

        if (in.p[i] < 0x20 || in.p[i] >= 0x7f || in.p[i] == '"' || in.p[i] == '\\')
            snprintf(text, sizeof(text), "\\u%04x", in.p[i]);
        put(out, text);
    }
    put(out, "\"");
}

static bool
put_big_endian(struct export *out, struct slice *rest, size_t width)
{
    if (rest->n < width)
        return false;
    put_number(out, wire_load(rest->p, width));
    *rest = slice_of(rest->p + width, rest->n - width);
    return true;
}

static bool
put_address(struct export *out, struct slice *rest)
{
    struct addr addr;

    if (!key_take_addr(rest, &addr))
        return false;
    put_text(out, slice_of(addr.text, addr.n));
    return true;
}

static bool
put_terminated(struct export *out, struct slice *rest)
{
    const uint8_t *nul = rest->n ? memchr(rest->p, 0, rest->n) : NULL;
    size_t n;

    if (!nul)
        return false;
    n = (size_t)(nul - rest->p);
    put_text(out, slice_of(rest->p, n));
    *rest = slice_of(nul + 1, rest->n - n - 1);
    return true;
}

static bool
put_part(struct export *out, char kind, struct slice *rest)
{
    struct slice all = *rest;

    switch (kind) {
    case 'a':
        return put_address(out, rest);
    case 't':
        return put_terminated(out, rest);
    case 'r':
        put_text(out, all);
        *rest = SLICE_NONE;
        return true;
    case 'x':
        put(out, "\"");
        put_hex(out, all);
        put(out, "\"");
        *rest = SLICE_NONE;
        return true;
    case 'm': /* a message, where it is not the one that the key names */
        if (all.n == 8)
            return put_big_endian(out, rest, 8);
        put(out, "null");
        return true;
    default:
        return put_big_endian(out, rest, (size_t)(kind - '0'));
    }
}

/* {"name":value,...}, or the octets in hex if they do not have the shape. */
static void
put_shaped(struct export *out, const char *shape, struct slice octets)
{
    struct slice rest = octets;
    size_t start = out->n;

    put(out, "{");
    while (*shape) {
        size_t name = strcspn(shape, ":");

        put(out, out->p[out->n - 1] == '{' ? "" : ",");
        put_text(out, slice_of(shape, name));
        put(out, ":");
        if (!put_part(out, shape[name + 1], &rest)) {
            out->n = start;
            put(out, "\"");
            put_hex(out, octets);
            put(out, "\"");
            return;
        }
        shape += name + 2;
        shape += *shape == ' ';
    }
    put(out, "}");
}

static void
put_record(struct export *out, const struct record_def *def, struct slice value)
{
    union {
        uint64_t align;
        uint8_t b[1024];
    } record;
    size_t n = 0;

    assert(def->struct_bytes <= sizeof(record));
    if (record_decode(def, value, &record) == RECORD_OK)
        n = record_json(def, &record, out->p + out->n, out->cap - out->n);
    if (n > 0) {
        out->n += n;
        return;
    }
    put(out, "\"");
    put_hex(out, value);
    put(out, "\"");
}

void
export_row(struct export *out, enum store_table table, struct slice key, struct slice value)
{
    const struct record_def *def = record_of_table(table);
    const char *shape = shapes[table].value;

    put(out, "{\"table\":");
    put_text(out, slice_str(store_table_name(table)));
    put(out, ",\"key\":");
    put_shaped(out, shapes[table].key ? shapes[table].key : "key:x", key);
    if (def) {
        put(out, ",\"record\":");
        put_record(out, def, value);
    } else if (!shape || *shape) {
        put(out, ",\"value\":");
        put_shaped(out, shape ? shape : "octets:x", value);
    }
    put(out, "}\n");
}

bool
export_full(const struct export *out)
{
    return out->cap - out->n < LINE_BYTES_MAX;
}

bool
export_write(struct export *out, FILE *file)
{
    bool ok = fwrite(out->p, 1, out->n, file) == out->n;

    out->n = 0;
    return ok;
}
