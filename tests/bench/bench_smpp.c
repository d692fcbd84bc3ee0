/*
 * bench_smpp.c: the SMPP of the load tools, as little of it as a load needs.
 */
#include "tests/bench/bench_smpp.h"

#include "protocol/pdu.h"

void
bench_set_digits(uint8_t *p, size_t digits, uint64_t value)
{
    while (digits-- > 0) {
        p[digits] = (uint8_t)('0' + value % 10);
        value /= 10;
    }
}

void
bench_put_header(struct bench_loop *loop, struct bench_peer *peer, uint32_t command,
                 uint32_t status, uint32_t sequence)
{
    uint8_t *p = bench_put(loop, peer, PDU_HEADER_BYTES);

    bench_set_u32(p, PDU_HEADER_BYTES);
    bench_set_u32(p + 4, command);
    bench_set_u32(p + 8, status);
    bench_set_u32(p + 12, sequence);
}

void
bench_put_response(struct bench_loop *loop, struct bench_peer *peer, struct slice request,
                   struct slice message_id)
{
    size_t n = PDU_HEADER_BYTES + message_id.n + 1;
    uint8_t *p = bench_put(loop, peer, n);

    bench_set_u32(p, (uint32_t)n);
    bench_set_u32(p + 4, bench_command(request) | BENCH_RESPONSE);
    bench_set_u32(p + 8, SMPP_ROK);
    bench_set_u32(p + 12, bench_sequence(request));
    if (message_id.n > 0)
        memcpy(p + PDU_HEADER_BYTES, message_id.p, message_id.n);
    p[n - 1] = 0;
}

void
bench_put_bind(struct bench_loop *loop, struct bench_peer *peer, uint32_t command,
               const char *system_id, const char *password)
{
    struct pdu pdu = {.command_id = command, .sequence_number = ++peer->sequence};
    uint8_t buf[256];
    size_t n;

    pdu.body.bind.system_id = slice_str(system_id);
    pdu.body.bind.password = slice_str(password);
    pdu.body.bind.interface_version = SMPP_VERSION_34;
    n = pdu_encode(&pdu, buf, sizeof(buf));
    if (n == 0)
        bench_die("the bind's fields are too long");
    memcpy(bench_put(loop, peer, n), buf, n);
}

bool
bench_housekeeping(struct bench_loop *loop, struct bench_peer *peer, struct slice pdu)
{
    uint32_t command = bench_command(pdu);

    if (smpp_is_bind(command)) {
        bench_put_response(loop, peer, pdu, SLICE_LIT("bench"));
        peer->bound = true;
        return true;
    }
    if (command == SMPP_ENQUIRE_LINK || command == SMPP_UNBIND) {
        bench_put_header(loop, peer, command | BENCH_RESPONSE, SMPP_ROK, bench_sequence(pdu));
        if (command == SMPP_UNBIND)
            peer->bound = false;
        return true;
    }
    return command == SMPP_ENQUIRE_LINK_RESP || command == SMPP_UNBIND_RESP ||
           command == SMPP_GENERIC_NACK;
}

bool
bench_sm(struct slice pdu, struct bench_sm *out)
{
    struct wire_reader r = wire_reader(slice_of(pdu.p + 16, pdu.n - 16));
    struct slice skipped;

    if (!wire_get_cstring(&r, 6, &skipped))
        return false;
    wire_get_bytes(&r, 2);
    if (!wire_get_cstring(&r, 21, &out->source))
        return false;
    wire_get_bytes(&r, 2);
    if (!wire_get_cstring(&r, 21, &out->dest))
        return false;
    out->esm_class = wire_get_u8(&r);
    wire_get_bytes(&r, 2);
    if (!wire_get_cstring(&r, 17, &skipped) || !wire_get_cstring(&r, 17, &skipped))
        return false;
    out->registered_delivery = wire_get_u8(&r);
    wire_get_bytes(&r, 3);
    out->text = wire_get_bytes(&r, wire_get_u8(&r));
    return !r.bad;
}
