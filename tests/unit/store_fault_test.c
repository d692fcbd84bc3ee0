/*
 * store_fault_test.c: what happens to a store when a write fails, or when the process is killed at
 * one. LMDB's calls into the C library are caught here, in this one test program.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store.h"
#include "tests/unit/check.h"
#include "tests/unit/temp_store.h"

enum call { CALL_PWRITE, CALL_WRITEV, CALL_FDATASYNC, CALL_FSYNC, CALL_RENAME, CALLS };

/* Call number `at` (from 1; of any kind if kind is CALLS) fails with `error`, or kills the process
 * if that is 0. */
static struct {
    enum call kind;
    unsigned at;
    int error;
    unsigned seen;
} fault;

static void
fault_set(enum call kind, unsigned at, int error)
{
    fault.kind = kind;
    fault.at = at;
    fault.error = error;
    fault.seen = 0;
}

static bool
fault_now(enum call kind)
{
    if (fault.at == 0 || (fault.kind != CALLS && fault.kind != kind) || ++fault.seen != fault.at)
        return false;
    if (fault.error == 0)
        kill(getpid(), SIGKILL);
    errno = fault.error;
    return true;
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
    return fault_now(CALL_PWRITE) ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
    return fault_now(CALL_WRITEV) ? -1 : (ssize_t)syscall(SYS_writev, fd, parts, count);
}

int
fdatasync(int fd)
{
    return fault_now(CALL_FDATASYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
    return fault_now(CALL_FSYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    return fault_now(CALL_RENAME) ? -1 : (int)syscall(SYS_renameat, from_dir, from, to_dir, to);
}

/* Turn i writes i into two tables, with rows large enough for more than one write. */
static enum store_outcome
turn(struct store *store, uint32_t i)
{
    struct store_txn *txn = store_begin(store);
    uint8_t key[4] = {(uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
    uint8_t value[9000];

    memset(value, (int)i, sizeof(value));
    check_number(store_counter_next(txn, "turn", 0), i);
    store_put(txn, TABLE_MESSAGE, slice_of(key, 4), slice_of(value, sizeof(value)));
    store_put(txn, TABLE_QUEUE, slice_of(key, 4), SLICE_LIT(""));
    if (i > 5) {
        key[3] = (uint8_t)(i - 5);
        store_del(txn, TABLE_QUEUE, slice_of(key, 4));
    }
    return store_commit(txn, i);
}

/* All of each turn up to META's sequence is there, and nothing of a later one. Returns the
 * sequence. */
static uint64_t
check_whole(const char *dir)
{
    struct store *store = temp_store(dir);
    struct store_txn *txn = store_begin(store);
    struct store_meta meta;
    struct slice value;
    uint32_t i = 1;

    store_meta_get(store, &meta);
    for (;; i++) {
        uint8_t key[4] = {0, 0, (uint8_t)(i >> 8), (uint8_t)i};

        if (!store_get(txn, TABLE_MESSAGE, slice_of(key, 4), &value))
            break;
        check(value.n == 9000 && value.p[0] == (uint8_t)i && value.p[8999] == (uint8_t)i);
        check(store_get(txn, TABLE_QUEUE, slice_of(key, 4), &value) == (i + 5 > meta.sequence));
    }
    check_number(i - 1, meta.sequence);
    check_number(meta.turn_ms, meta.sequence);
    check_number(store_counter_next(txn, "turn", 0), i);
    store_abort(txn);
    store_close(store);
    return meta.sequence;
}

struct run {
    const char *dir;
    enum call kind;
    unsigned at;
    int pipe; /* what was acknowledged: one octet a turn */
};

#define RUN_TURNS 12u

static void
run_turns(void *argument)
{
    const struct run *run = argument;
    struct store_options options = temp_options(run->dir);
    struct store *store;
    char why[256];

    fault_set(run->kind, run->at, 0);
    if (store_open(&options, &store, why, sizeof(why)) != STORE_OK)
        _exit(2);
    for (uint32_t i = 1; i <= RUN_TURNS; i++) {
        if (turn(store, i) != STORE_DURABLE)
            _exit(3);
        if (write(run->pipe, "", 1) != 1)
            _exit(4);
    }
    _exit(0);
}

/* Kills a run at its at'th call, from creation on; false once it gets to the end. */
static bool
kill_at(unsigned at, bool created)
{
    struct run run = {.dir = temp_dir(), .kind = CALLS, .at = at};
    int ends[2], status;
    char acks[RUN_TURNS + 1];
    ssize_t acked;
    uint64_t there;

    if (created)
        store_close(temp_store(run.dir));
    check(pipe(ends) == 0);
    run.pipe = ends[1];
    status = run_apart(run_turns, &run);
    close(ends[1]);
    acked = read(ends[0], acks, sizeof(acks));
    close(ends[0]);
    check(status == 0 || status == 128 + SIGKILL);
    there = check_whole(run.dir);
    check(acked >= 0 && there >= (uint64_t)acked && there <= (uint64_t)acked + 1);
    return status != 0;
}

static void
row_01_killed_at_every_write_nothing_acknowledged_is_lost(void)
{
    unsigned at = 1;

    while (at < 400 && kill_at(at, true))
        at++;
    check(at > 3 * RUN_TURNS && at < 400);
}

static void
row_05_killed_at_every_write_of_the_first_start(void)
{
    for (unsigned at = 1; at <= 30; at++)
        check(kill_at(at, false));
}

static void
create(void *argument)
{
    const struct run *run = argument;
    struct store_options options = temp_options(run->dir);
    struct store *store;
    char why[256] = "";
    enum store_err err;

    fault_set(run->kind, run->at, EIO);
    err = store_open(&options, &store, why, sizeof(why));
    if (err == STORE_OK)
        _exit(0);
    _exit(store != NULL || why[0] == '\0' ? 1 : store_err_exit_status(err));
}

static void
row_05_a_first_start_that_fails_can_be_repeated(void)
{
    for (enum call kind = CALL_PWRITE; kind < CALLS; kind++) {
        int status = 75;

        for (unsigned at = 1; status != 0; at++) {
            struct run run = {.dir = temp_path(temp_dir(), "d"), .kind = kind, .at = at};

            check(at < 30);
            status = run_apart(create, &run);
            check(status == 75 || status == 0);
            check_number(check_whole(run.dir), 0);
        }
    }
}

/* Fails the at'th call of a kind in turn 4; returns how the turn ended. The store must be at 3 or
 * 4, whole. */
static enum store_outcome
fail_at(enum call kind, unsigned at, int error)
{
    const char *dir = temp_dir();
    struct store *store = temp_store(dir);
    enum store_outcome outcome;
    uint64_t there;

    for (uint32_t i = 1; i <= 3; i++)
        check_number(turn(store, i), STORE_DURABLE);
    fault_set(kind, at, error);
    outcome = turn(store, 4);
    fault_set(kind, 0, 0);
    store_close(store);
    there = check_whole(dir);
    check(there == 4 || (outcome == STORE_UNKNOWN && there == 3));
    return outcome;
}

static void
row_06_eio_on_fdatasync_is_unknown(void)
{
    check_number(fail_at(CALL_FDATASYNC, 1, EIO), STORE_UNKNOWN);
    check_number(fail_at(CALL_FDATASYNC, 2, EIO), STORE_DURABLE);
}

static void
rows_06_07_08_10_every_failed_write_is_unknown(void)
{
    static const int errors[] = {EIO, ENOSPC, EDQUOT, EFBIG};

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        unsigned failed = 0, at = 1;

        while (fail_at(CALLS, at++, errors[i]) == STORE_UNKNOWN)
            failed++;
        check(failed >= 3); /* data, sync, meta */
    }
}

static void
begin_after_failure(void *argument)
{
    struct store *store = temp_store(argument);

    fault_set(CALL_FDATASYNC, 1, EIO);
    if (turn(store, 1) != STORE_UNKNOWN)
        _exit(2);
    store_begin(store);
}

static void
row_06_nothing_follows_a_failed_commit(void)
{
    check_number(run_apart(begin_after_failure, (void *)(uintptr_t)temp_dir()), 128 + SIGABRT);
}

static void
grow_past_limit(void *argument)
{
    struct store *store = temp_store(argument);
    struct rlimit limit = {100 * 1024, 100 * 1024};

    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    for (uint32_t i = 1; i < 100; i++)
        if (turn(store, i) == STORE_UNKNOWN)
            _exit(75);
    _exit(1);
}

static void
row_10_file_size_limit(void)
{
    const char *dir = temp_dir();

    check_number(run_apart(grow_past_limit, (void *)(uintptr_t)dir), 75);
    check(check_whole(dir) > 0);
}

#define CASE(name)  \
    {               \
#name, name \
    }

CHECK_MAIN(CASE(row_01_killed_at_every_write_nothing_acknowledged_is_lost),
           CASE(row_05_killed_at_every_write_of_the_first_start),
           CASE(row_05_a_first_start_that_fails_can_be_repeated),
           CASE(row_06_eio_on_fdatasync_is_unknown),
           CASE(rows_06_07_08_10_every_failed_write_is_unknown),
           CASE(row_06_nothing_follows_a_failed_commit), CASE(row_10_file_size_limit))
