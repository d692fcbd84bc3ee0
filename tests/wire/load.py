"""Steady traffic of every kind through the gateway, each text with a token of the ledger.

Contacts text business numbers and the app's number, agents answer from their phones, the app
submits; some contacts opt out. The load goes on while the gateway is killed and started: peers
reconnect and carry on, as real ones do.
"""

import asyncio
import random

import smpp
from bell import Failure

CONTACTS = ["1202556%04d" % at for at in range(20)]
STOPPERS = ["1202557%04d" % at for at in range(20)]
AUDIENCE = ["1202558%04d" % at for at in range(40)]
AGENTS = {"12025550111": "12025550180", "12025550112": "12025550181"}   # mobile -> relay number
# business number -> agent's mobile
OWNERS = {"12025550150": "12025550111", "12025550154": "12025550112"}
APP_NUMBER = "12025550170"


def directory_for_load(world):
    """Both agents own a number; the app's number is with a carrier of its own, which has three
    binds."""
    world.records["accounts"][0]["numbers"].append(
        {"number": "+1 202 555 0154", "role": "business", "carrier": "sim", "assign_agent": "bob"})
    for entry in world.records["accounts"][0]["numbers"]:
        if entry["role"] == "app":
            entry["carrier"] = "beta"
    beta = dict(world.conf["carriers"][0], id="beta", binds=3)
    world.conf["carriers"].append(beta)


class Load:
    BACKLOG = 60                        # what one carrier may have waiting for the gateway

    def __init__(self, world, seed):
        self.world, self.random = world, random.Random(seed)
        self.going = True
        self.tasks = []
        self.stopped = set()
        self.asked = {}                 # message id -> token, of submits that asked for a receipt
        self.app = world.app("crm")

    async def begin(self):
        await self.world.carrier()
        await self.world.carrier("beta")
        for mobile in AGENTS:           # what agents see tells them the IDs to answer
            self.world.carriers["sim"].phone(mobile).on_bubble = self._forwarded
        self.answers = []               # (agent, id, contact) to be answered

    def run(self):
        self.tasks = [asyncio.ensure_future(job) for job in (self._contacts(), self._app(),
                                                             self._agents())]

    async def end(self):
        self.going = False
        self.world.bell.ring()
        await asyncio.gather(*self.tasks)

    def check(self):
        for task in self.tasks:
            if task.done() and self.going:
                task.result()
                raise Failure("the load ended by itself")

    # --- who texts

    async def _contacts(self):
        sim, beta, pick = self.world.carriers["sim"], self.world.carriers["beta"], self.random
        while self.going:
            await self.world.bell.until(lambda: sim.queue.left() < self.BACKLOG or not self.going,
                                        60,
                                        "the gateway to take what phones sent")
            chance = pick.random()
            if chance < 0.02 and len(self.stopped) < len(STOPPERS):
                phone = pick.choice([phone for phone in STOPPERS if phone not in self.stopped])
                self.stopped.add(phone)
                sim.text(phone, pick.choice(list(OWNERS)), "STOP")
            elif chance < 0.3 and beta.queue.left() < self.BACKLOG:
                beta.text(pick.choice(CONTACTS), APP_NUMBER, self._say("For the app"), party="crm")
            else:
                phone = pick.choice(CONTACTS + [phone for phone in STOPPERS
                                                if phone not in self.stopped])
                number = pick.choice(list(OWNERS))
                sim.text(phone, number, self._say("For an agent"), party=OWNERS[number])
            await asyncio.sleep(0.002)

    def _say(self, text):
        """A text with a token; one in ten is long."""
        tail = " and so on" * 20 if self.random.random() < 0.1 else ""
        return "%s %s%s" % (self.world.ledger.token(), text, tail)

    def _forwarded(self, phone, bubble):
        if not bubble.sent and ": " in bubble.text and self.random.random() < 0.3:
            head = bubble.text.split(": ")[0].split(" ")
            if len(head) == 2 and head[0].isdigit() and len(self.answers) < 50:
                self.answers.append((phone.number, head[0], head[1].lstrip("+")))

    async def _agents(self):
        sim = self.world.carriers["sim"]
        while self.going:
            await self.world.bell.until(lambda: self.answers or not self.going, 60,
                                        "something to answer")
            while self.answers:
                agent, conv, contact = self.answers.pop(0)
                sim.text(agent, AGENTS[agent], "%s %s Answer" % (conv, self.world.ledger.token()),
                         party=contact)
            await asyncio.sleep(0.002)

    # --- the app

    async def _app(self):
        while self.going:
            try:
                await self.app.bind(self.world.gateway.port)
                sends = [self._submits() for _ in range(8)]
                await asyncio.gather(*sends)
            except (OSError, asyncio.TimeoutError, Failure):
                # the gateway is down; there is nobody to tell us when it is up
                await asyncio.sleep(0.02)
            for session in list(self.app.sessions):
                session.close()

    async def _submits(self):
        while self.going:
            token = self.world.ledger.token()
            answer = await self.app.submit(APP_NUMBER, self.random.choice(AUDIENCE),
                                           token + " From the app")
            if answer.status == 0:
                self.asked[answer.message_id] = token
            elif answer.status not in (smpp.RTHROTTLED, smpp.RMSGQFUL, smpp.RSYSERR):
                self.app.violations.append("submit_sm was answered with 0x%x" % answer.status)
            await asyncio.sleep(0.002)

    # --- afterwards

    async def settle(self, deadline=60.0):
        """Wait until everything acknowledged has arrived and every receipt that was asked for has
        come."""
        world, app = self.world, self.app
        await app.bind(world.gateway.port)
        queues = [carrier.queue for carrier in world.carriers.values()]
        for what, left in (("deliver_sm to be taken",
                            lambda: [one for one in queues if one.left()]),
                           ("tokens to arrive", world.ledger.pending),
                           ("receipts to come", self.missing_receipts)):
            await world.bell.until(lambda: not left(), deadline,
                                   lambda: "%d %s: %s" % (len(left()), what, left()[:20]))

    def missing_receipts(self):
        return [message_id for message_id in self.asked if message_id not in self.app.receipts]
