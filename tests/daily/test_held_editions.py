"""An edition is shown to a few first: they stop it, or everybody gets it, once, and no paper is lost."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from daily.held_installation import EDITORS, HOUR, OPERATOR, HeldInstallation
from fakes import parse_message
from fixtures.stores import SHARED_STORES
from installation import PARIS, papers_named

from digest.daily.daily_run import DailyRun
from digest.daily.deliver import DeliverOptions, deliver
from digest.daily.deliver_due import deliver_due
from digest.daily.edition_previews import LEASE_TIME
from digest.daily.held_editions import (
    DAILY,
    discard_editions,
    release_editions,
    stop_editions,
)
from digest.daily.withdraw import withdraw
from digest.delivery.retry import Reply, SmtpStage
from digest.errors import InputError, RelayUnavailableError
from digest.model import DeliveryState, EditionKind, Frequency, HoldState

MONDAY = datetime(2026, 11, 16, 8, tzinfo=PARIS)
TUESDAY = MONDAY + timedelta(days=1)
READERS = ("ada@example.org", "bo@example.org", "cy@example.org")


@pytest.fixture(params=SHARED_STORES)
def kind(request: pytest.FixtureRequest) -> str:
    """Both databases that more than one sender can share."""
    return str(request.param)


@pytest.fixture
def installation(tmp_path: Path, address: str) -> Iterator[HeldInstallation]:
    made = HeldInstallation(tmp_path, MONDAY, address)
    made.subscribe(*READERS)
    yield made
    made.store.close()


def test_a_few_see_it_first_and_everybody_once_the_hold_is_over(
    installation: HeldInstallation,
) -> None:
    installation.dump("AB")
    report = installation.run_day()
    assert installation.recipients == list(EDITORS)
    assert "held until 2026-11-16 08:00 UTC" in report.delivered.no_mail_reason
    assert report.ok
    preview = installation.transport.to(EDITORS[0])[0]
    assert preview["Subject"].startswith("[Preview] ")
    body = preview.get_body(("plain",))
    assert body is not None
    assert "is sent to everybody at 09:00 on Monday, 16 November 2026 (Europe/Paris)" in " ".join(
        body.get_content().split()
    )
    installation.later(minutes=59)
    assert installation.pulse() is None
    assert installation.deliver().sent == 0
    options = DeliverOptions(day=MONDAY.date(), ignore_due=True)
    assert installation.deliver(options).sent == 0
    assert installation.recipients == list(EDITORS)
    installation.later(minutes=1)
    sent = installation.pulse()
    assert sent is not None
    assert sent.sent == 3
    assert installation.recipients == [*EDITORS, *READERS]
    installation.later(hours=3)
    assert installation.pulse() is None
    assert (
        len({parse_message(mail.content)["Message-ID"] for mail in installation.transport.mails})
        == 5
    )


def test_who_is_stopped_by_nobody_is_not_told_of(installation: HeldInstallation) -> None:
    installation.publish("A")
    installation.pulse()
    installation.later(hours=1)
    installation.pulse()
    assert installation.transport.to(OPERATOR) == []


def test_the_link_stops_it_once_and_the_operator_hears_of_it_once(
    installation: HeldInstallation,
) -> None:
    installation.publish("AB")
    installation.pulse()
    assert installation.stop_by_link()
    assert not installation.stop_by_link()
    assert not installation.stop_by_link(EDITORS[1])
    installation.later(hours=2)
    for _ in range(3):
        installation.pulse()
    assert installation.recipients == list(EDITORS)
    (told,) = installation.transport.to(OPERATOR)
    body = told.get_body(("plain",))
    assert body is not None
    words = " ".join(body.get_content().split())
    assert "by the link in preview mail 1" in words
    assert "digest release 2026-11-16" in words
    status = installation.status()
    assert status.no_mail_reason is not None
    assert "was stopped by the link in preview mail 1" in status.no_mail_reason
    assert status.as_dict()["editions"][0]["hold"]["state"] == "stopped"
    run = installation.run_day()
    assert "was stopped by the link" in run.delivered.no_mail_reason


def test_what_is_released_goes_out_as_it_stands_and_no_link_stops_it_again(
    installation: HeldInstallation,
) -> None:
    installation.publish("AB")
    installation.pulse()
    installation.stop_by_link()
    (first, _) = installation.editions()[0].edition.entries
    withdraw(
        installation.store, installation.publishing, str(first.paper_id), clock=installation.clock
    )
    (line,) = release_editions(installation.store, MONDAY.date(), clock=installation.clock)
    assert "is released" in line
    assert not installation.stop_by_link(EDITORS[1])
    installation.pulse()
    assert installation.recipients == [*EDITORS, *READERS]
    text = installation.transport.to(READERS[0])[0].get_body(("plain",))
    assert text is not None
    assert first.title not in text.get_content()
    with pytest.raises(InputError, match="neither held nor stopped"):
        release_editions(installation.store, MONDAY.date(), clock=installation.clock)


def test_a_held_edition_may_be_released_before_its_time(installation: HeldInstallation) -> None:
    installation.publish("A")
    release_editions(installation.store, MONDAY.date(), clock=installation.clock)
    installation.pulse()
    assert installation.recipients == list(READERS)


def test_the_papers_of_a_discarded_edition_are_in_the_next_one(
    installation: HeldInstallation,
) -> None:
    installation.publish("AB")
    installation.pulse()
    installation.stop_by_link()
    (line,) = discard_editions(installation.store, MONDAY.date(), clock=installation.clock)
    assert "2 papers for the next edition" in line
    assert installation.papers_by_day() == {}
    installation.clock.now = TUESDAY
    installation.publish("C")
    assert installation.papers_by_day() == {TUESDAY.date(): "ABC"}
    installation.pulse()
    installation.later(hours=1)
    installation.pulse()
    (mail,) = installation.transport.to(READERS[0])
    body = mail.get_body(("plain",))
    assert body is not None
    assert papers_named(body.get_content()) == "ABC"


def test_it_may_be_made_anew_on_the_same_day_and_is_held_again(
    installation: HeldInstallation,
) -> None:
    installation.publish("AB")
    installation.pulse()
    stop_editions(installation.store, MONDAY.date(), clock=installation.clock)
    discard_editions(installation.store, MONDAY.date(), clock=installation.clock)
    installation.run_day()
    assert installation.recipients == [*EDITORS, *EDITORS]
    assert installation.hold_state() is HoldState.HELD
    assert installation.linked(mail=0) != installation.linked(mail=1)
    with installation.store.begin() as unit:
        assert not unit.holds.stop_by_link(installation.linked(mail=0), installation.clock())


def test_a_paper_that_was_withdrawn_does_not_come_back(installation: HeldInstallation) -> None:
    installation.publish("AB")
    first = installation.editions()[0].edition.entries[0]
    withdraw(
        installation.store, installation.publishing, str(first.paper_id), clock=installation.clock
    )
    discard_editions(installation.store, MONDAY.date(), clock=installation.clock)
    installation.clock.now = TUESDAY
    installation.publish("C")
    ((_, papers),) = installation.papers_by_day().items()
    assert len(papers) == 2
    assert "C" in papers


def test_what_is_on_its_way_is_stopped_and_not_taken_back(installation: HeldInstallation) -> None:
    installation.publish("A")
    installation.transport.answers = {READERS[2]: Reply.of(SmtpStage.RCPT, 451, "4.2.0 later")}
    installation.pulse()
    installation.later(hours=1)
    installation.pulse()
    assert installation.recipients == [*EDITORS, *READERS[:2]]
    installation.transport.answers = {}
    (line,) = stop_editions(installation.store, MONDAY.date(), clock=installation.clock)
    assert line.endswith("2 mails of it had been sent")
    installation.later(hours=2)
    assert installation.pulse() is None
    with pytest.raises(InputError, match="have left"):
        discard_editions(installation.store, MONDAY.date(), clock=installation.clock)
    status = installation.status()
    assert status.no_mail_reason is not None
    assert "was stopped by digest stop" in status.no_mail_reason
    release_editions(installation.store, MONDAY.date(), clock=installation.clock)
    installation.pulse()
    assert Counter(installation.recipients) == Counter([*EDITORS, *READERS])


def test_a_stop_during_delivery_leaves_nothing_leased_to_be_sent(
    installation: HeldInstallation,
) -> None:
    installation.publish("A")
    release_editions(installation.store, MONDAY.date(), clock=installation.clock)

    class StopAfterOne(type(installation.transport)):  # type: ignore[misc]
        """A relay during whose first mail somebody stops the edition."""

        def deliver(self, mail: object, client: object) -> None:
            stop_editions(installation.store, MONDAY.date(), clock=installation.clock)
            super().deliver(mail, client)

    # Without a journal a sender takes no more in hand than a chunk.
    relay = StopAfterOne()
    slow = replace(installation.delivery, transport=relay, journals=None)
    slow = replace(slow, limits=replace(slow.limits, connections=1, chunk=1))
    report = deliver(installation.store, installation.editorial, slow, clock=installation.clock)
    # What the sender had begun is finished, and nothing after it.
    assert report.sent == len(relay.mails) < 3
    assert report.tally.planned == 3 - report.sent
    assert report.tally.leased == 0
    assert report.tally.balanced


def test_everything_sent_leaves_nothing_to_stop(installation: HeldInstallation) -> None:
    installation.publish("A")
    installation.pulse()
    installation.later(hours=1)
    installation.pulse()
    with pytest.raises(InputError, match="no mail of the edition of 2026-11-16 is left"):
        stop_editions(installation.store, MONDAY.date(), clock=installation.clock)
    assert not installation.stop_by_link()
    with pytest.raises(InputError, match="neither held nor stopped"):
        discard_editions(installation.store, MONDAY.date(), clock=installation.clock)
    with pytest.raises(InputError, match="there is no such edition"):
        stop_editions(installation.store, TUESDAY.date(), clock=installation.clock)


def test_any_edition_may_be_stopped_also_where_nobody_sees_it_first(
    installation: HeldInstallation,
) -> None:
    installation.publishing = replace(installation.publishing, hold=None)
    installation.daily_run = DailyRun(
        installation.store,
        installation.editorial,
        installation.publishing,
        installation.delivery,
        [str(installation.dumps)],
    )
    installation.publish("A")
    stop_editions(installation.store, MONDAY.date(), clock=installation.clock)
    assert stop_editions(installation.store, MONDAY.date(), clock=installation.clock) == [
        "the daily edition of 2026-11-16 was stopped already"
    ]
    assert installation.pulse() is None
    assert installation.recipients == []
    assert installation.transport.to(OPERATOR) == []


# Crashes, relays that fail, and other machines.


def test_a_machine_that_dies_after_publishing_leaves_the_previews_to_the_next(
    installation: HeldInstallation,
) -> None:
    installation.publish("A")
    installation.later(hours=4)
    installation.pulse()
    assert installation.recipients == list(EDITORS)
    installation.later(minutes=59)
    assert installation.pulse() is None
    installation.later(minutes=1)
    installation.pulse()
    assert installation.recipients == [*EDITORS, *READERS]


def test_a_sender_that_dies_before_a_preview_leaves_it_to_another(
    installation: HeldInstallation,
) -> None:
    installation.publish("A")
    with installation.store.begin() as unit:
        assert len(unit.edition_previews.lease(installation.clock(), ttl=LEASE_TIME)) == 2
    installation.pulse()
    assert installation.recipients == []
    installation.later(minutes=16)
    installation.pulse()
    assert installation.recipients == list(EDITORS)


def test_a_preview_in_doubt_is_not_repeated_and_holds_nobody_up(
    installation: HeldInstallation,
) -> None:
    installation.publish("A")
    with installation.store.begin() as unit:
        for preview in unit.edition_previews.lease(installation.clock(), ttl=LEASE_TIME):
            assert unit.edition_previews.begin_sending(preview)
    installation.later(minutes=16)
    installation.pulse()
    assert installation.recipients == []
    with installation.store.read() as unit:
        (hold,) = unit.holds.blocking(installation.clock())
        assert hold.previews == {DeliveryState.UNKNOWN: 2}
        assert hold.until == installation.clock() + HOUR
    installation.later(hours=1)
    installation.pulse()
    assert installation.recipients == list(READERS)


def test_a_preview_that_was_put_off_is_tried_again_and_starts_the_clock_anew(
    installation: HeldInstallation,
) -> None:
    installation.publish("A")
    installation.transport.answers = dict.fromkeys(
        EDITORS, Reply.of(SmtpStage.RCPT, 451, "4.7.1 later")
    )
    installation.pulse()
    assert installation.recipients == []
    installation.later(minutes=30)
    installation.transport.answers = {}
    installation.pulse()
    assert installation.recipients == list(EDITORS)
    installation.later(minutes=45)
    assert installation.pulse() is None
    installation.later(minutes=15)
    installation.pulse()
    assert installation.recipients == [*EDITORS, *READERS]


def test_editors_whom_the_relay_refuses_hold_nobody_up_and_it_is_said(
    installation: HeldInstallation, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    installation.publish("A")
    words = f"5.1.1 <{EDITORS[0]}> is gone"
    installation.transport.answers = dict.fromkeys(EDITORS, Reply.of(SmtpStage.RCPT, 550, words))
    installation.pulse()
    installation.later(hours=1)
    installation.pulse()
    assert installation.recipients == list(READERS)
    assert "nobody had its preview" in caplog.text
    assert EDITORS[0] not in caplog.text
    status = installation.status()
    assert "nobody had its preview (previews: 2 rejected)" in "\n".join(status.lines())
    assert EDITORS[0] not in str(status.as_dict())


def test_a_relay_out_of_reach_is_tried_once_a_round_and_again_later(
    installation: HeldInstallation,
) -> None:
    installation.publish("A")
    opened = []

    class Unreachable(type(installation.transport)):  # type: ignore[misc]
        def open(self) -> object:
            opened.append(1)
            raise RelayUnavailableError("nobody listens", where="relay:25")

    there = installation.delivery
    installation.delivery = replace(there, transport=Unreachable())
    installation.pulse()
    assert opened == [1]
    installation.delivery = there
    installation.later(minutes=10)
    installation.pulse()
    assert installation.recipients == list(EDITORS)


def test_addresses_are_kept_only_until_their_preview_is_done(
    installation: HeldInstallation,
) -> None:
    installation.publish("A")
    installation.transport.answers = {EDITORS[1]: Reply.of(SmtpStage.RCPT, 451, "4.7.1 later")}
    installation.pulse()

    def kept() -> list[str | None]:
        from sqlalchemy import text

        with installation.store.read() as unit:
            rows = unit.connection.execute(text("SELECT email FROM edition_previews ORDER BY id"))
            return [row[0] for row in rows]

    assert kept() == [None, EDITORS[1]]
    installation.stop_by_link()
    assert kept() == [None, None]


def test_a_machine_that_only_sends_begins_nothing_and_sends_the_previews(
    installation: HeldInstallation,
) -> None:
    installation.publish("A")
    other = type(installation.transport)()
    elsewhere = replace(installation.delivery, transport=other, journals=None, sender_files=None)
    report = deliver_due(
        installation.store, installation.editorial, elsewhere, clock=installation.clock
    )
    assert report is not None
    assert report.sent == 0
    assert [mail.recipient for mail in other.mails] == list(EDITORS)
    assert installation.pulse() is None
    installation.later(hours=1)
    deliver_due(installation.store, installation.editorial, elsewhere, clock=installation.clock)
    installation.pulse()
    assert [mail.recipient for mail in other.mails] == [*EDITORS, *READERS]
    assert installation.recipients == []


def test_several_senders_at_once_send_each_preview_once(installation: HeldInstallation) -> None:
    installation.publish("A")
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        installation.pulse()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(installation.recipients) == sorted(EDITORS)


def test_while_sending_is_paused_no_preview_leaves_either(installation: HeldInstallation) -> None:
    installation.publish("A")
    with installation.store.begin() as unit:
        unit.runs.pause("for a test", installation.clock())
    installation.pulse()
    assert installation.recipients == []
    with installation.store.begin() as unit:
        unit.runs.resume()
    installation.pulse()
    assert installation.recipients == list(EDITORS)


def test_a_defect_in_a_preview_is_logged_and_holds_nobody_up(
    installation: HeldInstallation, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def preview_note(self, words: str, *, stop_url: str = "") -> dict[str, str]:
            raise ZeroDivisionError

    installation.publish("A")
    installation.delivery = replace(installation.delivery, renderer=Broken())
    installation.pulse()
    assert "could not be composed: ZeroDivisionError" in caplog.text
    installation.later(hours=1)
    installation.pulse()
    assert installation.recipients == list(READERS)


def test_without_pages_the_preview_names_the_command(tmp_path: Path, address: str) -> None:
    installation = HeldInstallation(tmp_path, MONDAY, address, base=None)
    installation.publish("A")
    installation.pulse()
    message = installation.transport.to(EDITORS[0])[0]
    for part in ("plain", "html"):
        body = message.get_body((part,))
        assert body is not None
        assert "digest stop 2026-11-16" in " ".join(body.get_content().split())
        assert "/stop/" not in body.get_content()
    installation.store.close()


# Editions that tell of the same papers.


def test_a_stop_keeps_back_the_edition_for_readers_without_weekend_mail_too(
    tmp_path: Path, address: str
) -> None:
    friday = MONDAY + timedelta(days=4)
    installation = HeldInstallation(tmp_path, friday, address)
    installation.subscribe("week@example.org", frequency=Frequency.WEEKDAYS)
    installation.subscribe("all@example.org")
    for days, papers in enumerate("AB"):
        installation.clock.now = friday + timedelta(days=days)
        installation.publish(papers)
        installation.pulse()
        installation.later(hours=1)
        installation.pulse()
    installation.clock.now = MONDAY + timedelta(days=7)
    installation.publish("C")
    installation.pulse()
    assert installation.papers_by_day(EditionKind.WEEKDAYS) == {installation.clock().date(): "BC"}
    # Of that day the editors have the daily edition, this one and the weekly one, in this order.
    installation.stop_by_link(mail=-2)
    installation.later(hours=1)
    installation.pulse()
    assert len(installation.transport.to("week@example.org")) == 1
    assert len(installation.transport.to("all@example.org")) == 2
    day = installation.clock().astimezone(PARIS).date()
    lines = discard_editions(installation.store, day, DAILY, clock=installation.clock)
    assert len(lines) == 2
    installation.clock.now += timedelta(days=1)
    installation.publish("D")
    assert installation.papers_by_day(EditionKind.WEEKDAYS) == {day + timedelta(days=1): "BCD"}
    installation.pulse()
    installation.later(hours=1)
    installation.pulse()
    for subscriber, got in {"week@example.org": "ABCD", "all@example.org": "ABCD"}.items():
        bodies = [mail.get_body(("plain",)) for mail in installation.transport.to(subscriber)]
        assert "".join(papers_named(body.get_content()) for body in bodies if body) == got
    installation.store.close()


def test_a_weekly_edition_leaves_out_what_is_stopped_which_then_waits_for_the_next(
    tmp_path: Path, address: str
) -> None:
    sunday = MONDAY - timedelta(days=1)
    installation = HeldInstallation(tmp_path, sunday - timedelta(days=1), address)
    installation.subscribe("weekly@example.org", frequency=Frequency.WEEKLY)
    installation.publish("A")
    release_editions(
        installation.store, installation.editions()[-1].edition.day, clock=installation.clock
    )
    installation.clock.now = sunday
    installation.publish("B")
    installation.pulse()
    installation.stop_by_link()
    installation.clock.now = MONDAY
    installation.publish("C")
    assert installation.papers_by_day(EditionKind.WEEKLY) == {MONDAY.date(): "A"}
    with pytest.raises(InputError, match="was made without it"):
        release_editions(installation.store, sunday.date(), clock=installation.clock)
    discard_editions(installation.store, sunday.date(), clock=installation.clock)
    installation.clock.now = TUESDAY
    installation.publish("D")
    assert installation.papers_by_day()[TUESDAY.date()] == "BD"
    installation.store.close()


def test_a_weekly_edition_tells_of_a_stopped_day_that_some_have_already(
    tmp_path: Path, address: str
) -> None:
    sunday = MONDAY - timedelta(days=1)
    installation = HeldInstallation(tmp_path, sunday, address)
    installation.subscribe(*READERS[:2])
    installation.publish("A")
    release_editions(installation.store, sunday.date(), clock=installation.clock)
    later = Reply.of(SmtpStage.RCPT, 451, "4.2.0 later")
    installation.transport.answers = {READERS[1]: later}
    installation.pulse()
    stop_editions(installation.store, sunday.date(), clock=installation.clock)
    installation.clock.now = MONDAY
    installation.publish("B")
    assert installation.papers_by_day(EditionKind.WEEKLY) == {MONDAY.date(): "A"}
    with pytest.raises(InputError, match="have left"):
        discard_editions(installation.store, sunday.date(), clock=installation.clock)
    release_editions(installation.store, sunday.date(), clock=installation.clock)
    installation.transport.answers = {}
    installation.pulse()
    assert [len(installation.transport.to(subscriber)) for subscriber in READERS[:2]] == [1, 1]
    installation.store.close()


def test_what_a_weekly_edition_tells_of_is_not_taken_back(tmp_path: Path, address: str) -> None:
    sunday = MONDAY - timedelta(days=1)
    installation = HeldInstallation(tmp_path, sunday, address)
    installation.publish("A")
    installation.clock.now = MONDAY
    installation.publish("B")
    assert installation.papers_by_day(EditionKind.WEEKLY) == {MONDAY.date(): "A"}
    with pytest.raises(InputError, match="the weekly edition of 2026-11-16 has papers of it"):
        discard_editions(installation.store, sunday.date(), clock=installation.clock)
    (line,) = discard_editions(
        installation.store, MONDAY.date(), [EditionKind.WEEKLY], clock=installation.clock
    )
    assert "makes it anew" in line
    discard_editions(installation.store, sunday.date(), clock=installation.clock)
    installation.publish_editions()
    assert installation.papers_by_day(EditionKind.WEEKLY) == {}
    installation.store.close()


def test_an_edition_whose_time_is_over_is_not_sent_and_its_papers_may_wait_again(
    installation: HeldInstallation,
) -> None:
    installation.publish("A")
    installation.pulse()
    installation.stop_by_link()
    installation.later(hours=37)
    with pytest.raises(InputError, match="may not be sent after 2026-11-17 19:00 UTC"):
        release_editions(installation.store, MONDAY.date(), clock=installation.clock)
    assert not installation.stop_by_link(EDITORS[1])
    installation.pulse()
    assert installation.recipients == list(EDITORS)
    lines = "\n".join(installation.status().lines())
    assert "was stopped until its time was over: digest discard 2026-11-16" in lines
    discard_editions(installation.store, MONDAY.date(), clock=installation.clock)
    installation.publish("B")
    assert sorted("".join(installation.papers_by_day().values())) == ["A", "B"]
