"""npm's smpp (node-smpp) in the places of the simulated carrier and the simulated app.

The stories' own peers are extended: whatever is octets there is text here, and node-smpp turns it
into octets and back. So the same stories can be played over a codec that nobody here wrote.
"""

import asyncio
import json
import os

import coding
import smpp
from app import App
from bell import Failure
from carrier import Carrier
from child import Child, find

HERE = os.path.dirname(os.path.abspath(__file__))
COMMANDS = {name: command for command, name in smpp.NAMES.items()}
BINDS = {"bind_%s_resp" % kind: kind for kind in ("receiver", "transmitter", "transceiver")}
TLVS = {  # as node-smpp names them, with their octets
    "sc_interface_version": (smpp.TAG_SC_VERSION, lambda value: bytes([value])),
    "receipted_message_id": (smpp.TAG_RECEIPTED_ID, lambda value: value.encode("latin-1") + b"\0"),
    "message_state": (smpp.TAG_STATE, lambda value: bytes([value])),
}
# Where ASCII and GSM 03.38 have the same octets: node-smpp marks what is GSM as ASCII by itself.
PLAIN = set(map(chr, range(0x20, 0x7F))) - set("@$_[\\]^`{|}~")


def number_of(name):
    """The command_id of a name; "connect" is none, but is answered like one."""
    if name == "connect":
        return 0
    if name == "generic_nack":
        return smpp.GENERIC_NACK
    if name.endswith("_resp"):
        return COMMANDS[name[:-5]] | smpp.RESP
    return COMMANDS[name]


def pdu_of(about):
    """What node-smpp decoded, as a Pdu with text and concat in the place of octets."""
    params = dict(about["params"])
    tlvs = [(tag, octets(params.pop(name))) for name, (tag, octets) in TLVS.items()
            if params.get(name) is not None]
    return smpp.Pdu(number_of(about["command"]), about["status"], about["seq"],
                    dict(params, text=about.get("text", ""), concat=about.get("concat")), tlvs)


def messages_of(text, ref):
    """The fields of each part of text; only its coding is chosen here, and where it is cut."""
    gsm = coding.is_gsm(text)
    whole = len(coding.gsm_encode(text)) <= 160 if gsm else len(text.encode("utf-16-be")) <= 140
    fields = {} if set(text) <= PLAIN else {"data_coding": 0 if gsm else 8}
    if whole:
        return [dict(fields, short_message={"message": text})]
    size = 70 if gsm else 30  # characters of any kind that fit beside a header
    parts = [text[at:at + size] for at in range(0, len(text), size)]
    return [dict(fields, short_message={
        "message": part, "udh": coding.udh_concat(ref, len(parts), at).hex()})
        for at, part in enumerate(parts, 1)]


def show(phone, sender, pdu):
    """What a phone would show; returns the whole text once all parts are there."""
    octets = pdu.text.encode("utf-16-be", "surrogatepass")
    whole = phone.receive(sender, octets, 8, tuple(pdu.concat) if pdu.concat else None)
    if whole is not None:
        phone.screen[-1].data_coding = pdu.data_coding
    return whole


class NodeSession:
    """One session of node-smpp, with the face of smpp.Session."""

    def __init__(self, node, handler, number, label):
        self.node, self.handler, self.number, self.label = node, handler, number, label
        self.kind = None
        self.closed = self.unbound = self.swallows = False
        self.enquired = self.outstanding = 0
        self.waiting = set()
        node.sessions[number] = self

    def request(self, pdu):
        future = self.node.call("send", session=self.number, params=pdu.fields,
                                command=smpp.command_name(pdu.command))
        self.waiting.add(future)
        future.add_done_callback(self.waiting.discard)
        return future

    async def ask(self, pdu, timeout=10.0):
        return await asyncio.wait_for(self.request(pdu), timeout)

    def send(self, pdu):
        self.node.tell("respond", session=self.number, seq=pdu.seq, status=pdu.status,
                       command=smpp.command_name(pdu.command), params=pdu.fields)

    async def unbind(self, timeout=5.0):
        answer = await self.ask(smpp.Pdu(smpp.UNBIND), timeout)
        self.unbound = answer.command == smpp.UNBIND | smpp.RESP and answer.status == 0
        await self.node.bell.until(lambda: self.closed, timeout, "%s to close" % self.label)

    def close(self, reset=False):
        if not self.closed:
            self.node.tell("drop", session=self.number)
            self.on_closed()

    def on_closed(self):
        if self.closed:
            return
        self.closed = True
        for future in list(self.waiting):
            if not future.done():
                future.set_exception(ConnectionError("session closed"))
                future.exception()  # nobody may be waiting for this one
        self.handler.on_close(self, self.unbound)


class Node:
    """One node process and its sessions; what it tells goes to owner.on_<event>(session, about)."""

    def __init__(self, owner, script, directory, bell):
        self.owner, self.script, self.bell = owner, script, bell
        self.child = Child(os.path.splitext(script)[0], directory, bell, self._on_line)
        self.sessions = {}
        self.calls = {}
        self.next_tag = 1
        self.facts = {}                 # what it said once, by event

    async def start(self, first, *arguments):
        await self.child.start(find("node", "nodejs"), self.script, *arguments, cwd=HERE)
        await self.bell.until(lambda: self.child.must_run() and first in self.facts, 15.0,
                              lambda: "%s to start\n%s" % (self.script, self.child.tail()))

    def tell(self, do, **about):
        self.child.write(json.dumps(dict(about, do=do)) + "\n")

    def call(self, do, **about):
        self.child.must_run()
        tag, self.next_tag = self.next_tag, self.next_tag + 1
        future = asyncio.get_running_loop().create_future()
        self.calls[tag] = (future, self.sessions.get(about.get("session")))
        self.tell(do, tag=tag, **about)
        return future

    def _on_line(self, line):
        try:
            about = json.loads(line)
        except ValueError:
            self.owner.violations.append("%s: %s" % (self.script, line))
            return
        event, session = about.pop("event"), self.sessions.get(about.get("session"))
        if event in ("response", "lost"):
            self._on_response(*self.calls.pop(about["tag"]), about, event)
        elif event == "closed":
            if session:
                session.on_closed()
        elif event == "unbound":
            session.unbound = True
        elif event == "enquired":
            session.enquired += 1
        elif event == "error":
            if not about.get("ending"):
                self.owner.violations.append("%s: %s" % (self.script, about["text"]))
        elif session or event == "connected":
            getattr(self.owner, "on_" + event)(session, about)
        else:
            self.facts[event] = about

    @staticmethod
    def _on_response(future, session, about, event):
        if future.done():
            return
        if event == "lost":
            future.set_exception(ConnectionError("session is closed"))
            future.exception()
            return
        if about["command"] in BINDS and about["status"] == 0:
            session.kind = BINDS[about["command"]]  # now: the next line may be a deliver_sm
        future.set_result(pdu_of(about))


class NpmCarrier(Carrier):
    def __init__(self, world, name="sim"):
        super().__init__(name, world.bell, world.ledger)
        self.node = Node(self, "npm-carrier.js", world.directory, world.bell)

    async def listen(self, host="127.0.0.1", port=0):
        await self.node.start("listening", self.system_id, self.password)
        self.port = self.node.facts["listening"]["port"]

    async def close(self):
        await self.node.child.end()

    def _pieces(self, phone, text, how):
        if set(how) - {"order"}:
            raise Failure("npm's smpp is not asked to send %s" % how)
        phone.next_ref = phone.next_ref % 200 + 1
        return [(fields, []) for fields in messages_of(text, phone.next_ref)]

    def on_connected(self, _, about):
        self.session_count += 1
        self.sessions.append(NodeSession(self.node, self, about["session"],
                                         "npm/%d" % self.session_count))

    def on_bind(self, session, about):
        self.binds_seen.append((about["kind"], 0 if about["good"] else smpp.RBINDFAIL))

    def on_bound(self, session, about):
        session.kind = about["kind"]
        self.queue.pump()

    def on_submit(self, session, about):
        pdu = pdu_of(about)
        self.submits.append((session, pdu))
        text = show(self.phone(pdu.destination_addr), pdu.source_addr, pdu)
        if text is not None:
            self.ledger.note_text("received", text, party=pdu.destination_addr,
                                  source=pdu.source_addr, session=session.label)


class NpmApp(App):
    def __init__(self, world, name="crm"):
        super().__init__(name, world.bell, world.ledger)
        self.node = Node(self, "npm-app.js", world.directory, world.bell)

    async def start(self):
        await self.node.start("ready")

    async def close(self):
        await self.node.child.end()

    async def connect(self, port, host="127.0.0.1"):
        answer = await asyncio.wait_for(self.node.call("connect", port=port), 10.0)
        self.session_count += 1
        session = NodeSession(self.node, self, answer.session, "npm-app/%d" % self.session_count)
        self.sessions.append(session)
        return session

    def submit_pdus(self, source, destination, text, receipt=1, **fields):
        base = {"source_addr": coding.normal(source), "source_addr_ton": 1, "source_addr_npi": 1,
                "destination_addr": coding.normal(destination), "dest_addr_ton": 1,
                "dest_addr_npi": 1, "registered_delivery": receipt}
        return [smpp.Pdu(smpp.SUBMIT_SM, fields=dict(base, **part, **fields))
                for part in messages_of(text, len(self.submitted) % 255 + 1)]

    async def submit_payload(self, source, destination, text, receipt=1, timeout=15.0):
        pdu = self.submit_pdus(source, destination, "x", receipt)[0]
        del pdu.fields["short_message"]
        pdu.fields["message_payload"] = {"message": text}
        pdu.fields["data_coding"] = 0 if coding.is_gsm(text) else 8
        answer = await self.sender().ask(pdu, timeout)
        if answer.status == 0:
            self.submitted[answer.message_id] = text
        return answer

    def on_deliver(self, session, about):
        self.on_request(session, pdu_of(about))

    def _text(self, session, pdu):
        text = show(self.inbox, (pdu.source_addr, pdu.destination_addr), pdu)
        if text is not None:
            self.ledger.note_text("received", text, party=self.name, source=pdu.source_addr,
                                  session=session.label)

    def _receipt(self, session, pdu):
        pdu.fields["short_message"] = pdu.text.encode("latin-1")
        super()._receipt(session, pdu)
