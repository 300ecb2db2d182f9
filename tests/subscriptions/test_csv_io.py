"""A sheet that is written can be opened without harm and is read back as it was."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest import subscriptions
from digest.model import Preferences, SubscriberState, Topic
from digest.store import Store, open_store

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
TOPICS = [Topic("vision", "Vision")]
DANGEROUS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    opened.migrate()
    yield opened
    opened.close()


def export_of(store: Store, email: str, wishes: Preferences) -> str:
    with store.begin() as unit:
        known = unit.subscribers.by_email(email)
        if known is not None:
            unit.subscribers.erase(known.id)
        unit.subscribers.add(
            email, state=SubscriberState.ACTIVE, preferences=wishes, now=NOW, origin="test"
        )
    return subscriptions.export_csv(store).text


words = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters=';,|"') | st.just("'"),
    min_size=1,
    max_size=12,
).filter(lambda word: not word.startswith("-") and "\n" not in word)
keywords = st.tuples(st.sampled_from(["", *"=+@'", "\uff1d", "''=", "'"]), words).map("".join)


@given(
    local=st.from_regex(r"[=+'-]{0,2}[a-z][a-z0-9]{0,5}", fullmatch=True),
    wanted=st.lists(keywords, max_size=3, unique=True),
    unwanted=st.lists(keywords, max_size=3, unique=True),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_cell_runs_in_a_spreadsheet_and_each_comes_back(
    store: Store, local: str, wanted: list[str], unwanted: list[str]
) -> None:
    wishes = Preferences(keywords=tuple(wanted), exclude_keywords=tuple(unwanted))
    email = f"{local}@example.org"
    text = export_of(store, email, wishes)
    for row in csv.reader(io.StringIO(text)):
        assert not [cell for cell in row if cell and cell[0] in DANGEROUS]
    other = open_store("sqlite://")
    other.migrate()
    report = subscriptions.import_csv(other, text, topics=TOPICS, confirmed=True, now=NOW)
    assert report.bad_rows == ()
    with other.read() as unit:
        read = unit.subscribers.by_email(email)
    other.close()
    assert read is not None
    assert (read.email, read.preferences) == (email, wishes)
    with store.begin() as unit:
        known = unit.subscribers.by_email(email)
        assert known is not None
        unit.subscribers.erase(known.id)


def test_a_formula_is_shown_behind_an_apostrophe(store: Store) -> None:
    text = export_of(store, "a@example.org", Preferences(keywords=("=cmd|'/c calc'!A1",)))
    assert ",\"'=cmd" in text
