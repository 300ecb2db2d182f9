"""Rank every question by every ranker, month by month, and print what came of it."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bench.ranking.ours import WAYS, Ranker
from bench.ranking.protocol import Data, Question, by_reader, interval, measures

Key = tuple[str, int]
"""A replay and a size of taste."""

Values = dict[Key, dict[str, list[list[float]]]]
"""The measures of each question, for each ranker."""


@dataclass(frozen=True)
class Plan:
    """The rankers and questions of a run; ``noise`` is the share of each taste that is random."""

    folder: Path
    names: Sequence[str]
    replays: Sequence[str]
    sizes: Sequence[int]
    noise: float = 0.0
    least_history: int = 0
    against: str = "blend"


def measure(plan: Plan) -> None:
    """Print a table for each replay and size of taste."""
    data = Data(plan.folder)
    asked = {
        (replay, size): data.questions(replay, size, plan.least_history)
        for replay in plan.replays
        for size in plan.sizes
    }
    values: Values = {
        key: {name: [[]] * len(questions) for name in plan.names}
        for key, questions in asked.items()
    }
    months = defaultdict(list)
    for key, questions in asked.items():
        for place, question in enumerate(questions):
            months[question.date[:7]].append((key, place, question))
    rankers: list[Any] = [_Ours(data, [name for name in plan.names if name in WAYS])]
    if theirs := [name for name in plan.names if name not in WAYS]:
        rankers.append(_Theirs(data, theirs))
    for month in sorted(months):
        began = time.process_time()
        for ranker in rankers:
            ranker.learn(month)
        for key, place, question in months[month]:
            taste = _taste(question, key[1], data, plan.noise)
            for ranker in rankers:
                for name, scores in ranker.scores(question, taste):
                    values[key][name][place] = measures(scores, question.wanted)
        spent = time.process_time() - began
        print(f"{month}: {len(months[month])} questions, {spent:.0f} s", file=sys.stderr)
    for key, questions in asked.items():
        if questions:
            _print_table(key, questions, values[key], plan.against)


class _Ours:
    def __init__(self, data: Data, names: Sequence[str]) -> None:
        self._ranker, self._names = Ranker(data), names

    def learn(self, month: str) -> None:
        self._background = self._ranker.learn(month)

    def scores(self, question: Question, taste: Sequence[int]) -> Any:
        offer = self._ranker.offer(question, self._background)
        weighed = self._ranker.taste(taste, question.date)
        return [(name, self._ranker.score(offer, weighed, name)) for name in self._names]


class _Theirs:
    def __init__(self, data: Data, names: Sequence[str]) -> None:
        from bench.ranking import baselines

        self._module, self._names = baselines, names
        self._texts = baselines.Texts(data)

    def learn(self, month: str) -> None:
        self._month = self._module.Month(self._texts, month)

    def scores(self, question: Question, taste: Sequence[int]) -> Any:
        case = self._module.Case(question, taste, self._month)
        return [(name, self._module.BASELINES[name](case)) for name in self._names]


def _taste(question: Question, size: int, data: Data, noise: float) -> list[int]:
    """The latest papers of a history, that share of them replaced by random earlier ones."""
    taste = list(question.history[-size:])
    if noise:
        random = np.random.default_rng(len(question.history) + size)
        earlier = data.known_before(question.date[:7])
        for place in random.permutation(len(taste))[: round(noise * len(taste))]:
            taste[place] = int(random.choice(earlier))
    return taste


def _print_table(
    key: Key, questions: Sequence[Question], values: dict[str, list[list[float]]], against: str
) -> None:
    readers = len({question.reader for question in questions})
    print(f"\n{key[0]}, taste of {key[1]}: {readers} readers, {len(questions)} questions")
    beside = f"AUC and nDCG@10 less those of {against}" if against in values else ""
    print(f"{'':22}{'AUC':23}{'nDCG@10':23}{beside}".rstrip())
    base = by_reader(questions, values[against])[0] if against in values else None
    for name, rows in values.items():
        table, groups = by_reader(questions, rows)
        line = "  ".join(_cells(table, None)[:2])
        if base is not None and name != against:
            line += "   " + "  ".join(_cells(table - base, groups)[:2])
        print(f"{name:22}{line}".rstrip())


def _cells(table: Any, groups: Sequence[int] | None) -> list[str]:
    """Means with their intervals; differences (with groups) have signs, and * where sure."""
    low, high = interval(table, groups)
    form = "+.3f" if groups else ".3f"
    return [
        f"{mean:{form}} [{a:{form}}, {b:{form}}]"
        + ("*" if groups and (a > 0 or b < 0) else " " if groups else "")
        for mean, a, b in zip(table.mean(axis=0), low, high, strict=True)
    ]
