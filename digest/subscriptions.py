"""Readers come, shape what they get, and go: the same rules at every door.

The command line, the CSV import and the web pages all end here, so an address is judged, a
preference read and a state changed in one way only.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from digest.errors import SubscriberError
from digest.model import (
    Frequency,
    MailFormat,
    Preferences,
    Subscriber,
    SubscriberState,
    Topic,
)
from digest.store import Store, Unit

COLUMNS = (
    "email", "topics", "exclude", "keywords", "frequency", "hour", "timezone", "max_papers", "format",
)  # fmt: skip
"""The columns of the CSV form. Only ``email`` must be there."""

Choice = TypeVar("Choice", Frequency, MailFormat)

MAX_KEYWORDS = 50
MAX_KEYWORD_LENGTH = 80
MAX_PAPERS = 500


@dataclass(frozen=True, slots=True)
class Added:
    """A reader after an attempt to add them, and in words what that changed."""

    subscriber: Subscriber
    words: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the rows of a CSV file; ``bad_rows`` has one line for each unusable one."""

    added: int
    known: int
    bad_rows: tuple[str, ...]


def normal_address(text: str) -> str:
    """The address in the form it is kept and written to.

    Lengths and forms as RFC 5321 §4.5.3.1 and RFC 6531 have them, judged by email-validator. No
    look at DNS: whether a domain takes mail is the relay's to say.

    Raises `digest.errors.SubscriberError` with what is wrong; it never repeats more than the text
    given.
    """
    from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

    # Its documented switch for closed networks: a lab's relay may well know reader@host.local.
    SPECIAL_USE_DOMAIN_NAMES.clear()
    try:
        found = validate_email(
            text.strip(), check_deliverability=False, globally_deliverable=False, strict=True
        )
    except EmailNotValidError as error:
        shown = text.strip()[:80] or "(empty)"
        raise SubscriberError(
            f"not a mail address: {str(error).rstrip('.')}",
            where=shown,
            mend="Give it as name@example.org",
        ) from None
    return found.normalized


def add(
    store: Store, email: str, preferences: Preferences, *, confirmed: bool, now: datetime
) -> Added:
    """Add a reader by hand. ``confirmed`` means that the operator vouches for their wish.

    A reader who unsubscribed, or whose address is suppressed, is never brought back this way.
    """
    address = normal_address(email)
    with store.begin() as unit:
        return _add(unit, address, preferences, confirmed=confirmed, now=now, origin="operator")


def _add(
    unit: Unit,
    address: str,
    preferences: Preferences,
    *,
    confirmed: bool,
    now: datetime,
    origin: str,
) -> Added:
    state = SubscriberState.ACTIVE if confirmed else SubscriberState.PENDING
    before = unit.subscribers.by_email(address)
    if before is None:
        added = unit.subscribers.add(
            address, state=state, preferences=preferences, now=now, origin=origin
        )
        words = "added" if confirmed else "added; gets nothing until the address is confirmed"
        return Added(added, words, True)
    if before.state is SubscriberState.PENDING and confirmed:
        unit.subscribers.set_state(
            before.id, SubscriberState.ACTIVE, "confirmed by the operator", now
        )
        unit.subscribers.set_preferences(before.id, preferences)
        return Added(_again(unit, before.id), "was pending; now confirmed", False)
    if before.state in (SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED):
        return Added(before, f"left as it is: {before.state} ({before.state_reason})", False)
    return Added(before, f"known already ({before.state})", False)


def find(store: Store, email: str) -> Subscriber:
    """The reader with that address.

    Raises `digest.errors.SubscriberError` if there is none.
    """
    address = normal_address(email)
    with store.begin() as unit:
        found = unit.subscribers.by_email(address)
    if found is None:
        raise SubscriberError(
            "no such subscriber", where=address, mend="See: digest subscribers list"
        )
    return found


def unsubscribe_address(store: Store, email: str, *, reason: str, now: datetime) -> Subscriber:
    """Unsubscribe by address. What is planned for the reader is excluded before it is sent."""
    found = find(store, email)
    return unsubscribe(store, found.id, reason=reason, now=now)


def unsubscribe(store: Store, subscriber_id: int, *, reason: str, now: datetime) -> Subscriber:
    """Unsubscribe. Doing it again changes nothing; a suppressed address stays suppressed."""
    with store.begin() as unit:
        reader = _again(unit, subscriber_id)
        if reader.state in (SubscriberState.ACTIVE, SubscriberState.PENDING):
            unit.subscribers.set_state(reader.id, SubscriberState.UNSUBSCRIBED, reason, now)
        return _again(unit, subscriber_id)


def erase(store: Store, email: str) -> None:
    """Delete everything known of a reader."""
    found = find(store, email)
    with store.begin() as unit:
        unit.subscribers.erase(found.id)


def everyone(store: Store, state: SubscriberState | None = None) -> Iterator[Subscriber]:
    """All readers, in the order they came, a few hundred at a time."""
    after = 0
    while True:
        with store.begin() as unit:
            chunk = unit.subscribers.list(state=state, after=after, limit=500)
        yield from chunk
        if not chunk:
            return
        after = chunk[-1].id


def import_csv(
    store: Store, text: str, *, topics: Sequence[Topic], confirmed: bool, now: datetime
) -> ImportReport:
    """Add the readers of a CSV text with a header line; see `COLUMNS`.

    All good rows are added in one transaction; a bad one costs only itself.
    """
    rows = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    header = [(name or "").strip().lower() for name in rows.fieldnames or ()]
    if "email" not in header:
        raise SubscriberError(
            "the header line names no column email", mend=f"Start with: {','.join(COLUMNS)}"
        )
    unknown = sorted(set(header) - set(COLUMNS))
    if unknown:
        raise SubscriberError(
            f"unknown column {unknown[0]!r}", mend=f"Known are: {', '.join(COLUMNS)}"
        )
    rows.fieldnames = header
    added = known = 0
    bad: list[str] = []
    with store.begin() as unit:
        try:
            for row in rows:
                cells = {name: row.get(name) or "" for name in COLUMNS}
                if not any(cells.values()):
                    continue
                try:
                    if row.get(None):
                        raise SubscriberError("more cells than the header has columns")
                    done = _add(
                        unit,
                        normal_address(cells["email"]),
                        read_preferences(cells, topics=topics),
                        confirmed=confirmed,
                        now=now,
                        origin="import",
                    )
                except SubscriberError as error:
                    bad.append(f"row {rows.line_num}: {error}")
                    continue
                added += done.is_new
                known += not done.is_new
        except csv.Error as error:
            bad.append(f"row {rows.line_num}: not CSV from here on ({error}); rows before it count")
    return ImportReport(added, known, tuple(bad))


def export_csv(store: Store) -> str:
    """All active readers in the form that `import_csv` reads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for reader in everyone(store, SubscriberState.ACTIVE):
        wants = reader.preferences
        writer.writerow(
            [
                reader.email,
                "; ".join(wants.topics),
                "; ".join((*wants.exclude_topics, *wants.exclude_keywords)),
                "; ".join(wants.keywords),
                wants.frequency.value,
                "" if wants.hour is None else wants.hour,
                wants.timezone or "",
                "" if wants.max_papers is None else wants.max_papers,
                wants.format.value,
            ]
        )
    return out.getvalue()


def read_preferences(cells: Mapping[str, str], *, topics: Sequence[Topic]) -> Preferences:
    """Preferences from their written form; an empty or missing cell means the default.

    ``exclude`` names topics, and words where no topic has that id; so does a ``-`` before a
    keyword.

    Raises `digest.errors.SubscriberError` that names the wrong cell, and what it may be.
    """
    ids = {topic.id for topic in topics}
    wanted = _items(cells.get("topics", ""), r"[;,|\s]+")
    for name in wanted:
        if name not in ids:
            raise SubscriberError(
                f"unknown topic {name[:40]!r}",
                where="topics",
                mend=f"Known are: {', '.join(sorted(ids))}",
            )
    excluded = _items(cells.get("exclude", ""), r"[;,|\n]+")
    words = _items(cells.get("keywords", ""), r"[;,|\n]+")
    return Preferences(
        topics=wanted,
        exclude_topics=tuple(item for item in excluded if item in ids),
        keywords=_keywords(word for word in words if not word.startswith("-")),
        exclude_keywords=_keywords(
            [item for item in excluded if item not in ids]
            + [word[1:].strip() for word in words if word.startswith("-") and word[1:].strip()]
        ),
        frequency=_choice(Frequency, cells.get("frequency", ""), "frequency", Frequency.DAILY),
        hour=_number(cells.get("hour", ""), "hour", 0, 23),
        timezone=_zone(cells.get("timezone", "")),
        max_papers=_number(cells.get("max_papers", ""), "max_papers", 1, MAX_PAPERS),
        format=_choice(MailFormat, cells.get("format", ""), "format", MailFormat.HTML),
    )


def _items(cell: str, separator: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.strip() for item in re.split(separator, cell) if item.strip()))


def _keywords(words: Iterable[str]) -> tuple[str, ...]:
    kept = tuple(" ".join(word.split()) for word in words)
    if len(kept) > MAX_KEYWORDS:
        raise SubscriberError(f"more than {MAX_KEYWORDS} words", where="keywords")
    for word in kept:
        if len(word) > MAX_KEYWORD_LENGTH:
            raise SubscriberError(
                f"{word[:20]!r}… is longer than {MAX_KEYWORD_LENGTH} characters", where="keywords"
            )
    return kept


def _choice(kind: type[Choice], cell: str, where: str, default: Choice) -> Choice:
    word = cell.strip().lower()
    if not word:
        return default
    try:
        return kind(word)
    except ValueError:
        allowed = ", ".join(kind)
        raise SubscriberError(
            f"{word[:20]!r} is not known", where=where, mend=f"Give one of: {allowed}"
        ) from None


def _number(cell: str, where: str, lowest: int, highest: int) -> int | None:
    word = cell.strip()
    if not word:
        return None
    if not (word.isascii() and word.isdigit() and lowest <= int(word[:9]) <= highest):
        raise SubscriberError(
            f"{word[:20]!r} is not a whole number from {lowest} to {highest}", where=where
        )
    return int(word)


def _zone(cell: str) -> str | None:
    name = cell.strip()
    if not name:
        return None
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise SubscriberError(
            f"{name[:40]!r} is not a time zone",
            where="timezone",
            mend="Give an IANA name such as Europe/Paris",
        ) from None
    return name


def _again(unit: Unit, subscriber_id: int) -> Subscriber:
    found = unit.subscribers.by_id(subscriber_id)
    if found is None:
        raise SubscriberError("no such subscriber")
    return found
