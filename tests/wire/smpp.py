"""SMPP 3.4 for the simulated peers: bytes <-> dictionaries, and a session over asyncio streams.

Written from the specification and sharing nothing with the daemon, so that a mistake in the
daemon's codec is not repeated here. Decoding is strict: what breaks the standard raises PduError,
and the simulated peers report it.
"""

import asyncio
import socket
import struct
import traceback

from bell import patient

BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 0x1, 0x2, 0x9
SUBMIT_SM, DELIVER_SM, UNBIND, ENQUIRE_LINK = 0x4, 0x5, 0x6, 0x15
DATA_SM, QUERY_SM, SUBMIT_MULTI, GENERIC_NACK = 0x103, 0x3, 0x21, 0x80000000
OUTBIND, ALERT_NOTIFICATION = 0xB, 0x102
RESP = 0x80000000
BIND_KINDS = {BIND_RECEIVER: "receiver", BIND_TRANSMITTER: "transmitter",
              BIND_TRANSCEIVER: "transceiver"}

ROK, RINVMSGLEN, RINVCMDLEN, RINVCMDID, RINVBNDSTS, RALYBND = 0x0, 0x1, 0x2, 0x3, 0x4, 0x5
RSYSERR, RBINDFAIL, RMSGQFUL, RTHROTTLED = 0x8, 0xD, 0x14, 0x58
RETRYABLE = {0x08, 0x14, 0x45, 0x58, 0x64, 0x67, 0xFE, 0xFF}

NAMES = {
    0x1: "bind_receiver", 0x2: "bind_transmitter", 0x3: "query_sm", 0x4: "submit_sm",
    0x5: "deliver_sm", 0xB: "outbind", 0x102: "alert_notification",
    0x6: "unbind", 0x9: "bind_transceiver", 0x15: "enquire_link", 0x21: "submit_multi",
    0x103: "data_sm",
}

TAG_RECEIPTED_ID, TAG_STATE, TAG_PAYLOAD, TAG_USER_REF = 0x001E, 0x0427, 0x0424, 0x0204
TAG_FAILURE_REASON = 0x0425
TAG_SAR_REF, TAG_SAR_TOTAL, TAG_SAR_SEQ, TAG_SC_VERSION = 0x020C, 0x020E, 0x020F, 0x0210
TAG_CONGESTION = 0x0428
FIXED_TLVS = {TAG_STATE: 1, TAG_USER_REF: 2, TAG_SAR_REF: 2, TAG_SAR_TOTAL: 1, TAG_SAR_SEQ: 1,
              TAG_SC_VERSION: 1}

BIND_FIELDS = (("system_id", 16), ("password", 9), ("system_type", 13), ("interface_version", 0),
               ("addr_ton", 0), ("addr_npi", 0), ("address_range", 41))
SM_FIELDS = (("service_type", 6), ("source_addr_ton", 0), ("source_addr_npi", 0),
             ("source_addr", 21),
             ("dest_addr_ton", 0), ("dest_addr_npi", 0), ("destination_addr", 21), ("esm_class", 0),
             ("protocol_id", 0), ("priority_flag", 0), ("schedule_delivery_time", 17),
             ("validity_period", 17),
             ("registered_delivery", 0), ("replace_if_present_flag", 0), ("data_coding", 0),
             ("sm_default_msg_id", 0), ("short_message", -1))
# of each PDU: name and maximum with NUL; 0 is one octet, -1 a length octet and as many octets
FIELDS = {
    BIND_RECEIVER: BIND_FIELDS, BIND_TRANSMITTER: BIND_FIELDS, BIND_TRANSCEIVER: BIND_FIELDS,
    BIND_RECEIVER | RESP: (("system_id", 16),), BIND_TRANSMITTER | RESP: (("system_id", 16),),
    BIND_TRANSCEIVER | RESP: (("system_id", 16),),
    SUBMIT_SM: SM_FIELDS, DELIVER_SM: SM_FIELDS,
    SUBMIT_SM | RESP: (("message_id", 65),), DELIVER_SM | RESP: (("message_id", 65),),
    DATA_SM | RESP: (("message_id", 65),),
    OUTBIND: (("system_id", 16), ("password", 9)),
    DATA_SM: (("service_type", 6), ("source_addr_ton", 0), ("source_addr_npi", 0),
              ("source_addr", 65), ("dest_addr_ton", 0), ("dest_addr_npi", 0),
              ("destination_addr", 65), ("esm_class", 0), ("registered_delivery", 0),
              ("data_coding", 0)),
    UNBIND: (), UNBIND | RESP: (), ENQUIRE_LINK: (), ENQUIRE_LINK | RESP: (), GENERIC_NACK: (),
}


def command_name(command):
    base = NAMES.get(command & 0x7FFFFFFF)
    if command == GENERIC_NACK:
        return "generic_nack"
    if base is None:
        return "0x%08x" % command
    return base + ("_resp" if command & RESP else "")


class PduError(Exception):
    """The bytes are no PDU of the standard."""


class Pdu:
    """One PDU: command, status, seq, its fields by name, and TLVs in wire order as (tag,
    octets)."""

    def __init__(self, command, status=0, seq=0, fields=None, tlvs=(), body=None):
        self.command, self.status, self.seq = command, status, seq
        self.fields = dict(fields or {})
        self.tlvs = list(tlvs)
        # octets of a PDU that this module has no table for, or that is to be sent as it is
        self.body = body

    def __getattr__(self, name):
        try:
            return self.__dict__["fields"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __repr__(self):
        return "%s status=0x%x seq=%d %s %s" % (command_name(self.command), self.status, self.seq,
                                                self.fields or self.body or "", self.tlvs or "")

    def tlv(self, tag):
        for have, value in self.tlvs:
            if have == tag:
                return value
        return None

    def response(self, status=0, **fields):
        return Pdu(self.command | RESP, status, self.seq, fields)

    def encode(self):
        body = self.body if self.body is not None else self._encode_body()
        return struct.pack(">IIII", 16 + len(body), self.command, self.status, self.seq) + body

    def _encode_body(self):
        if self.command & RESP and self.status != 0:
            return b""  # an error response has no body
        out = bytearray()
        for name, limit in FIELDS.get(self.command, ()):
            value = self.fields.get(name, b"" if limit else 0)
            if limit == 0:
                out.append(value)
            elif limit == -1:
                out.append(len(value))
                out += value
            else:
                out += value.encode("latin-1") if isinstance(value, str) else value
                out.append(0)
        for tag, value in self.tlvs:
            out += struct.pack(">HH", tag, len(value)) + value
        return bytes(out)


def multi_body(source, destinations, text, receipt):
    """The body of a submit_multi in GSM; a destination that is no number is a list's name."""
    body = b"\0\1\1" + source.encode() + b"\0" + bytes([len(destinations)])
    for one in destinations:
        body += b"\1\1\1" if one.isdigit() else b"\2"
        body += one.encode() + b"\0"
    return body + bytes([0, 0, 0, 0, 0, receipt, 0, 0, 0, len(text)]) + text


def multi_result(body):
    """(message_id, [(address, status)], the TLVs' octets) of a submit_multi_resp."""
    message_id, rest = body.split(b"\0", 1)
    failed, count, rest = [], rest[0], rest[1:]
    for _ in range(count):
        end = rest.index(b"\0", 2)
        failed.append((rest[2:end].decode(), int.from_bytes(rest[end + 1:end + 5], "big")))
        rest = rest[end + 5:]
    return message_id.decode(), failed, rest


def decode(raw):
    """The PDU in raw, one whole PDU with its header."""
    length, command, status, seq = struct.unpack(">IIII", raw[:16])
    if length != len(raw):
        raise PduError("command_length %d, got %d octets" % (length, len(raw)))
    pdu = Pdu(command, status, seq)
    if command not in FIELDS:
        pdu.body = raw[16:]
        return pdu
    if command & RESP and len(raw) == 16:
        return pdu  # a response may come without its body
    at = _decode_fields(pdu, raw, 16)
    _decode_tlvs(pdu, raw, at)
    return pdu


def _decode_fields(pdu, raw, at):
    for name, limit in FIELDS[pdu.command]:
        if at >= len(raw):
            raise PduError("%s ends before %s" % (command_name(pdu.command), name))
        if limit == 0:
            pdu.fields[name] = raw[at]
            at += 1
        elif limit == -1:
            size = raw[at]
            if at + 1 + size > len(raw) or size > 254:
                raise PduError("sm_length %d does not fit" % size)
            pdu.fields[name] = raw[at + 1:at + 1 + size]
            at += 1 + size
        else:
            end = raw.find(b"\0", at, at + limit)
            if end < 0:
                raise PduError("%s longer than %d octets or without NUL" % (name, limit))
            pdu.fields[name] = raw[at:end].decode("latin-1")
            at = end + 1
    return at


def _decode_tlvs(pdu, raw, at):
    while at < len(raw):
        if at + 4 > len(raw):
            raise PduError("%d octets after the last field are no TLV" % (len(raw) - at))
        tag, size = struct.unpack(">HH", raw[at:at + 4])
        if at + 4 + size > len(raw):
            raise PduError("TLV 0x%04x runs past the end" % tag)
        if FIXED_TLVS.get(tag, size) != size:
            raise PduError("TLV 0x%04x has length %d" % (tag, size))
        pdu.tlvs.append((tag, raw[at + 4:at + 4 + size]))
        at += 4 + size


class Session:
    """One SMPP connection, either side. Requests of the peer go to handler.on_request(session,
    pdu), in order; a generic_nack for no request of ours to on_nack(), broken rules to
    on_violation(), the end to on_close(session, orderly). A request of ours is a future of its
    response."""

    PDU_MAX = 65536

    def __init__(self, reader, writer, handler, label=""):
        self.reader, self.writer, self.handler, self.label = reader, writer, handler, label
        self.kind = None            # "transceiver", ... once bound
        self.closed = False
        self.unbound = False        # either side sent an unbind that was answered
        self.answers_enquiries = True
        self.version = 0x34         # below it the peer sends no TLVs
        self.swallows = False       # an app's: takes no deliver_sm
        self.enquired = 0           # enquire_links that the peer sent
        self.waiting = {}           # sequence number -> future of the response
        self.next_seq = 1
        self.reading = asyncio.Event()
        self.reading.set()          # cleared: a slow reader, TCP fills up
        self.counters = {}
        self.task = asyncio.ensure_future(self._read_loop())

    def send(self, pdu):
        self.send_raw(pdu.encode())

    def send_raw(self, octets):
        if not self.closed and not self.writer.transport.is_closing():
            self.writer.write(octets)

    def request(self, pdu):
        """Send a request under the next sequence number; the future ends with the response or
        ConnectionError."""
        pdu.seq = self.next_seq
        self.next_seq = self.next_seq % 0x7FFFFFFF + 1
        future = asyncio.get_event_loop().create_future()
        if self.closed:
            future.set_exception(ConnectionError("session is closed"))
            return future
        self.waiting[pdu.seq] = future
        self.send(pdu)
        return future

    async def ask(self, pdu, timeout=10.0):
        return await asyncio.wait_for(self.request(pdu), patient(timeout))

    async def unbind(self, timeout=5.0):
        self.unbound = True
        try:
            await self.ask(Pdu(UNBIND), timeout)
        except (ConnectionError, asyncio.TimeoutError):
            self.unbound = False
        self.close()

    def close(self, reset=False, rude=False):
        """End the connection: with FIN; at once with RST and whatever was still to be written
        lost (reset); or without waiting for the end of TLS, during which the kernel would go on
        acknowledging what is not read any more (rude)."""
        if self.closed:
            return
        self.closed = True
        sock = self.writer.get_extra_info("socket")
        if reset and sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if reset or rude:
            self.writer.transport.abort()
        else:
            self.writer.close()
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(ConnectionError("session closed"))
                future.exception()  # nobody may be waiting for this one
        self.waiting.clear()
        if self.task is not asyncio.current_task():
            self.task.cancel()
        self.handler.on_close(self, self.unbound)

    async def _read_loop(self):
        try:
            while True:
                await self.reading.wait()
                head = await self.reader.readexactly(16)
                length = struct.unpack(">I", head[:4])[0]
                if not 16 <= length <= self.PDU_MAX:
                    raise PduError("command_length %d" % length)
                raw = head + await self.reader.readexactly(length - 16)
                self._on_pdu(decode(raw))
        except (asyncio.IncompleteReadError, ConnectionError, OSError):
            pass
        except PduError as error:
            self.handler.on_violation(self, str(error))
        except Exception as error:  # a mistake of these tests must not look like a silent peer
            self.handler.on_violation(self,
                                      "the simulated peer failed: %s" % traceback.format_exc())
            raise error
        finally:
            self.close()

    def _on_pdu(self, pdu):
        name = command_name(pdu.command)
        self.counters[name] = self.counters.get(name, 0) + 1
        if self.version < 0x34 and (pdu.tlvs or len(pdu.fields.get("message_id", "")) > 8):
            self.handler.on_violation(self, "for a peer before 3.4: %r" % pdu)
        if pdu.command & RESP:
            if pdu.status == 0 and pdu.command & ~RESP in BIND_KINDS:
                # at once: a deliver_sm may stand right behind it
                self.kind = BIND_KINDS[pdu.command & ~RESP]
            future = self.waiting.pop(pdu.seq, None)
            if future is None and pdu.command == GENERIC_NACK:
                self.handler.on_nack(self, pdu)
            elif future is None:
                self.handler.on_violation(self, "%s for sequence %d, which is not outstanding" % (
                    name, pdu.seq))
            elif not future.done():
                future.set_result(pdu)
            return
        if not 1 <= pdu.seq <= 0x7FFFFFFF:
            self.handler.on_violation(self, "%s with sequence number 0x%x" % (name, pdu.seq))
        if pdu.command == ENQUIRE_LINK:
            self.enquired += 1
            if self.answers_enquiries:
                self.send(pdu.response())
        elif pdu.command == UNBIND:
            self.unbound = True
            self.send(pdu.response())
            self.close()
            return
        self.handler.on_request(self, pdu)
