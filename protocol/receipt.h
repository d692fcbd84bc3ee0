/*
 * receipt.h: delivery receipts (SMPP 3.4 appendix B and 5.3.2; conformance R1..R11).
 */
#ifndef TANDEM_RECEIPT_H
#define TANDEM_RECEIPT_H

#include "protocol/pdu.h"

/* R8. The numbers are message_state's own. */
enum receipt_state {
    RECEIPT_SCHEDULED,
    RECEIPT_ENROUTE,
    RECEIPT_DELIVERED,
    RECEIPT_EXPIRED,
    RECEIPT_DELETED,
    RECEIPT_UNDELIVERABLE,
    RECEIPT_ACCEPTED,
    RECEIPT_UNKNOWN,
    RECEIPT_REJECTED,
    RECEIPT_SKIPPED,
    RECEIPT_STATES
};
/* "DELIVRD": at most 7 letters, as the text form has it. */
const char *receipt_state_name(enum receipt_state state);
/* By the specification, so ACCEPTED too; many carriers go on from there, which is for the link's
 * configuration to say. */
bool receipt_state_final(enum receipt_state state);
/* Reads any spelling that carriers use ("DELIVRD", "delivered", "FAILED"); false if nobody knows
 * it. */
bool receipt_state_of(struct slice name, enum receipt_state *out);

#define RECEIPT_ID_BYTES_MAX 64u
/* Of a text in UTF-16 so much is read: all fields are in front of the quoted text. */
#define RECEIPT_UTF8_BYTES 512u

struct receipt {
    struct slice id;                /* of the carrier's message; empty if none was found (R06) */
    enum receipt_state state;
    bool state_known;               /* false: none, or one nobody knows; state is UNKNOWN then */
    struct slice error;             /* the err: field, as it stands */
    uint8_t network_error_type;     /* 0 if there was no network_error_code */
    uint16_t network_error_code;
    struct slice submit_date;       /* as it stands: digits without a zone (T8) */
    struct slice done_date;
    struct slice text;
    bool has_reference;             /* user_message_reference: says which message an SME means */
    uint16_t reference;
    bool has_response;              /* user_response_code of a user ack */
    uint8_t response;
    uint8_t utf8[RECEIPT_UTF8_BYTES]; /* where the slices point to if the text was UTF-16 */
};

/* Is this deliver_sm or data_sm a receipt, an acknowledgement, a notification (R1)? Only esm_class
 * says so: a text that looks like a receipt is a text (R09). */
enum receipt_kind {
    RECEIPT_NONE,
    RECEIPT_FINAL,
    RECEIPT_SME_ACK,
    RECEIPT_USER_ACK,
    RECEIPT_ABORT,
    RECEIPT_INTERMEDIATE,
    RECEIPT_KINDS
};
enum receipt_kind receipt_kind(uint8_t esm_class);
const char *receipt_kind_name(enum receipt_kind kind);

/* Does the text begin "id:" and name a state? Some carriers send receipts as ordinary messages, and
 * only the link's configuration can say so (R1). */
bool receipt_looks(const struct pdu *pdu);

/*
 * Reads the TLVs and the text of a receipt; TLVs win (R3). Parsing of the text stops at "text:"
 * (R04).
 *
 * A field of the text is a known key in any case, a colon, and what follows up to a blank, comma,
 * semicolon or control character; the first of a kind wins, the order does not matter, unknown
 * words are passed over, and a state may stand without its key. An ID of more than 64 octets in the
 * text is none (R08), in the TLV it is cut there (T13). A message_state out of range is as if it
 * were not there (T14). The slices point into the PDU, or, if the text is UTF-16, into *out, which
 * therefore must stay where it is.
 *
 * An acknowledgement of an SME need not be in that form: if none of its fields is there, all of the
 * text is what the phone or the person answered.
 */
void receipt_parse(const struct pdu *pdu, struct receipt *out);

/* A date of a receipt in seconds since 1970: 10 digits YYMMDDhhmm, 12 with seconds or a four-digit
 * year, 14 with both. It has no zone: zone_s is how far the carrier's clock is ahead of UTC (T8).
 * Some send the 16 characters of a validity period, which have their own.
 * False if it is no date, so that the caller takes the time of arrival (R07). */
bool receipt_date(struct slice date, int32_t zone_s, uint64_t *out_s);

/* Seconds since 1970, written in UTC. */
struct receipt_times {
    uint64_t submit_s;
    uint64_t done_s;
};

/* The text form of R6; returns its length, 0 if cap is too small. At most 20 octets of text are
 * quoted, and no part of a UTF-8 character. An error that is no word of up to 8 letters and digits
 * is written 000. */
size_t receipt_format(const struct receipt *receipt, const struct receipt_times *times,
                      uint32_t submitted, uint32_t delivered, uint8_t *out, size_t cap);
#define RECEIPT_TEXT_BYTES_MAX 254u

/* R4: what a carrier's ID means. Two IDs of one message are equal after receipt_id_key() with their
 * own forms. */
enum receipt_id_form { RECEIPT_ID_TEXT, RECEIPT_ID_HEX, RECEIPT_ID_DECIMAL, RECEIPT_ID_FORMS };
const char *receipt_id_form_name(enum receipt_id_form form);
/* TEXT: the octets, folded to lower case. HEX (with or without 0x) and DECIMAL: the number in
 * lower-case hex without leading zeros, of any length; an ID that is no such number is taken as
 * text. Blanks and NULs around an ID do not count, nor anything after 64 octets. Returns the length
 * written (at most cap; cap >= 64). */
size_t receipt_id_key(enum receipt_id_form form, struct slice id, uint8_t *out, size_t cap);

#endif
