"""The language of stories: one .scn file is one story, one line is one step.

A step waits for its condition, at most its deadline (`within 30s STEP` changes it), and never
sleeps. STORIES.md lists the steps. Before `start` a story may change the configuration; after its
last line everything that must hold after any story is checked: all screens looked at, no broken
rule of SMPP, a clean ledger, an orderly stop.
"""

import asyncio
import json
import os
import re
import shlex
import signal

import coding
import smpp
from admin_steps import AdminSteps
from app_steps import AppSteps
from bell import Failure, patient
from carrier_steps import CarrierSteps
from world import World, select

WORD = re.compile(r'\s*("(?:[^"\\]|\\.)*"|#.*|[^\s"#]\S*)')


class Quoted(str):
    """A word that stood in quotes."""


def words_of(line):
    out, at = [], 0
    line = line.rstrip()
    while at < len(line):
        found = WORD.match(line, at)
        if not found:
            raise Failure("cannot read %r" % line[at:])
        word, at = found.group(1), found.end()
        if word.startswith("#"):
            break
        out.append(Quoted(json.loads(word)) if word.startswith('"') else word)
    return out


# What `record APP.password_hash PASSWORD` stands for, by `tandem hash-password`.
HASHES = {
    "secret": "$argon2id$v=19$m=19456,t=2,p=1$xwSO2T8s2ZZSsYV/Iywdaw"
              "$Vx2fyL1j0B0AtMQHCD7IxavrayodhXij6OHWMCk+W7w",
    "other": "$argon2id$v=19$m=19456,t=2,p=1$FjAHYisd1VpfYWSvEcs08g"
             "$AqleEVwbgPK0VIVCsQu0gOvoGhYE/BHcpDIE6sTef/0",
}


def value_of(word):
    """A word of `set`: JSON if it is, else a string."""
    if isinstance(word, Quoted):
        return str(word)
    try:
        return json.loads(word)
    except ValueError:
        return word


def status_of(word):
    return int(word, 0)


def seconds_of(word):
    return float(word[:-2]) / 1000 if word.endswith("ms") else float(word.rstrip("s"))


class Story(CarrierSteps, AppSteps, AdminSteps):
    DEADLINE = 10.0

    def __init__(self, path, directory, narrator=None):
        self.path, self.narrator = path, narrator
        self.world = World(directory)
        self.bell = self.world.bell
        self.variables = {}
        self.deadline = self.DEADLINE
        self.repeats = False            # a text that was seen before may be seen again
        self.line, self.raw = 0, ""
        self.stop_checked = True

    # --- playing

    async def play(self, keep_running=False):
        """Play all lines, then stop the gateway and check the world. Raises Failure with the
        line."""
        with open(self.path, encoding="utf-8") as lines:
            text = lines.read().replace("\\\n", " ")
        try:
            for self.line, line in enumerate(text.split("\n"), 1):
                self.raw = line
                words = words_of(line)
                if words:
                    await self.step(words)
            self.line = 0
            if keep_running:
                self._judge()
                return
            await self._finish()
        except Failure as failure:
            where = "%s:%d: " % (os.path.basename(self.path), self.line) if self.line else ""
            raise Failure(where + str(failure)) from None

    async def _finish(self):
        world = self.world
        book = world.ledger
        await self.bell.until(lambda: not book.pending(), self.deadline,
                              lambda: "tokens to arrive: %s" % " ".join(book.pending()[:10]))
        if world.gateway.running():
            sessions = [session for carrier in world.carriers.values()
                        for session in carrier.bound()]
            await world.gateway.stop()
            if self.stop_checked:
                await self.bell.until(lambda: all(session.closed for session in sessions), 5,
                                      "sessions to end")
                left = [session.label for session in sessions if not session.unbound]
                if left:
                    raise Failure("the gateway stopped without unbinding %s" % ", ".join(left))
        self._judge()

    def _judge(self):
        complaints = self.world.complaints()
        if complaints:
            raise Failure("\n".join(complaints))

    async def step(self, words):
        self.deadline = self.DEADLINE
        if words[0] == "within":
            self.deadline = seconds_of(words[1])
            words = words[2:]
        method = getattr(self, "do_" + words[0].replace("-", "_"), None)
        if method is None:
            raise Failure("no step %r" % words[0])
        try:
            await method(list(words[1:]))
        except (IndexError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Failure("cannot do %s: %r" % (" ".join(map(shlex.quote, words)),
                                                error)) from error
        except (asyncio.TimeoutError, OSError) as error:
            raise Failure("%s: %r" % (" ".join(words), error)) from None

    async def until(self, condition, what):
        peers = list(self.world.carriers.values()) + list(self.world.apps.values())
        before = [len(peer.violations) for peer in peers]

        def looked():
            for peer, count in zip(peers, before):
                if len(peer.violations) > count:
                    raise Failure("violation: " + peer.violations[count])
            return condition()
        return await self.bell.until(looked, self.deadline, what)

    # --- words

    def fill(self, text):
        """Put variables into a text; {{ and }} are braces, {token} is a fresh token of the
        ledger."""
        def one(found):
            name = found.group(1)
            if found.group(0) in ("{{", "}}"):
                return found.group(0)[0]
            if name == "token":
                return self.world.ledger.token()
            if name not in self.variables:
                raise Failure("no variable {%s}" % name)
            return str(self.variables[name])
        return re.sub(r"\{\{|\}\}|\{([a-z][a-z0-9_]*)\}", one, text)

    def match(self, pattern, text):
        """Match text with a pattern: {known} stands for its value, {unknown} captures, ... is
        anything."""
        names = []

        def one(found):
            if found.group(0) == "...":
                return "(?:.*)"
            if found.group(0) in ("{{", "}}"):
                return re.escape(found.group(0)[0])
            name = found.group(1)
            if name in self.variables:
                return re.escape(str(self.variables[name]))
            names.append(name)
            return {"id": r"(\d{6,})", "token": r"(tk\d{6})"}.get(name, r"(.+?)")
        mark = re.compile(r"\{\{|\}\}|\{([a-z][a-z0-9_]*)\}|\.\.\.")
        regex, at = "", 0
        for found in mark.finditer(pattern):
            regex += re.escape(pattern[at:found.start()]) + one(found)
            at = found.end()
        found = re.fullmatch(regex + re.escape(pattern[at:]), text, re.S)
        if not found:
            return False
        for name, value in zip(names, found.groups()):
            if name != "token":
                self.variables[name] = value
        return True

    def number(self, word):
        return self.world.number(self.fill(word))

    # --- configuration and the daemon

    async def do_set(self, words):
        tree, key = select(self.world.conf, words[0])
        if words[1][0] == "[":
            tree[key] = json.loads(self.raw[self.raw.index("["):])
        else:
            tree[key] = value_of(words[1])

    async def do_unset(self, words):
        tree, key = select(self.world.conf, words[0])
        del tree[key]

    async def do_record(self, words):
        accounts = self.world.records["accounts"]
        if words[0] == "add":
            tree, key = select(accounts, words[1])
            tree.setdefault(key, []).append(json.loads(self.raw[self.raw.index("{"):]))
            return
        if words[0] == "drop":
            tree, key = select(accounts, words[1])
            del tree[key]
            return
        tree, key = select(accounts, words[0])
        if words[0].endswith(".password_hash"):
            tree[key] = HASHES[words[1]]
            return
        if words[1][:1] in ("[", "{"):
            tree[key] = json.loads(self.raw[self.raw.index(words[1][0]):])
            return
        tree[key] = value_of(words[1])

    async def do_cert(self, words):
        """cert NAME [issuer=NAME] [cn=CN] [names=SAN] [days=N]: certs/NAME.pem, certs/NAME.key"""
        given = dict(word.split("=", 1) for word in words[1:])
        self.world.certs.make(words[0], **dict(given, days=int(given.get("days", 30))))

    async def do_conf(self, words):
        if words != ["project"]:
            raise Failure("conf project")
        self.world.project = True

    async def do_proxy(self, words):
        """proxy N [OPTION=VALUE...]: Ann and Bob get user numbers, the account N contact numbers"""
        account = self.world.records["accounts"][0]
        account["proxy"] = dict(word.split("=", 1) for word in words[1:])
        for agent, name in ((account["agents"][0], "user"), (account["agents"][1], "user-bob")):
            number = "+" + self.world.names[name]
            agent["user_number"] = number
            account["numbers"].append({"number": number, "role": "user", "carrier": "sim",
                                       "agent": agent["id"]})
        account["numbers"] += [{"number": "+" + self.world.names["pool%d" % (at + 1)],
                                "role": "contact", "carrier": "sim"}
                               for at in range(int(words[0]))]

    async def do_name(self, words):
        self.world.names[words[0]] = coding.normal(words[1])
        self.world.titles[coding.normal(words[1])] = words[2] if len(words) > 2 else words[0]

    async def do_let(self, words):
        name, rest = words[0], words[1:]
        if rest[0] == "first":
            self.variables[name] = self.fill(rest[3])[:int(rest[1])]
        elif rest[0] == "after":
            self.variables[name] = self.fill(rest[3])[int(rest[1]):]
        else:
            times = int(rest[1]) if len(rest) > 1 else 1
            self.variables[name] = self.fill(rest[0]) * times

    async def do_file(self, words):
        """file NAME "text": a file, whose path is {NAME}; file NAME FIRST N: N numbers in a row"""
        path = os.path.join(self.world.directory, words[0] + ".txt")
        if len(words) == 3:
            text = "".join("%d\n" % (int(words[1]) + at) for at in range(int(words[2])))
        else:
            text = self.fill(words[1])
        with open(path, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        self.variables[words[0]] = path

    async def do_forget(self, words):
        for name in words:
            self.variables.pop(name, None)

    async def do_say(self, words):
        if self.narrator:
            await self.narrator(" ".join(words))

    async def do_start(self, words):
        await self.world.start(bound="unbound" not in words, deadline=max(self.deadline, 15.0))

    async def do_stop(self, words):
        await self.world.gateway.stop()

    async def do_kill(self, words):
        await self.world.gateway.kill()

    async def do_restart(self, words):
        await self.world.gateway.stop()
        await self.do_start(words)

    async def do_reload(self, words):
        """SIGHUP with the configuration as the story has changed it; waits for the log to say how
        it went."""
        self.world.write_conf()
        await self._signal_reload("reload")

    async def do_reload_broken(self, words):
        from gateway import write_private
        write_private(self.world.gateway.conf, self.fill(words[0]))
        await self._signal_reload("reload")

    async def _signal_reload(self, word):
        lines = len(self.world.gateway.log)
        self.world.gateway.signal(signal.SIGHUP)
        log = self.world.gateway.log
        await self.until(lambda: any(word in line for line in log[lines:]),
                         "a line about the reload in the log")

    async def do_log(self, words):
        pattern = self.fill(words[0])
        await self.until(lambda: any(pattern in line for line in self.world.gateway.log),
                         lambda: "%r in the log\n%s" % (pattern, self.world.gateway.tail()))

    async def do_unlogged(self, words):
        """unlogged "text"...: no line of the log so far holds it"""
        for text in map(self.fill, words):
            lines = [line for line in self.world.gateway.log if text in line]
            if lines:
                raise Failure("%r is in the log:\n%s" % (text, "\n".join(lines[:5])))

    async def do_check(self, words):
        """check fails "text": `tandem check` refuses the configuration as it stands and says
        text."""
        await self.world.carrier()
        self.world.write_conf()
        code, out = await self.world.gateway.check()
        if (code == 0) != (words[0] == "passes"):
            raise Failure("tandem check ended with %d:\n%s" % (code, out))
        for text in words[1:]:
            if self.fill(text) not in out:
                raise Failure("tandem check does not say %r:\n%s" % (text, out))

    async def do_quiet(self, words):
        await self.world.quiet(self.deadline)

    async def do_repeats(self, words):
        self.repeats = words == ["allowed"]

    async def do_abrupt(self, words):
        """The orderly end is not this story's subject (a session is broken on purpose at the
        end)."""
        self.stop_checked = False

    async def do_settled(self, words):
        """Everything that was acknowledged has arrived."""
        book = self.world.ledger
        await self.until(lambda: not book.pending(),
                         lambda: "tokens to arrive: %s" % " ".join(book.pending()[:10]))

    # --- phones

    async def do_text(self, words):
        """text FROM TO "text" [how...]: waits until the gateway has answered; -> refused STATUS if
        it must refuse."""
        wanted = 0
        if "refused" in words:
            wanted = status_of(words[words.index("refused") + 1])
            words = words[:words.index("refused")]
        items = self._post(words)
        for item in items:
            status = await asyncio.wait_for(asyncio.shield(item.done), patient(self.deadline))
            if status != wanted:
                raise Failure("the gateway answered deliver_sm with 0x%x, not 0x%x" % (status,
                                                                                       wanted))

    async def do_send(self, words):
        """As text, but without waiting for the gateway's answer."""
        self._post(words)

    async def do_texts(self, words):
        """texts N FROM TO "text {n} {token}": one after another without waiting."""
        for at in range(1, int(words[0]) + 1):
            self.variables["n"] = at
            self._post(words[1:])
        self.variables.pop("n", None)

    def _post(self, words):
        source, destination = self.number(words[0]), self.number(words[1])
        text = self.fill(words[2])
        how, party, rest = {}, None, list(words[3:])
        while rest:
            word = rest.pop(0)
            if word in ("latin1", "ascii", "ucs2"):
                how["alphabet"] = word
            elif word in ("sar", "payload", "ref16", "same-ref"):
                how[word.replace("-", "_")] = True
            elif word == "order":
                how["order"] = [int(one) for one in rest.pop(0).split(",")]
            elif word == "for":
                party = self.number(rest.pop(0))
            elif word == "via":
                how["via"] = rest.pop(0)
            elif word == "with":
                name, value = rest.pop(0).split("=")
                digits = re.fullmatch(r"\d\w*", value) and not name.endswith("_addr")
                fields = how.setdefault("fields", {})
                fields[name] = int(value, 0) if digits else self.fill(value)
            else:
                raise Failure("text: what is %r" % word)
        carrier = self.world.carriers[how.pop("via", "sim")]
        return carrier.text(source, destination, text, party, **how)

    async def do_sees(self, words):
        """sees [N] PHONE from NUMBER "pattern" [in N parts] [as gsm|ucs2]; sees nothing PHONE..."""
        if words[0] == "nothing":
            await self._sees_nothing([self.number(word) for word in words[1:]])
            return
        count = int(words.pop(0)) if words[0].isdigit() and len(words[0]) < 5 else None
        phone, sender, pattern = self._phone(words[0]), self.number(words[2]), words[3]
        for at in range(1, (count or 1) + 1):
            if count:
                self.variables["n"] = at
            bubble = await self._next_bubble(phone, sender, pattern)
            if not self.match(pattern, bubble.text):
                raise Failure("%s got from %s: %r\n    expected: %r" % (words[0], words[2],
                                                                        bubble.text,
                                                                     str(pattern)))
            self._check_shape(bubble, words[4:])
        if count:
            self.variables.pop("n", None)

    async def do_each(self, words):
        """each FIRST N from NUMBER "text": N phones with numbers in a row have got this, once"""
        first, count = int(words[0]), int(words[1])
        sender, text = self.number(words[3]), self.fill(words[4])
        for number in range(first, first + count):
            phone = self._phone(str(number))
            bubble = await self._next_bubble(phone, sender, text)
            if bubble.text != text or len(phone.screen) != 1:
                raise Failure("%d shows %s" % (number, "; ".join(map(str, phone.screen))))

    async def _next_bubble(self, phone, sender, pattern):
        def ready():
            line = phone.unseen.get(sender)
            while self.repeats and line and self._seen_before(phone, line[0]):
                line.popleft()
            return line

        def waiting():
            others = [str(one) for one in phone.screen[-4:]]
            return "%s to get from %s %r; its screen ends with %s\n%s" % (
                phone.name, sender, str(pattern), "; ".join(others) or "nothing",
                self.world.gateway.tail(8))
        return (await self.until(ready, waiting)).popleft()

    @staticmethod
    def _seen_before(phone, bubble):
        place = phone.screen.index(bubble)
        return any(one.text == bubble.text and one.peer == bubble.peer and not one.sent
                   for one in phone.screen[:place])

    @staticmethod
    def _check_shape(bubble, words):
        while words:
            if words[0] == "in":
                if bubble.parts != int(words[1]):
                    raise Failure("it came in %d parts, not %s" % (bubble.parts, words[1]))
                words = words[3:]
            elif words[0] == "as":
                if bubble.data_coding != {"gsm": 0, "latin1": 3, "ucs2": 8}[words[1]]:
                    raise Failure("it came with data_coding %d, not as %s" % (bubble.data_coding,
                                                                              words[1]))
                words = words[2:]
            elif words[0] == "by":
                if words[1] not in bubble.shape:
                    raise Failure("it came by %s, not by %s" % (bubble.shape, words[1]))
                words = words[2:]
            else:
                raise Failure("sees: what is %r" % words[0])

    async def _sees_nothing(self, numbers):
        await self.world.quiet(self.deadline)
        for number in numbers:
            phone = self._phone(number)
            if self.repeats:
                continue
            if phone.unseen_count():
                raise Failure("%s got %s" % (number, [list(line) for line in phone.unseen.values()
                                                      if line]))

    def _phone(self, word):
        return self.world.carriers["sim"].phone(self.number(word))

    async def do_slips(self, words):
        """slips PHONE RELAY ID "pattern": every wrong digit and every swap of neighbours in ID is
        answered by pattern."""
        phone, relay, right = self._phone(words[0]), self.number(words[1]), self.fill(words[2])
        slips = {right[:at] + digit + right[at + 1:] for at in range(len(right))
                 for digit in "0123456789"}
        slips |= {right[:at] + right[at + 1] + right[at] + right[at + 2:]
                  for at in range(len(right) - 1)}
        for slip in sorted(slips - {right}):
            self.world.carriers["sim"].text(phone.number, relay, slip + " A slip of the thumb")
            bubble = await self._next_bubble(phone, relay, words[3])
            if not self.match(words[3], bubble.text):
                raise Failure("%s for %s was answered by %r" % (slip, right, bubble.text))

    async def do_never(self, words):
        """never PHONE "text": nothing on that phone's screen, ever, has this text in it."""
        phone, text = self._phone(words[0]), self.fill(words[1])
        found = [bubble for bubble in phone.screen if text in bubble.text and not bubble.sent]
        if found:
            raise Failure("%s got %s" % (words[0], found[0]))

    async def do_once(self, words):
        """once PHONE "text": exactly one message on that phone's screen has this text in it."""
        phone, text = self._phone(words[0]), self.fill(words[1])
        found = [bubble for bubble in phone.screen if text in bubble.text and not bubble.sent]
        if len(found) != 1:
            raise Failure("%s got %d times %r" % (words[0], len(found), text))

    async def do_ignore(self, words):
        """Whatever came to these phones needs no look."""
        for word in words:
            self._phone(word).unseen.clear()
