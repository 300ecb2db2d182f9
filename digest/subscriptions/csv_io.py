"""Import and export subscribers as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.errors import SubscriberError
from digest.model import SubscriberState, Topic
from digest.store import Store
from digest.subscriptions.addresses import validate_address
from digest.subscriptions.administration import (
    AddResult,
    NewSubscriber,
    add_in_transaction,
    list_subscribers,
)
from digest.subscriptions.preferences import COLUMNS, read_preferences


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The outcome of a CSV file's rows; ``bad_rows`` has one line for each unusable one.

    ``left`` counts those who do not want to be readers, and whom no sheet brings back.
    """

    added: int
    known: int
    left: int
    bad_rows: tuple[str, ...]


def import_csv(
    store: Store,
    text: str,
    *,
    topics: Sequence[Topic],
    confirmed: bool,
    now: datetime,
    ask: bool = True,
) -> ImportReport:
    """Add the subscribers of a CSV text with a header line; see `COLUMNS`.

    Who is not ``confirmed`` gets a mail that asks for it, unless ``ask`` is false. All good rows
    are added in one transaction; a bad one costs only itself. Raises `SubscriberError` for a header
    that cannot be used.
    """
    rows = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    rows.fieldnames = _header(rows.fieldnames or ())
    results: list[AddResult] = []
    bad: list[str] = []
    with store.begin() as unit:
        try:
            for row in rows:
                cells = {name: _read_cell(row.get(name) or "") for name in COLUMNS}
                if not any(cells.values()):
                    continue
                try:
                    if row.get(None):
                        raise SubscriberError("more cells than the header has columns")
                    address = validate_address(cells["email"])
                    preferences = read_preferences(cells, topics=topics)
                    new = NewSubscriber(address, preferences, confirmed, "import", ask)
                    results.append(add_in_transaction(unit, new, now))
                except SubscriberError as error:
                    bad.append(f"row {rows.line_num}: {error}")
        except csv.Error as error:
            bad.append(f"row {rows.line_num}: not CSV from here on ({error}); rows before it count")
    added = sum(result.is_new for result in results)
    left = sum(result.refused for result in results)
    return ImportReport(added, len(results) - added - left, left, tuple(bad))


def _header(names: Sequence[str]) -> list[str]:
    """The column names of a header line. Raises `SubscriberError` if they cannot be used."""
    header = [(name or "").strip().lower() for name in names]
    if "email" not in header:
        # Spreadsheets of half the world separate columns otherwise, but lists stand in cells here.
        if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
            raise SubscriberError(
                "its columns are not separated by commas", mend="Save it as CSV with commas"
            )
        raise SubscriberError(
            "the header line names no column email", mend=f"Start with: {','.join(COLUMNS)}"
        )
    unknown = sorted(set(header) - set(COLUMNS))
    if unknown:
        raise SubscriberError(
            f"unknown column {unknown[0]!r}", mend=f"Known are: {', '.join(COLUMNS)}"
        )
    return header


@dataclass(frozen=True, slots=True)
class CsvExport:
    """A CSV text; ``left_out`` has one line for each reader whose record cannot be used."""

    text: str
    left_out: tuple[str, ...]


def export_csv(store: Store) -> CsvExport:
    """All active readers in the form that `import_csv` reads."""
    left_out = []
    out = io.StringIO()
    # Quoted, so that a list is one cell also where ";" separates them.
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for subscriber in list_subscribers(store, SubscriberState.ACTIVE):
        if subscriber.unusable:
            left_out.append(f"subscriber {subscriber.id} is left out: {subscriber.unusable}")
            continue
        preferences = subscriber.preferences
        writer.writerow(
            _cell(value)
            for value in (
                subscriber.email,
                "; ".join(preferences.topics),
                "; ".join((*preferences.exclude_topics, *preferences.exclude_keywords)),
                "; ".join(preferences.keywords),
                preferences.frequency.value,
                "" if preferences.hour is None else preferences.hour,
                preferences.timezone or "",
                "" if preferences.max_papers is None else preferences.max_papers,
                preferences.format.value,
            )
        )
    return CsvExport(out.getvalue(), tuple(left_out))


_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""What a spreadsheet may take for a formula, and run, also in full-width letters; and the same
behind
the apostrophes by which it is kept from that, so that a cell is read back as it was.
"""


def _cell(value: object) -> str:
    """A value as a cell that a spreadsheet shows and does not run."""
    text = str(value)
    return f"'{text}" if _FORMULA.match(text) else text


def _read_cell(text: str) -> str:
    """The value of a cell that `_cell` made; any other cell is its own value."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
