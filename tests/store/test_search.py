"""Searches that are meant to be slow."""

from __future__ import annotations

import time
from datetime import date

import pytest
from factories import change
from sqlalchemy import text
from store.steps import remember_dump

from digest.errors import StoreBusyError
from digest.model import Record
from digest.store import Store
from digest.store.search import in_time
from digest.store.search_query import read_query

FOR_EVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def test_a_question_that_takes_for_ever_ends_and_the_next_is_answered(store: Store) -> None:
    with store.begin() as unit:
        remember_dump(unit, change("Rivers"))
    begun = time.monotonic()
    with (
        pytest.raises(StoreBusyError, match=r"took too long|stopped the work"),
        store.read() as unit,
        in_time(unit.connection, 0.2),
    ):
        unit.connection.execute(text(FOR_EVER)).all()
    assert time.monotonic() - begun < 30
    with store.read() as unit:
        assert len(unit.papers.search("rivers")) == 1
        with in_time(unit.connection, 0.2):
            pass
        # The limit was for the search alone.
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            assert unit.papers.count() == 1


def test_a_long_phrase_is_found_by_its_beginning(store: Store) -> None:
    long = " ".join(f"word{n}" for n in range(30))
    with store.begin() as unit:
        remember_dump(unit, change(Record("Rivers", long)))
        assert len(unit.papers.search(f'"{long}"')) == 1


def test_days_are_those_asked_for_whatever_the_order_of_storing(store: Store) -> None:
    days = {"rivers": date(2026, 3, 2), "lakes": date(2026, 3, 9), "seas": date(2026, 3, 5)}
    with store.begin() as unit:
        for name, day in days.items():
            remember_dump(unit, change(Record(f"Water of {name}", "Wide.")), name=name, day=day)

        def found(words: str) -> set[str]:
            papers = unit.papers.find(read_query(f"water {words}"))
            assert papers.total == len(papers.papers)
            return {paper.title.split()[-1] for paper in papers.papers}

        assert found("after:2026-03-05") == {"lakes", "seas"}
        assert found("after:2026-03-09") == {"lakes"}
        assert found("before:2026-03-09") == {"rivers", "seas"}
        assert found("after:2026-03-03 before:2026-03-09") == {"seas"}
        assert found("after:2026-03-10") == set()


def test_days_whose_papers_are_stored_among_others_are_told_apart(store: Store) -> None:
    days = [date(2026, 3, day) for day in (2, 9, 2, 5, 9, 5)]
    with store.begin() as unit:
        for number, day in enumerate(days):
            change_ = change(Record(f"Water number {number}", "Wide."))
            remember_dump(unit, change_, name=str(number), day=day)
        for words in ("water", "wide -zebra", ""):
            found = unit.papers.find(read_query(f"{words} after:2026-03-03 before:2026-03-09"))
            assert sorted(paper.title for paper in found.papers) == [
                "Water number 3",
                "Water number 5",
            ]
            assert (found.total, found.exact) == (2, True)


def test_a_phrase_is_found_also_where_only_old_papers_have_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.store.search.MOST_LOOKED_INTO", 3)
    with store.begin() as unit:
        for number in range(4):
            record = Record(f"Number {number}", f"Old silver rivers of place {number}.")
            remember_dump(unit, change(record), name=f"old {number}")
        for number in range(9):
            record = Record(f"Later {number}", f"Rivers of silver in place {number}.")
            remember_dump(unit, change(record), name=f"new {number}")
        for query in (
            '"silver rivers"',
            '"silver rivers" -zebra',
            '"silver rivers" OR "zebra crossing"',
        ):
            found = unit.papers.find(read_query(query))
            assert [paper.title for paper in found.papers] == [
                f"Number {n}" for n in (3, 2, 1, 0)
            ], query
            assert (found.total, found.exact) == (4, True)
        first = unit.papers.find(read_query('"rivers of silver"'), limit=2)
        assert [paper.title for paper in first.papers] == ["Later 8", "Later 7"]
        assert first.total == 9 if first.exact else first.total >= 2
        last = unit.papers.find(read_query('"rivers of silver"'), limit=2, offset=8)
        assert [paper.title for paper in last.papers] == ["Later 0"]
        assert (last.total, last.exact) == (9, True)


def test_matches_are_counted_up_to_a_bound_and_the_answer_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.store.search.MOST_COUNTED", 3)
    with store.begin() as unit:
        remember_dump(unit, *(change(Record(f"Rivers {n}", "Wide.")) for n in range(5)))
        for query, total, exact in (
            ("rivers", 3, False),
            ("wide", 3, False),
            ("-zebra", 3, False),
            ("4", 1, True),
        ):
            found = unit.papers.find(read_query(query), limit=2)
            assert (found.total, found.exact) == (total, exact), query


def test_postgresql_asks_the_index_of_words_and_never_every_paper(store: Store) -> None:
    with store.begin() as unit:
        if unit.connection.dialect.name != "postgresql":
            pytest.skip("SQLite has no other way")
        remember_dump(unit, change(Record("Rivers", "Wide.")))
        question = text("EXPLAIN SELECT paper_id FROM papers_fts WHERE words @@ 'wide'::tsquery")
        before = unit.connection.execute(text("SHOW enable_seqscan")).scalar()
        with in_time(unit.connection):
            plan = "\n".join(unit.connection.scalars(question))
        assert "ix_papers_fts_words" in plan
        assert unit.connection.execute(text("SHOW enable_seqscan")).scalar() == before
