"""How fast mails may leave."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from delivery.sending import readers, relay, send
from fakes import MemoryOutbox
from smtp_server.behaviours import Behaviour
from smtp_server.server import Sink

from digest.delivery.rate_limit import (
    RateLimiter,
    RateLimits,
)
from digest.delivery.send_limits import SendLimits
from digest.delivery.warm_up import WarmUp


def test_the_total_rate_spaces_mails_evenly() -> None:
    pace = RateLimiter(RateLimits(total=10))
    assert [round(pace.reserve("a", 5.0), 3) for _ in range(3)] == [5.0, 5.1, 5.2]
    assert pace.reserve("b", 9.0) == 9.0


def test_a_slow_domain_holds_up_no_other() -> None:
    pace = RateLimiter(RateLimits(per_domain=1))
    assert [pace.reserve("slow", 0.0) for _ in range(3)] == [0.0, 1.0, 2.0]
    assert pace.reserve("other", 0.0) == 0.0


def test_a_domain_that_complains_waits_longer_each_time_and_recovers() -> None:
    pace = RateLimiter(RateLimits())
    assert not pace.limited
    pace.slow_down("a", 0.0)
    pace.slow_down("a", 0.0)
    assert pace.limited
    assert pace.reserve("a", 0.0) == 2.0
    assert pace.reserve("a", 0.0) == 4.0
    assert pace.reserve("b", 0.0) == 0.0
    pace.speed_up("a")
    pace.speed_up("a")
    pace.speed_up("never slowed")
    assert not pace.limited
    assert pace.reserve("a", 9.0) == 9.0


def test_no_domain_waits_longer_than_a_minute() -> None:
    pace = RateLimiter(RateLimits())
    for _ in range(20):
        pace.slow_down("a", 0.0)
    assert pace.reserve("a", 0.0) == 60.0


def on(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def test_a_new_sender_warms_up() -> None:
    warm_up = WarmUp(date(2026, 11, 20), ZoneInfo("UTC"), (200, 500))
    assert warm_up.left(on(20), 50) == 150
    assert warm_up.left(on(21), 900) == 0
    assert warm_up.left(on(22), 0) is None
    assert warm_up.left(on(19), 0) == 200


def test_the_days_of_the_warm_up_are_those_of_the_lists_zone() -> None:
    warm_up = WarmUp(date(2026, 11, 20), ZoneInfo("Asia/Tokyo"), (200, 500))
    assert warm_up.left(on(20, 14), 0) == 200
    assert warm_up.left(on(20, 15), 0) == 500
    assert warm_up.day_start(on(20, 14)) == on(19, 15)
    assert warm_up.day_start(on(20, 15)) == on(20, 15)


def test_a_day_that_changes_the_clock_is_one_day() -> None:
    warm_up = WarmUp(date(2026, 10, 25), ZoneInfo("Europe/Paris"))
    late = datetime(2026, 10, 25, 22, 59, tzinfo=UTC)
    assert late - warm_up.day_start(late) == timedelta(hours=24, minutes=59)
    assert warm_up.day_start(late + timedelta(minutes=1)) == late + timedelta(minutes=1)


def test_the_warm_up_says_how_much_it_holds_back_and_until_when() -> None:
    warm_up = WarmUp(date(2026, 11, 20), ZoneInfo("UTC"))
    words = warm_up.explain(on(21), 1234)
    for said in ("500 mails today", "1,234 wait until tomorrow", "2026-11-30"):
        assert said in words
    assert warm_up.explain(on(30), 1234) == ""


def test_a_run_keeps_to_the_rate() -> None:
    with Sink() as sink:
        started = time.monotonic()
        limits = SendLimits(connections=2, rates=RateLimits(total=40))
        report = send(MemoryOutbox(readers(21)), relay(sink.port), limits=limits)
    assert report.accepted == 21
    assert 0.45 <= time.monotonic() - started < 5


def test_a_domain_that_says_too_fast_gets_less() -> None:
    ledger = MemoryOutbox([*readers(20), "someone@calm.test"])
    complaints = ["450 4.7.28 too fast, slow down"]

    def rcpt(address: str) -> str | None:
        return complaints.pop() if complaints and address.endswith("@example.test") else None

    with Sink(Behaviour(rcpt=rcpt)) as sink:
        report = send(ledger, relay(sink.port), limits=SendLimits(connections=1, chunk=2))
    assert (report.accepted, report.deferred) == (20, 1)
