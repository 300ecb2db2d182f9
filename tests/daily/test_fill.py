"""What a listing leaves out is asked of services that are among the sources, and never waited for long."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import pytest
from installation import Installation
from sources.fetching.hurried import hurried

from digest.daily.fill import FillReport, fill
from digest.daily.ingest import ingest_dump
from digest.model import Dump, Novelty, Paper, Record
from digest.sources import SourceLimits
from digest.sources.tools import SourceTools

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
TODAY = date(2026, 11, 20)
LANTERNS = "Lanterns Found by Moths Alone"
ATTICS = "Attics: A Benchmark of Dust"
ABSTRACT = "We train a diffusion model on moths and show that lanterns are found by it alone."
Page = Callable[[str, dict[str, str]], bytes | None]


def entry(known: str, title: str, abstract: str = ABSTRACT) -> str:
    return (
        f"<entry><id>http://arxiv.org/abs/{known}v1</id><title>{escape(title)}</title>"
        f"<summary>{abstract}</summary><link href='https://arxiv.org/abs/{known}v1'/>"
        "<author><name>Ada Invented</name></author><author><name>Ben Made-Up</name></author>"
        "<category term='cs.LG'/></entry>"
    )


def atom(*entries: str) -> bytes:
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{''.join(entries)}</feed>".encode()


class Host(http.server.ThreadingHTTPServer):
    """Answers by ``page``; notes what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.page: Page = lambda path, words: atom()
        self.asked: list[str] = []


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        parts = urlsplit(self.path)
        words = {name: values[0] for name, values in parse_qs(parts.query).items()}
        page = self.server.page(parts.path, words)
        self.send_response(429 if page is None else 200)
        self.end_headers()
        self.wfile.write(page or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def host() -> Iterator[Host]:
    server = Host()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Waiting:
    """Papers that wait for an edition, and what they can be filled from."""

    def __init__(self, folder: Path, host: Host) -> None:
        self.installation = Installation(folder, NOW)
        address = f"http://127.0.0.1:{host.server_port}"
        self.tools = SourceTools(
            hurried(SourceLimits()), endpoints={"api.arxiv": address, "hf": address}
        )

    def take_in(self, *records: Record) -> None:
        dump = Dump("page", f"{len(records)} {records[0].title}", records, day=TODAY)
        ingest_dump(self.installation.store, self.installation.editorial, dump, NOW)

    def fill(self, *locations: str, seconds: float = 30.0) -> FillReport:
        return fill(
            self.installation.store,
            self.installation.editorial,
            locations,
            self.tools,
            clock=self.installation.clock,
            seconds=seconds,
        )

    def papers(self) -> dict[str, tuple[Paper, Novelty, str]]:
        with self.installation.store.read() as unit:
            waiting = unit.papers.pending()
        return {paper.title: (paper, novelty, why.topic) for paper, novelty, why in waiting}


@pytest.fixture
def waiting(tmp_path: Path, host: Host) -> Waiting:
    return Waiting(tmp_path, host)


def test_a_paper_known_by_its_title_and_id_gains_abstract_authors_and_link(
    waiting: Waiting, host: Host
) -> None:
    host.page = lambda path, words: atom(entry("2611.00001", LANTERNS))
    waiting.take_in(Record(LANTERNS, external_id="2611.00001"))
    report = waiting.fill("page.html", "arxiv:cs.LG")
    assert (report.lacking, report.filled, report.complaints) == (1, 1, ())
    paper, novelty, _ = waiting.papers()[LANTERNS]
    assert (paper.abstract, paper.authors) == (ABSTRACT, ("Ada Invented", "Ben Made-Up"))
    assert paper.url == "https://arxiv.org/abs/2611.00001v1"
    assert dict(paper.field_sources)["abstract"] == "arxiv"
    assert (novelty, paper.first_seen, paper.last_seen) == (Novelty.NEW, TODAY, TODAY)
    assert host.asked == ["/api/query?id_list=2611.00001&max_results=1"]


def test_ids_are_asked_for_together_and_only_of_papers_that_lack_something(
    waiting: Waiting, host: Host
) -> None:
    bare = [
        Record(f"Moths of the Attic {n} {'x' * n}", external_id=f"2611.{n:05}")
        for n in range(1, 31)
    ]
    whole = Record(
        ATTICS,
        "We measure dust.",
        external_id="2611.09999",
        authors=("A",),
        url="https://a.invented.io/b",
    )
    waiting.take_in(*bare, whole)
    assert waiting.fill("arxiv:cs.LG").lacking == 30
    assert len(host.asked) == 1
    assert "2611.09999" not in host.asked[0]


def test_a_paper_without_id_is_found_by_its_exact_title_only(waiting: Waiting, host: Host) -> None:
    host.page = lambda path, words: atom(
        entry("2611.00002", f"{ATTICS} II"), entry("2611.00001", ATTICS.upper())
    )
    waiting.take_in(Record(ATTICS), Record("Another Title of Other Words"))
    assert waiting.fill("arxiv:cs.LG").filled == 1
    paper, _, _ = waiting.papers()[ATTICS]
    assert (paper.external_id, paper.abstract) == ("2611.00001", ABSTRACT)
    assert waiting.papers()["Another Title of Other Words"][0].abstract == ""


def test_another_paper_under_the_id_is_not_taken(waiting: Waiting, host: Host) -> None:
    host.page = lambda path, words: atom(entry("2611.00001", "Something Wholly Different Here"))
    waiting.take_in(Record(LANTERNS, external_id="2611.00001"))
    assert waiting.fill("arxiv:cs.LG").filled == 0
    assert list(waiting.papers()) == [LANTERNS]


def test_hugging_face_is_asked_where_only_it_is_a_source(waiting: Waiting, host: Host) -> None:
    about = {
        "id": "2611.00001",
        "title": LANTERNS,
        "summary": ABSTRACT,
        "authors": [{"name": "Ada"}],
    }
    host.page = lambda path, words: json.dumps(about).encode()
    waiting.take_in(Record(LANTERNS, external_id="2611.00001"))
    assert waiting.fill("hf:daily").filled == 1
    assert waiting.papers()[LANTERNS][0].abstract == ABSTRACT
    assert host.asked == ["/api/papers/2611.00001"]


def test_what_has_words_keeps_them_and_gains_the_rest(waiting: Waiting, host: Host) -> None:
    host.page = lambda path, words: atom(entry("2611.00001", LANTERNS, "We changed all of it."))
    waiting.take_in(Record(LANTERNS, ABSTRACT, external_id="2611.00001"))
    assert waiting.fill("arxiv:cs.LG").filled == 1
    paper, novelty, _ = waiting.papers()[LANTERNS]
    assert (paper.abstract, paper.authors[0], novelty) == (ABSTRACT, "Ada Invented", Novelty.NEW)


@pytest.mark.parametrize("answer", [b"", atom(), b"<html>502 Bad Gateway</html>", None])
def test_a_service_that_gives_nothing_is_a_quiet_line_and_is_not_asked_again(
    answer: bytes | None, waiting: Waiting, host: Host
) -> None:
    host.page = lambda path, words: answer
    waiting.take_in(Record(LANTERNS, external_id="2611.00001"), Record(ATTICS))
    report = waiting.fill("arxiv:cs.LG")
    assert (report.filled, len(report.complaints), len(host.asked)) == (0, 1, 1)
    assert set(waiting.papers()) == {LANTERNS, ATTICS}


def test_nobody_is_waited_for_longer_than_the_bound(waiting: Waiting, host: Host) -> None:
    release = threading.Event()
    host.page = lambda path, words: str(release.wait(30)).encode()
    waiting.take_in(Record(LANTERNS, external_id="2611.00001"))
    begun = time.monotonic()
    report = waiting.fill("arxiv:cs.LG", seconds=0.5)
    assert time.monotonic() - begun < 15
    assert report.complaints == ("services: no answer within 0.5 s",)
    release.set()


@pytest.mark.parametrize("locations", [(), ("page.html",), ("https://papers.invented.io",)])
def test_nobody_is_asked_who_is_no_source(
    locations: tuple[str, ...], waiting: Waiting, host: Host
) -> None:
    waiting.take_in(Record(LANTERNS, external_id="2611.00001"))
    assert waiting.fill(*locations) == FillReport()
    assert host.asked == []


def test_the_daily_run_fills_before_it_publishes(waiting: Waiting, host: Host) -> None:
    host.page = lambda path, words: atom(entry("2611.00001", LANTERNS))
    waiting.take_in(Record(LANTERNS, external_id="2611.00001"))
    daily_run = replace(
        waiting.installation.daily_run, locations=("arxiv:cs.LG",), tools=waiting.tools
    )
    daily_run.run(clock=waiting.installation.clock)
    (published,) = waiting.installation.editions()
    assert ABSTRACT.split(" and ")[0] in str(published.edition.entries[0])
