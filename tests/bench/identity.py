"""Measure how well papers are recognised: real revisions and real look-alikes, pair by pair and at the door.

    python tests/bench/identity.py [FOLDER]

FOLDER (default: ``DIGEST_REAL_DATA``) has ``identity/revisions.jsonl`` (one paper, text changed) and
``identity/near_titles.jsonl`` (two papers, titles alike). Bars: 98.5 % of the revisions recognised,
0.3 % of the look-alikes merged.
"""

# ruff: noqa: E402 - the folder of the tests comes first
from __future__ import annotations

import itertools
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rapidfuzz import fuzz

# In place of this folder, whose modules have the names of rooms of the tests.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from conftest import REAL_DATA
from editorial.memories import Shelf

from digest.editorial import identity, identity_keys
from digest.editorial.identity import BARS, MatchThresholds
from digest.editorial.revision import Wording, compare_wording
from digest.model import Paper, Record
from digest.store import open_store

DAY = date(2026, 6, 1)


@dataclass(frozen=True)
class Pair:
    """Two listings, and whether they are one paper."""

    kind: str
    before: Record
    after: Record

    @property
    def same(self) -> bool:
        return self.kind != "look-alike"


def pairs(folder: Path, *, with_ids: bool) -> list[Pair]:
    found = []
    for name in ("revisions", "near_titles"):
        for line in (folder / "identity" / f"{name}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            records = []
            for side in "ab":
                external = row.get("id") or row[f"id_{side}"]
                records.append(
                    Record(
                        " ".join(row[f"title_{side}"].split()),
                        " ".join(row[f"abstract_{side}"].split()),
                        external_id=external if with_ids else None,
                    )
                )
            found.append(Pair(row.get("kind", "look-alike"), *records))
    return found


def matched(pair: Pair, bars: MatchThresholds = BARS) -> bool:
    before = pair.before
    known = Paper(1, before.title, before.abstract, identity_keys.identity_keys(before), DAY, DAY)
    return (
        identity.match_paper(
            pair.after, identity_keys.identity_keys(pair.after), [known], bars=bars
        )
        is not None
    )


def score(found: Sequence[Pair], hits: Sequence[bool]) -> tuple[float, float]:
    """The part of the revisions recognised, and of the look-alikes merged."""
    return tuple(  # type: ignore[return-value]
        sum(hit for pair, hit in zip(found, hits, strict=True) if pair.same is same)
        / max(1, sum(pair.same is same for pair in found))
        for same in (True, False)
    )


def by_halves(found: Sequence[Pair]) -> None:
    """Choose the bars on one half, measure on the other, both ways, for five divisions."""
    grid = [
        MatchThresholds(retitled=retitled, named=named, linked=linked)
        for retitled, named, linked in itertools.product(
            (0.5, 0.54, 0.58, 0.62), (0.12, 0.16, 0.2, 0.24), (0.05, 0.1)
        )
    ]
    hits = {bars: [matched(pair, bars) for pair in found] for bars in grid}
    results = []
    for seed in range(5):
        order = list(range(len(found)))
        random.Random(seed).shuffle(order)
        for chosen, rest in ((order[::2], order[1::2]), (order[1::2], order[::2])):
            on = {bars: score(*_part(found, hits[bars], chosen)) for bars in grid}
            best = max(grid, key=lambda bars: _worth(on[bars], bars))
            results.append(score(*_part(found, hits[best], rest)))
    for name, values in zip(("recognised", "merged"), zip(*results, strict=True), strict=True):
        print(
            f"  by halves, {name}: mean {sum(values) / len(values):.2%},"
            f" worst to best {min(values):.2%} to {max(values):.2%}"
        )


def _part(
    found: Sequence[Pair], hits: Sequence[bool], chosen: Sequence[int]
) -> tuple[list[Pair], list[bool]]:
    return [found[i] for i in chosen], [hits[i] for i in chosen]


def _worth(scores: tuple[float, float], bars: MatchThresholds) -> tuple[bool, float, float]:
    """Few merges first, then many recognised, then the more careful bars."""
    recognised, merged = scores
    return merged <= 0.003, recognised - 3 * merged, bars.retitled + bars.named + bars.linked


def one_by_one(found: Sequence[Pair]) -> None:
    hits = [matched(pair) for pair in found]
    print("  pair by pair: recognised {:.2%}, merged {:.2%}".format(*score(found, hits)))
    total, right = Counter[str](), Counter[str]()
    for pair, hit in zip(found, hits, strict=True):
        total[pair.kind] += 1
        right[pair.kind] += hit == pair.same
    print("  right:", ", ".join(f"{kind} {right[kind]}/{total[kind]}" for kind in total))


def at_the_door(found: Sequence[Pair], seed: int) -> None:
    """The first sides as one dump, the second sides in any order as the next, in a real store."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/digest.db")
        store.migrate()
        shelf = Shelf(store)
        _, before = shelf.ingest([pair.before for pair in found])
        order = list(range(len(found)))
        random.Random(seed).shuffle(order)
        _, ids = shelf.ingest([found[i].after for i in order])
        after = dict(zip(order, ids, strict=True))
        hits = [before[i] == after[i] for i in range(len(found))]
        store.close()
    print("  at the door:  recognised {:.2%}, merged {:.2%}".format(*score(found, hits)))


def wordings(found: Sequence[Pair]) -> None:
    counts = Counter(
        (pair.kind, compare_wording(*((r.title, r.abstract) for r in (pair.after, pair.before))))
        for pair in found
        if pair.same
    )
    for kind in ("format_only", "abstract_wording", "title_wording"):
        said = ", ".join(f"{how.value} {counts[kind, how]}" for how in Wording)
        print(f"  {kind}: {said}")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else REAL_DATA
    for with_ids in (False, True):
        found = pairs(folder, with_ids=with_ids)
        print("With external ids:" if with_ids else "Text alone:")
        if not with_ids:
            titles = [fuzz.ratio(p.before.title, p.after.title) >= 90 for p in found]
            print(
                "  (title ratio of 90 alone: recognised {:.2%}, merged {:.2%})".format(
                    *score(found, titles)
                )
            )
        one_by_one(found)
        if not with_ids:
            by_halves(found)
        at_the_door(found, seed=1)
    print("What of a recognised revision is judged changed:")
    wordings(found)


if __name__ == "__main__":
    main()
