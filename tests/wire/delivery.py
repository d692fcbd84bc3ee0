"""What an SMSC has for the gateway: a queue of deliver_sm that gives nothing up before it is
answered.

One message of a pair (source, destination) is outstanding at a time, so that the order of
acknowledgements is the order of sending whatever binds there are. No answer before the session
ends: it goes again, on any bind.
"""

import asyncio
from collections import deque

import smpp


class Item:
    def __init__(self, fields, tlvs, text, future):
        self.fields, self.tlvs, self.text, self.done = fields, tlvs, text, future
        self.pair = (fields["source_addr"], fields["destination_addr"])
        self.attempts = 0
        self.status = None              # of the last answer
        self.answer = None              # future of the response
        self.session = None             # where it is outstanding, None while it waits


class DeliveryQueue:
    WINDOW = 10                         # outstanding on one bind

    def __init__(self, carrier):
        self.carrier = carrier
        self.pairs = {}                 # pair -> deque of items, the head may be outstanding
        self.ready = deque()            # pairs whose head can be sent
        self.outstanding = {}           # session -> items
        self.retry_delay = 0.1
        # the next n are sent and the connection closed without reading an answer
        self.lose_acks = 0
        self.paused = False
        self.sessions_used = 0

    def put(self, fields, tlvs=(), text=None):
        item = Item(fields, tlvs, text, asyncio.get_running_loop().create_future())
        line = self.pairs.setdefault(item.pair, deque())
        line.append(item)
        if len(line) == 1:
            self.ready.append(item.pair)
        self.pump()
        return item

    def left(self):
        return sum(map(len, self.pairs.values()))

    def sessions(self):
        return [session for session in self.carrier.bound()
                if session.kind in ("receiver", "transceiver")
                and len(self.outstanding.get(session, ())) < self.WINDOW]

    def session_lost(self, session):
        for item in list(self.outstanding.pop(session, ())):
            # else its answer was read in time
            if item.answer is None or item.answer.exception() is not None:
                self._lost(item, session)

    def pump(self):
        while self.ready and not self.paused:
            free = self.sessions()
            if not free:
                return
            self.sessions_used += 1
            self._send(self.pairs[self.ready.popleft()][0], free[self.sessions_used % len(free)])

    def _send(self, item, session):
        item.session = session
        item.attempts += 1
        self.outstanding.setdefault(session, set()).add(item)
        item.answer = future = session.request(smpp.Pdu(smpp.DELIVER_SM, fields=item.fields,
                                                        tlvs=item.tlvs))
        if self.lose_acks > 0:
            self.lose_acks -= 1
            session.close(rude=True)    # whatever the gateway answers meets a closed socket
            self._lost(item, session)
            return
        asyncio.ensure_future(self._answer(item, session, future))

    async def _answer(self, item, session, future):
        try:
            answer = await asyncio.wait_for(future, self.carrier.response_timer)
        except (ConnectionError, asyncio.TimeoutError, asyncio.CancelledError):
            self._lost(item, session)
            return
        self.outstanding.get(session, set()).discard(item)
        item.session = None
        item.status = answer.status
        if answer.command != smpp.DELIVER_SM | smpp.RESP:
            self.carrier.on_violation(session, "deliver_sm answered by %r" % answer)
        if answer.status in smpp.RETRYABLE:
            asyncio.get_running_loop().call_later(self.retry_delay, self._again, item)
        else:
            self._finish(item)
        self.pump()

    def _finish(self, item):
        line = self.pairs[item.pair]
        line.popleft()
        if line:
            self.ready.append(item.pair)
        else:
            del self.pairs[item.pair]
        self.carrier.on_delivered(item)
        if not item.done.done():
            item.done.set_result(item.status)
        self.carrier.bell.ring()

    def _lost(self, item, session):
        self.outstanding.get(session, set()).discard(item)
        if item.session is session:
            item.session = None
            self._again(item)

    def _again(self, item):
        """It waits to be sent, unless that has been seen to already."""
        line = self.pairs.get(item.pair)
        if item.session is None and line and line[0] is item and item.pair not in self.ready:
            self.ready.appendleft(item.pair)
        self.pump()
