/*
 * driver_test.c: turns without a second thread: what is in the mailbox goes through the core, is
 * committed, and only then comes out.
 */
#include "gateway/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/check.h"
#include "tests/unit/temp_store.h"

#define DIRECTORY                                                                                  \
    "accounts:\n"                                                                                  \
    "  - id: acme\n"                                                                               \
    "    name: Acme\n"                                                                             \
    "    country: US\n"                                                                            \
    "    apps:\n"                                                                                  \
    "      - {system_id: crm, password: secret}\n"                                                 \
    "    numbers:\n"                                                                               \
    "      - {number: \"+1 202 555 0170\", role: app, carrier: sim, app: crm}\n"

static struct conf *conf;
static struct mailbox *box;
static struct driver *driver;
static const struct session_name app = {.slot = 1, .generation = 1};
static const struct session_name carrier = {.slot = 2, .generation = 1};

/* What came out of the turns since the last look. */
static unsigned replies, sends, refused;

static void
open_driver_with(const char *dir, const char *directory)
{
    struct conf_problems problems = {0};
    char yaml[1024], why[256];
    int status;

    snprintf(yaml, sizeof(yaml),
             "store: {dir: \"%s\", max: 64MiB, reserve: 1MiB, unsafe_fs: true}\n"
             "carriers:\n"
             "  - {id: sim, host: 127.0.0.1, port: 2776, system_id: t, password: x}\n",
             dir);
    conf = conf_parse(slice_str(yaml), slice_str(directory), &problems);
    for (size_t i = 0; !conf && i < problems.count; i++)
        puts(problems.lines[i]);
    check(conf != NULL);
    conf_problems_free(&problems);
    box = mailbox_new();
    check(box != NULL);
    driver = driver_new(conf, box, &status, why, sizeof(why));
    check(driver != NULL);
}

static void
open_driver(const char *dir)
{
    open_driver_with(dir, DIRECTORY);
}

static void
close_driver(void)
{
    driver_free(driver);
    mailbox_free(box);
    conf_free(conf);
}

static void
look(void)
{
    struct effect_block *block = mailbox_effects(box);

    replies = sends = refused = 0;
    while (block) {
        struct effect_block *next = block->next;
        struct effect effect;
        size_t at = 0;

        while (effects_next(&block->effects, &at, &effect)) {
            replies += effect.kind == FX_REPLY;
            sends += effect.kind == FX_SEND;
            refused += effect.kind == FX_REPLY && effect.octets.p[11] != 0;
        }
        mailbox_effects_done(box, block);
        block = next;
    }
}

static void
post_up(struct session_name name, enum link_kind link, const char *text, uint32_t window)
{
    struct batch *batch = mailbox_batch(box);
    struct slice octets = batch_copy(batch, slice_str(text));
    struct event *event = batch_add(batch, octets.n);

    event->kind = EV_BIND_UP;
    event->session = name;
    event->u.up = (struct event_up){.link = link, .name = octets, .can_send = true,
                                    .window = window, .peer_version = SMPP_VERSION_34};
    mailbox_post(box, batch);
}

static void
post_texts(unsigned count, struct slice text)
{
    for (unsigned sent = 0; sent < count;) {
        struct batch *batch = mailbox_batch(box);

        check(batch != NULL);
        for (; sent < count && batch_has_room(batch); sent++) {
            struct pdu *pdu = &batch->pdus[batch->count];
            char phone[12];
            size_t n = (size_t)snprintf(phone, sizeof(phone), "1312555%04u", sent % 10000);
            struct slice dest = batch_copy(batch, slice_of(phone, n));
            struct event *event = batch_add(batch, dest.n);

            *pdu = (struct pdu){.command_id = SMPP_SUBMIT_SM, .sequence_number = sent + 1};
            pdu->body.sm.source = (struct pdu_address){1, 1, SLICE_LIT("12025550170")};
            pdu->body.sm.dest = (struct pdu_address){1, 1, dest};
            pdu->body.sm.short_message = text;
            event->kind = EV_PDU;
            event->session = app;
            event->u.pdu = pdu;
        }
        mailbox_post(box, batch);
    }
}

static void
post_submits(unsigned count)
{
    post_texts(count, SLICE_LIT("hello"));
}

static void
bind_with_window(uint32_t window)
{
    while (driver_turn(driver))
        ;
    look();
    post_up(app, LINK_APP, "crm", 10);
    post_up(carrier, LINK_CARRIER, "sim", window);
    while (driver_turn(driver))
        ;
    look();
}

static void
bind_both(void)
{
    bind_with_window(10);
}

static void
r_rel_1_a_turn_answers_and_sends_after_its_commit(void)
{
    struct published published;

    open_driver(temp_dir());
    bind_both();
    post_submits(1);
    look();
    check_number(replies + sends, 0); /* nothing leaves before the turn */
    check(driver_turn(driver));
    look();
    check_number(replies, 1);
    check_number(refused, 0);
    check_number(sends, 1);
    mailbox_published(box, &published);
    check_number(published.outstanding, 1);
    check_number(published.relay.messages_in, 1);
    check(published.driver.commits >= 1 && published.driver.turns >= 2);
    check(published.conf == conf);
    check(!driver_turn(driver));
    close_driver();
}

static void
r_rel_1_what_was_answered_is_there_after_a_crash(void)
{
    const char *dir = temp_dir();
    struct published published;

    open_driver(dir);
    bind_both();
    post_submits(25);
    while (driver_turn(driver))
        ;
    look();
    check_number(replies, 25);
    close_driver(); /* as after a kill: nobody told the core */
    open_driver(dir);
    bind_both();
    while (driver_turn(driver))
        ;
    mailbox_published(box, &published);
    check(published.outstanding > 0);
    close_driver();
}

static void
a_turn_takes_no_more_than_its_limit(void)
{
    struct published published;
    unsigned answered = 0, turns = 0;

    open_driver(temp_dir());
    bind_both();
    post_submits(3 * TURN_EVENTS_MAX);
    while (driver_turn(driver)) {
        look();
        check(replies <= TURN_EVENTS_MAX);
        answered += replies;
        turns++;
    }
    check_number(answered, 3 * TURN_EVENTS_MAX);
    check(turns >= 3);
    mailbox_published(box, &published);
    check(published.driver.turn_events_max <= TURN_EVENTS_MAX);
    close_driver();
}

/* ---- answers that may wait */

/* Of the first message that went out and has no answer. */
static struct session_token sent_token;

static void
take_token(void)
{
    struct effect_block *block = mailbox_effects(box);
    bool found = false;

    while (block) {
        struct effect_block *next = block->next;
        struct effect effect;
        size_t at = 0;

        while (!found && effects_next(&block->effects, &at, &effect))
            if (effect.kind == FX_SEND) {
                sent_token = effect.token;
                found = true;
            }
        mailbox_effects_done(box, block);
        block = next;
    }
    check(found);
}

static struct batch *
answered(uint32_t status)
{
    struct batch *batch = mailbox_batch(box);
    struct event *event = batch_add(batch, 0);

    event->kind = EV_RESULT;
    event->session = carrier;
    event->u.result = (struct event_result){
        .token = sent_token, .how = RESULT_ANSWERED, .status = status,
        .message_id = SLICE_LIT("c1")};
    return batch;
}

/* May an answer lie? It does not any more afterwards. */
static bool
answer_may_wait(uint32_t status, uint64_t now_ms)
{
    struct batch *batch = answered(status);
    bool may = mailbox_may_wait(box, batch, now_ms);

    mailbox_post(box, batch);
    return may;
}

static void
p4_a_good_answer_waits_for_what_comes_next(void)
{
    struct published before, after;
    struct batch *batch;

    open_driver(temp_dir());
    bind_with_window(10);
    post_submits(1);
    check(driver_turn(driver));
    take_token();
    batch = answered(SMPP_ROK);
    check(mailbox_may_wait(box, batch, 1000));
    check(mailbox_may_wait(box, batch, 1000 + ANSWERS_WAIT_MS - 1));
    check(!mailbox_may_wait(box, batch, 1000 + ANSWERS_WAIT_MS));
    check_number(mailbox_wait_ms(batch), 1000 + ANSWERS_WAIT_MS);
    mailbox_post(box, batch);
    mailbox_published(box, &before);
    check_number(before.outstanding, 1);
    post_submits(1);
    check(driver_turn(driver));
    check(!driver_turn(driver));
    mailbox_published(box, &after);
    check_number(after.driver.commits, before.driver.commits + 1);
    check_number(after.relay.messages_sent, 1);
    check_number(after.outstanding, 1);
    close_driver();
}

static void
p4_what_is_urgent_takes_answers_along(void)
{
    struct batch *batch;

    open_driver(temp_dir());
    bind_with_window(10);
    batch = answered(SMPP_ROK);
    check(mailbox_may_wait(box, batch, 1000));
    batch_add(batch, 0)->kind = EV_CONFIRMED;
    check(mailbox_may_wait(box, batch, 1000));
    batch_add(batch, 0)->kind = EV_BIND_DOWN;
    check(!mailbox_may_wait(box, batch, 1000));
    batch->count = 0;
    mailbox_post(box, batch);
    /* The next one in the same memory begins anew. */
    batch = answered(SMPP_ROK);
    check(mailbox_may_wait(box, batch, 2000));
    batch->count = 0;
    mailbox_post(box, batch);
    check(!answer_may_wait(SMPP_RTHROTTLED, 3000));
    close_driver();
}

/* Whoever wants the place has it at once. */
static void
p4_no_answer_waits_when_a_message_waits_for_it(void)
{
    struct batch *batch;

    open_driver(temp_dir());
    bind_with_window(1);
    post_submits(2);
    check(driver_turn(driver));
    take_token();
    batch = answered(SMPP_ROK);
    check(!mailbox_may_wait(box, batch, 1000));
    mailbox_post(box, batch);
    check(driver_turn(driver));
    take_token();
    mailbox_post(box, answered(SMPP_ROK));
    check(driver_turn(driver));
    check(answer_may_wait(SMPP_ROK, 2000));
    close_driver();
}

static void
p4_no_answer_waits_while_it_stops(void)
{
    struct batch *batch;

    open_driver(temp_dir());
    bind_with_window(10);
    post_submits(1);
    batch = mailbox_batch(box);
    batch_add(batch, 0)->kind = EV_STOP;
    mailbox_post(box, batch);
    check(driver_turn(driver));
    check(!answer_may_wait(SMPP_ROK, 1000));
    close_driver();
}

static void
a_stop_is_published(void)
{
    struct published published;
    struct batch *batch;

    open_driver(temp_dir());
    bind_both();
    batch = mailbox_batch(box);
    batch_add(batch, 0)->kind = EV_STOP;
    mailbox_post(box, batch);
    check(driver_turn(driver));
    mailbox_published(box, &published);
    check_number(published.stops, 1);
    check_number(published.outstanding, 0);
    close_driver();
}

/* Many accounts, and the app's comes last. */
static char *
large_directory(unsigned accounts)
{
    size_t cap = (size_t)accounts * 400 + sizeof(DIRECTORY), n;
    char *text = malloc(cap);

    check(text != NULL);
    n = (size_t)snprintf(text, cap, "accounts:\n");
    for (unsigned i = 0; i < accounts; i++)
        n += (size_t)snprintf(text + n, cap - n,
                              "  - id: a%u\n    name: Account number %u\n    country: US\n"
                              "    agents:\n"
                              "      - {id: ann, name: Ann, mobile: \"+1303555%04u\"}\n"
                              "    numbers:\n"
                              "      - {number: \"+1212555%04u\", role: business, carrier: sim, "
                              "assign_agent: ann}\n",
                              i, i, i % 10000, i % 10000);
    snprintf(text + n, cap - n, "%s", strchr(DIRECTORY, '\n') + 1);
    return text;
}

static void
a_large_directory_is_applied_when_the_driver_is_there(void)
{
    char *directory = large_directory(2500);
    struct published published;

    open_driver_with(temp_dir(), directory);
    free(directory);
    mailbox_published(box, &published);
    check(published.driver.turns > 1); /* it did not fit into the first */
    post_up(app, LINK_APP, "crm", 10);
    post_submits(1);
    check(driver_turn(driver));
    look();
    check_number(replies, 1);
    check_number(refused, 0);
    close_driver();
}

static void
a_flood_does_not_stop_sending(void)
{
    static const uint8_t text[250] = {'x'};
    unsigned turns = 0, answered = 0, sent = 0;

    open_driver(temp_dir());
    bind_with_window(1000);
    post_texts(4 * TURN_EVENTS_MAX, slice_of(text, sizeof(text)));
    while (answered < 3 * TURN_EVENTS_MAX) {
        check(driver_turn(driver));
        look();
        check_number(refused, 0);
        check(sends > 0 || sent == 1000);
        answered += replies;
        sent += sends;
        turns++;
    }
    check(turns > 3 && sent > 100);
    close_driver();
}

static void
row_43_a_store_in_use_is_refused(void)
{
    const char *dir = temp_dir();
    char why[256];
    int status = 0;

    open_driver(dir);
    check(!driver_new(conf, box, &status, why, sizeof(why)));
    check_number(status, 1);
    check(why[0] != '\0');
    close_driver();
}

static void
the_relay_thread_ends_when_all_is_done(void)
{
    struct published published;
    unsigned answered = 0;

    open_driver(temp_dir());
    bind_both();
    check(driver_start(driver));
    post_submits(500);
    while (answered < 500) {
        look();
        answered += replies;
        usleep(1000);
    }
    mailbox_close(box);
    driver_join(driver);
    mailbox_published(box, &published);
    check_number(published.relay.messages_in, 500);
    close_driver();
}

CHECK_MAIN({"r_rel_1_a_turn_answers_and_sends_after_its_commit",
            r_rel_1_a_turn_answers_and_sends_after_its_commit},
           {"r_rel_1_what_was_answered_is_there_after_a_crash",
            r_rel_1_what_was_answered_is_there_after_a_crash},
           {"a_turn_takes_no_more_than_its_limit", a_turn_takes_no_more_than_its_limit},
           {"a_large_directory_is_applied_when_the_driver_is_there",
            a_large_directory_is_applied_when_the_driver_is_there},
           {"a_flood_does_not_stop_sending", a_flood_does_not_stop_sending},
           {"p4_a_good_answer_waits_for_what_comes_next",
            p4_a_good_answer_waits_for_what_comes_next},
           {"p4_what_is_urgent_takes_answers_along", p4_what_is_urgent_takes_answers_along},
           {"p4_no_answer_waits_when_a_message_waits_for_it",
            p4_no_answer_waits_when_a_message_waits_for_it},
           {"p4_no_answer_waits_while_it_stops", p4_no_answer_waits_while_it_stops},
           {"a_stop_is_published", a_stop_is_published},
           {"row_43_a_store_in_use_is_refused", row_43_a_store_in_use_is_refused},
           {"the_relay_thread_ends_when_all_is_done", the_relay_thread_ends_when_all_is_done})
