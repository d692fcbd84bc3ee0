/*
 * pdu.h: SMPP PDUs, octets <-> structs (SMPP 3.4 section 4, 5.0 section 4).
 *
 * One table of fields per PDU ({kind, maximum, offset, name, error status}) and one interpreter for
 * decode, encode and dump. Nothing allocates; decoded slices point into the caller's octets and
 * live as long as those do. C-octet strings are slices without their NUL.
 *
 * A PDU is understood whole or refused with the status that its answer must carry (conformance rows
 * F10..F16, and the M, L, T, B rows of bad-input.md). TLVs stay where they are: a validated region
 * that is walked with tlv_next(), so any number of unknown ones costs nothing and passes through
 * unchanged.
 */
#ifndef TANDEM_PDU_H
#define TANDEM_PDU_H

#include "protocol/slice.h"
#include "protocol/smpp.h"

#define PDU_HEADER_BYTES 16u
#define PDU_BYTES_MAX 65536u        /* F4: a text of 255 parts needs 39,015 octets */
#define PDU_BYTES_MAX_UNBOUND 1024u /* before bind: a bind with every field full needs 125 */
#define PDU_TLVS_MAX 64u            /* T12: more is refused with 0xC0 */
#define PDU_TEXT_BYTES_MAX 39015u   /* T10: 255 parts of 153; no longer text can be sent */

struct pdu_address {
    uint8_t ton;
    uint8_t npi;
    struct slice digits;            /* as on the wire, without the NUL */
};

/* bind_transmitter, bind_receiver, bind_transceiver; system_id alone for the responses. */
struct pdu_bind {
    struct slice system_id;
    struct slice password;
    struct slice system_type;
    uint8_t interface_version;
    uint8_t addr_ton;
    uint8_t addr_npi;
    struct slice address_range;
};

/* The counted lists of submit_multi (destinations) and of its response (those that failed): whole
 * entries in wire order, walked with pdu_dest_next() or pdu_failure_next(). */
struct pdu_list {
    uint8_t count;
    struct slice region;            /* count entries, without the octet that counts them */
};

/* submit_sm, deliver_sm, submit_multi (which has dests and no dest), and data_sm (which has no
 * protocol_id, priority, times, replace, sm_default and no short_message: those are 0 or empty
 * here). */
struct pdu_sm {
    struct slice service_type;
    struct pdu_address source;
    struct pdu_address dest;
    uint8_t esm_class;
    uint8_t protocol_id;
    uint8_t priority_flag;
    struct slice schedule_delivery_time;
    struct slice validity_period;
    uint8_t registered_delivery;
    uint8_t replace_if_present_flag;
    uint8_t data_coding;
    uint8_t sm_default_msg_id;
    struct slice short_message;
    struct pdu_list dests;          /* of submit_multi only */
};

struct pdu_multi_result {           /* submit_multi_resp */
    struct slice message_id;        /* the same member as body.message_id */
    struct pdu_list failures;
};

struct pdu_query {                  /* query_sm */
    struct slice message_id;
    struct pdu_address source;
};

struct pdu_query_result {           /* query_sm_resp */
    struct slice message_id;
    struct slice final_date;
    uint8_t message_state;
    uint8_t error_code;
};

struct pdu_cancel {
    struct slice service_type;
    struct slice message_id;
    struct pdu_address source;
    struct pdu_address dest;
};

struct pdu_replace {
    struct slice message_id;
    struct pdu_address source;
    struct slice schedule_delivery_time;
    struct slice validity_period;
    uint8_t registered_delivery;
    uint8_t sm_default_msg_id;
    struct slice short_message;
};

struct pdu_alert {                  /* alert_notification */
    struct pdu_address source;
    struct pdu_address esme;
};

struct pdu {
    uint32_t command_id;            /* enum smpp_command, or an unknown one */
    uint32_t command_status;
    uint32_t sequence_number;
    union {
        struct pdu_bind bind;       /* bind_*; outbind (two fields); bind_*_resp (system_id) */
        struct pdu_sm sm;
        struct slice message_id;    /* submit_sm_resp, deliver_sm_resp, data_sm_resp */
        struct pdu_query query;
        struct pdu_query_result query_result;
        struct pdu_cancel cancel;
        struct pdu_replace replace;
        struct pdu_alert alert;
        struct pdu_multi_result multi_result;
    } body;
    struct slice tlvs;              /* the validated TLV region, in wire order */
};

struct tlv {
    uint16_t tag;
    struct slice value;
};

/* How forgiving to be: strict towards apps, who can mend their code; lenient towards carriers,
 * where a refusal loses a person's text (bad-input.md, general rules). Lenient drops a broken
 * TLV region, or the broken TLV, and goes on; strict also checks the values of the fields of
 * submit_sm and data_sm (M18..M25). The third is strict but lets a message without text pass
 * (L05, option allow_empty). The last is strict with a peer that speaks 5.0, which allows more:
 * priority 4, registered_delivery 3 (success only), a short_message of 255 octets, 255
 * destinations, and the text of a replace_sm in message_payload. */
enum pdu_mode { PDU_STRICT, PDU_LENIENT, PDU_STRICT_OR_EMPTY, PDU_STRICT_50 };

/*
 * Decodes one whole PDU (framing has checked that raw.n equals command_length). Returns SMPP_ROK,
 * or the command_status with which the request must be answered; the header fields of *out are
 * filled in either case. An unknown command_id is SMPP_RINVCMDID. A response with status other than
 * 0 may have no body (F18); a response whose body is missing or longer than it should be is
 * accepted, and so are enquire_link and unbind with a body.
 *
 * A password of 9 to 64 octets gives SMPP_RINVPASWD (B06), but only if nothing else is wrong, and
 * *out is filled whole: an owner whose account allows long passwords takes that as SMPP_ROK. A
 * message_id too long for a response is cut, for nobody can be told. Of a TLV that stands twice the
 * first counts; two that differ are an error in strict mode (T08).
 *
 * submit_multi is refused as a whole only for a list that cannot be read (X01, X02, a list name
 * that is empty or too long); what else is wrong with one destination is for the owner to say in
 * the response, see pdu_dest_status(). Of the failures in a response the whole ones are kept.
 */
enum smpp_status pdu_decode(struct slice raw, enum pdu_mode mode, struct pdu *out);

/*
 * Encodes *pdu into buf, and its length into command_length. tlvs is copied as it is (build it with
 * tlv_put). A response with a status other than 0 is encoded as the bare header (3.4 section 4.1.2
 * note), but one of a data_sm that has TLVs to say why is encoded whole. Returns the length, or 0
 * if it does not fit, a field is longer than its maximum, a C-octet string has a NUL in it, or
 * nobody knows the command_id. The command_status of a request is written as 0. Passwords may be
 * long: see pdu_decode().
 */
size_t pdu_encode(const struct pdu *pdu, uint8_t *buf, size_t cap);

/* Overwrites the sequence_number of an encoded PDU. */
void pdu_set_sequence(uint8_t *encoded, uint32_t sequence_number);

/* Walks a TLV region: start with rest = pdu.tlvs; false at the end or at a TLV that runs past
 * it. Known TLVs of an impossible length, which lenient decoding leaves in the region, are
 * passed over (T05). */
bool tlv_next(struct slice *rest, struct tlv *out);
/* The first TLV with this tag (F16: the first wins). */
bool tlv_find(struct slice tlvs, uint16_t tag, struct tlv *out);
/* A TLV value as a big-endian number of 1, 2 or 4 octets; false if absent or of another length. */
bool tlv_number(struct slice tlvs, uint16_t tag, uint32_t *out);
/* Appends one TLV to a buffer of capacity cap that holds *used octets; false if it does not fit. */
bool tlv_put(uint8_t *buf, size_t cap, size_t *used, uint16_t tag, struct slice value);
/* Copies the vendors' TLVs of a region in their order, as many as fit; returns their octets. */
size_t tlv_copy_vendor(struct slice tlvs, uint8_t *buf, size_t cap);

enum pdu_dest_flag { PDU_DEST_SME = 1, PDU_DEST_LIST = 2 };

/* A destination of submit_multi: a number, or the name of a distribution list. */
struct pdu_dest {
    uint8_t flag;                   /* enum pdu_dest_flag */
    struct pdu_address address;     /* PDU_DEST_SME */
    struct slice list_name;         /* PDU_DEST_LIST */
};

/* A number that submit_multi could not be sent to, and why. */
struct pdu_failure {
    struct pdu_address address;
    uint32_t status;
};

/* Walk a list: start with rest = list.region; false at the end or at an entry that cannot be
 * read. */
bool pdu_dest_next(struct slice *rest, struct pdu_dest *out);
bool pdu_failure_next(struct slice *rest, struct pdu_failure *out);
/* Append one entry to a list whose region is in a buffer of capacity cap; false, and the list as it
 * was, if it does not fit, the list is full (SMPP_DESTS_50_MAX), or the entry cannot be written. */
bool pdu_dest_put(uint8_t *buf, size_t cap, struct pdu_list *list, const struct pdu_dest *dest);
bool pdu_failure_put(uint8_t *buf, size_t cap, struct pdu_list *list,
                     const struct pdu_failure *failure);
/* Is a destination that was read one that a message can be sent to, as far as TON and NPI say (M20,
 * M21)? Its digits and lists are for the owner to look up. */
enum smpp_status pdu_dest_status(const struct pdu_dest *dest);
#define PDU_DEST_BYTES_MAX (3u + SMPP_ADDRESS_BYTES)
#define PDU_FAILURE_BYTES_MAX (2u + SMPP_ADDRESS_BYTES + 4u)

/*
 * One line in words for the PDU trace and error logs: "submit_sm seq=5 status=ROK
 * source=1:1:4477... ...". Passwords are shown as "***". Octets outside printable ASCII are
 * escaped. Returns the length written, always terminated.
 */
size_t pdu_dump(const struct pdu *pdu, char *buf, size_t cap);
/* The same without texts and with "4477*****123" for addresses: what may stand in a log above
 * debug. */
size_t pdu_dump_masked(const struct pdu *pdu, char *buf, size_t cap);

/* Overwrites the password of a PDU with '*', in place: for records of what was on the wire. If the
 * PDU may have one and cannot be read, everything behind its header. */
void pdu_hide_secrets(uint8_t *octets, size_t n);

/* The text of a message: message_payload if it is present and short_message is empty, else
 * short_message (L5). */
struct slice pdu_text(const struct pdu *pdu);

#endif
