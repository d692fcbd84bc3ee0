"""Waiting for conditions: whoever changes something rings, whoever waits looks again.

Every wait in these tests is for a condition with a deadline; nothing sleeps and hopes.
"""

import asyncio


# A deadline is what a quiet machine may need; another may be as busy as it likes. Waiting longer
# costs nothing where the condition comes true.
PATIENCE = 6.0


def patient(seconds):
    """A deadline on whatever machine this is."""
    return seconds * PATIENCE


class Failure(Exception):
    """A step of a story was wrong."""


class Bell:
    def __init__(self):
        self.waiters = set()

    def ring(self):
        for future in self.waiters:
            if not future.done():
                future.set_result(None)
        self.waiters.clear()

    async def until(self, condition, deadline, what):
        """Wait until condition() is true and return its value; what (text or function) names it in
        the failure."""
        loop = asyncio.get_running_loop()
        end = loop.time() + patient(deadline)
        while True:
            value = condition()
            if value:
                return value
            left = end - loop.time()
            if left <= 0:
                raise Failure("after %gs still waiting: %s" % (
                    patient(deadline), what() if callable(what) else what))
            future = loop.create_future()
            self.waiters.add(future)
            await asyncio.wait([future], timeout=left)
            self.waiters.discard(future)
