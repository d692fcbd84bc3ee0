/*
 * pdu_table.h: which fields each PDU has. Inside protocol/ only: the codec and its tests walk it.
 */
#ifndef TANDEM_PDU_TABLE_H
#define TANDEM_PDU_TABLE_H

#include "protocol/pdu.h"
#include "protocol/wire.h"

enum pdu_kind {
    PDU_U8,                         /* uint8_t */
    PDU_STRING,                     /* C-octet string: struct slice without the NUL */
    PDU_SECRET,                     /* a password: longer allowed, shown as *** */
    PDU_TIME,                       /* C-octet string of 0 or 16 characters */
    PDU_ADDRESS,                    /* TON, NPI, C-octet string: struct pdu_address */
    PDU_COUNTED,                    /* one octet of length, then so many octets: struct slice */
    PDU_DESTS,                      /* one octet of count, then destinations: struct pdu_list */
    PDU_FAILURES,                   /* the same of failed ones */
};

struct pdu_field {
    uint8_t kind;                   /* enum pdu_kind */
    uint8_t max;                    /* octets, with the NUL of strings */
    uint16_t offset;                /* in struct pdu */
    uint16_t error;                 /* the enum smpp_status that answers a field too long */
    const char *name;
};

enum pdu_flag {
    PDU_TOLERANT = 1,               /* never refused: responses, enquire_link, unbind */
    PDU_MESSAGE = 2,                /* a struct pdu_sm whose values strict mode checks */
    PDU_BIND = 4,                   /* struct pdu_bind with a password */
};

struct pdu_type {
    const struct pdu_field *fields;
    uint8_t count;
    uint8_t flags;
};

/* NULL if the command is unknown or one of those of 5.0 that Tandem does not speak (C05). */
const struct pdu_type *pdu_type_of(uint32_t command_id);
const char *pdu_kind_name(enum pdu_kind kind);

/* The two kinds of lists, pdu_multi.c. Strict refuses a list that cannot be read with the status
 * that says why; tolerant keeps the whole entries and moves to the end of the PDU if there is one
 * that is not. */
enum smpp_status pdu_dests_get(struct wire_reader *r, uint32_t max, struct pdu_list *out);
void pdu_failures_get(struct wire_reader *r, struct pdu_list *out);
/* Mark w as bad if the list is not what its count says. */
void pdu_dests_write(struct wire_writer *w, const struct pdu_list *list);
void pdu_failures_write(struct wire_writer *w, const struct pdu_list *list);

#endif
