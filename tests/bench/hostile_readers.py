"""Ten thousand hostile readers among good ones: does everybody good get their mail, and when?

    python tests/bench/hostile_readers.py [HOSTILE] [GOOD] [DATABASE_URL]

A real store and the real composer, with a relay in this process that takes everything at once. The
same good readers are served twice: alone, and with rows among them that no version of the program
would write (`tests/hostile_readers.py`). A third of the good readers have wishes of their own.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hostile_readers
from installation import ABOUTS, PARIS, Installation

from digest.model import Preferences, SubscriberState

START = datetime(2026, 11, 16, 8, tzinfo=PARIS)
WISHES = (Preferences(), Preferences(keywords=("graph", "speech")), Preferences(max_papers=3))


def add_good(installation: Installation, name: str, number: int) -> None:
    with installation.store.begin() as unit:
        for n in range(number):
            unit.subscribers.add(
                f"{name}{n}@good.example",
                state=SubscriberState.ACTIVE,
                preferences=WISHES[n % len(WISHES)],
                now=installation.clock(),
                origin="bench",
            )


def run(hostile: int, good: int, address: str | None) -> tuple[float, float]:
    """Seconds of the whole run, and seconds until the last good reader had their mail."""
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Path(folder), START, address=address)
        add_good(installation, "before", good // 2)
        aside, served = hostile_readers.insert(installation.store, Random(10), hostile)
        add_good(installation, "after", good - good // 2)
        installation.dump("".join(ABOUTS))
        last = 0.0
        kept = installation.transport.mails

        class Noting(list):  # type: ignore[type-arg]
            def append(self, mail: object) -> None:
                nonlocal last
                super().append(mail)
                last = time.perf_counter()

        installation.transport.mails = Noting(kept)
        begun = time.perf_counter()
        installation.run_day()
        seconds = time.perf_counter() - begun
        got = sorted(mail.recipient for mail in installation.transport.mails)
        mine = [address for address in got if address.endswith("@good.example")]
        assert len(mine) == len(set(mine)) == good, (
            f"{len(mine)} of {good} good readers were served"
        )
        assert sorted(set(got) - set(mine)) == sorted(served)
        began = time.perf_counter()
        stock = installation.status()
        looked = time.perf_counter() - began
        (edition,) = stock.editions
        assert edition.tally.balanced
        assert edition.set_aside == edition.tally.excluded == aside
        assert edition.tally.accepted == good + len(served)
        print(
            f"{hostile:7,} hostile + {good:,} good: {seconds:6.2f} s in all, the last mail after "
            f"{last - begun:6.2f} s; {len(mine):,} good served once, {aside:,} set aside, "
            f"{len(served):,} damaged where no mail depends on it and served, "
            f"{stock.stateless[0]:,} in no state; status in {looked:.2f} s"
        )
        installation.store.close()
        return seconds, last - begun


def main() -> None:
    logging.disable(logging.CRITICAL)
    hostile = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    good = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000
    address = sys.argv[3] if len(sys.argv) > 3 else None
    alone, last_alone = run(0, good, address)
    among, last_among = run(hostile, good, address)
    print(
        f"the last good mail: {last_among / last_alone:.2f} × the time without hostile readers "
        f"(+{1e6 * (among - alone) / max(hostile, 1):.0f} µs for each of them)"
    )


if __name__ == "__main__":
    main()
