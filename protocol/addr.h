/*
 * addr.h: telephone addresses (conformance section 7, relay.md section 1).
 *
 * One subscriber has one struct addr, however the peer wrote the number, so that opt-outs, conversations and queues find
 * it: "+1 (309) 555-1212", 13095551212 with TON 1, 0013095551212, and 3095551212 in a US account are one.
 */
#ifndef TANDEM_ADDR_H
#define TANDEM_ADDR_H

#include "protocol/pdu.h"

#define ADDR_CHARS_MAX 20u

enum addr_kind {
    ADDR_NONE,                      /* empty */
    ADDR_E164,                      /* 7 to 15 digits with country code */
    ADDR_SHORT,                     /* a short code or any other digits: compared as written */
    ADDR_ALPHA,                     /* an alphanumeric originator: never equal to a phone number */
};

struct addr {
    uint8_t kind;                   /* enum addr_kind */
    uint8_t n;
    char text[ADDR_CHARS_MAX + 2];  /* digits or letters, NUL-terminated for logs; unused octets are 0 */
};

/* The dialling plan of an account's country, for national forms (A5). ISO 3166 two-letter code; NULL or unknown: none. */
struct addr_plan {
    char country[3];
    char code[4];                   /* "1", "44" */
    char trunk[4];                  /* national prefix: "0", "1", or "" */
    char international[4];          /* "00", "011" */
    uint8_t national_min, national_max; /* digits of a national significant number */
};
const struct addr_plan *addr_plan_of(const char *country);

enum addr_err { ADDR_OK, ADDR_EMPTY, ADDR_TOO_LONG, ADDR_BAD_CHARACTER };

/* From the wire: TON decides (1 international, 2 national, 3/6 short, 5 alphanumeric; 0 and 4 by the look of it). */
enum addr_err addr_from_wire(const struct pdu_address *wire, const struct addr_plan *plan, struct addr *out);
/* From a person or a file: blanks, dots, dashes, slashes, brackets and one leading + are forgiven. */
enum addr_err addr_from_text(struct slice text, const struct addr_plan *plan, struct addr *out);

/* To the wire: TON 1 NPI 1 digits; TON 3 NPI 0 for a short code unless the link says otherwise; TON 5 NPI 0 (A2, A3).
 * out->digits points into addr. */
void addr_to_wire(const struct addr *addr, struct pdu_address *out);
bool addr_eq(const struct addr *a, const struct addr *b);
/* "4477*****123": what may stand in a log line above debug. Returns buf. */
#define ADDR_MASKED_BYTES 24u
char *addr_masked(const struct addr *addr, char buf[ADDR_MASKED_BYTES]);

#endif
