"""What is no list of papers is refused, with what it seems to be, and never mailed."""

from __future__ import annotations

import inspect
import textwrap
from pathlib import Path

import pytest
from sources import shelf
from sources.shelf import SHELF, TODAY

from digest.model import Dump, Rejected
from digest.sources.reading import read_dump

HERE = Path(__file__).parents[2]
STORY = (
    "He had kept the light for thirty years, and the sea had never once asked him his name. It came "
    "and went as it pleased, in grey and in green, and on the worst of nights it looked in."
)
NOT_PAPERS = {
    "an error page": (
        "404 Not Found\n\nThe page you are looking for does not exist. It may have been moved, or "
        "removed altogether; go back to the start of the site and try again from there.\n\n"
        "Contact support\n\nIf you think this is a mistake, tell our support team which page you "
        "were trying to reach, and what you did before you came here."
    ),
    "a page that asks whether you are human": (
        "<!doctype html><html><body><h1>papers.example.org</h1><h2>Verify you are human by completing "
        "the action below.</h2><p>The site needs to review the security of your connection before "
        "proceeding.</p></body></html>"
    ),
    "a login page": (
        "<!doctype html><html><body><h1>Log In</h1><p>Don't have an account? Sign Up</p><p>Username or "
        "Email address</p><p>SSO is available for companies that have a plan, please ask your "
        "administrator.</p><a href='/x'>Forgot your password?</a></body></html>"
    ),
    "a log": "\n".join(
        f"2026-11-20 09:41:{n:02},310 INFO worker.{n % 4}: request {n} took {n * 7} ms, status 200"
        for n in range(40)
    ),
    "program code": inspect.getsource(textwrap),
    "running text": "\n\n".join(f"Chapter {name}\n\n{STORY}" for name in ("One", "Two", "Three")),
    "a licence": (HERE / "LICENSE").read_text("utf-8"),
    "an installation guide or a manual": (
        "# Installing the thing\n\n## Requirements\n\nYou need a database and the build tools, because "
        "some packages come without wheels for older machines.\n\n## Installation\n\nClone the "
        "repository, run `pip install thing`, and wait until your command returns.\n\n## Usage\n\n"
        "Set the options in the file, then run the server and open your browser at its page."
    ),
}


@pytest.mark.parametrize("kind", NOT_PAPERS)
def test_what_is_no_list_of_papers_is_refused_with_what_it_seems_to_be(kind: str) -> None:
    refused = read_dump(NOT_PAPERS[kind].encode(), location="page", today=TODAY)
    assert isinstance(refused, Rejected)
    assert kind in refused.reason or kind == "running text"
    assert "save the papers page itself" in refused.reason


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "pyproject.toml"])
def test_this_projects_own_files_are_no_papers(name: str) -> None:
    data = (HERE / name).read_bytes()
    assert isinstance(read_dump(data, location=name, today=TODAY), Rejected)


def test_titles_and_abstracts_without_any_facts_are_papers() -> None:
    for layout in (shelf.hard_wrapped, shelf.padded, shelf.bold_titles):
        dump = read_dump(layout(SHELF).encode(), location="page", today=TODAY)
        assert isinstance(dump, Dump)
        assert dump.understood > 0.95


def test_what_was_not_understood_of_a_page_is_told_as_a_share() -> None:
    noise = "\n\n".join(["Nobody knows what this line is for"] * 12)
    page = shelf.scraped_markdown(SHELF)
    dump = read_dump(f"{noise}\n\n{page}".encode(), location="page", today=TODAY)
    assert isinstance(dump, Dump)
    assert len(dump.records) == len(SHELF)
    assert 0.5 < dump.understood < 0.97
