"""arXiv: today's announcements from its feed, missed days from its repository."""

from __future__ import annotations

from datetime import date

import httpx
import pytest
from sources.services.invented_web import InventedWeb
from sources.test_feeds import ARXIV as FEED

from digest.errors import SourceError
from digest.model import AnnounceType, Dump, Rejected

FRIDAY = date(2026, 11, 20)
SATURDAY = date(2026, 11, 21)
EMPTY_FEED = "<rss version='2.0'><channel><title>cs.LG updates</title></channel></rss>"


def record(number: str, categories: str, created: str) -> str:
    return (
        f'<record><header/><metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{number}</id>'
        f"<created>{created}</created><title>Lanterns, Part {number}</title>"
        f"<categories>{categories}</categories><abstract>We light lanterns.</abstract></arXiv>"
        "</metadata></record>"
    )


MISSED = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
    + record("2611.00011", "cs.LG stat.ML", "2026-11-17")
    + record("2611.00012", "cs.CV cs.LG", "2026-11-17")
    + record("2509.00013", "cs.LG", "2025-09-01")
    + record("2611.00014", "cs.DB", "2026-11-17")
    + "</ListRecords></OAI-PMH>"
)


def feed(request: httpx.Request) -> str | None:
    return FEED if request.headers["Host"] == "rss.arxiv.org" else None


def repository(request: httpx.Request) -> str | None:
    return MISSED if request.headers["Host"] == "oaipmh.arxiv.org" else None


def test_todays_announcements_come_from_the_feed_alone() -> None:
    web = InventedWeb(feed, repository)
    (dump,) = web.read("arxiv:cs.LG+cs.CL", today=FRIDAY, last_read=date(2026, 11, 19))
    assert isinstance(dump, Dump)
    assert [entry.announced for entry in dump.records] == [
        AnnounceType.NEW, AnnounceType.REPLACE_CROSS,
    ]  # fmt: skip
    assert web.asked == ["rss.arxiv.org/rss/cs.LG+cs.CL"]


def test_missed_days_come_from_the_repository_first() -> None:
    web = InventedWeb(feed, repository)
    missed, _ = web.read("arxiv:cs.LG", today=FRIDAY, last_read=date(2026, 11, 16))
    assert isinstance(missed, Dump)
    assert [(entry.external_id, entry.announced) for entry in missed.records] == [
        ("2611.00011", AnnounceType.NEW),
        ("2611.00012", AnnounceType.CROSS),
        ("2509.00013", AnnounceType.REPLACE),
    ]
    assert "set=cs%3Acs%3ALG&from=2026-11-16&until=2026-11-19" in web.asked[0]


def test_an_empty_feed_on_a_weekday_is_a_suspicion_and_on_a_weekend_nothing() -> None:
    web = InventedWeb(lambda request: EMPTY_FEED)
    (rejected,) = web.read("arxiv:cs.LG", today=FRIDAY)
    assert isinstance(rejected, Rejected)
    assert "nothing on a weekday" in rejected.reason
    assert web.read("arxiv:cs.LG", today=SATURDAY) == []


@pytest.mark.parametrize(
    "location", ["arxiv:", "arxiv:cs.LG+", "arxiv:Machine Learning", "arxiv:cs/LG"]
)
def test_what_is_no_category_is_said_before_anything_is_asked(location: str) -> None:
    web = InventedWeb()
    with pytest.raises(SourceError, match="category"):
        web.read(location, today=FRIDAY)
    assert web.asked == []
