/*
 * frame.h: cuts a byte stream into SMPP PDUs (SMPP 3.4 section 3.2; conformance F1..F5, rows
 * F00..F25).
 *
 * Nothing is copied and nothing is allocated from a length on the wire. The owner keeps the octets
 * that came in, asks again when more have come, and removes pdu.n octets after each FRAME_PDU.
 */
#ifndef TANDEM_FRAME_H
#define TANDEM_FRAME_H

#include "protocol/slice.h"

enum frame_result {
    FRAME_NEED,                     /* not a whole PDU yet */
    FRAME_PDU,                      /* *pdu is one whole PDU at the start of the input */
    FRAME_BAD,                      /* the stream cannot be trusted any more: answer generic_nack
                                     * RINVCMDLEN with *sequence, flush, close */
};

/*
 * Looks at the start of in. max is the longest PDU that is allowed now (PDU_BYTES_MAX_UNBOUND
 * before the bind). *sequence is set for FRAME_BAD: 0 if command_length is below 16, for then
 * nobody knows where the header ends; otherwise the header's, for which all 16 octets are waited
 * for.
 */
enum frame_result frame_next(struct slice in, size_t max, struct slice *pdu, uint32_t *sequence);

/* What a stream that made FRAME_BAD looks like, in words for the log ("an HTTP request"); NULL if
 * nothing known (F5). */
const char *frame_foreign(struct slice in);

const char *frame_result_name(enum frame_result result);

#endif
