/*
 * relay_optout_test.c: opt-outs beyond STOP itself: the account's words, wishes, who hears of it,
 * changes by hand and their history, and every way out (R-stop-2 to R-stop-8; rows G28, G30, G31).
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/timer.h"
#include "store/key.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_world.h"

#define CONFIRMED_OUT \
    "Acme: you have opted out and will get no more texts from us. Reply UNSTOP to opt in again."
#define CONFIRMED_IN "Acme: you have opted in to our texts again. Reply STOP to opt out."

static const char *
told(uint64_t id, const char *what)
{
    static char text[200];

    snprintf(text, sizeof(text), "%llu: +12025550101 %s", (unsigned long long)id, what);
    return text;
}

static struct rec_optout
optout_record(struct world *w, const char *phone)
{
    struct addr addr = addr_of(phone);
    struct rec_optout rec;
    struct key key;

    key_init(&key);
    key_u32(&key, ACME);
    key_addr(&key, &addr);
    check(store_says(w, TABLE_OPTOUT, &rec_optout_def, key_slice(&key), &rec));
    return rec;
}

static struct rec_optout
audit_record(struct world *w, const char *phone, uint32_t n)
{
    struct addr addr = addr_of(phone);
    struct rec_optout rec;
    struct key key;

    key_init(&key);
    key_u32(&key, ACME);
    key_addr(&key, &addr);
    key_u32(&key, n);
    check(store_says(w, TABLE_AUDIT, &rec_optout_def, key_slice(&key), &rec));
    return rec;
}

static void
g28_r_stop_3_words_of_the_account(void)
{
    static const struct world_options options = {
        .account = "    opt_out: {presets: [us], keywords: [basta], patterns: [\"no more .*\"]}\n"
                   "    opt_in: {keywords: [start]}\n"};
    static const char *const out[] = {"Quit", "OPT OUT!", " basta ", "no more texts", "stop"};
    struct world *w = world_new(&options);

    for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
        phone_sends(w, CONTACT, BIZ_NOBODY, out[i]);
        if (!opted_out(w, ACME, CONTACT))
            printf("    %s\n", out[i]);
        check(opted_out(w, ACME, CONTACT));
        phone_shows(w, BIZ_NOBODY, CONTACT, CONFIRMED_OUT);
        phone_sends(w, CONTACT, BIZ_NOBODY, i % 2 ? "START" : "unstop");
        check(!opted_out(w, ACME, CONTACT));
        phone_shows(w, BIZ_NOBODY, CONTACT, CONFIRMED_IN);
    }
    /* Another account's words are its own. */
    phone_sends(w, CONTACT, BIZ_ZETA, "quit");
    check(!opted_out(w, ZETA, CONTACT));
    answer_all(w);
    world_end_test(w);
}

/* A word that a reload takes away is a word no more. */
static void
r_stop_3_words_follow_the_file(void)
{
    static const struct world_options options = {.account =
                                                     "    opt_out: {keywords: [basta]}\n"};
    static const struct world_options none;
    struct world *w = world_new(&options);

    world_reload(w, &none);
    phone_sends(w, CONTACT, BIZ_NOBODY, "basta");
    check(!opted_out(w, ACME, CONTACT));
    world_reload(w, &options);
    phone_sends(w, CONTACT, BIZ_NOBODY, "basta");
    check(opted_out(w, ACME, CONTACT));
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_sends(w, CONTACT_2, BIZ_NOBODY, "basta");
    check(opted_out(w, ACME, CONTACT_2));
    answer_all(w);
    world_end_test(w);
}

static void
r_stop_3_nearly_is_flagged_to_the_owner(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    phone_sends(w, CONTACT, BIZ, "Stop please");
    check(!opted_out(w, ACME, CONTACT));
    phone_shows(w, RELAY_ANN, ANN, with_id(id, "+12025550101: Stop please"));
    phone_shows(w, RELAY_ANN, ANN, told(id, "may want no more texts from us, but has not opted "
                                            "out."));
    nothing_sent(w);
    check_number(entry_record(w, ACME, id, 4).kind, ENTRY_NEARLY_STOP);
    phone_sends(w, CONTACT, BIZ, "I will stop by at noon, all right?");
    phone_shows(w, RELAY_ANN, ANN, with_id(id, "+12025550101: I will stop by at noon, all right?"));
    nothing_sent(w);
    world_end_test(w);
}

static void
r_stop_2_manual_records_the_wish(void)
{
    static const struct world_options options = {.account = "    opt_in: {mode: manual}\n"};
    struct world *w = world_new(&options);
    uint64_t id = conversation(w, CONTACT), wish;

    phone_sends(w, CONTACT, BIZ_NOBODY, "STOP");
    answer_all(w);
    phone_sends(w, CONTACT, BIZ_NOBODY, "UNSTOP");
    check(opted_out(w, ACME, CONTACT));
    phone_shows(w, RELAY_ANN, ANN,
                told(id, "wants texts from us again. Somebody must lift the opt-out."));
    nothing_sent(w);
    wish = optout_record(w, CONTACT).wish_ms;
    check_number(wish, w->now_ms);
    check_number(optout_record(w, CONTACT).changes, 2);
    check_number(entry_record(w, ACME, id, 4).kind, ENTRY_OPT_IN_WISH);
    /* Again is not again a wish. */
    world_pass(w, 1000);
    phone_sends(w, CONTACT, BIZ_NOBODY, "UNSTOP");
    check_number(optout_record(w, CONTACT).wish_ms, wish);
    check_number(optout_record(w, CONTACT).changes, 2);
    /* STOP takes it back, without a second confirmation. */
    phone_sends(w, CONTACT, BIZ_NOBODY, "STOP");
    nothing_sent(w);
    check_number(optout_record(w, CONTACT).wish_ms, 0);
    check_number(audit_record(w, CONTACT, 2).wish_ms, wish);
    check_number(audit_record(w, CONTACT, 3).wish_ms, 0);
    check(audit_record(w, CONTACT, 3).out);
    world_end_test(w);
}

static void
r_stop_2_manual_without_an_opt_out(void)
{
    static const struct world_options options = {.account = "    opt_in: {mode: manual}\n"};
    struct world *w = world_new(&options);

    phone_sends(w, CONTACT, BIZ_NOBODY, "UNSTOP");
    nothing_sent(w);
    check_number(table_rows(w, TABLE_OPTOUT) + table_rows(w, TABLE_AUDIT), 0);
    world_end_test(w);
}

static void
g30_r_stop_7_every_change_is_kept(void)
{
    struct world *w = world_new(NULL);
    uint64_t first = w->now_ms;

    phone_sends(w, CONTACT, BIZ_NOBODY, "Stop.");
    world_pass(w, 1000);
    phone_sends(w, CONTACT, BIZ, "stop");
    phone_sends(w, CONTACT, BIZ_GROUP, "UNSTOP");
    world_pass(w, 1000);
    phone_sends(w, CONTACT, APP_NUMBER, "STOP");
    answer_all(w);
    check_number(optout_record(w, CONTACT).changes, 3);
    check_number(table_rows(w, TABLE_AUDIT), 3);
    check_number(audit_record(w, CONTACT, 1).at_ms, first);
    check_text(audit_record(w, CONTACT, 1).text, "Stop.");
    check_text(slice_str(audit_record(w, CONTACT, 1).by_number.text), BIZ_NOBODY);
    check_number(audit_record(w, CONTACT, 2).out, 0);
    check_number(audit_record(w, CONTACT, 3).out, 1);
    check_number(audit_record(w, CONTACT, 3).at_ms, first + 2000);
    check_number(audit_record(w, CONTACT, 3).by_kind, OPTOUT_BY_PHONE);
    world_end_test(w);
}

static void
r_stop_8_owners_of_open_conversations_are_told(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT), group, closed;

    phone_sends(w, CONTACT, BIZ_GROUP, "hello");
    group = conv_id_make(2);
    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    closed = conv_id_make(3);
    conv_close_directly(w, ACME, closed);
    answer_all(w);
    phone_sends(w, CONTACT, APP_NUMBER, "STOP");
    phone_shows(w, RELAY_ANN, ANN, told(id, "has opted out of texts from us."));
    phone_shows(w, APP_NUMBER, CONTACT, CONFIRMED_OUT);
    nothing_sent(w);
    check_number(entry_record(w, ACME, id, 3).kind, ENTRY_OPTED_OUT);
    check_number(entry_record(w, ACME, group, 3).kind, ENTRY_OPTED_OUT);
    check_number(conv_record(w, ACME, closed).entries, 3);
    phone_sends(w, CONTACT, APP_NUMBER, "UNSTOP");
    answer_all(w);
    check_number(entry_record(w, ACME, id, 4).kind, ENTRY_OPTED_IN);
    world_end_test(w);
}

/* The conversation that STOP is said in has it once, behind the text. */
static void
r_stop_8_in_the_conversation_itself(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    phone_sends(w, CONTACT, BIZ, "STOP");
    phone_shows(w, RELAY_ANN, ANN, with_id(id, "+12025550101: STOP"));
    phone_shows(w, RELAY_ANN, ANN, told(id, "has opted out of texts from us."));
    phone_shows(w, BIZ, CONTACT, CONFIRMED_OUT);
    nothing_sent(w);
    check_number(conv_record(w, ACME, id).entries, 4);
    world_end_test(w);
}

/* A thread may be long: no turn is. */
static void
r_stop_8_a_long_thread_in_several_turns(void)
{
    struct world *w = world_new(NULL);
    uint64_t id;

    for (uint32_t i = 1; i <= 250; i++) {
        phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
        conv_close_directly(w, ACME, conv_id_make(i));
    }
    phone_sends(w, CONTACT, BIZ, "hello");
    answer_all(w);
    id = conv_id_make(251);
    phone_sends(w, CONTACT, BIZ_GROUP, "STOP");
    check_number(timer_rows(w, TIMER_OPTOUT), 1);
    answer_all(w);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_pass(w, 10);
    phone_shows(w, RELAY_ANN, ANN, told(id, "has opted out of texts from us."));
    check_number(entry_record(w, ACME, id, 3).kind, ENTRY_OPTED_OUT);
    check_number(timer_rows(w, TIMER_OPTOUT), 0);
    answer_all(w);
    world_end_test(w);
}

/* R-txt-7's rate holds: a contact that flips must not flood the owner. */
static void
r_stop_8_no_notice_can_loop(void)
{
    struct world *w = world_new(NULL);
    uint32_t texts = 0;

    (void)conversation(w, CONTACT);
    for (int i = 0; i < 20; i++) {
        phone_sends(w, CONTACT, BIZ_NOBODY, "STOP");
        phone_sends(w, CONTACT, BIZ_NOBODY, "UNSTOP");
    }
    while (phone_gets(w, ANN))
        texts++;
    check_number(texts, 6);
    answer_all(w);
    world_end_test(w);
}

/* ---- R-stop-5: every way out */

/* What reaches the phone and is not the confirmation. */
static uint32_t
reached(struct world *w, const char *phone)
{
    const struct phone_text *text;
    uint32_t count = 0;

    while ((text = phone_gets(w, phone)))
        count += strcmp(text->text, CONFIRMED_OUT) != 0;
    return count;
}

static uint32_t
multi(struct world *w, const char *text)
{
    static const uint8_t head[] = "\0\1\1" BIZ "\0\2"
                                  "\1\1\1" CONTACT "\0"
                                  "\1\1\1" CONTACT_2 "\0"
                                  "\0\0\0\0\0\0\0\0\0"; /* esm_class to sm_default_msg_id */
    uint8_t body[400];
    size_t n = sizeof(head) - 1;
    struct event event = {.kind = EV_PDU, .session = session_of(w, 1)};
    struct pdu pdu;
    uint8_t frame[420] = {0};

    memcpy(body, head, n);
    body[n++] = (uint8_t)strlen(text);
    memcpy(body + n, text, strlen(text));
    n += strlen(text);
    frame[3] = (uint8_t)(16 + n);
    frame[7] = 0x21;
    frame[15] = 1;
    memcpy(frame + 16, body, n);
    check(pdu_decode(slice_of(frame, 16 + n), PDU_STRICT, &pdu) == SMPP_ROK);
    event.u.pdu = &pdu;
    world_event(w, &event);
    return w->status;
}

static uint32_t
data(struct world *w, const char *text)
{
    static uint8_t tlv[200];
    struct pdu pdu = pdu_of_text(SMPP_DATA_SM, BIZ, CONTACT, "");

    tlv[0] = 0x04;
    tlv[1] = 0x24;
    tlv[2] = 0;
    tlv[3] = (uint8_t)strlen(text);
    memcpy(tlv + 4, text, strlen(text));
    pdu.tlvs = slice_of(tlv, 4 + strlen(text));
    return app_submits(w, 1, &pdu);
}

static void
g31_r_stop_5_every_operation_of_an_app(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, BIZ, CONTACT, "later");

    pdu.body.sm.schedule_delivery_time = slice_str("000000000100000R");
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    phone_sends(w, CONTACT, BIZ_NOBODY, "STOP");
    check_number(app_sends(w, 1, BIZ, CONTACT, "submit_sm"), STATUS_OPTED_OUT);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("long ", 100)), STATUS_OPTED_OUT);
    check_number(data(w, "data_sm"), STATUS_OPTED_OUT);
    check_number(app_submits(w, 1, &pdu), STATUS_OPTED_OUT);
    check_number(multi(w, "submit_multi"), SMPP_ROK);
    check_number(reached(w, CONTACT), 0);
    check_number(reached(w, CONTACT_2), 1);
    world_pass(w, 3600000);
    check_number(reached(w, CONTACT), 0);
    answer_all(w);
    world_end_test(w);
}

/* Every way out at once, in an order that a seed draws, with a STOP at a drawn moment: nothing
 * follows it. */
static uint64_t seed;

static uint32_t
draw(uint32_t below)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)((seed >> 33) % below);
}

static void
something_is_sent(struct world *w, uint64_t id)
{
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, BIZ_GROUP, CONTACT, "later");

    switch (draw(9)) {
    case 0:
        phone_sends(w, ANN, RELAY_ANN, with_id(id, "a reply"));
        break;
    case 1:
        app_sends(w, 1, BIZ_GROUP, CONTACT, "a submit_sm");
        break;
    case 2:
        app_sends(w, 1, BIZ_GROUP, CONTACT, repeat("long ", 90));
        break;
    case 3:
        data(w, "a data_sm");
        break;
    case 4:
        multi(w, "a submit_multi");
        break;
    case 5:
        pdu.body.sm.schedule_delivery_time = slice_str("000000000100000R");
        app_submits(w, 1, &pdu);
        break;
    case 6: /* answered automatically */
        phone_sends(w, CONTACT, BIZ_GROUP, "hours");
        break;
    case 7:
        phone_sends(w, CONTACT, BIZ, "hello");
        break;
    case 8: /* what is on the wire is tried again */
        if (sent_to(w, CONTACT))
            answer(w, sent_to(w, CONTACT), draw(2) ? SMPP_RSYSERR : SMPP_RTHROTTLED, NULL);
        break;
    }
}

static void
r_stop_5_nothing_follows_a_stop_by_any_way(void)
{
    static const struct world_options options = {
        .account = "    auto_replies:\n"
                   "      - {id: hours, text: 9 to 5, keywords: [hours]}\n"
                   "      - {id: closed, text: we are closed}\n",
        .messages = "  contact_opted_out: \"\"\n"};
    uint32_t before = 0;

    for (seed = 1; seed <= 12; seed = seed % 1000 + 1) {
        uint64_t start = seed, id;
        struct world *w = world_new(&options);

        world_bind(w, 1, LINK_APP, "crm", 10);
        phone_sends(w, CONTACT, BIZ, "hello");
        id = conv_id_make(1);
        if (draw(2)) {
            world_unbind(w, 0, UINT64_MAX);
            world_bind(w, 0, LINK_CARRIER, "sim", 1 + draw(4));
        }
        for (uint32_t i = 3 + draw(20); i > 0; i--)
            something_is_sent(w, id);
        if (draw(2)) {
            world_crash(w);
            world_bind(w, 0, LINK_CARRIER, "sim", 100);
            world_bind(w, 1, LINK_APP, "crm", 10);
        }
        before += reached(w, CONTACT);
        phone_sends(w, CONTACT, BIZ_NOBODY, "STOP");
        for (uint32_t i = 3 + draw(10); i > 0; i--)
            something_is_sent(w, id);
        world_pass(w, 2000);
        check(opted_out(w, ACME, CONTACT));
        check_number(reached(w, CONTACT), 0);
        world_pass(w, 7200000);
        check_number(reached(w, CONTACT), 0);
        answer_all(w);
        world_end_test(w);
        seed = start;
    }
    check(before > 20);
}

CHECK_MAIN({"g28_r_stop_3_words_of_the_account", g28_r_stop_3_words_of_the_account},
           {"r_stop_3_words_follow_the_file", r_stop_3_words_follow_the_file},
           {"r_stop_3_nearly_is_flagged_to_the_owner", r_stop_3_nearly_is_flagged_to_the_owner},
           {"r_stop_2_manual_records_the_wish", r_stop_2_manual_records_the_wish},
           {"r_stop_2_manual_without_an_opt_out", r_stop_2_manual_without_an_opt_out},
           {"g30_r_stop_7_every_change_is_kept", g30_r_stop_7_every_change_is_kept},
           {"r_stop_8_owners_of_open_conversations_are_told",
            r_stop_8_owners_of_open_conversations_are_told},
           {"r_stop_8_in_the_conversation_itself", r_stop_8_in_the_conversation_itself},
           {"r_stop_8_a_long_thread_in_several_turns", r_stop_8_a_long_thread_in_several_turns},
           {"r_stop_8_no_notice_can_loop", r_stop_8_no_notice_can_loop},
           {"g31_r_stop_5_every_operation_of_an_app", g31_r_stop_5_every_operation_of_an_app},
           {"r_stop_5_nothing_follows_a_stop_by_any_way",
            r_stop_5_nothing_follows_a_stop_by_any_way})
