/*
 * store_test.c: transactions, counters, readers, copies, and what a store refuses to open (rows of
 * faults.md; damage: store_damage_test.c).
 */
#include "store/store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/records.h"
#include "store/version.h"
#include "tests/unit/check.h"
#include "tests/unit/temp_store.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PAGE_BYTES 4096

static void
put_get_del_clear(void)
{
    struct store *store = temp_store(temp_dir());
    struct store_txn *txn = store_begin(store);
    struct slice value;

    check(!store_get(txn, TABLE_NAME, SLICE_LIT("a"), &value));
    temp_put(txn, TABLE_NAME, "a", "one");
    temp_put(txn, TABLE_NAME, "b", "");
    temp_put(txn, TABLE_MEMBER, "a", "other");
    temp_check_row(txn, TABLE_NAME, "a", "one");
    temp_put(txn, TABLE_NAME, "a", "two");
    temp_commit(txn);
    txn = store_begin(store);
    temp_check_row(txn, TABLE_NAME, "a", "two");
    temp_check_row(txn, TABLE_NAME, "b", "");
    check(store_del(txn, TABLE_NAME, SLICE_LIT("a")));
    check(!store_del(txn, TABLE_NAME, SLICE_LIT("a")));
    check(!store_get(txn, TABLE_NAME, SLICE_LIT("a"), &value));
    store_clear(txn, TABLE_NAME);
    check(!store_get(txn, TABLE_NAME, SLICE_LIT("b"), &value));
    temp_check_row(txn, TABLE_MEMBER, "a", "other");
    store_abort(txn);
    txn = store_begin(store);
    temp_check_row(txn, TABLE_NAME, "a", "two");
    store_abort(txn);
    store_close(store);
}

/* Reads that store_get() remembers say what a walk to the row says, whatever happens in between:
 * more rows than are remembered, values too long for it, transactions that are given up. */
static void
what_is_remembered_is_what_is_stored(void)
{
    struct store *store = temp_store(temp_dir());
    struct store_txn *txn = store_begin(store);
    static char text[2000];
    uint32_t random = 1;

    memset(text, 'x', sizeof(text));
    for (uint32_t i = 0; i < 60000; i++) {
        char name[16];
        struct slice key, value, there, row;
        bool found;

        random = random * 1664525u + 1013904223u;
        snprintf(name, sizeof(name), "%u", (random >> 8) % 12000);
        key = slice_str(name);
        found = store_seek(txn, TABLE_NAME, key, key, &row, &value) && slice_eq(row, key);
        check(store_get(txn, TABLE_NAME, key, &there) == found);
        check(!found || slice_eq(there, value));
        if (random >> 29 < 4)
            store_put(txn, TABLE_NAME, key,
                      slice_of((uint8_t *)text, (random >> 20) % (i % 9 ? 50 : 2000)));
        else if (random >> 29 == 4)
            check(store_del(txn, TABLE_NAME, key) == found);
        else if (i % 3001 == 0)
            store_clear(txn, TABLE_NAME);
        if (i % 500 == 499) {
            if (i % 1500 == 499)
                store_abort(txn);
            else
                temp_commit(txn);
            txn = store_begin(store);
        }
    }
    store_abort(txn);
    store_close(store);
}

static void
what_is_committed_is_there_after_a_restart(void)
{
    const char *dir = temp_dir();
    struct store *store = temp_store(dir);
    struct store_txn *txn = store_begin(store);
    struct store_meta before, after;

    temp_put(txn, TABLE_NAME, "a", "one");
    check_number(store_counter_next(txn, "message", 0), 1);
    temp_commit(txn);
    /* An open transaction is aborted, as a crash would do. */
    txn = store_begin(store);
    temp_put(txn, TABLE_NAME, "b", "lost");
    store_meta_get(store, &before);
    store_close(store);
    store = temp_store(dir);
    store_meta_get(store, &after);
    check(memcmp(&before, &after, sizeof(before)) == 0);
    txn = store_begin(store);
    temp_check_row(txn, TABLE_NAME, "a", "one");
    check(!store_get(txn, TABLE_NAME, SLICE_LIT("b"), &(struct slice){0}));
    check_number(store_counter_next(txn, "message", 0), 2);
    store_abort(txn);
    store_close(store);
}

/* LMDB's own values die at the next put. */
static void
values_stay_until_the_end_of_the_transaction(void)
{
    struct store *store = temp_store(temp_dir());
    struct store_txn *txn = store_begin(store);
    struct slice got[200];
    char text[512];

    for (int i = 0; i < 200; i++) {
        snprintf(text, sizeof(text), "%0*d", 300, i);
        store_put(txn, TABLE_NAME, slice_of(&i, sizeof(i)), slice_str(text));
        check(store_get(txn, TABLE_NAME, slice_of(&i, sizeof(i)), &got[i]));
    }
    store_clear(txn, TABLE_NAME);
    for (int i = 0; i < 200; i++) {
        snprintf(text, sizeof(text), "%0*d", 300, i);
        check_text(got[i], text);
    }
    temp_commit(txn);
    store_close(store);
}

static void
scratch_is_aligned_and_not_shared(void)
{
    struct store *store = temp_store(temp_dir());

    for (int turn = 0; turn < 3; turn++) {
        struct store_txn *txn = store_begin(store);
        uint8_t *last = NULL;
        size_t last_n = 0;

        for (size_t n = 0; n < 700; n++) {
            size_t bytes = n % 100 == 99 ? n * 3000 : n;
            uint8_t *p = store_scratch(txn, bytes);

            check((uintptr_t)p % alignof(max_align_t) == 0);
            memset(p, (int)n, bytes);
            for (size_t i = 0; i < last_n; i += 64)
                check(last[i] == (uint8_t)(n - 1));
            last = p;
            last_n = bytes;
        }
        store_abort(txn);
    }
    store_close(store);
}

static void
fill_walk(struct store_txn *txn)
{
    static const char *const keys[] = {"a",     "a1",        "a2", "a21",     "b",
                                       "b\xff", "b\xff\xff", "c",  "\xff\xff"};

    for (size_t i = 0; i < COUNT(keys); i++)
        temp_put(txn, TABLE_TIMER, keys[i], keys[i]);
}

static void
seek_finds_the_first_row_of_a_prefix(void)
{
    static const struct {
        const char *from, *prefix, *want;
    } rows[] = {
        {"", "", "a"},
        {"a", "", "a"},
        {"aa", "", "b"},
        {"", "a2", "a2"},
        {"a2", "a", "a2"},
        {"a22", "a", NULL},
        {"a", "b", "b"},
        {"c", "b", NULL},
        {"c0", "", "\xff\xff"},
        {"\xff\xff", "", "\xff\xff"},
        {"\xff\xff\x01", "", NULL},
        {"", "d", NULL},
        {"b", "b\xff", "b\xff"},
    };
    struct store *store = temp_store(temp_dir());
    struct store_txn *txn = store_begin(store);
    struct slice key, value;

    check(!store_seek(txn, TABLE_TIMER, SLICE_NONE, SLICE_NONE, &key, &value));
    fill_walk(txn);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct slice from = slice_str(rows[i].from), prefix = slice_str(rows[i].prefix);

        check(store_seek(txn, TABLE_TIMER, from, prefix, NULL, NULL) == (rows[i].want != NULL));
        if (rows[i].want == NULL)
            continue;
        check(store_seek(txn, TABLE_TIMER, from, prefix, &key, &value));
        check_text(key, rows[i].want);
        check_text(value, rows[i].want);
    }
    store_abort(txn);
    store_close(store);
}

static void
last_finds_the_last_row_of_a_prefix(void)
{
    static const struct {
        const char *prefix, *want;
    } rows[] = {
        {"", "\xff\xff"}, {"a", "a21"}, {"a1", "a1"}, {"b", "b\xff\xff"},   {"b\xff", "b\xff\xff"},
        {"c", "c"},       {"d", NULL},  {"0", NULL},  {"\xff", "\xff\xff"}, {"\xff\xff\xff", NULL},
        {"a211", NULL},
    };
    struct store *store = temp_store(temp_dir());
    struct store_txn *txn = store_begin(store);
    struct slice key, value;

    check(!store_last(txn, TABLE_TIMER, SLICE_LIT("a"), &key, &value));
    check(!store_last(txn, TABLE_TIMER, SLICE_NONE, &key, &value));
    fill_walk(txn);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct slice prefix = slice_str(rows[i].prefix);

        check(store_last(txn, TABLE_TIMER, prefix, NULL, NULL) == (rows[i].want != NULL));
        if (rows[i].want == NULL)
            continue;
        check(store_last(txn, TABLE_TIMER, prefix, &key, &value));
        check_text(key, rows[i].want);
        check_text(value, rows[i].want);
    }
    store_abort(txn);
    store_close(store);
}

/* A walk that deletes what it meets, as timers and queues do. */
static void
a_walk_may_delete_as_it_goes(void)
{
    struct store *store = temp_store(temp_dir());
    struct store_txn *txn = store_begin(store);
    struct slice key, from = SLICE_NONE;
    uint32_t seen = 0;

    for (uint32_t i = 0; i < 5000; i++) {
        uint8_t k[4] = {(uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};

        store_put(txn, TABLE_TIMER, slice_of(k, 4), SLICE_LIT("some octets of a row"));
    }
    while (store_seek(txn, TABLE_TIMER, from, SLICE_NONE, &key, NULL)) {
        check_number(key.p[2] << 8 | key.p[3], seen);
        if (seen++ % 2 == 0)
            check(store_del(txn, TABLE_TIMER, key));
        temp_put(txn, TABLE_QUEUE, "meanwhile", "another table grows");
        from = slice_of(memcpy(store_scratch(txn, key.n + 1), key.p, key.n), key.n + 1);
        *(uint8_t *)(uintptr_t)(from.p + key.n) = 0;
    }
    check_number(seen, 5000);
    temp_commit(txn);
    store_close(store);
}

static void
put_long_key(void *store)
{
    static uint8_t key[STORE_KEY_BYTES_MAX + 1];

    store_put(store_begin(store), TABLE_NAME, slice_of(key, sizeof(key)), SLICE_LIT("x"));
}

static void
put_empty_key(void *store)
{
    store_put(store_begin(store), TABLE_NAME, SLICE_NONE, SLICE_LIT("x"));
}

static void
put_long_value(void *store)
{
    static uint8_t value[STORE_VALUE_BYTES_MAX + 1];

    store_put(store_begin(store), TABLE_NAME, SLICE_LIT("x"), slice_of(value, sizeof(value)));
}

static void
begin_twice(void *store)
{
    store_begin(store);
    store_begin(store);
}

static void
longest_key_and_value_fit_and_no_longer(void)
{
    static uint8_t key[STORE_KEY_BYTES_MAX], value[STORE_VALUE_BYTES_MAX];
    static void (*const bugs[])(void *) = {put_long_key, put_empty_key, put_long_value,
                                           begin_twice};
    struct store *store = temp_store(temp_dir());
    struct store_txn *txn = store_begin(store);
    struct slice got;

    memset(key, 'k', sizeof(key));
    memset(value, 'v', sizeof(value));
    store_put(txn, TABLE_NAME, slice_of(key, sizeof(key)), slice_of(value, sizeof(value)));
    temp_commit(txn);
    txn = store_begin(store);
    check(store_get(txn, TABLE_NAME, slice_of(key, sizeof(key)), &got));
    check_slice(got, slice_of(value, sizeof(value)));
    store_abort(txn);
    for (size_t i = 0; i < COUNT(bugs); i++)
        check_number(run_apart(bugs[i], store), 128 + SIGABRT);
    store_close(store);
}

static void
counters_count_by_name_and_scope(void)
{
    const char *dir = temp_dir();
    struct store *store = temp_store(dir);

    for (uint64_t turn = 0; turn < 3; turn++) {
        struct store_txn *txn = store_begin(store);

        for (uint64_t i = 1; i <= 10; i++) {
            check_number(store_counter_next(txn, "message", 0), turn * 10 + i);
            for (uint32_t scope = 0; scope < 1000; scope++)
                check_number(store_counter_next(txn, "conv", scope), turn * 10 + i);
        }
        check_number(store_counter_next(txn, "con", 0x76000000), turn + 1);
        check_number(store_counter_next(txn, "a name of thirty-two characters!", UINT32_MAX),
                     turn + 1);
        temp_commit(txn);
        store_close(store);
        store = temp_store(dir);
    }
    store_close(store);
}

static void
readers_see_what_was_committed_when_they_began(void)
{
    struct store *store = temp_store(temp_dir());
    struct store_txn *txn = store_begin(store);
    struct store_reader *reader;
    struct slice key, value;

    temp_put(txn, TABLE_NAME, "a", "one");
    temp_commit(txn);
    reader = store_reader_open(store);
    txn = store_begin(store);
    temp_put(txn, TABLE_NAME, "a", "two");
    temp_put(txn, TABLE_NAME, "b", "new");
    check(store_reader_get(reader, TABLE_NAME, SLICE_LIT("a"), &value));
    check_text(value, "one");
    temp_commit(txn);
    check(store_reader_get(reader, TABLE_NAME, SLICE_LIT("a"), &value));
    check_text(value, "one");
    check(!store_reader_seek(reader, TABLE_NAME, SLICE_LIT("b"), &key, &value));
    store_reader_renew(reader);
    check(store_reader_seek(reader, TABLE_NAME, SLICE_LIT("aa"), &key, &value));
    check_text(key, "b");
    check_text(value, "new");
    check(!store_reader_get(reader, TABLE_NAME, SLICE_LIT("c"), &value));
    check(store_reader_seek(reader, TABLE_NAME, SLICE_NONE, &key, NULL));
    check_text(key, "a");
    store_reader_close(reader);
    store_close(store);
}

static void
too_many_readers_are_refused_not_fatal(void)
{
    struct store *store = temp_store(temp_dir());
    struct store_reader *readers[200];
    size_t count = 0;

    while (count < COUNT(readers) && (readers[count] = store_reader_open(store)) != NULL)
        count++;
    check(count > 50 && count < COUNT(readers));
    while (count > 0)
        store_reader_close(readers[--count]);
    store_close(store);
}

static void
tools_read_beside_the_daemon(void)
{
    const char *dir = temp_dir();
    struct store_options options = temp_options(dir);
    struct store *store = temp_store(dir), *tool;
    struct store_txn *txn = store_begin(store);
    char why[256];
    pid_t pid;
    int status;

    temp_put(txn, TABLE_NAME, "a", "one");
    temp_commit(txn);
    options.read_only = true;
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        struct store_reader *reader;
        struct slice value;

        if (store_open(&options, &tool, why, sizeof(why)) != STORE_OK)
            _exit(2);
        reader = store_reader_open(tool);
        if (!store_reader_get(reader, TABLE_NAME, SLICE_LIT("a"), &value) || value.n != 3)
            _exit(3);
        _exit(0);
    }
    check(waitpid(pid, &status, 0) == pid);
    check_number(status, 0);
    store_close(store);
    options.dir = temp_dir();
    check_number(store_open(&options, &tool, why, sizeof(why)), STORE_FOREIGN);
    options.dir = temp_path(options.dir, "none");
    check_number(store_open(&options, &tool, why, sizeof(why)), STORE_FOREIGN);
    check(strstr(why, "there is no store") != NULL);
    check_number(store_verify(options.dir, why, sizeof(why)), STORE_FOREIGN);
    check(access(options.dir, F_OK) != 0);
}

static void
hold_a_reader(void *dir)
{
    struct store_options options = temp_options(dir);
    struct store *store;
    char why[256];

    options.read_only = true;
    if (store_open(&options, &store, why, sizeof(why)) != STORE_OK ||
        store_reader_open(store) == NULL)
        _exit(2);
    raise(SIGKILL);
}

static void
row_40_slots_of_killed_readers_are_freed(void)
{
    const char *dir = temp_dir();
    struct store *store = temp_store(dir);

    check_number(store_check_readers(store), 0);
    check_number(run_apart(hold_a_reader, (void *)(uintptr_t)dir), 128 + SIGKILL);
    check_number(store_check_readers(store), 1);
    check_number(store_check_readers(store), 0);
    store_close(store);
}

static void
nothing_is_inherited_by_other_programs(void)
{
    const char *dir = temp_dir();
    struct store *store = temp_store(dir);
    struct store_reader *reader = store_reader_open(store);
    size_t ours = 0;

    for (int fd = 3; fd < 64; fd++) {
        char link[64], path[512];
        ssize_t n;

        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        n = readlink(link, path, sizeof(path) - 1);
        if (n < 0 || strncmp(path, dir, strlen(dir)) != 0)
            continue;
        ours++;
        if (!(fcntl(fd, F_GETFD) & FD_CLOEXEC))
            printf("    %.*s\n", (int)n, path);
        check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    }
    check(ours >= 4);
    store_reader_close(reader);
    store_close(store);
}

static mode_t
mode_of(const char *path)
{
    struct stat st;

    check(stat(path, &st) == 0);
    return st.st_mode & 07777;
}

static void
row_45_modes_are_made_and_demanded(void)
{
    static const struct {
        const char *name;
        mode_t mode;
        const char *text;
    } rows[] = {
        {"", 0750, "0750"},
        {"db", 0705, "0705"},
        {"db/data.mdb", 0640, "0640"},
        {"IDENTITY", 0604, "0604"},
    };
    const char *dir = temp_path(temp_dir(), "made");
    struct store *store;

    umask(0);
    store = temp_store(dir);
    store_close(store);
    check_number(mode_of(dir), 0700);
    check_number(mode_of(temp_path(dir, "db")), 0700);
    check_number(mode_of(temp_path(dir, "db/data.mdb")), 0600);
    check_number(mode_of(temp_path(dir, "db/lock.mdb")), 0600);
    check_number(mode_of(temp_path(dir, "LOCK")), 0600);
    check_number(mode_of(temp_path(dir, "IDENTITY")), 0600);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *path = temp_path(dir, rows[i].name);
        mode_t before = mode_of(path);

        check(chmod(path, rows[i].mode) == 0);
        temp_open_fails(dir, STORE_DENIED, rows[i].text);
        check(chmod(path, before) == 0);
    }
    store_close(temp_store(dir));
    check_number(store_err_exit_status(STORE_DENIED), 77);
}

static void
row_45_a_directory_of_another_user_is_refused(void)
{
    const char *dir = temp_dir();

    store_close(temp_store(dir));
    if (geteuid() != 0)
        return;
    check(chown(dir, 1, 1) == 0);
    temp_open_fails(dir, STORE_DENIED, "user 1");
    check(chown(dir, 0, 0) == 0 && chown(temp_path(dir, "db/data.mdb"), 1, 1) == 0);
    temp_open_fails(dir, STORE_DENIED, "user 1");
}

static void
row_44_tmpfs_is_refused(void)
{
    char dir[] = "/dev/shm/tandem-test-XXXXXX";
    struct store_options options;
    struct store *store;
    struct statfs fs;
    char why[256] = "";

    if (statfs("/dev/shm", &fs) != 0 || fs.f_type != 0x01021994 || mkdtemp(dir) == NULL)
        return;
    options = temp_options(dir);
    options.unsafe_fs = false;
    check_number(store_open(&options, &store, why, sizeof(why)), STORE_UNSAFE);
    check(strstr(why, "tmpfs") != NULL);
    check(rmdir(dir) == 0);
    check_number(store_err_exit_status(STORE_UNSAFE), 78);
}

static void
open_again(void *dir)
{
    struct store_options options = temp_options(dir);
    struct store *store;
    char why[256] = "", pid[32];

    snprintf(pid, sizeof(pid), "pid %d", (int)getppid());
    if (store_open(&options, &store, why, sizeof(why)) != STORE_BUSY)
        _exit(2);
    _exit(strstr(why, pid) != NULL ? 0 : 3);
}

static void
row_43_second_daemon_is_refused(void)
{
    const char *dir = temp_dir(), *other = temp_path(temp_dir(), "link");
    struct store *store = temp_store(dir);

    check_number(run_apart(open_again, (void *)(uintptr_t)dir), 0);
    check(symlink(dir, other) == 0);
    check_number(run_apart(open_again, (void *)(uintptr_t)other), 0);
    temp_open_fails(dir, STORE_BUSY, "in use");
    store_close(store);
    store_close(temp_store(dir));
    check_number(store_err_exit_status(STORE_BUSY), 1);
}

static void
open_and_die(void *dir)
{
    struct store_txn *txn = store_begin(temp_store(dir));

    temp_put(txn, TABLE_NAME, "a", "b");
    raise(SIGKILL);
}

static void
row_43_lock_is_free_when_its_holder_was_killed(void)
{
    const char *dir = temp_dir();

    check_number(run_apart(open_and_die, (void *)(uintptr_t)dir), 128 + SIGKILL);
    store_close(temp_store(dir));
}


static void
every_store_has_its_own_uuid(void)
{
    uint8_t uuids[2][16];

    for (size_t i = 0; i < 2; i++) {
        struct store_options options = temp_options(temp_dir());
        struct store *store;
        struct store_meta meta;
        char why[256];

        options.uuid = NULL;
        check_number(store_open(&options, &store, why, sizeof(why)), STORE_OK);
        store_meta_get(store, &meta);
        memcpy(uuids[i], meta.uuid, 16);
        check_number(meta.uuid[6] >> 4, 4);
        store_close(store);
    }
    check(memcmp(uuids[0], uuids[1], 16) != 0);
}

static void
put_message(struct store *store, uint32_t i)
{
    struct store_txn *txn = store_begin(store);
    uint8_t key[4] = {(uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
    uint8_t value[4000];

    memset(value, 'm', sizeof(value));
    store_put(txn, TABLE_MESSAGE, slice_of(key, 4), slice_of(value, sizeof(value)));
    temp_commit(txn);
}

static struct store *
small_store(const char *dir)
{
    struct store_options options = temp_options(dir);
    struct store *store;
    char why[256];

    options.map_bytes = 1u << 20;
    check_number(store_open(&options, &store, why, sizeof(why)), STORE_OK);
    return store;
}

static void
fill_for_ever(void *dir)
{
    struct store *store = small_store(dir);

    for (uint8_t i = 0;; i++) {
        struct store_txn *txn = store_begin(store);
        static uint8_t value[20000];

        store_put(txn, TABLE_MESSAGE, slice_of(&i, 1), slice_of(value, sizeof(value)));
        if (store_commit(txn, 1) == STORE_UNKNOWN)
            _exit(store_err_exit_status(STORE_IO));
    }
}

static void
row_09_a_full_map_refuses_new_work_and_goes_on(void)
{
    struct store *store = small_store(temp_dir());
    struct store_stats stats;
    uint64_t now_ms = 1000;
    uint32_t count = 0;

    while (store_headroom(store, now_ms) == STORE_ROOM) {
        put_message(store, count++);
        now_ms += 10;
        check(count < 1000);
    }
    check(count > 50);
    store_stats_get(store, &stats);
    check(stats.map_bytes == 1u << 20 && stats.map_bytes_used >= stats.map_bytes / 100 * 79);
    /* State changes: each message is rewritten, and half of them go. */
    for (uint32_t i = 0; i < count; i++)
        put_message(store, i);
    for (uint32_t i = 0; i < count; i += 2) {
        struct store_txn *txn = store_begin(store);
        uint8_t key[4] = {0, 0, (uint8_t)(i >> 8), (uint8_t)i};

        check(store_del(txn, TABLE_MESSAGE, slice_of(key, 4)));
        temp_commit(txn);
    }
    check_number(store_headroom(store, now_ms + 2000), STORE_ROOM);
    store_close(store);
    check_number(run_apart(fill_for_ever, (void *)(uintptr_t)temp_dir()), 75);
}

static void
row_08_a_full_disk_refuses_new_work(void)
{
    struct store_options options = temp_options(temp_dir());
    struct store *store;
    char why[256];

    options.reserve_bytes = 1ull << 60;
    check_number(store_open(&options, &store, why, sizeof(why)), STORE_OK);
    check_number(store_headroom(store, 1), STORE_TIGHT);
    put_message(store, 1);
    store_close(store);
}

static void
row_08_the_reserve_is_held_on_disk(void)
{
    const char *dir = temp_dir();
    struct store_options options = temp_options(dir);
    struct store *store;
    struct stat st;
    char why[256];

    options.unsafe_fs = false;
    options.reserve_bytes = 8u << 20;
    if (store_open(&options, &store, why, sizeof(why)) != STORE_OK)
        return; /* no such file system here */
    check_number(store_headroom(store, 1), STORE_ROOM);
    check(stat(temp_path(dir, "db/data.mdb"), &st) == 0);
    check(st.st_size < 1 << 20 && st.st_blocks * 512 >= 8 << 20);
    put_message(store, 1);
    store_close(store);
    store_close(temp_store(dir));
}

static void
snapshot_of_a_running_store(void)
{
    const char *dir = temp_filled(), *copy = temp_path(temp_dir(), "copy");
    struct store *store = temp_store(dir), *other;
    struct store_txn *txn = store_begin(store);
    struct stat st;
    char why[256];

    store_clear(txn, TABLE_QUEUE);
    temp_put(txn, TABLE_NAME, "a", "one");
    temp_commit(txn);
    txn = store_begin(store);
    temp_put(txn, TABLE_NAME, "b", "not committed");
    check_number(store_snapshot(store, copy, why, sizeof(why)), STORE_OK);
    store_abort(txn);
    check_number(store_verify(copy, why, sizeof(why)), STORE_OK);
    other = temp_store(copy);
    temp_same(store, other);
    store_close(other);
    check(stat(temp_path(copy, "db/data.mdb"), &st) == 0 && (st.st_mode & 07777) == 0600);
    check_number(store_snapshot(store, copy, why, sizeof(why)), STORE_FOREIGN);
    check(strstr(why, "not empty") != NULL);
    check_number(store_snapshot(store, dir, why, sizeof(why)), STORE_BUSY);
    store_close(store);
}

static void
all_names_are_there(void)
{
    for (uint32_t t = 0; t < STORE_TABLES; t++)
        check(strcmp(store_table_name((enum store_table)t), "?") != 0);
    for (enum store_err err = STORE_OK; err <= STORE_IO; err++)
        check(strcmp(store_err_name(err), "?") != 0);
    for (enum store_outcome outcome = STORE_DURABLE; outcome <= STORE_UNKNOWN; outcome++)
        check(strcmp(store_outcome_name(outcome), "?") != 0);
    check(strncmp(store_library_version(), "LMDB ", 5) == 0);
    check_number(store_err_exit_status(STORE_OK), 0);
    check_number(store_err_exit_status(STORE_IO), 75);
}

#define CASE(name)  \
    {               \
#name, name \
    }

CHECK_MAIN(CASE(put_get_del_clear), CASE(what_is_remembered_is_what_is_stored),
           CASE(what_is_committed_is_there_after_a_restart),
           CASE(values_stay_until_the_end_of_the_transaction),
           CASE(scratch_is_aligned_and_not_shared), CASE(seek_finds_the_first_row_of_a_prefix),
           CASE(last_finds_the_last_row_of_a_prefix), CASE(a_walk_may_delete_as_it_goes),
           CASE(longest_key_and_value_fit_and_no_longer), CASE(counters_count_by_name_and_scope),
           CASE(readers_see_what_was_committed_when_they_began),
           CASE(too_many_readers_are_refused_not_fatal), CASE(tools_read_beside_the_daemon),
           CASE(row_40_slots_of_killed_readers_are_freed),
           CASE(nothing_is_inherited_by_other_programs), CASE(row_45_modes_are_made_and_demanded),
           CASE(row_45_a_directory_of_another_user_is_refused), CASE(row_44_tmpfs_is_refused),
           CASE(row_43_second_daemon_is_refused),
           CASE(row_43_lock_is_free_when_its_holder_was_killed), CASE(every_store_has_its_own_uuid),
           CASE(row_09_a_full_map_refuses_new_work_and_goes_on),
           CASE(row_08_a_full_disk_refuses_new_work), CASE(row_08_the_reserve_is_held_on_disk),
           CASE(snapshot_of_a_running_store), CASE(all_names_are_there))
