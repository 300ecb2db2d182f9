"""Sources are found by their scheme: this program's own, and those that other packages bring."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from cli.local_services import local_services

from digest.errors import SourceError
from digest.model import Dump, Rejected
from digest.sources import LocationReader, open_source
from digest.sources.registry import ENTRY_POINTS, scheme_of, schemes
from digest.sources.tools import SourceTools

DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs" / "sources.md"

TODAY = date(2026, 11, 20)
PACKAGE = '''
from digest.model import Dump, Record

class Board:
    """The notices on a board."""

    def __init__(self, name):
        self.name = name

    def read(self, *, today, known=frozenset()):
        if self.name == "broken":
            raise KeyError("nails")
        yield Dump(f"board:{self.name}", "f" * 64, (Record(f"A notice in the {self.name}"),))

def open_source(location, tools):
    return Board(location.partition(":")[2])
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package that somebody else wrote, installed."""
    (tmp_path / "invented_board.py").write_text(PACKAGE)
    about = tmp_path / "invented_board-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: invented-board\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[digest.sources]\nboard = invented_board:open_source\nlost = invented_lost:open_source\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("invented_board", None)


@pytest.mark.parametrize(
    ("location", "scheme"),
    [
        ("hf:daily", "hf"),
        ("oai:https://archive.invented.io/oai?set=x", "oai"),
        ("https://papers.invented.io", ""),
        ("C:\\dumps\\page.txt", ""),
        ("page.txt", ""),
        ("-", ""),
        ("", ""),
    ],
)
def test_a_scheme_is_told_from_paths_and_addresses(location: str, scheme: str) -> None:
    assert scheme_of(location) == scheme


@pytest.mark.usefixtures("package")
def test_another_package_brings_a_source_in_twenty_lines() -> None:
    assert "board" in schemes()
    (dump,) = open_source("board:hall").read(today=TODAY)
    assert isinstance(dump, Dump)
    assert dump.records[0].title == "A notice in the hall"


@pytest.mark.usefixtures("package")
def test_a_fault_in_one_source_keeps_no_other_from_being_read(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reader = LocationReader(["board:broken", "lost:x", "board:hall"], today=TODAY)
    dumps: list[Dump | Rejected] = list(reader)
    assert len(dumps) == 1
    assert ["KeyError" in str(error) for error in reader.failed] == [True, False]
    assert "invented_lost:open_source" in str(reader.failed[1])


def test_a_scheme_that_nobody_brings_is_answered_with_the_nearest() -> None:
    with pytest.raises(SourceError, match="Did you mean hf"):
        open_source("hff:daily")


def test_a_file_whose_name_looks_like_a_scheme_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("hf:daily").write_text("")
    (rejected,) = open_source("hf:daily").read(today=TODAY)
    assert isinstance(rejected, Rejected)


def test_the_source_that_the_documentation_writes_can_be_installed_and_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = DOCUMENTATION.read_text(encoding="utf-8")
    code = guide.partition("<!-- own source -->\n```python\n")[2].partition("```")[0]
    entry = guide.partition("<!-- own entry point -->\n```toml\n")[2].partition("```")[0]
    (points,) = tomllib.loads(entry)["project"]["entry-points"].values()
    about = tmp_path / "lab_papers-1.0.dist-info"
    about.mkdir()
    (tmp_path / "lab_papers.py").write_text(code)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: lab-papers\nVersion: 1.0\n")
    lines = [f"{name} = {value}\n" for name, value in points.items()]
    (about / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\n{''.join(lines)}")
    monkeypatch.syspath_prepend(str(tmp_path))
    with local_services() as services:
        services.pages["/lab/vision.json"] = json.dumps(
            [{"title": "Lanterns in the Attic", "abstract": "We light them."}]
        )
        tools = SourceTools(endpoints={"lab": services.address("lab")})
        reader = LocationReader(["lab:vision"], today=TODAY, tools=tools)
        (dump,) = reader
    sys.modules.pop("lab_papers", None)
    assert [(one.title, one.abstract) for one in dump.records] == [
        ("Lanterns in the Attic", "We light them.")
    ]
    assert (dump.location, reader.troubles) == ("lab:vision", {"lab:vision": None})
    assert len(code.splitlines()) <= 25
