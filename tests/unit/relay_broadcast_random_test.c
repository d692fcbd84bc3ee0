/*
 * relay_broadcast_random_test.c: broadcasts through carriers that throttle, refuse and vanish,
 * crashes, pauses and opt-outs, at random but repeatable (R-list-3, R-list-6): everybody gets the
 * text once, and once more at most for each time that one of theirs was on a wire that broke;
 * nobody gets anything after an opt-out; the counts add up.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/key.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_ask.h"

#define FIRST 12025600000ull
#define NUMBERS 150u
#define WINDOW 6u
#define STEPS_MAX 20000u

static struct {
    uint64_t seed;
    struct world *w;
    struct {
        uint32_t taken;   /* copies that the carrier took */
        uint32_t doubted; /* times that one was on the wire when it broke */
        bool refused, out;
    } phones[NUMBERS];
    bool paused;
    uint32_t paused_sent; /* on the wire when the pause came */
} run;

static uint32_t
draw(uint32_t n)
{
    run.seed ^= run.seed << 13;
    run.seed ^= run.seed >> 7;
    run.seed ^= run.seed << 17;
    return (uint32_t)(run.seed % n);
}

static uint32_t
phone_of(const struct sent *sent)
{
    char digits[24];
    uint64_t number;

    snprintf(digits, sizeof(digits), "%.*s", (int)sent->pdu.body.sm.dest.digits.n,
             (const char *)sent->pdu.body.sm.dest.digits.p);
    number = strtoull(digits, NULL, 10);
    check(number >= FIRST && number < FIRST + NUMBERS);
    return (uint32_t)(number - FIRST);
}

static const char *
digits_of(uint32_t phone)
{
    static char digits[24];

    snprintf(digits, sizeof(digits), "%llu", (unsigned long long)(FIRST + phone));
    return digits;
}

static struct rec_broadcast
record(void)
{
    struct rec_broadcast rec;
    struct key key;

    key_init(&key);
    key_u32(&key, ACME);
    key_u32(&key, 1);
    check(store_says(run.w, TABLE_BROADCAST, &rec_broadcast_def, key_slice(&key), &rec));
    return rec;
}

static void
begin(uint64_t seed)
{
    static const struct world_options options = {.gateway = "lists: {max_size: 10000}\n",
                                                 .relay = "  retry_min: 1s\n"
                                                          "  retry_max: 5s\n"};
    char text[NUMBERS * 16] = "";
    size_t at = 0;

    memset(&run, 0, sizeof(run));
    run.seed = seed * 0x9E3779B97F4A7C15ull + 1;
    run.w = world_new(&options);
    world_unbind(run.w, 0, 0);
    world_bind(run.w, 0, LINK_CARRIER, "sim", WINDOW);
    for (uint32_t i = 0; i < NUMBERS; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s\n", digits_of(i));
    check_number(ask_as(run.w, NULL, &command_list_add, "account", "acme", "list", "news", NULL),
                 COMMAND_DONE);
    check_number(ask_as(run.w, NULL, &command_list_upload, "account", "acme", "list", "news",
                        "numbers", text, NULL),
                 COMMAND_DONE);
    check_number(ask_as(run.w, NULL, &command_broadcast_add, "account", "acme", "list", "news",
                        "from", BIZ_NOBODY, "text", "Hello", NULL),
                 COMMAND_DONE);
}

static void
change(const struct command_def *def)
{
    (void)ask_as(run.w, NULL, def, "account", "acme", "id", "1", NULL);
}

static void
answer_one(uint32_t status)
{
    struct sent *sent = sent_count(run.w) > 0 ? sent_first(run.w) : NULL;
    uint32_t phone;

    if (!sent)
        return;
    phone = phone_of(sent);
    run.phones[phone].taken += status == SMPP_ROK;
    run.phones[phone].refused |= status == SMPP_RINVDSTADR;
    if (run.paused && run.paused_sent > 0)
        run.paused_sent--;
    answer(run.w, sent, status, NULL);
}

/* What is on the wire may have arrived or not. */
static void
break_wire(bool crash)
{
    for (const struct sent *sent = run.w->first; sent; sent = sent->next)
        run.phones[phone_of(sent)].doubted++;
    run.paused_sent = 0;
    if (crash)
        world_crash(run.w);
    else
        world_unbind(run.w, 0, 0);
    world_bind(run.w, 0, LINK_CARRIER, "sim", WINDOW);
}

static void
opt_out(uint32_t phone)
{
    if (sent_to(run.w, digits_of(phone)) != NULL)
        return; /* one is on the wire: it may come */
    (void)ask_as(run.w, NULL, &command_optout_set, "account", "acme", "phone", digits_of(phone),
                 "who", "Kim", NULL);
    run.phones[phone].out = true;
}

static void
pause_or_resume(void)
{
    change(run.paused ? &command_broadcast_resume : &command_broadcast_pause);
    run.paused = record().state == BROADCAST_PAUSED;
    run.paused_sent = sent_count(run.w);
}

static void
act(void)
{
    uint32_t what = draw(100);

    if (what < 64)
        answer_one(SMPP_ROK);
    else if (what < 70)
        answer_one(SMPP_RTHROTTLED);
    else if (what < 75)
        answer_one(SMPP_RX_T_APPN);
    else if (what < 77)
        answer_one(SMPP_RINVDSTADR);
    else if (what < 80)
        break_wire(true);
    else if (what < 82)
        break_wire(false);
    else if (what < 86)
        pause_or_resume();
    else if (what < 87)
        opt_out(draw(NUMBERS));
    else
        world_pass(run.w, 1 + draw(2000));
}

static void
look(void)
{
    for (const struct sent *sent = run.w->first; sent; sent = sent->next)
        check(!run.phones[phone_of(sent)].out);
    check(sent_count(run.w) <= WINDOW);
    /* At once: nothing leaves that was not on the wire. */
    check(!run.paused || sent_count(run.w) <= run.paused_sent);
}

static void
settle(void)
{
    if (run.paused)
        pause_or_resume();
    for (uint32_t i = 0; i < STEPS_MAX && record().state != BROADCAST_DONE; i++) {
        answer_one(SMPP_ROK);
        look();
        if (sent_count(run.w) == 0)
            world_pass(run.w, 1000);
    }
}

static void
judge(uint64_t seed)
{
    struct rec_broadcast rec = record();

    for (uint32_t i = 0; i < NUMBERS; i++) {
        bool missed = run.phones[i].taken == 0 && !run.phones[i].out && !run.phones[i].refused;

        if (missed || run.phones[i].taken > 1 + run.phones[i].doubted)
            printf("    seed %llu phone %u: %u times\n", (unsigned long long)seed, i,
                   run.phones[i].taken);
        check(!missed);
        check(run.phones[i].taken <= 1 + run.phones[i].doubted);
    }
    check_number(rec.state, BROADCAST_DONE);
    check_number(rec.taken, NUMBERS);
    check_number(rec.queued, 0);
    check_number(rec.sent + rec.failed + rec.skipped, NUMBERS);
    check_number(table_rows(run.w, TABLE_QUEUE), 0);
    check_number(table_rows(run.w, TABLE_BROADCAST_WORK), 0);
}

static void
r_list_6_everybody_once_whatever_happens(void)
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        begin(seed);
        for (uint32_t i = 0; i < STEPS_MAX && record().state != BROADCAST_DONE; i++) {
            act();
            look();
        }
        settle();
        judge(seed);
        world_end_test(run.w);
    }
}

CHECK_MAIN({"r_list_6_everybody_once_whatever_happens", r_list_6_everybody_once_whatever_happens})
