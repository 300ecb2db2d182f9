"""What is held about a person is shown to them whole, and after they are erased it is nowhere."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from factories import NOW, change
from fixtures.stores import POSTGRES
from sqlalchemy import LargeBinary, Text, cast, func, select
from store.steps import (
    add_subscriber,
    begin_sending,
    lease,
    publish_edition,
    record_outcomes,
    remember_dump,
)

from digest import subscriptions
from digest.bounces.quarantine import Quarantine, QuarantineReason
from digest.errors import SubscriberError
from digest.model import (
    DeliveryState,
    Follow,
    FollowKind,
    Job,
    NewSeed,
    Outcome,
    PlannedDelivery,
    Preferences,
    Run,
    Selection,
    SignUp,
    SubscriberState,
    VoteDirection,
)
from digest.store import Store
from digest.store.personal_data import TABLES
from digest.store.selections import pack_selection
from digest.store.tables import metadata
from digest.subscriptions import SignUpResult

WHOM = "ada.lovelace@example.org"
DAY = timedelta(days=1)
BOUNCE = (
    b"From: mailer@example.net\r\nSubject: =?utf-8?b?YWRhLmxvdmVsYWNlQGV4YW1wbGUub3Jn?=\r\n"
    b"\r\nnot delivered\r\n"
)
"""A message that names the reader in base64 only."""


@pytest.fixture(params=["sqlite file", POSTGRES])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def sign_up(store: Store, email: str, *, network: str = "n", now: datetime = NOW) -> SignUpResult:
    asked = SignUp(
        mailbox=subscriptions.mailbox_key(email),
        email=email,
        preferences=Preferences(keywords=(f"{email} wants this",)),
        network=network,
        wording="1",
        due_at=now,
    )
    (taken,) = subscriptions.record_sign_ups(store, [asked], now=now)
    return taken


def bytes_of(store: Store, folder: Path) -> Iterator[tuple[str, bytes]]:
    """All that is kept: every file, and on a server every column."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()
    if store.dialect == "postgresql":
        with store.read() as unit:
            for table in metadata.sorted_tables:
                for column in table.columns:
                    text = (
                        func.encode(column, "escape")
                        if isinstance(column.type, LargeBinary)
                        else cast(column, Text)
                    )
                    for value in unit.connection.scalars(select(text)):
                        yield f"{table.name}.{column.name}", str(value).encode()


def where_named(store: Store, folder: Path, name: bytes = b"lovelace") -> list[str]:
    return [place for place, content in bytes_of(store, folder) if name in content.lower()]


@dataclass
class Held:
    """A list with a reader about whom as much as possible is kept, among many others."""

    store: Store
    quarantine: Quarantine
    number: int


@pytest.fixture
def held(store: Store, tmp_path: Path) -> Held:
    quarantine = Quarantine(tmp_path / "state" / "quarantine")
    quarantine.keep(BOUNCE, QuarantineReason.NO_TOKEN, NOW, vouched=False)
    quarantine.keep(
        b"Subject: somebody else\r\n\r\n", QuarantineReason.NO_TOKEN, NOW, vouched=False
    )
    with store.begin() as unit:
        people = [add_subscriber(unit, f"reader{n}@example.org") for n in range(60)]
        her = add_subscriber(unit, WHOM, state=SubscriberState.PENDING)
        people += [add_subscriber(unit, f"other{n}@example.org") for n in range(60)]
        unit.subscribers.set_consent(her.id, network="abcdef", wording="1")
        unit.subscribers.note(her.id, "asked", NOW, {"network": "abcdef"})
        subscriptions.sign_up.plan_confirmation_mail(unit, her, NOW)
        unit.subscribers.set_state(her.id, SubscriberState.ACTIVE, f"says {WHOM}", NOW)
        unit.subscribers.set_bounce_points(her.id, 2.0, NOW)
        unit.subscribers.set_preferences(her.id, Preferences(keywords=(WHOM,) * 40))
        (paper_id,) = remember_dump(unit, change("Gaussian Rivers"))
        unit.seeds.add([NewSeed(WHOM, f"By {WHOM}")], NOW.date(), subscriber_id=her.id)
        unit.votes.cast(her.id, paper_id, VoteDirection.MORE, NOW, most=9)
        unit.reading_lists.add(her.id, paper_id, NOW)
        unit.follows.add(her.id, Follow(FollowKind.AUTHOR, "Ada Lovelace"), NOW)
    edition = publish_edition(store)
    with store.begin() as unit:
        everyone = [PlannedDelivery(one.id, NOW) for one in [*people, her]]
        unit.outbox.freeze_audience(edition.id, everyone, NOW)
        own = Selection((), (), why={paper_id: f"like “By {WHOM}”"})
        unit.selections.assign(
            edition.id, [(her.id, unit.selections.keep(edition.id, pack_selection(own)))]
        )
    outcomes = [
        Outcome(
            one.id,
            DeliveryState.DEFERRED,
            NOW,
            452,
            "4.2.2",
            f"4.2.2 <{one.subscriber.email}> is full",
            NOW,
            one.lease_token,
        )
        for one in begin_sending(store, lease(store, edition.id, 400))
    ]
    record_outcomes(store, *outcomes)
    with store.begin() as unit:
        unit.runs.record(Run(Job.SEND, NOW, NOW, False, f"refused for {WHOM}", "x"))
        unit.runs.pause(f"refused for {WHOM}", NOW)
        # As an older program may have left it.
        unit.runs.set_flag("some-fact", f"about {WHOM}", NOW)
    sign_up(store, WHOM)
    return Held(store, quarantine, her.id)


def test_after_an_erasure_no_byte_that_is_kept_names_the_person(held: Held, tmp_path: Path) -> None:
    assert where_named(held.store, tmp_path)
    done = subscriptions.erase_by_email(
        held.store, WHOM.upper(), now=NOW, forget_files=held.quarantine.forget
    )
    assert done.log_is_clear
    assert done.files == 1
    assert where_named(held.store, tmp_path) == []
    assert where_named(held.store, tmp_path, b"ywrhlmxvdmvsywnl") == []
    assert held.quarantine.waiting().files == 1
    with pytest.raises(SubscriberError, match="no such subscriber"):
        subscriptions.erase_by_email(held.store, WHOM, now=NOW)


def test_who_erases_themselves_on_their_page_is_gone_as_well(held: Held, tmp_path: Path) -> None:
    subscriptions.erase_subscriber(
        held.store, held.number, now=NOW, forget_files=held.quarantine.forget
    )
    assert where_named(held.store, tmp_path) == []


def test_who_is_erased_while_their_sign_up_waits_does_not_come_back(
    store: Store, tmp_path: Path
) -> None:
    sign_up(store, WHOM)
    subscriptions.erase_by_email(store, WHOM, now=NOW)
    assert where_named(store, tmp_path) == []
    assert subscriptions.process_sign_ups(store, now=NOW) == 0
    with store.read() as unit:
        assert unit.subscribers.by_email(WHOM) is None
        assert unit.service_mails.waiting() == 0
    # The mailbox counts as asked today all the same.
    assert sign_up(store, WHOM, now=NOW + DAY / 2) is SignUpResult.REPEATED
    assert sign_up(store, WHOM, now=NOW + 2 * DAY) is SignUpResult.RECORDED


def test_who_only_asked_is_found_shown_and_erased_by_another_spelling(store: Store) -> None:
    sign_up(store, WHOM)
    shown, subscriber = subscriptions.export_by_email(store, "Ada.Lovelace@EXAMPLE.org")
    assert subscriber is None
    assert shown["state"] == "asked"
    assert shown["sign_up"]["email"] == WHOM
    subscriptions.erase_by_email(store, "Ada.Lovelace@EXAMPLE.org", now=NOW)
    with pytest.raises(SubscriberError):
        subscriptions.export_by_email(store, WHOM)


def test_everything_held_is_in_the_export(held: Held) -> None:
    shown = subscriptions.export_subscriber(held.store, held.number)
    assert shown is not None
    assert shown == subscriptions.export_by_email(held.store, WHOM)[0]
    assert shown["bounces"]["points"] == 2.0
    assert "2026-11-20 08:00:00" in shown["bounces"]["last"]
    assert shown["consent"] == {"network": "abcdef", "wording": "1"}
    assert [letter["kind"] for letter in shown["letters"]] == ["confirm"]
    assert shown["confirmation_mails"]["since_the_last_answer"] == 1
    assert shown["sign_up"]["email"] == WHOM
    (edition,) = shown["editions"]
    assert edition["reply"] == "4.2.2 <(address)> is full"
    assert (edition["kind"], edition["day"]) == ("daily", "2026-11-20")
    assert [one["code"] for one in edition["attempts"]] == [452]
    taste = shown["taste"]
    assert [seed["title"] for seed in taste["seeds"]] == [f"By {WHOM}"]
    assert [(vote["title"], vote["direction"]) for vote in taste["votes"]] == [
        ("Gaussian Rivers", "more")
    ]
    assert [follow["name"] for follow in taste["follows"]] == ["Ada Lovelace"]
    assert [order["day"] for order in taste["own_order_in"]] == ["2026-11-20"]
    assert [event["what"] for event in shown["history"]] == ["added", "asked", "active"]


def test_no_table_that_names_a_reader_is_left_out_of_the_export() -> None:
    named = {
        table.name
        for table in metadata.sorted_tables
        if "subscriber_id" in table.columns or table.name == "subscribers"
    }
    assert named == TABLES - {"attempts"}


@pytest.mark.parametrize("confirmed", [True, False])
def test_no_import_brings_back_who_was_erased_but_they_themselves_may(
    store: Store, confirmed: bool
) -> None:
    subscriptions.add_subscriber(
        store, subscriptions.NewSubscriber(WHOM, Preferences(), confirmed=True), now=NOW
    )
    subscriptions.erase_by_email(store, WHOM, now=NOW)
    report = subscriptions.import_csv(
        store, f"email\n{WHOM}\nnew@example.org\n", topics=(), confirmed=confirmed, now=NOW
    )
    assert (report.added, report.known, report.left) == (1, 0, 1)
    again = subscriptions.add_subscriber(
        store, subscriptions.NewSubscriber(WHOM, Preferences(), confirmed=confirmed), now=NOW
    )
    assert "only they can subscribe again" in again.words
    with store.read() as unit:
        assert unit.subscribers.by_email(WHOM) is None
    sign_up(store, WHOM)
    subscriptions.process_sign_ups(store, now=NOW)
    with store.read() as unit:
        subscriber = unit.subscribers.by_email(WHOM)
    assert subscriber is not None
    assert subscriber.state is SubscriberState.PENDING
    assert (
        subscriptions.confirm(store, subscriber.id, network="", now=NOW)
        is subscriptions.ActionResult.DONE
    )
    with store.read() as unit:
        assert unit.subscribers.suppressed(WHOM) is None


def test_a_hash_that_is_kept_is_not_that_of_the_address_alone(store: Store) -> None:
    with store.begin() as unit:
        unit.subscribers.suppress(WHOM, "bounced: 5.1.1", NOW)
        digests = list(
            unit.connection.scalars(select(metadata.tables["suppressions"].c.address_digest))
        )
    assert hashlib.sha256(WHOM.encode()).hexdigest() not in digests
    assert len(digests[0]) == 64


@pytest.mark.parametrize("kind", ["sqlite file"])
def test_an_erasure_says_so_when_somebody_reads_an_older_state(
    held: Held, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.store.engine.LOG_PATIENCE", 0.1)
    reading = sqlite3.connect(tmp_path / "digest.db")
    reading.execute("BEGIN")
    reading.execute("SELECT count(*) FROM subscribers").fetchone()
    done = subscriptions.erase_by_email(
        held.store, WHOM, now=NOW, forget_files=held.quarantine.forget
    )
    assert "digest prune" in done.words
    reading.close()
    assert held.store.clear_log()
    assert where_named(held.store, tmp_path) == []
