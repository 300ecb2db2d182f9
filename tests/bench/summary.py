"""Summaries of real abstracts: whole, within the length, without markup, and how fast.

    DIGEST_REAL_DATA=FOLDER python tests/bench/summary.py

Reads every abstract under FOLDER/dumps and FOLDER/hf and prints how many summaries break a rule,
and the processor time for 250 papers.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

# In place of this folder, where a module of this very name would hide the tests' own.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from conftest import REAL_DATA  # noqa: E402
from editorial.abstracts import broken_rules, real_abstracts  # noqa: E402

from digest.editorial.summary import summarise  # noqa: E402


def main() -> int:
    if not REAL_DATA.is_dir():
        print("no real dumps here: set DIGEST_REAL_DATA to a folder that has them")
        return 2
    abstracts = real_abstracts(REAL_DATA)
    broken = Counter(rule for abstract in abstracts for rule in broken_rules(abstract))
    said = [summarise(abstract) for abstract in abstracts]
    print(f"{len(abstracts)} abstracts, {len(set(map(str, said)))} different summaries")
    for rule in ("cut", "too long", "markup"):
        print(f"{rule}: {broken[rule]}")
    print(f"without a summary: {sum(not one.summary for one in said)}")
    print(f"without a short form: {sum(not one.brief for one in said)}")
    best = min(map(_seconds, [abstracts[:250]] * 5))
    print(f"250 papers: {best:.2f} s")
    return 1 if broken else 0


def _seconds(abstracts: list[str]) -> float:
    began = time.process_time()
    for abstract in abstracts:
        summarise(abstract)
    return time.process_time() - began


if __name__ == "__main__":
    raise SystemExit(main())
