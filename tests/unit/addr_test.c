/*
 * addr_test.c: one subscriber, one address (conformance A1 to A6; rows M09 to M15, G32, H28;
 * relay.md section 1).
 */
#include "protocol/addr.h"
#include "tests/unit/check.h"

static void
check_addr(const struct addr *addr, enum addr_kind kind, const char *text)
{
    check_text(slice_of(addr->text, addr->n), text);
    check_number(addr->kind, kind);
    for (size_t i = addr->n; i < sizeof(addr->text); i++)
        check_number(addr->text[i], 0);
}

static void
check_wire(uint8_t ton, const char *digits, const char *country, enum addr_kind kind,
           const char *want)
{
    struct pdu_address wire = {ton, 1, slice_str(digits)};
    struct addr addr;

    check_number(addr_from_wire(&wire, addr_plan_of(country), &addr), ADDR_OK);
    check_addr(&addr, kind, want);
}

static void
check_wire_bad(uint8_t ton, struct slice digits, enum addr_err want)
{
    struct pdu_address wire = {ton, 1, digits};
    struct addr addr;

    check_number(addr_from_wire(&wire, addr_plan_of("GB"), &addr), want);
    check_addr(&addr, ADDR_NONE, "");
}

static void
check_written(const char *text, const char *country, enum addr_kind kind, const char *want)
{
    struct addr addr;

    check_number(addr_from_text(slice_str(text), addr_plan_of(country), &addr), ADDR_OK);
    check_addr(&addr, kind, want);
}

static void
smpp_a5_one_subscriber_one_key(void)
{
    static const char *const us[] = {"+13095551212", "13095551212", "0013095551212",
                                     "01113095551212", "3095551212"};

    for (size_t i = 0; i < sizeof(us) / sizeof(us[0]); i++)
        check_wire(0, us[i], "US", ADDR_E164, "13095551212");
    check_wire(1, "13095551212", "US", ADDR_E164, "13095551212");
    check_wire(1, "+13095551212", "US", ADDR_E164, "13095551212");
    check_wire(1, "0013095551212", NULL, ADDR_E164, "13095551212");
    check_wire(1, "01113095551212", "US", ADDR_E164, "13095551212");
    check_wire(2, "3095551212", "US", ADDR_E164, "13095551212");
    check_wire(2, "13095551212", "US", ADDR_E164, "13095551212");
    check_wire(4, "13095551212", "US", ADDR_E164, "13095551212");
    check_wire(0, "13095551212", NULL, ADDR_E164, "13095551212");
    check_wire(0, "3095551212", "CA", ADDR_E164, "13095551212");
}

static void
r_words_written_forms(void)
{
    check_written("+1 (309) 555-1212", NULL, ADDR_E164, "13095551212");
    check_written("+1 (309) 555-1212", "GB", ADDR_E164, "13095551212");
    check_written("(309) 555-1212", "US", ADDR_E164, "13095551212");
    check_written("309.555.1212", "US", ADDR_E164, "13095551212");
    check_written("1/309/5551212", "US", ADDR_E164, "13095551212");
}

static void
r_words_trunk_zero_in_brackets(void)
{
    check_written("+44 (0)7700 900123", NULL, ADDR_E164, "447700900123");
    check_written("+44 (0) 7700 900123", "US", ADDR_E164, "447700900123");
    check_written("+44 0 7700 900123", "GB", ADDR_E164, "447700900123");
    check_written("0044 07700 900123", "GB", ADDR_E164, "447700900123");
    check_written("(0)7700 900123", "GB", ADDR_E164, "447700900123");
    check_written("+39 06 1234 5678", "IT", ADDR_E164, "390612345678");
}

static void
r_words_marks_of_telephones(void)
{
    check_written("\u202a+1\u00a0309\u2011555\u20111212\u202c", NULL, ADDR_E164, "13095551212");
    check_written("309\u2013555\u20131212", "US", ADDR_E164, "13095551212");
}

static void
g32_forms_of_one_british_number(void)
{
    static const char *const forms[] = {"+447700900123", "00447700900123", "447700900123",
                                        "07700900123"};

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        check_wire(0, forms[i], "GB", ADDR_E164, "447700900123");
        check_wire(1, forms[i], "GB", ADDR_E164, "447700900123");
        check_wire(2, forms[i], "GB", ADDR_E164, "447700900123");
        check_written(forms[i], "GB", ADDR_E164, "447700900123");
    }
    check_wire(2, "7700900123", "GB", ADDR_E164, "447700900123");
}

static void
smpp_a5_foreign_numbers_without_a_type(void)
{
    check_wire(0, "33612345678", "GB", ADDR_E164, "33612345678");
    check_wire(0, "33612345678", "DE", ADDR_E164, "33612345678");
    check_wire(0, "447700900123", "US", ADDR_E164, "447700900123");
    check_wire(0, "13095551212", "GB", ADDR_E164, "13095551212");
    check_wire(0, "37212345678", "NO", ADDR_E164, "37212345678");
    /* too short to be a foreign number: local, or a service */
    check_wire(0, "5551212", "US", ADDR_SHORT, "5551212");
    check_wire(0, "5551212", NULL, ADDR_E164, "5551212");
    check_wire(0, "07700900123", NULL, ADDR_SHORT, "07700900123");
    check_wire(0, "07700900123", "US", ADDR_SHORT, "07700900123");
}

static void
smpp_a5_every_plan(void)
{
    static const struct {
        const char *country, *national, *want;
    } rows[] = {
        {"AT", "06641234567", "436641234567"},   {"AU", "0412345678", "61412345678"},
        {"BE", "0470123456", "32470123456"},     {"BR", "011912345678", "5511912345678"},
        {"CA", "4165551212", "14165551212"},     {"CH", "0791234567", "41791234567"},
        {"DE", "015112345678", "4915112345678"}, {"DK", "20123456", "4520123456"},
        {"ES", "612345678", "34612345678"},      {"FI", "0401234567", "358401234567"},
        {"FR", "0612345678", "33612345678"},     {"GB", "07700900123", "447700900123"},
        {"IE", "0851234567", "353851234567"},    {"IN", "09812345678", "919812345678"},
        {"IT", "3911234567", "393911234567"},    {"JP", "09012345678", "819012345678"},
        {"MX", "5512345678", "525512345678"},    {"NL", "0612345678", "31612345678"},
        {"NO", "47123456", "4747123456"},        {"NZ", "0211234567", "64211234567"},
        {"PL", "512345678", "48512345678"},      {"PT", "912345678", "351912345678"},
        {"SE", "0701234567", "46701234567"},     {"SG", "91234567", "6591234567"},
        {"US", "3095551212", "13095551212"},     {"ZA", "0821234567", "27821234567"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct addr_plan *plan = addr_plan_of(rows[i].country);
        char abroad[40];

        check(plan != NULL);
        check_number(strlen(plan->code) + plan->national_max <= 15, 1);
        check_wire(0, rows[i].national, rows[i].country, ADDR_E164, rows[i].want);
        check_wire(2, rows[i].national, rows[i].country, ADDR_E164, rows[i].want);
        check_written(rows[i].national, rows[i].country, ADDR_E164, rows[i].want);
        check_wire(0, rows[i].want, rows[i].country, ADDR_E164, rows[i].want);
        check_wire(1, rows[i].want, rows[i].country, ADDR_E164, rows[i].want);
        memcpy(abroad, plan->international, 5);
        memcpy(abroad + strlen(plan->international), rows[i].want, strlen(rows[i].want) + 1);
        check_wire(0, abroad, rows[i].country, ADDR_E164, rows[i].want);
    }
    check(addr_plan_of(NULL) == NULL && addr_plan_of("XX") == NULL && addr_plan_of("") == NULL);
}

static void
smpp_a3_short_codes(void)
{
    static const uint8_t tons[] = {0, 1, 2, 3, 4, 6};

    for (size_t i = 0; i < sizeof(tons); i++) {
        check_wire(tons[i], "123", "US", ADDR_SHORT, "123");
        check_wire(tons[i], "78887", "US", ADDR_SHORT, "78887");
        check_wire(tons[i], "788878", NULL, ADDR_SHORT, "788878");
    }
    check_wire(3, "13095551212", "US", ADDR_SHORT, "13095551212");
    check_wire(6, "001234567", NULL, ADDR_SHORT, "001234567");
    check_wire(2, "7700900123", NULL, ADDR_SHORT, "7700900123");
}

static void
smpp_a6_lengths(void)
{
    char digits[32];

    memset(digits, '7', sizeof(digits));
    for (size_t n = 1; n <= 22; n++) {
        struct pdu_address wire = {1, 1, slice_of(digits, n)};
        struct addr addr;
        enum addr_err err = addr_from_wire(&wire, NULL, &addr);

        check_number(err, n > 20 ? ADDR_TOO_LONG : ADDR_OK);
        check_number(addr.kind, n > 20 ? ADDR_NONE : n >= 7 && n <= 15 ? ADDR_E164 : ADDR_SHORT);
    }
    check_wire(1, "+77777777777777777777", NULL, ADDR_SHORT, "77777777777777777777");
}

static void
m09_empty(void)
{
    struct addr addr;

    check_wire_bad(1, SLICE_NONE, ADDR_EMPTY);
    check_wire_bad(5, SLICE_NONE, ADDR_EMPTY);
    check_wire_bad(5, slice_str("   "), ADDR_EMPTY);
    check_number(addr_from_text(slice_str(" - "), NULL, &addr), ADDR_EMPTY);
}

static void
m10_m12_m15_bad_characters(void)
{
    check_wire_bad(1, slice_str("44770o900123"), ADDR_BAD_CHARACTER);
    check_wire_bad(1, slice_str("4477\x1b[2J00"), ADDR_BAD_CHARACTER);
    check_wire_bad(1, slice_str("4477\x01"), ADDR_BAD_CHARACTER);
    check_wire_bad(1, slice_str("HELLO"), ADDR_BAD_CHARACTER);
    check_wire_bad(0, slice_str("HELLO"), ADDR_BAD_CHARACTER);
    check_wire_bad(3, slice_str("12*3#"), ADDR_BAD_CHARACTER);
    check_wire_bad(1, slice_str("+"), ADDR_BAD_CHARACTER);
    check_wire_bad(1, slice_str("++447700900123"), ADDR_BAD_CHARACTER);
    check_wire_bad(1, slice_str("4477+00900123"), ADDR_BAD_CHARACTER);
    check_wire_bad(1, slice_str("4477 00900123"), ADDR_BAD_CHARACTER);
    check_wire_bad(1, slice_of("447700\0", 7), ADDR_BAD_CHARACTER);
    /* full-width digits */
    check_wire_bad(0, slice_str("\xef\xbc\x91\xef\xbc\x92"), ADDR_BAD_CHARACTER);
}

static void
m11_leading_plus(void)
{
    check_wire(1, "+447700900123", NULL, ADDR_E164, "447700900123");
}

static void
m13_m14_alphanumeric(void)
{
    check_wire(5, "ABCDEFGHIJK", "GB", ADDR_ALPHA, "ABCDEFGHIJK");
    check_wire(5, "Acme & Co", "GB", ADDR_ALPHA, "Acme & Co");
    /* looks do not make it a number */
    check_wire(5, "07700900123", "GB", ADDR_ALPHA, "07700900123");
    check_wire_bad(5, slice_str("ABCDEFGHIJKL"), ADDR_TOO_LONG);
    check_wire_bad(5, slice_str("AB\nC"), ADDR_BAD_CHARACTER);
    check_wire_bad(5, slice_str("Caf\xe9"), ADDR_BAD_CHARACTER);
}

static void
m13_letters_never_match_a_number(void)
{
    struct pdu_address alpha = {5, 0, slice_str("78887")}, code = {3, 0, slice_str("78887")};
    struct addr a, b;

    check_number(addr_from_wire(&alpha, NULL, &a), ADDR_OK);
    check_number(addr_from_wire(&code, NULL, &b), ADDR_OK);
    check(!addr_eq(&a, &b));
    check(addr_eq(&a, &a));
}

static void
h28_what_a_person_may_not_write(void)
{
    static const char *const bad[] = {"44770o900123",
                                      "+44+7700900123",
                                      "44+7700900123",
                                      "12,34567",
                                      "tel:123",
                                      "#123",
                                      "\u0661\u0662\u0663",
                                      "+",
                                      "\xe2\x80",
                                      "\xff"};
    char long_text[100];
    struct addr addr;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        check_number(addr_from_text(slice_str(bad[i]), NULL, &addr), ADDR_BAD_CHARACTER);
        check_addr(&addr, ADDR_NONE, "");
    }
    check_number(addr_from_text(SLICE_NONE, NULL, &addr), ADDR_EMPTY);
    check_number(addr_from_text(slice_str("123456789012345678901"), NULL, &addr), ADDR_TOO_LONG);
    memset(long_text, ' ', sizeof(long_text));
    check_number(addr_from_text(slice_of(long_text, 65), NULL, &addr), ADDR_TOO_LONG);
    check_number(addr_from_text(slice_of(long_text, 64), NULL, &addr), ADDR_EMPTY);
    check_number(addr_from_text(slice_of("12\0" "34", 5), NULL, &addr), ADDR_BAD_CHARACTER);
}

static void
smpp_a2_a3_to_the_wire(void)
{
    static const struct {
        uint8_t ton;
        const char *digits;
        uint8_t want_ton, want_npi;
    } rows[] = {
        {1, "447700900123", 1, 1}, {3, "78887", 3, 0},        {6, "78887", 3, 0},
        {5, "Acme", 5, 0},         {0, "447700900123", 1, 1},
    };
    struct addr none = {0};
    struct pdu_address out;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pdu_address wire = {rows[i].ton, 0, slice_str(rows[i].digits)};
        struct addr addr;

        check_number(addr_from_wire(&wire, NULL, &addr), ADDR_OK);
        addr_to_wire(&addr, ADDR_SHORT_TON, &out);
        check_number(out.ton, rows[i].want_ton);
        check_number(out.npi, rows[i].want_npi);
        check_text(out.digits, rows[i].digits);
        check(out.digits.p == (const uint8_t *)addr.text);
    }
    addr_to_wire(&none, ADDR_SHORT_TON, &out);
    check_number(out.ton + out.npi + (int)out.digits.n, 0);
}

/* What was made canonical once stays as it is: in the store, on the wire and back. */
static void
smpp_a5_canonical_is_stable(void)
{
    static const char *const forms[] = {
        "+447700900123", "0044770090012",   "3095551212",           "123", "12345678",
        "00123456789",   "011447700900123", "99999999999999999999", "0",   "07700900123",
        "4512345678"};
    static const char *const countries[] = {"US", "GB", "NO", "IT", "SG", "DE", "XX"};

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        for (size_t c = 0; c < sizeof(countries) / sizeof(countries[0]); c++) {
            for (uint8_t ton = 0; ton <= 6; ton++) {
                const struct addr_plan *plan = addr_plan_of(countries[c]);
                struct pdu_address wire = {ton, 1, slice_str(forms[i])};
                struct addr once, twice;

                if (ton == 5 || addr_from_wire(&wire, plan, &once) != ADDR_OK)
                    continue;
                addr_to_wire(&once, ADDR_SHORT_TON, &wire);
                check_number(addr_from_wire(&wire, plan, &twice), ADDR_OK);
                check(addr_eq(&once, &twice));
            }
        }
    }
}

static void
masked(void)
{
    static const struct {
        uint8_t ton;
        const char *digits, *want;
    } rows[] = {
        {1, "447700900123", "4477*****123"}, {1, "1234567", "12***67"},
        {1, "12345678", "12***678"},         {1, "123456789", "12****789"},
        {1, "1234567890", "1234***890"},     {3, "78887", "78887"},
        {5, "Acme Bank", "Acme Bank"},       {3, "99999999999999999999", "9999*************999"},
    };
    struct addr addr = {0};
    char buf[ADDR_MASKED_BYTES];

    check_text(slice_str(addr_masked(&addr, buf)), "-");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pdu_address wire = {rows[i].ton, 0, slice_str(rows[i].digits)};

        check_number(addr_from_wire(&wire, NULL, &addr), ADDR_OK);
        check_text(slice_str(addr_masked(&addr, buf)), rows[i].want);
    }
}

CHECK_MAIN(
           {"smpp_a5_one_subscriber_one_key", smpp_a5_one_subscriber_one_key},
           {"r_words_written_forms", r_words_written_forms},
           {"r_words_trunk_zero_in_brackets", r_words_trunk_zero_in_brackets},
           {"r_words_marks_of_telephones", r_words_marks_of_telephones},
           {"g32_forms_of_one_british_number", g32_forms_of_one_british_number},
           {"smpp_a5_foreign_numbers_without_a_type", smpp_a5_foreign_numbers_without_a_type},
           {"smpp_a5_every_plan", smpp_a5_every_plan},
           {"smpp_a3_short_codes", smpp_a3_short_codes},
           {"smpp_a6_lengths", smpp_a6_lengths},
           {"m09_empty", m09_empty},
           {"m10_m12_m15_bad_characters", m10_m12_m15_bad_characters},
           {"m11_leading_plus", m11_leading_plus},
           {"m13_m14_alphanumeric", m13_m14_alphanumeric},
           {"m13_letters_never_match_a_number", m13_letters_never_match_a_number},
           {"h28_what_a_person_may_not_write", h28_what_a_person_may_not_write},
           {"smpp_a2_a3_to_the_wire", smpp_a2_a3_to_the_wire},
           {"smpp_a5_canonical_is_stable", smpp_a5_canonical_is_stable},
           {"masked", masked})
