#!/usr/bin/env python3
"""The crash loop: kill -9 at random moments under load, start again, and look into the ledger.

Nothing acknowledged may be lost, at most a window for each bind and kill may come twice, order
holds in each conversation, nothing reaches another party, nothing reaches a phone after its STOP.
--kills N (50), --seed S.
"""

import argparse
import asyncio
import os
import random
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import ledger  # noqa: E402
from bell import Failure  # noqa: E402
from gateway import BINARY  # noqa: E402
from load import Load, directory_for_load  # noqa: E402
from world import World  # noqa: E402


async def moment(world, pick):
    """A random moment: after some time, or right after one of the next messages in either
    direction."""
    way = pick.randrange(3)
    if way == 0:
        await asyncio.sleep(pick.uniform(0.0, 0.25))
        return
    submits = sum(len(carrier.submits) for carrier in world.carriers.values())
    entries, more = len(world.ledger.entries), pick.randrange(1, 120)
    if way == 1:
        await world.bell.until(lambda: sum(len(one.submits)
                                           for one in world.carriers.values()) >= submits + more,
                               20,
                               "%d submits under load" % more)
    else:
        await world.bell.until(lambda: len(world.ledger.entries) >= entries + more, 20,
                               "%d entries" % more)


def complaints(world, load):
    """Those of any story but for screens, which nobody looked at here."""
    out = ledger.audit(world.ledger)
    for peer in list(world.carriers.values()) + [load.app]:
        out += ["violation: " + text for text in peer.violations]
    out += ["log: " + line for line in world.gateway.log_alarms()]
    out += ["receipt: none for %s" % message_id for message_id in load.missing_receipts()[:10]]
    return out


async def crash_loop(directory, kills, seed):
    world, pick = World(directory), random.Random(seed)
    world.conf["log"]["level"] = "info"
    directory_for_load(world)
    load = Load(world, seed)
    slowest = 0.0
    try:
        await load.begin()
        await world.start()
        load.run()
        for _ in range(kills):
            await moment(world, pick)
            load.check()
            await world.gateway.kill()
            begun = time.monotonic()
            await world.start(deadline=20.0)
            slowest = max(slowest, time.monotonic() - begun)
        await load.end()
        await load.settle()
        await world.gateway.stop()
    except Failure as failure:
        world.ledger.save(os.path.join(directory, "ledger.jsonl"))
        return ["%s" % failure] + complaints(world, load), world, slowest
    finally:
        await world.close()
    world.ledger.save(os.path.join(directory, "ledger.jsonl"))
    return complaints(world, load), world, slowest


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--seed", type=int, default=int(time.time()))
    args = options.parse_args()
    if not os.access(BINARY, os.X_OK):
        sys.exit("%s is not built: make" % BINARY)
    directory = tempfile.mkdtemp(prefix="tandem-crash-")
    wrong, world, slowest = asyncio.run(crash_loop(directory, args.kills, args.seed))
    counts = world.ledger.counts()
    print("%s crash_loop kills=%d seed=%d acked=%d received=%d lost=%d duplicates=%d "
          "slowest_start=%.2fs" % (
        "not ok" if wrong else "ok", args.kills, args.seed, counts.get("acked", 0),
        counts.get("received", 0),
        len(world.ledger.pending()), counts["duplicates"], slowest))
    for line in wrong[:40]:
        print("    " + line)
    if wrong:
        print("    kept: " + directory)
    else:
        shutil.rmtree(directory)
    print("%d passed, %d failed" % (not wrong, bool(wrong)))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
