"""A week of the daemon under a clock that tests move: which editions, when, with which papers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from factories import PARIS, Newsroom, letters

from digest import subscriptions
from digest.daily.deliver import DeliverOptions, deliver
from digest.daily.freeze_audience import freeze_audience
from digest.errors import InputError
from digest.hours import next_wall_clock
from digest.model import EditionKind, Frequency
from digest.scheduler import Jobs, build_scheduler

EIGHT = time(8)
AUTUMN = date(2026, 10, 25)  # the Sunday on which Paris goes back to winter time
SPRING = date(2027, 3, 28)  # and the one on which it leaves it
STEP = timedelta(minutes=30)


def plain_text(mail: EmailMessage) -> str:
    """The text part of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


class Daemon:
    """The scheduler's own jobs, called when they would wake, under the newsroom's clock."""

    def __init__(self, room: Newsroom) -> None:
        self.room = room
        jobs = Jobs(
            daily=lambda: room.day.run(clock=room.clock),
            ingest=lambda: room.day.ingest(clock=room.clock),
            deliver_due=lambda: room.day.deliver_due(clock=room.clock),
            last_daily=room.day.last_run,
        )
        scheduler = build_scheduler(
            jobs,
            send_at=EIGHT,
            zone=PARIS,
            ingest_every=timedelta(hours=1),
            clock=room.clock,
        )
        self.deliver_due: Callable[[], None] = scheduler.get_job("deliver_due").func
        self.daily: Callable[[], None] = scheduler.get_job("daily").func
        self.ingest: Callable[[], None] = scheduler.get_job("ingest").func

    def run(self, until: datetime) -> None:
        """From now on until then, as if it had just been started."""
        clock = self.room.clock
        moment = next_wall_clock(clock.now - timedelta(microseconds=1), EIGHT, PARIS)
        look = clock.now
        while clock.now < until:
            self.deliver_due()
            if clock.now >= look:
                self.ingest()
                look += timedelta(hours=1)
            if clock.now >= moment:
                self.daily()
                moment = next_wall_clock(clock.now, EIGHT, PARIS)
            clock.now = min(clock.now + STEP, until, *([moment] if moment > clock.now else []))


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize("sunday", [AUTUMN, SPRING], ids=["autumn", "spring"])
def test_a_week_with_a_clock_change_a_day_off_a_late_dump_and_two_dumps_in_a_day(
    tmp_path: Path, sunday: date
) -> None:
    thursday, friday, saturday, monday, tuesday, wednesday = (
        sunday + timedelta(days=n) for n in (-3, -2, -1, 1, 2, 3)
    )
    room = Newsroom(tmp_path, at(thursday - timedelta(days=1), 12))
    room.subscribe("daily@example.org")
    room.subscribe("weekdays@example.org", frequency=Frequency.WEEKDAYS)
    room.day.run(clock=room.clock)  # the house is in use; nothing is known yet
    daemon = Daemon(room)

    daemon.run(at(thursday, 7))
    room.dump("ABC")
    daemon.run(at(friday, 9, 30))
    room.dump("BD", name="late")
    daemon.run(at(saturday, 6))
    room.dump("DE", name="first-of-two")
    daemon.run(at(saturday, 7))
    room.dump("F", name="second-of-two")
    daemon.run(at(sunday, 6, 30))
    room.dump("G")
    daemon.run(at(sunday, 20))

    # The machine is off from Sunday evening to Tuesday afternoon; the dumps arrive all the same.
    room.clock.now = at(monday, 6)
    room.dump("H")
    room.clock.now = at(tuesday, 6)
    room.dump("I")
    room.clock.now = at(tuesday, 15)
    daemon = Daemon(room)
    daemon.run(at(wednesday, 6))
    room.dump("IA", name="nothing-new")
    daemon.run(at(wednesday, 12))

    assert room.told() == {thursday: "ABC", saturday: "DEF", sunday: "G", tuesday: "HI"}
    assert room.told(EditionKind.WEEKDAYS) == {tuesday: "DEFGHI"}
    published = {one.edition.day: one.published_at for one in room.editions()}
    assert [published[day] for day in (thursday, saturday, sunday)] == [
        at(day, 8) for day in (thursday, saturday, sunday)
    ]
    assert published[tuesday] == at(tuesday, 15)

    texts = [plain_text(mail) for mail in room.transport.to("daily@example.org")]
    assert [letters(text) for text in texts] == ["ABC", "DEF", "G", "HI"]
    texts = [plain_text(mail) for mail in room.transport.to("weekdays@example.org")]
    assert [letters(text) for text in texts] == ["ABC", "DEFGHI"]


def test_a_quiet_day_says_why(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, at(AUTUMN, 8))
    room.subscribe("a@example.org")
    assert "no dump" in room.day.run(clock=room.clock).no_mail_reason
    room.dump("A")
    assert room.day.run(clock=room.clock).no_mail_reason == ""
    room.clock.now += timedelta(days=1)
    assert "no new dump" in room.day.run(clock=room.clock).no_mail_reason
    room.dump("A", page_date=AUTUMN)
    assert "0 of 1 papers read are new" in room.day.run(clock=room.clock).no_mail_reason


def test_a_second_run_on_the_same_day_sends_nothing_and_keeps_what_came_since(
    tmp_path: Path,
) -> None:
    room = Newsroom(tmp_path, at(AUTUMN, 8))
    room.subscribe("a@example.org")
    room.dump("A")
    room.day.run(clock=room.clock)
    room.clock.now += timedelta(hours=1)
    room.dump("B")
    report = room.day.run(clock=room.clock)
    assert report.delivered.sent == 0
    assert "1 new paper will be in the next one" in report.no_mail_reason
    room.clock.now += timedelta(days=1)
    room.day.run(clock=room.clock)
    assert list(room.told().values()) == ["A", "B"]


def test_weekly_readers_get_the_past_week_once_also_after_a_missed_monday(tmp_path: Path) -> None:
    monday = date(2026, 11, 16)
    room = Newsroom(tmp_path, at(monday, 8))
    room.subscribe("weekly@example.org", frequency=Frequency.WEEKLY)
    room.dump("AB")
    room.day.run(clock=room.clock)
    room.clock.now = at(monday + timedelta(days=2), 8)
    room.dump("BC")
    room.day.run(clock=room.clock)
    assert room.transport.to("weekly@example.org") == []
    room.clock.now = at(monday + timedelta(days=8), 9)  # Tuesday; the machine was off on Monday
    room.day.run(clock=room.clock)
    room.day.run(clock=room.clock)
    (mail,) = room.transport.to("weekly@example.org")
    assert letters(plain_text(mail)) == "ABC"


def test_who_unsubscribes_after_the_plan_is_not_sent_to(tmp_path: Path) -> None:

    room = Newsroom(tmp_path, at(AUTUMN, 8))
    gone, _ = room.subscribe("gone@example.org", "stays@example.org")
    room.dump("A")
    room.day.ingest(clock=room.clock)
    (published,) = room.day.publish(clock=room.clock).editions
    freeze_audience(room.store, room.editorial, published, room.clock)
    subscriptions.unsubscribe_by_id(room.store, gone.id, reason="asked to", now=room.clock())
    report = deliver(room.store, room.editorial, room.delivery, clock=room.clock)
    assert (report.tally.accepted, report.tally.excluded) == (1, 1)
    assert report.tally.balanced
    assert [mail.recipient for mail in room.transport.mails] == ["stays@example.org"]


def test_readers_own_hours_are_kept_unless_told_to_send_now(tmp_path: Path) -> None:

    room = Newsroom(tmp_path, at(date(2026, 11, 20), 8))
    room.subscribe("early@example.org")
    room.subscribe("evening@example.org", hour=18)
    room.dump("A")
    report = room.day.run(clock=room.clock)
    assert (report.delivered.sent, report.delivered.tally.planned) == (1, 1)
    room.clock.now = at(date(2026, 11, 20), 17, 59)
    waiting = deliver(room.store, room.editorial, room.delivery, clock=room.clock)
    assert waiting.sent == 0
    assert "no delivery is due before 2026-11-20 17:00 UTC" in waiting.no_mail_reason
    sent = deliver(
        room.store, room.editorial, room.delivery, DeliverOptions(ignore_due=True), clock=room.clock
    )
    assert sent.sent == 1
    room.clock.now = at(date(2026, 11, 20), 18, 1)
    assert deliver(room.store, room.editorial, room.delivery, clock=room.clock).sent == 0


def test_an_edition_too_old_is_not_sent_and_says_so(tmp_path: Path) -> None:

    room = Newsroom(tmp_path, at(AUTUMN, 8))
    room.subscribe("a@example.org")
    room.dump("A")
    room.day.ingest(clock=room.clock)
    room.day.publish(clock=room.clock)
    room.clock.now += timedelta(hours=37)
    report = deliver(room.store, room.editorial, room.delivery, clock=room.clock)
    assert report.sent == 0
    assert room.transport.mails == []
    with pytest.raises(InputError, match="may not be sent after"):
        deliver(
            room.store, room.editorial, room.delivery, DeliverOptions(day=AUTUMN), clock=room.clock
        )
    with pytest.raises(InputError, match="there is no edition of"):
        deliver(
            room.store, room.editorial, room.delivery, DeliverOptions(day=SPRING), clock=room.clock
        )


def test_the_first_reader_of_a_new_list_still_gets_the_days_edition(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, at(AUTUMN, 8))
    room.dump("A")
    assert "nobody is subscribed" in room.day.run(clock=room.clock).delivered.no_mail_reason
    assert room.day.deliver_due(clock=room.clock) is None
    room.subscribe("first@example.org")
    room.day.deliver_due(clock=room.clock)
    room.subscribe("second@example.org")
    assert room.day.deliver_due(clock=room.clock) is None
    assert [mail.recipient for mail in room.transport.mails] == ["first@example.org"]


def test_a_relay_out_of_reach_is_the_reason_as_long_as_mails_wait(tmp_path: Path) -> None:
    from dataclasses import replace

    from digest.daily.status import read_status
    from digest.delivery.smtp import RelaySettings, SmtpTransport
    from digest.tls import Security

    room = Newsroom(tmp_path, at(AUTUMN, 8))
    room.subscribe("a@example.org")
    room.dump("A")
    nowhere = SmtpTransport(RelaySettings("127.0.0.1", 9, security=Security.NONE))
    day = replace(room.day, delivery=replace(room.delivery, transport=nowhere))
    for _ in range(2):
        assert "connect" in day.run(clock=room.clock).no_mail_reason
        assert "connect" in str(
            read_status(room.store, room.editorial, clock=room.clock).no_mail_reason
        )
        room.clock.now += timedelta(minutes=10)
