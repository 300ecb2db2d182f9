"""Real pages are read word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sources.shelf import TODAY

from digest.model import Dump
from digest.sources import open_source

pytestmark = pytest.mark.real
COUNTS = [88, 244, 217, 250, 71]


def dump_at(path: Path) -> Dump:
    (dump,) = open_source(str(path)).read(today=TODAY)
    assert isinstance(dump, Dump)
    return dump


def test_every_title_and_abstract_is_a_line_of_its_dump_in_order(real_data: Path) -> None:
    paths = sorted((real_data / "dumps").glob("*.txt"))
    dumps = [dump_at(path) for path in paths]
    assert [len(dump.records) for dump in dumps] == COUNTS
    for path, dump in zip(paths, dumps, strict=True):
        assert dump.rejected == ()
        lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
        words = [words for record in dump.records for words in (record.title, record.abstract)]
        body = lines[-len(words) :]
        assert [body[0].removeprefix("Subscribe"), *body[1:]] == words


def test_the_days_in_their_headers_are_read(real_data: Path) -> None:
    dumps = [dump_at(path) for path in sorted((real_data / "dumps").glob("*.txt"))]
    assert [dump.day is not None for dump in dumps] == [True, False, False, False, True]


def test_the_captured_pages_give_their_papers_with_all_they_tell(real_data: Path) -> None:
    for path in sorted((real_data / "pages").iterdir()):
        text = path.read_text(encoding="utf-8")
        dump = dump_at(path)
        assert dump.rejected == ()
        squeezed = re.sub(r"\s+", " ", text)
        headings = len(set(re.findall(r"^### .*", text, re.MULTILINE)))
        assert len(dump.records) == headings
        for record in dump.records:
            assert record.title in squeezed
            assert record.abstract in squeezed
            assert len(record.abstract) > 100
            assert record.author_count or record.organization or record.links
