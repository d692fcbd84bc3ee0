/*
 * store_damage_test.c: what a store refuses to open or to believe: files that are missing, cut,
 * foreign, damaged or newer, and a creation that was cut short (rows 05, 41, 42, 50 of faults.md).
 */
#include "store/store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/records.h"
#include "store/version.h"
#include "tests/unit/check.h"
#include "tests/unit/temp_store.h"

#define PAGE_BYTES 4096

static void
write_file(const char *path, const void *octets, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    check(fd >= 0 && write(fd, octets, n) == (ssize_t)n);
    close(fd);
}

static size_t
read_file(const char *path, void *octets, size_t cap)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    check(fd >= 0);
    n = read(fd, octets, cap);
    check(n >= 0);
    close(fd);
    return (size_t)n;
}

static void
row_42_zero_length_data_file(void)
{
    const char *dir = temp_filled();

    check(truncate(temp_path(dir, "db/data.mdb"), 0) == 0);
    temp_open_fails(dir, STORE_FOREIGN, "empty");
    check_number(store_err_exit_status(STORE_FOREIGN), 78);
}

static void
row_42_missing_data_file(void)
{
    const char *dir = temp_filled();

    check(unlink(temp_path(dir, "db/data.mdb")) == 0);
    temp_open_fails(dir, STORE_FOREIGN, "data.mdb is missing");
    check(unlink(temp_path(dir, "db/lock.mdb")) == 0 && rmdir(temp_path(dir, "db")) == 0);
    temp_open_fails(dir, STORE_FOREIGN, "db/ is missing");
}

static void
row_42_missing_identity(void)
{
    const char *dir = temp_filled();

    check(unlink(temp_path(dir, "IDENTITY")) == 0);
    temp_open_fails(dir, STORE_FOREIGN, "no IDENTITY");
}

static void
row_42_foreign_files(void)
{
    static const char text[2 * PAGE_BYTES] = "This is not a database.";
    const char *dir = temp_filled(), *other = temp_dir();

    write_file(temp_path(dir, "db/data.mdb"), text, sizeof(text));
    temp_open_fails(dir, STORE_FOREIGN, "not an LMDB file");
    write_file(temp_path(other, "data.mdb"), text, sizeof(text));
    temp_open_fails(other, STORE_FOREIGN, "not ours");
    dir = temp_filled();
    write_file(temp_path(dir, "IDENTITY"), "", 0);
    temp_open_fails(dir, STORE_FOREIGN, "IDENTITY");
    write_file(temp_path(dir, "IDENTITY"), text, 100);
    temp_open_fails(dir, STORE_FOREIGN, "IDENTITY");
}

static void
row_42_identity_of_another_store(void)
{
    const char *dir = temp_filled();
    char text[256];
    size_t n = read_file(temp_path(dir, "IDENTITY"), text, sizeof(text));

    check(text[n - 2] == '0');
    text[n - 2] = '1';
    write_file(temp_path(dir, "IDENTITY"), text, n);
    temp_open_fails(dir, STORE_FOREIGN, "two different stores");
}

static void
row_42_identity_cut_at_every_byte(void)
{
    const char *dir = temp_filled();
    struct store_options options = temp_options(dir);
    char text[256], why[256];
    size_t n = read_file(temp_path(dir, "IDENTITY"), text, sizeof(text));

    options.no_probe = true;
    for (size_t cut = 0; cut < n; cut++) {
        struct store *store;
        enum store_err err;

        write_file(temp_path(dir, "IDENTITY"), text, cut);
        err = store_open(&options, &store, why, sizeof(why));
        check(err == STORE_FOREIGN || err == STORE_DAMAGED);
    }
    write_file(temp_path(dir, "IDENTITY"), text, n);
    store_close(temp_store(dir));
}

static void
opens_whole_or_not_at_all(const char *dir)
{
    struct store_options options = temp_options(dir);
    struct store *store;
    struct store_txn *txn;
    struct slice value, from = SLICE_NONE, key;
    char why[256];
    enum store_err err = store_open(&options, &store, why, sizeof(why));
    size_t rows = 0;

    check(err == STORE_OK || err == STORE_DAMAGED);
    if (err != STORE_OK)
        return;
    txn = store_begin(store);
    while (store_seek(txn, TABLE_MESSAGE, from, SLICE_NONE, &key, &value)) {
        uint8_t *next = store_scratch(txn, key.n + 1);

        memcpy(next, key.p, key.n);
        next[key.n] = 0;
        from = slice_of(next, key.n + 1);
        rows++;
    }
    check_number(rows, 600);
    check(store_get(txn, TABLE_QUEUE, SLICE_LIT("big"), &value));
    store_close(store);
}

static void
row_42_truncated_data_file(void)
{
    static uint8_t whole[1 << 20];
    const char *dir = temp_filled(), *data = temp_path(dir, "db/data.mdb");
    size_t n = read_file(data, whole, sizeof(whole));

    check(n > 20 * PAGE_BYTES && n < sizeof(whole));
    for (size_t cut = 1; cut < n / 2; cut += cut < 200 ? 37 : PAGE_BYTES / 2 + 11) {
        write_file(data, whole, cut);
        temp_open_fails(dir, STORE_DAMAGED, dir);
    }
    /* The last pages may be free ones. */
    for (size_t cut = n / 2; cut <= n; cut += PAGE_BYTES / 2) {
        write_file(data, whole, cut);
        opens_whole_or_not_at_all(dir);
    }
    write_file(data, whole, n);
    store_close(temp_store(dir));
    check_number(store_err_exit_status(STORE_DAMAGED), 78);
}

/* Opening and verifying a store with one page of rubbish: never a signal, and what is not found is
 * not in use. */
static void
damage_page(const char *dir, const char *data, const uint8_t *whole, size_t n, size_t page)
{
    static uint8_t bad[1 << 20];
    struct store_options options = temp_options(dir);
    struct store *store;
    char why[512];
    enum store_err opened, verified;

    memcpy(bad, whole, n);
    for (size_t i = 0; i < PAGE_BYTES; i++)
        bad[page * PAGE_BYTES + i] = (uint8_t)(i * 131 + page * 7 + 3);
    write_file(data, bad, n);
    verified = store_verify(dir, why, sizeof(why));
    opened = store_open(&options, &store, why, sizeof(why));
    if (opened == STORE_OK)
        store_close(store);
    check(opened == STORE_OK || opened == STORE_DAMAGED || opened == STORE_FOREIGN ||
          opened == STORE_NEWER);
    check(verified != STORE_OK || opened == STORE_OK);
}

static void
row_42_damaged_pages_are_findings_not_crashes(void)
{
    static uint8_t whole[1 << 20];
    const char *dir = temp_filled(), *data = temp_path(dir, "db/data.mdb");
    size_t n = read_file(data, whole, sizeof(whole));
    char why[512];

    check_number(store_verify(dir, why, sizeof(why)), STORE_OK);
    check(strstr(why, "rows checked") != NULL);
    for (size_t page = 0; page < n / PAGE_BYTES; page++)
        damage_page(dir, data, whole, n, page);
    write_file(data, whole, n);
    check_number(store_verify(dir, why, sizeof(why)), STORE_OK);
    store_close(temp_store(dir));
}

/* LMDB may leave a file short by pages that it freed in the same transaction; cutting free pages
 * off does the same. */
static void
row_42_a_file_short_of_unused_pages_is_opened(void)
{
    const char *dir = temp_filled(), *data = temp_path(dir, "db/data.mdb");
    struct store *store = temp_store(dir);
    struct store_txn *txn;
    struct stat before, after;

    for (int turn = 0; turn < 5; turn++) {
        txn = store_begin(store);
        if (turn == 0) {
            store_clear(txn, TABLE_MESSAGE);
            store_clear(txn, TABLE_QUEUE);
        }
        temp_put(txn, TABLE_NAME, "a", turn % 2 ? "b" : "c");
        temp_commit(txn);
    }
    store_close(store);
    check(stat(data, &before) == 0 && truncate(data, before.st_size - PAGE_BYTES) == 0);
    store = temp_store(dir);
    check(stat(data, &after) == 0 && after.st_size == before.st_size);
    txn = store_begin(store);
    temp_check_row(txn, TABLE_NAME, "a", "c");
    store_abort(txn);
    store_close(store);
}

/* Finds the payload in the file and flips a bit of it. */
static void
flip_in_file(const char *data, const char *text)
{
    static uint8_t whole[1 << 20];
    size_t n = read_file(data, whole, sizeof(whole));
    uint8_t *at = memmem(whole, n, text, strlen(text));

    check(at != NULL);
    *at ^= 0x20;
    write_file(data, whole, n);
}

static void
row_41_record_with_a_bad_check_sum_is_kept_apart(void)
{
    const char *dir = temp_dir();
    struct store *store = temp_store(dir);
    struct store_txn *txn = store_begin(store);
    struct rec_msg msg = {.state = MSG_QUEUED, .payload = SLICE_LIT("a text to be damaged")};
    struct slice raw, kept, key;
    char why[256];

    record_put(txn, TABLE_MESSAGE, SLICE_LIT("m1"), &rec_msg_def, &msg);
    temp_commit(txn);
    store_close(store);
    flip_in_file(temp_path(dir, "db/data.mdb"), "a text to be damaged");
    check_number(store_verify(dir, why, sizeof(why)), STORE_DAMAGED);
    check(strstr(why, "1 of") != NULL);
    store = temp_store(dir);
    txn = store_begin(store);
    check(store_get(txn, TABLE_MESSAGE, SLICE_LIT("m1"), &raw));
    check(!record_get(txn, TABLE_MESSAGE, SLICE_LIT("m1"), &rec_msg_def, &msg));
    check_number(msg.state, 0);
    check(store_seek(txn, TABLE_DAMAGED, SLICE_NONE, SLICE_NONE, &key, &kept));
    check_slice(key, SLICE_LIT("\x0fm1"));
    check_slice(kept, raw);
    /* Only the first time is a mutation. */
    size_t bytes = store_changeset_bytes(txn);
    check(!record_get(txn, TABLE_MESSAGE, SLICE_LIT("m1"), &rec_msg_def, &msg));
    check_number(store_changeset_bytes(txn), bytes);
    temp_commit(txn);
    store_close(store);
}

static void
draw_counter(void *dir)
{
    store_counter_next(store_begin(temp_store(dir)), "counter-name", 0);
}

/* Taken as absent it would give out identifiers again. */
static void
row_41_a_damaged_counter_ends_the_process(void)
{
    const char *dir = temp_dir();
    struct store *store = temp_store(dir);
    struct store_txn *txn = store_begin(store);

    store_counter_next(txn, "counter-name", 0);
    store_put(txn, TABLE_NAME, SLICE_LIT("x"), SLICE_LIT("y"));
    temp_commit(txn);
    store_close(store);
    check_number(run_apart(draw_counter, (void *)(uintptr_t)dir), 0);
    /* The octets behind the name and its scope are the value. */
    static uint8_t whole[1 << 20];
    size_t n = read_file(temp_path(dir, "db/data.mdb"), whole, sizeof(whole));
    uint8_t *at = memmem(whole, n, "counter-name", 12);
    check(at != NULL);
    at[12 + 1 + 4 + 7] ^= 1;
    write_file(temp_path(dir, "db/data.mdb"), whole, n);
    check_number(run_apart(draw_counter, (void *)(uintptr_t)dir), 78);
}

static void
get_newer(void *dir)
{
    struct store_txn *txn = store_begin(temp_store(dir));
    struct rec_link link;

    record_get(txn, TABLE_LINK, SLICE_LIT("l"), &rec_link_def, &link);
}

static void
row_50_a_newer_record_ends_the_process(void)
{
    const char *dir = temp_dir();
    struct store *store = temp_store(dir);
    struct store_txn *txn = store_begin(store);
    struct rec_link link = {.kind = LINK_APP};
    struct record_def newer = rec_link_def;
    struct rec_link got;

    newer.version++;
    record_put(txn, TABLE_LINK, SLICE_LIT("k"), &rec_link_def, &link);
    check(record_get(txn, TABLE_LINK, SLICE_LIT("k"), &rec_link_def, &got));
    check_number(got.kind, LINK_APP);
    record_put(txn, TABLE_LINK, SLICE_LIT("l"), &newer, &link);
    temp_commit(txn);
    store_close(store);
    check_number(run_apart(get_newer, (void *)(uintptr_t)dir), 78);
}

static void
row_50_a_newer_store_is_refused(void)
{
    static const char *const texts[] = {
        "tandem store\nformat 2\nsomething new\n",
        "tandem store\nformat 1\nschema 2\nuuid 0102030405060708090a0b0c0d0e0f10\n",
    };
    const char *dir = temp_filled();

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        write_file(temp_path(dir, "IDENTITY"), texts[i], strlen(texts[i]));
        temp_open_fails(dir, STORE_NEWER, "newer version");
    }
    check_number(store_err_exit_status(STORE_NEWER), 78);
}

static void
move(const char *dir, const char *from, const char *to)
{
    check(rename(temp_path(dir, from), temp_path(dir, to)) == 0);
}

/* Every state that a cut during the first start can leave, made out of a whole store. */
static void
row_05_a_creation_that_was_cut_short_is_done_again(void)
{
    const char *dir = temp_dir();
    struct store *store;
    struct store_meta meta;

    /* db.new/ half written. */
    check(mkdir(temp_path(dir, "db.new"), 0700) == 0);
    write_file(temp_path(dir, "db.new/data.mdb"), "half", 4);
    write_file(temp_path(dir, "db.new/lock.mdb"), "", 0);
    store = temp_store(dir);
    check(access(temp_path(dir, "db.new"), F_OK) != 0);
    store_close(store);
    /* db.new/ whole, IDENTITY.new half written. */
    move(dir, "db", "db.new");
    move(dir, "IDENTITY", "IDENTITY.new");
    check(truncate(temp_path(dir, "IDENTITY.new"), 10) == 0);
    store = temp_store(dir);
    check(access(temp_path(dir, "IDENTITY.new"), F_OK) != 0);
    store_meta_get(store, &meta);
    check_number(meta.sequence, 0);
    store_close(store);
}

static void
row_05_a_creation_that_lacks_the_last_rename_is_finished(void)
{
    const char *dir = temp_filled();
    struct store *store;
    struct store_txn *txn;
    struct slice value;

    move(dir, "IDENTITY", "IDENTITY.new");
    store = temp_store(dir);
    txn = store_begin(store);
    check(store_get(txn, TABLE_QUEUE, SLICE_LIT("big"), &value));
    store_abort(txn);
    store_close(store);
    check(access(temp_path(dir, "IDENTITY"), F_OK) == 0);
}

static void
row_05_leftovers_beside_a_store_are_removed(void)
{
    const char *dir = temp_filled();

    check(mkdir(temp_path(dir, "db.new"), 0700) == 0);
    write_file(temp_path(dir, "db.new/data.mdb"), "half", 4);
    write_file(temp_path(dir, "IDENTITY.new"), "half", 4);
    store_close(temp_store(dir));
    check(access(temp_path(dir, "db.new"), F_OK) != 0);
    check(access(temp_path(dir, "IDENTITY.new"), F_OK) != 0);
}

#define CASE(name)  \
    {               \
#name, name \
    }

CHECK_MAIN(CASE(row_42_zero_length_data_file), CASE(row_42_missing_data_file),
           CASE(row_42_missing_identity), CASE(row_42_foreign_files),
           CASE(row_42_identity_of_another_store), CASE(row_42_identity_cut_at_every_byte),
           CASE(row_42_truncated_data_file), CASE(row_42_damaged_pages_are_findings_not_crashes),
           CASE(row_42_a_file_short_of_unused_pages_is_opened),
           CASE(row_41_record_with_a_bad_check_sum_is_kept_apart),
           CASE(row_41_a_damaged_counter_ends_the_process),
           CASE(row_50_a_newer_record_ends_the_process), CASE(row_50_a_newer_store_is_refused),
           CASE(row_05_a_creation_that_was_cut_short_is_done_again),
           CASE(row_05_a_creation_that_lacks_the_last_rename_is_finished),
           CASE(row_05_leftovers_beside_a_store_are_removed))
