#!/usr/bin/env python3
"""Builds Tandem's variants and runs its test suites, three at a time; called by scripts/test.

A suite is a command that prints "ok NAME" and "not ok NAME" lines, and may end with "N passed,
N failed". Its whole output is kept in build/log/SUITE.log, with the seconds that each command took.
A suite that dies, prints no result or runs out of time counts as one more failure, so that silence
is never taken for success.

    --long        the long forms: 100,000 seeds, 500 kills, an hour of fuzzing each
    --list        name the suites and end
    SUITE...      only these

FUZZ_SECONDS is the time of each fuzz target, SEEDS the number of simulated runs, KILLS that of the
crash loop.
"""
import argparse
import concurrent.futures
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "log"
JOBS = f"-j{os.cpu_count() or 2}"
RESULT = re.compile(r"^(ok|not ok)\b[ :]*(.*)$")
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed\s*$")
SHOWN_LINES = 12
MEMORY_FOLDER, MEMORY_NEEDED = "/dev/shm", 1 << 30


class Suite:
    """One command, or several that share a name: each is run even if one before it failed, so many
    at once."""

    def __init__(self, name, commands, seconds, env=None, quiet_ok=False, at_once=1):
        self.name = name
        self.commands = commands
        self.seconds = seconds
        self.env = env or {}
        # Its exit status alone is a result (a build, a fuzz run).
        self.quiet_ok = quiet_ok
        self.at_once = at_once
        self.passed = self.failed = 0
        self.failures = []

    def fail(self, what):
        self.failed += 1
        self.failures.append(f"not ok {what}")


def run_command(argv, env, seconds, part):
    """Runs to the end or the time limit, with its output in the file part; returns (exit status or
    None, output, seconds)."""
    began = time.monotonic()
    with open(part, "w") as out:
        try:
            child = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **env}, stdout=out,
                                     stderr=out, stdin=subprocess.DEVNULL, start_new_session=True)
        except OSError as error:
            return 127, f"{error}\n", 0
        try:
            status = child.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
        # What it left behind goes too: its own session holds nothing of ours.
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()
    return status, part.read_text(errors="replace"), time.monotonic() - began


def count(suite, name, status, output):
    """Adds one command's results to its suite."""
    passed = failed = 0
    summary = None
    context = []
    for line in output.splitlines():
        result, total = RESULT.match(line), SUMMARY.match(line)
        if total:
            summary = int(total[1]), int(total[2])
        elif result and result[1] == "ok":
            passed += 1
            context = []
        elif result:
            failed += 1
            suite.failures += context[-SHOWN_LINES:] + [line]
            context = []
        else:
            context.append(line)
    if summary and sum(summary) > passed + failed:
        passed, failed = summary
    suite.passed += passed
    suite.failed += failed
    if status == 0 and not passed and not failed and suite.quiet_ok:
        suite.passed += 1
    elif status is None:
        suite.failures += context[-SHOWN_LINES:]
        suite.fail(f"{name}: ran out of time ({suite.seconds} s)")
    elif status != 0 and not failed:
        suite.failures += context[-SHOWN_LINES:]
        suite.fail(f"{name}: ended with status {status}")
    elif not passed and not failed:
        suite.fail(f"{name}: printed no results")


def run_suite(suite):
    began = time.monotonic()

    def one(number):
        argv, part = suite.commands[number], LOGS / f"{suite.name}.{number}.part"
        left = suite.seconds - (time.monotonic() - began)
        status, output, seconds = run_command(argv, suite.env, max(left, 1), part)
        log.write(f"$ {' '.join(argv)}\n{output}# {seconds:.1f} s\n")
        log.flush()
        part.unlink(missing_ok=True)
        return argv, status, output

    if not suite.commands:
        suite.fail(f"{suite.name}: nothing to run")
    with open(LOGS / f"{suite.name}.log", "w") as log, \
            concurrent.futures.ThreadPoolExecutor(suite.at_once) as pool:
        for argv, status, output in pool.map(one, range(len(suite.commands))):
            count(suite, " ".join(argv), status, output)
    text = f"== {suite.name}: {suite.passed} passed, {suite.failed} failed, " \
           f"{time.monotonic() - began:.0f} s\n"
    text += "".join(f"   {line}\n" for line in suite.failures)
    if suite.failures:
        text += f"   all of it is in build/log/{suite.name}.log\n"
    sys.stdout.write(text)
    sys.stdout.flush()


def builds():
    def make(name, *arguments):
        return Suite(name, [["make", JOBS, "DEV=1", *arguments]], 300, quiet_ok=True)

    # The unit programs run with sanitizers: of the other compiler their warnings are enough.
    return [make("build-gcc", "all", "sim", "bench"),
            make("build-clang", "CC=clang", "all", "syntax", "bench"),
            make("build-fuzz", "fuzz"),
            make("build-asan", "SAN=address,undefined", "all", "unit"),
            make("build-tsan", "SAN=thread", "all")]


def built(pattern):
    return [str(p.relative_to(ROOT)) for p in sorted(ROOT.glob(pattern)) if p.is_file()]


def fuzz_suite(long):
    seconds = int(os.environ.get("FUZZ_SECONDS", 3600 if long else 30))
    commands = []
    for source in sorted(ROOT.glob("tests/fuzz/*_fuzz.c")):
        name = source.stem
        corpus = ROOT / "tests/fuzz/corpus" / name.removesuffix("_fuzz")
        # New inputs go to the first folder, which is not in the tree.
        found = ROOT / "build/fuzz/found" / name
        found.mkdir(parents=True, exist_ok=True)
        # It takes what the other lanes leave: its result is in inputs, not in time.
        commands.append(["nice", "-n", "19", f"build/fuzz/{name}", f"-max_total_time={seconds}",
                         "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1",
                         "-verbosity=0",
                         f"-artifact_prefix=build/log/{name}-", str(found),
                         *([str(corpus)] if corpus.is_dir() else [])])
    return Suite("fuzz", commands, (seconds + 15) * len(commands) + 30, quiet_ok=True)


def memory_folder():
    """Where an fsync costs nothing; {} where there is no room: what unit tests show about stores
    does not depend on the disk."""
    try:
        room = shutil.disk_usage(MEMORY_FOLDER).free
    except OSError:
        room = 0
    usable = room >= MEMORY_NEEDED and os.access(MEMORY_FOLDER, os.W_OK)
    return {"TMPDIR": MEMORY_FOLDER} if usable else {}


def lanes(long):
    """Lists of suites that run beside each other: the first computes, the second waits for sockets
    and disks, the third has time."""
    seeds = os.environ.get("SEEDS", "100000" if long else "1000")
    shaped = "10000" if long else "1000"
    kills = os.environ.get("KILLS", "500" if long else "50")
    scale = 60 if long else 1
    asan = {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0", "UBSAN_OPTIONS":
            "print_stacktrace=1"}
    tsan = {"TANDEM_BIN": "build/thread/tandem", "TSAN_OPTIONS": "halt_on_error=0 exitcode=66"}
    unit = [[f"build/address-undefined/unit/{p.stem}"] for p in
            sorted(ROOT.glob("tests/unit/*_test.c"))]
    left = [Suite("tidy", [["scripts/tidy"], ["scripts/rows", "--check"]], 180),
            Suite("unit", unit, 900, {**asan, **memory_folder()}, at_once=2),
            Suite("sim", [["build/sim/tandem-sim", "--seeds", seeds],
                          ["build/sim/tandem-sim", "--mutants"],
                          ["build/sim/tandem-shape", "--seeds", shaped],
                          ["build/sim/tandem-shape", "--mutants"]], 600 * scale),
            Suite("fuzz-coverage", [["scripts/fuzz-coverage"]], 240, quiet_ok=True)]
    right = [Suite("wire", [["tests/wire/run"]], 420),
             Suite("bad-smpp", [["python3", "tests/wire/test_bad_smpp.py"],
                                 ["python3", "tests/wire/test_binds.py"]], 240,
                   {"TANDEM_BIN": "build/address-undefined/tandem", **asan}),
             Suite("hostile", [["python3", "tests/wire/test_hostile.py",
                                *(["--long"] if long else [])]], 420 * scale,
                   {"TANDEM_BIN": "build/address-undefined/tandem"}),
             Suite("wire-tsan", [["tests/wire/run", "story", "app", "carrier", "daemon", "r_rel",
                                  "smpp_b", "smpp_u", "smpp_x"]], 300, tsan),
             Suite("crash", [["python3", "tests/wire/test_ledger.py"],
                             ["python3", "tests/wire/test_crash.py", "--kills", kills],
                             ["python3", "tests/wire/test_powercut.py"]], 300 * scale),
             Suite("interop", [["tests/interop/run"]], 240)]
    return left, right, [fuzz_suite(long)]


def chosen(suites, names):
    return [s for s in suites if not names or s.name in names]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("suites", nargs="*")
    options = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    os.environ["PATH"] += ":/usr/sbin:/sbin"

    building, beside = builds(), lanes(options.long)
    every = building + [suite for suites in beside for suite in suites]
    unknown = set(options.suites) - {s.name for s in every}
    if options.list or unknown:
        print("suites:", *(s.name for s in every))
        sys.exit(2 if unknown else 0)

    # Every variant is built, whatever suites were asked for: what is up to date costs nothing.
    for suite in building:
        run_suite(suite)

    def lane(suites):
        for suite in chosen(suites, options.suites):
            run_suite(suite)

    threads = [threading.Thread(target=lane, args=(suites,)) for suites in beside]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passed, failed = sum(s.passed for s in every), sum(s.failed for s in every)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
