/*
 * relay_order_test.c: R-shape-6 where there are two carriers: what waits of a conversation leaves
 * in the order of its acceptance, whatever routes, carriers of numbers, outages and restarts do.
 */
#include <stdio.h>

#include "gateway/relay/core.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/number.h"
#include "gateway/relay/queue.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_world.h"

#define SIM 0u /* slots of the carriers */
#define OTHER 3u
#define CRM 1u
#define BOTH                                               \
    "routes:\n  - {id: both, carriers: [{carrier: sim}], " \
    "backups: [other]}\n"
#define ONLY_OTHER "routes:\n  - {id: o, carriers: [{carrier: other}]}\n"

static void
submit(struct world *w, const char *to, const char *text)
{
    check_number(app_sends(w, CRM, APP_NUMBER, to, text), SMPP_ROK);
}

static void
shows_by(struct world *w, uint32_t slot, const char *to, const char *text)
{
    struct sent *sent = sent_to(w, to);

    check(sent != NULL);
    check_number(sent->session.slot, slot);
    phone_shows(w, APP_NUMBER, to, text);
}

static void
route(struct world *w, const char *routes)
{
    struct world_options options = {.gateway = routes};

    world_reload(w, &options);
}

/* Both carriers are bound, the other one with a window of one, and sends by it: a message to
 * somebody else is on its wire, and the conversation's first waits there, behind the cursor. */
static struct world *
world_that_waits(void)
{
    static const struct world_options none;
    struct world *w = world_with_app(&none);

    world_bind(w, OTHER, LINK_CARRIER, "other", 1);
    route(w, ONLY_OTHER);
    submit(w, CONTACT_2, "fills the window");
    submit(w, CONTACT, "one");
    return w;
}

static void
leaves_in_order(struct world *w, uint32_t count)
{
    static const char *const texts[] = {"one", "two", "three", "four", "five"};

    shows_by(w, OTHER, CONTACT_2, "fills the window");
    for (uint32_t i = 0; i < count; i++)
        shows_by(w, OTHER, CONTACT, texts[i]);
    nothing_sent(w);
    check_number(table_rows(w, TABLE_QUEUE) + table_rows(w, TABLE_AWAY), 0);
    check_number(table_rows(w, TABLE_ROAM), 0);
}

static void
r_shape_6_routes_change_again_and_again(void)
{
    struct world *w = world_that_waits();

    route(w, NULL);
    submit(w, CONTACT, "two");
    route(w, ONLY_OTHER);
    submit(w, CONTACT, "three");
    route(w, BOTH);
    submit(w, CONTACT, "four");
    route(w, NULL);
    submit(w, CONTACT, "five");
    check(sent_to(w, CONTACT) == NULL);
    leaves_in_order(w, 5);
    submit(w, CONTACT, "then");
    shows_by(w, SIM, CONTACT, "then");
    world_end_test(w);
}

/* Other routes at the start than the messages went by, or none. */
static void
restarts_with(const char *routes)
{
    struct world_options options = {.gateway = routes};
    struct world *w = world_that_waits();

    submit(w, CONTACT, "two");
    world_crash_into(w, &options);
    world_bind(w, CRM, LINK_APP, "crm", 10);
    world_bind(w, SIM, LINK_CARRIER, "sim", 10);
    submit(w, CONTACT, "three");
    check(sent_to(w, CONTACT) == NULL);
    world_bind(w, OTHER, LINK_CARRIER, "other", 1);
    leaves_in_order(w, 3);
    world_end_test(w);
}

static void
r_shape_6_routes_change_with_a_restart(void)
{
    restarts_with(ONLY_OTHER);
    restarts_with(BOTH);
    restarts_with(NULL);
}

/* A number that gets another carrier takes its conversations along only when they are empty. */
static void
r_shape_6_a_number_changes_its_carrier(void)
{
    struct world *w = world_that_waits();
    struct addr number = addr_of(APP_NUMBER);
    struct rec_number rec;
    struct step s;

    route(w, NULL);
    for (uint32_t i = 0; i < 2; i++) {
        world_begin(w);
        s = (struct step){w->relay, w->txn, w->now_ms, &w->fx};
        check(number_get(&s, &number, &rec));
        rec.carrier = link_named(w->relay, LINK_CARRIER, slice_str(i ? "sim" : "other"))->id;
        number_put(&s, &number, &rec);
        world_end(w);
        submit(w, CONTACT, i ? "three" : "two");
    }
    check(sent_to(w, CONTACT) == NULL);
    leaves_in_order(w, 3);
    world_end_test(w);
}

/* A message that a person sends again does not bring its conversation to two carriers. */
static void
r_shape_6_resent_where_its_conversation_is(void)
{
    struct world_options options = {.gateway = BOTH, .carrier = "    on_unknown_outcome: hold\n"};
    struct world *w = world_with_app(&options);
    struct sent *sent;
    uint64_t message;
    struct step s;
    struct rec_msg msg;

    submit(w, CONTACT, "held");
    message = last_message(w);
    sent = sent_to(w, CONTACT);
    answer_how(w, sent, RESULT_TIMEOUT, 0, NULL);
    world_unbind(w, SIM, 0);
    world_pass(w, 31000);
    world_bind(w, OTHER, LINK_CARRIER, "other", 1);
    submit(w, CONTACT_2, "fills the window");
    submit(w, CONTACT, "one");
    world_bind(w, SIM, LINK_CARRIER, "sim", 10);
    world_begin(w);
    s = (struct step){w->relay, w->txn, w->now_ms, &w->fx};
    check(message_get(&s, message, &msg));
    message_held(&s, message, false);
    msg.state = MSG_QUEUED;
    queue_resume(&s, message, &msg);
    world_end(w);
    submit(w, CONTACT, "two");
    check(sent_to(w, CONTACT) == NULL);
    shows_by(w, OTHER, CONTACT_2, "fills the window");
    shows_by(w, OTHER, CONTACT, "one");
    shows_by(w, OTHER, CONTACT, "held");
    shows_by(w, OTHER, CONTACT, "two");
    check_number(table_rows(w, TABLE_AWAY), 0);
    world_end_test(w);
}

/* What is at home needs no rows. */
static void
r_shape_6_no_rows_for_what_waits_at_home(void)
{
    struct world_options options = {.gateway = BOTH};
    struct world *w = world_with_app(&options);

    world_unbind(w, SIM, 0);
    submit(w, CONTACT, "one");
    submit(w, CONTACT_2, "one");
    check_number(table_rows(w, TABLE_QUEUE), 2);
    check_number(table_rows(w, TABLE_AWAY) + table_rows(w, TABLE_ROAM), 0);
    world_pass(w, 31000);
    check_number(table_rows(w, TABLE_AWAY) + table_rows(w, TABLE_ROAM), 0);
    world_bind(w, SIM, LINK_CARRIER, "sim", 10);
    shows_by(w, SIM, CONTACT, "one");
    shows_by(w, SIM, CONTACT_2, "one");
    world_end_test(w);
}

/* A bot's answer is chat though its app is bulk: the next one finds the one that waits. */
static void
r_shape_6_answers_of_a_bot(void)
{
    struct world_options options = {
        .gateway = ONLY_OTHER,
        .directory = "accounts:\n  - id: acme\n    name: Acme\n"
                     "    apps: [{system_id: crm, password: secret, class: bulk}]\n"
                     "    numbers:\n      - {number: +" BIZ
                     ", role: business, carrier: sim, response: bot, app: crm}\n"};
    struct world *w = world_with_app(&options);

    world_bind(w, OTHER, LINK_CARRIER, "other", 1);
    phone_sends(w, CONTACT, BIZ, "hello");
    answer_all(w);
    check_number(app_sends(w, CRM, BIZ, CONTACT_2, "fills the window"), SMPP_ROK);
    check_number(app_sends(w, CRM, BIZ, CONTACT, "one"), SMPP_ROK);
    options.gateway = NULL;
    world_reload(w, &options);
    check_number(app_sends(w, CRM, BIZ, CONTACT, "two"), SMPP_ROK);
    check(sent_to(w, CONTACT) == NULL);
    phone_shows(w, BIZ, CONTACT_2, "fills the window");
    phone_shows(w, BIZ, CONTACT, "one");
    phone_shows(w, BIZ, CONTACT, "two");
    world_end_test(w);
}

CHECK_MAIN({"r_shape_6_routes_change_again_and_again", r_shape_6_routes_change_again_and_again},
           {"r_shape_6_routes_change_with_a_restart", r_shape_6_routes_change_with_a_restart},
           {"r_shape_6_a_number_changes_its_carrier", r_shape_6_a_number_changes_its_carrier},
           {"r_shape_6_resent_where_its_conversation_is",
            r_shape_6_resent_where_its_conversation_is},
           {"r_shape_6_no_rows_for_what_waits_at_home", r_shape_6_no_rows_for_what_waits_at_home},
           {"r_shape_6_answers_of_a_bot", r_shape_6_answers_of_a_bot})
