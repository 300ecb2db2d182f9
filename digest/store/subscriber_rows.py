"""Make subscribers from their rows, whatever stands there: one damaged row costs nobody else
anything.

Rows outlive programs. An older version, a hand with an SQL prompt or a failing disk may have left
what this version would never write. So the columns are read as the driver gives them, without the
conversions that raise in the midst of a thousand rows, and judged here, one reader at a time: what
is wrong stands in ``Subscriber.unusable``, which shuts that reader out, and nobody else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, type_coerce

from digest.errors import ConfigurationError
from digest.model import (
    Preferences,
    RecordPart,
    Subscriber,
    SubscriberEvent,
    SubscriberState,
    UnusableRecord,
)
from digest.store import codec
from digest.store.tables import subscribers

STATES = {state.value: state for state in SubscriberState}

LONGEST_ADDRESS = 320
"""Characters: a local part of 64 and a domain of 255 (RFC 5321 §4.5.3.1)."""
LONGEST_PREFERENCES = 300_000
"""Characters of JSON: the longest that can be chosen, each character escaped, and some room."""
LONGEST_KEPT = 4_000
"""Characters of JSON whose meaning is remembered: those of thousands of readers fit in memory."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_text(moment: ColumnElement[Any]) -> ColumnElement[str]:
    """A column of moments as ISO 8601 text: a driver refuses some that a database holds."""
    return cast(type_coerce(moment, Text), Text)


MAILED_COLUMNS = (
    subscribers.c.id,
    subscribers.c.email,
    type_coerce(subscribers.c.state, Text).label("state"),
    subscribers.c.preferences,
)
"""The columns that decide about a mail, in the order in which `subscriber_from_row` reads them."""

SUBSCRIBER_COLUMNS = (
    *MAILED_COLUMNS,
    subscribers.c.state_reason,
    as_text(subscribers.c.created_at).label("created_at"),
    as_text(subscribers.c.confirmed_at).label("confirmed_at"),
)
"""All columns that a subscriber is made of; the first of them are `MAILED_COLUMNS`."""


def subscriber_from_row(row: Sequence[Any]) -> Subscriber:
    """The subscriber of a row of `MAILED_COLUMNS` or `SUBSCRIBER_COLUMNS`; never raises.

    A state that there is not counts as suppressed. A moment that cannot be read is ``None``: no
    mail depends on it.
    """
    id, email, state, preferences, *rest = row
    state_reason, created_at, confirmed_at = rest or ("", None, None)
    chosen, unusable = _preferences(preferences)
    known = STATES.get(state) if isinstance(state, str) else None
    if known is None:
        known = SubscriberState.SUPPRESSED
        unusable = UnusableRecord(RecordPart.STATE, "is none that there is")
    if not (isinstance(email, str) and _is_address(email)):
        email = _shown(email)
        unusable = UnusableRecord(RecordPart.ADDRESS, "is none that mail can go to")
    return Subscriber(
        id,
        email,
        known,
        chosen,
        moment_of(created_at),
        moment_of(confirmed_at),
        state_reason if isinstance(state_reason, str) else "",
        unusable,
    )


def _is_address(email: str) -> bool:
    """True if it may be one: how it is put on the wire is judged where that is done."""
    return (
        3 <= len(email) <= LONGEST_ADDRESS
        and "@" in email[1:-1]
        and email.isprintable()
        and not any(c in email for c in " <>\ufffd")
    )


def _shown(email: Any) -> str:
    """The part of a broken address that an operator may be shown: one line, and not too much."""
    text = email if isinstance(email, str) else ""
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:LONGEST_ADDRESS])


_DEFAULT = Preferences()
_DEFAULT_TEXT = codec.to_json(_DEFAULT)


def _preferences(text: Any) -> tuple[Preferences, UnusableRecord | None]:
    # Most readers never change them, and an audience is read a million at a time.
    if text == _DEFAULT_TEXT:
        return _DEFAULT, None
    if not isinstance(text, str):
        return _DEFAULT, UnusableRecord(RecordPart.PREFERENCES, "are not text")
    if len(text) > LONGEST_PREFERENCES:
        return _DEFAULT, UnusableRecord(RecordPart.PREFERENCES, "are too long")
    return _read_cached(text) if len(text) <= LONGEST_KEPT else _read(text)


def _read(text: str) -> tuple[Preferences, UnusableRecord | None]:
    try:
        return codec.from_json(Preferences, text, where=""), None
    except ConfigurationError as error:
        return _DEFAULT, UnusableRecord(RecordPart.PREFERENCES, error.what)


_read_cached = lru_cache(maxsize=4096)(_read)


def preferences_of(text: Any) -> Preferences | None:
    """The preferences of a column; ``None`` where they cannot be read."""
    chosen, unusable = _preferences(text)
    return None if unusable else chosen


def moment_of(value: Any) -> datetime | None:
    """The moment of a column that was read `as_text`; ``None`` where it is none."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def points_of(value: Any) -> float:
    """The bounce points of a column; none where it holds no number."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def event_of(at: Any, kind: Any, detail: Any) -> SubscriberEvent:
    """An event of a reader's history; what cannot be read of it is said so, for it is a proof."""
    moment = moment_of(at)
    try:
        known = json.loads(detail)
    except (ValueError, TypeError, RecursionError):
        known = None
    words = {str(k): str(v) for k, v in known.items()} if isinstance(known, dict) else None
    faults = [name for name, part in (("at", moment), ("detail", words)) if part is None]
    damage = {"damaged": ", ".join(faults)} if faults else {}
    return SubscriberEvent(moment or _EPOCH, str(kind), {**(words or {}), **damage})
