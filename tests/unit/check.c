/*
 * check.c: runs the cases of one test file, each in a child process, and counts.
 */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* A case that hangs fails alone instead of using up the time of all. */
#define CASE_SECONDS_MAX 60u

_Noreturn void
check_failed(const char *file, int line, const char *what)
{
    printf("    %s:%d: %s\n", file, line, what);
    fflush(stdout);
    /* abort() would leave a core file per failure; _exit() would skip the sanitizers' report. */
    exit(1);
}

void
check_number_at(const char *file, int line, const char *what, long long have, long long want)
{
    if (have == want)
        return;
    printf("    %s is %lld (0x%llx), want %lld (0x%llx)\n", what, have, (unsigned long long)have,
           want, (unsigned long long)want);
    check_failed(file, line, what);
}

static void
print_slice(const char *label, struct slice s)
{
    printf("    %s (%zu)", label, s.n);
    for (size_t i = 0; i < s.n && i < 200; i++)
        printf("%s%02x", i % 4 == 0 ? " " : "", s.p[i]);
    printf("  \"");
    for (size_t i = 0; i < s.n && i < 200; i++)
        putchar(s.p[i] >= 0x20 && s.p[i] < 0x7f ? s.p[i] : '.');
    printf("\"\n");
}

void
check_slice_at(const char *file, int line, const char *what, struct slice have, struct slice want)
{
    if (slice_eq(have, want))
        return;
    print_slice("have", have);
    print_slice("want", want);
    check_failed(file, line, what);
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

size_t
check_hex(const char *hex, uint8_t *out, size_t cap)
{
    size_t digits = 0;

    for (; *hex; hex++) {
        int value = hex_digit(*hex);

        if (*hex == ' ' || *hex == '\n')
            continue;
        if (value < 0 || digits / 2 >= cap)
            check_failed(__FILE__, __LINE__, "bad hex in a test");
        if (digits % 2 == 0)
            out[digits / 2] = (uint8_t)(value << 4);
        else
            out[digits / 2] = (uint8_t)(out[digits / 2] | value);
        digits++;
    }
    return digits / 2;
}

static bool
run_case(const struct check_case *c)
{
    pid_t pid;
    int status = 0;

    fflush(stdout);
    if (getenv("CHECK_NO_FORK")) {
        c->run();
        return true;
    }
    pid = fork();
    if (pid == 0) {
        alarm(CASE_SECONDS_MAX);
        c->run();
        fflush(stdout);
        exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        check_failed(__FILE__, __LINE__, "fork or waitpid failed");
    if (WIFSIGNALED(status))
        printf("    ended by signal %d\n", WTERMSIG(status));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool
wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc < 2;
}

int
check_run(const struct check_case *cases, size_t count, int argc, char **argv)
{
    size_t passed = 0, failed = 0;

    for (size_t i = 0; i < count; i++) {
        bool ok;

        if (!wanted(cases[i].name, argc, argv))
            continue;
        ok = run_case(&cases[i]);
        printf("%s %s\n", ok ? "ok" : "not ok", cases[i].name);
        passed += ok;
        failed += !ok;
    }
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
