/*
 * check.h: the unit-test runner. A test file is a table of {name, function}; each case runs in a
 * child process, so that a crash or an assert fails one case and nothing else. A failed check
 * prints where and ends the case.
 *
 *     static void
 *     e4_escape_pair_never_parts(void)
 *     {
 *         check(count == 2);
 *         check_number(length, 134);
 *     }
 *     CHECK_MAIN({"e4_escape_pair_never_parts", e4_escape_pair_never_parts})
 *
 * Prints "ok NAME" or "not ok NAME" per case and "N passed, N failed" at the end; exit status 1 if
 * any failed. Arguments are names: only these cases run, in this process when CHECK_NO_FORK is set
 * in the environment.
 */
#ifndef TANDEM_CHECK_H
#define TANDEM_CHECK_H

#include "protocol/slice.h"

struct check_case {
    const char *name;
    void (*run)(void);
};

int check_run(const struct check_case *cases, size_t count, int argc, char **argv);
_Noreturn void check_failed(const char *file, int line, const char *what);
void check_number_at(const char *file, int line, const char *what, long long have, long long want);
void check_slice_at(const char *file, int line, const char *what, struct slice have,
                    struct slice want);

#define check(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))
#define check_number(have, want) \
    check_number_at(__FILE__, __LINE__, #have, (long long)(have), (long long)(want))
#define check_slice(have, want) check_slice_at(__FILE__, __LINE__, #have, (have), (want))
/* have is a slice, text a C string */
#define check_text(have, text) check_slice((have), slice_str(text))

/* Octets from hex digits, blanks ignored; ends the case on anything else. Returns the length
 * written to out. */
size_t check_hex(const char *hex, uint8_t *out, size_t cap);

#define CHECK_MAIN(...)                                                                            \
    static const struct check_case check_cases[] = {__VA_ARGS__};                                  \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        return check_run(check_cases, sizeof(check_cases) / sizeof(check_cases[0]), argc, argv);   \
    }

#endif
