"""Searches that are meant to be slow."""

from __future__ import annotations

import time

import pytest
from factories import change
from sqlalchemy import text
from store.steps import remember_dump

from digest.errors import StoreBusyError
from digest.model import Record
from digest.store import Store
from digest.store.search import in_time

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
