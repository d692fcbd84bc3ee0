/*
 * receipt.c: delivery receipts, as carriers write them and as we do. "SMSC vendor specific", says
 * the specification, so the reader is a scan for known keys and not a grammar.
 */
#include "protocol/receipt.h"

#include <assert.h>

#include "protocol/smpptime.h"
#include "protocol/text.h"
#include "protocol/udh.h"
#include "protocol/wire.h"

#define QUOTED_BYTES_MAX 20u
#define ERROR_BYTES_MAX 8u
#define STATE_BYTES_MAX 13u /* of the longest name of a state */

static const char *const state_names[RECEIPT_STATES] = {
    [RECEIPT_SCHEDULED] = "SCHEDLD", [RECEIPT_ENROUTE] = "ENROUTE",
    [RECEIPT_DELIVERED] = "DELIVRD", [RECEIPT_EXPIRED] = "EXPIRED",
    [RECEIPT_DELETED] = "DELETED",   [RECEIPT_UNDELIVERABLE] = "UNDELIV",
    [RECEIPT_ACCEPTED] = "ACCEPTD",  [RECEIPT_UNKNOWN] = "UNKNOWN",
    [RECEIPT_REJECTED] = "REJECTD",  [RECEIPT_SKIPPED] = "SKIPPED",
};

/* What else carriers write (R7). */
static const struct {
    const char *name;
    enum receipt_state state;
} other_names[] = {
    {"DELIVERED", RECEIPT_DELIVERED},
    {"DELIVERD", RECEIPT_DELIVERED},
    {"DLVRD", RECEIPT_DELIVERED},
    {"UNDELIVERABLE", RECEIPT_UNDELIVERABLE},
    {"UNDELIVERED", RECEIPT_UNDELIVERABLE},
    {"UNDELIVRD", RECEIPT_UNDELIVERABLE},
    {"UNDELIVERD", RECEIPT_UNDELIVERABLE},
    {"FAILED", RECEIPT_UNDELIVERABLE},
    {"EXPIRD", RECEIPT_EXPIRED},
    {"ACCEPTED", RECEIPT_ACCEPTED},
    {"REJECTED", RECEIPT_REJECTED},
    {"REJECT", RECEIPT_REJECTED},
    {"EN_ROUTE", RECEIPT_ENROUTE},
    {"BUFFERED", RECEIPT_ENROUTE},
    {"BUFFERD", RECEIPT_ENROUTE},
    {"BUFFRED", RECEIPT_ENROUTE},
    {"ACKED", RECEIPT_ACCEPTED},
    {"SCHEDULED", RECEIPT_SCHEDULED},
};

static const char *const kind_names[RECEIPT_KINDS] = {
    [RECEIPT_NONE] = "none",       [RECEIPT_FINAL] = "final",
    [RECEIPT_SME_ACK] = "sme_ack", [RECEIPT_USER_ACK] = "user_ack",
    [RECEIPT_ABORT] = "abort",     [RECEIPT_INTERMEDIATE] = "intermediate",
};

static const char *const id_form_names[RECEIPT_ID_FORMS] = {
    [RECEIPT_ID_TEXT] = "text",
    [RECEIPT_ID_HEX] = "hex",
    [RECEIPT_ID_DECIMAL] = "dec",
};

const char *
receipt_state_name(enum receipt_state state)
{
    return (unsigned)state < RECEIPT_STATES ? state_names[state] : "?";
}

const char *
receipt_kind_name(enum receipt_kind kind)
{
    return (unsigned)kind < RECEIPT_KINDS ? kind_names[kind] : "?";
}

const char *
receipt_id_form_name(enum receipt_id_form form)
{
    return (unsigned)form < RECEIPT_ID_FORMS ? id_form_names[form] : "?";
}

bool
receipt_state_final(enum receipt_state state)
{
    switch (state) {
    case RECEIPT_DELIVERED:
    case RECEIPT_EXPIRED:
    case RECEIPT_DELETED:
    case RECEIPT_UNDELIVERABLE:
    case RECEIPT_ACCEPTED:
    case RECEIPT_REJECTED:
    case RECEIPT_SKIPPED:
        return true;
    case RECEIPT_SCHEDULED:
    case RECEIPT_ENROUTE:
    case RECEIPT_UNKNOWN:
    case RECEIPT_STATES:
        break;
    }
    return false;
}

enum receipt_kind
receipt_kind(uint8_t esm_class)
{
    switch (esm_class & SMPP_ESM_TYPE_MASK) {
    case SMPP_ESM_RECEIPT:
        return RECEIPT_FINAL;
    case SMPP_ESM_DELIVERY_ACK:
        return RECEIPT_SME_ACK;
    case SMPP_ESM_USER_ACK:
        return RECEIPT_USER_ACK;
    case SMPP_ESM_ABORT:
        return RECEIPT_ABORT;
    case SMPP_ESM_INTERMEDIATE:
        return RECEIPT_INTERMEDIATE;
    default:
        return RECEIPT_NONE;
    }
}

/* ASCII only, whatever the process's locale. */
static uint8_t
lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + ('a' - 'A')) : octet;
}

static bool
is_digit(uint8_t octet)
{
    return octet >= '0' && octet <= '9';
}

static bool
same_word(struct slice word, const char *name)
{
    size_t i = 0;

    for (; i < word.n && name[i]; i++)
        if (lower(word.p[i]) != lower((uint8_t)name[i]))
            return false;
    return i == word.n && name[i] == '\0';
}

bool
receipt_state_of(struct slice name, enum receipt_state *out)
{
    for (int i = 0; i < RECEIPT_STATES; i++) {
        if (same_word(name, state_names[i])) {
            *out = (enum receipt_state)i;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(other_names) / sizeof(other_names[0]); i++) {
        if (same_word(name, other_names[i].name)) {
            *out = other_names[i].state;
            return true;
        }
    }
    return false;
}

/* The fields of the text form. */
enum key {
    KEY_ID,
    KEY_SUB,
    KEY_DLVRD,
    KEY_SUBMIT_DATE,
    KEY_DONE_DATE,
    KEY_STAT,
    KEY_ERR,
    KEY_TEXT,
    KEYS
};

/* A blank in a key stands for a blank, an underscore, or nothing. */
static const struct {
    const char *name;
    enum key key;
} keys[] = {
    {"id", KEY_ID},       {"sub", KEY_SUB},
    {"dlvrd", KEY_DLVRD}, {"submit date", KEY_SUBMIT_DATE},
    {"stat", KEY_STAT},   {"err", KEY_ERR},
    {"text", KEY_TEXT},   {"done date", KEY_DONE_DATE},
    {"status", KEY_STAT}, {"error", KEY_ERR},
};

static bool
is_separator(uint8_t octet)
{
    return octet <= 0x20 || octet == 0x7f || octet == ',' || octet == ';';
}

/* How many octets of the front of rest are this key and its colon; 0 if it is not there. */
static size_t
key_length(struct slice rest, const char *name)
{
    size_t at = 0;

    for (; *name; name++) {
        bool there = at < rest.n;

        if (*name != ' ' && (!there || lower(rest.p[at]) != (uint8_t)*name))
            return 0;
        if (*name != ' ' || (there && (rest.p[at] == ' ' || rest.p[at] == '_')))
            at++;
    }
    return at < rest.n && rest.p[at] == ':' ? at + 1 : 0;
}

static size_t
find_key(struct slice rest, enum key *key)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        size_t n = key_length(rest, keys[i].name);

        if (n > 0) {
            *key = keys[i].key;
            return n;
        }
    }
    return 0;
}

/* A value may have blanks in front; "err: text:" has none all the same. */
static struct slice
value_at(struct slice text, size_t at)
{
    size_t start = at, end;
    enum key next;

    while (start < text.n && text.p[start] == ' ')
        start++;
    if (start > at && find_key(slice_of(text.p + start, text.n - start), &next) > 0)
        return slice_of(text.p + at, 0);
    for (end = start; end < text.n && !is_separator(text.p[end]);)
        end++;
    return slice_of(text.p + start, end - start);
}

/* Where a key may stand: at the start of a word. Some carriers put the numbers in front without a
 * blank ("4790000000Shop^id:", "4790000000 1999?id:"), or what was not meant as text. */
static bool
begins_word(struct slice text, size_t at)
{
    uint8_t before = at > 0 ? text.p[at - 1] : ' ';

    return is_separator(before) || before == '^' || before == '?' || before >= 0x80;
}

/* A state without its key ("... done date:2611211201 DELIVRD err:000"), if it is the whole word and
 * in capitals: in small letters it is a word of somebody's language, or the key "dlvrd". */
static struct slice
bare_state(struct slice rest)
{
    enum receipt_state state;
    size_t n = 0;

    if (rest.p[0] < 'A' || rest.p[0] > 'Z')
        return SLICE_NONE;
    while (n < rest.n && n <= STATE_BYTES_MAX && !is_separator(rest.p[n]))
        n++;
    return receipt_state_of(slice_of(rest.p, n), &state) ? slice_of(rest.p, n) : SLICE_NONE;
}

/* Finds the first value of each key that is not empty. Linear: every octet is looked at a bounded
 * number of times. */
static void
scan_text(struct slice text, struct slice values[KEYS])
{
    struct slice bare = SLICE_NONE;
    size_t at = 0;

    while (at < text.n) {
        struct slice rest = slice_of(text.p + at, text.n - at), value;
        enum key key;
        size_t n = begins_word(text, at) ? find_key(rest, &key) : 0;

        if (n == 0) {
            if (bare.n == 0 && begins_word(text, at))
                bare = bare_state(rest);
            at++;
            continue;
        }
        if (key == KEY_TEXT) {
            at += n;
            at += at < text.n && text.p[at] == ' ';
            values[KEY_TEXT] = slice_of(text.p + at, text.n - at);
            break;
        }
        value = value_at(text, at + n);
        if (values[key].n == 0)
            values[key] = value;
        at = (size_t)(value.p - text.p) + value.n;
    }
    if (values[KEY_STAT].n == 0)
        values[KEY_STAT] = bare;
}

/* A text that says it is UTF-16 mostly is none: carriers copy the data_coding of the message that
 * was sent. The fields are ASCII, so one of the first two units has a high octet of 0 if it is. */
static struct slice
plain_text(const struct pdu *pdu, struct slice text, struct receipt *out)
{
    if (text_alphabet_of(pdu->body.sm.data_coding, TEXT_GSM) != TEXT_UCS2 || text.n < 4 ||
        (text.p[0] != 0 && text.p[2] != 0))
        return text;
    return slice_of(out->utf8, text_to_utf8(TEXT_UCS2, text, out->utf8, sizeof(out->utf8)));
}

static struct slice
tlv_id(struct slice tlvs)
{
    struct tlv tlv;
    const uint8_t *nul;

    if (!tlv_find(tlvs, SMPP_TAG_RECEIPTED_MESSAGE_ID, &tlv) || tlv.value.n == 0)
        return SLICE_NONE;
    if (tlv.value.n > RECEIPT_ID_BYTES_MAX)
        tlv.value.n = RECEIPT_ID_BYTES_MAX;
    nul = memchr(tlv.value.p, 0, tlv.value.n);
    if (nul)
        tlv.value.n = (size_t)(nul - tlv.value.p);
    return tlv.value;
}

static void
find_state(struct slice tlvs, struct slice stat, struct receipt *out)
{
    uint32_t number;

    out->state = RECEIPT_UNKNOWN;
    out->state_known = true;
    if (tlv_number(tlvs, SMPP_TAG_MESSAGE_STATE, &number) && number < RECEIPT_STATES)
        out->state = (enum receipt_state)number;
    else
        out->state_known = receipt_state_of(stat, &out->state);
}

/* What an SME adds to its acknowledgement (3.4 sections 5.3.2.17 and 5.3.2.18). */
static void
read_ack(struct slice tlvs, struct receipt *out)
{
    struct tlv tlv;

    if (tlv_find(tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &tlv)) {
        out->has_reference = true;
        out->reference = wire_u16(tlv.value.p);
    }
    if (tlv_find(tlvs, SMPP_TAG_USER_RESPONSE_CODE, &tlv)) {
        out->has_response = true;
        out->response = tlv.value.p[0];
    }
}

static bool
is_ack(uint8_t esm_class)
{
    enum receipt_kind kind = receipt_kind(esm_class);

    return kind == RECEIPT_SME_ACK || kind == RECEIPT_USER_ACK;
}

void
receipt_parse(const struct pdu *pdu, struct receipt *out)
{
    struct slice values[KEYS] = {{NULL, 0}}, text;
    struct tlv network;
    struct udh udh;

    memset(out, 0, sizeof(*out));
    (void)udh_of_pdu(pdu, &udh); /* a bad header leaves the whole text */
    text = plain_text(pdu, udh.text, out);
    scan_text(text, values);
    out->id = tlv_id(pdu->tlvs);
    if (out->id.n == 0 && values[KEY_ID].n <= RECEIPT_ID_BYTES_MAX)
        out->id = values[KEY_ID];
    find_state(pdu->tlvs, values[KEY_STAT], out);
    if (tlv_find(pdu->tlvs, SMPP_TAG_NETWORK_ERROR_CODE, &network)) {
        out->network_error_type = network.value.p[0];
        out->network_error_code = wire_u16(network.value.p + 1);
    }
    read_ack(pdu->tlvs, out);
    out->error = values[KEY_ERR];
    out->submit_date = values[KEY_SUBMIT_DATE];
    out->done_date = values[KEY_DONE_DATE];
    out->text = values[KEY_TEXT];
    if (is_ack(pdu->body.sm.esm_class) && values[KEY_ID].n == 0 && values[KEY_STAT].n == 0 &&
        values[KEY_TEXT].n == 0)
        out->text = text;
}

bool
receipt_looks(const struct pdu *pdu)
{
    struct receipt receipt;
    struct udh udh;
    struct slice text;

    receipt_parse(pdu, &receipt);
    (void)udh_of_pdu(pdu, &udh);
    text = plain_text(pdu, udh.text, &receipt);
    while (text.n > 0 && is_separator(text.p[0]))
        text = slice_of(text.p + 1, text.n - 1);
    return receipt.id.n > 0 && receipt.state_known && key_length(text, "id") > 0;
}

/* Two digits at p. */
static uint8_t
pair_at(const uint8_t *p)
{
    return (uint8_t)((p[0] - '0') * 10 + (p[1] - '0'));
}

/* Month to second after a year of two or four digits; seconds may be left out. */
static bool
date_of(struct slice date, size_t year_digits, struct calendar *out)
{
    const uint8_t *p = date.p + year_digits;

    *out = (struct calendar){.month = pair_at(p),
                             .day = pair_at(p + 2),
                             .hour = pair_at(p + 4),
                             .minute = pair_at(p + 6)};
    out->year = pair_at(date.p);
    out->year = year_digits == 4 ? out->year * 100 + pair_at(date.p + 2) : out->year + 2000;
    if (date.n == year_digits + 10)
        out->second = pair_at(p + 8);
    return calendar_valid(out);
}

/* The times of submit_sm, which name their own zone. */
static bool
date_with_zone(struct slice date, uint64_t *out_s)
{
    uint64_t at_ms;

    if (date.p[date.n - 1] == 'R' || smpptime_parse(date, 0, &at_ms) != SMPPTIME_OK)
        return false;
    *out_s = at_ms / 1000;
    return true;
}

bool
receipt_date(struct slice date, int32_t zone_s, uint64_t *out_s)
{
    struct calendar calendar;
    int64_t at_s;

    if (date.n == SMPP_TIME_BYTES - 1)
        return date_with_zone(date, out_s);
    if (date.n != 10 && date.n != 12 && date.n != 14)
        return false;
    for (size_t i = 0; i < date.n; i++)
        if (!is_digit(date.p[i]))
            return false;
    /* Of 12 digits the two-digit year is tried first: 2013 and later would have a month of 13 and
     * more in it. */
    if (!(date.n < 14 && date_of(date, 2, &calendar)) &&
        !(date.n > 10 && date_of(date, 4, &calendar)))
        return false;
    at_s = calendar_to_s(&calendar) - zone_s;
    if (at_s < 0)
        return false;
    *out_s = (uint64_t)at_s;
    return true;
}

/* The first octets of text that may be quoted; a UTF-8 character is not cut. */
static struct slice
quoted(struct slice text)
{
    size_t n = QUOTED_BYTES_MAX;

    if (text.n <= n)
        return text;
    for (unsigned back = 0; back < 3 && (text.p[n] & 0xc0) == 0x80; back++)
        n--;
    return slice_of(text.p, (text.p[n] & 0xc0) == 0x80 ? QUOTED_BYTES_MAX : n);
}

static struct slice
error_word(struct slice error)
{
    if (error.n == 0 || error.n > ERROR_BYTES_MAX)
        return slice_str("000");
    for (size_t i = 0; i < error.n; i++)
        if (!is_digit(error.p[i]) && (lower(error.p[i]) < 'a' || lower(error.p[i]) > 'z'))
            return slice_str("000");
    return error;
}

/* What a receipt says before its text. One is made for each message that an app asked one for, and
 * snprintf() took a tenth of all that such a message costs. */
struct wording {
    uint8_t p[RECEIPT_TEXT_BYTES_MAX];
    size_t n;
};

static void
say(struct wording *out, struct slice words)
{
    assert(words.n <= sizeof(out->p) - out->n);
    if (words.n > 0)
        memcpy(out->p + out->n, words.p, words.n);
    out->n += words.n;
}

/* The last digits of a number, with zeros in front. */
static void
say_digits(struct wording *out, uint32_t number, size_t digits)
{
    assert(digits <= sizeof(out->p) - out->n);
    for (size_t i = digits; i-- > 0; number /= 10)
        out->p[out->n + i] = (uint8_t)('0' + number % 10);
    out->n += digits;
}

/* YYMMDDhhmm */
static void
say_date(struct wording *out, uint64_t at_s)
{
    struct calendar date;

    calendar_from_s(at_s > INT32_MAX * 100ll ? INT32_MAX * 100ll : (int64_t)at_s, &date);
    say_digits(out, (uint32_t)date.year, 2);
    say_digits(out, date.month, 2);
    say_digits(out, date.day, 2);
    say_digits(out, date.hour, 2);
    say_digits(out, date.minute, 2);
}

size_t
receipt_format(const struct receipt *receipt, const struct receipt_times *times, uint32_t submitted,
               uint32_t delivered, uint8_t *out, size_t cap)
{
    struct slice text = quoted(receipt->text);
    struct wording line;

    assert(receipt->id.n <= RECEIPT_ID_BYTES_MAX);
    line.n = 0;
    say(&line, SLICE_LIT("id:"));
    say(&line, receipt->id);
    say(&line, SLICE_LIT(" sub:"));
    say_digits(&line, submitted > 999 ? 999u : submitted, 3);
    say(&line, SLICE_LIT(" dlvrd:"));
    say_digits(&line, delivered > 999 ? 999u : delivered, 3);
    say(&line, SLICE_LIT(" submit date:"));
    say_date(&line, times->submit_s);
    say(&line, SLICE_LIT(" done date:"));
    say_date(&line, times->done_s);
    say(&line, SLICE_LIT(" stat:"));
    say(&line, slice_str(receipt_state_name(receipt->state)));
    say(&line, SLICE_LIT(" err:"));
    say(&line, error_word(receipt->error));
    say(&line, SLICE_LIT(" text:"));
    assert(line.n + QUOTED_BYTES_MAX <= RECEIPT_TEXT_BYTES_MAX);
    if (line.n + text.n > cap)
        return 0;
    memcpy(out, line.p, line.n);
    if (text.n > 0)
        memcpy(out + line.n, text.p, text.n);
    return line.n + text.n;
}

static int
hex_value(uint8_t octet)
{
    if (is_digit(octet))
        return octet - '0';
    octet = lower(octet);
    return octet >= 'a' && octet <= 'f' ? octet - 'a' + 10 : -1;
}

static const char hex_digits[] = "0123456789abcdef";

static size_t
key_of_text(struct slice id, uint8_t *out)
{
    for (size_t i = 0; i < id.n; i++)
        out[i] = lower(id.p[i]);
    return id.n;
}

/* 0 if it is no number. */
static size_t
key_of_hex(struct slice id, uint8_t *out)
{
    size_t n = 0;

    if (id.n > 2 && id.p[0] == '0' && lower(id.p[1]) == 'x')
        id = slice_of(id.p + 2, id.n - 2);
    for (size_t i = 0; i < id.n; i++) {
        int value = hex_value(id.p[i]);

        if (value < 0)
            return 0;
        if (n > 0 || value > 0 || i + 1 == id.n)
            out[n++] = (uint8_t)hex_digits[value];
    }
    return n;
}

/* The same: multiplies by ten in base 2^32, digit by digit. 64 digits are less than 2^213. */
static size_t
key_of_decimal(struct slice id, uint8_t *out)
{
    uint32_t limbs[7] = {0}; /* the lowest first */
    size_t n = 0;

    for (size_t i = 0; i < id.n; i++) {
        uint64_t carry;

        if (!is_digit(id.p[i]))
            return 0;
        carry = id.p[i] - (uint64_t)'0';
        for (size_t k = 0; k < 7; k++) {
            carry += (uint64_t)limbs[k] * 10;
            limbs[k] = (uint32_t)carry;
            carry >>= 32;
        }
        assert(carry == 0);
    }
    for (size_t nibble = 7 * 8; id.n > 0 && nibble-- > 0;) {
        uint32_t value = limbs[nibble / 8] >> nibble % 8 * 4 & 15;

        if (n > 0 || value > 0 || nibble == 0)
            out[n++] = (uint8_t)hex_digits[value];
    }
    return n;
}

static bool
is_padding(uint8_t octet)
{
    return octet == ' ' || octet == '\0';
}

size_t
receipt_id_key(enum receipt_id_form form, struct slice id, uint8_t *out, size_t cap)
{
    size_t n = 0;

    assert(cap >= RECEIPT_ID_BYTES_MAX);
    while (id.n > 0 && is_padding(id.p[0]))
        id = slice_of(id.p + 1, id.n - 1);
    while (id.n > 0 && is_padding(id.p[id.n - 1]))
        id.n--;
    if (id.n > RECEIPT_ID_BYTES_MAX)
        id.n = RECEIPT_ID_BYTES_MAX;
    switch (form) {
    case RECEIPT_ID_HEX:
        n = key_of_hex(id, out);
        break;
    case RECEIPT_ID_DECIMAL:
        n = key_of_decimal(id, out);
        break;
    case RECEIPT_ID_TEXT:
    case RECEIPT_ID_FORMS:
        break;
    }
    return n > 0 ? n : key_of_text(id, out);
}
