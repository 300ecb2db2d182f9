"""Services are read day by day: nothing is new twice, what was missed is caught up, sources agree."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from installation import Installation, page_of
from sources.fetching.hurried import hurried

from digest.daily.ingest import IngestReport, ingest
from digest.model import Novelty, Paper
from digest.sources import SourceLimits, source_name
from digest.sources.tools import SourceTools

Page = Callable[[str, dict[str, str]], bytes | None]


class Services(http.server.ThreadingHTTPServer):
    """Every service at one address of this machine; notes what it was asked."""

    def __init__(self, page: Page) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.page = page
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Services

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        parts = urlsplit(self.path)
        words = {name: values[0] for name, values in parse_qs(parts.query).items()}
        page = self.server.page(parts.path, words)
        self.send_response(404 if page is None else 200)
        self.end_headers()
        self.wfile.write(page or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def serve() -> Iterator[Callable[[Page], Services]]:
    running: list[Services] = []

    def start(page: Page) -> Services:
        server = Services(page)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


class Reading:
    """An installation that reads services, on a day that tests choose."""

    def __init__(self, folder: Path, services: Services) -> None:
        folder.mkdir(exist_ok=True)
        self.installation = Installation(folder, datetime(2026, 6, 1, 18, tzinfo=UTC))
        self.tools = SourceTools(
            hurried(SourceLimits()),
            last_read=self._last_read,
            endpoints=dict.fromkeys(("hf", "arxiv", "biorxiv"), services.address),
        )

    def _last_read(self, location: str) -> date | None:
        with self.installation.store.read() as unit:
            health = unit.source_health.get(source_name(location))
        return health.read_day if health else None

    def read(self, day: date, *locations: str) -> IngestReport:
        self.installation.clock.now = datetime(day.year, day.month, day.day, 18, tzinfo=UTC)
        return ingest(
            self.installation.store,
            self.installation.editorial,
            locations or ("hf:daily",),
            clock=self.installation.clock,
            tools=self.tools,
        )

    def papers(self) -> dict[str, Paper]:
        """The papers remembered, by title."""
        with self.installation.store.read() as unit:
            return {paper.title: paper for paper, _, _ in unit.papers.pending()}


def real_days(real_data: Path) -> dict[date, bytes]:
    """The days of June as the API gave them."""
    files = sorted((real_data / "hf").glob("2026-06-*.json"))
    return {date.fromisoformat(path.stem): path.read_bytes() for path in files}


def of_days(days: dict[date, bytes]) -> Page:
    """The API: pages of the day that it is asked for."""

    def page(path: str, words: dict[str, str]) -> bytes:
        rows = json.loads(days.get(date.fromisoformat(words["date"]), b"[]"))
        first = int(words["p"]) * int(words["limit"])
        return json.dumps(rows[first : first + int(words["limit"])]).encode()

    return page


@pytest.mark.real
def test_ten_real_days_one_a_day_bring_each_paper_once_with_its_latest_votes(
    real_data: Path, serve: Callable[[Page], Services], tmp_path: Path
) -> None:
    days = real_days(real_data)
    reading = Reading(tmp_path, serve(of_days(days)))
    new: list[str] = []
    latest: dict[str, int] = {}
    for day, data in days.items():
        report = reading.read(day, f"hf:daily?date={day}")
        assert not report.failed
        assert not report.held
        changes = report.changes
        new += [str(c.record.external_id) for c in changes if c.novelty is Novelty.NEW]
        latest.update({row["paper"]["id"]: row["paper"]["upvotes"] for row in json.loads(data)})
    assert sorted(new) == sorted(latest)
    votes = {paper.external_id: paper.votes for paper in reading.papers().values()}
    assert votes == latest


@pytest.mark.real
def test_five_missed_days_are_caught_up_to_the_same_papers(
    real_data: Path, serve: Callable[[Page], Services], tmp_path: Path
) -> None:
    days = real_days(real_data)
    services = serve(of_days(days))
    daily, away = Reading(tmp_path / "daily", services), Reading(tmp_path / "away", services)
    everyday = [min(days) + timedelta(days=n) for n in range((max(days) - min(days)).days + 1)]
    for reading in (daily, away):
        reading.read(everyday[0], f"hf:daily?date={everyday[0]}")
    with daily.installation.store.begin() as unit:
        unit.source_health.note_read(
            "hf:daily", everyday[0], daily.installation.clock(), items=1, new=1
        )
    with away.installation.store.begin() as unit:
        unit.source_health.note_read(
            "hf:daily", everyday[0], away.installation.clock(), items=1, new=1
        )
    for day in everyday[1:]:
        assert not daily.read(day).failed
        if day in (everyday[3], everyday[-1]):
            assert not away.read(day).failed
    assert set(daily.papers()) == set(away.papers())
    assert len(daily.papers()) == len(
        {r["paper"]["id"] for d in days.values() for r in json.loads(d)}
    )


TITLE = "Lanterns in the Attic: Counting Moths by Candlelight"
ABSTRACT = (
    "We hang lanterns in an attic and count the moths that come by night. A candle draws more of them "
    "than a lamp does, by eleven percent, and none of them stays until the morning."
)
HF = [{"paper": {"id": "2611.00001", "title": TITLE, "summary": ABSTRACT, "upvotes": 7,
       "githubRepo": "https://github.com/invented/lanterns", "githubStars": 12,
       "authors": [{"name": "Ada Invented"}]}}]  # fmt: skip
FEED = f"""<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">
<channel><title>cs.LG</title>
<item><title>{TITLE}</title><link>https://arxiv.org/abs/2611.00001</link>
<description>arXiv:2611.00001v1 Announce Type: new Abstract: {ABSTRACT}</description>
<guid>oai:arXiv.org:2611.00001v1</guid><category>cs.LG</category><arxiv:announce_type>new</arxiv:announce_type>
<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights><dc:creator>Ada Invented, Ben Made-Up</dc:creator></item>
<item><title>An Old Paper of Others, Listed Again for Its Crossing</title><link>https://arxiv.org/abs/2511.00009</link>
<description>arXiv:2511.00009v1 Announce Type: cross Abstract: Something else that others wrote about rivers and their fish.</description>
<guid>oai:arXiv.org:2511.00009v1</guid><arxiv:announce_type>cross</arxiv:announce_type></item>
</channel></rss>"""
PREPRINTS = {
    "messages": [{"status": "ok", "total": 1}],
    "collection": [{
        "title": "Moths Remember the Window They Came Through", "doi": "10.1101/2026.11.20.000007",
        "authors": "Fictive, C.", "date": "2026-11-20", "version": "1", "category": "neuroscience",
        "license": "cc_by", "server": "bioRxiv", "published": "NA",
        "abstract": "Moths that left by a window return by the same one, and we ask how they know it again.",
    }],
}  # fmt: skip


def of_one_day(path: str, words: dict[str, str]) -> bytes | None:
    """All services on one day, of which three list the same paper."""
    if path.startswith("/api/daily_papers"):
        return json.dumps(HF if words["p"] == "0" else []).encode()
    if path.startswith("/rss/"):
        return FEED.encode()
    return json.dumps(PREPRINTS).encode() if path.startswith("/details/") else None


def test_a_day_on_which_all_sources_overlap_brings_each_paper_once_with_the_best_of_each(
    serve: Callable[[Page], Services], tmp_path: Path
) -> None:
    reading = Reading(tmp_path / "list", serve(of_one_day))
    day = date(2026, 11, 20)
    dump = tmp_path / "page.txt"
    dump.write_text(page_of("ABC") + f"{TITLE}\n\n{ABSTRACT}\n", encoding="utf-8")
    everything = (str(dump), "hf:daily", "arxiv:cs.LG", "biorxiv:neuroscience")
    report = reading.read(day, *everything)
    assert not report.failed
    assert report.count(Novelty.NEW) == 5
    papers = reading.papers()
    assert len(papers) == 5
    paper = papers[TITLE]
    assert (paper.votes, paper.authors) == (7, ("Ada Invented", "Ben Made-Up"))
    assert (paper.details.stars, paper.details.categories) == (12, ("cs.LG",))
    sources = dict(paper.field_sources)
    assert (sources["abstract"], sources["stars"]) == (str(dump), "hf:daily")
    assert (sources["authors"], sources["licence"]) == ("arxiv:cs.LG", "arxiv:cs.LG")
    again = reading.read(day, *everything)
    assert again.count(Novelty.NEW) == 0


def test_a_source_that_fails_costs_the_others_nothing_and_is_known_to_fail(
    serve: Callable[[Page], Services], tmp_path: Path
) -> None:
    services = serve(lambda path, words: None if "rss" in path else of_one_day(path, words))
    reading = Reading(tmp_path / "list", services)
    day = date(2026, 11, 20)
    report = reading.read(day, "arxiv:cs.LG", "hf:daily")
    assert len(report.failed) == 1
    assert report.count(Novelty.NEW) == 1
    with reading.installation.store.read() as unit:
        failing, well = unit.source_health.all()
    assert (failing.source, failing.failures, failing.read_day) == ("arxiv:cs.LG", 1, None)
    assert "404" in str(failing.error)
    assert (well.source, well.read_day, well.new) == ("hf:daily", day, 1)
