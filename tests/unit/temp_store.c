/*
 * temp_store.c: see temp_store.h.
 */
#include "tests/unit/temp_store.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/records.h"
#include "tests/unit/check.h"

#define DIRS_MAX 512

static char dirs[DIRS_MAX][256];
static size_t dir_count;
static pid_t dir_owner;

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static void
remove_dirs(void)
{
    /* A child that ends by exit() must not take its parent's directories along. */
    if (getpid() != dir_owner)
        return;
    for (size_t i = 0; i < dir_count; i++)
        nftw(dirs[i], remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *
temp_dir(void)
{
    const char *base = getenv("TMPDIR");
    char *dir = dirs[dir_count];

    check(dir_count < DIRS_MAX);
    snprintf(dir, sizeof(dirs[0]), "%.200s/tandem-test-XXXXXX", base ? base : "/tmp");
    check(mkdtemp(dir) != NULL);
    if (dir_count++ == 0) {
        dir_owner = getpid();
        atexit(remove_dirs);
    }
    return dir;
}

const char *
temp_path(const char *dir, const char *name)
{
    static char paths[64][512];
    static size_t next;
    char *path = paths[next++ % 64];

    check(snprintf(path, sizeof(paths[0]), "%s/%s", dir, name) < (int)sizeof(paths[0]));
    return path;
}

struct store_options
temp_options(const char *dir)
{
    static const uint8_t uuid[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

    return (struct store_options){
        .dir = dir,
        .map_bytes = 256u << 20,
        .reserve_bytes = 1,
        .unsafe_fs = true,
        .uuid = uuid,
    };
}

struct store *
temp_store(const char *dir)
{
    struct store_options options = temp_options(dir);
    struct store *store;
    char why[512] = "";
    enum store_err err = store_open(&options, &store, why, sizeof(why));

    if (err != STORE_OK)
        printf("    %s: %s\n", store_err_name(err), why);
    check(err == STORE_OK);
    return store;
}

void
temp_open_fails(const char *dir, enum store_err want, const char *text)
{
    struct store_options options = temp_options(dir);
    struct store *store;
    char why[512] = "";
    enum store_err err = store_open(&options, &store, why, sizeof(why));

    if (err != want || strstr(why, text) == NULL)
        printf("    %s: %s\n", store_err_name(err), why);
    check(err == want && strstr(why, text) != NULL && store == NULL);
    check(strchr(why, '\n') == NULL);
}

static void
same_table(struct store_reader *a, struct store_reader *b, enum store_table table)
{
    uint8_t from[STORE_KEY_BYTES_MAX + 1];
    struct slice start = SLICE_NONE, key[2], value[2];

    for (;;) {
        bool more = store_reader_seek(a, table, start, &key[0], &value[0]);

        check(store_reader_seek(b, table, start, &key[1], &value[1]) == more);
        if (!more)
            return;
        check_slice(key[1], key[0]);
        check_slice(value[1], value[0]);
        /* The key behind this one: the same with a zero octet more. */
        check(key[0].n < STORE_KEY_BYTES_MAX);
        memcpy(from, key[0].p, key[0].n);
        from[key[0].n] = 0;
        start = slice_of(from, key[0].n + 1);
    }
}

void
temp_same(struct store *a, struct store *b)
{
    struct store_reader *readers[2] = {store_reader_open(a), store_reader_open(b)};

    check(readers[0] != NULL && readers[1] != NULL);
    for (uint32_t t = 0; t < STORE_TABLES; t++)
        same_table(readers[0], readers[1], (enum store_table)t);
    store_reader_close(readers[0]);
    store_reader_close(readers[1]);
}

void
temp_put(struct store_txn *txn, enum store_table table, const char *key, const char *value)
{
    store_put(txn, table, slice_str(key), slice_str(value));
}

void
temp_commit(struct store_txn *txn)
{
    check_number(store_commit(txn, 1), STORE_DURABLE);
}

void
temp_check_row(struct store_txn *txn, enum store_table table, const char *key, const char *want)
{
    struct slice value;

    check(store_get(txn, table, slice_str(key), &value));
    check_text(value, want);
}

const char *
temp_filled(void)
{
    const char *dir = temp_dir();
    struct store *store = temp_store(dir);
    struct store_txn *txn = store_begin(store);
    uint8_t big[3 * 4096]; /* pages */

    memset(big, 'B', sizeof(big));
    for (uint32_t i = 0; i < 600; i++) {
        struct rec_msg msg = {.state = MSG_QUEUED, .payload = SLICE_LIT("See you at eight?")};
        uint8_t key[4] = {0, 0, (uint8_t)(i >> 8), (uint8_t)i};

        record_put(txn, TABLE_MESSAGE, slice_of(key, 4), &rec_msg_def, &msg);
    }
    store_put(txn, TABLE_QUEUE, SLICE_LIT("big"), slice_of(big, sizeof(big)));
    store_counter_next(txn, "message", 0);
    temp_commit(txn);
    store_close(store);
    return dir;
}

int
run_apart(void (*f)(void *argument), void *argument)
{
    struct rlimit no_core = {0, 0};
    int status = 0;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

        setrlimit(RLIMIT_CORE, &no_core);
        dup2(null, STDERR_FILENO);
        f(argument);
        _exit(0);
    }
    check(pid > 0 && waitpid(pid, &status, 0) == pid);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
