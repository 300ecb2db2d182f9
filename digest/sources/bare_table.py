"""Read rows of cells between tabs that no header names: what a column is, its cells say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from digest.sources.bibliography import each_line
from digest.sources.links import absolute, bare_id, paper_id
from digest.sources.text.signed import author_names

_FEWEST_ROWS, _MOST_COLUMNS = 2, 20
_SAMPLE = 200
_MOSTLY = 0.8
_OFTEN = 0.6
_DOI = re.compile(r"(?:doi:\s?)?10\.\d{4,9}/\S{1,200}", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_FEWEST_WORDS = 3
_ABSTRACT = 250
_LONGEST_TITLE = 300


def bare_columns(text: str) -> tuple[str, ...]:
    """The field of each column, ``""`` for a row's number; nothing if it is no table of papers.

    A column is known if most of its cells are ids or links of papers, days, names or titles. A table with a
    column of anything else (votes, say) is left to the reader of text, which knows facts.
    """
    rows = list(islice(rows_of(text), _SAMPLE))
    if len(rows) < _FEWEST_ROWS or not 2 <= len(rows[0]) <= _MOST_COLUMNS:
        return ()
    if any(len(row) != len(rows[0]) for row in rows):
        return ()
    columns = [[row[place] for row in rows] for place in range(len(rows[0]))]
    fields = list(map(_told, columns))
    if not {"id", "url"} & set(fields):
        return ()
    _name_words(columns, fields)
    known = [field for field in fields if field]
    sure = len(known) == len(set(known)) and "title" in known and "?" not in known
    return tuple(fields) if sure else ()


def rows_of(text: str) -> Iterator[list[str]]:
    """The cells of each line that is not empty, without the quotes around them."""
    for line in each_line(text.lstrip("\ufeff")):
        if line.strip():
            yield [_bare(cell.strip()) for cell in line.rstrip("\r\n").split("\t")]


def _bare(cell: str) -> str:
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    return cell[1:-1].replace('""', '"') if quoted else cell


def _told(cells: Sequence[str]) -> str:
    """The field that the form of a column's cells tells; ``?`` if only their words could."""
    if not any(cells) or [*map(str, range(1, len(cells) + 1))] == [
        cell.strip(".)") for cell in cells
    ]:
        return ""
    if _share(cells, _is_id) >= _MOSTLY:
        return "id"
    if _share(cells, _is_page) >= _MOSTLY:
        return "url"
    return "publishedAt" if _share(cells, _DAY.fullmatch) >= _MOSTLY else "?"


def _name_words(columns: Sequence[Sequence[str]], fields: list[str]) -> None:
    """Name the columns of words: abstracts are long, authors are names, and what is left is titles."""
    for place, cells in enumerate(columns):
        if fields[place] != "?":
            continue
        if sum(map(len, cells)) >= _ABSTRACT * len(cells):
            fields[place] = "summary"
        elif _share(cells, author_names) >= _OFTEN:
            fields[place] = "authors"
        elif _share(cells, _may_be_title) >= _OFTEN:
            fields[place] = "title"


def _share(cells: Sequence[str], holds: Callable[[str], object]) -> float:
    return sum(bool(holds(cell)) for cell in cells) / len(cells)


def _is_id(cell: str) -> bool:
    return bare_id(cell) is not None or _DOI.fullmatch(cell) is not None


def _is_page(cell: str) -> bool:
    url = absolute(cell) if cell.lower().startswith("http") else None
    return url is not None and paper_id(url) is not None


def _may_be_title(cell: str) -> bool:
    words = len(cell.split()) >= _FEWEST_WORDS and len(cell) <= _LONGEST_TITLE
    return words and any(map(str.isalpha, cell))
