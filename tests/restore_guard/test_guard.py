"""A database put back from a copy: noticed, on every store that outlives its process."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fakes import RecordingTransport
from fixtures.stores import SHARED_STORES, empty_database
from installation import KEYS, RENDERER, Installation
from sqlalchemy import delete, update

from digest.daily.daily_run import DailyRunReport
from digest.daily.deliver import DeliverReport, deliver
from digest.daily.resume import resume_without_the_past
from digest.daily.status import read_status
from digest.delivery.envelope import OutgoingMail
from digest.delivery.ports import SessionClient
from digest.delivery.retry import Reply
from digest.delivery.send_limits import SendLimits
from digest.errors import InputError
from digest.model import (
    DeliveryState,
    ExclusionReason,
    Frequency,
    Job,
    Preferences,
    PreviewHold,
    ServiceMailKind,
    SubscriberState,
)
from digest.restore_guard.guard import RestoreGuard
from digest.store import open_store
from digest.store.tables import outbox, senders
from digest.subscriptions import ServiceMailSettings, send_service_mails

THURSDAY = datetime(2026, 11, 19, 7, tzinfo=UTC)
DAY = timedelta(days=1)
READERS = ["ada@example.org", "ben@example.org", "cleo@example.org"]


class Copies:
    """An installation's database, and copies of it that can be put back."""

    def __init__(self, installation: Installation, address: str, folder: Path) -> None:
        self.installation = installation
        self.address = address
        self.folder = folder

    def make(self, name: str) -> None:
        """What a nightly backup does."""
        self.installation.store.close()
        if self.address.startswith("sqlite"):
            with (
                closing(sqlite3.connect(self._file())) as live,
                closing(sqlite3.connect(self.folder / name)) as copy,
            ):
                live.backup(copy)
        else:
            self._sql(f"CREATE DATABASE {self._name()}_{name} TEMPLATE {self._name()}")

    def put_back(self, name: str) -> None:
        """What an operator does in the morning."""
        self.installation.store.close()
        if self.address.startswith("sqlite"):
            for beside in ("", "-wal", "-shm"):
                self._file().with_name(self._file().name + beside).unlink(missing_ok=True)
            shutil.copy(self.folder / name, self._file())
        else:
            self._sql(f"DROP DATABASE {self._name()}")
            self._sql(f"CREATE DATABASE {self._name()} TEMPLATE {self._name()}_{name}")

    def _file(self) -> Path:
        return Path(self.address.removeprefix("sqlite:///").partition("?")[0])

    def _name(self) -> str:
        return self.address.partition("?")[0].rpartition("/")[2]

    def _sql(self, statement: str) -> None:
        import psycopg

        elsewhere = self.address.replace(f"/{self._name()}", "/postgres")
        with psycopg.connect(elsewhere, autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture
def kind() -> str:
    """What most tests use; the others name both."""
    return "sqlite file"


@pytest.fixture
def address(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database of its own, because it will be dropped."""
    if kind == "sqlite file":
        return empty_database(tmp_path / "digest.db")
    make: Callable[[], str] = request.getfixturevalue("postgres")
    return make()


@pytest.fixture
def installation(address: str, tmp_path: Path) -> Iterator[Installation]:
    """An installation on Thursday morning, with three readers, whose Thursday edition was sent."""
    installation = Installation(tmp_path, THURSDAY, address=address)
    installation.subscribe(*READERS)
    installation.dump("ABC")
    assert installation.run_day().delivered.sent == 3
    yield installation
    installation.store.close()


@pytest.fixture
def copies(installation: Installation, address: str, tmp_path: Path) -> Copies:
    return Copies(installation, address, tmp_path)


def friday(installation: Installation) -> DailyRunReport:
    installation.clock.now = THURSDAY + DAY
    installation.dump("DE", name="friday")
    return installation.run_day()


def send(installation: Installation) -> DeliverReport:
    return installation.deliver()


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_nothing_is_sent_or_published_from_yesterdays_copy(
    installation: Installation, copies: Copies
) -> None:
    copies.make("copy")
    assert friday(installation).delivered.sent == 3
    copies.put_back("copy")
    installation.clock.now += timedelta(hours=3)
    report = installation.run_day()
    assert (report.ok, report.delivered.sent, report.published.made) == (False, 0, 0)
    assert report.no_mail_reason is not None
    assert "the database is older than this machine remembers" in report.no_mail_reason
    assert "began at 2026-11-20 07:00 UTC and is not known to it" in report.no_mail_reason
    assert installation.papers_by_day() == {date(2026, 11, 19): "ABC"}
    assert len(installation.transport.mails) == 6
    stock = installation.status()
    assert stock.paused is not None
    assert stock.paused in report.no_mail_reason
    assert "PAUSED: the database is older" in "\n".join(stock.lines())
    # The day is still owed: it is made as soon as a person has said how to go on.
    assert stock.runs[Job.DAILY].ok is False


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_a_person_lets_it_go_on_and_the_next_copy_is_noticed_again(
    installation: Installation, copies: Copies
) -> None:
    copies.make("copy")
    friday(installation)
    copies.put_back("copy")
    send(installation)
    resumed = installation.daily_run.restore_guard.resume(installation.clock())
    assert resumed.was_restored
    assert "older than this machine remembers" in resumed.reason
    assert installation.run_day().delivered.sent == 3
    copies.put_back("copy")
    assert installation.run_day().delivered.ok is False
    assert len(installation.transport.mails) == 9


def test_after_that_the_database_it_replaced_is_in_doubt_as_well(
    installation: Installation, copies: Copies
) -> None:
    copies.make("copy")
    friday(installation)
    copies.make("original")
    copies.put_back("copy")
    installation.daily_run.restore_guard.resume(installation.clock())
    copies.put_back("original")
    assert "older than this machine" in installation.daily_run.restore_guard.restored_reason()


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_a_copy_made_in_mid_run_is_noticed_by_what_it_does_not_know_yet(
    installation: Installation, copies: Copies
) -> None:
    installation.clock.now += DAY
    installation.dump("DE", name="friday")
    installation.publish_editions()
    held = installation.daily_run.restore_guard
    with held.new_sender(installation.clock()) as me:
        with installation.store.begin() as unit:
            me.note_recorded(unit.senders.add_recorded(me.token, 1))
        copies.make("copy")
        with installation.store.begin() as unit:
            me.note_recorded(unit.senders.add_recorded(me.token, 2))
    assert held.restored_reason() == ""
    copies.put_back("copy")
    assert "recorded 3 outcomes, of which it knows 1" in held.restored_reason()
    assert send(installation).sent == 0


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_the_past_can_be_skipped_nobody_gets_an_edition_twice_and_the_next_one_goes_out(
    installation: Installation, copies: Copies
) -> None:
    """Also for readers of the week, whose copy was lost with the rest."""
    installation.subscribe("weekly@example.org", frequency=Frequency.WEEKLY)
    installation.clock.now = THURSDAY + 3 * DAY
    copies.make("copy")
    installation.clock.now = THURSDAY + 4 * DAY
    installation.dump("DE", name="monday")
    assert installation.run_day().delivered.sent == 4
    copies.put_back("copy")
    done = resume_without_the_past(
        installation.daily_run.restore_guard,
        installation.editorial,
        installation.publishing,
        installation.daily_run.locations,
        clock=installation.clock,
    )
    assert (done.was_restored, done.skipped) == (True, 4)
    installation.clock.now += timedelta(hours=1)
    report = installation.run_day()
    assert (report.ok, report.delivered.sent) == (True, 0)
    monday = date(2026, 11, 23)
    assert installation.papers_by_day()[monday] == "DE"
    reasons = [
        one.reasons for one in read_status(installation.store, installation.editorial).editions[:2]
    ]
    assert reasons == [{ExclusionReason.RESTORED: 3}, {ExclusionReason.RESTORED: 1}] or reasons == [
        {ExclusionReason.RESTORED: 1},
        {ExclusionReason.RESTORED: 3},
    ]
    installation.clock.now += DAY
    installation.dump("DEF", name="tuesday")
    assert installation.run_day().delivered.sent == 3
    assert installation.papers_by_day()[monday + DAY] == "F"


def test_what_is_skipped_is_shown_to_nobody_first_and_held_for_nobody(
    installation: Installation, copies: Copies
) -> None:
    terms = PreviewHold(("editor@example.org",), timedelta(hours=1))
    installation.publishing = replace(installation.publishing, hold=terms)
    run = replace(installation.daily_run, publishing=installation.publishing)
    friday(installation)
    installation.clock.now += DAY
    installation.dump("F", name="saturday")
    run.run(clock=installation.clock)
    copies.make("copy")
    installation.clock.now += timedelta(hours=2)
    assert installation.deliver().sent
    copies.put_back("copy")
    installation.transport.mails.clear()
    installation.clock.now += DAY
    installation.dump("G", name="more")
    resume_without_the_past(
        run.restore_guard,
        installation.editorial,
        installation.publishing,
        run.locations,
        clock=installation.clock,
    )
    installation.clock.now += timedelta(hours=2)
    run.deliver_due(clock=installation.clock)
    assert installation.transport.mails == []
    with installation.store.read() as unit:
        assert unit.holds.blocking(installation.clock()) == ()
        (made, *_) = unit.editions.list(1)
        assert unit.holds.of(made.id) is None


def test_the_past_is_not_skipped_without_a_reason_nor_past_a_source_that_fails(
    installation: Installation, copies: Copies
) -> None:
    parts = (installation.daily_run.restore_guard, installation.editorial, installation.publishing)
    with pytest.raises(InputError, match="no restored database is in use"):
        resume_without_the_past(*parts, installation.daily_run.locations, clock=installation.clock)
    copies.make("copy")
    friday(installation)
    copies.put_back("copy")
    with pytest.raises(InputError, match=r"gone\.txt"):
        resume_without_the_past(*parts, [str(copies.folder / "gone.txt")], clock=installation.clock)
    assert send(installation).ok is False


def test_readers_who_left_between_two_mails_are_not_forgotten_unnoticed(
    installation: Installation, copies: Copies
) -> None:
    """The daemon's looks at the sources leave a mark, so a copy of the night shows in the morning,
    although nothing was sent since.
    """
    copies.make("copy")
    installation.clock.now += timedelta(hours=1)
    installation.ingest()
    copies.put_back("copy")
    assert send(installation).ok is False


def test_a_look_says_so_in_the_log(
    installation: Installation, copies: Copies, caplog: pytest.LogCaptureFixture
) -> None:
    copies.make("copy")
    friday(installation)
    copies.put_back("copy")
    installation.ingest()
    assert "sending is paused: the database is older" in caplog.text


def test_a_copy_that_was_paused_when_it_was_made_gives_the_true_reason(
    installation: Installation, copies: Copies
) -> None:
    with installation.store.begin() as unit:
        unit.runs.pause("the relay refuses this sender", installation.clock())
    copies.make("copy")
    installation.daily_run.restore_guard.resume(installation.clock())
    friday(installation)
    copies.put_back("copy")
    assert "older than this machine" in send(installation).no_mail_reason


def test_letters_wait_as_well(installation: Installation, copies: Copies) -> None:
    mailroom = ServiceMailSettings(
        installation.transport,
        RENDERER,
        replace(installation.list_identity, base_url="https://papers.example.org"),
        KEYS,
        "bounces@example.org",
        check=installation.daily_run.restore_guard.pause_if_restored,
    )
    with installation.store.begin() as unit:
        dora = unit.subscribers.add(
            "dora@example.org",
            state=SubscriberState.PENDING,
            preferences=Preferences(),
            now=installation.clock(),
            origin="test",
        )
        unit.service_mails.plan(
            dora.id,
            ServiceMailKind.CONFIRM,
            now=installation.clock(),
            not_since=installation.clock() - DAY,
            expires_at=installation.clock() + 3 * DAY,
        )
    copies.make("copy")
    assert send_service_mails(installation.store, mailroom, clock=installation.clock).sent == 1
    installation.ingest()
    copies.put_back("copy")
    again = send_service_mails(installation.store, mailroom, clock=installation.clock)
    assert again.sent == 0
    assert "older than this machine remembers" in again.no_mail_reason
    assert len(installation.transport.to("dora@example.org")) == 1


class PutBackInMidRun(RecordingTransport):
    """A relay during whose work an older copy takes the database's place."""

    def __init__(self, put_back: Callable[[], None], *, after: int) -> None:
        super().__init__()
        self._put_back = put_back
        self._after = after

    def deliver(self, mail: OutgoingMail, client: SessionClient) -> None:
        super().deliver(mail, _Counting(client, self))

    def another(self) -> None:
        """One more mail was accepted."""
        self._after -= 1
        if self._after == 0:
            self._put_back()


class _Counting:
    """A client that tells the relay of each mail it settles."""

    def __init__(self, client: SessionClient, relay: PutBackInMidRun) -> None:
        self._relay = relay
        self.next_mail, self.begin_body, self.hand_back = (
            client.next_mail,
            client.begin_body,
            client.hand_back,
        )
        self._record_reply = client.record_reply

    def record_reply(self, mail: OutgoingMail, reply: Reply) -> None:
        self._record_reply(mail, reply)
        self._relay.another()


def test_a_sender_under_whom_an_older_copy_is_put_ends_with_what_it_has_in_hand(
    installation: Installation,
) -> None:
    def put_back() -> None:
        """Rows are planned again and the sender is gone, as in the copy."""
        with installation.store.begin() as unit:
            unit.connection.execute(delete(senders))
            unit.connection.execute(
                update(outbox).values(state=DeliveryState.PLANNED, lease_token=None)
            )

    installation.subscribe(*(f"reader{number}@example.org" for number in range(60)))
    installation.clock.now += DAY
    installation.dump("DE", name="friday")
    installation.ingest()
    installation.publish_editions()
    transport = PutBackInMidRun(put_back, after=3)
    delivery = replace(
        installation.delivery, transport=transport, limits=SendLimits(connections=1, chunk=8)
    )
    report = deliver(installation.store, installation.editorial, delivery, clock=installation.clock)
    assert "older than this machine remembers" in report.no_mail_reason
    assert 3 <= len(transport.mails) <= 24
    assert (
        deliver(installation.store, installation.editorial, delivery, clock=installation.clock).sent
        == 0
    )


# What must not raise an alarm.


def test_the_house_goes_on_day_after_day(installation: Installation) -> None:
    friday(installation)
    for number in range(3):
        installation.clock.now += timedelta(minutes=10)
        installation.ingest()
        installation.subscribe(f"late{number}@example.org")
        assert send(installation).ok
    assert installation.daily_run.restore_guard.restored_reason() == ""


def test_a_clock_that_is_set_back_is_not_a_copy(installation: Installation) -> None:
    installation.clock.now -= 3 * DAY
    installation.dump("DE", name="earlier")
    assert installation.run_day().delivered.ok
    assert installation.daily_run.restore_guard.restored_reason() == ""


def test_a_state_folder_that_was_lost_is_begun_anew_and_logged(
    installation: Installation, copies: Copies, caplog: pytest.LogCaptureFixture
) -> None:
    assert installation.delivery.sender_files is not None
    shutil.rmtree(installation.delivery.sender_files)
    caplog.set_level(logging.INFO, "digest")
    copies.make("copy")
    assert friday(installation).delivered.sent == 3
    assert caplog.text.count("nothing is known here of earlier sending") == 1
    copies.put_back("copy")
    assert send(installation).ok is False


def test_a_state_folder_that_cannot_be_written_does_not_stop_the_mail(
    installation: Installation, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "in-the-way").write_text("a file")
    installation.daily_run = replace(
        installation.daily_run,
        delivery=replace(installation.delivery, sender_files=tmp_path / "in-the-way"),
    )
    assert friday(installation).delivered.sent == 3
    assert "this machine may not notice" in caplog.text


@pytest.mark.parametrize("kind", SHARED_STORES)
def test_two_machines_on_one_database_have_a_witness_each(
    installation: Installation, copies: Copies, tmp_path: Path
) -> None:
    here, there = (
        installation.daily_run.restore_guard,
        RestoreGuard(installation.store, tmp_path / "other-machine"),
    )
    for _ in range(3):
        for machine in (here, there):
            assert machine.restored_reason() == ""
            machine.checkpoint(installation.clock())
    copies.make("copy")
    there.checkpoint(installation.clock())
    copies.put_back("copy")
    assert here.restored_reason() == ""
    assert "older" in there.pause_if_restored(installation.clock())
    # What one of them noticed holds for all, and so does the word of a person.
    assert "older" in here.restored_reason()
    here.resume(installation.clock())
    assert here.restored_reason() == there.restored_reason() == ""
    there.checkpoint(installation.clock())
    copies.put_back("copy")
    assert "older" in here.restored_reason()
    assert "older" in there.restored_reason()


def test_senders_at_the_same_time_do_not_accuse_each_other(installation: Installation) -> None:
    watch = installation.daily_run.restore_guard
    with (
        watch.new_sender(installation.clock()) as one,
        watch.new_sender(installation.clock()) as two,
    ):
        for me in (one, two, one, two):
            with installation.store.begin() as unit:
                recorded = unit.senders.add_recorded(me.token, 5)
            assert watch.restored_reason() == ""
            me.note_recorded(recorded)
            assert watch.restored_reason() == ""
    watch.checkpoint(installation.clock())
    assert watch.restored_reason() == ""


def test_another_database_is_another_database(installation: Installation, tmp_path: Path) -> None:
    fresh = open_store(f"sqlite:///{tmp_path / 'fresh.db'}")
    fresh.migrate()
    assert RestoreGuard(fresh, installation.delivery.sender_files).restored_reason() == ""
    fresh.close()


def test_a_rehearsal_leaves_no_trace(installation: Installation) -> None:
    with installation.store.rehearsal() as rehearsal:
        watch = RestoreGuard(rehearsal, installation.delivery.sender_files)
        watch.checkpoint(installation.clock())
    assert installation.daily_run.restore_guard.restored_reason() == ""


def test_resuming_from_any_other_pause_changes_nothing_else(
    installation: Installation, copies: Copies
) -> None:
    with installation.store.begin() as unit:
        name = unit.senders.store_id()
        unit.runs.pause("the relay refuses this sender", installation.clock())
    resumed = installation.daily_run.restore_guard.resume(installation.clock())
    assert (resumed.reason, resumed.was_restored) == ("the relay refuses this sender", False)
    assert installation.daily_run.restore_guard.resume(installation.clock()).reason == ""
    with installation.store.read() as unit:
        assert unit.senders.store_id() == name


def test_a_copy_tried_out_elsewhere_does_not_put_the_original_in_doubt(
    installation: Installation, copies: Copies, tmp_path: Path
) -> None:
    copies.make("try-out.db")
    with_copy = open_store(f"sqlite:///{tmp_path / 'try-out.db'}")
    tried = RestoreGuard(with_copy, installation.delivery.sender_files)
    assert tried.restored_reason() == ""
    tried.checkpoint(installation.clock())
    assert installation.daily_run.restore_guard.restored_reason() == ""
    installation.daily_run.restore_guard.checkpoint(installation.clock())
    assert tried.restored_reason() == ""
    with_copy.close()
    # But whoever moves to a copy that is behind is told, wherever it lies.
    copies.make("moved.db")
    friday(installation)
    moved = open_store(f"sqlite:///{tmp_path / 'moved.db'}")
    assert "older" in RestoreGuard(moved, installation.delivery.sender_files).restored_reason()
    moved.close()
