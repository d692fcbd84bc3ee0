"""Phones: what a person sees on the screen, joined and decoded as a handset does it.

A phone knows nothing of the gateway; it gets parts from its SMSC and keeps a screen of bubbles.
"""

from collections import deque

import coding


class Bubble:
    """One message on a screen."""

    def __init__(self, sent, peer, text, parts=1, data_coding=0, shape=()):
        self.sent, self.peer, self.text = sent, peer, text
        self.parts, self.data_coding = parts, data_coding
        self.shape = shape              # of its last part: form and operation

    def __repr__(self):
        return "%s %s: %r" % ("to" if self.sent else "from", self.peer, self.text)


class Phone:
    def __init__(self, number, bell, name=None):
        self.number, self.name, self.bell = number, name or number, bell
        self.screen = []                # bubbles, oldest first
        self.unseen = {}                # sender -> bubbles that no step of the story has looked at
        self.part_sets = {}             # (sender, ref, total) -> {number: octets}
        # the same key -> octets of the set joined last, to know a repeated part
        self.complete = {}
        self.repeated_parts = 0
        self.on_bubble = None           # called with (phone, bubble), for who shows screens
        self.next_ref = sum(map(ord, number)) % 200

    def note(self, bubble):
        self.screen.append(bubble)
        if self.on_bubble:
            self.on_bubble(self, bubble)
        self.bell.ring()

    def receive(self, sender, octets, data_coding, concat=None, shape=()):
        """Take one part; returns the whole text when it completes one, else None."""
        parts = 1
        if concat:
            octets, parts = self._join(sender, octets, concat)
            if octets is None:
                return None
        text = coding.decode_text(octets, data_coding)
        bubble = Bubble(False, sender, text, parts, data_coding, shape)
        self.unseen.setdefault(sender, deque()).append(bubble)
        self.note(bubble)
        return text

    def _join(self, sender, octets, concat):
        ref, total, number = concat
        key = (sender, ref, total)
        if key not in self.part_sets and self.complete.get(key, {}).get(number) == octets:
            self.repeated_parts += 1
            return None, 0
        have = self.part_sets.setdefault(key, {})
        if number in have:
            self.repeated_parts += 1
        have[number] = octets
        if len(have) < total:
            return None, 0
        self.complete[key] = self.part_sets.pop(key)
        return b"".join(have[at] for at in range(1, total + 1)), total

    def unseen_count(self):
        return sum(map(len, self.unseen.values()))

    def half_joined(self):
        return [(key, sorted(have)) for key, have in self.part_sets.items() if have]
