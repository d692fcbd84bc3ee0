/*
 * frame.c: see frame.h. Separate from the codec because framing is all that the I/O thread needs to
 * know before it has a whole PDU, and because its errors end the connection while the codec's do
 * not.
 */
#include "protocol/frame.h"

#include "protocol/pdu.h"
#include "protocol/wire.h"

enum frame_result
frame_next(struct slice in, size_t max, struct slice *pdu, uint32_t *sequence)
{
    uint32_t length;

    if (in.n < 4)
        return FRAME_NEED;
    length = wire_u32(in.p);
    if (length < PDU_HEADER_BYTES) {
        *sequence = 0;
        return FRAME_BAD;
    }
    if (in.n < PDU_HEADER_BYTES)
        return FRAME_NEED;
    if (length > max) {
        *sequence = wire_u32(in.p + 12);
        return FRAME_BAD;
    }
    if (in.n < length)
        return FRAME_NEED;
    *pdu = slice_of(in.p, length);
    return FRAME_PDU;
}

const char *
frame_foreign(struct slice in)
{
    static const struct {
        const char *start;
        const char *what;
    } known[] = {
        {"GET ", "an HTTP request"},      {"POST", "an HTTP request"},
        {"HEAD", "an HTTP request"},      {"PUT ", "an HTTP request"},
        {"OPTI", "an HTTP request"},      {"DELE", "an HTTP request"},
        {"CONN", "an HTTP request"},      {"PRI ", "an HTTP/2 preface"},
        {"HTTP", "an HTTP response"},     {"SSH-", "an SSH greeting"},
        {"PROX", "a PROXY protocol line"}, {"\r\n\r\n", "a PROXY protocol header"},
        {"EHLO", "an SMTP client"},       {"220 ", "an SMTP or FTP server"},
    };

    if (in.n < 4)
        return NULL;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (memcmp(in.p, known[i].start, 4) == 0)
            return known[i].what;
    }
    /* Handshake record or alert, any version of SSL 3 or TLS. */
    if (in.p[0] == 0x16 && in.p[1] == 0x03)
        return "a TLS ClientHello on a port without TLS";
    if (in.p[0] == 0x15 && in.p[1] == 0x03)
        return "a TLS alert on a port without TLS";
    return NULL;
}

const char *
frame_result_name(enum frame_result result)
{
    switch (result) {
    case FRAME_NEED:
        return "need";
    case FRAME_PDU:
        return "pdu";
    case FRAME_BAD:
        return "bad";
    }
    return "?";
}
