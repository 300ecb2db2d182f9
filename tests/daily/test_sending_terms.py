"""On which terms a day's mail leaves: warm-up, pauses that are told, and an equation that holds."""

from __future__ import annotations

import logging
import threading
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from fakes import RecordingTransport, UnreachableRelay
from installation import PARIS, RENDERER, Installation
from sqlalchemy import text

from digest.daily.deliver import DeliverOptions, DeliverReport, deliver
from digest.daily.deliver_due import deliver_due
from digest.daily.delivery_settings import DeliverySettings
from digest.daily.freeze_audience import freeze_audience
from digest.daily.pause_alert import PauseAlert
from digest.daily.status import Status, read_status
from digest.delivery.envelope import OutgoingMail
from digest.delivery.ports import SessionClient
from digest.delivery.progress import (
    EVERY,
    ProgressLog,
    SendProgress,
)
from digest.delivery.retry import Reply, SmtpStage
from digest.delivery.warm_up import WarmUp
from digest.model import PublishedEdition, UnknownPolicy

FRIDAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=PARIS)


def published(installation: Installation, papers: str = "A") -> PublishedEdition:
    """The edition of the day, with these papers; nothing of it was sent."""
    installation.dump(papers)
    installation.ingest()
    return installation.publish_editions().editions[0]


def stock(installation: Installation, warm_up: WarmUp | None = None) -> Status:
    return read_status(
        installation.store, installation.editorial, clock=installation.clock, warm_up=warm_up
    )


class TestWarmUp:
    """A sender that nobody knows sends only so many mails a day."""

    @pytest.fixture
    def installation(self, tmp_path: Path) -> Installation:
        installation = Installation(tmp_path, at(FRIDAY, 8))
        installation.delivery = replace(
            installation.delivery, warm_up=WarmUp(FRIDAY, PARIS, (3, 5))
        )
        installation.subscribe(*(f"reader{number}@example.org" for number in range(7)))
        return installation

    def send(self, installation: Installation) -> DeliverReport:
        return installation.deliver()

    def test_what_is_over_the_days_number_waits_until_tomorrow_and_is_told(
        self, installation: Installation
    ) -> None:
        published(installation)
        report = self.send(installation)
        assert (report.sent, report.tally.planned, report.ok) == (3, 4, True)
        assert report.tally.balanced
        for told in (
            report.no_mail_reason,
            report.summary,
            stock(installation, installation.delivery.warm_up).no_mail_reason,
        ):
            assert "warm-up: 3 mails today and no more, 4 wait until tomorrow" in str(told)
        # What is due now may leave when the next day begins, where the list is.
        assert stock(installation, installation.delivery.warm_up).next_due == at(FRIDAY + DAY, 0)
        installation.clock.now = at(FRIDAY, 23, 59)
        assert self.send(installation).sent == 0
        installation.clock.now = at(FRIDAY + DAY, 0)
        assert self.send(installation).sent == 4
        assert len({mail.recipient for mail in installation.transport.mails}) == 7

    def test_all_editions_of_a_day_share_its_number(self, installation: Installation) -> None:
        published(installation)
        self.send(installation)
        installation.clock.now = at(FRIDAY + DAY, 8)
        published(installation, "B")
        assert self.send(installation).sent == 5
        today = stock(installation, installation.delivery.warm_up).as_dict()["warm_up"]
        assert today == {"allowed": 5, "left": 0, "waiting": 6}

    def test_the_daemon_does_not_try_again_each_minute(self, installation: Installation) -> None:
        published(installation)

        def take() -> DeliverReport | None:
            return deliver_due(
                installation.store,
                installation.editorial,
                installation.delivery,
                clock=installation.clock,
            )

        first = take()
        assert first is not None
        assert first.sent == 3
        for _ in range(3):
            installation.clock.now += timedelta(minutes=1)
            assert take() is None
        installation.clock.now = at(FRIDAY + DAY, 0)
        second = take()
        assert second is not None
        assert second.sent == 4

    def test_once_it_is_over_there_is_no_limit_and_no_word_of_it(
        self, installation: Installation
    ) -> None:
        installation.clock.now = at(FRIDAY + 2 * DAY, 8)
        published(installation)
        assert self.send(installation).sent == 7
        assert "warm-up" not in "\n".join(
            stock(installation, installation.delivery.warm_up).lines()
        )

    def test_while_mails_are_left_the_status_tells_how_many(
        self, installation: Installation
    ) -> None:
        assert "3 of the 3 mails of today are left" in "\n".join(
            stock(installation, installation.delivery.warm_up).lines()
        )

    def test_senders_that_work_at_the_same_time_share_the_days_number(self, tmp_path: Path) -> None:
        installation = Installation(tmp_path, at(FRIDAY, 8))
        installation.subscribe(*(f"reader{number}@example.org" for number in range(60)))
        installation.delivery = replace(installation.delivery, warm_up=WarmUp(FRIDAY, PARIS, (25,)))
        freeze_audience(
            installation.store, installation.editorial, published(installation), installation.clock
        )
        reports: list[DeliverReport] = []
        senders = [
            threading.Thread(target=lambda: reports.append(self.send(installation))) for _ in "ab"
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert sum(report.sent for report in reports) == 25
        assert len(installation.transport.mails) == 25


class Refusing(RecordingTransport):
    """A relay that takes mail for nobody but those it likes."""

    def __init__(self, *likes: str, words: str = "5.7.1 your address is blocked") -> None:
        super().__init__()
        self.likes = likes
        self.words = words
        self.asked = 0

    def open(self) -> RecordingTransport:
        self.asked += 1
        return super().open()

    def deliver(self, mail: OutgoingMail, client: SessionClient) -> None:
        if mail.recipient in self.likes:
            super().deliver(mail, client)
        else:
            client.record_reply(mail, Reply.of(SmtpStage.MAIL, 550, self.words))


class Swallowing(RecordingTransport):
    """A relay that takes each mail and hangs up before it says so, as long as it is told to."""

    silent = True

    def deliver(self, mail: OutgoingMail, client: SessionClient) -> None:
        if not self.silent:
            super().deliver(mail, client)
            return
        assert client.begin_body(mail)
        self.mails.append(mail)
        client.record_reply(mail, Reply(SmtpStage.FINAL, text="hung up"))


class TestDoubt:
    """The relay's last word was lost, and nothing else of the edition is left to send."""

    @pytest.fixture
    def installation(self, tmp_path: Path) -> Installation:
        installation = Installation(tmp_path, at(FRIDAY, 8))
        installation.delivery = replace(installation.delivery, transport=Swallowing())
        installation.subscribe("reader@example.org")
        published(installation)
        report = installation.deliver()
        assert (report.tally.unknown, report.tally.unfinished) == (1, 0)
        return installation

    def test_a_held_mail_is_left_alone(self, installation: Installation) -> None:
        assert (
            deliver_due(
                installation.store,
                installation.editorial,
                installation.delivery,
                clock=installation.clock,
            )
            is None
        )
        assert installation.deliver().tally.unknown == 1

    @pytest.mark.parametrize("mended", [True, False])
    def test_the_daemon_sends_it_once_more_where_that_is_set_and_only_once(
        self, installation: Installation, mended: bool
    ) -> None:
        relay = installation.delivery.transport
        assert isinstance(relay, Swallowing)
        relay.silent = not mended
        delivery = replace(installation.delivery, unknown_policy=UnknownPolicy.RESEND)
        assert (
            deliver_due(
                installation.store, installation.editorial, delivery, clock=installation.clock
            )
            is not None
        )
        for _ in range(2):
            assert (
                deliver_due(
                    installation.store, installation.editorial, delivery, clock=installation.clock
                )
                is None
            )
        first, second = relay.to("reader@example.org")
        assert first["Message-ID"] == second["Message-ID"]
        tally = stock(installation).editions[0].tally
        assert (tally.accepted, tally.unknown) == ((1, 0) if mended else (0, 1))


class TestAlarm:
    """Sending pauses: the operator gets one mail."""

    @pytest.fixture
    def installation(self, tmp_path: Path) -> Installation:
        installation = Installation(tmp_path, at(FRIDAY, 8))
        installation.subscribe(*(f"reader{number}@example.org" for number in range(5)))
        published(installation)
        return installation

    def delivery(self, installation: Installation, relay: RecordingTransport) -> DeliverySettings:
        alarm = PauseAlert(
            "ops@example.org",
            relay,
            RENDERER,
            installation.list_identity,
            installation.delivery.envelope_sender,
        )
        return replace(installation.delivery, transport=relay, pause_alert=alarm)

    def test_the_operator_is_told_once_what_was_said_and_what_to_do(
        self, installation: Installation
    ) -> None:
        relay = Refusing("ops@example.org")
        delivery = self.delivery(installation, relay)
        for _ in range(3):
            report = deliver(
                installation.store, installation.editorial, delivery, clock=installation.clock
            )
            assert not report.ok
            assert "sending is paused" in report.no_mail_reason
        (mail,) = relay.to("ops@example.org")
        assert mail["Auto-Submitted"] == "auto-generated"
        body = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "your address is blocked" in body
        assert "digest resume" in body
        assert [one.sender for one in relay.mails] == ["bounces@example.org"]

    def test_the_next_pause_is_told_again(self, installation: Installation) -> None:
        relay = Refusing("ops@example.org")
        delivery = self.delivery(installation, relay)
        for _ in range(2):
            deliver(installation.store, installation.editorial, delivery, clock=installation.clock)
            with installation.store.begin() as unit:
                unit.runs.resume()
            installation.clock.now += timedelta(minutes=20)
        assert len(relay.to("ops@example.org")) == 2

    @pytest.mark.parametrize("relay", [Refusing(), UnreachableRelay()], ids=["refuses", "away"])
    def test_an_operator_who_cannot_be_told_changes_nothing_and_is_logged_once(
        self,
        installation: Installation,
        relay: RecordingTransport,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        delivery = self.delivery(installation, relay)
        with installation.store.begin() as unit:
            unit.runs.pause("the relay refuses us", installation.clock())
        for _ in range(2):
            report = deliver(
                installation.store, installation.editorial, delivery, clock=installation.clock
            )
            assert report.no_mail_reason == "sending is paused: the relay refuses us"
        said = [line for line in caplog.messages if "could not be told" in line]
        assert len(said) == 1
        assert "@" not in caplog.text

    def test_the_daemon_is_quiet_while_it_is_paused_once_the_operator_was_told(
        self, installation: Installation
    ) -> None:
        relay = Refusing("ops@example.org")
        delivery = self.delivery(installation, relay)
        with installation.store.begin() as unit:
            unit.runs.pause("something that another process found", installation.clock())
        assert (
            deliver_due(
                installation.store, installation.editorial, delivery, clock=installation.clock
            )
            is not None
        )
        assert len(relay.to("ops@example.org")) == 1
        assert (
            deliver_due(
                installation.store, installation.editorial, delivery, clock=installation.clock
            )
            is None
        )
        assert (
            deliver_due(
                installation.store,
                installation.editorial,
                installation.delivery,
                clock=installation.clock,
            )
            is None
        )
        assert relay.asked == 1

    def test_another_machine_that_pauses_ends_this_run(self, installation: Installation) -> None:
        class PausedByAnother(RecordingTransport):
            def deliver(self, mail: OutgoingMail, client: SessionClient) -> None:
                with installation.store.begin() as unit:
                    unit.runs.pause("another machine was refused", installation.clock())
                super().deliver(mail, client)

        relay = PausedByAnother()
        installation.subscribe(*(f"more{number}@example.org" for number in range(60)))
        report = deliver(
            installation.store,
            installation.editorial,
            replace(installation.delivery, transport=relay),
            clock=installation.clock,
        )
        assert "another machine was refused" in report.no_mail_reason
        assert not report.ok
        assert 0 < len(relay.mails) < 65
        assert report.tally.planned == 65 - len(relay.mails)


TAMPERING = {
    "a row is gone": "DELETE FROM outbox WHERE id = (SELECT min(id) FROM outbox)",
    "a row was added": "INSERT INTO outbox (edition_id, state, due_at, next_at) "
    "SELECT edition_id, 'planned', due_at, next_at FROM outbox LIMIT 1",
    "the number planned was changed": "UPDATE editions SET planned_at_start = 4",
}


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING.keys())
def test_nothing_is_sent_of_an_edition_whose_deliveries_do_not_add_up(
    tmp_path: Path, statement: str
) -> None:
    installation = Installation(tmp_path, at(FRIDAY, 8))
    installation.subscribe(*(f"reader{number}@example.org" for number in range(5)))
    freeze_audience(
        installation.store, installation.editorial, published(installation), installation.clock
    )
    with installation.store.begin() as unit:
        unit.connection.execute(text(statement))
    report = installation.deliver()
    assert installation.transport.mails == []
    assert not report.ok
    assert "nothing of the daily edition of 2026-11-20 is sent" in report.no_mail_reason
    assert "do not add up" in report.no_mail_reason
    assert "do not add up" in str(stock(installation).no_mail_reason)

    # The next edition is another matter.
    installation.clock.now = at(FRIDAY + DAY, 8)
    published(installation, "B")
    again = installation.deliver()
    assert again.sent == 5
    assert not again.ok


def advance(accepted: int, left: int) -> SendProgress:
    return SendProgress(accepted, 2, 1, 0, 0, left, 812.34, 2)


def test_the_log_tells_the_first_chunk_one_in_five_seconds_and_the_last(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "digest.delivery")
    now = [100.0]
    with closing(ProgressLog("2026-11-20", "daily", clock=lambda: now[0])) as progress:
        for chunk in range(12):
            progress(advance(chunk, 11 - chunk))
            now[0] += EVERY / 5
    told = [line for line in caplog.messages if line.startswith("edition=")]
    assert [line.split()[2] for line in told] == [f"accepted={n}" for n in (0, 5, 10, 11)]
    assert told[-1] == (
        "edition=2026-11-20 kind=daily accepted=11 deferred=2 rejected=1 excluded=0 unknown=0 "
        "left=0 per_second=812.3 connections=2"
    )


def test_a_run_without_a_bar_leaves_its_sums_in_the_log_and_nobodys_address(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    installation = Installation(tmp_path, at(FRIDAY, 8))
    installation.subscribe(*(f"reader{number}@example.org" for number in range(5)))
    published(installation)
    installation.deliver()
    told = [line for line in caplog.messages if line.startswith("edition=")]
    assert "accepted=5 deferred=0 rejected=0 excluded=0 unknown=0 left=0" in told[-1]
    assert told[-1].endswith("connections=1")
    assert "@" not in told[-1]
    assert "@example.org" not in caplog.text


def test_a_run_with_a_bar_logs_no_progress(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    installation = Installation(tmp_path, at(FRIDAY, 8))
    installation.subscribe("reader@example.org")
    published(installation)
    shown: list[SendProgress] = []
    installation.deliver(DeliverOptions(progress=shown.append))
    assert shown[-1].accepted == 1
    assert [line for line in caplog.messages if line.startswith("edition=")] == []
