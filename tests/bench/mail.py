"""What a mail costs: 10,000 personal mails drawn up from pieces, against rendering each anew.

    python tests/bench/mail.py [MAILS]

First every reader has a selection of their own, then readers share them, as most do. "Anew" fills
the templates and inlines the CSS for the reader's own mail, as a program without frozen pieces
would; a few dozen of those are enough to time them.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# In place of this folder, where a module of this very name would hide the tests' own.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from mail.sample_editions import (  # noqa: E402
    LIST,
    TOPICS,
    composer,
    edition,
    general_selection,
    personal_selection,
    published,
    recipient_of,
)

from digest.mail import render  # noqa: E402
from digest.mail.message import Composer  # noqa: E402
from digest.model import Edition, Selection  # noqa: E402


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of processor that ``work`` took; what else runs on the machine does not count."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def main(mails: int) -> None:
    inlinings = 0
    engine = render._premailer

    def counted(page: str) -> str:
        nonlocal inlinings
        inlinings += 1
        return engine(page)

    render._premailer = counted
    of = edition(250, topics=12, shown=40)
    cold = timed(lambda: published(of))
    frozen = published(of)
    per_edition = inlinings // 2
    compose = Composer(frozen, LIST)
    print(f"rendering an edition of 250 papers: {cold:.0f} ms, premailer ran {per_edition} time")
    first = timed(lambda: compose.compose(general_selection(of), recipient_of(0)))
    print(f"first mail, encoding its pieces: {first:.2f} ms")

    dice = random.Random(1)
    selections = [
        personal_selection(of, dice.sample([topic.id for topic in TOPICS], dice.randint(1, 8)))
        for _ in range(mails)
    ]
    subscribers = [recipient_of(number) for number in range(1, mails + 1)]
    inlinings = 0

    def costs_of(shown: Sequence[Selection]) -> list[float]:
        return [
            timed(lambda s=selection, r=one: compose.compose(s, r))  # type: ignore[misc]
            for selection, one in zip(shown, subscribers, strict=True)
        ]

    costs = costs_of(selections)
    shown = statistics.mean(
        len(s.picks) + sum(len(section.papers) for section in s.sections) for s in selections
    )
    print(
        f"{mails:,} personal mails of {shown:.0f} papers: median {statistics.median(costs):.3f} ms, "
        f"99th percentile {sorted(costs)[len(costs) * 99 // 100]:.3f} ms, "
        f"{sum(costs) / 1000:.2f} s in all, premailer ran {inlinings} times"
    )

    everybodys = general_selection(of)
    for shared, name in (
        ([everybodys] * mails, "the general mail"),
        ([selections[number % 2_000] for number in range(mails)], "2,000 selections"),
    ):
        costs_of(shared)
        known = costs_of(shared)
        print(
            f"{mails:,} readers who share {name}: median {statistics.median(known):.3f} ms, "
            f"99th percentile {sorted(known)[len(known) * 99 // 100]:.3f} ms"
        )

    anew = []
    for selection, one in list(zip(selections, subscribers, strict=True))[:30]:

        def whole(s=selection, r=one) -> None:  # type: ignore[no-untyped-def]
            page = composer_of_shown(of, s).html(s, r)
            engine(page.replace("</head>", "<style>p{margin:4px 0 0}</style></head>"))

        anew.append(timed(whole))
    print(
        f"the same rendered anew with Jinja and premailer: median {statistics.median(anew):.1f} ms"
    )
    print(f"{statistics.median(anew) / statistics.median(costs):,.0f} times as much")


def composer_of_shown(of: Edition, selection: Selection) -> Composer:
    """Templates filled for what one mail shows, and nothing else."""
    from dataclasses import replace

    shown = set(selection.picks) | {p for s in selection.sections for p in (*s.papers, *s.titles)}
    topics = {section.topic for section in selection.sections}
    return composer(
        replace(
            of,
            entries=tuple(entry for entry in of.entries if entry.paper_id in shown),
            sections=tuple(section for section in of.sections if section.topic.id in topics),
            picks=tuple(p for p in of.picks if p in shown),
            updated=(),
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
