"""What is no list of papers is refused, with what it seems to be, and never mailed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sources import shelf
from sources.not_papers import NOT_PAPERS, OTHER_LISTS, SHORT_LISTS
from sources.shelf import SHELF, TODAY

from digest.model import Dump, Rejected
from digest.sources.reading import read_dump

HERE = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", NOT_PAPERS)
def test_what_is_no_list_of_papers_is_refused_with_what_it_seems_to_be(kind: str) -> None:
    refused = read_dump(NOT_PAPERS[kind].encode(), location="page", today=TODAY)
    assert isinstance(refused, Rejected)
    assert kind in refused.reason or kind == "running text"
    assert "save the papers page itself" in refused.reason


@pytest.mark.parametrize("name", OTHER_LISTS)
def test_a_list_of_something_else_is_refused_with_its_format(name: str) -> None:
    text, seems = OTHER_LISTS[name]
    refused = read_dump(text.encode(), location="page", today=TODAY)
    assert isinstance(refused, Rejected)
    assert seems in refused.reason


@pytest.mark.parametrize("mark", ["{line}", "{place}. {line}", "- {line}", "- [ ] {line}"])
@pytest.mark.parametrize("name", SHORT_LISTS)
def test_short_lines_that_are_no_titles_are_refused(name: str, mark: str) -> None:
    lines = [mark.format(place=place, line=line) for place, line in enumerate(SHORT_LISTS[name], 1)]
    for text in ("\n".join(lines), f"For Friday:\n{chr(10).join(lines)}", "\n\n".join(lines)):
        refused = read_dump(text.encode(), location="page", today=TODAY)
        assert isinstance(refused, Rejected), refused.records


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
