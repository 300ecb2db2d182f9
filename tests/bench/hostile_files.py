"""Reads folders in which good dumps lie among hostile ones; prints what these cost.

``python tests/bench/hostile_files.py --cases 10000``: each folder has 50 hostile files and five good
ones; two of the hostile have up to 10 MB, the others up to 1 MB. Fails unless every good file
is read whole, nothing is raised, no file takes more than a second of processor time, and memory
stays within 200 MB of the start, in this process and its readers together.

``--mistakes 10000``: so many texts without papers (error and login pages, logs, code, licences, guides,
lists of other things), mutated. Fails if papers are read from one, if reading one raises, or takes
more than a second of processor time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sources import hostile, mistakes

from digest.model import Dump
from digest.sources import SourceLimits, folder, isolation, open_source
from digest.sources.reading import read_dump

TODAY = date(2026, 11, 20)
IN_A_FOLDER, GOOD = 50, 5
LARGE, SMALL = 10_000_000, 1_000_000


@dataclass
class Figures:
    """What was seen."""

    cases: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    slowest: list[tuple[float, float, str]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    child_peak: int = 0


def child_seconds() -> float:
    """Processor time of the reader that waits, and of all that have ended."""
    done = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = done.ru_utime + done.ru_stime
    for process in list(isolation._idle):
        words = Path(f"/proc/{process.popen.pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return total


def peak(process: isolation._Process) -> int:
    """The most memory a reader had, in kB."""
    status = Path(f"/proc/{process.popen.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def timed(figures: Figures, what: dict[str, str]) -> Any:
    usual = isolation.read_apart

    def read(data: bytes, **options: Any) -> Any:
        before, began = child_seconds(), time.monotonic()
        found = usual(data, **options)
        took, clock = child_seconds() - before, time.monotonic() - began
        name = Path(options["location"]).name
        figures.slowest = sorted(
            [*figures.slowest, (took, clock, f"{what.get(name, 'good')} {len(data):,} B")],
            reverse=True,
        )[:12]
        figures.child_peak = max([figures.child_peak, *map(peak, isolation._idle)])
        return found

    return read


def make(place: str, cases: int, seed: int) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Fill a folder; what each hostile file is, and the titles in each good one."""
    what, titles = {}, {}
    for number in range(cases):
        most = LARGE if number < 2 else SMALL
        kind, data = hostile.hostile(seed + number, most)
        name = f"{hashlib.sha256(b'%d' % (seed + number)).hexdigest()[:8]}.txt"
        what[name] = f"{kind} (seed {seed + number}, up to {most:,})"
        Path(place, name).write_bytes(data)
    for number in range(GOOD):
        data, titles[f"g{number}.txt"] = hostile.good(seed + number)
        Path(place, f"g{number}.txt").write_bytes(data)
    return what, titles


def run(cases: int, seed: int) -> Figures:
    figures = Figures()
    names: dict[str, str] = {}
    vars(folder)["read_apart"] = timed(figures, names)
    while figures.cases < cases:
        with tempfile.TemporaryDirectory() as place:
            names.clear()
            number = min(IN_A_FOLDER, cases - figures.cases)
            # Made in a process of its own, so that only what reading takes is measured here.
            made = subprocess.run(
                [
                    sys.executable,
                    __file__,
                    "--make",
                    place,
                    "--cases",
                    str(number),
                    "--seed",
                    str(seed),
                ],
                check=True,
                capture_output=True,
            )
            what, titles = json.loads(made.stdout)
            names.update(what)
            figures.cases += number
            seed += number
            for found in open_source(place, limits=SourceLimits(settle=0.0)).read(today=TODAY):
                name = Path(found.location).name
                if name in titles:
                    same = isinstance(found, Dump) and [
                        r.title for r in found.records
                    ] == titles.pop(name)
                    figures.lost += [] if same else [f"{name} beside seeds before {seed}"]
                else:
                    said = "read" if isinstance(found, Dump) else found.reason.split(":")[0][:60]
                    figures.ended["".join("#" if c.isdigit() else c for c in said)] += 1
            figures.lost += titles
    return figures


def read_mistakes(cases: int, seed: int) -> None:
    """Read texts that hold no papers, and print what was read of them all the same."""
    seconds: list[tuple[float, str]] = []
    wrong: list[str] = []
    for number in range(seed, seed + cases):
        what, data = mistakes.mistake(number)
        before = time.thread_time()
        try:
            found = read_dump(data, location="page", today=TODAY)
        except Exception as error:
            wrong.append(f"{number}, {what}: {error!r}")
            continue
        seconds.append((time.thread_time() - before, f"{number}, {what}"))
        if isinstance(found, Dump):
            wrong.append(f"{number}, {what}: {len(found.records)} papers")
    seconds.sort(reverse=True)
    print(f"{cases:,} texts without papers, {len(wrong)} read or raised: {wrong[:9]}")
    print(f"slowest {seconds[0][0]:.2f} s: {seconds[0][1]}")
    if wrong or seconds[0][0] > 1.0:
        raise SystemExit("FAILED")


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--cases", type=int, default=10_000)
    wanted.add_argument("--seed", type=int, default=0)
    wanted.add_argument("--mistakes", type=int, default=0)
    wanted.add_argument("--make", help=argparse.SUPPRESS)
    given = wanted.parse_args()
    if given.mistakes:
        read_mistakes(given.mistakes, given.seed)
        return
    if given.make:
        print(json.dumps(make(given.make, given.cases, given.seed)))
        return
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    isolation.read_apart(b"x", location="x", today=TODAY, limits=SourceLimits())
    child_start = peak(isolation._idle[0])
    began = time.monotonic()
    figures = run(given.cases, given.seed)
    isolation.end_idle()
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{figures.cases:,} hostile files in {time.monotonic() - began:.0f} s")
    for said, count in figures.ended.most_common():
        print(f"  {count:6,}  {said}")
    print("slowest (processor, clock):")
    for took, clock, name in figures.slowest:
        print(f"  {took:5.2f} s {clock:5.2f} s  {name}")
    grown = (own - start + figures.child_peak - child_start) / 1024
    print(f"this process {start / 1024:.0f} MB at the start, {own / 1024:.0f} MB at most")
    print(
        f"a reader {child_start / 1024:.0f} MB at the start, {figures.child_peak / 1024:.0f} MB at most"
    )
    print(
        f"both together grew by {grown:.0f} MB; good files lost: {len(figures.lost)} {figures.lost[:3]}"
    )
    slow = figures.slowest[0][0] > 1.0
    if figures.lost or slow or grown > 200:
        raise SystemExit("FAILED")


if __name__ == "__main__":
    main()
