"""Steps of stories that speak to the control socket: `tandem ctl`, the socket itself, and the files
that traces write."""

import asyncio
import glob
import json
import os
import socket
import subprocess

from bell import Failure, patient
from world import select


class AdminSteps:
    def _control_path(self):
        tree, key = select(self.world.conf, "control.path")
        return os.path.join(self.world.directory, tree[key])

    async def _ctl(self, words):
        process = await asyncio.create_subprocess_exec(
            self.world.gateway.binary, "ctl", "--socket", self._control_path(), *words,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT, env=self.world.gateway.env)
        out, _ = await process.communicate()
        return process.returncode, out.decode("utf-8", "replace")

    async def do_ctl(self, words):
        """ctl WORDS... [exits N] [says "text"...] [lacks "text"...]: `tandem ctl`, again and again
        until its output is like that; with exits 1 or 2, or nothing to say, once."""
        at = min([words.index(word) for word in ("exits", "says", "lacks") if word in words] or
                 [len(words)])
        command, rest = [self.fill(word) for word in words[:at]], words[at:]
        code, says, lacks, kind = 0, [], [], None
        for word in rest:
            if word in ("exits", "says", "lacks") and type(word) is str:
                kind = word
            elif kind == "exits":
                code = int(word)
            else:
                (says if kind == "says" else lacks).append(self.fill(word))
        end = asyncio.get_running_loop().time() + patient(self.deadline)
        while True:
            have, out = await self._ctl(command)
            missing = [text for text in says if text not in out] + \
                      [text for text in lacks if text in out]
            if have == code and not missing:
                return
            if have != code or code or asyncio.get_running_loop().time() > end:
                raise Failure("tandem ctl %s ended with %d:\n%s" % (" ".join(command), have, out))
            await asyncio.sleep(0.05)   # nothing rings when the daemon's state changes

    async def do_ctl_takes(self, words):
        """ctl-takes NAME FIELD WORDS...: the field of the first row becomes a variable"""
        code, out = await self._ctl(["--json"] + [self.fill(word) for word in words[2:]])
        rows = [json.loads(line) for line in out.splitlines()] if code == 0 else []
        if not rows:
            raise Failure("tandem ctl %s ended with %d:\n%s" % (" ".join(words[2:]), code, out))
        self.variables[words[0]] = rows[0][words[1]]

    async def do_admin(self, words):
        """admin "line"... gets "text"...: lines as they are on one connection; the answers, up to
        the end of the connection, hold these texts in this order. x*N
        is a line of N times x."""
        at = words.index("gets")
        reader, writer = await asyncio.open_unix_connection(self._control_path())
        for line in words[:at]:
            line = "x" * int(line[2:]) if line.startswith("x*") else line
            writer.write(line.encode("utf-8", "surrogateescape") + b"\n")
        writer.write_eof()
        out = await asyncio.wait_for(reader.read(), patient(self.deadline))
        out = out.decode("utf-8", "replace")
        writer.close()
        place = 0
        for text in words[at + 1:]:
            place = out.find(self.fill(text), place)
            if place < 0:
                raise Failure("the control socket said:\n%s" % out)

    async def do_admin_crowd(self, words):
        """admin-crowd N: so many connections are taken, the next one is told to go; when one of
        them has left, there is room again"""
        crowd = []
        for _ in range(int(words[0]) + 1):
            crowd.append(await asyncio.open_unix_connection(self._control_path()))
        told = await asyncio.wait_for(crowd[-1][0].readline(), patient(self.deadline))
        if b"too many connections" not in told or await crowd[-1][0].read():
            raise Failure("one connection too many was told %r" % told)
        for reader, writer in crowd[:-1]:
            writer.write(b'{"command": "held"}\n')
            answer = await asyncio.wait_for(reader.readline(), patient(self.deadline))
            if answer != b'{"id":null,"ok":true}\n':
                raise Failure("in the crowd: %r" % answer)
        for _, writer in crowd:
            writer.close()
        await asyncio.wait_for(self._room(), patient(self.deadline))

    async def _room(self):
        """The daemon takes notice of those that left in its own time."""
        while not await self._has_room():
            await asyncio.sleep(0.01)

    async def _has_room(self):
        """Whether a request on a new connection is answered."""
        reader, writer = await asyncio.open_unix_connection(self._control_path())
        try:
            writer.write(b'{"command": "held"}\n')
            return b'"ok":true' in await asyncio.wait_for(reader.readline(), patient(self.deadline))
        except ConnectionError:
            return False
        finally:
            writer.close()

    async def do_admin_floods(self, words):
        """admin-floods N "line": N lines at once without reading; then every one is answered"""
        count = int(words[0])
        reader, writer = await asyncio.open_unix_connection(self._control_path(), limit=1 << 20)
        writer.write((words[1].encode() + b"\n") * count)
        await self.world.quiet(self.deadline)   # messages go on meanwhile
        done = 0
        while done < count:
            line = await asyncio.wait_for(reader.readline(), patient(self.deadline))
            if not line or b'"error":{' in line:
                raise Failure("after %d answers: %r" % (done, line))
            done += line.endswith(b'"ok":true}\n')
        writer.close()

    async def do_admin_holds(self, words):
        """admin-holds NAME "line"...: lines on a connection that stays; each is answered ok"""
        reader, writer = await asyncio.open_unix_connection(self._control_path())
        for line in words[1:]:
            writer.write(self.fill(line).encode() + b"\n")
            out = b""
            while not out.endswith(b'"ok":true}\n'):
                out = await asyncio.wait_for(reader.readline(), patient(self.deadline))
                if not out or b'"error":{' in out:
                    raise Failure("the control socket said %r" % out)
        self.held = dict(getattr(self, "held", {}), **{words[0]: writer})

    async def do_admin_drops(self, words):
        """admin-drops NAME: that connection ends"""
        self.held.pop(words[0]).close()

    async def do_admin_brings(self, words):
        """admin-brings PATH "line" gets "text": a line with an open file along with it"""
        with socket.socket(socket.AF_UNIX) as s, open(self.fill(words[0]), "rb") as file:
            s.connect(self._control_path())
            socket.send_fds(s, [self.fill(words[1]).encode() + b"\n"], [file.fileno()] * 3)
            reader, writer = await asyncio.open_unix_connection(sock=s)
            out = (await asyncio.wait_for(reader.readline(), self.deadline)).decode()
            writer.close()
        if self.fill(words[3]) not in out:
            raise Failure("the control socket said:\n%s" % out)

    async def do_ctl_holds(self, words):
        """ctl-holds NAME WORDS... says "text"...: `tandem ctl` that goes on; it has said this"""
        at = words.index("says")
        process = await asyncio.create_subprocess_exec(
            self.world.gateway.binary, "ctl", "--socket", self._control_path(),
            *[self.fill(word) for word in words[1:at]], stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env=self.world.gateway.env)
        out, wanted = "", [self.fill(word) for word in words[at + 1:]]
        while not all(text in out for text in wanted):
            piece = await asyncio.wait_for(process.stdout.read(4096), self.deadline)
            if not piece:
                raise Failure("tandem ctl ended with %s:\n%s" % (await process.wait(), out))
            out += piece.decode("utf-8", "replace")
        self.held = dict(getattr(self, "held", {}), **{words[0]: process})

    async def do_ctl_ends(self, words):
        """ctl-ends NAME [by kill]: that `tandem ctl` is ended; or has ended, with 2"""
        process = self.held.pop(words[0])
        if "kill" in words:
            process.kill()
        code = await asyncio.wait_for(process.wait(), self.deadline)
        if code != (-9 if "kill" in words else 2):
            raise Failure("tandem ctl ended with %d" % code)

    async def do_mode(self, words):
        """mode PATH OCTAL: of a file in the story's folder, or `gone`"""
        path = os.path.join(self.world.directory, words[0])
        have = "%o" % (os.stat(path).st_mode & 0o777) if os.path.exists(path) else "gone"
        if have != words[1]:
            raise Failure("%s is %s, not %s" % (words[0], have, words[1]))

    def _captures(self, link):
        return sorted(glob.glob(os.path.join(self.world.directory, "traces", link + "-*.pcap")))

    def _tshark(self, path, *how):
        return subprocess.run(["tshark", "-r", path, *how], capture_output=True, text=True,
                              timeout=60, check=True, errors="replace").stdout

    async def do_capture(self, words):
        """capture LINK shows "text"... [lacks "text"...]: the last trace file of the link, as
        tshark reads it; nothing in it is malformed, and none of the octets of lacks are there."""
        files = self._captures(words[0])
        if not files:
            raise Failure("no trace file of %s" % words[0])
        if os.stat(files[-1]).st_mode & 0o777 != 0o600:
            raise Failure("%s can be read by others" % files[-1])
        out = self._tshark(files[-1], "-V")
        bad = self._tshark(files[-1], "-Y", "!smpp || _ws.malformed || _ws.expert")
        if bad or not out:
            raise Failure("tshark does not like:\n%s" % (bad or "an empty file"))
        with open(files[-1], "rb") as octets:
            raw = octets.read()
        kind = None
        for word in words[1:]:
            if word in ("shows", "lacks") and type(word) is str:
                kind = word
            elif kind == "shows" and self.fill(word) not in out:
                raise Failure("no %r in what tshark says:\n%s" % (word, out[-3000:]))
            elif kind == "lacks" and self.fill(word).encode() in raw:
                raise Failure("%r is in the trace file" % word)

    async def do_log_lacks(self, words):
        """log-lacks "text": no line of the daemon's log has it"""
        for line in self.world.gateway.log:
            if self.fill(words[0]) in line:
                raise Failure("in the log: %s" % line)
