"""``digest run`` with what people save by mistake: nobody gets it, and the operator is told why."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.conftest import Terminal
from installation import ABOUTS, abstract, page_of
from processes import PROGRAM
from smtp_server.server import Sink
from sources.not_papers import NOT_PAPERS, OTHER_LISTS

PAGE = page_of("ABC")
MISTAKES = NOT_PAPERS | {name: text for name, (text, _) in OTHER_LISTS.items()}


@pytest.fixture
def sink(digest: Terminal) -> Iterator[Sink]:
    """A relay, three readers, and a folder as the only source."""
    (digest.folder / "pages").mkdir()
    with Sink() as relay:
        digest.set("DIGEST_SMTP_HOST", "127.0.0.1")
        digest.set("DIGEST_SMTP_PORT", str(relay.port))
        digest.set("DIGEST_SMTP_SECURITY", "none")
        digest.set("DIGEST_SENDER", "Daily Papers <papers@list.example>")
        digest.set("DIGEST_SOURCES", "pages")
        subscribers = [f"{name}@example.org" for name in "abc"]
        assert digest("subscribers", "add", "--confirmed", *subscribers).code == 0
        yield relay


def run(*options: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    program = [*PROGRAM, "run", *options]
    return subprocess.run(program, capture_output=True, text=True, timeout=120)


def save_mistakes(folder: Path) -> dict[str, str]:
    """Every mistake as a file of the folder; what each file's name stands for."""
    names = {f"{place:02}.txt": name for place, name in enumerate(MISTAKES)}
    for file, name in names.items():
        Path(folder, "pages", file).write_text(MISTAKES[name], encoding="utf-8")
    return names


def test_nothing_of_what_is_saved_by_mistake_is_mailed_and_each_is_told_in_one_line(
    digest: Terminal, sink: Sink
) -> None:
    names = save_mistakes(digest.folder)
    ended = run()
    assert sink.mails == []
    assert "Traceback" not in ended.stderr
    assert "0 read" in ended.stdout
    lines = ended.stderr.splitlines()
    for file, name in names.items():
        (line,) = [line for line in lines if f"{file}:" in line]
        assert "save the papers page itself" in line, name


def test_yesterdays_page_again_is_nothing_new_and_a_good_page_beside_mistakes_is_mailed(
    digest: Terminal, sink: Sink
) -> None:
    save_mistakes(digest.folder)
    digest.text_file("pages/yesterday.txt", PAGE)
    assert run().returncode == 0
    assert len(sink.mails) == 3
    digest.text_file("pages/again.txt", PAGE.replace("Daily Papers", "Daily Papers\n\nnew"))
    digest.text_file("pages/same_bytes.txt", PAGE)
    assert "0 new" in run().stdout
    assert len(sink.mails) == 3


def test_why_nothing_came_is_the_reason_that_status_gives(digest: Terminal, sink: Sink) -> None:
    digest.text_file("pages/page.html", MISTAKES["a login form"])
    ended = run("--json")
    assert sink.mails == []
    assert json.loads(ended.stdout)["read"] == 0
    last = digest("status", "--json").json["last_ingest"]
    assert "page.html" in last["silence"]
    assert "a login page" in last["silence"]


def test_what_was_understood_and_what_lacks_an_abstract_is_told_by_every_command(
    digest: Terminal, sink: Sink
) -> None:
    left_over = "\n\n".join(["Nobody knows what this line is for"] * 4)
    papers = "\n\n".join(
        f"### [{ABOUTS[letter][0]}](https://arxiv.org/abs/2511.0{number}234)\n\n"
        + (abstract(letter) if letter != "E" else "")
        for number, letter in enumerate("DEF", start=1)
    )
    page = digest.text_file("pages/today.md", f"{left_over}\n\n{papers}")
    for told in (digest("parse", page).out, run().stdout, digest("status").out):
        assert "% of it was understood" in told
        assert "1 paper without an abstract" in told
