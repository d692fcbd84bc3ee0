/*
 * pdu_table.c: the fields of each PDU in wire order (SMPP 3.4 section 4). Separate from pdu.c so
 * that the specification and the interpreter can each be read without the other.
 */
#include "protocol/pdu_table.h"

#define AT(member) ((uint16_t)offsetof(struct pdu, body.member))
#define U8(member, name) {PDU_U8, 1, AT(member), SMPP_RINVCMDLEN, name}
#define STRING(max, member, error, name) {PDU_STRING, max, AT(member), error, name}
#define SECRET(max, member, error, name) {PDU_SECRET, max, AT(member), error, name}
#define TIME(member, error, name) {PDU_TIME, SMPP_TIME_BYTES, AT(member), error, name}
#define ADDRESS(max, member, error, name) {PDU_ADDRESS, max, AT(member), error, name}
#define COUNTED(max, member, error, name) {PDU_COUNTED, max, AT(member), error, name}
#define LIST(kind, member, name) {kind, SMPP_DESTS_MAX, AT(member), SMPP_RINVNUMDESTS, name}

static const struct pdu_field bind_fields[] = {
    STRING(SMPP_SYSTEM_ID_BYTES, bind.system_id, SMPP_RINVSYSID, "system_id"),
    SECRET(SMPP_PASSWORD_BYTES, bind.password, SMPP_RINVPASWD, "password"),
    STRING(SMPP_SYSTEM_TYPE_BYTES, bind.system_type, SMPP_RINVSYSTYP, "system_type"),
    U8(bind.interface_version, "interface_version"),
    U8(bind.addr_ton, "addr_ton"),
    U8(bind.addr_npi, "addr_npi"),
    STRING(SMPP_ADDRESS_RANGE_BYTES, bind.address_range, SMPP_RINVTLVLEN, "address_range"),
};
static const struct pdu_field bind_resp_fields[] = {
    STRING(SMPP_SYSTEM_ID_BYTES, bind.system_id, SMPP_RINVSYSID, "system_id"),
};
static const struct pdu_field outbind_fields[] = {
    STRING(SMPP_SYSTEM_ID_BYTES, bind.system_id, SMPP_RINVSYSID, "system_id"),
    SECRET(SMPP_PASSWORD_BYTES, bind.password, SMPP_RINVPASWD, "password"),
};
static const struct pdu_field sm_fields[] = {
    STRING(SMPP_SERVICE_TYPE_BYTES, sm.service_type, SMPP_RINVSERTYP, "service_type"),
    ADDRESS(SMPP_ADDRESS_BYTES, sm.source, SMPP_RINVSRCADR, "source"),
    ADDRESS(SMPP_ADDRESS_BYTES, sm.dest, SMPP_RINVDSTADR, "dest"),
    U8(sm.esm_class, "esm_class"),
    U8(sm.protocol_id, "protocol_id"),
    U8(sm.priority_flag, "priority_flag"),
    TIME(sm.schedule_delivery_time, SMPP_RINVSCHED, "schedule_delivery_time"),
    TIME(sm.validity_period, SMPP_RINVEXPIRY, "validity_period"),
    U8(sm.registered_delivery, "registered_delivery"),
    U8(sm.replace_if_present_flag, "replace_if_present_flag"),
    U8(sm.data_coding, "data_coding"),
    U8(sm.sm_default_msg_id, "sm_default_msg_id"),
    COUNTED(SMPP_SHORT_MESSAGE_BYTES, sm.short_message, SMPP_RINVMSGLEN, "short_message"),
};
static const struct pdu_field multi_fields[] = {
    STRING(SMPP_SERVICE_TYPE_BYTES, sm.service_type, SMPP_RINVSERTYP, "service_type"),
    ADDRESS(SMPP_ADDRESS_BYTES, sm.source, SMPP_RINVSRCADR, "source"),
    LIST(PDU_DESTS, sm.dests, "dest"),
    U8(sm.esm_class, "esm_class"),
    U8(sm.protocol_id, "protocol_id"),
    U8(sm.priority_flag, "priority_flag"),
    TIME(sm.schedule_delivery_time, SMPP_RINVSCHED, "schedule_delivery_time"),
    TIME(sm.validity_period, SMPP_RINVEXPIRY, "validity_period"),
    U8(sm.registered_delivery, "registered_delivery"),
    U8(sm.replace_if_present_flag, "replace_if_present_flag"),
    U8(sm.data_coding, "data_coding"),
    U8(sm.sm_default_msg_id, "sm_default_msg_id"),
    COUNTED(SMPP_SHORT_MESSAGE_BYTES, sm.short_message, SMPP_RINVMSGLEN, "short_message"),
};
static const struct pdu_field multi_resp_fields[] = {
    STRING(SMPP_MESSAGE_ID_BYTES, multi_result.message_id, SMPP_RINVMSGID, "message_id"),
    LIST(PDU_FAILURES, multi_result.failures, "failed"),
};
static const struct pdu_field data_fields[] = {
    STRING(SMPP_SERVICE_TYPE_BYTES, sm.service_type, SMPP_RINVSERTYP, "service_type"),
    ADDRESS(SMPP_ADDRESS_DATA_BYTES, sm.source, SMPP_RINVSRCADR, "source"),
    ADDRESS(SMPP_ADDRESS_DATA_BYTES, sm.dest, SMPP_RINVDSTADR, "dest"),
    U8(sm.esm_class, "esm_class"),
    U8(sm.registered_delivery, "registered_delivery"),
    U8(sm.data_coding, "data_coding"),
};
static const struct pdu_field message_id_fields[] = {
    STRING(SMPP_MESSAGE_ID_BYTES, message_id, SMPP_RINVMSGID, "message_id"),
};
static const struct pdu_field query_fields[] = {
    STRING(SMPP_MESSAGE_ID_BYTES, query.message_id, SMPP_RINVMSGID, "message_id"),
    ADDRESS(SMPP_ADDRESS_BYTES, query.source, SMPP_RINVSRCADR, "source"),
};
static const struct pdu_field query_resp_fields[] = {
    STRING(SMPP_MESSAGE_ID_BYTES, query_result.message_id, SMPP_RINVMSGID, "message_id"),
    STRING(SMPP_TIME_BYTES, query_result.final_date, SMPP_RINVEXPIRY, "final_date"),
    U8(query_result.message_state, "message_state"),
    U8(query_result.error_code, "error_code"),
};
static const struct pdu_field cancel_fields[] = {
    STRING(SMPP_SERVICE_TYPE_BYTES, cancel.service_type, SMPP_RINVSERTYP, "service_type"),
    STRING(SMPP_MESSAGE_ID_BYTES, cancel.message_id, SMPP_RINVMSGID, "message_id"),
    ADDRESS(SMPP_ADDRESS_BYTES, cancel.source, SMPP_RINVSRCADR, "source"),
    ADDRESS(SMPP_ADDRESS_BYTES, cancel.dest, SMPP_RINVDSTADR, "dest"),
};
static const struct pdu_field replace_fields[] = {
    STRING(SMPP_MESSAGE_ID_BYTES, replace.message_id, SMPP_RINVMSGID, "message_id"),
    ADDRESS(SMPP_ADDRESS_BYTES, replace.source, SMPP_RINVSRCADR, "source"),
    TIME(replace.schedule_delivery_time, SMPP_RINVSCHED, "schedule_delivery_time"),
    TIME(replace.validity_period, SMPP_RINVEXPIRY, "validity_period"),
    U8(replace.registered_delivery, "registered_delivery"),
    U8(replace.sm_default_msg_id, "sm_default_msg_id"),
    COUNTED(SMPP_SHORT_MESSAGE_BYTES, replace.short_message, SMPP_RINVMSGLEN, "short_message"),
};
static const struct pdu_field alert_fields[] = {
    ADDRESS(SMPP_ADDRESS_DATA_BYTES, alert.source, SMPP_RINVSRCADR, "source"),
    ADDRESS(SMPP_ADDRESS_DATA_BYTES, alert.esme, SMPP_RINVDSTADR, "esme"),
};

#define TYPE(fields, flags) {fields, sizeof(fields) / sizeof(fields[0]), flags}

static const struct pdu_type type_empty = {NULL, 0, PDU_TOLERANT};
static const struct pdu_type type_bind = TYPE(bind_fields, PDU_BIND);
static const struct pdu_type type_bind_resp = TYPE(bind_resp_fields, PDU_TOLERANT);
static const struct pdu_type type_outbind = TYPE(outbind_fields, PDU_BIND);
static const struct pdu_type type_submit = TYPE(sm_fields, PDU_MESSAGE);
static const struct pdu_type type_deliver = TYPE(sm_fields, 0);
static const struct pdu_type type_data = TYPE(data_fields, PDU_MESSAGE);
static const struct pdu_type type_message_id = TYPE(message_id_fields, PDU_TOLERANT);
static const struct pdu_type type_query = TYPE(query_fields, 0);
static const struct pdu_type type_query_resp = TYPE(query_resp_fields, PDU_TOLERANT);
static const struct pdu_type type_cancel = TYPE(cancel_fields, 0);
static const struct pdu_type type_replace = TYPE(replace_fields, 0);
static const struct pdu_type type_alert = TYPE(alert_fields, 0);
static const struct pdu_type type_multi = TYPE(multi_fields, PDU_MESSAGE);
static const struct pdu_type type_multi_resp = TYPE(multi_resp_fields, PDU_TOLERANT);

const struct pdu_type *
pdu_type_of(uint32_t command_id)
{
    switch (command_id) {
    case SMPP_SUBMIT_SM:
        return &type_submit;
    case SMPP_DELIVER_SM:
        return &type_deliver;
    case SMPP_DATA_SM:
        return &type_data;
    case SMPP_SUBMIT_SM_RESP:
    case SMPP_DELIVER_SM_RESP:
    case SMPP_DATA_SM_RESP:
        return &type_message_id;
    case SMPP_ENQUIRE_LINK:
    case SMPP_ENQUIRE_LINK_RESP:
    case SMPP_UNBIND:
    case SMPP_UNBIND_RESP:
    case SMPP_CANCEL_SM_RESP:
    case SMPP_REPLACE_SM_RESP:
    case SMPP_GENERIC_NACK:
        return &type_empty;
    case SMPP_BIND_RECEIVER:
    case SMPP_BIND_TRANSMITTER:
    case SMPP_BIND_TRANSCEIVER:
        return &type_bind;
    case SMPP_BIND_RECEIVER_RESP:
    case SMPP_BIND_TRANSMITTER_RESP:
    case SMPP_BIND_TRANSCEIVER_RESP:
        return &type_bind_resp;
    case SMPP_OUTBIND:
        return &type_outbind;
    case SMPP_QUERY_SM:
        return &type_query;
    case SMPP_QUERY_SM_RESP:
        return &type_query_resp;
    case SMPP_CANCEL_SM:
        return &type_cancel;
    case SMPP_REPLACE_SM:
        return &type_replace;
    case SMPP_ALERT_NOTIFICATION:
        return &type_alert;
    case SMPP_SUBMIT_MULTI:
        return &type_multi;
    case SMPP_SUBMIT_MULTI_RESP:
        return &type_multi_resp;
    }
    return NULL;
}

const char *
pdu_kind_name(enum pdu_kind kind)
{
    static const char *const names[] = {
        "u8", "string", "secret", "time", "address", "counted", "dests", "failures",
    };

    return names[kind];
}
