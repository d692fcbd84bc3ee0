/*
 * relay_num_test.c: business numbers (R-num): inboxes, bots, round robin, campaigns and what uses a
 * number.
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/campaign.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/conv_state.h"
#include "gateway/relay/core.h"
#include "gateway/relay/number.h"
#include "store/key.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_world.h"

#define PEOPLE                                                                                \
    "accounts:\n  - id: acme\n    name: Acme\n"                                               \
    "    groups: [{id: front}, {id: back}]\n"                                                 \
    "    agents:\n"                                                                           \
    "      - {id: ann, mobile: +12025550111, relay_number: +12025550180, relay: true, "       \
    "groups: [front]}\n"                                                                      \
    "      - {id: ben, mobile: +12025550112, relay_number: +12025550181, relay: true, "       \
    "groups: [front]}\n"                                                                      \
    "      - {id: eve, mobile: +12025550115, groups: [front, back]}\n"                        \
    "    apps: [{system_id: crm, password: secret}, {system_id: bot, password: secret}]\n"
#define RELAYS                                                                                \
    "      - {number: +12025550180, role: relay, carrier: sim, agent: ann}\n"                 \
    "      - {number: +12025550181, role: relay, carrier: sim, agent: ben}\n"
#define NUMBER(rest)                                                                          \
    "      - {number: +12025550150, role: business, carrier: sim" rest "}\n"
#define BIZ_LINE(rest) PEOPLE "    numbers:\n" NUMBER(rest) RELAYS
/* The world begins at midnight of 2026-01-01. */
#define CAMPAIGN(rest) "    campaigns:\n      - {id: spring, number: +12025550150, " rest "}\n"
#define HOUR 3600000u

static struct world *
world_of(const char *directory)
{
    struct world_options options = {.directory = directory};
    struct world *w = world_new(&options);

    world_bind(w, 1, LINK_APP, "bot", 10);
    world_bind(w, 2, LINK_APP, "crm", 10);
    return w;
}

static struct rec_conv
conv_n(struct world *w, uint64_t n)
{
    return conv_record(w, ACME, conv_id_make(n));
}

static struct rec_number
number_record(struct world *w, const char *digits)
{
    struct addr addr = addr_of(digits);
    struct rec_number rec;
    struct key key;

    key_init(&key);
    key_addr(&key, &addr);
    check(store_says(w, TABLE_NUMBER, &rec_number_def, key_slice(&key), &rec));
    return rec;
}

/* The slot that the next message to an app goes to. */
static uint32_t
bot_gets(struct world *w, const char *text)
{
    struct sent *sent = sent_to(w, BIZ);
    uint32_t slot;

    check(sent != NULL);
    check_text(sent->pdu.body.sm.short_message, text);
    check_number(sent->pdu.command_id, SMPP_DELIVER_SM);
    slot = sent->session.slot;
    answer(w, sent, SMPP_ROK, NULL);
    return slot;
}

/* ---- R-num-2 */

static void
r_num_2_one_inbox_owns(void)
{
    struct world *w = world_of(BIZ_LINE(", inbox_agents: [ben]"));

    phone_sends(w, CONTACT, BIZ, "hello");
    check(phone_gets(w, BEN) != NULL);
    check_number(conv_n(w, 1).owner_kind, OWNER_AGENT);
    world_end_test(w);
}

static void
r_num_2_several_inboxes_own_nothing(void)
{
    struct world *w = world_of(BIZ_LINE(", inbox_agents: [ann], inbox_groups: [front]"));

    phone_sends(w, CONTACT, BIZ, "hello");
    nothing_sent(w);
    check_number(conv_n(w, 1).owner_kind, OWNER_NOBODY);
    check_number(inbox_count(number_record(w, BIZ).inboxes), 2);
    check_number(inbox_of(number_record(w, BIZ).inboxes, 1).kind, OWNER_GROUP);
    world_end_test(w);
}

static void
r_num_2_assigning_comes_before_inboxes(void)
{
    struct world *w = world_of(BIZ_LINE(", assign_agent: ann, inbox_agents: [ben]"));

    phone_sends(w, CONTACT, BIZ, "hello");
    check(phone_gets(w, ANN) != NULL);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_num_2_bot_gets_it_and_answers(void)
{
    struct world *w = world_of(BIZ_LINE(", response: bot, app: bot, inbox_agents: [ben]"));
    struct rec_msg msg;

    phone_sends(w, CONTACT, BIZ, "hello");
    check_number(bot_gets(w, "hello"), 1);
    nothing_sent(w);
    check_number(conv_n(w, 1).owner_kind, OWNER_NOBODY);
    check_text(entry_record(w, ACME, conv_id_make(1), 2).text, "hello");
    check_number(app_sends(w, 1, BIZ, CONTACT, "I am a bot"), SMPP_ROK);
    msg = message_record(w, last_message(w));
    check_number(msg.class, CLASS_CHAT);
    check(msg.conv == conv_id_make(1));
    phone_shows(w, BIZ, CONTACT, "I am a bot");
    check_text(entry_record(w, ACME, conv_id_make(1), 3).text, "I am a bot");
    /* Another app's text is what it always was. */
    check_number(app_sends(w, 2, BIZ, CONTACT, "And I am no bot"), SMPP_ROK);
    check_number(message_record(w, last_message(w)).class, CLASS_BULK);
    answer_all(w);
    world_end_test(w);
}

/* Nothing is lost while the bot is away, and the order stays. */
static void
r_num_2_the_bot_is_away(void)
{
    struct world *w = world_of(BIZ_LINE(", response: bot, app: bot"));

    world_unbind(w, 1, 0);
    phone_sends(w, CONTACT, BIZ, "one");
    phone_sends(w, CONTACT, BIZ, "two");
    nothing_sent(w);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_bind(w, 1, LINK_APP, "bot", 10);
    check_number(bot_gets(w, "one"), 1);
    check_number(bot_gets(w, "two"), 1);
    world_end_test(w);
}

static void
r_num_2_transferred_to_people(void)
{
    struct world *w = world_of(BIZ_LINE(", response: bot, app: bot"));
    struct conv conv;
    struct step s;

    phone_sends(w, CONTACT, BIZ, "hello");
    check_number(bot_gets(w, "hello"), 1);
    world_begin(w);
    s = (struct step){w->relay, w->txn, w->now_ms, &w->fx};
    check(conv_get(&s, ACME, conv_id_make(1), &conv));
    conv_transfer(&s, &conv, (struct owner){OWNER_AGENT, 1}, (struct owner){0});
    conv_put(&s, &conv);
    world_end(w);
    phone_sends(w, CONTACT, BIZ, "a person, please");
    check(phone_gets(w, ANN) != NULL);
    nothing_sent(w);
    check_number(entry_record(w, ACME, conv_id_make(1), 3).kind, ENTRY_TRANSFERRED);
    phone_sends(w, CONTACT_2, BIZ, "me not"); /* the number itself is still the bot's */
    check_number(bot_gets(w, "me not"), 1);
    world_end_test(w);
}

/* ---- R-num-3 */

static void
r_num_3_a_campaign_overrides_for_its_time(void)
{
    struct world *w = world_of(BIZ_LINE(", assign_agent: ann")
                                   CAMPAIGN("starts: 2026-01-01T01:00:00Z, ends: "
                                            "2026-01-01T02:00:00Z, response: bot, app: bot"));

    phone_sends(w, CONTACT, BIZ, "before");
    check(phone_gets(w, ANN) != NULL);
    world_pass(w, HOUR - 1);
    phone_sends(w, CONTACT, BIZ, "a moment before");
    check(phone_gets(w, ANN) != NULL);
    world_pass(w, 1);
    check_number(number_record(w, BIZ).campaign, 1);
    phone_sends(w, CONTACT, BIZ, "within");
    check_number(bot_gets(w, "within"), 1);
    phone_sends(w, CONTACT_2, BIZ, "new within");
    check_number(bot_gets(w, "new within"), 1);
    world_pass(w, HOUR);
    check_number(number_record(w, BIZ).campaign, 0);
    phone_sends(w, CONTACT, BIZ, "after");
    check(phone_gets(w, ANN) != NULL);
    phone_sends(w, CONTACT_2, BIZ, "after"); /* was nobody's: now it has the number's owner */
    check(phone_gets(w, ANN) != NULL);
    nothing_sent(w);
    world_end_test(w);
}

/* The clock has jumped and no tick came yet: what counts is the time. */
static void
r_num_3_the_moment_counts_not_the_timer(void)
{
    struct world *w = world_of(BIZ_LINE(", assign_agent: ann")
                                   CAMPAIGN("starts: 2026-01-01T01:00:00Z, ends: "
                                            "2026-01-01T02:00:00Z, response: agent, "
                                            "inbox_agents: [ben]"));

    w->now_ms += HOUR;
    phone_sends(w, CONTACT, BIZ, "in it");
    check(phone_gets(w, BEN) != NULL);
    w->now_ms += HOUR;
    phone_sends(w, CONTACT_2, BIZ, "after it");
    check(phone_gets(w, ANN) != NULL);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_num_3_archiving_ends_it(void)
{
    struct world *w = world_of(BIZ_LINE("") CAMPAIGN("starts: 2025-12-01, archive: "
                                                     "2026-01-01T01:00:00Z, response: agent"));

    check_number(number_record(w, BIZ).campaign, 1);
    world_pass(w, HOUR);
    check_number(number_record(w, BIZ).campaign, 0);
    world_end_test(w);
}

static void
r_num_3_it_goes_with_the_file_and_survives_a_crash(void)
{
    static const struct world_options without = {.directory = BIZ_LINE(", assign_agent: ann")};
    struct world *w = world_of(BIZ_LINE(", assign_agent: ann") CAMPAIGN(
        "starts: 2025-12-01, response: agent, inbox_agents: [ben]"));

    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_sends(w, CONTACT, BIZ, "hello");
    check(phone_gets(w, BEN) != NULL);
    world_reload(w, &without);
    check_number(number_record(w, BIZ).campaign, 0);
    phone_sends(w, CONTACT_2, BIZ, "hello");
    check(phone_gets(w, ANN) != NULL);
    world_end_test(w);
}

/* ---- R-num-4 */

static void
r_num_4_one_after_the_other(void)
{
    struct world *w = world_of(BIZ_LINE("") CAMPAIGN(
        "starts: 2026-01-01T01:00:00Z, ends: 2026-01-01T02:00:00Z, response: agent")
            "      - {id: summer, number: +12025550150, starts: 2026-01-01T02:00:00Z, response: "
            "agent}\n");
    struct rec_campaign clash = {.number = addr_of(BIZ)};
    struct step s;

    world_begin(w);
    s = (struct step){w->relay, w->txn, w->now_ms, &w->fx};
    clash.starts_ms = w->now_ms + HOUR / 2;
    clash.ends_ms = w->now_ms + HOUR;
    check_number(campaign_clash(&s, ACME, &clash, 0), 0);
    clash.ends_ms++;
    check_number(campaign_clash(&s, ACME, &clash, 0), 1);
    clash.starts_ms = w->now_ms + 5 * HOUR;
    clash.ends_ms = w->now_ms + 6 * HOUR;
    check_number(campaign_clash(&s, ACME, &clash, 0), 2);
    world_end(w);
    world_pass(w, HOUR);
    check_number(number_record(w, BIZ).campaign, 1);
    world_jump(w, HOUR);
    check_number(number_record(w, BIZ).campaign, 2);
    check_number(table_rows(w, TABLE_CAMPAIGN_OF), 1);
    world_end_test(w);
}

static void
r_num_4_only_members_of_the_office(void)
{
    struct world *w = world_of(BIZ_LINE(", office: front"));
    struct rec_number number = number_record(w, BIZ);
    struct step s;

    world_begin(w);
    s = (struct step){w->relay, w->txn, w->now_ms, &w->fx};
    check(number_may_start(&s, &number, 1));
    number.office = 2;
    check(!number_may_start(&s, &number, 1));
    check(number_may_start(&s, &number, 3));
    number.office = 0;
    check(number_may_start(&s, &number, 1));
    check(!number_may_start(&s, &number, 99));
    world_end(w);
    world_end_test(w);
}

/* ---- R-num-5 */

static struct number_uses
uses(struct world *w)
{
    struct rec_number number = number_record(w, BIZ);
    struct addr addr = addr_of(BIZ);
    struct number_uses out;
    struct step s;

    world_begin(w);
    s = (struct step){w->relay, w->txn, w->now_ms, &w->fx};
    number_uses(&s, &addr, &number, &out);
    world_end(w);
    return out;
}

static void
r_num_5_what_uses_a_number(void)
{
    struct world *w = world_of(BIZ_LINE("") CAMPAIGN("starts: 2027-01-01, response: agent"));
    struct world_options without = {.directory = BIZ_LINE("")};

    check_number(uses(w).campaign.state, CAMPAIGN_SCHEDULED);
    check(!uses(w).conv_open && !uses(w).lease);
    world_reload(w, &without);
    check_number(uses(w).campaign.state, 0);
    phone_sends(w, CONTACT, BIZ, "hello");
    check(uses(w).conv_open && uses(w).conv == conv_id_make(1));
    conv_close_directly(w, ACME, conv_id_make(1));
    check(!uses(w).conv_open);
    world_end_test(w);
}

static void
r_num_5_single_use_leaves_with_its_campaign(void)
{
    static const struct world_options again = {
        .directory = BIZ_LINE(", kind: single-use")
            CAMPAIGN("starts: 2025-12-01, ends: 2026-01-01T01:00:00Z, response: agent")};
    struct world *w = world_of(again.directory);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ, "hello");

    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    world_pass(w, HOUR);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_RINVDSTADR);
    check(number_record(w, BIZ).archived_ms == w->now_ms);
    world_reload(w, &again); /* the file still lists it */
    check_number(carrier_delivers(w, 0, &pdu), SMPP_RINVDSTADR);
    world_end_test(w);
}

CHECK_MAIN({"r_num_1_r_num_2_one_inbox_owns", r_num_2_one_inbox_owns},
           {"r_num_1_inboxes_of_both_kinds", r_num_2_several_inboxes_own_nothing},
           {"r_num_2_several_inboxes_own_nothing", r_num_2_several_inboxes_own_nothing},
           {"r_num_2_assigning_comes_before_inboxes", r_num_2_assigning_comes_before_inboxes},
           {"r_num_2_bot_gets_it_and_answers", r_num_2_bot_gets_it_and_answers},
           {"r_num_2_the_bot_is_away", r_num_2_the_bot_is_away},
           {"r_num_2_transferred_to_people", r_num_2_transferred_to_people},
           {"r_num_3_a_campaign_overrides_for_its_time",
            r_num_3_a_campaign_overrides_for_its_time},
           {"r_num_3_the_moment_counts_not_the_timer", r_num_3_the_moment_counts_not_the_timer},
           {"r_num_3_archiving_ends_it", r_num_3_archiving_ends_it},
           {"r_num_3_it_goes_with_the_file_and_survives_a_crash",
            r_num_3_it_goes_with_the_file_and_survives_a_crash},
           {"r_num_4_one_after_the_other", r_num_4_one_after_the_other},
           {"r_num_4_only_members_of_the_office", r_num_4_only_members_of_the_office},
           {"r_num_5_what_uses_a_number", r_num_5_what_uses_a_number},
           {"r_num_5_single_use_leaves_with_its_campaign",
            r_num_5_single_use_leaves_with_its_campaign})
