"""A week of the daemon's deliveries, with readers around the world and clocks that change under them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from installation import ABOUTS, Installation

READERS = {
    # zone, hour on their own clock
    "paris": ("Europe/Paris", 7),
    "kolkata": ("Asia/Kolkata", 9),
    "adelaide": ("Australia/Adelaide", 6),
    "newyork": ("America/New_York", 22),
    "auckland": ("Pacific/Auckland", 0),
    "losangeles": ("America/Los_Angeles", 2),
}
WEEKS = {
    "Europe's clocks go back": datetime(2026, 10, 22, 5, 0, tzinfo=UTC),
    "America's clocks go back": datetime(2026, 10, 29, 5, 0, tzinfo=UTC),
    "Europe's clocks go forward": datetime(2027, 3, 25, 5, 0, tzinfo=UTC),
    "Adelaide's clocks go forward": datetime(2026, 10, 1, 5, 0, tzinfo=UTC),
}
ONLY_SLOW = ("America's clocks go back", "Adelaide's clocks go forward")
"""The same week elsewhere on the globe."""


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(start, id=change, marks=[pytest.mark.slow] if change in ONLY_SLOW else [])
        for change, start in WEEKS.items()
    ],
)
def test_everyone_is_served_once_a_day_at_their_own_hour(tmp_path: Path, start: datetime) -> None:
    installation = Installation(tmp_path, start)
    for name, (zone, hour) in READERS.items():
        installation.subscribe(f"{name}@example.org", timezone=zone, hour=hour)
    installation.subscribe("list@example.org")
    served: dict[str, list[datetime]] = defaultdict(list)
    published: set[date] = set()
    papers = iter(ABOUTS)
    while installation.clock.now < start + timedelta(days=8):
        local = installation.clock.now.astimezone(installation.editorial.zone)
        if local.hour == 8 and local.minute == 0 and len(published) < 7:
            installation.dump(next(papers))
            installation.run_day()
            published.add(local.date())
        else:
            installation.deliver_due()
        for mail in installation.transport.mails:
            served[mail.recipient.partition("@")[0]].append(installation.clock.now)
        installation.transport.mails.clear()
        installation.clock.now += timedelta(minutes=30)
    assert len(published) == 7
    assert [at.astimezone(installation.editorial.zone).hour for at in served["list"]] == [8] * 7
    for name, (zone, hour) in READERS.items():
        local_times = [at.astimezone(ZoneInfo(zone)) for at in served[name]]
        assert len(local_times) == 7, (name, local_times)
        assert len({at.date() for at in local_times}) == 7, name
        at_their_hour = [at for at in local_times if (at.hour, at.minute) == (hour, 0)]
        # An hour that a clock skips comes an hour later, once.
        assert len(at_their_hour) >= 6, (name, local_times)
        assert all(abs(at.hour - hour) <= 1 for at in local_times), (name, local_times)
    for edition in installation.editions():
        with installation.store.read() as unit:
            tally = unit.outbox.tally(edition.id)
        assert tally.balanced
        assert tally.accepted == tally.planned_at_start == len(READERS) + 1
    installation.store.close()
