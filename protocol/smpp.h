/*
 * smpp.h: the numbers of SMPP 3.3, 3.4 and 5.0 and their names: commands, statuses, TLV tags,
 * field sizes.
 *
 * Each list is one X-macro table, so an enumerator and its name cannot drift apart. Names are those
 * of the specification without the ESME_ prefix.
 */
#ifndef TANDEM_SMPP_H
#define TANDEM_SMPP_H

#include <stdbool.h>
#include <stdint.h>

/* 3.4 section 5.1.2.1, 5.0 section 4.7.5: X(symbol, number, name) of a request; Y of what has no
 * response or is one. */
#define SMPP_COMMANDS(X, Y)                                                                       \
    X(BIND_RECEIVER, 0x00000001, "bind_receiver")                                                 \
    X(BIND_TRANSMITTER, 0x00000002, "bind_transmitter")                                           \
    X(QUERY_SM, 0x00000003, "query_sm")                                                           \
    X(SUBMIT_SM, 0x00000004, "submit_sm")                                                         \
    X(DELIVER_SM, 0x00000005, "deliver_sm")                                                       \
    X(UNBIND, 0x00000006, "unbind")                                                               \
    X(REPLACE_SM, 0x00000007, "replace_sm")                                                       \
    X(CANCEL_SM, 0x00000008, "cancel_sm")                                                         \
    X(BIND_TRANSCEIVER, 0x00000009, "bind_transceiver")                                           \
    Y(OUTBIND, 0x0000000B, "outbind")                                                             \
    X(ENQUIRE_LINK, 0x00000015, "enquire_link")                                                   \
    X(SUBMIT_MULTI, 0x00000021, "submit_multi")                                                   \
    Y(ALERT_NOTIFICATION, 0x00000102, "alert_notification")                                       \
    X(DATA_SM, 0x00000103, "data_sm")                                                             \
    X(BROADCAST_SM, 0x00000111, "broadcast_sm")                                                   \
    X(QUERY_BROADCAST_SM, 0x00000112, "query_broadcast_sm")                                       \
    X(CANCEL_BROADCAST_SM, 0x00000113, "cancel_broadcast_sm")                                     \
    Y(GENERIC_NACK, 0x80000000, "generic_nack")

#define SMPP_RESPONSE_BIT 0x80000000u

enum smpp_command {
#define SMPP_PAIR(symbol, number, name)                                                           \
    SMPP_##symbol = number##u, SMPP_##symbol##_RESP = number##u | SMPP_RESPONSE_BIT,
#define SMPP_SINGLE(symbol, number, name) SMPP_##symbol = number##u,
    SMPP_COMMANDS(SMPP_PAIR, SMPP_SINGLE)
#undef SMPP_PAIR
#undef SMPP_SINGLE
};

/* 3.4 section 5.1.3, 5.0 section 4.7.6 (0xC0..0xC4 under their 5.0 names; 0x100 and up are 5.0
 * only). */
#define SMPP_STATUSES(X)                                                                          \
    X(ROK, 0x00000000, "no error")                                                                \
    X(RINVMSGLEN, 0x00000001, "message length is invalid")                                        \
    X(RINVCMDLEN, 0x00000002, "command length is invalid")                                        \
    X(RINVCMDID, 0x00000003, "invalid command ID")                                                \
    X(RINVBNDSTS, 0x00000004, "incorrect bind status for given command")                          \
    X(RALYBND, 0x00000005, "already in bound state")                                              \
    X(RINVPRTFLG, 0x00000006, "invalid priority flag")                                            \
    X(RINVREGDLVFLG, 0x00000007, "invalid registered delivery flag")                              \
    X(RSYSERR, 0x00000008, "system error")                                                        \
    X(RINVSRCADR, 0x0000000A, "invalid source address")                                           \
    X(RINVDSTADR, 0x0000000B, "invalid destination address")                                      \
    X(RINVMSGID, 0x0000000C, "message ID is invalid")                                             \
    X(RBINDFAIL, 0x0000000D, "bind failed")                                                       \
    X(RINVPASWD, 0x0000000E, "invalid password")                                                  \
    X(RINVSYSID, 0x0000000F, "invalid system ID")                                                 \
    X(RCANCELFAIL, 0x00000011, "cancel_sm failed")                                                \
    X(RREPLACEFAIL, 0x00000013, "replace_sm failed")                                              \
    X(RMSGQFUL, 0x00000014, "message queue full")                                                 \
    X(RINVSERTYP, 0x00000015, "invalid service type")                                             \
    X(RINVNUMDESTS, 0x00000033, "invalid number of destinations")                                 \
    X(RINVDLNAME, 0x00000034, "invalid distribution list name")                                   \
    X(RINVDESTFLAG, 0x00000040, "invalid destination flag")                                       \
    X(RINVSUBREP, 0x00000042, "invalid submit with replace request")                              \
    X(RINVESMCLASS, 0x00000043, "invalid esm_class")                                              \
    X(RCNTSUBDL, 0x00000044, "cannot submit to distribution list")                                \
    X(RSUBMITFAIL, 0x00000045, "submit failed")                                                   \
    X(RINVSRCTON, 0x00000048, "invalid source address TON")                                       \
    X(RINVSRCNPI, 0x00000049, "invalid source address NPI")                                       \
    X(RINVDSTTON, 0x00000050, "invalid destination address TON")                                  \
    X(RINVDSTNPI, 0x00000051, "invalid destination address NPI")                                  \
    X(RINVSYSTYP, 0x00000053, "invalid system_type")                                              \
    X(RINVREPFLAG, 0x00000054, "invalid replace_if_present flag")                                 \
    X(RINVNUMMSGS, 0x00000055, "invalid number of messages")                                      \
    X(RTHROTTLED, 0x00000058, "throttling error")                                                 \
    X(RINVSCHED, 0x00000061, "invalid scheduled delivery time")                                   \
    X(RINVEXPIRY, 0x00000062, "invalid validity period")                                          \
    X(RINVDFTMSGID, 0x00000063, "predefined message is invalid or not found")                     \
    X(RX_T_APPN, 0x00000064, "receiver temporary application error")                              \
    X(RX_P_APPN, 0x00000065, "receiver permanent application error")                              \
    X(RX_R_APPN, 0x00000066, "receiver rejected the message")                                     \
    X(RQUERYFAIL, 0x00000067, "query_sm failed")                                                  \
    X(RINVTLVSTREAM, 0x000000C0, "error in the optional part of the PDU body")                    \
    X(RTLVNOTALLWD, 0x000000C1, "TLV not allowed")                                                \
    X(RINVTLVLEN, 0x000000C2, "invalid parameter length")                                         \
    X(RMISSINGTLV, 0x000000C3, "expected TLV missing")                                            \
    X(RINVTLVVAL, 0x000000C4, "invalid TLV value")                                                \
    X(RDELIVERYFAILURE, 0x000000FE, "transaction delivery failure")                               \
    X(RUNKNOWNERR, 0x000000FF, "unknown error")                                                   \
    X(RSERTYPUNAUTH, 0x00000100, "not authorised to use this service type")                       \
    X(RPROHIBITED, 0x00000101, "prohibited from using this operation")                            \
    X(RSERTYPUNAVAIL, 0x00000102, "service type is unavailable")                                  \
    X(RSERTYPDENIED, 0x00000103, "service type is denied")                                        \
    X(RINVDCS, 0x00000104, "invalid data coding scheme")                                          \
    X(RINVSRCADDRSUBUNIT, 0x00000105, "source address subunit is invalid")                        \
    X(RINVDSTADDRSUBUNIT, 0x00000106, "destination address subunit is invalid")                   \
    X(RINVBCASTFREQINT, 0x00000107, "broadcast frequency interval is invalid")                    \
    X(RINVBCASTALIAS_NAME, 0x00000108, "broadcast alias name is invalid")                         \
    X(RINVBCASTAREAFMT, 0x00000109, "broadcast area format is invalid")                           \
    X(RINVNUMBCAST_AREAS, 0x0000010A, "number of broadcast areas is invalid")                     \
    X(RINVBCASTCNTTYPE, 0x0000010B, "broadcast content type is invalid")                          \
    X(RINVBCASTMSGCLASS, 0x0000010C, "broadcast message class is invalid")                        \
    X(RBCASTFAIL, 0x0000010D, "broadcast_sm failed")                                              \
    X(RBCASTQUERYFAIL, 0x0000010E, "query_broadcast_sm failed")                                   \
    X(RBCASTCANCELFAIL, 0x0000010F, "cancel_broadcast_sm failed")                                 \
    X(RINVBCAST_REP, 0x00000110, "number of repeated broadcasts is invalid")                      \
    X(RINVBCASTSRVGRP, 0x00000111, "broadcast service group is invalid")                          \
    X(RINVBCASTCHANIND, 0x00000112, "broadcast channel indicator is invalid")

enum smpp_status {
#define SMPP_ONE(symbol, number, text) SMPP_##symbol = number,
    SMPP_STATUSES(SMPP_ONE)
#undef SMPP_ONE
};

/* 3.4 section 5.3.2, 5.0 section 4.8.4: X(symbol, tag, name, shortest value, longest value, may it
 * be repeated?). Where 3.4 and 5.0 differ on a length, both are allowed. */
#define SMPP_TAGS(X)                                                                              \
    X(DEST_ADDR_SUBUNIT, 0x0005, "dest_addr_subunit", 1, 1, false)                                \
    X(DEST_NETWORK_TYPE, 0x0006, "dest_network_type", 1, 1, false)                                \
    X(DEST_BEARER_TYPE, 0x0007, "dest_bearer_type", 1, 1, false)                                  \
    X(DEST_TELEMATICS_ID, 0x0008, "dest_telematics_id", 2, 2, false)                              \
    X(SOURCE_ADDR_SUBUNIT, 0x000D, "source_addr_subunit", 1, 1, false)                            \
    X(SOURCE_NETWORK_TYPE, 0x000E, "source_network_type", 1, 1, false)                            \
    X(SOURCE_BEARER_TYPE, 0x000F, "source_bearer_type", 1, 1, false)                              \
    X(SOURCE_TELEMATICS_ID, 0x0010, "source_telematics_id", 1, 2, false)                          \
    X(QOS_TIME_TO_LIVE, 0x0017, "qos_time_to_live", 4, 4, false)                                  \
    X(PAYLOAD_TYPE, 0x0019, "payload_type", 1, 1, false)                                          \
    X(ADDITIONAL_STATUS_INFO_TEXT, 0x001D, "additional_status_info_text", 1, 256, false)          \
    X(RECEIPTED_MESSAGE_ID, 0x001E, "receipted_message_id", 1, 65, false)                         \
    X(MS_MSG_WAIT_FACILITIES, 0x0030, "ms_msg_wait_facilities", 1, 1, false)                      \
    X(PRIVACY_INDICATOR, 0x0201, "privacy_indicator", 1, 1, false)                                \
    X(SOURCE_SUBADDRESS, 0x0202, "source_subaddress", 2, 23, false)                               \
    X(DEST_SUBADDRESS, 0x0203, "dest_subaddress", 2, 23, false)                                   \
    X(USER_MESSAGE_REFERENCE, 0x0204, "user_message_reference", 2, 2, false)                      \
    X(USER_RESPONSE_CODE, 0x0205, "user_response_code", 1, 1, false)                              \
    X(SOURCE_PORT, 0x020A, "source_port", 2, 2, false)                                            \
    X(DESTINATION_PORT, 0x020B, "destination_port", 2, 2, false)                                  \
    X(SAR_MSG_REF_NUM, 0x020C, "sar_msg_ref_num", 2, 2, false)                                    \
    X(LANGUAGE_INDICATOR, 0x020D, "language_indicator", 1, 1, false)                              \
    X(SAR_TOTAL_SEGMENTS, 0x020E, "sar_total_segments", 1, 1, false)                              \
    X(SAR_SEGMENT_SEQNUM, 0x020F, "sar_segment_seqnum", 1, 1, false)                              \
    X(SC_INTERFACE_VERSION, 0x0210, "sc_interface_version", 1, 1, false)                          \
    X(CALLBACK_NUM_PRES_IND, 0x0302, "callback_num_pres_ind", 1, 1, true)                         \
    X(CALLBACK_NUM_ATAG, 0x0303, "callback_num_atag", 0, 65, true)                                \
    X(NUMBER_OF_MESSAGES, 0x0304, "number_of_messages", 1, 1, false)                              \
    X(CALLBACK_NUM, 0x0381, "callback_num", 4, 19, true)                                          \
    X(DPF_RESULT, 0x0420, "dpf_result", 1, 1, false)                                              \
    X(SET_DPF, 0x0421, "set_dpf", 1, 1, false)                                                    \
    X(MS_AVAILABILITY_STATUS, 0x0422, "ms_availability_status", 1, 1, false)                      \
    X(NETWORK_ERROR_CODE, 0x0423, "network_error_code", 3, 3, false)                              \
    X(MESSAGE_PAYLOAD, 0x0424, "message_payload", 0, 65535, false)                                \
    X(DELIVERY_FAILURE_REASON, 0x0425, "delivery_failure_reason", 1, 1, false)                    \
    X(MORE_MESSAGES_TO_SEND, 0x0426, "more_messages_to_send", 1, 1, false)                        \
    X(MESSAGE_STATE, 0x0427, "message_state", 1, 1, false)                                        \
    X(CONGESTION_STATE, 0x0428, "congestion_state", 1, 1, false)                                  \
    X(USSD_SERVICE_OP, 0x0501, "ussd_service_op", 1, 1, false)                                    \
    X(BROADCAST_CHANNEL_INDICATOR, 0x0600, "broadcast_channel_indicator", 1, 1, false)            \
    X(BROADCAST_CONTENT_TYPE, 0x0601, "broadcast_content_type", 3, 3, false)                      \
    X(BROADCAST_CONTENT_TYPE_INFO, 0x0602, "broadcast_content_type_info", 1, 255, false)          \
    X(BROADCAST_MESSAGE_CLASS, 0x0603, "broadcast_message_class", 1, 1, false)                    \
    X(BROADCAST_REP_NUM, 0x0604, "broadcast_rep_num", 2, 2, false)                                \
    X(BROADCAST_FREQUENCY_INTERVAL, 0x0605, "broadcast_frequency_interval", 3, 3, false)          \
    X(BROADCAST_AREA_IDENTIFIER, 0x0606, "broadcast_area_identifier", 1, 65535, true)             \
    X(BROADCAST_ERROR_STATUS, 0x0607, "broadcast_error_status", 4, 4, true)                       \
    X(BROADCAST_AREA_SUCCESS, 0x0608, "broadcast_area_success", 1, 1, true)                       \
    X(BROADCAST_END_TIME, 0x0609, "broadcast_end_time", 16, 17, false)                            \
    X(BROADCAST_SERVICE_GROUP, 0x060A, "broadcast_service_group", 1, 255, false)                  \
    X(BILLING_IDENTIFICATION, 0x060B, "billing_identification", 1, 1024, false)                   \
    X(SOURCE_NETWORK_ID, 0x060D, "source_network_id", 7, 65, false)                               \
    X(DEST_NETWORK_ID, 0x060E, "dest_network_id", 7, 65, false)                                   \
    X(SOURCE_NODE_ID, 0x060F, "source_node_id", 6, 6, false)                                      \
    X(DEST_NODE_ID, 0x0610, "dest_node_id", 6, 6, false)                                          \
    X(DEST_ADDR_NP_RESOLUTION, 0x0611, "dest_addr_np_resolution", 1, 1, false)                    \
    X(DEST_ADDR_NP_INFORMATION, 0x0612, "dest_addr_np_information", 10, 10, false)                \
    X(DEST_ADDR_NP_COUNTRY, 0x0613, "dest_addr_np_country", 1, 5, false)                          \
    X(DISPLAY_TIME, 0x1201, "display_time", 1, 1, false)                                          \
    X(SMS_SIGNAL, 0x1203, "sms_signal", 2, 2, false)                                              \
    X(MS_VALIDITY, 0x1204, "ms_validity", 1, 4, false)                                            \
    X(ALERT_ON_MESSAGE_DELIVERY, 0x130C, "alert_on_message_delivery", 0, 1, false)                \
    X(ITS_REPLY_TYPE, 0x1380, "its_reply_type", 1, 1, false)                                      \
    X(ITS_SESSION_INFO, 0x1383, "its_session_info", 2, 2, false)

/* Tags that vendors give a meaning of their own (3.4 section 5.3.2). */
#define SMPP_TAG_VENDOR_FIRST 0x1400u
#define SMPP_TAG_VENDOR_LAST 0x3FFFu

enum smpp_tag {
#define SMPP_ONE(symbol, number, name, min, max, repeatable) SMPP_TAG_##symbol = number,
    SMPP_TAGS(SMPP_ONE)
#undef SMPP_ONE
};

struct smpp_tag_info {
    uint16_t tag;
    bool repeatable;                /* may stand in one PDU more than once with different values */
    uint16_t min, max;              /* octets of the value */
    const char *name;
};

/* interface_version. 3.3 means: send no TLVs, message IDs of at most 8 octets (B7). */
#define SMPP_VERSION_33 0x33u
#define SMPP_VERSION_34 0x34u
#define SMPP_VERSION_50 0x50u

/* Field maxima in octets, WITH the NUL of C-octet strings (conformance section 2). */
#define SMPP_SYSTEM_ID_BYTES 16u
#define SMPP_PASSWORD_BYTES 9u
#define SMPP_PASSWORD_LONG_BYTES 65u    /* where an account or a link sets long_password */
#define SMPP_SYSTEM_TYPE_BYTES 13u
#define SMPP_ADDRESS_RANGE_BYTES 41u
#define SMPP_SERVICE_TYPE_BYTES 6u
#define SMPP_ADDRESS_BYTES 21u
#define SMPP_ADDRESS_DATA_BYTES 65u     /* data_sm and alert_notification */
#define SMPP_MESSAGE_ID_BYTES 65u
#define SMPP_MESSAGE_ID_33_BYTES 9u     /* towards a peer of version 3.3 */
#define SMPP_TIME_BYTES 17u
#define SMPP_DL_NAME_BYTES 21u
#define SMPP_SHORT_MESSAGE_BYTES 254u   /* octets, no NUL */
#define SMPP_SHORT_MESSAGE_50_BYTES 255u
#define SMPP_MESSAGE_PAYLOAD_BYTES 65535u
#define SMPP_DESTS_MAX 254u
#define SMPP_DESTS_50_MAX 255u

/* esm_class (3.4 section 5.2.12). */
#define SMPP_ESM_MODE_MASK 0x03u
#define SMPP_ESM_MODE_DEFAULT 0x00u
#define SMPP_ESM_MODE_DATAGRAM 0x01u
#define SMPP_ESM_MODE_FORWARD 0x02u
#define SMPP_ESM_MODE_STORE 0x03u
#define SMPP_ESM_TYPE_MASK 0x3Cu
#define SMPP_ESM_RECEIPT 0x04u
#define SMPP_ESM_DELIVERY_ACK 0x08u
#define SMPP_ESM_USER_ACK 0x10u
#define SMPP_ESM_ABORT 0x18u
#define SMPP_ESM_INTERMEDIATE 0x20u
#define SMPP_ESM_UDHI 0x40u
#define SMPP_ESM_REPLY_PATH 0x80u

/* registered_delivery (3.4 section 5.2.17). */
#define SMPP_REGISTERED_MASK 0x03u
#define SMPP_REGISTERED_NONE 0x00u
#define SMPP_REGISTERED_FINAL 0x01u
#define SMPP_REGISTERED_FAILURE 0x02u
#define SMPP_REGISTERED_SUCCESS 0x03u   /* reserved in 3.4, success only in 5.0 */
#define SMPP_REGISTERED_ACK_MASK 0x0Cu
#define SMPP_REGISTERED_INTERMEDIATE 0x10u

/* Type of number, numbering plan (3.4 sections 5.2.5 and 5.2.6). */
enum smpp_ton {
    SMPP_TON_UNKNOWN, SMPP_TON_INTERNATIONAL, SMPP_TON_NATIONAL, SMPP_TON_NETWORK,
    SMPP_TON_SUBSCRIBER, SMPP_TON_ALPHANUMERIC, SMPP_TON_ABBREVIATED, SMPP_TONS
};
#define SMPP_NPIS(X)                                                                              \
    X(UNKNOWN, 0, "unknown")                                                                      \
    X(ISDN, 1, "isdn")                                                                            \
    X(DATA, 3, "data")                                                                            \
    X(TELEX, 4, "telex")                                                                          \
    X(LAND_MOBILE, 6, "land_mobile")                                                              \
    X(NATIONAL, 8, "national")                                                                    \
    X(PRIVATE, 9, "private")                                                                      \
    X(ERMES, 10, "ermes")                                                                         \
    X(INTERNET, 14, "internet")                                                                   \
    X(WAP, 18, "wap")

enum smpp_npi {
#define SMPP_ONE(symbol, number, name) SMPP_NPI_##symbol = number,
    SMPP_NPIS(SMPP_ONE)
#undef SMPP_ONE
};

/* All names are static; what is not known is NULL, so that the caller can print the number. */
const char *smpp_command_name(uint32_t command_id);
const char *smpp_status_name(uint32_t status);  /* "RINVDSTADR" */
const char *smpp_status_text(uint32_t status);  /* "invalid destination address" */
const char *smpp_ton_name(uint32_t ton);
const char *smpp_npi_name(uint32_t npi);
const struct smpp_tag_info *smpp_tag_info(uint16_t tag);
const char *smpp_tag_name(uint16_t tag);
/* The other way, for tables in configuration ("RTHROTTLED", in any case, with or without ESME_);
 * false if there is no such name. */
bool smpp_status_by_name(const char *name, uint32_t *status);

bool smpp_is_response(uint32_t command_id);     /* generic_nack counts as one (F9) */
bool smpp_is_bind(uint32_t command_id);         /* the three bind requests */
/* Does this version of the protocol have optional parameters (B7)? */
bool smpp_version_has_tlvs(uint8_t interface_version);

#endif
