"""The daemon under test as a child process: its own directory, port and configuration; log kept;
ended by its pid."""

import asyncio
import json
import os
import signal
import socket

from bell import Failure, patient

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BINARY = os.environ.get("TANDEM_BIN", os.path.join(ROOT, "build", "tandem"))


def free_port(wanted=0):
    """The wanted port if nobody has it, else any."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", wanted))
        except OSError:
            sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def write_private(path, text):
    """Configurations hold passwords: mode 600 from the start, replaced whole."""
    fresh = path + ".new"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                   encoding="utf-8") as out:
        out.write(text)
    os.rename(fresh, path)


def write_yaml(path, tree):
    """JSON is YAML, and the standard library has no YAML writer."""
    write_private(path, json.dumps(tree, indent=2, ensure_ascii=False) + "\n")


class Gateway:
    def __init__(self, directory, bell, binary=BINARY, env=None, wrapper=()):
        self.directory, self.bell = directory, bell
        self.binary, self.wrapper = binary, list(wrapper)
        self.env = dict(os.environ, **(env or {}))
        self.conf = os.path.join(directory, "tandem.yaml")
        self.port = 0                   # of the listener for apps
        self.process = None
        self.tasks = []
        self.log = []                   # lines of every life of the daemon
        self.exit_code = None

    def running(self):
        return self.process is not None and self.exit_code is None

    async def launch(self):
        if self.running():
            raise Failure("the gateway runs already")
        self.exit_code = None
        self.process = await asyncio.create_subprocess_exec(
            *self.wrapper, self.binary, "serve", "-c", self.conf, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=self.env,
            # its own session: a Ctrl-C in the terminal is for us alone
            start_new_session=True, limit=1 << 20)
        self.tasks = [asyncio.ensure_future(self._watch(self.process))]

    async def _watch(self, process):
        with open(os.path.join(self.directory, "tandem.log"), "ab") as out:
            async for line in process.stdout:
                out.write(line)
                out.flush()
                self.log.append(line.decode("utf-8", "replace").rstrip("\n"))
                self.bell.ring()
        code = await process.wait()
        if process is self.process:
            self.exit_code = code
        self.bell.ring()

    def listening(self):
        if not self.running():
            raise Failure("the gateway ended with %s:\n%s" % (self.exit_code, self.tail()))
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0

    async def wait_listening(self, deadline=15.0):
        """The one condition that nobody can ring for, so it is tried again and again."""
        loop = asyncio.get_running_loop()
        end = loop.time() + patient(deadline)
        while not self.listening():
            if loop.time() > end:
                raise Failure("the gateway does not listen on port %d:\n%s" % (self.port,
                                                                               self.tail()))
            await asyncio.sleep(0.02)

    def signal(self, number):
        if not self.running():
            raise Failure("the gateway does not run (%s)" % self.exit_code)
        self.process.send_signal(number)

    async def wait_exit(self, deadline=20.0):
        await self.bell.until(lambda: not self.running(), deadline, "the gateway to end")
        return self.exit_code

    async def stop(self, deadline=20.0):
        self.signal(signal.SIGTERM)
        code = await self.wait_exit(deadline)
        if code != 0:
            raise Failure("the gateway ended with %s after SIGTERM:\n%s" % (code, self.tail()))

    async def kill(self):
        self.signal(signal.SIGKILL)
        await self.wait_exit()

    async def end(self):
        """Whatever it does, it is gone afterwards."""
        if self.running():
            self.process.send_signal(signal.SIGTERM)
            try:
                await self.wait_exit(2.0)
            except Failure:
                self.process.kill()
                await self.wait_exit()
        for task in self.tasks:
            await task

    async def check(self):
        """`tandem check`: (exit status, output)."""
        process = await asyncio.create_subprocess_exec(
            self.binary, "check", "-c", self.conf, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT)
        out, _ = await process.communicate()
        return process.returncode, out.decode("utf-8", "replace")

    def tail(self, lines=15):
        return "\n".join("    | " + line for line in self.log[-lines:])

    def log_alarms(self):
        """Lines that no story may cause: a failed assertion or a sanitizer's report."""
        return [line for line in self.log
                if "Assertion" in line or "ERROR: AddressSanitizer" in line
                or "runtime error:" in line
                or "ERROR: LeakSanitizer" in line or "WARNING: ThreadSanitizer" in line]
