"""A whole list moves from one database to another, of any kind, and every row is compared."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from factories import NOW
from fixtures.stores import SHARED_STORES, empty_database
from installation import Installation
from sqlalchemy import Connection, inspect, update
from store.steps import add_subscriber

from digest.errors import ConfigurationError, InputError, StoreBusyError
from digest.model import DeliveryState
from digest.store import Store, open_store
from digest.store.search_tables import search_words
from digest.store.tables import metadata, outbox, papers
from digest.store.transfer import copy_rows

THURSDAY = datetime(2026, 11, 19, 7, tzinfo=UTC)
DIRECTIONS = [
    pytest.param(("sqlite file", "postgresql"), marks=[pytest.mark.postgres], id="to PostgreSQL"),
    pytest.param(("postgresql", "sqlite file"), marks=[pytest.mark.postgres], id="to SQLite"),
    pytest.param(("sqlite file", "sqlite file"), id="from SQLite to SQLite"),
]


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite file of a list that two days' work was done on, and that somebody left."""
    folder = tmp_path_factory.mktemp("grown")
    address = empty_database(folder / "grown.sqlite3")
    installation = Installation(folder, THURSDAY, address=address)
    installation.subscribe("ada@example.org", "ben@example.org", keywords=("pruning",))
    gone = installation.subscribe("gone@example.org")[0]
    installation.dump("ABC")
    installation.run_day()
    with installation.store.begin() as unit:
        unit.subscribers.erase(gone.id)
    installation.clock.now += timedelta(days=1)
    installation.dump("DE", name="friday")
    installation.run_day()
    installation.store.clear_log()
    installation.store.close()
    return folder / "grown.sqlite3"


@pytest.fixture(params=DIRECTIONS)
def stores(
    request: pytest.FixtureRequest, tmp_path: Path, grown: Path
) -> Iterator[tuple[Store, Store]]:
    """The grown list, and a database that there is nothing in."""

    def opened(kind: str, name: str) -> Store:
        if kind == "sqlite file":
            return open_store(f"sqlite:///{tmp_path / name}")
        return open_store(request.getfixturevalue("postgres")())

    source, target = request.param
    shutil.copy(grown, tmp_path / "old")
    with closing(opened("sqlite file", "old")) as old, closing(opened(target, "new")) as new:
        if source == "sqlite file":
            yield old, new
            return
        with closing(opened(source, "old")) as elsewhere:
            old.copy_to(elsewhere, NOW)
            yield elsewhere, new


def test_every_table_arrives_with_every_row(stores: tuple[Store, Store]) -> None:
    old, new = stores
    report = old.copy_to(new, NOW)
    assert report.copied
    assert set(report.rows) == set(metadata.tables) - {search_words.name}
    assert report.rows["outbox"] == 5
    assert report.rows["papers"] == 5
    assert report.total > 50
    with old.read() as original, new.read() as copied:
        assert copied.editions.list(limit=9) == original.editions.list(limit=9)
        assert copied.subscribers.list() == original.subscribers.list()


def test_a_second_run_changes_nothing_and_says_so(stores: tuple[Store, Store]) -> None:
    old, new = stores
    first = old.copy_to(new, NOW)
    second = old.copy_to(new, NOW)
    assert not second.copied
    assert second.rows == first.rows


def test_the_list_goes_on_in_the_new_place(stores: tuple[Store, Store]) -> None:
    old, new = stores
    old.copy_to(new, NOW)
    with old.begin() as unit:
        next_number = unit.subscribers.list()[-1].id
    with new.begin() as unit:
        added = add_subscriber(unit, "new@example.org")
        found = unit.papers.search("dovetail")
    # The number of the erased subscriber was the last: it is in links, and nobody gets it again.
    assert added.id > next_number + 1
    assert [paper.title for paper in found] == ["Dovetail: Joining Graphs at the Seams"]


def test_a_database_with_other_rows_is_not_written_to(stores: tuple[Store, Store]) -> None:
    old, new = stores
    new.migrate()
    with new.begin() as unit:
        add_subscriber(unit, "somebody@example.org")
    with pytest.raises(ConfigurationError, match="rows of its own"):
        old.copy_to(new, NOW)
    with new.read() as unit:
        assert [reader.email for reader in unit.subscribers.list()] == ["somebody@example.org"]


def test_nothing_moves_while_mail_is_being_sent(stores: tuple[Store, Store]) -> None:
    old, new = stores
    with old.begin() as unit:
        unit.connection.execute(
            update(outbox).values(state=DeliveryState.SENDING, lease_until=NOW + timedelta(hours=1))
        )
    with pytest.raises(StoreBusyError, match="5 mails are being sent"):
        old.copy_to(new, NOW)


def test_a_copy_that_reads_otherwise_is_not_kept(stores: tuple[Store, Store]) -> None:
    old, new = stores
    new.migrate()
    with old.read() as original, pytest.raises(InputError, match="papers reads otherwise"):
        _copy_spoilt(original.connection, new)
    with new.read() as unit:
        assert unit.editions.list(limit=9) == ()


def _copy_spoilt(original: Connection, new: Store) -> None:
    with new.begin() as unit:

        def spoil(table: str, _rows: int) -> None:
            if table == papers.name:
                unit.connection.execute(update(papers).values(title="spoilt"))

        copy_rows(original, unit.connection, spoil)


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_every_table_of_the_schema_is_known_to_the_move(store: Store) -> None:
    with store.read() as unit:
        there = set(inspect(unit.connection).get_table_names())
    index_of_search = {name for name in there if name.startswith("papers_fts")}
    assert there - index_of_search - {"alembic_version"} == set(metadata.tables)
