/*
 * relay_txt_test.c: TXT Relay (R-txt) but for the grammar of replies, which is in
 * relay_reply_test.c.
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "protocol/text.h"
#include "store/key.h"
#include "tests/unit/check.h"

/* ---- R-txt-1, 3: to the agent */

static void
r_txt_1_forwarded_from_the_relay_number(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conv_id_make(1);

    phone_sends(w, CONTACT, BIZ, "is it open?");
    phone_shows(w, RELAY_ANN, ANN, with_id(id, "+12025550101: is it open?"));
    nothing_sent(w);
    check_number(counters(w)->relay_forwards, 1);
    world_end_test(w);
}

static void
not_forwarded(const char *number)
{
    struct world *w = world_new(NULL);

    phone_sends(w, CONTACT, number, "hello");
    nothing_sent(w);
    check_text(entry_record(w, ACME, conv_id_make(1), 2).text, "hello");
    check_number(counters(w)->relay_forwards, 0);
    world_end_test(w);
}

static void
r_txt_1_not_unless_an_agent_owns_it(void)
{
    not_forwarded(BIZ_GROUP);
}

static void
r_txt_1_not_without_a_relay_number(void)
{
    not_forwarded("12025550153");
}

static const char relay_off[] =
    "accounts:\n"
    "  - id: acme\n"
    "    name: Acme\n"
    "    agents:\n"
    "      - {id: ann, name: Ann, mobile: +12025550111, relay_number: +12025550180, relay: false}\n"
    "    numbers:\n"
    "      - {number: +12025550150, role: business, carrier: sim, assign_agent: ann}\n"
    "      - {number: +12025550180, role: relay, carrier: sim, agent: ann}\n";

static void
r_txt_1_not_with_relay_switched_off(void)
{
    struct world_options off = {.directory = relay_off};
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    world_reload(w, &off);
    phone_sends(w, CONTACT, BIZ, "anybody?");
    nothing_sent(w);
    check_text(entry_record(w, ACME, id, 3).text, "anybody?");
    world_end_test(w);
}

static void
r_txt_3_long_goes_as_one_never_cut(void)
{
    struct world_options options = {.account = "    long_messages: reject\n    max_parts: 1\n"};
    struct world *w = world_new(&options);
    const char *text = repeat("0123456789", 153);
    const struct phone_text *got;

    phone_sends(w, CONTACT, BIZ, text);
    got = phone_gets(w, ANN);
    check(got != NULL && got->parts == 11);
    check_number(leading_number(got->text), conv_id_make(1));
    check(strstr(got->text, text) != NULL);
    nothing_sent(w);
    world_end_test(w);
}

/* One GSM character 39,015 times: all of them arrive. */
static void
longest_arrives(uint8_t octet, const char *utf8)
{
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ, "");
    static uint8_t tlvs[40000], octets[TEXT_OCTETS_MAX];
    size_t used = 0, shown = 0;
    const struct phone_text *got;

    memset(octets, octet, sizeof(octets));
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD,
                  slice_of(octets, sizeof(octets))));
    pdu.tlvs = slice_of(tlvs, used);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    while ((got = phone_gets(w, ANN)))
        for (const char *at = strstr(got->text, utf8); at; at = strstr(at + strlen(utf8), utf8))
            shown++;
    check_number(shown, sizeof(octets));
    world_end_test(w);
}

static void
r_txt_3_longer_than_255_parts_is_not_cut_either(void)
{
    longest_arrives('x', "x");
    longest_arrives(1, "\xC2\xA3");
}

/* One "character" of many thousand combining marks: nowhere to cut, and yet it must go. */
static void
r_txt_3_a_single_endless_character(void)
{
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ, "");
    static uint8_t tlvs[40000], octets[39014];
    size_t used = 0;

    octets[1] = 'a';
    for (size_t i = 2; i < sizeof(octets); i += 2) {
        octets[i] = 3;
        octets[i + 1] = 1;
    }
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD,
                  slice_of(octets, sizeof(octets))));
    pdu.tlvs = slice_of(tlvs, used);
    pdu.body.sm.data_coding = 8;
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    answer_all(w);
    check(counters(w)->messages_out > 255);
    check_number(counters(w)->messages_refused, 0);
    world_end_test(w);
}

/* ---- R-txt-6: how long a reply may be */

static void
g15_one(const char *overflow, uint32_t characters, uint32_t delivered, uint32_t parts,
        const char *told)
{
    char relay[64];
    struct world_options options = {.relay = relay};
    struct world *w;
    uint64_t id;

    snprintf(relay, sizeof(relay), "  reply_overflow: %s\n", overflow);
    w = world_new(&options);
    id = conversation(w, CONTACT);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, repeat("x", characters)));
    if (delivered) {
        const struct phone_text *got = phone_gets(w, CONTACT);

        check(got != NULL);
        check_text(slice_of(got->text, got->n), repeat("x", delivered));
        check_number(got->parts, parts);
    }
    if (told) {
        const struct phone_text *got = phone_gets(w, ANN);

        check(got != NULL);
        check_number(leading_number(got->text), id);
        check(strstr(got->text, told) != NULL);
    }
    nothing_sent(w);
    world_end_test(w);
}

#define CUT "Only the first 140"
#define REJECTED "nothing was delivered"

static void
g15_r_txt_6_deliver_part(void)
{
    static const uint32_t lengths[] = {141, 160, 161, 306, 459, 460};

    g15_one("deliver-part", 139, 139, 1, NULL);
    g15_one("deliver-part", 140, 140, 1, NULL);
    for (size_t i = 0; i < 6; i++)
        g15_one("deliver-part", lengths[i], 140, 1, CUT);
}

static void
g15_r_txt_6_reject(void)
{
    static const uint32_t lengths[] = {141, 160, 161, 306, 459, 460};

    g15_one("reject", 139, 139, 1, NULL);
    g15_one("reject", 140, 140, 1, NULL);
    for (size_t i = 0; i < 6; i++)
        g15_one("reject", lengths[i], 0, 0, REJECTED);
}

static void
g15_r_txt_6_split(void)
{
    g15_one("split", 139, 139, 1, NULL);
    g15_one("split", 140, 140, 1, NULL);
    g15_one("split", 141, 141, 1, NULL);
    g15_one("split", 160, 160, 1, NULL);
    g15_one("split", 161, 161, 2, NULL);
    g15_one("split", 306, 306, 2, NULL);
    g15_one("split", 459, 459, 3, NULL);
    g15_one("split", 460, 0, 0, REJECTED); /* R-text-1: the account's max_parts */
}

static void
r_txt_6_setting_of_the_limit(void)
{
    struct world_options options = {.relay = "  reply_limit: 5\n"};
    struct world *w = world_new(&options);
    uint64_t id = conversation(w, CONTACT);

    phone_sends(w, ANN, RELAY_ANN, with_id(id, "123456"));
    phone_shows(w, BIZ, CONTACT, "12345");
    check(strstr(phone_gets(w, ANN)->text, "Only the first 5 were") != NULL);
    nothing_sent(w);
    world_end_test(w);
}

/* Within 140 characters everything goes, however many parts that takes. */
static void
r_txt_6_140_emoji_are_within_the_limit(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    const char *text = repeat("\xF0\x9F\x98\x80", 140);

    phone_sends(w, ANN, RELAY_ANN, with_id(id, text));
    phone_shows(w, BIZ, CONTACT, text);
    nothing_sent(w);
    world_end_test(w);
}

#define FAMILY                                                                                     \
    "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7\xE2\x80\x8D\xF0\x9F" \
    "\x91\xA6"
#define FLAG "\xF0\x9F\x87\xB3\xF0\x9F\x87\xB1"
#define COMBINED "e\xCC\x81\xCC\xA3"

static void
g17_one(const char *last)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    char text[2000], want[2000];

    snprintf(want, sizeof(want), "%s%s", repeat("x", 139), last);
    snprintf(text, sizeof(text), "%s%s", want, last);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, text));
    phone_shows(w, BIZ, CONTACT, want);
    check(strstr(phone_gets(w, ANN)->text, CUT) != NULL);
    world_end_test(w);
}

static void
g17_r_txt_6_a_grapheme_is_never_cut(void)
{
    g17_one(FAMILY);
    g17_one(FLAG);
    g17_one(COMBINED);
}

static void
g17_lone_surrogate(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, ANN, RELAY_ANN, with_id(id, "\xE2\x98\x83 x"));
    uint8_t octets[200];

    memcpy(octets, pdu.body.sm.short_message.p, pdu.body.sm.short_message.n);
    octets[pdu.body.sm.short_message.n - 2] = 0xD8;
    pdu.body.sm.short_message.p = octets;
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    phone_shows(w, BIZ, CONTACT, "\xE2\x98\x83 \xEF\xBF\xBD");
    world_end_test(w);
}

/* ---- R-txt-7 */

static void
r_txt_7_one_text_for_every_cause(void)
{
    /* Each row of the G tests above checks it; here that the limit is the configured one, and that
     * the store is as before. */
    struct world_options options = {.relay = "  reply_limit: 99\n"};
    struct world *w = world_new(&options);
    uint64_t id = conversation(w, CONTACT);
    uint32_t entries = conv_record(w, ACME, id).entries;

    phone_sends(w, ANN, RELAY_ANN, "hello");
    check(strstr(phone_gets(w, ANN)->text, "limited to 99 characters") != NULL);
    check_number(conv_record(w, ACME, id).entries, entries);
    check_number(counters(w)->relay_unusable, 1);
    world_end_test(w);
}

static void
r_txt_7_binary_is_unusable(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, ANN, RELAY_ANN, with_id(id, "hello"));

    pdu.body.sm.data_coding = 4;
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    phone_shows(w, RELAY_ANN, ANN, NOTICE);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_txt_7_six_notices_a_minute(void)
{
    struct world *w = world_new(NULL);

    for (int i = 0; i < 10; i++)
        phone_sends(w, ANN, RELAY_ANN, repeat("y", 1 + (uint32_t)i));
    for (int i = 0; i < 6; i++)
        phone_shows(w, RELAY_ANN, ANN, NOTICE);
    nothing_sent(w);
    check_number(counters(w)->relay_notices_held, 4);
    world_crash(w); /* it does not forget */
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_sends(w, ANN, RELAY_ANN, "once more");
    nothing_sent(w);
    phone_sends(w, BEN, RELAY_BEN, "another agent");
    phone_shows(w, RELAY_BEN, BEN, NOTICE);
    world_pass(w, 60000);
    notice_and_nothing_else(w, "again");
    world_end_test(w);
}

/* ---- R-txt-8 to 12 */

static struct world *
world_of_scope(const char *scope)
{
    static char relay[64];
    struct world_options options = {.relay = relay};

    snprintf(relay, sizeof(relay), "  reply_scope: %s\n", scope);
    return world_new(&options);
}

static void
may_reply_is(struct world *w, const char *agent, const char *relay, uint64_t id, bool may)
{
    char text[64];
    static uint32_t n;

    snprintf(text, sizeof(text), "reply %u", ++n);
    phone_sends(w, agent, relay, with_id(id, text));
    if (may)
        phone_shows(w, BIZ, CONTACT, text);
    else
        phone_shows(w, relay, agent, NOTICE);
    nothing_sent(w);
}

static void
r_txt_8_owner(void)
{
    struct world *w = world_of_scope("owner");
    uint64_t id = conversation(w, CONTACT);

    may_reply_is(w, ANN, RELAY_ANN, id, true);
    may_reply_is(w, BEN, RELAY_BEN, id, false);
    may_reply_is(w, CID, RELAY_CID, id, false);
    world_end_test(w);
}

static void
r_txt_8_participants_group(void)
{
    struct world *w = world_of_scope("participants");

    phone_sends(w, CONTACT, BIZ_GROUP, "hello");
    phone_sends(w, BEN, RELAY_BEN, with_id(conv_id_make(1), "Ben here"));
    phone_shows(w, BIZ_GROUP, CONTACT, "Ben here");
    phone_sends(w, DAN, RELAY_DAN, with_id(conv_id_make(1), "Dan here"));
    phone_shows(w, RELAY_DAN, DAN, NOTICE);
    nothing_sent(w);
    world_end_test(w);
}

static void
set_owner(struct world *w, uint64_t id, enum owner_kind kind, uint32_t owner)
{
    struct rec_conv conv = conv_record(w, ACME, id);
    struct key key;

    conv.owner_kind = (uint8_t)kind;
    conv.owner = owner;
    key_init(&key);
    key_u32(&key, ACME);
    key_u64(&key, id);
    world_begin(w);
    record_put(w->txn, TABLE_CONV, key_slice(&key), &rec_conv_def, &conv);
    world_end(w);
}

static void
r_txt_8_participants_ever_forwarded(void)
{
    struct world *w = world_of_scope("participants");
    uint64_t id = conversation(w, CONTACT);

    may_reply_is(w, BEN, RELAY_BEN, id, false);
    set_owner(w, id, OWNER_AGENT, 2);
    may_reply_is(w, ANN, RELAY_ANN, id, true);
    may_reply_is(w, BEN, RELAY_BEN, id, true);
    may_reply_is(w, DAN, RELAY_DAN, id, false);
    world_end_test(w);
}

/* The first is in the conversation's record, the others have rows. */
static void
r_txt_8_participants_of_several_forwards(void)
{
    struct world *w = world_of_scope("participants");
    uint64_t id = conversation(w, CONTACT);

    check_number(table_rows(w, TABLE_FORWARDED), 0);
    set_owner(w, id, OWNER_AGENT, 2);
    phone_sends(w, CONTACT, BIZ, "To Ben");
    check(phone_gets(w, BEN) != NULL);
    phone_sends(w, CONTACT, BIZ, "To Ben again");
    check(phone_gets(w, BEN) != NULL);
    check_number(table_rows(w, TABLE_FORWARDED), 1);
    set_owner(w, id, OWNER_NOBODY, 0);
    may_reply_is(w, ANN, RELAY_ANN, id, true);
    may_reply_is(w, BEN, RELAY_BEN, id, true);
    may_reply_is(w, DAN, RELAY_DAN, id, false);
    world_end_test(w);
}

/* Of a conversation from before the record had the first of them. */
static void
r_txt_8_participants_by_rows_alone(void)
{
    struct world *w = world_of_scope("participants");
    uint64_t id = conversation(w, CONTACT);
    struct rec_conv conv;
    struct key key;

    set_owner(w, id, OWNER_NOBODY, 0);
    conv = conv_record(w, ACME, id);
    conv.forwarded = 0;
    key_init(&key);
    key_u32(&key, ACME);
    key_u64(&key, id);
    world_begin(w);
    record_put(w->txn, TABLE_CONV, key_slice(&key), &rec_conv_def, &conv);
    key_u32(&key, 2);
    store_put(w->txn, TABLE_FORWARDED, key_slice(&key), SLICE_LIT("\1"));
    world_end(w);
    may_reply_is(w, ANN, RELAY_ANN, id, false);
    may_reply_is(w, BEN, RELAY_BEN, id, true);
    world_end_test(w);
}

static void
r_txt_8_account(void)
{
    struct world *w = world_of_scope("account");
    uint64_t id = conversation(w, CONTACT);

    may_reply_is(w, DAN, RELAY_DAN, id, true);
    may_reply_is(w, CID, RELAY_CID, id, false);
    world_end_test(w);
}

static void
r_txt_9_agents_open_nothing(void)
{
    struct world *w = world_new(NULL);

    notice_and_nothing_else(w, with_id(conv_id_make(1), "hello"));
    notice_and_nothing_else(w, "12025550101 hello");
    check_number(table_rows(w, TABLE_CONV), 0);
    world_end_test(w);
}

static void
r_txt_10_the_id_alone_decides(void)
{
    struct world *w = world_of_scope("account");
    uint64_t ann = conversation(w, CONTACT), other;

    phone_sends(w, CONTACT, BIZ_GROUP, "to the group");
    other = conv_id_make(2);
    phone_sends(w, ANN, RELAY_ANN, with_id(other, "by the group's"));
    phone_sends(w, ANN, RELAY_ANN, with_id(ann, "by mine"));
    phone_shows(w, BIZ_GROUP, CONTACT, "by the group's");
    phone_shows(w, BIZ, CONTACT, "by mine");
    nothing_sent(w);
    world_end_test(w);
}

static void
r_txt_11_g22_strangers_get_nothing(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    phone_sends(w, CONTACT_2, RELAY_ANN, with_id(id, "hello"));
    phone_sends(w, BEN, RELAY_ANN, with_id(id, "hello")); /* an agent, but not this number's */
    phone_sends(w, CONTACT, RELAY_ANN, "hello");
    nothing_sent(w);
    check_number(counters(w)->relay_strangers, 3);
    check_number(table_rows(w, TABLE_CONV), 1);
    world_end_test(w);
}

static void
r_txt_12_parts_are_joined_first(void)
{
    struct world_options options = {.relay = "  reply_overflow: split\n"};
    struct world *w = world_new(&options);
    uint64_t id = conversation(w, CONTACT);
    char first[40];
    struct pdu one, two;

    snprintf(first, sizeof(first), "%llu one ", (unsigned long long)id);
    one = pdu_of_part(ANN, RELAY_ANN, 9, 2, 1, first);
    two = pdu_of_part(ANN, RELAY_ANN, 9, 2, 2, "two");
    check_number(carrier_delivers(w, 0, &two), SMPP_ROK);
    nothing_sent(w);
    check_number(carrier_delivers(w, 0, &one), SMPP_ROK);
    phone_shows(w, BIZ, CONTACT, "one two");
    world_end_test(w);
}

/* The ID itself is cut in two by the end of a part. */
static void
r_txt_12_id_across_parts(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    char head[24], tail[40];
    struct pdu one, two;

    snprintf(head, sizeof(head), "%llu", (unsigned long long)id / 1000);
    snprintf(tail, sizeof(tail), "%03llu hi", (unsigned long long)id % 1000);
    one = pdu_of_part(ANN, RELAY_ANN, 9, 2, 1, head);
    two = pdu_of_part(ANN, RELAY_ANN, 9, 2, 2, tail);
    check_number(carrier_delivers(w, 0, &one), SMPP_ROK);
    check_number(carrier_delivers(w, 0, &two), SMPP_ROK);
    phone_shows(w, BIZ, CONTACT, "hi");
    world_end_test(w);
}

CHECK_MAIN({"r_txt_1_forwarded_from_the_relay_number", r_txt_1_forwarded_from_the_relay_number},
           {"r_txt_1_not_unless_an_agent_owns_it", r_txt_1_not_unless_an_agent_owns_it},
           {"r_txt_1_not_without_a_relay_number", r_txt_1_not_without_a_relay_number},
           {"r_txt_1_not_with_relay_switched_off", r_txt_1_not_with_relay_switched_off},
           {"r_txt_3_long_goes_as_one_never_cut", r_txt_3_long_goes_as_one_never_cut},
           {"r_txt_3_longer_than_255_parts_is_not_cut_either",
            r_txt_3_longer_than_255_parts_is_not_cut_either},
           {"r_txt_3_a_single_endless_character", r_txt_3_a_single_endless_character},
           {"g15_r_txt_6_deliver_part", g15_r_txt_6_deliver_part},
           {"g15_r_txt_6_reject", g15_r_txt_6_reject}, {"g15_r_txt_6_split", g15_r_txt_6_split},
           {"r_txt_6_setting_of_the_limit", r_txt_6_setting_of_the_limit},
           {"r_txt_6_140_emoji_are_within_the_limit", r_txt_6_140_emoji_are_within_the_limit},
           {"g17_r_txt_6_a_grapheme_is_never_cut", g17_r_txt_6_a_grapheme_is_never_cut},
           {"g17_lone_surrogate", g17_lone_surrogate},
           {"r_txt_7_one_text_for_every_cause", r_txt_7_one_text_for_every_cause},
           {"r_txt_7_binary_is_unusable", r_txt_7_binary_is_unusable},
           {"r_txt_7_six_notices_a_minute", r_txt_7_six_notices_a_minute},
           {"r_txt_8_owner", r_txt_8_owner},
           {"r_txt_8_participants_group", r_txt_8_participants_group},
           {"r_txt_8_participants_ever_forwarded", r_txt_8_participants_ever_forwarded},
           {"r_txt_8_participants_of_several_forwards", r_txt_8_participants_of_several_forwards},
           {"r_txt_8_participants_by_rows_alone", r_txt_8_participants_by_rows_alone},
           {"r_txt_8_account", r_txt_8_account},
           {"r_txt_9_agents_open_nothing", r_txt_9_agents_open_nothing},
           {"r_txt_10_the_id_alone_decides", r_txt_10_the_id_alone_decides},
           {"r_txt_11_g22_strangers_get_nothing", r_txt_11_g22_strangers_get_nothing},
           {"r_txt_12_parts_are_joined_first", r_txt_12_parts_are_joined_first},
           {"r_txt_12_id_across_parts", r_txt_12_id_across_parts})
