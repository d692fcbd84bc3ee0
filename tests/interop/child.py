"""A program of somebody else as a child process: its output kept and watched, ended by its pid."""

import asyncio
import os
import shutil

from bell import Failure


def find(program, package):
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not path:
        raise Failure("%s is not installed (Debian package %s)" % (program, package))
    return path


class Child:
    def __init__(self, name, directory, bell, on_line=None):
        self.name, self.bell, self.on_line = name, bell, on_line
        self.log_path = os.path.join(directory, name + ".log")
        self.lines = []
        self.process = None
        self.exit_code = None
        self.ending = False
        self.task = None

    async def start(self, *argv, cwd=None):
        """Also after its end, for another life of it."""
        self.exit_code, self.ending = None, False
        self.process = await asyncio.create_subprocess_exec(
            *argv, cwd=cwd, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT, limit=1 << 22)
        self.task = asyncio.ensure_future(self._watch())

    async def _watch(self):
        with open(self.log_path, "ab") as out:
            async for line in self.process.stdout:
                out.write(line)
                out.flush()
                self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                if self.on_line:
                    self.on_line(self.lines[-1])
                self.bell.ring()
        self.exit_code = await self.process.wait()
        self.bell.ring()

    def running(self):
        return self.process is not None and self.exit_code is None

    def must_run(self):
        if not self.running():
            raise Failure("%s ended with %s:\n%s" % (self.name, self.exit_code, self.tail()))
        return True

    async def line(self, text, deadline=15.0):
        """Wait for a line with this text."""
        def found():
            return any(text in line for line in self.lines) or not self.must_run()
        await self.bell.until(found, deadline, lambda: "%r of %s\n%s" % (
            text, self.name, self.tail()))

    def write(self, text):
        if self.running():
            self.process.stdin.write(text.encode("utf-8"))

    async def end(self, deadline=8.0):
        if self.process is None:
            return
        self.ending = True
        if self.running():
            self.process.terminate()
            try:
                await asyncio.wait_for(asyncio.shield(self.task), deadline)
            except asyncio.TimeoutError:
                self.process.kill()
        await self.task

    def tail(self, lines=12):
        return "\n".join("    | " + line[:300] for line in self.lines[-lines:])
