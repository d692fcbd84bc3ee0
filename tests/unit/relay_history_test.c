/*
 * relay_history_test.c: what was said, as other programs get it: whole and in order (R-conv-9).
 */
#include "tests/unit/relay_ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/check.h"

/* A thread over two numbers and two conversations of one of them comes in order. */
static void
r_conv_9_export_of_a_thread(void)
{
    struct world *w = world_new(NULL);
    uint64_t first = conversation(w, CONTACT), second;
    char id[24];

    phone_sends(w, ANN, RELAY_ANN, with_id(first, "Hello back"));
    phone_shows(w, BIZ, CONTACT, "Hello back");
    conv_close_directly(w, ACME, first);
    second = conversation(w, CONTACT);
    phone_sends(w, CONTACT_2, BIZ_NOBODY, "somebody else");
    phone_sends(w, CONTACT, BIZ_NOBODY, "=1+1 \"quoted\"\nsecond line");
    answer_all(w);
    ask_as(w, NULL, &command_conversation_export, "account", "acme", "phone", CONTACT, NULL);
    check_number(got.result, COMMAND_DONE);
    check(row_says("\"kind\":\"opened\",\"direction\":null"));
    check(row_says("\"direction\":\"out\",\"number\":\"" BIZ "\",\"contact\":\"" CONTACT
                   "\",\"by\":\"ann\",\"state\":\"sent\",\"binary\":false,"
                   "\"text\":\"Hello back\""));
    check(row_says("\"text\":\"=1+1 \\\"quoted\\\"\\u000asecond line\""));
    check(!row_says("somebody else"));
    snprintf(id, sizeof(id), "%llu", (unsigned long long)first);
    check(strstr(got.rows, id) < strstr(got.rows, "Hello back"));
    snprintf(id, sizeof(id), "%llu", (unsigned long long)second);
    check(strstr(got.rows, "Hello back") < strstr(got.rows, id));
    check(strstr(got.rows, id) < strstr(got.rows, "second line"));
    ask_as(w, NULL, &command_conversation_export, "account", "acme", "id", id, NULL);
    check(got.count > 0 && !row_says("Hello back") && !row_says("second line"));
    ask_as(w, NULL, &command_conversation_export, "account", "acme", NULL);
    check(row_says("somebody else") && row_says("Hello back") && row_says("second line"));
    world_end_test(w);
}

static void
r_conv_9_export_knows_its_account(void)
{
    struct world *w = world_new(NULL);
    uint64_t conv = conversation(w, CONTACT);
    char id[24];

    snprintf(id, sizeof(id), "%llu", (unsigned long long)conv);
    check_number(ask_as(w, NULL, &command_conversation_export, "account", "zeta", "phone", CONTACT,
                        NULL),
                 COMMAND_DONE);
    check_number(got.count, 0);
    check_number(ask_as(w, NULL, &command_conversation_export, "account", "zeta", "id", id, NULL),
                 COMMAND_NOT_FOUND);
    check_number(ask_as(w, NULL, &command_conversation_export, "account", "none", NULL),
                 COMMAND_NOT_FOUND);
    check_number(ask_as(w, NULL, &command_conversation_export, "account", "acme", "phone", "x",
                        NULL),
                 COMMAND_BAD_ARGUMENT);
    check_number(ask_as(w, NULL, &command_conversation_export, "account", "acme", "id", id, "phone",
                        CONTACT, NULL),
                 COMMAND_BAD_ARGUMENT);
    world_end_test(w);
}

/* Puts the texts of the rows together. */
static size_t
texts_of(char *out, const char *rows)
{
    static const char before[] = "\"text\":\"";
    size_t n = 0;

    while ((rows = strstr(rows, before))) {
        rows += sizeof(before) - 1;
        while (*rows != '"')
            out[n++] = *rows++;
    }
    out[n] = '\0';
    return n;
}

/* A text longer than a row comes in several, none of which cuts a character or loses one. */
static void
r_conv_9_export_cuts_nothing(void)
{
    struct world *w = world_new(NULL);
    static char text[20001], all[1 << 17];
    char wanted[20002];
    size_t n = 0;

    while (n < 20000) {
        memcpy(text + n, "\xe2\x82\xac\xc3\xa4", 5);
        n += 5;
    }
    snprintf(wanted, sizeof(wanted), "%s", text);
    phone_sends(w, CONTACT, BIZ_NOBODY, text);
    ask_as(w, NULL, &command_conversation_export, "account", "acme", NULL);
    check(!row_says("\"cut\""));
    check(row_says("\"octet\":0,"));
    check(got.count > 3);
    check_number(texts_of(all, got.rows), 20000);
    check(strcmp(all, wanted) == 0);
    world_end_test(w);
}

/* It streams: a long history takes many turns, each with a bounded number of rows. */
static void
r_conv_9_export_streams(void)
{
    struct world *w = world_new(NULL);

    for (int i = 0; i < 350; i++)
        phone_sends(w, CONTACT, BIZ_NOBODY, "again");
    ask_as(w, NULL, &command_conversation_export, "account", "acme", "phone", CONTACT, NULL);
    check(got.count >= 351);
    check(got.turns >= 4);
    check(row_says("\"entry\":351,"));
    world_end_test(w);
}

static void
r_conv_9_export_of_octets(void)
{
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ_NOBODY, "abc");

    pdu.body.sm.data_coding = 0x04;
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    ask_as(w, NULL, &command_conversation_export, "account", "acme", NULL);
    check(row_says("\"binary\":true,\"text\":\"616263\""));
    world_end_test(w);
}

CHECK_MAIN({"r_conv_9_export_of_a_thread", r_conv_9_export_of_a_thread},
           {"r_conv_9_export_knows_its_account", r_conv_9_export_knows_its_account},
           {"r_conv_9_export_cuts_nothing", r_conv_9_export_cuts_nothing},
           {"r_conv_9_export_streams", r_conv_9_export_streams},
           {"r_conv_9_export_of_octets", r_conv_9_export_of_octets})
