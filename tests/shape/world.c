/*
 * world.c: makes a world of a seed and lives it: apps that send, carriers that answer, binds that
 * drop, a process that dies. Everything random comes from the world's own generator.
 *
 *     tandem-shape [--seeds N] [--first S]       runs them
 *     tandem-shape --seed S                      one of them
 *     tandem-shape --mutants                     each planted bug must be caught by some seed
 */
#include "tests/shape/shape.h"

#include <dirent.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/conf.h"
#include "protocol/smpp.h"
#include "store/store.h"

#define SEEDS_PER_LINE 100u
#define MUTANT_SEEDS_MAX 400u
#define TURNS_AT_ONCE_MAX 50u
#define RESPONSE_MAX_MS 400u

int sim_mutant = MUTANT_NONE;

static const struct {
    int bug;
    const char *name;
} mutants[] = {
    {MUTANT_BURSTS, "r_shape_3_mutant_bursts"},
    {MUTANT_NO_WEIGHTS, "r_shape_4_mutant_no_weights"},
    {MUTANT_BULK_FIRST, "r_shape_2_mutant_bulk_first"},
    {MUTANT_GATE_STAYS_SHUT, "r_shape_3_mutant_gate_stays_shut"},
    {MUTANT_LINK_SLEEPS_ON, "r_shape_3_mutant_link_sleeps_on"},
    {MUTANT_DAY_IS_FORGOTTEN, "r_shape_3_mutant_day_is_forgotten"},
    {MUTANT_NO_PAUSE, "r_shape_5_mutant_no_pause"},
    {MUTANT_WINDOW_TOO_WIDE, "r_shape_3_mutant_window_too_wide"},
    {MUTANT_RETRY_TO_TAIL, "r_shape_6_mutant_retry_to_tail"},
    {MUTANT_LANE_BACKWARDS, "r_shape_6_mutant_lane_backwards"},
};

/* ---- tools */

static uint64_t
rnd64(struct world *w)
{
    uint64_t x = (w->rng += 0x9e3779b97f4a7c15u);

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

uint32_t
rnd(struct world *w, uint32_t n)
{
    return (uint32_t)(rnd64(w) % n);
}

static uint32_t
between(struct world *w, uint32_t low, uint32_t high)
{
    return low + rnd(w, high - low + 1);
}

static bool
chance(struct world *w, uint32_t ten_thousandths)
{
    return rnd(w, 10000) < ten_thousandths;
}

void
broken(struct world *w, const char *rule, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(w->why, sizeof(w->why), format, args);
    va_end(args);
    w->broken = rule;
    longjmp(w->failed, 1);
}

static void
remove_dir(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char name[400];

    if (!dir)
        return;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (unlink(name) != 0)
            remove_dir(name);
    }
    closedir(dir);
    rmdir(path);
}

/* ---- furniture */

static void
furnish(struct world *w)
{
    w->even = chance(w, 4000);
    w->floor_percent = chance(w, 2000) ? between(w, 1, 50) : 0;
    w->keep_percent = chance(w, 5000) ? 10 : rnd(w, 3) * 20;
    w->account_percent = chance(w, 5000) ? 0 : 10 + rnd(w, 40);
    w->crash = chance(w, 3000) ? rnd(w, 100) : 0;
    w->drop = chance(w, 3000) ? rnd(w, 100) : 0;
    w->slow = chance(w, 2000) ? rnd(w, 300) : 0;
    w->fail = chance(w, 2000) ? rnd(w, 500) : 0;
    w->link_count = between(w, 1, LINKS_MAX);
    for (uint32_t i = 0; i < w->link_count; i++) {
        struct carrier *carrier = &w->carriers[i];
        uint32_t rate = chance(w, 5000) ? between(w, 2, 200) : 0;

        carrier->window = between(w, 1, 12);
        carrier->binds = between(w, 1, BINDS_MAX / LINKS_MAX);
        carrier->latency_ms = between(w, 1, RESPONSE_MAX_MS);
        for (uint32_t j = 0; j < carrier->binds; j++)
            w->binds[w->bind_count++] = (struct bind){.link = i, .rate.rate = rate};
    }
    w->account_count = between(w, 1, ACCOUNTS_MAX);
    for (uint32_t i = 0; i < w->account_count; i++) {
        w->accounts[i].weight = chance(w, 5000) ? 1 : between(w, 1, 9);
        w->accounts[i].rate.rate = !w->even && chance(w, 4000) ? between(w, 1, 60) : 0;
        w->accounts[i].cap = !w->even && chance(w, 2000) ? between(w, 40, 120) : 0;
    }
    w->number_count = between(w, w->account_count, NUMBERS_MAX);
    for (uint32_t i = 0; i < w->number_count; i++) {
        struct number *number = &w->numbers[i];

        number->account = i < w->account_count ? i : rnd(w, w->account_count);
        number->link = rnd(w, w->link_count);
        number->rate.rate = !w->even && chance(w, 3000) ? between(w, 1, 30) : 0;
        snprintf(number->digits, sizeof(number->digits), "120255501%02u", i);
    }
}

static size_t
write_gateway(const struct world *w, char *out, size_t cap)
{
    /* Longer than any world lives: what waits for a day's cap must not expire. */
    size_t n = (size_t)snprintf(
        out, cap,
        "directory: directory.yaml\nstore: {dir: /nonexistent, unsafe_fs: true}\n"
        "relay: {validity: 30d}\nshaping: {bulk_floor: %u%%, chat_places: %u%%, "
        "account_places: %u%%}\ncarriers:\n",
        w->floor_percent, w->keep_percent, w->account_percent);

    for (uint32_t i = 0, bind = 0; i < w->link_count; bind += w->carriers[i++].binds)
        n += (size_t)snprintf(out + n, cap - n,
                              "  - {id: c%u, host: 127.0.0.1, port: 2776, system_id: x, password: "
                              "secret, window: %u, throughput: %u}\n",
                              i, w->carriers[i].window, w->binds[bind].rate.rate);
    return n;
}

static size_t
write_directory(const struct world *w, char *out, size_t cap)
{
    size_t n = (size_t)snprintf(out, cap, "accounts:\n");

    for (uint32_t i = 0; i < w->account_count; i++) {
        n += (size_t)snprintf(out + n, cap - n,
                              "  - id: a%u\n    name: A\n    weight: %u\n    throughput: %u\n"
                              "    daily_cap: %u\n"
                              "    apps:\n      - {system_id: app%u, password: secret}\n"
                              "    numbers:\n",
                              i, w->accounts[i].weight, w->accounts[i].rate.rate,
                              w->accounts[i].cap, i);
        for (uint32_t j = 0; j < w->number_count; j++)
            if (w->numbers[j].account == i)
                n += (size_t)snprintf(
                    out + n, cap - n,
                    "      - {number: \"+%s\", role: app, carrier: c%u, app: app%u, "
                    "throughput: %u}\n",
                    w->numbers[j].digits, w->numbers[j].link, i, w->numbers[j].rate.rate);
    }
    return n;
}

static void
configure(struct world *w)
{
    static char gateway[8192], directory[8192];
    struct conf_problems problems;
    size_t n = write_gateway(w, gateway, sizeof(gateway));
    size_t m = write_directory(w, directory, sizeof(directory));

    w->conf = conf_parse(slice_of(gateway, n), slice_of(directory, m), &problems);
    for (size_t i = 0; !w->conf && i < problems.count; i++)
        printf("%s\n", problems.lines[i]);
    if (!w->conf)
        exit(2);
    conf_problems_free(&problems);
}

/* ---- turns */

static void
step(struct world *w, const struct event *event)
{
    relay_step(w->relay, w->txn, w->now_ms, event, &w->fx);
}

static void
take_sends(struct world *w)
{
    struct effect effect;
    size_t at = 0;

    while (effects_next(&w->fx, &at, &effect)) {
        struct pdu pdu;
        uint32_t message;
        char text[16] = "";

        if (effect.kind != FX_SEND || effect.session.slot >= w->bind_count ||
            pdu_decode(effect.octets, PDU_LENIENT, &pdu) != SMPP_ROK)
            continue;
        memcpy(text, pdu.body.sm.short_message.p, pdu.body.sm.short_message.n % 16);
        message = (uint32_t)strtoul(text, NULL, 10);
        judge_sent(w, message, effect.session.slot);
        w->messages[message].token = effect.token;
        w->messages[message].answer_ms =
            w->now_ms + 1 + rnd(w, w->carriers[w->binds[effect.session.slot].link].latency_ms);
    }
}

static void
turn_begin(struct world *w)
{
    w->txn = store_begin(w->store);
    effects_clear(&w->fx);
}

/* The turn, and those that the core wants at once. */
static void
turn_end(struct world *w)
{
    for (uint32_t n = 0;; n++) {
        if (n == TURNS_AT_ONCE_MAX)
            broken(w, "the core comes to rest", "it wants turn after turn");
        judge_before(w);
        relay_finish(w->relay, w->txn, w->now_ms, &w->fx);
        if (store_commit(w->txn, w->now_ms) != STORE_DURABLE)
            exit(2);
        w->turns++;
        take_sends(w);
        if (relay_next_ms(w->relay, w->now_ms) > w->now_ms)
            break;
        turn_begin(w);
        step(w, &(struct event){.kind = EV_TICK});
    }
    judge_after(w);
}

static void
bind_up(struct world *w, uint32_t slot)
{
    struct bind *bind = &w->binds[slot];
    char name[16];

    snprintf(name, sizeof(name), "c%u", bind->link);
    bind->up = true;
    bind->slow = false;
    bind->quiet_ms = 0;
    bind->flying = bind->chat_flying = 0;
    bind->generation++;
    judge_limit_start(&bind->rate, w->now_ms);
    step(w, &(struct event){.kind = EV_BIND_UP,
                            .session = {slot, bind->generation},
                            .u.up = {.link = LINK_CARRIER,
                                     .name = slice_str(name),
                                     .can_send = true,
                                     .window = w->carriers[bind->link].window,
                                     .peer_version = SMPP_VERSION_34}});
}

static void
forget_flying(struct world *w, uint32_t slot)
{
    for (uint32_t i = 0; i < w->message_count; i++)
        if (w->messages[i].state == FLIES && (slot == BINDS_MAX || w->messages[i].bind == slot))
            w->messages[i].state = WAITS;
}

static void
apps_up(struct world *w)
{
    for (uint32_t i = 0; i < w->account_count; i++) {
        char name[16];

        snprintf(name, sizeof(name), "app%u", i);
        step(w, &(struct event){.kind = EV_BIND_UP,
                                .session = {BINDS_MAX + i, w->turns + 1},
                                .u.up = {.link = LINK_APP,
                                         .name = slice_str(name),
                                         .can_send = false,
                                         .window = 1,
                                         .peer_version = SMPP_VERSION_34}});
    }
}

/* A new process on the same store. */
static void
boot(struct world *w)
{
    relay_free(w->relay);
    forget_flying(w, BINDS_MAX);
    turn_begin(w);
    w->relay = relay_new(w->conf);
    relay_recover(w->relay, w->txn, w->now_ms);
    step(w, &(struct event){.kind = EV_CONF, .u.conf = w->conf});
    for (uint32_t i = 0; i < w->number_count; i++)
        w->numbers[i].rate.since_ms = w->now_ms;
    for (uint32_t i = 0; i < w->account_count; i++)
        w->accounts[i].rate.since_ms = w->now_ms;
    for (uint32_t i = 0; i < w->link_count; i++)
        w->carriers[i].chat_ms = 0;
    /* Turns begin anew as well. */
    for (uint32_t i = 0; i < w->link_count; i++) {
        memset(w->carriers[i].shares, 0, sizeof(w->carriers[i].shares));
        memset(w->carriers[i].sent_ms, 0, sizeof(w->carriers[i].sent_ms));
    }
    apps_up(w);
    for (uint32_t i = 0; i < w->bind_count; i++)
        bind_up(w, i);
    turn_end(w);
}

/* ---- life */

static void
submit(struct world *w, uint32_t generation)
{
    uint32_t at = w->message_count;
    struct message *m = &w->messages[at];
    char text[16], phone[16];
    struct pdu pdu = {.command_id = SMPP_SUBMIT_SM, .sequence_number = at + 1};

    *m = (struct message){.number = rnd(w, w->number_count),
                          .phone = rnd(w, PHONES),
                          .class = chance(w, 3000) ? CLASS_CHAT : CLASS_BULK};
    snprintf(text, sizeof(text), "%u", at);
    snprintf(phone, sizeof(phone), "1303555%04u", m->phone);
    pdu.body.sm.source = (struct pdu_address){1, 1, slice_str(w->numbers[m->number].digits)};
    pdu.body.sm.dest = (struct pdu_address){1, 1, slice_str(phone)};
    pdu.body.sm.priority_flag = m->class == CLASS_CHAT;
    pdu.body.sm.short_message = slice_str(text);
    w->message_count++;
    step(w, &(struct event){.kind = EV_PDU,
                            .session = {BINDS_MAX + w->numbers[m->number].account, generation},
                            .u.pdu = &pdu});
}

static void
answers(struct world *w)
{
    for (uint32_t i = 0; i < w->message_count; i++) {
        struct message *m = &w->messages[i];
        struct bind *bind = &w->binds[m->bind];
        bool slow = chance(w, w->slow), fails = !slow && chance(w, w->fail);
        uint32_t status = slow ? SMPP_RTHROTTLED : fails ? SMPP_RSYSERR : SMPP_ROK;

        if (m->state != FLIES || m->answer_ms > w->now_ms)
            continue;
        step(w, &(struct event){
                    .kind = EV_RESULT,
                    .session = {m->bind, bind->generation},
                    .u.result = {.token = m->token,
                                 .how = RESULT_ANSWERED,
                                 .status = status,
                                 .message_id = status ? SLICE_NONE : SLICE_LIT("1")}});
        bind->flying--;
        bind->chat_flying -= m->class == CLASS_CHAT;
        bind->slow |= slow;
        if (slow && w->now_ms >= bind->quiet_ms)
            bind->quiet_ms = w->now_ms + PAUSE_MS;
        m->state = slow ? WAITS : fails ? FAILED : ENDED;
    }
}

static uint64_t
next_ms(const struct world *w)
{
    uint64_t next = relay_next_ms(w->relay, w->now_ms);

    for (uint32_t i = 0; i < w->message_count; i++)
        if (w->messages[i].state == FLIES && w->messages[i].answer_ms < next)
            next = w->messages[i].answer_ms;
    return next;
}

static void
troubles(struct world *w)
{
    uint32_t slot = rnd(w, w->bind_count);

    if (!chance(w, w->drop))
        return;
    if (w->binds[slot].up) {
        w->binds[slot].up = false;
        forget_flying(w, slot);
        step(w, &(struct event){.kind = EV_BIND_DOWN,
                                .session = {slot, w->binds[slot].generation}});
    } else {
        bind_up(w, slot);
    }
}

static uint32_t
unfinished(const struct world *w)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < w->message_count; i++)
        n += w->messages[i].state != ENDED;
    return n;
}

static void
live(struct world *w)
{
    uint32_t wanted = between(w, 50, MESSAGES_MAX), booted;
    uint64_t until, at;

    booted = w->turns + 1;
    boot(w);
    while (w->message_count < wanted) {
        uint32_t burst = chance(w, 1500) ? rnd(w, 60) : rnd(w, 3);
        uint64_t later = w->now_ms + rnd(w, 120);

        at = next_ms(w);
        w->now_ms = at < later ? at : later;
        if (chance(w, w->crash)) {
            booted = w->turns + 1;
            boot(w);
        }
        turn_begin(w);
        step(w, &(struct event){.kind = EV_TICK});
        answers(w);
        troubles(w);
        while (burst-- > 0 && w->message_count < wanted)
            submit(w, booted);
        turn_end(w);
    }
    /* Everything gets away when troubles end; a cap may take days. */
    w->slow = w->drop = w->fail = 0;
    turn_begin(w);
    for (uint32_t i = 0; i < w->bind_count; i++)
        if (!w->binds[i].up)
            bind_up(w, i);
    turn_end(w);
    for (until = w->now_ms + 15 * 86400000ull; unfinished(w) > 0;) {
        if (w->now_ms >= until)
            broken(w, "everything leaves", "%u messages are left", unfinished(w));
        /* Nothing but a sweep is due: nobody needs to live through it all. */
        at = next_ms(w);
        w->now_ms = at > w->now_ms + 3000 ? w->now_ms + 1800000 : at;
        turn_begin(w);
        step(w, &(struct event){.kind = EV_TICK});
        answers(w);
        turn_end(w);
    }
}

/* ---- runs */

static bool
run(uint64_t seed, bool quiet)
{
    struct store_options options = {.map_bytes = 64u << 20, .unsafe_fs = true, .no_probe = true};
    struct world *w = calloc(1, sizeof(*w));
    volatile bool good = false;
    char why[256];

    if (!w)
        abort();
    w->seed = seed;
    w->rng = seed * 0x2545f4914f6cdd1du;
    w->now_ms = START_MS;
    snprintf(w->dir, sizeof(w->dir), "%s/tandem-shape.%d",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (int)getpid());
    remove_dir(w->dir);
    effects_init(&w->fx);
    furnish(w);
    configure(w);
    options.dir = w->dir;
    if (store_open(&options, &w->store, why, sizeof(why)) != STORE_OK) {
        printf("no store: %s\n", why);
        exit(2);
    }
    if (setjmp(w->failed) == 0) {
        live(w);
        good = true;
    } else if (!quiet) {
        printf("seed %llu: %s: %s (turn %u, %llu ms)\nnot ok shape_seed_%llu\n",
               (unsigned long long)seed, w->broken, w->why, w->turns,
               (unsigned long long)(w->now_ms - START_MS), (unsigned long long)seed);
    }
    relay_free(w->relay);
    store_close(w->store);
    remove_dir(w->dir);
    conf_free(w->conf);
    effects_release(&w->fx);
    free(w);
    return good;
}

static int
run_seeds(uint64_t first, uint64_t count)
{
    uint32_t passed = 0, failed = 0, bad = 0;

    for (uint64_t seed = first; seed < first + count; seed++) {
        bad += !run(seed, false);
        if ((seed - first) % SEEDS_PER_LINE != SEEDS_PER_LINE - 1 && seed + 1 < first + count)
            continue;
        if (bad == 0) {
            printf("ok shape_seeds_to_%llu\n", (unsigned long long)seed);
            passed++;
        }
        fflush(stdout);
        failed += bad;
        bad = 0;
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0;
}

/* 0: some seed caught it, and passes without it. */
static int
run_mutant(int mutant)
{
    for (uint64_t seed = 1; seed <= MUTANT_SEEDS_MAX; seed++) {
        sim_mutant = mutant;
        if (run(seed, true))
            continue;
        sim_mutant = MUTANT_NONE;
        if (run(seed, true))
            return 0;
    }
    return 2;
}

static int
run_mutants(void)
{
    uint32_t passed = 0, failed = 0;

    for (size_t i = 0; i < sizeof(mutants) / sizeof(mutants[0]); i++) {
        bool caught;
        int status;
        pid_t pid;

        fflush(stdout);
        pid = fork();
        if (pid == 0)
            _exit(run_mutant(mutants[i].bug));
        if (pid < 0 || waitpid(pid, &status, 0) != pid)
            return 2;
        /* An assert of the core catches it too. */
        caught = WIFSIGNALED(status) || WEXITSTATUS(status) == 0;
        printf("%s %s\n", caught ? "ok" : "not ok", mutants[i].name);
        passed += caught;
        failed += !caught;
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0;
}

int
main(int argc, char **argv)
{
    uint64_t seeds = 1000, first = 1;

    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";

        if (strcmp(argv[i], "--mutants") == 0)
            return run_mutants();
        if (strcmp(argv[i], "--seeds") == 0 && ++i)
            seeds = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--first") == 0 && ++i)
            first = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && ++i)
            seeds = 1, first = strtoull(value, NULL, 10);
        else {
            fprintf(stderr, "usage: tandem-shape [--seeds N] [--first S] [--seed S] [--mutants]\n");
            return 64;
        }
    }
    return run_seeds(first, seeds);
}
