"""Raw peers for the tests that misbehave: octets out, PDUs in, and nothing done by itself that the
test did not ask for."""

import asyncio
import os
import signal
import struct

import smpp
from bell import Bell, Failure, patient
from gateway import Gateway, free_port, write_yaml

OURS, OTHER_OURS, CONTACT = "447700900001", "447700900002", "447700900123"
ID, PASSWORD = "app1", "secret12"


def header(command, seq, body=b"", status=0):
    return struct.pack(">IIII", 16 + len(body), command, status, seq) + body


def bind_octets(kind=smpp.BIND_TRANSCEIVER, system_id=ID, password=PASSWORD, seq=1):
    return smpp.Pdu(kind, 0, seq, {"system_id": system_id, "password": password,
                                   "interface_version": 0x34}).encode()


def submit_octets(seq, text=b"Hello", source=OURS, dest=CONTACT, command=smpp.SUBMIT_SM, **fields):
    base = {"source_addr": source, "destination_addr": dest, "source_addr_ton": 1,
            "source_addr_npi": 1,
            "dest_addr_ton": 1, "dest_addr_npi": 1, "short_message": text}
    return smpp.Pdu(command, 0, seq, dict(base, **fields)).encode()


class Raw:
    """One connection: what it received, PDU by PDU, in order."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.answers_enquiries = True

    @classmethod
    async def connect(cls, port, source="127.0.0.1", limit=1 << 20):
        return cls(*await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0),
                                                  limit=limit))

    def send(self, octets):
        self.writer.write(octets)

    async def next(self, timeout=5.0):
        """(command, status, seq, body), or None when the gateway has closed."""
        while True:
            try:
                head = await asyncio.wait_for(self.reader.readexactly(16), patient(timeout))
            except (asyncio.IncompleteReadError, ConnectionError):
                return None
            except asyncio.TimeoutError:
                raise Failure("no PDU within %gs" % patient(timeout)) from None
            length, command, status, seq = struct.unpack(">IIII", head)
            if not 16 <= length <= 65536:
                raise Failure("the gateway sent command_length %d" % length)
            body = await self.reader.readexactly(length - 16)
            if command == smpp.ENQUIRE_LINK and self.answers_enquiries:
                self.send(header(smpp.ENQUIRE_LINK | smpp.RESP, seq))
                continue
            return command, status, seq, body

    async def ask(self, octets, timeout=5.0):
        self.send(octets)
        return await self.next(timeout)

    async def alive(self, seq=0x5A5A):
        """The next PDU is the answer to an enquire_link."""
        got = await self.ask(header(smpp.ENQUIRE_LINK, seq))
        if got != (smpp.ENQUIRE_LINK | smpp.RESP, 0, seq, b""):
            raise Failure("instead of enquire_link_resp: %s" % show(got))

    async def bind(self, **how):
        got = await self.ask(bind_octets(**how))
        if got is None or got[1] != 0:
            raise Failure("the bind was answered with %s" % show(got))
        return self

    def close(self):
        self.writer.transport.abort()


def show(pdu):
    if pdu is None:
        return "the end of the connection"
    return "%s 0x%02x seq=0x%x body=%s" % (smpp.command_name(pdu[0]), pdu[1], pdu[2],
                                           pdu[3][:64].hex())


class FakeCarrier:
    """Answers binds and submits; whatever else the gateway sends is kept for the test."""

    def __init__(self, bell):
        self.bell = bell
        self.port, self.server = 0, None
        self.peers = []                 # Raw, bound ones only, oldest first
        self.submits = []               # every submit_sm, decoded
        self.texts = []                 # (source, destination, octets of the whole message)
        self.others = asyncio.Queue()   # PDUs but binds and submits, and None for each end
        self.parts = {}
        self.count = 0
        self.ids = []                   # message ids for the next submits, then numbers
        self.answer = self.accept       # (peer, pdu) -> octets

    async def listen(self):
        self.server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=1 << 20)
        self.port = self.server.sockets[0].getsockname()[1]

    def accept(self, _peer, pdu):
        self.count += 1
        message_id = self.ids.pop(0) if self.ids else "c%d" % self.count
        return pdu.response(message_id=message_id).encode()

    async def _connected(self, reader, writer):
        peer = Raw(reader, writer)
        try:
            while True:
                got = await peer.next(3600)
                if got is None:
                    return
                self._pdu(peer, got)
                self.bell.ring()
        except (ConnectionError, Failure, asyncio.CancelledError):
            pass
        finally:
            if peer in self.peers:
                self.peers.remove(peer)
                self.others.put_nowait(None)
            writer.close()
            self.bell.ring()

    def _pdu(self, peer, got):
        command, status, seq, body = got
        if command in smpp.BIND_KINDS:
            peer.send(header(command | smpp.RESP, seq, b"fake\0\x02\x10\0\x01\x34"))
            self.peers.append(peer)
        elif command == smpp.SUBMIT_SM:
            pdu = smpp.decode(header(command, seq, body, status))
            self.submits.append(pdu)
            self._whole(pdu)
            peer.send(self.answer(peer, pdu))
        elif command == smpp.UNBIND:
            peer.send(header(command | smpp.RESP, seq))
        else:
            self.others.put_nowait(got)

    def _whole(self, pdu):
        octets = pdu.short_message
        if not pdu.esm_class & 0x40 or octets[:3] not in (b"\5\0\3", b"\6\x08\4") or not (
                1 <= octets[octets[0]] <= octets[octets[0] - 1]):
            self.texts.append((pdu.source_addr, pdu.destination_addr, octets))
            return
        total, number = octets[octets[0] - 1], octets[octets[0]]
        have = self.parts.setdefault((pdu.source_addr, pdu.destination_addr, octets[:octets[0]]),
                                     {})
        have[number] = octets[octets[0] + 1:]
        if len(have) == total:
            self.texts.append((pdu.source_addr, pdu.destination_addr,
                               b"".join(have[k] for k in sorted(have))))
            have.clear()

    async def bound(self, deadline=10.0):
        await self.bell.until(lambda: self.peers, deadline, "the gateway to bind")
        return self.peers[-1]


def carrier_conf(name, port, more):
    conf = {"id": name, "host": "127.0.0.1", "port": port, "system_id": "tandem",
            "password": "secret", "bind": "transceiver", "reconnect_min": "100ms",
            "reconnect_max": "200ms", "refused_min": "100ms", "refused_max": "200ms"}
    return {**conf, **more}


class Target:
    """A daemon with fake carriers and two apps of two accounts, app1 and the one that watches."""

    def __init__(self, directory, env=None, wrapper=()):
        os.makedirs(directory, exist_ok=True)
        self.bell = Bell()
        self.gateway = Gateway(directory, self.bell, env=env, wrapper=wrapper)
        self.carriers = {"sim": FakeCarrier(self.bell)}
        self.app = {"system_id": ID, "password": PASSWORD, "binds_max": 64, "window": 100}
        self.numbers = [(OURS, "sim"), (OTHER_OURS, "sim")]
        self.accounts = []              # more of them
        self.carrier_options, self.options = {}, {}

    def write_conf(self):
        numbers = [{"number": "+" + number, "role": "app", "carrier": carrier, "app": ID}
                   for number, carrier in self.numbers]
        records = {"accounts": [
            {"id": "one", "name": "One", "country": "GB", "apps": [self.app], "numbers": numbers},
            {"id": "two", "name": "Two", "country": "GB",
             "apps": [{"system_id": "watch", "password": "watch"}],
             "numbers": [{"number": "+447700900777", "role": "app", "carrier": "sim",
                          "app": "watch"}]}] + self.accounts}
        conf = {"gateway": {"drain": "2s"}, "log": {"level": "info"},
                "store": {"dir": "store", "max": "1GiB", "reserve": "16MiB", "unsafe_fs": True},
                "directory": "directory.yaml",
                "listeners": [{"id": "apps", "address": "127.0.0.1", "port": self.gateway.port}],
                "carriers": [carrier_conf(name, carrier.port, self.carrier_options.get(name, {}))
                             for name, carrier in self.carriers.items()]}
        for section, options in self.options.items():
            if isinstance(options, list):
                conf[section] = options
                continue
            target = conf["listeners"][0] if section == "listener" else conf.setdefault(section, {})
            target.update(options)
        write_yaml(os.path.join(self.gateway.directory, "directory.yaml"), records)
        write_yaml(self.gateway.conf, conf)

    async def start(self, bound=True, deadline=20.0):
        for carrier in self.carriers.values():
            if not carrier.server:
                await carrier.listen()
        self.gateway.port = self.gateway.port or free_port()
        self.write_conf()
        await self.gateway.launch()
        await self.gateway.wait_listening(deadline)
        if bound:
            for carrier in self.carriers.values():
                await carrier.bound(deadline)
        return self

    async def connect(self, source="127.0.0.1"):
        return await Raw.connect(self.gateway.port, source)

    async def bind(self, source="127.0.0.1", **how):
        return await (await self.connect(source)).bind(**how)

    async def watch(self):
        return await self.bind(system_id="watch", password="watch")

    async def metrics(self):
        """The counters by name."""
        before = len(self.gateway.log)
        self.gateway.signal(signal.SIGUSR1)

        def line():
            return [text for text in self.gateway.log[before:] if " metrics " in text]
        text = (await self.bell.until(line, 10, "a line of metrics"))[0]
        return {word.split("=")[0]: int(word.split("=")[1]) for word in text.split()
                if "=" in word and word.split("=")[1].isdigit()}

    def memory(self, what="VmRSS"):
        """In KiB."""
        with open("/proc/%d/status" % self.gateway.process.pid, encoding="ascii") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith(what))

    def files(self):
        """Open file descriptors; only root may look into a process that leaves no core dumps."""
        try:
            return len(os.listdir("/proc/%d/fd" % self.gateway.process.pid))
        except PermissionError:
            return 0

    async def end(self):
        """Stop in order, and complain about what no test may cause."""
        if self.gateway.running():
            await self.gateway.stop(30)
        alarms = self.gateway.log_alarms()
        if alarms:
            raise Failure("\n".join(alarms[:20]))

    async def close(self):
        await self.gateway.end()
        for carrier in self.carriers.values():
            if carrier.server:
                carrier.server.close()
            for peer in list(carrier.peers):
                peer.close()
