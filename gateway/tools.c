/*
 * tools.c: see tools.h. Those with a store work while the daemon runs: they only read, and never
 * for longer than READER_RENEW_MS at a time (faults.md row 39).
 */
#include "gateway/tools.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "gateway/clock.h"
#include "gateway/driver.h"
#include "gateway/export.h"
#include "gateway/hasher.h"
#include "gateway/limits.h"
#include "protocol/pdu.h"

#define WHY_BYTES 512u

struct conf *
tool_conf(const char *path, int *status)
{
    struct conf_problems problems = {0};
    struct conf *conf = conf_load_gateway(path, &problems);

    for (size_t i = 0; !conf && i < problems.count; i++)
        fprintf(stderr, "%s\n", problems.lines[i]);
    *status = conf ? 0 : problems.exit_status;
    conf_problems_free(&problems);
    return conf;
}

static struct store *
open_to_read(const struct conf *conf, int *status)
{
    struct store_options options = store_options_of(conf);
    char why[WHY_BYTES] = "";
    struct store *store = NULL;
    enum store_err err;

    options.read_only = true;
    err = store_open(&options, &store, why, sizeof(why));
    if (err != STORE_OK) {
        fprintf(stderr, "%s: %s\n", store_err_name(err), why);
        *status = store_err_exit_status(err);
    }
    return store;
}

/* Walks one table; *from is the key to start with, and afterwards that of the row to go on
 * with. False if the table is at its end. */
static bool
walk(struct store_reader *reader, struct export *out, enum store_table table, struct key_copy *from)
{
    uint64_t until = clock_mono_ms() + READER_RENEW_MS;
    struct slice key, value;

    while (store_reader_seek(reader, table, slice_of(from->b, from->n), &key, &value)) {
        export_row(out, table, key, value);
        /* The next key that there can be. */
        memcpy(from->b, key.p, key.n);
        from->b[key.n] = 0;
        from->n = key.n + 1;
        if (from->n > STORE_KEY_BYTES_MAX)
            return false;
        if (export_full(out) || clock_mono_ms() >= until)
            return true;
    }
    return false;
}

static bool
export_table(struct store *store, struct export *out, enum store_table table)
{
    struct key_copy from = {.n = 0};
    bool more = true;

    while (more) {
        struct store_reader *reader = store_reader_open(store);

        if (!reader) {
            fprintf(stderr, "too many readers of the store already\n");
            return false;
        }
        more = walk(reader, out, table, &from);
        /* Written only now: whoever reads our output may be slow. */
        store_reader_close(reader);
        if (!export_write(out, stdout))
            return false;
    }
    return true;
}

int
tool_export(const struct conf *conf)
{
    int status = 75;
    struct store *store = open_to_read(conf, &status);
    struct export out;
    bool ok;

    if (!store)
        return status;
    ok = export_init(&out);
    for (int t = 0; ok && t < STORE_TABLES; t++)
        ok = export_table(store, &out, (enum store_table)t);
    export_release(&out);
    store_close(store);
    if (ok && fflush(stdout) == 0)
        return 0;
    fprintf(stderr, "the export is incomplete\n");
    return 74;
}

int
tool_snapshot(const struct conf *conf, const char *dir)
{
    int status = 75;
    struct store *store = open_to_read(conf, &status);
    char why[WHY_BYTES] = "";
    enum store_err err;

    if (!store)
        return status;
    err = store_snapshot(store, dir, why, sizeof(why));
    store_close(store);
    if (err == STORE_OK)
        return 0;
    fprintf(stderr, "%s: %s\n", store_err_name(err), why);
    return store_err_exit_status(err);
}

int
tool_verify(const struct conf *conf)
{
    char why[WHY_BYTES] = "";
    enum store_err err = store_verify(conf->store_dir, why, sizeof(why));

    fprintf(err == STORE_OK ? stdout : stderr, "%s: %s\n", store_err_name(err), why);
    return err == STORE_OK ? 0 : store_err_exit_status(err);
}

/* --- hash-password --- */

/* Room for a line that is too long to be told from one that fits. */
#define LINE_BYTES (SMPP_PASSWORD_LONG_BYTES + 2u)

/* One line without its end; false at the end of the input or if it is too long. */
static bool
read_password(char line[LINE_BYTES])
{
    size_t n;

    if (!fgets(line, LINE_BYTES, stdin))
        return false;
    n = strcspn(line, "\r\n");
    line[n] = '\0';
    return n < SMPP_PASSWORD_LONG_BYTES;
}

/* From a terminal, with the echo off. Signals wait: they would leave it off. */
static bool
ask_password(const char *prompt, char line[LINE_BYTES])
{
    struct termios before, quiet;
    sigset_t all, mask;
    bool ok;

    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return false;
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &mask);
    fputs(prompt, stderr);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    ok = read_password(line);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return ok;
}

static bool
get_password(char line[LINE_BYTES])
{
    char again[LINE_BYTES] = "";
    bool same;

    if (!isatty(STDIN_FILENO))
        return read_password(line);
    if (!ask_password("Password: ", line) || !ask_password("Again: ", again))
        return false;
    same = strcmp(line, again) == 0;
    explicit_bzero(again, sizeof(again));
    if (!same)
        fprintf(stderr, "they are not the same\n");
    return same;
}

int
tool_hash_password(void)
{
    char line[LINE_BYTES] = "", hash[PASSWORD_HASH_BYTES];
    size_t n;
    bool ok;

    if (!get_password(line) || line[0] == '\0') {
        explicit_bzero(line, sizeof(line));
        fprintf(stderr, "no password of 1 to %u characters\n", SMPP_PASSWORD_LONG_BYTES - 1);
        return 65;
    }
    n = strlen(line);
    ok = password_hash(slice_of(line, n), hash);
    explicit_bzero(line, sizeof(line));
    if (!ok) {
        fprintf(stderr, "no memory\n");
        return 75;
    }
    if (n >= SMPP_PASSWORD_BYTES)
        fprintf(stderr, "warning: more than 8 characters, which needs long_password: true\n");
    return puts(hash) < 0 || fflush(stdout) != 0 ? 74 : 0;
}
