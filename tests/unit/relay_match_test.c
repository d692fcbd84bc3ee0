/*
 * relay_match_test.c: whose message is it (R-match), and where a message to a contact with several
 * numbers goes (R-multi).
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/contact.h"
#include "gateway/relay/core.h"
#include "gateway/relay/match.h"
#include "store/key.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_world.h"

/* Ann is admin; Ben owns what comes to BIZ. */
#define PEOPLE(ann, ben)                                                                      \
    "accounts:\n  - id: acme\n    name: Acme\n    agents:\n"                                  \
    "      - {id: ann, mobile: +12025550111, relay_number: +12025550180, relay: true" ann     \
    "}\n"                                                                                     \
    "      - {id: ben, mobile: +12025550112, relay_number: +12025550181, relay: true" ben     \
    "}\n"                                                                                     \
    "    numbers:\n"                                                                          \
    "      - {number: +12025550150, role: business, carrier: sim, assign_agent: ben}\n"       \
    "      - {number: +12025550152, role: business, carrier: sim}\n"                          \
    "      - {number: +12025550180, role: relay, carrier: sim, agent: ann}\n"                 \
    "      - {number: +12025550181, role: relay, carrier: sim, agent: ben}\n"
#define TWO_WITH_ONE_PHONE                                                                    \
    "    contacts:\n      list:\n"                                                            \
    "        - {id: one, phones: [{number: +12025550101}, {number: +12025550102}]}\n"         \
    "        - {id: two, phones: [{number: +12025550101}]}\n"
#define TOLD "New message, not assigned: +12025550101 is no contact, or several."

static struct world *
world_of(const char *directory)
{
    struct world_options options = {.directory = directory};

    return world_new(&options);
}

static struct step
step_of(struct world *w)
{
    if (!w->txn)
        world_begin(w);
    return (struct step){w->relay, w->txn, w->now_ms, &w->fx};
}

static uint32_t
contact_of(struct world *w, uint64_t conv)
{
    return conv_record(w, ACME, conv).contact_id;
}

static uint32_t
named(struct world *w, const char *id)
{
    struct step s = step_of(w);
    uint32_t contact = contact_named(&s, ACME, slice_str(id));

    world_end(w);
    return contact;
}

static struct rec_unassigned
unassigned(struct world *w, const char *phone)
{
    struct addr addr = addr_of(phone);
    struct rec_unassigned rec;
    struct key key;

    key_init(&key);
    key_u32(&key, ACME);
    key_addr(&key, &addr);
    (void)store_says(w, TABLE_UNASSIGNED, &rec_unassigned_def, key_slice(&key), &rec);
    return rec;
}

static void
r_match_1_one_contact(void)
{
    struct world *w = world_of(PEOPLE(", role: admin", "") TWO_WITH_ONE_PHONE);
    uint64_t id;

    phone_sends(w, CONTACT_2, BIZ, "hello");
    id = leading_number(phone_gets(w, BEN)->text);
    check(named(w, "one") != 0);
    check_number(contact_of(w, id), named(w, "one"));
    nothing_sent(w);
    check_number(table_rows(w, TABLE_UNASSIGNED), 0);
    check_number(entry_record(w, ACME, id, 2).kind, ENTRY_CONTACT);
    check_text(entry_record(w, ACME, id, 2).text, "one");
    world_end_test(w);
}

static void
r_match_2_r_match_6_no_contact(void)
{
    struct world *w = world_of(PEOPLE(", role: admin", ""));
    uint64_t id;

    phone_sends(w, CONTACT, BIZ, "hello");
    phone_shows(w, RELAY_ANN, ANN, TOLD);
    id = leading_number(phone_gets(w, BEN)->text); /* its owner gets it all the same */
    check_number(contact_of(w, id), 0);
    check(unassigned(w, CONTACT).conv == id);
    check_number(unassigned(w, CONTACT).notified, 1);
    check_number(entry_record(w, ACME, id, 2).kind, ENTRY_UNASSIGNED);
    phone_sends(w, CONTACT, BIZ, "again"); /* one text for a conversation */
    check(phone_gets(w, BEN) != NULL);
    nothing_sent(w);
    phone_sends(w, CONTACT, BIZ, "STOP"); /* opts out, contact or not */
    check(opted_out(w, ACME, CONTACT));
    answer_all(w);
    world_end_test(w);
}

static void
r_match_2_nobody_to_tell(void)
{
    struct world *w = world_of(PEOPLE("", ""));

    phone_sends(w, CONTACT, BIZ, "hello");
    check(phone_gets(w, BEN) != NULL);
    nothing_sent(w);
    check_number(table_rows(w, TABLE_UNASSIGNED), 1); /* the list has it */
    world_end_test(w);
}

static void
r_match_2_create_unknown(void)
{
    struct world *w =
        world_of(PEOPLE(", role: admin", "") "    contacts: {create_unknown: true}\n");
    uint64_t id;

    phone_sends(w, CONTACT, BIZ, "hello");
    id = leading_number(phone_gets(w, BEN)->text);
    nothing_sent(w);
    check_number(contact_of(w, id), named(w, "c1"));
    check_number(table_rows(w, TABLE_UNASSIGNED), 0);
    phone_sends(w, CONTACT, BIZ_NOBODY, "it is me");
    check_number(table_rows(w, TABLE_CONTACT), 1);
    world_end_test(w);
}

static void
r_match_2_sender_names_are_nobodys_number(void)
{
    struct world *w =
        world_of(PEOPLE(", role: admin", "") "    contacts: {create_unknown: true}\n");
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, "Bank", BIZ_NOBODY, "Your code is 1");

    pdu.body.sm.source.ton = SMPP_TON_ALPHANUMERIC;
    pdu.body.sm.source.npi = 0;
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check_number(table_rows(w, TABLE_CONTACT), 0);
    check_number(table_rows(w, TABLE_UNASSIGNED), 1);
    answer_all(w);
    world_end_test(w);
}

static void
r_match_3_of_several_the_one_spoken_with_last(void)
{
    struct world *w = world_of(PEOPLE(", role: admin", "") TWO_WITH_ONE_PHONE);
    struct addr phone = addr_of(CONTACT);
    struct step s;
    uint64_t first, id;

    phone_sends(w, CONTACT, BIZ, "who am I?");
    phone_shows(w, RELAY_ANN, ANN, TOLD);
    first = leading_number(phone_gets(w, BEN)->text);
    check_number(contact_of(w, first), 0);
    check_number(unassigned(w, CONTACT).candidates, 2);
    world_pass(w, 1000);
    phone_sends(w, CONTACT_2, BIZ, "I am one, from my other phone");
    check(phone_gets(w, BEN) != NULL);
    world_pass(w, 1000);
    phone_sends(w, CONTACT, BIZ, "so this is mine");
    check(phone_gets(w, BEN) != NULL);
    check_number(contact_of(w, first), named(w, "one"));
    /* And with two spoken with, the later one. */
    s = step_of(w);
    check_number(unassigned_assign(&s, ACME, &phone, contact_named(&s, ACME, SLICE_LIT("two"))),
                 CONTACT_OK);
    world_end(w);
    conv_close_directly(w, ACME, first);
    world_pass(w, 1000);
    phone_sends(w, CONTACT, BIZ, "new");
    id = leading_number(phone_gets(w, BEN)->text);
    check_number(contact_of(w, id), named(w, "one"));
    nothing_sent(w);
    world_end_test(w);
}

static void
r_match_4_the_primary_admin(void)
{
    struct world *w =
        world_of(PEOPLE(", role: admin", ", role: admin, primary_admin: true"));

    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    phone_shows(w, RELAY_BEN, BEN, TOLD);
    nothing_sent(w);
    world_end_test(w);
}

/* Strangers cannot make a bill: relay.notices_per_minute holds. */
static void
r_match_4_admins_are_told_so_often_at_most(void)
{
    struct world *w = world_of(PEOPLE(", role: admin", ""));
    char phone[16];

    for (unsigned i = 0; i < 50; i++) {
        snprintf(phone, sizeof(phone), "120255502%02u", i);
        phone_sends(w, phone, BIZ_NOBODY, "hello");
    }
    check(counters(w)->relay_notices < 50 && counters(w)->relay_notices > 0);
    check_number(table_rows(w, TABLE_UNASSIGNED), 50);
    answer_all(w);
    world_end_test(w);
}

static void
r_match_5_assigned_later(void)
{
    struct world *w = world_of(PEOPLE("", "") TWO_WITH_ONE_PHONE);
    struct addr phone = addr_of(CONTACT);
    uint64_t first, second;
    uint32_t two;
    struct step s;

    phone_sends(w, CONTACT, BIZ, "hello");
    first = leading_number(phone_gets(w, BEN)->text);
    two = named(w, "two");
    s = step_of(w);
    check_number(unassigned_assign(&s, ACME, &phone, two), CONTACT_OK);
    world_end(w);
    check_number(contact_of(w, first), two);
    check_number(table_rows(w, TABLE_UNASSIGNED), 0);
    conv_close_directly(w, ACME, first);
    phone_sends(w, CONTACT, BIZ, "later");
    second = leading_number(phone_gets(w, BEN)->text);
    check(second != first);
    check_number(contact_of(w, second), two);
    world_end_test(w);
}

static void
r_match_5_the_number_becomes_the_contacts(void)
{
    struct world *w = world_of(PEOPLE("", ""));
    struct addr phone = addr_of(CONTACT);
    struct contact_choices choices;
    struct rec_contact rec = {.first = SLICE_LIT("Carl")};
    struct step s;
    uint32_t contact;

    phone_sends(w, CONTACT, BIZ, "hello");
    answer_all(w);
    s = step_of(w);
    contact = contact_new(&s, ACME, &rec);
    check_number(unassigned_assign(&s, ACME, &phone, contact), CONTACT_OK);
    check_number(contact_send_target(&s, ACME, contact, &choices), TARGET_ONE);
    phone = addr_of(CONTACT_2); /* another one must not make choices of it */
    check_number(unassigned_assign(&s, ACME, &phone, contact), CONTACT_OK);
    check_number(contact_send_target(&s, ACME, contact, &choices), TARGET_ONE);
    check_text(slice_str(choices.number[0].text), CONTACT);
    world_end(w);
    world_end_test(w);
}

/* ---- R-multi */

static void
r_multi_targets(void)
{
    struct world *w = world_of(PEOPLE("", "")
                               "    contacts:\n      list:\n"
                               "        - {id: a, phones: [{number: +12025550101}, {number: "
                               "+12025550102, selected: false}]}\n"
                               "        - {id: b, phones: [{number: +12025550101}, {number: "
                               "+12025550102}, {number: +12025550103, selected: false}]}\n"
                               "        - {id: c, phones: [{number: +12025550103, selected: "
                               "false}]}\n"
                               "        - {id: d}\n");
    struct contact_choices out;
    struct step s = step_of(w);

    check_number(contact_send_target(&s, ACME, contact_named(&s, ACME, SLICE_LIT("a")), &out),
                 TARGET_ONE);
    check_text(slice_str(out.number[0].text), CONTACT);
    check_number(contact_send_target(&s, ACME, contact_named(&s, ACME, SLICE_LIT("b")), &out),
                 TARGET_CHOICES);
    check_number(out.count, 2);
    check_text(slice_str(out.number[1].text), CONTACT_2);
    check_number(contact_send_target(&s, ACME, contact_named(&s, ACME, SLICE_LIT("c")), &out),
                 TARGET_NONE);
    check_number(contact_send_target(&s, ACME, contact_named(&s, ACME, SLICE_LIT("d")), &out),
                 TARGET_NONE);
    world_end(w);
    world_end_test(w);
}

/* ---- records and their index */

static void
contacts_follow_the_file(void)
{
    static const struct world_options fewer = {
        .directory = PEOPLE("", "") "    contacts:\n      list:\n"
                                    "        - {id: one, first: Una, phones: [{number: "
                                    "+12025550103}]}\n"};
    struct world *w = world_of(PEOPLE("", "") TWO_WITH_ONE_PHONE);
    uint32_t changesets;

    check_number(table_rows(w, TABLE_CONTACT_PHONE), 3);
    check_number(table_rows(w, TABLE_CONTACT_PHONES), 2);
    world_reload(w, &fewer);
    check_number(table_rows(w, TABLE_CONTACT_PHONE), 1);
    check_number(table_rows(w, TABLE_CONTACT_PHONES), 1);
    changesets = w->changeset_count;
    world_reload(w, &fewer);
    check_number(w->changeset_count, changesets);
    world_end_test(w);
}

static void
a_phone_has_so_many_contacts_at_most(void)
{
    struct world *w = world_of(PEOPLE("", ""));
    struct addr phone = addr_of(CONTACT), other;
    char digits[16];
    struct step s = step_of(w);
    uint32_t contact = 0;

    for (uint32_t i = 0; i <= CONF_PHONE_CONTACTS_MAX; i++) {
        struct rec_contact rec = {0};

        contact = contact_new(&s, ACME, &rec);
        check_number(contact_phone_set(&s, ACME, contact, &phone, true),
                     i < CONF_PHONE_CONTACTS_MAX ? CONTACT_OK : CONTACT_SHARED_TOO_OFTEN);
    }
    for (uint32_t i = 0; i <= CONF_CONTACT_PHONES_MAX; i++) {
        snprintf(digits, sizeof(digits), "1202555030%u", i);
        other = addr_of(digits);
        check_number(contact_phone_set(&s, ACME, contact, &other, true),
                     i < CONF_CONTACT_PHONES_MAX ? CONTACT_OK : CONTACT_PHONES_FULL);
    }
    contact_remove(&s, ACME, contact);
    contact_remove(&s, ACME, 1);
    check_number(contacts_of_phone(&s, ACME, &phone, (uint32_t[CONF_PHONE_CONTACTS_MAX]){0}),
                 CONF_PHONE_CONTACTS_MAX - 1);
    world_end(w);
    world_end_test(w);
}

CHECK_MAIN({"r_match_1_one_contact", r_match_1_one_contact},
           {"r_match_2_r_match_6_no_contact", r_match_2_r_match_6_no_contact},
           {"r_match_6_relay_and_stop_hold_for_strangers", r_match_2_r_match_6_no_contact},
           {"r_match_2_nobody_to_tell", r_match_2_nobody_to_tell},
           {"r_match_2_create_unknown", r_match_2_create_unknown},
           {"r_match_2_sender_names_are_nobodys_number", r_match_2_sender_names_are_nobodys_number},
           {"r_match_3_of_several_the_one_spoken_with_last",
            r_match_3_of_several_the_one_spoken_with_last},
           {"r_match_4_the_primary_admin", r_match_4_the_primary_admin},
           {"r_match_4_admins_are_told_so_often_at_most",
            r_match_4_admins_are_told_so_often_at_most},
           {"r_match_5_assigned_later", r_match_5_assigned_later},
           {"r_match_5_the_number_becomes_the_contacts", r_match_5_the_number_becomes_the_contacts},
           {"r_multi_1_one_selected", r_multi_targets},
           {"r_multi_2_several_selected", r_multi_targets},
           {"r_multi_3_none_selected", r_multi_targets},
           {"contacts_follow_the_file", contacts_follow_the_file},
           {"a_phone_has_so_many_contacts_at_most", a_phone_has_so_many_contacts_at_most})
