#!/usr/bin/env python3
"""Power cuts: the store is on a file system of its own, which loses power while much is
acknowledged and little sent.

The carrier takes nothing while the app submits, so everything acknowledged is in the store alone.
Then the ext4 on a loop device is shut down without flushing its journal: what was not synced is
gone, as after a real cut. The ledger must find nothing lost. The proof that it could: the same with
fsync and fdatasync made to do nothing (libeatmydata, or its equivalent compiled here where it is
not installed) must be reported as loss. Without root or loop devices a preloaded library (shadow.c)
plays the disk that forgets; --shadow asks for it.
"""

import argparse
import asyncio
import fcntl
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bell import Failure  # noqa: E402
from gateway import BINARY  # noqa: E402
from ledger import audit  # noqa: E402
from world import World  # noqa: E402

EXT4_IOC_SHUTDOWN = 2 << 30 | 4 << 16 | ord("X") << 8 | 125  # _IOR('X', 125, __u32)
NOLOGFLUSH = 2
HERE = os.path.dirname(os.path.abspath(__file__))
EATER = """int fsync(int f){(void)f;return 0;} int fdatasync(int f){(void)f;return 0;}
void sync(void){} int syncfs(int f){(void)f;return 0;}
int msync(void*a,unsigned long n,int f){(void)a;(void)n;(void)f;return 0;}
int sync_file_range(int f,long o,long n,unsigned k){(void)f;(void)o;(void)n;(void)k;return 0;}
"""


class Impossible(Exception):
    """This machine cannot do it."""


class Disk:
    """An ext4 on a loop device, which can lose its power."""

    def __init__(self, directory):
        self.image, self.place = os.path.join(directory, "disk.img"), os.path.join(directory,
                                                                                   "disk")
        self.mounted = False

    def _run(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Impossible("%s: %s" % (command[0], (done.stderr or done.stdout).strip()))

    def make(self):
        if os.geteuid() != 0:
            raise Impossible("not root")
        os.mkdir(self.place)
        with open(self.image, "wb") as out:
            out.truncate(256 << 20)
        self._run("mkfs.ext4", "-q", "-F", self.image)
        self.mount()

    def env(self, eat):
        return {"LD_PRELOAD": eater(os.path.dirname(self.image))} if eat else {}

    def mount(self):
        self._run("mount", "-o", "loop", self.image, self.place)
        self.mounted = True

    def cut(self):
        place = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(place, EXT4_IOC_SHUTDOWN, struct.pack("I", NOLOGFLUSH))
        finally:
            os.close(place)

    def unmount(self):
        if self.mounted:
            self._run("umount", self.place)
            self.mounted = False


class ShadowDisk:
    """The same by a library in the daemon: after a cut, files are what they were when they were
    last synced."""

    def __init__(self, directory):
        self.place, self.shadow = os.path.join(directory, "disk"), os.path.join(directory, "shadow")
        self.directory = directory

    def make(self):
        os.mkdir(self.place)
        os.mkdir(self.shadow)

    def env(self, eat):
        return {"LD_PRELOAD": compiled(self.directory, os.path.join(HERE, "shadow.c")),
                "SHADOW_OF": os.path.realpath(self.place), "SHADOW_DIR": self.shadow,
                **({"SHADOW_EAT": "1"} if eat else {})}

    def cut(self):
        pass                            # what was not synced is not in the shadow anyway

    def unmount(self):
        pass

    def mount(self):
        """Power is back: the shadow is all there is."""
        shutil.rmtree(self.place)
        shutil.copytree(self.shadow, self.place, ignore=shutil.ignore_patterns("*.fresh"))


def compiled(directory, source):
    made = os.path.join(directory, os.path.basename(source)[:-1] + "so")
    subprocess.run([os.environ.get("CC", "gcc"), "-std=c11", "-D_GNU_SOURCE", "-O2", "-shared",
                    "-fPIC", "-o", made,
                    source, "-ldl"], check=True)
    return made


def eater(directory):
    """Path of a library that makes every sync do nothing."""
    for path in ("/usr/lib/x86_64-linux-gnu/libeatmydata.so.1",
                 "/usr/lib/aarch64-linux-gnu/libeatmydata.so.1"):
        if os.path.exists(path):
            return path
    source = os.path.join(directory, "eater.c")
    with open(source, "w", encoding="ascii") as out:
        out.write(EATER)
    return compiled(directory, source)


async def one_more(world, app):
    """Submits a last message; returns its token."""
    token = world.ledger.token()
    await app.bind(world.gateway.port)
    await app.submit("12025550170", "12025580000", "%s at the end" % token, receipt=0)
    return token


async def cut_and_count(disk, directory, cuts, eat, messages=150):
    """Play some cuts; returns what the ledger has to say."""
    world = World(directory)
    world.gateway.env.update(disk.env(eat))
    world.conf["store"]["dir"] = os.path.join(disk.place, "store")
    app = world.app("crm")
    try:
        disk.make()
        world.conf["store"]["max"] = "64MiB"
        await world.start()
        carrier = world.carriers["sim"]
        for cut in range(cuts):
            carrier.deaf()
            for session in list(carrier.sessions):
                session.close(reset=True)
            await app.bind(world.gateway.port)
            await asyncio.gather(*[
                app.submit("12025550170", "1202558%04d" % (at % 40),
                           "%s cut %d" % (world.ledger.token(), cut), receipt=0)
                for at in range(messages)])
            disk.cut()
            await world.gateway.kill()
            disk.unmount()
            disk.mount()
            await carrier.listen()
            await world.start()
            # What is lost is not waited for: one more is behind it.
            behind = await one_more(world, app) if eat else None
            await world.bell.until(
                lambda: not world.ledger.pending() or behind and
                behind not in world.ledger.pending(),
                20, lambda: "%d tokens to arrive" % len(world.ledger.pending()))
        await world.gateway.stop()
    except Failure as failure:
        return ["%s" % failure] + audit(world.ledger), world.ledger
    finally:
        await world.close()
        disk.unmount()
    return audit(world.ledger), world.ledger


def play(name, kind, cuts, eat):
    directory = tempfile.mkdtemp(prefix="tandem-power-")
    try:
        said, book = asyncio.run(cut_and_count(kind(directory), directory, cuts, eat))
    finally:
        if not os.path.ismount(os.path.join(directory, "disk")):
            shutil.rmtree(directory, ignore_errors=True)
    lost = sum(line.startswith("lost:") for line in said)
    print("# %s: %d cuts, %d acknowledged, %d lost" % (name, cuts, book.counts().get("acked", 0),
                                                       lost))
    return said, lost


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cuts", type=int, default=5)
    options.add_argument("--shadow", action="store_true",
                         help="no file system is shut down, a library plays it")
    args = options.parse_args()
    if not os.access(BINARY, os.X_OK):
        sys.exit("%s is not built: make" % BINARY)
    kind = ShadowDisk if args.shadow else Disk
    try:
        said, _ = play("synced", kind, args.cuts, False)
    except Impossible as reason:
        print("# no file system to shut down here (%s): a library plays it" % reason)
        kind = ShadowDisk
        said, _ = play("synced", kind, args.cuts, False)
    _, eaten = play("syncs eaten", kind, 1, True)
    passed = 0
    for name, good, why in (("power_cut_loses_nothing", not said, said[:20]),
                            ("power_cut_without_fsync_is_reported_as_loss", eaten > 0,
                             ["the ledger saw no loss"])):
        print("%s %s" % ("ok" if good else "not ok", name))
        passed += good
        if not good:
            print("\n".join("    " + line for line in why))
    print("%d passed, %d failed" % (passed, 2 - passed))
    return passed != 2


if __name__ == "__main__":
    sys.exit(main())
