/*
 * relay_proxy_test.c: contact-number proxying (R-proxy), rule by rule.
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/lease.h"
#include "store/key.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_proxy_world.h"

static const struct proxy_options one = {.pool = 1}, two = {.pool = 2}, three = {.pool = 3};

static uint64_t
conv_id(struct world *w, const char *number, const char *contact)
{
    struct addr ours = addr_of(number), theirs = addr_of(contact);
    struct conv conv = {.id = 0};

    world_begin(w);
    {
        struct step s = {w->relay, w->txn, w->now_ms, &w->fx};

        if (!conv_open_of(&s, ACME, &ours, &theirs, &conv))
            conv.id = 0;
    }
    world_end(w);
    return conv.id;
}

static void
r_proxy_1_2_both_ways(void)
{
    struct world *w = proxy_world(&two);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    comes(w, CONTACT, USER_ANN, K1, ANN);
    comes_first(w, CONTACT_2, USER_ANN, K2, ANN);
    goes(w, ANN, K2, USER_ANN, CONTACT_2);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    check_number((long long)counters(w)->proxy_forwards, 3);
    check_number((long long)counters(w)->proxy_replies, 3);
    check_number((long long)counters(w)->leases_started, 2);
    world_end_test(w);
}

/* R-text-3: emoji, long texts, octets and ports as they came. */
static void
r_proxy_2_unchanged(void)
{
    struct world *w = proxy_world(&two);
    static const uint8_t ports[] = {6, 5, 4, 0x15, 0x8a, 0, 0, 1, 2, 3};
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, USER_ANN, "");
    struct sent *sent;

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    phone_sends(w, CONTACT, USER_ANN, "\xF0\x9F\x98\x80 \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D {x}");
    phone_shows(w, K1, ANN, "\xF0\x9F\x98\x80 \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D {x}");
    phone_sends(w, CONTACT, USER_ANN, repeat("0123456789", 70)); /* over max_parts */
    phone_shows(w, K1, ANN, repeat("0123456789", 70));
    phone_sends(w, ANN, K1, repeat("abcdefghij", 70));
    phone_shows(w, USER_ANN, CONTACT, repeat("abcdefghij", 70));
    pdu.body.sm.data_coding = 4;
    pdu.body.sm.short_message = slice_of("\0\xff\x80", 3);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    sent = sent_to(w, ANN);
    check(sent != NULL);
    check_number(sent->pdu.body.sm.data_coding, 4);
    check_slice(sent->pdu.body.sm.short_message, slice_of("\0\xff\x80", 3));
    answer_all(w);
    pdu = pdu_of_text(SMPP_DELIVER_SM, ANN, K1, "");
    pdu.body.sm.data_coding = 4;
    pdu.body.sm.esm_class = SMPP_ESM_UDHI;
    pdu.body.sm.short_message = slice_of(ports, sizeof(ports));
    pdu.body.sm.short_message.n = 10;
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    sent = sent_to(w, CONTACT);
    check(sent != NULL);
    check_number(sent->pdu.body.sm.esm_class & SMPP_ESM_UDHI, SMPP_ESM_UDHI);
    check_slice(sent->pdu.body.sm.short_message, slice_of(ports, sizeof(ports)));
    answer_all(w);
    nothing_sent(w);
    world_end_test(w);
}

/* The contact sees U only, the agent K only. */
static void
r_proxy_1_the_mobile_is_never_seen(void)
{
    struct world *w = proxy_world(&two);
    const struct phone_text *got;

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    phone_sends(w, ANN, K1, "It is me");
    got = phone_gets(w, CONTACT);
    check(got && strcmp(got->from, USER_ANN) == 0 && !strstr(got->text, ANN));
    nothing_sent(w);
    world_end_test(w);
}

static void
contact_record(struct world *w, uint32_t id, const char *first, const char *last,
               const char *company)
{
    struct rec_contact contact = {.id = SLICE_LIT("c"),
                                  .first = slice_str(first),
                                  .last = slice_str(last),
                                  .company = slice_str(company)};
    struct addr phone = addr_of(CONTACT);
    struct key key, value;

    world_begin(w);
    key_init(&key);
    key_u32(&key, ACME);
    key_u32(&key, id);
    record_put(w->txn, TABLE_CONTACT, key_slice(&key), &rec_contact_def, &contact);
    key_init(&key);
    key_u32(&key, ACME);
    key_addr(&key, &phone);
    key_init(&value);
    key_u32(&value, id);
    store_put(w->txn, TABLE_CONTACT_PHONES, key_slice(&key), key_slice(&value));
    world_end(w);
}

static void
r_proxy_3_the_first_text_tells_who(void)
{
    struct world *w = proxy_world(&three);

    contact_record(w, 1, "Carla", "Jones", "Initech");
    phone_sends(w, CONTACT, USER_ANN, "Hi {contact}");
    phone_shows(w, K1, ANN,
                "This number now stands for +12025550101 (Carla Jones). What you text here goes "
                "there.");
    phone_shows(w, K1, ANN, "Hi {contact}");
    contact_record(w, 1, "", "", "Initech");
    phone_sends(w, CONTACT, USER_BEN, "Hi");
    phone_shows(w, K2, BEN,
                "This number now stands for +12025550101 (Initech). What you text here goes "
                "there.");
    phone_shows(w, K2, BEN, "Hi");
    nothing_sent(w);
    world_end_test(w);
}

static void
convo(struct world *w, const char *text, const char *number)
{
    struct lease lease = lease_now(w, 1, "13095551212");

    phone_sends(w, ANN, USER_ANN, text);
    phone_shows(w, number, ANN, intro("13095551212"));
    nothing_sent(w);
    check(lease.id == 0 || lease_now(w, 1, "13095551212").id == lease.id);
    world_pass(w, 61000); /* as many notices as one likes */
}

static void
r_proxy_4_convo(void)
{
    static const char *const texts[] = {
        "Convo 3095551212",
        "convo +1 (309) 555-1212",
        "CONVERSATION 13095551212",
        " Conversation  309.555.1212 ",
        "cOnVo\n309-555-1212",
        "Conversation 1-309-555-1212",
        "Convo 011 1 309 555 1212",
        "Convo +1\xC2\xA0" "309\xC2\xA0" "555\xE2\x80\x91" "1212",
        "Convo \xE2\x80\xAA+1 309 555 1212\xE2\x80\xAC",
        "Convo 309/555/1212",
    };
    struct world *w = proxy_world(&two);

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        convo(w, texts[i], K1); /* the same number says so again */
    goes(w, ANN, K1, USER_ANN, "13095551212");
    comes(w, "13095551212", USER_ANN, K1, ANN);
    check_number(table_rows(w, TABLE_LEASE), 1);
    world_end_test(w);
}

static void
r_proxy_4_no_command_gets_the_usage(void)
{
    static const char *const texts[] = {
        "Hello",        "Convo",       "Convo ",      "Convoy 3095551212", "Convo Carla",
        "Convo 555121", "Convo 12",    "3095551212",  "Conversation",      "Convo3095551212",
        "Convo +",      "STOP",        "Start 3095551212", "Convo 3095551212 please",
        "Convo " ANN,   "Convo " USER_ANN, "Convo 12025550801" /* of the pool */,
    };
    struct world *w = proxy_world(&two);

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        phone_sends(w, ANN, USER_ANN, texts[i]);
        phone_shows(w, USER_ANN, ANN, USAGE);
        nothing_sent(w);
        world_pass(w, 61000);
    }
    check_number(table_rows(w, TABLE_LEASE), 0);
    check_number(table_rows(w, TABLE_CONV), 0);
    check(!opted_out(w, ACME, ANN));
    world_end_test(w);
}

/* An auto-responder must not run up a bill. */
static void
r_proxy_4_usage_is_limited(void)
{
    struct world *w = proxy_world(&(struct proxy_options){
        .pool = 1, .relay = "  notices_per_minute: 2\n"});

    for (int i = 0; i < 5; i++)
        phone_sends(w, ANN, USER_ANN, "I am on holiday");
    phone_shows(w, USER_ANN, ANN, USAGE);
    phone_shows(w, USER_ANN, ANN, USAGE);
    nothing_sent(w);
    check_number((long long)counters(w)->relay_notices_held, 3);
    world_end_test(w);
}

static void
r_proxy_5_the_idlest_is_recycled(void)
{
    struct world *w = proxy_world(&three);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    world_pass(w, 1000);
    comes_first(w, CONTACT_2, USER_ANN, K2, ANN);
    world_pass(w, 1000);
    comes_first(w, CONTACT_3, USER_BEN, K3, BEN);
    world_pass(w, 1000);
    goes(w, ANN, K1, USER_ANN, CONTACT); /* either direction counts */
    world_pass(w, 1000);
    /* The oldest conversation is not the idlest: that is the second. */
    phone_sends(w, "13095551212", USER_BEN, "Hello Ben");
    phone_shows(w, K2, ANN, recycled(CONTACT_2));
    phone_shows(w, K2, BEN, intro("13095551212"));
    phone_shows(w, K2, BEN, "Hello Ben");
    nothing_sent(w);
    check_number((long long)counters(w)->leases_recycled, 1);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    goes(w, BEN, K2, USER_BEN, "13095551212");
    world_end_test(w);
}

static void
r_proxy_5_ties_go_to_the_smaller_lease(void)
{
    struct world *w = proxy_world(&two);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    comes_first(w, CONTACT_2, USER_ANN, K2, ANN); /* the clock stands still */
    phone_sends(w, CONTACT_3, USER_ANN, "Hi");
    phone_shows(w, K1, ANN, recycled(CONTACT));
    phone_shows(w, K1, ANN, intro(CONTACT_3));
    phone_shows(w, K1, ANN, "Hi");
    world_end_test(w);
}

static void
r_proxy_5_min_idle(void)
{
    struct world *w = proxy_world(&(struct proxy_options){.pool = 1, .settings = "min_idle: 10m"});

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    world_pass(w, 599999);
    phone_sends(w, ANN, USER_ANN, "Convo " CONTACT_2);
    phone_shows(w, USER_ANN, ANN, none_free(CONTACT_2));
    phone_sends(w, CONTACT_2, USER_ANN, "Is anybody there?");
    phone_shows(w, USER_ANN, ANN,
                "No contact number is free for +12025550102, so you cannot answer now. They "
                "wrote: Is anybody there?");
    nothing_sent(w);
    check_number((long long)counters(w)->proxy_no_number, 2);
    comes(w, CONTACT, USER_ANN, K1, ANN); /* its minutes begin again */
    world_pass(w, 599999);
    phone_sends(w, ANN, USER_ANN, "Convo " CONTACT_2);
    phone_shows(w, USER_ANN, ANN, none_free(CONTACT_2));
    world_pass(w, 1);
    phone_sends(w, ANN, USER_ANN, "Convo " CONTACT_2);
    phone_shows(w, K1, ANN, recycled(CONTACT));
    phone_shows(w, K1, ANN, intro(CONTACT_2));
    nothing_sent(w);
    world_end_test(w);
}

static void
r_proxy_5_no_pool_at_all(void)
{
    struct world *w = proxy_world(&(struct proxy_options){.pool = 0});

    phone_sends(w, ANN, USER_ANN, "Convo " CONTACT);
    phone_shows(w, USER_ANN, ANN, none_free(CONTACT));
    nothing_sent(w);
    world_end_test(w);
}

/* The text goes out before anything of the new pair, also when the carrier was away. */
static void
r_proxy_6_recycled_is_told_first(void)
{
    struct world *w = proxy_world(&one);
    struct sent *sent;

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 1);
    phone_sends(w, CONTACT_2, USER_BEN, "Hi Ben");
    sent = sent_first(w);
    check_slice(sent->pdu.body.sm.dest.digits, slice_str(ANN));
    phone_shows(w, K1, ANN, recycled(CONTACT));
    phone_shows(w, K1, BEN, intro(CONTACT_2));
    phone_shows(w, K1, BEN, "Hi Ben");
    nothing_sent(w);
    world_end_test(w);
}

/* Ann's phone has a message that is not answered yet, so the notice waits behind it; nothing of the
 * new pair leaves meanwhile, in no direction, over a restart either. */
static void
r_proxy_6_two_agents_and_a_busy_phone(void)
{
    struct world *w = proxy_world(&one);
    struct sent *busy;

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    phone_sends(w, CONTACT, USER_ANN, "One more");
    busy = sent_to(w, ANN);
    check(busy != NULL);
    phone_sends(w, CONTACT_2, USER_BEN, "Hi Ben");
    phone_sends(w, BEN, K1, "Hi Bea");
    check_number(sent_count(w), 1);
    world_pass(w, 500);
    check_number(sent_count(w), 1);
    answer(w, busy, SMPP_ROK, "c9");
    phone_shows(w, K1, ANN, recycled(CONTACT));
    nothing_sent(w);
    world_pass(w, 1000);
    phone_shows(w, K1, BEN, intro(CONTACT_2));
    phone_shows(w, K1, BEN, "Hi Ben");
    phone_shows(w, USER_BEN, CONTACT_2, "Hi Bea");
    nothing_sent(w);
    /* What comes later costs nothing more. */
    check(lease_now(w, 2, CONTACT_2).rec.after != 0);
    goes(w, BEN, K1, USER_BEN, CONTACT_2);
    check(lease_now(w, 2, CONTACT_2).rec.after == 0);
    comes(w, CONTACT_2, USER_BEN, K1, BEN);
    world_end_test(w);
}

static void
r_proxy_6_two_agents_and_a_restart(void)
{
    struct world *w = proxy_world(&one);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    phone_sends(w, CONTACT, USER_ANN, "One more");
    check(sent_to(w, ANN) != NULL);
    phone_sends(w, CONTACT_2, USER_BEN, "Hi Ben");
    world_pass(w, 1000);
    check_number(sent_count(w), 1);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_pass(w, 60000);
    check_number(sent_count(w), 1); /* what was in doubt, once more */
    check(phone_gets(w, ANN) != NULL);
    phone_shows(w, K1, ANN, recycled(CONTACT));
    world_pass(w, 60000);
    phone_shows(w, K1, BEN, intro(CONTACT_2));
    phone_shows(w, K1, BEN, "Hi Ben");
    nothing_sent(w);
    world_end_test(w);
}

static void
r_proxy_7_the_former_contact_gets_nothing(void)
{
    struct world *w = proxy_world(&one);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    phone_sends(w, CONTACT_2, USER_BEN, "Hi Ben");
    answer_all(w);
    for (int i = 0; i < 2; i++) { /* and that is not for once */
        phone_sends(w, ANN, K1, i ? "Are you there, Carla?" : "Carla?");
        phone_shows(w, K1, ANN, recycled(CONTACT));
        nothing_sent(w);
        world_crash(w);
        world_bind(w, 0, LINK_CARRIER, "sim", 10);
    }
    goes(w, BEN, K1, USER_BEN, CONTACT_2);
    /* What she wrote is in the history, as refused. */
    check_number(entry_record(w, ACME, conv_id(w, USER_ANN, CONTACT), 3).kind, ENTRY_REFUSED);
    world_end_test(w);
}

/* The number stood for Carla when the first part was written: nobody else gets the rest. */
static void
r_proxy_7_parts_from_before_the_lease(void)
{
    struct world *w = proxy_world(&one);
    struct pdu part = pdu_of_part(ANN, K1, 7, 2, 1, "My key is under "), last;

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    world_pass(w, 1000);
    check_number(carrier_delivers(w, 0, &part), SMPP_ROK);
    world_pass(w, 1000);
    phone_sends(w, CONTACT_2, USER_ANN, "Hi Ann"); /* the number is his now */
    answer_all(w);
    last = pdu_of_part(ANN, K1, 7, 2, 2, "the mat, Carla");
    check_number(carrier_delivers(w, 0, &last), SMPP_ROK);
    phone_shows(w, K1, ANN, recycled(CONTACT));
    nothing_sent(w);
    check_number(entry_record(w, ACME, conv_id(w, USER_ANN, CONTACT), 3).kind, ENTRY_REFUSED);
    goes(w, ANN, K1, USER_ANN, CONTACT_2);
    world_end_test(w);
}

static void
r_proxy_7_ended_by_hand(void)
{
    struct world *w = proxy_world(&two);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    lease_end_by_hand(w, 1, CONTACT);
    phone_sends(w, ANN, K1, "One more thing");
    phone_shows(w, K1, ANN, ended(CONTACT));
    nothing_sent(w);
    world_end_test(w);
}

static void
r_proxy_8_another_number_than_the_last(void)
{
    struct world *w = proxy_world(&two);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    world_pass(w, 1000);
    comes_first(w, CONTACT_2, USER_ANN, K2, ANN);
    world_pass(w, 1000);
    phone_sends(w, CONTACT_3, USER_ANN, "Hi"); /* takes the first one's number */
    answer_all(w);
    world_pass(w, 1000);
    comes(w, CONTACT_2, USER_ANN, K2, ANN);
    world_pass(w, 1000);
    /* K1 is the idlest, but it was his last. */
    phone_sends(w, CONTACT, USER_ANN, "Me again");
    phone_shows(w, K2, ANN, recycled(CONTACT_2));
    phone_shows(w, K2, ANN, intro(CONTACT));
    phone_shows(w, K2, ANN, "Me again");
    nothing_sent(w);
    world_end_test(w);
}

static void
r_proxy_8_free_but_the_last(void)
{
    struct world *w = proxy_world(&two);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    comes_first(w, CONTACT_2, USER_ANN, K2, ANN);
    phone_sends(w, CONTACT_3, USER_ANN, "Hi"); /* K1 */
    answer_all(w);
    lease_end_by_hand(w, 1, CONTACT_3); /* K1 is free */
    phone_sends(w, CONTACT, USER_ANN, "Me again");
    phone_shows(w, K2, ANN, recycled(CONTACT_2));
    answer_all(w);
    world_end_test(w);
}

static void
r_proxy_8_a_pool_of_one(void)
{
    struct world *w = proxy_world(&one);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    phone_sends(w, CONTACT_2, USER_ANN, "Hi");
    answer_all(w);
    phone_sends(w, CONTACT, USER_ANN, "Me again");
    phone_shows(w, K1, ANN, recycled(CONTACT_2));
    phone_shows(w, K1, ANN, intro(CONTACT));
    phone_shows(w, K1, ANN, "Me again");
    world_end_test(w);
}

/* The contact sees nothing of numbers that come and go. */
static void
r_proxy_9_the_user_number_stays(void)
{
    struct world *w = proxy_world(&one);

    for (int i = 0; i < 4; i++) {
        phone_sends(w, i % 2 ? CONTACT_2 : CONTACT, USER_ANN, i < 2 ? "Hi" : "Me again");
        answer_all(w);
        goes(w, ANN, K1, USER_ANN, i % 2 ? CONTACT_2 : CONTACT);
    }
    world_end_test(w);
}

/* One history, whatever numbers come and go. */
static void
r_proxy_10_the_history_stays(void)
{
    struct world *w = proxy_world(&two);
    uint64_t id;
    struct rec_conv conv;
    struct rec_entry entry;

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    id = conv_id(w, USER_ANN, CONTACT);
    comes_first(w, CONTACT_2, USER_ANN, K2, ANN);
    phone_sends(w, CONTACT_3, USER_ANN, "Hi");
    answer_all(w);
    check(lease_now(w, 1, CONTACT).id == 0);
    phone_sends(w, CONTACT, USER_ANN, "Me again");
    answer_all(w);
    goes(w, ANN, K2, USER_ANN, CONTACT);
    check(conv_id(w, USER_ANN, CONTACT) == id);
    conv = conv_record(w, ACME, id);
    check_number(conv.owner_kind, OWNER_AGENT);
    check_number(conv.owner, 1);
    check_number(conv.entries, 5);
    entry = entry_record(w, ACME, id, 3);
    check_number(entry.kind, ENTRY_OUT);
    check_number(entry.by, 1);
    check_number(entry.state, MSG_SENT);
    check_number(entry_record(w, ACME, id, 4).kind, ENTRY_IN);
    world_end_test(w);
}


static void
r_proxy_13_strangers_are_unassigned(void)
{
    struct world *w = proxy_world(&two);
    uint64_t id;

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    phone_sends(w, CONTACT_2, K1, "Who is this?");
    phone_sends(w, CONTACT, K1, "I found this number"); /* not even the contact itself */
    phone_sends(w, BEN, K1, "Ben here"); /* an agent who never had it */
    phone_sends(w, CID, K1, "Cid here"); /* another account's */
    phone_sends(w, CONTACT_2, K2, "Nobody's number");
    nothing_sent(w);
    check_number((long long)counters(w)->proxy_strangers, 5);
    id = conv_id(w, K1, CONTACT_2);
    check_number(conv_record(w, ACME, id).owner_kind, OWNER_NOBODY);
    check_number(entry_record(w, ACME, id, 2).kind, ENTRY_IN);
    check_slice(entry_record(w, ACME, id, 2).text, slice_str("Who is this?"));
    /* R-stop-1: whatever number it was sent to. */
    phone_sends(w, CONTACT_2, K1, "STOP");
    check(opted_out(w, ACME, CONTACT_2));
    nothing_sent(w);
    world_end_test(w);
}

static void
r_proxy_14_the_agent_is_told_of_the_number(void)
{
    struct world_options none = {.directory = "accounts: []\n"};
    struct world *w = world_new(&none);
    static const struct proxy_options lonely = {.pool = 1, .no_ben = true};

    proxy_reload(w, &lonely);
    phone_shows(w, USER_ANN, ANN,
                "+12025550140 is now your number at Acme. To start a conversation, text Convo and "
                "the contact's number to it.");
    phone_shows(w, USER_CID, CID,
                "+12025550142 is now your number at Zeta. To start a conversation, text Convo and "
                "the contact's number to it.");
    nothing_sent(w);
    proxy_reload(w, &lonely); /* once */
    nothing_sent(w);
    proxy_reload(w, &one);
    phone_shows(w, USER_BEN, BEN,
                "+12025550141 is now your number at Acme. To start a conversation, text Convo and "
                "the contact's number to it.");
    nothing_sent(w);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_proxy_15_free_for_the_longest(void)
{
    struct world *w =
        proxy_world(&(struct proxy_options){.pool = 3, .settings = "quarantine: 0s"});

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    comes_first(w, CONTACT_2, USER_ANN, K2, ANN);
    lease_end_by_hand(w, 1, CONTACT_2); /* K2 first */
    world_pass(w, 1000);
    lease_end_by_hand(w, 1, CONTACT);
    world_pass(w, 1000);
    comes_first(w, "13095550001", USER_ANN, K3, ANN); /* never used */
    comes_first(w, "13095550002", USER_ANN, K2, ANN);
    comes_first(w, "13095550003", USER_ANN, K1, ANN);
    world_end_test(w);
}

static void
r_proxy_15_quarantine(void)
{
    struct world *w = proxy_world(&(struct proxy_options){.pool = 2, .settings = "min_idle: 1d"});

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    lease_end_by_hand(w, 1, CONTACT);
    comes_first(w, CONTACT_2, USER_ANN, K2, ANN); /* K1 rests */
    comes_first(w, CONTACT_3, USER_ANN, K1, ANN); /* rather than that another loses its number */
    lease_end_by_hand(w, 1, CONTACT_2);           /* K2 rests */
    world_pass(w, 3600000);
    lease_end_by_hand(w, 1, CONTACT_3); /* K1 rests, an hour longer */
    world_pass(w, 23 * 3600000);
    comes_first(w, "13095550001", USER_ANN, K2, ANN); /* its rest is over */
    world_end_test(w);
}

/* R-stop-5, 8, in both directions. */
static void
r_stop_5_proxy_an_opted_out_contact(void)
{
    struct world *w = proxy_world(&two);
    uint64_t id;

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    phone_sends(w, CONTACT, USER_ANN, "Stop");
    phone_shows(w, USER_ANN, CONTACT,
                "Acme: you have opted out and will get no more texts from us. Reply UNSTOP to opt "
                "in again.");
    phone_shows(w, K1, ANN, "Stop"); /* R-stop-8 */
    nothing_sent(w);
    id = conv_id(w, USER_ANN, CONTACT);
    check_number(entry_record(w, ACME, id, 4).kind, ENTRY_OPTED_OUT);
    phone_sends(w, ANN, K1, "But why?");
    phone_shows(w, K1, ANN, opted(CONTACT));
    phone_sends(w, ANN, USER_ANN, "Convo " CONTACT);
    phone_shows(w, USER_ANN, ANN, opted(CONTACT));
    nothing_sent(w);
    check_number(entry_record(w, ACME, id, 5).kind, ENTRY_REFUSED);
    comes(w, CONTACT, USER_ANN, K1, ANN); /* they may write all the same */
    phone_sends(w, CONTACT, USER_ANN, "unstop");
    phone_shows(w, USER_ANN, CONTACT,
                "Acme: you have opted in to our texts again. Reply STOP to opt out.");
    phone_shows(w, K1, ANN, "unstop");
    goes(w, ANN, K1, USER_ANN, CONTACT);
    world_end_test(w);
}

/* What waits is cancelled (R-stop-5); a STOP alone takes nobody's number. */
static void
r_stop_5_proxy_what_waits_and_who_has_no_number(void)
{
    struct world *w = proxy_world(&one);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    phone_sends(w, CONTACT_2, USER_ANN, "STOP");
    phone_shows(w, USER_ANN, CONTACT_2,
                "Acme: you have opted out and will get no more texts from us. Reply UNSTOP to opt "
                "in again.");
    nothing_sent(w);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 1);
    phone_sends(w, CONTACT_3, BIZ, "hello");
    phone_sends(w, CONTACT, USER_ANN, "blocks the window");
    phone_sends(w, ANN, K1, "waits");
    phone_sends(w, CONTACT, BIZ, "STOP");
    answer_all(w);
    for (const struct phone_text *got; (got = phone_gets(w, CONTACT)) != NULL;)
        check(!strstr(got->text, "waits"));
    world_end_test(w);
}

/* It was another number of ours that the contact sent it to. */
static void
r_stop_8_proxy_the_agent_is_told(void)
{
    struct world *w = proxy_world(&two);
    const struct phone_text *got;

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    phone_sends(w, CONTACT, BIZ, "STOP");
    world_pass(w, 1000);
    got = phone_gets(w, ANN);
    check(got && strcmp(got->from, K1) == 0 && strstr(got->text, "opted out") &&
          strstr(got->text, CONTACT));
    answer_all(w);
    world_end_test(w);
}

/* R-stop-1: the agent on these numbers is no contact; the word goes to the contact. */
static void
r_stop_1_proxy_not_from_the_agent(void)
{
    struct world *w = proxy_world(&two);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    phone_sends(w, ANN, K1, "STOP");
    phone_shows(w, USER_ANN, CONTACT, "STOP");
    check(!opted_out(w, ACME, ANN));
    comes(w, CONTACT, USER_ANN, K1, ANN);
    world_end_test(w);
}

/* The agent gets another phone, and no other phone gets what was hers. */
static void
r_proxy_1_a_new_phone(void)
{
    static struct world_options options;
    struct world *w = proxy_world(&two);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    options.directory =
        "accounts:\n  - id: acme\n    name: Acme\n    country: US\n    agents:\n"
        "      - {id: ann, mobile: +12025550199, user_number: +" USER_ANN "}\n    numbers:\n"
        "      - {number: +" USER_ANN ", role: user, carrier: sim, agent: ann}\n"
        "      - {number: +12025550801, role: contact, carrier: sim}\n";
    world_reload(w, &options);
    nothing_sent(w);
    comes(w, CONTACT, USER_ANN, K1, "12025550199");
    phone_sends(w, ANN, K1, "the old phone");
    nothing_sent(w);
    goes(w, "12025550199", K1, USER_ANN, CONTACT);
    world_end_test(w);
}

/* Everything is in the tables. */
static void
r_proxy_1_survives_a_restart(void)
{
    struct world *w = proxy_world(&two);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    comes(w, CONTACT, USER_ANN, K1, ANN);
    comes_first(w, CONTACT_2, USER_ANN, K2, ANN);
    world_end_test(w);
}

/* Two accounts have pools and agents of their own. */
static void
r_proxy_1_accounts_are_walls(void)
{
    struct world *w = proxy_world(&one);

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    comes_first(w, CONTACT, USER_CID, K_ZETA, CID);
    phone_sends(w, CONTACT_2, USER_CID, "Hi");
    phone_shows(w, K_ZETA, CID, recycled(CONTACT));
    answer_all(w);
    phone_sends(w, ANN, K_ZETA, "psst");
    nothing_sent(w);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    world_end_test(w);
}

CHECK_MAIN({"r_proxy_1_2_both_ways", r_proxy_1_2_both_ways},
           {"r_proxy_2_unchanged", r_proxy_2_unchanged},
           {"r_proxy_1_the_mobile_is_never_seen", r_proxy_1_the_mobile_is_never_seen},
           {"r_proxy_3_the_first_text_tells_who", r_proxy_3_the_first_text_tells_who},
           {"r_proxy_4_convo", r_proxy_4_convo},
           {"r_proxy_4_no_command_gets_the_usage", r_proxy_4_no_command_gets_the_usage},
           {"r_proxy_4_usage_is_limited", r_proxy_4_usage_is_limited},
           {"r_proxy_5_the_idlest_is_recycled", r_proxy_5_the_idlest_is_recycled},
           {"r_proxy_5_ties_go_to_the_smaller_lease", r_proxy_5_ties_go_to_the_smaller_lease},
           {"r_proxy_5_min_idle", r_proxy_5_min_idle},
           {"r_proxy_5_no_pool_at_all", r_proxy_5_no_pool_at_all},
           {"r_proxy_6_recycled_is_told_first", r_proxy_6_recycled_is_told_first},
           {"r_proxy_6_two_agents_and_a_busy_phone", r_proxy_6_two_agents_and_a_busy_phone},
           {"r_proxy_6_two_agents_and_a_restart", r_proxy_6_two_agents_and_a_restart},
           {"r_proxy_7_the_former_contact_gets_nothing", r_proxy_7_the_former_contact_gets_nothing},
           {"r_proxy_7_parts_from_before_the_lease", r_proxy_7_parts_from_before_the_lease},
           {"r_proxy_7_ended_by_hand", r_proxy_7_ended_by_hand},
           {"r_proxy_8_another_number_than_the_last", r_proxy_8_another_number_than_the_last},
           {"r_proxy_8_free_but_the_last", r_proxy_8_free_but_the_last},
           {"r_proxy_8_a_pool_of_one", r_proxy_8_a_pool_of_one},
           {"r_proxy_9_the_user_number_stays", r_proxy_9_the_user_number_stays},
           {"r_proxy_10_the_history_stays", r_proxy_10_the_history_stays},
           {"r_proxy_13_strangers_are_unassigned", r_proxy_13_strangers_are_unassigned},
           {"r_proxy_14_the_agent_is_told_of_the_number",
            r_proxy_14_the_agent_is_told_of_the_number},
           {"r_proxy_15_free_for_the_longest", r_proxy_15_free_for_the_longest},
           {"r_proxy_15_quarantine", r_proxy_15_quarantine},
           {"r_stop_5_proxy_an_opted_out_contact", r_stop_5_proxy_an_opted_out_contact},
           {"r_stop_5_proxy_what_waits_and_who_has_no_number",
            r_stop_5_proxy_what_waits_and_who_has_no_number},
           {"r_stop_8_proxy_the_agent_is_told", r_stop_8_proxy_the_agent_is_told},
           {"r_stop_1_proxy_not_from_the_agent", r_stop_1_proxy_not_from_the_agent},
           {"r_proxy_1_a_new_phone", r_proxy_1_a_new_phone},
           {"r_proxy_1_survives_a_restart", r_proxy_1_survives_a_restart},
           {"r_proxy_1_accounts_are_walls", r_proxy_1_accounts_are_walls})
