/*
 * answer_test.c: rows of an answer are JSON, whatever they are given, and never longer than they
 * may be.
 */
#include "gateway/relay/answer.h"

#include <jansson.h>
#include <stdlib.h>

#include "tests/unit/check.h"

static struct answer answer;
static json_t *last;

static void
take(void *context, struct slice json)
{
    (void)context;
    json_decref(last);
    last = json_loadb((const char *)json.p, json.n, JSON_REJECT_DUPLICATES, NULL);
    check(last != NULL);
}

static const char *
text_of(const char *name)
{
    return json_string_value(json_object_get(last, name));
}

static void
begin(void)
{
    answer_init(&answer, take, NULL);
    answer_open(&answer);
}

static void
answer_has_every_kind_of_value(void)
{
    struct addr addr = {.kind = ADDR_E164, .n = 11, .text = "12025550199"};

    begin();
    answer_number(&answer, "zero", 0);
    answer_number(&answer, "large", INT64_MAX);
    answer_flag(&answer, "yes", true);
    answer_flag(&answer, "no", false);
    answer_none(&answer, "none");
    answer_time(&answer, "never", 0);
    answer_time(&answer, "then", 1795356001999u);
    answer_masked(&answer, "who", &addr);
    answer_word(&answer, "word", "");
    answer_close(&answer);
    check_number(answer.rows, 1);
    check_number(json_integer_value(json_object_get(last, "zero")), 0);
    check_number(json_integer_value(json_object_get(last, "large")), INT64_MAX);
    check(json_is_true(json_object_get(last, "yes")));
    check(json_is_false(json_object_get(last, "no")));
    check(json_is_null(json_object_get(last, "none")));
    check(json_is_null(json_object_get(last, "never")));
    check_text(slice_str(text_of("then")), "2026-11-22T14:00:01Z");
    check_text(slice_str(text_of("who")), "1202****199");
    check_text(slice_str(text_of("word")), "");
    check_number(json_object_size(last), 9);
}

static void
answer_escapes_what_comes_from_outside(void)
{
    static const uint8_t odd[] = {'"', '\\', '\n', 0x00, 0x1f, 0x7f, 0xff, 0xc3, 0xa9, 0xc3};

    begin();
    answer_text(&answer, "odd", slice_of(odd, 3));
    answer_close(&answer);
    check_text(slice_str(text_of("odd")), "\"\\\n");
    begin();
    answer_text(&answer, "odd", slice_of(odd + 4, sizeof(odd) - 4));
    answer_close(&answer);
    check_text(slice_str(text_of("odd")), "\x1f\x7f\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd");
}

/* Whatever the length, and whatever stands at the end. */
static void
answer_cuts_a_row_that_is_too_long(void)
{
    static uint8_t text[ANSWER_ROW_BYTES + 100];

    for (size_t n = ANSWER_ROW_BYTES - 60; n < sizeof(text); n++) {
        static const char ends[] = {'x', '"', '\n', '\xff'};

        memset(text, 'x', sizeof(text));
        text[n - 1] = (uint8_t)ends[n % 4];
        begin();
        answer_text(&answer, "t", slice_of(text, n));
        answer_number(&answer, "after", UINT32_MAX);
        answer_close(&answer);
        check(json_string_length(json_object_get(last, "t")) <= n + 2);
        if (n > ANSWER_ROW_BYTES)
            check(json_is_true(json_object_get(last, "cut")));
    }
    begin();
    answer_number(&answer, "n", 1);
    answer_close(&answer);
    check(!json_object_get(last, "cut"));
}

static void
answer_why_is_cut_to_its_size(void)
{
    char why[2 * ANSWER_WHY_BYTES];

    memset(why, 'w', sizeof(why));
    why[sizeof(why) - 1] = '\0';
    answer_init(&answer, take, NULL);
    answer_why(&answer, why);
    check_number(strlen(answer.why), ANSWER_WHY_BYTES - 1);
}

CHECK_MAIN({"answer_has_every_kind_of_value", answer_has_every_kind_of_value},
           {"answer_escapes_what_comes_from_outside", answer_escapes_what_comes_from_outside},
           {"answer_cuts_a_row_that_is_too_long", answer_cuts_a_row_that_is_too_long},
           {"answer_why_is_cut_to_its_size", answer_why_is_cut_to_its_size})
