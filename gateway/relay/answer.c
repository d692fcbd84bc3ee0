/*
 * answer.c: see answer.h.
 */
#include "gateway/relay/answer.h"

#include <assert.h>

#include "protocol/smpptime.h"
#include "protocol/utf8.h"

/* Kept free for the end of a row: ,"cut":true} */
#define TAIL_BYTES 16u

void
answer_init(struct answer *answer, void (*row)(void *context, struct slice json), void *context)
{
    answer->row = row;
    answer->context = context;
    answer->rows = 0;
    answer->why[0] = '\0';
    answer->cut = false;
    answer->n = 0;
}

/* All or nothing. */
static bool
put(struct answer *answer, const void *octets, size_t n)
{
    if (n > sizeof(answer->p) - TAIL_BYTES - answer->n) {
        answer->cut = true;
        return false;
    }
    memcpy(answer->p + answer->n, octets, n);
    answer->n += n;
    return true;
}

/* The name, a colon, and room for so much more; false: there is not enough. */
static bool
put_name(struct answer *answer, const char *name, size_t more)
{
    size_t n = strlen(name);

    assert(answer->n > 0);
    if (n + more + 4 > sizeof(answer->p) - TAIL_BYTES - answer->n) {
        answer->cut = true;
        return false;
    }
    if (answer->n > 1)
        (void)put(answer, ",", 1);
    (void)put(answer, "\"", 1);
    (void)put(answer, name, n);
    (void)put(answer, "\":", 2);
    return true;
}

void
answer_open(struct answer *answer)
{
    assert(answer->n == 0);
    answer->p[0] = '{';
    answer->n = 1;
    answer->cut = false;
}

void
answer_close(struct answer *answer)
{
    static const char cut[] = ",\"cut\":true";

    assert(answer->n > 0);
    if (answer->cut) {
        memcpy(answer->p + answer->n, cut, sizeof(cut) - 1);
        answer->n += sizeof(cut) - 1;
    }
    answer->p[answer->n++] = '}';
    answer->row(answer->context, slice_of(answer->p, answer->n));
    answer->rows++;
    answer->n = 0;
}

static size_t
digits_of(uint64_t value, char digits[20])
{
    size_t n = 0, at = 20;

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    n = 20 - at;
    memmove(digits, digits + at, n);
    return n;
}

void
answer_number(struct answer *answer, const char *name, uint64_t value)
{
    char digits[20];
    size_t n = digits_of(value, digits);

    if (put_name(answer, name, n))
        (void)put(answer, digits, n);
}

static void
put_literal(struct answer *answer, const char *name, const char *literal)
{
    if (put_name(answer, name, strlen(literal)))
        (void)put(answer, literal, strlen(literal));
}

void
answer_flag(struct answer *answer, const char *name, bool value)
{
    put_literal(answer, name, value ? "true" : "false");
}

void
answer_none(struct answer *answer, const char *name)
{
    put_literal(answer, name, "null");
}

/* One character; false if it does not fit with the closing quote behind it. */
static bool
put_character(struct answer *answer, const uint8_t *p, size_t n, uint32_t c)
{
    static const char hex[] = "0123456789abcdef";
    char escaped[] = "\\u0000";
    size_t room = sizeof(answer->p) - TAIL_BYTES - answer->n;

    if (room < 8) {
        answer->cut = true;
        return false;
    }
    if (c == UTF8_BAD)
        return put(answer, "\xef\xbf\xbd", 3);
    if (c == '"' || c == '\\')
        return put(answer, "\\", 1) && put(answer, p, 1);
    if (c >= 0x20 && c != 0x7f)
        return put(answer, p, n);
    escaped[4] = hex[c >> 4];
    escaped[5] = hex[c & 15];
    return put(answer, escaped, 6);
}

void
answer_text(struct answer *answer, const char *name, struct slice text)
{
    if (!put_name(answer, name, 12))
        return;
    (void)put(answer, "\"", 1);
    while (text.n > 0) {
        size_t used;
        uint32_t c = utf8_decode(text.p, text.n, &used);

        if (!put_character(answer, text.p, used, c))
            break;
        text = slice_of(text.p + used, text.n - used);
    }
    (void)put(answer, "\"", 1);
}

void
answer_word(struct answer *answer, const char *name, const char *text)
{
    answer_text(answer, name, slice_str(text));
}

void
answer_masked(struct answer *answer, const char *name, const struct addr *addr)
{
    char masked[ADDR_MASKED_BYTES];

    answer_word(answer, name, addr_masked(addr, masked));
}

static void
put_two(char *out, unsigned value)
{
    out[0] = (char)('0' + value / 10 % 10);
    out[1] = (char)('0' + value % 10);
}

void
answer_time(struct answer *answer, const char *name, uint64_t at_ms)
{
    char text[] = "0000-00-00T00:00:00Z";
    struct calendar date;

    if (at_ms == 0) {
        answer_none(answer, name);
        return;
    }
    calendar_from_s((int64_t)(at_ms / 1000), &date);
    put_two(text, (unsigned)date.year / 100);
    put_two(text + 2, (unsigned)date.year);
    put_two(text + 5, date.month);
    put_two(text + 8, date.day);
    put_two(text + 11, date.hour);
    put_two(text + 14, date.minute);
    put_two(text + 17, date.second);
    answer_word(answer, name, text);
}

void
answer_why(struct answer *answer, const char *why)
{
    size_t n = strlen(why);

    if (n >= sizeof(answer->why))
        n = sizeof(answer->why) - 1;
    memcpy(answer->why, why, n);
    answer->why[n] = '\0';
}
