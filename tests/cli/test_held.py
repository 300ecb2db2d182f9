"""What a source gave and looks wrong, at the command line: seen, previewed, and let in by a word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cli.conftest import Terminal
from smtp_server.mailboxes import Mailboxes

PAPER = """{name}: Learning to Sort {what}

We propose {name}, a model that is trained to sort {what} by how well people like them. Experiments
with {name} show that it outperforms all baselines on {what} by {number} percent.

"""
THINGS = [
    "Rivers",
    "Maps",
    "Proteins",
    "Robots",
    "Speech",
    "Markets",
    "Glaciers",
    "Bridges",
    "Orchards",
    "Tides",
]
FIRST = ["Amber", "Basalt", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Hazel", "Inlet", "Juniper"]


def page(start: int, count: int) -> str:
    """A saved page of so many papers."""
    papers = [
        PAPER.format(
            name=f"{FIRST[i % 10]}{THINGS[i // 10 % 10]}{'XYZ'[i // 100 % 3]}",
            what=f"{THINGS[i % 7]} and {THINGS[i // 7 % 10]}",
            number=i,
        )
        for i in range(start, start + count)
    ]
    return "Subscribe\n\nDaily Papers\n\n" + "".join(papers)


@pytest.fixture
def source(digest: Terminal, tmp_path: Path) -> Callable[[int, int], None]:
    """Writes a page of so many papers, where five full ones were read before."""
    path = tmp_path / "page.txt"
    digest.set("DIGEST_SOURCES", str(path))

    def show(start: int, count: int) -> None:
        path.write_text(page(start, count), encoding="utf-8")

    for number in range(5):
        show(20 * number, 20)
        assert digest("ingest").code == 0
    return show


def test_a_page_by_hand_that_is_held_says_why_and_how_to_let_it_in(
    digest: Terminal, source: Callable[[int, int], None]
) -> None:
    source(200, 2)
    answer = digest("ingest")
    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert "page.txt: held, so it is not published: 2 papers, usually about 20" in answer.err
    assert "If it is right: digest publish --anyway 1" in answer.err
    assert "1 reading held" in answer.out
    (held,) = digest("ingest", "--json").json["held"]
    assert (held["id"], held["reason"], held["papers"]) == (1, "few", 2)
    assert "digest publish --anyway 1" in digest("status").out
    assert digest("status", "--json").json["held_readings"] == [held]


def test_what_is_held_is_previewed_and_published_by_a_word(
    digest: Terminal, source: Callable[[int, int], None]
) -> None:
    assert digest("publish").code == 0
    assert digest("preview", "--held", "--no-open").out.strip().endswith("no reading is held")
    source(200, 2)
    digest("ingest")
    preview = digest("preview", "--held", "1", "--no-open", "--json")
    assert preview.json["papers"] == 2
    assert digest("publish", "1").code == 2
    assert "no reading is held under this name" in digest("publish", "--anyway", "9").err
    answer = digest("publish", "--anyway", "1", "--date", "2099-01-01", "--json")
    assert [Path(where).name for where in answer.json["released"]] == ["page.txt"]
    assert answer.json["editions"][0]["papers"] == 2
    assert digest("status", "--json").json["held_readings"] == []
    assert "no reading is held" in digest("publish", "--anyway").out


def test_a_preview_of_what_is_held_tells_of_what_a_good_reading_came_after(
    digest: Terminal, source: Callable[[int, int], None]
) -> None:
    source(200, 2)
    digest("ingest")
    source(300, 20)
    digest("ingest")
    assert "digest preview --held 1" in digest("status").out
    answer = digest("preview", "--held", "--no-open")
    assert "1 reading replaced by a later good one can still be accepted by number" in answer.out


def test_a_run_mails_nothing_of_it_and_says_why(
    digest: Terminal, source: Callable[[int, int], None], relay: Mailboxes
) -> None:
    digest.set("DIGEST_OPERATOR_EMAIL", "ops@example.org")
    digest("subscribers", "add", "reader@example.org", "--confirmed")
    digest("run")
    source(200, 2)
    answer = digest("run")
    assert "held, so it is not published: 2 papers, usually about 20" in answer.err
    assert relay.recipients == ["reader@example.org", "ops@example.org"]
    digest("run")
    assert relay.recipients == ["reader@example.org", "ops@example.org"]


def test_what_is_only_previewed_by_hand_is_never_held(
    digest: Terminal, source: Callable[[int, int], None]
) -> None:
    source(200, 2)
    answer = digest("preview", "page.txt", "--no-open")
    assert answer.code == 0
    assert not answer.err
    assert "2 new of 2 listed" in answer.out


def test_the_samples_that_come_with_it_are_not_held(digest: Terminal) -> None:
    from digest import samples

    answer = digest("ingest", *map(str, samples.paths()))
    assert answer.code == 0
    assert "held" not in answer.out + answer.err
