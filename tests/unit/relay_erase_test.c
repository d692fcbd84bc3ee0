/*
 * relay_erase_test.c: what goes for good: by retention (keep_history_days), and by a contact's
 * wish; and what stays.
 */
#include "tests/unit/relay_ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "store/key.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_proxy_world.h"

#define DAY_MS (24ull * 3600 * 1000)

static const struct world_options keep_two_days = {
    .account = "    keep_history_days: 2\n    waiting_after: 0s\n"};

static struct rec_erasure
erasure_record(struct world *w, uint64_t erasure)
{
    struct rec_erasure rec;
    struct key key;

    key_init(&key);
    key_u32(&key, ACME);
    key_u64(&key, erasure);
    check(store_says(w, TABLE_ERASURE, &rec_erasure_def, key_slice(&key), &rec));
    return rec;
}

static bool
conv_is_there(struct world *w, uint64_t id)
{
    struct rec_conv rec;
    struct key key;

    key_init(&key);
    key_u32(&key, ACME);
    key_u64(&key, id);
    return store_says(w, TABLE_CONV, &rec_conv_def, key_slice(&key), &rec);
}

/* Does any row of any table hold this text? */
static bool
store_holds(struct world *w, const char *text)
{
    struct store_txn *txn = store_begin(w->store);
    size_t n = strlen(text);
    bool found = false;

    for (unsigned table = 0; table < STORE_TABLES && !found; table++) {
        uint8_t from[STORE_KEY_BYTES_MAX + 1];
        size_t from_n = 0;
        struct slice key, value;

        while (!found && store_seek(txn, (enum store_table)table, slice_of(from, from_n),
                                    SLICE_NONE, &key, &value)) {
            found = memmem(key.p, key.n, text, n) || memmem(value.p, value.n, text, n);
            memcpy(from, key.p, key.n);
            from[key.n] = 0;
            from_n = key.n + 1;
        }
        if (found)
            printf("    in %s\n", store_table_name((enum store_table)table));
    }
    store_abort(txn);
    return found;
}

/* ---- retention (R-conv-9) */

static void
r_conv_9_nothing_is_deleted_by_default(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    conv_close_directly(w, ACME, id);
    world_jump(w, 30000 * DAY_MS);
    check(conv_is_there(w, id));
    check_number(table_rows(w, TABLE_HISTORY), 3);
    check_number(table_rows(w, TABLE_ERASURE), 0);
    world_end_test(w);
}

/* The first whom it was forwarded to is in its record. */
static void
forward_also(struct world *w, uint64_t id, uint32_t agent)
{
    struct key key;

    key_init(&key);
    key_u32(&key, ACME);
    key_u64(&key, id);
    key_u32(&key, agent);
    world_begin(w);
    store_put(w->txn, TABLE_FORWARDED, key_slice(&key), SLICE_LIT("\1"));
    world_end(w);
}

/* What is too old goes, what is not stays, and who goes on does not notice. */
static void
r_conv_9_retention_takes_the_oldest(void)
{
    struct world *w = world_new(&keep_two_days);
    uint64_t closed = conversation(w, CONTACT), open;

    conv_close_directly(w, ACME, closed);
    open = conversation(w, CONTACT_2);
    forward_also(w, closed, 2);
    forward_also(w, open, 2);
    world_jump(w, DAY_MS + DAY_MS / 2);
    phone_sends(w, CONTACT_2, BIZ, "The next day");
    answer_all(w);
    check_number(table_rows(w, TABLE_HISTORY), 6);
    world_jump(w, DAY_MS);
    check_number(table_rows(w, TABLE_HISTORY), 1);
    check(!conv_is_there(w, closed));
    check_number(table_rows(w, TABLE_VIEW), 1);
    check_number(table_rows(w, TABLE_THREAD), 1);
    check_number(table_rows(w, TABLE_FORWARDED), 1);
    check_text(entry_record(w, ACME, open, 3).text, "The next day");
    check_number(counters(w)->history_deleted, 5);
    phone_sends(w, ANN, RELAY_ANN, with_id(open, "Still here"));
    phone_shows(w, BIZ, CONTACT_2, "Still here");
    check_text(entry_record(w, ACME, open, 4).text, "Still here");
    /* R-conv-2: never the same again. */
    check(conversation(w, CONTACT) != closed);
    world_end_test(w);
}

/* Recorded once a day, without what it was. */
static void
r_conv_9_retention_is_recorded(void)
{
    struct world *w = world_new(&keep_two_days);
    struct rec_erasure rec;
    uint64_t id = conversation(w, CONTACT);

    conv_close_directly(w, ACME, id);
    world_jump(w, 3 * DAY_MS);
    rec = erasure_record(w, 1);
    check_number(rec.kind, ERASURE_RETENTION);
    check_number(rec.entries, 3);
    check_number(rec.conversations, 1);
    check(rec.done_ms != 0 && rec.before_ms < w->now_ms);
    ask_as(w, NULL, &command_erasure, "account", "acme", NULL);
    check(row_says("\"kind\":\"retention\",\"state\":\"done\""));
    check(row_says("\"conversations\":1,\"entries\":3,"));
    world_jump(w, DAY_MS);
    check_number(table_rows(w, TABLE_ERASURE), 1);
    world_end_test(w);
}

/* A large history goes in many turns, none of them long, and a crash does not matter. */
static void
r_conv_9_retention_works_in_slices(void)
{
    struct world *w = world_new(&keep_two_days);
    uint64_t id;

    phone_sends(w, CONTACT, BIZ_NOBODY, "first");
    for (int i = 0; i < 999; i++)
        phone_sends(w, CONTACT, BIZ_NOBODY, "again");
    check_number(table_rows(w, TABLE_HISTORY), 1001);
    check_number(table_rows(w, TABLE_HISTORY_OF), 62);
    world_jump(w, 3 * DAY_MS);
    id = table_rows(w, TABLE_HISTORY);
    check(id < 1001 && id >= 801);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_pass(w, 100000);
    check_number(table_rows(w, TABLE_HISTORY), 0);
    check_number(table_rows(w, TABLE_HISTORY_OF), 0);
    check_number(table_rows(w, TABLE_CONV), 1); /* it is open */
    phone_sends(w, CONTACT, BIZ_NOBODY, "and on");
    check_number(table_rows(w, TABLE_CONV), 1);
    world_end_test(w);
}

/* Each account has its own setting. */
static void
r_conv_9_retention_is_per_account(void)
{
    struct world *w = world_new(&keep_two_days);

    phone_sends(w, CONTACT, BIZ_ZETA, "kept for ever");
    phone_sends(w, CONTACT, BIZ_NOBODY, "not kept");
    answer_all(w);
    world_jump(w, 4 * DAY_MS);
    check_number(table_rows(w, TABLE_HISTORY), 3);
    world_reload(w, &(struct world_options){.account = NULL});
    phone_sends(w, CONTACT, BIZ_NOBODY, "kept now");
    world_jump(w, 40 * DAY_MS);
    check_number(table_rows(w, TABLE_HISTORY), 5);
    world_end_test(w);
}

/* ---- on request */

static uint64_t
erase_by_phone(struct world *w, const char *phone)
{
    check_number(ask_as(w, NULL, &command_contact_erase, "account", "acme", "phone", phone, "who",
                        "Kim", "why", "letter of May", NULL),
                 COMMAND_DONE);
    return strtoull(strstr(got.rows, ":") + 1, NULL, 10);
}

static void
erase_takes_all_of_a_phone(void)
{
    struct world *w = world_with_app(NULL);
    struct rec_erasure rec;
    uint64_t id = conversation(w, CONTACT), other = conversation(w, CONTACT_2), erasure;

    ask_as(w, NULL, &command_contact_add, "account", "acme", "first", "Carlotta", "phone", CONTACT,
           NULL);
    phone_sends(w, CONTACT, BIZ_NOBODY, "My secret");
    phone_sends(w, CONTACT, APP_NUMBER, "To the app");
    answer_all(w);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "From the app"), SMPP_ROK);
    answer_all(w);
    conv_close_directly(w, ACME, id);
    id = conversation(w, CONTACT);
    check(store_holds(w, CONTACT) && store_holds(w, "Carlotta"));
    erasure = erase_by_phone(w, CONTACT);
    world_pass(w, 10000);
    check(!store_holds(w, "My secret"));
    check(!store_holds(w, "Carlotta"));
    check(!store_holds(w, CONTACT));
    check(!conv_is_there(w, id) && conv_is_there(w, other));
    rec = erasure_record(w, erasure);
    check(rec.done_ms != 0);
    check_number(rec.conversations, 3);
    check_number(rec.contacts, 1);
    check_text(rec.by, "Kim");
    check_text(rec.why, "letter of May");
    /* Others are not concerned, and the phone can begin anew. */
    phone_sends(w, ANN, RELAY_ANN, with_id(other, "Hello"));
    phone_shows(w, BIZ, CONTACT_2, "Hello");
    check(conversation(w, CONTACT) != id);
    world_end_test(w);
}

static void
erase_leaves_the_optout(void)
{
    struct world *w = world_with_app(NULL);

    (void)conversation(w, CONTACT);
    phone_sends(w, CONTACT, BIZ, "STOP");
    answer_all(w);
    (void)erase_by_phone(w, CONTACT);
    world_pass(w, 10000);
    check(opted_out(w, ACME, CONTACT));
    check_number(table_rows(w, TABLE_AUDIT), 1);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "An offer"), STATUS_OPTED_OUT);
    check_number(table_rows(w, TABLE_HISTORY), 0);
    world_end_test(w);
}

/* What waits is not sent any more: the agent's forward, the app's message, what is scheduled. */
static void
erase_cancels_what_waits(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu later = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "Much later");
    uint64_t id = conversation(w, CONTACT), waiting;

    later.body.sm.schedule_delivery_time = SLICE_LIT("000001000000000R");
    check_number(app_submits(w, 1, &later), SMPP_ROK);
    phone_sends(w, CONTACT, BIZ, "On its way to Ann");
    answer(w, sent_to(w, ANN), SMPP_RSYSERR, NULL); /* it waits for its retry */
    world_unbind(w, 0, 0);
    waiting = app_submits_text(w, "Waits", 1);
    (void)erase_by_phone(w, CONTACT);
    world_pass(w, 20000);
    app_gets_receipt(w, waiting, "DELETED");
    check(!store_holds(w, "On its way to Ann"));
    check(!store_holds(w, "Much later"));
    check_number(table_rows(w, TABLE_SCHEDULE), 0);
    check_number(table_rows(w, TABLE_QUEUE), 0);
    check_number(table_rows(w, TABLE_RETRY), 0);
    check(!conv_is_there(w, id));
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    nothing_sent(w);
    world_end_test(w);
}

/* A message on the wire cannot be called back; its record goes once it has ended. */
static void
erase_waits_for_the_wire(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t erasure;

    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "On the wire"), SMPP_ROK);
    erasure = erase_by_phone(w, CONTACT);
    world_pass(w, 20000);
    check_number(erasure_record(w, erasure).done_ms, 0);
    check(store_holds(w, "On the wire"));
    answer_all(w);
    world_pass(w, 20000);
    check(erasure_record(w, erasure).done_ms != 0);
    check(!store_holds(w, "On the wire"));
    check_number(table_rows(w, TABLE_RECEIPT_ID), 0);
    world_end_test(w);
}

/* What is written after it was asked for is new, however long it takes. */
static void
erase_takes_only_what_was_there(void)
{
    struct world *w = world_new(NULL);
    uint64_t first = conversation(w, CONTACT), second;

    (void)erase_by_phone(w, CONTACT);
    phone_sends(w, CONTACT, BIZ_NOBODY, "Afterwards");
    conv_close_directly(w, ACME, first);
    world_pass(w, 1);
    second = conversation(w, CONTACT);
    world_pass(w, 10000);
    check(!conv_is_there(w, first));
    check(conv_is_there(w, second));
    world_end_test(w);
}

/* Thousands of entries go in small steps, over a crash. */
static void
erase_survives_a_crash(void)
{
    struct world *w = world_new(NULL);
    uint64_t erasure;

    for (int i = 0; i < 1000; i++)
        phone_sends(w, CONTACT, BIZ_NOBODY, "again");
    erasure = erase_by_phone(w, CONTACT);
    world_pass(w, 15);
    check(table_rows(w, TABLE_HISTORY) > 500);
    check_number(erasure_record(w, erasure).done_ms, 0);
    world_crash(w);
    world_pass(w, 10000);
    check_number(table_rows(w, TABLE_HISTORY), 0);
    check_number(table_rows(w, TABLE_CONV), 0);
    check_number(table_rows(w, TABLE_CONV_OPEN), 0);
    check_number(table_rows(w, TABLE_VIEW), 0);
    check_number(erasure_record(w, erasure).entries, 1001);
    check(erasure_record(w, erasure).done_ms != 0);
    world_end_test(w);
}

/* A phone that two contacts share: only what was said with the one goes. */
static void
erase_of_a_contact_leaves_the_other(void)
{
    struct world *w = world_new(NULL);
    uint64_t first, second;

    ask_as(w, NULL, &command_contact_add, "account", "acme", "first", "Carlotta", "phone", CONTACT,
           NULL);
    check(row_says("\"id\":\"c1\""));
    first = conversation(w, CONTACT);
    conv_close_directly(w, ACME, first);
    ask_as(w, NULL, &command_contact_add, "account", "acme", "first", "Daniela", "phone", CONTACT,
           NULL);
    check(row_says("\"id\":\"c2\""));
    ask_as(w, NULL, &command_contact_send, "account", "acme", "contact", "c2", "from", BIZ_NOBODY,
           "text", "To Dan", NULL);
    check_number(got.result, COMMAND_DONE);
    second = strtoull(strstr(got.rows, ":") + 1, NULL, 10);
    answer_all(w);
    check_number(ask_as(w, NULL, &command_contact_erase, "account", "acme", "contact", "c1", "who",
                        "Kim", NULL),
                 COMMAND_DONE);
    world_pass(w, 10000);
    check(!conv_is_there(w, first));
    check(conv_is_there(w, second));
    check(!store_holds(w, "Carlotta"));
    ask_as(w, NULL, &command_contact_show, "account", "acme", "contact", "c2", NULL);
    check(row_says("Daniela"));
    check_number(ask_as(w, NULL, &command_contact_show, "account", "acme", "contact", "c1", NULL),
                 COMMAND_NOT_FOUND);
    world_end_test(w);
}

/* The contact number stands for nobody any more: what the agent texts there reaches nobody, and the
 * number serves others as before. */
static void
erase_forgets_leases(void)
{
    struct world *w = proxy_world(&(struct proxy_options){.pool = 2, .settings = "quarantine: 0s"});

    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    comes_first(w, CONTACT, USER_BEN, K2, BEN);
    lease_end_by_hand(w, 2, CONTACT);
    comes_first(w, CONTACT_2, USER_BEN, K2, BEN);
    (void)erase_by_phone(w, CONTACT);
    world_pass(w, 10000);
    check_number(erasure_record(w, 1).leases, 2);
    check(!store_holds(w, CONTACT));
    check_number(table_rows(w, TABLE_LEASE), 3);
    check_number(table_rows(w, TABLE_LEASE_PAIR), 1);
    phone_sends(w, ANN, K1, "Are you there?");
    phone_shows(w, K1, ANN, USAGE);
    nothing_sent(w);
    check_number(table_rows(w, TABLE_CONV), 1);
    comes(w, CONTACT_2, USER_BEN, K2, BEN);
    goes(w, BEN, K2, USER_BEN, CONTACT_2);
    comes_first(w, CONTACT_3, USER_BEN, K1, BEN);
    phone_sends(w, ANN, K1, "Are you there?");
    phone_shows(w, K1, ANN, USAGE);
    nothing_sent(w);
    /* The phone itself begins anew. */
    lease_end_by_hand(w, 2, CONTACT_3);
    comes_first(w, CONTACT, USER_ANN, K1, ANN);
    goes(w, ANN, K1, USER_ANN, CONTACT);
    world_end_test(w);
}

static void
erase_refuses(void)
{
    struct world *w = world_new(NULL);

    check_number(ask_as(w, NULL, &command_contact_erase, "account", "acme", "who", "Kim", NULL),
                 COMMAND_BAD_ARGUMENT);
    check_number(ask_as(w, NULL, &command_contact_erase, "account", "acme", "who", "Kim", "contact",
                        "none", NULL),
                 COMMAND_NOT_FOUND);
    check_number(ask_as(w, NULL, &command_contact_erase, "account", "acme", "who", "Kim", "phone",
                        BIZ, NULL),
                 COMMAND_WRONG_STATE);
    check_number(ask_as(w, NULL, &command_contact_erase, "account", "acme", "who", "", "phone",
                        CONTACT, NULL),
                 COMMAND_BAD_ARGUMENT);
    check_number(ask_as(w, NULL, &command_contact_erase, "account", "acme", "who", "Kim", "phone",
                        "nobody", NULL),
                 COMMAND_BAD_ARGUMENT);
    check_number(table_rows(w, TABLE_ERASURE), 0);
    world_end_test(w);
}

CHECK_MAIN({"r_conv_9_nothing_is_deleted_by_default", r_conv_9_nothing_is_deleted_by_default},
           {"r_conv_9_retention_takes_the_oldest", r_conv_9_retention_takes_the_oldest},
           {"r_conv_9_retention_is_recorded", r_conv_9_retention_is_recorded},
           {"r_conv_9_retention_works_in_slices", r_conv_9_retention_works_in_slices},
           {"r_conv_9_retention_is_per_account", r_conv_9_retention_is_per_account},
           {"erase_takes_all_of_a_phone", erase_takes_all_of_a_phone},
           {"erase_leaves_the_optout", erase_leaves_the_optout},
           {"erase_cancels_what_waits", erase_cancels_what_waits},
           {"erase_waits_for_the_wire", erase_waits_for_the_wire},
           {"erase_takes_only_what_was_there", erase_takes_only_what_was_there},
           {"erase_survives_a_crash", erase_survives_a_crash},
           {"erase_of_a_contact_leaves_the_other", erase_of_a_contact_leaves_the_other},
           {"erase_forgets_leases", erase_forgets_leases},
           {"erase_refuses", erase_refuses})
