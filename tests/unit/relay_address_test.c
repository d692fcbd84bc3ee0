/*
 * relay_address_test.c: addresses on their way through, from apps to carriers and back (conformance
 * section 7). What one address means is in addr_test.c.
 */
#include "tests/unit/check.h"
#include "tests/unit/relay_world.h"

#include <stdio.h>

#define NAME "Acme"
#define CODE "78887"

static const char directory[] =
    "accounts:\n"
    "  - id: acme\n"
    "    name: Acme\n"
    "    country: US\n"
    "    agents:\n"
    "      - {id: ann, name: Ann, mobile: +12025550111, relay_number: +12025550180, relay: true}\n"
    "    apps:\n"
    "      - {system_id: crm, password: secret}\n"
    "    numbers:\n"
    "      - {number: +12025550150, role: business, carrier: sim, assign_agent: ann}\n"
    "      - {number: +12025550180, role: relay, carrier: sim, agent: ann}\n"
    "      - {number: +12025550170, role: app, carrier: sim, app: crm}\n"
    "      - {number: Acme, role: app, carrier: sim, app: crm}\n"
    "      - {number: TandemShop1, role: app, carrier: sim, app: crm}\n"
    "      - {number: 78887, role: app, carrier: sim, app: crm}\n"
    "  - id: zeta\n"
    "    name: Zeta\n"
    "    apps:\n"
    "      - {system_id: zapp, password: secret}\n"
    "    numbers:\n"
    "      - {number: Zeta, role: app, carrier: sim, app: zapp}\n";

static struct world *
world_of_names(const char *carrier)
{
    struct world_options options = {.directory = directory, .carrier = carrier};

    return world_with_app(&options);
}

static struct pdu_address
wire(uint8_t ton, uint8_t npi, const char *digits)
{
    return (struct pdu_address){ton, npi, slice_str(digits)};
}

static void
check_address(const struct pdu_address *have, uint8_t ton, uint8_t npi, const char *digits)
{
    check_text(have->digits, digits);
    check_number(have->ton, ton);
    check_number(have->npi, npi);
}

/* ---- A1 */

static bool
ton_known(unsigned ton)
{
    return ton <= 6;
}

static bool
npi_known(unsigned npi)
{
    static const uint8_t known[] = {0, 1, 3, 4, 6, 8, 9, 10, 14, 18};

    for (size_t i = 0; i < sizeof(known); i++)
        if (known[i] == npi)
            return true;
    return false;
}

static enum smpp_status
decoded(const struct pdu *pdu, enum pdu_mode mode)
{
    uint8_t octets[200];
    struct pdu again;
    size_t n = pdu_encode(pdu, octets, sizeof(octets));

    check(n > 0);
    return pdu_decode(slice_of(octets, n), mode, &again);
}

/* Every value of both, of both addresses: an app is told which it may not use, a carrier may use
 * any. */
static void
smpp_a1_every_ton_and_npi(void)
{
    for (unsigned value = 0; value <= 255; value++) {
        struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");
        struct pdu other = pdu, carriers = pdu;

        carriers.command_id = SMPP_DELIVER_SM;
        pdu.body.sm.source.ton = other.body.sm.dest.ton = (uint8_t)value;
        check_number(decoded(&pdu, PDU_STRICT), ton_known(value) ? SMPP_ROK : SMPP_RINVSRCTON);
        check_number(decoded(&other, PDU_STRICT), ton_known(value) ? SMPP_ROK : SMPP_RINVDSTTON);
        pdu.body.sm.source.ton = other.body.sm.dest.ton = 1;
        pdu.body.sm.source.npi = other.body.sm.dest.npi = (uint8_t)value;
        check_number(decoded(&pdu, PDU_STRICT), npi_known(value) ? SMPP_ROK : SMPP_RINVSRCNPI);
        check_number(decoded(&other, PDU_STRICT), npi_known(value) ? SMPP_ROK : SMPP_RINVDSTNPI);
        carriers.body.sm.source.ton = carriers.body.sm.source.npi = (uint8_t)value;
        check_number(decoded(&carriers, PDU_LENIENT), SMPP_ROK);
    }
}

/* NPI says nothing that we need, and a TON that does not exist leaves the look of the digits. */
static void
smpp_a1_a_carriers_unknown_types_pass(void)
{
    struct world *w = world_of_names(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, "hello");

    pdu.body.sm.source = wire(7, 255, CONTACT);
    pdu.body.sm.dest = wire(200, 2, APP_NUMBER);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check_address(&sent_first(w)->pdu.body.sm.source, 1, 1, CONTACT);
    check_address(&sent_first(w)->pdu.body.sm.dest, 1, 1, APP_NUMBER);
    answer_all(w);
    world_end_test(w);
}

/* ---- A2, A5 */

static const struct {
    uint8_t ton;
    const char *digits;
} forms[] = {{1, "+12025550101"},   {1, "12025550101"},   {0, "+12025550101"}, {0, "12025550101"},
             {0, "0012025550101"},  {1, "0012025550101"}, {2, "2025550101"},   {2, "12025550101"},
             {0, "01112025550101"}, {0, "2025550101"},    {4, "12025550101"}};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

static void
smpp_a2_no_plus_or_00_to_a_carrier(void)
{
    struct world *w = world_of_names(NULL);

    for (size_t i = 0; i < FORMS; i++) {
        struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");

        pdu.body.sm.dest = wire(forms[i].ton, 0, forms[i].digits);
        check_number(app_submits(w, 1, &pdu), SMPP_ROK);
        check_address(&sent_first(w)->pdu.body.sm.dest, 1, 1, CONTACT);
        answer_all(w);
    }
    /* Of the sender too. */
    for (size_t i = 0; i < FORMS; i++) {
        struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");
        char digits[32];

        snprintf(digits, sizeof(digits), "%s", forms[i].digits);
        memcpy(digits + strlen(digits) - 4, "0170", 4);
        pdu.body.sm.source = wire(forms[i].ton, 0, digits);
        check_number(app_submits(w, 1, &pdu), SMPP_ROK);
        check_address(&sent_first(w)->pdu.body.sm.source, 1, 1, APP_NUMBER);
        answer_all(w);
    }
    world_end_test(w);
}

static void
smpp_a2_no_plus_or_00_to_an_app(void)
{
    struct world *w = world_of_names(NULL);

    for (size_t i = 0; i < FORMS; i++) {
        struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, "hello");

        pdu.body.sm.source = wire(forms[i].ton, 0, forms[i].digits);
        pdu.body.sm.dest = wire(0, 0, "+" APP_NUMBER);
        check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
        check_address(&sent_first(w)->pdu.body.sm.source, 1, 1, CONTACT);
        check_address(&sent_first(w)->pdu.body.sm.dest, 1, 1, APP_NUMBER);
        answer_all(w);
    }
    world_end_test(w);
}

/* One subscriber has one conversation, however the carrier writes the number this time. */
static void
smpp_a5_one_conversation_in_every_form(void)
{
    struct world *w = world_of_names(NULL);
    uint64_t id = conversation(w, CONTACT);

    for (size_t i = 0; i < FORMS; i++) {
        struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ, "again");

        pdu.body.sm.source = wire(forms[i].ton, 1, forms[i].digits);
        check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
        check_number(leading_number(phone_gets(w, ANN)->text), id);
    }
    world_end_test(w);
}

/* And one place in the queue: what goes to it in one form waits for what went in another. */
static void
smpp_a5_one_lane_in_every_form(void)
{
    struct world *w = world_of_names(NULL);

    for (size_t i = 0; i < FORMS; i++) {
        struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");

        pdu.body.sm.dest = wire(forms[i].ton, 1, forms[i].digits);
        check_number(app_submits(w, 1, &pdu), SMPP_ROK);
        check_number(sent_count(w), 1);
    }
    answer_all(w);
    world_end_test(w);
}

/* ---- A3 */

static void
smpp_a3_a_name_goes_from_an_app_to_a_carrier(void)
{
    static const char *const names[] = {NAME, "TandemShop1"};
    struct world *w = world_of_names(NULL);

    for (size_t i = 0; i < 2; i++) {
        struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, names[i], CONTACT, "hello");
        const struct sent *sent;
        char id[16];

        pdu.body.sm.registered_delivery = 1;
        pdu.body.sm.source.npi = 1; /* ours is 0 whatever the app writes */
        check_number(app_submits(w, 1, &pdu), SMPP_ROK);
        check_address(&sent_first(w)->pdu.body.sm.source, 5, 0, names[i]);
        check_address(&sent_first(w)->pdu.body.sm.dest, 1, 1, CONTACT);
        snprintf(id, sizeof(id), "n%zu", i);
        answer(w, sent_first(w), SMPP_ROK, id);
        /* The receipt is for the name, and so the app's. */
        carrier_receipt(w, id, "DELIVRD", CONTACT, names[i]);
        sent = sent_first(w);
        check_number(sent->pdu.body.sm.esm_class, SMPP_ESM_RECEIPT);
        check_address(&sent->pdu.body.sm.source, 1, 1, CONTACT);
        check_address(&sent->pdu.body.sm.dest, 5, 0, names[i]);
        answer_all(w);
    }
    world_end_test(w);
}

static void
smpp_a3_names_of_others_are_refused(void)
{
    static const char *const bad[] = {"Zeta", "acme", "ACME", "Nobody", "Acme ", "TandemShop12"};
    struct world *w = world_of_names(NULL);

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, bad[i], CONTACT, "hello");

        check_number(app_submits(w, 1, &pdu), SMPP_RINVSRCADR);
    }
    /* Letters with another TON, and a number in the clothes of a name. */
    for (uint8_t ton = 0; ton <= 6; ton++) {
        struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, NAME, CONTACT, "hello");

        pdu.body.sm.source.ton = ton;
        if (ton == 5)
            pdu.body.sm.source.digits = slice_str(APP_NUMBER);
        check_number(app_submits(w, 1, &pdu), SMPP_RINVSRCADR);
    }
    nothing_sent(w);
    world_end_test(w);
}

/* It can only send: nothing is delivered to it, and nothing is sent to it. */
static void
smpp_a3_nothing_reaches_a_name(void)
{
    struct world *w = world_of_names(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, NAME, "hello");

    check_number(carrier_delivers(w, 0, &pdu), SMPP_RINVDSTADR);
    check_number(counters(w)->unrouted, 1);
    pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, NAME, "hello");
    check_number(app_submits(w, 1, &pdu), SMPP_RINVDSTADR);
    nothing_sent(w);
    world_end_test(w);
}

/* A company that writes to a number of ours from its name: the app sees the name. */
static void
smpp_a3_a_name_comes_from_a_carrier(void)
{
    struct world *w = world_of_names(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, "Bank24", APP_NUMBER, "your code is 1");

    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check_address(&sent_first(w)->pdu.body.sm.source, 5, 0, "Bank24");
    answer_all(w);
    world_end_test(w);
}

static void
short_code_has(struct world *w, uint8_t ton)
{
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, CODE, CONTACT, "hello");

    pdu.body.sm.source = wire(0, 0, CODE);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_address(&sent_first(w)->pdu.body.sm.source, ton, 0, CODE);
    check_address(&sent_first(w)->pdu.body.sm.dest, 1, 1, CONTACT);
    answer_all(w);
    pdu = pdu_of_text(SMPP_SUBMIT_SM, NAME, "40404", "hello");
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_address(&sent_first(w)->pdu.body.sm.source, 5, 0, NAME);
    check_address(&sent_first(w)->pdu.body.sm.dest, ton, 0, "40404");
    answer_all(w);
}

static void
smpp_a3_short_codes_as_the_carrier_wants_them(void)
{
    for (unsigned ton = 0; ton <= 6; ton++) {
        char option[64];
        struct world *w;

        snprintf(option, sizeof(option), "    short_code_ton: %u\n", ton);
        w = world_of_names(option);
        short_code_has(w, (uint8_t)ton);
        world_end_test(w);
    }
}

/* Towards apps there is one way; from a carrier any will do. */
static void
smpp_a3_short_codes_without_an_option(void)
{
    struct world *w = world_of_names(NULL);

    short_code_has(w, 3);
    for (uint8_t ton = 0; ton <= 6; ton++) {
        struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, CODE, "hello");

        if (ton == 5)
            continue;
        pdu.body.sm.dest = wire(ton, 9, CODE);
        check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
        check_address(&sent_first(w)->pdu.body.sm.dest, 3, 0, CODE);
        answer_all(w);
    }
    world_end_test(w);
}

/* A reload changes it for what goes out from then on. */
static void
smpp_a3_short_codes_after_a_reload(void)
{
    struct world_options options = {.directory = directory,
                                    .carrier = "    short_code_ton: 6\n"};
    struct world *w = world_of_names(NULL);

    world_reload(w, &options);
    short_code_has(w, 6);
    world_end_test(w);
}

/* ---- A4 */

static struct world *
world_of_sources(void)
{
    static const struct world_options options = {
        .app = "        sources: [+12025550150, +12025550170]\n"};
    struct world *w = world_with_app(&options);

    /* One message at a time, so that others wait. */
    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 1);
    return w;
}

static uint32_t
asks(struct world *w, struct pdu *pdu, const char *id, const char *source)
{
    struct pdu_address *from = pdu->command_id == SMPP_QUERY_SM    ? &pdu->body.query.source
                               : pdu->command_id == SMPP_CANCEL_SM ? &pdu->body.cancel.source
                                                                   : &pdu->body.replace.source;

    *from = source ? wire(1, 1, source) : (struct pdu_address){0};
    if (pdu->command_id == SMPP_QUERY_SM)
        pdu->body.query.message_id = slice_str(id);
    else if (pdu->command_id == SMPP_CANCEL_SM)
        pdu->body.cancel.message_id = slice_str(id);
    else
        pdu->body.replace.message_id = slice_str(id);
    return app_submits(w, 1, pdu);
}

/* Without a list there is no default: nothing is sent, and an empty source matches nothing. */
static void
smpp_a4_m17_an_empty_source_without_a_default(void)
{
    struct world *w = world_of_names(NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello"), ask = {0};
    char id[65];

    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    memcpy(id, w->message_id, sizeof(id));
    for (unsigned ton = 0; ton <= 6; ton++) {
        pdu.body.sm.source = wire((uint8_t)ton, 0, "");
        check_number(app_submits(w, 1, &pdu), SMPP_RINVSRCADR);
    }
    ask.command_id = SMPP_QUERY_SM;
    check_number(asks(w, &ask, id, NULL), SMPP_RQUERYFAIL);
    check_number(asks(w, &ask, id, APP_NUMBER), SMPP_ROK);
    ask = (struct pdu){.command_id = SMPP_CANCEL_SM};
    check_number(asks(w, &ask, id, NULL), SMPP_RCANCELFAIL);
    ask = (struct pdu){.command_id = SMPP_REPLACE_SM};
    ask.body.replace.short_message = SLICE_LIT("other");
    check_number(asks(w, &ask, id, NULL), SMPP_RREPLACEFAIL);
    answer_all(w);
    nothing_sent(w);
    world_end_test(w);
}

/* The first of the list; and what was submitted so is found so. */
static void
smpp_a4_m17_an_empty_source_is_the_first_of_the_list(void)
{
    struct world *w = world_of_sources();
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello"),
               ask = {.command_id = SMPP_QUERY_SM};
    char first[65], second[65];

    pdu.body.sm.source = (struct pdu_address){0};
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    memcpy(first, w->message_id, sizeof(first));
    check_address(&sent_first(w)->pdu.body.sm.source, 1, 1, BIZ);
    pdu.body.sm.dest = wire(1, 1, CONTACT_2);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    memcpy(second, w->message_id, sizeof(second));
    check_number(sent_count(w), 1); /* the second waits */
    check_number(asks(w, &ask, first, NULL), SMPP_ROK);
    check_number(asks(w, &ask, first, BIZ), SMPP_ROK);
    check_number(asks(w, &ask, first, APP_NUMBER), SMPP_RQUERYFAIL);
    ask = (struct pdu){.command_id = SMPP_REPLACE_SM};
    ask.body.replace.short_message = SLICE_LIT("other");
    check_number(asks(w, &ask, second, NULL), SMPP_ROK);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    phone_shows(w, BIZ, CONTACT_2, "other");
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_a4_cancel_without_a_source(void)
{
    struct world *w = world_of_sources();
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello"),
               ask = {.command_id = SMPP_CANCEL_SM};
    char id[65];

    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    pdu.body.sm.dest = wire(1, 1, CONTACT_2);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK); /* from the second of the list */
    memcpy(id, w->message_id, sizeof(id));
    pdu.body.sm.source = (struct pdu_address){0};
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_number(asks(w, &ask, id, NULL), SMPP_RCANCELFAIL);
    ask.body.cancel.message_id = SLICE_NONE;
    ask.body.cancel.dest = wire(1, 1, CONTACT_2);
    check_number(app_submits(w, 1, &ask), SMPP_ROK);
    check_number(app_submits(w, 1, &ask), SMPP_RCANCELFAIL);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    phone_shows(w, APP_NUMBER, CONTACT_2, "hello");
    nothing_sent(w);
    world_end_test(w);
}

/* ---- A6 */

static void
smpp_a6_twenty_digits_pass_and_21_do_not(void)
{
    static const char twenty[] = "99999999999999999999", more[] = "999999999999999999999";
    struct world *w = world_of_names(NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, twenty, "hello");

    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_text(sent_first(w)->pdu.body.sm.dest.digits, twenty);
    answer_all(w);
    pdu.body.sm.dest = wire(1, 1, more);
    check_number(app_submits(w, 1, &pdu), SMPP_RINVDSTADR);
    pdu.body.sm.dest = wire(1, 1, CONTACT);
    pdu.body.sm.source = wire(1, 1, more);
    check_number(app_submits(w, 1, &pdu), SMPP_RINVSRCADR);
    pdu = pdu_of_text(SMPP_DELIVER_SM, twenty, APP_NUMBER, "hello");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check_text(sent_first(w)->pdu.body.sm.source.digits, twenty);
    answer_all(w);
    pdu.body.sm.source = wire(1, 1, more);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_RINVSRCADR);
    world_end_test(w);
}

/* data_sm has room for 64: no subscriber has so many digits. */
static void
smpp_a6_the_long_addresses_of_data_sm(void)
{
    static const char twenty[] = "99999999999999999999";
    struct world *w = world_of_names(NULL);
    const char *longest = repeat("9", 64);
    struct pdu pdu = pdu_of_text(SMPP_DATA_SM, APP_NUMBER, twenty, "");
    uint8_t tlvs[16];
    size_t used = 0;

    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD, SLICE_LIT("hello")));
    pdu.tlvs = slice_of(tlvs, used);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_text(sent_first(w)->pdu.body.sm.dest.digits, twenty);
    answer_all(w);
    pdu.body.sm.dest = wire(1, 1, longest);
    check_number(app_submits(w, 1, &pdu), SMPP_RINVDSTADR);
    pdu.body.sm.dest = wire(1, 1, CONTACT);
    pdu.body.sm.source = wire(1, 1, longest);
    check_number(app_submits(w, 1, &pdu), SMPP_RINVSRCADR);
    pdu.body.sm.dest = wire(1, 1, APP_NUMBER);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_RINVSRCADR);
    pdu.body.sm.source = wire(1, 1, twenty);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    answer_all(w);
    pdu.body.sm.dest = wire(1, 1, longest);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_RINVDSTADR);
    nothing_sent(w);
    world_end_test(w);
}

CHECK_MAIN(
    {"smpp_a1_every_ton_and_npi", smpp_a1_every_ton_and_npi},
    {"smpp_a1_a_carriers_unknown_types_pass", smpp_a1_a_carriers_unknown_types_pass},
    {"smpp_a2_no_plus_or_00_to_a_carrier", smpp_a2_no_plus_or_00_to_a_carrier},
    {"smpp_a2_no_plus_or_00_to_an_app", smpp_a2_no_plus_or_00_to_an_app},
    {"smpp_a5_one_conversation_in_every_form", smpp_a5_one_conversation_in_every_form},
    {"smpp_a5_one_lane_in_every_form", smpp_a5_one_lane_in_every_form},
    {"smpp_a3_a_name_goes_from_an_app_to_a_carrier", smpp_a3_a_name_goes_from_an_app_to_a_carrier},
    {"smpp_a3_names_of_others_are_refused", smpp_a3_names_of_others_are_refused},
    {"smpp_a3_nothing_reaches_a_name", smpp_a3_nothing_reaches_a_name},
    {"smpp_a3_a_name_comes_from_a_carrier", smpp_a3_a_name_comes_from_a_carrier},
    {"smpp_a3_short_codes_as_the_carrier_wants_them",
     smpp_a3_short_codes_as_the_carrier_wants_them},
    {"smpp_a3_short_codes_without_an_option", smpp_a3_short_codes_without_an_option},
    {"smpp_a3_short_codes_after_a_reload", smpp_a3_short_codes_after_a_reload},
    {"smpp_a4_m17_an_empty_source_without_a_default",
     smpp_a4_m17_an_empty_source_without_a_default},
    {"smpp_a4_m17_an_empty_source_is_the_first_of_the_list",
     smpp_a4_m17_an_empty_source_is_the_first_of_the_list},
    {"smpp_a4_cancel_without_a_source", smpp_a4_cancel_without_a_source},
    {"smpp_a6_twenty_digits_pass_and_21_do_not", smpp_a6_twenty_digits_pass_and_21_do_not},
    {"smpp_a6_the_long_addresses_of_data_sm", smpp_a6_the_long_addresses_of_data_sm})
