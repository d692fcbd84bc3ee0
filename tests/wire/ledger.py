"""The ledger: what every simulated peer acknowledged and received, and the audit of it.

Texts carry unique tokens (tk000017). The peers note what happened to each token, in order, and
audit() says which promises were broken. It is independent of the daemon, and test_ledger.py feeds
it doctored books.
"""

import json
import re

TOKEN = re.compile(r"\btk\d{6}\b")


class Ledger:
    """A list of entries, each a dict with "what"; the place in the list is its time."""

    def __init__(self):
        self.entries = []
        self.next_token = 1
        # tokens acknowledged and not yet received or refused, in order
        self.unsettled = {}
        self.settled = set()
        self.party = {}                 # token -> who must receive it
        self.out = set()                # parties that ever opted out

    def token(self):
        self.next_token += 1
        return "tk%06d" % (self.next_token - 1)

    def note(self, what, **about):
        self.entries.append(dict(about, what=what))
        token = about.get("token")
        if what == "offered":
            self.party.setdefault(token, about["party"])
        elif what == "acked" and token not in self.settled:
            self.unsettled[token] = True
        elif what in ("received", "refused"):
            self.settled.add(token)
            self.unsettled.pop(token, None)
        elif what == "stopped":
            self.out.add(about["party"])

    def note_text(self, what, text, **about):
        for token in TOKEN.findall(text):
            self.note(what, token=token, **about)

    # What peers note:
    #   offered  token flow party     sent to the gateway; flow names the conversation, party
    #                                 who must receive it
    #   acked    token                the gateway answered that it has it
    #   refused  token                it will never be delivered, said the gateway or the next hop
    #   received token party source session   it arrived at party, from the gateway's number source
    #   fault    session kind         a message was left without an answer on purpose
    #   ended    session window orderly       the session ended
    #   stopped  party numbers        party's STOP was acknowledged; these numbers are the account's
    #   resumed  party numbers        ... and an UNSTOP

    def save(self, path):
        with open(path, "w", encoding="utf-8") as out:
            for entry in self.entries:
                out.write(json.dumps(entry) + "\n")

    @classmethod
    def load(cls, path):
        book = cls()
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                book.note(**json.loads(line))
        return book

    def pending(self):
        """Tokens acknowledged and neither received, refused, nor for somebody who opted out: lost,
        if nothing more is to come."""
        return [token for token in self.unsettled if self.party.get(token) not in self.out]

    def counts(self):
        out = {}
        for entry in self.entries:
            out[entry["what"]] = out.get(entry["what"], 0) + 1
        received = [entry["token"] for entry in self.entries if entry["what"] == "received"]
        out["duplicates"] = len(received) - len(set(received))
        return out


def audit(book):
    """Every broken promise as one line of text; an empty list is a clean book."""
    return (audit_loss(book) + audit_duplicates(book) + audit_order(book) + audit_leak(book)
            + audit_stop(book) + audit_strange(book))


def audit_loss(book):
    return ["lost: %s was acknowledged and never arrived" % token
            for token in sorted(set(book.pending()))]


def audit_duplicates(book):
    """A second copy is allowed only for a message whose first copy had no durable answer when its
    session broke: at most a window for each session that ended badly, and one for each answer that
    was withheld on purpose."""
    first, spent, allowed, ends = {}, {}, {}, {}
    for entry in book.entries:
        if entry["what"] == "received":
            token = entry["token"]
            if token in first:
                spent.setdefault(first[token], []).append(token)
            first[token] = entry["session"]  # a third copy is charged to the session of the second
        elif entry["what"] == "fault":
            allowed[entry["session"]] = allowed.get(entry["session"], 0) + 1
        elif entry["what"] == "ended":
            ends[entry["session"]] = entry
    out = []
    for session, tokens in spent.items():
        end = ends.get(session)
        bound = allowed.get(session, 0)
        if end is not None and not end["orderly"]:
            bound = max(bound, end["window"])
        if len(tokens) > bound:
            out.append("duplicates: %d of session %s were sent again, at most %d may be: %s" % (
                len(tokens), session, bound, " ".join(tokens[:12])))
    return out


def audit_order(book):
    """Inside one flow what was acknowledged arrives in the order in which it was offered."""
    flow, place, acked, seen, last, out = {}, {}, set(), set(), {}, []
    for entry in book.entries:
        if entry["what"] == "offered" and entry["token"] not in place:
            flow[entry["token"]], place[entry["token"]] = entry["flow"], len(place)
        elif entry["what"] == "acked":
            acked.add(entry["token"])
    for entry in book.entries:
        token = entry.get("token")
        if entry["what"] != "received" or token in seen or token not in acked or token not in place:
            continue
        seen.add(token)
        before = last.get(flow[token])
        if before is not None and place[before] > place[token]:
            out.append("order: %s arrived after %s in %s" % (token, before, flow[token]))
        last[flow[token]] = token
    return out


def audit_leak(book):
    party, out = {}, []
    for entry in book.entries:
        if entry["what"] == "offered":
            party[entry["token"]] = entry["party"]
        elif entry["what"] == "received":
            meant = party.get(entry["token"])
            if meant is not None and entry["party"] != meant:
                out.append("leak: %s was for %s and arrived at %s" % (entry["token"], meant,
                                                                      entry["party"]))
    return out


def audit_stop(book):
    """Nothing of the account reaches a party after its STOP was acknowledged."""
    stopped, out = {}, []
    for entry in book.entries:
        if entry["what"] == "stopped":
            stopped.setdefault(entry["party"], set()).update(entry["numbers"])
        elif entry["what"] == "resumed":
            stopped.get(entry["party"], set()).difference_update(entry["numbers"])
        elif entry["what"] == "received" and entry["source"] in stopped.get(entry["party"], ()):
            out.append("stop: %s reached %s after its STOP was acknowledged" % (entry["token"],
                                                                                entry["party"]))
    return out


def audit_strange(book):
    """What arrives was offered before."""
    known, out = set(), []
    for entry in book.entries:
        if entry["what"] == "offered":
            known.add(entry["token"])
        elif entry["what"] in ("received", "acked") and entry["token"] not in known:
            out.append("strange: %s was %s and never offered" % (entry["token"], entry["what"]))
    return out
