/*
 * relay_list_test.c: distribution lists: how many they hold, what an upload refuses, who joins and
 * leaves, and what the directory file says of them (R-list-1, R-list-2, R-list-7).
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/key.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_ask.h"

#define WITH_LISTS "lists: {max_size: 10000}\n"

static struct world *
world_of_lists(const char *gateway)
{
    struct world_options options = {.gateway = gateway};
    struct world *w = world_new(&options);

    check_number(ask_as(w, NULL, &command_list_add, "account", "acme", "list", "news", NULL),
                 COMMAND_DONE);
    return w;
}

static enum command_result
upload(struct world *w, const char *numbers)
{
    return ask_as(w, NULL, &command_list_upload, "account", "acme", "list", "news", "numbers",
                  numbers, NULL);
}

/* So many numbers from this one on, one a line. */
static const char *
numbers_from(uint64_t first, uint32_t n)
{
    static char text[COMMAND_FILE_BYTES_MAX];
    size_t at = 0;

    for (uint32_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%llu\n",
                               (unsigned long long)first + i);
    return text;
}

static bool
on_list(struct world *w, const char *phone)
{
    char row[60];

    check_number(ask_as(w, NULL, &command_list_show, "account", "acme", "list", "news", NULL),
                 COMMAND_DONE);
    snprintf(row, sizeof(row), "\"phone\":\"%s\"", phone);
    return row_says(row);
}

static uint32_t
members(struct world *w)
{
    struct rec_list rec;
    struct key key;

    key_init(&key);
    key_u32(&key, ACME);
    key_u32(&key, 1);
    check(store_says(w, TABLE_LIST, &rec_list_def, key_slice(&key), &rec));
    return rec.members;
}

static void
r_list_1_none_without_a_size(void)
{
    struct world *w = world_of_lists(NULL);

    check_number(upload(w, CONTACT "\n"), COMMAND_WRONG_STATE);
    check(strstr(got.why, "lists.max_size") != NULL);
    check_number(ask_as(w, NULL, &command_list_join, "account", "acme", "list", "news", "phone",
                        CONTACT, NULL),
                 COMMAND_WRONG_STATE);
    check_number(table_rows(w, TABLE_LIST_MEMBER), 0);
    world_end_test(w);
}

static void
r_list_1_holds_just_so_many(void)
{
    struct world *w = world_of_lists(WITH_LISTS);

    check_number(upload(w, numbers_from(12025600000ull, 10001)), COMMAND_WRONG_STATE);
    check_number(table_rows(w, TABLE_LIST_MEMBER), 0);
    check_number(upload(w, numbers_from(12025600000ull, 9999)), COMMAND_DONE);
    check(row_says("\"joined\":9999"));
    check(got.turns > 20); /* none of them is long */
    check_number(upload(w, CONTACT "\n" CONTACT "\n"), COMMAND_DONE);
    check(row_says("\"joined\":1,\"already\":0,\"twice\":1"));
    check_number(members(w), 10000);
    check_number(upload(w, CONTACT_2), COMMAND_WRONG_STATE);
    check_number(ask_as(w, NULL, &command_list_join, "account", "acme", "list", "news", "phone",
                        CONTACT_2, NULL),
                 COMMAND_WRONG_STATE);
    check_number(members(w), 10000);
    check(!on_list(w, CONTACT_2));
    world_end_test(w);
}

static void
r_list_2_every_bad_line_is_named(void)
{
    static const char *const bad[] = {"2025550101",        "+1 202 555 0101", "(202) 555-0101",
                                      "12025550101x",      "abc",             "12025",
                                      "0012025550101",     "++12025550101",   "1202555010112025",
                                      "\xEF\xBC\x91 2025", "12025550101;",    "+"};
    struct world *w = world_of_lists(WITH_LISTS);
    char text[1000] = CONTACT "\r\n\n";
    size_t at = strlen(text);

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s\n+1202555020%zu\n", bad[i],
                               i % 10);
    check_number(upload(w, text), COMMAND_BAD_ARGUMENT);
    check_number(got.count, sizeof(bad) / sizeof(bad[0]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char row[100];

        snprintf(row, sizeof(row), "{\"line\":%zu,\"text\":\"%s\"", 3 + 2 * i, bad[i]);
        if (!row_says(row))
            printf("    %s\n", row);
        check(row_says(row));
    }
    check(strstr(got.why, "bad_lines=12") != NULL);
    check_number(table_rows(w, TABLE_LIST_MEMBER), 0);
    world_end_test(w);
}

/* Each of them: a file of nothing but bad lines, as long as one can be. */
static void
r_list_2_ten_thousand_bad_lines(void)
{
    static char text[20001];
    struct world *w = world_of_lists(WITH_LISTS);

    for (size_t i = 0; i < 20000; i += 2)
        memcpy(text + i, "x\n", 2);
    check_number(upload(w, text), COMMAND_BAD_ARGUMENT);
    check_number(got.count, 10000);
    check(row_says("{\"line\":1,") && row_says("{\"line\":10000,"));
    world_end_test(w);
}

/* Lines that end at the border of a piece, and a last one without an end. */
static void
r_list_2_lines_across_pieces(void)
{
    static char text[3 * COMMAND_PIECE_BYTES];

    for (size_t before = 0; before < 15; before++) {
        struct world *w = world_of_lists(WITH_LISTS);

        memset(text, 0, sizeof(text));
        memset(text, ' ', COMMAND_PIECE_BYTES - before);
        memcpy(text + COMMAND_PIECE_BYTES - before - 1, "\n" CONTACT "\n" CONTACT_2, 24);
        check_number(upload(w, text), COMMAND_DONE);
        check(row_says("\"joined\":2,"));
        check(on_list(w, CONTACT) && on_list(w, CONTACT_2));
        world_end_test(w);
    }
}

/* What was staged by an upload that a crash broke off is nobody's. */
static void
r_list_2_an_upload_that_is_broken_off(void)
{
    struct world *w = world_of_lists(WITH_LISTS);
    struct command_value args[COMMAND_ARGS_MAX] = {{.given = true, .text = slice_str("acme")},
                                                   {.given = true, .text = slice_str("news")}};
    static uint8_t packed[COMMAND_PACKED_BYTES(32000)];
    struct command_progress progress = {0};
    struct event event = {.kind = EV_COMMAND, .session = {77, 1}};

    args[2] = (struct command_value){.given = true, .text = slice_str(CONTACT "\n" CONTACT_2)};
    event.u.command.def = &command_list_upload;
    for (int stage = 0; stage < 3; stage++) {
        struct effect effect;
        size_t at = 0;

        event.u.command.packed = slice_of(
            packed, command_pack(&command_list_upload, args, &progress, packed, sizeof(packed)));
        world_begin(w);
        world_step(w, &event);
        while (effects_next(&w->fx, &at, &effect))
            if (effect.kind == FX_ANSWER && effect.level == ANSWER_MORE)
                memcpy(&progress, effect.octets.p, sizeof(progress));
        world_end(w);
    }
    check_number(table_rows(w, TABLE_LIST_MEMBER), 2);
    check(!on_list(w, CONTACT));
    world_crash(w);
    check_number(upload(w, CONTACT_3), COMMAND_DONE);
    check(row_says("\"numbers\":1}"));
    check(!on_list(w, CONTACT));
    check(on_list(w, CONTACT_3));
    world_end_test(w);
}

#define RULES                                                                                  \
    "    auto_replies:\n"                                                                      \
    "      - {id: in, text: \"You are in\", keywords: [news], join_list: news}\n"              \
    "      - {id: out, text: \"You are out\", keywords: [no news], leave_list: news}\n"

static void
r_list_7_keywords_join_and_leave(void)
{
    static const struct world_options options = {.gateway = WITH_LISTS, .account = RULES};
    struct world *w = world_new(&options);

    phone_sends(w, CONTACT, BIZ_NOBODY, "News"); /* there is no such list yet */
    check(sent_to(w, CONTACT) == NULL);
    check_number(ask_as(w, NULL, &command_list_add, "account", "acme", "list", "news", NULL),
                 COMMAND_DONE);
    phone_sends(w, CONTACT, BIZ_NOBODY, "News");
    phone_shows(w, BIZ_NOBODY, CONTACT, "You are in");
    check(on_list(w, CONTACT));
    phone_sends(w, CONTACT, BIZ, "no  NEWS!");
    phone_shows(w, BIZ, CONTACT, "You are out");
    check(!on_list(w, CONTACT));
    /* Who left stays out, whatever is uploaded, until the phone or a person says otherwise. */
    answer_all(w);
    check_number(upload(w, CONTACT "\n" CONTACT_2 "\n"), COMMAND_DONE);
    check(row_says("\"left_before\":1"));
    check(!on_list(w, CONTACT));
    check(on_list(w, CONTACT_2));
    phone_sends(w, CONTACT, BIZ_NOBODY, "news");
    answer_all(w);
    check(on_list(w, CONTACT));
    check_number(members(w), 2);
    world_end_test(w);
}

/* Nobody is told to be on a list that is full. */
static void
r_list_7_a_full_list(void)
{
    static const struct world_options options = {.gateway = "lists: {max_size: 1}\n",
                                                 .account = RULES};
    struct world *w = world_new(&options);

    check_number(ask_as(w, NULL, &command_list_add, "account", "acme", "list", "news", NULL),
                 COMMAND_DONE);
    phone_sends(w, CONTACT, BIZ_NOBODY, "news");
    phone_shows(w, BIZ_NOBODY, CONTACT, "You are in");
    phone_sends(w, CONTACT_2, BIZ_NOBODY, "news");
    check(sent_to(w, CONTACT_2) == NULL);
    check_number(counters(w)->lists_full, 1);
    check(!on_list(w, CONTACT_2));
    answer_all(w);
    world_end_test(w);
}

static void
r_list_7_the_directory_file(void)
{
    static const struct world_options
        two = {.gateway = WITH_LISTS,
               .account = RULES "    lists:\n      - {id: news, name: News, numbers: [" CONTACT
                                ", " CONTACT_2 "]}\n"},
        one = {.gateway = WITH_LISTS,
               .account = RULES "    lists:\n      - {id: news, numbers: [" CONTACT "]}\n"},
        none = {.gateway = WITH_LISTS};
    struct world *w = world_new(&two);

    check(on_list(w, CONTACT) && on_list(w, CONTACT_2));
    phone_sends(w, CONTACT_3, BIZ_NOBODY, "news");
    phone_sends(w, CONTACT, BIZ_NOBODY, "no news");
    answer_all(w);
    world_reload(w, &two);
    check(!on_list(w, CONTACT));
    check(on_list(w, CONTACT_3));
    world_reload(w, &one);
    check(!on_list(w, CONTACT) && !on_list(w, CONTACT_2));
    check(on_list(w, CONTACT_3));
    check_number(members(w), 1);
    check_number(ask_as(w, NULL, &command_list_delete, "account", "acme", "list", "news", NULL),
                 COMMAND_WRONG_STATE);
    world_reload(w, &none);
    check_number(ask_as(w, NULL, &command_list_show, "account", "acme", "list", "news", NULL),
                 COMMAND_NOT_FOUND);
    world_reload(w, &two);
    check(!on_list(w, CONTACT));
    check(on_list(w, CONTACT_2) && on_list(w, CONTACT_3));
    world_end_test(w);
}

static void
r_list_7_deleted_with_all_its_numbers(void)
{
    struct world *w = world_of_lists(WITH_LISTS);

    check_number(upload(w, numbers_from(12025600000ull, 3000)), COMMAND_DONE);
    check_number(ask_as(w, NULL, &command_list_delete, "account", "acme", "list", "news", NULL),
                 COMMAND_DONE);
    check_number(table_rows(w, TABLE_LIST_MEMBER), 0);
    check_number(ask_as(w, NULL, &command_list_add, "account", "acme", "list", "news", NULL),
                 COMMAND_DONE);
    check(!on_list(w, "12025600000"));
    check_number(ask_as(w, NULL, &command_list_show, "account", "zeta", "list", "news", NULL),
                 COMMAND_NOT_FOUND);
    world_end_test(w);
}

CHECK_MAIN({"r_list_1_none_without_a_size", r_list_1_none_without_a_size},
           {"r_list_1_holds_just_so_many", r_list_1_holds_just_so_many},
           {"r_list_2_every_bad_line_is_named", r_list_2_every_bad_line_is_named},
           {"r_list_2_ten_thousand_bad_lines", r_list_2_ten_thousand_bad_lines},
           {"r_list_2_lines_across_pieces", r_list_2_lines_across_pieces},
           {"r_list_2_an_upload_that_is_broken_off",
            r_list_2_an_upload_that_is_broken_off},
           {"r_list_7_keywords_join_and_leave", r_list_7_keywords_join_and_leave},
           {"r_list_7_a_full_list", r_list_7_a_full_list},
           {"r_list_7_the_directory_file", r_list_7_the_directory_file},
           {"r_list_7_deleted_with_all_its_numbers",
            r_list_7_deleted_with_all_its_numbers})
