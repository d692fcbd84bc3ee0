/*
 * pdu_dump.c: a PDU in words, for the trace and the logs. Separate from the codec: nothing on the
 * message path needs it.
 */
#include <stdarg.h>
#include <stdio.h>

#include "protocol/pdu.h"
#include "protocol/pdu_table.h"
#include "protocol/receipt.h"
#include "protocol/wire.h"

/* Text that does not fit ends the line, which is always terminated. */
struct line {
    char *p;
    size_t n;
    size_t cap;
    bool masked;
};

__attribute__((format(printf, 2, 3))) static void
put(struct line *line, const char *format, ...)
{
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(line->p + line->n, line->cap - line->n, format, arguments);
    va_end(arguments);
    if (n < 0)
        return;
    if ((size_t)n < line->cap - line->n)
        line->n += (size_t)n;
    else
        line->n = line->cap - 1;
}

/* What came from outside stays on its line and cannot pass for another field. */
static void
put_escaped(struct line *line, struct slice text)
{
    for (size_t i = 0; i < text.n && line->n + 1 < line->cap; i++) {
        uint8_t c = text.p[i];

        if (c == '"' || c == '\\')
            put(line, "\\%c", c);
        else if (c >= 0x20 && c < 0x7F)
            put(line, "%c", c);
        else
            put(line, "\\x%02x", c);
    }
}

static void
put_hex(struct line *line, struct slice octets)
{
    for (size_t i = 0; i < octets.n && line->n + 1 < line->cap; i++)
        put(line, "%02x", octets.p[i]);
}

static void
put_text(struct line *line, const char *name, struct slice text)
{
    if (line->masked) {
        put(line, " %s=(%zu octets)", name, text.n);
        return;
    }
    put(line, " %s=\"", name);
    put_escaped(line, text);
    put(line, "\"");
}

/* Short codes are not personal, so up to 6 characters are shown whole. */
static void
put_address(struct line *line, const char *name, const struct pdu_address *address)
{
    struct slice digits = address->digits;

    put(line, " %s=%u:%u:", name, address->ton, address->npi);
    if (!line->masked || digits.n <= 6) {
        put_escaped(line, digits);
        return;
    }
    put_escaped(line, slice_of(digits.p, digits.n > 7 ? 4 : 2));
    put(line, "*****");
    put_escaped(line, slice_of(digits.p + digits.n - 3, 3));
}

/* The words of one value, in brackets and with commas: "(receipt,udhi)". */
struct words {
    struct line *line;
    bool any;
};

static void
put_word(struct words *words, const char *word)
{
    if (!word)
        return;
    put(words->line, "%c%s", words->any ? ',' : '(', word);
    words->any = true;
}

static void
words_of_esm_class(struct words *words, uint32_t value)
{
    static const char *const modes[] = {NULL, "datagram", "forward", "store"};
    uint8_t esm_class = (uint8_t)value;
    enum receipt_kind kind = receipt_kind(esm_class);

    put_word(words, modes[esm_class & SMPP_ESM_MODE_MASK]);
    if (kind != RECEIPT_NONE)
        put_word(words, kind == RECEIPT_FINAL ? "receipt" : receipt_kind_name(kind));
    else if (esm_class & SMPP_ESM_TYPE_MASK)
        put_word(words, "reserved");
    put_word(words, esm_class & SMPP_ESM_UDHI ? "udhi" : NULL);
    put_word(words, esm_class & SMPP_ESM_REPLY_PATH ? "reply_path" : NULL);
}

static void
words_of_registered_delivery(struct words *words, uint32_t value)
{
    static const char *const receipts[] = {NULL, "final", "failure", "success"};
    static const char *const acks[] = {NULL, "delivery_ack", "user_ack", "both_acks"};

    put_word(words, receipts[value & SMPP_REGISTERED_MASK]);
    put_word(words, acks[(value & SMPP_REGISTERED_ACK_MASK) >> 2]);
    put_word(words, value & SMPP_REGISTERED_INTERMEDIATE ? "intermediate" : NULL);
}

static void
words_of_data_coding(struct words *words, uint32_t value)
{
    static const char *const sets[16] = {
        "default", "ascii",     "binary",    "latin1", "binary", "jis",       "cyrillic", "hebrew",
        "ucs2",    "pictogram", "iso2022jp", NULL,     NULL,     "jis_x0212", "ks_c5601", NULL,
    };
    static const char *const classes[] = {"class0", "class1", "class2", "class3"};

    if (value < 0x10) {
        put_word(words, sets[value]);
    } else if (value >= 0xF0) {
        put_word(words, classes[value & 3]);
        put_word(words, value & 4 ? "8bit" : NULL);
    } else if (value >= 0xC0) {
        put_word(words, "message_waiting");
    }
}

static void
words_of_message_state(struct words *words, uint32_t value)
{
    put_word(words, value < RECEIPT_STATES ? receipt_state_name((enum receipt_state)value) : NULL);
}

static void
words_of_failure_reason(struct words *words, uint32_t value)
{
    static const char *const reasons[] = {"unavailable", "invalid_address", "permanent",
                                          "temporary"};

    put_word(words, value < sizeof(reasons) / sizeof(reasons[0]) ? reasons[value] : NULL);
}

static void
words_of_availability(struct words *words, uint32_t value)
{
    static const char *const states[] = {"available", "denied", "unavailable"};

    put_word(words, value < sizeof(states) / sizeof(states[0]) ? states[value] : NULL);
}

/* 5.0 section 4.8.4.18; the ranges overlap at 90. */
static void
words_of_congestion(struct words *words, uint32_t value)
{
    put_word(words, value == 0   ? "idle"
                    : value < 30 ? "low"
                    : value < 50 ? "medium"
                    : value < 80 ? "high"
                    : value < 91 ? "optimum"
                    : value < 100 ? "nearing"
                                  : "congested");
}

/* Fields and TLVs whose numbers have names. */
static const struct {
    const char *name;
    void (*words)(struct words *words, uint32_t value);
} named[] = {
    {"esm_class", words_of_esm_class},
    {"registered_delivery", words_of_registered_delivery},
    {"data_coding", words_of_data_coding},
    {"message_state", words_of_message_state},
    {"delivery_failure_reason", words_of_failure_reason},
    {"ms_availability_status", words_of_availability},
    {"congestion_state", words_of_congestion},
};

static void
put_words(struct line *line, const char *name, uint32_t value)
{
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        struct words words = {line, false};

        if (strcmp(named[i].name, name) != 0)
            continue;
        named[i].words(&words, value);
        if (words.any)
            put(line, ")");
    }
}

static void
put_u8(struct line *line, const char *name, uint8_t value)
{
    if (value == 0)
        return;
    put(line, " %s=", name);
    put(line, value < 10 ? "%u" : "0x%02x", value);
    put_words(line, name, value);
}

static void
put_status(struct line *line, uint32_t status)
{
    const char *name = smpp_status_name(status);

    if (name)
        put(line, "%s", name);
    else
        put(line, "0x%08x", status);
}

static void
put_dests(struct line *line, const char *name, const struct pdu_list *list)
{
    struct slice rest = list->region;
    struct pdu_dest dest;

    put(line, " %ss=%u", name, list->count);
    while (pdu_dest_next(&rest, &dest) && line->n + 1 < line->cap) {
        if (dest.flag == PDU_DEST_SME) {
            put_address(line, name, &dest.address);
        } else {
            put(line, " %s=list:", name);
            put_escaped(line, dest.list_name);
        }
    }
}

static void
put_failures(struct line *line, const char *name, const struct pdu_list *list)
{
    struct slice rest = list->region;
    struct pdu_failure failure;

    put(line, " %s=%u", name, list->count);
    while (pdu_failure_next(&rest, &failure) && line->n + 1 < line->cap) {
        put_address(line, name, &failure.address);
        put(line, ":");
        put_status(line, failure.status);
    }
}

static void
put_field(struct line *line, const struct pdu_field *field, const struct pdu *pdu)
{
    const void *from = (const uint8_t *)pdu + field->offset;
    const struct slice *slice = from;

    switch ((enum pdu_kind)field->kind) {
    case PDU_U8:
        put_u8(line, field->name, *(const uint8_t *)from);
        return;
    case PDU_ADDRESS:
        put_address(line, field->name, from);
        return;
    case PDU_STRING:
    case PDU_TIME:
        if (slice->n > 0) {
            put(line, " %s=", field->name);
            put_escaped(line, *slice);
        }
        return;
    case PDU_SECRET:
        put(line, " %s=%s", field->name, slice->n > 0 ? "***" : "");
        return;
    case PDU_COUNTED:
        put_text(line, field->name, *slice);
        return;
    case PDU_DESTS:
        put_dests(line, field->name, from);
        return;
    case PDU_FAILURES:
        put_failures(line, field->name, from);
        return;
    }
}

/* Three octets: whose code, and the code (3.4 section 5.3.2.31, 5.0 section 4.8.4.42). */
static void
put_network_error(struct line *line, struct slice value)
{
    static const char *const networks[] = {
        "?", "ansi136_denied", "is95_denied", "gsm", "ansi136", "is95", "ansi41", "smpp", "mc",
    };
    uint8_t network = value.p[0];

    put(line, "%u(%s):%u", network,
        networks[network < sizeof(networks) / sizeof(networks[0]) ? network : 0],
        (unsigned)wire_u16(value.p + 1));
}

/* Digit mode, TON, NPI, digits (3.4 section 5.3.2.36). */
static void
put_callback(struct line *line, const char *name, struct slice value)
{
    struct pdu_address address = {value.p[1], value.p[2], slice_of(value.p + 3, value.n - 3)};

    put_address(line, name, &address);
}

enum tlv_form { TLV_HEX, TLV_TEXT, TLV_WORD, TLV_NUMBER, TLV_CALLBACK, TLV_NETWORK_ERROR };

static enum tlv_form
tlv_form(uint16_t tag)
{
    const struct smpp_tag_info *info = smpp_tag_info(tag);

    switch (tag) {
    case SMPP_TAG_MESSAGE_PAYLOAD:
    case SMPP_TAG_ADDITIONAL_STATUS_INFO_TEXT:
        return TLV_TEXT;
    case SMPP_TAG_RECEIPTED_MESSAGE_ID:
    case SMPP_TAG_SOURCE_NETWORK_ID:
    case SMPP_TAG_DEST_NETWORK_ID:
    case SMPP_TAG_BROADCAST_END_TIME:
        return TLV_WORD;
    case SMPP_TAG_CALLBACK_NUM:
        return TLV_CALLBACK;
    case SMPP_TAG_NETWORK_ERROR_CODE:
        return TLV_NETWORK_ERROR;
    case SMPP_TAG_SC_INTERFACE_VERSION: /* 0x34 is 3.4 */
        return TLV_HEX;
    default:
        break;
    }
    return info && info->min == info->max && (info->max == 1 || info->max == 2 || info->max == 4)
               ? TLV_NUMBER
               : TLV_HEX;
}

static void
put_tlv(struct line *line, const struct tlv *tlv)
{
    const char *name = smpp_tag_name(tlv->tag);
    enum tlv_form form = tlv_form(tlv->tag);
    struct slice value = tlv->value;
    uint32_t number = 0;
    char unknown[16];

    if (!name) {
        (void)snprintf(unknown, sizeof(unknown), "tlv.0x%04x", tlv->tag);
        name = unknown;
    }
    if (form == TLV_CALLBACK) {
        put_callback(line, name, value);
        return;
    }
    if (form == TLV_TEXT || (form == TLV_HEX && line->masked && value.n > 4)) {
        put_text(line, name, value);
        return;
    }
    put(line, " %s=", name);
    switch (form) {
    case TLV_WORD:
        value.n -= value.n > 0 && value.p[value.n - 1] == 0;
        put_escaped(line, value);
        break;
    case TLV_NUMBER:
        number = (uint32_t)wire_load(value.p, value.n < 4 ? value.n : 4);
        put(line, "%u", number);
        put_words(line, name, number);
        break;
    case TLV_NETWORK_ERROR:
        put_network_error(line, value);
        break;
    case TLV_HEX:
        put(line, "0x");
        put_hex(line, value);
        break;
    case TLV_TEXT:
    case TLV_CALLBACK:
        break;
    }
}

static void
put_pdu(struct line *line, const struct pdu *pdu)
{
    const struct pdu_type *type = pdu_type_of(pdu->command_id);
    const char *command = smpp_command_name(pdu->command_id);
    struct slice rest = pdu->tlvs;
    struct tlv tlv;

    if (command)
        put(line, "%s", command);
    else
        put(line, "command 0x%08x", pdu->command_id);
    put(line, " seq=%u status=", pdu->sequence_number);
    put_status(line, pdu->command_status);
    for (size_t i = 0; type && i < type->count; i++)
        put_field(line, &type->fields[i], pdu);
    while (tlv_next(&rest, &tlv))
        put_tlv(line, &tlv);
}

size_t
pdu_dump(const struct pdu *pdu, char *buf, size_t cap)
{
    struct line line = {buf, 0, cap, false};

    if (cap == 0)
        return 0;
    put_pdu(&line, pdu);
    return line.n;
}

size_t
pdu_dump_masked(const struct pdu *pdu, char *buf, size_t cap)
{
    struct line line = {buf, 0, cap, true};

    if (cap == 0)
        return 0;
    put_pdu(&line, pdu);
    return line.n;
}

static bool
has_secret(const struct pdu_type *type)
{
    for (size_t i = 0; type && i < type->count; i++) {
        if (type->fields[i].kind == PDU_SECRET)
            return true;
    }
    return false;
}

void
pdu_hide_secrets(uint8_t *octets, size_t n)
{
    struct pdu pdu;
    const struct pdu_type *type;

    if (n < PDU_HEADER_BYTES)
        return;
    type = pdu_type_of(wire_u32(octets + 4));
    if (!has_secret(type))
        return;
    if (pdu_decode(slice_of(octets, n), PDU_LENIENT, &pdu) != SMPP_ROK) {
        memset(octets + PDU_HEADER_BYTES, '*', n - PDU_HEADER_BYTES);
        return;
    }
    for (size_t i = 0; i < type->count; i++) {
        const struct slice *secret = (const void *)((const uint8_t *)&pdu + type->fields[i].offset);

        if (type->fields[i].kind == PDU_SECRET && secret->n > 0)
            memset(octets + (secret->p - octets), '*', secret->n);
    }
}
