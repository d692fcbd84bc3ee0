/*
 * addr.h: telephone addresses (conformance section 7, relay.md section 1).
 *
 * One subscriber has one struct addr, however the peer wrote the number, so that opt-outs,
 * conversations and queues find it: "+1 (309) 555-1212", 13095551212 with TON 1, 0013095551212, and
 * 3095551212 in a US account are one.
 *
 * How digits are read. "Fits" means: as long as a national number of the plan and not beginning
 * with its trunk prefix or 0 (where it has one). The first line that applies decides.
 *   1. Fewer than 7 digits: ADDR_SHORT.
 *   2. A leading +, or TON 1: international. Without a + the plan's international prefix or 00 may
 *      stand before it. A trunk 0 between the plan's own code and a number that fits then is
 *      dropped (+44 0 7700 900123). 7 to 15 digits that do not begin with 0 are ADDR_E164. Of what
 *      is left, TON 1 goes on as TON 0, and after a + it is ADDR_SHORT.
 *   3. TON 3 and TON 6: ADDR_SHORT.
 *   4. TON 2: with a plan, what fits after the trunk prefix, or as it is, is national, and what
 *      fits after the country code is international; else it goes on as TON 0. Without a plan:
 *      ADDR_SHORT.
 *   5. TON 0, TON 4, any other, and what people type:
 *      a. the plan's international prefix or 00, then 7 to 15 digits that do not begin with 0:
 *         ADDR_E164
 *      b. the plan's trunk prefix, then what fits: national
 *      c. the plan's country code, then what fits: international
 *      d. what fits as it is is national, unless the plan's trunk prefix is 0: where people always
 *         dial that 0, bare digits are a foreign number from a peer that leaves out the TON
 *      e. 7 to 15 digits (with a plan 9 to 15: shorter is local or a service) that do not begin
 *         with 0: ADDR_E164 as is
 *      f. ADDR_SHORT, compared as written
 */
#ifndef TANDEM_ADDR_H
#define TANDEM_ADDR_H

#include "protocol/pdu.h"

#define ADDR_CHARS_MAX 20u
#define ADDR_ALPHA_CHARS_MAX 11u    /* A3 */

enum addr_kind {
    ADDR_NONE,                      /* empty */
    ADDR_E164,                      /* 7 to 15 digits with country code */
    ADDR_SHORT,                     /* a short code or any other digits: compared as written */
    ADDR_ALPHA,                     /* an alphanumeric originator: never equal to a phone number */
    ADDR_KINDS
};
const char *addr_kind_name(enum addr_kind kind);

struct addr {
    uint8_t kind;                   /* enum addr_kind */
    uint8_t n;
    /* digits or letters, NUL-terminated for logs; unused octets are 0 */
    char text[ADDR_CHARS_MAX + 2];
};

/* The dialling plan of an account's country, for national forms (A5). ISO 3166 two-letter code;
 * NULL or unknown: none. */
struct addr_plan {
    char country[3];
    char code[4];                   /* "1", "44" */
    char trunk[4];                  /* national prefix: "0", "1", or "" */
    char international[5];          /* "00", "011" */
    uint8_t national_min, national_max; /* digits of a national significant number */
};
const struct addr_plan *addr_plan_of(const char *country);

enum addr_err { ADDR_OK, ADDR_EMPTY, ADDR_TOO_LONG, ADDR_BAD_CHARACTER, ADDR_ERRS };
const char *addr_err_name(enum addr_err err);

/* From the wire: TON decides (1 international, 2 national, 3/6 short, 5 alphanumeric; 0 and 4 by
 * the look of it). Digits and one leading + with any TON but 5; with TON 5 up to 11 printable ASCII
 * characters, whatever they look like (M10 to M15). plan may be NULL. On an error *out is
 * ADDR_NONE. */
enum addr_err addr_from_wire(const struct pdu_address *wire, const struct addr_plan *plan,
                             struct addr *out);
/* From a person or a file: blanks, dots, dashes, slashes, brackets and one leading + are forgiven,
 * a "(0)" after the + is passed over. Letters are not: for an alphanumeric originator use
 * addr_from_wire with TON 5. */
enum addr_err addr_from_text(struct slice text, const struct addr_plan *plan, struct addr *out);

/* To the wire: TON 1 NPI 1 digits; NPI 0 and the TON that the link wants for a short code; TON 5
 * NPI 0 (A2, A3). out->digits points into addr. */
#define ADDR_SHORT_TON SMPP_TON_NETWORK /* where nobody says otherwise */
void addr_to_wire(const struct addr *addr, uint8_t short_ton, struct pdu_address *out);
bool addr_eq(const struct addr *a, const struct addr *b);
/* "4477*****123": what may stand in a log line above debug. Short codes and letters are shown
 * whole. Returns buf. */
#define ADDR_MASKED_BYTES 24u
char *addr_masked(const struct addr *addr, char buf[ADDR_MASKED_BYTES]);

#endif
