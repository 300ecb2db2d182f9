"""Print what ranking costs: `python tests/bench/ranking/cost.py`, on papers of invented words."""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import date, timedelta
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path[:0] = [str(Path(__file__).resolve().parents[3])]

from digest.model import Taste, Vote, VoteDirection  # noqa: E402 - after the path
from digest.ranking.background import learn_background  # noqa: E402
from digest.ranking.offer import OfferedPaper, prepare_offer  # noqa: E402
from digest.ranking.personal_order import rank  # noqa: E402
from digest.ranking.terms import terms_of  # noqa: E402

DAY = date(2026, 11, 20)
FIELDS, WORDS = 40, 600


def main() -> None:
    """Time the parts of ranking an edition of 250 papers."""
    drawn = random.Random(1)

    def text() -> tuple[str, str]:
        """A title and an abstract of some field, with words as frequent as words are."""
        field = drawn.randrange(FIELDS)
        words = [
            f"w{field if drawn.random() < 0.4 else 'x'}q{int(drawn.paretovariate(0.5)) % WORDS}"
            for _ in range(170)
        ]
        return " ".join(words[:10]), " ".join(words[10:])

    began = time.perf_counter()
    earlier = [terms_of(*text()) for _ in range(10_000)]
    print(f"terms of 10,000 papers: {time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    background = learn_background(earlier)
    print(f"background learned from them: {time.perf_counter() - began:.1f} s")
    papers = [OfferedPaper(number, *text()) for number in range(250)]
    began = time.perf_counter()
    offer = prepare_offer(papers, background)
    print(f"edition of 250 made ready: {1000 * (time.perf_counter() - began):.0f} ms")
    for size in (1, 3, 10, 50, 100):
        tastes = [
            Taste(
                votes=tuple(
                    Vote(n, *text(), VoteDirection.MORE, DAY - timedelta(days=n))
                    for n in range(size)
                )
            )
            for _ in range(50)
        ]
        times = []
        for _ in ("first", "again"):
            spent = time.process_time()
            for taste in tastes:
                rank(offer, taste, DAY)
            times.append(1000 * (time.process_time() - spent) / len(tastes))
        print(
            f"a taste of {size:3}: {times[1]:.2f} ms of CPU a reader, {times[0]:.2f} where its papers "
            "were never read before"
        )


if __name__ == "__main__":
    main()
