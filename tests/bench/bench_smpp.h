/*
 * bench_smpp.h: what the load tools share of SMPP: sending binds and responses, and where things
 * stand in a message. The templates come from protocol/pdu.h; only what differs from message to
 * message is patched in, which is why these tools cost so little.
 */
#ifndef TANDEM_BENCH_SMPP_H
#define TANDEM_BENCH_SMPP_H

#include "protocol/smpp.h"
#include "protocol/wire.h"
#include "tests/bench/bench_loop.h"

#define BENCH_RESPONSE 0x80000000u
/* Where a stamped message says when it was due, in ns of the monotonic clock. */
#define BENCH_STAMP_AT 11u
#define BENCH_STAMP_DIGITS 19u

static inline uint32_t
bench_command(struct slice pdu)
{
    return wire_u32(pdu.p + 4);
}

static inline uint32_t
bench_status(struct slice pdu)
{
    return wire_u32(pdu.p + 8);
}

static inline uint32_t
bench_sequence(struct slice pdu)
{
    return wire_u32(pdu.p + 12);
}

static inline void
bench_set_u32(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 24);
    p[1] = (uint8_t)(value >> 16);
    p[2] = (uint8_t)(value >> 8);
    p[3] = (uint8_t)value;
}

/* Decimal digits, zeros in front. */
void bench_set_digits(uint8_t *p, size_t digits, uint64_t value);
/* Puts a header alone. */
void bench_put_header(struct bench_loop *loop, struct bench_peer *peer, uint32_t command,
                      uint32_t status, uint32_t sequence);
/* Puts the response to a request, with a message_id of n octets (0: an empty one). */
void bench_put_response(struct bench_loop *loop, struct bench_peer *peer, struct slice request,
                        struct slice message_id);
void bench_put_bind(struct bench_loop *loop, struct bench_peer *peer, uint32_t command,
                    const char *system_id, const char *password);
/* Answers what every peer must answer (bind, enquire_link, unbind); false if it was none of them.
 * A bind is accepted whoever asks. */
bool bench_housekeeping(struct bench_loop *loop, struct bench_peer *peer, struct slice pdu);

/* The parts of a submit_sm or deliver_sm that these tools look at; false if there is no message. */
struct bench_sm {
    struct slice source, dest, text;
    uint8_t esm_class, registered_delivery;
};
bool bench_sm(struct slice pdu, struct bench_sm *out);

#endif
