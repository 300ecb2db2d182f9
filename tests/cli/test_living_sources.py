"""Sources that live, at the command line: read, failing, caught up, and told of; from servers of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cli.conftest import Terminal
from cli.local_services import LocalServices, hf_row, local_services
from installation import ABOUTS, abstract, papers_named
from processes import free_port
from smtp_server.mailboxes import Mailboxes

from digest.cli.preview_command import take_apart
from digest.store import open_store
from digest.wiring.application import open_application

ANNOUNCED = """<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
version="2.0"><channel><title>cs.LG updates</title><item><title>{title}</title>
<link>https://arxiv.org/abs/{id}</link><description>arXiv:{id}v1 Announce Type: new
Abstract: {abstract}</description><guid isPermaLink="false">oai:arXiv.org:{id}v1</guid>
<category>cs.LG</category><category>stat.ML</category><arxiv:announce_type>new</arxiv:announce_type>
<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights><arxiv:comment>12 pages</arxiv:comment>
<dc:creator>Ada Invented, Ben Made-Up</dc:creator></item></channel></rss>"""
TODAY = datetime.now(UTC).date()
DAY = timedelta(days=1)
GONE = 410


@pytest.fixture
def services(digest: Terminal) -> Iterator[LocalServices]:
    with local_services() as services:
        digest.set("DIGEST_ENDPOINTS", services.endpoints)
        digest.set("DIGEST_SOURCES", "hf:daily")
        yield services


def texts(relay: Mailboxes, recipient: str) -> list[str]:
    """The plain texts of the mails to somebody, lines joined."""
    mails = [envelope for envelope in relay.envelopes if envelope.rcpt_tos == [recipient]]
    raw = [mail.content for mail in mails if isinstance(mail.content, bytes)]
    return [" ".join(take_apart(mail).text.split()) for mail in raw]


def test_a_source_that_fails_costs_no_other_its_papers_and_is_named_everywhere(
    digest: Terminal, services: LocalServices, relay: Mailboxes
) -> None:
    services.hf = {"latest": [hf_row(letter) for letter in "ABC"]}
    services.pages["/feed"] = GONE
    digest.set("DIGEST_SOURCES", f"{services.address('feed')},hf:daily")
    digest.set("DIGEST_OPERATOR_EMAIL", "ops@example.org")
    digest("subscribers", "add", "--confirmed", "a@example.org")
    ran = digest("run")
    (mail,) = texts(relay, "a@example.org")
    assert papers_named(mail) == "ABC"
    feed = services.address("feed")
    assert f"not read in full: {feed}" in ran.out
    assert feed in ran.err
    (told,) = texts(relay, "ops@example.org")
    assert f"{feed} cannot be read since {TODAY}" in told
    status = digest("status")
    assert "1 of 2 as usual" in status.out
    assert f"{feed} cannot be read since" in status.out
    failing, well = digest("sources", "--json").json
    assert (failing["source"], failing["failures"], failing["last_success"]) == (feed, 1, None)
    assert [warning["kind"] for warning in failing["warnings"]] == ["failing"]
    assert (well["source"], well["items"], well["new"], well["warnings"]) == ("hf:daily", 3, 3, [])
    assert digest("status", "--json").json["sources"] == [failing, well]


def test_the_operator_is_told_once_a_day_of_each_source(
    digest: Terminal, services: LocalServices, relay: Mailboxes
) -> None:
    services.hf = GONE
    digest.set("DIGEST_OPERATOR_EMAIL", "ops@example.org")
    for _ in range(2):
        digest("run")
    assert len(texts(relay, "ops@example.org")) == 1
    assert "2 times in a row" in digest("sources").out
    services.hf = {"latest": [hf_row("A")]}
    digest("run")
    assert "FAILING" not in digest("sources").out


def test_check_says_what_came_of_each_source(
    digest: Terminal, services: LocalServices, relay: Mailboxes
) -> None:
    services.hf = {"latest": [hf_row("A"), hf_row("B")]}
    services.pages["/feed"] = GONE
    digest.set("DIGEST_SOURCES", f"{services.address('feed')},hf:daily")
    findings = [one for one in digest("check", "--json").json if one["what"] == "sources"]
    assert [one["ok"] for one in findings] == [False, True]
    assert services.address("feed") in findings[0]["says"]
    assert "hf:daily: 2 papers can be read now" in findings[1]["says"]


def test_sources_that_were_never_asked_are_listed_as_that(
    digest: Terminal, services: LocalServices
) -> None:
    assert digest("sources").out == "hf:daily: not asked yet\n"
    assert services.asked == []


def test_days_that_were_missed_are_caught_up_and_the_edition_says_which(
    digest: Terminal, services: LocalServices, relay: Mailboxes
) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org")
    with open_store(f"sqlite:///{digest.folder / 'digest.db'}").begin() as unit:
        before = datetime.now(UTC) - 3 * DAY
        unit.source_health.note_read("hf:daily", TODAY - 3 * DAY, before, items=1, new=1)
    services.hf = {
        (TODAY - back * DAY).isoformat(): [hf_row(letter)]
        for back, letter in ((3, "A"), (2, "B"), (1, "C"), (0, "D"))
    }
    assert digest("run").code == 0
    (mail,) = texts(relay, "a@example.org")
    assert papers_named(mail) == "ABCD"
    first = TODAY - 3 * DAY
    assert f", covering {first.day}" in mail


def test_an_ordinary_day_says_nothing_of_days(
    digest: Terminal, services: LocalServices, relay: Mailboxes
) -> None:
    digest("subscribers", "add", "--confirmed", "a@example.org")
    services.hf = {"latest": [hf_row("A")]}
    digest("run")
    assert "covering" not in texts(relay, "a@example.org")[0]


def test_a_preview_of_a_living_source_shows_its_papers(
    digest: Terminal, services: LocalServices
) -> None:
    services.hf = {"latest": [hf_row(letter) for letter in "ABC"]}
    answer = digest("preview", "hf:daily", "--output", "out")
    assert (answer.code, answer.err) == (0, "")
    assert "3 new of 3 listed, 0 updated" in answer.out
    assert papers_named((digest.folder / "out" / "digest.txt").read_text()) == "ABC"


def test_a_preview_out_of_reach_is_one_line_that_says_what_to_do(digest: Terminal) -> None:
    digest.set("DIGEST_ENDPOINTS", f"hf=http://127.0.0.1:{free_port()}")
    answer = digest("preview", "hf:daily")
    assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert "cannot be fetched" in answer.err
    assert "Check the network and try again, or look at the sample: digest preview" in answer.err
    assert "digest preview hf:daily" in digest("preview", "--output", "out").out


def test_a_run_out_of_reach_says_in_one_line_which_source_and_why(
    digest: Terminal, relay: Mailboxes
) -> None:
    digest.set("DIGEST_SOURCES", "hf:daily")
    digest.set("DIGEST_ENDPOINTS", f"hf=http://127.0.0.1:{free_port()}")
    answer = digest("run")
    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert "cannot be fetched" in answer.err
    assert "not read in full: hf:daily" in answer.out


def test_prune_lets_go_of_how_a_source_fared_that_nobody_reads(
    digest: Terminal, services: LocalServices
) -> None:
    digest("migrate")
    old = datetime.now(UTC) - 100 * DAY
    with open_store(f"sqlite:///{digest.folder / 'digest.db'}").begin() as unit:
        for source in ("hf:daily", "arxiv:cs.LG"):
            unit.source_health.note_read(source, old.date(), old, items=1, new=1)
    assert "1 source that nobody reads" in digest("prune").out
    assert "last read in full" in digest("sources").out


def test_explain_and_the_page_say_what_a_dump_and_two_services_told_of_one_paper(
    digest: Terminal, services: LocalServices
) -> None:
    title = ABOUTS["A"][0]
    services.hf = {
        "latest": [
            hf_row(
                "A",
                githubRepo="https://github.com/invented/amber",
                githubStars=77,
                projectPage="https://amber.example.org",
                ai_summary="Amber paints with patience.",
                organization={"name": "attic", "fullname": "Attic Lab"},
            )
        ]
    }
    services.pages["/arxiv/rss/cs.LG"] = ANNOUNCED.format(
        id=hf_row("A")["paper"]["id"], title=title, abstract=abstract("A")
    )
    dump = digest.text_file("page.txt", f"Daily Papers\n\n{title}\n\n{abstract('A')}\n")
    for location, novelty in ((dump, "new"), ("hf:daily", "seen"), ("arxiv:cs.LG", "seen")):
        answer = digest("ingest", location, "--json")
        assert (answer.code, answer.json[novelty]) == (0, 1), answer
    explained = digest("explain", title, "--json").json
    sources = explained["field_sources"]
    assert sources["title"] == dump
    assert {name: sources[name] for name in ("votes", "source_summary", "stars")} == dict.fromkeys(
        ("votes", "source_summary", "stars"), "hf:daily"
    )
    assert {sources[name] for name in ("categories", "licence", "comment")} == {"arxiv:cs.LG"}
    told = digest("explain", title).out
    assert ": from hf:daily" in told
    assert ": from arxiv:cs.LG" in told
    (parsed,) = digest("parse", "hf:daily", "--json").lines
    assert (parsed["stars"], parsed["source_summary"]) == (77, "Amber paints with patience.")
    assert {link["kind"] for link in parsed["links"]} == {"code", "project"}
    assert digest("publish").code == 0
    page = " ".join(page_of(digest, explained["id"]).split())
    assert "not by its authors:</span> Amber paints with patience." in page
    assert '<dd dir="auto">cs.LG, stat.ML</dd>' in page
    assert ">CC BY 4.0</a>" in page
    assert "(77 stars)</a>" in page
    assert "https://amber.example.org" in page


def page_of(digest: Terminal, paper_id: int) -> str:
    """The page of a paper, as visitors get it."""
    port = free_port()
    digest.set("DIGEST_WEB_PORT", str(port))
    with open_application().web_server().running():
        return httpx.get(f"http://127.0.0.1:{port}/papers/{paper_id}").text
