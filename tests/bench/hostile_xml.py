"""Reads feeds and OAI-PMH answers that were cut, mixed and stuffed at random; prints what they cost.

``python tests/bench/hostile_xml.py --cases 3000``: fails if one crashes the reader, is a fault of the
program, or takes more than a second of processor time or 100 MB of memory.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from datetime import date
from pathlib import Path

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.hostile_files import child_seconds, peak
from sources.hostile_xml import hostile_xml

from digest.model import Dump
from digest.sources import SourceLimits, isolation
from digest.sources.isolation import read_apart

TODAY = date(2026, 11, 20)
MOST_SECONDS, MOST_MEMORY = 1.0, 100_000


def main(cases: int, first: int) -> int:
    """Read each case; 1 if one of them is wrong."""
    limits = SourceLimits()
    ends: Counter[str] = Counter()
    wrong: list[str] = []
    slowest, most, usual = (0.0, -1), 0, 0
    for seed in range(first, first + cases):
        data = hostile_xml(seed)
        before = child_seconds()
        read = read_apart(data, location="feed", today=TODAY, limits=limits)
        seconds = child_seconds() - before
        slowest = max(slowest, (seconds, seed))
        said = "papers" if isinstance(read, Dump) else read.reason.partition(":")[0][:60]
        ends[said] += 1
        if "crash" in said or "fault" in said or "MB of memory" in said or "given up" in said:
            wrong.append(f"{seed}: {said}")
        if seconds > MOST_SECONDS:
            wrong.append(f"{seed}: {seconds:.1f} s, {len(data):,} B")
        if isolation._idle:
            now = peak(isolation._idle[0])
            usual = usual or now
            most = max(most, now - usual)
    for said, count in ends.most_common(20):
        print(f"{count:6} {said}")
    print(f"slowest {slowest[0]:.2f} s (seed {slowest[1]}), most memory {most / 1_000:.0f} MB more")
    print(f"{len(wrong)} are wrong", *wrong[:10], sep="\n")
    return 1 if wrong or most > MOST_MEMORY else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    sys.exit(main(given.cases, given.first))
