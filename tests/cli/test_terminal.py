"""What comes from elsewhere cannot steer the terminal, in any command; JSON says it exactly."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import pytest
from cli.conftest import Terminal
from smtp_server.mailboxes import Mailboxes

from digest.cli.console import say_json
from digest.visible import HIDDEN
from digest.wiring.logs import OneLine

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\u2066[red]\u200b"
TITLE = f"Beacon{EVIL}: Finding Objects by Lamplight"


def export(folder: Path) -> str:
    """A dump whose title and abstract are hostile, as a file."""
    path = folder / "page.txt"
    text = f"Daily Papers\n\n{TITLE}\n\nWe find {EVIL} objects in dark images.\n"
    path.write_text(text, encoding="utf-8")
    return str(path)


def assert_clean(text: str) -> None:
    left = {hex(ord(found)) for found in HIDDEN.findall(text.replace("\n", ""))}
    assert left == set()


def test_a_title_is_shown_with_its_hidden_characters_as_numbers(digest: Terminal) -> None:
    place = export(digest.folder)
    answer = digest("parse", place)
    assert "Finding Objects by Lamplight" in answer.out
    for command in ("parse", "topics", "ingest"):
        answer = digest(command, place)
        assert_clean(answer.out + answer.err)
    for arguments in (("publish",), ("explain", "Lamplight"), ("explain", EVIL), ("status",)):
        answer = digest(*arguments)
        assert_clean(answer.out + answer.err)
    answer = digest("preview", place, "--output", str(digest.folder / "out"))
    assert answer.code == 0
    assert_clean(answer.out + answer.err)


def test_of_many_complaints_about_one_file_ten_are_shown_and_the_rest_counted(
    digest: Terminal,
) -> None:
    """Each paper has an id of a month to come, which is a line of its own."""
    path = digest.folder / "list.json"
    papers = [
        {
            "title": f"Sorting {kind} by Lamplight",
            "abstract": f"We sort {kind} in dark images, and measure how well that is done.",
            "arxiv_id": f"9911.{10_000 + at}",
        }
        for at, kind in enumerate(["Birds", "Boats", "Maps", "Mice", "Nuts", "Oars"] * 3)
    ]
    for at, paper in enumerate(papers):
        paper["title"] += f" and {'ABCDEFGHIJKLMNOPQR'[at] * 3}net"
    path.write_text(json.dumps(papers), encoding="utf-8")
    told = digest("ingest", str(path)).err.splitlines()
    assert sum("month that has not begun, taken without it" in line for line in told) == 10
    assert f"digest: {path}: 8 more such lines, not shown" in told


def test_one_paper_is_counted_as_one(digest: Terminal) -> None:
    assert ": 1 paper\n" in digest("parse", export(digest.folder)).out


def test_json_says_exactly_what_was_read_and_nothing_that_a_terminal_obeys(
    digest: Terminal,
) -> None:
    place = export(digest.folder)
    answer = digest("parse", place, "--json")
    assert_clean(answer.out)
    words = answer.lines[0]["title"]
    assert "[red]" in words
    shown = digest("parse", place).out
    assert ("\u202e" in words) == (r"\u202e" in shown)


@pytest.mark.parametrize("text", [EVIL, "\x7f", "\U000e0041", "\udcff", "é 日本 👩‍🔬"])
def test_json_is_exact_for_every_character(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    say_json({"title": text})
    printed = capsys.readouterr().out
    assert_clean(printed)
    assert json.loads(printed) == {"title": text}


@pytest.mark.parametrize("name", ["a\x1b[31m.txt", "b\nlevel=INFO forged=1.txt", "c\u202etxt.exe"])
def test_a_file_name_is_shown_clean_wherever_it_is_named(digest: Terminal, name: str) -> None:
    Path(name).write_text("nothing of a paper", encoding="utf-8")
    for arguments in (("parse", name), ("ingest", name), ("parse", f"{name}.missing")):
        answer = digest(*arguments)
        assert answer.err
        assert_clean(answer.out + answer.err)
        assert "\nlevel=INFO" not in answer.err


def test_a_file_name_that_is_no_text_is_shown_too(digest: Terminal) -> None:
    answer = digest("parse", "caf\udce9.txt")
    assert answer.code == 1
    assert r"caf\xe9.txt" in answer.err


def test_what_a_shell_makes_of_a_file_name_is_wrong_usage_and_clean(digest: Terminal) -> None:
    answer = digest("parse", f"--{EVIL}")
    assert answer.code == 2
    assert "Usage: digest parse" in answer.err
    assert_clean(answer.err)


def test_wrong_usage_still_ends_with_2_and_help_with_0(digest: Terminal) -> None:
    assert digest("no-such-command").code == 2
    assert digest("subscribers", "add").code == 2
    assert digest("publish", "--date", "yesterday").code == 2
    assert digest("--help").code == 0
    assert digest("parse", "nothing.txt").code == 1


def test_a_relays_reply_is_shown_clean(digest: Terminal, relay: Mailboxes) -> None:
    digest.set("DIGEST_SOURCES", export(digest.folder))
    relay.refusal = "550 5.1.1 no \x1b]0;owned\x07 such \u202e mailbox \x9b31m"
    digest("subscribers", "add", "--confirmed", "ada@example.org")
    for arguments in (
        ("run",),
        ("status",),
        ("subscribers", "list"),
        ("subscribers", "show", "ada@example.org"),
        ("check",),
    ):
        answer = digest(*arguments)
        assert_clean(answer.out + answer.err)


def test_an_address_is_shown_clean(digest: Terminal) -> None:
    answer = digest("subscribers", "add", f"a{EVIL}@example.org")
    assert answer.code == 1
    assert_clean(answer.err)


def test_a_log_line_stays_one_line() -> None:
    screen = io.StringIO()
    handler = logging.StreamHandler(screen)
    handler.setFormatter(OneLine())
    log = logging.Logger("digest.test")
    log.addHandler(handler)
    log.warning("reason=%s", f"no\n2026-01-01 level=INFO digest forged=1{EVIL}\r")
    assert screen.getvalue().count("\n") == 1
    assert_clean(screen.getvalue())


def test_a_defects_traceback_follows_its_line_indented() -> None:
    screen = io.StringIO()
    handler = logging.StreamHandler(screen)
    handler.setFormatter(OneLine())
    log = logging.Logger("digest.test")
    log.addHandler(handler)
    try:
        raise ValueError(f"two\nlines {EVIL}")
    except ValueError:
        log.exception("a defect")
    first, *rest = screen.getvalue().rstrip("\n").split("\n")
    assert first.endswith("a defect")
    assert rest[0].strip().startswith("Traceback")
    assert all(line.startswith("  ") for line in rest)
    assert_clean(screen.getvalue())
