"""The command that ranks papers for tastes that a program hands it, line by line."""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TextIO

import typer

from digest.cli.console import say
from digest.errors import ConfigurationError, InputError
from digest.model import Taste, Vote, VoteDirection

if TYPE_CHECKING:
    from digest.ranking.background import Background
    from digest.ranking.terms import Terms

BACKGROUND_VARIABLE = "TASTE_BACKGROUND"
"""The variable by which the program that calls `digest rank` may name the background instead."""


class EarlierPaper(NamedTuple):
    """A paper that may be learned from, by those who ask on a later day."""

    day: date
    terms: Terms


def rank(
    background: Annotated[
        Path | None,
        typer.Option(
            help="Papers to learn from, as JSON lines with title, abstract and date (may be .gz). "
            f"Default: the file that {BACKGROUND_VARIABLE} names, else the papers of the store.",
            show_default=False,
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """Score papers for a taste, for programs: JSON lines in, an array of scores for each out.

    Each line has "taste" (papers with title, abstract and date), "candidates" (with id, title and
    abstract) and "date". Learned from is what is dated before the first day of that date's month.
    """
    named = background or os.environ.get(BACKGROUND_VARIABLE) or None
    earlier = list(_of_file(Path(named)) if named else _of_store())
    earlier.sort(key=lambda paper: paper.day)
    learned = _backgrounds(earlier)
    for number, line in enumerate(sys.stdin, start=1):
        if line.strip():
            say(json.dumps(_scores(_parsed(line, f"standard input, line {number}"), learned)))
            sys.stdout.flush()


class _Question(NamedTuple):
    taste: Taste
    candidates: list[tuple[str, str]]
    day: date


def _scores(question: _Question, learned: Callable[[date], Background]) -> list[float]:
    from digest.ranking.offer import OfferedPaper, prepare_offer
    from digest.ranking.personal_order import rank as rank_offer

    papers = [OfferedPaper(row, *words) for row, words in enumerate(question.candidates)]
    order = rank_offer(prepare_offer(papers, learned(question.day)), question.taste, question.day)
    scores = {paper.paper_id: paper.score for paper in order}
    return [scores.get(row, 0.0) for row in range(len(papers))]


def _backgrounds(earlier: list[EarlierPaper]) -> Callable[[date], Background]:
    """Learn each month's background when it is first asked for, and keep it."""
    from digest.ranking.background import learn_background

    known: dict[date, Background] = {}

    def of(day: date) -> Background:
        first = day.replace(day=1)
        if first not in known:
            if len(known) >= _MOST_KEPT:
                del known[next(iter(known))]
            known[first] = learn_background([p.terms for p in earlier if p.day < first])
        return known[first]

    return of


_MOST_KEPT = 24
"""Backgrounds in memory: two years; each takes some 20 MB."""


def _of_store() -> Iterator[EarlierPaper]:
    from digest.ranking.background import MOST_PAPERS
    from digest.ranking.terms import terms_of
    from digest.wiring.application import open_application

    with open_application().store.read() as unit:
        for paper in unit.papers.recent(MOST_PAPERS):
            yield EarlierPaper(paper.first_seen, terms_of(paper.title, paper.abstract))


def _of_file(path: Path) -> Iterator[EarlierPaper]:
    from digest.ranking.terms import terms_of

    try:
        with _opened(path) as lines:
            for number, line in enumerate(lines, start=1):
                where = f"{path}, line {number}"
                paper = _object(line, where)
                # What is only known because somebody chose it (pool 0) would tell on the future.
                if paper.get("pool", 1):
                    title, abstract = _words(paper, where)
                    yield EarlierPaper(_day(paper, where), terms_of(title, abstract))
    except (OSError, EOFError) as error:
        raise ConfigurationError(
            f"the background papers cannot be read ({error})",
            where=str(path),
            mend="name a file of JSON lines with --background",
        ) from error


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", errors="replace")
    return path.open(encoding="utf-8", errors="replace")


def _parsed(line: str, where: str) -> _Question:
    asked = _object(line, where)
    day = _day(asked, where)
    votes = tuple(
        Vote(-number, *_words(paper, where), VoteDirection.MORE, _day(paper, where))
        for number, paper in enumerate(_list(asked, "taste", where), start=1)
    )
    candidates = [_words(paper, where) for paper in _list(asked, "candidates", where)]
    return _Question(Taste(votes=votes), candidates, day)


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    checked: dict[str, Any] = _checked(value, dict, "a JSON object", where)
    return checked


def _list(asked: dict[str, Any], name: str, where: str) -> Iterable[dict[str, Any]]:
    values = _checked(asked.get(name), list, f'"{name}" with a list of papers', where)
    return [_checked(value, dict, f'objects in "{name}"', where) for value in values]


def _words(paper: dict[str, Any], where: str) -> tuple[str, str]:
    title = _checked(paper.get("title"), str, 'a "title" in words', where)
    return title, _checked(paper.get("abstract", ""), str, 'an "abstract" in words', where)


def _day(value: dict[str, Any], where: str) -> date:
    text = value.get("date")
    try:
        return date.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        raise _refused('a "date" such as 2026-11-20', where) from None


def _checked(value: Any, kind: type[Any], expected: str, where: str) -> Any:
    if not isinstance(value, kind):
        raise _refused(expected, where)
    return value


def _refused(expected: str, where: str) -> InputError:
    return InputError(
        f"expected {expected}", where=where, mend="digest rank --help shows what a line has"
    )
