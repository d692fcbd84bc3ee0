#!/usr/bin/env python3
"""The ledger's own test: a clean book has no complaint, and every way to doctor it is found.

Needs no daemon. A book here is written in shorthand: one entry a word or two, tokens are tk000001
and so on.
"""

import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ledger import Ledger, audit  # noqa: E402


def book(*entries):
    out = Ledger()
    for entry in entries:
        what, *rest = entry.split()
        about = dict(word.split("=") for word in rest)
        if "t" in about:
            about["token"] = "tk%06d" % int(about.pop("t"))
        if "numbers" in about:
            about["numbers"] = about["numbers"].split(",")
        if "orderly" in about:
            about["orderly"] = about["orderly"] == "yes"
        if "window" in about:
            about["window"] = int(about["window"])
        out.note(what, **about)
    return out


def one(t, flow="c>b", party="ann", source="r", session="s/1", received=True):
    offered = "offered t=%d flow=%s party=%s" % (t, flow, party)
    arrived = ["received t=%d party=%s source=%s session=%s" % (t, party, source,
                                                                session)] if received else []
    return [offered, "acked t=%d" % t] + arrived


def again(t, session="s/2", party="ann", source="r"):
    return "received t=%d party=%s source=%s session=%s" % (t, party, source, session)


BROKE = "ended session=s/1 window=2 orderly=no"
ORDERLY = "ended session=s/1 window=2 orderly=yes"

# name, book, what the audit must say: the first word of each complaint, in order
CASES = [
    ("empty_book", [], []),
    ("clean_book", one(1) + one(2) + one(3), []),
    ("offered_but_not_acked_may_vanish", ["offered t=1 flow=c>b party=ann"], []),
    ("offered_but_not_acked_may_arrive", ["offered t=1 flow=c>b party=ann", again(1, "s/1")], []),
    ("acked_and_gone_is_lost", one(1) + one(2, received=False) + one(3), ["lost"]),
    ("two_lost_are_two_complaints", one(1, received=False) + one(2, received=False),
     ["lost", "lost"]),
    ("refused_for_good_is_not_lost", one(1, received=False) + ["refused t=1"], []),
    ("suppressed_by_an_opt_out_is_not_lost",
     one(1, received=False) + ["stopped party=ann numbers=r"], []),
    ("opt_out_of_one_excuses_no_other", one(1, received=False) + ["stopped party=bob numbers=r"],
     ["lost"]),
    ("duplicate_without_a_reason", one(1) + [again(1, "s/1")], ["duplicates"]),
    ("duplicate_after_an_orderly_stop", one(1) + [ORDERLY, again(1)], ["duplicates"]),
    ("duplicates_within_the_window", one(1) + one(2) + [BROKE, again(1), again(2)], []),
    ("duplicates_beyond_the_window", one(1) + one(2) + one(3) + [BROKE, again(1), again(2),
                                                                 again(3)], ["duplicates"]),
    ("window_is_for_each_session",
     one(1) + one(2) + [BROKE] + one(3, session="s/2") + one(4, session="s/2")
     + [again(1, "s/3"), again(2, "s/3"), "ended session=s/2 window=2 orderly=no", again(3, "s/3"),
        again(4, "s/3")], []),
    ("duplicates_are_charged_to_the_session_of_the_first_copy",
     one(1) + [BROKE] + one(2, session="s/2") + [again(2, "s/2")], ["duplicates"]),
    ("third_copy_is_charged_to_the_second", one(1) + [BROKE, again(1, "s/2"), again(1, "s/2")],
     ["duplicates"]),
    ("withheld_answer_allows_one", one(1) + ["fault session=s/1 kind=mute", again(1, "s/1")], []),
    ("withheld_answer_allows_only_one", one(1) + one(2) + ["fault session=s/1 kind=mute",
                                                           again(1, "s/1"),
                                                           again(2, "s/1")], ["duplicates"]),
    ("order_broken_in_a_flow", ["offered t=1 flow=f party=ann", "acked t=1",
                                "offered t=2 flow=f party=ann", "acked t=2",
                                again(2, "s/1"), again(1, "s/1")], ["order"]),
    ("order_between_flows_is_free", ["offered t=1 flow=f party=ann", "acked t=1",
                                     "offered t=2 flow=g party=ann",
                                     "acked t=2", again(2, "s/1"), again(1, "s/1")], []),
    ("order_ignores_second_copies", one(1) + one(2) + [BROKE, again(1), again(2)], []),
    ("order_ignores_what_was_not_acked", ["offered t=1 flow=f party=ann",
                                          "offered t=2 flow=f party=ann", "acked t=2",
                                          again(2, "s/1"), again(1, "s/1")], []),
    ("leak_to_another_party", ["offered t=1 flow=f party=ann", "acked t=1",
                               again(1, "s/1", party="zoe")], ["leak"]),
    ("leak_of_a_second_copy", one(1) + [BROKE, again(1, party="zoe")], ["leak"]),
    ("send_after_stop", ["stopped party=ann numbers=r,q"] + one(1), ["stop"]),
    ("send_before_stop", one(1) + ["stopped party=ann numbers=r,q"], []),
    ("send_after_stop_from_another_account", ["stopped party=ann numbers=x"] + one(1), []),
    ("send_after_unstop", ["stopped party=ann numbers=r", "resumed party=ann numbers=r"] + one(1),
     []),
    ("unstop_of_another_account_lifts_nothing", ["stopped party=ann numbers=r",
                                                 "resumed party=ann numbers=x"] + one(1),
     ["stop"]),
    ("arrived_and_never_offered", [again(9, "s/1")], ["strange"]),
    ("acked_and_never_offered", ["acked t=9"], ["lost", "strange"]),
]


def main():
    failed = 0
    for name, entries, wanted in CASES:
        made = book(*entries)
        # and it survives being written and read
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            made.save(file.name)
            said = audit(Ledger.load(file.name))
        good = [line.split(":")[0] for line in said] == wanted
        print("%s ledger_%s" % ("ok" if good else "not ok", name))
        if not good:
            print("    wanted %s, the audit says: %s" % (wanted, said))
            failed += 1
    print("%d passed, %d failed" % (len(CASES) - failed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
