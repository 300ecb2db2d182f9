"""An edition is published once and never changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from factories import DAY, NOW, change, edition_of, rendering
from sqlalchemy import inspect, text
from store.steps import (
    add_audience,
    begin_sending,
    lease,
    publish_edition,
    record_outcomes,
    remember_dump,
)
from store.test_migrations import as_of

from digest.errors import AlreadyPublishedError, ConfigurationError
from digest.model import (
    DeliveryState,
    EditionKind,
    Momentum,
    Outcome,
    Placing,
    Trend,
    UnknownPolicy,
)
from digest.store import Store, open_store
from digest.store.tables import metadata


def test_what_was_frozen_comes_back_equal(store: Store) -> None:
    with store.begin() as unit:
        ids = remember_dump(unit, change("A"), change("B"))
    rising = Momentum("vision", 5, 1.5, True, "three times its usual share")
    told = edition_of(ids, updated=(ids[1],), read=7, phrases=(rising,))
    with store.begin() as unit:
        frozen = unit.editions.freeze(
            told, rendering("é"), published_at=NOW, expires_at=NOW + timedelta(hours=1)
        )
    assert frozen.edition == told
    assert frozen.rendering == rendering("é")
    with store.read() as unit:
        assert unit.editions.get(EditionKind.DAILY, DAY) == frozen
        assert unit.editions.by_id(frozen.id) == frozen
        assert unit.editions.latest(EditionKind.DAILY) == frozen
        assert unit.editions.latest(EditionKind.WEEKLY) is None
        assert unit.editions.by_id(frozen.id + 1) is None


def test_each_paper_has_its_place_in_the_edition(store: Store) -> None:
    with store.begin() as unit:
        low, high = remember_dump(unit, change("A"), change("B"))
    told = edition_of((low, high))
    first, second = told.entries
    told = replace(told, entries=(first, replace(second, trend=Trend(9.0))))
    with store.begin() as unit:
        frozen = unit.editions.freeze(told, rendering(), published_at=NOW, expires_at=NOW)
    with store.read() as unit:
        assert unit.editions.placing(frozen.id, high) == Placing(1, 2, Trend(9.0))
        assert unit.editions.placing(frozen.id, low) == Placing(2, 2, first.trend)
        assert unit.editions.placing(frozen.id, high + 1) is None
        assert unit.editions.placing(frozen.id + 1, high) is None


def _later_than(number: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """List the statements that take away every table and column that came after that migration."""
    older = open_store(f"sqlite:///{folder / 'older.db'}")
    as_of(older, number, monkeypatch)
    with older._transaction() as connection:
        known = inspect(connection)
        columns = {
            table: {column["name"] for column in known.get_columns(table)}
            for table in known.get_table_names()
        }
    older.close()
    tables = list(reversed(metadata.sorted_tables))
    return [
        *(f"DROP TABLE {table.name}" for table in tables if table.name not in columns),
        *(
            f"ALTER TABLE {table.name} DROP COLUMN {column.name}"
            for table in tables
            for column in table.columns
            if table.name in columns and column.name not in columns[table.name]
        ),
    ]


def test_editions_of_an_older_program_get_their_placings_by_migration(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.begin() as unit:
        ids = remember_dump(unit, change("A"), change("B"))
    number = publish_edition(store, ids).id
    with store.read() as unit:
        before = [unit.editions.placing(number, one) for one in ids]
    assert None not in before
    with store.begin() as unit:
        for change_back in (*_later_than("0003", tmp_path, monkeypatch), "DELETE FROM flags"):
            unit.connection.execute(text(change_back))
        unit.connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    store.migrate()
    with store.read() as unit:
        assert [unit.editions.placing(number, one) for one in ids] == before


def test_moments_come_back_in_utc_and_naive_ones_are_refused(store: Store) -> None:
    frozen = publish_edition(store)
    assert frozen.published_at == NOW
    assert frozen.published_at.utcoffset() == timedelta(0)
    naive = NOW.replace(tzinfo=None)
    with store.begin() as unit, pytest.raises(ValueError, match="without a time zone"):
        unit.editions.freeze(
            edition_of(kind=EditionKind.WEEKLY), rendering(), published_at=naive, expires_at=NOW
        )


@pytest.mark.parametrize("one_kind", EditionKind)
def test_one_edition_per_kind_and_day(store: Store, one_kind: EditionKind) -> None:
    publish_edition(store, kind=one_kind)
    with pytest.raises(AlreadyPublishedError, match=f"{one_kind} edition of 2026-11-20"):
        publish_edition(store, kind=one_kind)
    publish_edition(store, kind=one_kind, day=DAY + timedelta(days=1))


def test_the_archive_lists_newest_first_without_content(store: Store) -> None:
    for i in range(4):
        publish_edition(store, day=DAY + timedelta(days=i))
    with store.read() as unit:
        newest = unit.editions.list(2)
        older = unit.editions.list(9, before=newest[-1].day)
    assert [one.day.day for one in newest] == [23, 22]
    assert [one.day.day for one in older] == [21, 20]
    assert (newest[0].papers, newest[0].subject) == (0, "Two new papers")


def test_between_includes_both_ends(store: Store) -> None:
    for i in range(4):
        publish_edition(store, day=DAY + timedelta(days=i))
    with store.read() as unit:
        found = unit.editions.between(
            EditionKind.DAILY, DAY + timedelta(days=1), DAY + timedelta(days=2)
        )
    assert [one.edition.day.day for one in found] == [21, 22]


def test_undelivered_until_the_last_delivery_ends_or_the_edition_expires(store: Store) -> None:
    def undelivered(later: timedelta = timedelta(0)) -> tuple[int, ...]:
        with store.read() as unit:
            return unit.editions.undelivered(NOW + later)

    waiting = publish_edition(store, kind=EditionKind.WEEKLY).id
    assert undelivered() == (waiting,)
    with store.begin() as unit:
        unit.outbox.freeze_audience(waiting, [], NOW)
    assert undelivered() == ()
    edition_id = add_audience(store, 1)
    assert undelivered() == (edition_id,)
    assert undelivered(timedelta(hours=20)) == (edition_id,)
    assert undelivered(timedelta(hours=20, seconds=1)) == ()
    (sending,) = begin_sending(store, lease(store, edition_id))
    assert undelivered() == (edition_id,)
    record_outcomes(store, Outcome(sending.id, DeliveryState.ACCEPTED, NOW))
    assert undelivered() == ()


def test_an_edition_with_a_mail_in_doubt_is_undelivered_where_that_is_sent_once_more(
    store: Store,
) -> None:
    def undelivered(*, resend: bool) -> tuple[int, ...]:
        with store.read() as unit:
            return unit.editions.undelivered(NOW, resend=resend)

    edition_id = add_audience(store, 1)
    (sending,) = begin_sending(store, lease(store, edition_id))
    record_outcomes(store, Outcome(sending.id, DeliveryState.UNKNOWN, NOW))
    assert (undelivered(resend=False), undelivered(resend=True)) == ((), (edition_id,))
    with store.begin() as unit:
        unit.outbox.recover(NOW, unknown_policy=UnknownPolicy.RESEND)
    (sending,) = begin_sending(store, lease(store, edition_id))
    record_outcomes(store, Outcome(sending.id, DeliveryState.UNKNOWN, NOW))
    assert undelivered(resend=True) == ()


@pytest.mark.parametrize("kind", ["sqlite file"])
@pytest.mark.parametrize("damage", ["x'00'", "zeroblob(9)", "substr(content, 1, 40)"])
def test_a_damaged_edition_is_named(store: Store, damage: str) -> None:
    publish_edition(store)
    with store.begin() as unit:
        unit.connection.execute(text(f"UPDATE editions SET content = {damage}, rendering = x'00'"))
    with (
        pytest.raises(ConfigurationError, match="daily edition of 2026-11-20"),
        store.read() as unit,
    ):
        unit.editions.latest(EditionKind.DAILY)


@pytest.mark.parametrize("kind", ["sqlite memory"])
def test_an_edition_of_nothing_json_can_hold_is_refused(store: Store) -> None:
    odd = replace(rendering(), pieces={"made of": object()})
    with store.begin() as unit, pytest.raises(TypeError, match="no JSON form"):
        unit.editions.freeze(edition_of(), odd, published_at=NOW, expires_at=NOW)
