"""Mails about a subscription: sent once, kept when the relay is away, never lost by a crash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fakes import Clock, RecordingTransport, UnreachableRelay, parse_message
from installation import RENDERER

from digest import subscriptions
from digest.delivery.envelope import OutgoingMail
from digest.delivery.ports import SessionClient
from digest.delivery.retry import Reply, SmtpStage
from digest.errors import StoreBusyError
from digest.mail.list_identity import ListIdentity
from digest.mail.tokens import sign_token
from digest.model import DeliveryState, Preferences, SignUpRule, SubscriberState
from digest.store import Store, open_store
from digest.subscriptions import (
    ServiceMailReport,
    ServiceMailSettings,
    ServiceMailWorker,
    send_service_mails,
    service_mail_composer,
)

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
LETTERHEAD = ListIdentity("Daily Papers", "papers@example.org", "https://papers.example.org")


class Answering(RecordingTransport):
    """A relay with one answer for every mail."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply

    def deliver(self, mail: OutgoingMail, client: SessionClient) -> None:
        assert client.begin_body(mail)
        client.record_reply(mail, self.reply)


class Dying(RecordingTransport):
    """A process that ends while its mail is under way."""

    def __init__(self, *, begun: bool) -> None:
        super().__init__()
        self.begun = begun

    def deliver(self, mail: OutgoingMail, client: SessionClient) -> None:
        if self.begun:
            client.begin_body(mail)
        raise SystemExit


class ServiceMailInstallation:
    """A store with a reader who is to confirm, and a clock."""

    def __init__(self) -> None:
        self.clock = Clock(NOW)
        self.store = open_store("sqlite://")
        self.store.migrate()
        self.transport: RecordingTransport = RecordingTransport()
        subscriptions.add_subscriber(
            self.store,
            subscriptions.NewSubscriber("reader@example.org", Preferences(), confirmed=False),
            now=NOW,
        )

    def settings(self) -> ServiceMailSettings:
        return ServiceMailSettings(
            self.transport, RENDERER, LETTERHEAD, ("a key",), "bounces@example.org"
        )

    def send(self) -> ServiceMailReport:
        return send_service_mails(self.store, self.settings(), clock=self.clock)

    def states(self) -> dict[DeliveryState, int]:
        with self.store.read() as unit:
            return dict(unit.service_mails.counts())


@pytest.fixture
def installation() -> Iterator[ServiceMailInstallation]:
    made = ServiceMailInstallation()
    yield made
    made.store.close()


def test_a_reader_the_operator_does_not_vouch_for_is_asked_by_mail(
    installation: ServiceMailInstallation,
) -> None:
    report = installation.send()
    assert (report.sent, report.summary) == (1, "service mails: 1 sent")
    (mail,) = installation.transport.mails
    assert (mail.recipient, mail.sender) == ("reader@example.org", "bounces@example.org")
    assert installation.states() == {DeliveryState.ACCEPTED: 1}
    assert installation.send().sent == 0


def test_asking_again_the_same_day_sends_nothing_more(
    installation: ServiceMailInstallation,
) -> None:
    installation.send()
    with installation.store.begin() as unit:
        subscriber = unit.subscribers.by_id(1)
        assert subscriber is not None
        assert not subscriptions.sign_up.plan_confirmation_mail(
            unit, subscriber, NOW + timedelta(hours=23)
        )
        assert subscriptions.sign_up.plan_confirmation_mail(
            unit, subscriber, NOW + timedelta(hours=24)
        )
    installation.clock.now += timedelta(hours=24)
    installation.send()
    ids = {installation.transport.to("reader@example.org")[n]["Message-ID"] for n in (0, 1)}
    assert len(ids) == 2


def test_a_relay_that_is_away_is_tried_again_later(installation: ServiceMailInstallation) -> None:
    installation.transport = UnreachableRelay()
    report = installation.send()
    assert report.sent == 0
    assert "no session" in report.no_mail_reason
    assert report.summary.startswith("service mails: 0 sent (")
    assert installation.states() == {DeliveryState.DEFERRED: 1}
    installation.transport = RecordingTransport()
    assert installation.send().sent == 0
    installation.clock.now += timedelta(minutes=5)
    assert installation.send().sent == 1


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (Reply.of(SmtpStage.RCPT, 550, "5.1.1 nobody"), DeliveryState.REJECTED),
        (Reply.of(SmtpStage.RCPT, 450, "4.2.0 later"), DeliveryState.DEFERRED),
        (Reply(SmtpStage.FINAL, text="cut"), DeliveryState.UNKNOWN),
    ],
)
def test_what_the_relay_says_is_kept(
    installation: ServiceMailInstallation, reply: Reply, state: DeliveryState
) -> None:
    installation.transport = Answering(reply)
    report = installation.send()
    assert "1 not" in report.summary
    assert installation.states() == {state: 1}


@pytest.mark.parametrize(
    ("begun", "after"), [(False, DeliveryState.PLANNED), (True, DeliveryState.UNKNOWN)]
)
def test_a_crash_loses_nothing_silently(
    installation: ServiceMailInstallation, begun: bool, after: DeliveryState
) -> None:
    installation.transport = Dying(begun=begun)
    with pytest.raises(SystemExit):
        installation.send()
    installation.clock.now += timedelta(hours=1)
    installation.transport = RecordingTransport()
    report = installation.send()
    assert report.sent == (0 if begun else 1)
    assert installation.states() == {after if begun else DeliveryState.ACCEPTED: 1}


def test_a_process_killed_with_a_lease_gives_it_back_when_it_ends(
    installation: ServiceMailInstallation,
) -> None:
    with installation.store.begin() as unit:
        (held,) = unit.service_mails.lease(NOW, limit=5, ttl=timedelta(minutes=15))
    assert held.attempt == 1
    assert installation.send().sent == 0
    installation.clock.now += timedelta(minutes=16)
    assert installation.send().sent == 1


def test_a_letter_that_makes_no_sense_any_more_is_not_sent(
    installation: ServiceMailInstallation,
) -> None:
    with installation.store.begin() as unit:
        unit.subscribers.set_state(1, SubscriberState.ACTIVE, "confirmed at the fair", NOW)
    assert installation.send().sent == 0
    assert installation.states() == {DeliveryState.EXCLUDED: 1}


def test_a_letter_that_waited_three_days_is_not_sent(installation: ServiceMailInstallation) -> None:
    installation.clock.now += timedelta(days=3)
    assert installation.send().sent == 0
    assert installation.states() == {DeliveryState.EXCLUDED: 1}


def test_while_sending_is_paused_letters_wait(installation: ServiceMailInstallation) -> None:
    with installation.store.begin() as unit:
        unit.runs.pause("the relay refuses us", NOW)
    report = installation.send()
    assert "sending is paused" in report.no_mail_reason
    assert installation.states() == {DeliveryState.PLANNED: 1}


def test_why_letters_wait_is_logged_once_and_not_at_every_look(
    installation: ServiceMailInstallation,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    looks = 0
    real = ServiceMailWorker.process_due

    def empty(box: ServiceMailWorker) -> ServiceMailReport | None:
        nonlocal looks
        looks += 1
        return real(box)

    monkeypatch.setattr("digest.subscriptions.service_mail_worker.POLL_SECONDS", 0.01)
    monkeypatch.setattr(ServiceMailWorker, "process_due", empty)
    caplog.set_level("INFO")
    with installation.store.begin() as unit:
        unit.runs.pause("the relay refuses us", NOW)
    box = ServiceMailWorker(installation.store, installation.settings(), clock=installation.clock)
    with box.running():
        for _ in range(500):
            if looks > 3:
                break
            box._stop.wait(0.01)
    assert looks > 3
    assert caplog.text.count("the relay refuses us") == 1


def test_a_goodbye_leads_to_pages_only_where_readers_can_reach_them(
    installation: ServiceMailInstallation,
) -> None:
    installation.send()
    with installation.store.begin() as unit:
        unit.subscribers.set_state(1, SubscriberState.ACTIVE, "", NOW)
    subscriptions.unsubscribe(
        installation.store, 1, reason="by mail", now=NOW, goodbye=True, origin="mail"
    )
    here = replace(
        installation.settings(),
        list_identity=replace(LETTERHEAD, base_url="http://127.0.0.1:8000"),
        pages_are_known=False,
    )
    assert send_service_mails(installation.store, here, clock=installation.clock).sent == 1
    text = installation.transport.mails[-1].content.decode()
    assert "127.0.0.1" not in text
    assert "write to papers@example.org" in text


@pytest.mark.parametrize("pages", [True, False])
def test_who_is_asked_whether_to_leave_can_do_so_with_and_without_pages(
    installation: ServiceMailInstallation, pages: bool
) -> None:
    installation.send()
    with installation.store.begin() as unit:
        unit.subscribers.set_state(1, SubscriberState.ACTIVE, "", NOW)
    assert (
        subscriptions.offer_to_leave(installation.store, 1, now=NOW)
        is subscriptions.LeaveOffer.PLANNED
    )
    settings = replace(installation.settings(), pages_are_known=pages)
    assert send_service_mails(installation.store, settings, clock=installation.clock).sent == 1
    mail = parse_message(installation.transport.mails[-1].content)
    assert mail["Auto-Submitted"] == "auto-replied"
    text = "".join(part.get_content() for part in mail.walk() if not part.is_multipart())
    token = sign_token("unsubscribe", 1, settings.keys)
    assert text.count(f"mailto:papers@example.org?subject=unsubscribe%20{token}") >= 2
    assert (f"{LETTERHEAD.web}/unsubscribe/{token}" in text) is pages


def test_the_letterbox_works_when_it_is_rung_and_outlives_a_bad_moment(
    installation: ServiceMailInstallation,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("digest.subscriptions.service_mail_worker.POLL_SECONDS", 0.01)
    caplog.set_level("INFO")
    real = subscriptions.process_sign_ups
    troubles: list[Exception] = [
        StoreBusyError("locked", where="reader@example.org"),
        RuntimeError("reader@example.org"),
    ]

    def settle(
        store: Store, *, now: datetime, unconfirmed_lasts: timedelta, rule: SignUpRule
    ) -> int:
        if troubles:
            raise troubles.pop()
        return real(store, now=now, unconfirmed_lasts=unconfirmed_lasts, rule=rule)

    monkeypatch.setattr(subscriptions.service_mail_worker, "process_sign_ups", settle)
    box = ServiceMailWorker(installation.store, installation.settings(), clock=installation.clock)
    with box.running():
        box.wake()
        for _ in range(500):
            if installation.transport.mails:
                break
            box._stop.wait(0.01)
    assert len(installation.transport.mails) == 1
    assert "locked" in caplog.text
    assert "reader@" not in caplog.text


def test_a_letter_to_a_damaged_record_is_set_aside_and_the_others_leave(
    installation: ServiceMailInstallation,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("bob", "unlucky", "cyd"):
        subscriptions.add_subscriber(
            installation.store,
            subscriptions.NewSubscriber(f"{name}@example.org", Preferences(), confirmed=False),
            now=NOW,
        )
    with installation.store.begin() as unit:
        for id, damage in ((1, "preferences = '{'"), (2, "email = 'a' || char(10) || '@b.org'")):
            unit.connection.exec_driver_sql(f"UPDATE subscribers SET {damage} WHERE id = {id}")
    real = sign_token
    monkeypatch.setattr(
        service_mail_composer,
        "sign_token",
        lambda purpose, id, keys: real(purpose, 7 // (id - 3), keys),
    )
    installation.send()
    assert [mail.recipient for mail in installation.transport.mails] == ["cyd@example.org"]
    assert installation.states() == {
        DeliveryState.EXCLUDED: 2,
        DeliveryState.DEFERRED: 1,
        DeliveryState.ACCEPTED: 1,
    }
    assert "subscriber 3 could not be composed: ZeroDivisionError" in caplog.text
    assert "subscriber 1: their record cannot be used: preferences" in caplog.text
    monkeypatch.undo()
    installation.clock.now += timedelta(hours=1)
    installation.send()
    assert len(installation.transport.mails) == 2


def test_a_letter_from_the_future_leaves_and_does_not_bar_those_to_come(
    installation: ServiceMailInstallation,
) -> None:
    far = timedelta(days=4_000)
    with installation.store.begin() as unit:
        unit.connection.exec_driver_sql("DELETE FROM letters")
        subscriber = unit.subscribers.by_id(1)
        assert subscriber is not None
        assert subscriptions.sign_up.plan_confirmation_mail(unit, subscriber, NOW + far)
    assert installation.send().sent == 1
    with installation.store.begin() as unit:
        assert not subscriptions.sign_up.plan_confirmation_mail(
            unit, subscriber, NOW + timedelta(hours=23)
        )
        assert subscriptions.sign_up.plan_confirmation_mail(
            unit, subscriber, NOW + timedelta(hours=24)
        )
    installation.clock.now += timedelta(hours=24)
    assert installation.send().sent == 1
