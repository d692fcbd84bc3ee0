#!/usr/bin/env python3
"""The story on the terminal: phones side by side, one column each, and then a prompt to text from
any of them.

scripts/run calls it: story.py VAR_DIRECTORY [--story [NAME]]; NAME: main, proxy. The configuration
in that directory is used as it stands.
"""

import asyncio
import os
import re
import shutil
import signal
import sys
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import coding  # noqa: E402
from bell import Failure  # noqa: E402
from gateway import ROOT  # noqa: E402
from scenario import Story  # noqa: E402

HELP = """  FROM TO TEXT     text from a phone:  contact business Good morning
                   answer as Ann:      ann relay ID Your text   (the ID is on her screen)
                   any number works:   +12025550123 business Hello
  phones           everybody's name and number
  log [N]          the gateway's last N lines
  help, quit       Ctrl-C quits too"""
STORIES = {"main": "story.scn", "proxy": "story_proxy.scn"}
BOLD, DIM, PLAIN = "\033[1m", "\033[2m", "\033[0m"
GREEN, BLUE, RED = "\033[32m", "\033[36m", "\033[31m"


class Screens:
    """Columns of bubbles that scroll with time: what a phone sent stands to the right, what it got
    to the left."""

    def __init__(self, colour):
        self.colour = colour
        self.phones = []
        self.headed = 0                 # phones that had their names over their columns

    def paint(self, code, text):
        return code + text + PLAIN if self.colour else text

    def width(self):
        room = min(shutil.get_terminal_size((100, 24)).columns, 130)
        return max(26, min(46, (room - 2) // max(2, len(self.phones)) - 3))

    def add(self, phone):
        if phone in self.phones:
            return
        self.phones.append(phone)
        phone.on_bubble = self.bubble

    def head(self):
        wide = self.width()
        for line, code in (([phone.name for phone in self.phones], BOLD),
                           ([coding.pretty(phone.number) for phone in self.phones], DIM)):
            print("  " + "   ".join(self.paint(code, text[:wide].center(wide)) for text in line))
        print("  " + "   ".join("─" * wide for _ in self.phones), flush=True)
        self.headed = len(self.phones)

    def bubble(self, phone, bubble):
        self.add(phone)
        if self.headed < len(self.phones):
            self.head()
        wide, at = self.width(), self.phones.index(phone)
        inner = wide - 8
        lines = [piece for line in bubble.text.split("\n") for piece in textwrap.wrap(line, inner)
                 or [""]]
        caption = ("to " if bubble.sent else "from ") + coding.pretty(bubble.peer)
        box = max([columns(line) for line in lines] + [len(caption) + 2])
        rows = ["╭─" + caption + "─" * (box - len(caption)) + "─╮"]
        rows += ["│ " + line + " " * (box - columns(line)) + " │" for line in lines]
        rows += ["╰" + "─" * (box + 2) + "╯"]
        left = "  " + " " * ((wide + 3) * at) + " " * (max(0, wide - box - 4) if bubble.sent else 0)
        for row in rows:
            print(left + self.paint(BLUE if bubble.sent else GREEN, row))
        sys.stdout.flush()

    async def say(self, text):
        print()
        for line in textwrap.wrap(text, min(shutil.get_terminal_size((100, 24)).columns - 4, 100)):
            print(self.paint(BOLD, "▸ " + line))
        print(flush=True)


def columns(text):
    """Columns that text takes in a terminal: wide characters and emoji take two, combining marks
    none."""
    import unicodedata
    return sum(0 if unicodedata.combining(char) or char in "\u200d\ufe0f" else
               2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


class Show:
    def __init__(self, directory, scenario):
        self.screens = Screens(sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
        self.story = Story(os.path.join(HERE, scenario), directory, self.screens.say)
        self.world = self.story.world
        self.world.ports = (2775, 2776)  # of the example configuration, unless somebody has them
        self.world.on_phone = self.screens.add
        names = self.world.names        # in the example configuration Ann's colleague is Ben
        names["ben"], names["relay-ben"] = names.pop("bob"), names.pop("relay-bob")
        self.over = asyncio.Event()

    async def run(self, story_only):
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.over.set)
        try:
            playing = asyncio.ensure_future(self.story.play(keep_running=True))
            ending = asyncio.ensure_future(self.over.wait())
            await asyncio.wait([playing, ending], return_when=asyncio.FIRST_COMPLETED)
            if not playing.done():
                playing.cancel()
                await asyncio.gather(playing, return_exceptions=True)
                return 130
            await playing
            if story_only:
                await self.world.gateway.stop()
                print("\n" + self.screens.paint(GREEN, "The story went as it should."))
                return 0
            await self.prompt(ending)
            return 0
        except Failure as failure:
            print("\n" + self.screens.paint(RED, "The story went wrong: ") + str(failure))
            print("The gateway's log: " + os.path.join(self.world.directory, "tandem.log"))
            return 1
        finally:
            if self.world.gateway.running():
                print("\nStopping the gateway and the carrier.", flush=True)
            await self.world.close()

    async def prompt(self, ending):
        carrier = self.world.carriers["sim"]
        print("\n" + self.screens.paint(BOLD, "Everything is running. Text from any phone:"))
        print(HELP)
        print("  gateway pid %d; apps bind to port %d (crm/secret); carrier on port %d\n"
              "  log: %s\n" % (
            self.world.gateway.process.pid, self.world.gateway.port, carrier.port,
            os.path.join(self.world.directory, "tandem.log")))
        lines = asyncio.Queue()
        reading = asyncio.ensure_future(read_lines(lines))
        dying = asyncio.ensure_future(self.world.gateway.process.wait())
        while True:
            print("> ", end="", flush=True)
            line = asyncio.ensure_future(lines.get())
            await asyncio.wait([line, ending, dying], return_when=asyncio.FIRST_COMPLETED)
            if ending.done() or dying.done():
                line.cancel()
                break
            words = line.result()
            if words is None and not sys.stdin.isatty():
                await asyncio.wait([ending, dying], return_when=asyncio.FIRST_COMPLETED)
                break
            if words is None or words.strip() in ("quit", "exit", "q"):
                break
            await self.command(carrier, words.strip())
        reading.cancel()
        if dying.done():
            print("\nThe gateway has ended.\n" + self.world.gateway.tail())

    async def command(self, carrier, line):
        found = re.match(r"(\S+)\s+(\S+)\s+(.+)", line)
        if not line:
            return
        if line in ("help", "?"):
            print(HELP)
        elif line == "phones":
            self.list_names()
        elif re.fullmatch(r"log( \d+)?", line):
            print(self.world.gateway.tail(int((line + " 15").split()[1])))
        elif not found or not self.known(found.group(1)) or not self.known(found.group(2)):
            print("  not understood; FROM and TO are names or numbers (phones lists some).")
        else:
            print()
            ends = [self.world.number(word) for word in found.group(1, 2)]
            items = carrier.text(*ends, found.group(3))
            done, late = await asyncio.wait([item.done for item in items], timeout=5)
            refused = [item.status for item in items if item.status]
            if late or refused:
                print("  the gateway %s" % ("answered 0x%x" % refused[0]
                                            if refused else "has not answered yet"))
            await self.settle()

    async def settle(self):
        """Before the next prompt, let come what comes within a moment (a courtesy to the eye; no
        test waits so)."""
        shown = -1
        while shown != sum(len(phone.screen) for phone in self.screens.phones):
            shown = sum(len(phone.screen) for phone in self.screens.phones)
            await asyncio.sleep(0.25)
        print()

    def known(self, word):
        return word in self.world.names or re.fullmatch(r"\+?\d{3,15}", word)

    def list_names(self):
        wanted = ["contact", "carl", "dora", "ann", "ben", "business", "relay", "relay-ben",
                  "user", "pool1", "pool2", "crm-number"]
        what = {"ann": "agent's own phone", "ben": "agent's own phone",
                "relay-ben": "Ben's relay number", "business": "number of role business",
                "relay": "Ann's relay number", "user": "Ann's public number",
                "pool1": "contact number", "pool2": "contact number",
                "crm-number": "number of role app, its texts go to the app crm"}
        for name in wanted:
            print("  %-12s %-18s %s" % (name, coding.pretty(self.world.names[name]),
                                        what.get(name, "a phone outside")))


async def read_lines(lines):
    reader = asyncio.StreamReader()
    try:
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    except (ValueError, OSError):
        await lines.put(None)  # a regular file or /dev/null cannot be watched
        return
    while True:
        line = await reader.readline()
        await lines.put(line.decode("utf-8", "replace").rstrip("\n") if line else None)
        if not line:
            return


def main():
    directory, rest = sys.argv[1], sys.argv[2:]
    scenario = STORIES[rest[1] if len(rest) > 1 else "main"]
    sys.exit(asyncio.run(Show(directory, scenario).run(rest[:1] == ["--story"])))


if __name__ == "__main__":
    main()
