/*
 * smpp_test.c: the numbers of SMPP and their names.
 */
#include "protocol/smpp.h"

#include "tests/unit/check.h"

static void
commands_have_the_numbers_of_the_specification(void)
{
    static const struct {
        uint32_t id;
        uint32_t number;
        const char *name;
    } all[] = {
        {SMPP_GENERIC_NACK, 0x80000000, "generic_nack"},
        {SMPP_BIND_RECEIVER, 0x1, "bind_receiver"},
        {SMPP_BIND_RECEIVER_RESP, 0x80000001, "bind_receiver_resp"},
        {SMPP_BIND_TRANSMITTER_RESP, 0x80000002, "bind_transmitter_resp"},
        {SMPP_QUERY_SM, 0x3, "query_sm"},
        {SMPP_SUBMIT_SM, 0x4, "submit_sm"},
        {SMPP_SUBMIT_SM_RESP, 0x80000004, "submit_sm_resp"},
        {SMPP_DELIVER_SM, 0x5, "deliver_sm"},
        {SMPP_UNBIND, 0x6, "unbind"},
        {SMPP_REPLACE_SM, 0x7, "replace_sm"},
        {SMPP_CANCEL_SM, 0x8, "cancel_sm"},
        {SMPP_BIND_TRANSCEIVER, 0x9, "bind_transceiver"},
        {SMPP_OUTBIND, 0xB, "outbind"},
        {SMPP_ENQUIRE_LINK, 0x15, "enquire_link"},
        {SMPP_SUBMIT_MULTI, 0x21, "submit_multi"},
        {SMPP_ALERT_NOTIFICATION, 0x102, "alert_notification"},
        {SMPP_DATA_SM, 0x103, "data_sm"},
        {SMPP_DATA_SM_RESP, 0x80000103, "data_sm_resp"},
        {SMPP_CANCEL_BROADCAST_SM, 0x113, "cancel_broadcast_sm"},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        check_number(all[i].id, all[i].number);
        check(smpp_command_name(all[i].id) != NULL);
        check_text(slice_str(smpp_command_name(all[i].id)), all[i].name);
    }
    check(smpp_command_name(0x0A) == NULL);
    check(smpp_command_name(0x8000000B) == NULL);
    check(smpp_is_response(SMPP_GENERIC_NACK));
    check(!smpp_is_response(SMPP_OUTBIND));
    check(smpp_is_bind(SMPP_BIND_TRANSCEIVER));
    check(!smpp_is_bind(SMPP_BIND_TRANSCEIVER_RESP));
    check(!smpp_is_bind(SMPP_OUTBIND));
}

static void
statuses_have_the_numbers_of_the_specification(void)
{
    static const struct {
        uint32_t status;
        uint32_t number;
        const char *name;
    } all[] = {
        {SMPP_RINVMSGLEN, 0x1, "RINVMSGLEN"},     {SMPP_RINVSRCADR, 0xA, "RINVSRCADR"},
        {SMPP_RBINDFAIL, 0xD, "RBINDFAIL"},       {SMPP_RMSGQFUL, 0x14, "RMSGQFUL"},
        {SMPP_RINVSERTYP, 0x15, "RINVSERTYP"},    {SMPP_RSUBMITFAIL, 0x45, "RSUBMITFAIL"},
        {SMPP_RTHROTTLED, 0x58, "RTHROTTLED"},    {SMPP_RX_T_APPN, 0x64, "RX_T_APPN"},
        {SMPP_RQUERYFAIL, 0x67, "RQUERYFAIL"},    {SMPP_RINVTLVSTREAM, 0xC0, "RINVTLVSTREAM"},
        {SMPP_RINVTLVVAL, 0xC4, "RINVTLVVAL"},    {SMPP_RUNKNOWNERR, 0xFF, "RUNKNOWNERR"},
        {SMPP_RINVDCS, 0x104, "RINVDCS"},
        {SMPP_RINVBCASTCHANIND, 0x112, "RINVBCASTCHANIND"},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        uint32_t status = 0;

        check_number(all[i].status, all[i].number);
        check_text(slice_str(smpp_status_name(all[i].number)), all[i].name);
        check(smpp_status_text(all[i].number) != NULL);
        check(smpp_status_by_name(all[i].name, &status));
        check_number(status, all[i].number);
    }
    check(smpp_status_name(0x09) == NULL);
    check(smpp_status_text(0x400) == NULL);
    check(!smpp_status_by_name("RNONE", &(uint32_t){0}));
}

static void
every_status_name_is_found_again(void)
{
    for (uint32_t number = 0; number < 0x200; number++) {
        const char *name = smpp_status_name(number);
        uint32_t status = UINT32_MAX;

        if (!name)
            continue;
        check(smpp_status_by_name(name, &status));
        check_number(status, number);
    }
}

static void
every_tag_has_sane_limits(void)
{
    for (uint32_t tag = 0; tag <= UINT16_MAX; tag++) {
        const struct smpp_tag_info *info = smpp_tag_info((uint16_t)tag);

        if (!info) {
            check(smpp_tag_name((uint16_t)tag) == NULL);
            continue;
        }
        check_number(info->tag, tag);
        check(info->min <= info->max);
        check(smpp_tag_name((uint16_t)tag) == info->name);
    }
    check_number(SMPP_TAG_USER_MESSAGE_REFERENCE, 0x0204);
    check_number(SMPP_TAG_RECEIPTED_MESSAGE_ID, 0x001E);
    check_number(SMPP_TAG_SC_INTERFACE_VERSION, 0x0210);
    check_number(SMPP_TAG_MESSAGE_PAYLOAD, 0x0424);
    check(smpp_tag_info(0x1501) == NULL);
}

static void
ton_and_npi_have_names_only_if_defined(void)
{
    static const uint8_t npis[] = {0, 1, 3, 4, 6, 8, 9, 10, 14, 18};
    size_t known = 0;

    check(smpp_ton_name(6) != NULL);
    check(smpp_ton_name(7) == NULL);
    for (uint32_t npi = 0; npi < 256; npi++) {
        if (!smpp_npi_name(npi))
            continue;
        check(known < sizeof(npis));
        check_number(npi, npis[known]);
        known++;
    }
    check_number(known, sizeof(npis));
}

static void
b7_versions_up_to_33_have_no_tlvs(void)
{
    check(!smpp_version_has_tlvs(0x00));
    check(!smpp_version_has_tlvs(SMPP_VERSION_33));
    check(smpp_version_has_tlvs(SMPP_VERSION_34));
    check(smpp_version_has_tlvs(SMPP_VERSION_50));
    check(smpp_version_has_tlvs(0xFF));
}

CHECK_MAIN(
    {"commands_have_the_numbers_of_the_specification",
     commands_have_the_numbers_of_the_specification},
    {"statuses_have_the_numbers_of_the_specification",
     statuses_have_the_numbers_of_the_specification},
    {"every_status_name_is_found_again", every_status_name_is_found_again},
    {"every_tag_has_sane_limits", every_tag_has_sane_limits},
    {"ton_and_npi_have_names_only_if_defined", ton_and_npi_have_names_only_if_defined},
    {"b7_versions_up_to_33_have_no_tlvs", b7_versions_up_to_33_have_no_tlvs})
