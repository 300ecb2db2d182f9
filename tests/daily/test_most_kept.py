"""A weekly edition names what its readers kept most, and nothing from which a vote could be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from installation import ABOUTS, KEYS, papers_named
from web.site_fixture import RunningSite, visible_text

from digest.daily.publish import LEAST_VOTERS, publish_weekly
from digest.daily.subscriber_mail import mail_recipient, selector
from digest.mail.message import Composer
from digest.model import PublishedEdition, VoteDirection
from digest.subscriptions import taste

FRIDAY = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)


def week_with_votes(folder: Path, voters: int) -> tuple[RunningSite, PublishedEdition]:
    """The weekly edition after so many readers asked for more like paper C, and two like A."""
    site = RunningSite(folder, FRIDAY)
    readers = site.subscribe(*(f"reader{n}@example.org" for n in range(4)))
    site.publish("ABC")
    with site.store.read() as unit:
        ids = {paper.title: paper.id for paper in unit.papers.recent(9)}
    for letter, count in (("C", voters), ("A", LEAST_VOTERS - 1)):
        for reader in readers[:count]:
            taste.cast_vote(
                site.store, reader.id, ids[ABOUTS[letter][0]], VoteDirection.MORE, now=site.clock()
            )
    site.clock.now += timedelta(days=3)
    (weekly,) = publish_weekly(
        site.store, site.editorial, site.publishing, clock=site.clock
    ).editions
    return site, weekly


def test_a_week_names_what_three_readers_or_more_kept(tmp_path: Path) -> None:
    site, weekly = week_with_votes(tmp_path, LEAST_VOTERS)
    titles = [weekly.edition.entry(id).title for id in weekly.edition.kept]
    assert titles == [ABOUTS["C"][0]]
    with site.store.read() as unit:
        (reader, *_) = unit.subscribers.active()
    selection = selector(weekly, site.editorial)(reader.preferences)
    assert selection is not None
    mail = Composer(weekly, site.list_identity)
    text = mail.text(selection, mail_recipient(reader, site.list_identity, KEYS))
    kept = text.partition("What readers wanted more of")[2].partition("\n\n\n")[0]
    assert papers_named(kept) == "C"
    page = visible_text(site.visitor.get("/editions/2026-W47"))
    assert "What readers wanted more of" in page
    site.close()


def test_of_fewer_readers_nothing_is_told(tmp_path: Path) -> None:
    site, weekly = week_with_votes(tmp_path, LEAST_VOTERS - 1)
    assert weekly.edition.kept == ()
    assert "readers wanted more of" not in site.visitor.get("/editions/2026-W47").text
    site.close()
