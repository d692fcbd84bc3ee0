/*
 * relay_directory_test.c: the directory file becomes records, and a reload changes what the relay
 * does from then on.
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/check.h"

static const struct world_options whole;

#define ANN_LINE                                                                             \
    "      - {id: ann, name: Ann, mobile: +12025550111, relay_number: +12025550180, relay: " \
    "true}\n"
#define BEN_LINE                                                                             \
    "      - {id: ben, name: Ben, mobile: +12025550112, relay_number: +12025550181, relay: " \
    "true}\n"
#define BIZ_LINE "      - {number: +12025550150, role: business, carrier: sim, assign_agent: ann}\n"
#define RELAY_LINES                                                           \
    "      - {number: +12025550180, role: relay, carrier: sim, agent: ann}\n" \
    "      - {number: +12025550181, role: relay, carrier: sim, agent: ben}\n"
#define ACME_LINES "accounts:\n  - id: acme\n    name: Acme\n"
#define CRM_LINES "    apps:\n      - {system_id: crm, password: secret}\n"

static void
directory_a_reload_of_the_same_changes_nothing(void)
{
    struct world *w = world_new(NULL);
    uint32_t changesets;

    conversation(w, CONTACT);
    phone_sends(w, ANN, RELAY_ANN, "no ID"); /* the agent's row now knows of a notice */
    answer_all(w);
    changesets = w->changeset_count;
    world_reload(w, &whole);
    check_number(w->changeset_count, changesets);
    check(strstr(w->log, "changed=0") != NULL);
    world_end_test(w);
}

static uint64_t
reads(struct world *w)
{
    struct store_stats stats;

    store_stats_get(w->store, &stats);
    return stats.reads;
}

/* A comment more makes another file, which says the same. */
static void
directory_only_another_file_is_looked_at(void)
{
    struct world_options options = {.gateway = "# a comment\n"};
    struct world *w = world_new(NULL);
    uint64_t before = reads(w), same;

    world_reload(w, &whole);
    same = reads(w) - before;
    world_reload(w, &options);
    check(strstr(w->log, "changed=0") != NULL);
    check(reads(w) - before > 3 * same);
    check_number(table_rows(w, TABLE_APPLIED), 1);
    world_end_test(w);
}

/* A part of the new file was written when the process died, and the operator has put back the old
 * one: it is applied, though it was the last one that was applied whole. */
static void
directory_the_old_file_after_half_of_a_new_one(void)
{
    static char text[600000];
    struct world_options options = {.directory = text};
    struct world *w = world_new(NULL);
    struct event event = {.kind = EV_CONF};
    struct conf *old = w->conf;
    size_t n = (size_t)snprintf(text, sizeof(text),
                                ACME_LINES "    long_messages: reject\n    agents:\n");

    for (uint32_t i = 0; i < 4000; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n,
                              "      - {id: a%u, name: Agent, mobile: +1302%07u}\n", i, i);
    w->conf = world_conf(&options);
    w->old_conf[w->old_confs++] = w->conf;
    event.u.conf = w->conf;
    world_begin(w);
    world_step(w, &event);
    world_end(w);
    check(relay_applying(w->relay));
    w->conf = old;
    world_crash(w);
    world_bind(w, 1, LINK_APP, "crm", 100);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 300)), SMPP_ROK);
    answer_all(w);
    world_end_test(w);
}

static void
directory_a_removed_number_refuses(void)
{
    static const struct world_options options = {.directory = ACME_LINES
                                                 "    agents:\n" ANN_LINE BEN_LINE CRM_LINES
                                                 "    numbers:\n" RELAY_LINES};
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ, "hello");

    world_bind(w, 1, LINK_APP, "crm", 10);
    world_reload(w, &options);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_RINVDSTADR);
    check_number(app_sends(w, 1, BIZ, CONTACT, "hello"), SMPP_RINVSRCADR);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "from where?"));
    check(sent_to(w, CONTACT) == NULL && sent_to(w, ANN) != NULL); /* the notice */
    answer_all(w);
    check_number(conv_record(w, ACME, id).status, CONV_OPEN); /* nothing is deleted */
    world_reload(w, &whole);                                  /* and back */
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "from here"));
    phone_shows(w, BIZ, CONTACT, "from here");
    world_end_test(w);
}

static void
directory_a_removed_agent(void)
{
    static const struct world_options options = {
        .directory = ACME_LINES
        "    agents:\n" BEN_LINE "    numbers:\n"
        "      - {number: +12025550150, role: business, carrier: sim, assign_agent: ben}\n"
        "      - {number: +12025550181, role: relay, carrier: sim, agent: ben}\n"};
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, ANN, RELAY_ANN, with_id(id, "still there"));

    world_reload(w, &options);
    phone_sends(w, CONTACT, BIZ, "Ann?");
    nothing_sent(w); /* she owns it, but has no phone here any more */
    check_text(entry_record(w, ACME, id, 3).text, "Ann?");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_RINVDSTADR);
    phone_sends(w, CONTACT_2, BIZ, "new");
    check(sent_to(w, BEN) != NULL);
    answer_all(w);
    world_end_test(w);
}

/* The relay number goes to a colleague: the former agent's phone is a stranger. */
static void
directory_a_relay_number_changes_hands(void)
{
    static const struct world_options options = {
        .directory = ACME_LINES
        "    agents:\n"
        "      - {id: ann, name: Ann, mobile: +12025550111}\n"
        "      - {id: ben, name: Ben, mobile: +12025550112, relay_number: +12025550180, "
        "relay: true}\n"
        "    numbers:\n" BIZ_LINE
        "      - {number: +12025550180, role: relay, carrier: sim, agent: ben}\n"};
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    world_reload(w, &options);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "hello"));
    nothing_sent(w);
    check_number(counters(w)->relay_strangers, 1);
    world_end_test(w);
}

static void
directory_a_removed_app(void)
{
    static const struct world_options options = {.directory = ACME_LINES
                                                 "    agents:\n" ANN_LINE BEN_LINE
                                                 "    numbers:\n" BIZ_LINE RELAY_LINES};
    struct world *w = world_new(NULL);

    world_bind(w, 1, LINK_APP, "crm", 10);
    world_reload(w, &options);
    check_number(app_sends(w, 1, BIZ, CONTACT, "hello"), SMPP_RSYSERR);
    nothing_sent(w);
    world_reload(w, &whole);
    check_number(app_sends(w, 1, BIZ, CONTACT, "hello"), SMPP_ROK);
    answer_all(w);
    world_end_test(w);
}

static void
directory_a_removed_account(void)
{
    static const struct world_options options = {.directory = ACME_LINES
                                                 "    agents:\n" ANN_LINE BEN_LINE CRM_LINES
                                                 "    numbers:\n" BIZ_LINE RELAY_LINES};
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ_ZETA, "hello");

    world_bind(w, 2, LINK_APP, "zapp", 10);
    world_reload(w, &options);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_RINVDSTADR);
    check_number(app_sends(w, 2, BIZ_ZETA, CONTACT, "hello"), SMPP_RSYSERR);
    conversation(w, CONTACT);
    world_end_test(w);
}

/* A number moves to another account: the wall moves with it. */
static void
directory_a_number_moves_to_another_account(void)
{
    static const struct world_options options = {
        .directory = ACME_LINES
        "    agents:\n" ANN_LINE BEN_LINE CRM_LINES "    numbers:\n" RELAY_LINES
        "  - id: zeta\n    name: Zeta\n    agents:\n"
        "      - {id: cid, name: Cid, mobile: +12025550113, relay_number: +12025550182, "
        "relay: true}\n"
        "    numbers:\n"
        "      - {number: +12025550150, role: business, carrier: sim, assign_agent: cid}\n"
        "      - {number: +12025550182, role: relay, carrier: sim, agent: cid}\n"};
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    world_bind(w, 1, LINK_APP, "crm", 10);
    world_reload(w, &options);
    phone_sends(w, CONTACT, BIZ, "who is this?");
    check(sent_to(w, CID) != NULL && sent_to(w, ANN) == NULL);
    answer_all(w);
    check_number(conv_record(w, ACME, id).entries, 2);
    check_number(app_sends(w, 1, BIZ, CONTACT, "hello"), SMPP_RINVSRCADR);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "not by this number"));
    check(sent_to(w, CONTACT) == NULL);
    answer_all(w);
    world_end_test(w);
}

static void
directory_settings_count_at_once(void)
{
    static const struct world_options options = {
        .relay = "  reply_overflow: reject\n  reply_scope: owner\n",
        .messages = "  forward: \"<{from}> {text} ({id})\"\n",
        .account = "    long_messages: reject\n"};
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    char want[100];

    world_bind(w, 1, LINK_APP, "crm", 10);
    world_reload(w, &options);
    snprintf(want, sizeof(want), "<+12025550101> hi (%llu)", (unsigned long long)id);
    phone_sends(w, CONTACT, BIZ, "hi");
    phone_shows(w, RELAY_ANN, ANN, want);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, repeat("x", 141)));
    check(sent_to(w, CONTACT) == NULL);
    answer_all(w);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 161)), SMPP_RINVMSGLEN);
    world_end_test(w);
}

static void
directory_ids_stay_through_restarts(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    uint32_t rows = table_rows(w, TABLE_NAME) + table_rows(w, TABLE_LINK);

    for (int i = 0; i < 3; i++)
        world_crash(w);
    check_number(table_rows(w, TABLE_NAME) + table_rows(w, TABLE_LINK), rows);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "still Ann"));
    phone_shows(w, BIZ, CONTACT, "still Ann");
    world_end_test(w);
}

/* Design rule 7: it takes as many turns as it needs, and traffic goes on meanwhile. */
static void
directory_a_large_one_takes_several_turns(void)
{
    static char text[600000];
    struct world_options options = {.directory = text};
    struct world *w = world_new(NULL);
    struct event event = {.kind = EV_CONF};
    size_t n = (size_t)snprintf(text, sizeof(text), ACME_LINES "    agents:\n" ANN_LINE BEN_LINE);
    uint32_t turns = 0;
    struct pdu pdu;

    for (uint32_t i = 0; i < 4000; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n,
                              "      - {id: a%u, name: Agent, mobile: +1302%07u}\n", i, i);
    n += (size_t)snprintf(
        text + n, sizeof(text) - n,
        "    numbers:\n" BIZ_LINE RELAY_LINES
        "      - {number: +12025550159, role: business, carrier: sim, assign_agent: ben}\n");
    w->old_conf[w->old_confs++] = w->conf;
    w->conf = world_conf(&options);
    event.u.conf = w->conf;
    pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, "12025550159", "hello");
    world_begin(w);
    world_step(w, &event);
    carrier_delivers(w, 0, &pdu);
    for (;;) {
        check(store_changeset_bytes(w->txn) < STORE_TURN_BYTES + 4096);
        world_end(w);
        if (turns == 0)
            check_number(w->status, SMPP_RX_T_APPN); /* perhaps a number to come: try again */
        turns++;
        if (!relay_applying(w->relay))
            break;
        check_number(relay_next_ms(w->relay, w->now_ms), w->now_ms);
        world_begin(w);
    }
    check(turns > 1);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check(sent_to(w, BEN) != NULL);
    answer_all(w);
    world_end_test(w);
}

/* The sessions are the I/O thread's: it knows the new app at once. */
static void
directory_an_app_binds_while_it_is_written(void)
{
    static char text[600000];
    struct world_options options = {.directory = text};
    struct world *w = world_new(NULL);
    struct event event = {.kind = EV_CONF}, up = {.kind = EV_BIND_UP};
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, "12025550170", CONTACT, "hello");
    size_t n = (size_t)snprintf(text, sizeof(text), ACME_LINES "    agents:\n");

    for (uint32_t i = 0; i < 4000; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n,
                              "      - {id: a%u, name: Agent, mobile: +1302%07u}\n", i, i);
    snprintf(text + n, sizeof(text) - n,
             "  - id: late\n    name: Late\n"
             "    apps:\n      - {system_id: late, password: secret}\n    numbers:\n"
             "      - {number: +12025550170, role: app, carrier: sim, app: late}\n");
    w->old_conf[w->old_confs++] = w->conf;
    w->conf = world_conf(&options);
    event.u.conf = w->conf;
    up.session = session_of(w, 1);
    up.u.up = (struct event_up){LINK_APP, SLICE_LIT("late"), true, 10, SMPP_VERSION_34};
    world_begin(w);
    world_step(w, &event);
    check(relay_applying(w->relay));
    world_step(w, &up);
    app_submits(w, 1, &pdu);
    world_end(w);
    check_number(w->status, SMPP_RSYSERR); /* try again */
    check(relay_applying(w->relay));
    world_pass(w, 1);
    check(!relay_applying(w->relay));
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    answer_all(w);
    world_end_test(w);
}

/* The process dies in the middle of it: the next start does it from the beginning. */
static void
directory_a_crash_while_it_is_written(void)
{
    struct world *w = world_new(NULL);
    struct world_options options = {.account = "    max_parts: 7\n"};
    struct event event = {.kind = EV_CONF};

    w->old_conf[w->old_confs++] = w->conf;
    w->conf = world_conf(&options);
    event.u.conf = w->conf;
    world_begin(w);
    world_step(w, &event);
    world_crash_in_turn(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_bind(w, 1, LINK_APP, "crm", 100);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 1071)), SMPP_ROK);
    check_number(sent_count(w), 7);
    answer_all(w);
    world_end_test(w);
}

CHECK_MAIN({"directory_a_reload_of_the_same_changes_nothing",
            directory_a_reload_of_the_same_changes_nothing},
           {"directory_only_another_file_is_looked_at", directory_only_another_file_is_looked_at},
           {"directory_the_old_file_after_half_of_a_new_one",
            directory_the_old_file_after_half_of_a_new_one},
           {"directory_a_removed_number_refuses", directory_a_removed_number_refuses},
           {"directory_a_removed_agent", directory_a_removed_agent},
           {"directory_a_relay_number_changes_hands", directory_a_relay_number_changes_hands},
           {"directory_a_removed_app", directory_a_removed_app},
           {"directory_a_removed_account", directory_a_removed_account},
           {"directory_a_number_moves_to_another_account",
            directory_a_number_moves_to_another_account},
           {"directory_settings_count_at_once", directory_settings_count_at_once},
           {"directory_ids_stay_through_restarts", directory_ids_stay_through_restarts},
           {"directory_a_large_one_takes_several_turns", directory_a_large_one_takes_several_turns},
           {"directory_an_app_binds_while_it_is_written",
            directory_an_app_binds_while_it_is_written},
           {"directory_a_crash_while_it_is_written", directory_a_crash_while_it_is_written})
