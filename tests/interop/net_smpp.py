"""Net::SMPP in front of a peer: a proxy that decodes and encodes every PDU on its way."""

import asyncio
import os

from bell import Failure
from child import Child, find

HERE = os.path.dirname(os.path.abspath(__file__))


class NetSmpp:
    def __init__(self, name, directory, bell):
        self.child = Child(name, directory, bell)
        self.port = 0

    async def start(self, target):
        """Listens on self.port for connections that go on to target."""
        await self.child.start(find("perl", "perl"), os.path.join(HERE, "net-smpp.pl"), str(target))
        await self.child.line("listening ")
        self.port = int(self.child.lines[0].split()[1])

    def passed(self, name):
        return sum(line == "passed " + name for line in self.child.lines)

    def judge(self):
        """What Net::SMPP complained of."""
        wrong = [line for line in self.child.lines
                 if not line.startswith(("passed ", "listening "))]
        if wrong:
            raise Failure("Net::SMPP says:\n" + "\n".join(wrong[:10]))

    async def close(self):
        await self.child.end()


async def between(play):
    """A proxy before the carrier and one before the gateway of a story that has not begun."""
    carrier = await play.world.carrier()
    before_carrier = NetSmpp("before-carrier", play.world.directory, play.bell)
    before_gateway = NetSmpp("before-gateway", play.world.directory, play.bell)
    await before_carrier.start(carrier.port)
    carrier.port = before_carrier.port  # where the gateway is told to find it
    plain_start, app_of = play.world.start, play.world.app

    async def start(*arguments, **more):
        await plain_start(*arguments, **more)
        if not before_gateway.port:
            await before_gateway.start(play.world.gateway.port)

    def app(name):
        made = app_of(name)
        if "connect" not in made.__dict__:
            connect = made.connect
            made.connect = lambda port, host="127.0.0.1": connect(before_gateway.port, host)
        return made

    play.world.start, play.world.app = start, app
    await asyncio.sleep(0)
    return before_carrier, before_gateway
