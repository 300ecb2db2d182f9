"""Import and export subscribers as CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from digest.errors import SubscriberError
from digest.model import (
    EventKind,
    Preferences,
    Subscriber,
    SubscriberState,
    SuppressionCause,
    Topic,
)
from digest.store import Store, UnitOfWork
from digest.subscriptions.addresses import validate_address
from digest.subscriptions.administration import (
    NewSubscriber,
    add_in_transaction,
    list_subscribers,
)
from digest.subscriptions.list_files import (
    ListedPerson,
    ListFile,
    Standing,
    UnreadableRow,
    read_list,
    safe_cell,
)
from digest.subscriptions.preferences import COLUMNS, read_preferences

BY_IMPORT = "import"
"""The door of who came with a sheet."""
ALL_COLUMNS = (*COLUMNS, "state", "reason", "name", "tags", "created_at", "confirmed_at")
"""The columns of an export of everybody. Those beyond `COLUMNS` say what became of each."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The outcome of a CSV file's rows; ``unreadable`` are those that cannot be used.

    ``left`` counts those who do not want to be readers, and whom no sheet brings back. ``kept``
    counts by their `Standing` those who were not subscribed where the file comes from: they are
    remembered, and get no mail. ``unconfirmed`` of those added had not confirmed there, either.
    """

    added: int
    known: int
    left: int
    unreadable: tuple[UnreadableRow, ...]
    kept: dict[Standing, int] = field(default_factory=dict)
    unconfirmed: int = 0
    header: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def bad_rows(self) -> tuple[str, ...]:
        """A line for each row that cannot be used."""
        return tuple(map(str, self.unreadable))


def import_csv(
    store: Store,
    text: str,
    *,
    topics: Sequence[Topic],
    confirmed: bool,
    now: datetime,
    ask: bool = True,
) -> ImportReport:
    """Add the subscribers of a list, ours or another program's; see `digest.subscriptions.list_files`.

    Who is not ``confirmed``, or was not there, gets a mail that asks for it, unless ``ask`` is false.
    Who left there, or could not be reached, is remembered and gets no mail, now or by a later
    import. A bad row costs only itself. Raises `SubscriberError` for a header that cannot be used.
    """
    listed = read_list(text)
    outcomes: Counter[tuple[str, Standing]] = Counter()
    unreadable: list[UnreadableRow] = []
    with store.begin() as unit:
        for row in listed.rows:
            if isinstance(row, UnreadableRow):
                unreadable.append(row)
                continue
            try:
                outcome = _take_in(unit, row, topics, now, confirmed=confirmed, ask=ask)
            except SubscriberError as error:
                unreadable.append(UnreadableRow(row.line, str(error), row.row))
            else:
                outcomes[outcome, row.standing] += 1
    return _report(outcomes, unreadable, listed)


def _report(
    outcomes: Counter[tuple[str, Standing]], unreadable: Sequence[UnreadableRow], listed: ListFile
) -> ImportReport:
    """Count what came of the rows, by outcome and by the standing on the list they came from."""
    counts: Counter[str] = Counter()
    for (outcome, _), count in outcomes.items():
        counts[outcome] += count
    return ImportReport(
        added=counts["added"] + counts["unconfirmed"],
        known=counts["known"],
        left=counts["left"],
        unreadable=tuple(unreadable),
        kept={standing: n for (outcome, standing), n in outcomes.items() if outcome == "kept"},
        unconfirmed=counts["unconfirmed"],
        header=listed.header,
        ignored=listed.ignored,
    )


def _take_in(
    unit: UnitOfWork,
    row: ListedPerson,
    topics: Sequence[Topic],
    now: datetime,
    *,
    confirmed: bool,
    ask: bool,
) -> str:
    """Add or remember the person of a row; the count that they belong to."""
    address = validate_address(row.address)
    if row.standing not in (Standing.SUBSCRIBED, Standing.UNCONFIRMED):
        return _remember(unit, address, row, now)
    sure = confirmed and row.standing is Standing.SUBSCRIBED
    preferences = read_preferences(row.preference_cells, topics=topics)
    return _add(unit, NewSubscriber(address, preferences, sure, BY_IMPORT, ask), row, now)


def _add(unit: UnitOfWork, new: NewSubscriber, row: ListedPerson, now: datetime) -> str:
    """Add a subscriber of a list; the count that they belong to."""
    result = add_in_transaction(unit, new, now)
    if result.refused:
        return "left"
    if not result.is_new:
        return "known"
    _note(unit, result.subscriber, row, now)
    return "unconfirmed" if row.standing is Standing.UNCONFIRMED else "added"


def _remember(unit: UnitOfWork, address: str, row: ListedPerson, now: datetime) -> str:
    """Remember somebody who is to get no mail; the count that they belong to.

    Who is active here is so by a word that came later than the file, and stays.
    """
    known = unit.subscribers.by_email(address, lock=True)
    if known is not None and known.state is not SubscriberState.PENDING:
        return "known" if known.state is SubscriberState.ACTIVE else "left"
    if known is None:
        if unit.subscribers.suppressed(address):
            return "left"
        known = unit.subscribers.add(
            address,
            state=SubscriberState.PENDING,
            preferences=Preferences(),
            now=now,
            origin=BY_IMPORT,
        )
    if row.standing is Standing.LEFT:
        state, reason = SubscriberState.UNSUBSCRIBED, "left the list that was imported"
    else:
        cause = (
            SuppressionCause.BOUNCED
            if row.standing is Standing.BOUNCED
            else SuppressionCause.COMPLAINED
        )
        state, reason = SubscriberState.SUPPRESSED, f"{cause} on the list that was imported"
    unit.subscribers.set_state(known.id, state, reason, now)
    _note(unit, known, row, now)
    return "kept"


def _note(unit: UnitOfWork, subscriber: Subscriber, row: ListedPerson, now: datetime) -> None:
    """Keep of a row what has no place in preferences, beside the proof of consent."""
    detail = {"standing": str(row.standing), "name": row.name, "tags": row.tags}
    detail["reason"] = row.reason
    kept = {key: text for key, text in detail.items() if text}
    unit.subscribers.note(subscriber.id, EventKind.IMPORTED, now, kept)
    if row.name:
        unit.arrivals.set_name(subscriber.id, row.name)


def rejected_rows(report: ImportReport) -> str:
    """Write the rows that could not be used as CSV, each with the reason, to be mended."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow((*report.header, "why"))
    width = len(report.header)
    for row in report.unreadable:
        cells = [*row.row, *[""] * (width - len(row.row))]
        writer.writerow([*map(safe_cell, cells), safe_cell(row.why)])
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class CsvExport:
    """A CSV text; ``left_out`` has one line for each reader whose record cannot be used."""

    text: str
    left_out: tuple[str, ...]


def export_csv(store: Store, *, everybody: bool = False) -> CsvExport:
    """All active readers in the form that `import_csv` reads; with ``everybody``, those who left too.

    Then each row has the state and its reason, so that a move by CSV forgets nobody who is to get
    no mail.
    """
    left_out = []
    out = io.StringIO()
    # Quoted, so that a list is one cell also where ";" separates them.
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(ALL_COLUMNS if everybody else COLUMNS)
    for subscriber in list_subscribers(store, None if everybody else SubscriberState.ACTIVE):
        if subscriber.unusable:
            left_out.append(f"subscriber {subscriber.id} is left out: {subscriber.unusable}")
            continue
        cells = _preference_cells(subscriber)
        if everybody:
            cells += _standing_cells(store, subscriber)
        writer.writerow(map(safe_cell, cells))
    return CsvExport(out.getvalue(), tuple(left_out))


def _preference_cells(subscriber: Subscriber) -> tuple[object, ...]:
    preferences = subscriber.preferences
    return (
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


def _standing_cells(store: Store, subscriber: Subscriber) -> tuple[object, ...]:
    with store.read() as unit:
        events = unit.subscribers.history(subscriber.id, kinds=(EventKind.IMPORTED,), limit=1)
        name = unit.arrivals.name(subscriber.id)
    imported = events[0].detail if events else {}
    return (
        subscriber.state.value,
        subscriber.state_reason,
        name or imported.get("name", ""),
        imported.get("tags", ""),
        subscriber.created_at.isoformat() if subscriber.created_at else "",
        subscriber.confirmed_at.isoformat() if subscriber.confirmed_at else "",
    )
