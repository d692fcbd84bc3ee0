"""One simulated world: carriers with phones, apps, the gateway's configuration, and the daemon
itself.

A story (scenario.py) and the crash loop (test_crash.py) both play in a world. Every world has its
own directory and ports. Tearing it down checks what must hold after any story.
"""

import asyncio
import copy
import os
import re

import coding
import ledger
from app import App
from bell import Bell, Failure
from carrier import Carrier
from certs import Certs
from gateway import ROOT, Gateway, free_port, write_private, write_yaml

NAMES = {  # who is who in the stories, as the standard directory below has them
    "contact": "12025550199", "carl": "12025550198", "dora": "12025550197",
    "stranger": "12025550196",
    "ann": "12025550111", "bob": "12025550112", "zoe": "12025550119",
    "business": "12025550150", "frontdesk": "12025550151", "nobodys": "12025550152",
    "second": "12025550153",
    "hers": "12025550159", "relay": "12025550180", "relay-bob": "12025550181",
    "relay-zoe": "12025550189",
    "crm-number": "12025550170",
    "user": "12025550140", "pool1": "12025550141", "pool2": "12025550142", "pool3": "12025550143",
    "user-bob": "12025550145",
}
PROBE = {"contact": "12025550991", "business": "12025550992", "relay": "12025550993",
         "agent": "12025550994"}

CONF = {
    "gateway": {"name": "tandem", "drain": "5s"},
    "log": {"level": "debug"},
    "store": {"dir": "store", "max": "1GiB", "reserve": "16MiB", "unsafe_fs": True},
    "directory": "directory.yaml",
    "listeners": [{"id": "apps", "address": "127.0.0.1", "port": 0}],
    "carriers": [{"id": "sim", "host": "127.0.0.1", "port": 0, "system_id": "tandem",
                  "password": "secret",
                  "bind": "transceiver", "reconnect_min": "100ms", "reconnect_max": "500ms",
                  "refused_min": "100ms", "refused_max": "500ms"}],
    "relay": {"retry_min": "200ms", "retry_max": "1s"},
    "messages": {},
}

DIRECTORY = {"accounts": [
    {"id": "acme", "name": "Acme Dental", "country": "US",
     "groups": [{"id": "front", "name": "Front desk"}],
     "agents": [
         {"id": "ann", "name": "Ann", "mobile": "+1 202 555 0111",
          "relay_number": "+1 202 555 0180", "relay": True,
          "groups": ["front"]},
         {"id": "bob", "name": "Bob", "mobile": "+1 202 555 0112",
          "relay_number": "+1 202 555 0181", "relay": True,
          "groups": ["front"]}],
     "apps": [{"system_id": "crm", "password": "secret"}],
     "numbers": [
         {"number": "+1 202 555 0150", "role": "business", "carrier": "sim", "assign_agent": "ann"},
         {"number": "+1 202 555 0151", "role": "business", "carrier": "sim",
          "assign_group": "front"},
         {"number": "+1 202 555 0152", "role": "business", "carrier": "sim"},
         {"number": "+1 202 555 0153", "role": "business", "carrier": "sim", "assign_agent": "ann"},
         {"number": "+1 202 555 0180", "role": "relay", "carrier": "sim", "agent": "ann"},
         {"number": "+1 202 555 0181", "role": "relay", "carrier": "sim", "agent": "bob"},
         {"number": "+1 202 555 0170", "role": "app", "carrier": "sim", "app": "crm"}]},
    {"id": "zenith", "name": "Zenith Law", "country": "US",
     "agents": [{"id": "zoe", "name": "Zoe", "mobile": "+1 202 555 0119",
                 "relay_number": "+1 202 555 0189",
                 "relay": True}],
     "numbers": [
         {"number": "+1 202 555 0159", "role": "business", "carrier": "sim", "assign_agent": "zoe"},
         {"number": "+1 202 555 0189", "role": "relay", "carrier": "sim", "agent": "zoe"}]},
    # Not part of any story: a message through this account and back shows that what came before it
    # is dealt with.
    {"id": "probe", "name": "Probe", "country": "US",
     "agents": [{"id": "probe", "name": "Probe", "mobile": "+" + PROBE["agent"],
                 "relay_number": "+" + PROBE["relay"], "relay": True}],
     "numbers": [
         {"number": "+" + PROBE["business"], "role": "business", "carrier": "sim",
          "assign_agent": "probe"},
         {"number": "+" + PROBE["relay"], "role": "relay", "carrier": "sim", "agent": "probe"}]}]}


def select(tree, path):
    """(container, key) of a dotted path; an element of a list is chosen by its id, system_id or
    number."""
    parts = path.split(".")
    for part in parts[:-1]:
        tree = tree[find(tree, part)] if isinstance(tree, list) else tree.setdefault(part, {})
    return tree, find(tree, parts[-1]) if isinstance(tree, list) else parts[-1]


def find(items, key):
    for at, item in enumerate(items):
        if key in (item.get("id"), item.get("system_id"), coding.normal(item.get("number", "?"))):
            return at
    raise Failure("no %r in the configuration" % key)


class World:
    def __init__(self, directory):
        self.directory = directory
        self.bell = Bell()
        self.ledger = ledger.Ledger()
        self.gateway = Gateway(directory, self.bell)
        self.certs = Certs(directory)
        self.carriers = {}
        self.phones = {}                # by number; each can be reached by every carrier
        self.apps = {}
        self.names = dict(NAMES)
        self.titles = {}                # number -> how a screen is headed
        self.conf, self.records = copy.deepcopy(CONF), copy.deepcopy(DIRECTORY)
        # the project's own conf/*.yaml instead of the two trees above
        self.project = False
        self.probes = 0
        self.on_phone = None            # called with each phone the world gets to know
        # of the gateway's listener and the first carrier; 0: any that is free
        self.ports = (0, 0)

    # --- setting up

    async def carrier(self, name="sim"):
        if name not in self.carriers:
            carrier = Carrier(name, self.bell, self.ledger, self.phones)
            await carrier.listen(port=free_port(self.ports[1]) if name == "sim" else 0)
            self.carriers[name] = carrier
            if self.on_phone:
                carrier.phone = self._watched(carrier.phone)
        return self.carriers[name]

    def _watched(self, plain):
        def phone(number, name=None):
            digits = coding.normal(number)
            known = [word.capitalize() for word, have in self.names.items() if have == digits]
            made = plain(number, self.titles.get(digits) or name or (known or ["Phone"])[0])
            self.on_phone(made)
            return made
        return phone

    def number(self, word):
        return self.names.get(word, coding.normal(word))

    def write_conf(self):
        if self.project:
            self._write_project_conf()
            return
        conf = copy.deepcopy(self.conf)
        if not self.gateway.port:
            self.gateway.port = free_port(self.ports[0])
        conf["listeners"][0]["port"] = self.gateway.port
        for entry in conf["carriers"]:
            carrier = self.carriers.get(entry["id"])
            if carrier:
                entry["port"] = carrier.port
                carrier.window = entry.get("window", 10)
                carrier.account_of = self.account_of
            for backup in entry.get("backups", ()):
                spare = self.carriers.get(backup["port"])
                if spare:               # a port that is the name of a simulated carrier
                    backup["port"], spare.window = spare.port, entry.get("window", 10)
        for app in self.apps.values():
            app.window = 10
        write_yaml(os.path.join(self.directory, "directory.yaml"), self.records)
        write_yaml(self.gateway.conf, conf)

    def _write_project_conf(self):
        """The example configuration as it is, on ports of our own."""
        self.gateway.port = self.gateway.port or free_port(self.ports[0])
        with open(os.path.join(ROOT, "conf", "tandem.yaml"), encoding="utf-8") as lines:
            text = lines.read()
        for line, ours in ((r"(?:# )?port: *2775\b", "port: %d" % self.gateway.port),
                           (r"(?:# )?port: *2776\b", "port: %d" % self.carriers["sim"].port),
                           (r"dir: *\.\./var/store\b", "dir: store"),
                           (r"path: *\.\./var/store/control\b", "path: store/control")):
            text, count = re.subn(r"(?m)^( *(?:- )?)%s" % line, r"\g<1>" + ours, text)
            if count != 1:
                raise Failure("conf/tandem.yaml has %d lines like %s" % (count, line))
        write_private(self.gateway.conf, text)
        with open(os.path.join(ROOT, "conf", "directory.yaml"), encoding="utf-8") as lines:
            write_private(os.path.join(self.directory, "directory.yaml"), lines.read())

    def account_of(self, number):
        """All numbers of the account that number belongs to."""
        for account in self.records["accounts"]:
            numbers = [coding.normal(entry["number"]) for entry in account["numbers"]]
            if number in numbers:
                return numbers
        return []

    # --- the daemon

    def binds_wanted(self, carrier):
        if self.project:
            return 1
        if not any(entry["id"] == carrier.name for entry in self.conf["carriers"]):
            return 0                    # taken out of the configuration
        entry = self.conf["carriers"][find(self.conf["carriers"], carrier.name)]
        return entry.get("binds", 1) * (2 if entry["bind"] == "pair" else 1)

    def ready(self):
        if not self.gateway.running():
            raise Failure("the gateway ended with %s:\n%s" % (self.gateway.exit_code,
                                                              self.gateway.tail()))
        return all(len(carrier.bound()) >= self.binds_wanted(carrier)
                   for carrier in self.carriers.values())

    async def start(self, bound=True, deadline=15.0):
        carrier = await self.carrier()
        for number in self.titles:
            carrier.phone(number)       # so that a screen is there before its first message
        self.write_conf()
        await self.gateway.launch()
        await self.gateway.wait_listening(deadline)
        if bound:
            await self.bell.until(self.ready, deadline, lambda: "all binds\n" + self.gateway.tail())

    async def quiet(self, deadline=10.0):
        """Return when what the gateway was given before is dealt with: a text through the probe
        account came out."""
        if self.project:
            raise Failure("the project's own configuration has no probe account")
        carrier = self.carriers["sim"]
        for _ in range(2):  # the second goes in after everything that the turn of the first let out
            self.probes += 1
            mark = "probe %d" % self.probes
            carrier.text(PROBE["contact"], PROBE["business"], mark)
            phone = carrier.phone(PROBE["agent"])
            await self.bell.until(lambda: any(bubble.text.endswith(mark)
                                              for bubble in phone.screen), deadline,
                                  "the probe to come back")
            phone.unseen.clear()

    def app(self, name):
        if name not in self.apps:
            self.apps[name] = App(name, self.bell, self.ledger)
        return self.apps[name]

    # --- the end

    async def close(self):
        await self.gateway.end()
        for app in self.apps.values():
            await app.close()
        for carrier in self.carriers.values():
            await carrier.close()
        await asyncio.sleep(0)  # let the sessions' tasks see that they were cancelled

    def complaints(self):
        """What must not be after any story, each in a line."""
        out = []
        for peer in list(self.carriers.values()) + list(self.apps.values()):
            out += ["violation: " + text for text in peer.violations]
        screens = [(phone.number, phone) for phone in self.phones.values()
                   if phone.number != PROBE["agent"]]
        screens += [("app " + app.name, app.inbox) for app in self.apps.values()]
        for name, phone in screens:
            for sender, bubbles in phone.unseen.items():
                out += ["not looked at: %s got from %s: %r" % (name, sender, bubble.text)
                        for bubble in bubbles]
            out += ["half a message at %s: %s of %s" % (name, have, key)
                    for key, have in phone.half_joined()]
        for app in self.apps.values():
            out += ["not looked at: app %s got generic_nack 0x%x" % (app.name, status)
                    for status in app.nacks]
            out += ["not looked at: app %s got receipt %s %s" % (app.name, one[0], one[1])
                    for one in app.unread_receipts]
        out += ["log: " + line for line in self.gateway.log_alarms()]
        return out + ledger.audit(self.ledger)
