#!/usr/bin/env python3
"""Play the table of bad PDUs (bad_smpp.tsv) over real sockets: tests/wire/test_bad_smpp.py [ROW...]

States: open, bound and rx are an app on our listener before the bind, bound as transceiver or as
receiver; smsc and esme are a carrier that the gateway has bound to; any is each of open, bound and
smsc. `hex` may hold {OCTETS*TIMES}.

What a row expects, clause by clause, divided by "; ":
    resp NAME STATUS seq=N [body=HEX]   the next PDU; without body= that of an error, which has none
    nack STATUS seq=N                   the next PDU is a generic_nack
    accepted seq=N                      the next PDU is a submit_sm_resp with status 0 and a
                                        message_id; the text of the row reaches the carrier
    silent                              no answer
    open                                the session goes on: what is asked next is what is answered
                                        next, and the carrier got only what was accepted of the row
    close [Ns]                          the gateway closes, at once or N seconds after the row began
    app [TEXT]                          the app gets a deliver_sm with this text, or nothing
    log WORD                            the log says it
    script                              the function row_ID below goes on
    unit FILE TEST                      2^31 requests cannot be sent here: this unit test holds the
                                        row, and is run instead
    todo WHY                            not played: what Tandem cannot do yet
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import smpp  # noqa: E402
from bell import Failure, patient  # noqa: E402
from gateway import BINARY  # noqa: E402
from hostile import (CONTACT, OURS, FakeCarrier, Target, bind_octets, header, show,  # noqa: E402
                     submit_octets)

HERE = os.path.dirname(os.path.abspath(__file__))
NUMBERS = {name: number for number, name in smpp.NAMES.items()}
NUMBERS.update(submit_multi=0x21)
HASH_OF_SECRET12 = ("$argon2id$v=19$m=19456,t=2,p=1$05la8NtS9ZF1c58/HHWn/A$"
                    "wJHBgW6jY6JU3l55nHedydJObA/6fqVsNPRSk0WAxrQ")
PERSON, OTHER_NUMBER, HEX_NUMBER = "447700900001", "447700900125", "447700900124"


class Row:
    def __init__(self, line):
        self.id, self.state, packed, expect, title = line.rstrip("\n").split("\t")
        self.octets = bytes.fromhex(re.sub(r"\{(\w+)\*(\d+)\}", lambda m: m[1] * int(m[2]),
                                           packed.strip("-")))
        self.expect = [clause.split() for clause in expect.split("; ")]
        self.todo = expect[5:] if expect.startswith("todo ") else None
        words = re.sub(r"\W+", "_", title.split(" (")[0].lower()).strip("_")
        self.name = "row_%s_%s" % (self.id, "_".join(words.split("_")[:9]))

    def clause(self, word):
        return next((clause for clause in self.expect if clause[0] == word), None)

    def slow(self):
        return self.id == "B19" or any(clause[0] == "close" and clause[1:]
                                       for clause in self.expect)


def load():
    with open(os.path.join(HERE, "bad_smpp.tsv"), encoding="utf-8") as lines:
        rows = [Row(line) for line in list(lines)[1:]]
    return {row.id: row for row in rows}


def need(what, condition):
    if not condition:
        raise Failure(what() if callable(what) else what)


def texts_of(octets):
    """The short_message of each PDU in octets."""
    while octets:
        size = int.from_bytes(octets[:4], "big")
        yield smpp.decode(octets[:size]).short_message
        octets = octets[size:]


def command_of(clause):
    """(command_id, status) of a clause resp or nack"""
    if clause[0] == "nack":
        return smpp.GENERIC_NACK, int(clause[1], 0)
    return NUMBERS[clause[1].replace("_resp", "")] | smpp.RESP, int(clause[2], 0)


async def expect_answer(peer, clause):
    """One clause of resp, nack or accepted against the next PDU."""
    got = await peer.next()
    words = dict(word.split("=") for word in clause if "=" in word)
    seq = int(words["seq"], 0)
    if clause[0] == "accepted":
        need("expected an accepted submit_sm, got " + show(got),
             got and got[:3] == (smpp.SUBMIT_SM | smpp.RESP, 0, seq) and 2 <= len(got[3]) <= 65)
        return
    command, status = command_of(clause)
    body = bytes.fromhex(words.get("body", ""))
    if command in (smpp.DELIVER_SM | smpp.RESP,) and not status:
        body = b"\0"
    need(lambda: "expected %s, got %s" % (" ".join(clause), show(got)),
         got == (command, status, seq, body))


async def expect_end(peer, clause, begun):
    got = await peer.next(15)
    need("expected the end of the connection, got " + show(got), got is None)
    if clause[1:]:
        wanted, took = float(clause[1].rstrip("s")), time.monotonic() - begun
        need("closed after %.1f s, not %g" % (took, wanted),
             wanted * 0.9 <= took <= patient(wanted + 2))


class AppSide:
    """The bound app of the rows that a carrier sends: what it gets, answered at once."""

    def __init__(self, raw, bell):
        self.raw, self.bell, self.got, self.answers, self.seq = raw, bell, [], {}, 100
        self.task = asyncio.ensure_future(self._pump())

    async def _pump(self):
        while True:
            got = await self.raw.next(3600)
            if got is None:
                return
            command, status, seq, body = got
            if command == smpp.DELIVER_SM:
                self.got.append(smpp.decode(header(command, seq, body, status)))
                self.raw.send(header(command | smpp.RESP, seq, b"\0"))
            else:
                self.answers[seq] = smpp.decode(header(command, seq, body, status))
            self.bell.ring()

    async def submit(self, source=CONTACT, text=b"question"):
        """The message_id that the gateway gives."""
        self.seq += 1
        seq = self.seq
        self.raw.send(submit_octets(seq, text, source, PERSON, registered_delivery=1))
        answer = await self.bell.until(lambda: self.answers.get(seq), 5, "a submit_sm_resp")
        need("submit_sm was answered with %r" % answer, answer.status == 0)
        return answer.message_id

    def take(self):
        """(texts, receipts) since the last time."""
        got, self.got = self.got, []
        texts = [pdu.short_message for pdu in got if not pdu.esm_class & 0x3C]
        receipts = [(pdu.tlv(smpp.TAG_RECEIPTED_ID).rstrip(b"\0").decode(),
                     pdu.tlv(smpp.TAG_STATE)[0])
                    for pdu in got if pdu.esm_class & 0x3C == 4]
        return texts, receipts


class Play:
    def __init__(self, directory, rows):
        self.directory, self.rows = directory, rows
        self.count = 0
        self.tight_lock = asyncio.Lock()

    async def start(self):
        self.target = Target(os.path.join(self.directory, "server"))
        self.tight = Target(os.path.join(self.directory, "tight"))
        self.tight.app.update(binds=["transmitter", "transceiver"], binds_max=1,
                              allow=["127.0.0.0/16", "::1", "127.7.7.7"],
                              password_hash=HASH_OF_SECRET12)
        del self.tight.app["password"]
        self.client = Target(os.path.join(self.directory, "client"))
        for name in ("hex", "other"):
            self.client.carriers[name] = FakeCarrier(self.client.bell)
        self.client.carrier_options["hex"] = {"resp_id": "hex", "receipt_id": "hex"}
        self.client.numbers = [(CONTACT, "sim"), (HEX_NUMBER, "hex"), (OTHER_NUMBER, "other")]
        self.client.options = {"relay": {"reassembly_timeout": "3s"}}
        await asyncio.gather(self.target.start(), self.tight.start(), self.client.start())
        self.watch = await self.target.watch()
        self.texts = self.target.carriers["sim"].texts
        self.sim = self.client.carriers["sim"]
        self.app = AppSide(await self.client.bind(), self.client.bell)

    # --- an app against the listener

    async def peer(self, state):
        """From an address of its own: failed binds of one address add up."""
        self.count += 1
        peer = await self.target.connect("127.1.%d.%d" % (self.count // 200, self.count % 200 + 1))
        if state in ("bound", "rx"):
            await peer.bind(kind=smpp.BIND_TRANSCEIVER if state == "bound" else smpp.BIND_RECEIVER)
        return peer

    async def went_on(self, row, peer, before, accepted):
        """What is asked next is answered next; the carrier got what was accepted, no more."""
        mark = b"mark %d" % self.count
        got = await peer.ask(submit_octets(0x5A5A, mark))
        need("after the row, submit_sm was answered with " + show(got),
             got and got[:3] == (smpp.SUBMIT_SM | smpp.RESP, 0, 0x5A5A))
        sought = (OURS, CONTACT, mark)
        await self.target.bell.until(lambda: sought in self.texts[before:], 5,
                                     "the mark at the carrier")
        seen = self.texts[before:]
        want = [sought]
        if accepted:
            want = [(OURS, CONTACT, text) for text in texts_of(row.octets)] + want
        need(lambda: "the carrier got %r instead of %r" % (seen, want), seen == want)

    async def listener_row(self, row, state):
        begun, log, before = time.monotonic(), len(self.target.gateway.log), len(self.texts)
        peer = await self.peer(state)
        try:
            peer.send(row.octets)
            accepted = 0
            for clause in row.expect:
                if clause[0] in ("resp", "nack", "accepted"):
                    await expect_answer(peer, clause)
                    accepted += clause[0] == "accepted"
                elif clause[0] == "close":
                    await expect_end(peer, clause, begun)
                elif clause[0] == "open" and state == "bound":
                    await self.went_on(row, peer, before, accepted)
                elif clause[0] == "open":
                    await peer.alive()
                elif clause[0] == "log":
                    lines = self.target.gateway.log
                    await self.target.bell.until(lambda: any(clause[1] in x for x in lines[log:]),
                                                 5, "%s in the log" % clause[1])
                elif clause[0] == "script":
                    await getattr(self, "row_" + row.id)(row, peer)
        finally:
            peer.close()

    async def row_F24(self, _row, peer):
        before = (await self.target.metrics())["truncated_pdu"]
        peer.writer.write_eof()
        need("an answer to half a PDU", await peer.next() is None)
        peer.close()
        while (await self.target.metrics())["truncated_pdu"] != before + 1:
            await asyncio.sleep(0.02)

    async def row_F25(self, row, peer):
        for octet in row.octets:
            peer.send(bytes([octet]))
            await peer.writer.drain()
            await asyncio.sleep(0.001)
        for clause in row.expect[:2]:
            await expect_answer(peer, clause)

    async def row_C03(self, row, peer):
        peer.send(row.octets * 98)
        await peer.alive()
        peer.send(row.octets)
        need("100 unknown responses did not close", await peer.next() is None)

    async def row_C06(self, row, peer):
        peer.send(row.octets * 2)
        for _ in range(2):
            await expect_answer(peer, row.expect[0])
        need("a third submit_sm before the bind did not close", await peer.next() is None)

    async def _outstanding(self, peer, text):
        """A deliver_sm that peer, the only session of the app, has not answered."""
        carrier = self.target.carriers["sim"]
        (await carrier.bound()).send(submit_octets(9, text, CONTACT, OURS, smpp.DELIVER_SM))
        need("deliver_sm was not taken",
             (await carrier.others.get())[:3] == (smpp.DELIVER_SM | smpp.RESP, 0, 9))
        got = await peer.next()
        need("no deliver_sm, but " + show(got), got and got[0] == smpp.DELIVER_SM
             and text in got[3])
        return got[2]

    async def _comes_again(self, text, answer):
        """Whether a new session gets the deliver_sm anew."""
        peer = await self.peer("rx")
        peer.answers_enquiries = False
        if not answer:
            await peer.alive()
            peer.close()
            return
        got = await peer.next()
        need("not delivered again, but " + show(got), got and got[0] == smpp.DELIVER_SM
             and text in got[3])
        peer.send(header(smpp.DELIVER_SM | smpp.RESP, got[2], b"\0"))
        await peer.alive()
        peer.close()

    async def row_C14(self, row, peer):
        seq = await self._outstanding(peer, b"for C14")
        peer.send(row.octets[:12] + seq.to_bytes(4, "big") + row.octets[16:])
        await peer.alive()
        peer.close()
        await self._comes_again(b"for C14", True)
        await self._comes_again(b"for C14", False)

    async def row_C15(self, row, peer):
        await self._outstanding(peer, b"for C15")
        peer.send(row.octets)
        await peer.alive()
        peer.send(row.octets)
        need("three generic_nacks without a number did not close", await peer.next() is None)
        await self._comes_again(b"for C15", True)

    async def row_B19(self, _row, peer):
        """200 of one address: 64 stay, until the session_init timer."""
        peer.close()
        begun, files = time.monotonic(), self.target.files()
        crowd = [await self.target.connect("127.9.9.9") for _ in range(200)]
        ends = [asyncio.ensure_future(one.next(20)) for one in crowd]
        while sum(end.done() for end in ends) < 136:
            await asyncio.sleep(0.05)
            need("not closed at once", time.monotonic() - begun < 9)    # before the timer
        need("too many files open", self.target.files() - files < 64 + 60)
        done, _ = await asyncio.wait(ends, timeout=patient(15))
        need("half-open connections stayed", len(done) == 200)
        need("closed too early", time.monotonic() - begun > 9)
        for one in crowd:
            one.close()

    async def tight_row(self, row):
        """app1 may not bind as receiver here, and has one session."""
        async with self.tight_lock:
            begun = time.monotonic()
            first = await self.tight.bind()
            peer = await self.tight.connect("127.7.7.7")
            peer.send(row.octets)
            await expect_answer(peer, row.expect[0])
            await expect_end(peer, row.expect[1], begun)
            await first.alive()
            first.send(header(smpp.UNBIND, 2))
            need("not unbound", await first.next() and await first.next() is None)

    async def fenced_row(self, row):
        """B15: app1 may not bind from here; the right password takes the time of a wrong one."""
        async with self.tight_lock:
            before = (await self.tight.metrics())["passwords_hashed"]
            for octets in (row.octets, bind_octets(password="wrong")):
                begun = time.monotonic()
                peer = await self.tight.connect("127.6.6.6")
                peer.send(octets)
                await expect_answer(peer, row.expect[0])
                await expect_end(peer, row.expect[1], begun)
                before += 1
                need("not one comparison of hashes",
                     (await self.tight.metrics())["passwords_hashed"] == before)
            first = await self.tight.bind()
            first.send(header(smpp.UNBIND, 2))
            need("not unbound", await first.next() and await first.next() is None)

    @staticmethod
    def unit_row(row):
        _, name, test = row.expect[0]
        binary = os.path.join(os.path.dirname(BINARY), "unit", name)
        done = subprocess.run([binary, test], capture_output=True, text=True, check=False)
        need("%s %s:\n%s" % (name, test, done.stdout), done.returncode == 0)

    async def lockout_row(self, row):
        begun = time.monotonic()
        peers = [await self.target.connect("127.8.8.8") for _ in range(7)]
        for peer in peers[:5]:
            await expect_answer_of(peer, row.octets, "resp bind_transceiver_resp 0x0D seq=1")
        peers[5].send(row.octets)
        await expect_answer(peers[5], row.expect[0])
        await expect_answer_of(peers[6], bind_octets(), "resp bind_transceiver_resp 0x58 seq=1")
        await expect_end(peers[5], row.expect[1], begun)
        elsewhere = await self.target.bind("127.8.8.9")
        await elsewhere.alive()
        for peer in [*peers, elsewhere]:
            peer.close()

    # --- a carrier against the client

    async def carrier_row(self, row):
        peer = await self.sim.bound()
        self.app.take()
        if row.id in self.LEAD:
            await getattr(self, "row_" + row.id)(row, peer)
            await self.carrier_alive(peer)
            return
        peer.send(row.octets)
        for clause in row.expect:
            if clause[0] in ("resp", "nack"):
                await self.carrier_answer(clause)
            elif clause[0] == "close":
                need("expected the end of the connection",
                     await asyncio.wait_for(self.sim.others.get(), patient(5)) is None)
                await self.sim.bound()
                return
            elif clause[0] == "open":
                await self.carrier_alive(peer)
            elif clause[0] == "app":
                await self.app_got(peer, [" ".join(clause[1:]).encode()] if clause[1:] else [])

    LEAD = {"C16", "Q05", "U09", "U10", "U11", "U12", "U13", "U14", "U15", "R02", "R03", "R04",
            "R05", "R07", "R09",
            "R10", "T14"}

    async def carrier_answer(self, clause, carrier=None):
        got = await asyncio.wait_for((carrier or self.sim).others.get(), patient(5))
        words = dict(word.split("=") for word in clause if "=" in word)
        command, status = command_of(clause)
        need(lambda: "expected %s, got %s" % (" ".join(clause), show(got)),
             got and got[:3] == (command, status, int(words["seq"], 0)))

    async def carrier_alive(self, peer):
        peer.send(header(smpp.ENQUIRE_LINK, 0x6A6A))
        got = await asyncio.wait_for(self.sim.others.get(), patient(5))
        need("instead of enquire_link_resp: " + show(got),
             got == (smpp.ENQUIRE_LINK | smpp.RESP, 0, 0x6A6A, b""))

    async def deliver(self, octets, carrier=None):
        """Octets of a deliver_sm with sequence number 1, taken by the gateway."""
        (await (carrier or self.sim).bound()).send(octets)
        await self.carrier_answer("resp deliver_sm_resp 0x00 seq=1".split(), carrier)

    async def app_got(self, _peer, texts, receipts=()):
        """Since the last look the app got these and no others; a mark behind them shows the end."""
        for _ in range(2):
            self.count += 1
            mark = b"mark %d" % self.count
            await self.deliver(submit_octets(1, mark, PERSON, CONTACT, smpp.DELIVER_SM))
            await self.client.bell.until(lambda: any(pdu.short_message == mark
                                                     for pdu in self.app.got), 5,
                                         "the mark at the app")
        have_texts, have_receipts = self.app.take()
        have_texts = [text for text in have_texts if not text.startswith(b"mark ")]
        need(lambda: "the app got %r, not %r" % (have_texts, texts), have_texts == texts)
        need(lambda: "the app got receipts %r, not %r" % (have_receipts, receipts),
             have_receipts == list(receipts))

    async def app_text(self, text):
        def some():
            return any(text(pdu.short_message) for pdu in self.app.got)
        await self.client.bell.until(some, 8, lambda: "a text at the app: %r" % self.app.got)

    @staticmethod
    def part(row, number, text=None, total=None):
        """The row's PDU as another part."""
        at = row.octets.index(b"\5\0\3")
        out = bytearray(row.octets)
        out[at + 5] = number
        if total:
            out[at + 4] = total
        if text:
            out[at + 6:at + 10] = text
        return bytes(out)

    async def row_U09(self, row, peer):
        await self.deliver(row.octets)
        await self.deliver(row.octets)
        await self.deliver(self.part(row, 2))
        await self.deliver(self.part(row, 3))
        await self.app_got(peer, [b"part" * 3])

    async def row_U10(self, row, peer):
        await self.deliver(self.part(row, 1, b"good"))
        await self.deliver(row.octets)
        await self.deliver(self.part(row, 2, b"more"))
        await self.deliver(self.part(row, 3, b"ends"))
        have = [pdu.short_message for pdu in await self._texts(2)]
        need("the app got %r" % have, len(have) == 2 and have[1] == b"goodmoreends"
             and b"evil" in have[0])

    async def _texts(self, count):
        def enough():
            return len(self.app.got) >= count and self.app.got[:]
        return await self.client.bell.until(enough, 8, lambda: "%d texts at the app" % count)

    async def row_U11(self, row, peer):
        await self.deliver(row.octets)
        await self.app_got(peer, [])
        await self.app_text(lambda text: b"part" in text and b"1/3 only" in text)

    async def row_U12(self, row, peer):
        at = row.octets.index(b"\5\0\3") + 3
        for k in range(8):
            await self.deliver(row.octets[:at] + bytes([k]) + row.octets[at + 1:at + 3]
                               + b"set%d" % k)
        await self.app_got(peer, [])
        await self.deliver(row.octets[:at] + bytes([8]) + row.octets[at + 1:at + 3] + b"set8")
        first = (await self._texts(1))[0].short_message
        need("not the oldest but %r" % first, b"set0" in first and b"1/255 only" in first)
        have = b" ".join(pdu.short_message for pdu in await self._texts(9))
        need("the app got %r" % have, all(b"set%d" % k in have for k in range(9)))

    async def row_U13(self, row, peer):
        await self.deliver(self.part(row, 1, b"aaaa", 3))
        await self.deliver(row.octets)
        await self.deliver(self.part(row, 2, b"bbbb", 3))
        await self.deliver(self.part(row, 3, b"cccc", 3))
        await self.app_got(peer, [b"aaaabbbbcccc"])
        await self.app_text(lambda text: b"part" in text and b"1/4 only" in text)

    async def row_U14(self, row, peer):
        await self.deliver(row.octets)
        for number, text in ((2, b"y"), (3, b"z")):
            await self.deliver(submit_octets(1, b"\6\x08\4\x12\x34\3" + bytes([number]) + text,
                                             PERSON, CONTACT,
                                             smpp.DELIVER_SM, esm_class=0x40))
        await self.app_got(peer, [b"xyz"])

    async def row_U15(self, row, peer):
        await self.deliver(row.octets)
        await self.deliver(submit_octets(1, b"\5\0\3\xab\2\2tail", PERSON, CONTACT, smpp.DELIVER_SM,
                                         esm_class=0x40))
        await self.app_got(peer, [b"parttail"])

    async def submitted(self, carrier_id, source=CONTACT, carrier=None):
        """The gateway's id of a message that the carrier took under carrier_id."""
        carrier = carrier or self.sim
        carrier.ids.append(carrier_id)
        count = len(carrier.submits)
        ours = await self.app.submit(source)
        await self.client.bell.until(lambda: len(carrier.submits) > count, 5,
                                     "the submit_sm at the carrier")
        return ours

    async def row_C16(self, row, peer):
        def nack(_peer, pdu):
            self.sim.answer = self.sim.accept
            return row.octets[:12] + pdu.seq.to_bytes(4, "big")
        self.sim.answer = nack
        count = len(self.sim.submits)
        ours = await self.app.submit()
        await self.client.bell.until(lambda: any(pdu.esm_class & 0x3C for pdu in self.app.got), 5,
                                     "a receipt")
        await self.app_got(peer, [], [(ours, 8)])
        await self.app.submit(text=b"next")
        await self.client.bell.until(lambda: len(self.sim.submits) > count + 1, 5,
                                     "the next submit_sm")
        need("the message was sent again", self.sim.submits[-1].short_message == b"next")

    async def row_Q05(self, row, peer):
        def twice(_peer, pdu):
            self.sim.answer = self.sim.accept
            seq = pdu.seq.to_bytes(4, "big")
            return row.octets[:12] + seq + row.octets[16:30] + seq + row.octets[34:]
        self.sim.answer = twice
        ours = await self.app.submit()
        await self.deliver(self.receipt(b"B"))
        await self.app_got(peer, [])
        await self.deliver(self.receipt(b"A"))
        await self.app_got(peer, [], [(ours, 2)])

    @staticmethod
    def receipt(carrier_id, stat=b"DELIVRD"):
        return submit_octets(1, b"id:%s stat:%s err:000 text:" % (carrier_id, stat), PERSON,
                             CONTACT, smpp.DELIVER_SM,
                             esm_class=4)

    async def row_R02(self, row, peer):
        held = asyncio.get_running_loop().create_future()

        def hold(_peer, pdu):
            self.sim.answer = self.sim.accept
            held.set_result(pdu)
            return b""
        self.sim.answer = hold
        ours = await self.app.submit()
        pdu = await asyncio.wait_for(held, patient(5))
        await self.deliver(row.octets)
        await self.app_got(peer, [])
        peer.send(pdu.response(message_id="77").encode())
        await self.client.bell.until(lambda: any(pdu.esm_class & 0x3C for pdu in self.app.got), 5,
                                     "a receipt")
        await self.app_got(peer, [], [(ours, 2)])

    async def row_R03(self, row, peer):
        ours = await self.submitted("77")
        await self.deliver(self.rows["R02"].octets)
        await self.app_got(peer, [], [(ours, 2)])
        await self.deliver(row.octets)
        await self.app_got(peer, [])

    async def row_R04(self, row, peer):
        ours = await self.submitted("77")
        await self.deliver(row.octets)
        await self.app_got(peer, [], [(ours, 2)])

    async def row_R05(self, row, peer):
        carrier = self.client.carriers["hex"]
        ours = await self.submitted("0e999f21", HEX_NUMBER, carrier)
        await self.deliver(row.octets, carrier)
        await self.app_got(peer, [], [(ours, 2)])

    async def row_R07(self, row, peer):
        ours = await self.submitted("77")
        await self.deliver(row.octets)
        await self.app_got(peer, [])
        await self.deliver(self.receipt(b"77"))
        await self.app_got(peer, [], [(ours, 2)])

    async def row_R09(self, row, peer):
        ours = await self.submitted("77")
        await self.deliver(row.octets)
        await self.app_got(peer, [smpp.decode(row.octets).short_message])
        await self.deliver(self.receipt(b"77", b"UNDELIV"))
        await self.app_got(peer, [], [(ours, 5)])

    async def row_R10(self, row, peer):
        ours = await self.submitted("77")
        await self.deliver(row.octets, self.client.carriers["other"])
        await self.app_got(peer, [])
        await self.deliver(self.receipt(b"77"))
        await self.app_got(peer, [], [(ours, 2)])

    async def row_T14(self, row, peer):
        ours = await self.submitted("123")
        await self.deliver(row.octets)
        await self.app_got(peer, [])
        await self.deliver(self.receipt(b"123"))
        await self.app_got(peer, [], [(ours, 2)])

    # --- all rows

    async def play(self, row):
        if row.id in ("B13", "B14"):
            await self.tight_row(row)
        elif row.id == "B15":
            await self.fenced_row(row)
        elif row.expect[0][0] == "unit":
            self.unit_row(row)
        elif row.id == "B16":
            await self.lockout_row(row)
        elif row.state == "any":
            for state in ("open", "bound"):
                await self.listener_row(row, state)
            await self.carrier_row(row)
        elif row.state in ("smsc", "esme"):
            await self.carrier_row(row)
        else:
            await self.listener_row(row, row.state)
        if not row.slow():
            await self.watch.alive()

    async def result(self, row):
        begun, wrong = time.monotonic(), None
        try:
            await asyncio.wait_for(self.play(row), patient(30))
        except (Failure, ConnectionError, smpp.PduError) as error:
            wrong = "%s: %s" % (type(error).__name__, error)
        except asyncio.TimeoutError:
            wrong = "took more than 30 s"
        print("%s %s (%.1fs)" % ("not ok" if wrong else "ok", row.name, time.monotonic() - begun))
        if wrong:
            print("    state %s, expected %s\n    %s" % (row.state,
                                                         "; ".join(" ".join(c) for c in row.expect),
                                                         wrong))
        sys.stdout.flush()
        return not wrong


async def expect_answer_of(peer, octets, clause):
    peer.send(octets)
    await expect_answer(peer, clause.split())


async def ends_well(play):
    """All three daemons stop in order and complain of nothing; no log holds a raw escape."""
    try:
        for target in (play.target, play.tight, play.client):
            await target.end()
            need("a raw escape in the log", not any("\x1b" in line for line in target.gateway.log))
    except Failure as failure:
        print("not ok daemons_end_well\n    %s" % failure)
        return False
    print("ok daemons_end_well")
    return True


async def main():
    rows = load()
    chosen = [row for row in rows.values() if not sys.argv[1:] or row.id in sys.argv[1:]]
    directory = tempfile.mkdtemp(prefix="tandem-bad-smpp-")
    play = Play(directory, rows)
    results = []
    try:
        await play.start()
        slow = [asyncio.ensure_future(play.result(row)) for row in chosen if row.slow()
                and not row.todo]
        for row in chosen:
            if not row.slow() and not row.todo:
                results.append(await play.result(row))
        results += await asyncio.gather(*slow)
        results.append(await ends_well(play))
    finally:
        for target in (play.target, play.tight, play.client):
            await target.close()
    for row in chosen:
        if row.todo:
            print("todo %s: %s" % (row.name, row.todo))
    print("%d passed, %d failed" % (sum(results), len(results) - sum(results)))
    if all(results):
        shutil.rmtree(directory, ignore_errors=True)
    else:
        print("kept: " + directory)
    return not all(results)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
