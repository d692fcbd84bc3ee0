/*
 * pdu_dump_test.c: the trace line of every PDU, every field and every TLV that has a name, and what
 * must never stand in one.
 */
#include <stdio.h>

#include "protocol/pdu.h"
#include "protocol/pdu_table.h"
#include "tests/unit/check.h"
#include "tests/unit/smpp_rows.h"

#define ANY_COMMAND_MAX 0x120u
static char line[4000];

static bool
says(const char *what)
{
    return strstr(line, what) != NULL;
}

/* Something that is not empty in a field. */
static void
fill(struct pdu *pdu, const struct pdu_field *field)
{
    static const struct pdu_list dests = {1, {(const uint8_t *)"\2friends", 9}};
    static const struct pdu_list failures = {1, {(const uint8_t *)"\1\1\0\0\0\0\x0b", 7}};
    void *member = (uint8_t *)pdu + field->offset;

    switch ((enum pdu_kind)field->kind) {
    case PDU_U8:
        *(uint8_t *)member = 1;
        return;
    case PDU_STRING:
    case PDU_TIME:
    case PDU_COUNTED:
        *(struct slice *)member = SLICE_LIT("word");
        return;
    case PDU_SECRET:
        *(struct slice *)member = SLICE_LIT("s3cret");
        return;
    case PDU_ADDRESS:
        *(struct pdu_address *)member = (struct pdu_address){1, 1, SLICE_LIT("447700900123")};
        return;
    case PDU_DESTS:
        *(struct pdu_list *)member = dests;
        return;
    case PDU_FAILURES:
        *(struct pdu_list *)member = failures;
        return;
    }
}

/* By the table: no PDU can be added whose fields are not shown. */
static void
every_field_of_every_pdu_is_named(void)
{
    size_t types = 0;

    for (uint32_t i = 0; i < ANY_COMMAND_MAX * 2; i++) {
        uint32_t command_id = i / 2 | (i % 2 ? SMPP_RESPONSE_BIT : 0);
        const struct pdu_type *type = pdu_type_of(command_id);
        struct pdu pdu = {.command_id = command_id, .sequence_number = 5};
        char name[80];

        if (!type)
            continue;
        types++;
        for (size_t k = 0; k < type->count; k++)
            fill(&pdu, &type->fields[k]);
        pdu_dump(&pdu, line, sizeof(line));
        check(smpp_command_name(command_id) != NULL);
        (void)snprintf(name, sizeof(name), "%s seq=5 status=ROK", smpp_command_name(command_id));
        check(strncmp(line, name, strlen(name)) == 0);
        for (size_t k = 0; k < type->count; k++) {
            (void)snprintf(name, sizeof(name), " %s=", type->fields[k].name);
            check(says(name));
            check(pdu_kind_name((enum pdu_kind)type->fields[k].kind)[0] != '\0');
        }
        check(!says("s3cret"));
        pdu_dump_masked(&pdu, line, sizeof(line));
        check(!says("s3cret") && !says("447700900123"));
    }
    check_number(types, 27);
}

static void
every_known_tlv_is_named(void)
{
    static const uint8_t ones[2000] = {1, 1, 1};
    size_t tags = 0;

    for (uint32_t tag = 0; tag <= 0xFFFF; tag++) {
        const struct smpp_tag_info *info = smpp_tag_info((uint16_t)tag);
        struct pdu pdu = {.command_id = SMPP_DELIVER_SM};
        static uint8_t tlvs[2100];
        char name[80];

        for (int longest = 0; info && longest < 2; longest++) {
            size_t used = 0, n = longest ? (info->max < 1100 ? info->max : 1100) : info->min;

            check(tlv_put(tlvs, sizeof(tlvs), &used, (uint16_t)tag, slice_of(ones, n)));
            pdu.tlvs = slice_of(tlvs, used);
            pdu_dump(&pdu, line, sizeof(line));
            (void)snprintf(name, sizeof(name), " %s=", info->name);
            check(says(name));
            pdu_dump_masked(&pdu, line, sizeof(line));
            check(says(name));
        }
        tags += info != NULL;
    }
    check_number(tags, 64);
}

static void
dump_tlv(uint16_t tag, struct slice value, bool masked)
{
    struct pdu pdu = {.command_id = SMPP_DATA_SM_RESP};
    uint8_t tlvs[300];
    size_t used = 0;

    check(tlv_put(tlvs, sizeof(tlvs), &used, tag, value));
    pdu.tlvs = slice_of(tlvs, used);
    (masked ? pdu_dump_masked : pdu_dump)(&pdu, line, sizeof(line));
}

#define TLV(octets) {(const uint8_t *)(octets), sizeof(octets) - 1}

static void
tlvs_in_words(void)
{
    static const struct {
        uint16_t tag;
        struct slice value;
        const char *plain, *masked;     /* NULL: the same */
    } rows[] = {
        {SMPP_TAG_MESSAGE_STATE, TLV("\x02"), "message_state=2(DELIVRD)", NULL},
        {SMPP_TAG_MESSAGE_STATE, TLV("\x09"), "message_state=9(SKIPPED)", NULL},
        {SMPP_TAG_MESSAGE_STATE, TLV("\x0a"), "message_state=10", NULL},
        {SMPP_TAG_NETWORK_ERROR_CODE, TLV("\x03\x01\x02"), "network_error_code=3(gsm):258", NULL},
        {SMPP_TAG_NETWORK_ERROR_CODE, TLV("\x09\0\0"), "network_error_code=9(?):0", NULL},
        {SMPP_TAG_DELIVERY_FAILURE_REASON, TLV("\x01"),
         "delivery_failure_reason=1(invalid_address)", NULL},
        {SMPP_TAG_MS_AVAILABILITY_STATUS, TLV("\x02"), "ms_availability_status=2(unavailable)",
         NULL},
        {SMPP_TAG_CONGESTION_STATE, TLV("\0"), "congestion_state=0(idle)", NULL},
        {SMPP_TAG_CONGESTION_STATE, TLV("\x1d"), "congestion_state=29(low)", NULL},
        {SMPP_TAG_CONGESTION_STATE, TLV("\x5a"), "congestion_state=90(optimum)", NULL},
        {SMPP_TAG_CONGESTION_STATE, TLV("\x5b"), "congestion_state=91(nearing)", NULL},
        {SMPP_TAG_CONGESTION_STATE, TLV("\x64"), "congestion_state=100(congested)", NULL},
        {SMPP_TAG_SAR_MSG_REF_NUM, TLV("\x01\x02"), "sar_msg_ref_num=258", NULL},
        {SMPP_TAG_USER_MESSAGE_REFERENCE, TLV("\0\x05"), "user_message_reference=5", NULL},
        {SMPP_TAG_QOS_TIME_TO_LIVE, TLV("\0\0\x0e\x10"), "qos_time_to_live=3600", NULL},
        {SMPP_TAG_SC_INTERFACE_VERSION, TLV("\x34"), "sc_interface_version=0x34", NULL},
        {SMPP_TAG_RECEIPTED_MESSAGE_ID, TLV("abc\0"), "receipted_message_id=abc", NULL},
        {SMPP_TAG_RECEIPTED_MESSAGE_ID, TLV("abc"), "receipted_message_id=abc", NULL},
        {SMPP_TAG_CALLBACK_NUM, TLV("\1\1\1" "447700900123"), "callback_num=1:1:447700900123",
         "callback_num=1:1:4477*****123"},
        {SMPP_TAG_MESSAGE_PAYLOAD, TLV("Hi \x01"), "message_payload=\"Hi \\x01\"",
         "message_payload=(4 octets)"},
        {SMPP_TAG_ADDITIONAL_STATUS_INFO_TEXT, TLV("why"), "additional_status_info_text=\"why\"",
         "additional_status_info_text=(3 octets)"},
        {SMPP_TAG_SOURCE_SUBADDRESS, TLV("\x80" "12345"), "source_subaddress=0x803132333435",
         "source_subaddress=(6 octets)"},
        {0x1501, TLV("abcde"), "tlv.0x1501=0x6162636465", "tlv.0x1501=(5 octets)"},
        {0x1501, TLV("abcd"), "tlv.0x1501=0x61626364", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static const char head[] = "data_sm_resp seq=0 status=ROK ";

        dump_tlv(rows[i].tag, rows[i].value, false);
        check_text(slice_str(line + sizeof(head) - 1), rows[i].plain);
        dump_tlv(rows[i].tag, rows[i].value, true);
        check_text(slice_str(line + sizeof(head) - 1),
                   rows[i].masked ? rows[i].masked : rows[i].plain);
    }
}

static void
check_sm(struct pdu_sm sm, const char *want)
{
    struct pdu pdu = {.command_id = SMPP_DATA_SM, .body.sm = sm};

    pdu_dump(&pdu, line, sizeof(line));
    check_text(slice_str(line + strlen("data_sm seq=0 status=ROK source=0:0: dest=0:0:")), want);
}

static void
fields_in_words(void)
{
    static const struct {
        uint8_t esm_class;
        const char *want;
    } classes[] = {
        {0x00, ""},
        {0x01, " esm_class=1(datagram)"},
        {0x02, " esm_class=2(forward)"},
        {0x03, " esm_class=3(store)"},
        {0x04, " esm_class=4(receipt)"},
        {0x08, " esm_class=8(sme_ack)"},
        {0x10, " esm_class=0x10(user_ack)"},
        {0x18, " esm_class=0x18(abort)"},
        {0x20, " esm_class=0x20(intermediate)"},
        {0x3c, " esm_class=0x3c(reserved)"},
        {0x40, " esm_class=0x40(udhi)"},
        {0xc7, " esm_class=0xc7(store,receipt,udhi,reply_path)"},
    };
    static const struct {
        uint8_t data_coding;
        const char *want;
    } codings[] = {
        {0x00, ""},
        {0x01, " data_coding=1(ascii)"},
        {0x03, " data_coding=3(latin1)"},
        {0x04, " data_coding=4(binary)"},
        {0x08, " data_coding=8(ucs2)"},
        {0x0e, " data_coding=0x0e(ks_c5601)"},
        {0x0f, " data_coding=0x0f"},
        {0x18, " data_coding=0x18"},
        {0xc8, " data_coding=0xc8(message_waiting)"},
        {0xf0, " data_coding=0xf0(class0)"},
        {0xf5, " data_coding=0xf5(class1,8bit)"},
    };

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        check_sm((struct pdu_sm){.esm_class = classes[i].esm_class}, classes[i].want);
    for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++)
        check_sm((struct pdu_sm){.data_coding = codings[i].data_coding}, codings[i].want);
    check_sm((struct pdu_sm){.registered_delivery = 0x11},
             " registered_delivery=0x11(final,intermediate)");
    check_sm((struct pdu_sm){.registered_delivery = 0x0e},
             " registered_delivery=0x0e(failure,both_acks)");
    check_sm((struct pdu_sm){.registered_delivery = 0x07},
             " registered_delivery=7(success,delivery_ack)");
}

static void
statuses_by_name_or_number(void)
{
    struct pdu pdu = {.command_id = SMPP_SUBMIT_SM_RESP, .command_status = SMPP_RTHROTTLED};

    pdu_dump(&pdu, line, sizeof(line));
    check_text(slice_str(line), "submit_sm_resp seq=0 status=RTHROTTLED");
    pdu.command_status = 0x499;
    pdu_dump(&pdu, line, sizeof(line));
    check_text(slice_str(line), "submit_sm_resp seq=0 status=0x00000499");
    pdu = (struct pdu){.command_id = SMPP_QUERY_SM_RESP};
    pdu.body.query_result.message_state = 5;
    pdu_dump(&pdu, line, sizeof(line));
    check_text(slice_str(line), "query_sm_resp seq=0 status=ROK message_state=5(UNDELIV)");
}

/* Whatever a peer makes of its bind, and wherever that is cut: nothing of the password is shown. */
static void
b17_no_password_in_any_bind(void)
{
    static const char *const rows[] = {"B01", "B06", "B17", "B18", "C19"};
    static const char *const secrets[] = {"wrong", "aaaaaaaaa", "ret", "secret", "=y"};
    uint8_t buf[200];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t whole = smpp_row_get(rows[i], buf, sizeof(buf)).n;

        for (size_t n = PDU_HEADER_BYTES; n <= whole; n++) {
            for (int mode = PDU_STRICT; mode <= PDU_STRICT_OR_EMPTY; mode++) {
                struct pdu pdu;
                enum smpp_status status =
                    pdu_decode(slice_of(buf, n), (enum pdu_mode)mode, &pdu);

                /* A good bind whose system_type looks like half a password is one. */
                if (status == SMPP_ROK && strcmp(rows[i], "B17") == 0)
                    continue;
                pdu_dump(&pdu, line, sizeof(line));
                check(!says(secrets[i]));
                pdu_dump_masked(&pdu, line, sizeof(line));
                check(!says(secrets[i]));
            }
        }
    }
}

CHECK_MAIN({"every_field_of_every_pdu_is_named", every_field_of_every_pdu_is_named},
           {"every_known_tlv_is_named", every_known_tlv_is_named},
           {"tlvs_in_words", tlvs_in_words},
           {"fields_in_words", fields_in_words},
           {"statuses_by_name_or_number", statuses_by_name_or_number},
           {"b17_no_password_in_any_bind", b17_no_password_in_any_bind})
