/*
 * pdu_dump.c: a PDU in words, for the trace and the logs. Separate from the codec: nothing on the
 * message path needs it.
 */
#include <stdarg.h>
#include <stdio.h>

#include "protocol/pdu.h"
#include "protocol/pdu_table.h"
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

static void
put_u8(struct line *line, const char *name, uint8_t value)
{
    if (value == 0)
        return;
    put(line, " %s=", name);
    put(line, value < 10 ? "%u" : "0x%02x", value);
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
    case PDU_RAW:
        put(line, " %s=(%zu octets)", field->name, slice->n);
        return;
    }
}

static void
put_tlv(struct line *line, const struct tlv *tlv)
{
    const char *name = smpp_tag_name(tlv->tag);
    char number[16];

    if (!name) {
        (void)snprintf(number, sizeof(number), "tlv.0x%04x", tlv->tag);
        name = number;
    }
    if (tlv->tag == SMPP_TAG_RECEIPTED_MESSAGE_ID) {
        struct slice id = tlv->value;

        id.n -= id.n > 0 && id.p[id.n - 1] == 0;
        put(line, " %s=", name);
        put_escaped(line, id);
    } else if (tlv->tag == SMPP_TAG_MESSAGE_PAYLOAD ||
               tlv->tag == SMPP_TAG_ADDITIONAL_STATUS_INFO_TEXT ||
               (line->masked && tlv->value.n > 4)) {
        put_text(line, name, tlv->value);
    } else {
        put(line, " %s=", name);
        put_hex(line, tlv->value);
    }
}

static void
put_pdu(struct line *line, const struct pdu *pdu)
{
    const struct pdu_type *type = pdu_type_of(pdu->command_id);
    const char *command = smpp_command_name(pdu->command_id);
    const char *status = smpp_status_name(pdu->command_status);
    struct slice rest = pdu->tlvs;
    struct tlv tlv;

    if (command)
        put(line, "%s", command);
    else
        put(line, "command 0x%08x", pdu->command_id);
    put(line, " seq=%u", pdu->sequence_number);
    if (status)
        put(line, " status=%s", status);
    else
        put(line, " status=0x%08x", pdu->command_status);
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
