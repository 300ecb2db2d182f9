"""Count a paper once that a page lists twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace

from digest.model import Record

_WORDS = ("title", "abstract", "position")


def without_repeats(records: Iterable[Record]) -> tuple[Record, ...]:
    """The records in order, numbered from 1, each paper once with all that is told of it.

    Two entries are one paper if their titles are the same (but for blanks and case) and so are
    their abstracts, or one of these is missing, or both lead to the same id.
    """
    kept: list[Record] = []
    folded: list[str] = []  # the abstract of each that is kept
    places: dict[str, list[int]] = {}
    for record in records:
        abstract = _folded(record.abstract)
        same = places.setdefault(_folded(record.title), [])
        for place in same:
            if _one_paper(kept[place], record, folded[place], abstract):
                before = kept[place]
                kept[place] = _richer(before, record)
                if kept[place].abstract is not before.abstract:
                    folded[place] = abstract
                break
        else:
            if len(same) < 20:
                same.append(len(kept))
            kept.append(record)
            folded.append(abstract)
    return tuple(replace(record, position=place) for place, record in enumerate(kept, start=1))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _one_paper(first: Record, second: Record, abstract: str, other: str) -> bool:
    if first.external_id and second.external_id:
        return first.external_id == second.external_id
    if not first.abstract or not second.abstract:
        return True
    return abstract == other


def _richer(first: Record, second: Record) -> Record:
    """The one with more text, completed by what only the other has."""
    base, other = (second, first) if len(second.abstract) > len(first.abstract) else (first, second)
    missing = {
        name: getattr(other, name)
        for name in (each.name for each in fields(Record))
        if name not in _WORDS and getattr(base, name) in (None, ())
    }
    return replace(base, **missing)
