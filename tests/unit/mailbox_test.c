/*
 * mailbox_test.c: batches and effects between two threads, and the limits of both pools.
 */
#include "gateway/mailbox.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "gateway/clock.h"
#include "tests/unit/check.h"

static struct mailbox *
make(void)
{
    struct mailbox *box = mailbox_new();

    check(box != NULL);
    return box;
}

static struct batch *
filled(struct mailbox *box, uint32_t events)
{
    struct batch *batch = mailbox_batch(box);

    check(batch && batch_has_room(batch));
    for (uint32_t i = 0; i < events; i++)
        batch_add(batch, 0)->kind = EV_TICK;
    return batch;
}

static bool
woken(struct mailbox *box)
{
    struct pollfd p = {.fd = mailbox_fd(box), .events = POLLIN};
    uint64_t count;

    if (poll(&p, 1, 0) != 1)
        return false;
    return read(p.fd, &count, sizeof(count)) == (ssize_t)sizeof(count);
}

static void
what_goes_in_comes_out_in_order(void)
{
    struct mailbox *box = make();

    for (uint32_t i = 1; i <= 2; i++) {
        struct batch *batch = mailbox_batch(box);
        struct slice copy = batch_copy(batch, SLICE_LIT("abc"));

        batch_add(batch, copy.n)->session.slot = i;
        check_number(batch->used, 3);
        mailbox_post(box, batch);
    }
    for (uint32_t i = 1; i <= 2; i++) {
        struct batch *batch = mailbox_take(box, 0);

        check(batch && batch->count == 1);
        check_number(batch->events[0].session.slot, i);
        check_slice(slice_of(batch->octets, 3), SLICE_LIT("abc"));
        mailbox_batch_done(box, batch);
    }
    check(!mailbox_take(box, 0));
    mailbox_free(box);
}

static void
an_empty_batch_goes_back(void)
{
    struct mailbox *box = make();

    for (unsigned i = 0; i < 3 * BATCHES_MAX; i++)
        mailbox_post(box, mailbox_batch(box));
    check(!mailbox_take(box, 0));
    mailbox_free(box);
}

static void
a_batch_with_room_takes_the_longest_pdu(void)
{
    struct mailbox *box = make();
    struct batch *batch = mailbox_batch(box);
    static uint8_t pdu[PDU_BYTES_MAX];
    uint32_t count = 0;

    while (batch_has_room(batch)) {
        batch_copy(batch, slice_of(pdu, sizeof(pdu)));
        batch_add(batch, sizeof(pdu));
        count++;
    }
    check_number(count, BATCH_OCTETS / PDU_BYTES_MAX);
    mailbox_post(box, batch);
    batch = filled(box, BATCH_EVENTS_MAX);
    check(!batch_has_room(batch));
    mailbox_post(box, batch);
    mailbox_free(box);
}

static void
small_batches_do_not_use_up_the_pool(void)
{
    struct mailbox *box = make();
    uint32_t events = 0;
    struct batch *batch;

    /* 3,000 rounds of one event each while the relay thread does not come: they fit into few. */
    for (unsigned i = 0; i < 3000; i++)
        mailbox_post(box, filled(box, 1));
    while ((batch = mailbox_take(box, 0)) != NULL) {
        events += batch->count;
        mailbox_batch_done(box, batch);
    }
    check_number(events, 3000);
    mailbox_free(box);
}

static void
a_full_pool_says_no_and_wakes_when_there_is_one(void)
{
    struct mailbox *box = make();

    for (unsigned i = 0; i < BATCHES_MAX; i++)
        mailbox_post(box, filled(box, BATCH_EVENTS_MAX));
    check(!mailbox_batch(box));
    check(mailbox_sleep(box));
    check(!woken(box));
    mailbox_batch_done(box, mailbox_take(box, 0));
    check(woken(box));
    mailbox_post(box, filled(box, 1));
    mailbox_free(box);
}

static void
effects_wake_a_sleeper_only(void)
{
    struct mailbox *box = make();
    struct published published = {.outstanding = 7}, out;
    struct effect_block *block = mailbox_block(box);

    effects_log(&block->effects, LOG_LEVEL_INFO, "one");
    mailbox_release(box, block, &published);
    check(!woken(box));             /* it is awake */
    check(!mailbox_sleep(box));     /* and sees that there is something */
    block = mailbox_effects(box);
    check(block && !block->next);
    mailbox_effects_done(box, block);
    mailbox_published(box, &out);
    check_number(out.outstanding, 7);
    check(mailbox_sleep(box));
    block = mailbox_block(box);
    effects_log(&block->effects, LOG_LEVEL_INFO, "two");
    mailbox_release(box, block, &published);
    check(woken(box));
    mailbox_effects_done(box, mailbox_effects(box));
    /* A turn without effects disturbs nobody. */
    check(mailbox_sleep(box));
    mailbox_release(box, mailbox_block(box), &published);
    check(!woken(box));
    mailbox_free(box);
}

static void
waiting_ends_in_time(void)
{
    struct mailbox *box = make();
    uint64_t until = clock_mono_ms() + 20;

    check(!mailbox_take(box, until));
    check(clock_mono_ms() >= until);
    mailbox_turn_begins(box, 5);
    check_number(mailbox_turn_ms(box), 5);
    mailbox_close(box);
    check(!mailbox_take(box, UINT64_MAX)); /* closed: does not wait */
    check(mailbox_finished(box));
    mailbox_free(box);
}

#define MESSAGES 200000u

/* The relay thread's part: every event becomes an effect. */
static void *
echo(void *context)
{
    struct mailbox *box = context;
    struct published published = {0};

    while (!mailbox_finished(box)) {
        struct batch *batch = mailbox_take(box, UINT64_MAX);
        struct effect_block *block;

        if (!batch)
            continue;
        block = mailbox_block(box);
        for (uint32_t i = 0; i < batch->count; i++) {
            char text[16];

            snprintf(text, sizeof(text), "%u", batch->events[i].session.slot);
            effects_log(&block->effects, LOG_LEVEL_INFO, text);
        }
        mailbox_batch_done(box, batch);
        mailbox_release(box, block, &published);
    }
    return NULL;
}

static uint32_t
read_back(struct mailbox *box, uint32_t expected)
{
    struct effect_block *block = mailbox_effects(box);

    while (block) {
        struct effect_block *next = block->next;
        struct effect effect;
        size_t at = 0;

        while (effects_next(&block->effects, &at, &effect)) {
            char text[16];

            snprintf(text, sizeof(text), "%u", expected++);
            check_text(effect.octets, text);
        }
        mailbox_effects_done(box, block);
        block = next;
    }
    return expected;
}

static void
two_threads_lose_nothing(void)
{
    struct mailbox *box = make();
    uint32_t sent = 0, back = 0;
    pthread_t thread;

    check(pthread_create(&thread, NULL, echo, box) == 0);
    while (back < MESSAGES) {
        struct batch *batch = sent < MESSAGES ? mailbox_batch(box) : NULL;
        struct pollfd p = {.fd = mailbox_fd(box), .events = POLLIN};

        for (uint32_t i = 0; batch && i < 1 + sent % 97 && batch_has_room(batch); i++) {
            if (sent < MESSAGES)
                batch_add(batch, 0)->session.slot = sent++;
        }
        if (batch)
            mailbox_post(box, batch);
        else if (mailbox_sleep(box) && poll(&p, 1, 10000) == 1)
            (void)woken(box);
        back = read_back(box, back);
    }
    mailbox_close(box);
    pthread_join(thread, NULL);
    mailbox_free(box);
}

#define FOR_EVER_US (1ull << 60)

static void *
gather_two(void *context)
{
    mailbox_gather(context, 2, FOR_EVER_US);
    return NULL;
}

static void
p4_answers_do_not_lie_while_the_relay_gathers(void)
{
    struct mailbox *box = make();
    struct batch *batch = mailbox_batch(box);
    pthread_t thread;

    batch_add(batch, 0)->kind = EV_CONFIRMED;
    check(mailbox_may_wait(box, batch, 1));
    check(pthread_create(&thread, NULL, gather_two, box) == 0);
    while (mailbox_may_wait(box, batch, 1))
        sched_yield();
    mailbox_post(box, batch);
    batch = mailbox_batch(box);
    batch_add(batch, 0)->kind = EV_CONFIRMED;
    check(!mailbox_may_wait(box, batch, 1));
    mailbox_post(box, batch);
    pthread_join(thread, NULL);
    batch = mailbox_batch(box);
    batch_add(batch, 0)->kind = EV_CONFIRMED;
    check(mailbox_may_wait(box, batch, 1));
    mailbox_post(box, batch);
    mailbox_free(box);
}

static void
p4_gathering_ends_with_enough_in_time_and_at_the_end(void)
{
    struct mailbox *box = make();
    struct batch *batch = mailbox_batch(box);

    mailbox_gather(box, 1, 1);
    batch_add(batch, 0)->kind = EV_CONFIRMED;
    batch_add(batch, 0)->kind = EV_CONFIRMED;
    mailbox_post(box, batch);
    mailbox_gather(box, 2, FOR_EVER_US);
    mailbox_close(box);
    mailbox_gather(box, 3, FOR_EVER_US);
    mailbox_free(box);
}

/* The I/O thread has ended and frees no block any more. */
static void
after_the_end_blocks_do_not_run_out(void)
{
    static const struct published published;
    struct mailbox *box = make();

    for (unsigned i = 0; i < 3 * EFFECT_BLOCKS_MAX; i++) {
        struct effect_block *block;

        if (i == EFFECT_BLOCKS_MAX)
            mailbox_close(box);
        block = mailbox_block(box);
        check_number(block->effects.n, 0);
        effects_log(&block->effects, LOG_LEVEL_INFO, "late");
        mailbox_release(box, block, &published);
    }
    check(mailbox_finished(box));
    mailbox_free(box);
}

CHECK_MAIN({"what_goes_in_comes_out_in_order", what_goes_in_comes_out_in_order},
           {"an_empty_batch_goes_back", an_empty_batch_goes_back},
           {"a_batch_with_room_takes_the_longest_pdu", a_batch_with_room_takes_the_longest_pdu},
           {"small_batches_do_not_use_up_the_pool", small_batches_do_not_use_up_the_pool},
           {"a_full_pool_says_no_and_wakes_when_there_is_one",
            a_full_pool_says_no_and_wakes_when_there_is_one},
           {"effects_wake_a_sleeper_only", effects_wake_a_sleeper_only},
           {"waiting_ends_in_time", waiting_ends_in_time},
           {"two_threads_lose_nothing", two_threads_lose_nothing},
           {"p4_answers_do_not_lie_while_the_relay_gathers",
            p4_answers_do_not_lie_while_the_relay_gathers},
           {"p4_gathering_ends_with_enough_in_time_and_at_the_end",
            p4_gathering_ends_with_enough_in_time_and_at_the_end},
           {"after_the_end_blocks_do_not_run_out", after_the_end_blocks_do_not_run_out})
