#!/usr/bin/env python3
"""Binds whose password has a hash, in crowds: tests/wire/test_binds.py [NAME...]

A comparison takes some 20 ms on one of two threads of the gateway, so a bind can wait while its
connection dies, its app changes or the gateway stops. Each case has its own daemon.
"""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import smpp  # noqa: E402
from bell import Failure, patient  # noqa: E402
from hostile import Target, bind_octets, header, show, submit_octets  # noqa: E402
from test_bad_smpp import HASH_OF_SECRET12, need  # noqa: E402

HASH_OF_OTHER = ("$argon2id$v=19$m=19456,t=2,p=1$FjAHYisd1VpfYWSvEcs08g"
                 "$AqleEVwbgPK0VIVCsQu0gOvoGhYE/BHcpDIE6sTef/0")
BIND_RESP, SUBMIT_RESP = smpp.BIND_TRANSCEIVER | smpp.RESP, smpp.SUBMIT_SM | smpp.RESP
FAILURES_MAX, QUEUE = 5, 64             # gateway/limits.h


async def status_of(raw):
    got = await raw.next(20)
    need("not a bind_resp: " + show(got), got and got[0] == BIND_RESP)
    return got[1]


class Cases:
    def __init__(self):
        self.addresses = 0

    def address(self):
        self.addresses += 1
        return "127.20.%d.%d" % (self.addresses // 250, self.addresses % 250 + 1)

    async def start(self, target):
        del target.app["password"]
        target.app["password_hash"] = HASH_OF_SECRET12
        # A machine that is busy otherwise takes its time.
        target.options = {"listener": {"session_init": "60s"}}
        await target.start()

    async def hashed(self, target):
        return (await target.metrics())["passwords_hashed"]

    async def guesses(self, target, count):
        """Connections of as many addresses, each with a wrong password on its way."""
        out = [await target.connect(self.address()) for _ in range(count)]
        for k, raw in enumerate(out):
            raw.send(bind_octets(password="wrong%d" % k))
        return out

    async def smpp_x4_b1_a_crowd_returns_after_a_restart(self, target):
        """One comparison for all of them; what stands behind a bind is not read before it is
        decided. Then they come back and it costs none."""
        await self.start(target)
        for _ in range(2):
            crowd = [await target.connect(self.address()) for _ in range(60)]
            for k, raw in enumerate(crowd):
                raw.send(bind_octets() + submit_octets(2, b"behind bind %d" % k))
            for raw in crowd:
                need("not bound", await status_of(raw) == 0)
                got = await raw.next()
                need("submitted: " + show(got), got and got[:3] == (SUBMIT_RESP, 0, 2))
                raw.close()
            need("not one comparison", await self.hashed(target) == 1)
            while (await target.metrics())["sessions"] > 1:
                await asyncio.sleep(0.02)

    async def smpp_x5_b4_parallel_guesses_of_one_address(self, target):
        """No more of them than one after the other: five, and then the address is locked out."""
        await self.start(target)
        crowd = [await target.connect("127.21.0.1") for _ in range(20)]
        for k, raw in enumerate(crowd):
            raw.send(bind_octets(password="wrong%d" % k))
        answers = sorted([await status_of(raw) for raw in crowd])
        need("answered %r" % answers, answers == [0xD] * FAILURES_MAX
             + [0x58] * (20 - FAILURES_MAX))
        need("other comparisons", await self.hashed(target) == FAILURES_MAX)
        raw = await target.connect("127.21.0.1")
        raw.send(bind_octets())
        need("not locked out", await status_of(raw) == 0x58)
        await target.bind()

    async def smpp_x5_whoever_leaves_has_guessed(self, target):
        await self.start(target)
        for k in range(FAILURES_MAX):
            raw = await target.connect("127.21.0.1")
            raw.send(bind_octets(password="wrong%d" % k))
            while await self.hashed(target) <= k:
                await asyncio.sleep(0.002)
            raw.close()

        async def locked():
            raw = await target.connect("127.21.0.1")
            raw.send(bind_octets(password="wrong"))
            return await status_of(raw) == 0x58
        end = time.monotonic() + patient(10)
        while not await locked():
            need("not locked out", time.monotonic() < end)
        need("too many guesses", await self.hashed(target) <= FAILURES_MAX + 1)

    async def smpp_x5_more_than_the_queue_holds(self, target):
        """Those are told to come again, and nobody else waits for it: not a session that stands,
        nor an app whose password is known."""
        await self.start(target)
        known = await target.bind()
        crowd = await self.guesses(target, 200)
        begun = time.monotonic()
        await known.alive()
        again = await target.bind(self.address())
        need("others had to wait", time.monotonic() - begun < 1
             or await self.hashed(target) <= QUEUE)
        answers = [await status_of(raw) for raw in crowd]
        need("answered %r" % answers, set(answers) == {0xD, 0x58})
        compared = await self.hashed(target) - 1
        need("%d compared" % compared, QUEUE <= compared == answers.count(0xD) < 200)
        for raw in (known, again):
            await raw.alive()

    async def smpp_x4_the_app_changes_while_it_is_compared(self, target):
        """The password is compared with what is in the directory when the answer is given."""
        await self.start(target)
        await self.guesses(target, 20)
        old, new = await target.connect(), await target.connect(self.address())
        old.send(bind_octets())
        new.send(bind_octets(password="other"))
        target.app["password_hash"] = HASH_OF_OTHER
        target.write_conf()
        target.gateway.signal(signal.SIGHUP)
        await target.bell.until(lambda: any("reloaded" in x for x in target.gateway.log), 5,
                                "the reload")
        need("it was not compared while the app changed",
             not any("bind up link=app1" in x for x in target.gateway.log))
        need("the old password", await status_of(old) == 0xD)
        need("the new password", await status_of(new) == 0)

    async def smpp_u2_a_stop_while_passwords_are_compared(self, target):
        """The orderly end does not wait for them."""
        await self.start(target)
        crowd = await self.guesses(target, 30)
        begun = time.monotonic()
        await target.gateway.stop()
        need("the stop took %.1f s" % (time.monotonic() - begun),
             time.monotonic() - begun < patient(8))
        for raw in crowd:
            got = await raw.next()
            need("answered " + show(got), got is None or got[1] in (0xD, 0x8))

    async def smpp_b2_the_connection_ends_while_it_waits(self, target):
        """Its place is another's by the time the answer comes; nothing is mixed up."""
        await self.start(target)
        for _ in range(10):
            crowd = await self.guesses(target, 10)
            for raw in crowd:
                raw.close()
            raw = await target.bind(self.address())
            await raw.alive()
            raw.send(header(smpp.UNBIND, 9))
            need("not unbound", (await raw.next())[:3] == (smpp.UNBIND | smpp.RESP, 0, 9))


async def result(cases, name, directory):
    target = Target(os.path.join(directory, name))
    begun, wrong = time.monotonic(), None
    try:
        await asyncio.wait_for(getattr(cases, name)(target), patient(60))
        if target.gateway.running():
            await target.end()
        need("an alarm", not target.gateway.log_alarms())
    except (Failure, OSError, asyncio.TimeoutError) as error:
        wrong = "%s: %s\n%s" % (type(error).__name__, error, target.gateway.tail())
    finally:
        await target.close()
    print("%s %s (%.1fs)" % ("not ok" if wrong else "ok", name, time.monotonic() - begun))
    if wrong:
        print(wrong)
    sys.stdout.flush()
    return not wrong


async def main():
    directory = tempfile.mkdtemp(prefix="tandem-binds-")
    chosen = [name for name in vars(Cases) if name.startswith("smpp_")
              and (not sys.argv[1:] or any(word in name for word in sys.argv[1:]))]
    results = [await result(Cases(), name, directory) for name in chosen]
    print("%d passed, %d failed" % (sum(results), len(results) - sum(results)))
    if all(results):
        shutil.rmtree(directory, ignore_errors=True)
    else:
        print("kept: " + directory)
    return not all(results)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
