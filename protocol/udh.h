/*
 * udh.h: the user data header in front of a message (3GPP TS 23.040 9.2.3.24), and concatenation in
 * all its forms (conformance L2..L6, rows U01..U16 of bad-input.md).
 */
#ifndef TANDEM_UDH_H
#define TANDEM_UDH_H

#include "protocol/pdu.h"

/* UDH_EMPTY: not even a length octet (U01). UDH_TOO_LONG: longer than the message (U02).
 * UDH_IE_OVERRUN: an element runs past the header (U04). UDH_IE_LENGTH: a concatenation element of
 * a wrong length (U05). */
enum udh_err { UDH_OK, UDH_EMPTY, UDH_TOO_LONG, UDH_IE_OVERRUN, UDH_IE_LENGTH, UDH_ERRS };
const char *udh_err_name(enum udh_err err);

struct concat {
    uint16_t reference;
    uint8_t total;                  /* 0: not one of several parts */
    uint8_t index;                  /* 1..total */
    bool wide;                      /* a 16-bit reference */
};

struct udh {
    struct slice header;            /* without the length octet */
    struct slice text;              /* what follows the header */
    struct concat concat;
};

/* Walks all information elements in any order; the last concatenation element wins (U14), an
 * impossible one (part 0, or past the total) is ignored (U06..U08); part 1 of 1 is a whole message
 * and total is 0. After UDH_IE_LENGTH *out is as if the element were not there. After any other
 * error out->text is the whole input and there is no header, so that nothing a person wrote is lost
 * where the header is no header. */
enum udh_err udh_parse(struct slice user_data, struct udh *out);

/* How this PDU says that it is one of several parts: UDH if esm_class says so, else the three sar_*
 * TLVs if all are there and agree (U15, U16, L4); text is the message without the header. The sar_*
 * TLVs count too beside a good header that has no concatenation element. */
enum udh_err udh_of_pdu(const struct pdu *pdu, struct udh *out);

/* A header made of a sender's own elements (ports, national languages 0x24 and 0x25, whatever
 * else) and the concatenation of what it was split into or joined from; an app's header stays what
 * it was (E8). */

/* The elements of a header that was understood, without those of concatenation, octet by octet as
 * they came; returns their length. out has room for header.n octets. */
size_t udh_other_elements(struct slice header, uint8_t *out);
/* Writes the length octet, a concatenation element if concat->total > 1, and the elements; returns
 * the length, 0 if that would be more than UDH_BYTES_MAX or cap. Neither concatenation nor
 * elements: 0 too, for such a message needs no header. */
#define UDH_BYTES_MAX 140u
size_t udh_put(const struct concat *concat, struct slice elements, uint8_t *out, size_t cap);

#define UDH_CONCAT_BYTES_MAX 7u
/* Writes the length octet and one concatenation element; returns 6 (8-bit reference) or 7. */
size_t udh_put_concat(const struct concat *concat, uint8_t *out);

#endif
