"""What goes over the wire while a story is played, and what tshark makes of it.

With the right to capture, dumpcap listens on the loopback; without it, a proxy on either side of
the gateway keeps the octets and writes them down as the packets they would have been.
"""

import asyncio
import os
import socket
import struct
import time

import smpp
from app import App
from bell import Failure
from child import Child, find
from gateway import free_port

WARNING = 0x600000                      # tshark's _ws.expert.severity; errors are above
# On a busy machine the kernel sends a segment twice before it is acknowledged; that is no fault.
TIMING = {"D-SACK Sequence"}


class Capture:
    """dumpcap on the loopback. Datagrams of our own show that it has begun, and that it is done."""

    def __init__(self, directory, bell):
        self.path = os.path.join(directory, "capture.pcapng")
        self.child = Child("dumpcap", directory, bell)
        self.mark_port = free_port()

    async def start(self, carrier_port, gateway_port):
        wanted = "tcp port %d or tcp port %d or udp port %d" % (
            carrier_port, gateway_port, self.mark_port)
        await self.child.start(find("dumpcap", "tshark"), "-q", "-i", "lo", "-f", wanted,
                               "-w", self.path)
        await self._mark("the capture begins")

    async def _mark(self, text, deadline=15.0):
        end = time.monotonic() + deadline
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            while not self._has(text.encode()):
                self.child.must_run()
                if time.monotonic() > end:
                    raise Failure("dumpcap does not see the loopback\n" + self.child.tail())
                sock.sendto(text.encode(), ("127.0.0.1", self.mark_port))
                await asyncio.sleep(0.05)

    def _has(self, mark):
        try:
            with open(self.path, "rb") as octets:
                return mark in octets.read()
        except OSError:
            return False

    async def finish(self):
        await self._mark("the capture ends")
        await self.child.end()
        with open(self.child.log_path, encoding="utf-8") as text:
            if "/0 (pcap:0/dumpcap:0" not in text.read():
                raise Failure("dumpcap lost packets\n" + self.child.tail())
        return self.path

    async def close(self):
        await self.child.end()


class Recorder:
    """Proxies before the carrier and before the gateway; the file is written as it goes."""

    def __init__(self, directory, _bell=None):
        self.path = os.path.join(directory, "recorded.pcap")
        self.servers, self.tasks = [], []
        with open(self.path, "wb") as out:  # pcap 2.4, link type 101: packets begin with IP
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))

    async def before(self, port):
        """A port that leads to this one."""
        async def connected(reader, writer):
            self.tasks.append(asyncio.current_task())
            client = writer.get_extra_info("peername")[1]
            there = await asyncio.open_connection("127.0.0.1", port)
            place = {client: 1, port: 1}    # the next sequence number of each side
            await asyncio.gather(self._carry(reader, there[1], client, port, place),
                                 self._carry(there[0], writer, port, client, place))
        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        self.servers.append(server)
        return server.sockets[0].getsockname()[1]

    async def _carry(self, reader, writer, source, destination, place):
        try:
            while octets := await reader.read(32768):
                self.write(source, destination, place, octets)
                writer.write(octets)
                await writer.drain()
            writer.close()
        except OSError:
            writer.close()

    def write(self, source, destination, place, octets):
        tcp = struct.pack(">HHIIBBHHH", source, destination, place[source], place[destination],
                          5 << 4, 0x18, 65535, 0, 0)
        place[source] += len(octets)
        size = 20 + len(tcp) + len(octets)
        ip = struct.pack(">BBHHHBBHII", 0x45, 0, size, 0, 0x4000, 64, 6, 0, 0x7F000001, 0x7F000001)
        now = time.time()
        with open(self.path, "ab") as out:
            out.write(struct.pack("<IIII", int(now), int(now % 1 * 1e6), size, size))
            out.write(ip + tcp + octets)

    async def finish(self):
        await self.close()
        return self.path

    async def close(self):
        for server in self.servers:
            server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


class RecordedApp(App):
    recorder = None

    async def connect(self, port, host="127.0.0.1"):
        return await super().connect(await self.recorder.before(port), host)


async def tap(world):
    """Begin to listen to a world that has not started: (Capture or Recorder, ports of SMPP)."""
    carrier = await world.carrier()
    world.gateway.port = free_port()
    ports = (carrier.port, world.gateway.port)
    capture = Capture(world.directory, world.bell)
    if os.environ.get("INTEROP_CAPTURE") != "proxy":
        try:
            await capture.start(*ports)
            return capture, ports
        except Failure as failure:
            await capture.close()
            print("    the octets are recorded instead: %s" % str(failure).split("\n")[0])
    recorder = Recorder(world.directory)
    carrier.port = await recorder.before(carrier.port)
    app = RecordedApp("crm", world.bell, world.ledger)
    app.recorder = recorder
    world.apps["crm"] = app
    return recorder, ports


AGAIN = ("tcp.analysis.retransmission", "tcp.analysis.spurious_retransmission",
         "tcp.analysis.fast_retransmission")
FIELDS = AGAIN + (
    "frame.number", "tcp.stream", "tcp.len", "smpp.command_id", "smpp.command_length",
    "_ws.malformed", "_ws.expert.severity", "_ws.expert.message", "smpp.message_text")


async def dissect(path, ports):
    """A dictionary of FIELDS for each packet, values as tshark writes them."""
    command = [find("tshark", "tshark"), "-n", "-r", path, "-Y", "tcp", "-T", "fields",
               "-E", "occurrence=a", "-E", "aggregator=|", "-E", "separator=/t",
               "-o", "smpp.decode_sms_over_smpp:GSM 7-bit"]
    for port in ports:
        command += ["-d", "tcp.port==%d,smpp" % port]
    for field in FIELDS:
        command += ["-e", field]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    try:
        out, complaint = await asyncio.wait_for(process.communicate(), 60)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        raise Failure("tshark took more than 60 s") from None
    if process.returncode != 0:
        raise Failure("tshark ended with %d: %s" % (process.returncode, complaint.decode()))
    with open(path + ".txt", "wb") as copy:
        copy.write(out)
    # tshark writes each half of a surrogate pair as three octets of its own.
    text = out.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")
    packets = [dict(zip(FIELDS, line.split("\t"))) for line in text.split("\n") if line]
    # Connections that never were (is the gateway up yet?) are refused with a reset; leave them out.
    used = {packet["tcp.stream"] for packet in packets if int(packet["tcp.len"])}
    return [packet for packet in packets if packet["tcp.stream"] in used]


def judge(packets):
    """What is wrong, in lines; and how many PDUs of each name tshark recognised."""
    wrong, counts, carried, decoded = [], {}, 0, 0
    for packet in packets:
        for message, severity in zip(packet["_ws.expert.message"].split("|"),
                                     packet["_ws.expert.severity"].split("|")):
            if severity and int(severity) >= WARNING and message not in TIMING:
                wrong.append("packet %s: %s" % (packet["frame.number"], message))
        if packet["_ws.malformed"]:
            wrong.append("packet %s is malformed" % packet["frame.number"])
        for one in filter(None, packet["smpp.command_id"].split("|")):
            name = smpp.command_name(int(one, 0))
            counts[name] = counts.get(name, 0) + 1
        decoded += sum(map(int, filter(None, packet["smpp.command_length"].split("|"))))
        if not any(packet[flag] for flag in AGAIN):
            carried += int(packet["tcp.len"])
    if carried != decoded:
        wrong.append("%d octets went over the wire, %d of them PDUs" % (carried, decoded))
    return wrong, counts
