/*
 * log_test.c: the form of log lines, what is held back, and that nothing waits (faults.md row 47).
 */
#include "gateway/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "gateway/limits.h"
#include "tests/unit/check.h"

static int pipe_fds[2];
static char seen[65536];

static void
open_log(enum log_level level)
{
    check(pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) == 0);
    log_open(level, pipe_fds[1]);
}

/* All that was logged since the last call. */
static const char *
logged(void)
{
    ssize_t n = read(pipe_fds[0], seen, sizeof(seen) - 1);

    seen[n > 0 ? n : 0] = '\0';
    return seen;
}

static size_t
lines(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static void
a_line_has_time_level_what_and_keys(void)
{
    const char *line;

    open_log(LOG_LEVEL_INFO);
    log_line(LOG_LEVEL_WARN, "bind refused", "link=%s status=%s", "sim", "RBINDFAIL");
    line = logged();
    check_text(slice_of(line + 23, strlen(line) - 23),
               "Z warn bind refused link=sim status=RBINDFAIL\n");
    check(line[4] == '-' && line[10] == 'T' && line[19] == '.');
}

static void
lines_above_the_level_are_not_written(void)
{
    open_log(LOG_LEVEL_WARN);
    log_line(LOG_LEVEL_INFO, "ready", "listeners=%d", 1);
    check_text(slice_str(logged()), "");
    check(!log_on(LOG_LEVEL_INFO) && log_on(LOG_LEVEL_ERROR));
    log_set_level(LOG_LEVEL_DEBUG);
    log_line(LOG_LEVEL_DEBUG, "pdu in", "seq=%d", 1);
    check_number(lines(logged()), 1);
}

static void
no_peer_can_forge_a_line(void)
{
    char value[LOG_VALUE_BYTES];
    static const char nasty[] = "a\n2026 error \x1b[2J\xe2\x80\xae\"=";

    open_log(LOG_LEVEL_INFO);
    log_line(LOG_LEVEL_INFO, "raw", "text=%s", nasty);
    check_number(lines(logged()), 1);
    check(!strchr(seen, 0x1b) && strstr(seen, "a\\x0a2026") && strstr(seen, "\\xe2\\x80\\xae"));
    log_value(value, slice_of(nasty, sizeof(nasty) - 1));
    check(value[0] == '"' && value[strlen(value) - 1] == '"' && !strchr(value + 1, '\n'));
    check_text(slice_str(log_value(value, SLICE_NONE)), "\"\"");
    check_text(slice_str(log_value(value, SLICE_LIT("crm"))), "crm");
}

static void
long_values_and_lines_are_cut(void)
{
    char value[LOG_VALUE_BYTES];
    static char big[5000];

    memset(big, 1, sizeof(big) - 1);
    check(strlen(log_value(value, slice_of(big, sizeof(big) - 1))) < LOG_VALUE_BYTES);
    memset(big, ' ', sizeof(big) - 1);
    check(strlen(log_value(value, slice_of(big, sizeof(big) - 1))) < LOG_VALUE_BYTES);
    open_log(LOG_LEVEL_INFO);
    memset(big, 'x', sizeof(big) - 1);
    log_line(LOG_LEVEL_INFO, "big", "text=%s", big);
    check_number(lines(logged()), 1);
    check(strlen(seen) < LOG_LINE_BYTES + 200);
}

static void
repeated_lines_are_counted(void)
{
    open_log(LOG_LEVEL_INFO);
    for (int i = 0; i < 50; i++)
        log_line(LOG_LEVEL_WARN, "accept failed", "listener=apps reason=emfile");
    check_number(lines(logged()), 1);
    log_line(LOG_LEVEL_WARN, "accept failed", "listener=apps reason=enfile");
    check_number(lines(logged()), 1);
    check(strstr(seen, "reason=enfile repeated=49"));
}

static void
bursts_about_one_thing_are_limited(void)
{
    open_log(LOG_LEVEL_INFO);
    for (int i = 0; i < 1000; i++)
        log_line(LOG_LEVEL_WARN, "pdu refused", "peer=192.0.2.1:5 n=%d", i);
    check(lines(logged()) <= 2 * LOG_BURST);
    log_line(LOG_LEVEL_WARN, "pdu refused", "peer=192.0.2.2:6 n=1");
    check_number(lines(logged()), 1); /* somebody else's */
}

static void
errors_are_never_held_back(void)
{
    open_log(LOG_LEVEL_INFO);
    for (int i = 0; i < 20; i++)
        log_line(LOG_LEVEL_ERROR, "commit failed", "reason=eio");
    check_number(lines(logged()), 20);
}

static void
row_47_a_full_pipe_costs_lines_not_time(void)
{
    uint64_t before = log_lost();
    int flags;

    open_log(LOG_LEVEL_DEBUG);
    /* As stderr would be: blocking. A write that waited would hang this case. */
    flags = fcntl(pipe_fds[1], F_GETFL);
    check(fcntl(pipe_fds[1], F_SETFL, flags & ~O_NONBLOCK) == 0);
    for (int i = 0; i < 10000; i++)
        log_line(LOG_LEVEL_DEBUG, "pdu in", "n=%d filler=%080d", i, 0);
    check(log_lost() > before);
    while (read(pipe_fds[0], seen, sizeof(seen)) > 0)
        ;
    log_line(LOG_LEVEL_INFO, "ready", "n=1");
    check(strstr(logged(), " log_lost="));
    log_line(LOG_LEVEL_INFO, "ready", "n=2");
    check(!strstr(logged(), " log_lost="));
}

static void
row_47_a_full_disk_costs_lines(void)
{
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    uint64_t before = log_lost();

    check(fd >= 0);
    log_open(LOG_LEVEL_INFO, fd);
    log_line(LOG_LEVEL_INFO, "ready", "n=1");
    check_number(log_lost() - before, 1);
    close(fd);
    log_line(LOG_LEVEL_INFO, "ready", "n=2");
    check_number(log_lost() - before, 2);
}

static void
core_lines_and_levels(void)
{
    enum log_level level;

    open_log(LOG_LEVEL_INFO);
    log_text(LOG_LEVEL_INFO, SLICE_LIT("message ended id=1 state=refused"));
    check(strstr(logged(), " info message ended id=1 state=refused\n"));
    check(log_level_by_name("debug", &level) && level == LOG_LEVEL_DEBUG);
    check(!log_level_by_name("loud", &level));
    log_flush();
    check_text(slice_str(logged()), "");
}

CHECK_MAIN({"a_line_has_time_level_what_and_keys", a_line_has_time_level_what_and_keys},
           {"lines_above_the_level_are_not_written", lines_above_the_level_are_not_written},
           {"no_peer_can_forge_a_line", no_peer_can_forge_a_line},
           {"long_values_and_lines_are_cut", long_values_and_lines_are_cut},
           {"repeated_lines_are_counted", repeated_lines_are_counted},
           {"bursts_about_one_thing_are_limited", bursts_about_one_thing_are_limited},
           {"errors_are_never_held_back", errors_are_never_held_back},
           {"row_47_a_full_pipe_costs_lines_not_time", row_47_a_full_pipe_costs_lines_not_time},
           {"row_47_a_full_disk_costs_lines", row_47_a_full_disk_costs_lines},
           {"core_lines_and_levels", core_lines_and_levels})
