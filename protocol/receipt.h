/*
 * receipt.h: delivery receipts (SMPP 3.4 appendix B and 5.3.2; conformance R1..R11).
 */
#ifndef TANDEM_RECEIPT_H
#define TANDEM_RECEIPT_H

#include "protocol/pdu.h"

/* R8. The numbers are message_state's own. */
enum receipt_state {
    RECEIPT_SCHEDULED, RECEIPT_ENROUTE, RECEIPT_DELIVERED, RECEIPT_EXPIRED, RECEIPT_DELETED, RECEIPT_UNDELIVERABLE,
    RECEIPT_ACCEPTED, RECEIPT_UNKNOWN, RECEIPT_REJECTED, RECEIPT_SKIPPED, RECEIPT_STATES
};
const char *receipt_state_name(enum receipt_state state); /* "DELIVRD": at most 7 letters, as the text form has it */
bool receipt_state_final(enum receipt_state state);

#define RECEIPT_ID_BYTES_MAX 64u

struct receipt {
    struct slice id;                /* of the carrier's message; empty if none could be found (R06) */
    enum receipt_state state;
    bool state_known;               /* false: no state, or one nobody knows; state is UNKNOWN then */
    struct slice error;             /* the err: field, as it stands */
    uint8_t network_error_type;     /* 0 if there was no network_error_code */
    uint16_t network_error_code;
    struct slice submit_date;       /* as it stands: digits without a zone (T8) */
    struct slice done_date;
    struct slice text;
};

/* Is this deliver_sm or data_sm a receipt, an acknowledgement, a notification (R1)? */
enum receipt_kind { RECEIPT_NONE, RECEIPT_FINAL, RECEIPT_SME_ACK, RECEIPT_USER_ACK, RECEIPT_ABORT, RECEIPT_INTERMEDIATE };
enum receipt_kind receipt_kind(uint8_t esm_class);

/* Reads the TLVs and the text of a receipt; TLVs win (R3). Parsing of the text stops at "text:" (R04). */
void receipt_parse(const struct pdu *pdu, struct receipt *out);

struct receipt_times { uint64_t submit_s; uint64_t done_s; }; /* seconds since 1970, written in UTC */
/* The text form of R6; returns its length, 0 if cap is too small. At most 20 octets of text are quoted. */
size_t receipt_format(const struct receipt *receipt, const struct receipt_times *times, uint32_t submitted,
                      uint32_t delivered, uint8_t *out, size_t cap);
#define RECEIPT_TEXT_BYTES_MAX 254u

/* R4: what a carrier's ID means. Two IDs of one message are equal after receipt_id_key() with their own forms. */
enum receipt_id_form { RECEIPT_ID_TEXT, RECEIPT_ID_HEX, RECEIPT_ID_DECIMAL, RECEIPT_ID_FORMS };
const char *receipt_id_form_name(enum receipt_id_form form);
/* TEXT: the octets, folded to lower case. HEX and DECIMAL: the number in lower-case hex without leading zeros, of any
 * length; an ID that is no such number is taken as text. Returns the length written (at most cap; cap >= 64). */
size_t receipt_id_key(enum receipt_id_form form, struct slice id, uint8_t *out, size_t cap);

#endif
