/*
 * relay_broadcast_test.c: broadcasts: states and progress, fields, replies, restarts, opt-outs, and
 * that chat does not wait (R-list-1, R-list-3 to R-list-6).
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/conv.h"
#include "store/key.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_ask.h"

#define FIRST 12025600000ull /* the numbers of a list begin here */
#define WITH_LISTS "lists: {max_size: 10000}\n"
#define HOUR 3600000ull

static const struct world_options options = {.gateway = WITH_LISTS};

static const char *
number_of(uint32_t i)
{
    static char text[4][24];
    static unsigned at;

    at = (at + 1) % 4;
    snprintf(text[at], sizeof(text[at]), "%llu", (unsigned long long)(FIRST + i));
    return text[at];
}

/* A list "news" with so many numbers. */
static struct world *
world_of(uint32_t n)
{
    static char text[COMMAND_FILE_BYTES_MAX];
    struct world *w = world_new(&options);
    size_t at = 0;

    for (uint32_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s\n", number_of(i));
    check_number(ask_as(w, NULL, &command_list_add, "account", "acme", "list", "news", NULL),
                 COMMAND_DONE);
    check_number(ask_as(w, NULL, &command_list_upload, "account", "acme", "list", "news",
                        "numbers", text, NULL),
                 COMMAND_DONE);
    return w;
}

/* The same, at a carrier that takes so many at a time. */
static struct world *
narrow_world_of(uint32_t n, uint32_t window)
{
    struct world *w = world_of(n);

    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", window);
    return w;
}

static enum command_result
send_text(struct world *w, const char *text)
{
    return ask_as(w, NULL, &command_broadcast_add, "account", "acme", "list", "news", "from",
                  BIZ_NOBODY, "text", text, NULL);
}

static struct rec_broadcast
broadcast_record(struct world *w, uint32_t id)
{
    struct rec_broadcast rec;
    struct key key;

    key_init(&key);
    key_u32(&key, ACME);
    key_u32(&key, id);
    check(store_says(w, TABLE_BROADCAST, &rec_broadcast_def, key_slice(&key), &rec));
    return rec;
}

/* Every number gets just this, once; returns how many did. */
static uint32_t
all_get(struct world *w, uint8_t *seen, uint32_t n, const char *text)
{
    uint32_t got_it = 0;

    while (sent_count(w) > 0) {
        char to[24];
        uint64_t number;

        snprintf(to, sizeof(to), "%.*s", (int)sent_first(w)->pdu.body.sm.dest.digits.n,
                 (const char *)sent_first(w)->pdu.body.sm.dest.digits.p);
        number = strtoull(to, NULL, 10);
        phone_shows(w, BIZ_NOBODY, to, text);
        check(number >= FIRST && number < FIRST + n);
        check(seen[number - FIRST]++ == 0);
        got_it++;
    }
    return got_it;
}

static enum command_result
change(struct world *w, const struct command_def *def, const char *id)
{
    return ask_as(w, NULL, def, "account", "acme", "id", id, NULL);
}

static void
r_list_1_refused_without_a_size(void)
{
    struct world *w = world_of(3);
    static const struct world_options none, small = {.gateway = "lists: {max_size: 2}\n"};

    world_reload(w, &none);
    check_number(send_text(w, "Hello"), COMMAND_WRONG_STATE);
    check(strstr(got.why, "lists.max_size is 0") != NULL);
    world_reload(w, &small);
    check_number(send_text(w, "Hello"), COMMAND_WRONG_STATE);
    check(strstr(got.why, "larger than lists.max_size") != NULL);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_list_3_everybody_once(void)
{
    static uint8_t seen[3000];
    struct world *w = world_of(3000);
    struct rec_broadcast rec;

    memset(seen, 0, sizeof(seen));
    check_number(send_text(w, "Hello all"), COMMAND_DONE);
    check(row_says("\"id\":1,\"list\":\"news\"") && row_says("\"numbers\":3000"));
    /* A list and a cursor: what waits is a few windows. */
    rec = broadcast_record(w, 1);
    check_number(rec.queued, 64 + 2 * 100);
    check_number(rec.taken, rec.queued);
    check(table_rows(w, TABLE_QUEUE) <= rec.queued);
    check_number(all_get(w, seen, 3000, "Hello all"), 3000);
    rec = broadcast_record(w, 1);
    check_number(rec.state, BROADCAST_DONE);
    check_number(rec.sent, 3000);
    check_number(rec.queued + rec.failed + rec.skipped + rec.cancelled, 0);
    check_number(table_rows(w, TABLE_BROADCAST_WORK), 0);
    world_end_test(w);
}

static void
r_list_3_progress(void)
{
    struct world *w = world_of(5);
    struct rec_broadcast rec;
    struct sent *sent;

    phone_sends(w, number_of(4), BIZ, "STOP");
    answer_all(w);
    check_number(send_text(w, "Hello"), COMMAND_DONE);
    rec = broadcast_record(w, 1);
    check_number(rec.skipped, 1);
    check_number(rec.queued, 4);
    sent = sent_to(w, number_of(0));
    check(sent != NULL);
    answer(w, sent, SMPP_ROK, "a1");
    sent = sent_to(w, number_of(1));
    answer(w, sent, SMPP_RINVDSTADR, NULL);
    sent = sent_to(w, number_of(2));
    answer(w, sent, SMPP_ROK, "a3");
    carrier_receipt(w, "a1", "DELIVRD", BIZ_NOBODY, number_of(0));
    carrier_receipt(w, "a3", "UNDELIV", BIZ_NOBODY, number_of(2));
    rec = broadcast_record(w, 1);
    check_number(rec.state, BROADCAST_RUNNING);
    check_number(rec.sent, 2);
    check_number(rec.delivered, 1);
    check_number(rec.failed, 2);
    check_number(rec.queued, 1);
    answer(w, sent_to(w, number_of(3)), SMPP_ROK, "a4");
    check_number(broadcast_record(w, 1).state, BROADCAST_DONE);
    /* Its receipts count when it is done. */
    carrier_receipt(w, "a4", "DELIVRD", BIZ_NOBODY, number_of(3));
    rec = broadcast_record(w, 1);
    check_number(rec.delivered, 2);
    check_number(rec.sent + rec.skipped, 4);
    world_end_test(w);
}

/* Opt-outs are looked at when a text is made, and when it leaves. */
static void
r_list_3_opted_out_meanwhile(void)
{
    struct world *w = narrow_world_of(200, 1);
    struct rec_broadcast rec;

    check_number(send_text(w, "Hello"), COMMAND_DONE);
    check_number(ask_as(w, NULL, &command_optout_set, "account", "acme", "phone", number_of(5),
                        "who", "Kim", NULL),
                 COMMAND_DONE);
    check_number(ask_as(w, NULL, &command_optout_set, "account", "acme", "phone", number_of(150),
                        "who", "Kim", NULL),
                 COMMAND_DONE);
    for (uint32_t i = 0; i < 198; i++) {
        check(sent_to(w, number_of(5)) == NULL && sent_to(w, number_of(150)) == NULL);
        answer(w, sent_first(w), SMPP_ROK, NULL);
    }
    nothing_sent(w);
    rec = broadcast_record(w, 1);
    check_number(rec.state, BROADCAST_DONE);
    check_number(rec.sent, 198);
    check_number(rec.skipped, 2);
    world_end_test(w);
}

static void
r_list_3_pause_resume_cancel_at_once(void)
{
    static uint8_t seen[500];
    struct world *w = narrow_world_of(500, 10);
    struct rec_broadcast rec;

    memset(seen, 0, sizeof(seen));
    check_number(send_text(w, "Hello"), COMMAND_DONE);
    check_number(change(w, &command_broadcast_pause, "1"), COMMAND_DONE);
    /* What is on the wire ends; nothing follows. */
    check_number(sent_count(w), 10);
    check_number(all_get(w, seen, 500, "Hello"), 10);
    world_pass(w, HOUR);
    nothing_sent(w);
    rec = broadcast_record(w, 1);
    check_number(rec.state, BROADCAST_PAUSED);
    check_number(rec.queued, 0);
    check_number(rec.taken, 10);
    check_number(change(w, &command_broadcast_pause, "1"), COMMAND_WRONG_STATE);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    world_pass(w, HOUR);
    nothing_sent(w);
    check_number(change(w, &command_broadcast_resume, "1"), COMMAND_DONE);
    check_number(sent_count(w), 10);
    for (int i = 0; i < 90; i++) {
        char to[24];

        snprintf(to, sizeof(to), "%.*s", (int)sent_first(w)->pdu.body.sm.dest.digits.n,
                 (const char *)sent_first(w)->pdu.body.sm.dest.digits.p);
        check(seen[strtoull(to, NULL, 10) - FIRST]++ == 0);
        phone_shows(w, BIZ_NOBODY, to, "Hello");
    }
    check_number(change(w, &command_broadcast_cancel, "1"), COMMAND_DONE);
    check_number(all_get(w, seen, 500, "Hello"), 10);
    world_pass(w, HOUR);
    nothing_sent(w);
    rec = broadcast_record(w, 1);
    check_number(rec.state, BROADCAST_CANCELLED);
    check_number(rec.sent, 110);
    check_number(rec.queued, 0);
    check_number(rec.taken, rec.sent + rec.cancelled);
    check_number(change(w, &command_broadcast_resume, "1"), COMMAND_WRONG_STATE);
    check_number(table_rows(w, TABLE_BROADCAST_WORK), 0);
    check_number(table_rows(w, TABLE_QUEUE), 0);
    world_end_test(w);
}

/* Paused and resumed again and again: everybody gets it once. */
static void
r_list_3_pauses_lose_and_double_nothing(void)
{
    static uint8_t seen[400];
    struct world *w = narrow_world_of(400, 7);
    uint32_t gets = 0;

    memset(seen, 0, sizeof(seen));
    check_number(send_text(w, "Hello"), COMMAND_DONE);
    for (int round = 0; round < 20; round++) {
        check_number(change(w, &command_broadcast_pause, "1"), COMMAND_DONE);
        gets += all_get(w, seen, 400, "Hello");
        check_number(broadcast_record(w, 1).queued, 0);
        check_number(change(w, &command_broadcast_resume, "1"), COMMAND_DONE);
    }
    gets += all_get(w, seen, 400, "Hello");
    check_number(gets, 400);
    check_number(broadcast_record(w, 1).state, BROADCAST_DONE);
    check_number(broadcast_record(w, 1).sent, 400);
    world_end_test(w);
}

static void
r_list_3_at_a_time(void)
{
    struct world *w = world_of(2);

    check_number(ask_as(w, NULL, &command_broadcast_add, "account", "acme", "list", "news",
                        "from", BIZ_NOBODY, "text", "Later", "at", "2026-01-01T02:00:00Z", NULL),
                 COMMAND_DONE);
    check_number(ask_as(w, NULL, &command_broadcast_add, "account", "acme", "list", "news",
                        "from", BIZ_NOBODY, "text", "Never", "at", "2025-12-31T00:00:00Z", NULL),
                 COMMAND_BAD_ARGUMENT);
    check_number(broadcast_record(w, 1).state, BROADCAST_SCHEDULED);
    world_pass(w, HOUR);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_pass(w, HOUR - 1000);
    nothing_sent(w);
    check_number(change(w, &command_broadcast_pause, "1"), COMMAND_DONE);
    world_pass(w, HOUR);
    nothing_sent(w);
    check_number(change(w, &command_broadcast_resume, "1"), COMMAND_DONE);
    phone_shows(w, BIZ_NOBODY, number_of(0), "Later");
    phone_shows(w, BIZ_NOBODY, number_of(1), "Later");
    check_number(broadcast_record(w, 1).state, BROADCAST_DONE);
    world_end_test(w);
}

/* What it needs is gone when its time comes. */
static void
r_list_3_without_its_list(void)
{
    static const struct world_options none;
    struct world *w = world_of(2);
    struct rec_broadcast rec;

    check_number(ask_as(w, NULL, &command_broadcast_add, "account", "acme", "list", "news",
                        "from", BIZ_NOBODY, "text", "Later", "at", "2026-01-01T02:00:00Z", NULL),
                 COMMAND_DONE);
    check_number(ask_as(w, NULL, &command_list_delete, "account", "acme", "list", "news", NULL),
                 COMMAND_WRONG_STATE);
    world_reload(w, &none);
    world_pass(w, 2 * HOUR);
    nothing_sent(w);
    rec = broadcast_record(w, 1);
    check_number(rec.state, BROADCAST_CANCELLED);
    check(rec.reason.n > 0);
    world_end_test(w);
}

static void
r_list_3_refusals(void)
{
    struct world *w = world_of(2);

    check_number(send_text(w, ""), COMMAND_BAD_ARGUMENT);
    check_number(send_text(w, repeat("x", 459)), COMMAND_DONE);
    check_number(send_text(w, repeat("x", 460)), COMMAND_BAD_ARGUMENT);
    /* With its field at the longest. */
    check_number(send_text(w, repeat("x{{First Name}}", 15)), COMMAND_BAD_ARGUMENT);
    check_number(send_text(w, repeat("x{{First Name}}", 14)), COMMAND_DONE);
    check_number(send_text(w, "Dear {{Frist Name}}"), COMMAND_BAD_ARGUMENT);
    check(strstr(got.why, "{{Frist Name}}") != NULL);
    check_number(ask_as(w, NULL, &command_broadcast_add, "account", "acme", "list", "none",
                        "from", BIZ, "text", "x", NULL),
                 COMMAND_NOT_FOUND);
    check_number(ask_as(w, NULL, &command_broadcast_add, "account", "acme", "list", "news",
                        "from", RELAY_ANN, "text", "x", NULL),
                 COMMAND_NOT_FOUND);
    check_number(ask_as(w, NULL, &command_broadcast_add, "account", "acme", "list", "news",
                        "from", BIZ_ZETA, "text", "x", NULL),
                 COMMAND_NOT_FOUND);
    check_number(ask_as(w, NULL, &command_broadcast_add, "account", "acme", "list", "news",
                        "from", BIZ, "text", "x", "agent", "ann", "group", "front", NULL),
                 COMMAND_BAD_ARGUMENT);
    check_number(change(w, &command_broadcast_show, "99"), COMMAND_NOT_FOUND);
    answer_all(w);
    world_end_test(w);
}

static void
contact(struct world *w, const char *phone, const char *first, const char *last,
        const char *company)
{
    check_number(ask_as(w, NULL, &command_contact_add, "account", "acme", "phone", phone, "first",
                        first, "last", last, "company", company, NULL),
                 COMMAND_DONE);
}

static void
r_list_4_fields(void)
{
    static const struct {
        const char *text, *carol, *dan, *nobody;
    } rows[] = {
        {"Dear {{First Name}} {{Last Name}}, hello", "Dear Carol Jones, hello",
         "Dear Dan , hello", "Dear , hello"},
        {"{{First Name}} of {{Company Name}} here", "Carol of Jones and Daughters here",
         "Dan of here", "of here"},
        {"A  B {{Last Name}}{{Last Name}} C", "A  B JonesJones C", "A  B C", "A  B C"},
        {"To {{Last Name}}", "To Jones", "To ", "To "},
    };
    struct world *w = world_of(3);

    contact(w, number_of(0), "Carol", "Jones", "Jones and Daughters");
    contact(w, number_of(1), "Dan", "", "");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_number(send_text(w, rows[i].text), COMMAND_DONE);
        phone_shows(w, BIZ_NOBODY, number_of(0), rows[i].carol);
        phone_shows(w, BIZ_NOBODY, number_of(1), rows[i].dan);
        phone_shows(w, BIZ_NOBODY, number_of(2), rows[i].nobody);
    }
    world_end_test(w);
}

/* 30 characters as a person counts them; what looks like a field in a name is none (G24). */
static void
r_list_4_g24_values_are_cut_and_left_alone(void)
{
    struct world *w = world_of(2);
    char want[200];

    contact(w, number_of(0), repeat("e\xCC\x81", 31), "{{First Name}}", "");
    contact(w, number_of(1), repeat("x", 30), repeat("y", 31), "{name} {{");
    check_number(send_text(w, "<{{First Name}}|{{Last Name}}|{{Company Name}}>"), COMMAND_DONE);
    snprintf(want, sizeof(want), "<%s|{{First Name}}|>", repeat("e\xCC\x81", 30));
    phone_shows(w, BIZ_NOBODY, number_of(0), want);
    snprintf(want, sizeof(want), "<%s|%s|{name} {{>", repeat("x", 30), repeat("y", 30));
    phone_shows(w, BIZ_NOBODY, number_of(1), want);
    world_end_test(w);
}

/* The fields are filled when the text goes. */
static void
r_list_4_at_sending(void)
{
    struct world *w = world_of(1);

    contact(w, number_of(0), "Carol", "", "");
    check_number(ask_as(w, NULL, &command_broadcast_add, "account", "acme", "list", "news",
                        "from", BIZ_NOBODY, "text", "Hi {{First Name}}", "at",
                        "2026-01-01T02:00:00Z", NULL),
                 COMMAND_DONE);
    check_number(ask_as(w, NULL, &command_contact_edit, "account", "acme", "contact", "c1",
                        "first", "Caroline", NULL),
                 COMMAND_DONE);
    world_pass(w, 2 * HOUR);
    phone_shows(w, BIZ_NOBODY, number_of(0), "Hi Caroline");
    world_end_test(w);
}

static void
r_list_5_a_reply_opens_a_conversation_with_a_memo(void)
{
    struct world *w = world_of(2);
    struct rec_entry entry;
    struct rec_conv conv;
    const struct phone_text *text;
    uint64_t id;

    check_number(ask_as(w, NULL, &command_broadcast_add, "account", "acme", "list", "news",
                        "from", BIZ_NOBODY, "text", "Come in!", "agent", "ann", NULL),
                 COMMAND_DONE);
    answer_all(w);
    check_number(table_rows(w, TABLE_CONV), 0); /* add-to-inbox is off */
    phone_sends(w, number_of(1), BIZ_NOBODY, "When?");
    text = phone_gets(w, ANN);
    check(text != NULL);
    id = leading_number(text->text);
    conv = conv_record(w, ACME, id);
    check_number(conv.owner_kind, OWNER_AGENT);
    entry = entry_record(w, ACME, id, 1);
    check_number(entry.kind, ENTRY_OPENED);
    for (uint32_t n = 2; entry.kind != ENTRY_MEMO; n++)
        entry = entry_record(w, ACME, id, n);
    check_text(entry.text, "answers broadcast 1 to list news: Come in!");
    check_number(counters(w)->broadcast_replies, 1);
    /* Once: what follows is the same conversation. */
    phone_sends(w, number_of(1), BIZ_NOBODY, "Today?");
    phone_shows(w, RELAY_ANN, ANN, with_id(id, "+12025600001: Today?"));
    check_number(counters(w)->broadcast_replies, 1);
    /* Another number of the account is not what it came from. */
    phone_sends(w, number_of(0), BIZ_GROUP, "Hello?");
    check_number(counters(w)->broadcast_replies, 1);
    answer_all(w);
    world_end_test(w);
}

static void
r_list_5_assigned_to_a_group_or_nobody(void)
{
    struct world *w = world_of(2);
    struct rec_conv conv;

    check_number(ask_as(w, NULL, &command_broadcast_add, "account", "acme", "list", "news",
                        "from", BIZ, "text", "Come in!", "group", "front", NULL),
                 COMMAND_DONE);
    answer_all(w);
    phone_sends(w, number_of(0), BIZ, "When?");
    nothing_sent(w);
    conv = conv_record(w, ACME, conv_id_make(1));
    check_number(conv.owner_kind, OWNER_GROUP);
    /* Without a setting: as the number has it. */
    check_number(ask_as(w, NULL, &command_broadcast_add, "account", "acme", "list", "news",
                        "from", BIZ, "text", "Come again!", NULL),
                 COMMAND_DONE);
    answer_all(w);
    phone_sends(w, number_of(1), BIZ, "When?");
    check(phone_gets(w, ANN) != NULL);
    /* An answer months later is none. */
    check_number(ask_as(w, NULL, &command_broadcast_add, "account", "acme", "list", "news",
                        "from", BIZ, "text", "Come!", NULL),
                 COMMAND_DONE);
    answer_all(w);
    world_jump(w, 31 * 24 * HOUR);
    phone_sends(w, number_of(1), BIZ, "When?");
    check_number(counters(w)->broadcast_replies, 2);
    answer_all(w);
    world_end_test(w);
}

static void
r_list_3_add_to_inbox(void)
{
    struct world *w = world_of(1);
    struct rec_entry entry;
    struct rec_conv conv;

    check_number(ask_as(w, NULL, &command_broadcast_add, "account", "acme", "list", "news",
                        "from", BIZ_NOBODY, "text", "Come in!", "inbox", "on", "agent", "ann",
                        NULL),
                 COMMAND_DONE);
    answer_all(w);
    conv = conv_record(w, ACME, conv_id_make(1));
    check_number(conv.owner_kind, OWNER_AGENT);
    entry = entry_record(w, ACME, conv_id_make(1), 2);
    check_number(entry.kind, ENTRY_OUT);
    check_number(entry.state, MSG_SENT);
    check_text(entry.text, "Come in!");
    phone_sends(w, number_of(0), BIZ_NOBODY, "When?");
    phone_shows(w, RELAY_ANN, ANN, with_id(conv_id_make(1), "+12025600000: When?"));
    check_number(entry_record(w, ACME, conv_id_make(1), 3).kind, ENTRY_MEMO);
    world_end_test(w);
}

/* Crashes at any moment: nobody is skipped, and nobody has a second text but who was on the wire
 * then. */
static void
r_list_6_restarts_in_the_middle(void)
{
    static uint8_t seen[600];
    struct world *w = narrow_world_of(600, 20);
    uint32_t doubled = 0, on_wire = 0, rounds = 0;

    memset(seen, 0, sizeof(seen));
    check_number(send_text(w, "Hello"), COMMAND_DONE);
    while (broadcast_record(w, 1).state != BROADCAST_DONE) {
        check(++rounds < 500);
        /* Seven are answered; what else is on the wire is in doubt. */
        for (int i = 0; i < 7 && sent_count(w) > 0; i++) {
            struct sent *sent = sent_first(w);
            char to[24];

            snprintf(to, sizeof(to), "%.*s", (int)sent->pdu.body.sm.dest.digits.n,
                     (const char *)sent->pdu.body.sm.dest.digits.p);
            seen[strtoull(to, NULL, 10) - FIRST]++;
            answer(w, sent, SMPP_ROK, NULL);
        }
        on_wire += sent_count(w);
        world_crash(w);
        world_bind(w, 0, LINK_CARRIER, "sim", 20);
        world_pass(w, 100);
    }
    for (size_t i = 0; i < sizeof(seen); i++) {
        check(seen[i] >= 1);
        doubled += seen[i] - 1u;
    }
    check_number(doubled, 0); /* each answer was recorded before the crash */
    check(on_wire > 0);
    check_number(broadcast_record(w, 1).sent, 600);
    world_end_test(w);
}

/* In the middle of a turn: the cursor and the messages come or go together. */
static void
r_list_6_a_turn_that_is_lost(void)
{
    static uint8_t seen[100];
    struct world *w = narrow_world_of(100, 5);

    memset(seen, 0, sizeof(seen));
    check_number(send_text(w, "Hello"), COMMAND_DONE);
    for (int i = 0; i < 10; i++) {
        char to[24];

        snprintf(to, sizeof(to), "%.*s", (int)sent_first(w)->pdu.body.sm.dest.digits.n,
                 (const char *)sent_first(w)->pdu.body.sm.dest.digits.p);
        seen[strtoull(to, NULL, 10) - FIRST]++;
        answer(w, sent_first(w), SMPP_ROK, NULL);
    }
    world_begin(w);
    world_crash_in_turn(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 5);
    world_pass(w, 60000);
    (void)all_get(w, seen, 100, "Hello");
    for (size_t i = 0; i < sizeof(seen); i++)
        check_number(seen[i], 1);
    world_end_test(w);
}

/* R-shape-2: chat goes first, however much a broadcast has to send. */
static void
r_list_3_chat_in_between(void)
{
    struct world *w = narrow_world_of(1000, 4);
    uint64_t id = conversation(w, CONTACT);

    check_number(send_text(w, "Hello"), COMMAND_DONE);
    for (int i = 0; i < 20; i++) {
        phone_sends(w, CONTACT, BIZ, "Still there?");
        /* The next place in the window is its. */
        answer(w, sent_first(w), SMPP_ROK, NULL);
        check(sent_to(w, ANN) != NULL);
        phone_shows(w, RELAY_ANN, ANN, with_id(id, "+12025550101: Still there?"));
    }
    check_number(broadcast_record(w, 1).state, BROADCAST_RUNNING);
    answer_all(w);
    check_number(broadcast_record(w, 1).sent, 1000);
    world_end_test(w);
}

/* Two of them share; who joins while one runs, and stands behind the cursor, gets it too. */
static void
r_list_3_two_at_a_time(void)
{
    struct world *w = narrow_world_of(300, 4);

    check_number(send_text(w, "One"), COMMAND_DONE);
    check_number(send_text(w, "Two"), COMMAND_DONE);
    for (int i = 0; i < 200; i++)
        answer(w, sent_first(w), SMPP_ROK, NULL);
    check(broadcast_record(w, 1).sent > 50 && broadcast_record(w, 2).sent > 50);
    check_number(ask_as(w, NULL, &command_list_join, "account", "acme", "list", "news", "phone",
                        number_of(5000), NULL),
                 COMMAND_DONE);
    check_number(ask_as(w, NULL, &command_broadcast_list, "account", "acme", "state", "running",
                        NULL),
                 COMMAND_DONE);
    check_number(got.count, 2);
    answer_all(w);
    check_number(broadcast_record(w, 1).sent, 301);
    check_number(broadcast_record(w, 2).sent, 301);
    world_end_test(w);
}

/* Held messages wait for a person, and nobody waits for them. */
static void
r_list_3_held_messages_hold_up_nobody(void)
{
    static const struct world_options holds = {.gateway = WITH_LISTS,
                                               .carrier = "    on_unknown_outcome: hold\n"};
    struct world *w = narrow_world_of(150, 5);
    struct rec_broadcast rec;
    char id[64];

    world_reload(w, &holds);
    check_number(send_text(w, "Hello"), COMMAND_DONE);
    for (int i = 0; i < 149; i++)
        answer_how(w, sent_first(w), RESULT_TIMEOUT, 0, NULL);
    answer(w, sent_first(w), SMPP_ROK, NULL);
    rec = broadcast_record(w, 1);
    check_number(rec.state, BROADCAST_DONE);
    check_number(rec.held, 149);
    check_number(rec.sent, 1);
    check_number(rec.queued, 0);
    check_number(ask_as(w, NULL, &command_held, "limit", "1", NULL), COMMAND_DONE);
    check(sscanf(got.rows, "{\"id\":%63[0-9]", id) == 1);
    check_number(ask_as(w, NULL, &command_held_resend, "id", id, NULL), COMMAND_DONE);
    rec = broadcast_record(w, 1);
    check_number(rec.queued, 1);
    check_number(rec.held, 148);
    answer_all(w);
    rec = broadcast_record(w, 1);
    check_number(rec.sent, 2);
    check_number(rec.queued, 0);
    world_end_test(w);
}

/* R-num-4: from a number with an office only its members send, and only they stop that. */
static void
r_list_3_only_the_office(void)
{
    static const char number[] = "12025550155";
    struct world *w = world_of(2);

    check_number(ask_as(w, NULL, &command_number_add, "account", "acme", "number", number,
                        "carrier", "sim", "office", "front", NULL),
                 COMMAND_DONE);
    check_number(ask_as(w, "acme/dan", &command_broadcast_add, "list", "news", "from", number,
                        "text", "Hi", NULL),
                 COMMAND_NOT_ALLOWED);
    check_number(ask_as(w, "acme/ann", &command_broadcast_add, "list", "news", "from", number,
                        "text", "Hi", NULL),
                 COMMAND_DONE);
    check_number(ask_as(w, "acme/dan", &command_broadcast_cancel, "id", "1", NULL),
                 COMMAND_NOT_ALLOWED);
    check_number(ask_as(w, "zeta/cid", &command_broadcast_cancel, "id", "1", NULL),
                 COMMAND_NOT_FOUND);
    check_number(ask_as(w, "acme/ben", &command_broadcast_cancel, "id", "1", NULL), COMMAND_DONE);
    check_number(ask_as(w, "acme/ann", &command_list_upload, "list", "news", "numbers", "x", NULL),
                 COMMAND_NOT_ALLOWED);
    answer_all(w);
    world_end_test(w);
}

/* Who is erased is on no list, and no answer of theirs is one to a broadcast. */
static void
r_list_7_erased_phones(void)
{
    struct world *w = world_of(2);
    struct rec_broadcast rec;

    check_number(send_text(w, "Hello"), COMMAND_DONE);
    answer_all(w);
    check_number(table_rows(w, TABLE_BROADCAST_TO), 2);
    check_number(ask_as(w, NULL, &command_contact_erase, "account", "acme", "phone", number_of(0),
                        "who", "Kim", NULL),
                 COMMAND_DONE);
    world_pass(w, 60000);
    check_number(table_rows(w, TABLE_BROADCAST_TO), 1);
    check_number(table_rows(w, TABLE_LIST_MEMBER), 1);
    check_number(send_text(w, "Hello"), COMMAND_DONE);
    rec = broadcast_record(w, 2);
    check_number(rec.total, 1);
    check(sent_to(w, number_of(0)) == NULL);
    phone_shows(w, BIZ_NOBODY, number_of(1), "Hello");
    world_end_test(w);
}

CHECK_MAIN({"r_list_1_refused_without_a_size", r_list_1_refused_without_a_size},
           {"r_list_3_everybody_once", r_list_3_everybody_once},
           {"r_list_3_progress", r_list_3_progress},
           {"r_list_3_opted_out_meanwhile", r_list_3_opted_out_meanwhile},
           {"r_list_3_pause_resume_cancel_at_once", r_list_3_pause_resume_cancel_at_once},
           {"r_list_3_pauses_lose_and_double_nothing", r_list_3_pauses_lose_and_double_nothing},
           {"r_list_3_at_a_time", r_list_3_at_a_time},
           {"r_list_3_without_its_list", r_list_3_without_its_list},
           {"r_list_3_refusals", r_list_3_refusals},
           {"r_list_3_add_to_inbox", r_list_3_add_to_inbox},
           {"r_list_3_chat_in_between", r_list_3_chat_in_between},
           {"r_list_3_two_at_a_time", r_list_3_two_at_a_time},
           {"r_list_4_fields", r_list_4_fields},
           {"r_list_4_g24_values_are_cut_and_left_alone",
            r_list_4_g24_values_are_cut_and_left_alone},
           {"r_list_4_at_sending", r_list_4_at_sending},
           {"r_list_5_a_reply_opens_a_conversation_with_a_memo",
            r_list_5_a_reply_opens_a_conversation_with_a_memo},
           {"r_list_5_assigned_to_a_group_or_nobody", r_list_5_assigned_to_a_group_or_nobody},
           {"r_list_3_held_messages_hold_up_nobody", r_list_3_held_messages_hold_up_nobody},
           {"r_list_3_only_the_office", r_list_3_only_the_office},
           {"r_list_7_erased_phones", r_list_7_erased_phones},
           {"r_list_6_restarts_in_the_middle", r_list_6_restarts_in_the_middle},
           {"r_list_6_a_turn_that_is_lost", r_list_6_a_turn_that_is_lost})
