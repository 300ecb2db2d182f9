"""The documentation keeps its word: its tables are the code's, its links lead somewhere, its commands run."""

from __future__ import annotations

import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.local_services import hf_row, local_services
from processes import PROGRAM, free_port
from smtp_server.mailboxes import Mailboxes, serve
from sources.test_feeds import ARXIV
from typer.main import get_command

from digest.cli import app

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
STAY = {"daemon", "web", "worker"}
"""Commands that run until a signal comes."""
ENVIRONMENT = """\
DIGEST_SOURCES=digest/samples/day-2.txt
DIGEST_ENDPOINTS={services}
DIGEST_SMTP_HOST=127.0.0.1
DIGEST_SMTP_PORT={relay}
DIGEST_SMTP_SECURITY=none
DIGEST_SENDER=Daily Papers <papers@example.org>
DIGEST_BOUNCE_ADDRESS=bounces@example.org
DIGEST_BOUNCE_MAILDIR=bounces
DIGEST_POSTAL_ADDRESS=Example Lab, 1 Main Street, Springfield
DIGEST_WEB_PORT={web}
"""


def fenced(page: Path) -> Iterator[str]:
    """Every ``digest`` command that stands on a line of a shell block."""
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            for command in re.split(r"&&|;", line.partition("  #")[0]):
                words = command.strip().removeprefix(".venv/bin/")
                if re.match(r"digest [a-z]", words):
                    yield words


def inline(page: Path) -> Iterator[str]:
    """Every ``digest`` command that stands in a sentence or a table."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    yield from re.findall(r"`(digest [a-z][^`]*)`", text)


def named(words: str) -> tuple[str, ...]:
    """The commands below ``digest`` that the words name: ``("subscribers", "add")``."""
    found, group = [], get_command(app)
    for word in words.split()[1:]:
        children = getattr(group, "commands", {})
        if word not in children:
            break
        found.append(word)
        group = children[word]
    return tuple(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_and_option_it_names_exists(page: Path) -> None:
    for words in (*fenced(page), *inline(page)):
        path = named(words)
        assert path, words
        command = get_command(app)
        for word in path:
            command = command.commands[word]  # type: ignore[attr-defined]
        if not getattr(command, "commands", None):
            known = {
                name
                for parameter in command.params
                for name in (*parameter.opts, *parameter.secondary_opts)
            }
            asked = {word.partition("=")[0] for word in words.split() if word.startswith("--")}
            assert asked <= known | {"--help"}, words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_it_links_to_exists(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_reference_is_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "reference", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}run: .venv/bin/python .ci/reference"


def test_the_two_commands_of_the_readme_are_one_line_each() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for mark in ("show", "test"):
        block = readme.partition(f"<!-- {mark} -->")[2].partition("```sh\n")[2].partition("```")[0]
        assert len(block.strip().splitlines()) == 1


def digest(folder: Path, arguments: list[str], message: str = "") -> tuple[int, str, str]:
    """Run a command in a folder to its end, or until it has said something where it stays; how it ended."""
    # Nothing of it in the folders of whoever runs the tests.
    own = {
        "BROWSER": "true",
        "XDG_DATA_HOME": str(folder / "data"),
        "DIGEST_STATE_FOLDER": str(folder / "state"),
        "DIGEST_DATABASE_URL": f"sqlite:///{folder / 'list.sqlite3'}",
    }
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, **own},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if arguments[0] in STAY or "--serve" in arguments:
        assert process.stdout is not None
        assert process.stderr is not None
        ready, _, _ = select.select([process.stdout, process.stderr], [], [], 60)
        time.sleep(3)  # it says so before it minds signals
        assert ready, "it says nothing"
        assert process.poll() is None, process.communicate()[1]
        process.send_signal(signal.SIGINT if "--serve" in arguments else signal.SIGTERM)
    out, complaint = process.communicate(message, timeout=120)
    return process.returncode, out, complaint


@pytest.fixture(scope="module")
def relay() -> Iterator[int]:
    """The port of a mail server that takes everything."""
    with serve(Mailboxes()) as port:
        yield port


@pytest.fixture(scope="module")
def services() -> Iterator[str]:
    """The setting that leads every service to this machine, where each has papers."""
    with local_services() as services:
        services.hf = {"latest": [hf_row("A")]}
        services.pages["/arxiv/rss/cs.LG"] = ARXIV
        yield services.endpoints


@pytest.fixture(scope="module")
def documented(relay: int, services: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the documentation leaves it: a `.env`, a list with a reader, a relay."""
    folder = tmp_path_factory.mktemp("documented")
    shutil.copytree(ROOT / "digest" / "samples", folder / "digest" / "samples")
    settings = ENVIRONMENT.format(relay=relay, web=free_port(), services=services)
    (folder / ".env").write_text(settings)
    (folder / ".env").chmod(0o600)
    for name in ("cur", "new", "tmp"):
        (folder / "bounces" / name).mkdir(parents=True)
    status, _, complaint = digest(folder, ["subscribers", "add", "--confirmed", "you@example.org"])
    assert status == 0, complaint
    return folder


PLACEHOLDERS = {
    "FILE": "digest/samples/day-2.txt",
    "LOCATION": "digest/samples/day-1.txt",
    "EMAIL": "you@example.org",
    "reader@example.org": "you@example.org",
    "NUMBER": "1",
    "TITLE": "digest",
    "DIR": "out",
    "ADDRESS": "127.0.0.1",
    "D": "2026-11-20",
    "EDITION": "2026-11-20",
}
"""What stands for something of the reader's own, and what it is here."""


def complete(words: str) -> str:
    """The command with something in place of each placeholder; ``""`` where it is only a name."""
    path = named(words)
    group = get_command(app)
    for word in path:
        group = group.commands[word]  # type: ignore[attr-defined]
    if getattr(group, "commands", None) or "…" in words or "|" in words:
        return ""
    given = [PLACEHOLDERS.get(word, word) for word in shlex.split(words.partition("<")[0])]
    wanted = sum(each.required and each.param_type_name == "argument" for each in group.params)
    has = [word for word in given[1 + len(path) :] if not word.startswith("-")]
    return shlex.join(given) if len(has) >= wanted else ""


REFUSING = {
    "check", "deliveries", "discard", "explain", "invitations", "invite", "rank", "release", "restore", "resume",
    "stop", "withdraw",
}  # fmt: skip
"""Commands about something that the documented list has not: an edition, a backup, pages to invite to."""

UNLIKELY = {
    "--held",
    "--anyway",
    "--from",
    "--keep",
    "--post-again",
    "approve",
    "decline",
    "import",
}
"""Words of commands about what is not there: a held reading, another list, database or folder, a
channel, somebody who waits.
"""

RUN = sorted(
    {
        whole
        for page in PAGES
        for words in (*fenced(page), *inline(page))
        if (whole := complete(words))
    }
)


@pytest.mark.slow
@pytest.mark.parametrize("words", RUN)
def test_every_command_that_is_written_out_runs(
    documented: Path, tmp_path: Path, words: str
) -> None:
    folder = tmp_path / "list"
    shutil.copytree(documented, folder)
    arguments = shlex.split(words)[1:]
    if arguments[0] == "preview":
        arguments += ["--no-open"]
    status, out, complaint = digest(folder, arguments, "Subject: Out of office\n\nBack soon.\n")
    assert "Traceback" not in complaint
    # An invented sender has something to mend, a title is unknown, nothing is paused, no edition and
    # no reading is held, a dump is no list of readers: a line says so.
    may_refuse = arguments[0] in REFUSING or UNLIKELY & {*arguments}
    assert status in ({0, 1} if may_refuse else {0}), complaint or out
