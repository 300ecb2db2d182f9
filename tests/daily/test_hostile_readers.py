"""Whatever stands in one reader's row, all others get their mail, and the operator hears of it."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import hostile_readers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from installation import PARIS, Installation
from sqlalchemy import text

from digest.daily import subscriber_mail
from digest.delivery import audience
from digest.model import DeliveryState, EditionKind, Preferences

MONDAY = datetime(2026, 11, 16, 8, tzinfo=PARIS)


@settings(max_examples=3, deadline=None)
@given(st.randoms(use_true_random=False))
def test_all_good_readers_are_served_among_hostile_ones(random: Random) -> None:
    with TemporaryDirectory() as folder:
        installation = Installation(Path(folder), MONDAY)
        try:
            hostile_readers.serve_all_good_ones(installation, random, 60)
        finally:
            installation.store.close()


def test_preferences_that_nobody_can_have_cost_their_readers_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    installation = Installation(tmp_path, MONDAY)
    kinds = hostile_readers.PREFERENCES
    odd = installation.subscribe(*(f"odd{n}@example.org" for n in range(len(kinds))))
    installation.subscribe("bob@example.org")
    for reader, make in zip(odd, kinds.values(), strict=True):
        damage(installation, reader.id, preferences=make(Random(1)))
    installation.dump("A")
    with caplog.at_level(logging.WARNING):
        report = installation.run_day()
    assert [mail.recipient for mail in installation.transport.mails] == ["bob@example.org"]
    assert report.delivered.tally.balanced
    (stock,) = installation.status().editions
    assert stock.who == {reader.id: "their record cannot be used: preferences" for reader in odd}
    assert f"subscriber {odd[-1].id} is set aside" in caplog.text
    assert "odd" not in caplog.text


def damage(installation: Installation, id: int, **columns: str) -> None:
    """Write those columns of a reader past every type."""
    with installation.store.begin() as unit:
        for name, value in columns.items():
            unit.connection.execute(
                text(f"UPDATE subscribers SET {name} = :value WHERE id = :id"),
                {"value": value, "id": id},
            )


@pytest.mark.parametrize("columns", [{"preferences": "{"}, {"email": "a\r\nb@example.org"}])
def test_a_row_that_is_damaged_after_the_audience_was_frozen_is_set_aside(
    tmp_path: Path, columns: dict[str, str]
) -> None:
    installation = Installation(tmp_path, MONDAY)
    ada, _bob = installation.subscribe("ada@example.org", "bob@example.org", hour=9)
    installation.dump("A")
    installation.run_day()
    assert not installation.transport.mails
    damage(installation, ada.id, **columns)
    installation.clock.now = datetime(2026, 11, 16, 9, tzinfo=PARIS)
    installation.run_day()
    assert [mail.recipient for mail in installation.transport.mails] == ["bob@example.org"]
    stock = installation.status()
    assert list(stock.editions[0].who) == [ada.id]
    assert stock.editions[0].tally.balanced
    assert f"1 reader set aside: {ada.id}." in "\n".join(stock.lines())


def test_an_address_that_cannot_be_written_is_set_aside_when_it_is(tmp_path: Path) -> None:
    installation = Installation(tmp_path, MONDAY)
    subscribers = installation.subscribe(*(f"{n}@example.org" for n in range(30)))
    for reader in subscribers[:25]:
        damage(installation, reader.id, email=f"a{reader.id}@example..org")
    installation.dump("A")
    installation.run_day()
    assert len(installation.transport.mails) == 5
    stock = installation.status()
    assert stock.editions[0].set_aside == 25
    assert any("and 5 more" in line for line in stock.lines())


def test_a_defect_at_some_readers_mails_defers_them_and_serves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """More of them in a row than end a run where the edition itself is at fault."""
    from digest.daily import deliver

    installation = Installation(tmp_path, MONDAY)
    installation.subscribe(*(f"unlucky{n}@example.org" for n in range(25)))
    installation.subscribe("bob@example.org")
    real = subscriber_mail.mail_recipient

    def defect(subscriber, *others, **more):  # type: ignore[no-untyped-def]
        if subscriber.email.startswith("unlucky"):
            raise KeyError(subscriber.email)
        return real(subscriber, *others, **more)

    monkeypatch.setattr(deliver, "mail_recipient", defect)
    installation.dump("A")
    report = installation.run_day()
    assert [mail.recipient for mail in installation.transport.mails] == ["bob@example.org"]
    assert report.delivered.tally.deferred == 25
    lines = "\n".join(installation.status().lines())
    assert "25 deferred: could not be composed: KeyError" in lines
    assert "25 readers set aside: 1, 2, 3" in lines
    assert "to subscriber 1 could not be composed: KeyError at" in caplog.text
    assert "@example.org" not in caplog.text
    monkeypatch.undo()
    installation.clock.now = datetime(2026, 11, 16, 18, tzinfo=PARIS)
    installation.run_day()
    assert len(installation.transport.mails) == 26
    stock = installation.status()
    assert stock.editions[0].set_aside == 0


def test_a_defect_of_the_edition_ends_the_run_with_its_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from digest.daily import deliver

    installation = Installation(tmp_path, MONDAY)
    installation.subscribe(*(f"r{n}@example.org" for n in range(25)))
    installation.dump("A")

    def defect(*_: object, **__: object) -> None:
        raise KeyError("no template")

    monkeypatch.setattr(deliver, "mail_recipient", defect)
    with pytest.raises(KeyError):
        installation.run_day()
    assert installation.status().editions[0].tally.balanced


def test_a_defect_in_planning_one_reader_leaves_it_to_the_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from digest.daily import freeze_audience

    installation = Installation(tmp_path, MONDAY)
    installation.subscribe("ada@example.org", hour=9)
    installation.subscribe("bob@example.org")
    real = audience.plan_delivery

    def defect(subscriber, *others, **named):  # type: ignore[no-untyped-def]
        if subscriber.preferences != Preferences():
            raise OverflowError
        return real(subscriber, *others, **named)

    monkeypatch.setattr(freeze_audience, "plan_delivery", defect)
    installation.dump("A")
    installation.run_day()
    assert len(installation.transport.mails) == 2
    (edition,) = installation.editions(EditionKind.DAILY)
    with installation.store.read() as unit:
        assert unit.outbox.tally(edition.id).accepted == 2
        assert unit.outbox.of_subscriber(1)[0].state is DeliveryState.ACCEPTED
