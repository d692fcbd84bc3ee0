/*
 * addr.c: telephone addresses in one canonical form. The rules are in addr.h; here they are in the
 * same order.
 */
#include "protocol/addr.h"

#include <assert.h>

#define E164_DIGITS_MIN 7u
#define E164_DIGITS_MAX 15u
#define E164_FOREIGN_DIGITS_MIN 9u  /* rule 5e with a plan */
#define TEXT_BYTES_MAX 64u          /* what a person writes around 20 digits */

/* The national lengths are those of mobile numbers and ordinary landlines; where the trunk prefix
 * is not 0 they are kept tight, because there bare digits that fit are taken as national (5d).
 * Where a country has several international prefixes the common one stands here. */
static const struct addr_plan plans[] = {
    {"AT", "43", "0", "00", 7, 13},  {"AU", "61", "0", "0011", 9, 9},
    {"BE", "32", "0", "00", 8, 9},   {"BR", "55", "0", "00", 10, 11},
    {"CA", "1", "1", "011", 10, 10}, {"CH", "41", "0", "00", 9, 9},
    {"DE", "49", "0", "00", 6, 11},  {"DK", "45", "", "00", 8, 8},
    {"ES", "34", "", "00", 9, 9},    {"FI", "358", "0", "00", 6, 11},
    {"FR", "33", "0", "00", 9, 9},   {"GB", "44", "0", "00", 9, 10},
    {"IE", "353", "0", "00", 7, 10}, {"IN", "91", "0", "00", 10, 10},
    {"IT", "39", "", "00", 9, 11},   {"JP", "81", "0", "010", 9, 10},
    {"MX", "52", "", "00", 10, 10},  {"NL", "31", "0", "00", 9, 9},
    {"NO", "47", "", "00", 8, 8},    {"NZ", "64", "0", "00", 8, 10},
    {"PL", "48", "", "00", 9, 9},    {"PT", "351", "", "00", 9, 9},
    {"SE", "46", "0", "00", 7, 10},  {"SG", "65", "", "001", 8, 8},
    {"US", "1", "1", "011", 10, 10}, {"ZA", "27", "0", "00", 9, 9},
};

static const char *const kind_names[ADDR_KINDS] = {
    [ADDR_NONE] = "none",
    [ADDR_E164] = "e164",
    [ADDR_SHORT] = "short",
    [ADDR_ALPHA] = "alpha",
};

static const char *const err_names[ADDR_ERRS] = {
    [ADDR_OK] = "ok",
    [ADDR_EMPTY] = "empty",
    [ADDR_TOO_LONG] = "too_long",
    [ADDR_BAD_CHARACTER] = "bad_character",
};

const char *
addr_kind_name(enum addr_kind kind)
{
    return (unsigned)kind < ADDR_KINDS ? kind_names[kind] : "?";
}

const char *
addr_err_name(enum addr_err err)
{
    return (unsigned)err < ADDR_ERRS ? err_names[err] : "?";
}

const struct addr_plan *
addr_plan_of(const char *country)
{
    if (country == NULL)
        return NULL;
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++)
        if (strcmp(plans[i].country, country) == 0)
            return &plans[i];
    return NULL;
}

static void
set(struct addr *out, enum addr_kind kind, const char *prefix, struct slice rest)
{
    size_t before = strlen(prefix);

    assert(before + rest.n <= ADDR_CHARS_MAX);
    memset(out, 0, sizeof(*out));
    out->kind = (uint8_t)kind;
    out->n = (uint8_t)(before + rest.n);
    memcpy(out->text, prefix, before);
    if (rest.n > 0)
        memcpy(out->text + before, rest.p, rest.n);
}

/* Takes a prefix off; false, and *digits unchanged, if it does not stand there. */
static bool
strip(struct slice *digits, const char *prefix)
{
    size_t n = strlen(prefix);

    if (digits->n < n || memcmp(digits->p, prefix, n) != 0)
        return false;
    *digits = slice_of(digits->p + n, digits->n - n);
    return true;
}

static bool
fits(const struct addr_plan *plan, struct slice digits)
{
    if (digits.n < plan->national_min || digits.n > plan->national_max)
        return false;
    /* Where there is a trunk prefix no number begins with it; in North America with 0 neither. */
    return plan->trunk[0] == '\0' || digits.p[0] > plan->trunk[0];
}

/* No country code begins with 0. */
static bool
is_e164(struct slice digits, size_t min)
{
    return digits.n >= min && digits.n <= E164_DIGITS_MAX && digits.p[0] != '0';
}

/* Takes the international prefix off: the plan's, or 00 (A5). */
static bool
strip_international(struct slice *digits, const struct addr_plan *plan)
{
    struct slice rest = *digits;

    if (plan && strip(&rest, plan->international) && is_e164(rest, E164_DIGITS_MIN)) {
        *digits = rest;
        return true;
    }
    rest = *digits;
    if (!strip(&rest, "00") || !is_e164(rest, E164_DIGITS_MIN))
        return false;
    *digits = rest;
    return true;
}

/* Sets out to digits that have their country code. */
static void
set_international(struct addr *out, struct slice digits, const struct addr_plan *plan)
{
    struct slice rest = digits;

    if (plan && plan->trunk[0] == '0' && strip(&rest, plan->code) && strip(&rest, plan->trunk) &&
        fits(plan, rest))
        set(out, ADDR_E164, plan->code, rest);
    else
        set(out, ADDR_E164, "", digits);
}

/* Rule 2. */
static bool
international(struct slice digits, bool plus, const struct addr_plan *plan, struct addr *out)
{
    if (!plus)
        strip_international(&digits, plan);
    if (!is_e164(digits, E164_DIGITS_MIN)) {
        if (plus)
            set(out, ADDR_SHORT, "", digits);
        return plus;
    }
    set_international(out, digits, plan);
    return true;
}

/* Rule 4. */
static bool
national(struct slice digits, const struct addr_plan *plan, struct addr *out)
{
    struct slice rest = digits;

    if (plan == NULL) {
        set(out, ADDR_SHORT, "", digits);
        return true;
    }
    if (plan->trunk[0] && strip(&rest, plan->trunk) && fits(plan, rest)) {
        set(out, ADDR_E164, plan->code, rest);
        return true;
    }
    if (fits(plan, digits)) {
        set(out, ADDR_E164, plan->code, digits);
        return true;
    }
    rest = digits;
    if (strip(&rest, plan->code) && fits(plan, rest)) {
        set(out, ADDR_E164, "", digits);
        return true;
    }
    return false;
}

/* Rule 5. */
static void
by_look(struct slice digits, const struct addr_plan *plan, struct addr *out)
{
    struct slice rest = digits;

    if (strip_international(&rest, plan)) {
        set_international(out, rest, plan);
        return;
    }
    if (plan) {
        if (plan->trunk[0] && strip(&rest, plan->trunk) && fits(plan, rest)) {
            set(out, ADDR_E164, plan->code, rest);
            return;
        }
        rest = digits;
        if (strip(&rest, plan->code) && fits(plan, rest)) {
            set(out, ADDR_E164, "", digits);
            return;
        }
        if (plan->trunk[0] != '0' && fits(plan, digits)) {
            set(out, ADDR_E164, plan->code, digits);
            return;
        }
    }
    if (is_e164(digits, plan ? E164_FOREIGN_DIGITS_MIN : E164_DIGITS_MIN))
        set(out, ADDR_E164, "", digits);
    else
        set(out, ADDR_SHORT, "", digits);
}

static void
classify(struct slice digits, bool plus, uint8_t ton, const struct addr_plan *plan,
         struct addr *out)
{
    if (digits.n < E164_DIGITS_MIN) {
        set(out, ADDR_SHORT, "", digits);
        return;
    }
    if (plus || ton == SMPP_TON_INTERNATIONAL) {
        if (international(digits, plus, plan, out))
            return;
    } else if (ton == SMPP_TON_NETWORK || ton == SMPP_TON_ABBREVIATED) {
        set(out, ADDR_SHORT, "", digits);
        return;
    } else if (ton == SMPP_TON_NATIONAL && national(digits, plan, out)) {
        return;
    }
    by_look(digits, plan, out);
}

static enum addr_err
alphanumeric(struct slice letters, struct addr *out)
{
    bool blank = true;

    if (letters.n > ADDR_ALPHA_CHARS_MAX)
        return ADDR_TOO_LONG;
    for (size_t i = 0; i < letters.n; i++) {
        if (letters.p[i] < 0x20 || letters.p[i] > 0x7e)
            return ADDR_BAD_CHARACTER;
        blank = blank && letters.p[i] == ' ';
    }
    if (blank)
        return ADDR_EMPTY;
    set(out, ADDR_ALPHA, "", letters);
    return ADDR_OK;
}

enum addr_err
addr_from_wire(const struct pdu_address *wire, const struct addr_plan *plan, struct addr *out)
{
    struct slice digits = wire->digits;
    bool plus;

    memset(out, 0, sizeof(*out));
    if (digits.n == 0)
        return ADDR_EMPTY;
    if (wire->ton == SMPP_TON_ALPHANUMERIC)
        return alphanumeric(digits, out);
    plus = strip(&digits, "+");
    if (digits.n == 0)
        return ADDR_BAD_CHARACTER;
    if (digits.n > ADDR_CHARS_MAX)
        return ADDR_TOO_LONG;
    for (size_t i = 0; i < digits.n; i++)
        if (digits.p[i] < '0' || digits.p[i] > '9')
            return ADDR_BAD_CHARACTER;
    classify(digits, plus, wire->ton, plan, out);
    return ADDR_OK;
}

/* How many octets at p are one of the marks that people put between digits; 0 if it is none. Dashes
 * and blanks that do not break, and the marks of direction that telephones put around a copied
 * number, are three octets: E2 80 xx. */
static size_t
mark_length(const uint8_t *p, size_t n)
{
    if (p[0] == ' ' || p[0] == '\t' || (p[0] >= 0x21 && p[0] <= 0x7e && strchr(".-/()[]", p[0])))
        return 1;
    if (n >= 2 && p[0] == 0xc2 && p[1] == 0xa0)
        return 2;
    if (n >= 3 && p[0] == 0xe2 && p[1] == 0x80 &&
        ((p[2] >= 0x8e && p[2] <= 0x95) || (p[2] >= 0xaa && p[2] <= 0xaf)))
        return 3;
    return 0;
}

enum addr_err
addr_from_text(struct slice text, const struct addr_plan *plan, struct addr *out)
{
    uint8_t digits[ADDR_CHARS_MAX];
    size_t n = 0;
    bool plus = false;

    memset(out, 0, sizeof(*out));
    if (text.n > TEXT_BYTES_MAX)
        return ADDR_TOO_LONG;
    for (size_t at = 0; at < text.n;) {
        struct slice rest = slice_of(text.p + at, text.n - at);
        size_t mark = mark_length(rest.p, rest.n);

        if (plus && strip(&rest, "(0)"))
            mark = 3;
        if (mark == 0 && text.p[at] == '+' && n == 0 && !plus) {
            plus = true;
            mark = 1;
        }
        if (mark == 0 && (text.p[at] < '0' || text.p[at] > '9'))
            return ADDR_BAD_CHARACTER;
        if (mark == 0 && n == ADDR_CHARS_MAX)
            return ADDR_TOO_LONG;
        if (mark == 0)
            digits[n++] = text.p[at];
        at += mark > 0 ? mark : 1;
    }
    if (n == 0)
        return plus ? ADDR_BAD_CHARACTER : ADDR_EMPTY;
    classify(slice_of(digits, n), plus, SMPP_TON_UNKNOWN, plan, out);
    return ADDR_OK;
}

void
addr_to_wire(const struct addr *addr, uint8_t short_ton, struct pdu_address *out)
{
    *out = (struct pdu_address){SMPP_TON_UNKNOWN, SMPP_NPI_UNKNOWN, slice_of(addr->text, addr->n)};
    switch ((enum addr_kind)addr->kind) {
    case ADDR_E164:
        out->ton = SMPP_TON_INTERNATIONAL;
        out->npi = SMPP_NPI_ISDN;
        break;
    case ADDR_SHORT:
        out->ton = short_ton;
        break;
    case ADDR_ALPHA:
        out->ton = SMPP_TON_ALPHANUMERIC;
        break;
    case ADDR_NONE:
    case ADDR_KINDS:
        break;
    }
}

bool
addr_eq(const struct addr *a, const struct addr *b)
{
    return a->kind == b->kind && a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

char *
addr_masked(const struct addr *addr, char buf[ADDR_MASKED_BYTES])
{
    size_t n = addr->n;

    assert(n <= ADDR_CHARS_MAX);
    if (n == 0) {
        memcpy(buf, "-", 2);
        return buf;
    }
    memcpy(buf, addr->text, n);
    buf[n] = '\0';
    if (addr->kind != ADDR_ALPHA && n >= E164_DIGITS_MIN) {
        /* at least three digits are hidden */
        size_t first = n >= 10 ? 4 : 2, last = n >= 8 ? 3 : 2;

        memset(buf + first, '*', n - first - last);
    }
    return buf;
}
