/*
 * main.c: runs seeds, plants bugs, replays one seed in words.
 *
 * tandem-sim [--seeds N] [--first S] [--jobs J]: runs them; every 20th twice, every 10th with a
 * replay of its changesets.
 *
 * tandem-sim --mutants [--mutant NAME]: each planted bug, or this one, must be caught by some seed.
 *
 * tandem-sim --seed S [-v] [--mutant NAME]: one seed, perhaps with a bug; -v tells everything.
 */
#include "tests/sim/sim.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEEDS_PER_LINE 50u
#define TWICE_EVERY 20u
#define REPLAY_EVERY 10u
#define MUTANT_SEEDS_MAX 400u
#define JOBS_MAX 64
/* How long a healed world may take: several of the longest pauses between retries. */
#define HEAL_MS (40u * MINUTE_MS)
#define HEAL_STEP_MS 5000u

static char base_dir[64];
static struct world *current; /* for the signal handler */

/* An assert of the core is a failure of the seed like any other; the process cannot go on after it.
 */
static void
died(int number)
{
    if (!current)
        printf("not ok sim: died of signal %d outside of a run\n", number);
    if (sim_mutant == MUTANT_NONE && current) {
        printf("seed %llu: the core died of signal %d (event %u, turn %u, crash %u)\n",
               (unsigned long long)current->seed, number, current->events, current->turns,
               current->crashes);
        sim_print_trace(current);
        printf("not ok sim_seed_%llu\n0 passed, 1 failed\n", (unsigned long long)current->seed);
        fflush(stdout);
    }
    world_remove_store(base_dir);
    _exit(1);
}

static void
heal(struct world *w)
{
    uint64_t until = w->now_ms + HEAL_MS;

    w->healing = true;
    w->room = STORE_ROOM;
    trace(w, "---- the world heals");
    if (w->stop_sent) {
        turn_run(w);
        if (w->relay && w->stop_sent)
            turn_end_process(w);
    }
    for (uint32_t i = 0; i < w->link_count; i++)
        w->links[i].away = false;
    for (uint32_t i = 0; i < w->bind_count; i++)
        if (!w->binds[i].up)
            peer_schedule(w, w->now_ms + 100, (struct sim_event){.kind = SIM_BIND, .bind = i});
    cast_heal(w);
    for (uint32_t i = 0; w->now_ms < until; i++) {
        /* A carrier with a window of one answers one message between two turns. */
        if (i * HEAL_STEP_MS > REASSEMBLY_MS)
            w->profile.batch = 1;
        turn_run(w);
        peer_advance(w, w->now_ms + HEAL_STEP_MS);
        /* Longer than parts wait for each other, so that nothing incomplete is left. */
        if (i * HEAL_STEP_MS > REASSEMBLY_MS + MINUTE_MS && peer_quiet(w) &&
            relay_outstanding(w->relay) == 0 && audit_at_rest(w))
            break;
    }
}

static void
live(struct world *w)
{
    peer_start(w);
    turn_run(w);
    while (w->events < w->events_wanted) {
        if (!w->stop_sent)
            traffic_act(w);
        peer_advance(w, w->now_ms + rnd(w, w->profile.gap_ms + 1));
        if (chance(w, 3000))
            turn_run(w);
    }
    heal(w);
    audit_final(w);
}

struct outcome {
    bool good;
    const char *broken;
    uint64_t hash;
    uint32_t events, crashes;
};

static struct outcome
run_world(uint64_t seed, bool record, bool verbose)
{
    struct world *w = world_new(seed, base_dir, verbose);
    struct outcome out;

    current = w;
    w->recording = record;
    if (setjmp(w->failed) == 0) {
        live(w);
        if (record)
            audit_replay(w);
        out.good = true;
    } else {
        out.good = false;
    }
    out.broken = w->broken;
    out.hash = w->trace_hash;
    out.events = w->events;
    out.crashes = w->crashes;
    current = NULL;
    world_free(w);
    return out;
}

static bool
run_seed(uint64_t seed, uint64_t *events)
{
    struct outcome first = run_world(seed, seed % REPLAY_EVERY == 0, false), second;

    *events += first.events;
    if (!first.good || seed % TWICE_EVERY != 1)
        return first.good;
    second = run_world(seed, false, false);
    if (second.good && second.hash == first.hash)
        return true;
    printf("seed %llu: a seed is a run: the second run differs from the first\n",
           (unsigned long long)seed);
    return false;
}

/* One job's share of the seeds; prints a line for each fifty. */
static int
run_seeds(uint64_t first, uint64_t count, uint64_t stride, uint64_t offset)
{
    uint32_t passed = 0, failed = 0;
    uint64_t events = 0;

    for (uint64_t at = first; at < first + count; at += SEEDS_PER_LINE) {
        uint64_t last =
            at + SEEDS_PER_LINE < first + count ? at + SEEDS_PER_LINE - 1 : first + count - 1;
        bool good = true;

        if ((at - first) / SEEDS_PER_LINE % stride != offset)
            continue;
        for (uint64_t seed = at; seed <= last; seed++)
            if (!run_seed(seed, &events)) {
                printf("not ok sim_seed_%llu\n", (unsigned long long)seed);
                failed++;
                good = false;
            }
        if (good) {
            printf("ok sim_seeds_%llu_%llu\n", (unsigned long long)at, (unsigned long long)last);
            passed++;
        }
        fflush(stdout);
    }
    if (stride == 1)
        printf("%u passed, %u failed\n", passed, failed);
    return failed > 0;
}

static void
set_dir(int job)
{
    struct stat st;
    bool shm = stat("/dev/shm", &st) == 0 && access("/dev/shm", W_OK) == 0;

    snprintf(base_dir, sizeof(base_dir), "%s/tandem-sim.%d.%d", shm ? "/dev/shm" : "/tmp",
             (int)getpid(), job);
}

static int
run_jobs(uint64_t first, uint64_t count, int jobs)
{
    int failed = 0, status;

    if (jobs == 1)
        return run_seeds(first, count, 1, 0);
    fflush(stdout);
    for (int job = 0; job < jobs; job++)
        if (fork() == 0) {
            set_dir(job);
            exit(run_seeds(first, count, (uint64_t)jobs, (uint64_t)job));
        }
    while (wait(&status) > 0)
        failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    return failed > 0;
}

/* ---- planted bugs */

/* Only a seed that passes without the bug proves that the bug is what it fails of. */
static int
mutant_child(int mutant, uint64_t first)
{
    set_dir(mutant);
    for (uint64_t seed = first; seed < first + MUTANT_SEEDS_MAX; seed++) {
        struct outcome out;

        sim_mutant = mutant;
        out = run_world(seed, false, false);
        if (out.good)
            continue;
        sim_mutant = MUTANT_NONE;
        if (!run_world(seed, false, false).good)
            continue;
        printf("ok %s (seed %llu: %s)\n", sim_mutant_name(mutant), (unsigned long long)seed,
               out.broken);
        fflush(stdout);
        return 0;
    }
    return 2;
}

static int
run_mutants(uint64_t first, int only)
{
    int passed = 0, failed = 0;

    for (int mutant = MUTANT_NONE + 1; mutant < SIM_MUTANTS; mutant++) {
        int status;
        pid_t pid;

        if (only != MUTANT_NONE && mutant != only)
            continue;

        fflush(stdout);
        pid = fork();
        if (pid == 0)
            _exit(mutant_child(mutant, first));
        if (pid < 0 || waitpid(pid, &status, 0) != pid)
            return 2;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
            passed++;
        } else if (WIFEXITED(status) && WEXITSTATUS(status) == 1) {
            printf("ok %s (an assert of the core)\n", sim_mutant_name(mutant));
            passed++;
        } else {
            printf("not ok %s: %u seeds did not catch it\n", sim_mutant_name(mutant),
                   MUTANT_SEEDS_MAX);
            failed++;
        }
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}

static int
run_one(uint64_t seed, bool verbose)
{
    struct outcome out = run_world(seed, true, verbose);

    printf("%s sim_seed_%llu: %u events, %u crashes, hash %016llx\n", out.good ? "ok" : "not ok",
           (unsigned long long)seed, out.events, out.crashes, (unsigned long long)out.hash);
    printf("%d passed, %d failed\n", out.good, !out.good);
    return !out.good;
}

static int
mutant_named(const char *name)
{
    for (int mutant = 0; mutant < SIM_MUTANTS; mutant++)
        if (strcmp(name, sim_mutant_name(mutant)) == 0)
            return mutant;
    fprintf(stderr, "no such mutant: %s\n", name);
    exit(64);
}

int
main(int argc, char **argv)
{
    uint64_t seeds = 1000, first = 1, one = 0;
    int jobs = 1;
    bool verbose = false, mutants = false;

    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";

        if (strcmp(argv[i], "-v") == 0)
            verbose = true;
        else if (strcmp(argv[i], "--mutants") == 0)
            mutants = true;
        else if (strcmp(argv[i], "--seeds") == 0 && ++i)
            seeds = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--first") == 0 && ++i)
            first = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && ++i)
            one = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--jobs") == 0 && ++i)
            jobs = (int)strtol(value, NULL, 10);
        else if (strcmp(argv[i], "--mutant") == 0 && ++i)
            sim_mutant = mutant_named(value);
        else {
            fprintf(stderr, "usage: tandem-sim [--seeds N] [--first S] [--jobs J] [--seed S [-v]] "
                            "[--mutants]\n");
            return 64;
        }
    }
    signal(SIGABRT, died);
    signal(SIGSEGV, died);
    set_dir(0);
    if (mutants)
        return run_mutants(first, sim_mutant);
    if (one)
        return run_one(one, verbose);
    return run_jobs(first, seeds, jobs < 1 ? 1 : jobs > JOBS_MAX ? JOBS_MAX : jobs);
}
