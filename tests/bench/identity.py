"""Measure how well papers are recognised: real revisions and real look-alikes, pair by pair and at the door.

    python tests/bench/identity.py [FOLDER] [--confusions]

FOLDER (default: ``DIGEST_REAL_DATA``) has ``identity/revisions.jsonl`` (one paper, text changed) and
``identity/near_titles.jsonl`` (two papers, titles alike). Aims: 95.5 % of the revisions recognised by
words alone, 0.2 % of the look-alikes merged, none of the invented siblings. ``--confusions`` compares
all papers of ``taste/papers.jsonl.gz`` with their candidates (two minutes): pairs taken for one are
printed by their ids.
"""

# ruff: noqa: E402 - the folder of the tests comes first
from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import math
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
from editorial.memories import Notebook, Shelf
from editorial.siblings import SHAPES, Closeness, siblings

from digest.editorial import identity, identity_keys
from digest.editorial.match_thresholds import BARS, MatchThresholds
from digest.editorial.revision import Wording, compare_wording
from digest.model import Paper, Record
from digest.store import open_store
from digest.store.candidate_choice import PER_RECORD

DAY = date(2026, 6, 1)


@dataclass(frozen=True)
class Pair:
    """Two listings, and whether they are one paper."""

    kind: str
    before: Record
    after: Record
    name: str = ""

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
            ids = row.get("id") or f"{row['id_a']} {row['id_b']}"
            found.append(Pair(row.get("kind", "look-alike"), records[0], records[1], ids))
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


def half(pair: Pair) -> int:
    """0 or 1 by a hash of the pair's ids, the same in every run."""
    return hashlib.blake2b(pair.name.encode()).digest()[0] % 2


def interval(hits: int, of: int) -> str:
    """A share with its 95 % interval after E. B. Wilson (1927)."""
    if not of:
        return "none"
    share, z = hits / of, 1.96
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    wide = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return f"{hits}/{of} = {share:.2%} ({max(0, middle - wide):.1%} to {middle + wide:.1%})"


def told(found: Sequence[Pair], hits: Sequence[bool]) -> str:
    parts = []
    for name, same in (("recognised", True), ("merged", False)):
        chosen = [hit for pair, hit in zip(found, hits, strict=True) if pair.same is same]
        parts.append(f"{name} {interval(sum(chosen), len(chosen))}")
    return ", ".join(parts)


def by_halves(found: Sequence[Pair]) -> None:
    """The bars as they are on each half; then chosen on one half and measured on the other."""
    grid = [
        MatchThresholds(retitled=retitled, doubted=doubted, named=named, linked=linked)
        for retitled, doubted, named, linked in itertools.product(
            (0.26, 0.3, 0.34, 0.38), (0.4, 0.5, 0.6), (0.16, 0.2, 0.24), (0.13, 0.17)
        )
    ]
    for number in (0, 1):
        here = [pair for pair in found if half(pair) == number]
        print(f"  half {number}: {told(here, [matched(pair) for pair in here])}")
    hits = [[matched(pair, bars) for bars in grid] for pair in found]
    for number in (0, 1):
        chosen = [i for i, pair in enumerate(found) if half(pair) == number]
        rest = [i for i, pair in enumerate(found) if half(pair) != number]
        place = max(
            range(len(grid)),
            key=lambda place: _worth(score(*_part(found, hits, chosen, place)), grid[place]),
        )
        best = grid[place]
        print(
            f"  chosen on half {number} (retitled {best.retitled}, doubted {best.doubted},"
            f" named {best.named}, linked {best.linked}), measured on the other:"
            f" {told(*_part(found, hits, rest, place))}"
        )


def _part(
    found: Sequence[Pair], hits: Sequence[Sequence[bool]], chosen: Sequence[int], place: int
) -> tuple[list[Pair], list[bool]]:
    return [found[i] for i in chosen], [hits[i][place] for i in chosen]


def _worth(scores: tuple[float, float], bars: MatchThresholds) -> tuple[bool, float, float]:
    """Few merges first, then many recognised, then the more careful bars."""
    recognised, merged = scores
    careful = bars.retitled + bars.doubted + bars.named + bars.linked
    return merged <= 0.002, recognised - 5 * merged, careful


def invented(count: int) -> None:
    """Siblings of every shape that are taken for one paper, of ``count`` invented pairs."""
    chance, merged = random.Random(count), Counter[str]()
    for number in range(count):
        shape = SHAPES[number % len(SHAPES)]
        one, other = siblings(chance, shape, chance.choice(list(Closeness)))
        merged[shape.__name__] += matched(Pair("look-alike", one, other))
    print(f"Invented siblings: {merged.total()} of {count:,} merged {dict(+merged) or ''}")


def confusions(folder: Path) -> None:
    """Pairs of different papers of a large pool, candidates of each other, that are taken for one."""
    with gzip.open(folder / "taste" / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    records = [Record(" ".join(r["title"].split()), " ".join(r["abstract"].split())) for r in rows]
    book = Notebook()
    merged, compared = [], 0
    for number, record in enumerate(records, start=1):
        keys = identity_keys.identity_keys(record)
        candidates = book.candidates(keys)[-PER_RECORD:]
        compared += len(candidates)
        if found := identity.match_paper(record, keys, candidates):
            merged.append((rows[found.paper.id - 1]["id"], rows[number - 1]["id"], found.reason))
        book.papers[number] = Paper(number, record.title, record.abstract, keys, DAY, DAY)
        for key in keys.lookup:
            book.index[key].add(number)
    print(f"Of {len(records):,} papers, {compared:,} pairs compared: {len(merged)} taken for one")
    for one, other, reason in merged:
        print(f"  {one} {other}: {reason}")


def one_by_one(found: Sequence[Pair]) -> None:
    hits = [matched(pair) for pair in found]
    print(f"  pair by pair: {told(found, hits)}")
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
    given = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    folder = Path(given[0]) if given else REAL_DATA
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
    invented(10_000)
    if "--confusions" in sys.argv:
        confusions(folder)


if __name__ == "__main__":
    main()
