"""A page that breaks its reader costs every command one line, and no other page."""

from __future__ import annotations

import pytest
from cli.conftest import Terminal
from installation import ABOUTS, abstract

from digest.sources import isolation

PAGE = "\n\n".join(text for each in "AB" for text in (ABOUTS[each][0], abstract(each)))
CRASHING = """
import json, os, sys
sys.path[:] = json.loads(sys.argv[1])
from digest.sources import isolated
usual = isolated.read_dump
def read_dump(data, **options):
    if b"hostile" in data: os.kill(os.getpid(), 9)
    return usual(data, **options)
isolated.read_dump = read_dump
isolated.main(int(sys.argv[2]))
"""


@pytest.mark.parametrize(
    "command",
    [
        ("parse",),
        ("topics",),
        ("preview", "--no-open", "--output", "mail"),
        ("ingest",),
    ],
)
def test_a_page_that_kills_its_reader_is_named_and_the_others_are_read(
    digest: Terminal, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    isolation.end_idle()
    monkeypatch.setattr(isolation, "_START", CRASHING)
    folder = digest.folder / "dumps"
    folder.mkdir()
    digest.text_file("dumps/a.txt", "hostile")
    digest.text_file("dumps/b.txt", PAGE)
    (folder / "c.txt").symlink_to("/etc/passwd")
    answer = digest(*command, str(folder))
    isolation.end_idle()
    assert answer.code == 0, answer.err
    said = answer.err + answer.out
    assert "a.txt" in said
    assert "the reader crashed on it" in said
    assert "c.txt" in said
    assert "a symbolic link, not followed" in said
    assert "Traceback" not in said
    assert "root:" not in said
