"""What pages must agree on: the day on the list's clock, and every figure, over several editions."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import html
from web.site_fixture import RunningSite, visible_text

from digest.model import EditionKind

PATHS = (
    "/", "/editions", "/editions/{day}", "/editions/{week}", "/papers/1", "/topics", "/topics/language", "/top",
    "/top/{week}", "/search?q=-zebra", "/api/search?q=-zebra", "/feed.xml", "/topics/language/feed.xml",
    "/sitemap.xml", "/subscribe", "/papers/1.json", "/editions/{day}.json",
)  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "moment", "other_day"),
    [
        ("Pacific/Kiritimati", datetime(2026, 11, 19, 10, 30, tzinfo=UTC), 19),
        ("Pacific/Honolulu", datetime(2026, 11, 21, 9, 30, tzinfo=UTC), 21),
    ],
)
def test_every_page_has_the_day_of_the_lists_zone(
    tmp_path: Path, zone: str, moment: datetime, other_day: int
) -> None:
    site = RunningSite(tmp_path, moment, zone=ZoneInfo(zone))
    site.subscribe("reader@example.org")
    site.publish("ABCDEF")
    assert site.clock().day == other_day
    wrong = re.compile(rf"\b{other_day} Nov|Nov\w* {other_day}\b|2026-11-{other_day}")
    texts = {
        path: site.visitor.get(path.format(day="2026-11-20", week="2026-W47")) for path in PATHS
    }
    for path, answer in texts.items():
        assert answer.status_code == 200, path
        assert not wrong.search(answer.text), path
    for path in ("/", "/editions", "/editions/{day}", "/papers/1", "/feed.xml"):
        assert re.search(r"20 November|2026-11-20", texts[path].text), path
    for mail in site.transport.to("reader@example.org"):
        for part in ("plain", "html"):
            body = mail.get_body((part,))
            assert body is not None
            assert not wrong.search(body.get_content())
        assert not wrong.search(mail["Subject"])
    site.close()


def test_the_figures_of_several_editions_agree_everywhere(published_site: RunningSite) -> None:
    get, editions = published_site.visitor.get, published_site.editions(EditionKind.DAILY)
    assert len(editions) == 3
    new = {one.edition.day: one.edition.new for one in editions}
    by_topic = Counter[str]()
    for one in editions:
        by_topic.update({section.topic.id: len(section.papers) for section in one.edition.sections})
        page = get(f"/editions/{one.edition.day}")
        assert f"{new[one.edition.day]} new of {one.edition.read} listed" in visible_text(page)
        cited = get(f"/editions/{one.edition.day}.json").json()
        assert len(cited) == len(one.edition.entries)
    total = sum(new.values())
    assert total == by_topic.total()
    week = visible_text(get("/editions/2026-W47"))
    assert f"{total} new of" in week
    assert f"The {total} papers that were new in week 47 of 2026" in visible_text(
        get("/top/2026-W47")
    )
    assert f"{total} new papers in the last four weeks" in visible_text(get("/topics"))
    bars = html.fromstring(get("/topics").text).xpath("//ul[contains(@class, 'bars')]/li")
    for bar in bars:
        topic = bar.xpath("string(a/@href)").rpartition("/")[2]
        assert int(bar.xpath("string(span[@class='figure'])")) == by_topic[topic], topic
    for topic in by_topic:
        found = get("/api/search", params={"topic": topic}).json()["total"]
        assert found >= by_topic[topic], topic
    assert f"Search all {total} papers" in visible_text(get("/search"))
    assert get("/api/search?q=-zebra").json()["total"] == total
    assert get("/feed.xml").text.count("<entry>") == total
    archive = visible_text(get("/editions"))
    for one in editions:
        assert f"{len(one.edition.entries)} papers" in archive
