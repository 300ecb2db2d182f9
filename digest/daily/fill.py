"""Fill what listings left out: abstracts, authors and links of papers that wait for an edition.

Only services that are among the sources are asked, for at most `MOST_SECONDS`; a paper that nobody tells
more of goes out with its title and link, as it is. Nothing that is filled in is news.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from digest.daily.comparison import comparable_records
from digest.daily.run_record import Clock, EditorialSettings, plural, utc_now
from digest.editorial.comparable_text import comparable_text
from digest.model import Assignment, Change, Dump, Novelty, Paper, Record
from digest.sources.services.single_papers import Answer, Wanted, ask, asks_anybody
from digest.sources.tools import SourceTools
from digest.store import Store

MOST_SECONDS = 50.0
"""Seconds that an edition waits for it."""
MOST_REQUESTS = 20
_MOST_PAPERS = 1_000
_ALIKE = 0.5
"""Share of the words of two titles that papers of one id have in common at least."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FillReport:
    """The number of papers that lacked something, of those that gained it, and why not more."""

    lacking: int = 0
    filled: int = 0
    complaints: tuple[str, ...] = ()


def fill(
    store: Store,
    editorial: EditorialSettings,
    locations: Sequence[str],
    tools: SourceTools | None,
    *,
    clock: Clock = utc_now,
    seconds: float = MOST_SECONDS,
) -> FillReport:
    """Ask the services among ``locations`` for what the waiting papers lack, and keep it.

    Never raises for what a service does, and never takes much longer than ``seconds``.
    """
    if tools is None or not asks_anybody(locations):
        return FillReport()
    with store.read() as unit:
        lacking = [paper for paper, _, _ in unit.papers.pending() if _lacks(paper)][:_MOST_PAPERS]
    if not lacking:
        return FillReport()
    answers = _ask(lacking, locations, tools, editorial.day(clock()), seconds)
    filled: set[int] = set()
    for answer in answers:
        others = [paper for paper in lacking if paper.id not in filled]
        filled |= _keep(store, editorial, answer, others, clock())
    complaints = tuple(f"{each.source}: {each.complaint}" for each in answers if each.complaint)
    for complaint in complaints:
        log.info("papers cannot be filled in: %s", complaint)
    log.info("%d of %s filled in", len(filled), plural(len(lacking), "paper"))
    return FillReport(len(lacking), len(filled), complaints)


def _lacks(paper: Paper) -> bool:
    return not (paper.abstract and paper.authors and paper.url)


def _ask(
    lacking: Sequence[Paper],
    locations: Sequence[str],
    tools: SourceTools,
    today: date,
    seconds: float,
) -> list[Answer]:
    """The answers that come in time, from a thread: whatever a host does, the edition goes on."""
    wanted = [Wanted(paper.title, paper.external_id) for paper in lacking]
    hasty = replace(tools, fetcher=replace(tools.fetcher, patience=seconds / 2))
    answers: list[Answer] = []
    late = threading.Event()

    def collect() -> None:
        try:
            for number, answer in enumerate(ask(wanted, locations, hasty, today=today), 1):
                if late.is_set():
                    return
                answers.append(answer)
                if number >= MOST_REQUESTS:
                    return
        except Exception as error:  # a defect here must cost no edition
            log.exception("papers cannot be filled in for a fault of this program")
            answers.append(Answer("fill", complaint=type(error).__name__))

    asking = threading.Thread(target=collect, daemon=True)
    asking.start()
    asking.join(seconds)
    late.set()
    if asking.is_alive():
        return [*answers, Answer("services", complaint=f"no answer within {seconds:g} s")]
    return answers


def _keep(
    store: Store,
    editorial: EditorialSettings,
    answer: Answer,
    lacking: Sequence[Paper],
    now: datetime,
) -> set[int]:
    """Let the papers gain what an answer says; the ids of those that did."""
    by_title = {_title_key(paper.title): paper for paper in lacking if not paper.external_id}
    by_id = {paper.external_id: paper for paper in lacking if paper.external_id}
    changes: list[Change] = []
    assignments: list[Assignment | None] = []
    taken: set[int] = set()
    for record in answer.records:
        paper = by_id.get(record.external_id or "") or by_title.get(_title_key(record.title))
        if paper is None or paper.id in taken or not _is_alike(record.title, paper.title):
            continue
        change = _change(paper, record, now)
        if change is None:
            continue
        taken.add(paper.id)
        changes.append(change)
        words = change.record
        told = editorial.topics.assign(words.title, words.abstract) if change.fuller else None
        assignments.append(told)
    if changes:
        with store.begin() as unit:
            unit.papers.lock()
            unit.papers.fill(changes, assignments, answer.source)
    return taken


def _change(paper: Paper, record: Record, now: datetime) -> Change | None:
    """The record in the words that the paper has, so that only what it lacks is taken."""
    gains_abstract = bool(record.abstract and not paper.abstract)
    words = replace(
        record,
        title=paper.title,
        abstract=record.abstract if gains_abstract else paper.abstract,
        announced=None,
    )
    comparable, _ = comparable_records(Dump("", "", (words,)), now)
    if not comparable:
        return None
    fitted, keys = comparable[0]
    return Change(
        fitted,
        keys,
        Novelty.SEEN,
        "filled in by a service",
        paper_id=paper.id,
        matched=paper.title,
        fuller=gains_abstract,
    )


def _title_key(title: str) -> str:
    return comparable_text(title, "").title_key or title.casefold()


def _is_alike(one: str, other: str) -> bool:
    words, others = set(_title_key(one).split()), set(_title_key(other).split())
    return _title_key(one) == _title_key(other) or (
        len(words & others) >= _ALIKE * max(len(words), len(others), 1)
    )
