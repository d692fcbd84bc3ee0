/*
 * relay_contact_csv_test.c: contacts out as a table and in again (row H41): every bad line is
 * named, and nothing is changed when one is bad.
 */
#include "tests/unit/relay_ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/check.h"

static enum command_result
import_text(struct world *w, const char *csv, const char *flag)
{
    return ask_as(w, NULL, &command_contact_import, "account", "acme", "file", csv, flag, "on",
                  NULL);
}

static enum command_result
import_csv(struct world *w, const char *csv)
{
    return ask_as(w, NULL, &command_contact_import, "account", "acme", "file", csv, NULL);
}

static void
contacts_come_and_go(void)
{
    struct world *w = world_new(NULL);

    import_csv(w, "id,first,last,company,phones,other_phones\r\n"
                  "carla,Carla,\"Jones, M.\",,+1 (202) 555-0101,\r\n"
                  ",Dan,,'=Evil,12025550102;12025550103,12025550104\r\n"
                  "\r\n"
                  ",,,\"Two\"\"quotes\"\"\",,2025550105\r\n");
    check_number(got.result, COMMAND_DONE);
    check(row_says("{\"added\":3,\"changed\":0,\"same\":0,\"bad\":0}"));
    ask_as(w, NULL, &command_contact_export, "account", "acme", NULL);
    check_number(got.count, 3);
    check(row_says("{\"id\":\"carla\",\"first\":\"Carla\",\"last\":\"Jones, M.\",\"company\":\"\","
                   "\"phones\":\"12025550101\",\"other_phones\":\"\"}"));
    check(row_says("\"company\":\"=Evil\",\"phones\":\"12025550102;12025550103\","
                   "\"other_phones\":\"12025550104\"}"));
    check(row_says("\"company\":\"Two\\\"quotes\\\"\",\"phones\":\"\","
                   "\"other_phones\":\"12025550105\"}"));
    world_end_test(w);
}

/* The same file again changes nothing; one that says something else changes just that. */
static void
contacts_are_folded(void)
{
    static const char file[] = "first,phones\nCarla,12025550101\nDan,12025550102\n";
    struct world *w = world_new(NULL);

    import_csv(w, file);
    check(row_says("\"added\":2,"));
    import_csv(w, file);
    check(row_says("{\"added\":0,\"changed\":0,\"same\":2,\"bad\":0}"));
    import_csv(w, "id,first,phones\nc1,Carlotta,12025550101\nc2,Dan,12025550103;12025550102\n"
                  "c2,Dan,12025550103;12025550102\n");
    check(row_says("{\"added\":0,\"changed\":2,\"same\":1,\"bad\":0}"));
    ask_as(w, NULL, &command_contact_export, "account", "acme", NULL);
    check_number(got.count, 2);
    check(row_says("Carlotta") && row_says("12025550102;12025550103"));
    /* A column that is not there says nothing. */
    import_csv(w, "id,company\nc1,Acme\n");
    check(row_says("\"changed\":1,"));
    ask_as(w, NULL, &command_contact_export, "account", "acme", NULL);
    check(row_says("\"first\":\"Carlotta\",\"last\":\"\",\"company\":\"Acme\","
                   "\"phones\":\"12025550101\""));
    world_end_test(w);
}

static void
h41_every_bad_line_is_named(void)
{
    static const char file[] = "id,first,phones\n"          /* 1 */
                               "a,Good,12025550101\n"       /* 2 */
                               "b,\"Two\nlines\",nobody\n"  /* 3, and a control character */
                               "c,Cells\n"                  /* 5 */
                               "d,Quote\"d,12025550102\n"   /* 6 */
                               ",,\n"                       /* 7 */
                               "e!,Id,12025550102\n"        /* 8 */
                               "f,x,12025550109;x1\n"       /* 9 */
                               "g,Latin \xe9,12025550102\n" /* 10 */
                               "h,Mended \xef\xbf\xbd,12025550102\n" /* 11: as ctl sends it */
                               "i,Good,12025550103";
    struct world *w = world_new(NULL);

    check_number(import_csv(w, file), COMMAND_BAD_ARGUMENT);
    check(strstr(got.why, "nothing was imported") != NULL);
    check(row_says("{\"line\":3,\"error\":\"a name has a control character\"}"));
    check(row_says("{\"line\":5,\"error\":\"fewer cells than columns\"}"));
    check(row_says("{\"line\":6,\"error\":\"a quote where none can be\"}"));
    check(row_says("{\"line\":7,\"error\":\"neither a name nor a phone\"}"));
    check(row_says("{\"line\":8,\"error\":\"an id has"));
    check(row_says("{\"line\":9,\"error\":\"that is not a phone number\"}"));
    check(row_says("{\"line\":10,\"error\":\"not UTF-8\"}"));
    check(row_says("{\"line\":11,\"error\":\"not UTF-8\"}"));
    check(!row_says("\"line\":2,") && !row_says("\"line\":12,"));
    check_number(table_rows(w, TABLE_CONTACT), 0);
    check_number(import_text(w, file, "check"), COMMAND_DONE);
    check(row_says("\"bad\":"));
    check_number(table_rows(w, TABLE_CONTACT), 0);
    check_number(import_text(w, file, "skip-bad"), COMMAND_DONE);
    check(row_says("{\"added\":2,"));
    check(row_says("{\"line\":3,"));
    world_end_test(w);
}

static void
h41_files_that_are_none(void)
{
    struct world *w = world_new(NULL);

    check_number(import_csv(w, "Carla,12025550101\n"), COMMAND_BAD_ARGUMENT);
    check(strstr(got.why, "names of columns") != NULL);
    check_number(import_csv(w, "first,first\nx,y\n"), COMMAND_BAD_ARGUMENT);
    check_number(import_csv(w, ""), COMMAND_DONE);
    check_number(import_csv(w, "first,phones\nx,\"12025550101\n"), COMMAND_BAD_ARGUMENT);
    check(row_says("{\"line\":2,\"error\":\"a quote that is not closed\"}"));
    check_number(table_rows(w, TABLE_CONTACT), 0);
    /* A byte order mark is none of it. */
    check_number(import_csv(w, "\xef\xbb\xbf" "first,phones\nx,12025550101\n"), COMMAND_DONE);
    check_number(table_rows(w, TABLE_CONTACT), 1);
    world_end_test(w);
}

/* Thousands of lines go piece by piece, in many turns; a bad one at the end is found before the
 * first is taken. */
static void
h41_a_long_file_in_pieces(void)
{
    struct world *w = world_new(NULL);
    static char file[250000];
    size_t n = (size_t)snprintf(file, sizeof(file), "id,first,last,phones\r\n");

    for (int i = 0; i < 3000; i++)
        n += (size_t)snprintf(file + n, sizeof(file) - n, "k%d,First %d,\"Last, %d\",+1202%07d\r\n",
                              i, i, i, 6000000 + i);
    snprintf(file + n, sizeof(file) - n, "bad,,,x\r\n");
    check_number(import_csv(w, file), COMMAND_BAD_ARGUMENT);
    check(row_says("{\"line\":3002,"));
    check_number(got.count, 1);
    check_number(table_rows(w, TABLE_CONTACT), 0);
    file[n] = '\0';
    check_number(import_csv(w, file), COMMAND_DONE);
    check(row_says("{\"added\":3000,"));
    check(got.turns > 40);
    check_number(table_rows(w, TABLE_CONTACT), 3000);
    ask_as(w, NULL, &command_contact_show, "account", "acme", "contact", "k2999", NULL);
    check(row_says("\"last\":\"Last, 2999\"") && row_says("12026002999*"));
    world_end_test(w);
}

/* What the directory file lists is not changed here; the same line again is no mistake. */
static void
contacts_of_the_file_stay(void)
{
    static const struct world_options options = {
        .account = "    contacts: {list: [{id: listed, first: Lisa, phones: [{number: "
                   "+12025550101}]}]}\n"};
    struct world *w = world_new(&options);

    check_number(import_csv(w, "id,first,phones\nlisted,Lisa,12025550101\n"), COMMAND_DONE);
    check(row_says("\"same\":1,"));
    check_number(import_csv(w, "id,first,phones\nlisted,Liz,12025550101\n"), COMMAND_BAD_ARGUMENT);
    check(row_says("the directory file lists it"));
    world_end_test(w);
}

CHECK_MAIN({"contacts_come_and_go", contacts_come_and_go},
           {"contacts_are_folded", contacts_are_folded},
           {"h41_every_bad_line_is_named", h41_every_bad_line_is_named},
           {"h41_files_that_are_none", h41_files_that_are_none},
           {"h41_a_long_file_in_pieces", h41_a_long_file_in_pieces},
           {"contacts_of_the_file_stay", contacts_of_the_file_stay})
