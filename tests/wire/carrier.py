"""A simulated carrier: an SMSC that the gateway binds to, with phones attached, and switches to
misbehave.

What the gateway submits appears on the phones' screens; what is typed on a phone reaches a bound
receiver. Everything that breaks the standard is kept in `violations`, which a story must end
without.
"""

import asyncio
import re
import time
from collections import deque

import coding
import smpp
from delivery import DeliveryQueue
from phones import Bubble, Phone
from userdata import UserData

ALPHABETS = {"latin1": (3, "latin-1"), "ascii": (1, "ascii"), "ucs2": (8, "utf-16-be")}


class Carrier:
    def __init__(self, name, bell, ledger, phones=None):
        self.name, self.bell, self.ledger = name, bell, ledger
        self.system_id, self.password = "tandem", "secret"
        self.port, self.server = 0, None
        self.tls = None                 # an ssl.SSLContext: all connections are encrypted
        self.sessions = []              # all that are open, bound or not
        self.session_count = 0
        self.phones = {} if phones is None else phones  # by number; carriers may share them
        self.queue = DeliveryQueue(self)
        self.violations = []
        self.binds_seen = []            # (kind, status answered), in order
        self.submit_times = []
        self.submits = []               # every submit_sm answered or not, as (session, pdu)
        # what the gateway may have outstanding on one bind, if known
        self.window = None
        self.response_timer = 30.0
        self.next_id = 0x1A2B3C01
        # all numbers of the account that this one belongs to
        self.account_of = lambda number: ()
        self._switches()

    def _switches(self):
        self.refuse_binds = deque()     # statuses for the next binds
        self.version = 0x34             # sc_interface_version of bind_resp; None: it has none
        self.knows_transceiver = True   # False: "status" 0x03, "nack": generic_nack
        self.congestion = None          # congestion_state in submit_sm_resp
        self.plan = deque()             # for the next submits: a status, "mute" or "swallow"
        self.every = None               # (n, status): every n-th submit gets it
        self.submit_count = 0
        self.answers = "now"            # now, hold, mute, twice, or a delay in seconds
        self.held = []                  # (session, response) while answers are held
        self.drop_after = None          # close the connection after that many more submits
        self.receipts = "after"         # after, before, hold, off: relative to the response
        self.receipt_state = "DELIVRD"
        self.receipt_delay = 0.0
        self.receipts_held = []
        self.receipt_tlvs = True
        self.receipt_esm = 0x04
        self.receipt_notice = None      # a state to notify of first, as an intermediate one
        self.id_forms = ("text", "text")  # of the response and of the receipt
        self.packs = False              # texts of the default alphabet are packed septets

    # --- connections

    async def listen(self, host="127.0.0.1", port=0):
        self.server = await asyncio.start_server(self._connected, host, port or self.port,
                                                 ssl=self.tls)
        self.port = self.server.sockets[0].getsockname()[1]

    def deaf(self):
        """Stop listening; connections that stand go on."""
        if self.server:
            self.server.close()
            self.server = None

    def _connected(self, reader, writer):
        self.session_count += 1
        session = smpp.Session(reader, writer, self, "%s/%d" % (self.name, self.session_count))
        session.outstanding = 0
        self.sessions.append(session)

    def bound(self, kind=None):
        return [session for session in self.sessions
                if session.kind and not session.closed and (kind is None or session.kind == kind)]

    def on_close(self, session, orderly):
        if session in self.sessions:
            self.sessions.remove(session)
        if session.kind:
            self.ledger.note("ended", session=session.label, window=self.window or 0,
                             orderly=orderly)
        self.queue.session_lost(session)
        self.held = [pair for pair in self.held if pair[0] is not session]
        self.bell.ring()

    def on_violation(self, session, text):
        self.violations.append("%s: %s" % (session.label, text))
        self.bell.ring()

    async def close(self):
        self.deaf()
        for session in list(self.sessions):
            session.close()

    # --- requests of the gateway

    def on_request(self, session, pdu):
        if pdu.command in smpp.BIND_KINDS:
            self._bind(session, pdu)
        elif pdu.command in (smpp.SUBMIT_SM, smpp.DATA_SM):
            self._submit(session, pdu)
        elif pdu.command not in (smpp.ENQUIRE_LINK, smpp.UNBIND):
            self.on_violation(session, "unexpected %s" % smpp.command_name(pdu.command))
            session.send(smpp.Pdu(smpp.GENERIC_NACK, smpp.RINVCMDID, pdu.seq))
        self.bell.ring()

    def on_nack(self, session, pdu):
        self.on_violation(session, "generic_nack 0x%x from the gateway" % pdu.status)

    async def call(self, port, system_id, password):
        """Connect to the gateway and ask for its bind by an outbind."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        self._connected(reader, writer)
        self.sessions[-1].send(smpp.Pdu(smpp.OUTBIND, seq=1, fields={
            "system_id": system_id, "password": password}))
        return self.sessions[-1]

    def _bind(self, session, pdu):
        status = smpp.ROK
        if pdu.command == smpp.BIND_TRANSCEIVER and self.knows_transceiver is not True:
            self.binds_seen.append((smpp.BIND_KINDS[pdu.command], smpp.RINVCMDID))
            session.send(smpp.Pdu(smpp.GENERIC_NACK, smpp.RINVCMDID, pdu.seq)
                         if self.knows_transceiver == "nack" else pdu.response(smpp.RINVCMDID))
            session.close()
            return
        if self.refuse_binds:
            status = self.refuse_binds.popleft()
        elif session.kind:
            status = smpp.RALYBND
        elif (pdu.system_id, pdu.password) != (self.system_id, self.password):
            status = smpp.RBINDFAIL
        self.binds_seen.append((smpp.BIND_KINDS[pdu.command], status))
        answer = pdu.response(status, system_id=self.name)
        if status == smpp.ROK and self.version is not None:
            answer.tlvs.append((smpp.TAG_SC_VERSION, bytes([self.version])))
        session.send(answer)
        if status == smpp.ROK:
            session.kind = smpp.BIND_KINDS[pdu.command]
            self.queue.pump()
        else:
            session.close()

    def _submit(self, session, pdu):
        if session.kind not in ("transmitter", "transceiver"):
            self.on_violation(session, "submit_sm on a session bound as %s" % session.kind)
            session.send(pdu.response(smpp.RINVBNDSTS))
            return
        self.submits.append((session, pdu))
        self.submit_times.append(asyncio.get_running_loop().time())
        self.submit_count += 1
        session.outstanding += 1
        if self.window and session.outstanding > self.window:
            self.on_violation(session, "%d submits outstanding, the window is %d" % (
                session.outstanding, self.window))
        fate = self.plan.popleft() if self.plan else None
        if fate is None and self.every and self.submit_count % self.every[0] == 0:
            fate = self.every[1]
        if isinstance(fate, int):
            self._refuse(session, pdu, fate)
        elif fate == "swallow":
            self.ledger.note("fault", session=session.label, kind="swallowed")
        else:
            self._accept(session, pdu, fate)
        if self.drop_after is not None:
            self.drop_after -= 1
            if self.drop_after <= 0:
                self.drop_after = None
                session.close(reset=True)

    def _refuse(self, session, pdu, status):
        if status not in smpp.RETRYABLE - {0x45}:
            text, _ = self._text_of(session, pdu)
            self.ledger.note_text("refused", text)
        self._answer(session, pdu.response(status))

    def _accept(self, session, pdu, fate):
        number = self.next_id
        self.next_id += 1
        text, concat = self._text_of(session, pdu)
        self.show(session, pdu, concat)
        answer = pdu.response(message_id=self._write_id(number, self.id_forms[0]))
        if self.congestion is not None:
            answer.tlvs.append((smpp.TAG_CONGESTION, bytes([self.congestion])))
        wants = pdu.registered_delivery & 3
        good = self.receipt_state == "DELIVRD"
        if wants and not (wants == 2 and good) and self.receipts == "before":
            item = self._receipt(pdu, number)
            item.done.add_done_callback(lambda _: self._answer(session, answer))
            return
        if fate == "mute":
            self.ledger.note("fault", session=session.label, kind="mute")
        else:
            self._answer(session, answer)
        if wants and not (wants == 2 and good) and self.receipts in ("after", "hold"):
            if self.receipts == "hold":
                self.receipts_held.append((pdu, number))
            else:
                asyncio.get_running_loop().call_later(self.receipt_delay, self._receipt, pdu,
                                                      number)

    def _answer(self, session, answer):
        if self.answers == "hold":
            self.held.append((session, answer))
        elif self.answers == "mute":
            self.ledger.note("fault", session=session.label, kind="mute")
        elif self.answers == "twice":
            self._send_answer(session, answer)
            session.send(answer)
        elif isinstance(self.answers, float):
            asyncio.get_running_loop().call_later(self.answers, self._send_answer, session, answer)
        else:
            self._send_answer(session, answer)

    def _send_answer(self, session, answer):
        session.outstanding -= 1
        session.send(answer)
        self.bell.ring()

    def release(self, backwards=False):
        """Send the answers that were held, and hold no more."""
        self.answers = "now"
        held, self.held = self.held, []
        for session, answer in reversed(held) if backwards else held:
            self._send_answer(session, answer)

    # --- to the phones

    def _text_of(self, session, pdu):
        """(octets as latin-1 text for tokens, user data) after checking what the gateway made of
        the message."""
        data = None
        try:
            data = UserData(pdu, self.packs)
            self._check_submit(pdu, data)
            return coding.decode_text(data.octets, pdu.data_coding), data
        except (coding.CodingError, UnicodeDecodeError) as error:
            self.on_violation(session, "submit_sm %d: %s" % (pdu.seq, error))
            return data.octets.decode("latin-1") if data else "", data

    def _check_submit(self, pdu, data):
        for name in ("source_addr", "destination_addr"):
            if not re.fullmatch(r"\d{1,20}|[A-Za-z][A-Za-z0-9 ]{0,10}", getattr(pdu, name)):
                raise coding.CodingError("%s is %r" % (name, getattr(pdu, name)))
        for name, ton in ((pdu.source_addr, pdu.source_addr_ton),
                          (pdu.destination_addr, pdu.dest_addr_ton)):
            if name[0].isalpha() != (ton == 5):
                raise coding.CodingError("%s has TON %d" % (name, ton))
        for name in ("schedule_delivery_time", "validity_period"):
            if not re.fullmatch(r"|\d{15}[-+R]", pdu.fields.get(name, "")):
                raise coding.CodingError("%s is %r" % (name, getattr(pdu, name)))
        # segments with TLVs get a header on their way to the phone
        size, header = len(data.octets), 6 if data.form == "sar" else data.header
        if data.form == "payload":
            pass
        elif coding.is_default(pdu.data_coding):
            if size > (160 * 7 - 8 * header) // 7:
                raise coding.CodingError("%d septets beside a header of %d octets" % (size, header))
        elif size + header > 140:
            raise coding.CodingError("%d octets and a header of %d" % (size, header))
        if pdu.data_coding == 8 and size % 2:
            raise coding.CodingError("UCS-2 of %d octets" % size)

    def show(self, session, pdu, data):
        if data is None:
            return
        phone = self.phone(pdu.destination_addr)
        try:
            text = phone.receive(pdu.source_addr, data.octets, pdu.data_coding, data.concat,
                                 (data.form, data.operation))
        except (coding.CodingError, UnicodeDecodeError) as error:
            self.on_violation(session, "text for %s: %s" % (phone.number, error))
            return
        if text is not None:
            self.ledger.note_text("received", text, party=phone.number, source=pdu.source_addr,
                                  session=session.label)

    def phone(self, number, name=None):
        digits = coding.normal(number)
        if digits not in self.phones:
            self.phones[digits] = Phone(digits, self.bell, name)
        return self.phones[digits]

    # --- from the phones

    def text(self, source, destination, text, party=None, **how):
        """Send text from a phone to a number of the gateway; returns the queue's items, one for
        each part. `how`: alphabet (latin1, ascii, ucs2), sar, payload, ref16, same_ref, order (list
        of part numbers; some may be missing or repeated)."""
        phone, destination = self.phone(source), coding.normal(destination)
        self.ledger.note_text("offered", text, flow="%s>%s" % (phone.number, destination),
                              party=party or "?")
        phone.note(Bubble(True, destination, text))
        fields = {"source_addr": phone.number, "source_addr_ton": 1, "source_addr_npi": 1,
                  "destination_addr": destination, "dest_addr_ton": 1, "dest_addr_npi": 1}
        fields.update(how.get("fields") or {})
        pieces = self._pieces(phone, text, how)
        order = how.get("order") or range(1, len(pieces) + 1)
        items = []
        for place, number in enumerate(order):
            piece, tlvs = pieces[number - 1]
            last = text if place == len(order) - 1 else None
            items.append(self.queue.put(dict(fields, **piece), tlvs, last))
        return items

    def _pieces(self, phone, text, how):
        if how.get("alphabet"):
            data_coding, codec = ALPHABETS[how["alphabet"]]
            limit = 140 if data_coding == 8 else 160
            octets = text.encode(codec)
            step = len(octets) if len(octets) <= limit else 132
            parts = [octets[at:at + step] for at in range(0, max(1, len(octets)), max(1, step))]
        else:
            data_coding, parts = coding.phone_parts(text)
        if how.get("payload"):
            return [({"data_coding": data_coding}, [(smpp.TAG_PAYLOAD, b"".join(parts))])]
        if len(parts) == 1:
            octets = coding.gsm_pack(parts[0]) if self.packs and data_coding == 0 else parts[0]
            return [({"data_coding": data_coding, "short_message": octets}, [])]
        if not how.get("same_ref"):
            phone.next_ref = phone.next_ref % 200 + 1
        out = []
        for at, octets in enumerate(parts, 1):
            piece, tlvs = {"data_coding": data_coding, "short_message": octets}, []
            if how.get("sar"):
                tlvs = [(smpp.TAG_SAR_REF, phone.next_ref.to_bytes(2, "big")),
                        (smpp.TAG_SAR_TOTAL, bytes([len(parts)])), (smpp.TAG_SAR_SEQ, bytes([at]))]
            else:
                piece["esm_class"] = 0x40
                header = coding.udh_concat(phone.next_ref, len(parts), at, how.get("ref16", False))
                if self.packs and data_coding == 0:
                    octets = coding.gsm_pack(octets, len(header))
                piece["short_message"] = header + octets
            out.append((piece, tlvs))
        return out

    def on_delivered(self, item):
        """The gateway gave its last word about a deliver_sm."""
        if item.text is None:
            return
        self.ledger.note_text("acked" if item.status == 0 else "refused", item.text)
        word, phone = item.text.strip().upper(), item.pair[0]
        if item.status == 0 and word in ("STOP", "UNSTOP"):
            self.ledger.note("stopped" if word == "STOP" else "resumed", party=phone,
                             numbers=list(self.account_of(item.pair[1])))

    # --- receipts

    def _write_id(self, number, form):
        return {"text": "sim-%08x", "hex": "%x", "HEX": "%X", "decimal": "%d", "padded": "%012d",
                "paddedhex": "%012X"}[form] % number

    def _receipt(self, pdu, number):
        if self.receipt_notice:
            self._report(pdu, number, self.receipt_notice, 0x20)
        return self._report(pdu, number, self.receipt_state, self.receipt_esm)

    def _report(self, pdu, number, state, esm_class):
        message_id = self._write_id(number, self.id_forms[1])
        error = "000" if state == "DELIVRD" else "027"
        text = coding.receipt_text(message_id, state, time.time(), error)
        fields = {"source_addr": pdu.destination_addr, "source_addr_ton": 1, "source_addr_npi": 1,
                  "destination_addr": pdu.source_addr, "dest_addr_ton": 1, "dest_addr_npi": 1,
                  "esm_class": esm_class, "short_message": text.encode("ascii")}
        tlvs = []
        if self.receipt_tlvs:
            tlvs = [(smpp.TAG_RECEIPTED_ID, message_id.encode() + b"\0"),
                    (smpp.TAG_STATE, bytes([coding.STATES[state]]))]
        return self.queue.put(fields, tlvs)

    def release_receipts(self):
        self.receipts = "after"
        held, self.receipts_held = self.receipts_held, []
        for pdu, number in held:
            self._receipt(pdu, number)
