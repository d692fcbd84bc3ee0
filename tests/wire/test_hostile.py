#!/usr/bin/env python3
"""Peers and machines that attack: tests/wire/test_hostile.py [--long] [--seed N] [NAME...]

Each case has its own daemon. While it plays, another session asks for life signs on a thread of
its own: each must be answered within five seconds. Afterwards the daemon still runs, has grown by
no more than the case allows, and ends in order; a sanitizer's report fails the case.
"""

import argparse
import asyncio
import collections
import logging
import os
import random
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import smpp  # noqa: E402
from bell import Failure, patient  # noqa: E402
from certs import Certs  # noqa: E402
from gateway import BINARY, free_port  # noqa: E402
from hostile import (CONTACT, OTHER_OURS, OURS, FakeCarrier, Raw, Target,  # noqa: E402
                     bind_octets, header, show, submit_octets)
from test_bad_smpp import load, need  # noqa: E402

SANITIZED = "address" in BINARY
GROWTH_KIB = 192 * 1024 if SANITIZED else 64 * 1024
os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=8:detect_leaks=1")
SUBMIT_RESP, ENQUIRE_RESP = smpp.SUBMIT_SM | smpp.RESP, smpp.ENQUIRE_LINK | smpp.RESP
REPLACE_SM, CANCEL_SM = 0x7, 0x8
# Milliseconds here; a busy machine lets the daemon, or this program, wait for longer by itself.
LIFE_SECONDS = 5


def manage_octets(command, seq, message_id, dest=CONTACT, at=b"", service=b""):
    """cancel_sm or replace_sm."""
    ours = message_id + b"\0\1\1" + OURS.encode() + b"\0"
    if command == CANCEL_SM:
        return header(command, seq, service + b"\0" + ours + b"\1\1" + dest.encode() + b"\0")
    return header(command, seq, ours + at + b"\0\0\0\0\3new")


class Skip(Exception):
    """Not possible on this machine."""


class Life(threading.Thread):
    """A bound session that sends enquire_link every 50 ms and notes how long the answer takes."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.sock = socket.create_connection(("127.0.0.1", port), 5)
        self.sock.sendall(bind_octets(system_id="watch", password="watch"))
        self.answer()
        self.worst, self.count, self.wrong = 0.0, 0, None
        self.over = threading.Event()

    def answer(self):
        head = b""
        while len(head) < 16:
            more = self.sock.recv(16 - len(head))
            if not more:
                raise OSError("closed")
            head += more
        left = struct.unpack(">I", head[:4])[0] - 16
        while left > 0:
            left -= len(self.sock.recv(left))
        return struct.unpack(">III", head[4:])

    def run(self):
        try:
            while not self.over.wait(0.05):
                begun = time.monotonic()
                self.count += 1
                self.sock.sendall(header(smpp.ENQUIRE_LINK, self.count))
                got = self.answer()
                if got[0] == smpp.ENQUIRE_LINK:     # the gateway asks too
                    self.sock.sendall(header(ENQUIRE_RESP, got[2]))
                    got = self.answer()
                self.worst = max(self.worst, time.monotonic() - begun)
                if got != (ENQUIRE_RESP, 0, self.count):
                    self.wrong = "life sign answered with 0x%x 0x%x %d" % got
        except OSError as error:
            if not self.over.is_set():
                self.wrong = "life signs: %s" % error

    def stop(self):
        self.over.set()
        self.join(5)
        self.sock.close()


class Stream:
    """A fast sender: whole blocks out, and of what comes back only the headers are counted."""

    def __init__(self, raw):
        self.raw = raw
        self.counts = collections.Counter()     # (command, status) -> how many
        self.acked = set()
        self.ended = asyncio.Event()
        self.task = asyncio.ensure_future(self._read())

    async def _read(self):
        reader, kept = self.raw.reader, b""
        try:
            while True:
                more = await reader.read(1 << 18)
                if not more:
                    break
                kept += more
                at = 0
                while len(kept) - at >= 16:
                    length, command, status, seq = struct.unpack_from(">IIII", kept, at)
                    if len(kept) - at < length:
                        break
                    self.counts[command, status] += 1
                    if command == SUBMIT_RESP and status == 0:
                        self.acked.add(seq)
                    elif command in (smpp.ENQUIRE_LINK, smpp.DELIVER_SM, smpp.UNBIND):
                        self.raw.send(header(command | smpp.RESP, seq,
                                             b"\0" if command == smpp.DELIVER_SM else b""))
                    at += length
                kept = kept[at:]
        except (ConnectionError, OSError):
            pass
        self.ended.set()

    async def send(self, octets):
        self.raw.send(octets)
        if not self.ended.is_set():
            await self.raw.writer.drain()

    def answers(self, *commands):
        return sum(n for (command, _), n in self.counts.items() if command in commands)

    async def until(self, condition, deadline, what):
        end = time.monotonic() + patient(deadline)
        while not condition():
            need(lambda: "%s: %r" % (what, self.counts), time.monotonic() < end)
            need(lambda: "%s: closed, %r" % (what, self.counts), not self.ended.is_set())
            await asyncio.sleep(0.02)


# --- mutations

INTERESTING = [0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF, 0x1B, 16, 15, 17]


def mutate(rng, corpus):
    out = bytearray(rng.choice(corpus))
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        if not out:
            break
        kind, at = rng.randrange(7), rng.randrange(len(out))
        if kind < 2:
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 2:
            out[at] = rng.choice(INTERESTING)
        elif kind == 3:
            del out[at:at + rng.randrange(1, 9)]
        elif kind == 4:
            out[at:at] = bytes(rng.choice(INTERESTING) for _ in range(rng.randrange(1, 9)))
        elif kind == 5:
            other = rng.choice(corpus)
            cut = rng.randrange(len(other))
            out[at:] = other[cut:cut + 1024]
        else:
            out[at:at] = out[at // 2:at]
    if rng.randrange(500):      # most keep their framing, to get at what is behind
        out = out[:60000].ljust(16, b"\0")
        out[:4] = struct.pack(">I", len(out))
    return bytes(out)


CLOSING = {"C11", "C12", "C15", "C19"}      # seldom used: what follows them is not looked at


def corpus_of(*states):
    rows = [row for row in load().values() if row.state in states and len(row.octets) >= 16]
    small = [row.octets for row in rows if len(row.octets) < 400 and row.id not in CLOSING]
    return small * 20 + [row.octets for row in rows]


AGENT, RELAY = "447700900500", "447700900501"
AGENTS = {"id": "three", "name": "Three", "country": "GB",
          "agents": [{"id": "ann", "name": "Ann", "mobile": "+" + AGENT,
                      "relay_number": "+" + RELAY, "relay": True}],
          "numbers": [{"number": "+" + CONTACT, "role": "business", "carrier": "sim",
                       "assign_agent": "ann"},
                      {"number": "+" + RELAY, "role": "relay", "carrier": "sim", "agent": "ann"}]}


def agents_corpus():
    """What phones send to a business number and to a relay number."""
    texts = [b"STOP", b"UNSTOP", b"hello", b"1 answer", b"2 answer", b" 3\ranswer",
             b"12 " + b"x" * 150]
    return [submit_octets(seq + 1, text, source, dest, smpp.DELIVER_SM)
            for seq, text in enumerate(texts)
            for source, dest in ((OURS, CONTACT), (AGENT, RELAY), ("447700900600", CONTACT))] * 6


def reply_to(rng, text):
    """What the agent answers to a text that came from the relay number, or nothing."""
    if text[1] != AGENT:
        return b""
    octets = submit_octets(9, text[2].split(b" ")[0] + b" answer", AGENT, RELAY, smpp.DELIVER_SM)
    return mutate(rng, [octets]) if rng.randrange(3) else octets


class Cases:
    def __init__(self, directory, seed, long):
        self.directory, self.seed, self.scale = directory, seed, 20 if long else 1
        self.addresses = 0

    def target(self, name, **how):
        return Target(os.path.join(self.directory, name), **how)

    def address(self):
        """Another of our own, so that no limit per address is met unless it is meant."""
        self.addresses += 1
        return "127.%d.%d.%d" % (2 + self.addresses // 50000 % 200, self.addresses // 250 % 200,
                                 self.addresses % 250 + 1)

    # --- garbage

    async def mutated_pdus_of_an_app(self, target):
        rng = random.Random(self.seed)
        corpus = corpus_of("any", "open", "bound", "rx")
        await target.start()
        yield target
        for _ in range(400 * self.scale):
            peer = await target.connect(self.address())
            stream = Stream(peer)
            if rng.randrange(8):
                peer.send(bind_octets(kind=rng.choice((1, 2, 9, 9, 9))))
            for _ in range(5):      # in all fewer than the protocol errors that close
                await stream.send(b"".join(mutate(rng, corpus) for _ in range(20)))
                await asyncio.sleep(0)
            peer.send(header(smpp.ENQUIRE_LINK, 0x77777777))
            if rng.randrange(4):
                peer.writer.write_eof()
                await asyncio.wait([stream.task], timeout=5)
            peer.close()
            stream.task.cancel()
        metrics = await target.metrics()
        need("little was taken: %r" % metrics, metrics["pdus_in"] > 4000 * self.scale
             and metrics["messages_in"] > 200 * self.scale)

    async def mutated_pdus_of_a_carrier(self, target):
        rng = random.Random(self.seed)
        corpus = corpus_of("any", "smsc", "esme") + agents_corpus()
        corpus += [header(SUBMIT_RESP, 1, b"77\0"), header(ENQUIRE_RESP, 1),
                   header(smpp.UNBIND | smpp.RESP, 1), header(SUBMIT_RESP, 2, b"", 0x58)] * 10
        target.accounts.append(AGENTS)
        carrier = target.carriers["sim"]

        def answer(_peer, pdu):
            if rng.randrange(3):
                return carrier.accept(_peer, pdu)
            out = bytearray(mutate(rng, corpus))
            if len(out) >= 16 and rng.randrange(2):
                out[12:16] = pdu.seq.to_bytes(4, "big")
            return bytes(out)
        carrier.answer = answer
        await target.start()
        yield target
        stream = Stream(await target.bind())
        seq = 0
        for _ in range(40 * self.scale):
            peer = await carrier.bound(20)
            for _ in range(25):
                if peer not in carrier.peers:
                    break
                peer.send(b"".join(mutate(rng, corpus) for _ in range(20)))
                peer.send(b"".join(reply_to(rng, text) for text in carrier.texts[-30:]))
                for _ in range(5):
                    seq += 1
                    await stream.send(submit_octets(seq, b"text %d" % seq,
                                                    dest="4477009%05d" % rng.randrange(90)))
                await asyncio.sleep(0.005)
            peer.close()
            await target.bell.until(lambda: peer not in carrier.peers, 10, "the end of the bind")
        metrics = await target.metrics()
        need("little was taken: %r" % metrics, metrics["pdus_in"] > 4000 * self.scale
             and metrics["messages_in"] > 500 * self.scale
             and metrics["relay_replies"] > 2 * self.scale)

    # --- floods

    async def flood_of_100k_submits(self, target):
        target.carrier_options["sim"] = {"port": free_port()}   # nothing can be sent on
        await target.start(bound=False)
        yield target
        stream = Stream(await target.bind())
        count = 100000
        for begin in range(0, count, 500):
            await stream.send(b"".join(submit_octets(begin + k, b"flood %d" % (begin + k))
                                       for k in range(500)))
        await stream.until(lambda: stream.answers(SUBMIT_RESP) == count, 60, "all answered")
        need("other answers: %r" % stream.counts,
             set(stream.counts) <= {(SUBMIT_RESP, 0), (SUBMIT_RESP, 0x58)})

    async def flood_of_deliveries(self, target):
        """A carrier whose window is too large is read more slowly, and never refused a text."""
        target.accounts.append(AGENTS)
        carrier = target.carriers["sim"]
        await target.start()
        yield target
        peer, count, answers = await carrier.bound(), 20000, collections.Counter()
        for begin in range(0, count, 500):
            peer.send(b"".join(submit_octets(k + 1, b"hi", "4478%08d" % (k % 5000), CONTACT,
                                             smpp.DELIVER_SM) for k in range(begin, begin + 500)))
            await peer.writer.drain()
        while sum(answers.values()) < count:
            got = await asyncio.wait_for(carrier.others.get(), patient(20))
            need("the bind ended", got)
            answers[got[0], got[1]] += 1
        need("%r" % answers, set(answers) == {(smpp.DELIVER_SM | smpp.RESP, 0)})

    async def flood_of_everything_else(self, target):
        await target.start()
        yield target
        stream = Stream(await target.bind())
        for _ in range(100):
            await stream.send(header(smpp.ENQUIRE_LINK, 5) * 1000)
        await stream.until(lambda: stream.answers(ENQUIRE_RESP) == 100000, 30, "all answered")
        for octets in (header(SUBMIT_RESP, 77, b"x\0"), header(smpp.DELIVER_SM | smpp.RESP, 78),
                       header(smpp.UNBIND | smpp.RESP, 79), header(ENQUIRE_RESP, 80)):
            await stream.send(octets * 25000)   # responses to nothing; they close nothing
        await stream.send(header(smpp.ENQUIRE_LINK, 6))
        await stream.until(lambda: stream.answers(ENQUIRE_RESP) == 100001, 30, "life after it")
        for octets in (header(0xA, 1), header(0x8000000A, 1), header(0x111, 1), bind_octets(),
                       header(smpp.SUBMIT_SM, 1), header(smpp.GENERIC_NACK, 0)):
            stream = Stream(await target.bind(self.address()))
            await stream.send(octets * 20000)
            await asyncio.wait_for(stream.ended.wait(), patient(10))

    async def giant_tlv_lists_and_64k_payloads(self, target):
        await target.start()
        yield target
        stream = Stream(await target.bind(self.address()))
        base = submit_octets(1, b"")
        shapes = [struct.pack(">HH", 0x1501, 0) * 16000, struct.pack(">HH", 0x0424, 65000)
                  + b"A" * 65000, struct.pack(">HH", 0x0424, 39000) + b"\x1b" * 39000,
                  (struct.pack(">HH", 0x020C, 2) + b"ab") * 60, b"\xff" * 65000]
        seq = 0
        for _ in range(100):
            for shape in shapes:
                seq += 1
                await stream.send(header(smpp.SUBMIT_SM, seq, base[16:] + shape))
            if seq % 50 == 0:       # before the 100th protocol error
                await stream.until(lambda: stream.answers(SUBMIT_RESP) == seq, 10, "answered")
                stream.raw.close()
                stream, seq = Stream(await target.bind(self.address())), 0

    # --- slow ones

    async def smpp_s10_peers_that_do_not_read(self, target):
        """They are read no more, and closed after 30 s."""
        await target.start()
        yield target
        begun, slow = time.monotonic(), []
        for _ in range(10):
            raw = await target.bind(self.address())
            raw.reader._transport.pause_reading()   # pylint: disable=protected-access
            slow.append(raw)
        block = header(smpp.ENQUIRE_LINK, 1) * 4096
        sent = 0
        while time.monotonic() - begun < 25:
            for raw in slow:
                if raw.writer.transport.get_write_buffer_size() < 1 << 20:
                    raw.send(block)
                    sent += len(block)
            await asyncio.sleep(0.05)
        need("%d octets were read" % sent, sent < 10 * (16 << 20))
        while (await target.metrics())["sessions"] > 2:
            need("not closed", time.monotonic() - begun < patient(45))
            await asyncio.sleep(0.2)
        for raw in slow:
            raw.close()

    async def peers_that_drip(self, target):
        """A PDU has 30 s from its first octet, the bind 10 s from the connect."""
        await target.start()
        yield target
        begun = time.monotonic()
        unbound, bound = await target.connect(), await target.bind()
        octets, ends = submit_octets(2, b"x" * 200), {}
        for at in range(60):
            for name, raw in (("unbound", unbound), ("bound", bound)):
                if name not in ends and raw.reader.at_eof():
                    ends[name] = time.monotonic() - begun
                if name not in ends:
                    raw.send(octets[at:at + 1])
            if len(ends) == 2:
                break
            await asyncio.sleep(1)
        need("closed after %r" % ends, len(ends) == 2 and 9 < ends["unbound"] < 29 < ends["bound"])

    @staticmethod
    async def files_given_back(target, most):
        end = time.monotonic() + patient(15)
        while target.files() > most:
            need("%d files are open" % target.files(), time.monotonic() < end)
            await asyncio.sleep(0.05)

    async def half_open_2000(self, target):
        await target.start()
        yield target
        begun, files = time.monotonic(), target.files()
        crowd = []
        for k in range(2000):
            crowd.append(await target.connect("127.3.0.%d" % (k // 60 + 1)))
        opened = target.files() - files
        need("%d connections" % opened, 500 < opened <= 1000)
        ends = [asyncio.ensure_future(raw.next(30)) for raw in crowd]
        await asyncio.wait(ends, timeout=patient(20))
        need("%d are left" % sum(not end.done() for end in ends), all(end.done() for end in ends))
        need("closed early", time.monotonic() - begun > 9)
        await self.files_given_back(target, files + 19)

    # --- requests about what waits

    async def no_backlog_leaves(self, target):
        target.carrier_options["sim"] = {"port": free_port()}
        target.app["window"] = 1000
        await target.start(bound=False)

    async def smpp_op_cancel_sm_storm_without_an_id(self, target):
        """Each looks through a long queue: the others' messages must not wait for hundreds."""
        await self.no_backlog_leaves(target)
        yield target
        stream, seq = Stream(await target.bind()), 0
        while len(stream.acked) < 4000:
            await stream.send(b"".join(submit_octets(seq + k, b"waits") for k in range(400)))
            seq += 400
            await stream.until(lambda: stream.answers(SUBMIT_RESP) == seq, 10, "answers")
        watch = await target.watch()
        await stream.send(manage_octets(CANCEL_SM, 1, b"", OTHER_OURS, service=b"X") * 300)
        await stream.until(lambda: stream.answers(CANCEL_SM | smpp.RESP) > 0, 10, "an answer")
        begun = time.monotonic()
        got = await watch.ask(submit_octets(1, b"a chat", "447700900777"), 20)
        need("answered with " + show(got), got and got[:3] == (SUBMIT_RESP, 0, 1))
        need("after all of them, %.1f s" % (time.monotonic() - begun),
             time.monotonic() - begun < 1 or stream.answers(CANCEL_SM | smpp.RESP) < 300)
        await stream.until(lambda: stream.answers(CANCEL_SM | smpp.RESP) == 300, 10, "all answered")

    async def smpp_op_submit_multi_that_lies_of_its_count(self, target):
        """Nothing is accepted of it, and what stands behind it is understood."""
        await target.start()
        yield target
        for count, have in ((0, 0), (0, 3), (1, 0), (2, 1), (254, 253), (255, 255), (5, 254)):
            raw = await target.bind(self.address())
            dests = b"".join(b"\1\1\1%d\0" % (447700900000 + k) for k in range(have))
            body = b"\0\1\1" + OURS.encode() + b"\0" + bytes([count]) + dests + b"\0" * 9 + b"\2hi"
            got = await raw.ask(header(smpp.SUBMIT_MULTI, 7, body))
            if got:     # else it was no PDU at all
                need("answered with " + show(got), got[1] != 0 and got[2] == 7)
                await raw.alive()
            raw.close()
        need("accepted", (await target.metrics())["messages_in"] == 0)

    async def smpp_op_replace_sm_loop_of_a_scheduled_message(self, target):
        """To and fro between now and later; in the end it goes, once."""
        await target.start()
        yield target
        raw = await target.bind()
        got = await raw.ask(submit_octets(1, b"first", schedule_delivery_time="000000010000000R"))
        need("answered with " + show(got), got and got[1] == 0)
        stream, message_id = Stream(raw), got[3][:-1]
        for k in range(1000):
            at = (b"000000020000000R", b"000000000000000R", b"")[k % 3]
            await stream.send(manage_octets(REPLACE_SM, k, message_id, at=at))
        await stream.until(lambda: stream.answers(REPLACE_SM | smpp.RESP) == 1000, 20, "answers")
        await stream.send(manage_octets(REPLACE_SM, 1, message_id, at=b"000000000000000R"))
        carrier = target.carriers["sim"]
        await target.bell.until(lambda: carrier.texts, 10, "the message")
        await stream.send(submit_octets(2000, b"behind it"))
        await target.bell.until(lambda: carrier.texts[-1][2] == b"behind it", 10, "the next one")
        need("%r" % carrier.texts, len(carrier.texts) == 2)

    async def smpp_op_outbind_of_strangers_and_of_the_carrier(self, target):
        """Every kind of them, while the carrier's own sessions come and go."""
        target.carrier_options["sim"] = {"outbind": {"system_id": "smsc", "password": "callus"}}
        await target.start()
        yield target
        carrier = target.carriers["sim"]
        good = header(smpp.OUTBIND, 1, b"smsc\0callus\0")
        bad = header(smpp.OUTBIND, 1, b"smsc\0wrong\0")
        resp = header(0x80000009, 1, b"fake\0")
        kinds = (good, bad, good * 5, good[:-3], good + resp * 3, bind_octets() + good,
                 good + bind_octets(), good + submit_octets(2, b"hi", command=smpp.DELIVER_SM),
                 header(smpp.OUTBIND, 1, b"x" * 40), header(smpp.OUTBIND, 1))
        crowd = []
        for k in range(150):
            raw = await target.connect(self.address())
            raw.send(kinds[k % len(kinds)])
            crowd.append(raw)
            if k % 30 == 0:
                for peer in list(carrier.peers):
                    peer.close()
                await asyncio.sleep(0.05)
        for raw in crowd:
            raw.close()
        metrics = await target.metrics()
        need("%r" % metrics, metrics["outbinds_refused"] > 50)
        await (await target.bind(self.address())).ask(submit_octets(1, b"after it"))
        await target.bell.until(lambda: any(text == b"after it" for _, _, text in carrier.texts),
                                20, "the carrier to be bound again")

    # --- storms and games

    async def storm_of_connections(self, target):
        await target.start()
        yield target
        files = target.files()

        async def one(k):
            try:
                raw = await target.connect(self.address())
                if k % 4 == 1:
                    raw.send(header(smpp.ENQUIRE_LINK, 1))
                elif k % 4 == 2:
                    raw.send(bind_octets() + submit_octets(2, b"storm"))
                elif k % 4 == 3:
                    raw.send(bind_octets())
                    await raw.next()
                raw.close()
            except (ConnectionError, Failure):
                pass
        for _ in range(50 * self.scale):
            await asyncio.gather(*(one(k) for k in range(100)))
        await self.files_given_back(target, files + 2)
        need("sessions are counted", (await target.metrics())["sessions"] == 2)

    async def smpp_x1_x5_handshakes_of_a_flood(self, target):
        """One address begins handshakes as fast as it can: it gets its share, and others theirs."""
        target.gateway.port, port = free_port(), free_port()
        certs = Certs(target.gateway.directory)
        certs.make("ca", issuer="ca")
        certs.make("gateway", names="IP:127.0.0.1")
        tls = {"certificate": certs.path("gateway.pem"), "key": certs.path("gateway.key")}
        target.options["listeners"] = [
            {"id": "apps", "address": "127.0.0.1", "port": target.gateway.port},
            {"id": "tls", "address": "127.0.0.1", "port": port, "sessions_max": 100, "tls": tls}]
        target.options["gateway"] = {"connections_per_address": 8}
        await target.start()
        yield target
        context = certs.client_context("ca")

        async def shake(source):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context,
                                                           local_addr=(source, 0))
            return Raw(reader, writer)
        begun, good, other = time.monotonic(), 0, None
        for k in range(300):
            try:
                raw = await shake("127.7.7.7")
                raw.close()
                good += 1
            except OSError:
                pass
            if k == 200:
                other = await (await shake("127.7.7.8")).bind()
        share = 8 + (time.monotonic() - begun) + 1      # at once, and one a second again
        need("%d handshakes, %.1f are its share" % (good, share), 8 <= good <= share)
        await other.alive()
        other.close()
        need("no word of it", any("reason=handshakes" in line for line in target.gateway.log))

    async def smpp_b3_u1_pipelined_binds(self, target):
        await target.start()
        yield target
        raw = await target.connect()
        raw.send(bind_octets(seq=1) + bind_octets(seq=2) + header(smpp.ENQUIRE_LINK, 3))
        for want in ((0x80000009, 0, 1), (0x80000009, 5, 2), (ENQUIRE_RESP, 0, 3)):
            got = await raw.next()
            need("instead of %r: %s" % (want, show(got)), got and got[:3] == want)
        raw.close()
        # All submitted before the unbind are answered before its response.
        raw = await target.connect()
        raw.send(bind_octets() + b"".join(submit_octets(k + 2, b"line %d" % k) for k in range(100))
                 + header(smpp.UNBIND, 200) + submit_octets(300, b"too late"))
        got = [await raw.next() for _ in range(103)]
        need("%r" % got[-3:], got[102] is None and got[101][:3] == (0x80000006, 0, 200))
        need("not all answered", {pdu[2] for pdu in got[1:101]} == set(range(2, 102)))
        need("refused", not any(pdu[1] for pdu in got[:101]))
        # Refused, and the rest of the segment is ignored.
        raw = await target.connect(self.address())
        raw.send(bind_octets(password="wrong") + bind_octets() + submit_octets(3, b"not bound"))
        need("the first", (await raw.next())[1] == 0xD)
        need("the rest", await raw.next() is None)

    async def same_sequence_number_1000_times(self, target):
        await target.start()
        yield target
        stream = Stream(await target.bind())
        await stream.send(b"".join(submit_octets(7, b"same %d" % k) for k in range(900)))
        await stream.until(lambda: stream.counts[SUBMIT_RESP, 0] == 900, 20, "all answered")
        carrier = target.carriers["sim"]
        await target.bell.until(lambda: len(carrier.texts) >= 900, 20, "all sent on")
        texts = [text for _, _, text in carrier.texts]
        need("merged or in another order", texts == [b"same %d" % k for k in range(900)])

    async def carrier_that_answers_wrongly(self, target):
        """Nothing that was accepted is lost by it."""
        rng = random.Random(self.seed)
        carrier = target.carriers["sim"]
        target.carrier_options["sim"] = {"response": "1s"}

        def answer(_peer, pdu):
            right = pdu.response(message_id="m%d" % pdu.seq).encode()
            return rng.choice((
                b"", header(smpp.DELIVER_SM | smpp.RESP, pdu.seq, b"\0"), right * 2, right,
                header(SUBMIT_RESP, pdu.seq + 1000, b"x\0"), header(ENQUIRE_RESP, pdu.seq),
                header(SUBMIT_RESP, pdu.seq, b"", 0x58), header(SUBMIT_RESP, pdu.seq, b"", 0x14),
                header(smpp.UNBIND | smpp.RESP, pdu.seq), right + header(SUBMIT_RESP, 0, b"y\0"),
                header(0x80000009, pdu.seq, b"z\0"), header(smpp.GENERIC_NACK, 0)))
        carrier.answer = answer
        target.options["relay"] = {"retry_min": "200ms", "retry_max": "1s"}
        await target.start()
        yield target
        stream = Stream(await target.bind())
        for k in range(300):
            await stream.send(submit_octets(k + 1, b"text %d" % k))
        await stream.until(lambda: stream.answers(SUBMIT_RESP) == 300, 20, "all answered")
        await asyncio.sleep(5)
        carrier.answer = carrier.accept
        want = {b"text %d" % (seq - 1) for seq in stream.acked}
        await target.bell.until(lambda: want <= {text for _, _, text in carrier.texts}, 30,
                                "everything accepted to reach the carrier")

    async def carrier_that_plays_with_unbind(self, target):
        carrier = target.carriers["sim"]
        await target.start()
        yield target
        stream = Stream(await target.bind())
        for k in range(40):
            peer = await carrier.bound(20)
            game = k % 5
            await stream.send(submit_octets(k + 1, b"text %d" % k))
            if game == 0:
                peer.send(header(smpp.UNBIND, 1))
            elif game == 1:
                peer.send(header(smpp.UNBIND, 1) * 3 + header(smpp.UNBIND | smpp.RESP, 1))
            elif game == 2:
                carrier.answer = lambda peer, pdu: header(smpp.UNBIND, 9)
            elif game == 3:
                peer.send(header(smpp.UNBIND, 1)
                          + submit_octets(2, b"hi", CONTACT, OURS, smpp.DELIVER_SM))
            else:
                peer.send(header(smpp.UNBIND | smpp.RESP, 1) + header(0x80000009, 1, b"x\0"))
                continue
            await target.bell.until(lambda: peer not in carrier.peers, 10, "the end of the bind")
            carrier.answer = carrier.accept
        want = {b"text %d" % k for k in range(40)}
        await target.bell.until(lambda: want <= {text for _, _, text in carrier.texts}, 20,
                                "everything accepted to reach the carrier")

    # --- signals

    async def sighup_storm_during_traffic(self, target):
        await target.start()
        yield target
        stream = Stream(await target.bind())
        before = (await target.metrics())["reloads"]
        for k in range(200):
            if k % 4 == 1:
                target.carrier_options["sim"] = {"throughput": 1000 + k}
            elif k % 4 == 2:
                target.app["throughput"] = 90000 + k
            elif k % 4 == 3:
                target.carrier_options["sim"] = {"no_such_option": 1}
            target.write_conf()
            target.carrier_options.clear()
            target.gateway.signal(signal.SIGHUP)
            for j in range(10):
                await stream.send(submit_octets(k * 10 + j + 1, b"text %d %d" % (k, j)))
            await asyncio.sleep(0.01)
        await stream.until(lambda: stream.answers(SUBMIT_RESP) == 2000, 20, "all answered")
        need("refused: %r" % stream.counts, stream.counts[SUBMIT_RESP, 0] == 2000)
        metrics = await target.metrics()
        need("few reloads", metrics["reloads"] - before > 20 and metrics["reloads_refused"] > 5)
        carrier = target.carriers["sim"]
        await target.bell.until(lambda: len(carrier.texts) >= 2000, 20, "all sent on")

    async def configuration_that_never_stands_still(self, target):
        """Carriers, binds, apps, numbers and whole accounts come and go under traffic."""
        rng = random.Random(self.seed)
        every = target.carriers
        every["other"] = FakeCarrier(target.bell)
        target.numbers = [(OURS, "sim"), (OTHER_OURS, "other")]
        await target.start()
        yield target
        streams, seq = [], 0
        for _ in range(60 * self.scale):
            self.change_configuration(rng, target, every)
            target.gateway.signal(signal.SIGHUP)
            for _ in range(rng.randrange(1, 8)):
                if len(streams) < 20:
                    raw = await target.connect(self.address())
                    raw.send(bind_octets(kind=rng.choice((1, 2, 9)),
                                         password=target.app["password"]))
                    streams.append(Stream(raw))
                stream = rng.choice(streams)
                for _ in range(20):
                    seq += 1
                    stream.raw.send(submit_octets(seq, b"text", rng.choice((OURS, OTHER_OURS)),
                                                  "4477009%05d" % rng.randrange(50)))
                for carrier in every.values():
                    for peer in carrier.peers[:1]:
                        peer.send(submit_octets(seq, b"hello", "447700900600",
                                                rng.choice((OURS, CONTACT)), smpp.DELIVER_SM))
                        if not rng.randrange(8):
                            peer.close()
                if stream.ended.is_set() or not rng.randrange(8):
                    stream.raw.close()
                    streams.remove(stream)
                await asyncio.sleep(rng.choice((0, 0.002, 0.02, 0.1)))
        metrics = await target.metrics()
        need("%r" % metrics, metrics["reloads"] > 30 * self.scale and metrics["messages_in"] > 500)

    @staticmethod
    def change_configuration(rng, target, every):
        target.carriers = {name: every[name] for name in every
                           if name == "sim" or rng.randrange(3)}
        target.carrier_options = {name: {
            "window": rng.choice((1, 10, 500)), "binds": rng.choice((1, 1, 2, 3)),
            "bind": rng.choice(("transceiver", "pair")), "enquire_link": rng.choice(("1s", "30s"))}
            for name in target.carriers}
        target.numbers = [(number, name) for number, name in ((OURS, "sim"), (OTHER_OURS, "other"))
                          if name in target.carriers]
        target.accounts = [AGENTS] * rng.randrange(2)
        target.app.update(password=rng.choice(("secret12", "secret12", "changed")),
                          binds_max=rng.choice((64, 5)), window=rng.choice((1, 10, 100)))
        target.options["listener"] = {"sessions_max": rng.choice((1000, 50))}
        target.write_conf()

    async def sigterm_during_a_flood(self, target):
        carrier = target.carriers["sim"]
        target.carrier_options["sim"] = {"window": 1000}
        await target.start()
        yield target
        stream = Stream(await target.bind())

        async def flood():
            seq = 0
            while not stream.ended.is_set():
                await stream.send(b"".join(submit_octets(
                    seq + k, b"text %d" % (seq + k), dest="4477009%05d" % k) for k in range(100)))
                seq += 100
                await asyncio.sleep(0.005)
        task = asyncio.ensure_future(flood())
        await asyncio.sleep(0.3)
        begun = time.monotonic()
        target.gateway.signal(signal.SIGTERM)
        code = await target.gateway.wait_exit(20)
        need("status %s" % code, code == 0)
        need("took %.1f s" % (time.monotonic() - begun), time.monotonic() - begun < patient(9))
        task.cancel()
        await asyncio.wait([stream.task], timeout=2)
        carrier.peers.clear()
        await target.start()
        want = {b"text %d" % seq for seq in stream.acked}
        await target.bell.until(lambda: want <= {text for _, _, text in carrier.texts}, 60,
                                lambda: "%d accepted texts to reach the carrier" % len(
                                    want - {text for _, _, text in carrier.texts}))

    # --- the machine

    async def descriptors_run_out(self, target):
        target.gateway.wrapper = ["prlimit", "--nofile=64"]
        await target.start()
        yield target
        crowd = []
        for k in range(120):
            try:
                crowd.append(await target.connect(self.address()))
            except OSError:
                pass
        await asyncio.sleep(3)
        metrics = await target.metrics()
        need("not met", metrics["accept_errors"] > 0)
        need("the log is full of it",
             sum("accept failed" in line for line in target.gateway.log) < 6)
        need("the carrier was lost", target.carriers["sim"].peers)
        for raw in crowd:
            raw.close()
        end = time.monotonic() + patient(5)
        while True:     # until their descriptors are back
            try:
                await (await target.bind()).alive()
                return
            except (ConnectionError, Failure):
                need("no connection", time.monotonic() < end)
                await asyncio.sleep(0.1)

    async def log_to_a_full_device(self, target):
        target.gateway.wrapper = ["sh", "-c", 'exec "$@" 2>/dev/full', "sh"]
        await target.start()
        yield target
        await self.some_texts(target)

    async def started_without_standard_files(self, target):
        """The store must not become file 2, or the log would be written into it."""
        target.gateway.wrapper = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
        await target.start()
        yield target
        for number in range(3):
            file = os.readlink("/proc/%d/fd/%d" % (target.gateway.process.pid, number))
            need("%s is file %d" % (file, number), file == "/dev/null")
        await self.some_texts(target)
        raw = await target.connect(self.address())
        raw.send(b"GET / HTTP/1.1\r\n\r\n")
        await raw.next()
        target.gateway.signal(signal.SIGHUP)
        await asyncio.sleep(0.5)
        await target.gateway.stop()
        done = subprocess.run([BINARY, "verify", "-c", target.gateway.conf], capture_output=True,
                              text=True, check=False)
        need("verify: %s" % (done.stdout + done.stderr), done.returncode == 0)
        target.gateway.wrapper = []
        target.carriers["sim"].peers.clear()
        await target.start()

    async def some_texts(self, target):
        raw = await target.bind(self.address())
        for k in range(20):
            got = await raw.ask(submit_octets(k + 1, b"text"))
            need("answered with " + show(got), got and got[:3] == (SUBMIT_RESP, 0, k + 1))
        raw.close()

    async def inject(self, target, what):
        """strace on the running daemon."""
        try:
            trace = await asyncio.create_subprocess_exec(
                "strace", "-f", "-o", "/dev/null", "-p", str(target.gateway.process.pid),
                "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:" + what,
                stderr=asyncio.subprocess.PIPE)
        except FileNotFoundError:
            raise Skip("no strace") from None
        while b"attached" not in await trace.stderr.readline():
            if trace.stderr.at_eof():
                await trace.wait()
                raise Skip("no ptrace")
        return trace

    async def disk_that_fails(self, target):
        """EIO of the fdatasync of a commit: exit 75, and what was in it is not acknowledged."""
        target.gateway.env["ASAN_OPTIONS"] = "detect_leaks=0"
        await target.start()
        yield target
        raw = await target.bind()
        await self.some_texts(target)
        trace = await self.inject(target, "error=EIO")
        raw.send(b"".join(submit_octets(k + 1, b"lost %d" % k) for k in range(10)))
        need("acknowledged", await raw.next(10) is None)
        need("status %s" % await target.gateway.wait_exit(), target.gateway.exit_code == 75)
        need("not said", any("commit failed" in line for line in target.gateway.log))
        await trace.wait()
        target.carriers["sim"].peers.clear()
        await target.start()
        await self.some_texts(target)

    async def disk_that_stalls(self, target):
        """Two seconds for an fdatasync: nothing is acknowledged before it, and all else goes on."""
        target.gateway.env["ASAN_OPTIONS"] = "detect_leaks=0"
        await target.start()
        yield target
        raw = await target.bind()
        trace = await self.inject(target, "delay_exit=2000000")
        begun = time.monotonic()
        got = await raw.ask(submit_octets(1, b"slow"), 20)
        need("answered with " + show(got), got and got[:3] == (SUBMIT_RESP, 0, 1))
        need("after %.1f s" % (time.monotonic() - begun), time.monotonic() - begun > 1.9)
        trace.terminate()
        await trace.wait()

    async def smpp_s9_no_further_ahead_than_a_megabyte(self, target):
        """While nothing is committed, an app's requests stay in its socket."""
        target.gateway.env["ASAN_OPTIONS"] = "detect_leaks=0"
        await target.start()
        yield target
        raw = await target.bind()
        trace = await self.inject(target, "delay_exit=2000000")
        raw.send(submit_octets(1, b"slow"))
        vendors = b"\x14\x00" + (60000).to_bytes(2, "big") + b"x" * 60000
        before = (await target.metrics())["octets_in"]
        raw.send(b"".join(header(smpp.SUBMIT_SM, k, submit_octets(k, b"behind")[16:] + vendors)
                          for k in range(2, 102)))
        got = await raw.next(20)
        ahead = (await target.metrics())["octets_in"] - before
        trace.terminate()
        await trace.wait()
        need("answered with " + show(got), got and got[:3] == (SUBMIT_RESP, 0, 1))
        need("%d octets were read" % ahead, ahead < 5 << 19)
        for k in range(2, 102):
            got = await raw.next(20)
            need("answered with " + show(got), got and got[:3] == (SUBMIT_RESP, 0, k))
        raw.close()

    async def two_daemons_on_one_directory(self, target):
        await target.start()
        yield target
        other = Target(target.gateway.directory)
        other.carriers = target.carriers
        done = await asyncio.create_subprocess_exec(
            BINARY, "serve", "-c", target.gateway.conf, stderr=asyncio.subprocess.PIPE)
        _, said = await asyncio.wait_for(done.communicate(), patient(10))
        need("status %s" % done.returncode, done.returncode == 1)
        need("said %r" % said, str(target.gateway.process.pid).encode() in said)
        await self.some_texts(target)

    async def disk_that_is_full(self, target):
        """An ext4 of 16 MB: new messages are refused with 0x14 while it is full; what is stored
        goes out all the same; once there is room they are taken again."""
        if os.geteuid() != 0:
            raise Skip("not root")
        directory = os.path.join(self.directory, "disk")
        image = directory + ".img"
        os.mkdir(directory)
        with open(image, "wb") as out:
            out.truncate(16 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True,
                       env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"))
        subprocess.run(["mount", "-o", "loop", image, directory], check=True)
        try:
            target.options["store"] = {"dir": os.path.join(directory, "store"), "max": "64MiB",
                                       "reserve": "1MiB", "unsafe_fs": False}
            target.carrier_options["sim"] = {"window": 1, "throughput": 20}
            await target.start()
            yield target
            await self.fill_the_disk(target, directory)
        finally:
            await target.close()
            subprocess.run(["umount", directory], check=False)

    async def fill_the_disk(self, target, directory):
        stream = Stream(await target.bind())
        await stream.send(b"".join(submit_octets(k, b"before %d" % k) for k in range(100)))
        await stream.until(lambda: stream.answers(SUBMIT_RESP) == 100, 10, "answers")
        need("refused early", len(stream.acked) == 100)
        filler = os.path.join(directory, "filler")
        with open(filler, "wb", buffering=0) as out:
            try:
                while True:
                    out.write(bytes(65536))
            except OSError:
                pass
        seq, end = 100000, time.monotonic() + patient(10)
        while not stream.counts[SUBMIT_RESP, 0x14]:     # it looks once a second
            need("does not see it: %r" % stream.counts, time.monotonic() < end)
            seq += 1
            await stream.send(submit_octets(seq, b"nearly"))
            await asyncio.sleep(0.05)
        await stream.until(lambda: stream.answers(SUBMIT_RESP) == seq - 100000 + 100, 10, "answers")
        before = stream.counts[SUBMIT_RESP, 0x14]
        await stream.send(b"".join(submit_octets(k, b"full") for k in range(1000, 1100)))
        await stream.until(lambda: stream.counts[SUBMIT_RESP, 0x14] == before + 100, 10,
                           "0x14 for all")
        carrier = target.carriers["sim"]
        await target.bell.until(lambda: len(carrier.texts) >= 100, 20, "what is stored goes out")
        os.unlink(filler)
        seq, end = 200000, time.monotonic() + patient(20)
        while not any(k >= 200000 for k in stream.acked):
            need("does not heal: %r" % stream.counts, time.monotonic() < end)
            seq += 1
            await stream.send(submit_octets(seq, b"after"))
            await asyncio.sleep(0.05)
        await self.flood_until_full(target)

    async def flood_until_full(self, target):
        """As fast as it goes: the daemon refuses in time, with 0x14."""
        stream = Stream(await target.bind())
        for k in range(2000):
            await stream.send(b"".join(submit_octets(5000, b"x" * 150, dest="44770%07d" % (
                k * 100 + j)) for j in range(100)))
            if stream.counts[SUBMIT_RESP, 0x14] > 1000:
                break
            await asyncio.sleep(0)
        sent = (k + 1) * 100
        await stream.until(lambda: stream.answers(SUBMIT_RESP) == sent, 30, "all answered")
        need("not full: %r" % stream.counts, stream.counts[SUBMIT_RESP, 0x14] > 0)
        need("other answers: %r" % stream.counts, set(stream.counts) <= {
            (SUBMIT_RESP, 0), (SUBMIT_RESP, 0x14), (SUBMIT_RESP, 0x58)})

    async def limit_of_the_file_size(self, target):
        target.gateway.wrapper = ["prlimit", "--fsize=%d" % (6 << 20)]
        target.options["store"] = {"max": "64MiB", "reserve": "2MiB"}
        target.carrier_options["sim"] = {"port": free_port()}
        await target.start(bound=False)
        yield target
        await self.flood_until_full(target)


# Those that mostly wait do so beside each other, and not beside those that load the machine; but a
# single peer that waits half a minute may wait beside anything.
IDLE = ("peers_that_drip", "carrier_that_plays_with_unbind")
SLOW = ("smpp_s10_peers_that_do_not_read", "half_open_2000", "carrier_that_answers_wrongly",
        "descriptors_run_out", "disk_that_stalls", "same_sequence_number_1000_times")


async def play(cases, name):
    """(None or what was wrong, seconds, worst life sign in ms, growth in KiB)"""
    begun, wrong, life, growth = time.monotonic(), None, None, 0
    target = cases.target(name)
    case = getattr(cases, name)(target)
    try:
        await case.asend(None)
        life = Life(target.gateway.port)
        life.start()
        before, process = target.memory(), target.gateway.process
        try:
            await asyncio.wait_for(case.asend(life), 600)
        except StopAsyncIteration:
            pass
        life.stop()
        if target.gateway.process is process and target.gateway.running():
            if life.wrong:
                raise Failure(life.wrong)
            growth = target.memory("VmHWM") - before
        if life.worst > LIFE_SECONDS:
            raise Failure("a life sign took %.2f s" % life.worst)
        if growth > GROWTH_KIB:
            raise Failure("grew by %d KiB" % growth)
        await target.end()
    except Skip as skip:
        return skip, 0, 0, 0
    except (Failure, OSError, asyncio.TimeoutError, subprocess.CalledProcessError) as error:
        wrong = "%s: %s\n%s" % (type(error).__name__, error, target.gateway.tail())
    finally:
        await case.aclose()
        await target.close()
    return wrong, time.monotonic() - begun, life.worst * 1000 if life else 0, growth


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(
        resource.RLIMIT_NOFILE)[1]),) * 2)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)     # we write to closed sockets
    directory = tempfile.mkdtemp(prefix="tandem-hostile-")
    cases = Cases(directory, options.seed, options.long)
    every = [name for name, kind in vars(Cases).items()
             if hasattr(kind, "__code__") and kind.__code__.co_flags & 0x200]
    chosen = [name for name in every if not options.names
              or any(word in name for word in options.names)]
    results = {}

    async def one(name):
        wrong, seconds, worst, growth = await play(cases, name)
        if isinstance(wrong, Skip):
            print("skip %s: %s" % (name, wrong))
            return
        results[name] = not wrong
        print("%s %s (%.1fs, life %.0f ms, +%d KiB)" % ("not ok" if wrong else "ok", name, seconds,
                                                       worst, growth))
        if wrong:
            print("\n".join("    " + line for line in wrong.split("\n")))
        sys.stdout.flush()

    idle = asyncio.gather(*(one(name) for name in chosen if name in IDLE))
    for name in chosen:
        if name not in IDLE + SLOW:
            await one(name)
    await asyncio.gather(idle, *(one(name) for name in chosen if name in SLOW))
    passed = sum(results.values())
    print("%d passed, %d failed" % (passed, len(results) - passed))
    if passed == len(results):
        shutil.rmtree(directory, ignore_errors=True)
    else:
        print("seed %d; kept: %s" % (options.seed, directory))
    return passed != len(results)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
