/*
 * main.c: the command line, and the start and end of the daemon.
 */
#include <fcntl.h>
#include <jansson.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "conf/version.h"
#include "gateway/control.h"
#include "gateway/ctl.h"
#include "gateway/driver.h"
#include "gateway/io.h"
#include "gateway/log.h"
#include "gateway/tools.h"
#include "gateway/version.h"
#include "store/version.h"

#define EXIT_USAGE 64

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

static int serve(const char *conf_path);

static int
usage(FILE *out)
{
    fputs("usage: tandem serve -c FILE         run the gateway in the foreground; log to stderr\n"
          "       tandem check -c FILE         check the configuration; list every problem\n"
          "       tandem export -c FILE        print every record of the store as a line of JSON\n"
          "       tandem snapshot -c FILE DIR  copy the store into an empty directory\n"
          "       tandem verify -c FILE        check every record of the store\n"
          "       tandem hash-password         read a password, print its hash for the directory\n"
          "       tandem ctl ...               ask the running gateway; tandem ctl help\n"
          "       tandem --version | --help\n"
          "\n"
          "A running gateway stops in order on SIGTERM and SIGINT, reads its configuration again\n"
          "on SIGHUP, and logs its counters on SIGUSR1.\n",
          out);
    return out == stdout ? 0 : EXIT_USAGE;
}

static int
version(void)
{
    printf("tandem %s\n", TANDEM_VERSION);
    printf("libevent %s\n", loop_library_version());
    printf("%s\n", OpenSSL_version(OPENSSL_VERSION));
    printf("%s\n", store_library_version());
    printf("libyaml %s\n", conf_library_version());
    printf("jansson %s\n", jansson_version_str());
    return 0;
}

/* --- commands --- */

static int
with_conf(const char *conf_path, int (*tool)(const struct conf *conf))
{
    int status;
    struct conf *conf = tool_conf(conf_path, &status);

    if (!conf)
        return status;
    status = tool(conf);
    conf_free(conf);
    return status;
}

static int
snapshot(const char *conf_path, const char *dir)
{
    int status;
    struct conf *conf = tool_conf(conf_path, &status);

    if (!conf)
        return status;
    status = tool_snapshot(conf, dir);
    conf_free(conf);
    return status;
}

static int
run(const char *command, const char *conf_path, const char *argument)
{
    if (strcmp(command, "snapshot") == 0 && argument)
        return snapshot(conf_path, argument);
    if (argument)
        return usage(stderr);
    if (strcmp(command, "serve") == 0)
        return serve(conf_path);
    if (strcmp(command, "check") == 0)
        return conf_check(conf_path, stdout);
    if (strcmp(command, "export") == 0)
        return with_conf(conf_path, tool_export);
    if (strcmp(command, "verify") == 0)
        return with_conf(conf_path, tool_verify);
    return usage(stderr);
}

/* Started with a standard file closed, the first file opened would take its number, and the log
 * would be written into the store. */
static bool
hold_standard_files(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool
wants_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

int
main(int argc, char **argv)
{
    const char *conf_path = NULL, *argument = NULL;

    if (!hold_standard_files())
        return 75;
    if (argc >= 2 && strcmp(argv[1], "ctl") == 0)
        return ctl_main(argc - 1, argv + 1);
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return version();
    if (argc == 2 && wants_help(argv[1]))
        return usage(stdout);
    if (argc == 2 && strcmp(argv[1], "hash-password") == 0)
        return tool_hash_password();
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "-c") == 0 && i + 1 < argc && !conf_path)
            conf_path = argv[++i];
        else if (argv[i][0] != '-' && !argument)
            argument = argv[i];
        else
            return usage(stderr);
    }
    if (argc < 2 || !conf_path)
        return usage(stderr);
    return run(argv[1], conf_path, argument);
}

/* --- the daemon --- */

struct daemon {
    struct conf *conf;
    struct mailbox *box;
    struct driver *driver;
    struct io *io;
};

/* Each arena keeps what its busiest hour needed: two threads do not need more than two. */
static void
limit_memory(void)
{
    (void)mallopt(M_ARENA_MAX, MALLOC_ARENAS);
    (void)mallopt(M_TRIM_THRESHOLD, MALLOC_TRIM_OCTETS);
}

/* A write to a closed socket or past a file size limit is an error to handle, not a death. */
static void
ignore_signals(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

/* A core dump would hold passwords and texts (faults.md 5.1). The leak checker attaches to its own
 * process, which this forbids, so a sanitized build does without. */
static void
forbid_core_dumps(void)
{
#ifndef SANITIZED
    const struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

static int
start(struct daemon *d, const char *conf_path)
{
    char why[512] = "";
    enum log_level level = LOG_LEVEL_INFO;
    int status;

    d->conf = control_load(conf_path, &status);
    if (!d->conf)
        return status;
    (void)log_level_by_name(d->conf->log_level, &level);
    log_open(level, STDERR_FILENO);
    log_line(LOG_LEVEL_INFO, "starting", "version=%s name=%s pid=%d", TANDEM_VERSION,
             d->conf->name, (int)getpid());
    d->box = mailbox_new();
    if (!d->box) {
        log_line(LOG_LEVEL_ERROR, "cannot start", "reason=\"no memory\"");
        return 75;
    }
    d->driver = driver_new(d->conf, d->box, &status, why, sizeof(why));
    if (!d->driver) {
        log_line(LOG_LEVEL_ERROR, "cannot start", "reason=\"%s\"", why);
        return status;
    }
    /* Not before the store is ours: a second daemon must not take the port. */
    d->io = io_new(d->conf, conf_path, d->box);
    if (!d->io)
        return 75;
    if (!driver_start(d->driver)) {
        log_line(LOG_LEVEL_ERROR, "cannot start", "reason=\"no thread\"");
        return 75;
    }
    return 0;
}

/* The relay thread steps over everything that the I/O thread has still seen. */
static int
stop(struct daemon *d)
{
    mailbox_close(d->box);
    driver_join(d->driver);
    log_line(LOG_LEVEL_INFO, "stopped", "pid=%d", (int)getpid());
    return 0;
}

static void
release(struct daemon *d)
{
    if (d->io)
        d->conf = d->io->conf;
    driver_free(d->driver);
    io_free(d->io);
    mailbox_free(d->box);
    conf_free(d->conf);
}

static int
serve(const char *conf_path)
{
    struct daemon d = {0};
    int status;

    forbid_core_dumps();
    limit_memory();
    ignore_signals();
    status = start(&d, conf_path);
    if (status == 0) {
        log_line(LOG_LEVEL_INFO, "ready", "listeners=%u carriers=%u accounts=%u",
                 d.conf->listener_count, d.conf->carrier_count, d.conf->account_count);
        status = io_run(d.io) ? 0 : 75;
        if (stop(&d) != 0)
            status = 75;
    }
    release(&d);
    return status;
}
