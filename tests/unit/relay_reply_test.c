/*
 * relay_reply_test.c: the grammar of replies and what else phones write (R-txt-4, 5; rows G01 to
 * G27 of bad-input.md).
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/conv.h"
#include "protocol/text.h"
#include "tests/unit/check.h"

static void
contact_gets(struct world *w, const char *reply, const char *text)
{
    phone_sends(w, ANN, RELAY_ANN, reply);
    phone_shows(w, BIZ, CONTACT, text);
    nothing_sent(w);
}

/* "ID" in the pattern stands for the ID. */
static const char *
filled(const char *pattern, uint64_t id)
{
    static char text[400];
    const char *at = strstr(pattern, "ID");

    check(at != NULL);
    snprintf(text, sizeof(text), "%.*s%llu%s", (int)(at - pattern), pattern, (unsigned long long)id,
             at + 2);
    return text;
}

/* ---- R-txt-4, 5: replies */

static void
r_txt_4_reply_must_begin_with_id(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    contact_gets(w, filled("ID On my way", id), "On my way");
    notice_and_nothing_else(w, filled("ID. On my way", id));
    notice_and_nothing_else(w, filled("IDOn my way", id));
    notice_and_nothing_else(w, filled("#ID hi", id));
    notice_and_nothing_else(w, "On my way");
    world_end_test(w);
}

static void
g02_not_an_id(void)
{
    static const char *const patterns[] = {"ID: hello", "ID, hello",  "ID. hello", "ID) hello",
                                           "ID-hello",  "[ID] hello", "#ID hello", "IDhello"};
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        notice_and_nothing_else(w, filled(patterns[i], id));
    world_end_test(w);
}

static void
g03_blanks_around_the_id(void)
{
    static const char *const patterns[] = {"  ID hello", "\xC2\xA0ID hello", "\r\nID\r\nhello",
                                           "ID   hello", "ID\xC2\xA0hello",  "\r\n ID\n \nhello"};
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        contact_gets(w, filled(patterns[i], id), "hello");
    contact_gets(w, filled("\tID\they \xE2\x82\xAC", id), "hey \xE2\x82\xAC"); /* a tab: UCS-2 */
    contact_gets(w, filled("ID  two  blanks \n stay ", id), "two  blanks \n stay ");
    world_end_test(w);
}

static void
g05_leading_zero(void)
{
    struct world *w = world_new(NULL);

    notice_and_nothing_else(w, filled("0ID hello", conversation(w, CONTACT)));
    world_end_test(w);
}

static void
g06_huge_numbers(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    char text[64];

    notice_and_nothing_else(w, "1000000000000000000000000000000 hi");
    notice_and_nothing_else(w, "18446744073709551616 hi");
    notice_and_nothing_else(w, "9999999999999999999 hi");
    /* What would be the ID after an overflow of 64 bits: id + 2^64, computed in two halves. */
    snprintf(text, sizeof(text), "18446744073%09llu hi", 709551616ull + id);
    notice_and_nothing_else(w, text);
    world_end_test(w);
}

static void
g07_no_such_conversation(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    char digits[24];

    notice_and_nothing_else(w, with_id(conv_id_make(7), "hello"));
    notice_and_nothing_else(w, with_id(id + 1, "hello"));
    snprintf(digits, sizeof(digits), "%llu hi", (unsigned long long)id);
    for (size_t i = 0; digits[i + 1] >= '0' && digits[i + 1] <= '9'; i++) {
        char swapped[24];

        if (digits[i] == digits[i + 1])
            continue;
        snprintf(swapped, sizeof(swapped), "%s", digits);
        swapped[i] = digits[i + 1];
        swapped[i + 1] = digits[i];
        notice_and_nothing_else(w, swapped);
    }
    world_end_test(w);
}

static void
g08_somebody_elses_conversation(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT), other;

    phone_sends(w, CONTACT, BIZ_ZETA, "hello zeta");
    phone_sends(w, CONTACT_2, BIZ_ZETA, "hello zeta"); /* an ID that acme does not have */
    answer_all(w);
    other = conv_id_make(2);
    notice_and_nothing_else(w, with_id(other, "to another account"));
    phone_sends(w, DAN, RELAY_DAN, with_id(id, "not mine"));
    check(strstr(w->log, "reason=reply_scope") != NULL);
    phone_shows(w, RELAY_DAN, DAN, NOTICE);
    nothing_sent(w);
    world_end_test(w);
}

static void
g09_closed_conversation(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    conv_close_directly(w, ACME, id);
    notice_and_nothing_else(w, with_id(id, "hello"));
    world_end_test(w);
}

static void
g10_no_text_after_the_id(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    notice_and_nothing_else(w, filled("ID", id));
    notice_and_nothing_else(w, filled("ID   ", id));
    notice_and_nothing_else(w, filled("ID \n", id));
    notice_and_nothing_else(w, filled("ID \xE2\x80\x8B\xE2\x80\x8F \xEF\xBB\xBF", id));
    world_end_test(w);
}

static void
g11_other_numbers(void)
{
    static const char *const patterns[] = {"-ID hi", "+ID hi", "ID.5 hi", "0xID hi", "ID:30 ok?"};
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        notice_and_nothing_else(w, filled(patterns[i], id));
    notice_and_nothing_else(w, "0x0c hi");
    notice_and_nothing_else(w, "12:30 ok?");
    world_end_test(w);
}

/* The ID in other digits: each is base + digit, in UTF-8 of three octets, or two. */
static const char *
in_digits(uint64_t id, uint32_t base)
{
    static char text[200];
    char digits[24];
    size_t n = 0;

    snprintf(digits, sizeof(digits), "%llu", (unsigned long long)id);
    for (size_t i = 0; digits[i]; i++) {
        uint32_t c = base + (uint32_t)(digits[i] - '0');

        if (c >= 0x800) {
            text[n++] = (char)(0xE0 | c >> 12);
            text[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        } else {
            text[n++] = (char)(0xC0 | c >> 6);
        }
        text[n++] = (char)(0x80 | (c & 0x3F));
    }
    snprintf(text + n, sizeof(text) - n, " hello");
    return text;
}

static void
g12_digits_of_other_scripts(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    notice_and_nothing_else(w, in_digits(id, 0xFF10)); /* full-width */
    notice_and_nothing_else(w, in_digits(id, 0x0660)); /* Arabic-Indic */
    notice_and_nothing_else(w, in_digits(id, 0x2460)); /* circled */
    world_end_test(w);
}

static void
g13_invisible_before_the_id(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    contact_gets(w, filled("\xE2\x80\x8BID hello", id), "hello");
    contact_gets(w, filled("\xE2\x80\x8E\xE2\x80\xAB ID hello", id), "hello");
    contact_gets(w, filled("\xE2\x81\xA6\xEF\xBB\xBFID hello", id), "hello");
    world_end_test(w);
}

static void
g14_number_after_the_id(void)
{
    struct world *w = world_new(NULL);

    contact_gets(w, filled("ID 34 hi", conversation(w, CONTACT)), "34 hi");
    world_end_test(w);
}

static void
g20_id_in_the_second_line(void)
{
    struct world *w = world_new(NULL);

    notice_and_nothing_else(w, filled("hello\nID hi", conversation(w, CONTACT)));
    world_end_test(w);
}

static void
r_txt_5_contact_sees_only_the_text(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    const struct phone_text *got;
    char digits[24];

    phone_sends(w, ANN, RELAY_ANN, with_id(id, "see you at 5"));
    check(sent_to(w, CONTACT) == sent_first(w));
    got = phone_gets(w, CONTACT);
    check_text(slice_str(got->text), "see you at 5");
    check_text(slice_str(got->from), BIZ);
    snprintf(digits, sizeof(digits), "%llu", (unsigned long long)id);
    check(strstr(got->text, digits) == NULL);
    nothing_sent(w);
    check_number(counters(w)->relay_replies, 1);
    world_end_test(w);
}

/* ---- the other rows */

static void
g01_id_and_text(void)
{
    struct world *w = world_new(NULL);

    contact_gets(w, filled("ID hello", conversation(w, CONTACT)), "hello");
    world_end_test(w);
}

static void
g19_empty_messages(void)
{
    struct world *w = world_new(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, ANN, RELAY_ANN, "");

    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ, "");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    nothing_sent(w);
    check_number(counters(w)->messages_in, 2);
    check_number(table_rows(w, TABLE_CONV), 0);
    world_end_test(w);
}

static void
g21_stop_from_an_agent(void)
{
    struct world *w = world_new(NULL);

    notice_and_nothing_else(w, "STOP");
    check(!opted_out(w, ACME, ANN));
    conversation(w, CONTACT);
    world_end_test(w);
}

static void
g24_nothing_in_a_text_is_a_template(void)
{
    static const char *const texts[] = {
        "%s%n%d",         "$(id) `id`", "'; DROP TABLE conv; --", "{contact} {id} {text}",
        "{{First Name}}", "<b>&amp;\\n"};
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    char want[100];

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        snprintf(want, sizeof(want), "+12025550101: %s", texts[i]);
        phone_sends(w, CONTACT, BIZ, texts[i]);
        phone_shows(w, RELAY_ANN, ANN, with_id(id, want));
        contact_gets(w, with_id(id, texts[i]), texts[i]);
    }
    world_end_test(w);
}

static void
g25_control_characters(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    /* A bell and an escape are not in GSM, so the text goes as UCS-2, and arrives. */
    contact_gets(w, with_id(id, "a\x07 b\x1B[31m"), "a\x07 b\x1B[31m");
    contact_gets(w, with_id(id, "a\r\nb"), "a\r\nb");
    world_end_test(w);
}

static void
g27_an_id_from_a_contact(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);
    char want[100];

    snprintf(want, sizeof(want), "+12025550101: %llu hi", (unsigned long long)id);
    phone_sends(w, CONTACT, BIZ, with_id(id, "hi"));
    phone_shows(w, RELAY_ANN, ANN, with_id(id, want));
    nothing_sent(w);
    world_end_test(w);
}

CHECK_MAIN({"r_txt_4_reply_must_begin_with_id", r_txt_4_reply_must_begin_with_id},
           {"g02_not_an_id", g02_not_an_id}, {"g03_blanks_around_the_id", g03_blanks_around_the_id},
           {"g05_leading_zero", g05_leading_zero}, {"g06_huge_numbers", g06_huge_numbers},
           {"g07_no_such_conversation", g07_no_such_conversation},
           {"g08_somebody_elses_conversation", g08_somebody_elses_conversation},
           {"g09_closed_conversation", g09_closed_conversation},
           {"g10_no_text_after_the_id", g10_no_text_after_the_id},
           {"g11_other_numbers", g11_other_numbers},
           {"g12_digits_of_other_scripts", g12_digits_of_other_scripts},
           {"g13_invisible_before_the_id", g13_invisible_before_the_id},
           {"g14_number_after_the_id", g14_number_after_the_id},
           {"g20_id_in_the_second_line", g20_id_in_the_second_line},
           {"r_txt_5_contact_sees_only_the_text", r_txt_5_contact_sees_only_the_text},
           {"g01_id_and_text", g01_id_and_text}, {"g19_empty_messages", g19_empty_messages},
           {"g21_stop_from_an_agent", g21_stop_from_an_agent},
           {"g24_nothing_in_a_text_is_a_template", g24_nothing_in_a_text_is_a_template},
           {"g25_control_characters", g25_control_characters},
           {"g27_an_id_from_a_contact", g27_an_id_from_a_contact})
