"""Questions, measures and intervals of the benchmark. README.md says what they mean."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

REPLAYS = ("authors", "curators", "mixed")
SIZES = (1, 3, 5, 10, 20, 50)
MEASURES = ("AUC", "nDCG@10", "hit@10", "MRR")
FIRST_MONTH = "2024-09"
MOST_QUESTIONS = {"authors": 6, "curators": 12, "mixed": 12}
LEAST_OTHERS = 5
LISTS_MIXED = 3
WANTED_OF_EACH = 7
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Question:
    """Papers to rank on a day, for a reader of whom earlier choices (oldest first) are known.

    Papers are rows of the data's list. ``wanted`` has True for each candidate that was chosen.
    """

    replay: str
    reader: str
    group: int
    date: str
    history: tuple[int, ...]
    candidates: tuple[int, ...]
    wanted: NDArray[np.bool_]


class Data:
    """The papers and readers of a folder, as its README describes them."""

    def __init__(self, folder: Path) -> None:
        self.papers: list[dict[str, Any]] = _objects(folder / "papers.jsonl.gz")
        self._row = {paper["id"]: row for row, paper in enumerate(self.papers)}
        self._authors = _objects(folder / "authors.jsonl.gz")
        self._curators = _objects(folder / "curators.jsonl.gz")

    def known_before(self, month: str) -> list[int]:
        """The papers that anyone could know on the first day of a month, oldest first.

        Those that are only known because a list has them are left out: they would tell.
        """
        first = f"{month}-01"
        return [row for row, p in enumerate(self.papers) if p["pool"] and p["date"] < first]

    def questions(self, replay: str, size: int, least: int = 0) -> list[Question]:
        """The questions for tastes of a size, at most `MOST_QUESTIONS` of each reader.

        ``least`` is how much history there must be, so that several sizes see the same questions.
        """
        makers = {"authors": self._by_author, "curators": self._by_list, "mixed": self._by_three}
        by_reader: dict[str, list[Question]] = defaultdict(list)
        for question in makers[replay]():
            if len(question.history) >= max(size, least) and question.date >= FIRST_MONTH:
                by_reader[question.reader].append(question)
        most = MOST_QUESTIONS[replay]
        return [q for reader in sorted(by_reader) for q in _spread(by_reader[reader], most)]

    def _by_author(self) -> Iterator[Question]:
        on_day: dict[str, set[int]] = defaultdict(set)
        for row, paper in enumerate(self.papers):
            if paper["hf"]:
                on_day[paper["date"]].add(row)
        for author in self._authors:
            events = self._events(author)
            doubtful = {self._row[id] for id in author["skip"]}
            for day in sorted({day for day, _ in events}):
                wanted = {row for then, row in events if then == day}
                others = on_day[day] - wanted - doubtful
                history = [row for then, row in events if then < day]
                if history and len(others) >= LEAST_OTHERS:
                    who = ("authors", author["user"], author["group"], day)
                    yield _question(who, history, wanted, others)

    def _by_list(self) -> Iterator[Question]:
        for curator in self._curators:
            events = self._events(curator)
            for month in curator["months"]:
                day = f"{month['month']}-01"
                history = [row for then, row in events if then < day]
                if history:
                    who = ("curators", curator["list"], curator["group"], day)
                    yield _question(
                        who, history, self._rows(month["positives"]), self._rows(month["negatives"])
                    )

    def _by_three(self) -> Iterator[Question]:
        order = sorted(self._curators, key=lambda curator: _draw("mix", curator["list"]))
        for place, first in enumerate(order):
            three = [first]
            for other in order[place + 1 :] + order[:place]:
                if len(three) < LISTS_MIXED and all(
                    other["group"] != chosen["group"] for chosen in three
                ):
                    three.append(other)
            yield from self._of_three(three)

    def _of_three(self, three: Sequence[dict[str, Any]]) -> Iterator[Question]:
        months = [{month["month"]: month for month in curator["months"]} for curator in three]
        ever = {row for curator in three for _, row in self._events(curator)}
        name = "+".join(curator["list"] for curator in three)
        for month in sorted(set.intersection(*map(set, months))):
            day = f"{month}-01"
            past = [
                [row for then, row in reversed(self._events(curator)) if then < day]
                for curator in three
            ]
            turns = [row for turn in zip_longest(*past) for row in turn if row is not None]
            history = list(dict.fromkeys(turns))[::-1]
            wanted: set[int] = set()
            others: set[int] = set()
            for of_list in months:
                few = sorted(of_list[month]["positives"], key=lambda id: _draw("few", id))
                wanted |= self._rows(few[:WANTED_OF_EACH])
                others |= self._rows(of_list[month]["negatives"])
            wanted -= set(history)
            if all(past) and wanted:
                yield _question(
                    ("mixed", name, three[0]["group"], day), history, wanted, others - ever
                )

    def _events(self, reader: dict[str, Any]) -> list[tuple[str, int]]:
        return [(day, self._row[id]) for day, id in reader["events"]]

    def _rows(self, ids: Iterable[str]) -> set[int]:
        return {self._row[id] for id in ids}


def measures(scores: Floats, wanted: NDArray[np.bool_]) -> list[float]:
    """AUC (a tie counts half), nDCG@10, hit@10 and MRR; equals stay in the candidates' order."""
    higher = scores[wanted][:, None] - scores[~wanted][None, :]
    gains = wanted[np.argsort(-scores, kind="stable")]
    discounts = 1 / np.log2(np.arange(2, 12))
    top = gains[:10]
    ideal = discounts[: min(10, int(gains.sum()))].sum()
    return [
        float(((higher > 0) + 0.5 * (higher == 0)).mean()),
        float((top * discounts[: len(top)]).sum() / ideal),
        float(top.any()),
        1 / (1 + int(np.argmax(gains))),
    ]


def by_reader(
    questions: Sequence[Question], values: Sequence[list[float]]
) -> tuple[Floats, list[int]]:
    """The mean of each measure over each reader's questions, and the readers' groups."""
    of_reader: dict[str, list[list[float]]] = defaultdict(list)
    groups = {}
    for question, value in zip(questions, values, strict=True):
        of_reader[question.reader].append(value)
        groups[question.reader] = question.group
    readers = sorted(of_reader)
    table = np.array([np.mean(of_reader[reader], axis=0) for reader in readers])
    return table, [groups[reader] for reader in readers]


def interval(values: Floats, groups: Sequence[int] | None = None) -> tuple[Floats, Floats]:
    """The 95 % bootstrap interval of means over readers, or over groups of kindred readers."""
    units = np.unique(groups, return_inverse=True)[1] if groups else np.arange(len(values))
    count = int(units.max()) + 1
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, units, values)
    sizes = np.bincount(units, minlength=count)
    drawn = np.random.default_rng(7).multinomial(count, np.full(count, 1 / count), RESAMPLES)
    means = (drawn @ sums) / np.maximum(drawn @ sizes, 1)[:, None]
    return np.percentile(means, 2.5, axis=0), np.percentile(means, 97.5, axis=0)


def _question(
    who: tuple[str, str, int, str], history: Sequence[int], wanted: set[int], others: set[int]
) -> Question:
    """A question with its candidates in an order that tells nothing."""
    replay, reader, group, day = who
    candidates = sorted(wanted | others, key=lambda row: _draw(str(reader), day, str(row)))
    chosen = np.array([row in wanted for row in candidates])
    return Question(replay, str(reader), group, day, tuple(history), tuple(candidates), chosen)


def _spread(questions: list[Question], most: int) -> list[Question]:
    """At most so many, evenly over the list, the last included."""
    if len(questions) <= most:
        return questions
    last = len(questions) - 1
    return [questions[round(place * last / (most - 1))] for place in range(most)]


def _draw(*words: str) -> int:
    """A number that looks random and is the same for the same words."""
    return int(hashlib.sha256("\n".join(words).encode()).hexdigest()[:8], 16)


def _objects(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
