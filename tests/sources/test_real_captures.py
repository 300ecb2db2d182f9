"""Real captures of papers pages give exactly what is in them, however they were made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sources.shelf import TODAY

from digest.model import Dump, Record
from digest.sources.reading import read_dump

pytestmark = pytest.mark.real


def captures(folder: Path) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    for truth in sorted(folder.rglob("*.truth.jsonl")):
        name = truth.name.removesuffix(".truth.jsonl")
        (path,) = (
            p for p in truth.parent.glob(f"{name}.*") if p.suffix in (".md", ".txt", ".html")
        )
        yield path, [json.loads(line) for line in truth.read_text("utf-8").splitlines()]


def folded(text: str) -> str:
    return " ".join(re.sub("[\u200b\ufeff]", "", text).split())


def told(record: Record, names: set[str]) -> dict[str, object]:
    values = {
        name: getattr(record, name) for name in names - {"title", "abstract", "code", "comments"}
    }
    if values.get("published"):
        values["published"] = values["published"].isoformat()
    return {"title": folded(record.title), "abstract": folded(record.abstract), **values}


def test_every_capture_gives_its_papers_word_for_word_and_none_besides(real_data: Path) -> None:
    found = list(captures(real_data / "captures"))
    assert found
    for path, papers in found:
        dump = read_dump(path.read_bytes(), location=path.name, today=TODAY)
        assert isinstance(dump, Dump), path.name
        by_title = {folded(record.title): record for record in dump.records}
        assert set(by_title) == {folded(paper["title"]) for paper in papers}, path.name
        for paper in papers:
            true = {
                name: value for name, value in paper.items() if name not in ("code", "comments")
            }
            true |= {"title": folded(true["title"]), "abstract": folded(true["abstract"])}
            assert told(by_title[true["title"]], set(true)) == true, path.name
