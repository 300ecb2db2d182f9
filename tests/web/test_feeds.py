"""The feeds: what was published and nothing else, best first, as programs that read feeds expect."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import feedparser
import pytest
from installation import ABOUTS
from lxml import etree
from web.site_fixture import BASE, RunningSite

from digest.daily.publish import publish
from digest.model import EditionKind

ATOM = "{http://www.w3.org/2005/Atom}"


def entries_of(site: RunningSite, path: str = "/feed.xml") -> list[dict[str, str]]:
    """The entries as a feed reader has them; the feed must be sound."""
    answer = site.visitor.get(path)
    check_atom(answer.content)
    read = feedparser.parse(answer.content)
    assert not read.bozo
    assert read.version == "atom10"
    return [dict(entry) for entry in read.entries]


def check_atom(content: bytes) -> None:
    """What RFC 4287 §4.1 asks of a feed and of each entry."""
    feed = etree.fromstring(content)
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated")).tzinfo
        assert len(element.findall(f"{ATOM}published")) <= 1
        alternate = [
            link for link in element.findall(f"{ATOM}link") if link.get("rel") == "alternate"
        ]
        assert len(alternate) == 1
        assert all(name.findtext(f"{ATOM}name") for name in element.findall(f"{ATOM}author"))
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    identities = [
        (entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}updated")) for entry in entries
    ]
    assert len(set(identities)) == len(entries)
    assert len({id for id, _ in identities}) == len(entries)


def test_the_feed_has_the_latest_editions_the_best_papers_first(
    published_site: RunningSite,
) -> None:
    entries = entries_of(published_site)
    days = [entry["published"][:10] for entry in entries]
    assert days == sorted(days, reverse=True)
    assert set(days) == {"2026-11-18", "2026-11-19", "2026-11-20"}
    assert {entry["title"] for entry in entries} == {title for title, _ in ABOUTS.values()}
    with published_site.store.read() as unit:
        edition = unit.editions.latest(EditionKind.DAILY)
    assert edition is not None
    ranked = sorted(edition.edition.entries, key=lambda entry: -entry.trend.score)
    assert [entry["id"] for entry in entries[: len(ranked)]] == [
        f"{BASE}/papers/{entry.paper_id}" for entry in ranked
    ]
    moments = [datetime.fromisoformat(entry["updated"]) for entry in entries]
    assert all(later > earlier for later, earlier in pairwise(moments))


def test_a_papers_entry_stays_as_it_is_from_day_to_day(
    published_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.page_cache.FRESH_FOR", 0.0)
    before = {entry["id"]: entry["updated"] for entry in entries_of(published_site)}
    published_site.later(days=3)
    published_site.publish("AB")
    after = {entry["id"]: entry["updated"] for entry in entries_of(published_site)}
    assert after.items() <= before.items()
    topic = {
        entry["id"]: entry["updated"]
        for entry in entries_of(published_site, "/topics/language/feed.xml")
    }
    assert topic
    assert topic.items() <= before.items()


def test_what_is_read_and_not_published_is_in_no_feed_and_in_no_count(
    published_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.page_cache.FRESH_FOR", 0.0)
    paths = ("/feed.xml", "/topics/language/feed.xml", "/topics/language", "/topics")
    before = [published_site.visitor.get(path).headers["etag"] for path in paths]
    published_site.later(days=1)
    path = published_site.dump("A", name="unread")
    text = path.read_text(encoding="utf-8")
    title = "Kettle: Large Language Models That Sing"
    path.write_text(
        text.replace(ABOUTS["A"][0], title).replace("diffusion", "large language models")
        .replace("Amber", "Kettle"), encoding="utf-8",
    )  # fmt: skip
    published_site.ingest()
    pages = [published_site.visitor.get(path) for path in paths]
    assert all(title not in page.text for page in pages)
    assert [page.headers["etag"] for page in pages[:3]] == before[:3]


def test_of_a_long_edition_the_feed_has_the_best_and_a_link_to_all(
    published_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.feeds.OF_AN_EDITION", 2)
    entries = [
        entry for entry in entries_of(published_site) if entry["published"][:10] == "2026-11-20"
    ]
    assert len(entries) == 3
    assert entries[-1]["title"] == "2 more papers of Friday, 20 November 2026"
    assert entries[-1]["link"] == f"{BASE}/editions/2026-11-20"


def test_an_edition_that_is_made_later_is_dated_by_its_own_day(running_site: RunningSite) -> None:
    running_site.dump("AB")
    running_site.ingest()
    day = running_site.clock.now.date() - timedelta(days=2)
    publish(
        running_site.store, running_site.editorial, running_site.publishing,
        day=day, clock=running_site.clock,
    )  # fmt: skip
    assert {entry["published"] for entry in entries_of(running_site)} == {f"{day}T08:00:00+01:00"}


def test_a_feed_without_papers_is_a_feed(running_site: RunningSite) -> None:
    assert entries_of(running_site) == []
