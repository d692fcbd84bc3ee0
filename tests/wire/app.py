"""A simulated app: an ESME that binds to the gateway, submits, and takes what the gateway
delivers."""

import asyncio
from collections import deque

import coding
import smpp
from bell import Failure, patient
from phones import Phone
from userdata import UserData

COMMANDS = {kind: command for command, kind in smpp.BIND_KINDS.items()}


class App:
    def __init__(self, name, bell, ledger, password="secret"):
        self.name, self.bell, self.ledger, self.password = name, bell, ledger, password
        self.sessions = []
        self.all_sessions = []              # those that have ended as well
        self.session_count = 0
        self.inbox = Phone(name, bell)      # texts delivered to the app, joined
        self.receipts = {}                  # our message id -> list of states, in order
        self.unread_receipts = deque()
        self.notices = deque()              # intermediate notifications, as receipts
        self.submitted = {}                 # message id -> text
        self.violations = []
        # for the next deliver_sm: a status, "mute" (taken, no answer), "swallow"
        self.plan = deque()
        self.nacks = deque()                # statuses of generic_nacks for no request of ours
        self.closes = []                    # whether each session that ended did so in order
        self.window = 10
        self.packs = False                  # its data_coding 0 is packed septets
        self.parts_by = "udh"               # how it marks parts: udh, udh16, sar
        self.tls = None                     # an ssl.SSLContext: connections are encrypted

    async def connect(self, port, host="127.0.0.1"):
        reader, writer = await asyncio.open_connection(
            host, port, ssl=self.tls, server_hostname="gw.example" if self.tls else None)
        self.session_count += 1
        session = smpp.Session(reader, writer, self, "%s/%d" % (self.name, self.session_count))
        self.sessions.append(session)
        self.all_sessions.append(session)
        return session

    async def bind(self, port, kind="transceiver", password=None, system_id=None, version=0x34):
        """Connect and bind; returns (session, the response)."""
        session = await self.connect(port)
        answer = await self.bind_on(session, kind, password, system_id, version)
        return session, answer

    async def bind_on(self, session, kind, password=None, system_id=None, version=0x34):
        return await session.ask(smpp.Pdu(COMMANDS[kind], fields={
            "system_id": system_id or self.name, "password": password
            if password is not None else self.password,
            "interface_version": version}))

    def bound(self, *kinds):
        return [session for session in self.sessions if session.kind in kinds
                and not session.closed]

    def sender(self):
        found = self.bound("transmitter", "transceiver")
        if not found:
            raise Failure("app %s has no session to submit on" % self.name)
        return found[-1]

    def submit_pdus(self, source, destination, text, receipt=1, **fields):
        """The submit_sm of text; several with concatenation headers if it is long."""
        data_coding, parts = coding.phone_parts(text)
        base = {"source_addr": coding.normal(source),
                "destination_addr": coding.normal(destination),
                "source_addr_ton": 1, "source_addr_npi": 1, "dest_addr_ton": 1, "dest_addr_npi": 1,
                "data_coding": data_coding, "registered_delivery": receipt}
        base.update(fields)
        ref = len(self.submitted) % 255 + 1
        return [self._submit_pdu(base, octets, (ref, len(parts), at))
                for at, octets in enumerate(parts, 1)]

    def _submit_pdu(self, base, octets, numbers):
        header, tlvs = b"", []
        if numbers[1] > 1 and self.parts_by == "sar":
            tlvs = [(smpp.TAG_SAR_REF, numbers[0].to_bytes(2, "big")),
                    (smpp.TAG_SAR_TOTAL, bytes([numbers[1]])), (smpp.TAG_SAR_SEQ,
                                                                bytes([numbers[2]]))]
        elif numbers[1] > 1:
            header = coding.udh_concat(*numbers, wide_ref=self.parts_by == "udh16")
        if self.packs and base["data_coding"] == 0:
            octets = coding.gsm_pack(octets, len(header))
        return smpp.Pdu(smpp.SUBMIT_SM, tlvs=tlvs, fields=dict(
            base, esm_class=0x40 if header else base.get("esm_class", 0),
            short_message=header + octets))

    async def submit(self, source, destination, text, session=None, timeout=15.0, **fields):
        """Submit and wait; returns the response (the last part's)."""
        session = session or self.sender()
        self.ledger.note_text("offered", text, flow="%s>%s" % (coding.normal(source),
                                                               coding.normal(destination)),
                              party=coding.normal(destination))
        futures = [session.request(pdu) for pdu in self.submit_pdus(source, destination, text,
                                                                    **fields)]
        answer = None
        for future in futures:
            answer = await asyncio.wait_for(future, patient(timeout))
        if answer.status == 0 and answer.command == smpp.SUBMIT_SM | smpp.RESP:
            if answer.message_id in self.submitted:
                self.violations.append("message_id %r was given twice" % answer.message_id)
            self.submitted[answer.message_id] = text
            self.ledger.note_text("acked", text)
        else:
            self.ledger.note_text("refused", text)
        return answer

    async def submit_payload(self, source, destination, text, receipt=1, timeout=15.0):
        """The whole text in one message_payload, for the gateway to cut."""
        data_coding, parts = coding.phone_parts(text)
        pdu = self.submit_pdus(source, destination, "", receipt)[0]
        pdu.fields["data_coding"] = data_coding
        pdu.tlvs.append((smpp.TAG_PAYLOAD, b"".join(parts)))
        answer = await self.sender().ask(pdu, timeout)
        if answer.status == 0:
            self.submitted[answer.message_id] = text
        return answer

    # --- what the session calls

    def on_request(self, session, pdu):
        if pdu.command in (smpp.DELIVER_SM, smpp.DATA_SM):
            self._deliver(session, pdu)
        elif pdu.command not in (smpp.ENQUIRE_LINK, smpp.UNBIND):
            self.on_violation(session, "unexpected %s" % pdu)
        self.bell.ring()

    def _deliver(self, session, pdu):
        if session.kind not in ("receiver", "transceiver"):
            self.on_violation(session, "deliver_sm on a session bound as %s" % session.kind)
        fate = self.plan.popleft() if self.plan else smpp.ROK
        if fate == "swallow" or session.swallows:
            self.ledger.note("fault", session=session.label, kind="swallowed")
            return
        if fate == "mute":
            self.ledger.note("fault", session=session.label, kind="mute")
        elif fate != smpp.ROK:
            if fate not in smpp.RETRYABLE - {0x45}:
                self.ledger.note_text("refused", UserData(pdu, self.packs).octets.decode("latin-1"))
            session.send(pdu.response(fate))
            return
        if pdu.esm_class & 0x3C == 0x04:
            self._receipt(session, pdu)
        elif pdu.esm_class & 0x3C == 0x20:
            found = coding.receipt_parse(pdu.short_message.decode("latin-1"))
            self.notices.append((found["id"], found["stat"]))
        else:
            self._text(session, pdu)
        if fate == smpp.ROK:
            session.send(pdu.response(message_id=""))

    def _text(self, session, pdu):
        try:
            data = UserData(pdu, self.packs)
            text = self.inbox.receive((pdu.source_addr, pdu.destination_addr), data.octets,
                                      pdu.data_coding, data.concat, (data.form, data.operation))
        except (coding.CodingError, UnicodeDecodeError) as error:
            self.on_violation(session, "deliver_sm %d: %s" % (pdu.seq, error))
            return
        if text is not None:
            self.ledger.note_text("received", text, party=self.name, source=pdu.source_addr,
                                  session=session.label)

    def _receipt(self, session, pdu):
        octets = UserData(pdu, self.packs).octets
        found = coding.receipt_parse(octets.decode("latin-1"))
        if not found:
            self.on_violation(session, "receipt text %r" % octets)
            return
        tlv = pdu.tlv(smpp.TAG_RECEIPTED_ID)
        if tlv is not None and tlv.rstrip(b"\0").decode() != found["id"]:
            self.on_violation(session,
                              "receipt names %r in its text and %r in its TLV" % (found["id"], tlv))
        state = pdu.tlv(smpp.TAG_STATE)
        if state is not None and state[0] != coding.STATES.get(found["stat"]):
            self.on_violation(session, "receipt says %s and state %d" % (found["stat"], state[0]))
        self.receipts.setdefault(found["id"], []).append(found["stat"])
        self.unread_receipts.append((found["id"], found["stat"], pdu.source_addr,
                                     pdu.destination_addr))

    def on_close(self, session, orderly):
        if session in self.sessions:
            self.sessions.remove(session)
            self.closes.append(orderly)
        if session.kind:
            self.ledger.note("ended", session=session.label, window=self.window, orderly=orderly)
        self.bell.ring()

    def on_nack(self, session, pdu):
        self.nacks.append(pdu.status)
        self.bell.ring()

    def on_violation(self, session, text):
        self.violations.append("%s: %s" % (session.label, text))
        self.bell.ring()

    async def close(self):
        for session in list(self.sessions):
            session.close()
