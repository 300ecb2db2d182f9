"""A week of the daemon under a clock that tests move: which editions, when, with which papers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from installation import PARIS, Installation, papers_named

from digest import subscriptions
from digest.daily.deliver import DeliverOptions
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
    """The scheduler's own jobs, called when they would wake, under the installation's clock."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        jobs = Jobs(
            daily=lambda: installation.run_day(),
            ingest=lambda: installation.ingest(),
            deliver_due=lambda: installation.deliver_due(),
            last_daily=installation.daily_run.last_run,
        )
        scheduler = build_scheduler(
            jobs,
            send_at=EIGHT,
            zone=PARIS,
            ingest_every=timedelta(hours=1),
            clock=installation.clock,
        )
        self.deliver_due: Callable[[], None] = scheduler.get_job("deliver_due").func
        self.daily: Callable[[], None] = scheduler.get_job("daily").func
        self.ingest: Callable[[], None] = scheduler.get_job("ingest").func

    def run(self, until: datetime) -> None:
        """From now on until then, as if it had just been started."""
        clock = self.installation.clock
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
    installation = Installation(tmp_path, at(thursday - timedelta(days=1), 12))
    installation.subscribe("daily@example.org")
    installation.subscribe("weekdays@example.org", frequency=Frequency.WEEKDAYS)
    installation.run_day()  # the house is in use; nothing is known yet
    daemon = Daemon(installation)

    daemon.run(at(thursday, 7))
    installation.dump("ABC")
    daemon.run(at(friday, 9, 30))
    installation.dump("BD", name="late")
    daemon.run(at(saturday, 6))
    installation.dump("DE", name="first-of-two")
    daemon.run(at(saturday, 7))
    installation.dump("F", name="second-of-two")
    daemon.run(at(sunday, 6, 30))
    installation.dump("G")
    daemon.run(at(sunday, 20))

    # The machine is off from Sunday evening to Tuesday afternoon; the dumps arrive all the same.
    installation.clock.now = at(monday, 6)
    installation.dump("H")
    installation.clock.now = at(tuesday, 6)
    installation.dump("I")
    installation.clock.now = at(tuesday, 15)
    daemon = Daemon(installation)
    daemon.run(at(wednesday, 6))
    installation.dump("IA", name="nothing-new")
    daemon.run(at(wednesday, 12))

    assert installation.papers_by_day() == {
        thursday: "ABC",
        saturday: "DEF",
        sunday: "G",
        tuesday: "HI",
    }
    assert installation.papers_by_day(EditionKind.WEEKDAYS) == {tuesday: "DEFGHI"}
    published = {one.edition.day: one.published_at for one in installation.editions()}
    assert [published[day] for day in (thursday, saturday, sunday)] == [
        at(day, 8) for day in (thursday, saturday, sunday)
    ]
    assert published[tuesday] == at(tuesday, 15)

    texts = [plain_text(mail) for mail in installation.transport.to("daily@example.org")]
    assert [papers_named(text) for text in texts] == ["ABC", "DEF", "G", "HI"]
    texts = [plain_text(mail) for mail in installation.transport.to("weekdays@example.org")]
    assert [papers_named(text) for text in texts] == ["ABC", "DEFGHI"]


def test_a_quiet_day_says_why(tmp_path: Path) -> None:
    installation = Installation(tmp_path, at(AUTUMN, 8))
    installation.subscribe("a@example.org")
    assert "no dump" in installation.run_day().no_mail_reason
    installation.dump("A")
    assert installation.run_day().no_mail_reason == ""
    installation.clock.now += timedelta(days=1)
    assert "no new dump" in installation.run_day().no_mail_reason
    installation.dump("A", page_date=AUTUMN)
    assert "0 of 1 papers read are new" in installation.run_day().no_mail_reason


def test_a_second_run_on_the_same_day_sends_nothing_and_keeps_what_came_since(
    tmp_path: Path,
) -> None:
    installation = Installation(tmp_path, at(AUTUMN, 8))
    installation.subscribe("a@example.org")
    installation.dump("A")
    installation.run_day()
    installation.clock.now += timedelta(hours=1)
    installation.dump("B")
    report = installation.run_day()
    assert report.delivered.sent == 0
    assert "1 new paper will be in the next one" in report.no_mail_reason
    installation.clock.now += timedelta(days=1)
    installation.run_day()
    assert list(installation.papers_by_day().values()) == ["A", "B"]


def test_weekly_readers_get_the_past_week_once_also_after_a_missed_monday(tmp_path: Path) -> None:
    monday = date(2026, 11, 16)
    installation = Installation(tmp_path, at(monday, 8))
    installation.subscribe("weekly@example.org", frequency=Frequency.WEEKLY)
    installation.dump("AB")
    installation.run_day()
    installation.clock.now = at(monday + timedelta(days=2), 8)
    installation.dump("BC")
    installation.run_day()
    assert installation.transport.to("weekly@example.org") == []
    installation.clock.now = at(
        monday + timedelta(days=8), 9
    )  # Tuesday; the machine was off on Monday
    installation.run_day()
    installation.run_day()
    (mail,) = installation.transport.to("weekly@example.org")
    assert papers_named(plain_text(mail)) == "ABC"


def test_who_unsubscribes_after_the_plan_is_not_sent_to(tmp_path: Path) -> None:

    installation = Installation(tmp_path, at(AUTUMN, 8))
    gone, _ = installation.subscribe("gone@example.org", "stays@example.org")
    installation.dump("A")
    installation.ingest()
    (published,) = installation.publish_editions().editions
    freeze_audience(installation.store, installation.editorial, published, installation.clock)
    subscriptions.unsubscribe_by_id(
        installation.store, gone.id, reason="asked to", now=installation.clock()
    )
    report = installation.deliver()
    assert (report.tally.accepted, report.tally.excluded) == (1, 1)
    assert report.tally.balanced
    assert [mail.recipient for mail in installation.transport.mails] == ["stays@example.org"]


def test_readers_own_hours_are_kept_unless_told_to_send_now(tmp_path: Path) -> None:

    installation = Installation(tmp_path, at(date(2026, 11, 20), 8))
    installation.subscribe("early@example.org")
    installation.subscribe("evening@example.org", hour=18)
    installation.dump("A")
    report = installation.run_day()
    assert (report.delivered.sent, report.delivered.tally.planned) == (1, 1)
    installation.clock.now = at(date(2026, 11, 20), 17, 59)
    waiting = installation.deliver()
    assert waiting.sent == 0
    assert "no delivery is due before 2026-11-20 17:00 UTC" in waiting.no_mail_reason
    sent = installation.deliver(DeliverOptions(ignore_due=True))
    assert sent.sent == 1
    installation.clock.now = at(date(2026, 11, 20), 18, 1)
    assert installation.deliver().sent == 0


def test_an_edition_too_old_is_not_sent_and_says_so(tmp_path: Path) -> None:

    installation = Installation(tmp_path, at(AUTUMN, 8))
    installation.subscribe("a@example.org")
    installation.dump("A")
    installation.ingest()
    installation.publish_editions()
    installation.clock.now += timedelta(hours=37)
    report = installation.deliver()
    assert report.sent == 0
    assert installation.transport.mails == []
    with pytest.raises(InputError, match="may not be sent after"):
        installation.deliver(DeliverOptions(day=AUTUMN))
    with pytest.raises(InputError, match="there is no edition of"):
        installation.deliver(DeliverOptions(day=SPRING))


def test_the_first_reader_of_a_new_list_still_gets_the_days_edition(tmp_path: Path) -> None:
    installation = Installation(tmp_path, at(AUTUMN, 8))
    installation.dump("A")
    assert "nobody is subscribed" in installation.run_day().delivered.no_mail_reason
    assert installation.deliver_due() is None
    installation.subscribe("first@example.org")
    installation.deliver_due()
    installation.subscribe("second@example.org")
    assert installation.deliver_due() is None
    assert [mail.recipient for mail in installation.transport.mails] == ["first@example.org"]


def test_a_relay_out_of_reach_is_the_reason_as_long_as_mails_wait(tmp_path: Path) -> None:
    from dataclasses import replace

    from digest.delivery.smtp import RelaySettings, SmtpTransport
    from digest.tls import Security

    installation = Installation(tmp_path, at(AUTUMN, 8))
    installation.subscribe("a@example.org")
    installation.dump("A")
    nowhere = SmtpTransport(RelaySettings("127.0.0.1", 9, security=Security.NONE))
    day = replace(
        installation.daily_run, delivery=replace(installation.delivery, transport=nowhere)
    )
    for _ in range(2):
        assert "connect" in day.run(clock=installation.clock).no_mail_reason
        assert "connect" in str(installation.status().no_mail_reason)
        installation.clock.now += timedelta(minutes=10)
