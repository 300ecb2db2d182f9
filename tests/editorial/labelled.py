"""Papers that a person gave topics, for the bench and the tests on real data.

A labels file has one JSON object per line: ``title``, ``topic``, ``accepted`` and ``set``, and
``abstract`` unless the paper is in one of the dumps beside it. A ``.tsv`` file names papers by arXiv
id instead (then the primary topic, and all that would do); their words are read from the daily lists
and the pairs of papers in the folder of real data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from digest.sources import open_source


@dataclass(frozen=True)
class Labelled:
    """A paper, the topic a reader would give it first, and every topic that would do."""

    title: str
    abstract: str
    topic: str
    accepted: tuple[str, ...]
    set: str = ""


def same(title: str) -> str:
    return "".join(filter(str.isalnum, title.casefold()))


def dumped(folder: Path) -> dict[str, tuple[str, str]]:
    """Title and abstract of every paper in the folder's dumps, by what is the same title."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(folder.glob("dumps/*.txt")):
        for dump in open_source(str(path)).read(today=date(2026, 11, 20)):
            for record in getattr(dump, "records", ()):
                found.setdefault(same(record.title), (record.title, record.abstract))
    return found


def read(path: Path, folder: Path) -> list[Labelled]:
    """The labels in ``path``; words that it lacks come from ``folder``."""
    if path.suffix == ".tsv":
        return list(_by_id(path, folder))
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    dumps = dumped(folder) if any("abstract" not in row for row in rows) else {}
    return [
        Labelled(
            row["title"],
            row["abstract"] if "abstract" in row else dumps[same(row["title"])][1],
            row["topic"],
            tuple(row["accepted"]),
            row.get("set", path.stem),
        )
        for row in rows
    ]


def _by_id(path: Path, folder: Path) -> Iterator[Labelled]:
    words = {name: (title, abstract) for name, title, abstract in identified(folder)}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, topic, accepted = line.split("\t")
        if name in words:
            yield Labelled(*words[name], topic, tuple(accepted.split(",")), path.stem)


def identified(folder: Path) -> Iterator[tuple[str, str, str]]:
    """ArXiv id, title and abstract of the papers in the daily lists and the pairs of papers."""
    for path in sorted(folder.glob("hf/*.json")):
        for entry in json.loads(path.read_text("utf-8")):
            paper = entry.get("paper", {})
            yield paper.get("id") or "", paper.get("title") or "", paper.get("summary") or ""
    for path in sorted(folder.glob("identity/*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            for side in "a" if "kind" in row else "ab":
                name = row["id"] if "kind" in row else row[f"id_{side}"]
                yield name, row[f"title_{side}"], row[f"abstract_{side}"]


def unlabelled(folder: Path) -> Iterator[tuple[str, str]]:
    """Every other title and abstract beside the labels: dumps, daily lists, pairs of papers."""
    yield from dumped(folder).values()
    yield from ((title, abstract) for _, title, abstract in identified(folder))


def distinct(papers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each title once, with the first abstract it had."""
    return list({same(title): (title, abstract) for title, abstract in papers if title}.values())
