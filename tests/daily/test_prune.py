"""What is too old goes by itself, and who left is never written to again all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from installation import PARIS, Installation

from digest import subscriptions
from digest.bounces.quarantine import Quarantine, QuarantineReason
from digest.daily.prune import PruneReport, Retention, prune
from digest.model import Job, Preferences, SignUp, SubscriberState
from digest.store import Store

MONDAY = datetime(2026, 11, 16, 8, tzinfo=PARIS)
DAY = timedelta(days=1)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path, MONDAY)


def run(
    installation: Installation, folder: Path, *, days: float = 0, **kept: timedelta
) -> PruneReport:
    installation.clock.now += days * DAY
    limits = replace(Retention(), **kept)  # type: ignore[arg-type]
    return prune(
        installation.store, Quarantine(folder / "quarantine"), limits, clock=installation.clock
    )


def state(store: Store, email: str) -> SubscriberState | None:
    with store.read() as unit:
        subscriber = unit.subscribers.by_email(email)
    return None if subscriber is None else subscriber.state


def ask(installation: Installation, email: str) -> None:
    box = subscriptions.mailbox_key(email)
    asked = SignUp(box, email, Preferences(), "net", "1", installation.clock.now)
    subscriptions.record_sign_ups(installation.store, [asked], now=installation.clock.now)
    subscriptions.process_sign_ups(installation.store, now=installation.clock.now)


def test_the_address_of_who_left_goes_after_its_time_and_stays_barred(
    installation: Installation, tmp_path: Path
) -> None:
    installation.subscribe("gone@example.org", "came-back@example.org", "stays@example.org")
    subscriptions.unsubscribe_by_email(
        installation.store, "gone@example.org", reason="by hand", now=installation.clock.now
    )
    with installation.store.begin() as unit:
        unit.subscribers.suppress("came-back@example.org", "bounced: 5.1.1", installation.clock.now)
    assert run(installation, tmp_path, days=89).departed == 0
    assert run(installation, tmp_path, days=2).departed == 2
    assert run(installation, tmp_path).departed == 0
    assert state(installation.store, "gone@example.org") is None
    assert state(installation.store, "stays@example.org") is SubscriberState.ACTIVE
    report = subscriptions.import_csv(
        installation.store, "email\ngone@example.org\ncame-back@example.org\n", topics=(),
        confirmed=True, now=installation.clock.now,
    )  # fmt: skip
    assert (report.added, report.left) == (0, 2)
    assert state(installation.store, "gone@example.org") is None
    ask(installation, "gone@example.org")
    assert state(installation.store, "gone@example.org") is SubscriberState.PENDING


def test_who_left_and_asks_again_is_not_forgotten_before_they_can_confirm(
    installation: Installation, tmp_path: Path
) -> None:
    installation.subscribe("gone@example.org")
    subscriptions.unsubscribe_by_email(
        installation.store, "gone@example.org", reason="by hand", now=installation.clock.now
    )
    installation.clock.now += 95 * DAY
    ask(installation, "gone@example.org")
    assert run(installation, tmp_path).departed == 0
    assert state(installation.store, "gone@example.org") is SubscriberState.UNSUBSCRIBED


def test_an_erased_reader_leaves_the_editions_adding_up(
    installation: Installation, tmp_path: Path
) -> None:
    installation.subscribe("gone@example.org", "stays@example.org")
    installation.dump("A")
    installation.run_day()
    subscriptions.unsubscribe_by_email(
        installation.store, "gone@example.org", reason="by hand", now=installation.clock.now
    )
    assert run(installation, tmp_path, days=100).departed == 1
    with installation.store.read() as unit:
        (edition,) = unit.editions.list(limit=5)
        tally = unit.outbox.tally(edition.id)
    assert tally.balanced
    assert tally.accepted == 2


def test_who_never_confirmed_is_forgotten_in_the_time_that_is_set(
    installation: Installation, tmp_path: Path
) -> None:
    ask(installation, "never@example.org")
    assert run(installation, tmp_path, days=3, unconfirmed=4 * DAY).unconfirmed == 0
    assert run(installation, tmp_path, days=2, unconfirmed=4 * DAY).unconfirmed == 1
    assert state(installation.store, "never@example.org") is None


def test_the_hash_of_a_network_goes_and_the_rest_of_the_proof_stays(
    installation: Installation, tmp_path: Path
) -> None:
    ask(installation, "reader@example.org")
    with installation.store.read() as unit:
        subscriber = unit.subscribers.by_email("reader@example.org")
    assert subscriber is not None
    subscriptions.confirm(
        installation.store, subscriber.id, network="net", now=installation.clock.now
    )
    assert run(installation, tmp_path, days=364).networks == 0
    assert run(installation, tmp_path, days=2).networks == 3
    assert run(installation, tmp_path).networks == 0
    shown = subscriptions.export_subscriber(installation.store, subscriber.id)
    assert shown is not None
    assert shown["consent"] == {"network": None, "wording": "1"}
    assert "net" not in {value for one in shown["history"] for value in one["detail"].values()}
    assert [one["what"] for one in shown["history"]] == ["added", "asked", "active", "confirmed"]


def test_old_messages_leave_the_quarantine(installation: Installation, tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "quarantine")
    quarantine.keep(b"old", QuarantineReason.NO_TOKEN, installation.clock.now, vouched=False)
    quarantine.keep(
        b"new", QuarantineReason.NO_TOKEN, installation.clock.now + 20 * DAY, vouched=False
    )
    report = run(installation, tmp_path, days=31)
    assert report.quarantine == 1
    assert report.summary == "deleted 1 message in the quarantine"
    assert quarantine.waiting().files == 1
    assert run(installation, tmp_path).summary == "nothing is too old"


def test_a_message_that_an_erasure_had_no_time_to_search_goes_with_the_next_run(
    installation: Installation, tmp_path: Path
) -> None:
    quarantine = Quarantine(tmp_path / "quarantine")
    for raw in (b"gone@example.org", b"stays@example.org"):
        quarantine.keep(raw, QuarantineReason.NO_TOKEN, installation.clock.now, vouched=False)
    installation.subscribe("gone@example.org")
    done = subscriptions.erase_by_email(
        installation.store,
        "gone@example.org",
        now=installation.clock.now,
        forget_files=partial(quarantine.forget, seconds=0),
    )
    assert "2 messages in the quarantine will be searched by digest prune" in done.words
    assert quarantine.waiting().files == 2
    assert run(installation, tmp_path).quarantine == 1
    assert [path.read_bytes() for path in quarantine.folder.iterdir()] == [b"stays@example.org"]


def test_a_run_is_recorded(installation: Installation, tmp_path: Path) -> None:
    run(installation, tmp_path)
    with installation.store.read() as unit:
        last = unit.runs.last(Job.PRUNE)
    assert last is not None
    assert last.ok
